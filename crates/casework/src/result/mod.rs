//! Papers that go out: the seven forms of TT 03/2025/TT-VPCP and the result itself. Each is issued once, numbered, printed as
//! a PDF from a template, kept as it went out, and stands until it is replaced or revoked; a public page says so.
//! Refuses a second number for the same step, and a paper that the history does not call for.
//! Law: TT 03/2025/TT-VPCP (forms), NĐ 30/2020/NĐ-CP (numbers, layout), TT 01/2023/TT-VPCP (electronic results).

mod compose;
pub mod http;
mod issue;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

use ::store::StoreError;
use ::store::blob::BlobId;
use document::TemplateError;
use identity::{AccountId, UnitId};
use kernel::{Date, ErrorKind, Fault, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::dossier::{DossierError, DossierId};
use kernel::words;

pub(crate) use compose::register_sheet;
pub(crate) use issue::{Draft, draft, lay_down, print_register};
pub(crate) use rules::{recorded, usual_grounds, usual_recipients};

/// The office of whoever leads the agency of a dossier, as a result names it.
pub(crate) fn office_of(house: &crate::Casework, dossier: &crate::dossier::Dossier) -> String {
    let book = house.identity().units();
    let kind = book.get(dossier.unit).map(|unit| unit.kind);
    kind.map_or("Chủ tịch", rules::office).to_owned()
}

kernel::define_id!(
    /// A paper that was issued.
    pub struct PaperId
);

words! {
    /// Which paper.
    Form {
        /// Mẫu 01: Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
        Receipt = "receipt",
        /// Mẫu 02: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
        Supplement = "supplement",
        /// Mẫu 03: Phiếu từ chối tiếp nhận giải quyết hồ sơ.
        Refusal = "refusal",
        /// Mẫu 04: Văn bản xin lỗi và đề nghị gia hạn.
        Apology = "apology",
        /// Mẫu 05: Thông báo dừng giải quyết hồ sơ.
        Stop = "stop",
        /// Mẫu 06: Phiếu kiểm soát quá trình giải quyết hồ sơ.
        ControlSlip = "control-slip",
        /// Mẫu 07: Sổ theo dõi hồ sơ.
        Register = "register",
        /// The result.
        Result = "result",
    }
}

words! {
    /// Whether a paper stands.
    Standing {
        /// Numbered, and not printed yet: the press was interrupted.
        Printing = "printing",
        /// It stands.
        Standing = "standing",
        /// A later paper took its place.
        Replaced = "replaced",
        /// It was taken back.
        Revoked = "revoked",
    }
}

words! {
    /// Why a paper no longer stands; shown to everybody.
    EndCause {
        /// A fault in its text.
        Fault = "fault",
        /// It was issued on false papers.
        FalsePapers = "false-papers",
        /// The holder asked for it.
        Asked = "asked",
        /// A court or a higher authority set it aside.
        SetAside = "set-aside",
        /// The state of things that it stated has changed.
        Changed = "changed",
    }
}

words! {
    /// What kind of paper a result is; each kind has a series of numbers.
    ResultKind {
        /// Quyết định.
        Decision = "decision",
        /// Giấy chứng nhận.
        Certificate = "certificate",
        /// Giấy xác nhận.
        Confirmation = "confirmation",
        /// Giấy phép.
        Permit = "permit",
        /// Thông báo.
        Notification = "notification",
    }
}

/// What an officer types for a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultText {
    /// What kind.
    pub kind: ResultKind,
    /// What it is about (trích yếu).
    pub about: String,
    /// The grounds, one a line.
    pub grounds: Vec<String>,
    /// The articles of a decision, or the paragraphs of another paper.
    pub articles: Vec<String>,
    /// Who gets it, one a line.
    pub recipients: Vec<String>,
    /// In whose place it is signed: "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"; may be empty.
    pub authority: String,
    /// The signer's office: "CHỦ TỊCH".
    pub office: String,
}

/// A paper as it is stored, without what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Its id.
    pub id: PaperId,
    /// What its QR code leads to.
    pub token: String,
    /// The dossier; none for a register.
    pub dossier: Option<DossierId>,
    /// Which paper.
    pub form: Form,
    /// What it follows from.
    pub basis: Uuid,
    /// Who issued it.
    pub unit: UnitId,
    /// Its name on the day.
    pub unit_name: String,
    /// The series of its number, the year and the number in it.
    pub series: String,
    /// Year of the number.
    pub year: i64,
    /// Number within series and year; 0 for papers without one.
    pub seq: i64,
    /// The number as printed: "05/QĐ-UBND".
    pub number: String,
    /// What it is called.
    pub title: String,
    /// The day that it bears.
    pub issued_on: Date,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Who signs.
    pub officer_name: String,
    /// Whose hands made it.
    pub made_by: AccountId,
    /// Code of the dossier; empty for a register.
    pub dossier_code: String,
    /// The procedure; empty for a register.
    pub procedure_name: String,
    /// The applicant, masked.
    pub person_mask: String,
    /// Versions of the template and the layout that it was printed with.
    pub template_version: Option<i64>,
    /// Version of the layout.
    pub layout_version: Option<i64>,
    /// The PDF.
    pub blob: Option<BlobId>,
    /// Its SHA-256.
    pub sha256: Option<Vec<u8>>,
    /// Its length in bytes.
    pub size_bytes: Option<i64>,
    /// Whether it stands.
    pub standing: Standing,
    /// Since when not.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// Why.
    pub end_cause: Option<EndCause>,
    /// The paper in its place.
    pub replaced_by: Option<PaperId>,
    /// When the applicant first fetched it.
    pub fetched_at: Option<Timestamp>,
}

/// A paper was not issued, or not found.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// No such paper, or none that this person may see.
    #[error("no such paper")]
    NotFound,
    /// The history does not call for this form.
    #[error("form {0} does not follow from the history of the dossier")]
    NotCalledFor(Form),
    /// Somebody ended it already.
    #[error("the paper no longer stands")]
    Ended,
    /// This program was started without a press.
    #[error("there is no press")]
    NoPress,
    /// The template or the press said no.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The dossier said no.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<identity::policy::PolicyError> for PaperError {
    fn from(error: identity::policy::PolicyError) -> Self {
        Self::Dossier(DossierError::from(identity::IdentityError::from(error)))
    }
}

impl Fault for PaperError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotCalledFor(_) | Self::Ended => ErrorKind::Conflict,
            Self::NoPress => ErrorKind::Unavailable,
            Self::Template(error) => error.kind(),
            Self::Dossier(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "paper-not-found",
            Self::NotCalledFor(_) => "paper-not-called-for",
            Self::Ended => "paper-ended",
            Self::NoPress => "press-gone",
            Self::Template(error) => error.code(),
            Self::Dossier(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotFound | Self::NotCalledFor(_) | Self::Ended | Self::NoPress => Vec::new(),
            Self::Template(error) => error.args(),
            Self::Dossier(error) => error.args(),
            Self::Store(error) => error.args(),
        }
    }
}
