//! What officers feel with a year of a busy commune behind them: work lists, registers and dossiers while others read them
//! too, a walk-in saved at the desk, a form as PDF. Measured on the release binary as a process, signed in by password,
//! over a demonstration of as many dossiers as asked; a tenth of them lie at one ward, whose officers these are.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::{Answer, Client};
use crate::mixed;
use crate::process::{Served, make_demo};
use crate::province::{Session, form_token};
use crate::stats::{Latencies, Line};
use crate::submissions::{FORM, Prepared, fresh};

/// Requests a second on lists and dossiers.
const RATE: u32 = 50;

/// Walk-ins that are saved one after another.
const WALK_INS: usize = 100;

/// Forms that are typeset one after another.
const PAPERS: usize = 30;

/// What a walk-in is filed for: a procedure with a form, papers and conditions of its own.
const PROCEDURE: &str = "1.001193";

/// The password of every account of a demonstration.
const PASSWORD: &str = "Tinh-So-Trinh-Dien-2026";

/// The lists that officers of all roles open: every tab, later pages, filters, registers.
const LISTS: [&str; 8] = [
    "/desk",
    "/desk?tab=overdue",
    "/desk?tab=today",
    "/desk?tab=mine",
    "/desk?tab=closed",
    "/desk?procedure=1.001193",
    "/desk/register/received",
    "/desk/register/late",
];

/// How many pages deep a list is opened beside its first.
const LATER: usize = 20;

/// Makes the demonstration in `folder` and measures on it.
pub(crate) async fn measure(
    engine: &str,
    folder: &Path,
    database: Option<&str>,
    (scale, dossiers): (&str, u32),
    time: Duration,
) -> Result<Vec<Line>, String> {
    let count = dossiers.to_string();
    let mut arguments = vec!["--scale", scale, "--dossiers", count.as_str()];
    if let Some(url) = database {
        arguments.extend(["--database", url]);
    }
    crate::say(&format!("{engine}: making a demonstration of {dossiers} dossiers"));
    let (made, peak) = make_demo(folder, &arguments)?;
    let made_note = match peak {
        Some(mib) => format!("all of it, by the rules in memory and a bulk load; at most {mib:.0} MiB of memory"),
        None => "all of it, by the rules in memory and a bulk load".to_owned(),
    };
    let served = Served::start(folder).await?;
    let mut officers = Vec::new();
    for login in ["lan", "minh", "hoa"] {
        officers.push(sign_in(served.address, login).await?);
    }
    let mut lines = vec![Line::plain(
        &format!("making a demonstration of {dossiers} dossiers, {engine}"),
        format!("{:.0} s", made.as_secs_f64()),
        &made_note,
    )];
    lines.push(pages(engine, &served, &officers, dossiers, time).await?);
    lines.push(walk_ins(engine, served.address, &officers[0]).await?);
    lines.push(papers(engine, served.address, &officers[0]).await?);
    if let Some(memory) = served.resident_mib() {
        let what = format!("memory after that, {engine}");
        lines.push(Line::plain(
            &what,
            format!("{memory:.0} MiB"),
            "resident, children not counted",
        ));
    }
    Ok(lines)
}

/// Signs an officer in as her browser does.
async fn sign_in(address: SocketAddr, login: &str) -> Result<Session, String> {
    let mut http = Client::new(address);
    let page = http
        .get("/sign-in", "Accept: text/html\r\n")
        .await
        .map_err(|error| error.to_string())?;
    let cookie = cookie_of(&page).unwrap_or_default();
    let csrf = form_token(&text(&page)).ok_or("the page of signing in has no form token")?;
    let body = format!(
        "_csrf={csrf}&_once={}&login={login}&password={PASSWORD}&return_to=%2F",
        fresh()
    );
    let answer = http
        .post(
            "/sign-in",
            &format!("{cookie}Accept: text/html\r\n"),
            FORM,
            body.as_bytes(),
        )
        .await
        .map_err(|error| error.to_string())?;
    let cookie = cookie_of(&answer).ok_or_else(|| format!("{login} is not let in: status {}", answer.status))?;
    let page = http.get("/desk", &cookie).await.map_err(|error| error.to_string())?;
    let csrf = form_token(&text(&page)).ok_or("the work list has no form token")?;
    Ok(Session { cookie, csrf })
}

