//! Letters: what reached nobody otherwise, or was asked for on paper, waits at the unit until somebody prints and posts it.
//! Opening one shows an address, so policy permits it, its use is on record first, and the person sees it.
//! Refuses to send by itself. NĐ 30/2020/NĐ-CP is for official documents; these are plain letters of the desk.

pub mod http;
