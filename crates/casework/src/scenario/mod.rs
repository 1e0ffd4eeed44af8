//! Made-up dossiers for a demonstration and for measuring: people of a seed file what communes settle, officers who hold the
//! roles work on it, by the same rules as the pages, at hours of the past. The same seed gives the same plan. Few dossiers go
//! through the commands one by one, many are made in memory and loaded; `load` has the test that both write the same rows.
//! Refuses shortcuts: no row is written that a command would not write, no officer acts who does not hold the role.

mod life;
mod story;
mod words;
pub mod year;

use std::sync::Arc;

use identity::sign_in::claims::ClaimedIdentity;
use identity::unit::UnitBook;
use identity::{AccountId, PersonRef, Role};
use kernel::{Phone, SignedDuration, Timestamp, World};
use store::blob::{BlobMeta, StoredBlob};
use uuid::Uuid;

use crate::Casework;
use crate::dossier::state::{Action, Representation};
use crate::dossier::{Content, DossierError, DossierId, FileId, submit};
use crate::fee::story::{Between, StoryBill};
use crate::file::{self, FilePurpose, FileRow};
use crate::load::{self, Kept, Numbers, Piece};
use crate::place::{self, Agency};
use crate::procedure::{ChannelKind, Procedure, Tier};
use crate::process::Way;
use life::Life;
pub(crate) use story::{Cast, Officer, Officers, Orders, Story};

/// Dossiers written in one transaction.
const CHUNK: usize = 20;

/// Dossiers that are loaded in one transaction.
const LOAD_CHUNK: usize = 1_000;

/// Up to here dossiers are made by the commands, one by one; more are loaded.
const BY_COMMANDS_MAX: u32 = 1_000;

/// Dossiers that come with files: enough to look at, few enough to be quick. None comes with a load.
const WITH_FILES: usize = 60;

/// Events and keys of forms older than this would be gone by now: a load does not write them.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Chance from a seed, for choices alone: seals and ids take theirs from the world, so that no nonce is ever used twice.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// Chance of its own for one thing of many, so that each can be drawn apart and again.
    pub(crate) fn of(seed: u64, kind: u64, at: usize) -> Self {
        let mut mixed = Self::new(seed ^ kind.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let first = mixed.next();
        Self::new(
            first
                ^ u64::try_from(at)
                    .unwrap_or(u64::MAX)
                    .wrapping_mul(0xA076_1D64_78BD_642F),
        )
    }

    /// SplitMix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to before `below`.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(below.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// The world at an hour of the past; its chance is the real one.
pub(crate) struct Past {
    world: Arc<dyn World>,
    now: Timestamp,
}

impl World for Past {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.world.fill(bytes);
    }
}

/// Somebody who files.
struct Person {
    account: AccountId,
    person: PersonRef,
    name: String,
    number: String,
}

/// Makes `count` dossiers from `seed` for `people`; `progress` hears how many are written. Says how many there are.
///
/// # Errors
/// When nobody can file or nothing can be filed, and what store and identity say.
pub async fn run(
    house: &Casework,
    people: &[ClaimedIdentity],
    count: u32,
    seed: u64,
    mut progress: impl FnMut(u64),
) -> Result<u64, DossierError> {
    let people = admit(house, people).await?;
    let ground = Ground::read(house, seed, house.now()).await?;
    let is_many = count > BY_COMMANDS_MAX;
    let count = usize::try_from(count).unwrap_or(0);
    if is_many {
        return loaded(house, &ground, &people, count, progress).await;
    }
    let mut stories = Vec::new();
    for at in 0..count {
        if let Some(story) = tell(house, &ground, &people, at, at < WITH_FILES).await? {
            stories.push(story);
        }
    }
    // Numbers of a day grow with its hours.
    stories.sort_by_key(|story| story.at);
    let mut written = 0;
    while !stories.is_empty() {
        let rest = stories.split_off(stories.len().min(CHUNK));
        written += write(house, std::mem::replace(&mut stories, rest)).await?;
        progress(written);
    }
    Ok(written)
}

/// Makes many: first when each begins, then each whole in that order, so that few are in memory at once.
async fn loaded(
    house: &Casework,
    ground: &Ground,
    people: &[Person],
    count: usize,
    mut progress: impl FnMut(u64),
) -> Result<u64, DossierError> {
    let mut order: Vec<(Timestamp, usize)> = Vec::with_capacity(count);
    for at in 0..count {
        order.extend(Sketch::draw(house, ground, people, at)?.map(|sketch| (sketch.life.start, at)));
    }
    order.sort_unstable();
    let kept = Kept {
        told_from: ground.now - KEPT,
        keys_from: ground.now - KEPT,
    };
    let mut numbers = Numbers::after(house.store().read(load::given).await?);
    let load = house.store().begin_load(load::TABLES).await?;
    let mut written = 0;
    for part in order.chunks(LOAD_CHUNK) {
        let mut all: Vec<Piece> = Vec::with_capacity(part.len());
        for (_, at) in part {
            let Some(mut story) = tell(house, ground, people, *at, false).await? else {
                continue;
            };
            let number = numbers.next(story.sealed.agency(), story.at.local_date());
            all.push(Piece {
                whole: story.whole(number, house.calendar())?,
                bill: story.bill.take(),
                files: Vec::new(),
                account: story.account,
            });
        }
        let given = numbers.changes();
        written += all.len() as u64;
        load::write_pieces(&load, all, given, kept).await?;
        progress(written);
    }
    load.finish(|_| {}).await?;
    Ok(written)
}

