//! The report of a period with its numbers, and the register behind each. Their spreadsheets stand in `export`, the printed
//! register in `print`. They refuse a period without a bound and a unit that is not the officer's to see.

pub mod export;
mod print;

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller, UnitId};
use kernel::Lang;
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb, Fact};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, format};

use super::filter::{Asked as Address, slug_of};
use super::store::{self as table, Asked, Part};
use super::{EXPORT_ROWS, Filter, PRINT_ROWS};
use crate::Casework;
use crate::desk::{Register, Scope};
use crate::dossier::{DossierError, DossierId};

/// Rows of one part of a list.
const PAGE_ROWS: i64 = 50;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let list = Access::Action(Right::DossierList);
    routes
        .page(get("/desk/figures", report), list)
        .page(get("/desk/figures/export/{kind}", export::report), list)
        .page(get("/desk/register/{register}", register), list)
        .page(get("/desk/register/{register}/export/{kind}", export::register), list)
        .page(post("/desk/register/{register}/print", print::register), list)
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
