//! OGC API with the whole program and with clients that others wrote: GDAL reads collections, boxes and filters, and counts what the
//! register counts; PROJ puts VN-2000 where we put it; everybody sees what was approved, officers what is theirs.

use std::collections::BTreeMap;
use std::process::Command as Program;

use register::geometry::Shape;
use register::record::{Act, Command, Source, value};
use register::{By, RecordId};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use testkit::ManualWorld;
use tinhso::App;

use crate::support::province::both;
use crate::support::{Site, Visitor, registers};

/// The collection of trees.
const TREES: &str = "/ogc/collections/trees.tree";
/// How many trees stand in the test.
const COUNT: usize = 240;

/// Plants rows of trees in Hà Tĩnh, a hundredth of a degree apart.
async fn plant(app: &App) {
    let kind = app.register.kind("trees", "tree").unwrap();
    let unit = app.identity.units().root(app.register.today()).unwrap().id;
    for at in 0..COUNT {
        let species = ["Sao đen", "Bằng lăng", "Phượng vĩ"][at % 3];
        let health = if at % 10 == 0 { "dead" } else { "good" };
        let (tag, height) = (format!("HT-{at:06}"), format!("{}.5", at % 20));
        let values = [
            ("tag", tag.as_str()),
            ("species", species),
            ("height_m", &height),
            ("health", health),
        ];
        let parsed = values.map(|(name, text)| {
            let field = kind.column(name).unwrap().field;
            (name.to_owned(), value::parse(field, text).unwrap())
        });
        let step = |n: usize| f64::from(u32::try_from(n).unwrap()) / 100.0;
        let by = By {
            account: None,
            who: "Chuyên viên tỉnh".to_owned(),
            unit,
        };
        let command = Command {
            id: RecordId::new(app.register.world().as_ref()),
            act: Act::Add,
            seen: None,
            valid_from: app.register.today(),
            source: Source::Typed,
            origin: None,
            account: None,
            who: by.who,
            reason: None,
            unit: by.unit,
            shape: Some(Shape::point(105.5 + step(at % 20), 18.0 + step(at / 20)).unwrap()),
            values: BTreeMap::from(parsed),
            people: BTreeMap::new(),
        };
        app.register.record(&kind, command, None).await.unwrap();
    }
}

async fn json(visitor: &Visitor, path: &str) -> Value {
    let answer = visitor
        .send(visitor.request_for("application/json", Method::GET, path))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()
}

async fn matched(visitor: &Visitor, query: &str) -> u64 {
    json(visitor, &format!("{TREES}/items?limit=1&{query}")).await["numberMatched"]
        .as_u64()
        .unwrap()
}

