//! A small part of SQL over one resource: `SELECT … FROM "resource" WHERE … GROUP BY … ORDER BY … LIMIT …`. Owns its grammar and its
//! bounds. What it reads becomes a tree that is checked against the fields of the resource; the text itself never reaches a database
//! engine. It refuses joins, subqueries, functions other than five aggregates, comments, and a second statement.

mod lexer;
mod parser;
pub mod plan;

pub use parser::parse;

/// Longest statement, in bytes.
pub const BYTES_MAX: usize = 4_000;
/// Deepest nesting of a condition.
pub const DEPTH_MAX: usize = 32;
/// Most columns of an answer, fields of an order, values of a list.
pub const LIST_MAX: usize = 100;
/// Most rows of an answer, as CKAN has it.
pub const ROWS_MAX: u64 = 32_000;
/// Rows of an answer that says nothing else.
pub const ROWS_DEFAULT: u64 = 100;

/// Why a statement is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// Something else than the grammar has stands here.
    #[error("at character {at}: expected {expected}")]
    Expected {
        /// Place, in characters from 1.
        at: usize,
        /// What could stand here.
        expected: &'static str,
    },
    /// Longer, deeper or with more parts than is read.
    #[error("the statement is longer, deeper or has more parts than is read")]
    TooLarge,
    /// No such field.
    #[error("there is no field {0:?}")]
    Field(String),
    /// The field cannot be used like this.
    #[error("{0:?} cannot be used like this: {1}")]
    Type(String, &'static str),
    /// A field beside an aggregate that the rows are not grouped by.
    #[error("{0:?} must stand in GROUP BY or in an aggregate")]
    Grouping(String),
    /// The engine could not work it out: a sum that is too large.
    #[error("the answer cannot be computed: a sum is too large, or the work took too long")]
    Engine,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The resource.
    pub from: String,
    /// Whether each row is answered once.
    pub distinct: bool,
    /// What is asked for; everything when empty.
    pub items: Vec<Item>,
    /// Which rows.
    pub filter: Option<Cond>,
    /// Fields by which rows are grouped.
    pub group: Vec<String>,
    /// The order of the answer: a field or the name of an item, and whether from the greatest.
    pub order: Vec<(String, bool)>,
    /// Most rows.
    pub limit: Option<u64>,
    /// Rows passed over.
    pub offset: u64,
}

/// A column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is worked out.
    pub what: What,
    /// Its name in the answer.
    pub alias: Option<String>,
}

/// What a column of the answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A field.
    Field(String),
    /// How many rows.
    CountAll,
    /// An aggregate of a field; `true` counts each value once, for `count` alone.
    Aggregate(Aggregate, String, bool),
}

kernel::words! {
    /// An aggregate.
    Aggregate {
        /// How many values.
        Count = "count",
        /// Their sum.
        Sum = "sum",
        /// The least.
        Min = "min",
        /// The greatest.
        Max = "max",
        /// Their mean.
        Avg = "avg",
    }
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `<>`, `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// Text, and days as `'2026-01-31'`.
    Text(String),
    /// A number: units and decimals.
    Number(i64, u8),
    /// `TRUE`, `FALSE`.
    Bool(bool),
}

/// A condition on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cond {
    /// Both.
    And(Box<Cond>, Box<Cond>),
    /// One of them.
    Or(Box<Cond>, Box<Cond>),
    /// The opposite.
    Not(Box<Cond>),
    /// A field held against a value.
    Compare(String, Op, Literal),
    /// `IS NULL`; `IS NOT NULL` when false.
    IsNull(String, bool),
    /// One of these.
    In(String, Vec<Literal>),
    /// `LIKE`: the text, and whether something may stand before and behind it.
    Like {
        /// The field.
        field: String,
        /// What must be there.
        text: String,
        /// `%` before it.
        before: bool,
        /// `%` behind it.
        behind: bool,
    },
}

impl Item {
    /// A field under its own name.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self {
            what: What::Field(name.to_owned()),
            alias: None,
        }
    }

    /// The name of the column in the answer.
    #[must_use]
    pub fn name(&self) -> &str {
        match (&self.alias, &self.what) {
            (Some(alias), _) => alias,
            (None, What::Field(name)) => name,
            (None, What::CountAll) => "count",
            (None, What::Aggregate(aggregate, ..)) => aggregate.word(),
        }
    }
}

impl Cond {
    /// Both of two conditions, where there are two.
    #[must_use]
    pub fn both(one: Option<Self>, other: Self) -> Self {
        match one {
            Some(one) => Self::And(Box::new(one), Box::new(other)),
            None => other,
        }
    }
}
