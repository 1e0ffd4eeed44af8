//! How values, records and their versions look on a page. People stand masked; whom a record names is shown by a page that
//! records its use. Owns words for what is wrong with a record.

use std::collections::BTreeMap;

use definition::expression::{NumberType, Unit, Value};
use definition::{FieldKind, Unfit};
use kernel::{Bilingual, Lang};
use maud::{Markup, html};
use stranger::CellFault;
use web::components::{self, SummaryRow, Tone};
use web::{Shell, format};

use super::value::text_of;
use super::{Record, Version, rules};
use crate::error::{What, Wrong};
use crate::geometry::{GeometryFault, Shape as Place};
use crate::house::Register;
use crate::kind::{Column, Kind};

/// Names of people by the id of their record: masked, or in full for a purpose.
pub(crate) type Names = BTreeMap<String, String>;

/// The unit behind a number.
pub(crate) fn unit_of(ty: &NumberType) -> Option<String> {
    match &ty.unit {
        Unit::Named(name) => Some(name.clone()),
        Unit::Dong => Some("đồng".to_owned()),
        Unit::Any | Unit::Count => None,
    }
}

/// A value in words of the page's language.
pub(crate) fn words(register: &Register, kind: &Kind, column: &Column, value: &Value, lang: Lang) -> String {
    if let Value::Many(all) = value {
        let each: Vec<String> = all.iter().map(|one| words(register, kind, column, one, lang)).collect();
        return each.join("; ");
    }
    match (&column.field.kind, value) {
        (_, Value::Bool(yes)) => web::text(lang, if *yes { "reg-yes" } else { "reg-no" }),
        (FieldKind::Number { ty, .. }, Value::Number(number)) => {
            let digits = if number.scale() == 0 {
                format::number(lang, number.units())
            } else {
                format::decimal(lang, number.units(), number.scale())
            };
            unit_of(ty).map_or(digits.clone(), |unit| format!("{digits} {unit}"))
        }
        (_, Value::Date(day)) => format::date(lang, *day),
        (FieldKind::Choice(_), Value::Text(word)) => kind.words(lang, &format!("choice.{}.{word}", column.field.name)),
        (FieldKind::Code(list), Value::Text(code)) => {
            let codes = register.codes(list);
            let known = codes.and_then(|codes| codes.iter().find(|(known, _)| known == code));
            known.map_or_else(|| code.clone(), |(_, name)| name.get(lang).to_owned())
        }
        (_, value) => text_of(value),
    }
}

/// How a record is called, in words of the page's language.
pub(crate) fn title(register: &Register, kind: &Kind, record: &Record, lang: Lang) -> String {
    let show = |name: &str, value: &Value| {
        kind.column(name)
            .map_or_else(String::new, |column| words(register, kind, column, value, lang))
    };
    let title = rules::title(kind, &record.values, &show);
    if title.is_empty() { record.id.to_string() } else { title }
}

/// The value of a field as it stands on a page, people by their names.
pub(crate) fn shown(
    register: &Register,
    kind: &Kind,
    column: &Column,
    record: &Record,
    names: &Names,
    shell: &Shell,
) -> Markup {
    let Some(value) = record.values.get(&column.field.name) else {
        return html! { span.muted { (shell.text("reg-nothing")) } };
    };
    if column.shape.is_personal() {
        let ids: Vec<String> = match value {
            Value::Many(all) => all.iter().map(text_of).collect(),
            one => vec![text_of(one)],
        };
        let known = ids
            .iter()
            .map(|id| names.get(id).cloned().unwrap_or_else(|| "***".to_owned()));
        return html! { (known.collect::<Vec<_>>().join("; ")) };
    }
    html! { (words(register, kind, column, value, shell.lang)) }
}

