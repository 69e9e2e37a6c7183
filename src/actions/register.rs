//! Importing the bureaus' lists.

use serde_json::json;

use super::{App, Error, Result};
use crate::engine::import::{Decision, Tally, decide};
use crate::format::bureau::{self, FileListing, Reading};
use crate::format::report::{self, FileReport};
use crate::model::ImportId;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::store::{ImportRow, Tx};
use crate::time::Instant;

/// A file that somebody brought.
#[derive(Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What an import did, or would do.
#[derive(Debug)]
pub struct Imported {
    /// Whether anything was written.
    pub written: bool,
    /// What was read, in figures.
    pub files: Vec<FileReport>,
    /// What the institutions' part of the register gained and lost.
    pub institutions: Tally,
    /// The same for notifications.
    pub notifications: Tally,
}

/// Reads lists and keeps what they change: all of them or, when one is refused, none. With
/// `dry_run` the same is done and then forgotten.
pub async fn import(
    app: &App,
    actor: &Actor,
    uploads: Vec<Upload>,
    dry_run: bool,
) -> Result<Imported> {
    let readings = tokio::task::spawn_blocking(move || read_all(&uploads)).await;
    let readings = readings.map_err(|_| Error::Refused("not_a_list"))??;
    let now = app.clock.now();
    let mut tx = app.store.begin_long().await?;
    let mut done = Imported {
        written: false,
        files: readings.iter().flat_map(report::reports).collect(),
        institutions: Tally::default(),
        notifications: Tally::default(),
    };
    let lists = readings.iter().flat_map(|reading| &reading.files);
    for file in lists {
        let prefecture = &file.listing.prefecture_code;
        if !app.prefectures.is_empty() && !app.prefectures.contains(prefecture) {
            return Err(Error::Refused("wrong_prefecture"));
        }
        keep(&mut tx, file, &mut done, now).await?;
    }
    if dry_run || !done.written {
        // Dropping the transaction takes everything back.
        return Ok(Imported { written: false, ..done });
    }
    let prefectures: Vec<_> = done.files.iter().map(|f| f.prefecture_code.clone()).collect();
    let entry = Entry::of(actor, "register.import", prefectures.join(" "), now);
    tx.commit(entry.with(json!({ "notifications": done.notifications }))).await?;
    Ok(done)
}

fn read_all(uploads: &[Upload]) -> Result<Vec<Reading>> {
    let read = |upload: &Upload| bureau::read(&upload.name, &upload.bytes);
    uploads.iter().map(read).collect::<std::result::Result<_, _>>().map_err(Error::List)
}

async fn keep(tx: &mut Tx, file: &FileListing, done: &mut Imported, now: Instant) -> Result<()> {
    let listing = &file.listing;
    // Two imports of one prefecture at once follow each other.
    let prefecture: u128 = listing.prefecture_code.parse().unwrap_or_default();
    tx.lock(uuid::Uuid::from_u128(prefecture)).await?;
    let stored = tx.stored_list(&listing.prefecture_code).await?;
    match decide(stored.as_ref(), listing, &file.sha256) {
        Decision::Older { stored_as_of } => {
            Err(Error::OlderList { as_of: listing.as_of, stored_as_of })
        }
        Decision::Unchanged => {
            let unchanged = |count| Tally { unchanged: count, ..Tally::default() };
            done.institutions = done.institutions + unchanged(listing.institutions.len());
            done.notifications = done.notifications + unchanged(listing.notifications.len());
            Ok(())
        }
        Decision::Apply(diff) => {
            let import = ImportRow {
                id: ImportId::new(),
                prefecture_code: listing.prefecture_code.clone(),
                as_of: listing.as_of,
                created_on: listing.created_on,
                file: file.file.clone(),
                sha256: file.sha256.clone(),
                report: json!(report::report(file)).to_string(),
                imported_at: now,
            };
            tx.add_import(&import).await?;
            tx.apply_diff(&diff, import.id, now).await?;
            done.institutions = done.institutions + diff.institutions.tally();
            done.notifications = done.notifications + diff.notifications.tally();
            done.written = true;
            Ok(())
        }
    }
}

/// The readings so far, newest first.
pub async fn imports(app: &App) -> Result<Vec<ImportRow>> {
    Ok(app.store.read().await?.imports(200).await?)
}
