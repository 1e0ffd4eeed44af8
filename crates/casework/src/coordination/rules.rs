//! What may be done with a request between units: accepted, answered, given or taken back. Pure.
//! It refuses to move what has ended; an answer after the time is recorded, because it is late, not lost.

use kernel::Timestamp;

use super::{Coordination, CoordinationState, Opinion};
use crate::dossier::DossierError;

/// What is done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// The other unit takes it.
    Accept,
    /// The other unit, or the officer who has its letter, answers.
    Answer(Option<Opinion>),
    /// It is not the other unit's business.
    GiveBack,
    /// Nobody needs it any more.
    TakeBack,
}

/// The request after a move, or why it cannot be. An answer after the time is recorded too: it is late, not lost.
///
/// # Errors
/// `CoordinationEnded` when it was answered, given or taken back.
pub(crate) fn apply(
    before: &Coordination,
    step: Move,
    officer: &str,
    now: Timestamp,
) -> Result<Coordination, DossierError> {
    use CoordinationState::{Accepted, Answered, Asked, GivenBack, Silent, TakenBack};
    let state = match (step, before.state) {
        (Move::Accept, Asked) => Accepted,
        (Move::Answer(_), Asked | Accepted | Silent) => Answered,
        (Move::GiveBack, Asked | Accepted) => GivenBack,
        (Move::TakeBack, Asked | Accepted) => TakenBack,
        _ => return Err(DossierError::CoordinationEnded),
    };
    let mut after = before.clone();
    after.state = state;
    if before.accepted_at.is_none() && matches!(state, Accepted | Answered) {
        after.accepted_at = Some(now);
        after.accepted_by = Some(officer.to_owned());
    }
    if state != Accepted {
        after.ended_at = Some(now);
        after.ended_by = Some(officer.to_owned());
    }
    if let Move::Answer(opinion) = step {
        after.opinion = opinion;
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::super::{CoordinationId, CoordinationKind};
    use super::*;

    fn asked(state: CoordinationState) -> Coordination {
        Coordination {
            id: CoordinationId::from_uuid(uuid::Uuid::from_u128(1)),
            dossier: crate::dossier::DossierId::from_uuid(uuid::Uuid::from_u128(2)),
            kind: CoordinationKind::Opinion,
            step: "examine".into(),
            agency: "tax-office".into(),
            agency_name: "Thuế".into(),
            unit: None,
            state,
            asked_at: Timestamp::from_micros(0),
            asked_by: "Minh".into(),
            asked_unit: "UBND".into(),
            due_at: Timestamp::from_micros(10),
            accepted_at: None,
            accepted_by: None,
            ended_at: None,
            ended_by: None,
            opinion: None,
        }
    }

    #[test]
    fn every_move_in_every_state() {
        use CoordinationState::{Accepted, Answered, Asked, GivenBack, Silent, TakenBack};
        let answer = Move::Answer(Some(Opinion::Agree));
        let table = [
            (
                Asked,
                [Some(Accepted), Some(Answered), Some(GivenBack), Some(TakenBack)],
            ),
            (Accepted, [None, Some(Answered), Some(GivenBack), Some(TakenBack)]),
            (Silent, [None, Some(Answered), None, None]),
            (Answered, [None; 4]),
            (GivenBack, [None; 4]),
            (TakenBack, [None; 4]),
        ];
        for (state, expected) in table {
            let moves = [Move::Accept, answer, Move::GiveBack, Move::TakeBack];
            for (step, expected) in moves.into_iter().zip(expected) {
                let after = apply(&asked(state), step, "Hoa", Timestamp::from_micros(20)).ok();
                assert_eq!(after.as_ref().map(|after| after.state), expected, "{step:?} in {state}");
                if let Some(after) = after {
                    assert_eq!(after.ended_at.is_some(), after.state != Accepted, "{step:?} in {state}");
                    let accepts = matches!(after.state, Accepted | Answered);
                    assert_eq!(after.accepted_at.is_some(), accepts, "{step:?} in {state}");
                }
            }
        }
    }
}
