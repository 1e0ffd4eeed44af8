//! The comparison of catalogues: which procedures the portal lists and we do not, and the other way. Once a day, by
//! `LayDanhSachTTHC`; the names of what we lack by `LayThuTuc`.
//! Refuses to change our catalogue: a person decides, and imports what is published.

use std::collections::BTreeSet;

use kernel::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::Exchange;
use crate::error::ExchangeError;
use crate::transfer::store as table;
use crate::wire::{Listed, Request, Service, read};

/// Name of the note that holds the result.
const NOTE: &str = "catalogue";
/// Time between two comparisons.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Procedures that are named.
const NAMED: usize = 20;

/// What the last comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Compared {
    /// Procedures that the portal lists.
    pub(crate) there: usize,
    /// Procedures that we list.
    pub(crate) here: usize,
    /// Listed there and not here.
    pub(crate) missing_here: usize,
    /// Listed here and not there.
    pub(crate) missing_there: usize,
    /// The first of those that we lack.
    pub(crate) named: Vec<Listed>,
}

/// Compares two lists of codes; what is missing here comes in the order of the codes.
fn compare(there: &BTreeSet<String>, here: &BTreeSet<String>) -> (Compared, Vec<String>) {
    let missing: Vec<String> = there.difference(here).take(NAMED).cloned().collect();
    let compared = Compared {
        there: there.len(),
        here: here.len(),
        missing_here: there.difference(here).count(),
        missing_there: here.difference(there).count(),
        named: Vec::new(),
    };
    (compared, missing)
}

impl Exchange {
    /// Compares the catalogues, when the last comparison is a day old.
    pub(crate) async fn compare_catalogues(&self) -> Result<(), ExchangeError> {
        let now = self.now();
        let last = self.store().read(|tx| table::note(tx, NOTE)).await?;
        if last.is_some_and(|(_, at)| now.since(at) < EVERY && at <= now) {
            return Ok(());
        }
        let Some(there) = self.ask_procedures(Service::ListProcedures, &[]).await? else {
            return Ok(());
        };
        let there: BTreeSet<String> = there.into_iter().map(|one| one.code).collect();
        let index = self.casework().catalogue().index().await?;
        let here: BTreeSet<String> = index.all().map(|row| row.code.to_string()).collect();
        let (mut compared, missing) = compare(&there, &here);
        if !missing.is_empty() {
            compared.named = self
                .ask_procedures(Service::Procedure, &missing)
                .await?
                .unwrap_or_default();
        }
        let value = serde_json::to_value(&compared).unwrap_or_default();
        self.store()
            .write(move |tx| table::set_note(tx, NOTE, &value, now))
            .await?;
        Ok(())
    }

    /// What the portal lists; none when it does not answer.
    async fn ask_procedures(&self, service: Service, codes: &[String]) -> Result<Option<Vec<Listed>>, ExchangeError> {
        let wanted = |code: &String| {
            let listed = Listed {
                code: code.clone(),
                ..Listed::default()
            };
            listed.write(self.dialect())
        };
        let request = Request {
            service,
            is_updating: false,
            data: codes.iter().map(wanted).collect(),
        };
        let content = self.portal()?.client.ask(&request).await;
        let answer = read(self.dialect(), &content, &[""]);
        let found = answer.found().map(|data| {
            data.iter()
                .filter_map(|item| Listed::read(self.dialect(), item))
                .collect()
        });
        Ok(found)
    }
}

/// What the last comparison found.
pub(crate) fn last(tx: &mut store::Tx) -> Result<Option<Compared>, store::StoreError> {
    let note = table::note(tx, NOTE)?;
    Ok(note.and_then(|(value, _)| serde_json::from_value(value).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_on_either_side_is_counted() {
        let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
        let (compared, missing) = compare(&set(&["1", "2", "3"]), &set(&["2", "4"]));
        assert_eq!((compared.there, compared.here), (3, 2));
        assert_eq!((compared.missing_here, compared.missing_there), (2, 1));
        assert_eq!(missing, ["1", "3"]);
    }
}
