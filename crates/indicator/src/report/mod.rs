//! Leader's pages: the figures of a period, by unit, sector, procedure and time, each a link to the rows behind it.
//! Owns what is asked, who may ask it, and how cells become lines. The right is `dossier.report`, which auditors have
//! without the right to open any dossier. Refuses a figure without its cut-off, and a zero where there is no data.
//! Law: QĐ 31/2021/QĐ-TTg and TT 21/2023/TT-BTTTT (reports of a procedure system).

mod figure;
mod filter;
pub mod http;
mod sheet;
pub(crate) mod store;
mod view;

pub use figure::{Figure, Open, Set, Sums, Value};
pub use filter::{By, DAYS_MAX, Filter};

pub(crate) use filter::{Address, named};
pub(crate) use view::{cut_off as view_cut_off, facts as facts_of, period as view_period};

/// The bar of questions without a choice of lines.
pub(crate) fn view_bar(shell: &web::Shell, question: &Question, action: &str) -> maud::Markup {
    view::bar(shell, question, action, None)
}

/// A value in words of the page's language.
pub(crate) fn words_of(shell: &web::Shell, shape: crate::formula::Shape, value: Option<i64>) -> String {
    let value = Value {
        numerator: 0,
        denominator: None,
        value,
    };
    sheet::words(shell, shape, &value)
}

use std::collections::BTreeMap;
use std::sync::Arc;

use ::store::{StoreError, Tx};
use casework::procedure::search::Index;
use identity::unit::UnitBook;
use identity::{Action, Caller, OfficerCaller, UnitId};
use kernel::{Lang, Timestamp};

use self::store::{Key, Name, Scope};
use crate::cell::{Grain, spans};
use crate::fact::jobs::CONSUMER;
use crate::{FigureError, Indicators};

/// Working hours before a deadline from which on a dossier is soon due: a working day.
pub const SOON_WORKING_HOURS: i32 = 8;

/// What is asked, with the scope of who asks narrowed by it.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) filter: Filter,
    pub(crate) scope: Scope,
    pub(crate) index: Arc<Index>,
    /// Units in scope with their names, in Vietnamese order.
    pub(crate) units: Vec<(UnitId, String)>,
    pub(crate) now: Timestamp,
    /// Before this a running deadline is soon due.
    pub(crate) soon: Timestamp,
}

/// The units at which this officer may see figures, with those that live on in them; none for all.
pub(crate) fn units_in_scope(house: &Indicators, officer: &OfficerCaller) -> Option<Vec<UnitId>> {
    let caller = Caller::Officer(officer.clone());
    let book = house.identity().units();
    let units = house.identity().policy().scope(&caller, Action::DossierReport);
    narrowed_to(&book, with_predecessors(&book, units))
}

/// None when the units are all there are.
pub(crate) fn narrowed_to(book: &UnitBook, units: Vec<UnitId>) -> Option<Vec<UnitId>> {
    let all: std::collections::HashSet<UnitId> = units.iter().copied().collect();
    (!book.all().all(|unit| all.contains(&unit.id))).then_some(units)
}

/// Units and those that were merged into them: their dossiers of earlier years are answered for by who followed.
pub(crate) fn with_predecessors(book: &UnitBook, mut units: Vec<UnitId>) -> Vec<UnitId> {
    let mut at = 0;
    while let Some(unit) = units.get(at).copied() {
        for (gone, _) in book.predecessors(unit) {
            if !units.contains(&gone) {
                units.push(gone);
            }
        }
        at += 1;
    }
    units
}

impl Question {
    pub(crate) async fn read(
        house: &Indicators,
        officer: &OfficerCaller,
        address: &Address,
        lang: Lang,
    ) -> Result<Self, FigureError> {
        let filter = address.read(house.now().local_date());
        let whole = units_in_scope(house, officer);
        let book = house.identity().units();
        let day = house.now().local_date();
        let in_scope: Vec<UnitId> = match &whole {
            Some(units) => units.clone(),
            None => book.all().map(|unit| unit.id).collect(),
        };
        let mut units: Vec<_> = in_scope
            .iter()
            .map(|unit| (*unit, book.name(*unit, lang, day).to_owned()))
            .collect();
        units.sort_by_cached_key(|(_, name)| kernel::fold::sort_key(name));
        let chosen = filter
            .unit
            .map(|unit| in_scope.iter().copied().filter(|one| *one == unit).collect());
        Self::over(house, filter, chosen.or(whole), units).await
    }

    /// A question about these units (none: all), whoever asks.
    pub(crate) async fn over(
        house: &Indicators,
        filter: Filter,
        chosen: Option<Vec<UnitId>>,
        units: Vec<(UnitId, String)>,
    ) -> Result<Self, FigureError> {
        let index = house.casework().catalogue().index().await?;
        let procedures = match (&filter.procedure, &filter.sector) {
            (Some(code), _) => Some(vec![code.clone()]),
            (None, Some(slug)) => {
                let of_sector = index.all().filter(|summary| summary.sector_slug == *slug);
                Some(of_sector.map(|summary| summary.code.to_string()).collect())
            }
            (None, None) => None,
        };
        let now = house.now();
        Ok(Self {
            filter,
            scope: Scope {
                units: chosen,
                procedures,
            },
            index,
            units,
            now,
            soon: house.casework().calendar().add_working_hours(now, SOON_WORKING_HOURS),
        })
    }

