//! A province's units as a file: what is usual (`provinces/_country/units.toml`) and what is this
//! province's own (`provinces/<name>/units.toml`). Communes come from the list of areas by a rule.
//!
//! It refuses a commune without a code group and a group without a commune: codes are data. Codes
//! here are not verified against the decisions that issue them unless the file says so.

use super::{Code, CodeEntry, Dated, Place, Unit, UnitError, UnitId, UnitKind, unit_id};
use crate::area::{AreaBook, AreaCode, AreaId, AreaKind, Span};
use jiff::civil::Date;
use kernel::{AgencyCode, Bilingual, Lang, OldAgencyCode};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What every province has.
const USUAL: &str = include_str!("../../../../provinces/_country/units.toml");

/// What every province had while there were districts, for profiles that stand on a day of then.
const UNTIL_2025: &str = include_str!("../../../../provinces/_country/units-until-2025.toml");

/// Group of the first district under the code of its province.
const DISTRICTS_FROM: usize = 30;

/// The profiles in this program: name of the folder and its `units.toml`.
pub const SHIPPED: [(&str, &str); 10] = [
    ("can-tho", include_str!("../../../../provinces/can-tho/units.toml")),
    ("ha-tinh", include_str!("../../../../provinces/ha-tinh/units.toml")),
    ("hai-phong", include_str!("../../../../provinces/hai-phong/units.toml")),
    ("tay-ninh", include_str!("../../../../provinces/tay-ninh/units.toml")),
    (
        "thai-nguyen",
        include_str!("../../../../provinces/thai-nguyen/units.toml"),
    ),
    ("long-an", include_str!("../../../../provinces/long-an/units.toml")),
    ("hau-giang", include_str!("../../../../provinces/hau-giang/units.toml")),
    ("hai-duong", include_str!("../../../../provinces/hai-duong/units.toml")),
    (
        "ha-tinh-2023",
        include_str!("../../../../provinces/ha-tinh-2023/units.toml"),
    ),
    (
        "thai-nguyen-2021",
        include_str!("../../../../provinces/thai-nguyen-2021/units.toml"),
    ),
];

/// A profile, read and checked for its form.
#[derive(Debug, Clone)]
pub struct Profile {
    name: String,
    usual: Usual,
    own: Own,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Usual {
    working_hours: String,
    desk: Template,
    department: Vec<Department>,
    commune: CommuneRule,
}

/// A name with `{area}` for the area it serves, the kind in small letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    group: String,
    name: String,
    name_en: String,
    #[serde(default)]
    sectors: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Department {
    key: String,
    group: String,
    name: String,
    name_en: String,
    #[serde(default)]
    sectors: Vec<String>,
    /// Not every province has it; a profile that has it says so.
    #[serde(default)]
    optional: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommuneRule {
    name: String,
    name_en: String,
    unit: Vec<CommuneUnit>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommuneUnit {
    key: String,
    kind: UnitKind,
    group: String,
    name: String,
    name_en: String,
    /// Where wards and special zones have another name than communes.
    #[serde(default)]
    name_urban: Option<String>,
    #[serde(default)]
    name_urban_en: Option<String>,
    #[serde(default)]
    sectors: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    area: AreaCode,
    code: AgencyCode,
    name: String,
    name_en: String,
    opened_on: Date,
    /// The day whose districts and communes these are; none for the communes of today.
    #[serde(default)]
    as_of: Option<Date>,
    #[serde(default)]
    codes_verified: bool,
    #[serde(default)]
    old_code: Vec<OldCode>,
    /// By key: what differs from the usual department, or one of the province's own.
    #[serde(default)]
    department: BTreeMap<String, Difference>,
    #[serde(default)]
    desk: Difference,
    #[serde(default)]
    former: Vec<Former>,
    /// Area code of each commune to its group under the code of the province; by order where there are districts.
    #[serde(default)]
    communes: BTreeMap<AreaCode, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    #[serde(default)]
    absent: bool,
    group: Option<String>,
    name: Option<String>,
    name_en: Option<String>,
    sectors: Option<Vec<String>>,
}

/// A row of the dated map from old codes: `unit` is `province` or the key of a department.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OldCode {
    code: OldAgencyCode,
    unit: String,
    from: Date,
    #[serde(default)]
    to: Option<Date>,
}

/// A province that lives on in this one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Former {
    key: String,
    area: AreaCode,
    code: AgencyCode,
    old_code: OldAgencyCode,
    name: String,
    name_en: String,
    from: Date,
    to: Date,
}

/// The units of a profile and who followed whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileUnits {
    /// All units, parents before children.
    pub units: Vec<Unit>,
    /// Old unit, new unit, first day of the new.
    pub successors: Vec<(UnitId, UnitId, Date)>,
}

