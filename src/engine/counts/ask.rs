//! A division of the facilities on a day, as known at an instant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::pieces::{Edge, Piece, Reader, Reading, since};
use super::snapshot::{Covered, Day, Snapshot, date, day};
use super::{By, Counts, Flows, Missing, NoCount, Part, UNKNOWN};
use crate::model::register::{Criterion, Size, fiscal_year};
use crate::time::Instant;

/// Which facilities are meant. Nothing set means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// Of a prefecture: its two digits.
    pub prefecture: Option<String>,
    /// Of a municipality: its six digits, or [`UNKNOWN`].
    pub municipality: Option<String>,
    /// Of a secondary medical area, or [`UNKNOWN`].
    pub area: Option<String>,
    /// Of a size.
    pub size: Option<Size>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Divided how; not by time.
    pub by: By,
    /// On which day.
    pub as_of: NaiveDate,
    /// As known at this instant.
    pub known: Instant,
    /// Of what; else of the criterion that was in force on the day.
    pub criterion: Option<Criterion>,
    /// Which facilities.
    pub within: Within,
    /// Since when what came and went is to be told: without this day, with `as_of`.
    pub since: Option<NaiveDate>,
}

/// [`Within`] with its names looked up.
#[derive(Debug)]
pub(super) struct Filter {
    places: Option<Vec<bool>>,
    size: Option<Size>,
}

impl Filter {
    pub(super) fn new(register: &Snapshot, within: &Within) -> Self {
        let narrowed = within.municipality.is_some() || within.area.is_some();
        let meant = |place: &super::snapshot::Place| {
            let code = if place.code.is_empty() { UNKNOWN } else { &place.code };
            let area = place.area.as_deref().unwrap_or(UNKNOWN);
            within.municipality.as_deref().is_none_or(|wanted| wanted == code)
                && within.area.as_deref().is_none_or(|wanted| wanted == area)
        };
        let places = narrowed.then(|| register.places.iter().map(meant).collect());
        Self { places, size: within.size }
    }

    pub(super) fn takes(&self, place: u16, size: Size) -> bool {
        self.size.is_none_or(|wanted| wanted == size)
            && self.places.as_ref().is_none_or(|meant| meant[usize::from(place)])
    }

    /// Whether nothing is left out.
    fn takes_all(&self) -> bool {
        self.size.is_none() && self.places.is_none()
    }
}

/// What counting goes by: the day and the instant as numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) day: Day,
    pub(super) known: i64,
}

/// A prefecture that can be counted.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) prefecture: String,
    pub(super) covered: Covered,
}

/// Counts.
pub fn count(register: &Snapshot, question: &Question) -> Counts {
    let moment = Moment { day: day(question.as_of), known: question.known.timestamp_micros() };
    let (scopes, missing) = scopes(register, question.within.prefecture.as_deref(), moment);
    let mut counts = Counts { missing, ..Counts::default() };
    counts.lists = days(&scopes);
    if scopes.is_empty() {
        let reason = counts.missing.first().map_or(NoCount::NoList, |one| one.reason);
        counts.reason = Some(reason);
        return counts;
    }
    let criteria: Vec<Criterion> = match (question.by, question.criterion) {
        (By::Criterion, None) => Criterion::ALL.to_vec(),
        (_, criterion) => {
            vec![criterion.unwrap_or_else(|| register.criterion_on(question.as_of))]
        }
    };
    let in_force = criteria.iter().any(|criterion| {
        let (from, until) = register.window(*criterion);
        from <= moment.day && moment.day < until
    });
    if !in_force {
        counts.reason = Some(NoCount::NotInForce);
        return counts;
    }
    let mut tally = Tally::new(register, question, moment);
    for scope in &scopes {
        tally.prefecture(scope, &criteria);
    }
    tally.name(&scopes, &mut counts);
    counts
}

