//! The bureaus' lists: read, compared with the register, kept in one transaction, taken back.

use std::collections::HashMap;

use chrono_tz::Asia::Tokyo;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::filings::register::{tell_after, tell_since};
use super::{App, Error, Result};
use crate::engine::import::{Decision, Diff, Redesignation, Stored, Tally, decide};
use crate::format::bureau::criteria::Criteria;
use crate::format::bureau::{self, FileListing, Limits, Reader, Reading};
use crate::format::report::{self, FileReport};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::register::{Errors, Warning};
use crate::model::{DraftId, ImportId};
use crate::store::{ImportRow, Tx};
use crate::time::{Instant, zone};

pub mod drafts;

/// A file that somebody brought.
#[derive(Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a list changes, in figures, and what a person should look at before it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// What the institutions gain and lose.
    pub institutions: Tally,
    /// What the notifications gain and lose.
    pub notifications: Tally,
    /// Rows that an error left out.
    pub errors: Errors,
    /// Losses that are too large to go unseen: keeping the list needs a word.
    pub drops: Vec<Warning>,
    /// Codes that probably became others.
    pub redesignations: Vec<Redesignation>,
}

/// A list, compared with what is stored.
struct Planned {
    import: ImportId,
    base: Option<ImportId>,
    file: FileListing,
    report: FileReport,
    /// Nothing where the register has it all already.
    diff: Option<Box<Diff>>,
}

impl Planned {
    fn summary(&self) -> Summary {
        let listing = &self.file.listing;
        let unchanged = |count| Tally { unchanged: count, ..Tally::default() };
        match &self.diff {
            None => Summary {
                institutions: unchanged(listing.institutions.len()),
                notifications: unchanged(listing.notifications.len()),
                errors: listing.errors,
                ..Summary::default()
            },
            Some(diff) => Summary {
                institutions: diff.institutions.tally(),
                notifications: diff.notifications.tally(),
                errors: listing.errors,
                drops: diff.warnings.clone(),
                redesignations: diff.redesignations.clone(),
            },
        }
    }

    fn row(&self, now: Instant) -> ImportRow {
        let listing = &self.file.listing;
        ImportRow {
            id: self.import,
            prefecture_code: listing.prefecture_code.clone(),
            as_of: listing.as_of,
            created_on: listing.created_on,
            all_institutions: listing.all_institutions,
            file: self.file.file.clone(),
            sha256: self.file.sha256.clone(),
            report: json!(self.report).to_string(),
            imported_at: now,
            undone_at: None,
        }
    }
}

/// What an import did, or would do.
#[derive(Debug)]
pub struct Imported {
    /// Whether anything was written.
    pub written: bool,
    /// What was read, in figures.
    pub files: Vec<FileReport>,
    /// The imports' ids, where something was written.
    pub imports: Vec<ImportId>,
    /// What was gained and lost, all lists together.
    pub summary: Summary,
}

/// How lists are imported at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Do the same and forget it.
    pub dry_run: bool,
    /// Keep lists although more than 5 % of something are gone.
    pub confirm_drop: bool,
}

/// Reads lists. Nothing is asked of the register, which may be opened meanwhile.
pub async fn read(criteria: Criteria, uploads: Vec<Upload>) -> Result<Vec<Reading>> {
    let all = move || {
        let (criteria, places) = (&criteria, seeds::places());
        let reader = Reader { criteria, places, limits: Limits::default() };
        let read = |upload: Upload| reader.read(&upload.name, &upload.bytes);
        let readings: std::result::Result<_, _> = uploads.into_iter().map(read).collect();
        readings.and_then(bureau::together)
    };
    let readings = tokio::task::spawn_blocking(all).await;
    readings.map_err(|_| Error::Refused("not_a_list"))?.map_err(Error::List)
}

/// Keeps what lists change: all of them or, when one is refused, none.
pub async fn import(
    app: &App,
    actor: &Actor,
    readings: Vec<Reading>,
    how: How,
) -> Result<Imported> {
    let now = app.clock.now();
    if how.dry_run {
        let mut tx = app.store.read().await?;
        let plan = plan(app, &mut tx, readings).await?;
        return Ok(done(&plan, false));
    }
    let mut tx = app.store.begin_long().await?;
    lock(&mut tx, prefectures(&readings)).await?;
    let plan = plan(app, &mut tx, readings).await?;
    let done = done(&plan, plan.iter().any(|list| list.diff.is_some()));
    if !done.written {
        return Ok(done);
    }
    if !done.summary.drops.is_empty() && !how.confirm_drop {
        return Err(Error::Refused("sudden_drop"));
    }
    for list in &plan {
        if let Some(diff) = &list.diff {
            keep(&mut tx, &list.row(now), diff).await?;
        }
    }
    tx.commit(entry(actor, &done.files, &done.imports, &done.summary.notifications, now)).await?;
    Ok(done)
}

/// The audit log's line.
fn entry(
    actor: &Actor,
    files: &[FileReport],
    imports: &[ImportId],
    notifications: &Tally,
    now: Instant,
) -> Entry {
    let prefectures: Vec<_> = files.iter().map(|file| file.prefecture_code.as_str()).collect();
    let entry = Entry::of(actor, "register.import", prefectures.join(" "), now);
    entry.with(json!({ "imports": imports, "notifications": notifications }))
}

