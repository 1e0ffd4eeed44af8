//! What the pages of versions look like: a list by day, what changes beside what was, what it touches, and the button of
//! whoever did not bring it. They read no table and decide nothing.

use kernel::{Date, Lang, ProcedureCode};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Tone};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::{Running, Standing, Version, What, changes, days};
use crate::procedure::view::{self as procedures, About, Filing, brief};
use crate::procedure::{ChannelKind, Component, ComponentSource, Procedure, Summary};
use crate::track::view::state_tag;

fn standing_tag(shell: &Shell, version: &Version, today: Date) -> Markup {
    let day = format::date(shell.lang, version.holds_from);
    match version.standing {
        Standing::Waiting => components::tag(Tone::Soon, &shell.text("version-waiting")),
        Standing::SetAside => components::tag(Tone::Plain, &shell.text("version-set-aside-tag")),
        Standing::Approved if version.holds_from > today => {
            components::tag(Tone::Info, &shell.text_with("version-comes", &[("day", day.into())]))
        }
        Standing::Approved => components::tag(Tone::Ok, &shell.text_with("process-from", &[("day", day.into())])),
    }
}

/// The days of an approved version in words.
fn days_words(shell: &Shell, all: &[Version], of: &Version) -> String {
    let day = |day: Date| format::date(shell.lang, day);
    match days(all, of) {
        (from, None) => shell.text_with("version-days-open", &[("from", day(from).into())]),
        // Another one took its place before its first day was over.
        (from, Some(until)) if until < from => shell.text("version-never"),
        (from, Some(until)) => shell.text_with(
            "version-days",
            &[("from", day(from).into()), ("until", day(until).into())],
        ),
    }
}

fn number(shell: &Shell, version: i64) -> String {
    shell.text_with("process-version", &[("n", version.into())])
}

/// Versions that wait and come, a search for the others, and the form that brings a list.
pub(crate) fn list(
    shell: &Shell,
    q: &str,
    found: &[&Summary],
    coming: &[(Version, i64, i64)],
    name: &str,
    form: &Markup,
) -> Markup {
    let schema = Table::new(
        "/admin/procedures",
        "version-coming",
        vec![
            Column::new("code", "desk-procedure"),
            Column::new("version", "version-one"),
            Column::new("from", "version-valid-from"),
            Column::new("by", "version-made-by-who"),
            Column::new("drafts", "version-drafts").numeric(),
            Column::new("dossiers", "version-dossiers").numeric(),
        ],
    )
    .empty("version-none-coming");
    let row = |(version, drafts, dossiers): &(Version, i64, i64)| {
        let own = version.made_by == name && version.standing == Standing::Waiting;
        Row::new(vec![
            html! { span.num.whole { (version.code) } },
            html! { (number(shell, version.version)) " "
            @if version.standing == Standing::Waiting { (components::tag(Tone::Soon, &shell.text("version-waiting"))) }
            @else { (components::tag(Tone::Info, &shell.text("version-approved"))) } },
            html! { span.num { (format::date(shell.lang, version.holds_from)) } },
            html! { (version.made_by) @if own { " " span.small.muted { (shell.text("version-own")) } } },
            html! { (format::number(shell.lang, *drafts)) },
            html! { (format::number(shell.lang, *dossiers)) },
        ])
        .link(format!("/admin/procedures/{}/{}", version.code, version.version))
    };
    let rows: Vec<Row> = coming.iter().map(row).collect();
    html! {
        h1 { (shell.text("version-title")) }
        p { (shell.text("version-about")) }
        (schema.render(shell, &TableQuery::default(), &rows, &Paging::All))
        h2 { (shell.text("process-search")) }
        form.find role="search" aria-label=(shell.text("process-search")) method="get" action="/admin/procedures" {
            label.hidden for="version-q" { (shell.text("process-search")) }
            input type="search" id="version-q" name="q" value=(q) placeholder=(shell.text("process-search-example")) maxlength="200" autocomplete="off";
            button.btn { (shell.text("desk-search")) }
        }
        @if found.is_empty() && !q.trim().is_empty() { p.muted { (shell.text("process-none")) } }
        ul.found { @for row in found { li {
            a href={ "/admin/procedures/" (row.code) } { (brief(shell.lang, row.name.get(shell.lang))) }
            " " span.small.muted.num { (row.code) } " " (number(shell, row.version))
        } } }
        h2 { (shell.text("version-bring-title")) }
        p { (shell.text("version-bring-about")) }
        (form)
    }
}