/// Where a record is.
pub(crate) fn place(shape: &Place, shell: &Shell) -> Markup {
    let words = match shape {
        Place::Point([x, y]) => format!("{x:.6}, {y:.6}"),
        Place::Line(line) => shell.text_with("reg-line-of", &[("n", (line.len() as u64).into())]),
        Place::Polygon(rings) => {
            let count = rings.iter().map(Vec::len).sum::<usize>() as u64;
            shell.text_with("reg-area-of", &[("n", count.into())])
        }
    };
    html! {
        span.num { (words) }
        @if !shape.is_in_viet_nam() { " " (components::tag(Tone::Late, &shell.text("reg-outside"))) }
    }
}

/// Every field of a version.
pub(crate) fn fields(register: &Register, kind: &Kind, record: &Record, names: &Names, shell: &Shell) -> Markup {
    let live = kind
        .columns
        .iter()
        .filter(|column| !column.field.retired || record.values.contains_key(&column.field.name));
    let mut rows: Vec<SummaryRow> = live
        .map(|column| {
            let label = kind.words(shell.lang, &format!("field.{}", column.field.name));
            SummaryRow::markup(label, shown(register, kind, column, record, names, shell))
        })
        .collect();
    if kind.geometry().is_some() {
        let place = match &record.shape {
            Some(shape) => place(shape, shell),
            None => html! { span.muted { (shell.text("reg-nothing")) } },
        };
        rows.push(SummaryRow::markup(shell.text("reg-place"), place));
    }
    components::summary_list(&rows)
}

/// Where a version comes from: who, when, why, from where.
pub(crate) fn provenance(register: &Register, record: &Record, shell: &Shell) -> Markup {
    let mut rows = vec![
        SummaryRow::new(
            shell.text("reg-valid-from"),
            format::date(shell.lang, record.valid_from),
        ),
        SummaryRow::new(
            shell.text("reg-known-at"),
            format::date_time(shell.lang, record.known_at),
        ),
        SummaryRow::new(shell.text("reg-who"), &record.who),
        SummaryRow::new(shell.text("reg-unit"), register.unit_name(record.unit, shell.lang)),
        SummaryRow::new(shell.text("reg-source"), source(record, shell)),
        SummaryRow::new(shell.text("reg-revision"), record.revision.to_string()),
    ];
    if let Some(reason) = &record.reason {
        rows.push(SummaryRow::new(shell.text("reg-reason"), reason));
    }
    components::summary_list(&rows)
}

fn source(record: &Record, shell: &Shell) -> String {
    let words = shell.text(&format!("reg-source-{}", record.source));
    match &record.origin {
        Some(origin) => format!("{words} · {origin}"),
        None => words,
    }
}

/// The versions of a record, the last first, each with what it made different.
pub(crate) fn history(register: &Register, kind: &Kind, versions: &[Version], names: &Names, shell: &Shell) -> Markup {
    html! {
        h2 #history { (shell.text("reg-history")) }
        @for (at, version) in versions.iter().enumerate() {
            (one(register, kind, version, versions.get(at + 1), names, shell))
        }
    }
}

fn one(
    register: &Register,
    kind: &Kind,
    version: &Version,
    before: Option<&Version>,
    names: &Names,
    shell: &Shell,
) -> Markup {
    let (record, lang) = (&version.record, shell.lang);
    let act = shell.text(&format!("reg-act-{}", record.act));
    html! {
        h3 { (shell.text_with("reg-version", &[("n", record.revision.into())])) " · " (act)
            @if version.voided { " " (components::tag(Tone::Info, &shell.text("reg-voided"))) } }
        p.muted {
            (shell.text_with("reg-version-line", &[
                ("day", format::date(lang, record.valid_from).into()),
                ("at", format::date_time(lang, record.known_at).into()),
                ("who", record.who.as_str().into()),
                ("source", source(record, shell).into()),
            ]))
        }
        @if let Some(reason) = &record.reason { p { (reason) } }
        @if let Some(before) = before { (difference(register, kind, &before.record, record, names, shell)) }
    }
}

