//! Every component in every state on a few pages, for designers and for tests of look and accessibility. Mounted by tests
//! and by the example `gallery`, never by the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Timestamp, World};

/// A world for tests of this crate and for the gallery: a fixed time and a counter in place of chance.
#[derive(Debug, Default)]
struct SampleWorld(AtomicU64);

impl World for SampleWorld {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_406_400)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// A world whose time stands still and whose chance repeats: never for a server.
#[must_use]
pub fn sample_world() -> Arc<dyn World> {
    Arc::new(SampleWorld::default())
}
