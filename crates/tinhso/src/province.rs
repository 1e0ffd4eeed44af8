//! A province's profile: `provinces/<name>/province.toml` says what makes it itself; its units stand beside
//! and are read by `identity`. The profiles of the repository are inside the binary.

use crate::Error;
use crate::http::bilingual;
use kernel::Bilingual;
use kernel::calendar::{CalendarData, CutOff, OfficeHours, WorkingCalendar};
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
const EMBEDDED: &[(&str, &str)] = embedded!("ha-tinh", "thai-nguyen", "hai-phong", "tay-ninh", "can-tho");

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
        brand.banner = is_demo.then(|| bilingual("tinhso-demo"));
        brand
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
}
