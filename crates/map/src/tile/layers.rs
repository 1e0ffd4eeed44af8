//! The layers in memory: read when they are first asked for, followed by the outbox, forgotten when others need the room. Owns how old
//! a layer may be. Nobody waits for a layer to be read again while an older one can be drawn.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kernel::{Date, Timestamp};
use parking_lot::{Mutex, RwLock};
use register::open::Published;
use register::place::store::Which;
use register::{Kind, RecordId, open};
use uuid::Uuid;

use super::draw::Sheets;
use super::load::{self, Unloaded, Wanted};
use super::sheet::{Bits, Sheet};
use super::store::{self, CHANGES_MAX, Changed};
use super::{TileAt, ZOOM_MAX};
use crate::area::{self, Areas};
use crate::error::MapError;
use crate::house::Map;

/// The first zoom at which a layer is drawn that does not fit into memory.
pub(crate) const UNKEPT_FROM: u8 = 12;
const _: () = assert!(UNKEPT_FROM < ZOOM_MAX);
/// Most memory of what is read for one tile of such a layer, in bytes.
const UNKEPT_BYTES: usize = 64 << 20;

/// What a layer is made of.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Records of a kind.
    Records(Arc<Kind>),
    /// Areas of a tier on a day.
    Areas(Areas),
}

impl Source {
    /// What it is known by.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Records(kind) => format!("{}/{}", kind.system.code, kind.record.name),
            Self::Areas(areas) => format!("areas/{}/{}", areas.tier, areas.day),
        }
    }
}

/// A layer as it is drawn.
#[derive(Debug)]
pub(crate) struct Drawn {
    base: Arc<Sheet>,
    gone: Option<Arc<Bits>>,
    over: Option<Arc<Sheet>>,
    /// Records that changed since the base was read.
    changed: Vec<RecordId>,
    position: i64,
    /// The rule under which rows are published.
    pub(crate) published: Option<Published>,
    day: Date,
    /// Another number for other rows.
    pub(crate) turn: u64,
}

impl Drawn {
    pub(crate) fn sheets(&self) -> Sheets<'_> {
        Sheets {
            base: &self.base,
            gone: self.gone.as_deref(),
            over: self.over.as_deref(),
        }
    }

    fn approval(&self) -> Option<Uuid> {
        self.published.as_ref().map(|published| published.approval.id)
    }
}

