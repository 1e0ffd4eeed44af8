//! The page of what the province published: each number with its source and day, and beside it what the records here say of the
//! period that is asked for. Refuses a number without its source.

use axum::extract::{Query, State};
use identity::routes::{Access, Routes, get};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use web::components;
use web::{Page, Reply, Shell, format};

use super::{Beside, COMPARED, Published, Reported, beside};
use crate::report::http::crumbs;
use crate::report::{Address, By, Question, Report, load, view_bar, view_cut_off, view_period};
use crate::{FigureError, Indicators};

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Indicators>) -> Routes<Indicators> {
    routes.page(get("/report/reported", page), Access::Action(Action::DossierReport))
}

async fn page(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Query(mut address): Query<Address>,
) -> Reply {
    if address.period.is_empty() && address.from.is_empty() && address.to.is_empty() {
        // What a province publishes is of a year.
        address.period = house.now().local_date().year().to_string();
    }
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let (asked, lang) = (question.clone(), shell.lang);
    let report = house.store().read(move |tx| load(tx, &asked, By::Time, lang)).await;
    let report = report.map_err(FigureError::from)?;
    let reported = house.reported();
    let title = shell.text("indicator-reported");
    let body = html! {
        h1 { (title) }
        @match (&reported.source, reported.is_empty()) {
            (Some(source), false) => {
                p { (shell.text_with("indicator-reported-source", &[("source", source.get(lang).into())])) " "
                    @if let Some(day) = reported.as_of {
                        (shell.text_with("indicator-reported-as-of", &[("day", format::date(lang, day).into())]))
                    } }
                p { (shell.text("indicator-reported-about")) }
                (view_bar(&shell, &question, "/report/reported"))
                (view_cut_off(&shell, report.cut_off))
                @if report.total.is_period_empty() { (components::empty(&shell.text("indicator-no-data-period"), None)) }
                (compared(&shell, reported, &question, &report))
                (others(&shell, reported))
            }
            _ => (components::empty(&shell.text("indicator-reported-none"), Some(("/report", &shell.text("indicator-title"))))),
        }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

/// What both say.
fn compared(shell: &Shell, reported: &Reported, question: &Question, report: &Report) -> Markup {
    let label = |key: &str| shell.text(&format!("indicator-reported-{key}"));
    let here = shell.text_with(
        "indicator-reported-here",
        &[("period", view_period(shell, &question.filter).into())],
    );
    let index = &question.index;
    html! {
        h2 { (label("both")) }
        div.scroll tabindex="0" role="region" aria-label=(label("both")) { table.stack {
            thead { tr { th scope="col" { (label("figure")) } th.r scope="col" { (label("published")) } th.r scope="col" { (here) } } }
            tbody { @for key in COMPARED {
                @let published = reported.of(key);
                tr {
                    @let own = label(&format!("of-{key}"));
                    th scope="row" { (own)
                        @if let Some(one) = published { @if one.label.get(shell.lang) != own { br; span.small.muted { (one.label.get(shell.lang)) } } } }
                    td.r data-l=(label("published")) { @match published {
                        Some(one) => { (one.words(shell.lang)) }
                        None => { (label("not-told")) }
                    } }
                    td.r data-l=(here) { (counted(shell, question, beside(key, (index.len(), index.online()), &report.total))) }
                }
            } }
        } }
    }
}

fn counted(shell: &Shell, question: &Question, beside: Option<Beside>) -> Markup {
    let lang = shell.lang;
    let none = || shell.text("indicator-no-data");
    let link = |set: crate::report::Set, words: String| html! { a.num href={ "/report/rows/" (set) "?" (question.filter.query()) } { (words) } };
    match beside {
        Some(Beside::Dossiers(0, _) | Beside::ShareOfDossiers(None, _) | Beside::ShareOfProcedures(None)) | None => {
            html! { (none()) }
        }
        Some(Beside::Dossiers(count, set)) => link(set, format::number(lang, count)),
        Some(Beside::ShareOfDossiers(Some(share), set)) => link(set, format::percent(lang, share)),
        Some(Beside::Procedures(count)) => html! { (format::number(lang, count)) },
        Some(Beside::ShareOfProcedures(Some(share))) => html! { (format::decimal(lang, share, 2)) "%" },
    }
}

/// What was published and cannot be computed from the records here.
fn others(shell: &Shell, reported: &Reported) -> Markup {
    let label = |key: &str| shell.text(&format!("indicator-reported-{key}"));
    let others: Vec<&Published> = reported
        .figures
        .iter()
        .filter(|one| !COMPARED.contains(&one.key.as_str()))
        .collect();
    html! { @if !others.is_empty() {
        h2 { (label("others")) }
        p.small.muted { (label("others-about")) }
        div.scroll tabindex="0" role="region" aria-label=(label("others")) { table.stack {
            thead { tr { th scope="col" { (label("figure")) } th.r scope="col" { (label("published")) } } }
            tbody { @for one in others { tr {
                th scope="row" { (one.label.get(shell.lang)) }
                td.r data-l=(label("published")) { (one.words(shell.lang)) }
            } } }
        } }
    } }
}
