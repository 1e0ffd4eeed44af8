//! The pages of the desk: choose a procedure, one form for one walk-in, the receipt, what was taken today. Looking a person
//! up is a use of her data, recorded before the page leaves.
//! A page refuses whom policy does not let file for others at her unit; whether the desk receives at once, policy says too.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::unit::UnitKind;
use identity::{Action as Right, Caller, IdentityError, OfficerCaller, Purpose, Resource, UnitId, person};
use kernel::{Date, PersonId, SignedDuration, TaxCode, Timestamp};
use serde::Deserialize;
use uuid::Uuid;
use web::form::{Errors, Form, Values};
use web::submitted::Limits;
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

use super::form::{self, Around};
use super::scans::{self, Keeper};
use super::{Channel, Parties, PartyRole, rules, store as table, view};
use crate::Casework;
use crate::dossier::command::By;
use crate::dossier::rules::Deed;
use crate::dossier::state::Capacity;
use crate::dossier::submit::{self, Submission, Taking};
use crate::dossier::{Content, DossierError, DossierId, DraftId, Represented};
use crate::draft::rules::papers;
use crate::file::FileRow;
use crate::place::{self, Agency};
use crate::procedure::{self, Procedure, search};
use crate::queue::{self, Ticket};
use crate::track::mine;

/// How long "the procedures taken most often" looks back.
const FREQUENT_DAYS: i64 = 90;

/// Rows of the page of what was taken today.
const TAKEN_MAX: i64 = 200;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let access = Access::Action(Right::DossierSubmitFor);
    routes
        .page(get("/desk/intake", begin), access)
        .page(get("/desk/intake/taken", taken), access)
        .page(get("/desk/intake/{id}", saved), access)
}

/// Registers the page that takes scans.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/desk/intake", save), Access::Action(Right::DossierSubmitFor))
}

/// The bounds of one form with scans.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits {
        text_count: 800,
        ..Limits::files(house.settings().files.count_max, house.settings().files.bytes_max)
    }
}

/// The officer at a desk: who, where, and what policy allows there.
pub(crate) struct AtDesk {
    pub(crate) caller: Caller,
    pub(crate) officer: OfficerCaller,
    pub(crate) unit: UnitId,
    pub(crate) unit_name: String,
    pub(crate) desk: UnitId,
    pub(crate) desk_name: String,
    /// The agency to which the officer's unit belongs.
    pub(crate) agency: Option<UnitId>,
    pub(crate) day: Date,
}

impl AtDesk {
    /// The desk at which an officer works: her unit, or the one of her agency.
    pub(crate) fn of(house: &Casework, officer: OfficerCaller) -> Result<Self, Failure> {
        let day = house.now().local_date();
        let book = house.identity().units();
        let unit = officer.unit().ok_or_else(Failure::forbidden)?;
        let caller = Caller::Officer(officer.clone());
        let policy = house.identity().policy();
        policy.require(&caller, Right::DossierSubmitFor, &Resource::at(unit))?;
        let is_desk = book.get(unit).is_some_and(|unit| unit.kind == UnitKind::Desk);
        let desk = if is_desk {
            book.get(unit)
        } else {
            book.desk_for(unit, day)
        };
        let desk = desk.ok_or(DossierError::UnitMissing)?;
        Ok(Self {
            unit_name: book.name(unit, kernel::Lang::Vi, day).to_owned(),
            desk: desk.id,
            desk_name: desk.name_on(day).vi.clone(),
            agency: book.agency_of(unit, day).map(|agency| agency.id),
            caller,
            officer,
            unit,
            day,
        })
    }

    /// Whether this officer receives what goes to `place`.
    fn receives(&self, house: &Casework, place: &submit::Place) -> bool {
        let resource = Resource::at(place.unit).and_at(place.desk).in_state(1);
        house
            .identity()
            .policy()
            .decide(&self.caller, Right::DossierReceive, &resource)
    }

