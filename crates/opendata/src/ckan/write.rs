//! The actions that change the catalogue: links to data elsewhere and organisations. Datasets of registers are what
//! their rules say and are not changed here. Refuses whoever may not keep the catalogue of the province; rows need the rights of the register.

use identity::{Action, Caller, OfficerCaller, audit};
use kernel::{Bilingual, Timestamp};
use register::RecordId;
use serde_json::Value as Json;
use uuid::Uuid;

use super::shape::{self, Around};
use super::{Params, read};
use crate::dataset::store::{self, Act, Organisation};
use crate::dataset::{About, Dataset, Origin, Resource, State, id_of, is_name};
use crate::{OpenError, Portal};

/// Most resources of a dataset, keywords, extras.
const PARTS_MAX: usize = 100;
/// Longest text of a dataset, in characters.
const CHARS_MAX: usize = 20_000;

pub(super) async fn act(
    portal: &Portal,
    action: &str,
    params: &Params,
    officer: &OfficerCaller,
) -> Result<Json, OpenError> {
    if action == "datastore_upsert" {
        return super::upsert::upsert(portal, params, officer).await;
    }
    let identity = portal.register().identity();
    identity.require_system(&Caller::Officer(officer.clone()), Action::OpenCatalogue)?;
    let (what, how) = action.split_once('_').unwrap_or((action, ""));
    match what {
        "package" => package(portal, how, params, officer).await,
        "resource" => resource(portal, how, params, officer).await,
        _ => organisation(portal, how, params, officer).await,
    }
}

/// Writes a dataset with a line of the audit log, and answers it.
async fn keep(
    portal: &Portal,
    dataset: Dataset,
    act: Act,
    what: &'static str,
    officer: &OfficerCaller,
) -> Result<Dataset, OpenError> {
    let organisations = portal.organisations().await?;
    let publisher = organisations.iter().find(|one| one.name == dataset.publisher);
    let publisher = publisher
        .map(|one| one.title.clone())
        .ok_or_else(|| OpenError::invalid("owner_org", "Organization does not exist"))?;
    let (now, account, kept) = (portal.now(), officer.account(), dataset.clone());
    portal
        .store()
        .write(move |tx| {
            let other = store::named(tx, &kept.name)?;
            if other.is_some_and(|other| other.id != kept.id) {
                return Err(OpenError::Taken);
            }
            store::put(tx, &kept, &publisher, Some(act), now)?;
            let actor = audit::Actor::Account(account);
            audit::append(tx, actor, what, &kept.name, audit::detail([]), now)?;
            Ok(())
        })
        .await?;
    Ok(dataset)
}

async fn shown(portal: &Portal, dataset: &Dataset) -> Result<Json, OpenError> {
    let around = Around::of(portal.organisations().await?, portal.now());
    Ok(shape::package(portal, dataset, &around))
}

/// The external dataset that is to be changed.
async fn external(portal: &Portal, id: &str) -> Result<Dataset, OpenError> {
    let dataset = portal.dataset_of(id).await?;
    if dataset.origin == Origin::External {
        Ok(dataset)
    } else {
        Err(OpenError::invalid(
            "id",
            "this dataset is published by the rule of a register: change the rule, or its records",
        ))
    }
}

async fn package(portal: &Portal, how: &str, params: &Params, officer: &OfficerCaller) -> Result<Json, OpenError> {
    let now = portal.now();
    match how {
        "create" => {
            let name = params.needed("name")?;
            if !is_name(&name) {
                return Err(OpenError::invalid(
                    "name",
                    "Must be purely lowercase alphanumeric (ascii) characters and these symbols: -_",
                ));
            }
            let fresh = Dataset {
                id: new_id(portal),
                name,
                origin: Origin::External,
                register: None,
                state: State::Active,
                publisher: String::new(),
                created_at: now,
                modified_at: now,
                about: About::default(),
            };
            let dataset = told(portal, fresh, params, false, now).await?;
            let dataset = keep(portal, dataset, Act::Published, "open.dataset-create", officer).await?;
            shown(portal, &dataset).await
        }
        "update" | "patch" => {
            let known = external(portal, &params.needed("id").or_else(|_| params.needed("name"))?).await?;
            let dataset = told(portal, known, params, how == "patch", now).await?;
            let dataset = keep(portal, dataset, Act::Changed, "open.dataset-change", officer).await?;
            shown(portal, &dataset).await
        }
        _ => {
            let known = external(portal, &params.needed("id")?).await?;
            let gone = Dataset {
                state: State::Deleted,
                modified_at: now,
                ..known
            };
            keep(portal, gone, Act::Withdrawn, "open.dataset-delete", officer).await?;
            Ok(Json::Null)
        }
    }
}

