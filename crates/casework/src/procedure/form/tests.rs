//! Every shipped form: drawn, sent back and read in both languages; conditions, defaults and what a definition refuses.
//! A property fills each of them as a person would and is never refused.

use std::collections::BTreeSet;

use definition::expression::Value;
use definition::procedure::Channel;
use kernel::Date;
use proptest::prelude::*;
use uuid::Uuid;
use web::Submitted;
use web::form::{Errors, FieldKind, Values};

use super::answered::Filing;
use super::*;
use crate::definitions::{all, definition_of};
use crate::draft::rules::{Known, OwnRead, own_form, own_values, read_own};

const TODAY: Date = Date::constant(2026, 11, 22);

fn known() -> Known {
    Known {
        name: "Trần Thị Hoa".into(),
        person_id: "042190000016".into(),
        birthday: "1990-03-02".into(),
        address: "Thôn 3".into(),
        phone: "0912345678".into(),
        email: String::new(),
    }
}

fn defined(code: &str) -> FormSchema {
    of(&code.parse().expect("code"), None)
}

fn read(schema: &FormSchema, pairs: &[(&str, &str)]) -> OwnRead {
    let known = known();
    let filing = Filing {
        today: TODAY,
        channel: Channel::Online,
        representation: Some("own"),
        known: &known,
    };
    read_own(schema, &known, &filing, &Submitted::of_texts(Uuid::nil(), pairs))
}

fn names(errors: &Errors) -> BTreeSet<String> {
    errors.iter().map(|error| error.field.clone()).collect()
}

/// An answer that the field takes, picked by `seed`.
fn answer(field: &Field, seed: usize) -> String {
    let pick = |choices: &[web::form::Choice]| choices[seed % choices.len()].value.clone();
    match &field.kind {
        FieldKind::Radios { choices }
        | FieldKind::Select { choices }
        | FieldKind::Checkboxes { choices }
        | FieldKind::Lookup { choices, .. } => pick(choices),
        FieldKind::YesNo | FieldKind::Confirm => ["yes", "no"][seed % 2].to_owned(),
        FieldKind::Integer { min, max, .. } => {
            let (low, high) = (min.unwrap_or(0), max.unwrap_or(1_000).min(min.unwrap_or(0) + 1_000));
            (low + i64::try_from(seed).unwrap_or(0) % (high - low + 1)).to_string()
        }
        FieldKind::Decimal { decimals, min, .. } => {
            let units = min.unwrap_or(0).max(1) + i64::try_from(seed % 90).unwrap_or(0);
            let scale = 10_i64.pow(u32::from(*decimals));
            format!(
                "{},{:0width$}",
                units / scale,
                units % scale,
                width = usize::from(*decimals)
            )
        }
        FieldKind::Dong { min, .. } => (min.unwrap_or(0) + 1_000_000).to_string(),
        FieldKind::Date { .. } => format!("{}/3/2020", seed % 28 + 1),
        FieldKind::PersonId => "042190000016".to_owned(),
        FieldKind::Phone => "0912345678".to_owned(),
        FieldKind::Multiline { .. } => "Lê Văn An, 042190000016\nPhạm Thị Bình 😀".to_owned(),
        _ if field.name == "plate" => "38A-123.45".to_owned(),
        _ if field.name == "tax-code" => "0101234567".to_owned(),
        FieldKind::Text { max_len, .. } => "Đường Phan Đình Phùng 😀".chars().take(*max_len).collect(),
        _ => "Đường Phan Đình Phùng".to_owned(),
    }
}

/// Fills a form page after page, as a person does who answers what is asked.
fn filled(schema: &FormSchema, seed: usize) -> Result<Values, String> {
    let mut pairs: Vec<(String, String)> = schema
        .fields()
        .map(|field| (field.name.clone(), String::new()))
        .collect();
    for (at, (field, pair)) in schema.fields().zip(&mut pairs).enumerate() {
        pair.1 = answer(field, seed / (at + 1) + at);
    }
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    match read(schema, &pairs) {
        OwnRead::Whole(values) => Ok(values),
        OwnRead::More(_, errors) | OwnRead::Wrong(_, errors) => {
            let list: Vec<String> = errors.iter().map(|error| error.words(kernel::Lang::En)).collect();
            Err(list.join("; "))
        }
    }
}

