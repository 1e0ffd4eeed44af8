//! What the pages of the desk look like: choose by words, one page of answers, the receipt. Dense, in the order of a talk at a
//! counter, each part reached by a letter.
//! It reads no table; what it shows of a person was opened for this purpose and recorded.

use kernel::Timestamp;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tone};
use web::form::{Errors, Form, Values};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::form::{self, PARTS};
use super::{IntakeRow, Tie};
use crate::dossier::{Content, Dossier};
use crate::offline;
use crate::procedure::Summary;
use crate::procedure::view::{brief, words};
use crate::queue::Ticket;

/// Procedures offered beside the search box; each has a digit.
pub(super) const OFFERED: usize = 9;

/// The page on which a procedure is chosen.
pub(super) fn choose(
    shell: &Shell,
    typed: &str,
    found: &[&Summary],
    is_search: bool,
    serving: Option<&Ticket>,
) -> Markup {
    html! {
        h1 { (shell.text("intake-title")) }
        (serving_note(shell, serving))
        form.find role="search" aria-label=(shell.text("intake-choose")) method="get" action="/desk/intake" {
            label.hidden for="intake-q" { (shell.text("intake-choose")) }
            input type="search" id="intake-q" name="q" value=(typed) placeholder=(shell.text("intake-choose-example")) autocomplete="off"
                autofocus[found.is_empty() || !is_search] enterkeyhint="search" spellcheck="false" maxlength="120" accesskey="p";
            button.btn { (shell.text("intake-choose-go")) }
        }
        @if is_search && found.is_empty() { p role="status" { (shell.text("procedure-none")) } }
        @if !found.is_empty() {
            h2 { (shell.text(if is_search { "intake-found" } else { "intake-frequent" })) }
            ol.plain-list {
                @for (at, row) in found.iter().enumerate() {
                    @let key = (at < OFFERED).then(|| (at + 1).to_string());
                    li { a href={ "/desk/intake?procedure=" (row.code) } accesskey=[key] autofocus[is_search && at == 0] { (words(shell.lang, row.title())) }
                        " " span.small.muted.num { (row.code) } }
                }
            }
        }
        (keys(shell))
        (ways_on(shell))
    }
}

fn ways_on(shell: &Shell) -> Markup {
    html! {
        p { a href="/desk/intake/taken" { (shell.text("intake-taken-title")) } " · "
            a href="/desk/queue" { (shell.text("queue-title")) } " · "
            a href="/desk/offline" { (shell.text("offline-title")) } " · "
            a href="/desk" { (shell.text("desk-title")) } }
    }
}

/// Which number is being served, above the form.
fn serving_note(shell: &Shell, serving: Option<&Ticket>) -> Markup {
    html! {
        @if let Some(ticket) = serving {
            p { (components::tag(Tone::Info, &shell.text_with("intake-serving", &[("number", ticket.shown().into())]))) }
        }
    }
}

/// The keys of these pages, folded away for those who know them.
fn keys(shell: &Shell) -> Markup {
    let rows = [
        ("F2", "intake-key-look-up"),
        ("F9", "intake-key-save"),
        ("F4", "intake-key-new"),
        ("Alt + 1 … 9", "intake-key-choose"),
        ("Alt + I / N / T / D / G", "intake-key-fields"),
    ];
    components::details(
        &shell.text("intake-keys"),
        &html! {
            dl.summary { @for (key, text) in rows { div { dt { kbd { (key) } } dd { (shell.text(text)) } } } }
            p.small.muted { (shell.text("intake-keys-note")) }
        },
    )
}

/// Everything that the page of one walk-in shows.
pub(super) struct Desk<'a> {
    pub(super) title: &'a kernel::Bilingual,
    pub(super) form: &'a Form,
    pub(super) values: &'a Values,
    pub(super) errors: &'a Errors,
    /// Text key of what the look-up said.
    pub(super) found: Option<&'static str>,
    pub(super) began: Timestamp,
    pub(super) scans: uuid::Uuid,
    pub(super) serving: Option<&'a Ticket>,
    /// The agencies are few enough to be shown, and whether this desk receives for the chosen one.
    pub(super) receives: bool,
    /// Papers that everybody needs, by name.
    pub(super) required: usize,
}

