//! Copies of a province and the way back from them: a backup taken under load and brought back with its time and its loss
//! printed, export and import through both engines until equal content comes out, keys rotated and values sealed anew, and
//! data of an older schema taken over by this program.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use flate2::read::GzDecoder;
use store::{EngineKind, Migration, MigrationSet, Mode, Store};
use testkit::ManualWorld;
use tinhso::App;

use crate::support::filing::{self, PDF};
use crate::support::people::{citizen, citizens, units_of};
use crate::support::province::words_of;
use crate::support::{Person, Province, Site, Staff, database};
use identity::UnitId;
use identity::unit::UnitKind;

/// Fills a province with a dossier that went some way, one with an attachment, and a draft. Gives the path of the dossier
/// with the attachment.
pub async fn fill(province: &Province) -> (Person, String) {
    let site = province.serve(Arc::new(tinhso::world::RealWorld::new())).await;
    let staff = Staff::of(&site.app).await;
    let person = citizen(&site.app, 1).await;
    let visitor = person.at(site.url());
    let id = filing::quick(&visitor, &person, staff.commune, "Việt Nam 😀 tie\u{302}\u{301}ng").await;
    let done = filing::act(
        &staff.desk.at(site.url()),
        &id.to_string(),
        "receive",
        &[("days", "3"), ("note", "đủ")],
        &[],
    )
    .await;
    assert!(done.status.is_redirection(), "{}", done.words());
    let dossier = with_attachment(&site, &person, staff.commune).await;
    filing::begin(&visitor, crate::support::province::ABSENCE).await;
    site.close().await;
    (person, dossier)
}

async fn with_attachment(site: &Site, person: &Person, unit: UnitId) -> String {
    let visitor = person.at(site.url());
    let draft = filing::begin(&visitor, crate::support::province::ABSENCE).await;
    filing::contact(&visitor, &draft, &person.phone).await;
    filing::pass(
        &visitor,
        &draft,
        "form",
        &[crate::support::province::ABSENCE_CASE, ("request", "Có tệp")],
        "files",
    )
    .await;
    assert!(
        filing::attach(&visitor, &draft, 0, &[("giay.pdf", PDF)])
            .await
            .status
            .is_redirection()
    );
    filing::finish(&visitor, &draft, unit).await;
    filing::send(&visitor, &draft).await
}

/// Everything reads in the built program: list, dossier, its attachment by its bytes.
pub async fn reads(province: &Province, person: &Person, dossier: &str) {
    let mut server = province.start_program().await;
    let visitor = person.at(&server.url());
    let page = visitor.page(dossier).await;
    let start = format!("href=\"{dossier}/files/");
    let text = page.text();
    let file = text
        .split(&start)
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    assert_eq!(visitor.page(&format!("{dossier}/files/{file}")).await.body, PDF);
    assert!(visitor.page("/my/dossiers").await.text().contains(dossier));
    assert!(server.stop().success());
}

/// Runs a command of the program that must succeed; gives what it said.
pub fn succeeds(province: &Province, words: &[&str], more: &[&str]) -> String {
    let done = province.run(words, more);
    assert!(done.status.success(), "{words:?}: {}", words_of(&done));
    words_of(&done)
}

