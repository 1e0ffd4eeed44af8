//! The published lists as they are: five files, each read into plain entries.
//!
//! Names are put in NFC, runs of blanks become one, and the words of the kind are spelt one way.
//! Whose lists these are and under which licence: `provinces/_country/PROVENANCE.md`.

use super::super::kind::AreaKind;
use super::super::{AreaError, NEW_ORDER_FIRST_DAY, OLD_ORDER_LAST_DAY};
use flate2::read::GzDecoder;
use jiff::civil::{Date, date};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The older list names no day; it is the state before the mergers of 2023 to 2025.
const OLD_EARLY_AS_OF: Date = date(2022, 12, 31);
/// The day of the newest list.
const NEW_LATE_AS_OF: Date = date(2026, 8, 2);

const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// One area in one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The code of the area above.
    pub parent: Option<String>,
    /// The full name.
    pub name: String,
    /// The English full name, where the list has one worth keeping.
    pub name_en: Option<String>,
}

/// One list: the state of one day.
#[derive(Debug)]
pub struct Edition {
    /// The name of the file.
    pub file: &'static str,
    /// The day it shows.
    pub as_of: Date,
    entries: BTreeMap<String, Entry>,
}

impl Edition {
    /// An empty list.
    pub const fn new(file: &'static str, as_of: Date) -> Self {
        Self {
            file,
            as_of,
            entries: BTreeMap::new(),
        }
    }

    /// Puts an area in; the first entry of a code stays.
    pub fn put(&mut self, code: &str, parent: Option<&str>, name: &str) -> &mut Entry {
        self.entries.entry(code.to_owned()).or_insert_with(|| Entry {
            parent: parent.map(str::to_owned),
            name: tidy_name(name),
            name_en: None,
        })
    }

    /// The area with this code.
    pub fn get(&self, code: &str) -> Option<&Entry> {
        self.entries.get(code)
    }

    /// All areas by code.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(code, entry)| (code.as_str(), entry))
    }

    /// The communes by code.
    pub fn communes(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.all().filter(|(code, _)| code.len() == 5)
    }

    /// How many areas have codes of this many digits.
    pub fn count(&self, digits: usize) -> usize {
        self.entries.keys().filter(|code| code.len() == digits).count()
    }
}

/// A row of the old-to-new map.
#[derive(Debug, Clone, Deserialize)]
pub struct MapRow {
    /// Code of the old province, empty when its name was not found.
    pub old_province_code: String,
    /// Name of the old province.
    pub old_province: String,
    /// Name of the old district.
    pub old_district: String,
    /// Code of the old commune, empty when its name was not found.
    pub old_ward_code: String,
    /// Name of the old commune, empty for a district without communes.
    pub old_ward: String,
    /// Code of the new province.
    pub new_province_code: String,
    /// Code of the new commune.
    pub new_ward_code: String,
    /// Name of the new commune.
    pub new_ward: String,
}

/// Another name under which the list of 2025 knows a commune.
#[derive(Debug, Clone)]
pub struct Alias {
    /// Code of the province.
    pub province: String,
    /// Code of the commune.
    pub code: String,
    /// The name, folded and without blanks.
    pub name: String,
}

/// All lists.
#[derive(Debug)]
pub struct Sources {
    /// 63 provinces, 705 districts, 10,599 communes, before the mergers of 2023 to 2025.
    pub old_early: Edition,
    /// The last state of the old order.
    pub old_late: Edition,
    /// The first state of the new order.
    pub new_early: Edition,
    /// The new order as of the newest list.
    pub new_late: Edition,
    /// Old commune to new commune.
    pub map: Vec<MapRow>,
    /// Other names in the last list of the old order.
    pub aliases: Vec<Alias>,
}

/// Reads the five files of a folder.
///
/// # Errors
/// [`AreaError::File`] or [`AreaError::Row`] with the file and what is wrong.
pub(super) fn read(folder: &Path) -> Result<Sources, AreaError> {
    let (old_late, aliases) = read_old_late(folder)?;
    Ok(Sources {
        old_early: read_old_early(folder)?,
        old_late,
        new_early: read_new_early(folder)?,
        new_late: read_new_late(folder)?,
        map: rows(folder, "old-to-new-2025.csv.gz")?,
        aliases,
    })
}

