//! What the portal may say that is none, each by its name: an unknown status, an end in the future, a success that was none, a page, half a
//! JSON. Each is seen for what it is, and costs time and nothing more.

use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use exchange::machine::Drift;
use exchange::portal::Settings;
use exchange::wire::Reason;
use kernel::{SignedDuration, Timestamp, World as _};
use parking_lot::Mutex;
use store::EngineKind;

use super::{Both, set_up};
use crate::harness::wait;
use crate::support::province::Province;
use crate::support::{Site, filing, people};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_status_at_the_portal_is_drift_and_mended() {
    Both::on_both(Settings::default(), async |both, _| {
        let (_, code) = both.file(1).await;
        both.agrees(&code, 1).await;
        let running = both.running.take().unwrap();
        running.stop().await;
        let stamp = both.world.now();
        both.portal
            .with(|portal| portal.dossier_mut(&code).unwrap().set(42, stamp));
        both.world.advance(SignedDuration::from_hours(8 * 24));
        wait::until("it is seen", wait::LONG, || async {
            both.site.app.exchange.round().await.unwrap();
            let link = both.link(&code).await.unwrap();
            match link.track.drift {
                Some(Drift::Unknown) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        both.run();
        both.agrees(&code, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_the_portal_dates_into_the_future_makes_nobody_late() {
    Both::on_both(Settings::default(), async |both, _| {
        let (id, code) = both.file(1).await;
        both.settle(&id.to_string()).await;
        both.agrees(&code, 9).await;
        let year = Timestamp::from_local(jiff::civil::date(2999, 12, 31).at(0, 0, 0, 0));
        both.portal.with(|portal| {
            let held = portal.dossier_mut(&code).unwrap();
            (held.ended_at, held.stamp) = (Some(year), year);
        });
        wait::until("it was seen again", wait::LONG, || async {
            both.world.advance(SignedDuration::from_mins(10));
            let link = both.link(&code).await.unwrap();
            let seen = link.track.seen.and_then(|seen| seen.ended_at);
            if link.track.checks > 4 && seen.is_some() {
                Ok(())
            } else {
                Err(format!("{link:?}"))
            }
        })
        .await;
        both.world.advance(SignedDuration::from_hours(24 * 20));
        both.agrees(&code, 9).await;
        let link = both.link(&code).await.unwrap();
        assert!(link.track.seen.unwrap().ended_at < Some(year), "{link:?}");
        assert_eq!(link.cause, None, "it ended in time on both sides: {link:?}");
    })
    .await;
}

/// A portal that says the same to everything, whatever it is asked.
struct Stubborn {
    url: String,
    says: Arc<Mutex<(u16, &'static str)>>,
    task: tokio::task::JoinHandle<()>,
}

impl Stubborn {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new((200, "")));
        let said = says.clone();
        let service = move || {
            let (status, body) = *said.lock();
            async move { (http::StatusCode::from_u16(status).unwrap(), body).into_response() }
        };
        let router = Router::new()
            .route(
                "/session",
                axum::routing::post(async || r#"{"error_code":"0","session":"s"}"#),
            )
            .route("/service", axum::routing::post(service));
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, says, task }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answer_that_is_none_leaves_the_change_waiting_with_its_reason() {
    let portal = Stubborn::start();
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(mut province) = Province::make(engine).await else {
            continue;
        };
        set_up(&mut province, &portal.url);
        let world = testkit::ManualWorld::new();
        let (site, staff) = Site::staffed(&province, world.clone()).await;
        let citizen = people::citizen(&site.app, 1).await;
        filing::quick(&citizen.at(site.url()), &citizen, staff.commune, "Đi làm xa").await;
        let answers = [
            (200, "<!doctype html><title>Bảo trì</title>", Reason::Html),
            (200, r#"{"error_code":0,"da"#, Reason::HalfJson),
            (200, r#"{"ok":true}"#, Reason::Strange),
            (
                200,
                r#"{"error_code":"0","data":[{"MaHoSo":"X","error_code":"0"}]}"#,
                Reason::NotNamed,
            ),
            (503, "", Reason::Busy),
        ];
        site.app.exchange.sweep().await.unwrap();
        for (status, body, reason) in answers {
            *portal.says.lock() = (status, body);
            wait::until(&format!("{reason} is seen"), wait::LONG, || async {
                world.advance(SignedDuration::from_secs(15));
                site.app.exchange.round().await.unwrap();
                let row = site.app.store.read(|tx| {
                    tx.one("SELECT stand, reason, receipt FROM exchange_transfer", &[], |row| {
                        Ok((
                            row.get::<String>(0)?,
                            row.get::<Option<Reason>>(1)?,
                            row.get::<Option<String>>(2)?,
                        ))
                    })
                });
                let row = row.await.unwrap();
                if row == ("waiting".to_owned(), Some(reason), None) {
                    Ok(())
                } else {
                    Err(format!("{row:?}"))
                }
            })
            .await;
        }
        site.close().await;
    }
    portal.task.abort();
}
