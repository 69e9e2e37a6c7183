//! The register's rows with both of their times, packed so that all of a prefecture with ten years
//! of history is counted in some milliseconds: days and instants as numbers, the rows of one
//! institution beside each other, institutions in order of code, so that a prefecture is a range.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use crate::model::register::{Code10, Criterion, Size};
use crate::time::Instant;

/// A day as a number.
pub(super) type Day = i32;
/// A day that has not come.
pub(super) const OPEN: Day = Day::MAX;

/// A municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its six digits.
    pub code: String,
    /// Its secondary medical area, where it has one.
    pub area: Option<String>,
    /// Residents, where known.
    pub residents: Option<u32>,
    /// Whether it is a part of its own. A designated city whose wards stand beside it is not.
    pub whole: bool,
}

/// A list that was read.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// The prefecture's two digits.
    pub prefecture: String,
    /// The day whose state it shows.
    pub as_of: NaiveDate,
    /// Whether it shows institutions without filings too.
    pub all_institutions: bool,
    /// When it was read.
    pub recorded_at: Instant,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
}

/// How an institution was for a time.
#[derive(Clone, Debug)]
pub struct StateRow {
    /// Which.
    pub code: Code10,
    /// From this day.
    pub valid_from: NaiveDate,
    /// Up to and without this day.
    pub valid_until: Option<NaiveDate>,
    /// The municipality's six digits, where known.
    pub municipality: Option<String>,
    /// Hospital or clinic.
    pub size: Size,
    /// Since when this is known.
    pub recorded_at: Instant,
    /// Until when it was.
    pub superseded_at: Option<Instant>,
}

/// A notification for a time.
#[derive(Clone, Debug)]
pub struct FilingRow {
    /// Whose.
    pub code: Code10,
    /// Of what.
    pub criterion: Criterion,
    /// From when it is in effect, where the list tells.
    pub effective_from: Option<NaiveDate>,
    /// The day of the list that showed it first: its start where the list tells none.
    pub first_seen: NaiveDate,
    /// The days between which it lapsed: the last list that showed it, the first that did not.
    pub lapsed: Option<(NaiveDate, NaiveDate)>,
    /// Since when this is known.
    pub recorded_at: Instant,
    /// Until when it was.
    pub superseded_at: Option<Instant>,
}

/// An institution that probably goes on under another code.
#[derive(Clone, Debug)]
pub struct PairRow {
    /// The code that lapsed.
    pub old: Code10,
    /// The new one.
    pub new: Code10,
    /// Since when this is known.
    pub recorded_at: Instant,
    /// Until when it was.
    pub superseded_at: Option<Instant>,
}

/// The register as rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Lists.
    pub lists: Vec<ListRow>,
    /// States of institutions.
    pub states: Vec<StateRow>,
    /// Notifications.
    pub filings: Vec<FilingRow>,
    /// Re-designations.
    pub pairs: Vec<PairRow>,
}

/// When a criterion is in force: its first day, and the first day after it.
#[derive(Clone, Copy, Debug)]
pub struct InForce {
    /// Which.
    pub criterion: Criterion,
    /// From this day.
    pub from: NaiveDate,
    /// Up to and without this day.
    pub until: Option<NaiveDate>,
}

/// Since when a row is known, and until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    from: i64,
    until: i64,
}

impl Known {
    fn new(from: Instant, until: Option<Instant>) -> Self {
        Self {
            from: from.timestamp_micros(),
            until: until.map_or(i64::MAX, |at| at.timestamp_micros()),
        }
    }

    pub(super) fn on(self, known: i64) -> bool {
        self.from <= known && known < self.until
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) from: Day,
    pub(super) until: Day,
    pub(super) place: u16,
    pub(super) size: Size,
    pub(super) known: Known,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Filing {
    pub(super) criterion: Criterion,
    /// Whether the start is what the list tells.
    pub(super) dated: bool,
    pub(super) start: Day,
    /// It was in effect for sure before this day.
    pub(super) sure: Day,
    pub(super) end: Day,
    pub(super) known: Known,
}

/// Another institution that this one became, or came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) old: u32,
    pub(super) new: u32,
    pub(super) known: Known,
}

