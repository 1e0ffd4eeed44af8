//! Datasets, resources, organisations, groups and tags as CKAN's dictionaries. Times are UTC without a zone, as CKAN writes them.
//! Owns the addresses of licences; a licence without one is not open.

use std::collections::BTreeMap;

use definition::Theme;
use kernel::{Bilingual, Lang, Timestamp};
use serde_json::{Map, Value as Json, json};

use crate::Portal;
use crate::dataset::store::Organisation;
use crate::dataset::{Dataset, Origin, Resource, State, id_of};

/// What dictionaries of a page share.
pub(crate) struct Around {
    pub(crate) organisations: BTreeMap<String, Organisation>,
    pub(crate) now: Timestamp,
}

impl Around {
    pub(crate) fn of(organisations: Vec<Organisation>, now: Timestamp) -> Self {
        let by_name = organisations.into_iter().map(|one| (one.name.clone(), one));
        Self {
            organisations: by_name.collect(),
            now,
        }
    }
}

/// A time as CKAN writes it.
pub(crate) fn time(at: Timestamp) -> String {
    let micros = at.as_micros();
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    format!("{}.{rest:06}", at.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The page of a licence.
pub(crate) fn licence_url(licence: &str) -> Option<&'static str> {
    Some(match licence {
        "CC-BY-4.0" => "https://creativecommons.org/licenses/by/4.0/",
        "CC-BY-SA-4.0" => "https://creativecommons.org/licenses/by-sa/4.0/",
        "CC0-1.0" => "https://creativecommons.org/publicdomain/zero/1.0/",
        "ODC-By-1.0" => "https://opendatacommons.org/licenses/by/1-0/",
        "ODbL-1.0" => "https://opendatacommons.org/licenses/odbl/1-0/",
        "PDDL-1.0" => "https://opendatacommons.org/licenses/pddl/1-0/",
        _ => return None,
    })
}

/// The licences of the portal.
pub(crate) fn licences() -> Json {
    let one = |id: &&str| {
        json!({
            "id": id, "title": id, "url": licence_url(id), "status": "active", "od_conformance": "approved",
            "is_okd_compliant": true, "domain_data": true, "domain_content": true, "domain_software": false,
        })
    };
    definition::LICENCES.iter().map(one).collect()
}

/// A dataset.
pub(crate) fn package(portal: &Portal, dataset: &Dataset, around: &Around) -> Json {
    let about = &dataset.about;
    let organisation = around.organisations.get(&dataset.publisher);
    let groups: Vec<Json> = about.theme.iter().map(|theme| group(theme)).collect();
    let tags: Vec<Json> = about.keywords.iter().map(|word| tag(&word.vi)).collect();
    let resources: Vec<Json> = about
        .resources
        .iter()
        .enumerate()
        .map(|(at, one)| resource(portal, dataset, one, at))
        .collect();
    let contact = |name: &str| {
        let found = about.contacts.iter().find(|(known, _)| known == name);
        found.map_or(Json::Null, |(_, value)| value.clone().into())
    };
    json!({
        "id": dataset.id,
        "name": dataset.name,
        "title": about.title.vi,
        "title_translated": translated(&about.title),
        "notes": about.notes.vi,
        "notes_translated": translated(&about.notes),
        "type": "dataset",
        "state": state(dataset.state),
        "private": false,
        "isopen": licence_url(&about.licence).is_some(),
        "license_id": about.licence,
        "license_title": about.licence,
        "license_url": licence_url(&about.licence),
        "url": about.url.clone().unwrap_or_else(|| portal.absolute(&format!("/data/{}", dataset.name))),
        "version": about.version,
        "author": contact("author"),
        "author_email": contact("author_email"),
        "maintainer": contact("maintainer"),
        "maintainer_email": contact("maintainer_email"),
        "creator_user_id": Json::Null,
        "owner_org": id_of("organisation", &dataset.publisher),
        "organization": organisation.map(self::organisation),
        "groups": groups,
        "tags": tags,
        "num_tags": tags.len(),
        "resources": resources,
        "num_resources": resources.len(),
        "extras": extras(dataset, around.now),
        "metadata_created": time(dataset.created_at),
        "metadata_modified": time(dataset.modified_at),
        "relationships_as_subject": [],
        "relationships_as_object": [],
    })
}

const fn state(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Withdrawn | State::Deleted => "deleted",
    }
}

