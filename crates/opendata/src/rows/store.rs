//! SQL of what leaves: built by `sea-query` from a sheet, because the tables are. Each statement reads from one inner query that has
//! the published fields of the published rows and nothing else. Owns the counting of groups, which leaves out the number of small ones.

use ::store::{EngineKind, Row, StoreError, Tx};
use kernel::{Date, Timestamp};
use register::geometry::Shape as Place;
use sea_query::{Alias, Condition, Expr, ExprTrait as _, Func, NullOrdering, Order, Query, SelectStatement};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{COUNT, Cell, Measured, Sheet, Ty};
use crate::sql::plan::{By, Checked, Operand, Out, Plan};
use crate::sql::{Aggregate, Op, What};

/// The name of the inner query.
const INNER: &str = "published";
/// Bars of a chart.
const BARS_MAX: u64 = 12;
/// Charts of a dataset.
const CHARTS_MAX: usize = 3;

fn iden(name: &str) -> Alias {
    Alias::new(name)
}

fn col(name: &str) -> Expr {
    Expr::col(iden(name))
}

/// The published fields of the published rows.
fn base(tx: &mut Tx, sheet: &Sheet, today: Date) -> Result<SelectStatement, StoreError> {
    let kind = &sheet.kind;
    let mut select = Query::select().from(iden(&kind.table)).to_owned();
    for field in &sheet.fields {
        match &field.column {
            Some(column) => {
                select.expr_as(col(column), iden(&field.name));
            }
            None => {
                let least = i64::from(sheet.published.rule.suppress_below.unwrap_or(1));
                let all = || Expr::cust("COUNT(*)");
                select.expr_as(Expr::case(all().gte(least), all()), iden(COUNT));
            }
        }
    }
    if let Some(condition) = sheet.published.condition(kind, tx.engine(), today) {
        select.and_where(condition);
    }
    if let Some(batch) = register::open::hidden(tx, kind)? {
        select.cond_where(Condition::any().add(col("batch").is_null()).add(col("batch").ne(batch)));
    }
    if !sheet.has_records() {
        select.add_group_by(sheet.fields.iter().filter_map(|field| field.column.as_deref()).map(col));
    }
    Ok(select)
}

/// Answers a statement.
///
/// # Errors
/// What the store says.
pub(crate) fn run(tx: &mut Tx, sheet: &Sheet, plan: &Plan, today: Date) -> Result<Vec<Vec<Cell>>, StoreError> {
    let engine = tx.engine();
    let mut select = Query::select()
        .from_subquery(base(tx, sheet, today)?, iden(INNER))
        .to_owned();
    for (at, out) in plan.columns.iter().enumerate() {
        select.expr_as(expression(out), iden(&place(at)));
    }
    if plan.distinct {
        select.distinct();
    }
    if let Some(filter) = &plan.filter {
        select.and_where(condition(filter, engine));
    }
    select.add_group_by(plan.group.iter().map(|name| col(name)));
    for (by, descending) in &plan.order {
        let what = match by {
            By::Field(name) => col(name),
            By::Column(at) => col(&place(*at)),
        };
        // What has no value comes last, and first from the greatest: PostgreSQL's order, said to both.
        let (order, nulls) = if *descending {
            (Order::Desc, NullOrdering::First)
        } else {
            (Order::Asc, NullOrdering::Last)
        };
        select.order_by_expr_with_nulls(what, order, nulls);
    }
    select.limit(plan.limit).offset(plan.offset);
    let types: Vec<Ty> = plan.columns.iter().map(|out| out.ty).collect();
    tx.all_built(select, |row| {
        let mut cells = Vec::with_capacity(types.len());
        for (at, ty) in types.iter().enumerate() {
            cells.push(cell(*ty, row, at)?);
        }
        Ok(cells.into_iter().zip(&plan.columns).map(mean).collect())
    })
}

/// Columns are named by their place, so that the name of an answer is never part of a statement.
fn place(at: usize) -> String {
    format!("c{at}")
}

/// The mean of a scaled number is brought to its unit here: the engine counts units.
fn mean((cell, out): (Cell, &Out)) -> Cell {
    match (cell, &out.what) {
        (Cell::Float(mean), What::Aggregate(Aggregate::Avg, _, _)) => {
            let mean = mean / 10_f64.powi(i32::from(out.scale));
            Cell::Float((mean * 1e6).round() / 1e6)
        }
        (cell, _) => cell,
    }
}

