//! Tables from a schema: caption with the count, sortable headings as links, a row of filters, pages, cards on telephones,
//! a sentence when there is nothing. What can be sorted and filtered is declared; anything else in the address is ignored.
//! It refuses to fetch: rows come in ready, [`TableQuery`] says which ones were asked for.

mod query;
#[cfg(test)]
mod tests;

pub use query::{Order, TableQuery, encode};

use kernel::Lang;
use maud::{Markup, html};

use crate::format;
use crate::i18n::{text, text_with};
use crate::shell::Shell;

/// A column: what it is called and whether it can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name in the address and for the store: ASCII letters, digits, hyphens, underscores.
    pub name: &'static str,
    /// Heading, a key of the texts. An empty key makes a column of actions without heading.
    pub label: &'static str,
    sortable: bool,
    numeric: bool,
    hidden_label: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self {
            name,
            label,
            sortable: false,
            numeric: false,
            hidden_label: false,
        }
    }

    /// Its heading sorts.
    #[must_use]
    pub const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Numbers, right-aligned.
    #[must_use]
    pub const fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// On telephones its label is left out: the content speaks for itself (a tag, a title).
    #[must_use]
    pub const fn plain_on_phones(mut self) -> Self {
        self.hidden_label = true;
        self
    }
}

/// A filter above the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Name in the address.
    pub name: &'static str,
    /// Its label, a key of the texts.
    pub label: &'static str,
    /// What it offers; none makes it a search box.
    pub choices: Option<Vec<(String, String)>>,
    /// An example inside a search box.
    pub example: String,
}

impl Filter {
    /// A box to type in.
    #[must_use]
    pub fn search(name: &'static str, label: &'static str, example: impl Into<String>) -> Self {
        Self {
            name,
            label,
            choices: None,
            example: example.into(),
        }
    }

    /// A choice: pairs of value and words. "Tất cả" is added in front.
    #[must_use]
    pub fn choice(name: &'static str, label: &'static str, choices: Vec<(String, String)>) -> Self {
        Self {
            name,
            label,
            choices: Some(choices),
            example: String::new(),
        }
    }
}

/// The schema of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Path of its page; headings, filters and pages lead there.
    pub path: String,
    /// Key of the caption, which takes `$n` when the total is known.
    pub caption: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its filters.
    pub filters: Vec<Filter>,
    /// Column and direction without any in the address.
    pub default_order: Option<Order>,
    /// Where the CSV export is, if there is one; the query is kept.
    pub export: Option<String>,
    /// Words where rows would be, a key of the texts.
    pub empty: &'static str,
    /// Other parameters of the address that links and filters keep (the tab).
    pub keep: Vec<&'static str>,
}

/// A row: a cell for each column.
#[derive(Debug, Clone)]
pub struct Row {
    /// Cells, in the order of the columns.
    pub cells: Vec<Markup>,
    /// Where the row leads: its first cell becomes the link.
    pub href: Option<String>,
}

impl Row {
    /// A row.
    #[must_use]
    pub const fn new(cells: Vec<Markup>) -> Self {
        Self { cells, href: None }
    }

    /// A row whose first cell is a link.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

/// Which part of the rows is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// All of them.
    All,
    /// One numbered page of a known total.
    Numbered {
        /// Page, from 1.
        page: u32,
        /// Rows of a page.
        size: u32,
        /// All rows.
        total: u64,
    },
    /// A part after a key; the store says what comes next.
    Keyset {
        /// Key after which the next part begins.
        next: Option<String>,
        /// Whether this is not the first part.
        started: bool,
        /// All rows, if counted.
        total: Option<u64>,
    },
}

impl Table {
    /// A table of those columns on the page `path`.
    #[must_use]
    pub fn new(path: impl Into<String>, caption: &'static str, columns: Vec<Column>) -> Self {
        Self {
            path: path.into(),
            caption,
            columns,
            filters: Vec::new(),
            default_order: None,
            export: None,
            empty: "table-empty",
            keep: Vec::new(),
        }
    }

    /// Adds a filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The order without any in the address.
    #[must_use]
    pub fn order(mut self, column: &str, descending: bool) -> Self {
        self.default_order = Some(Order {
            column: column.to_owned(),
            descending,
        });
        self
    }

