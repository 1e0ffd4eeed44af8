//! Faults of definitions: every one with its file, line, column, a stable code, and words in both languages.
//! It owns the list of codes; the words stand in `text/`. It refuses to stop at the first fault: whoever
//! writes a definition wants to hear all of them at once.

use crate::expression::{ExpressionError, Wrong};
use crate::near::nearest;
use crate::words;
use kernel::{Bilingual, Lang};
use std::cell::RefCell;
use std::fmt;

/// Most faults that are kept; a folder with more is no definition.
pub const FAULTS_MAX: usize = 500;

macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        /// The kinds of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultCode { $($(#[$meta])* $variant),+ }

        impl FaultCode {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code, in kebab-case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}

codes! {
    /// The file is no TOML.
    NotToml = "not-toml",
    /// A file that is no part of a system.
    FileUnknown = "file-unknown",
    /// A file that every system has is not there.
    FileMissing = "file-missing",
    /// More files, a longer file, a longer or deeper expression than there may be.
    TooLarge = "too-large",
    /// A key that means nothing here.
    KeyUnknown = "key-unknown",
    /// A key that must be there is not.
    KeyMissing = "key-missing",
    /// Two keys that exclude each other.
    KeyConflict = "key-conflict",
    /// A value of another type.
    ValueType = "value-type",
    /// A number outside its range.
    ValueRange = "value-range",
    /// A name that is not written as names are.
    NameShape = "name-shape",
    /// The same name or code twice.
    NameTwice = "name-twice",
    /// A word that is none of the words of its key.
    WordUnknown = "word-unknown",
    /// A duration without a unit, or with an unknown one.
    DurationInvalid = "duration-invalid",
    /// A size of a file without a unit.
    SizeInvalid = "size-invalid",
    /// A measured number without its unit.
    UnitMissing = "unit-missing",
    /// The least is more than the most.
    RangeEmpty = "range-empty",
    /// A pattern outside the language of patterns.
    PatternInvalid = "pattern-invalid",
    /// A value that its field refuses.
    ValueUnfit = "value-unfit",
    /// A period that ends before it begins.
    DatesOrder = "dates-order",
    /// A code of a procedure that is none.
    ProcedureCodeInvalid = "procedure-code-invalid",
    /// A field that is not declared.
    FieldUnknown = "field-unknown",
    /// A kind of record that is not declared.
    RecordUnknown = "record-unknown",
    /// A register that neither this system nor the province has.
    RegisterUnknown = "register-unknown",
    /// A role that the province does not have.
    RoleUnknown = "role-unknown",
    /// A tier, agency or steward that the province does not have.
    UnitUnknown = "unit-unknown",
    /// A list of codes that the province does not have.
    ListUnknown = "list-unknown",
    /// A document that is not declared.
    DocumentUnknown = "document-unknown",
    /// A hook that the program does not have.
    HookUnknown = "hook-unknown",
    /// A state that is not declared.
    StateUnknown = "state-unknown",
    /// An action that is not declared.
    ActionUnknown = "action-unknown",
    /// A procedure that nobody defines.
    ProcedureUnknown = "procedure-unknown",
    /// A source from which no field can fill itself.
    SourceUnknown = "source-unknown",
    /// A declared check that does not exist.
    CheckUnknown = "check-unknown",
    /// An expression that cannot be read.
    ExpressionSyntax = "expression-syntax",
    /// An expression that names what is not declared.
    ExpressionName = "expression-name",
    /// An expression whose types do not go together.
    ExpressionType = "expression-type",
    /// A formula that cannot be counted in a database.
    FormulaNotCountable = "formula-not-countable",
    /// A state that nothing leads to.
    StateUnreachable = "state-unreachable",
    /// A state from which no end can be reached.
    StateEndless = "state-endless",
    /// A state with neither deadline nor end.
    DeadlineMissing = "deadline-missing",
    /// An ended state that an action leaves.
    EndLeft = "end-left",
    /// The quotas of the steps exceed the time to settle.
    QuotaExceedsTime = "quota-exceeds-time",
    /// A consultation longer than the step that waits for it.
    ConsultExceedsQuota = "consult-exceeds-quota",
    /// A paper or a register that is told of what is not decided yet.
    EffectEarly = "effect-early",
    /// A record that is looked for by something else than its key.
    EffectKey = "effect-key",
    /// A value of another type than the field that it fills.
    TypesDiffer = "types-differ",
    /// A field that is not open, of a record that may be anybody's.
    LookupClosed = "lookup-closed",
    /// A personal field in open data, in a title or in a list.
    PersonalShown = "personal-shown",
    /// A filter or an order by a field without index.
    IndexMissing = "index-missing",
    /// A text missing in one of the languages.
    TextMissing = "text-missing",
    /// A text that nothing shows.
    TextUnused = "text-unused",
    /// A case that does not end as it says.
    CaseFails = "case-fails",
    /// A sample that is not what it says.
    SampleFails = "sample-fails",
}

