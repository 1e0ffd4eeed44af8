//! Pure decisions about records: what is stored of a person, what a list may show, and whether a claim agrees.
//! They read no table and open nothing sealed.

use super::{PersonDetails, PersonError, PersonRef, QuestionId};
use ::store::keys::{KeyRing, Sealed};
use kernel::{World, fold};

/// Longest name that is taken.
const NAME_CHARS_MAX: usize = 200;

/// What is stored of a person, made outside of the transaction because sealing takes chance.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) id: PersonRef,
    pub(super) number_index: [u8; 32],
    pub(super) match_index: [u8; 32],
    pub(super) name_index: [u8; 32],
    pub(super) birth_known: bool,
    pub(super) details: Sealed,
    pub(super) name_masked: String,
    pub(super) question: QuestionId,
    pub(super) claim: Sealed,
    pub(super) marks: Vec<Mark>,
}

/// What a keyed index is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkKind {
    /// The 12-digit number.
    Number,
    /// The nine digits of an old card.
    OldNumber,
    /// Folded name and day of birth.
    NameBirth,
}

impl MarkKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::OldNumber => "old-number",
            Self::NameBirth => "name-birth",
        }
    }
}

/// One keyed index by which a record is found.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) kind: MarkKind,
    pub(super) index: [u8; 32],
}

impl Prepared {
    /// Whether the claim states a 12-digit number.
    #[must_use]
    pub fn is_numbered(&self) -> bool {
        self.mark(MarkKind::Number).is_some()
    }

    pub(super) fn mark(&self, kind: MarkKind) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.kind == kind)
    }
}

/// The keyed index of an old number.
pub(super) fn old_number_index(keys: &KeyRing, number: &super::OldNumber) -> [u8; 32] {
    keys.blind_index("person.old-number", number.as_str())
}

/// The keyed index of a name and a day of birth.
pub(super) fn name_birth_index(keys: &KeyRing, name: &str, born: kernel::Date) -> [u8; 32] {
    keys.blind_index("person.name-birth", &format!("{}|{born}", fold::fold(name)))
}

/// By what a record is found without opening it.
pub(super) fn marks(keys: &KeyRing, details: &PersonDetails) -> Vec<Mark> {
    let mark = |kind, index| Mark { kind, index };
    let number = details.number.as_ref().map(|number| number_index(keys, number));
    let old = details.old_number.as_ref().map(|number| old_number_index(keys, number));
    let birth = details.born.map(|born| name_birth_index(keys, &details.name, born));
    [
        number.map(|index| mark(MarkKind::Number, index)),
        old.map(|index| mark(MarkKind::OldNumber, index)),
        birth.map(|index| mark(MarkKind::NameBirth, index)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a claim about a person says of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Name and day of birth agree as far as both are known.
    Agrees,
    /// The name or the day of birth is another one.
    Differs,
}

/// The context in which a record is sealed.
pub(super) fn context(id: PersonRef) -> String {
    format!("person.details:{id}")
}

/// The context in which the claim of a question is sealed.
pub(super) fn claim_context(id: QuestionId) -> String {
    format!("person_question.claim:{id}")
}

/// The keyed index of a personal number.
pub(super) fn number_index(keys: &KeyRing, number: &kernel::PersonId) -> [u8; 32] {
    keys.blind_index("person.number", number.as_str())
}

/// Seals what is known of a person, with the indexes by which it is found and compared.
///
/// # Errors
/// [`PersonError::Name`] when the name is empty or too long.
pub fn prepare(keys: &KeyRing, world: &dyn World, details: &PersonDetails) -> Result<Prepared, PersonError> {
    prepare_as(keys, world, PersonRef::new(world), details)
}

/// The same for a record that is there.
pub(super) fn prepare_as(
    keys: &KeyRing,
    world: &dyn World,
    id: PersonRef,
    details: &PersonDetails,
) -> Result<Prepared, PersonError> {
    let name = fold::fold(&details.name);
    if name.is_empty() || details.name.chars().count() > NAME_CHARS_MAX {
        return Err(PersonError::Name);
    }
    let question = QuestionId::new(world);
    let plain = serde_json::to_vec(details).map_err(|_| PersonError::Damaged)?;
    // Who has no number is found by no number: an index of her own record stands in its place.
    let own = id.to_string();
    let number = details.number.as_ref().map_or(own.as_str(), kernel::PersonId::as_str);
    let born = details.born.map(|born| born.to_string()).unwrap_or_default();
    Ok(Prepared {
        id,
        number_index: match &details.number {
            Some(number) => number_index(keys, number),
            None => keys.blind_index("person.unnumbered", &own),
        },
        match_index: keys.blind_index("person.match", &format!("{number}|{name}|{born}")),
        name_index: keys.blind_index("person.name", &format!("{number}|{name}")),
        birth_known: details.born.is_some(),
        details: keys.seal(world, &context(id), &plain),
        name_masked: mask_name(&details.name),
        question,
        claim: keys.seal(world, &claim_context(question), &plain),
        marks: marks(keys, details),
    })
}

/// Whether a claim agrees with a record: by full match, or by the name where one side lacks the day of birth.
pub(super) fn verdict(claim: &Prepared, match_index: &[u8], name_index: &[u8], birth_known: bool) -> Verdict {
    let whole = claim.match_index.as_slice() == match_index;
    let by_name = !(claim.birth_known && birth_known) && claim.name_index.as_slice() == name_index;
    if whole || by_name {
        Verdict::Agrees
    } else {
        Verdict::Differs
    }
}

/// The name as a list may show it: "Trần Thị Hoa" is "Tr*** T** H**". The stars do not tell how long it is.
pub fn mask_name(name: &str) -> String {
    let composed = kernel::fold::nfc(name);
    let mut masked = String::new();
    for (place, word) in composed.split_whitespace().enumerate() {
        let (shown, stars) = if place == 0 { (2, "***") } else { (1, "**") };
        if place > 0 {
            masked.push(' ');
        }
        // A word of one or two letters must not stand there whole.
        let shown = shown.min(word.chars().count().saturating_sub(1).max(1));
        masked.extend(word.chars().take(shown));
        masked.push_str(stars);
    }
    masked
}
