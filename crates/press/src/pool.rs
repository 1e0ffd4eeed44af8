//! The children: started when they are needed, kept warm for the next paper, ended after many papers or the first fault.
//! A child gets an empty environment and three pipes; what more it may not do it forbids itself (crate `typeset`).

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::PressError;
use crate::order::{FILES_MAX, Header, ORDER_BYTES_MAX, Order, Outcome, PDF_BYTES_MAX};

/// Papers typeset at the same time.
const CHILDREN_MAX: usize = 2;

/// Papers that may wait for a child.
const WAITING_MAX: usize = 64;

/// How long a paper waits for a child.
const WAIT: Duration = Duration::from_secs(20);

/// How long a child may work on one paper.
const WORK: Duration = Duration::from_secs(10);

/// How long a child that is ending may take to end.
const END: Duration = Duration::from_secs(2);

/// Papers after which a child is replaced, so that whatever it gathered goes away.
const PAPERS_MAX: u32 = 200;

/// Bytes of the answer's first line.
const HEADER_BYTES_MAX: u64 = 256 << 10;

/// Bytes of a dying child's last words.
const LAST_WORDS_MAX: u64 = 4 << 10;

/// Signals by which a child ends.
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;

/// What is started as a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

type InTests = dyn Fn(&Order) -> Result<Outcome, PressError> + Send + Sync;

/// The press. Cheap to clone; every clone shares the children.
#[derive(Clone)]
pub struct Press(Arc<Inner>);

struct Inner {
    maker: Maker,
    idle: Mutex<Vec<Worker>>,
    seats: Semaphore,
    queue: Semaphore,
}

enum Maker {
    Program(Program),
    Within(Box<InTests>),
}

struct Worker {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    papers: u32,
}

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.maker {
            Maker::Program(program) => write!(f, "Press({})", program.path.display()),
            Maker::Within(_) => f.write_str("Press(within)"),
        }
    }
}

impl Press {
    /// A press that starts `program` for its children. Starts none yet.
    #[must_use]
    pub fn new(program: Program) -> Self {
        Self::over(Maker::Program(program))
    }

    /// A press without children, for tests of those who use one: `make` stands for the child.
    #[must_use]
    pub fn within(make: impl Fn(&Order) -> Result<Outcome, PressError> + Send + Sync + 'static) -> Self {
        Self::over(Maker::Within(Box::new(make)))
    }

    fn over(maker: Maker) -> Self {
        Self(Arc::new(Inner {
            maker,
            idle: Mutex::new(Vec::new()),
            seats: Semaphore::new(CHILDREN_MAX),
            queue: Semaphore::new(WAITING_MAX),
        }))
    }

    /// Typesets an order.
    ///
    /// # Errors
    /// `Template` with every fault and its place; `TooSlow`, `TooMuchMemory`, `TooLarge` when it passed a bound; `Busy` when
    /// too many wait; `Gone` when no child could be started.
    pub async fn print(&self, order: &Order) -> Result<Vec<u8>, PressError> {
        let outcome = match &self.0.maker {
            Maker::Within(make) => make(order)?,
            Maker::Program(program) => self.ask(program, order).await?,
        };
        match outcome {
            Outcome::Pdf(bytes) => Ok(bytes),
            Outcome::Faults(faults) => Err(PressError::Template(faults)),
        }
    }

    /// Process ids of the children that wait for work, so that a test can look at their limits.
    #[must_use]
    pub fn idle(&self) -> Vec<u32> {
        self.0
            .idle
            .lock()
            .iter()
            .filter_map(|worker| worker.child.id())
            .collect()
    }

    async fn ask(&self, program: &Program, order: &Order) -> Result<Outcome, PressError> {
        let line = order.line().map_err(|error| PressError::Gone(error.to_string()))?;
        if line.len() > ORDER_BYTES_MAX || order.files.len() > FILES_MAX {
            return Err(PressError::TooLarge);
        }
        let _place = self.0.queue.try_acquire().map_err(|_| PressError::Busy)?;
        let seat = timeout(WAIT, self.0.seats.acquire()).await;
        let _seat = seat.map_err(|_| PressError::Busy)?.map_err(|_| PressError::Busy)?;
        let warm = self.0.idle.lock().pop();
        let mut worker = match warm {
            Some(worker) => worker,
            None => Worker::start(program)?,
        };
        let outcome = match timeout(WORK, worker.work(&line)).await {
            Err(_) => return Err(PressError::TooSlow),
            Ok(Err(_)) => return Err(worker.last_words().await),
            Ok(Ok(outcome)) => outcome?,
        };
        worker.papers += 1;
        if worker.papers < PAPERS_MAX {
            self.0.idle.lock().push(worker);
        }
        Ok(outcome)
    }
}

