//! Tables follow their definition over the years: a field is added, one is retired, one that has values cannot be dropped.

use definition::expression::Value;
use testkit::engines;

use super::house::{FIELDS, House, MIGRATIONS, identity, system};
use crate::error::RegisterError;
use crate::house::{Register, Settings, refusals};
use crate::record::Act;

#[tokio::test(flavor = "multi_thread")]
async fn tables_follow_their_definition_and_never_lose_a_value() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let entered = house.command(
            Act::Add,
            None,
            &[
                ("tag", "TS-000001"),
                ("species", "Sao đen"),
                ("height_m", "12.5"),
                ("health", "good"),
            ],
        );
        let (id, _) = house.register.record(&house.kind, entered, None).await.unwrap();
        let identity = identity(test).await;

        // Wider: a field with an index of its own.
        let wider = system(&format!("{FIELDS}planted_on = {{ type = \"date\", index = true }}\n"));
        let opened = Register::open(&identity, &[wider], Settings::default()).await.unwrap();
        let kind = opened.kind("sample-trees", "tree").unwrap();
        let kept = opened.versions(&kind, id).await.unwrap().remove(0).record;
        assert_eq!(kept.values["species"], Value::Text("Sao đen".to_owned()));
        assert_eq!(kept.values.get("planted_on"), None);
        // A second opening changes nothing, and neither does going on with fewer fields that nobody filled.
        Register::open(&identity, &[wider], Settings::default()).await.unwrap();
        Register::open(&identity, &[system(FIELDS)], Settings::default())
            .await
            .unwrap();

        // Narrower: the height is known of a tree.
        let without: String = FIELDS
            .lines()
            .filter(|line| !line.starts_with("height_m"))
            .map(|line| format!("{line}\n"))
            .collect();
        let narrower = system(&without);
        let told = refusals(test.store(), &[narrower]).await.unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("height_m") && told[0].contains("retired = true"),
            "{told:?}"
        );
        let refused = Register::open(&identity, &[narrower], Settings::default()).await;
        assert!(matches!(refused, Err(RegisterError::Definition(_))), "{refused:?}");

        // Another number of decimals would read 12.5 m as 1.25 m.
        let finer = system(&FIELDS.replace("decimals = 1", "decimals = 2"));
        let told = refusals(test.store(), &[finer]).await.unwrap();
        assert!(told[0].contains("number:1") && told[0].contains("number:2"), "{told:?}");

        // Retired: the value stays, and nobody has to type it.
        let retired = system(&FIELDS.replace("decimals = 1,", "decimals = 1, retired = true,"));
        let opened = Register::open(&identity, &[retired], Settings::default())
            .await
            .unwrap();
        let kind = opened.kind("sample-trees", "tree").unwrap();
        let kept = opened.versions(&kind, id).await.unwrap().remove(0).record;
        assert!(kept.values.contains_key("height_m"));
        let mut changed = house.command(Act::Change, Some(&kept), &[("health", "dead")]);
        changed.seen = Some(1);
        opened.record(&kind, changed, None).await.unwrap();
        let now = opened.versions(&kind, id).await.unwrap().remove(0).record;
        assert_eq!(
            now.values["height_m"], kept.values["height_m"],
            "what a form cannot show stays"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_brings_tables_of_definitions_along() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let entered = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000002"), ("species", "Bằng lăng"), ("health", "good")],
        );
        let (id, _) = house.register.record(&house.kind, entered, None).await.unwrap();
        let before = house.register.versions(&house.kind, id).await.unwrap();
        let path = test.root().join("archive.tar.gz");
        store::archive::export(test.store(), test.world().as_ref(), &path)
            .await
            .unwrap();
        // The other engine, so that the statements are translated.
        let folder = tempfile::tempdir().unwrap();
        let mut config = test.config().clone();
        config.database = store::Database::sqlite(folder.path().join("data"));
        config.blobs = store::BlobConfig::Folder(folder.path().join("blobs"));
        store::archive::import_and_upgrade(config.clone(), MIGRATIONS, test.world().clone(), &path)
            .await
            .unwrap();
        let there = store::Store::open(config, MIGRATIONS, test.world().clone())
            .await
            .unwrap();
        let kind = house.kind.clone();
        let after = there
            .read(move |tx| crate::record::store::versions(tx, &kind, id))
            .await
            .unwrap();
        assert_eq!(after, before);
        assert!(refusals(&there, &[house.kind.system]).await.unwrap().is_empty());
        there.close().await;
    })
    .await;
}