/// The lines of an archive, by table or file: every row as written, in whatever order.
fn content(archive: &Path) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut tar = tar::Archive::new(GzDecoder::new(std::fs::File::open(archive).unwrap()));
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let lines = match String::from_utf8(bytes) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(bytes) => vec![hex::encode(bytes.as_bytes())],
        };
        let rows = tables.entry(name).or_default();
        rows.extend(lines);
        rows.sort();
    }
    tables
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_exports_of_both_engines_are_equal() {
    let Some(postgres) = Province::empty(EngineKind::Postgres) else {
        return;
    };
    let first = Province::sqlite().await;
    let (person, dossier) = fill(&first).await;
    let archive = |province: &Province, name: &str| province.root().join(name);
    let (a, b, c) = (
        archive(&first, "a.tar.gz"),
        archive(&first, "b.tar.gz"),
        archive(&first, "c.tar.gz"),
    );
    succeeds(&first, &["export"], &["--out", a.to_str().unwrap()]);

    // SQLite to PostgreSQL, and back into another SQLite. Keys are never in an archive: they go the operator's way.
    let mut last = Province::empty(EngineKind::Sqlite).unwrap();
    for (target, from, to) in [(&postgres, &a, &b), (&last, &b, &c)] {
        std::fs::copy(&first.config.keys, &target.config.keys).unwrap();
        target.save();
        succeeds(target, &["import"], &["--from", from.to_str().unwrap()]);
        target.verify();
        succeeds(target, &["export"], &["--out", to.to_str().unwrap()]);
    }
    let (one, two, three) = (content(&a), content(&b), content(&c));
    let data = |all: &BTreeMap<String, Vec<String>>| -> BTreeMap<String, Vec<String>> {
        all.iter()
            .filter(|(name, _)| name.starts_with("tables/") || name.starts_with("blobs/"))
            .map(|(name, rows)| (name.clone(), rows.clone()))
            .collect()
    };
    assert!(data(&one).len() > 10, "{:?}", one.keys());
    for (name, rows) in &data(&one) {
        assert_eq!(Some(rows), two.get(name), "{name} differs after PostgreSQL");
        assert_eq!(Some(rows), three.get(name), "{name} differs after the way back");
    }
    assert_eq!(data(&one).len(), data(&three).len());
    let again = last.run(&["import"], &["--from", c.to_str().unwrap()]);
    assert!(
        !again.status.success(),
        "a province that holds something is not written over: {}",
        words_of(&again)
    );
    last.config.public.base_url = None;
    reads(&postgres, &person, &dossier).await;
    reads(&last, &person, &dossier).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_backup_taken_under_load_is_restored() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(province) = Province::make(engine).await else {
            continue;
        };
        drill(&province).await;
    }
}

async fn drill(province: &Province) {
    let (person, dossier) = fill(province).await;
    let app = province.open_real().await;
    let people = citizens(&app, 10, 3).await;
    let commune = units_of(&app, UnitKind::Commune)[1];
    app.store.close().await;
    let mut server = province.start_program().await;
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = people
        .iter()
        .cloned()
        .map(|person| tokio::spawn(send_until(server.url(), person, commune, stop.clone())))
        .collect();
    let out = province.root().join("sao-luu");
    let before = database::beside(province).await;
    let sure = database::rows(&before).await.dossiers;
    before.close().await;
    let said = {
        let (province, out) = (province, out.to_str().unwrap());
        tokio::task::block_in_place(|| succeeds(province, &["backup"], &["--out", out]))
    };
    stop.store(true, Ordering::Relaxed);
    let mut sent = 0;
    for sender in senders {
        sent += sender.await.unwrap();
    }
    assert!(sent > 0, "there was no load");
    assert!(server.stop().success());
    testkit::say(said.lines().next().unwrap_or(""));
    for entry in walkdir::WalkDir::new(&out) {
        let path = entry.unwrap().into_path();
        let holds_key = path.is_file()
            && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("[[key]]") || text.contains("secret = "));
        assert!(!holds_key, "{} holds keys", path.display());
    }

    let start = Instant::now();
    let Some(restored) = Province::empty(engine_of(province)) else {
        return;
    };
    std::fs::copy(&province.config.keys, &restored.config.keys).unwrap();
    let place = [
        "--data",
        restored.config.data.to_str().unwrap(),
        "--from",
        out.to_str().unwrap(),
    ];
    let mut arguments = vec!["restore", "--province", "ha-tinh"];
    arguments.extend(place);
    if let Some(url) = &restored.config.database {
        arguments.extend(["--database", url]);
    }
    let done = crate::harness::program::run(&arguments);
    assert!(done.status.success(), "{}", words_of(&done));
    let said = words_of(&done);
    assert!(
        said.contains("restored in") && said.contains("is lost"),
        "time and loss are said: {said}"
    );
    testkit::say(&format!(
        "restore drill: {:.1} s in all; {}",
        start.elapsed().as_secs_f64(),
        said.lines().last().unwrap_or("")
    ));
    restored.verify();
    let store = database::beside(&restored).await;
    let rows = database::rows(&store).await;
    store.close().await;
    assert!(
        rows.are_whole() && rows.dossiers >= sure,
        "{rows:?}, {sure} were there before"
    );
    reads(&restored, &person, &dossier).await;
    let again = crate::harness::program::run(&arguments);
    assert!(!again.status.success(), "nothing is written over: {}", words_of(&again));
}

