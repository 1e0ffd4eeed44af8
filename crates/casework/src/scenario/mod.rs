//! Made-up dossiers for a demonstration and for measuring: people of a seed file what communes settle, officers who hold the
//! roles work on it, through the same commands as the pages, at hours of the past weeks. The same seed gives the same plan.
//! Refuses shortcuts: no row is written that a command would not write, no officer acts who does not hold the role.

mod life;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use identity::sign_in::claims::ClaimedIdentity;
use identity::unit::UnitBook;
use identity::{AccountId, PersonRef, Role, UnitId};
use kernel::{Phone, Timestamp, World};
use store::blob::{BlobMeta, StoredBlob};
use store::keys::KeyRing;
use uuid::Uuid;

use crate::Casework;
use crate::dossier::command::{self, By, Command, Order};
use crate::dossier::state::{Action, Capacity, Representation};
use crate::dossier::{Content, DossierError, DossierId, FileId, submit};
use crate::fee::story::{Between, StoryBill};
use crate::file::{self, FilePurpose, FileRow};
use crate::place;
use crate::procedure::{ChannelKind, Procedure};
use crate::process::Way;
use life::{Life, Step};

/// Dossiers written in one transaction.
const CHUNK: usize = 20;

/// Dossiers that come with files: enough to look at, few enough to be quick.
const WITH_FILES: usize = 60;

