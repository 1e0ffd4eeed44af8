//! The page on which a file is asked for, and the answer that carries it. Who took which rows for what is in the audit log. A file
//! that takes long begins to arrive when it is whole; one that cannot be made soon enough says why.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderValue, header};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller, OfficerCaller, Purpose, Resource, audit};
use maud::{Markup, html};
use tokio::io::AsyncReadExt as _;
use web::components::{self, Crumb, SummaryRow};
use web::form::{Choice, Errors, Field, FieldKind, Form, Values};
use web::table::TableQuery;
use web::{Page, Reply, Shell, Submitted};

use super::{Format, Made, People, Readers, Wanted};
use crate::error::{RegisterError, What, Wrong};
use crate::geometry::crs::Crs;
use crate::house::Register;
use crate::kind::Kind;
use crate::page::http::crumbs;
use crate::record::value::parse;
use crate::record::view;

/// How long an answer waits for its file before it begins without knowing its size.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Bytes that are read from a file at once.
const CHUNK_BYTES: usize = 1 << 16;
/// Longest purpose, in characters.
const PURPOSE_CHARS_MAX: usize = 200;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterRead);
    routes
        .page(get("/registers/{system}/{kind}/export", page), access)
        .page(post("/registers/{system}/{kind}/export", make), access)
}

/// The filters of the list that lead here, which the file keeps.
fn filters(kind: &Kind, get: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let names = kind.filters.iter().map(|at| kind.columns[*at].field.name.clone());
    names
        .map(|name| (name.clone(), get(&name)))
        .filter(|(_, value)| !value.trim().is_empty())
        .collect()
}

fn form(register: &Register, kind: &Kind, officer: &OfficerCaller, filters: &[(String, String)]) -> Form {
    let formats = Format::ALL
        .iter()
        .filter(|format| kind.geometry().is_some() || !format.needs_geometry());
    let formats = formats.map(|format| Choice::new(format.word(), format!("reg-export-{format}").as_str()));
    let named = kind
        .columns
        .iter()
        .filter(|column| !column.field.retired && !column.shape.is_personal());
    let fields =
        named.map(|column| Choice::new(&column.field.name, kind.label(&format!("field.{}", column.field.name))));
    let day = FieldKind::Date {
        min: None,
        max: Some(register.today()),
    };
    let mut form = Form::new("export", format!("{}/export", kind.path()))
        .submit("reg-export-do")
        .cancel(kind.path())
        .field(Field::select("format", "reg-export-format", formats.collect()))
        .field(Field::new(
            "fields",
            "reg-export-fields",
            FieldKind::Checkboxes {
                choices: fields.collect(),
            },
        ))
        .field(
            Field::new("about", "reg-export-about", FieldKind::Confirm)
                .hint("reg-export-about-hint")
                .optional(),
        )
        .field(
            Field::new("on", "reg-export-on", day)
                .hint("reg-export-on-hint")
                .optional(),
        )
        .field(Field::select(
            "readers",
            "reg-export-readers",
            vec![
                Choice::new("people", "reg-export-readers-people"),
                Choice::new("programs", "reg-export-readers-programs"),
            ],
        ));
    if kind.geometry().is_some() {
        let systems = Crs::all()
            .iter()
            .map(|crs| Choice::named(crs.code.clone(), crs.name.clone()));
        form = form.field(Field::select("crs", "reg-export-crs", systems.collect()));
    }
    if kind.is_personal() {
        form = people(register, officer, form);
    }
    filters
        .iter()
        .fold(form, |form, (name, value)| form.hidden(format!("filter-{name}"), value))
}

fn people(register: &Register, officer: &OfficerCaller, form: Form) -> Form {
    let may = officer
        .unit()
        .is_some_and(|unit| register.may(officer, Action::PersonDisclose, unit));
    let mut choices = vec![
        Choice::new("left-out", "reg-export-people-left-out"),
        Choice::new("masked", "reg-export-people-masked"),
    ];
    if may {
        choices.push(Choice::new("in-full", "reg-export-people-in-full"));
    }
    let form = form
        .section("reg-names-title")
        .field(Field::radios("people", "reg-export-people", choices));
    if !may {
        return form;
    }
    let purpose = Field::text("purpose", "reg-names-purpose")
        .hint("reg-names-hint")
        .max_len(PURPOSE_CHARS_MAX);
    form.field(purpose.when("people", &["in-full"]))
}

