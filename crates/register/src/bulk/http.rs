//! The pages of a bulk edit: the field, the value and the reason; what becomes of the records of the list; how it went, and the way
//! back. Whoever confirms confirms the list that she saw: one that changed meanwhile is shown again.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use definition::expression::Value;
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller, audit};
use maud::{Markup, html};
use ring::digest::{Context, SHA256};
use web::components::{self, ButtonKind, Crumb, SummaryRow, Tone};
use web::form::{Choice, Errors, Field, Form, Values};
use web::table::TableQuery;
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::{Bulk, BulkId, Preview, RECORDS_MAX, RowState, State as Stand, fields, jobs::job, preview, store};
use crate::error::{RegisterError, What, Wrong};
use crate::export::http::asked as filters_of;
use crate::house::{By, Register};
use crate::kind::{Column, Kind};
use crate::page::http::crumbs;
use crate::record::store::{self as records, Asked};
use crate::record::value::{parse, to_json};
use crate::record::view::{self, wrong_words};

/// Records that a preview shows.
const SHOWN: usize = 20;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterWrite);
    routes
        .page(get("/registers/{system}/{kind}/bulk", page), access)
        .page(post("/registers/{system}/{kind}/bulk", look), access)
        .page(post("/registers/{system}/{kind}/bulk/confirm", confirm), access)
        .page(get("/registers/{system}/{kind}/bulk/{id}", one), access)
        .page(post("/registers/{system}/{kind}/bulk/{id}/undo", undo), access)
}

/// What somebody wants to do, as forms carry it.
struct Wish {
    filters: Vec<(String, String)>,
    field: String,
    value: String,
    reason: String,
}

impl Wish {
    fn of(kind: &Kind, get: &dyn Fn(&str) -> String) -> Self {
        let names = kind.filters.iter().map(|at| kind.columns[*at].field.name.clone());
        let filters = names.map(|name| (name.clone(), get(&format!("filter-{name}"))));
        Self {
            filters: filters.filter(|(_, value)| !value.trim().is_empty()).collect(),
            field: get("field"),
            value: get("value"),
            reason: get("reason"),
        }
    }

    fn column<'k>(&self, kind: &'k Kind) -> Result<&'k Column, RegisterError> {
        let found = fields(kind).into_iter().find(|column| column.field.name == self.field);
        found.ok_or(RegisterError::NotFound)
    }

    /// The value as one of the field; a code must be in its list.
    fn value(&self, register: &Register, kind: &Kind) -> Result<Value, RegisterError> {
        let column = self.column(kind)?;
        let wrong = |what: What| RegisterError::Invalid(vec![Wrong::new(&self.field, what)]);
        let value = parse(column.field, &self.value).map_err(wrong)?;
        if let (definition::FieldKind::Code(list), Value::Text(code)) = (&column.field.kind, &value)
            && let Some(codes) = register.codes(list)
            && !codes.iter().any(|(known, _)| known == code)
        {
            return Err(wrong(What::Code));
        }
        Ok(value)
    }
}

/// The records of the list that the officer may change, in the order of the list.
async fn listed(
    register: &Register,
    kind: &Arc<Kind>,
    officer: &OfficerCaller,
    wish: &Wish,
) -> Result<Vec<crate::Record>, RegisterError> {
    let asked = Asked {
        filters: filters_of(kind, &wish.filters)?,
        units: register.scope(officer, Action::RegisterWrite),
        order: kind.order,
        limit: RECORDS_MAX + 1,
        ..Asked::default()
    };
    let read = kind.clone();
    Ok(register
        .store()
        .read(move |tx| records::list(tx, &read, &asked))
        .await?)
}

/// What tells one list from another: its records and their versions.
fn seal(records: &[crate::Record]) -> String {
    let mut context = Context::new(&SHA256);
    for record in records {
        context.update(record.id.uuid().as_bytes());
        context.update(&record.revision.to_be_bytes());
    }
    hex::encode(context.finish())
}

