//! What an officer returns a dossier for: things that can be wrong with each paper of the procedure, prepared to be chosen, and
//! rows for whatever else. Owns the fields, what they read as, and what is wrong with them.
//! It refuses a defect without the clause that asks for it and without an example of what is right (NĐ 118/2025/NĐ-CP: one
//! request that says everything).

use kernel::{Bilingual, Lang};
use web::form::{Choice, Errors, Field, FieldKind, Form, Label, Values};

use crate::dossier::Defect;
use crate::dossier::rules::DEFECTS_MAX;
use crate::procedure::{ComponentSource, Procedure};
use kernel::words;

/// Rows for what was not prepared, at most: each can hold a defect of its own.
pub(crate) const ROWS_MAX: usize = DEFECTS_MAX;

/// Rows of a denial, which is rarely for more than one ground.
pub(crate) const DENIAL_ROWS: usize = 3;

/// Papers of one procedure whose faults are prepared; the longest real list is shorter.
const PAPERS_MAX: usize = 40;

/// What a row says beside what is wrong.
const PARTS: [&str; 4] = ["remedy", "basis", "clause", "example"];

/// Legal grounds offered in one list.
const GROUNDS_MAX: usize = 60;

words! {
    /// What can be wrong with a paper.
    Fault {
        /// It is not there.
        Missing = "missing",
        /// Nobody can read it.
        Unreadable = "unreadable",
        /// It has expired.
        Expired = "expired",
        /// It says something else than the form or another paper.
        Differs = "differs",
        /// A signature or a seal is missing.
        Unsigned = "unsigned",
    }
}

/// What can be prepared for the dossiers of one procedure.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prepared {
    /// Papers that are handed in: name, clause, example.
    papers: Vec<(Bilingual, String, String)>,
    /// Legal grounds of the procedure.
    grounds: Vec<String>,
}

impl Prepared {
    /// From the papers and the legal grounds of a procedure.
    pub(crate) fn of(procedure: &Procedure) -> Self {
        let is_brought = |source: ComponentSource| source == ComponentSource::Upload;
        let brought = procedure.components.iter().filter(|paper| is_brought(paper.source));
        let papers = brought.take(PAPERS_MAX).map(|paper| {
            let clause = paper.clause.clone().unwrap_or_else(|| published(procedure));
            let example = paper.example.clone();
            let example = example.unwrap_or_else(|| web::text(Lang::Vi, "defect-example-paper"));
            (paper.name.clone(), clause, example)
        });
        let grounds = procedure
            .legal_basis
            .iter()
            .map(|ground| ground.number.trim().to_owned());
        let mut seen = std::collections::BTreeSet::new();
        Self {
            papers: papers.collect(),
            grounds: grounds
                .filter(|number| !number.is_empty() && seen.insert(number.clone()))
                .take(GROUNDS_MAX)
                .collect(),
        }
    }

    /// The whole list of defects: what was ticked first, then what was typed.
    pub(crate) fn read(&self, values: &Values) -> Vec<Defect> {
        let ticked = self.papers.iter().enumerate().flat_map(|(at, paper)| {
            let faults = values.all(&paper_field(at)).iter();
            faults.filter_map(move |word| Some(of_paper(word.parse().ok()?, paper)))
        });
        let typed = (1..=ROWS_MAX).filter_map(|at| typed(values, at));
        ticked.chain(typed).collect()
    }

    /// Every fault of the list itself: nothing listed, too much, a defect without its clause or example.
    pub(crate) fn check(&self, values: &Values) -> Errors {
        let mut errors = Errors::none();
        let listed = self.read(values);
        let is_begun = |at: usize| {
            PARTS
                .iter()
                .any(|part| !values.text(&format!("{part}-{at}")).trim().is_empty())
        };
        if listed.is_empty() && !(1..=ROWS_MAX).any(is_begun) {
            errors.add("what-1", "error-dossier-defects-missing");
        }
        if listed.len() > DEFECTS_MAX {
            errors.add("what-1", "error-dossier-defects-missing");
        }
        for at in 1..=ROWS_MAX {
            let Some(defect) = typed(values, at) else {
                // What stands beside nothing would be dropped without a word.
                if is_begun(at) {
                    errors.add(format!("what-{at}"), "defect-nothing-said");
                }
                continue;
            };
            if defect.clause.is_empty() {
                errors.add(format!("clause-{at}"), "defect-clause-missing");
            }
            if defect.example.is_empty() {
                errors.add(format!("example-{at}"), "defect-example-missing");
            }
        }
        errors
    }

