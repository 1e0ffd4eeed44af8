//! The actions that read the catalogue. Owns the part of Solr's language that clients search in.
//! Refuses what it would answer wrongly: alternatives, exclusions, fields that are not searched.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::shape::{self, Around};
use super::{Params, READ, WRITE};
use crate::dataset::store;
use crate::dataset::{Dataset, Facet, Search, Sort, id_of};
use crate::{OpenError, Portal};

/// Most datasets of one answer, as CKAN has it.
const ROWS_MAX: u64 = 1_000;
/// Most words of a list of tags.
const TAGS_MAX: usize = 100_000;
/// Facets by CKAN's names.
const FACETS: [(&str, Facet); 6] = [
    ("organization", Facet::Publisher),
    ("groups", Facet::Theme),
    ("tags", Facet::Tag),
    ("res_format", Facet::Format),
    ("license_id", Facet::Licence),
    ("freshness", Facet::Freshness),
];

pub(super) async fn act(portal: &Portal, action: &str, params: &Params) -> Result<Json, OpenError> {
    match action {
        "package_list" => package_list(portal, params).await,
        "package_show" => package_show(portal, params).await,
        "package_search" => package_search(portal, params).await,
        "current_package_list_with_resources" => current(portal, params).await,
        "package_autocomplete" => package_autocomplete(portal, params).await,
        "resource_show" => resource_show(portal, params).await,
        "resource_search" => resource_search(portal, params).await,
        "organization_list" | "organization_autocomplete" => organization_list(portal, action, params).await,
        "organization_show" => organization_show(portal, params).await,
        "group_list" | "group_autocomplete" => group_list(portal, action, params).await,
        "group_show" => group_show(portal, params).await,
        "group_package_show" => group_packages(portal, params).await,
        "tag_list" | "tag_search" | "tag_autocomplete" => tags(portal, action, params).await,
        "tag_show" => tag_show(portal, params).await,
        "format_autocomplete" => formats(portal, params).await,
        "license_list" => Ok(shape::licences()),
        "status_show" => status(portal).await,
        "help_show" => help(params),
        "recently_changed_packages_activity_list" => activity(portal, params).await,
        "site_read" => Ok(Json::Bool(true)),
        // Views, vocabularies and memberships are CKAN's own; this catalogue has none.
        _ => Ok(json!([])),
    }
}

async fn around(portal: &Portal) -> Result<Around, OpenError> {
    Ok(Around::of(portal.organisations().await?, portal.now()))
}

async fn packages(portal: &Portal, datasets: &[Dataset]) -> Result<Vec<Json>, OpenError> {
    let around = around(portal).await?;
    Ok(datasets
        .iter()
        .map(|dataset| shape::package(portal, dataset, &around))
        .collect())
}

async fn package_list(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let limit = params.whole("limit", u64::MAX, u64::MAX)?;
    let offset = params.whole("offset", 0, u64::MAX)?;
    portal
        .with_index(|index| {
            let names = index.names().skip(usize::try_from(offset).unwrap_or(usize::MAX));
            names
                .take(usize::try_from(limit).unwrap_or(usize::MAX))
                .map(|(name, _)| Json::from(name))
                .collect()
        })
        .await
}

async fn package_show(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let name = match params.text("id")? {
        Some(id) => id,
        None => params.needed("name_or_id")?,
    };
    let dataset = portal.dataset_of(&name).await?;
    Ok(shape::package(portal, &dataset, &around(portal).await?))
}

async fn current(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let search = Search {
        sort: Some(Sort::Modified),
        limit: as_count(params.whole("limit", 10, ROWS_MAX)?),
        offset: as_count(params.whole("offset", 0, u64::MAX)?),
        ..Search::default()
    };
    let (_, datasets) = portal.search(&search).await?;
    Ok(Json::from(packages(portal, &datasets).await?))
}

fn as_count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

async fn package_autocomplete(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let search = Search {
        text: params.text("q")?.unwrap_or_default(),
        limit: as_count(params.whole("limit", 10, 100)?),
        ..Search::default()
    };
    let (_, datasets) = portal.search(&search).await?;
    let one = |dataset: &Dataset| json!({ "name": dataset.name, "title": dataset.about.title.vi, "match_field": "title", "match_displayed": dataset.about.title.vi });
    Ok(datasets.iter().map(one).collect())
}

