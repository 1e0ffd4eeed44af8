//! The values of a paper: what a template finds in `data.json`, made from the opened dossier. The shape of each is that of
//! the sample beside the template; a test holds them to each other.

use identity::UnitId;
use identity::unit::UnitBook;
use kernel::calendar::TimeLimit;
use kernel::{Date, Lang, Timestamp};
use serde_json::{Map, Value, json};

use super::issue::Signer;
use super::{Form, Paper, ResultText, rules};
use crate::Casework;
use crate::dossier::{Content, Defect, Dossier, Event, EventId};
use crate::draft::rules::phone_shown;
use crate::file::FilePurpose;
use crate::process::Process;
use crate::track::mine::{Opened, Sheaf};

/// An opened dossier with what papers need beside it.
pub(crate) struct Sight<'a> {
    pub(crate) sheaf: &'a Sheaf,
    pub(crate) opened: &'a Opened,
    /// Required papers of the procedure that came by hand.
    pub(crate) by_hand: Vec<String>,
    /// Dates before and after the last extension.
    pub(crate) extension: Option<(Timestamp, Timestamp)>,
    pub(crate) consulted: Vec<String>,
    /// The process under which it runs, which names the stages.
    pub(crate) process: Process,
}

impl Sight<'_> {
    fn dossier(&self) -> &Dossier {
        &self.sheaf.dossier
    }

    fn content(&self) -> &Content {
        &self.opened.content
    }

    /// The last step of an action, and what was written with it.
    fn last(&self, action: &str) -> Option<(&Event, &str)> {
        let at = self.sheaf.events.iter().rposition(|event| event.action == action)?;
        let note = self.opened.notes.get(at)?.as_deref().unwrap_or_default();
        Some((self.sheaf.events.get(at)?, note))
    }

    /// The step or request that a paper follows from: who signs it, at which unit, with what reason.
    pub(crate) fn basis(&self, form: Form, basis: uuid::Uuid) -> (Signer, String) {
        if form == Form::Supplement {
            let rows = self.sheaf.supplements.iter();
            let row = rows.into_iter().find(|row| row.id.uuid() == basis);
            let named = row.map(|row| (row.asked_by.clone(), row.asked_unit.clone()));
            let (name, unit) = named.unwrap_or_default();
            let reason = "Thành phần hồ sơ chưa đầy đủ, chưa đúng quy định".to_owned();
            return (Signer::new(name, unit), reason);
        }
        let word = match form {
            Form::Receipt | Form::ControlSlip => "receive",
            Form::Refusal => "refuse",
            Form::Apology => "extend",
            Form::Stop => "stop",
            Form::Supplement | Form::Register | Form::Result => "",
        };
        let Some((event, note)) = self.last(word) else {
            return (Signer::new(String::new(), String::new()), String::new());
        };
        let name = event.actor_name.clone().unwrap_or_default();
        let unit = event.unit_name.clone().unwrap_or_default();
        let grounds = self.opened.grounds_of(event.id);
        let reason = if note.is_empty() {
            let all: Vec<&str> = grounds.iter().map(|one| one.what.as_str()).collect();
            all.join("; ")
        } else {
            note.to_owned()
        };
        (Signer::new(name, unit), reason)
    }

    /// At which stage a request for more was made.
    fn stage(&self, basis: uuid::Uuid) -> String {
        let rows = self.sheaf.supplements.iter();
        let Some(row) = rows.into_iter().find(|row| row.id.uuid() == basis) else {
            return String::new();
        };
        match &row.step {
            _ if row.is_before_reception => web::text(Lang::Vi, "track-stage-before"),
            Some(step) => web::text_with(
                Lang::Vi,
                "track-stage-step",
                &[("step", self.process.label(step).vi.into())],
            ),
            None => web::text(Lang::Vi, "track-stage-after"),
        }
    }

    /// The defects of a request for more.
    fn defects(&self, basis: uuid::Uuid) -> Value {
        let rows = self.sheaf.supplements.iter().zip(&self.opened.supplements);
        let found = rows.into_iter().find(|(row, _)| row.id.uuid() == basis);
        listed(found.map(|(_, open)| open.defects.as_slice()).unwrap_or_default())
    }

    fn components(&self) -> Vec<String> {
        let files = self
            .opened
            .files
            .iter()
            .filter(|file| file.row.purpose == FilePurpose::Component);
        let mut all: Vec<String> = files.map(|file| format!("{} (bản điện tử)", file.name)).collect();
        let papers = self
            .content()
            .papers
            .iter()
            .filter(|paper| paper.original || paper.copy);
        all.extend(papers.map(|paper| {
            let kind = if paper.original { "bản chính" } else { "bản sao" };
            format!("{} ({kind})", paper.name)
        }));
        all.extend(self.by_hand.iter().map(|name| format!("{name} (nộp bản giấy)")));
        if all.is_empty() {
            all.push("Tờ khai điện tử".to_owned());
        }
        all
    }

    fn steps(&self) -> Value {
        let events = &self.sheaf.events;
        let who = |event: &Event| match (&event.actor_name, &event.unit_name) {
            (Some(name), Some(unit)) => format!("{name}, {unit}"),
            (Some(name), None) => name.clone(),
            _ => self.dossier().person_mask.clone(),
        };
        let late = |event: &Event| match event.action.as_str() {
            "receive" if self.dossier().is_late_receipt => "Quá hạn",
            "receive" => "Đúng hạn",
            "approve" if self.dossier().is_late => "Quá hạn",
            "approve" => "Đúng hạn",
            _ => "",
        };
        let rows = events.iter().enumerate().map(|(at, event)| {
            let giver = at.checked_sub(1).and_then(|before| events.get(before)).map(who);
            json!({
                "from": giver.unwrap_or_else(|| self.dossier().person_mask.clone()),
                "to": who(event),
                "at": moment(Some(event.at)),
                "did": web::text(Lang::Vi, &format!("track-did-{}", event.action)),
                "pace": late(event),
                "note": "",
            })
        });
        rows.collect()
    }
}

