//! The machine against a naive oracle: random commands at random instants, on the workflow and the procedure of the
//! sound system; and the stories that the law tells about clocks, consultations and hand-overs.

use crate::support::{Folder, folder, read, tests};
use definition::System;
use definition::expression::{Facts, Value};
use definition::machine::{Command, Decision, Event, Instance, Machine, Moment, Performer, Refusal, Reply, StateId};
use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn sound() -> Folder {
    folder(&tests().join("sound"))
}

fn system() -> System {
    read(&sound()).unwrap()
}

/// `specialist@commune` and the like.
fn performer(text: &str) -> Performer {
    let (role, unit) = text
        .split_once('@')
        .map_or((text, None), |(role, unit)| (role, Some(unit)));
    Performer {
        role: role.to_owned(),
        unit: unit.map(str::to_owned),
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_local(text.parse().unwrap())
}

fn act(action: &str, answers: &[(&str, &str)]) -> Command {
    let answers = answers
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned())));
    Command::Act {
        action: action.to_owned(),
        answers: answers.collect(),
    }
}

/// A case that is told what happens, step by step.
struct Story {
    machine: Machine,
    instance: Instance,
    facts: Facts,
}

impl Story {
    fn new(machine: Machine, now: &str) -> Self {
        let instance = machine.open(WorkingCalendar::plain(), at(now)).instance;
        let facts = Facts::new("2026-11-22".parse().unwrap());
        Self {
            machine,
            instance,
            facts,
        }
    }

    fn tell(&mut self, now: &str, by: &str, command: &Command) -> Result<Vec<Event>, Refusal> {
        let moment = Moment {
            actor: &[performer(by)],
            facts: &self.facts,
            calendar: WorkingCalendar::plain(),
            now: at(now),
        };
        let decision = self.machine.decide(&self.instance, command, moment)?;
        self.instance = decision.instance;
        Ok(decision.events)
    }

    fn state(&self) -> &str {
        &self.machine.state(self.instance.state).name
    }
}

#[test]
fn a_dossier_goes_from_the_desk_to_its_result() {
    let mut story = Story::new(system().procedures[0].machine.clone(), "2026-03-02T08:00:00");
    assert_eq!(story.instance.due, None, "the clock starts with reception");
    story.tell("2026-03-02T09:00:00", "desk", &act("receive", &[])).unwrap();
    assert_eq!(story.instance.due.unwrap().at, at("2026-03-05T17:30:00"));
    let early = story.tell("2026-03-02T10:00:00", "specialist@commune", &act("examine", &[]));
    assert_eq!(
        early,
        Err(Refusal::Consulting(vec!["department-of-culture".to_owned()]))
    );
    let agency = "department-of-culture".to_owned();
    story
        .tell("2026-03-02T11:00:00", "desk", &Command::Reply { agency })
        .unwrap();
    story
        .tell("2026-03-03T10:00:00", "specialist@commune", &act("examine", &[]))
        .unwrap();
    let wrong = story.tell("2026-03-03T11:00:00", "specialist@commune", &act("sign", &[]));
    assert!(matches!(wrong, Err(Refusal::WrongRole { .. })));
    story
        .tell("2026-03-03T11:00:00", "leader@commune", &act("sign", &[]))
        .unwrap();
    let events = story.tell("2026-03-04T09:00:00", "desk", &act("give", &[])).unwrap();
    assert_eq!(events.last(), Some(&Event::Ended { is_late: false }));
    assert_eq!(story.state(), "returned");
    assert_eq!(
        story.tell("2026-03-04T09:00:00", "desk", &Command::TimePassed),
        Err(Refusal::Ended)
    );
}

#[test]
fn a_supplement_stops_the_clock_and_a_second_one_needs_a_leader() {
    let mut story = Story::new(system().procedures[0].machine.clone(), "2026-03-02T08:00:00");
    story.tell("2026-03-02T08:00:00", "desk", &act("receive", &[])).unwrap();
    let missing = story.tell("2026-03-03T08:00:00", "desk", &act("ask-supplement", &[]));
    assert!(matches!(missing, Err(Refusal::Answers(_))));
    let ask = act("ask-supplement", &[("defects", "Thiếu chữ ký")]);
    story.tell("2026-03-03T08:00:00", "specialist@commune", &ask).unwrap();
    assert_eq!(story.state(), "awaiting-supplement");
    let events = story
        .tell("2026-03-05T08:00:00", "applicant", &act("answer-supplement", &[]))
        .unwrap();
    assert!(matches!(events[1], Event::ClockResumed { due: Some(_) }), "{events:?}");
    assert_eq!(story.state(), "examine");
    assert_eq!(
        story.instance.due.unwrap().at,
        at("2026-03-09T17:30:00"),
        "two working days were left"
    );
    let second = story.tell("2026-03-05T09:00:00", "specialist@commune", &ask);
    assert_eq!(second, Err(Refusal::NeedsLeader(performer("leader"))));
    story.tell("2026-03-05T09:00:00", "leader", &ask).unwrap();
}

