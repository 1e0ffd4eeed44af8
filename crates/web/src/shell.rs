//! What every page shows around its content: the province, the navigation, who is signed in, the language, the token of
//! its forms. `identity` makes one [`Shell`] for each request and [`install`]s it; pages take it as an extractor.
//! It refuses to decide anything: what is in the shell is shown, nothing more.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::Extensions;
use http::request::Parts;
use kernel::{Bilingual, Lang, World};
use parking_lot::Mutex;
use ring::digest;
use uuid::Uuid;

use crate::components::Tone;
use crate::i18n::Language;

/// How a province shows itself. Made once at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// Short name of the province: `Hà Tĩnh`.
    pub name: Bilingual,
    /// What this site is, below the name: `Cổng dịch vụ của tỉnh`.
    pub tagline: Bilingual,
    /// An own mark as SVG text, shown as an image (scripts in it never run); without one, the mountains of the house.
    pub mark_svg: Option<String>,
    /// An own brand colour; without one, lacquer red.
    pub colour: Option<BrandColour>,
    /// `https://dichvu.example.gov.vn`, without a slash at the end; for canonical addresses and QR codes.
    pub origin: Option<String>,
    /// Links at the foot of every page.
    pub footer: Vec<FooterLink>,
    /// A line at the head of every page, such as "this is a demonstration".
    pub banner: Option<Bilingual>,
    /// The sentence at the foot of every page.
    pub footer_note: Bilingual,
    /// Where somebody who is not signed in can sign in.
    pub sign_in: String,
}

impl Brand {
    /// A brand with the house's mark and colour.
    #[must_use]
    pub fn new(name: Bilingual, tagline: Bilingual) -> Self {
        Self {
            name,
            tagline,
            mark_svg: None,
            colour: None,
            origin: None,
            footer: Vec::new(),
            banner: None,
            footer_note: Bilingual::default(),
            sign_in: "/sign-in".to_owned(),
        }
    }
}

/// A province's colour in light and dark pages, both dark enough for white letters on them (WCAG 1.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandColour {
    light: [u8; 3],
    dark: [u8; 3],
}

/// Why a colour cannot be a brand colour.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BrandColourError {
    /// Not six hexadecimal digits after `#`.
    #[error("a colour is written #rrggbb")]
    Form,
    /// White letters on it could not be read.
    #[error("white letters on #{hex} have contrast {ratio:.2}, at least 4.5 is needed")]
    TooLight {
        /// The colour.
        hex: String,
        /// Its contrast with white.
        ratio: f64,
    },
}

impl BrandColour {
    /// Reads `#9b1c1f` for light and for dark pages.
    ///
    /// # Errors
    /// [`BrandColourError`] when a colour is malformed or too light.
    pub fn new(light: &str, dark: &str) -> Result<Self, BrandColourError> {
        Ok(Self {
            light: brand_colour(light)?,
            dark: brand_colour(dark)?,
        })
    }

    /// The style sheet that replaces the colour, named by its content.
    pub(crate) fn css_name(self) -> String {
        format!("brand-{}-{}.css", hex::encode(self.light), hex::encode(self.dark))
    }

    /// The colour named by [`Self::css_name`].
    pub(crate) fn from_css_name(name: &str) -> Option<Self> {
        let (light, dark) = name.strip_prefix("brand-")?.strip_suffix(".css")?.split_once('-')?;
        Self::new(&format!("#{light}"), &format!("#{dark}")).ok()
    }

    /// Its style sheet.
    pub(crate) fn css(self) -> String {
        let (light, dark) = (hex::encode(self.light), hex::encode(self.dark));
        format!(
            ":root{{--brand:#{light};--link:#{light}}}@media(prefers-color-scheme:dark){{:root{{--brand:#{dark};\
             --link:color-mix(in srgb,#{dark} 45%,#fff)}}}}\n"
        )
    }
}

fn brand_colour(text: &str) -> Result<[u8; 3], BrandColourError> {
    let digits = text.strip_prefix('#').ok_or(BrandColourError::Form)?;
    let mut rgb = [0; 3];
    hex::decode_to_slice(digits, &mut rgb).map_err(|_| BrandColourError::Form)?;
    let ratio = contrast(rgb, [255; 3]);
    if ratio < 4.5 {
        return Err(BrandColourError::TooLight {
            hex: digits.to_owned(),
            ratio,
        });
    }
    Ok(rgb)
}