/// An id of an external dataset or resource, made from the program's clock and chance.
fn new_id(portal: &Portal) -> Uuid {
    RecordId::new(portal.register().world().as_ref()).uuid()
}

/// What a client says of a dataset. A patch leaves what it does not speak of; an update takes it away.
struct Said<'p> {
    params: &'p Params,
    patch: bool,
}

impl Said<'_> {
    fn text(&self, name: &str, old: Option<&str>) -> Result<Option<String>, OpenError> {
        if self.patch && self.params.get(name).is_none() {
            return Ok(old.map(str::to_owned));
        }
        match self.params.text(name)? {
            Some(text) if text.chars().count() > CHARS_MAX => Err(OpenError::invalid(name, "is too long")),
            text => Ok(text),
        }
    }

    fn translated(&self, name: &str, old: &Bilingual) -> Result<Bilingual, OpenError> {
        let both = self.params.object(&format!("{name}_translated"))?;
        let of = |lang: &str| both.get(lang).and_then(Json::as_str).map(str::to_owned);
        let vi = of("vi").or(self.text(name, Some(&old.vi))?).unwrap_or_default();
        let en = of("en").or(if self.patch { old.en.clone() } else { None });
        Ok(Bilingual { vi, en })
    }

    fn contacts(&self, old: &[(String, String)]) -> Result<Vec<(String, String)>, OpenError> {
        let mut contacts = Vec::new();
        for name in ["author", "author_email", "maintainer", "maintainer_email"] {
            let before = old
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str());
            contacts.extend(self.text(name, before)?.map(|value| (name.to_owned(), value)));
        }
        Ok(contacts)
    }

    fn licence(&self, old: &str) -> Result<String, OpenError> {
        let licence = self.text("license_id", Some(old))?.unwrap_or_default();
        if shape::licence_url(&licence).is_some() {
            return Ok(licence);
        }
        let known = definition::LICENCES.join(", ");
        Err(OpenError::invalid("license_id", format!("is one of: {known}")))
    }

    fn resources(&self, portal: &Portal, old: &[Resource], now: Timestamp) -> Result<Vec<Resource>, OpenError> {
        match self.params.get("resources") {
            Some(Json::Array(all)) if all.len() <= PARTS_MAX => {
                let each = all.iter().map(|one| resource_of(portal, one, old, now));
                each.collect()
            }
            Some(_) => {
                let most = format!("must be a list of at most {PARTS_MAX}");
                Err(OpenError::invalid("resources", most))
            }
            None => Ok(old.to_vec()),
        }
    }
}

/// A dataset with what a client says of it.
async fn told(
    portal: &Portal,
    known: Dataset,
    params: &Params,
    patch: bool,
    now: Timestamp,
) -> Result<Dataset, OpenError> {
    let (said, blank) = (Said { params, patch }, About::default());
    let old = if patch { &known.about } else { &blank };
    let before = Some(known.publisher.as_str()).filter(|name| !name.is_empty());
    let publisher = said.text("owner_org", before)?;
    let publisher = publisher.ok_or_else(|| OpenError::invalid("owner_org", "An organization must be provided"))?;
    let publisher = read::organisation(portal, &publisher).await;
    let publisher = publisher.map_err(|_| OpenError::invalid("owner_org", "Organization does not exist"))?;
    let title = said.translated("title", &old.title)?;
    let about = About {
        title: if crate::dataset::is_empty(&title) {
            Bilingual::vi(known.name.clone())
        } else {
            title
        },
        notes: said.translated("notes", &old.notes)?,
        keywords: tags(params, &old.keywords, patch)?,
        theme: theme(params, old.theme.clone(), patch)?,
        licence: said.licence(&old.licence)?,
        frequency: old.frequency.clone(),
        url: said.text("url", old.url.as_deref())?,
        version: said.text("version", old.version.as_deref())?,
        contacts: said.contacts(&old.contacts)?,
        extras: extras(params, &old.extras, patch)?,
        resources: said.resources(portal, &known.about.resources, now)?,
        ..About::default()
    };
    if let Some(url) = &about.url {
        address("url", url)?;
    }
    Ok(Dataset {
        publisher: publisher.name,
        modified_at: now,
        about,
        ..known
    })
}