#[derive(Clone, Copy, Debug)]
struct List {
    as_of: Day,
    all: bool,
    known: Known,
}

/// What is known of a prefecture's lists up to a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Covered {
    pub(super) first: Day,
    /// The last list up to the day that was asked.
    pub(super) last: Option<Day>,
    /// The last list of all.
    pub(super) newest: Day,
    /// Whether that one shows all institutions.
    pub(super) all: bool,
}

/// The register, ready to be counted.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(super) codes: Vec<Code10>,
    state_at: Vec<u32>,
    states: Vec<State>,
    filing_at: Vec<u32>,
    filings: Vec<Filing>,
    pairs: HashMap<u32, Vec<Pair>>,
    /// The first is the unknown one.
    pub(super) places: Vec<Place>,
    lists: BTreeMap<String, Vec<List>>,
    in_force: Vec<InForce>,
}

pub(super) fn day(date: NaiveDate) -> Day {
    date.num_days_from_ce()
}

pub(super) fn date(day: Day) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day).unwrap_or_default()
}

impl Snapshot {
    /// Packs `rows`. A criterion's acceptance ends with the criterion, whatever its row says.
    pub fn new(rows: Rows, places: &[Place], in_force: Vec<InForce>) -> Self {
        let nowhere = Place { code: String::new(), area: None, residents: None, whole: false };
        let mut snapshot = Self { places: vec![nowhere], in_force, ..Self::default() };
        snapshot.places.extend(places.iter().cloned());
        for row in &rows.lists {
            snapshot.lists.entry(row.prefecture.clone()).or_default().push(List {
                as_of: day(row.as_of),
                all: row.all_institutions,
                known: Known::new(row.recorded_at, row.undone_at),
            });
        }
        let mut codes: Vec<Code10> = rows.states.iter().map(|row| row.code).collect();
        codes.extend(rows.filings.iter().map(|row| row.code));
        codes.sort_unstable();
        codes.dedup();
        snapshot.codes = codes;
        snapshot.pack_states(rows.states);
        snapshot.pack_filings(rows.filings);
        for row in rows.pairs {
            let (Some(old), Some(new)) = (snapshot.index(row.old), snapshot.index(row.new)) else {
                continue;
            };
            let pair = Pair { old, new, known: Known::new(row.recorded_at, row.superseded_at) };
            for one in [old, new] {
                snapshot.pairs.entry(one).or_default().push(pair);
            }
        }
        snapshot
    }

    fn pack_states(&mut self, mut rows: Vec<StateRow>) {
        rows.sort_by_key(|row| (row.code, row.valid_from, row.recorded_at));
        let mut by_code: HashMap<String, u16> = HashMap::new();
        for (at, place) in self.places.iter().enumerate().skip(1) {
            by_code.insert(place.code.clone(), u16::try_from(at).unwrap_or_default());
        }
        self.state_at = offsets(&self.codes, rows.iter().map(|row| row.code));
        for row in rows {
            let place = row.municipality.map_or(0, |code| {
                if let Some(place) = by_code.get(&code) {
                    return *place;
                }
                // A municipality that is no more, or that the reference data lack.
                let at = u16::try_from(self.places.len()).unwrap_or_default();
                by_code.insert(code.clone(), at);
                self.places.push(Place { code, area: None, residents: None, whole: true });
                at
            });
            self.states.push(State {
                from: day(row.valid_from),
                until: row.valid_until.map_or(OPEN, day),
                place,
                size: row.size,
                known: Known::new(row.recorded_at, row.superseded_at),
            });
        }
    }

