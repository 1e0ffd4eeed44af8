//! Keeping a report, the list of those that were kept, and one of them as it was.
//! Refuses to compute when one is opened: what it says is what was written.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller, audit};
use kernel::{Date, Lang};
use maud::{Markup, html};
use web::components;
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::{Kept, KeptLine, Number, ReportId, content, narrowed, store as table};
use crate::formula::Shape;
use crate::report::http::{crumbs, formulas_of};
use crate::report::{Address, By, Question, load, units_in_scope};
use crate::{FigureError, Indicators};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Indicators>) -> Routes<Indicators> {
    let figures = Access::Action(Action::DossierReport);
    routes
        .page(get("/report/kept", list), figures)
        .page(post("/report/kept", keep), figures)
        .page(get("/report/kept/{id}", one), figures)
}

async fn keep(
    State(house): State<Indicators>,
    officer: OfficerCaller,
    Query(address): Query<Address>,
    _submitted: Submitted,
) -> Reply<Response> {
    // What is kept is a paper of the agency: in the language of the agency.
    let question = Question::read(&house, &officer, &address, Lang::Vi).await?;
    let unit = officer.unit().ok_or(FigureError::NotFound)?;
    let asked = question.clone();
    let (by_unit, by_sector) = house
        .store()
        .read(move |tx| {
            Ok::<_, FigureError>((
                load(tx, &asked, By::Unit, Lang::Vi)?,
                load(tx, &asked, By::Sector, Lang::Vi)?,
            ))
        })
        .await?;
    if by_unit.total.is_empty() {
        return Err(FigureError::NoData.into());
    }
    let filter = &question.filter;
    let chosen = filter.unit.map(|unit| question.unit_name(unit));
    let sector = filter.sector.as_ref().and_then(|slug| {
        let found = question.index.sectors().iter().find(|one| one.slug == *slug);
        found.map(|one| one.name.vi.clone())
    });
    let kept = Kept {
        id: ReportId::new(house.casework().world().as_ref()),
        unit,
        unit_name: house.identity().unit_name(unit, Lang::Vi),
        from: filter.from,
        to: filter.to,
        cut_off: by_unit.cut_off,
        kept_at: house.now(),
        kept_by: officer.account(),
        kept_name: officer.name().to_owned(),
        content: content(
            narrowed(filter, chosen, sector),
            &by_unit.total,
            &by_unit.lines,
            &by_sector.lines,
        ),
    };
    let id = kept.id;
    let json = serde_json::to_value(&kept.content).map_err(|error| FigureError::Write(error.to_string()))?;
    house
        .store()
        .write(move |tx| {
            table::insert(tx, &kept, &json)?;
            let period = format!("{} {}", kept.from, kept.to);
            let detail = audit::detail([("period", period)]);
            let actor = audit::Actor::Account(kept.kept_by);
            audit::append(tx, actor, "report.keep", &kept.id.to_string(), detail, kept.kept_at)?;
            Ok::<_, FigureError>(())
        })
        .await?;
    Ok(see_other(&format!("/report/kept/{id}")))
}

fn period(shell: &Shell, (from, to): (Date, Date)) -> String {
    let day = |day| format::date(shell.lang, day);
    shell.text_with(
        "indicator-period",
        &[("from", day(from).into()), ("to", day(to).into())],
    )
}

