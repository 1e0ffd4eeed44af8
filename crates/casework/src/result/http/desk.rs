//! Papers at the desk: printing the forms of a dossier, issuing its result, taking a paper back.
//! Refuses a result before its decision, and whoever may not sign for the agency.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::{Action as Right, Caller, OfficerCaller, Purpose};
use store::keys::Sealed;
use web::components::Crumb;
use web::form::{Choice, Errors, Field, Form as PageForm, Values, Width};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::{offer_of, send, sight};
use crate::Casework;
use crate::desk::http::disclosed;
use crate::desk::resource;
use crate::dossier::{Dossier, DossierError, DossierId, store as dossiers};
use crate::result::issue::{self, Revocation};
use crate::result::{
    EndCause, Form, Paper, PaperError, PaperId, ResultKind, ResultText, Standing, rules, store as table, view,
};
use crate::track::mine::{self, Sheaf};

/// Lines of one list of a result.
const LINES_MAX: usize = 40;

/// The papers on the officers' page of a dossier.
pub(crate) async fn section(
    house: &Casework,
    shell: &Shell,
    caller: &Caller,
    sheaf: &Sheaf,
) -> Result<web::Markup, PaperError> {
    let id = sheaf.dossier.id;
    let papers = house.store().read(move |tx| table::of_dossier(tx, id)).await?;
    let offers = rules::offers(&sheaf.dossier, &sheaf.events, &sheaf.supplements);
    let policy = house.identity().policy();
    let may_issue =
        rules::takes_result(&sheaf.dossier) && policy.decide(caller, Right::PaperIssue, &resource(&sheaf.dossier));
    Ok(view::papers_of(shell, id, &papers, &offers, may_issue))
}

fn crumbs(shell: &Shell, dossier: &Dossier) -> Vec<Crumb> {
    vec![
        Crumb::new("/desk", shell.text("desk-title")),
        Crumb::new(format!("/desk/dossiers/{}", dossier.id), dossier.code.to_string()),
    ]
}

pub(super) async fn print(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let offer = offer_of(&sheaf, submitted.text("form"), submitted.text("basis"))?;
    let opened = mine::open(&house, &purpose, &sheaf)?;
    let sight = sight(&house, &sheaf, &opened).await?;
    let paper = issue::issue_form(&house, &sight, offer, officer.account()).await?;
    Ok(see_other(&format!("/desk/papers/{}", paper.id)))
}

/// A paper that this officer may see: the dossier's, or a register of a unit that she may list.
async fn find(house: &Casework, id: &str) -> Result<Paper, PaperError> {
    let id: PaperId = id.parse().map_err(|_| PaperError::NotFound)?;
    let found = house.store().read(move |tx| table::find(tx, id)).await?;
    found.ok_or(PaperError::NotFound)
}

