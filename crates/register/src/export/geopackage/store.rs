//! SQL of a GeoPackage: a file of its own, never the program's database. Every identifier is quoted, every value a parameter.
//! It refuses to open a file that is there: one is always begun anew.

use std::path::Path;

use definition::Geometry;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::super::{Cell, ExportError, Layout, Type, float};

/// The tables that every GeoPackage has, and the systems that it must know.
const TABLES: &str = include_str!("tables.sql");

/// A file in the making.
pub(super) struct Package {
    db: Connection,
    insert: String,
    index: Option<String>,
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Format(error.to_string())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Boolean => "BOOLEAN",
        Type::Text => "TEXT",
        Type::Number(0) => "INTEGER",
        Type::Number(_) => "DOUBLE",
        Type::Date => "DATE",
        Type::Time => "DATETIME",
    }
}

/// The name of the geometry column; `geom`, unless a field has that name.
fn geometry_name(layout: &Layout) -> &'static str {
    if layout.fields.iter().any(|field| field.name == "geom") {
        "geometry_"
    } else {
        "geom"
    }
}

impl Package {
    pub(super) fn create(layout: &Layout, path: &Path) -> Result<Self, ExportError> {
        let db = Connection::open(path)?;
        // Nobody else sees the file before it is whole: a broken one is thrown away.
        db.execute_batch(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;",
        )?;
        db.execute_batch(TABLES)?;
        if layout.geometry.is_some() && !layout.crs.is_stored() {
            systems(&db, layout)?;
        }
        features(&db, layout)?;
        let names: Vec<String> = layout.fields.iter().map(|field| quoted(&column(&field.name))).collect();
        let mut columns = vec![quoted("fid")];
        if layout.geometry.is_some() {
            columns.push(quoted(geometry_name(layout)));
        }
        columns.extend(names);
        let marks: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
        let insert = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            quoted(&layout.name),
            columns.join(", "),
            marks.join(", ")
        );
        let index = layout.geometry.map(|_| {
            let name = quoted(&format!("rtree_{}_{}", layout.name, geometry_name(layout)));
            format!("INSERT INTO {name} VALUES (?1, ?2, ?3, ?4, ?5)")
        });
        db.execute_batch("BEGIN")?;
        Ok(Self { db, insert, index })
    }

    pub(super) fn insert(
        &mut self,
        row: u64,
        layout: &Layout,
        cells: &[Cell],
        geometry: Option<(Vec<u8>, [f64; 4])>,
    ) -> Result<(), ExportError> {
        let fid = i64::try_from(row).unwrap_or(i64::MAX);
        let mut values = Vec::with_capacity(cells.len() + 2);
        values.push(Value::Integer(fid));
        if layout.geometry.is_some() {
            values.push(
                geometry
                    .as_ref()
                    .map_or(Value::Null, |(bytes, _)| Value::Blob(bytes.clone())),
            );
        }
        values.extend(
            layout
                .fields
                .iter()
                .zip(cells)
                .map(|(field, cell)| value(field.ty, cell)),
        );
        self.db
            .prepare_cached(&self.insert)?
            .execute(params_from_iter(values))?;
        if let (Some(index), Some((_, [west, south, east, north]))) = (&self.index, geometry) {
            let mut statement = self.db.prepare_cached(index)?;
            statement.execute(params![fid, west, east, south, north])?;
        }
        Ok(())
    }

    /// Writes what is in memory, and goes on.
    pub(super) fn checkpoint(&self) -> Result<(), ExportError> {
        self.db.execute_batch("COMMIT; BEGIN")?;
        Ok(())
    }

    pub(super) fn finish(self, layout: &Layout, bounds: Option<[f64; 4]>) -> Result<(), ExportError> {
        if let Some([west, south, east, north]) = bounds {
            self.db.execute(
                "UPDATE gpkg_contents SET min_x = ?1, min_y = ?2, max_x = ?3, max_y = ?4 WHERE table_name = ?5",
                params![west, south, east, north, layout.name],
            )?;
        }
        self.db.execute_batch("COMMIT")?;
        if layout.geometry.is_some() {
            // After the rows: they filled the index themselves.
            self.db.execute_batch(&triggers(&layout.name, geometry_name(layout)))?;
        }
        self.db.close().map_err(|(_, error)| error.into())
    }
}

/// A column must not be called as the key.
fn column(name: &str) -> String {
    if name == "fid" {
        "fid_".to_owned()
    } else {
        name.to_owned()
    }
}

fn value(ty: Type, cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(yes) => Value::Integer(i64::from(*yes)),
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Number(units) => match ty {
            Type::Number(scale) if scale > 0 => Value::Real(float(*units, scale)),
            _ => Value::Integer(*units),
        },
        Cell::Date(day) => Value::Text(day.to_string()),
        // The standard wants milliseconds in UTC.
        Cell::Time(at) => Value::Text(moment(at.as_micros())),
    }
}

fn moment(micros: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(micros).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn systems(db: &Connection, layout: &Layout) -> Result<(), ExportError> {
    db.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, 'EPSG', ?2, ?3, ?4)",
        params![
            layout.crs.name,
            layout.epsg(),
            super::super::system::wkt(layout.crs),
            layout.about
        ],
    )?;
    Ok(())
}

fn features(db: &Connection, layout: &Layout) -> Result<(), ExportError> {
    let (table, geom) = (quoted(&layout.name), geometry_name(layout));
    let mut columns = vec!["\"fid\" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".to_owned()];
    let kind = layout.geometry.map(|geometry| match geometry {
        Geometry::Point => "POINT",
        Geometry::Line => "LINESTRING",
        Geometry::Polygon => "POLYGON",
    });
    if let Some(kind) = kind {
        columns.push(format!("{} {kind}", quoted(geom)));
    }
    let fields = layout.fields.iter();
    columns.extend(fields.map(|field| format!("{} {}", quoted(&column(&field.name)), type_name(field.ty))));
    db.execute_batch(&format!("CREATE TABLE {table} ({})", columns.join(", ")))?;
    let data = if kind.is_some() { "features" } else { "attributes" };
    let srs = kind.map(|_| layout.epsg());
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) \
         VALUES (?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?5)",
        params![layout.name, data, layout.title, layout.about, srs],
    )?;
    if let Some(kind) = kind {
        db.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, ?3, ?4, 0, 0)",
            params![layout.name, geom, kind, layout.epsg()],
        )?;
        db.execute(
            "INSERT INTO gpkg_extensions VALUES (?1, ?2, 'gpkg_rtree_index', \
             'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
            params![layout.name, geom],
        )?;
        let index = quoted(&format!("rtree_{}_{geom}", layout.name));
        db.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {index} USING rtree(id, minx, maxx, miny, maxy)"
        ))?;
    }
    for field in &layout.fields {
        db.execute(
            "INSERT OR IGNORE INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?1, ?2, ?2, ?3)",
            params![layout.name, column(&field.name), field.label.get(kernel::Lang::Vi)],
        )?;
    }
    Ok(())
}

/// The triggers of the extension, with the functions that whoever changes the file has: they stand in the words of the standard.
fn triggers(table: &str, geom: &str) -> String {
    include_str!("triggers.sql")
        .replace("<T>", &quoted(table))
        .replace("<C>", &quoted(geom))
        .replace("<R>", &quoted(&format!("rtree_{table}_{geom}")))
        .replace("<N>", literal(&format!("rtree_{table}_{geom}")).trim_matches('\''))
}
