//! A collection as whoever asks sees it: an officer sees the rows of her units with every field but people; everybody else sees
//! what the rule of open data lets out, once it is approved.

use std::sync::Arc;

use ::store::{StoreError, Tx};
use definition::expression::Value;
use definition::{FieldKind, Geometry, Sensitivity};
use identity::UnitId;
use kernel::{Bilingual, Timestamp};
use register::kind::{Column, Shape};
use register::open::Published;
use register::{Kind, Record, open};

use crate::cql::{Field, Kind as FieldType};
/// The name of the place of a feature in filters.
pub(crate) const PLACE: &str = "geometry";
/// The day since when a feature holds, unless a field has that name.
pub(crate) const VALID_FROM: &str = "valid_from";
/// The instant since when a feature is known, unless a field has that name.
pub(crate) const KNOWN_AT: &str = "known_at";

/// Which rows are seen.
#[derive(Debug, Clone)]
pub(crate) enum View {
    /// Those of these units; of all without it.
    Own(Option<Vec<UnitId>>),
    /// Those of the rule of open data.
    Public(Box<Published>),
}

/// A collection.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    /// The kind of record.
    pub(crate) kind: Arc<Kind>,
    /// Which rows.
    pub(crate) view: View,
    /// Which fields, as positions among the columns of the kind.
    pub(crate) columns: Vec<usize>,
    /// What filters may name.
    pub(crate) fields: Vec<Field>,
}

/// The id of the collection of a kind.
pub(crate) fn id_of(kind: &Kind) -> String {
    format!("{}.{}", kind.system.code, kind.record.name)
}

/// System and kind of an id.
pub(crate) fn parts(id: &str) -> Option<(&str, &str)> {
    id.split_once('.')
}

impl Collection {
    /// The collection as somebody sees it; none when she sees nothing of it.
    pub(crate) fn open(tx: &mut Tx, kind: &Arc<Kind>, units: Option<&[UnitId]>) -> Result<Option<Self>, StoreError> {
        if units.is_none_or(|units| !units.is_empty()) {
            let personal =
                |column: &Column| column.shape.is_personal() || column.field.sensitivity == Sensitivity::Personal;
            let columns = 0..kind.columns.len();
            let columns = columns.filter(|at| !personal(&kind.columns[*at])).collect();
            return Ok(Some(Self::new(kind, View::Own(units.map(<[UnitId]>::to_vec)), columns)));
        }
        let published = open::published(tx, kind)?.filter(|published| published.geometry);
        Ok(published.map(|published| {
            let columns = published.columns.clone();
            Self::new(kind, View::Public(Box::new(published)), columns)
        }))
    }

    pub(crate) fn new(kind: &Arc<Kind>, view: View, columns: Vec<usize>) -> Self {
        let mut fields = vec![Field {
            name: PLACE.to_owned(),
            kind: FieldType::Place {
                is_point: kind.geometry() == Some(Geometry::Point),
            },
            column: "west".to_owned(),
            folded: None,
            indexed: true,
        }];
        fields.extend(columns.iter().filter_map(|at| field(&kind.columns[*at])));
        let mut collection = Self {
            kind: kind.clone(),
            view,
            columns,
            fields,
        };
        for (name, kind) in collection.own() {
            collection.fields.push(Field {
                name: name.to_owned(),
                kind,
                column: name.to_owned(),
                folded: None,
                indexed: false,
            });
        }
        collection
    }

    /// What every record has besides its fields, where no field has its name. Since when it is known is for officers.
    pub(crate) fn own(&self) -> Vec<(&'static str, FieldType)> {
        let is_free = |name: &str| self.kind.column(name).is_none();
        let mut own = vec![(VALID_FROM, FieldType::Date)];
        if matches!(self.view, View::Own(_)) {
            own.push((KNOWN_AT, FieldType::Instant));
        }
        own.retain(|(name, _)| is_free(name));
        own
    }

    /// Its id.
    pub(crate) fn id(&self) -> String {
        id_of(&self.kind)
    }

    /// What it is called.
    pub(crate) fn title(&self) -> Bilingual {
        let open = self.kind.record.open.as_ref().and_then(|open| open.title.clone());
        open.unwrap_or_else(|| self.kind.label("name"))
    }

    /// What it is.
    pub(crate) fn description(&self) -> Bilingual {
        let open = self.kind.record.open.as_ref().and_then(|open| open.description.clone());
        open.unwrap_or_else(|| self.kind.system_name())
    }

    /// The licence under which everybody may use it.
    pub(crate) fn licence(&self) -> Option<&str> {
        match &self.view {
            View::Own(_) => None,
            View::Public(published) => Some(&published.rule.licence),
        }
    }

    /// Whether the field by which lists are sorted is not to be known here: neither from the order nor from a cursor.
    pub(crate) fn hides_order(&self) -> bool {
        self.kind.order.is_some_and(|(at, _)| !self.columns.contains(&at))
    }

    /// Whose rows it holds, as a text that differs where they differ.
    pub(crate) fn whose(&self) -> String {
        match &self.view {
            View::Own(units) => format!("{units:?}"),
            View::Public(published) => published.approval.id.to_string(),
        }
    }

    /// Its columns.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().map(|at| &self.kind.columns[*at])
    }

    /// The values of a record, in the order of the fields.
    pub(crate) fn values(&self, record: &Record) -> Vec<Value> {
        let own = |field: &Field| match (field.name.as_str(), &record.shape) {
            (PLACE, Some(_)) => Value::Bool(true),
            (PLACE, None) => Value::Null,
            (VALID_FROM, _) if field.column == VALID_FROM => Value::Date(record.valid_from),
            (KNOWN_AT, _) if field.column == KNOWN_AT => Value::Instant(record.known_at),
            (name, _) => record.values.get(name).cloned().unwrap_or(Value::Null),
        };
        self.fields.iter().map(own).collect()
    }

    /// When it changed last, as far as one record says.
    pub(crate) fn touched(&self, record: &Record) -> Option<Timestamp> {
        matches!(self.view, View::Own(_)).then_some(record.known_at)
    }
}

/// What filters may say of a column; nothing of lists.
fn field(column: &Column) -> Option<Field> {
    let kind = match (column.shape, &column.field.kind) {
        (Shape::Boolean, _) => FieldType::Bool,
        (Shape::Number(scale), _) => FieldType::Number(scale),
        (Shape::Date, _) => FieldType::Date,
        (_, FieldKind::File { .. }) => return None,
        (Shape::Text, _) => FieldType::Text,
        _ => return None,
    };
    Some(Field {
        name: column.field.name.clone(),
        kind,
        column: column.name.clone(),
        folded: column.filter.clone().filter(|_| column.is_folded()),
        indexed: column.filter.is_some(),
    })
}
