//! Reads a submission by its form: every answer is checked, every error is kept, nothing stops at the first.
//! It refuses to change texts: only line ends are made the same; numbers, days and codes come out in one form.

use jiff::civil::Date;
use kernel::fold::fold;
use kernel::{AgencyCode, AreaCode, Dong, DossierCode, Email, Lang, PersonId, Phone, ProcedureCode, TaxCode};

use super::{Check, Choice, Errors, Field, FieldKind, Form, Values};
use crate::format;
use crate::submitted::{FileFault, Submitted};

/// The parts of a date field, as suffixes of its name.
pub(super) const DATE_PARTS: [&str; 3] = ["day", "month", "year"];

impl Form {
    /// Everything as it was typed: what [`Form::render`] shows again beside the errors.
    #[must_use]
    pub fn typed(&self, submitted: &Submitted) -> Values {
        let mut values = Values::none();
        let mut take = |name: &str| {
            let all: Vec<String> = submitted.all(name).map(lines).collect();
            if !all.is_empty() {
                values.set_all(name, all);
            }
        };
        for field in self.fields() {
            match &field.kind {
                FieldKind::Password { .. } | FieldKind::OneTimeCode | FieldKind::Files { .. } => {}
                FieldKind::Date { .. } => {
                    take(&field.name);
                    DATE_PARTS
                        .iter()
                        .for_each(|part| take(&format!("{}-{part}", field.name)));
                }
                FieldKind::Area { .. } => {
                    take(&field.name);
                    take(&format!("{}-province", field.name));
                }
                FieldKind::Text { .. }
                | FieldKind::Multiline { .. }
                | FieldKind::Integer { .. }
                | FieldKind::Decimal { .. }
                | FieldKind::Lookup { .. }
                | FieldKind::Dong { .. }
                | FieldKind::Radios { .. }
                | FieldKind::Select { .. }
                | FieldKind::Checkboxes { .. }
                | FieldKind::YesNo
                | FieldKind::Confirm
                | FieldKind::PersonId
                | FieldKind::Phone
                | FieldKind::Email
                | FieldKind::TaxCode => take(&field.name),
            }
        }
        self.hidden.iter().for_each(|(name, _)| take(name));
        values
    }

    /// Reads all answers. Fields that are not asked (their `when` does not hold) are left out; numbers, days, codes and
    /// telephone numbers come out in their readable form, texts exactly as typed.
    ///
    /// Files that the page kept from an earlier sending count for a required field when `kept-<field>` brings their token;
    /// the page checks the tokens.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn parse(&self, submitted: &Submitted) -> Result<Values, Errors> {
        let (mut values, mut errors) = (Values::none(), Errors::none());
        for field in self.fields() {
            if !self.is_asked(field, &values) {
                continue;
            }
            match &field.kind {
                FieldKind::Files { .. } => files(field, submitted, &mut values, &mut errors),
                FieldKind::Checkboxes { .. } => self.checkboxes(field, submitted, &mut values, &mut errors),
                FieldKind::Lookup { max_count, .. } => {
                    self.lookup(field, *max_count, submitted, &mut values, &mut errors);
                }
                FieldKind::Date { min, max } => date(field, submitted, (*min, *max), &mut values, &mut errors),
                FieldKind::Text { .. }
                | FieldKind::Multiline { .. }
                | FieldKind::Password { .. }
                | FieldKind::OneTimeCode
                | FieldKind::Integer { .. }
                | FieldKind::Decimal { .. }
                | FieldKind::Dong { .. }
                | FieldKind::Radios { .. }
                | FieldKind::Select { .. }
                | FieldKind::YesNo
                | FieldKind::Confirm
                | FieldKind::PersonId
                | FieldKind::Phone
                | FieldKind::Email
                | FieldKind::TaxCode
                | FieldKind::Area { .. } => self.single(field, submitted, &mut values, &mut errors),
            }
        }
        for (name, _) in &self.hidden {
            values.set(name, submitted.text(name));
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }

