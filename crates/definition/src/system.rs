//! A system: one folder of definitions, read and checked as a whole. It owns which files there are and in which order
//! they are read, and refuses a folder with any fault at all: a faulty definition never starts.

use crate::case::{self, Runnable};
use crate::fault::{FaultCode, Faults, Place, Sink, SourceText};
use crate::indicator::{self, Countable, Indicator};
use crate::page::{self, ListPage};
use crate::procedure::read::Read;
use crate::procedure::{self, Procedure};
use crate::reader::{Joined, Reader, Word, is_name};
use crate::record::{self, RecordKind};
use crate::sample::{self, Sample};
use crate::source::{self, Table};
use crate::surroundings::{Reading, Surroundings};
use crate::text::{self, Texts};
use crate::workflow::{self, Workflow};
use kernel::Date;

/// Most files of one system.
pub const FILES_MAX: usize = 400;

/// A checked system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its code, such as `trees`.
    pub code: String,
    /// The kind of agency that answers for it.
    pub steward: String,
    /// Legal references.
    pub basis: Vec<String>,
    /// Number of this version.
    pub version: u32,
    /// First day in force.
    pub valid_from: Date,
    /// Last day in force, when it is known.
    pub valid_until: Option<Date>,
    /// Kinds of record.
    pub records: Vec<RecordKind>,
    /// How its cases run, when it has any besides procedures.
    pub workflow: Option<Workflow>,
    /// Its administrative procedures.
    pub procedures: Vec<Procedure>,
    /// Its indicators.
    pub indicators: Vec<Indicator>,
    /// Lists that differ from what follows from the types.
    pub pages: Vec<ListPage>,
    /// Every label in both languages.
    pub texts: Texts,
    /// Names of the cases that were tried and went as they say.
    pub cases: Vec<String>,
    /// Records that prove the rules.
    pub samples: Vec<Sample>,
}

/// The files that stand at the top of a folder.
const FILES: &[&str] = &[
    "system.toml",
    "records.toml",
    "workflow.toml",
    "indicators.toml",
    "pages.toml",
    "text.vi.toml",
    "text.en.toml",
];
/// The files without which there is no system.
const NEEDED: &[&str] = &["system.toml", "text.vi.toml", "text.en.toml"];
/// The folders inside it.
const FOLDERS: &[&str] = &["cases/", "procedures/", "samples/"];

/// A file that was read: its path and its tree.
type Parsed<'a> = (&'a str, usize, Option<Table>);

impl System {
    /// Reads a folder, given as paths inside it (with `/`) and texts.
    ///
    /// # Errors
    /// Every fault of the folder at once.
    pub fn read(files: &[(&str, &str)], around: &Surroundings) -> Result<Self, Faults> {
        let mut files: Vec<&(&str, &str)> = files.iter().take(FILES_MAX + 1).collect();
        files.sort_by_key(|(path, _)| *path);
        let texts = files.iter().map(|(path, text)| SourceText {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        let mut texts: Vec<SourceText> = texts.collect();
        let given = texts.len();
        for path in NEEDED
            .iter()
            .filter(|path| !files.iter().any(|(given, _)| given == *path))
        {
            let path = (*path).to_owned();
            let text = String::new();
            texts.push(SourceText { path, text });
        }
        let sink = Sink::new(texts);
        for (file, missing) in sink.files.iter().enumerate().skip(given) {
            sink.say(FaultCode::FileMissing, Place { file, at: 0 }, &[&missing.path]);
        }
        if files.len() > FILES_MAX {
            let start = Place { file: 0, at: 0 };
            sink.say(FaultCode::TooLarge, start, &[&format!("{FILES_MAX} files")]);
        }
        let system = read(&sink, given, around);
        match (system, sink.count()) {
            (Some(system), 0) => Ok(system),
            _ => Err(Faults(sink.into_faults())),
        }
    }
}

fn read(sink: &Sink, given: usize, around: &Surroundings) -> Option<System> {
    let reading = Reading::new(sink, around);
    let parsed = parse(given, &reading);
    let table = |path: &str| top(&parsed, path);
    let records = table("records.toml").map_or_else(Vec::new, |table| record::read(table, &reading));
    let workflow = table("workflow.toml").and_then(|table| workflow::read(table, &records, &reading));
    let procedures = procedures(&parsed, &records, &reading);
    let countable = Countable {
        records: &records,
        workflow: workflow.as_ref(),
        procedures: !procedures.is_empty(),
    };
    let indicators =
        table("indicators.toml").map_or_else(Vec::new, |table| indicator::read(table, &countable, &reading));
    let pages = table("pages.toml").map_or_else(Vec::new, |table| page::read(table, &records, &reading));
    let samples = inside(&parsed, "samples/").flat_map(|(_, _, table)| sample::read(table, &records, &reading));
    let samples = samples.collect();
    let head = table("system.toml").and_then(|table| head(table, &reading));
    let texts = text::read(
        language(&parsed, "text.vi.toml"),
        language(&parsed, "text.en.toml"),
        &reading,
    );
    let runnable = Runnable {
        records: &records,
        workflow: workflow.as_ref(),
        procedures: &procedures,
    };
    let cases = inside(&parsed, "cases/").flat_map(|(_, _, table)| case::read(table, &runnable, &reading));
    let cases = cases.collect();
    let head = head?;
    Some(System {
        records,
        workflow,
        procedures,
        indicators,
        pages,
        texts,
        cases,
        samples,
        ..head
    })
}

/// Reads every given file that is part of a system, and says which is not.
fn parse<'a>(given: usize, reading: &Reading<'a>) -> Vec<Parsed<'a>> {
    let sink = reading.sink;
    let mut parsed = Vec::new();
    for (index, file) in sink.files.iter().enumerate().take(given) {
        let path = file.path.as_str();
        let in_folder = FOLDERS
            .iter()
            .any(|folder| path.starts_with(folder) && path.ends_with(".toml"));
        if FILES.contains(&path) || in_folder {
            parsed.push((path, index, source::read(index, sink)));
        } else {
            let place = Place { file: index, at: 0 };
            sink.say_unknown(FaultCode::FileUnknown, place, path, FILES.iter().copied());
        }
    }
    parsed
}

