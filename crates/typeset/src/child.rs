//! The child's life: lay the limits on itself, then read orders and write answers until the pipe closes.
//! Refuses to begin without its limits. After them the process can open nothing: no file, no socket.

use std::io::{self, BufReader, Write as _};
use std::thread;

use press::{Limits, Order};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::sheet::Fonts;

/// Descriptors of a child: its three pipes.
const DESCRIPTORS: u64 = 3;

/// The stack of the thread that typesets, in bytes: layouts nest.
const STACK_BYTES: usize = 32 << 20;

/// Processor seconds over a child's whole life.
const LIFE_CPU_S: u64 = 600;

/// A child did not begin, or its parent is gone.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The system refused a limit.
    #[error("a limit was refused: {0}")]
    Limit(#[from] rustix::io::Errno),
    /// The pipes are gone, or what came through them is no order.
    #[error("the pipe: {0}")]
    Pipe(#[from] io::Error),
    /// The thread that typesets ended by a fault of its own.
    #[error("the typesetter broke down")]
    Broken,
}

/// Lays the limits on this process and serves orders until standard input ends.
///
/// # Errors
/// When a limit is refused or the parent is gone.
pub fn run(limits: Limits) -> Result<(), ChildError> {
    // The thread is made first: nothing is opened for it afterwards.
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        lay(limits)?;
        serve(limits)
    })?;
    worker.join().map_err(|_| ChildError::Broken)?
}

fn lay(limits: Limits) -> Result<(), ChildError> {
    let whole = |most| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    setrlimit(Resource::Data, whole(limits.memory_bytes_max))?;
    setrlimit(Resource::As, whole(limits.address_bytes_max))?;
    setrlimit(Resource::Core, whole(0))?;
    setrlimit(Resource::Fsize, whole(0))?;
    setrlimit(Resource::Nofile, whole(DESCRIPTORS))?;
    Ok(())
}

/// Gives the next paper its processor seconds, counted from what this process used before.
fn lay_time(limits: Limits) -> Result<(), ChildError> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let most = getrlimit(Resource::Cpu).maximum.unwrap_or(LIFE_CPU_S).min(LIFE_CPU_S);
    let current = (used + 1 + limits.cpu_s_max).min(most);
    setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(current),
            maximum: Some(most),
        },
    )?;
    Ok(())
}

fn serve(limits: Limits) -> Result<(), ChildError> {
    let fonts = Fonts::read();
    let (mut from, mut to) = (BufReader::new(io::stdin().lock()), io::stdout().lock());
    while let Some(order) = Order::read(&mut from)? {
        lay_time(limits)?;
        let outcome = crate::sheet::typeset_with(&fonts, order);
        outcome.write(&mut to)?;
        to.flush()?;
        // Nothing of one paper stays for the next: neither memory nor somebody's name.
        comemo::evict(0);
    }
    Ok(())
}
