//! Petitions: the questions, the routes, the steps and the conflicts as tables; then people, desks and leaders through the real
//! pages on both engines. Whoever denounces is looked for in everything that leaves the program.

use identity::Role;
use identity::session::Level;
use identity::unit::{UnitBook, UnitKind};

use super::rules::{self, Wish, kind_of};
use super::terms::TERMS;
use super::{Kind, PetitionError, State, Step, Target};
use crate::testing::{Answer, Browser, MIGRATIONS, PNG, Province, hidden, opening, plant};
use kernel::World;

mod kept;
mod turn;

#[test]
fn plain_answers_lead_to_the_right_kind() {
    let table = [
        (Wish::Review, true, true, Kind::Complaint),
        (Wish::Review, true, false, Kind::Recommendation),
        (Wish::Review, false, true, Kind::Recommendation),
        (Wish::Review, false, false, Kind::Recommendation),
        (Wish::Report, true, true, Kind::Denunciation),
        (Wish::Report, false, false, Kind::Denunciation),
        (Wish::Suggest, true, true, Kind::Recommendation),
        (Wish::Suggest, false, false, Kind::Recommendation),
    ];
    for (wish, own, act, wanted) in table {
        assert_eq!(kind_of(wish, own, act), wanted, "{wish:?} {own} {act}");
    }
}

#[test]
fn the_terms_are_whole_and_none_claims_to_be_read() {
    for kind in Kind::ALL {
        let terms = TERMS.of(*kind).expect("each kind has its terms");
        for term in [&terms.classify, &terms.accept, &terms.resolve] {
            assert!(!term.source.is_empty());
            assert!(
                !term.verified,
                "nobody has read these in the source yet: change this line with the file"
            );
        }
        for state in State::ALL {
            assert_eq!(TERMS.next(*kind, *state).is_some(), state.is_open(), "{kind} {state}");
        }
    }
}

