//! `datastore_upsert`: records of a register, entered and changed over the interface of the catalogue. Each is a version with its source,
//! like any other change of the register; all of them happen, or none. Refuses whoever may not write the register, and records of units
//! that are not hers.

use std::collections::BTreeMap;

use identity::{Action, Caller, OfficerCaller, Resource as Matter};
use kernel::Timestamp;
use register::geometry::Shape;
use register::kind::Kind;
use register::record::value::from_json;
use register::record::{Act as Made, Command, Source};
use register::{By, RecordId, RegisterError};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::Params;
use super::read;
use crate::rows::ID;
use crate::{OpenError, Portal};

/// Most rows of one upsert.
const ROWS_MAX: usize = 250;

/// Rows of a register, all of them or none: each is a version with its source, like any other change of the register.
pub(super) async fn upsert(portal: &Portal, params: &Params, officer: &OfficerCaller) -> Result<Json, OpenError> {
    let resource = Uuid::parse_str(&params.needed("resource_id")?).map_err(|_| OpenError::NotFound)?;
    let dataset = read::of_resource(portal, resource).await?;
    let (system, name) = dataset.register.clone().ok_or(OpenError::NotFound)?;
    let kind = portal.register().kind(&system, &name)?;
    let by = By::officer(officer).ok_or(OpenError::TokenMissing)?;
    let identity = portal.register().identity();
    let matter = Matter::at(by.unit).living_on(&identity.units(), portal.register().today());
    identity
        .policy()
        .require(&Caller::Officer(officer.clone()), Action::RegisterWrite, &matter)?;
    let method = params.text("method")?.unwrap_or_else(|| "upsert".to_owned());
    if !matches!(method.as_str(), "upsert" | "insert" | "update") {
        return Err(OpenError::invalid("method", "is one of: upsert, insert, update"));
    }
    let records = match params.get("records") {
        Some(Json::Array(all)) if all.len() <= ROWS_MAX => all.clone(),
        _ => {
            return Err(OpenError::invalid(
                "records",
                format!("must be a list of at most {ROWS_MAX} objects"),
            ));
        }
    };
    let mut commands = Vec::with_capacity(records.len());
    for (at, record) in records.iter().enumerate() {
        let record = record
            .as_object()
            .ok_or_else(|| OpenError::invalid("records", "must be objects"))?;
        commands.push((at, command(portal, &kind, record, &by)?));
    }
    let (now, dry) = (portal.now(), params.flag("dry_run", false)?);
    if !dry {
        let (kind, portal, way) = (kind.clone(), portal.clone(), method.clone());
        let store = portal.store().clone();
        store
            .write(move |tx| {
                for (at, command) in &commands {
                    one(tx, &portal, &kind, command, &way, now).map_err(|error| in_row(*at, error))?;
                }
                Ok::<_, OpenError>(())
            })
            .await?;
        return Ok(json!({ "resource_id": resource, "method": method, "records": records, "rows": records.len() }));
    }
    Ok(json!({ "resource_id": resource, "method": method, "dry_run": true, "rows": records.len() }))
}

/// What is wrong, with the row it is wrong in.
fn in_row(at: usize, error: OpenError) -> OpenError {
    match error {
        OpenError::Register(RegisterError::Invalid(wrong)) => {
            let each: Vec<String> = wrong
                .iter()
                .map(|one| format!("{}: {:?}", one.field, one.what))
                .collect();
            OpenError::invalid("records", format!("row {}: {}", at + 1, each.join("; ")))
        }
        OpenError::Register(fault @ (RegisterError::Duplicate | RegisterError::Same | RegisterError::NotFound)) => {
            OpenError::invalid("records", format!("row {}: {fault}", at + 1))
        }
        other => other,
    }
}

