//! The reader on the whole copies, where they are at hand, and on arbitrary bytes and cells.

use std::io::Cursor;
use std::path::PathBuf;

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::super::*;
use super::{edition, flat, read_text};

/// The folder of the two copies, which stand beside the repository where they are at hand.
fn copies() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/procedures");
    folder.is_dir().then_some(folder)
}

pub(super) fn read_copy(name: &str, copied_on: kernel::Date) -> Option<Reading> {
    let file = std::fs::File::open(copies()?.join(name)).expect("listed in PROVENANCE.md");
    let edition = Edition { copied_on, ..edition() };
    Some(read(std::io::BufReader::new(file), &edition).expect("a whole file"))
}

/// Least share that must be read, in percent. Lower means that a change broke the reader.
fn check(reading: &Reading, procedures: usize, shares: &[(SourceField, f64)]) {
    assert_eq!(reading.procedures.len(), procedures);
    for (field, least) in shares {
        let count = reading.report.field(*field);
        assert!(
            count.percent() >= *least,
            "{field:?} {count:?}\n{}",
            reading.report.table()
        );
    }
}

#[test]
fn the_flat_copy_is_read_nearly_whole() {
    use SourceField::*;
    let Some(reading) = read_copy("procedures-2642.jsonl.gz", date(2026, 7, 20)) else {
        return;
    };
    let shares = [
        (Code, 100.0),
        (Name, 100.0),
        (Sector, 100.0),
        (Tiers, 100.0),
        (Channels, 100.0),
        (Time, 86.0),
        (Fees, 83.0),
        (Components, 99.5),
        (Template, 98.0),
        (LegalBasis, 99.0),
        (Steps, 100.0),
        (Results, 100.0),
    ];
    check(&reading, 2_642, &shares);
    assert!(reading.report.field(Components).read > 13_000);
    assert!(reading.report.field(LegalBasis).read > 10_000);
    // No paper's name still holds a quantity that ends a row, but for a handful of damaged rows.
    let names = reading
        .procedures
        .iter()
        .flat_map(|procedure| &procedure.components)
        .map(|paper| &paper.name.vi);
    assert!(
        names
            .filter(|name| name.contains("1 bản chính- ") || name.contains("1 bản chínhG"))
            .count()
            < 10
    );
}

#[test]
fn the_nested_copy_is_read_nearly_whole() {
    use SourceField::*;
    let Some(reading) = read_copy("procedures-nested-207.jsonl.gz", date(2026, 1, 2)) else {
        return;
    };
    let shares = [
        (Code, 100.0),
        (Name, 100.0),
        (Tiers, 100.0),
        (Channels, 100.0),
        (Time, 86.0),
        (Fees, 93.0),
        (Components, 100.0),
        (Template, 100.0),
        (LegalBasis, 97.0),
        (Steps, 100.0),
        (Results, 100.0),
    ];
    check(&reading, 207, &shares);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(Cursor::new(bytes), &edition());
    }

    #[test]
    fn arbitrary_cells_never_panic(
        cells in proptest::collection::vec(
            prop_oneof![
                Just("Trực tuyến".to_owned()), Just("Trực tiếp".to_owned()), Just("5 Ngày".to_owned()), Just("Miễn phí".to_owned()),
                Just("10,000 VNĐ".to_owned()), Just("(".to_owned()), Just(")".to_owned()), Just("1 bản chính".to_owned()),
                Just(",1 bản sao".to_owned()), Just("Tên giấy tờMẫu đơn, tờ khaiSố lượng".to_owned()), Just("Mẫu.docx".to_owned()),
                Just("12/2023/NĐ-CP".to_owned()), Just("/QH".to_owned()), Just("Mã: ".to_owned()), "[0-9./-]{0,6}", "\\PC{0,8}",
            ],
            0..24,
        )
    ) {
        let text = cells.concat();
        let line = flat(json!({
            "cach_thuc_thuc_hien": format!("Hình thức nộpThời gianPhí, lệ phíMô tả{text}"),
            "thanh_phan_ho_so": text, "can_cu_phap_ly": format!("Tên văn bản pháp lýMã văn bản{text}"), "ket_qua_xu_ly": text,
            "cap_thuc_hien": text, "doi_tuong_thuc_hien": text, "yeu_cau_dieu_kien": text, "trinh_tu_thuc_hien": text,
        }));
        let reading = read_text(&line);
        prop_assert_eq!(reading.procedures.len(), 1);
        let mut bytes = Vec::new();
        write(&reading.procedures, &mut bytes).expect("a vector takes everything");
        let again = read(Cursor::new(&bytes), &edition()).expect("a slice can be read");
        prop_assert_eq!(again.procedures, reading.procedures);
    }
}

/// Lines of all three forms as they come: of the shipped list, and of the copies where they are at hand.
fn real_lines() -> Vec<Vec<u8>> {
    use std::io::{BufRead, Read};
    let mut lines: Vec<Vec<u8>> = shipped().split(b'\n').step_by(9).filter_map(Result::ok).collect();
    for name in ["procedures-2642.jsonl.gz", "procedures-nested-207.jsonl.gz"] {
        let Some(file) = copies().and_then(|folder| std::fs::File::open(folder.join(name)).ok()) else {
            continue;
        };
        let mut text = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(file);
        reader.read_to_end(&mut text).expect("a whole file");
        lines.extend(text.split(|byte| *byte == b'\n').step_by(40).map(<[u8]>::to_vec));
    }
    let line = flat(json!({ "thanh_phan_ho_so": "--Tên giấy tờMẫu đơn, tờ khaiSố lượngĐơn1 bản chính" }));
    lines.push(line.into_bytes());
    lines.retain(|line| !line.is_empty());
    lines
}

#[test]
fn damaged_lines_of_every_form_are_read_or_told() {
    let lines = real_lines();
    assert!(lines.len() > 30);
    let mut read_all = 0;
    for seed in 0..4_000 {
        let place = usize::try_from(seed).expect("few") % lines.len();
        let damaged = testkit::damaged(&lines[place], seed);
        let reading = read(Cursor::new(&damaged), &edition()).expect("a slice can be read");
        read_all += reading.procedures.len();
        // What was read can be written and is read again as it was.
        let mut bytes = Vec::new();
        write(&reading.procedures, &mut bytes).expect("a vector takes everything");
        let again = read(Cursor::new(&bytes), &edition()).expect("a slice can be read");
        assert_eq!(again.procedures, reading.procedures, "seed {seed}");
    }
    assert!(read_all > 100, "{read_all}: the damage goes past the first brackets");
}
