//! What a file on its way looks like: the form that leads its columns to fields, how far it is, what was found, what can be
//! done now. It decides nothing.

use kernel::{Bilingual, Lang};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, SummaryRow, Tone};
use web::form::{Choice, Field, FieldKind, Form, Values, Width};
use web::format;
use web::submitted::FileKind;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::choices::Part;
use super::work::Sample;
use super::{Batch, Choices, Mode, Report, Stage};
use crate::geometry::crs::Crs;
use crate::kind::Kind;
use crate::record::RecordId;
use kernel::charset::Charset;
use stranger::Format;

/// Rows of a preview that stand beside a column.
const EXAMPLES: usize = 3;
/// What parts the cells of a CSV, as a form sends it.
const DELIMITERS: [(&str, &str); 4] = [
    (",", "reg-batch-comma"),
    (";", "reg-batch-semicolon"),
    ("tab", "reg-batch-tab"),
    ("|", "reg-batch-bar"),
];

/// The form that takes a file.
pub(super) fn upload_form(kind: &Kind, bytes_max: u64) -> Form {
    let file = FieldKind::Files {
        accept: vec![FileKind::Text, FileKind::Xlsx, FileKind::Data],
        max_count: 1,
        max_bytes: bytes_max,
    };
    Form::new("import", format!("{}/import", kind.path()))
        .submit("reg-import-look")
        .cancel(kind.path())
        .field(Field::new("file", "reg-import-file", file).hint("reg-import-file-hint"))
}

fn path(kind: &Kind, batch: &Batch) -> String {
    format!("{}/import/{}", kind.path(), batch.id)
}

/// What every column of the file is, and how the file is read.
pub(super) fn choices_form(kind: &Kind, batch: &Batch, sample: &Sample) -> Form {
    let mut form = Form::new("batch", format!("{}/choices", path(kind, batch)))
        .submit("reg-batch-check")
        .with_more("reg-batch-again")
        .section("reg-batch-reading");
    for field in reading(sample).into_iter().chain(place(kind)) {
        form = form.field(field);
    }
    let modes = [Mode::All, Mode::Good].map(|mode| Choice::new(mode_word(mode), mode_key(mode)));
    form = form.field(Field::new(
        "mode",
        "reg-batch-mode",
        FieldKind::Radios { choices: modes.into() },
    ));
    form = form.section("reg-batch-columns");
    let parts = parts(kind);
    for (at, heading) in sample.head.columns.iter().enumerate() {
        let examples: Vec<&str> = sample
            .rows
            .iter()
            .filter_map(|row| row.get(at).map(String::as_str))
            .filter(|text| !text.is_empty())
            .take(EXAMPLES)
            .collect();
        let label = if heading.is_empty() {
            format!("({})", at + 1)
        } else {
            heading.clone()
        };
        let choices = FieldKind::Select { choices: parts.clone() };
        let mut field = Field::new(format!("c{at}"), Bilingual::vi(label), choices).optional();
        if !examples.is_empty() {
            field = field.hint(Bilingual::vi(examples.join(" · ")));
        }
        form = form.field(field);
    }
    form
}

fn parts(kind: &Kind) -> Vec<Choice> {
    let named = |part: &Part| match part {
        Part::Field(name) => Choice::new(part.word(), kind.label(&format!("field.{name}"))),
        Part::East => Choice::new(part.word(), "reg-batch-east"),
        Part::North => Choice::new(part.word(), "reg-batch-north"),
        Part::Geometry => Choice::new(part.word(), "reg-batch-geometry"),
        Part::ValidFrom => Choice::new(part.word(), "reg-valid-from"),
    };
    Part::all(kind).iter().map(named).collect()
}

