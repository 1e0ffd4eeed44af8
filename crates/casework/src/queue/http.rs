//! The pages of the queue: the kiosk and its paper, the display on the wall, the officer's page.
//! The display is public and shows numbers alone. The kiosk needs no sign-in, but the key that stands in the address which an
//! officer opens on it: nobody takes numbers from home.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use identity::routes::{Access, Routes, get, post};
use identity::unit::UnitKind;
use identity::{Action as Right, OfficerCaller, UnitId};
use kernel::{Bilingual, Lang};
use serde::Deserialize;
use store::Once;
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

use super::store as table;
use super::{Deed, Lane, QueueError, Ticket, TicketId, TicketState, rules, view};
use crate::Casework;
use crate::intake::walk::AtDesk;

/// Seconds after which the display asks again without scripts, and the kiosk's paper gives way to the next person.
const REFRESH_S: &str = "10";

/// Numbers on the display.
const SHOWN_MAX: i64 = 8;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let officer = Access::Action(Right::DossierSubmitFor);
    routes
        .page(get("/desk/queue", own), officer)
        .page(post("/desk/queue", act), officer)
        .page(get("/queue/{desk}/kiosk", kiosk), Access::Public)
        .page(post("/queue/{desk}/kiosk", take), Access::Public)
        .page(get("/queue/{desk}/tickets/{id}", paper), Access::Public)
        .page(get("/queue/{desk}/display", display), Access::Public)
}

/// A desk by the id in the address, and its name today.
fn desk_of(house: &Casework, id: &str) -> Result<(UnitId, Bilingual), QueueError> {
    let id: UnitId = id.parse().map_err(|_| QueueError::NoDesk)?;
    let day = house.now().local_date();
    let book = house.identity().units();
    let desk = book
        .get(id)
        .filter(|unit| unit.kind == UnitKind::Desk && unit.is_in_force(day))
        .ok_or(QueueError::NoDesk)?;
    Ok((id, desk.name_on(day).clone()))
}

/// What stands in the address of a desk's kiosk: derived from the desk, never stored.
fn kiosk_key(house: &Casework, desk: UnitId) -> String {
    let mac = house.keys().mac("queue.kiosk", desk.uuid().as_bytes());
    hex::encode(&mac[..12])
}

/// The key in an address.
#[derive(Debug, Default, Deserialize)]
struct Key {
    #[serde(default)]
    k: String,
    /// The display asks with scripts: it needs no refreshing.
    #[serde(default)]
    live: String,
}

fn check_key(house: &Casework, desk: UnitId, key: &Key) -> Result<(), QueueError> {
    if key.k == kiosk_key(house, desk) {
        Ok(())
    } else {
        Err(QueueError::NoDesk)
    }
}

async fn kiosk(State(house): State<Casework>, shell: Shell, Path(desk): Path<String>, Query(key): Query<Key>) -> Reply {
    let (desk, name) = desk_of(&house, &desk)?;
    check_key(&house, desk, &key)?;
    let body = view::kiosk(&shell, &name, &format!("/queue/{desk}/kiosk?k={}", key.k));
    Ok(Page::new(&shell, shell.text("queue-kiosk-title")).body(body))
}

async fn take(
    State(house): State<Casework>,
    Path(desk): Path<String>,
    Query(key): Query<Key>,
    submitted: Submitted,
) -> Reply<Response> {
    let (desk, _) = desk_of(&house, &desk)?;
    check_key(&house, desk, &key)?;
    let lane = submitted.text("lane").parse().unwrap_or(Lane::File);
    let (once, now) = (submitted.once, house.now());
    let ticket = Ticket {
        // The form's key is the ticket's id: pressed twice it is one number.
        id: TicketId::from_uuid(once),
        desk,
        day: now.local_date(),
        number: 0,
        lane,
        is_priority: submitted.text("first") == "yes",
        state: TicketState::Waiting,
        taken_at: now,
        called_at: None,
        last_called_at: None,
        calls: 0,
        counter: String::new(),
        officer: None,
        ended_at: None,
    };
    let id = ticket.id;
    house
        .store()
        .write(move |tx| {
            if let Once::First = tx.once("queue.take", once, now)? {
                table::give(tx, &ticket)?;
                tx.once_done("queue.take", once, "")?;
            }
            Ok::<_, QueueError>(())
        })
        .await?;
    Ok(see_other(&format!("/queue/{desk}/tickets/{id}?k={}", key.k)))
}