    /// Whether a field is asked, given the answers before it. An empty answer in its condition stands for no answer at all.
    #[must_use]
    pub fn is_asked(&self, field: &Field, values: &Values) -> bool {
        field.when.as_ref().is_none_or(|when| match values.all(&when.field) {
            [] => when.is.iter().any(String::is_empty),
            answers => answers.iter().any(|v| when.is.contains(v)),
        })
    }

    fn single(&self, field: &Field, submitted: &Submitted, values: &mut Values, errors: &mut Errors) {
        let typed = lines(submitted.text(&field.name));
        if typed.trim().is_empty() {
            if field.required {
                errors.push(field, None, required_key(&field.kind), vec![]);
            }
            return;
        }
        if typed.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            errors.push(field, None, "form-error-control", vec![]);
            return;
        }
        match self.read(field, &typed) {
            Ok(value) => values.set(&field.name, value),
            Err((key, args)) => errors.push(field, None, key, args),
        }
    }

    /// One answer in readable form.
    fn read(&self, field: &Field, typed: &str) -> Result<String, Wrong> {
        let plain = typed.trim();
        match &field.kind {
            FieldKind::Text {
                max_len,
                min_len,
                check,
            } => text(typed, *min_len, *max_len, *check),
            FieldKind::Multiline { max_len, .. } => length(typed, 0, *max_len),
            FieldKind::Password { .. } => length(typed, 0, 1000),
            FieldKind::OneTimeCode => one_time_code(typed),
            FieldKind::Integer { min, max, .. } => integer(plain, *min, *max),
            FieldKind::Decimal { decimals, min, max, .. } => decimal(plain, *decimals, *min, *max),
            FieldKind::Dong { min, max } => dong(plain, *min, *max),
            FieldKind::PersonId => checked::<PersonId>(plain, "form-error-person-id"),
            FieldKind::Phone => checked::<Phone>(plain, "form-error-phone"),
            FieldKind::Email => checked::<Email>(plain, "form-error-email"),
            FieldKind::TaxCode => checked::<TaxCode>(plain, "form-error-tax-code"),
            FieldKind::YesNo | FieldKind::Confirm => one_of(&["yes", "no"], plain),
            FieldKind::Radios { .. } | FieldKind::Select { .. } | FieldKind::Area { .. } => {
                let values: Vec<&str> = self.choices_of(field).iter().map(|c| c.value.as_str()).collect();
                one_of(&values, plain)
            }
            // Read elsewhere: they have more than one answer.
            FieldKind::Checkboxes { .. }
            | FieldKind::Lookup { .. }
            | FieldKind::Date { .. }
            | FieldKind::Files { .. } => Ok(typed.to_owned()),
        }
    }

    fn lookup(&self, field: &Field, max_count: usize, submitted: &Submitted, values: &mut Values, errors: &mut Errors) {
        let mut chosen: Vec<String> = Vec::new();
        for text in submitted.all(&field.name).filter(|text| !text.trim().is_empty()) {
            match found(self.choices_of(field), text) {
                Some(choice) if !chosen.contains(&choice.value) => chosen.push(choice.value.clone()),
                Some(_) => {}
                None => {
                    let short: String = text.trim().chars().take(60).collect();
                    errors.push(field, None, "form-error-lookup", vec![("text", short)]);
                }
            }
        }
        if chosen.len() > max_count {
            let max = max_count.to_string();
            errors.push(field, None, "form-error-lookup-count", vec![("max", max)]);
        }
        if chosen.is_empty() && field.required && errors.of(&field.name).next().is_none() {
            errors.push(field, None, "form-error-required", vec![]);
        }
        if !chosen.is_empty() {
            values.set_all(&field.name, chosen);
        }
    }

    fn checkboxes(&self, field: &Field, submitted: &Submitted, values: &mut Values, errors: &mut Errors) {
        let known: Vec<&str> = self.choices_of(field).iter().map(|c| c.value.as_str()).collect();
        let mut chosen: Vec<String> = Vec::new();
        for value in submitted.all(&field.name).filter(|v| !v.is_empty()) {
            if !known.contains(&value) {
                errors.push(field, None, "form-error-choice", vec![]);
                return;
            }
            if !chosen.iter().any(|c| c == value) {
                chosen.push(value.to_owned());
            }
        }
        if chosen.is_empty() && field.required {
            errors.push(field, None, "form-error-required-choices", vec![]);
        }
        values.set_all(&field.name, chosen);
    }
}

