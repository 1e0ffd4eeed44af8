//! The way of a file on both engines: handed in, led to fields, checked, its good rows written, stopped, killed half-way and gone
//! on with, taken back; coordinates of other systems, shapes that are none.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::engines;
use uuid::Uuid;

use super::house::{FIELDS, House, MIGRATIONS, identity, system_of};
use crate::error::RegisterError;
use crate::geometry::Shape;
use crate::house::{Register, Settings};
use crate::import::{Batch, Mode, Part, Progress, Stage};
use crate::record::{Act, Record, as_of, store};

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

fn quiet() -> Progress {
    Arc::new(|_, _| {})
}

impl House {
    async fn hand_in(&self, path: &Path) -> Batch {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let id = self.register.hand_in(&self.kind, path, &name, &self.by).await.unwrap();
        self.batch(id).await
    }

    async fn batch(&self, id: Uuid) -> Batch {
        self.register.batch(&self.kind, id).await.unwrap()
    }

    /// Has a file checked, as the job does it.
    async fn checked(&self, batch: &Batch) -> Batch {
        self.register.check(batch).await.unwrap();
        self.register.work(batch.id, quiet()).await.unwrap();
        self.batch(batch.id).await
    }

    async fn records(&self) -> Vec<Record> {
        let kind = self.kind.clone();
        let asked = store::Asked {
            limit: 10_000,
            ..store::Asked::default()
        };
        self.register
            .store()
            .read(move |tx| store::list(tx, &kind, &asked))
            .await
            .unwrap()
    }

    async fn tags(&self) -> Vec<String> {
        let tag = |record: Record| crate::record::value::text_of(&record.values["tag"]);
        let mut tags: Vec<String> = self.records().await.into_iter().map(tag).collect();
        tags.sort();
        tags
    }
}

fn rows(from: u32, until: u32) -> String {
    let row = |at: u32| format!("TS-{at:06},Sao đen,105.9,18.3\n");
    let head = "tag,species,lon,lat\n".to_owned();
    (from..until).map(row).fold(head, |all, row| all + &row)
}

