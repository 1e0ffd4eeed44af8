//! Tiles that were made, by what they were asked for and the turn of the layer they show. Owns their bytes: the younger half stays
//! when they are full. Who asks for a tile that is being made waits for it instead of making it again.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use super::TileAt;
use crate::error::MapError;

/// What a tile is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The layer: a kind of record, or a tier of areas and a day.
    pub(crate) layer: Arc<str>,
    /// The state of the layer's rows that it shows.
    pub(crate) turn: u64,
    /// What whoever asks may see, and the filters, as one number.
    pub(crate) view: u64,
    /// Where.
    pub(crate) at: TileAt,
}

type Cell = Arc<OnceCell<Bytes>>;

#[derive(Default)]
struct Halves {
    young: HashMap<Key, Cell>,
    old: HashMap<Key, Cell>,
    young_bytes: usize,
}

/// The tiles.
pub(crate) struct Cache {
    bytes: usize,
    halves: Mutex<Halves>,
}

/// What an entry takes beside its tile, in bytes.
const ENTRY_BYTES: usize = 200;

impl Cache {
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            bytes,
            halves: Mutex::new(Halves::default()),
        }
    }

    fn cell(&self, key: &Key) -> Cell {
        let mut halves = self.halves.lock();
        if let Some(cell) = halves.young.get(key) {
            return cell.clone();
        }
        let (cell, size) = match halves.old.remove(key) {
            Some(cell) => {
                let size = cell.get().map_or(0, Bytes::len);
                (cell, size)
            }
            None => (Cell::default(), 0),
        };
        halves.young.insert(key.clone(), cell.clone());
        self.grown(&mut halves, size + ENTRY_BYTES);
        cell
    }

    fn grown(&self, halves: &mut Halves, by: usize) {
        halves.young_bytes += by;
        if halves.young_bytes > self.bytes / 2 {
            halves.old = std::mem::take(&mut halves.young);
            halves.young_bytes = 0;
        }
    }

    /// The tile, made by `make` when nobody made it yet.
    pub(crate) async fn get<F>(&self, key: Key, make: F) -> Result<Bytes, MapError>
    where
        F: Future<Output = Result<Bytes, MapError>>,
    {
        if self.bytes == 0 {
            return make.await;
        }
        let cell = self.cell(&key);
        if let Some(tile) = cell.get() {
            return Ok(tile.clone());
        }
        let made = cell.get_or_try_init(|| async move {
            let tile = make.await?;
            self.grown(&mut self.halves.lock(), tile.len());
            Ok::<_, MapError>(tile)
        });
        made.await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn key(x: u32) -> Key {
        Key {
            layer: "trees/tree".into(),
            turn: 1,
            view: 0,
            at: TileAt::new(10, x, 0).expect("a tile of the grid"),
        }
    }

    #[tokio::test]
    async fn who_asks_for_the_same_tile_at_once_gets_the_one_that_is_made() {
        let (cache, made) = (Arc::new(Cache::new(1 << 20)), Arc::new(AtomicU32::new(0)));
        let ask = |x: u32| {
            let (cache, made) = (cache.clone(), made.clone());
            tokio::spawn(async move {
                let make = async {
                    made.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok(Bytes::from(vec![1; 100]))
                };
                cache.get(key(x), make).await.expect("it is made")
            })
        };
        let all: Vec<_> = (0..50).map(|_| ask(7)).collect();
        for one in all {
            assert_eq!(one.await.expect("no panic").len(), 100);
        }
        assert_eq!(made.load(Ordering::Relaxed), 1);
        ask(8).await.expect("no panic");
        assert_eq!(made.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_tile_that_failed_is_tried_again_and_old_ones_make_room() {
        let cache = Cache::new(64 << 10);
        let failed = cache.get(key(0), async { Err(MapError::NotFound) }).await;
        assert!(failed.is_err());
        let again = cache.get(key(0), async { Ok(Bytes::from_static(b"tile")) }).await;
        assert_eq!(again.expect("it is made").as_ref(), b"tile");
        for x in 1..200 {
            let made = cache.get(key(x), async { Ok(Bytes::from(vec![0; 1_000])) }).await;
            made.expect("it is made");
        }
        let halves = cache.halves.lock();
        let held: usize = halves
            .young
            .values()
            .chain(halves.old.values())
            .filter_map(|cell| Some(cell.get()?.len()))
            .sum();
        assert!(held <= 64 << 10, "{held}");
        assert!(halves.young.contains_key(&key(199)) || halves.old.contains_key(&key(199)));
    }
}
