//! The report of a period with its numbers, the register behind each, their spreadsheets, and the printed register.
//! Every export is bounded and written into the audit log; the printed register shows names and records each use.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller, Purpose, UnitId, audit};
use kernel::{Lang, Timestamp};
use maud::{Markup, html};
use store::keys::Sealed;
use web::components::{self, ButtonKind, Crumb, Fact};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Failure, Page, Reply, Shell, Submitted, download, format, see_other};

use super::filter::{Asked as Address, slug_of};
use super::sheet::{Cell, Sheet};
use super::store::{self as table, Asked, Part};
use super::{BASIS, EXPORT_ROWS, Filter, PRINT_ROWS};
use crate::Casework;
use crate::desk::{Register, Scope, resource};
use crate::dossier::{Content, Dossier, DossierError, DossierId, store as dossiers, submit};
use crate::result::{self, PaperError};

/// Rows of one part of a list.
const PAGE_ROWS: i64 = 50;

/// What a spreadsheet program calls its files.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let list = Access::Action(Right::DossierList);
    routes
        .page(get("/desk/figures", report), list)
        .page(get("/desk/figures/export/{kind}", export_report), list)
        .page(get("/desk/register/{register}", register), list)
        .page(get("/desk/register/{register}/export/{kind}", export_register), list)
        .page(post("/desk/register/{register}/print", print), list)
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk", shell.text("desk-title"))]
}

/// What is asked, with the officer's scope narrowed by it.
struct Question {
    filter: Filter,
    scope: Scope,
    procedures: Option<Vec<String>>,
    sectors: Vec<(String, String)>,
    units: Vec<(UnitId, String)>,
}

impl Question {
    async fn read(
        house: &Casework,
        officer: &OfficerCaller,
        address: &Address,
        lang: Lang,
    ) -> Result<Self, DossierError> {
        let filter = address.read(house.now().local_date());
        let caller = Caller::Officer(officer.clone());
        let whole = Scope::of(house, &house.identity().units(), &caller, Right::DossierList);
        let index = house.catalogue().index().await?;
        let procedures = filter.procedures(&index);
        let sectors = index
            .sectors()
            .iter()
            .map(|one| (one.slug.clone(), one.name.get(lang).to_owned()))
            .collect();
        let mut units: Vec<_> = whole
            .units
            .iter()
            .map(|unit| (*unit, house.identity().unit_name(*unit, lang)))
            .collect();
        units.sort_by_cached_key(|(_, name)| kernel::fold::sort_key(name));
        Ok(Self {
            scope: filter.narrow(whole),
            filter,
            procedures,
            sectors,
            units,
        })
    }

    fn of(&self, register: Register) -> Asked {
        let (from, until) = self.filter.bounds();
        Asked {
            scope: self.scope.clone(),
            register,
            from,
            until,
            procedures: self.procedures.clone(),
        }
    }

    fn sector_name(&self, slug: &str) -> String {
        self.sectors
            .iter()
            .find(|(one, _)| one == slug)
            .map_or_else(|| slug.to_owned(), |(_, name)| name.clone())
    }

    /// "lĩnh vực Hộ tịch, UBND phường Thành Sen", or nothing.
    fn narrowed(&self, shell: &Shell) -> String {
        let sector = self.filter.sector.as_deref().map(|slug| self.sector_name(slug));
        let unit = self
            .filter
            .unit
            .and_then(|unit| self.units.iter().find(|(one, _)| *one == unit));
        let sector = sector.map(|name| shell.text_with("register-of-sector", &[("sector", name.into())]));
        let parts: Vec<String> = sector.into_iter().chain(unit.map(|(_, name)| name.clone())).collect();
        parts.join(", ")
    }
}

/// The numbers of a report: each register by unit and procedure.
type Numbers = Vec<(Register, Vec<Part>)>;

