//! Files judged by their bytes, whole and cut off.

use std::io::Write as _;

use super::kind::judge;
use super::{FileFault, FileKind};

fn judged(bytes: &[u8]) -> Result<FileKind, FileFault> {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room on the disk");
    judge(&mut file).expect("a readable file")
}

fn png() -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".as_slice(),
        b"\0\0\0\rIHDR-----------------",
        b"\0\0\0\0IEND\xaeB`\x82",
    ]
    .concat()
}

fn jpeg() -> Vec<u8> {
    let thumbnail = b"\xff\xd8\xff\xd9";
    let app = [b"\xff\xe0\0\x06".as_slice(), thumbnail].concat();
    [
        b"\xff\xd8".as_slice(),
        &app,
        b"\xff\xda\0\x02",
        b"data\xff\x00more\xff\xd0data",
        b"\xff\xd9",
    ]
    .concat()
}

fn zip(names: &[&str]) -> Vec<u8> {
    let mut out = b"PK\x03\x04local".to_vec();
    let from = out.len();
    for name in names {
        let mut entry = [0_u8; 46];
        entry[..4].copy_from_slice(b"PK\x01\x02");
        entry[28..30].copy_from_slice(&u16::try_from(name.len()).expect("short").to_le_bytes());
        out.extend_from_slice(&entry);
        out.extend_from_slice(name.as_bytes());
    }
    let size = out.len() - from;
    let mut end = [0_u8; 22];
    end[..4].copy_from_slice(b"PK\x05\x06");
    end[12..16].copy_from_slice(&u32::try_from(size).expect("small").to_le_bytes());
    end[16..20].copy_from_slice(&u32::try_from(from).expect("small").to_le_bytes());
    out.extend_from_slice(&end);
    out
}

fn compound(stream: &str) -> Vec<u8> {
    let mut out = vec![0_u8; 512 * 4];
    out[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    out[30..32].copy_from_slice(&9_u16.to_le_bytes());
    out[48..52].copy_from_slice(&1_u32.to_le_bytes());
    let wide: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let entry = 1024 + 128;
    out[entry..entry + wide.len()].copy_from_slice(&wide);
    out[entry + 64..entry + 66].copy_from_slice(&u16::try_from(wide.len() + 2).expect("short").to_le_bytes());
    out
}

fn heic() -> Vec<u8> {
    [
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(),
        b"\0\0\0\x0cmeta----",
        b"\0\0\0\x10mdat--------",
    ]
    .concat()
}

#[test]
fn whole_files_are_known_by_their_bytes() {
    let docx = zip(&["[Content_Types].xml", "word/document.xml"]);
    let xlsx = zip(&["[Content_Types].xml", "xl/workbook.xml"]);
    for (bytes, kind) in [
        (png(), FileKind::Png),
        (jpeg(), FileKind::Jpeg),
        (b"%PDF-1.7\n...\n%%EOF\n".to_vec(), FileKind::Pdf),
        (b"RIFF\x10\0\0\0WEBPVP8 ----------".to_vec(), FileKind::Webp),
        (heic(), FileKind::Heic),
        (b"II*\0\x08\0\0\0\0\0".to_vec(), FileKind::Tiff),
        (b"MM\0*\0\0\0\x08\0\0".to_vec(), FileKind::Tiff),
        (docx, FileKind::Docx),
        (xlsx, FileKind::Xlsx),
        (compound("WordDocument"), FileKind::Doc),
        (compound("Workbook"), FileKind::Xls),
        ("Đơn đề nghị\r\n".as_bytes().to_vec(), FileKind::Text),
        ("\u{feff}<?xml version=\"1.0\"?><a/>".as_bytes().to_vec(), FileKind::Xml),
    ] {
        assert_eq!(judged(&bytes), Ok(kind));
    }
}

#[test]
fn every_way_of_cutting_a_file_off_is_noticed() {
    for whole in [
        png(),
        jpeg(),
        heic(),
        zip(&["[Content_Types].xml", "word/document.xml"]),
    ] {
        for len in 12..whole.len() - 1 {
            let cut = judged(&whole[..len]);
            assert!(cut.is_err(), "{len} of {} bytes passed as {cut:?}", whole.len());
        }
    }
    assert_eq!(judged(b""), Err(FileFault::Empty));
    assert_eq!(judged(b"%PDF-1.7\nstartxref\n"), Err(FileFault::Truncated));
    assert_eq!(
        judged("chữ".as_bytes().split_last().expect("bytes").1),
        Err(FileFault::Truncated)
    );
}

#[test]
fn programs_macros_and_other_archives_are_not_taken() {
    for bytes in [
        b"MZ\x90\0\x03\0\0\0".to_vec(),
        b"\x7fELF\x02\x01\x01\0".to_vec(),
        zip(&["a.txt"]),
        zip(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]),
        compound("Something"),
        b"text with \0 inside".to_vec(),
        b"\xff\xfet\0e\0".to_vec(),
    ] {
        assert_eq!(judged(&bytes), Err(FileFault::Unknown));
    }
}
