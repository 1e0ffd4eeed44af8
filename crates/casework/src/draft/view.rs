//! What the pages of filing look like: one question a page, where one stands, what was uploaded, everything once more.
//! Refuses surprises: what was filled in says where it came from, and every answer can be changed until it is sent.

use kernel::calendar::{Deadline, TimeLimit};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, SummaryRow, Tone};
use web::form::{Errors, FieldKind, Form, Values};
use web::format;

use super::rules::{self, Known};
use super::{Answers, Draft, Step};
use crate::FileLimits;
use crate::file::FileRow;
use crate::procedure::form::FormSchema;
use crate::procedure::{Procedure, view as procedure_view};

/// A file with its name opened.
#[derive(Debug, Clone)]
pub(crate) struct NamedFile {
    pub(crate) row: FileRow,
    pub(crate) name: String,
}

fn address(draft: &Draft, step: Step) -> String {
    format!("/my/drafts/{}/{step}", draft.id)
}

/// The head of each step: the procedure, the step's number and its question.
pub(crate) fn head(shell: &Shell, draft: &Draft, step: Step) -> Markup {
    let at = Step::ALL.iter().position(|&one| one == step).map_or(1, |at| at + 1);
    let words = shell.text_with(
        "draft-step-of",
        &[
            ("at", i64::try_from(at).unwrap_or(1).into()),
            ("steps", i64::try_from(Step::ALL.len()).unwrap_or(1).into()),
            ("name", draft.procedure_name.as_str().into()),
        ],
    );
    html! {
        @if step != Step::Who {
            @let before = Step::ALL[at.saturating_sub(2)];
            (components::back_link(shell.lang, &address(draft, before)))
        }
        p.small.muted { (words) }
        h1 { (shell.text(&format!("draft-title-{step}"))) }
    }
}

/// A step that is one form; `more` says that the answers so far have brought new questions, `fixed` shows what is not asked.
pub(crate) fn step(
    shell: &Shell,
    draft: &Draft,
    step: Step,
    form: &Form,
    (values, errors): (&Values, &Errors),
    (more, fixed): (bool, &Markup),
) -> Markup {
    html! {
        (head(shell, draft, step))
        (fixed)
        @if more {
            (components::note(Tone::Info, &shell.text("draft-more"), &html! { p { (shell.text("draft-more-hint")) } }))
        }
        (form.render(shell, values, errors))
        p.small.muted { (shell.text("draft-saved-hint")) }
    }
}

/// Answers that a register gave and that stand: shown with their source, not asked.
pub(crate) fn fixed(shell: &Shell, schema: &FormSchema) -> Markup {
    let fields = schema.fields().filter_map(|field| {
        let value = schema.fixed.get(&field.name)?;
        let source = schema.sources.get(&field.name).map(|source| source.get(shell.lang));
        let shown = rules::shown(field, value, shell.lang);
        Some(SummaryRow::markup(
            field.label.get(shell.lang),
            html! { (shown) @if let Some(source) = source { br; span.small.muted { (source) } } },
        ))
    });
    let rows: Vec<SummaryRow> = fields.collect();
    html! { @if !rows.is_empty() { (components::summary_list(&rows)) } }
}

/// The procedure's form after a register was asked: what it filled in, or that it has nothing.
pub(crate) fn looked(
    shell: &Shell,
    draft: &Draft,
    schema: &FormSchema,
    fresh: &[(kernel::Bilingual, bool)],
    form: &Form,
    values: &Values,
) -> Markup {
    html! {
        (head(shell, draft, Step::Form))
        @for (register, is_found) in fresh {
            @let (tone, key, hint) = if *is_found { (Tone::Ok, "lookup-found", "lookup-found-hint") } else { (Tone::Soon, "lookup-none", "lookup-none-hint") };
            (components::note(tone, &shell.text_with(key, &[("register", register.get(shell.lang).to_owned().into())]), &html! { p { (shell.text(hint)) } }))
        }
        (fixed(shell, schema))
        (form.render(shell, values, &Errors::none()))
        p.small.muted { (shell.text("draft-saved-hint")) }
    }
}

