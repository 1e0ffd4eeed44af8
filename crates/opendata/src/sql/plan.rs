//! Holds a statement against the fields of a resource: which columns the answer has, of which types, and whether each comparison means
//! something. Pure. Owns the way from a written number or day to a value of the field's type; refuses what has no meaning.

use kernel::Date;
use uuid::Uuid;

use super::{Aggregate, Cond, Item, Literal, Op, Query, ROWS_DEFAULT, ROWS_MAX, SqlError, What};
use crate::rows::{Sheet, Ty};

/// A column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// What it is worked out from.
    pub what: What,
    /// Decimals of the field that it is worked out from.
    pub scale: u8,
}

/// A statement that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The columns of the answer.
    pub columns: Vec<Out>,
    /// Whether each row is answered once.
    pub distinct: bool,
    /// Which rows.
    pub filter: Option<Checked>,
    /// Fields by which rows are grouped.
    pub group: Vec<String>,
    /// The order.
    pub order: Vec<(By, bool)>,
    /// Most rows.
    pub limit: u64,
    /// Rows passed over.
    pub offset: u64,
}

/// What rows are put in order by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A field of the resource.
    Field(String),
    /// A column of the answer, by its place.
    Column(usize),
}

/// A value of a field's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Text.
    Text(String),
    /// A number in units of the field; of degrees, in millionths.
    Units(i64),
    /// Degrees, in millionths.
    Micro(i64),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Date(Date),
    /// A record.
    Id(Uuid),
}

/// A condition that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// Both.
    And(Box<Checked>, Box<Checked>),
    /// One of them.
    Or(Box<Checked>, Box<Checked>),
    /// The opposite.
    Not(Box<Checked>),
    /// A field held against a value.
    Compare(String, Op, Operand),
    /// False for every value: a number with more decimals than the field has. Unknown where there is none.
    Never(String),
    /// True for every value; unknown where there is none.
    Always(String),
    /// Whether there is no value; whether there is one when false.
    IsNull(String, bool),
    /// The text that must be there, and whether something may stand before and behind it.
    Like(String, String, bool, bool),
}

/// Checks a statement.
///
/// # Errors
/// [`SqlError::Field`], [`SqlError::Type`], [`SqlError::Grouping`].
pub fn plan(query: &Query, sheet: &Sheet) -> Result<Plan, SqlError> {
    let columns = columns(query, sheet)?;
    let mut group = Vec::new();
    for name in &query.group {
        let ty = ty_of(sheet, name)?;
        if !ty.is_ordered() {
            return Err(SqlError::Type(name.clone(), "it cannot be grouped by"));
        }
        group.push(name.clone());
    }
    let is_grouped = !group.is_empty() || columns.iter().any(|out| !matches!(out.what, What::Field(_)));
    if is_grouped {
        for out in &columns {
            if let What::Field(field) = &out.what
                && !group.contains(field)
            {
                return Err(SqlError::Grouping(field.clone()));
            }
        }
    }
    let order = query
        .order
        .iter()
        .map(|(name, descending)| Ok((by(name, &columns, sheet, is_grouped || query.distinct)?, *descending)));
    let filter = query.filter.as_ref().map(|cond| check(cond, sheet)).transpose()?;
    if query.distinct && columns.iter().any(|out| !out.ty.is_ordered()) {
        return Err(SqlError::Type(
            "distinct".to_owned(),
            "lists and geometries cannot be told apart",
        ));
    }
    Ok(Plan {
        order: order.collect::<Result<_, SqlError>>()?,
        columns,
        distinct: query.distinct,
        filter,
        group,
        limit: query.limit.unwrap_or(ROWS_DEFAULT).min(ROWS_MAX),
        offset: query.offset.min(i64::MAX.unsigned_abs()),
    })
}

fn ty_of(sheet: &Sheet, name: &str) -> Result<Ty, SqlError> {
    let field = sheet.field(name).ok_or_else(|| SqlError::Field(name.to_owned()))?;
    Ok(field.ty)
}