/// The change that a row asks for: by its `_id`, else by the key of the kind, else a new record.
fn one(
    tx: &mut ::store::Tx,
    portal: &Portal,
    kind: &Kind,
    command: &(Option<RecordId>, Command),
    method: &str,
    now: Timestamp,
) -> Result<(), OpenError> {
    let (id, command) = command;
    let known = match id {
        Some(id) => register::record::current(tx, kind, *id)?,
        None => register::record::with_key(tx, kind, &command.values)?,
    };
    let mut command = command.clone();
    match (known, method) {
        (Some(_), "insert") => return Err(RegisterError::Duplicate.into()),
        (None, "update") => return Err(RegisterError::NotFound.into()),
        (Some(known), _) => {
            let identity = portal.register().identity();
            let matter = Matter::at(known.unit).living_on(&identity.units(), now.local_date());
            // Records of other units are not hers to change.
            let own = Matter::at(command.unit).living_on(&identity.units(), now.local_date());
            if known.unit != command.unit && matter != own {
                return Err(RegisterError::NotFound.into());
            }
            command.id = known.id;
            command.act = Made::Change;
            command.seen = Some(known.revision);
            if command.shape.is_none() {
                command.shape.clone_from(&known.shape);
            }
        }
        (None, _) => {
            for column in kind.columns.iter().filter(|column| !column.field.retired) {
                if let Some(usual) = &column.field.default {
                    let value = command.values.entry(column.field.name.clone());
                    value.or_insert_with(|| usual.clone());
                }
            }
        }
    }
    match register::record::write(tx, kind, &command, None, now) {
        // A row that says what is there already is done.
        Ok(_) | Err(RegisterError::Same) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn command(
    portal: &Portal,
    kind: &Kind,
    row: &Map<String, Json>,
    by: &By,
) -> Result<(Option<RecordId>, Command), OpenError> {
    let mut values = BTreeMap::new();
    let rule = kind.record.open.as_ref().ok_or(OpenError::NotFound)?;
    let (mut id, mut lon, mut lat, mut shape) = (None, None, None, None);
    for (name, json) in row {
        match name.as_str() {
            ID => {
                let text = json.as_str().unwrap_or_default();
                id = Some(
                    text.parse()
                        .map_err(|_| OpenError::invalid(ID, "is no id of a record"))?,
                );
            }
            "lon" if rule.geometry => lon = json.as_f64(),
            "lat" if rule.geometry => lat = json.as_f64(),
            "geometry" if rule.geometry => {
                let wanted = kind.geometry().ok_or(OpenError::NotFound)?;
                let read = Shape::from_geojson(json, wanted);
                shape = Some(read.map_err(|fault| OpenError::invalid("geometry", fault.to_string()))?);
            }
            _ => {
                // Whoever may write the register writes all of it, but for people: they come over its own interface.
                let column = kind.column(name).filter(|column| !column.shape.is_personal());
                let column =
                    column.ok_or_else(|| OpenError::invalid("records", format!("field \"{name}\" does not exist")))?;
                let value = from_json(column.field, json);
                let value =
                    value.map_err(|_| OpenError::invalid("records", format!("not a value of \"{name}\": {json}")))?;
                values.insert(name.clone(), value);
            }
        }
    }
    if let (Some(lon), Some(lat), Some(wanted)) = (lon, lat, kind.geometry()) {
        let point = json!({ "type": "Point", "coordinates": [lon, lat] });
        let read = Shape::from_geojson(&point, wanted);
        shape = Some(read.map_err(|fault| OpenError::invalid("geometry", fault.to_string()))?);
    }
    let command = Command {
        id: RecordId::new(portal.register().world().as_ref()),
        act: Made::Add,
        seen: None,
        valid_from: portal.register().today(),
        source: Source::Interface,
        origin: Some("datastore_upsert".to_owned()),
        account: by.account,
        who: by.who.clone(),
        reason: None,
        unit: by.unit,
        shape,
        values,
        people: BTreeMap::new(),
    };
    Ok((id, command))
}