fn form(register: &Register, kind: &Kind, column: &Column, wish: &Wish, shell: &Shell) -> Form {
    let label = kind.label(&format!("field.{}", column.field.name));
    let value = match crate::page::choices(register, kind, column, shell.lang) {
        Some(choices) => {
            let choices = choices.into_iter().map(|(value, words)| Choice::named(value, words));
            Field::select("value", label, choices.collect())
        }
        None => Field::text("value", label),
    };
    let form = Form::new("bulk", format!("{}/bulk", kind.path()))
        .submit("reg-bulk-look")
        .cancel(kind.path())
        .field(value.hint("reg-bulk-value-hint").optional())
        .field(Field::multiline(
            "reason",
            "reg-reason",
            crate::record::rules::REASON_CHARS_MAX,
        ))
        .hidden("field", column.field.name.clone());
    let filters = wish.filters.iter();
    filters.fold(form, |form, (name, value)| form.hidden(format!("filter-{name}"), value))
}

async fn page(
    State(register): State<Register>,
    shell: Shell,
    Path((system, kind)): Path<(String, String)>,
    query: TableQuery,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let wish = Wish::of(&kind, &|name| {
        query.filter(name.strip_prefix("filter-").unwrap_or(name)).to_owned()
    });
    drawn(&register, &kind, &wish, &Values::none(), &Errors::none(), &shell).await
}

async fn drawn(
    register: &Register,
    kind: &Arc<Kind>,
    wish: &Wish,
    values: &Values,
    errors: &Errors,
    shell: &Shell,
) -> Reply {
    let read = kind.clone();
    let past = register.store().read(move |tx| store::last(tx, &read)).await?;
    let title = title(kind, shell);
    let chosen = wish.column(kind).ok();
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("reg-bulk-words")) }
        (filters(register, kind, wish, shell))
        (choose(kind, wish, shell))
        @if let Some(column) = chosen { (form(register, kind, column, wish, shell).render(shell, values, errors)) }
        (history(kind, &past, shell))
    };
    Ok(Page::new(shell, title)
        .crumbs(way(kind, shell))
        .errors(errors)
        .body(body))
}

fn title(kind: &Kind, shell: &Shell) -> String {
    let name = kind.words(shell.lang, "name");
    shell.text_with("reg-bulk-title", &[("kind", name.as_str().into())])
}

fn way(kind: &Kind, shell: &Shell) -> Vec<Crumb> {
    let mut all = crumbs(shell);
    all.push(Crumb::new(kind.path(), kind.words(shell.lang, "name")));
    all
}

/// The filters of the list, in words.
fn filters(register: &Register, kind: &Kind, wish: &Wish, shell: &Shell) -> Markup {
    let row = |(name, text): &(String, String)| {
        let column = kind.column(name)?;
        let value = parse(column.field, text).ok()?;
        let words = view::words(register, kind, column, &value, shell.lang);
        Some(SummaryRow::new(kind.words(shell.lang, &format!("field.{name}")), words))
    };
    let rows: Vec<SummaryRow> = wish.filters.iter().filter_map(row).collect();
    html! {
        @if rows.is_empty() { p { (shell.text("reg-bulk-all")) } }
        @else { h2 { (shell.text("reg-export-filters")) } (components::summary_list(&rows)) }
    }
}

/// Where the field is chosen.
fn choose(kind: &Kind, wish: &Wish, shell: &Shell) -> Markup {
    html! {
        form.bar method="get" action={ (kind.path()) "/bulk" } {
            @for (name, value) in &wish.filters { input type="hidden" name=(name) value=(value); }
            div {
                label for="bulk-field" { (shell.text("reg-bulk-field")) }
                select id="bulk-field" name="field" {
                    @for column in fields(kind) {
                        option value=(column.field.name) selected[column.field.name == wish.field] {
                            (kind.words(shell.lang, &format!("field.{}", column.field.name)))
                        }
                    }
                }
            }
            div.row { button.btn.quiet { (shell.text("reg-bulk-choose")) } }
        }
    }
}

