//! The machine as a table: every state, every action, every capacity; then properties of any walk through it; then the
//! clock that stands still; then numbers.

use std::collections::{BTreeMap, BTreeSet};

use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::rules::{self, Actor, Course, Deed};
use super::state::{Action, Capacity, Delivery, Entered, Outcome, Representation, State};
use super::{Dossier, DossierError, DossierId, mask_name, submit};
use crate::process::{Position, Process};

/// The whole machine of the generic process, written a second time by hand: who may do what where, and where it leads. `~` is
/// the interrupted state, `=` the same one.
const TABLE: &str = "
receive            desk        submitted                                  received
extend             leader      received,processing,proposed               =
refuse             desk        submitted                                  refused
ask-supplement     desk        submitted                                  awaiting-supplement
ask-supplement     specialist  received,processing                        awaiting-supplement
ask-supplement     leader      submitted,received,processing              awaiting-supplement
answer-supplement  applicant   awaiting-supplement                        ~
answer-supplement  desk        awaiting-supplement                        ~
ask-fee            desk        submitted                                  awaiting-fee
ask-fee            specialist  received,processing                        awaiting-fee
confirm-fee        desk        awaiting-fee                               ~
assign             leader      received,processing                        processing
claim              specialist  received                                   processing
propose            specialist  processing                                 proposed
approve            leader      proposed                                   approved
send-back          leader      proposed                                   processing
attach-result      specialist  processing                                 processing
attach-result      desk        approved                                   approved
return             desk        approved                                   returned
stop               leader      received,processing,proposed,awaiting-supplement,awaiting-fee  stopped
withdraw           applicant   submitted,received,processing,proposed,awaiting-supplement,awaiting-fee  withdrawn
";

fn table() -> BTreeMap<(State, Action, Capacity), Option<State>> {
    let same = |state: &str, to: &str| if to == "=" { state.to_owned() } else { to.to_owned() };
    let mut arrows = BTreeMap::new();
    for line in TABLE.trim().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [action, capacity, states, to] = words[..] else {
            panic!("a line of the table has four words: {line}")
        };
        for state in states.split(',') {
            let key = (
                state.parse().expect("state"),
                action.parse().expect("action"),
                capacity.parse().expect("capacity"),
            );
            arrows.insert(key, same(state, to).parse().ok());
        }
    }
    arrows
}

#[test]
fn every_state_action_and_capacity_is_as_the_table_says() {
    let table = table();
    let resume = State::Processing;
    for &state in State::ALL {
        for &action in Action::ALL {
            let exists = Capacity::ALL
                .iter()
                .any(|&capacity| table.contains_key(&(state, action, capacity)));
            for &capacity in Capacity::ALL {
                let stands = Dossier {
                    resume: Some(resume),
                    assignee: (state != State::Received).then(|| officer(2)),
                    ..dossier(state)
                };
                let next = rules::next_state(&stands, &Process::generic(None), action, &[capacity]);
                match (table.get(&(state, action, capacity)), next) {
                    (Some(to), Ok(found)) => assert_eq!(found, to.unwrap_or(resume), "{capacity} {action} in {state}"),
                    (None, Err(DossierError::NotYours { .. })) => assert!(exists, "{capacity} {action} in {state}"),
                    (None, Err(DossierError::WrongState { .. })) => assert!(!exists, "{capacity} {action} in {state}"),
                    (expected, found) => panic!("{capacity} {action} in {state}: {expected:?} but {found:?}"),
                }
            }
        }
    }
}

#[test]
fn final_states_have_no_way_out_and_all_states_are_reached() {
    let table = table();
    let mut reached = BTreeSet::from([State::Submitted]);
    for _ in 0..State::ALL.len() {
        for ((from, _, _), to) in &table {
            if reached.contains(from) {
                reached.extend(*to);
            }
        }
    }
    assert_eq!(
        reached.len(),
        State::ALL.len(),
        "unreached: {:?}",
        State::ALL.iter().filter(|s| !reached.contains(s)).collect::<Vec<_>>()
    );
    for &state in State::ALL {
        let out = table.keys().any(|(from, _, _)| *from == state);
        assert_eq!(out, !state.is_final(), "{state}");
    }
}

