//! Files of the real trees on both engines: all of a file or nothing, every fault by row and column, what is killed half-way
//! leaves nothing, and others write in between.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use definition::Unfit;
use stranger::CellFault;
use testkit::engines;

use super::house::{House, MIGRATIONS, identity, system};
use crate::error::{RegisterError, What};
use crate::house::{Register, Settings};
use crate::import::{Done, Faults, Import, State, store as imports};
use crate::record::{Act, store};

/// Fields for the real trees: sizes are ranges there, and stay so.
const REAL: &str = r#"
tag          = { type = "text", required = true, pattern = "[A-Z]{2}-[0-9]{6}", max = 9 }
species      = { type = "text", required = true, index = true }
trunk_range  = { type = "text", max = 20 }
height_range = { type = "text", max = 20 }
address      = { type = "text", max = 200 }
inspected_on = { type = "date", max = "today", index = true }
health       = { type = "choice", of = ["good", "dead"], required = true, index = true, default = "good" }
"#;

fn real() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/trees/street-trees-903k.csv.gz")
}

/// The first trees of the real file, under the columns of the register.
fn part(rows: usize, path: &Path) -> usize {
    let file = std::fs::File::open(real()).expect("the real trees are there");
    let lines = BufReader::new(flate2::read::MultiGzDecoder::new(file))
        .lines()
        .skip(1)
        .take(rows);
    let mut out = csv::Writer::from_path(path).expect("a file");
    out.write_record(["tag", "species", "lon", "lat", "trunk_range", "height_range", "address"])
        .expect("written");
    let mut written = 0;
    for line in lines {
        let line = line.expect("a line");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(line.as_bytes());
        let cells = reader.records().next().expect("a record").expect("it reads");
        let number: u32 = cells[0].parse().expect("a number");
        let species = if cells[5].is_empty() { &cells[4] } else { &cells[5] };
        let species = if species.is_empty() { "unknown" } else { species };
        out.write_record([
            &format!("LA-{number:06}"),
            species,
            &cells[2],
            &cells[3],
            &cells[6],
            &cells[7],
            &cells[8],
        ])
        .expect("written");
        written += 1;
    }
    out.flush().expect("written");
    written
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::File::create(&path)
        .expect("a file")
        .write_all(text.as_bytes())
        .expect("written");
    path
}

/// How many records somebody sees who looks through the whole list.
async fn count(house: &House) -> u64 {
    let kind = house.kind.clone();
    let asked = store::Asked {
        limit: 10_000,
        ..store::Asked::default()
    };
    let seen = house.register.store().read(move |tx| store::list(tx, &kind, &asked));
    seen.await.expect("a list").len() as u64
}

async fn take(house: &House, path: &Path) -> Result<Done, RegisterError> {
    house
        .register
        .import(&house.kind, path, "trees.csv", house.by.clone(), Arc::new(|_, _| {}))
        .await
}