    /// The fields of a whole return: papers with a choice each, then rows, and a way to have one row more.
    pub(crate) fn fields(&self, form: Form, rows: usize) -> Form {
        let mut form = form;
        if !self.papers.is_empty() {
            form = form.voluntary_section("defect-papers", Some("defect-papers-hint"));
        }
        for (at, (name, ..)) in self.papers.iter().enumerate() {
            let faults = Fault::ALL.iter();
            let choices = faults.map(|fault| Choice::new(fault.word(), format!("defect-fault-{fault}").as_str()));
            let kind = FieldKind::Select {
                choices: choices.collect(),
            };
            form = form.field(Field::new(paper_field(at), Label::Text(name.clone()), kind).optional());
        }
        let rows = rows.clamp(1, ROWS_MAX);
        let form = (1..=rows).fold(form, |form, at| {
            let title = |lang| web::text_with(lang, "desk-defect-item", &[("n", at.into())]);
            let title = Bilingual::new(title(Lang::Vi), title(Lang::En));
            let hint = (at == 1).then_some("defect-item-hint");
            self.row(form.voluntary_section(Label::Text(title), hint), at, None)
        });
        if rows < ROWS_MAX {
            form.with_more("defect-more")
        } else {
            form
        }
    }

    /// The rows of a denial, asked only when the outcome is one.
    pub(crate) fn denial(&self, form: Form) -> Form {
        let form = form.voluntary_section("defect-denial", Some("defect-denial-hint"));
        (1..=DENIAL_ROWS).fold(form, |form, at| self.row(form, at, Some(("outcome", "denied"))))
    }

    fn row(&self, form: Form, at: usize, when: Option<(&str, &str)>) -> Form {
        let asked = |field: Field| {
            let field = field.optional();
            match when {
                Some((name, is)) => field.when(name, &[is]),
                None => field,
            }
        };
        let label = |key: &str| match when {
            None => Label::from(key),
            Some(_) => {
                let words = |lang| format!("{at}. {}", web::text(lang, key));
                Label::Text(Bilingual::new(words(Lang::Vi), words(Lang::En)))
            }
        };
        let line = |name: &str, key: &str| Field::text(format!("{name}-{at}"), label(key)).max_len(1_000);
        let mut form = form.field(asked(line("what", "desk-defect-what")));
        if when.is_none() {
            form = form.field(asked(line("remedy", "desk-defect-remedy")));
        }
        if !self.grounds.is_empty() {
            let grounds = self
                .grounds
                .iter()
                .map(|number| Choice::named(number.as_str(), number.as_str()));
            form = form.field(asked(Field::select(
                format!("basis-{at}"),
                label("defect-basis"),
                grounds.collect(),
            )));
        }
        form.field(asked(line("clause", "desk-defect-clause").hint("defect-clause-hint")))
            .field(asked(line("example", "defect-example").hint("defect-example-hint")))
    }
}

/// How many rows a form was sent with; empty ones are sent too. One where it was not sent yet.
pub(crate) fn rows_of(submitted: &web::Submitted) -> usize {
    let sent = (1..=ROWS_MAX).rev().find(|at| submitted.has(&format!("what-{at}")));
    sent.unwrap_or(1)
}

/// Name of the boxes of one paper.
fn paper_field(at: usize) -> String {
    format!("paper-{at}")
}

/// What asks for a paper when nothing says it more exactly: the list of papers as it was published.
fn published(procedure: &Procedure) -> String {
    let code = procedure.code.to_string();
    let basis = procedure.legal_basis.first().map(|ground| ground.number.as_str());
    let source = Some(procedure.decision.as_str())
        .filter(|decision| !decision.is_empty())
        .or(basis);
    match source {
        Some(source) => web::text_with(
            Lang::Vi,
            "defect-published-by",
            &[("code", code.into()), ("by", source.into())],
        ),
        None => web::text_with(Lang::Vi, "defect-published", &[("code", code.into())]),
    }
}

