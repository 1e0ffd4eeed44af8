//! The printed register (form 07). It shows names: each is opened under the law that prescribes the register, and each use is
//! on record before anything is printed.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use identity::{Action as Right, Caller, OfficerCaller, Purpose, UnitId};
use kernel::Lang;
use store::keys::Sealed;
use web::{Reply, Shell, Submitted, see_other};

use super::Question;
use super::export::log;
use crate::Casework;
use crate::desk::{Register, resource};
use crate::dossier::{Content, Dossier, DossierError, DossierId, store as dossiers, submit};
use crate::register::filter::Asked as Address;
use crate::register::store as table;
use crate::register::{BASIS, PRINT_ROWS};
use crate::result::{self, PaperError};

pub(super) async fn register(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(register): Path<String>,
    Query(address): Query<Address>,
    _submitted: Submitted,
) -> Reply<Response> {
    let register: Register = register.parse().map_err(|_| DossierError::NotFound)?;
    let question = Question::read(&house, &officer, &address, Lang::Vi).await?;
    let unit = question.filter.unit.or(officer.unit()).ok_or(DossierError::NotFound)?;
    let asked = question.of(register);
    let begin = DossierId::from_uuid(uuid::Uuid::nil());
    let rows = house
        .store()
        .read(move |tx| {
            let rows = table::rows(tx, &asked, begin, PRINT_ROWS + 1)?;
            rows.into_iter()
                .map(|row| Ok((dossiers::content(tx, row.id)?, row)))
                .collect::<Result<Vec<_>, DossierError>>()
        })
        .await?;
    let (opened, is_cut) = open(&house, &officer, unit, rows).await?;
    let sheet = result::register_sheet(
        web::text(Lang::Vi, &format!("desk-register-{register}")),
        (question.filter.from, question.filter.to),
        question.narrowed(&shell),
        &opened,
        is_cut,
    );
    let unit_name = house.identity().unit_name(unit, Lang::Vi);
    let by = (officer.account(), officer.name());
    let paper = result::print_register(&house, &sheet, (unit, &unit_name), by).await?;
    log(
        &house,
        &officer,
        ("register.print", register.to_string()),
        opened.len(),
        question.filter.query(),
    )
    .await?;
    Ok(see_other(&format!("/desk/papers/{}", paper.id)))
}

/// Opens the rows of a register that this officer may see in full. The uses are durable before anything is printed.
async fn open(
    house: &Casework,
    officer: &OfficerCaller,
    unit: UnitId,
    mut rows: Vec<(Vec<u8>, Dossier)>,
) -> Result<(Vec<(Dossier, Content)>, bool), PaperError> {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let allowed = policy.require(&caller, Right::PersonDisclose, &identity::Resource::at(unit))?;
    let most = usize::try_from(PRINT_ROWS).unwrap_or(0);
    let is_cut = rows.len() > most;
    rows.truncate(most);
    rows.retain(|(_, row)| policy.decide(&caller, Right::PersonDisclose, &resource(row)));
    let purpose = Purpose::for_legal_basis(&caller, BASIS, &allowed);
    let people: Vec<_> = rows.iter().map(|(_, row)| row.person).collect();
    house.identity().record_use(&purpose, &people).await?;
    let opened = rows.into_iter().map(|(sealed, row)| {
        let context = submit::content_context(row.id);
        let plain = house
            .identity()
            .open_sealed(&purpose, &context, &Sealed::from_bytes(sealed));
        let plain = plain
            .map_err(identity::IdentityError::from)
            .map_err(DossierError::from)?;
        let content = serde_json::from_slice(&plain).map_err(|error| DossierError::Damaged(error.to_string()))?;
        Ok((row, content))
    });
    Ok((opened.collect::<Result<_, PaperError>>()?, is_cut))
}
