//! The bytes of a vector tile with one layer. Owns the wire format and the table of values, each of which stands once in a tile.
//! Values come encoded already, so that a feature is a few bytes appended.
//! Standard: Mapbox Vector Tile 2.1 (protocol buffers).

/// A geometry type of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// Appends a number of seven bits a byte.
pub(crate) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Small numbers of either sign to small numbers.
pub(crate) const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// Appends a field of bytes.
fn field(out: &mut Vec<u8>, key: u8, bytes: &[u8]) {
    out.push(key);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// The encoded values of a layer, made when it is read.
pub(crate) mod value {
    use super::{field, varint, zigzag};

    pub(crate) fn text(text: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 2);
        field(&mut out, 0x0a, text.as_bytes());
        out
    }

    pub(crate) fn double(number: f64) -> Vec<u8> {
        let mut out = vec![0x19];
        out.extend_from_slice(&number.to_le_bytes());
        out
    }

    pub(crate) fn whole(number: i64) -> Vec<u8> {
        let mut out = Vec::with_capacity(4);
        if let Ok(number) = u64::try_from(number) {
            out.push(0x28);
            varint(&mut out, number);
        } else {
            out.push(0x30);
            varint(&mut out, zigzag(number));
        }
        out
    }

    pub(crate) fn truth(yes: bool) -> Vec<u8> {
        vec![0x38, u8::from(yes)]
    }
}

/// The value of a column's code that stands in the tile already; the key is never 0.
struct Seen {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Seen {
    fn new() -> Self {
        Self {
            slots: vec![(0, 0); 256],
            used: 0,
        }
    }

    fn slot(slots: &[(u64, u32)], key: u64) -> usize {
        let mask = slots.len() - 1;
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        while slots[at].0 != 0 && slots[at].0 != key {
            at = (at + 1) & mask;
        }
        at
    }

    /// Where the value is, or `next` for one that was not there.
    fn place(&mut self, key: u64, next: u32) -> (u32, bool) {
        let at = Self::slot(&self.slots, key);
        if self.slots[at].0 == key {
            return (self.slots[at].1, false);
        }
        self.slots[at] = (key, next);
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            let mut larger = vec![(0, 0); self.slots.len() * 2];
            for slot in self.slots.iter().filter(|slot| slot.0 != 0) {
                let at = Self::slot(&larger, slot.0);
                larger[at] = *slot;
            }
            self.slots = larger;
        }
        (next, true)
    }
}

/// A layer being written.
pub(crate) struct Layer {
    name: String,
    keys: Vec<u8>,
    keys_used: u32,
    features: Vec<u8>,
    values: Vec<u8>,
    values_used: u32,
    seen: Seen,
    tags: Vec<u8>,
    body: Vec<u8>,
    count: usize,
}

impl Layer {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            keys: Vec::new(),
            keys_used: 0,
            features: Vec::new(),
            values: Vec::new(),
            values_used: 0,
            seen: Seen::new(),
            tags: Vec::new(),
            body: Vec::new(),
            count: 0,
        }
    }

    /// Adds the name of an attribute; gives its number.
    pub(crate) fn key(&mut self, name: &str) -> u32 {
        field(&mut self.keys, 0x1a, name.as_bytes());
        self.keys_used += 1;
        self.keys_used - 1
    }

    /// Gives the feature that is being made an attribute; `code` tells values of one key apart.
    #[inline]
    pub(crate) fn tag(&mut self, key: u32, code: u32, value: &[u8]) {
        let name = ((u64::from(key) + 1) << 32) | u64::from(code);
        let (at, is_new) = self.seen.place(name, self.values_used);
        if is_new {
            field(&mut self.values, 0x22, value);
            self.values_used += 1;
        }
        varint(&mut self.tags, u64::from(key));
        varint(&mut self.tags, u64::from(at));
    }

    /// Ends a feature with its geometry: commands and numbers as the standard encodes them.
    #[inline]
    pub(crate) fn feature(&mut self, of: Type, geometry: &[u8]) {
        self.body.clear();
        if !self.tags.is_empty() {
            field(&mut self.body, 0x12, &self.tags);
            self.tags.clear();
        }
        self.body.push(0x18);
        self.body.push(of as u8);
        field(&mut self.body, 0x22, geometry);
        field(&mut self.features, 0x12, &self.body);
        self.count += 1;
    }

    /// Ends a feature that is a point.
    #[inline]
    pub(crate) fn point(&mut self, x: u32, y: u32) {
        let (mut geometry, mut length) = ([9_u8; 16], 1);
        for number in [x, y] {
            let mut number = u64::from(number) << 1;
            while number >= 0x80 {
                geometry[length] = (number as u8 & 0x7f) | 0x80;
                number >>= 7;
                length += 1;
            }
            geometry[length] = number as u8;
            length += 1;
        }
        self.feature(Type::Point, &geometry[..length]);
    }

    /// How many bytes the tile has so far, but for a few.
    pub(crate) fn size(&self) -> usize {
        self.features.len() + self.values.len() + self.keys.len() + self.name.len() + 32
    }

    /// The tile. One without features is empty.
    pub(crate) fn tile(self, extent: u32) -> Vec<u8> {
        if self.count == 0 {
            return Vec::new();
        }
        let mut layer = Vec::with_capacity(self.size());
        layer.extend_from_slice(&[0x78, 2]);
        field(&mut layer, 0x0a, self.name.as_bytes());
        layer.extend_from_slice(&self.features);
        layer.extend_from_slice(&self.keys);
        layer.extend_from_slice(&self.values);
        layer.push(0x28);
        varint(&mut layer, u64::from(extent));
        let mut tile = Vec::with_capacity(layer.len() + 8);
        field(&mut tile, 0x1a, &layer);
        tile
    }
}