/// A place in one of the files. All places are equal to one another: two definitions that say the same are the same.
#[derive(Debug, Clone, Copy, Eq, Default)]
pub struct Place {
    pub(crate) file: usize,
    pub(crate) at: usize,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path of the file inside the folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Which kind.
    pub code: FaultCode,
    /// What is wrong and what would be right.
    pub words: Bilingual,
}

impl fmt::Display for Fault {
    /// `records.toml:4:9: key-unknown: …`, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = (&self.file, self.line, self.column);
        let words = self.words.get(Lang::En);
        write!(f, "{file}:{line}:{column}: {}: {words}", self.code.code())
    }
}

/// Every fault of a folder, by file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} faults in the definition, the first: {}", .0.len(), .0.first().map_or_else(String::new, Fault::to_string))]
pub struct Faults(pub Vec<Fault>);

/// A file as it was given.
#[derive(Debug)]
pub(crate) struct SourceText {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Where faults are gathered.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) files: Vec<SourceText>,
    found: RefCell<Vec<Fault>>,
}

impl Sink {
    pub(crate) const fn new(files: Vec<SourceText>) -> Self {
        Self {
            files,
            found: RefCell::new(Vec::new()),
        }
    }

    /// Notes a fault; `args` fill `{0}`, `{1}` … of its words, known phrases in either language.
    pub(crate) fn say(&self, code: FaultCode, place: Place, args: &[&str]) {
        self.say_both(code, place, args, args);
    }

    fn say_both(&self, code: FaultCode, place: Place, en: &[&str], vi: &[&str]) {
        let mut found = self.found.borrow_mut();
        if found.len() < FAULTS_MAX {
            let (file, line, column) = self.position(place);
            let words = words::of(code, en, vi);
            found.push(Fault {
                file,
                line,
                column,
                code,
                words,
            });
        }
    }

    /// Notes a word that is not among `known`, with the nearest of them.
    pub(crate) fn say_unknown<'a>(
        &self,
        code: FaultCode,
        place: Place,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let near = nearest(word, known).unwrap_or_default();
        self.say(code, place, &[word, near]);
    }

    /// Notes what is wrong with an expression that begins at `place`.
    pub(crate) fn say_expression(&self, place: Place, error: &ExpressionError) {
        let (code, near) = match &error.what {
            Wrong::Path { near, .. } => (FaultCode::ExpressionName, near.as_deref()),
            Wrong::Choice { near, .. } => (FaultCode::ExpressionType, near.as_deref()),
            Wrong::Compare { .. }
            | Wrong::Operand { .. }
            | Wrong::Units { .. }
            | Wrong::TooLarge
            | Wrong::Result { .. } => (FaultCode::ExpressionType, None),
            Wrong::TooLong | Wrong::TooDeep => (FaultCode::TooLarge, None),
            Wrong::Character(_)
            | Wrong::Text
            | Wrong::Number
            | Wrong::Literal(_)
            | Wrong::Expected { .. }
            | Wrong::Function(_) => (FaultCode::ExpressionSyntax, None),
        };
        // The text begins behind its opening quote.
        let place = Place {
            at: place.at + 1 + error.at.0,
            ..place
        };
        let near = near.unwrap_or_default();
        let en = match &error.what {
            Wrong::Path { path, .. } => path.clone(),
            what => what.to_string(),
        };
        let vi = words::of_wrong(&error.what);
        self.say_both(code, place, &[&en, near], &[&vi, near]);
    }

    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    pub(crate) fn into_faults(self) -> Vec<Fault> {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        found
    }

    fn position(&self, place: Place) -> (String, usize, usize) {
        let Some(file) = self.files.get(place.file) else {
            return (String::new(), 1, 1);
        };
        let mut at = place.at.min(file.text.len());
        while !file.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &file.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (file.path.clone(), line, before[line_start..].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_where_it_is() {
        let text = "a = 1\nđất = 2\n".to_owned();
        let path = "records.toml".to_owned();
        let sink = Sink::new(vec![SourceText { path, text }]);
        sink.say_unknown(
            FaultCode::KeyUnknown,
            Place { file: 0, at: 12 },
            "requierd",
            ["required"],
        );
        sink.say_unknown(FaultCode::KeyUnknown, Place { file: 0, at: 0 }, "x", ["required"]);
        let faults = sink.into_faults();
        assert_eq!(
            faults[1].to_string(),
            "records.toml:2:4: key-unknown: The key “requierd” means nothing here. Did you mean “required”?"
        );
        assert_eq!(faults[0].words.get(Lang::Vi), "Khóa “x” không có nghĩa ở đây.");
    }
}
