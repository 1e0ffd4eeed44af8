//! Cases of the catalogue: told from headings, answered, and what follows of it; then through the real pages on both engines,
//! with a procedure of the shape that the national catalogue has.

use identity::session::Level;

use super::*;
use crate::procedure::import::{Extent, import};
use crate::testing::{MIGRATIONS, PNG, Province};

const RENEWAL: &str = "Trường hợp bị mất, bị hỏng";
const CHANGE: &str = "(1.2) Đối với trường hợp thay đổi nội dung";
const PROXY: &str = "Trường hợp ủy quyền thì kèm theo một trong những giấy tờ sau";

fn paper(case: Option<&str>, name: &str) -> Component {
    Component {
        case: case.map(str::to_owned),
        name: Bilingual::vi(name),
        originals: 1,
        copies: 0,
        template: None,
        required: case.is_none(),
        source: ComponentSource::Upload,
        clause: None,
        example: None,
    }
}

fn procedure() -> Procedure {
    let line = crate::testing::CATALOGUE.lines().next().expect("a procedure");
    let mut procedure: Procedure = serde_json::from_str(line).expect("it reads");
    procedure.components = vec![
        paper(None, "Đơn"),
        paper(Some(RENEWAL), "Ảnh màu"),
        paper(Some(RENEWAL), "Giấy xác nhận (nếu có)"),
        paper(Some(CHANGE), "Giấy phép cũ"),
        paper(Some(PROXY), "Văn bản ủy quyền"),
        paper(Some(PROXY), "Hợp đồng với bưu chính"),
        paper(Some("Giấy tờ phải xuất trình"), "Căn cước"),
        paper(Some("Lưu ý"), "Bản chụp phải rõ"),
    ];
    procedure
}

fn chosen(words: &[&str]) -> Values {
    let mut values = Values::none();
    values.set_all(FIELD, words.iter().map(|word| (*word).to_owned()).collect());
    values
}

fn required(procedure: &Procedure) -> Vec<&str> {
    let papers = procedure.components.iter().filter(|paper| paper.required);
    papers.map(|paper| paper.name.vi.as_str()).collect()
}

#[test]
fn cases_are_told_from_headings_and_keep_their_word() {
    let cases = of(&procedure());
    let words: Vec<&str> = cases.iter().map(|case| case.word.as_str()).collect();
    assert_eq!(
        words,
        [
            "truong-hop-bi-mat-bi-hong",
            "doi-voi-truong-hop-thay-doi-noi-dung",
            "truong-hop-uy-quyen-thi-kem-theo-mot-trong-nhung-giay-to-sau"
        ]
    );
    assert!(cases[2].is_either && !cases[0].is_either);
    let mut same = procedure();
    same.components
        .push(paper(Some("Trường hợp bị mất; bị hỏng"), "Đơn khác"));
    assert_eq!(
        of(&same)[3].word,
        "truong-hop-bi-mat-bi-hong-4",
        "two cases never share an answer"
    );
    let mut none = procedure();
    none.components.truncate(1);
    assert!(question(&none).is_none(), "who has no cases is asked nothing");
}

#[test]
fn the_answer_decides_which_papers_are_required() {
    let procedure = procedure();
    assert_eq!(required(&under(&procedure, &Values::none(), Others::Hidden)), ["Đơn"]);
    let one = under(&procedure, &chosen(&["truong-hop-bi-mat-bi-hong"]), Others::Hidden);
    assert_eq!(
        required(&one),
        ["Đơn", "Ảnh màu"],
        "what is wanted only if there is one stays a choice"
    );
    let asked = one
        .components
        .iter()
        .filter(|paper| paper.source == ComponentSource::Upload);
    let names: Vec<&str> = asked.map(|paper| paper.name.vi.as_str()).collect();
    assert_eq!(
        names,
        [
            "Đơn",
            "Ảnh màu",
            "Giấy xác nhận (nếu có)",
            "Căn cước",
            "Bản chụp phải rõ"
        ],
        "papers of other cases are not asked, what holds for everybody is"
    );
    let two = chosen(&["truong-hop-bi-mat-bi-hong", "doi-voi-truong-hop-thay-doi-noi-dung"]);
    let two = under(&procedure, &two, Others::Shown);
    assert_eq!(required(&two), ["Đơn", "Ảnh màu", "Giấy phép cũ"]);
    assert!(
        two.components
            .iter()
            .all(|paper| paper.source == ComponentSource::Upload)
    );
    assert_eq!(required(&under(&procedure, &chosen(&[NONE]), Others::Hidden)), ["Đơn"]);
}

#[test]
fn of_one_of_the_following_one_is_enough() {
    let procedure = procedure();
    let proxy = chosen(&["truong-hop-uy-quyen-thi-kem-theo-mot-trong-nhung-giay-to-sau"]);
    let asked = under(&procedure, &proxy, Others::Hidden);
    assert_eq!(required(&asked), ["Đơn"]);
    assert_eq!(either(&asked, &proxy), [vec![4, 5]]);
    assert!(either(&procedure, &chosen(&[NONE])).is_empty());
}

