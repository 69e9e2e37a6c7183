//! Loads what the engine decides by. The number of statements is the same for one clinician and
//! for all: of a facility whose rules are known, one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::rules::{self, Rules};
use super::{App, Error, Result};
use crate::engine::availability::{Busy, Calendar, Cause, Elsewhere, Practice, Roster};
use crate::engine::slots::{self, Place, Slot};
use crate::model::facility::{Facility, Offer};
use crate::model::schedule::{Service, WeeklyHours};
use crate::model::{BookingId, ClinicianId, FacilityId, RoomId, ServiceId};
use crate::store::{FacilityFilter, Tx};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::{Days, LocalDay};

/// Years of which dates are taken from outside; no database is asked about others.
pub(crate) const KNOWN_YEARS: std::ops::Range<i32> = 2000..2100;
/// How many days to both sides of a wished time are loaded: enough to tell whether it is free, who
/// has least to do in the days around, and most often what is free near it.
const AROUND: u16 = 3;
/// How many alternatives are offered for a time that is gone.
const ALTERNATIVES: usize = 3;

/// Facilities with all that decides when they can be booked.
pub(crate) struct Calendars {
    pub(crate) facilities: Vec<Facility>,
    pub(crate) offers: Vec<Offer>,
    practices: HashMap<FacilityId, Practice>,
    rosters: BTreeMap<FacilityId, Vec<Roster>>,
    /// Whether holds that ran out may still keep somebody from their time.
    expired: bool,
    /// When the first hold among what is taken runs out.
    until: Instant,
    /// How many times are taken.
    taken: usize,
}

/// The local days from `from` on, `count` of them, wherever the facility is.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) from: NaiveDate,
    pub(crate) count: u16,
}

impl Range {
    fn until(self) -> NaiveDate {
        self.from.checked_add_days(chrono::Days::new(self.count.into())).unwrap_or(NaiveDate::MAX)
    }

    /// Whether all days of `other` are among these.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.until() <= self.until()
    }

    /// The days from the first to the last of both.
    pub(crate) fn and(self, other: Self) -> Self {
        let from = self.from.min(other.from);
        let count = (self.until().max(other.until()) - from).num_days();
        Self { from, count: u16::try_from(count).unwrap_or(u16::MAX) }
    }

    /// All instants that can be on these days in any zone.
    fn instants(self) -> Option<Span> {
        let start = self.from.pred_opt()?.and_time(chrono::NaiveTime::MIN).and_utc();
        let end = self.until().succ_opt()?.and_time(chrono::NaiveTime::MIN).and_utc();
        Span::new(start, end)
    }
}

impl Calendars {
    /// The calendars of one facility in ordinary time, in a unit of work that only reads: what it
    /// has to load serves the next.
    pub(crate) async fn seen(
        app: &App,
        tx: &mut Tx,
        facility: FacilityId,
        range: Range,
        now: Instant,
    ) -> Result<Self> {
        Self::with_rules(app, tx, facility, range, now, (0, true)).await
    }

    /// The calendars of one facility in a lane of its time, by rules that are kept where they are
    /// those of the database still: one statement, and one more where rooms are needed. What has
    /// to be loaded is kept for others if `keep` says that `tx` sees only what is committed.
    pub(crate) async fn with_rules(
        app: &App,
        tx: &mut Tx,
        facility: FacilityId,
        range: Range,
        now: Instant,
        (lane, keep): (i64, bool),
    ) -> Result<Self> {
        let span = range.instants().ok_or(Error::invalid("/date", "range"))?;
        let Some((version, taken)) = tx.taken_at(facility, span).await? else {
            return Err(Error::NotFound);
        };
        let rules = rules::current(app, tx, facility, version, keep).await?;
        let mut rooms = HashMap::new();
        if rules.need_rooms() {
            rooms = by_room(tx.room_busy(&FacilityFilter::one(facility), span, now).await?);
        }
        let expired = taken.iter().any(|one| one.is_over(now));
        let live: Vec<_> = taken.into_iter().filter(|one| !one.is_over(now)).collect();
        let until = live.iter().filter_map(|one| one.expires).min().unwrap_or(Instant::MAX_UTC);
        let taken = live.len();
        let live = live.into_iter().map(|one| (one.clinician, one.lane, one.busy)).collect();
        let mut calendars = Self::of_rules([&*rules], &mut by_clinician(live, lane), &rooms);
        if lane != 0 {
            // What is taken elsewhere does not count there, so its age does not either.
            for roster in calendars.rosters.values_mut().flatten() {
                roster.elsewhere = Elsewhere::default();
            }
        }
        Ok(Self { expired, until, taken, ..calendars })
    }

