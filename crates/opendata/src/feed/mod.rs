//! What other programs follow: a Data Package of each dataset, a feed of changes, a map of the site. Owns these documents; they hold what
//! the pages hold, and nothing else.
//! Standards: Data Package 1.0 with Table Schema, Atom (RFC 4287), sitemaps.org 0.9.

pub(crate) mod http;

use kernel::{Lang, Timestamp};
use serde_json::{Value as Json, json};

use crate::Portal;
use crate::ckan::licence_url;
use crate::dataset::store::{Act, Change};
use crate::dataset::{Dataset, Freshness};
use crate::rows::{ID, OpenField, Sheet};

/// Addresses in one file of a map of the site, as the standard bounds it.
pub(crate) const SITEMAP_MAX: usize = 50_000;

/// The Data Package of a dataset: what its files are and what each column means.
pub(crate) fn data_package(portal: &Portal, dataset: &Dataset, sheet: Option<&Sheet>) -> Json {
    let about = &dataset.about;
    let resources: Vec<Json> = about
        .resources
        .iter()
        .map(|one| {
            let mut resource = json!({
                "name": one.name.to_lowercase(),
                "path": portal.absolute(&one.url),
                "format": one.format.to_lowercase(),
                "mediatype": one.media_type,
            });
            if let Some(sheet) = sheet.filter(|_| one.format == "CSV") {
                resource["encoding"] = "utf-8".into();
                resource["profile"] = "tabular-data-resource".into();
                resource["schema"] = table_schema(sheet);
            }
            resource
        })
        .collect();
    json!({
        "profile": "data-package",
        "name": dataset.name,
        "id": dataset.id,
        "title": about.title.vi,
        "description": about.notes.vi,
        "homepage": portal.absolute(&format!("/data/{}", dataset.name)),
        "version": about.version,
        "created": dataset.created_at,
        "modified": dataset.modified_at,
        "synthetic": about.synthetic,
        "keywords": about.keywords.iter().map(|word| word.vi.as_str()).collect::<Vec<_>>(),
        "licenses": [{ "name": about.licence, "path": licence_url(&about.licence) }],
        "sources": about.url.iter().map(|url| json!({ "title": url, "path": url })).collect::<Vec<_>>(),
        "resources": resources,
    })
}

/// What each column of the rows means.
fn table_schema(sheet: &Sheet) -> Json {
    let field = |field: &OpenField| {
        let mut shown = json!({
            "name": field.name,
            "type": field.ty.table_schema(),
            "title": field.label.vi,
            "description": field.label.get(Lang::En),
        });
        if field.name == ID {
            shown["constraints"] = json!({ "required": true, "unique": true });
        }
        if let Some(unit) = &field.unit {
            shown["unit"] = unit.clone().into();
        }
        shown
    };
    let key = if sheet.has_records() { json!([ID]) } else { json!([]) };
    json!({
        "fields": sheet.fields.iter().map(field).collect::<Vec<_>>(),
        "primaryKey": key,
        "missingValues": [""],
    })
}

/// The feed of changes.
pub(crate) fn atom(portal: &Portal, changes: &[Change], lang: Lang, now: Timestamp) -> String {
    let settings = portal.settings();
    let address = |path: &str| escaped(&portal.absolute(path));
    let updated = changes.first().map_or(now, |change| change.at);
    let title = format!("{} – {}", web::text(lang, "open-title"), settings.site.get(lang));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         <id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<link rel=\"self\" href=\"{}\"/>\n<link href=\"{}\"/>\n\
         <author><name>{}</name></author>\n",
        lang.tag(),
        address("/data"),
        escaped(&title),
        updated,
        address("/data/changes.atom"),
        address("/data"),
        escaped(settings.site.get(lang)),
    );
    for change in changes {
        let dataset = &change.dataset;
        let what = web::text(lang, &format!("open-act-{}", change.act));
        out.push_str(&format!(
            "<entry><id>urn:uuid:{}</id><title>{}</title><updated>{}</updated><link href=\"{}\"/><summary>{}</summary></entry>\n",
            crate::dataset::id_of("change", &change.id.to_string()),
            escaped(&format!("{}: {}", what, dataset.about.title.get(lang))),
            change.at,
            address(&link(change)),
            escaped(dataset.about.notes.get(lang)),
        ));
    }
    out.push_str("</feed>\n");
    out
}

/// What left the catalogue has no page any more.
fn link(change: &Change) -> String {
    if change.act == Act::Withdrawn {
        "/data".to_owned()
    } else {
        format!("/data/{}", change.dataset.name)
    }
}

/// A map of the site: the datasets, or the parts where there are too many for one.
pub(crate) fn sitemap(portal: &Portal, names: &[String], parts: Option<usize>) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
    let space = "http://www.sitemaps.org/schemas/sitemap/0.9";
    match parts {
        Some(parts) => {
            out.push_str(&format!("<sitemapindex xmlns=\"{space}\">\n"));
            for part in 1..=parts {
                let url = escaped(&portal.absolute(&format!("/data/sitemap.xml?part={part}")));
                out.push_str(&format!("<sitemap><loc>{url}</loc></sitemap>\n"));
            }
            out.push_str("</sitemapindex>\n");
        }
        None => {
            out.push_str(&format!("<urlset xmlns=\"{space}\">\n"));
            for name in names {
                let url = escaped(&portal.absolute(&format!("/data/{name}")));
                out.push_str(&format!("<url><loc>{url}</loc></url>\n"));
            }
            out.push_str("</urlset>\n");
        }
    }
    out
}

/// What a page of a dataset says to search engines: schema.org `Dataset` as JSON-LD.
pub(crate) fn schema_org(portal: &Portal, dataset: &Dataset, publisher: &str, lang: Lang, now: Timestamp) -> Json {
    let about = &dataset.about;
    let files: Vec<Json> = about
        .resources
        .iter()
        .map(|one| {
            json!({
                "@type": "DataDownload", "name": one.name, "contentUrl": portal.absolute(&one.url),
                "encodingFormat": one.media_type.clone().unwrap_or_else(|| one.format.clone()),
            })
        })
        .collect();
    let page = portal.absolute(&format!("/data/{}", dataset.name));
    json!({
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": page,
        "url": page,
        "name": about.title.get(lang),
        "description": about.notes.get(lang),
        "inLanguage": lang.tag(),
        "identifier": dataset.id,
        "license": licence_url(&about.licence),
        "isAccessibleForFree": true,
        "keywords": about.keywords.iter().map(|word| word.get(lang)).collect::<Vec<_>>(),
        "creator": { "@type": "GovernmentOrganization", "name": publisher },
        "dateCreated": dataset.created_at,
        "dateModified": dataset.modified_at,
        "creativeWorkStatus": if dataset.freshness(now) == Freshness::Late { "late" } else { "published" },
        "distribution": files,
        "includedInDataCatalog": { "@type": "DataCatalog", "url": portal.absolute("/data") },
    })
}

/// A text inside XML.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}
