//! Joins the lists of one order by code, and the two orders where an area simply went on.
//!
//! Between two lists the day of a change is not known: the spans of what may have been overlap, the
//! spans of what a list shows do not.

use super::super::kind::{AreaKind, comparable, english_name};
use super::super::{AreaError, AreaState, CODES_BEGIN, Draft, NEW_ORDER_FIRST_DAY, OLD_ORDER_LAST_DAY, Span, area_id};
use super::{Edition, Entry, Links, Sources};
use kernel::Bilingual;
use std::collections::{BTreeMap, BTreeSet};

/// The areas of both orders, and the keys of the new ones by code.
pub(super) struct Merged {
    pub(super) draft: Draft,
    pub(super) new_keys: BTreeMap<String, String>,
    pub(super) continuing: usize,
}

/// Two lists of one order of the country.
struct Order<'a> {
    early: &'a Edition,
    late: &'a Edition,
    /// The days of the order.
    span: Span,
}

impl Merged {
    pub(super) fn of(sources: &Sources, links: &Links) -> Result<Self, AreaError> {
        let old = Order {
            early: &sources.old_early,
            late: &sources.old_late,
            span: Span {
                from: CODES_BEGIN,
                to: Some(OLD_ORDER_LAST_DAY),
            },
        };
        let new = Order {
            early: &sources.new_early,
            late: &sources.new_late,
            span: Span {
                from: NEW_ORDER_FIRST_DAY,
                to: None,
            },
        };
        let new_keys: BTreeMap<String, String> = new
            .late
            .all()
            .map(|(code, _)| (code.to_owned(), new_key(sources, links, code)))
            .collect();
        let mut draft = Draft::default();
        for code in old.codes() {
            let mapped = links.has_successor(&code);
            for state in old.states(&code, mapped, |parent| parent.to_owned())? {
                draft.push_state(&code, state);
            }
        }
        let mut continuing = 0;
        for (code, key) in &new_keys {
            continuing += usize::from(draft.areas.contains_key(key));
            for state in new.states(code, false, |parent| new_keys.get(parent).cloned().unwrap_or_default())? {
                push_or_extend(&mut draft, key, state);
            }
        }
        Ok(Self {
            draft,
            new_keys,
            continuing,
        })
    }
}

/// The old key where an area went on whole and unnamed anew, else one with the year of its making.
fn new_key(sources: &Sources, links: &Links, code: &str) -> String {
    let before = sources.old_late.get(code).map(|entry| comparable(&entry.name));
    let after = sources.new_early.get(code).map(|entry| comparable(&entry.name));
    if links.goes_on(code) && before.is_some() && before == after {
        code.to_owned()
    } else {
        format!("{code}@{}", NEW_ORDER_FIRST_DAY.year())
    }
}

/// Puts a state after the last one, or makes that one longer when nothing changed.
fn push_or_extend(draft: &mut Draft, key: &str, state: AreaState) {
    let last = draft.areas.get_mut(key).and_then(|area| area.states.last_mut());
    match last {
        Some(last) if last.parent == state.parent && comparable(&last.name.vi) == comparable(&state.name.vi) => {
            last.name = state.name;
            last.possible.to = state.possible.to;
            last.seen.to = state.seen.to;
        }
        _ => draft.push_state(key, state),
    }
}

impl Order<'_> {
    fn codes(&self) -> BTreeSet<String> {
        self.early
            .all()
            .chain(self.late.all())
            .map(|(code, _)| code.to_owned())
            .collect()
    }

    /// The states of the area with this code in this order, oldest first. With `mapped`, the map says that it was there
    /// to the last day, whatever the late list lacks.
    fn states(
        &self,
        code: &str,
        mapped: bool,
        parent_key: impl Fn(&str) -> String,
    ) -> Result<Vec<AreaState>, AreaError> {
        let make = |entry: &Entry, possible: Span, seen: Span| state(code, entry, possible, seen, &parent_key);
        let (early_day, late_day) = (self.early.as_of, self.late.as_of);
        let until_late = Span {
            from: self.span.from,
            to: late_day.yesterday().ok(),
        };
        let after_early = Span {
            from: early_day.tomorrow().unwrap_or(late_day),
            to: self.span.to,
        };
        let on_early = Span {
            from: early_day,
            to: Some(early_day),
        };
        let since_late = Span {
            from: late_day,
            to: self.span.to,
        };
        Ok(match (self.early.get(code), self.late.get(code)) {
            (Some(early), Some(late)) if same(early, late) => {
                vec![make(
                    late,
                    self.span,
                    Span {
                        from: early_day,
                        to: self.span.to,
                    },
                )?]
            }
            (Some(early), Some(late)) => {
                vec![make(early, until_late, on_early)?, make(late, after_early, since_late)?]
            }
            (Some(early), None) if mapped => vec![make(early, self.span, on_early)?],
            (Some(early), None) => vec![make(early, until_late, on_early)?],
            // The first list of an order was made for its first day: what it lacks was left out.
            (None, Some(late)) if early_day == self.span.from => vec![make(late, self.span, since_late)?],
            (None, Some(late)) => vec![make(late, after_early, since_late)?],
            (None, None) => Vec::new(),
        })
    }
}

fn same(early: &Entry, late: &Entry) -> bool {
    early.parent == late.parent && comparable(&early.name) == comparable(&late.name)
}

fn state(
    code: &str,
    entry: &Entry,
    possible: Span,
    seen: Span,
    parent_key: &impl Fn(&str) -> String,
) -> Result<AreaState, AreaError> {
    let fault = |reason: String| AreaError::File {
        file: code.to_owned(),
        reason,
    };
    let kind = AreaKind::of_name(&entry.name).ok_or_else(|| fault(format!("{}: of what kind?", entry.name)))?;
    let english = entry.name_en.clone().unwrap_or_else(|| english_name(&entry.name));
    Ok(AreaState {
        code: code
            .parse()
            .map_err(|error: kernel::code::area::AreaCodeError| fault(error.to_string()))?,
        parent: entry.parent.as_deref().map(|parent| area_id(&parent_key(parent))),
        kind,
        name: Bilingual::new(entry.name.clone(), english),
        possible,
        seen,
    })
}
