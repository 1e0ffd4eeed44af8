//! Asking a witness for its cosignature: the newest checkpoint with the proof that it follows from what the witness saw last.
//! Every answer is believed only as far as it verifies; whatever goes wrong is tried again later, and nothing waits for it.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;

use super::{Asked, Request, cosignature, store as table};
use crate::checkpoint::read_size;
use crate::config::Witness;
use crate::error::LedgerError;
use crate::house::Ledger;
use crate::log::{self, Head};
use crate::note::Note;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest answer, in bytes.
const ANSWER_MAX: usize = 64 << 10;
/// The witness has seen more than we have: ours is an old copy, or it is wrong.
const AHEAD: &str = "ahead";

/// The client by which witnesses are asked.
pub(crate) fn client() -> Result<reqwest::Client, LedgerError> {
    // Installed once per process; a second try says that one is there, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| LedgerError::Config(format!("ledger.witnesses: {error}")))
}

/// What an answer means.
enum Meant {
    Cosigned { line: String },
    Elsewhere(u64),
    No(String),
}

impl Ledger {
    /// Asks every witness that has not cosigned the newest checkpoint and is due. Says how many cosigned.
    ///
    /// # Errors
    /// When the store fails; a witness that fails is no error.
    pub async fn ask_witnesses(&self) -> Result<u64, LedgerError> {
        let asking = self.config().witnesses.iter().map(|witness| self.ask(witness));
        let all = futures::future::join_all(asking).await;
        let mut cosigned = 0;
        for one in all {
            cosigned += u64::from(one?);
        }
        Ok(cosigned)
    }

    async fn ask(&self, witness: &Witness) -> Result<bool, LedgerError> {
        let name = witness.key.name().to_owned();
        let now = self.now();
        let read_name = name.clone();
        let (head, mut asked, lines) = self
            .store()
            .read(move |tx| {
                let head = log::head(tx)?;
                let lines = match &head {
                    Some(head) => table::cosignatures(tx, head.size)?,
                    None => Vec::new(),
                };
                Ok::<_, LedgerError>((head, table::asked(tx, &read_name)?, lines))
            })
            .await?;
        let Some(head) = head.filter(|_| lines.iter().all(|(witness, _)| *witness != name)) else {
            return Ok(false);
        };
        let mut state = asked.take().unwrap_or_else(|| Asked::never(now));
        if !state.is_due(now) {
            return Ok(false);
        }
        // Once more when the witness says that it is elsewhere.
        for _ in 0..2 {
            if state.size > head.size {
                break;
            }
            match self.post(witness, &head, state.size).await? {
                Meant::Cosigned { line } => {
                    self.keep(&name, state, Some((&head, line))).await?;
                    return Ok(true);
                }
                Meant::Elsewhere(size) if size > head.size => {
                    tracing::error!(witness = %name, size, ours = head.size,
                        "a witness has seen more of the log than there is: this is an older copy of it, or a fork");
                    state = state.failed(AHEAD, now);
                    return self.keep(&name, state, None).await.map(|()| false);
                }
                Meant::Elsewhere(size) => state.size = size,
                Meant::No(why) => {
                    metrics::counter!("ledger_witness_faults_total").increment(1);
                    state = state.failed(&why, now);
                    return self.keep(&name, state, None).await.map(|()| false);
                }
            }
        }
        state = state.failed("elsewhere", now);
        self.keep(&name, state, None).await.map(|()| false)
    }

    async fn post(&self, witness: &Witness, head: &Head, old: u64) -> Result<Meant, LedgerError> {
        let size = head.size;
        let proof = self
            .store()
            .read(move |tx| log::prove_consistency(tx, old, size))
            .await?;
        let body = Request::body(old, &proof, &head.note);
        let sent = self
            .client()
            .post(format!("{}/add-checkpoint", witness.url))
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(body)
            .send()
            .await;
        let Ok(mut answer) = sent else {
            return Ok(Meant::No("unreachable".to_owned()));
        };
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_MAX {
                return Ok(Meant::No("unreadable".to_owned()));
            }
        }
        Ok(meant(status, &bytes, head, witness))
    }

    async fn keep(&self, name: &str, mut state: Asked, line: Option<(&Head, String)>) -> Result<(), LedgerError> {
        let (now, name) = (self.now(), name.to_owned());
        let line = line.map(|(head, line)| (head.size, line));
        if let Some((size, _)) = &line {
            state = Asked {
                size: *size,
                answered_at: Some(now),
                ..Asked::never(now)
            };
        }
        self.store()
            .write(move |tx| {
                if let Some((size, line)) = &line {
                    table::put_cosignature(tx, *size, &name, line, now)?;
                }
                table::put_asked(tx, &name, &state)?;
                Ok::<_, LedgerError>(())
            })
            .await
    }
}

fn meant(status: u16, bytes: &[u8], head: &Head, witness: &Witness) -> Meant {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    match status {
        200 => {
            let line = Note::read(head.note.as_bytes())
                .ok()
                .and_then(|note| cosignature(text, &note, &witness.key));
            match line {
                Some((line, _)) => Meant::Cosigned { line: line.to_string() },
                None => Meant::No("unreadable".to_owned()),
            }
        }
        409 => match text.strip_suffix('\n').and_then(read_size) {
            Some(size) => Meant::Elsewhere(size),
            None => Meant::No("forked".to_owned()),
        },
        404 => Meant::No("unknown".to_owned()),
        403 => Meant::No("unsigned".to_owned()),
        422 => Meant::No("inconsistent".to_owned()),
        _ => Meant::No("refused".to_owned()),
    }
}
