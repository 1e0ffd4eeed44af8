//! Moves an instance through its machine: pure functions from what is and what is said to what is then. It owns clocks,
//! consultations and hand-overs, and refuses to act, to wait for ever, or to move what has ended.
//! Law: NĐ 118/2025/NĐ-CP (the clock stands only while the applicant owes something); calendar: `kernel`.

use super::instance::{Child, Command, Consultation, Decision, Event, Instance, Pause, Refusal, Reply};
use super::{Action, Machine, Performer, StateId, Target};
use crate::expression::{Facts, Value};
use crate::field::Unfit;
use kernel::Timestamp;
use kernel::calendar::{Deadline, WorkingCalendar};
use std::collections::BTreeMap;

/// Who speaks, what is known, and when.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Every capacity of the actor towards this case: `specialist` and `specialist@commune` are two.
    pub actor: &'a [Performer],
    /// What guards may read. `answers.…`, `state`, `opened_at` and `due_at` are filled in here.
    pub facts: &'a Facts,
    /// Which days are worked.
    pub calendar: &'a WorkingCalendar,
    /// The instant.
    pub now: Timestamp,
}

impl Machine {
    /// Opens a case at `now`.
    #[must_use]
    pub fn open(&self, calendar: &WorkingCalendar, now: Timestamp) -> Decision {
        let instance = Instance {
            state: self.start,
            opened_at: now,
            entered_at: now,
            state_due: None,
            due: None,
            pause: None,
            consultations: Vec::new(),
            child: None,
            taken: BTreeMap::new(),
            ended_at: None,
            is_late: false,
        };
        let mut run = Run::new(self, instance, calendar, now);
        if !self.actions.iter().any(|action| action.starts_clock) {
            run.start_clock();
        }
        run.enter(self.start);
        run.done()
    }

    /// A case that stands in `state` since `now`, its clock running: for trying a definition.
    pub(crate) fn open_in(&self, state: StateId, calendar: &WorkingCalendar, now: Timestamp) -> Decision {
        let opened = self.open(calendar, now).instance;
        let mut run = Run::new(self, opened, calendar, now);
        run.start_clock();
        run.enter_anew(state);
        run.done()
    }

    /// Decides a command.
    ///
    /// # Errors
    /// [`Refusal`]; the instance stays as it was.
    pub fn decide(&self, instance: &Instance, command: &Command, moment: Moment<'_>) -> Result<Decision, Refusal> {
        if instance.ended_at.is_some() {
            return Err(Refusal::Ended);
        }
        if instance.state.0 >= self.states.len() || moment.now < instance.entered_at {
            return Err(Refusal::Foreign);
        }
        let mut run = Run::new(self, instance.clone(), moment.calendar, moment.now);
        run.note_silence();
        match command {
            Command::TimePassed => {}
            Command::Reply { agency } => run.reply(agency)?,
            Command::ChildEnded => run.child_ended()?,
            Command::Act { action, answers } => run.act(action, answers, moment)?,
        }
        Ok(run.done())
    }

    /// The actions that the actor could take now, were all their conditions met and answers given. Pages draw these.
    #[must_use]
    pub fn open_actions(&self, instance: &Instance, actor: &[Performer]) -> Vec<&Action> {
        if instance.ended_at.is_some() {
            return Vec::new();
        }
        let here = self
            .actions
            .iter()
            .filter(|action| action.from.contains(&instance.state));
        here.filter(|action| is_for(action, instance, actor).is_ok()).collect()
    }
}

/// Whether the actor may take the action, a second time if it comes to that.
fn is_for(action: &Action, instance: &Instance, actor: &[Performer]) -> Result<(), Refusal> {
    if !action.by.iter().any(|by| actor.contains(by)) {
        return Err(Refusal::WrongRole { by: action.by.clone() });
    }
    match &action.again_by {
        Some(leader) if instance.taken.contains_key(&action.name) && !actor.contains(leader) => {
            Err(Refusal::NeedsLeader(leader.clone()))
        }
        _ => Ok(()),
    }
}

struct Run<'a> {
    machine: &'a Machine,
    calendar: &'a WorkingCalendar,
    now: Timestamp,
    decision: Decision,
}

impl<'a> Run<'a> {
    const fn new(machine: &'a Machine, instance: Instance, calendar: &'a WorkingCalendar, now: Timestamp) -> Self {
        let decision = Decision {
            instance,
            events: Vec::new(),
            effects: Vec::new(),
        };
        Self {
            machine,
            calendar,
            now,
            decision,
        }
    }