#[test]
fn shipped_forms_are_sound() {
    assert!(all().count() >= 40);
    for defined in all() {
        let form = of_definition(defined);
        let names: Vec<&str> = form.fields().map(|field| field.name.as_str()).collect();
        let unique: BTreeSet<&&str> = names.iter().collect();
        let name = &defined.procedure.name;
        assert!(
            !names.is_empty() && names.len() <= FIELDS_MAX,
            "{name}: {} fields",
            names.len()
        );
        assert_eq!(unique.len(), names.len(), "{name}: a name is used twice");
        assert!(
            form.prefill.keys().all(|field| names.contains(&field.as_str())),
            "{name}"
        );
        assert!(
            form.sections.iter().all(|section| section.fields.len() <= 15),
            "{name}: too much on one page"
        );
        for field in form.fields() {
            let before = names.iter().take_while(|one| **one != field.name);
            let asks = field
                .when
                .as_ref()
                .is_none_or(|when| before.into_iter().any(|one| *one == when.field));
            assert!(asks, "{name}: {} hangs on what comes later", field.name);
        }
    }
}

#[test]
fn every_form_is_drawn_in_both_languages() {
    let known = known();
    for defined in all() {
        let schema = of_definition(defined);
        let form = own_form("/x", &schema, &known);
        let pages = [kernel::Lang::Vi, kernel::Lang::En].map(|lang| {
            form.render_fields(lang, &own_values(&schema, &known), &Errors::none())
                .into_string()
        });
        for field in schema.fields() {
            for (page, lang) in pages.iter().zip([kernel::Lang::Vi, kernel::Lang::En]) {
                let label = field.label.get(lang);
                let first = label.split(['&', '’', '\'', '<']).next().unwrap_or_default();
                assert!(page.contains(first), "{}: {label}", defined.procedure.name);
                assert!(page.contains(&format!("name=\"{}", field.name)), "{}", field.name);
            }
        }
        assert!(
            !pages[0].contains("form-") || pages[0].contains("own-"),
            "a text is missing"
        );
    }
}

#[test]
fn an_empty_form_is_told_all_at_once() {
    for defined in all() {
        let schema = of_definition(defined);
        let required = schema.fields().any(|field| field.required && field.when.is_none());
        let OwnRead::Wrong(_, errors) = read(&schema, &[]) else {
            assert!(!required, "{}: nothing is missing", defined.procedure.name);
            continue;
        };
        let asked = schema.fields().filter(|field| field.required && field.when.is_none());
        let missing: BTreeSet<String> = asked.map(|field| field.name.clone()).collect();
        assert!(missing.is_subset(&names(&errors)), "{}", defined.procedure.name);
    }
}

#[test]
fn a_default_answers_for_silence() {
    let schema = defined("1.001193");
    let OwnRead::Wrong(_, errors) = read(&schema, &[]) else {
        panic!("nothing was answered")
    };
    assert!(
        names(&errors).contains("mother-name"),
        "not found is what the default says"
    );
    let OwnRead::Wrong(_, errors) = read(&schema, &[("abandoned", "yes")]) else {
        panic!("the rest is missing")
    };
    assert!(!names(&errors).contains("mother-name") && names(&errors).contains("child-name"));
    assert_eq!(own_values(&schema, &known()).text("abandoned"), "no");
}

#[test]
fn answers_bring_new_questions() {
    let schema = defined("1.001612");
    assert!(schema.is_conditional());
    let mut pairs = vec![
        ("owner-name", "Trần Thị Hoa"),
        ("name", "Hoa Sen"),
        ("address", "Thôn 3"),
        ("lines", "Dịch vụ ăn uống (56)"),
        ("lines", "Bán lẻ"),
        ("capital", "50.000.000"),
        ("members", "3"),
    ];
    let OwnRead::More(typed, errors) = read(&schema, &pairs) else {
        panic!("the other members are asked for")
    };
    assert_eq!(names(&errors), BTreeSet::from(["other-members".to_owned()]));
    assert_eq!(typed.text("members"), "3");
    pairs.push(("other-members", ""));
    let OwnRead::Wrong(_, errors) = read(&schema, &pairs) else {
        panic!("it was on the page and is empty")
    };
    assert_eq!(names(&errors), BTreeSet::from(["other-members".to_owned()]));
    pairs.pop();
    pairs.push(("other-members", "Lê Văn An"));
    let OwnRead::Whole(values) = read(&schema, &pairs) else {
        panic!("all is answered")
    };
    assert_eq!(values.all("lines"), ["56", "47"], "a name finds its code");
    pairs[6] = ("members", "1");
    let OwnRead::Whole(values) = read(&schema, &pairs) else {
        panic!("one person has no others")
    };
    assert!(values.opt("other-members").is_none(), "what is not asked is not kept");
}

