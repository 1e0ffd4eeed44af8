//! `tinhso units`: the areas and agencies of the profile, and what a code named on a day.
//! It never overwrites what administrators changed.

use crate::Error;
use crate::cli::{Place, UnitsAction};
use crate::command::make;
use crate::console::{say, table};
use crate::place::{open_alone, open_store};
use identity::area::{AreaBook, AreaCode, AreaLevel, Resolved, Why};
use jiff::civil::Date;
use kernel::Lang;
use store::Mode;

/// Runs the command.
/// # Errors
/// A code that is none, a profile that does not fit.
pub async fn run(place: &Place, action: UnitsAction) -> Result<(), Error> {
    let config = place.configuration()?;
    match action {
        UnitsAction::Import => {
            let store = open_alone(&config, "administrators correct single units on the page /admin/units").await?;
            make::load_areas(&store).await?;
            make::load_units(&store, &config.province).await?;
            let book = store.read(identity::area::load).await?;
            print_tally(&book);
            store.close().await;
        }
        UnitsAction::Resolve { code, on } => {
            let code: AreaCode = code.parse().map_err(|e| Error::Config(format!("{code:?}: {e}")))?;
            let store = open_store(&config, Mode::Beside).await?;
            let book = store.read(identity::area::load).await?;
            print_resolved(&book, &code, on);
        }
    }
    Ok(())
}

/// How many codes of the old order lead to one area of today, to several, to none.
fn print_tally(book: &AreaBook) {
    let before = identity::area::NEW_ORDER_FIRST_DAY
        .yesterday()
        .unwrap_or(identity::area::NEW_ORDER_FIRST_DAY);
    let mut rows = vec![
        ["codes in force on", "level", "one", "several", "unknown"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for day in [before, identity::area::NEW_ORDER_FIRST_DAY] {
        for level in [AreaLevel::Province, AreaLevel::Commune] {
            let tally = book.tally(level, day);
            rows.push(vec![
                day.to_string(),
                format!("{level:?}").to_lowercase(),
                tally.one.to_string(),
                tally.several.to_string(),
                tally.unknown.to_string(),
            ]);
        }
    }
    table(&rows);
}

fn print_resolved(book: &AreaBook, code: &AreaCode, on: Date) {
    match book.resolve(code, on) {
        Resolved::One { then, now, .. } => {
            say(format_args!("{code} on {on}: {}", book.full_name(then, Lang::Vi, on)));
            say(format_args!("  today: {}", book.full_name(now, Lang::Vi, Date::MAX)));
        }
        Resolved::Several { then, now, .. } => {
            say(format_args!("{code} on {on}: {}", book.full_name(then, Lang::Vi, on)));
            say(format_args!("  today in {} areas:", now.len()));
            for area in now {
                say(format_args!("    {}", book.full_name(area, Lang::Vi, Date::MAX)));
            }
        }
        Resolved::Unknown(why) => say(format_args!("{code} on {on}: unknown: {}", because(&why))),
    }
}

fn because(why: &Why) -> &'static str {
    match why {
        Why::BeforeCodes => "codes of areas began later",
        Why::NeverListed => "no list has this code",
        Why::NotInForce { .. } => "the code is listed, but not for that day",
        Why::NoSuccessor { .. } => "the area is known, but not what became of it; a line in corrections.csv can say it",
        Why::Ambiguous { .. } => "more than one area may have borne the code on that day",
    }
}