/// What the browser suggests for an answer: its name, and its code behind.
pub(super) fn suggestion(choice: &Choice, lang: Lang) -> String {
    format!("{} ({})", choice.label.get(lang), choice.value)
}

/// The answer that a text means: a code, a suggestion as it was offered, a name, or a part that one name alone has.
fn found<'a>(choices: &'a [Choice], text: &str) -> Option<&'a Choice> {
    let plain = text.trim();
    let names = |choice: &Choice| [Lang::Vi, Lang::En].map(|lang| fold(&choice.label.get(lang)));
    let exact = choices.iter().find(|choice| {
        choice.value == plain
            || plain
                .strip_suffix(')')
                .is_some_and(|text| text.ends_with(&format!("({}", choice.value)))
            || names(choice).contains(&fold(plain))
    });
    if exact.is_some() {
        return exact;
    }
    let part = fold(plain);
    let mut like = choices
        .iter()
        .filter(|choice| names(choice).iter().any(|name| name.contains(&part)));
    let first = like.next().filter(|_| part.chars().count() > 2);
    first.filter(|_| like.next().is_none())
}

/// Key and values of what is wrong.
type Wrong = (&'static str, Vec<(&'static str, String)>);

/// Browsers send line ends as CR LF whatever was typed.
pub(super) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

const fn required_key(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Radios { .. } | FieldKind::Select { .. } | FieldKind::YesNo | FieldKind::Area { .. } => {
            "form-error-required-choice"
        }
        FieldKind::Checkboxes { .. } => "form-error-required-choices",
        FieldKind::Confirm => "form-error-required-confirm",
        FieldKind::Files { .. } => "form-error-required-file",
        FieldKind::Text { .. }
        | FieldKind::Multiline { .. }
        | FieldKind::Password { .. }
        | FieldKind::OneTimeCode
        | FieldKind::Integer { .. }
        | FieldKind::Decimal { .. }
        | FieldKind::Lookup { .. }
        | FieldKind::Dong { .. }
        | FieldKind::Date { .. }
        | FieldKind::PersonId
        | FieldKind::Phone
        | FieldKind::Email
        | FieldKind::TaxCode => "form-error-required",
    }
}

fn length(typed: &str, min: usize, max: usize) -> Result<String, Wrong> {
    let count = typed.chars().count();
    let shown = |n: usize| format::number(Lang::Vi, i64::try_from(n).unwrap_or(i64::MAX));
    if count > max {
        return Err((
            "form-error-too-long",
            vec![("max", shown(max)), ("over", shown(count - max))],
        ));
    }
    if typed.trim().chars().count() < min {
        return Err(("form-error-too-short", vec![("min", shown(min))]));
    }
    Ok(typed.to_owned())
}

fn text(typed: &str, min: usize, max: usize, check: Option<Check>) -> Result<String, Wrong> {
    let Some(check) = check else {
        return length(typed, min, max);
    };
    let plain = typed.trim();
    match check {
        Check::TaxCode => checked::<TaxCode>(plain, "form-error-tax-code"),
        Check::AreaCode => checked::<AreaCode>(plain, "form-error-area-code"),
        Check::AgencyCode => checked::<AgencyCode>(plain, "form-error-agency-code"),
        Check::ProcedureCode => checked::<ProcedureCode>(plain, "form-error-procedure-code"),
        Check::DossierCode => checked::<DossierCode>(plain, "form-error-dossier-code"),
        Check::Login => {
            let sound = plain
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'@'));
            if sound {
                length(plain, min, max)
            } else {
                Err(("form-error-login", vec![]))
            }
        }
    }
}

fn checked<T: std::str::FromStr + std::fmt::Display>(plain: &str, key: &'static str) -> Result<String, Wrong> {
    plain
        .parse::<T>()
        .map(|value| value.to_string())
        .map_err(|_| (key, vec![]))
}

fn one_of(values: &[&str], plain: &str) -> Result<String, Wrong> {
    if values.contains(&plain) {
        Ok(plain.to_owned())
    } else {
        Err(("form-error-choice", vec![]))
    }
}