impl Profile {
    /// The profile shipped under this name.
    ///
    /// # Errors
    /// [`UnitError::Profile`] when there is none of that name.
    pub fn shipped(name: &str) -> Result<Self, UnitError> {
        match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            Some((name, text)) => Self::parse(name, text),
            None => {
                let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
                let reason = format!("no such province; there are: {}", names.join(", "));
                Err(UnitError::Profile {
                    file: name.to_owned(),
                    reason,
                })
            }
        }
    }

    /// Reads a profile from the text of its `units.toml`.
    ///
    /// # Errors
    /// [`UnitError::Profile`] with the place in the file.
    pub fn parse(name: &str, text: &str) -> Result<Self, UnitError> {
        let fault = |file: &str, error: toml::de::Error| UnitError::Profile {
            file: file.to_owned(),
            reason: error.to_string(),
        };
        let own: Own = toml::from_str(text).map_err(|error| fault(&format!("{name}/units.toml"), error))?;
        let (usual, file) = match own.as_of {
            Some(_) => (UNTIL_2025, "_country/units-until-2025.toml"),
            None => (USUAL, "_country/units.toml"),
        };
        let usual = toml::from_str(usual).map_err(|error| fault(file, error))?;
        Ok(Self {
            name: name.to_owned(),
            usual,
            own,
        })
    }

    /// The name of the profile's folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day on which a province of before stands.
    pub const fn as_of(&self) -> Option<Date> {
        self.own.as_of
    }

    /// The code of the area of the province.
    pub const fn area(&self) -> AreaCode {
        self.own.area
    }

    /// The code of the province.
    pub const fn code(&self) -> &AgencyCode {
        &self.own.code
    }

    /// The id of the unit with this key: `province`, `desk`, a department's key such as `tu-phap`, or
    /// `<area code>` and `<area code>/<key>` for a commune and what is inside it.
    pub fn unit_id(&self, key: &str) -> UnitId {
        unit_id(&self.name, key)
    }

    /// Makes the units, with the communes of the list of areas.
    ///
    /// # Errors
    /// [`UnitError::Profile`] when areas and code groups do not fit each other.
    pub fn units(&self, areas: &AreaBook) -> Result<ProfileUnits, UnitError> {
        let province = match self.own.as_of {
            Some(day) => areas.resolve(&self.own.area, day).then().and_then(|id| areas.get(id)),
            None => areas.current(&self.own.area),
        };
        let province = province.ok_or_else(|| self.fault("the area is in no list"))?;
        let mut maker = Maker {
            profile: self,
            made: ProfileUnits {
                units: Vec::new(),
                successors: Vec::new(),
            },
        };
        maker.province(province.id)?;
        maker.departments(province.id)?;
        match self.own.as_of {
            Some(day) => maker.districts(areas, province.id, day)?,
            None => {
                let communes = areas.children_on(province.id, self.own.opened_on);
                self.groups_fit(&communes)?;
                for area in communes {
                    let group = self.own.communes.get(&area.last().code);
                    let code = maker.child_code(&self.own.code, group.map(String::as_str).unwrap_or_default())?;
                    maker.commune(area, &code, self.unit_id("province"))?;
                }
            }
        }
        maker.former(areas)?;
        Ok(maker.made)
    }

    fn groups_fit(&self, communes: &[&crate::area::Area]) -> Result<(), UnitError> {
        let listed: std::collections::BTreeSet<AreaCode> = communes.iter().map(|area| area.last().code).collect();
        let lacking: Vec<String> = listed
            .iter()
            .filter(|code| !self.own.communes.contains_key(code))
            .map(ToString::to_string)
            .collect();
        let strange: Vec<String> = self
            .own
            .communes
            .keys()
            .filter(|code| !listed.contains(code))
            .map(ToString::to_string)
            .collect();
        if lacking.is_empty() && strange.is_empty() {
            return Ok(());
        }
        Err(self.fault(&format!(
            "communes without a group: {lacking:?}; groups without a commune: {strange:?}"
        )))
    }

    fn fault(&self, reason: &str) -> UnitError {
        UnitError::Profile {
            file: format!("{}/units.toml", self.name),
            reason: reason.to_owned(),
        }
    }
}

struct Maker<'a> {
    profile: &'a Profile,
    made: ProfileUnits,
}

/// What is to be made.
struct Wanted<'a> {
    key: &'a str,
    kind: UnitKind,
    code: AgencyCode,
    name: Bilingual,
    parent: Option<UnitId>,
    area: AreaId,
    sectors: &'a [String],
}