    /// Where the CSV export is.
    #[must_use]
    pub fn export(mut self, path: impl Into<String>) -> Self {
        self.export = Some(path.into());
        self
    }

    /// Words where rows would be, a key of the texts.
    #[must_use]
    pub const fn empty(mut self, key: &'static str) -> Self {
        self.empty = key;
        self
    }

    /// Parameters that links and filters keep.
    #[must_use]
    pub fn keep(mut self, names: &[&'static str]) -> Self {
        self.keep.extend_from_slice(names);
        self
    }

    /// Filters, table and pages.
    #[must_use]
    pub fn render(&self, shell: &Shell, query: &TableQuery, rows: &[Row], paging: &Paging) -> Markup {
        html! {
            @if !self.filters.is_empty() { (self.filter_bar(shell.lang, query, &html! {})) }
            (self.body(shell, query, rows, paging))
        }
    }

    /// The same with a main action beside the filters ("Tiếp nhận mới").
    #[must_use]
    pub fn render_with(
        &self,
        shell: &Shell,
        query: &TableQuery,
        rows: &[Row],
        paging: &Paging,
        action: &Markup,
    ) -> Markup {
        html! {
            (self.filter_bar(shell.lang, query, action))
            (self.body(shell, query, rows, paging))
        }
    }

    fn filter_bar(&self, lang: Lang, query: &TableQuery, action: &Markup) -> Markup {
        html! {
            form.bar method="get" action=(self.path) role="search" aria-label=(text(lang, "table-filters")) {
                @for (name, value) in query.kept(self) { input type="hidden" name=(name) value=(value); }
                @for filter in &self.filters { (self.filter_markup(lang, filter, query)) }
                div.row {
                    @if !self.filters.is_empty() {
                        button.btn.quiet { (text(lang, "table-filter")) }
                        @if query.is_filtered() { a href=(query.cleared(self)) { (text(lang, "table-clear")) } }
                    }
                    (action)
                }
            }
        }
    }

    fn filter_markup(&self, lang: Lang, filter: &Filter, query: &TableQuery) -> Markup {
        let id = format!("t-{}", filter.name);
        let typed = query.filter(filter.name);
        html! {
            div {
                label for=(id) { (text(lang, filter.label)) }
                @match &filter.choices {
                    None => input type="search" id=(id) name=(filter.name) value=(typed) placeholder=(filter.example) maxlength="200";,
                    Some(choices) => select id=(id) name=(filter.name) {
                        option value="" { (text(lang, "table-all")) }
                        @for (value, words) in choices { option value=(value) selected[value == typed] { (words) } }
                    },
                }
            }
        }
    }

    fn body(&self, shell: &Shell, query: &TableQuery, rows: &[Row], paging: &Paging) -> Markup {
        let lang = shell.lang;
        html! {
            div.scroll #rows tabindex="0" role="region" aria-label=(self.caption_words(lang, rows, paging)) {
                table.stack {
                    caption {
                        (self.caption_words(lang, rows, paging))
                        @if let Some(order) = query.order(self) { @if let Some(column) = self.columns.iter().find(|c| c.name == order.column) {
                            span.hidden { ", " (text(lang, if order.descending { "table-sorted-down" } else { "table-sorted-up" })) " " (text(lang, column.label)) }
                        } }
                        @if let Some(export) = &self.export { @if !rows.is_empty() {
                            " · " a href=(query.export(self, export)) { (text(lang, "table-export")) }
                        } }
                    }
                    thead { tr { @for column in &self.columns { (self.heading(lang, column, query)) } } }
                    tbody { @for row in rows { (self.row_markup(lang, row)) } }
                }
                @if rows.is_empty() {
                    div.empty { p { (text(lang, if query.is_filtered() { "table-none-fit" } else { self.empty })) } }
                }
            }
            (self.pages(lang, query, paging))
        }
    }

