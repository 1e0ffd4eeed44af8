//! Leader's pages with a year of a province behind them: facts as many as asked, spread over a year, its units and procedures
//! as dossiers are; then every kind of page at 50 requests a second, and the report of the whole year alone.

use std::path::Path;
use std::time::{Duration, Instant};

use casework::dossier::DossierId;
use identity::unit::UnitKind;
use identity::{Role, UnitId};
use indicator::cause::PutTo;
use indicator::fact::{Channel, Ending, Fact};
use indicator::report::Set;
use kernel::{Date, SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::client::Client;
use crate::mixed;
use crate::province::{Province, Session, form_token};
use crate::stats::{Latencies, Line};
use crate::submissions::Prepared;

/// Requests a second.
const RATE: u32 = 50;

/// How often the report of the whole year is asked for alone, on each of its views.
const REPORTS: usize = 10;

/// Seed of the made-up facts.
const SEED: u64 = 4;

/// Measures on one engine.
pub(crate) async fn measure(
    engine: &str,
    folder: &Path,
    database: Option<&str>,
    dossiers: u32,
    time: Duration,
) -> Result<Vec<Line>, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let province = Province::serve(folder, database).await?;
    crate::say(&format!("{engine}: making {dossiers} facts"));
    let facts = facts(&province, dossiers).await?;
    let begun = Instant::now();
    indicator::fact::load(&province.app.store, &facts)
        .await
        .map_err(|error| error.to_string())?;
    let mut lines = vec![Line::plain(
        &format!("loading and counting {dossiers} facts, {engine}"),
        format!("{:.1} s", begun.elapsed().as_secs_f64()),
        "one row each, then the cells of every month and of the year",
    )];
    let year = province.app.casework.now().local_date().year() - 1;
    let commune = facts.first().map(|fact| fact.unit).ok_or("no facts")?;
    drop(facts);
    let leader = leader(&province).await?;
    lines.extend(pages(engine, &province, &leader, (year, commune), dossiers, time).await?);
    lines.push(whole_year(engine, &province, &leader, year).await?);
    province.stop().await;
    Ok(lines)
}

/// Facts of last year, the same ones from the same seed: few units and procedures have most of them, as dossiers are.
async fn facts(province: &Province, count: u32) -> Result<Vec<Fact>, String> {
    let mut chance = StdRng::seed_from_u64(SEED);
    let index = province
        .app
        .casework
        .catalogue()
        .index()
        .await
        .map_err(|error| error.to_string())?;
    let codes: Vec<String> = index.all().map(|one| one.code.to_string()).collect();
    let book = province.app.identity.units();
    let kinds = [UnitKind::Commune, UnitKind::Department];
    let units: Vec<UnitId> = book
        .all()
        .filter(|unit| kinds.contains(&unit.kind))
        .map(|unit| unit.id)
        .collect();
    let year = province.app.casework.now().local_date().year() - 1;
    let start = Timestamp::start_of_day(Date::constant(year, 1, 1));
    Ok((0..count)
        .map(|number| fact(&mut chance, number, (&units, &codes), start))
        .collect())
}

