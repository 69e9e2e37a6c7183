//! Lists that were read and wait for somebody's word. What is shown is what will be kept: the rows of
//! a draft are applied as they stand, and only onto the list that they were compared with.

use chrono::{Days, TimeDelta};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{App, Error, Planned, Result, Summary, Upload, entry, keep, lock, plan, read};
use crate::engine::import::{Change, Changes, Diff, Tally};
use crate::format::Lang;
use crate::format::bureau::errors;
use crate::format::report::FileReport;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::register::{Institution, Notification, OddRow};
use crate::model::{DraftId, ImportId};
use crate::store::{DraftList, DraftRow, ImportRow, RowKey, Tx};
use crate::time::Instant;

/// How long a list waits for somebody's word.
const WAITS: TimeDelta = TimeDelta::hours(24);
/// How long the rows of one that was kept can still be opened, in days.
const KEPT: Days = Days::new(30);
/// Rows that are read at once when a draft is kept.
const AT_ONCE: i64 = 5_000;

/// Of what a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// An institution.
    Institution,
    /// A notification.
    Notification,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is not in the register.
    New,
    /// It is, and otherwise.
    Changed,
    /// The list does not show it any more.
    Lapsed,
    /// As before.
    Unchanged,
    /// A row of the list that is left out.
    Error,
    /// A row of the list that is taken and looks odd.
    Warning,
}

impl Thing {
    fn code(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Notification => "notification",
        }
    }
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Lapsed => "lapsed",
            Self::Unchanged => "unchanged",
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A thing before and after; one of them alone where it is new, lapsed or as before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pair<T> {
    /// The institution's name.
    pub name: String,
    /// As stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<T>,
    /// As listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<T>,
}

/// A draft's list.
#[derive(Debug)]
pub struct List {
    /// Its place in the draft.
    pub position: i64,
    /// The prefecture's two digits.
    pub prefecture_code: String,
    /// Whether there is anything to keep of it.
    pub changes: bool,
    /// The id that the import has, or will have.
    pub import: ImportId,
    /// What was read, in figures.
    pub report: FileReport,
    /// What it changes.
    pub summary: Summary,
}

/// A draft.
#[derive(Debug)]
pub struct Draft {
    /// When it was read, until when it is kept, whether it was.
    pub row: DraftRow,
    /// Its lists.
    pub lists: Vec<List>,
}

/// Rows of a list.
#[derive(Debug)]
pub enum Rows {
    /// Of institutions.
    Institutions(Vec<Pair<Institution>>),
    /// Of notifications.
    Notifications(Vec<Pair<Notification>>),
    /// As the list has them.
    Odd(Vec<OddRow>),
}

fn unreadable(what: &str) -> impl Fn(serde_json::Error) -> Error {
    move |error| {
        tracing::error!(error = &error as &dyn std::error::Error, what, "a draft cannot be read");
        Error::NotFound
    }
}

/// Reads lists and keeps, as a draft, what they would change.
pub async fn prepare(app: &App, actor: &Actor, uploads: Vec<Upload>) -> Result<Draft> {
    let names: Vec<&str> = uploads.iter().map(|upload| upload.name.as_str()).collect();
    let names = names.join(", ");
    let readings = read(app.criteria.clone(), uploads).await?;
    let plan = plan(app, &mut app.store.read().await?, readings).await?;
    let now = app.clock.now();
    let row = DraftRow {
        id: DraftId::new(),
        account_id: actor.account().map(|account| account.id),
        file: names,
        created_at: now,
        expires_at: now + WAITS,
        committed_at: None,
    };
    let mut tx = app.store.begin_long().await?;
    tx.add_draft(&row).await?;
    let mut lists = Vec::new();
    for (position, list) in (0..).zip(&plan) {
        lists.push(keep_list(&mut tx, row.id, position, list).await?);
    }
    tx.commit(Entry::of(actor, "register.prepare_import", row.id, now)).await?;
    Ok(Draft { row, lists })
}

