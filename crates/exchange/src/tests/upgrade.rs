//! Links of a province of before: what was judged while others were told of no cause is looked at again, and shown as it was until then.

use casework::dossier::DossierId;
use kernel::{SignedDuration, World as _};
use store::{EngineKind, MigrationSet, StoreError};
use uuid::Uuid;

use crate::lateness::Cause;
use crate::link::store as links;

/// The tables as they were.
const BEFORE: &[MigrationSet] = &[
    store::MIGRATIONS,
    MigrationSet::new("exchange", crate::MIGRATIONS.migrations.split_at(2).0),
];

const NOW: &[MigrationSet] = &[store::MIGRATIONS, crate::MIGRATIONS];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_judged_before_causes_were_told_is_looked_at_again() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(mut test) = testkit::engines::on(engine, BEFORE).await else {
            continue;
        };
        let now = test.world().now();
        let due = now - SignedDuration::from_hours(48);
        let written = test.store().write(move |tx| {
            for (number, cause) in [(1, Some("system")), (2, None), (3, Some("person"))] {
                let (id, code) = (Uuid::from_u128(number), format!("H27-261101-{number:04}"));
                tx.execute(
                    "INSERT INTO exchange_link (dossier, code, national_code, is_from_portal, unit, our_state, our_at, last_number,
                         settled_number, refusals, is_alone, checks, mends, due_at, cause)
                     VALUES ($1, $2, $2, FALSE, $1, 10, $3, 0, 0, 0, FALSE, 0, 0, $3, $4)",
                    &[&id, &code, &due, &cause.map(str::to_owned)],
                )?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.expect("links of before");
        test.reopen(NOW).await;
        let read = test.store().read(move |tx| {
            let due = links::to_judge(tx, now, 10)?;
            let told = links::told_cause(tx, DossierId::from_uuid(Uuid::from_u128(1)))?;
            Ok::<_, StoreError>((due, told))
        });
        let (due, told) = read.await.expect("read");
        let mut causes: Vec<Option<Cause>> = due.iter().map(|link| link.cause).collect();
        causes.sort_unstable();
        assert_eq!(
            causes,
            [Some(Cause::Person), Some(Cause::System)],
            "late ones alone, as they were"
        );
        assert_eq!(told, None);
        test.store().close().await;
    }
}
