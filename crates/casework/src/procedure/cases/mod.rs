//! Papers that are needed in some cases only, where nothing but the catalogue says which: one question, made of the catalogue's
//! own names of its cases, and the papers that its answer requires.
//! It refuses to guess: a heading that is no case is not asked, a paper that is needed "if there is one" stays a choice, and of
//! "one of the following papers" one is required and no certain one.
//! Law: NĐ 63/2010/NĐ-CP (papers of a procedure are published by case), NĐ 45/2020/NĐ-CP Điều 10 (nothing else is asked).

#[cfg(test)]
pub(crate) mod tests;

use kernel::Bilingual;
use kernel::fold::fold;
use web::form::{Choice, Field, FieldKind, Label, Section, Values};

use super::form::FormSchema;
use super::search::slug;
use super::{Component, ComponentSource, Procedure};

/// Name of the question among the answers of a form.
pub const FIELD: &str = "case";

/// The answer of whom no case applies to.
pub const NONE: &str = "none";

/// Longest word of a case, in bytes.
const WORD_BYTES_MAX: usize = 80;

/// How headings begin that hold for everybody, or explain: folded.
const HEADINGS: [&str; 8] = [
    "giay to phai",
    "xuat trinh",
    "luu y",
    "nguoi yeu cau chung thuc",
    "nguoi uy quyen va nguoi duoc uy quyen",
    "phieu ",
    "trong phieu",
    "chung cu chung minh",
];

/// A case that the catalogue tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its answer: made of its name, so that another order of cases changes no answer.
    pub word: String,
    /// Its name as the catalogue writes it.
    pub name: String,
    /// One of its papers is enough.
    pub is_either: bool,
}

/// The cases of a procedure, in the order of its papers; none where its answers do not depend on one.
#[must_use]
pub fn of(procedure: &Procedure) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for paper in &procedure.components {
        let Some(name) = paper.case.as_deref().filter(|name| is_case(name)) else {
            continue;
        };
        if cases.iter().any(|case| case.name == name) {
            continue;
        }
        let mut word = short(slug(bare(name)));
        if word.is_empty() || word == NONE || cases.iter().any(|case| case.word == word) {
            word = format!("{word}-{}", cases.len() + 1);
        }
        cases.push(Case {
            word,
            name: name.to_owned(),
            is_either: fold(name).contains("mot trong"),
        });
    }
    cases
}

/// The question: which of them apply. Several may, and so may none.
#[must_use]
pub fn question(procedure: &Procedure) -> Option<Field> {
    let cases = of(procedure);
    if cases.is_empty() {
        return None;
    }
    let mut choices: Vec<Choice> = cases
        .iter()
        .map(|case| Choice::new(case.word.as_str(), Label::Text(Bilingual::vi(case.name.as_str()))))
        .collect();
    choices.push(Choice::new(NONE, "procedure-case-none"));
    let field = Field::new(FIELD, "procedure-case", FieldKind::Checkboxes { choices });
    Some(field.hint("procedure-case-hint"))
}

/// The form with the question in front of it.
#[must_use]
pub fn asked(procedure: &Procedure, mut schema: FormSchema) -> FormSchema {
    if let Some(question) = question(procedure) {
        let section = Section {
            fields: vec![question],
            ..Section::default()
        };
        schema.sections.insert(0, section);
    }
    schema
}

/// The procedure when these answers were given: papers of the cases that apply are required. `others` says what becomes of the
/// papers of other cases. Without an answer nothing changes.
#[must_use]
pub fn under(procedure: &Procedure, answers: &Values, others: Others) -> Procedure {
    let mut procedure = procedure.clone();
    let given = answers.all(FIELD);
    if given.is_empty() {
        return procedure;
    }
    let cases = of(&procedure);
    for paper in &mut procedure.components {
        let Some(case) = case_of(&cases, paper) else { continue };
        if given.contains(&case.word) {
            paper.required = !case.is_either && is_certain(paper, &case.name);
        } else if others == Others::Hidden && paper.source == ComponentSource::Upload {
            paper.source = ComponentSource::Register;
        }
    }
    procedure
}

/// What becomes of papers of cases that do not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They are not asked for: the applicant sees her own case.
    Hidden,
    /// They stay in sight as a choice: a desk takes what a person lays on it.
    Shown,
}

/// Papers of which one is enough, for each case of that kind that applies.
#[must_use]
pub fn either(procedure: &Procedure, answers: &Values) -> Vec<Vec<usize>> {
    let given = answers.all(FIELD);
    let cases = of(procedure);
    let applying = cases.iter().filter(|case| case.is_either && given.contains(&case.word));
    let papers = applying.map(|case| {
        let papers = procedure.components.iter().enumerate();
        let papers = papers.filter(|(_, paper)| {
            paper.source == ComponentSource::Upload && paper.case.as_ref() == Some(&case.name) && is_wanted(paper)
        });
        papers.map(|(at, _)| at).collect::<Vec<_>>()
    });
    papers.filter(|papers| !papers.is_empty()).collect()
}

/// The answer under which a paper is required that is not required now.
#[must_use]
pub fn requires(cases: &[Case], paper: &Component) -> Option<String> {
    let case = case_of(cases, paper)?;
    let upload = paper.source == ComponentSource::Upload;
    (upload && !case.is_either && is_certain(paper, &case.name)).then(|| case.word.clone())
}

fn case_of<'a>(cases: &'a [Case], paper: &Component) -> Option<&'a Case> {
    let name = paper.case.as_ref()?;
    cases.iter().find(|case| case.name == *name)
}

/// The name of a case without what only numbers it: "(1.1) ", "a) ", "6.3.1.2. ".
fn bare(name: &str) -> &str {
    let is_mark = |word: &str| {
        let inner = word.trim_matches(|c: char| matches!(c, '(' | ')' | '.' | ',' | '-'));
        let numbers = inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let romans = inner.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'));
        inner.len() < word.len() && (numbers || romans || inner.len() == 1)
    };
    match name.trim().split_once(' ') {
        Some((first, rest)) if is_mark(first) => rest.trim(),
        _ => name.trim(),
    }
}

fn is_case(name: &str) -> bool {
    let folded = fold(bare(name));
    !folded.is_empty() && !HEADINGS.iter().any(|start| folded.starts_with(start))
}

fn is_wanted(paper: &Component) -> bool {
    paper.originals + paper.copies > 0
}

/// Whether a paper of a case that applies is needed without another "if".
fn is_certain(paper: &Component, case: &str) -> bool {
    let folded = fold(&paper.name.vi);
    let clause = folded.split(';').next().unwrap_or_default();
    let is_proxy = clause.contains("uy quyen") && !fold(case).contains("uy quyen");
    let has_if = ["neu co", "truong hop", "doi voi"]
        .iter()
        .any(|words| clause.contains(words));
    is_wanted(paper) && !is_proxy && !has_if
}

/// Cut between words.
fn short(mut word: String) -> String {
    if word.len() > WORD_BYTES_MAX {
        let end = word[..WORD_BYTES_MAX].rfind('-').unwrap_or(WORD_BYTES_MAX);
        word.truncate(end);
    }
    word
}