#[test]
fn states_carry_the_national_codes() {
    let codes: Vec<u8> = State::ALL.iter().map(|state| state.national_code()).collect();
    let all: BTreeSet<u8> = codes.iter().copied().collect();
    assert_eq!(all, (1..=10).collect());
    assert!(State::ALL.iter().all(|state| state.word().parse() == Ok(*state)));
}

/// 20 November 2026, 08:00, a working Friday.
pub(crate) fn friday() -> Timestamp {
    Timestamp::from_local(jiff::civil::date(2026, 11, 20).at(8, 0, 0, 0))
}

pub(crate) fn officer(n: u128) -> identity::AccountId {
    identity::AccountId::from_uuid(uuid::Uuid::from_u128(n))
}

pub(crate) fn dossier(state: State) -> Dossier {
    let calendar = WorkingCalendar::plain();
    let unit = identity::UnitId::from_uuid(uuid::Uuid::from_u128(7));
    let received = (state != State::Submitted).then(friday);
    let limit = TimeLimit::WorkingDays(3);
    Dossier {
        id: DossierId::from_uuid(uuid::Uuid::from_u128(1)),
        code: "H27.15-261120-0001".parse().expect("code"),
        procedure: "1.001612".parse().expect("code"),
        procedure_version: 1,
        procedure_name: "Đăng ký hộ kinh doanh".into(),
        unit,
        unit_name: "UBND phường".into(),
        desk: unit,
        desk_name: "Một cửa".into(),
        person: identity::PersonRef::from_uuid(uuid::Uuid::from_u128(9)),
        account: None,
        person_mask: "Trần T. H.".into(),
        representation: Representation::Own,
        entered: Entered::SelfFiled,
        delivery: Delivery::PickUp,
        state,
        resume: state.waits_for_applicant().then_some(State::Processing),
        assignee: None,
        assignee_name: None,
        proposed_by: None,
        outcome: None,
        supplements: 0,
        submitted_at: friday(),
        check_by: rules::check_by(friday(), calendar),
        received_at: received,
        is_late_receipt: false,
        time_limit: received.map(|_| limit.to_string()),
        due_at: received.map(|at| calendar.deadline(at, limit).at),
        is_due_confirmed: true,
        stopped_at: state.waits_for_applicant().then(friday),
        decided_at: None,
        returned_at: None,
        is_late: false,
        stopped_minutes: 0,
        worked_minutes: None,
        process: 0,
        position: Position {
            step: step_of(state).to_owned(),
            since: friday(),
            due_at: None,
        },
        at: unit,
        at_name: "UBND phường".into(),
        extensions: 0,
        changed_at: friday(),
        revision: 1,
    }
}

/// The step of the generic process at which a dossier in a state stands.
fn step_of(state: State) -> &'static str {
    match state {
        State::Submitted | State::Refused => "receive",
        State::Proposed => "decide",
        State::Approved | State::Returned => "give",
        _ => "examine",
    }
}

pub(crate) fn full_deed() -> Deed {
    Deed {
        limit: Some(TimeLimit::WorkingDays(3)),
        cut_off: None,
        assignee: Some((officer(2), "Minh".into())),
        outcome: Some(Outcome::Granted),
        delivery: Some(Delivery::PickUp),
        has_reason: true,
        defects: 2,
        defects_bare: 0,
        has_proof: true,
        has_result: true,
    }
}

fn apply(
    dossier: &Dossier,
    action: Action,
    deed: &Deed,
    who: u128,
    capacity: Capacity,
    now: Timestamp,
) -> Result<Dossier, DossierError> {
    let capacities = [capacity];
    let actor = Actor {
        account: Some(officer(who)),
        capacities: &capacities,
        stands_in: false,
    };
    let process = Process::generic(None);
    let applied = rules::apply(
        dossier,
        Course::new(&process),
        action,
        deed,
        &actor,
        now,
        WorkingCalendar::plain(),
    )?;
    Ok(applied.dossier)
}