fn reading(sample: &Sample) -> Vec<Field> {
    let head = &sample.head;
    let mut fields = Vec::new();
    if head.layers.len() > 1 {
        let choices = head
            .layers
            .iter()
            .map(|name| Choice::named(name.clone(), name.clone()))
            .collect();
        fields.push(Field::select("layer", "reg-batch-layer", choices));
    }
    if head.charset.is_some() {
        let choices = Charset::ALL
            .iter()
            .map(|one| Choice::named(one.word(), one.name()))
            .collect();
        let field = Field::select("charset", "reg-batch-charset", choices);
        fields.push(if head.is_charset_sure {
            field
        } else {
            field.hint("reg-batch-charset-unsure")
        });
    }
    if head.delimiter.is_some() {
        let choices = DELIMITERS
            .iter()
            .map(|(value, key)| Choice::new(*value, *key))
            .collect();
        fields.push(Field::select("delimiter", "reg-batch-delimiter", choices));
    }
    if head.heading_row.is_some() {
        let row = FieldKind::Integer {
            min: Some(1),
            max: Some(1_000),
            unit: None,
        };
        fields.push(Field::new("heading", "reg-batch-heading", row).width(Width::W4));
    }
    fields
}

fn place(kind: &Kind) -> Vec<Field> {
    if kind.geometry().is_none() {
        return Vec::new();
    }
    let systems = Crs::all()
        .iter()
        .map(|crs| Choice::named(crs.code.clone(), crs.name.clone()))
        .collect();
    vec![
        Field::select("crs", "reg-batch-crs", systems),
        Field::new("swapped", "reg-batch-swapped", FieldKind::Confirm).optional(),
    ]
}

pub(super) const fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::All => "all",
        Mode::Good => "good",
    }
}

const fn mode_key(mode: Mode) -> &'static str {
    match mode {
        Mode::All => "reg-batch-mode-all",
        Mode::Good => "reg-batch-mode-good",
    }
}

/// What was chosen, as the form has it.
pub(super) fn values(batch: &Batch, sample: &Sample) -> Values {
    let (head, choices, mut values) = (&sample.head, &batch.choices, Values::none());
    if let Some(layer) = &head.layer {
        values.set("layer", layer);
    }
    if let Some(charset) = head.charset {
        values.set("charset", charset.word());
    }
    if let Some(delimiter) = head.delimiter {
        values.set(
            "delimiter",
            if delimiter == '\t' {
                "tab".to_owned()
            } else {
                delimiter.to_string()
            },
        );
    }
    if let Some(row) = head.heading_row {
        values.set("heading", row.to_string());
    }
    values.set("crs", choices.crs().code.clone());
    if choices.is_swapped {
        values.set("swapped", "yes");
    }
    values.set("mode", mode_word(choices.mode));
    for (at, part) in choices.parts.iter().enumerate() {
        if let Some(part) = part {
            values.set(format!("c{at}"), part.word());
        }
    }
    values
}

/// What was chosen on the form. What the file says by itself is not asked of it again.
pub(super) fn chosen(values: &Values, batch: &Batch, sample: &Sample) -> Choices {
    let (head, mut ask) = (&sample.head, batch.choices.ask.clone());
    let changed = |name: &str, now: Option<String>| {
        values
            .opt(name)
            .map(str::to_owned)
            .filter(|text| Some(text) != now.as_ref())
    };
    if let Some(layer) = changed("layer", head.layer.clone()) {
        ask.layer = Some(layer);
    }
    if let Some(word) = changed("charset", head.charset.map(|one| one.word().to_owned())) {
        ask.charset = Charset::of_word(&word);
    }
    let shown = head
        .delimiter
        .map(|one| if one == '\t' { "tab".to_owned() } else { one.to_string() });
    if let Some(word) = changed("delimiter", shown) {
        ask.delimiter = if word == "tab" { Some('\t') } else { word.chars().next() };
    }
    if let Some(row) = changed("heading", head.heading_row.map(|row| row.to_string())) {
        ask.heading_row = row.parse().ok();
    }
    let crs = values.opt("crs").and_then(Crs::find).filter(|crs| !crs.is_stored());
    Choices {
        parts: (0..head.columns.len())
            .map(|at| values.opt(&format!("c{at}")).and_then(Part::of_word))
            .collect(),
        crs: crs.map(|crs| crs.code.clone()),
        is_swapped: values.yes("swapped"),
        mode: if values.text("mode") == "good" {
            Mode::Good
        } else {
            Mode::All
        },
        ask,
    }
}

