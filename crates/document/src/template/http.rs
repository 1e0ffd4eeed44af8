//! The administrators' pages of templates: the list, one template with its editor, its preview and its versions.
//! Samples are invented: nobody sees a dossier here. What does not typeset is shown back with the line of every fault.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller};
use kernel::Fault as _;
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb, Tone};
use web::form::{Errors, Field, Form, Values};
use web::submitted::FileKind;
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, Submitted, download, format, see_other};

use super::{Change, Name, Origin, SOURCE_MAX, TemplateError, Version, faults_of, store};
use crate::Document;

/// The guarded pages.
pub(crate) fn routes(document: &Document) -> Router {
    let manage = Access::Action(Action::TemplateManage);
    Routes::new(document.identity())
        .page(get("/admin/templates", list), manage)
        .page(get("/admin/templates/{name}", one), manage)
        .page(post("/admin/templates/{name}", change), manage)
        .page(get("/admin/templates/{name}/sample.pdf", sample), manage)
        .page(get("/admin/templates/{name}/versions/{version}", version), manage)
        .page(post("/admin/templates/{name}/versions/{version}", use_again), manage)
        .into_router()
        .with_state(document.clone())
}

fn name_of(word: &str) -> Result<Name, TemplateError> {
    word.parse().map_err(|_| TemplateError::NotFound)
}

fn number_of(word: &str) -> Result<i64, TemplateError> {
    word.parse().map_err(|_| TemplateError::NotFound)
}

fn title_of(shell: &Shell, name: Name) -> String {
    shell.text(&format!("template-name-{name}"))
}

fn crumbs(shell: &Shell, name: Option<Name>) -> Vec<Crumb> {
    let mut crumbs = vec![
        Crumb::new("/admin", shell.text("account-nav-admin")),
        Crumb::new("/admin/templates", shell.text("template-title")),
    ];
    crumbs.extend(name.map(|name| Crumb::new(format!("/admin/templates/{name}"), title_of(shell, name))));
    crumbs
}

fn allowed(document: &Document, caller: &Caller) -> Result<identity::Allowed, TemplateError> {
    let allowed = document.identity().require_system(caller, Action::TemplateManage);
    Ok(allowed.map_err(identity::IdentityError::from)?)
}

async fn list(State(document): State<Document>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    allowed(&document, &caller)?;
    let all = |tx: &mut ::store::Tx| {
        Name::ALL
            .iter()
            .map(|name| store::current(tx, *name))
            .collect::<Result<Vec<_>, _>>()
    };
    let versions = document.identity().store().read(all).await?;
    let columns = vec![
        Column::new("name", "template-name"),
        Column::new("version", "template-version"),
        Column::new("origin", "template-origin"),
        Column::new("made", "template-made"),
    ];
    let table = Table::new("/admin/templates", "template-caption", columns).empty("template-none");
    let rows: Vec<Row> = versions
        .iter()
        .map(|one| {
            Row::new(vec![
                html! { (title_of(&shell, one.name)) },
                html! { span.num { (one.version) } },
                origin_tag(&shell, one.origin),
                html! { span.num { (format::date_time(shell.lang, one.made_at)) } },
            ])
            .link(format!("/admin/templates/{}", one.name))
        })
        .collect();
    let total = u64::try_from(rows.len()).unwrap_or(0);
    let paging = Paging::Numbered {
        page: 1,
        size: 50,
        total,
    };
    let title = shell.text("template-title");
    Ok(Page::new(&shell, title.clone())
        .crumbs(vec![Crumb::new("/admin", shell.text("account-nav-admin"))])
        .body(html! {
            h1 { (title) }
            p { (shell.text("template-words")) }
            (table.render(&shell, &query, &rows, &paging))
        }))
}

fn origin_tag(shell: &Shell, origin: Origin) -> Markup {
    let tone = match origin {
        Origin::Country => Tone::Plain,
        Origin::Province => Tone::Info,
    };
    components::tag(tone, &shell.text(&format!("template-origin-{origin}")))
}

