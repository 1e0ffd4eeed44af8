//! A year of a province: dossiers of every day of the past year, each with the life that the rules allow, made in memory by
//! two threads and written in bulk; then the money for their bills, in the order of its days. The same seed tells the same year;
//! ids and seals take their chance from the world. One dossier in a hundred that people send comes with a small file of its own:
//! a blob belongs to one dossier, so that none is shared. Refuses what it has no record for: results are no files here.

mod ground;
mod life;
mod money;
mod season;
mod synthetic;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use identity::{AccountId, PersonRef, person};
use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{Date, SignedDuration, Timestamp, World};
use payment::past::Cashier;
use store::keys::KeyRing;
use uuid::Uuid;

use super::{Cast, Chance, KEPT, Past, Story, words};
use crate::Casework;
use crate::dossier::command::By;
use crate::dossier::rules::Deed;
use crate::dossier::state::{Action, Capacity, Delivery, Entered, Representation};
use crate::dossier::submit::{self, Parties, Submission, Taking};
use crate::dossier::{Content, DossierError, Represented};
use crate::fee::story::{Between, Coming, Pays, StoryBill};
use crate::intake::{Channel, Paper, PartyRole};
use crate::load::{self, Kept, Numbers, Piece};
use ground::{Ground, Known, Post};
use life::{Begin, Life};
use money::Ledger;

pub use synthetic::{Size, procedures as synthetic_procedures};

/// Dossiers that are made and written together.
const PART: usize = 2_000;

/// Days of the year.
const DAYS: i32 = 365;

/// Somebody who lives in the province and has an account.
#[derive(Debug, Clone)]
pub struct Resident {
    /// Her account.
    pub account: AccountId,
    /// Her record.
    pub person: PersonRef,
    /// Her name, as in the record.
    pub name: String,
    /// Her number.
    pub number: kernel::PersonId,
    /// Her day of birth.
    pub born: Date,
}

/// What a year came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Made {
    /// Dossiers.
    pub dossiers: u64,
    /// Steps of them.
    pub steps: u64,
    /// Bills for them.
    pub bills: u64,
    /// Files that hang on them.
    pub files: u64,
    /// Payments of bills, in cash and by transfer.
    pub payments: u64,
    /// Tills of a desk on a day.
    pub tills: u64,
    /// Statements of banks.
    pub statements: u64,
}

/// Which of the dossiers that people send come with a file: one in so many.
const FILE_EVERY: u64 = 100;

/// A part that is on its way into the tables, and the money that comes with it.
type Writing = tokio::task::JoinHandle<Result<(Made, Vec<Coming>), DossierError>>;

/// Makes `count` dossiers of the past year for `residents` from `seed`. `progress` hears how many are written, then, counted
/// on from there, what is done for their money, and each index that is built.
///
/// # Errors
/// When nobody can file or nothing can be filed, and what the store says. A store whose load broke off is not served.
pub async fn run(
    house: &Casework,
    residents: Arc<Vec<Resident>>,
    count: u64,
    seed: u64,
    mut progress: impl FnMut(u64),
) -> Result<Made, DossierError> {
    if residents.is_empty() {
        return Err(DossierError::Incomplete("people"));
    }
    let ground = Arc::new(Ground::read(house, seed).await?);
    let now = house.now();
    let kept = Kept {
        told_from: now - KEPT,
        keys_from: now - KEPT,
    };
    let given = house.store().read(load::given).await?;
    let load = house.store().begin_load(load::TABLES).await?;
    let mut plan = Plan::new(house, seed, now, count, Numbers::after(given));
    let mut made = Made::default();
    let mut coming = Vec::new();
    let mut writing: Option<Writing> = None;
    let load = Arc::new(load);
    loop {
        let drafts = plan.next_part(&ground, residents.len());
        let is_last = drafts.is_empty();
        let numbers = plan.numbers.changes();
        let part = build(house, &ground, &residents, drafts, kept).await?;
        if let Some(before) = writing.take() {
            let broken = |_| DossierError::Incomplete("a part of the year");
            let (part, money) = before.await.map_err(broken)??;
            made.add(part);
            coming.extend(money);
            progress(made.dossiers);
        }
        if is_last {
            break;
        }
        writing = Some(tokio::spawn(write(load.clone(), part, numbers, kept)));
    }
    let ledger = Ledger::new(house, ground.receivers.clone(), seed, coming);
    let mut deeds = 0;
    let tally = money::load(&load, ledger, |done| {
        deeds = done;
        progress(made.dossiers + done);
    })
    .await?;
    (made.payments, made.tills, made.statements) = (tally.payments, tally.tills, tally.statements);
    let load = Arc::into_inner(load).ok_or(DossierError::Incomplete("the end of the load"))?;
    load.finish(|built| progress(made.dossiers + deeds + built)).await?;
    Ok(made)
}

