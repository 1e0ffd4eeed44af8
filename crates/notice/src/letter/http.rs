//! The pages of letters: what waits at one's units, one letter as it is printed, and that it was posted.
//! The list shows codes alone; a letter with its address is opened for its dossier, under a purpose.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::session::http::with_notice;
use identity::{Action, Caller, Purpose, Resource, UnitId, useof};
use maud::html;
use web::components::{self, ButtonKind, Crumb};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, Submitted, see_other};

use crate::channel::Channel;
use crate::delivery::store::{self as table, End};
use crate::delivery::{DeliveryId, Due, Reason, State as DeliveryState};
use crate::error::NoticeError;
use crate::house::Notices;
use crate::message::Contact;
use crate::template::{Rendered, Setting};

const LIST: &str = "/desk/letters";
/// A letter is handed over by whoever hands over results: decided as for a dossier that is done (code 9).
const LIKE_A_RESULT: u8 = 9;
/// Letters of one page.
const PAGE_ROWS: i64 = 100;

pub(crate) fn routes(routes: Routes<Notices>) -> Routes<Notices> {
    routes
        .page(get("/desk/letters", list), Access::Action(Action::DossierDeliver))
        .page(get("/desk/letters/{id}", one), Access::Action(Action::DossierDeliver))
        .page(
            post("/desk/letters/{id}/posted", posted),
            Access::Action(Action::DossierDeliver),
        )
}

async fn list(State(notices): State<Notices>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    let units = notices.identity().policy().scope(&caller, Action::DossierDeliver);
    let now = notices.now();
    let letters = notices
        .store()
        .read(move |tx| table::letters(tx, &units, now, PAGE_ROWS))
        .await?;
    let columns = vec![
        Column::new("code", "notice-letter-code"),
        Column::new("what", "notice-letter-what"),
        Column::new("at", "notice-letter-at"),
    ];
    let shown = Table::new(LIST, "notice-letter-caption", columns).empty("notice-letter-empty");
    let setting = |path| Setting {
        site: notices.site(shell.lang),
        origin: notices.origin(),
        path,
    };
    let rows: Vec<Row> = letters
        .iter()
        .map(|letter| {
            let words = notices.templates().render(
                &letter.kind,
                Channel::Letter,
                shell.lang,
                &letter.parameters,
                &setting("/"),
            );
            let title = match words {
                Ok(Rendered::Letter { title, .. }) => title,
                _ => letter.kind.clone(),
            };
            let cells = vec![
                html! { span.whole { (letter.reference) } },
                html! { (title) },
                html! { (format::date_time(shell.lang, letter.at)) },
            ];
            Row::new(cells).link(format!("{LIST}/{}", letter.id))
        })
        .collect();
    let title = shell.text("notice-letter-title");
    Ok(Page::new(&shell, title.clone()).wide().body(html! {
        h1 { (title) }
        p { (shell.text("notice-letter-words")) }
        (shown.render(&shell, &query, &rows, &Paging::All))
    }))
}

/// A letter that waits, if the caller may deliver at its unit; one that does not wait any more is gone.
async fn find(
    notices: &Notices,
    caller: &Caller,
    id: DeliveryId,
) -> Result<(Due, UnitId, identity::Allowed), NoticeError> {
    let found = notices.store().read(move |tx| table::letter(tx, id)).await?;
    let (due, unit) = found.ok_or(NoticeError::Gone)?;
    let allowed = notices.identity().policy().require(
        caller,
        Action::DossierDeliver,
        &Resource::at(unit).in_state(LIKE_A_RESULT),
    )?;
    if hold_back(notices, &due).await? {
        return Err(NoticeError::Gone);
    }
    Ok((due, unit, allowed))
}

