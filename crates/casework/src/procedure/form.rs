//! The online form of a procedure: sections of fields as `web` draws them, and which answers the person's own record fills in
//! beforehand. It comes from the definition of the procedure, else from the catalogue's record, else it is the general one.
//! Who files and how to reach her is asked for every procedure alike and is not part of it.
//! Law: NĐ 45/2020/NĐ-CP Điều 9 (e-forms; nothing is asked again that the authority already has).

pub mod answered;
mod drawn;
pub mod under;

use std::collections::BTreeMap;

use definition::expression::Facts;
use kernel::{Bilingual, ProcedureCode};
use serde::{Deserialize, Serialize};
use web::form::{Field, Label, Section};

use crate::definitions::{Defined, definition_of};

pub use drawn::web_name;

/// Most fields of a form: a longer one is no form for a phone.
pub const FIELDS_MAX: usize = 60;

/// Sections of fields in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSchema {
    /// What is asked.
    pub sections: Vec<Section>,
    /// Answers filled in from the person's record, by field name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prefill: BTreeMap<String, Prefill>,
    /// Answers that stand there until somebody says another, by field name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, String>,
    /// Answers that a register gave and that stand, by field name: they are shown and not asked.
    #[serde(skip)]
    pub fixed: BTreeMap<String, String>,
    /// From which register an answer was filled in, by field name.
    #[serde(skip)]
    pub sources: BTreeMap<String, Label>,
    /// The definition that it was drawn from, which knows more of the answers than a field can say.
    #[serde(skip)]
    pub defined: Option<Defined>,
    /// Fields whose condition only the definition can decide: the place of their field in it, and whether they must be
    /// answered then.
    #[serde(skip)]
    later: BTreeMap<String, (usize, bool)>,
}

/// What the person's own record can fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefill {
    /// Full name.
    Name,
    /// 12-digit number.
    PersonId,
    /// Day of birth.
    Birthday,
    /// Address.
    Address,
    /// Phone number.
    Phone,
    /// E-mail address.
    Email,
}

impl FormSchema {
    /// All fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    /// Whether which fields are asked depends on more than one answer can say.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        !self.later.is_empty()
    }

    /// The form with the fields that are asked when these facts hold. Conditions that hang on one answer stay in the form,
    /// where the page shows and hides them.
    #[must_use]
    pub fn asked(&self, facts: &Facts) -> Self {
        let mut asked = self.clone();
        let Some(defined) = self.defined else { return asked };
        for section in &mut asked.sections {
            section.fields.retain_mut(|field| {
                let Some((at, required)) = self.later.get(&field.name) else {
                    return true;
                };
                field.required = *required;
                let of = defined.procedure.form.get(*at);
                let when = of.and_then(|of| of.when.as_ref());
                when.is_none_or(|when| when.evaluate(facts).is_true())
            });
        }
        asked.sections.retain(|section| !section.fields.is_empty());
        asked
    }

    /// Whether a field is asked only after other answers, by a condition that the page cannot decide.
    #[must_use]
    pub fn is_late(&self, field: &str) -> bool {
        self.later.contains_key(field)
    }
}

/// The form of a procedure: its own, the defined one, or the generic one.
#[must_use]
pub fn of(code: &ProcedureCode, own: Option<&FormSchema>) -> FormSchema {
    if let Some(own) = own {
        return own.clone();
    }
    let defined = definition_of(code).filter(|defined| !defined.procedure.form.is_empty());
    defined.map_or_else(generic, drawn::schema)
}

/// The form of a definition; the generic one when it has none.
#[must_use]
pub fn of_definition(defined: &Defined) -> FormSchema {
    if defined.procedure.form.is_empty() {
        return generic();
    }
    drawn::schema(defined)
}

/// The form of every procedure that has none of its own: what is asked for, in one's own words.
#[must_use]
pub fn generic() -> FormSchema {
    let request = Field::multiline(
        "request",
        Bilingual::new("Nội dung yêu cầu giải quyết", "What you ask for"),
        10_000,
    )
    .hint(Bilingual::new(
        "Viết bằng lời của bạn. Ví dụ: xin cấp 2 bản sao trích lục khai sinh cho con.",
        "In your own words. For example: two copies of my child's birth record.",
    ));
    FormSchema {
        sections: vec![Section {
            fields: vec![request],
            ..Section::default()
        }],
        ..FormSchema::default()
    }
}

#[cfg(test)]
mod tests;
