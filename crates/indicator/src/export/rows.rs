//! The files of rows: dossiers, stops of their clocks, worked hours of each day. Plain CSV (RFC 4180, UTF-8, no mark in front),
//! instants with their offset and six decimals, so that nothing is lost on the way.
//! Refuses derived columns where the raw ones suffice: late, early and working minutes are for the reader to compute.

use std::collections::HashMap;

use ::store::Tx;
use casework::dossier::DossierId;
use kernel::calendar::WorkingCalendar;
use kernel::{Date, Timestamp};
use uuid::Uuid;

use super::Sink;
use crate::FigureError;
use crate::report::Question;
use crate::report::store as table;

/// Rows read at a time.
const PAGE: i64 = 5_000;

/// Stops of the clock of one page at most: a dossier has few.
const STOPS_MAX: i64 = 1_000_000;

/// A CSV text in the making.
pub(super) struct Text(Vec<u8>);

impl Text {
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut text = Self(Vec::new());
        text.row(headings);
        text
    }

    pub(super) fn row(&mut self, cells: &[&str]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
                self.0.extend_from_slice(quoted.as_bytes());
            } else {
                self.0.extend_from_slice(cell.as_bytes());
            }
        }
        self.0.push(b'\n');
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

/// An instant on a Vietnamese clock, with its offset.
pub(super) fn instant(at: Timestamp) -> String {
    at.local().strftime("%Y-%m-%dT%H:%M:%S%.6f+07:00").to_string()
}

fn maybe(at: Option<Timestamp>) -> String {
    at.map(instant).unwrap_or_default()
}

fn bit(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

const COLUMNS: [&str; 21] = [
    "code",
    "unit",
    "procedure",
    "channel",
    "state",
    "filed_at",
    "received_at",
    "is_late_receipt",
    "due_at",
    "until_at",
    "ended_at",
    "ending",
    "stood_at",
    "returned_at",
    "requests",
    "extensions",
    "attributed",
    "has_result",
    "has_papers",
    "owes",
    "paid_online",
];

/// Writes the rows of dossiers and their stops; gives how many, and the first and the last day on which anything of them happened.
pub(super) fn write(tx: &mut Tx, question: &Question, sink: &dyn Sink) -> Result<(u64, (Date, Date)), FigureError> {
    let days = (question.filter.from, question.filter.until());
    let mut after = DossierId::from_uuid(Uuid::nil());
    let (mut count, mut first_day, mut last_day) = (0_u64, question.filter.from, question.now.local_date());
    let mut dossiers = Text::new(&COLUMNS);
    let mut stops = Text::new(&["code", "started_at", "ended_at"]);
    for name in ["rows.csv", "stops.csv"] {
        sink.begin(name).map_err(FigureError::Write)?;
    }
    loop {
        let facts = table::behind(tx, &question.scope, days, after, PAGE)?;
        let (Some(first), Some(last)) = (facts.first(), facts.last()) else {
            break;
        };
        let codes: HashMap<DossierId, &str> = facts.iter().map(|fact| (fact.dossier, fact.code.as_str())).collect();
        for (dossier, from, to) in table::stops(tx, (first.dossier, last.dossier), STOPS_MAX)? {
            if let Some(code) = codes.get(&dossier) {
                stops.row(&[code, &instant(from), &maybe(to)]);
            }
        }
        after = last.dossier;
        for fact in &facts {
            count += 1;
            first_day = first_day.min(fact.filed_on);
            last_day = last_day.max(fact.ended_on.unwrap_or(last_day));
            dossiers.row(&[
                &fact.code,
                &fact.unit.to_string(),
                &fact.procedure,
                fact.channel.word(),
                &fact.state,
                &instant(fact.filed_at),
                &maybe(fact.received_at),
                bit(fact.is_late_receipt),
                &maybe(fact.due_at),
                &maybe(fact.until_at),
                &maybe(fact.ended_at),
                fact.ending.map_or("", crate::fact::Ending::word),
                &maybe(fact.stood_at),
                &maybe(fact.returned_at),
                &fact.requests.to_string(),
                &fact.extensions.to_string(),
                fact.attributed.map_or("", crate::cause::PutTo::word),
                bit(fact.has_result),
                bit(fact.has_papers),
                bit(fact.owes),
                bit(fact.paid_online),
            ]);
        }
        sink.write("rows.csv", &dossiers.take()).map_err(FigureError::Write)?;
        sink.write("stops.csv", &stops.take()).map_err(FigureError::Write)?;
    }
    sink.write("rows.csv", &dossiers.take()).map_err(FigureError::Write)?;
    sink.write("stops.csv", &stops.take()).map_err(FigureError::Write)?;
    Ok((count, (first_day, last_day)))
}

/// Writes the worked stretches of each day, in minutes after midnight.
pub(super) fn calendar(
    calendar: &WorkingCalendar,
    (first, last): (Date, Date),
    sink: &dyn Sink,
) -> Result<(), FigureError> {
    let mut text = Text::new(&["day", "from_minute", "to_minute"]);
    let mut day = first;
    while day <= last {
        for period in calendar.hours_of(day) {
            text.row(&[&day.to_string(), &period.start.to_string(), &period.end.to_string()]);
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    super::file(sink, "calendar.csv", &text.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_instants_keep_everything() {
        let mut text = Text::new(&["a", "b"]);
        text.row(&["x, \"y\"", "z"]);
        assert_eq!(
            String::from_utf8(text.take()).expect("UTF-8"),
            "a,b\n\"x, \"\"y\"\"\",z\n"
        );
        let at = Timestamp::from_micros(1_790_000_000_000_007);
        assert_eq!(instant(at), "2026-09-21T21:13:20.000007+07:00");
        assert_eq!(instant(at).parse::<Timestamp>().expect("an instant"), at);
    }
}
