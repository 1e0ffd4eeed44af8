//! Pages of doubles: the list of pairs, two records side by side and masked, joining them, parting them again.
//! Opening both is a recorded use of both, also though the page shows them masked; each decision is one more.

use super::view::{self, Opened};
use super::{Decision, Double, LinkId, Pair, PairState, store as table};
use crate::Identity;
use crate::person::{PersonError, PersonRef, guardians};
use crate::policy::{Action, Allowed};
use crate::purpose::Purpose;
use crate::routes::{Access, Routes, get, post};
use crate::session::Caller;
use crate::session::http::with_notice;
use ::store::Once;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use kernel::Timestamp;
use web::form::{Errors, Form, Values};
use web::table::TableQuery;
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

/// Registers the pages.
#[must_use]
pub fn routes(identity: &Identity) -> Routes<Identity> {
    let access = Access::Action(Action::PersonMerge);
    Routes::new(identity)
        .page(get("/admin/people/doubles", list), access)
        .page(get("/admin/people/doubles/{one}/{other}", one), access)
        .page(post("/admin/people/doubles/{one}/{other}", decide), access)
        .page(post("/admin/people/doubles/{one}/{other}/part", part), access)
}

fn key(double: &Double) -> String {
    let Pair { one, other } = double.pair;
    format!("{}_{one}_{other}", double.found_at.as_micros())
}

