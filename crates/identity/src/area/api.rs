//! The public shapes of areas: names in both languages, the codes of a day, and why something is unknown.
//!
//! They differ from the types inside in that ids are followed by what they stand for, so that a client
//! needs one call.

use super::{Area, AreaBook, AreaId, Resolved, Why, level_word};
use jiff::civil::Date;
use kernel::Lang;
use serde::Serialize;
use utoipa::ToSchema;

/// An area on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaItem {
    /// Its id, the same in every installation of this program.
    #[schema(value_type = String, format = Uuid)]
    pub id: AreaId,
    /// Its code on that day.
    #[schema(example = "18073")]
    pub code: String,
    /// Full name in Vietnamese.
    #[schema(example = "Phường Thành Sen")]
    pub name: String,
    /// Full name in English.
    #[schema(example = "Thanh Sen Ward")]
    pub name_en: String,
    /// `province`, `district` or `commune`.
    pub level: &'static str,
    /// The areas above, the nearest first.
    #[schema(example = "Tỉnh Hà Tĩnh")]
    pub within: String,
    /// The first day on which it may have existed.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Its last day; absent while it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

impl AreaItem {
    /// The area as it was on `day`, or in its newest state when it did not exist then.
    pub fn new(book: &AreaBook, area: &Area, day: Date) -> Self {
        let state = area.state_on(day).unwrap_or_else(|| area.last());
        let day = if area.span().holds(day) {
            day
        } else {
            area.span().to.unwrap_or(area.span().from)
        };
        let above = book.above_on(area.id, day);
        let within: Vec<&str> = above.iter().map(|area| area.name_on(day).get(Lang::Vi)).collect();
        Self {
            id: area.id,
            code: state.code.to_string(),
            name: state.name.vi.clone(),
            name_en: state.name.get(Lang::En).to_owned(),
            level: level_word(area.level),
            within: within.join(", "),
            from: area.span().from,
            to: area.span().to,
        }
    }
}

/// What a code of a day is today.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResolvedAnswer {
    /// The code that was asked for.
    #[schema(example = "00022")]
    pub code: String,
    /// The day on which it was meant.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// `one`, `several` or `unknown`.
    pub outcome: &'static str,
    /// Why it is unknown: `before-codes`, `never-listed`, `not-in-force`, `no-successor` or `ambiguous`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Whether a list shows the code for that very day.
    pub seen: bool,
    /// Whether every part of the old area is known.
    pub complete: bool,
    /// The area that bore the code on that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<AreaItem>,
    /// What it is today.
    pub now: Vec<AreaItem>,
    /// The areas that bore the code on other days, when it was not in force on that one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_days: Vec<AreaItem>,
    /// A commune that may have taken it in: by another name in a list, not confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<AreaItem>,
}

/// The answer for a resolved code; `today` is the day on which the areas of today are named.
pub fn answer(book: &AreaBook, code: &str, on: Date, today: Date, resolved: &Resolved) -> ResolvedAnswer {
    let item = |id: AreaId, day: Date| book.get(id).map(|area| AreaItem::new(book, area, day));
    let (seen, complete) = match resolved {
        Resolved::One { seen, .. } => (*seen, true),
        Resolved::Several { seen, complete, .. } => (*seen, *complete),
        Resolved::Unknown(_) => (false, false),
    };
    let (reason, other_days) = match resolved {
        Resolved::Unknown(why) => (Some(why.as_str()), others(book, why)),
        Resolved::One { .. } | Resolved::Several { .. } => (None, Vec::new()),
    };
    ResolvedAnswer {
        code: code.to_owned(),
        date: on,
        outcome: resolved.as_str(),
        reason,
        seen,
        complete,
        then: resolved.then().and_then(|id| item(id, on)),
        now: resolved.now().iter().filter_map(|id| item(*id, today)).collect(),
        other_days,
        hint: hint(book, resolved).map(|area| AreaItem::new(book, area, on)),
    }
}

fn others(book: &AreaBook, why: &Why) -> Vec<AreaItem> {
    match why {
        Why::NotInForce { other_days } => other_days
            .iter()
            .filter_map(|(id, span)| {
                book.get(*id)
                    .map(|area| AreaItem::new(book, area, span.to.unwrap_or(span.from)))
            })
            .collect(),
        Why::Ambiguous { then } => then
            .iter()
            .filter_map(|id| book.get(*id))
            .map(|area| AreaItem::new(book, area, area.span().from))
            .collect(),
        Why::BeforeCodes | Why::NeverListed | Why::NoSuccessor { .. } => Vec::new(),
    }
}

/// The commune that a lost area may have gone to.
pub fn hint<'a>(book: &'a AreaBook, resolved: &Resolved) -> Option<&'a Area> {
    let Resolved::Unknown(Why::NoSuccessor { then }) = resolved else {
        return None;
    };
    let code = book.get(*then)?.hint?;
    let bearers = book.bearers(&code);
    bearers
        .iter()
        .find(|(_, possible, _)| possible.holds(super::OLD_ORDER_LAST_DAY))
        .and_then(|(id, _, _)| book.get(*id))
}
