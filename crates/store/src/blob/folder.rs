//! The folder in which blobs lie: made durably, cleaned of what interrupted uploads left.
//! Owns what `object_store` leaves to us on a file system.

use std::{fs, io, path::Path, time::SystemTime};

/// Makes the folder and whatever is missing above it, each entry synced.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make(above)?;
    }
    match fs::create_dir(path) {
        Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => return Err(fault),
        _ => {}
    }
    let above = path
        .parent()
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::File::open(above)?.sync_all()
}

/// Removes staged uploads (`NAME#1`) that were last written before `before`: their process is gone.
/// Returns how many.
pub(super) fn remove_staged(root: &Path, before: SystemTime) -> io::Result<u64> {
    let mut removed = 0;
    for shard in fs::read_dir(root)? {
        let shard = shard?;
        if !shard.file_type()?.is_dir() {
            continue;
        }
        for entry in fs::read_dir(shard.path())? {
            let entry = entry?;
            let staged = entry.file_name().to_string_lossy().contains('#');
            if staged && entry.metadata()?.modified()? < before {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
