//! What an operator does about a refusal of the operating system: one clause, the same wherever the refusal is shown.
//! Owns the words; it looks at nothing itself and never guesses at what a file holds.

use std::io;

/// What to look at first, as the end of a sentence that named the file and the refusal.
///
/// ```
/// let refused = std::io::Error::from(std::io::ErrorKind::NotFound);
/// assert!(store::remedy(&refused).contains("path"));
/// ```
#[must_use]
pub fn remedy(refused: &io::Error) -> &'static str {
    use io::ErrorKind as Io;
    match refused.kind() {
        Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => {
            "free some space there (df -h, df -i) or use a larger disk"
        }
        Io::PermissionDenied => {
            "check owner and permissions (ls -ld) of it and of the folders above; the packaged service is the user tinhso"
        }
        Io::ReadOnlyFilesystem => "its disk is mounted read-only: mount it read-write, and look for faults (dmesg)",
        Io::NotFound | Io::NotADirectory | Io::IsADirectory | Io::InvalidFilename => {
            "check the path, and that its disk is mounted (findmnt)"
        }
        Io::AlreadyExists | Io::DirectoryNotEmpty => "choose a name that is not taken",
        _ => "look at its disk: space (df -h), mounted read-write (findmnt), faults (dmesg)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_what_to_look_at() {
        for (errno, word) in [
            (28, "space"),
            (122, "space"),
            (13, "owner"),
            (30, "read-only"),
            (2, "path"),
            (20, "path"),
            (17, "name"),
            (5, "dmesg"),
            (116, "findmnt"),
        ] {
            let refused = io::Error::from_raw_os_error(errno);
            assert!(remedy(&refused).contains(word), "{refused}: {}", remedy(&refused));
        }
        assert!(remedy(&io::Error::other("disk I/O error")).contains("df -h"));
    }
}
