//! From the answers at the counter to one submission: the content that is sealed, the claims about people, what reception
//! needs. The submission goes to `dossier::submit` like any other.
//! It refuses numbers and codes that are none, and adds nothing that was not typed.

use identity::{IdentityError, UnitId, person};
use kernel::PersonId;
use uuid::Uuid;
use web::form::Values;
use web::{Failure, Submitted};

use super::walk::{Walk, is_scanned};
use super::{Channel, Parties, PartyRole, form, rules, scans};
use crate::Casework;
use crate::dossier::command::By;
use crate::dossier::rules::Deed;
use crate::dossier::submit::{self, Submission, Taking};
use crate::dossier::{Content, DossierError, DraftId, Represented};
use crate::file::FileRow;
use crate::offline;
use kernel::Timestamp;

/// What comes with the answers.
pub(crate) struct Brought {
    /// Scans that are kept already.
    pub(crate) kept: Vec<FileRow>,
    /// Whose scans they are: the form's own draft.
    pub(crate) scans: Uuid,
    /// When the form was opened.
    pub(crate) began: Timestamp,
    /// Who took it with the line down, at which desk, and what the paper says.
    pub(crate) offline: Option<(By, (UnitId, String), offline::Claim)>,
}

/// Makes the submission of a walk-in and saves it: submitted and, where this desk receives, received, in one transaction.
pub(crate) async fn take(
    house: &Casework,
    walk: &Walk,
    values: &Values,
    submitted: &Submitted,
    brought: Brought,
) -> Result<submit::Submitted, Failure> {
    let Brought {
        kept,
        scans,
        began,
        offline,
    } = brought;
    let place = walk.place(house, values)?;
    let channel = word::<Channel>(values, "channel")?;
    let scanned = |at: usize| is_scanned(at, submitted, &kept);
    let content = content(walk, values, scanned);
    crate::draft::rules::check(&content)?;
    let listed = form::listed(&walk.procedure);
    let is_kept = !kept.is_empty();
    if is_kept && !scans::unticked(&kept, submitted).is_empty() {
        scans::keep_only_ticked(house, &walk.keeper(scans), submitted).await?;
    }
    let files = scans::take(house, &listed, submitted, scans).await?;
    let receives = walk.at.receives(house, &place);
    let receive = receives.then(|| deed(house, walk, values, channel));
    let (by, desk, offline) = match offline {
        Some((by, desk, claim)) => (by, desk, Some(claim)),
        None => (walk.at.by(), (walk.at.desk, walk.at.desk_name.clone()), None),
    };
    let taking = Taking {
        by,
        desk,
        channel,
        postmark_on: values.date("postmark"),
        began_at: began,
        ticket: submitted.text("ticket").parse().ok(),
        claim: claim(house, &content)?,
        files,
        receive,
        offline,
    };
    let submission = Submission {
        once: submitted.once,
        procedure: (
            walk.procedure.code.clone(),
            walk.version,
            walk.procedure.title().vi.clone(),
        ),
        way: house.way_at_desk(&walk.procedure, place.unit).await?,
        place,
        person: identity::PersonRef::from_uuid(Uuid::nil()),
        account: None,
        representation: word(values, "representation")?,
        entered: word(values, "entered")?,
        delivery: word(values, "delivery")?,
        parties: parties(house, &content)?,
        content,
        draft: is_kept.then(|| DraftId::from_uuid(scans)),
        taking: Some(taking),
    };
    let sealed = submit::seal(&submission, house.world().as_ref(), &house.keys(), house.calendar());
    let calendar = house.calendar().clone();
    let done = house
        .store()
        .write(move |tx| submit::take_in(tx, &sealed, &calendar))
        .await?;
    Ok(done)
}

fn word<T: std::str::FromStr>(values: &Values, field: &'static str) -> Result<T, DossierError> {
    values.text(field).parse().map_err(|_| DossierError::BadValue(field))
}

