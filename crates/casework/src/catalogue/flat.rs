//! The flat copy of the national portal: one JSON object a line, each field the visible text of the page.
//! Owns the shape of that source; refuses codes that are none, and takes every other field as far as it can be read.

use kernel::{Bilingual, ProcedureCode};
use serde::Deserialize;

use super::lines::Edition;
use super::report::{Notes, SourceField};
use super::text::{clean, denies, list, paragraphs, said};
use super::{channels, components, legal};
use crate::procedure::{Channel, ChannelKind, Procedure, ServiceLevel, Tier};

/// A line of the source.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct FlatLine {
    pub(super) ma_thu_tuc: String,
    detail_url: String,
    ten_thu_tuc: String,
    so_quyet_dinh: String,
    cap_thuc_hien: String,
    linh_vuc: String,
    doi_tuong_thuc_hien: String,
    co_quan_co_tham_quyen: String,
    co_quan_phoi_hop: String,
    trinh_tu_thuc_hien: String,
    cach_thuc_thuc_hien: String,
    thanh_phan_ho_so: String,
    can_cu_phap_ly: String,
    co_quan_thuc_hien: String,
    yeu_cau_dieu_kien: String,
    ket_qua_xu_ly: String,
}

/// The procedure of one line; `None` when it has no code or no name, which is then noted.
pub(super) fn procedure(line: &FlatLine, edition: &Edition, notes: &mut Notes<'_>) -> Option<Procedure> {
    let (code, name) = identity(&line.ma_thu_tuc, &line.ten_thu_tuc, notes)?;
    let channels = channels::read(&line.cach_thuc_thuc_hien, &line.trinh_tu_thuc_hien, notes);
    let papers = components::read(&line.thanh_phan_ho_so, notes);
    let (results, keywords) = results(&line.ket_qua_xu_ly, notes);
    let steps = paragraphs(&line.trinh_tu_thuc_hien);
    notes.text(SourceField::Steps, !steps.is_empty());
    Some(Procedure {
        code,
        name,
        short_name: None,
        sector: sector(&line.linh_vuc, notes),
        tiers: tiers(&line.cap_thuc_hien, notes),
        service: service(&channels),
        audience: list(&line.doi_tuong_thuc_hien),
        agency: agency(&line.co_quan_co_tham_quyen, &line.co_quan_thuc_hien, notes),
        partner_agencies: list(&line.co_quan_phoi_hop),
        decision: decision(&line.so_quyet_dinh, notes),
        components: papers.components,
        legal_basis: legal::read(&line.can_cu_phap_ly, notes),
        steps,
        results,
        conditions: conditions(&line.yeu_cau_dieu_kien, notes),
        notes: papers.remarks,
        keywords,
        channels,
        form: None,
        popularity: 0,
        valid_from: edition.copied_on,
        source: edition.source_of(&line.detail_url),
    })
}

/// Code and name, without which there is no procedure.
pub(super) fn identity(code: &str, name: &str, notes: &mut Notes<'_>) -> Option<(ProcedureCode, Bilingual)> {
    let Ok(parsed) = code.parse() else {
        notes.unread(SourceField::Code, "not a code of a procedure", code);
        return None;
    };
    notes.read(SourceField::Code);
    let name = clean(said(name));
    if name.is_empty() {
        notes.unread(SourceField::Name, "no name", "");
        return None;
    }
    notes.read(SourceField::Name);
    Some((parsed, Bilingual::vi(name)))
}

pub(super) fn sector(text: &str, notes: &mut Notes<'_>) -> Bilingual {
    let sector = clean(said(text));
    notes.text(SourceField::Sector, !sector.is_empty());
    Bilingual::vi(sector)
}

/// The levels that settle the procedure: "Cấp tỉnh, Cấp xã".
pub(super) fn tiers(text: &str, notes: &mut Notes<'_>) -> Vec<Tier> {
    let mut tiers = Vec::new();
    for level in list(text) {
        let tier = match kernel::fold::fold(&level).as_str() {
            "cap bo" | "cap trung uong" => Tier::Ministry,
            "cap tinh" => Tier::Province,
            "cap xa" => Tier::Commune,
            "co quan khac" => Tier::Other,
            _ => {
                notes.unread(SourceField::Tiers, "not a level of government since July 2025", &level);
                continue;
            }
        };
        if !tiers.contains(&tier) {
            notes.read(SourceField::Tiers);
            tiers.push(tier);
        }
    }
    if said(text).is_empty() {
        notes.absent(SourceField::Tiers);
    }
    tiers.sort_unstable();
    tiers
}

/// The source does not say whether a procedure can be done wholly online, so one that can be filed online counts as partly.
pub(super) fn service(channels: &[Channel]) -> ServiceLevel {
    if channels.iter().any(|channel| channel.kind == ChannelKind::Online) {
        ServiceLevel::Partial
    } else {
        ServiceLevel::Information
    }
}

/// Who decides; where the source leaves that open, who carries it out.
pub(super) fn agency(competent: &str, acting: &str, notes: &mut Notes<'_>) -> String {
    let competent = clean(said(competent));
    let agency = if competent.is_empty() {
        clean(said(acting))
    } else {
        competent
    };
    // Retired entries of the portal's own list of agencies carry this mark.
    let agency = agency.replace("_old", "");
    notes.text(SourceField::Agency, !agency.is_empty());
    agency
}

/// The number of the publishing decision, without the word before it.
pub(super) fn decision(text: &str, notes: &mut Notes<'_>) -> String {
    let decision = clean(said(text));
    let number = decision
        .strip_prefix("Quyết định số ")
        .unwrap_or(&decision)
        .replace(" /", "/");
    notes.text(SourceField::Decision, !number.is_empty());
    number
}

pub(super) fn conditions(text: &str, notes: &mut Notes<'_>) -> Vec<String> {
    let conditions = if denies(text) { Vec::new() } else { paragraphs(text) };
    notes.text(SourceField::Conditions, !conditions.is_empty());
    conditions
}

/// Results and key words: `{result}Mã: KQ.G01.000074{result}Mã: …Từ khóa…Mô tả…`; what follows are buttons of the page.
fn results(text: &str, notes: &mut Notes<'_>) -> (Vec<String>, Vec<String>) {
    let (list_text, tail) = text.split_once("Từ khóa").unwrap_or((text, ""));
    let mut results = Vec::new();
    let mut rest = list_text;
    while let Some((name, after)) = rest.split_once("Mã: ") {
        results.extend(result(name));
        let code_len = after
            .bytes()
            .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
            .count();
        let code_end = after[..code_len]
            .rfind(|c: char| c.is_ascii_digit())
            .map_or(0, |at| at + 1);
        rest = &after[code_end..];
    }
    results.extend(result(rest));
    for _ in &results {
        notes.read(SourceField::Results);
    }
    if results.is_empty() {
        notes.absent(SourceField::Results);
    }
    let keywords = tail
        .split_once("Mô tả")
        .map(|(words, _)| list(words))
        .unwrap_or_default();
    (results, keywords)
}

fn result(text: &str) -> Option<String> {
    let name = components::bare_name(said(text));
    (!said(&name).is_empty()).then_some(name)
}
