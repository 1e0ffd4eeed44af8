//! Issuing: draw the number and write the row, print, keep the PDF, let it stand. Whatever stops between the steps, the next
//! try goes on with the same row and the same number.

use ::store::Tx;
use ::store::blob::{BlobMeta, StoredBlob};
use document::Document;
use identity::{AccountId, UnitId};
use kernel::{Timestamp, World};
use serde_json::Value;
use uuid::Uuid;

use super::compose::{self, RegisterSheet, Sight};
use super::rules::Offer;
use super::{Form, Paper, PaperError, PaperId, ResultText, Standing, rules, store as table};
use crate::Casework;
use crate::dossier::{Dossier, DossierError, FileId};
use crate::file::{self, FilePurpose, FileRow, transfer};

/// Most bytes of a paper that is kept.
const PDF_BYTES_MAX: u64 = 16 << 20;

/// Who signs a paper, as it stands on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signer {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) title: String,
}

impl Signer {
    pub(crate) fn new(name: String, unit: String) -> Self {
        Self {
            name,
            unit,
            title: String::new(),
        }
    }
}

/// A row made ready for its transaction; only the number is missing.
#[derive(Debug, Clone)]
struct Ready {
    paper: Paper,
    letters: Option<String>,
    content: Option<Vec<u8>>,
    outbox: Uuid,
}

fn press(house: &Casework) -> Result<&Document, PaperError> {
    house.settings().papers.as_ref().ok_or(PaperError::NoPress)
}

/// The row of a paper about `dossier`, without a number.
fn row(house: &Casework, form: Form, basis: Uuid, (unit, unit_name): (UnitId, &str), by: AccountId) -> Paper {
    let world = house.world().as_ref();
    let now = world.now();
    let day = now.local_date();
    Paper {
        id: PaperId::new(world),
        token: fresh_token(world),
        dossier: None,
        form,
        basis,
        unit,
        unit_name: unit_name.to_owned(),
        series: form.series().to_owned(),
        year: i64::from(day.year()),
        seq: 0,
        number: String::new(),
        title: web::text(kernel::Lang::Vi, &format!("paper-form-{form}")),
        issued_on: day,
        issued_at: now,
        officer_name: String::new(),
        made_by: by,
        dossier_code: String::new(),
        procedure_name: String::new(),
        person_mask: String::new(),
        template_version: None,
        layout_version: None,
        blob: None,
        sha256: None,
        size_bytes: None,
        standing: Standing::Printing,
        ended_at: None,
        ended_by: None,
        end_cause: None,
        replaced_by: None,
        fetched_at: None,
    }
}

fn of_dossier(mut paper: Paper, dossier: &Dossier) -> Paper {
    paper.dossier = Some(dossier.id);
    paper.dossier_code = dossier.code.to_string();
    paper.procedure_name.clone_from(&dossier.procedure_name);
    paper.person_mask.clone_from(&dossier.person_mask);
    paper
}

fn fresh_token(world: &dyn World) -> String {
    let mut bytes = [0; 10];
    world.fill(&mut bytes);
    rules::token(bytes)
}

/// Draws the number and writes the row, or finds the row of an earlier try.
fn reserve(tx: &mut Tx, ready: &Ready) -> Result<Paper, PaperError> {
    let mut paper = ready.paper.clone();
    if let Some(dossier) = paper.dossier
        && let Some(earlier) = table::of_basis(tx, dossier, paper.form, paper.basis)?
    {
        return Ok(earlier);
    }
    if !paper.series.is_empty() {
        paper.seq = table::next_number(tx, paper.unit, &paper.series, paper.year)?;
        paper.number = rules::number(paper.seq, &paper.series, ready.letters.as_deref());
    }
    table::insert(tx, &paper, ready.content.as_deref())?;
    Ok(paper)
}

/// Prints the values of a row and keeps the PDF.
async fn print(house: &Casework, paper: &mut Paper, data: &Value) -> Result<StoredBlob, PaperError> {
    let printed = press(house)?
        .print(paper.form.template(), data, paper.issued_on)
        .await?;
    let owner = paper.dossier.map_or_else(|| paper.id.uuid(), |dossier| dossier.uuid());
    let meta = BlobMeta {
        owner,
        media_type: "application/pdf".to_owned(),
        personal: true,
        size_max: PDF_BYTES_MAX,
    };
    let world = house.world().as_ref();
    let stored = house.store().blobs().put(world, printed.pdf.as_slice(), meta).await;
    let stored = stored.map_err(::store::StoreError::from)?;
    paper.template_version = Some(printed.version);
    paper.layout_version = Some(printed.layout);
    paper.sha256 = Some(stored.sha256.to_vec());
    paper.size_bytes = Some(i64::try_from(stored.size).unwrap_or(i64::MAX));
    Ok(stored)
}