/// What the file is.
pub(super) fn about(batch: &Batch, sample: Option<&Sample>, shell: &Shell) -> Markup {
    let size = u64::try_from(batch.size).unwrap_or(0);
    let mut rows = vec![
        SummaryRow::markup(
            shell.text("reg-import-file"),
            html! { (batch.file_name) " · " (format::file_size(shell.lang, size)) },
        ),
        SummaryRow::markup(shell.text("reg-import-state"), state(batch, shell)),
        SummaryRow::new(
            shell.text("reg-who"),
            format!("{} · {}", batch.who, format::date_time(shell.lang, batch.created_at)),
        ),
    ];
    if let Some(sample) = sample {
        rows.push(SummaryRow::new(shell.text("reg-batch-format"), format_words(sample)));
    }
    if batch.rows_total > 0 {
        rows.push(SummaryRow::new(
            shell.text("reg-import-rows"),
            format::number(shell.lang, batch.rows_total),
        ));
    }
    if batch.rows_taken > 0 && batch.stage.is_over() {
        rows.push(SummaryRow::new(
            shell.text("reg-batch-taken"),
            format::number(shell.lang, batch.rows_taken),
        ));
    }
    if let (Some(who), Some(reason)) = (&batch.undone_by, &batch.reason) {
        rows.push(SummaryRow::new(
            shell.text("reg-batch-undone-by"),
            format!("{who}: {reason}"),
        ));
    }
    components::summary_list(&rows)
}

fn format_words(sample: &Sample) -> String {
    let head = &sample.head;
    let mut words = vec![head.format.name().to_owned()];
    words.extend(
        head.charset
            .filter(|_| head.format != Format::Xlsx)
            .map(|one| one.name().to_owned()),
    );
    words.extend(head.layer.clone());
    words.join(" · ")
}

pub(super) fn state(batch: &Batch, shell: &Shell) -> Markup {
    let tone = match batch.stage {
        Stage::Preview | Stage::Checking | Stage::Writing | Stage::Undoing => Tone::Info,
        Stage::Checked if batch.report.rows_faulty > 0 => Tone::Late,
        Stage::Checked | Stage::Paused => Tone::Info,
        Stage::Done => Tone::Ok,
        Stage::Undone | Stage::Dropped => Tone::Late,
    };
    components::tag(tone, &shell.text(&format!("reg-stage-{}", batch.stage)))
}

/// How far it is. The page asks again by itself.
pub(super) fn progress(batch: &Batch, waits: bool, shell: &Shell) -> Markup {
    let (done, total) = (batch.rows_done, batch.rows_total);
    let words = if batch.stage == Stage::Checking || total == 0 {
        shell.text_with("reg-batch-looked", &[("n", format::number(shell.lang, done).into())])
    } else {
        let (n, of) = (format::number(shell.lang, done), format::number(shell.lang, total));
        shell.text_with("reg-batch-progress", &[("n", n.into()), ("of", of.into())])
    };
    html! {
        p id="batch-progress" role="status" { (words) }
        @if batch.stage != Stage::Checking && total > 0 {
            progress class="bar" value=(done) max=(total) aria-labelledby="batch-progress" { (words) }
        } @else {
            progress class="bar" aria-labelledby="batch-progress" { (words) }
        }
        @if waits { (components::notification(shell.lang, Tone::Info, &shell.text("reg-batch-waits"))) }
        @if batch.is_stopping { p { (shell.text("reg-batch-stopping")) } }
        p.muted { (shell.text("reg-batch-refreshes")) }
    }
}

