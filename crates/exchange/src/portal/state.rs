//! What the simulated portal holds and how it answers: dossiers, their steps, the keys of transfers, what it still has to tell
//! the province. Pure: a body and an hour in, an answer out.
//! Refuses what a portal refuses: a session that is none, a change of a dossier that it does not have, a state that it does not
//! know. Whether it remembers keys of transfers is a setting, because nobody has verified that the real one does.

use std::collections::{BTreeMap, HashSet};

use kernel::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::machine::rules::{WITHDRAWN, is_end};
use crate::wire::{
    Applicant, Attachment, Carried, Dialect, Listed, LookUp, Progress, Request, ResultPaper, Service, Sighted, Sync,
};

/// Files that are held.
const FILES_MAX: usize = 10_000;
/// Keys that are remembered.
const KEYS_MAX: usize = 2_000_000;
/// First pause before something is told to the province again.
const PUSH_PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// Most dossiers of one answer.
const LISTED_MAX: usize = 500;

/// A dossier as the portal holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it was told last, field by field.
    pub sync: Sync,
    /// Its state there.
    pub state: u8,
    /// Its steps, in the order in which they came.
    pub steps: Vec<Progress>,
    /// Last change, by the portal's clock.
    pub stamp: Timestamp,
    /// Since when it has ended, by the portal's clock.
    pub ended_at: Option<Timestamp>,
    /// How often it was made; more than once is a fault of the province.
    pub made: u32,
    /// It came in here.
    pub is_own: bool,
}

/// Something that the province still has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The dossier.
    pub code: String,
    /// What about it.
    pub news: News,
    /// Not before.
    pub next_at: Timestamp,
    /// Tries.
    pub tries: u32,
}

/// What the province is told of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It was filed here.
    Filed,
    /// Its applicant took it back here.
    TakenBack,
    /// Papers, fees or results changed here.
    Carried,
}

/// A paper that somebody files, or a result of a ministry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FiledPaper {
    /// What it is called.
    pub name: String,
    /// Code of the component.
    pub component: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What somebody files at the portal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filing {
    /// National code of the procedure.
    pub procedure: String,
    /// Code of the agency.
    pub agency: String,
    /// Who applies.
    pub applicant: Applicant,
    /// Papers.
    pub papers: Vec<FiledPaper>,
}

/// The portal.
#[derive(Debug, Clone)]
pub struct Portal {
    dialect: Dialect,
    dossiers: BTreeMap<String, Held>,
    keys: HashSet<Uuid>,
    keeps_keys: bool,
    skew: SignedDuration,
    procedures: Vec<Listed>,
    pushes: Vec<Push>,
    filed: u32,
    session: String,
    answered: u64,
    base: String,
    files: BTreeMap<String, Vec<u8>>,
    fetched: BTreeMap<String, Vec<u8>>,
}

impl Portal {
    /// An empty portal whose clock is wrong by `skew`.
    #[must_use]
    pub fn new(dialect: Dialect, keeps_keys: bool, skew: SignedDuration) -> Self {
        Self {
            dialect,
            dossiers: BTreeMap::new(),
            keys: HashSet::new(),
            keeps_keys,
            skew,
            procedures: Vec::new(),
            pushes: Vec::new(),
            filed: 0,
            session: "phien-1".to_owned(),
            answered: 0,
            base: String::new(),
            files: BTreeMap::new(),
            fetched: BTreeMap::new(),
        }
    }

