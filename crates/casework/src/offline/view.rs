//! What the page of the desk that works with the line down looks like: everything that its script shows lies in it, hidden and
//! in words, so that the script owns no text. The list of devices is an ordinary page.
//! Without scripts the page says that it needs them, and leads to the intake that does not.

use kernel::Timestamp;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Tone};
use web::form::{Errors, Form};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::{Device, ItemRow, ItemState, rules};
use crate::intake::form::{self, PARTS, beginning};
use crate::intake::walk::AtDesk;

/// What the script says, by the end of its key.
const WORDS: [&str; 39] = [
    "line-up",
    "line-down",
    "line-signed-out",
    "line-revoked",
    "line-elsewhere",
    "clock-right",
    "clock-slow",
    "clock-fast",
    "clock-back",
    "clock-unknown",
    "codes-left",
    "codes-none",
    "storage-refused",
    "storage-full",
    "storage-unsure",
    "insecure",
    "pin-short",
    "pin-differs",
    "pin-wrong",
    "pin-blocked",
    "saved",
    "state-waiting",
    "state-refused",
    "state-sent",
    "sending",
    "sent",
    "sent-drift",
    "sent-contact",
    "none-found",
    "missing",
    "number-wrong",
    "paper-missing",
    "too-big",
    "scan-again",
    "limit-none",
    "register-online",
    "register-waits",
    "passkey-wrong",
    "passkey-failed",
];

/// The page. Its address is kept by the browser with everything in it.
pub(super) fn page(shell: &Shell, at: &AtDesk, agency: &str, form: Option<&Form>) -> Markup {
    html! {
        link rel="stylesheet" href=(web::assets::url("offline.css"));
        script src=(web::assets::url("offline-seal.js")) defer {}
        script src=(web::assets::url("offline-passkey.js")) defer {}
        script src=(web::assets::url("offline.js")) defer {}
        div.no-print {
            h1 { (shell.text("offline-title")) }
            p.lead { (shell.text_with("offline-lead", &[("desk", at.desk_name.clone().into())])) }
            noscript {
                (components::note(Tone::Soon, &shell.text("offline-no-script-title"), &html! {
                    p { (shell.text("offline-no-script")) }
                    p { a.btn.quiet href="/desk/intake" { (shell.text("offline-to-intake")) } }
                }))
            }
            div.note.late #offline-refused role="alert" hidden {
                p { b { (shell.text("offline-refused-title")) } }
                p data-said {}
                p { a.btn.quiet href="/desk/intake" { (shell.text("offline-to-intake")) } }
            }
        }
        div #offline-app hidden {
            div.no-print {
                (status(shell))
                (register(shell))
                (locked(shell))
                (choose(shell))
                @if let Some(form) = form { (walk(shell, at, form)) }
            }
            (receipt(shell, at, agency))
            div.no-print { (lists(shell)) }
        }
        div.no-print {
            p { a href="/desk/offline/devices" { (shell.text("offline-devices-title")) } " · " a href="/desk/intake" { (shell.text("offline-to-intake")) } }
        }
        @for key in WORDS { template data-words=(key) { (shell.text(&format!("offline-{key}"))) } }
    }
}

/// Line, clock, codes: three facts that are always in sight.
fn status(shell: &Shell) -> Markup {
    html! {
        div.offline-status {
            p #offline-line role="status" {}
            p #offline-clock {}
            p #offline-codes {}
            div.row {
                button.btn.quiet type="button" #offline-send hidden { (shell.text("offline-send")) }
                button.btn.quiet type="button" #offline-lock hidden { (shell.text("offline-lock")) }
                a.btn.quiet #offline-sign-in href="/sign-in?next=/desk/offline" hidden { (shell.text("offline-sign-in")) }
            }
        }
        p #offline-said role="status" tabindex="-1" {}
    }
}

fn pin_field(shell: &Shell, id: &str, label: &str, auto: &str, hint: Option<&str>) -> Markup {
    let described = hint.map(|_| format!("{id}-hint"));
    html! {
        div.field {
            label for=(id) { (shell.text(label)) }
            @if let Some(hint) = hint { p.hint id=[described.as_deref()] { (shell.text(hint)) } }
            input.w20 id=(id) type="password" autocomplete=(auto) spellcheck="false" autocapitalize="none" maxlength="64"
                aria-describedby=[described.as_deref()];
        }
    }
}

