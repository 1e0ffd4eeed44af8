//! The catalogue as DCAT-AP 3: what other catalogues, the national one among them, take over. Owns which property says what; `graph`
//! writes it as Turtle and as JSON-LD. Every thing that is named from outside carries its class, so that the public shapes can be held
//! against one document alone. Refuses nothing: what is not known is left out.
//! Standard: DCAT-AP 3.0 (SEMIC), DCAT 3 (W3C).

pub(crate) mod graph;
pub(crate) mod http;

use std::collections::BTreeMap;

use definition::{Frequency, Theme};
use kernel::{Bilingual, Lang, Timestamp};

use crate::Portal;
use crate::ckan::licence_url;
use crate::dataset::store::Organisation;
use crate::dataset::{Dataset, Resource};
use graph::{Node, Object};

/// Authority tables of the Publications Office of the EU.
const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";
/// Datasets of one page of the catalogue.
pub(crate) const PAGE: usize = 100;

/// Which page of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    /// From 1.
    pub(crate) page: usize,
    /// How many there are, at least one.
    pub(crate) last: usize,
    /// Datasets in all.
    pub(crate) total: usize,
}

/// Writes titles and descriptions in both languages.
fn both(node: Node, predicate: &'static str, text: &Bilingual) -> Node {
    let node = node.with(predicate, Object::tagged(&text.vi, Lang::Vi));
    match &text.en {
        Some(en) if !en.is_empty() => node.with(predicate, Object::tagged(en, Lang::En)),
        _ => node,
    }
}

fn iri(portal: &Portal, dataset: &Dataset) -> String {
    portal.absolute(&format!("/data/{}", dataset.name))
}

/// The catalogue with the datasets of one page, each as a node of its own.
pub(crate) fn catalogue(
    portal: &Portal,
    datasets: &[Dataset],
    organisations: &BTreeMap<String, Organisation>,
    pages: Pages,
    now: Timestamp,
) -> Vec<Node> {
    let settings = portal.settings();
    let modified = datasets.iter().map(|dataset| dataset.modified_at).max().unwrap_or(now);
    let site = if crate::dataset::is_empty(&settings.site) {
        Bilingual::vi("Tỉnh Số")
    } else {
        settings.site.clone()
    };
    let words = |key: &str| Bilingual::new(web::text(Lang::Vi, key), web::text(Lang::En, key));
    let mut catalogue = Node::named(portal.absolute("/data"), "dcat:Catalog");
    catalogue = both(catalogue, "dct:title", &words("open-title"));
    catalogue = both(catalogue, "dct:description", &words("open-lead"));
    catalogue = catalogue
        .with("dct:publisher", Object::Node(Box::new(agent(portal, "", &site))))
        .with(
            "foaf:homepage",
            Object::Node(Box::new(Node::named(portal.absolute("/data?lang=vi"), "foaf:Document"))),
        )
        .with("dct:modified", Object::time(modified))
        .with("dct:language", concept("language/VIE", "dct:LinguisticSystem"))
        .with("dct:language", concept("language/ENG", "dct:LinguisticSystem"))
        .with("dct:spatial", concept("country/VNM", "dct:Location"))
        .with(
            "dcat:themeTaxonomy",
            Object::Node(Box::new(both(
                Node::named(format!("{AUTHORITY}/data-theme"), "skos:ConceptScheme"),
                "dct:title",
                &words("open-facet-theme"),
            ))),
        );
    for dataset in datasets {
        catalogue = catalogue.with("dcat:dataset", Object::Iri(iri(portal, dataset)));
    }
    let mut nodes = vec![catalogue];
    nodes.extend(
        datasets
            .iter()
            .map(|dataset| self::dataset(portal, dataset, organisations)),
    );
    if pages.last > 1 {
        nodes.push(view(portal, pages));
    }
    nodes
}

