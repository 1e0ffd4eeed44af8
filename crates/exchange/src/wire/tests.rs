//! Messages to JSON and back, and what answers of every kind mean: pages, halves, yes that was none, codes nobody knows.

use kernel::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Applicant, Attachment, Carried, Content, Dialect, Fee, ItemVerdict, LookUp, Progress, Reason, Request, ResultPaper,
    Service, Sighted, Sync, When, local_time, portal_time, read,
};

fn at() -> Timestamp {
    Timestamp::from_local(jiff::civil::date(2026, 11, 22).at(14, 30, 5, 0))
}

fn body(value: &Value) -> Content {
    Content::Body(200, serde_json::to_vec(value).unwrap())
}

#[test]
fn times_are_written_as_the_portal_does() {
    assert_eq!(portal_time(at()), "20261122143005");
    assert_eq!(local_time("20261122143005"), Some(at()));
    assert_eq!(
        local_time("20261122"),
        Some(Timestamp::from_local(jiff::civil::date(2026, 11, 22).at(0, 0, 0, 0)))
    );
    for wrong in [
        "",
        "2026-11-22",
        "20261322143005",
        "2026112214300",
        "２０２６１１２２",
        "20261122143005999",
    ] {
        assert_eq!(local_time(wrong), None, "{wrong}");
    }
}

fn carried() -> Carried {
    Carried {
        papers: vec![Attachment {
            id: "1".to_owned(),
            name: "Giấy chứng sinh".to_owned(),
            component: "1".to_owned(),
            url: "https://tinh.example.vn/tep/1".to_owned(),
            sha256: "00".repeat(32),
            is_deleted: true,
        }],
        fees: vec![Fee {
            name: "Lệ phí".to_owned(),
            code: "HT000123".to_owned(),
            when: Some(When::Reception),
            amount: kernel::Dong::new(50_000),
            is_paid: true,
        }],
        results: vec![ResultPaper {
            id: "2".to_owned(),
            name: "Giấy xác nhận".to_owned(),
            component: String::new(),
            code: "12/GXN-UBND".to_owned(),
            url: "https://tinh.example.vn/tep/2".to_owned(),
            sha256: String::new(),
        }],
    }
}

#[test]
fn what_no_source_proves_of_papers_and_fees_is_data() {
    let dialect: Dialect = serde_json::from_value(json!({
        "names": { "TrangThaiThanhToan": "DaThanhToan" }, "values": { "paid": "CO", "unpaid": "KHONG", "at-reception": "TN" },
        "components": { "1.001193/1": "000.00.00.G01-TP001" }
    }))
    .unwrap();
    dialect.check().unwrap();
    let mut item = json!({});
    carried().add_to(&dialect, &mut item);
    let fee = &item["DanhSachLePhi"][0];
    assert_eq!(
        (fee["DaThanhToan"].as_str(), fee["HinhThucThu"].as_str()),
        (Some("CO"), Some("TN"))
    );
    item["MaHoSo"] = "A".into();
    assert_eq!(Sync::read(&dialect, &item).unwrap().carried, carried());
    assert_eq!(dialect.component("1.001193", 0), "000.00.00.G01-TP001");
    assert_eq!(dialect.component("1.001193", 1), "2");
    assert_eq!(dialect.component_of("1.001193", "000.00.00.G01-TP001"), Some(0));
    assert_eq!(dialect.component_of("1.001193", "2"), Some(1));
    for theirs in ["", "0", "-1", "x", "99999999999999999999"] {
        assert_eq!(dialect.component_of("1.001193", theirs), None, "{theirs}");
    }
    for wrong in [
        json!({ "values": { "bezahlt": "1" } }),
        json!({ "components": { "1.001193": "x" } }),
    ] {
        let wrong: Dialect = serde_json::from_value(wrong).unwrap();
        assert!(wrong.check().is_err());
    }
    for broken in [
        json!({ "TaiLieuNop": "x" }),
        json!({ "TaiLieuNop": [5, {}] }),
        json!({ "DanhSachGiayToKetQua": {} }),
    ] {
        let mut item = broken;
        item["MaHoSo"] = "A".into();
        assert!(
            Sync::read(&Dialect::default(), &item).unwrap().carried.is_empty(),
            "{item}"
        );
    }
}