fn expression(out: &Out) -> Expr {
    match &out.what {
        What::Field(name) => col(name),
        What::CountAll => Expr::cust("COUNT(*)"),
        What::Aggregate(Aggregate::Count, name, true) => col(name).count_distinct(),
        What::Aggregate(Aggregate::Count, name, false) => col(name).count(),
        What::Aggregate(Aggregate::Sum, name, _) => col(name).sum().cast_as(iden("BIGINT")),
        What::Aggregate(Aggregate::Min, name, _) => col(name).min(),
        What::Aggregate(Aggregate::Max, name, _) => col(name).max(),
        What::Aggregate(Aggregate::Avg, name, _) => Expr::from(Func::avg(col(name))).cast_as(iden("DOUBLE PRECISION")),
    }
}

fn condition(checked: &Checked, engine: EngineKind) -> Expr {
    match checked {
        Checked::And(one, other) => condition(one, engine).and(condition(other, engine)),
        Checked::Or(one, other) => condition(one, engine).or(condition(other, engine)),
        Checked::Not(inner) => condition(inner, engine).not(),
        Checked::IsNull(name, true) => col(name).is_null(),
        Checked::IsNull(name, false) => col(name).is_not_null(),
        // True or false by itself where there is a value, unknown where there is none.
        Checked::Always(name) => col(name).eq(col(name)),
        Checked::Never(name) => col(name).ne(col(name)),
        Checked::Compare(name, op, operand) => compare(col(name), *op, value(operand)),
        Checked::Like(name, text, before, behind) => like(name, text, *before, *behind, engine),
    }
}

fn value(operand: &Operand) -> Expr {
    match operand {
        Operand::Text(text) => Expr::value(text.clone()),
        Operand::Units(units) => Expr::value(*units),
        Operand::Micro(micro) => Expr::value(*micro as f64 / 1e6),
        Operand::Bool(yes) => Expr::value(*yes),
        Operand::Date(day) => Expr::value(*day),
        Operand::Id(id) => Expr::value(*id),
    }
}

fn compare(field: Expr, op: Op, value: Expr) -> Expr {
    match op {
        Op::Eq => field.eq(value),
        Op::Ne => field.ne(value),
        Op::Lt => field.lt(value),
        Op::Le => field.lte(value),
        Op::Gt => field.gt(value),
        Op::Ge => field.gte(value),
    }
}

/// A text at the beginning, at the end or anywhere. Capitals and marks count: the engines' own `LIKE` disagree about them.
fn like(name: &str, text: &str, before: bool, behind: bool, engine: EngineKind) -> Expr {
    let chars = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let wanted = || Expr::value(text.to_owned());
    let find = if engine == EngineKind::Sqlite {
        "instr"
    } else {
        "strpos"
    };
    let part = |from: Expr| Expr::from(Func::cust(iden("substr")).args([col(name), from, whole(chars)]));
    let length = || Expr::from(Func::cust(iden("length")).arg(col(name)));
    match (before, behind) {
        (true, true) => Expr::from(Func::cust(iden(find)).args([col(name), wanted()])).gt(whole(0)),
        (false, true) => part(whole(1)).eq(wanted()),
        (true, false) => length()
            .gte(whole(chars))
            .and(part(length().sub(whole(chars - 1))).eq(wanted())),
        (false, false) => col(name).eq(wanted()),
    }
}

/// A number that the builder writes out: functions of the engines want theirs in one width.
fn whole(number: i64) -> Expr {
    Expr::cust(number.to_string())
}

fn cell(ty: Ty, row: &Row<'_>, at: usize) -> Result<Cell, StoreError> {
    Ok(match ty {
        Ty::Id => row
            .get::<Option<Uuid>>(at)?
            .map_or(Cell::Null, |id| Cell::Text(id.to_string())),
        Ty::Text => row.get::<Option<String>>(at)?.map_or(Cell::Null, Cell::Text),
        Ty::Bool => row.get::<Option<bool>>(at)?.map_or(Cell::Null, Cell::Bool),
        Ty::Number(scale) => row
            .get::<Option<i64>>(at)?
            .map_or(Cell::Null, |units| Cell::Number(units, scale)),
        Ty::Mean => row.get::<Option<f64>>(at)?.map_or(Cell::Null, Cell::Float),
        // A centimetre is enough, and the last bits of a sum of degrees are nobody's measurement.
        Ty::Degrees => {
            let degrees = row.get::<Option<f64>>(at)?;
            degrees.map_or(Cell::Null, |degrees| Cell::Float((degrees * 1e7).round() / 1e7))
        }
        Ty::Date => row.get::<Option<Date>>(at)?.map_or(Cell::Null, Cell::Date),
        Ty::Texts => row.get::<Option<Json>>(at)?.map_or(Cell::Null, Cell::Json),
        Ty::Geometry => match row.get::<Option<Vec<u8>>>(at)? {
            None => Cell::Null,
            Some(bytes) => {
                let place = Place::from_wkb(&bytes).map_err(|fault| StoreError::Corrupt(fault.to_string()))?;
                Cell::Json(place.to_geojson())
            }
        },
    })
}