/// The prefectures that can be counted on a day, and those that cannot.
pub(super) fn scopes(
    register: &Snapshot,
    prefecture: Option<&str>,
    moment: Moment,
) -> (Vec<Scope>, Vec<Missing>) {
    let wanted: Vec<&str> =
        prefecture.map_or_else(|| register.prefectures().collect(), |one| vec![one]);
    let (mut scopes, mut missing) = (Vec::new(), Vec::new());
    for prefecture in wanted {
        let without =
            |reason, first_list| Missing { prefecture: prefecture.to_owned(), reason, first_list };
        match register.covered(prefecture, moment.day, moment.known) {
            Some(covered) if covered.first <= moment.day => {
                scopes.push(Scope { prefecture: prefecture.to_owned(), covered });
            }
            Some(covered) => {
                missing.push(without(NoCount::BeforeFirstList, Some(date(covered.first))));
            }
            None => missing.push(without(NoCount::NoList, None)),
        }
    }
    (scopes, missing)
}

fn days(scopes: &[Scope]) -> Option<(NaiveDate, NaiveDate)> {
    let days = || scopes.iter().filter_map(|scope| scope.covered.last);
    days().min().zip(days().max()).map(|(first, last)| (date(first), date(last)))
}

/// A part while it is counted.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    part: Part,
    flows: Flows,
    /// Of these institutions some are of lists that do not show all.
    partial: bool,
}

/// What divides, as numbers: places, areas, sizes, years.
type Key = i32;
const NO_KEY: Key = Key::MIN;

struct Tally<'a> {
    register: &'a Snapshot,
    question: &'a Question,
    moment: Moment,
    since: Option<Day>,
    filter: Filter,
    areas: Vec<&'a str>,
    /// The area of each place.
    area_of: Vec<Key>,
    parts: BTreeMap<Key, Cell>,
    total: Cell,
    reader: Reader,
}

impl<'a> Tally<'a> {
    fn new(register: &'a Snapshot, question: &'a Question, moment: Moment) -> Self {
        let names: BTreeSet<&str> =
            register.places.iter().filter_map(|place| place.area.as_deref()).collect();
        let areas: Vec<&str> = names.into_iter().collect();
        let area_of = register.places.iter().map(|place| {
            let area = place.area.as_deref().and_then(|area| areas.binary_search(&area).ok());
            area.and_then(|at| Key::try_from(at).ok()).unwrap_or(NO_KEY)
        });
        Self {
            register,
            question,
            moment,
            since: question.since.map(day).filter(|since| *since < moment.day),
            filter: Filter::new(register, &question.within),
            area_of: area_of.collect(),
            areas,
            parts: BTreeMap::new(),
            total: Cell::default(),
            reader: Reader::default(),
        }
    }

    fn prefecture(&mut self, scope: &Scope, criteria: &[Criterion]) {
        let number = scope.prefecture.parse().unwrap_or(NO_KEY);
        self.zeros(scope, number);
        // Before the first list nobody knows who came and went.
        self.since = self.since.filter(|since| scope.covered.first <= *since);
        let (register, moment) = (self.register, self.moment);
        for at in register.range(Some(&scope.prefecture)) {
            for criterion in criteria {
                let reading = Reading { criterion: *criterion, known: moment.known, sure: false };
                self.facility(at, number, reading);
            }
            let mut there = None;
            self.reader.presence(register, at, moment.known, |presence| {
                if presence.holds_on(moment.day) {
                    there = Some(presence);
                }
            });
            if let Some(there) = there
                && self.filter.takes(there.place, there.size)
            {
                let key = self.static_key(number, there.place, there.size);
                let partial = !scope.covered.all;
                if let Some(key) = key {
                    let cell = self.parts.entry(key).or_default();
                    cell.part.figures.institutions += 1;
                    cell.partial |= partial;
                }
                self.total.part.figures.institutions += 1;
            }
        }
        self.total.partial |= !scope.covered.all;
    }