#[test]
fn a_dossier_goes_out_and_comes_back() {
    let dialect = Dialect::default();
    let sync = Sync {
        key: Some(Uuid::from_u128(7)),
        code: "H27.01-261122-0001".to_owned(),
        procedure: "1.001193".to_owned(),
        procedure_name: "Đăng ký khai sinh".to_owned(),
        sector: "Hộ tịch".to_owned(),
        channel: 2,
        applicant: Some(Applicant {
            name: "Trần Thị Hoa".to_owned(),
            number: "042190000017".to_owned(),
            phone: "0912345678".to_owned(),
            email: "hoa@example.vn".to_owned(),
            address: "Tổ 3".to_owned(),
        }),
        state: Some(3),
        filed_at: Some(at()),
        received_at: Some(at()),
        due_at: Some(at()),
        ended_at: Some(at()),
        returned_at: None,
        agency: "H27.01".to_owned(),
        agency_name: "UBND xã".to_owned(),
        from_portal: true,
        changed_at: Some(at()),
        note: "Không rút được".to_owned(),
        carried: carried(),
    };
    let written = sync.write(&dialect);
    assert_eq!(written["TrangThaiHoSo"], "3");
    assert_eq!(written["NgayTuChoi"], "20261122143005");
    assert_eq!(written["DinhDanhCHS"]["SoDinhDanh"], "042190000017");
    assert_eq!(
        written["TaiLieuNop"][0]["DuongDanTaiTepTin"],
        "https://tinh.example.vn/tep/1"
    );
    assert_eq!(written["DanhSachLePhi"][0]["Gia"], "50000");
    assert_eq!(written["DanhSachLePhi"][0]["TrangThaiThanhToan"], "1");
    assert_eq!(written["DanhSachGiayToKetQua"][0]["MaGiayToKetQua"], "12/GXN-UBND");
    assert_eq!(Sync::read(&dialect, &written), Some(sync));
    assert_eq!(
        Sync::read(&dialect, &json!({ "TrangThaiHoSo": "1" })),
        None,
        "it names no dossier"
    );
    let step = Progress {
        code: "A".to_owned(),
        text: "Trình ký".to_owned(),
        state: Some(4),
        at: Some(at()),
        ..Progress::default()
    };
    assert_eq!(Progress::read(&dialect, &step.write(&dialect)), Some(step));
    for ask in [LookUp::One("A".to_owned()), LookUp::FiledSince(at())] {
        assert_eq!(LookUp::read(&dialect, &ask.write(&dialect)), Some(ask));
    }
}

#[test]
fn names_and_states_are_data() {
    let dialect: Dialect = serde_json::from_value(json!({
        "names": { "MaHoSo": "DossierCode", "error_code": "code" }, "states": { "4": "DXL" }, "good": ["OK"]
    }))
    .unwrap();
    dialect.check().unwrap();
    let written = Sync {
        code: "A".to_owned(),
        state: Some(4),
        ..Sync::default()
    }
    .write(&dialect);
    assert_eq!(
        (written["DossierCode"].as_str(), written["TrangThaiHoSo"].as_str()),
        (Some("A"), Some("DXL"))
    );
    assert_eq!(
        (dialect.state_of("DXL"), dialect.state_of("4"), dialect.state_of("9")),
        (Some(4), None, Some(9))
    );
    let answer = read(&dialect, &body(&json!({ "code": "OK" })), &["A"]);
    assert_eq!(answer.items, [ItemVerdict::Accepted]);
    let wrong: Dialect = serde_json::from_value(json!({ "names": { "MaHoSoo": "x" } })).unwrap();
    assert!(wrong.check().unwrap_err().contains("MaHoSoo"));
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let dialect = Dialect::default();
    let request = Request {
        service: Service::Progress,
        is_updating: true,
        data: vec![json!({ "MaHoSo": "A" })],
    };
    let (session, unit, back) = Request::read(&dialect, &request.body(&dialect, "s", "H27")).unwrap();
    assert_eq!((session.as_str(), unit.as_str(), back), ("s", "H27", request));
    assert_eq!(
        Request::read(&dialect, &json!({ "service": "XoaHoSo" })),
        Err("service")
    );
    assert_eq!(
        Request::read(&dialect, &json!({ "service": "TraCuuHoSo", "data": 5 })),
        Err("data")
    );
}