async fn numbers(house: &Casework, question: &Question) -> Result<Numbers, DossierError> {
    let all: Vec<Asked> = Register::ALL.iter().map(|&register| question.of(register)).collect();
    house
        .store()
        .read(move |tx| {
            let each = all.iter().map(|asked| Ok((asked.register, table::parts(tx, asked)?)));
            each.collect::<Result<_, DossierError>>()
        })
        .await
}

/// The form that narrows a report or a register.
fn bar(shell: &Shell, question: &Question, action: &str) -> Markup {
    let filter = &question.filter;
    html! {
        form.bar method="get" action=(action) {
            div { label for="from" { (shell.text("register-from")) } input #from type="date" name="from" value=(filter.from); }
            div { label for="to" { (shell.text("register-to")) } input #to type="date" name="to" value=(filter.to); }
            @if question.units.len() > 1 {
                div { label for="unit" { (shell.text("register-unit")) } select #unit name="unit" {
                    option value="" { (shell.text("register-all")) }
                    @for (unit, name) in &question.units { option value=(unit) selected[filter.unit == Some(*unit)] { (name) } }
                } }
            }
            div { label for="sector" { (shell.text("register-sector")) } select #sector name="sector" {
                option value="" { (shell.text("register-all")) }
                @for (slug, name) in &question.sectors { option value=(slug) selected[filter.sector.as_deref() == Some(slug)] { (name) } }
            } }
            div.row { button.btn.quiet { (shell.text("desk-figures-show")) } }
        }
    }
}

fn period(shell: &Shell, filter: &Filter) -> String {
    if filter.from == filter.to {
        return format::long_date(shell.lang, filter.from);
    }
    let (from, to) = (
        format::date(shell.lang, filter.from),
        format::date(shell.lang, filter.to),
    );
    shell.text_with("register-period", &[("from", from.into()), ("to", to.into())])
}

