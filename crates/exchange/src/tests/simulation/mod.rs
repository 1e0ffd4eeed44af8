//! A province and a portal under one virtual clock and over one virtual line, with all faults at once, from a seed. The rules of
//! the machine and the simulated portal are the ones that the program runs; only the sockets and the database are not there.
//! What is asserted: nothing is lost, nothing is double, both sides agree within a minute after the last fault, what applicants took
//! back there is taken back here while that can be, and each lateness is put down to whom it belongs.

mod verdict;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use kernel::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::machine::rules::{self, is_end};
use crate::machine::{After, Clock, Kind, Line, Outgoing, Settled, Stand, Track, group};
use crate::portal::{AnswerFate, Dice, Fault, Filing, Plan, Portal, Push, RequestFate};
use crate::wire::{Content, Dialect, LookUp, Progress, Reason, Request, Service, Sighted, Sync, read};

const FAULTS_END: i64 = 90;
const BOUND: i64 = 60;
const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
const LEASE: SignedDuration = SignedDuration::from_secs(20);
const TICK: SignedDuration = SignedDuration::from_millis(500);
const PULL: SignedDuration = SignedDuration::from_secs(5);
const BATCH: usize = 8;

fn start() -> Timestamp {
    Timestamp::from_seconds(1_795_000_000)
}