fn form(name: Name, seen: i64) -> Form {
    Form::new("template", format!("/admin/templates/{name}"))
        .hidden("seen", seen.to_string())
        .field(Field::multiline("source", "template-source", SOURCE_MAX).hint("template-source-hint"))
        .field(
            Field::text("note", "template-note")
                .hint("template-note-hint")
                .max_len(500)
                .optional(),
        )
}

/// What the editor shows besides what is typed.
struct Editor<'a> {
    current: &'a Version,
    versions: &'a [Version],
    values: &'a Values,
    errors: &'a Errors,
    fault: Option<&'a TemplateError>,
}

async fn read(document: &Document, name: Name) -> Result<(Version, Vec<Version>), TemplateError> {
    document
        .identity()
        .store()
        .read(move |tx| Ok((store::current(tx, name)?, store::versions(tx, name)?)))
        .await
}

async fn one(State(document): State<Document>, shell: Shell, caller: Caller, Path(name): Path<String>) -> Reply {
    allowed(&document, &caller)?;
    let (current, versions) = read(&document, name_of(&name)?).await?;
    let values = Values::none().with("source", current.source.as_str());
    let editor = Editor {
        current: &current,
        versions: &versions,
        values: &values,
        errors: &Errors::none(),
        fault: None,
    };
    Ok(page(&shell, &editor))
}

fn page(shell: &Shell, editor: &Editor<'_>) -> Page {
    let (name, current) = (editor.current.name, editor.current);
    let form = form(name, current.version);
    let title = title_of(shell, name);
    let newer = editor.versions.iter().find(|one| one.origin == Origin::Country);
    let newer = newer.filter(|one| current.origin == Origin::Province && one.version > current.version);
    let body = html! {
        h1 { (title) }
        p { (origin_tag(shell, current.origin)) " " (shell.text_with("template-in-force", &[("version", current.version.into())])) }
        @if let Some(newer) = newer {
            (components::note(Tone::Soon, &shell.text("template-newer"), &html! {
                p { a href={ "/admin/templates/" (name) "/versions/" (newer.version) } { (shell.text_with("template-see", &[("version", newer.version.into())])) } }
            }))
        }
        @if let Some(fault) = editor.fault { (faults(shell, fault, editor.values.text("source"), name)) }
        @if name != Name::Layout { p { a href={ "/admin/templates/" (name) "/sample.pdf" } { (shell.text("template-sample")) } } }
        (web::form::error_summary(shell.lang, &form, editor.errors))
        form method="post" action={ "/admin/templates/" (name) } {
            (components::form_guards(shell, "template"))
            input type="hidden" name="seen" value=(current.version);
            (form.render_fields(shell.lang, editor.values, editor.errors))
            div.row {
                button.btn name="do" value="save" { (shell.text("template-save")) }
                button.btn.quiet name="do" value="preview" { (shell.text("template-preview")) }
            }
        }
        h2 { (shell.text("template-versions")) }
        ul { @for one in editor.versions { li {
            a href={ "/admin/templates/" (name) "/versions/" (one.version) } { (shell.text_with("template-see", &[("version", one.version.into())])) }
            " " (origin_tag(shell, one.origin)) " " span.num.muted { (format::date_time(shell.lang, one.made_at)) }
            @if !one.note.is_empty() { " · " (one.note) }
        } } }
    };
    Page::new(shell, title)
        .crumbs(crumbs(shell, None))
        .errors(editor.errors)
        .wide()
        .body(body)
}

/// Every fault with its place and the line that it stands in.
fn faults(shell: &Shell, error: &TemplateError, source: &str, name: Name) -> Markup {
    let found = faults_of(error);
    let words = shell.text(&format!("error-{}", error.code()));
    components::note(
        Tone::Late,
        &shell.text("template-not-saved"),
        &html! {
            @if found.is_empty() { p { (words) } }
            ol { @for fault in found { li {
                b.num { (shell.text_with("template-place", &[("file", fault.file.as_str().into()), ("line", fault.line.into()), ("column", fault.column.into())])) }
                " " span lang="en" { (fault.what) @if !fault.hint.is_empty() { " (" (fault.hint) ")" } }
                @if fault.file == name.file() && let Some(line) = source.lines().nth(fault.line.saturating_sub(1)) {
                    pre.code tabindex="0" { code { (line.chars().take(200).collect::<String>()) } }
                }
            } } }
        },
    )
}

