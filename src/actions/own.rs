//! Counts of the service's own visits, as they may be shown.

use chrono::Datelike;
use chrono_tz::Asia::Tokyo;

use super::{App, Error, Result};
use crate::engine::own::{Published, months_over};
use crate::model::event::{Check, CheckScope};
use crate::time::zone;

/// A year's counts, and the check that made them.
#[derive(Clone, Debug)]
pub struct OwnCounts {
    /// What may be shown.
    pub published: Published,
    /// The check of all bookings that counted; nothing before the first.
    pub check: Option<Check>,
    /// The years of which there is anything.
    pub years: Vec<String>,
}

/// The counts of a year: the present one where none is given. Of months that are over alone: a
/// number that grows from day to day would tell of each day's few.
pub async fn counts(app: &App, year: Option<i32>) -> Result<OwnCounts> {
    let today = zone::date_of(Tokyo, app.clock.now());
    let year = year.unwrap_or(today.year());
    if !(2018..=2100).contains(&year) {
        return Err(Error::invalid("/year", "range"));
    }
    let mut tx = app.store.read().await?;
    let check = tx.checks(Some(CheckScope::Whole), 1).await?.pop();
    let counts = tx.own_counts(&year.to_string()).await?;
    let years = tx.own_years().await?;
    let counted_on = check.as_ref().map(|check| zone::date_of(Tokyo, check.started_at));
    let months = counted_on.map_or_else(Vec::new, |day| months_over(year, day));
    Ok(OwnCounts { published: Published::new(&year.to_string(), months, &counts), check, years })
}