#[test]
fn an_action_needs_what_belongs_to_it() {
    let mine = |state| Dossier {
        assignee: Some(officer(2)),
        proposed_by: Some(officer(2)),
        ..dossier(state)
    };
    let bare = Deed::default();
    let cases = [
        (
            Action::Receive,
            dossier(State::Submitted),
            1,
            Capacity::Desk,
            "dossier-limit-missing",
        ),
        (
            Action::Refuse,
            dossier(State::Submitted),
            1,
            Capacity::Desk,
            "dossier-defects-missing",
        ),
        (
            Action::AskSupplement,
            dossier(State::Submitted),
            1,
            Capacity::Desk,
            "dossier-defects-missing",
        ),
        (
            Action::Assign,
            dossier(State::Received),
            3,
            Capacity::Leader,
            "dossier-assignee-unknown",
        ),
        (
            Action::Propose,
            mine(State::Processing),
            2,
            Capacity::Specialist,
            "dossier-bad-value",
        ),
        (
            Action::SendBack,
            mine(State::Proposed),
            3,
            Capacity::Leader,
            "dossier-reason-missing",
        ),
        (
            Action::Stop,
            mine(State::Processing),
            3,
            Capacity::Leader,
            "dossier-reason-missing",
        ),
        (
            Action::AttachResult,
            mine(State::Processing),
            2,
            Capacity::Specialist,
            "dossier-result-missing",
        ),
        (
            Action::ConfirmFee,
            dossier(State::AwaitingFee),
            1,
            Capacity::Desk,
            "dossier-reason-missing",
        ),
    ];
    for (action, dossier, who, capacity, code) in cases {
        let refused = apply(&dossier, action, &bare, who, capacity, friday()).expect_err("nothing was given");
        assert_eq!(kernel::Fault::code(&refused), code, "{action}");
        apply(&dossier, action, &full_deed(), who, capacity, friday()).expect("everything was given");
    }
    let electronic = Deed {
        delivery: Some(Delivery::Electronic),
        has_result: false,
        ..full_deed()
    };
    let refused = apply(
        &dossier(State::Approved),
        Action::Return,
        &electronic,
        1,
        Capacity::Desk,
        friday(),
    );
    assert!(matches!(refused, Err(DossierError::ResultMissing)));
}

#[test]
fn a_denial_and_a_hand_over_are_whole() {
    let mine = |state| Dossier {
        assignee: Some(officer(2)),
        proposed_by: Some(officer(2)),
        ..dossier(state)
    };
    let denied = Deed {
        outcome: Some(Outcome::Denied),
        ..full_deed()
    };
    let bare = [
        (
            Deed {
                defects_bare: 1,
                ..denied.clone()
            },
            "dossier-defect-bare",
        ),
        (
            Deed {
                defects: 0,
                ..denied.clone()
            },
            "dossier-defects-missing",
        ),
        (
            Deed {
                has_reason: false,
                ..denied.clone()
            },
            "dossier-reason-missing",
        ),
    ];
    for (deed, code) in bare {
        let refused = apply(
            &mine(State::Processing),
            Action::Propose,
            &deed,
            2,
            Capacity::Specialist,
            friday(),
        );
        assert_eq!(
            kernel::Fault::code(&refused.expect_err("a denial says why and by what")),
            code
        );
    }
    apply(
        &mine(State::Processing),
        Action::Propose,
        &denied,
        2,
        Capacity::Specialist,
        friday(),
    )
    .expect("it says both");
    let to_deny = Dossier {
        outcome: Some(Outcome::Denied),
        ..mine(State::Proposed)
    };
    let silent = apply(
        &to_deny,
        Action::Approve,
        &Deed::default(),
        3,
        Capacity::Leader,
        friday(),
    );
    assert!(
        matches!(silent, Err(DossierError::ReasonMissing)),
        "a denial is approved with its reason"
    );
    apply(&to_deny, Action::Approve, &denied, 3, Capacity::Leader, friday()).expect("with its reason");
    let unproved = Deed {
        delivery: Some(Delivery::Post),
        has_proof: false,
        ..full_deed()
    };
    let refused = apply(
        &dossier(State::Approved),
        Action::Return,
        &unproved,
        1,
        Capacity::Desk,
        friday(),
    );
    assert!(matches!(refused, Err(DossierError::ProofMissing)));
}

