//! A unit that receives money: its account, a bill that is paid twice and one that waits, a statement with a line that
//! nobody knows, a refund, a tariff; each made on the pages, as officers make it.

use identity::UnitId;
use reqwest::StatusCode;

use super::Visitor;

const NUMBER: &str = "1017595600";

const FORMAT: &str = r#"format = "csv"
[table]
account = "1017595600"
dates = "dd/MM/yyyy"
columns = { booked_on = "day", text = "text" }
amounts = { kind = "signed", column = "amount" }
"#;

const TARIFF: &str = r#"procedure = "1.003677"
valid_from = "2025-07-01"
legal_basis = "NQ 01/2025/NQ-HĐND"
[[fees]]
code = "issue"
name = { vi = "Lệ phí", en = "Charge" }
kind = "charge"
amount = 75000
online = 50000
[[reliefs]]
ground = "poor-household"
name = { vi = "Hộ nghèo", en = "Poor household" }
legal_basis = "Đ10"
effect = { kind = "exempt" }
"#;

async fn submit(who: &Visitor, path: &str, action: &str, fields: &[(&str, &str)]) -> String {
    let page = who.page(path).await;
    let answer = who.submit(&page, action, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{action}: {}", answer.words());
    answer.location()
}

/// Enters the account on which `unit` receives; gives its path.
pub async fn account(admin: &Visitor, unit: UnitId) -> String {
    let new = "/payments/accounts/new";
    let fields = [
        ("unit", &*unit.to_string()),
        ("bin", "970436"),
        ("number", NUMBER),
        ("bank-name", "Ngân hàng Thử"),
        ("holder", "UBND PHUONG"),
        ("format", FORMAT),
    ];
    submit(admin, new, new, &fields).await
}

/// Enters a tariff.
pub async fn tariff(admin: &Visitor) {
    let new = "/payments/tariffs/new";
    submit(admin, new, new, &[("tariff", TARIFF)]).await;
}

/// What follows `mark` on a page, up to the next quotation mark or tag.
fn after(page: &str, mark: &str) -> String {
    let at = page.find(mark).unwrap_or_else(|| panic!("no {mark} on: {page}"));
    page[at..].split(['"', '<']).next().unwrap_or_default().to_owned()
}

/// Takes in a statement with a payment for a bill that was paid already and a payment of nobody; orders the first back.
pub async fn statement(accountant: &Visitor, account: &str) {
    let list = accountant.page("/payments?tab=paid").await.text();
    let bill = after(&list, "/payments/bills/");
    let reference = after(&list, "TS0");
    let file = format!("day,text,amount\n18/11/2026,{reference},75000\n18/11/2026,khong ro,12000\n");
    let path = "/payments/statements";
    let form = accountant.page(path).await.form(path);
    let id = account.rsplit('/').next().unwrap();
    let parts = [("file", "saoke.csv", "text/csv", file.as_bytes())];
    let answer = accountant.upload(&form, &[("account", id)], &parts).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    let refund = format!("{bill}/refund");
    let fields = [
        ("amount", "75000"),
        ("way", "cash"),
        ("to", "Người nộp"),
        ("why", "Nộp hai lần"),
    ];
    submit(accountant, &refund, &refund, &fields).await;
}
