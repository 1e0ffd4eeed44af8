//! What a year stands on: every procedure that the province settles with how often it is asked for, every place that settles
//! it with its size and its pace, and who works there. Sizes and paces are made up from the seed; no source tells them.

use std::collections::HashMap;
use std::sync::Arc;

use identity::unit::UnitBook;
use identity::{Role, UnitId};
use kernel::Date;
use kernel::calendar::TimeLimit;
use payment::account::PayAccount;

use super::money::Receivers;
use crate::Casework;
use crate::dossier::DossierError;
use crate::dossier::submit::Place;
use crate::place;
use crate::procedure::{Channel, ChannelKind, Procedure, Tier};
use crate::process::places::Places;
use crate::process::{Process, Way};
use crate::scenario::{Cast, Chance, Officers};

/// What is taken where the catalogue names no limit that can be counted.
const USUAL: TimeLimit = TimeLimit::WorkingDays(10);

/// A procedure that can be filed.
pub(super) struct Known {
    pub(super) procedure: Arc<Procedure>,
    pub(super) version: i64,
    pub(super) way: Way,
    pub(super) is_online: bool,
    pub(super) has_fee: bool,
    /// Places at communes, by the commune; empty for what only departments settle.
    communes: Arc<Vec<Post>>,
    department: Option<Arc<Post>>,
}

impl Known {
    pub(super) fn limit(&self, kind: ChannelKind) -> TimeLimit {
        self.procedure.time_limit(kind).unwrap_or(USUAL)
    }

    /// A place that settles it: mostly the commune where people live.
    pub(super) fn post(&self, chance: &mut Chance, sizes: &Weighted) -> Option<&Post> {
        let goes_up = self.communes.is_empty() || (self.department.is_some() && chance.percent(25));
        match &self.department {
            Some(department) if goes_up => Some(department.as_ref()),
            _ => self.communes.get(sizes.pick(chance)),
        }
    }
}

/// A place that settles, with who works there.
pub(super) struct Post {
    pub(super) place: Place,
    pub(super) officers: Arc<Officers>,
    /// The unit whose specialists and leaders work on it.
    agency: UnitId,
    /// How many of ten thousand it decides late.
    pub(super) late: usize,
    /// Its agency has an account whose statements somebody takes in.
    pub(super) has_account: bool,
}

impl Post {
    pub(super) fn cast(&self, chance: &mut Chance) -> Cast {
        self.officers.cast(self.place.desk, self.agency, chance)
    }
}

/// A draw by weights.
#[derive(Default)]
pub(super) struct Weighted(Vec<u64>);

impl Weighted {
    pub(super) fn of(weights: impl Iterator<Item = u64>) -> Self {
        let mut sum = 0;
        let sums = weights.map(|weight| {
            sum += weight;
            sum
        });
        Self(sums.collect())
    }

    /// The place of one in the list of weights.
    pub(super) fn pick(&self, chance: &mut Chance) -> usize {
        let whole = self.0.last().copied().unwrap_or(0);
        let at = chance.below(usize::try_from(whole).unwrap_or(0)) as u64;
        self.0.partition_point(|sum| *sum <= at)
    }
}

/// What a year stands on.
pub(super) struct Ground {
    pub(super) procedures: Vec<Known>,
    /// By how often each is asked for.
    pub(super) asked: Weighted,
    /// The same of those that can be filed online; the others weigh nothing.
    pub(super) asked_online: Weighted,
    /// The communes by their size.
    pub(super) sizes: Weighted,
    /// The accounts that receive.
    pub(super) receivers: Arc<Receivers>,
    /// Cash was taken before: no till of the past can be opened any more.
    pub(super) has_tills: bool,
}