fn after(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

#[derive(Debug)]
enum Event {
    /// The officer does the next thing with a dossier.
    Change(usize),
    /// Somebody files at the portal.
    File,
    Tick,
    Pushes,
    Arrives {
        flight: usize,
        answer: AnswerFate,
    },
    Answered {
        flight: usize,
        content: Content,
    },
    PushArrives {
        push: Push,
        body: Value,
        answer_lost: bool,
    },
    PushAnswered {
        push: Push,
        taken: bool,
    },
    /// An applicant takes a dossier back at the portal.
    TakeBack(usize),
    /// A node dies: it forgets what it sent, and the leases run out.
    Dies,
    FaultsEnd,
}

struct Transfer {
    number: i64,
    key: Uuid,
    kind: Kind,
    state: u8,
    at: Timestamp,
    stand: Stand,
}

struct Ours {
    code: String,
    track: Track,
    transfers: Vec<Transfer>,
    held_until: Option<Timestamp>,
    flight: Option<usize>,
    /// What will still happen to it.
    plan: Vec<u8>,
    filed_at: Option<Timestamp>,
    arrived_at: Option<Timestamp>,
    due_at: Timestamp,
    ended_at: Option<Timestamp>,
    /// It was open here when we learned that its applicant took it back there.
    taken_back: bool,
    /// It was taken back at the portal, whatever came of that.
    asked_back: bool,
}

enum What {
    Send,
    Check,
    Pull,
}

struct Flight {
    what: What,
    /// Dossier, number of the transfer, state that it tells.
    items: Vec<(usize, i64, u8)>,
    codes: Vec<String>,
    body: Value,
    done: bool,
}

struct World {
    now: Timestamp,
    queue: BinaryHeap<Reverse<(Timestamp, u64)>>,
    events: BTreeMap<u64, Event>,
    next: u64,
    dice: Dice,
    plan: Plan,
    portal: Portal,
    dialect: Dialect,
    session: String,
    ours: Vec<Ours>,
    by_code: BTreeMap<String, usize>,
    flights: Vec<Flight>,
    line: Line,
    pulled_at: Timestamp,
    clock: Option<Clock>,
    filed: Vec<String>,
}

impl World {
    fn new(seed: u64, faults: &[Fault], permille: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0xABCD);
        let plan = Plan::new(seed, faults, permille, SignedDuration::from_secs(20));
        let keeps_keys = dice.permille(500);
        let dialect = Dialect::default();
        let portal = Portal::new(dialect.clone(), keeps_keys, plan.skew());
        let mut world = Self {
            now: start(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next: 0,
            dice,
            plan,
            portal,
            dialect,
            session: String::new(),
            ours: Vec::new(),
            by_code: BTreeMap::new(),
            flights: Vec::new(),
            line: Line::default(),
            pulled_at: start(),
            clock: None,
            filed: Vec::new(),
        };
        world.fill();
        world
    }

    fn fill(&mut self) {
        for n in 0..3 {
            let (at, due_at) = (self.ours.len(), self.due());
            self.ours.push(Ours {
                code: format!("H27.01-261122-{n:04}"),
                track: Track::new(1),
                transfers: Vec::new(),
                held_until: None,
                flight: None,
                plan: vec![1, 2, 4, 5, 4, 9, 10],
                filed_at: None,
                arrived_at: None,
                due_at,
                ended_at: None,
                taken_back: false,
                asked_back: false,
            });
            self.by_code.insert(self.ours[at].code.clone(), at);
            self.plan_changes(at);
            if self.dice.permille(250) {
                let when = self.within(80);
                self.put(when, Event::TakeBack(at));
            }
        }
        for _ in 0..2 {
            let at = self.within(40);
            self.put(at, Event::File);
        }
        if self.dice.permille(700) {
            let at = self.within(FAULTS_END);
            self.put(at, Event::Dies);
        }
        self.put(start(), Event::Tick);
        self.put(start(), Event::Pushes);
        self.put(after(FAULTS_END), Event::FaultsEnd);
    }

    /// Half of the due dates fall into the play, half far behind it.
    fn due(&mut self) -> Timestamp {
        if self.dice.permille(500) {
            self.within(90)
        } else {
            self.within(7_200)
        }
    }

    fn within(&mut self, seconds: i64) -> Timestamp {
        let millis = self.dice.below(u64::try_from(seconds * 1000).unwrap());
        start() + SignedDuration::from_millis(i64::try_from(millis).unwrap())
    }

    fn plan_changes(&mut self, dossier: usize) {
        let count = self.ours[dossier].plan.len();
        for _ in 0..count {
            let at = self.within(70).max(self.now);
            self.put(at, Event::Change(dossier));
        }
    }

    fn put(&mut self, at: Timestamp, event: Event) {
        self.next += 1;
        self.queue.push(Reverse((at, self.next)));
        self.events.insert(self.next, event);
    }

    fn run(&mut self) {
        let end = after(FAULTS_END + BOUND);
        while let Some(Reverse((at, id))) = self.queue.pop() {
            if at > end {
                break;
            }
            self.now = at;
            if let Some(event) = self.events.remove(&id) {
                self.handle(event);
            }
        }
        self.now = end;
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Change(dossier) => self.change(dossier),
            Event::File => {
                let filing = Filing {
                    procedure: "1.001193".to_owned(),
                    ..Filing::default()
                };
                let code = self.portal.file(&filing, self.now);
                // Now and then the portal loses in its own house what it had to tell: only a pull finds that.
                if self.dice.permille(300) {
                    self.portal.lose_push(&code);
                }
                self.filed.push(code);
            }
            Event::Tick => {
                self.tick();
                self.put(self.now + TICK, Event::Tick);
            }
            Event::Pushes => {
                self.push();
                self.put(self.now + TICK, Event::Pushes);
            }
            Event::Arrives { flight, answer } => self.arrives(flight, answer),
            Event::Answered { flight, content } => self.answered(flight, &content),
            Event::PushArrives {
                push,
                body,
                answer_lost,
            } => self.push_arrives(push, &body, answer_lost),
            Event::PushAnswered { push, taken } => self.portal.pushed(&push, taken, self.now),
            Event::TakeBack(dossier) => {
                let code = self.ours[dossier].code.clone();
                self.ours[dossier].asked_back = self.portal.take_back(&code, self.now);
            }
            Event::Dies => self.flights.iter_mut().for_each(|flight| flight.done = true),
            Event::FaultsEnd => self.plan.end(),
        }
    }

    fn change(&mut self, dossier: usize) {
        let (now, key) = (self.now, Uuid::from_u64_pair(self.dice.roll(), self.dice.roll()));
        let ours = &mut self.ours[dossier];
        if ours.plan.is_empty() {
            return;
        }
        let state = ours.plan.remove(0);
        if is_end(state) && ours.ended_at.is_none() {
            ours.ended_at = Some(now);
        }
        let kind = match state {
            1 => Kind::Register,
            4 | 5 => Kind::Progress,
            _ => Kind::Update,
        };
        let number = rules::changed(&mut ours.track, state, now);
        ours.transfers.push(Transfer {
            number,
            key,
            kind,
            state,
            at: now,
            stand: Stand::Waiting,
        });
    }

    /// We learn that its applicant took it back there: carried out while it is open, else answered with our state.
    fn taken_back(&mut self, dossier: usize) {
        let key = Uuid::from_u64_pair(self.dice.roll(), self.dice.roll());
        let (now, ours) = (self.now, &mut self.ours[dossier]);
        if ours.track.ours == rules::WITHDRAWN {
            return;
        }
        if is_end(ours.track.ours) {
            mend(ours, Kind::Mend, key, now);
            return;
        }
        ours.taken_back = true;
        ours.plan = vec![rules::WITHDRAWN];
        self.change(dossier);
    }

    fn is_free(&self, dossier: usize) -> bool {
        self.ours[dossier].held_until.is_none_or(|until| until <= self.now)
    }

    fn tick(&mut self) {
        if !rules::is_open(&self.line, self.now) {
            return;
        }
        if self.session.is_empty() {
            self.session = self.portal.sign_in()["session"].as_str().unwrap_or_default().to_owned();
        }
        self.send();
        self.check();
        if self.now.since(self.pulled_at) >= PULL {
            self.pulled_at = self.now;
            let ask = LookUp::FiledSince(self.portal.clock(start()) - SignedDuration::from_secs(600));
            let request = Request {
                service: Service::LookUp,
                is_updating: false,
                data: vec![ask.write(&self.dialect)],
            };
            self.launch(What::Pull, &request, Vec::new(), Vec::new());
        }
    }

    fn send(&mut self) {
        let mut items = Vec::new();
        for at in 0..self.ours.len() {
            let due = self.ours[at].track.send_at.is_some_and(|due| due <= self.now);
            if !due || !self.is_free(at) {
                continue;
            }
            let ours = &self.ours[at];
            let Some(transfer) = ours.transfers.iter().find(|one| one.stand == Stand::Waiting) else {
                continue;
            };
            items.push(self.outgoing(at, transfer));
        }
        for (request, inside) in group(items, BATCH) {
            let codes = inside.iter().map(|item| item.code.clone()).collect();
            self.launch(
                What::Send,
                &request,
                inside.iter().map(|item| item.tag).collect(),
                codes,
            );
        }
    }

    fn outgoing(&self, at: usize, transfer: &Transfer) -> Outgoing<(usize, i64, u8)> {
        let ours = &self.ours[at];
        let progress = transfer.kind == Kind::Progress;
        let item = if progress {
            let step = Progress {
                key: Some(transfer.key),
                code: ours.code.clone(),
                text: format!("bước {}", transfer.number),
                state: Some(transfer.state),
                at: Some(transfer.at),
                ..Progress::default()
            };
            step.write(&self.dialect)
        } else {
            let sync = Sync {
                key: Some(transfer.key),
                code: ours.code.clone(),
                procedure: "1.001193".to_owned(),
                state: Some(transfer.state),
                due_at: Some(ours.due_at),
                ..Sync::default()
            };
            sync.write(&self.dialect)
        };
        Outgoing {
            tag: (at, transfer.number, transfer.state),
            code: ours.code.clone(),
            service: if progress { Service::Progress } else { Service::Sync },
            is_updating: !progress && transfer.kind != Kind::Register,
            is_alone: ours.track.is_alone,
            item,
        }
    }

    fn check(&mut self) {
        let due: Vec<usize> = (0..self.ours.len())
            .filter(|at| self.ours[*at].track.check_at.is_some_and(|due| due <= self.now) && self.is_free(*at))
            .collect();
        for part in due.chunks(BATCH) {
            let codes: Vec<String> = part.iter().map(|at| self.ours[*at].code.clone()).collect();
            let request = Request {
                service: Service::LookUp,
                is_updating: false,
                data: codes
                    .iter()
                    .map(|code| LookUp::One(code.clone()).write(&self.dialect))
                    .collect(),
            };
            self.launch(
                What::Check,
                &request,
                part.iter().map(|at| (*at, 0, 0)).collect(),
                codes,
            );
        }
    }

    fn launch(&mut self, what: What, request: &Request, items: Vec<(usize, i64, u8)>, codes: Vec<String>) {
        let flight = self.flights.len();
        for (at, _, _) in &items {
            self.ours[*at].held_until = Some(self.now + LEASE);
            self.ours[*at].flight = Some(flight);
        }
        let body = request.body(&self.dialect, &self.session, "H27");
        self.flights.push(Flight {
            what,
            items,
            codes,
            body,
            done: false,
        });
        if self.plan.is_out(self.now) {
            let content = Content::Nothing(Reason::Unreachable);
            self.put(
                self.now + SignedDuration::from_millis(10),
                Event::Answered { flight, content },
            );
            return;
        }
        let fate = self.plan.draw();
        let answer = fate.answer;
        match fate.request {
            RequestFate::Lost => {}
            RequestFate::Arrives(way) => self.put(self.now + way, Event::Arrives { flight, answer }),
            RequestFate::Twice(one, two) => {
                self.put(self.now + one, Event::Arrives { flight, answer });
                self.put(self.now + two, Event::Arrives { flight, answer });
            }
        }
        let content = Content::Nothing(Reason::Timeout);
        self.put(self.now + TIMEOUT, Event::Answered { flight, content });
    }

    fn arrives(&mut self, flight: usize, answer: AnswerFate) {
        if self.plan.is_out(self.now) {
            return;
        }
        let body = self.flights[flight].body.clone();
        let said = if answer == AnswerFate::FalseYes {
            json!({ "error_code": 0 })
        } else {
            self.portal.answer(&body, self.now)
        };
        let text = serde_json::to_vec(&said).unwrap();
        let bytes = match answer {
            AnswerFate::Lost => return,
            AnswerFate::Plain | AnswerFate::FalseYes => text,
            AnswerFate::Html => b"<!doctype html><title>502</title>".to_vec(),
            AnswerFate::Half => text[..text.len() / 2].to_vec(),
            AnswerFate::Strange => b"{\"ok\":true}".to_vec(),
            AnswerFate::FalseNo => br#"{"error_code":"9","message":"khong"}"#.to_vec(),
        };
        let content = Content::Body(200, bytes);
        self.put(
            self.now + SignedDuration::from_millis(20),
            Event::Answered { flight, content },
        );
    }

    fn answered(&mut self, flight: usize, content: &Content) {
        if std::mem::replace(&mut self.flights[flight].done, true) {
            return;
        }
        let (items, codes) = (self.flights[flight].items.clone(), self.flights[flight].codes.clone());
        let names: Vec<&str> = codes.iter().map(String::as_str).collect();
        let answer = read(&self.dialect, content, &names);
        let chance = self.dice.byte();
        match answer.line {
            Some(reason) => {
                if reason == Reason::Session {
                    self.session.clear();
                }
                rules::line_failed(&mut self.line, self.now, chance);
            }
            None => rules::line_stands(&mut self.line),
        }
        match self.flights[flight].what {
            What::Send => {
                for ((at, number, state), verdict) in items.iter().zip(&answer.items) {
                    if self.ours[*at].flight != Some(flight) {
                        continue;
                    }
                    let chance = self.dice.byte();
                    let ours = &mut self.ours[*at];
                    ours.held_until = None;
                    let settled = rules::answered(&mut ours.track, (*number, *state), verdict, self.now, chance);
                    let transfer = ours.transfers.iter_mut().find(|one| one.number == *number);
                    if let Some(transfer) = transfer.filter(|one| one.stand == Stand::Waiting) {
                        transfer.stand = match settled {
                            Settled::Accepted => Stand::Accepted,
                            Settled::Waits => Stand::Waiting,
                            Settled::Failed => Stand::Failed,
                        };
                    }
                }
            }
            What::Check => {
                let found: Option<Vec<Sighted>> = answer.found().map(|data| {
                    data.iter()
                        .filter_map(|item| Sighted::read(&self.dialect, item))
                        .collect()
                });
                for (at, _, _) in items {
                    self.looked(at, flight, found.as_deref());
                }
            }
            What::Pull => {
                let found: Vec<Sync> = answer
                    .found()
                    .map(|data| data.iter().filter_map(|item| Sync::read(&self.dialect, item)).collect())
                    .unwrap_or_default();
                found.into_iter().for_each(|sync| self.arrived(&sync));
            }
        }
    }

    fn looked(&mut self, at: usize, flight: usize, found: Option<&[Sighted]>) {
        let (now, key) = (self.now, Uuid::from_u64_pair(self.dice.roll(), self.dice.roll()));
        let ours = &mut self.ours[at];
        if ours.flight != Some(flight) {
            return;
        }
        ours.held_until = None;
        let Some(found) = found else {
            rules::unseen(&mut ours.track, now);
            return;
        };
        let sighted = found.iter().find(|one| one.code == ours.code);
        if let Some(stamp) = sighted.and_then(|one| one.stamp) {
            self.clock = Some(rules::clock_told(self.clock, stamp, now));
        }
        match rules::sighted(&mut ours.track, sighted, now) {
            After::InStep => {
                for transfer in ours.transfers.iter_mut().filter(|one| one.stand == Stand::Accepted) {
                    transfer.stand = Stand::Confirmed;
                }
            }
            After::Wait => {}
            After::TakenBack => self.taken_back(at),
            After::Mend(kind) => mend(ours, kind, key, now),
        }
    }

    fn push(&mut self) {
        for (push, request) in self.portal.pushes_due(self.now) {
            self.portal.pushed(&push, false, self.now);
            let fate = self.plan.draw();
            let body = request.data.first().cloned().unwrap_or(Value::Null);
            let lost = !matches!(fate.answer, AnswerFate::Plain | AnswerFate::FalseNo);
            let one = |way| (self.now + way, push.clone(), body.clone(), lost);
            let ways: Vec<_> = match fate.request {
                RequestFate::Lost => Vec::new(),
                RequestFate::Arrives(way) => vec![one(way)],
                RequestFate::Twice(first, second) => vec![one(first), one(second)],
            };
            for (at, push, body, answer_lost) in ways {
                self.put(
                    at,
                    Event::PushArrives {
                        push,
                        body,
                        answer_lost,
                    },
                );
            }
        }
    }

    fn push_arrives(&mut self, push: Push, body: &Value, answer_lost: bool) {
        let Some(sync) = Sync::read(&self.dialect, body) else {
            panic!("the portal pushed no dossier: {body}");
        };
        match self.by_code.get(&sync.code).copied() {
            Some(at) if sync.state == Some(rules::WITHDRAWN) => self.taken_back(at),
            _ => self.arrived(&sync),
        }
        if !answer_lost {
            let at = self.now + SignedDuration::from_millis(20);
            self.put(at, Event::PushAnswered { push, taken: true });
        }
    }

    /// A dossier comes in, by whichever way: once.
    fn arrived(&mut self, sync: &Sync) {
        if self.by_code.contains_key(&sync.code) {
            return;
        }
        let at = self.ours.len();
        if let Some(stamp) = sync.filed_at {
            self.clock = Some(rules::clock_told(self.clock, stamp, self.now));
        }
        let (filed_at, _) = rules::believed(sync.filed_at, self.clock, self.now);
        let due_at = self.due();
        self.ours.push(Ours {
            code: sync.code.clone(),
            track: Track::arrived(self.now),
            transfers: Vec::new(),
            held_until: None,
            flight: None,
            plan: vec![2, 4, 9, 10],
            filed_at: Some(filed_at),
            arrived_at: Some(self.now),
            due_at,
            ended_at: None,
            taken_back: false,
            asked_back: false,
        });
        self.by_code.insert(sync.code.clone(), at);
        self.plan_changes(at);
    }
}

