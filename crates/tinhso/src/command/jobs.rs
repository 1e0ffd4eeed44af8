//! `tinhso jobs`: what waits, what failed for good, and another try for it.
//! It runs no job itself: the serving process does.

use crate::Error;
use crate::cli::{JobsAction, Place};
use crate::console::{say, table};
use crate::place::{open_alone, open_store};
use store::Mode;
use store::jobs::JobId;

/// Dead jobs listed at once.
const LISTED_MAX: u32 = 200;

/// Runs the command. `rerun` and `drop` write, so on SQLite they need the server stopped; the page
/// `/admin/jobs` does the same while it runs.
/// # Errors
/// No such job; what the store says.
pub async fn run(place: &Place, action: JobsAction) -> Result<(), Error> {
    let config = place.configuration()?;
    let store = match action {
        JobsAction::List | JobsAction::Dead => open_store(&config, Mode::Beside).await?,
        JobsAction::Rerun { .. } => open_alone(&config, "run the job again on its page /admin/jobs").await?,
        JobsAction::Drop { .. } => open_alone(&config, "remove the job on its page /admin/jobs").await?,
    };
    match action {
        JobsAction::List => {
            let counts = store.read(store::Tx::job_counts).await?;
            say(format_args!(
                "{} waiting, {} running, {} dead",
                counts.ready, counts.running, counts.dead
            ));
        }
        JobsAction::Dead => {
            let jobs = store.read(|tx| tx.dead_jobs(LISTED_MAX)).await?;
            let mut rows = vec![["id", "kind", "attempts", "last error"].map(str::to_owned).to_vec()];
            rows.extend(jobs.iter().map(|job| {
                vec![
                    job.id.to_string(),
                    job.kind.clone(),
                    job.attempts.to_string(),
                    job.last_error.clone(),
                ]
            }));
            table(&rows);
        }
        JobsAction::Rerun { id } => {
            let now = store.world().now();
            let id = JobId::from_uuid(id);
            let done = store.write(move |tx| tx.rerun_job(id, now)).await?;
            answer(done, "it will be tried again")?;
        }
        JobsAction::Drop { id } => {
            let id = JobId::from_uuid(id);
            let done = store.write(move |tx| tx.drop_dead_job(id)).await?;
            answer(done, "removed")?;
        }
    }
    store.close().await;
    Ok(())
}

fn answer(done: bool, words: &str) -> Result<(), Error> {
    if done {
        say(words);
        return Ok(());
    }
    Err(Error::Found(
        "no dead job has this id; tinhso jobs dead lists them".to_owned(),
    ))
}
