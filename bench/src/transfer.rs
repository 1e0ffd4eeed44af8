//! What a first visit costs a phone on 3G: the page and everything it names (styles, scripts, pictures, and every font
//! that the styles name, whether this page needs it or not), as compressed on the wire with their heads.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::client::Client;
use crate::stats::Line;

const LIMIT_BYTES: usize = 110 * 1024;

/// Measures first visits to the front page and to a procedure's page.
pub(crate) async fn measure(address: SocketAddr, pages: &[(&str, String)]) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for (name, path) in pages {
        let (bytes, parts) = visit(address, path).await?;
        let figure = format!("{:.1} KiB", bytes as f64 / 1024.0);
        lines.push(Line::new(
            &format!("first visit: {name}"),
            figure,
            "at most 110 KB",
            bytes <= LIMIT_BYTES,
            parts.join(", "),
        ));
    }
    Ok(lines)
}

async fn visit(address: SocketAddr, path: &str) -> Result<(usize, Vec<String>), String> {
    let mut client = Client::new(address);
    let mut open = vec![path.to_owned()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut total = 0;
    let mut parts = Vec::new();
    while let Some(path) = open.pop() {
        let measured = client
            .get(&path, "Accept: text/html,*/*\r\nAccept-Encoding: br, gzip\r\n")
            .await;
        let measured = measured.map_err(|error| format!("{path}: {error}"))?;
        if measured.status != 200 {
            return Err(format!("{path}: status {}", measured.status));
        }
        total += measured.wire_bytes;
        let name = path.rsplit('/').next().unwrap_or("").split('?').next().unwrap_or("");
        parts.push(format!(
            "{} {:.1}",
            if name.is_empty() { "page" } else { name },
            measured.wire_bytes as f64 / 1024.0
        ));
        // The same again in plain text, to read what it names.
        let plain = client
            .get(&path, "Accept: text/html,*/*\r\n")
            .await
            .map_err(|error| format!("{path}: {error}"))?;
        let kind = plain.header("content-type").unwrap_or("").to_owned();
        if kind.starts_with("text/html") || kind.starts_with("text/css") {
            let text = String::from_utf8_lossy(&plain.body).into_owned();
            for found in named(&text, kind.starts_with("text/css")) {
                if seen.insert(found.clone()) {
                    open.push(found);
                }
            }
        }
    }
    Ok((total, parts))
}

/// The addresses that a page or a style sheet makes a browser fetch.
fn named(text: &str, css: bool) -> Vec<String> {
    let mut found = Vec::new();
    if css {
        for piece in text.split("url(").skip(1) {
            let inside = piece.split(')').next().unwrap_or("").trim_matches(['"', '\'', ' ']);
            found.push(inside.to_owned());
        }
    } else {
        for tag in text.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or("");
            let fetches = tag.starts_with("script")
                || tag.starts_with("img")
                || (tag.starts_with("link")
                    && ["stylesheet", "preload", "icon", "modulepreload"]
                        .iter()
                        .any(|rel| tag.contains(rel)));
            if fetches {
                found.extend(attribute(tag, "src").or_else(|| attribute(tag, "href")));
            }
        }
    }
    found.retain(|path| path.starts_with('/'));
    found
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_fetches_is_found() {
        let html = "<link rel=\"stylesheet\" href=\"/a.css\"><script src=\"/b.js\" defer></script><a href=\"/c\">c</a><img src=\"data:x\">";
        assert_eq!(named(html, false), ["/a.css", "/b.js"]);
        assert_eq!(
            named("@font-face{src:url(\"/f.woff2\") format(\"woff2\")}", true),
            ["/f.woff2"]
        );
    }
}
