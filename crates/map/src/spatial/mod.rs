//! Records by place: what lies in a box, page by page, with the index that both engines have. The statements are the register's,
//! because the tables are.

pub use register::place::store::{count, records};
pub use register::place::{Found, Place, Reach};
