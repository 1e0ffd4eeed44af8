//! Pure decisions about petitions: which kind plain answers lead to, who stands above what it is against, who must keep her
//! hands off, which step follows which. They read no table and no clock.
//! Law: Luật Khiếu nại 2011 Điều 2, 17-21; Luật Tố cáo 2018 Điều 2, 12-15; Luật Tiếp công dân 2013 Điều 2.

use identity::UnitId;
use identity::unit::{UnitBook, UnitKind};
use kernel::{Date, Lang, fold};

use super::{Kind, Outcome, PetitionError, State, Step, Target};

/// What a person wants, in her own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// That something decided or done be looked at again.
    Review,
    /// That a person who broke the law be dealt with.
    Report,
    /// That something be known, or done better.
    Suggest,
}

impl Wish {
    pub(crate) const ALL: [Self; 3] = [Self::Review, Self::Report, Self::Suggest];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Report => "report",
            Self::Suggest => "suggest",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.word() == word)
    }
}

/// The kind that plain answers lead to: what she wants, whether it touches her own rights, whether there is a decision or act.
pub(crate) const fn kind_of(wish: Wish, is_own: bool, is_act: bool) -> Kind {
    match wish {
        Wish::Report => Kind::Denunciation,
        Wish::Review if is_own && is_act => Kind::Complaint,
        Wish::Review | Wish::Suggest => Kind::Recommendation,
    }
}

/// Whether the unit that it is against must keep its hands off. An agency may answer what is suggested about its own rules;
/// what is said of its people, or asks that it be judged, goes above it.
pub(crate) const fn is_conflicting(kind: Kind, target: Target) -> bool {
    !matches!((kind, target), (Kind::Recommendation, Target::Decision))
}

/// Who handles a petition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    /// The unit.
    pub(crate) unit: UnitId,
    /// Nobody in the province stands above: it can only be forwarded.
    pub(crate) is_outside: bool,
}

/// The unit that is competent for what is against `against`: the agency itself for what does not judge it, else the agency of
/// a division or desk, else the agency above. For the province's own committee: whoever forwards.
///
/// # Errors
/// [`PetitionError::NoUnit`] when there is none.
pub(crate) fn route(
    book: &UnitBook,
    against: UnitId,
    is_conflicting: bool,
    outside_named: &str,
    day: Date,
) -> Result<Route, PetitionError> {
    let agency = book.agency_of(against, day).ok_or(PetitionError::NoUnit)?;
    let inside = |unit: UnitId| Route {
        unit,
        is_outside: false,
    };
    if !is_conflicting || agency.id != against {
        return Ok(inside(agency.id));
    }
    let above = book
        .ancestors(against, day)
        .into_iter()
        .find(|unit| unit.kind.is_agency());
    if let Some(above) = above {
        return Ok(inside(above.id));
    }
    let wanted = fold::fold(outside_named);
    let agencies = || {
        book.all()
            .filter(|unit| unit.is_in_force(day) && unit.kind.is_agency() && unit.id != against)
    };
    let named = agencies().find(|unit| fold::fold(book.name(unit.id, Lang::Vi, day)).contains(&wanted));
    let any = || {
        agencies()
            .find(|unit| unit.kind == UnitKind::Department)
            .or_else(|| agencies().next())
    };
    let unit = named.or_else(any).ok_or(PetitionError::NoUnit)?;
    Ok(Route {
        unit: unit.id,
        is_outside: true,
    })
}

/// The units whose petitions an officer at `unit` must keep her hands off: her own, and what it is part of, up to its agency.
pub(crate) fn own_side(book: &UnitBook, unit: UnitId, day: Date) -> Vec<UnitId> {
    let agency = book.agency_of(unit, day).map(|agency| agency.id);
    let mut side = vec![unit];
    if agency == Some(unit) {
        return side;
    }
    for above in book.ancestors(unit, day) {
        side.push(above.id);
        if Some(above.id) == agency {
            break;
        }
    }
    side
}

/// The state after a step.
///
/// # Errors
/// [`PetitionError::WrongState`]; what can only be forwarded is neither accepted nor resolved here.
pub(crate) fn after(state: State, is_outside: bool, step: Step) -> Result<State, PetitionError> {
    let next = match (state, step) {
        (State::Registered | State::Classified, Step::Classify) => Some(State::Classified),
        (State::Classified, Step::Accept) if !is_outside => Some(State::Accepted),
        (State::Classified, Step::Decline) if !is_outside => Some(State::NotAccepted),
        (State::Classified | State::Accepted, Step::Forward) => Some(State::Forwarded),
        (State::Accepted, Step::Resolve) => Some(State::Resolved),
        (State::Registered | State::Classified | State::Accepted, Step::Withdraw) => Some(State::Withdrawn),
        _ => None,
    };
    next.ok_or(PetitionError::WrongState { state, step })
}

/// The steps of officers that are open in a state.
pub(crate) fn open_steps(state: State, is_outside: bool) -> Vec<Step> {
    let all = [
        Step::Classify,
        Step::Accept,
        Step::Decline,
        Step::Forward,
        Step::Resolve,
    ];
    all.into_iter()
        .filter(|step| after(state, is_outside, *step).is_ok())
        .collect()
}

/// The outcomes that a kind knows.
pub(crate) const fn outcomes(kind: Kind) -> &'static [Outcome] {
    match kind {
        Kind::Complaint | Kind::Denunciation => &[Outcome::Upheld, Outcome::Partly, Outcome::Unfounded],
        Kind::Recommendation => &[Outcome::Answered],
    }
}
