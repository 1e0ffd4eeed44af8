//! Tests of the whole room: the simulation of many seeds. The exchange over sockets and on both engines is tested with the whole
//! program (`tests/it/exchange`).

mod simulation;
mod upgrade;
