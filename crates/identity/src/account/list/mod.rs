//! The administrators' list of accounts, the form that opens one, and the overview of roles.

pub(crate) mod http;
