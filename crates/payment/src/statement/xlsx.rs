//! Workbooks of Excel 2007 and later (ISO/IEC 29500): a ZIP archive of XML parts, of which only the sheet, its shared
//! texts and the number formats that mean a date are read. Formulas are never computed: the value that was saved counts.
//!
//! An archive may unpack to far more than its size: what is unpacked is bounded as a whole, and a row in width.

use super::Statement;
use super::encoding::why_no_archive;
use super::fault::StatementError;
use super::mapping::XlsxMapping;
use super::table::{Cell, Table};
use super::xml::{Item, Node, walk};
use kernel::Date;
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

const FORMAT: &str = "XLSX workbook";
/// The most bytes that all parts together may unpack to.
const UNPACKED_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// The most shared texts of a workbook.
const TEXTS_MAX: usize = 1_000_000;
/// Columns beyond this (`SF`) are not looked at.
const COLUMNS_MAX: usize = 500;

pub(super) fn read(bytes: &[u8], mapping: &XlsxMapping) -> Result<Statement, StatementError> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| not_xlsx(&why_no_archive(bytes)))?;
    let mut book = Book {
        archive,
        left: UNPACKED_BYTES_MAX,
    };
    let sheet = book.sheet(mapping.sheet.as_deref())?;
    let texts = book.texts()?;
    let formats = book.formats()?;
    let mut table = Table::new(&mapping.table);
    let reading = Reading {
        texts,
        dates: formats,
        since_1904: sheet.since_1904,
    };
    let mut last = 0;
    book.walk(&sheet.part, &["row"], |item| {
        if let Item::Tree(row) = item {
            let number = row.attribute("r").and_then(|r| r.parse().ok()).unwrap_or(last + 1);
            last = number;
            table.row(number, &reading.row(&row))?;
        }
        Ok(())
    })?;
    table.finish()
}

fn not_xlsx(why: &str) -> StatementError {
    StatementError::NotOfFormat {
        format: FORMAT,
        why: why.to_owned(),
    }
}

struct Book<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    /// How many bytes may still be unpacked.
    left: u64,
}

struct Sheet {
    part: String,
    since_1904: bool,
}

impl Book<'_> {
    fn has(&self, part: &str) -> bool {
        self.archive.index_for_name(part).is_some()
    }

    fn walk(
        &mut self,
        part: &str,
        chosen: &[&str],
        mut visit: impl FnMut(Item) -> Result<(), StatementError>,
    ) -> Result<(), StatementError> {
        let missing = || not_xlsx(&format!("it has no part {part}, or one that cannot be unpacked"));
        let file = self.archive.by_name(part).map_err(|_| missing())?;
        // One byte more than is left: reading it tells a bomb from a file that just fits.
        let mut bounded = file.take(self.left + 1);
        let result = walk(BufReader::new(&mut bounded), FORMAT, chosen, |_, item| visit(item));
        self.left = bounded.limit();
        if self.left == 0 {
            let bytes_max = usize::try_from(UNPACKED_BYTES_MAX).unwrap_or(usize::MAX);
            return Err(StatementError::TooLarge { bytes_max });
        }
        self.left -= 1;
        result
    }

    /// The part that holds the sheet of this name, or the first.
    fn sheet(&mut self, wanted: Option<&str>) -> Result<Sheet, StatementError> {
        let (mut sheets, mut since_1904) = (Vec::new(), false);
        self.walk("xl/workbook.xml", &["workbookPr", "sheet"], |item| {
            match item {
                Item::Tree(node) if node.name == "sheet" => sheets.push(node),
                Item::Tree(node) => since_1904 = matches!(node.attribute("date1904"), Some("1" | "true")),
                Item::Enter(_) | Item::Leave(_) => {}
            }
            Ok(())
        })?;
        let is_it = |node: &&Node| wanted.is_none_or(|wanted| node.attribute("name") == Some(wanted));
        let sheet = sheets
            .iter()
            .find(is_it)
            .ok_or_else(|| not_xlsx("it has no sheet of the declared name"))?;
        // The relation is `r:id`; names are compared without prefix, and a sheet has no other `id`.
        let relation = sheet.attribute("id").unwrap_or_default().to_owned();
        let mut target = None;
        self.walk("xl/_rels/workbook.xml.rels", &["Relationship"], |item| {
            if let Item::Tree(node) = item
                && node.attribute("Id") == Some(&relation)
            {
                target = node.attribute("Target").map(str::to_owned);
            }
            Ok(())
        })?;
        let target = target.ok_or_else(|| not_xlsx("its sheet has no part"))?;
        let part = target
            .strip_prefix('/')
            .map_or_else(|| format!("xl/{target}"), str::to_owned);
        Ok(Sheet { part, since_1904 })
    }

    /// The shared texts, by their number.
    fn texts(&mut self) -> Result<Vec<String>, StatementError> {
        let mut texts = Vec::new();
        if !self.has("xl/sharedStrings.xml") {
            return Ok(texts);
        }
        self.walk("xl/sharedStrings.xml", &["si"], |item| {
            if let Item::Tree(node) = item {
                if texts.len() >= TEXTS_MAX {
                    return Err(not_xlsx("it has too many texts"));
                }
                texts.push(rich_text(&node));
            }
            Ok(())
        })?;
        Ok(texts)
    }

    /// For each cell format, whether it shows a date.
    fn formats(&mut self) -> Result<Vec<bool>, StatementError> {
        let (mut custom, mut dates) = (Vec::new(), Vec::new());
        if !self.has("xl/styles.xml") {
            return Ok(dates);
        }
        self.walk("xl/styles.xml", &["numFmts", "cellXfs"], |item| {
            let Item::Tree(node) = item else { return Ok(()) };
            let id = |node: &Node| node.attribute("numFmtId").and_then(|id| id.parse::<u32>().ok());
            if node.name == "numFmts" {
                let all = node
                    .all("numFmt")
                    .filter(|one| one.attribute("formatCode").is_some_and(shows_date));
                custom.extend(all.filter_map(id));
            } else {
                let is_date = |id: u32| matches!(id, 14..=17 | 22 | 27..=36 | 50..=58) || custom.contains(&id);
                dates.extend(node.all("xf").map(|xf| id(xf).is_some_and(is_date)));
            }
            Ok(())
        })?;
        Ok(dates)
    }
}

