//! SQL of the catalogue. Each change of a dataset draws the next number, so that every node's index can catch up.
//! Nothing is deleted: what leaves the catalogue changes its state.

use ::store::{StoreError, Tx};
use kernel::{Bilingual, Timestamp, fold};
use uuid::Uuid;

use super::index::{Entry, Facet};
use super::{About, Dataset, State};

/// Parts of a stored list.
const PART: char = '\u{1f}';

kernel::words! {
    /// What happened to a dataset, for the feed.
    Act {
        /// It came into the catalogue.
        Published = "published",
        /// What is known of it is different.
        Changed = "changed",
        /// Its data is different.
        Data = "data",
        /// It left.
        Withdrawn = "withdrawn",
    }
}

::store::value_via_display!(Act);

fn read(row: &::store::Row<'_>) -> Result<Dataset, StoreError> {
    let document: serde_json::Value = row.get(9)?;
    let about: About =
        serde_json::from_value(document).map_err(|e| StoreError::Corrupt(format!("opendata_dataset: {e}")))?;
    let register = row.get::<Option<String>>(3)?.zip(row.get::<Option<String>>(4)?);
    Ok(Dataset {
        id: row.get(0)?,
        name: row.get(1)?,
        origin: row.get(2)?,
        register,
        state: row.get(5)?,
        publisher: row.get(6)?,
        created_at: row.get(7)?,
        modified_at: row.get(8)?,
        about,
    })
}

/// A dataset, whatever its state.
pub(crate) fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Dataset>, StoreError> {
    tx.opt(
        "SELECT id, name, origin, system, kind, state, publisher, created_at, modified_at, document \
         FROM opendata_dataset WHERE id = $1",
        &[&id],
        read,
    )
}

/// A dataset by its name, whatever its state.
pub(crate) fn named(tx: &mut Tx, name: &str) -> Result<Option<Dataset>, StoreError> {
    tx.opt(
        "SELECT id, name, origin, system, kind, state, publisher, created_at, modified_at, document \
         FROM opendata_dataset WHERE name = $1",
        &[&name],
        read,
    )
}

/// The dataset that a resource belongs to.
pub(crate) fn of_resource(tx: &mut Tx, resource: Uuid) -> Result<Option<Dataset>, StoreError> {
    tx.opt(
        "SELECT d.id, d.name, d.origin, d.system, d.kind, d.state, d.publisher, d.created_at, d.modified_at, d.document \
         FROM opendata_resource AS r JOIN opendata_dataset AS d ON d.id = r.dataset WHERE r.id = $1",
        &[&resource],
        read,
    )
}

/// Datasets in the order of their ids as given; those that are gone are left out.
pub(crate) fn all_of(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Dataset>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(find(tx, *id)?);
    }
    Ok(found)
}

/// Writes a dataset, new or changed, with what the index needs of it. `act` goes into the feed.
pub(crate) fn put(
    tx: &mut Tx,
    dataset: &Dataset,
    publisher: &Bilingual,
    act: Option<Act>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (strong, words) = dataset.words(publisher);
    let words = format!("{}\n{}", strong.join(" "), words.join(" "));
    let facets: Vec<String> = dataset
        .facets(now)
        .into_iter()
        .map(|(facet, word)| format!("{facet}={word}"))
        .collect();
    let facets = facets.join(&PART.to_string());
    let document = serde_json::to_value(&dataset.about).map_err(|e| StoreError::Config(e.to_string()))?;
    let (system, kind) = match &dataset.register {
        Some((system, kind)) => (Some(system.as_str()), Some(kind.as_str())),
        None => (None, None),
    };
    let key = fold::sort_key(&dataset.about.title.vi);
    let seq: i64 = tx.one("SELECT coalesce(max(seq), 0) + 1 FROM opendata_dataset", &[], |row| {
        row.get(0)
    })?;
    tx.execute(
        "INSERT INTO opendata_dataset (id, name, seq, origin, system, kind, state, publisher, title_key, words, facets, \
         created_at, modified_at, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, seq = excluded.seq, origin = excluded.origin, \
         system = excluded.system, kind = excluded.kind, state = excluded.state, publisher = excluded.publisher, \
         title_key = excluded.title_key, words = excluded.words, facets = excluded.facets, \
         modified_at = excluded.modified_at, document = excluded.document",
        &[
            &dataset.id,
            &dataset.name,
            &seq,
            &dataset.origin,
            &system,
            &kind,
            &dataset.state,
            &dataset.publisher,
            &key,
            &words,
            &facets,
            &dataset.created_at,
            &dataset.modified_at,
            &document,
        ],
    )?;
    tx.execute("DELETE FROM opendata_resource WHERE dataset = $1", &[&dataset.id])?;
    for resource in &dataset.about.resources {
        tx.execute(
            "INSERT INTO opendata_resource (id, dataset) VALUES ($1, $2)",
            &[&resource.id, &dataset.id],
        )?;
    }
    if let Some(act) = act {
        tx.execute(
            "INSERT INTO opendata_change (dataset, act, at) VALUES ($1, $2, $3)",
            &[&dataset.id, &act, &now],
        )?;
    }
    Ok(())
}

