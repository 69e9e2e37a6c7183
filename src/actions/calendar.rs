//! Loads what the engine decides by. The number of statements is the same for one clinician and
//! for all.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};

use super::{App, Error, Result};
use crate::engine::availability::{Busy, Calendar, Cause, Practice, RoomTime, Roster};
use crate::engine::slots::{self, Place, Slot};
use crate::model::facility::{Facility, Offer};
use crate::model::schedule::{Service, WeeklyHours};
use crate::model::{BookingId, ClinicianId, FacilityId, RoomId};
use crate::store::{FacilityFilter, Tx};
use crate::time::Instant;
use crate::time::span::{Dates, Span};
use crate::time::zone::{Days, LocalDay};

/// Years of which dates are taken from outside; no database is asked about others.
pub(crate) const KNOWN_YEARS: std::ops::Range<i32> = 2000..2100;
/// How many days to both sides of a wished time are loaded: as many as
/// [`slots::alternatives`] looks at, and one for zones.
const REACH: u16 = 38;
/// How many alternatives are offered for a time that is gone.
const ALTERNATIVES: usize = 3;

/// Facilities with all that decides when they can be booked.
pub(crate) struct Calendars {
    pub(crate) facilities: Vec<Facility>,
    pub(crate) offers: Vec<Offer>,
    practices: HashMap<FacilityId, Practice>,
    rosters: BTreeMap<FacilityId, Vec<Roster>>,
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

    /// All instants that can be on these days in any zone.
    fn instants(self) -> Option<Span> {
        let start = self.from.pred_opt()?.and_time(chrono::NaiveTime::MIN).and_utc();
        let end = self.until().succ_opt()?.and_time(chrono::NaiveTime::MIN).and_utc();
        Span::new(start, end)
    }
}

impl Calendars {
    /// Loads the calendars of the facilities that `filter` asks for over `range`, in ordinary time.
    pub(crate) async fn load(
        tx: &mut Tx,
        filter: &FacilityFilter,
        range: Range,
        now: Instant,
    ) -> Result<Self> {
        Self::load_lane(tx, filter, range, now, 0).await
    }