/// Step "who" shows first what is known already.
pub(crate) fn who(
    shell: &Shell,
    draft: &Draft,
    known: &Known,
    form: &Form,
    values: &Values,
    errors: &Errors,
) -> Markup {
    let mut rows = Vec::new();
    if !known.name.is_empty() {
        rows.push(SummaryRow::new(shell.text("draft-name"), &known.name));
    }
    if !known.person_id.is_empty() {
        rows.push(SummaryRow::new(shell.text("draft-person-id"), &known.person_id));
    }
    html! {
        (head(shell, draft, Step::Who))
        @if errors.is_empty() && !rows.is_empty() {
            p { (components::tag(Tone::Ok, &shell.text("draft-known"))) " " (shell.text("draft-known-hint")) }
            (components::summary_list(&rows))
        }
        (form.render(shell, values, errors))
        p.small.muted { (shell.text("draft-saved-hint")) }
    }
}

/// Everything that the page of papers shows.
pub(crate) struct Papers<'a> {
    pub(crate) procedure: &'a Procedure,
    pub(crate) files: &'a [NamedFile],
    pub(crate) promised: &'a Values,
    /// Papers of which one is enough.
    pub(crate) either: &'a [Vec<usize>],
    /// Papers still missing when "continue" was pressed.
    pub(crate) missing: &'a [usize],
    /// The paper whose files were refused, and why.
    pub(crate) refused: Option<(usize, Errors)>,
    pub(crate) limits: FileLimits,
}

impl Papers<'_> {
    fn is_either(&self, at: usize) -> bool {
        self.either.iter().any(|group| group.contains(&at))
    }
}

/// The page of papers.
pub(crate) fn papers(shell: &Shell, draft: &Draft, papers: &Papers<'_>) -> Markup {
    let any = rules::papers(papers.procedure).next().is_some();
    html! {
        (head(shell, draft, Step::Files))
        (paper_errors(shell, draft, papers))
        @if any {
            p { (shell.text("draft-files-hint")) }
        } @else {
            p { (shell.text("draft-no-papers")) }
        }
        @for (at, paper) in rules::papers(papers.procedure) {
            section.card #{ "paper-" (at) } {
                h2.first {
                    (procedure_view::words(shell.lang, &paper.name)) " "
                    @if paper.required { (components::tag(Tone::Soon, &shell.text("draft-paper-required"))) }
                    @else if papers.is_either(at) { (components::tag(Tone::Soon, &shell.text("draft-paper-either"))) }
                    @else { (components::tag(Tone::Plain, &shell.text("draft-paper-optional"))) }
                }
                @if let Some(case) = &paper.case { p.small.muted { (procedure_view::vietnamese(shell.lang, case)) } }
                (uploaded(shell, draft, at, papers.files))
                (upload(shell, draft, at, papers))
            }
        }
        form method="post" action=(address(draft, Step::Files)) {
            (components::form_guards(shell, "files-done"))
            @for (at, paper) in rules::papers(papers.procedure).filter(|(at, paper)| paper.required || papers.is_either(*at)) {
                p.tick {
                    input type="checkbox" id={ "p" (at) } name=(rules::paper_field(at)) value="yes" checked[papers.promised.yes(&rules::paper_field(at))];
                    " " label for={ "p" (at) } { (shell.text_with("draft-paper-by-hand", &[("name", paper.name.get(shell.lang).into())])) }
                }
            }
            (components::button(ButtonKind::Main, &shell.text("draft-continue")))
        }
        p.small.muted { (shell.text("draft-saved-hint")) }
    }
}

fn paper_errors(shell: &Shell, draft: &Draft, papers: &Papers<'_>) -> Markup {
    let name = |at: usize| {
        papers
            .procedure
            .components
            .get(at)
            .map(|paper| paper.name.get(shell.lang))
            .unwrap_or_default()
    };
    html! {
        @if let Some((at, errors)) = &papers.refused {
            (web::form::error_summary(shell.lang, &rules::upload_form(draft.id, *at, papers.limits), errors))
        }
        @if !papers.missing.is_empty() {
            div.summary-errors role="alert" tabindex="-1" data-focus aria-labelledby="errors-title" {
                h2 #errors-title { (shell.text("draft-errors")) }
                ul {
                    @for &at in papers.missing {
                        li { a href={ "#paper-" (at) } { (shell.text_with("draft-paper-missing", &[("name", name(at).into())])) } }
                    }
                }
            }
        }
    }
}

