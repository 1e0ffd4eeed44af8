//! What must be true of the people of a dossier, whichever way it comes in. Pure: values in, every fault out at once, each
//! beside its field.
//! Law: Bộ luật Dân sự 2015 Điều 21 (minors), 46-58 and 136 (guardians, legal representatives), 138 (proxies).

use identity::person::OldNumber;
use kernel::{Date, PersonId};
use web::form::{Errors, Values};

use super::{ApplicantKind, Organisation, Party, Tie};
use crate::dossier::state::Representation;

/// Years at which a person is of age (Bộ luật Dân sự 2015 Điều 20).
pub const OF_AGE_YEARS: i16 = 18;

/// Others who may apply together with the applicant.
pub const OTHERS_MAX: usize = 4;

/// Whether somebody born on `born` is not of age on `day`.
#[must_use]
pub fn is_minor(born: Date, day: Date) -> bool {
    let years = day.year() - born.year();
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    years < OF_AGE_YEARS || (years == OF_AGE_YEARS && !had_birthday)
}

/// The fields of the others: name and number.
#[must_use]
pub fn other_fields(at: usize) -> (String, String) {
    (format!("other-name-{at}"), format!("other-id-{at}"))
}

/// Those who apply together with the applicant, as typed.
#[must_use]
pub fn others(values: &Values) -> Vec<Party> {
    if !values.yes("has-others") {
        return Vec::new();
    }
    let one = |at: usize| {
        let (name, number) = other_fields(at);
        Party {
            name: values.text(&name).trim().to_owned(),
            person_id: values.text(&number).to_owned(),
        }
    };
    (1..=OTHERS_MAX)
        .map(one)
        .filter(|party| !party.name.is_empty())
        .collect()
}

/// The organisation that applies, as typed.
#[must_use]
pub fn organisation(values: &Values) -> Option<Organisation> {
    (values.text("applicant") == ApplicantKind::Organisation.word()).then(|| Organisation {
        tax_code: values.text("tax-code").to_owned(),
        name: values.text("organisation-name").trim().to_owned(),
        position: values.text("position").trim().to_owned(),
    })
}

/// Everything that is wrong with the people of a dossier. `own` is the applicant's number.
#[must_use]
pub fn check_people(values: &Values, own: &str, day: Date) -> Errors {
    let mut errors = Errors::none();
    check_represented(values, own, day, &mut errors);
    check_others(values, own, &mut errors);
    errors
}

fn check_represented(values: &Values, own: &str, day: Date, errors: &mut Errors) {
    let Ok(representation) = values.text("representation").parse::<Representation>() else {
        return;
    };
    let number = values.typed::<PersonId>("represented-id");
    let born = values.date("represented-born");
    if number.as_ref().is_some_and(|number| number.as_str() == own) {
        errors.add("represented-id", "intake-error-self");
    }
    match representation {
        Representation::Own => {}
        Representation::Heir => {
            let old = values.text("represented-old-id");
            if !old.trim().is_empty() && old.parse::<OldNumber>().is_err() {
                errors.add("represented-old-id", "person-number-form");
            }
        }
        Representation::Proxy => {
            if number.is_none() {
                errors.add("represented-id", "intake-error-proxy-number");
            }
            if born.is_some_and(|born| is_minor(born, day)) {
                errors.add("representation", "intake-error-proxy-minor");
            }
        }
        Representation::Guardian => match (values.text("tie").parse::<Tie>(), born) {
            (Ok(Tie::Parent | Tie::Guardian), Some(born)) if !is_minor(born, day) => {
                errors.add("represented-born", "intake-error-of-age");
            }
            (Ok(Tie::Parent | Tie::Guardian), None) => errors.add("represented-born", "intake-error-born"),
            (Err(_), _) => errors.add("tie", "intake-error-tie"),
            _ => {}
        },
    }
    if let (Some(number), Some(born)) = (&number, born)
        && number.check(Some(born), None).is_err()
    {
        errors.add("represented-id", "intake-error-year");
    }
}

fn check_others(values: &Values, own: &str, errors: &mut Errors) {
    if !values.yes("has-others") {
        return;
    }
    let mut seen = vec![own.to_owned()];
    let mut any = false;
    for at in 1..=OTHERS_MAX {
        let (name, number) = other_fields(at);
        let (is_named, typed) = (!values.text(&name).trim().is_empty(), values.text(&number));
        any |= is_named;
        match (is_named, typed.is_empty()) {
            (true, true) => errors.add(&number, "intake-error-other-number"),
            (false, false) => errors.add(&name, "intake-error-other-name"),
            (true, false) if seen.iter().any(|known| known == typed) => errors.add(&number, "intake-error-twice"),
            (true, false) => seen.push(typed.to_owned()),
            (false, true) => {}
        }
    }
    if !any && errors.is_empty() {
        errors.add(other_fields(1).0, "intake-error-no-other");
    }
}