/// All versions of one procedure, for whoever looks after them.
pub(crate) fn one(shell: &Shell, procedure: &Procedure, all: &[Version]) -> Markup {
    let code = &procedure.code;
    html! {
        (components::back_link(shell.lang, "/admin/procedures"))
        h1 class=[components::title_class(procedure.title().get(shell.lang))] { (brief(shell.lang, procedure.title().get(shell.lang))) }
        p.num.muted { (code) }
        ul.found { @for version in all { li {
            a href={ "/admin/procedures/" (code) "/" (version.version) } { (number(shell, version.version)) } " "
            @match version.standing {
                Standing::Approved => (days_words(shell, all, version)),
                Standing::Waiting => (components::tag(Tone::Soon, &shell.text("version-waiting"))),
                Standing::SetAside => (components::tag(Tone::Plain, &shell.text("version-set-aside-tag"))),
            }
            br; span.small.muted { (hands(shell, version)) }
        } } }
        p { a href={ "/admin/processes/" (code) } { (shell.text("process-title")) } " · "
            a href={ "/procedures/" (code) } { (shell.text("version-public")) } }
    }
}

/// Who brought a version and who decided it.
fn hands(shell: &Shell, version: &Version) -> String {
    let at = |at| format::date_time(shell.lang, at);
    let made = shell.text_with(
        "version-made-by",
        &[
            ("who", version.made_by.as_str().into()),
            ("at", at(version.made_at).into()),
        ],
    );
    match &version.decided {
        Some((who, when)) => {
            let decided = shell.text_with(
                "version-decided-by",
                &[("who", who.as_str().into()), ("at", at(*when).into())],
            );
            format!("{made} · {decided}")
        }
        None => made,
    }
}

/// Everything that the page of one version shows.
pub(crate) struct Shown<'a> {
    pub(crate) all: &'a [Version],
    pub(crate) row: &'a Version,
    pub(crate) procedure: &'a Procedure,
    pub(crate) before: Option<(&'a Version, &'a Procedure)>,
    pub(crate) drafts: i64,
    pub(crate) count: i64,
    pub(crate) running: &'a [Running],
    pub(crate) may_approve: bool,
    pub(crate) today: Date,
}

/// One version: what changes, whom it touches, and what may be done with it.
pub(crate) fn version(shell: &Shell, page: &Shown<'_>) -> Markup {
    let (row, code) = (page.row, &page.row.code);
    let at = format!("/admin/procedures/{code}/{}", row.version);
    let waits = row.standing == Standing::Waiting;
    html! {
        (components::back_link(shell.lang, &format!("/admin/procedures/{code}")))
        h1 { (number(shell, row.version)) }
        p { (brief(shell.lang, page.procedure.title().get(shell.lang))) " " (standing_tag(shell, row, page.today)) }
        p.small.muted { (hands(shell, row)) }
        @if row.standing == Standing::Approved { p { (days_words(shell, page.all, row)) } }
        h2 { (shell.text("version-changes")) }
        @match page.before {
            Some((before, old)) => {
                p.small.muted { (shell.text_with("version-against", &[("n", before.version.into())])) }
                (changed(shell, old, page.procedure))
            },
            None => p { (shell.text("version-first")) },
        }
        h2 { (shell.text("version-touches")) }
        p { (shell.text_with("version-touches-drafts", &[("n", page.drafts.into())])) }
        p { (shell.text_with("version-touches-dossiers", &[("n", page.count.into())])) }
        (running(shell, page))
        @if waits { (decision(shell, page, &at)) }
    }
}

