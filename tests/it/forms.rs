//! What is typed is kept and shown as typed: every error at once beside its field, nothing lost, nothing run as markup
//! wherever it appears later; a form sent twice makes one dossier; a form from elsewhere makes none.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode, header};
use testkit::ManualWorld;

use crate::support::filing::{self, PDF};
use crate::support::people::{citizen, citizens};
use crate::support::province::{ABSENCE, ABSENCE_CASE, BIRTH};
use crate::support::{Province, Site, both, database, html};

/// Text that hurts whoever does not escape it, and that whoever normalises it changes.
fn hostile() -> String {
    "</textarea><script>alert(1)</script> \"'&<b onmouseover=x> {{7*7}} ${x} 😀👩‍👩‍👧 tie\u{302}\u{301}ng Vie\u{323}\u{302}t"
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_told_at_once_and_nothing_typed_is_lost() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let person = citizen(&site.app, 1).await;
    let visitor = person.at(site.url());
    let draft = filing::begin(&visitor, BIRTH).await;
    let typed = hostile();
    let fields = [
        ("representation", ""),
        ("phone", "không nhớ"),
        ("email", "a@"),
        ("address", typed.as_str()),
    ];
    let answer = filing::step(&visitor, &draft, "who", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.words());
    let page = answer.text();
    for field in ["representation", "phone", "email"] {
        assert!(
            page.contains(&format!("id=\"who-{field}-error\"")),
            "{field} has its error beside it: {}",
            answer.words()
        );
        assert!(
            page.contains(&format!("href=\"#who-{field}")),
            "{field} is in the summary"
        );
    }
    assert!(
        !page.contains("id=\"who-address-error\""),
        "what is right is not called wrong"
    );
    let kept: Vec<&str> = page
        .split("value=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .collect();
    for value in ["không nhớ", "a@", typed.as_str()] {
        assert!(
            kept.iter().any(|kept| html::unescape(kept) == value),
            "{value} is still there: {kept:?}"
        );
    }
    assert!(!page.contains("<script>alert(1)"), "and it is text");

    filing::contact(&visitor, &draft, &person.phone).await;
    let answer = filing::step(&visitor, &draft, "form", &[("copies", "nhiều"), ("mother-id", "12")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in [
        "child-name",
        "child-birthday",
        "child-sex",
        "child-birthplace",
        "mother-name",
        "mother-id",
        "copies",
    ] {
        assert!(
            answer.text().contains(&format!("id=\"own-{field}-error\"")),
            "{field}: {}",
            answer.words()
        );
    }
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_kept_as_typed_and_escaped_wherever_it_appears() {
    both(async |province| {
        let (site, staff) = Box::pin(Site::staffed(province, ManualWorld::new())).await;
        let person = citizen(&site.app, 2).await;
        let visitor = person.at(site.url());
        let long: String = hostile().chars().chain(std::iter::repeat('ẵ')).take(10_000).collect();
        let draft = filing::until_review(&visitor, &person, staff.commune, &long).await;
        let form = visitor.page(&format!("{draft}/form")).await;
        assert_eq!(
            html::textareas(&form.text()),
            std::slice::from_ref(&long),
            "the form shows it as typed, all 10,000 characters"
        );
        let review = visitor.page(&format!("{draft}/review")).await;
        let dossier = filing::send(&visitor, &draft).await;
        let id = dossier.rsplit('/').next().unwrap().to_owned();
        let pages = [
            review,
            visitor.page(&format!("{dossier}/receipt")).await,
            visitor.page(&dossier).await,
            staff.desk.at(site.url()).page(&format!("/desk/dossiers/{id}")).await,
        ];
        let head: String = long.chars().take(60).collect();
        for page in &pages {
            assert!(
                !page.text().contains("<script>alert(1)") && !page.text().contains("<b onmouseover"),
                "{}",
                page.of
            );
        }
        for page in [&pages[0], &pages[3]] {
            let shown = html::unescape(&page.text());
            assert!(
                shown.contains(&long) || shown.contains(&kernel::fold::nfc(&long).into_owned()),
                "{} {head}",
                page.of
            );
        }
        let api = visitor.page("/api/my/dossiers").await;
        assert!(
            api.headers[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
        let more = filing::step(&visitor, &filing::begin(&visitor, ABSENCE).await, "who", &[]).await;
        assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_character_too_many_is_an_error_that_keeps_the_text() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let person = citizen(&site.app, 3).await;
    let visitor = person.at(site.url());
    let draft = filing::begin(&visitor, ABSENCE).await;
    filing::contact(&visitor, &draft, &person.phone).await;
    let long = "ệ".repeat(10_001);
    let answer = filing::step(&visitor, &draft, "form", &[ABSENCE_CASE, ("request", &long)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(html::textareas(&answer.text()), [long]);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_send_gives_the_first_ones_code() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let person = citizen(&site.app, 4).await;
        let visitor = person.at(site.url());
        let draft = filing::until_review(&visitor, &person, staff.commune, "Xin xác nhận").await;
        let path = format!("{draft}/review");
        let page = visitor.page(&path).await;
        // Pressed eight times at once, then once more.
        let send = || visitor.submit(&page, &path, &[("declared", "yes")]);
        let mut answers = futures::future::join_all((0..8).map(|_| send())).await;
        answers.push(send().await);
        let mut places = std::collections::BTreeSet::new();
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
            places.insert(answer.location().split('?').next().unwrap().to_owned());
        }
        assert_eq!(places.len(), 1, "one dossier: {places:?}");
        let first = answers
            .iter()
            .filter(|answer| !answer.location().ends_with("again=yes"))
            .count();
        assert_eq!(first, 1, "one press was the first");
        let receipt = visitor.page(&answers.last().unwrap().location()).await;
        let code = filing::code_of(
            &visitor,
            places.first().unwrap().split('/').nth(3).unwrap().parse().unwrap(),
        )
        .await;
        let again = web::text(kernel::Lang::Vi, "receipt-again");
        assert!(
            receipt.words().contains(&again) && receipt.words().contains(&code),
            "{again} {code}: {}",
            receipt.words()
        );
        let rows = database::rows(&site.app.store).await;
        assert!(rows.dossiers == 1 && rows.are_whole(), "{rows:?}");
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_open_pages_of_one_draft_make_one_dossier() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, ManualWorld::new()).await;
    let person = citizen(&site.app, 5).await;
    let visitor = person.at(site.url());
    let draft = filing::until_review(&visitor, &person, staff.commune, "Hai cửa sổ").await;
    let path = format!("{draft}/review");
    // Two windows: two keys.
    let (one, two) = (visitor.page(&path).await, visitor.page(&path).await);
    let fields = [("declared", "yes")];
    let (one, two) = futures::join!(
        visitor.submit(&one, &path, &fields),
        visitor.submit(&two, &path, &fields)
    );
    let made = [&one, &two]
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER)
        .count();
    assert!(
        made >= 1 && one.status.as_u16() < 500 && two.status.as_u16() < 500,
        "{} {}",
        one.status,
        two.status
    );
    assert_eq!(database::rows(&site.app.store).await.dossiers, 1);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_ours_changes_nothing() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, ManualWorld::new()).await;
    let people = citizens(&site.app, 6, 2).await;
    let visitor = people[0].at(site.url());
    let draft = filing::until_review(&visitor, &people[0], staff.commune, "Của tôi").await;
    let path = format!("{draft}/review");
    let page = visitor.page(&path).await;
    let form = page.form(&path);
    let hidden = |name: &str| form.hidden.iter().find(|(key, _)| key == name).unwrap().1.clone();
    let (token, once) = (hidden("_csrf"), hidden("_once"));
    let others = people[1].at(site.url()).page("/procedures/1.003677/start").await;
    let stranger = others
        .form("/procedures/1.003677/start")
        .hidden
        .iter()
        .find(|(key, _)| key == "_csrf")
        .unwrap()
        .1
        .clone();

    for wrong in [None, Some(""), Some("AAAA"), Some(stranger.as_str())] {
        let mut fields = vec![("_once", once.as_str()), ("declared", "yes")];
        fields.extend(wrong.map(|token| ("_csrf", token)));
        let answer = visitor.post(&path, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "token {wrong:?}: {}",
            answer.words()
        );
    }
    let good = [("_csrf", token.as_str()), ("_once", once.as_str()), ("declared", "yes")];
    let host = site.url().to_owned();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://la.example"),
        ("origin", "null"),
        ("origin", &host.replace("http://", "http://x.")),
    ] {
        let answer = visitor
            .send(visitor.request(Method::POST, &path).header(name, value).form(&good))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let json = filing::body(&people[0], uuid::Uuid::now_v7(), staff.commune, "x");
    let request = visitor
        .request(Method::POST, "/api/my/dossiers")
        .header("origin", "https://la.example");
    let answer = visitor
        .send(
            request
                .header("content-type", "application/json")
                .body(json.to_string()),
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    // A form of another site can send JSON only as text; that is not taken for JSON.
    let request = visitor
        .request(Method::POST, "/api/my/dossiers")
        .header("content-type", "text/plain");
    assert_eq!(
        visitor.send(request.body(json.to_string())).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    assert_eq!(
        database::rows(&site.app.store).await.dossiers,
        0,
        "none of them made a dossier"
    );
    let request = visitor
        .request(Method::POST, &path)
        .header("sec-fetch-site", "same-origin")
        .form(&good);
    assert_eq!(
        visitor.send(request).await.status,
        StatusCode::SEE_OTHER,
        "our own page's form is taken"
    );
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_keeps_the_draft() {
    both(async |province| {
        let world = ManualWorld::new();
        let (site, staff) = Site::staffed(province, world.clone()).await;
        let person = citizen(&site.app, 8).await;
        let visitor = person.at(site.url());
        let draft = filing::begin(&visitor, ABSENCE).await;
        filing::contact(&visitor, &draft, &person.phone).await;
        filing::pass(
            &visitor,
            &draft,
            "form",
            &[ABSENCE_CASE, ("request", "Đi công tác dài ngày")],
            "files",
        )
        .await;
        assert_eq!(
            filing::attach(&visitor, &draft, 0, &[("giấy.pdf", PDF)]).await.status,
            StatusCode::SEE_OTHER
        );
        world.advance(SignedDuration::from_mins(29));
        let page = visitor.page(&format!("{draft}/files")).await;
        world.advance(SignedDuration::from_mins(31));
        let late = visitor.submit(&page, &format!("{draft}/files"), &[]).await;
        assert!(late.is_refused(), "{} {}", late.status, late.words());
        assert!(visitor.get(&draft).await.is_refused());

        let again = citizen(&site.app, 8).await.at(site.url());
        assert_eq!(
            again.get(&draft).await.location(),
            format!("{draft}/files"),
            "she goes on where she was"
        );
        let form = again.page(&format!("{draft}/form")).await;
        assert_eq!(html::textareas(&form.text()), ["Đi công tác dài ngày"]);
        assert!(again.page(&format!("{draft}/files")).await.text().contains("giấy.pdf"));
        filing::finish(&again, &draft, staff.commune).await;
        filing::send(&again, &draft).await;
        site.close().await;
    })
    .await;
}
