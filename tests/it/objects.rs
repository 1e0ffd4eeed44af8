//! What is somebody's is hers alone: drafts, files, dossiers, receipts of another citizen are not found, and officers of
//! another unit, or of a role without dossiers, neither see nor move a dossier. The answers do not even tell that it exists.

use identity::Role;
use identity::unit::UnitKind;
use reqwest::StatusCode;
use testkit::ManualWorld;

use crate::support::filing::{self, PDF};
use crate::support::people::{citizens, officer, units_of};
use crate::support::province::{ABSENCE, ABSENCE_CASE};
use crate::support::{Answer, Person, Province, Site, Visitor, both, database};

/// The address of the first file that a page links to below `base`.
fn file_of(page: &Answer, base: &str) -> String {
    let start = format!("href=\"{base}/files/");
    let text = page.text();
    let rest = text
        .split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no file on {}: {}", page.of, page.words()));
    format!("{base}/files/{}", rest.split('"').next().unwrap())
}

/// A dossier with a file, filed by `person` at `staff`'s commune.
async fn filed(site: &Site, person: &Person, unit: identity::UnitId) -> (String, String) {
    let visitor = person.at(site.url());
    let draft = filing::begin(&visitor, ABSENCE).await;
    filing::contact(&visitor, &draft, &person.phone).await;
    filing::pass(
        &visitor,
        &draft,
        "form",
        &[ABSENCE_CASE, ("request", "Riêng tư")],
        "files",
    )
    .await;
    let added = filing::attach(&visitor, &draft, 0, &[("giay.pdf", PDF)]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.words());
    filing::finish(&visitor, &draft, unit).await;
    let dossier = filing::send(&visitor, &draft).await;
    let file = file_of(&visitor.page(&dossier).await, &dossier);
    (dossier, file)
}

