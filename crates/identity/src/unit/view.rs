//! What the pages of units show.
//! They name no officer but by what the unit does.

use super::api::nearest_day;
use super::form::Act;
use super::http::{Found, KINDS, Lists};
use super::{ChangeRow, Code, Dated, Unit, UnitId, UnitKind};
use crate::area::view_days as days;
use jiff::civil::Date;
use maud::{Markup, html};
use web::components::{ButtonKind, Crumb, SummaryRow, Tone, button_link, steps_list, summary_list, tag};
use web::components::{Step, StepState};
use web::table::{Column, Filter, Paging, Row, Table, TableQuery, encode};
use web::{Shell, format};

/// The way to a unit.
pub(super) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    crate::account::list::http::crumbs(shell, &[("/admin/units", "unit-list-title")])
}

/// The way to a form of a unit.
pub(super) fn crumbs_to(shell: &Shell, unit: &Unit, today: Date) -> Vec<Crumb> {
    let mut crumbs = crumbs(shell);
    crumbs.push(Crumb::new(href(unit.id), unit.name_on(today).get(shell.lang)));
    crumbs
}

fn href(id: UnitId) -> String {
    format!("/admin/units/{id}")
}

fn kind_text(shell: &Shell, kind: UnitKind) -> String {
    shell.text(&format!("unit-kind-{kind}"))
}

/// Search and table; `root` is there for those who may open units below it.
pub(super) fn list(
    shell: &Shell,
    lists: &Lists,
    on: &str,
    found: &Found<'_>,
    rows_a_page: usize,
    root: Option<UnitId>,
) -> Markup {
    // The first parameter of a name counts: the select and the links to other pages show what is shown.
    let query = TableQuery::parse(&format!("on={}&{}", encode(on), shell.query));
    let kinds = KINDS.map(|kind| (kind.as_str().to_owned(), kind_text(shell, kind)));
    let schema = Table::new(
        "/admin/units",
        "unit-table-caption",
        vec![
            Column::new("name", "unit-name"),
            Column::new("code", "unit-code"),
            Column::new("kind", "unit-kind"),
            Column::new("parent", "unit-parent"),
            Column::new("state", "unit-state").plain_on_phones(),
        ],
    )
    .filter(Filter::search("q", "unit-search", "thanh sen, H27.30"))
    .filter(Filter::choice("kind", "unit-kind", kinds.to_vec()))
    .filter(Filter::choice(
        "on",
        "unit-when",
        vec![
            ("today".to_owned(), shell.text("unit-when-today")),
            ("any".to_owned(), shell.text("unit-when-any")),
        ],
    ))
    .empty("unit-table-empty");
    let rows: Vec<Row> = found
        .rows
        .iter()
        .map(|unit| row(shell, lists, unit, found.day))
        .collect();
    let paging = Paging::Numbered {
        page: u32::try_from(found.page).unwrap_or(1),
        size: u32::try_from(rows_a_page).unwrap_or(50),
        total: found.total as u64,
    };
    let action = html! {
        @if let Some(root) = root {
            (button_link(ButtonKind::Main, &format!("{}/change/open", href(root)), &shell.text("unit-act-open")))
        }
    };
    html! {
        h1 { (shell.text("unit-list-title")) }
        p.lead { (shell.text("unit-list-lead")) " " a href="/admin/units/tree" { (shell.text("unit-tree-title")) } "." }
        (schema.render_with(shell, &query, &rows, &paging, &action))
    }
}

fn row(shell: &Shell, lists: &Lists, unit: &Unit, day: Date) -> Row {
    let day = nearest_day(unit, day);
    let parent = unit.parent_on(day).map(|id| lists.units.name(id, shell.lang, day));
    Row::new(vec![
        html! { (unit.name_on(day).get(shell.lang)) },
        html! { @if let Some(code) = unit.code_on(day) { (code) } },
        html! { (kind_text(shell, unit.kind)) },
        html! { (parent.unwrap_or_default()) },
        state(shell, unit, lists.today),
    ])
    .link(href(unit.id))
}

fn state(shell: &Shell, unit: &Unit, today: Date) -> Markup {
    if unit.is_in_force(today) {
        tag(Tone::Ok, &shell.text("unit-open"))
    } else if today < unit.span.from {
        tag(Tone::Info, &shell.text("unit-not-yet"))
    } else {
        tag(Tone::Plain, &shell.text("unit-closed"))
    }
}

