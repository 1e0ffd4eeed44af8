//! Officers of the demonstration: three in every commune (desk, specialist, leader), those of the tour by name,
//! and the people who run the system. Their one password is printed, because this province is not real.

use crate::Error;
use crate::cli::Scale;
use crate::console::Step;
use identity::Identity;
use identity::account::Role;
use identity::account::admin::{By, NewOfficer, NewRole, PART};
use identity::unit::{Profile, Unit, UnitBook, UnitId, UnitKind};
use kernel::{Date, Lang};
use payment::account::{FORMAT_USUAL, PayAccount, PayAccountId};
use payment::{PaymentError, Payments};
use serde::Serialize;

/// The one password of the demonstration's officers: long enough for those without a second factor.
pub const PASSWORD: &str = "Tinh-So-Trinh-Dien-2026";

/// A line of the table of accounts.
#[derive(Debug, Clone, Serialize)]
pub struct DemoAccount {
    /// What the person does.
    pub role: String,
    /// Where.
    pub unit: String,
    /// Sign-in name, or the name to choose at the simulated provider.
    pub login: String,
    /// Password; none for citizens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Secret for an authenticator app (base32), where a second factor is compulsory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
    /// Codes that stand in for the second factor, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recovery_codes: Vec<String>,
}

/// An officer to make.
struct Wanted {
    login: String,
    name: String,
    role: Role,
    unit: UnitId,
}

/// Opens every account and returns the table, the tour's accounts first.
/// # Errors
/// What identity says.
pub async fn open(
    identity: &Identity,
    province: &str,
    book: &UnitBook,
    today: Date,
    scale: Scale,
) -> Result<Vec<DemoAccount>, Error> {
    let profile = Profile::shipped(province)?;
    let mut wanted = wanted(&profile, book, today);
    if scale == Scale::Province {
        wanted.extend(more(book, today));
    }
    let step = Step::start("officers", wanted.len() as u64);
    let mut table = Vec::with_capacity(wanted.len());
    for part in wanted.chunks(PART) {
        let new = part.iter().map(Wanted::account).collect();
        let opened = identity.open_officers(&By::System, new).await?;
        for (officer, opened) in part.iter().zip(opened) {
            let mut line = officer.line(book, today);
            if let Some(opened) = opened.filter(|_| officer.role.is_administrator()) {
                let (secret, codes) = identity.enrol_second_factor(opened.account).await?;
                line.totp_secret = Some(secret.base32());
                line.recovery_codes = codes;
            }
            table.push(line);
        }
        step.at(table.len() as u64);
    }
    step.done(format_args!("{} accounts", table.len()));
    Ok(table)
}

impl Wanted {
    /// All have the one password that is printed: in one transaction they share its hash, as `open_officers` says.
    fn account(&self) -> NewOfficer {
        NewOfficer {
            login: self.login.clone(),
            name: self.name.clone(),
            password: Some(PASSWORD.to_owned()),
            must_change: false,
            role: NewRole {
                role: self.role,
                unit: self.unit,
                valid_from: None,
                valid_to: None,
                reason: "demonstration".to_owned(),
            },
        }
    }

    fn line(&self, book: &UnitBook, today: Date) -> DemoAccount {
        DemoAccount {
            role: self.role.to_string(),
            unit: book.name(self.unit, Lang::Vi, today).to_owned(),
            login: self.login.clone(),
            password: Some(PASSWORD.to_owned()),
            totp_secret: None,
            recovery_codes: Vec::new(),
        }
    }
}

