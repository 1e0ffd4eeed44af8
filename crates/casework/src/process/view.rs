//! What pages of processes look like: the course of a process as a drawing of boxes and arrows, made of a list so that it
//! reads aloud in order and stands on a phone. They read no table and decide nothing.

use std::collections::HashMap;

use kernel::{Date, ProcedureCode};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Tone};
use web::format;

use super::moving::Planned;
use super::{GENERIC, Position, Process, Version, agencies};
use crate::definitions::Defined;
use crate::effect;
use crate::procedure::view::brief;
use crate::procedure::{Procedure, Summary};

/// The course of a process; `here` marks where a dossier stands.
pub(crate) fn course(shell: &Shell, process: &Process, here: Option<&Position>) -> Markup {
    let lang = shell.lang;
    let at = here.and_then(|here| process.position(&here.step));
    html! {
        ol.course { @for (index, (step, label)) in process.steps().enumerate() {
            @let state = at.map(|at| index.cmp(&at));
            li class=[state.map(|state| match state { std::cmp::Ordering::Less => "past", std::cmp::Ordering::Equal => "here", std::cmp::Ordering::Greater => "ahead" })]
                aria-current=[(at == Some(index)).then_some("step")] {
                b { (label.get(lang)) }
                span.small.muted {
                    (shell.text(&format!("dossier-capacity-{}", step.by.role)))
                    @if let Some(unit) = &step.by.unit { " · " (agencies::label(unit).get(lang)) }
                    " · " (step.quota.text(lang))
                }
                @if at == Some(index) { @if let Some(due) = here.and_then(|here| here.due_at) {
                    span.small { (shell.text_with("process-step-due", &[("at", format::date_time(lang, due).into())])) }
                } }
                @let brought: Vec<String> = effect::rules::due(step).map(|(_, one)| effect::view::words(shell, one)).collect();
                @if !step.consult.is_empty() || step.hand_over.is_some() || !brought.is_empty() { ul {
                    @for one in &step.consult { li.small { (shell.text_with("process-asks", &[("whom", agencies::label(&one.agency).get(lang).to_owned().into())])) " (" (one.quota.text(lang)) ")" } }
                    @for one in &brought { li.small { (one) } }
                    @if let Some(one) = &step.hand_over { li.small { (shell.text_with("process-hands-over", &[("whom", agencies::label(&one.unit).get(lang).to_owned().into())])) } }
                } }
            }
        } }
    }
}

/// The procedures that have a process of their own, or those that a search found.
pub(crate) fn list(shell: &Shell, q: &str, found: &[&Summary], written: &HashMap<ProcedureCode, i64>) -> Markup {
    html! {
        h1 { (shell.text("process-title")) }
        p { (shell.text("process-about")) }
        form.find role="search" aria-label=(shell.text("process-search")) method="get" action="/admin/processes" {
            label.hidden for="process-q" { (shell.text("process-search")) }
            input type="search" id="process-q" name="q" value=(q) placeholder=(shell.text("process-search-example")) maxlength="200" autocomplete="off";
            button.btn { (shell.text("desk-search")) }
        }
        @if found.is_empty() { p.muted { (shell.text("process-none")) } }
        ul.found { @for row in found { li {
            a href={ "/admin/processes/" (row.code) } { (brief(shell.lang, row.name.get(shell.lang))) }
            " " span.small.muted.num { (row.code) }
            " " @match written.get(&row.code) {
                Some(version) => (components::tag(Tone::Ok, &shell.text_with("process-version", &[("n", (*version).into())]))),
                None => (components::tag(Tone::Plain, &shell.text("process-generic"))),
            }
        } } }
    }
}

fn version_name(shell: &Shell, version: i64) -> String {
    if version == GENERIC {
        shell.text("process-generic")
    } else {
        shell.text_with("process-version", &[("n", version.into())])
    }
}