    fn done(self) -> Decision {
        self.decision
    }

    fn say(&mut self, event: Event) {
        self.decision.events.push(event);
    }

    fn note_silence(&mut self) {
        let now = self.now;
        for consultation in &mut self.decision.instance.consultations {
            if consultation.reply == Reply::Open && consultation.due.at < now {
                consultation.reply = Reply::Silent(now);
                let agency = consultation.agency.clone();
                self.decision.events.push(Event::Silent { agency });
            }
        }
    }

    /// An answer after its time is recorded too: it is late, not lost.
    fn reply(&mut self, agency: &str) -> Result<(), Refusal> {
        let asked = self.decision.instance.consultations.iter_mut();
        let mut open = asked.filter(|one| one.agency == agency && !matches!(one.reply, Reply::Answered(_)));
        let consultation = open.next().ok_or_else(|| Refusal::NotAsked(agency.to_owned()))?;
        consultation.reply = Reply::Answered(self.now);
        let agency = agency.to_owned();
        self.say(Event::Replied { agency });
        Ok(())
    }

    fn child_ended(&mut self) -> Result<(), Refusal> {
        let child = self.decision.instance.child.as_mut();
        match child.filter(|child| child.ended_at.is_none()) {
            None => Err(Refusal::NotAsked("child".to_owned())),
            Some(child) => {
                child.ended_at = Some(self.now);
                self.say(Event::ChildEnded);
                Ok(())
            }
        }
    }

    fn act(&mut self, name: &str, answers: &BTreeMap<String, Value>, moment: Moment<'_>) -> Result<(), Refusal> {
        let machine = self.machine;
        let action = machine
            .action(name)
            .ok_or_else(|| Refusal::UnknownAction(name.to_owned()))?;
        let instance = &self.decision.instance;
        if !action.from.contains(&instance.state) {
            return Err(Refusal::WrongState {
                action: name.to_owned(),
                state: machine.state(instance.state).name.clone(),
            });
        }
        is_for(action, instance, moment.actor)?;
        check_answers(action, answers, moment.facts)?;
        if !self.guard_holds(action, answers, moment.facts) {
            return Err(Refusal::Guard);
        }
        let target = self.target(action)?;
        self.nothing_outstanding(action, target)?;
        self.say(Event::Acted {
            action: name.to_owned(),
        });
        *self.decision.instance.taken.entry(name.to_owned()).or_default() += 1;
        if action.starts_clock {
            self.start_clock();
        }
        self.move_to(action.to, target);
        self.decision.effects.extend(action.then.iter().cloned());
        Ok(())
    }

    fn guard_holds(&self, action: &Action, answers: &BTreeMap<String, Value>, facts: &Facts) -> bool {
        let Some(when) = &action.when else { return true };
        let instance = &self.decision.instance;
        let mut facts = facts.clone();
        for (name, value) in answers {
            facts.set(format!("answers.{name}"), value.clone());
        }
        let state = self.machine.state(instance.state).name.clone();
        facts.set("state", Value::Text(state));
        facts.set("opened_at", Value::Instant(instance.opened_at));
        facts.set("due_at", instance.due.map_or(Value::Null, |due| Value::Instant(due.at)));
        when.evaluate(&facts).is_true()
    }

    fn target(&self, action: &Action) -> Result<StateId, Refusal> {
        match (action.to, &self.decision.instance.pause) {
            (Target::State(state), _) => Ok(state),
            (Target::Resume, Some(pause)) => Ok(pause.resume),
            (Target::Resume, None) => Err(Refusal::Foreign),
        }
    }

    /// Whoever goes on must have heard those who still have time, and have the other unit's result.
    fn nothing_outstanding(&self, action: &Action, target: StateId) -> Result<(), Refusal> {
        if !action.onward || self.machine.state(target).waits {
            return Ok(());
        }
        let instance = &self.decision.instance;
        let open = instance.consultations.iter().filter(|one| one.reply == Reply::Open);
        let open: Vec<String> = open.map(|one| one.agency.clone()).collect();
        if !open.is_empty() {
            return Err(Refusal::Consulting(open));
        }
        match &instance.child {
            Some(child) if child.ended_at.is_none() => Err(Refusal::HandedOver(child.procedure.clone())),
            _ => Ok(()),
        }
    }

    fn start_clock(&mut self) {
        if let (Some(settle), None) = (self.machine.settle, self.decision.instance.due) {
            let due = self.calendar.deadline(self.now, settle);
            self.decision.instance.due = Some(due);
            self.say(Event::ClockStarted { due });
        }
    }

