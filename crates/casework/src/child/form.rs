//! The form of each action on a child dossier: one task a page, and only what it needs.
//! It refuses to carry anything out: that is `act`, and what may be done is `rules`.

use std::collections::BTreeMap;

use identity::{AccountId, UnitId};
use web::form::{Choice, Field, FieldKind, Form};

use super::{Child, ChildAction};
use crate::FileLimits;
use crate::desk::actions::FILES_MAX;

/// What the forms need to know besides the child.
#[derive(Debug, Clone, Default)]
pub(super) struct Around {
    /// Officers of the unit who can work on it.
    pub(super) officers: Vec<(AccountId, String)>,
    /// Units to which it can be sent on.
    pub(super) units: BTreeMap<String, UnitId>,
    /// Bounds of uploads.
    pub(super) files: FileLimits,
    /// The action carries the answer.
    pub(super) answers: bool,
}

/// Whether an action is one press of a button.
pub(super) const fn is_plain(action: ChildAction) -> bool {
    matches!(action, ChildAction::Accept | ChildAction::Claim)
}

/// The form of an action.
pub(super) fn form(child: &Child, action: ChildAction, around: &Around) -> Form {
    let path = format!("/desk/child-dossiers/{}", child.id);
    let start = Form::new("child", format!("{path}/{action}"))
        .submit(format!("child-do-{action}").as_str())
        .cancel(path)
        .hidden("revision", child.revision.to_string());
    let note = || Field::multiline("note", format!("child-note-{action}").as_str(), 5_000);
    match action {
        ChildAction::Accept | ChildAction::Claim => start,
        ChildAction::Assign => {
            let officers = around.officers.iter();
            let officers = officers.map(|(id, name)| Choice::named(id.to_string(), name.as_str()));
            start
                .field(Field::select("officer", "desk-officer", officers.collect()))
                .field(note().optional())
        }
        ChildAction::SendOn => {
            let units = around.units.iter();
            let units = units.map(|(name, unit)| Choice::named(unit.to_string(), name.as_str()));
            start
                .field(Field::select("unit", "child-send-to", units.collect()))
                .field(note())
        }
        ChildAction::Propose | ChildAction::Forward if around.answers => start.field(note()).field(files(around)),
        ChildAction::Forward | ChildAction::Propose | ChildAction::Approve => start.field(note().optional()),
        ChildAction::AskBack
        | ChildAction::Reply
        | ChildAction::SendBack
        | ChildAction::GiveBack
        | ChildAction::TakeBack => start.field(note()),
    }
}

fn files(around: &Around) -> Field {
    let kind = FieldKind::Files {
        accept: crate::file::http::KINDS.to_vec(),
        max_count: FILES_MAX,
        max_bytes: around.files.bytes_max,
    };
    Field::new("file", "desk-files", kind)
        .optional()
        .hint("child-files-hint")
}
