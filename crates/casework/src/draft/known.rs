//! What the person's own record fills in. Her own view of her own data; no use by others.
//! It fills in and never changes the record: what she types stays with the dossier.

use identity::{CitizenCaller, Purpose, person};

use super::rules::Known;
use crate::Casework;
use crate::dossier::DossierError;

/// Opens the record of the person who is signed in. Without a record nothing is filled in and everything is asked.
pub(crate) async fn of(house: &Casework, citizen: &CitizenCaller) -> Result<Known, DossierError> {
    let id = citizen.person();
    let Some(record) = house.store().read(move |tx| person::record(tx, id)).await? else {
        return Ok(Known::default());
    };
    let details =
        person::open(&house.keys(), &Purpose::own_data(citizen), &record).map_err(identity::IdentityError::from)?;
    Ok(Known {
        name: details.name.clone(),
        person_id: details.number.to_string(),
        birthday: details.born.map(|day| day.to_string()).unwrap_or_default(),
        address: details.address.clone().unwrap_or_default(),
        phone: details.phone.as_ref().map(kernel::Phone::national).unwrap_or_default(),
        email: details.email.as_ref().map(ToString::to_string).unwrap_or_default(),
    })
}