    pub(crate) fn unit_name(&self, unit: UnitId) -> String {
        let found = self.units.iter().find(|(one, _)| *one == unit);
        found.map_or_else(|| unit.to_string(), |(_, name)| name.clone())
    }

    /// Slug and name of a procedure's sector; empty for one that is no longer in the catalogue.
    pub(crate) fn sector_of(&self, code: &str, lang: Lang) -> (String, String) {
        let found = self.index.get(code);
        found.map_or_else(Default::default, |one| {
            (one.sector_slug.clone(), one.sector.get(lang).to_owned())
        })
    }

    pub(crate) fn procedure_name(&self, code: &str, lang: Lang) -> String {
        let found = self.index.get(code);
        found.map_or_else(String::new, |one| one.name.get(lang).to_owned())
    }
}

/// A line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// A unit's id, a sector's slug, a procedure's code, a month or a day.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) sums: Sums,
}

/// The figures of a question.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) total: Sums,
    pub(crate) lines: Vec<Line>,
    /// By month, or by day where the period is short; without what is open.
    pub(crate) trend: Vec<(String, Sums)>,
    /// Everything that happened before is counted.
    pub(crate) cut_off: Timestamp,
}

/// Reads the figures of a question, its lines told apart by `by`.
pub(crate) fn load(tx: &mut Tx, question: &Question, by: By, lang: Lang) -> Result<Report, StoreError> {
    let is_short = question.filter.is_short();
    let grains: &[Grain] = if is_short {
        &[Grain::Day]
    } else {
        &[Grain::Month, Grain::Day]
    };
    let trend = gathered(tx, question, Key::Time, grains)?;
    let instants = (question.now, question.soon);
    let key = match by {
        By::Unit | By::Time => Key::Unit,
        By::Sector | By::Procedure => Key::Procedure,
    };
    let mut sums = if by == By::Time {
        BTreeMap::new()
    } else {
        gathered(tx, question, key, question.scope.shape(key).grains())?
    };
    let mut total: Sums = Sums::default();
    for one in trend.values() {
        total += *one;
    }
    for (name, open) in store::open(tx, &question.scope, key, instants)? {
        total.open += open;
        if by != By::Time {
            sums.entry(name).or_default().open += open;
        }
    }
    let trend = by_time(trend, is_short);
    let lines = match by {
        By::Time => trend
            .iter()
            .map(|(key, sums)| line(key.clone(), key.clone(), *sums))
            .collect(),
        _ => lines(question, by, sums, lang),
    };
    let cut_off = crate::fact::store::waiting_since(tx, CONSUMER)?.unwrap_or(question.now);
    Ok(Report {
        total,
        lines,
        trend,
        cut_off,
    })
}

fn line(key: String, name: String, sums: Sums) -> Line {
    Line { key, name, sums }
}

/// Adds up the cells of the period by a column, cut into these stretches of time. Lines of nothing are left out: a stretch that
/// is taken away again may leave some.
fn gathered(tx: &mut Tx, question: &Question, key: Key, grains: &[Grain]) -> Result<BTreeMap<Name, Sums>, StoreError> {
    let mut all: BTreeMap<Name, Sums> = BTreeMap::new();
    for span in spans(question.filter.from, question.filter.until(), grains) {
        for (name, measures) in store::cells(tx, &question.scope, key, &span)? {
            let sums = &mut all.entry(name).or_default().all;
            if span.is_minus {
                *sums -= measures;
            } else {
                *sums += measures;
            }
        }
    }
    all.retain(|_, sums| !sums.is_empty());
    Ok(all)
}

/// What the cells of the period come to by procedure.
pub(crate) fn by_procedure(tx: &mut Tx, question: &Question) -> Result<BTreeMap<Name, Sums>, StoreError> {
    gathered(
        tx,
        question,
        Key::Procedure,
        question.scope.shape(Key::Procedure).grains(),
    )
}

/// Days as they are, or added up to their months.
fn by_time(days: BTreeMap<Name, Sums>, is_short: bool) -> Vec<(String, Sums)> {
    let mut all: BTreeMap<String, Sums> = BTreeMap::new();
    for (name, sums) in days {
        let Name::Text(day) = name else { continue };
        let bucket = if is_short { day } else { day.chars().take(7).collect() };
        *all.entry(bucket).or_default() += sums;
    }
    all.into_iter().filter(|(_, sums)| !sums.is_empty()).collect()
}

fn lines(question: &Question, by: By, sums: BTreeMap<Name, Sums>, lang: Lang) -> Vec<Line> {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for (name, one) in sums {
        let (key, name) = match (name, by) {
            (Name::Unit(unit), _) => (unit.to_string(), question.unit_name(unit)),
            (Name::Text(code), By::Sector) => question.sector_of(&code, lang),
            (Name::Text(code), _) => {
                let name = question.procedure_name(&code, lang);
                (code, name)
            }
        };
        lines
            .entry(key.clone())
            .or_insert_with(|| line(key, name, Sums::default()))
            .sums += one;
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    let weight = |line: &Line| line.sums.all.filed + line.sums.all.decided;
    match by {
        By::Procedure => lines.sort_by_cached_key(|line| (std::cmp::Reverse(weight(line)), line.key.clone())),
        _ => lines.sort_by_cached_key(|line| (kernel::fold::sort_key(&line.name), line.key.clone())),
    }
    lines
}
