//! The page of one public figure: its value, its formula in words, each unit's part, the dossiers behind it.
//! It refuses a figure without a formula, and shows "no data" as no data.

use axum::extract::{Path, State};
use identity::routes::{Access, Routes, get};
use maud::html;
use web::components::{self, Fact, Tone};
use web::{Page, Reply, Shell, format};

use super::{FigureKind, Sums, month, store as table};
use crate::Casework;
use crate::dossier::DossierError;

/// Dossiers listed behind a figure.
const BEHIND: i64 = 100;

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(get("/figures/{kind}", page), Access::Public)
}

/// A figure's value in words.
pub(crate) fn value(shell: &Shell, sums: &Sums, kind: FigureKind) -> String {
    match (sums.value(kind), kind) {
        (None, _) => shell.text("procedure-no-data"),
        (Some(hours), FigureKind::MeanTime) => format::working_time(shell.lang, hours),
        (Some(tenths), _) => format::percent(shell.lang, tenths),
    }
}

async fn page(State(house): State<Casework>, shell: Shell, Path(kind): Path<String>) -> Reply {
    let kind: FigureKind = kind.parse().map_err(|_| DossierError::NotFound)?;
    let day = house.now().local_date();
    let (from, until) = month(day);
    let (sums, units, rows) = house
        .store()
        .read(move |tx| {
            let sums = table::sums(tx, from, until)?;
            Ok::<_, DossierError>((
                sums,
                table::by_unit(tx, from, until)?,
                table::behind(tx, from, until, BEHIND)?,
            ))
        })
        .await?;
    let lang = shell.lang;
    let period = format!("{:02}/{}", day.month(), day.year());
    let title = shell.text_with(&format!("figure-{kind}"), &[("month", period.clone().into())]);
    let of_what = shell.text(match kind {
        FigureKind::SelfFiled => "figure-filed",
        FigureKind::OnTime | FigureKind::MeanTime | FigureKind::Supplemented => "figure-decided",
    });
    let body = html! {
        h1 { (title) }
        (components::facts(&[
            Fact::new(title.clone(), value(&shell, &sums, kind)),
            Fact::new(shell.text("figure-decided"), format::number(lang, sums.decided)),
            Fact::new(shell.text("figure-late"), format::number(lang, sums.late)),
            Fact::new(shell.text("figure-filed"), format::number(lang, sums.filed)),
        ]))
        h2 { (shell.text("figure-formula")) }
        p { (shell.text(&format!("figure-formula-{kind}"))) }
        h2 { (shell.text("figure-by-unit")) }
        @if sums.whole(kind) == 0 { p { (shell.text("procedure-no-data")) } } @else {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("figure-by-unit")) { table.stack {
                thead { tr { th scope="col" { (shell.text("figure-unit")) } th.r scope="col" { (of_what) } th.r scope="col" { (title) } } }
                tbody { @for (name, part) in units.iter().filter(|(_, part)| part.whole(kind) > 0) { tr {
                    th scope="row" { (name) }
                    td.r data-l=(of_what) { (format::number(lang, part.whole(kind))) }
                    td.r data-l=(title) { (value(&shell, part, kind)) }
                } } }
            } }
        }
        h2 { (shell.text_with("figure-behind", &[("n", i64::try_from(rows.len()).unwrap_or(0).into())])) }
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("desk-code")) { table.stack {
                thead { tr { th scope="col" { (shell.text("desk-code")) } th scope="col" { (shell.text("desk-due")) } th scope="col" { (shell.text("figure-decided-at")) } th scope="col" { (shell.text("figure-in-time")) } } }
                tbody { @for row in &rows { tr {
                    th scope="row" { a.num.whole href={ "/track?code=" (row.code) } { (row.code) } }
                    td.num data-l=(shell.text("desk-due")) { @if let Some(at) = row.due_at { (format::date_time(lang, at)) } }
                    td.num data-l=(shell.text("figure-decided-at")) { @if let Some(at) = row.decided_at { (format::date_time(lang, at)) } }
                    td { @if row.is_late { (components::tag(Tone::Late, &shell.text("dossier-pace-late"))) } @else { (components::tag(Tone::Ok, &shell.text("dossier-pace-in-time"))) } }
                } } }
            } }
        }
    };
    let body = html! { (body) p { a href="/figures/satisfaction" { (shell.text("rating-figure")) } } };
    Ok(Page::new(&shell, title).public().body(body))
}