fn columns(query: &Query, sheet: &Sheet) -> Result<Vec<Out>, SqlError> {
    let all: Vec<Item> = sheet.fields.iter().map(|field| Item::field(&field.name)).collect();
    let items = if query.items.is_empty() { &all } else { &query.items };
    let mut columns: Vec<Out> = Vec::with_capacity(items.len());
    for item in items {
        let ty = match &item.what {
            What::Field(name) => ty_of(sheet, name)?,
            What::CountAll => Ty::Number(0),
            What::Aggregate(aggregate, name, _) => of_aggregate(*aggregate, name, ty_of(sheet, name)?)?,
        };
        // Two columns of one name would be one in an answer by names.
        let name = item.name().to_owned();
        let taken = columns.iter().filter(|out| out.name == name).count();
        let name = if taken > 0 {
            format!("{name}_{}", columns.len())
        } else {
            name
        };
        let source = match &item.what {
            What::Field(field) | What::Aggregate(_, field, _) => sheet.field(field).map(|field| field.ty),
            What::CountAll => None,
        };
        let scale = if let Some(Ty::Number(scale)) = source { scale } else { 0 };
        columns.push(Out {
            scale,
            name,
            ty,
            what: item.what.clone(),
        });
    }
    Ok(columns)
}

fn of_aggregate(aggregate: Aggregate, name: &str, ty: Ty) -> Result<Ty, SqlError> {
    let refused = |why| Err(SqlError::Type(name.to_owned(), why));
    match (aggregate, ty) {
        (Aggregate::Count, ty) if ty.is_ordered() => Ok(Ty::Number(0)),
        (Aggregate::Count, _) => refused("lists and geometries cannot be counted"),
        (Aggregate::Sum, Ty::Number(scale)) => Ok(Ty::Number(scale)),
        (Aggregate::Avg, Ty::Number(_) | Ty::Degrees) => Ok(Ty::Mean),
        (Aggregate::Sum | Aggregate::Avg, _) => refused("it is no number"),
        (Aggregate::Min | Aggregate::Max, Ty::Text | Ty::Number(_) | Ty::Date | Ty::Degrees) => Ok(ty),
        (Aggregate::Min | Aggregate::Max, _) => refused("it has no order"),
    }
}

fn by(name: &str, columns: &[Out], sheet: &Sheet, only_columns: bool) -> Result<By, SqlError> {
    if let Some(at) = columns.iter().position(|out| out.name == name) {
        return if columns[at].ty.is_ordered() {
            Ok(By::Column(at))
        } else {
            Err(SqlError::Type(name.to_owned(), "it has no order"))
        };
    }
    if only_columns {
        return Err(SqlError::Grouping(name.to_owned()));
    }
    if ty_of(sheet, name)?.is_ordered() {
        Ok(By::Field(name.to_owned()))
    } else {
        Err(SqlError::Type(name.to_owned(), "it has no order"))
    }
}

fn check(cond: &Cond, sheet: &Sheet) -> Result<Checked, SqlError> {
    let both =
        |one: &Cond, other: &Cond| Ok::<_, SqlError>((Box::new(check(one, sheet)?), Box::new(check(other, sheet)?)));
    Ok(match cond {
        Cond::And(one, other) => both(one, other).map(|(one, other)| Checked::And(one, other))?,
        Cond::Or(one, other) => both(one, other).map(|(one, other)| Checked::Or(one, other))?,
        Cond::Not(inner) => Checked::Not(Box::new(check(inner, sheet)?)),
        Cond::IsNull(name, is_null) => {
            ty_of(sheet, name)?;
            Checked::IsNull(name.clone(), *is_null)
        }
        Cond::Compare(name, op, literal) => compare(name, *op, literal, ty_of(sheet, name)?)?,
        Cond::In(name, all) => {
            let ty = ty_of(sheet, name)?;
            let mut any: Option<Checked> = None;
            for literal in all {
                let one = compare(name, Op::Eq, literal, ty)?;
                any = Some(match any {
                    Some(any) => Checked::Or(Box::new(any), Box::new(one)),
                    None => one,
                });
            }
            any.unwrap_or_else(|| Checked::Never(name.clone()))
        }
        Cond::Like {
            field,
            text,
            before,
            behind,
        } => {
            if ty_of(sheet, field)? != Ty::Text {
                return Err(SqlError::Type(field.clone(), "LIKE takes texts"));
            }
            Checked::Like(field.clone(), text.clone(), *before, *behind)
        }
    })
}

