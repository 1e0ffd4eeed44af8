//! Pieces that the pages of this room share: states as tags, amounts, the way between the pages.
//! They read no table and decide nothing.

use maud::{Markup, html};
use web::Shell;
use web::components::{self, Crumb, Tab, Tone, tag};
use web::format;

use crate::bill::Standing;
use crate::reconcile::Class;
use kernel::Dong;

/// The state of a bill.
pub(crate) fn standing(shell: &Shell, standing: Standing) -> Markup {
    let tone = match standing {
        Standing::Open => Tone::Info,
        Standing::Partly | Standing::Over => Tone::Soon,
        Standing::Paid => Tone::Ok,
        Standing::Cancelled | Standing::Refunded => Tone::Plain,
    };
    tag(tone, &shell.text(&format!("bill-standing-{standing}")))
}

/// The class of a part of a line.
pub(crate) fn class(shell: &Shell, class: Class) -> Markup {
    let tone = match class {
        Class::Matched => Tone::Ok,
        Class::Explained => Tone::Info,
        Class::Listed => Tone::Late,
    };
    tag(tone, &shell.text(&format!("line-class-{class}")))
}

/// An amount with its unit.
pub(crate) fn dong(shell: &Shell, amount: Dong) -> String {
    format::dong(shell.lang, amount)
}

/// The first station of every page here.
pub(crate) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/payments", shell.text("payment-nav"))]
}

/// The parts of this room that an officer may reach: path and key of each.
pub(crate) fn tabs(shell: &Shell, parts: &[(&str, &str)], current: &str) -> Markup {
    let tabs: Vec<Tab> = parts
        .iter()
        .map(|(href, key)| Tab {
            href: (*href).to_owned(),
            label: shell.text(key),
            count: None,
            current: *href == current,
        })
        .collect();
    html! { @if tabs.len() > 1 { (components::tabs(shell.lang, &shell.text("payment-nav"), &tabs)) } }
}
