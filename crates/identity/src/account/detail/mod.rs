//! The administrators' page of one account: roles, sign-ins, what can be done to it.

pub(crate) mod http;
