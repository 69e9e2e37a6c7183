//! Edits that were checked: what they would change, and what would bring back what is now.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::edit::{Edit, MOST_EDITS, Stretch, extent, on_holidays, weekly_hours};
use crate::actions::calendar::{KNOWN_YEARS, today};
use crate::actions::rooms::text;
use crate::actions::{App, Error, Result};
use crate::engine::availability::{OwnDays, Practice};
use crate::engine::holidays::Lookup;
use crate::model::closure::{Closure, Extent, HolidayChoice, WhichHoliday};
use crate::model::facility::{Clinician, Facility, canonical};
use crate::model::schedule::{DateException, OnHolidays, WeeklyHours};
use crate::model::{ClinicianId, ClosureId, ExceptionId, FacilityId, ServiceId};
use crate::store::{FacilityFilter, Tx};
use crate::time::Instant;

/// Dates that differ, of a facility and all its clinicians, from today on at most.
const MOST_EXCEPTIONS: usize = 1000;
/// Closures of a facility and all its clinicians at most.
const MOST_CLOSURES: usize = 200;

/// The versions of all that decides a facility's hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Versions {
    calendar: i64,
    hours: BTreeMap<ClinicianId, i64>,
}

/// How a facility's hours are now.
pub(super) struct Present {
    pub(super) facility: Facility,
    clinicians: Vec<Clinician>,
    services: Vec<ServiceId>,
    exceptions: Vec<(DateException, String)>,
    hours: Vec<(ClinicianId, WeeklyHours)>,
    own: OwnDays,
    pub(super) versions: Versions,
    today: NaiveDate,
}

impl Present {
    pub(super) async fn load(tx: &mut Tx, id: FacilityId, now: Instant) -> Result<Self> {
        let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
        let filter = FacilityFilter::one(id);
        let today = today(&facility, now);
        let ahead = chrono::Days::new(366 * 80);
        let until = today.checked_add_days(ahead).unwrap_or(today);
        let clinicians = tx.clinicians(&filter).await?;
        // What was yesterday's may still be taken back.
        let since = today.checked_sub_days(chrono::Days::new(2)).unwrap_or(today);
        let exceptions = tx.exceptions(&filter, since, until).await?;
        let versions = Versions {
            calendar: tx.calendar_version(id).await?,
            hours: clinicians.iter().map(|one| (one.id, one.hours_version)).collect(),
        };
        Ok(Self {
            services: tx.offers(&filter).await?.iter().map(|offer| offer.service.id).collect(),
            exceptions: exceptions.into_iter().map(|(_, one, note)| (one, note)).collect(),
            hours: tx.weekly_hours(&filter).await?,
            own: tx.own_days(&filter).await?.pop().map(|(_, own)| own).unwrap_or_default(),
            facility,
            clinicians,
            versions,
            today,
        })
    }

    fn hours_of(&self, clinician: ClinicianId) -> Vec<WeeklyHours> {
        let own = self.hours.iter().filter(|(whose, _)| *whose == clinician);
        own.map(|(_, hours)| *hours).collect()
    }

    fn knows(&self, clinician: Option<ClinicianId>) -> Result<()> {
        let known = clinician.is_none_or(|id| self.clinicians.iter().any(|one| one.id == id));
        if known { Ok(()) } else { Err(Error::NotFound) }
    }
}

/// A change that can be made, part by part.
#[derive(Default)]
pub(super) struct Prepared {
    hours: Vec<(ClinicianId, i64, Vec<WeeklyHours>)>,
    more_exceptions: Vec<(DateException, String)>,
    fewer_exceptions: Vec<ExceptionId>,
    more_closures: Vec<Closure>,
    fewer_closures: Vec<ClosureId>,
    choices: Vec<(WhichHoliday, Option<bool>)>,
    on_holidays: Option<OnHolidays>,
    /// What brings back what is now, last edit first.
    inverse: Vec<Edit>,
    /// Whether it brings back what was before, also on days that are over.
    restores: bool,
}

