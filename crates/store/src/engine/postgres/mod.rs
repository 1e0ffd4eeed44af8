//! PostgreSQL under the seam: a bounded pool, closures on the blocking threads, SERIALIZABLE writes that are tried again a
//! bounded number of times when they clash, reads on one snapshot. Several servers may share one database.

pub(crate) mod cell;
mod conn;
mod tls;

use std::{
    path::Path,
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use kernel::{Timestamp, World};
use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio_postgres::{Config, NoTls, config::SslMode};

use crate::{
    config::{Limits, Mode, StoreConfig},
    engine::{
        sqlite::OnCommit,
        work::{RELEASE, Ran, SAVEPOINT, Work, erased_once, run_once, run_write},
    },
    error::StoreError,
    migrate::{self, MigrationSet},
    tx::{self, Signals, Tx},
};

pub(crate) use conn::Conn;

/// Writes see the database as if they ran one after the other.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
/// Claims lock the rows they take and see what is committed when each statement starts.
const BEGIN_CLAIM: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Oldest server that is supported.
const VERSION_MIN: i64 = 150_000;

/// The engine of one database.
pub(crate) struct Postgres {
    pool: Pool,
    waiting: Arc<AtomicUsize>,
    limits: Limits,
    mode: Mode,
    double_run: bool,
    world: Arc<dyn World>,
    on_commit: OnCommit,
    gate: Gate,
}

/// Writes pass it together; one that clashed too often passes it alone, so that under any load of this server each comes
/// through in the end.
type Gate = Arc<RwLock<()>>;

/// From this try on a write passes the gate alone.
const ALONE_FROM: u32 = 4;

impl Postgres {
    pub(crate) async fn open(
        url: &str,
        root_certificate: Option<&Path>,
        config: &StoreConfig,
        world: Arc<dyn World>,
        on_commit: OnCommit,
    ) -> Result<Self, StoreError> {
        let pool = pool(url, root_certificate, &config.limits)?;
        let postgres = Self {
            pool,
            waiting: Arc::default(),
            limits: config.limits.clone(),
            mode: config.mode,
            double_run: config.double_run,
            world,
            on_commit,
            gate: Gate::default(),
        };
        postgres.refuse_old_server().await?;
        Ok(postgres)
    }

    async fn refuse_old_server(&self) -> Result<(), StoreError> {
        let (work, slot) = erased_once(|tx: &mut Tx| {
            tx.one(
                "SELECT CAST(current_setting('server_version_num') AS BIGINT)",
                &[],
                |row| row.get::<i64>(0),
            )
        });
        let version: i64 = slot.after(self.read(work).await)?;
        if version < VERSION_MIN {
            return Err(StoreError::Config(format!(
                "PostgreSQL 15 or newer is needed, this is {}",
                version / 10_000
            )));
        }
        Ok(())
    }

    pub(crate) async fn migrate(&self, sets: Vec<MigrationSet>, mode: Mode, now: Timestamp) -> Result<(), StoreError> {
        self.with_connection(move |tx| match mode {
            Mode::Serve => migrate::run(tx, &sets, now),
            Mode::Beside => migrate::check_current(tx, &sets),
        })
        .await
    }

    pub(crate) async fn read(&self, mut work: Work) -> Ran {
        let read = move |tx: &mut Tx| {
            if let Err(failure) = tx.control(BEGIN_READ) {
                return Ok(Ran::Failed(failure.error));
            }
            let ran = run_once(tx, &mut work);
            tx.reset();
            Ok(ran)
        };
        self.with_connection(read).await.unwrap_or_else(Ran::Failed)
    }

    pub(crate) async fn write(&self, work: Work) -> Ran {
        self.transact(BEGIN_WRITE, work).await
    }

    /// A transaction that locks the rows it takes.
    pub(crate) async fn claim(&self, work: Work) -> Ran {
        self.transact(BEGIN_CLAIM, work).await
    }

    async fn transact(&self, begin: &'static str, mut work: Work) -> Ran {
        if self.mode == Mode::Beside {
            return Ran::Failed(StoreError::ReadOnly {
                what: "a store that was opened beside a server".to_owned(),
            });
        }
        let retrying = Retrying {
            begin,
            tries_max: self.limits.tries_max.max(1),
            // In a claim a second run may rightly see other rows than the first.
            twice: self.double_run && begin == BEGIN_WRITE,
            world: self.world.clone(),
            gate: self.gate.clone(),
        };
        let done = self.with_connection(move |tx| Ok(retrying.run(tx, &mut work))).await;
        match done {
            Ok((ran, signals)) => {
                if let Some(signals) = signals {
                    (self.on_commit)(signals);
                }
                ran
            }
            Err(error) => Ran::Failed(error),
        }
    }

    /// Runs blocking work on a connection of the pool.
    async fn with_connection<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx) -> Result<T, StoreError> + Send + 'static,
    {
        let client = self.connection().await?;
        let handle = Handle::current();
        let done = tokio::task::spawn_blocking(move || {
            let mut tx = Tx::new(tx::Conn::Postgres(Box::new(Conn::new(client, handle))));
            let answer = work(&mut tx);
            if let tx::Conn::Postgres(conn) = tx.into_conn() {
                conn.back_to_pool();
            }
            answer
        });
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// Work that waits for a connection.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn connection(&self) -> Result<deadpool_postgres::Object, StoreError> {
        let busy = || {
            metrics::counter!("store_busy_total").increment(1);
            StoreError::Busy { retry_after_s: 1 }
        };
        let waiting = Waiting::start(&self.waiting);
        metrics::gauge!("store_queue_depth").set(waiting.depth as f64);
        if waiting.depth > self.limits.queue_max {
            return Err(busy());
        }
        let started = std::time::Instant::now();
        let client = self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => busy(),
            PoolError::Closed => StoreError::Closed,
            PoolError::Backend(error) => match conn::store_error(&error, "connect") {
                StoreError::Statement { message, .. } => StoreError::Unavailable(message),
                other => other,
            },
            other => StoreError::Unavailable(other.to_string()),
        })?;
        metrics::histogram!("store_queue_wait_seconds").record(started.elapsed().as_secs_f64());
        Ok(client)
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// Counts one who waits for a connection, until it is dropped.
struct Waiting<'c> {
    count: &'c AtomicUsize,
    depth: usize,
}