/// The versions of one procedure.
pub(crate) fn one(
    shell: &Shell,
    procedure: &Procedure,
    current: &Process,
    versions: &[Version],
    counts: &[(i64, i64)],
) -> Markup {
    let code = &procedure.code;
    let has_draft = versions.iter().any(|version| version.approval.is_none());
    html! {
        h1 class=[components::title_class(procedure.title().get(shell.lang))] { (brief(shell.lang, procedure.title().get(shell.lang))) }
        p.num.muted { (code) }
        h2 { (shell.text("process-in-force")) ": " (version_name(shell, current.version())) }
        (course(shell, current, None))
        (components::post_button(shell, ButtonKind::Main, &format!("/admin/processes/{code}"), &[], &shell.text(if has_draft { "process-go-on" } else { "process-begin" })))
        @if !versions.is_empty() {
            h2 { (shell.text("process-versions")) }
            ul.found { @for version in versions { li {
                a href={ "/admin/processes/" (code) "/" (version.version) } { (version_name(shell, version.version)) }
                " " (status(shell, version))
                @if !version.note.is_empty() { br; (version.note) }
            } } }
        }
        h2 { (shell.text("process-running")) }
        @if counts.is_empty() { p.muted { (shell.text("process-running-none")) } }
        ul { @for (version, count) in counts { li {
            (version_name(shell, *version)) ": " b.num { (format::number(shell.lang, *count)) }
            @if *version != current.version() && current.version() != GENERIC {
                " · " a href={ "/admin/processes/" (code) "/" (current.version()) "/move" } { (shell.text("process-move")) }
            }
        } } }
    }
}

fn status(shell: &Shell, version: &Version) -> Markup {
    html! { @match &version.approval {
        Some(approval) => {
            (components::tag(Tone::Ok, &shell.text_with("process-from", &[("day", format::date(shell.lang, approval.valid_from).into())])))
            span.small.muted { " " (shell.text_with("process-approved-by", &[("who", approval.by.clone().into())])) }
        },
        None => (components::tag(Tone::Soon, &shell.text("process-being-written"))),
    } }
}

/// One version: its drawing, who wrote it, and what may be done with it.
pub(crate) fn version(
    shell: &Shell,
    procedure: &Procedure,
    row: &Version,
    process: &Process,
    may_approve: bool,
    today: Date,
) -> Markup {
    let at = format!("/admin/processes/{}/{}", procedure.code, row.version);
    html! {
        (components::back_link(shell.lang, &format!("/admin/processes/{}", procedure.code)))
        h1 { (version_name(shell, row.version)) }
        p { (brief(shell.lang, procedure.title().get(shell.lang))) " " (status(shell, row)) }
        p.small.muted { (shell.text_with("process-made-by", &[("who", row.made_by.clone().into()), ("at", format::date_time(shell.lang, row.made_at).into())])) }
        @if !row.note.is_empty() { p { (row.note) } }
        (course(shell, process, None))
        @if row.approval.is_none() {
            p { (components::button_link(ButtonKind::Quiet, &format!("{at}/edit"), &shell.text("process-edit"))) }
            @if may_approve {
                form.bar method="post" action={ (at) "/approve" } {
                    (components::form_guards(shell, "process-approve"))
                    div { label for="valid_from" { (shell.text("process-valid-from")) } input #valid_from type="date" name="valid_from" value=(today) min=(today) required; }
                    div.row { button.btn { (shell.text("process-approve")) } }
                }
            } @else { p.muted { (shell.text("process-approve-other")) } }
        } @else {
            p { (components::button_link(ButtonKind::Quiet, &format!("{at}/move"), &shell.text("process-move"))) }
        }
    }
}

/// The form of a version that is being written.
pub(crate) fn edit(
    shell: &Shell,
    procedure: &Procedure,
    row: &Version,
    form: &Markup,
    help: Option<&Markup>,
) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/admin/processes/{}/{}", procedure.code, row.version)))
        h1 { (shell.text("process-edit")) ": " (version_name(shell, row.version)) }
        p { (brief(shell.lang, procedure.title().get(shell.lang))) }
        p.muted { (shell.text("process-edit-about")) }
        @if let Some(help) = help { (help) }
        (form)
    }
}

