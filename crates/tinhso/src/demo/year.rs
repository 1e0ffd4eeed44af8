//! `tinhso demo --scale province`: a whole year of a province at the size that profiles report, from the seed, with bars for
//! each step. Owns the order of the steps; what a dossier does is decided by `casework`.

use crate::app::App;
use crate::cli::DemoArgs;
use crate::console::{Step, say};
use crate::{Error, province::Province};
use casework::procedure::import::{Extent, import};
use casework::scenario::year::{self, Resident, Size};
use identity::sign_in::claims::ClaimedIdentity;
use identity::simulated_provider::SimulatedPerson;
use identity::unit::Profile;
use std::sync::Arc;

/// Who listens to events of dossiers: what a load brings in had its effect long ago.
pub(super) const CONSUMERS: &[&str] = &[
    casework::notice::told::CONSUMER,
    casework::fee::jobs::NAME,
    casework::bereavement::jobs::CONSUMER,
    indicator::fact::jobs::CONSUMER,
];

/// Dossiers of a year when none are asked for.
const DOSSIERS: u32 = 500_000;

/// One payment or closing in about so many dossiers: for the length of the bar alone.
const MONEY_SHARE: u64 = 12;

/// People whose accounts are opened in one transaction.
const PART: usize = 1_000;

/// Makes the year.
/// # Errors
/// What casework, identity and the store say; the store is not served when it broke off.
pub(super) async fn make(args: &DemoArgs, app: &App, shown: &[SimulatedPerson]) -> Result<(), Error> {
    let province = Province::find(&app.config.province)?;
    procedures(app, province.size(), args.seed).await?;
    let residents = Arc::new(people(args, app, shown).await?);
    dossiers(args, app, residents).await?;
    app.store.pass_over(CONSUMERS).await?;
    figures(app).await?;
    if let Some(mib) = crate::console::memory_peak_mib() {
        say(format_args!("  {:28} {mib} MiB at most", "memory"));
    }
    Ok(())
}

/// Fills the catalogue up to the size that the province reports.
async fn procedures(app: &App, size: Size, seed: u64) -> Result<(), Error> {
    let step = Step::start("procedures of the province", 0);
    let catalogue = app.casework.catalogue();
    let index = catalogue.index().await?;
    let (book, today) = (app.identity.units(), app.identity.now().local_date());
    let lacking = year::synthetic_procedures(&index, &book, today, size, seed);
    let mut lines = Vec::new();
    for procedure in &lacking {
        serde_json::to_writer(&mut lines, procedure).map_err(|e| Error::Config(e.to_string()))?;
        lines.push(b'\n');
    }
    let report = import(
        &app.store,
        app.store.world().as_ref(),
        &lines[..],
        Extent::Partial,
        |done| {
            step.at(done as u64);
        },
    )
    .await?;
    catalogue.look_again();
    step.done(format_args!(
        "{} in all, {} of them online; {} are made up and say so",
        size.procedures, size.online, report.added
    ));
    Ok(())
}

/// Opens the accounts of everybody who files.
async fn people(args: &DemoArgs, app: &App, shown: &[SimulatedPerson]) -> Result<Vec<Resident>, Error> {
    let area = Profile::shipped(&app.config.province)?.area().to_string();
    let mut claimed: Vec<ClaimedIdentity> = shown.iter().map(SimulatedPerson::claimed).collect();
    let others = usize::try_from(args.people).unwrap_or(0).saturating_sub(claimed.len());
    claimed.extend(super::people::residents(args.seed, others, &area, shown));
    let step = Step::start("people", claimed.len() as u64);
    let mut residents = Vec::with_capacity(claimed.len());
    // Two parts at once: one is sealed while the other is written.
    for parts in claimed.chunks(2 * PART) {
        let opening: Vec<_> = parts
            .chunks(PART)
            .map(|part| {
                let (identity, part) = (app.identity.clone(), part.to_vec());
                tokio::spawn(async move { identity.open_citizens(&part).await })
            })
            .collect();
        for (part, opened) in parts.chunks(PART).zip(opening) {
            let opened = opened.await.map_err(|e| Error::Config(format!("people: {e}")))??;
            residents.extend(part.iter().zip(opened).map(|(one, (account, person))| Resident {
                account,
                person,
                name: one.name.clone(),
                number: one.number,
                born: one.birth,
            }));
            step.at(residents.len() as u64);
        }
    }
    step.done(format_args!("{} people with accounts", residents.len()));
    Ok(residents)
}

async fn dossiers(args: &DemoArgs, app: &App, residents: Arc<Vec<Resident>>) -> Result<(), Error> {
    let count = u64::from(args.dossiers.unwrap_or(DOSSIERS));
    let step = Step::start("dossiers, money, indexes", count + count / MONEY_SHARE);
    let made = year::run(&app.casework, residents, count, args.seed, |done| step.at(done)).await?;
    step.done(format_args!(
        "{} dossiers with {} steps and {} files; {} bills, {} payments, {} tills, {} statements",
        made.dossiers, made.steps, made.files, made.bills, made.payments, made.tills, made.statements
    ));
    Ok(())
}

/// The one place where rooms that keep figures of dossiers beside their tables are told that many came in at once.
pub(super) async fn figures(app: &App) -> Result<(), Error> {
    let step = Step::start("figures", 0);
    let facts = app.indicators.rebuild(|made| step.at(made)).await?;
    app.store.analyze().await?;
    step.done(format_args!("{facts} dossiers counted"));
    Ok(())
}
