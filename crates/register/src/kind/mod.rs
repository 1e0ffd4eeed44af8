//! A kind of record as the register sees it: the tables it lies in, a typed column for each field, and what lists filter and
//! sort by. Owns the way from a definition to these; refuses kinds whose personal fields could not be sealed yet.

pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod words;

use definition::{Field, FieldKind, Geometry, RecordKind, Sensitivity, System};
use kernel::{Bilingual, Lang};
use ring::digest::{SHA256, digest};

pub(crate) use words::register as register_words;

/// Longest name of a table; PostgreSQL cuts names after 63 bytes, and indexes are called after their table.
const TABLE_CHARS_MAX: usize = 40;

/// How a field is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// `BOOLEAN`.
    Boolean,
    /// `TEXT`: texts, choices, codes, areas, addresses.
    Text,
    /// `BIGINT`: a scaled integer with so many decimals.
    Number(u8),
    /// `DATE`.
    Date,
    /// `UUID`: the record of a person, whose details are sealed where it lies.
    Person,
    /// `JSONB`: several persons, by their records.
    Persons,
    /// `JSONB`: several texts.
    Texts,
}

impl Shape {
    fn of(field: &Field) -> Option<Self> {
        Some(match (&field.kind, field.many) {
            (FieldKind::Person, None) => Self::Person,
            (FieldKind::Person, Some(_)) => Self::Persons,
            (FieldKind::File { .. }, _) => return None,
            (FieldKind::Boolean, None) => Self::Boolean,
            (FieldKind::Number { ty, .. }, None) => Self::Number(ty.scale),
            (FieldKind::Date { .. }, None) => Self::Date,
            (_, None) => Self::Text,
            (FieldKind::Text { .. } | FieldKind::Choice(_) | FieldKind::Code(_), Some(_)) => Self::Texts,
            (_, Some(_)) => return None,
        })
    }

    /// Its word, by which the next definition is held against it.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Boolean => "boolean".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Number(scale) => format!("number:{scale}"),
            Self::Date => "date".to_owned(),
            Self::Person => "person".to_owned(),
            Self::Persons => "persons".to_owned(),
            Self::Texts => "texts".to_owned(),
        }
    }

    /// Whether it names people.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Person | Self::Persons)
    }
}

/// A field with its columns.
#[derive(Debug, Clone)]
pub struct Column {
    /// The field.
    pub field: &'static Field,
    /// How it is stored.
    pub shape: Shape,
    /// The key of its label among the texts of pages.
    pub label: &'static str,
    /// Name of its column.
    pub name: String,
    /// Name of the column that filters compare: the folded text, or the column itself. None without an index.
    pub filter: Option<String>,
    /// Name of the column that lists are sorted by: bytes in the order of the values, nothing first. None without an index.
    pub sort: Option<String>,
}

/// A kind of record with its tables.
#[derive(Debug, Clone)]
pub struct Kind {
    /// The system that defines it.
    pub system: &'static System,
    /// The definition.
    pub record: &'static RecordKind,
    /// Table of what holds.
    pub table: String,
    /// Table of what held before.
    pub history: String,
    /// Fields with their columns, in the order of the form.
    pub columns: Vec<Column>,
    /// Fields that lists show beside the title, as positions in `columns`.
    pub shown: Vec<usize>,
    /// Fields that lists filter by.
    pub filters: Vec<usize>,
    /// Field by which lists are sorted when nothing else is asked, and whether from the greatest.
    pub order: Option<(usize, bool)>,
}

impl Kind {
    /// The kind as the register keeps it.
    ///
    /// # Errors
    /// Words for the operator: the kind has a field that cannot be kept yet.
    pub fn of(system: &'static System, record: &'static RecordKind) -> Result<Self, String> {
        let (mut columns, prefix) = (Vec::new(), words::prefix(system));
        for field in &record.fields {
            let name = format!("{}.{}", record.name, field.name);
            let Some(shape) = Shape::of(field) else {
                if field.required && !field.retired {
                    return Err(format!("{name}: a field of this type cannot be required yet"));
                }
                continue;
            };
            if field.sensitivity == Sensitivity::Personal && !shape.is_personal() {
                return Err(format!("{name}: only persons can be personal yet"));
            }
            let label = words::key(&prefix, &format!("record.{}.field.{}", record.name, field.name));
            columns.push(Column::new(field, shape, label));
        }
        let table = table_name(&system.code, &record.name);
        let mut kind = Self {
            system,
            record,
            history: format!("{table}_was"),
            table,
            columns,
            shown: Vec::new(),
            filters: Vec::new(),
            order: None,
        };
        kind.lists();
        Ok(kind)
    }