#[test]
fn every_case_of_the_shipped_catalogue_can_be_answered() {
    use std::io::BufRead as _;
    let mut asked = 0;
    for line in crate::catalogue::shipped().lines() {
        let line = line.expect("the embedded list is whole");
        let procedure: Procedure = serde_json::from_str(&line).expect("it is the import form");
        let cases = of(&procedure);
        let words: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.word.as_str()).collect();
        assert_eq!(words.len(), cases.len(), "{}", procedure.code);
        asked += usize::from(!cases.is_empty());
        for case in &cases {
            let answer = chosen(&[&case.word]);
            let under = under(&procedure, &answer, Others::Hidden);
            assert_eq!(
                under.components.len(),
                procedure.components.len(),
                "papers keep their place"
            );
        }
    }
    assert!(asked > 60, "{asked}");
}

/// As the national catalogue has it: no paper outside of its cases, and nothing that defines it.
pub(crate) const LICENCE: &str = r#"{"code":"1.004993","name":{"vi":"Cấp lại Giấy chứng nhận giáo viên dạy thực hành lái xe"},"sector":{"vi":"Đường bộ"},"tiers":["commune"],"service":"full","channels":[{"kind":"online","time":"3 working_days","fees":[{"amount":0}]},{"kind":"desk","time":"3 working_days","fees":[{"amount":0}]}],"components":[{"case":"Trường hợp bị mất, bị hỏng","name":{"vi":"Đơn đề nghị theo mẫu quy định"},"originals":1},{"case":"Trường hợp bị mất, bị hỏng","name":{"vi":"01 ảnh màu cỡ 3 cm x 4 cm"},"originals":1},{"case":"Trường hợp có sự thay đổi về nội dung","name":{"vi":"Bản sao về việc đổi tên"},"copies":1}],"valid_from":"2025-07-01"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_says_her_case_and_its_papers_are_required() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let store = province.house.store();
        let report = import(
            store,
            province.world.as_ref(),
            LICENCE.as_bytes(),
            Extent::Partial,
            |_| {},
        )
        .await;
        assert_eq!(report.expect("it is imported").added, 1);
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let start = "/procedures/1.004993/start";
        let who = hoa.post(start, start, &[]).await.expect(303).location;
        let contact = [
            ("representation", "own"),
            ("applicant", "person"),
            ("phone", "0912345678"),
            ("address", "Tổ 3, Thành Sen"),
        ];
        let form = hoa.post(&who, &who, &contact).await.expect(303).location;
        hoa.get(&form)
            .await
            .expect(200)
            .says("Trường hợp bị mất, bị hỏng")
            .says("Không thuộc trường hợp nào");
        let request = ("request", "Xin cấp lại");
        hoa.post(&form, &form, &[request])
            .await
            .expect(422)
            .says("own-case-error")
            .says("Xin cấp lại");
        let lost = ("case", "truong-hop-bi-mat-bi-hong");
        let files = hoa.post(&form, &form, &[lost, request]).await.expect(303).location;
        let page = hoa.get(&files).await.expect(200);
        page.says("Đơn đề nghị theo mẫu").says("01 ảnh màu").hides("đổi tên");
        let bare = hoa.post(&files, &files, &[("paper-0", "yes")]).await.expect(422);
        bare.says("#paper-1");
        let add = format!("{files}/add");
        hoa.upload(&files, &add, &[("component", "1")], &[("Ảnh.png", PNG)])
            .await
            .expect(303);
        let unit = hoa
            .post(&files, &files, &[("paper-0", "yes")])
            .await
            .expect(303)
            .location;
        let commune = province.commune.to_string();
        let delivery = hoa.post(&unit, &unit, &[("unit", &commune)]).await.expect(303).location;
        let review = hoa
            .post(&delivery, &delivery, &[("delivery", "pick-up")])
            .await
            .expect(303)
            .location;
        // Another answer asks for other papers, and those are asked for before anything is sent.
        let changed = ("case", "truong-hop-co-su-thay-doi-ve-noi-dung");
        hoa.post(&form, &form, &[changed, request]).await.expect(303);
        let back = hoa
            .post(&review, &review, &[("declared", "yes")])
            .await
            .expect(303)
            .location;
        assert_eq!(back, files);
        hoa.get(&files).await.expect(200).says("đổi tên").hides("01 ảnh màu");
        hoa.post(&form, &form, &[lost, request]).await.expect(303);
        let receipt = hoa
            .post(&review, &review, &[("declared", "yes")])
            .await
            .expect(303)
            .location;
        hoa.get(&receipt)
            .await
            .expect(200)
            .says("Đơn đề nghị theo mẫu quy định");
    })
    .await;
}
