//! Closures, choices for holidays, and the version of all that decides a facility's days.

use std::sync::Arc;

use chrono::NaiveDate;
use sqlx::FromRow;

use super::facilities::{bind_filter, wanted};
use super::{Error, FacilityFilter, Result, Tx, on, run};
use crate::engine::availability::OwnDays;
use crate::model::closure::{Closure, Extent, HolidayChoice, MonthDay, WhichHoliday};
use crate::model::schedule::OnHolidays;
use crate::model::{ClinicianId, ClosureId, FacilityId};

/// A closure, or a choice for holidays; the columns of one stand empty in the other.
#[derive(FromRow)]
struct OwnRow {
    id: Option<ClosureId>,
    facility_id: FacilityId,
    clinician_id: Option<ClinicianId>,
    name: Option<String>,
    yearly_from: Option<i64>,
    yearly_to: Option<i64>,
    first_on: Option<NaiveDate>,
    last_on: Option<NaiveDate>,
    is_open: Option<bool>,
}

impl OwnRow {
    fn add_to(self, own: &mut OwnDays) {
        let name: Option<Arc<str>> = self.name.map(Arc::from);
        if let Some(open) = self.is_open {
            let which = name.map(WhichHoliday::Named).or(self.first_on.map(WhichHoliday::On));
            own.holidays.extend(which.map(|which| HolidayChoice { which, open }));
            return;
        }
        let day = |number: Option<i64>| MonthDay::from_number(number?);
        let yearly = day(self.yearly_from).zip(day(self.yearly_to));
        let extent = match (yearly, self.first_on.zip(self.last_on)) {
            (Some((from, to)), _) => Extent::Yearly { from, to },
            (None, Some((from, to))) => Extent::Dates { from, to },
            (None, None) => return,
        };
        let closure = self.id.zip(name).map(|(id, name)| Closure {
            id,
            clinician: self.clinician_id,
            name,
            extent,
        });
        own.closures.extend(closure);
    }
}

impl Tx {
    /// The own days of the facilities that `filter` asks for, each with its facility. In one
    /// statement, since every search asks for them.
    pub async fn own_days(
        &mut self,
        filter: &FacilityFilter,
    ) -> Result<Vec<(FacilityId, OwnDays)>> {
        let sql = concat!(
            "SELECT closure.id, facility_id, clinician_id, name, yearly_from, yearly_to,
                first_on, last_on, NULL AS is_open
             FROM closure JOIN ",
            wanted!(),
            " ON wanted.id = facility_id
             UNION ALL
             SELECT NULL, facility_id, NULL, name, NULL, NULL, on_date, NULL, is_open
             FROM holiday_choice JOIN ",
            wanted!(),
            " ON wanted.id = facility_id ORDER BY 1, 4, 7"
        );
        let rows: Vec<OwnRow> =
            on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?);
        let mut all: Vec<(FacilityId, OwnDays)> = Vec::new();
        for row in rows {
            let at = all.iter().position(|(facility, _)| *facility == row.facility_id);
            let at = at.unwrap_or_else(|| {
                all.push((row.facility_id, OwnDays::default()));
                all.len() - 1
            });
            row.add_to(&mut all[at].1);
        }
        Ok(all)
    }

    /// The version of a facility's exceptions, closures and holidays.
    pub async fn calendar_version(&mut self, facility: FacilityId) -> Result<i64> {
        let sql = "SELECT calendar_version FROM facility WHERE id = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(facility).fetch_one(db).await?))
    }

    /// Raises the version of a facility's exceptions, closures and holidays.
    pub async fn raise_calendar_version(&mut self, facility: FacilityId) -> Result<()> {
        let sql = "UPDATE facility SET calendar_version = calendar_version + 1 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(facility));
        Ok(())
    }

    /// Adds a closure.
    pub async fn add_closure(&mut self, facility: FacilityId, closure: &Closure) -> Result<()> {
        let (yearly, dates) = match closure.extent {
            Extent::Yearly { from, to } => (Some((from.number(), to.number())), None),
            Extent::Dates { from, to } => (None, Some((from, to))),
        };
        let sql = "INSERT INTO closure
                (id, facility_id, clinician_id, name, yearly_from, yearly_to, first_on, last_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(closure.id)
                .bind(facility)
                .bind(closure.clinician)
                .bind(&*closure.name)
                .bind(yearly.map(|(from, _)| from))
                .bind(yearly.map(|(_, to)| to))
                .bind(dates.map(|(from, _)| from))
                .bind(dates.map(|(_, to)| to))
        );
        Ok(())
    }

    /// Removes a closure of the facility, which must be there.
    pub async fn remove_closure(&mut self, facility: FacilityId, id: ClosureId) -> Result<()> {
        let sql = "DELETE FROM closure WHERE id = $1 AND facility_id = $2";
        let removed = run!(self, sqlx::query(sql).bind(id).bind(facility));
        if removed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Keeps what the facility does on a holiday; nothing means as on all others.
    pub async fn put_holiday_choice(
        &mut self,
        facility: FacilityId,
        which: &WhichHoliday,
        open: Option<bool>,
    ) -> Result<()> {
        let (name, date) = match which {
            WhichHoliday::Named(name) => (Some(&**name), None),
            WhichHoliday::On(date) => (None, Some(*date)),
        };
        let sql =
            "DELETE FROM holiday_choice WHERE facility_id = $1 AND (name = $2 OR on_date = $3)";
        run!(&mut *self, sqlx::query(sql).bind(facility).bind(name).bind(date));
        let Some(open) = open else { return Ok(()) };
        let sql = "INSERT INTO holiday_choice (facility_id, name, on_date, is_open)
            VALUES ($1, $2, $3, $4)";
        run!(self, sqlx::query(sql).bind(facility).bind(name).bind(date).bind(open));
        Ok(())
    }

    /// Keeps what the facility does on holidays in general.
    pub async fn put_on_holidays(&mut self, facility: FacilityId, on: OnHolidays) -> Result<()> {
        let sql = "UPDATE facility SET on_holidays = $2 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(facility).bind(on));
        Ok(())
    }
}