/// Asks whether a passkey of the machine is to open the page too; shown where the machine has any.
fn passkey_tick(shell: &Shell, id: &str, name: &str) -> Markup {
    html! {
        div.tick id=(id) hidden {
            input type="checkbox" id=(name);
            label for=(name) { (shell.text("offline-passkey-new")) }
        }
    }
}

fn register(shell: &Shell) -> Markup {
    html! {
        section #offline-register hidden {
            h2 { (shell.text("offline-register-title")) }
            p { (shell.text("offline-register-words")) }
            form novalidate {
                div.field {
                    label for="offline-label" { (shell.text("offline-label")) }
                    input.w20 id="offline-label" type="text" autocomplete="off" maxlength="60" value=(shell.text("offline-label-example"));
                }
                (pin_field(shell, "offline-pin-new", "offline-pin-new", "new-password", Some("offline-pin-hint")))
                (pin_field(shell, "offline-pin-again", "offline-pin-again", "new-password", None))
                (passkey_tick(shell, "offline-passkey-first", "offline-passkey-new"))
                p.why role="alert" data-wrong hidden {}
                div.row {
                    button.btn { (shell.text("offline-register")) }
                    button.btn.quiet type="button" #offline-add-cancel hidden { (shell.text("intake-cancel")) }
                }
            }
        }
    }
}

fn locked(shell: &Shell) -> Markup {
    html! {
        section #offline-locked hidden {
            h2 { (shell.text("offline-locked-title")) }
            p data-alone { (shell.text("offline-locked-words")) " " b data-officer {} }
            form novalidate {
                div.field #offline-seat-field hidden {
                    label for="offline-seat" { (shell.text("offline-officer")) }
                    select.w20 id="offline-seat" autocomplete="off" {}
                }
                (pin_field(shell, "offline-pin", "offline-pin", "off", None))
                (passkey_tick(shell, "offline-passkey-later", "offline-passkey-add"))
                p.why role="alert" data-wrong hidden {}
                div.row {
                    button.btn { (shell.text("offline-unlock")) }
                    button.btn.quiet type="button" #offline-passkey hidden { (shell.text("offline-unlock-passkey")) }
                }
            }
            p { button.btn.quiet type="button" #offline-add hidden { (shell.text("offline-add")) } }
        }
    }
}

fn choose(shell: &Shell) -> Markup {
    html! {
        section #offline-choose hidden {
            h2 { (shell.text("offline-choose")) }
            div.field {
                label for="offline-q" { (shell.text("offline-search")) }
                input id="offline-q" type="search" autocomplete="off" spellcheck="false" maxlength="120" placeholder=(shell.text("intake-choose-example"));
            }
            ul.plain-list #offline-found {}
            p.muted #offline-found-said role="status" {}
        }
    }
}

/// The form of the desk; papers and the procedure's own questions are put in by the script.
fn walk(shell: &Shell, at: &AtDesk, form: &Form) -> Markup {
    let values = beginning(at.agency).with("days", "");
    let fields = |title: &str| {
        let part = form::part(form, title);
        part.map(|part| part.render_fields(shell.lang, &values, &Errors::none()))
            .unwrap_or_default()
    };
    html! {
        section #offline-walk hidden {
            h2 #offline-procedure tabindex="-1" {}
            form #intake novalidate autocomplete="off" {
                div.summary-errors #offline-wrong role="alert" tabindex="-1" hidden { h2 { (shell.text("offline-wrong")) } ul {} }
                div.note.soon #offline-mending hidden { p { (shell.text("offline-mending")) } ul data-reasons {} }
                (fields(PARTS[0]))
                fieldset.section { legend { h2 { (shell.text(PARTS[1])) } } (fields(PARTS[1])) }
                fieldset.section { legend { h2 { (shell.text(PARTS[2])) } } (fields(PARTS[2])) }
                fieldset.section {
                    legend { h2 { (shell.text(PARTS[3])) } }
                    div #offline-asks {}
                    div.field {
                        p.muted #offline-no-required hidden { (shell.text("intake-no-required")) }
                        div.tick #offline-all {
                            input type="checkbox" id="intake-all-papers" name="all-papers" value="yes";
                            label for="intake-all-papers" { (shell.text("intake-all-papers")) }
                        }
                    }
                    div #offline-papers {}
                    div #offline-carried hidden { p { (shell.text("offline-carried")) } ul {} }
                }
                fieldset.section { legend { h2 { (shell.text(PARTS[4])) } } (fields(PARTS[4])) }
                details.more #offline-own hidden { summary { (shell.text(PARTS[5])) } div {} }
                div.row.actions {
                    button.btn data-key="F9" { (shell.text("offline-save")) }
                    button.btn.quiet type="button" #offline-cancel { (shell.text("intake-cancel")) }
                }
            }
            template #offline-paper {
                div.field.offline-one {
                    fieldset {
                        legend { span data-name {} }
                        div.options.beside {
                            div.tick { input type="checkbox" value="original" data-way; label { (shell.text("intake-paper-original")) } }
                            div.tick { input type="checkbox" value="copy" data-way; label { (shell.text("intake-paper-copy")) } }
                        }
                        p.hint data-case {}
                    }
                    label data-scan-label { (shell.text("offline-scan")) span.hidden data-scan-name {} }
                    input type="file" multiple accept=".pdf,.jpg,.jpeg,.png" data-scan;
                }
            }
        }
    }
}

