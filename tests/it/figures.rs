//! Figures of a whole program after a demonstration, on both engines: the public pages and the leader's tell the same, every
//! number leads to as many rows, a kept report stays as it was, who may see figures sees no names, the independent script
//! computes each figure again from an export, and says so when a row was tampered with.

use std::path::Path;
use std::process::Command;

use identity::Role;
use identity::unit::UnitKind;
use reqwest::StatusCode;
use store::EngineKind;
use tinhso::world::RealWorld;

use crate::harness::{program, repository, wait};
use crate::support::people::{self, units_of};
use crate::support::province::words_of;
use crate::support::{Province, Site, Visitor, database};

/// Makes a demonstration and its figures by the program's own commands.
fn demonstration(province: &Province, name: &str, dossiers: &str, more: &[&str]) {
    let data = province.config.data.to_str().unwrap().to_owned();
    let mut words = vec![
        "demo",
        "--no-serve",
        "--province",
        name,
        "--data",
        &data,
        "--dossiers",
        dossiers,
    ];
    if let Some(url) = &province.config.database {
        words.extend(["--database", url]);
    }
    words.extend(more);
    let made = program::run(&words);
    assert!(made.status.success(), "{}", words_of(&made));
    let made = province.run(&["figures", "rebuild"], &[]);
    assert!(made.status.success(), "{}", words_of(&made));
}

/// Runs the independent script; gives its exit code and what it said.
fn recompute(folder: &Path) -> (Option<i32>, String) {
    let script = repository().join("docs/recompute/recompute.py");
    let done = Command::new("python3").arg(script).arg(folder).output().unwrap();
    (done.status.code(), words_of(&done))
}