    fn by(&self) -> By {
        By {
            account: self.officer.account(),
            capacity: Capacity::Desk,
            name: Some(self.officer.name().to_owned()),
            unit: Some((self.unit, self.unit_name.clone())),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    procedure: String,
}

async fn begin(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(asked): Query<Asked>,
) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let serving = serving(&house, &at).await?;
    if !asked.procedure.is_empty() {
        let walk = Walk::load(&house, at, &asked.procedure).await?;
        let start = Shown {
            values: form::beginning(walk.default_unit()).with("procedure", walk.procedure.code.to_string()),
            errors: Errors::none(),
            found: None,
            kept: Vec::new(),
            began: house.now(),
            scans: shell.once_for("scans"),
        };
        return Ok(walk.page(&house, &shell, start, serving.as_ref())?.into_response());
    }
    let typed = asked.q.trim().to_owned();
    let index = house.catalogue().index().await.map_err(DossierError::from)?;
    // A code that was typed or scanned leads on at once.
    if let Some(row) = index.get(&typed).filter(|row| row.is_here()) {
        return Ok(see_other(&format!("/desk/intake?procedure={}", row.code)));
    }
    let body = if typed.is_empty() {
        let (desk, since) = (at.desk, house.now() + -SignedDuration::from_hours(24 * FREQUENT_DAYS));
        let most = i64::try_from(view::OFFERED).unwrap_or(9);
        let codes = house
            .store()
            .read(move |tx| table::frequent(tx, desk, since, most))
            .await;
        let codes = codes.map_err(DossierError::from)?;
        let mut rows: Vec<_> = codes.iter().filter_map(|code| index.get(code)).collect();
        let known: Vec<_> = rows.iter().map(|row| row.code.clone()).collect();
        let popular = index.all().filter(|row| row.is_here() && !known.contains(&row.code));
        rows.extend(popular.take(view::OFFERED.saturating_sub(known.len())));
        view::choose(&shell, "", &rows, false, serving.as_ref())
    } else {
        let hits = index.search(&search::Query {
            text: typed.clone(),
            page: 1,
            ..search::Query::default()
        });
        let rows: Vec<_> = hits.rows.into_iter().filter(|row| row.is_here()).collect();
        view::choose(&shell, &typed, &rows, true, serving.as_ref())
    };
    Ok(Page::new(&shell, shell.text("intake-title")).body(body).into_response())
}

async fn serving(house: &Casework, at: &AtDesk) -> Result<Option<Ticket>, DossierError> {
    let (account, day) = (at.officer.account(), at.day);
    Ok(house
        .store()
        .read(move |tx| queue::store::served_by(tx, account, day))
        .await?)
}

/// One walk-in: the desk, the procedure, and who can settle it.
struct Walk {
    at: AtDesk,
    procedure: Arc<Procedure>,
    version: i64,
    agencies: Vec<Agency>,
}

/// What is shown in the form.
struct Shown {
    values: Values,
    errors: Errors,
    found: Option<&'static str>,
    kept: Vec<FileRow>,
    began: Timestamp,
    scans: Uuid,
}

impl Walk {
    async fn load(house: &Casework, at: AtDesk, code: &str) -> Result<Self, Failure> {
        let code = procedure::http::code_of(code)?;
        let (procedure, version) = procedure::http::current(house, &code).await?;
        let agencies = place::agencies(&house.identity().units(), &procedure, at.day);
        if agencies.is_empty() {
            return Err(DossierError::NotFiledHere.into());
        }
        Ok(Self {
            at,
            procedure,
            version,
            agencies,
        })
    }

    /// The desk's own agency where it settles this, else the only one there is; else the officer chooses.
    fn default_unit(&self) -> Option<UnitId> {
        let own = self.agencies.iter().find(|agency| self.at.agency == Some(agency.unit));
        own.or_else(|| (self.agencies.len() == 1).then(|| self.agencies.first()).flatten())
            .map(|agency| agency.unit)
    }

    fn place(&self, house: &Casework, values: &Values) -> Result<submit::Place, DossierError> {
        let unit = values.typed::<UnitId>("unit").ok_or(DossierError::UnitMissing)?;
        place::resolve(&house.identity().units(), &self.procedure, unit, self.at.day)
    }

    fn receives(&self, house: &Casework, values: &Values) -> bool {
        self.place(house, values)
            .is_ok_and(|place| self.at.receives(house, &place))
    }

