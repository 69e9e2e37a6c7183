//! Who is offered a freed time, and when: by order of waiting, not at night, not again and again.

use chrono::{NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::model::waitlist::Mode;
use crate::model::{ClinicianId, ServiceId};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::date_of;

/// How a facility offers freed times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// To whom at once.
    pub mode: Mode,
    /// How long an offer is held.
    pub window: TimeDelta,
    /// To how many one freed time is offered at most.
    pub most: usize,
    /// The minute of the local day from which nobody is woken.
    pub quiet_from: u16,
    /// The minute of the local day at which the quiet ends.
    pub quiet_until: u16,
}

impl Default for Policy {
    /// One by one, half an hour each, five at most, not from 21:00 to 8:00.
    fn default() -> Self {
        Self {
            mode: Mode::One,
            window: TimeDelta::minutes(30),
            most: 5,
            quiet_from: 21 * 60,
            quiet_until: 8 * 60,
        }
    }
}

impl Policy {
    /// Whether nobody may be woken now.
    pub fn is_quiet(&self, zone: Tz, now: Instant) -> bool {
        let local = now.with_timezone(&zone);
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
        let (from, until) = (self.quiet_from, self.quiet_until);
        if from <= until {
            (from..until).contains(&minute)
        } else {
            minute >= from || minute < until
        }
    }

    /// Until when an offer made now is held. Never longer than to the end of the window, and so
    /// that half of what is left until the start stays for others.
    pub fn held_until(&self, start: Instant, now: Instant) -> Instant {
        now + self.window.min((start - now) / 2)
    }
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The kind of visit.
    pub service: ServiceId,
    /// With whom; nobody named means anybody.
    pub clinician: Option<ClinicianId>,
    /// The first local date.
    pub from_date: NaiveDate,
    /// The last local date.
    pub until_date: NaiveDate,
    /// From which minute of the local day on.
    pub from_minute: u16,
    /// Up to which minute of the local day it may start.
    pub until_minute: u16,
}

impl Wanted {
    /// Whether a visit that starts at `start` with `clinician` would do.
    pub fn suits(&self, zone: Tz, clinician: ClinicianId, start: Instant) -> bool {
        let local = start.with_timezone(&zone);
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
        let date = date_of(zone, start);
        self.clinician.is_none_or(|wanted| wanted == clinician)
            && (self.from_date..=self.until_date).contains(&date)
            && (self.from_minute..self.until_minute).contains(&minute)
    }
}

/// The starts within a freed time, in units, that may be tried; the earliest first.
pub fn starts(freed: Span) -> impl Iterator<Item = Instant> {
    let unit = TimeDelta::minutes(crate::model::schedule::UNIT_MINUTES.into());
    std::iter::successors(Some(freed.start), move |at| at.checked_add_signed(unit))
        .take_while(move |at| *at < freed.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    const TOKYO: Tz = chrono_tz::Asia::Tokyo;

    #[test]
    fn nobody_is_woken_at_night() {
        let policy = Policy::default();
        // 20:59, 21:00, 3:00, 7:59, 8:00 in Tokyo.
        for (now, quiet) in [
            ("2026-12-01T11:59:00Z", false),
            ("2026-12-01T12:00:00Z", true),
            ("2026-12-01T18:00:00Z", true),
            ("2026-12-01T22:59:00Z", true),
            ("2026-12-01T23:00:00Z", false),
        ] {
            assert_eq!(policy.is_quiet(TOKYO, at(now)), quiet, "{now}");
        }
        let day = Policy { quiet_from: 600, quiet_until: 720, ..policy };
        assert!(day.is_quiet(TOKYO, at("2026-12-01T01:00:00Z")));
        assert!(!day.is_quiet(TOKYO, at("2026-12-01T03:00:00Z")));
        let never = Policy { quiet_from: 0, quiet_until: 0, ..policy };
        assert!(!never.is_quiet(TOKYO, at("2026-12-01T18:00:00Z")));
    }

    #[test]
    fn an_offer_leaves_time_for_the_next() {
        let policy = Policy::default();
        let now = at("2026-12-01T00:00:00Z");
        let held = |start| policy.held_until(at(start), now) - now;
        assert_eq!(held("2026-12-02T00:00:00Z"), TimeDelta::minutes(30));
        assert_eq!(held("2026-12-01T00:40:00Z"), TimeDelta::minutes(20));
    }

    #[test]
    fn a_time_suits_by_doctor_date_and_hour() {
        let me = ClinicianId::new();
        let wanted = Wanted {
            service: ServiceId::new(),
            clinician: Some(me),
            from_date: "2026-12-01".parse().unwrap(),
            until_date: "2026-12-02".parse().unwrap(),
            from_minute: 540,
            until_minute: 720,
        };
        assert!(wanted.suits(TOKYO, me, at("2026-12-01T00:00:00Z")));
        assert!(!wanted.suits(TOKYO, me, at("2026-12-01T03:00:00Z")), "noon is too late");
        assert!(!wanted.suits(TOKYO, me, at("2026-11-30T00:00:00Z")));
        assert!(wanted.suits(TOKYO, me, at("2026-12-02T02:55:00Z")));
        assert!(!wanted.suits(TOKYO, ClinicianId::new(), at("2026-12-01T00:00:00Z")));
        let freed = Span::new(at("2026-12-01T00:00:00Z"), at("2026-12-01T00:15:00Z")).unwrap();
        assert_eq!(starts(freed).count(), 3);
    }
}