    fn facility(&mut self, at: usize, prefecture: Key, reading: Reading) {
        let (moment, since_day) = (self.moment, self.since);
        let mut reader = std::mem::take(&mut self.reader);
        // Pieces do not overlap, so at most one holds on the day.
        let mut held = None;
        reader.read(self.register, at, reading, |piece| {
            if !self.filter.takes(piece.place, piece.size) {
                return;
            }
            if let Some(since) = since_day {
                self.flow(at, prefecture, reading, piece, since);
            }
            if piece.holds_on(moment.day) {
                held = Some(piece);
            }
        });
        if let Some(piece) = held {
            let mut sure = false;
            let only = Reading { sure: true, ..reading };
            reader.read(self.register, at, only, |piece| sure |= piece.holds_on(moment.day));
            let key = self.key(at, prefecture, reading, piece);
            let part = &mut self.parts.entry(key).or_default().part;
            for figures in [&mut part.figures, &mut self.total.part.figures] {
                figures.add_facility(piece.size);
                figures.uncertain += u32::from(!sure);
            }
        }
        self.reader = reader;
    }

    /// What of a piece happened after `since` and up to the day.
    fn flow(&mut self, at: usize, prefecture: Key, reading: Reading, piece: Piece, since: Day) {
        let within = |day: Day| since < day && day <= self.moment.day;
        let (begins, ends) = (within(piece.start), within(piece.end));
        if !begins && !ends {
            return;
        }
        let key = self.key(at, prefecture, reading, piece);
        for flows in [&mut self.parts.entry(key).or_default().flows, &mut self.total.flows] {
            flow(flows, piece, begins, ends);
        }
    }

    /// The part of a place and size, where the division goes by nothing else.
    fn static_key(&self, prefecture: Key, place: u16, size: Size) -> Option<Key> {
        match self.question.by {
            By::Prefecture => Some(prefecture),
            By::Municipality => Some(if place == 0 { NO_KEY } else { Key::from(place) }),
            By::Area => Some(self.area_of.get(usize::from(place)).copied().unwrap_or(NO_KEY)),
            By::Kind => Some(size as Key),
            By::Year | By::Month | By::Criterion | By::StartYear => None,
        }
    }

    fn key(&self, at: usize, prefecture: Key, reading: Reading, piece: Piece) -> Key {
        let key = self.static_key(prefecture, piece.place, piece.size);
        key.unwrap_or_else(|| match self.question.by {
            By::Criterion => reading.criterion as Key,
            _ => since(self.register, at, self.moment.day, reading)
                .map_or(NO_KEY, |start| fiscal_year(date(start))),
        })
    }

    /// The parts that are there even where nobody is in them.
    fn zeros(&mut self, scope: &Scope, prefecture: Key) {
        let keys: Vec<Key> = match self.question.by {
            By::Prefecture => vec![prefecture],
            By::Kind => {
                let sizes = Size::ALL.into_iter();
                sizes
                    .filter(|size| self.filter.size.is_none_or(|s| s == *size))
                    .map(|s| s as Key)
                    .collect()
            }
            By::Criterion => Criterion::ALL.into_iter().map(|c| c as Key).collect(),
            By::Municipality | By::Area => {
                let places = self.register.places.iter().enumerate();
                let here = places.filter(|(at, place)| {
                    let meant = self.filter.places.as_ref().is_none_or(|meant| meant[*at]);
                    meant && place.whole && place.code.starts_with(scope.prefecture.as_str())
                });
                let by_area = self.question.by == By::Area;
                let key = |(at, _): (usize, _)| {
                    if by_area { self.area_of[at] } else { Key::try_from(at).unwrap_or(NO_KEY) }
                };
                here.map(key).filter(|key| *key != NO_KEY).collect()
            }
            By::Year | By::Month | By::StartYear => Vec::new(),
        };
        for key in keys {
            self.parts.entry(key).or_default().partial |= !scope.covered.all;
        }
    }

