//! Pages that follow from a register with no further work: words that find records without marks, counts with their drawing, saved
//! views, one change to many records with its preview and its way back, the index with counts and last changes.

use std::time::Duration;

use reqwest::StatusCode;
use testkit::ManualWorld;

use crate::support::province::both;
use crate::support::registers::{TREES, plant};
use crate::support::{Site, Visitor};

/// Asks for a page until it says something.
async fn until(visitor: &Visitor, path: &str, words: &str) -> String {
    let mut page = String::new();
    for _ in 0..400 {
        page = visitor.page(path).await.words();
        if page.contains(words) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} never says {words}: {page}");
}

/// What works beside the pages.
struct Beside {
    consumer: store::outbox::Consumer,
    worker: store::jobs::WorkerHandle,
}

impl Beside {
    fn start(site: &Site) -> Self {
        let register = &site.app.register;
        let worker = register::digest::jobs(store::Worker::new(site.app.store.clone()), register);
        let worker = register::bulk::jobs(worker, register);
        Self {
            consumer: register::feed::start(register),
            worker: worker
                .timing(Duration::from_secs(60), Duration::from_millis(30))
                .start(),
        }
    }

    async fn stop(self) {
        self.consumer.stop().await;
        self.worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_counted_and_kept_as_views() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let beside = Beside::start(&site);
        let specialist = staff.specialist.at(site.url());
        plant(&specialist, "TS-000001").await;
        plant(&specialist, "TS-000002").await;

        let found = until(&specialist, &format!("{TREES}?q=sao+den+000002"), "TS-000002").await;
        assert!(!found.contains("TS-000001"), "{found}");
        let both_of_them = until(&specialist, &format!("{TREES}?q=SAO"), "TS-000001").await;
        assert!(both_of_them.contains("TS-000002"), "{both_of_them}");
        let filtered = specialist.page(&format!("{TREES}?q=sao&health=dead")).await.words();
        assert!(!filtered.contains("TS-000001"), "{filtered}");
        let filtered = specialist.page(&format!("{TREES}?q=sao&health=good")).await.words();
        assert!(filtered.contains("TS-000001"), "{filtered}");
        // People are in no index: who looks for a keeper finds nothing.
        let keeper = specialist.page(&format!("{TREES}?q=cham")).await.words();
        assert!(!keeper.contains("TS-000001"), "{keeper}");
        // Another commune's officers find none of them.
        let stranger = staff.stranger.at(site.url());
        let theirs = stranger.page(&format!("{TREES}?q=sao")).await.words();
        assert!(!theirs.contains("TS-000001"), "{theirs}");

        let chart = specialist.page(&format!("{TREES}/charts?by=health")).await;
        assert!(
            chart.text().contains("<svg") && chart.words().contains("Tốt"),
            "{}",
            chart.words()
        );
        assert!(
            chart.words().contains("100,0"),
            "all of them are well: {}",
            chart.words()
        );
        let months = specialist
            .page(&format!("{TREES}/charts?by=inspected_on"))
            .await
            .words();
        assert!(months.contains("Chưa ghi"), "{months}");
        let none = stranger.page(&format!("{TREES}/charts?by=health")).await.words();
        assert!(!none.contains("100,0"), "{none}");
        let index = specialist.page("/registers?q=cay").await.words();
        assert!(
            index.contains("2 bản ghi") && index.contains("Thay đổi gần nhất"),
            "{index}"
        );

        // A view keeps words, filters and order; shared, it is the unit's.
        let list = format!("{TREES}?q=sao&health=good");
        let views = format!("{TREES}/views");
        let page = specialist.page(&list).await;
        let saved = specialist
            .submit(&page, &views, &[("name", "Sao đen khỏe"), ("shared", "yes")])
            .await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.words());
        assert_eq!(saved.location(), list);
        assert!(
            staff
                .leader
                .at(site.url())
                .page(TREES)
                .await
                .words()
                .contains("Sao đen khỏe")
        );
        assert!(!stranger.page(TREES).await.words().contains("Sao đen khỏe"));
        let page = specialist.page(TREES).await;
        let text = page.text();
        let action = text
            .split("action=\"")
            .find(|part| part.contains("/forget\""))
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(
            specialist.submit(&page, &action, &[]).await.status,
            StatusCode::SEE_OTHER
        );
        assert!(!specialist.page(TREES).await.words().contains("Sao đen khỏe"));
        beside.stop().await;
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_are_changed_after_a_look_and_taken_back() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let beside = Beside::start(&site);
        let specialist = staff.specialist.at(site.url());
        let tree = plant(&specialist, "TS-000001").await;
        plant(&specialist, "TS-000002").await;
        let (bulk, confirm) = (format!("{TREES}/bulk"), format!("{TREES}/bulk/confirm"));
        let choose = format!("{bulk}?field=trunk_cm&health=good");
        let silent = specialist
            .submit(
                &specialist.page(&choose).await,
                &bulk,
                &[("value", "200"), ("reason", "")],
            )
            .await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", silent.words());
        assert!(
            !silent.text().contains(&confirm),
            "without a reason nothing can be confirmed"
        );
        let wrong = specialist
            .submit(
                &specialist.page(&choose).await,
                &bulk,
                &[("value", "nhiều"), ("reason", "Đo lại")],
            )
            .await;
        assert!(!wrong.text().contains(&confirm), "{}", wrong.words());
        let look = specialist
            .submit(
                &specialist.page(&choose).await,
                &bulk,
                &[("value", "200"), ("reason", "Đo lại")],
            )
            .await;
        assert!(
            look.words().contains("120 cm") && look.words().contains("200 cm"),
            "{}",
            look.words()
        );
        // Somebody plants another tree before it is confirmed: the list is shown again.
        plant(&specialist, "TS-000003").await;
        let other = specialist.submit(&look, &confirm, &[]).await;
        assert!(other.words().contains("đã thay đổi trong lúc đó"), "{}", other.words());
        let done = specialist.submit(&other, &confirm, &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.words());
        let edit = done.location();
        until(&specialist, &edit, "Đã xong").await;
        let page = specialist.page(&tree).await.words();
        assert!(page.contains("200 cm") && page.contains("Đo lại"), "{page}");
        let undo = format!("{edit}/undo");
        assert_eq!(
            specialist
                .submit(&specialist.page(&edit).await, &undo, &[])
                .await
                .status,
            StatusCode::SEE_OTHER
        );
        until(&specialist, &edit, "Đã hoàn tác").await;
        assert!(specialist.page(&tree).await.words().contains("Hoàn tác: Đo lại"));
        assert!(staff.leader.at(site.url()).get(&bulk).await.is_refused());
        assert_eq!(staff.stranger.at(site.url()).get(&edit).await.status.as_u16() / 100, 4);
        beside.stop().await;
        site.close().await;
        province.verify();
    })
    .await;
}
