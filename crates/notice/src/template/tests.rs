//! Templates: sound ones are read, every fault is told with its place, and no value within its kind makes a text too long.
//! The shipped test message is among them.

use std::collections::BTreeMap;

use kernel::{Dong, Lang, Timestamp};
use proptest::prelude::*;

use super::ascii::{SMS_CHARS_MAX, plain, sms_chars};
use super::{Problem, Rendered, Setting, Source, TemplateFault, Templates};
use crate::channel::Channel;
use crate::message::{CODE_CHARS_MAX, Parameter, Parameters};
use crate::testing::TEMPLATES;

const SETTING: Setting<'static> = Setting {
    site: "Hà Tĩnh",
    origin: "https://dichvucong.example",
    path: "/my",
};

fn faults(text: &'static str) -> Vec<TemplateFault> {
    Templates::read(&[Source { name: "t", text }]).expect_err("there are faults")
}

fn event(vi_sms: &str) -> String {
    format!(
        "[[event]]\nkind = \"a\"\nchannels = [\"sms\"]\nkeep-hours = 1\n[event.parameters]\ncode = \"code\"\ndesk = \"name\"\n\
         [event.vi]\ntitle = \"t\"\nsms = '''{vi_sms}'''\n[event.en]\ntitle = \"t\"\nsms = \"{{{{ code }}}}\"\n"
    )
}

fn one_fault(vi_sms: &str) -> Problem {
    let text: &'static str = Box::leak(event(vi_sms).into_boxed_str());
    let mut all = faults(text);
    assert_eq!(all.len(), 1, "{vi_sms}: {all:?}");
    let fault = all.remove(0);
    assert_eq!((fault.event.as_str(), fault.place.as_str()), ("a", "vi.sms"));
    fault.problem
}

