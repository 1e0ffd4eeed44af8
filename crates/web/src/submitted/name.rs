//! Names of files as other systems can bear them: no path, no control or direction marks, no reserved names, bounded, NFC.
//! It refuses to keep what a name may not hold, never the file for its name's sake.

use super::kind::FileKind;

/// Longest name in bytes, ending included; common file systems allow 255.
const BYTES_MAX: usize = 180;

/// Names that Windows keeps for devices.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A name that can be stored, shown and sent anywhere. Its ending is that of `kind` when it says something else.
#[must_use]
pub fn clean(name: &str, kind: Option<FileKind>) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let nfc = kernel::fold::nfc(last);
    let kept: String = nfc
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| if is_special(c) { '_' } else { c })
        .collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = match kept.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => (stem, ending.to_ascii_lowercase()),
        Some(_) | None => (kept, String::new()),
    };
    let ending = match kind {
        Some(kind) if !kind.endings().contains(&ending.as_str()) => kind.endings()[0].to_owned(),
        Some(_) | None => ending,
    };
    let stem = stem.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = if stem.is_empty() { "tep" } else { stem };
    let stem = if is_reserved(stem) {
        format!("_{stem}")
    } else {
        stem.to_owned()
    };
    let stem = shorten(&stem, BYTES_MAX - ending.len() - 1);
    if ending.is_empty() {
        stem
    } else {
        format!("{stem}.{ending}")
    }
}

fn is_ending(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Control characters, direction overrides and isolates, zero-width marks, private use, line separators.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

const fn is_special(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | ';' | '%')
}

fn is_reserved(stem: &str) -> bool {
    let lower = stem.split('.').next().unwrap_or("").trim_end().to_ascii_lowercase();
    RESERVED.iter().any(|name| match lower.strip_prefix(name) {
        Some("") => !matches!(*name, "com" | "lpt"),
        Some(rest) => {
            matches!(*name, "com" | "lpt")
                && matches!(
                    rest,
                    "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
                )
        }
        None => false,
    })
}

/// The longest beginning of at most `bytes` bytes that ends between characters.
fn shorten(text: &str, bytes: usize) -> String {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end]
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_lose_what_harms() {
        let pdf = Some(FileKind::Pdf);
        for (given, clean_name) in [
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Users\\lan\\Giấy khai sinh.PDF", "Giấy khai sinh.pdf"),
            ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
            ("\u{202e}fdp.exe", "fdp.pdf"),
            ("CON.pdf", "_CON.pdf"),
            ("com1.tar.pdf", "_com1.tar.pdf"),
            ("comma.pdf", "comma.pdf"),
            ("...", "tep.pdf"),
            ("", "tep.pdf"),
            ("ảnh.jpg", "ảnh.pdf"),
            ("Gia\u{302}\u{301}y.pdf", "Giấy.pdf"),
        ] {
            assert_eq!(clean(given, pdf), clean_name, "{given:?}");
        }
        assert_eq!(clean("bản nháp v1.2 cuối cùng", None), "bản nháp v1.2 cuối cùng");
    }

    proptest! {
        #[test]
        fn a_clean_name_is_short_and_stays_clean(name in "\\PC{0,300}|.{0,300}") {
            let once = clean(&name, Some(FileKind::Png));
            prop_assert!(once.len() <= BYTES_MAX);
            prop_assert!(!once.contains(['/', '\\', '\0', '\n', '\r', '"', '<']));
            prop_assert!(!once.starts_with('.') && !once.chars().any(is_hidden));
            prop_assert!(once.ends_with(".png"));
            prop_assert_eq!(clean(&once, Some(FileKind::Png)), once.clone());
        }
    }
}
