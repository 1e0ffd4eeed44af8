//! Fields of a form that fill themselves from a register: which record it is, what it says, from where it came. A record is the
//! applicant's own, or only what is open of it is filled in; of anybody else's she hears the same as of none. Owns what was looked
//! up for a draft and the sources that a dossier keeps; refuses to look again at what was looked up with the same key.
//! Law: NĐ 45/2020/NĐ-CP Điều 9 (nothing is asked again that the authority already has), Luật 91/2025/QH15 (own data).

use std::collections::BTreeMap;

use ::register::record::effect as registers;
use ::register::record::{Record, RecordId};
use ::register::{Kind, Register};
use definition::expression::Value;
use definition::procedure::{By, Lookup};
use identity::{CitizenCaller, PersonRef, Purpose, person};
use kernel::{Bilingual, Date, Lang};
use serde::{Deserialize, Serialize};
use web::form::{Choice, Field, Label, Values};

use crate::Casework;
use crate::definitions::Defined;
use crate::dossier::{DossierError, Source};
use crate::procedure::form::answered::value_of;
use crate::procedure::form::{FormSchema, web_name};

/// What a register said when it was asked for a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The key that was typed; the id of the record that was chosen of the applicant's own.
    pub key: Vec<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// A record as it was when it was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// System and kind.
    pub register: (String, String),
    /// What the register is called.
    pub name: Bilingual,
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub revision: i64,
    /// The day on which it was looked up.
    pub as_of: Date,
    /// What it fills in, by field of the page.
    pub values: BTreeMap<String, String>,
}

/// The lookups of a draft, by name.
pub type AllLooked = BTreeMap<String, Looked>;

/// Records of the applicant among which she chooses.
pub(crate) struct Choices {
    /// Name of the field.
    pub(crate) field: String,
    register: Bilingual,
    titles: Vec<(RecordId, Bilingual)>,
}

/// What asking the registers came to.
#[derive(Default)]
pub(crate) struct Asked {
    /// What holds now.
    pub(crate) looked: AllLooked,
    /// Lookups that were made just now: what they are called, and whether they found anything.
    pub(crate) fresh: Vec<(Bilingual, bool)>,
    pub(crate) choices: Vec<Choices>,
}

/// The field with which an applicant chooses among her own records.
fn choice_field(lookup: &Lookup) -> String {
    format!("{CHOICE}{}", web_name(&lookup.name))
}

/// What the names of such fields begin with: no field of a definition is called so.
const CHOICE: &str = "of-register--";

/// Whether an answer only chose a record.
pub(crate) fn is_choice(field: &str) -> bool {
    field.starts_with(CHOICE)
}

/// Asks the registers of a form. `typed` are answers as they were sent; without them only the applicant's own records are found.
/// What was looked up with the same key stays as it is.
///
/// # Errors
/// What the store says.
pub(crate) async fn ask(
    house: &Casework,
    citizen: &CitizenCaller,
    defined: &Defined,
    before: &AllLooked,
    typed: Option<&Values>,
) -> Result<Asked, DossierError> {
    let mut asked = Asked::default();
    let Some(all) = house.registers() else {
        return Ok(asked);
    };
    if defined.procedure.lookups.is_empty() {
        return Ok(asked);
    }
    let person = citizen.person();
    let group = house.store().read(move |tx| person::double::group(tx, person)).await?;
    let me = if group.is_empty() { vec![person] } else { group };
    for lookup in &defined.procedure.lookups {
        let Ok(kind) = all.kind(&defined.system.code, &lookup.record) else {
            continue;
        };
        let at = At {
            house,
            all,
            kind: &kind,
            defined,
            lookup,
            me: &me,
        };
        let known = before.get(&lookup.name);
        match &lookup.by {
            By::Key(pairs) => at.by_key(pairs, known, typed, &mut asked).await?,
            By::Applicant => at.of_applicant(known, typed, &mut asked).await?,
        }
    }
    if asked.fresh.iter().any(|(_, is_found)| *is_found) {
        let names: Vec<&str> = asked.fresh.iter().map(|(name, _)| name.vi.as_str()).collect();
        let purpose = Purpose::own_data(citizen).about(names.join(", "));
        house.identity().record_use(&purpose, &[person]).await?;
    }
    Ok(asked)
}