fn fact(chance: &mut StdRng, number: u32, (units, codes): (&[UnitId], &[String]), start: Timestamp) -> Fact {
    // The square of a share: the first tenth has a third of all.
    let mut skewed = |len: usize| {
        let share: f64 = chance.random();
        ((share * share * len as f64) as usize).min(len - 1)
    };
    let (unit, procedure) = (units[skewed(units.len())], codes[skewed(codes.len())].clone());
    let filed_at = start + SignedDuration::from_secs(chance.random_range(0..365 * 86_400));
    let received_at = filed_at + SignedDuration::from_mins(chance.random_range(5..900));
    let due_at = received_at + SignedDuration::from_hours(24 * chance.random_range(1..20));
    let is_open = chance.random_range(0..100) == 0;
    let is_late = chance.random_range(0..100) == 0;
    let spare = SignedDuration::from_hours(chance.random_range(1..40));
    let ended_at = (!is_open).then(|| {
        if is_late {
            due_at + spare
        } else {
            (due_at - spare).max(received_at)
        }
    });
    let requests = i64::from(chance.random_range(0..20) == 0);
    let channel = match chance.random_range(0..10) {
        0..=5 => Channel::SelfFiled,
        6..=7 => Channel::Assisted,
        8 => Channel::Officer,
        _ => Channel::Post,
    };
    let day = |at: Timestamp| at.local_date();
    Fact {
        dossier: DossierId::from_uuid(uuid::Uuid::from_u128(
            (u128::from(filed_at.as_micros().unsigned_abs()) << 64) | u128::from(number),
        )),
        code: format!("H27.15-{}-{number:06}", day(filed_at).strftime("%y%m%d")),
        unit,
        desk: unit,
        procedure,
        channel,
        state: if is_open { "processing" } else { "returned" }.to_owned(),
        is_open,
        until_at: is_open.then_some(due_at),
        filed_at,
        filed_on: day(filed_at),
        received_at: Some(received_at),
        received_on: Some(day(received_at)),
        due_at: Some(due_at),
        ended_at,
        ended_on: ended_at.map(day),
        ending: ended_at.map(|_| Ending::Decided),
        stood_at: ended_at,
        returned_at: ended_at,
        is_counted: !is_open,
        is_early: ended_at.is_some_and(|at| !is_late && day(at) < day(due_at)),
        is_late: is_late && !is_open,
        is_late_receipt: chance.random_range(0..50) == 0,
        requests,
        extensions: 0,
        worked_minutes: chance.random_range(30..4_000),
        stopped_minutes: requests * 300,
        attributed: (is_late && !is_open).then_some(if number.is_multiple_of(2) {
            PutTo::Person
        } else {
            PutTo::System
        }),
        has_result: chance.random_range(0..2) == 0,
        has_papers: chance.random_range(0..2) == 0,
        owes: false,
        paid_online: false,
    }
}

/// A leader of the whole province, signed in.
async fn leader(province: &Province) -> Result<Session, String> {
    let cookie = province.officer("lanhdao", "Lãnh đạo tỉnh", Role::Leader).await?;
    let page = Client::new(province.address)
        .get("/report", &cookie)
        .await
        .map_err(|error| error.to_string())?;
    let csrf = form_token(&String::from_utf8_lossy(&page.body)).ok_or("the report carries no form token")?;
    Ok(Session { cookie, csrf })
}

/// Every kind of leader's page: over the whole year, a quarter, a month, days that begin and end anywhere; the whole province, a
/// commune, a sector, a procedure.
fn paths(year: i16, commune: UnitId, sector: &str, procedure: &str) -> Vec<(&'static str, Vec<String>)> {
    let periods = [
        format!("period={year}"),
        format!("period={year}-Q2"),
        format!("period={year}-10"),
        format!("from={year}-01-02&to={year}-12-30"),
        format!("from={year}-02-11&to={year}-09-20"),
        format!("from={year}-03-06&to={year}-03-26"),
    ];
    let of_commune = format!("&unit={commune}");
    let all = |path: &str, narrowed: &[&str]| -> Vec<String> {
        let each = narrowed
            .iter()
            .flat_map(|rest| periods.iter().map(move |period| (period, rest)));
        each.map(|(period, rest)| format!("{path}?{period}{rest}")).collect()
    };
    let mut groups = Vec::new();
    for (name, by) in [
        ("report by unit", "unit"),
        ("report by sector", "sector"),
        ("report by procedure", "procedure"),
        ("report by time", "time"),
    ] {
        let own = format!("&by={by}");
        let narrowed = [
            own.clone(),
            format!("{own}{of_commune}"),
            format!("{own}&sector={sector}"),
        ];
        let mut paths = all("/report", &narrowed.each_ref().map(String::as_str));
        paths.push(format!("/report?period={year}&by={by}&page=30"));
        groups.push((name, paths));
    }
    let of_procedure = format!("&by=unit&procedure={procedure}");
    groups.push(("report of one procedure", all("/report", &[&of_procedure])));
    groups.push(("rows behind figures", rows(year, commune, sector, procedure)));
    groups.push(("causes", all("/report/causes", &["", &of_commune])));
    groups.push(("QĐ 766", all("/report/766", &["", &of_commune])));
    let rest = [
        format!("/report/reported?period={year}"),
        "/report/kept".to_owned(),
        "/report/formulas".to_owned(),
    ];
    groups.push(("published, kept, formulas", rest.to_vec()));
    groups
}

