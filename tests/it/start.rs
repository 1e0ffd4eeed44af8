//! A start that cannot go well says so in one clear line that names the remedy, gives an exit code, shows no panic and harms
//! nothing: after the cause is gone the same province starts. Each fault is made the way it happens to operators.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use store::EngineKind;

use crate::harness::program;
use crate::support::Province;
use crate::support::province::words_of;

/// The one line of a refused command on standard error, log lines (JSON) aside.
pub fn one_line(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<&str> = errors.lines().filter(|line| !line.starts_with('{')).collect();
    assert_eq!(lines.len(), 1, "one line and no more:\n{}", words_of(output));
    let all = words_of(output);
    assert!(!all.contains("panicked") && !all.contains("RUST_BACKTRACE"), "{all}");
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("ended by a signal: {:?}", output.status));
    assert!(code != 0 && code != 101, "exit code {code}");
    assert!(lines[0].starts_with("tinhso: "), "{}", lines[0]);
    lines[0].to_owned()
}

/// Serving is refused with one line that says all of `words`.
fn refused(province: &Province, more: &[&str], words: &[&str]) -> String {
    let output = province.run(
        &["serve"],
        &[&["--port", &crate::harness::free_port().to_string()], more].concat(),
    );
    let line = one_line(&output);
    for word in words {
        assert!(line.contains(word), "{word:?} is missing in: {line}");
    }
    line
}