/// Lets a printed row stand, in one transaction with what it replaces, with the file that the applicant fetches, and with its record
/// for the public log.
async fn stand(
    house: &Casework,
    paper: Paper,
    stored: StoredBlob,
    file: Option<FileRow>,
    (outbox, content): (Uuid, Option<Vec<u8>>),
) -> Result<Paper, PaperError> {
    let recorded = rules::recorded(&paper);
    let fact = ledger::Fact::new(
        house.world().as_ref(),
        ledger::Kind::Paper,
        paper.id.uuid(),
        recorded.as_bytes(),
    );
    house
        .store()
        .write(move |tx| {
            let blob = tx.attach_blob(&stored)?;
            if let Some(content) = &content {
                // Of two who sign at once the words of the first stand: they are what is printed.
                table::rewrite(tx, &paper, content)?;
            }
            if table::complete(tx, &paper, blob)? {
                // From here on the public log says that this paper was issued, with these bytes.
                fact.record(tx)?;
                if paper.form.takes_place() {
                    table::replace_others(tx, &paper)?;
                }
                if let (Some(file), Some(dossier)) = (&file, paper.dossier) {
                    let row = FileRow { blob, ..file.clone() };
                    file::store::insert(tx, &row, file::store::Holder::Dossier(dossier), paper.made_by)?;
                }
                tell(tx, &paper, outbox)?;
            }
            table::find(tx, paper.id)?.ok_or(PaperError::NotFound)
        })
        .await
}

fn tell(tx: &mut Tx, paper: &Paper, outbox: Uuid) -> Result<(), PaperError> {
    tx.emit(&::store::Event {
        id: outbox,
        kind: "paper.issued".into(),
        subject: paper.dossier.map_or_else(|| paper.id.uuid(), |dossier| dossier.uuid()),
        at: paper.issued_at,
        payload: serde_json::json!({
            "paper": paper.id, "form": paper.form, "code": paper.dossier_code, "number": paper.number, "unit": paper.unit,
        }),
    })?;
    Ok(())
}

/// Issues one of the forms 01 to 06, or gives back the one that was issued for the same step.
///
/// # Errors
/// What the press and the store say.
pub(crate) async fn issue_form(
    house: &Casework,
    sight: &Sight<'_>,
    offer: Offer,
    by: AccountId,
) -> Result<Paper, PaperError> {
    let dossier = &sight.sheaf.dossier;
    let (id, form, basis) = (dossier.id, offer.form, offer.basis);
    let found = house
        .store()
        .read(move |tx| table::of_basis(tx, id, form, basis))
        .await?;
    if let Some(paper) = found.filter(|paper| paper.blob.is_some()) {
        return Ok(paper);
    }
    let book = house.identity().units();
    let issuer = if form.is_of_desk() {
        (dossier.desk, dossier.desk_name.as_str())
    } else {
        (dossier.unit, dossier.unit_name.as_str())
    };
    let (mut signer, reason) = sight.basis(form, basis);
    if let Some(unit) = book.get(issuer.0) {
        signer.title = rules::office(unit.kind).to_owned();
    }
    let mut paper = of_dossier(row(house, form, basis, issuer, by), dossier);
    paper.officer_name.clone_from(&signer.name);
    let ready = Ready {
        letters: (!form.is_of_desk()).then(|| rules::letters(&dossier.unit_name)),
        content: None,
        outbox: kernel::id::uuid_v7(house.world().as_ref()),
        paper,
    };
    let outbox = ready.outbox;
    let mut paper = house.store().write(move |tx| reserve(tx, &ready)).await?;
    let head = compose::head(
        house,
        &book,
        &paper,
        &dossier.desk_name,
        dossier.unit,
        &dossier.unit_name,
    );
    let data = compose::form(sight, &paper, &signer, &reason, head);
    let stored = print(house, &mut paper, &data).await?;
    stand(house, paper, stored, None, (outbox, None)).await
}

