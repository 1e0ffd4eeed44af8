//! The pages of the catalogue: what there is, and what each dataset is. They work without scripts; everything they show can be fetched.
//! Owns the address of a search. Refuses nothing aloud: a word that it does not know is left out.

pub(crate) mod http;
mod list;
pub(crate) mod one;

use kernel::Lang;
use web::table::encode;

use crate::dataset::{Facet, Search, Sort};

/// Datasets of one page.
pub(crate) const PAGE: usize = 20;
/// Words of a facet that a page offers.
const WORDS_SHOWN: usize = 30;
/// The facets of the page, in their order. Keywords are reached from a dataset.
const SHOWN: [Facet; 5] = [
    Facet::Theme,
    Facet::Publisher,
    Facet::Format,
    Facet::Freshness,
    Facet::Licence,
];

/// What the address of the catalogue asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) text: String,
    pub(crate) facets: Vec<(Facet, String)>,
    pub(crate) sort: Option<Sort>,
    pub(crate) page: usize,
}

impl Asked {
    /// Reads a query; what it does not know is left out.
    pub(crate) fn of(query: &web::table::TableQuery) -> Self {
        let facets = Facet::ALL.iter().filter_map(|facet| {
            let word = query.filter(facet.word());
            (!word.is_empty()).then(|| (*facet, word.to_owned()))
        });
        Self {
            text: query.filter("q").chars().take(200).collect(),
            facets: facets.collect(),
            sort: query.filter("sort").parse().ok(),
            page: query.filter("page").parse::<usize>().unwrap_or(1).clamp(1, 100_000),
        }
    }

    pub(crate) fn search(&self) -> Search {
        Search {
            text: self.text.clone(),
            facets: self.facets.clone(),
            sort: self.sort,
            offset: (self.page - 1) * PAGE,
            limit: PAGE,
            open_counts: true,
        }
    }

    pub(crate) fn chosen(&self, facet: Facet) -> Option<&str> {
        self.facets
            .iter()
            .find(|(of, _)| *of == facet)
            .map(|(_, word)| word.as_str())
    }

    /// The address of another page of the same.
    pub(crate) fn href(&self, page: u32) -> String {
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            parts.push(format!("q={}", encode(&self.text)));
        }
        for (facet, word) in &self.facets {
            parts.push(format!("{facet}={}", encode(word)));
        }
        if let Some(sort) = self.sort {
            parts.push(format!("sort={sort}"));
        }
        parts.push(format!("page={page}"));
        format!("/data?{}", parts.join("&"))
    }
}

/// A word of a facet in words of the page.
pub(crate) fn facet_words(facet: Facet, word: &str, publishers: &[(String, kernel::Bilingual)], lang: Lang) -> String {
    match facet {
        Facet::Publisher => publishers
            .iter()
            .find(|(name, _)| name == word)
            .map_or_else(|| word.to_owned(), |(_, title)| title.get(lang).to_owned()),
        Facet::Theme => web::text(lang, &format!("open-theme-{word}")),
        Facet::Freshness => web::text(lang, &format!("open-freshness-{word}")),
        Facet::Format | Facet::Licence | Facet::Tag => word.to_owned(),
    }
}
