//! Finds SQL in Rust source: literals, `concat!` of literals, and calls of the file's own macros that give such text.
//! Statements in test code are left out. A macro it cannot follow is a failure, so that no statement hides.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A statement and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub file: String,
    pub line: usize,
    pub sql: String,
}

/// One arm of a macro: its pattern, cut at commas, and its body.
#[derive(Debug, Clone)]
struct Arm {
    pattern: Vec<Vec<TokenTree>>,
    body: TokenStream,
}

type Macros = BTreeMap<String, Vec<Arm>>;

/// What a macro that repeats or recurses could blow up to; more is a fault of this reader.
const DEPTH_MAX: usize = 12;

/// Every statement in these files.
pub fn statements(files: &[PathBuf]) -> Vec<Statement> {
    let mut shared = Macros::new();
    let mut read = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap();
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let own = macros(&tokens);
        shared.extend(own.clone());
        read.push((path.as_path(), tokens, own));
    }
    let mut found = Vec::new();
    let all: BTreeMap<String, Macros> = read
        .iter()
        .map(|(path, _, own)| (path.display().to_string(), own.clone()))
        .collect();
    for (path, tokens, own) in read {
        let mut known = shared.clone();
        known.extend(imported(&tokens, path, &all));
        known.extend(own);
        let mut reader = Reader {
            path,
            macros: &known,
            found: &mut found,
        };
        reader.scan(tokens, 0, None);
    }
    found
}

/// The macros that a file takes from another `store.rs` by `use crate::CONCEPT::store::{…}`.
fn imported(tokens: &TokenStream, path: &Path, all: &BTreeMap<String, Macros>) -> Macros {
    let mut found = Macros::new();
    let text = tokens.to_string();
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let source = path.ancestors().find(|folder| folder.ends_with("src")).unwrap_or(path);
    for import in text.split("usecrate::").skip(1) {
        let import = import.split(';').next().unwrap_or("");
        let Some((module, names)) = import.split_once("::store::") else {
            continue;
        };
        let file = source
            .join(module.replace("::", "/"))
            .join("store.rs")
            .display()
            .to_string();
        for name in names.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')) {
            if let Some(arms) = all.get(&file).and_then(|macros| macros.get(name)) {
                found.insert(name.to_owned(), arms.clone());
            }
        }
    }
    found
}

/// The macros that a file defines.
fn macros(tokens: &TokenStream) -> Macros {
    let mut found = Macros::new();
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Ident(ident) if ident == "macro_rules" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(arms))) =
                    (trees.get(at + 2), trees.get(at + 3))
                {
                    found.insert(name.to_string(), read_arms(arms));
                }
            }
            TokenTree::Group(group) => found.extend(macros(&group.stream())),
            _ => {}
        }
    }
    found
}

fn read_arms(group: &Group) -> Vec<Arm> {
    let groups: Vec<Group> = group
        .stream()
        .into_iter()
        .filter_map(|tree| {
            if let TokenTree::Group(group) = tree {
                Some(group)
            } else {
                None
            }
        })
        .collect();
    groups
        .chunks(2)
        .map(|pair| Arm {
            pattern: at_commas(pair[0].stream()),
            body: pair[1].stream(),
        })
        .collect()
}

/// Cuts at commas of the top level.
fn at_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for tree in tokens {
        match &tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut().unwrap().push(tree),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

struct Reader<'a> {
    path: &'a Path,
    macros: &'a Macros,
    found: &'a mut Vec<Statement>,
}

impl Reader<'_> {
    fn scan(&mut self, tokens: TokenStream, depth: usize, line: Option<usize>) {
        assert!(
            depth < DEPTH_MAX,
            "{}: a macro expands without end",
            self.path.display()
        );
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut test_next = false;
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            let here = line.unwrap_or(tree.span().start().line);
            at += 1;
            match tree {
                TokenTree::Ident(ident) if ident == "macro_rules" => at += 3,
                TokenTree::Ident(ident) if is_bang(trees.get(at)) => {
                    if let Some(TokenTree::Group(arguments)) = trees.get(at + 1) {
                        self.call(&ident.to_string(), arguments, depth, here);
                        at += 2;
                    }
                }
                TokenTree::Literal(_) => self.keep(literal(tree), here),
                TokenTree::Punct(punct) if punct.as_char() == ';' => test_next = false,
                TokenTree::Group(group) => {
                    let squeezed: String = group.to_string().split_whitespace().collect();
                    let body = group.delimiter() == Delimiter::Brace;
                    test_next |= squeezed == "[cfg(test)]";
                    if !(test_next && body) {
                        self.scan(group.stream(), depth, line);
                    }
                    test_next &= !body;
                }
                _ => {}
            }
        }
    }

    fn call(&mut self, name: &str, arguments: &Group, depth: usize, line: usize) {
        if name == "concat" {
            self.keep(self.concat(arguments.stream(), depth), line);
        } else if self.macros.contains_key(name) {
            let body = self.expand(name, arguments);
            self.scan(body, depth + 1, Some(line));
        } else {
            self.scan(arguments.stream(), depth, None);
        }
    }

    fn keep(&mut self, text: Option<String>, line: usize) {
        let Some(sql) = text.filter(|text| is_statement(text)) else {
            return;
        };
        let statement = Statement {
            file: self.path.display().to_string(),
            line,
            sql,
        };
        if !self.found.contains(&statement) {
            self.found.push(statement);
        }
    }

    /// The text of a `concat!`, when all of it is text.
    fn concat(&self, arguments: TokenStream, depth: usize) -> Option<String> {
        assert!(
            depth < DEPTH_MAX,
            "{}: a macro expands without end",
            self.path.display()
        );
        at_commas(arguments)
            .into_iter()
            .map(|part| self.text(&part, depth))
            .collect()
    }

    /// The text of one expression: a literal, a `concat!`, a call of a macro whose body is such an expression.
    fn text(&self, part: &[TokenTree], depth: usize) -> Option<String> {
        match part {
            [tree @ TokenTree::Literal(_)] => literal(tree),
            [TokenTree::Group(group)] => self.text(&group.stream().into_iter().collect::<Vec<_>>(), depth),
            [
                path @ ..,
                TokenTree::Ident(name),
                TokenTree::Punct(bang),
                TokenTree::Group(arguments),
            ] if bang.as_char() == '!' => {
                let _ = path;
                if name == "concat" {
                    return self.concat(arguments.stream(), depth + 1);
                }
                if !self.macros.contains_key(&name.to_string()) {
                    return None;
                }
                let body: Vec<TokenTree> = self.expand(&name.to_string(), arguments).into_iter().collect();
                self.text(&body, depth + 1)
            }
            _ => None,
        }
    }

    fn expand(&self, name: &str, arguments: &Group) -> TokenStream {
        let given = at_commas(arguments.stream());
        for arm in &self.macros[name] {
            if let Some(bound) = bind(&arm.pattern, &given) {
                return substitute(arm.body.clone(), &bound);
            }
        }
        panic!("{}: cannot follow {name}!({})", self.path.display(), arguments.stream());
    }
}

