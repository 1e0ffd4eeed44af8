//! The store's own tables: what every other crate's tables stand on, so that they come before them. The texts are in
//! `migrations/store`; one that was applied anywhere is never edited.

use crate::migrate::{Migration, MigrationSet};

/// The migrations of this crate: outbox, jobs, idempotency keys, search, keys and blobs, tables from definitions.
pub const MIGRATIONS: MigrationSet = MigrationSet::new(
    "store",
    &[
        Migration::each(
            "0001_functions",
            include_str!("../../../migrations/store/0001_functions.sqlite.sql"),
            include_str!("../../../migrations/store/0001_functions.postgres.sql"),
        ),
        Migration::portable("0002_work", include_str!("../../../migrations/store/0002_work.sql")),
        Migration::portable(
            "0003_keys_blobs",
            include_str!("../../../migrations/store/0003_keys_blobs.sql"),
        ),
        Migration::portable("0004_built", include_str!("../../../migrations/store/0004_built.sql")),
    ],
);