/// The same answer as for something that never was.
async fn is_not_there(visitor: &Visitor, path: &str) {
    let answer = visitor.get(path).await;
    assert!(
        matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
        "{path}: {}",
        answer.status
    );
    assert!(!answer.text().contains("Riêng tư"), "{path} shows what was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_citizens_papers_are_not_found() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let people = citizens(&site.app, 1, 2).await;
        let (owner, other) = (people[0].at(site.url()), people[1].at(site.url()));
        let (dossier, file) = filed(&site, &people[0], staff.commune).await;
        let draft = filing::begin(&owner, ABSENCE).await;
        filing::contact(&owner, &draft, "0912345678").await;
        filing::pass(
            &owner,
            &draft,
            "form",
            &[ABSENCE_CASE, ("request", "Riêng tư")],
            "files",
        )
        .await;
        filing::attach(&owner, &draft, 0, &[("giay.pdf", PDF)]).await;
        let draft_file = file_of(&owner.page(&format!("{draft}/files")).await, &draft);
        assert_eq!(owner.page(&file).await.body, PDF);
        assert_eq!(owner.page(&draft_file).await.body, PDF);
        let id = dossier.rsplit('/').next().unwrap();
        for path in [
            dossier.clone(),
            format!("{dossier}/receipt"),
            format!("{dossier}/supplement"),
            file,
            draft.clone(),
            format!("{draft}/form"),
            draft_file.clone(),
            format!("/api/my/dossiers/{id}"),
        ] {
            is_not_there(&other, &path).await;
            let nobody = site.visitor().get(&path).await;
            assert!(nobody.is_refused(), "{path}: {}", nobody.status);
        }
        // What changes things: with the other's own form token, so that nothing but ownership stands against it.
        let own = filing::begin(&other, ABSENCE).await;
        let page = other.page(&format!("{own}/who")).await;
        let hidden = page.form(&format!("{own}/who")).hidden;
        let hidden: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        for path in [
            format!("{dossier}/withdraw"),
            format!("{dossier}/supplement"),
            format!("{draft}/form"),
            format!("{draft}/discard"),
            format!("{draft_file}/remove"),
            format!("{draft}/files/add"),
        ] {
            let answer = other.post(&path, &hidden).await;
            let harmless = path.ends_with("discard") && answer.status == StatusCode::SEE_OTHER;
            assert!(
                harmless || matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
                "{path}: {}",
                answer.status
            );
        }
        assert!(
            owner.page(&format!("{draft}/form")).await.text().contains("Riêng tư"),
            "the draft is untouched"
        );
        assert_eq!(owner.page(&draft_file).await.body, PDF);
        assert!(!other.page("/my/dossiers").await.text().contains(id));
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_of_another_unit_neither_sees_nor_acts() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let person = &citizens(&site.app, 1, 1).await[0];
        let (dossier, _) = filed(&site, person, staff.commune).await;
        let id = dossier.rsplit('/').next().unwrap().to_owned();
        let path = format!("/desk/dossiers/{id}");
        let desk = staff.desk.at(site.url());
        let opened = desk.page(&path).await;
        let file = file_of(&opened, &path);
        assert_eq!(desk.page(&file).await.body, PDF, "the unit's own officer sees it");
        let code = opened
            .words()
            .split_whitespace()
            .find(|word| word.starts_with("H27."))
            .unwrap()
            .to_owned();

        let province_unit = units_of(&site.app, UnitKind::Province)[0];
        let mut strangers = vec![staff.stranger.clone()];
        for role in [Role::Admin, Role::Auditor, Role::Operator] {
            strangers.push(officer(&site.app, role.name(), role, province_unit).await);
        }
        strangers.push(officer(&site.app, "quantri.xa", Role::UnitAdmin, staff.commune).await);
        for stranger in &strangers {
            let visitor = stranger.at(site.url());
            for path in [
                path.clone(),
                format!("{path}/receipt"),
                format!("{path}/receive"),
                file.clone(),
                format!("{path}/assign"),
            ] {
                is_not_there(&visitor, &path).await;
            }
            let token = visitor.page("/account").await;
            let token = crate::support::html::forms(&token.text()).remove(0).hidden;
            let mut fields: Vec<(&str, &str)> = token
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            fields.extend([("revision", "1"), ("days", "3"), ("note", "x")]);
            for action in ["receive", "refuse", "ask-supplement", "approve"] {
                let answer = visitor.post(&format!("{path}/{action}"), &fields).await;
                assert!(
                    matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
                    "{} {action}: {}",
                    stranger.name,
                    answer.status
                );
            }
            // Neither list nor search gives it away, by code or by the person's number.
            let page = visitor.get("/desk").await;
            assert!(!page.text().contains(&id), "{} sees it in a list", stranger.name);
            if page.status == StatusCode::OK {
                for typed in [code.as_str(), person.number.as_str()] {
                    let found = visitor.submit(&page, "/desk", &[("q", typed)]).await;
                    assert!(
                        found.status == StatusCode::OK && !found.text().contains(&id),
                        "{} finds it",
                        stranger.name
                    );
                }
            }
            let list = visitor.get("/api/desk/dossiers").await;
            assert!(!list.text().contains(&id));
            let export = visitor.get("/desk/export.csv").await;
            assert!(!export.text().contains(&code));
        }
        let store = database::beside(province).await;
        let steps = store
            .read(|tx| tx.one("SELECT count(*) FROM dossier_event", &[], |row| row.get::<i64>(0)))
            .await;
        assert_eq!(
            steps.map_err(|error: store::StoreError| error.to_string()).unwrap(),
            1,
            "nobody moved it"
        );
        store.close().await;
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_for_its_own_role_in_its_own_state() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, ManualWorld::new()).await;
    let person = &citizens(&site.app, 1, 1).await[0];
    let (dossier, _) = filed(&site, person, staff.commune).await;
    let path = format!("/desk/dossiers/{}", dossier.rsplit('/').next().unwrap());
    for (who, action) in [
        (&staff.specialist, "receive"),
        (&staff.leader, "receive"),
        (&staff.desk, "approve"),
        (&staff.leader, "approve"),
        (&staff.desk, "return"),
        (&staff.specialist, "propose"),
    ] {
        let answer = who.at(site.url()).get(&format!("{path}/{action}")).await;
        assert!(
            answer.status.is_client_error(),
            "{} {action} while it is new: {}",
            who.name,
            answer.status
        );
    }
    assert_eq!(
        staff.desk.at(site.url()).get(&format!("{path}/receive")).await.status,
        StatusCode::OK
    );
    site.close().await;
}
