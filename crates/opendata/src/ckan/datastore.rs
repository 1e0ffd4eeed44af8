//! The actions that read rows of a register: `datastore_search`, `datastore_search_sql`, `datastore_info`. All of them become one checked
//! plan over what is published. Owns the words of `q` and `filters`; bounds rows, and how many statements run at once.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::Params;
use super::read::of_resource;
use crate::dataset::Dataset;
use crate::rows::{self, Cell, OpenField, Sheet, Ty};
use crate::sql::plan::{Out, Plan, plan};
use crate::sql::{self, Cond, Item, Literal, Op, Query, ROWS_DEFAULT, ROWS_MAX, SqlError, What};
use crate::{OpenError, Portal};

/// Longest time that a stranger waits for a statement; what a database does longer than it allows ends by itself.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Words of `q` beyond these are left out.
const WORDS_MAX: usize = 8;

/// The dataset of `resource_id`, which may also be the id of its dataset, or its name.
async fn dataset(portal: &Portal, resource: &str) -> Result<Dataset, OpenError> {
    let found = match Uuid::parse_str(resource) {
        Ok(id) => match of_resource(portal, id).await {
            Err(OpenError::NotFound) => portal.dataset_of(resource).await?,
            found => found?,
        },
        Err(_) => portal.dataset_of(resource).await?,
    };
    if found.register.is_some() {
        Ok(found)
    } else {
        Err(OpenError::NotFound)
    }
}

async fn sheet(portal: &Portal, dataset: &Dataset) -> Result<Sheet, OpenError> {
    let (portal, dataset) = (portal.clone(), dataset.clone());
    let store = portal.store().clone();
    store.read(move |tx| portal.sheet(tx, &dataset)).await
}

/// Works out plans over one state of the rows, one after another.
async fn answer(portal: &Portal, dataset: &Dataset, plans: Vec<Plan>) -> Result<Vec<Vec<Vec<Cell>>>, OpenError> {
    let _permit = portal.statement().await?;
    let (portal, dataset, today) = (portal.clone(), dataset.clone(), portal.register().today());
    let store = portal.store().clone();
    let work = store.read(move |tx| {
        // The rule is read where the rows are: an approval that was withdrawn meanwhile shows nothing.
        let sheet = portal.sheet(tx, &dataset)?;
        let mut answers = Vec::with_capacity(plans.len());
        for plan in &plans {
            answers.push(rows::run(tx, &sheet, plan, today).map_err(|error| match error {
                // The statement was built here and is sound: what the engine refuses is a sum beyond its numbers, or the time.
                ::store::StoreError::Statement { .. } => OpenError::Sql(SqlError::Engine),
                other => OpenError::Store(other),
            })?);
        }
        Ok::<_, OpenError>(answers)
    });
    match tokio::time::timeout(WAIT_MAX, work).await {
        Ok(done) => done,
        Err(_) => Err(OpenError::Busy),
    }
}

fn fields_of(columns: &[Out]) -> Json {
    let one = |out: &Out| json!({ "id": out.name, "type": out.ty.ckan() });
    columns.iter().map(one).collect()
}

fn objects(columns: &[Out], rows: &[Vec<Cell>]) -> Json {
    let one = |row: &Vec<Cell>| Json::Object(rows::object(columns.iter().map(|out| out.name.as_str()), row));
    rows.iter().map(one).collect()
}

pub(super) async fn search_sql(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let text = params.needed("sql")?;
    let query = sql::parse(&text)?;
    let dataset = dataset(portal, &query.from).await?;
    let plan = plan(&query, &sheet(portal, &dataset).await?)?;
    let (columns, limit) = (plan.columns.clone(), plan.limit);
    let rows = answer(portal, &dataset, vec![plan]).await?.pop().unwrap_or_default();
    let mut result = json!({ "sql": text, "fields": fields_of(&columns), "records": objects(&columns, &rows) });
    if rows.len() as u64 >= limit && limit == ROWS_MAX {
        result["records_truncated"] = Json::Bool(true);
    }
    Ok(result)
}