#[test]
fn only_the_officer_at_work_proposes_and_another_approves() {
    let processing = Dossier {
        assignee: Some(officer(2)),
        ..dossier(State::Processing)
    };
    let other = apply(
        &processing,
        Action::Propose,
        &full_deed(),
        5,
        Capacity::Specialist,
        friday(),
    );
    assert!(matches!(other, Err(DossierError::NotAssignee)));
    let proposed = apply(
        &processing,
        Action::Propose,
        &full_deed(),
        2,
        Capacity::Specialist,
        friday(),
    )
    .expect("her own");
    let same = apply(&proposed, Action::Approve, &full_deed(), 2, Capacity::Leader, friday());
    assert!(matches!(same, Err(DossierError::SamePerson)));
    let approved = apply(&proposed, Action::Approve, &full_deed(), 3, Capacity::Leader, friday()).expect("another");
    assert_eq!(
        (approved.state, approved.outcome),
        (State::Approved, Some(Outcome::Granted))
    );
    assert!(!approved.is_late);
}

#[test]
fn a_second_request_needs_a_leader() {
    let once = Dossier {
        supplements: 1,
        assignee: Some(officer(2)),
        ..dossier(State::Processing)
    };
    let again = apply(
        &once,
        Action::AskSupplement,
        &full_deed(),
        2,
        Capacity::Specialist,
        friday(),
    );
    assert!(matches!(again, Err(DossierError::SecondSupplementNeedsLeader)));
    let leader = apply(
        &once,
        Action::AskSupplement,
        &full_deed(),
        3,
        Capacity::Leader,
        friday(),
    )
    .expect("a leader may");
    assert_eq!(
        (leader.state, leader.supplements, leader.resume),
        (State::AwaitingSupplement, 2, Some(State::Processing))
    );
}

#[test]
fn reception_counts_lateness_and_sets_the_due_date() {
    let calendar = WorkingCalendar::plain();
    let new = dossier(State::Submitted);
    let in_time = apply(&new, Action::Receive, &full_deed(), 1, Capacity::Desk, new.check_by).expect("received");
    assert!(!in_time.is_late_receipt);
    assert_eq!(
        in_time.due_at,
        Some(calendar.deadline(new.check_by, TimeLimit::WorkingDays(3)).at)
    );
    assert_eq!(in_time.time_limit.as_deref(), Some("3 working_days"));
    let late = new.check_by + SignedDuration::from_secs(1);
    assert!(
        apply(&new, Action::Receive, &full_deed(), 1, Capacity::Desk, late)
            .expect("received")
            .is_late_receipt
    );
}

/// Sent at 16:59 on the last working day before Tết: the eight hours go on after it, and reception in the last of them is in time.
#[test]
fn what_came_in_the_last_minute_before_tet_is_received_in_time_after_it() {
    let local =
        |month, day, hour, minute| Timestamp::from_local(jiff::civil::date(2026, month, day).at(hour, minute, 0, 0));
    let calendar = WorkingCalendar::plain();
    let sent = local(2, 13, 16, 59);
    let new = Dossier {
        submitted_at: sent,
        check_by: super::rules::check_by(sent, calendar),
        ..dossier(State::Submitted)
    };
    assert_eq!(new.check_by, local(2, 23, 16, 59));
    let receive = |at| apply(&new, Action::Receive, &full_deed(), 1, Capacity::Desk, at).expect("received");
    let in_time = receive(local(2, 23, 16, 59));
    assert!(!in_time.is_late_receipt);
    assert_eq!(
        in_time.due_at,
        Some(local(2, 26, 17, 30)),
        "three working days after Tết"
    );
    assert!(receive(local(2, 23, 17, 0)).is_late_receipt);
}

#[test]
fn an_overdue_dossier_is_still_returned() {
    let processing = Dossier {
        assignee: Some(officer(2)),
        ..dossier(State::Proposed)
    };
    let late = friday() + SignedDuration::from_hours(24 * 30);
    let approved = apply(&processing, Action::Approve, &full_deed(), 3, Capacity::Leader, late).expect("approved");
    assert!(approved.is_late);
    let returned = apply(&approved, Action::Return, &full_deed(), 1, Capacity::Desk, late).expect("returned");
    assert_eq!(returned.state, State::Returned);
}

#[test]
fn names_are_masked() {
    for (name, mask) in [
        ("Trần Thị Hoa", "Trần T. H."),
        ("  Lê   An ", "Lê A."),
        ("Bình", "Bình"),
        ("", ""),
        ("Y Đam", "Y Đ."),
    ] {
        assert_eq!(mask_name(name), mask);
    }
}

