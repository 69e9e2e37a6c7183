//! From the rows of an institution that are known on a day to the times through which it is
//! accepted, cut where its place or size changes.

use super::snapshot::{Day, OPEN, Snapshot, State};
use crate::model::register::{Criterion, Size};

/// Why a piece begins or ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Accepted, or lapsed.
    Real,
    /// The same institution under another code.
    Renamed,
    /// Another place or size; it goes on on the other side.
    Moved,
}

/// A time through which an institution is accepted, in one place and of one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) start: Day,
    /// The first day on which it is so no more.
    pub(super) end: Day,
    pub(super) begins: Edge,
    pub(super) ends: Edge,
    pub(super) place: u16,
    pub(super) size: Size,
}

impl Piece {
    pub(super) fn holds_on(&self, day: Day) -> bool {
        self.start <= day && day < self.end
    }
}

/// A time through which an institution is there, accepted or not, in one place and of one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence {
    pub(super) start: Day,
    /// The first day on which it is so no more.
    pub(super) end: Day,
    pub(super) place: u16,
    pub(super) size: Size,
}

impl Presence {
    pub(super) fn holds_on(&self, day: Day) -> bool {
        self.start <= day && day < self.end
    }
}

/// What is read of the rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) criterion: Criterion,
    /// As known at this instant, in microseconds.
    pub(super) known: i64,
    /// Only what was in effect for sure: up to the last list that shows it, and not until the first
    /// that does not.
    pub(super) sure: bool,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: Day,
    end: Day,
    renamed: (bool, bool),
}

/// Keeps its memory from one institution to the next.
#[derive(Debug, Default)]
pub(super) struct Reader {
    spans: Vec<Span>,
    states: Vec<State>,
    pieces: Vec<Piece>,
    there: Vec<(Day, Day)>,
}

impl Reader {
    /// Hands every piece of the institution at `at` to `each`.
    pub(super) fn read(
        &mut self,
        register: &Snapshot,
        at: usize,
        reading: Reading,
        mut each: impl FnMut(Piece),
    ) {
        self.spans(register, at, reading);
        if self.spans.is_empty() {
            return;
        }
        self.states.clear();
        self.states.extend(register.states(at).iter().filter(|one| one.known.on(reading.known)));
        let unknown = (0, Size::ClinicWithoutBeds);
        let mut next = 0;
        loop {
            // Before the first state it was as then, and after the last as that left it.
            let from = if next == 0 { Day::MIN } else { self.states[next].from };
            let until = self.states.get(next + 1).map_or(OPEN, |state| state.from);
            let (place, size) = self.states.get(next).map_or(unknown, |s| (s.place, s.size));
            for span in &self.spans {
                let (start, end) = (span.start.max(from), span.end.min(until));
                if start >= end {
                    continue;
                }
                let edge = |own: bool, renamed: bool| match (own, renamed) {
                    (false, _) => Edge::Moved,
                    (true, false) => Edge::Real,
                    (true, true) => Edge::Renamed,
                };
                let begins = edge(start == span.start, span.renamed.0);
                let ends = edge(end == span.end, span.renamed.1);
                each(Piece { start, end, begins, ends, place, size });
            }
            next += 1;
            if next >= self.states.len() {
                break;
            }
        }
    }