/// The whole tree, agencies folded.
pub(super) fn tree(shell: &Shell, lists: &Lists) -> Markup {
    let root = lists.units.root(lists.today);
    html! {
        h1 { (shell.text("unit-tree-title")) }
        @match root {
            None => p { (shell.text("unit-table-empty")) },
            Some(root) => {
                p { a href=(href(root.id)) { (root.name_on(lists.today).get(shell.lang)) } }
                @for kind in [UnitKind::Desk, UnitKind::Division, UnitKind::Department, UnitKind::District, UnitKind::Commune] {
                    (group(shell, lists, root, kind))
                }
            }
        }
    }
}

fn group(shell: &Shell, lists: &Lists, root: &Unit, kind: UnitKind) -> Markup {
    let mut units = lists.units.children(root.id, lists.today);
    units.retain(|unit| unit.kind == kind);
    units.sort_by_cached_key(|unit| kernel::fold::sort_key(&unit.name_on(lists.today).vi));
    let n = i64::try_from(units.len()).unwrap_or(0);
    html! {
        @if !units.is_empty() {
            h2 { (shell.text_with(&format!("unit-group-{kind}"), &[("n", n.into())])) }
            ul.tree { @for unit in units { li { (branch(shell, lists, unit)) } } }
        }
    }
}

fn branch(shell: &Shell, lists: &Lists, unit: &Unit) -> Markup {
    let below = lists.units.children(unit.id, lists.today);
    let name = unit.name_on(lists.today).get(shell.lang);
    html! {
        @if below.is_empty() {
            a href=(href(unit.id)) { (name) }
        } @else {
            details {
                summary { (name) }
                ul {
                    li { a href=(href(unit.id)) { (shell.text("unit-page")) } }
                    @for child in below { li { (branch(shell, lists, child)) } }
                }
            }
        }
    }
}

/// One unit: what it is, what lies below it, its history, and what may be done.
pub(super) fn one(shell: &Shell, lists: &Lists, unit: &Unit, changes: &[ChangeRow], acts: &[Act]) -> Markup {
    let day = nearest_day(unit, lists.today);
    let mut below = lists.units.children(unit.id, day);
    below.sort_by_cached_key(|child| (child.kind, kernel::fold::sort_key(&child.name_on(day).vi)));
    html! {
        h1 { (unit.name_on(day).get(shell.lang)) }
        p { (state(shell, unit, lists.today)) " " (kind_text(shell, unit.kind)) }
        (facts(shell, lists, unit, day))
        @if !acts.is_empty() {
            div.row {
                @for act in acts {
                    (button_link(ButtonKind::Quiet, &format!("{}/change/{act}", href(unit.id)), &shell.text(&format!("unit-act-{act}"))))
                }
            }
        }
        @if !below.is_empty() {
            h2 { (shell.text_with("unit-below", &[("n", i64::try_from(below.len()).unwrap_or(0).into())])) }
            ul.columns { @for child in &below { li { a href=(href(child.id)) { (child.name_on(day).get(shell.lang)) } } } }
        }
        (kin(shell, lists, unit))
        h2 { (shell.text("unit-history")) }
        (names(shell, unit))
        (codes(shell, unit))
        @if !changes.is_empty() {
            h3 { (shell.text("unit-changes")) }
            (steps_list(shell.lang, &changes.iter().map(|change| step(shell, change)).collect::<Vec<_>>()))
        }
    }
}

fn facts(shell: &Shell, lists: &Lists, unit: &Unit, day: Date) -> Markup {
    let code = unit.code_on(day).map(ToString::to_string);
    let verified = unit
        .codes
        .iter()
        .any(|dated| dated.span.holds(day) && dated.value.verified);
    let code_words = html! {
        @match &code {
            Some(code) => { (code) " " @if !verified { (tag(Tone::Soon, &shell.text("unit-code-unverified"))) } },
            None => (shell.text("unit-no-code")),
        }
    };
    let mut rows = vec![
        SummaryRow::markup(shell.text("unit-code"), code_words),
        SummaryRow::new(shell.text("unit-days"), days(shell, unit.span)),
    ];
    let place = unit.place_on(day);
    if let Some(parent) = place.and_then(|place| place.parent) {
        let link = html! { a href=(href(parent)) { (lists.units.name(parent, shell.lang, day)) } };
        rows.push(SummaryRow::markup(shell.text("unit-parent"), link));
    }
    if let Some(area) = place.and_then(|place| place.area) {
        let link = html! { a href=(format!("/admin/areas/{area}")) { (lists.areas.full_name(area, shell.lang, day)) } };
        rows.push(SummaryRow::markup(shell.text("unit-area"), link));
    }
    rows.push(SummaryRow::new(
        shell.text("unit-working-hours"),
        working_hours(shell, unit),
    ));
    if !unit.sectors.is_empty() {
        rows.push(SummaryRow::new(shell.text("unit-sectors"), unit.sectors.join("; ")));
    }
    summary_list(&rows)
}

