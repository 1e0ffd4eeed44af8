//! How reports look: the bar of questions, the figures with their links, the chart with its table beside it, the lines.
//! Refuses a number without a link to its rows, and colours that say what words do not.

use kernel::Date;
use maud::{Markup, html};
use web::components::{self, Fact, Tone};
use web::{Shell, format};

use super::sheet::words;
use super::{By, Figure, Filter, Line, Question, Report, Sums};
use crate::formula;

/// Most bars of days; more are drawn by week, so that the numbers above them can be read.
const DAYS_IN_CHART: usize = 16;

/// Lines of one part of a table.
pub(crate) const PAGE_LINES: usize = 50;

/// The period in words.
pub(crate) fn period(shell: &Shell, filter: &Filter) -> String {
    if filter.from == filter.to {
        return format::long_date(shell.lang, filter.from);
    }
    let day = |day: Date| format::date(shell.lang, day);
    shell.text_with(
        "indicator-period",
        &[("from", day(filter.from).into()), ("to", day(filter.to).into())],
    )
}

/// The periods that are asked for most: name in the address and words.
fn presets(shell: &Shell, today: Date) -> Vec<(String, String)> {
    let last_month = today.first_of_month().yesterday().unwrap_or(today);
    let quarter = (today.month() - 1) / 3 + 1;
    vec![
        (today.strftime("%Y-%m").to_string(), shell.text("indicator-this-month")),
        (
            last_month.strftime("%Y-%m").to_string(),
            shell.text("indicator-last-month"),
        ),
        (
            format!("{}-Q{quarter}", today.year()),
            shell.text("indicator-this-quarter"),
        ),
        (today.year().to_string(), shell.text("indicator-this-year")),
        ((today.year() - 1).to_string(), shell.text("indicator-last-year")),
    ]
}

/// What narrows an address beside the period.
fn narrowing(filter: &Filter) -> String {
    let all = filter.query();
    all.splitn(3, '&')
        .nth(2)
        .map_or_else(String::new, |rest| format!("&{rest}"))
}

/// The form that narrows a page, with the usual periods as links.
pub(crate) fn bar(shell: &Shell, question: &Question, action: &str, by: Option<By>) -> Markup {
    let filter = &question.filter;
    let lang = shell.lang;
    let rest = narrowing(filter);
    let by_query = by.map_or_else(String::new, |by| format!("&by={by}"));
    html! {
        form.bar method="get" action=(action) {
            div { label for="from" { (shell.text("indicator-from")) } input #from type="date" name="from" value=(filter.from); }
            div { label for="to" { (shell.text("indicator-to")) } input #to type="date" name="to" value=(filter.to); }
            @if question.units.len() > 1 {
                div { label for="unit" { (shell.text("indicator-unit")) } select #unit name="unit" {
                    option value="" { (shell.text("indicator-all")) }
                    @for (unit, name) in &question.units { option value=(unit) selected[filter.unit == Some(*unit)] { (name) } }
                } }
            }
            div { label for="sector" { (shell.text("indicator-sector")) } select #sector name="sector" {
                option value="" { (shell.text("indicator-all")) }
                @for one in question.index.sectors() { option value=(one.slug) selected[filter.sector.as_deref() == Some(one.slug.as_str())] { (one.name.get(lang)) } }
            } }
            @if let Some(code) = &filter.procedure { input type="hidden" name="procedure" value=(code); }
            @if let Some(by) = by { input type="hidden" name="by" value=(by); }
            div.row { button.btn.quiet { (shell.text("indicator-show")) } }
        }
        p.row { @for (at, (name, words)) in presets(shell, question.now.local_date()).iter().enumerate() {
            @if at > 0 { " · " } a href={ (action) "?period=" (name) (rest) (by_query) } { (words) }
        } }
        @if let Some(code) = &filter.procedure {
            p { (shell.text("indicator-procedure")) ": " b { (question.procedure_name(code, lang)) } " (" (code) ") "
                a href={ (action) "?from=" (filter.from) "&to=" (filter.to) (by_query) } { (shell.text("indicator-all-procedures")) } }
        }
    }
}

