//! The receipt: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" (form 01 of TT 03/2025/TT-VPCP) as a page that prints on one
//! sheet, with a QR code that leads to the dossier's state. Before reception it says that the dossier was sent and until
//! when the desk looks at it.

use maud::{Markup, html};
use web::Shell;
use web::components::{self, SummaryRow, Tone};
use web::format;

use crate::dossier::state::State;
use crate::dossier::{Content, Dossier, Event};
use crate::draft::rules::phone_shown;
use crate::draft::view::NamedFile;
use crate::procedure::view::vietnamese;

/// What the receipt shows.
pub(crate) struct Receipt<'a> {
    pub(crate) dossier: &'a Dossier,
    pub(crate) content: &'a Content,
    pub(crate) files: &'a [NamedFile],
    pub(crate) events: &'a [Event],
    /// Papers of the procedure that are not among the files: brought by hand, or none.
    pub(crate) papers: Vec<String>,
    /// Address that the QR code holds.
    pub(crate) address: String,
    /// The secret of the code, in words.
    pub(crate) secret: String,
    /// The form was sent twice.
    pub(crate) is_again: bool,
    /// The citizen sees it, not an officer who prints it.
    pub(crate) is_own: bool,
}

/// The receipt.
pub(crate) fn receipt(shell: &Shell, receipt: &Receipt<'_>) -> Markup {
    let dossier = receipt.dossier;
    let received = dossier.received_at.is_some();
    html! {
        @if receipt.is_own {
            @if receipt.is_again {
                (components::note(Tone::Info, &shell.text("receipt-again"), &html! { p { (shell.text_with("receipt-again-words", &[("code", dossier.code.to_string().into())])) } }))
            }
            @if dossier.state == State::Submitted {
                div.note.ok.no-print {
                    h1 { (shell.text("receipt-sent")) }
                    p { (shell.text("receipt-your-code")) br; b.receipt { (dossier.code) } }
                }
                p { (shell.text_with("receipt-next", &[("at", format::long_date_time(shell.lang, dossier.check_by).into())])) }
            } @else { h1.no-print { (shell.text("receipt-title")) } }
            p.no-print { a href={ "/my/dossiers/" (dossier.id) } { (shell.text("receipt-follow")) } }
        } @else { h1.no-print { (shell.text("receipt-title")) } }
        section.card.sheet {
            div.letterhead {
                div {
                    p { b { (dossier.unit_name) } br; (dossier.desk_name) }
                    p.num { (shell.text_with("receipt-number", &[("code", dossier.code.to_string().into())])) }
                }
                (web::qr::qr(&receipt.address, &shell.text("receipt-qr")))
            }
            h2 { (shell.text(if received { "receipt-form" } else { "receipt-form-sent" })) }
            (components::summary_list(&rows(shell, receipt)))
            @if receipt.is_own {
                p.small { (shell.text_with("receipt-secret", &[("secret", receipt.secret.as_str().into())])) }
            }
            div.signs {
                div { p { b { (shell.text("receipt-sign-applicant")) } } p { (receipt.content.name) } }
                div { p { b { (shell.text("receipt-sign-officer")) } } p { (officer(receipt)) } }
            }
        }
    }
}

fn officer(receipt: &Receipt<'_>) -> String {
    let received = receipt.events.iter().find(|event| event.action == "receive");
    received.and_then(|event| event.actor_name.clone()).unwrap_or_default()
}

fn rows(shell: &Shell, receipt: &Receipt<'_>) -> Vec<SummaryRow> {
    let (dossier, content, lang) = (receipt.dossier, receipt.content, shell.lang);
    let mut rows = vec![
        SummaryRow::new(shell.text("receipt-applicant"), &content.name),
        SummaryRow::new(shell.text("draft-address"), &content.address),
        SummaryRow::new(shell.text("draft-phone"), phone_shown(&content.phone)),
    ];
    if !content.email.is_empty() {
        rows.push(SummaryRow::new(shell.text("draft-email"), &content.email));
    }
    rows.extend(crate::intake::view::people_rows(shell, content));
    rows.push(SummaryRow::markup(
        shell.text("receipt-request"),
        vietnamese(lang, &dossier.procedure_name),
    ));
    rows.push(SummaryRow::markup(shell.text("receipt-papers"), papers(shell, receipt)));
    rows.push(SummaryRow::new(shell.text("receipt-sets"), "1"));
    if let Some(limit) = dossier
        .time_limit
        .as_deref()
        .and_then(|text| text.parse::<kernel::calendar::TimeLimit>().ok())
    {
        rows.push(SummaryRow::new(shell.text("receipt-limit"), limit.text(lang)));
    }
    rows.push(SummaryRow::new(
        shell.text("receipt-sent-at"),
        format::date_time(lang, dossier.submitted_at),
    ));
    if let Some(at) = dossier.received_at {
        rows.push(SummaryRow::new(
            shell.text("receipt-received-at"),
            format::date_time(lang, at),
        ));
    }
    let due = dossier.due_at.map_or_else(
        || shell.text("receipt-due-later"),
        |at| format::long_date_time(lang, at),
    );
    rows.push(SummaryRow::new(shell.text("receipt-due"), due));
    rows.push(SummaryRow::new(
        shell.text("receipt-result-at"),
        shell.text(&format!("track-way-{}", dossier.delivery)),
    ));
    rows
}

fn papers(shell: &Shell, receipt: &Receipt<'_>) -> Markup {
    html! {
        ol {
            @for file in receipt.files { li { (file.name) " " span.small.muted.num { "(" (format::file_size(shell.lang, u64::try_from(file.row.size_bytes).unwrap_or(0))) ")" } } }
            @for line in crate::intake::view::paper_lines(shell, receipt.content) { li { (line) } }
            @for paper in &receipt.papers { li { (paper) " " span.small.muted { (shell.text("receipt-by-hand")) } } }
        }
        @if receipt.files.is_empty() && receipt.papers.is_empty() && receipt.content.papers.is_empty() { p { (shell.text("receipt-form-only")) } }
    }
}
