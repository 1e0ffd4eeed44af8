//! From rows of a register to a sheet. Owns which fields a layer carries: what lists show and filter by, what is published, nothing
//! of people; and how their values are written.

use std::borrow::Cow;

use ::store::{Row, ScalarKind, StoreError, Tx, Value as Cell};
use definition::{FieldKind, Geometry, TitlePart};
use identity::UnitId;
use kernel::Date;
use register::Kind;
use register::geometry::Shape as Place;
use register::kind::{Column, Shape};
use register::open::Published;
use register::place::store::{VALUES_FROM, Which, rows};

use super::mercator::to_world;
use super::mvt::value;
use super::sheet::{Builder, RowHead, Sheet};

/// Most fields that a layer carries.
const FIELDS_MAX: usize = 12;
/// Rows after which the memory is looked at.
const LOOK_ROWS: usize = 4_096;

/// What of a kind a layer carries: positions among its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    /// Fields of features, each with whether it is published.
    pub(crate) fields: Vec<(usize, bool)>,
    /// Fields to filter by, each with whether it is published.
    pub(crate) filters: Vec<(usize, bool)>,
}

fn is_drawn(column: &Column) -> bool {
    !column.shape.is_personal() && column.shape != Shape::Texts && !column.field.retired
}

impl Carried {
    pub(crate) fn of(kind: &Kind, published: Option<&Published>) -> Self {
        let is_public = |at: usize| published.is_some_and(|rule| rule.columns.contains(&at));
        let titled = kind.columns.iter().enumerate().filter(|(_, column)| {
            let names = |part: &TitlePart| matches!(part, TitlePart::Field(name) if *name == column.field.name);
            kind.record.title.iter().any(names)
        });
        let titled: Vec<usize> = titled.map(|(at, _)| at).collect();
        let open = published.map_or(&[][..], |rule| &rule.columns);
        let mut fields: Vec<usize> = Vec::new();
        for at in titled.iter().chain(&kind.shown).chain(&kind.filters).chain(open) {
            if is_drawn(&kind.columns[*at]) && !fields.contains(at) && fields.len() < FIELDS_MAX {
                fields.push(*at);
            }
        }
        let filters = kind.filters.iter().filter(|at| {
            let column = &kind.columns[**at];
            is_drawn(column) && column.filter.is_some()
        });
        Self {
            fields: fields.into_iter().map(|at| (at, is_public(at))).collect(),
            filters: filters.map(|at| (*at, is_public(*at))).collect(),
        }
    }
}

/// Why there is no sheet.
pub(crate) enum Unloaded {
    /// The rows take more memory than there is for them.
    TooLarge,
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for Unloaded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is read of a kind.
pub(crate) struct Wanted<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) published: Option<&'a Published>,
    pub(crate) today: Date,
    pub(crate) which: Which<'a>,
    /// Most memory, in bytes.
    pub(crate) most: usize,
}

/// Reads rows into a sheet.
pub(crate) fn sheet(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<Sheet, Unloaded> {
    let kind = wanted.kind;
    let carried = Carried::of(kind, wanted.published);
    let name = |at: &usize| kind.columns[*at].field.name.clone();
    let named = |all: &[(usize, bool)]| all.iter().map(|(at, open)| (name(at), *open)).collect();
    let is_point = kind.geometry() == Some(Geometry::Point);
    let is_area = kind.geometry() == Some(Geometry::Polygon);
    let mut builder = Builder::new(is_point, is_area, named(&carried.fields), named(&carried.filters));
    let columns: Vec<&str> = carried
        .fields
        .iter()
        .map(|(at, _)| kind.columns[*at].name.as_str())
        .chain(
            carried
                .filters
                .iter()
                .filter_map(|(at, _)| kind.columns[*at].filter.as_deref()),
        )
        .collect();
    let (mut count, mut is_too_large) = (0_usize, false);
    let on = &mut |row: &Row<'_>| {
        count += 1;
        if count.is_multiple_of(LOOK_ROWS) && builder.size() > wanted.most {
            is_too_large = true;
            return Err(StoreError::Config("a layer is too large for its memory".to_owned()));
        }
        take(&mut builder, kind, &carried, is_point, row)
    };
    let today = (wanted.published, wanted.today);
    match rows(tx, kind, &columns, today, wanted.which, on) {
        Err(_) if is_too_large => Err(Unloaded::TooLarge),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(builder.finish()),
    }
}