fn uploaded(shell: &Shell, draft: &Draft, at: usize, files: &[NamedFile]) -> Markup {
    let own = files.iter().filter(|file| file.row.component == i64::try_from(at).ok());
    html! {
        ul.kept-files {
            @for file in own {
                li {
                    (crate::file::view::link(shell, &format!("/my/drafts/{}/files/{}", draft.id, file.row.id), file))
                    " " span.small.muted.num { (format::file_size(shell.lang, u64::try_from(file.row.size_bytes).unwrap_or(0))) }
                    " " (sha(shell, &file.row.sha256))
                    (components::post_button(shell, ButtonKind::Quiet, &format!("/my/drafts/{}/files/{}/remove", draft.id, file.row.id), &[],
                        &shell.text_with("draft-file-remove", &[("name", file.name.as_str().into())])))
                }
            }
        }
    }
}

/// The SHA-256 of a file, folded away: most need only know that there is one.
pub(crate) fn sha(shell: &Shell, sha256: &[u8]) -> Markup {
    let hash = hex::encode(sha256);
    html! { details.more.small { summary { (shell.text("file-hash")) " " span.num { (&hash[..8.min(hash.len())]) "…" } } code { (hash) } } }
}

fn upload(shell: &Shell, draft: &Draft, at: usize, papers: &Papers<'_>) -> Markup {
    let none = Errors::none();
    let errors = papers
        .refused
        .as_ref()
        .filter(|(paper, _)| *paper == at)
        .map_or(&none, |(_, errors)| errors);
    rules::upload_form(draft.id, at, papers.limits).render(shell, &Values::none(), errors)
}

/// What has changed in the procedure since a draft of it was begun.
pub(crate) fn moved(shell: &Shell, begun: &Procedure, now: &Procedure) -> Markup {
    components::note(
        Tone::Soon,
        &shell.text("draft-moved"),
        &html! {
            p { (shell.text_with("draft-moved-words", &[("day", format::date(shell.lang, now.valid_from).into())])) }
            (crate::procedure::version::view::changed(shell, begun, now))
            p { a href={ "/procedures/" (now.code) } { (shell.text("draft-moved-read")) } }
        },
    )
}

/// Everything that the last page shows.
pub(crate) struct Review<'a> {
    pub(crate) procedure: &'a Procedure,
    pub(crate) schema: &'a FormSchema,
    pub(crate) known: &'a Known,
    pub(crate) answers: &'a Answers,
    pub(crate) files: &'a [NamedFile],
    pub(crate) unit_name: String,
    pub(crate) desk_name: String,
    pub(crate) due: Option<(TimeLimit, Deadline)>,
}

/// Everything once more, then send.
pub(crate) fn review(shell: &Shell, draft: &Draft, review: &Review<'_>, form: &Form, errors: &Errors) -> Markup {
    html! {
        (head(shell, draft, Step::Review))
        (web::form::error_summary(shell.lang, form, errors))
        h2 { (shell.text("draft-title-who")) }
        (components::summary_list(&who_rows(shell, draft, review)))
        h2 { (shell.text("draft-title-form")) }
        (components::summary_list(&own_rows(shell, draft, review)))
        h2 { (shell.text("draft-title-files")) }
        (components::summary_list(&paper_rows(shell, draft, review)))
        h2 { (shell.text("draft-review-rest")) }
        (components::summary_list(&rest_rows(shell, draft, review)))
        @if let Some((limit, due)) = &review.due {
            (components::note(Tone::Info, &shell.text("draft-next"), &html! {
                p { (shell.text_with("draft-next-words", &[
                    ("limit", limit.text(shell.lang).into()),
                    ("day", format::long_date(shell.lang, due.at.local_date()).into())])) }
            }))
        }
        form method="post" action=(form.action) {
            (components::form_guards(shell, "send"))
            (form.render_fields(shell.lang, &Values::none(), errors))
            (components::button(ButtonKind::Main, &shell.text("draft-send")))
        }
        (components::post_button(shell, ButtonKind::Quiet, &format!("/my/drafts/{}/discard", draft.id), &[], &shell.text("draft-discard")))
    }
}

