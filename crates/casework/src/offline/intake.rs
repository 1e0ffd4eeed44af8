//! The way of a sealed item to a dossier: opened, read as the form of the desk, saved by the function that saves walk-ins.
//! It refuses what the form refuses, with the same words, and changes nothing that the paper in a person's hand says.

use identity::{Purpose, UnitId};
use kernel::{DossierCode, SignedDuration, Timestamp};
use p256::SecretKey;
use store::keys::Sealed;
use web::form::{Errors, Values};
use web::submitted::{Limits, Spool};
use web::{Failure, Lang, Submitted};

use super::rules::{self, Telling};
use super::seal::{self, Opened, SealFault};
use super::{Claim, Device, ItemId, ItemRow, ItemState, Refusal, secret_context};
use crate::Casework;
use crate::dossier::command::By;
use crate::dossier::state::Capacity;
use crate::dossier::{DossierError, DossierId};
use crate::intake::walk::{AtDesk, Walk, check};
use crate::intake::{self, Brought, form};

/// What became of an item that was sent.
#[derive(Debug)]
pub(crate) enum Sent {
    /// It is a dossier now, or was before.
    Taken { dossier: DossierId, is_again: bool },
    /// The form is refused: a field and the words about it, one by one.
    Refused(Vec<(String, String)>),
}

/// An item on its way in.
pub(crate) struct Arriving<'a> {
    /// The sealed bytes.
    pub(crate) sealed: &'a [u8],
    /// What has to be added to the device's clock now, as it was measured just before.
    pub(crate) clock_ms: i64,
    /// The bounds of a form with scans.
    pub(crate) limits: &'a Limits,
    /// Where scans are put while they are judged.
    pub(crate) spool: &'a Spool,
    /// The language of the words about a refusal.
    pub(crate) lang: Lang,
}

/// Takes an item over: whole and once, or with the reasons why not.
///
/// # Errors
/// What has nothing to do with the item: the store, the policy. The item is sent again later.
pub(crate) async fn send(house: &Casework, mut at: AtDesk, arriving: Arriving<'_>) -> Result<Sent, Failure> {
    let parts = seal::parts(arriving.sealed).map_err(refusal)?;
    let (id, item, desk) = (parts.device, parts.item, at.desk);
    let (device, secret, known) = house
        .store()
        .read(move |tx| {
            let known = super::store::item(tx, item)?;
            let device = super::store::device(tx, id)?.filter(|device| device.desk == desk);
            let device = device.ok_or(Refusal::NoDevice)?;
            let secret = super::store::secret(tx, id)?;
            Ok::<_, DossierError>((device, secret, known))
        })
        .await?;
    if let Some(sent) = known.as_ref().and_then(sent_before) {
        return Ok(sent);
    }
    if device.revoked.is_some() {
        return Err(DossierError::from(Refusal::Revoked).into());
    }
    let opened = open(house, &device, &secret, &parts)?;
    let claim = claim(house, &at, &device, item, &opened, arriving.clock_ms)?;
    at.day = claim.received_at.local_date();
    let submitted = submitted(item, opened, &arriving).await?;
    let began = submitted.1.min(claim.received_at);
    save(
        house,
        at,
        (&device, claim),
        (submitted.0, submitted.2, began),
        arriving.lang,
    )
    .await
}

fn refusal(fault: SealFault) -> DossierError {
    Refusal::from(fault).into()
}

fn sent_before(known: &ItemRow) -> Option<Sent> {
    match (known.state, known.dossier) {
        (ItemState::Taken, Some(dossier)) => Some(Sent::Taken {
            dossier,
            is_again: true,
        }),
        _ => None,
    }
}

/// Opens the seal: the task is the item itself, and the key belongs to the program.
fn open(house: &Casework, device: &Device, secret: &[u8], parts: &seal::Parts<'_>) -> Result<Opened, Failure> {
    let purpose = Purpose::for_system("offline.item", parts.item.uuid(), "");
    let sealed = Sealed::from_bytes(secret.to_vec());
    let plain = house
        .identity()
        .open_sealed(&purpose, &secret_context(device.id), &sealed)
        .map_err(identity::IdentityError::from)?;
    let own = SecretKey::from_slice(&plain)
        .map_err(|_| DossierError::Damaged("the key of a device does not read back".to_owned()))?;
    Ok(seal::open(parts, &own, &device.device_key).map_err(refusal)?)
}