/// A result that a step lays down: its number is drawn with the step, its text waits for whoever signs.
#[derive(Debug, Clone)]
pub(crate) struct Draft(Ready);

/// Makes a result ready to be laid down. `basis` names the effect, so that it is laid down once.
pub(crate) fn draft(
    house: &Casework,
    dossier: &Dossier,
    basis: Uuid,
    text: &ResultText,
    (by, name): (AccountId, &str),
) -> Draft {
    let at = (dossier.unit, dossier.unit_name.as_str());
    let mut paper = of_dossier(row(house, Form::Result, basis, at, by), dossier);
    text.kind.series().clone_into(&mut paper.series);
    text.kind.title().clone_into(&mut paper.title);
    name.clone_into(&mut paper.officer_name);
    Draft(Ready {
        letters: Some(rules::letters(&dossier.unit_name)),
        content: Some(sealed_text(house, paper.id, text)),
        outbox: kernel::id::uuid_v7(house.world().as_ref()),
        paper,
    })
}

/// Draws the number of a result and writes its row; it is printed when somebody signs it.
///
/// # Errors
/// What the store says.
pub(crate) fn lay_down(tx: &mut Tx, draft: &Draft) -> Result<Paper, DossierError> {
    reserve(tx, &draft.0).map_err(|error| match error {
        PaperError::Dossier(error) => error,
        PaperError::Store(error) => DossierError::Store(error),
        other => DossierError::Damaged(other.to_string()),
    })
}

fn sealed_text(house: &Casework, paper: PaperId, text: &ResultText) -> Vec<u8> {
    let plain = serde_json::to_vec(text).unwrap_or_default();
    house
        .keys()
        .seal(house.world().as_ref(), &content_context(paper), &plain)
        .into_bytes()
}

/// Prints a result that a step laid down, with the text as it was signed, under the number that it has.
async fn sign(house: &Casework, order: &ResultOrder<'_>, laid: &Paper) -> Result<Paper, PaperError> {
    let (dossier, text) = (order.dossier, order.text);
    let (book, now) = (house.identity().units(), house.now());
    let day = now.local_date();
    let mut paper = Paper {
        officer_name: order.signer.clone(),
        made_by: order.by,
        issued_at: now,
        // A number is one of its year: a result that is signed in the next one bears the day on which it was decided.
        issued_on: if i64::from(day.year()) == laid.year {
            day
        } else {
            laid.issued_on
        },
        ..laid.clone()
    };
    let head = compose::head(
        house,
        &book,
        &paper,
        &dossier.desk_name,
        dossier.unit,
        &dossier.unit_name,
    );
    let data = compose::result(text, &order.signer, head);
    let stored = print(house, &mut paper, &data).await?;
    let content = sealed_text(house, paper.id, text);
    let file = result_file(house, &paper, &stored);
    let outbox = kernel::id::uuid_v7(house.world().as_ref());
    stand(house, paper, stored, Some(file), (outbox, Some(content))).await
}

/// What a result is issued with.
pub(crate) struct ResultOrder<'a> {
    pub(crate) dossier: &'a Dossier,
    /// The decision, or the paper that this one replaces.
    pub(crate) basis: Uuid,
    pub(crate) text: &'a ResultText,
    pub(crate) signer: String,
    pub(crate) by: AccountId,
    /// The result that the deciding step laid down, when nobody has signed it yet.
    pub(crate) laid: Option<&'a Paper>,
}