/// A query in the part of Solr's language that clients use: words, `*:*`, and `field:value` or `field:"a value"`, all of which must hold.
pub(super) fn solr(text: &str) -> Result<(String, Vec<(Facet, String)>), OpenError> {
    let (mut words, mut facets) = (Vec::new(), Vec::new());
    for token in tokens(text) {
        let token = token.trim_start_matches('+');
        if token.is_empty() || token == "*:*" || token == "AND" || token == "&&" {
            continue;
        }
        if matches!(token, "OR" | "NOT" | "||") || token.starts_with(['-', '!', '(']) {
            return Err(OpenError::invalid(
                "q",
                "OR, NOT and brackets are not understood: every part must hold",
            ));
        }
        match token.split_once(':') {
            Some((field, value)) if !field.is_empty() => {
                let value = value.trim_matches('"').to_owned();
                match (FACETS.iter().find(|(name, _)| *name == field), field) {
                    (Some((_, facet)), _) => facets.push((*facet, value)),
                    (None, "title" | "name" | "text" | "notes") => words.push(value),
                    // Every dataset is public and active.
                    (None, "state" | "private" | "capacity" | "dataset_type" | "type" | "site_id") => {}
                    (None, _) => return Err(OpenError::invalid("fq", format!("the field {field} is not searched"))),
                }
            }
            _ => words.push(token.trim_matches('"').to_owned()),
        }
    }
    Ok((words.join(" "), facets))
}

/// Parts between spaces; quotes keep spaces together.
fn tokens(text: &str) -> Vec<String> {
    let (mut tokens, mut token, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        if c.is_whitespace() && !quoted {
            tokens.push(std::mem::take(&mut token));
        } else {
            token.push(c);
        }
    }
    tokens.push(token);
    tokens.retain(|token| !token.is_empty());
    tokens
}

fn sort_of(text: Option<&str>) -> Result<Option<Sort>, OpenError> {
    let Some(text) = text else { return Ok(None) };
    let first = text.split(',').next().unwrap_or("").trim().to_ascii_lowercase();
    Ok(Some(match first.as_str() {
        "score desc" | "relevance" | "relevance asc" => Sort::Relevance,
        "metadata_modified desc" | "last_modified desc" | "metadata_created desc" => Sort::Modified,
        "title asc" | "title_string asc" | "title" => Sort::Title,
        "name asc" | "name" => Sort::Name,
        _ => {
            return Err(OpenError::invalid(
                "sort",
                "is one of: score desc, metadata_modified desc, title asc, name asc",
            ));
        }
    }))
}

async fn package_search(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let (text, mut facets) = solr(&params.text("q")?.unwrap_or_default())?;
    let mut filters = vec![params.text("fq")?.unwrap_or_default()];
    filters.extend(params.list("fq_list")?);
    for filter in &filters {
        let (words, more) = solr(filter)?;
        if !words.is_empty() {
            return Err(OpenError::invalid("fq", "a filter is field:value"));
        }
        facets.extend(more);
    }
    let sort = params.text("sort")?;
    let search = Search {
        text,
        facets,
        sort: sort_of(sort.as_deref())?,
        offset: as_count(params.whole("start", 0, u64::MAX)?),
        limit: as_count(params.whole("rows", 10, ROWS_MAX)?),
        open_counts: false,
    };
    let (found, datasets) = portal.search(&search).await?;
    let (counts, details) = facets_of(portal, params, &found.counts).await?;
    Ok(json!({
        "count": found.total,
        "sort": sort.unwrap_or_else(|| "score desc, metadata_modified desc".to_owned()),
        "results": packages(portal, &datasets).await?,
        "facets": counts,
        "search_facets": details,
    }))
}

