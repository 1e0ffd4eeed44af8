//! The nested copy of the defence ministry's procedures: one JSON object a line with real tables.
//! Owns the shape of that source; its keys are Vietnamese words, and its column "so_luong" holds the form files.

use kernel::Date;
use serde::Deserialize;

use super::lines::Edition;
use super::report::{Notes, SourceField};
use super::text::{clean, leading_digits, list, paragraphs, said};
use super::{channels, components, fees, flat, legal};
use crate::procedure::{Channel, Component, LegalBasis, Procedure};

/// A line of the source.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NestedLine {
    pub(super) thu_tuc_id: String,
    metadata: Metadata,
    content: Content,
    tables: Tables,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    #[serde(rename = "tên_thủ_tục")]
    name: String,
    #[serde(rename = "số_quyết_định")]
    decision: String,
    #[serde(rename = "cấp_thực_hiện")]
    tiers: String,
    #[serde(rename = "lĩnh_vực")]
    sector: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(rename = "trình_tự_thực_hiện")]
    steps: String,
    #[serde(rename = "đối_tượng_thực_hiện")]
    audience: String,
    #[serde(rename = "cơ_quan_thực_hiện")]
    acting: String,
    #[serde(rename = "cơ_quan_có_thẩm_quyền")]
    agency: String,
    #[serde(rename = "cơ_quan_phối_hợp")]
    partners: String,
    #[serde(rename = "kết_quả_thực_hiện")]
    results: String,
    #[serde(rename = "yêu_cầu_điều_kiện_thực_hiện")]
    conditions: String,
    #[serde(rename = "từ_khóa")]
    keywords: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tables {
    hinh_thuc_nop: Vec<ChannelRow>,
    thanh_phan_ho_so: Vec<PaperRow>,
    can_cu_phap_ly: Vec<GroundRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChannelRow {
    hinh_thuc: String,
    thoi_han_giai_quyet: String,
    phi_le_phi: String,
    mo_ta: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PaperRow {
    ten_giay_to: String,
    /// Misnamed in the source: the form files, one a line.
    so_luong: String,
    /// `Bản chính: 1\nBản sao: 0`.
    ghi_chu: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GroundRow {
    so_ky_hieu: String,
    trich_yeu: String,
    ngay_ban_hanh: String,
    co_quan_ban_hanh: String,
}

/// The procedure of one line; `None` when it has no code or no name, which is then noted.
pub(super) fn procedure(line: &NestedLine, edition: &Edition, notes: &mut Notes<'_>) -> Option<Procedure> {
    let NestedLine {
        thu_tuc_id,
        metadata,
        content,
        tables,
    } = line;
    let (code, name) = flat::identity(thu_tuc_id, &metadata.name, notes)?;
    let channels = channels_of(&tables.hinh_thuc_nop, notes);
    let steps = steps_of(&content.steps);
    notes.text(SourceField::Steps, !steps.is_empty());
    let results: Vec<String> = paragraphs(&content.results)
        .iter()
        .map(|result| components::bare_name(result))
        .collect();
    notes.text(SourceField::Results, !results.is_empty());
    Some(Procedure {
        code,
        name,
        short_name: None,
        sector: flat::sector(&metadata.sector, notes),
        tiers: flat::tiers(&metadata.tiers, notes),
        service: flat::service(&channels),
        audience: list(&content.audience),
        agency: flat::agency(&content.agency, &content.acting, notes),
        partner_agencies: list(&content.partners),
        decision: flat::decision(&metadata.decision, notes),
        channels,
        components: components_of(&tables.thanh_phan_ho_so, notes),
        legal_basis: grounds_of(&tables.can_cu_phap_ly, notes),
        steps,
        results,
        conditions: flat::conditions(&content.conditions, notes),
        notes: Vec::new(),
        keywords: list(&content.keywords),
        form: None,
        popularity: 0,
        valid_from: edition.copied_on,
        source: edition.source_of(""),
    })
}

/// The steps stand in one line: each begins with "Bước 1".
fn steps_of(text: &str) -> Vec<String> {
    let text = said(text);
    let mut cuts = vec![0];
    for (at, word) in text.match_indices("Bước ") {
        let numbered = !leading_digits(&text[at + word.len()..]).is_empty();
        let begins = text[..at].trim_end().is_empty() || text[..at].trim_end().ends_with(['.', ';', ':', '\n']);
        if numbered && begins && at > 0 {
            cuts.push(at);
        }
    }
    cuts.push(text.len());
    cuts.windows(2)
        .flat_map(|pair| paragraphs(&text[pair[0]..pair[1]]))
        .collect()
}

fn channels_of(rows: &[ChannelRow], notes: &mut Notes<'_>) -> Vec<Channel> {
    if rows.is_empty() {
        notes.absent(SourceField::Channels);
    }
    let mut channels = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(kind) = channels::kind_of(&row.hinh_thuc) else {
            notes.unread(SourceField::Channels, "not a known way of filing", &row.hinh_thuc);
            continue;
        };
        notes.read(SourceField::Channels);
        let (time, time_text) = channels::time(&row.thoi_han_giai_quyet, &[&row.mo_ta], notes);
        let fees = fees::nested_fees(&row.phi_le_phi, notes);
        channels.push(Channel {
            kind,
            time,
            time_text,
            fees,
            note: paragraphs(&row.mo_ta).join("\n"),
        });
    }
    channels
}

fn components_of(rows: &[PaperRow], notes: &mut Notes<'_>) -> Vec<Component> {
    if rows.is_empty() {
        notes.absent(SourceField::Components);
    }
    let mut papers = Vec::with_capacity(rows.len());
    for row in rows {
        let name = components::bare_name(&row.ten_giay_to);
        if name.is_empty() {
            notes.unread(SourceField::Components, "a paper without a name", &row.so_luong);
            continue;
        }
        notes.read(SourceField::Components);
        let template = row.so_luong.lines().map(clean).find(|file| !file.is_empty());
        if template.is_some() {
            notes.read(SourceField::Template);
        }
        let (originals, copies) = (count(&row.ghi_chu, "Bản chính:"), count(&row.ghi_chu, "Bản sao:"));
        papers.push(components::make(None, &name, originals, copies, template));
    }
    papers
}

fn count(text: &str, label: &str) -> u32 {
    text.split_once(label)
        .and_then(|(_, rest)| leading_digits(rest.trim_start()).parse().ok())
        .unwrap_or(0)
}

fn grounds_of(rows: &[GroundRow], notes: &mut Notes<'_>) -> Vec<LegalBasis> {
    if rows.is_empty() {
        notes.absent(SourceField::LegalBasis);
    }
    let mut grounds = Vec::with_capacity(rows.len());
    for row in rows {
        let number = legal::first_number(&row.so_ky_hieu).or_else(|| legal::first_number(&row.trich_yeu));
        if number.is_some() {
            notes.read(SourceField::LegalBasis);
        } else {
            notes.unread(SourceField::LegalBasis, "no number can be told apart", &row.so_ky_hieu);
        }
        grounds.push(LegalBasis {
            number: number.map(clean).unwrap_or_default(),
            title: clean(&row.trich_yeu),
            issued_on: day(&row.ngay_ban_hanh),
            issuer: clean(said(&row.co_quan_ban_hanh)),
        });
    }
    grounds
}

/// `24-03-2021`.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.trim().split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
