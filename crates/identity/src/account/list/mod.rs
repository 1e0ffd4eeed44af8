//! The administrators' list of accounts, the form that opens one, and the overview of roles.
//! What an administrator sees is bounded by the units of her role.

pub(crate) mod http;