async fn page(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    query: TableQuery,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let filters = filters(&kind, &|name| query.filter(name).to_owned());
    let mut values = Values::none()
        .with("format", Format::Xlsx.word())
        .with("readers", "people")
        .with("crs", Crs::stored().code.clone())
        .with("about", "yes")
        .with("people", "left-out");
    let all = Wanted::all(&kind)
        .fields
        .into_iter()
        .map(|at| kind.columns[at].field.name.clone());
    values.set_all("fields", all.collect());
    Ok(drawn(
        &register,
        &kind,
        &officer,
        &filters,
        &values,
        &Errors::none(),
        &shell,
    ))
}

fn drawn(
    register: &Register,
    kind: &Kind,
    officer: &OfficerCaller,
    filters: &[(String, String)],
    values: &Values,
    errors: &Errors,
    shell: &Shell,
) -> Page {
    let name = kind.words(shell.lang, "name");
    let title = shell.text_with("reg-export-title", &[("kind", name.as_str().into())]);
    let mut all = crumbs(shell);
    all.push(Crumb::new(kind.path(), name));
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("reg-export-words")) }
        (kept(register, kind, filters, shell))
        (form(register, kind, officer, filters).render(shell, values, errors))
    };
    Page::new(shell, title).crumbs(all).errors(errors).body(body)
}

/// The filters that the file keeps, in words.
fn kept(register: &Register, kind: &Kind, filters: &[(String, String)], shell: &Shell) -> Markup {
    if filters.is_empty() {
        return html! {};
    }
    let row = |(name, text): &(String, String)| {
        let column = kind.column(name)?;
        let value = parse(column.field, text).ok()?;
        let words = view::words(register, kind, column, &value, shell.lang);
        Some(SummaryRow::new(kind.words(shell.lang, &format!("field.{name}")), words))
    };
    html! {
        h2 { (shell.text("reg-export-filters")) }
        (components::summary_list(&filters.iter().filter_map(row).collect::<Vec<_>>()))
    }
}

async fn make(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let filters = filters(&kind, &|name| submitted.text(&format!("filter-{name}")).to_owned());
    let form = form(&register, &kind, &officer, &filters);
    let again = |errors: &Errors| {
        let typed = form.typed(&submitted);
        drawn(&register, &kind, &officer, &filters, &typed, errors, &shell).into_response()
    };
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    let Ok(format) = values.text("format").parse::<Format>() else {
        return Err(RegisterError::NotFound.into());
    };
    let wanted = match wanted(&register, &kind, &officer, &values, &filters, &shell) {
        Ok(wanted) => wanted,
        Err(RegisterError::Invalid(wrong)) => return Ok(again(&crate::record::form::errors(&kind, &wrong))),
        Err(error) => return Err(error.into()),
    };
    match send(&register, &kind, &officer, format, wanted).await {
        Ok(response) => Ok(response),
        Err(RegisterError::Export(error)) => {
            let mut errors = Errors::none();
            errors.add_fault("format", &error);
            Ok(again(&errors))
        }
        Err(error) => Err(error.into()),
    }
}

fn wanted(
    register: &Register,
    kind: &Kind,
    officer: &OfficerCaller,
    values: &Values,
    filters: &[(String, String)],
    shell: &Shell,
) -> Result<Wanted, RegisterError> {
    let mut wanted = Wanted::all(kind);
    let chosen = values.all("fields");
    wanted
        .fields
        .retain(|at| chosen.contains(&kind.columns[*at].field.name));
    wanted.about = values.yes("about");
    wanted.on = values.date("on");
    if values.text("readers") == "people" {
        wanted.readers = Readers::People(shell.lang);
    }
    if let Some(crs) = Crs::find(values.text("crs")) {
        wanted.crs = crs;
    }
    wanted.units = register.scope(officer, Action::RegisterRead);
    wanted.asked.filters = asked(kind, filters)?;
    if kind.is_personal() && values.text("people") != "left-out" {
        let in_full = values.text("people") == "in-full";
        let purpose = in_full.then(|| values.text("purpose"));
        name_people(register, kind, officer, &mut wanted, purpose)?;
    }
    Ok(wanted)
}