/// The hours that every province has are named in both languages; a province's own by their name.
fn working_hours(shell: &Shell, unit: &Unit) -> String {
    match unit.working_hours.as_str() {
        "office" => shell.text("unit-hours-office"),
        own => own.to_owned(),
    }
}

/// What it came from and what became of it.
fn kin(shell: &Shell, lists: &Lists, unit: &Unit) -> Markup {
    let after: Vec<(UnitId, Date)> = lists.units.successors(unit.id).collect();
    let before: Vec<(UnitId, Date)> = lists.units.predecessors(unit.id).collect();
    let rows = |kin: &[(UnitId, Date)]| {
        html! {
            ul { @for (id, on) in kin {
                li { a href=(href(*id)) { (lists.units.name(*id, shell.lang, *on)) } " (" (format::date(shell.lang, *on)) ")" }
            } }
        }
    };
    html! {
        @if !after.is_empty() { h2 { (shell.text("unit-successors")) } (rows(&after)) }
        @if !before.is_empty() { h2 { (shell.text("unit-predecessors")) } (rows(&before)) }
    }
}

fn names(shell: &Shell, unit: &Unit) -> Markup {
    let row = |dated: &Dated<kernel::Bilingual>| {
        Row::new(vec![
            html! { (dated.value.get(shell.lang)) },
            html! { (days(shell, dated.span)) },
        ])
    };
    let schema = Table::new(
        href(unit.id),
        "unit-names-caption",
        vec![Column::new("name", "unit-name"), Column::new("days", "unit-days")],
    );
    schema.render(
        shell,
        &TableQuery::default(),
        &unit.names.iter().map(row).collect::<Vec<_>>(),
        &Paging::All,
    )
}

fn codes(shell: &Shell, unit: &Unit) -> Markup {
    let row = |dated: &Dated<super::CodeEntry>| {
        let form = match dated.value.code {
            Code::New(_) => "unit-code-new",
            Code::Old(_) => "unit-code-old",
        };
        let verified = if dated.value.verified {
            "unit-code-is-verified"
        } else {
            "unit-code-unverified"
        };
        Row::new(vec![
            html! { (dated.value.code) },
            html! { (shell.text(form)) },
            html! { (days(shell, dated.span)) },
            html! { (shell.text(verified)) },
        ])
    };
    let schema = Table::new(
        href(unit.id),
        "unit-codes-caption",
        vec![
            Column::new("code", "unit-code"),
            Column::new("form", "unit-code-form"),
            Column::new("days", "unit-days"),
            Column::new("verified", "unit-state"),
        ],
    );
    html! {
        @if !unit.codes.is_empty() {
            (schema.render(shell, &TableQuery::default(), &unit.codes.iter().map(row).collect::<Vec<_>>(), &Paging::All))
        }
    }
}

fn step(shell: &Shell, change: &ChangeRow) -> Step {
    let day = format::date(shell.lang, change.on);
    Step {
        state: StepState::Done,
        title: shell.text_with(&format!("unit-did-{}", change.kind), &[("day", day.into())]),
        detail: html! { (change.reason) br; (format::date_time(shell.lang, change.at)) },
    }
}

/// A form with what it will do in words.
pub(super) fn change_form(shell: &Shell, lists: &Lists, unit: &Unit, act: Act, title: &str, form: &Markup) -> Markup {
    html! {
        h1 { (title) }
        p.lead { (unit.name_on(lists.today).get(shell.lang)) }
        p { (shell.text(&format!("unit-about-{act}"))) }
        (form)
    }
}