    fn move_to(&mut self, to: Target, target: StateId) {
        if self.machine.state(target).end {
            self.end(target);
        } else if self.machine.state(target).waits {
            self.stop_clock();
            self.enter(target);
        } else {
            let pause = self.decision.instance.pause.take();
            if let Some(pause) = &pause {
                self.resume_clock(pause.since);
            }
            match pause {
                Some(pause) if to == Target::Resume => self.come_back(&pause),
                _ => self.enter_anew(target),
            }
        }
    }

    /// A wait that follows a wait is one wait.
    fn stop_clock(&mut self) {
        let instance = &mut self.decision.instance;
        if instance.pause.is_none() {
            instance.pause = Some(Pause {
                since: self.now,
                resume: instance.state,
                entered_at: instance.entered_at,
                state_due: instance.state_due,
            });
            self.say(Event::ClockStopped);
        }
    }

    fn resume_clock(&mut self, since: Timestamp) {
        let settle = self.machine.settle;
        let due = self.decision.instance.due.zip(settle);
        let due = due.map(|(due, limit)| self.calendar.resumed(limit, due, since, self.now));
        self.decision.instance.due = due;
        self.say(Event::ClockResumed { due });
    }

    /// The interrupted state goes on with what was left of its time.
    fn come_back(&mut self, pause: &Pause) {
        let limit = self.machine.state(pause.resume).deadline;
        let due = pause.state_due.zip(limit);
        let due = due.map(|(due, limit)| self.calendar.resumed(limit, due, pause.since, self.now));
        let instance = &mut self.decision.instance;
        instance.state = pause.resume;
        instance.entered_at = pause.entered_at;
        instance.state_due = due;
        let state = pause.resume;
        self.say(Event::Entered { state, due });
    }

    fn enter_anew(&mut self, target: StateId) {
        self.decision.instance.consultations.clear();
        self.decision.instance.child = None;
        self.enter(target);
    }

    fn enter(&mut self, target: StateId) {
        let machine = self.machine;
        let state = machine.state(target);
        let due = state.deadline.map(|limit| self.calendar.deadline(self.now, limit));
        let instance = &mut self.decision.instance;
        instance.state = target;
        instance.entered_at = self.now;
        instance.state_due = due;
        self.say(Event::Entered { state: target, due });
        for consult in &state.consult {
            let due = self.calendar.deadline(self.now, consult.quota);
            self.consult(consult.agency.clone(), due);
        }
        if let Some(hand_over) = &state.hand_over {
            let (procedure, unit) = (hand_over.procedure.clone(), hand_over.unit.clone());
            self.decision.instance.child = Some(Child {
                procedure: procedure.clone(),
                unit: unit.clone(),
                opened_at: self.now,
                due,
                ended_at: None,
            });
            self.say(Event::HandedOver { procedure, unit });
        }
    }

    fn consult(&mut self, agency: String, due: Deadline) {
        self.decision.instance.consultations.push(Consultation {
            agency: agency.clone(),
            asked_at: self.now,
            due,
            reply: Reply::Open,
        });
        self.say(Event::Consulted { agency, due });
    }

    /// Late is late only while the authority's own clock ran.
    fn end(&mut self, target: StateId) {
        let stood_at = self
            .decision
            .instance
            .pause
            .take()
            .map_or(self.now, |pause| pause.since);
        let instance = &mut self.decision.instance;
        instance.state = target;
        instance.entered_at = self.now;
        instance.state_due = None;
        instance.ended_at = Some(self.now);
        instance.is_late = instance.due.is_some_and(|due| due.at < stood_at);
        let is_late = instance.is_late;
        self.say(Event::Entered {
            state: target,
            due: None,
        });
        self.say(Event::Ended { is_late });
    }
}

/// Every answer that is asked for fits, and none is given that nobody asked for.
fn check_answers(action: &Action, answers: &BTreeMap<String, Value>, facts: &Facts) -> Result<(), Refusal> {
    let asked = action.asks.iter().filter_map(|field| {
        let answer = answers.get(&field.name).unwrap_or(&Value::Null);
        let unfit = field.fits(answer, facts.today).err()?;
        Some((field.name.clone(), unfit))
    });
    let strange = answers
        .keys()
        .filter(|name| !action.asks.iter().any(|field| field.name == **name));
    let strange = strange.map(|name| (name.clone(), Unfit::Type));
    let unfit: Vec<(String, Unfit)> = asked.chain(strange).collect();
    if unfit.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Answers(unfit))
    }
}
