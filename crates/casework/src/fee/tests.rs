//! The ways of a dossier's fee through the real router, on both engines: paid by transfer, by a bank's notice, in cash; short
//! by one đồng; nothing to pay; a dossier that ends while its bill waits. And what a dossier costs, as a table.

mod till;

use std::time::Duration;

use identity::Role;
use identity::session::Level;
use identity::unit::{Change, ChangeKind, UnitChangeId};
use kernel::{Date, Dong};
use payment::tariff::{Channel, Tariff};
use uuid::Uuid;

use super::jobs;
use super::rules::{Proposal, by_tariff, propose};
use crate::dossier::Content;
use crate::procedure::Procedure;
use crate::procedure::import::{Extent, import};
use crate::testing::{Answer, Browser, CATALOGUE, MIGRATIONS, Province, hidden};

const COPIES: &str = "2.000815";
const ACCOUNT: &str = "1017595600";

/// A procedure that costs nothing online.
const FREE: &str = r#"{"code":"1.999999","name":{"vi":"Xác nhận cư trú"},"sector":{"vi":"Cư trú"},"tiers":["commune"],"service":"full","channels":[{"kind":"online","time":"3 working_days","fees":[{"amount":0}]}],"components":[],"popularity":1,"valid_from":"2025-07-01"}
"#;

/// How the test's bank writes its statements.
const FORMAT: &str = r#"format = "csv"
[table]
account = "1017595600"
dates = "dd/MM/yyyy"
columns = { booked_on = "Ngày", text = "Nội dung", reference = "Số GD", counterparty = "Đối tác" }
amounts = { kind = "signed", column = "Số tiền" }
opening_label = "Số dư đầu"
closing_label = "Số dư cuối"
"#;

struct Cast {
    hoa: Browser,
    desk: Browser,
    specialist: Browser,
    accountant: Browser,
    admin: Browser,
}

async fn cast(province: &Province) -> Cast {
    let hoa = province.citizen("042190001234", "Trần Thị Hoa").await;
    let lan = province.officer("thilan", Role::Desk, province.desk).await;
    let minh = province.officer("minh", Role::Specialist, province.commune).await;
    let thu = province.officer("ketoan", Role::Accountant, province.commune).await;
    let dung = province.officer("quantri", Role::UnitAdmin, province.commune).await;
    Cast {
        hoa: province.browser(hoa, Level::Oidc).await,
        desk: province.browser(lan, Level::Password).await,
        specialist: province.browser(minh, Level::Password).await,
        accountant: province.browser(thu, Level::Password).await,
        admin: province.browser(dung, Level::PasswordTotp).await,
    }
}

/// Files a request for copies the short way; gives the path of the dossier for officers.
async fn file(province: &Province, hoa: &mut Browser, procedure: &str, answers: serde_json::Value) -> String {
    let body = serde_json::json!({"once": kernel::id::uuid_v7(province.world.as_ref()), "procedure": procedure,
        "agency": province.commune, "phone": "0912345678", "address": "Tổ 3", "answers": answers, "delivery": "pick-up"});
    let sent = hoa.json("/api/my/dossiers", &body).await.expect(200).body;
    let sent: serde_json::Value = serde_json::from_str(&sent).expect("JSON");
    format!("/desk/dossiers/{}", sent["id"].as_str().expect("an id"))
}

/// Posts the form of a page of officers with the revision that it shows.
async fn act(browser: &mut Browser, dossier: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("{dossier}/{action}");
    let from = if action == "claim" {
        dossier.to_owned()
    } else {
        path.clone()
    };
    let page = browser.get(&from).await.expect(200).body;
    let revision = hidden(&page, "revision");
    let all: Vec<_> = fields
        .iter()
        .copied()
        .chain([("revision", revision.as_str())])
        .collect();
    browser.post(&from, &path, &all).await
}

/// A dossier that an officer works on.
async fn in_work(province: &Province, cast: &mut Cast) -> String {
    let dossier = file(
        province,
        &mut cast.hoa,
        COPIES,
        serde_json::json!({"request": "Sao 2 bản"}),
    )
    .await;
    act(&mut cast.desk, &dossier, "receive", &[("days", "3")])
        .await
        .expect(303);
    act(&mut cast.specialist, &dossier, "claim", &[]).await.expect(303);
    dossier
}