/// The rows behind every figure of the year, for everything and for each way to narrow it.
fn rows(year: i16, commune: UnitId, sector: &str, procedure: &str) -> Vec<String> {
    let narrowed = [
        String::new(),
        format!("&unit={commune}"),
        format!("&sector={sector}"),
        format!("&procedure={procedure}"),
        format!("&unit={commune}&sector={sector}"),
    ];
    let of_set = |set: &Set| -> Vec<String> {
        let each = narrowed.iter();
        each.map(|rest| format!("/report/rows/{set}?period={year}{rest}"))
            .collect()
    };
    Set::ALL.iter().flat_map(of_set).collect()
}

/// The sector with the most procedures, and the procedure that is filed most.
async fn largest(province: &Province) -> Result<(String, String), String> {
    let index = province.app.casework.catalogue().index().await;
    let index = index.map_err(|error| error.to_string())?;
    let sector = index
        .sectors()
        .iter()
        .max_by_key(|one| one.count)
        .map(|one| one.slug.clone());
    let procedure = index.all().next().map(|one| one.code.to_string());
    sector.zip(procedure).ok_or_else(|| "the catalogue is empty".to_owned())
}

/// Each kind of page alone at the rate, then all kinds together.
async fn pages(
    engine: &str,
    province: &Province,
    leader: &Session,
    (year, commune): (i16, UnitId),
    dossiers: u32,
    time: Duration,
) -> Result<Vec<Line>, String> {
    let (sector, procedure) = largest(province).await?;
    let mut groups = paths(year, commune, &sector, &procedure);
    let every: Vec<String> = groups.iter().flat_map(|(_, paths)| paths.clone()).collect();
    groups.push(("all leader's pages", every));
    let asked = if engine == "SQLite" { 100 } else { 200 };
    let mut lines = Vec::new();
    for (name, paths) in groups {
        let slowest = slowest(province, leader, &paths).await?;
        let count = paths.len();
        let none = Prepared { queues: Vec::new() };
        let read = mixed::run(province.address, paths, vec![leader.clone()], none, (RATE, 0), time).await;
        let p99 = read.pages.percentile(0.99);
        let note = format!(
            "{count} pages in turn: {}; {} failed; slowest alone, at its first reading: {} {:.0} ms",
            read.pages.summary(),
            read.failed,
            slowest.1,
            slowest.0.as_secs_f64() * 1000.0
        );
        lines.push(Line::new(
            &format!("{name} at {RATE}/s with {dossiers} dossiers, {engine}"),
            format!("p99 {:.1} ms", p99.as_secs_f64() * 1000.0),
            &format!("p99 under {asked} ms"),
            p99 < Duration::from_millis(asked) && read.failed == 0,
            note,
        ));
    }
    Ok(lines)
}

/// The slowest of these pages, each asked for once alone. A page that is none is a fault.
async fn slowest(province: &Province, leader: &Session, paths: &[String]) -> Result<(Duration, String), String> {
    let mut slowest = (Duration::ZERO, String::new());
    let mut http = Client::new(province.address);
    for path in paths {
        let begun = Instant::now();
        let answer = http.get(path, &format!("{}Accept: text/html\r\n", leader.cookie)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("{path}: status {}", answer.status));
        }
        slowest = slowest.max((begun.elapsed(), path.clone()));
    }
    Ok(slowest)
}

/// The report of the whole year, one after another.
async fn whole_year(engine: &str, province: &Province, leader: &Session, year: i16) -> Result<Line, String> {
    let mut http = Client::new(province.address);
    let mut made = Latencies::default();
    for _ in 0..REPORTS {
        for path in [
            format!("/report?period={year}&by=unit"),
            format!("/report?period={year}&by=procedure"),
            format!("/report/causes?period={year}"),
            format!("/report/766?period={year}"),
            format!("/report/export/csv?period={year}&by=procedure"),
            format!("/report/export/xlsx?period={year}&by=procedure"),
        ] {
            let begun = Instant::now();
            let answer = http.get(&path, &format!("{}Accept: */*\r\n", leader.cookie)).await;
            let answer = answer.map_err(|error| error.to_string())?;
            if answer.status != 200 {
                return Err(format!("{path}: status {}", answer.status));
            }
            made.add(begun.elapsed());
        }
    }
    let worst = made.percentile(1.0);
    Ok(Line::new(
        &format!("report over the whole year, {engine}"),
        format!("worst {:.0} ms", worst.as_secs_f64() * 1000.0),
        "under 1 s",
        worst < Duration::from_secs(1),
        format!(
            "pages by unit and by procedure, causes, QĐ 766, CSV and XLSX, {} in all; {}",
            made.count(),
            made.summary()
        ),
    ))
}
