//! Records of a register that a form fills itself from: whose they are, or by which key they are found. It owns the grammar of
//! `[form.lookup.NAME]` and refuses fields of anybody's record that are not open, and values that the form would not take.
//! Law: NĐ 45/2020/NĐ-CP Điều 9 (nothing is asked again that the authority already has), Luật 91/2025/QH15 (own data).

use crate::effect::takes_type;
use crate::fault::{FaultCode, Place};
use crate::field::{Field, FieldKind, Sensitivity};
use crate::reader::{Joined, Reader, Word};
use crate::record::{RecordKind, names};
use crate::surroundings::Reading;

/// A record of a register of the same system, found while a form is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Its name, as `from = "permit.address"` says it.
    pub name: String,
    /// The kind of record.
    pub record: String,
    /// How it is found.
    pub by: By,
    /// The field of the record that must name the applicant; without it only open fields fill anything.
    pub own: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// How a record is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// It is one of the applicant's own.
    Applicant,
    /// By its key: a field of the record, and the field of the form in which its value is typed.
    Key(Vec<(String, String)>),
}

/// Reads the lookups of a form. What they say of its fields is checked by [`check`], when those are read.
pub(super) fn read(form: &Reader<'_>, records: &[RecordKind], reading: &Reading<'_>) -> Vec<Lookup> {
    let all = form.named("lookup", Joined::Underscore).into_iter();
    let read = all.filter_map(|(word, node)| {
        let reader = Reader::of(node, &word.word, reading.sink)?;
        let found = one(&word, &reader, records, reading);
        reader.finish();
        found
    });
    read.collect()
}

fn one(word: &Word, reader: &Reader<'_>, records: &[RecordKind], reading: &Reading<'_>) -> Option<Lookup> {
    let (record, by, own) = (reader.needed_word("record"), reader.node("by"), reader.word("own"));
    let record = record?;
    let index = reading.find(FaultCode::RecordUnknown, &record, records, |kind| &kind.name)?;
    let kind = &records[index];
    if let Some(own) = &own {
        let field = names(std::slice::from_ref(own), &kind.fields, reading);
        let names_one = |name: &String| {
            kind.field(name)
                .is_some_and(|field| field.kind == FieldKind::Person && field.many.is_none())
        };
        if field.iter().any(|name| !names_one(name)) {
            let found = kind
                .field(&own.word)
                .map_or_else(String::new, |field| field.ty().to_string());
            reading
                .sink
                .say(FaultCode::TypesDiffer, own.place, &["own", "person", &found]);
        }
    }
    let by = match by {
        None if own.is_none() => {
            reading.sink.say(FaultCode::KeyMissing, reader.place(), &["own"]);
            return None;
        }
        None => By::Applicant,
        Some(node) => {
            let table = Reader::of(node, "by", reading.sink)?;
            let pairs: Vec<(Word, Word)> = table
                .entries(Joined::Underscore)
                .into_iter()
                .filter_map(|(key, node)| Some((key, table.word_of(node, "by")?)))
                .collect();
            let mut named: Vec<&str> = pairs.iter().map(|(key, _)| key.word.as_str()).collect();
            let mut key: Vec<&str> = kind.key.iter().map(String::as_str).collect();
            named.sort_unstable();
            key.sort_unstable();
            if key.is_empty() || named != key {
                reading
                    .sink
                    .say(FaultCode::EffectKey, node.place, &[&kind.name, &kind.key.join(", ")]);
            }
            By::Key(pairs.into_iter().map(|(key, form)| (key.word, form.word)).collect())
        }
    };
    Some(Lookup {
        name: word.word.clone(),
        record: record.word,
        by,
        own: own.map(|word| word.word),
        place: word.place,
    })
}

/// Holds what the fields of a form fill themselves from against the records.
pub(super) fn check(lookups: &[Lookup], form: &[Field], records: &[RecordKind], reading: &Reading<'_>) {
    for lookup in lookups {
        let Some(kind) = records.iter().find(|kind| kind.name == lookup.record) else {
            continue;
        };
        if let By::Key(pairs) = &lookup.by {
            for (key, typed) in pairs {
                typed_key(lookup, kind, (key, typed), form, reading);
            }
        }
        for field in form {
            let from = field.from.as_deref().and_then(|from| from.split_once('.'));
            if let Some((_, of)) = from.filter(|(name, _)| *name == lookup.name) {
                filled(lookup, kind, of, field, reading);
            }
        }
    }
}

/// The field of the form in which a part of the key is typed.
fn typed_key(lookup: &Lookup, kind: &RecordKind, (key, typed): (&str, &str), form: &[Field], reading: &Reading<'_>) {
    let word = Word {
        word: typed.to_owned(),
        place: lookup.place,
    };
    let found = reading.find(FaultCode::FieldUnknown, &word, form, |field| &field.name);
    let (Some(index), Some(field)) = (found, kind.field(key)) else {
        return;
    };
    differ(field, &form[index], lookup.place, reading);
}

/// A field of the form that takes a value of the record.
fn filled(lookup: &Lookup, kind: &RecordKind, of: &str, field: &Field, reading: &Reading<'_>) {
    let word = Word {
        word: of.to_owned(),
        place: field.place,
    };
    let Some(index) = reading.find(FaultCode::FieldUnknown, &word, &kind.fields, |field| &field.name) else {
        return;
    };
    let source = &kind.fields[index];
    if source.sensitivity == Sensitivity::Personal {
        // Whom a record names is shown for a purpose that somebody types, not filled in.
        reading.sink.say(FaultCode::PersonalShown, field.place, &[of]);
        return;
    }
    let is_open = kind
        .open
        .as_ref()
        .is_some_and(|open| open.fields.iter().any(|name| name == of));
    if lookup.own.is_none() && !is_open {
        reading.sink.say(FaultCode::LookupClosed, field.place, &[of]);
    }
    differ(field, source, field.place, reading);
}

fn differ(takes: &Field, gives: &Field, place: Place, reading: &Reading<'_>) {
    let ty = gives.ty();
    if !takes_type(takes, &ty) {
        let args = [takes.name.as_str(), &takes.ty().to_string(), &ty.to_string()];
        reading.sink.say(FaultCode::TypesDiffer, place, &args);
    }
}
