//! The bill of a made-up dossier that waits for its fee: the demonstration shows what a real one does.
//! It refuses to invent a tariff: the amount is the catalogue's, or a round one where it names none.

use ::store::Tx;
use kernel::{Bilingual, Dong, Lang, Timestamp};
use payment::PaymentError;
use payment::bill::{self, Bill, BillLine, Draft, NewBill};

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
        at: Timestamp,
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
            lines: vec![BillLine::plain(name, amount, procedure.decision.clone())],
        };
        let by = payment::By {
            account: between.officer.0,
            name: between.officer.1.to_owned(),
        };
        let once = kernel::id::uuid_v7(house.world().as_ref());
        let prepared = NewBill::prepare(once, draft, &by, &house.settings().payment, house.identity());
        let (new, mut blank) = prepared.ok()?;
        blank.issued_at = at;
        Some(Self { new, blank, by })
    }

    /// Issues it, once the dossier has its code.
    pub(crate) fn issue(&self, tx: &mut Tx, dossier: DossierId) -> Result<(), DossierError> {
        let code = dossiers::find(tx, dossier)?.code;
        let blank = Bill {
            subject_code: code.to_string(),
            ..self.blank.clone()
        };
        match bill::issue(tx, &self.new, &blank, &self.by) {
            Ok(_) => Ok(()),
            Err(PaymentError::Store(error)) => Err(error.into()),
            Err(other) => Err(DossierError::Damaged(other.to_string())),
        }
    }
}