fn engine_of(province: &Province) -> EngineKind {
    if province.database.is_some() {
        EngineKind::Postgres
    } else {
        EngineKind::Sqlite
    }
}

/// Sends dossiers until told to stop; gives how many were taken.
async fn send_until(url: String, person: Person, unit: UnitId, stop: Arc<AtomicBool>) -> usize {
    let visitor = person.at(&url);
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) && sent < 5_000 {
        filing::quick(&visitor, &person, unit, &format!("Lần {sent}")).await;
        sent += 1;
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_and_everything_is_sealed_anew() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(province) = Province::make(engine).await else {
            continue;
        };
        let (person, dossier) = fill(&province).await;
        let before = succeeds(&province, &["keys", "list"], &[]);
        succeeds(&province, &["keys", "rotate"], &[]);
        let after = succeeds(&province, &["keys", "list"], &[]);
        assert!(after.lines().count() > before.lines().count(), "{after}");
        reads(&province, &person, &dossier).await;
        let said = succeeds(&province, &["keys", "reseal"], &[]);
        let number: u64 = said.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0);
        assert!(number >= 8, "person, contents, draft, note, name of a file: {said}");
        let again = succeeds(&province, &["keys", "reseal"], &[]);
        assert!(
            again.contains(" 0 values"),
            "the second time there is nothing to do: {again}"
        );
        province.verify();
        reads(&province, &person, &dossier).await;
        let keys = std::fs::read_to_string(&province.config.keys).unwrap();
        for line in keys.lines().filter(|line| line.trim_start().starts_with("secret")) {
            let secret = line.split('"').nth(1).unwrap();
            assert!(!after.contains(secret) && !said.contains(secret), "a key was printed");
        }
    }
}

/// The same sets, the last room's cut off before its last migration: units and accounts can be made already.
fn older(sets: &[MigrationSet]) -> Vec<MigrationSet> {
    let mut older = sets.to_vec();
    let last = older.pop().unwrap();
    let kept: &'static [Migration] = last.migrations.split_last().map_or(&[], |(_, rest)| rest);
    older.push(MigrationSet::new(last.name, kept));
    older
}

/// Until there is a version before this one, its data is made by its migrations: all but the last one.
#[tokio::test(flavor = "multi_thread")]
async fn data_of_an_older_schema_is_taken_over() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(province) = Province::empty(engine) else {
            continue;
        };
        province.save();
        store::keys::create(&province.config.keys, &tinhso::world::RealWorld::new()).unwrap();
        let old = older(tinhso::place::MIGRATIONS);
        let config = tinhso::place::store_config(&province.config, Mode::Serve);
        let store = Store::open(config, &old, ManualWorld::new()).await.unwrap();
        tinhso::command::make::load_areas(&store).await.unwrap();
        tinhso::command::make::load_units(&store, "ha-tinh").await.unwrap();
        store.close().await;

        // What only looks refuses to change the schema, and says what to do.
        let verify = province.run(&["verify"], &[]);
        assert!(
            !verify.status.success() && words_of(&verify).contains("start the server"),
            "{}",
            words_of(&verify)
        );
        let mut server = province.start_program().await;
        let page = crate::support::Visitor::anonymous(&server.url()).page("/").await;
        assert!(page.words().contains("Hà Tĩnh"));
        assert!(server.stop().success());
        province.verify();
        let app: App = province.open_real().await;
        assert!(
            units_of(&app, UnitKind::Commune).len() > 60,
            "the units of the old data are there"
        );
        let person = citizen(&app, 1).await;
        let commune = units_of(&app, UnitKind::Commune)[0];
        app.store.close().await;
        let catalogue = crate::harness::repository().join("provinces/_catalogue/procedures.jsonl.gz");
        succeeds(
            &province,
            &["catalogue", "import"],
            &["--copied-on", "2026-11-22", catalogue.to_str().unwrap()],
        );
        let mut server = province.start_program().await;
        filing::quick(&person.at(&server.url()), &person, commune, "Sau khi nâng cấp").await;
        assert!(server.stop().success());
        province.verify();
    }
}