/// What reception needs: the limit of the catalogue for this channel, else the one that the officer states.
fn deed(house: &Casework, walk: &Walk, values: &Values, channel: Channel) -> Deed {
    let typed = values
        .integer("days")
        .and_then(|days| u32::try_from(days).ok())
        .map(kernel::calendar::TimeLimit::WorkingDays);
    Deed {
        limit: walk.procedure.time_limit(channel.kind()).or(typed),
        cut_off: house.settings().cut_off,
        ..Deed::default()
    }
}

fn content(walk: &Walk, values: &Values, scanned: impl Fn(usize) -> bool) -> Content {
    let represented = values.opt("represented-name").map(|name| Represented {
        name: name.trim().to_owned(),
        person_id: values.text("represented-id").to_owned(),
        old_id: values.text("represented-old-id").to_owned(),
        ground: values.text("ground").trim().to_owned(),
        birthday: values.text("represented-born").to_owned(),
        tie: values.text("tie").to_owned(),
    });
    Content {
        name: values.text("name").trim().to_owned(),
        person_id: values.text("person-id").to_owned(),
        phone: values.text("phone").to_owned(),
        email: values.text("email").to_owned(),
        address: values.text("address").trim().to_owned(),
        represented,
        answers: form::answers(&walk.procedure, values),
        sources: Vec::new(),
        post_address: values.text("post-address").trim().to_owned(),
        birthday: values.text("born").to_owned(),
        organisation: rules::organisation(values),
        others: rules::others(values),
        papers: form::brought_papers(&walk.procedure, values, scanned),
        post_item: values.text("post-item").trim().to_owned(),
        definition: walk.defined.as_ref().and_then(|(_, pin)| pin.clone()),
    }
}

/// The applicant as stated at the counter.
fn claim(house: &Casework, content: &Content) -> Result<person::Prepared, DossierError> {
    let number: PersonId = content
        .person_id
        .parse()
        .map_err(|_| DossierError::BadValue("person-id"))?;
    let mut details = person::PersonDetails::new(number, content.name.clone());
    details.born = content.birthday.parse().ok();
    details.address = Some(content.address.clone()).filter(|address| !address.is_empty());
    details.phone = content.phone.parse().ok();
    details.email = content.email.parse().ok();
    prepared(house, &details)
}

fn prepared(house: &Casework, details: &person::PersonDetails) -> Result<person::Prepared, DossierError> {
    person::prepare(&house.keys(), house.world().as_ref(), details)
        .map_err(|error| DossierError::Refused(IdentityError::from(error)))
}

/// Everybody else with a number of her own, and the organisation.
///
/// # Errors
/// `BadValue` for a number or a tax code that is none.
pub(crate) fn parties(house: &Casework, content: &Content) -> Result<Parties, DossierError> {
    let mut parties = Parties::default();
    for other in &content.others {
        let number = other
            .person_id
            .parse()
            .map_err(|_| DossierError::BadValue("other-id"))?;
        let details = person::PersonDetails::new(number, other.name.clone());
        parties.people.push((PartyRole::Applicant, prepared(house, &details)?));
    }
    if let Some(represented) = &content.represented {
        let mut details = person::PersonDetails::without_number(represented.name.clone());
        details.number = represented.person_id.parse().ok();
        details.old_number = represented.old_id.parse().ok();
        details.born = represented.birthday.parse().ok();
        parties.tie.clone_from(&represented.tie);
        // A newborn has no number yet: she is found again by her guardian, name and birth. Of whom neither a number nor a
        // birth is known there is nothing to find; she stands in the sealed content alone.
        if details.number.is_some() || details.old_number.is_some() || details.born.is_some() {
            parties
                .people
                .push((PartyRole::Represented, prepared(house, &details)?));
        }
    }
    if let Some(organisation) = &content.organisation {
        let details = person::OrganisationDetails {
            kind: person::OrganisationKind::Organisation,
            tax_code: organisation
                .tax_code
                .parse()
                .map_err(|_| DossierError::BadValue("tax-code"))?,
            name: organisation.name.clone(),
            address: None,
            phone: None,
            email: None,
        };
        let prepared = person::prepare_organisation(&house.keys(), house.world().as_ref(), &details)
            .map_err(|error| DossierError::Refused(IdentityError::from(error)))?;
        parties.organisation = Some(prepared);
    }
    Ok(parties)
}