async fn keep_list(tx: &mut Tx, draft: DraftId, position: i64, list: &Planned) -> Result<List> {
    let listing = &list.file.listing;
    let summary = list.summary();
    let row = DraftList {
        position,
        import_id: list.import,
        base_id: list.base,
        prefecture_code: listing.prefecture_code.clone(),
        as_of: listing.as_of,
        lapsed_after: list.diff.as_ref().and_then(|diff| diff.lapsed_after),
        created_on: listing.created_on,
        all_institutions: listing.all_institutions,
        changes: list.diff.is_some(),
        file: list.file.file.clone(),
        sha256: list.file.sha256.clone(),
        report: json!(list.report).to_string(),
        summary: json!(summary).to_string(),
        columns: json!(listing.columns).to_string(),
    };
    tx.add_draft_list(draft, &row).await?;
    if let Some(diff) = &list.diff {
        keep_rows(tx, draft, position, diff).await?;
    }
    for thing in [Thing::Institution, Thing::Notification] {
        for (kind, error) in [(Kind::Error, true), (Kind::Warning, false)] {
            let own = |odd: &&OddRow| odd.code.is_error() == error && thing_of(odd) == thing;
            let bodies: Vec<String> =
                listing.odd.iter().filter(own).map(|odd| json!(odd).to_string()).collect();
            tx.add_draft_rows(key(draft, position, thing, kind), &bodies).await?;
        }
    }
    Ok(List {
        position,
        prefecture_code: row.prefecture_code,
        changes: row.changes,
        import: list.import,
        report: list.report.clone(),
        summary,
    })
}

fn thing_of(odd: &OddRow) -> Thing {
    use crate::model::register::WarningCode as W;
    let institution = odd.code.leaves_out_institution()
        || matches!(odd.code, W::CheckDigit | W::UnknownMunicipality | W::UnclearBeds);
    if institution { Thing::Institution } else { Thing::Notification }
}

fn key(draft: DraftId, position: i64, thing: Thing, kind: Kind) -> RowKey {
    RowKey { draft, position, thing: thing.code(), kind: kind.code() }
}

async fn keep_rows(tx: &mut Tx, draft: DraftId, position: i64, diff: &Diff) -> Result<()> {
    let all = &diff.institutions;
    let shown = all.new.iter().chain(&all.unchanged).chain(&all.lapsed);
    let shown = shown.chain(all.changed.iter().map(|change| &change.new));
    let names: std::collections::HashMap<_, _> = shown.map(|i| (i.code, i.name.as_str())).collect();
    for (kind, bodies) in bodies(all, |institution| institution.name.clone()) {
        tx.add_draft_rows(key(draft, position, Thing::Institution, kind), &bodies).await?;
    }
    let name = |n: &Notification| names.get(&n.institution).copied().unwrap_or_default().to_owned();
    for (kind, bodies) in bodies(&diff.notifications, name) {
        tx.add_draft_rows(key(draft, position, Thing::Notification, kind), &bodies).await?;
    }
    Ok(())
}

/// The rows of each kind, as JSON.
fn bodies<T: Clone + Serialize>(
    all: &Changes<T>,
    name: impl Fn(&T) -> String,
) -> [(Kind, Vec<String>); 4] {
    let alone = |new: Option<&T>, old: Option<&T>| {
        let name = new.or(old).map(&name).unwrap_or_default();
        json!(Pair { name, old, new }).to_string()
    };
    let shown = |things: &[T]| things.iter().map(|thing| alone(Some(thing), None)).collect();
    let gone = |things: &[T]| things.iter().map(|thing| alone(None, Some(thing))).collect();
    let changed = all.changed.iter().map(|change| alone(Some(&change.new), Some(&change.old)));
    [
        (Kind::New, shown(&all.new)),
        (Kind::Changed, changed.collect()),
        (Kind::Lapsed, gone(&all.lapsed)),
        (Kind::Unchanged, shown(&all.unchanged)),
    ]
}

