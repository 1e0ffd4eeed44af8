//! Workbooks of Excel 2007 and later, read cell by cell. A formula is never computed: the value that was saved counts, and a
//! formula without one is a fault of its cell. Cells that are merged all get the value of the first; heads of several rows
//! that are merged downwards are read as one. Refuses workbooks that unpack to more than a bound.
//! Standard: ISO/IEC 29500.

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader as _, Xlsx};

use crate::delimited::{HEADING_ROWS, columns, filled, heading};
use crate::{Ask, At, COLUMNS_MAX, Cell, CellFault, End, Format, Head, Piece, Refusal, Row, Sink, text_cell, zipped};

/// Most merged areas that are looked at.
const MERGED_MAX: usize = 200_000;

pub(crate) fn read(at: At, ask: &Ask, sink: Sink<'_>) -> Result<(), Refusal> {
    zipped::weigh(&mut zipped::open(at.clone())?)?;
    let mut book: Xlsx<At> = Xlsx::new(at).map_err(Refusal::damaged)?;
    let layers = book.sheet_names();
    let layer = match &ask.layer {
        Some(wanted) => layers.iter().find(|name| *name == wanted).cloned(),
        None => layers.first().cloned(),
    };
    let layer = layer.ok_or(Refusal::NoLayer)?;
    let merged = Merged::new(book.merge_cells_by_sheet_name(&layer).map_err(Refusal::damaged)?)?;
    let mut cells = book.worksheet_cells_reader(&layer).map_err(Refusal::damaged)?;
    let mut table = Table {
        ask,
        sink,
        merged,
        head: None,
        layers,
        layer,
        before: Vec::new(),
        end: End::default(),
    };
    let mut row: (u32, Vec<Cell>) = (0, Vec::new());
    let mut more = true;
    while more {
        let Some(record) = cells.next_cell_with_formula_metadata().map_err(Refusal::damaged)? else {
            break;
        };
        let (at, column) = (record.pos.0, record.pos.1 as usize);
        if at != row.0 {
            let whole = std::mem::replace(&mut row, (at, Vec::new()));
            more = table.row(whole)?;
        }
        let (value, has_formula) = (cell(record.value, record.formula.is_some()), record.formula.is_some());
        if value == Cell::Empty {
            continue;
        }
        // What stands far to the right of every table is told as one cell too many.
        let column = column.min(COLUMNS_MAX);
        table.end.formulas += u64::from(has_formula && more);
        if row.1.len() <= column {
            row.1.resize(column + 1, Cell::Empty);
        }
        row.1[column] = value;
    }
    if more {
        table.row(row)?;
    }
    table.finish()
}

