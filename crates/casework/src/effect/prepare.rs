//! Making effects ready before the transaction of their step: the dossier is opened for that purpose, people are sealed, ids and the
//! text of the result are made. Owns what a result begins with; the signer writes the rest.

use std::collections::BTreeMap;

use ::register::record::RecordId;
use definition::effect::{Entry, PaperKind};
use definition::machine::Effect;
use identity::{OfficerCaller, PersonRef, person};
use kernel::Lang;

use super::answers::{self, Answered};
use super::{EffectId, One, Prepared, Ready, What, rules, store};
use crate::Casework;
use crate::dossier::command::By;
use crate::dossier::state::{Action, Outcome};
use crate::dossier::{Content, Dossier, DossierError};
use crate::procedure::form::{FormSchema, under};
use crate::process::Way;
use crate::result::{self, ResultText};
use crate::track::mine;

/// Whom an answer names.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// The person whom the dossier is about.
    Applicant(PersonRef),
    /// Somebody else, as stated.
    Claimed(Box<person::Prepared>),
}

/// People by the path of the answer that names them.
pub(crate) type Claims = BTreeMap<String, Vec<Who>>;

/// Most lines of answers that a result begins with.
const LINES_MAX: usize = 30;

/// Makes the effects of the step ready that an action finishes. `outcome` is what is decided with it, or was before.
///
/// # Errors
/// When the officer may not open the dossier; what the store says.
pub(crate) async fn prepare(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    (way, action): (&Way, Action),
    (outcome, by): (Option<Outcome>, &By),
) -> Result<Prepared, DossierError> {
    let Some(step) = rules::finished(&way.process, dossier, action) else {
        return Ok(Prepared::Nothing);
    };
    let due: Vec<(i64, &Effect)> = rules::due(step).collect();
    if due.is_empty() || outcome != Some(Outcome::Granted) {
        return Ok(Prepared::Nothing);
    }
    let (sheaf, purpose) = crate::desk::http::disclosed(house, officer, &dossier.id.to_string()).await?;
    let opened = mine::open(house, &purpose, &sheaf)?;
    let defined = answers::defined(house, dossier, &opened.content).await?;
    let read = defined.map(|defined| answers::read(house, dossier, &opened.content, defined));
    let mut all = Vec::with_capacity(due.len());
    for (place, effect) in due {
        let id = EffectId::new(house.world().as_ref());
        let what = match effect {
            Effect::Issue { document, paper } => {
                let text = text(house, dossier, &opened.content, (document, *paper), read.as_ref()).await?;
                let signer = (by.account, by.name.as_deref().unwrap_or_default());
                What::Paper(Box::new(result::draft(house, dossier, id.uuid(), &text, signer)))
            }
            Effect::Register(entry) => {
                let written = store::written(house, &purpose, dossier.id, (&step.name, place)).await?;
                entered(house, dossier, entry, read.as_ref(), written, by)
            }
            _ => continue,
        };
        all.push(One { id, place, what });
    }
    Ok(Prepared::Ready(all))
}

/// A record ready to be written; one that an officer enters where nothing says how, or where the register does not keep it.
fn entered(
    house: &Casework,
    dossier: &Dossier,
    entry: &Entry,
    read: Option<&Answered>,
    written: BTreeMap<String, String>,
    by: &By,
) -> What {
    let system = read.map(|read| read.defined.system.code.clone()).unwrap_or_default();
    let kind = house
        .registers()
        .and_then(|all| all.kind(&system, &entry.register).ok());
    match (kind, read) {
        (Some(kind), Some(read)) if !entry.is_by_hand() => What::Record(Box::new(Ready {
            kind,
            entry: entry.clone(),
            facts: read.facts.clone(),
            claims: read.claims.clone(),
            written,
            id: RecordId::new(house.world().as_ref()),
            by: ::register::By {
                account: Some(by.account),
                who: by.name.clone().unwrap_or_default(),
                // The agency that decides keeps the record, wherever the officer sits.
                unit: dossier.unit,
            },
            code: dossier.code.to_string(),
            reason: dossier.procedure_name.clone(),
        })),
        _ => What::ByHand {
            register: (system, entry.register.clone()),
        },
    }
}

/// What a result begins with: its kind, what it is about, the grounds of the procedure, and what was asked for.
async fn text(
    house: &Casework,
    dossier: &Dossier,
    content: &Content,
    (document, paper): (&str, PaperKind),
    read: Option<&Answered>,
) -> Result<ResultText, DossierError> {
    let name = read.map(|read| read.defined.label(&format!("document.{document}")).vi);
    let name = name.unwrap_or_else(|| dossier.procedure_name.clone());
    let basis = read.map_or(&[][..], |read| &read.defined.procedure.basis);
    let mut grounds: Vec<String> = basis.iter().map(|one| format!("Căn cứ {one}")).collect();
    grounds.extend(result::usual_grounds(dossier));
    let holder = content
        .organisation
        .as_ref()
        .map_or(&content.name, |organisation| &organisation.name);
    let mut articles = vec![format!("{name} cho: {holder}.")];
    articles.extend(asked(house, dossier, content).await?);
    Ok(ResultText {
        kind: rules::result_kind(paper),
        about: name,
        grounds,
        articles,
        recipients: result::usual_recipients(),
        authority: String::new(),
        office: result::office_of(house, dossier),
    })
}

/// The answers as lines: label and answer.
async fn asked(house: &Casework, dossier: &Dossier, content: &Content) -> Result<Vec<String>, DossierError> {
    let found = house
        .catalogue()
        .find(&dossier.procedure, Some(dossier.procedure_version))
        .await?;
    let schema = match found {
        Some((procedure, _)) => {
            let today = house.now().local_date();
            let under = under::of_dossier(procedure, content, dossier.representation, today, house.store()).await?;
            under.form_or_generic()
        }
        None => FormSchema::default(),
    };
    let lines = schema.fields().filter_map(|field| {
        let value = content.answers.get(&field.name)?;
        let texts: Vec<&str> = match value {
            serde_json::Value::Array(all) => all.iter().filter_map(|one| one.as_str()).collect(),
            serde_json::Value::String(text) => vec![text],
            _ => Vec::new(),
        };
        let shown = texts.iter().filter(|text| !text.trim().is_empty());
        let words: Vec<String> = shown
            .map(|text| crate::draft::rules::shown(field, text, Lang::Vi))
            .collect();
        (!words.is_empty()).then(|| {
            format!(
                "{}: {}",
                field.label.get(Lang::Vi),
                words.join("; ").replace('\n', "; ")
            )
        })
    });
    Ok(lines.take(LINES_MAX).collect())
}
