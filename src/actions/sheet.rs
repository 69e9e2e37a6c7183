//! The planning sheet with the figures of a day.

use chrono::NaiveDate;

use super::{App, Error, Result, indicators, reconcile};
use crate::engine::reconcile::FromRows;
use crate::format::pages::sheet::{Current, Sheet};
use crate::format::seeds::{self, SeriesPoint};
use crate::model::register::Criterion;
use crate::time::zone;

/// The prefecture whose plan it is, by its two digits.
pub const PREFECTURE: &str = "13";

/// The day in Japan that it is now.
pub fn today(app: &App) -> NaiveDate {
    zone::date_of(chrono_tz::Asia::Tokyo, app.clock.now())
}

/// The sheet of `prefecture`, of Tokyo where none is given, with what is known of `as_of`, of today
/// where none is given. Prose, indicators and published series are Tokyo's own, so another's sheet
/// holds only what its rows say.
pub async fn sheet(app: &App, as_of: Option<NaiveDate>, prefecture: Option<&str>) -> Result<Sheet> {
    let as_of = as_of.unwrap_or_else(|| today(app));
    let prefecture = prefecture.unwrap_or(PREFECTURE);
    let name = seeds::prefecture(prefecture).ok_or(Error::invalid("/prefecture", "unknown"))?;
    let planned = prefecture == PREFECTURE;
    let mut tx = app.store.read().await?;
    let (mut indicators, mut series) = (Vec::new(), Vec::new());
    if planned {
        indicators = indicators::until(&mut tx, as_of).await?;
        series = published(as_of);
    }
    let list = tx.last_list_by(prefecture, as_of).await?;
    drop(tx);
    let current = match list {
        // Of the list's own day: what came after it, the list does not know.
        Some(list) => match reconcile::rows_of(app, prefecture, Criterion::IctCare, list).await? {
            FromRows::Counted { facilities, .. } => Some(Current { list, facilities }),
            _ => None,
        },
        None => None,
    };
    Ok(Sheet { prefecture: name.to_owned(), planned, as_of, indicators, series, current })
}

/// Tokyo's published series up to a day.
fn published(as_of: NaiveDate) -> Vec<SeriesPoint> {
    let counts = seeds::plan::published_counts();
    // One count a point, in the same order.
    let points = seeds::series().iter().zip(&counts);
    points.filter(|(_, count)| count.day() <= as_of).map(|(point, _)| point.clone()).collect()
}