#[test]
fn steps_follow_one_another() {
    use State::{Accepted, Classified, Forwarded, NotAccepted, Registered, Resolved, Withdrawn};
    for state in State::ALL {
        for step in Step::ALL {
            let wanted = match (state, step) {
                (Registered | Classified, Step::Classify) => Some(Classified),
                (Classified, Step::Accept) => Some(Accepted),
                (Classified, Step::Decline) => Some(NotAccepted),
                (Classified | Accepted, Step::Forward) => Some(Forwarded),
                (Accepted, Step::Resolve) => Some(Resolved),
                (Registered | Classified | Accepted, Step::Withdraw) => Some(Withdrawn),
                _ => None,
            };
            assert_eq!(rules::after(*state, false, *step).ok(), wanted, "{state} {step}");
            let outside = rules::after(*state, true, *step);
            let is_settling = matches!(step, Step::Accept | Step::Decline);
            let wanted = wanted.filter(|_| !is_settling);
            assert_eq!(
                outside.ok(),
                wanted,
                "what is outside is only forwarded: {state} {step}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_complained_about_never_handles_it() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let book = province.house.identity().units();
        let day = province.world.now().local_date();
        let route = |against, is_conflicting| {
            let route = rules::route(&book, against, is_conflicting, "Thanh tra", day).expect("a route");
            (route.unit, route.is_outside)
        };
        let table = [
            (
                "a commune is judged above",
                province.commune,
                true,
                (province.root, false),
            ),
            ("a desk by its agency", province.desk, true, (province.commune, false)),
            (
                "a suggestion goes to the agency",
                province.commune,
                false,
                (province.commune, false),
            ),
            (
                "a suggestion to a desk goes to its agency",
                province.desk,
                false,
                (province.commune, false),
            ),
        ];
        for (what, against, is_conflicting, wanted) in table {
            assert_eq!(route(against, is_conflicting), wanted, "{what}");
        }
        let (unit, is_outside) = route(province.root, true);
        assert!(is_outside && unit != province.root, "nobody judges herself");
        // Whatever it is against, whoever gets it does not stand on that side.
        for against in book.all().map(|unit| unit.id) {
            for kind in Kind::ALL {
                for target in Target::ALL {
                    let conflict = rules::is_conflicting(*kind, *target);
                    let (unit, _) = route(against, conflict);
                    let side = rules::own_side(&book, unit, day);
                    assert!(!conflict || !side.contains(&against), "{kind} {target}");
                }
            }
        }
        let none = UnitBook::default();
        let lost = rules::route(&none, province.root, true, "", day);
        assert!(matches!(lost, Err(PetitionError::NoUnit)));
    })
    .await;
}

const REPORT: &[(&str, &str)] = &[("want", "report"), ("own", ""), ("act", "")];
const COMPLAINT: &[(&str, &str)] = &[("want", "review"), ("own", "yes"), ("act", "yes")];
const STORY: &str = "Ngày 3 tháng 11 ông ấy đòi thêm tiền mới nhận giấy.";

/// Files a petition as a citizen; gives her page of it.
async fn file(citizen: &mut Browser, answers: &[(&str, &str)], against: &str, person: &str) -> Answer {
    let begin = "/my/petitions/new";
    let led = citizen.post(begin, begin, answers).await.expect(200);
    let mut fields = vec![
        ("against", against),
        ("target", "officer"),
        ("against-person", person),
        ("subject", "Đòi tiền khi nhận giấy"),
        ("story", STORY),
        ("wish", "Đề nghị xem xét"),
        ("phone", "0912345678"),
        ("address", "Tổ 3, phường Thành Sen"),
    ];
    fields.extend_from_slice(answers);
    let (csrf, once) = (hidden(&led.body, "_csrf"), hidden(&led.body, "_once"));
    let first = citizen
        .post_with("/my/petitions", &csrf, &once, &fields)
        .await
        .expect(303);
    let again = citizen
        .post_with("/my/petitions", &csrf, &once, &fields)
        .await
        .expect(303);
    assert_eq!(first.location, again.location, "sent twice it is one");
    citizen.get(&first.location).await.expect(200)
}

async fn officer(province: &Province, login: &str, role: Role, unit: identity::UnitId) -> Browser {
    let account = province.officer(login, role, unit).await;
    province.browser(account, Level::PasswordTotp).await
}

/// The address of the page from its steps or forms.
fn id_of(page: &Answer) -> String {
    let at = page.body.find("/my/petitions/0").expect("its own address") + "/my/petitions/".len();
    page.body[at..at + 36].to_owned()
}

fn secret_of(page: &Answer) -> (String, String) {
    let bold = |after: &str| {
        let at = page.body.find(after).expect("a label");
        let rest = &page.body[at..];
        let at = rest.find("<b class=\"num\">").expect("bold") + "<b class=\"num\">".len();
        rest[at..].split('<').next().expect("text").to_owned()
    };
    (bold("Mã đơn"), bold("Mã bí mật"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denouncer_is_hidden_from_everybody_without_the_right() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let commune = province.commune.to_string();
        let page = file(&mut hoa, REPORT, &commune, "Nguyễn Văn tham").await;
        page.says("Tố cáo").says("Đã ghi nhận");
        let id = id_of(&page);
        let href = format!("/desk/petitions/{id}");

        let mut specialist = officer(&province, "minh", Role::Specialist, province.root).await;
        let mut leader = officer(&province, "chi", Role::Leader, province.root).await;
        let secrets = [
            "Hoa",
            "T. H.",
            "T** H**",
            "042190001234",
            "0912345678",
            "Tổ 3",
            &account.to_string(),
        ];
        for (who, browser) in [("specialist", &mut specialist), ("leader", &mut leader)] {
            for path in ["/desk/petitions", &href] {
                let page = browser.get(path).await.expect(200);
                for secret in secrets {
                    assert!(
                        !page.body.contains(secret),
                        "{who} sees {secret} on {path}: {}",
                        page.body
                    );
                }
                assert!(!page.body.contains('\u{27e6}'), "{}", page.body);
            }
        }
        // Without the right the door is not even shown, and shut.
        specialist.get(&href).await.hides("Xem danh tính người tố cáo");
        let to = format!("{href}/identity");
        specialist.post(&href, &to, &[]).await.expect(403).hides("Trần Thị Hoa");
        let before: i64 = uses(test).await;
        let seen = leader.post(&href, &to, &[]).await.expect(200);
        seen.says("Trần Thị Hoa").says("042190001234");
        assert_eq!(uses(test).await, before + 1, "each look is on record");
        // She herself sees that somebody looked and by which law, not by which petition.
        let code = secret_of(&page).0;
        hoa.get("/my/petitions").await.expect(200).says(&code);
        let rows: Vec<String> = test
            .store()
            .read(|tx| tx.all("SELECT reference FROM data_use", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert!(
            rows.iter().any(|row| row.contains("Điều 56")) && !rows.contains(&code),
            "{rows:?}"
        );
        nothing_open_in_the_tables(test, &account.to_string()).await;

        // Nobody of the commune, and nobody of that name, ever finds it.
        let mut there = officer(&province, "lan", Role::Leader, province.commune).await;
        there.get("/desk/petitions").await.expect(200).hides(&code);
        there.get(&href).await.expect(404);
        let mut accused = officer(&province, "tham", Role::Leader, province.root).await;
        accused.get("/desk/petitions").await.expect(200).hides(&code);
        accused.get(&href).await.expect(404);
        accused.post("/desk/petitions", &to, &[]).await.expect(404);
        accused
            .post(
                "/desk/petitions",
                &format!("{href}/classify"),
                &[("kind", "denunciation")],
            )
            .await
            .expect(404);
        // Classified as something else it stays sealed.
        leader
            .post(
                &href,
                &format!("{href}/classify"),
                &[("kind", "recommendation"), ("words", "Không nêu vi phạm")],
            )
            .await
            .expect(303);
        specialist
            .get(&href)
            .await
            .expect(200)
            .hides("Trần Thị Hoa")
            .says("Kiến nghị");
        specialist
            .get("/desk/petitions")
            .await
            .expect(200)
            .hides("T** H**")
            .says("Được bảo vệ");
    })
    .await;
}

async fn uses(test: &testkit::TestStore) -> i64 {
    test.store()
        .read(|tx| tx.one("SELECT count(*) FROM data_use", &[], |row| row.get(0)))
        .await
        .unwrap()
}

/// Neither petition nor steps nor events nor keys of forms name her.
async fn nothing_open_in_the_tables(test: &testkit::TestStore, account: &str) {
    let (petition, steps, events, keys) = test
        .store()
        .read(|tx| {
            let mask: Option<String> = tx.one("SELECT filer_mask FROM petition", &[], |row| row.get(0))?;
            let steps: i64 = tx.one(
                "SELECT count(*) FROM petition_event WHERE step = 'register' AND (account IS NOT NULL OR actor_name IS NOT NULL)",
                &[],
                |row| row.get(0),
            )?;
            let events: Vec<serde_json::Value> = tx.all(
                "SELECT payload FROM outbox WHERE kind = 'petition.registered'",
                &[],
                |row| row.get(0),
            )?;
            let keys: Vec<String> = tx.all("SELECT scope FROM once_key WHERE scope LIKE 'petition%'", &[], |row| row.get(0))?;
            Ok::<_, store::StoreError>((mask, steps, events, keys))
        })
        .await
        .unwrap();
    assert_eq!((petition, steps), (None, 0));
    let all = format!("{events:?} {keys:?}");
    assert!(
        !events.is_empty() && !keys.is_empty() && !all.contains(account) && !all.contains("Hoa"),
        "{all}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_goes_all_the_way_and_is_no_dossier() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        hoa.get("/my/petitions").await.expect(200).says("Bạn chưa gửi đơn nào");
        let bare = hoa
            .post("/my/petitions/new", "/my/petitions/new", &[("want", "")])
            .await;
        bare.expect(422);
        let page = file(&mut hoa, COMPLAINT, &province.commune.to_string(), "").await;
        page.says("Khiếu nại").says("Tỉnh Thử");
        assert!(!page.body.contains('\u{27e6}'), "{}", page.body);
        let (id, (code, secret)) = (id_of(&page), secret_of(&page));
        let href = format!("/desk/petitions/{id}");
        let mut leader = officer(&province, "chi", Role::Leader, province.root).await;
        let mut specialist = officer(&province, "minh", Role::Specialist, province.root).await;
        leader
            .get("/desk/petitions")
            .await
            .expect(200)
            .says(&code)
            .says("Tr*** T** H**");
        leader
            .get("/desk/petitions?kind=denunciation")
            .await
            .expect(200)
            .hides(&code);
        leader
            .get("/desk/petitions?state=accepted")
            .await
            .expect(200)
            .hides(&code);
        leader.get("/desk/petitions?due=over").await.expect(200).hides(&code);
        leader.get(&href).await.expect(200).says("Trần Thị Hoa").says(STORY);
        specialist
            .post(&href, &format!("{href}/classify"), &[("kind", "complaint")])
            .await
            .expect(403);
        let step = async |browser: &mut Browser, step: &str, fields: &[(&str, &str)]| {
            browser.post(&href, &format!("{href}/{step}"), fields).await
        };
        step(&mut leader, "accept", &[]).await.expect(409);
        step(&mut leader, "classify", &[("kind", "complaint")])
            .await
            .expect(303);
        step(&mut leader, "decline", &[("words", "")]).await.expect(422);
        let to = [("to", "UBND phường Thành Sen"), ("words", "Kính chuyển")];
        step(&mut leader, "forward", &to)
            .await
            .expect(422)
            .says("chính nơi bị khiếu nại");
        step(&mut leader, "accept", &[]).await.expect(303);
        step(&mut leader, "resolve", &[("outcome", "answered"), ("words", "x")])
            .await
            .expect(422);
        let end = [("outcome", "upheld"), ("words", "Hủy việc thu thêm tiền.")];
        step(&mut leader, "resolve", &end).await.expect(303);
        step(&mut leader, "classify", &[("kind", "complaint")])
            .await
            .expect(409);
        leader.get("/desk/petitions").await.expect(200).hides(&code);
        leader.get("/desk/petitions?state=ended").await.expect(200).says(&code);
        hoa.get(&format!("/my/petitions/{id}"))
            .await
            .expect(200)
            .says("Nội dung đúng")
            .says("Hủy việc thu thêm tiền.");
        // With code and secret anybody follows how it stands, and reads no word of it.
        let mut stranger = province.stranger();
        let follow = "/petitions/follow";
        let seen = stranger
            .post(
                follow,
                follow,
                &[("code", code.as_str()), ("secret", secret.to_lowercase().as_str())],
            )
            .await
            .expect(200);
        seen.says("Đã giải quyết").hides("Hoa").hides(STORY).hides("Nguyễn Văn");
        let wrong = stranger
            .post(follow, follow, &[("code", code.as_str()), ("secret", "AAAAAAAAAA")])
            .await;
        wrong.says("Không có đơn nào").hides("Đã giải quyết");
        // Another citizen finds nothing, and no table of dossiers knows of it.
        let other = province.citizen("042190000016", "Lê Văn Khác").await;
        let mut other = province.browser(other, Level::Oidc).await;
        other.get(&format!("/my/petitions/{id}")).await.expect(404);
        let dossiers: i64 = test
            .store()
            .read(|tx| tx.one("SELECT count(*) FROM dossier", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(dossiers, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_filed_takes_it_back_and_two_leaders_do_not_both_decide() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let page = file(&mut hoa, COMPLAINT, &province.commune.to_string(), "").await;
        let own = format!("/my/petitions/{}", id_of(&page));
        let id: super::PetitionId = id_of(&page).parse().unwrap();
        let before = test
            .store()
            .read(move |tx| super::store::find(tx, id))
            .await
            .unwrap()
            .unwrap();
        let asked = super::keep::Asked {
            kind: Some(Kind::Complaint),
            ..super::keep::Asked::default()
        };
        let house = &province.house;
        let (a, b) = tokio::join!(
            super::keep::act(house, &before, Step::Classify, &asked, None),
            super::keep::act(house, &before, Step::Classify, &asked, None),
        );
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
        let told = a.err().or(b.err()).unwrap();
        assert!(matches!(told, PetitionError::Stale), "{told:?}");
        hoa.post(&own, &format!("{own}/withdraw"), &[("words", "Đã được giải thích")])
            .await
            .expect(303);
        hoa.get(&own)
            .await
            .expect(200)
            .says("Đã rút")
            .hides("Rút đơn thì cơ quan");
        hoa.post(&own, &format!("{own}/withdraw"), &[]).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_registers_hands_over_the_receipt_and_cannot_open_it_again() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = officer(&province, "lan", Role::Desk, province.desk).await;
        let birth = "/desk/intake?procedure=1.001193";
        lan.get(birth).await.expect(200).says("/desk/petitions/turn");
        // What was typed in the ordinary intake goes along.
        let typed = [
            ("name", "Phan Văn Tư"),
            ("person-id", "042090000020"),
            ("phone", "0987654321"),
            ("address", "Xóm 2"),
            ("request", STORY),
        ];
        let turned = lan.post(birth, "/desk/petitions/turn", &typed).await.expect(200);
        turned.says("Bạn muốn điều gì?").says("Phan Văn Tư");
        let csrf = hidden(&turned.body, "_csrf");
        let (mut led, mut fields) = (Vec::new(), Vec::new());
        led.extend([
            ("name", "Phan Văn Tư"),
            ("number", "042090000020"),
            ("phone", "0987654321"),
        ]);
        led.extend([("address", "Xóm 2"), ("story", STORY), ("want", "report")]);
        let once = uuid::Uuid::from_u128(3).to_string();
        let form = lan
            .post_with("/desk/petitions/new", &csrf, &once, &led)
            .await
            .expect(200);
        form.says("value=\"Phan Văn Tư\"").says(STORY).says("giữ bí mật");
        let other = province.other.to_string();
        fields.extend_from_slice(&led);
        fields.extend([("against", other.as_str()), ("target", "head"), ("subject", "Làm sai")]);
        let taken = lan
            .post_with("/desk/petitions", &csrf, &once, &fields)
            .await
            .expect(200);
        let (code, secret) = secret_of(&taken);
        taken.says("Tố cáo");
        assert_eq!((code.len(), secret.len()), (14, 10), "{code} {secret}");
        lan.get("/desk/petitions").await.expect(403);
        let mut stranger = province.stranger();
        let follow = "/petitions/follow";
        stranger
            .post(follow, follow, &[("code", code.as_str()), ("secret", secret.as_str())])
            .await
            .expect(200)
            .says("Tỉnh Thử")
            .hides("Phan");
        let mut leader = officer(&province, "chi", Role::Leader, province.root).await;
        leader
            .get("/desk/petitions")
            .await
            .expect(200)
            .says(&code)
            .hides("Ph***");
        stranger
            .get("/petitions")
            .await
            .expect(200)
            .says("chưa đối chiếu với văn bản gốc");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_against_the_province_itself_is_only_forwarded() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let inspectorate = identity::UnitId::new(province.world.as_ref());
        let change = opening(
            inspectorate,
            UnitKind::Department,
            "Thanh tra tỉnh",
            Some("H27.09"),
            Some(province.root),
        );
        plant(test.store(), &[change], province.world.now()).await;
        province.house.identity().refresh_units().await.unwrap();
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let page = file(&mut hoa, COMPLAINT, &province.root.to_string(), "").await;
        page.says("Thanh tra tỉnh");
        let href = format!("/desk/petitions/{}", id_of(&page));
        let mut head = officer(&province, "chi", Role::Leader, province.root).await;
        head.get(&href).await.expect(404);
        let mut inspector = officer(&province, "tra", Role::Leader, inspectorate).await;
        inspector.get(&href).await.expect(200).says("Chỉ được chuyển đi");
        let to = |step: &str| format!("{href}/{step}");
        inspector
            .post(&href, &to("classify"), &[("kind", "complaint")])
            .await
            .expect(303);
        inspector.post(&href, &to("accept"), &[]).await.expect(409);
        let letter = [("to", "Thanh tra Chính phủ"), ("words", "Kính chuyển theo thẩm quyền")];
        inspector.post(&href, &to("forward"), &letter).await.expect(303);
        inspector.get(&href).await.expect(200).says("Thanh tra Chính phủ");
    })
    .await;
}

/// Files a petition with a file attached; gives her page of it.
async fn file_with(citizen: &mut Browser, answers: &[(&str, &str)], against: &str, name: &str, bytes: &[u8]) -> Answer {
    let begin = "/my/petitions/new";
    let led = citizen.post(begin, begin, answers).await.expect(200);
    led.says("petition-file").says("type=\"file\"");
    let mut fields = vec![
        ("against", against),
        ("target", "officer"),
        ("subject", "Đòi tiền khi nhận giấy"),
        ("story", STORY),
        ("phone", "0912345678"),
        ("address", "Tổ 3, phường Thành Sen"),
    ];
    fields.extend_from_slice(answers);
    let files = [("file", name, bytes)];
    citizen.send_form(&led.body, "/my/petitions", &fields, &files).await
}

/// The address of the first file on a page.
fn file_of(page: &Answer) -> Option<String> {
    let at = page.body.find("/files/0")?;
    let start = page.body[..at].rfind('"')? + 1;
    page.body[start..].split('"').next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_attached_is_opened_by_who_filed_and_by_who_may() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let commune = province.commune.to_string();
        let exe = file_with(&mut hoa, REPORT, &commune, "virus.exe", b"MZ\x90\0\x03").await;
        exe.expect(422).says("petition-file-error");
        let sent = file_with(&mut hoa, REPORT, &commune, "Thư của Hoa.png", PNG)
            .await
            .expect(303);
        let page = hoa.get(&sent.location).await.expect(200);
        page.says("Thư của Hoa.png");
        let own = file_of(&page).expect("a link");
        hoa.get(&own).await.expect(200);
        let other = province.citizen("042190000016", "Lê Văn Khác").await;
        let mut other = province.browser(other, Level::Oidc).await;
        other.get(&own).await.expect(404);

        // A letter is signed: of a denunciation it is opened like the name.
        let id = id_of(&page);
        let href = format!("/desk/petitions/{id}");
        let desk = own.replace("/my/", "/desk/");
        let mut specialist = officer(&province, "minh", Role::Specialist, province.root).await;
        let seen = specialist.get(&href).await.expect(200);
        seen.says("Có 1 tài liệu kèm theo").hides("Thư của Hoa");
        specialist.get(&desk).await.expect(403);
        let mut leader = officer(&province, "chi", Role::Leader, province.root).await;
        let shown = leader.post(&href, &format!("{href}/identity"), &[]).await.expect(200);
        shown.says("Thư của Hoa.png");
        leader.get(&desk).await.expect(200);
        let looks: i64 = test
            .store()
            .read(|tx| {
                let count = "SELECT count(*) FROM audit_entry WHERE action = 'petition.identity'";
                tx.one(count, &[], |row| row.get(0))
            })
            .await
            .unwrap();
        assert_eq!(looks, 2, "the page and the file");
        let adders: Vec<uuid::Uuid> = test
            .store()
            .read(|tx| tx.all("SELECT added_by FROM dossier_file", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(adders, [uuid::Uuid::nil()], "who added it would say who denounces");

        // A complaint is no secret of who handles it.
        let sent = file_with(&mut hoa, COMPLAINT, &commune, "Quyết định.png", PNG)
            .await
            .expect(303);
        let page = hoa.get(&sent.location).await.expect(200);
        let href = format!("/desk/petitions/{}", id_of(&page));
        let seen = specialist.get(&href).await.expect(200);
        seen.says("Quyết định.png");
        specialist.get(&file_of(&seen).expect("a link")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_at_the_counter_finds_it_among_her_own() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut lan = officer(&province, "lan", Role::Desk, province.desk).await;
        let commune = province.other.to_string();
        let mut codes = Vec::new();
        for (n, number, name) in [
            (1, "042190001234", "Trần Thị Hoa"),
            // Her number in somebody else's mouth leads nowhere.
            (2, "042190001234", "Nguyễn Thị Khác"),
            (3, "042190000016", "Lê Văn Lạ"),
        ] {
            let typed = [
                ("want", "suggest"),
                ("name", name),
                ("number", number),
                ("phone", "0912345678"),
                ("address", "Xóm 2"),
                ("against", commune.as_str()),
                ("target", "decision"),
                ("subject", "Thêm giờ buổi chiều"),
                ("story", STORY),
            ];
            let page = lan.get("/desk/petitions/new").await.expect(200);
            let csrf = hidden(&page.body, "_csrf");
            let once = uuid::Uuid::from_u128(n).to_string();
            let taken = lan.post_with("/desk/petitions", &csrf, &once, &typed).await.expect(200);
            codes.push(secret_of(&taken).0);
        }
        let mut hoa = province.browser(account, Level::Oidc).await;
        let own = hoa.get("/my/petitions").await.expect(200);
        own.says(&codes[0]).hides(&codes[1]).hides(&codes[2]);
        let href = own.body.find("/my/petitions/0").expect("a link");
        let href = own.body[href..].split('"').next().unwrap().to_owned();
        hoa.get(&href).await.expect(200).says(STORY);
        let _ = test;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_goes_out_without_a_name_and_on_record() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let commune = province.commune.to_string();
        let complaint = secret_of(&file(&mut hoa, COMPLAINT, &commune, "").await).0;
        let report = secret_of(&file(&mut hoa, REPORT, &commune, "Nguyễn Văn tham").await).0;
        let mut leader = officer(&province, "chi", Role::Leader, province.root).await;
        leader.get("/desk/petitions").await.expect(200).says("Sổ theo dõi đơn");
        let path = "/desk/petitions/export/csv";
        let all = leader.get(path).await.expect(200);
        all.says(&complaint)
            .says(&report)
            .says("Tr*** T** H**")
            .hides("Trần Thị Hoa")
            .hides("042190001234");
        let line = all.body.lines().find(|line| line.contains(&report)).expect("its line");
        assert!(!line.contains("H**"), "of who denounces not even a mask: {line}");
        leader
            .get(&format!("{path}?kind=complaint"))
            .await
            .expect(200)
            .says(&complaint)
            .hides(&report);
        leader
            .get(&format!("{path}?from=2020-01-01&to=2020-12-31"))
            .await
            .expect(200)
            .hides(&complaint);
        leader.get("/desk/petitions/export/xlsx").await.expect(200);
        leader.get("/desk/petitions/export/pdf").await.expect(404);
        // What is against her or her unit is not in her register either.
        let mut accused = officer(&province, "tham", Role::Leader, province.root).await;
        accused.get(path).await.expect(200).says(&complaint).hides(&report);
        let mut there = officer(&province, "lan", Role::Leader, province.commune).await;
        there.get(path).await.expect(200).hides(&complaint).hides(&report);
        let exports: i64 = test
            .store()
            .read(|tx| {
                let count = "SELECT count(*) FROM audit_entry WHERE action = 'petition.export'";
                tx.one(count, &[], |row| row.get(0))
            })
            .await
            .unwrap();
        assert_eq!(exports, 6);
    })
    .await;
}
