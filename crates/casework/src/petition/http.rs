//! Pages of petitions for people: what they are, four plain questions, filing, following with an account or with code and
//! secret, taking back. The desk's pages stand in `desk`.
//! They refuse to show who filed to anybody but herself, and answer a wrong secret like an unknown code.

pub(crate) mod desk;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::unit::UnitKind;
use identity::{AccountId, Caller, CitizenCaller, Purpose, Resource, UnitId};
use kernel::Lang;
use subtle_eq::same;
use web::components::Crumb;
use web::form::{Choice, Errors, Form, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::files;
use super::keep::{self, Asked, New};
use super::rules::{self, Wish};
use super::{Channel, Content, Filer, Kind, PetitionError, Step, store as table, view};
use crate::Casework;
use crate::file::kept;
use crate::line::http::held::Work;
use crate::line::{self, Class};

/// Where one's own petitions are listed, and filed.
const MINE: &str = "/my/petitions";

/// Petitions of one account that its page shows.
const OWN_MAX: i64 = 100;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let routes = routes
        .page(get("/petitions", about), Access::Public)
        .page(get("/petitions/follow", follow), Access::Public)
        .page(post("/petitions/follow", followed), Access::Public)
        .page(get("/my/petitions", mine), Access::Citizen)
        .page(get("/my/petitions/new", questions), Access::Citizen)
        .page(post("/my/petitions/new", led), Access::Citizen)
        .page(get("/my/petitions/{id}", own), Access::Citizen)
        .page(get("/my/petitions/{id}/files/{file}", download), Access::Citizen)
        .page(post("/my/petitions/{id}/withdraw", withdraw), Access::Citizen);
    desk::routes(routes)
}

/// Registers the pages that take files.
#[must_use]
pub(crate) fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    desk::upload_routes(routes.page(post("/my/petitions", file), Access::Citizen))
}

/// Comparison of secrets in a time that does not tell where they differ.
mod subtle_eq {
    pub(super) fn same(a: &str, b: &str) -> bool {
        let differ = a.bytes().zip(b.bytes()).fold(0_u8, |all, (a, b)| all | (a ^ b));
        a.len() == b.len() && differ == 0
    }
}

/// The agencies that a petition can be against: the province's committee, its departments, its communes, by name.
fn agencies(house: &Casework, lang: Lang) -> Vec<Choice> {
    let day = house.now().local_date();
    let book = house.identity().units();
    let group = |kind: UnitKind| match kind {
        UnitKind::Province => "petition-group-province",
        UnitKind::Department => "petition-group-departments",
        UnitKind::District => "petition-group-districts",
        UnitKind::Commune | UnitKind::Desk | UnitKind::Division => "petition-group-communes",
    };
    let mut found: Vec<(UnitKind, UnitId, String)> = book
        .all()
        .filter(|unit| unit.is_in_force(day) && unit.kind.is_agency())
        .map(|unit| (unit.kind, unit.id, book.name(unit.id, lang, day).to_owned()))
        .collect();
    let place = |kind: UnitKind| match kind {
        UnitKind::Province => 0,
        UnitKind::Department => 1,
        UnitKind::District => 2,
        UnitKind::Commune | UnitKind::Desk | UnitKind::Division => 3,
    };
    found.sort_by_cached_key(|(kind, _, name)| (place(*kind), kernel::fold::sort_key(name)));
    found
        .into_iter()
        .map(|(kind, unit, name)| Choice::named(unit.to_string(), name).group(group(kind)))
        .collect()
}

async fn about(State(house): State<Casework>, shell: Shell, caller: Caller) -> Reply {
    let may_register = caller.officer().is_some()
        && house
            .identity()
            .policy()
            .somewhere(&caller, identity::Action::PetitionRegister);
    Ok(Page::new(&shell, shell.text("petition-title")).body(view::about(&shell, may_register)))
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/petitions", shell.text("petition-title"))]
}