/// What looking found.
pub(super) fn found(kind: &Kind, batch: &Batch, shell: &Shell) -> Markup {
    let report = &batch.report;
    let good = batch
        .rows_total
        .saturating_sub(i64::try_from(report.rows_faulty).unwrap_or(i64::MAX));
    let says = |key: &str, n: u64| shell.text_with(key, &[("n", n.into())]);
    html! {
        @if batch.rows_total == 0 {
            (components::notification(shell.lang, Tone::Late, &shell.text("reg-import-empty")))
        } @else if report.rows_faulty > 0 {
            (components::notification(shell.lang, Tone::Late, &shell.text_with("reg-batch-faulty", &[
                ("good", format::number(shell.lang, good).into()),
                ("n", i64::try_from(report.rows_faulty).unwrap_or(i64::MAX).into()),
            ])))
        } @else {
            (components::notification(shell.lang, Tone::Ok, &shell.text_with("reg-batch-clean", &[("n", format::number(shell.lang, good).into())])))
        }
        @if report.outside > 0 {
            (components::notification(shell.lang, Tone::Late, &says("reg-batch-outside", report.outside)))
            @if report.swapped > 0 { p { (says("reg-batch-swapped-found", report.swapped)) } }
        }
        @if report.formulas > 0 { p { (says("reg-batch-formulas", report.formulas)) } }
        @if report.merged > 0 { p { (says("reg-batch-merged", report.merged)) } }
        @if report.heights > 0 { p { (says("reg-batch-heights", report.heights)) } }
        (faults(report, shell))
        @if batch.mended.is_some() {
            p { a href=(format!("{}/faults", path(kind, batch))) { (shell.text("reg-batch-download")) } }
            p.muted { (shell.text(if batch.choices.mode == Mode::All { "reg-batch-download-all" } else { "reg-batch-download-good" })) }
        }
        (alike(kind, report, shell))
    }
}

fn faults(report: &Report, shell: &Shell) -> Markup {
    html! {
        @if !report.faults.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("reg-import-faults")) { table.stack {
                caption { (shell.text("reg-import-faults")) }
                thead { tr {
                    th scope="col" { (shell.text("reg-import-row")) }
                    th scope="col" { (shell.text("reg-import-column")) }
                    th scope="col" { (shell.text("reg-import-wrong")) }
                } }
                tbody { @for fault in &report.faults { tr {
                    th scope="row" { (fault.row) }
                    td data-l=(shell.text("reg-import-column")) { (fault.column) }
                    td data-l=(shell.text("reg-import-wrong")) { (if shell.lang == Lang::En { &fault.en } else { &fault.vi }) }
                } } }
            } }
            @if report.faults_total > report.faults.len() as u64 {
                p { (shell.text_with("reg-batch-more", &[("n", report.faults_total.into())])) }
            }
        }
    }
}

fn alike(kind: &Kind, report: &Report, shell: &Shell) -> Markup {
    html! {
        @if report.alike_total > 0 {
            h2 { (shell.text("reg-batch-alike")) }
            p { (shell.text_with("reg-batch-alike-words", &[("n", report.alike_total.into())])) }
            ul { @for one in &report.alike { li {
                (shell.text_with("reg-batch-row", &[("n", one.row.into())])) ": "
                @if let Some(record) = one.record {
                    a href=(format!("{}/{}", kind.path(), RecordId::from_uuid(record))) { (shell.text("reg-batch-alike-record")) }
                }
                @if let Some(other) = one.other_row { (shell.text_with("reg-batch-alike-row", &[("n", other.into())])) }
            } } }
        }
    }
}