async fn facets_of(
    portal: &Portal,
    params: &Params,
    counts: &[(Facet, Vec<(String, usize)>)],
) -> Result<(Json, Json), OpenError> {
    let (mut brief, mut full) = (Map::new(), Map::new());
    if !params.flag("facet", true)? {
        return Ok((Json::Object(brief), Json::Object(full)));
    }
    let limit = match params.text("facet.limit")? {
        Some(text) if text.starts_with('-') => usize::MAX,
        _ => as_count(params.whole("facet.limit", 50, 10_000)?),
    };
    let around = around(portal).await?;
    for field in params.list("facet.field")? {
        let known = FACETS.iter().find(|(name, _)| *name == field).map(|(_, facet)| *facet);
        let words = known.and_then(|facet| counts.iter().find(|(of, _)| *of == facet));
        let words: Vec<&(String, usize)> = words.iter().flat_map(|(_, words)| words.iter().take(limit)).collect();
        let shown = |word: &str| match known {
            Some(Facet::Publisher) => around
                .organisations
                .get(word)
                .map_or_else(|| word.to_owned(), |one| one.title.vi.clone()),
            Some(Facet::Theme) => web::text(kernel::Lang::Vi, &format!("open-theme-{word}")),
            _ => word.to_owned(),
        };
        let items: Vec<Json> = words
            .iter()
            .map(|(word, count)| json!({ "name": word, "display_name": shown(word), "count": count }))
            .collect();
        let pairs: Map<String, Json> = words
            .iter()
            .map(|(word, count)| (word.clone(), Json::from(*count)))
            .collect();
        full.insert(field.clone(), json!({ "title": field, "items": items }));
        brief.insert(field, Json::Object(pairs));
    }
    Ok((Json::Object(brief), Json::Object(full)))
}

async fn resource_show(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let id = Uuid::parse_str(&params.needed("id")?).map_err(|_| OpenError::NotFound)?;
    let dataset = of_resource(portal, id).await?;
    let at = dataset.about.resources.iter().position(|one| one.id == id);
    let at = at.ok_or(OpenError::NotFound)?;
    Ok(shape::resource(portal, &dataset, &dataset.about.resources[at], at))
}

/// The dataset of a resource that everybody sees.
pub(super) async fn of_resource(portal: &Portal, id: Uuid) -> Result<Dataset, OpenError> {
    let found = portal.store().read(move |tx| store::of_resource(tx, id)).await?;
    let found = found.filter(|dataset| dataset.state == crate::dataset::State::Active);
    found.ok_or(OpenError::NotFound)
}

/// Resources whose name or format has a text: `query=name:trees`.
async fn resource_search(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let query = params.needed("query")?;
    let (field, text) = query.split_once(':').unwrap_or(("name", &query));
    let search = Search {
        text: if field == "name" {
            text.to_owned()
        } else {
            String::new()
        },
        facets: (field == "format")
            .then(|| (Facet::Format, text.to_owned()))
            .into_iter()
            .collect(),
        limit: as_count(params.whole("limit", 100, ROWS_MAX)?),
        offset: as_count(params.whole("offset", 0, u64::MAX)?),
        ..Search::default()
    };
    if !matches!(field, "name" | "format") {
        return Err(OpenError::invalid("query", "is name:TEXT or format:TEXT"));
    }
    let (_, datasets) = portal.search(&search).await?;
    let folded = kernel::fold::fold(text);
    let mut results = Vec::new();
    for dataset in &datasets {
        for (at, one) in dataset.about.resources.iter().enumerate() {
            let value = if field == "name" { &one.name } else { &one.format };
            if kernel::fold::fold(value).contains(&folded) {
                results.push(shape::resource(portal, dataset, one, at));
            }
        }
    }
    Ok(json!({ "count": results.len(), "results": results }))
}

async fn organization_list(portal: &Portal, action: &str, params: &Params) -> Result<Json, OpenError> {
    let counts = portal.with_index(|index| index.words_of(Facet::Publisher)).await?;
    let count = |name: &str| {
        counts
            .iter()
            .find(|(word, _)| word == name)
            .map_or(0, |(_, count)| *count)
    };
    let mut all = portal.organisations().await?;
    if action == "organization_autocomplete" {
        let text = kernel::fold::fold(&params.text("q")?.unwrap_or_default());
        all.retain(|one| kernel::fold::fold(&one.title.vi).contains(&text) || one.name.contains(&text));
        let one = |one: &store::Organisation| json!({ "id": id_of("organisation", &one.name), "name": one.name, "title": one.title.vi });
        return Ok(all.iter().take(20).map(one).collect());
    }
    let chosen = params.list("organizations")?;
    all.retain(|one| chosen.is_empty() || chosen.contains(&one.name));
    let (offset, limit) = (
        params.whole("offset", 0, u64::MAX)?,
        params.whole("limit", ROWS_MAX, ROWS_MAX)?,
    );
    let page = all.iter().skip(as_count(offset)).take(as_count(limit));
    let is_full = params.flag("all_fields", false)?;
    Ok(page
        .map(|one| {
            if is_full {
                shape::with(
                    shape::organisation(one),
                    [("package_count", Json::from(count(&one.name)))],
                )
            } else {
                Json::from(one.name.as_str())
            }
        })
        .collect())
}