fn own_crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/my/petitions", shell.text("petition-mine"))]
}

async fn follow(State(_): State<Casework>, shell: Shell) -> Reply {
    Ok(follow_page(&shell, &Values::none(), &Errors::none()))
}

fn follow_page(shell: &Shell, values: &Values, errors: &Errors) -> Page {
    Page::new(shell, shell.text("petition-follow"))
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(view::follow(shell, values, errors))
}

async fn followed(State(house): State<Casework>, shell: Shell, submitted: Submitted) -> Reply<Response> {
    let form = view::follow_form();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(follow_page(&shell, &form.typed(&submitted), &errors).into_response()),
    };
    let code = values.text("code").trim().to_uppercase();
    let found = house
        .store()
        .read(move |tx| {
            let Some(petition) = table::by_code(tx, &code)? else {
                return Ok(None);
            };
            let events = table::events(tx, petition.id)?;
            Ok::<_, PetitionError>(Some((petition, events)))
        })
        .await?;
    let typed = values.text("secret").trim().to_uppercase();
    let found = found.filter(|(petition, _)| same(&typed, &keep::secret(&house.keys(), petition.id)));
    let Some((petition, events)) = found else {
        let mut errors = Errors::none();
        errors.add("code", "petition-follow-nothing");
        return Ok(follow_page(&shell, &values, &errors).into_response());
    };
    let body = view::followed(&shell, &petition, &events);
    Ok(Page::new(&shell, petition.code.clone())
        .crumbs(crumbs(&shell))
        .body(body)
        .into_response())
}

fn may_file(house: &Casework, citizen: &CitizenCaller) -> Result<(), PetitionError> {
    let caller = Caller::Citizen(citizen.clone());
    let own = Resource::of(citizen.person());
    let allowed = house
        .identity()
        .policy()
        .require(&caller, identity::Action::PetitionFile, &own);
    allowed
        .map(|_| ())
        .map_err(|error| identity::IdentityError::from(error).into())
}

async fn mine(State(house): State<Casework>, shell: Shell, citizen: CitizenCaller) -> Reply {
    let filer = keep::filer_index(&house.keys(), citizen.account());
    let rows = house
        .store()
        .read(move |tx| Ok::<_, PetitionError>(table::of_filer(tx, &filer, OWN_MAX)?))
        .await?;
    Ok(Page::new(&shell, shell.text("petition-mine")).body(view::mine(&shell, &rows)))
}

async fn questions(State(house): State<Casework>, shell: Shell, citizen: CitizenCaller) -> Reply {
    may_file(&house, &citizen)?;
    let form = ONLINE.questions_form();
    Ok(ONLINE.questions_page(&shell, &form, &Values::none(), &Errors::none()))
}

/// From which side a petition is filed: by herself on line, or by an officer at the counter. The pages are the same.
pub(super) struct Side {
    /// Where the questions are.
    pub(super) new: &'static str,
    /// Where the petition goes.
    pub(super) to: &'static str,
    /// The title of the questions.
    pub(super) title: &'static str,
    /// The way to the pages.
    pub(super) crumbs: fn(&Shell) -> Vec<Crumb>,
    /// Somebody types it for another: name and number are asked.
    pub(super) is_desk: bool,
}

/// She files herself.
const ONLINE: Side = Side {
    new: "/my/petitions/new",
    to: "/my/petitions",
    title: "petition-new",
    crumbs: own_crumbs,
    is_desk: false,
};

impl Side {
    pub(super) fn questions_form(&self) -> Form {
        view::questions_form(self.new)
    }

    pub(super) fn questions_page(&self, shell: &Shell, form: &Form, values: &Values, errors: &Errors) -> Page {
        Page::new(shell, shell.text(self.title))
            .crumbs((self.crumbs)(shell))
            .errors(errors)
            .body(view::questions(shell, &form.render(shell, values, errors)))
    }

