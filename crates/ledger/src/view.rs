//! What the log looks like to people: plain words first, what can be computed again folded away. It reads no table.
//! Refuses to call recorded what is not, and to hide that something was changed.

use kernel::Timestamp;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, Fact, SummaryRow, Tone};
use web::format;

use crate::house::{Ledger, Proven, Shown, Standing};

fn number(shell: &Shell, value: u64) -> String {
    format::number(shell.lang, i64::try_from(value).unwrap_or(i64::MAX))
}

fn moment(shell: &Shell, seconds: i64) -> String {
    format::date_time(shell.lang, Timestamp::from_seconds(seconds))
}

/// The section of a page about a fact: whether it is in the log, and how anybody can hold that against the log. `canonical` is
/// what is stored of the fact now, in the form that was recorded.
#[must_use]
pub fn section(shell: &Shell, shown: Option<&Shown>, canonical: &str) -> Markup {
    html! {
        section {
            h2 { (shell.text("ledger-section")) }
            @match shown {
                None => p { (shell.text("ledger-never")) },
                Some(shown) if !shown.fact.is_of(canonical.as_bytes()) => (changed(shell, shown)),
                Some(shown) => (recorded(shell, shown, canonical)),
            }
        }
    }
}

/// The section when the log cannot be read: the paper is verified without it.
#[must_use]
pub fn unreadable(shell: &Shell) -> Markup {
    html! {
        section {
            h2 { (shell.text("ledger-section")) }
            (components::note(Tone::Soon, &shell.text("ledger-unreadable"), &html! { p { (shell.text("ledger-unreadable-words")) } }))
        }
    }
}

/// What is stored is not what was recorded.
fn changed(shell: &Shell, shown: &Shown) -> Markup {
    components::note(
        Tone::Late,
        &shell.text("ledger-changed"),
        &html! {
            p { (shell.text("ledger-changed-words")) }
            p { (shell.text("ledger-commitment")) ": " code { (shown.fact.commitment) } }
        },
    )
}

fn recorded(shell: &Shell, shown: &Shown, canonical: &str) -> Markup {
    let Some(proven) = &shown.proven else {
        return components::note(
            Tone::Info,
            &shell.text("ledger-pending"),
            &html! { p { (shell.text("ledger-pending-words")) } },
        );
    };
    let at = shown.fact.logged_at.unwrap_or(shown.fact.added_at);
    let words = shell.text_with(
        "ledger-recorded",
        &[
            ("entry", number(shell, proven.proof.index + 1).into()),
            ("all", number(shell, proven.size).into()),
            ("at", format::date_time(shell.lang, at).into()),
        ],
    );
    html! {
        (components::note(Tone::Ok, &words, &html! {
            p { (shell.text("ledger-recorded-words")) }
            @for (name, time) in &proven.cosigned {
                p { (shell.text_with("ledger-cosigned", &[("name", name.as_str().into()), ("at", moment(shell, *time).into())])) }
            }
        }))
        (components::details(&shell.text("ledger-check-yourself"), &proof(shell, shown, proven, canonical)))
    }
}

fn proof(shell: &Shell, shown: &Shown, proven: &Proven, canonical: &str) -> Markup {
    let index = proven.proof.index;
    html! {
        ol {
            li { (shell.text("ledger-step-text")) pre.code tabindex="0" { (canonical) } }
            li { (shell.text("ledger-step-salt")) " " code { (hex::encode(shown.fact.salt)) } }
            li { (shell.text("ledger-step-hash")) " " code { (shown.fact.commitment) } }
            li {
                (shell.text("ledger-step-proof"))
                pre.code tabindex="0" { (proven.proof) }
                p { a href={ "/log/proofs/" (index) } download { (shell.text("ledger-step-download")) } }
            }
        }
        p { (shell.text("ledger-step-key")) " " a href="/log" { (shell.text("ledger-title")) } }
    }
}

/// The page of the log.
#[must_use]
pub fn standing(shell: &Shell, ledger: &Ledger, standing: &Standing) -> Markup {
    let lang = shell.lang;
    let size = standing.head.as_ref().map_or(0, |head| head.size);
    let (pending, since) = standing.pending;
    let mut waiting = Fact::new(shell.text("ledger-waiting"), number(shell, pending));
    if let Some(since) = since {
        waiting =
            waiting.more(shell.text_with("ledger-waiting-since", &[("at", format::date_time(lang, since).into())]));
    }
    let last = standing.head.as_ref().map_or_else(
        || shell.text("ledger-none-yet"),
        |head| format::date_time(lang, head.at),
    );
    html! {
        h1 { (shell.text("ledger-title")) }
        p { (shell.text("ledger-words")) }
        (components::facts(&[
            Fact::new(shell.text("ledger-entries"), number(shell, size)),
            waiting,
            Fact::new(shell.text("ledger-last"), last),
        ]))
        h2 { (shell.text("ledger-check-title")) }
        p { (shell.text("ledger-check-words")) }
        pre.code tabindex="0" { "tinhso verify-log " (shell.brand.origin.as_deref().unwrap_or_default()) "/log --key '" (ledger.key()) "'" }
        (components::summary_list(&keys(shell, ledger)))
        h2 { (shell.text("ledger-witnesses")) }
        (witnesses(shell, standing))
        p { (shell.text("ledger-machine")) " " a href="/log/checkpoint" { code { "/log/checkpoint" } } ", " code { "/log/tile/…" } }
    }
}

fn keys(shell: &Shell, ledger: &Ledger) -> Vec<SummaryRow> {
    let row = |label: &str, key: String| SummaryRow::markup(shell.text(label), html! { code.kept { (key) } });
    let mut rows = vec![
        row("ledger-origin", ledger.key().name().to_owned()),
        row("ledger-key", ledger.key().to_string()),
    ];
    if let Some(key) = ledger.witness_key() {
        rows.push(row("ledger-witness-key", key.to_string()));
    }
    rows
}

fn witnesses(shell: &Shell, standing: &Standing) -> Markup {
    html! {
        p { (shell.text("ledger-witnesses-words")) }
        @if standing.witnesses.is_empty() {
            p { (shell.text("ledger-no-witnesses")) }
        } @else {
            ul { @for (name, size, at, said) in &standing.witnesses { li {
                strong { (name) } ": "
                @match at {
                    Some(at) => (shell.text_with("ledger-witness-saw", &[
                        ("size", number(shell, *size).into()), ("at", format::date_time(shell.lang, *at).into())])),
                    None => (shell.text("ledger-witness-never")),
                }
                @if let Some(said) = said { " " (components::tag(Tone::Late, &shell.text(&format!("ledger-said-{said}")))) }
            } } }
        }
    }
}
