//! `tinhso demo`: a province in a minute, with people who are made up and dossiers in every state, to look at
//! and to measure. It listens on this machine alone, because anybody may sign in as anybody.

pub mod accounts;
pub mod people;
mod table;
mod trees;
mod year;

use crate::app::App;
use crate::cli::{DemoArgs, Scale};
use crate::command::make;
use crate::config::{Config, Demo};
use crate::console::{Step, say};
use crate::{Error, file, log, serve};
use identity::simulated_provider::SimulatedPerson;
use std::path::Path;

/// Written last: when it is there, the demonstration is whole.
const ACCOUNTS_FILE: &str = "demo-accounts.json";

/// Runs the command.
/// # Errors
/// A data folder that holds a real province, a port that is taken, what making one says.
pub async fn run(args: DemoArgs) -> Result<(), Error> {
    let path = args.place.config_path();
    if args.fresh {
        start_over(&args, &path)?;
    }
    let mut config = if path.exists() {
        existing(&args, &path)?
    } else {
        wanted(&args)?
    };
    config.listen.address.set_port(args.port);
    let listener = if args.no_serve {
        None
    } else {
        Some(serve::take_port(config.listen.address)?)
    };
    let accounts = config.data.join(ACCOUNTS_FILE);
    let app = if accounts.exists() {
        App::open(config, crate::world::real()).await?
    } else {
        create(&args, config, &path).await?
    };
    table::print(&accounts)?;
    let Some(listener) = listener else {
        app.store.close().await;
        return Ok(());
    };
    let _log = log::start(&app.config.log)?;
    say(format_args!(
        "\n  Open {} in a browser. Ctrl+C ends it.\n",
        app.config.base_url()
    ));
    serve::serve(app, listener).await
}

/// Removes an older demonstration; anything else in the folder is left alone and said.
fn start_over(args: &DemoArgs, path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    let config = existing(args, path)?;
    if config.database.is_some() {
        return Err(Error::Config(
            "--fresh does not empty a PostgreSQL database; drop and create it yourself, then run demo again".to_owned(),
        ));
    }
    let step = Step::start("removing the old one", 0);
    std::fs::remove_dir_all(&config.data).map_err(Error::io(format!("cannot remove {}", config.data.display())))?;
    if config.keys.exists() {
        std::fs::remove_file(&config.keys).map_err(Error::io(format!("cannot remove {}", config.keys.display())))?;
    }
    step.done("gone");
    Ok(())
}

fn existing(args: &DemoArgs, path: &Path) -> Result<Config, Error> {
    let config = args.place.configuration()?;
    if config.demo.is_none() {
        return Err(Error::Taken(format!(
            "{} is the configuration of a real province; choose another folder with --data DIR",
            path.display()
        )));
    }
    Ok(config)
}

fn wanted(args: &DemoArgs) -> Result<Config, Error> {
    crate::province::Province::find(&args.province)?;
    let mut config = args.place.new_configuration(&args.province)?;
    config.demo = Some(Demo { seed: args.seed });
    config.public.mode = args.mode;
    Ok(config)
}

async fn create(args: &DemoArgs, config: Config, path: &Path) -> Result<App, Error> {
    say(format_args!("Making {} in {}", config.province, config.data.display()));
    let store = make::province(&config, None).await?;
    config.write(path)?;
    let data = config.data.clone();
    let app = App::over(config, store).await?;
    app.identity.refresh_units().await?;
    let book = app.identity.units();
    let today = app.identity.now().local_date();
    let mut table = accounts::open(&app.identity, &app.config.province, &book, today, args.scale).await?;
    accounts::receiving(&app.payments, &book, today).await?;
    if let Some(commune) = accounts::tour_commune(&book, today) {
        trees::plant(&app, commune, today).await?;
    }
    publish(&app).await?;
    let people = people::people(args.seed);
    table.extend(table::citizens(&people));
    match args.scale {
        Scale::Tour => tour(args, &app, &people).await?,
        Scale::Province => year::make(args, &app, &people).await?,
    }
    let text = serde_json::to_vec_pretty(&table).map_err(|e| Error::Config(e.to_string()))?;
    file::replace(&data.join(ACCOUNTS_FILE), &text, 0o640)?;
    Ok(app)
}

/// Approves what the shipped rules publish, so that the catalogue has something to show; everything in it says that it is made up.
async fn publish(app: &App) -> Result<(), Error> {
    let by = opendata::Publisher {
        account: None,
        who: "Bản trình diễn".to_owned(),
    };
    for kind in app.register.kinds() {
        if let Some(rule) = register::open::rule_digest(kind) {
            let approved = app.opendata.approve(kind, &rule, &by).await;
            approved.map_err(|error| Error::Config(error.to_string()))?;
        }
    }
    Ok(())
}

/// Dossiers made and loaded that consumers of the outbox are not told of: more than a tour holds.
const TOLD_MAX: u32 = 1_000;

/// A few hundred dossiers in every state, or as many as were asked for.
async fn tour(args: &DemoArgs, app: &App, people: &[SimulatedPerson]) -> Result<(), Error> {
    let count = args.dossiers.unwrap_or(240);
    let step = Step::start("dossiers", u64::from(count));
    let claimed: Vec<_> = people.iter().map(SimulatedPerson::claimed).collect();
    let made = casework::scenario::run(&app.casework, &claimed, count, args.seed, |done| step.at(done)).await?;
    step.done(format_args!("{made} dossiers, in every state"));
    if count > TOLD_MAX {
        app.store.pass_over(year::CONSUMERS).await?;
        year::figures(app).await?;
    }
    Ok(())
}
