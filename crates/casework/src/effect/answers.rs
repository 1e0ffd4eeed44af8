//! The answers of a dossier as the formulas of effects read them. Owns the way from the sealed content to facts and to the people
//! whom answers name; opens it for one purpose, whose use is on record before. It refuses to guess a person: who has neither a
//! number nor a name is nobody.

use std::collections::BTreeMap;

use definition::FieldKind as Kind;
use definition::effect::{APPLICANT, DOSSIER_CODE};
use definition::expression::{Facts, Value};
use definition::procedure::Channel;
use identity::person::{self, PersonDetails};
use kernel::PersonId;
use web::form::Values;

use super::{Claims, Who};
use crate::Casework;
use crate::definitions::{Defined, Pin};
use crate::dossier::{Content, Dossier, DossierError};
use crate::draft::rules::Known;
use crate::procedure::form::answered::{self, Filing};
use crate::procedure::form::web_name;

/// Most people of one answer.
const PEOPLE_MAX: usize = 200;

/// What was answered, with the definition whose form it is.
pub(crate) struct Answered {
    pub(crate) defined: Defined,
    pub(crate) facts: Facts,
    pub(crate) claims: Claims,
}

/// The definition that a dossier runs under; none where its procedure has none.
pub(crate) async fn defined(
    house: &Casework,
    dossier: &Dossier,
    content: &Content,
) -> Result<Option<Defined>, DossierError> {
    match &content.definition {
        Some(pin) => Ok(Pin::find(Some(pin), &dossier.procedure, house.store()).await?),
        // What came in before dossiers kept their definition, or by hand, is read by the one of today.
        None => Ok(house
            .definitions()
            .of(&dossier.procedure)
            .await?
            .map(|(defined, _)| defined)),
    }
}

/// Reads the content of a dossier as formulas do.
pub(crate) fn read(house: &Casework, dossier: &Dossier, content: &Content, defined: Defined) -> Answered {
    let known = Known {
        name: content.name.clone(),
        person_id: content.person_id.clone(),
        address: content.address.clone(),
        phone: content.phone.clone(),
        email: content.email.clone(),
        birthday: content.birthday.clone(),
    };
    let values = answered::values(&content.answers);
    let filing = Filing {
        today: house.now().local_date(),
        channel: Channel::Online,
        representation: Some(dossier.representation.word()),
        known: &known,
    };
    let mut facts = answered::facts(&defined, &values, &filing);
    facts.set(DOSSIER_CODE, Value::Text(dossier.code.to_string()));
    let mut claims = Claims::new();
    claims.insert(APPLICANT.to_owned(), vec![Who::Applicant(dossier.person)]);
    facts.set(APPLICANT, Value::Text(APPLICANT.to_owned()));
    for field in defined.procedure.form.iter().filter(|field| field.kind == Kind::Person) {
        let path = format!("form.{}", field.name);
        let who = people(house, dossier, content, (field, &values));
        let value = match (who.len(), field.many) {
            (0, _) => Value::Null,
            (_, None) => Value::Text(path.clone()),
            // As many as there are, so that formulas count them; each leads to the same answer.
            (count, Some(_)) => Value::Many(vec![Value::Text(path.clone()); count]),
        };
        facts.set(path.as_str(), value);
        claims.insert(path, who);
    }
    Answered { defined, facts, claims }
}

/// Whom an answer names.
fn people(
    house: &Casework,
    dossier: &Dossier,
    content: &Content,
    (field, values): (&definition::Field, &Values),
) -> Vec<Who> {
    let name = web_name(&field.name);
    if field.many.is_none() {
        let (named, number) = (values.text(&format!("{name}-name")), values.text(&format!("{name}-id")));
        let is_applicant = !number.is_empty() && number == content.person_id && content.represented.is_none();
        return if is_applicant {
            vec![Who::Applicant(dossier.person)]
        } else {
            claim(house, named, number).into_iter().collect()
        };
    }
    let lines = values.all(&name).iter().flat_map(|text| text.lines()).take(PEOPLE_MAX);
    let parted = lines.map(|line| line.split_once([',', ';']).unwrap_or((line, "")));
    parted
        .filter_map(|(named, number)| claim(house, named, number.trim()))
        .collect()
}

fn claim(house: &Casework, name: &str, number: &str) -> Option<Who> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    let details = number.parse::<PersonId>().map_or_else(
        |_| PersonDetails::without_number(name),
        |number| PersonDetails::new(number, name),
    );
    let prepared = person::prepare(&house.keys(), house.world().as_ref(), &details).ok()?;
    Some(Who::Claimed(Box::new(prepared)))
}

/// The names that answers give to people, by path: for a page that was opened for them.
pub(crate) fn names(content: &Content, defined: Defined) -> BTreeMap<String, String> {
    let values = answered::values(&content.answers);
    let people = defined.procedure.form.iter().filter(|field| field.kind == Kind::Person);
    let mut names: BTreeMap<String, String> = people
        .map(|field| {
            let name = web_name(&field.name);
            let text = if field.many.is_none() {
                values.text(&format!("{name}-name")).to_owned()
            } else {
                values.all(&name).join("\n")
            };
            (format!("form.{}", field.name), text)
        })
        .collect();
    names.insert(APPLICANT.to_owned(), content.name.clone());
    names
}