/// What one version made different: field, what stood, what stands.
fn difference(
    register: &Register,
    kind: &Kind,
    before: &Record,
    after: &Record,
    names: &Names,
    shell: &Shell,
) -> Markup {
    let changed = rules::differing(kind, before, after);
    if changed.is_empty() {
        return html! { p { (shell.text("reg-only-day")) } };
    }
    let value = |record: &Record, field: &str| match kind.column(field) {
        Some(column) => shown(register, kind, column, record, names, shell),
        None => {
            html! { @if let Some(shape) = &record.shape { (place(shape, shell)) } @else { span.muted { (shell.text("reg-nothing")) } } }
        }
    };
    let rows = changed.iter().map(|field| {
        let label = if field == "geometry" {
            shell.text("reg-place")
        } else {
            kind.words(shell.lang, &format!("field.{field}"))
        };
        SummaryRow::markup(
            label,
            html! { del { (value(before, field)) } " → " ins { (value(after, field)) } },
        )
    });
    components::summary_list(&rows.collect::<Vec<_>>())
}

/// What is wrong, in both languages.
pub(crate) fn wrong_words(kind: &Kind, wrong: &Wrong) -> Bilingual {
    if let What::Rule(says) = &wrong.what {
        return kind.label(&format!("rule.{says}"));
    }
    let key = match &wrong.what {
        What::Unfit(Unfit::Missing) => "reg-wrong-missing",
        What::Unfit(Unfit::Type) | What::Unreadable => "reg-wrong-type",
        What::Unfit(Unfit::Range) => "reg-wrong-range",
        What::Unfit(Unfit::Pattern) => "reg-wrong-pattern",
        What::Unfit(Unfit::Choice) => "reg-wrong-choice",
        What::Code => "reg-wrong-code",
        What::Unknown => "reg-wrong-unknown",
        What::Rule(_) => "reg-wrong-rule",
        What::Duplicate(None) => "reg-wrong-taken",
        What::Duplicate(Some(_)) => "reg-wrong-twice",
        What::Geometry(fault) => geometry_key(*fault),
        What::Cell(fault) => cell_key(*fault),
    };
    let label = kind
        .column(&wrong.field)
        .map(|column| kind.label(&format!("field.{}", column.field.name)));
    let line = if let What::Duplicate(Some(line)) = wrong.what {
        line
    } else {
        0
    };
    let words = |lang: Lang| {
        let label = label.as_ref().map_or(wrong.field.as_str(), |label| label.get(lang));
        web::text_with(lang, key, &[("label", label.into()), ("line", line.into())])
    };
    Bilingual::new(words(Lang::Vi), words(Lang::En))
}

const fn geometry_key(fault: GeometryFault) -> &'static str {
    match fault {
        GeometryFault::Unreadable | GeometryFault::Binary => "reg-wrong-geometry",
        GeometryFault::Kind => "reg-wrong-geometry-kind",
        GeometryFault::Range => "reg-wrong-geometry-range",
        GeometryFault::Swapped => "reg-wrong-geometry-swapped",
        GeometryFault::Ring => "reg-wrong-geometry-ring",
        GeometryFault::Crossing => "reg-wrong-geometry-crossing",
        GeometryFault::Antimeridian => "reg-wrong-geometry-antimeridian",
        GeometryFault::TooLarge => "reg-wrong-geometry-large",
    }
}

const fn cell_key(fault: CellFault) -> &'static str {
    match fault {
        CellFault::Formula => "reg-wrong-cell-formula",
        CellFault::Error => "reg-wrong-cell-error",
        CellFault::TooLong => "reg-wrong-cell-long",
        CellFault::Charset => "reg-wrong-cell-charset",
        CellFault::Shape => "reg-wrong-geometry",
        CellFault::Parts => "reg-wrong-cell-parts",
        CellFault::ShapeTooLarge => "reg-wrong-geometry-large",
        CellFault::Beyond => "reg-wrong-cell-beyond",
    }
}