pub(super) async fn pdf(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply<Response> {
    let paper = find(&house, &id).await?;
    let Some(dossier) = paper.dossier else {
        return register_pdf(&house, officer, &paper).await;
    };
    let (_, purpose) = disclosed(&house, &officer, &dossier.to_string()).await?;
    Ok(send(&house, &purpose, &paper).await?)
}

/// A printed register goes to whoever printed it: the uses of its names were recorded for her.
async fn register_pdf(house: &Casework, officer: OfficerCaller, paper: &Paper) -> Reply<Response> {
    if paper.made_by != officer.account() {
        return Err(PaperError::NotFound.into());
    }
    let caller = Caller::Officer(officer);
    let resource = identity::Resource::at(paper.unit);
    let allowed = house
        .identity()
        .policy()
        .require(&caller, Right::PersonDisclose, &resource)?;
    let purpose = Purpose::for_legal_basis(&caller, crate::register::BASIS, &allowed);
    Ok(send(house, &purpose, paper).await?)
}

/// The dossier of a page that issues or ends a paper, when this officer may.
async fn issuing(house: &Casework, officer: &OfficerCaller, id: DossierId) -> Result<Dossier, PaperError> {
    let dossier = house.store().read(move |tx| dossiers::find(tx, id)).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let at = resource(&dossier);
    if !policy.decide(&caller, Right::DossierRead, &at) {
        return Err(PaperError::NotFound);
    }
    policy.require(&caller, Right::PaperIssue, &at)?;
    Ok(dossier)
}

fn result_form(dossier: &Dossier, laid: Option<&Paper>) -> PageForm {
    // What has its number already is of the kind whose number that is.
    let fixed = laid.and_then(|paper| ResultKind::of_series(&paper.series));
    let kinds = ResultKind::ALL
        .iter()
        .filter(|kind| fixed.is_none_or(|fixed| fixed == **kind))
        .map(|kind| Choice::new(kind.word(), format!("paper-kind-{kind}").as_str()))
        .collect();
    PageForm::new("result", format!("/desk/dossiers/{}/result", dossier.id))
        .submit("paper-issue")
        .cancel(format!("/desk/dossiers/{}", dossier.id))
        .field(Field::radios("kind", "paper-kind", kinds))
        .field(
            Field::text("about", "paper-about")
                .hint("paper-about-hint")
                .max_len(300),
        )
        .field(Field::multiline("grounds", "paper-grounds", 6_000).hint("paper-lines-hint"))
        .field(Field::multiline("articles", "paper-articles", 20_000).hint("paper-lines-hint"))
        .field(Field::multiline("recipients", "paper-recipients", 2_000).hint("paper-lines-hint"))
        .field(
            Field::text("authority", "paper-authority")
                .hint("paper-authority-hint")
                .max_len(100)
                .optional(),
        )
        .field(Field::text("office", "paper-office").max_len(100).width(Width::W20))
}

fn lines(values: &Values, field: &str) -> Vec<String> {
    let lines = values.text(field).lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .take(LINES_MAX)
        .map(str::to_owned)
        .collect()
}

/// The text of the last result, to be changed for the next one. It names people, so its use is recorded.
async fn again(
    house: &Casework,
    officer: OfficerCaller,
    dossier: &Dossier,
    paper: &Paper,
) -> Result<Values, PaperError> {
    let caller = Caller::Officer(officer);
    let allowed = house
        .identity()
        .policy()
        .require(&caller, Right::PersonDisclose, &resource(dossier))?;
    let purpose = Purpose::for_dossier(&caller, dossier.id.uuid(), &allowed).about(dossier.code.to_string());
    house.identity().record_use(&purpose, &[dossier.person]).await?;
    let id = paper.id;
    let sealed = house.store().read(move |tx| table::content(tx, id)).await?;
    let Some(sealed) = sealed else {
        return Ok(begin(house, dossier));
    };
    let context = issue::content_context(id);
    let plain = house
        .identity()
        .open_sealed(&purpose, &context, &Sealed::from_bytes(sealed));
    let plain = plain
        .map_err(identity::IdentityError::from)
        .map_err(DossierError::from)?;
    let text: ResultText = serde_json::from_slice(&plain).map_err(|error| DossierError::Damaged(error.to_string()))?;
    Ok(Values::none()
        .with("kind", text.kind.word())
        .with("about", text.about)
        .with("grounds", text.grounds.join("\n"))
        .with("articles", text.articles.join("\n"))
        .with("recipients", text.recipients.join("\n"))
        .with("authority", text.authority)
        .with("office", text.office))
}

/// What a first result begins with: what every paper of its kind says.
fn begin(house: &Casework, dossier: &Dossier) -> Values {
    Values::none()
        .with("kind", ResultKind::Decision.word())
        .with("grounds", rules::usual_grounds(dossier).join("\n"))
        .with("recipients", rules::usual_recipients().join("\n"))
        .with("office", crate::result::office_of(house, dossier))
}

fn form_page(
    house: &Casework,
    shell: &Shell,
    dossier: &Dossier,
    values: &Values,
    errors: &Errors,
    (replaces, laid): (bool, Option<&Paper>),
) -> Page {
    let form = result_form(dossier, laid).render(shell, values, errors);
    let title = shell.text("paper-issue-result");
    let limit = shell.text_with(
        "paper-number-words",
        &[("unit", rules::full_name(&dossier.unit_name).into())],
    );
    let day = format::long_date(shell.lang, house.now().local_date());
    let body = maud::html! {
        h1 { (title) }
        p { (limit) " " (day) }
        @if let Some(laid) = laid { (web::components::note(web::components::Tone::Info, &shell.text_with("effect-laid", &[("number", laid.number.as_str().into())]), &maud::html! { p { (shell.text("effect-laid-about")) } })) }
        @if replaces { (web::components::note(web::components::Tone::Soon, &shell.text("paper-replaces"), &maud::html! {})) }
        (form)
    };
    Page::new(shell, title)
        .crumbs(crumbs(shell, dossier))
        .errors(errors)
        .body(body)
}

/// The last result that was printed, and one that was laid down and waits to be signed.
async fn results(house: &Casework, dossier: DossierId) -> Result<(Option<Paper>, Option<Paper>), PaperError> {
    let papers = house.store().read(move |tx| table::of_dossier(tx, dossier)).await?;
    let of = |printed: bool| {
        let mut all = papers.iter().filter(|paper| paper.form == Form::Result);
        all.rfind(|paper| paper.blob.is_some() == printed).cloned()
    };
    let laid = of(false).filter(|paper| paper.standing == Standing::Printing);
    Ok((of(true), laid))
}

pub(super) async fn result_page(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
    let id: DossierId = id.parse().map_err(|_| PaperError::NotFound)?;
    let dossier = issuing(&house, &officer, id).await?;
    if !rules::takes_result(&dossier) {
        return Err(PaperError::NotCalledFor(Form::Result).into());
    }
    let (last, laid) = results(&house, id).await?;
    let values = match laid.as_ref().or(last.as_ref()) {
        Some(paper) => again(&house, officer, &dossier, paper).await?,
        None => begin(&house, &dossier),
    };
    Ok(form_page(
        &house,
        &shell,
        &dossier,
        &values,
        &Errors::none(),
        (last.is_some(), laid.as_ref()),
    ))
}

pub(super) async fn result(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let id: DossierId = id.parse().map_err(|_| PaperError::NotFound)?;
    let dossier = issuing(&house, &officer, id).await?;
    if !rules::takes_result(&dossier) {
        return Err(PaperError::NotCalledFor(Form::Result).into());
    }
    let (last, laid) = results(&house, id).await?;
    let form = result_form(&dossier, laid.as_ref());
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let with = (last.is_some(), laid.as_ref());
            return Ok(form_page(&house, &shell, &dossier, &typed, &errors, with).into_response());
        }
    };
    let text = ResultText {
        kind: values.typed("kind").unwrap_or(ResultKind::Decision),
        about: values.text("about").trim().to_owned(),
        grounds: lines(&values, "grounds"),
        articles: lines(&values, "articles"),
        recipients: lines(&values, "recipients"),
        authority: values.text("authority").trim().to_owned(),
        office: values.text("office").trim().to_owned(),
    };
    let order = issue::ResultOrder {
        dossier: &dossier,
        // The key of the form: sent twice, it is one paper; filled in again, it is the next one.
        basis: submitted.once,
        text: &text,
        signer: officer.name().to_owned(),
        by: officer.account(),
        laid: laid.as_ref(),
    };
    let paper = issue::issue_result(&house, order).await?;
    Ok(see_other(&format!("/desk/dossiers/{}?paper={}", dossier.id, paper.id)))
}