/// Where the other pages are, as catalogues that take over follow it.
fn view(portal: &Portal, pages: Pages) -> Node {
    let address = |page: usize| Object::Iri(portal.absolute(&format!("/catalog.ttl?page={page}")));
    let mut view = Node::named(
        portal.absolute(&format!("/catalog.ttl?page={}", pages.page)),
        "hydra:PartialCollectionView",
    )
    .with("hydra:first", address(1))
    .with("hydra:last", address(pages.last))
    .with(
        "hydra:totalItems",
        Object::typed(pages.total.to_string(), "xsd:integer"),
    );
    if pages.page > 1 {
        view = view.with("hydra:previous", address(pages.page - 1));
    }
    if pages.page < pages.last {
        view = view.with("hydra:next", address(pages.page + 1));
    }
    view
}

fn agent(portal: &Portal, name: &str, title: &Bilingual) -> Node {
    let path = if name.is_empty() {
        "/".to_owned()
    } else {
        format!("/data?publisher={name}")
    };
    both(Node::named(portal.absolute(&path), "foaf:Agent"), "foaf:name", title)
}

fn concept(path: &str, class: &'static str) -> Object {
    Object::Node(Box::new(Node::named(format!("{AUTHORITY}/{path}"), class)))
}

fn theme(word: &str) -> Option<Object> {
    let theme = Theme::ALL.iter().find(|theme| theme.word() == word)?;
    let title = |lang: Lang| web::text(lang, &format!("open-theme-{word}"));
    let node = Node::named(format!("{AUTHORITY}/data-theme/{}", theme.authority()), "skos:Concept");
    let node = both(
        node,
        "skos:prefLabel",
        &Bilingual::new(title(Lang::Vi), title(Lang::En)),
    );
    Some(Object::Node(Box::new(
        node.with("skos:inScheme", Object::Iri(format!("{AUTHORITY}/data-theme"))),
    )))
}

/// A dataset with its files.
pub(crate) fn dataset(portal: &Portal, dataset: &Dataset, organisations: &BTreeMap<String, Organisation>) -> Node {
    let about = &dataset.about;
    let mut node = Node::named(iri(portal, dataset), "dcat:Dataset");
    node = both(node, "dct:title", &about.title);
    node = both(node, "dct:description", &described(dataset));
    node = node
        .with("dct:identifier", Object::typed(dataset.id.to_string(), "xsd:string"))
        .with("dct:issued", Object::time(dataset.created_at))
        .with("dct:modified", Object::time(dataset.modified_at))
        .with("dct:language", concept("language/VIE", "dct:LinguisticSystem"))
        .with("dct:spatial", concept("country/VNM", "dct:Location"))
        .with(
            "dct:accessRights",
            concept("access-right/PUBLIC", "dct:RightsStatement"),
        )
        .with(
            "dcat:landingPage",
            Object::Node(Box::new(Node::named(
                format!("{}?lang=vi", iri(portal, dataset)),
                "foaf:Document",
            ))),
        );
    if let Some(one) = organisations.get(&dataset.publisher) {
        node = node.with(
            "dct:publisher",
            Object::Node(Box::new(agent(portal, &one.name, &one.title))),
        );
        node = node.with("dcat:contactPoint", Object::Node(Box::new(contact(portal, one))));
    }
    for word in &about.keywords {
        node = both(node, "dcat:keyword", word);
    }
    if let Some(theme) = about.theme.as_deref().and_then(theme) {
        node = node.with("dcat:theme", theme);
    }
    let frequency = about.frequency.as_deref();
    if let Some(frequency) = frequency.and_then(|word| Frequency::ALL.iter().find(|one| one.word() == word)) {
        let path = format!("frequency/{}", frequency.authority());
        node = node.with("dct:accrualPeriodicity", concept(&path, "dct:Frequency"));
    }
    if let Some(version) = &about.version {
        node = node.with("dcat:version", Object::typed(version.clone(), "xsd:string"));
    }
    for one in &about.resources {
        node = node.with(
            "dcat:distribution",
            Object::Node(Box::new(distribution(portal, dataset, one))),
        );
    }
    node
}

