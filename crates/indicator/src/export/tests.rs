//! An export on both engines: an outsider computes the same figures from it, and sees a row that was made better.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Sink, Wanted, export};
use crate::fact::tests::{MIGRATIONS, built, crowd, house, tell, units};

/// Files in memory, then in a folder.
#[derive(Default)]
struct Files(Mutex<BTreeMap<String, Vec<u8>>>);

impl Sink for Files {
    fn begin(&self, name: &str) -> Result<(), String> {
        self.0.lock().insert(name.to_owned(), Vec::new());
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let mut files = self.0.lock();
        files.get_mut(name).ok_or("not begun")?.extend_from_slice(bytes);
        Ok(())
    }
}

/// Runs the independent script over a folder; gives whether it agrees, and what it said.
fn recompute(folder: &Path) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recompute/recompute.py");
    let output = std::process::Command::new("python3")
        .arg(script)
        .arg(folder)
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outsider_computes_the_same_figures_and_sees_a_tampered_row() {
    testkit::engines(MIGRATIONS, async |test| {
        for story in &crowd(&units(test), 150) {
            tell(test, story).await;
        }
        built(test).await;
        let house = house(test).await;
        for (from, to) in [("2026-01-01", "2026-12-31"), ("2026-10-05", "2026-10-20")] {
            let files = Arc::new(Files::default());
            let wanted = Wanted {
                from: from.parse().expect("a day"),
                to: to.parse().expect("a day"),
                unit: None,
            };
            let written = export(&house, &wanted, files.clone()).await.expect("exported");
            assert!(written.rows > 20 && written.figures > 100, "{written:?}");
            let folder = tempfile::tempdir().expect("a folder");
            for (name, bytes) in files.0.lock().iter() {
                std::fs::write(folder.path().join(name), bytes).expect("written");
            }
            let (code, said) = recompute(folder.path());
            assert_eq!(code, Some(0), "{said}");
            // One dossier is put in time that was late.
            let rows = std::fs::read_to_string(folder.path().join("rows.csv")).expect("rows");
            let mut lines: Vec<String> = rows.lines().map(str::to_owned).collect();
            let late = |line: &&mut String| {
                let cells: Vec<&str> = line.split(',').collect();
                cells[11] == "decided" && !cells[8].is_empty() && cells[8] < cells[12] && cells[10] >= from
            };
            let line = lines.iter_mut().skip(1).find(late).expect("a late dossier");
            let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            *line = line.replace(&cells[8], &cells[12]);
            std::fs::write(folder.path().join("rows.csv"), lines.join("\n")).expect("written");
            let (code, said) = recompute(folder.path());
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains("late: the export says"), "{said}");
        }
    })
    .await;
}