impl Maker<'_> {
    fn push(&mut self, wanted: Wanted<'_>) -> UnitId {
        let profile = self.profile;
        let span = Span {
            from: profile.own.opened_on,
            to: None,
        };
        let entry = CodeEntry {
            code: Code::New(wanted.code),
            verified: profile.own.codes_verified,
        };
        let mut codes = vec![Dated { span, value: entry }];
        for old in profile.own.old_code.iter().filter(|old| old.unit == wanted.key) {
            let entry = CodeEntry {
                code: Code::Old(old.code.clone()),
                verified: profile.own.codes_verified,
            };
            codes.push(Dated {
                span: Span {
                    from: old.from,
                    to: old.to,
                },
                value: entry,
            });
        }
        codes.sort_by_key(|dated| dated.span.from);
        let id = profile.unit_id(wanted.key);
        self.made.units.push(Unit {
            id,
            kind: wanted.kind,
            span,
            working_hours: profile.usual.working_hours.clone(),
            sectors: wanted.sectors.to_vec(),
            codes,
            names: vec![Dated {
                span,
                value: wanted.name,
            }],
            places: vec![Dated {
                span,
                value: Place {
                    parent: wanted.parent,
                    area: Some(wanted.area),
                },
            }],
            version: 1,
        });
        id
    }

    fn child_code(&self, code: &AgencyCode, group: &str) -> Result<AgencyCode, UnitError> {
        code.child(group)
            .map_err(|error| self.profile.fault(&format!("{code}.{group}: {error}")))
    }

    fn province(&mut self, area: AreaId) -> Result<(), UnitError> {
        let own = &self.profile.own;
        let root = self.push(Wanted {
            key: "province",
            kind: UnitKind::Province,
            code: own.code.clone(),
            name: Bilingual::new(own.name.clone(), own.name_en.clone()),
            parent: None,
            area,
            sectors: &[],
        });
        let (desk, difference) = (&self.profile.usual.desk, &own.desk);
        let group = difference.group.as_ref().unwrap_or(&desk.group);
        let name = difference
            .name
            .clone()
            .unwrap_or_else(|| fill(&desk.name, &province_name(&own.name)));
        let name_en = difference
            .name_en
            .clone()
            .unwrap_or_else(|| fill(&desk.name_en, &province_name_en(&own.name_en)));
        let code = self.child_code(&own.code, group)?;
        self.push(Wanted {
            key: "desk",
            kind: UnitKind::Desk,
            code,
            name: Bilingual::new(name, name_en),
            parent: Some(root),
            area,
            sectors: &desk.sectors,
        });
        Ok(())
    }

    fn departments(&mut self, area: AreaId) -> Result<(), UnitError> {
        let own = &self.profile.own;
        let root = self.profile.unit_id("province");
        let (vi, en) = (province_name(&own.name), province_name_en(&own.name_en));
        let usual = &self.profile.usual.department;
        for department in usual {
            let difference = own.department.get(&department.key);
            if difference.map_or(department.optional, |difference| difference.absent) {
                continue;
            }
            let text = |usual: &str, own: Option<&String>, area: &str| fill(own.map_or(usual, String::as_str), area);
            let name = text(&department.name, difference.and_then(|own| own.name.as_ref()), &vi);
            let name_en = text(
                &department.name_en,
                difference.and_then(|own| own.name_en.as_ref()),
                &en,
            );
            let group = difference
                .and_then(|own| own.group.as_ref())
                .unwrap_or(&department.group);
            let code = self.child_code(&own.code, group)?;
            let sectors = difference
                .and_then(|own| own.sectors.as_ref())
                .unwrap_or(&department.sectors);
            self.push(Wanted {
                key: &department.key,
                kind: UnitKind::Department,
                code,
                name: Bilingual::new(name, name_en),
                parent: Some(root),
                area,
                sectors,
            });
        }
        match own
            .department
            .keys()
            .find(|key| !usual.iter().any(|department| department.key == **key))
        {
            Some(key) => Err(self
                .profile
                .fault(&format!("{key} is no usual department; add it to _country/units.toml"))),
            None => Ok(()),
        }
    }

    /// Committees of districts with the communes below them, in the order of their area codes.
    fn districts(&mut self, areas: &AreaBook, province: AreaId, day: Date) -> Result<(), UnitError> {
        let districts = areas.children_on(province, day);
        if districts.is_empty() {
            return Err(self.profile.fault("no district is in the list of that day"));
        }
        let (root, rule) = (self.profile.unit_id("province"), &self.profile.usual.commune);
        for (at, district) in districts.into_iter().enumerate() {
            let code = self.child_code(&self.profile.own.code, &format!("{:02}", DISTRICTS_FROM + at))?;
            let name = district.name_on(day);
            let (vi, en) = (small_kind(&name.vi), name.get(Lang::En));
            let committee = self.push(Wanted {
                key: &format!(
                    "district-{}",
                    district.state_on(day).unwrap_or_else(|| district.last()).code
                ),
                kind: UnitKind::District,
                code: code.clone(),
                name: Bilingual::new(fill(&rule.name, &vi), fill(&rule.name_en, en)),
                parent: Some(root),
                area: district.id,
                sectors: &[],
            });
            for (below, commune) in areas.children_on(district.id, day).into_iter().enumerate() {
                let code = self.child_code(&code, &format!("{:02}", below + 1))?;
                self.commune(commune, &code, committee)?;
            }
        }
        Ok(())
    }

    fn commune(&mut self, area: &crate::area::Area, code: &AgencyCode, above: UnitId) -> Result<(), UnitError> {
        let own = &self.profile.own;
        let state = area
            .state_on(own.as_of.unwrap_or(own.opened_on))
            .unwrap_or_else(|| area.last());
        let newest = if own.as_of.is_some() { state } else { area.last() };
        let (vi, en) = (small_kind(&newest.name.vi), newest.name.get(Lang::En).to_owned());
        let rule = &self.profile.usual.commune;
        let key = state.code.to_string();
        let committee = self.push(Wanted {
            key: &key,
            kind: UnitKind::Commune,
            code: code.clone(),
            name: Bilingual::new(fill(&rule.name, &vi), fill(&rule.name_en, &en)),
            parent: Some(above),
            area: area.id,
            sectors: &[],
        });
        let urban = matches!(newest.kind, AreaKind::Ward | AreaKind::SpecialZone);
        for unit in &rule.unit {
            let name = unit.name_urban.as_ref().filter(|_| urban).unwrap_or(&unit.name);
            let name_en = unit.name_urban_en.as_ref().filter(|_| urban).unwrap_or(&unit.name_en);
            let code = self.child_code(code, &unit.group)?;
            self.push(Wanted {
                key: &format!("{key}/{}", unit.key),
                kind: unit.kind,
                code,
                name: Bilingual::new(fill(name, &vi), fill(name_en, &en)),
                parent: Some(committee),
                area: area.id,
                sectors: &unit.sectors,
            });
        }
        Ok(())
    }

    fn former(&mut self, areas: &AreaBook) -> Result<(), UnitError> {
        for former in &self.profile.own.former {
            let span = Span {
                from: former.from,
                to: Some(former.to),
            };
            let then = areas.resolve(&former.area, former.to).then();
            let area = then.ok_or_else(|| self.profile.fault(&format!("{}: no such area", former.area)))?;
            let verified = self.profile.own.codes_verified;
            let codes = [Code::New(former.code.clone()), Code::Old(former.old_code.clone())];
            let id = self.profile.unit_id(&former.key);
            self.made.units.push(Unit {
                id,
                kind: UnitKind::Province,
                span,
                working_hours: self.profile.usual.working_hours.clone(),
                sectors: Vec::new(),
                codes: codes
                    .map(|code| Dated {
                        span,
                        value: CodeEntry { code, verified },
                    })
                    .to_vec(),
                names: vec![Dated {
                    span,
                    value: Bilingual::new(former.name.clone(), former.name_en.clone()),
                }],
                places: vec![Dated {
                    span,
                    value: Place {
                        parent: None,
                        area: Some(area),
                    },
                }],
                version: 1,
            });
            let first_day = former.to.tomorrow().unwrap_or(former.to);
            self.made
                .successors
                .push((id, self.profile.unit_id("province"), first_day));
        }
        Ok(())
    }
}

fn fill(template: &str, area: &str) -> String {
    template.replace("{area}", area)
}

/// "Phường Thành Sen" inside a sentence: "phường Thành Sen".
fn small_kind(name: &str) -> String {
    match AreaKind::split(name) {
        Some((kind, bare)) => format!("{} {bare}", kind.vi().to_lowercase()),
        None => name.to_owned(),
    }
}

/// "Ủy ban nhân dân tỉnh Hà Tĩnh" is that of "tỉnh Hà Tĩnh".
fn province_name(committee: &str) -> String {
    committee
        .strip_prefix("Ủy ban nhân dân ")
        .unwrap_or(committee)
        .to_owned()
}

/// "People's Committee of Ha Tinh Province" is that of "Ha Tinh Province".
fn province_name_en(committee: &str) -> String {
    committee
        .strip_prefix("People's Committee of ")
        .unwrap_or(committee)
        .to_owned()
}
