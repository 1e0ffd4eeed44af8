//! One made-up dossier with everything that happens to it, sealed and minted: written by the commands, or as it stands in the
//! end by a load. Owns who acts and the orders that follow from the steps of a life; it decides nothing.

use std::collections::HashMap;
use std::sync::Arc;

use identity::unit::UnitBook;
use identity::{AccountId, PersonRef, Role, UnitId};
use kernel::calendar::{CutOff, TimeLimit, WorkingCalendar};
use kernel::{Date, Timestamp, World};
use store::Tx;
use store::blob::StoredBlob;
use store::keys::KeyRing;

use super::life::Step;
use super::{Chance, Past, words};
use crate::Casework;
use crate::dossier::command::{self, By, Command, Order};
use crate::dossier::state::{Action, Capacity, Delivery, Outcome};
use crate::dossier::{DossierError, DossierId, HandOver, Proof, SupplementId, rules, submit};
use crate::fee::story::{Coming, StoryBill};
use crate::file::FileRow;
use crate::intake::PartyRole;
use crate::load::{Rated, Whole};
use crate::procedure::Procedure;
use crate::process::Way;

/// An officer who can act.
#[derive(Debug, Clone)]
pub(crate) struct Officer {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) unit: UnitId,
    pub(crate) unit_name: String,
}

/// Who holds which role where.
#[derive(Debug, Default)]
pub(crate) struct Officers(HashMap<(UnitId, Role), Vec<Officer>>);

impl Officers {
    /// Adds everybody who holds a role in the units of the book.
    pub(super) async fn add(
        &mut self,
        house: &Casework,
        book: &UnitBook,
        role: Role,
        day: Date,
    ) -> Result<(), DossierError> {
        let in_force = book.all().filter(|unit| unit.is_in_force(day));
        let units: Vec<UnitId> = in_force.map(|unit| unit.id).collect();
        for part in units.chunks(40).map(<[UnitId]>::to_vec) {
            let held = house
                .store()
                .read(move |tx| identity::account::holders(tx, &part, role, day, 0))
                .await?;
            for (account, name, unit, _) in held {
                let unit_name = book.name(unit, kernel::Lang::Vi, day).to_owned();
                self.0.entry((unit, role)).or_default().push(Officer {
                    account,
                    name,
                    unit,
                    unit_name,
                });
            }
        }
        Ok(())
    }

    pub(super) fn of(&self, unit: UnitId, role: Role, chance: &mut Chance) -> Option<Officer> {
        self.0.get(&(unit, role)).and_then(|all| chance.pick(all)).cloned()
    }

    /// Who works on one dossier that a desk receives and an agency settles.
    pub(super) fn cast(&self, desk: UnitId, agency: UnitId, chance: &mut Chance) -> Cast {
        Cast {
            desk: self.of(desk, Role::Desk, chance),
            specialist: self.of(agency, Role::Specialist, chance),
            leader: self.of(agency, Role::Leader, chance),
        }
    }
}

/// Who works on one dossier.
pub(crate) struct Cast {
    pub(crate) desk: Option<Officer>,
    pub(crate) specialist: Option<Officer>,
    pub(crate) leader: Option<Officer>,
}

impl Cast {
    pub(super) fn is_full(&self) -> bool {
        self.desk.is_some() && self.specialist.is_some() && self.leader.is_some()
    }

    fn of(&self, capacity: Capacity) -> Option<&Officer> {
        match capacity {
            Capacity::Desk => self.desk.as_ref(),
            Capacity::Specialist => self.specialist.as_ref(),
            Capacity::Leader => self.leader.as_ref(),
            Capacity::Applicant => None,
        }
    }
}

/// One dossier with everything that happens to it, sealed and minted, ready to be written.
pub(crate) struct Story {
    pub(crate) at: Timestamp,
    pub(crate) sealed: submit::Sealed,
    /// Whose record it is about.
    pub(crate) person: PersonRef,
    /// Who else it is about; they are on record.
    pub(crate) parties: Vec<(PartyRole, PersonRef)>,
    pub(crate) files: Vec<(FileRow, StoredBlob)>,
    pub(crate) account: AccountId,
    pub(crate) commands: Vec<Command>,
    /// The bill of one that waits for its fee.
    pub(crate) bill: Option<StoryBill>,
    /// What the applicant says of it in the end.
    pub(crate) rating: Option<Rated>,
}

