//! What statements, reconciliation and single lines look like. Sums always stand beside the rows that make them up.
//! It reads no table and decides nothing; the text of a line is opened for its own page alone.

use kernel::Dong;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tone, tag};
use web::form::{Choice, Field, FieldKind, Form};
use web::format;
use web::submitted::FileKind;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::store::PartRow;
use super::{BankLine, Detail, Import, StoredPart, Sums};
use crate::account::PayAccount;
use crate::reconcile::Class;
use crate::statement::Direction;
use crate::view::{class, dong};

/// The most bytes of an upload.
pub(super) const FILE_BYTES_MAX: u64 = 32 << 20;

/// The form that takes a statement.
pub(super) fn upload_form(accounts: &[PayAccount]) -> Form {
    let choices = accounts
        .iter()
        .filter(|account| account.closed_at.is_none())
        .map(|account| {
            Choice::named(
                account.id.to_string(),
                format!("{} · {} · {}", account.number, account.bank_name, account.holder),
            )
        })
        .collect();
    let file = FieldKind::Files {
        accept: vec![FileKind::Text, FileKind::Xml, FileKind::Xlsx, FileKind::Data],
        max_count: 1,
        max_bytes: FILE_BYTES_MAX,
    };
    Form::new("statement", "/payments/statements")
        .submit("statement-take-in")
        .field(Field::select("account", "statement-account", choices))
        .field(Field::new("file", "statement-file", file).hint("statement-file-hint"))
}

/// The page of statements: the form, and what came before.
pub(super) struct Statements<'a> {
    pub(super) form: &'a Markup,
    pub(super) imports: &'a [Import],
    pub(super) accounts: &'a [PayAccount],
    /// Faults of a file that was refused, in words.
    pub(super) faults: &'a [String],
    pub(super) parts: &'a [(&'a str, &'a str)],
}

pub(super) fn statements(shell: &Shell, page: &Statements<'_>) -> Markup {
    let table = Table::new(
        "/payments/statements",
        "statements-caption",
        vec![
            Column::new("period", "statement-period"),
            Column::new("account", "statement-account"),
            Column::new("in", "statement-in").numeric(),
            Column::new("out", "statement-out").numeric(),
            Column::new("lines", "statement-lines").numeric(),
            Column::new("at", "statement-taken-in"),
        ],
    )
    .empty("statements-none");
    let number = |import: &Import| {
        let account = page.accounts.iter().find(|account| account.id == import.account);
        account.map(|account| account.number.to_string()).unwrap_or_default()
    };
    let rows: Vec<Row> = page
        .imports
        .iter()
        .map(|import| {
            Row::new(vec![
                html! { span.num { (period(shell, import)) } },
                html! { span.num { (number(import)) } },
                html! { (dong(shell, import.sum_in)) },
                html! { (dong(shell, import.sum_out)) },
                html! { (format::number(shell.lang, import.lines)) },
                html! { span.num { (format::date_time(shell.lang, import.imported_at)) } " · " (import.imported_name) },
            ])
            .link(format!("/payments/statements/{}", import.id))
        })
        .collect();
    html! {
        h1 { (shell.text("statements-title")) }
        (crate::view::tabs(shell, page.parts, "/payments/statements"))
        p { (shell.text("statements-words")) }
        @if !page.faults.is_empty() {
            (components::note(Tone::Late, &shell.text("statement-faults-title"), &html! { ul { @for fault in page.faults { li { (fault) } } } }))
        }
        (page.form)
        (table.render(shell, &TableQuery::parse(""), &rows, &Paging::All))
    }
}

fn period(shell: &Shell, import: &Import) -> String {
    format!(
        "{} – {}",
        format::date(shell.lang, import.from),
        format::date(shell.lang, import.to)
    )
}

/// One statement with what it means for its account over its days.
pub(super) struct One<'a> {
    pub(super) import: &'a Import,
    pub(super) account: &'a PayAccount,
    pub(super) sums: (Sums, Sums),
    pub(super) unconfirmed: (i64, Dong),
    pub(super) rows: &'a [PartRow],
    pub(super) was_new: bool,
}

pub(super) fn one(shell: &Shell, page: &One<'_>) -> Markup {
    let import = page.import;
    let agrees = page.sums.0.total == import.sum_in && page.sums.1.total == import.sum_out;
    let mut facts = vec![
        Fact::new(shell.text("statement-lines"), format::number(shell.lang, import.lines)),
        Fact::new(
            shell.text("statement-lines-new"),
            format::number(shell.lang, import.lines_new),
        ),
        Fact::new(
            shell.text("statement-lines-known"),
            format::number(shell.lang, import.lines_known),
        ),
        Fact::new(
            shell.text("statement-lines-doubled"),
            format::number(shell.lang, import.lines_doubled),
        ),
    ];
    if let (Some(opening), Some(closing)) = (import.opening, import.closing) {
        facts.push(Fact::new(shell.text("statement-opening"), dong(shell, opening)));
        facts.push(Fact::new(shell.text("statement-closing"), dong(shell, closing)));
    }
    html! {
        h1 { (shell.text("statement-title")) " " span.num { (page.account.number) } }
        p.lead.num { (period(shell, import)) }
        @if !page.was_new { (components::note(Tone::Info, "", &html! { p { (shell.text("statement-came-before")) } })) }
        (components::facts(&facts))
        (sums(shell, page.sums))
        p {
            @if agrees { (tag(Tone::Ok, &shell.text("statement-agrees"))) }
            @else { (tag(Tone::Soon, &shell.text_with("statement-differs", &[
                ("in", dong(shell, page.sums.0.total).into()), ("out", dong(shell, page.sums.1.total).into()),
                ("said-in", dong(shell, import.sum_in).into()), ("said-out", dong(shell, import.sum_out).into())]))) }
            @if page.unconfirmed.0 > 0 {
                " " (tag(Tone::Soon, &shell.text_with("statement-unconfirmed", &[("n", page.unconfirmed.0.into()), ("amount", dong(shell, page.unconfirmed.1).into())])))
            }
        }
        (rows(shell, page.rows, "statement-parts"))
    }
}