fn take(
    builder: &mut Builder,
    kind: &Kind,
    carried: &Carried,
    is_point: bool,
    row: &Row<'_>,
) -> Result<(), StoreError> {
    let head = RowHead {
        id: row.get(0)?,
        unit: row.get::<UnitId>(1)?,
        is_published: row.get::<Option<bool>>(VALUES_FROM - 1)?.unwrap_or(false),
    };
    if is_point {
        builder.point(&head, to_world(row.get(2)?, row.get(3)?));
    } else {
        let Some(bytes) = row.get::<Option<Vec<u8>>>(6)? else {
            return Ok(());
        };
        let shape = Place::from_wkb(&bytes).map_err(|fault| StoreError::Corrupt(fault.to_string()))?;
        let line = |positions: &[[f64; 2]]| positions.iter().map(|[x, y]| to_world(*x, *y)).collect::<Vec<_>>();
        let rings: Vec<(Vec<[u32; 2]>, bool)> = match &shape {
            Place::Point(at) => vec![(vec![to_world(at[0], at[1])], true)],
            Place::Line(positions) => vec![(line(positions), true)],
            Place::Polygon(rings) => rings
                .iter()
                .enumerate()
                .map(|(at, ring)| (line(ring), at == 0))
                .collect(),
        };
        if !builder.shape(&head, &rings) {
            return Ok(());
        }
    }
    let mut at = VALUES_FROM;
    for (column, (place, _)) in carried.fields.iter().enumerate() {
        let value = encoded(kind.columns[*place].shape, row, at)?;
        builder.value(column, value.as_deref());
        at += 1;
    }
    for (filter, (place, _)) in carried.filters.iter().enumerate() {
        let value = compared(&kind.columns[*place], row, at)?;
        builder.filter(filter, value.as_deref());
        at += 1;
    }
    Ok(())
}

/// A value as tiles write it.
fn encoded(shape: Shape, row: &Row<'_>, at: usize) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(match shape {
        Shape::Boolean => row.get::<Option<bool>>(at)?.map(value::truth),
        Shape::Text => text(row, at)?.map(|text| value::text(&text)),
        Shape::Number(0) => row.get::<Option<i64>>(at)?.map(value::whole),
        Shape::Number(scale) => {
            let units: Option<i64> = row.get(at)?;
            units.map(|units| value::double(units as f64 / 10_f64.powi(i32::from(scale))))
        }
        Shape::Date => row.get::<Option<Date>>(at)?.map(|day| value::text(&day.to_string())),
        Shape::Person | Shape::Persons | Shape::Texts => None,
    })
}

fn text<'r>(row: &'r Row<'_>, at: usize) -> Result<Option<Cow<'r, str>>, StoreError> {
    Ok(match row.value(at, ScalarKind::Text)? {
        Cell::Text(text) => Some(text),
        _ => None,
    })
}

/// What filters compare: the folded text, or the value itself, as bytes.
fn compared(column: &Column, row: &Row<'_>, at: usize) -> Result<Option<Vec<u8>>, StoreError> {
    if column.is_folded() || column.shape == Shape::Text {
        return Ok(text(row, at)?.map(|text| text.as_bytes().to_vec()));
    }
    encoded(column.shape, row, at)
}

/// The bytes that a typed value of a filter is compared by; none when it cannot be a value of the field.
pub(crate) fn wanted_bytes(column: &Column, typed: &str) -> Option<Box<[u8]>> {
    use definition::expression::Value;
    use register::record::value::parse;
    let parsed = parse(column.field, typed).ok()?;
    if let (FieldKind::Choice(words), Value::Text(word)) = (&column.field.kind, &parsed)
        && !words.contains(word)
    {
        return None;
    }
    let bytes = match (column.shape, parsed) {
        (Shape::Text, Value::Text(text)) if column.is_folded() => kernel::fold::fold(&text).into_bytes(),
        (Shape::Text, Value::Text(text)) => text.into_bytes(),
        (Shape::Boolean, Value::Bool(yes)) => value::truth(yes),
        (Shape::Number(0), Value::Number(number)) => value::whole(number.rescaled(0)?.units()),
        (Shape::Number(scale), Value::Number(number)) => {
            value::double(number.rescaled(scale)?.units() as f64 / 10_f64.powi(i32::from(scale)))
        }
        (Shape::Date, Value::Date(day)) => value::text(&day.to_string()),
        _ => return None,
    };
    Some(bytes.into())
}
