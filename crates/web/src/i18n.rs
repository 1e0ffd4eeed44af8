//! Texts of the interface: Fluent files of every crate in one concurrent bundle per language, and the choice of language.
//! Vietnamese is the language of the house: a key that English lacks is shown in Vietnamese, a key that both lack is
//! counted (`web_text_missing_total`) and, in debug builds, shown between ⟦brackets⟧.
//! It refuses to format dates: see [`crate::format`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use fluent_bundle::bundle::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use intl_memoizer::concurrent::IntlLangMemoizer;
use kernel::Lang;
use parking_lot::RwLock;

/// An argument of a text: numbers and strings convert into it with `.into()`.
pub use fluent_bundle::FluentValue as TextValue;

/// The texts of one crate in both languages. Keys begin with the crate's or the concept's name.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Name of the crate; registering the same name twice does nothing.
    pub name: &'static str,
    /// Contents of `text/vi.ftl`.
    pub vi: &'static str,
    /// Contents of `text/en.ftl`.
    pub en: &'static str,
}

type Bundle = FluentBundle<FluentResource, IntlLangMemoizer>;

struct Texts {
    sources: Vec<Source>,
    vi: Bundle,
    en: Bundle,
}

static TEXTS: LazyLock<RwLock<Arc<Texts>>> = LazyLock::new(|| RwLock::new(Arc::new(Texts::build(vec![crate::TEXT]))));

impl Texts {
    fn build(sources: Vec<Source>) -> Self {
        let vi = bundle(Lang::Vi, sources.iter().map(|s| (s.name, s.vi)));
        let en = bundle(Lang::En, sources.iter().map(|s| (s.name, s.en)));
        Self { sources, vi, en }
    }

    fn of(&self, lang: Lang) -> &Bundle {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

fn bundle(lang: Lang, files: impl Iterator<Item = (&'static str, &'static str)>) -> Bundle {
    let locale = match lang {
        Lang::Vi => unic_langid::langid!("vi"),
        Lang::En => unic_langid::langid!("en"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // Isolation marks (U+2068/2069) would end up in CSV files, PDFs and comparisons.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::Vi => number_vi,
        Lang::En => number_en,
    }));
    for (name, source) in files {
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) => resource,
            Err((resource, faults)) => {
                tracing::error!(crate_name = name, ?lang, ?faults, "a text file has faults");
                resource
            }
        };
        if let Err(faults) = bundle.add_resource(resource) {
            tracing::error!(crate_name = name, ?lang, ?faults, "a text is defined twice");
        }
    }
    bundle
}

fn number(lang: Lang, value: &TextValue<'_>) -> Option<String> {
    let TextValue::Number(number) = value else { return None };
    let digits = number
        .options
        .maximum_fraction_digits
        .or(number.options.minimum_fraction_digits);
    Some(crate::format::float(lang, number.value, digits))
}

fn number_vi(value: &TextValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    number(Lang::Vi, value)
}

fn number_en(value: &TextValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    number(Lang::En, value)
}

/// Adds the texts of crates. Called once at start (and by tests); names that are registered already are skipped.
pub fn register(sources: &[Source]) {
    let mut texts = TEXTS.write();
    let known: BTreeSet<&str> = texts.sources.iter().map(|s| s.name).collect();
    let fresh: Vec<Source> = sources.iter().filter(|s| !known.contains(s.name)).copied().collect();
    if !fresh.is_empty() {
        let all = texts.sources.iter().copied().chain(fresh).collect();
        *texts = Arc::new(Texts::build(all));
    }
}

/// The text of `key`, without arguments. Keys of an attribute are written `key.attribute`.
#[must_use]
pub fn text(lang: Lang, key: &str) -> String {
    text_with(lang, key, &[])
}

