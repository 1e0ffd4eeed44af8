//! The rows of a register on their way into a file: some at a time, in the order of their entry, all of one moment. People stand
//! masked, are left out, or stand in full for a purpose whose every use is on record before the file can leave.

use std::collections::HashMap;
use std::sync::Arc;

use ::store::Tx;
use identity::person::{self, PersonDetails};
use identity::{PersonRef, Purpose, UnitId};
use kernel::{Bilingual, Date, Lang};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::spool::Place;
use super::store::{self, Raw};
use super::{Cell, ExportError, Field, Format, Layout, Made, Readers, Sink, Type};
use crate::error::RegisterError;
use crate::geometry::crs::Crs;
use crate::house::Register;
use crate::kind::{Kind, Shape};
use crate::record::store::Asked;

/// Rows that are read at once.
const PAGE_ROWS: u64 = 2_000;
/// Pages after which the room that a file takes is measured.
const MEASURED_PAGES: u64 = 10;
/// Names that are remembered on the way.
const NAMES_MAX: usize = 20_000;
/// Most people whose uses are recorded in one write.
const USES_MAX: usize = 400;

/// What becomes of personal fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum People {
    /// They are not in the file.
    LeftOut,
    /// Names are masked.
    Masked,
    /// Names in full, for this purpose; each person sees it.
    InFull(Purpose),
}

/// Which rows leave, and what of them.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Fields, as positions among the columns of the kind.
    pub fields: Vec<usize>,
    /// Whether id, revision, days and the unit stand in front.
    pub about: bool,
    /// Whether places leave.
    pub geometry: bool,
    /// How things were on this day, as it is known now; as they are without it.
    pub on: Option<Date>,
    /// The system in which places are written.
    pub crs: &'static Crs,
    /// Who reads it.
    pub readers: Readers,
    /// Personal fields.
    pub people: People,
    /// Only records of these units; of all without it.
    pub units: Option<Vec<UnitId>>,
    pub(crate) asked: Asked,
}

impl Wanted {
    /// Every field that is in use, every row, no people; where they are in longitude and latitude.
    #[must_use]
    pub fn all(kind: &Kind) -> Self {
        let live = |at: &usize| !kind.columns[*at].field.retired && !kind.columns[*at].shape.is_personal();
        Self {
            fields: (0..kind.columns.len()).filter(live).collect(),
            about: true,
            geometry: kind.geometry().is_some(),
            on: None,
            crs: Crs::stored(),
            readers: Readers::Programs,
            people: People::LeftOut,
            units: None,
            asked: Asked::default(),
        }
    }
}

/// What stands in front of the fields: name, key of its label, type.
const ABOUT: [(&str, &str, Type); 5] = [
    ("id", "reg-export-id", Type::Text),
    ("revision", "reg-revision", Type::Number(0)),
    ("valid_from", "reg-valid-from", Type::Date),
    ("known_at", "reg-known-at", Type::Time),
    ("unit", "reg-unit", Type::Text),
];

fn both(key: &str) -> Bilingual {
    Bilingual::new(web::text(Lang::Vi, key), web::text(Lang::En, key))
}

/// The columns of a file.
fn layout(kind: &Kind, wanted: &Wanted, about: String) -> Layout {
    let fields = wanted.fields.iter().filter_map(|at| kind.columns.get(*at));
    let named = |name: &str| kind.column(name).is_some();
    let front = ABOUT.iter().filter(|_| wanted.about).map(|(name, key, ty)| Field {
        // A field of the kind may have the same name.
        name: if named(name) {
            format!("record_{name}")
        } else {
            (*name).to_owned()
        },
        label: both(key),
        ty: *ty,
    });
    let own = fields.map(|column| Field {
        name: column.field.name.clone(),
        label: kind.label(&format!("field.{}", column.field.name)),
        ty: match column.shape {
            Shape::Boolean => Type::Boolean,
            Shape::Number(scale) => Type::Number(scale),
            Shape::Date => Type::Date,
            Shape::Text | Shape::Texts | Shape::Person | Shape::Persons => Type::Text,
        },
    });
    Layout {
        name: kind.record.name.replace('-', "_"),
        title: kind.words(
            if let Readers::People(lang) = wanted.readers {
                lang
            } else {
                Lang::Vi
            },
            "name",
        ),
        fields: front.chain(own).collect(),
        geometry: kind.geometry().filter(|_| wanted.geometry),
        crs: wanted.crs,
        readers: wanted.readers,
        about,
    }
}

