//! Decides what a change of the units does: pure, from the book and the command to rows.
//!
//! A change comes after everything that is already written down about the unit, so that history is
//! added to and never rewritten.

use super::{Change, ChangeKind, Code, CodeEntry, Dated, NewUnit, Place, Unit, UnitBook, UnitError, UnitId, UnitKind};
use crate::area::Span;
use jiff::civil::Date;
use kernel::Bilingual;

/// One thing to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A new unit.
    Open(Box<Unit>),
    /// Another name from the day on.
    Name(UnitId, Bilingual),
    /// Another code of today's form from the day on.
    Code(UnitId, CodeEntry),
    /// Another place from the day on.
    Place(UnitId, Place),
    /// The unit is no more from the day on.
    Close(UnitId),
    /// The second unit follows the first.
    Follow(UnitId, UnitId),
}

/// What `change` writes down.
///
/// # Errors
/// The first reason to refuse it, as [`UnitError`] lists them.
pub fn plan(book: &UnitBook, change: &Change) -> Result<Vec<Effect>, UnitError> {
    if change.reason.trim().is_empty() {
        return Err(UnitError::NoReason);
    }
    let on = change.on;
    match &change.kind {
        ChangeKind::Open(new) => open(book, new, on),
        ChangeKind::Rename { unit, name } => rename(book, *unit, name, on),
        ChangeKind::Recode { unit, code, verified } => recode(
            book,
            *unit,
            &CodeEntry {
                code: Code::New(code.clone()),
                verified: *verified,
            },
            on,
        ),
        ChangeKind::Move { unit, parent } => move_below(book, *unit, *parent, on),
        ChangeKind::Close { unit, successors } => close(book, *unit, successors, on),
        ChangeKind::Merge { units, into } => merge(book, units, *into, on),
    }
}

fn open(book: &UnitBook, new: &NewUnit, on: Date) -> Result<Vec<Effect>, UnitError> {
    let name = checked_name(&new.name)?;
    let parent = new.parent.map(|id| lasting(book, id, on)).transpose()?;
    kinds_fit(new.kind, parent)?;
    if !new.kind.is_opened_on(on) {
        return Err(UnitError::KindIsOver {
            kind: new.kind.as_str(),
            on,
        });
    }
    if let Some(entry) = &new.code {
        code_is_free(book, &entry.code, new.id, on)?;
    }
    let span = Span { from: on, to: None };
    let area = new
        .area
        .or_else(|| parent.and_then(|unit| unit.place_on(on)).and_then(|place| place.area));
    let unit = Unit {
        id: new.id,
        kind: new.kind,
        span,
        working_hours: new.working_hours.clone(),
        sectors: new.sectors.clone(),
        codes: new
            .code
            .iter()
            .map(|entry| Dated {
                span,
                value: entry.clone(),
            })
            .collect(),
        names: vec![Dated { span, value: name }],
        places: vec![Dated {
            span,
            value: Place {
                parent: new.parent,
                area,
            },
        }],
        version: 1,
    };
    Ok(vec![Effect::Open(Box::new(unit))])
}

fn rename(book: &UnitBook, id: UnitId, name: &Bilingual, on: Date) -> Result<Vec<Effect>, UnitError> {
    let unit = in_force(book, id, on)?;
    let name = checked_name(name)?;
    if *unit.name_on(on) == name {
        return Err(UnitError::NoChange);
    }
    comes_after(unit, &unit.names, on)?;
    Ok(vec![Effect::Name(id, name)])
}

fn recode(book: &UnitBook, id: UnitId, entry: &CodeEntry, on: Date) -> Result<Vec<Effect>, UnitError> {
    let unit = in_force(book, id, on)?;
    code_is_free(book, &entry.code, id, on)?;
    let own: Vec<_> = unit
        .codes
        .iter()
        .filter(|dated| dated.value.code.form() == "new")
        .cloned()
        .collect();
    if own.iter().any(|dated| dated.span.holds(on) && dated.value == *entry) {
        return Err(UnitError::NoChange);
    }
    comes_after(unit, &own, on)?;
    Ok(vec![Effect::Code(id, entry.clone())])
}

fn move_below(book: &UnitBook, id: UnitId, parent: UnitId, on: Date) -> Result<Vec<Effect>, UnitError> {
    let unit = in_force(book, id, on)?;
    let above = lasting(book, parent, on)?;
    kinds_fit(unit.kind, Some(above))?;
    no_ring(book, id, parent, on)?;
    let now = unit.place_on(on);
    if now.and_then(|place| place.parent) == Some(parent) {
        return Err(UnitError::NoChange);
    }
    comes_after(unit, &unit.places, on)?;
    // What serves an area of its own keeps it; what is inside an agency serves the agency's.
    let own_area = now.and_then(|place| place.area).filter(|_| unit.kind.is_agency());
    let area = own_area.or_else(|| above.place_on(on).and_then(|place| place.area));
    Ok(vec![Effect::Place(
        id,
        Place {
            parent: Some(parent),
            area,
        },
    )])
}

fn close(book: &UnitBook, id: UnitId, successors: &[UnitId], on: Date) -> Result<Vec<Effect>, UnitError> {
    let unit = lasting(book, id, on)?;
    let open = book.children(id, on).len() + coming(book, id, on);
    if open > 0 {
        return Err(UnitError::HasOpenUnits { unit: id, open });
    }
    nothing_later(unit, on)?;
    let mut effects = vec![Effect::Close(id)];
    for successor in successors {
        if *successor == id {
            return Err(UnitError::Ring { unit: id });
        }
        lasting(book, *successor, on)?;
        effects.push(Effect::Follow(id, *successor));
    }
    Ok(effects)
}

