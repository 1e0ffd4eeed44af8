//! The reader on small tables of every shape, on arbitrary bytes, and, where they are at hand, on the whole copies.

use std::io::Cursor;

use jiff::civil::date;
use kernel::Dong;
use kernel::calendar::TimeLimit;
use serde_json::{Value, json};

use super::*;
use crate::procedure::{ChannelKind, Procedure, Tier};

mod making;
mod whole;

fn edition() -> Edition {
    Edition {
        source: "Cổng Dịch vụ công quốc gia".to_owned(),
        copied_on: date(2026, 7, 20),
    }
}

fn read_text(text: &str) -> Reading {
    read(Cursor::new(text.as_bytes()), &edition()).expect("a slice can be read")
}

/// A line of the flat form with the given fields set.
fn flat(fields: Value) -> String {
    let mut line = json!({
        "ma_thu_tuc": "1.001193", "ten_thu_tuc": "Thủ tục đăng ký khai sinh", "linh_vuc": "Hộ tịch", "cap_thuc_hien": "Cấp xã",
        "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tả", "thanh_phan_ho_so": "--", "can_cu_phap_ly": "Không có thông tin",
    });
    let target = line.as_object_mut().expect("made as an object");
    target.extend(fields.as_object().expect("given as an object").clone());
    line.to_string()
}

fn one(field: &str, text: &str) -> Procedure {
    let reading = read_text(&flat(json!({ field: text })));
    reading.procedures.into_iter().next().expect("code and name are there")
}

#[test]
fn channels_are_told_apart_with_time_and_fees() {
    let table = "Hình thức nộpThời gianPhí, lệ phíMô tả\
        Trực tuyến5 Ngày làm việc10,000 Việt Nam Đồng(một bản)20,000 VNĐ(bản thứ hai (nếu có))Nộp Trực tuyến tại cổng.\nTrả sau.\
        Dịch vụ bưu chính30 NgàyMiễn phí(Không có)\
        Trực tiếpKhông có thông tinKhông có thông tinĐến trung tâm";
    let channels = one("cach_thuc_thuc_hien", table).channels;
    let kinds: Vec<_> = channels.iter().map(|channel| channel.kind).collect();
    assert_eq!(kinds, [ChannelKind::Online, ChannelKind::Post, ChannelKind::Desk]);
    assert_eq!(channels[0].time, Some(TimeLimit::WorkingDays(5)));
    let fees: Vec<_> = channels[0]
        .fees
        .iter()
        .map(|fee| (fee.amount.map(Dong::get), fee.text.as_str()))
        .collect();
    assert_eq!(
        fees,
        [(Some(10_000), "một bản"), (Some(20_000), "bản thứ hai (nếu có)")]
    );
    assert_eq!(channels[0].note, "Nộp Trực tuyến tại cổng.\nTrả sau.");
    assert_eq!(
        (channels[1].time, channels[1].fees[0].amount),
        (Some(TimeLimit::Days(30)), Some(Dong::ZERO))
    );
    assert_eq!(
        (channels[2].time, channels[2].fees.len(), channels[2].note.as_str()),
        (None, 0, "Đến trung tâm")
    );
}

#[test]
fn what_the_source_leaves_open_stays_open() {
    let cell = |row: &str| {
        one(
            "cach_thuc_thuc_hien",
            &format!("Hình thức nộpThời gianPhí, lệ phíMô tả{row}"),
        )
        .channels
        .remove(0)
    };
    for (row, amount, text) in [
        (
            "Trực tiếp3 NgàyMiễn phí(Mức lệ phí do Hội đồng nhân dân tỉnh quyết định.)",
            None,
            "Mức lệ phí do Hội đồng nhân dân tỉnh quyết định.",
        ),
        (
            "Trực tiếp3 NgàyMiễn phí(Miễn lệ phí cho người cao tuổi)",
            None,
            "Miễn lệ phí cho người cao tuổi",
        ),
        ("Trực tiếp3 NgàyMiễn phí(Miễn lệ phí.)", Some(0), "Miễn lệ phí."),
        (
            "Trực tiếp3 Ngày135 VNĐ(Lệ phí: 135.000 đồng/lần.)",
            Some(135_000),
            "Lệ phí: 135.000 đồng/lần.",
        ),
        ("Trực tiếp3 Ngày50 VNĐ(hồ sơ)", None, "50 VNĐ hồ sơ"),
        ("Trực tiếp3 Ngày10 USD(/lần)", None, "10 USD /lần"),
        ("Trực tiếp1100,000 VNĐ(nộp một lần)", Some(100_000), "nộp một lần"),
    ] {
        let channel = cell(row);
        let fee = &channel.fees[0];
        assert_eq!((fee.amount.map(Dong::get), fee.text.as_str()), (amount, text), "{row}");
    }
    for (row, time, text) in [
        ("Trực tiếp1Miễn phí", None, ""),
        ("Trực tiếp4 GiờMiễn phí", None, "4 Giờ"),
        (
            "Trực tiếp4 GiờMiễn phíTrả trong 04 giờ làm việc",
            Some(TimeLimit::WorkingHours(4)),
            "",
        ),
        (
            "Trực tiếp7Miễn phíTrong 07 ngày làm việc",
            Some(TimeLimit::WorkingDays(7)),
            "7 ngày làm việc (đơn vị theo trình tự thực hiện)",
        ),
        (
            "Trực tiếp7Miễn phíTrong 07 ngày làm việc, chậm nhất 07 ngày kể từ",
            None,
            "",
        ),
        ("Trực tiếpNgay sau khi nhậnMiễn phí", None, "Ngay sau khi nhận"),
    ] {
        let channel = cell(row);
        assert_eq!((channel.time, channel.time_text.as_str()), (time, text), "{row}");
    }
}