/// Issues the result: tries the paper out, gives it its number, prints it, and lays it beside the dossier's files.
///
/// # Errors
/// What the press and the store say.
pub(crate) async fn issue_result(house: &Casework, order: ResultOrder<'_>) -> Result<Paper, PaperError> {
    if let Some(laid) = order.laid {
        return sign(house, &order, laid).await;
    }
    let (dossier, text) = (order.dossier, order.text);
    let book = house.identity().units();
    let mut paper = of_dossier(
        row(
            house,
            Form::Result,
            order.basis,
            (dossier.unit, &dossier.unit_name),
            order.by,
        ),
        dossier,
    );
    paper.series = text.kind.series().to_owned();
    paper.title = text.kind.title().to_owned();
    paper.officer_name.clone_from(&order.signer);
    let data = |paper: &Paper| {
        let head = compose::head(
            house,
            &book,
            paper,
            &dossier.desk_name,
            dossier.unit,
            &dossier.unit_name,
        );
        compose::result(text, &order.signer, head)
    };
    // A number is given once: what does not print gets none.
    press(house)?
        .print(document::Name::Result, &data(&paper), paper.issued_on)
        .await?;
    let ready = Ready {
        letters: Some(rules::letters(&dossier.unit_name)),
        content: Some(sealed_text(house, paper.id, text)),
        outbox: kernel::id::uuid_v7(house.world().as_ref()),
        paper,
    };
    let outbox = ready.outbox;
    let mut paper = house.store().write(move |tx| reserve(tx, &ready)).await?;
    if paper.blob.is_some() {
        return Ok(paper);
    }
    let data = data(&paper);
    let stored = print(house, &mut paper, &data).await?;
    let file = result_file(house, &paper, &stored);
    stand(house, paper, stored, Some(file), (outbox, None)).await
}

/// The row by which the applicant fetches a result, beside the files that officers attach.
fn result_file(house: &Casework, paper: &Paper, stored: &StoredBlob) -> FileRow {
    let world = house.world().as_ref();
    let id = FileId::new(world);
    let name = format!("{}.pdf", paper.number.replace('/', "-"));
    FileRow {
        id,
        purpose: FilePurpose::Result,
        component: None,
        supplement: None,
        blob: stored.id,
        name: house
            .keys()
            .seal(world, &transfer::name_context(id), name.as_bytes())
            .into_bytes(),
        media_type: "application/pdf".to_owned(),
        size_bytes: paper.size_bytes.unwrap_or(0),
        sha256: stored.sha256.to_vec(),
        added_at: paper.issued_at,
        check: None,
    }
}

/// Prints the register of a period for a unit; the caller has recorded the use of every name in it.
///
/// # Errors
/// What the press and the store say.
pub(crate) async fn print_register(
    house: &Casework,
    sheet: &RegisterSheet,
    (unit, unit_name): (UnitId, &str),
    (by, name): (AccountId, &str),
) -> Result<Paper, PaperError> {
    let book = house.identity().units();
    let basis = kernel::id::uuid_v7(house.world().as_ref());
    let mut paper = row(house, Form::Register, basis, (unit, unit_name), by);
    name.clone_into(&mut paper.officer_name);
    let ready = Ready {
        letters: None,
        content: None,
        outbox: kernel::id::uuid_v7(house.world().as_ref()),
        paper,
    };
    let outbox = ready.outbox;
    let mut paper = house.store().write(move |tx| reserve(tx, &ready)).await?;
    let head = compose::head(house, &book, &paper, unit_name, unit, unit_name);
    let data = compose::register(sheet, head);
    let stored = print(house, &mut paper, &data).await?;
    stand(house, paper, stored, None, (outbox, None)).await
}

/// Takes a paper back.
pub(crate) struct Revocation {
    pub(crate) paper: PaperId,
    pub(crate) cause: super::EndCause,
    pub(crate) note: String,
    pub(crate) by: AccountId,
    pub(crate) name: String,
}

/// Takes a paper back and writes why into the audit log.
///
/// # Errors
/// `Ended` when it does not stand any more.
pub(crate) async fn revoke(house: &Casework, order: Revocation) -> Result<(), PaperError> {
    let world = house.world().as_ref();
    let now: Timestamp = world.now();
    let context = end_note_context(order.paper);
    let note = house.keys().seal(world, &context, order.note.as_bytes()).into_bytes();
    house
        .store()
        .write(move |tx| {
            table::revoke(tx, order.paper, (now, &order.name), order.cause, &note)?;
            let detail = identity::audit::detail([("cause", order.cause.word().to_owned())]);
            let by = identity::audit::Actor::Account(order.by);
            identity::audit::append(tx, by, "paper.revoke", &order.paper.to_string(), detail, now)?;
            Ok(())
        })
        .await
}

/// Where what was typed for a paper is sealed.
pub(crate) fn content_context(paper: PaperId) -> String {
    format!("paper.content:{paper}")
}

/// Where the reason of a revocation is sealed.
pub(crate) fn end_note_context(paper: PaperId) -> String {
    format!("paper.end_note:{paper}")
}