async fn admit(house: &Casework, people: &[ClaimedIdentity]) -> Result<Vec<Person>, DossierError> {
    let mut admitted = Vec::with_capacity(people.len());
    for claimed in people {
        let account = house.identity().open_citizen(claimed).await?;
        let (keys, number) = (house.keys(), claimed.number);
        let record = house
            .store()
            .read(move |tx| identity::person::find(tx, &keys, &number))
            .await?;
        if let Some(record) = record {
            let (name, number) = (claimed.name.clone(), claimed.number.to_string());
            admitted.push(Person {
                account,
                person: record.id,
                name,
                number,
            });
        }
    }
    if admitted.is_empty() {
        Err(DossierError::Incomplete("people"))
    } else {
        Ok(admitted)
    }
}

/// What stories stand on: procedures that communes settle, communes, officers by unit and role, the present.
struct Ground {
    book: Arc<UnitBook>,
    procedures: Vec<Asked>,
    officers: Officers,
    seed: u64,
    now: Timestamp,
}

/// A procedure that is filed, and the communes that settle it.
struct Asked {
    procedure: Arc<Procedure>,
    version: i64,
    communes: Vec<Agency>,
}

impl Ground {
    async fn read(house: &Casework, seed: u64, now: Timestamp) -> Result<Self, DossierError> {
        let index = house.catalogue().index().await?;
        let communal = |row: &&crate::procedure::Summary| {
            row.is_online() && row.tiers.contains(&Tier::Commune) && row.time.is_some()
        };
        let codes: Vec<_> = index
            .all()
            .filter(communal)
            .take(40)
            .map(|row| row.code.clone())
            .collect();
        let book = house.identity().units();
        let mut procedures = Vec::new();
        for code in codes {
            let Some((procedure, version)) = house.catalogue().find(&code, None).await? else {
                continue;
            };
            let mut communes = place::agencies(&book, &procedure, now.local_date());
            communes.retain(|agency| agency.tier == Tier::Commune);
            procedures.push(Asked {
                procedure,
                version,
                communes,
            });
        }
        let mut officers = Officers::default();
        for role in [Role::Desk, Role::Specialist, Role::Leader] {
            officers.add(house, &book, role, now.local_date()).await?;
        }
        Ok(Self {
            book,
            procedures,
            officers,
            seed,
            now,
        })
    }
}

/// What a story is made of, before anything is sealed.
struct Sketch<'a> {
    procedure: &'a Arc<Procedure>,
    version: i64,
    person: &'a Person,
    place: submit::Place,
    cast: Cast,
    life: Life,
    /// For what is drawn later.
    chance: Chance,
}

impl<'a> Sketch<'a> {
    /// The sketch of the story `at`, the same each time; none when nothing can be filed.
    fn draw(
        house: &Casework,
        ground: &'a Ground,
        people: &'a [Person],
        at: usize,
    ) -> Result<Option<Self>, DossierError> {
        let mut chance = Chance::of(ground.seed, 0x5354, at);
        // The first procedures of the index are the most asked for: two draws, the smaller one counts.
        let asked = chance
            .below(ground.procedures.len())
            .min(chance.below(ground.procedures.len()));
        let (Some(asked), Some(person)) = (ground.procedures.get(asked), chance.pick(people)) else {
            return Ok(None);
        };
        let (procedure, communes) = (&asked.procedure, &asked.communes);
        let staffed = communes.iter().find(|agency| agency.name.vi.contains("hường"));
        let agency = if chance.percent(25) {
            staffed.or_else(|| communes.first())
        } else {
            chance.pick(communes)
        };
        let Some(agency) = agency else { return Ok(None) };
        let place = place::resolve(&ground.book, procedure, agency.unit, ground.now.local_date())?;
        let cast = ground.officers.cast(place.desk, agency.unit, &mut chance);
        let life = Life::draw(&mut chance, ground.now, procedure, house.calendar(), cast.is_full());
        Ok(Some(Self {
            procedure,
            version: asked.version,
            person,
            place,
            cast,
            life,
            chance,
        }))
    }
}

