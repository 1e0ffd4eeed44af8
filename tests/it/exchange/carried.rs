//! Papers, fees and results travel both ways: by signed links from here, by addresses of the portal from there, each held to its hash.

use exchange::portal::{FiledPaper, Filing, Settings};
use identity::Role;
use kernel::World as _;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Both, ask};
use crate::harness::wait;
use crate::support::province::{ABSENCE, ABSENCE_CASE};
use crate::support::{filing, money, people};

/// Another whole PDF.
const OTHER: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Lang(vi)>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

impl Both {
    /// Waits until something holds of the dossier at the portal.
    async fn there(&self, what: &str, code: &str, holds: impl Fn(&exchange::portal::Held) -> bool) {
        wait::until(what, wait::LONG, || async {
            self.world.advance(kernel::SignedDuration::from_millis(500));
            let held = self.portal.with(|portal| portal.dossiers().get(code).cloned());
            match held {
                Some(held) if holds(&held) => Ok(()),
                held => Err(format!("{held:?}")),
            }
        })
        .await;
    }

    /// Waits until the portal fetched so many files from here.
    async fn fetched(&self, count: usize) -> Vec<Vec<u8>> {
        wait::until("the portal fetched the files", wait::LONG, || async {
            let fetched: Vec<Vec<u8>> = self.portal.with(|portal| portal.fetched().values().cloned().collect());
            if fetched.len() >= count {
                Ok(fetched)
            } else {
                Err(format!("{} of {count}", fetched.len()))
            }
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_papers_fees_and_results_are_told_and_fetched() {
    Both::on_both(Settings::default(), async |both, _| {
        let root = people::units_of(&both.site.app, identity::unit::UnitKind::Province)[0];
        let admin = both.at(&people::officer(&both.site.app, "admin", Role::Admin, root).await);
        let unit_admin = people::officer(&both.site.app, "quantri", Role::UnitAdmin, both.staff.commune).await;
        money::account(&both.at(&unit_admin), both.staff.commune).await;
        money::tariff(&admin).await;
        let citizen = people::citizen(&both.site.app, 1).await;
        let visitor = both.at(&citizen);
        let draft = filing::begin(&visitor, ABSENCE).await;
        filing::contact(&visitor, &draft, &citizen.phone).await;
        let answers = [ABSENCE_CASE, ("request", "Đi làm xa")];
        filing::pass(&visitor, &draft, "form", &answers, "files").await;
        filing::attach(&visitor, &draft, 0, &[("đơn của Quyzwx.pdf", filing::PDF)]).await;
        filing::finish(&visitor, &draft, both.staff.commune).await;
        let own = filing::send(&visitor, &draft).await;
        let id = own.rsplit('/').next().unwrap().to_owned();
        let code = filing::code_of(&visitor, id.parse().unwrap()).await;

        both.there("the paper is told", &code, |held| held.sync.carried.papers.len() == 1)
            .await;
        both.portal.with(|portal| {
            let paper = portal.dossiers()[&code].sync.carried.papers[0].clone();
            assert!(
                !paper.name.contains("Quyzwx"),
                "what she called her file is hers: {paper:?}"
            );
            assert_eq!((paper.component.as_str(), paper.sha256.len()), ("1", 64));
        });
        assert_eq!(both.fetched(1).await, [filing::PDF.to_vec()]);
        // Each fetching is among the uses of her data.
        let uses = visitor.page("/my/data-use").await.words();
        assert!(uses.contains(&code), "{uses}");

        let officer = both.staff.specialist.account.to_string();
        both.act(&both.staff.desk, &id, "receive", &[("days", "3")]).await;
        both.act(&both.staff.leader, &id, "assign", &[("officer", &officer)])
            .await;
        both.act(&both.staff.specialist, &id, "ask-fee", &[("note", "Nộp trong tuần")])
            .await;
        both.there("the fee is told", &code, |held| {
            held.state == 6
                && held
                    .sync
                    .carried
                    .fees
                    .iter()
                    .any(|fee| !fee.is_paid && fee.amount.get() > 0)
        })
        .await;
        both.act(&both.staff.desk, &id, "confirm-fee", &[]).await;
        both.there("that it was paid is told", &code, |held| {
            held.state == 4
                && !held.sync.carried.fees.is_empty()
                && held.sync.carried.fees.iter().all(|fee| fee.is_paid)
        })
        .await;
        both.act(&both.staff.specialist, &id, "propose", &[("outcome", "granted")])
            .await;
        both.there("a result is nobody's before it was decided", &code, |held| {
            held.sync.carried.results.is_empty()
        })
        .await;
        both.act(&both.staff.leader, &id, "approve", &[]).await;
        both.there("the result is told", &code, |held| held.sync.carried.results.len() == 1)
            .await;
        both.agrees(&code, 9).await;
        both.portal.with(|portal| {
            let result = &portal.dossiers()[&code].sync.carried.results[0];
            assert!(!result.name.is_empty() && !result.code.is_empty(), "{result:?}");
        });
        both.fetched(2).await;
        // Asked how it stands, we tell the same, with a link of today.
        let sighted = looked_up(both, &code).await;
        assert_eq!(
            sighted["DanhSachGiayToKetQua"].as_array().map(Vec::len),
            Some(1),
            "{sighted}"
        );
        assert_eq!(sighted["DanhSachLePhi"][0]["TrangThaiThanhToan"], "1", "{sighted}");
        links_hold(both, sighted["TaiLieuNop"][0]["DuongDanTaiTepTin"].as_str().unwrap()).await;
    })
    .await;
}

async fn session(both: &Both) -> String {
    let right = json!({ "username": "cong-quoc-gia", "password": super::PASSWORD });
    let answer = ask(both, "/api/exchange/national/session", &right).await.1;
    answer["session"].as_str().unwrap().to_owned()
}

async fn looked_up(both: &Both, code: &str) -> serde_json::Value {
    let body = json!({ "session": session(both).await, "madonvi": "G22", "service": "TraCuuHoSo", "data": [{ "MaHoSo": code }] });
    ask(both, "/api/exchange/national", &body).await.1["data"][0].clone()
}

/// A link opens what it was made for, until it runs out, and nothing else.
async fn links_hold(both: &Both, link: &str) {
    let path = &link[link.find("/api/").unwrap()..];
    let get = async |path: &str| {
        let visitor = both.site.visitor();
        visitor.send(visitor.request(Method::GET, path)).await.status
    };
    assert_eq!(get(path).await, StatusCode::OK);
    let (before, tag) = path.split_once("tag=").unwrap();
    let other = format!("{before}tag={}", tag.chars().rev().collect::<String>());
    assert_eq!(get(&other).await, StatusCode::NOT_FOUND, "another signature");
    let longer = path.replacen("until=1", "until=2", 1);
    assert_ne!(longer, path);
    assert_eq!(get(&longer).await, StatusCode::NOT_FOUND, "a later end");
    both.world.advance(kernel::SignedDuration::from_hours(73));
    assert_eq!(get(path).await, StatusCode::NOT_FOUND, "it has run out");
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_fees_and_results_of_the_portal_arrive() {
    Both::on_both(Settings::default(), async |both, _| {
        let now = both.world.now();
        let paper = |name: &str, bytes: &[u8]| FiledPaper {
            name: name.to_owned(),
            component: "1".to_owned(),
            bytes: bytes.to_vec(),
        };
        let told = Filing {
            papers: vec![paper("don.pdf", filing::PDF), paper("la.exe", b"MZ\x90\x00\x03\x00")],
            ..both.filing("042190000017")
        };
        let code = both.portal.with(|portal| portal.file(&told, now));
        let id = both.arrived(&code).await;
        let operator = both.operator().await;
        let page = format!("/admin/exchange/dossiers/{id}");
        let says = async |words: &[&str]| {
            wait::until(&format!("the page says {words:?}"), wait::LONG, || async {
                both.world.advance(kernel::SignedDuration::from_secs(2));
                let text = operator.page(&page).await.words();
                if words.iter().all(|word| text.contains(word)) {
                    Ok(())
                } else {
                    Err(text)
                }
            })
            .await;
        };
        says(&["Đã tải về", "Không đúng loại tệp"]).await;
        let desk = both
            .at(&both.staff.desk)
            .page(&format!("/desk/dossiers/{id}"))
            .await
            .words();
        assert!(desk.contains("don.pdf") && !desk.contains("la.exe"), "{desk}");
        // Later papers, a fee that was paid there and a ministry's result come too, each once.
        both.portal.with(|portal| {
            portal.add_papers(&code, &[paper("them.pdf", OTHER)], now);
            portal.add_result(&code, &paper("ket qua.pdf", OTHER), "KQ.G07.000122", now);
            let fee = exchange::wire::Fee {
                name: "Lệ phí".to_owned(),
                code: "G22-PHI-1".to_owned(),
                amount: kernel::Dong::new(50_000),
                ..exchange::wire::Fee::default()
            };
            portal.dossier_mut(&code).unwrap().sync.carried.fees.push(fee);
            portal.pay(&code, now);
        });
        says(&["KQ.G07.000122", "Lệ phí", "Đã nộp", "50.000"]).await;
        wait::until("all papers are settled", wait::LONG, || async {
            both.world.advance(kernel::SignedDuration::from_secs(2));
            let stands = both.site.app.store.read(|tx| {
                tx.all(
                    "SELECT what, stand, source IS NULL FROM exchange_paper ORDER BY what, stand",
                    &[],
                    |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<bool>(2)?)),
                )
            });
            let stands = stands.await.unwrap();
            let one = |what: &str, stand: &str| (what.to_owned(), stand.to_owned(), true);
            let wanted = vec![
                one("component", "failed"),
                one("component", "taken"),
                one("component", "taken"),
                one("result", "taken"),
            ];
            if stands == wanted {
                Ok(())
            } else {
                Err(format!("{stands:?}"))
            }
        })
        .await;
        let files = both.site.app.store.read(|tx| {
            tx.all("SELECT purpose FROM dossier_file ORDER BY purpose", &[], |row| {
                row.get::<String>(0)
            })
        });
        assert_eq!(files.await.unwrap(), ["component", "component", "result"], "each once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_elsewhere_or_with_another_hash_is_not_taken() {
    Both::on_both(Settings::default(), async |both, _| {
        let now = both.world.now();
        let code = both.portal.with(|portal| portal.file(&both.filing("042190000017"), now));
        let id = both.arrived(&code).await;
        let lies = both.portal.with(|portal| {
            let paper = FiledPaper { name: "x.pdf".to_owned(), component: "1".to_owned(), bytes: filing::PDF.to_vec() };
            portal.add_papers(&code, &[paper], now);
            portal.dossiers()[&code].sync.carried.papers[0].url.clone()
        });
        let body = json!({ "session": session(both).await, "madonvi": "G22", "service": "DongBoHoSoMC", "isUpdating": true, "data": [{
            "MaHoSo": code, "TrangThaiHoSo": "1", "TaiLieuNop": [
                { "TepDinhKemId": "noi-khac", "DuongDanTaiTepTin": format!("{}/track", both.site.url()) },
                { "TepDinhKemId": "sai-bam", "DuongDanTaiTepTin": lies, "HashTepTin": "00".repeat(32) },
            ] }] });
        let answer = ask(both, "/api/exchange/national", &body).await.1;
        assert_eq!(answer["data"][0]["error_code"], "0", "{answer}");
        wait::until("neither is taken", wait::LONG, || async {
            // A wrong hash may be a broken transfer: it is tried again, at last in hours.
            both.world.advance(kernel::SignedDuration::from_mins(20));
            let stands = both.site.app.store.read(|tx| {
                tx.all(
                    "SELECT stand, reason FROM exchange_paper WHERE reason IS NOT NULL ORDER BY reason",
                    &[],
                    |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
                )
            });
            let stands = stands.await.unwrap();
            let failed = |reason: &str| stands.contains(&("failed".to_owned(), reason.to_owned()));
            if failed("elsewhere") && failed("hash") { Ok(()) } else { Err(format!("{stands:?}")) }
        })
        .await;
        let operator = both.operator().await;
        let text = operator.page(&format!("/admin/exchange/dossiers/{id}")).await.words();
        assert!(text.contains("Địa chỉ không thuộc Cổng") && text.contains("Không khớp mã băm"), "{text}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_that_cannot_be_put_down_here_keep_no_other_one_waiting() {
    Both::on_both(Settings::default(), async |both, _| {
        let now = both.world.now();
        let code = both
            .portal
            .with(|portal| portal.file(&both.filing("042190000017"), now));
        both.arrived(&code).await;
        // The store takes the same bytes once: of these papers all but one fail here, whenever they are tried.
        let refuse = both
            .site
            .app
            .store
            .write(|tx| tx.execute("CREATE UNIQUE INDEX same_once ON dossier_file (dossier, sha256)", &[]));
        refuse.await.map_err(|error: store::StoreError| error).unwrap();
        let paper = |name: &str, bytes: &[u8]| FiledPaper {
            name: name.to_owned(),
            component: "1".to_owned(),
            bytes: bytes.to_vec(),
        };
        let same: Vec<FiledPaper> = (0..45).map(|at| paper(&format!("{at}.pdf"), filing::PDF)).collect();
        both.portal.with(|portal| portal.add_papers(&code, &same, now));
        let stands = async |what: &str, wanted: (i64, i64)| {
            wait::until(what, wait::LONG, || async {
                both.world.advance(kernel::SignedDuration::from_secs(1));
                let found = both.site.app.store.read(|tx| {
                    tx.one(
                        "SELECT (SELECT count(*) FROM exchange_paper WHERE stand = 'taken'),
                             (SELECT count(*) FROM exchange_paper WHERE stand = 'waiting' AND reason = 'here')",
                        &[],
                        |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
                    )
                });
                let found = found.await.unwrap();
                if found == wanted {
                    Ok(())
                } else {
                    Err(format!("{found:?}"))
                }
            })
            .await;
        };
        stands("all but one are put off", (1, 44)).await;
        both.portal
            .with(|portal| portal.add_papers(&code, &[paper("khac.pdf", OTHER)], both.world.now()));
        stands("another one comes past them", (2, 44)).await;
        let allow = both.site.app.store.write(|tx| tx.execute("DROP INDEX same_once", &[]));
        allow.await.map_err(|error: store::StoreError| error).unwrap();
        wait::until("all have come", wait::LONG, || async {
            both.world.advance(kernel::SignedDuration::from_mins(5));
            let left = both.site.app.store.read(|tx| {
                tx.one(
                    "SELECT count(*) FROM exchange_paper WHERE stand <> 'taken'",
                    &[],
                    |row| row.get::<i64>(0),
                )
            });
            match left.await.unwrap() {
                0 => Ok(()),
                left => Err(format!("{left} are left")),
            }
        })
        .await;
    })
    .await;
}