fn top<'p>(parsed: &'p [Parsed<'_>], path: &str) -> Option<&'p Table> {
    let found = parsed.iter().find(|(name, ..)| *name == path)?;
    found.2.as_ref()
}

fn language<'p>(parsed: &'p [Parsed<'_>], path: &str) -> (Place, Option<&'p Table>) {
    let file = parsed
        .iter()
        .find(|(name, ..)| *name == path)
        .map_or(usize::MAX, |(_, index, _)| *index);
    (Place { file, at: 0 }, top(parsed, path))
}

/// The files of a folder that could be read: name without ending, place, tree.
fn inside<'p>(parsed: &'p [Parsed<'_>], folder: &str) -> impl Iterator<Item = (&'p str, Place, &'p Table)> {
    parsed.iter().filter_map(move |(path, index, table)| {
        let name = path.strip_prefix(folder)?.strip_suffix(".toml")?;
        Some((name, Place { file: *index, at: 0 }, table.as_ref()?))
    })
}

fn procedures(parsed: &[Parsed<'_>], records: &[RecordKind], reading: &Reading<'_>) -> Vec<Procedure> {
    let mut read: Vec<(Read, Place)> = Vec::new();
    for (name, place, table) in inside(parsed, "procedures/") {
        let word = Word {
            word: name.to_owned(),
            place,
        };
        let Some(one) = procedure::read::read(&word, table, records, reading) else {
            continue;
        };
        if read.iter().any(|((other, _), _)| other.code == one.0.code) {
            reading
                .sink
                .say(FaultCode::NameTwice, place, &[&one.0.code.to_string()]);
        }
        read.push((one, place));
    }
    let mut names = reading.around.procedures.clone();
    names.extend(inside(parsed, "procedures/").map(|(name, ..)| name.to_owned()));
    for ((_, hand_overs), _) in &read {
        for (name, place) in hand_overs {
            let word = Word {
                word: name.clone(),
                place: *place,
            };
            reading.known(FaultCode::ProcedureUnknown, &word, &names);
        }
    }
    read.into_iter().map(|((procedure, _), _)| procedure).collect()
}

/// Reads `system.toml` into a system that is empty otherwise.
fn head(table: &Table, reading: &Reading<'_>) -> Option<System> {
    let reader = Reader::new(table, reading.sink);
    let code = reader
        .needed_word("code")
        .filter(|code| is_name(code, Joined::Hyphen, reading.sink));
    let steward = reader.needed_word("steward");
    if let Some(steward) = &steward {
        reading.known(FaultCode::UnitUnknown, steward, &reading.around.units);
    }
    let basis = reader.words("basis").into_iter().map(|word| word.word).collect();
    reader.needed("version");
    let version = reader
        .whole("version", 1, 1_000_000)
        .and_then(|version| u32::try_from(version).ok());
    reader.needed("valid_from");
    let (valid_from, valid_until) = (reader.date("valid_from"), reader.date("valid_until"));
    if let (Some((from, _)), Some((until, place))) = (valid_from, valid_until)
        && until < from
    {
        reading.sink.say(FaultCode::DatesOrder, place, &[]);
    }
    reader.finish();
    reading.label("system.name".to_owned(), table.place);
    Some(System {
        code: code?.word,
        steward: steward?.word,
        basis,
        version: version?,
        valid_from: valid_from?.0,
        valid_until: valid_until.map(|(until, _)| until),
        records: Vec::new(),
        workflow: None,
        procedures: Vec::new(),
        indicators: Vec::new(),
        pages: Vec::new(),
        texts: Texts::default(),
        cases: Vec::new(),
        samples: Vec::new(),
    })
}
