//! The steps of filing as forms, which step comes next, and the dossier that the answers make. Pure.
//! Refuses to send what is incomplete: every step is checked again when the draft is sent.

use kernel::{PersonId, Phone};
use web::Submitted;
use web::form::{Choice, Errors, Field, FieldKind, Form, Label, Values, Width};

use super::{Answers, DraftId, Step};
use crate::FileLimits;
use crate::dossier::state::{Delivery, Representation};
use crate::dossier::{Content, DossierError, Represented};
use crate::file::FileRow;
use crate::intake;
use crate::place::Agency;
use crate::procedure::form::answered::{self, Filing};
use crate::procedure::form::{FormSchema, Prefill};
use crate::procedure::{Component, ComponentSource, Procedure};

/// Files that one form sends at most.
pub const FILES_AT_ONCE: usize = 10;

/// What the person's own record says: filled in, with its source, never asked again when it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Full name.
    pub name: String,
    /// 12-digit number.
    pub person_id: String,
    /// Day of birth, as `2026-11-22`.
    pub birthday: String,
    /// Address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
}

impl Known {
    pub(crate) fn get(&self, what: Prefill) -> &str {
        match what {
            Prefill::Name => &self.name,
            Prefill::PersonId => &self.person_id,
            Prefill::Birthday => &self.birthday,
            Prefill::Address => &self.address,
            Prefill::Phone => &self.phone,
            Prefill::Email => &self.email,
        }
    }
}

fn sourced(mut field: Field, known: &str) -> Field {
    if !known.is_empty() {
        field.source = Some(Label::from("draft-from-record"));
    }
    field
}

/// The form of step "who": in which relation, how to reach her; name and number only when the record lacks them.
#[must_use]
pub fn who_form(action: &str, known: &Known) -> Form {
    let relations = Representation::ALL
        .iter()
        .map(|one| Choice::new(one.word(), format!("draft-as-{one}").as_str()))
        .collect();
    let form = Form::new("who", action)
        .submit("draft-continue")
        .section("draft-who-relation")
        .field(Field::radios("representation", "draft-representation", relations));
    let form = intake::form::represented(form).section("draft-who-applicant");
    let form = intake::form::organisation(form);
    let mut form = intake::form::others(form).section("draft-who-contact");
    if known.name.is_empty() {
        form = form.field(Field::text("name", "draft-name").autocomplete("name"));
    }
    if known.person_id.is_empty() {
        form = form.field(Field::new("person-id", "draft-person-id", FieldKind::PersonId));
    }
    let phone = Field::new("phone", "draft-phone", FieldKind::Phone)
        .hint("draft-phone-hint")
        .autocomplete("tel")
        .width(Width::W20);
    let email = Field::new("email", "draft-email", FieldKind::Email)
        .optional()
        .autocomplete("email");
    let address = Field::text("address", "draft-address").autocomplete("street-address");
    form.field(sourced(phone, &known.phone))
        .field(sourced(email, &known.email))
        .field(sourced(address, &known.address))
}

/// Answers of step "who" before anybody typed.
#[must_use]
pub fn who_values(known: &Known) -> Values {
    Values::none()
        .with("representation", Representation::Own.word())
        .with("applicant", intake::ApplicantKind::Person.word())
        .with("phone", known.phone.as_str())
        .with("email", known.email.as_str())
        .with("address", known.address.as_str())
}

/// The procedure's own form.
#[must_use]
pub fn own_form(action: &str, schema: &FormSchema, known: &Known) -> Form {
    let mut form = Form::new("own", action).submit("draft-continue");
    form.sections = schema.sections.clone();
    for section in &mut form.sections {
        section.fields.retain(|field| !schema.fixed.contains_key(&field.name));
    }
    form.sections.retain(|section| !section.fields.is_empty());
    for field in form.sections.iter_mut().flat_map(|section| &mut section.fields) {
        if let Some(what) = schema.prefill.get(&field.name)
            && !known.get(*what).is_empty()
        {
            field.source = Some(Label::from("draft-from-record"));
        }
        if let Some(source) = schema.sources.get(&field.name) {
            field.source = Some(source.clone());
        }
    }
    form
}

/// Puts the answers that stand beside those that were typed.
fn with_fixed(schema: &FormSchema, mut values: Values) -> Values {
    for (name, value) in &schema.fixed {
        values.set(name.as_str(), value.as_str());
    }
    values
}

/// Answers of the procedure's form before anybody typed.
#[must_use]
pub fn own_values(schema: &FormSchema, known: &Known) -> Values {
    let defaults = schema.defaults.iter();
    let defaults = defaults.fold(Values::none(), |values, (name, text)| {
        values.with(name.as_str(), text.as_str())
    });
    schema
        .prefill
        .iter()
        .filter(|(_, what)| !known.get(**what).is_empty())
        .fold(defaults, |values, (name, what)| {
            values.with(name.as_str(), known.get(*what))
        })
}