fn lists(shell: &Shell) -> Markup {
    html! {
        section #offline-items hidden {
            h2 { (shell.text("offline-items-title")) }
            p.muted { (shell.text("offline-items-words")) }
            ul.plain-list {}
        }
        section #offline-sent hidden {
            h2 { (shell.text("offline-sent-title")) }
            ul.plain-list {}
        }
        details.more #offline-work hidden {
            summary { (shell.text("offline-work-title")) }
            div { p.muted data-made {} ul.plain-list {} }
        }
        template #offline-item {
            li.offline-item {
                p { b.num data-code {} " " span data-state {} }
                p.small.muted data-about {}
                ul data-reasons {}
                div.row {
                    button.btn.quiet.small type="button" data-open { (shell.text("offline-open")) }
                    button.btn.quiet.small type="button" data-print-again { (shell.text("offline-print-again")) }
                    button.btn.quiet.small type="button" data-aside { (shell.text("offline-aside")) }
                }
                form data-aside-form hidden novalidate {
                    label data-aside-label { (shell.text("offline-aside-reason")) }
                    input type="text" maxlength="500" autocomplete="off";
                    button.btn.small { (shell.text("offline-aside-go")) }
                }
            }
        }
    }
}

/// The paper receipt: what the law's form says as far as it is known without the line.
fn receipt(shell: &Shell, at: &AtDesk, agency: &str) -> Markup {
    let row = |key: &str, name: &str| {
        html! { div { dt { (shell.text(key)) } dd data-paper=(name) {} } }
    };
    html! {
        section.offline-paper #offline-receipt tabindex="-1" hidden {
            p.small { (agency) br; b { (at.desk_name) } }
            h2 { (shell.text("offline-receipt-title")) }
            p.receipt data-paper="code" {}
            dl.summary {
                (row("offline-receipt-time", "time"))
                (row("offline-receipt-procedure", "procedure"))
                (row("offline-receipt-name", "name"))
                (row("offline-receipt-papers", "papers"))
                (row("offline-receipt-limit", "limit"))
                (row("offline-receipt-officer", "officer"))
            }
            p.small { (shell.text("offline-receipt-note")) }
            div.row.no-print {
                button.btn type="button" #offline-print { (shell.text("intake-print")) }
                button.btn.quiet type="button" #offline-next data-key="F4" { (shell.text("intake-next")) }
            }
        }
    }
}

/// The devices of a desk and what came in from them.
pub(super) fn devices(shell: &Shell, desk: &str, devices: &[Device], items: &[ItemRow]) -> Markup {
    html! {
        (components::back_link(shell.lang, "/desk/offline"))
        h1 { (shell.text("offline-devices-title")) }
        p.lead { (desk) }
        p { (shell.text("offline-devices-words")) }
        (device_table(shell, devices))
        h2 { (shell.text("offline-came-title")) }
        (item_table(shell, items))
    }
}

fn at(shell: &Shell, at: Timestamp) -> String {
    format::date_time(shell.lang, at)
}

