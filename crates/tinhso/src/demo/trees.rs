//! Trees of the demonstration: a street of one ward, entered, changed and corrected by its specialist, so that a register has
//! something to show. They are made up; the demonstration says so on every page.

use std::collections::BTreeMap;

use definition::expression::{Number, Value};
use identity::UnitId;
use identity::person::{self, PersonDetails};
use jiff::ToSpan as _;
use kernel::Date;
use register::geometry::Shape;
use register::record::{Act, Command, Source};
use register::{RecordId, RegisterError};

use crate::Error;
use crate::app::App;
use crate::console::Step;

/// How many.
const TREES: u32 = 60;
/// Kinds that stand along streets.
const SPECIES: [&str; 6] = ["Sao đen", "Bằng lăng", "Phượng vĩ", "Xà cừ", "Lim xẹt", "Sấu"];
/// The street begins here: in the middle of Hà Tĩnh.
const STREET: [f64; 2] = [105.9, 18.342];

fn values(at: u32, today: Date) -> BTreeMap<String, Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let day = |days: i64| Value::Date(today.saturating_sub(days.days()));
    let health = match at % 17 {
        3 => "watch",
        8 => "dangerous",
        _ => "good",
    };
    let species = SPECIES[at as usize % SPECIES.len()];
    BTreeMap::from([
        ("tag".to_owned(), Value::Text(format!("TD-{at:06}"))),
        ("species".to_owned(), text(species)),
        (
            "trunk_cm".to_owned(),
            Value::Number(Number::whole(i64::from(30 + at * 7 % 160))),
        ),
        (
            "height_m".to_owned(),
            Value::Number(Number::scaled(i64::from(45 + at * 13 % 180), 1)),
        ),
        ("planted_on".to_owned(), day(4_000 + i64::from(at) * 31)),
        ("inspected_on".to_owned(), day(10 + i64::from(at * 7 % 300))),
        ("health".to_owned(), text(health)),
        ("address".to_owned(), Value::Text(format!("{} Trần Phú", 2 * at + 1))),
    ])
}

/// Enters them in the name of the ward's specialist.
/// # Errors
/// What the register says; nothing happens in a province whose definitions have no such trees.
pub(super) async fn plant(app: &App, commune: UnitId, today: Date) -> Result<(), Error> {
    let Ok(kind) = app.register.kind("trees", "tree") else {
        return Ok(());
    };
    let step = Step::start("trees", u64::from(TREES));
    for at in 1..=TREES {
        let id = RecordId::new(app.store.world().as_ref());
        let mut command = Command {
            id,
            act: Act::Add,
            seen: None,
            valid_from: today.saturating_sub(20.days()),
            source: Source::Typed,
            origin: None,
            account: None,
            who: "Trần Văn Minh".to_owned(),
            reason: None,
            unit: commune,
            shape: Shape::point(
                STREET[0] + f64::from(at) * 0.000_12,
                STREET[1] + f64::from(at % 2) * 0.000_15,
            )
            .ok(),
            values: values(at, today),
            people: BTreeMap::new(),
        };
        if at % 9 == 1 {
            let details = PersonDetails::without_number("Nguyễn Văn Chăm");
            let claim =
                person::prepare(&app.store.keys(), app.store.world().as_ref(), &details).map_err(RegisterError::from);
            command.people.insert("keeper".to_owned(), vec![claim.map_err(fault)?]);
        }
        app.register.record(&kind, command.clone(), None).await.map_err(fault)?;
        if at % 10 == 0 {
            let healthier = Value::Text("watch".to_owned());
            command = Command {
                act: if at % 20 == 0 { Act::Correct } else { Act::Change },
                seen: Some(1),
                valid_from: today.saturating_sub(3.days()),
                reason: Some("Kiểm tra sau mưa bão".to_owned()),
                values: BTreeMap::from([
                    ("health".to_owned(), healthier),
                    ("height_m".to_owned(), Value::Number(Number::scaled(151, 1))),
                ]),
                people: BTreeMap::new(),
                ..command
            };
            app.register.record(&kind, command, None).await.map_err(fault)?;
        }
        step.at(u64::from(at));
    }
    step.done(format_args!("{TREES} trees of one street"));
    Ok(())
}

fn fault(error: RegisterError) -> Error {
    Error::Config(error.to_string())
}
