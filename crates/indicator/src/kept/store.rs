//! The table of kept reports: written once, read, never changed.
//! Refuses an update: there is none.

use ::store::sql::UuidList;
use ::store::{Row, StoreError, Tx};
use identity::UnitId;

use super::{Content, Kept, Listed, ReportId};

/// Reports of one list.
pub(crate) const LIST_MAX: i64 = 200;

macro_rules! columns {
    () => {
        "id, unit, unit_name, from_day, to_day, cut_off, kept_at, kept_by, kept_name, content"
    };
}

fn kept_of(row: &Row<'_>) -> Result<Kept, StoreError> {
    let content: serde_json::Value = row.get(9)?;
    let content: Content = serde_json::from_value(content).map_err(|_| StoreError::NoRow {
        sql: "a kept report that reads back",
    })?;
    Ok(Kept {
        id: row.get(0)?,
        unit: row.get(1)?,
        unit_name: row.get(2)?,
        from: row.get(3)?,
        to: row.get(4)?,
        cut_off: row.get(5)?,
        kept_at: row.get(6)?,
        kept_by: row.get(7)?,
        kept_name: row.get(8)?,
        content,
    })
}

/// Keeps a report.
pub(crate) fn insert(tx: &mut Tx, kept: &Kept, content: &serde_json::Value) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO figure_report (id, unit, unit_name, from_day, to_day, cut_off, kept_at, kept_by, kept_name, formulas, content,
             narrowed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &kept.id,
            &kept.unit,
            &kept.unit_name,
            &kept.from,
            &kept.to,
            &kept.cut_off,
            &kept.kept_at,
            &kept.kept_by,
            &kept.kept_name,
            &kept.content.formulas.version,
            content,
            &kept.content.narrowed,
        ],
    )?;
    Ok(())
}

/// One report.
pub(crate) fn find(tx: &mut Tx, id: ReportId) -> Result<Option<Kept>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM figure_report WHERE id = $1"),
        &[&id],
        kept_of,
    )
}

/// The reports that were kept at units (none: at all), the latest first.
pub(crate) fn list(tx: &mut Tx, units: Option<&[UnitId]>) -> Result<Vec<Listed>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    tx.all(
        "SELECT id, unit_name, from_day, to_day, kept_at, kept_name, formulas, narrowed FROM figure_report
         WHERE ($1 OR unit IN (SELECT value FROM uuid_list($2))) ORDER BY kept_at DESC, id LIMIT $3",
        &[&units.is_none(), &list, &LIST_MAX],
        |row| {
            Ok(Listed {
                id: row.get(0)?,
                unit_name: row.get(1)?,
                from: row.get(2)?,
                to: row.get(3)?,
                kept_at: row.get(4)?,
                kept_name: row.get(5)?,
                formulas: row.get(6)?,
                narrowed: row.get(7)?,
            })
        },
    )
}
