//! Owns the eight roles and what an assignment of one is: an account, a role, a unit, from a day to a day.
//! Refuses undated roles: a move withdraws the old right and keeps its row (TT 21/2023, group "tài khoản").

use kernel::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use super::AccountId;
use crate::unit::UnitId;

kernel::define_id!(
    /// One role given to one account at one unit for a span of days.
    pub struct AssignmentId
);

/// Declares roles with their stored names.
macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What an officer is at a unit. Rights follow from the policies, not from here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Role { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Role {
            /// Every role, in the order of the roles page.
            pub const ALL: &'static [Role] = &[$(Role::$name,)*];

            /// The stored name, also the id in the Cedar files, for example `unit-admin`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Role::$name => $text,)* }
            }
        }

        impl std::str::FromStr for Role {
            type Err = UnknownRole;
            fn from_str(text: &str) -> Result<Self, UnknownRole> {
                match text { $($text => Ok(Role::$name),)* _ => Err(UnknownRole(text.to_owned())) }
            }
        }
    };
}

roles! {
    /// Cán bộ một cửa: receives dossiers and gives results.
    Desk = "desk",
    /// Chuyên viên: processes dossiers.
    Specialist = "specialist",
    /// Lãnh đạo: assigns, approves, sends back.
    Leader = "leader",
    /// Kế toán: bank statements, whose money is whose, refunds.
    Accountant = "accountant",
    /// Quản trị đơn vị: accounts and roles of one unit and what lies below it.
    UnitAdmin = "unit-admin",
    /// Quản trị hệ thống: units, accounts, catalogue; sees no dossier.
    Admin = "admin",
    /// Thanh tra, giám sát: reads policies and the audit log.
    Auditor = "auditor",
    /// Vận hành: jobs and the state of the system.
    Operator = "operator",
}

/// A role name that is not one of the eight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a role")]
pub struct UnknownRole(pub String);

/// What a stored number or text becomes when it names a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Assignment {
    /// Its id; sessions name the one they act under.
    pub id: AssignmentId,
    /// Who holds it.
    pub account: AccountId,
    /// The role.
    pub role: Role,
    /// The unit where it holds (and below, where the policy says so).
    pub unit: UnitId,
    /// First day it holds.
    pub valid_from: Date,
    /// Last day it holds; `None` while open.
    pub valid_to: Option<Date>,
    /// Who gave it; `None` for one made by the command line or the demo.
    pub granted_by: Option<AccountId>,
    /// When it was given.
    pub granted_at: Timestamp,
    /// Why: the decision's number, the move.
    pub reason: String,
    /// When it was withdrawn before its last day.
    pub withdrawn_at: Option<Timestamp>,
}

impl Role {
    /// Administrators must use a second factor and are signed out after five idle minutes (level 3 duties).
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Role::Admin | Role::UnitAdmin | Role::Operator)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Assignment {
    /// Whether it holds on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.withdrawn_at.is_none() && self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}