/// One lookup of one form.
struct At<'a> {
    house: &'a Casework,
    all: &'a Register,
    kind: &'a std::sync::Arc<Kind>,
    defined: &'a Defined,
    lookup: &'a Lookup,
    me: &'a [PersonRef],
}

impl At<'_> {
    async fn by_key(
        &self,
        pairs: &[(String, String)],
        known: Option<&Looked>,
        typed: Option<&Values>,
        asked: &mut Asked,
    ) -> Result<(), DossierError> {
        let typed = typed.and_then(|typed| self.key(pairs, typed));
        let is_new = |texts: &[String]| known.is_none_or(|known| known.key != texts);
        let Some((key, texts)) = typed.filter(|(_, texts)| is_new(texts)) else {
            if let Some(known) = known {
                asked.looked.insert(self.lookup.name.clone(), known.clone());
            }
            return Ok(());
        };
        let kind = self.kind.clone();
        let found = self
            .house
            .store()
            .read(move |tx| registers::with_key(tx, &kind, &key))
            .await?;
        // Somebody else's record is none: whoever types numbers learns nothing of whose they are.
        let found = found.filter(|record| self.is_own(record));
        asked.fresh.push((self.kind.label("name"), found.is_some()));
        let looked = Looked {
            key: texts,
            found: found.map(|record| self.found(&record)),
        };
        asked.looked.insert(self.lookup.name.clone(), looked);
        Ok(())
    }

    /// The key as it was typed, with its texts; none when a part is missing.
    fn key(&self, pairs: &[(String, String)], typed: &Values) -> Option<(BTreeMap<String, Value>, Vec<String>)> {
        let (mut key, mut texts) = (BTreeMap::new(), Vec::new());
        for (of, from) in pairs {
            let field = self.defined.procedure.form.iter().find(|field| field.name == *from)?;
            let value = match value_of(field, typed) {
                Value::Null => return None,
                Value::Text(text) => Value::Text(text.trim().to_owned()),
                other => other,
            };
            texts.push(::register::record::value::text_of(&value));
            key.insert(of.clone(), value);
        }
        Some((key, texts))
    }

    async fn of_applicant(
        &self,
        known: Option<&Looked>,
        typed: Option<&Values>,
        asked: &mut Asked,
    ) -> Result<(), DossierError> {
        let Some(own) = &self.lookup.own else { return Ok(()) };
        let (kind, own, me) = (self.kind.clone(), own.clone(), self.me.to_vec());
        let records = self
            .house
            .store()
            .read(move |tx| registers::of_people(tx, &kind, &own, &me))
            .await?;
        let field = choice_field(self.lookup);
        let chosen = typed.and_then(|typed| typed.opt(&field)).map(str::to_owned);
        if records.len() > 1 {
            let title = |record: &Record, lang| registers::title(self.all, self.kind, record, lang);
            let titles = records.iter().map(|record| {
                (
                    record.id,
                    Bilingual::new(title(record, Lang::Vi), title(record, Lang::En)),
                )
            });
            asked.choices.push(Choices {
                field,
                register: self.kind.label("name"),
                titles: titles.collect(),
            });
        }
        let chosen = chosen.or_else(|| known.and_then(|known| known.key.first().cloned()));
        let record = match (records.as_slice(), &chosen) {
            ([only], _) => Some(only),
            (several, Some(chosen)) => several.iter().find(|record| record.id.to_string() == *chosen),
            _ => None,
        };
        let key: Vec<String> = record
            .map(|record| record.id.to_string())
            .or(chosen)
            .into_iter()
            .collect();
        let looked = match known {
            Some(known) if known.key == key => known.clone(),
            _ => {
                if record.is_some() {
                    asked.fresh.push((self.kind.label("name"), true));
                }
                Looked {
                    key,
                    found: record.map(|record| self.found(record)),
                }
            }
        };
        asked.looked.insert(self.lookup.name.clone(), looked);
        Ok(())
    }

    /// Whether a record is the applicant's, when it has to be.
    fn is_own(&self, record: &Record) -> bool {
        let Some(own) = &self.lookup.own else { return true };
        let names = |id: &str| self.me.iter().any(|me| me.to_string() == id);
        match record.values.get(own) {
            Some(Value::Text(id)) => names(id),
            _ => false,
        }
    }

    fn found(&self, record: &Record) -> Found {
        let values = self.defined.procedure.form.iter().filter_map(|field| {
            let (lookup, of) = field.from.as_deref()?.split_once('.')?;
            let value = record.values.get(of).filter(|_| lookup == self.lookup.name)?;
            Some((web_name(&field.name), registers::typed_text(value)))
        });
        Found {
            register: (self.kind.system.code.clone(), self.kind.record.name.clone()),
            name: self.kind.label("name"),
            record: record.id,
            revision: record.revision,
            as_of: self.house.now().local_date(),
            values: values.collect(),
        }
    }
}