#[test]
fn what_only_the_definition_knows_is_refused() {
    let schema = defined("2.002288");
    let good = [
        ("business", "Hợp tác xã vận tải"),
        ("licence", "12/GP"),
        ("plate", "38A-123.45"),
        ("badge", "bus"),
    ];
    assert!(matches!(read(&schema, &good), OwnRead::Whole(_)));
    let mut bad = good;
    bad[2].1 = "XE CUA TOI";
    let OwnRead::Wrong(typed, errors) = read(&schema, &bad) else {
        panic!("that is no plate")
    };
    assert_eq!(names(&errors), BTreeSet::from(["plate".to_owned()]));
    assert_eq!(typed.text("plate"), "XE CUA TOI", "it is still there");
    let death = defined("1.000656");
    let OwnRead::Wrong(_, errors) = read(
        &death,
        &[
            ("deceased-name", "A"),
            ("died-on", "2027-01-01"),
            ("died-at", "B"),
            ("last-address", "C"),
            ("relation", "con"),
        ],
    ) else {
        panic!("tomorrow has not happened")
    };
    assert_eq!(names(&errors), BTreeSet::from(["died-on".to_owned()]));
}

#[test]
fn papers_follow_the_answers() {
    let code = "1.001193".parse().expect("code");
    let defined = definition_of(&code).expect("defined");
    let catalogue = std::io::BufRead::lines(crate::catalogue::shipped())
        .map(|line| serde_json::from_str::<crate::procedure::Procedure>(&line.expect("embedded")).expect("read"))
        .find(|procedure| procedure.code == code)
        .expect("listed");
    let known = known();
    let papers = |abandoned: &str, representation: &str| {
        let filing = Filing {
            today: TODAY,
            channel: Channel::Online,
            representation: Some(representation),
            known: &known,
        };
        let facts = answered::facts(defined, &Values::none().with("abandoned", abandoned), &filing);
        let procedure = under::definition(&catalogue, defined, &facts);
        let papers = crate::draft::rules::papers(&procedure).map(|(at, paper)| {
            assert!(paper.required);
            (at, paper.name.get(kernel::Lang::En).to_owned())
        });
        papers.collect::<Vec<_>>()
    };
    let names = |papers: &[(usize, String)]| papers.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    assert_eq!(
        names(&papers("no", "own")),
        [1],
        "the notice of birth; nobody brings an identity card"
    );
    assert_eq!(names(&papers("yes", "own")), [2], "a paper keeps its place");
    assert_eq!(names(&papers("no", "proxy")), [1, 4]);
}

#[test]
fn age_follows_the_birthday() {
    let known = known();
    let filing = Filing {
        today: Date::constant(2026, 3, 1),
        channel: Channel::Online,
        representation: None,
        known: &known,
    };
    let defined = definition_of(&"1.001193".parse().expect("code")).expect("defined");
    let facts = answered::facts(defined, &Values::none(), &filing);
    assert_eq!(
        facts.get("applicant.age"),
        Value::Number(definition::expression::Number::whole(35))
    );
    assert_eq!(facts.get("applicant.elderly"), Value::Bool(false));
    assert_eq!(facts.get("applicant.poor_household"), Value::Null, "nobody guesses");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whoever answers what is asked, as it is asked, is never refused; and what is kept reads back as the same facts.
    #[test]
    fn any_valid_sample_passes(seed in 0_usize..100_000) {
        for defined in all() {
            let schema = of_definition(defined);
            let values = filled(&schema, seed);
            prop_assert!(values.is_ok(), "{}: {:?}", defined.procedure.name, values.err());
            let values = values.unwrap_or_default();
            let kept = answered::kept(&schema, &values);
            for field in &defined.procedure.form {
                let again = answered::value_of(field, &answered::values(&kept));
                prop_assert_eq!(again, answered::value_of(field, &values), "{}", field.name);
            }
        }
    }
}
