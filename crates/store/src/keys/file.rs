//! The key file: TOML, mode 0600, outside the data folder.
//! Owns its text and its permissions; refuses to overwrite keys and to use a file that others may read.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use kernel::World;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{KeyError, rfc3339};

const HEAD: &str = "\
# Keys of a tinhso province. Whoever holds this file reads every personal value; whoever loses it
# loses them all. Keep two copies in two safe places, apart from the data and its backups.
";

/// Number of a key within its file, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub(super) u32);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for KeyId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<KeyId, Self::Err> {
        text.parse().map(KeyId)
    }
}

/// What a key of the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPurpose {
    /// Seals values and the data keys of blobs.
    Seal,
    /// Root of blind indexes and of every derived secret.
    Index,
}

/// The key file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    format: u32,
    active: KeyId,
    #[serde(rename = "key")]
    keys: Vec<Key>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: KeyId,
    purpose: KeyPurpose,
    created: String,
    #[serde(with = "secret_hex")]
    secret: Zeroizing<[u8; 32]>,
}

mod secret_hex {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(secret: &Zeroizing<[u8; 32]>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&Zeroizing::new(hex::encode(secret.as_ref())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<[u8; 32]>, D::Error> {
        let text = Zeroizing::new(String::deserialize(from)?);
        let mut secret = Zeroizing::new([0; 32]);
        // The reason given never repeats the text: it may be most of a secret.
        hex::decode_to_slice(text.as_bytes(), secret.as_mut())
            .map_err(|_| D::Error::custom("a secret is 64 hexadecimal digits"))?;
        Ok(secret)
    }
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|key| (key.id, key.purpose)).collect();
        f.debug_struct("KeyFile")
            .field("active", &self.active)
            .field("keys", &ids)
            .finish()
    }
}

impl KeyFile {
    /// New keys from the chance of `world`: the index root (1) and the first sealing key (2).
    pub fn generate(world: &dyn World) -> KeyFile {
        let index = Key::generate(KeyId(1), KeyPurpose::Index, world);
        let seal = Key::generate(KeyId(2), KeyPurpose::Seal, world);
        KeyFile {
            format: 1,
            active: seal.id,
            keys: vec![index, seal],
        }
    }

    /// Adds a sealing key and makes it the active one.
    pub fn rotate(&mut self, world: &dyn World) -> KeyId {
        let last = self.keys.iter().map(|key| key.id.0).max().unwrap_or(0);
        let key = Key::generate(KeyId(last + 1), KeyPurpose::Seal, world);
        self.active = key.id;
        self.keys.push(key);
        self.active
    }

    /// Forgets a sealing key that is not the active one.
    ///
    /// # Errors
    /// `StillActive`, `UnknownKey`.
    pub fn retire(&mut self, id: KeyId) -> Result<(), KeyError> {
        if id == self.active {
            return Err(KeyError::StillActive { id });
        }
        let at = self
            .keys
            .iter()
            .position(|key| key.id == id && key.purpose == KeyPurpose::Seal);
        self.keys.remove(at.ok_or(KeyError::UnknownKey { id })?);
        Ok(())
    }

    /// Id, purpose and creation time (RFC 3339) of every key, for `tinhso keys list`.
    pub fn list(&self) -> impl Iterator<Item = (KeyId, KeyPurpose, &str)> {
        self.keys.iter().map(|key| (key.id, key.purpose, key.created.as_str()))
    }

    /// The key that seals new values.
    ///
    /// # Errors
    /// `NoActiveKey` when the file names none, or one that is no sealing key.
    pub fn active(&self) -> Result<KeyId, KeyError> {
        let known = self.seal_secrets().any(|(id, _)| id == self.active);
        if known {
            Ok(self.active)
        } else {
            Err(KeyError::NoActiveKey)
        }
    }

    pub(super) fn index_secret(&self) -> Result<&[u8; 32], KeyError> {
        let mut roots = self.keys.iter().filter(|key| key.purpose == KeyPurpose::Index);
        match (roots.next(), roots.next()) {
            (Some(root), None) => Ok(&root.secret),
            _ => Err(KeyError::NoIndexKey),
        }
    }

    pub(super) fn seal_secrets(&self) -> impl Iterator<Item = (KeyId, &[u8; 32])> {
        self.keys
            .iter()
            .filter(|key| key.purpose == KeyPurpose::Seal)
            .map(|key| (key.id, &*key.secret))
    }