impl Ground {
    /// Reads it from the province.
    pub(super) async fn read(house: &Casework, seed: u64) -> Result<Self, DossierError> {
        let book = house.identity().units();
        let day = house.now().local_date();
        let officers = Arc::new(Officers::read(house, &book, day).await?);
        let (accounts, has_tills) = house
            .store()
            .read(|tx| Ok::<_, store::StoreError>((payment::account::all_open(tx)?, payment::past::has_tills(tx)?)))
            .await?;
        let receivers = Arc::new(receivers(accounts, &officers));
        let mut making = Making {
            book: &book,
            day,
            seed,
            officers,
            receivers: receivers.clone(),
            by_sector: HashMap::new(),
            departments: HashMap::new(),
            ways: HashMap::new(),
        };
        let index = house.catalogue().index().await?;
        let codes: Vec<_> = index
            .all()
            .filter(|row| row.is_here())
            .map(|row| row.code.clone())
            .collect();
        let mut procedures = Vec::with_capacity(codes.len());
        for code in codes {
            if let Some((procedure, version)) = house.catalogue().find(&code, None).await? {
                procedures.extend(making.known(procedure, version)?);
            }
        }
        if procedures.is_empty() {
            return Err(DossierError::Incomplete("procedures"));
        }
        let communes = making.communes().len();
        let asked = |only_online: bool| {
            let weights = procedures
                .iter()
                .enumerate()
                .map(move |(rank, known)| match known.is_online {
                    false if only_online => 0,
                    // What communes settle is asked for by everybody, the rest by few: a long tail.
                    _ => weight_of_rank(rank) * if known.communes.is_empty() { 1 } else { 4 },
                });
            Weighted::of(weights)
        };
        Ok(Self {
            asked: asked(false),
            asked_online: asked(true),
            sizes: Weighted::of((0..communes).map(|at| size(seed, at))),
            procedures,
            receivers,
            has_tills,
        })
    }
}

/// Who takes the statements of each account in: an accountant of its unit, or else its leader.
fn receivers(accounts: Vec<PayAccount>, officers: &Officers) -> Receivers {
    let mut chance = Chance::new(0);
    let mut found = HashMap::new();
    for account in &accounts {
        let by = [Role::Accountant, Role::Leader]
            .into_iter()
            .find_map(|role| officers.of(account.unit, role, &mut chance));
        found.extend(by.map(|officer| (account.unit, officer)));
    }
    Receivers::new(accounts, found)
}

/// The catalogue lists procedures by how often they are asked for; its numbers are none, so that the rank stands for them.
fn weight_of_rank(rank: usize) -> u64 {
    1_000_000 / (u64::try_from(rank).unwrap_or(u64::MAX - 12) + 12)
}

/// The size of a commune against others: one to four.
fn size(seed: u64, at: usize) -> u64 {
    let mut chance = Chance::of(seed, 0x5153, at);
    let (one, other) = (chance.below(100), chance.below(100));
    u64::try_from(100 + one + one.min(other) * 2).unwrap_or(100)
}

/// How many of ten thousand an agency decides late: most hardly any, one in twelve is slow.
fn late(seed: u64, agency: &str) -> usize {
    let mut chance = Chance::of(seed, 0x4C54, number_of(agency));
    match chance.below(12) {
        0 => 180 + chance.below(320),
        _ => 10 + chance.below(60),
    }
}

/// A number that is always the same for a text (FNV-1a).
pub(super) fn number_of(text: &str) -> usize {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    usize::try_from(hash).unwrap_or(0)
}

struct Making<'a> {
    book: &'a UnitBook,
    day: Date,
    seed: u64,
    officers: Arc<Officers>,
    receivers: Arc<Receivers>,
    by_sector: HashMap<String, Arc<Vec<Post>>>,
    departments: HashMap<String, Option<Arc<Post>>>,
    ways: HashMap<Option<TimeLimit>, Way>,
}

