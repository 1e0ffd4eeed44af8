//! The child as its parent starts it: what it reads, and that bombs end at a limit of memory or of bytes.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking and say why")]

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::process::{Command, Output, Stdio};

use stranger::wire::Reader;
use stranger::{Ask, Piece, Refusal};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn run(mut file: File, ask: &Ask) -> Output {
    file.seek(SeekFrom::Start(0)).unwrap();
    let ask = serde_json::to_string(ask).unwrap();
    Command::new(env!("CARGO_BIN_EXE_stranger"))
        .args(["read-stranger", &ask])
        .env_clear()
        .stdin(Stdio::from(file))
        .output()
        .unwrap()
}

/// Everything that the child said, or why it refused; none when it ended without a word.
fn said(output: &Output) -> Option<Result<Vec<Piece>, Refusal>> {
    let mut reader = Reader::new(output.stdout.as_slice());
    let mut pieces = Vec::new();
    loop {
        match reader.next_piece() {
            Ok(Some(piece @ Piece::End(_))) => {
                pieces.push(piece);
                return Some(Ok(pieces));
            }
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => return None,
            Err(refusal) => return Some(Err(refusal)),
        }
    }
}

fn written(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

#[test]
fn a_child_reads_what_is_its_standard_input() {
    let output = run(written(b"a,b\n1,2\n3,4\n"), &Ask::default());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(said(&output).unwrap().unwrap().len(), 4);
    let refused = run(written(b"%PDF-1.7"), &Ask::default());
    assert!(matches!(said(&refused), Some(Err(Refusal::Format { .. }))));
}

#[test]
fn a_geopackage_is_read_without_opening_anything_more() {
    let place = tempfile::NamedTempFile::new().unwrap();
    let db = rusqlite::Connection::open(place.path()).unwrap();
    db.execute_batch(
        "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
         CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
         CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
         CREATE TABLE t (fid INTEGER PRIMARY KEY, tag TEXT); INSERT INTO t (tag) VALUES ('x'), ('y');
         INSERT INTO gpkg_contents VALUES ('t', 'attributes');",
    )
    .unwrap();
    drop(db);
    let output = run(File::open(place.path()).unwrap(), &Ask::default());
    let pieces = said(&output).unwrap_or_else(|| panic!("{output:?}")).unwrap();
    assert_eq!(pieces.len(), 4);
}

/// A workbook with this sheet.
fn book(megabytes_of_zeros: usize, sheet: &mut dyn FnMut(&mut dyn std::io::Write)) -> File {
    let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
    let options = SimpleFileOptions::default().large_file(true).compression_level(Some(1));
    for (part, text) in [
        ("[Content_Types].xml", "<Types/>"),
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
    ] {
        zip.start_file(part, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    sheet(&mut zip);
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..megabytes_of_zeros {
        zip.write_all(&zeros).unwrap();
    }
    zip.finish().unwrap()
}

#[test]
fn a_sheet_of_a_million_rows_is_read_within_the_limits() {
    let file = book(0, &mut |out| {
        let mut out = std::io::BufWriter::with_capacity(1 << 20, out);
        write!(out, "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>tag</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>n</t></is></c></row>").unwrap();
        for row in 2..=1_000_001 {
            write!(out, "<row r=\"{row}\"><c r=\"A{row}\" t=\"inlineStr\"><is><t>TS-{row:06}</t></is></c><c r=\"B{row}\"><v>{row}</v></c></row>").unwrap();
        }
        write!(out, "</sheetData></worksheet>").unwrap();
        out.flush().unwrap();
    });
    let output = run(file, &Ask::default());
    let words = String::from_utf8_lossy(&output.stderr);
    let pieces = said(&output)
        .unwrap_or_else(|| panic!("{} {words}", output.status))
        .unwrap();
    assert_eq!(pieces.len(), 1_000_002);
    assert!(matches!(pieces.last(), Some(Piece::End(end)) if end.rows == 1_000_000));
}

#[test]
fn a_bomb_ends_at_a_limit() {
    // One text of a gigabyte and a half inside a megabyte and a half.
    let head = b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>";
    let file = book(1_500, &mut |out| out.write_all(head).unwrap());
    assert!(file.metadata().unwrap().len() < 64 << 20);
    let output = run(file, &Ask::default());
    let words = String::from_utf8_lossy(&output.stderr);
    let ended = match said(&output) {
        None => words.contains("memory allocation"),
        Some(Err(refusal)) => matches!(refusal, Refusal::TooLarge { .. } | Refusal::Damaged { .. }),
        Some(Ok(_)) => false,
    };
    assert!(ended, "{} {words}", output.status);
    // One that says itself that it is larger than the bound is not unpacked at all.
    let file = book(4_200, &mut |out| out.write_all(b"<worksheet>").unwrap());
    assert_eq!(
        said(&run(file, &Ask::default())),
        Some(Err(Refusal::too_large("unpacked")))
    );
}
