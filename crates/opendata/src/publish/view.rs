//! What the pages of publishing look like: the rules with their standing, and what one of them would let out.
//! Shows what is kept back as well, so that nobody approves what she did not see.

use kernel::Lang;
use kernel::calendar::TimeLimit;
use maud::{Markup, html};
use register::kind::Kind;
use register::open::Approval;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tone};
use web::form::{Errors, Field, Form, Values};
use web::{Shell, format};

use super::{Preview, Standing};
use crate::catalogue::one::table;
use crate::house::dataset_name;

/// A rule in the list.
pub(crate) struct Ruled<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) standing: Standing,
    pub(crate) publisher: String,
}

/// The address of the page of a kind.
pub(crate) fn path(kind: &Kind) -> String {
    format!("/open/publish/{}/{}", kind.system.code, kind.record.name)
}

pub(crate) fn standing(shell: &Shell, standing: Standing) -> Markup {
    let (tone, key) = match standing {
        Standing::Waiting => (Tone::Soon, "open-standing-waiting"),
        Standing::Changed => (Tone::Late, "open-standing-changed"),
        Standing::Published => (Tone::Ok, "open-standing-published"),
    };
    components::tag(tone, &shell.text(key))
}

pub(crate) fn list(shell: &Shell, rules: &[Ruled<'_>]) -> Markup {
    html! {
        h1 { (shell.text("open-publish-title")) }
        p.lead { (shell.text("open-publish-lead")) }
        @if rules.is_empty() { (components::empty(&shell.text("open-publish-none"), None)) } @else {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("open-publish-title")) { table.stack {
                thead { tr {
                    th scope="col" { (shell.text("open-publish-kind")) }
                    th scope="col" { (shell.text("open-facet-publisher")) }
                    th scope="col" { (shell.text("open-publish-standing")) }
                } }
                tbody { @for rule in rules { tr {
                    th scope="row" { a href=(path(rule.kind)) { (rule.kind.words(shell.lang, "name")) }
                        " " span.small.muted { (rule.kind.system_name().get(shell.lang)) } }
                    td data-l=(shell.text("open-facet-publisher")) { (rule.publisher) }
                    td data-l=(shell.text("open-publish-standing")) { (standing(shell, rule.standing)) }
                } } }
            } }
        }
    }
}

/// What the page of one rule knows beside the preview.
pub(crate) struct Around<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) publisher: String,
    /// Whether who looks may approve and take back.
    pub(crate) may: bool,
    pub(crate) errors: &'a Errors,
    pub(crate) values: &'a Values,
}

pub(crate) fn page(shell: &Shell, preview: &Preview, around: &Around<'_>) -> Markup {
    let title = shell.text("open-preview-rows");
    html! {
        h1 { (around.kind.words(shell.lang, "name")) }
        p { (standing(shell, preview.standing)) " " span.muted { (around.kind.system_name().get(shell.lang)) } }
        @if preview.standing == Standing::Changed {
            (components::note(Tone::Late, &shell.text("open-standing-changed"), &html! { p { (shell.text("open-changed-since")) } }))
        }
        (components::facts(&[
            Fact::new(shell.text("open-rows-leave"), format::number(shell.lang, preview.measured.rows)),
            Fact::new(shell.text("open-last-change"), preview.measured.changed_at.map_or_else(|| shell.text("open-nothing"), |at| format::date_time(shell.lang, at))),
            Fact::new(shell.text("open-fields-leave"), (preview.sheet.fields.len() as u64).to_string()),
        ]))
        h2 { (shell.text("open-rule")) }
        (rule(shell, preview, around))
        h2 { (title) }
        p.muted { (shell.text("open-preview-lead")) }
        @if preview.rows.is_empty() { p { (shell.text("open-no-rows")) } } @else { (table(shell, &preview.sheet, &preview.rows, &title)) }
        (decide(shell, preview, around))
        (history(shell, &preview.history))
    }
}