impl Making<'_> {
    fn known(&mut self, procedure: Arc<Procedure>, version: i64) -> Result<Option<Known>, DossierError> {
        let limit = procedure.time_limit(ChannelKind::Online);
        let way = self.ways.entry(limit).or_insert_with(|| Way {
            handed: Default::default(),
            process: Process::generic(limit),
            places: Places::default(),
        });
        let way = way.clone();
        let communes = if procedure.tiers.contains(&Tier::Commune) {
            self.at_communes(&procedure)?
        } else {
            Arc::default()
        };
        let department = if procedure.tiers.contains(&Tier::Province) {
            self.at_department(&procedure)?
        } else {
            None
        };
        if communes.is_empty() && department.is_none() {
            return Ok(None);
        }
        let fee = procedure.main_channel().and_then(Channel::single_fee);
        Ok(Some(Known {
            is_online: procedure.is_online(),
            has_fee: fee.is_some_and(|fee| !fee.is_zero()),
            procedure,
            version,
            way,
            communes,
            department,
        }))
    }

    fn communes(&self) -> Vec<UnitId> {
        let communes = self
            .book
            .all()
            .filter(|unit| unit.kind == identity::unit::UnitKind::Commune && unit.is_in_force(self.day));
        // By code: ids are other ones in each province that is made.
        let mut communes: Vec<_> = communes.collect();
        communes.sort_by_key(|unit| unit.code_on(self.day).map(ToString::to_string));
        communes.into_iter().map(|unit| unit.id).collect()
    }

    fn at_communes(&mut self, procedure: &Procedure) -> Result<Arc<Vec<Post>>, DossierError> {
        let sector = procedure.sector.vi.clone();
        if let Some(known) = self.by_sector.get(&sector) {
            return Ok(known.clone());
        }
        let mut posts = Vec::new();
        for commune in self.communes() {
            posts.push(self.post(procedure, commune)?);
        }
        let posts = Arc::new(posts);
        self.by_sector.insert(sector, posts.clone());
        Ok(posts)
    }

    fn at_department(&mut self, procedure: &Procedure) -> Result<Option<Arc<Post>>, DossierError> {
        let sector = procedure.sector.vi.clone();
        if let Some(known) = self.departments.get(&sector) {
            return Ok(known.clone());
        }
        let agencies = place::agencies(self.book, procedure, self.day);
        let agency = agencies.into_iter().find(|agency| agency.tier == Tier::Province);
        let post = match agency {
            Some(agency) => Some(Arc::new(self.post(procedure, agency.unit)?)),
            None => None,
        };
        self.departments.insert(sector, post.clone());
        Ok(post)
    }

    fn post(&self, procedure: &Procedure, agency: UnitId) -> Result<Post, DossierError> {
        let place = place::resolve(self.book, procedure, agency, self.day)?;
        Ok(Post {
            late: late(self.seed, &place.agency.to_string()),
            place,
            officers: self.officers.clone(),
            agency,
            has_account: self.receivers.has(agency),
        })
    }
}

impl Officers {
    /// Everybody who holds a role somewhere today.
    async fn read(house: &Casework, book: &UnitBook, day: Date) -> Result<Self, DossierError> {
        let mut officers = Self::default();
        for role in [Role::Desk, Role::Specialist, Role::Leader, Role::Accountant] {
            officers.add(house, book, role, day).await?;
        }
        Ok(officers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_drawn_in_their_measure() {
        let weighted = Weighted::of([0, 1, 0, 3].into_iter());
        let mut chance = Chance::new(5);
        let mut counts = [0; 4];
        for _ in 0..4_000 {
            counts[weighted.pick(&mut chance)] += 1;
        }
        assert_eq!((counts[0], counts[2]), (0, 0));
        assert!((2_800..3_200).contains(&counts[3]), "{counts:?}");
    }

    #[test]
    fn few_units_are_slow() {
        let late: Vec<usize> = (0..600).map(|at| late(42, &format!("H27.{at}"))).collect();
        let slow = late.iter().filter(|late| **late > 100).count();
        assert!((20..90).contains(&slow), "{slow}");
        let mean = late.iter().sum::<usize>() / late.len();
        assert!(mean < 90, "{mean} of ten thousand are late");
    }
}