    /// Rules, and what is taken.
    fn of_rules<'r>(
        rules: impl IntoIterator<Item = &'r Rules>,
        taken: &mut HashMap<ClinicianId, Vec<Busy>>,
        rooms: &HashMap<RoomId, Vec<Busy>>,
    ) -> Self {
        let (practices, rosters) = (HashMap::new(), BTreeMap::new());
        let (facilities, offers) = (Vec::new(), Vec::new());
        let (expired, until) = (false, Instant::MAX_UTC);
        let mut all = Self { facilities, offers, practices, rosters, expired, until, taken: 0 };
        for rules in rules {
            let id = rules.facility.id;
            let (practice, rosters) = filled(rules, taken, rooms);
            all.practices.insert(id, practice);
            all.rosters.insert(id, rosters);
            all.facilities.push(rules.facility.clone());
            all.offers.extend(rules.offers.iter().cloned());
        }
        all
    }

    /// Whether holds that ran out may still keep somebody from a time of these calendars.
    pub(crate) fn has_expired(&self) -> bool {
        self.expired
    }

    /// Whether what is taken of them is so still, if nobody has changed it: no hold has run out.
    pub(crate) fn hold_at(&self, now: Instant) -> bool {
        now < self.until
    }

    /// How many times are taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// Calendars of nobody, which hold until `until`.
    #[cfg(test)]
    pub(crate) fn until(until: Instant) -> Self {
        Self { until, ..Self::of_rules([], &mut HashMap::new(), &HashMap::new()) }
    }

    /// The calendars of one facility's clinicians; of one of them, where one is named.
    pub(crate) fn of<'a>(
        &'a self,
        app: &'a App,
        facility: FacilityId,
        clinician: Option<ClinicianId>,
    ) -> Vec<Calendar<'a>> {
        let Some(practice) = self.practices.get(&facility) else { return Vec::new() };
        let (others, holidays) =
            (self.rosters.get(&facility).map_or(&[][..], Vec::as_slice), &app.holidays);
        let wanted = |roster: &&Roster| clinician.is_none_or(|wanted| wanted == roster.clinician);
        let calendar = |roster| Calendar { practice, roster, holidays, others };
        others.iter().filter(wanted).map(calendar).collect()
    }

    /// Lets `booking` take no time: it is about to be moved.
    pub(crate) fn without(mut self, booking: BookingId) -> Self {
        for roster in self.rosters.values_mut().flatten() {
            *roster = roster.without(booking);
        }
        for room in self.practices.values_mut().flat_map(|practice| &mut practice.rooms) {
            room.busy.retain(|busy| busy.cause != Cause::Booking(booking));
        }
        self
    }

    /// The same as after a change of one facility's rules and of its clinicians' hours.
    pub(crate) fn changed(
        mut self,
        facility: FacilityId,
        rules: impl FnOnce(Practice) -> Practice,
        hours: &[(ClinicianId, Vec<WeeklyHours>)],
    ) -> Self {
        if let Some(practice) = self.practices.remove(&facility) {
            self.practices.insert(facility, rules(practice));
        }
        for roster in self.rosters.get_mut(&facility).into_iter().flatten() {
            if let Some((_, hours)) = hours.iter().find(|(whose, _)| *whose == roster.clinician) {
                roster.hours.clone_from(hours);
            }
        }
        self
    }

    /// Lets nothing take time, so that only the database keeps bookings apart.
    fn blind(mut self) -> Self {
        for roster in self.rosters.values_mut().flatten() {
            let hours = std::mem::take(&mut roster.hours);
            *roster = Roster::new(roster.clinician, roster.trained_on, hours, Vec::new());
        }
        self
    }
}

/// A facility's rules with what is taken of its doctors' time and its rooms.
pub(crate) fn filled(
    rules: &Rules,
    taken: &mut HashMap<ClinicianId, Vec<Busy>>,
    rooms: &HashMap<RoomId, Vec<Busy>>,
) -> (Practice, Vec<Roster>) {
    let mut practice = rules.practice.clone();
    for room in &mut practice.rooms {
        room.busy = rooms.get(&room.room).cloned().unwrap_or_default();
    }
    let roster = |roster: &Roster| {
        let busy = taken.remove(&roster.clinician).unwrap_or_default();
        Roster::new(roster.clinician, roster.trained_on, roster.hours.clone(), busy)
            .knowing(roster.elsewhere)
    };
    (practice, rules.rosters.iter().map(roster).collect())
}