fn compare(name: &str, op: Op, literal: &Literal, ty: Ty) -> Result<Checked, SqlError> {
    let refused = |why| Err(SqlError::Type(name.to_owned(), why));
    let operand = match (ty, literal) {
        (Ty::Text, Literal::Text(text)) => Operand::Text(text.clone()),
        (Ty::Bool, Literal::Bool(yes)) if matches!(op, Op::Eq | Op::Ne) => Operand::Bool(*yes),
        (Ty::Bool, _) => return refused("it is TRUE or FALSE, and has no order"),
        (Ty::Date, Literal::Text(text)) => match text.parse() {
            Ok(day) => Operand::Date(day),
            Err(_) => return refused("a day is written '2026-01-31'"),
        },
        (Ty::Id, Literal::Text(text)) => match (Uuid::parse_str(text), op) {
            (Ok(id), Op::Eq | Op::Ne) => Operand::Id(id),
            _ => return refused("it is held against the id of a record by = and <>"),
        },
        (Ty::Number(scale), Literal::Number(units, decimals)) => {
            return Ok(number(name, op, (*units, *decimals), scale));
        }
        (Ty::Degrees, Literal::Number(units, decimals)) => {
            if matches!(op, Op::Eq | Op::Ne) {
                return refused("degrees are held against numbers by < and >");
            }
            match i128::from(*units).checked_mul(10_i128.pow(u32::from(6 - (*decimals).min(6)))) {
                Some(micro) => {
                    Operand::Micro(i64::try_from(micro).unwrap_or(if micro < 0 { i64::MIN } else { i64::MAX }))
                }
                None => return refused("the number is too large"),
            }
        }
        (Ty::Texts | Ty::Geometry, _) => return refused("it cannot be compared"),
        (Ty::Text | Ty::Date | Ty::Id, _) => return refused("it is held against a text in single quotes"),
        (Ty::Number(_) | Ty::Degrees | Ty::Mean, _) => return refused("it is held against a number"),
    };
    Ok(Checked::Compare(name.to_owned(), op, operand))
}

/// Holds a field with `scale` decimals against a number with others, without ever multiplying the field: what lies between two values
/// of the field is rounded down, and the comparison made to fit.
fn number(name: &str, op: Op, (units, decimals): (i64, u8), scale: u8) -> Checked {
    let factor = |by: u8| 10_i128.pow(u32::from(by));
    let units = i128::from(units);
    let (low, exact) = if decimals <= scale {
        (units * factor(scale - decimals), true)
    } else {
        let divisor = factor(decimals - scale);
        (units.div_euclid(divisor), units.rem_euclid(divisor) == 0)
    };
    let name = name.to_owned();
    let Ok(low) = i64::try_from(low) else {
        // Beyond every value that a field can have.
        let is_above = low > 0;
        return match op {
            Op::Lt | Op::Le if is_above => Checked::Always(name),
            Op::Gt | Op::Ge if !is_above => Checked::Always(name),
            Op::Ne => Checked::Always(name),
            _ => Checked::Never(name),
        };
    };
    let op = match (op, exact) {
        (op, true) => op,
        (Op::Eq, false) => return Checked::Never(name),
        (Op::Ne, false) => return Checked::Always(name),
        (Op::Lt | Op::Le, false) => Op::Le,
        (Op::Gt | Op::Ge, false) => Op::Gt,
    };
    Checked::Compare(name, op, Operand::Units(low))
}