#[test]
fn silence_is_recorded_and_not_waited_for() {
    let mut story = Story::new(system().workflow.unwrap().machine, "2026-03-02T08:00:00");
    let inspect = act("inspect", &[("finding", "Thân mục")]);
    story.tell("2026-03-02T09:00:00", "specialist", &inspect).unwrap();
    let approve = act("approve", &[]);
    let guarded = story.tell("2026-03-03T09:00:00", "leader@province", &approve);
    assert_eq!(guarded, Err(Refusal::Guard), "an unknown trunk holds no guard");
    let opinion = Value::Text("f1".to_owned());
    story.facts.set("documents.council_opinion", opinion);
    let early = story.tell("2026-03-03T09:00:00", "leader@province", &approve);
    assert!(matches!(early, Err(Refusal::Consulting(_))));
    let events = story.tell("2026-03-05T09:00:00", "leader@province", &approve).unwrap();
    assert!(matches!(events[0], Event::Silent { .. }), "{events:?}");
    assert_eq!(story.state(), "approved");
}

#[test]
fn a_hand_over_is_waited_for() {
    let mut files = sound();
    let child = files["procedures/fell-tree.toml"].replace("1.002693", "1.002694");
    files.insert("procedures/inspect-tree.toml".to_owned(), child);
    for language in ["text.vi.toml", "text.en.toml"] {
        let text = files[language].clone();
        let procedure = &text[text.find("[procedure").unwrap()..];
        files.insert(
            language.to_owned(),
            format!("{text}{}", procedure.replace("fell-tree", "inspect-tree")),
        );
    }
    let step = "name = \"sign\"\n";
    let hand_over = format!("{step}hand_over = {{ procedure = \"inspect-tree\", unit = \"province\" }}\n");
    let parent = files["procedures/fell-tree.toml"].replace(step, &hand_over);
    files.insert("procedures/fell-tree.toml".to_owned(), parent);
    // Its own cases do not know of the hand-over.
    files.remove("cases/trees.toml");
    let machine = read(&files).unwrap().procedures[0].machine.clone();
    let mut story = Story::new(machine, "2026-03-02T08:00:00");
    story.tell("2026-03-02T08:00:00", "desk", &act("receive", &[])).unwrap();
    let events = story
        .tell("2026-03-03T17:00:00", "specialist@commune", &act("examine", &[]))
        .unwrap();
    assert!(matches!(events.last(), Some(Event::HandedOver { .. })), "{events:?}");
    let child = story.instance.child.clone().unwrap();
    assert_eq!(child.due, story.instance.state_due, "the child has a clock of its own");
    let early = story.tell("2026-03-04T09:00:00", "leader@commune", &act("sign", &[]));
    assert_eq!(early, Err(Refusal::HandedOver("inspect-tree".to_owned())));
    story.tell("2026-03-04T10:00:00", "desk", &Command::ChildEnded).unwrap();
    let again = story.tell("2026-03-04T10:00:00", "desk", &Command::ChildEnded);
    assert!(matches!(again, Err(Refusal::NotAsked(_))));
    story
        .tell("2026-03-04T11:00:00", "leader@commune", &act("sign", &[]))
        .unwrap();
}

/// What a clerk with a calendar on the wall would know: nothing but the list of events.
#[derive(Default)]
struct Clerk {
    settle: Option<TimeLimit>,
    due: Option<kernel::calendar::Deadline>,
    stopped_at: Option<Timestamp>,
    ended: bool,
}

impl Clerk {
    fn reads(&mut self, events: &[Event], now: Timestamp) {
        let calendar = WorkingCalendar::plain();
        for event in events {
            match event {
                Event::ClockStarted { .. } => self.due = self.settle.map(|limit| calendar.deadline(now, limit)),
                Event::ClockStopped => self.stopped_at = Some(now),
                Event::ClockResumed { .. } => {
                    let stopped_at = self.stopped_at.take().unwrap();
                    let due = self.due.zip(self.settle);
                    self.due = due.map(|(due, limit)| calendar.resumed(limit, due, stopped_at, now));
                }
                Event::Ended { .. } => self.ended = true,
                _ => {}
            }
        }
    }
}

