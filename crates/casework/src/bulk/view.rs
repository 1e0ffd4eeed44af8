//! What doing many at once looks like: the mark in a row, the form below the list, what became of each.
//! It refuses names of applicants: a mark, a code and the words of a refusal.

use identity::AccountId;
use kernel::Fault;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Tone};

use super::{AT_ONCE, Became, Deed, Told};
use crate::dossier::Dossier;

/// The mark of a dossier beside its code; `form` names the form when the list does not lie inside it.
pub(crate) fn pick(shell: &Shell, dossier: &Dossier, checked: bool, form: Option<&str>) -> Markup {
    let words = shell.text_with("bulk-pick", &[("code", dossier.code.to_string().into())]);
    html! {
        span.pick {
            input type="checkbox" name="dossier" value={ (dossier.id) ":" (dossier.revision) } checked[checked] form=[form] aria-label=(words);
            a href={ "/desk/dossiers/" (dossier.id) } { span.num.whole { (dossier.code) } }
        }
    }
}

/// To whom, and why.
pub(crate) fn assign_fields(shell: &Shell, id: &str, officers: &[(AccountId, String)]) -> Markup {
    html! {
        div.bar {
            div {
                label for={ (id) "-officer" } { (shell.text("desk-officer")) }
                select id={ (id) "-officer" } name="officer" {
                    option value="" { (shell.text("bulk-choose")) }
                    @for (account, name) in officers { option value=(account) { (name) } }
                }
            }
            div {
                label for={ (id) "-reason" } { (shell.text("handover-reason")) }
                input type="text" id={ (id) "-reason" } name="reason" maxlength="500" autocomplete="off" aria-describedby={ (id) "-hint" };
            }
        }
        p.hint id={ (id) "-hint" } { (shell.text("bulk-reason-hint")) }
    }
}

/// What the officer can do to many at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bar {
    pub(crate) receive: bool,
    pub(crate) claim: bool,
    pub(crate) assign: bool,
    pub(crate) officers: Vec<(AccountId, String)>,
}

impl Bar {
    /// Whether there is anything to do.
    pub(crate) fn is_empty(&self) -> bool {
        !self.receive && !self.claim && !self.assign
    }
}

/// The form below the list. Marks of the list belong to it by its name.
pub(crate) fn bar(shell: &Shell, bar: &Bar, all: &str, back: &str) -> Markup {
    let press = |deed: Deed, kind: &str| {
        html! { button class=(kind) name="do" value=(deed.word()) { (shell.text(&format!("bulk-do-{deed}"))) } }
    };
    html! {
        form.card.no-print #bulk method="post" action="/desk/bulk" aria-labelledby="bulk-title" {
            (components::form_guards(shell, "bulk"))
            input type="hidden" name="back" value=(back);
            h2.first #bulk-title { (shell.text("bulk-title")) }
            p { (shell.text_with("bulk-about", &[("n", AT_ONCE.into())])) " " a href=(all) { (shell.text("bulk-all")) } }
            @if bar.receive || bar.claim { div.row {
                @if bar.receive { (press(Deed::Receive, "btn")) }
                @if bar.claim { (press(Deed::Claim, "btn")) }
            } }
            @if bar.assign {
                (assign_fields(shell, "bulk", &bar.officers))
                div.row { (press(Deed::Assign, "btn quiet")) }
            }
        }
    }
}

/// What became of each.
pub(super) fn done(shell: &Shell, deed: Deed, told: &[Told], back: &str) -> Markup {
    let count = |is: fn(&Told) -> bool| told.iter().filter(|one| is(one)).count();
    let (done, not) = (count(|one| one.result.is_ok()), count(|one| one.result.is_err()));
    html! {
        h1 { (shell.text(&format!("bulk-did-{deed}"))) }
        @if told.is_empty() { p { (shell.text("bulk-none")) } } @else {
            p.lead { (shell.text_with("bulk-sums", &[("done", done.into()), ("not", not.into())])) }
            ul.found { @for one in told { li {
                @match &one.code {
                    Some(code) => a href={ "/desk/dossiers/" (one.dossier) } { span.num.whole { (code) } },
                    None => (shell.text("bulk-unknown")),
                }
                " "
                @match &one.result {
                    Ok(Became::Done) => (components::tag(Tone::Ok, &shell.text("bulk-ok"))),
                    Ok(Became::Offered) => (components::tag(Tone::Soon, &shell.text("bulk-offered"))),
                    Err(error) => {
                        (components::tag(Tone::Late, &shell.text("bulk-not")))
                        " " (words(shell, error))
                    }
                }
            } } }
        }
        p { (components::button_link(ButtonKind::Main, back, &shell.text("bulk-back"))) }
    }
}

/// The public words of a refusal.
fn words(shell: &Shell, error: &dyn Fault) -> String {
    let mut errors = web::form::Errors::none();
    errors.add_fault("dossier", error);
    let words: Vec<String> = errors.iter().map(|error| error.words(shell.lang)).collect();
    words.join(" ")
}
