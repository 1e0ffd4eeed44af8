//! Pure decisions about papers: which ones the history calls for and what each follows from, how they are numbered, what
//! the letters behind a number are, how the code for verification is written and read.
//! Law: NĐ 30/2020/NĐ-CP Điều 15 and Phụ lục III (numbers and abbreviations).

use identity::unit::UnitKind;
use uuid::Uuid;

use super::{Form, Paper, ResultKind};
use crate::dossier::Dossier;
use crate::dossier::Event;
use crate::dossier::state::{Action, Outcome};
use crate::dossier::store::SupplementRow;

/// A form that can be printed, and the step, request or paper that it follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) form: Form,
    pub(crate) basis: Uuid,
}

fn last_of(events: &[Event], actions: &[Action]) -> Option<Uuid> {
    let is_one = |event: &&Event| actions.iter().any(|action| action.word() == event.action);
    events.iter().rev().find(is_one).map(|event| event.id.uuid())
}

/// Every form that a dossier's history calls for, but the result.
pub(crate) fn offers(dossier: &Dossier, events: &[Event], supplements: &[SupplementRow]) -> Vec<Offer> {
    let mut offers = Vec::new();
    let mut add = |form, basis: Option<Uuid>| {
        if let Some(basis) = basis {
            offers.push(Offer { form, basis });
        }
    };
    if dossier.received_at.is_some() {
        // What moves the date makes another receipt of it.
        let movers = [
            Action::Receive,
            Action::AnswerSupplement,
            Action::ConfirmFee,
            Action::Extend,
        ];
        add(Form::Receipt, last_of(events, &movers));
    }
    for row in supplements {
        add(Form::Supplement, Some(row.id.uuid()));
    }
    add(Form::Refusal, last_of(events, &[Action::Refuse]));
    add(Form::Apology, last_of(events, &[Action::Extend]));
    add(Form::Stop, last_of(events, &[Action::Stop]));
    if dossier.received_at.is_some() {
        add(Form::ControlSlip, events.last().map(|event| event.id.uuid()));
    }
    offers
}

/// Whether a result can be issued: the leader has decided and granted it, or denied it in writing.
pub(crate) const fn takes_result(dossier: &Dossier) -> bool {
    dossier.decided_at.is_some() && matches!(dossier.outcome, Some(Outcome::Granted | Outcome::Denied))
}

impl Form {
    /// The template that prints it.
    pub(crate) const fn template(self) -> document::Name {
        match self {
            Self::Receipt => document::Name::Receipt,
            Self::Supplement => document::Name::Supplement,
            Self::Refusal => document::Name::Refusal,
            Self::Apology => document::Name::Apology,
            Self::Stop => document::Name::Stop,
            Self::ControlSlip => document::Name::ControlSlip,
            Self::Register => document::Name::Register,
            Self::Result => document::Name::Result,
        }
    }

    /// A later paper of this form takes the place of the earlier one. Each request for more stands beside the others.
    pub(crate) const fn takes_place(self) -> bool {
        !matches!(self, Self::Supplement | Self::Apology | Self::Register)
    }

    /// The desk issues it; otherwise the competent agency does.
    pub(crate) const fn is_of_desk(self) -> bool {
        matches!(
            self,
            Self::Receipt | Self::Supplement | Self::Refusal | Self::ControlSlip
        )
    }

    /// The applicant gets it; the slip and the register stay inside.
    pub(crate) const fn is_for_applicant(self) -> bool {
        !matches!(self, Self::ControlSlip | Self::Register)
    }

    /// The series of its number, and the letters behind it. A result's depend on its kind.
    pub(crate) const fn series(self) -> &'static str {
        match self {
            Self::Receipt => "TNHS",
            Self::Supplement => "HDHS",
            Self::Refusal => "TCHS",
            Self::Apology => "TXL",
            Self::Stop => "TB",
            Self::ControlSlip => "KSHS",
            Self::Register | Self::Result => "",
        }
    }
}

impl ResultKind {
    /// Its letters (NĐ 30/2020/NĐ-CP Phụ lục III where it has any).
    pub(crate) const fn series(self) -> &'static str {
        match self {
            Self::Decision => "QĐ",
            Self::Certificate => "GCN",
            Self::Confirmation => "GXN",
            Self::Permit => "GP",
            Self::Notification => "TB",
        }
    }

    /// The kind whose numbers are of a series.
    pub(crate) fn of_series(series: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.series() == series)
    }

    /// What stands on it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Decision => "Quyết định",
            Self::Certificate => "Giấy chứng nhận",
            Self::Confirmation => "Giấy xác nhận",
            Self::Permit => "Giấy phép",
            Self::Notification => "Thông báo",
        }
    }
}

/// The number as printed: two digits at least; forms of a desk bear no letters of the agency.
pub(crate) fn number(seq: i64, series: &str, agency: Option<&str>) -> String {
    match agency {
        Some(agency) if !agency.is_empty() => format!("{seq:02}/{series}-{agency}"),
        _ => format!("{seq:02}/{series}"),
    }
}

/// The full name of an agency: "UBND" is written out on papers.
pub(crate) fn full_name(name: &str) -> String {
    name.strip_prefix("UBND ")
        .map_or_else(|| name.to_owned(), |rest| format!("Ủy ban nhân dân {rest}"))
}