fn by_clinician(
    taken: Vec<(ClinicianId, i64, Busy)>,
    lane: i64,
) -> HashMap<ClinicianId, Vec<Busy>> {
    let mut by_clinician: HashMap<_, Vec<Busy>> = HashMap::new();
    for (clinician, _, busy) in taken.into_iter().filter(|(_, of, _)| *of == lane) {
        by_clinician.entry(clinician).or_default().push(busy);
    }
    by_clinician
}

pub(crate) fn by_room(taken: Vec<(RoomId, Busy)>) -> HashMap<RoomId, Vec<Busy>> {
    let mut by_room: HashMap<_, Vec<Busy>> = HashMap::new();
    for (room, busy) in taken {
        by_room.entry(room).or_default().push(busy);
    }
    by_room
}

/// A time that somebody wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wished {
    /// Where.
    pub facility: FacilityId,
    /// With whom; nobody named means anybody who is free.
    pub clinician: Option<ClinicianId>,
    /// When it would start.
    pub start: Instant,
}

/// The local days around a wished time, `reach` to both sides.
fn days_around(wished: &Wished, reach: u16) -> Result<Range> {
    let date = wished.start.date_naive();
    if !KNOWN_YEARS.contains(&date.year()) {
        return Err(Error::NotFree { code: "invalid_time", alternatives: Vec::new() });
    }
    let from = date.checked_sub_days(chrono::Days::new(reach.into())).unwrap_or(date);
    Ok(Range { from, count: 2 * reach + 1 })
}

/// The calendars of the days around a wished time, for [`verdict`].
pub(crate) async fn around(
    app: &App,
    tx: &mut Tx,
    wished: &Wished,
    now: Instant,
) -> Result<Calendars> {
    around_in(app, tx, wished, now, 0).await
}

/// The same in the lane of an overbooking capacity.
pub(crate) async fn around_in(
    app: &App,
    tx: &mut Tx,
    wished: &Wished,
    now: Instant,
    lane: i64,
) -> Result<Calendars> {
    let range = days_around(wished, AROUND)?;
    let how = (lane, sees_committed(app));
    Calendars::with_rules(app, tx, wished.facility, range, now, how).await
}

/// Whether a deed that has changed no rule sees nothing but what is committed: on SQLite it may see
/// what another deed, with which it shares a commit, has written.
fn sees_committed(app: &App) -> bool {
    !app.store.is_embedded()
}

/// Whether the wished time can be booked: the place, or why not and what is near, where there is
/// enough in the days around; [`with_near`] looks farther. Of several clinicians the one with the
/// least to do is chosen.
///
/// With the feature `no-overlap-check` nothing counts as taken here, so that a test can show that
/// the database alone keeps bookings apart.
pub(crate) fn verdict(
    app: &App,
    calendars: Calendars,
    service: &Service,
    wished: &Wished,
    now: Instant,
) -> Result<Place> {
    let blind = cfg!(feature = "no-overlap-check");
    let calendars = if blind { calendars.blind() } else { calendars };
    verdict_of(app, &calendars, service, wished, now)
}

fn verdict_of(
    app: &App,
    calendars: &Calendars,
    service: &Service,
    wished: &Wished,
    now: Instant,
) -> Result<Place> {
    let asked = calendars.of(app, wished.facility, wished.clinician);
    slots::choose(&asked, service, wished.start, now).map_err(|refusal| {
        let all = calendars.of(app, wished.facility, None);
        let near = slots::alternatives_within(&all, service, wished.start, now, ALTERNATIVES, 0);
        Error::NotFree { code: code_of(&refusal), alternatives: near.unwrap_or_default() }
    })
}

/// What all are told who wished the same time in the same moment, and came too late.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    service: ServiceId,
    wished: Wished,
    code: &'static str,
    near: Arc<[Slot]>,
}

impl Gone {
    /// Whether it answers this wish.
    pub(crate) fn is_of(&self, service: ServiceId, wished: &Wished) -> bool {
        self.service == service && self.wished == *wished
    }
}

impl From<Gone> for Error {
    fn from(gone: Gone) -> Self {
        Self::NotFree { code: gone.code, alternatives: gone.near.to_vec() }
    }
}

/// Whether a time is gone by what the database has now, and what is near it. Reads no more days
/// than it must: many wait for the answer.
pub(crate) async fn gone(app: &App, service: ServiceId, wished: &Wished) -> Option<Gone> {
    let error = look(app, service, wished).await.err()?;
    match with_near(app, error, service, wished).await {
        Error::NotFree { code, alternatives } => {
            Some(Gone { service, wished: *wished, code, near: alternatives.into() })
        }
        _ => None,
    }
}

