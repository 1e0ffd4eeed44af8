//! Pages of absences: those of the officer's own house, one form, and the early end. An officer enters her own; a leader those of
//! everybody who works below her. It refuses words about why: the cause is one of four.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{AccountId, Action as Right, Caller, OfficerCaller, Resource, UnitId};
use web::components::Crumb;
use web::form::{Choice, Errors, Field, FieldKind, Form, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::people::{self, Colleague};
use super::store as table;
use super::{Absence, AbsenceError, AbsenceId, Cause, rules, view};
use crate::Casework;

/// Rows of the list.
const ROWS: i64 = 200;

/// How long a passed absence stays in the list, in days.
const SHOWN_DAYS: i64 = 30;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/desk/absences", list), Access::Officer)
        .page(get("/desk/absences/new", ask), Access::Officer)
        .page(post("/desk/absences/new", entered), Access::Officer)
        .page(post("/desk/absences/{id}/end", end), Access::Officer)
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk", shell.text("desk-title"))]
}

/// Whether the officer shares out the work at this unit.
fn arranges(house: &Casework, officer: &OfficerCaller, unit: UnitId) -> bool {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    policy.decide(&caller, Right::WorkArrange, &Resource::at(unit))
}

async fn list(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let today = house.now().local_date();
    let since = today.checked_sub(jiff::Span::new().days(SHOWN_DAYS)).unwrap_or(today);
    let (units, me) = (people::own_units(&house, &officer), officer.account());
    let (rows, own) = house
        .store()
        .read(move |tx| {
            let rows = table::of_units(tx, &units, since, ROWS)?;
            Ok::<_, AbsenceError>((rows, table::of_officer(tx, me, today)?))
        })
        .await?;
    let mut rows = rows;
    // Her own at another unit are hers to see and to end as well.
    rows.extend(
        own.into_iter()
            .filter(|one| one.unit != officer.unit().unwrap_or(one.unit)),
    );
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|one| seen.insert(one.id));
    let may_end = |one: &Absence| one.officer == me || arranges(&house, &officer, one.unit);
    let shown: Vec<(&Absence, bool)> = rows.iter().map(|one| (one, may_end(one))).collect();
    let body = view::list(&shell, &shown, today);
    Ok(Page::new(&shell, shell.text("absence-title"))
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

/// Who may be entered by this officer, and who may stand in.
struct Around {
    colleagues: Vec<Colleague>,
    /// Others than herself.
    arranges: bool,
}

async fn around(house: &Casework, officer: &OfficerCaller) -> Result<Around, AbsenceError> {
    let (units, day) = (people::own_units(house, officer), house.now().local_date());
    let colleagues = house
        .store()
        .read(move |tx| Ok::<_, AbsenceError>(people::colleagues(tx, &units, day)?))
        .await?;
    Ok(Around {
        colleagues,
        arranges: officer.unit().is_some_and(|unit| arranges(house, officer, unit)),
    })
}

fn form(around: &Around) -> Form {
    let named = |all: Vec<(AccountId, String)>| -> Vec<Choice> {
        all.into_iter()
            .map(|(account, name)| Choice::named(account.to_string(), name))
            .collect()
    };
    let day = || FieldKind::Date { min: None, max: None };
    let causes = Cause::ALL
        .iter()
        .map(|cause| Choice::new(cause.word(), format!("absence-cause-{cause}").as_str()))
        .collect();
    let form = Form::new("absence", "/desk/absences/new")
        .submit("absence-enter")
        .cancel("/desk/absences");
    let all = named(people::once(&around.colleagues));
    let form = if around.arranges {
        form.field(Field::select("officer", "absence-officer", all.clone()))
    } else {
        form
    };
    form.field(Field::select("deputy", "absence-deputy", all).hint("absence-deputy-hint"))
        .field(Field::new("from", "absence-from", day()))
        .field(Field::new("until", "absence-until", day()))
        .field(Field::radios("cause", "absence-cause", causes))
}

fn page(shell: &Shell, form: &Form, values: &Values, errors: &Errors) -> Page {
    let body = view::ask(shell, &form.render(shell, values, errors));
    Page::new(shell, shell.text("absence-enter")).errors(errors).body(body)
}

async fn ask(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let around = around(&house, &officer).await?;
    let today = house.now().local_date();
    let values = Values::none()
        .with("officer", officer.account().to_string())
        .with("from", today.to_string())
        .with("until", today.to_string())
        .with("cause", Cause::Leave.word());
    Ok(page(&shell, &form(&around), &values, &Errors::none()))
}

async fn entered(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let around = around(&house, &officer).await?;
    let form = form(&around);
    let again = |errors: &Errors| page(&shell, &form, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    match enter(&house, &officer, &around, &values, submitted.once).await {
        Ok(()) => Ok(see_other("/desk/absences")),
        Err(error) => match field_of(&error) {
            Some(field) => {
                let mut errors = Errors::none();
                errors.add_fault(field, &error);
                Ok(again(&errors))
            }
            None => Err(error.into()),
        },
    }
}

/// The field beside which a refusal is shown.
const fn field_of(error: &AbsenceError) -> Option<&'static str> {
    match error {
        AbsenceError::Order | AbsenceError::Past | AbsenceError::TooLong(_) => Some("until"),
        AbsenceError::OwnDeputy | AbsenceError::DeputyElsewhere => Some("deputy"),
        AbsenceError::Overlaps => Some("from"),
        _ => None,
    }
}

/// Scope of the idempotency keys of absences.
const ONCE: &str = "absence.enter";

async fn enter(
    house: &Casework,
    officer: &OfficerCaller,
    around: &Around,
    values: &Values,
    once: uuid::Uuid,
) -> Result<(), AbsenceError> {
    let (now, me) = (house.now(), officer.account());
    let whom: AccountId = match around.arranges {
        true => values.typed("officer").unwrap_or(me),
        false => me,
    };
    let deputy: AccountId = values.typed("deputy").ok_or(AbsenceError::DeputyElsewhere)?;
    if deputy == whom {
        return Err(AbsenceError::OwnDeputy);
    }
    let of = |account: AccountId| around.colleagues.iter().filter(move |one| one.account == account);
    let shared = of(whom).find_map(|one| {
        let same = of(deputy).find(|other| other.unit == one.unit && other.role == one.role);
        same.map(|other| (one, other))
    });
    let (one, other) = shared.ok_or(AbsenceError::DeputyElsewhere)?;
    let new = Absence {
        id: AbsenceId::new(house.world().as_ref()),
        officer: whom,
        officer_name: one.name.clone(),
        unit: one.unit,
        deputy,
        deputy_name: other.name.clone(),
        from: values.date("from").ok_or(AbsenceError::Order)?,
        until: values.date("until").ok_or(AbsenceError::Order)?,
        cause: values.text("cause").parse().unwrap_or(Cause::Other),
        entered_at: now,
        entered_by: me,
        entered_name: officer.name().to_owned(),
        ended: None,
    };
    let event = store::Event {
        id: kernel::id::uuid_v7(house.world().as_ref()),
        kind: "absence.entered".into(),
        subject: new.id.uuid(),
        at: now,
        payload: serde_json::json!({ "officer": new.officer, "deputy": new.deputy, "from": new.from, "until": new.until }),
    };
    house
        .store()
        .write(move |tx| {
            if let store::Once::Again(_) = tx.once(ONCE, once, now)? {
                return Ok(());
            }
            let today = now.local_date();
            rules::check(&new, &table::of_officer(tx, new.officer, today)?, today)?;
            table::insert(tx, &new)?;
            tx.emit(&event)?;
            tx.once_done(ONCE, once, &new.id.to_string())?;
            Ok(())
        })
        .await
}

async fn end(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _submitted: Submitted,
) -> Reply<Response> {
    let id: AbsenceId = id.parse().map_err(|_| AbsenceError::NotFound)?;
    let found = house
        .store()
        .read(move |tx| Ok::<_, AbsenceError>(table::find(tx, id)?))
        .await?;
    let one = found.ok_or(AbsenceError::NotFound)?;
    if one.officer != officer.account() && !arranges(&house, &officer, one.unit) {
        return Err(AbsenceError::NotFound.into());
    }
    let (now, name) = (house.now(), officer.name().to_owned());
    house
        .store()
        .write(move |tx| {
            if table::end(tx, id, now, &name)? {
                Ok(())
            } else {
                Err(AbsenceError::Ended)
            }
        })
        .await?;
    Ok(see_other("/desk/absences"))
}
