//! Proves a machine sound: every state is reached, leads to an end, and has a deadline or is one.
//! It owns the graph and refuses to know dates, roles or words.

use super::{Machine, StateId, Target};
use crate::fault::{FaultCode, Sink};

/// Says everything that is wrong with the graph.
pub(crate) fn check(machine: &Machine, sink: &Sink) {
    let edges = edges(machine);
    let forward = closure(machine.states.len(), &[machine.start], &edges);
    let backward: Vec<(StateId, StateId)> = edges.iter().map(|(from, to)| (*to, *from)).collect();
    let ids = (0..machine.states.len()).map(StateId);
    let ends: Vec<StateId> = ids.filter(|id| machine.state(*id).end).collect();
    let ended = closure(machine.states.len(), &ends, &backward);
    for (index, state) in machine.states.iter().enumerate() {
        if !forward[index] {
            sink.say(FaultCode::StateUnreachable, state.place, &[&state.name]);
        }
        if !ended[index] {
            sink.say(FaultCode::StateEndless, state.place, &[&state.name]);
        }
        if !state.end && state.deadline.is_none() {
            sink.say(FaultCode::DeadlineMissing, state.place, &[&state.name]);
        }
    }
    for action in &machine.actions {
        for from in action.from.iter().filter(|from| machine.state(**from).end) {
            let args = [action.name.as_str(), &machine.state(*from).name];
            sink.say(FaultCode::EndLeft, action.place, &args);
        }
    }
}

/// Every step that an instance can take. What resumes a waiting state leads to each state that can wait there.
fn edges(machine: &Machine) -> Vec<(StateId, StateId)> {
    let mut edges = Vec::new();
    for action in &machine.actions {
        for from in &action.from {
            match action.to {
                Target::State(to) => edges.push((*from, to)),
                Target::Resume => {
                    let into = machine.actions.iter().filter(|other| other.to == Target::State(*from));
                    edges.extend(
                        into.flat_map(|other| &other.from)
                            .map(|interrupted| (*from, *interrupted)),
                    );
                }
            }
        }
    }
    edges
}

fn closure(count: usize, from: &[StateId], edges: &[(StateId, StateId)]) -> Vec<bool> {
    let mut found = vec![false; count];
    let mut open: Vec<StateId> = from.to_vec();
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut found[id.0], true) {
            open.extend(edges.iter().filter(|(from, _)| *from == id).map(|(_, to)| *to));
        }
    }
    found
}
