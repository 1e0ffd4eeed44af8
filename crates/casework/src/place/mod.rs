//! Where a dossier goes: the unit competent for a procedure in an area, its agency (whose code the dossier bears), and the
//! one-stop desk that receives. Pure, over the book of units that identity holds.
//! Refuses units that are not in force: a dossier is never filed to a unit of the past.
//! Law: Law 72/2025/QH15 (two tiers), NĐ 118/2025/NĐ-CP (any desk of the province receives).

use identity::UnitId;
use identity::unit::{Level, UnitBook, UnitKind};
use kernel::{Bilingual, Date};

use crate::dossier::DossierError;
use crate::dossier::submit::Place;
use crate::procedure::{Procedure, Tier};

/// An agency that can settle a procedure, to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub unit: UnitId,
    /// Its name.
    pub name: Bilingual,
    /// Its level.
    pub tier: Tier,
}

/// The agencies that may settle `procedure` on `day`: communes in the order of the alphabet, then the department.
#[must_use]
pub fn agencies(book: &UnitBook, procedure: &Procedure, day: Date) -> Vec<Agency> {
    let mut found = Vec::new();
    if procedure.tiers.contains(&Tier::Commune) {
        let communes = book
            .all()
            .filter(|unit| unit.kind == UnitKind::Commune && unit.is_in_force(day));
        found.extend(communes.map(|unit| Agency {
            unit: unit.id,
            name: unit.name_on(day).clone(),
            tier: Tier::Commune,
        }));
        found.sort_by(|one, other| book.sort_key(one.unit).cmp(book.sort_key(other.unit)));
    }
    if procedure.tiers.contains(&Tier::Province)
        && let Some(unit) = provincial(book, &procedure.sector.vi, day).and_then(|id| book.get(id))
    {
        found.push(Agency {
            unit: unit.id,
            name: unit.name_on(day).clone(),
            tier: Tier::Province,
        });
    }
    found
}

/// The department with the sector, else the people's committee of the province.
fn provincial(book: &UnitBook, sector: &str, day: Date) -> Option<UnitId> {
    let root = book.root(day)?;
    match root.place_on(day).and_then(|place| place.area) {
        Some(area) => book.competent_unit(Level::Province, area, sector, day),
        None => Some(root.id),
    }
}

/// At which level `agency` settles `procedure` on `day`: one of [`agencies`], without putting them all in order, because
/// every sending asks.
fn settles(book: &UnitBook, procedure: &Procedure, agency: UnitId, day: Date) -> Option<Tier> {
    let unit = book.get(agency).filter(|unit| unit.is_in_force(day))?;
    if unit.kind == UnitKind::Commune && procedure.tiers.contains(&Tier::Commune) {
        return Some(Tier::Commune);
    }
    let provincial = procedure.tiers.contains(&Tier::Province)
        && provincial(book, &procedure.sector.vi, day).is_some_and(|unit| unit == agency);
    provincial.then_some(Tier::Province)
}

/// Where a dossier of `procedure` goes when `agency` was chosen.
///
/// # Errors
/// `UnitMissing` when the agency does not settle this procedure today or nobody receives for it.
pub fn resolve(book: &UnitBook, procedure: &Procedure, agency: UnitId, day: Date) -> Result<Place, DossierError> {
    let tier = settles(book, procedure, agency, day).ok_or(DossierError::UnitMissing)?;
    let unit = match tier {
        Tier::Commune => {
            let area = book
                .get(agency)
                .and_then(|unit| unit.place_on(day))
                .and_then(|place| place.area);
            area.and_then(|area| book.competent_unit(Level::Commune, area, &procedure.sector.vi, day))
                .unwrap_or(agency)
        }
        _ => agency,
    };
    place_of(book, unit, day)
}

/// The place of a unit: its agency's code and its desk.
///
/// # Errors
/// `UnitMissing` when the unit, its agency's code or a desk is missing on `day`.
pub fn place_of(book: &UnitBook, unit: UnitId, day: Date) -> Result<Place, DossierError> {
    let competent = book
        .get(unit)
        .filter(|unit| unit.is_in_force(day))
        .ok_or(DossierError::UnitMissing)?;
    let agency = book.agency_of(unit, day).ok_or(DossierError::UnitMissing)?;
    let code = agency.code_on(day).ok_or(DossierError::UnitMissing)?;
    let desk = book.desk_for(unit, day).ok_or(DossierError::UnitMissing)?;
    Ok(Place {
        unit,
        unit_name: if competent.kind.is_agency() {
            competent.name_on(day).vi.clone()
        } else {
            format!("{}, {}", competent.name_on(day).vi, agency.name_on(day).vi)
        },
        agency: code.clone(),
        desk: desk.id,
        desk_name: desk.name_on(day).vi.clone(),
    })
}