/// What formulas of effects may name, and which fields the registers have.
pub(crate) fn effect_help(shell: &Shell, defined: &Defined) -> Markup {
    let lang = shell.lang;
    let label = |kind: &str, field: &str| {
        let found = defined.system.texts.get(&format!("record.{kind}.field.{field}"));
        found.map_or(field, |label| label.get(lang)).to_owned()
    };
    let form = defined.procedure.form.iter();
    components::details(
        &shell.text("process-help"),
        &html! {
            p { (shell.text("process-help-about")) }
            @for kind in &defined.system.records {
                h3 { (effect::view::register_label(&kind.name).get(lang)) " " code { (kind.name) } }
                ul { @for field in kind.fields.iter().filter(|field| !field.retired) { li {
                    code { (field.name) } " " (label(&kind.name, &field.name))
                    @if kind.key.contains(&field.name) { " · " (shell.text("process-help-key")) }
                    @if field.required { " · " (shell.text("process-help-required")) }
                    @let fitting = definition::effect::fitting(field, &defined.procedure.form);
                    @if !fitting.is_empty() { br; span.small.muted { (shell.text("process-help-fits")) " " (fitting.join(", ")) } }
                } } }
            }
            h3 { (shell.text("process-help-answers")) }
            ul { @for field in form { li { code { "form." (field.name) } " " (defined.label(&format!("field.{}", field.name)).get(lang)) } } }
        },
    )
}

/// The list of running dossiers and what a move changes for each.
pub(crate) fn moving(
    shell: &Shell,
    procedure: &Procedure,
    row: &Version,
    process: &Process,
    plan: &[Planned],
) -> Markup {
    let at = format!("/admin/processes/{}/{}", procedure.code, row.version);
    let can = plan.iter().filter(|one| one.step.is_some()).count();
    html! {
        (components::back_link(shell.lang, &at))
        h1 { (shell.text("process-move")) }
        p { (brief(shell.lang, procedure.title().get(shell.lang))) " → " (version_name(shell, row.version)) }
        p { (shell.text_with("process-move-about", &[("n", plan.len().into()), ("can", can.into())])) }
        @if !plan.is_empty() {
            form method="post" action={ (at) "/move" } {
                (components::form_guards(shell, "process-move"))
                div.scroll tabindex="0" role="region" aria-label=(shell.text("process-move")) { table {
                    caption.hidden { (shell.text("process-move")) }
                    thead { tr {
                        th scope="col" { (shell.text("desk-code")) }
                        th scope="col" { (shell.text("process-now")) }
                        th scope="col" { (shell.text("process-then")) }
                        th scope="col" { (shell.text("desk-due")) }
                    } }
                    tbody { @for one in plan { tr {
                        td {
                            @if one.step.is_some() && row.approval.is_some() {
                                label { input type="checkbox" name="dossier" value={ (one.row.id) ":" (one.row.revision) } checked; " " span.num.whole { (one.row.code) } }
                            } @else { span.num.whole { (one.row.code) } }
                            br; span.small.muted { (one.row.unit_name) }
                        }
                        td { (version_name(shell, one.row.version)) br; span.small { (process.label(&one.row.step).get(shell.lang)) } }
                        td { @match &one.step {
                            Some(step) => { (process.label(&step.name).get(shell.lang)) br; span.small.muted { (shell.text(&format!("dossier-capacity-{}", step.by.role))) " · " (step.quota.text(shell.lang)) } },
                            None => (components::tag(Tone::Late, &shell.text("process-step-missing"))),
                        }
                            @for brought in &one.effects.0 { br; span.small { "+ " (effect::view::words(shell, brought)) } }
                            @for gone in &one.effects.1 { br; span.small { "− " (effect::view::words(shell, gone)) } }
                        }
                        td.num { (one.row.due_at.map_or_else(|| "–".to_owned(), |due| format::date_time(shell.lang, due))) }
                    } } }
                } }
                @if can > 0 && row.approval.is_some() { p { button.btn { (shell.text("process-move-do")) } } }
            }
        }
    }
}