/// A fresh store on SQLite with the keys of another.
async fn fresh_with_keys_of(other: &testkit::TestStore) -> (tempfile::TempDir, store::StoreConfig, store::Store) {
    let folder = tempfile::tempdir().unwrap();
    let config = store::StoreConfig {
        database: store::Database::sqlite(folder.path().join("data")),
        blobs: store::BlobConfig::Folder(folder.path().join("blobs")),
        ..other.config().clone()
    };
    let opened = store::Store::open(config.clone(), &[store::MIGRATIONS], other.world().clone()).await;
    (folder, config, opened.unwrap())
}

/// An archive with bytes wrong comes in whole and as it was, or is refused and leaves nothing that is served.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_archives_come_in_whole_or_not_at_all() {
    use store::archive::{export, import};
    let source = testkit::engines::sqlite(&[store::MIGRATIONS]).await;
    let (world, now) = (source.world().clone(), kernel::World::now(source.world().as_ref()));
    let jobs: Vec<store::jobs::Job> = (0..40)
        .map(|n| {
            store::jobs::Job::new(
                world.as_ref(),
                "test.damage",
                serde_json::json!({ "n": n, "text": "Xã Thạch Hà" }),
            )
        })
        .collect();
    source
        .store()
        .write(move |tx| {
            for job in &jobs {
                tx.enqueue(job)?;
                let event = store::Event {
                    id: job.id.uuid(),
                    kind: "test.damage".into(),
                    subject: job.id.uuid(),
                    at: now,
                    payload: serde_json::json!({ "\u{1ef7}": [1, null, "\""] }),
                };
                tx.emit(&event)?;
            }
            Ok::<_, store::StoreError>(())
        })
        .await
        .unwrap();
    let path = source.root().join("whole.tar");
    export(source.store(), world.as_ref(), &path).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    let (mut came, mut refused) = (0, 0);
    for seed in 0..120 {
        let damaged = source.root().join("damaged.tar");
        std::fs::write(&damaged, testkit::damaged(&whole, seed)).unwrap();
        let (_folder, config, target) = fresh_with_keys_of(&source).await;
        match import(&target, &damaged).await {
            Ok(report) => {
                came += 1;
                assert_eq!(report.left_out, Vec::new(), "seed {seed}");
                let counted = target
                    .read(|tx| tx.one("SELECT count(*) FROM job", &[], |row| row.get::<i64>(0)))
                    .await;
                assert_eq!(counted.unwrap(), 40, "seed {seed}: it came in whole");
            }
            Err(_) => {
                refused += 1;
                let held = target
                    .read(|tx| tx.one("SELECT count(*) FROM import_mark", &[], |row| row.get::<i64>(0)))
                    .await;
                target.close().await;
                if held.unwrap() > 0 {
                    let again = store::Store::open(config, &[store::MIGRATIONS], world.clone()).await;
                    assert!(again.is_err(), "seed {seed}: half an import is not served");
                }
                continue;
            }
        }
        target.close().await;
    }
    assert!(refused > 80, "{came} came in, {refused} were refused");
    source.store().close().await;
}
