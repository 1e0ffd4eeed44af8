//! An administrative procedure as the national catalogue publishes it: what to bring, what it costs, how long it
//! takes, who decides, on which legal ground. Versions are kept: a dossier stays on the version it was filed under.
//! Refuses to guess: what the source does not say is `None` or an empty list, and pages then say "no data".
//! Law: NĐ 63/2010/NĐ-CP (contents of a procedure), NĐ 42/2022/NĐ-CP (levels of online service).

pub mod cases;
pub mod catalogue;
pub mod form;
pub mod http;
pub mod import;
pub mod search;
pub(crate) mod store;
pub mod version;
pub(crate) mod view;

use kernel::calendar::TimeLimit;
use kernel::{Bilingual, Date, Dong, ProcedureCode};
use serde::{Deserialize, Serialize};

use form::FormSchema;

/// One version of one procedure. The same shape is imported (one JSON object a line), stored, served by the API and
/// shown on the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// National code such as `1.001612`: the join key of every list of procedures.
    pub code: ProcedureCode,
    /// What the catalogue calls it.
    pub name: Bilingual,
    /// What people call it ("làm khai sinh"): short, for lists and search. Absent for most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<Bilingual>,
    /// Sector ("Hộ tịch"), the catalogue's own word.
    pub sector: Bilingual,
    /// Levels of government that settle it.
    pub tiers: Vec<Tier>,
    /// How much of it can be done online.
    pub service: ServiceLevel,
    /// Who may ask for it ("Công dân Việt Nam", "Doanh nghiệp", …).
    #[serde(default)]
    pub audience: Vec<String>,
    /// The agency that decides, as the source writes it; empty when it does not say.
    #[serde(default)]
    pub agency: String,
    /// Agencies that take part.
    #[serde(default)]
    pub partner_agencies: Vec<String>,
    /// Number of the decision that published it ("163/QĐ-BTP").
    #[serde(default)]
    pub decision: String,
    /// Ways of filing, each with its time limit and fees.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// The papers of the dossier.
    #[serde(default)]
    pub components: Vec<Component>,
    /// Legal grounds.
    #[serde(default)]
    pub legal_basis: Vec<LegalBasis>,
    /// The order of doing things, one paragraph each.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What one gets at the end.
    #[serde(default)]
    pub results: Vec<String>,
    /// Conditions that must hold, one paragraph each; empty when there is none.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// What the source notes beside its papers ("Lưu ý"), one paragraph each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Words people search by that do not stand in the name.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The online form; `None` means the generic one ([`form::generic`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormSchema>,
    /// How often it is asked for in the source's statistics, dossiers a year; 0 when unknown. Orders lists only, is never
    /// shown as a figure.
    #[serde(default)]
    pub popularity: u32,
    /// First day this version is in force.
    pub valid_from: Date,
    /// Where the record was read ("national portal, copy of 2026-07-20").
    #[serde(default)]
    pub source: String,
}

/// Level of government that settles a procedure since 1 July 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// A ministry or a central agency.
    Ministry,
    /// A department of the province, or its People's Committee.
    Province,
    /// The People's Committee of a commune or ward.
    Commune,
    /// Courts, public services, others.
    Other,
}

/// How much of a procedure is done online (NĐ 42/2022/NĐ-CP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceLevel {
    /// Toàn trình: filed, settled and returned without a visit.
    Full,
    /// Một phần: something still needs a visit.
    Partial,
    /// Only information is online.
    Information,
}

/// A way of filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// Trực tuyến.
    Online,
    /// Trực tiếp, at a one-stop desk.
    Desk,
    /// Dịch vụ bưu chính công ích.
    Post,
}

/// One way of filing with what it costs in time and money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Which way.
    pub kind: ChannelKind,
    /// Time limit where the source states one that a calendar can count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeLimit>,
    /// The time limit as written, kept when it says more than a number ("3 ngày, 13 ngày nếu phải xác minh").
    #[serde(default)]
    pub time_text: String,
    /// Fees and charges; empty means that the source names none, which is not the same as free.
    #[serde(default)]
    pub fees: Vec<Fee>,
    /// Remarks of the source.
    #[serde(default)]
    pub note: String,
}

/// One fee (phí) or charge (lệ phí).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Amount in đồng; `None` when the text gives a formula or a range. Zero is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Dong>,
    /// What it is for, as written; may be empty.
    #[serde(default)]
    pub text: String,
}

/// Where a component of a dossier comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentSource {
    /// The applicant hands in a file or a paper.
    #[default]
    Upload,
    /// The online form is the paper: nothing to bring.
    Form,
    /// The authority already has it and may not ask for it (NĐ 45/2020/NĐ-CP).
    Register,
}