    fn pack_filings(&mut self, mut rows: Vec<FilingRow>) {
        rows.sort_by_key(|row| (row.code, row.criterion, row.recorded_at));
        self.filing_at = offsets(&self.codes, rows.iter().map(|row| row.code));
        for row in rows {
            let (from, until) = self.window(row.criterion);
            let start = row.effective_from.unwrap_or(row.first_seen);
            let (sure, end) = row
                .lapsed
                .map_or((OPEN, OPEN), |(after, on)| (day(after).saturating_add(1), day(on)));
            self.filings.push(Filing {
                criterion: row.criterion,
                dated: row.effective_from.is_some(),
                start: day(start).max(from),
                sure: sure.min(until),
                end: end.min(until),
                known: Known::new(row.recorded_at, row.superseded_at),
            });
        }
    }

    /// When a criterion is in force.
    pub(super) fn window(&self, criterion: Criterion) -> (Day, Day) {
        let found = self.in_force.iter().find(|one| one.criterion == criterion);
        found.map_or((Day::MIN, OPEN), |one| (day(one.from), one.until.map_or(OPEN, day)))
    }

    /// The criterion that is in force on a day; before the first, the first.
    pub fn criterion_on(&self, date: NaiveDate) -> Criterion {
        let on = |one: &&InForce| one.from <= date;
        let newest = self.in_force.iter().filter(on).max_by_key(|one| one.from);
        newest.map_or(Criterion::OnlineCareFeeLegacy, |one| one.criterion)
    }

    /// Where an institution stands.
    pub(super) fn index(&self, code: Code10) -> Option<u32> {
        self.codes.binary_search(&code).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// The institutions of a prefecture, or all.
    pub(super) fn range(&self, prefecture: Option<&str>) -> Range<usize> {
        let Some(prefecture) = prefecture else { return 0..self.codes.len() };
        let start = self.codes.partition_point(|code| code.prefecture() < prefecture);
        let end = self.codes.partition_point(|code| code.prefecture() <= prefecture);
        start..end
    }

    pub(super) fn states(&self, at: usize) -> &[State] {
        &self.states[self.state_at[at] as usize..self.state_at[at + 1] as usize]
    }

    pub(super) fn filings(&self, at: usize) -> &[Filing] {
        &self.filings[self.filing_at[at] as usize..self.filing_at[at + 1] as usize]
    }

    pub(super) fn pairs(&self, at: usize) -> &[Pair] {
        if self.pairs.is_empty() {
            return &[];
        }
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.pairs.get(&at).map_or(&[], Vec::as_slice)
    }

    /// Prefectures of which any list was ever read.
    pub fn prefectures(&self) -> impl Iterator<Item = &str> {
        self.lists.keys().map(String::as_str)
    }

    /// What was known of a prefecture's lists, up to a day.
    pub(super) fn covered(&self, prefecture: &str, day: Day, known: i64) -> Option<Covered> {
        let lists = || self.lists.get(prefecture).into_iter().flatten();
        let known = || lists().filter(|list| list.known.on(known));
        let first = known().map(|list| list.as_of).min()?;
        let newest = known().map(|list| list.as_of).max()?;
        // The later of two lists of one day corrects the other.
        let last = known().filter(|list| list.as_of <= day).max_by_key(|l| (l.as_of, l.known.from));
        let all = last.is_some_and(|list| list.all);
        Some(Covered { first, last: last.map(|list| list.as_of), newest, all })
    }

    /// The day of a prefecture's first list, and of its last, as known at an instant.
    pub fn list_days(&self, prefecture: &str, known: Instant) -> Option<(NaiveDate, NaiveDate)> {
        let covered = self.covered(prefecture, OPEN - 1, known.timestamp_micros())?;
        Some((date(covered.first), date(covered.newest)))
    }

    /// How many institutions, states and notifications it holds.
    pub fn size(&self) -> [usize; 3] {
        [self.codes.len(), self.states.len(), self.filings.len()]
    }
}

/// Where the rows of each code begin; `rows` are in order of code.
fn offsets(codes: &[Code10], rows: impl Iterator<Item = Code10>) -> Vec<u32> {
    let mut rows = rows.peekable();
    let (mut found, mut count) = (Vec::with_capacity(codes.len() + 1), 0_u32);
    found.push(0);
    for code in codes {
        while rows.next_if_eq(code).is_some() {
            count += 1;
        }
        found.push(count);
    }
    found
}
