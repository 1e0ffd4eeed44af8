//! Money that people pay to the state: what is owed, the code that is scanned, what the bank says arrived, what was taken
//! in cash, and which of it belongs to which bill. Deciding is pure (`reconcile`, `statement`, `tariff`, `vietqr`, `rules.rs`
//! files); the rest keeps it. It refuses to move money (a bank does) and to guess whose it is (a person decides).
//! Law: Luật Phí và lệ phí 97/2015/QH13; NĐ 118/2025/NĐ-CP (the one-stop shop).

pub mod account;
pub mod bill;
mod checks;
mod error;
mod house;
pub mod http;
pub mod import;
pub mod notice;
pub mod past;
pub mod reconcile;
pub mod refund;
pub mod statement;
pub mod tariff;
#[cfg(test)]
mod testing;
pub mod till;
pub mod vietqr;
mod view;

pub use checks::{SEALED, checks};
pub use error::{Nothing, PaymentError};
pub use house::{By, Payments, Settings};
pub use kernel::word::UnknownWord;

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "payment",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "payment",
    &[
        store::Migration::portable(
            "0001_bills_statements_tills",
            include_str!("../../../migrations/payment/0001_bills_statements_tills.sql"),
        ),
        store::Migration::portable(
            "0002_refund_approval",
            include_str!("../../../migrations/payment/0002_refund_approval.sql"),
        ),
    ],
);
