//! The words of faults in both languages, read from `text/`. It owns how they are filled and refuses to let a suggestion
//! stand that is empty. What an expression's types are called stays as definitions write it.

use crate::expression::Wrong;
use crate::fault::FaultCode;
use kernel::Bilingual;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const FAULTS: &str = include_str!("../text/faults.toml");
const PHRASES: &str = include_str!("../text/phrases.toml");

/// By key, what stands beside it: of a fault its words under `vi` and `en`, of a phrase its Vietnamese.
type Templates = BTreeMap<String, BTreeMap<String, String>>;

/// The words of a code with their places filled.
pub(crate) fn of(code: FaultCode, en: &[&str], vi: &[&str]) -> Bilingual {
    let template = |lang: &str| faults().get(code.code()).and_then(|words| words.get(lang));
    let vi: Vec<&str> = vi.iter().map(|arg| phrase("phrase", arg).unwrap_or(arg)).collect();
    match (template("vi"), template("en")) {
        (Some(vi_words), Some(en_words)) => Bilingual::new(fill(vi_words, &vi), fill(en_words, en)),
        _ => Bilingual::new(code.code(), code.code()),
    }
}

/// What is wrong with an expression, in Vietnamese.
pub(crate) fn of_wrong(wrong: &Wrong) -> String {
    let (key, first, second) = match wrong {
        Wrong::TooLong => ("too-long", String::new(), ""),
        Wrong::TooDeep => ("too-deep", String::new(), ""),
        Wrong::Character(character) => ("character", format!("{character:?}"), ""),
        Wrong::Text => ("text", String::new(), ""),
        Wrong::Number => ("number", String::new(), ""),
        Wrong::Literal(example) => ("literal", (*example).to_owned(), ""),
        Wrong::Expected { expected, found } => ("expected", (*expected).to_owned(), found.as_str()),
        Wrong::Function(name) => ("function", name.clone(), ""),
        Wrong::Path { path, .. } => ("path", path.clone(), ""),
        Wrong::Choice { word, .. } => ("choice", word.clone(), ""),
        Wrong::Compare { left, right } => ("compare", left.clone(), right.as_str()),
        Wrong::Operand { operator, found } => ("operand", (*operator).to_owned(), found.as_str()),
        Wrong::Units { left, right } => ("units", left.clone(), right.as_str()),
        Wrong::TooLarge => ("too-large", String::new(), ""),
        Wrong::Result { found, .. } => ("result", found.clone(), ""),
    };
    phrase("wrong", key).map_or_else(
        || wrong.to_string(),
        |template| {
            let known = |part| phrase("phrase", part).unwrap_or(part);
            fill(template, &[known(first.as_str()), known(second)])
        },
    )
}

/// Fills `{0}`, `{1}` …; a suggestion that is empty falls away.
fn fill(template: &str, args: &[&str]) -> String {
    let mut text = template.to_owned();
    for (index, arg) in args.iter().enumerate() {
        text = text.replace(&format!("{{{index}}}"), arg);
    }
    text.replace(" Có phải ý bạn là “”?", "")
        .replace(" Did you mean “”?", "")
}

fn phrase(table: &str, key: &str) -> Option<&'static str> {
    static PHRASES_READ: OnceLock<Templates> = OnceLock::new();
    let phrases = PHRASES_READ.get_or_init(|| read(PHRASES));
    phrases.get(table)?.get(key).map(String::as_str)
}

fn faults() -> &'static Templates {
    static FAULTS_READ: OnceLock<Templates> = OnceLock::new();
    FAULTS_READ.get_or_init(|| read(FAULTS))
}

fn read(text: &str) -> Templates {
    let table: toml::Table = text.parse().expect("the embedded words are TOML: a test reads them");
    let words = |entry: &toml::Value| -> Option<BTreeMap<String, String>> {
        let words = entry.as_table()?.iter();
        words
            .map(|(key, word)| Some((key.clone(), word.as_str()?.to_owned())))
            .collect()
    };
    table
        .iter()
        .filter_map(|(key, entry)| Some((key.clone(), words(entry)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::PatternError;

    #[test]
    fn every_code_has_words_in_both_languages_with_the_same_places() {
        let places = |text: &str| {
            (0..4)
                .filter(|n| text.contains(&format!("{{{n}}}")))
                .collect::<Vec<_>>()
        };
        for code in FaultCode::ALL {
            let words = faults()
                .get(code.code())
                .unwrap_or_else(|| panic!("no words for {}", code.code()));
            assert_eq!(places(&words["vi"]), places(&words["en"]), "{}", code.code());
        }
        assert_eq!(faults().len(), FaultCode::ALL.len(), "words without a code");
    }

    #[test]
    fn what_fills_the_words_is_vietnamese_too() {
        let patterns = [
            PatternError::Class,
            PatternError::Count,
            PatternError::Sign,
            PatternError::TooLong,
        ];
        for error in patterns {
            assert!(phrase("phrase", &error.to_string()).is_some(), "{error}");
        }
        let words = of(FaultCode::ValueType, &["version", "a number"], &["version", "a number"]);
        assert_eq!(words.vi, "“version” phải là một số.");
        assert_eq!(of_wrong(&Wrong::TooDeep), "biểu thức lồng nhau sâu hơn 64 mức");
        let expected = Wrong::Expected {
            expected: "`)`",
            found: "the end".to_owned(),
        };
        assert_eq!(of_wrong(&expected), "cần `)`, nhưng ở đây là chỗ kết thúc");
    }
}