    /// Hands every time through which the institution at `at` is there to `each`; they do not
    /// overlap. A list shows it from its own day on, but an acceptance may reach back before that
    /// day: who is accepted is there, whatever list shows it first, else more would be accepted
    /// than there are. Under an old code it is there until it goes on under the new one.
    pub(super) fn presence(
        &mut self,
        register: &Snapshot,
        at: usize,
        known: i64,
        mut each: impl FnMut(Presence),
    ) {
        let (mut pieces, mut there) =
            (std::mem::take(&mut self.pieces), std::mem::take(&mut self.there));
        pieces.clear();
        there.clear();
        let mut over = None;
        for criterion in Criterion::ALL {
            let reading = Reading { criterion, known, sure: false };
            if let Some(Boundary::Ends { on, .. }) = boundary(register, at, reading) {
                over = over.max(Some(on));
            }
            self.read(register, at, reading, |piece| pieces.push(piece));
        }
        for state in register.states(at).iter().filter(|state| state.known.on(known)) {
            let (start, end) = (state.from, state.until.min(over.unwrap_or(OPEN)));
            if start < end {
                each(Presence { start, end, place: state.place, size: state.size });
                there.push((start, end));
            }
        }
        for piece in &pieces {
            there.sort_unstable();
            let (mut start, shown) = (piece.start, there.len());
            let gap = |start, end| Presence { start, end, place: piece.place, size: piece.size };
            for of in 0..shown {
                let (from, until) = there[of];
                if until <= start || piece.end <= from {
                    continue;
                }
                if start < from {
                    each(gap(start, from));
                    there.push((start, from));
                }
                start = until;
            }
            if start < piece.end {
                each(gap(start, piece.end));
                there.push((start, piece.end));
            }
        }
        (self.pieces, self.there) = (pieces, there);
    }

    /// The times through which it is accepted, those that overlap or touch made one.
    fn spans(&mut self, register: &Snapshot, at: usize, reading: Reading) {
        self.spans.clear();
        let boundary = boundary(register, at, reading);
        for filing in register.filings(at) {
            if filing.criterion != reading.criterion || !filing.known.on(reading.known) {
                continue;
            }
            let end = if reading.sure { filing.sure } else { filing.end };
            let mut span = Span { start: filing.start, end, renamed: (false, false) };
            match boundary {
                Some(Boundary::Ends { on, lapse }) if filing.end == lapse => {
                    span.end = span.end.min(on);
                    span.renamed.1 = true;
                }
                Some(Boundary::Begins { on, first }) => {
                    // A new code often keeps the old one's start.
                    span.start = span.start.max(on);
                    span.renamed.0 = span.start == first;
                }
                _ => {}
            }
            if span.start < span.end {
                self.spans.push(span);
            }
        }
        self.spans.sort_unstable_by_key(|span| span.start);
        self.spans.dedup_by(|next, merged| {
            let joins = next.start <= merged.end;
            if joins && next.end > merged.end {
                merged.end = next.end;
                merged.renamed.1 = next.renamed.1;
            }
            joins
        });
    }
}

/// The day on which an institution went on under another code.
#[derive(Clone, Copy, Debug)]
enum Boundary {
    /// This is the old code, which ends; `lapse` is the day by which its row says that it lapsed.
    Ends { on: Day, lapse: Day },
    /// This is the new one; `first` is its first day.
    Begins { on: Day, first: Day },
}

/// A re-designation is one day for both codes: the new one's start, or where that lies outside of
/// the time between the two lists, the nearest day within.
fn boundary(register: &Snapshot, at: usize, reading: Reading) -> Option<Boundary> {
    let pair = register.pairs(at).iter().find(|pair| pair.known.on(reading.known))?;
    let filings = |of: u32| {
        let all = register.filings(of as usize).iter();
        all.filter(|f| f.criterion == reading.criterion && f.known.on(reading.known))
    };
    let lapsed = filings(pair.old).filter(|f| f.end < OPEN && f.sure <= f.end);
    let lapsed = lapsed.max_by_key(|f| f.end)?;
    let start = filings(pair.new).map(|f| f.start).min()?;
    let on = start.clamp(lapsed.sure, lapsed.end);
    Some(if pair.old as usize == at {
        Boundary::Ends { on, lapse: lapsed.end }
    } else {
        Boundary::Begins { on, first: start.max(on) }
    })
}

/// The start of the acceptance that an institution has on a day: of several the latest; none where
/// the list tells no day.
pub(super) fn since(register: &Snapshot, at: usize, day: Day, reading: Reading) -> Option<Day> {
    let held = register.filings(at).iter().filter(|f| {
        f.criterion == reading.criterion
            && f.known.on(reading.known)
            && f.start <= day
            && day < f.end
    });
    held.max_by_key(|f| f.start).filter(|f| f.dated).map(|f| f.start)
}
