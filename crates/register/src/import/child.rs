//! The parent's side of reading a stranger's file: starts the child with the file as its standard input and an empty
//! environment, takes its pieces, and says why it ended. Refuses a child that takes longer than a bound. In tests the reader
//! may work within the process, on a thread.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use stranger::wire::{Reader as Wire, Writer};
use stranger::{Ask, End, Head, Piece, Refusal, Row};
use tokio::task::AbortHandle;

/// How long a look at the first rows may take.
const PEEK_MAX: Duration = Duration::from_secs(60);
/// How long the reading of all rows may take: it waits while they are written.
const READ_MAX: Duration = Duration::from_secs(4 * 3600);
/// Bytes of a dying child's last words.
const LAST_WORDS_MAX: u64 = 4 << 10;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// What reads files of strangers.
#[derive(Debug, Clone, Default)]
pub enum Reader {
    /// A program that is started as a child, with its arguments; what is asked follows them as JSON.
    Program(PathBuf, Vec<OsString>),
    /// A thread of this process: for tests, which have no program to start.
    #[default]
    Within,
}

impl Reader {
    /// Begins to read a file.
    pub(crate) fn open(&self, file: File, ask: &Ask) -> Result<Pieces, Refusal> {
        let longest = if ask.rows_max.is_some() { PEEK_MAX } else { READ_MAX };
        match self {
            Self::Program(path, arguments) => start(path, arguments, file, ask, longest),
            Self::Within => within(file, ask.clone()),
        }
    }

    /// The head and the first rows of a file.
    pub(crate) fn peek(&self, file: File, mut ask: Ask, rows: u64) -> Result<(Head, Vec<Row>, End), Refusal> {
        ask.rows_max = Some(rows);
        let mut pieces = self.open(file, &ask)?;
        let head = pieces.head()?;
        let mut rows = Vec::new();
        loop {
            match pieces.next()? {
                Piece::Row(row) => rows.push(row),
                Piece::End(end) => return Ok((head, rows, end)),
                Piece::Head(_) => return Err(Refusal::broken("two heads")),
            }
        }
    }
}

/// What comes out of a file, piece by piece.
pub(crate) struct Pieces {
    wire: Wire<Box<dyn Read + Send>>,
    child: Option<Child>,
    watch: Option<AbortHandle>,
}

impl Pieces {
    /// The next piece; the end of a child that did not say that it was at its end is a refusal.
    pub(crate) fn next(&mut self) -> Result<Piece, Refusal> {
        match self.wire.next_piece()? {
            Some(piece) => Ok(piece),
            None => Err(self.last_words()),
        }
    }

    /// The head, which comes first.
    pub(crate) fn head(&mut self) -> Result<Head, Refusal> {
        match self.next()? {
            Piece::Head(head) => Ok(head),
            Piece::Row(_) | Piece::End(_) => Err(Refusal::broken("no head")),
        }
    }

    fn last_words(&mut self) -> Refusal {
        let Some(child) = &mut self.child else {
            return Refusal::broken("the reader ended");
        };
        let mut words = Vec::new();
        if let Some(stderr) = &mut child.stderr {
            // What it could still say; nothing of it is needed.
            let _ = stderr.take(LAST_WORDS_MAX).read_to_end(&mut words);
        }
        match child.wait() {
            Ok(status) => why(status, &String::from_utf8_lossy(&words)),
            Err(error) => Refusal::broken(error),
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
        if let Some(child) = &mut self.child {
            // One that ended already cannot be killed, and is waited for all the same.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn why(status: ExitStatus, words: &str) -> Refusal {
    use std::os::unix::process::ExitStatusExt as _;
    match status.signal() {
        Some(SIGXCPU | SIGKILL) => Refusal::too_large("time"),
        // What an allocation that is refused and a stack that is full end in.
        Some(SIGABRT) if words.contains("memory allocation") || words.contains("overflowed its stack") => {
            Refusal::too_large("memory")
        }
        _ => Refusal::broken(format!("{status}: {}", words.trim())),
    }
}

fn start(path: &PathBuf, arguments: &[OsString], file: File, ask: &Ask, longest: Duration) -> Result<Pieces, Refusal> {
    let ask = serde_json::to_string(ask).map_err(Refusal::broken)?;
    let mut child = Command::new(path)
        .args(arguments)
        .arg(ask)
        .env_clear()
        // The allocator of the program (mimalloc) would otherwise take its whole limit before the first row.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .current_dir("/")
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Refusal::broken)?;
    let from = child.stdout.take().ok_or_else(|| Refusal::broken("no pipe from it"))?;
    let process = child.id().to_string();
    // Killed by its number while it is ours: it is not waited for before the watch is called off.
    let watch = tokio::runtime::Handle::try_current().ok().map(|handle| {
        let watch = handle.spawn(async move {
            tokio::time::sleep(longest).await;
            let killed = tokio::process::Command::new("kill")
                .args(["-KILL", &process])
                .status()
                .await;
            tracing::warn!(?killed, "a reader of a file took too long");
        });
        watch.abort_handle()
    });
    Ok(Pieces {
        wire: Wire::new(Box::new(from)),
        child: Some(child),
        watch,
    })
}

fn within(file: File, ask: Ask) -> Result<Pieces, Refusal> {
    let (from, to) = io::pipe().map_err(Refusal::broken)?;
    std::thread::spawn(move || {
        let file = Arc::new(file);
        let mut writer = Writer::new(io::BufWriter::new(to));
        let read = stranger::format_of(&file)
            .and_then(|format| stranger::read(&file, format, &ask, &mut |piece| writer.piece(&piece)));
        if let Err(refusal) = read {
            // Whoever reads may be gone already.
            let _ = writer.refusal(&refusal);
        }
    });
    Ok(Pieces {
        wire: Wire::new(Box::new(from)),
        child: None,
        watch: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Reader {
        Reader::Program("/bin/sh".into(), vec!["-c".into(), script.into(), "reader".into()])
    }

    fn refused(script: &str) -> Refusal {
        let file = tempfile::tempfile().expect("a file");
        shell(script).peek(file, Ask::default(), 5).expect_err(script)
    }

    #[test]
    fn how_a_child_ended_is_told() {
        assert_eq!(refused("kill -XCPU $$"), Refusal::too_large("time"));
        let memory = "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$";
        assert_eq!(refused(memory), Refusal::too_large("memory"));
        assert!(matches!(refused("exit 3"), Refusal::Broken { .. }));
        assert!(matches!(
            refused("echo nonsense that is no piece"),
            Refusal::Broken { .. }
        ));
        assert!(matches!(
            refused("printf 'x\\377\\377\\377\\377'"),
            Refusal::Broken { .. }
        ));
        let nowhere = Reader::Program("/nonexistent".into(), Vec::new());
        let file = tempfile::tempfile().expect("a file");
        assert!(matches!(
            nowhere.peek(file, Ask::default(), 1),
            Err(Refusal::Broken { .. })
        ));
    }

    #[test]
    fn the_environment_of_a_child_is_empty() {
        let words = refused("env | cut -d= -f1 | sort | tr '\\n' ' ' >&2; exit 1").to_string();
        let names = words.rsplit(": ").next().unwrap_or_default();
        let ours = ["PWD", "OLDPWD", "SHLVL", "_", "MIMALLOC_ARENA_EAGER_COMMIT"];
        assert!(names.split_whitespace().all(|name| ours.contains(&name)), "{words}");
    }
}
