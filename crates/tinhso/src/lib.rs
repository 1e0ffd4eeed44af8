//! The program: configuration, wiring, command line, demonstration. The real clock and the real source of
//! chance live here and nowhere else. It decides nothing of government: that is done in the rooms below.

pub mod app;
pub mod cli;
pub mod command;
pub mod config;
pub mod console;
pub mod demo;
mod error;
mod file;
mod http;
mod jobs;
pub mod log;
pub mod place;
pub mod province;
pub mod serve;
pub mod tls;
pub mod world;

pub use app::App;
pub use config::Config;
pub use error::Error;

use cli::{Cli, Command};
use std::sync::Arc;
use store::keys::SealedColumn;

/// Every column that holds sealed values, for `keys reseal` and `verify`.
#[must_use]
pub fn sealed_columns() -> Vec<SealedColumn> {
    [
        identity::SEALED,
        notice::SEALED,
        payment::SEALED,
        casework::SEALED,
        exchange::SEALED,
    ]
    .concat()
}

/// Runs one command to its end.
/// # Errors
/// One clear line, and an exit code.
pub fn run(cli: Cli) -> Result<(), Error> {
    if matches!(cli.command, Command::Typeset) {
        // Before anything else is started: this process lays limits on itself and may open nothing afterwards.
        return typeset::run(press::LIMITS).map_err(|error| Error::Config(error.to_string()));
    }
    if let Command::ReadStranger { ask } = &cli.command {
        return stranger::child::run(ask, stranger::child::LIMITS).map_err(|error| Error::Config(error.to_string()));
    }
    // Two providers are linked nowhere; this names the one for clients that do not choose.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Error::io("cannot start the runtime"))?;
    runtime.block_on(run_async(cli.command))
}

async fn run_async(command: Command) -> Result<(), Error> {
    match command {
        Command::Demo(args) => Box::pin(demo::run(args)).await,
        Command::Init(args) => command::init::run(args).await,
        Command::Serve(args) => serve_command(args).await,
        Command::Typeset | Command::ReadStranger { .. } => Err(Error::Config("this runs without a runtime".to_owned())),
        Command::Backup { place, out } => command::copy::backup(&place, &out).await,
        Command::Restore { place, from, province } => command::copy::restore(&place, &from, province.as_deref()).await,
        Command::Verify { place } => command::verify::run(&place).await,
        Command::Export { place, out, salvage } => command::copy::export(&place, &out, salvage).await,
        Command::Import { place, from } => command::copy::import(&place, &from).await,
        Command::Jobs { place, action } => command::jobs::run(&place, action).await,
        Command::Keys { place, action } => command::keys::run(&place, action).await,
        Command::Units { place, action } => command::units::run(&place, action).await,
        Command::Catalogue { place, action } => command::catalogue::run(&place, action).await,
        Command::Map { place, action } => command::map::run(&place, action).await,
        Command::Accounts { place, action } => command::accounts::run(&place, action).await,
        Command::Audit { place, action } => command::audit::run(&place, action).await,
        Command::Notices { place, action } => command::notices::run(&place, action).await,
        Command::Figures { place, action } => command::figures::run(&place, action).await,
        Command::Check { dir, lang } => command::definitions::check(&dir, lang),
        Command::Registers { place, action } => command::registers::run(&place, action).await,
        Command::Definitions { action } => command::definitions::run(action).await,
        Command::Vietqr(args) => command::vietqr::run(args),
        Command::Simulate { what } => command::simulate::run(what).await,
        Command::Receipt { place, receipt, key } => command::simulate::receipt(&place, &receipt, key.as_deref()),
        Command::VerifyLog(args) => command::log::verify(args).await,
        Command::Log { place, action } => command::log::run(&place, action).await,
        Command::Openapi => openapi().await,
        Command::Config { place } => {
            let text = toml::to_string_pretty(&place.configuration()?).map_err(|e| Error::Config(e.to_string()))?;
            console::say(text.trim_end());
            Ok(())
        }
    }
}

async fn serve_command(args: cli::ServeArgs) -> Result<(), Error> {
    let mut config = args.place.configuration()?;
    if let Some(port) = args.port {
        config.listen.address.set_port(port);
    }
    let _log = log::start(&config.log)?;
    let listener = serve::take_port(config.listen.address)?;
    let app = App::open(config, Arc::new(world::RealWorld::new())).await?;
    console::say(format_args!(
        "serving {} on {}",
        app.config.province,
        app.config.base_url()
    ));
    serve::serve(app, listener).await
}

/// Prints the document of a province that exists only for this: the interfaces are the same in each.
async fn openapi() -> Result<(), Error> {
    let folder = tempfile::tempdir().map_err(Error::io("cannot make a temporary folder"))?;
    let config = Config::for_data("ha-tinh", &folder.path().join("data"));
    store::keys::create(&config.keys, &world::RealWorld::new())?;
    let app = App::open(config, Arc::new(world::RealWorld::new())).await?;
    let text = serde_json::to_string_pretty(&app.openapi()).map_err(|e| Error::Config(e.to_string()))?;
    console::say(text);
    app.store.close().await;
    Ok(())
}