/// Puts what registers said into a form: values with their source, those that stand taken out of the questions, and a choice where
/// the applicant has several records.
pub(crate) fn fill(schema: &mut FormSchema, asked: &Asked) {
    let Some(defined) = schema.defined else { return };
    for found in asked.looked.values().filter_map(|looked| looked.found.as_ref()) {
        for (name, value) in &found.values {
            let of = defined
                .procedure
                .form
                .iter()
                .find(|field| web_name(&field.name) == *name);
            let is_locked = of.is_some_and(|field| field.locked);
            let label = source_label(found, is_locked);
            if is_locked {
                schema.fixed.insert(name.clone(), value.clone());
            } else {
                schema.defaults.insert(name.clone(), value.clone());
            }
            schema.sources.insert(name.clone(), label);
        }
    }
    let fields = asked.choices.iter().map(choice);
    if let Some(first) = schema.sections.first_mut() {
        first.fields.splice(0..0, fields);
    }
    for one in &asked.choices {
        let chosen = asked.looked.values().find_map(|looked| {
            let id = looked.key.first()?;
            one.titles
                .iter()
                .any(|(record, _)| record.to_string() == *id)
                .then(|| id.clone())
        });
        if let Some(chosen) = chosen {
            schema.defaults.insert(one.field.clone(), chosen);
        }
    }
}

fn choice(one: &Choices) -> Field {
    let words = |key: &str| {
        let of = |lang: Lang| web::text_with(lang, key, &[("register", one.register.get(lang).into())]);
        Bilingual::new(of(Lang::Vi), of(Lang::En))
    };
    let records = one
        .titles
        .iter()
        .map(|(id, title)| Choice::new(id.to_string(), title.clone()));
    let other = Choice::new("none", "lookup-which-other");
    Field::radios(
        one.field.as_str(),
        words("lookup-which"),
        records.chain([other]).collect(),
    )
}

fn source_label(found: &Found, is_locked: bool) -> Label {
    let key = if is_locked { "lookup-locked" } else { "lookup-from" };
    Label::Text(source_words(key, &found.name, found.revision, found.as_of))
}

/// From where a value came: the register, the version, the day.
pub(crate) fn source_words(key: &str, register: &Bilingual, revision: i64, as_of: Date) -> Bilingual {
    let of = |lang: Lang| {
        let args = [
            ("register", register.get(lang).to_owned().into()),
            ("n", revision.into()),
            ("day", web::format::date(lang, as_of).into()),
        ];
        web::text_with(lang, key, &args)
    };
    Bilingual::new(of(Lang::Vi), of(Lang::En))
}

/// Values of fields that registers filled in just now, over what was typed: who looked up another record sees what it says.
pub(crate) fn over(typed: &mut Values, asked: &Asked, before: &AllLooked) {
    for (name, looked) in &asked.looked {
        if before.get(name) == Some(looked) {
            continue;
        }
        for (field, value) in looked.found.iter().flat_map(|found| &found.values) {
            typed.set(field.as_str(), value.as_str());
        }
    }
}

/// What a dossier keeps of where its answers came from.
pub(crate) fn sources(looked: &AllLooked, own: &Values) -> Vec<Source> {
    let found = looked.values().filter_map(|looked| looked.found.as_ref());
    let all = found.flat_map(|found| {
        let asked = found.values.iter().filter(|(field, _)| !own.all(field).is_empty());
        asked.map(|(field, value)| Source {
            field: field.clone(),
            register: found.name.clone(),
            kind: found.register.clone(),
            record: found.record.uuid(),
            revision: found.revision,
            as_of: found.as_of,
            said: (own.text(field) != value).then(|| value.clone()),
        })
    });
    all.collect()
}
