//! Makes the shipped list from the copies and `selection.toml`, and holds what is in the repository to it.
//! `BLESS=1` writes it anew.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::PathBuf;

use flate2::{Compression, GzBuilder};
use jiff::civil::date;
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, ProcedureCode};
use serde::Deserialize;

use super::super::{shipped, write};
use super::whole::read_copy;
use crate::procedure::{ComponentSource, Procedure};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Selection {
    sector: Vec<Sector>,
    procedure: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sector {
    vi: String,
    en: String,
    agency: Option<String>,
    codes: Vec<ProcedureCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    code: ProcedureCode,
    short_vi: Option<String>,
    short_en: Option<String>,
    #[serde(default)]
    popularity: u32,
    time: Option<TimeLimit>,
    basis: Option<String>,
    /// The program ships an online form that takes the place of the declaration on paper.
    #[serde(default)]
    has_form: bool,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../provinces/_catalogue")
}

fn selection() -> Selection {
    let text = std::fs::read_to_string(folder().join("selection.toml")).expect("it is in the repository");
    toml::from_str(&text).expect("selection.toml is well-formed")
}

/// The shipped list as it should be; `None` where the copies are not at hand.
fn made() -> Option<Vec<Procedure>> {
    let flat = read_copy("procedures-2642.jsonl.gz", date(2026, 7, 20))?.procedures;
    let nested = read_copy("procedures-nested-207.jsonl.gz", date(2026, 1, 2))?.procedures;
    let mut all: HashMap<ProcedureCode, Procedure> = flat
        .into_iter()
        .chain(nested)
        .map(|procedure| (procedure.code.clone(), procedure))
        .collect();
    let Selection { sector, procedure } = selection();
    let changes: BTreeMap<ProcedureCode, Change> = procedure
        .into_iter()
        .map(|change| (change.code.clone(), change))
        .collect();
    let mut list = Vec::new();
    for sector in &sector {
        for code in &sector.codes {
            let mut procedure = all
                .remove(code)
                .unwrap_or_else(|| panic!("{code} is not in the copies, or chosen twice"));
            assert_eq!(procedure.sector.vi, sector.vi, "{code}");
            procedure.sector = Bilingual::new(&sector.vi, &sector.en);
            if let (true, Some(agency)) = (procedure.agency.is_empty(), &sector.agency) {
                procedure.agency.clone_from(agency);
            }
            if let Some(change) = changes.get(code) {
                apply(&mut procedure, change);
            }
            list.push(procedure);
        }
    }
    for code in changes.keys() {
        assert!(
            list.iter().any(|procedure| procedure.code == *code),
            "{code} is changed but not chosen"
        );
    }
    list.sort_by(|a, b| a.code.cmp(&b.code));
    Some(list)
}

fn apply(procedure: &mut Procedure, change: &Change) {
    if let (Some(vi), Some(en)) = (&change.short_vi, &change.short_en) {
        procedure.short_name = Some(Bilingual::new(vi, en));
    }
    procedure.popularity = change.popularity;
    let is_declaration = |name: &str| {
        ["Tờ khai", "Giấy đề nghị đăng ký"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    for paper in procedure
        .components
        .iter_mut()
        .filter(|paper| change.has_form && is_declaration(&paper.name.vi))
    {
        paper.source = ComponentSource::Form;
    }
    let Some(time) = change.time else { return };
    let basis = change
        .basis
        .as_deref()
        .expect("a time limit that is set right names its legal ground");
    for channel in procedure.channels.iter_mut().filter(|channel| channel.time.is_none()) {
        channel.time = Some(time);
        channel.time_text = format!("{} ({basis})", time.text(kernel::Lang::Vi));
    }
}

#[test]
fn the_shipped_list_is_what_the_copies_and_the_selection_give() {
    let Some(list) = made() else { return };
    if std::env::var_os("BLESS").is_some() {
        bless(&list);
        return;
    }
    let held = super::super::read(shipped(), &super::edition())
        .expect("the embedded list is whole")
        .procedures;
    assert_eq!(held.len(), list.len(), "run with BLESS=1 to write the list anew");
    for (held, made) in held.iter().zip(&list) {
        assert_eq!(held, made, "run with BLESS=1 to write the list anew");
    }
}

fn bless(list: &[Procedure]) {
    let mut lines = Vec::new();
    write(list, &mut lines).expect("a vector takes everything");
    let file = std::fs::File::create(folder().join("procedures.jsonl.gz")).expect("the folder can be written");
    let mut gzip = GzBuilder::new().mtime(0).write(file, Compression::best());
    gzip.write_all(&lines)
        .and_then(|()| gzip.finish().map(drop))
        .expect("the disk has room");
}

#[test]
fn the_shipped_list_is_fit_for_a_demonstration() {
    let reading = super::super::read(shipped(), &super::edition()).expect("the embedded list is whole");
    assert_eq!(reading.report.unread_count, 0, "{:?}", reading.report.unread.first());
    let list = &reading.procedures;
    assert!((300..500).contains(&list.len()), "{}", list.len());
    let size = std::fs::metadata(folder().join("procedures.jsonl.gz"))
        .expect("it is in the repository")
        .len();
    assert!(size < 1_500_000, "{size}");
    let online = list.iter().filter(|procedure| procedure.is_online()).count();
    assert!(online * 10 > list.len() * 8, "{online}");
    let timed = list
        .iter()
        .filter(|procedure| procedure.channels.iter().any(|channel| channel.time.is_some()))
        .count();
    assert!(timed * 10 > list.len() * 8, "{timed}");
    let birth = list
        .iter()
        .find(|procedure| procedure.code.to_string() == "1.001193")
        .expect("the first that anybody asks for");
    assert_eq!(birth.channels[0].time, Some(TimeLimit::WorkingDays(0)));
    let to_bring = birth
        .components
        .iter()
        .filter(|paper| paper.required && paper.source == ComponentSource::Upload);
    let names: Vec<&str> = to_bring
        .map(|paper| paper.name.vi.split(';').next().unwrap_or_default())
        .collect();
    assert_eq!(names, ["Giấy chứng sinh"]);
}
