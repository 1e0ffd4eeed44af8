//! `tinhso registers import`: a file into a register, by the rules of its page and without its bound of bytes. On SQLite it
//! wants the data folder for itself; what was killed goes on when the same command is given again.

use crate::cli::{Place, RegistersAction};
use crate::config::Config;
use crate::console::{Step, say};
use crate::place::open_alone;
use crate::{App, Error};
use kernel::AgencyCode;
use kernel::charset::Charset;
use register::import::{Batch, Mode, Stage};
use register::{By, Register, RegisterError};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Faults printed one by one.
const FAULTS_SHOWN_MAX: usize = 50;

/// Runs the command.
///
/// # Errors
/// A register, agency or encoding that is none; a file that cannot be read or has faults; what the store says.
pub async fn run(place: &Place, action: RegistersAction) -> Result<(), Error> {
    let RegistersAction::Import {
        system,
        kind,
        file,
        unit,
        by,
        good_rows,
        crs,
        encoding,
        layer,
        faults,
    } = action;
    let mut config = place.configuration()?;
    config.registers.imports_bytes_max = u64::MAX;
    let ask = stranger::Ask {
        charset: encoding.as_deref().map(charset).transpose()?,
        layer,
        ..stranger::Ask::default()
    };
    if let Some(crs) = crs
        .as_deref()
        .filter(|text| register::geometry::crs::Crs::find(text).is_none())
    {
        return Err(Error::Config(format!(
            "{crs:?} is no coordinate system that is known here"
        )));
    }
    let mode = if good_rows { Mode::Good } else { Mode::All };
    let app = opened(config).await?;
    let register = &app.register;
    let kind = register
        .kind(&system, &kind)
        .map_err(|_| Error::Config(format!("there is no register {system}/{kind}")))?;
    let by = By {
        account: None,
        who: by,
        unit: keeper(&app, unit.as_deref())?,
    };
    let step = Arc::new(Step::start("rows", 0));
    let shown = step.clone();
    let progress = Arc::new(move |done: u64, _: Option<u64>| shown.at(done));
    let done = register.bring_in(&kind, &file, (&by, ask, crs, mode), progress).await;
    let batch = done.map_err(fault)?;
    let outcome = told(register, &batch, faults.as_deref()).await;
    app.store.close().await;
    outcome
}

async fn opened(config: Config) -> Result<App, Error> {
    let store = open_alone(&config, "officers bring files in on the page of the register").await?;
    Box::pin(App::over(config, store)).await
}

fn charset(word: &str) -> Result<Charset, Error> {
    Charset::of_word(word).ok_or_else(|| {
        let known: Vec<&str> = Charset::ALL.iter().map(|one| one.word()).collect();
        Error::Config(format!("{word:?} is no encoding: {}", known.join(", ")))
    })
}

fn keeper(app: &App, code: Option<&str>) -> Result<identity::UnitId, Error> {
    let (book, today) = (app.identity.units(), app.register.today());
    let unit = match code {
        Some(text) => {
            let code: AgencyCode = text
                .parse()
                .map_err(|error| Error::Config(format!("{text:?}: {error}")))?;
            book.by_code(&code, today).map(|unit| unit.id)
        }
        None => book.root(today).map(|unit| unit.id),
    };
    unit.ok_or_else(|| Error::Config("there is no such agency today".to_owned()))
}

fn fault(error: RegisterError) -> Error {
    Error::Config(error.to_string())
}

/// What became of the file. One that has faults and did not go in is an error.
async fn told(register: &Register, batch: &Batch, faults: Option<&Path>) -> Result<(), Error> {
    let report = &batch.report;
    for told in report.faults.iter().take(FAULTS_SHOWN_MAX) {
        say(format_args!("  row {} {:?}: {}", told.row, told.column, told.en));
    }
    if report.faults_total > 0 {
        say(format_args!(
            "{} faults in {} of {} rows",
            report.faults_total, report.rows_faulty, batch.rows_total
        ));
    }
    if report.outside > 0 {
        say(format_args!(
            "{} records lie outside of Viet Nam, {} of them with coordinates exchanged",
            report.outside, report.swapped
        ));
    }
    if report.alike_total > 0 {
        say(format_args!(
            "{} rows have the name of another record under another key",
            report.alike_total
        ));
    }
    if let Some(path) = faults {
        match register.mended(batch).await.map_err(fault)? {
            Some(bytes) => {
                let mut out =
                    std::fs::File::create(path).map_err(Error::io(format!("cannot write {}", path.display())))?;
                out.write_all(&bytes)
                    .map_err(Error::io(format!("cannot write {}", path.display())))?;
                say(format_args!("the faulty rows are in {}", path.display()));
            }
            None => say("no row is faulty"),
        }
    }
    if batch.stage == Stage::Done {
        say(format_args!("{} rows are in", batch.rows_taken));
        return Ok(());
    }
    let why = report
        .refusal
        .as_deref()
        .unwrap_or("rows are faulty, or there are none");
    Err(Error::Found(format!("nothing went in: {why}")))
}
