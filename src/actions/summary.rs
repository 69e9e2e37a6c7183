//! The first free times of all facilities, kept in memory, so that a search over a whole prefecture
//! reads no more than what changed since the last one.
//!
//! Every search begins by asking the database which facilities changed, whoever changed them: this
//! server or another. So what it shows is as of the search, and not of some seconds before; searches
//! that wait for the answer at the same time share it. What time alone changes is seen without
//! asking: notice, midnight, holds that run out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use chrono_tz::Tz;

use super::calendar::{Calendars, Range, by_room};
use super::crowd::{Crowd, Place as Turns};
use super::rules::{self, Rules};
use super::{App, Error, Result};
use crate::engine::availability::Busy;
use crate::model::{ClinicianId, FacilityId, RoomId};
use crate::store::{Changes, FacilityFilter, Tx};
use crate::time::Instant;
use crate::time::span::Span;

mod kept;
mod times;

use kept::Kept;
pub(crate) use kept::List;
pub use times::View;
use times::{Ahead, Chunk, Times, find, view};
pub(crate) use times::{Asked, Wanted};

/// How many days with hours are looked at, in one round after the other, until every facility shows
/// enough free times: most have some on their next day, and few are full for weeks.
const ROUNDS: [usize; 5] = [2, 4, 16, 64, usize::MAX];
/// How many days of a facility's bookings are loaded at least, when somebody looks at it.
const LOADED_DAYS: u16 = 66;
/// How many facilities are looked at without leaving the place to others.
const FEW: usize = 16;

/// The free times of all facilities as far as somebody has asked for them.
#[derive(Default)]
pub(crate) struct Summary {
    /// Who brings the summary up to date; one at a time.
    turn: tokio::sync::Mutex<Turn>,
    /// How many readings of what changed have begun.
    begun: AtomicU64,
    state: RwLock<State>,
    /// Who loads a facility's calendars.
    loading: Crowd,
}

#[derive(Default)]
struct Turn {
    /// From where to read what changed, once something was read.
    next: Option<i64>,
    /// The number of the last reading that is done.
    done: u64,
    /// The changes that it told of. One that is told again is nothing new.
    told: HashSet<(FacilityId, i64)>,
}

#[derive(Default)]
struct State {
    places: BTreeMap<FacilityId, Place>,
    zones: HashMap<Tz, Arc<Ahead>>,
    kept: Kept,
}

struct Place {
    rules: Arc<Rules>,
    times: Option<Times>,
    /// The first reading that showed that the times may have changed. Searches that rest on a
    /// reading before may use them still: they are right as of that.
    stale: Option<u64>,
}

/// What a search asks, and as of when.
#[derive(Clone, Copy)]
struct Query<'a> {
    asked: &'a Asked,
    now: Instant,
    as_of: u64,
}

/// A facility with what a search shows of it.
pub(crate) struct Seen {
    pub(crate) rules: Arc<Rules>,
    pub(crate) view: View,
}

/// What is to be found out of a facility.
struct Job {
    rules: Arc<Rules>,
    ahead: Arc<Ahead>,
    chunk: Chunk,
    taken: HashMap<ClinicianId, Vec<Busy>>,
    until: Instant,
}

impl Summary {
    /// What the search shows of each facility that `matches`.
    pub(crate) async fn search(
        &self,
        app: &App,
        asked: &Asked,
        matches: impl Fn(&Rules) -> bool,
        now: Instant,
    ) -> Result<Vec<Seen>> {
        let query = Query { asked, now, as_of: self.refresh(app).await? };
        let mut seen = Vec::new();
        let mut wanting = self.look(query, &matches, &mut seen);
        // Once more at the end: a hold may have run out, or midnight passed, meanwhile.
        for count in ROUNDS.into_iter().chain([usize::MAX; 2]) {
            if wanting.is_empty() {
                break;
            }
            self.find_out(app, query, &wanting, count).await?;
            wanting = self.look(query, &matches, &mut seen);
        }
        Ok(seen)
    }

