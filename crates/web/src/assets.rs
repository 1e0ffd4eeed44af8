//! Style sheet, scripts, fonts and icon, embedded in the binary. Addresses carry a hash of the content and are kept by
//! browsers for good; bodies are compressed once. Nothing is loaded from elsewhere.
//! It refuses names that it does not know. Third-party files are listed in `assets/vendor.toml`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ring::digest;

use crate::cache::is_known;
use crate::failure::Failure;
use crate::shell::BrandColour;

/// The two fonts that the first screen of a Vietnamese page needs.
pub(crate) const PRELOADED: [&str; 2] = ["be-vietnam-pro-latin-400.woff2", "be-vietnam-pro-vietnamese-400.woff2"];

/// One file.
struct Asset {
    media_type: &'static str,
    url: String,
    etag: HeaderValue,
    plain: Bytes,
    /// Brotli and gzip; none for what is compressed already.
    packed: Option<OnceLock<(Bytes, Bytes)>>,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

static FONTS: [(&str, &[u8]); 4] = [
    (
        "be-vietnam-pro-latin-400.woff2",
        include_bytes!("../assets/fonts/be-vietnam-pro-latin-400-normal.woff2"),
    ),
    (
        "be-vietnam-pro-latin-600.woff2",
        include_bytes!("../assets/fonts/be-vietnam-pro-latin-600-normal.woff2"),
    ),
    (
        "be-vietnam-pro-vietnamese-400.woff2",
        include_bytes!("../assets/fonts/be-vietnam-pro-vietnamese-400-normal.woff2"),
    ),
    (
        "be-vietnam-pro-vietnamese-600.woff2",
        include_bytes!("../assets/fonts/be-vietnam-pro-vietnamese-600-normal.woff2"),
    ),
];

/// The style sheet as it is written; [`stylesheet`] is what is served.
pub(crate) const CSS_SOURCE: &str = include_str!("../assets/tinhso.css");

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let mut all: BTreeMap<&'static str, Asset> = BTreeMap::new();
    for (name, bytes) in FONTS {
        all.insert(name, Asset::new(name, "font/woff2", Bytes::from_static(bytes), false));
    }
    let css = stylesheet(|font| all.get(font).map(|asset| asset.url.clone()));
    all.insert("tinhso.css", Asset::new("tinhso.css", CSS, Bytes::from(css), true));
    for (name, media_type, bytes) in [
        ("tinhso.js", JS, include_bytes!("../assets/tinhso.js").as_slice()),
        ("offline.css", CSS, include_bytes!("../assets/offline.css").as_slice()),
        (
            "offline-seal.js",
            JS,
            include_bytes!("../assets/offline-seal.js").as_slice(),
        ),
        (
            "offline-passkey.js",
            JS,
            include_bytes!("../assets/offline-passkey.js").as_slice(),
        ),
        ("offline.js", JS, include_bytes!("../assets/offline.js").as_slice()),
        ("queue.css", CSS, include_bytes!("../assets/queue.css").as_slice()),
        ("queue.js", JS, include_bytes!("../assets/queue.js").as_slice()),
        ("htmx.js", JS, include_bytes!("../assets/vendor/htmx.min.js").as_slice()),
        ("map.css", CSS, include_bytes!("../assets/map.css").as_slice()),
        ("map.js", JS, include_bytes!("../assets/map.js").as_slice()),
        (
            "maplibre.js",
            JS,
            include_bytes!("../assets/vendor/maplibre-gl.mjs").as_slice(),
        ),
        (
            "maplibre-worker.js",
            JS,
            include_bytes!("../assets/vendor/maplibre-gl-worker.mjs").as_slice(),
        ),
        (
            "maplibre.css",
            CSS,
            include_bytes!("../assets/vendor/maplibre-gl.css").as_slice(),
        ),
        (
            "icon.svg",
            "image/svg+xml",
            include_bytes!("../assets/icon.svg").as_slice(),
        ),
    ] {
        all.insert(name, Asset::new(name, media_type, Bytes::from_static(bytes), true));
    }
    all
});

impl Asset {
    fn new(name: &str, media_type: &'static str, plain: Bytes, packs: bool) -> Self {
        let hash = hex::encode(&digest::digest(&digest::SHA256, &plain).as_ref()[..8]);
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let etag = HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
        let url = format!("/assets/{stem}.{hash}.{ending}");
        Self {
            media_type,
            url,
            etag,
            plain,
            packed: packs.then(OnceLock::new),
        }
    }

    fn packed(&self) -> Option<&(Bytes, Bytes)> {
        let packed = self.packed.as_ref()?;
        Some(packed.get_or_init(|| (brotli(&self.plain), gzip(&self.plain))))
    }
}