pub(super) async fn search(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let resource = params.needed("resource_id")?;
    let dataset = dataset(portal, &resource).await?;
    let sheet = sheet(portal, &dataset).await?;
    let query = query_of(&sheet, params)?;
    let mut plans = vec![plan(&query, &sheet)?];
    let with_total = params.flag("include_total", true)?;
    if with_total {
        plans.push(plan(&total_of(&query), &sheet)?);
    }
    let (columns, limit, offset) = (plans[0].columns.clone(), plans[0].limit, plans[0].offset);
    let mut answers = answer(portal, &dataset, plans).await?;
    let counted = if with_total { answers.pop() } else { None };
    let total = counted.map(|rows| {
        if query.distinct {
            rows.len() as i64
        } else {
            first_number(&rows)
        }
    });
    let rows = answers.pop().unwrap_or_default();
    let format = params.text("records_format")?.unwrap_or_else(|| "objects".to_owned());
    let records = match format.as_str() {
        "objects" => objects(&columns, &rows),
        "lists" => rows
            .iter()
            .map(|row| row.iter().map(Cell::json).collect::<Json>())
            .collect(),
        "csv" => Json::from(lines(&rows, ',')),
        "tsv" => Json::from(lines(&rows, '\t')),
        _ => {
            return Err(OpenError::invalid(
                "records_format",
                "is one of: objects, lists, csv, tsv",
            ));
        }
    };
    let address = |offset: u64| {
        let start = format!("/api/3/action/datastore_search?resource_id={resource}&limit={limit}");
        if offset == 0 {
            start
        } else {
            format!("{start}&offset={offset}")
        }
    };
    let mut result = json!({
        "include_total": with_total,
        "limit": limit,
        "records_format": format,
        "resource_id": resource,
        "total_estimation_threshold": Json::Null,
        "records": records,
        "fields": fields_of(&columns),
        "_links": { "start": address(0), "next": address(offset + limit) },
    });
    if offset > 0 {
        result["offset"] = Json::from(offset);
    }
    if let Some(total) = total {
        result["total"] = Json::from(total);
        result["total_was_estimated"] = Json::Bool(false);
    }
    Ok(result)
}

fn first_number(rows: &[Vec<Cell>]) -> i64 {
    match rows.first().and_then(|row| row.first()) {
        Some(Cell::Number(number, _)) => *number,
        _ => 0,
    }
}

/// How many rows there are before the page is cut.
fn total_of(query: &Query) -> Query {
    let mut total = Query {
        limit: Some(1),
        offset: 0,
        order: Vec::new(),
        ..query.clone()
    };
    if query.distinct {
        // Rows of one kind are counted by reading them, within the bound of an answer.
        total.limit = Some(ROWS_MAX);
    } else {
        total.items = vec![Item {
            what: What::CountAll,
            alias: None,
        }];
    }
    total
}

fn lines(rows: &[Vec<Cell>], sign: char) -> String {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| web::download::csv_cell(&cell.text())).collect();
        text.push_str(&cells.join(&sign.to_string()));
        text.push('\n');
    }
    text
}

/// What `datastore_search` asks for, as a statement.
fn query_of(sheet: &Sheet, params: &Params) -> Result<Query, OpenError> {
    let mut filter = None;
    for (name, wanted) in params.object("filters")? {
        let field = sheet
            .field(&name)
            .ok_or_else(|| OpenError::invalid("filters", format!("field \"{name}\" does not exist")))?;
        let all = match wanted {
            Json::Array(all) => all,
            one => vec![one],
        };
        filter = Some(Cond::both(filter, one_of(field, &all)?));
    }
    match params.get("q") {
        None => {}
        Some(Json::Object(by_field)) => {
            for (name, text) in by_field {
                filter = Some(Cond::both(
                    filter,
                    words(sheet, Some(name), text.as_str().unwrap_or_default())?,
                ));
            }
        }
        Some(_) => {
            let text = params.text("q")?.unwrap_or_default();
            if let Some(by_field) = serde_json::from_str::<Map<String, Json>>(&text)
                .ok()
                .filter(|_| text.starts_with('{'))
            {
                for (name, text) in by_field {
                    filter = Some(Cond::both(
                        filter,
                        words(sheet, Some(&name), text.as_str().unwrap_or_default())?,
                    ));
                }
            } else if !text.trim().is_empty() {
                filter = Some(Cond::both(filter, words(sheet, None, &text)?));
            }
        }
    }
    let items = params.list("fields")?;
    let order = params.list("sort")?.into_iter().map(|one| {
        let (name, direction) = one.rsplit_once(' ').unwrap_or((&one, "asc"));
        (
            name.trim().trim_matches('"').to_owned(),
            direction.eq_ignore_ascii_case("desc"),
        )
    });
    let mut order: Vec<(String, bool)> = order.collect();
    let distinct = params.flag("distinct", false)?;
    // Pages follow one another: without an order of its own, that of the records.
    if order.is_empty() && !distinct && sheet.has_records() {
        order.push((rows::ID.to_owned(), false));
    }
    Ok(Query {
        from: String::new(),
        distinct,
        items: items.iter().map(|name| Item::field(name)).collect(),
        filter,
        group: Vec::new(),
        order,
        limit: Some(params.whole("limit", ROWS_DEFAULT, ROWS_MAX)?),
        offset: params.whole("offset", 0, i64::MAX.unsigned_abs())?,
    })
}