impl<'c> Waiting<'c> {
    fn start(count: &'c AtomicUsize) -> Self {
        Self {
            count,
            depth: count.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a write is tried.
struct Retrying {
    begin: &'static str,
    tries_max: u32,
    twice: bool,
    world: Arc<dyn World>,
    gate: Gate,
}

impl Retrying {
    /// How it ended, and with a commit what was asked for in it.
    fn run(&self, tx: &mut Tx, work: &mut Work) -> (Ran, Option<Signals>) {
        for attempt in 1..=self.tries_max {
            match self.through_the_gate(tx, work, attempt) {
                Tried::Done(signals) => {
                    metrics::counter!("store_commits_total").increment(1);
                    return (Ran::Kept, Some(signals));
                }
                Tried::Refused(ran) => return (ran, None),
                Tried::Again => {
                    metrics::counter!("store_retries_total").increment(1);
                    std::thread::sleep(self.pause(attempt));
                }
            }
        }
        (Ran::Failed(StoreError::Contention { tries: self.tries_max }), None)
    }

    fn through_the_gate(&self, tx: &mut Tx, work: &mut Work, attempt: u32) -> Tried {
        if attempt < ALONE_FROM {
            let _with_others = self.gate.read();
            self.once(tx, work)
        } else {
            let _alone = self.gate.write();
            self.once(tx, work)
        }
    }

    fn once(&self, tx: &mut Tx, work: &mut Work) -> Tried {
        if let Err(failure) = tx.control(self.begin) {
            return Tried::Refused(Ran::Failed(failure.error));
        }
        if self.twice
            && let Err(failure) = tx.control(SAVEPOINT)
        {
            return Tried::Refused(Ran::Failed(failure.error));
        }
        let ran = run_write(tx, work, self.twice);
        let again = tx.wants_retry();
        let signals = tx.reset();
        match ran {
            // The server found that it clashes: what the closure made of that error does not count.
            _ if again => {
                rollback(tx);
                Tried::Again
            }
            Ran::Kept => self.commit(tx, signals),
            refused @ (Ran::Refused | Ran::Failed(_)) => {
                rollback(tx);
                Tried::Refused(refused)
            }
        }
    }

    fn commit(&self, tx: &mut Tx, signals: Signals) -> Tried {
        if self.twice
            && let Err(failure) = tx.control(RELEASE)
        {
            rollback(tx);
            return Tried::Refused(Ran::Failed(failure.error));
        }
        match tx.control("COMMIT") {
            Ok(()) => Tried::Done(signals),
            Err(failure) => {
                rollback(tx);
                if failure.retry {
                    Tried::Again
                } else {
                    Tried::Refused(Ran::Failed(failure.error))
                }
            }
        }
    }

    /// A pause that grows with the attempts, spread by chance so that two that clashed do not meet again.
    fn pause(&self, attempt: u32) -> Duration {
        let mut chance = [0; 2];
        self.world.fill(&mut chance);
        let micros_max = 1_000_u64 << attempt.min(8);
        Duration::from_micros(500 + u64::from(u16::from_le_bytes(chance)) * micros_max / 65_536)
    }
}

enum Tried {
    Done(Signals),
    Refused(Ran),
    Again,
}

fn rollback(tx: &mut Tx) {
    tx.reset();
    // It fails only when the connection is lost, and then the server has rolled back.
    let _ = tx.control("ROLLBACK");
}

fn pool(url: &str, root_certificate: Option<&Path>, limits: &Limits) -> Result<Pool, StoreError> {
    // The error's text is left out: it may repeat parts of the URL, which holds a password.
    let mut config = Config::from_str(url).map_err(|_| {
        StoreError::Config("the database URL is not of the form postgresql://user@host/name".to_owned())
    })?;
    if config.get_application_name().is_none() {
        config.application_name("tinhso");
    }
    config.connect_timeout(Duration::from_secs(5));
    config.options(options(config.get_options(), limits));
    let manager_config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = match root_certificate {
        Some(path) => {
            config.ssl_mode(SslMode::Require);
            Manager::from_config(config, tls::Tls::with_root(path)?, manager_config)
        }
        None if config.get_ssl_mode() == SslMode::Require => {
            return Err(StoreError::Config(
                "sslmode=require needs the certificate of the authority that signed the server's: \
                 set database.root_certificate"
                    .to_owned(),
            ));
        }
        None => Manager::from_config(config, NoTls, manager_config),
    };
    Pool::builder(manager)
        .max_size(limits.connections_max.max(2))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(limits.wait_max))
        .create_timeout(Some(Duration::from_secs(10)))
        .recycle_timeout(Some(Duration::from_secs(5)))
        .build()
        .map_err(|error| StoreError::Config(error.to_string()))
}

/// The settings of each session: bounds for statements, locks and forgotten transactions.
fn options(given: Option<&str>, limits: &Limits) -> String {
    format!(
        "{} -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout=60000",
        given.unwrap_or_default(),
        limits.statement_time_max.as_millis(),
        limits.lock_time_max.as_millis(),
    )
    .trim_start()
    .to_owned()
}
