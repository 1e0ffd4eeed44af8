//! What the pages of doubles show: pairs with the reason, two records side by side, masked.
//! Nothing here is shown in full: the last digits of a number, the year of a birth, whether the rest agrees.

use super::rules::{Agreement, compared};
use super::{Double, Link, Pair, PairState, Why};
use crate::person::{Guarded, PersonDetails, mask_name};
use kernel::{Sex, Timestamp};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, Crumb, Tab, Tone, note, tabs};
use web::form::{Choice, Errors, Field, Form, Values};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

/// A pair, opened for one view.
pub(super) struct Opened {
    pub(super) double: Double,
    pub(super) details: [PersonDetails; 2],
    pub(super) created: [Timestamp; 2],
    pub(super) guards: [Vec<Guarded>; 2],
    pub(super) link: Option<Link>,
}

/// The way to the list.
pub(super) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    crate::account::list::http::crumbs(shell, &[])
}

/// The way to a pair.
pub(super) fn crumbs_to_list(shell: &Shell) -> Vec<Crumb> {
    crate::account::list::http::crumbs(shell, &[("/admin/people/doubles", "double-title")])
}

fn why(shell: &Shell, why: Why) -> String {
    shell.text(match why {
        Why::OldNumber => "double-why-old-number",
        Why::NameBirth => "double-why-name-birth",
    })
}

fn state_key(state: PairState) -> &'static str {
    match state {
        PairState::Open => "double-state-open",
        PairState::Joined => "double-state-joined",
        PairState::Apart => "double-state-apart",
    }
}

/// The pairs in one state.
pub(super) fn list(
    shell: &Shell,
    state: PairState,
    query: &TableQuery,
    pairs: &[Double],
    next: Option<String>,
    started: bool,
) -> Markup {
    let views = PairState::ALL.map(|one| Tab {
        href: format!("/admin/people/doubles?state={}", one.name()),
        label: shell.text(state_key(one)),
        count: None,
        current: one == state,
    });
    let schema = Table::new(
        "/admin/people/doubles",
        "double-caption",
        vec![
            Column::new("one", "double-one"),
            Column::new("other", "double-other"),
            Column::new("why", "double-why"),
            Column::new("found", "double-found-at"),
        ],
    )
    .keep(&["state"])
    .empty("double-empty");
    let named = |double: &Double, at: usize| {
        let key = if double.numbered[at] {
            "double-numbered"
        } else {
            "double-unnumbered"
        };
        html! { (double.names[at]) " " span.small.muted { (shell.text(key)) } }
    };
    let row = |double: &Double| {
        Row::new(vec![
            named(double, 0),
            named(double, 1),
            html! { (why(shell, double.why)) },
            html! { (format::date_time(shell.lang, double.found_at)) },
        ])
        .link(format!(
            "/admin/people/doubles/{}/{}",
            double.pair.one, double.pair.other
        ))
    };
    let rows: Vec<Row> = pairs.iter().map(row).collect();
    let paging = Paging::Keyset {
        next,
        started,
        total: None,
    };
    html! {
        h1 { (shell.text("double-title")) }
        p.lead { (shell.text("double-lead")) }
        (tabs(shell.lang, &shell.text("double-state"), &views))
        (schema.render(shell, query, &rows, &paging))
    }
}

/// The form that decides a pair.
pub(super) fn decision_form(pair: Pair) -> Form {
    let choices = vec![
        Choice::new("keep-one", "double-keep-one"),
        Choice::new("keep-other", "double-keep-other"),
        Choice::new("apart", "double-apart"),
    ];
    Form::new("double", format!("/admin/people/doubles/{}/{}", pair.one, pair.other))
        .field(Field::radios("decision", "double-decision", choices))
        .field(Field::multiline("reason", "double-reason", 500).hint("double-reason-hint"))
        .submit("double-decide")
}

/// The form that parts what was joined.
pub(super) fn part_form(pair: Pair) -> Form {
    Form::new(
        "part",
        format!("/admin/people/doubles/{}/{}/part", pair.one, pair.other),
    )
    .field(Field::multiline("reason", "double-part-reason", 500).hint("double-reason-hint"))
    .submit("double-part")
}

/// What stands in the form at first: the one with a number is kept.
pub(super) fn beginning(opened: &Opened) -> Values {
    match opened.double.numbered {
        [true, false] => Values::none().with("decision", "keep-one"),
        [false, true] => Values::none().with("decision", "keep-other"),
        _ => Values::none(),
    }
}