/// What a program of GDAL or PROJ says; a fault when it fails.
async fn ran(program: &str, words: &[&str], input: Option<&str>) -> String {
    let (program, words) = (
        program.to_owned(),
        words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(),
    );
    let input = input.map(str::to_owned);
    let run = move || {
        use std::io::Write as _;
        let mut child = Program::new(&program)
            .args(&words)
            .env("GDAL_HTTP_TIMEOUT", "60")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; it comes with Debian's gdal-bin"));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{program} {words:?}: {out}{err}");
        assert!(!err.contains("ERROR"), "{program} {words:?}: {err}");
        out.into_owned()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// How many features `ogrinfo` counts.
async fn counted(site: &Site, more: &[&str]) -> u64 {
    let source = format!("OAPIF:{}/ogc", site.url());
    let mut words = vec!["-ro", "-al", "-so", source.as_str(), "trees.tree"];
    words.extend(more);
    let told = ran("ogrinfo", &words, None).await;
    let line = told.lines().find(|line| line.starts_with("Feature Count:"));
    line.unwrap_or_else(|| panic!("{told}"))[14..].trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_collections_boxes_and_filters_and_counts_what_the_register_counts() {
    both(async |province| {
        let (site, _) = Site::staffed(province, ManualWorld::new()).await;
        plant(&site.app).await;
        registers::publish(&site.app).await;
        let visitor = site.visitor();
        // Dead trees are not published.
        let alive = (COUNT - COUNT.div_ceil(10)) as u64;
        assert_eq!(matched(&visitor, "").await, alive);
        assert_eq!(counted(&site, &[]).await, alive);
        assert_eq!(
            counted(&site, &["-spat", "105.495", "17.995", "105.545", "18.025"]).await,
            matched(&visitor, "bbox=105.495,17.995,105.545,18.025").await,
        );
        for (theirs, ours) in [
            ("species = 'Sao đen'", "filter=species%20%3D%20%27Sao%20%C4%91en%27"),
            ("height_m > 12", "filter=height_m%20%3E%2012"),
            (
                "species = 'Bằng lăng' AND height_m <= 4.5",
                "filter=species%20%3D%20%27B%E1%BA%B1ng%20l%C4%83ng%27%20AND%20height_m%20%3C%3D%204.5",
            ),
        ] {
            let count = matched(&visitor, ours).await;
            assert!(count > 0 && count < alive, "{ours}: {count}");
            assert_eq!(counted(&site, &["-where", theirs]).await, count, "{theirs}");
        }

        // Everything, page by page, into a file of another format.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trees.gpkg");
        let (file, source) = (file.to_str().unwrap(), format!("OAPIF:{}/ogc", site.url()));
        let pages = [
            "-oo",
            "PAGE_SIZE=50",
            "-f",
            "GPKG",
            file,
            source.as_str(),
            "trees.tree",
            "-nln",
            "trees",
        ];
        ran("ogr2ogr", &pages, None).await;
        let told = ran("ogrinfo", &["-ro", "-al", "-so", file, "trees"], None).await;
        assert!(told.contains(&format!("Feature Count: {alive}")), "{told}");
        assert!(
            told.contains("Geometry: Point") && told.contains("height_m: Real"),
            "{told}"
        );
        for hidden in ["tag:", "keeper", "address", "known_at"] {
            assert!(!told.contains(hidden), "{hidden}: {told}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proj_puts_vn2000_where_we_put_it() {
    both(async |province| {
        let (site, _) = Site::staffed(province, ManualWorld::new()).await;
        plant(&site.app).await;
        registers::publish(&site.app).await;
        let visitor = site.visitor();
        for code in ["9209", "3405", "5897", "4326", "3857"] {
            let uri = format!("http://www.opengis.net/def/crs/EPSG/0/{code}");
            let path = format!("{TREES}/items?limit=25&crs={uri}");
            let answer = visitor.send(visitor.request_for("application/geo+json", Method::GET, &path)).await;
            assert_eq!(answer.headers["content-crs"].to_str().unwrap(), format!("<{uri}>"));
            let (turned, plain) = (answer.json(), json(&visitor, &format!("{TREES}/items?limit=25")).await);
            let places = |page: &Value| -> Vec<[f64; 2]> {
                let all = page["features"].as_array().unwrap().iter();
                let at = |feature: &Value, n: usize| feature["geometry"]["coordinates"][n].as_f64().unwrap();
                all.map(|feature| [at(feature, 0), at(feature, 1)]).collect()
            };
            let input: String = places(&plain).iter().map(|[x, y]| format!("{x} {y}\n")).collect();
            let words = ["-s_srs", "EPSG:4326", "-t_srs", &format!("EPSG:{code}"), "-output_xy"];
            let told = ran("gdaltransform", &words, Some(&input)).await;
            let wanted: Vec<[f64; 2]> = told
                .lines()
                .map(|line| {
                    let mut numbers = line.split_whitespace().map(|number| number.parse::<f64>().unwrap());
                    [numbers.next().unwrap(), numbers.next().unwrap()]
                })
                .collect();
            assert_eq!(wanted.len(), 25, "{input}");
            for (ours, theirs) in places(&turned).iter().zip(&wanted) {
                // That program takes and gives east first, whatever the register says.
                let theirs = if code == "4326" { [theirs[1], theirs[0]] } else { *theirs };
                assert!((ours[0] - theirs[0]).abs() < 0.002 && (ours[1] - theirs[1]).abs() < 0.002, "{code}: {ours:?} {theirs:?}");
            }
        }
        // The same box in metres of the province and in degrees.
        let box_of = "bbox=500000,1991000,505000,1994000&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/9209";
        let count = matched(&visitor, box_of).await;
        assert!(count > 3 && count < 60, "{count}");
        let filter = "filter-crs=http://www.opengis.net/def/crs/EPSG/0/9209&filter=S_INTERSECTS(geometry,BBOX(500000,1991000,505000,1994000))";
        assert_eq!(matched(&visitor, filter).await, count);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_what_is_not_approved_and_what_is_asked_wrongly_is_told() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        plant(&site.app).await;
        let visitor = site.visitor();
        assert_eq!(
            json(&visitor, "/ogc/collections").await["collections"],
            serde_json::json!([])
        );
        let hidden = visitor
            .send(visitor.request_for("application/json", Method::GET, &format!("{TREES}/items")))
            .await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);

        // A specialist of a commune sees what lies at her unit, which is nothing of the province's; she plants one.
        let specialist = staff.specialist.at(site.url());
        registers::plant(&specialist, "TS-000001").await;
        let own = json(&specialist, &format!("{TREES}/items")).await;
        assert_eq!(own["numberMatched"], 1, "{own}");
        assert_eq!(own["features"][0]["properties"]["tag"], "TS-000001");
        assert!(!own.to_string().contains("Chăm"), "people never leave here: {own}");

        registers::publish(&site.app).await;
        for (query, status, code) in [
            ("limit=0", 400, "ogc-limit"),
            ("limit=x", 400, "ogc-limit"),
            ("bbox=1,2,3", 400, "ogc-numbers"),
            ("bbox=0,0,500,1", 400, "ogc-range"),
            ("bbox=0,5,1,1", 400, "ogc-order"),
            ("crs=http://www.opengis.net/def/crs/EPSG/0/27700", 400, "ogc-system"),
            ("datetime=yesterday", 400, "ogc-time"),
            ("cursor=xyz", 400, "ogc-cursor"),
            ("colour=red", 400, "ogc-unknown"),
            ("keeper=x", 400, "ogc-unknown"),
            ("f=xml", 400, "ogc-format"),
            ("filter=species", 400, "cql-types"),
            ("filter=tag%20%3D%20%27x%27", 400, "cql-property"),
            ("filter=species%20%3D", 400, "cql-syntax"),
            ("filter=x&filter-lang=ecql", 400, "ogc-language"),
        ] {
            let path = format!("{TREES}/items?{query}");
            let answer = visitor
                .send(visitor.request_for("application/json", Method::GET, &path))
                .await;
            assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.text());
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{query}");
            assert_eq!(answer.json()["code"], code, "{query}");
        }
        let deep = format!("{TREES}/items?filter={}TRUE{}", "(".repeat(500), ")".repeat(500));
        let deep = visitor
            .send(visitor.request_for("application/json", Method::GET, &deep))
            .await;
        assert_eq!(
            (deep.status.as_u16(), deep.json()["code"].as_str()),
            (400, Some("cql-too-deep"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_leads_to_the_next_and_has_a_page() {
    both(async |province| {
        let (site, _) = Site::staffed(province, ManualWorld::new()).await;
        plant(&site.app).await;
        registers::publish(&site.app).await;
        let visitor = site.visitor();
        let strip = |href: &str| href.strip_prefix(site.url()).map(str::to_owned);
        let mut open = vec!["/ogc".to_owned()];
        let mut seen: Vec<String> = Vec::new();
        while let Some(path) = open.pop() {
            if seen.len() > 500 || seen.contains(&path) {
                continue;
            }
            seen.push(path.clone());
            let answer = visitor
                .send(visitor.request_for("application/json", Method::GET, &path))
                .await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            if !answer.headers["content-type"].to_str().unwrap().contains("json") {
                continue;
            }
            let document = answer.json();
            let mut links: Vec<Value> = document["links"].as_array().cloned().unwrap_or_default();
            for part in ["collections", "tilesets", "tileMatrixSets"] {
                let all = document[part].as_array().into_iter().flatten();
                links.extend(all.flat_map(|one| one["links"].as_array().cloned().unwrap_or_default()));
            }
            let here = links
                .iter()
                .filter(|link| link["templated"] != true)
                .filter_map(|link| strip(link["href"].as_str()?));
            open.extend(here.filter(|path| !path.starts_with("/docs")));
        }
        for wanted in [
            "/ogc/conformance",
            "/openapi.json",
            "/ogc/collections/trees.tree/queryables",
            "/ogc/tileMatrixSets/WebMercatorQuad",
            "/map/tiles/trees/tree",
        ] {
            assert!(seen.iter().any(|path| path.starts_with(wanted)), "{wanted}: {seen:?}");
        }
        let set = json(&visitor, &format!("{TREES}/tiles/WebMercatorQuad")).await;
        let template = set["links"]
            .as_array()
            .unwrap()
            .iter()
            .find(|link| link["rel"] == "item")
            .unwrap();
        let tile = template["href"].as_str().unwrap();
        let tile = tile
            .replace("{tileMatrix}", "0")
            .replace("{tileCol}", "0")
            .replace("{tileRow}", "0");
        let answer = visitor.get(&strip(&tile).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["content-type"], "application/vnd.mapbox-vector-tile");

        for path in [
            "/ogc",
            "/ogc/conformance",
            "/ogc/collections",
            TREES,
            &format!("{TREES}/items"),
        ] {
            let page = visitor.page(path).await;
            assert!(page.text().contains("<h1>"), "{path}");
        }
        let first = json(&visitor, &format!("{TREES}/items?limit=1")).await;
        let page = visitor
            .page(&format!(
                "{TREES}/items/{}",
                first["features"][0]["id"].as_str().unwrap()
            ))
            .await;
        assert!(
            page.words().contains("Loài") || page.words().contains("m"),
            "{}",
            page.words()
        );
    })
    .await;
}