/// The time limit that was applied, in words.
fn limit_words(dossier: &Dossier) -> String {
    let limit = dossier.time_limit.as_deref();
    let limit = limit.and_then(|text| text.parse::<TimeLimit>().ok());
    limit.map(|limit| limit.text(Lang::Vi)).unwrap_or_default()
}

/// Defects as templates read them.
fn listed(defects: &[Defect]) -> Value {
    let one =
        |one: &Defect| json!({ "what": one.what, "remedy": one.remedy, "clause": one.clause, "example": one.example });
    defects.iter().map(one).collect()
}

/// A moment as templates read it: `2026-11-22T08:05`, empty when there is none.
pub(crate) fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.local().strftime("%Y-%m-%dT%H:%M").to_string())
        .unwrap_or_default()
}

/// What stands on every paper: who issues it, where, on which day, and its code.
pub(crate) fn head(
    house: &Casework,
    book: &UnitBook,
    paper: &Paper,
    desk: &str,
    agency: UnitId,
    agency_name: &str,
) -> Map<String, Value> {
    let above = book.get(agency).and_then(|unit| unit.parent_on(paper.issued_on));
    let above = above.map(|unit| rules::full_name(book.name(unit, Lang::Vi, paper.issued_on)));
    let url = address(house, &paper.token);
    let qr = web::qr::plain(&url);
    let place_of = match book.get(agency).map(|unit| unit.kind) {
        Some(identity::unit::UnitKind::Department | identity::unit::UnitKind::Division) => book
            .root(paper.issued_on)
            .map(|root| root.name_on(paper.issued_on).vi.clone()),
        _ => None,
    };
    let value = json!({
        "agency_above": above.unwrap_or_default(),
        "agency": rules::full_name(agency_name),
        "desk": rules::full_name(desk),
        "place": rules::place(&place_of.unwrap_or_else(|| agency_name.to_owned())),
        "date": paper.issued_on,
        "number": paper.number,
        "code": paper.dossier_code,
        "procedure": paper.procedure_name,
        "verify": { "url": url, "token": paper.token, "qr": qr },
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Where everybody reads whether a paper stands.
pub(crate) fn address(house: &Casework, token: &str) -> String {
    format!("{}/verify/{token}", house.settings().origin)
}

/// The values of one of the forms 01 to 06.
pub(crate) fn form(
    sight: &Sight<'_>,
    paper: &Paper,
    signer: &Signer,
    reason: &str,
    mut data: Map<String, Value>,
) -> Value {
    let (dossier, content) = (sight.dossier(), sight.content());
    let name = content
        .organisation
        .as_ref()
        .map_or(&content.name, |organisation| &organisation.name);
    let mut add = |name: &str, value: Value| {
        data.insert(name.to_owned(), value);
    };
    add(
        "applicant",
        json!({ "name": name, "address": content.address, "phone": phone_shown(&content.phone), "email": content.email }),
    );
    add(
        "officer",
        json!({ "name": signer.name, "unit": rules::full_name(&signer.unit), "title": signer.title }),
    );
    add("reason", json!(reason));
    add(
        "received_at",
        json!(moment(dossier.received_at.or(Some(dossier.submitted_at)))),
    );
    add("due_at", json!(moment(dossier.due_at)));
    match paper.form {
        Form::Receipt => {
            add("components", json!(sight.components()));
            add("sets", json!("01"));
            add("time_limit", json!(limit_words(dossier)));
            add(
                "delivery",
                json!(web::text(Lang::Vi, &format!("track-way-{}", dossier.delivery))),
            );
            add("book", json!(paper.year.to_string()));
            add("entry", json!(paper.seq.to_string()));
        }
        Form::Supplement => {
            add("defects", sight.defects(paper.basis));
            add("stage", json!(sight.stage(paper.basis)));
            add("phone", json!(""));
        }
        Form::Apology => {
            let (before, after) = sight.extension.unzip();
            add("due_before", json!(moment(before)));
            add("due_at", json!(moment(after.or(dossier.due_at))));
        }
        Form::ControlSlip => {
            add("consulted", json!(sight.consulted));
            add("steps", sight.steps());
        }
        Form::Refusal => {
            let step = EventId::from_uuid(paper.basis);
            add("defects", listed(sight.opened.grounds_of(step)));
            let note = sight.last("refuse").map(|(_, note)| note.to_owned());
            add("note", json!(note.unwrap_or_default()));
        }
        Form::Stop | Form::Register | Form::Result => {}
    }
    Value::Object(data)
}

/// The values of a result.
pub(crate) fn result(text: &ResultText, signer: &str, mut data: Map<String, Value>) -> Value {
    let agency = data.get("agency").and_then(Value::as_str).unwrap_or_default();
    let issuer = format!("{} {agency}", text.office);
    let more = json!({
        "kind": text.kind.title(),
        "decides": text.kind == super::ResultKind::Decision,
        "about": text.about,
        "issuer_title": if text.kind == super::ResultKind::Decision { issuer } else { String::new() },
        "grounds": text.grounds,
        "articles": text.articles,
        "recipients": text.recipients,
        "signer": { "authority": text.authority, "title": text.office, "name": signer },
    });
    if let Value::Object(more) = more {
        data.extend(more);
    }
    Value::Object(data)
}

/// One row of the register as it is printed.
fn register_row(dossier: &Dossier, content: &Content) -> Value {
    let name = content
        .organisation
        .as_ref()
        .map_or(&content.name, |organisation| &organisation.name);
    let contact: Vec<String> = [content.address.clone(), phone_shown(&content.phone)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    json!({
        "code": dossier.code,
        "procedure": dossier.procedure_name,
        "name": name,
        "contact": contact.join("; "),
        "unit": rules::full_name(&dossier.unit_name),
        "received_at": moment(dossier.received_at),
        "due_at": moment(dossier.due_at),
        "returned_at": moment(dossier.returned_at),
        "delivery": web::text(Lang::Vi, &format!("track-way-{}", dossier.delivery)),
        "note": web::text(Lang::Vi, &format!("dossier-state-{}", dossier.state)),
    })
}

/// A register as it is printed, from its opened rows.
pub(crate) fn register_sheet(
    name: String,
    (from, to): (Date, Date),
    narrowed: String,
    rows: &[(Dossier, Content)],
    is_cut: bool,
) -> RegisterSheet {
    RegisterSheet {
        name,
        from,
        to,
        narrowed,
        rows: rows
            .iter()
            .map(|(dossier, content)| register_row(dossier, content))
            .collect(),
        is_cut,
    }
}

/// What a register is called on paper: which one, from when to when, narrowed to what, and its rows.
pub(crate) struct RegisterSheet {
    pub(crate) name: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) narrowed: String,
    pub(crate) rows: Vec<Value>,
    pub(crate) is_cut: bool,
}

/// The values of the register.
pub(crate) fn register(sheet: &RegisterSheet, mut data: Map<String, Value>) -> Value {
    let more = json!({
        "register": sheet.name,
        "from": sheet.from,
        "to": sheet.to,
        "narrowed": sheet.narrowed,
        "cut": sheet.is_cut,
        "rows": sheet.rows,
    });
    if let Value::Object(more) = more {
        data.extend(more);
    }
    Value::Object(data)
}
