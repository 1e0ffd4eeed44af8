//! What the pages of the queue look like: a kiosk with three large buttons, a wall of numbers, one button for the officer.
//! It shows numbers and counters, never a person.

use identity::UnitId;
use kernel::{Bilingual, Timestamp};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, Tone};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::http::call_words;
use super::rules::{self, Figures};
use super::{Deed, Lane, Ticket, TicketState};

/// The style sheet and script of these pages: other pages do not load them.
fn assets() -> Markup {
    html! {
        link rel="stylesheet" href=(web::assets::url("queue.css"));
        script src=(web::assets::url("queue.js")) defer {}
    }
}

/// The kiosk: what did you come for?
pub(super) fn kiosk(shell: &Shell, desk: &Bilingual, action: &str) -> Markup {
    html! {
        (assets())
        div.kiosk {
            p.lead { (desk.get(shell.lang)) }
            h1 { (shell.text("queue-kiosk-title")) }
            form method="post" action=(action) {
                (components::form_guards(shell, "take"))
                label.tick for="first" {
                    input type="checkbox" id="first" name="first" value="yes";
                    span { (shell.text("queue-first")) }
                }
                @for (at, lane) in Lane::ALL.iter().enumerate() {
                    button.btn.quiet[at > 0] name="lane" value=(lane) { (shell.text(&format!("queue-lane-{lane}"))) }
                }
            }
        }
    }
}

/// The paper with the number.
pub(super) fn paper(shell: &Shell, desk: &Bilingual, ticket: &Ticket, before: i64, back: &str) -> Markup {
    html! {
        (assets())
        div.kiosk.sheet data-auto-print {
            p { (desk.get(shell.lang)) }
            h1 { span.hidden { (shell.text("queue-your-number")) " " } span.called { (ticket.shown()) } }
            p { (shell.text(&format!("queue-lane-{}", ticket.lane))) }
            p.num { (format::date_time(shell.lang, ticket.taken_at)) }
            p { (shell.text_with("queue-before", &[("n", before.into())])) }
            p.no-print { a.btn href=(back) { (shell.text("queue-back-to-kiosk")) } }
        }
    }
}

/// The wall: the numbers that are called now, the latest first and largest.
pub(super) fn display(shell: &Shell, desk: &Bilingual, called: &[Ticket], waiting: usize) -> Markup {
    let latest = called.first();
    let mark = latest.map(|ticket| format!("{}.{}", ticket.id, ticket.calls));
    html! {
        (assets())
        h1 { (desk.get(shell.lang)) }
        div #board data-mark=[mark] data-say=[latest.map(call_words)] {
            @if called.is_empty() { p.lead { (shell.text("queue-nobody-called")) } }
            ul.wall {
                @for (at, ticket) in called.iter().enumerate() {
                    li.now[at == 0] {
                        b.called { (ticket.shown()) }
                        span { (shell.text_with("queue-at-counter", &[("counter", ticket.counter.as_str().into())])) }
                    }
                }
            }
            p.num { (shell.text_with("queue-waiting", &[("n", waiting.into())])) }
        }
        p.no-print { button.btn.quiet type="button" hidden data-voice { (shell.text("queue-voice")) } }
    }
}

/// Everything that the officer's page shows.
pub(super) struct Own<'a> {
    pub(super) desk: UnitId,
    pub(super) desk_name: &'a str,
    pub(super) tickets: &'a [Ticket],
    pub(super) serving: Option<&'a Ticket>,
    pub(super) counter: String,
    pub(super) figures: Figures,
    pub(super) kiosk: String,
    pub(super) nobody: bool,
    pub(super) now: Timestamp,
}

/// The officer's page.
pub(super) fn own(shell: &Shell, page: &Own<'_>) -> Markup {
    html! {
        h1 { (shell.text("queue-title")) }
        p.lead { (page.desk_name) }
        @if page.nobody { (components::note(Tone::Info, "", &html! { p { (shell.text("queue-nobody-waits")) } })) }
        (serving(shell, page))
        (components::facts(&figures(shell, &page.figures)))
        (list(shell, page))
        (chart(shell, page))
        p {
            a href={ "/queue/" (page.desk) "/display" } { (shell.text("queue-open-display")) } " · "
            a href=(page.kiosk) { (shell.text("queue-open-kiosk")) } " · "
            a href="/desk/intake" { (shell.text("intake-title")) }
        }
    }
}

