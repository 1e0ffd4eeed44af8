//! Processes that somebody wrote: who is asked, who decides, what a new version does to running dossiers; the generic one for
//! every time limit; the form and back. All pure.

use std::collections::BTreeSet;

use definition::procedure::Process as Steps;
use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::rules::{self as flow, Turn};
use super::{Position, Process, agencies, form, moving};
use crate::coordination::{Coordination, CoordinationId, CoordinationKind, CoordinationState};
use crate::definitions;
use crate::dossier::rules::{self, Actor, Applied, Course, Happened};
use crate::dossier::state::{Action, Capacity, State};
use crate::dossier::tests::{dossier, friday, full_deed, officer};
use crate::dossier::{Dossier, DossierError};

/// A process with an agency that is asked, two leaders, and a step at another unit between them.
const LONG: &str = r#"
[[step]]
name = "receive"
label.vi = "Tiếp nhận"
label.en = "Receive"
by = "desk"
quota = "4 working_hours"

[[step]]
name = "examine"
label.vi = "Thẩm định"
label.en = "Examine"
by = "specialist"
quota = "16 working_hours"
consult = { tax-office = "8 working_hours" }

[[step]]
name = "agree"
label.vi = "Lãnh đạo xã"
label.en = "Commune leader"
by = "leader@commune"
quota = "4 working_hours"

[[step]]
name = "measure"
label.vi = "Đo đạc"
label.en = "Measure"
by = "specialist@land-registration-office"
quota = "16 working_hours"

[[step]]
name = "sign"
label.vi = "Ký"
label.en = "Sign"
by = "leader"
quota = "4 working_hours"

[[step]]
name = "give"
label.vi = "Trả kết quả"
label.en = "Give"
by = "desk"
quota = "4 working_hours"
"#;