/// What became of the answers to the procedure's form.
#[derive(Debug)]
pub enum OwnRead {
    /// All of it is answered.
    Whole(Values),
    /// What was answered asks for more, which was not on the page yet; what is missing, for who has no page.
    More(Values, Errors),
    /// Something is wrong; as it was typed.
    Wrong(Values, Errors),
}

/// Turns of looking again: an answer may ask for one that asks for another.
const TURNS_MAX: usize = 4;

/// Reads the answers to the procedure's form. Which fields are asked follows from the answers themselves.
#[must_use]
pub fn read_own(schema: &FormSchema, known: &Known, filing: &Filing<'_>, submitted: &Submitted) -> OwnRead {
    let typed = with_fixed(schema, own_form("", schema, known).typed(submitted));
    let Some(defined) = schema.defined else {
        return match own_form("", schema, known).parse(submitted) {
            Ok(values) => OwnRead::Whole(values),
            Err(errors) => OwnRead::Wrong(typed, errors),
        };
    };
    let mut facts = answered::facts(&defined, &typed, filing);
    for _ in 0..TURNS_MAX {
        let asked = schema.asked(&facts);
        let values = match own_form("", &asked, known).parse(submitted) {
            Ok(values) => with_fixed(schema, values),
            Err(errors) if is_new(&asked, submitted, &errors) => return OwnRead::More(typed, errors),
            Err(errors) => return OwnRead::Wrong(typed, errors),
        };
        facts = answered::facts(&defined, &values, filing);
        if schema.asked(&facts) == asked {
            let errors = answered::unfit(&defined, &values, &facts);
            return if errors.is_empty() {
                OwnRead::Whole(values)
            } else {
                OwnRead::Wrong(typed, errors)
            };
        }
    }
    OwnRead::More(typed, Errors::none())
}

/// Whether nothing is wrong but that fields stay empty which were not on the page that was sent.
fn is_new(asked: &FormSchema, submitted: &Submitted, errors: &Errors) -> bool {
    let was_shown = |name: &str| {
        let of_a_day = ["day", "month", "year"].map(|part| format!("{name}-{part}"));
        let names = of_a_day.iter().map(String::as_str).chain([name]);
        names.into_iter().any(|name| submitted.all(name).next().is_some())
    };
    asked.defined.is_some()
        && errors
            .iter()
            .all(|error| asked.is_late(&error.field) && !was_shown(&error.field))
}

/// Which agency settles it.
#[must_use]
pub fn unit_form(action: &str, agencies: &[Agency]) -> Form {
    let choices = agencies
        .iter()
        .map(|agency| Choice::new(agency.unit.to_string(), agency.name.clone()))
        .collect();
    Form::new("unit", action)
        .submit("draft-continue")
        .field(Field::select("unit", "draft-unit", choices).hint("draft-unit-hint"))
}

/// How the result is wanted.
#[must_use]
pub fn delivery_form(action: &str) -> Form {
    let ways = Delivery::ALL
        .iter()
        .map(|way| {
            Choice::new(way.word(), format!("draft-by-{way}").as_str()).hint(format!("draft-by-{way}-hint").as_str())
        })
        .collect();
    Form::new("delivery", action)
        .submit("draft-continue")
        .field(Field::radios("delivery", "draft-delivery", ways))
        .field(
            Field::text("post-address", "draft-post-address")
                .when("delivery", &["post"])
                .autocomplete("street-address"),
        )
}

/// The last page: one declaration.
#[must_use]
pub fn review_form(action: &str) -> Form {
    Form::new("review", action)
        .submit("draft-send")
        .field(Field::new("declared", "draft-declared", FieldKind::Confirm))
}

/// The form that adds files for one paper.
#[must_use]
pub fn upload_form(draft: DraftId, at: usize, limits: FileLimits) -> Form {
    let kind = FieldKind::Files {
        accept: crate::file::http::KINDS.to_vec(),
        max_count: FILES_AT_ONCE,
        max_bytes: limits.bytes_max,
    };
    Form::new(format!("paper{at}"), format!("/my/drafts/{draft}/files/add"))
        .hidden("component", at.to_string())
        .submit("draft-file-add")
        .field(Field::new("file", "draft-file-choose", kind))
}

/// Papers that can be handed in with the dossier: what the form or a register gives is not asked for.
pub fn papers(procedure: &Procedure) -> impl Iterator<Item = (usize, &Component)> {
    procedure
        .components
        .iter()
        .enumerate()
        .filter(|(_, paper)| paper.source == ComponentSource::Upload)
}