fn serving(shell: &Shell, page: &Own<'_>) -> Markup {
    let id = page.serving.map(|ticket| ticket.id.to_string()).unwrap_or_default();
    html! {
        div.card {
            h2.first { (shell.text("queue-now")) }
            @match page.serving {
                Some(ticket) => {
                    p.receipt { (ticket.shown()) }
                    p { (shell.text(&format!("queue-lane-{}", ticket.lane))) " · " (shell.text_with("queue-calls", &[("n", ticket.calls.into())])) }
                },
                None => p.muted { (shell.text("queue-serving-nobody")) },
            }
            form.bar method="post" action="/desk/queue" {
                (components::form_guards(shell, &format!("queue-{id}-{}", page.figures.waiting)))
                input type="hidden" name="ticket" value=(id);
                div {
                    label for="counter" { (shell.text("queue-counter")) }
                    input.w4 id="counter" name="counter" value=(page.counter) maxlength="20" autocomplete="off";
                }
                div.row {
                    button.btn name="do" value=(Deed::Next) accesskey="k" autofocus data-key="F8" { (shell.text("queue-do-next")) }
                    @if page.serving.is_some() {
                        button.btn.quiet name="do" value=(Deed::Again) accesskey="l" { (shell.text("queue-do-again")) }
                        button.btn.quiet name="do" value=(Deed::Absent) accesskey="v" { (shell.text("queue-do-absent")) }
                        button.btn.quiet name="do" value=(Deed::Done) accesskey="x" { (shell.text("queue-do-done")) }
                    }
                }
            }
        }
    }
}

fn figures(shell: &Shell, figures: &Figures) -> Vec<Fact> {
    let time = |seconds: Option<i64>| {
        seconds.map_or_else(
            || shell.text("procedure-no-data"),
            |seconds| shell.text_with("queue-minutes", &[("n", ((seconds + 30) / 60).into())]),
        )
    };
    vec![
        Fact::new(
            shell.text("queue-figure-waiting"),
            format::number(shell.lang, figures.waiting),
        ),
        Fact::new(
            shell.text("queue-figure-served"),
            format::number(shell.lang, figures.served),
        )
        .more(shell.text_with(
            "queue-figure-taken",
            &[("taken", figures.taken.into()), ("absent", figures.absent.into())],
        )),
        Fact::new(shell.text("queue-figure-wait"), time(figures.wait_mean_s))
            .more(shell.text_with("queue-figure-longest", &[("time", time(figures.wait_max_s).into())])),
        Fact::new(shell.text("queue-figure-service"), time(figures.service_mean_s)),
    ]
}

fn list(shell: &Shell, page: &Own<'_>) -> Markup {
    let schema = Table::new(
        "/desk/queue",
        "queue-caption",
        vec![
            Column::new("number", "queue-number"),
            Column::new("lane", "queue-lane"),
            Column::new("state", "desk-state"),
            Column::new("wait", "queue-wait"),
            Column::new("more", "queue-more"),
        ],
    )
    .empty("queue-none");
    let open = page.tickets.iter().filter(|ticket| ticket.state != TicketState::Done);
    let rows: Vec<Row> = open.map(|ticket| row(shell, page, ticket)).collect();
    html! { (schema.render(shell, &TableQuery::default(), &rows, &Paging::All)) }
}

fn row(shell: &Shell, page: &Own<'_>, ticket: &Ticket) -> Row {
    let minutes = ticket
        .called_at
        .unwrap_or(page.now)
        .since(ticket.taken_at)
        .as_mins()
        .max(0);
    let tone = match ticket.state {
        TicketState::Waiting => Tone::Info,
        TicketState::Called => Tone::Ok,
        TicketState::Absent => Tone::Soon,
        TicketState::Done => Tone::Plain,
    };
    let paper = format!(
        "/queue/{}/tickets/{}{}",
        page.desk,
        ticket.id,
        page.kiosk
            .split_once('?')
            .map(|(_, key)| format!("?{key}"))
            .unwrap_or_default()
    );
    Row::new(vec![
        html! { b.num { (ticket.shown()) } },
        html! { (shell.text(&format!("queue-lane-{}", ticket.lane))) },
        html! { (components::tag(tone, &shell.text(&format!("queue-state-{}", ticket.state)))) },
        html! { span.num { (shell.text_with("queue-minutes", &[("n", minutes.into())])) } },
        html! {
            @if ticket.state == TicketState::Absent {
                (components::post_button(shell, ButtonKind::Quiet, "/desk/queue",
                    &[("do", Deed::Back.word()), ("ticket", &ticket.id.to_string()), ("counter", &page.counter)],
                    &shell.text_with("queue-do-back", &[("number", ticket.shown().into())])))
            } @else { a href=(paper) { (shell.text_with("queue-print", &[("number", ticket.shown().into())])) } }
        },
    ])
}

fn chart(shell: &Shell, page: &Own<'_>) -> Markup {
    let bars: Vec<(String, u64, String, Option<String>)> = rules::by_hour(page.tickets)
        .into_iter()
        .map(|(hour, count)| (format!("{hour}h"), count, count.to_string(), None))
        .collect();
    html! { @if !bars.is_empty() { (components::bar_chart(shell.lang, &shell.text("queue-by-hour"), &bars)) } }
}
