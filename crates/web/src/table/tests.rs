//! The table as a whole.

use kernel::Lang;
use maud::html;

use super::*;
use crate::gallery::sample_shell;

fn table() -> Table {
    Table::new(
        "/desk",
        "table-page",
        vec![
            Column::new("code", "table-first").sortable(),
            Column::new("due", "table-next").sortable(),
            Column::new("name", "table-prev"),
            Column::new("act", ""),
        ],
    )
    .filter(Filter::search("q", "table-filter", "mã"))
    .filter(Filter::choice("step", "table-filter", vec![("1".into(), "Một".into())]))
    .order("due", false)
    .export("/desk.csv")
    .keep(&["tab"])
}

fn rows() -> Vec<Row> {
    vec![Row::new(vec![html! { "A<1>" }, html! { "x" }, html! { "y" }, html! { "z" }]).link("/d/1")]
}

#[test]
fn only_what_is_declared_is_taken() {
    let query = TableQuery::parse("sort=name&dir=desc&step=9&q=+trần%20 &page=0&evil=1");
    assert_eq!(
        query.order(&table()),
        Some(Order {
            column: "due".to_owned(),
            descending: false
        })
    );
    assert_eq!(query.chosen(&table(), "step"), None);
    assert_eq!(query.chosen(&table(), "q"), Some("trần"));
    assert_eq!(query.page(), 1);
    let query = TableQuery::parse("sort=code&dir=desc&page=3");
    assert_eq!(
        query.order(&table()),
        Some(Order {
            column: "code".to_owned(),
            descending: true
        })
    );
    assert_eq!(query.offset(20), 40);
    assert!(TableQuery::parse("q=%ff&q=%zz&page=99999999999").after_key().is_none());
}

#[test]
fn headings_filters_and_pages_keep_each_other() {
    let query = TableQuery::parse("sort=code&q=Tr%E1%BA%A7n&tab=late&page=2&evil=1");
    let html = table()
        .render(
            &sample_shell(Lang::Vi),
            &query,
            &rows(),
            &Paging::Numbered {
                page: 2,
                size: 1,
                total: 9,
            },
        )
        .into_string();
    insta::assert_snapshot!(html.replace("><", ">\n<"));
    assert!(!html.contains("evil"));
}

#[test]
fn an_empty_table_says_so() {
    let shell = sample_shell(Lang::Vi);
    let none = table()
        .render(&shell, &TableQuery::parse(""), &[], &Paging::All)
        .into_string();
    assert!(none.contains("Chưa có gì ở đây."));
    let filtered = table()
        .render(&shell, &TableQuery::parse("q=x"), &[], &Paging::All)
        .into_string();
    assert!(filtered.contains("Không có mục nào khớp.") && filtered.contains("Bỏ lọc"));
}

#[test]
fn keyset_pages_go_on_and_back_to_the_start() {
    let paging = Paging::Keyset {
        next: Some("a/b=".to_owned()),
        started: true,
        total: None,
    };
    let html = table()
        .render(&sample_shell(Lang::Vi), &TableQuery::parse("after=x"), &rows(), &paging)
        .into_string();
    assert!(html.contains("href=\"/desk?after=a%2Fb%3D\"") && html.contains("href=\"/desk\""));
}

#[test]
fn many_pages_show_few_numbers() {
    let html = pagination(Lang::Vi, 50, 99, |page| format!("?page={page}")).into_string();
    assert_eq!(html.matches("<li").count(), 9);
    assert!(html.contains("aria-current=\"page\"") && html.contains("href=\"?page=49\""));
}
