//! What the pages of areas show.
//! They show an area as it was on a day, and say which day.

use super::http::{Found, ListQuery, read_day};
use super::{Area, AreaBook, AreaCode, AreaId, AreaKind, AreaLevel, LEVELS, Resolved, Span, Why, api, level_word};
use jiff::civil::Date;
use maud::{Markup, html};
use web::components::{Crumb, SummaryRow, Tone, note, summary_list, tag};
use web::table::{Column, Filter, Paging, Row, Table, TableQuery, encode};
use web::{Shell, format};

/// The way here.
pub(super) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    crate::account::list::http::crumbs(shell, &[("/admin/areas", "area-list-title")])
}

/// Search, resolver, table.
pub(super) fn list(shell: &Shell, book: &AreaBook, query: &ListQuery, found: &Found<'_>, rows_a_page: usize) -> Markup {
    html! {
        h1 { (shell.text("area-list-title")) }
        p.lead { (shell.text("area-list-lead")) }
        section aria-labelledby="resolve" {
            h2 #resolve { (shell.text("area-resolve-title")) }
            (resolver(shell, query))
            (outcome(shell, book, query))
        }
        section aria-labelledby="areas" {
            h2 #areas { (shell.text("area-table-title")) }
            (table(shell, book, query.on(), found, rows_a_page))
        }
    }
}

fn resolver(shell: &Shell, query: &ListQuery) -> Markup {
    html! {
        form.bar method="get" action="/admin/areas" {
            div {
                label for="code" { (shell.text("area-code")) }
                p.hint #code-hint { (shell.text("area-code-hint")) }
                input #code name="code" value=(query.code) inputmode="numeric" maxlength="5" autocomplete="off" aria-describedby="code-hint";
            }
            div {
                label for="date" { (shell.text("area-date")) }
                p.hint #date-hint { (shell.text("area-date-hint")) }
                input #date name="date" value=(query.date) maxlength="10" autocomplete="off" aria-describedby="date-hint";
            }
            div.row { button.btn { (shell.text("area-resolve")) } }
        }
    }
}

fn outcome(shell: &Shell, book: &AreaBook, query: &ListQuery) -> Markup {
    if query.code.trim().is_empty() && query.date.trim().is_empty() {
        return html! {};
    }
    let Ok(code) = query.code.parse::<AreaCode>() else {
        return note(
            Tone::Late,
            &shell.text("area-code-invalid"),
            &html! { p { (shell.text("area-code-hint")) } },
        );
    };
    let Ok(on) = read_day(&query.date) else {
        return note(
            Tone::Late,
            &shell.text("area-date-missing"),
            &html! { p { (shell.text("area-date-why")) } },
        );
    };
    let resolved = book.resolve(&code, on);
    let then = resolved.then().and_then(|id| book.get(id));
    html! {
        div aria-live="polite" {
            (note(tone(&resolved), &verdict(shell, &resolved), &html! {
                @if let Some(area) = then {
                    p { (shell.text_with("area-then", &[("code", code.as_str().into()), ("day", format::date(shell.lang, on).into())])) " " (link(shell, book, area, on)) }
                }
                (details(shell, book, &resolved, on))
            }))
        }
    }
}

fn tone(resolved: &Resolved) -> Tone {
    match resolved {
        Resolved::One { .. } => Tone::Ok,
        Resolved::Several { .. } => Tone::Soon,
        Resolved::Unknown(_) => Tone::Late,
    }
}

fn verdict(shell: &Shell, resolved: &Resolved) -> String {
    match resolved {
        Resolved::One { then, now, .. } if then == now => shell.text("area-one-same"),
        Resolved::One { .. } => shell.text("area-one"),
        Resolved::Several { now, .. } => {
            let n = i64::try_from(now.len()).unwrap_or(i64::MAX);
            shell.text_with("area-several", &[("n", n.into())])
        }
        Resolved::Unknown(_) => shell.text("area-unknown"),
    }
}

fn details(shell: &Shell, book: &AreaBook, resolved: &Resolved, on: Date) -> Markup {
    let (seen, complete) = match resolved {
        Resolved::One { seen, .. } => (*seen, true),
        Resolved::Several { seen, complete, .. } => (*seen, *complete),
        Resolved::Unknown(why) => return unknown(shell, book, resolved, why, on),
    };
    html! {
        ul { @for id in resolved.now() { @if let Some(area) = book.get(*id) { li { (current_link(shell, book, area)) } } } }
        @if !complete { p { (shell.text("area-incomplete")) } }
        @if !seen { p.hint { (shell.text("area-not-seen")) } }
    }
}

