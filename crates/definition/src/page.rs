//! Pages: `pages.toml`, only what differs from the list, form, detail and map that follow from the types. It owns which
//! columns, filters and orders a list offers, and refuses those without an index and those that are personal.

use crate::fault::FaultCode;
use crate::reader::{Joined, Reader, Word};
use crate::record::{RecordKind, names, refuse_personal};
use crate::source::{Node, Table};
use crate::surroundings::Reading;

/// The list of a kind of record, where it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The kind of record.
    pub record: String,
    /// Columns beside the title.
    pub columns: Vec<String>,
    /// Fields to filter by.
    pub filters: Vec<String>,
    /// Field to sort by, and whether from the greatest.
    pub sort: Option<(String, bool)>,
}

/// Reads `pages.toml`.
pub(crate) fn read(table: &Table, records: &[RecordKind], reading: &Reading<'_>) -> Vec<ListPage> {
    let reader = Reader::new(table, reading.sink);
    let named = reader.entries(Joined::Underscore).into_iter();
    named
        .filter_map(|(word, node)| page(&word, node, records, reading))
        .collect()
}

fn page(word: &Word, node: &Node, records: &[RecordKind], reading: &Reading<'_>) -> Option<ListPage> {
    let index = reading.find(FaultCode::RecordUnknown, word, records, |kind| &kind.name)?;
    let kind = records.get(index)?;
    let reader = Reader::of(node, &word.word, reading.sink)?;
    let list = Reader::of(reader.needed("list")?, "list", reading.sink);
    reader.finish();
    let list = list?;
    let (columns, filters) = (list.words("columns"), list.words("filters"));
    let descending = list.flag("descending");
    let sort: Vec<Word> = list.word("sort").into_iter().collect();
    list.finish();
    refuse_personal(&columns, &kind.fields, reading);
    indexed(&filters, kind, reading);
    indexed(&sort, kind, reading);
    Some(ListPage {
        record: kind.name.clone(),
        columns: names(&columns, &kind.fields, reading),
        filters: names(&filters, &kind.fields, reading),
        sort: names(&sort, &kind.fields, reading)
            .pop()
            .map(|field| (field, descending)),
    })
}

fn indexed(words: &[Word], kind: &RecordKind, reading: &Reading<'_>) {
    for word in words {
        if kind.field(&word.word).is_some_and(|field| !field.index) {
            reading.sink.say(FaultCode::IndexMissing, word.place, &[&word.word]);
        }
    }
}
