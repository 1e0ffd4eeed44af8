//! What a reading got out of its source, field by field, and what it did not.
//! Owns the counting alone; refuses to be the log of the import into the tables, which is `procedure::import`'s.

use std::collections::BTreeMap;

use serde::Serialize;

/// Most unread places that are kept; all are counted.
const UNREAD_MAX: usize = 20_000;

/// Longest excerpt, in characters.
const EXCERPT_CHARS: usize = 160;

/// A part of a procedure in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceField {
    /// The line itself.
    Line,
    /// Mã thủ tục.
    Code,
    /// Tên thủ tục.
    Name,
    /// Lĩnh vực.
    Sector,
    /// Cấp thực hiện.
    Tiers,
    /// Cơ quan có thẩm quyền.
    Agency,
    /// Số quyết định.
    Decision,
    /// Cách thức thực hiện, counted a channel.
    Channels,
    /// Thời hạn giải quyết, counted a channel.
    Time,
    /// Phí, lệ phí, counted a fee; read means an amount in đồng or free.
    Fees,
    /// Thành phần hồ sơ, counted a paper.
    Components,
    /// File of a printed form, counted a paper that has one.
    Template,
    /// Căn cứ pháp lý, counted a ground.
    LegalBasis,
    /// Trình tự thực hiện.
    Steps,
    /// Kết quả, counted a result.
    Results,
    /// Yêu cầu, điều kiện.
    Conditions,
}

/// How often a field was there, and how often it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FieldCount {
    /// Places where the source says something.
    pub said: usize,
    /// Places that were read.
    pub read: usize,
    /// Procedures of which the source says nothing here.
    pub absent: usize,
}

impl FieldCount {
    /// Share read of what was said, in percent; 100 when nothing was said.
    #[must_use]
    pub fn percent(&self) -> f64 {
        if self.said == 0 {
            100.0
        } else {
            100.0 * self.read as f64 / self.said as f64
        }
    }
}

/// A place that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Line in the file, from 1.
    pub line: usize,
    /// Code of the procedure, as written; empty when not even that could be read.
    pub code: String,
    /// Which field.
    pub field: SourceField,
    /// Why.
    pub reason: &'static str,
    /// What stands there, shortened.
    pub excerpt: String,
}

/// What a reading got and did not get.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReadReport {
    /// Lines with something on them.
    pub lines: usize,
    /// Procedures read.
    pub procedures: usize,
    /// Counts by field.
    pub fields: BTreeMap<SourceField, FieldCount>,
    /// Places that could not be read, in the order of the file, at most 20,000.
    pub unread: Vec<Unread>,
    /// How many there are in all.
    pub unread_count: usize,
}

impl ReadReport {
    /// The counts of a field.
    #[must_use]
    pub fn field(&self, field: SourceField) -> FieldCount {
        self.fields.get(&field).copied().unwrap_or_default()
    }

    /// The counts as a table for a terminal or a log, one field a line.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = format!(
            "{} lines, {} procedures, {} places unread\n",
            self.lines, self.procedures, self.unread_count
        );
        for (field, count) in &self.fields {
            let name = format!("{field:?}");
            let FieldCount { said, read, absent } = count;
            let line = format!(
                "{name:<12} said {said:>6}  read {read:>6}  {:>5.1} %  absent {absent:>5}\n",
                count.percent()
            );
            table.push_str(&line);
        }
        table
    }
}

/// Takes down what happens to one procedure.
pub(super) struct Notes<'a> {
    report: &'a mut ReadReport,
    line: usize,
    pub(super) code: String,
}

impl<'a> Notes<'a> {
    pub(super) fn new(report: &'a mut ReadReport, line: usize, code: &str) -> Self {
        Self {
            report,
            line,
            code: code.trim().chars().take(40).collect(),
        }
    }

    /// The source says something and it was read.
    pub(super) fn read(&mut self, field: SourceField) {
        let count = self.report.fields.entry(field).or_default();
        count.said += 1;
        count.read += 1;
    }

    /// The source says nothing.
    pub(super) fn absent(&mut self, field: SourceField) {
        self.report.fields.entry(field).or_default().absent += 1;
    }

    /// The source says something that cannot be read.
    pub(super) fn unread(&mut self, field: SourceField, reason: &'static str, text: &str) {
        self.report.fields.entry(field).or_default().said += 1;
        self.report.unread_count += 1;
        if self.report.unread.len() < UNREAD_MAX {
            let excerpt = text.trim().chars().take(EXCERPT_CHARS).collect();
            self.report.unread.push(Unread {
                line: self.line,
                code: self.code.clone(),
                field,
                reason,
                excerpt,
            });
        }
    }

    /// Counts a text that is either there or not.
    pub(super) fn text(&mut self, field: SourceField, is_there: bool) {
        if is_there { self.read(field) } else { self.absent(field) }
    }
}