/// Required papers that have neither a file nor the promise of a paper. Of papers of which one is enough (`either`) the first
/// stands for all of them when none is there.
#[must_use]
pub fn missing_papers(
    procedure: &Procedure,
    either: &[Vec<usize>],
    files: &[FileRow],
    promised: &Values,
) -> Vec<usize> {
    let is_there = |at: usize| {
        promised.yes(&paper_field(at))
            || files
                .iter()
                .any(|file| file.component == i64::try_from(at).ok() && file.is_there())
    };
    let required = papers(procedure).filter(|(_, paper)| paper.required).map(|(at, _)| at);
    let mut missing: Vec<usize> = required.filter(|&at| !is_there(at)).collect();
    let groups = either.iter().filter(|group| !group.iter().any(|&at| is_there(at)));
    missing.extend(groups.filter_map(|group| group.first()));
    missing.sort_unstable();
    missing
}

/// Name of the box "I bring the paper".
#[must_use]
pub fn paper_field(at: usize) -> String {
    format!("paper-{at}")
}

/// The step after `step`.
#[must_use]
pub fn after(step: Step) -> Step {
    match step {
        Step::Who => Step::Form,
        Step::Form => Step::Files,
        Step::Files => Step::Unit,
        Step::Unit => Step::Delivery,
        Step::Delivery | Step::Review => Step::Review,
    }
}

/// The first step that was not finished.
#[must_use]
pub fn first_open(answers: &Answers) -> Step {
    Step::ALL
        .iter()
        .copied()
        .find(|&step| step == Step::Review || answers.of(step).is_none() || answers.again.contains(step.word()))
        .unwrap_or(Step::Review)
}

/// Whether a step can be shown: those before it are finished.
#[must_use]
pub fn is_reachable(answers: &Answers, step: Step) -> bool {
    step <= first_open(answers)
}

/// The sealed content that the answers make.
///
/// # Errors
/// `Incomplete`, naming the step that was not finished or holds what is not valid any more.
pub fn content(answers: &Answers, known: &Known, schema: &FormSchema) -> Result<Content, DossierError> {
    let who = answers.of(Step::Who).ok_or(DossierError::Incomplete("who"))?;
    let own = answers.of(Step::Form).ok_or(DossierError::Incomplete("form"))?;
    let delivery = answers.of(Step::Delivery).ok_or(DossierError::Incomplete("delivery"))?;
    let either = |known: &str, typed: &str| {
        if known.is_empty() {
            typed.to_owned()
        } else {
            known.to_owned()
        }
    };
    let mut content = Content {
        name: either(&known.name, who.text("name")),
        person_id: either(&known.person_id, who.text("person-id")),
        phone: who.text("phone").to_owned(),
        email: who.text("email").to_owned(),
        address: who.text("address").to_owned(),
        post_address: delivery.text("post-address").to_owned(),
        birthday: known.birthday.clone(),
        organisation: intake::rules::organisation(who),
        others: intake::rules::others(who),
        ..Content::default()
    };
    if representation(answers)? != Representation::Own {
        content.represented = Some(Represented {
            name: who.text("represented-name").to_owned(),
            person_id: who.text("represented-id").to_owned(),
            old_id: who.text("represented-old-id").to_owned(),
            ground: who.text("ground").to_owned(),
            birthday: who.text("represented-born").to_owned(),
            tie: who.text("tie").to_owned(),
        });
    }
    content.definition.clone_from(&answers.definition);
    content.answers = answered::kept(schema, own);
    content.answers.retain(|name, _| !super::lookup::is_choice(name));
    content.sources = super::lookup::sources(&answers.looked, own);
    check(&content)?;
    Ok(content)
}

/// What every dossier must say, whichever way it came in.
///
/// # Errors
/// `Incomplete` or `BadValue`, naming the field.
pub fn check(content: &Content) -> Result<(), DossierError> {
    if content.name.trim().is_empty() {
        return Err(DossierError::Incomplete("name"));
    }
    content
        .person_id
        .parse::<PersonId>()
        .map_err(|_| DossierError::BadValue("person-id"))?;
    content
        .phone
        .parse::<Phone>()
        .map_err(|_| DossierError::BadValue("phone"))?;
    Ok(())
}

/// What is wrong with the answers of step "who" beyond each field: people who do not fit together.
#[must_use]
pub fn check_who(values: &Values, known: &Known, day: kernel::Date) -> web::form::Errors {
    let own = if known.person_id.is_empty() {
        values.text("person-id")
    } else {
        &known.person_id
    };
    intake::rules::check_people(values, own, day)
}

/// In which relation the sender stands.
///
/// # Errors
/// `Incomplete` before step "who".
pub fn representation(answers: &Answers) -> Result<Representation, DossierError> {
    let who = answers.of(Step::Who).ok_or(DossierError::Incomplete("who"))?;
    who.text("representation")
        .parse()
        .map_err(|_| DossierError::BadValue("representation"))
}

