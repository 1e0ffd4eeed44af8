//! The lists: all registers, and the records of one kind with filters, order and pages. What they offer is what the definition
//! declares; they refuse nothing aloud, a filter of another table is left out.

pub(crate) mod chart;
pub(crate) mod http;
pub(crate) mod saved;

use definition::FieldKind;
use definition::expression::Value;
use kernel::Lang;
use web::table::{Column as Shown, Filter, Table, TableQuery};

use crate::house::Register;
use crate::kind::{Column, Kind, Shape};
use crate::record::RecordId;
use crate::record::store::Asked;
use crate::record::value::parse;

/// Records of one page.
pub(crate) const PAGE_ROWS: usize = 50;

/// The table of a kind.
pub(crate) fn table(register: &Register, kind: &Kind, lang: Lang) -> Table {
    let mut columns = vec![Shown::new("title", "reg-record")];
    for at in &kind.shown {
        let column = &kind.columns[*at];
        let mut shown = Shown::new(&column.field.name, column.label);
        if column.sort.is_some() {
            shown = shown.sortable();
        }
        if matches!(column.shape, Shape::Number(_)) {
            shown = shown.numeric();
        }
        columns.push(shown);
    }
    let mut table = Table::new(kind.path(), "reg-caption", columns).empty("reg-empty");
    if !crate::digest::searched(kind).is_empty() {
        table = table.filter(Filter::search("q", "reg-search", ""));
    }
    for at in &kind.filters {
        let column = &kind.columns[*at];
        let name: &'static str = &column.field.name;
        table = table.filter(match choices(register, kind, column, lang) {
            Some(choices) => Filter::choice(name, column.label, choices),
            None => Filter::search(name, column.label, ""),
        });
    }
    match kind.order {
        Some((at, descending)) => table.order(&kind.columns[at].field.name, descending),
        None => table,
    }
}

/// What a filter offers; none makes it a box for the whole value.
pub(crate) fn choices(register: &Register, kind: &Kind, column: &Column, lang: Lang) -> Option<Vec<(String, String)>> {
    match &column.field.kind {
        FieldKind::Choice(words) => {
            let label = |word: &String| kind.words(lang, &format!("choice.{}.{word}", column.field.name));
            Some(words.iter().map(|word| (word.clone(), label(word))).collect())
        }
        FieldKind::Boolean => {
            let pair = |value: &str, key: &str| (value.to_owned(), web::text(lang, key));
            Some(vec![pair("true", "reg-yes"), pair("false", "reg-no")])
        }
        FieldKind::Code(list) => {
            let codes = register.codes(list)?.iter();
            Some(
                codes
                    .map(|(code, name)| (code.clone(), name.get(lang).to_owned()))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// What the address of a list asks for.
pub(crate) fn asked(kind: &Kind, table: &Table, query: &TableQuery) -> Asked {
    let place = |name: &str| kind.columns.iter().position(|column| column.field.name == name);
    let filters = kind.filters.iter().filter_map(|at| {
        let field = kind.columns[*at].field;
        let text = query.chosen(table, &field.name)?;
        // What cannot be a value of the field is no value of any record.
        let value = parse(field, text).unwrap_or_else(|_| Value::Text(text.to_owned()));
        Some((*at, value))
    });
    let order = query
        .order(table)
        .and_then(|order| Some((place(&order.column)?, order.descending)));
    Asked {
        filters: filters.collect(),
        order: order.filter(|(at, _)| kind.columns[*at].sort.is_some()),
        after: query.after_key().and_then(key_of),
        limit: PAGE_ROWS as u64 + 1,
        ..Asked::default()
    }
}

/// The place after which a page begins, as the address writes it.
pub(crate) fn key_text((key, id): &(Vec<u8>, RecordId)) -> String {
    format!("{}_{id}", hex::encode(key))
}

/// Reads what [`key_text`] writes.
pub(crate) fn key_of(text: &str) -> Option<(Vec<u8>, RecordId)> {
    let (key, id) = text.split_once('_')?;
    Some((hex::decode(key).ok()?, id.parse().ok()?))
}
