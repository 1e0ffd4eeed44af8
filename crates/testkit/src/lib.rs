//! For tests only: a clock that is set by hand and chance that comes from a printed seed, fresh databases on both
//! engines, named fixtures, page checks. It knows no rule of government: what it needs of one, it asks the crate that
//! owns it. Nothing of it is linked into the program.

mod damage;
pub mod engines;
pub mod pg;
pub mod powercut;
mod world;

pub use damage::damaged;
pub use engines::{TestStore, engines};
pub use world::{ManualWorld, SEED};

/// Prints a line for whoever reads the test's output: a skip and its reason, a seed, a time.
#[expect(
    clippy::print_stderr,
    reason = "the test runner shows it with the failure it belongs to"
)]
pub fn say(line: &str) {
    eprintln!("testkit: {line}");
}
