//! The page of the set of QĐ 766: each indicator with its ratio, its points where they are known, and why where it has none.
//! Refuses a sum that hides what is not computed.

use axum::extract::{Query, State};
use identity::routes::{Access, Routes, get};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use web::components;
use web::{Page, Reply, Shell, format};

use super::{Answer, Catalogue, Group, catalogue, over, set};
use crate::report::http::crumbs;
use crate::report::{Address, By, Question, Sums, load, view_bar, view_cut_off, view_period, words_of};
use crate::{FigureError, Indicators};

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Indicators>) -> Routes<Indicators> {
    routes.page(get("/report/766", page), Access::Action(Action::DossierReport))
}

async fn page(
    State(house): State<Indicators>,
    shell: Shell,
    officer: OfficerCaller,
    Query(address): Query<Address>,
) -> Reply {
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let (asked, lang) = (question.clone(), shell.lang);
    let (report, known) = house
        .store()
        .read(move |tx| Ok::<_, FigureError>((load(tx, &asked, By::Time, lang)?, catalogue(tx, &asked)?)))
        .await?;
    let over = over(&question, &report.total);
    let title = shell.text("indicator-766");
    let body = html! {
        h1 { (title) ", " (view_period(&shell, &question.filter)) }
        (view_cut_off(&shell, report.cut_off))
        p { (shell.text("indicator-766-about")) }
        (view_bar(&shell, &question, "/report/766"))
        @if report.total.is_period_empty() { (components::empty(&shell.text("indicator-no-data-period"), None)) } @else {
            @for group in &set().groups { (group_of(&shell, group, &report.total, over, &known)) }
        }
        p.small.muted { (set().source.get(shell.lang)) }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

fn group_of(shell: &Shell, group: &Group, sums: &Sums, over: i64, known: &Catalogue) -> Markup {
    let lang = shell.lang;
    let label = |key: &str| shell.text(&format!("indicator-766-{key}"));
    let answers: Vec<Option<Answer>> = group
        .indicators
        .iter()
        .map(|one| one.answer(sums, over, known))
        .collect();
    let scored = answers.iter().flatten().filter_map(|answer| answer.points).sum::<i64>();
    let of = group.indicators.iter().zip(&answers);
    let reach: i64 = of
        .filter(|(_, answer)| answer.is_some_and(|one| one.points.is_some()))
        .filter_map(|(one, _)| one.points)
        .sum();
    html! {
        h2 { (group.number) ". " (group.name.get(lang)) }
        @if reach == 0 { p { (shell.text_with("indicator-766-unscored", &[("points", group.points.into())])) } } @else {
            p { (shell.text_with("indicator-766-group", &[
                ("scored", format::decimal(lang, scored, 2).into()), ("reach", reach.into()), ("points", group.points.into()),
            ])) }
        }
        div.scroll tabindex="0" role="region" aria-label=(group.name.get(lang)) { table.stack {
            thead { tr {
                th scope="col" { (label("indicator")) } th.r scope="col" { (label("parts")) } th.r scope="col" { (label("value")) }
                th.r scope="col" { (label("points")) } th scope="col" { (label("note")) }
            } }
            tbody { @for (one, answer) in group.indicators.iter().zip(&answers) { tr {
                th scope="row" { (one.code) " " (one.name.get(lang)) }
                td.r data-l=(label("parts")) { span.whole { @match answer {
                    Some(answer) => { (format::number(lang, answer.parts.0)) " / " (format::number(lang, answer.parts.1)) }
                    None => { "–" }
                } } }
                td.r data-l=(label("value")) { span.whole { @match answer {
                    Some(answer) => (words_of(shell, answer.shape, answer.value)),
                    None => (label("not-computed")),
                } } }
                td.r data-l=(label("points")) { span.whole {
                    @match (answer.and_then(|answer| answer.points), one.points) {
                        (Some(points), Some(full)) => { (format::decimal(lang, points, 2)) " / " (full) @if !one.verified { " " (label("unverified")) } }
                        (None, Some(full)) => { "– / " (full) }
                        _ => { "–" }
                    }
                } }
                td.small data-l=(label("note")) { (one.reason.get(lang)) }
            } } }
        } }
    }
}
