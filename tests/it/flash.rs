//! What was done is said once, on the page that follows: also what an operator does with a job that failed for good.

use identity::Role;
use identity::unit::UnitKind;
use reqwest::{Method, StatusCode, header};
use store::jobs::Job;
use testkit::ManualWorld;

use crate::support::people::{self, officer};
use crate::support::{Site, province};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_with_a_job_is_said_once() {
    province::both(async |province| {
        let (site, _) = Site::staffed(province, ManualWorld::new()).await;
        let root = people::units_of(&site.app, UnitKind::Province)[0];
        let operator = officer(&site.app, "van-hanh", Role::Operator, root).await;
        let operator = operator.at(site.url());
        let job = Job::new(site.app.store.world().as_ref(), "test.nothing", serde_json::json!({}));
        let id = job.id;
        site.app
            .store
            .write(move |tx| {
                tx.enqueue(&job)?;
                tx.execute(
                    "UPDATE job SET state = 'dead', failed_at = created_at WHERE kind = $1",
                    &[&"test.nothing"],
                )?;
                Ok::<_, store::StoreError>(())
            })
            .await
            .unwrap();
        let page = operator.page("/admin/jobs").await;
        let done = operator.submit(&page, &format!("/admin/jobs/{id}/drop"), &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.words());
        // A visitor keeps the cookie of her session alone: that of the notice is sent along here.
        let lines = done.headers.get_all(header::SET_COOKIE).iter();
        let mut pairs = lines.filter_map(|line| line.to_str().ok()?.split(';').next());
        let notice = pairs.find(|pair| pair.starts_with("tinhso-notice=")).unwrap();
        let cookies = format!("{}; {notice}", operator.cookie().unwrap());
        let mut headers = header::HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        let said = operator.request(Method::GET, &done.location()).headers(headers);
        let said = operator.send(said).await;
        assert!(said.words().contains("Đã làm."), "{}", said.words());
        let later = operator.page("/admin/jobs").await;
        assert!(!later.words().contains("Đã làm."), "it is said once");
        site.close().await;
    })
    .await;
}
