//! Owns who may reach which route: every route is registered with an `Access`, kept in one table that a test walks.
//! Refuses routes without an access, and decides before the handler runs; what exactly may be done to which thing is then the
//! handler's `policy().require`.

pub mod http;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use http::{Guarded, Routes, any, delete, get, patch, post, put};

use crate::policy::Action;

/// Who may reach a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Access {
    /// Everybody.
    Public,
    /// Everybody who is signed in.
    SignedIn,
    /// Citizens and organisations.
    Citizen,
    /// Officers, in whatever role.
    Officer,
    /// Officers who may do this action to anything at all. What citizens may do with what is their own is behind `Citizen`.
    Action(Action),
}

/// One row of the route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RouteEntry {
    /// `GET`, `POST`…
    pub method: String,
    /// As registered, with `{name}` for parts.
    pub path: String,
    /// Who may reach it.
    pub access: Access,
}