/// The page of one walk-in.
pub(super) fn desk(shell: &Shell, page: &Desk<'_>) -> Markup {
    let submit = shell.text(if page.receives {
        "intake-save-receive"
    } else {
        "intake-save-forward"
    });
    html! {
        (components::back_link(shell.lang, "/desk/intake"))
        h1 class=[components::title_class(page.title.get(shell.lang))] { (words(shell.lang, page.title)) }
        (serving_note(shell, page.serving))
        (web::form::error_summary(shell.lang, page.form, page.errors))
        form #intake method="post" action="/desk/intake" novalidate enctype="multipart/form-data" {
            (components::form_guards(shell, "intake"))
            input type="hidden" name="began" value=(page.began.as_micros());
            input type="hidden" name="scans" value=(page.scans);
            @if let Some(ticket) = page.serving { input type="hidden" name="ticket" value=(ticket.id); }
            // Enter in a field presses the first button.
            button.hidden tabindex="-1" aria-hidden="true" { (submit) }
            (number_part(shell, page))
            @for title in &PARTS[1..] { (part(shell, page, title)) }
            div.row.actions {
                button.btn data-key="F9" accesskey="s" { (submit) }
                a.btn.quiet href="/desk/intake" { (shell.text("intake-cancel")) }
            }
            p.hint { (shell.text("petition-turn-hint")) " "
                button.link formaction="/desk/petitions/turn" formnovalidate { (shell.text("petition-turn")) } }
        }
        (keys(shell))
    }
}

/// The number and its look-up, first of all.
fn number_part(shell: &Shell, page: &Desk<'_>) -> Markup {
    html! {
        @if let Some(number) = form::part(page.form, PARTS[0]) {
            (number.render_fields(shell.lang, page.values, page.errors))
            input type="hidden" name="procedure" value=(page.values.text("procedure"));
            div.row.apart {
                button.btn.quiet name="_search" value="person" formnovalidate data-key="F2" data-after="intake-person-id" data-digits="12" { (shell.text("intake-look-up")) }
                @if let Some(found) = page.found { span role="status" { (shell.text(found)) } }
            }
        }
    }
}

fn part(shell: &Shell, page: &Desk<'_>, title: &str) -> Markup {
    let Some(part) = form::part(page.form, title) else {
        return html! {};
    };
    let fields = part.render_fields(shell.lang, page.values, page.errors);
    let is_bad = part.fields().any(|field| page.errors.of(&field.name).next().is_some());
    // What most walk-ins do not need is folded away, unless something in it is wrong.
    let folded = title == PARTS[5] && !is_bad;
    html! {
        @if folded { (components::details(&shell.text(title), &fields)) }
        @else {
            fieldset.section {
                legend { h2 { (shell.text(title)) } }
                @if title == PARTS[3] && page.required == 0 { p.muted { (shell.text("intake-no-required")) } }
                (fields)
            }
        }
    }
}

/// The page after a save: what was taken, what to do next, and the receipt to print.
pub(super) fn saved(
    shell: &Shell,
    dossier: &Dossier,
    row: &IntakeRow,
    receipt: &Markup,
    (serving, offline): (Option<&Ticket>, Option<&offline::ItemRow>),
) -> Markup {
    let received = dossier.received_at.is_some();
    let at = |at: Option<Timestamp>| at.map_or_else(|| "–".to_owned(), |at| format::date_time(shell.lang, at));
    let seconds = row.taken_at.since(row.began_at).as_secs().max(0);
    html! {
        div.no-print {
            p.lead { (components::tag(Tone::Ok, &shell.text(if received { "intake-received" } else { "intake-forwarded" }))) }
            p.receipt { (dossier.code) }
            @if let Some(item) = offline { (offline::view::note(shell, item)) }
            (components::facts(&[
                Fact::new(shell.text("desk-due"), at(dossier.due_at)),
                Fact::new(shell.text("draft-unit"), dossier.unit_name.clone()).more(dossier.desk_name.clone()),
                Fact::new(shell.text("intake-taken-at-desk"), row.taken_desk_name.clone())
                    .more(shell.text_with("intake-took", &[("time", seconds.into())])),
            ]))
            div.row.apart {
                button.btn.quiet type="button" hidden data-print { (shell.text("intake-print")) }
                a.btn href="/desk/intake" accesskey="m" autofocus data-key="F4" { (shell.text("intake-next")) }
                @if let Some(ticket) = serving {
                    (components::post_button(shell, ButtonKind::Quiet, "/desk/queue", &[("do", "done"), ("ticket", &ticket.id.to_string())],
                        &shell.text_with("intake-ticket-done", &[("number", ticket.shown().into())])))
                }
            }
        }
        (receipt)
    }
}

