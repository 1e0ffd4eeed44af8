//! Boundaries on both engines: those that come with the program, a file that takes their place, files that are refused, and the day that
//! is asked for.

use kernel::Date;
use register::{Register, Settings as RegisterSettings};

use super::*;
use crate::{MIGRATIONS, Settings};

const SETS: &[::store::MigrationSet] = &[
    ::store::MIGRATIONS,
    identity::MIGRATIONS,
    register::MIGRATIONS,
    MIGRATIONS,
];

async fn map(test: &testkit::TestStore) -> Map {
    let config = identity::IdentityConfig {
        origin: "http://127.0.0.1:8080".to_owned(),
        secure: false,
        issuer: "Tỉnh Thử".to_owned(),
        providers: Vec::new(),
    };
    let identity = identity::Identity::open(test.store().clone(), test.world().clone(), config);
    let identity = identity.await.expect("identity opens");
    let register = Register::open(&identity, &[], RegisterSettings::default())
        .await
        .expect("the register opens");
    Map::open(&register, Settings::default()).expect("the maps open")
}

fn feature(code: &str, from: &str, to: Option<&str>, shape: &str) -> String {
    let to = to.map(|to| format!(r#","to":"{to}""#)).unwrap_or_default();
    format!(
        r#"{{"type":"Feature","properties":{{"tier":"commune","code":"{code}","name":"Xã Thử","from":"{from}"{to}}},"geometry":{shape}}}"#
    )
}

fn collection(features: &[String]) -> Vec<u8> {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")).into_bytes()
}

const SQUARE: &str = r#"{"type":"Polygon","coordinates":[[[105,18],[106,18],[106,19],[105,19],[105,18]]]}"#;
const POINT: &str = r#"{"type":"Point","coordinates":[105.5,18.5]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn boundaries_come_with_the_program_and_a_file_takes_their_place() {
    testkit::engines(SETS, async |test| {
        let map = map(test).await;
        map.seed_boundaries().await.expect("they come in");
        map.seed_boundaries().await.expect("they are there");
        let days = map.days(Tier::Province).await.expect("they are read");
        let since: Date = "2025-07-01".parse().expect("a day");
        assert!(days.contains(&since), "{days:?}");
        let on = |day: Date| {
            let map = map.clone();
            async move {
                let read = map.store().read(move |tx| {
                    let mut all = Vec::new();
                    store::on_day(
                        tx,
                        &Areas {
                            tier: Tier::Province,
                            day,
                        },
                        &mut |one| all.push(one),
                    )?;
                    Ok::<_, ::store::StoreError>(all)
                });
                read.await.expect("they are read").len()
            }
        };
        assert_eq!(
            (on(since).await, on("2025-06-30".parse().expect("a day")).await),
            (34, 63)
        );
        let found = map
            .store()
            .read(|tx| store::search(tx, "ha tinh", 8))
            .await
            .expect("it is searched");
        assert!(found.iter().any(|area| area.name.contains("Hà Tĩnh")), "{found:?}");
        let file = collection(&[
            feature("19009", "2025-07-01", None, SQUARE),
            feature("99999", "2025-07-01", None, SQUARE),
        ]);
        let first = map.load_boundaries(&file, "the province").await.expect("it is loaded");
        let again = map.load_boundaries(&file, "the province").await.expect("it is loaded");
        assert!(first.new >= 1 && first.new + first.replaced == 2, "{first:?}");
        assert_eq!(again, Loaded { new: 0, replaced: 2 });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_shows_the_boundaries_that_held_on_it() {
    testkit::engines(SETS, async |test| {
        let map = map(test).await;
        let file = collection(&[
            feature("00001", "2004-07-08", Some("2025-07-01"), POINT),
            feature("00002", "2025-07-01", None, SQUARE),
        ]);
        map.load_boundaries(&file, "a test").await.expect("it is loaded");
        let drawn = |day: &'static str| {
            let map = map.clone();
            async move {
                let day = day.parse().expect("a day");
                let (_, drawn) = http::drawn(&map, Tier::Commune, day).await.expect("it is drawn");
                let at = crate::tile::TileAt::new(0, 0, 0).expect("a tile");
                crate::tile::draw::tile("commune", &drawn.sheets(), &http::everything(), at)
            }
        };
        let text = |tile: Vec<u8>| String::from_utf8_lossy(&tile).into_owned();
        let (before, since) = (text(drawn("2020-01-01").await), text(drawn("2026-01-01").await));
        assert!(before.contains("00001") && !before.contains("00002"));
        assert!(since.contains("00002") && !since.contains("00001"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_any_fault_is_refused_whole() {
    let test = testkit::engines::sqlite(SETS).await;
    let map = map(&test).await;
    let sound = feature("00002", "2025-07-01", None, SQUARE);
    for broken in [
        feature("", "2025-07-01", None, SQUARE),
        feature("1", "2025-13-01", None, SQUARE),
        feature("1", "2025-07-01", Some("2025-07-01"), SQUARE),
        feature(
            "1",
            "2025-07-01",
            None,
            r#"{"type":"LineString","coordinates":[[1,1],[2,2]]}"#,
        ),
        feature(
            "1",
            "2025-07-01",
            None,
            r#"{"type":"Polygon","coordinates":[[[105,18],[106,18],[106,19]]]}"#,
        ),
        feature(
            "1",
            "2025-07-01",
            None,
            r#"{"type":"Polygon","coordinates":[[[105,98],[106,18],[106,19],[105,98]]]}"#,
        ),
        feature("1", "2025-07-01", None, r#"{"type":"Polygon","coordinates":[]}"#),
    ] {
        let loaded = map
            .load_boundaries(&collection(&[sound.clone(), broken.clone()]), "a test")
            .await;
        assert!(
            matches!(&loaded, Err(MapError::File(why)) if why.contains("feature 2")),
            "{broken}: {loaded:?}"
        );
    }
    assert!(map.load_boundaries(b"{", "a test").await.is_err());
    assert!(map.load_boundaries(&[0x1f, 0x8b, 0, 0], "a test").await.is_err());
    assert!(map.store().read(store::is_empty).await.expect("it is read"));
    test.close().await;
}