async fn report(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(address): Query<Address>,
) -> Reply {
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let numbers = numbers(&house, &question).await?;
    let index = house.catalogue().index().await?;
    let sector_of = |code: &str| slug_of(&index, code).to_owned();
    let query = question.filter.query();
    let facts: Vec<Fact> = numbers
        .iter()
        .map(|(register, parts)| {
            let sum: i64 = parts.iter().map(|part| part.count).sum();
            Fact::new(
                shell.text(&format!("desk-register-{register}")),
                format::number(shell.lang, sum),
            )
            .link(&format!("/desk/register/{register}?{query}"))
        })
        .collect();
    let by_unit = grouped(&numbers, |part| {
        (part.unit_name.clone(), question.filter.at(part.unit).query())
    });
    let by_sector = grouped(&numbers, |part| {
        let slug = sector_of(&part.procedure);
        (question.sector_name(&slug), question.filter.of(&slug).query())
    });
    let title = shell.text("register-report");
    let body = html! {
        h1 { (title) ", " (period(&shell, &question.filter)) }
        (bar(&shell, &question, "/desk/figures"))
        (components::facts(&facts))
        p.row {
            a href={ "/desk/figures/export/xlsx?" (query) } { (shell.text("register-xlsx")) } " · "
            a href={ "/desk/figures/export/csv?" (query) } { (shell.text("register-csv")) }
        }
        h2 { (shell.text("register-by-unit")) }
        (group_table(&shell, "register-unit", &by_unit))
        h2 { (shell.text("register-by-sector")) }
        (group_table(&shell, "register-sector", &by_sector))
        p.small.muted { (shell.text("desk-figures-note")) }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

/// One line of a report: its name, the end of the address behind its numbers, and a number a register.
struct Group {
    name: String,
    query: String,
    counts: BTreeMap<Register, i64>,
}

fn grouped(numbers: &Numbers, key: impl Fn(&Part) -> (String, String)) -> Vec<Group> {
    let mut groups: BTreeMap<(Vec<u8>, String), Group> = BTreeMap::new();
    for (register, parts) in numbers {
        for part in parts {
            let (name, query) = key(part);
            let place = (kernel::fold::sort_key(&name), query.clone());
            let group = groups.entry(place).or_insert_with(|| Group {
                name,
                query,
                counts: BTreeMap::new(),
            });
            *group.counts.entry(*register).or_default() += part.count;
        }
    }
    groups.into_values().collect()
}

fn group_table(shell: &Shell, first: &str, groups: &[Group]) -> Markup {
    let name = |register: &Register| shell.text(&format!("desk-register-{register}"));
    html! {
        @if groups.is_empty() { p { (shell.text("desk-empty")) } } @else {
            div.scroll tabindex="0" role="region" aria-label=(shell.text(first)) { table.stack {
                thead { tr {
                    th scope="col" { (shell.text(first)) }
                    @for register in Register::ALL { th.r scope="col" { (name(register)) } }
                } }
                tbody { @for group in groups { tr {
                    th scope="row" { (group.name) }
                    @for register in Register::ALL {
                        @let count = group.counts.get(register).copied().unwrap_or(0);
                        td.r data-l=(name(register)) {
                            @if count == 0 { "0" } @else {
                                a.num href={ "/desk/register/" (register) "?" (group.query) } aria-label={ (group.name) ", " (name(register)) ": " (count) } { (format::number(shell.lang, count)) }
                            }
                        }
                    }
                } } }
            } }
        }
    }
}

async fn register(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(register): Path<String>,
    Query(address): Query<Address>,
    query: TableQuery,
) -> Reply {
    let register: Register = register.parse().map_err(|_| DossierError::NotFound)?;
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let begin = address.after.parse().unwrap_or(DossierId::from_uuid(uuid::Uuid::nil()));
    let asked = question.of(register);
    let (mut rows, total) = house
        .store()
        .read(move |tx| {
            Ok::<_, DossierError>((
                table::rows(tx, &asked, begin, PAGE_ROWS + 1)?,
                table::count(tx, &asked)?,
            ))
        })
        .await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let next = (rows.len() > most)
        .then(|| rows.get(most - 1).map(|row| row.id.to_string()))
        .flatten();
    rows.truncate(most);
    let (now, path) = (house.now(), format!("/desk/register/{register}"));
    let schema = Table::new(
        path.clone(),
        "desk-caption-register",
        vec![
            Column::new("code", "desk-code"),
            Column::new("procedure", "desk-procedure"),
            Column::new("person", "desk-person"),
            Column::new("state", "desk-state"),
            Column::new("due", "desk-due").plain_on_phones(),
            Column::new("entered", "desk-entered"),
        ],
    )
    .empty("desk-empty")
    .keep(&["day", "from", "to", "unit", "sector"]);
    let shown: Vec<Row> = rows
        .iter()
        .map(|row| crate::desk::row(&shell, row, now, house.calendar()))
        .collect();
    let paging = Paging::Keyset {
        next,
        started: !address.after.is_empty(),
        total: u64::try_from(total).ok(),
    };
    let title = shell.text(&format!("desk-register-{register}"));
    let end = question.filter.query();
    let body = html! {
        h1 { (title) ", " (period(&shell, &question.filter)) }
        p { (shell.text(&format!("desk-register-about-{register}"))) }
        (bar(&shell, &question, &path))
        (schema.render(&shell, &query, &shown, &paging))
        p.row {
            a href={ (path) "/export/xlsx?" (end) } { (shell.text("register-xlsx")) } " · "
            a href={ (path) "/export/csv?" (end) } { (shell.text("register-csv")) }
        }
        (components::post_button(&shell, ButtonKind::Quiet, &format!("{path}/print?{end}"), &[], &shell.text("register-print")))
        p.small.muted { (shell.text_with("register-limits", &[("rows", EXPORT_ROWS.into()), ("printed", PRINT_ROWS.into())])) }
        p { a href={ "/desk/figures?" (end) } { (shell.text("register-report")) } }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}

/// Writes an export into the audit log: what, how many rows, of which period.
async fn log(
    house: &Casework,
    officer: &OfficerCaller,
    what: &'static str,
    subject: String,
    rows: usize,
    filter: &Filter,
) -> Result<(), DossierError> {
    let (account, now, query) = (officer.account(), house.now(), filter.query());
    house
        .store()
        .write(move |tx| {
            let detail = audit::detail([("rows", rows.to_string()), ("filter", query.clone())]);
            audit::append(tx, audit::Actor::Account(account), what, &subject, detail, now)?;
            Ok(())
        })
        .await
}

/// Kinds of spreadsheets, by the end of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
}

fn answer(sheet: &Sheet, kind: Kind, name: &str, now: Timestamp) -> Reply<Response> {
    match kind {
        Kind::Csv => Ok(sheet.csv().into_response(&format!("{name}.csv"))),
        Kind::Xlsx => {
            let bytes = sheet.xlsx(now).map_err(|error| Failure::internal(error.to_string()))?;
            Ok(download::attachment(XLSX, &format!("{name}.xlsx"), Body::from(bytes)))
        }
    }
}

/// The kind of an address.
fn kind_of(word: &str) -> Result<Kind, Failure> {
    match word {
        "csv" => Ok(Kind::Csv),
        "xlsx" => Ok(Kind::Xlsx),
        _ => Err(Failure::not_found()),
    }
}

async fn export_report(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(kind): Path<String>,
    Query(address): Query<Address>,
) -> Reply<Response> {
    let kind = kind_of(&kind)?;
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let numbers = numbers(&house, &question).await?;
    let index = house.catalogue().index().await?;
    let mut lines: BTreeMap<(String, String), BTreeMap<Register, i64>> = BTreeMap::new();
    for (register, parts) in &numbers {
        for part in parts {
            let sector = question.sector_name(slug_of(&index, &part.procedure));
            let line = lines.entry((part.unit_name.clone(), sector)).or_default();
            *line.entry(*register).or_default() += part.count;
        }
    }
    let mut headings = vec![shell.text("register-unit"), shell.text("register-sector")];
    headings.extend(
        Register::ALL
            .iter()
            .map(|register| shell.text(&format!("desk-register-{register}"))),
    );
    let rows = lines.into_iter().map(|((unit, sector), counts)| {
        let numbers = Register::ALL
            .iter()
            .map(|register| Cell::Number(counts.get(register).copied().unwrap_or(0)));
        [Cell::Text(unit), Cell::Text(sector)]
            .into_iter()
            .chain(numbers)
            .collect()
    });
    let sheet = Sheet {
        name: shell.text("register-report"),
        headings,
        rows: rows.collect(),
    };
    log(
        &house,
        &officer,
        "report.export",
        "report".to_owned(),
        sheet.rows.len(),
        &question.filter,
    )
    .await?;
    let name = format!("bao-cao-{}-{}", question.filter.from, question.filter.to);
    answer(&sheet, kind, &name, house.now())
}

async fn export_register(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((register, kind)): Path<(String, String)>,
    Query(address): Query<Address>,
) -> Reply<Response> {
    let register: Register = register.parse().map_err(|_| DossierError::NotFound)?;
    let kind = kind_of(&kind)?;
    let question = Question::read(&house, &officer, &address, shell.lang).await?;
    let asked = question.of(register);
    let begin = DossierId::from_uuid(uuid::Uuid::nil());
    let rows = house
        .store()
        .read(move |tx| table::rows(tx, &asked, begin, EXPORT_ROWS))
        .await?;
    let index = house.catalogue().index().await?;
    let keys = [
        "desk-code",
        "desk-procedure",
        "register-sector",
        "register-unit",
        "desk-person",
        "desk-state",
        "desk-submitted",
        "desk-received",
        "desk-due",
        "register-decided",
        "register-returned",
        "register-late",
        "desk-entered",
    ];
    let text = |key: String| Cell::Text(shell.text(&key));
    let sheet = Sheet {
        name: shell.text(&format!("desk-register-{register}")),
        headings: keys.iter().map(|key| shell.text(key)).collect(),
        rows: rows
            .iter()
            .map(|row| {
                let sector = slug_of(&index, &row.procedure.to_string());
                vec![
                    Cell::Text(row.code.to_string()),
                    Cell::Text(row.procedure_name.clone()),
                    Cell::Text(question.sector_name(sector)),
                    Cell::Text(row.unit_name.clone()),
                    Cell::Text(row.person_mask.clone()),
                    text(format!("dossier-state-{}", row.state)),
                    Cell::Time(Some(row.submitted_at)),
                    Cell::Time(row.received_at),
                    Cell::Time(row.due_at),
                    Cell::Time(row.decided_at),
                    Cell::Time(row.returned_at),
                    text(if row.is_late { "register-yes" } else { "register-no" }.to_owned()),
                    text(format!("dossier-entered-{}", row.entered)),
                ]
            })
            .collect(),
    };
    log(
        &house,
        &officer,
        "register.export",
        register.to_string(),
        sheet.rows.len(),
        &question.filter,
    )
    .await?;
    let name = format!("so-theo-doi-{register}-{}-{}", question.filter.from, question.filter.to);
    answer(&sheet, kind, &name, house.now())
}

async fn print(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(register): Path<String>,
    Query(address): Query<Address>,
    _submitted: Submitted,
) -> Reply<Response> {
    let register: Register = register.parse().map_err(|_| DossierError::NotFound)?;
    let question = Question::read(&house, &officer, &address, Lang::Vi).await?;
    let unit = question.filter.unit.or(officer.unit()).ok_or(DossierError::NotFound)?;
    let asked = question.of(register);
    let begin = DossierId::from_uuid(uuid::Uuid::nil());
    let rows = house
        .store()
        .read(move |tx| {
            let rows = table::rows(tx, &asked, begin, PRINT_ROWS + 1)?;
            rows.into_iter()
                .map(|row| Ok((dossiers::content(tx, row.id)?, row)))
                .collect::<Result<Vec<_>, DossierError>>()
        })
        .await?;
    let (opened, is_cut) = open(&house, &officer, unit, rows).await?;
    let sheet = result::register_sheet(
        web::text(Lang::Vi, &format!("desk-register-{register}")),
        (question.filter.from, question.filter.to),
        question.narrowed(&shell),
        &opened,
        is_cut,
    );
    let unit_name = house.identity().unit_name(unit, Lang::Vi);
    let by = (officer.account(), officer.name());
    let paper = result::print_register(&house, &sheet, (unit, &unit_name), by).await?;
    log(
        &house,
        &officer,
        "register.print",
        register.to_string(),
        opened.len(),
        &question.filter,
    )
    .await?;
    Ok(see_other(&format!("/desk/papers/{}", paper.id)))
}

/// Opens the rows of a register that this officer may see in full. The uses are durable before anything is printed.
async fn open(
    house: &Casework,
    officer: &OfficerCaller,
    unit: UnitId,
    mut rows: Vec<(Vec<u8>, Dossier)>,
) -> Result<(Vec<(Dossier, Content)>, bool), PaperError> {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let allowed = policy.require(&caller, Right::PersonDisclose, &identity::Resource::at(unit))?;
    let most = usize::try_from(PRINT_ROWS).unwrap_or(0);
    let is_cut = rows.len() > most;
    rows.truncate(most);
    rows.retain(|(_, row)| policy.decide(&caller, Right::PersonDisclose, &resource(row)));
    let purpose = Purpose::for_legal_basis(&caller, BASIS, &allowed);
    let people: Vec<_> = rows.iter().map(|(_, row)| row.person).collect();
    house.identity().record_use(&purpose, &people).await?;
    let opened = rows.into_iter().map(|(sealed, row)| {
        let context = submit::content_context(row.id);
        let plain = house
            .identity()
            .open_sealed(&purpose, &context, &Sealed::from_bytes(sealed));
        let plain = plain
            .map_err(identity::IdentityError::from)
            .map_err(DossierError::from)?;
        let content = serde_json::from_slice(&plain).map_err(|error| DossierError::Damaged(error.to_string()))?;
        Ok((row, content))
    });
    Ok((opened.collect::<Result<_, PaperError>>()?, is_cut))
}