/// A receiving account for every commune, at a bank that is made up: fees of the demonstration are asked with a code.
/// # Errors
/// What payment says.
pub async fn receiving(payments: &Payments, book: &UnitBook, today: Date) -> Result<(), Error> {
    let communes = book
        .all()
        .filter(|unit| unit.kind == UnitKind::Commune && unit.is_in_force(today));
    for (at, commune) in communes.enumerate() {
        let holder = kernel::fold::fold(&commune.name_on(today).vi).to_uppercase();
        let account = PayAccount {
            id: PayAccountId::new(payments.world().as_ref()),
            unit: commune.id,
            bank_bin: "970400".parse()?,
            bank_name: "Ngân hàng Trình diễn".to_owned(),
            number: format!("9990000{at:05}").parse()?,
            holder,
            statement_format: FORMAT_USUAL.to_owned(),
            notice_key: 0,
            opened_at: payments.now(),
            closed_at: None,
            revision: 1,
        };
        match payment::account::open(payments, account).await {
            Ok(()) | Err(PaymentError::AccountTaken) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The communes; the tour's commune is the first ward by name, so that every province has one.
fn communes(book: &UnitBook, today: Date) -> Vec<&Unit> {
    let mut communes: Vec<_> = book
        .all()
        .filter(|u| u.kind == UnitKind::Commune && u.is_in_force(today))
        .collect();
    communes.sort_by_key(|unit| {
        (
            !unit.name_on(today).vi.contains("hường"),
            kernel::fold::sort_key(&unit.name_on(today).vi),
        )
    });
    communes
}

/// The commune whose officers the tour names.
pub fn tour_commune(book: &UnitBook, today: Date) -> Option<UnitId> {
    communes(book, today).first().map(|unit| unit.id)
}

fn wanted(profile: &Profile, book: &UnitBook, today: Date) -> Vec<Wanted> {
    let mut list = Vec::new();
    let province = profile.unit_id("province");
    for (login, name, role) in [
        ("admin", "Quản trị hệ thống", Role::Admin),
        ("operator", "Vận hành hệ thống", Role::Operator),
        ("auditor", "Thanh tra, giám sát", Role::Auditor),
    ] {
        list.push(Wanted {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            unit: province,
        });
    }
    for (at, commune) in communes(book, today).iter().enumerate() {
        let code = commune
            .code_on(today)
            .map_or_else(|| at.to_string(), |code| code.to_string().to_lowercase());
        let is_tour = at == 0;
        let desk = book.desk_for(commune.id, today).map_or(commune.id, |desk| desk.id);
        for (short, tour, name, role, unit) in [
            ("motcua", "lan", "Nguyễn Thị Lan", Role::Desk, desk),
            ("chuyenvien", "minh", "Trần Văn Minh", Role::Specialist, commune.id),
            ("lanhdao", "hoa", "Lê Thị Hoa", Role::Leader, commune.id),
        ] {
            let login = if is_tour {
                tour.to_owned()
            } else {
                format!("{short}.{code}")
            };
            let name = if is_tour {
                name.to_owned()
            } else {
                format!("{} {code}", role_name(role))
            };
            list.push(Wanted {
                login,
                name,
                role,
                unit,
            });
        }
        if is_tour {
            for (login, name, role) in [
                ("quantri", "Phạm Văn Dũng", Role::UnitAdmin),
                ("thu", "Đỗ Thị Thu", Role::Accountant),
            ] {
                list.push(Wanted {
                    login: login.to_owned(),
                    name: name.to_owned(),
                    role,
                    unit: commune.id,
                });
            }
        }
    }
    list
}

/// Specialists that a commune or a department of a whole province has besides those of the tour.
const MORE_SPECIALISTS: usize = 2;

/// Who else works in a whole province: more specialists in communes, the departments, the desk of the province.
fn more(book: &UnitBook, today: Date) -> Vec<Wanted> {
    let mut list = Vec::new();
    for unit in book.all().filter(|unit| unit.is_in_force(today)) {
        let Some(code) = unit.code_on(today).map(|code| code.to_string().to_lowercase()) else {
            continue;
        };
        let mut officer = |short: &str, role: Role, at: usize| {
            list.push(Wanted {
                login: format!("{short}{at}.{code}"),
                name: format!("{} {at} {code}", role_name(role)),
                role,
                unit: unit.id,
            });
        };
        match unit.kind {
            UnitKind::Commune => {
                (2..2 + MORE_SPECIALISTS).for_each(|at| officer("chuyenvien", Role::Specialist, at));
                // She takes the statements of the commune's account in.
                officer("ketoan", Role::Accountant, 1);
            }
            UnitKind::Province | UnitKind::Department => {
                (1..=1 + MORE_SPECIALISTS).for_each(|at| officer("chuyenvien", Role::Specialist, at));
                officer("lanhdao", Role::Leader, 1);
            }
            UnitKind::District => {
                officer("chuyenvien", Role::Specialist, 1);
                officer("lanhdao", Role::Leader, 1);
            }
            UnitKind::Desk | UnitKind::Division => {}
        }
        if unit.kind == UnitKind::Province
            && let Some(desk) = book.desk_for(unit.id, today)
        {
            list.extend((1..=4).map(|at| Wanted {
                login: format!("motcua{at}.{code}"),
                name: format!("{} {at} {code}", role_name(Role::Desk)),
                role: Role::Desk,
                unit: desk.id,
            }));
        }
    }
    list
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Desk => "Cán bộ một cửa",
        Role::Specialist => "Chuyên viên",
        Role::Leader => "Lãnh đạo",
        Role::Accountant => "Kế toán",
        Role::UnitAdmin | Role::Admin | Role::Auditor | Role::Operator => "Quản trị",
    }
}
