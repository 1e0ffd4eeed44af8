//! A fresh PostgreSQL database for a test, made in the cluster that `TINHSO_TEST_POSTGRES` names and dropped at the end.
//! It starts no server (`scripts/pg-test` does) and never touches a database that it did not make.
//!
//! Without the variable a test on PostgreSQL is skipped with a printed line; with `TINHSO_TEST_POSTGRES_REQUIRED=1`, as
//! in `./test`, that is a failure: a suite that quietly skips half of itself proves nothing.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tokio_postgres::NoTls;

/// The variable that names the cluster: the URL of a database in which `CREATE DATABASE` is allowed.
pub const CLUSTER: &str = "TINHSO_TEST_POSTGRES";

/// The variable that turns a missing cluster from a skip into a failure.
pub const REQUIRED: &str = "TINHSO_TEST_POSTGRES_REQUIRED";

/// A database of this test's own. Dropping the value drops the database and ends its connections.
#[derive(Debug)]
pub struct TestDatabase {
    cluster: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// The URL of this database, as the program's configuration takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name in the cluster.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements on this database outside of the program, as an operator with psql would.
    ///
    /// # Panics
    /// When the server cannot be reached or refuses a statement: the test cannot go on then.
    pub fn execute(&self, statements: &str) {
        batch(&self.url, statements).expect("the test's own statements run");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Err(error) = batch(&self.cluster, &drop_it) {
            crate::say(&format!("could not drop the test database {}: {error}", self.name));
        }
    }
}

/// Makes a database, or says that PostgreSQL is not at hand and gives `None`.
///
/// # Panics
/// When the cluster is named but cannot be used, or is required and not named.
#[must_use]
pub fn database() -> Option<TestDatabase> {
    let Ok(cluster) = std::env::var(CLUSTER) else {
        assert!(
            std::env::var_os(REQUIRED).is_none(),
            "{CLUSTER} is not set, but {REQUIRED} is: start a cluster with scripts/pg-test start"
        );
        crate::say(&format!(
            "skipped on PostgreSQL: {CLUSTER} is not set (see scripts/pg-test)"
        ));
        return None;
    };
    let name = fresh_name();
    batch(&cluster, &format!("CREATE DATABASE {name}"))
        .unwrap_or_else(|error| panic!("cannot make a test database in {cluster}: {error}"));
    let url = with_database(&cluster, &name);
    Some(TestDatabase { cluster, name, url })
}

/// A name no other test of this or another process uses.
fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let chance: u32 = rand::random();
    format!(
        "tinhso_test_{}_{}_{chance:08x}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// The cluster's URL with another database in its path.
fn with_database(cluster: &str, name: &str) -> String {
    let (address, options) = match cluster.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (cluster, String::new()),
    };
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let host_end = address[after_scheme..]
        .find('/')
        .map_or(address.len(), |at| after_scheme + at);
    format!("{}/{name}{options}", &address[..host_end])
}

/// Runs statements on a thread of its own, because a test (or a drop) may already stand inside a runtime.
fn batch(url: &str, statements: &str) -> Result<(), String> {
    let (url, statements) = (url.to_owned(), statements.to_owned());
    let work = move || -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls)
                .await
                .map_err(|error| error.to_string())?;
            let driver = tokio::spawn(connection);
            let done = client
                .batch_execute(&statements)
                .await
                .map_err(|error| describe(&error));
            drop(client);
            driver
                .await
                .map_err(|error| error.to_string())?
                .map_err(|error| error.to_string())?;
            done
        })
    };
    thread::spawn(work)
        .join()
        .map_err(|_| "the connection's thread panicked".to_owned())?
}

/// The server's own words where there are any: the outer error says only "db error".
fn describe(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), |inner| inner.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_url_is_replaced_and_its_options_kept() {
        assert_eq!(
            with_database("postgresql://u@h:1/postgres", "t"),
            "postgresql://u@h:1/t"
        );
        assert_eq!(with_database("postgresql://u@h:1", "t"), "postgresql://u@h:1/t");
        assert_eq!(
            with_database("postgresql://u@h:1/a?sslmode=disable", "t"),
            "postgresql://u@h:1/t?sslmode=disable"
        );
    }

    #[test]
    fn a_database_is_made_and_dropped() {
        let Some(database) = database() else { return };
        database.execute("CREATE TABLE t (a BIGINT)");
        let (cluster, name) = (database.cluster.clone(), database.name().to_owned());
        drop(database);
        assert!(
            batch(&with_database(&cluster, &name), "SELECT 1").is_err(),
            "the database is gone"
        );
    }
}