fn agreement(shell: &Shell, agreement: Agreement) -> Markup {
    let (tone, key) = match agreement {
        Agreement::Same => (Tone::Ok, "double-same"),
        Agreement::Differs => (Tone::Late, "double-differs"),
        Agreement::Unknown => (Tone::Plain, "double-unknown"),
    };
    components::tag(tone, &shell.text(key))
}

/// The same seven items as [`compared`], masked.
fn masked(shell: &Shell, details: &PersonDetails) -> [String; 7] {
    let known = |text: Option<String>| text.unwrap_or_else(|| shell.text("person-unknown"));
    let yes = |is: bool| is.then(|| shell.text("double-stated"));
    [
        known(details.number.map(|number| number.masked())),
        known(details.old_number.map(|number| number.masked())),
        mask_name(&details.name),
        known(details.born.map(|born| format!("**/**/{}", born.year()))),
        known(details.sex.map(|sex| {
            shell.text(match sex {
                Sex::Male => "person-male",
                Sex::Female => "person-female",
            })
        })),
        known(yes(details.phone.is_some())),
        known(yes(details.address.is_some())),
    ]
}

const ITEMS: [&str; 7] = [
    "person-number",
    "person-old-number",
    "person-name",
    "person-born",
    "person-sex",
    "person-phone",
    "person-address",
];

fn side_by_side(shell: &Shell, opened: &Opened) -> Markup {
    let [one, other] = [masked(shell, &opened.details[0]), masked(shell, &opened.details[1])];
    let agreements = compared(&opened.details[0], &opened.details[1]);
    let mut rows: Vec<Row> = ITEMS
        .iter()
        .zip(one.iter().zip(&other))
        .zip(agreements)
        .map(|((item, (one, other)), agrees)| {
            Row::new(vec![
                html! { (shell.text(item)) },
                html! { span.num { (one) } },
                html! { span.num { (other) } },
                agreement(shell, agrees),
            ])
        })
        .collect();
    let guards = |guards: &[Guarded]| {
        let names: Vec<&str> = guards.iter().map(|guard| guard.name_masked.as_str()).collect();
        if names.is_empty() {
            shell.text("person-unknown")
        } else {
            names.join(", ")
        }
    };
    let [a, b] = &opened.guards;
    let shared = a.iter().any(|guard| b.iter().any(|other| other.person == guard.person));
    let agrees = match (a.is_empty() || b.is_empty(), shared) {
        (true, _) => Agreement::Unknown,
        (_, true) => Agreement::Same,
        (_, false) => Agreement::Differs,
    };
    rows.push(Row::new(vec![
        html! { (shell.text("person-guardians")) },
        html! { (guards(a)) },
        html! { (guards(b)) },
        agreement(shell, agrees),
    ]));
    rows.push(Row::new(vec![
        html! { (shell.text("double-created-at")) },
        html! { (format::date_time(shell.lang, opened.created[0])) },
        html! { (format::date_time(shell.lang, opened.created[1])) },
        html! {},
    ]));
    Table::new(
        "/admin/people/doubles",
        "person-compare-caption",
        vec![
            Column::new("what", "person-what"),
            Column::new("one", "double-one"),
            Column::new("other", "double-other"),
            Column::new("agrees", "double-agrees"),
        ],
    )
    .render(shell, &TableQuery::default(), &rows, &Paging::All)
}

/// Two records side by side, and what may be decided of them.
pub(super) fn one(shell: &Shell, opened: &Opened, values: &Values, errors: &Errors) -> Markup {
    let double = &opened.double;
    let decided = double.decision.as_deref().unwrap_or_default();
    html! {
        h1 { (shell.text("double-one-title")) }
        p.lead { (why(shell, double.why)) }
        (side_by_side(shell, opened))
        @match double.state {
            PairState::Open => {
                (note(Tone::Info, &shell.text("double-effect"), &html! { p { (shell.text("double-effect-more")) } }))
                (decision_form(double.pair).render(shell, values, errors))
            }
            PairState::Joined => {
                (note(Tone::Ok, &shell.text("double-state-joined"), &html! { p.kept { (decided) }
                    @if let Some(link) = &opened.link { p { (format::date_time(shell.lang, link.since)) } } }))
                (part_form(double.pair).render(shell, values, errors))
            }
            PairState::Apart => {
                (note(Tone::Plain, &shell.text("double-state-apart"), &html! { p.kept { (decided) } }))
            }
        }
        p.hint { (shell.text("person-recorded")) }
    }
}
