//! The forms by which an administrator changes the units: one for each act, all with a day and a reason.
//! They refuse a change without a reason: it goes into the audit log.

use super::http::Lists;
use super::{Change, ChangeKind, Code, CodeEntry, NewUnit, Unit, UnitChangeId, UnitError, UnitId, UnitKind};
use jiff::civil::Date;
use kernel::{AgencyCode, Bilingual};
use web::Shell;
use web::form::{Check, Choice, Field, FieldKind, Form, Values, Width};

/// What may be done at a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Open a unit below it.
    Open,
    /// Another name.
    Rename,
    /// Another code.
    Recode,
    /// Another place.
    Move,
    /// Into another unit.
    Merge,
    /// No more.
    Close,
}

impl Act {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Open, "open"),
        (Self::Rename, "rename"),
        (Self::Recode, "recode"),
        (Self::Move, "move"),
        (Self::Merge, "merge"),
        (Self::Close, "close"),
    ];

    /// What is offered on the page of a unit: nothing once it is closed; the top is not moved, merged or closed.
    pub(super) fn offered(unit: &Unit, today: Date) -> Vec<Self> {
        if unit.span.to.is_some_and(|to| to < today) {
            return Vec::new();
        }
        let fits = |act: Self| match act {
            Self::Open => unit.kind != UnitKind::Desk,
            Self::Rename | Self::Recode => true,
            Self::Move | Self::Merge | Self::Close => unit.kind != UnitKind::Province,
        };
        Self::ALL
            .into_iter()
            .map(|(act, _)| act)
            .filter(|act| fits(*act))
            .collect()
    }
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = Self::ALL
            .into_iter()
            .find(|(act, _)| act == self)
            .map_or("", |(_, word)| word);
        f.write_str(word)
    }
}

impl std::str::FromStr for Act {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|(_, own)| *own == word)
            .map(|(act, _)| act)
            .ok_or(())
    }
}

/// The form of an act at a unit.
pub(super) fn form(shell: &Shell, lists: &Lists, unit: &Unit, act: Act) -> Form {
    let form = Form::new("unit-change", format!("/admin/units/{}/change/{act}", unit.id));
    let form = match act {
        Act::Open => names(form.field(Field::radios("kind", "unit-kind", kinds_below(unit, lists.today)))).field(
            Field::checked("code", "unit-code", Check::AgencyCode)
                .optional()
                .width(Width::W20)
                .hint("unit-code-hint"),
        ),
        Act::Rename => names(form),
        Act::Recode => form
            .field(
                Field::checked("code", "unit-code", Check::AgencyCode)
                    .width(Width::W20)
                    .hint("unit-code-hint"),
            )
            .field(Field::new("verified", "unit-code-verified", FieldKind::Confirm).optional()),
        Act::Move => form.field(Field::select("other", "unit-new-parent", parents(shell, lists, unit))),
        Act::Merge => form.field(Field::select("other", "unit-merge-into", same_kind(shell, lists, unit))),
        Act::Close => form.field(
            Field::select("other", "unit-successor", same_kind(shell, lists, unit))
                .optional()
                .hint("unit-successor-hint"),
        ),
    };
    form.field(Field::new("on", "unit-on", FieldKind::Date { min: None, max: None }).hint("unit-on-hint"))
        .field(Field::multiline("reason", "unit-reason", 500).hint("unit-reason-hint"))
        .submit(format!("unit-act-{act}").as_str())
        .cancel(format!("/admin/units/{}", unit.id))
}

fn names(form: Form) -> Form {
    form.field(Field::text("name", "unit-name"))
        .field(Field::text("name-en", "unit-name-en").optional())
}

fn kinds_below(unit: &Unit, today: Date) -> Vec<Choice> {
    let fitting = UnitKind::ALL
        .into_iter()
        .filter(|kind| kind.fits_below(Some(unit.kind)) && kind.is_opened_on(today));
    fitting
        .map(|kind| Choice::new(kind.as_str(), format!("unit-kind-{kind}").as_str()))
        .collect()
}

fn choice(shell: &Shell, lists: &Lists, unit: &Unit) -> Choice {
    let name = unit.name_on(lists.today).get(shell.lang).to_owned();
    let above = unit
        .parent_on(lists.today)
        .map(|id| lists.units.name(id, shell.lang, lists.today));
    // Divisions bear the same name in many agencies.
    let words = match above.filter(|_| !unit.kind.is_agency()) {
        Some(above) => format!("{name} ({above})"),
        None => name,
    };
    Choice::named(unit.id.to_string(), words)
}