#[test]
fn answers_mean_what_they_prove_and_no_more() {
    use ItemVerdict::Accepted;
    let dialect = Dialect::default();
    let again = |reason| ItemVerdict::Again(reason, String::new());
    let kind = |verdict: &ItemVerdict| match verdict {
        ItemVerdict::Again(reason, _) => again(*reason),
        ItemVerdict::Refused(_) => ItemVerdict::Refused(String::new()),
        Accepted => Accepted,
    };
    let refused = ItemVerdict::Refused(String::new());
    let cases = [
        (
            "a plain yes",
            body(&json!({ "error_code": 0 })),
            vec![Accepted, Accepted],
        ),
        (
            "a yes as text",
            body(&json!({ "error_code": "0", "data": [] })),
            vec![Accepted, Accepted],
        ),
        (
            "a yes to each",
            body(&json!({ "error_code": 0, "data": [{ "MaHoSo": "B", "error_code": 0 }, { "MaHoSo": "A" }] })),
            vec![Accepted, Accepted],
        ),
        (
            "a yes that was none: it names others",
            body(&json!({ "error_code": 0, "data": [{ "MaHoSo": "X", "error_code": 0 }] })),
            vec![again(Reason::NotNamed), again(Reason::NotNamed)],
        ),
        (
            "one of two",
            body(
                &json!({ "error_code": 0, "data": [{ "MaHoSo": "A", "error_code": "5", "message": "chưa có" }, { "MaHoSo": "B", "error_code": "0" }] }),
            ),
            vec![refused.clone(), Accepted],
        ),
        (
            "no to both, or to one of them",
            body(&json!({ "error_code": 9 })),
            vec![again(Reason::Together), again(Reason::Together)],
        ),
        (
            "a page",
            Content::Body(200, b"  <!DOCTYPE html>".to_vec()),
            vec![again(Reason::Html); 2],
        ),
        (
            "half a JSON",
            Content::Body(200, b"{\"error_code\":0,\"da".to_vec()),
            vec![again(Reason::HalfJson); 2],
        ),
        (
            "nothing",
            Content::Body(200, Vec::new()),
            vec![again(Reason::HalfJson); 2],
        ),
        (
            "JSON without a word",
            body(&json!({ "ok": true })),
            vec![again(Reason::Strange); 2],
        ),
        ("a list", body(&json!([1])), vec![again(Reason::Strange); 2]),
        (
            "the session is over",
            body(&json!({ "error_code": "-1" })),
            vec![again(Reason::Session); 2],
        ),
        (
            "who are you",
            Content::Body(401, Vec::new()),
            vec![again(Reason::Session); 2],
        ),
        (
            "busy",
            Content::Body(503, b"<html>".to_vec()),
            vec![again(Reason::Busy); 2],
        ),
        (
            "silence",
            Content::Nothing(Reason::Timeout),
            vec![again(Reason::Timeout); 2],
        ),
        (
            "never heard of it",
            Content::Body(404, Vec::new()),
            vec![refused.clone(), refused.clone()],
        ),
    ];
    for (name, content, expected) in cases {
        let answer = read(&dialect, &content, &["A", "B"]);
        assert_eq!(answer.items.iter().map(kind).collect::<Vec<_>>(), expected, "{name}");
    }
    let alone = read(
        &dialect,
        &body(&json!({ "error_code": 9, "message": "sai mã" })),
        &["A"],
    );
    assert_eq!(alone.items, [ItemVerdict::Refused("9 sai mã".to_owned())]);
}

#[test]
fn a_look_that_was_not_answered_finds_nothing_out() {
    let dialect = Dialect::default();
    let none = read(&dialect, &body(&json!({ "error_code": 0, "data": [] })), &["A"]);
    assert_eq!(none.found().map(<[Value]>::len), Some(0), "it is not there");
    for content in [
        Content::Nothing(Reason::Timeout),
        Content::Body(200, b"<html>".to_vec()),
        body(&json!({ "error_code": 9 })),
    ] {
        assert_eq!(read(&dialect, &content, &["A"]).found(), None, "{content:?}");
    }
    let strange =
        json!({ "error_code": 0, "data": [{ "MaHoSo": "A", "TrangThaiHoSo": "42", "NgayCapNhat": "30001122143005" }] });
    let answer = read(&dialect, &body(&strange), &["A"]);
    let sighted = Sighted::read(&dialect, &answer.found().unwrap()[0]).unwrap();
    assert_eq!(sighted.state, Err("42".to_owned()));
    assert!(
        sighted.stamp.is_some(),
        "a date in the future is a date, and is judged later"
    );
}
