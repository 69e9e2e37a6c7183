//! Why a time can or cannot be booked, rule by rule, in words: what was looked at, as data for
//! programs, and a sentence about it in Japanese and English.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use super::Lang;
use crate::model::booking::Status;
use crate::model::{BookingId, ClinicianId, ClosureId, ExceptionId};
use crate::time::Instant;

mod words;

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WhySpan)]
pub struct Stretch {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The instant after the last.
    pub end: DateTime<Utc>,
}

/// A time for which an acceptance is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WhyPeriod)]
pub struct Period {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The day after the last.
    pub until: Option<NaiveDate>,
}

/// A date that differs from the weekly hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WhyException)]
pub struct Exception {
    /// Its id.
    pub exception_id: ExceptionId,
    /// Whom it concerns; nobody named means the whole clinic.
    pub clinician_id: Option<ClinicianId>,
    /// What the staff noted.
    pub note: String,
}

/// What a rule looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = WhyAbout)]
#[expect(missing_docs, reason = "fields named as in the answer")]
pub enum About {
    /// Whether it is a time at all.
    Time,
    /// The present.
    Present { now: DateTime<Utc> },
    /// The time at which it must be booked at the latest.
    Notice { earliest: DateTime<Utc>, minutes: i64 },
    /// The same in working days of the clinic.
    WorkingDays { days: u8, first_day: NaiveDate },
    /// How far ahead can be booked.
    Horizon { last: NaiveDate, days: u16 },
    /// Whether the clinician offers this kind of visit.
    Offered { clinician_id: ClinicianId, name: String },
    /// The clinic's acceptance for online care.
    Acceptance { date: NaiveDate, periods: Vec<Period> },
    /// The clinician's training for online care.
    Training { date: NaiveDate, completed_on: Option<NaiveDate> },
    /// A date closed by hand.
    Exception { date: NaiveDate, exception: Exception },
    /// One of several closed days.
    Closure { closure_id: ClosureId, name: String, date: NaiveDate },
    /// A public holiday.
    Holiday { name: String, date: NaiveDate },
    /// A date of which it is not published yet whether it is a holiday.
    HolidaysUnknown { date: NaiveDate },
    /// No hours on this day of the week (Monday is 1).
    Weekly { date: NaiveDate, weekday: u8 },
    /// The hours of the day; of every week where no exception is named.
    Hours { stretches: Vec<Stretch>, exceptions: Vec<Exception> },
    /// The starts before and after.
    Grid { before: Option<DateTime<Utc>>, after: DateTime<Utc>, step_min: i64 },
    /// A booking, or a hold, with what is kept free around it.
    Booking {
        booking_id: BookingId,
        number: Option<String>,
        status: Option<Status>,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        hold_expires_at: Option<DateTime<Utc>>,
    },
    /// As of when what is known of the clinician's calendars elsewhere is, and until when that
    /// will do.
    CalendarAge { as_of: DateTime<Utc>, fresh_until: DateTime<Utc> },
    /// Until when the clinician's calendars elsewhere are known.
    CalendarReach { known_until: DateTime<Utc> },
    /// Something in a calendar elsewhere.
    Outside { start: DateTime<Utc>, end: DateTime<Utc> },
    /// The seats of a group.
    Seats { taken: usize, of: u16 },
    /// The visits of this kind on the day.
    DayLimit { used: usize, most: u16 },
    /// Somebody else who must be there.
    Colleague { clinician_id: ClinicianId, name: String },
    /// The rooms for patients.
    Rooms { free: usize, of: usize },
}

/// What one rule said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WhyFinding)]
pub struct Finding {
    /// Stable, for programs: why it is against, or `ok`.
    pub code: &'static str,
    /// Whether it is against the time.
    pub against: bool,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// What it looked at.
    pub about: About,
}

impl Finding {
    /// What a rule said of a time: why it is against, if it is.
    pub fn new(about: About, code: Option<&'static str>, zone: Tz) -> Self {
        let against = code.is_some();
        let told = |lang| words::sentence(&about, against, zone, lang);
        let (ja, en) = (told(Lang::Ja), told(Lang::En));
        Self { code: code.unwrap_or("ok"), against, ja, en, about }
    }

    /// Its sentence.
    pub fn sentence(&self, lang: Lang) -> &str {
        lang.pick(&self.ja, &self.en)
    }
}

/// An instant as the clocks of `zone` show it, with the day of the week.
pub fn local_time(at: Instant, zone: Tz, lang: Lang) -> String {
    let local = at.with_timezone(&zone);
    format!("{} {}", local_date(local.date_naive(), lang), local.format("%H:%M"))
}

/// A date with its day of the week.
pub fn local_date(date: NaiveDate, lang: Lang) -> String {
    let day = weekday(u8::try_from(date.weekday().number_from_monday()).unwrap_or(1), lang);
    match lang {
        Lang::Ja => format!("{}年{}月{}日（{day}）", date.year(), date.month(), date.day()),
        Lang::En => format!("{} {date}", &day[..3]),
    }
}

/// The name of a day of the week; Monday is 1.
fn weekday(number: u8, lang: Lang) -> &'static str {
    const JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    const EN: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let at = usize::from(number.saturating_sub(1)) % 7;
    lang.pick(JA[at], EN[at])
}

#[cfg(test)]
mod tests;