/// Addresses of strangers are links on our pages: nothing but http and https.
fn address(field: &str, url: &str) -> Result<(), OpenError> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && url.len() <= 2_000 && !url.contains(char::is_control) => Ok(()),
        _ => Err(OpenError::invalid(
            field,
            "must be an address that begins with https:// or http://",
        )),
    }
}

fn tags(params: &Params, old: &[Bilingual], patch: bool) -> Result<Vec<Bilingual>, OpenError> {
    let refused = || OpenError::invalid("tags", "must be a list of objects with a name of 2 to 100 characters");
    let Some(given) = params.get("tags") else {
        return Ok(if patch { old.to_vec() } else { Vec::new() });
    };
    let all = given
        .as_array()
        .filter(|all| all.len() <= PARTS_MAX)
        .ok_or_else(refused)?;
    let each = all.iter().map(|one| {
        let name = one
            .get("name")
            .or(Some(one))
            .and_then(Json::as_str)
            .ok_or_else(refused)?;
        let fits = (2..=100).contains(&name.chars().count()) && !name.contains(char::is_control);
        if fits { Ok(Bilingual::vi(name)) } else { Err(refused()) }
    });
    each.collect()
}

fn theme(params: &Params, old: Option<String>, patch: bool) -> Result<Option<String>, OpenError> {
    let Some(given) = params.get("groups") else {
        return Ok(if patch { old } else { None });
    };
    let names = given.as_array().into_iter().flatten();
    let name = names
        .filter_map(|one| one.get("name").or(one.get("id")).and_then(Json::as_str))
        .next();
    let Some(name) = name else { return Ok(None) };
    let known = shape::themes().find(|theme| *theme == name || id_of("group", theme).to_string() == name);
    match known {
        Some(theme) => Ok(Some(theme.to_owned())),
        None => Err(OpenError::invalid("groups", "is a theme: see group_list")),
    }
}

fn extras(params: &Params, old: &[(String, String)], patch: bool) -> Result<Vec<(String, String)>, OpenError> {
    let refused = || OpenError::invalid("extras", "must be a list of objects with key and value");
    let Some(given) = params.get("extras") else {
        return Ok(if patch { old.to_vec() } else { Vec::new() });
    };
    let all = given
        .as_array()
        .filter(|all| all.len() <= PARTS_MAX)
        .ok_or_else(refused)?;
    let each = all.iter().map(|one| {
        let part = |name: &str| one.get(name).and_then(Json::as_str).map(str::to_owned);
        part("key")
            .zip(part("value"))
            .filter(|(key, value)| key.len() + value.len() < CHARS_MAX)
            .ok_or_else(refused)
    });
    each.collect()
}

/// A resource as a client says it; one with a known id keeps what is not said.
fn resource_of(portal: &Portal, json: &Json, known: &[Resource], now: Timestamp) -> Result<Resource, OpenError> {
    let given = json
        .as_object()
        .cloned()
        .ok_or_else(|| OpenError::invalid("resources", "must be objects"))?;
    let params = Params::of(given);
    let id = params.text("id")?.and_then(|id| Uuid::parse_str(&id).ok());
    let old = id.and_then(|id| known.iter().find(|one| one.id == id)).cloned();
    let is_new = old.is_none();
    let old = old.unwrap_or_else(|| Resource {
        id: new_id(portal),
        created_at: now,
        ..Resource::default()
    });
    let text = |name: &str, before: String| -> Result<String, OpenError> {
        let text = if params.get(name).is_none() {
            Some(before)
        } else {
            params.text(name)?
        };
        Ok(text.unwrap_or_default().chars().take(CHARS_MAX).collect())
    };
    let url = text("url", old.url.clone())?;
    if url.is_empty() && is_new {
        return Err(OpenError::invalid("url", "Missing value"));
    }
    address("url", &url)?;
    let maybe = |name: &str, before: Option<String>| {
        text(name, before.unwrap_or_default()).map(|text| Some(text).filter(|text| !text.is_empty()))
    };
    let size = match params.get("size") {
        None => old.size,
        Some(_) => i64::try_from(params.whole("size", 0, u64::MAX)?).ok(),
    };
    Ok(Resource {
        name: text("name", old.name.clone())?,
        description: text("description", old.description.clone())?,
        format: text("format", old.format.clone())?.trim_start_matches('.').to_owned(),
        media_type: maybe("mimetype", old.media_type.clone())?,
        hash: maybe("hash", old.hash.clone())?,
        url,
        size,
        modified_at: now,
        datastore: false,
        ..old
    })
}