/// Tells one story; none when nothing can be filed.
async fn tell(
    house: &Casework,
    ground: &Ground,
    people: &[Person],
    at: usize,
    with_files: bool,
) -> Result<Option<Story>, DossierError> {
    let Some(mut sketch) = Sketch::draw(house, ground, people, at)? else {
        return Ok(None);
    };
    let submission = submission(&mut sketch);
    let Sketch {
        procedure,
        person,
        place,
        cast,
        life,
        ..
    } = &sketch;
    let past = Past {
        world: house.world().clone(),
        now: life.start,
    };
    let keys = house.keys();
    let sealed = submit::seal(&submission, &past, &keys, house.calendar());
    let id = sealed.id();
    let files = if with_files {
        files(house, procedure, id, life.start).await?
    } else {
        Vec::new()
    };
    let orders = Orders {
        world: house.world(),
        keys: &keys,
        dossier: id,
        revision: 1,
        cast,
        applicant: (person.account, person.name.as_str()),
        procedure,
        limit: procedure.time_limit(ChannelKind::Online),
        cut_off: None,
        way: &submission.way,
    };
    let waits = life.steps.last().filter(|step| step.action == Action::AskFee);
    let bill = waits.zip(cast.specialist.as_ref()).and_then(|(step, officer)| {
        let between = Between {
            person: person.person,
            name: &person.name,
            officer: (officer.account, &officer.name),
        };
        StoryBill::of(house, id, procedure, place, &between, (step.at, false))
    });
    Ok(Some(Story {
        at: life.start,
        person: person.person,
        parties: Vec::new(),
        sealed,
        files,
        account: person.account,
        commands: orders.prepare(&life.steps),
        bill,
        rating: None,
    }))
}

/// `xã Kỳ Lạc` of a committee or of an office within it: people live in a commune, not in its committee.
fn commune_of(unit_name: &str) -> &str {
    unit_name.rsplit("Ủy ban nhân dân ").next().unwrap_or(unit_name)
}

fn submission(sketch: &mut Sketch<'_>) -> submit::Submission {
    let Sketch {
        procedure,
        version,
        person,
        place,
        life,
        chance,
        ..
    } = sketch;
    let phone = format!("09{:08}", chance.below(100_000_000));
    let content = Content {
        name: person.name.clone(),
        person_id: person.number.clone(),
        phone: phone.parse::<Phone>().map(|phone| phone.to_string()).unwrap_or(phone),
        address: format!("Thôn {}, {}", chance.below(12) + 1, commune_of(&place.unit_name)),
        answers: words::answers(&procedure.form_or_generic(), chance),
        ..Content::default()
    };
    submit::Submission {
        once: Uuid::from_u64_pair(chance.next(), chance.next()),
        procedure: (procedure.code.clone(), *version, procedure.title().vi.clone()),
        // Stories happened before anybody wrote a process.
        way: Way::generic(),
        place: place.clone(),
        person: person.person,
        account: Some(person.account),
        representation: Representation::Own,
        entered: life.entered,
        delivery: life.delivery,
        content,
        draft: None,
        parties: submit::Parties::default(),
        taking: None,
    }
}

/// A paper for the first required component, as a small PDF.
async fn files(
    house: &Casework,
    procedure: &Procedure,
    id: DossierId,
    at: Timestamp,
) -> Result<Vec<(FileRow, StoredBlob)>, DossierError> {
    let Some((component, paper)) = crate::draft::rules::papers(procedure).next() else {
        return Ok(Vec::new());
    };
    let name = format!(
        "{}.pdf",
        crate::procedure::search::slug(&paper.name.vi)
            .chars()
            .take(40)
            .collect::<String>()
    );
    let file = pdf(
        house,
        id,
        at,
        &name,
        FilePurpose::Component,
        i64::try_from(component).ok(),
    )
    .await?;
    Ok(vec![file])
}

async fn pdf(
    house: &Casework,
    id: DossierId,
    at: Timestamp,
    name: &str,
    purpose: FilePurpose,
    component: Option<i64>,
) -> Result<(FileRow, StoredBlob), DossierError> {
    let world = house.world();
    let body = words::pdf(&format!("Made up for the demonstration: {name}"));
    let meta = BlobMeta {
        owner: id.uuid(),
        media_type: "application/pdf".to_owned(),
        personal: true,
        size_max: 1 << 20,
    };
    let stored = house
        .store()
        .blobs()
        .put(world.as_ref(), &body[..], meta)
        .await
        .map_err(store::StoreError::from)?;
    let file = FileId::new(world.as_ref());
    let sealed = house
        .keys()
        .seal(world.as_ref(), &file::transfer::name_context(file), name.as_bytes());
    let row = FileRow {
        id: file,
        purpose,
        component,
        supplement: None,
        blob: stored.id,
        name: sealed.into_bytes(),
        media_type: "application/pdf".to_owned(),
        size_bytes: i64::try_from(stored.size).unwrap_or(0),
        sha256: stored.sha256.to_vec(),
        added_at: at,
        check: None,
    };
    Ok((row, stored))
}

async fn write(house: &Casework, stories: Vec<Story>) -> Result<u64, DossierError> {
    let calendar = house.calendar().clone();
    let count = stories.len() as u64;
    house
        .store()
        .write(move |tx| {
            stories
                .iter()
                .try_for_each(|story| story.write(tx, &calendar).map(|_| ()))
        })
        .await?;
    Ok(count)
}