fn faults(done: Done) -> Faults {
    match done {
        Done::Faulty(faults) => faults,
        done => panic!("{done:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_trees_come_in_whole_and_once() {
    if !real().exists() {
        testkit::say("left out: the real trees are not here");
        return;
    }
    engines(MIGRATIONS, async |test| {
        let mut house = House::on(test).await;
        house.register = Register::open(&identity(test).await, &[system(REAL)], Settings::default())
            .await
            .unwrap();
        house.kind = house.register.kind("sample-trees", "tree").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.csv");
        let rows = part(3_000, &path) as u64;
        let (seen, wrote) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let task = {
            let (register, kind, by, path, wrote) = (
                house.register.clone(),
                house.kind.clone(),
                house.by.clone(),
                path.clone(),
                wrote.clone(),
            );
            let progress = move |done: u64, of: Option<u64>| {
                wrote.fetch_or(of.is_some() && done < rows, Ordering::SeqCst);
            };
            tokio::spawn(async move { register.import(&kind, &path, "part.csv", by, Arc::new(progress)).await })
        };
        // Meanwhile others read, and see nothing of it, and write.
        while !task.is_finished() {
            let now = count(&house).await;
            assert!(now == 0 || now == rows, "{now} of {rows} are seen");
            house
                .register
                .store()
                .write(|tx| tx.once_prune(kernel::Timestamp::from_micros(0)))
                .await
                .unwrap();
            if wrote.load(Ordering::SeqCst) {
                seen.store(true, Ordering::SeqCst);
            }
        }
        let Done::In {
            rows: taken, outside, ..
        } = task.await.unwrap().unwrap()
        else {
            panic!("it comes in")
        };
        assert!(seen.load(Ordering::SeqCst), "somebody looked while rows came in");
        assert_eq!((taken, outside), (rows, rows), "Los Angeles is not in Viet Nam");
        assert_eq!(count(&house).await, rows);
        let kind = house.kind.clone();
        let asked = store::Asked {
            limit: 10,
            ..store::Asked::default()
        };
        let one = house
            .register
            .store()
            .read(move |tx| store::list(tx, &kind, &asked))
            .await
            .unwrap()
            .remove(0);
        assert!(
            one.origin
                .as_deref()
                .is_some_and(|origin| origin.starts_with("part.csv:")),
            "{one:?}"
        );
        assert!(one.shape.is_some() && one.revision == 1);
        // Once more: every row is there already.
        let again = faults(take(&house, &path).await.unwrap());
        assert_eq!(again.total, rows);
        assert!(
            again.list.iter().all(|fault| fault.wrong.what == What::Duplicate(None)),
            "{:?}",
            again.list[0]
        );
        assert_eq!(count(&house).await, rows);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_file_is_told_and_nothing_of_it_is_taken() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().unwrap();
        let text = "\u{feff}tag;species;height_m;inspected_on;health;lon;lat\n\
                    TS-000001;Sao đen;12,5;31/10/2026;good;105.9;18.3\n\
                    TS-000002;;12,55;31/02/2026;sick;105.9;98\n\
                    TS-000001;Lim;;;good;;18.3\n";
        let path = written(folder.path(), "faulty.csv", text);
        let found = faults(take(&house, &path).await.unwrap());
        let told: Vec<(u64, &str, &What)> = found
            .list
            .iter()
            .map(|one| (one.row, one.column.as_str(), &one.wrong.what))
            .collect();
        let has = |row: u64, column: &str, what: &What| told.contains(&(row, column, what));
        assert!(has(3, "inspected_on", &What::Unreadable), "{told:?}");
        assert!(
            told.iter()
                .any(|(row, _, what)| *row == 3 && matches!(what, What::Geometry(_))),
            "{told:?}"
        );
        assert!(
            told.iter()
                .any(|(row, _, what)| *row == 4 && matches!(what, What::Geometry(_))),
            "{told:?}"
        );
        assert!(has(4, "", &What::Duplicate(Some(2))), "{told:?}");
        assert_eq!(count(&house).await, 0);
        // What the rules say is told beside cells that cannot be read.
        let path = written(
            folder.path(),
            "rules.csv",
            "tag,species,height_m,health\nTS-000001,,12.55,sick\n",
        );
        let found = faults(take(&house, &path).await.unwrap());
        let told: Vec<(&str, &What)> = found
            .list
            .iter()
            .map(|one| (one.column.as_str(), &one.wrong.what))
            .collect();
        assert_eq!(
            told,
            [
                ("health", &What::Unfit(Unfit::Choice)),
                ("species", &What::Unfit(Unfit::Missing)),
                ("height_m", &What::Unfit(Unfit::Type)),
            ]
        );
        // People do not come from files, and neither does what the register does not know.
        for heading in ["tag,keeper", "tag,nothing", "tag,tag"] {
            let path = written(folder.path(), "heading.csv", &format!("{heading}\nTS-000001,x\n"));
            assert!(
                matches!(take(&house, &path).await, Err(RegisterError::Mapping(_))),
                "{heading}"
            );
        }
        let path = folder.path().join("bytes.csv");
        std::fs::write(&path, b"\xef\xbb\xbftag,species\nTS-000001,\xff\xfe\n").unwrap();
        let found = faults(take(&house, &path).await.unwrap());
        assert_eq!(found.list[0].wrong.what, What::Cell(CellFault::Charset));
        assert_eq!(count(&house).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_leaves_nothing() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        // What a killed process leaves: an open import, and the rows that came in until then.
        let now = house.register.now();
        let dead = Import {
            id: kernel::id::uuid_v7(house.world.as_ref()),
            system: "sample-trees".to_owned(),
            kind: "tree".to_owned(),
            file_name: "dead.csv".to_owned(),
            state: State::Open,
            rows: 2_000,
            account: house.by.account,
            who: house.by.who.clone(),
            unit: house.by.unit,
            started_at: now,
            touched_at: now,
            ended_at: None,
        };
        let rows: Vec<_> = (0..1_200)
            .map(|at| {
                let tag = format!("TS-{at:06}");
                let command = house.command(Act::Add, None, &[("tag", &tag), ("species", "Lim"), ("health", "good")]);
                let mut record = crate::record::rules::next(&command, None, now).expect("a record");
                record.batch = Some(dead.id);
                record
            })
            .collect();
        let (kind, import) = (house.kind.clone(), dead.clone());
        house
            .register
            .store()
            .write(move |tx| {
                imports::insert(tx, &import)?;
                store::insert(tx, &kind, &rows)
            })
            .await
            .unwrap();
        assert_eq!(count(&house).await, 0, "nobody sees them");
        // While it may still run nothing else is brought in; after ten minutes without a part it is dead.
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path(), "good.csv", "tag,species\nTS-900000,Sao đen\n");
        assert!(matches!(take(&house, &path).await, Err(RegisterError::ImportRuns)));
        house.world.advance(kernel::SignedDuration::from_mins(11));
        let done = take(&house, &path).await.unwrap();
        assert!(
            matches!(
                done,
                Done::In {
                    rows: 1,
                    outside: 0,
                    ..
                }
            ),
            "{done:?}"
        );
        assert_eq!(count(&house).await, 1);
        let Done::In { id, .. } = done else {
            panic!("it came in")
        };
        let states = house
            .register
            .store()
            .read(move |tx| Ok::<_, RegisterError>([imports::import(tx, dead.id)?, imports::import(tx, id)?]))
            .await
            .unwrap();
        let states: Vec<State> = states.into_iter().flatten().map(|import| import.state).collect();
        assert_eq!(states, [State::Undone, State::Done]);
        // Their keys are free again.
        let entered = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000001"), ("species", "Lim"), ("health", "good")],
        );
        house.register.record(&house.kind, entered, None).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_an_import_is_open_is_asked_of_an_index_of_open_ones() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let plan = test.store().read(|tx| {
        tx.all(
            "EXPLAIN QUERY PLAN SELECT id FROM register_import WHERE system = $1 AND kind = $2 AND state = 'open'",
            &[&"trees", &"tree"],
            |row| row.get::<String>(3),
        )
    });
    let plan = plan
        .await
        .map_err(|error: ::store::StoreError| error)
        .expect("a plan")
        .join(" ");
    assert!(plan.contains("register_import_open"), "{plan}");
}
