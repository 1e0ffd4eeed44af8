//! A simulated national portal: what it holds, how it answers, what it pushes to the province, and how it errs, all from a seed.
//! The state machine is pure: the simulation of many seeds and `tinhso simulate national-portal` run the same one.
//! Refuses to be taken for the real one: what section 3 of the domain paper calls unverified it does in the way of the dialect.

mod faults;
pub mod http;
mod state;

pub use faults::{AnswerFate, Dice, Fate, Fault, Plan, RequestFate};
pub use http::{Running, Settings, start};
pub use state::{FiledPaper, Filing, Held, News, Portal, Push};