#[tokio::test(flavor = "multi_thread")]
async fn good_rows_go_in_and_the_others_come_back_mended() {
    engines(MIGRATIONS, async |test| {
        let mut house = House::on(test).await;
        // A title without the key, so that names are compared.
        let named = system_of("point", "{species}", FIELDS);
        house.register = Register::open(&identity(test).await, &[named], Settings::default())
            .await
            .unwrap();
        house.kind = house.register.kind("sample-trees", "tree").unwrap();
        let old = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000009"), ("species", "Bằng lăng"), ("health", "good")],
        );
        house.register.record(&house.kind, old, None).await.unwrap();

        let folder = tempfile::tempdir().unwrap();
        let text = "Danh sách cây;;;;\nSố hiệu;Species;Cao vút (m);Tình trạng;Ghi chú riêng\n\
                    TS-000001;Sao đen;12,5;Tốt;a\nTS-000002;Lim;xx;Chết;b\nTS-000003;Lát;;tốt;c\n\
                    TS-000009;Gụ;;Tốt;d\nTS-000004;bang lang;;Tốt;e\n";
        let batch = house.hand_in(&written(folder.path(), "cay.csv", text)).await;
        assert_eq!(batch.stage, Stage::Preview);
        let field = |name: &str| Some(Part::Field(name.to_owned()));
        assert_eq!(
            batch.choices.parts,
            [field("tag"), field("species"), None, field("health"), None],
            "guessed"
        );
        let mut choices = batch.choices.clone();
        choices.parts[2] = field("height_m");
        choices.mode = Mode::Good;
        house.register.choose(&house.kind, &batch, choices).await.unwrap();
        let batch = house.checked(&house.batch(batch.id).await).await;
        assert_eq!(
            (batch.stage, batch.rows_total, batch.report.rows_faulty),
            (Stage::Checked, 5, 2)
        );
        let told: Vec<(u64, &str)> = batch
            .report
            .faults
            .iter()
            .map(|told| (told.row, told.column.as_str()))
            .collect();
        assert_eq!(told, [(4, "Cao vút (m)"), (6, "")]);
        assert_eq!(
            (batch.report.alike_total, batch.report.alike[0].row),
            (1, 7),
            "another key, the same name"
        );
        assert!(house.tags().await == ["TS-000009"], "nothing is in yet");
        // All of it is refused, the good rows go in.
        assert!(matches!(
            house.register.take(&batch, Mode::All).await,
            Err(RegisterError::Stage)
        ));
        house.register.take(&batch, Mode::Good).await.unwrap();
        assert_eq!(house.register.work(batch.id, quiet()).await.unwrap(), Stage::Done);
        assert_eq!(house.tags().await, ["TS-000001", "TS-000003", "TS-000004", "TS-000009"]);
        let done = house.batch(batch.id).await;
        assert_eq!((done.rows_taken, done.source), (3, None));

        // The file of faults, mended as somebody does it in a spreadsheet, is led to fields by itself.
        let mended = house.register.mended(&done).await.unwrap().expect("faulty rows");
        let mended = String::from_utf8(mended).unwrap();
        assert_eq!(mended.lines().count(), 3, "{mended}");
        assert!(
            mended.contains("TS-000002") && mended.contains("Cao vút (m)"),
            "{mended}"
        );
        let mended = mended.replace(",xx,", ",\"3,5\",").replace("TS-000009", "TS-000010");
        let again = house.hand_in(&written(folder.path(), "loi-cay.csv", &mended)).await;
        let mut choices = again.choices.clone();
        choices.parts[4] = field("height_m");
        house.register.choose(&house.kind, &again, choices).await.unwrap();
        let again = house.checked(&house.batch(again.id).await).await;
        assert_eq!(again.report.faults, [], "{mended}");
        house.register.take(&again, Mode::All).await.unwrap();
        house.register.work(again.id, quiet()).await.unwrap();
        assert!(house.tags().await.contains(&"TS-000010".to_owned()));

        // The next file of that source needs no leading.
        let next = text.replace("TS-00000", "TS-00001").replace("xx", "");
        let next = house.hand_in(&written(folder.path(), "cay-2.csv", &next)).await;
        assert_eq!(next.choices.parts[2], field("height_m"), "remembered");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_goes_on_where_it_stood() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().unwrap();
        let batch = house
            .hand_in(&written(folder.path(), "many.csv", &rows(0, 2_300)))
            .await;
        let batch = house.checked(&batch).await;
        assert_eq!((batch.report.faults_total, batch.rows_total), (0, 2_300));
        house.register.take(&batch, Mode::All).await.unwrap();
        // It dies after the second part.
        let dies: Progress = Arc::new(|done, _| assert!(done < 1_000, "killed"));
        assert!(house.register.work(batch.id, dies).await.is_err());
        let killed = house.batch(batch.id).await;
        assert_eq!(killed.stage, Stage::Writing);
        assert!((500..2_300).contains(&killed.rows_done), "{}", killed.rows_done);
        assert_eq!(house.tags().await.len(), 0, "nobody sees half of it");
        // The program starts anew: what has its file is not taken away, and goes on.
        let opened = Register::open(&identity(test).await, &[house.kind.system], Settings::default())
            .await
            .unwrap();
        let kind = opened.kind("sample-trees", "tree").unwrap();
        assert_eq!(opened.work(batch.id, quiet()).await.unwrap(), Stage::Done);
        let tags = house.tags().await;
        assert_eq!(
            (tags.len(), &*tags[0], &*tags[2_299]),
            (2_300, "TS-000000", "TS-002299")
        );
        assert_eq!(opened.batch(&kind, batch.id).await.unwrap().rows_taken, 2_300);
        // A second worker finds nothing to do.
        assert_eq!(opened.work(batch.id, quiet()).await.unwrap(), Stage::Done);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_stopped_gone_on_with_and_another_one_waits() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().unwrap();
        let first = house
            .hand_in(&written(folder.path(), "first.csv", &rows(0, 3_000)))
            .await;
        let second = house
            .hand_in(&written(folder.path(), "second.csv", &rows(5_000, 5_600)))
            .await;
        let (first, second) = (house.checked(&first).await, house.checked(&second).await);
        house.register.take(&first, Mode::All).await.unwrap();
        let asked = Arc::new(AtomicBool::new(false));
        let (handle, register, batch, once) = (
            tokio::runtime::Handle::current(),
            house.register.clone(),
            first.clone(),
            asked.clone(),
        );
        let stops: Progress = Arc::new(move |_, _| {
            if !once.swap(true, Ordering::SeqCst) {
                handle.block_on(register.pause(&batch)).expect("it is on its way");
            }
        });
        assert_eq!(house.register.work(first.id, stops).await.unwrap(), Stage::Paused);
        let paused = house.batch(first.id).await;
        assert!((500..3_000).contains(&paused.rows_done), "{}", paused.rows_done);
        assert_eq!(house.tags().await.len(), 0);
        // Two into one kind: the second waits, and an officer may write meanwhile.
        house.register.take(&second, Mode::All).await.unwrap();
        let waits = house.register.work(second.id, quiet()).await;
        assert!(matches!(waits, Err(RegisterError::ImportRuns)), "{waits:?}");
        let typed = house.command(
            Act::Add,
            None,
            &[("tag", "TS-009999"), ("species", "Lim"), ("health", "good")],
        );
        house.register.record(&house.kind, typed, None).await.unwrap();
        house.register.resume(&paused).await.unwrap();
        assert_eq!(house.register.work(first.id, quiet()).await.unwrap(), Stage::Done);
        assert_eq!(house.register.work(second.id, quiet()).await.unwrap(), Stage::Done);
        assert_eq!(house.tags().await.len(), 3_601);
        // One that is stopped and given up leaves nothing.
        let third = house
            .hand_in(&written(folder.path(), "third.csv", &rows(7_000, 9_000)))
            .await;
        let third = house.checked(&third).await;
        house.register.take(&third, Mode::All).await.unwrap();
        let (handle, register, batch) = (tokio::runtime::Handle::current(), house.register.clone(), third.clone());
        let stops: Progress = Arc::new(move |_, _| drop(handle.block_on(register.pause(&batch))));
        assert_eq!(house.register.work(third.id, stops).await.unwrap(), Stage::Paused);
        house
            .register
            .drop_batch(&house.kind, &house.batch(third.id).await)
            .await
            .unwrap();
        assert_eq!(house.batch(third.id).await.stage, Stage::Dropped);
        assert_eq!(house.tags().await.len(), 3_601);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_took_meanwhile_is_not_taken_twice() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().unwrap();
        let batch = house.hand_in(&written(folder.path(), "race.csv", &rows(0, 20))).await;
        let batch = house.checked(&batch).await;
        let typed = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000007"), ("species", "Lim"), ("health", "good")],
        );
        house.register.record(&house.kind, typed, None).await.unwrap();
        house.register.take(&batch, Mode::All).await.unwrap();
        // All or nothing: nothing, and it has to be checked again.
        assert_eq!(house.register.work(batch.id, quiet()).await.unwrap(), Stage::Preview);
        assert_eq!(house.tags().await, ["TS-000007"]);
        let again = house.batch(batch.id).await;
        assert_eq!(again.report.refusal.as_deref(), Some("register-duplicate"));
        let again = house.checked(&again).await;
        assert_eq!(again.report.rows_faulty, 1);
        house.register.take(&again, Mode::Good).await.unwrap();
        assert_eq!(house.register.work(again.id, quiet()).await.unwrap(), Stage::Done);
        assert_eq!(house.tags().await.len(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_import_is_taken_back_with_a_reason_unless_a_record_was_changed() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().unwrap();
        let bring = async |name: &str, from: u32, until: u32| {
            let batch = house.hand_in(&written(folder.path(), name, &rows(from, until))).await;
            let batch = house.checked(&batch).await;
            house.register.take(&batch, Mode::All).await.unwrap();
            house.register.work(batch.id, quiet()).await.unwrap();
            house.batch(batch.id).await
        };
        let (kept, gone) = (bring("kept.csv", 0, 40).await, bring("gone.csv", 100, 1_300).await);
        let one = house
            .records()
            .await
            .into_iter()
            .find(|record| record.batch == Some(gone.id))
            .unwrap();
        let first = house
            .records()
            .await
            .into_iter()
            .find(|record| record.batch == Some(kept.id))
            .unwrap();
        // A record of the first was changed: it is not taken back, and the record is named.
        let change = house.command(Act::Change, Some(&first), &[("health", "dead")]);
        house.register.record(&house.kind, change, None).await.unwrap();
        let refused = house.register.undo(&house.kind, kept.id, "nhầm tệp", &house.by).await;
        assert!(matches!(refused, Err(RegisterError::ChangedSince(1))), "{refused:?}");
        assert_eq!(
            house.register.changed_since(&house.kind, kept.id).await.unwrap(),
            (vec![first.id], 1)
        );

        let without = house.register.undo(&house.kind, gone.id, "  ", &house.by).await;
        assert!(matches!(without, Err(RegisterError::ReasonMissing)));
        house.world.advance(kernel::SignedDuration::from_hours(2));
        house
            .register
            .undo(&house.kind, gone.id, "nhầm tệp", &house.by)
            .await
            .unwrap();
        assert_eq!(house.tags().await.len(), 40, "hidden at once");
        assert_eq!(house.register.work(gone.id, quiet()).await.unwrap(), Stage::Undone);
        let undone = house.batch(gone.id).await;
        assert_eq!(
            (undone.stage, undone.reason.as_deref(), undone.undone_by.as_deref()),
            (Stage::Undone, Some("nhầm tệp"), Some("Đỗ Thị Thu"))
        );
        assert_eq!((house.tags().await.len(), undone.rows_done), (40, 1_200));
        // What was known before it was taken back is known still; after it there is nothing.
        let (kind, id) = (house.kind.clone(), one.id);
        let past = house
            .register
            .store()
            .read(move |tx| store::past(tx, &kind, id))
            .await
            .unwrap();
        assert_eq!(past.len(), 1);
        assert!(as_of(&past, one.valid_from, one.known_at).is_some());
        assert!(as_of(&past, one.valid_from, house.register.now()).is_none());
        // Its keys are free, and a second time there is nothing to take back.
        bring("again.csv", 100, 102).await;
        assert_eq!(house.tags().await.len(), 42);
        assert!(matches!(
            house.register.undo(&house.kind, gone.id, "x", &house.by).await,
            Err(RegisterError::Stage)
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn coordinates_of_vn_2000_and_exchanged_ones_end_where_they_belong() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let folder = tempfile::tempdir().unwrap();
        let zone = crate::geometry::crs::Crs::find("105-30").unwrap();
        let [east, north] = zone.from_wgs84([105.9, 18.34]).unwrap();
        // Surveyors of Viet Nam call the north X.
        let text = format!("tag,species,X,Y\nTS-000001,Lim,\"{north:.3}\",{east:.3}\n").replace("\"", "");
        let batch = house.hand_in(&written(folder.path(), "metres.csv", &text)).await;
        // As degrees they are none.
        let wrong = house.checked(&batch).await;
        assert_eq!(wrong.report.rows_faulty, 1, "{:?}", wrong.report);
        let mut choices = wrong.choices.clone();
        (choices.crs, choices.is_swapped) = (Some(zone.code.clone()), true);
        house.register.choose(&house.kind, &wrong, choices).await.unwrap();
        let right = house.checked(&house.batch(batch.id).await).await;
        assert_eq!(
            (right.report.rows_faulty, right.report.outside),
            (0, 0),
            "{:?}",
            right.report
        );
        house.register.take(&right, Mode::All).await.unwrap();
        house.register.work(right.id, quiet()).await.unwrap();
        let Some(Shape::Point([x, y])) = house.records().await.remove(0).shape else {
            panic!("a point")
        };
        assert!((x - 105.9).abs() < 1e-6 && (y - 18.34).abs() < 1e-6, "{x} {y}");

        // Latitude under the name of longitude: seen at the first look, and told when somebody insists.
        let text = "tag,species,lon,lat\nTS-000002,Lim,18.34,105.9\nTS-000003,Lim,18.35,105.8\n";
        let batch = house.hand_in(&written(folder.path(), "swapped.csv", text)).await;
        assert!(batch.choices.is_swapped);
        let clean = house.checked(&batch).await;
        assert_eq!((clean.report.rows_faulty, clean.report.outside), (0, 0));
        let mut choices = clean.choices.clone();
        choices.is_swapped = false;
        house.register.choose(&house.kind, &clean, choices).await.unwrap();
        let faulty = house.checked(&house.batch(batch.id).await).await;
        assert_eq!(faulty.report.rows_faulty, 2);
        assert!(
            faulty.report.faults[0].vi.contains("đổi chỗ"),
            "{:?}",
            faulty.report.faults
        );
        let text = "tag,species,lon,lat\nTS-000002,Lim,120.5,12.0\n";
        let batch = house.hand_in(&written(folder.path(), "sea.csv", text)).await;
        let sea = house.checked(&batch).await;
        assert_eq!(
            (sea.report.rows_faulty, sea.report.outside),
            (0, 1),
            "a point in the sea is flagged"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shapes_that_are_none_are_told_each_with_its_row() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let areas = system_of("polygon", "{species} {tag}", &FIELDS.replace("height_m", "height_c"));
        let identity = identity(test).await;
        let folder = tempfile::tempdir().unwrap();
        let mut all = vec![
            ("[[[105.9,18.3],[105.91,18.3],[105.91,18.31],[105.9,18.3]]]".to_owned(), ""),
            ("[[[105.9,18.3],[105.92,18.32],[105.92,18.3],[105.9,18.33],[105.9,18.3]]]".to_owned(), "tự cắt"),
            ("[]".to_owned(), ""),
            ("[[[179.9,10],[-179.9,10],[-179.9,11],[179.9,10]]]".to_owned(), "180"),
            ("[[[18.3,105.9],[18.3,105.8],[18.4,105.8],[18.3,105.9]]]".to_owned(), "đổi chỗ"),
            ("[[[1,1],[2,2]]]".to_owned(), "thiếu điểm"),
        ];
        let million: Vec<String> = (0..=1_000_000)
            .map(|at| {
                let turn = f64::from(at % 1_000_000) * std::f64::consts::TAU / 1e6;
                format!("[{:.7},{:.7}]", 105.9 + turn.cos() / 10.0, 18.3 + turn.sin() / 10.0)
            })
            .collect();
        all.push((format!("[[{}]]", million.join(",")), "quá nhiều"));
        let features: Vec<String> = all
            .iter()
            .enumerate()
            .map(|(at, (coordinates, _))| {
                format!(
                    "{{\"type\":\"Feature\",\"properties\":{{\"tag\":\"TS-{at:06}\",\"species\":\"Lim\",\"health\":\"good\"}},\
                     \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":{coordinates}}}}}"
                )
            })
            .collect();
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
        let path = written(folder.path(), "vung.geojson", &text);
        // The tables of points are not those of areas: another province.
        let refused = Register::open(&identity, &[areas], Settings::default()).await;
        assert!(matches!(refused, Err(RegisterError::Definition(_))));
        let kind = Arc::new(crate::kind::Kind::of(areas, &areas.records[0]).unwrap());
        let looked = crate::import::look_for_tests(&house.register, &kind, &path).await.unwrap();
        for (at, (_, words)) in all.iter().enumerate() {
            let own: Vec<&str> = looked.faults.iter().filter(|told| told.row == at as u64 + 1).map(|told| told.vi.as_str()).collect();
            assert_eq!(own.is_empty(), words.is_empty(), "{at}: {own:?}");
            assert!(own.iter().all(|one| one.contains(words)), "{at}: {own:?}");
        }
    })
    .await;
}