    fn form(&self, house: &Casework, values: &Values, is_known: bool) -> Form {
        let channel = values.typed::<Channel>("channel").unwrap_or(Channel::Desk);
        let asks_days = self.procedure.time_limit(channel.kind()).is_none() && self.receives(house, values);
        let first_empty = ["person-id", "name", "phone", "address"]
            .into_iter()
            .find(|field| values.text(field).trim().is_empty());
        form::form(&Around {
            procedure: &self.procedure,
            agencies: &self.agencies,
            asks_days,
            files: house.settings().files,
            today: self.at.day,
            is_known,
            focus: first_empty.unwrap_or("all-papers"),
        })
    }

    fn keeper(&self, scans: Uuid) -> Keeper {
        Keeper {
            id: DraftId::from_uuid(scans),
            account: self.at.officer.account(),
            procedure: (
                self.procedure.code.clone(),
                self.version,
                self.procedure.title().vi.clone(),
            ),
        }
    }

    fn page(&self, house: &Casework, shell: &Shell, shown: Shown, serving: Option<&Ticket>) -> Result<Page, Failure> {
        let mut values = shown.values;
        let form = self.form(house, &values, shown.found == Some("intake-person-found"));
        if !shown.kept.is_empty() {
            let purpose = self.purpose(house, shown.scans)?;
            scans::show(house, &purpose, &shown.kept, &mut values)?;
        }
        let required = papers(&self.procedure).filter(|(_, paper)| paper.required).count();
        let body = view::desk(
            shell,
            &view::Desk {
                title: self.procedure.title(),
                form: &form,
                receives: self.receives(house, &values),
                values: &values,
                errors: &shown.errors,
                found: shown.found,
                began: shown.began,
                scans: shown.scans,
                serving,
                required,
            },
        );
        Ok(Page::new(shell, self.procedure.title().get(shell.lang))
            .errors(&shown.errors)
            .body(body))
    }

    /// Why an officer sees a person's record while she takes a dossier in: the task is the form itself.
    fn purpose(&self, house: &Casework, scans: Uuid) -> Result<Purpose, IdentityError> {
        let resource = Resource::at(self.at.unit).and_at(self.at.desk);
        let allowed = house
            .identity()
            .policy()
            .require(&self.at.caller, Right::PersonDisclose, &resource)?;
        Ok(Purpose::for_task(&self.at.caller, scans, &allowed).about(self.procedure.code.to_string()))
    }

    /// Fills in what the records say; the use is on record before the page leaves. The key of the texts says what was found.
    async fn look_up(&self, house: &Casework, values: &mut Values, scans: Uuid) -> Result<&'static str, Failure> {
        if let Ok(code) = values.text("tax-code").trim().parse::<TaxCode>() {
            self.fill_organisation(house, values, &code, scans).await?;
        }
        let number = values.text("person-id").replace(' ', "");
        let Ok(number) = number.parse::<PersonId>() else {
            return Ok("intake-person-typo");
        };
        let (keys, wanted) = (house.keys(), number);
        let record = house.store().read(move |tx| person::find(tx, &keys, &wanted)).await;
        let Some(record) = record.map_err(DossierError::from)? else {
            return Ok("intake-person-unknown");
        };
        let purpose = self.purpose(house, scans)?;
        house
            .identity()
            .record_use(&purpose, &[record.id])
            .await
            .map_err(DossierError::from)?;
        let known = crate::draft::known::open(house, &purpose, Some(&record))?;
        fill(values, &known);
        Ok("intake-person-found")
    }

    async fn fill_organisation(
        &self,
        house: &Casework,
        values: &mut Values,
        code: &TaxCode,
        scans: Uuid,
    ) -> Result<(), Failure> {
        let (keys, wanted) = (house.keys(), code.clone());
        let found = house
            .store()
            .read(move |tx| person::find_organisation(tx, &keys, &wanted))
            .await
            .map_err(DossierError::from)?;
        if let Some(record) = found {
            let purpose = self.purpose(house, scans)?;
            let details = person::open_organisation(&house.keys(), &purpose, &record).map_err(IdentityError::from)?;
            values.set("organisation-name", details.name);
            values.set("applicant", "organisation");
        }
        Ok(())
    }
}