    /// Of how many facilities the rules are known.
    pub(crate) async fn rules(&self, app: &App) -> Result<Vec<Arc<Rules>>> {
        self.refresh(app).await?;
        Ok(self.read().places.values().map(|place| Arc::clone(&place.rules)).collect())
    }

    /// The rules of a facility, and the reading on which this rests.
    pub(crate) async fn known(&self, app: &App, facility: FacilityId) -> Result<(Arc<Rules>, u64)> {
        let as_of = self.refresh(app).await?;
        let rules = self.read().places.get(&facility).map(|place| Arc::clone(&place.rules));
        Ok((rules.ok_or(Error::NotFound)?, as_of))
    }

    /// The calendars of these days of a facility that is known as of a reading. Where rooms are
    /// needed, which others may take as well, they are loaded each time.
    pub(crate) async fn calendars(
        &self,
        app: &App,
        (rules, as_of): (&Rules, u64),
        range: Range,
        now: Instant,
    ) -> Result<Arc<Calendars>> {
        let facility = rules.facility.id;
        if let Some(kept) = self.read().kept.get(facility, range, now) {
            return Ok(kept);
        }
        // One loads for all who wait; nobody waits twice, nor for what is not kept.
        let _first = match self.loading.join(facility.0) {
            Turns::First(lead) => Some(lead),
            Turns::Behind(_) if rules.need_rooms() => None,
            Turns::Behind(ahead) => {
                ahead.done().await;
                if let Some(kept) = self.read().kept.get(facility, range, now) {
                    return Ok(kept);
                }
                None
            }
        };
        // Who looks at a week looks at the next; months ahead are loaded when they are asked for.
        let first = Range { from: now.date_naive() - chrono::Days::new(2), count: LOADED_DAYS };
        let near = range.from <= first.from + chrono::Days::new(u64::from(LOADED_DAYS));
        let range = if near { range.and(first) } else { range };
        let mut tx = app.store.read().await?;
        let calendars = Arc::new(Calendars::seen(app, &mut tx, facility, range, now).await?);
        if !rules.need_rooms() {
            self.write().kept.keep(facility, Arc::clone(&calendars), (range, as_of));
        }
        Ok(calendars)
    }

