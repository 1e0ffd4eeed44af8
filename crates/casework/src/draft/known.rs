//! What the person's own record fills in. Her own view of her own data; no use by others.
//! It fills in and never changes the record: what she types stays with the dossier.

use identity::{CitizenCaller, Purpose, person};

use super::rules::Known;
use crate::Casework;
use crate::dossier::DossierError;

/// Opens the record of the person who is signed in.
pub(crate) async fn of(house: &Casework, citizen: &CitizenCaller) -> Result<Known, DossierError> {
    let id = citizen.person();
    let record = house.store().read(move |tx| person::record(tx, id)).await?;
    open(house, &Purpose::own_data(citizen), record.as_ref())
}

/// Opens a record that was read. Without one nothing is filled in and everything is asked.
pub(crate) fn open(
    house: &Casework,
    purpose: &Purpose,
    record: Option<&person::PersonRecord>,
) -> Result<Known, DossierError> {
    let Some(record) = record else {
        return Ok(Known::default());
    };
    let details = person::open(&house.keys(), purpose, record).map_err(identity::IdentityError::from)?;
    Ok(Known {
        name: details.name.clone(),
        person_id: details.number.map(|number| number.to_string()).unwrap_or_default(),
        birthday: details.born.map(|day| day.to_string()).unwrap_or_default(),
        address: details.address.clone().unwrap_or_default(),
        phone: details.phone.as_ref().map(kernel::Phone::national).unwrap_or_default(),
        email: details.email.as_ref().map(ToString::to_string).unwrap_or_default(),
    })
}
