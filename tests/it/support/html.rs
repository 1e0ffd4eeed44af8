//! Reads the few things of a page that a browser without scripts needs: its forms with their hidden values. It knows the
//! markup of our own pages (double quotes, no comments) and no other.

/// A form on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormOnPage {
    pub action: String,
    /// Names and values of the hidden fields.
    pub hidden: Vec<(String, String)>,
    /// Names of all controls.
    pub names: Vec<String>,
}

/// Every posting form of a page, in order.
pub fn forms(page: &str) -> Vec<FormOnPage> {
    let mut found = Vec::new();
    for part in page.split("<form ").skip(1) {
        let Some((tag, rest)) = part.split_once('>') else {
            continue;
        };
        if attribute(tag, "method").as_deref() != Some("post") {
            continue;
        }
        let inner = rest.split("</form>").next().unwrap_or("");
        let mut form = FormOnPage {
            action: attribute(tag, "action").unwrap_or_default(),
            hidden: Vec::new(),
            names: Vec::new(),
        };
        for tag in tags(inner, &["input", "select", "textarea"]) {
            let Some(name) = attribute(tag, "name") else { continue };
            if attribute(tag, "type").as_deref() == Some("hidden") {
                form.hidden
                    .push((name.clone(), attribute(tag, "value").unwrap_or_default()));
            }
            form.names.push(name);
        }
        found.push(form);
    }
    found
}

/// The start tags of these elements.
fn tags<'a>(page: &'a str, elements: &'a [&str]) -> impl Iterator<Item = &'a str> {
    page.split('<').skip(1).filter_map(move |part| {
        let tag = part.split_once('>')?.0;
        let name = tag.split([' ', '\n', '/']).next()?;
        elements.contains(&name).then_some(tag)
    })
}

/// The unescaped value of an attribute in a start tag.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag
        .find(&format!("{name}=\""))
        .filter(|&at| at == 0 || tag.as_bytes()[at - 1] == b' ')?;
    let value = &tag[start + name.len() + 2..];
    Some(unescape(value.split('"').next()?))
}

/// What a person reads of escaped text.
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The text that stands in the page's text areas; as in a browser, without a first line break.
pub fn textareas(page: &str) -> Vec<String> {
    let after_tag = |part: &str| part.split_once('>').map(|(_, rest)| rest.to_owned());
    page.split("<textarea")
        .skip(1)
        .filter_map(after_tag)
        .filter_map(|rest| {
            Some(unescape(rest.split("</textarea>").next()?))
                .map(|text| text.strip_prefix('\n').map(str::to_owned).unwrap_or(text))
        })
        .collect()
}

/// The page's words without its tags, each run of white space as one space.
pub fn words(page: &str) -> String {
    let mut words = String::new();
    for part in page.split('<') {
        words.push_str(part.split_once('>').map_or("", |(_, text)| text));
        words.push(' ');
    }
    unescape(&words.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn forms_are_read_as_a_browser_reads_them() {
    let page = "<form method=\"get\" action=\"/a\"><input name=\"q\"></form>\
        <form id=\"x\" method=\"post\" action=\"/b?c=1&amp;d\"><input type=\"hidden\" name=\"_csrf\" value=\"t\">\
        <textarea name=\"note\" rows=\"3\">a &lt;b&gt;</textarea></form>";
    let found = forms(page);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].action, "/b?c=1&d");
    assert_eq!(found[0].hidden, [("_csrf".to_owned(), "t".to_owned())]);
    assert_eq!(found[0].names, ["_csrf", "note"]);
    assert_eq!(textareas(page), ["a <b>"]);
    assert_eq!(words("<p>a  &lt;</p><b>c</b>"), "a < c");
}
