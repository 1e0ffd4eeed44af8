//! What is held true at the end of a play, each fault in a sentence with the dossier that it is about.

use kernel::Timestamp;

use super::{Ours, World, start};
use crate::lateness::{self, Cause, Facts};
use crate::machine::rules::{self, is_end};
use crate::machine::{Kind, Stand};

impl World {
    /// Everything that is wrong at the end.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for code in &self.filed {
            if !self.by_code.contains_key(code) {
                faults.push(format!("{code} was filed at the portal and never came"));
            }
        }
        if self.portal.dossiers().len() != self.ours.len() {
            faults.push(format!(
                "{} dossiers there, {} here",
                self.portal.dossiers().len(),
                self.ours.len()
            ));
        }
        self.ours.iter().for_each(|ours| self.look_at(ours, &mut faults));
        faults
    }

    fn look_at(&self, ours: &Ours, faults: &mut Vec<String>) {
        let code = &ours.code;
        if ours.taken_back && ours.track.ours != rules::WITHDRAWN {
            faults.push(format!(
                "{code} was taken back while it was open, and ended with {}",
                ours.track.ours
            ));
        }
        // What was taken back there is heard of: the end here is that, or an end that came before the news.
        if ours.asked_back && !is_end(ours.track.ours) {
            faults.push(format!("{code} was taken back at the portal and is open here"));
        }
        if !ours.plan.is_empty() {
            faults.push(format!("{code}: the play was not played to its end"));
        }
        let Some(held) = self.portal.dossiers().get(code) else {
            faults.push(format!("{code} is not at the portal"));
            return;
        };
        if held.state != ours.track.ours {
            faults.push(format!(
                "{code}: {} there, {} here: {:?}",
                held.state, ours.track.ours, ours.track
            ));
        }
        if ours.track.drift.is_some() || !ours.track.is_settled() {
            faults.push(format!("{code}: still {:?}", ours.track));
        }
        if held.made != 1 {
            faults.push(format!("{code} was made {} times", held.made));
        }
        let waiting = ours.transfers.iter().filter(|one| one.stand == Stand::Waiting).count();
        if waiting > 0 {
            faults.push(format!("{code}: {waiting} transfers wait"));
        }
        // What was confirmed was told: each step that the portal took stands there once, and none is unheard of unless a mend
        // carried it or somebody was shown the refusal.
        for transfer in ours.transfers.iter().filter(|one| one.kind == Kind::Progress) {
            let times = held
                .steps
                .iter()
                .filter(|step| step.text == format!("bước {}", transfer.number))
                .count();
            if times > 1 {
                faults.push(format!("{code}: step {} stands {times} times", transfer.number));
            }
        }
        self.lateness(ours, held.ended_at, faults);
    }

    fn lateness(&self, ours: &Ours, ended_there: Option<Timestamp>, faults: &mut Vec<String>) {
        let facts = Facts {
            due_at: ours.due_at,
            ended_at: ours.ended_at,
            ended_there: ours.track.seen.and_then(|seen| seen.ended_at),
            way: ours.filed_at.zip(ours.arrived_at),
            began_at: start(),
        };
        let late_here = ours.ended_at.is_none_or(|ended| ended > ours.due_at);
        let late_there = ended_there.is_none_or(|ended| ended.as_seconds() > ours.due_at.as_seconds());
        let truth = match (late_here, late_there) {
            (true, _) => Some(Cause::Person),
            (false, true) => Some(Cause::System),
            (false, false) => None,
        };
        let due_second = facts.due_at.as_seconds();
        // A message carries whole seconds: on the very second both answers are right.
        let is_close = ended_there.is_some_and(|ended| (ended.as_seconds() - due_second).abs() <= 1);
        let cause = lateness::cause(&facts, self.now);
        if cause != truth && !is_close {
            faults.push(format!(
                "{}: lateness is put down to {cause:?}, and is {truth:?}: {facts:?}",
                ours.code
            ));
        }
    }
}
