//! A province's profile: `provinces/<name>/province.toml` says what makes it itself; its units stand beside
//! and are read by `identity`. The profiles of the repository are inside the binary.

use crate::Error;
use crate::http::bilingual;
use casework::scenario::year::Size;
use indicator::{Published, Reported};
use kernel::calendar::{CalendarData, CutOff, OfficeHours, WorkingCalendar};
use kernel::{Bilingual, Date, Lang};
use serde::Deserialize;
use std::sync::Arc;
use web::shell::{Brand, FooterLink};

/// Name and `province.toml` of one folder.
macro_rules! embedded {
    ($($name:literal),*) => {
        &[$(($name, include_str!(concat!("../../../provinces/", $name, "/province.toml")))),*]
    };
}

/// The profiles that the binary carries.
const EMBEDDED: &[(&str, &str)] = embedded!(
    "ha-tinh",
    "thai-nguyen",
    "hai-phong",
    "tay-ninh",
    "can-tho",
    "long-an",
    "hau-giang",
    "hai-duong",
    "ha-tinh-2023",
    "thai-nguyen-2021"
);

/// What is taken of a province that reports no size of its catalogue: that of Long An, the one that reported both numbers.
const USUAL: Size = Size {
    procedures: 1_855,
    online: 1_574,
};

/// `province.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Province {
    /// Short name.
    pub name: Bilingual,
    /// What the site is, below the name.
    pub tagline: Bilingual,
    /// Hours of the day in which deadlines run.
    pub hours: OfficeHours,
    /// Hour after which what arrives counts from the next working day, where a rule says so.
    pub cut_off: Option<CutOff>,
    /// The day on which a province of before stands; none for one of today.
    #[serde(default)]
    pub as_of: Option<Date>,
    /// Where the figures are from.
    #[serde(default)]
    pub source: Option<Bilingual>,
    /// What the province reported.
    #[serde(default)]
    pub reported: Vec<Figure>,
    /// What it aims at.
    #[serde(default)]
    pub target: Vec<Figure>,
    /// Keys of what its report does not tell.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// A number that a province reported or aims at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What it is, the same word in every profile.
    pub key: String,
    /// The number as it was reported.
    pub value: String,
    /// Of what.
    pub unit: String,
    /// In words.
    pub label: Bilingual,
}

impl Province {
    /// Finds a profile by the name of its folder.
    /// # Errors
    /// `Error::Config` that lists the names that exist.
    pub fn find(name: &str) -> Result<Self, Error> {
        let Some((_, text)) = EMBEDDED.iter().find(|(folder, _)| *folder == name) else {
            let known: Vec<_> = Self::names().collect();
            return Err(Error::Config(format!(
                "no province {name:?}: choose one of {}",
                known.join(", ")
            )));
        };
        toml::from_str(text).map_err(|e| Error::Config(format!("provinces/{name}/province.toml: {e}")))
    }