fn history(kind: &Kind, past: &[Bulk], shell: &Shell) -> Markup {
    html! {
        @if !past.is_empty() {
            h2 { (shell.text("reg-bulk-past")) }
            ul { @for bulk in past { li {
                a href={ (kind.path()) "/bulk/" (bulk.id) } {
                    (kind.words(shell.lang, &format!("field.{}", bulk.field))) " · " (format::date_time(shell.lang, bulk.created_at))
                }
                " · " (bulk.who) " · " (shell.text(&format!("reg-bulk-{}", bulk.state)))
            } } }
        }
    }
}

async fn look(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let wish = Wish::of(&kind, &|name| submitted.text(name).to_owned());
    let form = form(&register, &kind, wish.column(&kind)?, &wish, &shell);
    let mut errors = form.parse(&submitted).err().unwrap_or_else(Errors::none);
    match wish.value(&register, &kind) {
        Ok(_) => {}
        Err(RegisterError::Invalid(wrong)) => wrong
            .iter()
            .for_each(|one| errors.add_words("value", wrong_words(&kind, one))),
        Err(error) => return Err(error.into()),
    }
    if !errors.is_empty() {
        let typed = form.typed(&submitted);
        return Ok(drawn(&register, &kind, &wish, &typed, &errors, &shell)
            .await?
            .into_response());
    }
    Ok(shown(&register, &kind, &officer, &wish, false, &shell)
        .await?
        .into_response())
}

/// What would become of the records of the list.
async fn shown(
    register: &Register,
    kind: &Arc<Kind>,
    officer: &OfficerCaller,
    wish: &Wish,
    is_other: bool,
    shell: &Shell,
) -> Reply {
    let records = listed(register, kind, officer, wish).await?;
    let (value, seal) = (wish.value(register, kind)?, seal(&records));
    let is_long = records.len() as u64 > RECORDS_MAX;
    let today = register.today();
    let all: Vec<Preview> = records
        .into_iter()
        .map(|record| preview(kind, record, &wish.field, &value, today))
        .collect();
    let count = |state: RowState| all.iter().filter(|one| one.outcome == state).count() as u64;
    let title = title(kind, shell);
    let facts = [RowState::Changed, RowState::Same, RowState::Refused].map(|state| {
        SummaryRow::new(
            shell.text(&format!("reg-bulk-row-{state}")),
            format::number(shell.lang, i64::try_from(count(state)).unwrap_or(i64::MAX)),
        )
    });
    let may = !is_long && count(RowState::Changed) > 0;
    let body = html! {
        h1 { (title) }
        @if is_other { (components::notification(shell.lang, Tone::Soon, &shell.text("reg-bulk-other"))) }
        @if is_long { (components::notification(shell.lang, Tone::Late, &shell.text_with("reg-bulk-long", &[("n", RECORDS_MAX.into())]))) }
        (filters(register, kind, wish, shell))
        h2 { (shell.text("reg-bulk-becomes")) }
        (components::summary_list(&facts))
        (table(register, kind, wish, &value, &all, shell))
        @if may { (confirm_form(kind, wish, &seal, shell)) }
        p { a href={ (kind.path()) "/bulk" } { (shell.text("reg-bulk-back")) } }
    };
    Ok(Page::new(shell, title).wide().crumbs(way(kind, shell)).body(body))
}

fn table(register: &Register, kind: &Kind, wish: &Wish, value: &Value, all: &[Preview], shell: &Shell) -> Markup {
    let column = kind.column(&wish.field);
    let words = |value: &Value| match column {
        Some(column) if *value != Value::Null => view::words(register, kind, column, value, shell.lang),
        _ => shell.text("reg-nothing"),
    };
    let label = kind.words(shell.lang, &format!("field.{}", wish.field));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("reg-bulk-becomes")) { table.stack {
            caption { (shell.text_with("reg-bulk-shown", &[("n", (all.len().min(SHOWN) as u64).into())])) }
            thead { tr {
                th scope="col" { (shell.text("reg-record")) }
                th scope="col" { (label) }
                th scope="col" { (shell.text("reg-bulk-outcome")) }
            } }
            tbody { @for one in all.iter().take(SHOWN) { tr {
                th scope="row" { a href={ (kind.path()) "/" (one.record.id) } { (view::title(register, kind, &one.record, shell.lang)) } }
                td data-l=(label) {
                    @let before = one.record.values.get(&wish.field).unwrap_or(&Value::Null);
                    @if one.outcome == RowState::Same { (words(before)) } @else { del { (words(before)) } " → " ins { (words(value)) } }
                }
                td data-l=(shell.text("reg-bulk-outcome")) {
                    (shell.text(&format!("reg-bulk-row-{}", one.outcome)))
                    @for wrong in &one.wrong { ": " (wrong_words(kind, wrong).get(shell.lang)) }
                }
            } } }
        } }
    }
}

