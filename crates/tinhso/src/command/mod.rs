//! The commands, one file a subject. Each takes what the command line said, does its work through the rooms'
//! own interfaces, and prints what an operator needs to know.

pub mod accounts;
pub mod audit;
pub mod catalogue;
pub mod copy;
pub mod definitions;
pub mod figures;
pub mod init;
pub mod jobs;
pub mod keys;
pub mod log;
pub mod make;
pub mod map;
pub mod notices;
pub mod registers;
pub mod simulate;
pub mod units;
pub mod verify;
pub mod vietqr;
