//! The form as a whole: every kind of answer, every error at once, nothing lost, nothing let through.

use jiff::civil::date;
use kernel::{Bilingual, Dong, Lang};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::gallery::{sample_form, sample_shell};
use crate::submitted::Submitted;

fn sent(texts: &[(&str, &str)]) -> Submitted {
    Submitted::of_texts(Uuid::nil(), texts)
}

fn one(field: Field, typed: &[(&str, &str)]) -> Result<Values, Vec<String>> {
    let form = Form::new("f", "/f").field(field);
    form.parse(&sent(typed))
        .map_err(|errors| errors.iter().map(|e| e.words(Lang::Vi)).collect())
}

fn words(vi: &str) -> Bilingual {
    Bilingual::vi(vi)
}

#[test]
fn every_error_is_told_at_once() {
    let errors = sample_form().parse(&sent(&[
        ("person", "12"),
        ("who", "org"),
        ("born-day", "31"),
        ("born-month", "2"),
        ("born-year", "1990"),
    ]));
    let told: Vec<String> = errors
        .expect_err("most is missing")
        .iter()
        .map(|e| e.words(Lang::Vi))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_empty_form() {
    let html = sample_form()
        .render(&sample_shell(Lang::Vi), &Values::none(), &Errors::none())
        .into_string();
    insta::assert_snapshot!(html.replace("><", ">\n<"));
}

#[test]
fn the_form_with_errors() {
    let form = sample_form();
    let submitted = sent(&[
        ("name", "Trần \"Hoa\" <b>"),
        ("person", "12"),
        ("about", "\n hai\r\ndòng"),
        ("who", "other"),
    ]);
    let errors = form.parse(&submitted).expect_err("most is missing");
    let html = form
        .render(&sample_shell(Lang::En), &form.typed(&submitted), &errors)
        .into_string();
    insta::assert_snapshot!(html.replace("><", ">\n<"));
}

#[test]
fn every_error_leads_to_a_control_that_exists() {
    let form = sample_form();
    let submitted = sent(&[]);
    let errors = form.parse(&submitted).expect_err("everything is missing");
    let html = form
        .render(&sample_shell(Lang::Vi), &Values::none(), &errors)
        .into_string();
    let targets: Vec<&str> = html
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(targets.len(), errors.len());
    for target in targets {
        assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[test]
fn ids_are_unique_and_descriptions_exist() {
    let form = sample_form();
    let errors = form.parse(&sent(&[])).expect_err("everything is missing");
    let html = form
        .render(&sample_shell(Lang::Vi), &Values::none(), &errors)
        .into_string();
    let of = |mark: &str| -> Vec<String> {
        html.split(mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    };
    let ids = of(" id=\"");
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    for described in of("aria-describedby=\"") {
        assert!(
            described.split(' ').all(|id| ids.iter().any(|known| known == id)),
            "{described}"
        );
    }
    for label in of("for=\"") {
        assert!(ids.contains(&label), "{label}");
    }
}

#[test]
fn numbers_come_out_readable() {
    let dong = Field::new(
        "x",
        words("Vốn"),
        FieldKind::Dong {
            min: Some(1000),
            max: None,
        },
    );
    assert_eq!(
        one(dong.clone(), &[("x", "150.000 đ")]).expect("an amount").dong("x"),
        Some(Dong::new(150_000))
    );
    assert_eq!(
        one(dong, &[("x", "500")]),
        Err(vec!["“Vốn” phải từ 1.000 đ trở lên.".to_owned()])
    );
    let integer = Field::new(
        "x",
        words("Số"),
        FieldKind::Integer {
            min: None,
            max: Some(2000),
            unit: None,
        },
    );
    assert_eq!(
        one(integer.clone(), &[("x", " 1.500 ")])
            .expect("a number")
            .integer("x"),
        Some(1500)
    );
    for bad in ["1.5", "abc", "1e3", "٣", "99999999999999999999"] {
        assert!(one(integer.clone(), &[("x", bad)]).is_err(), "{bad}");
    }
}

#[test]
fn decimals_are_read_with_a_comma_or_a_point() {
    let kind = FieldKind::Decimal {
        decimals: 1,
        min: Some(1),
        max: Some(99_999),
        unit: None,
    };
    let area = |typed: &str| one(Field::new("area", words("Diện tích"), kind.clone()), &[("area", typed)]);
    let table = [
        ("120,5", "120.5"),
        ("120.5", "120.5"),
        ("1.500", "1500"),
        ("1.500,5", "1500.5"),
        ("120", "120"),
        ("120,0", "120"),
        ("0,1", "0.1"),
    ];
    for (typed, read) in table {
        assert_eq!(area(typed).expect(typed).text("area"), read, "{typed}");
    }
    for typed in ["120,55", "một", "1,2,3", "-3", "12 m²", ""] {
        assert_eq!(area(typed).expect_err(typed).len(), 1, "{typed}");
    }
    assert!(area("0").expect_err("too little")[0].contains("0,1"));
    assert!(area("10000").expect_err("too much")[0].contains("9.999,9"));
}

#[test]
fn a_code_is_found_as_people_type_it() {
    let choices = vec![
        Choice::new("01", Bilingual::new("Kinh", "Kinh")),
        Choice::new("04", Bilingual::new("Hoa", "Chinese")),
        Choice::new("23", Bilingual::new("Bru - Vân Kiều", "Bru - Van Kieu")),
    ];
    let field = |max_count| {
        let choices = choices.clone();
        Field::new("group", words("Dân tộc"), FieldKind::Lookup { choices, max_count })
    };
    for (typed, code) in [
        ("01", "01"),
        ("kinh", "01"),
        ("Kinh (01)", "01"),
        ("chinese", "04"),
        ("van kieu", "23"),
    ] {
        assert_eq!(
            one(field(1), &[("group", typed)]).expect(typed).text("group"),
            code,
            "{typed}"
        );
    }
    let unknown = one(field(1), &[("group", "Anh")]).expect_err("nobody is called so");
    assert!(unknown[0].contains("Anh"), "{unknown:?}");
    assert_eq!(one(field(1), &[("group", "")]).expect_err("nothing was said").len(), 1);
    let two = one(
        field(2),
        &[("group", "Hoa"), ("group", ""), ("group", "01"), ("group", "04")],
    )
    .expect("two");
    assert_eq!(two.all("group"), ["04", "01"], "each once");
    assert_eq!(
        one(field(1), &[("group", "Hoa"), ("group", "01")])
            .expect_err("one too many")
            .len(),
        1
    );
    let form = Form::new("f", "/f").field(field(3));
    let page = form.render_fields(Lang::Vi, &two, &Errors::none()).into_string();
    assert!(
        page.contains("value=\"Hoa (04)\"") && page.contains("<datalist id=\"f-group-list\">"),
        "{page}"
    );
    assert_eq!(
        page.matches("list=\"f-group-list\"").count(),
        3,
        "two that are filled and room for one more"
    );
}

#[test]
fn days_are_read_as_people_write_them() {
    let field = || {
        Field::new(
            "d",
            words("Ngày"),
            FieldKind::Date {
                min: Some(date(1900, 1, 1)),
                max: Some(date(2026, 11, 22)),
            },
        )
    };
    let parts = [("d-day", "05"), ("d-month", "7"), ("d-year", "1985")];
    assert_eq!(one(field(), &parts).expect("a day").date("d"), Some(date(1985, 7, 5)));
    for whole in ["5/7/1985", "05-07-1985", "5.7.1985", "1985-07-05", "05071985"] {
        assert_eq!(
            one(field(), &[("d-day", whole)]).expect(whole).date("d"),
            Some(date(1985, 7, 5)),
            "{whole}"
        );
    }
    for (day, month, year, part) in [
        ("31", "2", "1990", "day"),
        ("x", "2", "1990", "day"),
        ("1", "", "1990", "month"),
        ("1", "2", "90", "year"),
    ] {
        let form = Form::new("f", "/f").field(field());
        let errors = form
            .parse(&sent(&[("d-day", day), ("d-month", month), ("d-year", year)]))
            .expect_err("no day");
        assert_eq!(errors.iter().next().and_then(|e| e.part), Some(part));
    }
    assert!(one(field(), &[("d-day", "23"), ("d-month", "11"), ("d-year", "2026")]).is_err());
}

#[test]
fn a_field_is_asked_only_when_its_condition_holds() {
    let form = Form::new("f", "/f")
        .field(Field::radios(
            "who",
            words("Ai"),
            vec![Choice::named("self", "Tôi"), Choice::named("org", "Tổ chức")],
        ))
        .field(Field::text("org", words("Tên")).when("who", &["org"]));
    let values = form
        .parse(&sent(&[("who", "self"), ("org", "left over")]))
        .expect("the second is not asked");
    assert_eq!(values.opt("org"), None);
    assert_eq!(form.parse(&sent(&[("who", "org")])).expect_err("it is asked").len(), 1);
}

#[test]
fn what_a_section_says_once_is_not_said_at_each_field() {
    let row = |form: Form| form.field(Field::text("what", words("Điều gì")).optional());
    let shown = |form: Form| {
        let shell = sample_shell(Lang::Vi);
        form.render(&shell, &Values::none(), &Errors::none()).into_string()
    };
    assert!(shown(row(Form::new("f", "/f").section(words("Mục 1")))).contains("class=\"optional\""));
    let once = shown(row(
        Form::new("f", "/f").voluntary_section(words("Mục 1"), Some("form-hint-date"))
    ));
    assert!(
        !once.contains("class=\"optional\"") && once.contains("class=\"hint\""),
        "{once}"
    );
    assert!(!once.contains("aria-required"), "{once}");
}

#[test]
fn silence_can_be_an_answer() {
    let form = Form::new("f", "/f")
        .field(Field::new("found", words("Bị bỏ rơi"), FieldKind::YesNo).optional())
        .field(Field::text("mother", words("Mẹ")).when("found", &["no", ""]));
    assert!(form.parse(&sent(&[("found", "yes")])).is_ok());
    for typed in [&[][..], &[("found", "no")]] {
        assert_eq!(form.parse(&sent(typed)).expect_err("the mother is asked for").len(), 1);
    }
}

#[test]
fn answers_that_were_not_offered_are_refused() {
    let field = || Field::select("s", words("Chọn"), vec![Choice::named("a", "A")]);
    assert!(one(field(), &[("s", "b")]).is_err());
    let boxes = Field::new(
        "s",
        words("Chọn"),
        FieldKind::Checkboxes {
            choices: vec![Choice::named("a", "A"), Choice::named("b", "B")],
        },
    );
    let values = one(boxes.clone(), &[("s", "b"), ("s", "a"), ("s", "b")]).expect("both are offered");
    assert_eq!(values.all("s"), ["b", "a"]);
    assert!(one(boxes, &[("s", "a"), ("s", "evil")]).is_err());
}

#[test]
fn a_list_says_once_what_nothing_means() {
    let drawn = |choices: Vec<Choice>| {
        let form = Form::new("f", "/f").field(Field::select("s", words("Sổ"), choices).optional());
        let html = form
            .render(&sample_shell(Lang::Vi), &Values::none(), &Errors::none())
            .into_string();
        html.matches("value=\"\"").count()
    };
    assert_eq!(drawn(vec![Choice::named("a", "A")]), 1, "nobody has chosen yet");
    assert_eq!(drawn(vec![Choice::named("", "Không"), Choice::named("a", "A")]), 1);
}

#[test]
fn lengths_count_characters_not_bytes() {
    let field = Field::text("t", words("Tên")).max_len(5);
    assert!(one(field.clone(), &[("t", "🎉🎉🎉🎉🎉")]).is_ok());
    assert_eq!(
        one(field, &[("t", "🎉🎉🎉🎉🎉🎉")]),
        Err(vec!["“Tên” được nhiều nhất 5 chữ, hiện quá 1 chữ.".to_owned()])
    );
}

#[test]
fn passwords_and_codes_are_never_shown_again() {
    let form = Form::new("f", "/f")
        .field(Field::new("p", words("Mật khẩu"), FieldKind::Password { new: false }))
        .field(Field::new("c", words("Mã"), FieldKind::OneTimeCode));
    let submitted = sent(&[("p", "bí mật 123"), ("c", "654321")]);
    let html = form
        .render(&sample_shell(Lang::Vi), &form.typed(&submitted), &Errors::none())
        .into_string();
    assert!(!html.contains("bí mật 123") && !html.contains("654321"));
}

#[test]
fn a_form_goes_through_json() {
    let form = sample_form();
    let json = serde_json::to_string(&form).expect("a form is data");
    let back: Form = serde_json::from_str(&json).expect("the same data");
    assert_eq!(back.sections, form.sections);
    let short = r#"{"name":"a","sections":[{"fields":[{"name":"x","label":{"vi":"Tên"},"kind":"text"},{"name":"y","label":{"key":"form-yes"},"kind":"date"}]}]}"#;
    let form: Form = serde_json::from_str(short).expect("defaults fill in");
    assert_eq!(form.fields().count(), 2);
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.names().eq(other.names()) && self.names().all(|n| self.all(n) == other.all(n))
    }
}

proptest! {
    #[test]
    fn text_is_kept_exactly_as_typed(text in "[^\\x00-\\x1f\\x7f-\\x9f]{1,200}") {
        prop_assume!(!text.trim().is_empty());
        let field = Field::multiline("t", words("Mô tả"), 10_000);
        let values = one(field, &[("t", &text)]).expect("any text is an answer");
        prop_assert_eq!(values.text("t"), &text);
    }

    #[test]
    fn nothing_typed_becomes_markup(text in ".{0,60}") {
        let evil = format!("{text}\"'><script>alert(1)</script></textarea></select>{text}");
        let form = sample_form().hidden("h", evil.clone()).with_choices("sector", vec![Choice::named(evil.clone(), evil.clone())]);
        let names: Vec<String> = form.fields().map(|f| f.name.clone()).collect();
        let texts: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), evil.as_str())).collect();
        let submitted = sent(&texts);
        let mut errors = form.parse(&submitted).err().unwrap_or_default();
        errors.add_words("name", Bilingual::vi(evil.clone()));
        let mut values = form.typed(&submitted);
        values.set_kept("papers", vec![Kept { token: evil.clone(), name: evil.clone(), size: 1 }]);
        let html = form.render(&sample_shell(Lang::Vi), &values, &errors).into_string();
        prop_assert!(!html.contains("<script"));
        prop_assert!(html.contains("&lt;script&gt;"));
        prop_assert_eq!(html.matches("</textarea>").count(), 1);
    }

    #[test]
    fn reading_never_panics(key in "[a-z-]{1,12}", text in ".{0,60}") {
        let form = sample_form();
        let pairs: Vec<(String, String)> = form.fields().map(|f| (f.name.clone(), text.clone()))
            .chain([(key, text.clone()), ("born-day".into(), text.clone())]).collect();
        let texts: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let _ = form.parse(&sent(&texts));
    }
}
