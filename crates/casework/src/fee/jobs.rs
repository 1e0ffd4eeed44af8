//! What follows in a dossier from what happens to its bills, and the other way round: it runs on when its fee came, and its
//! bills are cancelled when it ends. Events come at least once; each has its effect once, under the event's own key.

use ::store::Event;
use ::store::outbox::{ConsumeError, Consumer, Delivered};
use kernel::Lang;
use payment::bill::{self, Bill};
use web::format;

use super::FeeError;
use crate::Casework;
use crate::dossier::command::{self, By, Order};
use crate::dossier::state::{Action, State};
use crate::dossier::store as dossiers;
use crate::dossier::{DossierError, DossierId};

/// Name under which the position in the outbox is kept.
pub const NAME: &str = "casework.fee";
/// What is listened to.
const KINDS: &[&str] = &[bill::PAID, "dossier.withdraw", "dossier.stop", "dossier.refuse"];
/// How often a dossier that somebody else changes at the same moment is tried at once; then the event comes again.
const TRIES: usize = 3;

/// Starts the consumer of one node.
#[must_use]
pub fn start(house: &Casework) -> Consumer {
    let house = house.clone();
    house.clone().store().consume(NAME, KINDS, move |events| {
        let house = house.clone();
        async move { deliver(&house, &events).await }
    })
}

/// Does what follows from each event, in their order.
async fn deliver(house: &Casework, events: &[Delivered]) -> Result<(), ConsumeError> {
    for delivered in events {
        handle(house, &delivered.event).await.map_err(ConsumeError::new)?;
    }
    Ok(())
}

/// Does what follows from one event.
///
/// # Errors
/// When the store fails, or the dossier changes under it again and again: then the event comes again.
pub(crate) async fn handle(house: &Casework, event: &Event) -> Result<(), FeeError> {
    let id = DossierId::from_uuid(event.subject);
    if event.kind != bill::PAID {
        return close(house, event, id).await;
    }
    for _ in 0..TRIES {
        match run_on(house, event, id).await {
            Err(FeeError::Dossier(DossierError::Stale { .. })) => {}
            // A bill of something else than a dossier is none of our business.
            Err(FeeError::Dossier(DossierError::NotFound)) => return Ok(()),
            other => return other,
        }
    }
    Err(DossierError::TooMany("changes at one moment").into())
}

/// Lets a dossier run on when nothing is owed for it any more.
async fn run_on(house: &Casework, event: &Event, id: DossierId) -> Result<(), FeeError> {
    let (dossier, bills) = house
        .store()
        .read(move |tx| Ok::<_, FeeError>((dossiers::find(tx, id)?, bill::of_subject(tx, id.uuid())?)))
        .await?;
    let owes = bills.iter().any(|bill| !bill.waiting().is_zero());
    if owes || dossier.state != State::AwaitingFee {
        return Ok(());
    }
    let mut order = Order::new(event.id, &dossier, Action::ConfirmFee, house.way_of(&dossier).await?);
    order.note = note(&bills);
    let name = web::text(Lang::Vi, "fee-program");
    let by = By::program(name, (dossier.unit, dossier.unit_name.clone()));
    let command = command::prepare(order, by, house.world().as_ref(), &house.keys());
    let calendar = house.calendar().clone();
    house
        .store()
        .write(move |tx| command::perform(tx, &command, &calendar))
        .await?;
    Ok(())
}

/// What the history says: how much came, under which references.
fn note(bills: &[Bill]) -> String {
    let paid: Vec<&Bill> = bills.iter().filter(|bill| bill.paid_at.is_some()).collect();
    let amount: kernel::Dong = paid.iter().map(|bill| bill.amount).sum();
    let references: Vec<String> = paid.iter().map(|bill| bill.reference.to_string()).collect();
    web::text_with(
        Lang::Vi,
        "fee-came-note",
        &[
            ("amount", format::dong(Lang::Vi, amount).into()),
            ("references", references.join(", ").into()),
        ],
    )
}

/// Cancels the bills of a dossier that ended; what came for them is then listed to go back.
async fn close(house: &Casework, event: &Event, id: DossierId) -> Result<(), FeeError> {
    let name = web::text(Lang::Vi, "fee-program");
    let why = web::text(Lang::Vi, "fee-dossier-ended");
    let bills = house.store().read(move |tx| bill::of_subject(tx, id.uuid())).await?;
    for bill in bills.iter().filter(|bill| !bill.waiting().is_zero()) {
        let sealed = bill::seal_why(house.identity(), bill.id, &why);
        let (bill, name, now) = (bill.id, name.clone(), event.at);
        let done = house
            .store()
            .write(move |tx| bill::cancel(tx, bill, &name, &sealed, now))
            .await;
        match done {
            // It was paid or cancelled meanwhile.
            Ok(_) | Err(payment::PaymentError::BillEnded) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
