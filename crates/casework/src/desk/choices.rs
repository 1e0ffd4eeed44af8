//! What a work list can be narrowed to: procedures, officers and units with open work in a scope. To find them, every open
//! dossier of the scope is looked at, so they are kept for some seconds; which dossiers a list shows never is.
//! Refuses to grow with the number of officers: who sees the same units shares one entry, and the entries are bounded.

use std::collections::HashMap;
use std::sync::Arc;

use identity::UnitId;
use identity::unit::UnitBook;
use kernel::{Date, Lang, ProcedureCode, SignedDuration, Timestamp};
use parking_lot::Mutex;
use store::{StoreError, Tx};

use super::store as table;
use super::{Scope, ScopeKind};
use crate::procedure::search::Index;

/// How old the choices may be: a procedure that has its first open dossier stands among them at the latest then.
const FRESH: SignedDuration = SignedDuration::from_secs(20);

/// Most scopes kept at once. A province has some hundreds of units, and each officer acts at one.
const SCOPES_MAX: usize = 1_000;

/// What a work list can be narrowed to, besides state and colour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choices {
    /// Code and name.
    pub(crate) procedures: Vec<(String, String)>,
    /// Account and name.
    pub(crate) officers: Vec<(String, String)>,
    /// Id and name.
    pub(crate) units: Vec<(String, String)>,
}

impl Choices {
    /// Reads them; names are those of `day`.
    pub(crate) fn read(
        tx: &mut Tx,
        scope: &Scope,
        (catalogue, book, day): (&Index, &UnitBook, Date),
    ) -> Result<Self, StoreError> {
        let unit = |unit: UnitId| (unit.to_string(), book.name(unit, Lang::Vi, day).to_owned());
        Ok(Self {
            procedures: named(catalogue, table::procedures(tx, scope)?),
            officers: table::officers(tx, scope)?,
            units: table::units(tx, scope)?.into_iter().map(unit).collect(),
        })
    }
}

/// Codes with their names, in the order of the names; a code that left the catalogue stands for itself.
fn named(catalogue: &Index, codes: Vec<ProcedureCode>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = codes
        .into_iter()
        .map(|code| {
            let code = code.to_string();
            let name = catalogue.get(&code).map_or(&code, |row| &row.name.vi).clone();
            (code, name)
        })
        .collect();
    found.sort_by_cached_key(|(_, name)| kernel::fold::sort_key(name));
    found
}

/// By which column, and which units.
type Key = (ScopeKind, Vec<UnitId>);

/// The choices of scopes that were asked for lately, with the hour at which they were read.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<Key, (Timestamp, Arc<Choices>)>>);

impl Kept {
    /// The choices of a scope, unless they are too old.
    pub(crate) fn fresh(&self, scope: &Scope, now: Timestamp) -> Option<Arc<Choices>> {
        let kept = self.0.lock();
        let (at, choices) = kept.get(&(scope.kind, scope.units.clone()))?;
        is_fresh(*at, now).then(|| choices.clone())
    }

    /// Keeps what was read at `now`.
    pub(crate) fn keep(&self, scope: Scope, now: Timestamp, choices: Arc<Choices>) {
        let mut kept = self.0.lock();
        if kept.len() >= SCOPES_MAX {
            kept.retain(|_, (at, _)| is_fresh(*at, now));
        }
        if kept.len() < SCOPES_MAX {
            kept.insert((scope.kind, scope.units), (now, choices));
        }
    }
}

/// A clock that jumped back makes everything stale, never fresh for ever.
fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..FRESH).contains(&now.since(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(unit: u128) -> Scope {
        Scope {
            kind: ScopeKind::Unit,
            units: vec![UnitId::from_uuid(uuid::Uuid::from_u128(unit))],
        }
    }

    #[test]
    fn choices_are_kept_by_scope_for_some_seconds() {
        let kept = Kept::default();
        let (start, choices) = (Timestamp::from_micros(0), Arc::new(Choices::default()));
        assert!(kept.fresh(&scope(1), start).is_none());
        kept.keep(scope(1), start, choices.clone());
        assert!(kept.fresh(&scope(1), start + SignedDuration::from_secs(19)).is_some());
        assert!(kept.fresh(&scope(1), start + FRESH).is_none(), "too old");
        assert!(
            kept.fresh(&scope(1), start - SignedDuration::from_secs(1)).is_none(),
            "the clock jumped back"
        );
        assert!(kept.fresh(&scope(2), start).is_none());
        let at_desk = Scope {
            kind: ScopeKind::Desk,
            ..scope(1)
        };
        assert!(kept.fresh(&at_desk, start).is_none(), "another column");
    }

    #[test]
    fn no_more_than_so_many_scopes_are_kept() {
        let kept = Kept::default();
        let (start, choices) = (Timestamp::from_micros(0), Arc::new(Choices::default()));
        for unit in 0..SCOPES_MAX as u128 + 10 {
            kept.keep(scope(unit), start, choices.clone());
        }
        assert_eq!(kept.0.lock().len(), SCOPES_MAX);
        kept.keep(scope(7_000), start + FRESH, choices);
        assert_eq!(kept.0.lock().len(), 1, "the old ones made room");
    }
}