/// Chance from a seed, for choices alone: seals and ids take theirs from the world, so that no nonce is ever used twice.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
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
struct Past {
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

/// An officer who can act.
#[derive(Clone)]
struct Officer {
    account: AccountId,
    name: String,
    unit: UnitId,
    unit_name: String,
}

/// One dossier with everything that happens to it, sealed and minted, ready to be written.
struct Story {
    at: Timestamp,
    sealed: submit::Sealed,
    files: Vec<(FileRow, StoredBlob)>,
    account: AccountId,
    commands: Vec<Command>,
    /// The bill of one that waits for its fee.
    bill: Option<StoryBill>,
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
    let mut chance = Chance::new(seed);
    let people = admit(house, people).await?;
    let ground = Ground::read(house).await?;
    let mut stories = Vec::new();
    for at in 0..usize::try_from(count).unwrap_or(0) {
        if let Some(story) = tell(house, &ground, &people, &mut chance, at < WITH_FILES).await? {
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

/// What stories stand on: procedures that communes settle, communes, officers by unit and role.
struct Ground {
    book: Arc<UnitBook>,
    procedures: Vec<(Arc<Procedure>, i64)>,
    officers: HashMap<(UnitId, Role), Vec<Officer>>,
}

impl Ground {
    async fn read(house: &Casework) -> Result<Self, DossierError> {
        let index = house.catalogue().index().await?;
        let communal = |row: &&crate::procedure::Summary| {
            row.is_online() && row.tiers.contains(&crate::procedure::Tier::Commune) && row.time.is_some()
        };
        let codes: Vec<_> = index
            .all()
            .filter(communal)
            .take(40)
            .map(|row| row.code.clone())
            .collect();
        let mut procedures = Vec::new();
        for code in codes {
            procedures.extend(house.catalogue().find(&code, None).await?);
        }
        let book = house.identity().units();
        let day = house.now().local_date();
        let units: Vec<UnitId> = book
            .all()
            .filter(|unit| unit.is_in_force(day))
            .map(|unit| unit.id)
            .collect();
        let mut officers: HashMap<(UnitId, Role), Vec<Officer>> = HashMap::new();
        for role in [Role::Desk, Role::Specialist, Role::Leader] {
            for part in units.chunks(40).map(<[UnitId]>::to_vec) {
                let held = house
                    .store()
                    .read(move |tx| identity::account::holders(tx, &part, role, day, 0))
                    .await?;
                for (account, name, unit, _) in held {
                    let unit_name = book.name(unit, kernel::Lang::Vi, day).to_owned();
                    officers.entry((unit, role)).or_default().push(Officer {
                        account,
                        name,
                        unit,
                        unit_name,
                    });
                }
            }
        }
        Ok(Self {
            book,
            procedures,
            officers,
        })
    }

    fn officer(&self, unit: UnitId, role: Role, chance: &mut Chance) -> Option<Officer> {
        self.officers
            .get(&(unit, role))
            .and_then(|all| chance.pick(all))
            .cloned()
    }
}

/// Tells one story; none when nothing can be filed.
async fn tell(
    house: &Casework,
    ground: &Ground,
    people: &[Person],
    chance: &mut Chance,
    with_files: bool,
) -> Result<Option<Story>, DossierError> {
    // The first procedures of the index are the most asked for: two draws, the smaller one counts.
    let at = chance
        .below(ground.procedures.len())
        .min(chance.below(ground.procedures.len()));
    let (Some((procedure, version)), Some(person)) = (ground.procedures.get(at), chance.pick(people)) else {
        return Ok(None);
    };
    let day = house.now().local_date();
    let communes: Vec<_> = place::agencies(&ground.book, procedure, day)
        .into_iter()
        .filter(|agency| agency.tier == crate::procedure::Tier::Commune)
        .collect();
    let staffed = communes.iter().find(|agency| agency.name.vi.contains("hường"));
    let agency = if chance.percent(25) {
        staffed.or_else(|| communes.first())
    } else {
        chance.pick(&communes)
    };
    let Some(agency) = agency else { return Ok(None) };
    let place = place::resolve(&ground.book, procedure, agency.unit, day)?;
    let cast = Cast {
        desk: ground.officer(place.desk, Role::Desk, chance),
        specialist: ground.officer(agency.unit, Role::Specialist, chance),
        leader: ground.officer(agency.unit, Role::Leader, chance),
    };
    let life = Life::draw(chance, house.now(), procedure, house.calendar(), cast.is_full());
    let submission = submission(procedure, *version, &place, person, &life, chance);
    let past = Past {
        world: house.world().clone(),
        now: life.start,
    };
    let sealed = submit::seal(&submission, &past, &house.keys(), house.calendar());
    let id = sealed.id();
    let files = if with_files {
        files(house, procedure, id, life.start).await?
    } else {
        Vec::new()
    };
    let commands = commands(house, &life, id, person, &cast, procedure);
    let waits = life.steps.last().filter(|step| step.action == Action::AskFee);
    let bill = waits.zip(cast.specialist.as_ref()).and_then(|(step, officer)| {
        let between = Between {
            person: person.person,
            name: &person.name,
            officer: (officer.account, &officer.name),
        };
        StoryBill::of(house, id, procedure, &place, &between, step.at)
    });
    Ok(Some(Story {
        at: life.start,
        sealed,
        files,
        account: person.account,
        commands,
        bill,
    }))
}

/// Who works on one dossier.
struct Cast {
    desk: Option<Officer>,
    specialist: Option<Officer>,
    leader: Option<Officer>,
}

impl Cast {
    fn is_full(&self) -> bool {
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

/// `xã Kỳ Lạc` of a committee or of an office within it: people live in a commune, not in its committee.
fn commune_of(unit_name: &str) -> &str {
    unit_name.rsplit("Ủy ban nhân dân ").next().unwrap_or(unit_name)
}

fn submission(
    procedure: &Procedure,
    version: i64,
    place: &submit::Place,
    person: &Person,
    life: &Life,
    chance: &mut Chance,
) -> submit::Submission {
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
        procedure: (procedure.code.clone(), version, procedure.title().vi.clone()),
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

fn commands(
    house: &Casework,
    life: &Life,
    id: DossierId,
    person: &Person,
    cast: &Cast,
    procedure: &Procedure,
) -> Vec<Command> {
    let keys = house.keys();
    let mut commands = Vec::new();
    let mut asked = None;
    for (at, step) in life.steps.iter().enumerate() {
        let past = Past {
            world: house.world().clone(),
            now: step.at,
        };
        let revision = i64::try_from(at).unwrap_or(0) + 1;
        let Some(command) = command(&past, &keys, step, (id, revision), person, cast, procedure, asked) else {
            break;
        };
        if step.action == Action::AskSupplement {
            asked = Some(command.supplement());
        }
        commands.push(command);
    }
    commands
}

#[expect(
    clippy::too_many_arguments,
    reason = "one call, one place; a struct would only rename the arguments"
)]
fn command(
    past: &Past,
    keys: &KeyRing,
    step: &Step,
    (dossier, revision): (DossierId, i64),
    person: &Person,
    cast: &Cast,
    procedure: &Procedure,
    asked: Option<crate::dossier::SupplementId>,
) -> Option<Command> {
    let by = match cast.of(step.capacity) {
        Some(officer) => By {
            account: officer.account,
            capacity: step.capacity,
            name: Some(officer.name.clone()),
            unit: Some((officer.unit, officer.unit_name.clone())),
        },
        None if step.capacity == Capacity::Applicant => By {
            account: person.account,
            capacity: Capacity::Applicant,
            name: None,
            unit: None,
        },
        None => return None,
    };
    let mut order = Order {
        once: kernel::id::uuid_v7(past),
        dossier,
        revision,
        action: step.action,
        deed: crate::dossier::rules::Deed::default(),
        note: step.note.clone(),
        defects: match step.action {
            Action::AskSupplement => words::defects(procedure),
            Action::Refuse => words::refusal(&step.note),
            _ => Vec::new(),
        },
        answers: asked.filter(|_| step.action == Action::AnswerSupplement),
        hand_over: crate::dossier::HandOver {
            taken_by: person.name.clone(),
            proof: Some(crate::dossier::Proof::Receipt),
            ..crate::dossier::HandOver::default()
        },
        files: Vec::new(),
        way: Way::generic(),
    };
    order.deed.limit = procedure.time_limit(ChannelKind::Online);
    order.deed.outcome = Some(crate::dossier::state::Outcome::Granted);
    order.deed.assignee = cast
        .specialist
        .as_ref()
        .map(|officer| (officer.account, officer.name.clone()));
    Some(command::prepare(order, by, past, keys))
}

async fn write(house: &Casework, stories: Vec<Story>) -> Result<u64, DossierError> {
    let calendar = house.calendar().clone();
    let count = stories.len() as u64;
    house
        .store()
        .write(move |tx| {
            for story in &stories {
                let done = submit::submit(tx, &story.sealed)?;
                for (row, blob) in &story.files {
                    let row = FileRow {
                        blob: tx.attach_blob(blob)?,
                        ..row.clone()
                    };
                    file::store::insert(tx, &row, file::store::Holder::Dossier(done.id), story.account)?;
                }
                for command in &story.commands {
                    command::perform(tx, command, &calendar)?;
                }
                if let Some(bill) = &story.bill {
                    bill.issue(tx, done.id)?;
                }
            }
            Ok::<_, DossierError>(())
        })
        .await?;
    Ok(count)
}