/// When the numbers were counted, and by which formulas.
pub(crate) fn cut_off(shell: &Shell, at: kernel::Timestamp) -> Markup {
    html! {
        p.muted {
            (shell.text_with("indicator-cut-off", &[("at", format::date_time(shell.lang, at).into())])) " "
            a href="/report/formulas" { (shell.text_with("indicator-formulas-version", &[("version", formula::current().version.into())])) }
        }
    }
}

fn fact(shell: &Shell, figure: Figure, sums: &Sums, query: &str) -> Fact {
    let value = figure.value(sums);
    let shown = Fact::new(
        shell.text(&format!("indicator-figure-{figure}")),
        words(shell, figure.shape(), &value),
    );
    let linked = shown.link(&format!("/report/rows/{}?{query}", figure.set()));
    match value.denominator {
        Some(whole) if whole > 0 && figure.shape() == crate::formula::Shape::Share => linked.more(shell.text_with(
            "indicator-of",
            &[
                ("part", format::number(shell.lang, value.numerator).into()),
                ("whole", format::number(shell.lang, whole).into()),
            ],
        )),
        _ => linked,
    }
}

/// Figures with their links.
pub(crate) fn facts(shell: &Shell, figures: &[Figure], sums: &Sums, query: &str) -> Markup {
    let facts: Vec<Fact> = figures.iter().map(|one| fact(shell, *one, sums, query)).collect();
    components::facts(&facts)
}

/// The figures in three groups.
pub(crate) fn figures(shell: &Shell, sums: &Sums, query: &str) -> Markup {
    let group = |figures: &[Figure]| facts(shell, figures, sums, query);
    html! {
        h2 { (shell.text("indicator-group-decided")) }
        (group(&[Figure::OnTime, Figure::Decided, Figure::Early, Figure::OnDay, Figure::Late, Figure::WorkingTime]))
        (group(&[Figure::LatePerson, Figure::LateSystem, Figure::Clean, Figure::Requests, Figure::Extended]))
        (group(&[Figure::Refused, Figure::Stopped, Figure::Withdrawn]))
        h2 { (shell.text("indicator-group-filed")) }
        (group(&[Figure::Filed, Figure::SelfFiled, Figure::Assisted, Figure::OnBehalf, Figure::Received, Figure::LateReceipt]))
        h2 { (shell.text("indicator-group-open")) }
        (group(&[Figure::Open, Figure::OpenInTime, Figure::OpenSoon, Figure::OpenOver, Figure::OpenWaiting]))
        p.small.muted { (shell.text("indicator-open-note")) }
    }
}

/// The decisions of each month as bars; of each day where there are few, else of each week.
pub(crate) fn chart(shell: &Shell, report: &Report, filter: &Filter) -> Markup {
    let rest = narrowing(filter);
    let by_week = report.trend.len() > DAYS_IN_CHART;
    let mut parts: Vec<(Date, Date, String, i64)> = Vec::new();
    for (key, sums) in &report.trend {
        let (from, to) = days_of(key, filter);
        let monday = from.checked_sub(jiff::Span::new().days(i64::from(from.weekday().to_monday_zero_offset())));
        match parts.last_mut() {
            Some(last) if by_week && monday.is_ok_and(|monday| monday <= last.0) => {
                last.1 = to;
                last.3 += sums.all.decided;
            }
            _ => parts.push((from, to, short(key), sums.all.decided)),
        }
    }
    let bars: Vec<(String, u64, String, Option<String>)> = parts
        .into_iter()
        .map(|(from, to, label, count)| {
            let href = format!("/report/rows/decided?from={from}&to={to}{rest}");
            let height = u64::try_from(count).unwrap_or(0);
            (label, height, format::number(shell.lang, count), Some(href))
        })
        .collect();
    html! {
        @if bars.len() > 1 {
            (components::bar_chart(shell.lang, &shell.text(if by_week { "indicator-chart-weeks" } else { "indicator-chart" }), &bars))
        }
    }
}

