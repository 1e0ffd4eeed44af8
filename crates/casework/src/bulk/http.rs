//! The form below the work list and what became of each dossier. Works without scripts: marks in the list, one form.
//! Codes and masks only: nothing of a dossier is opened here.

use axum::extract::State;
use identity::routes::{Access, Routes, post};
use identity::{Action as Right, Caller, OfficerCaller};
use store::Tx;
use web::components::Crumb;
use web::form::Values;
use web::{Page, Reply, Shell, Submitted};

use super::{AT_ONCE, Became, Deed, Marked, Told, key_of, marked, view};
use crate::Casework;
use crate::absence::people;
use crate::desk::{act, resource};
use crate::dossier::store as dossiers;
use crate::dossier::{Dossier, DossierError};

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/desk/bulk", done), Access::Action(Right::DossierList))
}

/// What this officer can do to many at once, and to whom she can give work.
pub(crate) fn offered(tx: &mut Tx, house: &Casework, officer: &OfficerCaller) -> Result<view::Bar, DossierError> {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let may = |right| policy.somewhere(&caller, right);
    let mut bar = view::Bar {
        receive: may(Right::DossierReceive),
        claim: may(Right::DossierProcess),
        assign: may(Right::DossierAssign),
        officers: Vec::new(),
    };
    if bar.assign {
        let units = people::own_units(house, officer);
        let mut found = people::colleagues(tx, &units, house.now().local_date())?;
        found.retain(|one| one.role == identity::Role::Specialist);
        bar.officers = people::once(&found);
    }
    Ok(bar)
}

async fn done(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, submitted: Submitted) -> Reply {
    let deed: Deed = submitted.text("do").parse().map_err(|_| DossierError::BadValue("do"))?;
    let chosen: Vec<Marked> = submitted.all("dossier").filter_map(marked).take(AT_ONCE + 1).collect();
    if chosen.len() > AT_ONCE {
        return Err(DossierError::TooMany("dossiers at a go").into());
    }
    let mut told = Vec::with_capacity(chosen.len());
    for one in chosen {
        told.push(each(&house, &officer, deed, one, &submitted).await?);
    }
    let back = back_of(submitted.text("back"));
    let body = view::done(&shell, deed, &told, &back);
    Ok(Page::new(&shell, shell.text(&format!("bulk-did-{deed}")))
        .crumbs(vec![Crumb::new("/desk", shell.text("desk-title"))])
        .body(body))
}

/// Where the page leads back to: nowhere but to lists of ours.
fn back_of(asked: &str) -> String {
    let own = ["/desk?", "/desk/handover/"]
        .iter()
        .any(|start| asked.starts_with(start));
    if own && !asked.contains("//") {
        asked.to_owned()
    } else {
        "/desk".to_owned()
    }
}

/// Does it to one dossier. What the rules or policy refuse is told; a fault of the store ends the go.
async fn each(
    house: &Casework,
    officer: &OfficerCaller,
    deed: Deed,
    (id, revision): Marked,
    submitted: &Submitted,
) -> Result<Told, DossierError> {
    let unknown = |error| Told {
        dossier: id,
        code: None,
        result: Err(error),
    };
    let dossier = match house.store().read(move |tx| dossiers::find(tx, id)).await {
        Ok(dossier) => dossier,
        Err(DossierError::NotFound) => return Ok(unknown(DossierError::NotFound)),
        Err(error) => return Err(error),
    };
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    if !policy.decide(&caller, Right::DossierRead, &resource(&dossier)) {
        return Ok(unknown(DossierError::NotFound));
    }
    let code = dossier.code.to_string();
    let result = match perform(house, officer, deed, &dossier, revision, submitted).await {
        Ok(after) => Ok(became(deed, &dossier, &after)),
        Err(DossierError::Store(error)) => return Err(error.into()),
        Err(error) => Err(error),
    };
    Ok(Told {
        dossier: id,
        code: Some(code),
        result,
    })
}

/// Work that another officer had and still has was offered, not given.
fn became(deed: Deed, before: &Dossier, after: &Dossier) -> Became {
    if deed == Deed::Assign && before.assignee.is_some() && before.assignee == after.assignee {
        Became::Offered
    } else {
        Became::Done
    }
}

async fn perform(
    house: &Casework,
    officer: &OfficerCaller,
    deed: Deed,
    dossier: &Dossier,
    revision: i64,
    submitted: &Submitted,
) -> Result<Dossier, DossierError> {
    let action = deed.action();
    let around = act::around(house, dossier, action).await?;
    let mut values = Values::none().with("revision", revision.to_string());
    if deed == Deed::Assign {
        values.set("officer", submitted.text("officer"));
        values.set("note", submitted.text("reason"));
    }
    let alone = Submitted::of_texts(key_of(submitted.once, dossier.id), &[]);
    act::act(house, officer, dossier, action, &around, (&alone, &values)).await
}