fn rule(shell: &Shell, preview: &Preview, around: &Around<'_>) -> Markup {
    let (rule, kind, lang) = (preview.sheet.published.rule, around.kind, shell.lang);
    let labels: Vec<&str> = preview.sheet.fields.iter().map(|field| field.label.get(lang)).collect();
    let kept: Vec<String> = kind
        .record
        .fields
        .iter()
        .filter(|field| preview.sheet.field(&field.name).is_none())
        .map(|field| kind.words(lang, &format!("field.{}", field.name)))
        .collect();
    let mut rows = vec![
        SummaryRow::new(shell.text("open-rule-fields"), labels.join(", ")),
        SummaryRow::new(shell.text("open-rule-kept"), kept.join(", ")),
        SummaryRow::markup(
            shell.text("open-rule-rows"),
            match &rule.rows_text {
                Some(text) => html! { code { (text) } },
                None => html! { (shell.text("open-rule-all")) },
            },
        ),
        SummaryRow::new(shell.text("open-facet-publisher"), &around.publisher),
        SummaryRow::new(shell.text("open-facet-licence"), &rule.licence),
    ];
    let mut add =
        |key: &str, words: Option<String>| rows.extend(words.map(|words| SummaryRow::new(shell.text(key), words)));
    add(
        "open-frequency",
        rule.frequency
            .map(|one| shell.text(&format!("open-frequency-{}", one.word()))),
    );
    add(
        "open-facet-theme",
        rule.theme.map(|one| shell.text(&format!("open-theme-{}", one.word()))),
    );
    add(
        "open-rule-fresh",
        rule.fresh_within.map(|limit| self::limit(shell, limit)),
    );
    add(
        "open-counted-title",
        rule.suppress_below
            .map(|least| shell.text_with("open-counted", &[("n", u64::from(least).into())])),
    );
    add(
        "open-synthetic-tag",
        rule.synthetic.then(|| shell.text("open-synthetic")),
    );
    components::summary_list(&rows)
}

/// A promised time in words.
fn limit(shell: &Shell, limit: TimeLimit) -> String {
    let (key, number) = match limit {
        TimeLimit::WorkingHours(hours) => ("open-limit-hours", hours),
        TimeLimit::WorkingDays(days) => ("open-limit-working-days", days),
        TimeLimit::Days(days) => ("open-limit-days", days),
        TimeLimit::Months(months) => ("open-limit-months", months),
    };
    shell.text_with(key, &[("n", u64::from(number).into())])
}

/// The form by which an approval is taken back.
pub(crate) fn withdrawal(kind: &Kind) -> Form {
    Form::new("withdraw", format!("{}/withdraw", path(kind)))
        .field(Field::multiline("reason", "open-reason", 1_000).hint("open-reason-hint"))
        .submit("open-withdraw")
}

fn decide(shell: &Shell, preview: &Preview, around: &Around<'_>) -> Markup {
    let kind = around.kind;
    html! {
        @if preview.standing == Standing::Published {
            p { a href={ "/data/" (dataset_name(kind)) } { (shell.text("open-see")) } }
        }
        @if !around.may { p.muted { (shell.text("open-not-yours")) } }
        @else if preview.standing == Standing::Published {
            h2 { (shell.text("open-withdraw")) }
            (withdrawal(kind).render(shell, around.values, around.errors))
        } @else {
            h2 { (shell.text("open-approve-title")) }
            p { (shell.text("open-approve-lead")) }
            (components::post_button(shell, ButtonKind::Main, &format!("{}/approve", path(kind)), &[("rule", &preview.rule)], &shell.text("open-approve")))
        }
    }
}

fn history(shell: &Shell, history: &[Approval]) -> Markup {
    let lang: Lang = shell.lang;
    html! { @if !history.is_empty() {
        h2 { (shell.text("open-history")) }
        ul { @for one in history { li {
            (shell.text_with("open-approved-by", &[("who", one.who.as_str().into()), ("at", format::date_time(lang, one.approved_at).into()),
                ("n", format::number(lang, one.rows_seen).into())]))
            @if let Some((who, reason, at)) = &one.withdrawn {
                br; (shell.text_with("open-withdrawn-by", &[("who", who.as_str().into()), ("at", format::date_time(lang, *at).into())]))
                @if !reason.is_empty() { ": " (reason) }
            }
        } } }
    } }
}
