//! The public shape of a unit.
//! It holds what is public of a unit and nobody's name.

use super::{Unit, UnitBook, UnitId};
use jiff::civil::Date;
use kernel::Lang;
use serde::Serialize;
use utoipa::ToSchema;

/// A unit on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitItem {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: UnitId,
    /// Its code on that day (QĐ 20/2020/QĐ-TTg).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "H27.30")]
    pub code: Option<String>,
    /// Whether somebody has read the code in the decision that issued it.
    pub code_verified: bool,
    /// Name in Vietnamese.
    #[schema(example = "Ủy ban nhân dân phường Thành Sen")]
    pub name: String,
    /// Name in English, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// `province`, `department`, `commune`, `desk` or `division`.
    pub kind: &'static str,
    /// The unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub parent: Option<UnitId>,
    /// Name of the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_name: Option<String>,
    /// Code of the area it serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "18073")]
    pub area: Option<String>,
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Its last day; absent while it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

impl UnitItem {
    /// The unit as it was on `day`, or on its nearest day when it did not exist then.
    pub fn new(book: &UnitBook, areas: &crate::area::AreaBook, unit: &Unit, day: Date) -> Self {
        let day = nearest_day(unit, day);
        let place = unit.place_on(day);
        let parent = place.and_then(|place| place.parent);
        let area = place.and_then(|place| place.area).and_then(|id| areas.get(id));
        let code = unit.code_on(day).map(ToString::to_string);
        let verified = unit.codes.iter().any(|dated| {
            dated.span.holds(day) && dated.value.verified && code.as_deref() == Some(&dated.value.code.to_string())
        });
        Self {
            id: unit.id,
            code,
            code_verified: verified,
            name: unit.name_on(day).vi.clone(),
            name_en: unit.name_on(day).en.clone(),
            kind: unit.kind.as_str(),
            parent,
            parent_name: parent.map(|id| book.name(id, Lang::Vi, day).to_owned()),
            area: area.map(|area| area.state_on(day).unwrap_or_else(|| area.last()).code.to_string()),
            from: unit.span.from,
            to: unit.span.to,
        }
    }
}

/// `day`, or the day of the unit's existence that is nearest to it.
pub fn nearest_day(unit: &Unit, day: Date) -> Date {
    let last = unit.span.to.unwrap_or(day);
    day.min(last).max(unit.span.from)
}