/// The style sheet with the fonts' addresses and without what browsers do not need.
fn stylesheet(url: impl Fn(&str) -> Option<String>) -> String {
    let mut css = minify(CSS_SOURCE);
    for (font, _) in FONTS {
        css = css.replace(
            &format!("url({font})"),
            &format!("url({})", url(font).unwrap_or_default()),
        );
    }
    css
}

/// Takes comments and needless space out of our own style sheet, which has no strings with spaces worth keeping.
fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    out.push_str(rest);
    let mut css = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for mark in ["{", "}", ";", ","] {
        css = css
            .replace(&format!(" {mark}"), mark)
            .replace(&format!("{mark} "), mark);
    }
    css.replace(": ", ":")
        .replace(" > ", ">")
        .replace(";}", "}")
        .replace("#ffffff", "#fff")
}

/// Files above this size are packed a little less, because the last percent would cost a start some seconds.
const LARGE: usize = 256 << 10;

fn brotli(plain: &[u8]) -> Bytes {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: if plain.len() > LARGE { 9 } else { 11 },
        lgwin: 22,
        ..Default::default()
    };
    match brotli::BrotliCompress(&mut &*plain, &mut out, &parameters) {
        Ok(_) => Bytes::from(out),
        Err(_) => Bytes::new(),
    }
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    match encoder.write_all(plain).and_then(|()| encoder.finish()) {
        Ok(out) => Bytes::from(out),
        Err(_) => Bytes::new(),
    }
}

/// The address of an asset by its name (`tinhso.css`).
///
/// # Panics
/// In debug builds, when there is no asset of that name: names are literals in code.
#[must_use]
pub fn url(name: &str) -> &'static str {
    let asset = ASSETS.get(name);
    debug_assert!(asset.is_some(), "no asset is called {name}");
    asset.map_or("/assets/unknown", |asset| asset.url.as_str())
}

/// Names, addresses and sizes (plain, brotli, gzip) of all assets: for tests, benches and preloading.
pub fn sizes() -> impl Iterator<Item = (&'static str, &'static str, [usize; 3])> {
    ASSETS.iter().map(|(name, asset)| {
        let plain = asset.plain.len();
        let packed = asset.packed().map_or([plain; 2], |(br, gz)| [br.len(), gz.len()]);
        (*name, asset.url.as_str(), [plain, packed[0], packed[1]])
    })
}

/// Compresses everything now instead of at the first request.
pub fn warm() {
    for asset in ASSETS.values() {
        let _ = asset.packed();
    }
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(serve))
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    if let Some(colour) = BrandColour::from_css_name(&file) {
        let kept = [(header::CONTENT_TYPE, CSS), (header::CACHE_CONTROL, IMMUTABLE)];
        return (kept, colour.css()).into_response();
    }
    let path = format!("/assets/{file}");
    match ASSETS.values().find(|asset| asset.url == path) {
        Some(asset) => answer(asset, &headers),
        None => Failure::not_found().into_response(),
    }
}

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn answer(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (encoding, body) = negotiate(asset, headers);
    let known = is_known(headers.get(header::IF_NONE_MATCH), &asset.etag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, asset.etag.clone());
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if !known {
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
        if let Some(encoding) = encoding {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

fn negotiate(asset: &'static Asset, headers: &HeaderMap) -> (Option<&'static str>, Bytes) {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let accepts = |name: &str| {
        accepted.split(',').take(20).any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim() == name && !matches!(weight.trim(), "q=0" | "q=0.0")
        })
    };
    match asset.packed() {
        Some((br, _)) if accepts("br") && !br.is_empty() => (Some("br"), br.clone()),
        Some((_, gz)) if accepts("gzip") && !gz.is_empty() => (Some("gzip"), gz.clone()),
        _ => (None, asset.plain.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_names_every_font_by_its_hash() {
        let css = std::str::from_utf8(&ASSETS["tinhso.css"].plain).expect("text");
        for (name, _) in FONTS {
            assert!(css.contains(url(name)), "{name}");
        }
        assert!(css.len() < 24 * 1024, "{}", css.len());
    }

    #[test]
    fn a_first_visit_fits_in_its_budget() {
        // What desks and maps alone load is no part of it: the offline desk has a budget of its own, with its working set.
        let of_desks = |name: &str| ["offline", "queue", "map"].iter().any(|part| name.starts_with(part));
        let public = sizes().filter(|(name, ..)| !of_desks(name));
        let all: usize = public.map(|(_, _, [_, br, _])| br).sum();
        // 110 KB are allowed; the page itself takes at most 12 KB compressed.
        assert!(all <= 98 * 1024, "{all}");
    }

    #[test]
    fn minifying_keeps_what_matters() {
        assert_eq!(
            minify("/* x */ a > b , c:hover {\n  color: #ffffff;\n  margin: 0 1px ;\n}\n"),
            "a>b,c:hover{color:#fff;margin:0 1px}"
        );
    }
}