fn fill(values: &mut Values, known: &crate::draft::rules::Known) {
    for (field, known) in [
        ("name", &known.name),
        ("phone", &known.phone),
        ("address", &known.address),
        ("email", &known.email),
    ] {
        // What the record lacks stays as it was typed.
        if !known.is_empty() {
            values.set(field, known.as_str());
        }
    }
    if let Ok(born) = known.birthday.parse::<Date>() {
        values.set("born", born.to_string());
        for (part, number) in [
            ("day", i64::from(born.day())),
            ("month", i64::from(born.month())),
            ("year", i64::from(born.year())),
        ] {
            values.set(format!("born-{part}"), number.to_string());
        }
    }
}

async fn save(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let serving = serving(&house, &at).await?;
    let walk = Walk::load(&house, at, submitted.text("procedure")).await?;
    let scans = submitted
        .text("scans")
        .parse()
        .unwrap_or_else(|_| shell.once_for("scans"));
    let began = submitted
        .text("began")
        .parse()
        .map_or(house.now(), Timestamp::from_micros);
    let first = walk.form(&house, &Values::none(), false);
    let mut typed = first.typed(&submitted);
    let form = walk.form(&house, &typed, false);
    typed = form.typed(&submitted);
    let listed = form::listed(&walk.procedure);
    if is_look_up(&submitted) {
        let found = walk.look_up(&house, &mut typed, scans).await?;
        let kept = scans::keep(&house, &walk.keeper(scans), &listed, &submitted).await?;
        let shown = Shown {
            values: typed,
            errors: Errors::none(),
            found: Some(found),
            kept,
            began,
            scans,
        };
        return Ok(walk.page(&house, &shell, shown, serving.as_ref())?.into_response());
    }
    let kept = scans::kept(&house, DraftId::from_uuid(scans), walk.at.officer.account()).await?;
    let checked = form.parse(&submitted).and_then(|values| {
        let errors = check(&walk, &values, &submitted, &kept);
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    });
    let values = match checked {
        Ok(values) => values,
        Err(errors) => {
            // A second press finds the scans taken over, and the dossier that the first one made.
            if let Some(first) = sent_before(&house, &walk.at, submitted.once).await? {
                return Ok(see_other(&format!("/desk/intake/{first}")));
            }
            let kept = scans::keep(&house, &walk.keeper(scans), &listed, &submitted).await?;
            let shown = Shown {
                values: typed,
                errors,
                found: None,
                kept,
                began,
                scans,
            };
            return Ok(walk.page(&house, &shell, shown, serving.as_ref())?.into_response());
        }
    };
    let id = take(&house, &walk, &values, &submitted, (kept, scans, began)).await?;
    Ok(see_other(&format!("/desk/intake/{id}")))
}

