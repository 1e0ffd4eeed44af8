//! `tinhso figures …`: the rows behind figures as files, for whoever wants to compute them again, beside a serving process;
//! and making figures anew from the dossiers. It computes nothing itself: that is done in `indicator`.

use crate::cli::{FiguresAction, Place};
use crate::console::{Step, say};
use crate::place::{open_alone, open_store};
use crate::province::Province;
use crate::{Config, Error};
use casework::{Casework, Settings};
use identity::{Identity, IdentityConfig};
use indicator::Indicators;
use indicator::export::{Sink, Wanted};
use kernel::AgencyCode;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Mode, Store};

/// Writes files into one folder.
struct Folder(PathBuf);

impl Folder {
    fn open(&self, name: &str, fresh: bool) -> Result<std::fs::File, String> {
        let path = self.0.join(name);
        let mut options = std::fs::OpenOptions::new();
        let opened = if fresh {
            options.create(true).write(true).truncate(true).open(&path)
        } else {
            options.append(true).open(&path)
        };
        opened.map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Sink for Folder {
    fn begin(&self, name: &str) -> Result<(), String> {
        self.open(name, true).map(|_| ())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let mut file = self.open(name, false)?;
        file.write_all(bytes).map_err(|error| format!("{name}: {error}"))
    }
}

/// Runs the command.
/// # Errors
/// A folder that is there already, a unit that is not, figures that were never made.
pub async fn run(place: &Place, action: FiguresAction) -> Result<(), Error> {
    let config = place.configuration()?;
    match action {
        FiguresAction::Export { out, from, to, unit } => {
            let store = open_store(&config, Mode::Beside).await?;
            let figures = indicators(&config, &store).await?;
            let wanted = wanted(&figures, (from, to), unit.as_ref())?;
            let done = export(&figures, &wanted, &out).await;
            store.close().await;
            done
        }
        FiguresAction::Rebuild => {
            let beside = "a serving process keeps its figures right by itself";
            let store = open_alone(&config, beside).await?;
            let figures = indicators(&config, &store).await?;
            let done = rebuild(&figures).await;
            store.close().await;
            done
        }
    }
}

/// The figures of a province that is not served by this process.
async fn indicators(config: &Config, store: &Store) -> Result<Indicators, Error> {
    let province = Province::find(&config.province)?;
    let settings = IdentityConfig {
        origin: config.base_url(),
        secure: false,
        issuer: province.name.vi.clone(),
        providers: Vec::new(),
    };
    let identity = Identity::open(store.clone(), store.world().clone(), settings).await?;
    let settings = Settings {
        calendar: province.calendar(),
        ..Settings::default()
    };
    Ok(Indicators::new(&Casework::new(&identity, settings)))
}

/// Makes the figures of a province anew, with a bar.
/// # Errors
/// What the store says.
pub async fn rebuild(figures: &Indicators) -> Result<(), Error> {
    let step = Step::start("figures", 0);
    let made = figures.rebuild(|made| step.at(made)).await?;
    step.done(format_args!("counted over {made} dossiers"));
    Ok(())
}

type Days = (Option<kernel::Date>, Option<kernel::Date>);

fn wanted(figures: &Indicators, (from, to): Days, unit: Option<&AgencyCode>) -> Result<Wanted, Error> {
    let today = figures.now().local_date();
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.first_of_year());
    let days = from.until(to).map_or(0, |span| span.get_days());
    if from > to || days >= indicator::report::DAYS_MAX {
        return Err(Error::Config(format!(
            "{from} to {to} is no period of 1 to {} days",
            indicator::report::DAYS_MAX
        )));
    }
    let unit = match unit {
        None => None,
        Some(code) => {
            let book = figures.identity().units();
            let found = book.by_code(code, to).map(|unit| unit.id);
            Some(found.ok_or_else(|| Error::Config(format!("no unit has the code {code} on {to}")))?)
        }
    };
    Ok(Wanted { from, to, unit })
}

/// Writes an export into a new folder.
/// # Errors
/// A folder that is there already or cannot be made; what the store says.
pub async fn export(figures: &Indicators, wanted: &Wanted, out: &Path) -> Result<(), Error> {
    std::fs::create_dir(out).map_err(Error::io(format!("cannot make {}", out.display())))?;
    let sink: Arc<dyn Sink> = Arc::new(Folder(out.to_owned()));
    let written = indicator::export::export(figures, wanted, sink).await;
    let written = written.map_err(|error| Error::Config(error.to_string()))?;
    say(format_args!(
        "{} rows, {} figures of {} to {} in {}; python3 docs/recompute/recompute.py {} computes them again",
        written.rows,
        written.figures,
        wanted.from,
        wanted.to,
        out.display(),
        out.display()
    ));
    Ok(())
}