struct Work {
    register: Register,
    kind: Arc<Kind>,
    wanted: Wanted,
    sink: Box<dyn Sink>,
    place: Place,
    handle: Handle,
    names: HashMap<PersonRef, String>,
    units: HashMap<UnitId, String>,
    rows: u64,
}

impl Register {
    /// Makes a file of the records of a kind.
    ///
    /// # Errors
    /// `Export` for what the file or the room for it does not take; what the store says.
    pub async fn export(&self, kind: &Arc<Kind>, format: Format, wanted: Wanted) -> Result<Made, RegisterError> {
        if format.needs_geometry() && !(wanted.geometry && kind.geometry().is_some()) {
            return Err(ExportError::NoPlace.into());
        }
        let (kind, register, handle) = (kind.clone(), self.clone(), Handle::current());
        let id = kernel::id::uuid_v7(self.world().as_ref());
        let name = format!("{}.{}", kind.record.name, format.extension());
        let now = self.now();
        let about = format!(
            "{}; {}; {}",
            kind.system_name().get(Lang::Vi),
            kind.words(Lang::Vi, "name"),
            wanted.on.map_or_else(|| now.to_string(), |day| day.to_string())
        );
        let place = self.spool().place(&name, id)?;
        self.store()
            .read(move |tx| {
                let sink = format.create(layout(&kind, &wanted, about), place.path())?;
                let work = Work {
                    register,
                    kind,
                    wanted,
                    sink,
                    place,
                    handle,
                    names: HashMap::new(),
                    units: HashMap::new(),
                    rows: 0,
                };
                work.run(tx)
            })
            .await
    }
}

impl Work {
    fn run(mut self, tx: &mut Tx) -> Result<Made, RegisterError> {
        let mut after = Uuid::nil();
        for page in 1.. {
            let (rows, last) = store::page(tx, &self.kind, &self.wanted, after, PAGE_ROWS)?;
            self.people(tx, &rows)?;
            for row in rows {
                self.row(row)?;
            }
            if u64::is_multiple_of(page, MEASURED_PAGES) {
                self.place.measure()?;
            }
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
        self.sink.finish()?;
        Ok(self.place.made(self.rows)?)
    }

    fn row(&mut self, raw: Raw) -> Result<(), RegisterError> {
        let mut cells = Vec::with_capacity(ABOUT.len() + raw.cells.len());
        if self.wanted.about {
            let register = &self.register;
            let unit = self.units.entry(raw.unit);
            let unit = unit.or_insert_with(|| register.unit_name(raw.unit, Lang::Vi)).clone();
            cells.extend([
                Cell::Text(raw.id.to_string()),
                Cell::Number(raw.revision),
                Cell::Date(raw.valid_from),
                Cell::Time(raw.known_at),
                Cell::Text(unit),
            ]);
        }
        let front = cells.len();
        cells.extend(raw.cells);
        for (at, people) in raw.people {
            let names: Vec<&str> = people
                .iter()
                .map(|id| self.names.get(id).map_or("***", String::as_str))
                .collect();
            if !names.is_empty() {
                cells[front + at] = Cell::Text(names.join("; "));
            }
        }
        self.sink.row(&cells, raw.shape.as_ref())?;
        self.rows += 1;
        Ok(())
    }

    /// The names of the people of a page. In full they are opened only after the use is on record, in a write of its own.
    fn people(&mut self, tx: &mut Tx, rows: &[Raw]) -> Result<(), RegisterError> {
        let mut unknown: Vec<PersonRef> = rows
            .iter()
            .flat_map(|row| &row.people)
            .flat_map(|(_, people)| people.iter().copied())
            .filter(|id| !self.names.contains_key(id))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        if self.names.len() + unknown.len() > NAMES_MAX {
            self.names.clear();
        }
        if let People::InFull(purpose) = &self.wanted.people {
            for part in unknown.chunks(USES_MAX) {
                self.handle
                    .block_on(self.register.identity().record_use(purpose, part))?;
            }
        }
        let keys = self.register.store().keys();
        for id in unknown {
            let Some(record) = person::record(tx, id)? else {
                continue;
            };
            let name = match &self.wanted.people {
                People::InFull(purpose) => {
                    let details: PersonDetails = person::open(&keys, purpose, &record)?;
                    let number = details.number.map(|number| format!(" · {number}")).unwrap_or_default();
                    format!("{}{number}", details.name)
                }
                People::Masked | People::LeftOut => record.name_masked,
            };
            self.names.insert(id, name);
        }
        Ok(())
    }
}