/// The filters of an address as values of fields.
pub(crate) fn asked(
    kind: &Kind,
    filters: &[(String, String)],
) -> Result<Vec<(usize, definition::expression::Value)>, RegisterError> {
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    for (name, text) in filters {
        let at = kind
            .filters
            .iter()
            .copied()
            .find(|at| kind.columns[*at].field.name == *name);
        match at.map(|at| parse(kind.columns[at].field, text).map(|value| (at, value))) {
            Some(Ok(filter)) => found.push(filter),
            Some(Err(what)) => wrong.push(Wrong::new(name, what)),
            None => wrong.push(Wrong::new(name, What::Unknown)),
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(RegisterError::Invalid(wrong))
    }
}

/// Adds personal fields: masked, or in full for a purpose, and then only of units whose people the officer may see.
pub(crate) fn name_people(
    register: &Register,
    kind: &Kind,
    officer: &OfficerCaller,
    wanted: &mut Wanted,
    purpose: Option<&str>,
) -> Result<(), RegisterError> {
    let personal = |at: &usize| kind.columns[*at].shape.is_personal() && !kind.columns[*at].field.retired;
    wanted.fields.extend((0..kind.columns.len()).filter(personal));
    let Some(purpose) = purpose else {
        wanted.people = People::Masked;
        return Ok(());
    };
    let unit = officer.unit().ok_or(RegisterError::NotFound)?;
    let caller = Caller::Officer(officer.clone());
    let resource = Resource::at(unit).living_on(&register.identity().units(), register.today());
    let allowed = register
        .identity()
        .policy()
        .require(&caller, Action::PersonDisclose, &resource)?;
    let matter = kernel::id::uuid_v7(register.world().as_ref());
    let about = format!("{}: {purpose}", kind.label("name").get(kernel::Lang::Vi));
    wanted.people = People::InFull(Purpose::for_task(&caller, matter, &allowed).about(about));
    wanted.units = register.scope(officer, Action::PersonDisclose);
    Ok(())
}

/// Makes a file and sends it. That it was taken is on record before its first byte leaves.
pub(crate) async fn send(
    register: &Register,
    kind: &Arc<Kind>,
    officer: &OfficerCaller,
    format: Format,
    wanted: Wanted,
) -> Result<Response, RegisterError> {
    let name = format!("{}-{}.{}", kind.record.name, register.today(), format.extension());
    let (maker, of, by) = (register.clone(), kind.clone(), officer.account());
    let people = match &wanted.people {
        People::LeftOut => "left-out",
        People::Masked => "masked",
        People::InFull(_) => "in-full",
    };
    let mut work = tokio::spawn(async move {
        let made = maker.export(&of, format, wanted).await?;
        on_record(&maker, &of, by, format, people, made.rows).await?;
        Ok::<Made, RegisterError>(made)
    });
    let broken = |error: tokio::task::JoinError| RegisterError::File(error.to_string());
    match tokio::time::timeout(WAIT_MAX, &mut work).await {
        Ok(done) => {
            let made = done.map_err(broken)??;
            let bytes = made.bytes;
            let mut response = attachment(format, &name, Body::from_stream(chunks(made)));
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
            Ok(response)
        }
        // The answer begins; its bytes follow when the file is whole. A fault breaks it off, so that nobody takes a part for all.
        Err(_) => {
            let later = futures::stream::once(async move {
                match work.await {
                    Ok(Ok(made)) => Ok(chunks(made)),
                    Ok(Err(error)) => Err(std::io::Error::other(error.to_string())),
                    Err(error) => Err(std::io::Error::other(error.to_string())),
                }
            });
            let body = later.flat_map(|done| match done {
                Ok(chunks) => chunks.boxed(),
                Err(error) => futures::stream::once(async move { Err(error) }).boxed(),
            });
            Ok(attachment(format, &name, Body::from_stream(body)))
        }
    }
}

fn attachment(format: Format, name: &str, body: Body) -> Response {
    web::download::attachment(format.media_type(), name, body)
}

/// The bytes of a file. It is gone with the last of them, or when nobody reads on.
fn chunks(made: Made) -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send + use<> {
    futures::stream::try_unfold((made, None::<tokio::fs::File>), |(made, file)| async move {
        let mut file = match file {
            Some(file) => file,
            None => tokio::fs::File::open(made.path()).await?,
        };
        let mut bytes = bytes::BytesMut::with_capacity(CHUNK_BYTES);
        let read = file.read_buf(&mut bytes).await?;
        Ok((read > 0).then(|| (bytes.freeze(), (made, Some(file)))))
    })
}

async fn on_record(
    register: &Register,
    kind: &Arc<Kind>,
    account: identity::AccountId,
    format: Format,
    people: &'static str,
    rows: u64,
) -> Result<(), RegisterError> {
    let (subject, now) = (format!("{}/{}", kind.system.code, kind.record.name), register.now());
    register
        .store()
        .write(move |tx| {
            let detail = audit::detail([
                ("format", format.to_string()),
                ("people", people.to_owned()),
                ("rows", rows.to_string()),
            ]);
            audit::append(
                tx,
                audit::Actor::Account(account),
                "register.exported",
                &subject,
                detail,
                now,
            )?;
            Ok::<_, RegisterError>(())
        })
        .await
}
