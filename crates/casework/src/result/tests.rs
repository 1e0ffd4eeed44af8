//! Papers through the real router, on both engines: each is numbered once, goes to those who may see it, stands until it is
//! replaced or revoked, and bears every value that its template asks for.

use identity::session::Level;
use serde_json::Value;

use super::*;
use crate::journeys::{act, cast, check, citizen};
use crate::testing::{Browser, MIGRATIONS, Province, filed};

/// What the page offers to print: the hidden fields of the button of a form.
fn basis(page: &str, form: &str) -> String {
    let mark = format!("name=\"form\" value=\"{form}\"");
    let at = page
        .find(&mark)
        .unwrap_or_else(|| panic!("{form} is not offered in: {page}"));
    let rest = &page[at..];
    let rest = &rest[rest.find("name=\"basis\" value=\"").expect("a basis") + 20..];
    rest.split('"').next().expect("a value").to_owned()
}

/// Presses the button of a form on a page and gives the address of the paper.
async fn press(browser: &mut Browser, from: &str, form: &str) -> String {
    let basis = basis(&browser.get(from).await.expect(200).body, form);
    let fields = [("form", form), ("basis", basis.as_str())];
    browser
        .post(from, &format!("{from}/papers"), &fields)
        .await
        .expect(303)
        .location
}

/// The values that a paper was printed with.
async fn values(browser: &mut Browser, paper: &str) -> Value {
    let body = browser.get(paper).await.expect(200).body;
    let text = body.splitn(3, '\n').nth(2).expect("the values");
    serde_json::from_str(text.trim_end().trim_end_matches("%%EOF")).expect("JSON")
}

/// Every name of the sample stands in the values too.
fn holds(sample: &Value, values: &Value, path: &str) {
    match (sample, values) {
        (Value::Object(sample), Value::Object(values)) => {
            for (name, inner) in sample {
                let found = values.get(name).unwrap_or_else(|| panic!("{path}.{name} is missing"));
                holds(inner, found, &format!("{path}.{name}"));
            }
        }
        (Value::Array(sample), Value::Array(values)) => {
            for value in values {
                holds(&sample[0], value, &format!("{path}[]"));
            }
        }
        (sample, values) => assert_eq!(
            std::mem::discriminant(sample),
            std::mem::discriminant(values),
            "{path}: {sample} is not of the kind of {values}"
        ),
    }
}

const RESULT: [(&str, &str); 7] = [
    ("kind", "decision"),
    ("about", "Về việc đăng ký khai sinh"),
    ("grounds", "Căn cứ Luật Hộ tịch\nXét hồ sơ"),
    (
        "articles",
        "Đăng ký khai sinh cho cháu Lê An.\nQuyết định này có hiệu lực kể từ ngày ký./.",
    ),
    ("recipients", "Như Điều 1\nLưu: VT"),
    ("authority", ""),
    ("office", "Chủ tịch"),
];

