//! The press: hands a template with its values to a child process that typesets it, and takes the PDF back. Owns the words
//! that both sides speak, the pool of warm children, and every bound: bytes in, bytes out, seconds, children.
//! Refuses to know what a template says, and to trust one: an endless loop, a memory hog, a wish for files or the network ends
//! in one clear error, and the child is gone. Nothing is typeset inside the serving process.

mod error;
mod order;
mod pool;

pub use error::PressError;
pub use order::{DATA_FILE, FILES_MAX, FaultAt, ORDER_BYTES_MAX, Order, Outcome, PDF_BYTES_MAX};
pub use pool::{Press, Program};

/// The limits that a child lays on itself before it reads anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most memory, in bytes.
    pub memory_bytes_max: u64,
    /// Most address space, in bytes; the program itself lies in it.
    pub address_bytes_max: u64,
    /// Most processor seconds for one paper.
    pub cpu_s_max: u64,
}

/// The limits of every child.
pub const LIMITS: Limits = Limits {
    memory_bytes_max: 512 << 20,
    address_bytes_max: 4 << 30,
    cpu_s_max: 8,
};