/// A field that has one of these values; nothing among them asks for no value.
fn one_of(field: &OpenField, all: &[Json]) -> Result<Cond, OpenError> {
    let mut any: Option<Cond> = None;
    for json in all.iter().take(sql::LIST_MAX) {
        let one = if json.is_null() {
            Cond::IsNull(field.name.clone(), true)
        } else {
            Cond::Compare(field.name.clone(), Op::Eq, literal(field, json)?)
        };
        any = Some(match any {
            Some(any) => Cond::Or(Box::new(any), Box::new(one)),
            None => one,
        });
    }
    any.ok_or_else(|| OpenError::invalid("filters", format!("no value for \"{}\"", field.name)))
}

/// A value of JSON as the statement would write it.
fn literal(field: &OpenField, json: &Json) -> Result<Literal, OpenError> {
    let refused = || OpenError::invalid("filters", format!("not a value of \"{}\"", field.name));
    Ok(match (field.ty, json) {
        (Ty::Bool, Json::Bool(yes)) => Literal::Bool(*yes),
        (Ty::Bool, Json::String(text)) => Literal::Bool(text.parse().map_err(|_| refused())?),
        (Ty::Number(_) | Ty::Degrees, Json::Number(number)) => number_of(&number.to_string()).ok_or_else(refused)?,
        (Ty::Number(_) | Ty::Degrees, Json::String(text)) => number_of(text).ok_or_else(refused)?,
        (Ty::Text | Ty::Date | Ty::Id, Json::String(text)) => Literal::Text(text.clone()),
        (Ty::Text, Json::Number(number)) => Literal::Text(number.to_string()),
        _ => return Err(refused()),
    })
}

fn number_of(text: &str) -> Option<Literal> {
    let number: definition::expression::Number = text.trim().parse().ok()?;
    Some(Literal::Number(number.units(), number.scale()))
}

/// Every word stands in one of the text fields as it is typed, or is the name of a choice.
fn words(sheet: &Sheet, only: Option<&str>, text: &str) -> Result<Cond, OpenError> {
    let fields: Vec<&OpenField> = sheet
        .fields
        .iter()
        .filter(|field| field.ty == Ty::Text && only.is_none_or(|only| field.name == only))
        .collect();
    if fields.is_empty() {
        return Err(OpenError::invalid("q", "there is no text field to search"));
    }
    let mut all: Option<Cond> = None;
    for word in text.split_whitespace().take(WORDS_MAX) {
        let word = word.trim_matches('%');
        let mut any: Option<Cond> = None;
        for field in &fields {
            for one in in_field(field, word) {
                any = Some(match any {
                    Some(any) => Cond::Or(Box::new(any), Box::new(one)),
                    None => one,
                });
            }
        }
        all = any.map(|any| Cond::both(all.take(), any));
    }
    all.ok_or_else(|| OpenError::invalid("q", "there is no word in it"))
}

fn in_field(field: &OpenField, word: &str) -> Vec<Cond> {
    let folded = kernel::fold::fold(word);
    // The words of choices and codes are found by their names, marks and capitals aside.
    let named = field
        .words
        .iter()
        .filter(|(_, label)| kernel::fold::fold(&label.vi).contains(&folded))
        .take(sql::LIST_MAX)
        .map(|(code, _)| Cond::Compare(field.name.clone(), Op::Eq, Literal::Text(code.clone())));
    let mut all: Vec<Cond> = named.collect();
    all.push(Cond::Like {
        field: field.name.clone(),
        text: word.to_owned(),
        before: true,
        behind: true,
    });
    all
}

pub(super) async fn info(portal: &Portal, params: &Params) -> Result<Json, OpenError> {
    let id = match params.text("id")? {
        Some(id) => id,
        None => params.needed("resource_id")?,
    };
    let dataset = dataset(portal, &id).await?;
    let sheet = sheet(portal, &dataset).await?;
    let count = Query {
        items: vec![Item {
            what: What::CountAll,
            alias: None,
        }],
        limit: Some(1),
        ..Query::default()
    };
    let counted = answer(portal, &dataset, vec![plan(&count, &sheet)?]).await?;
    let one = |field: &OpenField| {
        json!({
            "id": field.name,
            "type": field.ty.ckan(),
            "schema": { "notnull": field.name == rows::ID, "is_index": false, "native_type": field.ty.ckan() },
            "info": { "label": field.label.vi, "label_en": field.label.en, "unit": field.unit,
                "words": field.words.iter().map(|(word, label)| (word.clone(), Json::from(label.vi.as_str()))).collect::<Map<_, _>>() },
        })
    };
    Ok(json!({
        "meta": {
            "id": id, "count": counted.first().map_or(0, |rows| first_number(rows)), "table_type": "BASE TABLE",
            "synthetic": dataset.about.synthetic, "suppress_below": dataset.about.suppress_below,
        },
        "fields": sheet.fields.iter().map(one).collect::<Vec<_>>(),
    }))
}