impl Made {
    fn add(&mut self, other: Self) {
        self.dossiers += other.dossiers;
        self.steps += other.steps;
        self.bills += other.bills;
        self.files += other.files;
    }
}

/// What is known of a dossier before it is made: enough to put a day in order and to give numbers.
#[derive(Debug, Clone)]
struct Draft {
    at: Timestamp,
    known: usize,
    resident: usize,
    /// Seed of everything else about it.
    chance: u64,
    channel: Option<Channel>,
    number: i64,
}

/// The year as days, each with how much it sees.
struct Plan {
    calendar: Arc<WorkingCalendar>,
    seed: u64,
    now: Timestamp,
    days: std::vec::IntoIter<(Date, u64)>,
    drawn: usize,
    /// Of a day that is longer than a part.
    waiting: std::vec::IntoIter<Draft>,
    numbers: Numbers,
}

impl Plan {
    fn new(house: &Casework, seed: u64, now: Timestamp, count: u64, numbers: Numbers) -> Self {
        let calendar = house.calendar().clone();
        let last = now.local_date();
        let first = last.saturating_sub(jiff::Span::new().days(DAYS - 1));
        let days: Vec<Date> = first
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day <= last)
            .collect();
        let weights: Vec<u64> = days
            .iter()
            .map(|day| {
                let whole = season::weight(&calendar, *day);
                // Today is not over.
                if *day == last {
                    whole * passed_of_day(now) / 1_000
                } else {
                    whole
                }
            })
            .collect();
        let shares = season::share_out(count, &weights);
        Self {
            calendar,
            seed,
            now,
            days: days.into_iter().zip(shares).collect::<Vec<_>>().into_iter(),
            drawn: 0,
            waiting: Vec::new().into_iter(),
            numbers,
        }
    }

    /// The next dossiers in the order of their coming; empty at the end of the year.
    fn next_part(&mut self, ground: &Ground, residents: usize) -> Vec<Draft> {
        let mut part = Vec::with_capacity(PART);
        loop {
            part.extend(self.waiting.by_ref().take(PART - part.len()));
            if part.len() >= PART {
                return part;
            }
            let Some((day, count)) = self.days.next() else {
                return part;
            };
            let mut drafts: Vec<Draft> = (0..count).map(|_| self.draw(ground, residents, day)).collect();
            drafts.sort_by_key(|draft| (draft.at, draft.chance));
            for draft in &mut drafts {
                let agency = draft.post(ground).map(|post| post.place.agency.clone());
                draft.number = agency.map_or(1, |agency| self.numbers.next(&agency, day));
            }
            self.waiting = drafts.into_iter();
        }
    }

    fn draw(&mut self, ground: &Ground, residents: usize, day: Date) -> Draft {
        let at = self.drawn;
        self.drawn += 1;
        let mut chance = Chance::of(self.seed, 0x4452, at);
        let desk = if chance.percent(28) {
            season::at_desk(&mut chance, &self.calendar, day)
        } else {
            None
        };
        let (instant, channel) = match desk {
            Some(instant) if chance.percent(12) => (instant, Some(Channel::Post)),
            Some(instant) => (instant, Some(Channel::Desk)),
            None => (season::at_home(&mut chance, &self.calendar, day), None),
        };
        let asked = if channel.is_some() {
            &ground.asked
        } else {
            &ground.asked_online
        };
        Draft {
            at: instant.min(self.now - SignedDuration::from_secs(2)),
            known: asked.pick(&mut chance),
            resident: chance.below(residents),
            chance: chance.next(),
            channel,
            number: 0,
        }
    }
}

/// How much of what a day sees has come by now, in thousandths.
fn passed_of_day(now: Timestamp) -> u64 {
    let minutes = now.since(Timestamp::start_of_day(now.local_date())).as_mins();
    u64::try_from((minutes - 7 * 60).clamp(0, 10 * 60) * 1_000 / (10 * 60)).unwrap_or(0)
}