/// Contrast of two sRGB colours after WCAG 2.2, 1 to 21.
#[must_use]
pub fn contrast(one: [u8; 3], two: [u8; 3]) -> f64 {
    let luminance = |rgb: [u8; 3]| {
        let part = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(rgb[0]) + 0.7152 * part(rgb[1]) + 0.0722 * part(rgb[2])
    };
    let (a, b) = (luminance(one), luminance(two));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A link at the foot of every page, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FooterLink {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub label: Bilingual,
}

/// A link of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Where it leads: a path of this site, or an `https:` address.
    pub href: String,
    /// Its words, in the language of the page.
    pub label: String,
    /// A number beside it (dossiers waiting), if it has one.
    pub count: Option<u64>,
    /// What the number counts, for those who hear the page: `3 chưa đọc`.
    pub counted: Option<String>,
}

impl NavItem {
    /// A link without a number.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            label: label.into(),
            count: None,
            counted: None,
        }
    }

    /// The same link with a number.
    #[must_use]
    pub fn with_count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// The words that are heard in place of the bare number.
    #[must_use]
    pub fn counted(mut self, words: impl Into<String>) -> Self {
        self.counted = Some(words.into());
        self
    }
}

/// Who is signed in, as the masthead says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLabel {
    /// `Lan`, or a full name.
    pub name: String,
    /// Role and unit: `cán bộ một cửa, phường Thành Sen`.
    pub role: Option<String>,
    /// Pages of the account: my dossiers, my data, sessions.
    pub links: Vec<NavItem>,
    /// Where the sign-out form posts to.
    pub sign_out: String,
}

/// A banner at the head of the next page: "Đã gửi", "Đã lưu".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of news it is.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

/// When this session ends without a request, so that the page can warn (WCAG 2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClock {
    /// Seconds from this answer to the end.
    pub ends_after_s: u32,
    /// Seconds before the end at which the warning opens.
    pub warn_before_s: u32,
    /// A GET of this path prolongs the session.
    pub renew: String,
}

/// Everything around the content of one page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Language of the page.
    pub lang: Lang,
    /// The province.
    pub brand: Arc<Brand>,
    /// Main navigation.
    pub nav: Vec<NavItem>,
    /// Who is signed in.
    pub account: Option<AccountLabel>,
    /// Masked form token; empty when forms cannot be sent.
    pub csrf: String,
    /// Seed of the idempotency keys of this page's forms; fresh for every answer.
    pub once: Uuid,
    /// Path of the request, without query.
    pub path: String,
    /// Query of the request, without `?`; empty when there is none.
    pub query: String,
    /// A banner to show once.
    pub notice: Option<Notice>,
    /// When the session ends.
    pub session: Option<SessionClock>,
}

