//! The child's life: open what has to be open, lay the limits on itself, read the file that is its standard input, write
//! pieces to its standard output. Refuses to begin without its limits; after them it can open nothing: no file, no socket.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::fd::AsFd as _;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::wire::Writer;
use crate::{Ask, format_of, geopackage, read};

/// The limits that a child lays on itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most memory, in bytes.
    pub memory_bytes_max: u64,
    /// Most address space, in bytes; the program itself lies in it.
    pub address_bytes_max: u64,
    /// Most processor seconds.
    pub cpu_s_max: u64,
}

/// The limits of every child: a sheet of a million rows with as many different texts is read within them.
pub const LIMITS: Limits = Limits {
    memory_bytes_max: 768 << 20,
    address_bytes_max: 6 << 30,
    cpu_s_max: 900,
};

/// Bytes of a piece of output.
const OUT_BYTES: usize = 256 << 10;

/// Reads the file that is standard input, as `ask` says (JSON), and writes its pieces to standard output. What is wrong with
/// the file is one of them.
///
/// # Errors
/// When a limit is refused or the parent is gone.
pub fn run(ask: &str, limits: Limits) -> io::Result<()> {
    let ask: Ask = serde_json::from_str(ask)?;
    let file = Arc::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
    let mut writer = Writer::new(BufWriter::with_capacity(OUT_BYTES, io::stdout().lock()));
    let mut sink = |piece| writer.piece(&piece);
    // The library of packages opens its file by name: before nothing can be opened any more.
    let outcome = if geopackage::is_one(&file) {
        match geopackage::open(&file) {
            Ok(package) => {
                lay(limits, 5)?;
                geopackage::read(package, &ask, &mut sink)
            }
            Err(refusal) => Err(refusal),
        }
    } else {
        lay(limits, 4)?;
        format_of(&file).and_then(|format| read(&file, format, &ask, &mut sink))
    };
    if let Err(refusal) = outcome {
        writer.refusal(&refusal)?;
    }
    writer.into_inner().flush()
}

fn lay(limits: Limits, descriptors: u64) -> io::Result<()> {
    let whole = |most| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    setrlimit(Resource::Data, whole(limits.memory_bytes_max))?;
    setrlimit(Resource::As, whole(limits.address_bytes_max))?;
    setrlimit(Resource::Cpu, whole(limits.cpu_s_max))?;
    setrlimit(Resource::Core, whole(0))?;
    setrlimit(Resource::Fsize, whole(0))?;
    setrlimit(Resource::Nofile, whole(descriptors))?;
    Ok(())
}
