//! When an entry of somebody's calendar starts, in the zone that it means.

use std::collections::HashMap;

use chrono::{NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::parse::{Component, Fault, Property};
use super::rule::Budget;
use super::value::When;
use super::zone::{Changes, Zone};
use crate::time::Instant;
use crate::time::span::Span;

/// When something starts, and in which zone.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) local: NaiveDateTime,
    pub(super) whole_day: bool,
    pub(super) zone: Zone,
    /// Where it is given as an instant: a local time that comes twice does not say which.
    pub(super) exact: Option<Instant>,
    /// Whether no zone is named: its end is what the clocks show, too.
    pub(super) floating: bool,
}

impl Start {
    pub(super) fn instant(&self) -> Option<Instant> {
        self.exact.or_else(|| self.zone.instant(self.local))
    }

    /// The same entry at another local time.
    pub(super) fn at(&self, local: NaiveDateTime) -> Self {
        Self { local, exact: None, ..self.clone() }
    }
}

/// The zones that a calendar describes, and the clinic's for times without one.
pub(super) struct Zones {
    clinic: Zone,
    own: HashMap<String, Zone>,
}

impl Zones {
    pub(super) fn read(
        calendar: &Component,
        clinic: Tz,
        window: Span,
        budget: &mut Budget,
    ) -> Result<Self, Fault> {
        let mut own = HashMap::new();
        for described in calendar.inner("VTIMEZONE") {
            let Some(name) = described.value("TZID") else { continue };
            if Zone::known(name).is_none()
                && let Some(changes) = Changes::read(described, window, budget)?
            {
                own.insert(name.to_owned(), Zone::Own(changes.into()));
            }
        }
        Ok(Self { clinic: Zone::Known(clinic), own })
    }

    /// The zone that is named; the clinic's and `false` where nobody knows it.
    pub(super) fn named(&self, name: Option<&str>) -> (Zone, bool) {
        let Some(name) = name else { return (self.clinic.clone(), true) };
        let found = Zone::known(name).or_else(|| self.own.get(name.trim()).cloned());
        let known = found.is_some();
        (found.unwrap_or_else(|| self.clinic.clone()), known)
    }

    /// A property's date or time, and whether its zone is known.
    pub(super) fn start(&self, property: &Property) -> Option<(Start, bool)> {
        let (when, name) = property.when()?;
        Some(self.place(when, name))
    }

    pub(super) fn place(&self, when: When, name: Option<&str>) -> (Start, bool) {
        let (zone, known) = match when {
            When::Local(_) => self.named(name),
            When::Utc(_) => (Zone::Known(Tz::UTC), true),
            When::Date(_) => (self.clinic.clone(), true),
        };
        let (local, whole_day, exact) = match when {
            When::Date(date) => (date.and_time(NaiveTime::MIN), true, None),
            When::Local(local) => (local, false, None),
            When::Utc(at) => (at.naive_utc(), false, Some(at)),
        };
        let floating = matches!(when, When::Local(_)) && name.is_none();
        (Start { local, whole_day, zone, exact, floating }, known)
    }
}