impl Shell {
    /// A shell for a request, with nobody signed in and no form token.
    #[must_use]
    pub fn new(lang: Lang, brand: Arc<Brand>, world: &dyn World, uri: &http::Uri) -> Self {
        let mut once = [0; 16];
        world.fill(&mut once);
        Self {
            lang,
            brand,
            nav: Vec::new(),
            account: None,
            csrf: String::new(),
            once: uuid::Builder::from_random_bytes(once).into_uuid(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or("").to_owned(),
            notice: None,
            session: None,
        }
    }

    /// The idempotency key of one form on this page, made from the page's seed and what tells the form apart.
    #[must_use]
    pub fn once_for(&self, form: &str) -> Uuid {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(self.once.as_bytes());
        hash.update(form.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finish().as_ref()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The text of `key` in the page's language.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        crate::i18n::text(self.lang, key)
    }

    /// The text of `key` with arguments in the page's language.
    #[must_use]
    pub fn text_with(&self, key: &str, args: &[(&str, crate::i18n::TextValue<'_>)]) -> String {
        crate::i18n::text_with(self.lang, key, args)
    }
}

/// The place where the error layer, which lies outside the session layer, finds the shell of the request.
#[derive(Clone, Default)]
pub(crate) struct Slot(pub(crate) Arc<Mutex<Option<Shell>>>);

/// Gives the request its shell. Called by the session layer, once a request.
pub fn install(extensions: &mut Extensions, shell: Shell) {
    if let Some(slot) = extensions.get::<Slot>() {
        *slot.0.lock() = Some(shell.clone());
    }
    extensions.insert(shell);
}

/// Brand and chance of this server, put into every request by [`crate::frame`].
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) brand: Arc<Brand>,
    pub(crate) world: Arc<dyn World>,
}

impl Base {
    pub(crate) fn shell(&self, lang: Lang, uri: &http::Uri) -> Shell {
        Shell::new(lang, Arc::clone(&self.brand), &*self.world, uri)
    }
}

impl<S: Sync> FromRequestParts<S> for Shell {
    type Rejection = crate::Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        if let Some(shell) = parts.extensions.get::<Self>() {
            return Ok(shell.clone());
        }
        let lang = parts.extensions.get::<Language>().map_or(Lang::Vi, |l| l.0);
        match parts.extensions.get::<Base>() {
            Some(base) => Ok(base.shell(lang, &parts.uri)),
            None => Err(crate::Failure::internal("no shell: the router lies outside web::frame")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::CSS_SOURCE;
    use std::collections::BTreeMap;

    /// Colour tokens of the first `:root` after `from`.
    fn tokens(from: &str) -> BTreeMap<String, [u8; 3]> {
        let block = from
            .split_once(":root {")
            .and_then(|(_, rest)| rest.split_once('}'))
            .expect("a :root block")
            .0;
        let pairs = block
            .split(';')
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
        pairs.map(|(name, hex)| (name.to_owned(), rgb(hex))).collect()
    }

    fn rgb(hex: &str) -> [u8; 3] {
        let mut rgb = [0; 3];
        hex::decode_to_slice(hex.trim(), &mut rgb).expect("six digits");
        rgb
    }

    /// Letters on grounds (WCAG 1.4.3).
    const LETTERS: [(&str, &str); 5] = [
        (
            "ink ink-2 link",
            "paper card brand-wash ok-wash soon-wash late-wash info-wash plain-wash",
        ),
        ("brand-ink", "brand"),
        ("ok soon", "paper card"),
        ("late info", "paper card"),
        ("ok", "ok-wash"),
    ];
    /// Letters of a tone on its own wash (WCAG 1.4.3).
    const TONES: [(&str, &str); 3] = [("soon", "soon-wash"), ("late", "late-wash"), ("info", "info-wash")];
    /// Borders of controls, focus, signs (WCAG 1.4.11).
    const LINES: [(&str, &str); 1] = [("line-2 focus ok late", "paper card")];

    #[test]
    fn every_pair_of_tokens_can_be_read_in_both_schemes() {
        let light = tokens(CSS_SOURCE);
        let mut dark = light.clone();
        dark.extend(tokens(
            CSS_SOURCE
                .split_once("prefers-color-scheme: dark")
                .expect("a dark scheme")
                .1,
        ));
        let letters = LETTERS.iter().chain(&TONES).map(|pairs| (pairs, 4.5));
        for ((ones, others), least) in letters.chain(LINES.iter().map(|pairs| (pairs, 3.0))) {
            for (scheme, tokens) in [("light", &light), ("dark", &dark)] {
                for one in ones.split(' ') {
                    for other in others.split(' ') {
                        let ratio = contrast(tokens[one], tokens[other]);
                        assert!(
                            ratio >= least,
                            "{scheme}: {one} on {other} has {ratio:.2}, needs {least}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_brand_colour_must_bear_white_letters() {
        assert!(BrandColour::new("#0b5d3b", "#16774e").is_ok());
        assert!(matches!(
            BrandColour::new("#f0c068", "#16774e"),
            Err(BrandColourError::TooLight { .. })
        ));
        for bad in ["9b1c1f", "#9b1c1", "#9b1c1g", "#9b1c1f;x"] {
            assert_eq!(BrandColour::new(bad, "#9b1c1f"), Err(BrandColourError::Form), "{bad}");
        }
        let colour = BrandColour::new("#0b5d3b", "#16774e").expect("dark enough");
        assert_eq!(BrandColour::from_css_name(&colour.css_name()), Some(colour));
        assert!(contrast([0; 3], [255; 3]) > 20.9);
    }

    #[test]
    fn each_form_of_a_page_has_its_own_key() {
        let shell = crate::gallery::sample_shell(Lang::Vi);
        assert_eq!(shell.once_for("a"), shell.once_for("a"));
        assert_ne!(shell.once_for("a"), shell.once_for("b"));
    }
}
