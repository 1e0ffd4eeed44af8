//! The page on which an applicant rates, and the public page of the figures. No page shows a single rating to anybody but
//! the applicant.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::CitizenCaller;
use identity::routes::{Access, Routes, get, post};
use kernel::{SignedDuration, Timestamp};
use maud::{Markup, html};
use web::components::{self, Fact, Tone};
use web::form::{Choice, Errors, Field, Form, Values};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::rules::{Tally, may_rate};
use super::store::{self as table, Part};
use super::{FACTORS, Factor, Rating, RatingError, SCORE_MAX, SHOWN_FROM};
use crate::Casework;
use crate::dossier::Dossier;
use crate::dossier::state::State as DossierState;
use crate::track::mine;

/// Over how many days the public figures count.
const DAYS: i64 = 365;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/my/dossiers/{id}/rating", page), Access::Citizen)
        .page(post("/my/dossiers/{id}/rating", rate), Access::Citizen)
        .page(get("/figures/satisfaction", figures), Access::Public)
}

/// The way to the rating on the applicant's page of a dossier, once it is returned.
pub(crate) fn invitation(shell: &Shell, dossier: &Dossier) -> Markup {
    html! {
        @if dossier.state == DossierState::Returned {
            (components::note(Tone::Info, &shell.text("rating-invite"), &html! {
                p { a href={ "/my/dossiers/" (dossier.id) "/rating" } { (shell.text("rating-title")) } }
            }))
        }
    }
}

fn form(dossier: &Dossier) -> Form {
    let scores = || {
        (1..=SCORE_MAX)
            .rev()
            .map(|score| Choice::new(score.to_string(), format!("rating-score-{score}").as_str()))
            .collect()
    };
    let start = Form::new("rating", format!("/my/dossiers/{}/rating", dossier.id))
        .submit("rating-send")
        .cancel(format!("/my/dossiers/{}", dossier.id));
    let field = |factor: &Factor| Field::radios(factor.id.clone(), factor.words.clone(), scores());
    FACTORS.list.iter().map(field).fold(start, Form::field)
}

async fn read(house: &Casework, citizen: &CitizenCaller, id: &str) -> Result<(Dossier, Option<Rating>), web::Failure> {
    let dossier = mine::own(house, citizen, id).await?.dossier;
    let own = dossier.id;
    let rating = house.store().read(move |tx| table::find(tx, own)).await?;
    may_rate(dossier.state, rating.as_ref(), house.now())?;
    Ok((dossier, rating))
}

fn body(shell: &Shell, dossier: &Dossier, values: &Values, errors: &Errors) -> Page {
    let title = shell.text("rating-title");
    let body = html! {
        (components::back_link(shell.lang, &format!("/my/dossiers/{}", dossier.id)))
        h1 { (title) }
        p { (shell.text_with("rating-words", &[("code", dossier.code.to_string().into())])) }
        (form(dossier).render(shell, values, errors))
    };
    Page::new(shell, title).errors(errors).body(body)
}

async fn page(State(house): State<Casework>, shell: Shell, citizen: CitizenCaller, Path(id): Path<String>) -> Reply {
    let (dossier, rating) = read(&house, &citizen, &id).await?;
    let scores = rating.map(|rating| rating.scores).unwrap_or_default();
    let values = scores.into_iter().fold(Values::none(), |values, (factor, score)| {
        values.with(factor, score.to_string())
    });
    Ok(body(&shell, &dossier, &values, &Errors::none()))
}

async fn rate(
    State(house): State<Casework>,
    shell: Shell,
    citizen: CitizenCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let (dossier, _) = read(&house, &citizen, &id).await?;
    let form = form(&dossier);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(body(&shell, &dossier, &form.typed(&submitted), &errors).into_response()),
    };
    let scores: Vec<(String, i64)> = FACTORS
        .list
        .iter()
        .filter_map(|factor| Some((factor.id.clone(), values.typed(&factor.id)?)))
        .collect();
    let (now, path) = (house.now(), format!("/my/dossiers/{}", dossier.id));
    let done = house
        .store()
        .write(move |tx| table::rate(tx, &dossier, &scores, now))
        .await;
    done?;
    Ok(see_other(&path))
}

async fn figures(State(house): State<Casework>, shell: Shell) -> Reply {
    let until = Timestamp::start_of_day(house.now().local_date()) + SignedDuration::from_hours(24);
    let from = until + -SignedDuration::from_hours(24 * DAYS);
    let read = move |tx: &mut ::store::Tx| {
        Ok::<_, RatingError>((table::count(tx, from, until)?, table::parts(tx, from, until)?))
    };
    let (count, parts) = house.store().read(read).await?;
    let title = shell.text("rating-figure");
    let all = tally(parts.iter());
    let by_factor = FACTORS.list.iter().map(|factor| {
        let tally = tally(parts.iter().filter(|part| part.factor == factor.id));
        Fact::new(factor.words.get(shell.lang), index(&shell, tally))
    });
    let mut units: BTreeMap<Vec<u8>, Vec<&Part>> = BTreeMap::new();
    for part in &parts {
        units
            .entry(kernel::fold::sort_key(&part.unit_name))
            .or_default()
            .push(part);
    }
    let body = html! {
        h1 { (title) }
        (components::facts(&[
            Fact::new(shell.text("rating-index"), index(&shell, all)),
            Fact::new(shell.text("rating-count"), format::number(shell.lang, count)),
        ]))
        h2 { (shell.text("rating-by-factor")) }
        (components::facts(&by_factor.collect::<Vec<_>>()))
        h2 { (shell.text("figure-formula")) }
        p { (shell.text_with("rating-formula", &[("few", SHOWN_FROM.into()), ("version", FACTORS.version.as_str().into())])) }
        h2 { (shell.text("figure-by-unit")) }
        @if units.is_empty() { p { (shell.text("procedure-no-data")) } } @else { (unit_table(&shell, &units)) }
    };
    Ok(Page::new(&shell, title).public().body(body))
}

fn tally<'a>(parts: impl Iterator<Item = &'a Part>) -> Tally {
    parts.fold(Tally::default(), |all, part| all.and(part.tally))
}

fn index(shell: &Shell, tally: Tally) -> String {
    tally.index().map_or_else(
        || shell.text("rating-few"),
        |tenths| format::percent(shell.lang, tenths),
    )
}

fn unit_table(shell: &Shell, units: &BTreeMap<Vec<u8>, Vec<&Part>>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("figure-by-unit")) { table.stack {
            thead { tr {
                th scope="col" { (shell.text("figure-unit")) }
                th.r scope="col" { (shell.text("rating-count")) }
                th.r scope="col" { (shell.text("rating-index")) }
            } }
            tbody { @for parts in units.values() {
                // Every rating answers every factor, so the largest count of a factor is the count of ratings.
                @let ratings = parts.iter().map(|part| part.tally.scores).max().unwrap_or(0);
                @let shown = if ratings < SHOWN_FROM { Tally::default() } else { tally(parts.iter().copied()) };
                tr {
                    th scope="row" { @if let Some(first) = parts.first() { (first.unit_name) } }
                    td.r data-l=(shell.text("rating-count")) { @if ratings < SHOWN_FROM { (shell.text("rating-few")) } @else { (format::number(shell.lang, ratings)) } }
                    td.r data-l=(shell.text("rating-index")) { (index(shell, shown)) }
                }
            } }
        } }
    }
}
