//! The yearly report of a facility: drawn up from its visits, filled in by hand, made final once.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::calendar::today;
use super::clinic::own_facility;
use super::{App, Error, Result};
use crate::engine::august::{self as rules, Made, may_be_final};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::august::{Arrangement, AugustForm, Final, Head, InPerson, Report, TalkStyles};
use crate::model::facility::Facility;
use crate::model::person::Actor;
use crate::model::register::Code10;
use crate::model::{AccountId, BookingId, FacilityId, ReportId};
use crate::store::{FinalRow, Tx};
use crate::time::span::Dates;

mod csv;

pub use csv::read as read_months;

/// The first year that can be reported: オンライン診療 has been counted since 2018.
const FIRST: i32 = 2019;
/// The longest name of an institution, and the longest way of referral.
const NAME_MOST: usize = 200;
const WAY_MOST: usize = 500;
/// The greatest count of a month.
const COUNT_MOST: i64 = 1_000_000;

/// A year's report as it stands, with the final ones.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// As it stands now.
    pub draft: Report,
    /// With what the facility said must be changed: rises with each change.
    pub version: i64,
    /// Those that are final, the newest first.
    pub finals: Vec<Final>,
}

impl Drawn {
    /// The report of one version; the draft where none is named.
    pub fn chosen(&self, version: Option<i64>) -> Result<(&Report, Option<&Final>)> {
        let Some(version) = version else { return Ok((&self.draft, None)) };
        let chosen = self.finals.iter().find(|one| one.version == version);
        let chosen = chosen.ok_or(Error::NotFound)?;
        Ok((&chosen.report, Some(chosen)))
    }
}

/// The years that can be looked at, the newest first: up to the one in whose August the present
/// day is reported.
pub async fn years(app: &App, actor: &Actor) -> Result<Vec<i32>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let facility = tx.facility(facility).await?.ok_or(Error::NotFound)?;
    let effective = tx.in_effect(facility.id).await?;
    let date = today(&facility, app.clock.now());
    let last = date.year() + i32::from(date.month() >= 8);
    let reported = |year: &i32| rules::period(*year, &effective).is_some();
    Ok((FIRST..=last).rev().filter(reported).take(10).collect())
}

/// The report of the actor's facility.
pub async fn report(app: &App, actor: &Actor, year: i32) -> Result<Drawn> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    drawn(app, &mut tx, facility, year).await
}

/// The report of the facility of an id or of a code of ten digits, for the command line.
pub async fn report_of(app: &App, facility: &str, year: i32) -> Result<Drawn> {
    let mut tx = app.store.read().await?;
    let by_id = facility.parse::<FacilityId>().ok();
    let found = match by_id {
        Some(id) => Some(id),
        None => tx.facility_by_code(facility).await?,
    };
    drawn(app, &mut tx, found.ok_or(Error::NotFound)?, year).await
}

async fn drawn(app: &App, tx: &mut Tx, facility: FacilityId, year: i32) -> Result<Drawn> {
    let (draft, version) = draft(app, tx, facility, year).await?;
    let finals = finals(tx, facility, year).await?;
    Ok(Drawn { draft, version, finals })
}

async fn draft(app: &App, tx: &mut Tx, facility: FacilityId, year: i32) -> Result<(Report, i64)> {
    let facility = tx.facility(facility).await?.ok_or(Error::NotFound)?;
    let (period, effective) = period(tx, &facility, year).await?;
    let visits = tx.august_visits(facility.id, period).await?;
    let answers = tx.august_answers(facility.id, year, period_of_months(period)).await?;
    let doctors = tx.employed(facility.id).await?;
    let made = Made {
        head: head(&facility)?,
        year,
        effective: &effective,
        visits: &visits,
        doctors: &doctors,
        answers: &answers,
        today: today(&facility, app.clock.now()),
    };
    let report = rules::report(&made).ok_or(Error::Refused("not_reported"))?;
    Ok((report, answers.version))
}

/// What is reported in August of a year; a refusal where the criterion was never in effect in it.
async fn period(
    tx: &mut Tx,
    facility: &Facility,
    year: i32,
) -> Result<((NaiveDate, NaiveDate), Vec<Dates>)> {
    if !(FIRST..=2100).contains(&year) {
        return Err(Error::NotFound);
    }
    let effective = tx.in_effect(facility.id).await?;
    let period = rules::period(year, &effective).ok_or(Error::Refused("not_reported"))?;
    Ok((period, effective))
}

/// A month that began before the period does belongs to it as well.
fn period_of_months((from, until): (NaiveDate, NaiveDate)) -> (NaiveDate, NaiveDate) {
    (rules::month_of(from), until)
}

fn head(facility: &Facility) -> Result<Head> {
    let code: Code10 = facility.code10.parse().map_err(|_| Error::NotFound)?;
    let prefecture = seeds::prefecture(code.prefecture()).unwrap_or_default();
    let whole = facility.address.starts_with(prefecture);
    let address =
        if whole { facility.address.clone() } else { format!("{prefecture}{}", facility.address) };
    let dental = code.as_str().chars().nth(2) == Some(Code10::DENTISTRY);
    Ok(Head {
        name: facility.name.clone(),
        code7: code.number().to_owned(),
        address,
        prefecture: code.prefecture().to_owned(),
        municipality: facility.municipality_code.clone(),
        form: if dental { AugustForm::Dental } else { AugustForm::Medical },
    })
}