#[test]
fn papers_are_told_apart_with_counts_cases_and_files() {
    let head = "Tên giấy tờMẫu đơn, tờ khaiSố lượng";
    let text = format!(
        "--{head}Giấy chứng sinh; trường hợp không có thì nộp văn bản1 bản chính- Tờ khai theo mẫuMẫu 1-CNLDN.docx1 bản chính,2 bản sao\
         Công văn (01 bản chính) kèm theo, nộp 1 bản chính; gửi sau0 bản chính,1 bản sao* Số lượng hồ sơ: 01 (một) bộ.0 bản chính\
         Tờ khai theo Mẫu số 11 bản chính\
         Trường hợp ủy quyền:{head}Giấy ủy quyền1 bản chính* Lưu ý:{head}Bản chụp phải rõ nét.0 bản chính"
    );
    let procedure = one("thanh_phan_ho_so", &text);
    let rows: Vec<_> = procedure
        .components
        .iter()
        .map(|paper| {
            (
                paper.case.as_deref(),
                paper.name.vi.as_str(),
                paper.originals,
                paper.copies,
                paper.template.as_deref(),
                paper.required,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                None,
                "Giấy chứng sinh; trường hợp không có thì nộp văn bản",
                1,
                0,
                None,
                true
            ),
            (None, "Tờ khai theo mẫu", 1, 2, Some("Mẫu 1-CNLDN.docx"), true),
            (
                None,
                "Công văn (01 bản chính) kèm theo, nộp 1 bản chính; gửi sau",
                0,
                1,
                None,
                true
            ),
            (None, "Tờ khai theo Mẫu số 1", 1, 0, None, true),
            (Some("Trường hợp ủy quyền"), "Giấy ủy quyền", 1, 0, None, false),
        ]
    );
    assert_eq!(procedure.notes, ["Bản chụp phải rõ nét"]);
}

#[test]
fn file_names_are_cut_off_where_they_begin() {
    for (text, name, file) in [
        (
            "theo quy định tại TTgMẫu 1-CNLDN.docx",
            "theo quy định tại TTg",
            Some("Mẫu 1-CNLDN.docx"),
        ),
        ("của Bộ Công an.NA5.doc", "của Bộ Công an.", Some("NA5.doc")),
        (
            "kinh doanhmẫu số 1 nđ 88.docx",
            "kinh doanh",
            Some("mẫu số 1 nđ 88.docx"),
        ),
        ("theo mẫuMauA.docxMauB.docx", "theo mẫu", Some("MauA.docx")),
        (
            "tàu biểnMauBankhaianninhtaubien.docx",
            "tàu biển",
            Some("MauBankhaianninhtaubien.docx"),
        ),
        ("Tờ khai.doc", "", Some("Tờ khai.doc")),
        // The number of a file in a list is the file's: at the paper it would look like a footnote.
        (
            "theo Thông tư số 53/2025/TT-BCA).1.MuCT01banhnhkmtheoThngts53.doc",
            "theo Thông tư số 53/2025/TT-BCA).",
            Some("1.MuCT01banhnhkmtheoThngts53.doc"),
        ),
        (
            "theo Thông tư số 53/2025/TT-BCA)1.MuCT01banhnhkmtheoThngts53 (2).doc",
            "theo Thông tư số 53/2025/TT-BCA)",
            Some("1.MuCT01banhnhkmtheoThngts53 (2).doc"),
        ),
        (
            "bằng văn bản;1.MuCT01banhnhkmtheoThngts53.doc",
            "bằng văn bản;",
            Some("1.MuCT01banhnhkmtheoThngts53.doc"),
        ),
        (
            "(song ngữ Việt-Anh).6.nxincpgianhnsaiGPcatchcCNNNg.doc",
            "(song ngữ Việt-Anh).",
            Some("6.nxincpgianhnsaiGPcatchcCNNNg.doc"),
        ),
        (
            "(theo mẫu)12.1.PLCpgiyphp.docx",
            "(theo mẫu)",
            Some("12.1.PLCpgiyphp.docx"),
        ),
        ("khẩu.2.docx", "khẩu.", Some("2.docx")),
        (
            "bắt buộcPhu luc II TT.14.docx",
            "bắt buộc",
            Some("Phu luc II TT.14.docx"),
        ),
        (
            "Mẫu số 3.2 của Thông tưMẫu 3.2.docx",
            "Mẫu số 3.2 của Thông tư",
            Some("Mẫu 3.2.docx"),
        ),
        ("Giấy khai sinh", "Giấy khai sinh", None),
    ] {
        assert_eq!(file_names::split(text), (name, file, false), "{text}");
    }
    assert_eq!(
        file_names::split("một tên không rõ.docx"),
        ("một tên không rõ.docx", None, true)
    );
}

