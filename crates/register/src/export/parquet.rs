//! Apache Parquet with the metadata of GeoParquet 1.1: places as well-known binary, their system as PROJJSON, their extent. Numbers
//! with decimals are decimals, not floating point. Rows are held up to a bound, then written as a group.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use definition::Geometry;
use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type as Schema;
use serde_json::json;

use super::{Cell, ExportError, Field, Layout, Sink, Type};
use crate::geometry::Shape;

/// Rows of one group.
const GROUP_ROWS: usize = 50_000;
/// Bytes of texts and places of one group.
const GROUP_BYTES: usize = 32 << 20;
/// Digits of a scaled integer of 64 bits.
const DIGITS: i32 = 18;

pub(super) struct File {
    writer: SerializedFileWriter<fs::File>,
    layout: Layout,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    bounds: [f64; 4],
}

/// The values of one column of the group that is being filled; 1 for each row that has one, else 0.
struct Column {
    values: Values,
    levels: Vec<i16>,
}

enum Values {
    Bool(Vec<bool>),
    Small(Vec<i32>),
    Large(Vec<i64>),
    Bytes(Vec<ByteArray>),
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        Self::Format(error.to_string())
    }
}

impl Column {
    fn of(ty: Option<Type>) -> Self {
        let values = match ty {
            Some(Type::Boolean) => Values::Bool(Vec::new()),
            Some(Type::Date) => Values::Small(Vec::new()),
            Some(Type::Number(_) | Type::Time) => Values::Large(Vec::new()),
            Some(Type::Text) | None => Values::Bytes(Vec::new()),
        };
        Self {
            values,
            levels: Vec::new(),
        }
    }

    /// Adds a value; gives the bytes that it takes beside its place.
    fn push(&mut self, cell: &Cell) -> usize {
        let mut took = 0;
        let is_there = match (&mut self.values, cell) {
            (Values::Bool(all), Cell::Bool(yes)) => {
                all.push(*yes);
                true
            }
            (Values::Large(all), Cell::Number(units)) => {
                all.push(*units);
                true
            }
            (Values::Large(all), Cell::Time(at)) => {
                all.push(at.as_micros());
                true
            }
            (Values::Small(all), Cell::Date(day)) => {
                all.push(days(*day));
                true
            }
            (Values::Bytes(all), Cell::Text(text)) => {
                took = text.len();
                all.push(ByteArray::from(text.as_str()));
                true
            }
            _ => false,
        };
        self.levels.push(i16::from(is_there));
        took
    }

    fn place(&mut self, bytes: Option<Vec<u8>>) -> usize {
        let took = bytes.as_ref().map_or(0, Vec::len);
        self.levels.push(i16::from(bytes.is_some()));
        if let (Values::Bytes(all), Some(bytes)) = (&mut self.values, bytes) {
            all.push(ByteArray::from(bytes));
        }
        took
    }

    /// Writes the column of a group, and begins anew.
    fn write(&mut self, mut to: SerializedColumnWriter<'_>) -> Result<(), ExportError> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Bool(all) => {
                to.typed::<BoolType>().write_batch(all, levels, None)?;
                all.clear();
            }
            Values::Small(all) => {
                to.typed::<Int32Type>().write_batch(all, levels, None)?;
                all.clear();
            }
            Values::Large(all) => {
                to.typed::<Int64Type>().write_batch(all, levels, None)?;
                all.clear();
            }
            Values::Bytes(all) => {
                to.typed::<ByteArrayType>().write_batch(all, levels, None)?;
                all.clear();
            }
        }
        self.levels.clear();
        to.close()?;
        Ok(())
    }
}

/// Days since 1970.
fn days(day: kernel::Date) -> i32 {
    let first = jiff::civil::date(1970, 1, 1);
    day.since(first).map_or(0, |span| span.get_days())
}