/// A month or a day as it is written under a bar.
fn short(key: &str) -> String {
    let mut parts = key.split('-').skip(1);
    match (parts.next(), parts.next()) {
        (Some(month), Some(day)) => format!("{day}/{month}"),
        (Some(month), None) => format!("{month}/{}", key.chars().skip(2).take(2).collect::<String>()),
        _ => key.to_owned(),
    }
}

/// First and last day of a month or a day, within the period.
pub(crate) fn days_of(key: &str, filter: &Filter) -> (Date, Date) {
    let whole = super::named(key).or_else(|| key.parse().ok().map(|day: Date| (day, day)));
    let (from, to) = whole.unwrap_or((filter.from, filter.to));
    (from.max(filter.from), to.min(filter.to))
}

/// The end of the address behind a line.
pub(crate) fn query_of(line: &Line, by: By, filter: &Filter) -> String {
    let mut own = filter.clone();
    match by {
        By::Unit => own.unit = line.key.parse().ok(),
        By::Sector => own.sector = Some(line.key.clone()).filter(|slug| !slug.is_empty()),
        By::Procedure => own.procedure = Some(line.key.clone()),
        By::Time => (own.from, own.to) = days_of(&line.key, filter),
    }
    own.query()
}

/// The figures that stand beside each line.
const COLUMNS: [Figure; 10] = [
    Figure::Filed,
    Figure::SelfFiled,
    Figure::Decided,
    Figure::OnTime,
    Figure::Late,
    Figure::WorkingTime,
    Figure::Requests,
    Figure::Clean,
    Figure::Open,
    Figure::OpenOver,
];

/// The lines of a page of the table.
pub(crate) fn table(shell: &Shell, lines: &[Line], by: By, filter: &Filter) -> Markup {
    let first = shell.text(&format!("indicator-by-{by}"));
    // What is open now is of no month.
    let columns: Vec<Figure> = COLUMNS
        .into_iter()
        .filter(|figure| by != By::Time || !figure.set().is_of_now())
        .collect();
    let label = |figure: Figure| shell.text(&format!("indicator-column-{figure}"));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(first) { table.stack {
            thead { tr { th scope="col" { (first) } @for figure in &columns { th.r scope="col" { (label(*figure)) } } } }
            tbody { @for line in lines { tr {
                @let query = query_of(line, by, filter);
                @let name = name_of(shell, line, by);
                th scope="row" { (name) }
                @for figure in &columns {
                    @let value = figure.value(&line.sums);
                    td.r data-l=(label(*figure)) {
                        @if value.numerator == 0 || value.value.is_none() { (words(shell, figure.shape(), &value)) } @else {
                            a.num href={ "/report/rows/" (figure.set()) "?" (query) } aria-label={ (name) ", " (label(*figure)) ": " (words(shell, figure.shape(), &value)) } { (words(shell, figure.shape(), &value)) }
                        }
                    }
                }
            } } }
        } }
    }
}

fn name_of(shell: &Shell, line: &Line, by: By) -> String {
    match by {
        By::Time => short(&line.key),
        By::Procedure if !line.name.is_empty() => format!("{} ({})", line.name, line.key),
        By::Procedure => line.key.clone(),
        By::Unit | By::Sector if line.name.is_empty() => shell.text("indicator-not-in-catalogue"),
        By::Unit | By::Sector => line.name.clone(),
    }
}

/// A tag for a row: late, early, on the day, open, or how else it ended.
pub(crate) fn standing(shell: &Shell, fact: &crate::fact::Fact, now: kernel::Timestamp) -> Markup {
    let (tone, key) = match fact.ending {
        None if fact.until_at.is_some_and(|until| until < now) => (Tone::Late, "indicator-open-over".to_owned()),
        None => (Tone::Plain, "indicator-open".to_owned()),
        Some(_) if fact.is_counted && fact.is_late => (Tone::Late, "indicator-late".to_owned()),
        Some(_) if fact.is_counted && fact.is_early => (Tone::Ok, "indicator-early".to_owned()),
        Some(_) if fact.is_counted => (Tone::Ok, "indicator-on-day".to_owned()),
        Some(ending) => (Tone::Plain, format!("indicator-ending-{ending}")),
    };
    components::tag(tone, &shell.text(&key))
}