/// The whole state is told anew; what waits is carried by it.
fn mend(ours: &mut Ours, kind: Kind, key: Uuid, now: Timestamp) {
    for transfer in ours.transfers.iter_mut().filter(|one| one.stand == Stand::Waiting) {
        transfer.stand = Stand::Superseded;
    }
    let state = ours.track.ours;
    let number = rules::mend(&mut ours.track, now);
    ours.transfers.push(Transfer {
        number,
        key,
        kind,
        state,
        at: now,
        stand: Stand::Waiting,
    });
}

fn play(seed: u64, faults: &[Fault], permille: u64) {
    let mut world = World::new(seed, faults, permille);
    world.run();
    let wrong = world.faults();
    assert!(wrong.is_empty(), "seed {seed}, {faults:?}:\n{}", wrong.join("\n"));
}

/// Plays `count` seeds on every core.
fn play_all(count: u64) {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|core| {
                scope.spawn(move || {
                    (core..count)
                        .step_by(cores as usize)
                        .for_each(|seed| play(seed, Fault::ALL, 120))
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("every seed holds");
        }
    });
}

#[test]
fn without_faults_both_sides_agree() {
    (0..50).for_each(|seed| play(seed, &[], 0));
}

#[test]
fn with_each_fault_alone_both_sides_agree() {
    for fault in Fault::ALL {
        (0..40).for_each(|seed| play(seed, &[*fault], 200));
    }
}

#[test]
fn slow_ten_thousand_seeds_with_all_faults_together() {
    play_all(10_000);
}

#[test]
fn a_seed_plays_the_same_twice() {
    let play = |seed| {
        let mut world = World::new(seed, Fault::ALL, 120);
        world.run();
        let transfers = world.ours.iter().map(|ours| ours.transfers.len()).collect::<Vec<_>>();
        (world.flights.len(), transfers, world.portal.answered())
    };
    assert_eq!(play(42), play(42));
    assert_ne!(play(42), play(43), "another seed is another play");
}
