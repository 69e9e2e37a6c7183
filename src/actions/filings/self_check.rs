//! The yearly self-check as of 1 August (F-04): each demand of the criterion again, met or not, with
//! what shows it.

use chrono::NaiveDate;
use serde_json::json;

use super::{account, checked, definition, invalid, today};
use crate::actions::clinic::own_facility;
use crate::actions::{App, Error, Result};
use crate::model::audit::Entry;
use crate::model::filing::{Check, Definition, FilingKind};
use crate::model::person::Actor;
use crate::store::{self, SelfChecked, SelfCheckedBy, Tx};

/// The self-checks of a clinic.
#[derive(Debug)]
pub struct SelfChecks {
    /// Those that are done, the newest first.
    pub done: Vec<SelfChecked>,
    /// What is asked.
    pub definition: &'static Definition,
    /// What was found in the newest.
    pub last: Vec<Check>,
}

/// The self-checks of the actor's clinic.
pub async fn list(app: &App, actor: &Actor) -> Result<SelfChecks> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let done = tx.self_checks(facility).await?;
    let last = match done.first() {
        Some(newest) => tx.self_check(facility, newest.year).await?,
        None => Vec::new(),
    };
    Ok(SelfChecks { done, definition: definition(FilingKind::Criterion)?, last })
}

/// Keeps a year's self-check, whole. What does not hold says why as well.
pub async fn put(app: &App, actor: &Actor, year: i32, checks: Vec<Check>) -> Result<SelfChecks> {
    let facility = own_facility(actor)?;
    let by = account(actor)?.id;
    let now = app.clock.now();
    let today = today(now);
    let august = NaiveDate::from_ymd_opt(year, 8, 1).ok_or(Error::NotFound)?;
    let of = definition(FilingKind::Criterion)?;
    let mut kept = Vec::new();
    for demand in &of.demands {
        let at = format!("/checks/{}", demand.item);
        let check = checks.iter().find(|check| check.item == demand.item);
        let check = check.ok_or_else(|| invalid(vec![(at.clone(), "required")]))?;
        let check = checked(of, check.clone(), &at, today)?;
        if check.evidence.is_empty() {
            return Err(invalid(vec![(format!("{at}/evidence"), "required")]));
        }
        kept.push(check);
    }
    let mut tx = app.store.begin().await?;
    let accepted = tx.accepted_periods(facility).await?;
    let bound = accepted.iter().any(|p| p.0 <= august && p.1.is_none_or(|end| august < end));
    if august > today || !bound {
        return Err(Error::Refused("self_check_not_due"));
    }
    tx.add_self_check(facility, i64::from(year), &kept, by, now).await.map_err(
        |error| match error {
            store::Error::Exists(_) => Error::Refused("self_check_done"),
            other => other.into(),
        },
    )?;
    let unmet = kept.iter().filter(|check| !check.met).count();
    let entry = Entry::of(actor, "self_check.put", year, now).at_facility(facility);
    tx.commit(entry.with(json!({ "unmet": unmet }))).await?;
    list(app, actor).await
}

/// How a year's self-check stands at the clinics that work with this service and are bound to it.
pub async fn of_all(app: &App, year: i32) -> Result<Vec<SelfCheckedBy>> {
    let august = NaiveDate::from_ymd_opt(year, 8, 1).ok_or(Error::NotFound)?;
    let mut tx: Tx = app.store.read().await?;
    Ok(tx.self_checks_of_all(i64::from(year), august).await?)
}
