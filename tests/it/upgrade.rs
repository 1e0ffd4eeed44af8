//! What an earlier version wrote, this one reads: every archive in `tests/fixtures` is imported into both engines by the
//! built program, brought forward, compared with what it held, and worked with. No version's archive is ever made again.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;
use identity::area::{Draft, seed};
use identity::unit::UnitKind;
use serde_json::Value;
use store::{EngineKind, Mode, Store};
use tinhso::world::RealWorld;

use crate::copies::{fill, reads, succeeds};
use crate::support::people::{citizen, units_of};
use crate::support::province::write_catalogue;
use crate::support::{Province, filing};

/// The area of the province that the archives are of.
const HA_TINH: &str = "42";

fn fixtures() -> PathBuf {
    crate::harness::repository().join("tests/fixtures")
}

/// A table of an archive: its rows as columns by name, in a fixed order.
type Table = Vec<BTreeMap<String, Value>>;

/// What an archive holds: rows by table, objects by name.
#[derive(Debug, Default)]
struct Content {
    tables: BTreeMap<String, Table>,
    objects: BTreeMap<String, Vec<u8>>,
}

fn content(archive: &Path) -> Content {
    let mut content = Content::default();
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut tar = tar::Archive::new(GzDecoder::new(std::fs::File::open(archive).unwrap()));
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        match name.split('/').collect::<Vec<_>>()[..] {
            ["archive.json"] => columns = columns_of(&bytes),
            ["blobs", id] => drop(content.objects.insert(id.to_owned(), bytes)),
            ["tables", table, _] => {
                let rows = std::str::from_utf8(&bytes).unwrap().lines().map(|line| {
                    let cells: Vec<Value> = serde_json::from_str(line).unwrap();
                    columns[table].iter().cloned().zip(cells).collect()
                });
                content.tables.entry(table.to_owned()).or_default().extend(rows);
            }
            _ => {}
        }
    }
    content
}