impl Prepared {
    /// Checks `edits` against what is now, and gives what they add its ids.
    pub(super) fn check(
        app: &App,
        present: &Present,
        edits: &mut [Edit],
        restores: bool,
    ) -> Result<Self> {
        if edits.is_empty() {
            return Err(Error::invalid("/edits", "required"));
        }
        if edits.len() > MOST_EDITS {
            return Err(Error::invalid("/edits", "too_many"));
        }
        let mut prepared = Self { restores, ..Self::default() };
        for edit in edits {
            if let Edit::AddException { exception_id, .. } = edit {
                *exception_id = exception_id.or_else(|| Some(ExceptionId::new()));
            }
            if let Edit::AddClosure { closure_id, .. } = edit {
                *closure_id = closure_id.or_else(|| Some(ClosureId::new()));
            }
            prepared.add(app, present, edit.clone())?;
        }
        let exceptions = present.exceptions.len() + prepared.more_exceptions.len();
        let closures = present.own.closures.len() + prepared.more_closures.len();
        if exceptions > MOST_EXCEPTIONS + prepared.fewer_exceptions.len()
            || closures > MOST_CLOSURES + prepared.fewer_closures.len()
        {
            return Err(Error::invalid("/edits", "too_many"));
        }
        prepared.inverse.reverse();
        Ok(prepared)
    }

    fn add(&mut self, app: &App, present: &Present, edit: Edit) -> Result<()> {
        match edit {
            Edit::WeeklyHours { clinician_id, version, hours } => {
                self.add_hours(present, clinician_id, version, hours)
            }
            Edit::AddException {
                exception_id,
                clinician_id,
                date,
                difference,
                opens,
                closes,
                note,
            } => {
                let difference = difference.with(opens, closes)?;
                let id = exception_id.unwrap_or_default();
                let exception = DateException { id, clinician: clinician_id, date, difference };
                self.add_exception(present, exception, &note)
            }
            Edit::RemoveException { exception_id } => self.remove_exception(present, exception_id),
            Edit::AddClosure { closure_id, clinician_id, name, yearly, dates } => {
                let extent = extent(yearly, dates)?;
                let name = closure_name(&name)?;
                let id = closure_id.unwrap_or_default();
                self.add_closure(present, Closure { id, clinician: clinician_id, name, extent })
            }
            Edit::RemoveClosure { closure_id } => self.remove_closure(present, closure_id),
            Edit::Holiday { name, date, open } => {
                self.choose(present, which(app, name, date)?, open);
                Ok(())
            }
            Edit::OnHolidays { open } => {
                let was = self.on_holidays.unwrap_or(present.facility.on_holidays);
                self.inverse.push(Edit::OnHolidays { open: was == OnHolidays::Open });
                self.on_holidays = Some(on_holidays(open));
                Ok(())
            }
        }
    }

    fn add_hours(
        &mut self,
        present: &Present,
        whose: ClinicianId,
        version: i64,
        stretches: Vec<Stretch>,
    ) -> Result<()> {
        present.knows(Some(whose))?;
        if self.hours.iter().any(|(other, ..)| *other == whose) {
            return Err(Error::invalid("/edits", "twice"));
        }
        if present.versions.hours.get(&whose) != Some(&version) {
            return Err(Error::Refused("stale"));
        }
        let hours = weekly_hours(stretches)?;
        let mut only = hours.iter().filter_map(|stretch| stretch.service);
        if !only.all(|service| present.services.contains(&service)) {
            return Err(Error::NotFound);
        }
        let was = present.hours_of(whose).into_iter().map(Stretch::from).collect();
        let version_after = version + 1;
        self.inverse.push(Edit::WeeklyHours {
            clinician_id: whose,
            version: version_after,
            hours: was,
        });
        self.hours.push((whose, version, hours));
        Ok(())
    }

    fn add_exception(
        &mut self,
        present: &Present,
        exception: DateException,
        note: &str,
    ) -> Result<()> {
        let note = canonical(note);
        present.knows(exception.clinician)?;
        if note.chars().count() > 200 {
            return Err(Error::invalid("/note", "too_long"));
        }
        if exception.date < present.today && !self.restores {
            return Err(Error::invalid("/date", "in_past"));
        }
        if !KNOWN_YEARS.contains(&exception.date.year()) {
            return Err(Error::invalid("/date", "range"));
        }
        self.inverse.push(Edit::RemoveException { exception_id: exception.id });
        self.more_exceptions.push((exception, note));
        Ok(())
    }

    fn remove_exception(&mut self, present: &Present, id: ExceptionId) -> Result<()> {
        let found = present.exceptions.iter().find(|(one, _)| one.id == id);
        let (exception, note) = found.ok_or(Error::NotFound)?;
        if self.fewer_exceptions.contains(&id) {
            return Err(Error::invalid("/edits", "twice"));
        }
        self.inverse.push(Edit::add_exception(exception, note.clone()));
        self.fewer_exceptions.push(id);
        Ok(())
    }