/// Exports this year and has it computed again.
fn agrees(province: &Province, name: &str) -> std::path::PathBuf {
    let out = province.root().join(name);
    let exported = province.run(&["figures", "export"], &["--out", out.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", words_of(&exported));
    let (code, said) = recompute(&out);
    assert_eq!(code, Some(0), "{said}");
    out
}

/// Whether what follows a `href="` leads to the next part of a list: not to the same one in another language.
fn is_next(rest: &str) -> bool {
    let href = rest.split('"').next().unwrap_or("");
    href.starts_with("/report/rows/") && href.contains("after=") && !href.contains("lang=")
}

/// The number of rows behind a link, over all parts of the list.
async fn rows_behind(visitor: &Visitor, path: &str) -> usize {
    let mut path = path.to_owned();
    let mut count = 0;
    for _ in 0..40 {
        let page = visitor.page(&path).await.text();
        let body = page
            .split("<tbody")
            .nth(1)
            .and_then(|rest| rest.split("</tbody>").next())
            .unwrap_or("");
        count += body.matches("<tr").count();
        let next = page.split("href=\"").find(|rest| is_next(rest));
        match next.and_then(|rest| rest.split('"').next()) {
            Some(next) if body.contains("<tr") => path = next.replace("&amp;", "&"),
            _ => return count,
        }
    }
    count
}

/// Each count of the page and the link behind it: those whose words are whole numbers.
fn counts(page: &str) -> Vec<(usize, String)> {
    let links = page.split("<a ").skip(1).filter_map(|rest| rest.split("</a>").next());
    let read = links.filter_map(|link| {
        let href = link.split("href=\"").nth(1)?.split('"').next()?.replace("&amp;", "&");
        let words = link.rsplit('>').next()?.replace('.', "");
        Some((words.parse().ok()?, href))
    });
    read.filter(|(_, href): &(usize, String)| href.starts_with("/report/rows/"))
        .collect()
}

async fn leader_of_the_province(site: &Site) -> Visitor {
    let root = units_of(&site.app, UnitKind::Province)[0];
    people::officer(&site.app, "lanhdao.tinh", Role::Leader, root)
        .await
        .at(site.url())
}

async fn the_pages_tell_what_the_public_is_told(site: &Site, leader: &Visitor) {
    let report = leader.page("/report").await.text();
    for kind in ["on-time", "supplemented", "self-filed"] {
        let public = site.visitor().page(&format!("/figures/{kind}")).await.text();
        // The first fact of the public page is the figure itself.
        let value = public.split("class=\"facts\"").nth(1).unwrap_or(&public);
        let value = value.split("%").next().unwrap();
        let value = value
            .rsplit(|c: char| !(c.is_ascii_digit() || c == ','))
            .next()
            .unwrap();
        let value = if kind == "supplemented" {
            // The leader's page tells the rest of it: right the first time.
            let tenths: i64 = 1000 - value.replace(',', "").parse::<i64>().unwrap();
            format!("{},{}", tenths / 10, tenths % 10)
        } else {
            value.to_owned()
        };
        assert!(
            report.contains(&format!("{value}%")),
            "{kind}: {value}% is not on the leader's page"
        );
    }
}

async fn every_number_leads_to_as_many_rows(leader: &Visitor) {
    let mut seen = 0;
    for by in ["unit", "sector", "procedure", "time"] {
        let page = leader.page(&format!("/report?by={by}")).await.text();
        let found = counts(&page);
        assert!(found.len() > 5, "{by}: {found:?}");
        for (count, href) in found.iter().filter(|(_, href)| !href.contains("/asked")).take(24) {
            let rows = rows_behind(leader, href).await;
            // A working time or a mean stands for the rows it was computed over.
            assert_eq!(rows, *count, "{by}: {href}");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} numbers were followed");
}

async fn a_kept_report_stays(site: &Site, leader: &Visitor) {
    let page = leader.page("/report").await;
    let form = page.text();
    let action = form
        .split("action=\"/report/kept?")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let action = format!("/report/kept?{}", action.replace("&amp;", "&"));
    let kept = leader.submit(&page, &action, &[]).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.words());
    let path = kept.location();
    let before = leader.page(&path).await.words();
    let on_page = before.contains("Phiên bản 2");
    assert!(on_page, "{before}");
    // Everything behind it goes: what was kept is still told.
    let done = site
        .app
        .store
        .write(|tx| tx.execute("DELETE FROM figure_cell", &[]))
        .await;
    done.unwrap();
    assert_eq!(leader.page(&path).await.words(), before);
    site.app.indicators.rebuild(|_| {}).await.unwrap();
    assert!(leader.page("/report/kept").await.text().contains(&path));
}

async fn who_sees_figures_sees_no_names(site: &Site, leader: &Visitor, people: &[String]) {
    let root = units_of(&site.app, UnitKind::Province)[0];
    let auditor = people::officer(&site.app, "thanhtra", Role::Auditor, root)
        .await
        .at(site.url());
    let rows = auditor.page("/report/rows/filed").await.text();
    assert!(
        rows.contains("<tbody") && rows.contains("<tr"),
        "the auditor sees the rows"
    );
    assert!(!rows.contains("/desk/dossiers/"), "and no door to a dossier");
    assert!(
        leader
            .page("/report/rows/filed")
            .await
            .text()
            .contains("/desk/dossiers/")
    );
    for visitor in [&auditor, leader] {
        for path in ["/report/rows/filed", "/report/causes", "/report/rows/filed/export/csv"] {
            let text = visitor.page(path).await.text();
            for name in people {
                assert!(!text.contains(name.as_str()), "{path} shows {name}");
            }
        }
    }
    // A leader of one commune sees her commune and nothing else.
    let commune = units_of(&site.app, UnitKind::Commune)[0];
    let own = people::officer(&site.app, "lanhdao.xa", Role::Leader, commune)
        .await
        .at(site.url());
    let (all, part) = (
        rows_behind(leader, "/report/rows/filed?period=2026").await,
        rows_behind(&own, "/report/rows/filed?period=2026").await,
    );
    assert!(part < all, "{part} of {all}");
    let other = units_of(&site.app, UnitKind::Commune)[1];
    assert_eq!(
        rows_behind(&own, &format!("/report/rows/filed?period=2026&unit={other}")).await,
        0
    );
}

/// The names of everybody for whom a dossier was made.
fn citizens(province: &Province) -> Vec<String> {
    let text = std::fs::read(province.config.data.join("demo-accounts.json")).unwrap();
    let all: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let citizens = all.as_array().unwrap().iter().filter(|one| one["role"] == "citizen");
    let names: Vec<String> = citizens.map(|one| one["login"].as_str().unwrap().to_owned()).collect();
    assert!(!names.is_empty());
    names
}

async fn no_data_is_said(leader: &Visitor) {
    for path in [
        "/report?period=2001",
        "/report/766?period=2001",
        "/report/causes?period=2001",
    ] {
        let page = leader.page(path).await.words();
        assert!(page.contains("Kỳ này chưa có dữ liệu"), "{path}: {page}");
    }
    let words = leader.page("/report/rows/late?period=2001").await.words();
    assert!(words.contains("Không có hồ sơ nào"), "{words}");
    assert_eq!(leader.get("/report/rows/nothing").await.status, StatusCode::NOT_FOUND);
}

/// What the province published stands on a page with its source, and what is counted here beside it; neither is in the other.
async fn what_was_published_stands_apart(province: &Province, published: &str, name: &str) {
    let site = province.serve(std::sync::Arc::new(RealWorld::new())).await;
    let leader = leader_of_the_province(&site).await;
    let page = leader.page("/report/reported").await.words();
    assert!(page.contains(published), "{name}: {published} is not on {page}");
    let source = site.app.indicators.reported().source.clone().unwrap();
    assert!(page.contains(source.vi.as_str()), "{name}: the source is not on {page}");
    let report = leader.page("/report?period=2001").await.words();
    assert!(
        !report.contains(source.vi.as_str()),
        "{name}: a published figure among those computed"
    );
    site.close().await;
}

async fn walk(engine: EngineKind) {
    let Some(province) = Province::empty(engine) else {
        return;
    };
    demonstration(&province, "ha-tinh", "160", &[]);
    province.verify();
    let out = agrees(&province, "figures");
    // A row that somebody made better: the script says which figures it was in.
    let rows = std::fs::read_to_string(out.join("rows.csv")).unwrap();
    let self_typed = rows.replacen(",officer,", ",self,", 1);
    assert_ne!(rows, self_typed, "somebody was helped");
    std::fs::write(out.join("rows.csv"), self_typed).unwrap();
    let (code, said) = recompute(&out);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("total  self-filed"), "{said}");
    assert_eq!(recompute(province.root()).0, Some(2), "no export at all");

    let site = province.serve(std::sync::Arc::new(RealWorld::new())).await;
    let leader = leader_of_the_province(&site).await;
    the_pages_tell_what_the_public_is_told(&site, &leader).await;
    every_number_leads_to_as_many_rows(&leader).await;
    a_kept_report_stays(&site, &leader).await;
    who_sees_figures_sees_no_names(&site, &leader, &citizens(&province)).await;
    no_data_is_said(&leader).await;
    let page = leader.page("/report/reported").await.words();
    assert!(page.contains("không kèm số liệu đã công bố"), "{page}");
    site.close().await;
    province.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_figures_can_be_recomputed_on_sqlite() {
    walk(EngineKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_figures_can_be_recomputed_on_postgres() {
    walk(EngineKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_the_script_agrees_on_every_profile() {
    for (name, published) in [
        ("long-an", "99,9%"),
        ("hau-giang", "1.851"),
        ("hai-duong", "30.473"),
        ("ha-tinh-2023", "544"),
        ("thai-nguyen-2021", "530.000"),
    ] {
        if !repository().join("provinces").join(name).exists() {
            panic!("the profile {name} is missing");
        }
        let mut province = Province::empty(EngineKind::Sqlite).unwrap();
        province.config.province = name.to_owned();
        // A year of the province at the size of its catalogue, with few dossiers: the year that ends today.
        demonstration(&province, name, "1500", &["--scale", "province", "--people", "300"]);
        province.verify();
        let out = agrees(&province, "figures");
        let figures = std::fs::read_to_string(out.join("figures.csv")).unwrap();
        let of = |by: &str| {
            figures
                .lines()
                .filter(|line| line.starts_with(&format!("{by},")))
                .count()
        };
        assert!(of("unit") > 500 && of("procedure") > 2_000 && of("766") >= 9, "{name}");
        let rows = std::fs::read_to_string(out.join("rows.csv")).unwrap();
        assert!(rows.lines().count() > 1_000, "{name}: the rows of a year");
        what_was_published_stands_apart(&province, published, name).await;
    }
}

/// A dossier that comes in while the province is served is counted without anybody rebuilding anything.
#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_the_events_of_dossiers() {
    crate::support::province::both(async |province| {
        let mut server = province.start_program().await;
        wait::until("the figures of an empty province", wait::LONG, async || {
            let store = database::beside(province).await;
            let built = store
                .read(|tx| tx.opt("SELECT 1 FROM figure_state", &[], |_| Ok(())))
                .await;
            store.close().await;
            built.unwrap().ok_or_else(|| "not made yet".to_owned())
        })
        .await;
        assert!(server.stop().success());
        let (person, _) = crate::copies::fill(province).await;
        assert!(!person.phone.is_empty());
        let mut server = province.start_program().await;
        wait::until("both dossiers in the figures", wait::LONG, async || {
            let store = database::beside(province).await;
            let filed = store.read(|tx| {
                tx.one(
                    "SELECT sum_int(filed) FROM figure_cell WHERE level = 'month-unit'",
                    &[],
                    |row| row.get::<i64>(0),
                )
            });
            let filed = filed.await.unwrap();
            store.close().await;
            if filed == 2 {
                Ok(())
            } else {
                Err(format!("{filed} are counted"))
            }
        })
        .await;
        assert!(server.stop().success());
        province.verify();
        agrees(province, "figures");
    })
    .await;
}