fn holds(machine: &Machine, before: StateId, decision: &Decision, clerk: &Clerk, now: Timestamp) {
    let calendar = WorkingCalendar::plain();
    let instance = &decision.instance;
    assert!(machine.states().contains(machine.state(instance.state)));
    assert_eq!(
        instance.due, clerk.due,
        "the deadline is calendar arithmetic over the events"
    );
    let state = machine.state(instance.state);
    assert_eq!(instance.ended_at.is_some(), state.end);
    assert_eq!(clerk.ended, state.end);
    assert_eq!(
        instance.pause.is_some(),
        state.waits && !state.end,
        "the clock stands exactly while waiting"
    );
    let came_back = decision
        .events
        .iter()
        .any(|event| matches!(event, Event::ClockResumed { .. }));
    if instance.state != before && !came_back {
        let due = state.deadline.map(|limit| calendar.deadline(now, limit));
        assert_eq!(instance.state_due, due);
    }
    let open = instance.consultations.iter().filter(|one| one.reply == Reply::Open);
    assert!(
        open.into_iter().all(|one| one.due.at >= now),
        "nobody is waited for after the quota"
    );
}

const ACTORS: &[&str] = &[
    "desk",
    "specialist",
    "specialist@commune",
    "leader",
    "leader@commune",
    "leader@province",
    "applicant",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_command_leads_out_of_the_machine(
        is_workflow in any::<bool>(),
        commands in prop::collection::vec((0_usize..24, 0_usize..7, 0_i64..3_000, any::<bool>()), 1..40),
    ) {
        let system = system();
        let machine = if is_workflow { system.workflow.unwrap().machine } else { system.procedures[0].machine.clone() };
        let mut now = at("2026-01-05T08:00:00");
        let opened = machine.open(WorkingCalendar::plain(), now);
        let mut clerk = Clerk { settle: machine.settle, ..Clerk::default() };
        clerk.reads(&opened.events, now);
        holds(&machine, machine.start(), &opened, &clerk, now);
        let mut instance = opened.instance;
        let mut facts = Facts::new("2026-01-05".parse().unwrap());
        for (choice, actor, minutes, opinion) in commands {
            now += SignedDuration::from_mins(minutes);
            if opinion {
                facts.set("documents.council_opinion", Value::Text("f1".to_owned()));
            }
            // Mostly what could be done here by whoever may; now and then anything by anybody.
            let here: Vec<_> = machine.actions().iter().filter(|action| action.from.contains(&instance.state)).collect();
            let likely = here.get(choice).copied().or_else(|| machine.actions().get(choice.wrapping_sub(here.len())));
            let by = match likely {
                Some(action) if actor < 4 => action.by[actor % action.by.len()].clone(),
                _ => performer(ACTORS[actor]),
            };
            let command = match likely {
                Some(action) => Command::Act {
                    action: action.name.clone(),
                    answers: action.asks.iter().map(|ask| (ask.name.clone(), Value::Text("x".to_owned()))).collect(),
                },
                None if choice % 3 == 0 => Command::Reply { agency: "department-of-culture".to_owned() },
                None if choice % 3 == 1 => Command::ChildEnded,
                None => Command::TimePassed,
            };
            let moment = Moment { actor: std::slice::from_ref(&by), facts: &facts, calendar: WorkingCalendar::plain(), now };
            match machine.decide(&instance, &command, moment) {
                Ok(decision) => {
                    prop_assert!(!clerk.ended, "what has ended does not move");
                    clerk.reads(&decision.events, now);
                    holds(&machine, instance.state, &decision, &clerk, now);
                    if let Command::Act { action, .. } = &command {
                        let action = machine.action(action).unwrap();
                        prop_assert!(action.from.contains(&instance.state));
                        prop_assert!(action.by.contains(&by));
                        prop_assert_eq!(&decision.effects, &action.then);
                    }
                    instance = decision.instance;
                }
                Err(refusal) => prop_assert!(!clerk.ended || refusal == Refusal::Ended),
            }
        }
    }
}

#[test]
fn pages_draw_the_open_actions() {
    let machine = system().procedures[0].machine.clone();
    let instance = machine
        .open(WorkingCalendar::plain(), at("2026-03-02T08:00:00"))
        .instance;
    let names = |actor: &str| -> Vec<String> {
        let open = machine.open_actions(&instance, &[performer(actor)]);
        open.into_iter().map(|action| action.name.clone()).collect()
    };
    assert_eq!(names("desk"), ["receive", "refuse", "ask-supplement", "ask-fee"]);
    assert_eq!(names("applicant"), ["withdraw"]);
    let unknown = act("fly", &[]);
    let facts = Facts::new("2026-11-22".parse().unwrap());
    let moment = Moment {
        actor: &[],
        facts: &facts,
        calendar: WorkingCalendar::plain(),
        now: at("2026-03-02T09:00:00"),
    };
    let refused = machine.decide(&instance, &unknown, moment).unwrap_err();
    assert_eq!(refused.word(), "unknown-action");
    assert!(Refusal::WORDS.contains(&refused.word()));
    let empty = BTreeMap::new();
    let backwards = Moment {
        now: at("2026-02-01T09:00:00"),
        ..moment
    };
    let command = Command::Act {
        action: "receive".to_owned(),
        answers: empty,
    };
    assert_eq!(
        machine.decide(&instance, &command, backwards).unwrap_err(),
        Refusal::Foreign
    );
}
