//! Leader's pages: the report, the rows behind each of its figures, the formulas, and the spreadsheets of all.
//! Every export is bounded and written into the audit log. Refuses names of people and doors to dossiers that the officer may
//! not open: who sees figures alone sees codes.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use casework::dossier::DossierId;
use casework::register::EXPORT_ROWS;
use casework::register::http::export::{Export, give, kind_of};
use identity::routes::{Access, Routes, get};
use identity::{Action, Caller, OfficerCaller, UnitId};
use kernel::Date;
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb};
use web::table::{Column, Paging, Row, Table, TableQuery, pagination};
use web::{Page, Reply, Shell, format};

use super::store::{self as table, After};
use super::view::{self, PAGE_LINES};
use super::{Address, By, Question, Set, load, sheet};
use crate::fact::Fact;
use crate::{FigureError, Indicators, formula};

/// Rows of one part of a list.
const PAGE_ROWS: i64 = 50;

/// Under which an export stands in the audit log.
const LOGGED: &str = "figures.export";

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Indicators>) -> Routes<Indicators> {
    let figures = Access::Action(Action::DossierReport);
    routes
        .page(get("/report", report), figures)
        .page(get("/report/export/{kind}", export_report), figures)
        .page(get("/report/rows/{set}", rows), figures)
        .page(get("/report/rows/{set}/export/{kind}", export_rows), figures)
        .page(get("/report/formulas", formulas), figures)
}

pub(crate) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/report", shell.text("indicator-title"))]
}

async fn report(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Query(address): Query<Address>,
) -> Reply {
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let (by, lang) = (address.by(), shell.lang);
    let asked = question.clone();
    let report = house
        .store()
        .read(move |tx| load(tx, &asked, by, lang))
        .await
        .map_err(FigureError::from)?;
    let filter = &question.filter;
    let query = filter.query();
    let title = shell.text("indicator-title");
    let body = html! {
        h1 { (title) ", " (view::period(&shell, filter)) }
        (view::cut_off(&shell, report.cut_off))
        (view::bar(&shell, &question, "/report", Some(by)))
        @if report.total.is_period_empty() { (components::empty(&shell.text("indicator-no-data-period"), None)) }
        @if !report.total.is_empty() {
            (view::figures(&shell, &report.total, &query))
            (view::chart(&shell, &report, filter))
            (lines(&shell, &report.lines, by, &query, &question, &address))
            p.row {
                a href={ "/report/export/xlsx?" (query) "&by=" (by) } { (shell.text("indicator-xlsx")) } " · "
                a href={ "/report/export/csv?" (query) "&by=" (by) } { (shell.text("indicator-csv")) }
            }
        }
        div.row {
            a href={ "/report/causes?" (query) } { (shell.text("indicator-causes")) }
            a href={ "/report/766?" (query) } { (shell.text("indicator-766")) }
            a href={ "/report/reported?" (filter.period().query()) } { (shell.text("indicator-reported")) }
            a href="/report/kept" { (shell.text("indicator-kept")) }
            a href="/report/formulas" { (shell.text("indicator-formulas")) }
        }
        @if !report.total.is_empty() {
            (components::post_button(&shell, ButtonKind::Quiet, &format!("/report/kept?{query}"), &[], &shell.text("indicator-keep")))
        }
    };
    Ok(Page::new(&shell, title).wide().body(body))
}

/// The tabs, and the part of the lines that is asked for.
fn lines(shell: &Shell, lines: &[super::Line], by: By, query: &str, question: &Question, address: &Address) -> Markup {
    let tabs: Vec<components::Tab> = By::ALL
        .iter()
        .map(|one| components::Tab {
            href: format!("/report?{query}&by={one}"),
            label: shell.text(&format!("indicator-by-{one}")),
            count: None,
            current: *one == by,
        })
        .collect();
    let pages = lines.len().div_ceil(PAGE_LINES).max(1);
    let page = address.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let part: Vec<super::Line> = lines
        .iter()
        .skip((page - 1) * PAGE_LINES)
        .take(PAGE_LINES)
        .cloned()
        .collect();
    let last = u32::try_from(pages).unwrap_or(1);
    html! {
        (components::tabs(shell.lang, &shell.text("indicator-by"), &tabs))
        (view::table(shell, &part, by, &question.filter))
        @if pages > 1 {
            (pagination(shell.lang, u32::try_from(page).unwrap_or(1), last, |page| format!("/report?{query}&by={by}&page={page}")))
        }
    }
}

