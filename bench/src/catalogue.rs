//! A catalogue of 100,000 datasets: how long it takes to come in, what the first answer of a node takes, and searches with all facets
//! counted, as programs ask for them and as a page. The datasets are made up from a counter.

use std::path::Path;
use std::time::{Duration, Instant};

use kernel::Bilingual;
use opendata::dataset::{About, Dataset, Origin, Resource, State, id_of};

use crate::client::Client;
use crate::province::Province;
use crate::stats::{Latencies, Line};

/// Datasets.
const DATASETS: usize = 100_000;
/// Datasets that come in at once.
const AT_ONCE: usize = 500;
/// What a search may take at p99.
const SEARCH_MAX: Duration = Duration::from_millis(50);
/// How often each search is made.
const SEARCHES: usize = 60;

const SUBJECTS: [&str; 20] = [
    "Cây xanh",
    "Giếng khoan",
    "Hộ kinh doanh",
    "Trường học",
    "Trạm y tế",
    "Chợ",
    "Đường bộ",
    "Cầu",
    "Di tích",
    "Sản phẩm OCOP",
    "Vùng trồng",
    "Trạm quan trắc",
    "Giấy phép xây dựng",
    "Quy hoạch",
    "Dân số",
    "Ngân sách",
    "Doanh nghiệp",
    "Điểm du lịch",
    "Bãi đỗ xe",
    "Chất lượng nước",
];
const PLACES: [&str; 12] = [
    "Thành Sen",
    "Kỳ Anh",
    "Hồng Lĩnh",
    "Đức Thọ",
    "Hương Sơn",
    "Can Lộc",
    "Thạch Hà",
    "Cẩm Xuyên",
    "Nghi Xuân",
    "Vũ Quang",
    "Lộc Hà",
    "Hương Khê",
];
const THEMES: [&str; 8] = [
    "environment",
    "economy",
    "education",
    "health",
    "transport",
    "regions",
    "society",
    "government",
];
const FORMATS: [&str; 6] = ["CSV", "JSON", "XLSX", "GeoJSON", "PDF", "XML"];

/// Measures on one engine.
pub(crate) async fn measure(engine: &str, folder: &Path, database: Option<&str>) -> Result<Vec<Line>, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let province = Province::serve(folder, database).await?;
    let came_in = fill(&province).await?;
    province.app.store.analyze().await.map_err(|error| error.to_string())?;
    let mut http = Client::new(province.address);
    let begun = Instant::now();
    let first = http
        .get("/api/3/action/package_search?rows=0", "")
        .await
        .map_err(|error| error.to_string())?;
    let first_took = begun.elapsed();
    if first.status != 200 {
        return Err(format!("package_search: {}", first.status));
    }
    let mut lines = vec![Line::plain(
        &format!("100,000 datasets into the catalogue, {engine}"),
        format!("{:.1} s", came_in.as_secs_f64()),
        format!("the first search of a node after it: {:.2} s", first_took.as_secs_f64()),
    )];
    lines.extend(searches(engine, &mut http).await?);
    province.stop().await;
    Ok(lines)
}

/// 100,000 datasets of 60 organisations; gives how long it took.
async fn fill(province: &Province) -> Result<Duration, String> {
    let words = |error: opendata::OpenError| error.to_string();
    let begun = Instant::now();
    let mut organisations = Vec::new();
    for n in 0..60 {
        organisations.push((format!("co-quan-{n}"), Bilingual::vi(format!("Cơ quan {n}"))));
    }
    province
        .app
        .opendata
        .know_organisations(organisations)
        .await
        .map_err(words)?;
    for from in (0..DATASETS).step_by(AT_ONCE) {
        let some = (from..from + AT_ONCE)
            .map(|n| dataset(n, province.app.opendata.now()))
            .collect();
        province.app.opendata.take_in(some).await.map_err(words)?;
    }
    Ok(begun.elapsed())
}

async fn searches(engine: &str, http: &mut Client) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let facets = "&facet.field=[%22organization%22,%22groups%22,%22tags%22,%22res_format%22,%22license_id%22]";
    for (name, path) in [
        ("everything", format!("/api/3/action/package_search?q=*:*{facets}")),
        ("two words", format!("/api/3/action/package_search?q=cay+xanh{facets}")),
        (
            "a word and two facets",
            format!("/api/3/action/package_search?q=truong&fq=organization:co-quan-7+res_format:CSV{facets}"),
        ),
        (
            "a word that is only begun",
            format!("/api/3/action/package_search?q=t{facets}"),
        ),
        (
            "the thousandth page",
            format!("/api/3/action/package_search?q=&start=20000{facets}"),
        ),
        ("the page for people", "/data?q=cho+huong&theme=economy".to_owned()),
    ] {
        let mut taken = Latencies::default();
        for _ in 0..SEARCHES {
            let begun = Instant::now();
            let answer = http
                .get(&path, "Accept: text/html\r\n")
                .await
                .map_err(|error| error.to_string())?;
            if answer.status != 200 {
                return Err(format!("{path}: {}", answer.status));
            }
            taken.add(begun.elapsed());
        }
        lines.push(Line::new(
            &format!("faceted search, {name}, {engine}"),
            taken.summary(),
            "p99 < 50 ms",
            taken.percentile(0.99) < SEARCH_MAX,
            "100,000 datasets, all facets counted, one client",
        ));
    }
    Ok(lines)
}

fn dataset(n: usize, now: kernel::Timestamp) -> Dataset {
    let name = format!("bo-du-lieu-{n}");
    let (subject, place) = (SUBJECTS[n % SUBJECTS.len()], PLACES[n / 7 % PLACES.len()]);
    let resources: Vec<Resource> = (0..1 + n % 3)
        .map(|at| Resource {
            id: id_of("bench", &format!("{name}-{at}")),
            name: format!("{name}-{at}"),
            format: FORMATS[(n + at) % FORMATS.len()].to_owned(),
            url: format!("https://example.vn/{name}/{at}"),
            created_at: now,
            modified_at: now,
            ..Resource::default()
        })
        .collect();
    Dataset {
        id: id_of("bench", &name),
        name,
        origin: Origin::External,
        register: None,
        state: State::Active,
        publisher: format!("co-quan-{}", n % 60),
        created_at: now,
        modified_at: now,
        about: About {
            title: Bilingual::new(format!("{subject} {place} {n}"), format!("Dataset {n}")),
            notes: Bilingual::vi(format!("{subject} trên địa bàn {place}, cập nhật hằng tháng, số {n}")),
            keywords: vec![Bilingual::vi(subject), Bilingual::vi(place)],
            theme: Some(THEMES[n % THEMES.len()].to_owned()),
            licence: licence_of(n).to_owned(),
            resources,
            ..About::default()
        },
    }
}

fn licence_of(n: usize) -> &'static str {
    if n.is_multiple_of(5) { "CC0-1.0" } else { "CC-BY-4.0" }
}
