//! The administrators' page of one account: roles, sign-ins, what can be done to it.
//! It shows no password and no secret: those are shown once, where they are made.

pub(crate) mod http;
