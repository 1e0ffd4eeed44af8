//! `tinhso audit export`: the record of administration as JSON Lines, checked while it is written; the last
//! line carries the head of the chain, so that a copy kept elsewhere shows any later change.

use crate::Error;
use crate::cli::{AuditAction, Place};
use crate::console::say;
use crate::place::open_store;
use identity::audit;
use std::io::Write;
use store::Mode;

/// Entries read at a time.
const PAGE: i64 = 1000;

/// Runs the command.
/// # Errors
/// A file that cannot be written; a chain that does not hold.
pub async fn run(place: &Place, action: AuditAction) -> Result<(), Error> {
    let AuditAction::Export { out } = action;
    let store = open_store(&place.configuration()?, Mode::Beside).await?;
    let failed = || Error::io(format!("cannot write {}", out.display()));
    let mut file = std::io::BufWriter::new(std::fs::File::create_new(&out).map_err(failed())?);
    let (mut after, mut count) = (0, 0_u64);
    loop {
        let page = store.read(move |tx| audit::export_page(tx, after, PAGE)).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for entry in &page {
            let line = serde_json::to_string(entry).map_err(|e| Error::Config(e.to_string()))?;
            writeln!(file, "{line}").map_err(failed())?;
            count += 1;
        }
    }
    let head = store.read(audit::head).await?;
    let line = serde_json::to_string(&serde_json::json!({ "head": head })).map_err(|e| Error::Config(e.to_string()))?;
    writeln!(file, "{line}").and_then(|()| file.flush()).map_err(failed())?;
    let faults = store.read(audit::verify_in_words).await?;
    say(format_args!("{count} entries in {}", out.display()));
    for fault in &faults {
        say(format_args!("  {fault}"));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Found("the chain does not hold: see above".to_owned()))
    }
}