    fn file_form(&self, house: &Casework, shell: &Shell, submitted: &Submitted) -> Form {
        let form = view::file_form(self.to, submitted, agencies(house, shell.lang), self.is_desk);
        kept::carried(form, shell, Some(submitted)).field(files::field(house))
    }

    /// The page of the form, which says where the answers led.
    pub(super) fn file_page(
        &self,
        house: &Casework,
        shell: &Shell,
        kind: Kind,
        submitted: &Submitted,
        (values, errors): (&Values, &Errors),
    ) -> Page {
        let form = self.file_form(house, shell, submitted).render(shell, values, errors);
        Page::new(shell, shell.text(&format!("petition-kind-{kind}")))
            .crumbs((self.crumbs)(shell))
            .errors(errors)
            .body(view::file(shell, kind, &form))
    }

    /// Kind and answers of the form, or the page with what is wrong in it and the files that came along, kept.
    ///
    /// # Errors
    /// When the answers lead to no kind: the questions were left out. When the files cannot be kept.
    pub(super) async fn read(
        &self,
        house: &Casework,
        shell: &Shell,
        submitted: &Submitted,
        (by, purpose): (AccountId, &Purpose),
    ) -> Result<Result<(Kind, Values), Page>, PetitionError> {
        let kind = kind_of(submitted).ok_or(PetitionError::Missing("kind"))?;
        let form = self.file_form(house, shell, submitted);
        Ok(match form.parse(submitted) {
            Ok(values) => Ok((kind, values)),
            Err(errors) => {
                let asked = (by, purpose);
                Err(self.faulty(house, shell, (kind, submitted), asked, errors).await?)
            }
        })
    }

    /// The page with what is wrong in it, and the files that came along, kept.
    ///
    /// # Errors
    /// When the files cannot be kept.
    pub(super) async fn faulty(
        &self,
        house: &Casework,
        shell: &Shell,
        (kind, submitted): (Kind, &Submitted),
        (by, purpose): (AccountId, &Purpose),
        mut errors: Errors,
    ) -> Result<Page, PetitionError> {
        let mut typed = self.file_form(house, shell, submitted).typed(submitted);
        let lost = files::keep(house, by, submitted, (purpose, &mut typed)).await?;
        kept::tell_lost(&mut errors, lost);
        Ok(self.file_page(house, shell, kind, submitted, (&typed, &errors)))
    }
}

/// The kind to which the answers of the questions lead, or what is wrong with them.
pub(super) fn led_to(form: &Form, submitted: &Submitted) -> Result<Kind, Errors> {
    form.parse(submitted)?;
    kind_of(submitted).ok_or_else(Errors::none)
}

/// The kind that the answers of a form lead to.
fn kind_of(submitted: &Submitted) -> Option<Kind> {
    let yes = |field: &str| submitted.text(field) == "yes";
    Wish::of(submitted.text("want")).map(|wish| rules::kind_of(wish, yes("own"), yes("act")))
}

async fn led(
    State(house): State<Casework>,
    shell: Shell,
    citizen: CitizenCaller,
    submitted: Submitted,
) -> Reply<Response> {
    may_file(&house, &citizen)?;
    let form = ONLINE.questions_form();
    let kind = match led_to(&form, &submitted) {
        Ok(kind) => kind,
        Err(errors) => {
            let page = ONLINE.questions_page(&shell, &form, &form.typed(&submitted), &errors);
            return Ok(page.into_response());
        }
    };
    let known = crate::draft::known::of(&house, &citizen)
        .await
        .map_err(web::Failure::from)?;
    let values = Values::none()
        .with("phone", known.phone.as_str())
        .with("address", known.address.as_str());
    let page = ONLINE.file_page(&house, &shell, kind, &submitted, (&values, &Errors::none()));
    Ok(page.into_response())
}