/// The letters of an agency in numbers: "UBND" for a people's committee, else the first letters of its name.
pub(crate) fn letters(name: &str) -> String {
    let full = full_name(name);
    if full.starts_with("Ủy ban nhân dân") || full.starts_with("Uỷ ban nhân dân") {
        return "UBND".to_owned();
    }
    full.split_whitespace()
        .filter(|word| !matches!(*word, "và" | "-" | "–"))
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .take(8)
        .collect()
}

/// The name of a place as it stands before the date: "Thành Sen" of "UBND phường Thành Sen".
pub(crate) fn place(name: &str) -> String {
    let full = full_name(name);
    let bare = full.strip_prefix("Ủy ban nhân dân ").unwrap_or(&full);
    let kinds = [
        "phường ",
        "xã ",
        "đặc khu ",
        "thị trấn ",
        "tỉnh ",
        "thành phố ",
        "Tỉnh ",
        "Thành phố ",
        "Phường ",
        "Xã ",
    ];
    kinds
        .iter()
        .find_map(|kind| bare.strip_prefix(kind))
        .unwrap_or(bare)
        .to_owned()
}

/// The office of whoever leads a unit of this kind.
pub(crate) const fn office(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Province | UnitKind::District | UnitKind::Commune => "Chủ tịch",
        UnitKind::Department | UnitKind::Desk => "Giám đốc",
        UnitKind::Division => "Trưởng phòng",
    }
}

/// The grounds that every result of the desk begins with.
pub(crate) fn usual_grounds(dossier: &Dossier) -> [String; 2] {
    [
        "Căn cứ Luật Tổ chức chính quyền địa phương số 72/2025/QH15 ngày 16 tháng 6 năm 2025".to_owned(),
        format!("Xét hồ sơ mã số {}", dossier.code),
    ]
}

/// Who gets a result besides the applicant.
pub(crate) fn usual_recipients() -> Vec<String> {
    vec!["Như trên".to_owned(), "Lưu: VT, hồ sơ".to_owned()]
}

/// What the public log records of a paper, as a salted hash: its number, day and issuer, and the bytes that were issued. No name.
pub(crate) fn recorded(paper: &Paper) -> String {
    let sha256 = paper.sha256.as_deref().map(hex::encode).unwrap_or_default();
    format!(
        "tinhso paper v1\npaper {}\nform {}\ntitle {}\nnumber {}\nissued {}\nunit {}\ndossier {}\nsha256 {sha256}\n",
        paper.id, paper.form, paper.title, paper.number, paper.issued_on, paper.unit_name, paper.dossier_code,
    )
}

/// Letters of a code: no I, L, O, U, which are read for others.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of 16 letters from 80 bits of chance, in groups of four.
pub(crate) fn token(bytes: [u8; 10]) -> String {
    let all = bytes.iter().fold(0_u128, |all, byte| all << 8 | u128::from(*byte));
    let mut text = String::with_capacity(19);
    for at in 0..16_u32 {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        let five = usize::try_from(all >> (75 - 5 * at) & 31).unwrap_or(0);
        text.push(char::from(LETTERS[five]));
    }
    text
}

/// A code as somebody typed it, or `None` for what is none.
pub(crate) fn read_token(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .take(17)
        .collect();
    let whole = letters.len() == 16 && letters.bytes().all(|byte| LETTERS.contains(&byte));
    whole.then(|| {
        let groups: Vec<&str> = (0..4).map(|at| &letters[at * 4..at * 4 + 4]).collect();
        groups.join("-")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_places_and_letters_are_those_of_papers() {
        for (name, full, letters_of, place_of) in [
            (
                "UBND phường Thành Sen",
                "Ủy ban nhân dân phường Thành Sen",
                "UBND",
                "Thành Sen",
            ),
            (
                "Ủy ban nhân dân xã Thạch Hà",
                "Ủy ban nhân dân xã Thạch Hà",
                "UBND",
                "Thạch Hà",
            ),
            (
                "Sở Nông nghiệp và Môi trường",
                "Sở Nông nghiệp và Môi trường",
                "SNNMT",
                "Sở Nông nghiệp và Môi trường",
            ),
            ("Tỉnh Hà Tĩnh", "Tỉnh Hà Tĩnh", "THT", "Hà Tĩnh"),
        ] {
            assert_eq!(full_name(name), full);
            assert_eq!(letters(name), letters_of);
            assert_eq!(place(name), place_of);
        }
        assert_eq!(number(5, "QĐ", Some("UBND")), "05/QĐ-UBND");
        assert_eq!(number(142, "TNHS", None), "142/TNHS");
    }

    #[test]
    fn a_code_is_written_and_read() {
        let text = token([0, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF]);
        assert_eq!(text, "0123-4567-89AB-CDEF");
        assert_eq!(token([255; 10]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(read_token(" o123 4567-89ab cdef").as_deref(), Some(text.as_str()));
        for bad in [
            "",
            "0123-4567-89AB-CDE",
            "0123-4567-89AB-CDEF0",
            "0123-4567-89AB-CDEU",
            "ßßßß",
            "../../etc/passwd",
        ] {
            assert_eq!(read_token(bad), None, "{bad}");
        }
    }
}
