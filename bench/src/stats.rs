//! Latencies and the table that is printed. Percentiles are of all samples, none dropped, and measured from the moment
//! at which a request was due, so that a stalled server is not measured by fewer requests.

use std::fmt::Write as _;
use std::time::Duration;

/// Latencies of one kind of request.
#[derive(Debug, Default, Clone)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds one.
    pub(crate) fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Adds those of another.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The latency that `share` of all requests did not exceed (0.99 for p99); zero of none.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(at.saturating_sub(1).min(last)).copied().unwrap_or_default()
    }

    /// `p50 / p99 / worst` in milliseconds.
    pub(crate) fn summary(&self) -> String {
        let ms = |share: f64| self.percentile(share).as_secs_f64() * 1000.0;
        format!("p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms", ms(0.5), ms(0.99), ms(1.0))
    }
}

/// One line of the table: what was measured, the figure, what is asked for, whether it is met, and notes.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) figure: String,
    pub(crate) target: String,
    pub(crate) met: Option<bool>,
    pub(crate) note: String,
}

impl Line {
    /// A line with a target.
    pub(crate) fn new(what: &str, figure: impl Into<String>, target: &str, met: bool, note: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            figure: figure.into(),
            target: target.into(),
            met: Some(met),
            note: note.into(),
        }
    }

    /// A line that only says something.
    pub(crate) fn plain(what: &str, figure: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            figure: figure.into(),
            target: String::new(),
            met: None,
            note: note.into(),
        }
    }
}

/// The lines as a Markdown table.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = String::from("| what | measured | asked for | met | note |\n|---|---|---|---|---|\n");
    for line in lines {
        let met = match line.met {
            None => "",
            Some(true) => "yes",
            Some(false) => "**no**",
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {met} | {} |",
            line.what, line.figure, line.target, line.note
        );
    }
    text
}

/// What the machine is, in a line.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("")
        .trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let kib: u64 = memory
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!(
        "{cores} cores, {model}, {} GiB of memory, load {load} at the start",
        kib >> 20
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_all_samples() {
        let mut latencies = Latencies::default();
        for ms in (1..=100).rev() {
            latencies.add(Duration::from_millis(ms));
        }
        assert_eq!(latencies.percentile(0.5), Duration::from_millis(50));
        assert_eq!(latencies.percentile(0.99), Duration::from_millis(99));
        assert_eq!(latencies.percentile(1.0), Duration::from_millis(100));
        assert_eq!(Latencies::default().percentile(0.99), Duration::ZERO);
    }
}