    /// The same in the lane of an overbooking capacity.
    pub(crate) async fn load_lane(
        tx: &mut Tx,
        filter: &FacilityFilter,
        range: Range,
        now: Instant,
        lane: i64,
    ) -> Result<Self> {
        let facilities = tx.facilities(filter).await?;
        let clinicians = tx.clinicians(filter).await?;
        let offers = tx.offers(filter).await?;
        let mut hours: HashMap<ClinicianId, Vec<WeeklyHours>> = HashMap::new();
        for (clinician, one) in tx.weekly_hours(filter).await? {
            hours.entry(clinician).or_default().push(one);
        }
        let mut busy = busy_in(tx, filter, range, now).await?;
        let mut rosters: BTreeMap<FacilityId, Vec<Roster>> = BTreeMap::new();
        for clinician in clinicians {
            let hours = hours.remove(&clinician.id).unwrap_or_default();
            let busy = busy.remove(&(clinician.id, lane)).unwrap_or_default();
            let roster = Roster::new(clinician.id, clinician.training_completed_on, hours, busy);
            rosters.entry(clinician.facility).or_default().push(roster);
        }
        let mut practices = practices(tx, &facilities, filter, range, now).await?;
        if offers.iter().any(|offer| offer.service.demands.needs_room) {
            add_rooms(tx, &mut practices, filter, range, now).await?;
        }
        Ok(Self { facilities, offers, practices, rosters })
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

async fn busy_in(
    tx: &mut Tx,
    filter: &FacilityFilter,
    range: Range,
    now: Instant,
) -> Result<HashMap<(ClinicianId, i64), Vec<Busy>>> {
    let mut busy: HashMap<_, Vec<Busy>> = HashMap::new();
    if let Some(span) = range.instants() {
        for (clinician, lane, one) in tx.busy(filter, span, now).await? {
            busy.entry((clinician, lane)).or_default().push(one);
        }
    }
    Ok(busy)
}

async fn add_rooms(
    tx: &mut Tx,
    practices: &mut HashMap<FacilityId, Practice>,
    filter: &FacilityFilter,
    range: Range,
    now: Instant,
) -> Result<()> {
    let Some(span) = range.instants() else { return Ok(()) };
    let mut busy: HashMap<RoomId, Vec<Busy>> = HashMap::new();
    for (room, one) in tx.room_busy(filter, span, now).await? {
        busy.entry(room).or_default().push(one);
    }
    for (facility, room) in tx.rooms(filter).await? {
        if let Some(practice) = practices.get_mut(&facility) {
            let busy = busy.get(&room).cloned().unwrap_or_default();
            practice.rooms.push(RoomTime { room, busy });
        }
    }
    Ok(())
}

async fn practices(
    tx: &mut Tx,
    facilities: &[Facility],
    filter: &FacilityFilter,
    range: Range,
    now: Instant,
) -> Result<HashMap<FacilityId, Practice>> {
    let mut exceptions: HashMap<FacilityId, Vec<_>> = HashMap::new();
    // From today on, since notice in working days counts them.
    let today = now.date_naive().pred_opt().unwrap_or_default();
    let from = range.from.min(today);
    for (facility, one, _) in tx.exceptions(filter, from, range.until()).await? {
        exceptions.entry(facility).or_default().push(one);
    }
    let mut acceptance: HashMap<FacilityId, Vec<Dates>> = HashMap::new();
    for (facility, from, until) in tx.acceptance(filter).await? {
        acceptance.entry(facility).or_default().push(Dates { from: Some(from), until });
    }
    let mut own: HashMap<FacilityId, _> = tx.own_days(filter).await?.into_iter().collect();
    let practice = |f: &Facility| {
        let own = own.remove(&f.id).unwrap_or_default();
        let acceptance = acceptance.remove(&f.id).unwrap_or_default();
        let exceptions = exceptions.remove(&f.id).unwrap_or_default();
        let practice = Practice::new(f.id, f.zone, f.on_holidays, acceptance, exceptions);
        (f.id, practice.with_own_days(own))
    };
    Ok(facilities.iter().map(practice).collect())
}

/// A time that somebody wishes.
#[derive(Clone, Copy, Debug)]
pub struct Wished {
    /// Where.
    pub facility: FacilityId,
    /// With whom; nobody named means anybody who is free.
    pub clinician: Option<ClinicianId>,
    /// When it would start.
    pub start: Instant,
}

/// The calendars around a wished time, wide enough for near alternatives.
pub(crate) async fn around(tx: &mut Tx, wished: &Wished, now: Instant) -> Result<Calendars> {
    around_in(tx, wished, now, 0).await
}

/// The same in the lane of an overbooking capacity.
pub(crate) async fn around_in(
    tx: &mut Tx,
    wished: &Wished,
    now: Instant,
    lane: i64,
) -> Result<Calendars> {
    let filter = FacilityFilter::one(wished.facility);
    let date = wished.start.date_naive();
    if !KNOWN_YEARS.contains(&date.year()) {
        return Err(Error::NotFree { code: "invalid_time", alternatives: Vec::new() });
    }
    // As far to both sides as alternatives are looked for.
    let from = date.checked_sub_days(chrono::Days::new(REACH.into())).unwrap_or(date);
    Calendars::load_lane(tx, &filter, Range { from, count: 2 * REACH + 1 }, now, lane).await
}

/// Whether the wished time can be booked: the place, or why not and what is near. Of several
/// clinicians the one with the least to do is chosen.
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
    let asked = calendars.of(app, wished.facility, wished.clinician);
    slots::choose(&asked, service, wished.start, now).map_err(|refusal| {
        let alternatives = near(app, &calendars, service, wished, now);
        Error::NotFree { code: code_of(&refusal), alternatives }
    })
}

/// The code of a refusal. Who loses a race and who comes later are told the same.
pub(crate) fn code_of(refusal: &slots::Refusal) -> &'static str {
    match refusal {
        slots::Refusal::Taken => "slot_taken",
        other => other.code(),
    }
}

/// Near times that are free.
pub(crate) fn near(
    app: &App,
    calendars: &Calendars,
    service: &Service,
    wished: &Wished,
    now: Instant,
) -> Vec<Slot> {
    let all = calendars.of(app, wished.facility, None);
    slots::alternatives(&all, service, wished.start, now, ALTERNATIVES)
}

/// `count` local days of `facility` from `from` on.
pub(crate) fn days(facility: &Facility, range: Range) -> Days {
    Days::new(facility.zone, range.from, range.count)
}

/// Today at `facility`.
pub(crate) fn today(facility: &Facility, now: Instant) -> NaiveDate {
    LocalDay::of(facility.zone, now).map_or(now.date_naive(), |day| day.date)
}
