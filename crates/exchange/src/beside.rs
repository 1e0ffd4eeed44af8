//! What an applicant's own page shows of her dossier elsewhere: our state, the national portal's, a ministry's, each in plain words, and
//! which of them counts while they differ. Refuses codes and hours of machines: those are on the operator's page.

use casework::Casework;
use casework::dossier::DossierId;
use casework::track::Beside;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use maud::html;
use store::StoreError;
use web::components::{self, SummaryRow, Tone};
use web::{Markup, Shell, format};

use crate::link::{Link, TakenBack, store as links};
use crate::machine::Drift;

/// The section on the applicant's page.
#[derive(Debug)]
pub(crate) struct OtherSystems;

impl Beside for OtherSystems {
    fn section<'a>(
        &'a self,
        house: &'a Casework,
        shell: &'a Shell,
        dossier: DossierId,
    ) -> BoxFuture<'a, Result<Markup, StoreError>> {
        async move {
            let link = house.store().read(move |tx| links::find(tx, dossier)).await?;
            Ok(link.map_or_else(|| html! {}, |link| section(shell, &link)))
        }
        .boxed()
    }
}

fn word(shell: &Shell, state: Option<u8>) -> String {
    match state {
        Some(code @ 1..=10) => shell.text(&format!("exchange-own-state-{code}")),
        Some(_) | None => shell.text("exchange-own-state-unknown"),
    }
}

fn section(shell: &Shell, link: &Link) -> Markup {
    let at = |at: kernel::Timestamp| format::date_time(shell.lang, at);
    let mut rows = vec![SummaryRow::markup(
        shell.text("exchange-own-here"),
        html! { (word(shell, Some(link.track.ours))) br; span.small.muted.num { (at(link.our_at)) } },
    )];
    rows.push(SummaryRow::markup(
        shell.text("exchange-own-national"),
        html! { @match (link.track.seen, link.track.told) {
            (Some(seen), _) => {
                (word(shell, seen.state)) br;
                span.small.muted.num { (shell.text_with("exchange-own-seen", &[("at", at(seen.at).into())])) }
            },
            (None, Some(told)) => { (shell.text_with("exchange-own-told", &[("state", word(shell, Some(told)).into())])) },
            (None, None) => { (shell.text("exchange-own-nothing")) },
        } },
    ));
    if let Some(ministry) = &link.ministry {
        rows.push(SummaryRow::markup(
            shell.text("exchange-own-ministry"),
            html! {
                (word(shell, Some(ministry.state))) br;
                span.small.muted.num { (ministry.agency) " · " (at(ministry.at)) }
            },
        ));
    }
    if link.is_from_portal {
        rows.push(SummaryRow::new(shell.text("exchange-code-there"), &link.national_code));
    }
    html! {
        h2 { (shell.text("exchange-own-title")) }
        p { (shell.text(standing(link))) }
        @if let Some(why) = link.taken_back_answer.filter(|answer| *answer != TakenBack::Done) {
            (components::note(Tone::Soon, &shell.text("exchange-own-not-withdrawn"), &html! {
                p { (shell.text(&format!("exchange-taken-back-{why}"))) }
            }))
        }
        (components::summary_list(&rows))
    }
}

/// Which of the states counts, in a sentence.
fn standing(link: &Link) -> &'static str {
    if link.taken_back_at.is_some() {
        return "exchange-own-taken-back";
    }
    match link.track.drift {
        None if link.track.seen.is_some() => "exchange-own-in-step",
        None | Some(Drift::Behind) => "exchange-own-behind",
        Some(Drift::Ahead) => "exchange-own-taken-back",
        Some(Drift::Missing | Drift::Differs | Drift::Unknown | Drift::Refused | Drift::Unheard) => {
            "exchange-own-differs"
        }
    }
}