    /// What lists show: as the pages of the definition say, else what follows from the types.
    fn lists(&mut self) {
        let place = |columns: &[Column], name: &str| columns.iter().position(|column| column.field.name == name);
        let is_live = |column: &Column| !column.field.retired && !column.shape.is_personal();
        if let Some(page) = self.system.pages.iter().find(|page| page.record == self.record.name) {
            let places = |names: &[String]| names.iter().filter_map(|name| place(&self.columns, name)).collect();
            let (shown, filters): (Vec<usize>, Vec<usize>) = (places(&page.columns), places(&page.filters));
            let order = page.sort.as_ref();
            self.order = order.and_then(|(name, descending)| Some((place(&self.columns, name)?, *descending)));
            (self.shown, self.filters) = (shown, filters);
        }
        let of = |wanted: &dyn Fn(&Column) -> bool| {
            let found = self.columns.iter().enumerate();
            found
                .filter(|(_, column)| is_live(column) && wanted(column))
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        };
        let titled = |column: &Column| {
            self.record
                .title
                .iter()
                .any(|part| matches!(part, definition::TitlePart::Field(name) if *name == column.field.name))
        };
        if self.shown.is_empty() {
            self.shown = of(&|column| !titled(column)).into_iter().take(4).collect();
        }
        if self.filters.is_empty() {
            self.filters =
                of(&|column| column.filter.is_some() && !matches!(column.shape, Shape::Date | Shape::Number(_)));
        }
        if self.order.is_none() {
            let date = of(&|column| column.sort.is_some() && column.shape == Shape::Date)
                .first()
                .copied();
            self.order = date.map(|at| (at, true));
        }
    }

    /// The path of its list.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/registers/{}/{}", self.system.code, self.record.name)
    }

    /// The path of its operations.
    #[must_use]
    pub fn api_path(&self) -> String {
        format!("/api{}", self.path())
    }

    /// What it looks like on a map.
    #[must_use]
    pub fn geometry(&self) -> Option<Geometry> {
        self.record.geometry
    }

    /// The column of a field.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.field.name == field)
    }

    /// Whether records of it can come from a file: people cannot, because a file is not sealed.
    #[must_use]
    pub fn is_importable(&self) -> bool {
        !self
            .columns
            .iter()
            .any(|column| column.shape.is_personal() && column.field.required && !column.field.retired)
    }

    /// Whether it names people anywhere.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.columns.iter().any(|column| column.shape.is_personal())
    }

    /// A label of the kind: `name`, `field.tag`, `choice.health.good`, `rule.says`.
    #[must_use]
    pub fn label(&self, key: &str) -> Bilingual {
        let whole = format!("record.{}.{key}", self.record.name);
        let found = self.system.texts.get(&whole).cloned();
        found.unwrap_or_else(|| Bilingual::vi(key.rsplit('.').next().unwrap_or(key)))
    }

    /// The same in a language.
    #[must_use]
    pub fn words(&self, lang: Lang, key: &str) -> String {
        self.label(key).get(lang).to_owned()
    }

    /// What its system is called.
    #[must_use]
    pub fn system_name(&self) -> Bilingual {
        let found = self.system.texts.get("system.name").cloned();
        found.unwrap_or_else(|| Bilingual::vi(&self.system.code))
    }
}

impl Column {
    /// The key of the label lives as long as the program, as the definition does.
    fn new(field: &'static Field, shape: Shape, label: String) -> Self {
        let name = format!("f_{}", field.name);
        let is_indexed = field.index && !field.retired;
        let folds = shape == Shape::Text && !matches!(field.kind, FieldKind::Choice(_));
        let filter = is_indexed.then(|| {
            if folds {
                format!("x_{}", field.name)
            } else {
                name.clone()
            }
        });
        // A choice has no order of its own: it is filtered by.
        let sorts = matches!(shape, Shape::Number(_) | Shape::Date) || folds;
        let sort = (is_indexed && sorts).then(|| format!("s_{}", field.name));
        Self {
            field,
            shape,
            label: Box::leak(label.into_boxed_str()),
            name,
            filter,
            sort,
        }
    }

    /// Whether filters compare a folded text that is stored beside the value.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.filter.as_ref().is_some_and(|filter| *filter != self.name)
    }
}

fn table_name(system: &str, kind: &str) -> String {
    let whole = format!("reg_{system}_{kind}").replace('-', "_");
    if whole.len() <= TABLE_CHARS_MAX {
        return whole;
    }
    let hash = hex::encode(&digest(&SHA256, whole.as_bytes()).as_ref()[..4]);
    format!("{}_{hash}", &whole[..TABLE_CHARS_MAX - 9])
}