#[test]
fn legal_grounds_are_told_apart() {
    let table = "Tên văn bản pháp lýMã văn bản\
        Luật sửa đổi 202323/2023/QH15Luật 51/2019/QH1451/2019/QH14Về nhập cảnh47/2014/QH13\
        Thông tư số 22/2023/TT-BCA22/2023/TT-BCAQUY ĐỊNH MỨC THU25/2021/TT-BTCNghị quyết cắt giảm66.16/2026/NQ-CP\
        Bảo hiểm y tếLuật 46/2014/QH13sửa đổi Thông tư số 85/2019/TT-BTC ngày 29/11/2019106/2021/TT-BTC19/2018/QĐ-TTg";
    let grounds = one("can_cu_phap_ly", table).legal_basis;
    let rows: Vec<_> = grounds
        .iter()
        .map(|ground| (ground.title.as_str(), ground.number.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("Luật sửa đổi 2023", "23/2023/QH15"),
            ("Luật 51/2019/QH14", "51/2019/QH14"),
            ("Về nhập cảnh", "47/2014/QH13"),
            ("Thông tư số 22/2023/TT-BCA", "22/2023/TT-BCA"),
            ("QUY ĐỊNH MỨC THU", "25/2021/TT-BTC"),
            ("Nghị quyết cắt giảm", "66.16/2026/NQ-CP"),
            ("Bảo hiểm y tế", "46/2014/QH13"),
            ("sửa đổi Thông tư số 85/2019/TT-BTC ngày 29/11/2019", "106/2021/TT-BTC"),
            ("", "19/2018/QĐ-TTg"),
        ]
    );
}

#[test]
fn results_tiers_and_lists_are_read() {
    let procedure = one(
        "ket_qua_xu_ly",
        "Giấy A;Mã: KQ.G01.000074Giấy BMã: 000.00.00.G09-KQ002269Từ khóakhai sinh, trẻ emMô tảKhông có thông tin",
    );
    assert_eq!(procedure.results, ["Giấy A", "Giấy B"]);
    assert_eq!(procedure.keywords, ["khai sinh", "trẻ em"]);
    assert_eq!(
        one("cap_thuc_hien", "Cấp xã, Cấp bộ, Cấp tỉnh, Cơ quan khác").tiers,
        [Tier::Ministry, Tier::Province, Tier::Commune, Tier::Other]
    );
    let audience = one(
        "doi_tuong_thuc_hien",
        "Tổ chức (không bao gồm doanh nghiệp, HTX), Công dân Việt Nam",
    )
    .audience;
    assert_eq!(
        audience,
        ["Tổ chức (không bao gồm doanh nghiệp, HTX)", "Công dân Việt Nam"]
    );
}