fn parents(shell: &Shell, lists: &Lists, unit: &Unit) -> Vec<Choice> {
    let below = lists.units.subtree(unit.id, lists.today);
    let fits = |other: &&Unit| {
        other.is_in_force(lists.today) && unit.kind.fits_below(Some(other.kind)) && !below.contains(&other.id)
    };
    lists
        .units
        .all()
        .filter(fits)
        .map(|other| choice(shell, lists, other))
        .collect()
}

fn same_kind(shell: &Shell, lists: &Lists, unit: &Unit) -> Vec<Choice> {
    let fits = |other: &&Unit| other.kind == unit.kind && other.id != unit.id && other.is_in_force(lists.today);
    lists
        .units
        .all()
        .filter(fits)
        .map(|other| choice(shell, lists, other))
        .collect()
}

/// What stands in the form before anything was typed.
pub(super) fn initial(unit: &Unit, act: Act, today: Date) -> Values {
    let name = unit.name_on(today);
    match act {
        Act::Rename => Values::none()
            .with("name", name.vi.clone())
            .with("name-en", name.en.clone().unwrap_or_default()),
        Act::Recode => Values::none().with("code", unit.code_on(today).map(ToString::to_string).unwrap_or_default()),
        Act::Open | Act::Move | Act::Merge | Act::Close => Values::none(),
    }
}

/// The change that a parsed form asks for. What a form cannot have left out is a refusal of the rules.
pub(super) fn change(unit: &Unit, act: Act, values: &Values, id: UnitChangeId, new: UnitId) -> Change {
    let name = Bilingual {
        vi: values.text("name").to_owned(),
        en: values.opt("name-en").map(str::to_owned),
    };
    let code = values.typed::<AgencyCode>("code");
    let other = values.typed::<UnitId>("other");
    let none = UnitId::from_uuid(uuid::Uuid::nil());
    let kind = match act {
        Act::Open => ChangeKind::Open(Box::new(NewUnit {
            id: new,
            kind: values.text("kind").parse().unwrap_or(UnitKind::Division),
            name,
            code: code.map(|code| CodeEntry {
                code: Code::New(code),
                verified: false,
            }),
            parent: Some(unit.id),
            area: None,
            working_hours: unit.working_hours.clone(),
            sectors: Vec::new(),
        })),
        Act::Rename => ChangeKind::Rename { unit: unit.id, name },
        Act::Recode => match code {
            Some(code) => ChangeKind::Recode {
                unit: unit.id,
                code,
                verified: values.yes("verified"),
            },
            None => ChangeKind::Rename {
                unit: unit.id,
                name: unit.name_on(unit.span.from).clone(),
            },
        },
        Act::Move => ChangeKind::Move {
            unit: unit.id,
            parent: other.unwrap_or(none),
        },
        Act::Merge => ChangeKind::Merge {
            units: vec![unit.id],
            into: other.unwrap_or(none),
        },
        Act::Close => ChangeKind::Close {
            unit: unit.id,
            successors: other.into_iter().collect(),
        },
    };
    Change {
        id,
        kind,
        on: values.date("on").unwrap_or(unit.span.from),
        reason: values.text("reason").to_owned(),
    }
}

/// The other units that a change names: policy is asked for each of them.
pub(super) fn others(change: &Change) -> Vec<UnitId> {
    match &change.kind {
        ChangeKind::Open(_) | ChangeKind::Rename { .. } | ChangeKind::Recode { .. } => Vec::new(),
        ChangeKind::Move { parent, .. } => vec![*parent],
        ChangeKind::Close { successors, .. } => successors.clone(),
        ChangeKind::Merge { into, .. } => vec![*into],
    }
}

/// The field beside which a refusal is shown.
pub(super) fn field_of(error: &UnitError) -> &'static str {
    match error {
        UnitError::NotInForce { .. } | UnitError::BeforeLastChange { .. } => "on",
        UnitError::CodeTaken { .. } => "code",
        UnitError::NoReason => "reason",
        UnitError::NoName => "name",
        UnitError::Ring { .. } | UnitError::NothingToMerge => "other",
        UnitError::KindDoesNotFit { .. } | UnitError::KindIsOver { .. } => "kind",
        UnitError::NoUnit(_)
        | UnitError::HasOpenUnits { .. }
        | UnitError::NoChange
        | UnitError::Profile { .. }
        | UnitError::Area(_)
        | UnitError::Store(_) => "",
    }
}
