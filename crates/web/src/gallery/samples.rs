//! The form and the table of the gallery, with every kind of field.
//! They refuse texts from Fluent: the gallery is for us and its words are written in place.

use kernel::Bilingual;

use crate::form::{Choice, Field, FieldKind, Form, Width};
use crate::submitted::FileKind;
use crate::table::{Column, Filter, Table};

fn words(vi: &str) -> Bilingual {
    Bilingual::vi(vi)
}

fn pick(value: &str, label: &str) -> Choice {
    Choice::new(value, words(label))
}

/// A form with every kind of field.
#[must_use]
pub fn sample_form() -> Form {
    let form = content(person(Form::new("khai", "/gallery/form")));
    form.with_choices(
        "home-province",
        vec![Choice::named("42", "Tỉnh Hà Tĩnh"), Choice::named("40", "Tỉnh Nghệ An")],
    )
    .with_choices(
        "home",
        vec![
            Choice::named("18073", "Phường Thành Sen"),
            Choice::named("18100", "Phường Trần Phú"),
        ],
    )
    .cancel("/gallery")
    .with_draft()
}

fn person(form: Form) -> Form {
    form.section(words("Người nộp"))
        .field(
            Field::text("name", words("Họ và tên"))
                .autocomplete("name")
                .hint(words("Như trên thẻ căn cước.")),
        )
        .field(Field::new("person", words("Số định danh cá nhân"), FieldKind::PersonId))
        .field(Field::new("born", words("Ngày sinh"), FieldKind::Date { min: None, max: None }).autocomplete("bday"))
        .field(Field::new("phone", words("Số điện thoại"), FieldKind::Phone))
        .field(Field::new("email", words("Thư điện tử"), FieldKind::Email).optional())
        .field(Field::new("home", words("Nơi ở"), FieldKind::Area { provinces: true }))
}

fn content(form: Form) -> Form {
    let who = vec![
        pick("self", "Cho tôi"),
        pick("other", "Cho người khác").hint(words("Cần giấy ủy quyền.")),
        pick("org", "Cho tổ chức"),
    ];
    let sectors = vec![
        pick("food", "Ăn uống").group(words("Dịch vụ")),
        pick("hair", "Cắt tóc").group(words("Dịch vụ")),
        pick("shop", "Bán lẻ"),
    ];
    let days = FieldKind::Checkboxes {
        choices: vec![pick("mon", "Thứ Hai"), pick("wed", "Thứ Tư"), pick("fri", "Thứ Sáu")],
    };
    let workers = FieldKind::Integer {
        min: Some(1),
        max: Some(100),
        unit: Some(words("người").into()),
    };
    form.section(words("Nội dung"))
        .field(Field::radios("who", words("Bạn nộp cho ai"), who))
        .field(Field::new("org-tax", words("Mã số thuế"), FieldKind::TaxCode).when("who", &["org"]))
        .field(Field::select("sector", words("Ngành nghề"), sectors))
        .field(Field::new("days", words("Ngày nhận kết quả"), days).optional())
        .field(Field::new(
            "capital",
            words("Vốn"),
            FieldKind::Dong {
                min: Some(1_000_000),
                max: None,
            },
        ))
        .field(Field::new("workers", words("Số lao động"), workers).width(Width::W4))
        .field(Field::new("online", words("Nhận kết quả trên mạng"), FieldKind::YesNo))
        .field(Field::multiline("about", words("Mô tả"), 200).optional())
        .field(Field::files(
            "papers",
            words("Giấy tờ kèm theo"),
            FileKind::PAPERS.to_vec(),
            3,
        ))
        .field(Field::new(
            "true",
            words("Tôi cam đoan nội dung trên là đúng"),
            FieldKind::Confirm,
        ))
}

/// A work list.
pub(super) fn sample_table() -> Table {
    let columns = vec![
        Column::new("code", "gallery-code").sortable(),
        Column::new("procedure", "gallery-procedure"),
        Column::new("applicant", "gallery-applicant"),
        Column::new("due", "gallery-due").sortable().plain_on_phones(),
        Column::new("fee", "gallery-fee").numeric(),
    ];
    let steps = vec![("1".into(), "Tiếp nhận".into()), ("2".into(), "Thẩm định".into())];
    Table::new("/gallery/table", "gallery-caption", columns)
        .filter(Filter::search("q", "gallery-find", "mã, tên, số định danh"))
        .filter(Filter::choice("step", "gallery-step", steps))
        .order("due", false)
        .export("/gallery/table.csv")
}
