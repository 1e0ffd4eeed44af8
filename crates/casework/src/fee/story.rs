//! The bill of a made-up dossier, and how it is paid: the demonstration shows what a real one does.
//! It refuses to invent a tariff: the amount is the catalogue's, or a round one where it names none. A reduction says that it is
//! made up.

use ::store::Tx;
use kernel::{Bilingual, Dong, Lang, Timestamp};
use payment::PaymentError;
use payment::account::PayAccountId;
use payment::bill::{self, Bill, BillLine, Draft, NewBill};
use payment::past::Cashier;
use payment::reconcile::{BillId, BillReference};

use crate::Casework;
use crate::dossier::store as dossiers;
use crate::dossier::submit::Place;
use crate::dossier::{DossierError, DossierId, mask_name};
use crate::procedure::{Channel, Procedure};
use identity::{AccountId, PersonRef};

/// What is asked where the catalogue names no amount.
const ROUND: Dong = Dong::new(50_000);

/// A bill that is issued with the dossier's last step.
pub(crate) struct StoryBill {
    new: NewBill,
    blank: Bill,
    by: payment::By,
    /// Who pays, as the bank would say.
    payer: String,
    /// When and how it is paid; none while it waits.
    paid: Option<(Timestamp, Pays)>,
}

/// How a bill is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pays {
    /// In cash at a desk.
    Cash(Cashier),
    /// By a transfer to the account that receives.
    Transfer,
}

/// Money that is to come for a bill that was issued.
#[derive(Debug, Clone)]
pub(crate) struct Coming {
    pub(crate) at: Timestamp,
    pub(crate) how: Pays,
    pub(crate) bill: BillId,
    pub(crate) reference: BillReference,
    pub(crate) account: Option<PayAccountId>,
    pub(crate) amount: Dong,
    pub(crate) payer: String,
}

/// Who pays, and who asks.
pub(crate) struct Between<'a> {
    pub(crate) person: PersonRef,
    pub(crate) name: &'a str,
    pub(crate) officer: (AccountId, &'a str),
}

impl StoryBill {
    /// Mints the bill of `dossier`, issued at `at`.
    pub(crate) fn of(
        house: &Casework,
        dossier: DossierId,
        procedure: &Procedure,
        place: &Place,
        between: &Between<'_>,
        (at, is_reduced): (Timestamp, bool),
    ) -> Option<Self> {
        let amount = procedure.main_channel().and_then(Channel::single_fee);
        let amount = amount.filter(|amount| !amount.is_zero()).unwrap_or(ROUND);
        let name = Bilingual::vi(web::text(Lang::Vi, "fee-own-title"));
        let draft = Draft {
            subject: dossier.uuid(),
            subject_code: String::new(),
            about: procedure.title().vi.clone(),
            unit: place.unit,
            unit_name: place.unit_name.clone(),
            desk: place.desk,
            person: Some(between.person),
            payer: between.name.to_owned(),
            payer_mask: mask_name(between.name),
            lines: vec![line(
                BillLine::plain(name, amount, procedure.decision.clone()),
                is_reduced,
            )],
        };
        let by = payment::By {
            account: between.officer.0,
            name: between.officer.1.to_owned(),
        };
        let once = kernel::id::uuid_v7(house.world().as_ref());
        let prepared = NewBill::prepare(once, draft, &by, &house.settings().payment, house.identity());
        let (new, mut blank) = prepared.ok()?;
        blank.issued_at = at;
        Some(Self {
            new,
            blank,
            by,
            payer: between.name.to_owned(),
            paid: None,
        })
    }

    /// The same, paid.
    pub(crate) fn paid(mut self, at: Timestamp, how: Pays) -> Self {
        self.paid = Some((at, how));
        self
    }

    /// Issues it, once the dossier has its code; gives the money that is to come for it.
    pub(crate) fn issue(&self, tx: &mut Tx, dossier: DossierId) -> Result<Option<Coming>, DossierError> {
        let code = dossiers::find(tx, dossier)?.code;
        let blank = Bill {
            subject_code: code.to_string(),
            ..self.blank.clone()
        };
        match bill::issue(tx, &self.new, &blank, &self.by) {
            Ok(bill) => Ok(self.paid.clone().map(|(at, how)| Coming {
                at,
                how,
                bill: bill.id,
                reference: bill.reference,
                account: bill.account,
                amount: bill.amount,
                payer: self.payer.clone(),
            })),
            Err(PaymentError::Store(error)) => Err(error.into()),
            Err(other) => Err(DossierError::Damaged(other.to_string())),
        }
    }
}

/// Half of it where a ground lowers it: the law leaves grounds to each province, so that this one is made up and says so.
fn line(whole: BillLine, is_reduced: bool) -> BillLine {
    if !is_reduced || whole.due.get() < 2_000 {
        return whole;
    }
    // Whole thousands, as tariffs round.
    let due = Dong::new(whole.due.get() / 2_000 * 1_000);
    let ground = Bilingual::new("Giảm 50% cho hộ nghèo (giả lập)", "Half for poor households (made up)");
    let basis = "Quy định giả lập cho bản trình diễn".to_owned();
    BillLine {
        due,
        reliefs: vec![(ground, basis)],
        ..whole
    }
}
