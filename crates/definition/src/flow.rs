//! What workflows and procedures write alike: performers, durations of work, consultations, hand-overs, effects.
//! It owns their grammar and refuses roles, units, documents and registers that nobody has.

use crate::effect::{self, Answers, PaperKind};
use crate::fault::{FaultCode, Place};
use crate::field::Field;
use crate::machine::{Consult, Effect, HandOver, Performer};
use crate::reader::{Joined, Reader, Word};
use crate::record::RecordKind;
use crate::source::{Node, Raw};
use crate::surroundings::Reading;
use kernel::calendar::TimeLimit;

/// The performer who is no officer.
pub(crate) const APPLICANT: &str = "applicant";

/// Reads `specialist@commune`, `desk`, `applicant`.
pub(crate) fn performer(word: &Word, reading: &Reading<'_>) -> Option<Performer> {
    let (role, unit) = match word.word.split_once('@') {
        Some((role, unit)) => (role, Some(unit)),
        None => (word.word.as_str(), None),
    };
    let named = |name: &str| Word {
        word: name.to_owned(),
        place: word.place,
    };
    if role == APPLICANT && unit.is_none() {
        return Some(Performer {
            role: role.to_owned(),
            unit: None,
        });
    }
    let role_known = reading.known(FaultCode::RoleUnknown, &named(role), &reading.around.roles);
    let unit_known = unit.is_none_or(|unit| reading.known(FaultCode::UnitUnknown, &named(unit), &reading.around.units));
    (role_known && unit_known).then(|| Performer {
        role: role.to_owned(),
        unit: unit.map(str::to_owned),
    })
}

/// Reads `consult = { tax-office = "6 working_hours" }`; each must fit into `quota`.
pub(crate) fn consults(reader: &Reader<'_>, quota: Option<TimeLimit>, reading: &Reading<'_>) -> Vec<Consult> {
    let mut found = Vec::new();
    for (word, node) in reader.named("consult", Joined::Hyphen) {
        reading.known(FaultCode::UnitUnknown, &word, &reading.around.units);
        let Some(time) = reader.duration_of(node) else { continue };
        let day = reading.around.working_day_minutes;
        if quota.is_some_and(|quota| working_minutes(time, day) > working_minutes(quota, day)) {
            reading
                .sink
                .say(FaultCode::ConsultExceedsQuota, node.place, &[&word.word]);
        }
        found.push(Consult {
            agency: word.word,
            quota: time,
        });
    }
    found
}

/// Reads `hand_over = { procedure = "…", unit = "province" }`; which procedures exist is checked when all are read.
pub(crate) fn hand_over(reader: &Reader<'_>, reading: &Reading<'_>) -> Option<(HandOver, Place)> {
    let node = reader.node("hand_over")?;
    let inner = Reader::of(node, "hand_over", reading.sink)?;
    let (procedure, unit) = (inner.needed_word("procedure"), inner.needed_word("unit"));
    inner.finish();
    let (procedure, unit) = procedure.zip(unit)?;
    reading.known(FaultCode::UnitUnknown, &unit, &reading.around.units);
    let place = procedure.place;
    let hand_over = HandOver {
        procedure: procedure.word,
        unit: unit.word,
    };
    Some((hand_over, place))
}

/// The least working time in a duration, in minutes: a week of the calendar has five working days, a month twenty.
pub(crate) fn working_minutes(limit: TimeLimit, day_minutes: u32) -> u64 {
    let day = u64::from(day_minutes);
    match limit {
        TimeLimit::WorkingHours(hours) => u64::from(hours) * 60,
        TimeLimit::WorkingDays(days) => u64::from(days) * day,
        TimeLimit::Days(days) => u64::from(days / 7 * 5 + (days % 7).saturating_sub(2)) * day,
        TimeLimit::Months(months) => u64::from(months) * 20 * day,
    }
}

/// What effects may name.
pub(crate) struct EffectScope<'a> {
    /// Documents that may be issued. Where none are said, documents and registers are taken as they are named: the text
    /// was proven with its system.
    pub(crate) documents: Option<&'a [String]>,
    /// The record that the case is about.
    pub(crate) about: Option<&'a RecordKind>,
    /// Kinds of record of this system.
    pub(crate) records: &'a [RecordKind],
    /// What formulas of entries may name. Where none are said, they are taken as they are written.
    pub(crate) answers: Option<&'a Answers>,
}

/// Of these keys an effect has one.
const KINDS: [&str; 5] = ["issue", "set", "register", "notify", "hook"];

/// Reads `then = [{ issue = "permit" }, { set = { health = "dead" } }, { notify = "applicant" }]`.
pub(crate) fn effects(reader: &Reader<'_>, scope: &EffectScope<'_>, reading: &Reading<'_>) -> Vec<Effect> {
    let mut found = Vec::new();
    for one in reader.tables("then") {
        let keys = one.table.entries.iter();
        let keys: Vec<_> = keys.filter(|entry| KINDS.contains(&entry.key.as_str())).collect();
        if let [first, second, ..] = keys.as_slice() {
            let args = [first.key.as_str(), second.key.as_str()];
            reading.sink.say(FaultCode::KeyConflict, second.place, &args);
        }
        if let Some(word) = one.word("issue") {
            let is_known = scope.documents.is_none_or(|documents| {
                let found = reading.find(FaultCode::DocumentUnknown, &word, documents, String::as_str);
                found.is_some()
            });
            let paper = one.one_of("as", &PaperKind::ALL).unwrap_or_default();
            found.extend(is_known.then_some(Effect::Issue {
                document: word.word,
                paper,
            }));
        }
        if let Some(node) = one.node("set") {
            found.extend(set(node, scope.about, reading));
        }
        if let Some(word) = one.word("register") {
            let ours = scope.records.iter().find(|kind| kind.name == word.word);
            let is_any = scope.documents.is_none();
            if ours.is_some() || is_any || reading.known(FaultCode::RegisterUnknown, &word, &reading.around.registers) {
                let is_numbered = found.iter().any(|before| matches!(before, Effect::Issue { .. }));
                let answers = scope.answers.map(|answers| (answers, is_numbered));
                let entry = effect::entry(&one, &word, ours, answers, reading);
                found.push(Effect::Register(Box::new(entry)));
            }
        }
        if let Some(word) = one.word("notify") {
            let known = performer(&word, reading).is_some();
            found.extend(known.then_some(Effect::Notify { whom: word.word }));
        }
        if let Some(word) = one.word("hook") {
            let known = reading.known(FaultCode::HookUnknown, &word, &reading.around.hooks);
            found.extend(known.then_some(Effect::Hook { name: word.word }));
        }
        one.finish();
    }
    found
}

fn set(node: &Node, about: Option<&RecordKind>, reading: &Reading<'_>) -> Vec<Effect> {
    let Raw::Table(table) = &node.raw else {
        reading
            .sink
            .say(FaultCode::ValueType, node.place, &["set", "a table of fields"]);
        return Vec::new();
    };
    let fields: &[Field] = about.map_or(&[], |kind| &kind.fields);
    let set = table.entries.iter().filter_map(|entry| {
        let word = Word {
            word: entry.key.clone(),
            place: entry.place,
        };
        let index = reading.find(FaultCode::FieldUnknown, &word, fields, |field| &field.name)?;
        let value = fields[index].value_or_fault(&entry.node, reading)?;
        Some(Effect::Set {
            field: word.word,
            value,
        })
    });
    set.collect()
}
