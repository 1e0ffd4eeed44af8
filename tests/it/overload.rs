//! More people send than can be worked on at once: whoever waits is shown her place without a script, whoever asks how things
//! stand is answered meanwhile, and everything that was acknowledged is there afterwards. `bench --only overload` measures the
//! same at its size; here it must only hold, on a machine that does other things too.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tinhso::world::RealWorld;
use uuid::Uuid;

use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::filing;
use crate::support::people;
use crate::support::province::ABSENCE;
use crate::support::{Person, Province, Staff, Visitor, both, html};

/// People who send at once: more than are worked on and wait for an answer together.
const PEOPLE: u32 = 360;

/// How long they go on.
const LONG: Duration = Duration::from_secs(8);

/// A generous bound: what is asked for is 300 ms at the 99th percentile, of a release build on a quiet machine.
const STATUS_MAX: Duration = Duration::from_secs(2);

/// Sends a form and looks again as the page says, until it leads on; how often a place was shown.
async fn through(
    visitor: &Visitor,
    action: &str,
    once: Uuid,
    csrf: &str,
    seen: &AtomicUsize,
    over: &AtomicBool,
) -> Option<String> {
    let once = once.to_string();
    let mut answer = visitor.post(action, &[("_csrf", csrf), ("_once", &once)]).await;
    loop {
        match answer.status {
            StatusCode::SEE_OTHER => return Some(answer.location()),
            StatusCode::ACCEPTED => {
                let refresh = answer.headers["refresh"].to_str().unwrap().to_owned();
                let (seconds, path) = refresh.split_once("; url=").unwrap();
                assert_eq!(path, format!("/my/line/{once}"));
                assert!(
                    answer.words().contains("người trước bạn") || answer.words().contains("đầu hàng"),
                    "{}",
                    answer.words()
                );
                seen.fetch_add(1, Ordering::Relaxed);
                if over.load(Ordering::Relaxed) {
                    return None;
                }
                // Sooner than told, so that the test is short.
                tokio::time::sleep(Duration::from_millis(300 * seconds.parse::<u64>().unwrap())).await;
                answer = visitor.get(path).await;
            }
            other => panic!("{action}: {other}: {}", answer.words()),
        }
    }
}

/// Begins drafts and leaves them until the time is over; gives those that were acknowledged.
async fn begins(visitor: Visitor, csrf: String, seen: Arc<AtomicUsize>, over: Arc<AtomicBool>) -> Vec<String> {
    let action = format!("/procedures/{ABSENCE}/start");
    let mut acknowledged = Vec::new();
    // An account holds twenty drafts.
    while acknowledged.len() < 18 && !over.load(Ordering::Relaxed) {
        match through(&visitor, &action, Uuid::now_v7(), &csrf, &seen, &over).await {
            Some(to) => acknowledged.push(to.split('/').nth(3).unwrap().to_owned()),
            None => break,
        }
    }
    acknowledged
}

async fn crowd(url: &str, people: &[Person]) -> Vec<(Visitor, String)> {
    let page = format!("/procedures/{ABSENCE}/start");
    let mut all = Vec::new();
    for person in people {
        let visitor = person.at(url);
        let shown = visitor.page(&page).await;
        let csrf = html::forms(&shown.text())
            .iter()
            .find(|form| form.action == page)
            .and_then(|form| {
                form.hidden
                    .iter()
                    .find(|(name, _)| name == "_csrf")
                    .map(|(_, value)| value.clone())
            })
            .unwrap();
        all.push((visitor, csrf));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_twice_too_many_people_see_their_place_lose_nothing_and_status_pages_stay_quick() {
    both(async |province: &Province| {
        let site = province.serve(Arc::new(RealWorld::new())).await;
        let app = &site.app;
        let staff = Staff::of(app).await;
        let owner = people::citizen(app, 0).await;
        let own = owner.at(site.url());
        let dossier = filing::quick(&own, &owner, staff.commune, "Đi làm xa").await;
        let people = people::citizens(app, 1, PEOPLE).await;
        let crowd = crowd(site.url(), &people).await;
        let (seen, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let sending: Vec<_> = crowd
            .into_iter()
            .map(|(visitor, csrf)| tokio::spawn(begins(visitor, csrf, seen.clone(), over.clone())))
            .collect();
        let (began, mut times) = (Instant::now(), Vec::new());
        while began.elapsed() < LONG {
            for path in [
                "/track".to_owned(),
                format!("/my/dossiers/{dossier}"),
                "/my/dossiers".to_owned(),
            ] {
                let asked = Instant::now();
                own.page(&path).await;
                times.push(asked.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        over.store(true, Ordering::Relaxed);
        let mut acknowledged = HashSet::new();
        for task in sending {
            acknowledged.extend(task.await.unwrap());
        }
        times.sort_unstable();
        let slow = times[times.len() * 95 / 100];
        assert!(slow < STATUS_MAX, "status pages took {slow:?} of {}", times.len());
        assert!(seen.load(Ordering::Relaxed) > 20, "only {seen:?} places were shown");
        assert!(
            acknowledged.len() > 100,
            "only {} were acknowledged",
            acknowledged.len()
        );
        let kept: Vec<Uuid> = app
            .store
            .read(|tx| tx.all("SELECT id FROM draft ORDER BY id LIMIT 100000", &[], |row| row.get(0)))
            .await
            .map_err(|error: store::StoreError| error)
            .unwrap();
        let kept: HashSet<String> = kept.iter().map(Uuid::to_string).collect();
        let lost: Vec<&String> = acknowledged.difference(&kept).collect();
        assert!(
            lost.is_empty(),
            "{} of {} are lost: {lost:?}",
            lost.len(),
            acknowledged.len()
        );
        site.close().await;
    })
    .await;
}

/// Begins a draft in the browser while the line is held up, is held to the rules of accessibility, and comes through.
#[tokio::test(flavor = "multi_thread")]
async fn browser_who_waits_sees_her_place_and_comes_through_by_itself_without_scripts() {
    let province = Province::sqlite().await;
    let site = province.serve(Arc::new(RealWorld::new())).await;
    let person = people::citizen(&site.app, 1).await;
    let visitor = person.at(site.url());
    let Some(browser) = Browser::start(Screen::PHONE.dark().without_scripts()).await else {
        return;
    };
    browser.open(site.url()).await;
    browser.wear(visitor.cookie().as_deref()).await;
    let held_up = site.app.casework.hold_up_submissions();
    // Somebody else waits before her.
    let other = people::citizen(&site.app, 2).await;
    let start = format!("/procedures/{ABSENCE}/start");
    let before = other.at(site.url());
    let first = before.submit(&before.page(&start).await, &start, &[]).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    browser.open(&format!("{}{start}", site.url())).await;
    browser.press(&format!("form[action=\"{start}\"] button")).await;
    let words = browser.text().await;
    assert!(words.contains("Có 1 người trước bạn"), "{words}");
    assert_eq!(browser.axe().await.len(), 0);
    assert_eq!(browser.too_wide_px().await, 0);
    drop(held_up);
    // Nobody presses anything: the page looks again by itself.
    wait::until("the first step of the draft", wait::LONG, async || {
        let here = browser
            .driver()
            .current_url()
            .await
            .map_err(|error| error.to_string())?;
        let is_there = here.path().starts_with("/my/drafts/") && here.path().ends_with("/who");
        if is_there {
            Ok(())
        } else {
            Err(format!("the page is {here}"))
        }
    })
    .await;
    browser.quit().await;
    site.close().await;
}