fn revoke_form(paper: &Paper) -> PageForm {
    let causes = EndCause::ALL
        .iter()
        .map(|cause| Choice::new(cause.word(), format!("paper-cause-{cause}").as_str()))
        .collect();
    PageForm::new("revoke", format!("/desk/papers/{}/revoke", paper.id))
        .submit("paper-revoke")
        .field(Field::radios("cause", "paper-cause", causes))
        .field(Field::multiline("note", "paper-cause-note", 5_000).hint("paper-cause-note-hint"))
}

/// A paper of a dossier that this officer may end.
async fn ending(house: &Casework, officer: &OfficerCaller, id: &str) -> Result<(Paper, Dossier), PaperError> {
    let paper = find(house, id).await?;
    let dossier = issuing(house, officer, paper.dossier.ok_or(PaperError::NotFound)?).await?;
    if paper.standing == Standing::Standing {
        Ok((paper, dossier))
    } else {
        Err(PaperError::Ended)
    }
}

fn revoke_body(shell: &Shell, (paper, dossier): &(Paper, Dossier), values: &Values, errors: &Errors) -> Page {
    let form = revoke_form(paper).cancel(format!("/desk/dossiers/{}", dossier.id));
    let title = shell.text("paper-revoke");
    let body = maud::html! {
        h1 { (title) }
        p { b { (paper.title) " " span.num { (paper.number) } } }
        p { (shell.text("paper-revoke-words")) }
        (form.render(shell, values, errors))
    };
    Page::new(shell, title)
        .crumbs(crumbs(shell, dossier))
        .errors(errors)
        .body(body)
}

pub(super) async fn revoke_page(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
    let both = ending(&house, &officer, &id).await?;
    Ok(revoke_body(&shell, &both, &Values::none(), &Errors::none()))
}

pub(super) async fn revoke(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let both = ending(&house, &officer, &id).await?;
    let form = revoke_form(&both.0);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(revoke_body(&shell, &both, &form.typed(&submitted), &errors).into_response()),
    };
    let order = Revocation {
        paper: both.0.id,
        cause: values.typed("cause").ok_or(DossierError::BadValue("cause"))?,
        note: values.text("note").to_owned(),
        by: officer.account(),
        name: officer.name().to_owned(),
    };
    issue::revoke(&house, order).await?;
    Ok(see_other(&format!("/desk/dossiers/{}", both.1.id)))
}