    /// A list of free times that was made of `calendars`, as it was written down; or else `make`
    /// makes it.
    pub(crate) fn written(
        &self,
        facility: FacilityId,
        calendars: &Arc<Calendars>,
        list: List,
        now: Instant,
        make: impl FnOnce() -> Result<Bytes>,
    ) -> Result<Bytes> {
        if let Some(text) = self.read().kept.list(facility, calendars, &list, now) {
            return Ok(text);
        }
        let text = make()?;
        self.write().kept.keep_list(facility, calendars, (list, text.clone()), now);
        Ok(text)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks what has changed, as of now at the earliest; the number of the reading.
    async fn refresh(&self, app: &App) -> Result<u64> {
        let arrived = self.begun.load(Ordering::SeqCst);
        let mut turn = self.turn.lock().await;
        if turn.done > arrived {
            // Somebody began to read after this search did.
            return Ok(turn.done);
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let mut changes = app.store.changes(turn.next).await?;
        if !self.knows_rules(&changes) {
            let mut tx = app.store.read().await?;
            changes = tx.changes(turn.next).await?;
            let changed_since = turn.next.unwrap_or_default();
            let filter = FacilityFilter { changed_since, ..FacilityFilter::default() };
            let rules = rules::load(&mut tx, &filter).await?;
            self.take(app, rules, number);
        }
        let told: HashSet<_> = changes.bookings.into_iter().collect();
        self.mark(&told.difference(&turn.told).map(|(id, _)| *id).collect(), number);
        turn.told = told;
        turn.next = Some(changes.next);
        turn.done = number;
        Ok(number)
    }

    fn knows_rules(&self, changes: &Changes) -> bool {
        let state = self.read();
        let known = |(id, version): &(FacilityId, i64)| {
            state.places.get(id).is_some_and(|place| place.rules.version == *version)
        };
        changes.rules.iter().all(known)
    }

    fn take(&self, app: &App, rules: Vec<Rules>, number: u64) {
        let mut state = self.write();
        for rules in rules {
            let rules = Arc::new(rules);
            state.kept.changed(rules.facility.id, number);
            app.rules().keep(&rules);
            state.places.insert(rules.facility.id, Place { rules, times: None, stale: None });
        }
    }

    fn mark(&self, changed: &BTreeSet<FacilityId>, number: u64) {
        if changed.is_empty() {
            return;
        }
        let mut state = self.write();
        let mut shared: BTreeSet<RoomId> = BTreeSet::new();
        for id in changed {
            state.kept.changed(*id, number);
            if let Some(place) = state.places.get_mut(id) {
                place.stale.get_or_insert(number);
                shared.extend(place.rules.practice.rooms.iter().map(|room| room.room));
            }
        }
        if shared.is_empty() {
            return;
        }
        // A room that one clinic gives back is free for the others.
        for place in state.places.values_mut() {
            if place.rules.practice.rooms.iter().any(|room| shared.contains(&room.room)) {
                place.stale.get_or_insert(number);
            }
        }
    }

    /// Reads what is known into `seen`; of which facilities too little is, and from which day on.
    fn look(
        &self,
        query: Query<'_>,
        matches: &impl Fn(&Rules) -> bool,
        seen: &mut Vec<Seen>,
    ) -> Vec<FacilityId> {
        seen.clear();
        let mut wanting = Vec::new();
        let state = self.read();
        for (id, place) in state.places.iter().filter(|(_, place)| matches(&place.rules)) {
            match state.view(place, query) {
                Ok(view) => seen.push(Seen { rules: Arc::clone(&place.rules), view }),
                Err(_) => wanting.push(*id),
            }
        }
        wanting
    }

    /// Finds out more of those facilities: days with hours, so many.
    async fn find_out(
        &self,
        app: &App,
        query: Query<'_>,
        wanting: &[FacilityId],
        count: usize,
    ) -> Result<()> {
        // Others who want the same wait here, and find it done. Meanwhile nothing is marked.
        let _turn = self.turn.lock().await;
        let now = query.now;
        self.write().turn_to(now);
        let mut jobs = self.read().jobs(app, query, wanting, count);
        let mut rooms = HashMap::new();
        let open: Vec<&mut Job> = jobs.iter_mut().filter(|job| job.chunk.open).collect();
        if !open.is_empty() {
            let mut tx = app.store.read().await?;
            rooms = load_taken(&mut tx, open, now).await?;
        }
        let found = find_all(app, jobs, rooms, now).await?;
        self.write().add(found, now);
        Ok(())
    }
}

impl State {
    /// What the search shows of a place, or from which day on too little is known.
    fn view(&self, place: &Place, query: Query<'_>) -> std::result::Result<View, usize> {
        let ahead = self.zones.get(&place.rules.facility.zone);
        let ahead = ahead.filter(|ahead| ahead.is_of(query.now)).ok_or(0_usize)?;
        let fresh = place.stale.is_none_or(|since| since > query.as_of);
        let times = place.times.as_ref().filter(|times| fresh && times.hold_at(ahead, query.now));
        view(&place.rules, times, ahead, query.asked, query.now)
    }

    /// Makes the days of all zones those from today on.
    fn turn_to(&mut self, now: Instant) {
        let zones: BTreeSet<&str> =
            self.places.values().map(|place| place.rules.facility.zone.name()).collect();
        for zone in zones.into_iter().filter_map(|name| name.parse::<Tz>().ok()) {
            if !self.zones.get(&zone).is_some_and(|ahead| ahead.is_of(now)) {
                self.zones.insert(zone, Arc::new(Ahead::new(zone, now)));
            }
        }
    }

    fn jobs(&self, app: &App, query: Query<'_>, wanting: &[FacilityId], count: usize) -> Vec<Job> {
        let mut jobs = Vec::with_capacity(wanting.len());
        for place in wanting.iter().filter_map(|id| self.places.get(id)) {
            let Some(ahead) = self.zones.get(&place.rules.facility.zone) else { continue };
            let Err(first) = self.view(place, query) else { continue };
            let from = query.asked.from.map_or(0, |date| ahead.index_of(date));
            let days = (count, from + usize::from(query.asked.days));
            let chunk = Chunk::plan(&place.rules, &app.holidays, ahead, first, days);
            jobs.push(Job {
                rules: Arc::clone(&place.rules),
                ahead: Arc::clone(ahead),
                chunk,
                taken: HashMap::new(),
                until: place.rules.fresh_until(query.now),
            });
        }
        jobs
    }

    fn add(&mut self, found: Vec<(Arc<Rules>, Times)>, now: Instant) {
        for (rules, more) in found {
            let Some(place) = self.places.get_mut(&rules.facility.id) else { continue };
            let Some(ahead) = self.zones.get(&rules.facility.zone) else { continue };
            let fresh = place.stale.take().is_none();
            match place.times.as_mut().filter(|times| fresh && times.hold_at(ahead, now)) {
                Some(times) => times.add(more),
                None => place.times = Some(more),
            }
        }
    }
}

/// Reads the rules that changed, and the first free times of all facilities where they are not known.
pub async fn keep_ready(app: &App) -> Result<()> {
    app.summary().search(app, &Asked::default(), |_| true, app.clock.now()).await?;
    Ok(())
}

/// Loads what is taken of the facilities' time, for all of them in one statement; what is taken of
/// rooms, in one more.
async fn load_taken(
    tx: &mut Tx,
    mut jobs: Vec<&mut Job>,
    now: Instant,
) -> Result<HashMap<RoomId, Vec<Busy>>> {
    let spans = jobs.iter().filter_map(|job| job.chunk.span(&job.ahead));
    let span = spans.reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) });
    // What is kept free before a visit reaches into the day before.
    let Some(span) = span.map(|span| span.pad(DAY, DAY)) else { return Ok(HashMap::new()) };
    let ids: Vec<FacilityId> = jobs.iter().map(|job| job.rules.facility.id).collect();
    let mut at: HashMap<ClinicianId, usize> = HashMap::new();
    for (index, job) in jobs.iter().enumerate() {
        at.extend(job.rules.rosters.iter().map(|roster| (roster.clinician, index)));
    }
    for one in tx.taken_of(&ids, span).await? {
        let Some(job) = at.get(&one.clinician).map(|index| &mut *jobs[*index]) else { continue };
        if one.lane == 0 && !one.is_over(now) {
            job.until = job.until.min(one.expires.unwrap_or(Instant::MAX_UTC));
            job.taken.entry(one.clinician).or_default().push(one.busy);
        }
    }
    if !jobs.iter().any(|job| job.rules.need_rooms()) {
        return Ok(HashMap::new());
    }
    let rooms = by_room(tx.room_busy(&FacilityFilter::default(), span, now).await?);
    for job in jobs.into_iter().filter(|job| job.rules.need_rooms()) {
        if job.rules.practice.rooms.iter().any(|room| rooms.contains_key(&room.room)) {
            // Another clinic's hold of the room may run out at any time.
            job.until = job.until.min(now + chrono::TimeDelta::seconds(1));
        }
    }
    Ok(rooms)
}

const DAY: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// Finds out what `jobs` ask for, beside the server's other work where it takes long.
async fn find_all(
    app: &App,
    jobs: Vec<Job>,
    rooms: HashMap<RoomId, Vec<Busy>>,
    now: Instant,
) -> Result<Vec<(Arc<Rules>, Times)>> {
    let app = app.clone();
    let few = jobs.len() <= FEW;
    let find_all = move |jobs: Vec<Job>| -> Vec<(Arc<Rules>, Times)> {
        let one = |mut job: Job| {
            let (rules, ends) = (job.rules, (now, job.until));
            let holidays = &app.holidays;
            let taken = &mut job.taken;
            let times = find(&rules, holidays, &job.ahead, &job.chunk, taken, &rooms, ends);
            (rules, times)
        };
        jobs.into_iter().map(one).collect()
    };
    if few {
        return Ok(find_all(jobs));
    }
    let work = move || {
        let mut jobs = jobs;
        let rest = jobs.split_off(jobs.len() / 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| find_all(rest));
            let mut found = find_all(jobs);
            found.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            found
        })
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(found) => Ok(found),
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
