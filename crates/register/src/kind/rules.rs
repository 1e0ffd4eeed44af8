//! Holds a definition against the table that is there, and says what is to be done. Pure: it sees no table. A field may be
//! added or retired; one that has another type now, or is gone while rows have values of it, is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Kind, Shape};

/// What the columns of a table are, as it was last made or changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// `point`, `line`, `polygon`.
    pub(crate) geometry: Option<String>,
    /// The word of each field's shape.
    pub(crate) fields: BTreeMap<String, String>,
    /// Columns that filters and sorting need, in order.
    #[serde(default)]
    pub(crate) helpers: Vec<String>,
    /// Columns of single people, by which a person's own records are found.
    #[serde(default)]
    pub(crate) people: Vec<String>,
}

impl Stored {
    /// What the definition wants.
    pub(crate) fn wanted(kind: &Kind) -> Self {
        let fields = kind.columns.iter();
        Self {
            geometry: kind.geometry().map(|geometry| format!("{geometry:?}").to_lowercase()),
            fields: fields
                .map(|column| (column.field.name.clone(), column.shape.word()))
                .collect(),
            helpers: helpers(kind),
            people: people(kind),
        }
    }
}

/// The column of the cell in which a record lies.
pub(crate) const CELL: &str = "cell";

/// The names of the columns beside those of values.
pub(crate) fn helpers(kind: &Kind) -> Vec<String> {
    let folded = kind.columns.iter().filter(|column| column.is_folded());
    let folded = folded.filter_map(|column| column.filter.clone());
    let sorts = kind.columns.iter().filter_map(|column| column.sort.clone());
    let cell = kind.geometry().map(|_| CELL.to_owned());
    folded.chain(sorts).chain(cell).collect()
}

/// The columns of single people.
pub(crate) fn people(kind: &Kind) -> Vec<String> {
    let people = kind.columns.iter().filter(|column| column.shape == Shape::Person);
    people.map(|column| column.name.clone()).collect()
}

/// What is to be done to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It is not there.
    Create,
    /// Nothing but indexes, which are made where they are not.
    Keep,
    /// Columns are added: fields by name, and helpers, which are filled from the values.
    Widen {
        /// Fields.
        fields: Vec<String>,
        /// Helpers.
        helpers: Vec<String>,
    },
}

/// Why a definition cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanFault {
    /// Another type.
    #[error("{field} was {was} and is {now}: a field is never given another type; add a new one and retire this one")]
    Retyped {
        /// The field.
        field: String,
        /// Its shape in the table.
        was: String,
        /// Its shape in the definition.
        now: String,
    },
    /// Gone, and rows have values.
    #[error("{field} is no longer defined, but records have values of it: write retired = true instead of dropping it")]
    Dropped {
        /// The field.
        field: String,
    },
}

/// Holds a definition against what is stored. `has_data` says whether any version of any record has a value of a field.
pub(crate) fn plan(
    stored: Option<&Stored>,
    wanted: &Stored,
    has_data: &mut dyn FnMut(&str) -> Result<bool, ::store::StoreError>,
) -> Result<Result<Plan, Vec<PlanFault>>, ::store::StoreError> {
    let Some(stored) = stored else {
        return Ok(Ok(Plan::Create));
    };
    let mut faults = Vec::new();
    if stored.geometry != wanted.geometry {
        let word = |geometry: &Option<String>| geometry.clone().unwrap_or_else(|| "none".to_owned());
        faults.push(PlanFault::Retyped {
            field: "geometry".to_owned(),
            was: word(&stored.geometry),
            now: word(&wanted.geometry),
        });
    }
    let mut added = Vec::new();
    for (field, now) in &wanted.fields {
        match stored.fields.get(field) {
            None => added.push(field.clone()),
            Some(was) if was == now => {}
            Some(was) => faults.push(PlanFault::Retyped {
                field: field.clone(),
                was: was.clone(),
                now: now.clone(),
            }),
        }
    }
    for field in stored.fields.keys().filter(|field| !wanted.fields.contains_key(*field)) {
        if has_data(field)? {
            faults.push(PlanFault::Dropped { field: field.clone() });
        }
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let helpers = wanted.helpers.iter().filter(|name| !stored.helpers.contains(name));
    let helpers: Vec<String> = helpers.cloned().collect();
    Ok(Ok(if added.is_empty() && helpers.is_empty() {
        Plan::Keep
    } else {
        Plan::Widen { fields: added, helpers }
    }))
}

/// What is stored after a plan: a dropped field without values keeps its column, and its type is remembered.
pub(crate) fn after(stored: Option<&Stored>, wanted: &Stored) -> Stored {
    let mut after = wanted.clone();
    if let Some(stored) = stored {
        for (field, shape) in &stored.fields {
            after.fields.entry(field.clone()).or_insert_with(|| shape.clone());
        }
        let kept = stored.helpers.iter().filter(|name| !wanted.helpers.contains(name));
        after.helpers.extend(kept.cloned());
    }
    after
}