/// What the index does not know yet: at most `limit` rows above `seq`.
pub(crate) fn since(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
    tx.all(
        "SELECT id, seq, state, name, modified_at, title_key, words, facets FROM opendata_dataset \
         WHERE seq > $1 ORDER BY seq LIMIT $2",
        &[&seq, &limit],
        |row| {
            let (words, facets): (String, String) = (row.get(6)?, row.get(7)?);
            let (strong, words) = words.split_once('\n').unwrap_or(("", &words));
            let list = |text: &str| {
                text.split(' ')
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let facet = |pair: &str| {
                let (facet, word) = pair.split_once('=')?;
                Some((facet.parse::<Facet>().ok()?, word.to_owned()))
            };
            Ok(Entry {
                id: row.get(0)?,
                seq: row.get(1)?,
                active: row.get::<State>(2)? == State::Active,
                name: row.get(3)?,
                modified_at: row.get(4)?,
                title_key: row.get(5)?,
                strong: list(strong),
                words: list(words),
                facets: facets.split(PART).filter_map(facet).collect(),
            })
        },
    )
}

/// A change for the feed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) id: i64,
    pub(crate) act: Act,
    pub(crate) at: Timestamp,
    pub(crate) dataset: Dataset,
}

/// The last changes of the catalogue, the newest first.
pub(crate) fn changes(tx: &mut Tx, limit: i64) -> Result<Vec<Change>, StoreError> {
    let rows = tx.all(
        "SELECT id, act, at, dataset FROM opendata_change ORDER BY id DESC LIMIT $1",
        &[&limit],
        |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<Act>(1)?,
                row.get::<Timestamp>(2)?,
                row.get::<Uuid>(3)?,
            ))
        },
    )?;
    let mut changes = Vec::with_capacity(rows.len());
    for (id, act, at, dataset) in rows {
        let dataset = find(tx, dataset)?;
        changes.extend(dataset.map(|dataset| Change { id, act, at, dataset }));
    }
    Ok(changes)
}

/// Who publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organisation {
    /// Its name in addresses.
    pub(crate) name: String,
    /// What it is called.
    pub(crate) title: Bilingual,
    /// What it says of itself.
    pub(crate) notes: Option<String>,
    /// Its page.
    pub(crate) url: Option<String>,
    /// Whether it is an agency that the province has.
    pub(crate) is_agency: bool,
    /// Whether it is there.
    pub(crate) active: bool,
    /// Since when it is known.
    pub(crate) created_at: Timestamp,
}

/// Every organisation, by name.
pub(crate) fn organisations(tx: &mut Tx) -> Result<Vec<Organisation>, StoreError> {
    tx.all(
        "SELECT name, title_vi, title_en, notes, url, origin, state, created_at FROM opendata_organisation \
         ORDER BY name LIMIT 10000",
        &[],
        |row| {
            Ok(Organisation {
                name: row.get(0)?,
                title: Bilingual {
                    vi: row.get(1)?,
                    en: row.get(2)?,
                },
                notes: row.get(3)?,
                url: row.get(4)?,
                is_agency: row.get::<String>(5)? == "agency",
                active: row.get::<String>(6)? == "active",
                created_at: row.get(7)?,
            })
        },
    )
}

/// Writes an organisation, new or changed.
pub(crate) fn put_organisation(tx: &mut Tx, one: &Organisation) -> Result<(), StoreError> {
    let origin = if one.is_agency { "agency" } else { "external" };
    let state = if one.active { "active" } else { "deleted" };
    tx.execute(
        "INSERT INTO opendata_organisation (name, title_vi, title_en, notes, url, origin, state, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO UPDATE SET title_vi = excluded.title_vi, \
         title_en = excluded.title_en, notes = excluded.notes, url = excluded.url, state = excluded.state",
        &[
            &one.name,
            &one.title.vi,
            &one.title.en,
            &one.notes,
            &one.url,
            &origin,
            &state,
            &one.created_at,
        ],
    )
    .map(|_| ())
}

/// Whether an organisation publishes anything.
pub(crate) fn publishes(tx: &mut Tx, organisation: &str) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT id FROM opendata_dataset WHERE publisher = $1 AND state = 'active' LIMIT 1",
        &[&organisation],
        |row| row.get::<Uuid>(0),
    )?;
    Ok(found.is_some())
}
