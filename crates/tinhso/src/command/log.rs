//! `tinhso verify-log`, which audits anybody's public log without a province at hand; and `tinhso log …`, which prints the keys of a
//! province's log and writes it as files, beside a serving process. It computes nothing itself: that is done in `ledger`.

use crate::cli::{LogAction, Place, VerifyLogArgs};
use crate::console::{Step, say};
use crate::place::open_store;
use crate::province::Province;
use crate::{Config, Error};
use identity::{Identity, IdentityConfig};
use kernel::Timestamp;
use ledger::Ledger;
use ledger::audit::{Against, Sound, Source, audit};
use ledger::checkpoint::Checkpoint;
use std::path::Path;
use store::Mode;

/// Audits a log.
/// # Errors
/// `Error::Found` with the first thing that is wrong; `Error::Config` for a file that is no checkpoint.
pub async fn verify(args: VerifyLogArgs) -> Result<(), Error> {
    let source = Source::open(&args.log).map_err(|error| Error::Config(error.to_string()))?;
    let against = Against {
        key: args.key,
        witnesses: args.witness,
        seen: args.seen.as_deref().map(seen).transpose()?.flatten(),
    };
    let step = Step::start("entries", 0);
    let done = audit(&source, &against, |entries| step.at(entries)).await;
    let sound = done.map_err(|wrong| Error::Found(wrong.to_string()))?;
    step.done(format_args!("{} computed again", sound.checkpoint.size));
    if let Some(path) = &args.seen {
        crate::file::replace(path, sound.note.as_bytes(), 0o644)?;
    }
    tell(&sound, &against);
    Ok(())
}

/// The checkpoint of an earlier audit; none when there was none yet.
fn seen(path: &Path) -> Result<Option<Checkpoint>, Error> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::Config(format!("cannot read {}: {error}", path.display()))),
    };
    let read = Checkpoint::read(&bytes).map_err(|error| Error::Config(format!("{}: {error}", path.display())));
    read.map(|(checkpoint, _)| Some(checkpoint))
}

fn tell(sound: &Sound, against: &Against) {
    let Checkpoint { origin, size, root, .. } = &sound.checkpoint;
    say(format_args!("{origin}: {size} entries, nothing is wrong; root {root}"));
    if !sound.is_signed {
        say("  the signature was not verified: name the key of the log with --key");
    }
    for (name, seconds) in &sound.cosigned {
        say(format_args!(
            "  cosigned by {name} at {}",
            Timestamp::from_seconds(*seconds)
        ));
    }
    for key in &against.witnesses {
        if !sound.cosigned.iter().any(|(name, _)| name == key.name()) {
            say(format_args!("  not cosigned by {}", key.name()));
        }
    }
    if let Some(seen) = &against.seen {
        say(format_args!(
            "  it continues the {} entries that were seen before",
            seen.size
        ));
    }
}

/// Runs a command on the log of a province.
/// # Errors
/// A folder that holds another log, a store that cannot be opened.
pub async fn run(place: &Place, action: LogAction) -> Result<(), Error> {
    let config = place.configuration()?;
    let store = open_store(&config, Mode::Beside).await?;
    let ledger = open(&config, &store).await?;
    let done = act(&ledger, action).await;
    store.close().await;
    done
}

async fn open(config: &Config, store: &store::Store) -> Result<Ledger, Error> {
    let province = Province::find(&config.province)?;
    let identity = Identity::open(
        store.clone(),
        store.world().clone(),
        IdentityConfig {
            origin: config.base_url(),
            secure: false,
            issuer: province.name.vi.clone(),
            providers: Vec::new(),
        },
    )
    .await?;
    Ledger::open(&identity, &config.base_url(), config.ledger.clone()).map_err(|e| Error::Config(e.to_string()))
}

async fn act(ledger: &Ledger, action: LogAction) -> Result<(), Error> {
    match action {
        LogAction::Keys => {
            say(format_args!("log      {}", ledger.key()));
            if let Some(key) = ledger.witness_key() {
                say(format_args!("witness  {key}"));
            }
        }
        LogAction::Write { out } => {
            let size = ledger::publish::write(ledger, &out).await?;
            say(format_args!("{size} entries are in {}", out.display()));
        }
    }
    Ok(())
}