fn after(key: &str) -> Option<(Timestamp, PersonRef, PersonRef)> {
    let mut parts = key.split('_');
    let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
    Some((at, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

async fn list(State(identity): State<Identity>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    identity.require_system(&caller, Action::PersonMerge)?;
    let state = PairState::from_name(query.filter("state")).unwrap_or(PairState::Open);
    let from = query.after_key().and_then(after);
    let nil = PersonRef::from_uuid(uuid::Uuid::nil());
    let start = from.unwrap_or((Timestamp::MIN, nil, nil));
    let rows = identity
        .store()
        .read(move |tx| table::page(tx, state, start))
        .await
        .map_err(PersonError::Store)?;
    let full = i64::try_from(rows.len()).is_ok_and(|len| len == table::PAGE);
    let next = full.then(|| rows.last().map(key)).flatten();
    let body = view::list(&shell, state, &query, &rows, next, from.is_some());
    Ok(Page::new(&shell, shell.text("double-title"))
        .crumbs(view::crumbs(&shell))
        .body(body))
}

fn pair_of(one: &str, other: &str) -> Result<Pair, Failure> {
    let id = |text: &str| text.parse::<PersonRef>().map_err(|_| Failure::not_found());
    Ok(Pair::of(id(one)?, id(other)?))
}

fn purpose(caller: &Caller, allowed: &Allowed, pair: Pair, about: &'static str) -> Purpose {
    Purpose::for_task(caller, pair.one.uuid(), allowed).about(about)
}

async fn open(identity: &Identity, caller: &Caller, allowed: &Allowed, pair: Pair) -> Result<Opened, Failure> {
    let found = identity
        .store()
        .read(move |tx| {
            let Some(double) = table::find(tx, pair)? else {
                return Ok(None);
            };
            let one = crate::person::record(tx, pair.one)?.ok_or(PersonError::NoPerson)?;
            let other = crate::person::record(tx, pair.other)?.ok_or(PersonError::NoPerson)?;
            let guards = [guardians(tx, pair.one)?, guardians(tx, pair.other)?];
            Ok::<_, PersonError>(Some((double, one, other, guards, table::link_of(tx, pair)?)))
        })
        .await?;
    let (double, one, other, guards, link) = found.ok_or_else(Failure::not_found)?;
    let purpose = purpose(caller, allowed, pair, "person.compare");
    identity
        .record_use(&purpose, &[pair.one, pair.other])
        .await
        .map_err(PersonError::Store)?;
    let keys = identity.keys();
    let details = [
        crate::person::open(&keys, &purpose, &one)?,
        crate::person::open(&keys, &purpose, &other)?,
    ];
    Ok(Opened {
        double,
        details,
        created: [one.created_at, other.created_at],
        guards,
        link,
    })
}

fn page(shell: &Shell, opened: &Opened, values: &Values, errors: &Errors) -> Page {
    Page::new(shell, shell.text("double-one-title"))
        .crumbs(view::crumbs_to_list(shell))
        .errors(errors)
        .body(view::one(shell, opened, values, errors))
}

async fn one(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path((one, other)): Path<(String, String)>,
) -> Reply {
    let allowed = identity.require_system(&caller, Action::PersonMerge)?;
    let opened = open(&identity, &caller, &allowed, pair_of(&one, &other)?).await?;
    Ok(page(&shell, &opened, &view::beginning(&opened), &Errors::none()))
}

/// A decision about a pair: who may make it, and what the form said.
struct Asked {
    allowed: Allowed,
    pair: Pair,
    values: Values,
    typed: Values,
}

impl Asked {
    fn decision(&self) -> Decision {
        Decision {
            reason: self.values.text("reason").to_owned(),
            by: self.allowed.account(),
        }
    }
}

/// Reads the form that was posted about a pair, or gives the page with what is wrong in it.
async fn asked(
    identity: &Identity,
    shell: &Shell,
    caller: &Caller,
    (one, other): (&str, &str),
    (form, submitted): (fn(Pair) -> Form, &Submitted),
) -> Result<Result<Asked, Page>, Failure> {
    let allowed = identity.require_system(caller, Action::PersonMerge)?;
    let pair = pair_of(one, other)?;
    let form = form(pair);
    let typed = form.typed(submitted);
    match form.parse(submitted) {
        Ok(values) => Ok(Ok(Asked {
            allowed,
            pair,
            values,
            typed,
        })),
        Err(errors) => {
            let opened = open(identity, caller, &allowed, pair).await?;
            Ok(Err(page(shell, &opened, &typed, &errors)))
        }
    }
}

async fn decide(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path((one, other)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let form = (view::decision_form as fn(Pair) -> Form, &submitted);
    let asked = match asked(&identity, &shell, &caller, (&one, &other), form).await? {
        Ok(asked) => asked,
        Err(page) => return Ok(page.into_response()),
    };
    let (pair, decision) = (asked.pair, asked.decision());
    let keep = match asked.values.text("decision") {
        "keep-one" => Some(pair.one),
        "keep-other" => Some(pair.other),
        _ => None,
    };
    let purpose = purpose(&caller, &asked.allowed, pair, "person.merge");
    let (now, once, link) = (identity.now(), submitted.once, LinkId::new(identity.world().as_ref()));
    let done = identity
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("person.double", once, now)? {
                return Ok(());
            }
            match keep {
                Some(keep) => {
                    table::join(tx, link, pair, keep, &decision, now)?;
                    crate::useof::record(tx, &purpose, &[pair.one, pair.other], now)?;
                }
                None => table::apart(tx, pair, &decision, now)?,
            }
            tx.once_done("person.double", once, "")?;
            Ok::<(), PersonError>(())
        })
        .await;
    match done {
        Ok(()) => Ok(with_notice(see_other("/admin/people/doubles"), "double-notice-decided")),
        Err(error @ (PersonError::DifferentNumbers | PersonError::OneAlready | PersonError::Crowd)) => {
            let mut errors = Errors::none();
            errors.add_fault("decision", &error);
            let opened = open(&identity, &caller, &asked.allowed, pair).await?;
            Ok(page(&shell, &opened, &asked.typed, &errors).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn part(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path((one, other)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let form = (view::part_form as fn(Pair) -> Form, &submitted);
    let asked = match asked(&identity, &shell, &caller, (&one, &other), form).await? {
        Ok(asked) => asked,
        Err(page) => return Ok(page.into_response()),
    };
    let (pair, decision) = (asked.pair, asked.decision());
    let purpose = purpose(&caller, &asked.allowed, pair, "person.unmerge");
    let (now, once) = (identity.now(), submitted.once);
    identity
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("person.double-part", once, now)? {
                return Ok(());
            }
            let link = table::link_of(tx, pair)?.ok_or(PersonError::NoLink)?;
            table::part(tx, link.id, &decision, now)?;
            crate::useof::record(tx, &purpose, &[pair.one, pair.other], now)?;
            tx.once_done("person.double-part", once, "")?;
            Ok::<(), PersonError>(())
        })
        .await?;
    Ok(with_notice(see_other("/admin/people/doubles"), "double-notice-parted"))
}