impl Worker {
    fn start(program: &Program) -> Result<Self, PressError> {
        let mut command = Command::new(&program.path);
        // One thread for everything: a paper is small, and a pool of threads would cost memory that is counted.
        let spawned = command
            .args(&program.arguments)
            .env_clear()
            .env("RAYON_NUM_THREADS", "1")
            // The allocator of the program (mimalloc) would otherwise take its whole limit before the first paper.
            .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let gone = |what: &str| PressError::Gone(what.to_owned());
        let mut child = spawned.map_err(|error| PressError::Gone(error.to_string()))?;
        let to = child.stdin.take().ok_or_else(|| gone("no pipe to it"))?;
        let from = child.stdout.take().ok_or_else(|| gone("no pipe from it"))?;
        Ok(Self {
            child,
            to,
            from: BufReader::new(from),
            papers: 0,
        })
    }

    /// Sends an order and reads the answer. An I/O error means that the child ended.
    async fn work(&mut self, line: &[u8]) -> std::io::Result<Result<Outcome, PressError>> {
        self.to.write_all(line).await?;
        self.to.flush().await?;
        let mut head = Vec::new();
        (&mut self.from)
            .take(HEADER_BYTES_MAX)
            .read_until(b'\n', &mut head)
            .await?;
        let header: Header = serde_json::from_slice(&head)?;
        if header.pdf_bytes > PDF_BYTES_MAX {
            return Ok(Err(PressError::TooLarge));
        }
        if !header.faults.is_empty() {
            return Ok(Ok(Outcome::Faults(header.faults)));
        }
        let mut pdf = vec![0; header.pdf_bytes];
        self.from.read_exact(&mut pdf).await?;
        Ok(Ok(Outcome::Pdf(pdf)))
    }

    /// Why a child ended.
    async fn last_words(mut self) -> PressError {
        let mut words = Vec::new();
        if let Some(stderr) = self.child.stderr.take() {
            let _ = timeout(END, stderr.take(LAST_WORDS_MAX).read_to_end(&mut words)).await;
        }
        let words = String::from_utf8_lossy(&words);
        match timeout(END, self.child.wait()).await {
            Ok(Ok(status)) => why(status, &words),
            Ok(Err(error)) => PressError::Gone(error.to_string()),
            Err(_) => PressError::Gone("it closed its pipes and went on".to_owned()),
        }
    }
}

fn why(status: ExitStatus, words: &str) -> PressError {
    use std::os::unix::process::ExitStatusExt as _;
    match status.signal() {
        Some(SIGXCPU) => PressError::TooSlow,
        // What an allocation that is refused and a stack that is full end in.
        Some(SIGABRT) if words.contains("memory allocation") || words.contains("overflowed its stack") => {
            PressError::TooMuchMemory
        }
        _ => PressError::Gone(format!("{status}: {}", words.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Press {
        Press::new(Program {
            path: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
        })
    }

    fn order() -> Order {
        Order {
            main: "a.typ".to_owned(),
            files: [("a.typ".to_owned(), String::new())].into(),
            date: "2026-11-22".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_child_answers_and_is_kept() {
        let press = shell("while read line; do printf '{\"pdf_bytes\":3,\"faults\":[]}\\nabc'; done");
        for _ in 0..3 {
            assert_eq!(press.print(&order()).await.unwrap(), b"abc");
        }
        assert_eq!(press.idle().len(), 1);
    }

    #[tokio::test]
    async fn a_child_that_is_killed_says_why_and_the_next_one_works() {
        for (script, expected) in [
            ("read line; kill -XCPU $$", "press-too-slow"),
            (
                "read line; echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$",
                "press-too-much-memory",
            ),
            ("read line; exit 3", "press-gone"),
            ("read line; echo nonsense", "press-gone"),
            (
                "read line; echo '{\"pdf_bytes\":99999999,\"faults\":[]}'",
                "press-too-large",
            ),
        ] {
            let press = shell(script);
            let error = press.print(&order()).await.expect_err(script);
            assert_eq!(kernel::Fault::code(&error), expected, "{script}: {error}");
            assert!(press.idle().is_empty());
        }
        let nowhere = Press::new(Program {
            path: "/nonexistent".into(),
            arguments: Vec::new(),
        });
        assert!(matches!(nowhere.print(&order()).await, Err(PressError::Gone(_))));
    }

    #[tokio::test]
    async fn too_large_an_order_is_not_sent() {
        let mut order = order();
        order
            .files
            .insert(crate::DATA_FILE.to_owned(), "x".repeat(ORDER_BYTES_MAX));
        let press = shell("exit 0");
        assert!(matches!(press.print(&order).await, Err(PressError::TooLarge)));
    }

    #[tokio::test]
    async fn the_environment_of_a_child_is_empty() {
        let press = shell(
            "read line; w=$(env | cut -d= -f1 | sort | tr '\\n' ' '); printf '{\"pdf_bytes\":%d,\"faults\":[]}\\n%s' ${#w} \"$w\"; read line",
        );
        let names = String::from_utf8(press.print(&order()).await.unwrap()).unwrap();
        let ours = [
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_",
            "RAYON_NUM_THREADS",
            "MIMALLOC_ARENA_EAGER_COMMIT",
        ];
        assert!(names.split_whitespace().all(|name| ours.contains(&name)), "{names}");
    }
}