fn one_time_code(typed: &str) -> Result<String, Wrong> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let sound = (6..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_alphanumeric());
    if sound {
        Ok(digits)
    } else {
        Err(("form-error-one-time-code", vec![]))
    }
}

fn integer(plain: &str, min: Option<i64>, max: Option<i64>) -> Result<String, Wrong> {
    let groups: Vec<&str> = plain
        .trim_start_matches(['-', '−', '+'])
        .split(['.', ',', ' ', '\u{a0}'])
        .collect();
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|g| g.len() == 3));
    let digits = groups.concat();
    let sound = grouped && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = sound
        .then(|| digits.parse::<i64>().ok())
        .flatten()
        .ok_or(("form-error-integer", vec![]))?;
    let number = if plain.starts_with(['-', '−']) {
        -number
    } else {
        number
    };
    in_range(number, min, max, |n| format::number(Lang::Vi, n))
}

/// A comma before the decimals, or a point that no group of three digits follows.
fn decimal(plain: &str, decimals: u8, min: Option<i64>, max: Option<i64>) -> Result<String, Wrong> {
    let wrong = || ("form-error-decimal", vec![("decimals", decimals.to_string())]);
    let plain = plain.replace([' ', '\u{a0}'], "");
    let (whole, part) = match (plain.rsplit_once(','), plain.rsplit_once('.')) {
        (Some((whole, part)), _) => (whole.replace('.', ""), part),
        (None, Some((whole, part))) if part.len() != 3 && !whole.contains('.') => (whole.to_owned(), part),
        (None, _) => (plain.replace('.', ""), ""),
    };
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let part = part.trim_end_matches('0');
    let sound = !whole.is_empty() && is_digits(&whole) && is_digits(part) && part.len() <= usize::from(decimals);
    if !sound {
        return Err(wrong());
    }
    let scaled = format!("{whole}{part:0<width$}", width = usize::from(decimals));
    let scaled: i64 = scaled.parse().map_err(|_| wrong())?;
    let shown = |n: i64| {
        let scale = 10_i64.pow(u32::from(decimals));
        let rest = format!("{:0width$}", n % scale, width = usize::from(decimals));
        format!("{},{rest}", format::number(Lang::Vi, n / scale))
    };
    in_range(scaled, min, max, shown)?;
    Ok(if part.is_empty() {
        whole
    } else {
        format!("{whole}.{part}")
    })
}

fn dong(plain: &str, min: Option<i64>, max: Option<i64>) -> Result<String, Wrong> {
    let amount = Dong::parse_text(plain).map_err(|_| ("form-error-dong", vec![]))?;
    in_range(amount.get(), min, max, |n| format::dong(Lang::Vi, Dong::new(n)))
}

fn in_range(number: i64, min: Option<i64>, max: Option<i64>, shown: impl Fn(i64) -> String) -> Result<String, Wrong> {
    match (min, max) {
        (Some(min), _) if number < min => Err(("form-error-min", vec![("min", shown(min))])),
        (_, Some(max)) if number > max => Err(("form-error-max", vec![("max", shown(max))])),
        _ => Ok(number.to_string()),
    }
}

fn date(
    field: &Field,
    submitted: &Submitted,
    (min, max): (Option<Date>, Option<Date>),
    values: &mut Values,
    errors: &mut Errors,
) {
    let part = |part: &str| submitted.text(&format!("{}-{part}", field.name)).trim().to_owned();
    let (day, month, year) = (part("day"), part("month"), part("year"));
    let whole = submitted.text(&field.name).trim().to_owned();
    if day.is_empty() && month.is_empty() && year.is_empty() && whole.is_empty() {
        if field.required {
            errors.push(field, Some("day"), "form-error-required", vec![]);
        }
        return;
    }
    // A whole date in the first box, or an ISO date under the field's own name, is a date too.
    let alone = month.is_empty() && year.is_empty();
    let whole = if whole.is_empty() && alone { day.clone() } else { whole };
    let read = if whole.is_empty() || !alone {
        by_parts(&day, &month, &year)
    } else {
        by_text(&whole)
    };
    let found = read.and_then(|found| match (min, max) {
        (Some(min), _) if found < min => Err((
            Some("day"),
            ("form-error-date-min", vec![("min", format::date(Lang::Vi, min))]),
        )),
        (_, Some(max)) if found > max => Err((
            Some("day"),
            ("form-error-date-max", vec![("max", format::date(Lang::Vi, max))]),
        )),
        _ => Ok(found),
    });
    match found {
        Ok(found) => values.set(&field.name, found.to_string()),
        Err((part, (key, args))) => errors.push(field, part, key, args),
    }
}

