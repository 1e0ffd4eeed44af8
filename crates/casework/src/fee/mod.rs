//! What a dossier costs, and what follows when it is paid: a bill when an officer asks for the fee, the way to pay it on the
//! applicant's page, and the dossier that runs on when the money came. Paying is a state of its own: it lies in `payment`.
//! It refuses to ask for nothing: what is free makes no bill and stops no clock. Law: Luật Phí và lệ phí 97/2015/QH13.

mod error;
pub mod http;
pub mod jobs;
mod rules;
pub(crate) mod story;
#[cfg(test)]
mod tests;
mod view;

pub use error::FeeError;
