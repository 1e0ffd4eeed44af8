//! Answers that are files: CSV exports that a spreadsheet cannot be tricked by, and attachments with safe headers.
//! It refuses to let a browser show what it should only save.
//! Practice: OWASP CSV Injection; RFC 4180; RFC 6266 with RFC 8187 for names.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

/// A CSV file in the making: UTF-8 with a byte-order mark, which spreadsheets need to read Vietnamese.
#[derive(Debug, Clone)]
pub struct Csv {
    text: String,
    columns: usize,
}

impl Csv {
    /// A file with those headings.
    #[must_use]
    pub fn new(headings: &[&str]) -> Self {
        let mut csv = Self {
            text: "\u{feff}".to_owned(),
            columns: headings.len(),
        };
        csv.push(headings);
        csv
    }

    /// Adds a row; missing cells are empty, cells without a heading are left out.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        let cells: Vec<&str> = (0..self.columns)
            .map(|at| cells.get(at).map_or("", AsRef::as_ref))
            .collect();
        self.push(&cells);
    }

    fn push(&mut self, cells: &[&str]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.text.push_str(&csv_cell(cell));
        }
        self.text.push_str("\r\n");
    }

    /// The file as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file as an answer that is saved under `name`.
    #[must_use]
    pub fn into_response(self, name: &str) -> Response {
        attachment("text/csv; charset=utf-8", name, Body::from(self.text))
    }
}

/// One cell: quoted where needed, and never a formula. A cell that begins like one (also behind spaces or a quote) gets
/// an apostrophe in front; plain numbers stay numbers.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'' || c == '\u{feff}');
    let risky = start.starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let number = !text.is_empty()
        && text
            .trim_start_matches('-')
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.');
    let safe = if risky && !number {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains(['"', ',', ';', '\n', '\r', '\t']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

/// A file to be saved, never shown.
#[must_use]
pub fn attachment(media_type: &'static str, name: &str, body: Body) -> Response {
    file(media_type, "attachment", name, body)
}

/// A file that the browser may show in its own window (a PDF, a picture), sandboxed.
#[must_use]
pub fn inline(kind: crate::submitted::FileKind, name: &str, body: Body) -> Response {
    let disposition = if kind.is_inline() { "inline" } else { "attachment" };
    file(kind.media_type(), disposition, name, body)
}

fn file(media_type: &'static str, disposition: &str, name: &str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, content_disposition(disposition, name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    response
}

/// The header that names a file: an ASCII name for old clients and the real one beside it. Header injection is impossible:
/// everything but plain letters is percent-encoded.
#[must_use]
pub fn content_disposition(disposition: &str, name: &str) -> HeaderValue {
    let clean = crate::submitted::clean_name(name, None);
    let folded = kernel::fold::fold(&clean);
    let plain: String = folded
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let value = format!(
        "{disposition}; filename=\"{plain}\"; filename*=UTF-8''{}",
        crate::table::encode(&clean)
    );
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_text() {
        for formula in [
            "=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\"=1", "|calc", "＝1", "\n=1",
        ] {
            let cell = csv_cell(formula);
            assert!(
                cell.trim_start_matches('"').starts_with('\''),
                "{formula:?} -> {cell:?}"
            );
        }
        assert_eq!(csv_cell("-12.5"), "-12.5");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(csv_cell("Nguyễn Thị Hoa"), "Nguyễn Thị Hoa");
    }

    #[test]
    fn a_file_has_a_mark_and_even_rows() {
        let mut csv = Csv::new(&["Mã", "Tên"]);
        csv.row(&["1"]);
        csv.row(&["2", "b", "c"]);
        assert_eq!(csv.text(), "\u{feff}Mã,Tên\r\n1,\r\n2,b\r\n");
    }

    #[test]
    fn names_survive_in_both_forms() {
        let value = content_disposition("attachment", "Hồ sơ \"x\"\r\nSet-Cookie: a.csv");
        let value = value.to_str().expect("ASCII");
        assert!(
            value.starts_with("attachment; filename=\"ho-so-_x_set-cookie_-a.csv\"; filename*=UTF-8''H%E1%BB%93"),
            "{value}"
        );
    }

    proptest! {
        #[test]
        fn no_cell_is_a_formula_and_every_row_is_one_record(text in "\\PC{0,40}|[=+@\t\r\n\" ,;-]{0,8}.{0,5}") {
            let cell = csv_cell(&text);
            let inner = cell.strip_prefix('"').map_or_else(|| cell.clone(), |c| c.replace("\"\"", "\""));
            let number = !text.is_empty() && text.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit() || b == b'.');
            prop_assert!(number || !inner.trim_start().starts_with(['=', '+', '-', '@']), "{:?}", cell);
            prop_assert!(!cell.contains(['\n', '\r', ',']) || (cell.starts_with('"') && cell.ends_with('"')));
        }

        #[test]
        fn any_name_makes_a_header(name in ".{0,200}") {
            prop_assert!(content_disposition("attachment", &name).to_str().is_ok());
        }
    }
}