/// What the desk took on a day.
pub(super) fn taken(shell: &Shell, rows: &[Dossier], (count, elsewhere, seconds): (i64, i64, i64)) -> Markup {
    let schema = Table::new(
        "/desk/intake/taken",
        "desk-caption-register",
        vec![
            Column::new("code", "desk-code"),
            Column::new("procedure", "desk-procedure"),
            Column::new("person", "desk-person"),
            Column::new("unit", "draft-unit"),
            Column::new("at", "intake-taken-at"),
        ],
    )
    .empty("intake-taken-none");
    let row = |dossier: &Dossier| {
        Row::new(vec![
            html! { span.num.whole { (dossier.code) } },
            html! { (brief(shell.lang, &dossier.procedure_name)) },
            html! { (dossier.person_mask) },
            html! { (dossier.unit_name) },
            html! { span.num { (format::time(dossier.submitted_at)) } },
        ])
        .link(format!("/desk/intake/{}", dossier.id))
    };
    let shown: Vec<Row> = rows.iter().map(row).collect();
    let mean = if count > 0 { seconds / count } else { 0 };
    html! {
        h1 { (shell.text("intake-taken-title")) }
        (components::facts(&[
            Fact::new(shell.text("intake-taken-count"), format::number(shell.lang, count)),
            Fact::new(shell.text("intake-taken-elsewhere"), format::number(shell.lang, elsewhere)),
            Fact::new(shell.text("intake-taken-mean"), shell.text_with("intake-seconds", &[("n", mean.into())])),
        ]))
        (schema.render(shell, &TableQuery::default(), &shown, &Paging::All))
        p { a href="/desk/intake" { (shell.text("intake-title")) } }
    }
}

/// The people of a dossier besides its applicant, for pages and the receipt.
pub(crate) fn people_rows(shell: &Shell, content: &Content) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    if let Some(organisation) = &content.organisation {
        let words = format!(
            "{}\n{}\n{}",
            organisation.name, organisation.tax_code, organisation.position
        );
        rows.push(SummaryRow::new(shell.text("intake-kind-organisation"), words.trim()));
    }
    for (at, party) in content.others.iter().enumerate() {
        let label = shell.text_with("intake-other-name", &[("n", (at + 1).into())]);
        rows.push(SummaryRow::new(label, format!("{}\n{}", party.name, party.person_id)));
    }
    rows
}

/// What ties a guardian to the person, in words.
pub(crate) fn tie_words(shell: &Shell, tie: &str) -> Option<String> {
    let tie: Tie = tie.parse().ok()?;
    Some(shell.text(&format!("intake-tie-{tie}")))
}

/// The papers that were brought, each with how.
pub(crate) fn paper_lines(shell: &Shell, content: &Content) -> Vec<String> {
    let way = |is: bool, key: &str| is.then(|| shell.text(key));
    let line = |paper: &super::Paper| {
        let ways: Vec<String> = [
            way(paper.original, "intake-paper-original"),
            way(paper.copy, "intake-paper-copy"),
            way(paper.scanned, "intake-paper-scan"),
        ]
        .into_iter()
        .flatten()
        .collect();
        format!("{} ({})", paper.name, ways.join(", "))
    };
    content.papers.iter().map(line).collect()
}
