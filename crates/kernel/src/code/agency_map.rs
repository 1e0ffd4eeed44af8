//! The dated table between old and new agency codes.
//!
//! It is data (CSV: `old,new,from,to,successor`), never computed: a code of one form says nothing about
//! the other, and the agencies of the provinces that were merged in 2025 have successors.
//! Refuses tables in which one old code means two agencies on one day.

use super::agency::{AgencyCode, OldAgencyCode};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Steps of succession that are followed at most; a longer chain is taken for a circle.
const SUCCESSIONS_MAX: usize = 32;

/// One line of the table: from `from` until the day before `to`, `old` and `new` name one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyCodeRow {
    /// The old code, where the agency ever had one.
    pub old: Option<OldAgencyCode>,
    /// The code of QĐ 20/2020/QĐ-TTg.
    pub new: AgencyCode,
    /// First day.
    pub from: Date,
    /// The day on which it ended, which is no longer part of it; `None` while it lasts.
    pub to: Option<Date>,
    /// The agency that took over on `to`.
    pub successor: Option<AgencyCode>,
}

impl AgencyCodeRow {
    /// Whether the row holds on `day`.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// The table, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgencyCodeMap {
    rows: Vec<AgencyCodeRow>,
    by_old: BTreeMap<OldAgencyCode, Vec<usize>>,
    by_new: BTreeMap<AgencyCode, Vec<usize>>,
}

/// Why a table was refused. Lines count from 1, the head included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgencyCodeMapError {
    /// The first line is not `old,new,from,to,successor`.
    #[error("line 1: the head must be old,new,from,to,successor")]
    Head,
    /// A line that cannot be read.
    #[error("line {line}: cannot read {field}")]
    Field {
        /// Line in the file.
        line: usize,
        /// Name of the column.
        field: &'static str,
    },
    /// A row that ends before it starts.
    #[error("row {row}: ends before it starts")]
    Backwards {
        /// Number of the row.
        row: usize,
    },
    /// One code would mean two agencies on one day.
    #[error("row {row}: {code} already means another agency in that time")]
    Overlap {
        /// Number of the row.
        row: usize,
        /// The code.
        code: String,
    },
}

crate::error::invalid_fault!(AgencyCodeMapError, "agency-map-invalid");

impl AgencyCodeMap {
    /// Checks `rows` and takes them.
    ///
    /// # Errors
    /// [`AgencyCodeMapError::Backwards`] and [`AgencyCodeMapError::Overlap`], with the row from 1.
    pub fn new(rows: Vec<AgencyCodeRow>) -> Result<Self, AgencyCodeMapError> {
        let mut map = Self::default();
        for (index, row) in rows.into_iter().enumerate() {
            map.push(index + 1, row)?;
        }
        Ok(map)
    }

    /// Reads the CSV form: head `old,new,from,to,successor`, ISO dates, empty for "none", no quotes.
    ///
    /// # Errors
    /// [`AgencyCodeMapError`], naming the line or the row.
    pub fn parse_csv(text: &str) -> Result<Self, AgencyCodeMapError> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, head)| head.trim_start_matches('\u{feff}').trim()) != Some("old,new,from,to,successor")
        {
            return Err(AgencyCodeMapError::Head);
        }
        let rows: Result<Vec<_>, _> = lines
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(index, line)| parse_line(index + 1, line))
            .collect();
        Self::new(rows?)
    }

    /// The rows, in the order of the file.
    pub fn rows(&self) -> &[AgencyCodeRow] {
        &self.rows
    }

    /// Today's form of an old code, as of `day`.
    pub fn new_of(&self, old: &OldAgencyCode, day: Date) -> Option<&AgencyCode> {
        let rows = self.by_old.get(old)?.iter().map(|row| &self.rows[*row]);
        rows.into_iter().find(|row| row.holds_on(day)).map(|row| &row.new)
    }

    /// The old codes that the agency had on `day`.
    pub fn old_of<'a>(&'a self, new: &AgencyCode, day: Date) -> impl Iterator<Item = &'a OldAgencyCode> + 'a {
        let rows = self.by_new.get(new).map(Vec::as_slice).unwrap_or_default();
        rows.iter()
            .map(|row| &self.rows[*row])
            .filter(move |row| row.holds_on(day))
            .filter_map(|row| row.old.as_ref())
    }

    /// The agency that answers on `day` for what `code` once named: itself, or its successors in turn.
    ///
    /// `None` when the table does not know the code, or it ended without a successor.
    pub fn successor_on(&self, code: &AgencyCode, day: Date) -> Option<&AgencyCode> {
        let mut current = code;
        for _ in 0..SUCCESSIONS_MAX {
            let rows = self.by_new.get(current)?;
            if let Some(row) = rows.iter().map(|row| &self.rows[*row]).find(|row| row.holds_on(day)) {
                return Some(&row.new);
            }
            let last = rows
                .iter()
                .map(|row| &self.rows[*row])
                .filter(|row| row.from <= day)
                .max_by_key(|row| row.to)?;
            current = last.successor.as_ref()?;
        }
        None
    }

    fn push(&mut self, number: usize, row: AgencyCodeRow) -> Result<(), AgencyCodeMapError> {
        if row.to.is_some_and(|to| to <= row.from) {
            return Err(AgencyCodeMapError::Backwards { row: number });
        }
        let overlaps =
            |other: &AgencyCodeRow| row.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| row.from < to);
        if let Some(old) = &row.old {
            let known = self.by_old.entry(old.clone()).or_default();
            if known.iter().any(|index| overlaps(&self.rows[*index])) {
                return Err(AgencyCodeMapError::Overlap {
                    row: number,
                    code: old.to_string(),
                });
            }
            known.push(self.rows.len());
        }
        self.by_new.entry(row.new.clone()).or_default().push(self.rows.len());
        self.rows.push(row);
        Ok(())
    }
}