    /// Reads a key file, refusing one that others than its owner may read or write.
    ///
    /// # Errors
    /// `Missing`, `Exposed`, `Io`, `BadFile`.
    pub fn read(path: &Path) -> Result<KeyFile, KeyError> {
        let fail = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyError::Missing { path: path.to_owned() },
            _ => KeyError::Io {
                path: path.to_owned(),
                source,
            },
        };
        let mut file = fs::File::open(path).map_err(fail)?;
        refuse_exposed(path, &file.metadata().map_err(fail)?)?;
        let mut text = Zeroizing::new(String::with_capacity(4096));
        io::Read::read_to_string(&mut file, &mut text).map_err(fail)?;
        let bad = |reason: String| KeyError::BadFile {
            path: path.to_owned(),
            reason,
        };
        // `message` leaves out the quoted source line, which may be a secret.
        let read: KeyFile = toml::from_str(&text).map_err(|fault| bad(fault.message().to_owned()))?;
        if read.format != 1 {
            return Err(bad(format!(
                "key file format {} is not known here; use a newer tinhso",
                read.format
            )));
        }
        if let Some(twice) = twice(&read.keys) {
            return Err(bad(format!("key {twice} stands in the file twice")));
        }
        Ok(read)
    }

    /// Writes a new key file, durably.
    ///
    /// # Errors
    /// `Exists` when there is one, `Io` when it cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        let fail = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
            _ => KeyError::Io {
                path: path.to_owned(),
                source,
            },
        };
        if let Some(folder) = parent(path) {
            fs::create_dir_all(folder).map_err(fail)?;
        }
        let mut file = private_file(path).map_err(fail)?;
        file.write_all(self.text().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(fail)?;
        sync_folder(path).map_err(fail)
    }

    /// Replaces the key file at `path` in one step: a power cut leaves the old or the new one, whole.
    ///
    /// # Errors
    /// `Io` when it cannot be written.
    pub fn replace(&self, path: &Path) -> Result<(), KeyError> {
        let staged = staged_name(path);
        let swap = || {
            // A staged file is left by a process that was killed; it was never in use.
            match fs::remove_file(&staged) {
                Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
                _ => {}
            }
            let mut file = private_file(&staged)?;
            keep_owner(&file, path)?;
            file.write_all(self.text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&staged, path)?;
            sync_folder(path)
        };
        swap().map_err(|source| KeyError::Io {
            path: path.to_owned(),
            source,
        })
    }

    fn text(&self) -> Zeroizing<String> {
        let body = Zeroizing::new(toml::to_string(self).expect("numbers and strings are always TOML"));
        Zeroizing::new(format!("{HEAD}{}", *body))
    }
}

impl Key {
    fn generate(id: KeyId, purpose: KeyPurpose, world: &dyn World) -> Key {
        let mut secret = Zeroizing::new([0; 32]);
        world.fill(secret.as_mut());
        Key {
            id,
            purpose,
            created: rfc3339(world.now()),
            secret,
        }
    }
}

fn twice(keys: &[Key]) -> Option<KeyId> {
    keys.iter()
        .enumerate()
        .find(|(at, key)| keys[..*at].iter().any(|k| k.id == key.id))
        .map(|(_, key)| key.id)
}

fn staged_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn parent(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(parent(path).unwrap_or(Path::new(".")))?.sync_all()
}

/// Gives a new file the owner of the one it will replace: root may rotate the keys of a service that reads them as its own
/// user.
#[cfg(unix)]
fn keep_owner(file: &fs::File, replaced: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let (new, old) = (file.metadata()?, fs::metadata(replaced)?);
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_file: &fs::File, _replaced: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, meta: &fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let mode = meta.permissions().mode() & 0o777;
    // systemd lets its service read a credential by an access list, whose mask shows as a right of the group root.
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
    let by_list = meta.gid() == 0 && credentials.is_some_and(|folder| path.starts_with(folder));
    let others = if by_list { 0o037 } else { 0o077 };
    if mode & others == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

/// Refuses a key file that lies inside the data folder: a copy of the folder would carry the keys.
///
/// # Errors
/// `InsideData`.
pub(crate) fn refuse_inside(data: &Path, key_file: &Path) -> Result<(), KeyError> {
    let real = |path: &Path| fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let (Ok(data), Ok(file)) = (real(data), real(key_file)) else {
        return Ok(());
    };
    if file.starts_with(&data) {
        Err(KeyError::InsideData {
            path: key_file.to_owned(),
        })
    } else {
        Ok(())
    }
}
