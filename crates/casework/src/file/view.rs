//! How a file is named on a page: a link when it may be opened, and otherwise why not.
//! It refuses a link to what nobody may open.

use maud::{Markup, html};
use web::Shell;
use web::components::{Tone, tag};

use super::FileCheck;
use crate::draft::view::NamedFile;

/// A file with its link, or with what the scanner says of it.
pub(crate) fn link(shell: &Shell, href: &str, file: &NamedFile) -> Markup {
    html! {
        @match file.row.check {
            None | Some(FileCheck::Clean) => a href=(href) { (file.name) },
            Some(FileCheck::Waiting) => { span { (file.name) } " " (tag(Tone::Info, &shell.text("file-checking"))) },
            Some(FileCheck::Infected) => {
                span { (file.name) } " " (tag(Tone::Late, &shell.text("file-infected")))
                p.small { (shell.text("file-infected-more")) }
            },
        }
    }
}
