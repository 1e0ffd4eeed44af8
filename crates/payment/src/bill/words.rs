//! An amount in Vietnamese words, as receipts have it: "Một trăm năm mươi nghìn đồng". Pure.
//! It refuses amounts below nothing: a receipt is over what came.

use kernel::Dong;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
/// Names of the groups of three digits, from the right; beyond a billion they begin again ("nghìn tỷ").
const GROUPS: [&str; 3] = ["", " nghìn", " triệu"];

/// `amount` in words, beginning with a capital letter and ending with "đồng".
#[must_use]
pub(crate) fn in_words(amount: Dong) -> String {
    let words = format!("{} đồng", number(amount.get().unsigned_abs()));
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn number(n: u64) -> String {
    if n == 0 {
        return DIGITS[0].to_owned();
    }
    let (billions, rest) = (n / 1_000_000_000, n % 1_000_000_000);
    let mut parts = Vec::new();
    if billions > 0 {
        parts.push(format!("{} tỷ", number(billions)));
    }
    if rest > 0 {
        parts.extend(groups(rest, billions > 0));
    }
    parts.join(" ")
}

/// The groups of a number below a billion. After a larger group, hundreds are said even when they are none.
fn groups(n: u64, follows: bool) -> Vec<String> {
    let mut parts = Vec::new();
    for (at, size) in [(2_usize, 1_000_000), (1, 1_000), (0, 1)] {
        let group = usize::try_from(n / size % 1_000).unwrap_or(0);
        if group > 0 {
            let whole = follows || !parts.is_empty();
            parts.push(format!("{}{}", three(group, whole), GROUPS[at]));
        }
    }
    parts
}

/// Three digits. `whole` says zeros at the front too: "không trăm lẻ năm".
fn three(n: usize, whole: bool) -> String {
    let (hundreds, tens, ones) = (n / 100, n / 10 % 10, n % 10);
    let mut words = Vec::new();
    if hundreds > 0 || whole {
        words.push(format!("{} trăm", DIGITS[hundreds]));
    }
    match (tens, ones) {
        (0, 0) => {}
        (0, _) if words.is_empty() => words.push(DIGITS[ones].to_owned()),
        (0, _) => words.push(format!("lẻ {}", DIGITS[ones])),
        (1, 0) => words.push("mười".to_owned()),
        (1, 5) => words.push("mười lăm".to_owned()),
        (1, _) => words.push(format!("mười {}", DIGITS[ones])),
        (_, 0) => words.push(format!("{} mươi", DIGITS[tens])),
        (_, 1) => words.push(format!("{} mươi mốt", DIGITS[tens])),
        (_, 5) => words.push(format!("{} mươi lăm", DIGITS[tens])),
        _ => words.push(format!("{} mươi {}", DIGITS[tens], DIGITS[ones])),
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_as_people_say_them() {
        for (amount, words) in [
            (0, "Không đồng"),
            (5, "Năm đồng"),
            (10, "Mười đồng"),
            (15, "Mười lăm đồng"),
            (21, "Hai mươi mốt đồng"),
            (105, "Một trăm lẻ năm đồng"),
            (8_000, "Tám nghìn đồng"),
            (50_000, "Năm mươi nghìn đồng"),
            (75_500, "Bảy mươi lăm nghìn năm trăm đồng"),
            (150_000, "Một trăm năm mươi nghìn đồng"),
            (1_000_005, "Một triệu không trăm lẻ năm đồng"),
            (1_250_040, "Một triệu hai trăm năm mươi nghìn không trăm bốn mươi đồng"),
            (2_000_000_000, "Hai tỷ đồng"),
            (1_000_000_000_001, "Một nghìn tỷ không trăm lẻ một đồng"),
        ] {
            assert_eq!(in_words(Dong::new(amount)), words);
        }
    }
}