async fn sent_before(house: &Casework, at: &AtDesk, once: Uuid) -> Result<Option<DossierId>, DossierError> {
    let (account, now) = (at.officer.account(), house.now());
    let first = house
        .store()
        .write(move |tx| submit::sent_before(tx, Some(account), once, now))
        .await;
    match first {
        Ok(id) => Ok(Some(id)),
        Err(DossierError::DraftNotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The look-up was pressed, or Enter after the number with nothing else typed: then that was meant.
fn is_look_up(submitted: &Submitted) -> bool {
    let nothing_else = ["name", "phone", "address"]
        .iter()
        .all(|field| submitted.text(field).trim().is_empty());
    submitted.searching().is_some() || (nothing_else && !submitted.text("person-id").trim().is_empty())
}

/// What the fields alone cannot say: people who do not fit together, papers that everybody needs and nobody brought.
fn check(walk: &Walk, values: &Values, submitted: &Submitted, kept: &[FileRow]) -> Errors {
    let mut errors = rules::check_people(values, values.text("person-id"), walk.at.day);
    if let (Some(number), Some(born)) = (values.typed::<PersonId>("person-id"), values.date("born"))
        && number.check(Some(born), None).is_err()
    {
        errors.add("person-id", "intake-error-year");
    }
    if values.yes("all-papers") {
        return errors;
    }
    for (at, paper) in papers(&walk.procedure).filter(|(_, paper)| paper.required) {
        let ticked = !values.all(&form::paper_field(at)).is_empty();
        if !ticked && !is_scanned(at, submitted, kept) {
            let args = vec![("name", paper.name.vi.clone())];
            errors.add_with(form::paper_field(at), "intake-error-paper", args);
        }
    }
    errors
}

fn is_scanned(at: usize, submitted: &Submitted, kept: &[FileRow]) -> bool {
    let dropped = scans::unticked(kept, submitted);
    let is_kept = |row: &FileRow| row.component == i64::try_from(at).ok() && !dropped.contains(row);
    submitted.files_of(&scans::field(at)).next().is_some() || kept.iter().any(is_kept)
}

/// Makes the submission of a walk-in and saves it: submitted and, where this desk receives, received, in one transaction.
async fn take(
    house: &Casework,
    walk: &Walk,
    values: &Values,
    submitted: &Submitted,
    (kept, scans, began): (Vec<FileRow>, Uuid, Timestamp),
) -> Result<DossierId, Failure> {
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
    let receive = walk
        .at
        .receives(house, &place)
        .then(|| deed(house, walk, values, channel));
    let taking = Taking {
        by: walk.at.by(),
        desk: (walk.at.desk, walk.at.desk_name.clone()),
        channel,
        postmark_on: values.date("postmark"),
        began_at: began,
        ticket: submitted.text("ticket").parse().ok(),
        claim: claim(house, &content)?,
        files,
        receive,
    };
    let submission = Submission {
        once: submitted.once,
        procedure: (
            walk.procedure.code.clone(),
            walk.version,
            walk.procedure.title().vi.clone(),
        ),
        way: house.way_in(&walk.procedure, place.unit).await?,
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
    Ok(done.id)
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
        post_address: values.text("post-address").trim().to_owned(),
        birthday: values.text("born").to_owned(),
        organisation: rules::organisation(values),
        others: rules::others(values),
        papers: form::brought_papers(&walk.procedure, values, scanned),
        post_item: values.text("post-item").trim().to_owned(),
        ..Content::default()
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
    // A newborn has no number yet: she stands in the sealed content alone.
    if let Some((represented, number)) = content
        .represented
        .as_ref()
        .and_then(|one| Some((one, one.person_id.parse::<PersonId>().ok()?)))
    {
        let mut details = person::PersonDetails::new(number, represented.name.clone());
        details.born = represented.birthday.parse().ok();
        parties
            .people
            .push((PartyRole::Represented, prepared(house, &details)?));
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

async fn saved(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let at = AtDesk::of(&house, officer)?;
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let serving = serving(&house, &at).await?;
    let row = house
        .store()
        .read(move |tx| table::find(tx, id))
        .await
        .map_err(DossierError::from)?;
    // The desk that took it may print the receipt again, wherever the dossier went.
    let row = row
        .filter(|row| row.taken_desk == at.desk)
        .ok_or(DossierError::NotFound)?;
    let sheaf = mine::sheaf(&house, id).await?;
    let resource = crate::desk::resource(&sheaf.dossier)
        .and_at(row.taken_desk)
        .and_at(at.unit);
    let allowed = house
        .identity()
        .policy()
        .require(&at.caller, Right::PersonDisclose, &resource)?;
    let purpose = Purpose::for_dossier(&at.caller, id.uuid(), &allowed).about(sheaf.dossier.code.to_string());
    house
        .identity()
        .record_use(&purpose, &sheaf.subjects())
        .await
        .map_err(DossierError::from)?;
    let receipt = crate::track::http::receipt_body(&house, &shell, &purpose, &sheaf, false, false).await?;
    let body = view::saved(&shell, &sheaf.dossier, &row, &receipt, serving.as_ref());
    Ok(Page::new(&shell, sheaf.dossier.code.to_string()).body(body))
}

async fn taken(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let at = AtDesk::of(&house, officer)?;
    let (desk, from) = (at.desk, Timestamp::start_of_day(at.day));
    let until = from + SignedDuration::from_hours(24);
    let (rows, sums) = house
        .store()
        .read(move |tx| {
            let rows = table::taken(tx, desk, (from, until), TAKEN_MAX)?;
            Ok::<_, DossierError>((rows, table::sums(tx, desk, (from, until))?))
        })
        .await?;
    Ok(Page::new(&shell, shell.text("intake-taken-title"))
        .wide()
        .body(view::taken(&shell, &rows, sums)))
}