fn cookie_of(answer: &Answer) -> Option<String> {
    let pair = answer.header("set-cookie")?.split(';').next()?;
    Some(format!("Cookie: {pair}\r\n"))
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// Lists, registers and dossiers in turn.
async fn pages(
    engine: &str,
    served: &Served,
    officers: &[Session],
    dossiers: u32,
    time: Duration,
) -> Result<Line, String> {
    let mut paths: Vec<String> = LISTS.iter().map(|path| (*path).to_owned()).collect();
    paths.push(later(served.address, &officers[1], "/desk?tab=closed", LATER).await?);
    let one_by_one = dossiers_of(served.address, &officers[1], "/desk").await?;
    paths.extend(one_by_one.into_iter().take(LISTS.len()));
    let asked = if engine == "SQLite" { 100 } else { 200 };
    let mut slowest = (Duration::ZERO, String::new());
    let mut http = Client::new(served.address);
    for path in &paths {
        let begun = Instant::now();
        let answer = get(&mut http, &officers[1], path).await?;
        if answer.status != 200 {
            return Err(format!("{path}: status {}", answer.status));
        }
        slowest = slowest.max((begun.elapsed(), path.clone()));
    }
    let none = Prepared { queues: Vec::new() };
    let count = paths.len();
    let read = mixed::run(served.address, paths, officers.to_vec(), none, (RATE, 0), time).await;
    let p99 = read.pages.percentile(0.99);
    let note = format!(
        "{count} pages in turn: {}; {} failed; slowest alone, at its first reading: {} {:.0} ms",
        read.pages.summary(),
        read.failed,
        slowest.1,
        slowest.0.as_secs_f64() * 1000.0
    );
    Ok(Line::new(
        &format!("work lists, registers, dossiers at {RATE}/s with {dossiers} dossiers, {engine}"),
        format!("p99 {:.1} ms", p99.as_secs_f64() * 1000.0),
        &format!("p99 under {asked} ms"),
        p99 < Duration::from_millis(asked) && read.failed == 0 && read.pages.count() > 0,
        note,
    ))
}

async fn get(http: &mut Client, session: &Session, path: &str) -> Result<Answer, String> {
    let headers = format!("{}Accept: text/html\r\n", session.cookie);
    http.get(path, &headers)
        .await
        .map_err(|error| format!("{path}: {error}"))
}

/// The address of a list some pages on, by its links to the next.
async fn later(address: SocketAddr, session: &Session, list: &str, pages: usize) -> Result<String, String> {
    let mut http = Client::new(address);
    let mut path = list.to_owned();
    for _ in 0..pages {
        let page = text(&get(&mut http, session, &path).await?);
        let Some(next) = value_after(&page, "rel=\"next\"", "href=\"") else {
            break;
        };
        path = next.replace("&amp;", "&");
    }
    Ok(path)
}

/// The dossiers that a list names.
async fn dossiers_of(address: SocketAddr, session: &Session, list: &str) -> Result<Vec<String>, String> {
    let page = text(&get(&mut Client::new(address), session, list).await?);
    let mut found: Vec<String> = page
        .split("href=\"/desk/dossiers/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.len() == 36)
        .map(|id| format!("/desk/dossiers/{id}"))
        .collect();
    found.dedup();
    if found.is_empty() {
        return Err(format!("{list} names no dossier"));
    }
    Ok(found)
}

/// Walk-ins of people who were never here, saved and received.
async fn walk_ins(engine: &str, address: SocketAddr, desk: &Session) -> Result<Line, String> {
    let mut http = Client::new(address);
    let path = format!("/desk/intake?procedure={PROCEDURE}");
    let mut saved = Latencies::default();
    let mut slowest = (Duration::ZERO, 0);
    for at in 0..WALK_INS {
        let page = text(&get(&mut http, desk, &path).await?);
        let hidden = |name: &str| {
            value_of(&page, &format!("name=\"{name}\"")).ok_or_else(|| format!("{path} has no field {name}"))
        };
        let unit = page
            .split("<option value=\"")
            .skip(1)
            .find_map(|option| option.split_once("\" selected").map(|(value, _)| value))
            .filter(|value| value.len() == 36)
            .ok_or("no unit is chosen")?;
        let body = format!(
            "_csrf={}&_once={}&procedure={PROCEDURE}&scans={}&began={}&unit={unit}&person-id=042190{at:06}\
             &name=Tr%E1%BA%A7n+Th%E1%BB%8B+Hoa&born-day=17&born-month=5&born-year=1990&phone=0912345678\
             &address=T%E1%BB%95+3&email=&applicant=person&representation=own&all-papers=yes&channel=desk\
             &delivery=pick-up&entered=officer",
            desk.csrf,
            fresh(),
            hidden("scans")?,
            hidden("began")?,
        );
        let headers = format!("{}Accept: text/html\r\n", desk.cookie);
        let begun = Instant::now();
        let answer = http
            .post("/desk/intake", &headers, FORM, body.as_bytes())
            .await
            .map_err(|error| error.to_string())?;
        if answer.status != 303 {
            return Err(format!(
                "a walk-in is refused: status {}\n{}",
                answer.status,
                text(&answer)
            ));
        }
        saved.add(begun.elapsed());
        slowest = slowest.max((begun.elapsed(), at + 1));
    }
    let p99 = saved.percentile(0.99);
    Ok(Line::new(
        &format!("a walk-in saved at the desk, {engine}"),
        format!("p99 {:.1} ms", p99.as_secs_f64() * 1000.0),
        "under 100 ms",
        p99 < Duration::from_millis(100),
        format!(
            "{WALK_INS} one after another, received at once; {}; the slowest was number {}",
            saved.summary(),
            slowest.1
        ),
    ))
}

/// The value of the first field that holds `name`.
fn value_of(page: &str, name: &str) -> Option<String> {
    value_after(page, name, "value=\"")
}

/// What an attribute that follows `mark` in its tag says.
fn value_after(page: &str, mark: &str, attribute: &str) -> Option<String> {
    let (_, rest) = page.split_once(mark)?;
    let tag = rest.split('>').next()?;
    tag.split_once(attribute)?.1.split('"').next().map(str::to_owned)
}

/// Forms of dossiers as PDF: pressed, typeset, kept, and sent.
async fn papers(engine: &str, address: SocketAddr, desk: &Session) -> Result<Line, String> {
    let mut http = Client::new(address);
    let mut made = Latencies::default();
    let mut bytes = 0;
    let headers = format!("{}Accept: */*\r\n", desk.cookie);
    let mut open = dossiers_of(address, desk, "/desk?tab=closed").await?;
    open.extend(dossiers_of(address, desk, "/desk").await?);
    for dossier in open {
        let page = text(&get(&mut http, desk, &dossier).await?);
        let action = format!("action=\"{dossier}/papers\"");
        for form in page
            .split(&action)
            .skip(1)
            .filter_map(|rest| rest.split("</form>").next())
        {
            let (Some(kind), Some(basis)) = (value_of(form, "name=\"form\""), value_of(form, "name=\"basis\"")) else {
                continue;
            };
            let body = format!("_csrf={}&_once={}&form={kind}&basis={basis}", desk.csrf, fresh());
            let begun = Instant::now();
            let answer = http
                .post(&format!("{dossier}/papers"), &headers, FORM, body.as_bytes())
                .await;
            let answer = answer.map_err(|error| error.to_string())?;
            let paper = answer.header("location").map(str::to_owned);
            let paper = paper.ok_or_else(|| format!("{kind}: status {}\n{}", answer.status, text(&answer)))?;
            let pdf = http.get(&paper, &headers).await.map_err(|error| error.to_string())?;
            if !pdf.body.starts_with(b"%PDF") {
                return Err(format!("{paper}: status {}, no PDF", pdf.status));
            }
            made.add(begun.elapsed());
            bytes += pdf.body.len();
            if made.count() == PAPERS {
                break;
            }
        }
        if made.count() == PAPERS {
            break;
        }
    }
    if made.count() == 0 {
        return Err("no dossier offers a form".to_owned());
    }
    let p99 = made.percentile(0.99);
    Ok(Line::new(
        &format!("a form as PDF/A, {engine}"),
        format!("p99 {:.0} ms", p99.as_secs_f64() * 1000.0),
        "under 200 ms",
        p99 < Duration::from_millis(200),
        format!(
            "{} one after another, from the press of the button to the last byte; {}; {} KiB each",
            made.count(),
            made.summary(),
            (bytes / made.count()) >> 10
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_field_is_read() {
        let page = "<input type=\"hidden\" name=\"began\" value=\"17\"><input name=\"x\">";
        assert_eq!(value_of(page, "name=\"began\"").as_deref(), Some("17"));
        assert_eq!(value_of(page, "name=\"x\""), None);
    }
}