fn translated(text: &Bilingual) -> Json {
    json!({ "vi": text.vi, "en": text.get(Lang::En) })
}

/// What the catalogue knows beyond CKAN's own fields, and what an owner added.
fn extras(dataset: &Dataset, now: Timestamp) -> Json {
    let about = &dataset.about;
    let mut extras: Vec<(String, String)> = about.extras.clone();
    let mut add = |name: &str, value: Option<String>| extras.extend(value.map(|value| (name.to_owned(), value)));
    add("frequency", about.frequency.clone());
    add("theme", about.theme.clone());
    if dataset.origin == Origin::Register {
        add("freshness", Some(dataset.freshness(now).to_string()));
        add("data_changed_at", about.changed_at.map(time));
        add("fresh_until", about.fresh_until.map(time));
        add("rows", about.rows.map(|rows| rows.to_string()));
        add("synthetic", Some(about.synthetic.to_string()));
        add("suppress_below", about.suppress_below.map(|least| least.to_string()));
    }
    let one = |(key, value): (String, String)| json!({ "key": key, "value": value });
    extras.into_iter().map(one).collect()
}

/// A resource.
pub(crate) fn resource(portal: &Portal, dataset: &Dataset, resource: &Resource, at: usize) -> Json {
    json!({
        "id": resource.id,
        "package_id": dataset.id,
        "name": resource.name,
        "description": resource.description,
        "format": resource.format,
        "mimetype": resource.media_type,
        "url": portal.absolute(&resource.url),
        "url_type": Json::Null,
        "size": resource.size,
        "hash": resource.hash.clone().unwrap_or_default(),
        "position": at,
        "state": "active",
        "created": time(resource.created_at),
        "last_modified": time(resource.modified_at),
        "metadata_modified": time(resource.modified_at),
        "datastore_active": resource.datastore,
        "resource_type": Json::Null,
    })
}

/// An organisation as it stands beside a dataset.
pub(crate) fn organisation(one: &Organisation) -> Json {
    json!({
        "id": id_of("organisation", &one.name),
        "name": one.name,
        "title": one.title.vi,
        "title_translated": translated(&one.title),
        "display_name": one.title.vi,
        "description": one.notes.clone().unwrap_or_default(),
        "image_url": "",
        "type": "organization",
        "is_organization": true,
        "approval_status": "approved",
        "state": if one.active { "active" } else { "deleted" },
        "created": time(one.created_at),
        "extras": one.url.iter().map(|url| json!({ "key": "url", "value": url })).collect::<Vec<_>>(),
    })
}

/// A theme as a group.
pub(crate) fn group(theme: &str) -> Json {
    let title = |lang: Lang| web::text(lang, &format!("open-theme-{theme}"));
    json!({
        "id": id_of("group", theme),
        "name": theme,
        "title": title(Lang::Vi),
        "title_translated": { "vi": title(Lang::Vi), "en": title(Lang::En) },
        "display_name": title(Lang::Vi),
        "description": "",
        "image_display_url": "",
        "type": "group",
        "is_organization": false,
        "state": "active",
    })
}

/// A keyword.
pub(crate) fn tag(word: &str) -> Json {
    json!({
        "id": id_of("tag", word), "name": word, "display_name": word, "vocabulary_id": Json::Null, "state": "active",
    })
}

/// The themes that a group may be.
pub(crate) fn themes() -> impl Iterator<Item = &'static str> {
    Theme::ALL.iter().map(|theme| theme.word())
}

/// A dictionary with something added.
pub(crate) fn with(json: Json, more: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let mut map = match json {
        Json::Object(map) => map,
        _ => Map::new(),
    };
    map.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Json::Object(map)
}