fn cell(value: DataRef<'_>, has_formula: bool) -> Cell {
    match value {
        DataRef::Int(number) =>
        {
            #[expect(clippy::cast_precision_loss, reason = "a sheet's numbers are floating point")]
            Cell::Number(number as f64)
        }
        DataRef::Float(number) => Cell::Number(number),
        DataRef::String(text) => text_cell(&text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(yes) => Cell::Bool(yes),
        DataRef::DateTime(at) => moment(&at),
        DataRef::DateTimeIso(text) => text_cell(text.strip_suffix("T00:00:00").unwrap_or(&text)),
        DataRef::DurationIso(text) => text_cell(&text),
        DataRef::Error(_) => Cell::Fault(CellFault::Error),
        DataRef::Empty if has_formula => Cell::Fault(CellFault::Formula),
        DataRef::Empty => Cell::Empty,
    }
}

/// A day as it is written everywhere; its hour only where it has one.
fn moment(at: &ExcelDateTime) -> Cell {
    if at.is_duration() {
        return Cell::Number(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) != (0, 0, 0) {
        text += &format!(" {hour:02}:{minute:02}");
    }
    Cell::Text(text)
}

/// Areas of merged cells, by their first row.
struct Merged {
    all: Vec<Dimensions>,
    next: usize,
    /// Those that the row before was in, with their value.
    open: Vec<(Dimensions, Cell)>,
}

impl Merged {
    fn new(mut all: Vec<Dimensions>) -> Result<Self, Refusal> {
        if all.len() > MERGED_MAX {
            return Err(Refusal::too_large("merged"));
        }
        all.retain(|area| {
            area.start.0 <= area.end.0 && area.start.1 <= area.end.1 && (area.start.1 as usize) < COLUMNS_MAX
        });
        all.sort_by_key(|area| area.start);
        Ok(Self {
            all,
            next: 0,
            open: Vec::new(),
        })
    }

    /// Fills the cells of a row that lie in merged areas.
    fn fill(&mut self, at: u32, cells: &mut Vec<Cell>) {
        self.open.retain(|(area, _)| area.end.0 >= at);
        while let Some(area) = self.all.get(self.next).filter(|area| area.start.0 <= at) {
            if area.end.0 >= at {
                // An area whose first row is empty has no value.
                let first = if area.start.0 == at {
                    cells.get(area.start.1 as usize)
                } else {
                    None
                };
                self.open.push((*area, first.cloned().unwrap_or(Cell::Empty)));
            }
            self.next += 1;
        }
        for (area, value) in self.open.iter().filter(|(_, value)| *value != Cell::Empty) {
            let last = (area.end.1 as usize).min(COLUMNS_MAX - 1);
            if cells.len() <= last {
                cells.resize(last + 1, Cell::Empty);
            }
            for cell in &mut cells[area.start.1 as usize..=last] {
                if *cell == Cell::Empty {
                    *cell = value.clone();
                }
            }
        }
    }

    /// The last row of a head that begins in a row: merged downwards it has several.
    fn head_until(&self, at: u32) -> u32 {
        let down = self.all.iter().filter(|area| area.start.0 == at).map(|area| area.end.0);
        down.max().unwrap_or(at).min(at + 5)
    }
}

struct Table<'t> {
    ask: &'t Ask,
    sink: Sink<'t>,
    merged: Merged,
    head: Option<usize>,
    layers: Vec<String>,
    layer: String,
    before: Vec<(u32, Vec<Cell>)>,
    end: End,
}

impl Table<'_> {
    /// Takes a row; false when no more are wanted.
    fn row(&mut self, row: (u32, Vec<Cell>)) -> Result<bool, Refusal> {
        if row.1.iter().all(|cell| *cell == Cell::Empty) {
            return Ok(true);
        }
        if self.head.is_some() {
            return self.give(row);
        }
        self.before.push(row);
        let is_enough = match self.ask.heading_row {
            // The rows of a head that is merged downwards must be there, too.
            Some(wanted) => self.before.last().is_some_and(|(at, _)| u64::from(*at) > wanted + 6),
            None => self.before.len() >= HEADING_ROWS,
        };
        if is_enough || self.before.len() > 1_000 {
            return self.begin();
        }
        Ok(true)
    }

    /// Finds the head among the first rows, and gives those behind it.
    fn begin(&mut self) -> Result<bool, Refusal> {
        let before = std::mem::take(&mut self.before);
        let names = |cells: &[Cell]| cells.iter().map(name).collect::<Vec<_>>();
        let first = match self.ask.heading_row {
            Some(wanted) => before.iter().find(|(at, _)| u64::from(*at) + 1 == wanted),
            None => {
                let widths: Vec<usize> = before.iter().map(|(_, cells)| filled(&names(cells))).collect();
                heading(&widths).and_then(|at| before.get(at))
            }
        };
        let first = first.ok_or(Refusal::NoColumns)?.0;
        let last = self.merged.head_until(first);
        let mut heads: Vec<String> = Vec::new();
        for (at, mut cells) in before.iter().filter(|(at, _)| (first..=last).contains(at)).cloned() {
            self.merged.fill(at, &mut cells);
            let names = names(&cells);
            heads.resize(heads.len().max(names.len()), String::new());
            for (head, name) in heads.iter_mut().zip(names) {
                if !head.ends_with(&name) {
                    *head = format!("{head} {name}").trim().to_owned();
                }
            }
        }
        let columns = columns(heads)?;
        self.head = Some(columns.len());
        let counted = self.merged.all.iter().filter(|area| area.start.0 > last).count();
        self.end.merged = counted as u64;
        (self.sink)(Piece::Head(Head {
            format: Format::Xlsx,
            charset: None,
            is_charset_sure: true,
            delimiter: None,
            layers: self.layers.clone(),
            layer: Some(self.layer.clone()),
            heading_row: Some(u64::from(first) + 1),
            columns,
            has_shape: false,
            crs: None,
        }))?;
        let mut more = true;
        for row in before.into_iter().filter(|(at, _)| *at > last) {
            more = more && self.give(row)?;
        }
        Ok(more)
    }

    fn give(&mut self, (at, mut cells): (u32, Vec<Cell>)) -> Result<bool, Refusal> {
        if self.ask.rows_max.is_some_and(|most| self.end.rows >= most) {
            self.end.more = true;
            return Ok(false);
        }
        self.merged.fill(at, &mut cells);
        let width = self.head.unwrap_or(0);
        if cells.iter().skip(width).any(|cell| *cell != Cell::Empty) {
            cells.truncate(width);
            cells.push(Cell::Fault(CellFault::Beyond));
        } else {
            cells.truncate(width);
        }
        self.end.rows += 1;
        let line = u64::from(at) + 1;
        (self.sink)(Piece::Row(Row { line, cells }))?;
        Ok(true)
    }

    fn finish(mut self) -> Result<(), Refusal> {
        if self.head.is_none() {
            self.begin()?;
        }
        (self.sink)(Piece::End(self.end))
    }
}

/// A cell as the name of a column.
fn name(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => Data::Float(*number).to_string(),
        Cell::Bool(yes) => yes.to_string(),
        Cell::Empty | Cell::Shape(_) | Cell::Fault(_) => String::new(),
    }
}