#[test]
fn nested_tables_are_read() {
    let line = json!({
        "thu_tuc_id": "1.013133",
        "metadata": {"tên_thủ_tục": "Thủ tục đăng ký", "số_quyết_định": "Quyết định số 6225/QĐ-BQP", "cấp_thực_hiện": "Cấp Xã", "lĩnh_vực": "Nghĩa vụ quân sự"},
        "content": {"trình_tự_thực_hiện": "Bước 1: Nộp. Bước 2: Nhận theo Bước 1.", "cơ_quan_có_thẩm_quyền": "Không có thông tin", "cơ_quan_thực_hiện": "Ban Chỉ huy quân sự cấp xã"},
        "tables": {
            "hinh_thuc_nop": [{"hinh_thuc": "Trực tiếp", "thoi_han_giai_quyet": "01 Ngày làm việc", "phi_le_phi": "Phí : 2.000.000 Đồng (Thẩm định)\nLệ phí : Không Đồng", "mo_ta": ""}],
            "thanh_phan_ho_so": [{"ten_giay_to": "1.\tĐơn;", "so_luong": "A.doc\nB.doc", "ghi_chu": "Bản chính: 1\nBản sao: 2"}],
            "can_cu_phap_ly": [{"so_ky_hieu": "12", "trich_yeu": "Quyết định số 12/2021/QĐ-TTg ngày 24/3/2021", "ngay_ban_hanh": "24-03-2021", "co_quan_ban_hanh": "Thủ tướng Chính phủ"}]
        }
    });
    let procedure = read_text(&line.to_string()).procedures.remove(0);
    assert_eq!(
        (procedure.decision.as_str(), procedure.agency.as_str()),
        ("6225/QĐ-BQP", "Ban Chỉ huy quân sự cấp xã")
    );
    assert_eq!(procedure.steps, ["Bước 1: Nộp.", "Bước 2: Nhận theo Bước 1."]);
    let channel = &procedure.channels[0];
    assert_eq!(channel.time, Some(TimeLimit::WorkingDays(1)));
    let fees: Vec<_> = channel
        .fees
        .iter()
        .map(|fee| (fee.amount.map(Dong::get), fee.text.as_str()))
        .collect();
    assert_eq!(fees, [(Some(2_000_000), "Thẩm định"), (Some(0), "")]);
    let paper = &procedure.components[0];
    assert_eq!(
        (
            paper.name.vi.as_str(),
            paper.originals,
            paper.copies,
            paper.template.as_deref()
        ),
        ("1. Đơn", 1, 2, Some("A.doc"))
    );
    let ground = &procedure.legal_basis[0];
    assert_eq!(
        (ground.number.as_str(), ground.issued_on),
        ("12/2021/QĐ-TTg", Some(date(2021, 3, 24)))
    );
}

#[test]
fn lines_that_cannot_be_read_are_named_and_the_rest_goes_on() {
    let good = flat(json!({}));
    let bad_code = flat(json!({"ma_thu_tuc": "khai sinh"}));
    let no_name = flat(json!({"ten_thu_tuc": " "}));
    let not_text = flat(json!({"linh_vuc": 5}));
    let reading = read_text(&format!(
        "{{\n\n{good}\n{bad_code}\n{no_name}\n{not_text}\n{{\"a\":1}}\n[1]\n{good}"
    ));
    assert_eq!((reading.report.lines, reading.procedures.len()), (8, 1));
    let faults: Vec<_> = reading
        .report
        .unread
        .iter()
        .filter(|unread| matches!(unread.field, SourceField::Line | SourceField::Code | SourceField::Name))
        .map(|unread| (unread.line, unread.reason))
        .collect();
    assert_eq!(
        faults,
        [
            (1, "not JSON"),
            (4, "not a code of a procedure"),
            (5, "no name"),
            (6, "a field of the flat form is no text"),
            (7, "no known form of a procedure"),
            (8, "no known form of a procedure"),
        ]
    );
}

#[test]
fn what_is_written_is_read_back() {
    let table = "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tuyến5 Ngày làm việc10,000 VNĐ(một bản)";
    let procedures = read_text(&flat(json!({"cach_thuc_thuc_hien": table}))).procedures;
    let mut bytes = Vec::new();
    write(&procedures, &mut bytes).expect("a vector takes everything");
    let again = read(Cursor::new(&bytes), &edition()).expect("a slice can be read");
    assert_eq!(again.procedures, procedures);
    assert_eq!(again.report.unread_count, 0);
}

#[test]
fn a_damaged_gzip_is_an_error_and_a_long_line_is_not() {
    let damaged = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
    assert!(matches!(
        read(Cursor::new(damaged), &edition()),
        Err(CatalogueError::Read(_))
    ));
    let long = format!("{}\n{}\n", "x".repeat(5 << 20), flat(json!({})));
    let reading = read_text(&long);
    assert_eq!(
        (reading.procedures.len(), reading.report.unread[0].reason),
        (1, "the line is too long")
    );
}