fn unknown(shell: &Shell, book: &AreaBook, resolved: &Resolved, why: &Why, on: Date) -> Markup {
    html! {
        p { (shell.text(&format!("area-why-{}", why.as_str()))) }
        @match why {
            Why::NotInForce { other_days } => ul {
                @for (id, span) in other_days { @if let Some(area) = book.get(*id) {
                    li { (link(shell, book, area, span.to.unwrap_or(span.from))) " (" (days(shell, *span)) ")" }
                } }
            },
            Why::Ambiguous { then } => ul {
                @for id in then { @if let Some(area) = book.get(*id) { li { (link(shell, book, area, on)) } } }
            },
            Why::BeforeCodes | Why::NeverListed | Why::NoSuccessor { .. } => {},
        }
        @if let Some(area) = api::hint(book, resolved) {
            p { (shell.text("area-hint")) " " (link(shell, book, area, super::OLD_ORDER_LAST_DAY)) }
        }
    }
}

fn table(shell: &Shell, book: &AreaBook, on: &str, found: &Found<'_>, rows_a_page: usize) -> Markup {
    // The first parameter of a name counts: the select and the links to other pages show what is shown.
    let query = TableQuery::parse(&format!("on={}&{}", encode(on), shell.query));
    let levels = LEVELS.map(|level| (level_word(level).to_owned(), level_text(shell, level)));
    let schema = Table::new(
        "/admin/areas",
        "area-table-caption",
        vec![
            Column::new("name", "area-name"),
            Column::new("code", "area-code"),
            Column::new("within", "area-within"),
            Column::new("days", "area-days"),
        ],
    )
    .filter(Filter::search("q", "area-search", "18073, thanh sen"))
    .filter(Filter::choice("level", "area-level", levels.to_vec()))
    .filter(Filter::choice("within", "area-province", provinces(shell, book)))
    .filter(Filter::choice(
        "on",
        "area-when",
        vec![
            ("today".to_owned(), shell.text("area-when-today")),
            ("30/06/2025".to_owned(), shell.text("area-when-before")),
            ("any".to_owned(), shell.text("area-when-any")),
        ],
    ))
    .empty("area-table-empty");
    let rows: Vec<Row> = found
        .rows
        .iter()
        .map(|area| row(shell, book, area, found.day))
        .collect();
    let paging = Paging::Numbered {
        page: u32::try_from(found.page).unwrap_or(1),
        size: u32::try_from(rows_a_page).unwrap_or(50),
        total: found.total as u64,
    };
    schema.render(shell, &query, &rows, &paging)
}

fn row(shell: &Shell, book: &AreaBook, area: &Area, day: Date) -> Row {
    let state = area.state_on(day).unwrap_or_else(|| area.last());
    let day = if area.span().holds(day) {
        day
    } else {
        area.span().to.unwrap_or(area.span().from)
    };
    let above = book.above_on(area.id, day);
    let within: Vec<&str> = above.iter().map(|area| area.name_on(day).get(shell.lang)).collect();
    Row::new(vec![
        html! { (state.name.get(shell.lang)) },
        html! { (state.code) },
        html! { (within.join(", ")) },
        html! { @if area.is_current() { (tag(Tone::Ok, &shell.text("area-current"))) } @else { (days(shell, area.span())) } },
    ])
    .link(href(area.id))
}

fn provinces(shell: &Shell, book: &AreaBook) -> Vec<(String, String)> {
    let mut provinces: Vec<&Area> = book
        .all()
        .filter(|area| area.level == AreaLevel::Province && area.is_current())
        .collect();
    let bare =
        |area: &Area| AreaKind::split(&area.last().name.vi).map_or_else(String::new, |(_, bare)| bare.to_owned());
    provinces.sort_by_cached_key(|area| kernel::fold::sort_key(&bare(area)));
    provinces
        .iter()
        .map(|area| {
            (
                area.last().code.to_string(),
                area.last().name.get(shell.lang).to_owned(),
            )
        })
        .collect()
}

