//! XML from outside, walked once: chosen elements come as small trees, the rest only as names. Nothing is loaded, no
//! entity but the five of XML itself is known, a document type is refused, and depth and size of a tree are bounded.
//! Standard: W3C XML 1.0 (fifth edition). Namespaces are passed over: names are compared without their prefix.

use super::fault::StatementError;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::BufRead;

/// The deepest nesting.
const DEPTH_MAX: usize = 32;
/// The most elements of one tree.
const NODES_MAX: usize = 20_000;
/// The most bytes of text of one tree.
const TREE_TEXT_BYTES_MAX: usize = 1024 * 1024;

/// An element with what is in it.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of this name.
    pub(super) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at the end of a path.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The text at the end of a path, without space around it; `None` when there is none.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)
            .map(|node| node.text.trim())
            .filter(|text| !text.is_empty())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What the walk meets.
pub(super) enum Item {
    /// An element that was not chosen begins.
    Enter(String),
    /// It ends.
    Leave(String),
    /// A chosen element, whole.
    Tree(Node),
}

/// Walks a document. `format` names it in errors; `visit` gets the byte at which each item begins.
pub(super) fn walk<R: BufRead>(
    input: R,
    format: &'static str,
    chosen: &[&str],
    mut visit: impl FnMut(u64, Item) -> Result<(), StatementError>,
) -> Result<(), StatementError> {
    let mut reader = Reader::from_reader(input);
    reader.config_mut().check_end_names = true;
    let mut walk = Walk {
        format,
        chosen,
        depth: 0,
        open: Vec::new(),
        began: 0,
        nodes: 0,
        text_bytes: 0,
    };
    let mut buffer = Vec::new();
    let mut seen_element = false;
    loop {
        buffer.clear();
        let at = reader.buffer_position();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|error| walk.fault(error.to_string()))?;
        seen_element |= matches!(event, Event::Start(_) | Event::Empty(_));
        match event {
            Event::Eof if walk.depth > 0 || !seen_element => return Err(walk.fault("it is cut off".to_owned())),
            Event::Eof => return Ok(()),
            event => {
                if let Some((at, item)) = walk.event(at, event)? {
                    visit(at, item)?;
                }
            }
        }
    }
}

struct Walk<'c> {
    format: &'static str,
    chosen: &'c [&'c str],
    depth: usize,
    /// The tree that is being built, from its root down.
    open: Vec<Node>,
    began: u64,
    nodes: usize,
    text_bytes: usize,
}

impl Walk<'_> {
    fn fault(&self, why: String) -> StatementError {
        StatementError::NotOfFormat {
            format: self.format,
            why,
        }
    }

    fn event(&mut self, at: u64, event: Event<'_>) -> Result<Option<(u64, Item)>, StatementError> {
        match event {
            Event::Start(start) => self.start(at, &start),
            Event::Empty(start) => {
                let entered = self.start(at, &start)?;
                let left = self.end(name_of(start.local_name().as_ref()))?;
                // An empty element that was not chosen holds nothing that anybody waits for.
                Ok(if entered.is_some() { None } else { left })
            }
            Event::End(end) => self.end(name_of(end.local_name().as_ref())),
            Event::Text(text) => self.text(&text.decode().map_err(|error| self.fault(error.to_string()))?),
            Event::CData(text) => self.text(&text.decode().map_err(|error| self.fault(error.to_string()))?),
            Event::GeneralRef(reference) => {
                let character = character(&reference).ok_or(StatementError::Entities)?;
                self.text(character.encode_utf8(&mut [0; 4]))
            }
            Event::DocType(_) => Err(StatementError::Entities),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(None),
        }
    }

    fn start(&mut self, at: u64, start: &BytesStart<'_>) -> Result<Option<(u64, Item)>, StatementError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fault(format!("it is nested deeper than {DEPTH_MAX}")));
        }
        let name = name_of(start.local_name().as_ref());
        if self.open.is_empty() {
            if !self.chosen.contains(&name.as_str()) {
                return Ok(Some((at, Item::Enter(name))));
            }
            (self.began, self.nodes, self.text_bytes) = (at, 0, 0);
        }
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(self.fault(format!(
                "one {} has more than {NODES_MAX} elements",
                self.chosen.join(" or ")
            )));
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.fault(error.to_string()))?;
            let raw = std::str::from_utf8(&attribute.value).map_err(|error| self.fault(error.to_string()))?;
            let value = quick_xml::escape::unescape(raw).map_err(|_| StatementError::Entities)?;
            attributes.push((name_of(attribute.key.local_name().as_ref()), value.into_owned()));
        }
        self.open.push(Node {
            name,
            attributes,
            ..Node::default()
        });
        Ok(None)
    }

    fn end(&mut self, name: String) -> Result<Option<(u64, Item)>, StatementError> {
        self.depth = self.depth.saturating_sub(1);
        let Some(node) = self.open.pop() else {
            return Ok(Some((0, Item::Leave(name))));
        };
        match self.open.last_mut() {
            Some(parent) => {
                parent.children.push(node);
                Ok(None)
            }
            None => Ok(Some((self.began, Item::Tree(node)))),
        }
    }

    fn text(&mut self, text: &str) -> Result<Option<(u64, Item)>, StatementError> {
        if let Some(node) = self.open.last_mut() {
            self.text_bytes += text.len();
            if self.text_bytes > TREE_TEXT_BYTES_MAX {
                return Err(self.fault(format!("one element has more than {TREE_TEXT_BYTES_MAX} bytes of text")));
            }
            node.text.push_str(text);
        }
        Ok(None)
    }
}

fn name_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The character that a reference stands for: a number, or one of the five of XML.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    match reference.decode().ok()?.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}