async fn paper(
    State(house): State<Casework>,
    shell: Shell,
    Path((desk, id)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Reply<Response> {
    let (desk, name) = desk_of(&house, &desk)?;
    check_key(&house, desk, &key)?;
    let id: TicketId = id.parse().map_err(|_| QueueError::NoTicket)?;
    let found = house
        .store()
        .read(move |tx| {
            let ticket = table::find(tx, id)?.filter(|ticket| ticket.desk == desk);
            let before = match &ticket {
                Some(ticket) => table::waiting_before(tx, ticket)?,
                None => 0,
            };
            Ok::<_, QueueError>(ticket.map(|ticket| (ticket, before)))
        })
        .await?;
    let (ticket, before) = found.ok_or(QueueError::NoTicket)?;
    let back = format!("/queue/{desk}/kiosk?k={}", key.k);
    let body = view::paper(&shell, &name, &ticket, before, &back);
    let mut response = Page::new(&shell, ticket.shown()).body(body).into_response();
    refresh(&mut response, &format!("{REFRESH_S}; url={back}"));
    Ok(response)
}

/// Tells the browser to ask again by itself: works without scripts, and is a header because the page stays the same.
fn refresh(response: &mut Response, how: &str) {
    if let Ok(value) = HeaderValue::from_str(how) {
        response.headers_mut().insert(header::REFRESH, value);
    }
}

async fn display(
    State(house): State<Casework>,
    shell: Shell,
    Path(desk): Path<String>,
    Query(key): Query<Key>,
) -> Reply<Response> {
    let (desk, name) = desk_of(&house, &desk)?;
    let day = house.now().local_date();
    let (called, waiting) = house
        .store()
        .read(move |tx| {
            let mut called = table::called(tx, desk, day, SHOWN_MAX)?;
            called.retain(|ticket| ticket.state == TicketState::Called);
            let all = table::of_day(tx, desk, day)?;
            let waiting = all.iter().filter(|ticket| ticket.state == TicketState::Waiting).count();
            Ok::<_, QueueError>((called, waiting))
        })
        .await?;
    let body = view::display(&shell, &name, &called, waiting);
    let mut response = Page::new(&shell, shell.text("queue-display-title"))
        .wide()
        .body(body)
        .into_response();
    if key.live.is_empty() {
        refresh(&mut response, REFRESH_S);
    }
    Ok(response)
}

/// What was just done, and the counter that was typed.
#[derive(Debug, Default, Deserialize)]
struct Done {
    #[serde(default)]
    said: String,
}

async fn own(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Query(done): Query<Done>) -> Reply {
    let at = AtDesk::of(&house, officer)?;
    let (desk, day, account) = (at.desk, at.day, at.officer.account());
    let (tickets, serving, counter) = house
        .store()
        .read(move |tx| {
            let tickets = table::of_day(tx, desk, day)?;
            let serving = table::served_by(tx, account, day)?;
            Ok::<_, QueueError>((tickets, serving, table::counter_of(tx, account, day)?))
        })
        .await?;
    let kiosk = format!("/queue/{desk}/kiosk?k={}", kiosk_key(&house, desk));
    let page = view::Own {
        desk,
        desk_name: &at.desk_name,
        tickets: &tickets,
        serving: serving.as_ref().filter(|ticket| ticket.desk == desk),
        counter: counter.unwrap_or_else(|| "1".to_owned()),
        figures: rules::figures(&tickets),
        kiosk,
        nobody: done.said == "empty",
        now: house.now(),
    };
    Ok(Page::new(&shell, shell.text("queue-title"))
        .wide()
        .body(view::own(&shell, &page)))
}

async fn act(State(house): State<Casework>, officer: OfficerCaller, submitted: Submitted) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let deed: Deed = submitted.text("do").parse().map_err(|_| Failure::not_found())?;
    let by = table::Caller {
        desk: at.desk,
        day: at.day,
        officer: at.officer.account(),
        counter: submitted.text("counter").trim().chars().take(20).collect(),
    };
    let ticket: Option<TicketId> = submitted.text("ticket").parse().ok();
    let (once, now) = (submitted.once, house.now());
    let done = house
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("queue.act", once, now)? {
                return Ok(());
            }
            match deed {
                Deed::Next => table::call_next(tx, &by, now)?,
                _ => table::act(tx, &by, ticket.ok_or(QueueError::NoTicket)?, deed, now)?,
            };
            tx.once_done("queue.act", once, "")?;
            Ok::<_, QueueError>(())
        })
        .await;
    match done {
        Ok(()) => Ok(see_other("/desk/queue")),
        Err(QueueError::Empty) => Ok(see_other("/desk/queue?said=empty")),
        Err(error) => Err(error.into()),
    }
}

/// The words that are called out, in the language of the desk: Vietnamese.
pub(super) fn call_words(ticket: &Ticket) -> String {
    // Digits are said one by one, so that 12 and 20 are not mistaken across a hall.
    let spelled: String = ticket.shown().chars().map(|letter| format!("{letter} ")).collect();
    web::text_with(
        Lang::Vi,
        "queue-call",
        &[
            ("number", spelled.trim().to_owned().into()),
            ("counter", ticket.counter.clone().into()),
        ],
    )
}
