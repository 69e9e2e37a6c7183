//! The master key's file: 32 bytes, readable by its owner alone, made at the first start.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Key;

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or made.
    #[error("the master key file {0} cannot be read or made: {1}")]
    File(String, #[source] io::Error),
    /// Others may read the file.
    #[error("others can read the master key file {0} (mode {1:o}); set its mode to 600")]
    Exposed(String, u32),
    /// Not 32 bytes in base64.
    #[error("the master key file {0} does not hold 32 bytes in base64")]
    Malformed(String),
}

/// Reads the master key at `path`, making a new one when there is no such file.
///
/// A new key is on the disk, synced, before it is used: data sealed with a key that is lost
/// cannot be read by anybody.
pub fn load_or_make(path: &Path) -> Result<Key, MasterKeyError> {
    let shown = path.display().to_string();
    match fs::symlink_metadata(path) {
        Ok(_) => read(path, &shown),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            make(path).map_err(|e| MasterKeyError::File(shown, e))
        }
        Err(e) => Err(MasterKeyError::File(shown, e)),
    }
}

fn read(path: &Path, shown: &str) -> Result<Key, MasterKeyError> {
    let file = |e| MasterKeyError::File(shown.to_owned(), e);
    let mode = fs::metadata(path).map_err(file)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(MasterKeyError::Exposed(shown.to_owned(), mode));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(file)?);
    let malformed = || MasterKeyError::Malformed(shown.to_owned());
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| malformed())?);
    <[u8; 32]>::try_from(bytes.as_slice()).map(Key).map_err(|_| malformed())
}

fn make(path: &Path) -> io::Result<Key> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let key = Key::random();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(Zeroizing::new(STANDARD.encode(key.0)).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_start_makes_a_key_that_the_second_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/master.key");
        let made = load_or_make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(load_or_make(&path).unwrap().0, made.0);
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_damaged_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        load_or_make(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(load_or_make(&path), Err(MasterKeyError::Exposed(..))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "short").unwrap();
        assert!(matches!(load_or_make(&path), Err(MasterKeyError::Malformed(_))));
    }
}