/// Asks 50,000 đồng for it; gives the payment reference.
async fn asked(cast: &mut Cast, dossier: &str) -> String {
    let fields = [
        ("name", "Phí chứng thực"),
        ("amount", "50.000"),
        ("basis", "TT 226/2016/TT-BTC"),
    ];
    act(&mut cast.specialist, dossier, "ask-fee", &fields).await.expect(303);
    let own = cast.hoa.get(&dossier.replace("/desk/", "/my/")).await.expect(200);
    own.says("50.000 đ")
        .says("Mã VietQR")
        .says("Phí chứng thực")
        .says("TT 226/2016/TT-BTC")
        .says("dừng đồng hồ");
    let at = own.body.find(">TS").expect("a reference") + 1;
    own.body[at..at + 10].to_owned()
}

async fn account(province: &Province, cast: &mut Cast) -> String {
    let unit = province.commune.to_string();
    let fields = [
        ("unit", unit.as_str()),
        ("bin", "970436"),
        ("number", ACCOUNT),
        ("bank-name", "Ngân hàng Thử"),
        ("holder", "UBND PHUONG THANH SEN"),
        ("format", FORMAT),
    ];
    let new = "/payments/accounts/new";
    cast.admin
        .post(
            new,
            new,
            &[
                ("unit", &unit),
                ("bin", "97"),
                ("number", "1 2"),
                ("bank-name", "x"),
                ("holder", "x"),
                ("format", "="),
            ],
        )
        .await
        .expect(422)
        .says("BIN")
        .says("1 đến 19 chữ cái");
    let made = cast.admin.post(new, new, &fields).await.expect(303).location;
    cast.accountant
        .get(&made)
        .await
        .expect(200)
        .says(ACCOUNT)
        .hides("notice-key");
    cast.accountant.get(new).await.expect(403);
    made
}

/// A statement of one line, as the bank writes it.
fn statement(amount: i64, text: &str, number: &str) -> String {
    format!(
        "Số dư đầu,,,,1000000\nNgày,Số GD,Nội dung,Đối tác,Số tiền\n18/11/2026,{number},{text},TRAN THI HOA,{amount}\nSố dư cuối,,,,{}\n",
        1_000_000 + amount
    )
}

async fn upload(cast: &mut Cast, account: &str, bytes: &[u8]) -> Answer {
    let id = account.rsplit('/').next().expect("an id");
    let path = "/payments/statements";
    cast.accountant
        .upload(path, path, &[("account", id)], &[("saoke.csv", bytes)])
        .await
}