fn schema(layout: &Layout) -> Result<Schema, ExportError> {
    let mut fields = Vec::with_capacity(layout.fields.len() + 1);
    for field in &layout.fields {
        fields.push(Arc::new(primitive(field)?));
    }
    if layout.geometry.is_some() {
        let place = Schema::primitive_type_builder("geometry", Physical::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .build()?;
        fields.push(Arc::new(place));
    }
    Ok(Schema::group_type_builder(&layout.name).with_fields(fields).build()?)
}

fn primitive(field: &Field) -> Result<Schema, ExportError> {
    let builder =
        |physical| Schema::primitive_type_builder(&field.name, physical).with_repetition(Repetition::OPTIONAL);
    let built = match field.ty {
        Type::Boolean => builder(Physical::BOOLEAN).build(),
        Type::Text => builder(Physical::BYTE_ARRAY)
            .with_converted_type(ConvertedType::UTF8)
            .build(),
        Type::Number(0) => builder(Physical::INT64).build(),
        Type::Number(scale) => builder(Physical::INT64)
            .with_converted_type(ConvertedType::DECIMAL)
            .with_precision(DIGITS)
            .with_scale(i32::from(scale))
            .build(),
        Type::Date => builder(Physical::INT32)
            .with_converted_type(ConvertedType::DATE)
            .build(),
        Type::Time => builder(Physical::INT64)
            .with_converted_type(ConvertedType::TIMESTAMP_MICROS)
            .build(),
    };
    Ok(built?)
}

impl File {
    pub(super) fn create(mut layout: Layout, path: &Path) -> Result<Self, ExportError> {
        // The column of places is called so, as everybody calls it.
        for field in &mut layout.fields {
            if field.name == "geometry" {
                "geometry_".clone_into(&mut field.name);
            }
        }
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(
            fs::File::create(path)?,
            Arc::new(schema(&layout)?),
            Arc::new(properties),
        )?;
        let mut columns: Vec<Column> = layout.fields.iter().map(|field| Column::of(Some(field.ty))).collect();
        if layout.geometry.is_some() {
            columns.push(Column::of(None));
        }
        Ok(Self {
            writer,
            layout,
            columns,
            rows: 0,
            bytes: 0,
            bounds: [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        })
    }

    fn group(&mut self) -> Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        let mut columns = self.columns.iter_mut();
        while let Some(to) = group.next_column()? {
            let Some(column) = columns.next() else {
                return Err(ExportError::Format("more columns than values".to_owned()));
            };
            column.write(to)?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    /// What GeoParquet says of the column of places.
    fn about_places(&self, geometry: Geometry) -> serde_json::Value {
        let kind = match geometry {
            Geometry::Point => "Point",
            Geometry::Line => "LineString",
            Geometry::Polygon => "Polygon",
        };
        let mut column = json!({ "encoding": "WKB", "geometry_types": [kind] });
        if self.bounds[0] <= self.bounds[2] {
            column["bbox"] = json!(self.bounds);
        }
        if let Some(crs) = super::system::projjson(self.layout.crs) {
            column["crs"] = crs;
        }
        json!({ "version": "1.1.0", "primary_column": "geometry", "columns": { "geometry": column } })
    }
}

impl Sink for File {
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(cell);
        }
        if self.layout.geometry.is_some() {
            let placed = place.map(|place| self.layout.placed(place)).transpose()?;
            if let Some(shape) = &placed {
                let [west, south, east, north] = shape.bounds();
                let held = self.bounds;
                self.bounds = [
                    held[0].min(west),
                    held[1].min(south),
                    held[2].max(east),
                    held[3].max(north),
                ];
            }
            if let Some(column) = self.columns.last_mut() {
                self.bytes += column.place(placed.map(|shape| shape.to_wkb()));
            }
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.group()?;
        if let Some(geometry) = self.layout.geometry {
            let about = self.about_places(geometry).to_string();
            self.writer
                .append_key_value_metadata(KeyValue::new("geo".to_owned(), about));
        }
        for (key, value) in [("title", &self.layout.title), ("about", &self.layout.about)] {
            self.writer
                .append_key_value_metadata(KeyValue::new(key.to_owned(), value.clone()));
        }
        self.writer.close()?;
        Ok(())
    }
}