fn claim(
    house: &Casework,
    at: &AtDesk,
    device: &Device,
    item: ItemId,
    opened: &Opened,
    clock_ms: i64,
) -> Result<Claim, DossierError> {
    let (head, now) = (&opened.head, house.now());
    let code: DossierCode = head.code.parse().map_err(|_| Refusal::NotReserved)?;
    let printed_at = instant(head.taken_ms.saturating_add(head.clock_ms))?;
    let drift_ms = clock_ms.saturating_sub(head.clock_ms);
    let contact = instant(head.contact_ms)?.max(device.registered_at).min(now);
    let (received_at, ground) = rules::received_at(Telling {
        printed_at,
        drift: SignedDuration::from_millis(drift_ms),
        contact,
        sent_at: now,
    });
    Ok(Claim {
        item,
        device: device.id,
        code,
        printed_at,
        clock_ms: head.clock_ms,
        drift_ms,
        received_at,
        ground,
        sent_at: now,
        sent_by: at.officer.account(),
        sent_by_name: at.officer.name().to_owned(),
    })
}

/// Milliseconds of a device as an instant; what no clock says is refused, so that nothing overflows.
pub(super) fn instant(milliseconds: i64) -> Result<Timestamp, DossierError> {
    const FIRST_MS: i64 = 0;
    const LAST_MS: i64 = 4_102_444_800_000;
    if !(FIRST_MS..LAST_MS).contains(&milliseconds) {
        return Err(refusal(SealFault::Content("a time is out of range")));
    }
    Ok(Timestamp::from_micros(milliseconds * 1_000))
}

/// The form as the page of the desk would have sent it, when it was opened, and its procedure.
async fn submitted(
    item: ItemId,
    opened: Opened,
    arriving: &Arriving<'_>,
) -> Result<(Submitted, Timestamp, String), Failure> {
    let head = opened.head;
    let began = instant(head.began_ms)?;
    let files = head.files.into_iter().zip(opened.files);
    let files = files.map(|(file, bytes)| (file.field, file.name, bytes)).collect();
    let parts = Submitted::of_parts(item.uuid(), head.texts, files, (arriving.limits, arriving.spool));
    Ok((parts.await?, began, head.procedure))
}

/// Reads the form and saves it, exactly as the page of the desk does.
async fn save(
    house: &Casework,
    at: AtDesk,
    (device, claim): (&Device, Claim),
    (submitted, procedure, began): (Submitted, String, Timestamp),
    lang: Lang,
) -> Result<Sent, Failure> {
    let mut walk = Walk::load(house, at, &procedure).await?;
    walk.ask_for(&walk.form(house, &Values::none(), false).typed(&submitted));
    let typed = walk.form(house, &Values::none(), false).typed(&submitted);
    let form = walk.form(house, &typed, false);
    let checked = form.parse(&submitted).and_then(|values| {
        let errors = check(&walk, &values, &submitted, &[]);
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    });
    let values = match checked {
        Ok(values) => values,
        Err(errors) => return Ok(Sent::Refused(words(&errors, lang))),
    };
    let strangers: Vec<_> = submitted
        .files()
        .iter()
        .filter(|file| !is_listed(&walk, &file.field))
        .map(|file| {
            let words = web::text_with(lang, "offline-scan-no-paper", &[("name", file.name.clone().into())]);
            (file.field.clone(), words)
        })
        .collect();
    if !strangers.is_empty() {
        return Ok(Sent::Refused(strangers));
    }
    let item = claim.item;
    let brought = Brought {
        kept: Vec::new(),
        scans: item.uuid(),
        began,
        offline: Some((by(device), taking_desk(device), claim)),
    };
    let done = intake::take(house, &walk, &values, &submitted, brought).await?;
    Ok(Sent::Taken {
        dossier: done.id,
        is_again: done.is_again,
    })
}

fn is_listed(walk: &Walk, field: &str) -> bool {
    form::listed(&walk.procedure)
        .iter()
        .any(|at| format!("scan-{at}") == field)
}

fn words(errors: &Errors, lang: Lang) -> Vec<(String, String)> {
    errors
        .iter()
        .map(|error| (error.field.clone(), error.words(lang)))
        .collect()
}

/// Who took it: the officer of the device, whoever sends it.
fn by(device: &Device) -> By {
    By {
        account: device.officer,
        capacity: Capacity::Desk,
        name: Some(device.officer_name.clone()),
        unit: Some((device.unit, device.unit_name.clone())),
    }
}

fn taking_desk(device: &Device) -> (UnitId, String) {
    (device.desk, device.desk_name.clone())
}