/// The first link of a page to the verification of a paper after `mark`.
fn link(page: &str, mark: &str) -> String {
    let at = page.find(mark).unwrap_or_else(|| panic!("{mark} is not in: {page}"));
    let rest = &page[at..];
    let rest = &rest[rest.find("/verify/").expect("a link")..];
    rest.split('"').next().expect("an address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_follow_from_the_history_and_are_issued_once() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        cast.desk
            .get(&desk)
            .await
            .expect(200)
            .says("Chưa cấp giấy tờ nào")
            .hides("mẫu 01");
        let papers = format!("{desk}/papers");
        let early = [("form", "receipt"), ("basis", "0")];
        cast.desk.post(&desk, &papers, &early).await.expect(409);
        act(&mut cast.desk, &desk, "receive", &[]).await;

        let receipt = press(&mut cast.desk, &desk, "receipt").await;
        let given = values(&mut cast.desk, &receipt).await;
        holds(&document::Name::Receipt.sample(), &given, "receipt");
        assert_eq!(given["number"], "01/TNHS");
        assert_eq!(given["applicant"]["name"], "Trần Thị Hoa");
        assert_eq!(given["place"], "Thành Sen");
        assert!(
            given["components"][0].as_str().is_some_and(|name| !name.is_empty()),
            "{given}"
        );
        cast.stranger.get(&receipt).await.expect(404);
        cast.desk
            .get(&desk)
            .await
            .expect(200)
            .hides("In Giấy tiếp nhận")
            .says("01/TNHS");

        // The applicant finds the same paper, and nobody else does.
        let page = hoa.get(&own).await.expect(200).body;
        let hers = format!("{own}/papers/{}", receipt.rsplit('/').next().expect("an id"));
        assert!(page.contains(&hers), "{page}");
        hoa.get(&hers).await.expect(200).says("%PDF");
        let other = province.citizen("042190009999", "Lê Văn Khác").await;
        province.browser(other, Level::Oidc).await.get(&hers).await.expect(404);

        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let missing = [
            ("what-1", "Thiếu dấu"),
            ("remedy-1", "Chụp lại"),
            ("clause-1", "Điều 16"),
            ("example-1", "Dấu tròn ở góc dưới"),
        ];
        act(&mut cast.specialist, &desk, "ask-supplement", &missing).await;
        let slip = press(&mut cast.desk, &desk, "control-slip").await;
        let given = values(&mut cast.desk, &slip).await;
        holds(&document::Name::ControlSlip.sample(), &given, "control-slip");
        assert_eq!(given["steps"].as_array().map(Vec::len), Some(4));
        let request = press(&mut hoa, &own, "supplement").await;
        let given = values(&mut hoa, &request).await;
        holds(&document::Name::Supplement.sample(), &given, "supplement");
        assert_eq!(given["number"], "01/HDHS");
        assert_eq!(given["stage"], "Sau khi tiếp nhận, ở bước “Thẩm định”");
        assert_eq!(
            (&given["defects"][0]["clause"], &given["defects"][0]["example"]),
            (&Value::from("Điều 16"), &Value::from("Dấu tròn ở góc dưới"))
        );
        // The slip is the office's own.
        let inner = format!("{own}/papers/{}", slip.rsplit('/').next().expect("an id"));
        hoa.get(&inner).await.expect(404);

        act(&mut cast.leader, &desk, "stop", &[("note", "Không bổ sung trong hạn")]).await;
        let notice = press(&mut cast.desk, &desk, "stop").await;
        let given = values(&mut cast.desk, &notice).await;
        holds(&document::Name::Stop.sample(), &given, "stop");
        assert_eq!(
            (&given["number"], &given["reason"]),
            (&Value::from("01/TB-UBND"), &Value::from("Không bổ sung trong hạn"))
        );
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_paper_too() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        let refuse = format!("{desk}/refuse");
        let bare = [("note", "Không thuộc thẩm quyền")];
        cast.desk.post(&refuse, &refuse, &bare).await.expect(422);
        let whole = [
            ("note", "Không thuộc thẩm quyền"),
            ("what-1", "Cha mẹ cư trú ở xã khác"),
            ("clause-1", "Điều 13 Luật Hộ tịch"),
            ("example-1", "Nộp ở xã nơi mẹ đăng ký thường trú"),
        ];
        act(&mut cast.desk, &desk, "refuse", &whole).await;
        hoa.get(&own)
            .await
            .expect(200)
            .says("Cha mẹ cư trú ở xã khác")
            .says("Điều 13 Luật Hộ tịch")
            .says("Nộp ở xã nơi mẹ đăng ký thường trú");
        let paper = press(&mut hoa, &own, "refusal").await;
        let given = values(&mut hoa, &paper).await;
        holds(&document::Name::Refusal.sample(), &given, "refusal");
        assert_eq!(given["reason"], "Không thuộc thẩm quyền");
        assert_eq!(given["defects"][0]["clause"], "Điều 13 Luật Hộ tịch");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apology_with_a_new_day_is_paper_too() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        cast.leader.get(&desk).await.expect(200).hides("value=\"apology\"");
        let before = province.dossier(&own).await.due_at;
        let sorry = [("days", "2"), ("note", "Xin lỗi ông/bà: phải <đối chiếu> sổ gốc")];
        act(&mut cast.leader, &desk, "extend", &sorry).await;
        let after = province.dossier(&own).await.due_at;
        let paper = press(&mut cast.leader, &desk, "apology").await;
        let given = values(&mut cast.leader, &paper).await;
        holds(&document::Name::Apology.sample(), &given, "apology");
        assert_eq!(given["number"], "01/TXL-UBND");
        assert_eq!(given["reason"], "Xin lỗi ông/bà: phải <đối chiếu> sổ gốc");
        assert_eq!(given["due_before"], compose::moment(before));
        assert_eq!(given["due_at"], compose::moment(after));
        // The applicant finds the same paper beside her dossier, once.
        let hers = format!("{own}/papers/{}", paper.rsplit('/').next().expect("an id"));
        hoa.get(&own)
            .await
            .expect(200)
            .says(&hers)
            .says("Xin lỗi ông/bà: phải &lt;đối chiếu&gt;");
        hoa.get(&hers).await.expect(200).says("%PDF");
        cast.stranger.get(&paper).await.expect(404);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_stands_until_it_is_replaced_or_revoked() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        let result = format!("{desk}/result");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        cast.leader.get(&result).await.expect(403);
        act(&mut cast.leader, &desk, "approve", &[]).await;
        cast.specialist.get(&result).await.expect(403);
        cast.leader.get(&result).await.expect(200).says("Căn cứ");
        cast.leader
            .post(&result, &result, &[("kind", "decision")])
            .await
            .expect(422);
        cast.leader.post(&result, &result, &RESULT).await.expect(303);

        let page = cast.desk.get(&desk).await.expect(200).body;
        let first = link(&page, "01/QĐ-UBND");
        let mut nobody = province.stranger();
        let shown = nobody.get(&first).await.expect(200);
        shown
            .says("Giấy này còn giá trị")
            .says("01/QĐ-UBND")
            .says("Trần T. H.")
            .says("Ủy ban nhân dân phường Thành Sen");
        shown.hides("Trần Thị Hoa").hides("042190001234").hides("Tổ 3");

        // The file that the applicant fetches is the one that was issued; a changed one is told apart.
        let page = hoa.get(&own).await.expect(200).body;
        let at = page.find("/papers/").expect("her paper");
        let paper = format!("{own}{}", page[at..].split('"').next().expect("an address"));
        let pdf = hoa.get(&paper).await.expect(200).body;
        let given = values(&mut hoa, &paper).await;
        holds(&document::Name::Result.sample(), &given, "result");
        assert_eq!(given["issuer_title"], "Chủ tịch Ủy ban nhân dân phường Thành Sen");
        nobody
            .upload(&first, &first, &[], &[("a.pdf", pdf.as_bytes())])
            .await
            .expect(200)
            .says("Tệp đúng là bản đã cấp");
        let changed = pdf.replace("Lê An", "Lê Ân");
        nobody
            .upload(&first, &first, &[], &[("a.pdf", changed.as_bytes())])
            .await
            .expect(200)
            .says("Tệp khác với bản");
        nobody.upload(&first, &first, &[], &[]).await.expect(422);

        cast.desk.get(&desk).await.expect(200).says("người nộp đã tải lúc");
        cast.leader
            .get(&result)
            .await
            .expect(200)
            .says("Văn bản mới thay thế")
            .says("Đăng ký khai sinh cho cháu Lê An.");
        cast.leader.post(&result, &result, &RESULT).await.expect(303);
        let page = cast.desk.get(&desk).await.expect(200).body;
        let second = link(&page, "02/QĐ-UBND");
        nobody
            .get(&first)
            .await
            .expect(200)
            .says("đã được thay thế")
            .says(&second);

        let id = province.house.store().read({
            let token = second.trim_start_matches("/verify/").to_owned();
            move |tx| store::find_by_token(tx, &token)
        });
        let id = id.await.expect("read").expect("a paper").id;
        let revoke = format!("/desk/papers/{id}/revoke");
        cast.desk.get(&revoke).await.expect(403);
        let why = [("cause", "fault"), ("note", "Sai tên của Trần Thị Hoa")];
        cast.leader
            .post(&revoke, &revoke, &[("cause", "fault")])
            .await
            .expect(422);
        cast.leader.post(&revoke, &revoke, &why).await.expect(303);
        let shown = nobody.get(&second).await.expect(200);
        shown
            .says("đã bị thu hồi")
            .says("Có sai sót trong nội dung")
            .hides("Sai tên");
        cast.leader.get(&revoke).await.expect(409);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_typed_leniently_and_an_unknown_one_is_told() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut nobody = province.stranger();
        nobody.get("/verify").await.expect(200).says("Mã xác minh");
        nobody
            .get("/verify?code=abc")
            .await
            .expect(422)
            .says("Mã gồm 16 chữ và số");
        let typed = nobody.get("/verify?code=0123%204567-89ab%20cdef").await.expect(303);
        assert_eq!(typed.location, "/verify/0123-4567-89AB-CDEF");
        nobody
            .get(&typed.location)
            .await
            .expect(404)
            .says("Không có giấy tờ nào mang mã này");
        nobody.get("/verify/%2e%2e").await.expect(404);
    })
    .await;
}