    /// The parts under the names that people read.
    fn name(self, scopes: &[Scope], counts: &mut Counts) {
        let flows = self.since.is_some() && self.question.by != By::StartYear;
        let residents = |meant: &dyn Fn(usize) -> bool| {
            let places =
                self.register.places.iter().enumerate().filter(|(at, p)| p.whole && meant(*at));
            let of = places.map(|(_, place)| place.residents).collect::<Option<Vec<u32>>>()?;
            (!of.is_empty()).then(|| of.iter().sum::<u32>())
        };
        let in_scope = |at: usize| {
            let code = self.register.places[at].code.as_str();
            let meant = self.filter.places.as_ref().is_none_or(|meant| meant[at]);
            meant && scopes.iter().any(|scope| code.starts_with(scope.prefecture.as_str()))
        };
        let all = residents(&in_scope);
        for (key, cell) in &self.parts {
            let own = match self.question.by {
                By::Municipality if *key != NO_KEY => {
                    residents(&|at| Key::try_from(at) == Ok(*key))
                }
                By::Area if *key != NO_KEY => {
                    residents(&|at| self.area_of[at] == *key && in_scope(at))
                }
                By::Prefecture if self.filter.takes_all() => residents(&|at| {
                    let code = self.register.places[at].code.get(..2);
                    code.and_then(|code| code.parse().ok()) == Some(*key)
                }),
                By::Kind | By::Criterion => all,
                _ => None,
            };
            // Not every division has a whole of its own.
            let whole = !cell.partial && !matches!(self.question.by, By::Criterion | By::StartYear);
            let part = finish(cell, flows, own, whole);
            counts.parts.insert(self.key_name(*key), part);
        }
        let whole = !self.total.partial;
        counts.total = Some(finish(&self.total, flows, all, whole));
    }

    fn key_name(&self, key: Key) -> String {
        let unknown = || UNKNOWN.to_owned();
        let at = usize::try_from(key);
        match self.question.by {
            _ if key == NO_KEY => unknown(),
            By::Prefecture => format!("{key:02}"),
            By::Municipality => {
                let place = at.ok().and_then(|at| self.register.places.get(at));
                place.map_or_else(unknown, |place| place.code.clone())
            }
            By::Area => {
                at.ok().and_then(|at| self.areas.get(at)).map_or_else(unknown, |a| (*a).to_owned())
            }
            By::Kind => {
                let size = Size::ALL.into_iter().find(|size| *size as Key == key);
                size.map_or_else(unknown, |size| size.code().to_owned())
            }
            By::Criterion => {
                let found = Criterion::ALL.into_iter().find(|one| *one as Key == key);
                found.map_or_else(unknown, |one| one.code().to_owned())
            }
            By::Year | By::Month | By::StartYear => key.to_string(),
        }
    }
}

fn finish(cell: &Cell, flows: bool, residents: Option<u32>, whole: bool) -> Part {
    let figures = cell.part.figures;
    let denominator = whole.then_some(figures.institutions);
    Part { figures, flows: flows.then_some(cell.flows), residents, denominator }
}

/// Adds what happened at the ends of a piece.
pub(super) fn flow(flows: &mut Flows, piece: Piece, begins: bool, ends: bool) {
    if begins {
        flows.net += 1;
        match piece.begins {
            Edge::Real => flows.accepted += 1,
            Edge::Renamed => {
                flows.redesignated += 1;
                flows.moved += 1;
            }
            Edge::Moved => flows.moved += 1,
        }
    }
    if ends {
        flows.net -= 1;
        match piece.ends {
            Edge::Real => flows.lapsed += 1,
            Edge::Renamed | Edge::Moved => flows.moved -= 1,
        }
    }
}

/// The months of a day, for those who divide by them: `2025-09`.
pub fn month_key(date: NaiveDate) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}
