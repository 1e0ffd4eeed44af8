//! For the tests of this crate: a house on either engine, an account, bills, and statements as a bank would write them.

use std::sync::Arc;

use identity::{AccountId, Identity, IdentityConfig, UnitId};
use kernel::{Bilingual, Date, Dong, Timestamp, World};
use testkit::{ManualWorld, TestStore};

use crate::account::{self, FORMAT_USUAL, PayAccount, PayAccountId};
use crate::bill::{self, Bill, BillLine, Draft, NewBill};
use crate::import::{Batch, Import, Taken, store as lines, take_in};
use crate::reconcile::BillId;
use crate::statement::{Direction, Line, Statement};
use crate::{By, PaymentError, Payments, Settings};

pub(crate) const MIGRATIONS: &[store::MigrationSet] = &[store::MIGRATIONS, identity::MIGRATIONS, crate::MIGRATIONS];

pub(crate) const NUMBER: &str = "1017595600";

pub(crate) struct House {
    pub(crate) payments: Payments,
    pub(crate) world: Arc<ManualWorld>,
    pub(crate) account: PayAccount,
    pub(crate) unit: UnitId,
    pub(crate) desk: UnitId,
    pub(crate) by: By,
}

pub(crate) fn day(day: i8) -> Date {
    jiff::civil::date(2026, 11, day)
}

/// A booking.
pub(crate) fn line(on: Date, amount: i64, text: &str, reference: &str) -> Line {
    Line {
        number: 1,
        booked_on: on,
        amount: Dong::new(amount.abs()),
        direction: if amount < 0 { Direction::Out } else { Direction::In },
        counterparty: Some("TRAN THI HOA".to_owned()),
        text: text.to_owned(),
        bank_reference: (!reference.is_empty()).then(|| reference.to_owned()),
    }
}

/// A statement of whole days.
pub(crate) fn statement(lines: Vec<Line>) -> Statement {
    let days = || lines.iter().map(|line| line.booked_on);
    Statement {
        account: NUMBER.to_owned(),
        from: days().min().unwrap_or(day(18)),
        to: days().max().unwrap_or(day(18)),
        opening: None,
        closing: None,
        lines,
        doubled: Vec::new(),
    }
}

impl House {
    pub(crate) async fn on(test: &TestStore) -> Self {
        let (store, world) = (test.store().clone(), test.world().clone());
        let config = IdentityConfig {
            origin: "http://127.0.0.1:8080".to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers: Vec::new(),
        };
        let identity = Identity::open(store, world.clone(), config)
            .await
            .expect("identity opens");
        let payments = Payments::new(&identity, Settings::default());
        let by = By {
            account: AccountId::new(world.as_ref()),
            name: "Đỗ Thị Thu".to_owned(),
        };
        let unit = UnitId::new(world.as_ref());
        let account = PayAccount {
            id: PayAccountId::new(world.as_ref()),
            unit,
            bank_bin: "970436".parse().expect("a BIN"),
            bank_name: "Ngân hàng Thử".to_owned(),
            number: NUMBER.parse().expect("a number"),
            holder: "UBND PHUONG THANH SEN".to_owned(),
            statement_format: FORMAT_USUAL.to_owned(),
            notice_key: 1,
            opened_at: world.now(),
            closed_at: None,
            revision: 1,
        };
        let written = account.clone();
        let done = payments
            .store()
            .write(move |tx| account::store::insert(tx, &written))
            .await;
        done.expect("the account is entered");
        let desk = UnitId::new(world.as_ref());
        Self {
            payments,
            world,
            account,
            unit,
            desk,
            by,
        }
    }

    pub(crate) fn id(&self) -> uuid::Uuid {
        kernel::id::uuid_v7(self.world.as_ref())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn draft(&self, amount: i64) -> Draft {
        Draft {
            subject: self.id(),
            subject_code: "H27.15-261118-0001".to_owned(),
            about: "Đăng ký khai sinh".to_owned(),
            unit: self.unit,
            unit_name: "UBND phường Thành Sen".to_owned(),
            desk: self.desk,
            person: None,
            payer: "Trần Thị Hoa".to_owned(),
            payer_mask: "Trần T. H.".to_owned(),
            lines: vec![BillLine::plain(
                Bilingual::vi("Lệ phí"),
                Dong::new(amount),
                "NQ 01/2025/NQ-HĐND",
            )],
        }
    }

    pub(crate) fn prepare(&self, once: uuid::Uuid, amount: i64) -> Result<(NewBill, Bill), PaymentError> {
        let identity = self.payments.identity();
        NewBill::prepare(once, self.draft(amount), &self.by, self.payments.settings(), identity)
    }

    pub(crate) async fn issue(&self, once: uuid::Uuid, amount: i64) -> Bill {
        let (new, blank) = self.prepare(once, amount).expect("a bill over more than nothing");
        let by = self.by.clone();
        let done = self
            .payments
            .store()
            .write(move |tx| bill::issue(tx, &new, &blank, &by))
            .await;
        done.expect("the bill is issued")
    }

    pub(crate) async fn bill(&self, amount: i64) -> Bill {
        self.issue(self.id(), amount).await
    }

    pub(crate) async fn find(&self, id: BillId) -> Bill {
        let found = self.payments.store().read(move |tx| bill::find(tx, id)).await;
        found.expect("the bill is there")
    }

    /// Takes a file in: its bytes are stood for by `file`.
    pub(crate) async fn import(&self, file: u8, statement: Statement) -> Result<Taken, PaymentError> {
        self.import_as(file, statement, Vec::new()).await
    }

    pub(crate) async fn import_as(
        &self,
        file: u8,
        statement: Statement,
        rules: Vec<crate::reconcile::ExplanationRule>,
    ) -> Result<Taken, PaymentError> {
        let by = (self.by.account, self.by.name.clone());
        let read = (vec![statement], [file; 32], by);
        let batch = Batch::of_file(&self.payments, self.id(), self.account.clone(), rules, read)?;
        self.payments.store().write(move |tx| take_in(tx, &batch)).await
    }

    pub(crate) async fn import_row(&self, taken: &Taken) -> Import {
        let id = taken.import.expect("a file was taken in");
        let found = self.payments.store().read(move |tx| lines::import(tx, id)).await;
        found.expect("the import is there")
    }

    /// The events of a kind about a subject.
    pub(crate) async fn events(&self, subject: uuid::Uuid, kind: &'static str) -> usize {
        let events = self.payments.store().read(move |tx| tx.events_of(subject, 100)).await;
        let events = events.expect("the events are read");
        events.iter().filter(|event| event.kind == kind).count()
    }

    /// What `tinhso verify` would find.
    pub(crate) async fn check(&self) {
        for check in crate::checks() {
            let found = self.payments.store().read(move |tx| {
                let mut findings = store::verify::Findings::default();
                check.run(tx, &mut findings)?;
                Ok::<_, store::StoreError>(findings)
            });
            let found = found.await.expect("the check runs");
            assert_eq!(found.problems_total, 0, "{:?}", found.problems);
        }
    }
}
