//! The background work of notices: a job for each channel sends what is due. It is put in by what is posted, and once a minute for
//! what waited for a pause, a minute's cap or the morning. A night sweep takes away what is a year old.
//! Refuses to run two senders of one channel at a time: the key of the job is the channel.

use ::store::StoreError;
use ::store::jobs::{Job, JobError, JobRun, Worker};
use kernel::{SignedDuration, Timestamp};

use crate::channel::Channel;
use crate::delivery::{rules, store as table};
use crate::house::{Notices, SEND};

const SWEEP: &str = "notice.sweep";
/// Deliveries are kept this long, for questions and for the year's cost.
const KEPT_DAYS: i64 = 400;
/// Rows of one sweep's step.
const STEP: i64 = 2_000;
/// Steps of one sweep.
const STEPS_MAX: usize = 100;

/// Registers the handlers.
#[must_use]
pub fn jobs(worker: Worker, notices: &Notices) -> Worker {
    let (sender, sweeper) = (notices.clone(), notices.clone());
    worker
        .on(SEND, move |run: JobRun| {
            let notices = sender.clone();
            async move {
                let channel = run
                    .payload
                    .get("channel")
                    .and_then(|word| serde_json::from_value(word.clone()).ok());
                let channel: Channel = channel.ok_or_else(|| JobError::hopeless("the job names no channel"))?;
                if notices.line(channel).is_none() {
                    // It was set up when the message was posted, and is no more.
                    return Ok(());
                }
                let pumped = notices.pump(channel).await.map_err(JobError::retry)?;
                tracing::info!(%channel, ?pumped, "notices sent");
                Ok(())
            }
        })
        .on(SWEEP, move |_| {
            let notices = sweeper.clone();
            async move { notices.sweep().await.map_err(JobError::retry) }
        })
}

/// The jobs that are due now, to be put into the queue once a minute.
/// # Errors
/// When the store fails.
pub async fn due(notices: &Notices) -> Result<Vec<Job>, StoreError> {
    let now = notices.now();
    let channels: Vec<Channel> = notices
        .lines()
        .iter()
        .map(|line| line.channel)
        .filter(|c| c.is_sent())
        .collect();
    let waiting = notices
        .store()
        .read(move |tx| {
            let mut waiting = Vec::new();
            for channel in &channels {
                let state = table::line(tx, *channel)?;
                let paused = state.paused_until.is_some_and(|until| now < until);
                if !paused && table::any_due(tx, *channel, now, now - rules::LEFT_BEHIND)? {
                    waiting.push(*channel);
                }
            }
            Ok::<_, StoreError>(waiting)
        })
        .await?;
    let world = notices.world().as_ref();
    let send =
        |channel: Channel| Job::new(world, SEND, serde_json::json!({ "channel": channel })).unique(channel.to_string());
    let tomorrow = now.local_date().tomorrow().unwrap_or(now.local_date());
    let night = Timestamp::from_local(tomorrow.at(2, 0, 0, 0));
    let sweep = Job::new(world, SWEEP, serde_json::Value::Null)
        .unique("recurring")
        .at(night);
    Ok(waiting.into_iter().map(send).chain([sweep]).collect())
}

impl Notices {
    /// Settles letters that nobody printed, and takes away what is older than 400 days.
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let now = self.now();
        let before = now - SignedDuration::from_hours(24 * KEPT_DAYS);
        for _ in 0..STEPS_MAX {
            let gone = self
                .store()
                .write(move |tx| {
                    let letters = table::drop_letters(tx, now, STEP)?;
                    let deliveries = letters + table::prune(tx, before, STEP)?;
                    Ok::<_, StoreError>(deliveries + table::prune_messages(tx, before, STEP)?)
                })
                .await?;
            if gone == 0 {
                break;
            }
        }
        Ok(())
    }
}