fn change(shell: &Shell, draft: &Draft, step: Step, row: SummaryRow) -> SummaryRow {
    row.change(address(draft, step), shell.text("draft-change"))
}

fn who_rows(shell: &Shell, draft: &Draft, review: &Review<'_>) -> Vec<SummaryRow> {
    let Some(who) = review.answers.of(Step::Who) else {
        return Vec::new();
    };
    let either = |known: &str, typed: &str| {
        if known.is_empty() {
            typed.to_owned()
        } else {
            known.to_owned()
        }
    };
    let mut rows = vec![
        SummaryRow::new(shell.text("draft-name"), either(&review.known.name, who.text("name"))),
        SummaryRow::new(
            shell.text("draft-person-id"),
            either(&review.known.person_id, who.text("person-id")),
        ),
        change(
            shell,
            draft,
            Step::Who,
            SummaryRow::new(
                shell.text("draft-representation"),
                shell.text(&format!("draft-as-{}", who.text("representation"))),
            ),
        ),
    ];
    if let Some(name) = who.opt("represented-name") {
        let tie = crate::intake::view::tie_words(shell, who.text("tie")).unwrap_or_default();
        let words = format!("{name}\n{tie}\n{}", who.text("ground"));
        let words = words.replace("\n\n", "\n");
        rows.push(change(
            shell,
            draft,
            Step::Who,
            SummaryRow::new(shell.text("draft-represented-name"), words),
        ));
    }
    for row in crate::intake::view::people_rows(shell, &people(who)) {
        rows.push(change(shell, draft, Step::Who, row));
    }
    for field in ["phone", "email", "address"] {
        let value = who.opt(field).map_or_else(|| shell.text("draft-empty"), str::to_owned);
        rows.push(change(
            shell,
            draft,
            Step::Who,
            SummaryRow::new(shell.text(&format!("draft-{field}")), value),
        ));
    }
    rows
}

/// Who else applies, as answered so far.
fn people(who: &Values) -> crate::dossier::Content {
    crate::dossier::Content {
        organisation: crate::intake::rules::organisation(who),
        others: crate::intake::rules::others(who),
        ..crate::dossier::Content::default()
    }
}

fn own_rows(shell: &Shell, draft: &Draft, review: &Review<'_>) -> Vec<SummaryRow> {
    let Some(own) = review.answers.of(Step::Form) else {
        return Vec::new();
    };
    let asked = review
        .schema
        .fields()
        .filter(|field| !matches!(field.kind, FieldKind::Files { .. }));
    asked
        .filter_map(|field| {
            let all: Vec<String> = own
                .all(&field.name)
                .iter()
                .filter(|v| !v.is_empty())
                .map(|v| rules::shown(field, v, shell.lang))
                .collect();
            if all.is_empty() && (field.required || field.when.is_some()) {
                return None;
            }
            let value = if all.is_empty() {
                shell.text("draft-empty")
            } else {
                all.join("\n")
            };
            Some(change(
                shell,
                draft,
                Step::Form,
                SummaryRow::new(field.label.get(shell.lang), value),
            ))
        })
        .collect()
}

fn paper_rows(shell: &Shell, draft: &Draft, review: &Review<'_>) -> Vec<SummaryRow> {
    let promised = review.answers.of(Step::Files).cloned().unwrap_or_default();
    rules::papers(review.procedure)
        .map(|(at, paper)| {
            let names: Vec<&str> = review
                .files
                .iter()
                .filter(|file| file.row.component == i64::try_from(at).ok())
                .map(|file| file.name.as_str())
                .collect();
            let value = match (names.is_empty(), promised.yes(&rules::paper_field(at))) {
                (false, _) => names.join("\n"),
                (true, true) => shell.text("draft-paper-promised"),
                (true, false) => shell.text("draft-empty"),
            };
            change(
                shell,
                draft,
                Step::Files,
                SummaryRow::new(paper.name.get(shell.lang), value),
            )
        })
        .collect()
}