fn columns_of(header: &[u8]) -> BTreeMap<String, Vec<String>> {
    let header: Value = serde_json::from_slice(header).unwrap();
    let tables = header["tables"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names = |table: &Value| {
        let columns = table["columns"].as_array().unwrap();
        columns.iter().map(|column| text(&column[0])).collect()
    };
    tables
        .iter()
        .map(|table| (text(&table["name"]), names(table)))
        .collect()
}

/// Everything that stood in `before` stands in `after`. A column that came later is none of its business.
fn holds(after: &Content, before: &Content) {
    for (name, rows) in before.tables.iter().filter(|(_, rows)| !rows.is_empty()) {
        let here = after.tables.get(name).unwrap_or_else(|| panic!("table {name} is gone"));
        let projected = |rows: &Table| -> Vec<String> {
            let columns: Vec<&String> = before.tables[name][0].keys().collect();
            let line = |row: &BTreeMap<String, Value>| {
                let cells: Vec<&Value> = columns.iter().map(|column| &row[*column]).collect();
                serde_json::to_string(&cells).unwrap()
            };
            let mut lines: Vec<String> = rows.iter().map(line).collect();
            lines.sort();
            lines
        };
        assert_eq!(projected(here), projected(rows), "{name} differs");
    }
    assert_eq!(after.objects, before.objects, "attachments differ");
}

/// A province with nothing but the keys of the archive.
fn with_keys(engine: EngineKind, version: &Path) -> Option<Province> {
    let province = Province::empty(engine)?;
    province.save();
    std::fs::copy(version.join("keys.toml"), &province.config.keys).unwrap();
    std::fs::set_permissions(&province.config.keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    Some(province)
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_of_every_earlier_version_are_taken_over() {
    let mut versions: Vec<PathBuf> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    versions.sort();
    assert!(versions.iter().any(|path| path.ends_with("0.1.0")), "{versions:?}");
    for version in &versions {
        for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
            if let Some(province) = with_keys(engine, version) {
                testkit::say(&format!("{} on {engine:?}", version.display()));
                taken_over(&province, &version.join("province.tar.gz")).await;
            }
        }
    }
}

async fn taken_over(province: &Province, archive: &Path) {
    succeeds(province, &["import"], &["--from", archive.to_str().unwrap()]);
    province.verify();
    let again = province.root().join("again.tar.gz");
    succeeds(province, &["export"], &["--out", again.to_str().unwrap()]);
    let before = content(archive);
    holds(&content(&again), &before);
    let count = |table: &str| before.tables[table].len();
    assert!(count("dossier") >= 2 && count("draft") >= 1 && count("dossier_event") >= 3);
    assert!(count("unit") > 60 && count("audit_entry") > 10 && before.objects.len() == 1);

    // The person of the archive signs in, reads what she sent, and sends something new.
    let app = province.open_real().await;
    let person = citizen(&app, 1).await;
    let commune = units_of(&app, UnitKind::Commune)[0];
    app.store.close().await;
    let mut server = province.start_program().await;
    let visitor = person.at(&server.url());
    let list = visitor.page("/my/dossiers").await.text();
    let mut with_file = None;
    for piece in list.split("href=\"/my/dossiers/").skip(1) {
        let path = format!("/my/dossiers/{}", piece.split('"').next().unwrap());
        let page = visitor.page(&path).await.text();
        if page.contains(&format!("href=\"{path}/files/")) {
            with_file = Some(path);
        }
    }
    let sent = filing::quick(&visitor, &person, commune, "Sau khi nâng cấp").await;
    assert!(visitor.page("/my/dossiers").await.text().contains(&sent.to_string()));
    assert!(server.stop().success());
    reads(province, &person, &with_file.expect("the dossier with an attachment")).await;
    province.verify();
}

/// The areas of one province, today's and former ones, and what became of one another.
fn areas_of(code: &str) -> Draft {
    let mut draft = seed::shipped().unwrap();
    let mut kept: Vec<identity::area::AreaId> = draft
        .areas
        .values()
        .filter(|area| area.key == code)
        .map(|area| area.id)
        .collect();
    assert_eq!(kept.len(), 1, "the province {code}");
    // Communes of today lie in the province, those before lay in a district of it.
    for _ in 0..2 {
        for area in draft.areas.values() {
            let below = area
                .states
                .iter()
                .any(|state| state.parent.is_some_and(|parent| kept.contains(&parent)));
            if below && !kept.contains(&area.id) {
                kept.push(area.id);
            }
        }
    }
    draft.areas.retain(|_, area| kept.contains(&area.id));
    let known: Vec<String> = draft.areas.keys().cloned().collect();
    draft
        .successions
        .retain(|(old, new), _| known.contains(old) && known.contains(new));
    draft
}

/// Run once before a release, with that version in the manifest:
/// `cargo nextest run -p tests --run-ignored only make_the_archive_of_this_version`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes tests/fixtures/VERSION, once for each release"]
async fn make_the_archive_of_this_version() {
    let folder = fixtures().join(env!("CARGO_PKG_VERSION"));
    assert!(
        !folder.exists(),
        "{} is there: a version's archive is never made again",
        folder.display()
    );
    let province = Province::empty(EngineKind::Sqlite).unwrap();
    province.save();
    store::keys::create(&province.config.keys, &RealWorld::new()).unwrap();
    let config = tinhso::place::store_config(&province.config, Mode::Serve);
    let store = Store::open(config, tinhso::place::MIGRATIONS, Arc::new(RealWorld::new()))
        .await
        .unwrap();
    let draft = Arc::new(areas_of(HA_TINH));
    store
        .write(move |tx| identity::area::replace_all(tx, &draft))
        .await
        .unwrap();
    store.close().await;
    let catalogue = province.root().join("procedures.jsonl");
    write_catalogue(&catalogue);
    let store = tinhso::command::make::province(&province.config, Some(&catalogue))
        .await
        .unwrap();
    store.close().await;
    fill(&province).await;
    std::fs::create_dir_all(&folder).unwrap();
    let archive = folder.join("province.tar.gz");
    succeeds(&province, &["export"], &["--out", archive.to_str().unwrap()]);
    std::fs::copy(&province.config.keys, folder.join("keys.toml")).unwrap();
    std::fs::set_permissions(&archive, std::fs::Permissions::from_mode(0o644)).unwrap();
    let length = archive.metadata().unwrap().len();
    assert!(length < 300_000, "{length} bytes are too many for a repository");
}