type WrongDate = (Option<&'static str>, Wrong);

fn by_parts(day: &str, month: &str, year: &str) -> Result<Date, WrongDate> {
    for (text, name, key) in [
        (day, "day", "form-error-date-day"),
        (month, "month", "form-error-date-month"),
        (year, "year", "form-error-date-year"),
    ] {
        let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (name != "year" || text.len() == 4);
        if !sound {
            return Err((Some(name), (key, vec![])));
        }
    }
    match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
        _ => None,
    }
    .ok_or((Some("day"), ("form-error-date", vec![])))
}

fn by_text(text: &str) -> Result<Date, WrongDate> {
    let wrong = || (Some("day"), ("form-error-date", vec![]));
    let parts: Vec<&str> = text.split(['/', '-', '.', ' ']).filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => by_parts(day, month, year).map_err(|_| wrong()),
        [day, month, year] => by_parts(day, month, year).map_err(|_| wrong()),
        // 26112026
        [digits] if digits.len() == 8 && digits.is_ascii() => {
            by_parts(&digits[..2], &digits[2..4], &digits[4..]).map_err(|_| wrong())
        }
        [_] if text.len() <= 2 => Err((Some("month"), ("form-error-date-month", vec![]))),
        _ => Err(wrong()),
    }
}

fn files(field: &Field, submitted: &Submitted, values: &mut Values, errors: &mut Errors) {
    let FieldKind::Files {
        accept,
        max_count,
        max_bytes,
    } = &field.kind
    else {
        return;
    };
    let mut taken = Vec::new();
    for refused in submitted.refused().iter().filter(|r| r.field == field.name) {
        let (key, args) = fault(refused.fault);
        errors.push(field, None, key, [args, vec![("file", refused.name.clone())]].concat());
    }
    for file in submitted.files_of(&field.name) {
        let name = ("file", file.name.clone());
        if !accept.contains(&file.kind) {
            let kinds = accept_words(accept);
            errors.push(field, None, "form-error-file-kind", vec![name, ("kinds", kinds)]);
        } else if file.size > *max_bytes {
            let (key, args) = fault(FileFault::TooLarge { max: *max_bytes });
            errors.push(field, None, key, [args, vec![name]].concat());
        } else {
            taken.push(std::sync::Arc::clone(file));
        }
    }
    let kept: Vec<String> = submitted
        .all(&format!("kept-{}", field.name))
        .map(str::to_owned)
        .collect();
    let count = taken.len() + kept.len();
    if count > *max_count {
        errors.push(
            field,
            None,
            "form-error-file-count",
            vec![("max", max_count.to_string())],
        );
    }
    if count == 0 && field.required && errors.of(&field.name).next().is_none() {
        errors.push(field, None, "form-error-required-file", vec![]);
    }
    values.set_all(format!("kept-{}", field.name), kept);
    values.set_files(&field.name, taken);
}

fn fault(fault: FileFault) -> Wrong {
    match fault {
        FileFault::Empty => ("form-error-file-empty", vec![]),
        FileFault::Truncated => ("form-error-file-truncated", vec![]),
        FileFault::Unknown => ("form-error-file-unknown", vec![]),
        FileFault::TooLarge { max } => ("form-error-file-large", vec![("max", format::file_size(Lang::Vi, max))]),
        FileFault::TooMany { max } => ("form-error-file-many", vec![("max", max.to_string())]),
    }
}

/// `PDF, JPG, PNG`.
pub(super) fn accept_words(accept: &[crate::submitted::FileKind]) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for kind in accept {
        if !labels.contains(&kind.label()) {
            labels.push(kind.label());
        }
    }
    labels.join(", ")
}