/// A description is never empty, and says of made-up records that they are.
fn described(dataset: &Dataset) -> Bilingual {
    let about = &dataset.about;
    let text = |lang: Lang| {
        let mut text = about.notes.get(lang).to_owned();
        if text.trim().is_empty() {
            text = about.title.get(lang).to_owned();
        }
        if about.synthetic {
            text = format!("{text} {}", web::text(lang, "open-synthetic"));
        }
        text
    };
    Bilingual::new(text(Lang::Vi), text(Lang::En))
}

fn contact(portal: &Portal, one: &Organisation) -> Node {
    let node = Node::named(
        portal.absolute(&format!("/data?publisher={}#contact", one.name)),
        "vcard:Kind",
    );
    both(node, "vcard:fn", &one.title).with("vcard:hasURL", Object::Iri(portal.absolute("/")))
}

fn distribution(portal: &Portal, dataset: &Dataset, one: &Resource) -> Node {
    let about = &dataset.about;
    let url = portal.absolute(&one.url);
    let name = if one.name.is_empty() { &dataset.name } else { &one.name };
    let mut node = Node::named(format!("{}#r-{}", iri(portal, dataset), one.id), "dcat:Distribution")
        .with("dct:title", Object::tagged(name, Lang::Vi))
        .with(
            "dcat:accessURL",
            Object::Node(Box::new(Node::named(url.clone(), "rdfs:Resource"))),
        )
        .with("dct:issued", Object::time(one.created_at))
        .with("dct:modified", Object::time(one.modified_at))
        .with(
            "dcatap:availability",
            concept("planned-availability/AVAILABLE", "skos:Concept"),
        );
    if one.datastore {
        node = node.with("dcat:downloadURL", Object::Iri(url));
    }
    if !one.description.is_empty() {
        node = node.with("dct:description", Object::tagged(&one.description, Lang::Vi));
    }
    if let Some(format) = authority_format(&one.format) {
        node = node.with(
            "dct:format",
            concept(&format!("file-type/{format}"), "dct:MediaTypeOrExtent"),
        );
    }
    if let Some(media_type) = one.media_type.as_deref().filter(|text| is_media_type(text)) {
        let iri = format!("https://www.iana.org/assignments/media-types/{media_type}");
        node = node.with(
            "dcat:mediaType",
            Object::Node(Box::new(Node::named(iri, "dct:MediaType"))),
        );
    }
    if let Some(url) = licence_url(&about.licence) {
        let licence = Node::named(url.to_owned(), "dct:LicenseDocument")
            .with("dct:identifier", Object::typed(about.licence.clone(), "xsd:string"));
        node = node.with("dct:license", Object::Node(Box::new(licence)));
    }
    if let Some(size) = one.size.filter(|size| *size >= 0) {
        node = node.with(
            "dcat:byteSize",
            Object::typed(size.to_string(), "xsd:nonNegativeInteger"),
        );
    }
    node
}

/// The code of a format in the authority table of file types, where it has one.
fn authority_format(format: &str) -> Option<&'static str> {
    Some(match format.to_ascii_uppercase().as_str() {
        "CSV" => "CSV",
        "JSON" => "JSON",
        "GEOJSON" => "GEOJSON",
        "XLSX" => "XLSX",
        "XLS" => "XLS",
        "XML" => "XML",
        "PDF" => "PDF",
        "ZIP" => "ZIP",
        "SHP" => "SHP",
        "GPKG" => "GPKG",
        "PARQUET" => "PARQUET",
        "HTML" => "HTML",
        _ => return None,
    })
}

/// A media type becomes part of an address: only its own letters.
fn is_media_type(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_'))
    };
    text.split_once('/')
        .is_some_and(|(kind, name)| part(kind) && part(name))
}