    fn caption_words(&self, lang: Lang, rows: &[Row], paging: &Paging) -> String {
        let n = match paging {
            Paging::All => rows.len() as u64,
            Paging::Numbered { total, .. } | Paging::Keyset { total: Some(total), .. } => *total,
            Paging::Keyset { total: None, .. } => rows.len() as u64,
        };
        text_with(lang, self.caption, &[("n", n.into())])
    }

    fn heading(&self, lang: Lang, column: &Column, query: &TableQuery) -> Markup {
        let label = if column.label.is_empty() {
            text(lang, "table-actions")
        } else {
            text(lang, column.label)
        };
        let sorted = query.order(self).filter(|o| o.column == column.name);
        let aria = sorted
            .as_ref()
            .map(|o| if o.descending { "descending" } else { "ascending" });
        let class = if column.numeric { "r" } else { "" };
        html! {
            th scope="col" class=[Some(class).filter(|c| !c.is_empty())] aria-sort=[aria] {
                @if column.sortable {
                    @let turned = sorted.as_ref().is_some_and(|o| !o.descending);
                    a href=(query.sorted(self, column.name, turned)) { (label) span.sort aria-hidden="true" {
                        @match sorted.map(|o| o.descending) { Some(true) => "▼", Some(false) => "▲", None => "↕" }
                    } }
                } @else if column.label.is_empty() { span.hidden { (label) } } @else { (label) }
            }
        }
    }

    fn row_markup(&self, lang: Lang, row: &Row) -> Markup {
        html! {
            tr {
                @for (at, (column, cell)) in self.columns.iter().zip(&row.cells).enumerate() {
                    @let label = (!column.label.is_empty() && !column.hidden_label && at > 0).then(|| text(lang, column.label));
                    @let class = if column.numeric { Some("r") } else { None };
                    @let content = html! { @match (&row.href, at) { (Some(href), 0) => a href=(href) { (cell) }, _ => (cell) } };
                    // The first cell names the row: screen readers repeat it.
                    @if at == 0 { th scope="row" class=[class] { (content) } } @else { td class=[class] data-l=[label] { (content) } }
                }
            }
        }
    }

    fn pages(&self, lang: Lang, query: &TableQuery, paging: &Paging) -> Markup {
        match paging {
            Paging::All => html! {},
            Paging::Numbered { page, size, total } => {
                let last = u32::try_from(total.div_ceil(u64::from((*size).max(1))))
                    .unwrap_or(u32::MAX)
                    .max(1);
                if last < 2 {
                    html! {}
                } else {
                    pagination(lang, *page, last, |page| query.paged(self, page))
                }
            }
            Paging::Keyset { next, started, .. } => html! {
                @if *started || next.is_some() {
                    nav.pages aria-label=(text(lang, "table-pages")) { ul {
                        @if *started { li { a href=(query.first(self)) { "« " (text(lang, "table-first")) } } }
                        @if let Some(next) = next { li { a rel="next" href=(query.after(self, next)) { (text(lang, "table-next")) " ›" } } }
                    } }
                }
            },
        }
    }
}

/// Numbered pages: the first, the last, the current one and its neighbours.
pub fn pagination(lang: Lang, page: u32, last: u32, href: impl Fn(u32) -> String) -> Markup {
    let shown: Vec<u32> = (1..=last.min(100_000))
        .filter(|p| *p == 1 || *p == last || p.abs_diff(page) <= 1)
        .collect();
    let gap = |at: usize| at > 0 && shown[at] > shown[at - 1] + 1;
    let words = |page: u32| text_with(lang, "table-page", &[("n", page.into())]);
    html! {
        nav.pages aria-label=(text(lang, "table-pages")) {
            ul {
                @if page > 1 { li { a rel="prev" href=(href(page - 1)) { "‹ " (text(lang, "table-prev")) } } }
                @for (at, number) in shown.iter().enumerate() {
                    @if gap(at) { li.gap aria-hidden="true" { "…" } }
                    li { a href=(href(*number)) aria-label=(words(*number)) aria-current=[(*number == page).then_some("page")] {
                        (format::number(lang, i64::from(*number)))
                    } }
                }
                @if page < last { li { a rel="next" href=(href(page + 1)) { (text(lang, "table-next")) " ›" } } }
            }
        }
    }
}
