//! Dossiers that their applicants took back at the portal: each is taken back here by the rules of dossiers, as if she had done it on her
//! own page; where the rules forbid it the portal is told why, and shows our state again.
//! Refuses to decide by itself whether a dossier may still be withdrawn: casework says so.
//! Law: NĐ 118/2025/NĐ-CP (withdrawal before the decision).

use casework::dossier::command::{self, By, Order};
use casework::dossier::state::{Action, Capacity};
use casework::dossier::{Dossier, DossierError};
use identity::AccountId;
use kernel::{ErrorKind, Fault as _, Lang, SignedDuration};
use uuid::Uuid;

use crate::Exchange;
use crate::arrival::key_of;
use crate::error::ExchangeError;
use crate::link::{Link, TakenBack, store as links};
use crate::machine::Kind;
use crate::transfer::hear;

/// Withdrawals decided in one round.
const DECIDED: i64 = 50;
/// Shortest pause before one that could not be decided is tried again.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Longest.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(30);

impl Exchange {
    /// Decides what was taken back at the portal. Says how many were decided. One that cannot be decided keeps nobody else waiting,
    /// and neither the rest of the round.
    pub(crate) async fn take_back(&self) -> Result<u64, ExchangeError> {
        let now = self.now();
        let waiting = self.store().read(move |tx| links::taken_back(tx, now, DECIDED)).await?;
        let mut decided = 0;
        for link in waiting {
            match self.decide(&link).await {
                Ok(is_decided) => decided += u64::from(is_decided),
                Err(error) => {
                    tracing::warn!(dossier = %link.dossier, %error, "a withdrawal at the portal could not be decided; tried again");
                    self.put_off(&link).await?;
                }
            }
        }
        Ok(decided)
    }

    /// The next try comes after as long as it has waited until now: the pause doubles within its bounds.
    async fn put_off(&self, link: &Link) -> Result<(), ExchangeError> {
        let (dossier, now) = (link.dossier, self.now());
        let waited = link.taken_back_at.map_or(PAUSE, |at| now.since(at));
        let next = now + waited.clamp(PAUSE, PAUSE_MAX);
        self.store()
            .write(move |tx| links::decide_at(tx, dossier, next))
            .await?;
        Ok(())
    }

    /// Whether it was decided; otherwise it is tried again.
    async fn decide(&self, link: &Link) -> Result<bool, ExchangeError> {
        let answer = match self.casework().dossier(link.dossier).await {
            Ok(dossier) => {
                let is_decided = dossier.decided_at.is_some() || dossier.state.is_final();
                let no = if is_decided {
                    TakenBack::Decided
                } else {
                    TakenBack::Step
                };
                self.withdraw(link, dossier).await.map_err(|error| (error, no))
            }
            Err(error) => Err((error, TakenBack::Gone)),
        };
        let answer = match answer {
            Ok(()) => TakenBack::Done,
            Err((error, no)) if is_a_no(&error) => no,
            // Somebody else changed it at this moment: the next round tries again.
            Err((DossierError::Stale { .. }, _)) => return Ok(false),
            Err((error, _)) => return Err(error.into()),
        };
        let (dossier, key, now) = (link.dossier, self.id(), self.now());
        self.store()
            .write(move |tx| {
                let Some(mut link) = links::find(tx, dossier)?.filter(|link| link.taken_back_at.is_some()) else {
                    return Ok::<_, ExchangeError>(());
                };
                link.taken_back_at = None;
                link.taken_back_answer = Some(answer);
                if answer != TakenBack::Done {
                    hear::mend_for(tx, &mut link, (Kind::Mend, Some(answer)), key, now)?;
                }
                links::save(tx, &link, None)?;
                Ok(())
            })
            .await?;
        Ok(true)
    }

    /// What her own page does when she presses the button.
    async fn withdraw(&self, link: &Link, dossier: Dossier) -> Result<(), DossierError> {
        let house = self.casework();
        let at = link.taken_back_at.map_or(0, |at| at.as_micros());
        let once = key_of("exchange.withdraw", &format!("{}\n{at}", link.dossier));
        let mut order = Order::new(once, &dossier, Action::Withdraw, house.way_of(&dossier).await?);
        order.note = web::text(Lang::Vi, "exchange-withdrawn-there");
        let by = By {
            account: AccountId::from_uuid(Uuid::nil()),
            capacity: Capacity::Applicant,
            name: None,
            unit: None,
        };
        let command = command::prepare(order, by, self.world().as_ref(), &house.keys());
        let calendar = house.calendar().clone();
        self.store()
            .write(move |tx| command::perform(tx, &command, &calendar))
            .await
            .map(|_| ())
    }
}

/// Whether the rules said no, rather than that nobody could say.
fn is_a_no(error: &DossierError) -> bool {
    if matches!(error, DossierError::Stale { .. }) {
        return false;
    }
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Gone => true,
        ErrorKind::Unauthenticated
        | ErrorKind::TooLarge
        | ErrorKind::Unsupported
        | ErrorKind::TooMany { .. }
        | ErrorKind::Busy { .. }
        | ErrorKind::Unavailable
        | ErrorKind::Internal => false,
    }
}