fn confirm_form(kind: &Kind, wish: &Wish, seal: &str, shell: &Shell) -> Markup {
    let action = format!("{}/bulk/confirm", kind.path());
    let filters: Vec<(String, &str)> = wish
        .filters
        .iter()
        .map(|(name, value)| (format!("filter-{name}"), value.as_str()))
        .collect();
    let mut hidden = vec![
        ("field", wish.field.as_str()),
        ("value", wish.value.as_str()),
        ("reason", wish.reason.as_str()),
        ("seal", seal),
    ];
    hidden.extend(filters.iter().map(|(name, value)| (name.as_str(), *value)));
    components::post_button(shell, ButtonKind::Main, &action, &hidden, &shell.text("reg-bulk-do"))
}

async fn confirm(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let wish = Wish::of(&kind, &|name| submitted.text(name).to_owned());
    let value = wish.value(&register, &kind)?;
    if wish.reason.trim().is_empty() || wish.reason.chars().count() > crate::record::rules::REASON_CHARS_MAX {
        return Err(RegisterError::ReasonMissing.into());
    }
    let records = listed(&register, &kind, &officer, &wish).await?;
    if records.len() as u64 > RECORDS_MAX || seal(&records) != submitted.text("seal") {
        return Ok(shown(&register, &kind, &officer, &wish, true, &shell)
            .await?
            .into_response());
    }
    let by = By::officer(&officer).ok_or(RegisterError::NotFound)?;
    let bulk = Bulk {
        id: BulkId::from_uuid(submitted.once),
        system: kind.system.code.clone(),
        kind: kind.record.name.clone(),
        field: wish.field.clone(),
        value: to_json(&value),
        reason: wish.reason.trim().to_owned(),
        valid_from: register.today(),
        state: Stand::Running,
        account: by.account,
        who: by.who,
        unit: by.unit,
        undone_who: None,
        created_at: register.now(),
        ended_at: None,
    };
    let to = format!("{}/bulk/{}", kind.path(), bulk.id);
    register
        .begin_bulk(
            bulk,
            records.iter().map(|record| (record.id, record.revision)).collect(),
        )
        .await?;
    Ok(see_other(&to))
}

impl Register {
    /// Writes an edit down with its records, and plans its work.
    pub(super) async fn begin_bulk(&self, bulk: Bulk, rows: Vec<(crate::RecordId, i64)>) -> Result<(), RegisterError> {
        let job = job(bulk.id, kernel::id::uuid_v7(self.world().as_ref()), bulk.created_at);
        self.store()
            .write(move |tx| {
                if store::insert(tx, &bulk, &rows)? {
                    tx.enqueue(&job)?;
                    let detail = audit::detail([
                        ("kind", format!("{}/{}", bulk.system, bulk.kind)),
                        ("field", bulk.field.clone()),
                        ("records", rows.len().to_string()),
                    ]);
                    let actor = bulk.account.map_or(audit::Actor::System, audit::Actor::Account);
                    audit::append(
                        tx,
                        actor,
                        "register.bulk",
                        &bulk.id.to_string(),
                        detail,
                        bulk.created_at,
                    )?;
                }
                Ok::<_, RegisterError>(())
            })
            .await
    }