fn decision(shell: &Shell, page: &Shown<'_>, at: &str) -> Markup {
    let from = page.row.holds_from.max(page.today);
    html! {
        h2 { (shell.text("version-decide")) }
        @if page.may_approve {
            form.bar method="post" action={ (at) "/approve" } {
                (components::form_guards(shell, "version-approve"))
                div { label for="valid_from" { (shell.text("version-valid-from")) } input #valid_from type="date" name="valid_from" value=(from) min=(page.today) required; }
                div.row { button.btn { (shell.text("process-approve")) } }
            }
        } @else { p.muted { (shell.text("version-approve-other")) } }
        (components::post_button(shell, ButtonKind::Quiet, &format!("{at}/set-aside"), &[], &shell.text("version-set-aside")))
    }
}

fn running(shell: &Shell, page: &Shown<'_>) -> Markup {
    let row = |one: &Running| {
        Row::new(vec![
            html! { span.num.whole { (one.code) } },
            html! { (one.unit_name) },
            state_tag(shell, one.state),
            html! { (number(shell, one.version)) },
            html! { @if let Some(due) = one.due_at { span.num { (format::date_time(shell.lang, due)) } } @else { "–" } },
        ])
    };
    let rows: Vec<Row> = page.running.iter().map(row).collect();
    let schema = Table::new(
        "",
        "version-dossiers",
        vec![
            Column::new("code", "desk-code"),
            Column::new("unit", "draft-unit"),
            Column::new("state", "desk-state"),
            Column::new("version", "version-one"),
            Column::new("due", "desk-due"),
        ],
    )
    .empty("process-running-none");
    schema.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

/// What changes from one text to another, each with how it was and how it is. Drafts tell it as well.
pub(crate) fn changed(shell: &Shell, old: &Procedure, new: &Procedure) -> Markup {
    let all = changes(old, new);
    html! {
        @if all.is_empty() { p.muted { (shell.text("version-no-change")) } } @else {
            div.scroll { table.stack {
                thead { tr { th scope="col" { (shell.text("version-what")) } th scope="col" { (shell.text("version-was")) } th scope="col" { (shell.text("version-is")) } } }
                tbody { @for what in all {
                    @let (was, is) = words(shell, what, old, new);
                    tr {
                        th scope="row" { (shell.text(&format!("version-what-{what}"))) }
                        td data-l=(shell.text("version-was")) { (lines(&was)) }
                        td data-l=(shell.text("version-is")) { (lines(&is)) }
                    }
                } }
            } }
        }
    }
}

fn lines(all: &[String]) -> Markup {
    html! { @if all.is_empty() { "–" } @for line in all { div { (line) } } }
}

/// How something was and is; of lists what went and what came.
fn words(shell: &Shell, what: What, old: &Procedure, new: &Procedure) -> (Vec<String>, Vec<String>) {
    let lang = shell.lang;
    let both = |of: &dyn Fn(&Procedure) -> Vec<String>| {
        let (was, is) = (of(old), of(new));
        let gone = was.iter().filter(|line| !is.contains(line)).cloned().collect();
        let came = is.iter().filter(|line| !was.contains(line)).cloned().collect();
        (gone, came)
    };
    match what {
        What::Name => (vec![old.name.get(lang).to_owned()], vec![new.name.get(lang).to_owned()]),
        What::Fee => both(&|one| {
            let ways = one.channels.iter();
            ways.map(|way| {
                format!(
                    "{}: {}",
                    channel(shell, way.kind),
                    procedures::fee_words(shell, Some(way))
                )
            })
            .collect()
        }),
        What::Time => both(&|one| {
            let time = |way: &crate::procedure::Channel| match way.time {
                Some(time) => time.text(lang),
                None if way.time_text.is_empty() => shell.text("procedure-no-data"),
                None => way.time_text.clone(),
            };
            let ways = one.channels.iter();
            ways.map(|way| format!("{}: {}", channel(shell, way.kind), time(way)))
                .collect()
        }),
        What::Papers => both(&|one| papers(shell, lang, &one.components)),
        What::Form => (Vec::new(), vec![shell.text("version-form-changed")]),
        What::Service => both(&|one| {
            let ways = one.channels.iter().map(|way| channel(shell, way.kind));
            let tiers = one.tiers.iter().map(|&tier| procedures::tier(shell, tier));
            let online = if one.is_online() {
                "version-online"
            } else {
                "version-not-online"
            };
            tiers.chain(ways).chain(std::iter::once(shell.text(online))).collect()
        }),
        What::Basis => both(&|one| one.legal_basis.iter().map(|ground| ground.number.clone()).collect()),
    }
}

fn channel(shell: &Shell, kind: ChannelKind) -> String {
    procedures::channel_name(shell, kind)
}

fn papers(shell: &Shell, lang: Lang, components: &[Component]) -> Vec<String> {
    let asked = components
        .iter()
        .filter(|paper| paper.source == ComponentSource::Upload);
    let one = |paper: &Component| {
        let key = if paper.required {
            "draft-paper-required"
        } else {
            "draft-paper-optional"
        };
        let sheets = paper.originals + paper.copies;
        format!("{} ({}; {sheets})", paper.name.get(lang), shell.text(key))
    };
    asked.map(one).collect()
}

/// The versions of a procedure on its public page: those that held, hold, and are approved to hold.
pub(crate) fn section(shell: &Shell, code: &ProcedureCode, all: &[Version], today: Date) -> Markup {
    let shown: Vec<&Version> = all.iter().filter(|one| one.standing == Standing::Approved).collect();
    let next = shown
        .iter()
        .filter(|one| one.holds_from > today)
        .min_by_key(|one| one.holds_from);
    html! {
        @if let Some(next) = next {
            (components::note(Tone::Soon, &shell.text("version-next"), &html! { p {
                a href={ "/procedures/" (code) "/versions/" (next.version) } { (shell.text_with("version-next-words", &[("day", format::date(shell.lang, next.holds_from).into())])) }
            } }))
        }
        @if shown.len() > 1 {
            (components::details(&shell.text("process-versions"), &html! { ul { @for one in &shown { li {
                a href={ "/procedures/" (code) "/versions/" (one.version) } { (number(shell, one.version)) } ": " (days_words(shell, all, one))
            } } } }))
        }
    }
}

/// The public page of one version.
pub(crate) fn public(shell: &Shell, procedure: &Procedure, row: &Version, all: &[Version], today: Date) -> Markup {
    let about = About {
        procedure,
        version: row.version,
        due: None,
        filing: Filing::None,
        qr: html! {},
        versions: html! {},
    };
    let (from, until) = days(all, row);
    let holds = from <= today && until.is_none_or(|until| until >= today);
    html! {
        (components::note(if holds { Tone::Ok } else { Tone::Soon }, &number(shell, row.version), &html! {
            p { (days_words(shell, all, row)) }
            p { a href={ "/procedures/" (procedure.code) } { (shell.text("version-now")) } }
        }))
        (procedures::page(shell, &about))
    }
}