fn parse_line(line: usize, text: &str) -> Result<AgencyCodeRow, AgencyCodeMapError> {
    let fault = |field| AgencyCodeMapError::Field { line, field };
    let cells: Vec<&str> = text.trim_end_matches('\r').split(',').map(str::trim).collect();
    let [old, new, from, to, successor] = cells[..] else {
        return Err(fault("five columns"));
    };
    Ok(AgencyCodeRow {
        old: optional(old).map_err(|()| fault("old"))?,
        new: new.parse().map_err(|_| fault("new"))?,
        from: from.parse().map_err(|_| fault("from"))?,
        to: optional(to).map_err(|()| fault("to"))?,
        successor: optional(successor).map_err(|()| fault("successor"))?,
    })
}

fn optional<T: std::str::FromStr>(cell: &str) -> Result<Option<T>, ()> {
    if cell.is_empty() {
        Ok(None)
    } else {
        cell.parse().map(Some).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TABLE: &str = "old,new,from,to,successor\n\
        000.00.01.H30,H30.01,2018-01-01,2025-07-01,H13.01\n\
        000.00.02.H30,H30.02,2018-01-01,2025-07-01,\n\
        000.00.01.H30,H13.99,2025-07-01,,\n\
        ,H13.01,2020-01-01,,\n";

    #[test]
    fn a_code_means_what_it_meant_on_the_day() {
        let map = AgencyCodeMap::parse_csv(TABLE).unwrap();
        let old: OldAgencyCode = "000.00.01.H30".parse().unwrap();
        assert_eq!(map.new_of(&old, date(2024, 5, 1)).unwrap().as_str(), "H30.01");
        assert_eq!(map.new_of(&old, date(2025, 6, 30)).unwrap().as_str(), "H30.01");
        assert_eq!(map.new_of(&old, date(2025, 7, 1)).unwrap().as_str(), "H13.99");
        assert_eq!(map.new_of(&old, date(2017, 12, 31)), None);
        let new: AgencyCode = "H30.01".parse().unwrap();
        assert_eq!(map.old_of(&new, date(2024, 1, 1)).collect::<Vec<_>>(), [&old]);
        assert_eq!(map.old_of(&new, date(2026, 1, 1)).count(), 0);
    }

    #[test]
    fn successors_are_followed() {
        let map = AgencyCodeMap::parse_csv(TABLE).unwrap();
        let code = |text: &str| text.parse::<AgencyCode>().unwrap();
        let day = date(2026, 1, 1);
        assert_eq!(map.successor_on(&code("H30.01"), day), Some(&code("H13.01")));
        assert_eq!(
            map.successor_on(&code("H30.01"), date(2024, 1, 1)),
            Some(&code("H30.01"))
        );
        assert_eq!(map.successor_on(&code("H30.02"), day), None);
        assert_eq!(map.successor_on(&code("H99"), day), None);
    }

    #[test]
    fn a_circle_of_successors_ends() {
        let map = AgencyCodeMap::parse_csv(
            "old,new,from,to,successor\n,H01,2018-01-01,2020-01-01,H02\n,H02,2018-01-01,2020-01-01,H01\n",
        );
        assert_eq!(
            map.unwrap().successor_on(&"H01".parse().unwrap(), date(2026, 1, 1)),
            None
        );
    }

    #[test]
    fn faulty_tables_are_refused_with_their_line() {
        let head = "old,new,from,to,successor\n";
        assert_eq!(AgencyCodeMap::parse_csv("new,old\n"), Err(AgencyCodeMapError::Head));
        let field = |line, field| Err(AgencyCodeMapError::Field { line, field });
        assert_eq!(
            AgencyCodeMap::parse_csv(&format!("{head}H30,H30.01,2018-01-01,,\n")),
            field(2, "old")
        );
        assert_eq!(
            AgencyCodeMap::parse_csv(&format!("{head}\n,H30,2018-13-01,,\n")),
            field(3, "from")
        );
        assert_eq!(
            AgencyCodeMap::parse_csv(&format!("{head},H30\n")),
            field(2, "five columns")
        );
        assert_eq!(
            AgencyCodeMap::parse_csv(&format!("{head},H30,2018-01-01,2018-01-01,\n")),
            Err(AgencyCodeMapError::Backwards { row: 1 })
        );
        let twice = format!("{head}000.00.01.H30,H30.01,2018-01-01,,\n000.00.01.H30,H30.02,2019-01-01,,\n");
        assert!(matches!(
            AgencyCodeMap::parse_csv(&twice),
            Err(AgencyCodeMapError::Overlap { row: 2, .. })
        ));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = AgencyCodeMap::parse_csv(&format!("old,new,from,to,successor\n{text}"));
        }
    }
}