/// What the form says the petition is about.
pub(super) fn content_of(values: &Values) -> Content {
    let text = |field: &str| values.text(field).trim().to_owned();
    Content {
        subject: text("subject"),
        story: text("story"),
        wish: text("wish"),
        against_person: text("against-person"),
    }
}

async fn file(
    State(house): State<Casework>,
    shell: Shell,
    citizen: CitizenCaller,
    submitted: Submitted,
) -> Reply<Response> {
    may_file(&house, &citizen)?;
    let sent = Arc::new((house, shell, citizen, submitted));
    let asked = sent.clone();
    let (house, shell, citizen, submitted) = &*sent;
    if submitted.files().is_empty() && submitted.refused().is_empty() {
        let work: Work = Arc::new(move || {
            let asked = asked.clone();
            Box::pin(async move { filed(&asked.0, &asked.1, &asked.2, &asked.3).await })
        });
        let caller = Caller::Citizen(citizen.clone());
        return line::http::through(house, shell, &caller, (submitted, Class::New, MINE), work).await;
    }
    let filed = filed(house, shell, citizen, submitted);
    line::http::within(house, Class::New, Box::pin(filed)).await?
}

async fn filed(house: &Casework, shell: &Shell, citizen: &CitizenCaller, submitted: &Submitted) -> Reply<Response> {
    let own = Purpose::own_data(citizen);
    let (kind, values) = match ONLINE.read(house, shell, submitted, (citizen.account(), &own)).await? {
        Ok(read) => read,
        Err(page) => return Ok(page.into_response()),
    };
    let known = crate::draft::known::of(house, citizen)
        .await
        .map_err(web::Failure::from)?;
    let new = New {
        once: submitted.once,
        kind,
        channel: Channel::Online,
        against: values.typed("against").ok_or(PetitionError::Missing("against"))?,
        target: values.typed("target").ok_or(PetitionError::Missing("target"))?,
        content: content_of(&values),
        filer: Filer {
            person: Some(citizen.person()),
            account: Some(citizen.account()),
            name: known.name,
            number: known.person_id,
            phone: values.text("phone").to_owned(),
            address: values.text("address").trim().to_owned(),
        },
        typed_by: None,
        files: (citizen.account(), submitted.clone()),
    };
    let petition = match keep::register(house, new).await {
        Err(PetitionError::FilesGone) => {
            let (asked, gone) = ((citizen.account(), &own), files::gone());
            let page = ONLINE.faulty(house, shell, (kind, submitted), asked, gone).await?;
            return Ok(page.into_response());
        }
        registered => registered?,
    };
    Ok(see_other(&format!("/my/petitions/{}", petition.id)))
}

async fn own(State(house): State<Casework>, shell: Shell, citizen: CitizenCaller, Path(id): Path<String>) -> Reply {
    let sheaf = keep::own(&house, &citizen, &id).await?;
    let opened = keep::open(&house, &Purpose::own_data(&citizen), &sheaf)?;
    let secret = keep::secret(&house.keys(), sheaf.petition.id);
    let attached = files::named(&house, &Purpose::own_data(&citizen), sheaf.petition.id).await?;
    let body = view::own(&shell, &sheaf, &opened, &secret, &attached);
    Ok(Page::new(&shell, sheaf.petition.code.clone())
        .crumbs(own_crumbs(&shell))
        .body(body))
}

async fn download(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path((id, file)): Path<(String, String)>,
) -> Reply<Response> {
    let sheaf = keep::own(&house, &citizen, &id).await?;
    let row = files::find(&house, sheaf.petition.id, &file).await?;
    crate::file::http::send(&house, &Purpose::own_data(&citizen), &row).await
}

async fn withdraw(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let sheaf = keep::own(&house, &citizen, &id).await?;
    let asked = Asked {
        words: submitted.text("words").chars().take(2_000).collect(),
        ..Asked::default()
    };
    keep::act(&house, &sheaf.petition, Step::Withdraw, &asked, None).await?;
    Ok(see_other(&format!("/my/petitions/{id}")))
}
