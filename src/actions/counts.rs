//! Counts of the facilities in the register. The register's rows are kept in memory, packed, under
//! the version that the database has of its lists: whoever asks first after an import, by whatever
//! process, has them read anew, and others wait for that.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Tokyo;

use super::{App, Error, Result};
use crate::engine::counts::By;
use crate::engine::counts::answer::{self, Answer, Asked};
use crate::engine::counts::ask::Within;
use crate::engine::counts::members::{self, Behind, Member, Started, What};
use crate::engine::counts::snapshot::{InForce, Place, Snapshot};
use crate::format::seeds;
use crate::model::register::{Criterion, Size};
use crate::store::{Described, ListsVersion};
use crate::time::{Instant, zone};

/// The register as it was last read.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    snapshot: RwLock<Option<(ListsVersion, Arc<Snapshot>)>>,
    /// Who reads; one at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Kept {
    fn get(&self, version: ListsVersion) -> Option<Arc<Snapshot>> {
        let kept = self.snapshot.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(of, _)| *of == version).map(|(_, snapshot)| Arc::clone(snapshot))
    }
}

/// The register, as the database has it now.
pub async fn register(app: &App) -> Result<Arc<Snapshot>> {
    let version = app.store.read().await?.lists_version().await?;
    if let Some(kept) = app.counts().get(version) {
        return Ok(kept);
    }
    let _turn = app.counts().turn.lock().await;
    // One snapshot of the database: rows and version belong together.
    let mut tx = app.store.read().await?;
    let version = tx.lists_version().await?;
    if let Some(kept) = app.counts().get(version) {
        return Ok(kept);
    }
    let rows = tx.register_rows().await?;
    drop(tx);
    let packed =
        tokio::task::spawn_blocking(move || Snapshot::new(rows, places(), in_force())).await;
    let snapshot = Arc::new(packed.map_err(|_| Error::Refused("not_a_list"))?);
    let mut kept = app.counts().snapshot.write().unwrap_or_else(PoisonError::into_inner);
    *kept = Some((version, Arc::clone(&snapshot)));
    Ok(snapshot)
}

/// Has the register ready for whoever asks next.
pub async fn keep_ready(app: &App) -> Result<()> {
    register(app).await.map(|_| ())
}

/// The municipalities of the reference data. A designated city (政令指定都市) whose wards stand
/// beside it is no part of its own: its residents are theirs.
pub fn places() -> &'static [Place] {
    static PLACES: LazyLock<Vec<Place>> = LazyLock::new(read_places);
    &PLACES
}

fn read_places() -> Vec<Place> {
    let all = seeds::municipalities();
    let place = |one: &seeds::Municipality| {
        let ward = |other: &seeds::Municipality| {
            other.prefecture_code == one.prefecture_code
                && other.name.len() > one.name.len()
                && other.name.starts_with(&one.name)
                && other.name.ends_with('区')
        };
        let city = one.name.ends_with('市') && all.iter().any(ward);
        Place {
            code: one.code.clone(),
            area: (!one.medical_area.is_empty()).then(|| one.medical_area.clone()),
            residents: one.population_2025_01_01,
            whole: !city,
        }
    };
    all.iter().map(place).collect()
}

/// When each criterion is in force, by the table of symbols.
pub fn in_force() -> Vec<InForce> {
    let window = |criterion| {
        let rows = || seeds::criteria().of(criterion);
        let from = rows().map(|row| row.valid_from).min()?;
        // A row without an end holds for good.
        let until: Option<Vec<NaiveDate>> = rows().map(|row| row.valid_to).collect();
        let until = until.and_then(|days| days.into_iter().max()).and_then(|last| last.succ_opt());
        Some(InForce { criterion, from, until })
    };
    Criterion::ALL.into_iter().filter_map(window).collect()
}

/// As known when: a day to its end, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownOn {
    /// What was known when this day ended, in Japan.
    Day(NaiveDate),
    /// What was known at this instant.
    At(Instant),
}

impl KnownOn {
    /// The instant.
    pub fn instant(self) -> Instant {
        match self {
            Self::At(instant) => instant,
            Self::Day(date) => {
                let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
                let end = zone::instant_at(Tokyo, next, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
                end.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(end)
            }
        }
    }
}

impl std::str::FromStr for KnownOn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(date) = text.parse() {
            return Ok(Self::Day(date));
        }
        let instant = text.parse::<DateTime<chrono::FixedOffset>>();
        instant.map(|at| Self::At(at.to_utc())).map_err(|_| Error::invalid("/known_on", "form"))
    }
}

/// A question as people ask it: what is not said is as of today, as known now.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// On which day.
    pub as_of: Option<NaiveDate>,
    /// As known when.
    pub known_on: Option<KnownOn>,
    /// Of what.
    pub criterion: Option<Criterion>,
    /// Which facilities.
    pub within: Within,
    /// Since when what came and went is to be told.
    pub since: Option<NaiveDate>,
}

impl Query {
    fn as_of(&self, app: &App) -> NaiveDate {
        self.as_of.unwrap_or_else(|| zone::date_of(Tokyo, app.clock.now()))
    }

    fn known(&self, app: &App) -> Instant {
        self.known_on.map_or_else(|| app.clock.now(), KnownOn::instant)
    }
}

/// Counts facilities.
pub async fn count(app: &App, by: By, query: &Query) -> Result<Answer> {
    let register = register(app).await?;
    Ok(answer::answer(&register, &asked(app, by, query)))
}

fn asked(app: &App, by: By, query: &Query) -> Asked {
    Asked {
        by,
        as_of: query.as_of(app),
        known: query.known(app),
        criterion: query.criterion,
        within: query.within.clone(),
        since: query.since,
    }
}

/// The prefectures of which there is a list, each with the days of its first and last.
pub async fn prefectures(app: &App, query: &Query) -> Result<Vec<(String, NaiveDate, NaiveDate)>> {
    let register = register(app).await?;
    let known = query.known(app);
    let days = |code: &str| {
        let (first, last) = register.list_days(code, known)?;
        Some((code.to_owned(), first, last))
    };
    Ok(register.prefectures().filter_map(days).collect())
}

/// One page of the facilities behind a number.
#[derive(Debug)]
pub struct Listed {
    /// On which day.
    pub as_of: NaiveDate,
    /// How many there are in all.
    pub count: usize,
    /// Those of the page, with how the list described them.
    pub page: Vec<(Member, Option<Described>)>,
}

/// Facilities on a page of the list.
pub const PAGE: usize = 50;

/// The facilities behind a number, from the place `from` on.
pub async fn facilities(
    app: &App,
    query: &Query,
    what: What,
    started: Option<Started>,
    from: usize,
) -> Result<Listed> {
    let register = register(app).await?;
    let (as_of, known) = (query.as_of(app), query.known(app));
    let behind = Behind {
        what,
        as_of,
        known,
        criterion: query.criterion,
        within: query.within.clone(),
        since: query.since,
        started,
    };
    let all = members::members(&register, &behind);
    let count = all.len();
    let mut tx = app.store.read().await?;
    let mut page = Vec::with_capacity(PAGE);
    for member in all.into_iter().skip(from).take(PAGE) {
        let described = tx.described(member.code, as_of, known).await?;
        page.push((member, described));
    }
    Ok(Listed { as_of, count, page })
}

/// The size of this word, where it is one.
pub fn size(code: &str) -> Result<Size> {
    let found = Size::ALL.into_iter().find(|size| size.code() == code);
    found.ok_or(Error::invalid("/size", "form"))
}