/// How the result is wanted.
///
/// # Errors
/// `Incomplete` before step "delivery".
pub fn delivery(answers: &Answers) -> Result<Delivery, DossierError> {
    let values = answers.of(Step::Delivery).ok_or(DossierError::Incomplete("delivery"))?;
    values
        .text("delivery")
        .parse()
        .map_err(|_| DossierError::BadValue("delivery"))
}

/// A telephone number as people here write it; what is no number stays as it is.
#[must_use]
pub fn phone_shown(phone: &str) -> String {
    phone
        .parse::<Phone>()
        .map_or_else(|_| phone.to_owned(), |phone| phone.national())
}

/// An answer as a person reads it: the label of a choice, "yes", or what was typed.
#[must_use]
pub fn shown(field: &Field, value: &str, lang: kernel::Lang) -> String {
    let choice = field.kind.choices().iter().find(|choice| choice.value == value);
    match (&field.kind, choice) {
        (_, Some(choice)) => choice.label.get(lang),
        (FieldKind::Date { .. }, _) => value
            .parse::<kernel::Date>()
            .map_or_else(|_| value.to_owned(), |day| web::format::date(lang, day)),
        (FieldKind::Dong { .. }, _) => value.parse::<i64>().map_or_else(
            |_| value.to_owned(),
            |dong| web::format::dong(lang, kernel::Dong::new(dong)),
        ),
        (FieldKind::YesNo | FieldKind::Confirm, _) => {
            web::text(lang, if value == "yes" { "draft-yes" } else { "draft-no" })
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(upto: Step) -> Answers {
        let mut answers = Answers::default();
        for &step in Step::ALL.iter().filter(|&&step| step <= upto && step != Step::Review) {
            answers.set(step, Values::none());
        }
        answers
    }

    #[test]
    fn steps_open_one_after_the_other() {
        assert_eq!(first_open(&Answers::default()), Step::Who);
        for &step in Step::ALL.iter().filter(|&&step| step != Step::Review) {
            let answers = answers(step);
            assert_eq!(first_open(&answers), after(step));
            assert!(is_reachable(&answers, step), "{step} can be changed");
            assert!(is_reachable(&answers, after(step)));
        }
        assert!(!is_reachable(&answers(Step::Who), Step::Files));
    }

    #[test]
    fn a_dossier_is_made_of_the_answers() {
        let known = Known {
            name: "Trần Thị Hoa".into(),
            person_id: "042190000016".into(),
            ..Known::default()
        };
        let mut answers = answers(Step::Delivery);
        answers.set(
            Step::Who,
            Values::none()
                .with("representation", "guardian")
                .with("phone", "0912345678")
                .with("represented-name", "Lê An"),
        );
        answers.set(Step::Form, Values::none().with("request", "Xin cấp 2 bản 😀"));
        answers.set(
            Step::Delivery,
            Values::none().with("delivery", "post").with("post-address", "Thôn 3"),
        );
        let content = content(&answers, &known, &crate::procedure::form::generic()).expect("complete");
        assert_eq!(content.name, "Trần Thị Hoa");
        assert_eq!(content.represented.expect("for a child").name, "Lê An");
        assert_eq!(content.answers["request"], "Xin cấp 2 bản 😀");
        assert_eq!(content.post_address, "Thôn 3");
        assert_eq!(delivery(&answers).expect("chosen"), Delivery::Post);
    }

    #[test]
    fn of_papers_of_which_one_is_enough_one_is_enough() {
        let line = crate::testing::CATALOGUE.lines().next().expect("a procedure");
        let mut procedure: Procedure = serde_json::from_str(line).expect("it reads");
        let paper = Component {
            required: false,
            ..procedure.components[0].clone()
        };
        procedure.components.extend([paper.clone(), paper]);
        let either = [vec![1, 2]];
        let promised = |fields: &[&str]| fields.iter().fold(Values::none(), |all, one| all.with(*one, "yes"));
        let missing = |fields: &[&str]| missing_papers(&procedure, &either, &[], &promised(fields));
        assert_eq!(missing(&[]), [0, 1]);
        assert_eq!(missing(&["paper-2"]), [0]);
        assert_eq!(missing(&["paper-0", "paper-1"]), [0_usize; 0]);
    }

    #[test]
    fn an_incomplete_draft_is_refused() {
        let schema = crate::procedure::form::generic();
        let known = Known {
            name: "A".into(),
            person_id: "1".into(),
            ..Known::default()
        };
        assert!(matches!(
            content(&Answers::default(), &known, &schema),
            Err(DossierError::Incomplete("who"))
        ));
        let mut answers = answers(Step::Delivery);
        answers.set(
            Step::Who,
            Values::none().with("representation", "own").with("phone", "0912345678"),
        );
        assert!(matches!(
            content(&answers, &known, &schema),
            Err(DossierError::BadValue("person-id"))
        ));
    }
}
