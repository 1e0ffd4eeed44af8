//! Steps to a machine: there is one machine, and a procedure is written shorter than a workflow because the law fixes what
//! surrounds its steps. It owns those fixed states and actions: asking for what is missing (once; again only a leader),
//! asking for a fee, refusal, stopping, withdrawal, sending back. Law: NĐ 118/2025/NĐ-CP; codes 1-10: national portal.

use super::Step;
use crate::fault::Place;
use crate::field::{Field, FieldKind, Sensitivity};
use crate::flow::APPLICANT;
use crate::machine::{Action, Effect, Machine, Performer, State, StateId, Target, graph};
use crate::surroundings::Reading;
use kernel::calendar::TimeLimit;

/// How long an applicant may take to bring what is missing or to pay.
const APPLICANT_TIME: TimeLimit = TimeLimit::Days(60);
/// Role of whoever decides on second requests and on stopping.
const LEADER: &str = "leader";

/// The machine of these steps; `None` when there is none.
pub(crate) fn machine(
    steps: &[Step],
    settle: Option<TimeLimit>,
    has_fee: bool,
    reading: &Reading<'_>,
) -> Option<Machine> {
    let place = steps.first()?.place;
    let mut machine = Machine {
        states: steps
            .iter()
            .enumerate()
            .map(|(index, step)| state_of(index, step, steps.len()))
            .collect(),
        actions: Vec::new(),
        start: StateId(0),
        settle,
    };
    let returned = machine.add(ended("returned", 10, place));
    let refused = machine.add(ended("refused", 3, place));
    for (index, step) in steps.iter().enumerate() {
        let next = if index + 1 < steps.len() {
            StateId(index + 1)
        } else {
            returned
        };
        machine.actions.push(forward(index, step, next));
        if index > 1 && step.by.role == LEADER {
            let to = Target::State(StateId(index - 1));
            let name = format!("send-back-{}", step.name);
            machine
                .actions
                .push(plain(&name, &[index], to, vec![step.by.clone()], step.place).asking_reason());
        }
    }
    let desk = vec![steps.first()?.by.clone()];
    let refuse = plain("refuse", &[0], Target::State(refused), desk.clone(), place).asking_reason();
    machine.actions.push(refuse.notifying());
    let worked = worked(steps);
    supplement(&mut machine, steps, &worked, &desk);
    if has_fee {
        fee(&mut machine, &worked, steps, &desk);
    }
    endings(&mut machine, &worked, place);
    graph::check(&machine, reading.sink);
    Some(machine)
}

/// The steps before the last: whoever only hands over a result asks for nothing more.
fn worked(steps: &[Step]) -> Vec<usize> {
    (0..steps.len().saturating_sub(1).max(1)).collect()
}

fn state_of(index: usize, step: &Step, count: usize) -> State {
    let code = match index {
        0 => 1,
        index if index + 1 == count => 9,
        _ => 4,
    };
    State {
        name: step.name.clone(),
        end: false,
        waits: false,
        deadline: Some(step.quota),
        consult: step.consult.clone(),
        hand_over: step.hand_over.clone(),
        national_code: Some(code),
        place: step.place,
    }
}

fn ended(name: &str, code: u8, place: Place) -> State {
    let state = waiting(name, code, place);
    State {
        end: true,
        waits: false,
        deadline: None,
        ..state
    }
}

fn waiting(name: &str, code: u8, place: Place) -> State {
    State {
        name: name.to_owned(),
        end: false,
        waits: true,
        deadline: Some(APPLICANT_TIME),
        consult: Vec::new(),
        hand_over: None,
        national_code: Some(code),
        place,
    }
}

fn forward(index: usize, step: &Step, next: StateId) -> Action {
    let mut action = plain(
        &step.name,
        &[index],
        Target::State(next),
        vec![step.by.clone()],
        step.place,
    );
    action.then.clone_from(&step.then);
    action.starts_clock = index == 0;
    action.onward = true;
    action
}

fn plain(name: &str, from: &[usize], to: Target, by: Vec<Performer>, place: Place) -> Action {
    Action {
        name: name.to_owned(),
        from: from.iter().copied().map(StateId).collect(),
        to,
        by,
        asks: Vec::new(),
        when: None,
        then: Vec::new(),
        again_by: None,
        starts_clock: false,
        onward: false,
        place,
    }
}

/// Everybody who does one of these steps, leaders besides.
fn performers(steps: &[Step], worked: &[usize]) -> Vec<Performer> {
    let mut by: Vec<Performer> = worked
        .iter()
        .filter_map(|index| steps.get(*index))
        .map(|step| step.by.clone())
        .collect();
    by.push(leader());
    by.sort();
    by.dedup();
    by
}

fn leader() -> Performer {
    Performer {
        role: LEADER.to_owned(),
        unit: None,
    }
}

fn applicant() -> Performer {
    Performer {
        role: APPLICANT.to_owned(),
        unit: None,
    }
}

fn supplement(machine: &mut Machine, steps: &[Step], worked: &[usize], desk: &[Performer]) {
    let place = machine.states[0].place;
    let waiting = machine.add(waiting("awaiting-supplement", 5, place));
    let ask = plain(
        "ask-supplement",
        worked,
        Target::State(waiting),
        performers(steps, worked),
        place,
    );
    let mut ask = ask.asking("defects").notifying();
    ask.again_by = Some(leader());
    let by = desk.iter().cloned().chain([applicant()]).collect();
    let answer = plain("answer-supplement", &[waiting.0], Target::Resume, by, place);
    machine.actions.extend([ask, answer]);
}

fn fee(machine: &mut Machine, worked: &[usize], steps: &[Step], desk: &[Performer]) {
    let place = machine.states[0].place;
    let waiting = machine.add(waiting("awaiting-fee", 6, place));
    let ask = plain(
        "ask-fee",
        worked,
        Target::State(waiting),
        performers(steps, worked),
        place,
    );
    let confirm = plain("confirm-fee", &[waiting.0], Target::Resume, desk.to_vec(), place);
    machine.actions.extend([ask.notifying(), confirm]);
}

fn endings(machine: &mut Machine, worked: &[usize], place: Place) {
    let waiting = machine.states.iter().enumerate().filter(|(_, state)| state.waits);
    let open: Vec<usize> = worked.iter().copied().chain(waiting.map(|(index, _)| index)).collect();
    let withdrawn = machine.add(ended("withdrawn", 7, place));
    let stopped = machine.add(ended("stopped", 8, place));
    let withdraw = plain("withdraw", &open, Target::State(withdrawn), vec![applicant()], place);
    let stop = plain("stop", &open, Target::State(stopped), vec![leader()], place);
    machine.actions.extend([withdraw, stop.asking_reason().notifying()]);
}

impl Machine {
    fn add(&mut self, state: State) -> StateId {
        self.states.push(state);
        StateId(self.states.len() - 1)
    }
}

impl Action {
    fn asking_reason(self) -> Self {
        self.asking("reason")
    }

    fn asking(mut self, name: &str) -> Self {
        self.asks.push(Field {
            name: name.to_owned(),
            kind: FieldKind::Text {
                pattern: None,
                chars_max: 5_000,
            },
            many: None,
            required: true,
            sensitivity: Sensitivity::Internal,
            index: false,
            retired: false,
            source: None,
            from: None,
            locked: false,
            section: None,
            hint: false,
            when: None,
            check: None,
            default: None,
            place: self.place,
        });
        self
    }

    fn notifying(mut self) -> Self {
        self.then.push(Effect::Notify {
            whom: APPLICANT.to_owned(),
        });
        self
    }
}