    /// Names of the profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(folder, _)| *folder)
    }

    /// The calendar in which this province's deadlines run.
    #[must_use]
    pub fn calendar(&self) -> Arc<WorkingCalendar> {
        Arc::new(WorkingCalendar::new(&CalendarData::built_in(), self.hours.clone()))
    }

    /// The size of its catalogue: as reported, else in the usual measure.
    #[must_use]
    pub fn size(&self) -> Size {
        let number = |key: &str| self.figure(key).and_then(|figure| figure.value.parse().ok());
        let procedures: usize = number("procedures").unwrap_or(USUAL.procedures);
        let usual = procedures * USUAL.online / USUAL.procedures;
        Size {
            procedures,
            online: number("procedures-online").unwrap_or(usual),
        }
    }

    /// What it reported under `key`; none when its report does not tell.
    #[must_use]
    pub fn figure(&self, key: &str) -> Option<&Figure> {
        self.reported.iter().find(|figure| figure.key == key)
    }

    /// What it reported, as the pages of figures show it beside what is computed.
    #[must_use]
    pub fn published(&self) -> Reported {
        let figure = |figure: &Figure| Published {
            key: figure.key.clone(),
            value: figure.value.clone(),
            is_percent: figure.unit == "percent",
            label: figure.label.clone(),
        };
        Reported {
            source: self.source.clone(),
            as_of: self.as_of,
            figures: self.reported.iter().map(figure).collect(),
        }
    }

    /// How the province shows itself at `origin`.
    #[must_use]
    pub fn brand(&self, origin: &str, is_demo: bool) -> Brand {
        let mut brand = Brand::new(self.name.clone(), self.tagline.clone());
        brand.origin = Some(origin.to_owned());
        brand.footer_note = bilingual("tinhso-footer-note");
        brand.footer = [
            ("/my/data-use", "tinhso-footer-uses"),
            ("/docs/api", "tinhso-footer-api"),
        ]
        .map(|(href, key)| FooterLink {
            href: href.to_owned(),
            label: bilingual(key),
        })
        .to_vec();
        brand.banner = is_demo.then(|| self.banner());
        brand
    }

    /// That nothing here is real, and of which day a province of before is.
    fn banner(&self) -> Bilingual {
        let Some(day) = self.as_of else {
            return bilingual("tinhso-demo");
        };
        let day = format!("{:02}/{:02}/{}", day.day(), day.month(), day.year());
        let words = |lang: Lang| {
            let (own, demo) = ("tinhso-demo-as-of", "tinhso-demo");
            let name = self.name.get(lang).to_owned();
            let as_of = web::text_with(lang, own, &[("name", name.into()), ("day", day.clone().into())]);
            format!("{} {as_of}", web::text(lang, demo))
        };
        Bilingual::new(words(Lang::Vi), words(Lang::En))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_reads_and_has_units() {
        for name in Province::names() {
            Province::find(name).unwrap();
            assert!(
                identity::unit::profile::SHIPPED
                    .iter()
                    .any(|(folder, _)| *folder == name),
                "{name}"
            );
        }
        assert!(Province::find("atlantis").unwrap_err().to_string().contains("ha-tinh"));
    }

    #[test]
    fn figures_of_a_profile_have_a_source_and_what_is_not_told_is_said() {
        for name in Province::names() {
            let province = Province::find(name).unwrap();
            let profile = identity::unit::Profile::shipped(name).unwrap();
            assert_eq!(profile.as_of(), province.as_of, "{name}: units and figures of one day");
            assert_eq!(province.as_of.is_some(), province.source.is_some(), "{name}");
            for figure in province.reported.iter().chain(&province.target) {
                assert!(province.source.is_some(), "{name}: {} has no source", figure.key);
                assert!(figure.value.parse::<f64>().is_ok(), "{name}: {}", figure.value);
                assert!(
                    figure.label.en.is_some() && !figure.unit.is_empty(),
                    "{name}: {}",
                    figure.key
                );
            }
            let told = |key: &str| match key {
                "targets" => !province.target.is_empty(),
                key => province.figure(key).is_some(),
            };
            for key in &province.unknown {
                assert!(!told(key), "{name} tells {key} and calls it unknown");
            }
            if province.as_of.is_some() {
                for key in [
                    "procedures",
                    "procedures-online",
                    "dossiers",
                    "on-time",
                    "people",
                    "officers",
                ] {
                    let is_listed = province.unknown.iter().any(|unknown| unknown == key);
                    // A share says as much as the number does.
                    let is_shared = key == "procedures-online" && told("online-share");
                    assert!(told(key) || is_listed || is_shared, "{name} is silent on {key}");
                }
            }
            let size = province.size();
            assert!(
                size.online <= size.procedures && size.procedures >= 1_851,
                "{name}: {size:?}"
            );
        }
        assert_eq!(Province::find("long-an").unwrap().size(), USUAL);
        assert_eq!(Province::find("hai-duong").unwrap().size().procedures, 1_962);
    }

    #[test]
    fn a_province_of_before_says_of_which_day_it_is() {
        web::i18n::register(&[crate::http::TEXT]);
        let brand = Province::find("long-an").unwrap().brand("http://127.0.0.1", true);
        let banner = brand.banner.unwrap();
        assert!(
            banner.vi.contains("10/02/2024") && banner.get(Lang::En).contains("10/02/2024"),
            "{banner:?}"
        );
    }
}