/// Waits for a condition on a page, with a bound.
async fn until(browser: &mut Browser, path: &str, words: &str) -> Answer {
    for _ in 0..200 {
        let page = browser.get(path).await.expect(200);
        if page.body.contains(words) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never says {words:?}");
}

async fn check(province: &Province) {
    for check in crate::checks().into_iter().chain(payment::checks()) {
        let found = province.house.store().read(move |tx| {
            let mut findings = store::verify::Findings::default();
            check.run(tx, &mut findings)?;
            Ok::<_, store::StoreError>(findings)
        });
        let found = found.await.expect("the check runs");
        assert_eq!(found.problems_total, 0, "{:?}", found.problems);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_pays_by_transfer_and_the_dossier_runs_on() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let account = account(&province, &mut cast).await;
        let dossier = in_work(&province, &mut cast).await;
        let own = dossier.replace("/desk/", "/my/");
        let reference = asked(&mut cast, &dossier).await;
        cast.hoa
            .get(&own)
            .await
            .expect(200)
            .says(ACCOUNT)
            .says("tự động được giải quyết tiếp");
        cast.specialist
            .get(&dossier)
            .await
            .expect(200)
            .says(&reference)
            .says("Chưa nộp");
        let consumer = jobs::start(&province.house);
        // One đồng short is short: the dossier waits on.
        let short = statement(49_999, &format!("ND {reference} nop phi"), "FT1");
        let taken = upload(&mut cast, &account, short.as_bytes()).await.expect(303).location;
        cast.accountant
            .get(&taken)
            .await
            .expect(200)
            .says("49.999 đ")
            .says("Khớp từng đồng")
            .says("Khớp với tổng");
        cast.hoa.get(&own).await.expect(200).says("còn thiếu 1 đ");
        upload(
            &mut cast,
            &account,
            statement(1, &reference.to_lowercase(), "FT2").as_bytes(),
        )
        .await
        .expect(303);
        let page = until(&mut cast.hoa, &own, "Đã nhận đủ 50.000 đ").await;
        page.says("Đã nhận đủ.")
            .says("Hệ thống thu phí")
            .hides("Mã VietQR")
            .says("/my/receipts/");
        cast.specialist
            .get(&dossier)
            .await
            .expect(200)
            .says("Đã nộp đủ")
            .hides("Chờ nộp phí");
        let at = page.body.find("/my/receipts/").expect("a receipt");
        let receipt = page.body[at..].split('"').next().expect("its address").to_owned();
        cast.hoa
            .get(&receipt)
            .await
            .expect(200)
            .says("Trần Thị Hoa")
            .says("đồng")
            .says("Biên nhận");
        let own_receipt = receipt.replace("/my/", "/payments/");
        cast.accountant.get(&own_receipt).await.expect(200).says("Trần Thị Hoa");
        // The same file again changes nothing.
        let again = upload(&mut cast, &account, short.as_bytes()).await.expect(303).location;
        cast.accountant
            .get(&again)
            .await
            .expect(200)
            .says("đã được nhập trước đây");
        consumer.stop().await;
        act(&mut cast.specialist, &dossier, "propose", &[("outcome", "granted")])
            .await
            .expect(303);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_the_bank_lets_the_dossier_run_on() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let account = account(&province, &mut cast).await;
        let dossier = in_work(&province, &mut cast).await;
        let reference = asked(&mut cast, &dossier).await;
        cast.admin
            .post(&account, &format!("{account}/notice-key"), &[("revision", "1")])
            .await
            .expect(303);
        let page = cast.admin.get(&account).await.expect(200).body;
        let at = page.find("<code class=\"hash\">").expect("the key is shown") + 19;
        let mut secret = [0; 32];
        secret.copy_from_slice(&hex::decode(&page[at..at + 64]).expect("hexadecimal"));
        cast.accountant
            .get(&account)
            .await
            .expect(200)
            .hides(&page[at..at + 64]);
        let body = format!(
            r#"{{"reference":"FT9","booked_on":"2026-11-18","amount":50000,"direction":"in","text":"{reference}"}}"#
        );
        let to = format!("/api{}/notices", account);
        let mut bank = province.stranger();
        bank.signed(&to, "", &body).await.expect(401);
        let header = payment::notice::sign(&secret, body.as_bytes(), province.house.now());
        bank.signed(&to, &header, &body.replace("50000", "60000"))
            .await
            .expect(401);
        bank.signed(&to, &header, &body)
            .await
            .expect(200)
            .says("\"again\":false");
        bank.signed(&to, &header, &body)
            .await
            .expect(200)
            .says("\"again\":true");
        let consumer = jobs::start(&province.house);
        until(&mut cast.hoa, &dossier.replace("/desk/", "/my/"), "Đã nhận đủ 50.000 đ").await;
        consumer.stop().await;
        // The statement tells the same booking: nothing is paid twice.
        upload(&mut cast, &account, statement(50_000, &reference, "FT9").as_bytes())
            .await
            .expect(303);
        cast.accountant
            .get("/payments/reconciliation")
            .await
            .expect(200)
            .says("Không có khoản nào chờ xem xét");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_takes_the_fee_in_cash_and_closes_its_till() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let dossier = in_work(&province, &mut cast).await;
        let fields = [
            ("name", "Phí chứng thực"),
            ("amount", "8000"),
            ("basis", "TT 226/2016/TT-BTC"),
        ];
        act(&mut cast.specialist, &dossier, "ask-fee", &fields)
            .await
            .expect(303);
        let own = dossier.replace("/desk/", "/my/");
        cast.hoa
            .get(&own)
            .await
            .expect(200)
            .says("nộp tiền mặt")
            .hides("Mã VietQR");
        cast.specialist.get(&format!("{dossier}/confirm-fee")).await.expect(403);
        act(&mut cast.desk, &dossier, "confirm-fee", &[]).await.expect(303);
        cast.hoa
            .get(&own)
            .await
            .expect(200)
            .says("Đã nhận đủ.")
            .says("Nguyễn Văn thilan");
        let tills = cast.desk.get("/payments/till").await.expect(200).body;
        let at = tills.find("/payments/till/").expect("a till");
        let till = tills[at..].split('"').next().expect("its address").to_owned();
        cast.desk.get(&till).await.expect(200).says("8.000 đ");
        let close = format!("{till}/close");
        let short = [("counted", "7000"), ("handed-over", "7000")];
        cast.desk
            .post(&till, &close, &short)
            .await
            .expect(422)
            .says("Chênh lệch");
        cast.accountant.post(&till, &close, &short).await.expect(403);
        let told = [
            ("counted", "7000"),
            ("handed-over", "7000"),
            ("why", "Trả lại nhầm 1.000"),
        ];
        cast.desk.post(&till, &close, &told).await.expect(303);
        cast.accountant
            .get(&till)
            .await
            .expect(200)
            .says("Trả lại nhầm 1.000")
            .says("Nguyễn Văn thilan");
        let page = cast.desk.get(&till).await.expect(200);
        page.hides("/close");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_free_asks_nothing_and_makes_no_bill() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let (store, world) = (province.house.store(), province.world.as_ref());
        let report = import(store, world, FREE.as_bytes(), Extent::Partial, |_| {}).await;
        assert_eq!(report.expect("imported").faults, vec![]);
        let dossier = file(
            &province,
            &mut cast.hoa,
            "1.999999",
            serde_json::json!({"request": "Xin xác nhận"}),
        )
        .await;
        act(&mut cast.desk, &dossier, "receive", &[]).await.expect(303);
        act(&mut cast.specialist, &dossier, "claim", &[]).await.expect(303);
        let ask = format!("{dossier}/ask-fee");
        cast.specialist
            .get(&ask)
            .await
            .expect(200)
            .says("Không phải nộp phí, lệ phí")
            .hides("name=\"amount\"");
        let page = cast.specialist.get(&dossier).await.expect(200).body;
        cast.specialist
            .post_with(
                &ask,
                &hidden(&page, "_csrf"),
                &Uuid::from_u128(5).to_string(),
                &[("amount", "9000"), ("name", "x"), ("basis", "x")],
            )
            .await
            .expect(422);
        cast.hoa
            .get(&dossier.replace("/desk/", "/my/"))
            .await
            .expect(200)
            .hides("VietQR")
            .hides("Chờ nộp phí");
        cast.accountant
            .get("/payments")
            .await
            .expect(200)
            .says("Không có khoản nào");
        // An amount of nothing that an officer types is none either.
        let copies = in_work(&province, &mut cast).await;
        act(
            &mut cast.specialist,
            &copies,
            "ask-fee",
            &[("name", "Phí"), ("amount", "0"), ("basis", "TT")],
        )
        .await
        .expect(422)
        .says("không lập phiếu");
        cast.specialist.get(&copies).await.expect(200).hides("Chờ nộp phí");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_that_ends_takes_its_bill_along_and_what_came_goes_back() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let account = account(&province, &mut cast).await;
        let dossier = in_work(&province, &mut cast).await;
        let reference = asked(&mut cast, &dossier).await;
        upload(&mut cast, &account, statement(20_000, &reference, "FT1").as_bytes())
            .await
            .expect(303);
        let own = dossier.replace("/desk/", "/my/");
        let page = cast.hoa.get(&own).await.expect(200).body;
        let revision = hidden(&page, "revision");
        cast.hoa
            .post(&own, &format!("{own}/withdraw"), &[("revision", &revision)])
            .await
            .expect(303);
        let consumer = jobs::start(&province.house);
        until(&mut cast.hoa, &own, "Phần thừa sẽ được hoàn trả")
            .await
            .hides("Mã VietQR");
        consumer.stop().await;
        let list = cast.accountant.get("/payments?tab=over").await.expect(200);
        list.says(&reference);
        let at = list.body.find("/payments/bills/").expect("the bill");
        let bill = list.body[at..].split('"').next().expect("its address").to_owned();
        let refund = format!("{bill}/refund");
        let much = [
            ("amount", "20001"),
            ("way", "transfer"),
            ("to", "970436 19001 TRAN THI HOA"),
            ("why", "Rút hồ sơ"),
        ];
        cast.accountant.post(&refund, &refund, &much).await.expect(422);
        let all = [
            ("amount", "20000"),
            ("way", "transfer"),
            ("to", "970436 19001 TRAN THI HOA"),
            ("why", "Rút hồ sơ"),
        ];
        let order = cast.accountant.post(&refund, &refund, &all).await.expect(303).location;
        let page = cast.accountant.get(&order).await.expect(200);
        page.says("970436 19001 TRAN THI HOA").says("Chờ duyệt");
        cast.accountant
            .post(&order, &format!("{order}/approve"), &[])
            .await
            .expect(403);
        let leader = province.officer("lanhdao", Role::Leader, province.commune).await;
        let mut leader = province.browser(leader, Level::Password).await;
        leader.get(&order).await.expect(200).says("Duyệt lệnh");
        leader.post(&order, &format!("{order}/approve"), &[]).await.expect(303);
        leader.post(&order, &format!("{order}/refuse"), &[]).await.expect(409);
        cast.accountant.get(&order).await.expect(200).says("Chờ trả");
        let at = page.body.find(">TS").expect("its reference") + 1;
        let reference = page.body[at..at + 10].to_owned();
        upload(
            &mut cast,
            &account,
            statement(-20_000, &format!("HOAN TRA {reference}"), "FT2").as_bytes(),
        )
        .await
        .expect(303);
        cast.accountant.get(&order).await.expect(200).says("Đã trả");
        cast.hoa.get(&own).await.expect(200).says("đã được hoàn trả");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_waits_for_the_accountant() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let account = account(&province, &mut cast).await;
        let dossier = in_work(&province, &mut cast).await;
        let reference = asked(&mut cast, &dossier).await;
        // A file in an old encoding is one fault that says what to do; nothing of it is kept.
        let (old, _, _) = (b"Ng\xe0y,S\xf4 GD\n18/11/2026,1\n".to_vec(), 0, 0);
        upload(&mut cast, &account, &old)
            .await
            .expect(422)
            .says("bảng mã 8 bit");
        let wrong = statement(50_000, "x", "FT0")
            .replace("18/11/2026", "31/02/2026")
            .replace("1050000", "1050001");
        upload(&mut cast, &account, wrong.as_bytes())
            .await
            .expect(422)
            .says("Dòng 3")
            .says("31/02/2026");
        upload(
            &mut cast,
            &account,
            statement(50_000, "tien phi chung thuc", "FT1").as_bytes(),
        )
        .await
        .expect(303);
        let page = cast.accountant.get("/payments/reconciliation").await.expect(200);
        page.says("Không có mã thanh toán")
            .says("50.000 đ")
            .hides("TRAN THI HOA");
        let at = page.body.find("/payments/lines/").expect("a line");
        let line = page.body[at..].split('"').next().expect("its address").to_owned();
        cast.desk.get(&line).await.expect(403);
        let shown = cast.accountant.get(&line).await.expect(200);
        shown.says("TRAN THI HOA").says("tien phi chung thuc").says(&reference);
        let (assign, part) = (format!("{line}/assign"), hidden(&shown.body, "part"));
        let unknown = [("part", part.as_str()), ("reference", "TS00000ZZZ"), ("why", "x")];
        cast.accountant.post(&line, &assign, &unknown).await.expect(422);
        let right = [
            ("part", part.as_str()),
            ("reference", reference.as_str()),
            ("why", "Người nộp báo số tiền và giờ chuyển"),
        ];
        cast.accountant.post(&line, &assign, &right).await.expect(303);
        cast.accountant
            .get(&line)
            .await
            .expect(200)
            .says("Người nộp báo")
            .says("Nguyễn Văn ketoan");
        let consumer = jobs::start(&province.house);
        until(&mut cast.hoa, &dossier.replace("/desk/", "/my/"), "Đã nhận đủ 50.000 đ").await;
        consumer.stop().await;
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_units_bills_go_on_with_its_successor() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        account(&province, &mut cast).await;
        let dossier = in_work(&province, &mut cast).await;
        let reference = asked(&mut cast, &dossier).await;
        let ha = province.officer("ketoanha", Role::Accountant, province.other).await;
        let mut ha = province.browser(ha, Level::Password).await;
        ha.get("/payments").await.expect(200).hides(&reference);
        let bill = cast.accountant.get("/payments").await.expect(200);
        let at = bill.body.find("/payments/bills/").expect("the bill");
        let bill = bill.body[at..].split('"').next().expect("its address").to_owned();
        ha.get(&bill).await.expect(404);
        let change = Change {
            id: UnitChangeId::new(province.world.as_ref()),
            kind: ChangeKind::Merge {
                units: vec![province.commune],
                into: province.other,
            },
            on: province.house.now().local_date(),
            reason: "NQ 1/2026".to_owned(),
        };
        let now = province.house.now();
        let done = province
            .house
            .store()
            .write(move |tx| identity::unit::apply(tx, &change, identity::audit::Actor::System, now))
            .await;
        done.expect("the units are merged");
        province.house.identity().refresh_units().await.expect("read");
        ha.get("/payments").await.expect(200).says(&reference);
        ha.get(&bill).await.expect(200).says(&reference).says("Hủy phiếu");
    })
    .await;
}