/// The drafts that wait for somebody's word.
pub async fn open(app: &App) -> Result<Vec<DraftRow>> {
    Ok(app.store.read().await?.open_drafts(app.clock.now()).await?)
}

/// A draft.
pub async fn get(app: &App, id: DraftId) -> Result<Draft> {
    let mut tx = app.store.read().await?;
    let row = tx.draft(id, app.clock.now()).await?.ok_or(Error::NotFound)?;
    let lists = tx.draft_lists(id).await?.into_iter().map(|list| {
        Ok(List {
            position: list.position,
            prefecture_code: list.prefecture_code,
            changes: list.changes,
            import: list.import_id,
            report: serde_json::from_str(&list.report).map_err(unreadable("report"))?,
            summary: serde_json::from_str(&list.summary).map_err(unreadable("summary"))?,
        })
    });
    Ok(Draft { row, lists: lists.collect::<Result<_>>()? })
}

/// Rows of a draft's list, from the `from`th on.
pub async fn rows(
    app: &App,
    (id, position): (DraftId, i64),
    (thing, kind): (Thing, Kind),
    (from, limit): (i64, i64),
) -> Result<Rows> {
    let mut tx = app.store.read().await?;
    tx.draft(id, app.clock.now()).await?.ok_or(Error::NotFound)?;
    let bodies = tx.draft_rows(key(id, position, thing, kind), from, limit).await?;
    Ok(match (thing, kind) {
        (_, Kind::Error | Kind::Warning) => Rows::Odd(parsed(&bodies)?),
        (Thing::Institution, _) => Rows::Institutions(parsed(&bodies)?),
        (Thing::Notification, _) => Rows::Notifications(parsed(&bodies)?),
    })
}

fn parsed<T: DeserializeOwned>(bodies: &[String]) -> Result<Vec<T>> {
    bodies.iter().map(|body| serde_json::from_str(body).map_err(unreadable("row"))).collect()
}

/// The workbook of a draft's odd rows.
pub async fn workbook(app: &App, id: DraftId, lang: Lang) -> Result<Vec<u8>> {
    let mut tx = app.store.read().await?;
    tx.draft(id, app.clock.now()).await?.ok_or(Error::NotFound)?;
    let mut found = Vec::new();
    for list in tx.draft_lists(id).await? {
        let columns: Vec<String> =
            serde_json::from_str(&list.columns).map_err(unreadable("columns"))?;
        let mut odd: Vec<OddRow> = Vec::new();
        for thing in [Thing::Institution, Thing::Notification] {
            for kind in [Kind::Error, Kind::Warning] {
                let key = key(id, list.position, thing, kind);
                odd.extend(parsed(&tx.draft_rows(key, 0, i64::MAX).await?)?);
            }
        }
        odd.sort_by_key(|odd| odd.row);
        found.push((list.prefecture_code, columns, odd));
    }
    let sheets: Vec<errors::Sheet<'_>> = found
        .iter()
        .map(|(code, columns, rows)| {
            let name = crate::format::seeds::prefecture(code).unwrap_or(code);
            errors::Sheet { name, columns, rows }
        })
        .collect();
    errors::workbook(&sheets, lang).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "no workbook of errors");
        Error::Refused("no_workbook")
    })
}

