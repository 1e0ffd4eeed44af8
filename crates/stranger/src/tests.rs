//! Readers of strangers' files: what they give of whole files in every format and encoding, what is told of cells that are no
//! values, and that damaged files end in a refusal and never in a panic.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use kernel::charset::Charset;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::wire::{Reader, Writer};
use crate::*;

/// Reads bytes through the wire, as a parent does.
fn through(bytes: &[u8], ask: &Ask) -> Result<(Head, Vec<Row>, End), Refusal> {
    // With a name, as a parent gives a package to its child.
    let mut named = tempfile::NamedTempFile::new().unwrap();
    named.write_all(bytes).unwrap();
    let file = Arc::new(named.reopen().unwrap());
    let mut writer = Writer::new(Vec::new());
    let outcome = format_of(&file).and_then(|format| read(&file, format, ask, &mut |piece| writer.piece(&piece)));
    if let Err(refusal) = outcome {
        writer.refusal(&refusal).unwrap();
    }
    let bytes = writer.into_inner();
    let mut reader = Reader::new(bytes.as_slice());
    let (mut head, mut rows) = (None, Vec::new());
    loop {
        match reader.next_piece()?.ok_or_else(|| Refusal::broken("cut off"))? {
            Piece::Head(one) => head = Some(one),
            Piece::Row(row) => rows.push(row),
            Piece::End(end) => return Ok((head.expect("a head comes first"), rows, end)),
        }
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn point(x: f64, y: f64) -> Vec<u8> {
    let mut out = vec![1, 1, 0, 0, 0];
    out.extend(x.to_le_bytes());
    out.extend(y.to_le_bytes());
    out
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_csv_is_read_in_every_encoding() {
    let plain = "Mã;Loài cây;Chiều cao\r\nTS-1;Sao đen;12,5\r\n;\r\nTS-2;\"Bằng; lăng\";\r\n";
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(plain.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (bytes, charset) in [
        (plain.as_bytes().to_vec(), Charset::Utf8),
        (format!("\u{feff}{plain}").into_bytes(), Charset::Utf8),
        (utf16, Charset::Utf16Le),
    ] {
        let (head, rows, end) = through(&bytes, &Ask::default()).unwrap();
        assert_eq!(
            (head.format, head.charset, head.delimiter),
            (Format::Csv, Some(charset), Some(';'))
        );
        assert_eq!(head.columns, ["Mã", "Loài cây", "Chiều cao"]);
        assert_eq!(
            rows.iter().map(|row| row.line).collect::<Vec<_>>(),
            [2, 4],
            "empty rows are none"
        );
        assert_eq!(rows[1].cells, [text("TS-2"), text("Bằng; lăng"), Cell::Empty]);
        assert_eq!((end.rows, end.more), (2, false));
    }
    // TCVN3, found out by its words.
    let tcvn3: &[u8] = b"ma,ten\nTS-1,C\xa9y xanh tr\xaan \xae\xadng\nTS-2,B\xbbng l\xa8ng t\xddm\n";
    let (head, rows, _) = through(tcvn3, &Ask::default()).unwrap();
    assert_eq!((head.charset, head.is_charset_sure), (Some(Charset::Tcvn3), true));
    assert_eq!(rows[1].cells[1], text("Bằng lăng tím"));
    // Another choice reads other words.
    let ask = Ask {
        charset: Some(Charset::Windows1258),
        ..Ask::default()
    };
    let (_, rows, _) = through(tcvn3, &ask).unwrap();
    assert_ne!(rows[1].cells[1], text("Bằng lăng tím"));
}

#[test]
fn titles_above_the_table_broken_bytes_and_cells_too_many_are_told() {
    let bytes = b"DANH SACH CAY\n\nma,ten,cao\nTS-1,Lim,\xff\xfe\nTS-2,Sao,1,9\nTS-3\nTS-4,X,\xc3\xa1\xc3\xa0\xc3\xa2\xe1\xba\xa1\n";
    let ask = Ask {
        charset: Some(Charset::Utf8),
        ..Ask::default()
    };
    let (head, rows, _) = through(bytes, &ask).unwrap();
    assert_eq!(head.columns, ["ma", "ten", "cao"]);
    assert_eq!(rows[0].cells[2], Cell::Fault(CellFault::Charset));
    assert_eq!(
        rows[1].cells,
        [text("TS-2"), text("Sao"), text("1"), Cell::Fault(CellFault::Beyond)]
    );
    assert_eq!(rows[2].cells, [text("TS-3")]);
    assert_eq!((rows[0].line, rows[2].line), (4, 6));
    assert_eq!(through(b"", &Ask::default()), Err(Refusal::Empty));
    let wide = (0..600).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    assert_eq!(
        through(wide.as_bytes(), &Ask::default()),
        Err(Refusal::too_large("columns"))
    );
    let two_hundred = (0..200).map(|at| format!("c{at}")).collect::<Vec<_>>().join("\t");
    let (head, rows, _) = through(format!("{two_hundred}\n{two_hundred}\n").as_bytes(), &Ask::default()).unwrap();
    assert_eq!(
        (head.columns.len(), rows[0].cells.len(), head.delimiter),
        (200, 200, Some('\t'))
    );
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let date = Style::new().set_num_format("dd/mm/yyyy");
    let sheet = book.add_worksheet();
    sheet
        .merge_range(0, 0, 0, 4, "DANH SÁCH CÂY XANH", &Style::new())
        .unwrap();
    // A head of two rows.
    sheet.merge_range(2, 0, 3, 0, "Mã", &Style::new()).unwrap();
    sheet.merge_range(2, 1, 3, 1, "Loài", &Style::new()).unwrap();
    sheet.merge_range(2, 2, 2, 3, "Tọa độ", &Style::new()).unwrap();
    sheet.write(3, 2, "X").unwrap();
    sheet.write(3, 3, "Y").unwrap();
    sheet.merge_range(2, 4, 3, 4, "Ngày", &Style::new()).unwrap();
    // A value for several rows.
    sheet.merge_range(4, 1, 5, 1, "Sao đen", &Style::new()).unwrap();
    for (row, tag) in [(4, "TS-1"), (5, "TS-2"), (6, "TS-3")] {
        sheet.write(row, 0, tag).unwrap();
        sheet
            .write_formula(row, 2, Formula::new("=100+5.9").set_result("105.9"))
            .unwrap();
        sheet.write(row, 3, 18.25).unwrap();
    }
    let day = ExcelDateTime::from_ymd(2026, 10, 31).unwrap();
    sheet.write_with_format(4, 4, &day, &date).unwrap();
    sheet.write(5, 4, "31/10/2026").unwrap();
    sheet.write(6, 6, "lạc").unwrap();
    book.add_worksheet()
        .set_name("Khác")
        .unwrap()
        .write(0, 0, "một mình")
        .unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_saved_values_merged_cells_and_days() {
    let bytes = workbook();
    let (head, rows, end) = through(&bytes, &Ask::default()).unwrap();
    assert_eq!((head.format, head.layers.len()), (Format::Xlsx, 2));
    assert_eq!(head.columns, ["Mã", "Loài", "Tọa độ X", "Tọa độ Y", "Ngày"]);
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[0].cells,
        [
            text("TS-1"),
            text("Sao đen"),
            Cell::Number(105.9),
            Cell::Number(18.25),
            text("2026-10-31")
        ]
    );
    assert_eq!(
        rows[1].cells[1],
        text("Sao đen"),
        "a merged cell stands for all of its rows"
    );
    assert_eq!(rows[1].cells[4], text("31/10/2026"));
    assert_eq!(rows[2].cells.last(), Some(&Cell::Fault(CellFault::Beyond)));
    assert_eq!((rows[0].line, end.formulas, end.merged), (5, 3, 1));
    let other = Ask {
        layer: Some("Khác".to_owned()),
        ..Ask::default()
    };
    assert_eq!(through(&bytes, &other).unwrap().0.columns, ["một mình"]);
    let none = Ask {
        layer: Some("không có".to_owned()),
        ..Ask::default()
    };
    assert_eq!(through(&bytes, &none), Err(Refusal::NoLayer));
}

#[test]
fn a_formula_without_a_value_is_a_fault_of_its_cell() {
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c>\
                 <c r=\"B1\" t=\"inlineStr\"><is><t>b</t></is></c></row><row r=\"2\"><c r=\"A2\" t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>\
                 <c r=\"B2\"><f>B9</f></c></row></sheetData></worksheet>";
    let (main, own) = (
        relation("officeDocument", "xl/workbook.xml"),
        relation("worksheet", "worksheets/sheet1.xml"),
    );
    let bytes = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", main.as_bytes()),
        (
            "xl/workbook.xml",
            b"<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", own.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let (_, rows, _) = through(&bytes, &Ask::default()).unwrap();
    assert_eq!(
        rows[0].cells,
        [Cell::Fault(CellFault::Error), Cell::Fault(CellFault::Formula)]
    );
}

#[test]
fn geojson_is_read_as_a_collection_by_line_and_alone() {
    let feature = |tag: &str, geometry: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"tag\":\"{tag}\",\"n\":12345678901234567,\"d\":1.5,\"l\":[\"a\",\"b\"]}},\"geometry\":{geometry}}}"
        )
    };
    let point3 = "{\"type\":\"Point\",\"coordinates\":[105.9,18.3,4.0]}";
    let area = "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[1,0],[1,1],[0,0]]]]}";
    let two = "{\"type\":\"MultiPoint\",\"coordinates\":[[1,2],[3,4]]}";
    let features = [
        feature("a", point3),
        feature("b", area),
        feature("c", two),
        feature("d", "null"),
    ];
    let whole = format!(
        "{{\"type\":\"FeatureCollection\",\"crs\":{{\"properties\":{{\"name\":\"urn:ogc:def:crs:EPSG::9209\"}}}},\"features\":[{}]}}",
        features.join(",")
    );
    for bytes in [whole, features.join("\n")] {
        let (head, rows, end) = through(bytes.as_bytes(), &Ask::default()).unwrap();
        assert_eq!((head.format, head.has_shape), (Format::Geojson, true));
        assert_eq!(head.columns, ["tag", "n", "d", "l"]);
        assert_eq!(
            rows[0].cells[1..4],
            [text("12345678901234567"), Cell::Number(1.5), text("a; b")]
        );
        assert_eq!(rows[0].cells[4], Cell::Shape(point(105.9, 18.3)));
        assert!(matches!(&rows[1].cells[4], Cell::Shape(bytes) if bytes[1] == 3));
        assert_eq!(
            (&rows[2].cells[4], &rows[3].cells[4]),
            (&Cell::Fault(CellFault::Parts), &Cell::Empty)
        );
        assert_eq!((end.rows, end.heights), (4, 1));
    }
    let (head, ..) = through(feature("a", point3).as_bytes(), &Ask::default()).unwrap();
    assert_eq!(head.crs.as_deref(), Some("OGC:CRS84"));
    let few = Ask {
        rows_max: Some(2),
        ..Ask::default()
    };
    let (_, rows, end) = through(features.join("\n").as_bytes(), &few).unwrap();
    assert_eq!((rows.len(), end.more), (2, true));
    let deep = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":{}{}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert!(matches!(
        through(deep.as_bytes(), &Ask::default()),
        Err(Refusal::Damaged { .. })
    ));
    assert!(matches!(
        through(b"{\"type\":\"FeatureCollection\",\"features\":[", &Ask::default()),
        Err(Refusal::Damaged { .. })
    ));
}

fn package(more: &str) -> Vec<u8> {
    let place = tempfile::NamedTempFile::new().unwrap();
    let db = rusqlite::Connection::open(place.path()).unwrap();
    db.execute_batch(&format!(
        "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
         CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
         CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
         INSERT INTO gpkg_spatial_ref_sys VALUES (9209, 'EPSG', 9209, 'PROJCS');
         CREATE TABLE \"cây \"\"lạ\"\"\" (fid INTEGER PRIMARY KEY, tag TEXT, cao REAL, geom BLOB);
         INSERT INTO gpkg_contents VALUES ('cây \"lạ\"', 'features'), ('v', 'attributes');
         INSERT INTO gpkg_geometry_columns VALUES ('cây \"lạ\"', 'geom', 9209);
         CREATE VIEW v AS SELECT 1 AS x; {more}"
    ))
    .unwrap();
    let mut blob = b"GP\0\x01".to_vec();
    blob.extend(9209_i32.to_le_bytes());
    blob.extend(point(560_000.0, 2_030_000.0));
    db.execute("INSERT INTO \"cây \"\"lạ\"\"\" (tag, cao, geom) VALUES ('TS-1', 12.5, ?1), ('TS-2', NULL, NULL), ('TS-3', 1, x'00')", [&blob])
        .unwrap();
    drop(db);
    std::fs::read(place.path()).unwrap()
}

#[test]
fn a_geopackage_gives_its_layer_and_no_view() {
    let (head, rows, _) = through(&package(""), &Ask::default()).unwrap();
    assert_eq!(
        (head.format, head.crs.as_deref()),
        (Format::Geopackage, Some("EPSG:9209"))
    );
    assert_eq!(head.layers, ["cây \"lạ\""], "a view is none");
    assert_eq!(head.columns, ["fid", "tag", "cao"]);
    assert_eq!(
        rows[0].cells,
        [
            text("1"),
            text("TS-1"),
            Cell::Number(12.5),
            Cell::Shape(point(560_000.0, 2_030_000.0))
        ]
    );
    assert_eq!(rows[1].cells[3], Cell::Empty);
    assert_eq!(rows[2].cells[3], Cell::Fault(CellFault::Shape));
    // One that is no package at all, and one whose tables are views that would run for ever.
    assert!(matches!(
        through(b"SQLite format 3\0rubbish", &Ask::default()),
        Err(Refusal::Damaged { .. })
    ));
    let endless = "DROP TABLE gpkg_contents; CREATE VIEW gpkg_contents AS WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT n AS table_name, 'features' AS data_type FROM a;";
    assert!(matches!(
        through(&package(endless), &Ask::default()),
        Err(Refusal::Damaged { .. })
    ));
}

/// A table of attributes with one text of ten letters.
fn dbf(names: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![3, 126, 1, 1];
    out.extend(u32::try_from(names.len()).unwrap().to_le_bytes());
    out.extend(65_u16.to_le_bytes());
    out.extend(11_u16.to_le_bytes());
    out.resize(32, 0);
    out.extend(b"TEN\0\0\0\0\0\0\0\0C\0\0\0\0\x0a\0");
    out.resize(64, 0);
    out.push(0x0d);
    for name in names {
        out.push(b' ');
        out.extend(*name);
        out.resize(out.len() + 10 - name.len(), b' ');
    }
    out
}

fn shp(shapes: &[Vec<u8>]) -> Vec<u8> {
    let mut out = 9994_u32.to_be_bytes().to_vec();
    out.resize(100, 0);
    for (at, shape) in shapes.iter().enumerate() {
        out.extend(u32::try_from(at + 1).unwrap().to_be_bytes());
        out.extend(u32::try_from(shape.len() / 2).unwrap().to_be_bytes());
        out.extend(shape);
    }
    out
}

fn polygon(rings: &[&[[f64; 2]]]) -> Vec<u8> {
    let mut out = 5_u32.to_le_bytes().to_vec();
    out.resize(36, 0);
    out.extend(u32::try_from(rings.len()).unwrap().to_le_bytes());
    let all: usize = rings.iter().map(|ring| ring.len()).sum();
    out.extend(u32::try_from(all).unwrap().to_le_bytes());
    let mut from = 0_u32;
    for ring in rings {
        out.extend(from.to_le_bytes());
        from += u32::try_from(ring.len()).unwrap();
    }
    for number in rings.iter().flat_map(|ring| ring.iter()).flatten() {
        out.extend(number.to_le_bytes());
    }
    out
}

#[test]
fn a_shapefile_gives_shapes_with_their_attributes() {
    let clockwise: &[[f64; 2]] = &[[0.0, 0.0], [0.0, 9.0], [9.0, 9.0], [9.0, 0.0], [0.0, 0.0]];
    let hole: &[[f64; 2]] = &[[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]];
    let shapes = shp(&[
        polygon(&[clockwise, hole]),
        polygon(&[clockwise, clockwise]),
        0_u32.to_le_bytes().to_vec(),
    ]);
    let names: [&[u8]; 3] = [b"C\xa9y xanh", b"B\xbbng l\xa8ng", b"\xae\xaam tr\xa8ng"];
    let prj = b"PROJCS[\"VN-2000\"]";
    let bytes = zipped(&[("a/cay.shp", &shapes), ("a/cay.dbf", &dbf(&names)), ("a/cay.prj", prj)]);
    let (head, rows, _) = through(&bytes, &Ask::default()).unwrap();
    assert_eq!(
        (head.format, head.charset, head.crs.as_deref()),
        (Format::Shapefile, Some(Charset::Tcvn3), Some("PROJCS[\"VN-2000\"]"))
    );
    assert_eq!(
        (head.layers, head.columns),
        (vec!["a/cay".to_owned()], vec!["TEN".to_owned()])
    );
    assert_eq!(rows[0].cells[0], text("Cây xanh"));
    assert!(
        matches!(&rows[0].cells[1], Cell::Shape(bytes) if bytes[5] == 2),
        "an area with a hole"
    );
    assert_eq!(rows[1].cells[1], Cell::Fault(CellFault::Parts));
    assert_eq!(rows[2].cells[1], Cell::Empty);
    let cut = zipped(&[("cay.shp", &shapes[..200]), ("cay.dbf", &dbf(&names))]);
    assert!(matches!(through(&cut, &Ask::default()), Err(Refusal::Damaged { .. })));
    let other = zipped(&[("readme.txt", b"no map")]);
    assert!(matches!(through(&other, &Ask::default()), Err(Refusal::Format { .. })));
}

#[test]
fn what_is_no_table_is_named() {
    for (bytes, found) in [
        (&b"%PDF-1.7 \n"[..], "pdf"),
        (&[0xd0, 0xcf, 0x11, 0xe0, 1, 2][..], "old-excel"),
        (&b"<html><table>"[..], "web-page"),
        (&b"abc\0def\x01"[..], "binary"),
    ] {
        assert_eq!(
            through(bytes, &Ask::default()),
            Err(Refusal::Format {
                found: found.to_owned()
            })
        );
    }
}

/// Stands in for a fuzzer (`testkit::damage`): damaged files of every format are read or refused, and end.
#[test]
fn damaged_files_end_in_words() {
    let plain = "Mã;Loài;\"x\"\r\nTS-1;Sao đen;12,5\r\n".repeat(5);
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let geojson = "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}}]}";
    let square: &[[f64; 2]] = &[[0.0, 0.0], [0.0, 9.0], [9.0, 9.0], [0.0, 0.0]];
    let (shapes, table) = (shp(&[polygon(&[square])]), dbf(&[b"mot"]));
    let whole = [
        plain.into_bytes(),
        utf16,
        geojson.as_bytes().to_vec(),
        workbook(),
        package(""),
        zipped(&[("a.shp", &shapes), ("a.dbf", &table)]),
    ];
    let mut refused = 0;
    for (at, whole) in whole.iter().enumerate() {
        for seed in 0..150 {
            let bytes = testkit::damaged(whole, seed * 10 + at as u64);
            refused += u32::from(through(&bytes, &Ask::default()).is_err());
        }
    }
    assert!(refused > 50, "damage is felt: {refused}");
    // Inside of archives, where damage from without is only a wrong checksum.
    for seed in 0..400 {
        let (shapes, table) = (testkit::damaged(&shapes, seed), testkit::damaged(&table, seed + 7));
        let _ = through(&zipped(&[("a.shp", &shapes), ("a.dbf", &table)]), &Ask::default());
        let _ = wkb::read(&testkit::damaged(&point(1.0, 2.0), seed));
        let _ = wire::row(&testkit::damaged(&[9; 40], seed));
    }
}
