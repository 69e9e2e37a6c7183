//! One server for one SQLite file. Who is in a call, whose wrong passwords are counted, which request
//! is being answered under which key: a server has that in memory, and of two each would know half.
//!
//! The lock is the operating system's and ends with the process, so that nothing is to be cleared
//! away after a crash. It lies in a file of its own, which stays: SQLite's locks on the database are
//! lost as soon as anybody in the process closes it once more. Other commands do not take it; what
//! they write, the database keeps together.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::config::Config;
use super::failure::{Exit, Failure};

/// Nobody else serves this database while this is there.
pub(super) struct Alone(#[expect(dead_code, reason = "holding it is its use")] File);

/// Takes the database of the configuration for this server alone; nothing where servers may share
/// it, as they do PostgreSQL.
pub(super) fn take(config: &Config) -> Result<Option<Alone>, Failure> {
    let Some(path) = config.sqlite_path() else { return Ok(None) };
    super::make_folder_of(&path)?;
    let beside = lock_of(&path);
    let about = |error: std::io::Error| Failure::from(error).about(&beside.display().to_string());
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true).mode(0o600);
    let mut file = options.open(&beside).map_err(about)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(taken(config, file)),
        Err(TryLockError::Error(error)) => return Err(about(error)),
    }
    // For people alone: nobody decides by it.
    file.set_len(0).map_err(about)?;
    writeln!(file, "{}", std::process::id()).map_err(about)?;
    Ok(Some(Alone(file)))
}

/// The lock beside a database: the same by whatever name the database is called.
fn lock_of(path: &Path) -> PathBuf {
    // One that is not there yet has no other names.
    let mut name = path.canonicalize().unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(".lock");
    PathBuf::from(name)
}

fn taken(config: &Config, mut file: File) -> Failure {
    let mut process = String::new();
    // Without its number it is said all the same.
    let _ = file.read_to_string(&mut process);
    let who = match process.trim() {
        "" => "another process".to_owned(),
        number => format!("another process ({number})"),
    };
    let database = config.database_shown();
    let detail = format!(
        "{database} is served by {who}: stop that one first, or give this one a database of its \
         own (--database)"
    );
    Failure::new(Exit::Conflict, "database_in_use", "The database is served already", detail)
}