async fn resource(portal: &Portal, how: &str, params: &Params, officer: &OfficerCaller) -> Result<Json, OpenError> {
    let now = portal.now();
    let (mut dataset, at) = if how == "create" {
        let dataset = external(portal, &params.needed("package_id")?).await?;
        if dataset.about.resources.len() >= PARTS_MAX {
            return Err(OpenError::invalid("package_id", "the dataset has too many resources"));
        }
        let one = resource_of(portal, &Json::Object(params.map().clone()), &[], now)?;
        let mut dataset = dataset;
        dataset.about.resources.push(one);
        let last = dataset.about.resources.len() - 1;
        (dataset, last)
    } else {
        let id = Uuid::parse_str(&params.needed("id")?).map_err(|_| OpenError::NotFound)?;
        let found = read::of_resource(portal, id).await?;
        let dataset = external(portal, &found.name).await?;
        let at = dataset.about.resources.iter().position(|one| one.id == id);
        (dataset, at.ok_or(OpenError::NotFound)?)
    };
    match how {
        "delete" => {
            dataset.about.resources.remove(at);
        }
        "update" | "patch" => {
            let known = &dataset.about.resources[at];
            // An update says all of it; what it does not say is gone, but for what makes it the same resource.
            let before = if how == "patch" {
                known.clone()
            } else {
                Resource {
                    id: known.id,
                    created_at: known.created_at,
                    url: known.url.clone(),
                    ..Resource::default()
                }
            };
            dataset.about.resources[at] = resource_of(portal, &Json::Object(params.map().clone()), &[before], now)?;
        }
        _ => {}
    }
    dataset.modified_at = now;
    let dataset = keep(portal, dataset, Act::Changed, "open.dataset-change", officer).await?;
    Ok(match dataset.about.resources.get(at).filter(|_| how != "delete") {
        Some(one) => shape::resource(portal, &dataset, one, at),
        None => Json::Null,
    })
}

async fn organisation(portal: &Portal, how: &str, params: &Params, officer: &OfficerCaller) -> Result<Json, OpenError> {
    let now = portal.now();
    let known = if how == "create" {
        let name = params.needed("name")?;
        if !is_name(&name) {
            return Err(OpenError::invalid(
                "name",
                "Must be purely lowercase alphanumeric (ascii) characters and these symbols: -_",
            ));
        }
        let fresh = Organisation {
            title: Bilingual::vi(name.clone()),
            name,
            notes: None,
            url: None,
            is_agency: false,
            active: true,
            created_at: now,
        };
        (fresh, true)
    } else {
        let known = read::organisation(portal, &params.needed("id")?).await?;
        if known.is_agency {
            return Err(OpenError::invalid(
                "id",
                "an agency of the province is what its definition says",
            ));
        }
        (known, false)
    };
    let (mut one, is_new) = known;
    let keeps = how == "patch";
    if let Some(title) = params.text("title")? {
        let both = params.object("title_translated")?;
        one.title = Bilingual {
            vi: title,
            en: both.get("en").and_then(Json::as_str).map(str::to_owned),
        };
    }
    if !keeps || params.get("description").is_some() {
        one.notes = params.text("description")?;
    }
    one.active = how != "delete";
    let (kept, account) = (one.clone(), officer.account());
    portal
        .store()
        .write(move |tx| {
            let all = store::organisations(tx)?;
            if is_new && all.iter().any(|other| other.name == kept.name) {
                return Err(OpenError::Taken);
            }
            if !kept.active && store::publishes(tx, &kept.name)? {
                return Err(OpenError::invalid(
                    "id",
                    "Organization cannot be deleted while it still has datasets",
                ));
            }
            store::put_organisation(tx, &kept)?;
            let actor = audit::Actor::Account(account);
            audit::append(tx, actor, "open.organisation", &kept.name, audit::detail([]), now)?;
            Ok(())
        })
        .await?;
    Ok(if one.active {
        shape::organisation(&one)
    } else {
        Json::Null
    })
}
