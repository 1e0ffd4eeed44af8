//! Maps with the whole program: tiles as nobody and as an officer, what is refused, records in a box and in a ring, places by name; and
//! the page in a real browser with some thousands of the real trees, with scripts and without, on a telephone and on a desk.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use register::import::Done;
use register::open::{self, Approval, rule_digest};
use reqwest::StatusCode;
use testkit::ManualWorld;
use uuid::Uuid;

use crate::harness::browser::{Browser, Screen};
use crate::harness::repository;
use crate::support::province::{Province, both};
use crate::support::registers::plant;
use crate::support::{Site, Visitor};

/// Trees of the real file that the browser draws.
const TREES: usize = 4_000;
const TILES: &str = "/map/tiles/trees/tree";

async fn approve(site: &Site) {
    let kind = site.app.register.kind("trees", "tree").unwrap();
    let approval = Approval {
        id: Uuid::now_v7(),
        rule: rule_digest(&kind).unwrap(),
        rows_seen: 0,
        account: None,
        who: "Lê Văn Hòa".to_owned(),
        approved_at: site.app.store.world().now(),
        withdrawn: None,
    };
    let done: Result<(), store::StoreError> = site
        .app
        .store
        .write(move |tx| open::approve(tx, &kind, &approval))
        .await;
    done.unwrap();
}

/// The tile in which the planted tree lies.
fn around(z: u32) -> String {
    let share = |at: f64| (at * f64::from(1_u32 << z)) as u32;
    let (x, y) = ((105.9 + 180.0) / 360.0, 18.342_f64.to_radians());
    let y = (1.0 - (y.tan() + 1.0 / y.cos()).ln() / std::f64::consts::PI) / 2.0;
    format!("{TILES}/{z}/{}/{}", share(x), share(y))
}

