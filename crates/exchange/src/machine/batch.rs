//! Which transfers travel together: those of one service in one request, each dossier once in it, so that what belongs to a
//! dossier keeps its order. Refuses to put into company what was refused in company.

use serde_json::Value;

use crate::wire::{Request, Service};

/// One item on its way out; `T` is what its sender knows it by.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing<T> {
    /// What the sender knows it by.
    pub tag: T,
    /// Code of the dossier, as the portal knows it.
    pub code: String,
    /// What is asked.
    pub service: Service,
    /// The dossier is known to the portal.
    pub is_updating: bool,
    /// It travels alone.
    pub is_alone: bool,
    /// The item.
    pub item: Value,
}

/// Puts items together into requests of at most `most` items. The items of one call are of different dossiers.
#[must_use]
pub fn group<T>(items: Vec<Outgoing<T>>, most: usize) -> Vec<(Request, Vec<Outgoing<T>>)> {
    let mut requests: Vec<(Request, Vec<Outgoing<T>>, bool)> = Vec::new();
    for item in items {
        let fits = |(request, inside, closed): &(Request, Vec<Outgoing<T>>, bool)| {
            !closed
                && request.service == item.service
                && request.is_updating == item.is_updating
                && inside.len() < most.max(1)
        };
        let open = if item.is_alone {
            None
        } else {
            requests.iter().rposition(fits)
        };
        let at = open.unwrap_or_else(|| {
            let request = Request {
                service: item.service,
                is_updating: item.is_updating,
                data: Vec::new(),
            };
            requests.push((request, Vec::new(), item.is_alone));
            requests.len() - 1
        });
        if let Some((request, inside, _)) = requests.get_mut(at) {
            request.data.push(item.item.clone());
            inside.push(item);
        }
    }
    requests
        .into_iter()
        .map(|(request, inside, _)| (request, inside))
        .collect()
}
