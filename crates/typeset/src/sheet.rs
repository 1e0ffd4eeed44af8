//! One paper: the files of its order, the four fonts and the day are all the world that its template can see.
//! Refuses whatever else a template asks for with an error at the line that asks.

use std::collections::HashMap;

use press::{FaultAt, Order, Outcome};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::package::PackageSpec;
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World, WorldExt as _};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Faults that are told of one template.
const FAULTS_MAX: usize = 50;

/// The fonts, read once in the life of a child.
pub(crate) struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    library: LazyHash<Library>,
}

impl Fonts {
    pub(crate) fn read() -> Self {
        let fonts: Vec<Font> = crate::FONTS
            .iter()
            .flat_map(|bytes| Font::iter(Bytes::new(*bytes)))
            .collect();
        Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            library: LazyHash::new(Library::default()),
        }
    }
}

/// Typesets an order within this process. The serving process never calls it: see `press`.
#[must_use]
pub fn typeset(order: Order) -> Outcome {
    typeset_with(&Fonts::read(), order)
}

pub(crate) fn typeset_with(fonts: &Fonts, order: Order) -> Outcome {
    let sheet = match Sheet::new(fonts, order) {
        Ok(sheet) => sheet,
        Err(fault) => return Outcome::Faults(vec![fault]),
    };
    let compiled = typst::compile::<PagedDocument>(&sheet).output;
    let document = match compiled {
        Ok(document) => document,
        Err(faults) => return sheet.faults(&faults),
    };
    match typst_pdf::pdf(&document, &sheet.options()) {
        Ok(pdf) => Outcome::Pdf(pdf),
        Err(faults) => sheet.faults(&faults),
    }
}

/// The world of one paper.
struct Sheet<'a> {
    fonts: &'a Fonts,
    main: FileId,
    files: HashMap<FileId, (Source, Bytes)>,
    date: Option<Datetime>,
}

impl<'a> Sheet<'a> {
    fn new(fonts: &'a Fonts, order: Order) -> Result<Self, FaultAt> {
        let mut files = HashMap::new();
        for (name, text) in order.files {
            let id = id_of(&name)?;
            let bytes = Bytes::from_string(text.clone());
            files.insert(id, (Source::new(id, text), bytes));
        }
        Ok(Self {
            fonts,
            main: id_of(&order.main)?,
            files,
            date: date_of(&order.date),
        })
    }

    fn options(&self) -> PdfOptions {
        PdfOptions {
            ident: Smart::Auto,
            timestamp: self.date.map(Timestamp::new_utc),
            standards: PdfStandards::new(&[PdfStandard::A_2b]).unwrap_or_default(),
            ..PdfOptions::default()
        }
    }

    fn faults(&self, faults: &[SourceDiagnostic]) -> Outcome {
        Outcome::Faults(faults.iter().take(FAULTS_MAX).map(|one| self.fault(one)).collect())
    }

    fn fault(&self, fault: &SourceDiagnostic) -> FaultAt {
        let (file, line, column) = self.place(fault.span).unwrap_or_default();
        let hints: Vec<&str> = fault.hints.iter().map(|hint| hint.v.as_str()).collect();
        FaultAt {
            file,
            line,
            column,
            what: fault.message.to_string(),
            hint: hints.join("; "),
        }
    }

    fn place(&self, span: DiagSpan) -> Option<(String, usize, usize)> {
        let id = span.id()?;
        let source = self.source(id).ok()?;
        let at = self.range(span)?.start;
        let (line, column) = source.lines().byte_to_line_column(at)?;
        Some((id.vpath().get_without_slash().to_owned(), line + 1, column + 1))
    }
}

fn id_of(name: &str) -> Result<FileId, FaultAt> {
    let path = VirtualPath::new(name).map_err(|error| FaultAt {
        file: name.to_owned(),
        line: 0,
        column: 0,
        what: error.to_string(),
        hint: String::new(),
    })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn date_of(iso: &str) -> Option<Datetime> {
    let mut parts = iso.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Datetime::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.fonts.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.files
            .get(&id)
            .map(|(source, _)| source.clone())
            .ok_or_else(|| refused(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .get(&id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or_else(|| refused(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.date
    }
}

/// What a template is told that wants a file which the order does not hold.
fn refused(id: FileId) -> FileError {
    let what = match id.root() {
        VirtualRoot::Package(PackageSpec { name, .. }) => format!("there are no packages here (@{name})"),
        VirtualRoot::Project => format!("there is no such file here ({})", id.vpath().get_with_slash()),
    };
    FileError::Other(Some(what.into()))
}
