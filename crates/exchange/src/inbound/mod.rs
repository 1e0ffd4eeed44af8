//! What the portal asks of us: the same services in the other direction. A session is opened by name and password and is a
//! signed hour, so that every node knows it; items are answered one by one.
//! Refuses to believe a state that is told: it makes us look; that an applicant took her dossier back is put to the rules of dossiers.
//! A dossier that we never had is listed, and told to the portal.

pub(crate) mod http;

use kernel::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use store::StoreError;
use store::sql::UuidList;

use crate::Exchange;
use crate::arrival::Arrived;
use crate::carried::take::Heard;
use crate::carried::{Snapshot, store as carried};
use crate::error::ExchangeError;
use crate::link::{Link, Ministry, store as links};
use crate::machine::rules;
use crate::transfer::store::{self as table, Stray};
use crate::wire::{Listed, LookUp, Progress, Request, Service, Sighted, Sync};

/// How long a session lasts.
const SESSION: SignedDuration = SignedDuration::from_mins(30);
/// Domain of the codes under which sessions and passwords are compared.
const DOMAIN: &str = "exchange.session";
/// Items of one request.
const ITEMS_MAX: usize = 500;

/// What one item is answered: error code and words.
type Said = (&'static str, String);

impl Exchange {
    fn answer(&self, code: &str, words: &str) -> Value {
        let dialect = self.dialect();
        let mut map = Map::new();
        map.insert(dialect.name("error_code").to_owned(), code.into());
        if !words.is_empty() {
            map.insert(dialect.name("message").to_owned(), words.into());
        }
        Value::Object(map)
    }

    /// Opens a session for who knows the password.
    pub(crate) fn open_session(&self, user: &str, password: &str) -> Result<String, ExchangeError> {
        let (known, secret) = self.portal()?.inbound.as_ref().ok_or(ExchangeError::NotSetUp)?;
        let keys = self.casework().keys();
        let mark = |user: &str, password: &str| format!("{}\n{user}\n{password}", user.len());
        let wanted = keys.mac(DOMAIN, mark(known, secret).as_bytes());
        if !keys.mac_matches(DOMAIN, mark(user, password).as_bytes(), &wanted) {
            return Err(ExchangeError::Inbound);
        }
        let until = (self.now() + SESSION).as_micros();
        let tag = keys.mac(DOMAIN, format!("session {until}").as_bytes());
        Ok(format!("{until}.{}", hex::encode(tag)))
    }

    fn is_in_session(&self, session: &str, now: Timestamp) -> bool {
        let Some((until, tag)) = session.split_once('.') else {
            return false;
        };
        let (Ok(micros), Ok(tag)) = (until.parse::<i64>(), hex::decode(tag)) else {
            return false;
        };
        let keys = self.casework().keys();
        now < Timestamp::from_micros(micros) && keys.mac_matches(DOMAIN, format!("session {micros}").as_bytes(), &tag)
    }

    /// Answers a request.
    pub(crate) async fn serve(&self, body: &Value) -> Result<Value, ExchangeError> {
        self.portal()?.inbound.as_ref().ok_or(ExchangeError::NotSetUp)?;
        let (session, unit, request) = match Request::read(self.dialect(), body) {
            Ok(read) => read,
            Err(what) => return Ok(self.answer("9", &format!("không đọc được: {what}"))),
        };
        if !self.is_in_session(&session, self.now()) {
            return Ok(self.answer("-1", "phiên làm việc đã hết"));
        }
        if request.data.len() > ITEMS_MAX {
            return Ok(self.answer("9", &format!("tối đa {ITEMS_MAX} mục")));
        }
        let mut data = Vec::with_capacity(request.data.len());
        match request.service {
            Service::Sync => {
                for item in &request.data {
                    data.push(self.told_dossier(item).await?);
                }
            }
            Service::Progress => {
                for item in &request.data {
                    data.push(self.told_step(item, &unit).await?);
                }
            }
            Service::LookUp => data = self.looked_up(&request.data).await?,
            Service::ListProcedures | Service::Procedure => data = self.listed(&request).await?,
        }
        let mut answer = self.answer("0", "");
        if let Some(map) = answer.as_object_mut() {
            map.insert(self.dialect().name("data").to_owned(), Value::Array(data));
        }
        Ok(answer)
    }

    fn item(&self, code: &str, (error, words): Said, receipt: Option<String>) -> Value {
        let mut item = self.answer(error, &words);
        if let Some(map) = item.as_object_mut() {
            map.insert(self.dialect().name("MaHoSo").to_owned(), code.into());
            if let Some(receipt) = receipt {
                map.insert(self.dialect().name("MaBienNhan").to_owned(), receipt.into());
            }
        }
        item
    }

    async fn told_dossier(&self, item: &Value) -> Result<Value, ExchangeError> {
        let Some(sync) = Sync::read(self.dialect(), item) else {
            return Ok(self.item("", ("3", "hồ sơ không có mã".to_owned()), None));
        };
        if sync.state.is_none() {
            self.stray(&sync.code, "state", Service::Sync).await?;
            return Ok(self.item(&sync.code, ("4", "trạng thái không có trong danh mục".to_owned()), None));
        }
        let code = sync.code.clone();
        Ok(match self.arrive(&sync, Service::Sync).await? {
            Arrived::New(receipt) => self.item(&code, ("0", String::new()), Some(receipt)),
            Arrived::Known(receipt) => {
                let procedure = self.procedure_of(&sync).await?;
                let heard = self.hear_carried(&code, &procedure, &sync.carried);
                self.told_again(&code, sync.state, heard).await?;
                self.item(&code, ("0", String::new()), receipt)
            }
            Arrived::Stray(reason) => {
                let words = web::text(kernel::Lang::Vi, &format!("exchange-stray-{reason}"));
                self.item(&code, ("6", words), None)
            }
        })
    }

    /// What is told of a dossier that we have is no proof: it makes us look. That its applicant took it back is her own word,
    /// and stays even where a message of ours went over it there. Papers are fetched, fees are shown.
    async fn told_again(&self, code: &str, state: Option<u8>, heard: Heard) -> Result<(), StoreError> {
        let (code, now) = (code.to_owned(), self.now());
        self.store()
            .write(move |tx| {
                let Some(mut link) = links::by_code(tx, &code)? else {
                    return Ok(());
                };
                link.track.check_at = Some(now);
                note_withdrawal(&mut link, state, now);
                heard.write(tx, link.dossier)?;
                links::save(tx, &link, None).map(|_| ())
            })
            .await
    }

    /// The procedure that an item is about: a change of a dossier need not name it.
    async fn procedure_of(&self, item: &Sync) -> Result<String, StoreError> {
        if !item.procedure.is_empty() || item.carried.papers.is_empty() {
            return Ok(item.procedure.clone());
        }
        let code = item.code.clone();
        let found = self.store().read(move |tx| {
            let Some(link) = links::by_code(tx, &code)? else {
                return Ok::<_, StoreError>(None);
            };
            let list = UuidList::new([link.dossier.uuid()]);
            Ok(carried::procedures(tx, &list)?.pop())
        });
        Ok(found.await?.map(|(_, procedure, _)| procedure).unwrap_or_default())
    }

    /// A step that somebody else's system tells: a ministry that runs the dossier.
    async fn told_step(&self, item: &Value, unit: &str) -> Result<Value, ExchangeError> {
        let Some(step) = Progress::read(self.dialect(), item) else {
            return Ok(self.item("", ("3", "hồ sơ không có mã".to_owned()), None));
        };
        let Some(state) = step.state else {
            self.stray(&step.code, "state", Service::Progress).await?;
            return Ok(self.item(&step.code, ("4", "trạng thái không có trong danh mục".to_owned()), None));
        };
        let now = self.now();
        let (at, _) = rules::believed(step.at, None, now);
        let ministry = Ministry {
            agency: unit.chars().take(40).collect(),
            state,
            at,
        };
        let code = step.code.clone();
        let known = self
            .store()
            .write(move |tx| {
                let Some(mut link) = links::by_code(tx, &code)? else {
                    return Ok::<_, StoreError>(false);
                };
                // An older step that comes late does not take back a newer one.
                if link.ministry.as_ref().is_none_or(|before| before.at <= ministry.at) {
                    link.ministry = Some(ministry.clone());
                }
                note_withdrawal(&mut link, Some(state), now);
                links::save(tx, &link, None)?;
                Ok(true)
            })
            .await?;
        if known {
            return Ok(self.item(&step.code, ("0", String::new()), None));
        }
        self.stray(&step.code, "never-had", Service::Progress).await?;
        Ok(self.item(&step.code, ("5", "chưa có hồ sơ này".to_owned()), None))
    }

    async fn stray(&self, code: &str, reason: &'static str, service: Service) -> Result<(), StoreError> {
        let stray = Stray {
            code: code.chars().take(60).collect(),
            reason: reason.to_owned(),
            service: service.word().to_owned(),
            said: String::new(),
            times: 1,
            last_at: self.now(),
        };
        self.store().write(move |tx| table::stray(tx, &stray)).await
    }

    async fn looked_up(&self, asked: &[Value]) -> Result<Vec<Value>, ExchangeError> {
        let codes: Vec<String> = asked
            .iter()
            .filter_map(|item| match LookUp::read(self.dialect(), item) {
                Some(LookUp::One(code)) => Some(code),
                _ => None,
            })
            .collect();
        let found = self
            .store()
            .read(move |tx| {
                let mut found = Vec::new();
                for code in &codes {
                    let Some(link) = links::by_code(tx, code)? else {
                        continue;
                    };
                    let carried = match table::told(tx, link.dossier)? {
                        Some(told) => carried::snapshot(tx, link.dossier, &told.facts)?,
                        None => Snapshot::default(),
                    };
                    found.push((link, carried));
                }
                Ok::<_, StoreError>(found)
            })
            .await?;
        let with_papers = found.iter().filter(|(_, carried)| !carried.is_empty());
        let names = self.names(with_papers.map(|(link, _)| link.dossier).collect()).await?;
        let answer = |(link, carried): (Link, Snapshot)| {
            let names = names.get(&link.dossier).map(std::ops::Deref::deref);
            let carried = self.carried(&link.code, &carried, names);
            let sighted = Sighted {
                code: link.national_code,
                state: Ok(link.track.ours),
                stamp: Some(link.our_at),
                ended_at: link.ended_at,
            };
            let mut item = sighted.write(self.dialect());
            carried.add_to(self.dialect(), &mut item);
            item
        };
        Ok(found.into_iter().map(answer).collect())
    }

    async fn listed(&self, request: &Request) -> Result<Vec<Value>, ExchangeError> {
        let index = self.casework().catalogue().index().await?;
        let one = |row: &casework::procedure::Summary| {
            let listed = Listed {
                code: row.code.to_string(),
                name: row.name.vi.clone(),
                sector: row.sector.vi.clone(),
            };
            listed.write(self.dialect())
        };
        if request.service == Service::ListProcedures {
            return Ok(index.all().map(one).collect());
        }
        let asked = request
            .data
            .iter()
            .filter_map(|item| Listed::read(self.dialect(), item));
        Ok(asked.filter_map(|wanted| index.get(&wanted.code).map(one)).collect())
    }
}

/// A state that says that the applicant took the dossier back, where ours does not.
fn note_withdrawal(link: &mut Link, state: Option<u8>, now: Timestamp) {
    if state == Some(rules::WITHDRAWN) && link.track.ours != rules::WITHDRAWN {
        link.taken_back(now);
    }
}
