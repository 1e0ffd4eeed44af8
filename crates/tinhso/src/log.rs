//! The program's log: one JSON object a line, in daily files that are removed after the days configured,
//! or on standard error. Nothing personal is logged: requests appear by route, never by address or body.

use crate::{Error, config::Log};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Keeps the background writer alive; dropping it flushes what is left.
#[must_use = "dropping the guard stops the log"]
pub struct LogGuard(Option<tracing_appender::non_blocking::WorkerGuard>);

impl std::fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LogGuard").field(&self.0.is_some()).finish()
    }
}

/// Starts logging for a serving process.
/// # Errors
/// `Error::Config` when the filter is malformed, `Error::Io` when the folder cannot be written.
pub fn start(log: &Log) -> Result<LogGuard, Error> {
    let filter =
        EnvFilter::try_new(&log.level).map_err(|e| Error::Config(format!("log.level {:?}: {e}", log.level)))?;
    let registry = tracing_subscriber::registry().with(filter);
    let Some(folder) = &log.folder else {
        let layer = fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
        // A second start in one process (tests) keeps the first subscriber.
        let _ = registry.with(layer).try_init();
        return Ok(LogGuard(None));
    };
    std::fs::create_dir_all(folder).map_err(Error::io(format!("cannot make the log folder {}", folder.display())))?;
    let files = tracing_appender::rolling::RollingFileAppender::builder()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("tinhso")
        .filename_suffix("jsonl")
        .max_log_files(log.keep_days)
        .build(folder)
        .map_err(|e| Error::Config(format!("cannot write the log in {}: {e}", folder.display())))?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let layer = fmt::layer().json().flatten_event(true).with_writer(writer);
    let _ = registry.with(layer).try_init();
    Ok(LogGuard(Some(guard)))
}
