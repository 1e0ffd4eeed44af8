//! The functions that make portable SQL portable, as SQLite has them; PostgreSQL has the same ones by a migration of the
//! store. Owns `month_of`, `day_of`, `sum_int`; times are Vietnamese (UTC+7, no summer time).

use jiff::civil::Date;
use kernel::Timestamp;
use rusqlite::{
    Connection,
    functions::{Aggregate, Context, FunctionFlags},
};

pub(crate) fn register(raw: &Connection) -> rusqlite::Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    raw.create_scalar_function("month_of", 1, pure, |args| {
        on_day(args, |day| day.strftime("%Y-%m").to_string())
    })?;
    raw.create_scalar_function("day_of", 1, pure, |args| on_day(args, |day| day.to_string()))?;
    raw.create_aggregate_function("sum_int", 1, pure, SumInt)
}

fn on_day(args: &Context<'_>, text: impl Fn(Date) -> String) -> rusqlite::Result<Option<String>> {
    let micros: Option<i64> = args.get(0)?;
    Ok(micros.map(|micros| text(Timestamp::from_micros(micros).local_date())))
}

/// A sum of whole numbers: 0 of none, an error rather than a wrong number when it overflows.
struct SumInt;

impl Aggregate<i64, i64> for SumInt {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<i64> {
        Ok(0)
    }

    fn step(&self, args: &mut Context<'_>, sum: &mut i64) -> rusqlite::Result<()> {
        if let Some(value) = args.get::<Option<i64>>(0)? {
            *sum = sum
                .checked_add(value)
                .ok_or_else(|| rusqlite::Error::UserFunctionError("sum overflows".into()))?;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<i64>) -> rusqlite::Result<i64> {
        Ok(sum.unwrap_or(0))
    }
}
