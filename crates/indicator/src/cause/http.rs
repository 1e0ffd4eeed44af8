//! The page of causes: for what late dossiers waited, to whom their lateness is put down, and where those lie that are over now.
//! Refuses names, and blame without evidence.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use identity::routes::{Access, Routes, get};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use web::components::{self, Tone};
use web::{Page, Reply, Shell, format};

use super::{PutTo, child, store as causes};
use crate::report::http::crumbs;
use crate::report::store as table;
use crate::report::{Address, By, Open, Question, load, view_bar, view_cut_off, view_period};
use crate::{FigureError, Indicators};

/// Late dossiers that the page names.
const LATE_ROWS: i64 = 100;

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Indicators>) -> Routes<Indicators> {
    routes.page(
        get("/report/causes", causes_page),
        Access::Action(Action::DossierReport),
    )
}

async fn causes_page(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Query(address): Query<Address>,
) -> Reply {
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let (asked, lang) = (question.clone(), shell.lang);
    let (sums, late, open, report, held, held_late) = house
        .store()
        .read(move |tx| {
            let days = (asked.filter.from, asked.filter.until());
            let (units, codes) = (asked.scope.units.as_deref(), asked.scope.procedures.as_deref());
            let open = table::open(tx, &asked.scope, table::Key::Time, (asked.now, asked.soon))?;
            let sums = causes::sums(tx, units, codes, days)?;
            let late = causes::rows(tx, units, codes, days, LATE_ROWS)?;
            let held = child::store::by_unit(tx, units, codes, days)?;
            let held_late = child::store::late(tx, units, codes, days, LATE_ROWS)?;
            let report = load(tx, &asked, By::Time, lang)?;
            Ok::<_, FigureError>((sums, late, open, report, held, held_late))
        })
        .await?;
    let title = shell.text("indicator-causes");
    let body = html! {
        h1 { (title) ", " (view_period(&shell, &question.filter)) }
        (view_cut_off(&shell, report.cut_off))
        p { (shell.text("indicator-causes-about")) }
        (view_bar(&shell, &question, "/report/causes"))
        @if report.total.is_period_empty() { (components::empty(&shell.text("indicator-no-data-period"), None)) }
        @else if sums.is_empty() { (components::empty(&shell.text("indicator-no-late"), None)) } @else {
            (cause_sums(&shell, &sums))
            (attributed(&shell, &question, &report.total))
            h2 { (shell.text_with("indicator-late-rows", &[("n", i64::try_from(late.len()).unwrap_or(0).into())])) }
            (cause_rows(&shell, &question, &late))
        }
        (child::view(&shell, &held, &held_late))
        h2 { (shell.text("indicator-over-now")) }
        (over_now(&shell, &open))
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

fn hours(shell: &Shell, minutes: i64) -> String {
    format::decimal(shell.lang, (minutes * 10 + 30).div_euclid(60), 1)
}

fn cause_sums(shell: &Shell, sums: &[causes::Sum]) -> Markup {
    let heads = ["agency", "officer", "leader", "applicant"].map(|at| shell.text(&format!("indicator-hours-{at}")));
    let (cause, count) = (shell.text("indicator-cause"), shell.text("indicator-column-late"));
    let (person, system) = (shell.text("indicator-to-person"), shell.text("indicator-to-system"));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(cause) { table.stack {
            thead { tr { th scope="col" { (cause) } th.r scope="col" { (count) } @for head in &heads { th.r scope="col" { (head) } }
                th.r scope="col" { (person) } th.r scope="col" { (system) } } }
            tbody { @for sum in sums { tr {
                th scope="row" { (shell.text(&format!("indicator-cause-{}", sum.cause))) }
                @let parts = &sum.parts;
                td.r data-l=(count) { (format::number(shell.lang, parts.count)) }
                @for (head, minutes) in heads.iter().zip([parts.agency_minutes, parts.officer_minutes, parts.leader_minutes, parts.applicant_minutes]) {
                    td.r data-l=(head) { (hours(shell, minutes)) }
                }
                td.r data-l=(person) { (format::number(shell.lang, parts.by_person)) }
                td.r data-l=(system) { (format::number(shell.lang, parts.by_system)) }
            } } }
        } }
    }
}

/// To whom lateness is put down, each number with its rows. Those that the portal alone notes late are in it.
fn attributed(shell: &Shell, question: &Question, total: &crate::report::Sums) -> Markup {
    let query = question.filter.query();
    let figures = [crate::report::Figure::LatePerson, crate::report::Figure::LateSystem];
    html! {
        h2 { (shell.text("indicator-attributed")) }
        (crate::report::facts_of(shell, &figures, total, &query))
        p.small.muted { (shell.text("indicator-attributed-note")) }
    }
}

fn cause_rows(shell: &Shell, question: &Question, late: &[causes::LateRow]) -> Markup {
    let heads = ["agency", "officer", "leader", "applicant"].map(|at| shell.text(&format!("indicator-hours-{at}")));
    let label = |key: &str| shell.text(&format!("indicator-{key}"));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label("code")) { table.stack {
            thead { tr { @for key in ["code", "due-at", "ended-at", "cause"] { th scope="col" { (label(key)) } }
                @for head in &heads { th.r scope="col" { (head) } } th scope="col" { (label("attributed")) } } }
            tbody { @for row in late { tr {
                th scope="row" { span.num.whole { (row.code) } br; span.small.muted { (question.unit_name(row.unit)) } }
                td.num data-l=(label("due-at")) { @if let Some(at) = row.due_at { (format::date_time(shell.lang, at)) } }
                td.num data-l=(label("ended-at")) { @if let Some(at) = row.ended_at { (format::date_time(shell.lang, at)) } }
                td data-l=(label("cause")) { (shell.text(&format!("indicator-cause-{}", row.waited.cause))) }
                @let waited = &row.waited;
                @for (head, minutes) in heads.iter().zip([waited.agency_minutes, waited.officer_minutes, waited.leader_minutes, waited.applicant_minutes]) {
                    td.r data-l=(head) { (hours(shell, minutes)) }
                }
                td data-l=(label("attributed")) { (shell.text(match row.attributed {
                    Some(PutTo::Person) => "indicator-to-person",
                    Some(PutTo::System) => "indicator-to-system",
                    None => "indicator-to-nobody",
                })) }
            } } }
        } }
    }
}

/// What is open and over, by who has it.
fn over_now(shell: &Shell, open: &[(table::Name, Open)]) -> Markup {
    let mut over: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, open) in open {
        let table::Name::Text(state) = name else { continue };
        let at = match state.as_str() {
            "submitted" => "indicator-at-reception",
            "proposed" => "indicator-cause-leader",
            _ => "indicator-cause-officer",
        };
        *over.entry(at).or_default() += open.over;
    }
    over.retain(|_, count| *count > 0);
    let (lies, count) = (
        shell.text("indicator-lies-at"),
        shell.text("indicator-column-open-over"),
    );
    html! {
        @if over.is_empty() { p { (components::tag(Tone::Ok, &shell.text("indicator-none-over"))) } } @else {
            div.scroll tabindex="0" role="region" aria-label=(lies) { table.stack {
                thead { tr { th scope="col" { (lies) } th.r scope="col" { (count) } } }
                tbody { @for (at, number) in &over { tr {
                    th scope="row" { (shell.text(at)) }
                    td.r data-l=(count) { (format::number(shell.lang, *number)) }
                } } }
            } }
        }
    }
}