async fn look(app: &App, service: ServiceId, wished: &Wished) -> Result<()> {
    let now = app.clock.now();
    let range = days_around(wished, AROUND)?;
    let mut tx = app.store.read().await?;
    let calendars = Calendars::seen(app, &mut tx, wished.facility, range, now).await?;
    verdict_among(app, &calendars, service, wished, now)
}

/// Refuses a time of which is known without any unit of work that it is not free: by what is kept
/// in memory and was right a moment ago.
pub(crate) async fn glance(app: &App, service: ServiceId, wished: &Wished) -> Result<()> {
    let now = app.clock.now();
    let known = app.summary().known(app, wished.facility).await?;
    let range = days_around(wished, AROUND)?;
    let calendars = app.summary().calendars(app, (&known.0, known.1), range, now).await?;
    verdict_among(app, &calendars, service, wished, now)
}

fn verdict_among(
    app: &App,
    calendars: &Calendars,
    service: ServiceId,
    wished: &Wished,
    now: Instant,
) -> Result<()> {
    let offer = calendars.offers.iter().find(|offer| offer.service.id == service);
    let offer = offer.ok_or(Error::NotFound)?;
    verdict_of(app, calendars, &offer.service, wished, now).map(drop)
}

/// The same error; one that says that a time is not free also says what is near, if anything is.
pub(crate) async fn with_near(
    app: &App,
    error: Error,
    service: ServiceId,
    wished: &Wished,
) -> Error {
    let code = match error {
        Error::Lost => "slot_taken",
        Error::NotFree { code, ref alternatives }
            if alternatives.is_empty() && code != "invalid_time" =>
        {
            code
        }
        other => return other,
    };
    let near = match app.store.read().await {
        Ok(mut tx) => near(app, &mut tx, service, wished).await,
        Err(error) => Err(error.into()),
    };
    match near {
        Ok(alternatives) => Error::NotFree { code, alternatives },
        Err(error) => error,
    }
}

/// The same within a unit of work that is to go on reading.
pub(crate) async fn with_near_in(
    app: &App,
    tx: &mut Tx,
    error: Error,
    service: ServiceId,
    wished: &Wished,
) -> Error {
    match error {
        Error::NotFree { code, alternatives } if alternatives.is_empty() => {
            let found = near(app, tx, service, wished).await;
            found.map_or_else(|error| error, |alternatives| Error::NotFree { code, alternatives })
        }
        other => other,
    }
}

/// The same for the time that a booking has.
pub(crate) async fn with_near_booking(app: &App, error: Error, id: BookingId) -> Error {
    if !matches!(error, Error::NotFree { .. } | Error::Lost) {
        return error;
    }
    let booking = match app.store.read().await {
        Ok(mut tx) => tx.booking(id).await,
        Err(error) => Err(error),
    };
    match booking {
        Ok(Some(b)) => {
            let wished = Wished { facility: b.facility, clinician: None, start: b.starts_at };
            with_near(app, error, b.service, &wished).await
        }
        Ok(None) => error,
        Err(error) => error.into(),
    }
}

/// Near times that are free, looked for farther and farther away.
async fn near(app: &App, tx: &mut Tx, service: ServiceId, wished: &Wished) -> Result<Vec<Slot>> {
    let (now, facility) = (app.clock.now(), wished.facility);
    let how = (0, sees_committed(app));
    for (step, reach) in slots::REACH.into_iter().enumerate() {
        // One day more for zones.
        let range = days_around(wished, reach + 1)?;
        let calendars = Calendars::with_rules(app, tx, facility, range, now, how).await?;
        let offer = calendars.offers.iter().find(|offer| offer.service.id == service);
        let service = &offer.ok_or(Error::NotFound)?.service;
        let all = calendars.of(app, wished.facility, None);
        let start = wished.start;
        let found = slots::alternatives_within(&all, service, start, now, ALTERNATIVES, step);
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The code of a refusal. Who loses a race and who comes later are told the same.
pub(crate) fn code_of(refusal: &slots::Refusal) -> &'static str {
    match refusal {
        slots::Refusal::Taken => "slot_taken",
        other => other.code(),
    }
}

/// `count` local days of `facility` from `from` on.
pub(crate) fn days(facility: &Facility, range: Range) -> Days {
    Days::new(facility.zone, range.from, range.count)
}

/// Today at `facility`.
pub(crate) fn today(facility: &Facility, now: Instant) -> NaiveDate {
    LocalDay::of(facility.zone, now).map_or(now.date_naive(), |day| day.date)
}
