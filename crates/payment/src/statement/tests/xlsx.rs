//! XLSX: how cells are saved, dates, sheets, and archives that are made to hurt.

use super::*;
use std::io::{Cursor, Write as _};

pub(super) fn format(sheet: Option<&str>) -> Format {
    Format::Xlsx(XlsxMapping {
        sheet: sheet.map(str::to_owned),
        table: table(),
    })
}

/// A workbook of one sheet, with these rows as Excel writes them.
pub(super) fn workbook(rows: &str, workbook: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let styles = "<styleSheet><numFmts count=\"1\"><numFmt numFmtId=\"170\" formatCode=\"&quot;day&quot; [$-42A]mm\\-yyyy\"/>\
        <numFmt numFmtId=\"171\" formatCode=\"#,##0 &quot;day&quot;\"/></numFmts><cellXfs><xf numFmtId=\"0\"/>\
        <xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/></cellXfs></styleSheet>";
    let texts = "<sst><si><t>Diễn giải</t></si><si><r><t>Lệ </t></r><r><t>phí</t></r><rPh><t>x</t></rPh></si></sst>";
    for (name, text) in [
        ("xl/workbook.xml", workbook),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Target=\"/xl/worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/styles.xml", styles),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/sheet1.xml", &sheet),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(super) const BOOK: &str = "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
const BOOK_1904: &str =
    "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";

pub(super) fn rows(serial: i64) -> String {
    let inline =
        |reference: &str, text: &str| format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let headings = [
        ("A3", "Ngày GD"),
        ("B3", "Số tham chiếu"),
        ("C3", "Đối tác"),
        ("D3", "Ghi nợ"),
        ("E3", "Ghi có"),
    ];
    let headings: String = headings
        .iter()
        .map(|(reference, text)| inline(reference, text))
        .collect();
    format!(
        "<row r=\"3\">{headings}<c r=\"F3\" t=\"s\"><v>0</v></c></row>\
         <row r=\"5\"><c r=\"A5\" s=\"1\"><v>{serial}</v></c><c r=\"E5\" s=\"3\"><f>1+1</f><v>1.5E5</v></c><c r=\"F5\" t=\"s\"><v>1</v></c></row>\
         <row r=\"6\"><c r=\"A6\" s=\"2\"><v>{serial}.75</v></c><c r=\"D6\" t=\"str\"><v>1.000</v></c></row>\
         <row r=\"7\">{}<c r=\"E7\"><v>7</v></c></row>",
        inline("A7", "03/07/2025")
    )
}

#[test]
fn cells_are_read_however_they_were_saved() {
    let statement = read_one(&workbook(&rows(45839), BOOK), &format(None)).unwrap();
    assert_eq!(
        shown(&statement),
        [
            "5|2025-07-01|150000|-|Lệ phí|-",
            "6|2025-07-01|-1000|-||-",
            "7|2025-07-03|7|-||-"
        ]
    );
    let mac = read_one(&workbook(&rows(45839 - 1462), BOOK_1904), &format(Some("A"))).unwrap();
    assert_eq!(mac.lines[0].booked_on.to_string(), "2025-07-01");
}

#[test]
fn faults_name_the_row() {
    let rows = rows(45839).replace("1.5E5", "0.5").replace("03/07/2025", "30/02/2025");
    assert_eq!(
        faults(&workbook(&rows, BOOK), &format(None)),
        [
            "line 5: \"0.5\" is no whole number of đồng",
            "line 7: \"30/02/2025\" is no date of the form dd/MM/yyyy"
        ]
    );
    let rows = rows.replace("0.5", "1E300").replace("s=\"1\"", "");
    assert_eq!(faults(&workbook(&rows, BOOK), &format(None)).len(), 3);
    let no_sheet = faults(&workbook("", BOOK), &format(Some("B")));
    assert_eq!(
        no_sheet,
        ["the file is no XLSX workbook: it has no sheet of the declared name"]
    );
}

#[test]
fn archives_made_to_hurt_are_refused() {
    let wide = "<row r=\"1\"><c r=\"ZZZZ1\"><v>1</v></c><c r=\"XFD1\"><v>1</v></c><c r=\"1\"><v>1</v></c></row>";
    assert!(faults(&workbook(wide, BOOK), &format(None))[0].contains("no row has the headings"));
    let long = format!("<row r=\"1\">{}</row>", "<c/>".repeat(30_000));
    assert!(faults(&workbook(&long, BOOK), &format(None))[0].contains("more than 20000 elements"));
    let entity = workbook(&rows(45839), &format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{BOOK}"));
    assert_eq!(read(&entity, &format(None)), Err(StatementError::Entities));
    let table: [(&[u8], &str); 4] = [
        (b"PK\x03\x04 nothing", "its ZIP archive is damaged"),
        (&[0xd0, 0xcf, 0x11, 0xe0], "Excel 97 to 2003, or one with a password"),
        (
            b"<html><table>",
            "a web page, whatever its name says; open it and save it as XLSX",
        ),
        (b"a;b", "it is text; declare the format csv"),
    ];
    for (bytes, words) in table {
        assert!(faults(bytes, &format(None))[0].contains(words), "{words}");
    }
}

#[test]
fn slow_an_archive_that_unpacks_without_end_is_stopped() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(b"<workbook>").unwrap();
    let spaces = vec![b' '; 16 * 1024 * 1024];
    for _ in 0..40 {
        zip.write_all(b"<a/>").unwrap();
        zip.write_all(&spaces).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 2_000_000, "{}", bytes.len());
    assert!(matches!(
        read(&bytes, &format(None)),
        Err(StatementError::TooLarge { .. })
    ));
}
