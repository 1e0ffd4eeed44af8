//! The spreadsheets of reports and registers, as CSV and as workbooks: bounded, each in the audit log with how much went out
//! before it does. They hold masks and no names. Petitions and figures export through the same functions.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use identity::{OfficerCaller, audit};
use kernel::Timestamp;
use web::{Failure, Reply, Shell, download};

use super::{Question, numbers};
use crate::Casework;
use crate::desk::Register;
use crate::dossier::{DossierError, DossierId};
use crate::register::EXPORT_ROWS;
use crate::register::filter::{Asked as Address, slug_of};
use crate::register::sheet::{Cell, Sheet};
use crate::register::store as table;

/// What a spreadsheet program calls its files.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Kinds of spreadsheets, by the end of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
}

/// A sheet as a file of its kind.
pub(crate) fn answer(sheet: &Sheet, kind: Kind, name: &str, now: Timestamp) -> Reply<Response> {
    match kind {
        Kind::Csv => Ok(sheet.csv().into_response(&format!("{name}.csv"))),
        Kind::Xlsx => {
            let bytes = sheet.xlsx(now).map_err(|error| Failure::internal(error.to_string()))?;
            Ok(download::attachment(XLSX, &format!("{name}.xlsx"), Body::from(bytes)))
        }
    }
}

/// The kind of an address.
///
/// # Errors
/// "Not found" for any other word.
pub fn kind_of(word: &str) -> Result<Kind, Failure> {
    match word {
        "csv" => Ok(Kind::Csv),
        "xlsx" => Ok(Kind::Xlsx),
        _ => Err(Failure::not_found()),
    }
}

/// What goes out, and how it is written into the audit log.
#[derive(Debug, Clone)]
pub struct Export {
    /// The action of the log.
    pub what: &'static str,
    /// Of what.
    pub subject: String,
    /// What it was narrowed to, as the end of an address.
    pub filter: String,
    /// Name of the file without its end.
    pub name: String,
    /// As which kind of file.
    pub kind: Kind,
}

/// Writes an export into the audit log, with how many rows it has, and then answers with it.
///
/// # Errors
/// When the log cannot be written: then nothing goes out.
pub async fn give(house: &Casework, officer: &OfficerCaller, export: Export, sheet: &Sheet) -> Reply<Response> {
    let Export {
        what,
        subject,
        filter,
        name,
        kind,
    } = export;
    log(house, officer, (what, subject), sheet.rows.len(), filter).await?;
    answer(sheet, kind, &name, house.now())
}

/// Writes into the audit log what goes out: what, how many rows, narrowed to what.
pub(super) async fn log(
    house: &Casework,
    officer: &OfficerCaller,
    (what, subject): (&'static str, String),
    rows: usize,
    filter: String,
) -> Result<(), DossierError> {
    let (account, now) = (officer.account(), house.now());
    let logged = house.store().write(move |tx| {
        let detail = audit::detail([("rows", rows.to_string()), ("filter", filter.clone())]);
        audit::append(tx, audit::Actor::Account(account), what, &subject, detail, now)?;
        Ok(())
    });
    logged.await
}

pub(super) async fn report(
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
    let export = Export {
        what: "report.export",
        subject: "report".to_owned(),
        filter: question.filter.query(),
        name: format!("bao-cao-{}-{}", question.filter.from, question.filter.to),
        kind,
    };
    give(&house, &officer, export, &sheet).await
}

pub(super) async fn register(
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
    let export = Export {
        what: "register.export",
        subject: register.to_string(),
        filter: question.filter.query(),
        name: format!("so-theo-doi-{register}-{}-{}", question.filter.from, question.filter.to),
        kind,
    };
    give(&house, &officer, export, &sheet).await
}
