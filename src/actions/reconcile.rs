//! Published counts beside what the rows of the register say.

use chrono::NaiveDate;
use serde_json::json;

use super::counts::{self, Query};
use super::indicators::{Kept, cell_faults};
use super::{App, Error, Result};
use crate::engine::counts::By;
use crate::engine::counts::ask::Within;
use crate::engine::reconcile::FromRows;
use crate::format::figures;
use crate::format::report::indicators::{Reconciled, reconciled};
use crate::format::seeds;
use crate::model::PublishedId;
use crate::model::audit::Entry;
use crate::model::facility::canonical;
use crate::model::indicator::{Origin, PublishedCount};
use crate::model::person::Actor;
use crate::model::register::Criterion;

/// All published counts, or those of one prefecture, each beside its rows.
pub async fn list(app: &App, prefecture: Option<&str>) -> Result<Vec<Reconciled>> {
    let published = app.store.read().await?.published_counts().await?;
    let mut found = Vec::new();
    for one in published {
        if prefecture.is_some_and(|only| only != one.count.prefecture) {
            continue;
        }
        let count = &one.count;
        let rows = rows_of(app, &count.prefecture, count.criterion, count.day()).await?;
        found.push(reconciled(&one, rows));
    }
    Ok(found)
}

/// What the rows of a prefecture say of a day: counted as everything is counted here, or, before the
/// first list, how many of those that it shows had begun by then.
pub(super) async fn rows_of(
    app: &App,
    prefecture: &str,
    criterion: Criterion,
    day: NaiveDate,
) -> Result<FromRows> {
    let mut tx = app.store.read().await?;
    let Some(first) = tx.first_list(prefecture).await? else { return Ok(FromRows::NoList) };
    if day < first {
        let remaining = tx.begun_by(prefecture, criterion, day, "bureau").await?;
        return Ok(FromRows::BeforeFirstList { first, remaining });
    }
    let filings = tx.begun_by(prefecture, criterion, day, "filing").await?;
    drop(tx);
    let within = Within { prefecture: Some(prefecture.to_owned()), ..Within::default() };
    let query = Query { as_of: Some(day), criterion: Some(criterion), within, ..Query::default() };
    let figures = counts::count(app, By::Kind, &query).await?.total.unwrap_or_default().figures;
    Ok(FromRows::Counted {
        facilities: figures.facilities.into(),
        uncertain: figures.uncertain.into(),
        filings,
    })
}

/// Keeps a published count that was entered by form.
pub async fn add(app: &App, actor: &Actor, mut count: PublishedCount) -> Result<Kept> {
    count.source = canonical(&count.source);
    if count.source.is_empty() {
        return Err(Error::invalid("/source", "required"));
    }
    if count.source.chars().count() > 200 {
        return Err(Error::invalid("/source", "too_long"));
    }
    if seeds::prefecture(&count.prefecture).is_none() {
        return Err(Error::invalid("/prefecture", "unknown"));
    }
    if !(0..=1_000_000).contains(&count.facilities) {
        return Err(Error::invalid("/facilities", "number"));
    }
    keep(app, actor, &[count], Origin::Form, false).await
}

/// Keeps the counts of a file: all of them or, when a cell is wrong, none. With `dry_run` it says
/// what would come of them.
pub async fn add_file(app: &App, actor: &Actor, bytes: &[u8], dry_run: bool) -> Result<Kept> {
    let counts = figures::counts(bytes).map_err(cell_faults)?;
    keep(app, actor, &counts, Origin::Csv, dry_run).await
}

/// What stands for the published counts among the locks.
const LOCK: uuid::Uuid = uuid::Uuid::from_u128(0x0026_0000_0000_0000_0000_0000_0000_0002);

async fn keep(
    app: &App,
    actor: &Actor,
    counts: &[PublishedCount],
    origin: Origin,
    dry_run: bool,
) -> Result<Kept> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.lock(LOCK).await?;
    let known = tx.published_counts().await?;
    let mut kept = Kept::default();
    for count in counts {
        if known.iter().any(|one| one.count == *count) {
            kept.unchanged += 1;
            continue;
        }
        if tx.supersede_published(count, now).await? {
            kept.changed += 1;
        } else {
            kept.new += 1;
        }
        tx.add_published(PublishedId::new(), count, origin, Some((actor, now))).await?;
    }
    if dry_run || kept.new + kept.changed == 0 {
        return Ok(kept);
    }
    let entry = Entry::of(actor, "published.enter", origin.code(), now);
    tx.commit(entry.with(json!({ "new": kept.new, "changed": kept.changed }))).await?;
    Ok(kept)
}

/// Says why a published count differs from the rows; an empty text takes the reason back.
pub async fn explain(app: &App, actor: &Actor, id: PublishedId, text: &str) -> Result<()> {
    let text = canonical(text);
    if text.chars().count() > 1000 {
        return Err(Error::invalid("/explanation", "too_long"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let told = Some(text.as_str()).filter(|text| !text.is_empty());
    if !tx.explain_published(id, told, (actor, now)).await? {
        return Err(Error::NotFound);
    }
    Ok(tx.commit(Entry::of(actor, "published.explain", id, now)).await?)
}