/// What can be done now.
pub(super) fn actions(kind: &Kind, batch: &Batch, shell: &Shell) -> Markup {
    let to = |what: &str| format!("{}/{what}", path(kind, batch));
    let button = |look: ButtonKind, what: &str, hidden: &[(&str, &str)], label: &str| {
        components::post_button(shell, look, &to(what), hidden, label)
    };
    let (report, total) = (&batch.report, batch.rows_total);
    let faulty = i64::try_from(report.rows_faulty).unwrap_or(i64::MAX);
    let good = total.saturating_sub(faulty);
    let words = |key: &str| shell.text_with(key, &[("n", format::number(shell.lang, good).into())]);
    html! {
        div.row.actions {
            @match batch.stage {
                Stage::Checked => {
                    @if faulty == 0 && total > 0 { (button(ButtonKind::Main, "write", &[("mode", "all")], &words("reg-batch-write"))) }
                    @if faulty > 0 && good > 0 { (button(ButtonKind::Main, "write", &[("mode", "good")], &words("reg-batch-write-good"))) }
                    a class="btn" href=(format!("{}?again=1", path(kind, batch))) { (shell.text("reg-batch-back")) }
                    (button(ButtonKind::Quiet, "drop", &[], &shell.text("reg-batch-drop")))
                }
                Stage::Writing => { @if !batch.is_stopping { (button(ButtonKind::Quiet, "pause", &[], &shell.text("reg-batch-pause"))) } }
                Stage::Paused => {
                    (button(ButtonKind::Main, "resume", &[], &shell.text("reg-batch-resume")))
                    (button(ButtonKind::Quiet, "drop", &[], &shell.text("reg-batch-drop")))
                }
                Stage::Preview => (button(ButtonKind::Quiet, "drop", &[], &shell.text("reg-batch-drop"))),
                Stage::Done => a class="btn btn-main" href=(kind.path()) { (shell.text("reg-batch-list")) },
                Stage::Checking | Stage::Undoing | Stage::Undone | Stage::Dropped => {}
            }
        }
    }
}

/// The form that takes a finished import back.
pub(super) fn undo_form(kind: &Kind, batch: &Batch) -> Form {
    Form::new("undo", format!("{}/undo", path(kind, batch)))
        .submit("reg-batch-undo-do")
        .field(
            Field::multiline("reason", "reg-reason", crate::record::rules::REASON_CHARS_MAX)
                .hint("reg-batch-undo-hint"),
        )
}

/// Records that were changed since, which speak against taking an import back.
pub(super) fn changed(kind: &Kind, (records, count): (&[RecordId], u64), shell: &Shell) -> Markup {
    html! {
        (components::notification(shell.lang, Tone::Late, &shell.text_with("reg-batch-changed", &[("n", count.into())])))
        ul { @for record in records { li { a href=(format!("{}/{record}", kind.path())) { (record) } } } }
    }
}

/// Why a file could not be read, in words.
pub(super) fn refusal(batch: &Batch, shell: &Shell) -> Markup {
    html! {
        @if let Some(code) = &batch.report.refusal {
            (components::notification(shell.lang, Tone::Late, &shell.text(&format!("error-{code}"))))
        }
    }
}

/// The files of a kind that came before.
pub(super) fn past(kind: &Kind, batches: &[Batch], shell: &Shell) -> Markup {
    if batches.is_empty() {
        return html! {};
    }
    let table = Table::new(
        format!("{}/import", kind.path()),
        "reg-imports",
        vec![
            Column::new("file", "reg-import-file"),
            Column::new("rows", "reg-import-rows").numeric(),
            Column::new("state", "reg-import-state").plain_on_phones(),
            Column::new("who", "reg-who"),
            Column::new("at", "reg-known-at"),
        ],
    );
    let row = |batch: &Batch| {
        let rows = if batch.stage == Stage::Done {
            batch.rows_taken
        } else {
            batch.rows_total
        };
        Row::new(vec![
            html! { (batch.file_name) },
            html! { (format::number(shell.lang, rows)) },
            state(batch, shell),
            html! { (batch.who) },
            html! { (format::date_time(shell.lang, batch.created_at)) },
        ])
        .link(path(kind, batch))
    };
    let rows = batches.iter().map(row).collect::<Vec<_>>();
    table.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

/// The first rows of the file, as they are read now.
pub(super) fn first_rows(sample: &Sample, shell: &Shell) -> Markup {
    let shown = sample.head.columns.len();
    let table = html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("reg-batch-first-rows")) { table {
            caption { (shell.text("reg-batch-first-rows")) }
            thead { tr { @for heading in &sample.head.columns { th scope="col" { (heading) } } } }
            tbody { @for row in &sample.rows { tr {
                @for at in 0..shown { td { (row.get(at).map(String::as_str).unwrap_or_default()) } }
            } } }
        } }
    };
    components::details(&shell.text("reg-batch-first-rows"), &table)
}
