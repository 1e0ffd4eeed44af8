//! Money that people pay to the state: what is owed, the code that is scanned, what the bank says arrived, and which
//! of it belongs to which bill.
//!
//! This is the pure core: values in, decisions out. It reads no clock, no table and no network, and it moves no money;
//! a bank does. Law: Luật Phí và lệ phí 97/2015/QH13; NĐ 118/2025/NĐ-CP (the one-stop shop).

pub mod reconcile;
pub mod statement;
pub mod tariff;
pub mod vietqr;

/// What people read, in Vietnamese and English (Fluent), for the one who registers the texts of all rooms.
pub const TEXTS: [&str; 2] = [include_str!("../text/vi.ftl"), include_str!("../text/en.ftl")];