async fn change(
    State(document): State<Document>,
    shell: Shell,
    caller: Caller,
    Path(name): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let allowed = allowed(&document, &caller)?;
    let (current, versions) = read(&document, name_of(&name)?).await?;
    let form = form(current.name, current.version);
    let typed = form.typed(&submitted);
    let answer = |errors: &Errors, fault: Option<&TemplateError>| {
        let editor = Editor {
            current: &current,
            versions: &versions,
            values: &typed,
            errors,
            fault,
        };
        page(&shell, &editor)
    };
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(answer(&errors, None).into_response()),
    };
    let source = values.text("source").replace("\r\n", "\n");
    let done = if submitted.text("do") == "preview" {
        document
            .try_out(current.name, &source)
            .await
            .map(|pdf| shown(current.name, pdf))
    } else {
        let change = Change {
            name: current.name,
            seen: submitted.text("seen").parse().unwrap_or(0),
            source,
            note: values.text("note").to_owned(),
            by: allowed.account(),
            now: document.identity().now(),
        };
        let saved = document.save(change).await;
        saved.map(|_| see_other(&format!("/admin/templates/{}", current.name)))
    };
    match done {
        Ok(response) => Ok(response),
        Err(error @ TemplateError::Press(_)) => {
            let page = answer(&Errors::none(), Some(&error));
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn shown(name: Name, pdf: Vec<u8>) -> Response {
    download::inline(FileKind::Pdf, &format!("{name}.pdf"), Body::from(pdf))
}

async fn sample(State(document): State<Document>, caller: Caller, Path(name): Path<String>) -> Reply<Response> {
    allowed(&document, &caller)?;
    let name = name_of(&name)?;
    let (current, _) = read(&document, name).await?;
    Ok(shown(name, document.try_out(name, &current.source).await?))
}

async fn version(
    State(document): State<Document>,
    shell: Shell,
    caller: Caller,
    Path((name, number)): Path<(String, String)>,
) -> Reply {
    allowed(&document, &caller)?;
    let (name, number) = (name_of(&name)?, number_of(&number)?);
    let (one, current) = document
        .identity()
        .store()
        .read(move |tx| Ok::<_, TemplateError>((store::version(tx, name, number)?, store::current(tx, name)?)))
        .await?;
    let title = shell.text_with("template-see", &[("version", number.into())]);
    let action = format!("/admin/templates/{name}/versions/{number}");
    let seen = current.version.to_string();
    let body = html! {
        h1 { (title_of(&shell, name)) ": " (title) }
        p { (origin_tag(&shell, one.origin)) " " span.num { (format::date_time(shell.lang, one.made_at)) } }
        @if !one.note.is_empty() { p { (one.note) } }
        @if one.version == current.version {
            p { (shell.text_with("template-in-force", &[("version", number.into())])) }
        } @else {
            (components::post_button(&shell, ButtonKind::Main, &action, &[("seen", &seen)], &shell.text("template-use-again")))
        }
        pre.code tabindex="0" role="region" aria-label=(title_of(&shell, name)) { code { (one.source) } }
    };
    Ok(Page::new(&shell, title)
        .crumbs(crumbs(&shell, Some(name)))
        .wide()
        .body(body))
}

async fn use_again(
    State(document): State<Document>,
    caller: Caller,
    Path((name, number)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let allowed = allowed(&document, &caller)?;
    let (name, number) = (name_of(&name)?, number_of(&number)?);
    let seen = submitted.text("seen").parse().unwrap_or(0);
    document.use_again(name, number, seen, allowed.account()).await?;
    Ok(see_other(&format!("/admin/templates/{name}")))
}
