//! The exchange with the whole program: a province on either engine and the simulated portal, over sockets. Dossiers go there and
//! come from there, messages are lost and doubled, the portal answers nonsense, nodes die and meet, and drift is found.

mod browser;
mod carried;
mod faults;
mod kept;
mod withdrawn;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use exchange::machine::{Drift, Stand};
use exchange::portal::{self, Fault, Filing, Running, Settings};
use exchange::wire::Applicant;
use exchange::{Inbound, PortalConfig};
use identity::{Role, UnitId};
use kernel::{SignedDuration, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::EngineKind;
use testkit::ManualWorld;
use uuid::Uuid;

use crate::harness::wait;
use crate::support::province::{ABSENCE, Province};
use crate::support::{Person, Site, Staff, Visitor, filing, people};

const PASSWORD: &str = "mo-phong";

/// A province that is served, and the portal with which it exchanges.
struct Both {
    site: Site,
    staff: Staff,
    portal: Running,
    world: Arc<ManualWorld>,
    running: Option<exchange::Running>,
}

/// Puts the portal's address and passwords into the configuration of a province.
fn set_up(province: &mut Province, url: &str) {
    let file = province.root().join("portal-password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let mut portal = PortalConfig::at(url, "H27", "tinh", &file);
    portal.timeout_seconds = 1;
    portal.pull_seconds = 1;
    portal.inbound = Some(Inbound {
        user: "cong-quoc-gia".to_owned(),
        password_file: file,
    });
    province.config.exchange.portal = Some(portal);
}

impl Both {
    /// A province on an engine, with a portal that errs as the settings say; none where the engine is not at hand.
    async fn start(engine: EngineKind, settings: Settings) -> Option<(Province, Self)> {
        let (province, mut both) = Self::quiet(engine, settings).await?;
        both.run();
        Some((province, both))
    }

    /// The exchange begins, or goes on.
    fn run(&mut self) {
        self.running = exchange::start(&self.site.app.exchange);
        assert!(self.running.is_some(), "a portal is set up");
    }

    /// As [`Both::start`], before the exchange ever ran.
    async fn quiet(engine: EngineKind, settings: Settings) -> Option<(Province, Self)> {
        let mut province = Province::make(engine).await?;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        set_up(&mut province, &format!("http://{}", listener.local_addr().unwrap()));
        let world = ManualWorld::new();
        let (site, staff) = Site::staffed(&province, world.clone()).await;
        let settings = Settings {
            province: Some(site.url().to_owned()),
            ..settings
        };
        let portal = portal::start(listener, world.clone(), settings).unwrap();
        let both = Self {
            site,
            staff,
            portal,
            world,
            running: None,
        };
        Some((province, both))
    }

    /// On SQLite, then on PostgreSQL where it is at hand.
    async fn on_both(settings: Settings, body: impl AsyncFn(&mut Both, &Province)) {
        for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
            let Some((province, mut both)) = Box::pin(Self::start(engine, settings.clone())).await else {
                continue;
            };
            testkit::say(&format!("on {engine:?}"));
            Box::pin(body(&mut both, &province)).await;
            both.stop().await;
        }
    }

    async fn stop(self) {
        if let Some(running) = self.running {
            running.stop().await;
        }
        self.site.close().await;
    }

    fn at(&self, person: &Person) -> Visitor {
        person.at(self.site.url())
    }

    /// Files a dossier here; gives its id and code.
    async fn file(&self, n: u32) -> (Uuid, String) {
        let citizen = people::citizen(&self.site.app, n).await;
        let visitor = self.at(&citizen);
        let id = filing::quick(&visitor, &citizen, self.staff.commune, "Đi làm xa").await;
        (id, filing::code_of(&visitor, id).await)
    }

    async fn act(&self, who: &Person, id: &str, action: &str, fields: &[(&str, &str)]) {
        let files: &[(&str, &[u8])] = if action == "propose" {
            &[("ket-qua.pdf", filing::PDF)]
        } else {
            &[]
        };
        let answer = filing::act(&self.at(who), id, action, fields, files).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{action}: {}", answer.words());
    }

    /// Receives, processes and approves.
    async fn settle(&self, id: &str) {
        let officer = self.staff.specialist.account.to_string();
        self.act(&self.staff.desk, id, "receive", &[("days", "3")]).await;
        self.act(&self.staff.leader, id, "assign", &[("officer", &officer)])
            .await;
        self.act(&self.staff.specialist, id, "propose", &[("outcome", "granted")])
            .await;
        self.act(&self.staff.leader, id, "approve", &[]).await;
    }

    /// Two dossiers, with their codes: one settled in time, of which the portal is told after the due date, and one that
    /// nobody settles.
    async fn late_twice(&self) -> ((Uuid, String), (Uuid, String)) {
        let (in_time, slow) = (self.file(1).await, self.file(2).await);
        self.agrees(&in_time.1, 1).await;
        self.portal.set_out(true);
        self.settle(&in_time.0.to_string()).await;
        self.act(&self.staff.desk, &slow.0.to_string(), "receive", &[("days", "3")])
            .await;
        // The portal is out until long after the due date of both.
        self.world.advance(SignedDuration::from_hours(24 * 10));
        self.portal.set_out(false);
        self.agrees(&in_time.1, 9).await;
        (in_time, slow)
    }

    /// Lets the clock run until the portal shows the dossier so, and we know it.
    async fn agrees(&self, code: &str, state: u8) {
        wait::until(&format!("{code} at {state}"), wait::LONG, || async {
            self.world.advance(SignedDuration::from_millis(500));
            let there = self
                .portal
                .with(|portal| portal.dossiers().get(code).map(|held| held.state));
            let link = self.link(code).await;
            let in_step = link.as_ref().is_some_and(|link| {
                link.track.drift.is_none()
                    && link.track.is_settled()
                    && link.track.seen.is_some_and(|seen| seen.state == Some(state))
            });
            if there == Some(state) && in_step {
                Ok(())
            } else {
                Err(format!("there {there:?}, here {link:?}"))
            }
        })
        .await;
    }

    async fn link(&self, national_code: &str) -> Option<exchange::link::Link> {
        self.site.app.exchange.link_of(national_code).await.unwrap()
    }

    /// The code of the agency of the staff's commune.
    fn agency(&self) -> String {
        let (book, day) = (self.site.app.identity.units(), self.world.now().local_date());
        let agency = book.agency_of(self.staff.commune, day).unwrap();
        agency.code_on(day).unwrap().to_string()
    }

    fn filing(&self, number: &str) -> Filing {
        Filing {
            procedure: ABSENCE.to_owned(),
            agency: self.agency(),
            applicant: Applicant {
                name: "Trần Thị Cổng".to_owned(),
                number: number.to_owned(),
                phone: "0912345678".to_owned(),
                address: "Tổ 3".to_owned(),
                ..Applicant::default()
            },
            papers: Vec::new(),
        }
    }

    /// Waits until a dossier that was filed at the portal is here; gives its id.
    async fn arrived(&self, code: &str) -> String {
        wait::until(&format!("{code} is here"), wait::LONG, || async {
            self.world.advance(SignedDuration::from_millis(500));
            let link = self.link(code).await;
            link.map(|link| link.dossier.to_string())
                .ok_or_else(|| "not yet".to_owned())
        })
        .await
    }

    async fn operator(&self) -> Visitor {
        let root = people::units_of(&self.site.app, identity::unit::UnitKind::Province)[0];
        self.at(&people::officer(&self.site.app, "vanhanh", Role::Operator, root).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_is_told_step_by_step_and_each_transfer_has_its_receipt() {
    Both::on_both(Settings::default(), async |both, _| {
        let (id, code) = both.file(1).await;
        both.agrees(&code, 1).await;
        both.settle(&id.to_string()).await;
        both.agrees(&code, 9).await;
        both.portal.with(|portal| {
            let held = &portal.dossiers()[&code];
            let applicant = held.sync.applicant.clone().expect("she was named once");
            assert!(
                applicant.name.contains("Quyzwx") && applicant.number.len() == 12,
                "{applicant:?}"
            );
            assert_eq!((held.sync.procedure.as_str(), held.sync.channel), (ABSENCE, 2));
            assert!(held.sync.due_at.is_some() && held.sync.ended_at.is_some(), "{held:?}");
            let words: Vec<&str> = held.steps.iter().map(|step| step.text.as_str()).collect();
            assert!(words.contains(&"Phân công") && words.contains(&"Trình ký"), "{words:?}");
            assert!(
                held.steps.iter().all(|step| !step.who.is_empty()),
                "who did it, as the public sees it"
            );
        });
        let operator = both.operator().await;
        let page = operator.page(&format!("/admin/exchange/dossiers/{id}")).await;
        assert!(page.words().contains("Đã xác nhận"), "{}", page.words());
        let receipt = page.text();
        let receipt = receipt
            .split("/exchange/receipts?receipt=")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap();
        let verified = both
            .site
            .visitor()
            .page(&format!("/exchange/receipts?receipt={receipt}"))
            .await
            .words();
        assert!(
            verified.contains("Biên nhận có thật") && verified.contains(&code),
            "{verified}"
        );
        let wrong = both
            .site
            .visitor()
            .get(&format!("/exchange/receipts?receipt={receipt}x"))
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = wrong.words();
        assert!(wrong.contains("không phải biên nhận"), "{wrong}");
        // Her data left for the portal: she reads that among the uses.
        let citizen = people::citizen(&both.site.app, 1).await;
        let uses = both.at(&citizen).page("/my/data-use").await.words();
        assert!(uses.contains(&code), "{uses}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_portal_answers_is_survived() {
    // Each kind of nonsense, often, and then none: the province comes into step by itself.
    let settings = Settings {
        seed: 7,
        faults: vec![Fault::Garbled, Fault::WrongAnswer, Fault::Doubled, Fault::Skew],
        permille: 400,
        keeps_keys: false,
        ..Settings::default()
    };
    Both::on_both(settings, async |both, _| {
        let mut all = Vec::new();
        for n in 1..4 {
            all.push(both.file(n).await);
        }
        for (id, _) in &all {
            both.settle(&id.to_string()).await;
        }
        both.portal.end_faults();
        for (_, code) in &all {
            both.agrees(code, 9).await;
        }
        both.portal
            .with(|portal| assert_eq!(portal.dossiers().len(), all.len(), "none is double"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_found_shown_and_mended() {
    Both::on_both(Settings::default(), async |both, _| {
        let ((_, one), (_, other)) = (both.file(1).await, both.file(2).await);
        both.agrees(&one, 1).await;
        both.agrees(&other, 1).await;
        // Somebody types another state there, and a backup takes a dossier away.
        let stamp = both.world.now();
        both.portal.with(|portal| {
            portal.dossier_mut(&one).unwrap().set(8, stamp);
            assert!(portal.forget(&other));
        });
        both.agrees(&one, 1).await;
        both.agrees(&other, 1).await;
        let operator = both.operator().await;
        let page = operator.page("/admin/exchange/transfers").await.words();
        assert!(
            page.contains("Chữa độ lệch"),
            "the mend is a transfer of its own: {page}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_filed_at_the_portal_arrives_once() {
    Both::on_both(Settings::default(), async |both, _| {
        let now = both.world.now();
        let (told, lost) = both.portal.with(|portal| {
            let told = portal.file(&both.filing("042190000017"), now);
            let lost = portal.file(&both.filing("042190000018"), now);
            // The portal loses in its own house what it had to tell: a pull finds it.
            portal.lose_push(&lost);
            (told, lost)
        });
        let (first, second) = (both.arrived(&told).await, both.arrived(&lost).await);
        assert_ne!(first, second);
        both.settle(&first).await;
        both.agrees(&told, 9).await;
        both.agrees(&lost, 1).await;
        let link = both.link(&told).await.unwrap();
        assert!(link.is_from_portal && link.filed_at.is_some() && link.arrived_at.is_some());
        assert_ne!(link.code, told, "it has a code of ours beside the portal's");
        // What cannot be placed is listed with its reason.
        let nowhere = Filing {
            agency: "H99.99".to_owned(),
            ..both.filing("042190000019")
        };
        let stray = both.portal.with(|portal| portal.file(&nowhere, now));
        let operator = both.operator().await;
        wait::until("the stray is listed", wait::LONG, || async {
            both.world.advance(SignedDuration::from_millis(500));
            let page = operator.page("/admin/exchange").await.words();
            if page.contains(&stray) && page.contains("Không có cơ quan này") {
                Ok(())
            } else {
                Err(page)
            }
        })
        .await;
        let dossiers = both
            .site
            .app
            .store
            .read(|tx| tx.one("SELECT count(*) FROM dossier", &[], |row| row.get::<i64>(0)));
        assert_eq!(dossiers.await.unwrap(), 2, "none is double");
    })
    .await;
}

/// Asks as the portal does.
async fn ask(both: &Both, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = both.site.visitor().try_json(Method::POST, path, body).await.unwrap();
    let value = serde_json::from_str(&answer.text()).unwrap_or(Value::Null);
    (answer.status, value)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_asks_and_tells_and_is_believed_no_more_than_it_proves() {
    Both::on_both(Settings::default(), async |both, _| {
        const ASK: &str = "/api/exchange/national";
        let (id, code) = both.file(1).await;
        both.agrees(&code, 1).await;
        let wrong = json!({ "username": "cong-quoc-gia", "password": "doan" });
        assert_eq!(ask(both, &format!("{ASK}/session"), &wrong).await.0, StatusCode::UNAUTHORIZED);
        let right = json!({ "username": "cong-quoc-gia", "password": PASSWORD });
        let session = ask(both, &format!("{ASK}/session"), &right).await.1["session"].as_str().unwrap().to_owned();
        let request = |service: &str, data: Value| {
            json!({ "session": session, "madonvi": "G22", "service": service, "isUpdating": true, "data": data })
        };
        let forged = json!({ "session": "99999999999999999.00", "madonvi": "G22", "service": "TraCuuHoSo", "data": [] });
        assert_eq!(ask(both, ASK, &forged).await.1["error_code"], "-1");
        let table = [
            ("CapNhatTienDoHoSoMC", json!([{ "MaHoSo": "KHONG-CO", "TrangThai": "4" }]), "5", "a dossier that we never had"),
            ("CapNhatTienDoHoSoMC", json!([{ "MaHoSo": code, "TrangThai": "42" }]), "4", "an unknown state"),
            ("DongBoHoSoMC", json!([{ "MaHoSo": "G22-1", "TrangThaiHoSo": "x" }]), "4", "an unknown state"),
            ("DongBoHoSoMC", json!([{ "MaHoSo": "G22-2", "TrangThaiHoSo": "1", "MaTTHC": "9.999999" }]), "6", "no such procedure"),
            ("CapNhatTienDoHoSoMC", json!([{ "MaHoSo": code, "TrangThai": "4", "ThoiDiemXuLy": "29991231235959" }]), "0", "a date in the future"),
        ];
        for (service, data, expected, what) in table {
            let (status, answer) = ask(both, ASK, &request(service, data)).await;
            assert_eq!((status, answer["data"][0]["error_code"].as_str()), (StatusCode::OK, Some(expected)), "{what}: {answer}");
        }
        // What a ministry tells stands in the vector, at an hour that is believed, and moves nothing here.
        let link = both.link(&code).await.unwrap();
        let ministry = link.ministry.expect("a ministry told something");
        assert_eq!((ministry.agency.as_str(), ministry.state, link.track.ours), ("G22", 4, 1));
        assert!(ministry.at <= both.world.now(), "{:?}", ministry.at);
        // The applicant reads whose word is whose.
        both.own_page_says(1, &id.to_string(), &["Bộ, ngành", "G22"]).await;
        let sighted = ask(both, ASK, &request("TraCuuHoSo", json!([{ "MaHoSo": code }, { "MaHoSo": "KHONG-CO" }]))).await.1;
        assert_eq!((sighted["data"].as_array().unwrap().len(), sighted["data"][0]["TrangThaiHoSo"].as_str()), (1, Some("1")));
        let listed = ask(both, ASK, &request("LayDanhSachTTHC", json!([]))).await.1;
        assert!(listed["data"].as_array().unwrap().iter().any(|one| one["MaTTHC"] == ABSENCE), "{listed}");
        let one = ask(both, ASK, &request("LayThuTuc", json!([{ "MaTTHC": ABSENCE }]))).await.1;
        assert_eq!(one["data"].as_array().unwrap().len(), 1);
        for body in ["", "<html>", "{\"session\":"] {
            let request = both.site.visitor().request(Method::POST, ASK).header("content-type", "application/json").body(body);
            assert_eq!(both.site.visitor().send(request).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
        both.world.advance(SignedDuration::from_mins(31));
        let over = ask(both, ASK, &request("TraCuuHoSo", json!([]))).await.1;
        assert_eq!(over["error_code"], "-1", "a session ends");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dies_in_the_middle_of_a_transfer_loses_nothing() {
    let settings = Settings {
        seed: 3,
        faults: vec![Fault::Lost],
        permille: 1_000,
        ..Settings::default()
    };
    Both::on_both(settings, async |both, _| {
        let running = both.running.take().unwrap();
        let (_, code) = both.file(1).await;
        wait::until("the change was heard", wait::LONG, || async {
            both.link(&code).await.map(|_| ()).ok_or_else(|| "not yet".to_owned())
        })
        .await;
        running.stop().await;
        both.world.advance(SignedDuration::from_mins(5));
        // A round is cut off while the portal is silent: the claim is written, the answer never comes.
        let cut = tokio::time::timeout(Duration::from_millis(400), both.site.app.exchange.round()).await;
        assert!(cut.is_err(), "the portal was silent");
        let held = both.site.app.store.read(|tx| {
            tx.one(
                "SELECT count(*) FROM exchange_link WHERE holder IS NOT NULL",
                &[],
                |row| row.get::<i64>(0),
            )
        });
        assert_eq!(held.await.unwrap(), 1, "the dead node still holds it");
        both.portal.end_faults();
        both.running = exchange::start(&both.site.app.exchange);
        both.agrees(&code, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_tell_each_change_once() {
    let Some((province, mut both)) = Both::start(EngineKind::Postgres, Settings::default()).await else {
        return;
    };
    let other = province.serve(both.world.clone()).await;
    let second = exchange::start(&other.app.exchange).unwrap();
    let mut all = Vec::new();
    for n in 1..6 {
        all.push(both.file(n).await);
    }
    for (id, _) in &all {
        both.settle(&id.to_string()).await;
    }
    for (_, code) in &all {
        both.agrees(code, 9).await;
    }
    // Each transfer was tried once: two nodes at one dossier would have tried twice.
    let tries = both.site.app.store.read(|tx| {
        tx.all("SELECT stand, tries FROM exchange_transfer ORDER BY id", &[], |row| {
            Ok((row.get::<String>(0)?, row.get::<i64>(1)?))
        })
    });
    let tries = tries.await.unwrap();
    assert!(tries.len() >= all.len() * 5, "{tries:?}");
    assert!(
        tries.iter().all(|(stand, tries)| stand == "confirmed" && *tries == 1),
        "{tries:?}"
    );
    both.portal.with(|portal| {
        for (_, code) in &all {
            let words: Vec<&str> = portal.dossiers()[code]
                .steps
                .iter()
                .map(|step| step.text.as_str())
                .collect();
            assert_eq!(words, ["Phân công", "Trình ký"], "in order, each once");
        }
    });
    second.stop().await;
    other.close().await;
    both.running.take().unwrap().stop().await;
    both.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lateness_is_put_down_to_a_person_or_the_systems_with_its_evidence() {
    Both::on_both(Settings::default(), async |both, _| {
        let ((in_time, told_late), (slow, _)) = both.late_twice().await;
        // A session lasts a working day; hers is new.
        let leader = people::officer(&both.site.app, "lanhdao2", Role::Leader, both.staff.commune).await;
        let leader = both.at(&leader);
        let evidence = |id: Uuid| format!("/desk/lateness/{id}");
        wait::until("both are judged", wait::LONG, || async {
            both.world.advance(SignedDuration::from_secs(30));
            let (system, person) = (
                leader.page(&evidence(in_time)).await.words(),
                leader.page(&evidence(slow)).await.words(),
            );
            let is_judged = system.contains("lẽ ra trong hạn") && person.contains("xong ở tỉnh sau hẹn trả");
            if is_judged {
                Ok(())
            } else {
                Err(format!("{system}\n{person}"))
            }
        })
        .await;
        let page = leader.page(&evidence(in_time)).await.words();
        assert!(
            page.contains("Cập nhật hồ sơ") && page.contains("lần"),
            "the tries are the evidence: {page}"
        );
        let list = leader.page("/desk/lateness?cause=system").await.words();
        assert!(list.contains(&told_late), "{list}");
        let stranger = both.at(&people::officer(&both.site.app, "lanhdao3", Role::Leader, other_commune(both)).await);
        assert_eq!(stranger.get(&evidence(in_time)).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

fn other_commune(both: &Both) -> UnitId {
    let communes = people::units_of(&both.site.app, identity::unit::UnitKind::Commune);
    communes.into_iter().find(|unit| *unit != both.staff.commune).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_listed_with_its_reason_and_told_again() {
    Both::on_both(Settings::default(), async |both, _| {
        let (id, code) = both.file(1).await;
        both.agrees(&code, 1).await;
        let operator = both.operator().await;
        // The portal has lost it: every change of it is refused, until a person looks.
        both.portal.with(|portal| assert!(portal.forget(&code)));
        both.act(&both.staff.desk, &id.to_string(), "receive", &[("days", "3")])
            .await;
        wait::until("it has failed", wait::LONG, || async {
            both.portal.with(|portal| portal.forget(&code));
            both.world.advance(SignedDuration::from_secs(2));
            let page = operator
                .page(&format!("/admin/exchange/transfers?stand={}", Stand::Failed))
                .await
                .words();
            if page.contains(&code) && page.contains("Cổng từ chối") {
                Ok(())
            } else {
                Err(page)
            }
        })
        .await;
        let path = format!("/admin/exchange/dossiers/{id}");
        let page = operator.page(&path).await;
        let answer = operator.submit(&page, &format!("{path}/retry"), &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
        both.agrees(&code, 2).await;
        let gauge = operator
            .page(&format!("/admin/exchange?drift={}", Drift::Refused))
            .await
            .words();
        assert!(!gauge.contains(&code), "{gauge}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_heard_is_taken_in() {
    let Some((_province, mut both)) = Both::start(EngineKind::Sqlite, Settings::default()).await else {
        return;
    };
    both.running.take().unwrap().stop().await;
    let (_, code) = both.file(1).await;
    // Nobody hears the event, as in a province that sets the exchange up later.
    assert!(both.link(&code).await.is_none());
    assert_eq!(both.site.app.exchange.sweep().await.unwrap(), 1);
    assert_eq!(both.link(&code).await.unwrap().track.drift, Some(Drift::Behind));
    both.running = exchange::start(&both.site.app.exchange);
    both.agrees(&code, 1).await;
    both.stop().await;
}