/// The text of `key` with named arguments: `text_with(lang, "desk-count", &[("n", 3.into())])`.
#[must_use]
pub fn text_with(lang: Lang, key: &str, args: &[(&str, TextValue<'_>)]) -> String {
    maybe(lang, key, args).unwrap_or_else(|| missing(key))
}

/// As [`text_with`], but `None` when neither language has the key. For texts that may be overridden.
#[must_use]
pub fn maybe(lang: Lang, key: &str, args: &[(&str, TextValue<'_>)]) -> Option<String> {
    let texts = Arc::clone(&TEXTS.read());
    find(texts.of(lang), key, args).or_else(|| match lang {
        Lang::Vi => None,
        Lang::En => find(&texts.vi, key, args),
    })
}

fn find(bundle: &Bundle, key: &str, args: &[(&str, TextValue<'_>)]) -> Option<String> {
    let (id, attribute) = key.split_once('.').map_or((key, None), |(id, a)| (id, Some(a)));
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(name) => message.get_attribute(name)?.value(),
    };
    let args: FluentArgs<'_> = args.iter().map(|(k, v)| (*k, v.clone())).collect();
    let mut faults: Vec<FluentError> = Vec::new();
    let shown = bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
    if !faults.is_empty() {
        tracing::warn!(key, ?faults, "a text lacks an argument");
    }
    Some(shown)
}

fn missing(key: &str) -> String {
    metrics::counter!("web_text_missing_total").increment(1);
    tracing::warn!(key, "a text is missing");
    if cfg!(debug_assertions) {
        format!("⟦{key}⟧")
    } else {
        key.to_owned()
    }
}

/// Every fault of a source, in words: syntax, keys that one language lacks, arguments that differ. Empty when sound;
/// each crate has a test that calls it.
#[must_use]
pub fn faults(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let vi = keys(source.vi, "vi", &mut found);
    let en = keys(source.en, "en", &mut found);
    for (key, args) in &vi {
        match en.get(key) {
            None => found.push(format!("{}: en lacks {key}", source.name)),
            Some(other) if other != args => {
                found.push(format!(
                    "{}: {key} takes {args:?} in vi and {other:?} in en",
                    source.name
                ));
            }
            Some(_) => {}
        }
    }
    found.extend(
        en.keys()
            .filter(|k| !vi.contains_key(*k))
            .map(|k| format!("{}: vi lacks {k}", source.name)),
    );
    found
}

/// The keys of one Fluent file and the arguments of each.
fn keys(file: &str, lang: &str, found: &mut Vec<String>) -> BTreeMap<String, BTreeSet<String>> {
    let parsed = match fluent_syntax::parser::parse(file) {
        Ok(parsed) => parsed,
        Err((parsed, faults)) => {
            found.extend(faults.iter().map(|f| format!("{lang}: {f}")));
            parsed
        }
    };
    let mut keys = BTreeMap::new();
    for entry in &parsed.body {
        if let Entry::Message(message) = entry {
            let mut args = BTreeSet::new();
            message.value.iter().for_each(|p| collect(p, &mut args));
            for attribute in &message.attributes {
                args.insert(format!(".{}", attribute.id.name));
                collect(&attribute.value, &mut args);
            }
            if keys.insert(message.id.name.to_owned(), args).is_some() {
                found.push(format!("{lang}: {} stands twice", message.id.name));
            }
        }
    }
    keys
}

fn collect(pattern: &Pattern<&str>, args: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable {
                expression: Expression::Inline(inline),
            } => collect_inline(inline, args),
            PatternElement::Placeable {
                expression: Expression::Select { selector, variants },
            } => {
                collect_inline(selector, args);
                variants.iter().for_each(|v| collect(&v.value, args));
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, args: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        args.insert(id.name.to_owned());
    }
}

/// The language of this request, chosen by [`layer`]. An extractor; Vietnamese where nothing was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(pub Lang);

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(Lang::Vi)))
    }
}

fn from_code(code: &str) -> Option<Lang> {
    match code {
        "vi" => Some(Lang::Vi),
        "en" => Some(Lang::En),
        _ => None,
    }
}

const COOKIE: &str = "lang";

/// Chooses the language: the cookie, else English only for a browser that asks for English and nowhere for Vietnamese.
fn choose(headers: &HeaderMap) -> Lang {
    if let Some(lang) = cookie(headers, COOKIE).and_then(from_code) {
        return lang;
    }
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let asks = |code: &str| {
        accepted.split(',').take(20).any(|part| {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or("").trim();
            let refused = pieces.any(|p| matches!(p.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            !refused && tag.split('-').next().is_some_and(|t| t.eq_ignore_ascii_case(code))
        })
    };
    if asks("en") && !asks("vi") { Lang::En } else { Lang::Vi }
}

/// The value of the first cookie of that name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Takes `lang` out of a query; the rest stays as it was.
fn without_lang(query: &str) -> (Option<Lang>, String) {
    let mut lang = None;
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.strip_prefix("lang=").map(from_code) {
            Some(Some(found)) => {
                lang = Some(found);
                false
            }
            Some(None) | None => true,
        })
        .collect();
    (lang, rest.join("&"))
}

/// Sets [`Language`] for what lies inside; `?lang=` on a GET is kept in a cookie and redirected to the clean address.
pub(crate) async fn layer<F: Future<Output = Response>>(
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(query) = request.uri().query()
        && let (Some(lang), rest) = without_lang(query)
    {
        return switch(lang, request.uri().path(), &rest);
    }
    let lang = choose(request.headers());
    request.extensions_mut().insert(Language(lang));
    next(request).await
}

fn switch(lang: Lang, path: &str, rest: &str) -> Response {
    // A path that begins with two slashes would send the browser to another host.
    let path = format!("/{}", path.trim_start_matches(['/', '\\']));
    let target = if rest.is_empty() {
        path
    } else {
        format!("{path}?{rest}")
    };
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        lang.tag()
    );
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let (Ok(target), Ok(cookie)) = (HeaderValue::from_str(&target), HeaderValue::from_str(&cookie)) {
        response.headers_mut().insert(header::LOCATION, target);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_hold_the_same_keys() {
        assert_eq!(faults(&crate::TEXT), Vec::<String>::new());
    }

    #[test]
    fn faults_are_found() {
        let source = Source {
            name: "x",
            vi: "a = { $n } b\nb = x\n",
            en: "a = b\nc = { $n }\n",
        };
        let found = faults(&source);
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn numbers_in_texts_are_written_as_vietnamese_does() {
        register(&[Source {
            name: "t",
            vi: "t-n = { $n } hồ sơ\n",
            en: "t-m = x\n",
        }]);
        assert_eq!(text_with(Lang::Vi, "t-n", &[("n", 1857.into())]), "1.857 hồ sơ");
        assert_eq!(text_with(Lang::En, "t-n", &[("n", 2.into())]), "2 hồ sơ");
        assert_eq!(text(Lang::Vi, "t-none"), "⟦t-none⟧");
    }

    #[test]
    fn vietnamese_comes_first() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value));
            choose(&headers)
        };
        assert_eq!(with("en-US,en;q=0.9"), Lang::En);
        assert_eq!(with("en-US,en;q=0.9,vi;q=0.8"), Lang::Vi);
        assert_eq!(with("en,vi;q=0"), Lang::En);
        assert_eq!(with("fr"), Lang::Vi);
        assert_eq!(choose(&HeaderMap::new()), Lang::Vi);
    }

    #[test]
    fn lang_is_taken_out_of_the_query() {
        assert_eq!(without_lang("a=1&lang=en&b=2"), (Some(Lang::En), "a=1&b=2".to_owned()));
        assert_eq!(without_lang("lang=xx"), (None, "lang=xx".to_owned()));
    }

    #[test]
    fn the_switch_never_leaves_the_site() {
        let response = switch(Lang::En, "//evil.example/x", "");
        assert_eq!(response.headers()[header::LOCATION], "/evil.example/x");
    }
}