async fn list(State(house): State<Indicators>, shell: Shell, officer: OfficerCaller) -> Reply {
    let units = units_in_scope(&house, &officer);
    let read = house.store().read(move |tx| table::list(tx, units.as_deref()));
    let all = read.await.map_err(FigureError::from)?;
    let title = shell.text("indicator-kept");
    let label = |key: &str| shell.text(&format!("indicator-{key}"));
    let body = html! {
        h1 { (title) }
        p { (shell.text("indicator-kept-about")) }
        @if all.is_empty() {
            (components::empty(&shell.text("indicator-none-kept"), Some(("/report", &shell.text("indicator-title")))))
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(title) { table.stack {
                thead { tr { @for key in ["of-period", "kept-at", "kept-unit", "kept-by", "kept-narrowed", "version"] { th scope="col" { (label(key)) } } } }
                tbody { @for kept in &all { tr {
                    th scope="row" { a href={ "/report/kept/" (kept.id) } { (period(&shell, (kept.from, kept.to))) } }
                    td.num data-l=(label("kept-at")) { (format::date_time(shell.lang, kept.kept_at)) }
                    td data-l=(label("kept-unit")) { (kept.unit_name) }
                    td data-l=(label("kept-by")) { (kept.kept_name) }
                    td data-l=(label("kept-narrowed")) { (kept.narrowed.as_deref().unwrap_or("")) }
                    td data-l=(label("version")) { (kept.formulas) }
                } } }
            } }
        }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

async fn one(State(house): State<Indicators>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let id: ReportId = id.parse().map_err(|_| FigureError::NotFound)?;
    let found = house
        .store()
        .read(move |tx| table::find(tx, id))
        .await
        .map_err(FigureError::from)?;
    let kept = found.ok_or(FigureError::NotFound)?;
    let units = units_in_scope(&house, &officer);
    if units.is_some_and(|units| !units.contains(&kept.unit)) {
        return Err(FigureError::NotFound.into());
    }
    let title = shell.text("indicator-kept-report");
    let at = |at| format::date_time(shell.lang, at);
    let of = |by: &str| -> Vec<&KeptLine> { kept.content.lines.iter().filter(|line| line.by == by).collect() };
    let body = html! {
        h1 { (title) ", " (period(&shell, (kept.from, kept.to))) }
        p { (shell.text_with("indicator-kept-how", &[
            ("unit", kept.unit_name.clone().into()), ("name", kept.kept_name.clone().into()), ("at", at(kept.kept_at).into()),
            ("cutoff", at(kept.cut_off).into()), ("version", kept.content.formulas.version.into()),
        ])) }
        @if !kept.content.narrowed.is_empty() { p { (shell.text("indicator-kept-narrowed")) ": " (kept.content.narrowed) } }
        @for line in of("total") { (figures(&shell, &kept, line)) }
        @for by in ["unit", "sector"] {
            @let lines = of(by);
            @if !lines.is_empty() {
                h2 { (shell.text(&format!("indicator-by-{by}"))) }
                (lines_of(&shell, &kept, by, &lines))
            }
        }
        (formulas_of(&shell, &kept.content.formulas))
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

/// A kept value as it was written, by the shape that its own formulas say.
fn value(shell: &Shell, kept: &Kept, number: &Number) -> String {
    let shape = kept
        .content
        .formulas
        .of(&number.figure)
        .map_or(Shape::Count, |formula| formula.shape);
    match number.value {
        None => shell.text("indicator-no-data"),
        Some(value) if shape == Shape::Share => format::percent(shell.lang, value),
        Some(value) => format::decimal(shell.lang, value, shape.decimals()),
    }
}

fn figures(shell: &Shell, kept: &Kept, line: &KeptLine) -> Markup {
    let (value_head, parts) = (shell.text("indicator-value"), shell.text("indicator-parts"));
    html! {
        table.stack {
            thead { tr { th scope="col" { (shell.text("indicator-formula-figure")) } th.r scope="col" { (value_head) } th.r scope="col" { (parts) } } }
            tbody { @for number in &line.numbers { tr {
                th scope="row" { (shell.text(&format!("indicator-figure-{}", number.figure))) }
                td.r data-l=(value_head) { (value(shell, kept, number)) }
                td.r data-l=(parts) { (format::number(shell.lang, number.numerator))
                    @if let Some(whole) = number.denominator { " / " (format::number(shell.lang, whole)) } }
            } } }
        }
    }
}

/// The figures that stand beside each line of a kept report.
const COLUMNS: [&str; 8] = [
    "filed",
    "self-filed",
    "decided",
    "on-time",
    "late",
    "working-time",
    "clean",
    "open-over",
];

fn lines_of(shell: &Shell, kept: &Kept, by: &str, lines: &[&KeptLine]) -> Markup {
    let first = shell.text(&format!("indicator-by-{by}"));
    let label = |figure: &str| shell.text(&format!("indicator-column-{figure}"));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(first) { table.stack {
            thead { tr { th scope="col" { (first) } @for figure in COLUMNS { th.r scope="col" { (label(figure)) } } } }
            tbody { @for line in lines { tr {
                th scope="row" { @if line.name.is_empty() { (shell.text("indicator-not-in-catalogue")) } @else { (line.name) } }
                @for figure in COLUMNS {
                    td.r data-l=(label(figure)) { @if let Some(number) = line.numbers.iter().find(|one| one.figure == figure) { (value(shell, kept, number)) } }
                }
            } } }
        } }
    }
}