/// A prepared fault of a paper as a defect. What a dossier keeps is Vietnamese, like every paper that it goes on.
fn of_paper(fault: Fault, (name, clause, example): &(Bilingual, String, String)) -> Defect {
    let words = |key: &str| web::text_with(Lang::Vi, key, &[("paper", name.vi.as_str().into())]);
    Defect {
        what: words(&format!("defect-what-{fault}")),
        remedy: words(&format!("defect-remedy-{fault}")),
        clause: clause.clone(),
        example: example.clone(),
    }
}

/// A typed row; none where nothing says what is wrong.
fn typed(values: &Values, at: usize) -> Option<Defect> {
    let text = |name: &str| values.text(&format!("{name}-{at}")).trim().to_owned();
    let what = text("what");
    let parts = [text("clause"), text("basis")];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    (!what.is_empty()).then(|| Defect {
        what,
        remedy: text("remedy"),
        clause: parts.join(", "),
        example: text("example"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared() -> Prepared {
        web::i18n::register(&[crate::TEXT, crate::EXACT_TEXT]);
        let line = crate::testing::CATALOGUE.lines().next().expect("a procedure");
        let mut procedure: Procedure = serde_json::from_str(line).expect("it reads");
        procedure.decision = "163/QĐ-BTP".to_owned();
        Prepared::of(&procedure)
    }

    #[test]
    fn a_ticked_fault_is_a_whole_defect() {
        let all = prepared();
        let mut values = Values::none();
        values.set_all("paper-0", vec!["missing".to_owned(), "nonsense".to_owned()]);
        let listed = all.read(&values);
        assert_eq!(listed.len(), 1, "a word that is none is nothing");
        assert!(
            listed[0].is_whole() && listed[0].what.contains("Giấy chứng sinh"),
            "{listed:?}"
        );
        assert!(listed[0].clause.contains("163/QĐ-BTP"), "{listed:?}");
        assert!(all.check(&values).is_empty());
    }

    #[test]
    fn rows_come_one_by_one_and_end() {
        let all = prepared();
        let names = |form: &Form| form.fields().filter(|field| field.name.starts_with("what-")).count();
        let sent = |texts: &[(&str, &str)]| web::Submitted::of_texts(uuid::Uuid::nil(), texts);
        let start = || Form::new("act", "/act");
        assert_eq!(rows_of(&sent(&[])), 1);
        let two = sent(&[("what-1", ""), ("what-2", ""), ("one-more", "1")]);
        let form = all.fields(start(), rows_of(&two));
        assert_eq!(names(&form), 2, "what was sent empty is still there");
        assert!(form.asks_more(&two) && !form.asks_more(&sent(&[("what-1", "x")])));
        let last = all.fields(start(), 9_999);
        assert_eq!(names(&last), ROWS_MAX);
        assert!(!last.asks_more(&two), "after the last row there is no more");
    }

    #[test]
    fn what_is_typed_needs_its_clause_and_its_example() {
        let all = prepared();
        let bare = Values::none().with("what-2", "Ảnh mờ").with("basis-2", "");
        let wrong: Vec<String> = all.check(&bare).iter().map(|error| error.field.clone()).collect();
        assert_eq!(wrong, ["clause-2", "example-2"]);
        let whole = bare
            .with("basis-2", "NĐ 123/2015/NĐ-CP")
            .with("clause-2", "Điều 9")
            .with("example-2", "Ảnh chụp thẳng");
        assert!(all.check(&whole).is_empty());
        assert_eq!(all.read(&whole)[0].clause, "Điều 9, NĐ 123/2015/NĐ-CP");
        let nothing_said = all.check(&Values::none().with("remedy-2", "Chụp lại"));
        let wrong: Vec<&str> = nothing_said.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(wrong, ["what-2"], "what stands beside nothing is not dropped");
        let none = all.check(&Values::none());
        assert_eq!(none.iter().count(), 1, "an empty list is no return");
    }
}
