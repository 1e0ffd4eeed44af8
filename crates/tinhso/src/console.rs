//! What the operator reads on the terminal: lines, tables, progress bars. Bars appear only on a terminal;
//! in a log or a pipe each step is one line.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Writes a line to standard output. A closed pipe ends nothing: the work matters more than its words.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A step of known length, with a bar on a terminal.
#[derive(Debug)]
pub struct Step {
    bar: ProgressBar,
    name: &'static str,
}

impl Step {
    /// Starts a step of `length` units; 0 when the length is not known.
    #[must_use]
    pub fn start(name: &'static str, length: u64) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            let style = if length > 0 {
                "{msg:28} [{bar:36}] {human_pos:>8} / {human_len} {eta:>4}"
            } else {
                "{msg:28} {spinner} {human_pos:>8}"
            };
            let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(length)
                .with_style(style.progress_chars("=> "))
                .with_message(name);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden()
        };
        Self { bar, name }
    }

    /// Says how far the step is.
    pub fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Ends the step with what came of it.
    pub fn done(self, what: impl std::fmt::Display) {
        self.bar.finish_and_clear();
        say(format_args!("  {:28} {what}", self.name));
    }
}

/// The most memory that this process ever held, in MiB, where the system tells it.
#[must_use]
pub fn memory_peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024)
}

/// Prints rows in aligned columns; the first row is the heading.
pub fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        say(format_args!("  {}", cells.join("  ").trim_end()));
        if at == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            say(format_args!("  {}", rule.join("  ")));
        }
    }
}
