//! Taking dossiers in where people bring them: at any desk of the province, or from the post. Owns who applies (persons,
//! those who act for others, organisations, several together), what was brought, and which desk took it.
//! Refuses a second way of filing: it makes the same submission as the online pages and hands it to `dossier::submit`.
//! Law: NĐ 118/2025/NĐ-CP (any desk takes any procedure), NĐ 45/2020/NĐ-CP, Bộ luật Dân sự 2015 Điều 21, 46-58, 134-143.

pub(crate) mod form;
pub mod http;
pub mod rules;
mod scans;
pub(crate) mod store;
mod taking;
#[cfg(test)]
mod tests;
pub(crate) mod view;
pub(crate) mod walk;

pub(crate) use taking::{Brought, parties, take};

use identity::{AccountId, UnitId, person};
use kernel::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::procedure::ChannelKind;
use crate::queue::TicketId;
use kernel::words;

words! {
    /// How a dossier came in, other than online.
    Channel {
        /// Trực tiếp: somebody stood at the counter.
        Desk = "desk",
        /// Bưu chính công ích.
        Post = "post",
    }
}

impl Channel {
    /// The same in the words of the catalogue, whose time limits and fees differ by channel.
    #[must_use]
    pub const fn kind(self) -> ChannelKind {
        match self {
            Self::Desk => ChannelKind::Desk,
            Self::Post => ChannelKind::Post,
        }
    }
}

words! {
    /// Who applies.
    ApplicantKind {
        /// A person.
        Person = "person",
        /// An organisation, by a person who acts for it.
        Organisation = "organisation",
    }
}

words! {
    /// What ties a guardian to the person for whom she files (Bộ luật Dân sự 2015 Điều 46-58, 136).
    Tie {
        /// Father or mother of a minor.
        Parent = "parent",
        /// Registered guardian of a minor.
        Guardian = "guardian",
        /// Appointed by a court for somebody who cannot act.
        Court = "court",
    }
}

words! {
    /// What another person has to do with a dossier.
    PartyRole {
        /// Applies together with the applicant.
        Applicant = "applicant",
        /// Is represented.
        Represented = "represented",
        /// The organisation that applies.
        Organisation = "organisation",
    }
}

/// The organisation that applies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Organisation {
    /// Its tax code.
    pub tax_code: String,
    /// Its name.
    pub name: String,
    /// What the person is in it: "Giám đốc", "theo giấy uỷ quyền số 5".
    pub position: String,
}

/// Somebody who applies together with the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// Full name.
    pub name: String,
    /// 12-digit number.
    pub person_id: String,
}

/// One paper of the procedure, as it was brought.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Paper {
    /// Which paper of the procedure, counted from 0.
    pub component: i64,
    /// Its name on the day.
    pub name: String,
    /// The original was handed in.
    pub original: bool,
    /// A copy was handed in.
    pub copy: bool,
    /// It was scanned.
    pub scanned: bool,
}

/// What is known of how an officer took a dossier in, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRow {
    /// From the counter or the post.
    pub channel: Channel,
    /// The officer.
    pub taken_by: AccountId,
    /// The officer's name.
    pub taken_by_name: String,
    /// The desk that took it.
    pub taken_desk: UnitId,
    /// The desk's name on the day.
    pub taken_desk_name: String,
    /// When it was saved.
    pub taken_at: Timestamp,
    /// When the form was opened.
    pub began_at: Timestamp,
    /// The day of the postmark.
    pub postmark_on: Option<Date>,
    /// The number of the queue that was served.
    pub ticket: Option<TicketId>,
}

/// Who else a dossier is about, made ready before the transaction that finds or creates their records.
#[derive(Debug, Clone, Default)]
pub struct Parties {
    /// The organisation that applies.
    pub organisation: Option<person::PreparedOrganisation>,
    /// The other people.
    pub people: Vec<(PartyRole, person::Prepared)>,
    /// What ties a guardian to the person for whom she files; empty otherwise.
    pub tie: String,
}