impl Story {
    /// Writes it step by step, by the commands that the pages use; gives the money that is to come for its bill.
    pub(crate) fn write(&self, tx: &mut Tx, calendar: &WorkingCalendar) -> Result<Option<Coming>, DossierError> {
        let done = submit::take_in(tx, &self.sealed, calendar)?;
        crate::load::hang(tx, done.id, &self.files, self.account)?;
        let mut last = None;
        for command in &self.commands {
            last = Some(command::perform(tx, command, calendar)?);
        }
        if let (Some(rating), Some(dossier)) = (&self.rating, &last) {
            crate::rating::store::rate(tx, dossier, &rating.scores, rating.at)
                .map_err(|error| DossierError::Damaged(error.to_string()))?;
        }
        self.bill.as_ref().map_or(Ok(None), |bill| bill.issue(tx, done.id))
    }

    /// All its rows as they stand in the end, by the same rules in memory; `number` is that of its agency's day.
    pub(crate) fn whole(&self, number: i64, calendar: &WorkingCalendar) -> Result<Whole, DossierError> {
        let mut whole = submit::begin(&self.sealed, self.person, &self.parties, number)?;
        for command in self.sealed.reception().into_iter().chain(&self.commands) {
            command::carry(&mut whole, command, calendar)?;
        }
        whole.rating.clone_from(&self.rating);
        Ok(whole)
    }
}

/// What the steps of a life are ordered with.
pub(crate) struct Orders<'a> {
    pub(crate) world: &'a Arc<dyn World>,
    pub(crate) keys: &'a KeyRing,
    pub(crate) dossier: DossierId,
    /// The revision that the first order finds.
    pub(crate) revision: i64,
    pub(crate) cast: &'a Cast,
    /// Account and name of the applicant.
    pub(crate) applicant: (AccountId, &'a str),
    pub(crate) procedure: &'a Procedure,
    pub(crate) limit: Option<TimeLimit>,
    pub(crate) cut_off: Option<CutOff>,
    pub(crate) way: &'a Way,
}

impl Orders<'_> {
    /// The commands of a life, as far as there is somebody to give them.
    pub(super) fn prepare(&self, steps: &[Step]) -> Vec<Command> {
        let mut commands = Vec::with_capacity(steps.len());
        let mut asked = None;
        for (revision, step) in (self.revision..).zip(steps) {
            let past = Past {
                world: self.world.clone(),
                now: step.at,
            };
            let Some(by) = self.by(step.capacity) else { break };
            let command = command::prepare(self.order(step, revision, asked, &past), by, &past, self.keys);
            if step.action == Action::AskSupplement {
                asked = Some(command.supplement());
            }
            commands.push(command);
        }
        commands
    }

    fn by(&self, capacity: Capacity) -> Option<By> {
        if capacity == Capacity::Applicant {
            return Some(By {
                account: self.applicant.0,
                capacity,
                name: None,
                unit: None,
            });
        }
        self.cast.of(capacity).map(|officer| By {
            account: officer.account,
            capacity,
            name: Some(officer.name.clone()),
            unit: Some((officer.unit, officer.unit_name.clone())),
        })
    }

    fn order(&self, step: &Step, revision: i64, asked: Option<SupplementId>, past: &Past) -> Order {
        let denies = step.outcome == Outcome::Denied;
        let mut order = Order {
            once: kernel::id::uuid_v7(past),
            dossier: self.dossier,
            revision,
            action: step.action,
            deed: rules::Deed::default(),
            note: step.note.clone(),
            defects: match step.action {
                Action::AskSupplement => words::defects(self.procedure),
                Action::Refuse => words::refusal(&step.note),
                Action::Propose if denies => words::defects(self.procedure),
                _ => Vec::new(),
            },
            answers: asked.filter(|_| step.action == Action::AnswerSupplement),
            hand_over: self.hand_over(step, revision),
            files: Vec::new(),
            kept: crate::file::kept::Brought::default(),
            way: self.way.clone(),
            effects: crate::effect::Prepared::Past,
        };
        if denies && order.note.is_empty() {
            order.note = words::DENIED.to_owned();
        }
        order.deed.limit = step.limit.or(self.limit);
        order.deed.cut_off = self.cut_off.filter(|_| step.action == Action::Receive);
        order.deed.outcome = Some(step.outcome);
        order.deed.delivery = step.delivery;
        let specialist = self.cast.specialist.as_ref();
        order.deed.assignee = specialist.map(|officer| (officer.account, officer.name.clone()));
        order
    }

    fn hand_over(&self, step: &Step, revision: i64) -> HandOver {
        let by_post = step.delivery == Some(Delivery::Post);
        // The number is made of the dossier's own, so that no two items share one.
        let number = self.dossier.uuid().as_u128() % 100_000_000 + u128::try_from(revision).unwrap_or(0);
        HandOver {
            taken_by: self.applicant.1.to_owned(),
            proof: (!by_post).then_some(Proof::Receipt),
            post_item: if by_post {
                format!("DEMO{number:09}")
            } else {
                String::new()
            },
            ..HandOver::default()
        }
    }
}