#[test]
fn every_channel_has_its_words_in_both_languages() {
    let templates = Templates::read(&[TEMPLATES, crate::OWN_TEMPLATES]).unwrap();
    web::i18n::register(&[crate::TEXT]);
    let values = Parameters::from([
        ("code".to_owned(), Parameter::code("H27.15-261118-0001")),
        ("due".to_owned(), Parameter::Time(crate::testing::at(20, 16, 30))),
        ("desk".to_owned(), Parameter::name("Một cửa phường Thành Sen")),
    ]);
    let render = |channel, lang| {
        templates
            .render("sample.received", channel, lang, &values, &SETTING)
            .unwrap()
    };
    let Rendered::Email { subject, text } = render(Channel::Email, Lang::Vi) else {
        panic!("an e-mail")
    };
    assert_eq!(subject, "Hồ sơ H27.15-261118-0001 đã được tiếp nhận");
    for words in [
        "Một cửa phường Thành Sen",
        "Việc tiếp theo\nHẹn trả lúc 16:30, 20/11/2026",
        "https://dichvucong.example/my",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let sms = Rendered::Sms {
        text: "Ho so H27.15-261118-0001 da duoc tiep nhan. Hen tra 16:30, 20/11/2026.".to_owned(),
    };
    assert_eq!(render(Channel::Sms, Lang::Vi), sms);
    let Rendered::Zalo { values } = render(Channel::Zalo, Lang::En) else {
        panic!("Zalo")
    };
    assert_eq!(values["due"], "16:30, 20/11/2026");
    let push = Rendered::Push {
        title: "Dossier H27.15-261118-0001 is received".to_owned(),
        text: "It is due at 16:30, 20 November 2026.".to_owned(),
    };
    assert_eq!(render(Channel::Push, Lang::En), push);
}

#[test]
fn faults_of_a_text_are_told_with_their_place() {
    assert_eq!(one_fault("{{ name }}"), Problem::Unknown("name".to_owned()));
    assert_eq!(one_fault("{{ desk }}"), Problem::Weak("desk".to_owned(), Channel::Sms));
    assert_eq!(one_fault("{{ link }}"), Problem::Weak("link".to_owned(), Channel::Sms));
    assert_eq!(
        one_fault("xem https://a.vn"),
        Problem::Weak("a link".to_owned(), Channel::Sms)
    );
    assert_eq!(one_fault(" "), Problem::Missing(Channel::Sms));
    assert_eq!(
        one_fault(&"x".repeat(161)),
        Problem::TooLong {
            chars: 161,
            chars_max: 160
        }
    );
    assert_eq!(
        one_fault(&"[".repeat(81)),
        Problem::TooLong {
            chars: 162,
            chars_max: 160
        }
    );
    let long = format!("{{{{ code }}}}{}", "x".repeat(129));
    assert_eq!(
        one_fault(&long),
        Problem::TooLong {
            chars: 161,
            chars_max: 160
        }
    );
    assert!(matches!(one_fault("{{ code "), Problem::Syntax(_)));
    assert!(matches!(
        one_fault("{% include \"/etc/passwd\" %}"),
        Problem::Syntax(_) | Problem::Render(_)
    ));
    assert_eq!(
        one_fault("{% for a in range(9) %}{{ code }}{% endfor %}"),
        Problem::Unknown("range".to_owned())
    );
    let endless = "{% for a in [1,2,3,4,5,6,7,8,9] %}".repeat(6) + "{{ code }}" + &"{% endfor %}".repeat(6);
    assert!(matches!(one_fault(&endless), Problem::Render(_)));
    assert!(matches!(one_fault("{{ code.missing.more }}"), Problem::Render(_)));
}

#[test]
fn faults_of_a_file_are_all_told() {
    assert!(matches!(&faults("[[event]]\nkind = 1\n")[0].problem, Problem::File(_)));
    assert!(matches!(
        &faults("[[event]]\nunknown = 1\n")[0].problem,
        Problem::File(_)
    ));
    let text = "[[event]]\nkind = \"A B\"\nchannels = []\nkeep-hours = 0\n[event.vi]\ntitle = \"t\"\nsms = \"x\"\n[event.en]\ntitle = \"t\"\n";
    let problems: Vec<Problem> = faults(text).into_iter().map(|fault| fault.problem).collect();
    assert_eq!(
        problems,
        [Problem::BadName, Problem::Never, Problem::Idle(Channel::Sms)]
    );
    let twice = [event("{{ code }}"), event("{{ code }}")].concat();
    let all = faults(Box::leak(twice.into_boxed_str()));
    assert_eq!(
        all.iter().map(|fault| &fault.problem).collect::<Vec<_>>(),
        [&Problem::Twice]
    );
    assert_eq!(all[0].to_string(), "t: a: kind: this kind of event stands twice");
}

#[test]
fn a_value_of_another_kind_is_noticed() {
    let templates = Templates::read(&[TEMPLATES]).unwrap();
    let render = |values: Parameters| templates.render("sample.urgent", Channel::Sms, Lang::Vi, &values, &SETTING);
    assert!(render(BTreeMap::new()).is_err());
    assert!(render(BTreeMap::from([("code".to_owned(), Parameter::name("Trần Thị Hoa"))])).is_err());
    assert!(render(BTreeMap::from([("code".to_owned(), Parameter::code("H1"))])).is_ok());
    assert!(
        templates
            .render("nothing", Channel::Sms, Lang::Vi, &BTreeMap::new(), &SETTING)
            .is_err()
    );
    assert!(
        templates
            .render("sample.urgent", Channel::Push, Lang::Vi, &BTreeMap::new(), &SETTING)
            .is_err()
    );
}

fn parameter() -> impl Strategy<Value = (Parameter, Parameter, Parameter)> {
    let code = any::<String>().prop_map(Parameter::code);
    let at = (0_i64..4_102_444_800).prop_map(|seconds| Parameter::Time(Timestamp::from_seconds(seconds)));
    let desk = any::<String>().prop_map(|text| Parameter::name(&text));
    (code, at, desk)
}

proptest! {
    #[test]
    fn an_sms_is_ascii_and_fits(( code, due, desk ) in parameter(), english: bool) {
        let templates = Templates::read(&[TEMPLATES]).unwrap();
        let values = Parameters::from([("code".to_owned(), code), ("due".to_owned(), due), ("desk".to_owned(), desk)]);
        let lang = if english { Lang::En } else { Lang::Vi };
        let rendered = templates.render("sample.received", Channel::Sms, lang, &values, &SETTING).unwrap();
        let Rendered::Sms { text } = rendered else { panic!("an SMS") };
        prop_assert!(text.is_ascii() && sms_chars(&text) <= SMS_CHARS_MAX, "{text}");
        prop_assert!(!text.contains('\n'));
        for channel in [Channel::Email, Channel::Push, Channel::Zalo, Channel::Letter] {
            templates.render("sample.received", channel, lang, &values, &SETTING).unwrap();
        }
    }

    #[test]
    fn plain_text_is_ascii_and_stays_as_it_is(text: String) {
        let once = plain(&text);
        prop_assert!(once.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()));
        prop_assert_eq!(plain(&once), once);
    }

    #[test]
    fn a_parameter_holds_what_its_kind_says(text: String, amount: i64) {
        let Parameter::Code(code) = Parameter::code(&text) else { panic!("a code") };
        prop_assert!(code.is_ascii() && code.len() <= CODE_CHARS_MAX);
        let Parameter::Name(name) = Parameter::name(&text) else { panic!("a name") };
        prop_assert!(name.chars().count() <= crate::message::NAME_CHARS_MAX && !name.contains('\n'));
        let stored = serde_json::to_value(Parameter::Dong(Dong::new(amount))).unwrap();
        prop_assert_eq!(serde_json::from_value::<Parameter>(stored).unwrap(), Parameter::Dong(Dong::new(amount)));
    }
}

#[test]
fn vietnamese_loses_its_marks_and_keeps_its_letters() {
    assert_eq!(
        plain("Đường Nguyễn Huệ, phường Thành Sen – «hẹn trả»"),
        "Duong Nguyen Hue, phuong Thanh Sen - \"hen tra\""
    );
    assert_eq!(plain("ưỡ ằ ệ Ỗ đ Đ"), "uo a e O d D");
    assert_eq!(plain("a\u{0303}\u{301}"), "a");
    assert_eq!(plain("😀 茶"), "");
}