/// `2026-11-22~0197e0a0-…`: where a part of a list begins.
fn after_of(text: &str) -> After {
    let read = text
        .split_once('~')
        .and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
    read.unwrap_or((Date::MAX, DossierId::from_uuid(uuid::Uuid::max())))
}

async fn facts_of(
    house: &Indicators,
    question: &Question,
    set: Set,
    after: After,
    limit: i64,
) -> Result<Vec<Fact>, FigureError> {
    let asked = question.clone();
    let read = house.store().read(move |tx| {
        let filter = &asked.filter;
        if set.is_of_now() {
            table::open_rows(tx, &asked.scope, set, (asked.now, asked.soon), after, limit)
        } else {
            table::rows(tx, &asked.scope, set, ((filter.from, filter.until()), after), limit)
        }
    });
    Ok(read.await?)
}

/// The dossiers whose pages this officer may open lie at these units.
fn may_open(house: &Indicators, officer: &OfficerCaller) -> std::collections::HashSet<UnitId> {
    let caller = Caller::Officer(officer.clone());
    house
        .identity()
        .policy()
        .scope(&caller, Action::DossierRead)
        .into_iter()
        .collect()
}

async fn rows(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Path(set): Path<String>,
    Query(address): Query<Address>,
    query: TableQuery,
) -> Reply {
    let set: Set = set.parse().map_err(|_| FigureError::NotFound)?;
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let mut facts = facts_of(&house, &question, set, after_of(&address.after), PAGE_ROWS + 1).await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let last = (facts.len() > most).then(|| facts.get(most - 1)).flatten();
    let next = last.map(|fact| format!("{}~{}", set.day_of(fact), fact.dossier));
    facts.truncate(most);
    let path = format!("/report/rows/{set}");
    let opened = may_open(&house, &officer);
    let shown: Vec<Row> = facts
        .iter()
        .map(|fact| row(&shell, &question, fact, opened.contains(&fact.unit)))
        .collect();
    let paging = Paging::Keyset {
        next,
        started: !address.after.is_empty(),
        total: None,
    };
    let end = question.filter.query();
    let title = shell.text(&format!("indicator-set-{set}"));
    let when = if set.is_of_now() {
        shell.text_with(
            "indicator-now",
            &[("at", format::date_time(shell.lang, question.now).into())],
        )
    } else {
        view::period(&shell, &question.filter)
    };
    let body = html! {
        h1 { (title) ", " (when) }
        (view::bar(&shell, &question, &path, None))
        @if shown.is_empty() { (components::empty(&shell.text("indicator-no-rows"), None)) } @else {
            (schema(&path).render(&shell, &query, &shown, &paging))
        }
        p.row {
            a href={ (path) "/export/xlsx?" (end) } { (shell.text("indicator-xlsx")) } " · "
            a href={ (path) "/export/csv?" (end) } { (shell.text("indicator-csv")) }
        }
        p.small.muted { (shell.text_with("indicator-rows-limit", &[("rows", EXPORT_ROWS.into())])) }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

fn schema(path: &str) -> Table {
    Table::new(
        path.to_owned(),
        "indicator-caption-rows",
        vec![
            Column::new("code", "indicator-code"),
            Column::new("unit", "indicator-unit"),
            Column::new("procedure", "indicator-procedure"),
            Column::new("channel", "indicator-channel"),
            Column::new("filed", "indicator-filed-at"),
            Column::new("due", "indicator-due-at"),
            Column::new("ended", "indicator-ended-at"),
            Column::new("standing", "indicator-standing").plain_on_phones(),
            Column::new("worked", "indicator-worked-hours").numeric(),
            Column::new("requests", "indicator-requests").numeric(),
        ],
    )
    .empty("indicator-no-rows")
    .keep(&["period", "from", "to", "unit", "sector", "procedure"])
}

fn row(shell: &Shell, question: &Question, fact: &Fact, opens: bool) -> Row {
    let lang = shell.lang;
    let at =
        |at: Option<kernel::Timestamp>| html! { @if let Some(at) = at { span.num { (format::date_time(lang, at)) } } };
    let worked = if fact.is_counted {
        format::decimal(lang, (fact.worked_minutes * 10 + 30).div_euclid(60), 1)
    } else {
        String::new()
    };
    let row = Row::new(vec![
        html! { span.num.whole { (fact.code) } },
        html! { (question.unit_name(fact.unit)) },
        html! { (question.procedure_name(&fact.procedure, lang)) },
        html! { (shell.text(&format!("indicator-channel-{}", fact.channel))) },
        at(Some(fact.filed_at)),
        at(fact.due_at),
        at(fact.ended_at),
        view::standing(shell, fact, question.now),
        html! { (worked) },
        html! { (format::number(lang, fact.requests)) },
    ]);
    if opens {
        row.link(format!("/desk/dossiers/{}", fact.dossier))
    } else {
        row
    }
}

async fn export_report(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Path(kind): Path<String>,
    Query(address): Query<Address>,
) -> Reply<Response> {
    let kind = kind_of(&kind)?;
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let (by, lang) = (address.by(), shell.lang);
    let asked = question.clone();
    let report = house
        .store()
        .read(move |tx| load(tx, &asked, by, lang))
        .await
        .map_err(FigureError::from)?;
    let first = shell.text(&format!("indicator-by-{by}"));
    let sheet = sheet::report(&shell, shell.text("indicator-title"), first, &report.lines);
    let export = Export {
        what: LOGGED,
        subject: format!("report by {by}"),
        filter: question.filter.query(),
        name: format!("so-lieu-{}-{}", question.filter.from, question.filter.to),
        kind,
    };
    give(house.casework(), &officer, export, &sheet).await
}

async fn export_rows(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Path((set, kind)): Path<(String, String)>,
    Query(address): Query<Address>,
) -> Reply<Response> {
    let set: Set = set.parse().map_err(|_| FigureError::NotFound)?;
    let kind = kind_of(&kind)?;
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let facts = facts_of(&house, &question, set, after_of(""), EXPORT_ROWS).await?;
    let sheet = sheet::rows(&shell, &question, shell.text(&format!("indicator-set-{set}")), &facts);
    let export = Export {
        what: LOGGED,
        subject: format!("rows {set}"),
        filter: question.filter.query(),
        name: format!("ho-so-{set}-{}-{}", question.filter.from, question.filter.to),
        kind,
    };
    give(house.casework(), &officer, export, &sheet).await
}

async fn formulas(shell: Shell) -> Reply {
    let title = shell.text("indicator-formulas");
    let body = html! {
        h1 { (title) }
        p { (shell.text("indicator-formulas-about")) }
        @for version in formula::versions().iter().rev() { (formulas_of(&shell, version)) }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

/// A version of the formulas as a table.
pub(crate) fn formulas_of(shell: &Shell, version: &formula::Version) -> Markup {
    let lang = shell.lang;
    let label = |key: &str| shell.text(&format!("indicator-formula-{key}"));
    let since = format::date(lang, version.valid_from);
    let named = [("version", version.version.into()), ("day", since.into())];
    let heading = shell.text_with("indicator-version-since", &named);
    html! {
        h2 { (heading) }
        p { (label("source")) ": " (version.source.get(lang)) }
        div.scroll tabindex="0" role="region" aria-label=(heading) { table.stack {
            thead { tr { @for key in ["figure", "numerator", "denominator", "exclusions"] { th scope="col" { (label(key)) } } } }
            tbody { @for formula in &version.figures { tr {
                th scope="row" { (shell.text(&format!("indicator-figure-{}", formula.key))) }
                td data-l=(label("numerator")) { (formula.numerator.get(lang)) }
                td data-l=(label("denominator")) { @if let Some(text) = &formula.denominator { (text.get(lang)) } @else { "–" } }
                td data-l=(label("exclusions")) { @if let Some(text) = &formula.exclusions { (text.get(lang)) } @else { "–" } }
            } } }
        } }
    }
}