/// Keeps a draft: all its lists, in one transaction, as they were shown.
pub async fn commit(app: &App, actor: &Actor, id: DraftId, confirm_drop: bool) -> Result<Draft> {
    let now = app.clock.now();
    let draft = get(app, id).await?;
    if draft.row.committed_at.is_some() {
        return Err(Error::Refused("draft_committed"));
    }
    if draft.lists.iter().all(|list| !list.changes) {
        return Err(Error::Refused("nothing_to_import"));
    }
    if !confirm_drop && draft.lists.iter().any(|list| !list.summary.drops.is_empty()) {
        return Err(Error::Refused("sudden_drop"));
    }
    let mut tx = app.store.begin_long().await?;
    lock(&mut tx, draft.lists.iter().map(|list| list.prefecture_code.as_str()).collect()).await?;
    if !tx.commit_draft(id, now.checked_add_days(KEPT).unwrap_or(now), now).await? {
        return Err(Error::Refused("draft_committed"));
    }
    let mut tally = Tally::default();
    let mut imports = Vec::new();
    for (row, list) in tx.draft_lists(id).await?.into_iter().zip(&draft.lists) {
        let newest = tx.newest_import(&row.prefecture_code).await?.map(|newest| newest.id);
        if newest != row.base_id {
            return Err(Error::Refused("register_moved_on"));
        }
        if row.changes {
            let diff = kept_diff(&mut tx, id, &row, &list.summary).await?;
            keep(&mut tx, &import_row(row, now), &diff).await?;
            tally = tally + list.summary.notifications;
            imports.push(list.import);
        }
    }
    let reports: Vec<FileReport> = draft.lists.iter().map(|list| list.report.clone()).collect();
    tx.commit(entry(actor, &reports, &imports, &tally, now)).await?;
    let row = DraftRow { committed_at: Some(now), ..draft.row };
    Ok(Draft { row, lists: draft.lists })
}

fn import_row(list: DraftList, now: Instant) -> ImportRow {
    ImportRow {
        id: list.import_id,
        prefecture_code: list.prefecture_code,
        as_of: list.as_of,
        created_on: list.created_on,
        all_institutions: list.all_institutions,
        file: list.file,
        sha256: list.sha256,
        report: list.report,
        imported_at: now,
        undone_at: None,
    }
}

/// What a draft's list changes, put together from its rows.
async fn kept_diff(
    tx: &mut Tx,
    draft: DraftId,
    list: &DraftList,
    summary: &Summary,
) -> Result<Diff> {
    Ok(Diff {
        institutions: kept_changes(tx, draft, list.position, Thing::Institution).await?,
        notifications: kept_changes(tx, draft, list.position, Thing::Notification).await?,
        lapsed_after: list.lapsed_after,
        lapsed_by: list.as_of,
        redesignations: summary.redesignations.clone(),
        warnings: summary.drops.clone(),
    })
}

async fn kept_changes<T: DeserializeOwned>(
    tx: &mut Tx,
    draft: DraftId,
    position: i64,
    thing: Thing,
) -> Result<Changes<T>> {
    let mut changes =
        Changes { new: Vec::new(), changed: Vec::new(), lapsed: Vec::new(), unchanged: Vec::new() };
    for kind in [Kind::New, Kind::Changed, Kind::Lapsed] {
        let key = key(draft, position, thing, kind);
        let mut from = 0;
        loop {
            let bodies = tx.draft_rows(key, from, AT_ONCE).await?;
            from += AT_ONCE;
            let last = bodies.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
            for pair in parsed::<Pair<T>>(&bodies)? {
                match (pair.old, pair.new) {
                    (None, Some(new)) => changes.new.push(new),
                    (Some(old), Some(new)) => changes.changed.push(Change { old, new }),
                    (Some(old), None) => changes.lapsed.push(old),
                    (None, None) => return Err(Error::NotFound),
                }
            }
            if last {
                break;
            }
        }
    }
    Ok(changes)
}

/// Forgets a draft that nobody wants to keep.
pub async fn discard(app: &App, actor: &Actor, id: DraftId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.drop_draft(id).await? {
        return Err(Error::NotFound);
    }
    tx.commit(Entry::of(actor, "register.discard_import", id, now)).await?;
    Ok(())
}

/// Forgets drafts whose time is over.
pub async fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.forget_drafts(now).await?;
    Ok(tx.commit_unaudited().await?)
}
