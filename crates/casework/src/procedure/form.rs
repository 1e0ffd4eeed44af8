//! The online form of a procedure as data: sections of fields as `web` draws them, and which answers the person's own record
//! fills in beforehand. Who files and how to reach her is asked for every procedure alike and is not part of it.
//! Law: NĐ 45/2020/NĐ-CP Điều 9 (e-forms; nothing is asked again that the authority already has).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kernel::{Bilingual, ProcedureCode};
use serde::{Deserialize, Serialize};
use web::form::{Field, Section};

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
}

/// Forms that are shipped, by procedure code.
static SHIPPED: LazyLock<BTreeMap<String, FormSchema>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/forms.json")).expect("a test reads this file"));

/// The form of a procedure: its own, the shipped one, or the generic one.
#[must_use]
pub fn of(code: &ProcedureCode, own: Option<&FormSchema>) -> FormSchema {
    own.or_else(|| SHIPPED.get(&code.national().to_string()))
        .cloned()
        .unwrap_or_else(generic)
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
        prefill: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_forms_are_sound() {
        for (code, form) in SHIPPED.iter() {
            assert!(code.parse::<ProcedureCode>().is_ok(), "{code} is no code");
            let names: Vec<&str> = form.fields().map(|field| field.name.as_str()).collect();
            let unique: std::collections::BTreeSet<&&str> = names.iter().collect();
            assert!(
                !names.is_empty() && names.len() <= FIELDS_MAX,
                "{code}: {} fields",
                names.len()
            );
            assert_eq!(unique.len(), names.len(), "{code}: a name is used twice");
            assert!(
                form.prefill.keys().all(|name| names.contains(&name.as_str())),
                "{code}: prefill of an unknown field"
            );
        }
    }
}