fn done(plan: &[Planned], written: bool) -> Imported {
    let mut summary = Summary::default();
    for list in plan {
        let own = list.summary();
        summary.institutions = summary.institutions + own.institutions;
        summary.notifications = summary.notifications + own.notifications;
        summary.errors.institutions += own.errors.institutions;
        summary.errors.notifications += own.errors.notifications;
        summary.errors.lists += own.errors.lists;
        summary.drops.extend(own.drops);
        summary.redesignations.extend(own.redesignations);
    }
    let kept = plan.iter().filter(|list| written && list.diff.is_some());
    Imported {
        written,
        files: plan.iter().map(|list| list.report.clone()).collect(),
        imports: kept.map(|list| list.import).collect(),
        summary,
    }
}

fn prefectures(readings: &[Reading]) -> Vec<&str> {
    let files = readings.iter().flat_map(|reading| &reading.files);
    files.map(|file| file.listing.prefecture_code.as_str()).collect()
}

/// Two imports of one prefecture at once follow each other. In one order for everybody, so that
/// none waits for one that waits for it.
async fn lock(tx: &mut Tx, mut prefectures: Vec<&str>) -> Result<()> {
    prefectures.sort_unstable();
    prefectures.dedup();
    for prefecture in prefectures {
        let key: u128 = prefecture.parse().unwrap_or_default();
        tx.lock(uuid::Uuid::from_u128(key)).await?;
    }
    Ok(())
}

/// Compares lists with the register, each with what the one before it would leave.
async fn plan(app: &App, tx: &mut Tx, readings: Vec<Reading>) -> Result<Vec<Planned>> {
    let today = zone::date_of(Tokyo, app.clock.now());
    for reading in &readings {
        reading.until(today).map_err(Error::List)?;
    }
    let reports: Vec<FileReport> = readings.iter().flat_map(report::reports).collect();
    let files = readings.into_iter().flat_map(|reading| reading.files);
    let mut after: HashMap<String, Stored> = HashMap::new();
    let mut plan = Vec::new();
    for (file, report) in files.zip(reports) {
        let prefecture = &file.listing.prefecture_code;
        if !app.prefectures.is_empty() && !app.prefectures.contains(prefecture) {
            return Err(Error::Refused("wrong_prefecture"));
        }
        let stored = match after.remove(prefecture) {
            Some(stored) => Some(stored),
            None => tx.stored_list(prefecture).await?,
        };
        let import = ImportId::new();
        let base = stored.as_ref().map(|stored| stored.import);
        let diff = match decide(stored.as_ref(), &file.listing) {
            Decision::Older { stored_as_of } => {
                return Err(Error::OlderList { as_of: file.listing.as_of, stored_as_of });
            }
            Decision::Unchanged => None,
            Decision::Apply(diff) => Some(diff),
        };
        let next = match (&diff, stored) {
            (None, Some(stored)) => stored,
            (_, stored) => Stored::after(stored.as_ref(), &file.listing, import),
        };
        after.insert(prefecture.clone(), next);
        plan.push(Planned { import, base, file, report, diff });
    }
    Ok(plan)
}

/// Keeps a list and what it changes.
async fn keep(tx: &mut Tx, row: &ImportRow, diff: &Diff) -> Result<()> {
    tx.add_import(row).await?;
    tx.apply_diff(&row.prefecture_code, diff, row.id, row.imported_at).await?;
    tell_after(tx, row.id, row.as_of, row.imported_at).await
}

/// An import, and what can be done with it.
#[derive(Debug)]
pub struct Past {
    /// The import.
    pub row: ImportRow,
    /// Whether it is the newest of its prefecture, so that it can be taken back.
    pub newest: bool,
    /// The draft that it came from, while that is kept.
    pub draft: Option<DraftId>,
}

/// The imports so far, newest first.
pub async fn history(app: &App) -> Result<Vec<Past>> {
    let mut tx = app.store.read().await?;
    let rows = tx.imports(200).await?;
    let drafts: HashMap<ImportId, DraftId> =
        tx.drafts_of_imports(app.clock.now()).await?.into_iter().collect();
    let mut newest: HashMap<&str, &ImportRow> = HashMap::new();
    let order = |row: &ImportRow| (row.as_of, row.imported_at, row.id);
    for row in rows.iter().filter(|row| row.undone_at.is_none()) {
        let best = newest.entry(&row.prefecture_code).or_insert(row);
        if order(row) > order(best) {
            *best = row;
        }
    }
    let newest: Vec<ImportId> = newest.into_values().map(|row| row.id).collect();
    let past = |row: ImportRow| Past {
        newest: newest.contains(&row.id),
        draft: drafts.get(&row.id).copied(),
        row,
    };
    Ok(rows.into_iter().map(past).collect())
}

/// Takes an import back: the register is as it was before. Only the newest of a prefecture can be.
pub async fn undo(app: &App, actor: &Actor, id: ImportId) -> Result<ImportRow> {
    let now = app.clock.now();
    let mut tx = app.store.begin_long().await?;
    let import = tx.import(id).await?.ok_or(Error::NotFound)?;
    lock(&mut tx, vec![&import.prefecture_code]).await?;
    // Looked up again: somebody may have been faster while this waited.
    let import = tx.import(id).await?.ok_or(Error::NotFound)?;
    if import.undone_at.is_some() {
        return Err(Error::Refused("import_undone"));
    }
    let newest = tx.newest_import(&import.prefecture_code).await?;
    if newest.is_none_or(|newest| newest.id != id) {
        return Err(Error::Refused("newer_import"));
    }
    tx.undo_import(&import, now).await?;
    tell_since(&mut tx, &import, now).await?;
    let entry = Entry::of(actor, "register.undo_import", &import.prefecture_code, now);
    tx.commit(entry.with(json!({ "import": id }))).await?;
    Ok(ImportRow { undone_at: Some(now), ..import })
}