/// The organisation of a name or an id.
pub(super) async fn organisation(portal: &Portal, name: &str) -> Result<store::Organisation, OpenError> {
    let all = portal.organisations().await?;
    let id = Uuid::parse_str(name).ok();
    all.into_iter()
        .find(|one| one.name == name || id == Some(id_of("organisation", &one.name)))
        .ok_or(OpenError::NotFound)
}

async fn organization_show(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let one = organisation(portal, &params.needed("id")?).await?;
    let search = Search {
        facets: vec![(Facet::Publisher, one.name.clone())],
        limit: as_count(ROWS_MAX),
        ..Search::default()
    };
    let shown = shape::organisation(&one);
    with_packages(portal, shown, &search, params.flag("include_datasets", false)?).await
}

async fn with_packages(portal: &Portal, shown: Json, search: &Search, full: bool) -> Result<Json, OpenError> {
    let limit = if full { search.limit } else { 0 };
    let (found, datasets) = portal
        .search(&Search {
            limit,
            ..search.clone()
        })
        .await?;
    let mut more = vec![("package_count", Json::from(found.total)), ("users", json!([]))];
    if full {
        more.push(("packages", Json::from(packages(portal, &datasets).await?)));
    }
    Ok(shape::with(shown, more))
}

async fn group_list(portal: &Portal, action: &str, params: &Params) -> Result<Json, OpenError> {
    let counts = portal.with_index(|index| index.words_of(Facet::Theme)).await?;
    let is_full = action == "group_list" && params.flag("all_fields", false)?;
    let text = kernel::fold::fold(&params.text("q")?.unwrap_or_default());
    let themes = shape::themes().filter(|theme| action == "group_list" || theme.contains(&text));
    Ok(themes
        .map(|theme| {
            let count = counts
                .iter()
                .find(|(word, _)| word == theme)
                .map_or(0, |(_, count)| *count);
            match (is_full, action) {
                (true, _) => shape::with(shape::group(theme), [("package_count", Json::from(count))]),
                (false, "group_list") => Json::from(theme),
                _ => shape::group(theme),
            }
        })
        .collect())
}

fn theme(name: &str) -> Result<&'static str, OpenError> {
    let id = Uuid::parse_str(name).ok();
    shape::themes()
        .find(|theme| *theme == name || id == Some(id_of("group", theme)))
        .ok_or(OpenError::NotFound)
}

async fn group_show(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let theme = theme(&params.needed("id")?)?;
    let search = Search {
        facets: vec![(Facet::Theme, theme.to_owned())],
        limit: as_count(ROWS_MAX),
        ..Search::default()
    };
    with_packages(
        portal,
        shape::group(theme),
        &search,
        params.flag("include_datasets", false)?,
    )
    .await
}

async fn group_packages(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let search = Search {
        facets: vec![(Facet::Theme, theme(&params.needed("id")?)?.to_owned())],
        limit: as_count(params.whole("limit", ROWS_MAX, ROWS_MAX)?),
        ..Search::default()
    };
    let (_, datasets) = portal.search(&search).await?;
    Ok(Json::from(packages(portal, &datasets).await?))
}