#[test]
fn a_day_has_any_number_of_dossiers() {
    let agency = "H27.15".parse().expect("agency");
    let day = jiff::civil::date(2026, 11, 22);
    for (number, code) in [
        (1, "H27.15-261122-0001"),
        (9999, "H27.15-261122-9999"),
        (10_000, "H27.15-261122-10000"),
    ] {
        assert_eq!(submit::code_of(&agency, day, number).expect("code").to_string(), code);
    }
    for bad in [0, -1, i64::MAX] {
        assert!(submit::code_of(&agency, day, bad).is_err());
    }
}

fn any_walk() -> impl Strategy<Value = Vec<(usize, usize, u8, u16)>> {
    proptest::collection::vec(
        (0..Action::ALL.len(), 0..Capacity::ALL.len(), 1..6_u8, 0..3000_u16),
        1..60,
    )
}

proptest! {
    /// Whatever people try in whatever order, the machine stays in legal states and its books agree.
    #[test]
    fn any_walk_stays_legal(walk in any_walk()) {
        let mut now = friday();
        let mut at = dossier(State::Submitted);
        for (action, capacity, who, minutes) in walk {
            now += SignedDuration::from_mins(i64::from(minutes));
            let before = at.clone();
            match apply(&at, Action::ALL[action], &full_deed(), u128::from(who), Capacity::ALL[capacity], now) {
                Ok(after) => at = after,
                Err(_) => continue,
            }
            prop_assert!(!before.state.is_final(), "something happened after the end");
            prop_assert_eq!(at.revision, before.revision + 1);
            prop_assert_eq!(at.resume.is_some(), at.state.waits_for_applicant());
            prop_assert_eq!(at.stopped_at.is_some(), at.state.waits_for_applicant());
            prop_assert!(at.state != State::Returned || at.decided_at.is_some());
            prop_assert!(!at.state.clock_runs() || (at.received_at.is_some() && at.due_at.is_some()));
            prop_assert!(at.supplements >= before.supplements);
            if let (Some(due), Some(earlier)) = (at.due_at, before.due_at) {
                prop_assert!(due >= earlier, "a due date never comes nearer");
            }
        }
    }

    /// A stop of the clock gives back exactly the working time that it took, and waiting is never counted as work.
    #[test]
    fn a_stop_gives_its_time_back(wait_minutes in 0..20_000_i64, work_minutes in 0..500_i64) {
        let calendar = WorkingCalendar::plain();
        let limit = TimeLimit::WorkingHours(16);
        let mut at = dossier(State::Received);
        at.time_limit = Some(limit.to_string());
        at.due_at = Some(calendar.deadline(friday(), limit).at);
        let asked = friday() + SignedDuration::from_mins(work_minutes);
        let waiting = apply(&at, Action::AskSupplement, &full_deed(), 2, Capacity::Specialist, asked).expect("asked");
        let answered = asked + SignedDuration::from_mins(wait_minutes);
        let goes_on = apply(&waiting, Action::AnswerSupplement, &full_deed(), 9, Capacity::Applicant, answered).expect("answered");
        let (due, due_before) = (goes_on.due_at.expect("due"), at.due_at.expect("due"));
        let left_before = calendar.working_time_between(asked, due_before);
        let left_after = calendar.working_time_between(answered, due);
        if asked < due_before {
            prop_assert_eq!(left_before, left_after);
        } else {
            prop_assert_eq!(due, due_before);
        }
        prop_assert_eq!(goes_on.stopped_minutes, calendar.working_time_between(asked, answered).as_mins());
    }

    /// Numbers grow, codes are as different as numbers.
    #[test]
    fn codes_are_as_different_as_numbers(a in 1..2_000_000_i64, b in 1..2_000_000_i64) {
        let agency = "H27.15".parse().expect("agency");
        let day = jiff::civil::date(2026, 11, 22);
        let code = |n| submit::code_of(&agency, day, n).expect("code");
        prop_assert_eq!(code(a) == code(b), a == b);
        prop_assert_eq!(code(a).to_string().parse::<kernel::DossierCode>().expect("reads back").sequence(), u32::try_from(a).expect("fits"));
    }
}
