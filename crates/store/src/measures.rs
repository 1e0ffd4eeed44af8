//! What the store measures of itself, with units, for `/metrics`. Owns the names and their descriptions; the values are
//! recorded where they arise. No measure carries a name, a code or anything else of a person.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Describes the measures to the recorder, if there is one.
pub(crate) fn describe() {
    describe_counter!("store_commits_total", "Commits; on SQLite each may hold many writes");
    describe_histogram!("store_commit_writes", "Writes in one commit (SQLite)");
    describe_counter!(
        "store_commit_failures_total",
        "Commits that failed, whose writes were run again alone"
    );
    describe_gauge!(
        "store_queue_depth",
        "Writes that wait for the writer (SQLite), or work that waits for a connection"
    );
    describe_histogram!(
        "store_queue_wait_seconds",
        Unit::Seconds,
        "How long work waited for its turn"
    );
    describe_counter!("store_busy_total", "Work that was turned away because too much waited");
    describe_counter!(
        "store_retries_total",
        "Transactions run again after a clash with another (PostgreSQL)"
    );
    describe_counter!("store_statement_errors_total", "Statements that failed");
    describe_counter!("store_panics_total", "Transactions that panicked and were rolled back");
    describe_gauge!(
        "store_checkpoint_pages",
        "Pages last moved from the write-ahead log into the database (SQLite)"
    );
    describe_counter!("store_jobs_total", "Runs of jobs, by kind and result");
    describe_counter!("store_jobs_dead_total", "Jobs laid aside as dead, by kind");
    describe_counter!("store_outbox_delivered_total", "Events delivered, by consumer");
    describe_counter!(
        "store_outbox_failures_total",
        "Batches of events that a consumer did not take"
    );
}