async fn tags(portal: &Portal, action: &str, params: &Params) -> Result<Json, OpenError> {
    let words = portal.with_index(|index| index.words_of(Facet::Tag)).await?;
    let query = params.text("query")?.or(params.text("q")?).unwrap_or_default();
    let folded = kernel::fold::fold(&query);
    let mut words: Vec<String> = words.into_iter().map(|(word, _)| word).collect();
    words.retain(|word| kernel::fold::fold(word).contains(&folded));
    words.sort_by_cached_key(|word| kernel::fold::sort_key(word));
    let count = words.len();
    let limit = as_count(params.whole("limit", TAGS_MAX as u64, TAGS_MAX as u64)?);
    let offset = as_count(params.whole("offset", 0, u64::MAX)?);
    let page = words.iter().skip(offset).take(limit);
    if action == "tag_search" || (action == "tag_list" && params.flag("all_fields", false)?) {
        let results: Vec<Json> = page.map(|word| shape::tag(word)).collect();
        return Ok(if action == "tag_search" {
            json!({ "count": count, "results": results })
        } else {
            Json::from(results)
        });
    }
    Ok(page.map(|word| Json::from(word.as_str())).collect())
}

async fn tag_show(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let id = params.needed("id")?;
    let words = portal.with_index(|index| index.words_of(Facet::Tag)).await?;
    let wanted = Uuid::parse_str(&id).ok();
    let word = words
        .into_iter()
        .map(|(word, _)| word)
        .find(|word| *word == id || wanted == Some(id_of("tag", word)))
        .ok_or(OpenError::NotFound)?;
    let search = Search {
        facets: vec![(Facet::Tag, word.clone())],
        limit: as_count(ROWS_MAX),
        ..Search::default()
    };
    with_packages(
        portal,
        shape::tag(&word),
        &search,
        params.flag("include_datasets", false)?,
    )
    .await
}

async fn formats(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let text = params.text("q")?.unwrap_or_default().to_ascii_lowercase();
    let words = portal.with_index(|index| index.words_of(Facet::Format)).await?;
    let found = words.into_iter().map(|(word, _)| word.to_ascii_lowercase());
    Ok(found.filter(|word| word.contains(&text)).map(Json::from).collect())
}

async fn status(portal: &Portal) -> Result<Json, OpenError> {
    portal.store().ready().await?;
    let settings = portal.settings();
    Ok(json!({
        "ckan_version": "2.11.0",
        "site_url": settings.origin,
        "site_title": settings.site.vi,
        "site_description": web::text(kernel::Lang::Vi, "open-lead"),
        "error_emails_to": Json::Null,
        "locale_default": "vi",
        "extensions": ["datastore"],
        "software": "tinhso",
        "software_version": env!("CARGO_PKG_VERSION"),
    }))
}

fn help(params: &Params) -> Result<Json, OpenError> {
    let name = params.needed("name")?;
    if !READ.contains(&name.as_str()) && !WRITE.contains(&name.as_str()) {
        return Err(OpenError::NotFound);
    }
    let page = "https://docs.ckan.org/en/2.11/api/";
    Ok(Json::from(format!(
        "{name}: as in {page}. What differs is in docs/open-data.md."
    )))
}

async fn activity(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let limit = i64::try_from(params.whole("limit", 31, 100)?).unwrap_or(31);
    let changes = portal.store().read(move |tx| store::changes(tx, limit)).await?;
    let one = |change: &store::Change| {
        let act = match change.act {
            store::Act::Published => "new package",
            store::Act::Changed | store::Act::Data => "changed package",
            store::Act::Withdrawn => "deleted package",
        };
        json!({
            "id": id_of("change", &change.id.to_string()), "timestamp": shape::time(change.at), "activity_type": act,
            "object_id": change.dataset.id, "user_id": Json::Null,
            "data": { "package": { "id": change.dataset.id, "name": change.dataset.name, "title": change.dataset.about.title.vi } },
        })
    };
    Ok(changes.iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_of_a_client_is_read() {
        let (text, facets) = solr("cây xanh +organization:so-xay-dung AND tags:\"cây xanh\" res_format:CSV").unwrap();
        assert_eq!(text, "cây xanh");
        assert_eq!(
            facets,
            [
                (Facet::Publisher, "so-xay-dung".to_owned()),
                (Facet::Tag, "cây xanh".to_owned()),
                (Facet::Format, "CSV".to_owned()),
            ]
        );
        assert_eq!(solr("*:*").unwrap(), (String::new(), Vec::new()));
        assert!(solr("a OR b").is_err() && solr("unknown:x").is_err() && solr("-tags:x").is_err());
    }
}