/// What came and went by class, with the sums that the classes make up.
fn sums(shell: &Shell, (came, went): (Sums, Sums)) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("reconciliation-sums")) {
            table {
                caption { (shell.text("reconciliation-sums")) }
                thead { tr {
                    th scope="col" { (shell.text("reconciliation-class")) }
                    th.r scope="col" { (shell.text("statement-in")) }
                    th.r scope="col" { (shell.text("statement-out")) }
                } }
                tbody {
                    @for (kind, one, other) in [
                        (Class::Matched, came.matched, went.matched), (Class::Explained, came.explained, went.explained),
                        (Class::Listed, came.listed, went.listed),
                    ] {
                        tr { th scope="row" { (class(shell, kind)) } td.r.num { (dong(shell, one)) } td.r.num { (dong(shell, other)) } }
                    }
                }
                tfoot { tr {
                    th scope="row" { (shell.text("bill-total"))  " "
                        @if came.adds_up() && went.adds_up() { (tag(Tone::Ok, &shell.text("reconciliation-adds-up"))) }
                        @else { (tag(Tone::Late, &shell.text("reconciliation-does-not"))) }
                    }
                    td.r.num { b { (dong(shell, came.total)) } }
                    td.r.num { b { (dong(shell, went.total)) } }
                } }
            }
        }
    }
}

/// Parts as rows: what each is, and the bill it belongs to.
fn rows(shell: &Shell, parts: &[PartRow], caption: &'static str) -> Markup {
    let table = Table::new(
        "/payments/reconciliation",
        caption,
        vec![
            Column::new("day", "line-day"),
            Column::new("amount", "bill-amount").numeric(),
            Column::new("class", "reconciliation-class").plain_on_phones(),
            Column::new("what", "line-what"),
            Column::new("bill", "bill-reference"),
        ],
    )
    .empty("lines-none");
    let shown: Vec<Row> = parts
        .iter()
        .map(|row| {
            Row::new(vec![
                html! { span.num { (format::date(shell.lang, row.line.booked_on)) } },
                html! { (signed(shell, row.line.direction, row.part.amount)) },
                class(shell, row.part.class),
                html! { (what(shell, &row.part)) },
                html! { @if let Some(reference) = &row.reference { span.num.whole { (reference) } } },
            ])
            .link(format!("/payments/lines/{}", row.line.id))
        })
        .collect();
    table.render(shell, &TableQuery::parse(""), &shown, &Paging::All)
}

fn signed(shell: &Shell, direction: Direction, amount: Dong) -> String {
    match direction {
        Direction::In => dong(shell, amount),
        Direction::Out => dong(shell, Dong::new(-amount.get())),
    }
}

/// What a part is, in words; the code of the rule that knows it.
fn what(shell: &Shell, part: &StoredPart) -> String {
    let words = shell.text(&format!("line-is-{}", part.what));
    match &part.code {
        Some(code) => format!("{words}: {code}"),
        None => words,
    }
}

/// The page of reconciliation.
pub(super) struct Reconciliation<'a> {
    pub(super) accounts: &'a [PayAccount],
    pub(super) account: Option<&'a PayAccount>,
    pub(super) period: (kernel::Date, kernel::Date),
    pub(super) sums: (Sums, Sums),
    pub(super) class: &'a str,
    pub(super) rows: &'a [PartRow],
    pub(super) listed: &'a [PartRow],
    pub(super) parts: &'a [(&'a str, &'a str)],
}

