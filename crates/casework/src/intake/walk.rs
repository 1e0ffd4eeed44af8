//! One walk-in at one desk: who is behind the counter, which procedure, who can settle it, what its form asks in this case,
//! and what the records say of the person in front.
//! It refuses to open a record without writing down the use first.

use std::sync::Arc;

use identity::unit::UnitKind;
use identity::{Action as Right, Caller, IdentityError, OfficerCaller, Purpose, Resource, UnitId, person};
use kernel::{Date, PersonId, TaxCode, Timestamp};
use uuid::Uuid;
use web::form::{Errors, Form, Values};
use web::{Failure, Page, Shell, Submitted};

use super::form::{self, Around};
use super::scans::{self, Keeper};
use super::{Channel, rules, view};
use crate::Casework;
use crate::definitions::{self, Defined, Pin};
use crate::dossier::command::By;
use crate::dossier::state::Capacity;
use crate::dossier::{DossierError, DraftId, submit};
use crate::draft::rules::{Known, papers};
use crate::file::FileRow;
use crate::place::{self, Agency};
use crate::procedure::cases::{self, Others};
use crate::procedure::form::{answered, answered::Filing, under};
use crate::procedure::{self, Procedure};
use crate::queue::Ticket;

/// The officer at a desk: who, where, and what policy allows there.
#[derive(Clone)]
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
    pub(super) fn receives(&self, house: &Casework, place: &submit::Place) -> bool {
        let resource = Resource::at(place.unit).and_at(place.desk).in_state(1);
        house
            .identity()
            .policy()
            .decide(&self.caller, Right::DossierReceive, &resource)
    }

    pub(super) fn by(&self) -> By {
        By {
            account: self.officer.account(),
            capacity: Capacity::Desk,
            name: Some(self.officer.name().to_owned()),
            unit: Some((self.unit, self.unit_name.clone())),
        }
    }
}

/// One walk-in: the desk, the procedure, and who can settle it.
pub(crate) struct Walk {
    pub(crate) at: AtDesk,
    /// As the catalogue has it.
    pub(crate) listed: Arc<Procedure>,
    /// With the papers that its definition asks for in this case.
    pub(crate) procedure: Arc<Procedure>,
    /// Papers of which one is enough in the case that was answered.
    pub(crate) either: Vec<Vec<usize>>,
    pub(crate) version: i64,
    /// The definition that holds, with the name of its version.
    pub(crate) defined: Option<(Defined, Option<Pin>)>,
    pub(crate) agencies: Vec<Agency>,
}

/// What is shown in the form.
pub(super) struct Shown {
    pub(super) values: Values,
    pub(super) errors: Errors,
    pub(super) found: Option<&'static str>,
    pub(super) kept: Vec<FileRow>,
    pub(super) began: Timestamp,
    pub(super) scans: Uuid,
}

impl Walk {
    pub(crate) async fn load(house: &Casework, at: AtDesk, code: &str) -> Result<Self, Failure> {
        let code = procedure::http::code_of(code)?;
        let (procedure, version) = procedure::http::current(house, &code).await?;
        let agencies = place::agencies(&house.identity().units(), &procedure, at.day);
        if agencies.is_empty() {
            return Err(DossierError::NotFiledHere.into());
        }
        let mut walk = Self::of(at, procedure, version, agencies);
        walk.defined = house.definitions().of(&code).await?;
        walk.ask_for(&Values::none());
        Ok(walk)
    }

    /// A walk under a procedure that is known already.
    pub(crate) fn of(at: AtDesk, procedure: Arc<Procedure>, version: i64, agencies: Vec<Agency>) -> Self {
        Self {
            at,
            listed: procedure.clone(),
            defined: definitions::definition_of(&procedure.code).map(|defined| (*defined, Pin::of(defined))),
            procedure,
            either: Vec::new(),
            version,
            agencies,
        }
    }

    /// Asks for the papers that these answers need: by its definition, else by the case of the catalogue.
    pub(crate) fn ask_for(&mut self, values: &Values) {
        let own = form::own_values(&self.procedure, values);
        let Some((defined, _)) = &self.defined else {
            self.procedure = Arc::new(cases::under(&self.listed, &own, Others::Shown));
            self.either = cases::either(&self.procedure, &own);
            return;
        };
        let channel = match values.typed::<Channel>("channel") {
            Some(Channel::Post) => definition::procedure::Channel::Post,
            Some(Channel::Desk) | None => definition::procedure::Channel::Desk,
        };
        let known = Known {
            name: values.text("name").to_owned(),
            address: values.text("address").to_owned(),
            phone: values.text("phone").to_owned(),
            email: values.text("email").to_owned(),
            birthday: values.text("born").to_owned(),
            ..Known::default()
        };
        let filing = Filing {
            today: self.at.day,
            channel,
            representation: values.opt("representation"),
            known: &known,
        };
        let facts = answered::facts(defined, &own, &filing);
        self.procedure = Arc::new(under::definition(&self.listed, defined, &facts));
    }

