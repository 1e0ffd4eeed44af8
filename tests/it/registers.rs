//! Registers with the whole program: a record is entered, changed, corrected and looked back at on its pages; two edit at
//! once; people stay masked but for a purpose that they see; the interface of a kind; a file that is faulty, then good.

use identity::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::ManualWorld;

use crate::support::province::both;
use crate::support::registers::{TREES, hand_in, plant};
use crate::support::{Site, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_entered_changed_corrected_and_looked_back_at() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let (specialist, leader) = (staff.specialist.at(site.url()), staff.leader.at(site.url()));
        let tree = plant(&specialist, "TS-000001").await;
        let page = specialist.page(&tree).await.words();
        for words in [
            "Sao đen TS-000001",
            "120 cm",
            "14,5 m",
            "105.900000, 18.342000",
            "Nhập tay",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Nguyễn Văn Chăm"), "people are masked: {page}");

        // A list finds it by what the definition declares, marks and capitals aside.
        let found = specialist
            .page(&format!("{TREES}?species=sao+den&health=good"))
            .await
            .words();
        assert!(found.contains("TS-000001"), "{found}");
        let none = specialist.page(&format!("{TREES}?health=dead")).await.words();
        assert!(!none.contains("TS-000001"), "{none}");

        // Everything wrong is told at once, and what was typed stays.
        let new = format!("{TREES}/new");
        let faulty = [
            ("f-tag", "x"),
            ("f-species", ""),
            ("f-health", "dangerous"),
            ("longitude", "105"),
            ("latitude", ""),
        ];
        let told = specialist.submit(&specialist.page(&new).await, &new, &faulty).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", told.words());
        assert!(told.text().contains("value=\"x\""), "{}", told.words());

        // Two open the form; one wins, the other is told.
        let change = format!("{tree}/change");
        let (first, second) = (specialist.page(&change).await, specialist.page(&change).await);
        let fields = |height: &'static str| {
            [
                ("f-tag", "TS-000001"),
                ("f-species", "Sao đen"),
                ("f-trunk_cm", "120"),
                ("f-height_m", height),
                ("f-health", "good"),
                ("longitude", "105,9"),
                ("latitude", "18,342"),
            ]
        };
        assert_eq!(specialist.submit(&first, &change, &fields("15")).await.location(), tree);
        let stale = specialist.submit(&second, &change, &fields("16")).await;
        assert!(stale.words().contains("người khác đã thay đổi"), "{}", stale.words());

        // A correction needs a reason, and its history shows what stood.
        let correct = format!("{tree}/correct");
        let silent = specialist
            .submit(&specialist.page(&correct).await, &correct, &fields("15,5"))
            .await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", silent.words());
        let mut reasoned = fields("15,5").to_vec();
        reasoned.push(("reason", "Đo lại bằng thước"));
        let done = specialist
            .submit(&specialist.page(&correct).await, &correct, &reasoned)
            .await;
        assert_eq!(done.location(), tree, "{}", done.words());
        let page = specialist.page(&tree).await.words();
        for words in [
            "Phiên bản 3",
            "Đo lại bằng thước",
            "Đã được đính chính",
            "15,0 m",
            "15,5 m",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let before = specialist.page(&format!("{tree}?on=2020-01-01")).await.words();
        assert!(before.contains("chưa có bản ghi này"), "{before}");

        // A leader looks; only specialists write; another commune's officers see nothing of it.
        assert_eq!(leader.get(&tree).await.status, StatusCode::OK);
        assert!(leader.get(&change).await.is_refused());
        let elsewhere = people::units_of(&site.app, identity::unit::UnitKind::Commune)[1];
        let stranger = people::officer(&site.app, "nguoila", Role::Specialist, elsewhere)
            .await
            .at(site.url());
        assert_eq!(stranger.get(&tree).await.status, StatusCode::NOT_FOUND);
        assert!(!stranger.page(TREES).await.words().contains("TS-000001"));
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_shown_for_a_purpose_that_is_on_record() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let specialist = staff.specialist.at(site.url());
        let tree = plant(&specialist, "TS-000002").await;
        let names = format!("{tree}/names");
        let silent = specialist
            .submit(&specialist.page(&tree).await, &names, &[("purpose", "")])
            .await;
        assert!(!silent.words().contains("Nguyễn Văn Chăm"), "{}", silent.words());
        let uses = || {
            site.app
                .store
                .read(|tx| tx.all("SELECT reference FROM data_use", &[], |row| row.get::<String>(0)))
        };
        assert!(uses().await.unwrap().is_empty());
        let shown = specialist
            .submit(
                &specialist.page(&tree).await,
                &names,
                &[("purpose", "Mời họp tổ dân phố")],
            )
            .await;
        assert!(shown.words().contains("Nguyễn Văn Chăm"), "{}", shown.words());
        assert_eq!(uses().await.unwrap(), ["Cây xanh: Mời họp tổ dân phố"]);
        // The interface gives masked names, and refuses to list them at all; the refusal is on record.
        let id = tree.rsplit('/').next().unwrap();
        let one = specialist
            .try_json(Method::GET, &format!("/api{TREES}/{id}"), &json!({}))
            .await
            .unwrap()
            .json();
        assert!(
            one["values"]["keeper"]["name_masked"]
                .as_str()
                .is_some_and(|name| name.contains('*')),
            "{one}"
        );
        let refused = specialist
            .try_json(Method::GET, &format!("/api{TREES}?fields=keeper"), &json!({}))
            .await
            .unwrap();
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let noted = site.app.store.read(|tx| {
            tx.one(
                "SELECT count(*) FROM audit_entry WHERE action = 'register.personal-refused'",
                &[],
                |row| row.get::<i64>(0),
            )
        });
        assert_eq!(noted.await.unwrap(), 1);
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_of_a_kind_is_conditional_and_repeatable() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let specialist = staff.specialist.at(site.url());
        let api = format!("/api{TREES}");
        let body = |tag: &str| {
            json!({ "values": { "tag": tag, "species": "Lim xẹt", "height_m": "9.5", "inspected_on": "2026-11-01" },
                    "geometry": { "type": "Point", "coordinates": [105.91, 18.34] } })
        };
        let send = async |method: Method, path: String, body: Value, head: &[(&str, &str)]| {
            let mut request = specialist.request_for("application/json", method, &path);
            for (name, value) in head {
                request = request.header(*name, *value);
            }
            specialist
                .send(
                    request
                        .header("content-type", "application/json")
                        .body(body.to_string()),
                )
                .await
        };
        let key = [("idempotency-key", "0197e0a0-0000-7000-8000-000000000009")];
        let made = send(Method::POST, api.clone(), body("TS-000001"), &key).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let (place, one) = (made.location(), made.json());
        assert_eq!(
            (&one["values"]["height_m"], &one["values"]["health"]),
            (&json!("9.5"), &json!("good")),
            "{one}"
        );
        assert_eq!(one["outside"], false);
        let again = send(Method::POST, api.clone(), body("TS-000001"), &key).await;
        assert_eq!(again.json()["id"], one["id"], "the same key is done once");
        let taken = send(Method::POST, api.clone(), body("ts-000001"), &[]).await;
        assert!(taken.status.is_client_error(), "{}", taken.text());

        let read = send(Method::GET, place.clone(), json!({}), &[]).await;
        assert_eq!(read.headers["etag"], "\"r1\"");
        let change = json!({ "act": "change", "values": { "health": "watch" }, "reason": "Cành khô" });
        let blind = send(Method::PATCH, place.clone(), change.clone(), &[]).await;
        assert!(blind.text().contains("register-revision-missing"), "{}", blind.text());
        let changed = send(Method::PATCH, place.clone(), change.clone(), &[("if-match", "\"r1\"")]).await;
        assert_eq!(
            (changed.status, &changed.json()["revision"]),
            (StatusCode::OK, &json!(2)),
            "{}",
            changed.text()
        );
        assert_eq!(changed.json()["values"]["species"], "Lim xẹt", "what is not sent stays");
        let stale = send(Method::PATCH, place, change, &[("if-match", "\"r1\"")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
        let faulty = json!({ "values": { "tag": "x", "nothing": 1, "height_m": true } });
        let told = send(Method::POST, api.clone(), faulty, &[]).await.json();
        assert_eq!(told["errors"].as_array().map(Vec::len), Some(2), "{told}");

        for at in 2..=5 {
            let made = send(Method::POST, api.clone(), body(&format!("TS-00000{at}")), &[]).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..5 {
            let page = send(
                Method::GET,
                format!("{api}?limit=2&sort=species&bbox=105,18,106,19{cursor}"),
                json!({}),
                &[],
            )
            .await
            .json();
            seen.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one["values"]["tag"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.sort();
        assert_eq!(seen, ["TS-000001", "TS-000002", "TS-000003", "TS-000004", "TS-000005"]);
        let watched = send(Method::GET, format!("{api}?health=watch&fields=tag"), json!({}), &[])
            .await
            .json();
        assert_eq!(watched["items"].as_array().unwrap().len(), 1);
        assert_eq!(watched["items"][0]["values"], json!({ "tag": "TS-000001" }));
        for wrong in ["nothing=1", "limit=9999", "sort=address", "bbox=1,2,3", "cursor=zz"] {
            let refused = send(Method::GET, format!("{api}?{wrong}"), json!({}), &[]).await;
            assert!(refused.status.is_client_error(), "{wrong}: {}", refused.text());
        }
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_checked_taken_and_taken_back_on_its_pages() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let specialist = staff.specialist.at(site.url());
        let work = async |page: &str| {
            let id = page.rsplit('/').next().unwrap().parse().unwrap();
            site.app
                .register
                .work(id, std::sync::Arc::new(|_, _| {}))
                .await
                .unwrap();
            specialist.page(page).await
        };
        let text = "tag,Loài cây,lon,lat,Ghi chú riêng\nTS-000001,Sao đen,105.9,18.3,a\nTS-1,Lim,105.9,18.4,b\n";
        let page = hand_in(&specialist, "cay.csv", text.as_bytes()).await;
        let looked = specialist.page(&page).await;
        assert!(
            looked.words().contains("Ghi chú riêng") && looked.words().contains("UTF-8"),
            "{}",
            looked.words()
        );
        let choices = format!("{page}/choices");
        let fields = |second: &'static str| {
            vec![
                ("charset", "utf8"),
                ("delimiter", ","),
                ("heading", "1"),
                ("crs", "OGC:CRS84"),
                ("mode", "good"),
                ("c0", "field.tag"),
                ("c1", second),
                ("c2", "east"),
                ("c3", "north"),
            ]
        };
        let twice = specialist.submit(&looked, &choices, &fields("field.tag")).await;
        assert!(
            twice.words().contains("đã được chọn cho một cột khác"),
            "{}",
            twice.words()
        );
        let sent = specialist.submit(&looked, &choices, &fields("field.species")).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.words());
        let running = specialist.page(&page).await;
        assert!(running.headers.contains_key("refresh"), "it asks again without scripts");
        let checked = work(&page).await;
        assert!(!checked.headers.contains_key("refresh"));
        let words = checked.words();
        assert!(
            words.contains("1 dòng có lỗi; 1 dòng không lỗi") && words.contains("không đúng mẫu"),
            "{words}"
        );
        let faults = specialist.get(&format!("{page}/faults")).await;
        assert!(
            faults.text().contains("TS-1") && !faults.text().contains("TS-000001"),
            "{}",
            faults.text()
        );
        assert!(
            !specialist.page(TREES).await.words().contains("TS-000001"),
            "nothing is in yet"
        );
        let go = specialist.submit(&checked, &format!("{page}/write"), &[]).await;
        assert_eq!(go.status, StatusCode::SEE_OTHER, "{}", go.words());
        let done = work(&page).await;
        assert!(specialist.page(TREES).await.words().contains("TS-000001"));
        let undo = specialist
            .submit(&done, &format!("{page}/undo"), &[("reason", "Nhầm tệp")])
            .await;
        assert_eq!(undo.status, StatusCode::SEE_OTHER, "{}", undo.words());
        let undone = work(&page).await;
        assert!(undone.words().contains("Nhầm tệp"), "{}", undone.words());
        assert!(!specialist.page(TREES).await.words().contains("TS-000001"));
        // An officer of another place has nothing to do with it, and what is no table is refused beside its field.
        let other = staff.desk.at(site.url()).get(&page).await;
        assert!(
            other.is_refused() || other.status == StatusCode::NOT_FOUND,
            "{}",
            other.status
        );
        let import = format!("{TREES}/import");
        let form = specialist.page(&import).await.form(&import);
        let pdf = ("file", "cay.csv", "text/csv", &b"%PDF-1.4 %%EOF"[..]);
        let refused = specialist.upload(&form, &[], &[pdf]).await;
        assert!(
            refused.words().contains("không thuộc loại nhận được ở đây"),
            "{}",
            refused.words()
        );
        // A kind that needs people takes no files.
        assert_eq!(
            specialist
                .get("/registers/civil-status/civil_record/import")
                .await
                .status,
            StatusCode::NOT_FOUND
        );
        site.close().await;
        province.verify();
    })
    .await;
}
