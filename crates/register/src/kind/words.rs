//! The labels of definitions among the texts of pages: tables and filters take keys, so each label gets one, made of the
//! system's texts and their digest. Another version of a system has other keys, so that both may be there.

use std::fmt::Write as _;

use definition::System;
use kernel::Lang;
use ring::digest::{SHA256, digest};

/// What the keys of a system begin with.
pub(super) fn prefix(system: &System) -> String {
    let mut all = system.code.clone();
    for (key, label) in system.texts.iter() {
        // Writing to a string cannot fail.
        let _ = write!(all, "\n{key}={}={}", label.get(Lang::Vi), label.get(Lang::En));
    }
    format!("rk{}", hex::encode(&digest(&SHA256, all.as_bytes()).as_ref()[..5]))
}

/// The key of a label: letters, digits, hyphens and underscores.
pub(super) fn key(prefix: &str, label: &str) -> String {
    format!("{prefix}-{}", label.replace('.', "-"))
}

/// Makes the labels of a system known to pages. They live as long as the program: a version of a system is few kilobytes, and
/// comes into force once.
pub(crate) fn register(system: &System) {
    let prefix = prefix(system);
    let texts = |lang: Lang| {
        let lines = system.texts.iter().filter(|(name, _)| name.starts_with("record."));
        let line = |(name, label): (&str, &kernel::Bilingual)| {
            format!("{} = {{ \"{}\" }}\n", key(&prefix, name), escaped(label.get(lang)))
        };
        lines.map(line).collect::<String>()
    };
    web::i18n::register(&[web::Source {
        name: Box::leak(prefix.clone().into_boxed_str()),
        vi: Box::leak(texts(Lang::Vi).into_boxed_str()),
        en: Box::leak(texts(Lang::En).into_boxed_str()),
    }]);
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}