async fn finals(tx: &mut Tx, facility: FacilityId, year: i32) -> Result<Vec<Final>> {
    let rows = tx.final_reports(facility, year).await?.into_iter();
    let read = |row: FinalRow| {
        let report = serde_json::from_str(&row.body).map_err(|error| {
            tracing::error!(%error, %facility, year, "a final report that cannot be read");
            Error::Refused("internal")
        })?;
        Ok(Final { version: row.version, at: row.at, report })
    };
    rows.map(read).collect()
}

/// The actor's facility and account.
fn own(actor: &Actor) -> Result<(FacilityId, AccountId)> {
    let account = actor.account().ok_or(Error::Forbidden)?;
    Ok((own_facility(actor)?, account.id))
}

/// Keeps counts of visits in person, by the first days of their months.
pub async fn put_months(
    app: &App,
    actor: &Actor,
    year: i32,
    said: &BTreeMap<NaiveDate, InPerson>,
) -> Result<Drawn> {
    let (id, by) = own(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    let ((from, until), _) = period(&mut tx, &facility, year).await?;
    let months = rules::months_between(from, until);
    let count = |count: i64| (0..=COUNT_MOST).contains(&count);
    for (month, one) in said {
        if !months.contains(month) {
            return Err(Error::invalid("/months", "range"));
        }
        if !count(one.first) || !count(one.repeat) || !one.no_later_visit.is_none_or(count) {
            return Err(Error::invalid("/months", "count"));
        }
        tx.put_august_month(id, *month, one, (by, now)).await?;
    }
    let entry = Entry::of(actor, "august.months", year, now).at_facility(id);
    tx.commit(entry.with(json!({ "months": said.len() }))).await?;
    report(app, actor, year).await
}

/// Keeps what is answered once a year.
pub async fn put_answers(
    app: &App,
    actor: &Actor,
    year: i32,
    (talk, arrangements): (TalkStyles, BTreeMap<String, Arrangement>),
    version: i64,
) -> Result<Drawn> {
    let (id, _) = own(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    period(&mut tx, &facility, year).await?;
    let mut kept = BTreeMap::new();
    for (area, said) in arrangements {
        let known = seeds::prefecture(&area).is_some() || seeds::municipality(&area).is_some();
        if !known {
            return Err(Error::invalid("/arrangements", "unknown"));
        }
        let text = |text: &str, most| {
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= most;
            fits.then(|| text.to_owned()).ok_or(Error::invalid("/arrangements", "length"))
        };
        let institution = text(&said.institution, NAME_MOST)?;
        let referral = text(&said.referral, WAY_MOST)?;
        kept.insert(area, Arrangement { institution, referral, agreed: said.agreed });
    }
    tx.put_august_answer(id, year, talk, &kept, version).await?;
    tx.commit(Entry::of(actor, "august.answers", year, now).at_facility(id)).await?;
    report(app, actor, year).await
}

/// Says where a patient was whose place nobody knew.
pub async fn put_place(
    app: &App,
    actor: &Actor,
    (year, booking): (i32, BookingId),
    prefecture: &str,
    municipality: Option<&str>,
) -> Result<Drawn> {
    let (id, _) = own(actor)?;
    if seeds::prefecture(prefecture).is_none() {
        return Err(Error::invalid("/prefecture", "unknown"));
    }
    let fits = |code: &str| {
        seeds::municipality(code).is_some_and(|place| place.prefecture_code == prefecture)
    };
    if !municipality.is_none_or(fits) {
        return Err(Error::invalid("/municipality", "unknown"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.put_august_place(id, booking, prefecture, municipality).await? {
        return Err(Error::NotFound);
    }
    tx.commit(Entry::of(actor, "august.place", booking, now).at_facility(id)).await?;
    report(app, actor, year).await
}

/// Makes the report final, as the next version; it never changes again.
pub async fn finish(app: &App, actor: &Actor, year: i32) -> Result<Drawn> {
    let (id, by) = own(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.lock(id.0).await?;
    let Drawn { draft, finals, .. } = drawn(app, &mut tx, id, year).await?;
    if !may_be_final(&draft) {
        return Err(Error::Refused("report_not_ready"));
    }
    let last = finals.first();
    if last.is_some_and(|last| last.report == draft) {
        return Err(Error::Refused("report_unchanged"));
    }
    let version = last.map_or(1, |last| last.version + 1);
    let body = serde_json::to_string(&draft).map_err(|error| {
        tracing::error!(%error, "a report that cannot be written");
        Error::Refused("internal")
    })?;
    let row = FinalRow { version, at: now, body };
    tx.add_final_report(ReportId::new(), (id, year), &row, by).await?;
    let entry = Entry::of(actor, "august.finish", year, now).at_facility(id);
    tx.commit(entry.with(json!({ "version": version }))).await?;
    report(app, actor, year).await
}
