//! The files of the repository as the checks see them: relative paths with `/`, text, and for Rust the flat list of
//! tokens with their lines. It reads; it never writes. Build output, data folders and the history are not part of it.

use std::path::Path;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use walkdir::WalkDir;

/// What is wrong, and where. `line` is 1 for a fault of the whole file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Finding {
    /// A finding at a line of a file.
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

/// One token of a Rust file: an identifier, a literal as written, or a punctuation mark; groups are opened up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    /// Whether it stands in a module marked `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

/// The kinds of token that checks tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword.
    Ident(String),
    /// The value of a string literal (plain, raw or byte).
    Text(String),
    /// `::` as one mark, any other mark by itself, and the brackets of groups.
    Mark(&'static str),
    /// Any other literal or mark.
    Other(String),
}

impl Kind {
    /// Whether it is this identifier.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Ident(ident) if ident == name)
    }

    /// Whether it is this mark.
    pub(crate) fn mark(&self, mark: &str) -> bool {
        matches!(self, Self::Mark(found) if *found == mark)
    }
}

/// A file of the repository.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    test: bool,
}

impl File {
    /// A file made of its path and text; Rust is split into tokens (a file that does not parse has none: the compiler
    /// says more about it than this tool could).
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let mut tokens = Vec::new();
        if has_extension(path, "rs")
            && let Ok(stream) = text.parse::<TokenStream>()
        {
            flatten(stream, is_test_path(path), &mut tokens);
        }
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens,
            test: is_test_path(path),
        }
    }

    /// The paths, without `.rs`, of modules that this file declares under `#[cfg(test)]`.
    fn test_modules(&self) -> Vec<String> {
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs" | "mod.rs")) => folder.to_owned(),
            _ => self.path.trim_end_matches(".rs").to_owned(),
        };
        let mut found = Vec::new();
        for at in 0..self.tokens.len() {
            let kind = |step: usize| self.tokens.get(at + step).map(|token| &token.kind);
            let mark = |step: usize, mark: &str| kind(step).is_some_and(|kind| kind.mark(mark));
            let word = |step: usize, word: &str| kind(step).is_some_and(|kind| kind.is(word));
            if !(mark(0, "[") && word(1, "cfg") && mark(2, "(") && word(3, "test") && mark(5, "]")) {
                continue;
            }
            // `pub`, `pub(crate)` or nothing may stand before `mod`.
            let after = (6..=10).find(|step| word(*step, "mod")).unwrap_or(6);
            if let (true, Some(Kind::Ident(name)), true) = (word(after, "mod"), kind(after + 1), mark(after + 2, ";")) {
                found.push(format!("{folder}/{name}"));
            }
        }
        found
    }

    /// Whether the file is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        self.test
    }

    /// The crate folder's name for `crates/NAME/...`, else the first folder (`tests`, `bench`).
    pub(crate) fn room(&self) -> &str {
        let mut parts = self.path.split('/');
        match (parts.next(), parts.next()) {
            (Some("crates"), Some(name)) => name,
            (Some(first), Some(_)) => first,
            _ => "",
        }
    }

    /// The name of the file without folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the file is `NAME.rs`, or lies in a folder called `NAME`.
    pub(crate) fn in_part(&self, part: &str) -> bool {
        let inside = self
            .path
            .split_once("/src/")
            .map_or(self.path.as_str(), |(_, inside)| inside);
        inside
            .split('/')
            .any(|piece| piece.strip_suffix(".rs").unwrap_or(piece) == part)
    }
}

/// The repository.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// Reads every text file below `root`, in the order of their paths.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut files = Vec::new();
        let walk = WalkDir::new(root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| {
                let name = entry.file_name().to_string_lossy();
                let skipped = entry.depth() == 1 && (name == "target" || name == "data" || name.starts_with("data-"));
                !(skipped || name == ".git" || name == "node_modules")
            });
        for entry in walk {
            let entry = entry.map_err(|error| error.to_string())?;
            if !entry.file_type().is_file() {
                continue;
            }
            let bytes = std::fs::read(entry.path()).map_err(|error| format!("{}: {error}", entry.path().display()))?;
            let path = entry.path().strip_prefix(root).map_err(|error| error.to_string())?;
            let path = path.to_string_lossy().replace('\\', "/");
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File::new(&path, &text));
            }
        }
        Ok(Self::from_files(files))
    }

    /// Marks as tests what some file declares under `#[cfg(test)]`.
    fn from_files(mut files: Vec<File>) -> Self {
        let modules: Vec<String> = files.iter().flat_map(File::test_modules).collect();
        for file in &mut files {
            let path = file.path.trim_end_matches(".rs");
            let told = |module: &String| path == module || path.starts_with(&format!("{module}/"));
            if modules.iter().any(told) {
                file.test = true;
                file.tokens.iter_mut().for_each(|token| token.in_test = true);
            }
        }
        Self { files }
    }

    /// A tree of fixtures: pairs of path and text.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::from_files(files.iter().map(|(path, text)| File::new(path, text)).collect())
    }

    /// The Rust files.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The file at this path.
    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// Whether the path ends with this extension.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Files that hold nothing but tests.
