//! A draft whose procedure has a newer version: it goes on under the one that holds on the day, and its citizen is told what
//! changed before she sends. It refuses to send under a version that has ended, and says so where no other can be filed.
//! Law: NĐ 63/2010/NĐ-CP (a procedure is settled as it was published on the day of filing).

use std::sync::Arc;

use kernel::{ErrorKind, ProcedureCode};
use web::Failure;
use web::form::Values;

use super::rules::{self, Known};
use super::view::NamedFile;
use super::{Answers, Begun, Draft, Step, http, store as table};
use crate::Casework;
use crate::definitions::{Defined, Pin};
use crate::dossier::DossierError;
use crate::file;
use crate::procedure::cases::{self, Others};
use crate::procedure::{Procedure, form};

/// A draft under the version that holds today.
pub(crate) struct Held {
    pub(crate) draft: Draft,
    pub(crate) answers: Answers,
    pub(crate) files: Vec<NamedFile>,
    /// With its form and papers.
    pub(crate) procedure: Arc<Procedure>,
    /// The same as it was when the draft was begun, when that has ended.
    pub(crate) begun: Option<Arc<Procedure>>,
    /// It was carried over just now.
    pub(crate) is_news: bool,
}

/// Finds the version under which a draft goes on, and carries it over when the one before has ended. Where the version still
/// holds, and its definition too, nothing moves: the form stays as it was begun.
///
/// # Errors
/// `ProcedureEnded` when the procedure was withdrawn or is no longer filed on line.
pub(crate) async fn held(
    house: &Casework,
    mut draft: Draft,
    mut answers: Answers,
    mut files: Vec<NamedFile>,
    known: &Known,
) -> Result<Held, Failure> {
    let code = draft.procedure.clone();
    let found = house.catalogue().find(&code, None).await?;
    let ended = || Failure::new(ErrorKind::Gone, kernel::Fault::code(&DossierError::ProcedureEnded));
    let (current, version) = found.filter(|(procedure, _)| procedure.is_online()).ok_or_else(ended)?;
    let today = house.definitions().of(&code).await?;
    let newest = today.as_ref().and_then(|(_, pin)| pin.clone());
    let is_news = version != draft.procedure_version || is_older(answers.definition.as_ref(), newest.as_ref());
    if is_news {
        let old = under(house, &draft, &answers, known).await?;
        let begun = Begun {
            version: draft.procedure_version,
            definition: answers.definition.take(),
        };
        answers.begun.get_or_insert(begun);
        answers.definition = newest;
        draft.procedure_version = version;
        let new = apply(house, current, today.map(|(defined, _)| defined), &answers, known);
        carry_over(house, &mut draft, &mut answers, &mut files, (&old, &new)).await?;
    }
    let procedure = under(house, &draft, &answers, known).await?;
    let begun = match &answers.begun {
        Some(begun) => {
            let was = Answers {
                definition: begun.definition.clone(),
                ..answers.clone()
            };
            let of_then = Draft {
                procedure_version: begun.version,
                ..draft.clone()
            };
            Some(under(house, &of_then, &was, known).await?)
        }
        None => None,
    };
    Ok(Held {
        draft,
        answers,
        files,
        procedure,
        begun,
        is_news,
    })
}

/// Whether a definition has a newer version. A text that was mended within a version moves no draft.
fn is_older(begun: Option<&Pin>, newest: Option<&Pin>) -> bool {
    match (begun, newest) {
        (Some(begun), Some(newest)) => begun.digest != newest.digest && begun.version != newest.version,
        _ => false,
    }
}

/// Marks what must be looked at once more, leads files to their paper in the new list, and saves both at once.
async fn carry_over(
    house: &Casework,
    draft: &mut Draft,
    answers: &mut Answers,
    files: &mut [NamedFile],
    (old, new): (&Procedure, &Procedure),
) -> Result<(), Failure> {
    if old.form_or_generic() != new.form_or_generic() && answers.of(Step::Form).is_some() {
        answers.again.insert(Step::Form.word().to_owned());
    }
    let names = |one: &Procedure| -> Vec<_> {
        rules::papers(one)
            .map(|(at, paper)| (at, paper.name.vi.clone(), paper.required))
            .collect()
    };
    let mut led = Vec::new();
    if names(old) != names(new) {
        for one in files.iter_mut() {
            let place = place_in(one.row.component, old, new);
            if place != one.row.component {
                one.row.component = place;
                led.push((one.row.id, place));
            }
        }
        if answers.of(Step::Files).is_some() {
            answers.set(Step::Files, Values::none());
            answers.again.insert(Step::Files.word().to_owned());
        }
    }
    let content = http::sealed(house, draft.id, answers);
    let (now, row) = (house.now(), draft.clone());
    let saved = house
        .store()
        .write(move |tx| {
            if !table::carry_over(tx, &row, &content, now)? {
                return Ok(false);
            }
            for (file, place) in &led {
                file::store::set_component(tx, *file, *place)?;
            }
            Ok::<_, DossierError>(true)
        })
        .await?;
    if !saved {
        return Err(DossierError::Stale { expected: 0, found: 0 }.into());
    }
    draft.revision += 1;
    Ok(())
}

/// The place of a file's paper in the new list; none when nothing asks for it any more.
fn place_in(component: Option<i64>, old: &Procedure, new: &Procedure) -> Option<i64> {
    let at = usize::try_from(component?).ok()?;
    let name = &old.components.get(at)?.name.vi;
    let found = new.components.iter().position(|paper| paper.name.vi == *name);
    found.and_then(|at| i64::try_from(at).ok())
}

/// The procedure of a draft's version with the form and the papers that its answers bring.
async fn under(house: &Casework, draft: &Draft, answers: &Answers, known: &Known) -> Result<Arc<Procedure>, Failure> {
    let text = text_of(house, &draft.procedure, draft.procedure_version).await?;
    let defined = match &answers.definition {
        Some(pin) => Pin::find(Some(pin), &draft.procedure, house.store()).await?,
        None => None,
    };
    Ok(apply(house, text, defined, answers, known))
}

fn apply(
    house: &Casework,
    text: Arc<Procedure>,
    defined: Option<Defined>,
    answers: &Answers,
    known: &Known,
) -> Arc<Procedure> {
    let Some(defined) = defined else {
        return match answers.of(Step::Form) {
            Some(own) => Arc::new(cases::under(&text, own, Others::Hidden)),
            None => text,
        };
    };
    let facts = http::facts_of(house, &defined, answers, known, answers.of(Step::Form));
    Arc::new(form::under::definition(&text, &defined, &facts))
}

async fn text_of(house: &Casework, code: &ProcedureCode, version: i64) -> Result<Arc<Procedure>, Failure> {
    let found = house.catalogue().find(code, Some(version)).await?;
    let found = found.ok_or_else(|| DossierError::Damaged("a draft's procedure is missing".to_owned()))?;
    Ok(found.0)
}
