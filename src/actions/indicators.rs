//! Indicators of the plan: what they say, and new values of surveys, by form or by file.

use serde_json::json;

use super::{App, Error, Result};
use crate::engine::indicators;
use crate::format::figures::{self, CellFault};
use crate::format::report::indicators::{self as report, IndicatorReport};
use crate::model::FigureId;
use crate::model::audit::Entry;
use crate::model::indicator::{Entered, Figure, Origin, Period, thousandths};
use crate::model::person::Actor;
use crate::model::questionnaire;
use crate::store::Tx;

/// The indicators with their values.
pub async fn list(app: &App) -> Result<Vec<IndicatorReport>> {
    let mut tx = app.store.read().await?;
    Ok(report::indicators(&tx.indicators().await?, &tx.figures().await?))
}

/// A value as it was written into a form.
#[derive(Clone, Debug)]
pub struct Written {
    /// Of which indicator.
    pub key: String,
    /// A year, a month or a day.
    pub period: String,
    /// Whether it was projected.
    pub projection: bool,
    /// In the indicator's unit.
    pub value: String,
    /// The part and the whole of a share.
    pub fraction: (Option<i64>, Option<i64>),
    /// Who says so.
    pub source: String,
}

/// What came of values that were brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Nothing like them was known.
    pub new: usize,
    /// They correct what was known.
    pub changed: usize,
    /// They were known already.
    pub unchanged: usize,
}

/// Keeps a value.
pub async fn add(app: &App, actor: &Actor, written: &Written) -> Result<Kept> {
    let fault = |(column, code): (&str, &'static str)| questionnaire::Fault {
        pointer: format!("/{column}"),
        code,
    };
    let known = app.store.read().await?.indicators().await?;
    let entered = entered(written).map_err(|fault_| Error::InvalidAt(vec![fault(fault_)]))?;
    let faults = indicators::check(known.iter().find(|one| one.key == entered.key), &entered);
    if !faults.is_empty() {
        return Err(Error::InvalidAt(faults.into_iter().map(fault).collect()));
    }
    keep(app, actor, &[entered], Origin::Form, false).await
}

fn entered(written: &Written) -> std::result::Result<Entered, indicators::Fault> {
    let period: Period = written.period.trim().parse().map_err(|()| ("period", "period"))?;
    let fraction = match written.fraction {
        (Some(part), Some(whole)) => Some((part, whole)),
        (None, None) => None,
        _ => return Err(("numerator", "number")),
    };
    Ok(Entered {
        key: written.key.clone(),
        period,
        projection: written.projection,
        thousandths: thousandths(&written.value).ok_or(("value", "number"))?,
        fraction,
        source: crate::model::facility::canonical(&written.source),
    })
}

/// Keeps the values of a file: all of them or, when a cell is wrong, none. With `dry_run` it says
/// what would come of them.
pub async fn add_file(app: &App, actor: &Actor, bytes: &[u8], dry_run: bool) -> Result<Kept> {
    let known = app.store.read().await?.indicators().await?;
    let values = figures::values(bytes, &known).map_err(cell_faults)?;
    keep(app, actor, &values, Origin::Csv, dry_run).await
}

/// Faults of cells as faults of what was sent.
pub(super) fn cell_faults(faults: Vec<CellFault>) -> Error {
    let fault =
        |fault: CellFault| questionnaire::Fault { pointer: fault.pointer(), code: fault.code };
    Error::InvalidAt(faults.into_iter().take(200).map(fault).collect())
}

async fn keep(
    app: &App,
    actor: &Actor,
    values: &[Entered],
    origin: Origin,
    dry_run: bool,
) -> Result<Kept> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    // Two who correct the same value follow each other.
    tx.lock(LOCK).await?;
    let known = tx.figures().await?;
    let mut kept = Kept::default();
    for value in values {
        if known.iter().any(|figure| figure.entered == *value) {
            kept.unchanged += 1;
            continue;
        }
        if tx.supersede_figure(value, now).await? {
            kept.changed += 1;
        } else {
            kept.new += 1;
        }
        tx.add_figure(FigureId::new(), value, origin, Some((actor, now))).await?;
    }
    if dry_run || kept.new + kept.changed == 0 {
        return Ok(kept);
    }
    let entry = Entry::of(actor, "indicators.enter", origin.code(), now);
    tx.commit(entry.with(json!({ "new": kept.new, "changed": kept.changed }))).await?;
    Ok(kept)
}

/// What stands for the figures of the plan among the locks.
const LOCK: uuid::Uuid = uuid::Uuid::from_u128(0x0026_0000_0000_0000_0000_0000_0000_0001);

/// Takes a value back. What was known stays in the database, superseded.
pub async fn retract(app: &App, actor: &Actor, id: FigureId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.retract_figure(id, now).await? {
        return Err(Error::NotFound);
    }
    Ok(tx.commit(Entry::of(actor, "indicators.retract", id, now)).await?)
}

/// The values of `tx` as far as they are of `day` or before; projections are ahead by nature.
pub(super) async fn until(tx: &mut Tx, day: chrono::NaiveDate) -> Result<Vec<IndicatorReport>> {
    let figures = tx.figures().await?;
    let known =
        |figure: &Figure| figure.entered.projection || figure.entered.period.first_day() <= day;
    let figures: Vec<Figure> = figures.into_iter().filter(known).collect();
    Ok(report::indicators(&tx.indicators().await?, &figures))
}
