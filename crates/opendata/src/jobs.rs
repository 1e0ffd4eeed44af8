//! Looks at the datasets of registers again: how many rows, when they last changed, whether they keep what they promise.
//! Law: NĐ 47/2020/NĐ-CP article 18 (what is published is brought up to date within three months).

use crate::{OpenError, Portal};

/// The job that does so, planned by the binary.
pub const MEASURE: &str = "opendata.measure";

/// Looks at all datasets of registers.
///
/// # Errors
/// What the store says; it is tried again.
pub async fn measure(portal: &Portal) -> Result<(), OpenError> {
    portal.sync().await
}