async fn says(world: &ManualWorld, visitor: &Visitor, path: &str, text: &str) -> bool {
    // Layers look for changes some times a second, by a clock that stands still here.
    for _ in 0..100 {
        world.advance(kernel::SignedDuration::from_secs(1));
        let answer = visitor.get(path).await;
        if String::from_utf8_lossy(&answer.body).contains(text) {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_show_what_whoever_asks_may_see() {
    both(async |province| {
        let world = ManualWorld::new();
        let (site, staff) = Site::staffed(province, world.clone()).await;
        // It numbers the changes, as in every program that serves.
        let consumer = register::feed::start(&site.app.register);
        let (nobody, specialist) = (site.visitor(), staff.specialist.at(site.url()));
        assert_eq!(nobody.get(&around(14)).await.status, StatusCode::NOT_FOUND);
        plant(&specialist, "TS-000001").await;
        assert!(says(&world, &specialist, &around(14), "TS-000001").await);
        assert_eq!(nobody.get(&around(14)).await.status, StatusCode::NOT_FOUND);
        approve(&site).await;
        assert!(says(&world, &nobody, &around(14), "good").await);
        let public = nobody.get(&around(14)).await;
        assert!(
            !String::from_utf8_lossy(&public.body).contains("TS-000001"),
            "a tag is not published"
        );
        let tag = public.headers.get("etag").unwrap().to_str().unwrap().to_owned();
        let known = nobody
            .request(reqwest::Method::GET, &around(14))
            .header("if-none-match", &tag);
        assert_eq!(nobody.send(known).await.status, StatusCode::NOT_MODIFIED);
        assert_eq!(
            nobody.get(&format!("{TILES}/14/0/0")).await.status,
            StatusCode::NO_CONTENT
        );
        let dead = format!("{}?health=dead", around(14));
        assert_eq!(nobody.get(&dead).await.status, StatusCode::NO_CONTENT);
        for path in [
            "/19/0/0",
            "/3/8/0",
            "/x/0/0",
            "/3/0/0?tag=TS-000001",
            "/3/0/0?health=unheard-of",
        ] {
            let refused = nobody.get(&format!("{TILES}{path}")).await;
            assert_eq!(
                refused.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{path}: {}",
                refused.words()
            );
        }
        let about = nobody.get(TILES).await.json();
        assert_eq!((&about["tilejson"], &about["maxzoom"]), (&"3.0.0".into(), &18.into()));
        assert!(about["vector_layers"][0]["fields"]["tag"].is_null(), "{about}");
        consumer.stop().await;
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_in_a_box_in_a_ring_and_by_name() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let specialist = staff.specialist.at(site.url());
        let tree = plant(&specialist, "TS-000001").await;
        let records = "/map/records/trees/tree";
        let inside = specialist
            .get(&format!("{records}?bbox=105.8,18.3,106,18.4"))
            .await
            .json();
        assert_eq!(inside["count"], 1, "{inside}");
        assert_eq!(inside["items"][0]["href"], tree.as_str());
        let ring = specialist
            .get(&format!("{records}?ring=105.8,18.3;106,18.3;105.9,18.4"))
            .await
            .json();
        assert_eq!(ring["count"], 1, "{ring}");
        let beside = specialist
            .get(&format!("{records}?bbox=104,18.3,105,18.4"))
            .await
            .json();
        assert_eq!(beside["count"], 0, "{beside}");
        for wrong in [
            "",
            "?bbox=1,2,3",
            "?bbox=106,18,105,19",
            "?ring=1,2;3,4",
            "?bbox=0,0,1,x",
        ] {
            let refused = specialist.get(&format!("{records}{wrong}")).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        let found = specialist.get("/map/search?q=sao+den").await.json();
        assert_eq!(found["records"][0]["href"], tree.as_str(), "{found}");
        let found = specialist.get("/map/search?q=ha+tinh").await.json();
        assert!(found["areas"].as_array().is_some_and(|all| !all.is_empty()), "{found}");
        let nobody = site.visitor().get("/map/search?q=sao+den").await.json();
        assert_eq!(nobody["records"].as_array().map(Vec::len), Some(0), "{nobody}");
        // Without scripts: the page counts what lies in an area, and shows an area of the past.
        let page = specialist.page("/map?area=province/42/2025-07-01").await.words();
        assert!(
            page.contains("Bản ghi trong Tỉnh Hà Tĩnh") && page.contains("1 bản ghi"),
            "{page}"
        );
        let past = specialist.page("/map?on=2025-06-30").await;
        assert_eq!(past.status, StatusCode::OK);
        site.close().await;
    })
    .await;
}

/// Some thousands of the real trees that stand close together, under the columns of the register; none when they are not here.
fn real_trees(folder: &Path) -> Option<PathBuf> {
    let file = std::fs::File::open(repository().join("../shared/data/trees/street-trees-903k.csv.gz")).ok()?;
    let reader = BufReader::new(flate2::read::MultiGzDecoder::new(file));
    let path = folder.join("trees.csv");
    let mut out = csv::Writer::from_path(&path).unwrap();
    out.write_record(["tag", "species", "lon", "lat", "health"]).unwrap();
    for (at, line) in reader.lines().skip(1).take(TREES).enumerate() {
        let line = line.unwrap();
        let cells: Vec<&str> = line.split(',').collect();
        let species = if cells[5].trim().is_empty() {
            "unknown"
        } else {
            cells[5].trim()
        };
        let health = ["good", "good", "good", "watch", "dangerous"][at % 5];
        let inspected = if health == "dangerous" { "good" } else { health };
        out.write_record([&format!("LA-{at:06}"), species, cells[2], cells[3], inspected])
            .unwrap();
    }
    out.flush().unwrap();
    Some(path)
}

async fn filled(site: &Site, folder: &Path) -> bool {
    let Some(file) = real_trees(folder) else {
        testkit::say("left out: the real trees are not here");
        return false;
    };
    let kind = site.app.register.kind("trees", "tree").unwrap();
    let day = site.app.store.world().now().local_date();
    let by = register::By {
        account: None,
        who: "Đỗ Thị Thu".to_owned(),
        unit: site.app.identity.units().root(day).unwrap().id,
    };
    let done = site
        .app
        .register
        .import(&kind, &file, "trees.csv", by, Arc::new(|_, _| {}))
        .await
        .unwrap();
    assert!(matches!(done, Done::In { rows, .. } if rows == TREES as u64));
    approve(site).await;
    true
}

/// How many pixels of the map are of the layer's colours.
const COLOURED: &str = "const c = document.querySelector('.maplibregl-canvas'); const d = document.createElement('canvas'); \
    d.width = c.width; d.height = c.height; const x = d.getContext('2d'); x.drawImage(c, 0, 0); \
    const p = x.getImageData(0, 0, d.width, d.height).data; let n = 0; \
    for (let i = 0; i < p.length; i += 4) { if (Math.max(p[i], p[i+1], p[i+2]) - Math.min(p[i], p[i+1], p[i+2]) > 60) n++; } return n;";

async fn is_drawn(browser: &Browser) {
    for _ in 0..400 {
        let idle = browser
            .driver()
            .execute("return document.getElementById('map-page').dataset.idle || ''", vec![])
            .await;
        if idle.unwrap().json().as_str() == Some("yes") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the map was not drawn: {:?}", browser.console_faults().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_draws_the_map_of_the_real_trees() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    if !filled(&site, province.root()).await {
        return;
    }
    let address = format!("{}/map", site.url());
    for (screen, name) in [
        (Screen::DESK, "map-1440"),
        (Screen::PHONE.dark().english(), "map-360-dark"),
    ] {
        let Some(browser) = Browser::start(screen).await else {
            return;
        };
        browser.open(&address).await;
        is_drawn(&browser).await;
        let coloured = browser
            .driver()
            .execute(COLOURED, vec![])
            .await
            .unwrap()
            .json()
            .as_u64()
            .unwrap_or(0);
        browser.picture(name).await;
        assert!(coloured > 500, "{name}: {coloured} pixels of trees");
        browser.press("[data-tool=view]").await;
        browser.find("#map-out:not([hidden]) details").await;
        let found = browser.text_of("#map-out").await;
        assert!(found.contains("20"), "{found}");
        browser.fits().await;
        browser.is_accessible().await;
        assert_eq!(browser.console_faults().await, Vec::<String>::new());
        browser.picture(&format!("{name}-found")).await;
        browser.quit().await;
    }
    let Some(browser) = Browser::start(Screen::PHONE.without_scripts()).await else {
        return;
    };
    browser.open(&address).await;
    assert!(
        browser.has("svg.map-still circle").await,
        "the picture stands without scripts"
    );
    browser.fits().await;
    browser.picture("map-360-still").await;
    browser.quit().await;
    site.close().await;
}
