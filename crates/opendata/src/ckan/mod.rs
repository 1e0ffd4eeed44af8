//! The CKAN Action API, version 3: the catalogue and its rows for the programs that read open data portals everywhere. Owns names of
//! actions, their parameters and the shapes of answers and errors, as CKAN 2.11 has them. It refuses what CKAN would compute and this
//! catalogue does not know, in words.
//! Standard: docs.ckan.org, API guide and DataStore extension.

mod datastore;
pub(crate) mod http;
mod params;
mod read;
pub(crate) mod shape;
mod upsert;
mod write;

use identity::OfficerCaller;
use serde_json::Value as Json;

pub(crate) use params::Params;
pub(crate) use shape::licence_url;

use crate::{OpenError, Portal};

/// Actions that anybody may ask for, by name.
const READ: [&str; 30] = [
    "package_list",
    "package_show",
    "package_search",
    "package_autocomplete",
    "current_package_list_with_resources",
    "resource_show",
    "resource_search",
    "resource_view_list",
    "organization_list",
    "organization_show",
    "organization_autocomplete",
    "organization_list_for_user",
    "group_list",
    "group_show",
    "group_package_show",
    "group_autocomplete",
    "tag_list",
    "tag_show",
    "tag_search",
    "tag_autocomplete",
    "vocabulary_list",
    "license_list",
    "site_read",
    "status_show",
    "help_show",
    "format_autocomplete",
    "datastore_search",
    "datastore_search_sql",
    "datastore_info",
    "recently_changed_packages_activity_list",
];

/// Actions that need a token.
const WRITE: [&str; 13] = [
    "package_create",
    "package_update",
    "package_patch",
    "package_delete",
    "resource_create",
    "resource_update",
    "resource_patch",
    "resource_delete",
    "organization_create",
    "organization_update",
    "organization_patch",
    "organization_delete",
    "datastore_upsert",
];

/// Does an action. None when there is no action of that name. The futures of actions lie on the heap: together they are large.
async fn act(
    portal: &Portal,
    action: &str,
    params: &Params,
    officer: Option<&OfficerCaller>,
) -> Option<Result<Json, OpenError>> {
    if WRITE.contains(&action) {
        let Some(officer) = officer else {
            return Some(Err(OpenError::TokenMissing));
        };
        return Some(Box::pin(write::act(portal, action, params, officer)).await);
    }
    if !READ.contains(&action) {
        return None;
    }
    Some(match action {
        "datastore_search" => Box::pin(datastore::search(portal, params)).await,
        "datastore_search_sql" => Box::pin(datastore::search_sql(portal, params)).await,
        "datastore_info" => datastore::info(portal, params).await,
        _ => Box::pin(read::act(portal, action, params)).await,
    })
}
