//! A disk that is full, at the start and while serving: refused in one line, or answered "not now" while reading goes on;
//! when there is space again the same server goes on, and what it had acknowledged is whole.

use std::process::{Command, Output, Stdio};

use crate::harness::program::{self, Server};
use crate::harness::wait;
use crate::start::{one_line, serves, tamper};
use crate::support::Province;
use crate::support::province::words_of;

/// A small file system of its own around a copy of the province, seen by the program alone. `None` where that cannot be had.
fn on_small_disk(province: &Province, mib: usize, before: &str, arguments: &str) -> Option<Command> {
    let probe = |words: &[&str]| {
        let probe = Command::new("unshare")
            .args(words)
            .args(["sh", "-c", "mount -t tmpfs none /mnt"])
            .output();
        probe.is_ok_and(|output| output.status.success())
    };
    let words: &[&str] = if probe(&["-m"]) {
        &["-m"]
    } else if probe(&["-Urm"]) {
        &["-Urm"]
    } else {
        testkit::say("skipped: no file system can be mounted here, neither as root nor in a user namespace");
        return None;
    };
    let root = province.root().display();
    let script = format!(
        "set -e; cp -a {root}/data {root}/kept; mount -t tmpfs -o size={mib}m none {root}/data; cp -a {root}/kept/. {root}/data; \
         rm -rf {root}/kept; {before}; exec {} {arguments} --config {root}/data/tinhso.toml",
        program::binary().display()
    );
    let mut command = Command::new("unshare");
    command.args(words).args(["sh", "-c", &script]).stdin(Stdio::null());
    Some(command)
}

/// Runs a command that must end by itself.
fn within_a_minute(command: &mut Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > std::time::Duration::from_secs(60) {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            panic!("it did not end by itself: {}", words_of(&output));
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// Size of a file system that holds the province and little more.
fn tight_mib(province: &Province) -> usize {
    let bytes: u64 = walkdir::WalkDir::new(&province.config.data)
        .into_iter()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    usize::try_from(bytes >> 20).unwrap() + 12
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_at_the_start() {
    let province = Province::sqlite().await;
    let root = province.root().display();
    // Everything in the one file, so that the start has to write: a server that needs to write nothing may well begin.
    tamper(&province, "PRAGMA wal_checkpoint(TRUNCATE)");
    let fill = format!("cat /dev/zero > {root}/data/ballast 2>/dev/null || true");
    let port = crate::harness::free_port();
    let Some(mut command) = on_small_disk(&province, tight_mib(&province), &fill, &format!("serve --port {port}"))
    else {
        return;
    };
    let output = within_a_minute(&mut command);
    let line = one_line(&output);
    assert!(line.contains("space"), "{line}");
    serves(&province).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_while_serving() {
    use crate::support::{filing, people};
    let province = Province::sqlite().await;
    let app = province.open_real().await;
    let person = people::citizen(&app, 1).await;
    let commune = people::units_of(&app, identity::unit::UnitKind::Commune)[0];
    app.store.close().await;
    let port = crate::harness::free_port();
    let Some(command) = on_small_disk(&province, tight_mib(&province), "true", &format!("serve --port {port}")) else {
        return;
    };
    let server = Server::adopt(command, port).await;
    let visitor = person.at(&server.url());
    let first = filing::quick(&visitor, &person, commune, "Trước khi đầy").await;
    // The program's own view of its disk, reached from outside.
    let ballast = format!("/proc/{}/root{}/data/ballast", server.id(), province.root().display());
    let fill = Command::new("sh")
        .args(["-c", &format!("cat /dev/zero > {ballast}")])
        .output()
        .unwrap();
    assert!(!fill.status.success(), "the disk is full now");
    let mut refused = 0;
    for n in 0..400 {
        let body = filing::body(
            &person,
            uuid::Uuid::now_v7(),
            commune,
            &format!("Khi đầy {n} {}", "x".repeat(2_000)),
        );
        let answer = filing::try_quick(&visitor, &body).await.unwrap();
        if !answer.status.is_success() {
            assert_eq!(
                answer.status,
                reqwest::StatusCode::SERVICE_UNAVAILABLE,
                "{}",
                answer.text()
            );
            refused += 1;
        }
        if refused >= 3 {
            break;
        }
    }
    assert!(refused >= 3, "a full disk was never noticed");
    assert_eq!(
        visitor.page(&format!("/api/my/dossiers/{first}")).await.json()["id"],
        first.to_string(),
        "reading goes on"
    );
    std::fs::remove_file(&ballast).unwrap();
    wait::until("the server to go on after space was made", wait::SHORT, || async {
        let body = filing::body(&person, uuid::Uuid::now_v7(), commune, "Sau khi dọn");
        let answer = filing::try_quick(&visitor, &body)
            .await
            .map_err(|error| error.to_string())?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(answer.text())
        }
    })
    .await;
    let output = server.output();
    assert!(!output.contains("panicked"), "{output}");
    // What lies on the small disk is whole: copied out and verified.
    let kept = province.root().join("ra");
    let data = format!("/proc/{}/root{}/data", server.id(), province.root().display());
    let mut server = server;
    let copy = || Command::new("cp").args(["-a", &data]).arg(&kept).status().unwrap();
    server.freeze();
    assert!(copy().success());
    server.kill();
    std::fs::remove_dir_all(&province.config.data).unwrap();
    std::fs::rename(&kept, &province.config.data).unwrap();
    province.verify();
}