fn is_bang(tree: Option<&TokenTree>) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
}

fn literal(tree: &TokenTree) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&tree.to_string())
        .ok()
        .map(|text| text.value())
}

/// Binds `$name:kind` to what stands at its place; any other pattern must stand there word for word.
fn bind(pattern: &[Vec<TokenTree>], given: &[Vec<TokenTree>]) -> Option<BTreeMap<String, TokenStream>> {
    if pattern.len() != given.len() {
        return None;
    }
    let mut bound = BTreeMap::new();
    for (wanted, found) in pattern.iter().zip(given) {
        match wanted.as_slice() {
            [
                TokenTree::Punct(dollar),
                TokenTree::Ident(name),
                TokenTree::Punct(_),
                TokenTree::Ident(_),
            ] if dollar.as_char() == '$' => {
                bound.insert(name.to_string(), found.iter().cloned().collect());
            }
            _ => {
                let words = |trees: &[TokenTree]| trees.iter().map(ToString::to_string).collect::<Vec<_>>();
                if words(wanted) != words(found) {
                    return None;
                }
            }
        }
    }
    Some(bound)
}

fn substitute(body: TokenStream, bound: &BTreeMap<String, TokenStream>) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = body.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(ref punct) if punct.as_char() == '$' => {
                let name = trees.peek().map(ToString::to_string).unwrap_or_default();
                match bound.get(&name) {
                    Some(value) => {
                        trees.next();
                        out.extend(value.clone());
                    }
                    None => out.extend([tree]),
                }
            }
            TokenTree::Group(group) => {
                let inside = substitute(group.stream(), bound);
                out.extend([TokenTree::Group(Group::new(group.delimiter(), inside))]);
            }
            other => out.extend([other]),
        }
    }
    out
}

/// Whether a text is a whole statement: it begins as one and goes on as one.
fn is_statement(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.first() {
        Some(&"SELECT" | &"WITH" | &"DELETE" | &"VALUES") => words.len() > 1,
        Some(&"INSERT") => words.get(1) == Some(&"INTO"),
        Some(&"UPDATE") => words.contains(&"SET"),
        _ => false,
    }
}

#[test]
fn statements_are_found_in_literals_concat_and_macros() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.rs");
    let text = r#"
        macro_rules! columns { () => { "id, name" }; }
        macro_rules! list { (count, $scope:literal) => { concat!("SELECT count(*) FROM t WHERE ", $scope) };
                            (rows, $scope:literal) => { concat!("SELECT ", columns!(), " FROM t WHERE ", $scope) }; }
        macro_rules! both { ($kind:ident, $which:expr) => { match $which { 1 => list!($kind, "a = $1"), _ => list!($kind, "b = $1") } }; }
        const NAME: &str = "SELECTED";
        fn a() { tx.all("SELECT 1 FROM t", &[]); tx.opt(concat!("SELECT ", columns!(), " FROM t"), &[]); both!(rows, x) }
        fn b() { both!(count, x) }
        #[cfg(test)]
        mod tests { const A: &str = "SELECT broken"; }
    "#;
    std::fs::write(&path, text).unwrap();
    let sql: Vec<String> = statements(&[path]).into_iter().map(|statement| statement.sql).collect();
    assert_eq!(
        sql,
        [
            "SELECT 1 FROM t",
            "SELECT id, name FROM t",
            "SELECT id, name FROM t WHERE a = $1",
            "SELECT id, name FROM t WHERE b = $1",
            "SELECT count(*) FROM t WHERE a = $1",
            "SELECT count(*) FROM t WHERE b = $1",
        ]
    );
}
