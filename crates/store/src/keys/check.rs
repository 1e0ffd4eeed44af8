//! The value by which a database knows its keys. Owns one row, sealed by the ring the province was made with;
//! refuses to start with any other ring, before anything is sealed that nobody could open again.

use kernel::World;

use super::{KeyError, KeyRing, Sealed};
use crate::{StoreError, Tx};

const CONTEXT: &str = "key_check.sealed:1";
const PLAIN: &[u8] = b"tinhso keys fit";
const INDEX_DOMAIN: &str = "key-check";

/// What a fresh database remembers of its ring; made before the transaction, because a write may run twice.
pub(crate) struct CheckValue {
    sealed: Vec<u8>,
    index_mac: [u8; 32],
}

impl CheckValue {
    pub(crate) fn new(ring: &KeyRing, world: &dyn World) -> CheckValue {
        CheckValue {
            sealed: ring.seal(world, CONTEXT, PLAIN).into_bytes(),
            index_mac: ring.mac(INDEX_DOMAIN, PLAIN),
        }
    }
}

/// Compares the ring with what the database remembers. `fresh` is stored when it remembers nothing
/// yet; without it (a store opened to read) a database without the row passes.
///
/// # Errors
/// `StoreError::Key(WrongKeys)` when the sealing key or the index root is another one.
pub(crate) fn ensure_fits(tx: &mut Tx, ring: &KeyRing, fresh: Option<&CheckValue>) -> Result<(), StoreError> {
    let stored = tx.opt("SELECT sealed, index_mac FROM key_check WHERE id = 1", &[], |row| {
        Ok((row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    match (stored, fresh) {
        (Some((sealed, mac)), _) => Ok(fits(ring, sealed, &mac)?),
        (None, Some(value)) => {
            tx.execute(
                "INSERT INTO key_check (id, sealed, index_mac) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
                &[&value.sealed, &value.index_mac],
            )?;
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

fn fits(ring: &KeyRing, sealed: Vec<u8>, mac: &[u8]) -> Result<(), KeyError> {
    match ring.open(CONTEXT, &Sealed::from_bytes(sealed)) {
        Ok(_) => {}
        // The key file that cannot be read says so itself.
        Err(fault @ (KeyError::Missing { .. } | KeyError::Exposed { .. } | KeyError::Io { .. })) => return Err(fault),
        Err(_) => {
            return Err(KeyError::WrongKeys {
                reason: "its sealing keys do not open what is stored",
            });
        }
    }
    if ring.mac_matches(INDEX_DOMAIN, PLAIN, mac) {
        Ok(())
    } else {
        Err(KeyError::WrongKeys {
            reason: "its index key is another one, so that no stored index would be found",
        })
    }
}

/// Whether the ring opens the sealed constant of another database (an archive's).
pub(crate) fn opens_check(ring: &KeyRing, sealed: Vec<u8>) -> bool {
    ring.open(CONTEXT, &Sealed::from_bytes(sealed))
        .is_ok_and(|plain| plain.as_slice() == PLAIN)
}