fn read_old_early(folder: &Path) -> Result<Edition, AreaError> {
    #[derive(Deserialize)]
    struct Row {
        province_code: String,
        province_name: String,
        district_code: String,
        district_name: String,
        ward_code: String,
        ward_name: String,
    }
    let mut edition = Edition::new("units-pre2025.csv.gz", OLD_EARLY_AS_OF);
    for row in rows::<Row>(folder, edition.file)? {
        edition.put(&row.province_code, None, &row.province_name);
        edition.put(&row.district_code, Some(&row.province_code), &row.district_name);
        edition.put(&row.ward_code, Some(&row.district_code), &row.ward_name);
    }
    Ok(edition)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LateRow {
    province_code: String,
    province: String,
    district_code: String,
    district: String,
    ward_code: String,
    ward: String,
    ward_alias: String,
}

fn read_old_late(folder: &Path) -> Result<(Edition, Vec<Alias>), AreaError> {
    let mut edition = Edition::new("units-pre2025-latlon.csv.gz", OLD_ORDER_LAST_DAY);
    let mut aliases = Vec::new();
    for row in rows::<LateRow>(folder, edition.file)? {
        edition.put(&row.province_code, None, &row.province);
        edition.put(&row.district_code, Some(&row.province_code), &row.district);
        // Districts of islands have no commune.
        if row.ward_code.is_empty() {
            continue;
        }
        edition.put(&row.ward_code, Some(&row.district_code), &row.ward);
        let names: Vec<String> = serde_json::from_str(&row.ward_alias).unwrap_or_default();
        aliases.extend(names.into_iter().map(|name| Alias {
            province: row.province_code.clone(),
            code: row.ward_code.clone(),
            name: super::super::kind::comparable(&name),
        }));
    }
    Ok((edition, aliases))
}

fn read_new_early(folder: &Path) -> Result<Edition, AreaError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Row {
        province_code: String,
        province: String,
        ward_code: String,
        ward: String,
    }
    let mut edition = Edition::new("units-2025-latlon.csv.gz", NEW_ORDER_FIRST_DAY);
    for row in rows::<Row>(folder, edition.file)? {
        edition.put(&row.province_code, None, &row.province);
        edition.put(&row.ward_code, Some(&row.province_code), &row.ward);
    }
    Ok(edition)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewProvince {
    code: String,
    full_name: String,
    full_name_en: String,
    wards: Vec<NewWard>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewWard {
    code: String,
    full_name: String,
}

fn read_new_late(folder: &Path) -> Result<Edition, AreaError> {
    let mut edition = Edition::new("units-2025.json.gz", NEW_LATE_AS_OF);
    let text = unpack(folder, edition.file)?;
    let provinces: Vec<NewProvince> = serde_json::from_slice(&text).map_err(|error| AreaError::File {
        file: edition.file.to_owned(),
        reason: error.to_string(),
    })?;
    for province in provinces {
        // "Hanoi City" is how the city writes itself; for communes the rule gives the same names.
        edition.put(&province.code, None, &province.full_name).name_en = Some(province.full_name_en);
        for ward in province.wards {
            edition.put(&ward.code, Some(&province.code), &ward.full_name);
        }
    }
    Ok(edition)
}

fn rows<R: DeserializeOwned>(folder: &Path, file: &str) -> Result<Vec<R>, AreaError> {
    let text = unpack(folder, file)?;
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let rows = reader.deserialize().enumerate().map(|(index, row)| {
        row.map_err(|error: csv::Error| AreaError::Row {
            file: file.to_owned(),
            line: index as u64 + 2,
            reason: error.to_string(),
        })
    });
    rows.collect()
}

fn unpack(folder: &Path, file: &str) -> Result<Vec<u8>, AreaError> {
    let fault = |error: std::io::Error| AreaError::File {
        file: file.to_owned(),
        reason: error.to_string(),
    };
    let mut text = Vec::new();
    let packed = File::open(folder.join(file)).map_err(fault)?;
    GzDecoder::new(packed)
        .take(UNPACKED_BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(fault)?;
    Ok(text)
}

/// "Thị Trấn  Óc Eo" is written "Thị trấn Óc Eo".
fn tidy_name(name: &str) -> String {
    let one_blank = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let composed = kernel::fold::nfc(&one_blank);
    match AreaKind::split(&composed) {
        Some((kind, bare)) => format!("{} {bare}", kind.vi()),
        None => composed.into_owned(),
    }
}