pub(super) fn reconciliation(shell: &Shell, page: &Reconciliation<'_>) -> Markup {
    html! {
        h1 { (shell.text("reconciliation-title")) }
        (crate::view::tabs(shell, page.parts, "/payments/reconciliation"))
        @if page.listed.is_empty() {
            (components::note(Tone::Ok, "", &html! { p { (shell.text("reconciliation-nothing-listed")) } }))
        } @else { (rows(shell, page.listed, "reconciliation-listed")) }
        h2 { (shell.text("reconciliation-period")) }
        form.bar method="get" action="/payments/reconciliation" {
            div { label for="account" { (shell.text("statement-account")) } select #account name="account" {
                @for account in page.accounts {
                    option value=(account.id) selected[page.account.is_some_and(|one| one.id == account.id)] { (account.number) " · " (account.bank_name) }
                }
            } }
            div { label for="from" { (shell.text("reconciliation-from")) } input #from type="date" name="from" value=(page.period.0); }
            div { label for="to" { (shell.text("reconciliation-to")) } input #to type="date" name="to" value=(page.period.1); }
            div { label for="class" { (shell.text("reconciliation-class")) } select #class name="class" {
                option value="" { (shell.text("table-all")) }
                @for one in Class::ALL { option value=(one) selected[one.word() == page.class] { (shell.text(&format!("line-class-{one}"))) } }
            } }
            div.row { button.btn.quiet { (shell.text("table-filter")) } }
        }
        @if page.account.is_some() { (sums(shell, page.sums)) (rows(shell, page.rows, "statement-parts")) }
    }
}

/// One line, opened, with the decision about what is listed of it.
pub(super) struct Line<'a> {
    pub(super) line: &'a BankLine,
    pub(super) account: &'a PayAccount,
    pub(super) detail: &'a Detail,
    pub(super) parts: &'a [(StoredPart, Option<String>)],
    /// References of bills, by place of the part.
    pub(super) names: &'a [(crate::reconcile::BillId, String)],
    pub(super) forms: Option<&'a Markup>,
}

pub(super) fn line(shell: &Shell, page: &Line<'_>) -> Markup {
    let line = page.line;
    let mut about = vec![
        SummaryRow::new(shell.text("line-day"), format::date(shell.lang, line.booked_on)),
        SummaryRow::new(shell.text("bill-amount"), signed(shell, line.direction, line.amount)),
        SummaryRow::new(shell.text("line-text"), &page.detail.text),
    ];
    if let Some(who) = &page.detail.counterparty {
        about.push(SummaryRow::new(shell.text("line-counterparty"), who));
    }
    if let Some(reference) = &page.detail.bank_reference {
        about.push(SummaryRow::new(shell.text("line-bank-reference"), reference));
    }
    about.push(SummaryRow::new(
        shell.text("statement-account"),
        format!("{} · {}", page.account.number, page.account.bank_name),
    ));
    html! {
        h1 { (shell.text("line-title")) }
        (components::summary_list(&about))
        @if line.import.is_none() { (components::note(Tone::Soon, "", &html! { p { (shell.text("line-by-notice")) } })) }
        h2 { (shell.text("line-parts")) }
        ul { @for (part, reason) in page.parts { li {
            b.num { (dong(shell, part.amount)) } " " (class(shell, part.class)) " " (what(shell, part))
            @if let Some(name) = name(page, part) { " · " a.num.whole href={ "/payments/bills/" (name.0) } { (name.1) } }
            @if let Some((at, by)) = &part.decided { br; span.small.muted { (by) " · " (format::date_time(shell.lang, *at)) } }
            @if let Some(reason) = reason { p.kept { (reason) } }
        } } }
        @if let Some(forms) = page.forms { (forms) }
        p.small.muted { (shell.text("line-use")) }
    }
}

fn name<'a>(page: &'a Line<'_>, part: &StoredPart) -> Option<&'a (crate::reconcile::BillId, String)> {
    page.names.iter().find(|(id, _)| Some(*id) == part.bill)
}

/// The form that says which bill a listed part pays.
pub(super) fn assign_form(part: &StoredPart) -> Form {
    Form::new("assign", format!("/payments/lines/{}/assign", part.line))
        .hidden("part", part.id.to_string())
        .submit("line-assign")
        .field(
            Field::text("reference", "bill-reference")
                .hint("line-assign-hint")
                .max_len(25),
        )
        .field(Field::multiline("why", "payment-why", 2_000))
}

/// The form that says what a listed part is.
pub(super) fn explain_form(part: &StoredPart) -> Form {
    Form::new("explain", format!("/payments/lines/{}/explain", part.line))
        .hidden("part", part.id.to_string())
        .submit("line-explain")
        .field(Field::multiline("why", "line-explain-why", 2_000))
}

/// What may be done with a listed part.
pub(super) struct Forms<'a> {
    pub(super) part: &'a StoredPart,
    pub(super) candidates: &'a [(crate::reconcile::BillId, String)],
    pub(super) assign: Option<Markup>,
    pub(super) explain: Markup,
    pub(super) give_back: bool,
}

pub(super) fn forms(shell: &Shell, forms: &Forms<'_>) -> Markup {
    html! {
        h2 { (shell.text("line-decide")) }
        @if !forms.candidates.is_empty() {
            p { (shell.text("line-candidates")) " " @for (id, reference) in forms.candidates { a.num.whole href={ "/payments/bills/" (id) } { (reference) } " " } }
        }
        @if let Some(assign) = &forms.assign { h3 { (shell.text("line-assign")) } (assign) }
        h3 { (shell.text("line-explain")) } (forms.explain)
        @if forms.give_back {
            p { (components::button_link(ButtonKind::Quiet, &format!("/payments/lines/{}/refund?part={}", forms.part.line, forms.part.id), &shell.text("refund-order"))) }
        }
    }
}