/// The number of rows at a position under an approval: the same on every node.
fn turn(position: i64, approval: Option<Uuid>, day: Date) -> u64 {
    let approval = approval.map_or(0, |id| id.as_u64_pair().1);
    let day = u64::from(day.day_of_year().unsigned_abs());
    (position.cast_unsigned() ^ approval ^ day << 48).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[derive(Default)]
enum State {
    #[default]
    Unread,
    Drawn(Arc<Drawn>),
    TooLarge,
}

#[derive(Default)]
struct Layer {
    state: RwLock<State>,
    /// Held by the one who reads.
    reading: tokio::sync::Mutex<()>,
    looked_at: AtomicI64,
    used_at: AtomicI64,
}

/// All layers.
pub(crate) struct Layers {
    bytes: usize,
    look_ms: i64,
    all: Mutex<HashMap<String, Arc<Layer>>>,
}

/// A layer that was asked for.
pub(crate) enum Asked {
    Drawn(Arc<Drawn>),
    /// It does not fit into memory.
    TooLarge,
}

impl Layers {
    pub(crate) fn new(bytes: usize, look_ms: i64) -> Self {
        Self {
            bytes,
            look_ms,
            all: Mutex::new(HashMap::new()),
        }
    }

    fn layer(&self, name: String) -> Arc<Layer> {
        self.all.lock().entry(name).or_default().clone()
    }

    /// A layer as it is now, or as it was a moment ago while somebody reads it again.
    pub(crate) async fn get(&self, map: &Map, source: &Source) -> Result<Asked, MapError> {
        let (layer, now) = (self.layer(source.name()), map.world().now());
        layer.used_at.store(now.as_micros(), Ordering::Relaxed);
        let old = match &*layer.state.read() {
            State::Drawn(drawn) => Some(drawn.clone()),
            State::Unread | State::TooLarge => None,
        };
        let looked_at = layer.looked_at.load(Ordering::Relaxed);
        let is_fresh = (0..self.look_ms * 1_000).contains(&(now.as_micros() - looked_at));
        let _reading = match &old {
            Some(drawn) if is_fresh => return Ok(Asked::Drawn(drawn.clone())),
            Some(drawn) => match layer.reading.try_lock() {
                Ok(guard) => guard,
                Err(_) => return Ok(Asked::Drawn(drawn.clone())),
            },
            None => layer.reading.lock().await,
        };
        // Whoever read while we waited looked since, and a layer that was too large a moment ago is so still.
        let looked_since = layer.looked_at.load(Ordering::Relaxed) > looked_at;
        if old.is_none() && (looked_since || is_fresh) {
            match &*layer.state.read() {
                State::Drawn(drawn) => return Ok(Asked::Drawn(drawn.clone())),
                State::TooLarge => return Ok(Asked::TooLarge),
                State::Unread => {}
            }
        }
        let drawn = renewed(map, source, old, self.bytes, now).await?;
        layer.looked_at.store(map.world().now().as_micros(), Ordering::Relaxed);
        let Some(drawn) = drawn else {
            *layer.state.write() = State::TooLarge;
            return Ok(Asked::TooLarge);
        };
        *layer.state.write() = State::Drawn(drawn.clone());
        self.make_room(&layer);
        Ok(Asked::Drawn(drawn))
    }

    /// Forgets layers that were not used for the longest time, until the others fit.
    fn make_room(&self, kept: &Arc<Layer>) {
        let all: Vec<Arc<Layer>> = self.all.lock().values().cloned().collect();
        let mut sized: Vec<(i64, usize, Arc<Layer>)> = all
            .into_iter()
            .map(|layer| {
                let size = match &*layer.state.read() {
                    State::Drawn(drawn) => drawn.base.size(),
                    State::Unread | State::TooLarge => 0,
                };
                (layer.used_at.load(Ordering::Relaxed), size, layer)
            })
            .collect();
        sized.sort_by_key(|(used_at, ..)| *used_at);
        let mut total: usize = sized.iter().map(|(_, size, _)| size).sum();
        for (_, size, layer) in sized {
            if total <= self.bytes {
                break;
            }
            if !Arc::ptr_eq(&layer, kept) {
                *layer.state.write() = State::Unread;
                total -= size;
            }
        }
    }
}

/// Looks for changes and reads what changed; none when the layer does not fit.
async fn renewed(
    map: &Map,
    source: &Source,
    old: Option<Arc<Drawn>>,
    most: usize,
    now: Timestamp,
) -> Result<Option<Arc<Drawn>>, MapError> {
    let day = now.local_date();
    match source {
        Source::Areas(areas) => area::load::renewed(map, areas, old, day).await.map(Some),
        Source::Records(kind) => {
            let kind = kind.clone();
            if let Some(old) = old {
                let read = move |tx: &mut ::store::Tx| follow(tx, &kind, &old, day);
                match map.store().look_up(read).await? {
                    Followed::As(drawn) => return Ok(Some(drawn)),
                    Followed::Again => {}
                }
            }
            let kind = match source {
                Source::Records(kind) => kind.clone(),
                Source::Areas(_) => return Ok(None),
            };
            let read = map.store().read(move |tx| match whole(tx, &kind, day, most) {
                Ok(drawn) => Ok(Some(Arc::new(drawn))),
                Err(Unloaded::TooLarge) => Ok(None),
                Err(Unloaded::Store(error)) => Err(MapError::Store(error)),
            });
            read.await
        }
    }
}

fn published(tx: &mut ::store::Tx, kind: &Kind) -> Result<Option<Published>, ::store::StoreError> {
    Ok(open::published(tx, kind)?.filter(|published| published.geometry))
}

fn whole(tx: &mut ::store::Tx, kind: &Kind, day: Date, most: usize) -> Result<Drawn, Unloaded> {
    let (position, published) = (store::position(tx)?, published(tx, kind)?);
    let wanted = Wanted {
        kind,
        published: published.as_ref(),
        today: day,
        which: Which::All,
        most,
    };
    let base = Arc::new(load::sheet(tx, &wanted)?);
    let approval = published.as_ref().map(|published| published.approval.id);
    Ok(Drawn {
        base,
        gone: None,
        over: None,
        changed: Vec::new(),
        position,
        published,
        day,
        turn: turn(position, approval, day),
    })
}

/// What came of a look for changes.
enum Followed {
    As(Arc<Drawn>),
    /// Too much is different.
    Again,
}

fn follow(tx: &mut ::store::Tx, kind: &Kind, old: &Arc<Drawn>, day: Date) -> Result<Followed, ::store::StoreError> {
    let published = published(tx, kind)?;
    let approval = published.as_ref().map(|published| published.approval.id);
    let hangs_on_day = published
        .as_ref()
        .is_some_and(|published| published.rule.rows.is_some());
    if approval != old.approval() || (hangs_on_day && day != old.day) {
        return Ok(Followed::Again);
    }
    let (changed, position) = store::changed(tx, &kind.system.code, &kind.record.name, old.position)?;
    match changed {
        Changed::Much => return Ok(Followed::Again),
        Changed::Nothing if position == old.position => return Ok(Followed::As(old.clone())),
        Changed::Nothing => {}
        Changed::Records(records) => {
            let mut ids = old.changed.clone();
            ids.extend(records.into_iter().filter(|id| !old.changed.contains(id)));
            if ids.len() > CHANGES_MAX {
                return Ok(Followed::Again);
            }
            return patched(tx, kind, old, (published, day), ids, position);
        }
    }
    // Something else happened: only the position moves, and what was drawn stays what it is.
    Ok(Followed::As(Arc::new(Drawn {
        base: old.base.clone(),
        gone: old.gone.clone(),
        over: old.over.clone(),
        changed: old.changed.clone(),
        position,
        published,
        day,
        turn: old.turn,
    })))
}

fn over(
    tx: &mut ::store::Tx,
    kind: &Kind,
    (published, today): (Option<&Published>, Date),
    ids: &[RecordId],
) -> Result<Option<Sheet>, ::store::StoreError> {
    if ids.is_empty() {
        return Ok(None);
    }
    let wanted = Wanted {
        kind,
        published,
        today,
        which: Which::Records(ids),
        most: usize::MAX,
    };
    match load::sheet(tx, &wanted) {
        Ok(sheet) => Ok(Some(sheet)),
        Err(Unloaded::Store(error)) => Err(error),
        Err(Unloaded::TooLarge) => Ok(None),
    }
}

fn patched(
    tx: &mut ::store::Tx,
    kind: &Kind,
    old: &Arc<Drawn>,
    (published, day): (Option<Published>, Date),
    ids: Vec<RecordId>,
    position: i64,
) -> Result<Followed, ::store::StoreError> {
    let over = over(tx, kind, (published.as_ref(), day), &ids)?;
    let mut wanted: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    wanted.sort_unstable();
    let mut gone = Bits::of(old.base.len());
    for (row, id) in old.base.ids.iter().enumerate() {
        if wanted.binary_search(id).is_ok() {
            gone.add(row);
        }
    }
    let approval = published.as_ref().map(|published| published.approval.id);
    Ok(Followed::As(Arc::new(Drawn {
        base: old.base.clone(),
        gone: Some(Arc::new(gone)),
        over: over.map(Arc::new),
        changed: ids,
        position,
        published,
        day,
        turn: turn(position, approval, day),
    })))
}

/// A layer that does not fit, as far as one tile shows it.
pub(crate) async fn unkept(map: &Map, kind: &Arc<Kind>, at: TileAt) -> Result<Drawn, MapError> {
    if at.z() < UNKEPT_FROM {
        return Err(MapError::TooLarge { from: UNKEPT_FROM });
    }
    let (kind, day) = (kind.clone(), map.world().now().local_date());
    map.store()
        .read(move |tx| {
            let (position, published) = (store::position(tx)?, published(tx, &kind)?);
            let wanted = Wanted {
                kind: &kind,
                published: published.as_ref(),
                today: day,
                which: Which::Box(at.bounds()),
                most: UNKEPT_BYTES,
            };
            let base = match load::sheet(tx, &wanted) {
                Ok(sheet) => Arc::new(sheet),
                Err(Unloaded::TooLarge) => return Err(MapError::TooLarge { from: ZOOM_MAX }),
                Err(Unloaded::Store(error)) => return Err(error.into()),
            };
            let approval = published.as_ref().map(|published| published.approval.id);
            Ok(Drawn {
                base,
                gone: None,
                over: None,
                changed: Vec::new(),
                position,
                published,
                day,
                turn: turn(position, approval, day),
            })
        })
        .await
}

impl Drawn {
    /// A layer that does not follow records.
    pub(crate) fn fixed(base: Sheet, position: i64, day: Date) -> Self {
        Self {
            base: Arc::new(base),
            gone: None,
            over: None,
            changed: Vec::new(),
            position,
            published: None,
            day,
            turn: turn(position, None, day),
        }
    }

    /// The position of the outbox up to which it was followed.
    pub(crate) const fn position(&self) -> i64 {
        self.position
    }
}
