//! An officer's notices: deadlines that come near or have passed, on her own page. The rows are those of every account.
//! It refuses what is not hers, and says no more than the work list does.

pub mod http;