impl Draft {
    /// Whether it comes with a file: of those that people send, one in a hundred.
    const fn has_file(&self) -> bool {
        self.channel.is_none() && self.chance.is_multiple_of(FILE_EVERY)
    }

    /// Where it goes: the first thing that its own chance decides.
    fn post<'g>(&self, ground: &'g Ground) -> Option<&'g Post> {
        let mut chance = Chance::new(self.chance);
        ground.procedures.get(self.known)?.post(&mut chance, &ground.sizes)
    }
}

/// Two halves of a part, each made by a thread of its own; then the files of those that come with one.
async fn build(
    house: &Casework,
    ground: &Arc<Ground>,
    residents: &Arc<Vec<Resident>>,
    drafts: Vec<Draft>,
    kept: Kept,
) -> Result<Vec<Piece>, DossierError> {
    let half = drafts.len() / 2;
    let mut first = drafts;
    let second = first.split_off(half);
    let make = |drafts: Vec<Draft>| {
        let (house, ground, residents) = (house.clone(), ground.clone(), residents.clone());
        tokio::task::spawn_blocking(move || {
            let made = drafts
                .iter()
                .map(|draft| whole(&house, &ground, &residents, draft, kept));
            made.filter_map(Result::transpose)
                .collect::<Result<Vec<_>, DossierError>>()
        })
    };
    let (first, second) = (make(first), make(second));
    let broken = |_| DossierError::Incomplete("a part of the year");
    let mut all = first.await.map_err(broken)??;
    all.extend(second.await.map_err(broken)??);
    let pieces = all.into_iter().map(async |(mut piece, draft)| {
        if let Some(known) = draft.has_file().then(|| ground.procedures.get(draft.known)).flatten() {
            piece.files = super::files(house, &known.procedure, piece.whole.dossier().id, draft.at).await?;
        }
        Ok::<_, DossierError>(piece)
    });
    // Few have a file; those few are written at once.
    futures::future::try_join_all(pieces).await
}

fn whole(
    house: &Casework,
    ground: &Ground,
    residents: &[Resident],
    draft: &Draft,
    kept: Kept,
) -> Result<Option<(Piece, Draft)>, DossierError> {
    let Some(mut story) = tell(house, ground, residents, draft)? else {
        return Ok(None);
    };
    let mut whole = story.whole(draft.number, house.calendar())?;
    whole.told.retain(|event| event.at >= kept.told_from);
    whole.keys.retain(|key| key.at >= kept.keys_from);
    let piece = Piece {
        whole,
        bill: story.bill.take(),
        files: Vec::new(),
        account: story.account,
    };
    Ok(Some((piece, draft.clone())))
}

async fn write(
    load: Arc<store::Load>,
    part: Vec<Piece>,
    numbers: Vec<(String, Date, i64)>,
    kept: Kept,
) -> Result<(Made, Vec<Coming>), DossierError> {
    let made = Made {
        dossiers: part.len() as u64,
        steps: part.iter().map(|piece| piece.whole.events.len() as u64).sum(),
        bills: part.iter().filter(|piece| piece.bill.is_some()).count() as u64,
        files: part.iter().map(|piece| piece.files.len() as u64).sum(),
        ..Made::default()
    };
    let coming = load::write_pieces(&load, part, numbers, kept).await?;
    Ok((made, coming))
}

/// Tells the story of a draft; none when its procedure is settled nowhere.
fn tell(
    house: &Casework,
    ground: &Ground,
    residents: &[Resident],
    draft: &Draft,
) -> Result<Option<Story>, DossierError> {
    let mut chance = Chance::new(draft.chance);
    let (Some(known), Some(resident)) = (ground.procedures.get(draft.known), residents.get(draft.resident)) else {
        return Ok(None);
    };
    let Some(post) = known.post(&mut chance, &ground.sizes) else {
        return Ok(None);
    };
    let cast = post.cast(&mut chance);
    let scene = Scene {
        house,
        ground,
        known,
        post,
        resident,
        cast: &cast,
        draft,
    };
    scene.story(residents, &mut chance).map(Some)
}

/// Everything that is settled about a dossier before its details are drawn.
struct Scene<'a> {
    house: &'a Casework,
    ground: &'a Ground,
    known: &'a Known,
    post: &'a Post,
    resident: &'a Resident,
    cast: &'a Cast,
    draft: &'a Draft,
}

