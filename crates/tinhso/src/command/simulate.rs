//! `tinhso simulate`: stands in for a system that is not at hand, so that an operator can try the exchange with its faults; and
//! `tinhso receipt`, which verifies what an exchange signed. The simulator keeps nothing: what it holds ends with it.

use crate::Error;
use crate::cli::{Place, Simulated, SimulatedPortalArgs};
use crate::console::say;
use crate::{serve, world};
use exchange::portal::{self, Fault, Settings};
use exchange::wire::Listed;
use std::io::BufRead;
use std::net::SocketAddr;

/// Runs a simulator until it is stopped.
/// # Errors
/// A fault that does not exist, a port that is taken, a file that cannot be read.
pub async fn run(what: Simulated) -> Result<(), Error> {
    let Simulated::NationalPortal(args) = what;
    let listener = serve::take_port(SocketAddr::from(([127, 0, 0, 1], args.port)))?;
    let settings = settings(&args)?;
    let faults: Vec<&str> = settings.faults.iter().map(|fault| fault.word()).collect();
    let faults = if faults.is_empty() {
        "none".to_owned()
    } else {
        faults.join(", ")
    };
    let running = portal::start(listener, world::real(), settings).map_err(Error::io("cannot simulate"))?;
    say(format_args!(
        "simulating the national portal on {}, seed {}, faults: {faults}",
        running.url(),
        args.seed
    ));
    tokio::select! {
        () = running.serve() => {}
        stopped = tokio::signal::ctrl_c() => stopped.map_err(Error::io("cannot hear signals"))?,
    }
    Ok(())
}

fn settings(args: &SimulatedPortalArgs) -> Result<Settings, Error> {
    let usual = Settings::default();
    let password = match &args.password_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(Error::io(format!("cannot read {}", path.display())))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => usual.credentials.1.clone(),
    };
    Ok(Settings {
        seed: args.seed,
        faults: faults(&args.fault)?,
        permille: args.permille.min(1_000),
        keeps_keys: !args.forget_keys,
        province: args.province.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
        credentials: (args.user.clone(), password),
        procedures: procedures(),
    })
}

fn faults(words: &[String]) -> Result<Vec<Fault>, Error> {
    if words.iter().any(|word| word == "all") {
        return Ok(Fault::ALL.to_vec());
    }
    let known = || {
        Fault::ALL
            .iter()
            .map(|fault| fault.word())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let fault = |word: &String| {
        word.parse()
            .map_err(|_| Error::Config(format!("no fault {word:?}: choose of {}, or all", known())))
    };
    words.iter().map(fault).collect()
}

/// The procedures of the catalogue that the program carries.
fn procedures() -> Vec<Listed> {
    let lines = casework::catalogue::shipped().lines().map_while(Result::ok);
    let listed = |line: String| {
        let value: serde_json::Value = serde_json::from_str(&line).ok()?;
        let text = |name: &str| match value.get(name) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(inner) => inner
                .get("vi")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            None => String::new(),
        };
        Some(Listed {
            code: text("code"),
            name: text("name"),
            sector: text("sector"),
        })
    };
    lines.filter_map(listed).filter(|one| !one.code.is_empty()).collect()
}

/// Verifies a receipt, with the keys of a province or a public key alone.
/// # Errors
/// When the receipt does not hold, or the keys cannot be read.
pub fn receipt(place: &Place, receipt: &str, key: Option<&str>) -> Result<(), Error> {
    let key = match key {
        Some(key) => key.to_owned(),
        None => {
            let keys = store::keys::KeyRing::load(&place.configuration()?.keys)?;
            exchange::receipt::Signer::new(&keys).public_key()
        }
    };
    let statement = exchange::receipt::verify(receipt, &key).map_err(|error| Error::Config(error.to_string()))?;
    let text = serde_json::to_string_pretty(&statement).map_err(|error| Error::Config(error.to_string()))?;
    say(format_args!("the receipt holds; it says:\n{text}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_or_refused() {
        assert_eq!(faults(&["all".to_owned()]).unwrap(), Fault::ALL);
        assert_eq!(
            faults(&["lost".to_owned(), "skew".to_owned()]).unwrap(),
            [Fault::Lost, Fault::Skew]
        );
        let error = faults(&["gone".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("wrong-answer"), "{error}");
    }

    #[test]
    fn the_portal_lists_what_the_program_carries() {
        let listed = procedures();
        assert_eq!(listed.len(), casework::catalogue::shipped().lines().count());
        assert!(listed.iter().all(|one| !one.name.is_empty() && !one.sector.is_empty()));
    }
}