    fn add_closure(&mut self, present: &Present, closure: Closure) -> Result<()> {
        present.knows(closure.clinician)?;
        if let Extent::Dates { from, to } = closure.extent {
            if to < present.today && !self.restores {
                return Err(Error::invalid("/dates", "in_past"));
            }
            if !KNOWN_YEARS.contains(&from.year()) || !KNOWN_YEARS.contains(&to.year()) {
                return Err(Error::invalid("/dates", "range"));
            }
        }
        self.inverse.push(Edit::RemoveClosure { closure_id: closure.id });
        self.more_closures.push(closure);
        Ok(())
    }

    fn remove_closure(&mut self, present: &Present, id: ClosureId) -> Result<()> {
        let found = present.own.closures.iter().find(|one| one.id == id);
        let closure = found.ok_or(Error::NotFound)?;
        if self.fewer_closures.contains(&id) {
            return Err(Error::invalid("/edits", "twice"));
        }
        self.inverse.push(Edit::add_closure(closure));
        self.fewer_closures.push(id);
        Ok(())
    }

    fn choose(&mut self, present: &Present, which: WhichHoliday, open: Option<bool>) {
        let known = present.own.holidays.iter().find(|choice| choice.which == which);
        let sooner = self.choices.iter().rev().find(|(other, _)| *other == which);
        let was = match sooner {
            Some((_, open)) => *open,
            None => known.map(|choice| choice.open),
        };
        self.inverse.push(Edit::holiday(&which, was));
        self.choices.push((which, open));
    }

    /// What brings back what is now.
    pub(super) fn inverse(&self) -> &[Edit] {
        &self.inverse
    }

    /// The weekly hours that it replaces.
    pub(super) fn hours(&self) -> Vec<(ClinicianId, Vec<WeeklyHours>)> {
        self.hours.iter().map(|(whose, _, hours)| (*whose, hours.clone())).collect()
    }

    /// The facility's rules as they would be.
    pub(super) fn rules(&self, practice: Practice) -> Practice {
        let more: Vec<_> = self.more_exceptions.iter().map(|(one, _)| *one).collect();
        let mut own = practice.own.clone();
        own.closures.retain(|one| !self.fewer_closures.contains(&one.id));
        own.closures.extend_from_slice(&self.more_closures);
        for (which, open) in &self.choices {
            own.holidays.retain(|choice| choice.which != *which);
            let choice = open.map(|open| HolidayChoice { which: which.clone(), open });
            own.holidays.extend(choice);
        }
        let on_holidays = self.on_holidays.unwrap_or(practice.on_holidays);
        let mut practice = practice.with_exceptions(&self.fewer_exceptions, &more);
        practice.on_holidays = on_holidays;
        practice.with_own_days(own)
    }

    /// Writes it.
    pub(super) async fn keep(&self, tx: &mut Tx, facility: FacilityId) -> Result<()> {
        for (whose, version, hours) in &self.hours {
            tx.put_weekly_hours(facility, *whose, *version, hours).await?;
        }
        for id in &self.fewer_exceptions {
            if !tx.remove_exception(facility, *id).await? {
                return Err(Error::Refused("stale"));
            }
        }
        for (exception, note) in &self.more_exceptions {
            tx.add_exception(facility, exception, note).await?;
        }
        for id in &self.fewer_closures {
            tx.remove_closure(facility, *id).await?;
        }
        for closure in &self.more_closures {
            tx.add_closure(facility, closure).await?;
        }
        for (which, open) in &self.choices {
            tx.put_holiday_choice(facility, which, *open).await?;
        }
        if let Some(on_holidays) = self.on_holidays {
            tx.put_on_holidays(facility, on_holidays).await?;
        }
        Ok(tx.raise_calendar_version(facility).await?)
    }
}

fn closure_name(name: &str) -> Result<Arc<str>> {
    Ok(text("/closure_name", name, 50)?.into())
}

/// The holidays that a choice is about, if there are such.
fn which(app: &App, name: Option<String>, date: Option<NaiveDate>) -> Result<WhichHoliday> {
    match (name, date) {
        (Some(name), None) if app.holidays.has_name(&name) => Ok(WhichHoliday::Named(name.into())),
        (None, Some(date)) => match app.holidays.lookup(date) {
            Lookup::Ordinary => Err(Error::invalid("/date", "no_holiday")),
            _ if !KNOWN_YEARS.contains(&date.year()) => Err(Error::invalid("/date", "range")),
            Lookup::Holiday(_) | Lookup::Unknown => Ok(WhichHoliday::On(date)),
        },
        (Some(_), None) => Err(Error::invalid("/name", "no_holiday")),
        _ => Err(Error::invalid("/name", "one_of_two")),
    }
}