const TARIFF: &str = r#"
procedure = "2.000815"
valid_from = "2025-07-01"
legal_basis = "NQ 01/2025/NQ-HĐND"
[[fees]]
code = "copy"
name = { vi = "Phí chứng thực bản sao" }
kind = "fee"
amount = 2000
online = 1000
per = "copy"
[[reliefs]]
ground = "poor-household"
name = { vi = "Hộ nghèo" }
legal_basis = "Đ10"
effect = { kind = "exempt" }
"#;

#[test]
fn what_a_dossier_costs() {
    let today: Date = jiff::civil::date(2026, 11, 18);
    let tariff = || {
        toml::from_str::<Tariff>(TARIFF)
            .expect("TOML")
            .checked()
            .expect("sound")
    };
    let lines: Vec<Procedure> = CATALOGUE
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let content = Content::default();
    let of = |at: usize, channel| propose(None, None, lines.get(at), &content, channel, today);
    assert_eq!(
        of(0, Channel::Online),
        Proposal::Free,
        "the catalogue says nothing is to pay"
    );
    assert!(
        matches!(of(0, Channel::Desk), Proposal::Amount { amount: Some(amount), .. } if amount == Dong::new(8_000))
    );
    assert!(
        matches!(of(1, Channel::Desk), Proposal::Amount { amount: None, .. }),
        "no source names an amount"
    );
    assert!(matches!(of(9, Channel::Desk), Proposal::Amount { amount: None, .. }));
    let by = propose(Some(tariff()), None, lines.first(), &content, Channel::Online, today);
    assert!(matches!(by, Proposal::Tariff(_)), "a tariff wins over the catalogue");
    let due = |channel, grounds: &[&str], copies| {
        let grounds = grounds.iter().map(|ground| (*ground).to_owned()).collect();
        let lines =
            by_tariff(&tariff(), channel, grounds, [("copy".to_owned(), copies)].into(), today).expect("computed");
        lines.iter().map(|line| line.due).sum::<Dong>()
    };
    assert_eq!(due(Channel::Desk, &[], 3), Dong::new(6_000));
    assert_eq!(due(Channel::Online, &[], 3), Dong::new(3_000), "less when filed online");
    assert_eq!(due(Channel::Online, &["poor-household"], 3), Dong::ZERO, "exempt");
}

#[test]
fn a_formula_reads_what_was_answered() {
    let code = "2.000635".parse().expect("a code");
    let Some(defined) = crate::definitions::definition_of(&code) else {
        return;
    };
    let today: Date = jiff::civil::date(2026, 11, 18);
    let mut content = Content::default();
    content.answers.insert("copies".to_owned(), serde_json::json!("3"));
    let proposal = propose(None, Some(defined), None, &content, Channel::Desk, today);
    assert!(
        matches!(proposal, Proposal::Amount { amount: Some(amount), .. } if amount == Dong::new(24_000)),
        "{proposal:?}"
    );
}
