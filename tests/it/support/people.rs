//! Made-up people. A citizen is made of a counter; an officer of a role and a unit. Their sessions are minted, because how
//! one signs in is the subject of other tests.

use identity::account::admin::{By, NewOfficer, NewRole};
use identity::session::{Level, SessionToken};
use identity::sign_in::claims::ClaimedIdentity;
use identity::unit::UnitKind;
use identity::{AccountId, Role, UnitId};
use kernel::Date;
use tinhso::App;

use super::Visitor;

/// Somebody with an account and a session.
#[derive(Debug, Clone)]
pub struct Person {
    pub account: AccountId,
    pub name: String,
    /// The 12-digit number; empty for officers.
    pub number: String,
    pub phone: String,
    token: SessionToken,
}

impl Person {
    /// Her browser, signed in at `url`.
    pub fn at(&self, url: &str) -> Visitor {
        Visitor::signed_in(url, &self.token)
    }
}

/// What an identity provider says of the `n`th citizen.
pub fn claimed(n: u32) -> ClaimedIdentity {
    let families = ["Nguyễn", "Trần", "Lê", "Phạm", "Đặng"];
    let given = ["Thị Lan", "Văn Được", "Thị Hoà", "Quốc Ấn", "Mỹ Uyên"];
    let (family, given) = (families[n as usize % 5], given[n as usize / 5 % 5]);
    ClaimedIdentity {
        subject: format!("made-up-{n}"),
        number: number(n).parse().unwrap(),
        name: format!("{family} {given} {}", letters(n)),
        birth: Date::constant(1990, 5, 5),
        organisation: None,
    }
}

fn number(n: u32) -> String {
    format!("042190{:06}", 310_000 + n * 7)
}

/// A part of a name that is unique, has no digit and is too long to stand in sealed bytes by chance.
fn letters(n: u32) -> String {
    let letter = |n: u32| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("Quyzwx{}{}", letter(n / 26), letter(n))
}

/// The `n`th citizen with an account and a session.
pub async fn citizen(app: &App, n: u32) -> Person {
    let who = claimed(n);
    let account = app.identity.open_citizen(&who).await.unwrap();
    Person {
        account,
        name: who.name,
        number: number(n),
        phone: format!("0912{:06}", 640_000 + n * 3),
        token: app.identity.mint_session(account, Level::Oidc).await.unwrap(),
    }
}

/// Several citizens, from the `first`th on.
pub async fn citizens(app: &App, first: u32, count: u32) -> Vec<Person> {
    let mut people = Vec::new();
    for n in first..first + count {
        people.push(citizen(app, n).await);
    }
    people
}

/// The password of every made-up officer; it meets the policy.
pub const PASSWORD: &str = "mot-cau-dai-de-nho-2026-Xanh";

/// An officer with one role at one unit.
pub async fn officer(app: &App, login: &str, role: Role, unit: UnitId) -> Person {
    let new = NewOfficer {
        login: login.to_owned(),
        name: format!("Cán bộ {login}"),
        password: Some(PASSWORD.to_owned()),
        must_change: false,
        role: NewRole {
            role,
            unit,
            valid_from: None,
            valid_to: None,
            reason: "QĐ 01/2026".to_owned(),
        },
    };
    let name = new.name.clone();
    let account = app.identity.open_officer(&By::System, new).await.unwrap().account;
    let token = app.identity.mint_session(account, Level::PasswordTotp).await.unwrap();
    Person {
        account,
        name,
        number: String::new(),
        phone: String::new(),
        token,
    }
}

/// Two communes, and those who work in the first one; a desk officer of the second.
#[derive(Debug, Clone)]
pub struct Staff {
    pub commune: UnitId,
    pub desk: Person,
    pub specialist: Person,
    pub leader: Person,
    /// Receives in the other commune.
    pub stranger: Person,
}

impl Staff {
    /// Opens their accounts. Each holds the role at the commune itself, so that whatever lies below it is within reach.
    pub async fn of(app: &App) -> Self {
        let communes = units_of(app, UnitKind::Commune);
        let (commune, other_commune) = (communes[0], communes[1]);
        Self {
            commune,
            desk: officer(app, "motcua", Role::Desk, commune).await,
            specialist: officer(app, "chuyenvien", Role::Specialist, commune).await,
            leader: officer(app, "lanhdao", Role::Leader, commune).await,
            stranger: officer(app, "xakhac", Role::Desk, other_commune).await,
        }
    }
}

/// The units of a kind that are in force, in the order of their ids.
pub fn units_of(app: &App, kind: UnitKind) -> Vec<UnitId> {
    let (book, day) = (app.identity.units(), app.identity.now().local_date());
    let mut found: Vec<UnitId> = book
        .all()
        .filter(|unit| unit.kind == kind && unit.is_in_force(day))
        .map(|unit| unit.id)
        .collect();
    found.sort();
    assert!(!found.is_empty(), "the profile has no {kind:?}");
    found
}
