//! SQL over a stranger's file: read alone, with every power of the database over anything else taken away. Owns the names of
//! its tables; refuses views and virtual tables, which would run what they say. Standard: OGC 12-128r19.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::shape;
use crate::{CELL_BYTES_MAX, COLUMNS_MAX, Cell, CellFault, End, Refusal, Row, SHAPE_BYTES_MAX, text_cell};

/// Most layers.
const LAYERS_MAX: u32 = 200;

/// An open package.
pub(crate) struct Package(Connection);

/// A layer of it.
pub(crate) struct Layer {
    pub(crate) name: String,
    /// The column of its geometry.
    pub(crate) geometry: Option<String>,
    pub(crate) crs: Option<String>,
}

/// Opens a package through the descriptor that is open already; nothing of it is read yet.
pub(crate) fn open(file: &Arc<File>) -> Result<Package, Refusal> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Unchangeable: neither a journal nor a lock is looked for.
    let name = format!("file:/proc/self/fd/{}?immutable=1", file.as_raw_fd());
    let package = Connection::open_with_flags(name, flags).map_err(Refusal::damaged)?;
    let set = |config, on| package.set_db_config(config, on).map(drop).map_err(Refusal::broken);
    set(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    set(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    set(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    set(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    let bytes_max = i32::try_from(SHAPE_BYTES_MAX + (1 << 20)).unwrap_or(i32::MAX);
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, bytes_max),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
    ] {
        package.set_limit(limit, most).map_err(Refusal::broken)?;
    }
    Ok(Package(package))
}

impl Package {
    /// The layers with shapes, then the tables without, that the package lists and that are plain tables.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>, Refusal> {
        let settings =
            "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0";
        self.0.execute_batch(settings).map_err(Refusal::damaged)?;
        let sql = "SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id, s.definition \
                   FROM gpkg_contents c \
                   JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' \
                   LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
                   LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id \
                   WHERE c.data_type IN ('features', 'attributes') \
                   ORDER BY g.column_name IS NULL, c.table_name LIMIT ?1";
        let mut statement = self.0.prepare(sql).map_err(Refusal::damaged)?;
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Layer> {
            let organization: Option<String> = row.get(2)?;
            let code: Option<i64> = row.get(3)?;
            let definition: Option<String> = row.get(4)?;
            let crs = match (organization, code) {
                (Some(organization), Some(code)) if code > 0 && !organization.eq_ignore_ascii_case("none") => {
                    Some(format!("{}:{code}", organization.to_ascii_uppercase()))
                }
                _ => definition.filter(|words| words.len() > 20),
            };
            Ok(Layer {
                name: row.get(0)?,
                geometry: row.get(1)?,
                crs,
            })
        };
        let rows = statement.query_map([LAYERS_MAX], read).map_err(Refusal::damaged)?;
        let layers = rows.collect::<Result<Vec<_>, _>>().map_err(Refusal::damaged)?;
        if layers.is_empty() {
            Err(Refusal::NoLayer)
        } else {
            Ok(layers)
        }
    }

    /// The columns of a layer beside its geometry.
    pub(crate) fn columns(&self, layer: &Layer) -> Result<Vec<String>, Refusal> {
        let sql = "SELECT name FROM pragma_table_info(?1) WHERE ?2 IS NULL OR name <> ?2 COLLATE NOCASE LIMIT ?3";
        let mut statement = self.0.prepare(sql).map_err(Refusal::damaged)?;
        let most = i64::try_from(COLUMNS_MAX + 1).unwrap_or(i64::MAX);
        let rows = statement
            .query_map((&layer.name, &layer.geometry, most), |row| row.get::<_, String>(0))
            .map_err(Refusal::damaged)?;
        let columns = rows.collect::<Result<Vec<_>, _>>().map_err(Refusal::damaged)?;
        if columns.len() > COLUMNS_MAX {
            return Err(Refusal::too_large("columns"));
        }
        Ok(columns)
    }

    /// Gives each row of a layer.
    pub(crate) fn rows(
        &self,
        layer: &Layer,
        columns: &[String],
        most: Option<u64>,
        give: &mut dyn FnMut(Row) -> Result<(), Refusal>,
    ) -> Result<End, Refusal> {
        let names: Vec<String> = columns.iter().chain(&layer.geometry).map(|name| quoted(name)).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(&layer.name));
        let mut statement = self.0.prepare(&sql).map_err(Refusal::damaged)?;
        let mut rows = statement.query([]).map_err(Refusal::damaged)?;
        let mut end = End::default();
        while let Some(row) = rows.next().map_err(Refusal::damaged)? {
            if most.is_some_and(|most| end.rows >= most) {
                end.more = true;
                break;
            }
            let mut cells = Vec::with_capacity(names.len());
            for at in 0..columns.len() {
                cells.push(cell(row.get_ref(at).map_err(Refusal::damaged)?));
            }
            if layer.geometry.is_some() {
                let (cell, has_heights) = match row.get_ref(columns.len()).map_err(Refusal::damaged)? {
                    ValueRef::Null => (Cell::Empty, false),
                    ValueRef::Blob(blob) => shape(blob),
                    _ => (Cell::Fault(CellFault::Shape), false),
                };
                end.heights += u64::from(has_heights);
                cells.push(cell);
            }
            end.rows += 1;
            give(Row { line: end.rows, cells })?;
        }
        Ok(end)
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Empty,
        // Whole numbers keep their digits.
        ValueRef::Integer(number) => Cell::Text(number.to_string()),
        ValueRef::Real(number) => Cell::Number(number),
        ValueRef::Text(bytes) if bytes.len() > CELL_BYTES_MAX => Cell::Fault(CellFault::TooLong),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Cell::Fault(CellFault::Charset), text_cell),
        ValueRef::Blob(_) => Cell::Fault(CellFault::Charset),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