    /// The desk's own agency where it settles this, else the only one there is; else the officer chooses.
    pub(crate) fn default_unit(&self) -> Option<UnitId> {
        let own = self.agencies.iter().find(|agency| self.at.agency == Some(agency.unit));
        own.or_else(|| (self.agencies.len() == 1).then(|| self.agencies.first()).flatten())
            .map(|agency| agency.unit)
    }

    pub(super) fn place(&self, house: &Casework, values: &Values) -> Result<submit::Place, DossierError> {
        let unit = values.typed::<UnitId>("unit").ok_or(DossierError::UnitMissing)?;
        place::resolve(&house.identity().units(), &self.procedure, unit, self.at.day)
    }

    pub(super) fn receives(&self, house: &Casework, values: &Values) -> bool {
        self.place(house, values)
            .is_ok_and(|place| self.at.receives(house, &place))
    }

    pub(crate) fn form(&self, house: &Casework, values: &Values, is_known: bool) -> Form {
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

    pub(super) fn keeper(&self, scans: Uuid) -> Keeper {
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

    pub(super) fn page(
        &self,
        house: &Casework,
        shell: &Shell,
        shown: Shown,
        serving: Option<&Ticket>,
    ) -> Result<Page, Failure> {
        let mut values = shown.values;
        let form = self.form(house, &values, shown.found == Some("intake-person-found"));
        if !shown.kept.is_empty() {
            let purpose = self.purpose(house, shown.scans)?;
            scans::show(house, &purpose, &shown.kept, &mut values)?;
        }
        let asks_case = form::case_question(&self.procedure).is_some();
        let required = papers(&self.procedure).filter(|(_, paper)| paper.required).count() + usize::from(asks_case);
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
    pub(super) fn purpose(&self, house: &Casework, scans: Uuid) -> Result<Purpose, IdentityError> {
        let resource = Resource::at(self.at.unit).and_at(self.at.desk);
        let allowed = house
            .identity()
            .policy()
            .require(&self.at.caller, Right::PersonDisclose, &resource)?;
        Ok(Purpose::for_task(&self.at.caller, scans, &allowed).about(self.procedure.code.to_string()))
    }

    /// Fills in what the records say; the use is on record before the page leaves. The key of the texts says what was found.
    pub(super) async fn look_up(
        &self,
        house: &Casework,
        values: &mut Values,
        scans: Uuid,
    ) -> Result<&'static str, Failure> {
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
        form::fill_own(&self.procedure, values, &known);
        Ok("intake-person-found")
    }

    pub(super) async fn fill_organisation(
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

/// What the fields alone cannot say: people who do not fit together, papers that everybody needs and nobody brought.
pub(crate) fn check(walk: &Walk, values: &Values, submitted: &Submitted, kept: &[FileRow]) -> Errors {
    let mut errors = rules::check_people(values, values.text("person-id"), walk.at.day);
    if let (Some(number), Some(born)) = (values.typed::<PersonId>("person-id"), values.date("born"))
        && number.check(Some(born), None).is_err()
    {
        errors.add("person-id", "intake-error-year");
    }
    if values.yes("all-papers") {
        return errors;
    }
    let is_there = |at: usize| !values.all(&form::paper_field(at)).is_empty() || is_scanned(at, submitted, kept);
    for (at, paper) in papers(&walk.procedure).filter(|(_, paper)| paper.required) {
        if !is_there(at) {
            let args = vec![("name", paper.name.vi.clone())];
            errors.add_with(form::paper_field(at), "intake-error-paper", args);
        }
    }
    for group in walk.either.iter().filter(|group| !group.iter().any(|at| is_there(*at))) {
        errors.add(form::paper_field(group[0]), "intake-error-either");
    }
    errors
}

pub(super) fn is_scanned(at: usize, submitted: &Submitted, kept: &[FileRow]) -> bool {
    let dropped = scans::unticked(kept, submitted);
    let is_kept = |row: &FileRow| row.component == i64::try_from(at).ok() && !dropped.contains(row);
    submitted.files_of(&scans::field(at)).next().is_some() || kept.iter().any(is_kept)
}
