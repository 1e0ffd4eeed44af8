//! People and power: areas and units with their history, persons, accounts, roles, policy, purposes, sign-ins, the record of
//! who looked at whose data and why, the audit log. Every page and API operation is guarded here.
//! Refuses to know a dossier: what is worked on is a unit, a state and an id. Law 91/2025, Law 116/2025, NĐ 69/2024.

pub mod account;
pub mod area;
pub mod audit;
mod error;
mod house;
pub mod http;
mod jobs;
pub mod person;
pub mod policy;
pub mod purpose;
pub mod routes;
pub mod session;
pub mod sign_in;
pub mod simulated_provider;
#[cfg(test)]
mod testing;
pub mod token;
pub mod unit;
pub mod useof;

pub use account::{AccountId, AccountKind, Assignment, AssignmentId, Role};
pub use area::AreaId;
pub use error::IdentityError;
pub use house::{Identity, IdentityConfig, NavCount, NavEntry, NavGroup, ReadCount};
pub use jobs::{at_start, jobs, recurring};
pub use person::PersonRef;
pub use policy::{Action, Allowed, Resource};
pub use purpose::{Purpose, open_sealed};
pub use routes::{Access, Routes};
pub use session::{Caller, CitizenCaller, OfficerCaller, SessionId};
pub use unit::UnitId;

/// The texts of this crate.
pub const TEXT: web::i18n::Source = web::i18n::Source {
    name: "identity",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The texts of records of people: doubles, guardians, the deceased.
pub const PEOPLE_TEXT: web::i18n::Source = web::i18n::Source {
    name: "identity-people",
    vi: include_str!("../text/vi/people.ftl"),
    en: include_str!("../text/en/people.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "identity",
    &[
        store::Migration::portable(
            "0001_areas_units_people",
            include_str!("../../../migrations/identity/0001_areas_units_people.sql"),
        ),
        store::Migration::portable(
            "0002_accounts",
            include_str!("../../../migrations/identity/0002_accounts.sql"),
        ),
        store::Migration::portable(
            "0003_person_links",
            include_str!("../../../migrations/identity/0003_person_links.sql"),
        ),
        store::Migration::portable(
            "0004_account_approvals",
            include_str!("../../../migrations/identity/0004_account_approvals.sql"),
        ),
        store::Migration::each(
            "0005_districts",
            include_str!("../../../migrations/identity/0005_districts.sqlite.sql"),
            include_str!("../../../migrations/identity/0005_districts.postgres.sql"),
        ),
        store::Migration::portable(
            "0006_tokens",
            include_str!("../../../migrations/identity/0006_tokens.sql"),
        ),
    ],
);

/// Every sealed column of this crate, for `keys rotate` and `verify`.
pub const SEALED: &[store::keys::SealedColumn] = &[
    person::SEALED[0],
    person::SEALED[1],
    person::SEALED[2],
    person::SEALED[3],
    store::keys::SealedColumn::by_id("account", "totp_secret"),
    store::keys::SealedColumn::by_id("session", "logout_hint"),
    store::keys::SealedColumn::by_id("session", "enrolment"),
];