    /// Says under which address its files are fetched, without a slash at the end.
    pub fn listens_at(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    /// The content of a file that lies here.
    #[must_use]
    pub fn content(&self, id: &str) -> Option<&[u8]> {
        self.files.get(id).map(Vec::as_slice)
    }

    /// What was fetched from the province, by the id that it has there.
    #[must_use]
    pub const fn fetched(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.fetched
    }

    /// Papers and results of the province that were not fetched yet: id, address, hash.
    #[must_use]
    pub fn to_fetch(&self, most: usize) -> Vec<(String, String, String)> {
        let held = self.dossiers.values().map(|held| &held.sync.carried);
        let all = held.flat_map(|carried| {
            let papers = carried.papers.iter().map(|one| (&one.id, &one.url, &one.sha256));
            papers.chain(carried.results.iter().map(|one| (&one.id, &one.url, &one.sha256)))
        });
        let is_new =
            |(id, _, _): &(&String, &String, &String)| !self.files.contains_key(*id) && !self.fetched.contains_key(*id);
        let new = all.filter(is_new).take(most);
        new.map(|(id, url, hash)| (id.clone(), url.clone(), hash.clone()))
            .collect()
    }

    /// A file of the province was fetched.
    pub fn keep_fetched(&mut self, id: &str, bytes: Vec<u8>) {
        if self.fetched.len() < FILES_MAX {
            self.fetched.insert(id.to_owned(), bytes);
        }
    }

    fn store_file(&mut self, bytes: &[u8]) -> (String, String, String) {
        let id = format!("tep-{}", self.files.len() + 1);
        if self.files.len() < FILES_MAX {
            self.files.insert(id.clone(), bytes.to_vec());
        }
        let url = format!("{}/files/{id}", self.base);
        let hash = hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes));
        (id, url, hash)
    }

    fn attachments(&mut self, papers: &[FiledPaper]) -> Vec<Attachment> {
        let mut all = Vec::new();
        for paper in papers {
            let (id, url, sha256) = self.store_file(&paper.bytes);
            all.push(Attachment {
                id,
                url,
                sha256,
                name: paper.name.clone(),
                component: paper.component.clone(),
                is_deleted: false,
            });
        }
        all
    }

    fn tell(&mut self, code: &str, news: News, now: Timestamp) {
        self.pushes.retain(|push| push.code != code || push.news != news);
        self.pushes.push(Push {
            code: code.to_owned(),
            news,
            next_at: now,
            tries: 0,
        });
    }

    /// The applicant takes a dossier back here. Says whether it was there.
    pub fn take_back(&mut self, code: &str, now: Timestamp) -> bool {
        let stamp = self.clock(now);
        let Some(held) = self.dossiers.get_mut(code) else {
            return false;
        };
        held.set(WITHDRAWN, stamp);
        self.tell(code, News::TakenBack, now);
        true
    }

    /// The applicant brings papers more.
    pub fn add_papers(&mut self, code: &str, papers: &[FiledPaper], now: Timestamp) {
        let papers = self.attachments(papers);
        if let Some(held) = self.dossiers.get_mut(code) {
            held.sync.carried.papers.extend(papers);
            self.tell(code, News::Carried, now);
        }
    }

    /// A ministry issues a result.
    pub fn add_result(&mut self, code: &str, paper: &FiledPaper, number: &str, now: Timestamp) {
        let (id, url, sha256) = self.store_file(&paper.bytes);
        if let Some(held) = self.dossiers.get_mut(code) {
            held.sync.carried.results.push(ResultPaper {
                id,
                url,
                sha256,
                name: paper.name.clone(),
                component: paper.component.clone(),
                code: number.to_owned(),
            });
            self.tell(code, News::Carried, now);
        }
    }

    /// The applicant pays here what is owed.
    pub fn pay(&mut self, code: &str, now: Timestamp) {
        if let Some(held) = self.dossiers.get_mut(code) {
            held.sync.carried.fees.iter_mut().for_each(|fee| fee.is_paid = true);
            self.tell(code, News::Carried, now);
        }
    }

    /// The dossiers, by code.
    #[must_use]
    pub const fn dossiers(&self) -> &BTreeMap<String, Held> {
        &self.dossiers
    }

    /// One dossier, to be spoiled by a test.
    pub fn dossier_mut(&mut self, code: &str) -> Option<&mut Held> {
        self.dossiers.get_mut(code)
    }

    /// Takes a dossier away, as a portal that was set back to a backup does.
    pub fn forget(&mut self, code: &str) -> bool {
        self.keys.clear();
        self.dossiers.remove(code).is_some()
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        now + self.skew
    }

    /// Items that were taken.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// Says which procedures it knows.
    pub fn publish(&mut self, procedures: Vec<Listed>) {
        self.procedures = procedures;
    }

    /// Opens the session.
    #[must_use]
    pub fn sign_in(&self) -> Value {
        json!({ self.dialect.name("error_code"): "0", self.dialect.name("session"): self.session })
    }

    /// Ends the session: the next request is refused until somebody signs in.
    pub fn end_session(&mut self) {
        self.answered += 1;
        self.session = format!("phien-{}", self.answered);
    }

    /// Somebody files a dossier here. Says its code.
    pub fn file(&mut self, filing: &Filing, now: Timestamp) -> String {
        self.filed += 1;
        let stamp = self.clock(now);
        let code = format!("G22.99.18-{}-{:06}", stamp.local().strftime("%y%m%d"), self.filed);
        let carried = Carried {
            papers: self.attachments(&filing.papers),
            ..Carried::default()
        };
        let sync = Sync {
            code: code.clone(),
            procedure: filing.procedure.clone(),
            channel: 2,
            applicant: Some(filing.applicant.clone()),
            state: Some(1),
            filed_at: Some(stamp),
            agency: filing.agency.clone(),
            from_portal: true,
            changed_at: Some(stamp),
            carried,
            ..Sync::default()
        };
        let held = Held {
            sync,
            state: 1,
            steps: Vec::new(),
            stamp,
            ended_at: None,
            made: 1,
            is_own: true,
        };
        self.dossiers.insert(code.clone(), held);
        self.tell(&code, News::Filed, now);
        code
    }

    /// What the province is to be told now.
    #[must_use]
    pub fn pushes_due(&self, now: Timestamp) -> Vec<(Push, Request)> {
        let due = self.pushes.iter().filter(|push| push.next_at <= now).take(50);
        due.filter_map(|push| {
            let held = self.dossiers.get(&push.code)?;
            let sync = match push.news {
                News::Filed | News::Carried => held.sync.clone(),
                // That she took it back is said even where a message of the province has gone over it since.
                News::TakenBack => Sync {
                    state: Some(WITHDRAWN),
                    ..held.sync.clone()
                },
            };
            let request = Request {
                service: Service::Sync,
                is_updating: push.news != News::Filed,
                data: vec![sync.write(&self.dialect)],
            };
            Some((push.clone(), request))
        })
        .collect()
    }

    /// The province said yes, or it is to be told again.
    pub fn pushed(&mut self, told: &Push, taken: bool, now: Timestamp) {
        let is_it = |push: &Push| push.code == told.code && push.news == told.news;
        if taken {
            self.pushes.retain(|push| !is_it(push));
            return;
        }
        if let Some(push) = self.pushes.iter_mut().find(|push| is_it(push)) {
            push.tries += 1;
            push.next_at = now + PUSH_PAUSE * (1 << push.tries.min(4));
        }
    }

    /// The portal forgets what it still had to tell: a push that is lost in its own house.
    pub fn lose_push(&mut self, code: &str) {
        self.pushes.retain(|push| push.code != code);
    }

    /// Answers a request.
    pub fn answer(&mut self, body: &Value, now: Timestamp) -> Value {
        let Ok((session, _, request)) = Request::read(&self.dialect, body) else {
            return self.whole("9", "yêu cầu không đọc được");
        };
        if session != self.session {
            return self.whole("-1", "phiên làm việc đã hết");
        }
        let data: Vec<Value> = match request.service {
            Service::Sync => request
                .data
                .iter()
                .map(|item| self.take_sync(item, request.is_updating, now))
                .collect(),
            Service::Progress => request.data.iter().map(|item| self.take_progress(item, now)).collect(),
            Service::LookUp => request.data.iter().flat_map(|item| self.look_up(item)).collect(),
            Service::ListProcedures => self.procedures.iter().map(|one| one.write(&self.dialect)).collect(),
            Service::Procedure => self.find_procedures(&request.data),
        };
        json!({ self.dialect.name("error_code"): "0", self.dialect.name("data"): data })
    }

    fn whole(&self, code: &str, words: &str) -> Value {
        json!({ self.dialect.name("error_code"): code, self.dialect.name("message"): words })
    }

    fn item(&self, code: &str, error: &str, words: &str) -> Value {
        json!({ self.dialect.name("MaHoSo"): code, self.dialect.name("error_code"): error, self.dialect.name("message"): words })
    }

    /// Whether a transfer with this key came before.
    fn is_known(&mut self, key: Option<Uuid>) -> bool {
        let Some(key) = key.filter(|_| self.keeps_keys) else {
            return false;
        };
        if self.keys.len() >= KEYS_MAX {
            self.keys.clear();
        }
        !self.keys.insert(key)
    }

    fn take_sync(&mut self, item: &Value, is_updating: bool, now: Timestamp) -> Value {
        let Some(sync) = Sync::read(&self.dialect, item) else {
            return self.item("", "3", "hồ sơ không có mã");
        };
        let Some(state) = sync.state else {
            return self.item(&sync.code, "4", "trạng thái không có trong danh mục");
        };
        if is_updating && !self.dossiers.contains_key(&sync.code) {
            return self.item(&sync.code, "5", "chưa có hồ sơ này");
        }
        if self.is_known(sync.key) {
            return self.item(&sync.code, "0", "");
        }
        self.answered += 1;
        let (stamp, code) = (self.clock(now), sync.code.clone());
        match self.dossiers.get_mut(&code) {
            Some(held) => {
                if sync.applicant.is_some() {
                    held.sync.applicant.clone_from(&sync.applicant);
                }
                held.sync.received_at = sync.received_at.or(held.sync.received_at);
                held.sync.due_at = sync.due_at.or(held.sync.due_at);
                held.sync.ended_at = sync.ended_at.or(held.sync.ended_at);
                held.sync.returned_at = sync.returned_at.or(held.sync.returned_at);
                held.sync.note.clone_from(&sync.note);
                held.merge(sync.carried);
                held.set(state, stamp);
            }
            None => {
                let mut held = Held {
                    sync,
                    state,
                    steps: Vec::new(),
                    stamp,
                    ended_at: None,
                    made: 1,
                    is_own: false,
                };
                held.set(state, stamp);
                self.dossiers.insert(code.clone(), held);
            }
        }
        self.item(&code, "0", "")
    }

    fn take_progress(&mut self, item: &Value, now: Timestamp) -> Value {
        let Some(step) = Progress::read(&self.dialect, item) else {
            return self.item("", "3", "hồ sơ không có mã");
        };
        let Some(state) = step.state else {
            return self.item(&step.code, "4", "trạng thái không có trong danh mục");
        };
        if !self.dossiers.contains_key(&step.code) {
            return self.item(&step.code, "5", "chưa có hồ sơ này");
        }
        if self.is_known(step.key) {
            return self.item(&step.code, "0", "");
        }
        self.answered += 1;
        let (stamp, code) = (self.clock(now), step.code.clone());
        if let Some(held) = self.dossiers.get_mut(&code) {
            // The same step at the same hour is the same step, key or not.
            if !held
                .steps
                .iter()
                .any(|known| known.at == step.at && known.text == step.text)
            {
                held.steps.push(step);
            }
            held.set(state, stamp);
        }
        self.item(&code, "0", "")
    }

    fn look_up(&self, item: &Value) -> Vec<Value> {
        match LookUp::read(&self.dialect, item) {
            Some(LookUp::One(code)) => {
                let found = self.dossiers.get(&code).map(|held| {
                    let sighted = Sighted {
                        code,
                        state: Ok(held.state),
                        stamp: Some(held.stamp),
                        ended_at: held.ended_at,
                    };
                    sighted.write(&self.dialect)
                });
                found.into_iter().collect()
            }
            Some(LookUp::FiledSince(from)) => {
                let own = self.dossiers.values().filter(|held| held.is_own);
                let since = own.filter(|held| held.sync.filed_at.is_some_and(|at| at >= from));
                since
                    .take(LISTED_MAX)
                    .map(|held| held.sync.write(&self.dialect))
                    .collect()
            }
            None => Vec::new(),
        }
    }

    fn find_procedures(&self, asked: &[Value]) -> Vec<Value> {
        let codes: Vec<String> = asked
            .iter()
            .filter_map(|item| Listed::read(&self.dialect, item))
            .map(|one| one.code)
            .collect();
        let found = self.procedures.iter().filter(|one| codes.contains(&one.code));
        found.map(|one| one.write(&self.dialect)).collect()
    }
}

impl Held {
    /// What is told of papers, fees and results takes the place of what the same id had.
    fn merge(&mut self, told: Carried) {
        let own = &mut self.sync.carried;
        own.papers.retain(|one| told.papers.iter().all(|new| new.id != one.id));
        own.papers.extend(told.papers);
        own.results
            .retain(|one| told.results.iter().all(|new| new.id != one.id));
        own.results.extend(told.results);
        if !told.fees.is_empty() {
            own.fees = told.fees;
        }
    }

    /// Moves to a state. Whoever tells it last is believed: that is what makes reordering hurt.
    pub fn set(&mut self, state: u8, stamp: Timestamp) {
        self.state = state;
        self.sync.state = Some(state);
        self.stamp = stamp;
        self.ended_at = is_end(state).then(|| self.ended_at.unwrap_or(stamp));
    }
}