fn is_test_path(path: &str) -> bool {
    path.starts_with("tests/")
        || path
            .split('/')
            .any(|piece| matches!(piece, "tests" | "tests.rs" | "examples"))
        || path.ends_with("_tests.rs")
}

/// Opens up groups; knows a module under `#[cfg(test)]`.
fn flatten(stream: TokenStream, in_test: bool, out: &mut Vec<Token>) {
    let mut test_next = false;
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let push = |kind: Kind, out: &mut Vec<Token>| out.push(Token { line, kind, in_test });
        match tree {
            TokenTree::Ident(ident) => push(Kind::Ident(ident.to_string()), out),
            TokenTree::Literal(literal) => push(literal_kind(&literal.to_string()), out),
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
                if matches!(trees.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':') {
                    trees.next();
                    push(Kind::Mark("::"), out);
                }
            }
            TokenTree::Punct(punct) => {
                test_next &= punct.as_char() != ';';
                push(punct_kind(punct.as_char()), out);
            }
            TokenTree::Group(group) => {
                let squeezed: String = group.stream().to_string().split_whitespace().collect();
                if group.delimiter() == Delimiter::Bracket && squeezed.contains("cfg(test)") {
                    test_next = true;
                }
                let body = group.delimiter() == Delimiter::Brace;
                let (open, close) = brackets(group.delimiter());
                push(Kind::Mark(open), out);
                flatten(group.stream(), in_test || (test_next && body), out);
                let line = group.span_close().start().line;
                out.push(Token {
                    line,
                    kind: Kind::Mark(close),
                    in_test,
                });
                test_next &= !body;
            }
        }
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

fn punct_kind(mark: char) -> Kind {
    match mark {
        ',' => Kind::Mark(","),
        '.' => Kind::Mark("."),
        ';' => Kind::Mark(";"),
        '=' => Kind::Mark("="),
        '!' => Kind::Mark("!"),
        '&' => Kind::Mark("&"),
        '#' => Kind::Mark("#"),
        '-' => Kind::Mark("-"),
        '+' => Kind::Mark("+"),
        other => Kind::Other(other.to_string()),
    }
}

/// The value of a string literal; other literals as they are written.
fn literal_kind(written: &str) -> Kind {
    match syn::parse_str::<syn::Lit>(written) {
        Ok(syn::Lit::Str(text)) => Kind::Text(text.value()),
        Ok(syn::Lit::ByteStr(bytes)) => Kind::Text(String::from_utf8_lossy(&bytes.value()).into_owned()),
        _ => Kind::Other(written.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_carry_lines_and_know_test_modules() {
        let file = File::new(
            "crates/a/src/lib.rs",
            "fn a() {\n    b::c(\"x\", r#\"y\"#);\n}\n#[cfg(test)]\nmod tests {\n    fn d() {}\n}\nfn e() {}\n",
        );
        let find = |name: &str| file.tokens.iter().find(|token| token.kind.is(name)).unwrap();
        assert_eq!((find("c").line, find("c").in_test), (2, false));
        assert_eq!((find("d").line, find("d").in_test), (6, true));
        assert!(!find("e").in_test);
        let texts: Vec<&Kind> = file
            .tokens
            .iter()
            .map(|t| &t.kind)
            .filter(|k| matches!(k, Kind::Text(_)))
            .collect();
        assert_eq!(texts, [&Kind::Text("x".into()), &Kind::Text("y".into())]);
        assert!(file.tokens.iter().any(|token| token.kind.mark("::")));
    }

    #[test]
    fn a_cfg_test_item_without_body_ends_at_its_semicolon() {
        let file = File::new("crates/a/src/lib.rs", "#[cfg(test)]\nmod tests;\nfn e() { f() }\n");
        assert!(!file.tokens.iter().find(|token| token.kind.is("f")).unwrap().in_test);
    }

    #[test]
    fn a_module_declared_for_tests_is_a_test() {
        let lib = "#[cfg(test)]\npub(crate) mod filled;\nmod real;\npub fn a() {}\n";
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", lib),
            ("crates/a/src/filled.rs", "fn b() {}"),
            ("crates/a/src/filled/more.rs", "fn c() {}"),
            ("crates/a/src/real.rs", "fn d() {}"),
        ]);
        let tests: Vec<bool> = tree.files.iter().map(File::is_test).collect();
        assert_eq!(tests, [false, true, true, false]);
    }

    #[test]
    fn parts_are_a_file_or_a_folder() {
        assert!(File::new("crates/a/src/dossier/store.rs", "").in_part("store"));
        assert!(File::new("crates/a/src/dossier/store/list.rs", "").in_part("store"));
        assert!(!File::new("crates/store/src/lib.rs", "").in_part("store"));
        assert_eq!(File::new("crates/store/src/lib.rs", "").room(), "store");
    }
}