fn merge(book: &UnitBook, units: &[UnitId], into: UnitId, on: Date) -> Result<Vec<Effect>, UnitError> {
    let stays = lasting(book, into, on)?;
    if units.is_empty() || units.contains(&into) {
        return Err(UnitError::NothingToMerge);
    }
    let desk = book
        .children(into, on)
        .into_iter()
        .find(|unit| unit.kind == UnitKind::Desk);
    let mut effects = Vec::new();
    for id in units {
        let unit = lasting(book, *id, on)?;
        nothing_later(unit, on)?;
        no_ring(book, *id, into, on)?;
        let open = coming(book, *id, on);
        if open > 0 {
            return Err(UnitError::HasOpenUnits { unit: *id, open });
        }
        for child in book.children(*id, on) {
            effects.extend(merge_child(child, stays, desk, on)?);
        }
        effects.push(Effect::Close(*id));
        effects.push(Effect::Follow(*id, into));
    }
    Ok(effects)
}

/// What lies below a merged unit moves along; its desk goes into the desk of the unit that stays, so
/// that people find one door.
fn merge_child(child: &Unit, stays: &Unit, desk: Option<&Unit>, on: Date) -> Result<Vec<Effect>, UnitError> {
    nothing_later(child, on)?;
    match desk.filter(|_| child.kind == UnitKind::Desk) {
        Some(desk) => Ok(vec![Effect::Close(child.id), Effect::Follow(child.id, desk.id)]),
        None => {
            kinds_fit(child.kind, Some(stays))?;
            let area = stays.place_on(on).and_then(|place| place.area);
            Ok(vec![Effect::Place(
                child.id,
                Place {
                    parent: Some(stays.id),
                    area,
                },
            )])
        }
    }
}

fn in_force(book: &UnitBook, id: UnitId, on: Date) -> Result<&Unit, UnitError> {
    let unit = book.get(id).ok_or(UnitError::NoUnit(id))?;
    if unit.is_in_force(on) {
        Ok(unit)
    } else {
        Err(UnitError::NotInForce { unit: id, on })
    }
}

/// A unit that exists on `on` and is not to end: what is put below it or follows it must not outlive it.
fn lasting(book: &UnitBook, id: UnitId, on: Date) -> Result<&Unit, UnitError> {
    let unit = in_force(book, id, on)?;
    match unit.span.to {
        None => Ok(unit),
        Some(to) => Err(UnitError::NotInForce {
            unit: id,
            on: to.tomorrow().unwrap_or(to),
        }),
    }
}

/// How many units are to come below `id` after `on`: written down already, not there yet.
fn coming(book: &UnitBook, id: UnitId, on: Date) -> usize {
    let comes = |place: &Dated<Place>| place.value.parent == Some(id) && on < place.span.from;
    book.all().filter(|unit| unit.places.iter().any(comes)).count()
}

/// `id` may be put below `parent`: on `on`, and on every later day on which something moves.
fn no_ring(book: &UnitBook, id: UnitId, parent: UnitId, on: Date) -> Result<(), UnitError> {
    let moves = book
        .all()
        .flat_map(|unit| &unit.places)
        .map(|place| place.span.from)
        .filter(|day| on < *day);
    let days: std::collections::BTreeSet<Date> = moves.chain([on]).collect();
    let ring = id == parent
        || days
            .iter()
            .any(|day| book.ancestors(parent, *day).iter().any(|unit| unit.id == id));
    if ring {
        Err(UnitError::Ring { unit: id })
    } else {
        Ok(())
    }
}

fn kinds_fit(kind: UnitKind, parent: Option<&Unit>) -> Result<(), UnitError> {
    if kind.fits_below(parent.map(|unit| unit.kind)) {
        return Ok(());
    }
    let parent = parent.map_or("nothing", |unit| unit.kind.as_str());
    Err(UnitError::KindDoesNotFit {
        kind: kind.as_str(),
        parent,
    })
}

/// A code means one unit on each day from `on` for ever: a holder that starts later counts too.
fn code_is_free(book: &UnitBook, code: &Code, own: UnitId, on: Date) -> Result<(), UnitError> {
    let taken = book.all().filter(|unit| unit.id != own).find(|unit| {
        let holds = |dated: &Dated<CodeEntry>| dated.value.code == *code && dated.span.to.is_none_or(|to| on <= to);
        unit.codes.iter().any(holds)
    });
    match taken {
        Some(unit) => Err(UnitError::CodeTaken {
            code: code.to_string(),
            holder: unit.id,
        }),
        None => Ok(()),
    }
}

fn comes_after<T>(unit: &Unit, states: &[Dated<T>], on: Date) -> Result<(), UnitError> {
    match states.last().filter(|last| on <= last.span.from) {
        Some(last) => Err(UnitError::BeforeLastChange {
            unit: unit.id,
            last: last.span.from,
        }),
        None => Ok(()),
    }
}

/// Nothing about the unit begins on `on` or later.
fn nothing_later(unit: &Unit, on: Date) -> Result<(), UnitError> {
    comes_after(unit, &unit.names, on)?;
    comes_after(unit, &unit.places, on)?;
    comes_after(unit, &unit.codes, on)
}

fn checked_name(name: &Bilingual) -> Result<Bilingual, UnitError> {
    let vi = name.vi.trim();
    if vi.is_empty() {
        return Err(UnitError::NoName);
    }
    let en = name.en.as_deref().map(str::trim).filter(|en| !en.is_empty());
    Ok(Bilingual {
        vi: vi.to_owned(),
        en: en.map(str::to_owned),
    })
}
