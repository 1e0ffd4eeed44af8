//! The table of accounts that the demonstration prints: the few that a tour needs; all are in the file.
//! It prints passwords of made-up people only; a real province's are never printed twice.

use super::accounts::DemoAccount;
use super::people::SHOWN;
use crate::Error;
use crate::console::{say, table};
use identity::simulated_provider::SimulatedPerson;
use serde_json::Value;
use std::path::Path;

/// Lines for the people at the simulated provider.
#[must_use]
pub(crate) fn citizens(people: &[SimulatedPerson]) -> Vec<DemoAccount> {
    let line = |person: &SimulatedPerson| DemoAccount {
        role: "citizen".to_owned(),
        unit: "simulated electronic identity".to_owned(),
        login: person.name.clone(),
        password: None,
        totp_secret: None,
        recovery_codes: Vec::new(),
    };
    people.iter().take(SHOWN).map(line).collect()
}

/// Prints what is in the file, the officers of communes that the tour does not visit left out.
/// # Errors
/// A file that cannot be read.
pub(crate) fn print(file: &Path) -> Result<(), Error> {
    let what = format!("cannot read {}", file.display());
    let text = std::fs::read_to_string(file).map_err(Error::io(what))?;
    let lines: Vec<Value> = serde_json::from_str(&text)
        .map_err(|e| Error::Config(format!("{}: {e}; tinhso demo --fresh starts over", file.display())))?;
    let mut rows = vec![
        ["role", "sign-in name", "password", "second factor", "unit"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for line in lines.iter().filter(|line| is_for_tour(line)) {
        let second = line["recovery_codes"][0].as_str().map_or("", |_| "in the file");
        let cell = |key: &str| line[key].as_str().unwrap_or("").to_owned();
        rows.push(vec![
            cell("role"),
            cell("login"),
            cell("password"),
            second.to_owned(),
            cell("unit"),
        ]);
    }
    say("");
    table(&rows);
    say(format_args!(
        "\n  All {} accounts, with second factors and recovery codes: {}",
        lines.len(),
        file.display()
    ));
    Ok(())
}

/// Officers of the other communes have their commune's code in their name.
fn is_for_tour(line: &Value) -> bool {
    !line["login"].as_str().is_some_and(|login| login.contains('.'))
}
