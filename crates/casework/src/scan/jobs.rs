//! Scanning in the background: one job a file, asked for by the transaction that took it; once an hour those that still wait
//! are asked for again, so that a scanner that comes back finds them.
//! It refuses to decide on silence: a try that fails leaves the file where it is.

use kernel::{SignedDuration, Timestamp};
use store::jobs::{Job, JobError, JobId, JobRun, Worker};

use super::{ScanError, Verdict, store as table};
use crate::Casework;
use crate::dossier::{DossierError, FileId};
use crate::file::{self, FileCheck};
use identity::audit;

/// The job of one file.
pub const KIND: &str = "casework.file.scan";

/// The job that asks for those that still wait.
pub const SWEEP: &str = "casework.file.scan-waiting";

/// Files asked for again at once.
const CHUNK: i64 = 500;

/// Registers the handlers.
#[must_use]
pub fn jobs(worker: Worker, house: &Casework) -> Worker {
    let (one, all) = (house.clone(), house.clone());
    worker
        .on(KIND, move |run: JobRun| {
            let house = one.clone();
            async move {
                let file = run.payload["file"].as_str().and_then(|id| id.parse().ok());
                let file: FileId = file.ok_or_else(|| JobError::hopeless("the job names no file"))?;
                check(&house, file).await.map(|_| ()).map_err(JobError::retry)
            }
        })
        .on(SWEEP, move |_| {
            let house = all.clone();
            async move { ask_again(&house).await.map(|_| ()).map_err(JobError::retry) }
        })
}

/// A file could not be checked now.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The scanner.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The table or the file.
    #[error(transparent)]
    Dossier(#[from] DossierError),
}

/// Scans one file and writes the verdict. A file that no longer waits is left alone.
///
/// # Errors
/// When the scanner is silent; the file stays in quarantine and the try is written down.
pub async fn check(house: &Casework, id: FileId) -> Result<Option<Verdict>, CheckError> {
    let Some(scanner) = house.settings().scanner.clone() else {
        return Ok(None);
    };
    let store = house.store();
    let found = store.read(move |tx| table::waiting_blob(tx, id)).await;
    let Some(blob_id) = found.map_err(DossierError::from)? else {
        return Ok(None);
    };
    let blob = store
        .read(move |tx| tx.blob(blob_id))
        .await
        .map_err(DossierError::from)?;
    let Some(blob) = blob.filter(|blob| blob.erased_at.is_none()) else {
        return Ok(None);
    };
    let mut reader = store.blobs().get(&blob).await.map_err(ScanError::from)?;
    let now = house.now();
    match scanner.scan(&mut reader).await {
        Ok(verdict) => {
            let kept = verdict.clone();
            store
                .write(move |tx| match &kept {
                    Verdict::Clean => Ok(table::decide(tx, id, FileCheck::Clean, "", now).map(|_| ())?),
                    Verdict::Infected(name) => throw_out(tx, id, blob_id, name, now),
                })
                .await?;
            Ok(Some(verdict))
        }
        Err(error) => {
            let said: String = error.to_string().chars().take(200).collect();
            tracing::warn!(file = %id, %error, "a file stays in quarantine");
            let written = store.write(move |tx| table::failed(tx, id, &said, now)).await;
            written.map_err(DossierError::from)?;
            Err(error.into())
        }
    }
}

/// The bytes go, the row stays with its reason, and the audit log has it.
fn throw_out(
    tx: &mut store::Tx,
    id: FileId,
    blob: store::blob::BlobId,
    name: &str,
    now: Timestamp,
) -> Result<(), DossierError> {
    if !table::decide(tx, id, FileCheck::Infected, name, now)? {
        return Ok(());
    }
    if file::store::count_of_blob(tx, blob)? <= 1 {
        tx.erase_blob(blob, now)?;
    }
    let detail = audit::detail([("signature", name.to_owned())]);
    audit::append(tx, audit::Actor::System, "file.infected", &id.to_string(), detail, now)?;
    Ok(())
}

/// Asks again for files that wait for more than ten minutes. Says how many.
///
/// # Errors
/// When the store fails.
pub async fn ask_again(house: &Casework) -> Result<usize, DossierError> {
    if house.settings().scanner.is_none() {
        return Ok(0);
    }
    let now = house.now();
    let before = now + -SignedDuration::from_mins(10);
    let waiting = house
        .store()
        .read(move |tx| table::waiting_since(tx, before, CHUNK))
        .await?;
    let jobs: Vec<Job> = waiting
        .iter()
        .map(|&file| table::job(file, JobId::new(house.world().as_ref()), now))
        .collect();
    let count = jobs.len();
    house
        .store()
        .write(move |tx| {
            for job in &jobs {
                tx.enqueue(job)?;
            }
            Ok::<_, store::StoreError>(())
        })
        .await?;
    Ok(count)
}