fn rest_rows(shell: &Shell, draft: &Draft, review: &Review<'_>) -> Vec<SummaryRow> {
    let delivery = review.answers.of(Step::Delivery).cloned().unwrap_or_default();
    let mut way = shell.text(&format!("draft-by-{}", delivery.text("delivery")));
    if let Some(address) = delivery.opt("post-address") {
        way = format!("{way}\n{address}");
    }
    vec![
        change(
            shell,
            draft,
            Step::Unit,
            SummaryRow::new(shell.text("draft-unit"), &review.unit_name),
        ),
        SummaryRow::new(shell.text("draft-desk"), &review.desk_name),
        change(
            shell,
            draft,
            Step::Delivery,
            SummaryRow::new(shell.text("draft-delivery"), way),
        ),
    ]
}

/// The page before the first step: what will be asked, and drafts that were begun.
pub(crate) fn start(shell: &Shell, procedure: &Procedure, drafts: &[Draft]) -> Markup {
    html! {
        h1 { (shell.text("draft-start-title")) }
        p.lead { (procedure_view::words(shell.lang, procedure.title())) }
        @for draft in drafts {
            (components::note(Tone::Info, &shell.text("draft-begun"), &html! {
                p { (shell.text_with("draft-begun-on", &[("at", format::date_time(shell.lang, draft.changed_at).into())])) " "
                    a href={ "/my/drafts/" (draft.id) } { (shell.text("draft-resume")) } }
            }))
        }
        p { (shell.text("draft-start-hint")) }
        ul {
            li { (shell.text("draft-start-know")) }
            @let papers = i64::try_from(rules::papers(procedure).filter(|(_, paper)| paper.required).count()).unwrap_or(0);
            @if papers > 0 { li { (shell.text_with("draft-start-papers", &[("n", papers.into())])) } }
            li { (shell.text("draft-start-save")) }
        }
        (components::post_button(shell, ButtonKind::Main, &format!("/procedures/{}/start", procedure.code), &[], &shell.text("draft-begin")))
    }
}

/// All drafts of one's own.
pub(crate) fn list(shell: &Shell, drafts: &[Draft]) -> Markup {
    html! {
        h1 { (shell.text("draft-list-title")) }
        p { (shell.text_with("draft-list-hint", &[("days", super::KEPT_DAYS.into())])) }
        @if drafts.is_empty() {
            (components::empty(&shell.text("draft-none"), Some(("/procedures", &shell.text("draft-find")))))
        }
        div.grid {
            @for draft in drafts {
                div.card {
                    h2.first { a href={ "/my/drafts/" (draft.id) } { (procedure_view::brief(shell.lang, &draft.procedure_name)) } }
                    p.small.muted { (shell.text_with("draft-begun-on", &[("at", format::date_time(shell.lang, draft.changed_at).into())])) }
                    p { (shell.text(&format!("draft-title-{}", draft.step))) }
                    (components::post_button(shell, ButtonKind::Quiet, &format!("/my/drafts/{}/discard", draft.id), &[], &shell.text("draft-discard")))
                }
            }
        }
    }
}

/// What somebody reads who wants to file where filing is the national portal's.
pub(crate) fn guide(shell: &Shell, procedure: &Procedure, portal: &str) -> Markup {
    html! {
        h1 { (shell.text("draft-guide-title")) }
        p { (shell.text_with("draft-guide-words", &[("name", procedure.title().get(shell.lang).into())])) }
        p { (components::button_link(ButtonKind::Main, portal, &shell.text("procedure-go-portal"))) }
        p { a href={ "/procedures/" (procedure.code) } { (shell.text("draft-guide-back")) } }
    }
}