/// Whether a format such as `dd/mm/yyyy` or `[$-42A]d mmmm` shows a day: a d or y outside quotes and brackets.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    code.chars().any(|c| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            'd' | 'D' | 'y' | 'Y' => return !quoted && !bracketed,
            _ => {}
        }
        false
    })
}

/// The text of an `si` or `is`: its own, or that of its runs, without phonetic hints.
fn rich_text(node: &Node) -> String {
    let own = node.all("t").map(|t| t.text.as_str());
    let runs = node.all("r").flat_map(|run| run.all("t")).map(|t| t.text.as_str());
    let text: String = own.chain(runs).collect();
    kernel::fold::nfc(&text).into_owned()
}

/// What the cells of a sheet refer to.
struct Reading {
    texts: Vec<String>,
    dates: Vec<bool>,
    since_1904: bool,
}

impl Reading {
    fn row(&self, row: &Node) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        for node in row.all("c") {
            let at = node.attribute("r").and_then(column).unwrap_or(cells.len());
            if at >= COLUMNS_MAX {
                continue;
            }
            if cells.len() <= at {
                cells.resize(at + 1, Cell::Empty);
            }
            cells[at] = self.cell(node);
        }
        cells
    }

    fn cell(&self, node: &Node) -> Cell {
        let value = node.text_at(&["v"]);
        let text = |text: &str| Cell::Text(kernel::fold::nfc(text).into_owned());
        match (node.attribute("t").unwrap_or("n"), value) {
            ("inlineStr", _) => node.child("is").map_or(Cell::Empty, |is| Cell::Text(rich_text(is))),
            (_, None) => Cell::Empty,
            ("s", Some(index)) => {
                let shared = index.parse::<usize>().ok().and_then(|index| self.texts.get(index));
                shared.map_or(Cell::Empty, |shared| Cell::Text(shared.clone()))
            }
            ("n", Some(number)) => match number.parse::<f64>() {
                Ok(number) if number.is_finite() => self.number(node, number),
                _ => text(number),
            },
            ("d", Some(date)) => date
                .get(..10)
                .and_then(|day| day.parse().ok())
                .map_or_else(|| text(date), Cell::Date),
            (_, Some(value)) => text(value),
        }
    }

    fn number(&self, node: &Node, number: f64) -> Cell {
        let style: usize = node.attribute("s").and_then(|s| s.parse().ok()).unwrap_or(0);
        let is_date = self.dates.get(style).copied().unwrap_or(false);
        let date = if is_date { self.date(number) } else { None };
        date.map_or(Cell::Number(number), Cell::Date)
    }

    /// The day of a serial number: days since 30 December 1899 (right from 1 March 1900 on), or since 1 January 1904.
    fn date(&self, serial: f64) -> Option<Date> {
        if !(61.0..2_958_466.0).contains(&serial) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "within 2,958,466, checked above")]
        let days = serial.floor() as i32;
        let epoch = if self.since_1904 {
            jiff::civil::date(1904, 1, 1)
        } else {
            jiff::civil::date(1899, 12, 30)
        };
        epoch
            .checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days)))
            .ok()
    }
}

/// The column of a reference such as `AB12`, from 0.
fn column(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase).take(4);
    let number = letters.fold(0usize, |number, letter| number * 26 + usize::from(letter - b'A') + 1);
    number.checked_sub(1)
}
