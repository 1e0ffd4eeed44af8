//! Leader's pages with a year of a province behind them: facts as many as asked, spread over a year, its units and procedures
//! as dossiers are; then every kind of page at 50 requests a second, and the report of the whole year alone.

use std::path::Path;
use std::time::{Duration, Instant};

use casework::dossier::DossierId;
use identity::account::admin::{By, NewOfficer, NewRole};
use identity::session::Level;
use identity::unit::UnitKind;
use identity::{Role, UnitId};
use indicator::fact::{Channel, Ending, Fact};
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
        "one row each, then the cells of every month",
    )];
    let year = province.app.casework.now().local_date().year() - 1;
    let commune = facts.first().map(|fact| fact.unit).ok_or("no facts")?;
    drop(facts);
    let leader = leader(&province).await?;
    lines.push(pages(engine, &province, &leader, (year, commune), dossiers, time).await?);
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
        has_result: chance.random_range(0..2) == 0,
        has_papers: chance.random_range(0..2) == 0,
        owes: false,
        paid_online: false,
    }
}

/// A leader of the whole province, signed in.
async fn leader(province: &Province) -> Result<Session, String> {
    let identity = &province.app.identity;
    let book = identity.units();
    let root = book
        .root(province.app.casework.now().local_date())
        .ok_or("the province has no root")?;
    let new = NewOfficer {
        login: "lanhdao".to_owned(),
        name: "Lãnh đạo tỉnh".to_owned(),
        password: None,
        must_change: false,
        role: NewRole {
            role: Role::Leader,
            unit: root.id,
            valid_from: None,
            valid_to: None,
            reason: "đo tốc độ".to_owned(),
        },
    };
    let opened = identity
        .open_officer(&By::System, new)
        .await
        .map_err(|error| error.to_string())?;
    let token = identity
        .mint_session(opened.account, Level::PasswordTotp)
        .await
        .map_err(|error| error.to_string())?;
    let cookie = identity.session_cookie(&token);
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap_or(""));
    let page = Client::new(province.address)
        .get("/report", &cookie)
        .await
        .map_err(|error| error.to_string())?;
    let csrf = form_token(&String::from_utf8_lossy(&page.body)).ok_or("the report carries no form token")?;
    Ok(Session { cookie, csrf })
}

/// Every kind of leader's page, over the whole year and parts of it.
fn paths(year: i16, commune: UnitId) -> Vec<String> {
    let mut paths = Vec::new();
    for by in ["unit", "sector", "procedure", "time"] {
        for period in [
            format!("period={year}"),
            format!("period={year}-Q2"),
            format!("period={year}-10"),
        ] {
            paths.push(format!("/report?{period}&by={by}"));
        }
        paths.push(format!("/report?from={year}-02-11&to={year}-09-20&by={by}"));
        paths.push(format!("/report?period={year}&unit={commune}&by={by}"));
    }
    for set in ["filed", "late", "decided", "open-over", "asked", "late-receipt"] {
        paths.push(format!("/report/rows/{set}?period={year}"));
        paths.push(format!("/report/rows/{set}?period={year}&unit={commune}"));
    }
    paths.push(format!("/report/rows/late?period={year}&procedure=1.001193"));
    paths.push(format!("/report?period={year}&procedure=1.001193&by=unit"));
    paths.push(format!("/report/causes?period={year}"));
    paths.push(format!("/report/766?period={year}"));
    paths
}

async fn pages(
    engine: &str,
    province: &Province,
    leader: &Session,
    (year, commune): (i16, UnitId),
    dossiers: u32,
    time: Duration,
) -> Result<Line, String> {
    let paths = paths(year, commune);
    let mut slowest = (Duration::ZERO, String::new());
    let mut http = Client::new(province.address);
    for path in &paths {
        let begun = Instant::now();
        let answer = http.get(path, &format!("{}Accept: text/html\r\n", leader.cookie)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("{path}: status {}", answer.status));
        }
        slowest = slowest.max((begun.elapsed(), path.clone()));
    }
    let none = Prepared { queues: Vec::new() };
    let count = paths.len();
    let read = mixed::run(province.address, paths, vec![leader.clone()], none, (RATE, 0), time).await;
    let p99 = read.pages.percentile(0.99);
    let asked = if engine == "SQLite" { 100 } else { 200 };
    let note = format!(
        "{count} pages in turn: {}; {} failed; slowest alone, at its first reading: {} {:.0} ms",
        read.pages.summary(),
        read.failed,
        slowest.1,
        slowest.0.as_secs_f64() * 1000.0
    );
    Ok(Line::new(
        &format!("leader's pages at {RATE}/s with {dossiers} dossiers, {engine}"),
        format!("p99 {:.1} ms", p99.as_secs_f64() * 1000.0),
        &format!("p99 under {asked} ms"),
        p99 < Duration::from_millis(asked) && read.failed == 0,
        note,
    ))
}

/// The report of the whole year, one after another.
async fn whole_year(engine: &str, province: &Province, leader: &Session, year: i16) -> Result<Line, String> {
    let mut http = Client::new(province.address);
    let mut made = Latencies::default();
    for _ in 0..REPORTS {
        for path in [
            format!("/report?period={year}&by=unit"),
            format!("/report?period={year}&by=procedure"),
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
            "page by unit and by procedure, CSV and XLSX, {} in all; {}",
            made.count(),
            made.summary()
        ),
    ))
}