fn device_table(shell: &Shell, devices: &[Device]) -> Markup {
    let columns = vec![
        Column::new("label", "offline-label"),
        Column::new("officer", "offline-officer"),
        Column::new("since", "offline-since"),
        Column::new("seen", "offline-seen"),
        Column::new("clock", "offline-clock"),
        Column::new("state", "offline-state"),
    ];
    let schema = Table::new("/desk/offline/devices", "offline-devices-title", columns).empty("offline-devices-none");
    let row = |device: &Device| {
        Row::new(vec![
            html! { (device.label) },
            html! { (device.officer_name) },
            html! { span.num { (at(shell, device.registered_at)) } },
            html! { span.num { (at(shell, device.seen_at)) } },
            html! { (clock_words(shell, device.clock_ms)) },
            state(shell, device),
        ])
    };
    let rows: Vec<Row> = devices.iter().map(row).collect();
    schema.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

fn state(shell: &Shell, device: &Device) -> Markup {
    html! {
        @match &device.revoked {
            Some((since, by)) => (components::tag(Tone::Late, &shell.text_with("offline-revoked",
                &[("at", at(shell, *since).into()), ("by", by.clone().into())]))),
            None => (components::post_button(shell, ButtonKind::Quiet, &format!("/desk/offline/devices/{}/revoke", device.id), &[],
                &shell.text("offline-revoke"))),
        }
    }
}

fn item_table(shell: &Shell, items: &[ItemRow]) -> Markup {
    let columns = vec![
        Column::new("code", "desk-code"),
        Column::new("printed", "offline-printed"),
        Column::new("received", "offline-received"),
        Column::new("clock", "offline-clock"),
        Column::new("sent", "offline-sent-at"),
        Column::new("by", "offline-sent-by"),
    ];
    let schema = Table::new("/desk/offline/devices", "offline-came-title", columns).empty("offline-came-none");
    let row = |item: &ItemRow| {
        Row::new(vec![
            match item.dossier {
                Some(dossier) => html! { a.num href={ "/desk/intake/" (dossier) } { (item.code) } },
                None => html! { span.num { (item.code) } },
            },
            html! { span.num { (at(shell, item.printed_at)) } },
            received(shell, item),
            html! { (clock_words(shell, item.clock_ms)) },
            html! { span.num { (at(shell, item.sent_at)) } },
            html! { (item.sent_by_name) },
        ])
    };
    let rows: Vec<Row> = items.iter().map(row).collect();
    schema.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

fn received(shell: &Shell, item: &ItemRow) -> Markup {
    html! {
        @match (item.state, item.received_at) {
            (ItemState::SetAside, _) | (_, None) => (components::tag(Tone::Plain, &shell.text("offline-was-set-aside"))),
            (ItemState::Taken, Some(received)) => {
                span.num { (at(shell, received)) }
                @if let Some(ground) = item.ground { " " span.small.muted { (shell.text(&format!("offline-ground-{ground}"))) } }
            },
        }
    }
}

/// By how much a clock was wrong, in words.
fn clock_words(shell: &Shell, milliseconds: i64) -> String {
    if !rules::is_told(milliseconds) {
        return shell.text("offline-clock-fits");
    }
    let minutes = i64::try_from(milliseconds.unsigned_abs() / 60_000).unwrap_or(i64::MAX);
    let key = if milliseconds > 0 {
        "offline-clock-was-slow"
    } else {
        "offline-clock-was-fast"
    };
    shell.text_with(
        key,
        &[
            ("days", (minutes / 1_440).into()),
            ("hours", (minutes / 60 % 24).into()),
            ("minutes", (minutes % 60).into()),
        ],
    )
}

/// How a dossier came in that was taken with the line down; stands beside its receipt.
pub(crate) fn note(shell: &Shell, item: &ItemRow) -> Markup {
    let ground = item
        .ground
        .map(|ground| shell.text(&format!("offline-ground-{ground}")));
    html! {
        (components::note(Tone::Info, &shell.text("offline-note-title"), &html! {
            p { (shell.text_with("offline-note", &[
                ("printed", at(shell, item.printed_at).into()), ("sent", at(shell, item.sent_at).into()),
                ("by", item.sent_by_name.clone().into()), ("clock", clock_words(shell, item.clock_ms).into()),
            ])) }
            @if let Some(received) = item.received_at {
                p { (shell.text_with("offline-note-received", &[("at", at(shell, received).into())])) " " (ground.unwrap_or_default()) }
            }
        }))
    }
}