    /// Begins to take an edit back; false when it is not done yet, or was taken back.
    pub(super) async fn undo_bulk(&self, id: BulkId, by: &By) -> Result<bool, RegisterError> {
        let (now, who, account) = (self.now(), by.who.clone(), by.account);
        let job = job(id, kernel::id::uuid_v7(self.world().as_ref()), now);
        self.store()
            .write(move |tx| {
                let begun = store::advance(tx, id, (Stand::Done, Stand::Undoing), Some(&who), now)?;
                if begun {
                    tx.enqueue(&job)?;
                    let actor = account.map_or(audit::Actor::System, audit::Actor::Account);
                    audit::append(
                        tx,
                        actor,
                        "register.bulk-undo",
                        &id.to_string(),
                        audit::Detail::new(),
                        now,
                    )?;
                }
                Ok::<_, RegisterError>(begun)
            })
            .await
    }
}

/// An edit of a kind that lies at a unit whose records the officer may change.
async fn found(register: &Register, kind: &Kind, officer: &OfficerCaller, id: &str) -> Result<Bulk, RegisterError> {
    let id: BulkId = id.parse().map_err(|_| RegisterError::NotFound)?;
    let bulk = register
        .store()
        .read(move |tx| store::get(tx, id))
        .await?
        .ok_or(RegisterError::NotFound)?;
    let is_of = bulk.system == kind.system.code && bulk.kind == kind.record.name;
    if is_of && register.may(officer, Action::RegisterWrite, bulk.unit) {
        Ok(bulk)
    } else {
        Err(RegisterError::NotFound)
    }
}

async fn one(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind, id)): Path<(String, String, String)>,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let bulk = found(&register, &kind, &officer, &id).await?;
    let counts = register.store().read(move |tx| store::counts(tx, bulk.id)).await?;
    let title = title(&kind, &shell);
    let value = bulk.value(&kind);
    let words = match kind.column(&bulk.field) {
        Some(column) if value != Value::Null => view::words(&register, &kind, column, &value, shell.lang),
        _ => shell.text("reg-nothing"),
    };
    let mut rows = vec![
        SummaryRow::new(kind.words(shell.lang, &format!("field.{}", bulk.field)), words),
        SummaryRow::new(shell.text("reg-reason"), &bulk.reason),
        SummaryRow::new(shell.text("reg-who"), &bulk.who),
        SummaryRow::new(
            shell.text("reg-known-at"),
            format::date_time(shell.lang, bulk.created_at),
        ),
    ];
    if let Some(who) = &bulk.undone_who {
        rows.push(SummaryRow::new(shell.text("reg-bulk-undone-by"), who));
    }
    let became: Vec<SummaryRow> = counts
        .iter()
        .map(|(state, n)| {
            SummaryRow::new(
                shell.text(&format!("reg-bulk-row-{state}")),
                format::number(shell.lang, *n),
            )
        })
        .collect();
    let tone = if matches!(bulk.state, Stand::Done | Stand::Undone) {
        Tone::Ok
    } else {
        Tone::Info
    };
    let body = html! {
        h1 { (title) }
        p { (components::tag(tone, &shell.text(&format!("reg-bulk-{}", bulk.state)))) }
        (components::summary_list(&rows))
        h2 { (shell.text("reg-bulk-became")) }
        (components::summary_list(&became))
        @if bulk.state == Stand::Done {
            p { (shell.text("reg-bulk-undo-words")) }
            (components::post_button(&shell, ButtonKind::Danger, &format!("{}/bulk/{}/undo", kind.path(), bulk.id), &[], &shell.text("reg-bulk-undo")))
        }
    };
    Ok(Page::new(&shell, title).crumbs(way(&kind, &shell)).body(body))
}

async fn undo(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path((system, kind, id)): Path<(String, String, String)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let bulk = found(&register, &kind, &officer, &id).await?;
    let by = By::officer(&officer).ok_or(RegisterError::NotFound)?;
    register.undo_bulk(bulk.id, &by).await?;
    Ok(see_other(&format!("{}/bulk/{}", kind.path(), bulk.id)))
}