/// One paper of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The case in which it is needed ("Trường hợp ủy quyền"), when the source groups its papers; papers outside a group are
    /// always needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Name of the paper.
    pub name: Bilingual,
    /// Number of originals.
    #[serde(default)]
    pub originals: u32,
    /// Number of copies.
    #[serde(default)]
    pub copies: u32,
    /// File name of the printed form, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Must it be there when filing online? Papers that are only needed in some cases are not.
    #[serde(default)]
    pub required: bool,
    /// Where it comes from.
    #[serde(default)]
    pub source: ComponentSource,
    /// The clause that asks for it, as a return of the dossier cites it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// What it looks like when it is right, in the words of a return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// One legal ground.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Number ("168/2025/NĐ-CP").
    pub number: String,
    /// Title; may be empty.
    #[serde(default)]
    pub title: String,
    /// Day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Date>,
    /// Who issued it; may be empty.
    #[serde(default)]
    pub issuer: String,
}

/// What lists, search and cards need of a procedure: made from it at import, kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// National code.
    pub code: ProcedureCode,
    /// Version of our catalogue, from 1.
    pub version: i64,
    /// Official name.
    pub name: Bilingual,
    /// What people call it.
    pub short_name: Option<Bilingual>,
    /// Sector.
    pub sector: Bilingual,
    /// Sector in addresses.
    pub sector_slug: String,
    /// Levels of government.
    pub tiers: Vec<Tier>,
    /// How much can be done online.
    pub service: ServiceLevel,
    /// More words to find it by.
    pub keywords: Vec<String>,
    /// See [`Procedure::popularity`].
    pub popularity: u32,
    /// Papers that the applicant must bring in any case.
    pub components: u32,
    /// Fee when filed online, where the source gives one amount.
    pub fee: Option<Dong>,
    /// Time limit when filed online, where the source gives one.
    pub time: Option<TimeLimit>,
    /// In force since.
    pub valid_from: Date,
}

impl Summary {
    /// The row of `procedure`, stored as version `version`.
    #[must_use]
    pub fn of(procedure: &Procedure, version: i64) -> Self {
        let channel = procedure.main_channel();
        let required = procedure
            .components
            .iter()
            .filter(|paper| paper.required && paper.source == ComponentSource::Upload);
        Self {
            code: procedure.code.clone(),
            version,
            name: procedure.name.clone(),
            short_name: procedure.short_name.clone(),
            sector: procedure.sector.clone(),
            sector_slug: search::slug(&procedure.sector.vi),
            tiers: procedure.tiers.clone(),
            service: procedure.service,
            keywords: procedure.keywords.clone(),
            popularity: procedure.popularity,
            components: u32::try_from(required.count()).unwrap_or(u32::MAX),
            fee: channel.and_then(Channel::single_fee),
            time: channel.and_then(|channel| channel.time),
            valid_from: procedure.valid_from,
        }
    }

    /// May it be filed here on line? Procedures of ministries and courts are only described.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.service != ServiceLevel::Information
            && self
                .tiers
                .iter()
                .any(|tier| matches!(tier, Tier::Province | Tier::Commune))
    }

    /// Is it settled in the province, so that a desk takes it? Those of ministries and courts are only described.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.tiers
            .iter()
            .any(|tier| matches!(tier, Tier::Province | Tier::Commune))
    }

    /// The name people know, or the official one.
    #[must_use]
    pub fn title(&self) -> &Bilingual {
        self.short_name.as_ref().unwrap_or(&self.name)
    }
}

impl Procedure {
    /// The channel that pages speak of first: online, else the desk, else whatever there is.
    #[must_use]
    pub fn main_channel(&self) -> Option<&Channel> {
        [ChannelKind::Online, ChannelKind::Desk, ChannelKind::Post]
            .iter()
            .find_map(|&kind| self.channel(kind))
    }

    /// The channel of a kind.
    #[must_use]
    pub fn channel(&self, kind: ChannelKind) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.kind == kind)
    }

    /// The name people know, or the official one.
    #[must_use]
    pub fn title(&self) -> &Bilingual {
        self.short_name.as_ref().unwrap_or(&self.name)
    }

    /// May it be filed here on line?
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.service != ServiceLevel::Information
            && self
                .tiers
                .iter()
                .any(|tier| matches!(tier, Tier::Province | Tier::Commune))
    }

    /// The form to fill in. Where nothing defines the procedure, it begins with the cases that the catalogue tells apart.
    #[must_use]
    pub fn form_or_generic(&self) -> FormSchema {
        let schema = form::of(&self.code, self.form.as_ref());
        if schema.defined.is_some() {
            return schema;
        }
        cases::asked(self, schema)
    }

    /// The time limit that counts when it is filed by `kind`, falling back to any that is stated.
    #[must_use]
    pub fn time_limit(&self, kind: ChannelKind) -> Option<TimeLimit> {
        self.channel(kind)
            .and_then(|channel| channel.time)
            .or_else(|| self.channels.iter().find_map(|channel| channel.time))
    }
}

impl Channel {
    /// The fee, when the source names exactly one amount.
    #[must_use]
    pub fn single_fee(&self) -> Option<Dong> {
        match self.fees.as_slice() {
            [fee] => fee.amount,
            _ => None,
        }
    }
}