/// The province serves, and is sound.
pub async fn serves(province: &Province) {
    let mut server = province.start_program().await;
    assert!(server.stop().success(), "{}", server.output());
    province.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port() {
    let province = Province::sqlite().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let line = one_line(&province.run(&["serve"], &["--port", &port]));
    assert!(
        line.contains(&port) && line.contains("in use") && line.contains("--port"),
        "{line}"
    );
    serves(&province).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_folder() {
    let province = Province::sqlite().await;
    let mut first = province.start_program().await;
    refused(&province, &[], &["another server", "data", "stop it"]);
    let page = crate::support::Visitor::anonymous(&first.url()).page("/readyz").await;
    assert_eq!(page.text(), "ready\n", "the first one goes on");
    assert!(first.stop().success());
    serves(&province).await;
}

/// Commands that write need the folder for themselves: each says what does the same while the server runs, and how to stop it.
#[tokio::test(flavor = "multi_thread")]
async fn commands_that_write_while_a_server_runs() {
    let province = Province::sqlite().await;
    let mut server = province.start_program().await;
    let id = uuid::Uuid::now_v7().to_string();
    let cases: [(&[&str], &[&str]); 5] = [
        (&["jobs", "rerun", &id], &["/admin/jobs"]),
        (&["jobs", "drop", &id], &["/admin/jobs"]),
        (&["keys", "reseal"], &["by itself", "within a day"]),
        (&["accounts", "reset", "admin"], &["/admin/accounts"]),
        (&["units", "import"], &["/admin/units"]),
    ];
    for (words, says) in cases {
        let output = province.run(words, &[]);
        let line = one_line(&output);
        assert_eq!(output.status.code(), Some(75), "{line}");
        let folder = province.config.data.to_str().unwrap();
        for word in says
            .iter()
            .chain(&["a server is running", "systemctl stop tinhso", folder])
        {
            assert!(line.contains(word), "{words:?}: {word:?} is missing in: {line}");
        }
    }
    for words in [["jobs", "list"], ["jobs", "dead"], ["keys", "list"]] {
        let output = province.run(&words, &[]);
        assert!(output.status.success(), "{words:?} only looks: {}", words_of(&output));
    }
    assert!(server.stop().success());
    serves(&province).await;
}

/// A refusal of the operating system ends with what to look at.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_cannot_be_used() {
    let province = Province::sqlite().await;
    let nowhere = province.root().join("nowhere/procedures.jsonl");
    let words = [
        "catalogue",
        "import",
        "--copied-on",
        "2026-11-22",
        nowhere.to_str().unwrap(),
    ];
    let line = one_line(&province.run(&words, &[]));
    assert!(
        line.contains(nowhere.to_str().unwrap()) && line.contains("check the path"),
        "{line}"
    );
    // The database is a folder: whatever SQLite makes of it, the line names a remedy.
    let database = province.config.data.join(store::DATABASE_FILE);
    let aside = province.root().join("aside.db");
    std::fs::rename(&database, &aside).unwrap();
    std::fs::create_dir(&database).unwrap();
    let line = refused(&province, &[], &["check its owner and permissions"]);
    assert!(line.contains("database") || line.contains("data folder"), "{line}");
    std::fs::remove_dir(&database).unwrap();
    std::fs::rename(&aside, &database).unwrap();
    serves(&province).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_wrong_missing_open_or_inside() {
    let mut province = Province::sqlite().await;
    let good = province.config.keys.clone();
    let aside = province.root().join("aside.toml");

    std::fs::rename(&good, &aside).unwrap();
    refused(&province, &[], &["key", good.to_str().unwrap()]);

    let other = Province::sqlite().await;
    std::fs::copy(&other.config.keys, &good).unwrap();
    std::fs::set_permissions(&good, std::fs::Permissions::from_mode(0o600)).unwrap();
    refused(&province, &[], &["key"]);
    std::fs::write(&good, "not keys at all").unwrap();
    refused(&province, &[], &["key"]);

    std::fs::rename(&aside, &good).unwrap();
    std::fs::set_permissions(&good, std::fs::Permissions::from_mode(0o644)).unwrap();
    let line = refused(&province, &[], &[good.to_str().unwrap()]);
    assert!(line.contains("chmod") || line.contains("600"), "{line}");
    std::fs::set_permissions(&good, std::fs::Permissions::from_mode(0o600)).unwrap();

    let inside = province.config.data.join("keys.toml");
    std::fs::copy(&good, &inside).unwrap();
    province.config.keys = inside.clone();
    province.save();
    refused(&province, &[], &["inside the data folder", "outside"]);
    std::fs::remove_file(&inside).unwrap();
    province.config.keys = good;
    province.save();
    serves(&province).await;
}

/// Runs SQL on a province's database behind the program's back.
pub fn tamper(province: &Province, sql: &str) {
    match &province.database {
        Some(database) => database.execute(sql),
        None => rusqlite::Connection::open(province.config.data.join(store::DATABASE_FILE))
            .unwrap()
            .execute_batch(sql)
            .unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_newer_or_was_changed() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(province) = Province::make(engine).await else {
            continue;
        };
        tamper(
            &province,
            "INSERT INTO schema_migration (set_name, name, sha256, applied_at) \
             SELECT set_name, '9999_of_the_future', sha256, applied_at FROM schema_migration WHERE name = '0002_accounts'",
        );
        refused(&province, &[], &["newer version", "9999_of_the_future"]);
        // Nothing else touches it either: a backup of what is not understood is none.
        let out = province.root().join("sao-luu");
        one_line(&province.run(&["backup"], &["--out", out.to_str().unwrap()]));
        assert!(!out.exists(), "no half backup is left");
        tamper(
            &province,
            "DELETE FROM schema_migration WHERE name = '9999_of_the_future'",
        );

        tamper(&province, "CREATE TABLE kept AS SELECT * FROM schema_migration");
        let zeros = if engine == EngineKind::Sqlite {
            "x'00'"
        } else {
            "'\\x00'"
        };
        let change: &'static str =
            Box::leak(format!("UPDATE schema_migration SET sha256 = {zeros} WHERE name = '0002_accounts'").into());
        tamper(&province, change);
        refused(&province, &[], &["0002_accounts", "changed"]);
        tamper(
            &province,
            "DELETE FROM schema_migration; INSERT INTO schema_migration SELECT * FROM kept; DROP TABLE kept",
        );
        serves(&province).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be() {
    let province = Province::sqlite().await;
    let path = province.config_path();
    let good = std::fs::read_to_string(&path).unwrap();
    for (change, words) in [
        ("port = = 1\n".to_owned() + good.as_str(), vec!["tinhso.toml", "line 1"]),
        (
            "khong_co = 1\n".to_owned() + good.as_str(),
            vec!["tinhso.toml", "khong_co"],
        ),
        (good.replace("ha-tinh", "atlantis"), vec!["atlantis", "ha-tinh"]),
        (
            good.replace("127.0.0.1:8080", "0.0.0.0:8080"),
            vec!["tinhso.toml", "TLS"],
        ),
        (good.replace("127.0.0.1:8080", "cổng"), vec!["tinhso.toml", "address"]),
        (good.replace("level = \"info\"", "level = \"===\""), vec!["log.level"]),
    ] {
        assert_ne!(change, good);
        std::fs::write(&path, change).unwrap();
        let output = province.run(&["serve"], &["--port", &crate::harness::free_port().to_string()]);
        let all = words_of(&output);
        assert!(
            !output.status.success() && !all.contains("panicked") && output.status.code() != Some(101),
            "{all}"
        );
        assert!(words.iter().all(|word| all.contains(word)), "{words:?}: {all}");
    }
    std::fs::remove_file(&path).unwrap();
    refused(&province, &[], &["tinhso init"]);
    std::fs::write(&path, good).unwrap();
    refused(&province, &["--database", "mysql://x"], &["postgresql://"]);
    refused(
        &province,
        &["--database", "postgresql://nobody@127.0.0.1:1/none"],
        &["database"],
    );
    serves(&province).await;
    let unknown = program::run(&[
        "init",
        "--province",
        "atlantis",
        "--data",
        province.root().join("x").to_str().unwrap(),
    ]);
    assert!(one_line(&unknown).contains("ha-tinh"));
    assert!(
        !province.root().join("x").exists(),
        "nothing was made of a province that does not exist"
    );
    let again = program::run(&[
        "init",
        "--province",
        "ha-tinh",
        "--data",
        province.config.data.to_str().unwrap(),
    ]);
    assert!(one_line(&again).contains("already"), "{}", words_of(&again));
}

/// The program where an unprivileged user may run it.
fn for_anybody(folder: &Path) -> PathBuf {
    let copy = folder.join("tinhso");
    std::fs::copy(program::binary(), &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

/// Runs the program as somebody whom permissions bind: the user of the test, or `nobody` when that is root.
fn run_bound(program: &Path, arguments: &[&str]) -> Output {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

/// Gives a tree to the user of [`run_bound`].
fn give(path: &Path) {
    if is_root() {
        for entry in walkdir::WalkDir::new(path) {
            std::os::unix::fs::chown(entry.unwrap().path(), Some(65534), Some(65534)).unwrap();
        }
    }
}

fn set_writable(path: &Path, writable: bool) {
    for entry in walkdir::WalkDir::new(path) {
        let entry = entry.unwrap();
        let mode = match (entry.file_type().is_dir(), writable) {
            (true, true) => 0o755,
            (true, false) => 0o555,
            (false, true) => 0o600,
            (false, false) => 0o400,
        };
        std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_cannot_be_written() {
    let province = Province::sqlite().await;
    std::fs::set_permissions(province.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let binary = for_anybody(province.root());
    give(&province.config.data);
    give(&province.config.keys);
    set_writable(&province.config.data, false);
    let (path, port) = (province.config_path(), crate::harness::free_port().to_string());
    let arguments = ["serve", "--config", path.to_str().unwrap(), "--port", &port];
    let line = one_line(&run_bound(&binary, &arguments));
    assert!(
        line.contains(province.config.data.to_str().unwrap()) && line.contains("writ"),
        "{line}"
    );
    set_writable(&province.config.data, true);
    let verified = run_bound(&binary, &["verify", "--config", path.to_str().unwrap()]);
    assert!(verified.status.success(), "unharmed: {}", words_of(&verified));
}