fn read(text: &str) -> Process {
    let steps = Steps::read(text, None, None, &agencies::surroundings()).expect("a sound process");
    Process::new(7, std::sync::Arc::new(steps))
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

/// A dossier that was just sent in under `process`.
fn sent(process: &Process) -> Dossier {
    Dossier {
        process: process.version(),
        position: Position {
            step: process.first().to_owned(),
            since: friday(),
            due_at: None,
        },
        ..dossier(State::Submitted)
    }
}

fn act(
    dossier: &Dossier,
    process: &Process,
    requests: &[Coordination],
    (action, capacity, who): (Action, Capacity, u128),
    now: Timestamp,
) -> Result<Applied, DossierError> {
    let capacities = [capacity];
    let actor = Actor {
        account: Some(officer(who)),
        capacities: &capacities,
        stands_in: false,
    };
    let places = super::places::Places::default();
    let course = Course::with(process, requests, &places);
    rules::apply(
        dossier,
        course,
        action,
        &full_deed(),
        &actor,
        now,
        WorkingCalendar::plain(),
    )
}

fn asked(applied: &Applied) -> Vec<Coordination> {
    let ids = (1..).map(Uuid::from_u128);
    let of = |(one, id): (&Happened, Uuid)| match one {
        Happened::Asked { kind, agency, due_at } => Some(Coordination {
            id: CoordinationId::from_uuid(id),
            dossier: applied.dossier.id,
            kind: *kind,
            step: applied.dossier.position.step.clone(),
            agency: agency.clone(),
            agency_name: "Thuế cơ sở".into(),
            unit: None,
            state: CoordinationState::Asked,
            asked_at: applied.dossier.position.since,
            asked_by: String::new(),
            asked_unit: String::new(),
            due_at: *due_at,
            accepted_at: None,
            accepted_by: None,
            ended_at: None,
            ended_by: None,
            opinion: None,
        }),
        Happened::Silent(_) => None,
    };
    applied.happened.iter().zip(ids).filter_map(of).collect()
}

#[test]
fn the_generic_process_has_shares_for_every_limit() {
    let limits = (1..=400).flat_map(|n| {
        [
            TimeLimit::WorkingHours(n),
            TimeLimit::WorkingDays(n),
            TimeLimit::Days(n),
            TimeLimit::Months(n),
        ]
    });
    for limit in limits.map(Some).chain([None]) {
        let process = Process::generic(limit);
        assert_eq!(process.steps().len(), 4, "{limit:?}");
        let sum: u64 = process.steps().map(|(step, _)| flow::working_hours(step.quota)).sum();
        if let Some(limit) = limit {
            assert!(sum <= flow::working_hours(limit).max(4), "{limit}: {sum} hours");
        }
    }
}

#[test]
fn shipped_processes_read_run_and_stay_what_they_are() {
    let shipped = super::shipped();
    assert!(shipped.len() >= 40, "{} processes are shipped", shipped.len());
    assert_eq!(
        shipped.len(),
        definitions::all().count(),
        "each definition has its process"
    );
    for one in shipped {
        let process = read(&one.text);
        assert_eq!(process.text(), one.text, "{}", one.procedure);
        let count = process.steps().len();
        for (at, (step, label)) in process.steps().enumerate() {
            let by_desk = step.by.role == Capacity::Desk.word();
            let at_the_edge = at == 0 || at + 1 == count;
            assert_eq!(by_desk, at_the_edge, "{}: who does {}", one.procedure, step.name);
            assert!(
                !label.vi.is_empty() && label.en.is_some(),
                "{}: {}",
                one.procedure,
                step.name
            );
        }
        let turns: Vec<Turn> = (0..count).map(|at| flow::turn(&process, at)).collect();
        assert!(turns.contains(&Turn::Decision), "{}: nobody decides", one.procedure);
    }
}

#[test]
fn the_form_shows_a_process_and_writes_it_again() {
    for one in super::shipped() {
        let process = read(&one.text);
        let rows = form::rows(process.steps().len());
        let values = form::values(&process, "");
        let (text, places) = form::text(&values, rows, &process, None);
        assert_eq!(places, (1..=process.steps().len()).collect::<Vec<_>>());
        let again = read(&text);
        for ((before, label), (after, again)) in process.steps().zip(again.steps()) {
            let same = (&before.name, &before.by, &before.then, &before.hand_over, label)
                == (&after.name, &after.by, &after.then, &after.hand_over, again);
            assert!(same, "{}: {} became {}", one.procedure, before.name, after.name);
            assert_eq!(flow::working_hours(before.quota), flow::working_hours(after.quota));
            assert_eq!(before.consult.len(), after.consult.len(), "{}", one.procedure);
        }
    }
}

#[test]
fn a_fault_is_told_beside_its_step() {
    let process = read(LONG);
    let mut values = form::values(&process, "");
    values.set("hours-2", "1");
    values.set("vi-4", "");
    let (text, places) = form::text(&values, 8, &process, None);
    assert_eq!(places, [1, 2, 3, 5, 6], "an empty name takes the step away");
    let faults =
        Steps::read(&text, None, None, &agencies::surroundings()).expect_err("asks longer than the step lasts");
    let errors = form::errors(&faults, &text, &places);
    assert_eq!(errors.of("vi-2").count(), 1, "{faults}");
    values.set("hours-2", "900");
    let (text, places) = form::text(&values, 8, &process, None);
    let limit = Some(TimeLimit::WorkingDays(3));
    let faults = Steps::read(&text, limit, None, &agencies::surroundings()).expect_err("longer than the law");
    assert_eq!(form::errors(&faults, &text, &places).len(), 1, "{faults}");
}

#[test]
fn who_still_has_time_is_waited_for_and_silence_is_recorded() {
    let process = read(LONG);
    let received = act(
        &sent(&process),
        &process,
        &[],
        (Action::Receive, Capacity::Desk, 1),
        friday(),
    )
    .expect("received");
    let mut requests = asked(&received);
    assert_eq!(requests.len(), 1, "the tax office is asked");
    assert_eq!(received.dossier.position.step, "examine");
    let at = friday() + hours(1);
    let claimed = act(
        &received.dossier,
        &process,
        &requests,
        (Action::Claim, Capacity::Specialist, 2),
        at,
    )
    .expect("claimed");
    let propose = (Action::Propose, Capacity::Specialist, 2);
    let early = act(&claimed.dossier, &process, &requests, propose, at + hours(1));
    assert!(
        matches!(&early, Err(DossierError::StillAsking(whom)) if whom == "Thuế cơ sở"),
        "{early:?}"
    );
    let late = act(&claimed.dossier, &process, &requests, propose, friday() + hours(24 * 4)).expect("its time is over");
    assert_eq!(late.happened, [Happened::Silent(requests[0].id.to_string())]);
    requests[0].state = CoordinationState::Answered;
    requests[0].ended_at = Some(at);
    let answered = act(&claimed.dossier, &process, &requests, propose, at + hours(1)).expect("it answered");
    assert!(answered.happened.is_empty());
    assert_eq!(answered.dossier.state, State::Proposed);
}

#[test]
fn work_that_is_handed_over_is_waited_for_without_end() {
    let process = read(LONG);
    let received = act(
        &sent(&process),
        &process,
        &[],
        (Action::Receive, Capacity::Desk, 1),
        friday(),
    )
    .expect("received");
    let mut requests = asked(&received);
    requests[0].kind = CoordinationKind::HandOver;
    let claimed = act(
        &received.dossier,
        &process,
        &requests,
        (Action::Claim, Capacity::Specialist, 2),
        friday(),
    );
    let claimed = claimed.expect("claimed").dossier;
    let propose = (Action::Propose, Capacity::Specialist, 2);
    let later = friday() + hours(24 * 30);
    let waiting = act(&claimed, &process, &requests, propose, later);
    assert!(matches!(waiting, Err(DossierError::StillAsking(_))), "{waiting:?}");
    requests[0].state = CoordinationState::GivenBack;
    assert!(
        act(&claimed, &process, &requests, propose, later).is_ok(),
        "given back: nobody waits"
    );
}

#[test]
fn a_long_way_through_two_leaders() {
    let process = read(LONG);
    let now = friday() + hours(24 * 5);
    let mut at = sent(&process);
    let steps = [
        (Action::Receive, Capacity::Desk, 1, State::Received, "examine"),
        (Action::Claim, Capacity::Specialist, 2, State::Processing, "examine"),
        (Action::Propose, Capacity::Specialist, 2, State::Proposed, "agree"),
        (Action::Approve, Capacity::Leader, 3, State::Processing, "measure"),
        (Action::Claim, Capacity::Specialist, 4, State::Processing, "measure"),
        (Action::Propose, Capacity::Specialist, 4, State::Proposed, "sign"),
        (Action::SendBack, Capacity::Leader, 5, State::Processing, "measure"),
        (Action::Propose, Capacity::Specialist, 4, State::Proposed, "sign"),
        (Action::Approve, Capacity::Leader, 5, State::Approved, "give"),
        (Action::Return, Capacity::Desk, 1, State::Returned, "give"),
    ];
    for (action, capacity, who, state, step) in steps {
        let applied =
            act(&at, &process, &[], (action, capacity, who), now).unwrap_or_else(|error| panic!("{action}: {error}"));
        at = applied.dossier;
        assert_eq!((at.state, at.position.step.as_str()), (state, step), "{action}");
        let decided = matches!(state, State::Approved | State::Returned);
        assert_eq!(
            at.decided_at.is_some(),
            decided,
            "only the last leader decides: {action}"
        );
        if (action, step) == (Action::Approve, "measure") {
            assert_eq!(at.assignee, None, "another officer does the next step");
        }
    }
}

#[test]
fn without_a_leader_the_last_officer_decides_and_says_how() {
    let text: String = LONG
        .split("\n[[step]]")
        .filter(|step| !step.contains("leader") && !step.contains("measure"))
        .collect::<Vec<_>>()
        .join("\n[[step]]");
    let process = read(&text);
    let received = act(
        &sent(&process),
        &process,
        &[],
        (Action::Receive, Capacity::Desk, 1),
        friday(),
    )
    .expect("received");
    let claimed = act(
        &received.dossier,
        &process,
        &[],
        (Action::Claim, Capacity::Specialist, 2),
        friday(),
    );
    let claimed = claimed.expect("claimed").dossier;
    let wrong = rules::next_state(&claimed, &process, Action::Propose, &[Capacity::Specialist]);
    assert!(
        matches!(wrong, Err(DossierError::WrongState { .. })),
        "there is nobody to propose to"
    );
    let done = act(
        &claimed,
        &process,
        &[],
        (Action::Forward, Capacity::Specialist, 2),
        friday(),
    )
    .expect("decided")
    .dossier;
    assert_eq!(done.state, State::Approved);
    assert!(done.outcome.is_some() && done.decided_at.is_some());
}

#[test]
fn a_new_version_moves_who_stands_at_a_step_that_it_has() {
    let (old, new) = (Process::generic(None), read(LONG));
    let calendar = WorkingCalendar::plain();
    let stands = |state| {
        let at = dossier(state);
        moving::moved(&at, &new, calendar, friday() + hours(2))
    };
    let moved = stands(State::Processing).expect("both have the step");
    assert_eq!((moved.process, moved.position.step.as_str()), (7, "examine"));
    assert_eq!(moved.revision, 2);
    assert_eq!(
        moved.position.due_at,
        Some(calendar.deadline(friday(), TimeLimit::WorkingHours(16)).at),
        "the step's time counts from when it was entered"
    );
    assert!(
        stands(State::Proposed).is_none(),
        "the new version has no step `decide`"
    );
    assert!(stands(State::Returned).is_none(), "what has ended stays");
    let mut at = dossier(State::Processing);
    at.position.step = "agree".into();
    assert!(
        moving::moved(&at, &new, calendar, friday()).is_none(),
        "a step that became a leader's would skip a decision"
    );
    assert_eq!(old.version(), super::GENERIC);
}

#[test]
fn an_extension_is_asked_for_before_the_date_passes() {
    let process = Process::generic(None);
    let at = Dossier {
        assignee: Some(officer(2)),
        ..dossier(State::Processing)
    };
    let due = at.due_at.expect("a due date");
    let extend = (Action::Extend, Capacity::Leader, 3);
    let after = act(&at, &process, &[], extend, due - hours(1))
        .expect("in time")
        .dossier;
    assert_eq!(after.extensions, 1);
    let expected = WorkingCalendar::plain().deadline(due, TimeLimit::WorkingDays(3)).at;
    assert_eq!(after.due_at, Some(expected), "counted from the date that was promised");
    let late = act(&at, &process, &[], extend, due + hours(1));
    assert!(matches!(late, Err(DossierError::ExtensionTooLate)), "{late:?}");
}

/// A process of any sound shape: between reception and hand-over, officers and leaders in any order.
fn any_process() -> impl Strategy<Value = Process> {
    prop::collection::vec(any::<bool>(), 1..7).prop_map(|leaders| {
        let step = |name: &str, role: &str| {
            format!("[[step]]\nname = \"{name}\"\nlabel.vi = \"{name}\"\nlabel.en = \"{name}\"\nby = \"{role}\"\nquota = \"4 working_hours\"\n")
        };
        let mut text = step("receive", "desk");
        for (at, is_leader) in leaders.into_iter().enumerate() {
            // Somebody works before anybody decides.
            let role = if is_leader && at > 0 { "leader" } else { "specialist" };
            text.push_str(&step(&format!("s{at}"), role));
        }
        text.push_str(&step("give", "desk"));
        read(&text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is tried in whatever order, state and step say the same, and one way to an end is always open.
    #[test]
    fn state_and_step_agree_on_any_walk(process in any_process(), tries in prop::collection::vec((0..64_usize, 1..6_u128), 0..60)) {
        let mut at = sent(&process);
        for (choice, who) in tries {
            let action = Action::ALL[choice % Action::ALL.len()];
            let capacity = Capacity::ALL[choice / 16 % Capacity::ALL.len()];
            let now = at.changed_at + hours(1);
            if let Ok(applied) = act(&at, &process, &[], (action, capacity, who), now) {
                prop_assert_eq!(applied.dossier.revision, at.revision + 1);
                at = applied.dossier;
            }
            let index = process.position(&at.position.step);
            prop_assert!(index.is_some(), "{} is no step", at.position.step);
            let turn = flow::turn(&process, index.unwrap_or(0));
            let agrees = match at.state {
                State::Submitted => turn == Turn::Reception,
                State::Received | State::Processing => matches!(turn, Turn::Work { .. }),
                State::Proposed => turn == Turn::Decision,
                State::Approved | State::Returned => turn == Turn::Giving,
                _ => true,
            };
            prop_assert!(agrees, "{} at {:?}", at.state, turn);
            if !at.state.is_final() {
                let everybody: BTreeSet<Action> = Capacity::ALL
                    .iter()
                    .flat_map(|capacity| rules::open_actions(&at, &process, &[*capacity], true))
                    .collect();
                prop_assert!(!everybody.is_empty(), "{} at {} has no way out", at.state, at.position.step);
            }
        }
    }
}
