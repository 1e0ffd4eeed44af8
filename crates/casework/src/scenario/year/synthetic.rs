//! Procedures that fill a catalogue up to the size that a province reports: the real ones stay first, these say in their name
//! and source that they are made up. Refuses to look real: no decision, no legal ground, a range of codes of its own.

use identity::unit::{UnitBook, UnitKind};
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, Date, Dong};

use crate::procedure::search::Index;
use crate::procedure::{Channel, ChannelKind, Component, ComponentSource, Fee, Procedure, ServiceLevel, Summary, Tier};
use crate::scenario::Chance;

/// What a province reports of its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Procedures that it settles.
    pub procedures: usize,
    /// Of them, those that can be filed online.
    pub online: usize,
}

/// First day of every made-up procedure.
const FROM: Date = Date::constant(2020, 1, 1);

/// Where the record says it comes from.
const SOURCE: &str = "made up for a demonstration of this size; no act stands behind it";

const DEEDS: [(&str, &str); 8] = [
    ("cấp giấy phép", "issue of a permit"),
    ("cấp lại giấy phép", "reissue of a permit"),
    ("gia hạn giấy phép", "renewal of a permit"),
    ("đăng ký hoạt động", "registration of an activity"),
    ("thông báo thay đổi", "notice of a change"),
    ("xác nhận đủ điều kiện", "confirmation of conditions"),
    ("công nhận kết quả", "recognition of a result"),
    ("phê duyệt phương án", "approval of a plan"),
];

const LIMITS: [TimeLimit; 10] = [
    TimeLimit::WorkingDays(1),
    TimeLimit::WorkingDays(2),
    TimeLimit::WorkingDays(3),
    TimeLimit::WorkingDays(5),
    TimeLimit::WorkingDays(5),
    TimeLimit::WorkingDays(7),
    TimeLimit::WorkingDays(10),
    TimeLimit::WorkingDays(15),
    TimeLimit::Days(20),
    TimeLimit::WorkingDays(25),
];

/// The procedures that `index` lacks of `size`, for the units of `book`.
#[must_use]
pub fn procedures(index: &Index, book: &UnitBook, day: Date, size: Size, seed: u64) -> Vec<Procedure> {
    let here = index.all().filter(|row| row.is_here());
    let (count, online) = here.fold((0, 0), |(count, online), row: &Summary| {
        (count + 1, online + usize::from(row.is_online()))
    });
    let lacking = size.procedures.saturating_sub(count);
    let lacking_online = size.online.saturating_sub(online).min(lacking);
    let sectors = sectors(book, day);
    (0..lacking)
        .filter_map(|at| procedure(at, at < lacking_online, &sectors, seed))
        .collect()
}

/// The sectors of the units that settle, with their level.
fn sectors(book: &UnitBook, day: Date) -> Vec<(String, Tier)> {
    let mut found = Vec::new();
    for unit in book.all().filter(|unit| unit.is_in_force(day)) {
        let tier = match unit.kind {
            UnitKind::Department => Tier::Province,
            UnitKind::Division => Tier::Commune,
            UnitKind::Province | UnitKind::District | UnitKind::Commune | UnitKind::Desk => continue,
        };
        found.extend(unit.sectors.iter().map(|sector| (sector.clone(), tier)));
    }
    found.sort();
    found.dedup();
    found
}

fn procedure(at: usize, is_online: bool, sectors: &[(String, Tier)], seed: u64) -> Option<Procedure> {
    let mut chance = Chance::of(seed, 0x5359, at);
    let tier = if chance.percent(80) {
        Tier::Province
    } else {
        Tier::Commune
    };
    let fitting: Vec<&(String, Tier)> = sectors.iter().filter(|(_, of)| *of == tier).collect();
    let (sector, tier) = chance.pick(&fitting).copied().or_else(|| sectors.first())?;
    let (vi, en) = *chance.pick(&DEEDS)?;
    let number = at + 1;
    Some(Procedure {
        code: format!("9.{number:06}").parse().ok()?,
        name: Bilingual::new(
            format!("Thủ tục giả lập số {number}: {vi} trong lĩnh vực {sector}"),
            format!("Made-up procedure {number}: {en}"),
        ),
        short_name: None,
        sector: Bilingual::vi(sector.clone()),
        tiers: vec![*tier],
        service: match is_online {
            true if chance.percent(60) => ServiceLevel::Full,
            true => ServiceLevel::Partial,
            false => ServiceLevel::Information,
        },
        audience: vec!["Công dân Việt Nam".to_owned(), "Doanh nghiệp".to_owned()],
        agency: String::new(),
        partner_agencies: Vec::new(),
        decision: String::new(),
        channels: channels(is_online, &mut chance),
        components: components(&mut chance),
        legal_basis: Vec::new(),
        steps: Vec::new(),
        results: Vec::new(),
        conditions: Vec::new(),
        notes: Vec::new(),
        keywords: Vec::new(),
        form: None,
        popularity: 0,
        valid_from: FROM,
        source: SOURCE.to_owned(),
    })
}

fn channels(is_online: bool, chance: &mut Chance) -> Vec<Channel> {
    let limit = chance.pick(&LIMITS).copied();
    let amount = chance
        .percent(40)
        .then(|| Dong::new(10_000 * i64::try_from(chance.below(60) + 1).unwrap_or(1)));
    let kinds = [ChannelKind::Online, ChannelKind::Desk, ChannelKind::Post];
    let kinds = kinds
        .into_iter()
        .filter(|kind| is_online || *kind != ChannelKind::Online);
    kinds
        .map(|kind| Channel {
            kind,
            time: limit,
            time_text: String::new(),
            fees: amount
                .map(|amount| Fee {
                    amount: Some(amount),
                    text: String::new(),
                })
                .into_iter()
                .collect(),
            note: String::new(),
        })
        .collect()
}

fn components(chance: &mut Chance) -> Vec<Component> {
    let names = [
        "Đơn đề nghị theo mẫu",
        "Bản sao giấy tờ chứng minh",
        "Thuyết minh phương án",
    ];
    let count = 1 + chance.below(names.len());
    names
        .into_iter()
        .take(count)
        .map(|name| Component {
            case: None,
            name: Bilingual::vi(name),
            originals: 1,
            copies: 0,
            template: None,
            required: true,
            source: ComponentSource::Upload,
            clause: None,
            example: None,
        })
        .collect()
}