/// One area: what it is, its states, where it came from, what became of it, what lies below it.
pub(super) fn one(shell: &Shell, book: &AreaBook, area: &Area) -> Markup {
    let last_day = area.span().to.unwrap_or(area.last().seen.from);
    let (today, complete) = book.today(area.id);
    let below = book.children_on(area.id, last_day);
    html! {
        h1 { (area.last().name.get(shell.lang)) }
        (facts(shell, book, area, last_day))
        h2 { (shell.text("area-states")) }
        (states(shell, book, area))
        @if !area.is_current() {
            h2 { (shell.text("area-today")) }
            @if today.is_empty() { p { (shell.text("area-why-no-successor")) } }
            ul { @for id in &today { @if let Some(area) = book.get(*id) { li { (current_link(shell, book, area)) } } } }
            @if !complete && !today.is_empty() { p { (shell.text("area-incomplete")) } }
        }
        @let before = book.predecessors(area.id);
        @if !before.is_empty() {
            h2 { (shell.text("area-predecessors")) }
            ul { @for succession in before { @if let Some(old) = book.get(succession.old) {
                li { (link(shell, book, old, old.span().to.unwrap_or(succession.on))) }
            } } }
        }
        @if !below.is_empty() {
            h2 { (shell.text_with("area-below", &[("n", i64::try_from(below.len()).unwrap_or(0).into())])) }
            ul.columns { @for child in below { li { a href=(href(child.id)) { (child.name_on(last_day).get(shell.lang)) } } } }
        }
    }
}

fn facts(shell: &Shell, book: &AreaBook, area: &Area, day: Date) -> Markup {
    let mut rows = vec![
        SummaryRow::new(shell.text("area-code"), area.last().code.as_str()),
        SummaryRow::new(shell.text("area-level"), level_text(shell, area.level)),
        SummaryRow::new(shell.text("area-days"), days(shell, area.span())),
    ];
    if let Some(above) = book.above_on(area.id, day).first() {
        let link = html! { a href=(href(above.id)) { (book.full_name(above.id, shell.lang, day)) } };
        rows.push(SummaryRow::markup(shell.text("area-within"), link));
    }
    summary_list(&rows)
}

fn states(shell: &Shell, book: &AreaBook, area: &Area) -> Markup {
    let schema = Table::new(
        href(area.id),
        "area-states-caption",
        vec![
            Column::new("name", "area-name"),
            Column::new("code", "area-code"),
            Column::new("within", "area-within"),
            Column::new("possible", "area-possible"),
            Column::new("seen", "area-seen"),
        ],
    );
    let rows: Vec<Row> = area
        .states
        .iter()
        .map(|state| {
            let within = state
                .parent
                .and_then(|id| book.get(id))
                .map(|above| above.name_on(state.seen.from));
            Row::new(vec![
                html! { (state.name.get(shell.lang)) },
                html! { (state.code) },
                html! { (within.map_or("", |name| name.get(shell.lang))) },
                html! { (days(shell, state.possible)) },
                html! { (days(shell, state.seen)) },
            ])
        })
        .collect();
    schema.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

fn href(id: AreaId) -> String {
    format!("/admin/areas/{}", encode(&id.to_string()))
}

fn link(shell: &Shell, book: &AreaBook, area: &Area, day: Date) -> Markup {
    let day = if area.span().holds(day) {
        day
    } else {
        area.span().to.unwrap_or(area.span().from)
    };
    html! { a href=(href(area.id)) { (book.full_name(area.id, shell.lang, day)) } }
}

fn current_link(shell: &Shell, book: &AreaBook, area: &Area) -> Markup {
    let state = area.last();
    let day = state.seen.to.unwrap_or(state.seen.from);
    html! { a href=(href(area.id)) { (book.full_name(area.id, shell.lang, day)) } " (" (state.code) ")" }
}

fn level_text(shell: &Shell, level: AreaLevel) -> String {
    shell.text(&format!("area-level-{}", level_word(level)))
}

/// "từ 01/07/2025", "từ 08/07/2004 đến 30/06/2025".
pub(crate) fn days(shell: &Shell, span: Span) -> String {
    let day = |day: Date| format::date(shell.lang, day);
    match span.to {
        None => shell.text_with("area-since", &[("from", day(span.from).into())]),
        Some(to) => shell.text_with(
            "area-from-to",
            &[("from", day(span.from).into()), ("to", day(to).into())],
        ),
    }
}