impl Scene<'_> {
    fn story(&self, residents: &[Resident], chance: &mut Chance) -> Result<Story, DossierError> {
        let (house, keys, calendar) = (self.house, self.house.keys(), self.house.calendar());
        let past = Past {
            world: house.world().clone(),
            now: self.draft.at,
        };
        let taken_by = self.draft.channel.zip(self.cast.desk.as_ref());
        let delivery = if chance.percent(84) {
            Delivery::PickUp
        } else {
            Delivery::Post
        };
        let represented = chance.percent(6).then(|| chance.pick(residents)).flatten();
        let represented = represented.filter(|other| other.person != self.resident.person);
        let kind = taken_by.map_or(crate::procedure::ChannelKind::Online, |(channel, _)| channel.kind());
        let limit = self.known.limit(kind);
        let mut submission = self.submission((taken_by.is_some(), delivery), represented, chance);
        if let Some(other) = represented {
            let claim = claim(other, &past, &keys)?;
            submission.parties.people.push((PartyRole::Represented, claim));
        }
        if let Some((channel, officer)) = taken_by {
            submission.taking = Some(self.taking(channel, officer, limit, claim(self.resident, &past, &keys)?, chance));
        }
        let begin = Begin {
            start: self.draft.at,
            is_taken_in: taken_by.is_some(),
            limit,
            has_fee: self.known.has_fee,
            delivery,
            late: self.post.late,
            may_rate: taken_by.is_none(),
        };
        let life = if self.cast.is_full() {
            life::draw(chance, calendar, house.now(), &begin)
        } else {
            Life::default()
        };
        let sealed = submit::seal(&submission, &past, &keys, calendar);
        Ok(Story {
            at: self.draft.at,
            bill: self.bill(&life, sealed.id()),
            commands: self.commands(&life, &sealed, limit, &keys),
            sealed,
            person: self.resident.person,
            parties: represented
                .map(|other| (PartyRole::Represented, other.person))
                .into_iter()
                .collect(),
            files: Vec::new(),
            account: self.resident.account,
            rating: life.rating,
        })
    }

    fn submission(
        &self,
        (is_taken_in, delivery): (bool, Delivery),
        represented: Option<&Resident>,
        chance: &mut Chance,
    ) -> Submission {
        let procedure = &self.known.procedure;
        Submission {
            once: Uuid::from_u64_pair(chance.next(), chance.next()),
            procedure: (procedure.code.clone(), self.known.version, procedure.title().vi.clone()),
            way: self.known.way.clone(),
            place: self.post.place.clone(),
            person: self.resident.person,
            account: (!is_taken_in).then_some(self.resident.account),
            representation: match represented {
                Some(_) => Representation::Proxy,
                None => Representation::Own,
            },
            entered: match is_taken_in {
                true => Entered::Officer,
                false if chance.percent(70) => Entered::SelfFiled,
                false => Entered::Assisted,
            },
            delivery,
            content: self.content(represented, is_taken_in, chance),
            draft: None,
            parties: Parties::default(),
            taking: None,
        }
    }

    fn content(&self, represented: Option<&Resident>, is_taken_in: bool, chance: &mut Chance) -> Content {
        let phone = format!("09{:08}", chance.below(100_000_000));
        let papers = crate::draft::rules::papers(&self.known.procedure);
        let brought = papers
            .filter(|(_, paper)| is_taken_in && paper.required)
            .map(|(at, paper)| Paper {
                component: i64::try_from(at).unwrap_or(0),
                name: paper.name.vi.clone(),
                original: paper.originals > 0,
                copy: paper.copies > 0,
                scanned: false,
            });
        Content {
            name: self.resident.name.clone(),
            person_id: self.resident.number.to_string(),
            phone: phone
                .parse::<kernel::Phone>()
                .map(|phone| phone.to_string())
                .unwrap_or(phone),
            address: format!(
                "Thôn {}, {}",
                chance.below(12) + 1,
                super::commune_of(&self.post.place.unit_name)
            ),
            birthday: self.resident.born.to_string(),
            answers: words::answers(&self.known.procedure.form_or_generic(), chance),
            papers: brought.collect(),
            represented: represented.map(|other| Represented {
                name: other.name.clone(),
                person_id: other.number.to_string(),
                ground: "Theo giấy uỷ quyền".to_owned(),
                birthday: other.born.to_string(),
                ..Represented::default()
            }),
            ..Content::default()
        }
    }

    fn taking(
        &self,
        channel: Channel,
        officer: &super::Officer,
        limit: TimeLimit,
        claim: person::Prepared,
        chance: &mut Chance,
    ) -> Taking {
        let minutes = i64::try_from(2 + chance.below(11)).unwrap_or(5);
        let before = i64::try_from(1 + chance.below(4)).unwrap_or(1);
        let postmark = self.draft.at - SignedDuration::from_hours(24 * before);
        Taking {
            by: officer.acting(Capacity::Desk),
            desk: (self.post.place.desk, self.post.place.desk_name.clone()),
            channel,
            postmark_on: (channel == Channel::Post).then(|| postmark.local_date()),
            began_at: self.draft.at - SignedDuration::from_mins(minutes),
            ticket: None,
            claim,
            files: Vec::new(),
            receive: Some(Deed {
                limit: Some(limit),
                cut_off: self.house.settings().cut_off,
                ..Deed::default()
            }),
            offline: None,
        }
    }

    fn commands(
        &self,
        life: &Life,
        sealed: &submit::Sealed,
        limit: TimeLimit,
        keys: &KeyRing,
    ) -> Vec<crate::dossier::command::Command> {
        let orders = super::Orders {
            world: self.house.world(),
            keys,
            dossier: sealed.id(),
            revision: if sealed.reception().is_some() { 2 } else { 1 },
            cast: self.cast,
            applicant: (self.resident.account, self.resident.name.as_str()),
            procedure: &self.known.procedure,
            limit: Some(limit),
            cut_off: self.house.settings().cut_off,
            way: &self.known.way,
        };
        orders.prepare(&life.steps)
    }

    /// The bill for its fee; it waits, or is paid in cash at the desk or by a transfer before that.
    fn bill(&self, life: &Life, id: crate::dossier::DossierId) -> Option<StoryBill> {
        let at = |action: Action| life.steps.iter().find(|step| step.action == action).map(|step| step.at);
        let asked = at(Action::AskFee)?;
        let (officer, desk) = (self.cast.specialist.as_ref()?, self.cast.desk.as_ref()?);
        let between = Between {
            person: self.resident.person,
            name: &self.resident.name,
            officer: (officer.account, &officer.name),
        };
        let mut chance = Chance::new(self.draft.chance ^ 0x4D4F_4E45);
        let is_reduced = chance.percent(9);
        let place = &self.post.place;
        let confirmed = at(Action::ConfirmFee);
        // People pay more and more by transfer; without an account, or beside tills of before, one way is left.
        let by_transfer = self.post.has_account && chance.percent(70);
        if confirmed.is_some() && !by_transfer && self.ground.has_tills {
            return None;
        }
        let bill = StoryBill::of(
            self.house,
            id,
            &self.known.procedure,
            place,
            &between,
            (asked, is_reduced),
        )?;
        Some(match confirmed {
            None => bill,
            Some(confirmed) if by_transfer => {
                let share = i64::try_from(40 + chance.below(55)).unwrap_or(50);
                let waited = confirmed.since(asked).as_micros();
                let waited = i64::try_from(waited).unwrap_or(0) / 100 * share;
                bill.paid(asked + SignedDuration::from_micros(waited), Pays::Transfer)
            }
            Some(confirmed) => bill.paid(
                confirmed,
                Pays::Cash(Cashier {
                    account: desk.account,
                    name: desk.name.clone(),
                    desk: place.desk,
                    desk_name: place.desk_name.clone(),
                }),
            ),
        })
    }
}

/// What somebody states at a counter, as her record has it.
fn claim(resident: &Resident, past: &Past, keys: &KeyRing) -> Result<person::Prepared, DossierError> {
    let mut details = person::PersonDetails::new(resident.number, resident.name.clone());
    details.born = Some(resident.born);
    person::prepare(keys, past as &dyn World, &details)
        .map_err(|error| DossierError::Refused(identity::IdentityError::from(error)))
}

impl super::Officer {
    fn acting(&self, capacity: Capacity) -> By {
        By {
            account: self.account,
            capacity,
            name: Some(self.name.clone()),
            unit: Some((self.unit, self.unit_name.clone())),
        }
    }
}
