//! What leaves and what does not, on both engines.

mod house;
mod publishing;
mod statements;
