//! What a device keeps of the house: the procedures that its own agency settles, with their papers and questions. Made once
//! for a version of the catalogue and kept in memory.
//! It refuses personal data: the work list, which has masked names, goes apart and is sealed on the device.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::UnitId;
use kernel::{Bilingual, Date, Lang};
use parking_lot::Mutex;
use serde::Serialize;
use utoipa::ToSchema;
use web::Failure;
use web::form::{Errors, Values};

use crate::Casework;
use crate::dossier::DossierError;
use crate::draft::rules::papers;
use crate::intake::form::{self, Around, PAPERS_MAX, PARTS};
use crate::intake::walk::{AtDesk, Walk};
use crate::place;
use crate::procedure::{ChannelKind, Component, Tier, cases};

/// Most procedures of one set; a commune has some five hundred.
const PROCEDURES_MAX: usize = 1_500;

/// One paper of a procedure, as a device lists it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Paper {
    /// Its place in the procedure, counted from 0.
    at: usize,
    /// Its name.
    name: String,
    /// Everybody needs it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    /// In which case it is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// The answer under which it is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
}

/// One procedure, as a device lists it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Offered {
    /// Its code.
    code: String,
    /// What people call it.
    name: String,
    /// Its sector.
    sector: String,
    /// Its official name, where people call it something else: searched, not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    official: Option<String>,
    /// The time limit at the counter in words; none when the officer has to state it.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
    /// Its papers.
    papers: Vec<Paper>,
    /// Which of the catalogue's cases it is, drawn as on the page of the desk.
    #[serde(skip_serializing_if = "String::is_empty")]
    asks: String,
    /// Its own questions, drawn as on the page of the desk.
    #[serde(skip_serializing_if = "String::is_empty")]
    own: String,
}

/// Which set: what of it may change.
type Key = (i64, UnitId, Date, &'static str);

/// The sets that were made.
#[derive(Default)]
pub(crate) struct Sets(Mutex<BTreeMap<Key, Arc<Vec<Offered>>>>);

impl std::fmt::Debug for Sets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sets")
    }
}

/// Sets kept in memory; a province has more desks, but few of them register devices on one day.
const KEPT_MAX: usize = 64;

/// The procedures that the agency of a desk settles, those taken most often first.
///
/// # Errors
/// When the catalogue cannot be read.
pub(crate) async fn offered(house: &Casework, at: &AtDesk, lang: Lang) -> Result<Arc<Vec<Offered>>, Failure> {
    let agency = at.agency.ok_or(DossierError::UnitMissing)?;
    let index = house.catalogue().index().await.map_err(DossierError::from)?;
    let key = (index.revision, agency, at.day, lang.tag());
    if let Some(known) = house.offline_sets().0.lock().get(&key) {
        return Ok(known.clone());
    }
    let mut all = Vec::new();
    for row in index.all().filter(|row| row.is_here()) {
        let found = house
            .catalogue()
            .find(&row.code, None)
            .await
            .map_err(DossierError::from)?;
        let Some((procedure, version)) = found else { continue };
        if place::resolve(&house.identity().units(), &procedure, agency, at.day).is_err() {
            continue;
        }
        let mut walk = Walk::of(at.clone(), procedure, version, Vec::new());
        walk.ask_for(&form::beginning(Some(agency)));
        all.push(one(house, &walk, lang));
        if all.len() == PROCEDURES_MAX {
            break;
        }
    }
    let all = Arc::new(all);
    let mut kept = house.offline_sets().0.lock();
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert(key, all.clone());
    Ok(all)
}

fn one(house: &Casework, walk: &Walk, lang: Lang) -> Offered {
    let procedure = &walk.procedure;
    let form = own_form(house, walk);
    let drawn = |part: web::form::Form| part.render_fields(lang, &Values::none(), &Errors::none()).into_string();
    let asks = form::case_question(procedure)
        .map(|question| drawn(web::form::Form::new(form.name.clone(), "").field(question)))
        .unwrap_or_default();
    let own = form::part(&form, PARTS[5]).map(drawn).unwrap_or_default();
    let cases = cases::of(procedure);
    let paper = |(at, paper): (usize, &Component)| Paper {
        at,
        name: paper.name.get(lang).to_owned(),
        required: paper.required,
        case: paper.case.clone(),
        when: cases::requires(&cases, paper),
    };
    Offered {
        code: procedure.code.to_string(),
        name: procedure.title().get(lang).to_owned(),
        sector: procedure.sector.get(lang).to_owned(),
        official: Some(format!("{} {}", procedure.title().vi, procedure.name.vi))
            .filter(|_| procedure.title().get(lang) != procedure.name.vi),
        limit: procedure.time_limit(ChannelKind::Desk).map(|limit| limit.text(lang)),
        papers: papers(procedure).take(PAPERS_MAX).map(paper).collect(),
        asks,
        own,
    }
}

fn own_form(house: &Casework, walk: &Walk) -> web::form::Form {
    form::form(&Around {
        procedure: &walk.procedure,
        agencies: &[],
        asks_days: false,
        files: house.settings().files,
        today: walk.at.day,
        is_known: false,
        focus: "",
    })
}

/// The parts of the form that every procedure has, for the page: with the desk's own agency alone, because a code is reserved
/// for one agency, and with the days, which the script hides where the catalogue knows them. None without any procedure.
///
/// # Errors
/// When the catalogue cannot be read, or the desk belongs to no agency.
pub(crate) async fn common(house: &Casework, at: &AtDesk) -> Result<Option<web::form::Form>, DossierError> {
    let unit = at.agency.ok_or(DossierError::UnitMissing)?;
    let index = house.catalogue().index().await?;
    let Some(any) = index.all().find(|row| row.is_here()) else {
        return Ok(None);
    };
    let Some((procedure, _)) = house.catalogue().find(&any.code, None).await? else {
        return Ok(None);
    };
    let book = house.identity().units();
    let name = book.get(unit).map(|unit| unit.name_on(at.day).clone());
    let agencies = [place::Agency {
        unit,
        name: name.unwrap_or_else(|| Bilingual::vi("")),
        tier: Tier::Commune,
    }];
    Ok(Some(form::form(&Around {
        procedure: &procedure,
        agencies: &agencies,
        asks_days: true,
        files: house.settings().files,
        today: at.day,
        is_known: false,
        focus: "",
    })))
}