/// The next rows of everything: those after a record, in the order of records. Counts come all at once, in the order of their groups.
///
/// # Errors
/// What the store says.
pub(crate) fn page(
    tx: &mut Tx,
    sheet: &Sheet,
    after: Option<Uuid>,
    offset: u64,
    limit: u64,
    today: Date,
) -> Result<Vec<Vec<Cell>>, StoreError> {
    let mut select = base(tx, sheet, today)?;
    if sheet.has_records() {
        if let Some(after) = after {
            select.and_where(col("id").gt(after));
        }
        select.order_by(iden("id"), Order::Asc);
    } else {
        for field in sheet.fields.iter().filter_map(|field| field.column.as_deref()) {
            select.order_by_expr_with_nulls(col(field), Order::Asc, NullOrdering::Last);
        }
        select.offset(offset);
    }
    select.limit(limit);
    tx.all_built(select, |row| {
        sheet
            .fields
            .iter()
            .enumerate()
            .map(|(at, field)| cell(field.ty, row, at))
            .collect()
    })
}

/// How many rows leave, when one of them last changed, and what its charts show.
///
/// # Errors
/// What the store says.
pub(crate) fn measure(tx: &mut Tx, sheet: &Sheet, today: Date) -> Result<Measured, StoreError> {
    let kind = &sheet.kind;
    let mut select = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .expr(col("known_at").max())
        .from(iden(&kind.table))
        .to_owned();
    if let Some(condition) = sheet.published.condition(kind, tx.engine(), today) {
        select.and_where(condition);
    }
    if let Some(batch) = register::open::hidden(tx, kind)? {
        select.cond_where(Condition::any().add(col("batch").is_null()).add(col("batch").ne(batch)));
    }
    let seen = tx.all_built(select, |row| Ok((row.get::<i64>(0)?, row.get::<Option<Timestamp>>(1)?)))?;
    let (mut rows, changed_at) = seen.into_iter().next().unwrap_or_default();
    if !sheet.has_records() {
        let groups = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from_subquery(base(tx, sheet, today)?, iden(INNER))
            .to_owned();
        rows = tx.all_built(groups, |row| row.get(0))?.pop().unwrap_or(0);
    }
    let mut charts = Vec::new();
    let charted = sheet
        .fields
        .iter()
        .filter(|field| !field.words.is_empty() && field.ty == Ty::Text);
    for field in charted.take(CHARTS_MAX) {
        let how_many = if sheet.has_records() {
            Expr::cust("COUNT(*)")
        } else {
            col(COUNT).sum().cast_as(iden("BIGINT"))
        };
        let bars = Query::select()
            .column(iden(&field.name))
            .expr_as(how_many, iden("bar"))
            .from_subquery(base(tx, sheet, today)?, iden(INNER))
            .and_where(col(&field.name).is_not_null())
            .add_group_by([col(&field.name)])
            .order_by_expr_with_nulls(col("bar"), Order::Desc, NullOrdering::Last)
            .order_by(iden(&field.name), Order::Asc)
            .limit(BARS_MAX)
            .to_owned();
        let bars = tx.all_built(bars, |row| Ok((row.get::<String>(0)?, row.get::<Option<i64>>(1)?)))?;
        let bars = bars.into_iter().filter_map(|(word, count)| Some((word, count?)));
        charts.push((field.name.clone(), bars.collect()));
    }
    Ok(Measured {
        rows,
        changed_at,
        charts,
    })
}

/// The id of a row, for the next page.
#[must_use]
pub(crate) fn id_of(cells: &[Cell]) -> Option<Uuid> {
    match cells.first() {
        Some(Cell::Text(id)) => Uuid::parse_str(id).ok(),
        _ => None,
    }
}