/// A letter to somebody who has died since is not posted; it leaves the list when it is next looked at.
async fn hold_back(notices: &Notices, due: &Due) -> Result<bool, NoticeError> {
    let (id, person, now) = (due.id, due.stored.person, notices.now());
    let Some(person) = person else { return Ok(false) };
    let end = End {
        state: DeliveryState::Skipped,
        reason: Some(Reason::Deceased),
        detail: None,
        provider_id: None,
        cost_dong: 0,
        now,
    };
    let write = move |tx: &mut ::store::Tx| {
        let has_died = identity::person::death::deceased(tx, person)?.is_some();
        if has_died {
            table::settle(tx, id, DeliveryState::Queued, &end)?;
        }
        Ok::<_, ::store::StoreError>(has_died)
    };
    Ok(notices.store().write(write).await?)
}

/// Opens the address for one view; its use is on record before it is shown.
async fn open(
    notices: &Notices,
    caller: &Caller,
    due: &Due,
    allowed: &identity::Allowed,
) -> Result<Contact, NoticeError> {
    let stored = &due.stored;
    let purpose = Purpose::for_dossier(caller, stored.matter, allowed).about(stored.reference.clone());
    let (person, now) = (stored.person, notices.now());
    notices
        .store()
        .write(move |tx| match person {
            Some(person) => useof::record(tx, &purpose, &[person], now),
            None => Ok(()),
        })
        .await?;
    let (house, due) = (notices.clone(), due.clone());
    notices.store().read(move |tx| house.contact(tx, &due)).await
}

async fn one(State(notices): State<Notices>, shell: Shell, caller: Caller, Path(id): Path<DeliveryId>) -> Reply {
    let (due, unit, allowed) = find(&notices, &caller, id).await?;
    let contact = open(&notices, &caller, &due, &allowed).await?;
    let stored = &due.stored;
    let setting = Setting {
        site: notices.site(stored.lang),
        origin: notices.origin(),
        path: &stored.path,
    };
    let words = notices
        .templates()
        .render(&stored.kind, Channel::Letter, stored.lang, &stored.parameters, &setting);
    let Rendered::Letter { title, body, next } = words.map_err(NoticeError::from)? else {
        return Err(NoticeError::Gone.into());
    };
    let sender = notices.identity().unit_name(unit, stored.lang);
    let today = notices.now().local_date();
    let action = format!("{LIST}/{id}/posted");
    let lang = stored.lang;
    let address = contact.address.unwrap_or_default();
    Ok(Page::new(&shell, title.clone())
        .crumbs(vec![Crumb::new(LIST, shell.text("notice-letter-title"))])
        .body(html! {
            @if address.is_empty() { (components::inset(&html! { (shell.text("notice-letter-no-address")) })) }
            article lang=(lang.tag()) {
                p { strong { (sender) } br; (format::date(lang, today)) }
                p { (contact.name.unwrap_or_default()) br; (address) }
                h1 { (title) }
                @for paragraph in body.split("\n\n") { p { (paragraph) } }
                h2 { (web::text(lang, "notice-mail-next")) }
                @for paragraph in next.split("\n\n") { p { (paragraph) } }
                p.whole { (stored.reference) }
            }
            p.muted { (shell.text("notice-letter-print")) }
            (components::post_button(&shell, ButtonKind::Main, &action, &[], &shell.text("notice-letter-posted")))
        }))
}

async fn posted(
    State(notices): State<Notices>,
    caller: Caller,
    Path(id): Path<DeliveryId>,
    _form: Submitted,
) -> Reply<Response> {
    find(&notices, &caller, id).await?;
    let now = notices.now();
    let end = End {
        state: DeliveryState::Sent,
        reason: None,
        detail: None,
        provider_id: None,
        cost_dong: 0,
        now,
    };
    let settled = notices
        .store()
        .write(move |tx| table::settle(tx, id, DeliveryState::Queued, &end))
        .await?;
    if !settled {
        return Err(NoticeError::Gone.into());
    }
    Ok(with_notice(see_other(LIST).into_response(), "letter-notice-posted"))
}
