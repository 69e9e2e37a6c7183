//! Who stands behind a number: the institutions that a count has counted, one by one.

use chrono::NaiveDate;

use super::ask::{self, Filter, Moment, Within};
use super::pieces::{Edge, Piece, Reader, Reading, since};
use super::snapshot::{Day, Snapshot, date, day};
use crate::model::register::{Code10, Criterion, Size, fiscal_year};
use crate::time::Instant;

/// Which number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum What {
    /// Those who are accepted on the day.
    #[default]
    Accepted,
    /// Of these, those who may have lapsed already.
    Uncertain,
    /// All institutions there are.
    Institutions,
    /// Those who became accepted after `since`.
    New,
    /// Those who ceased to be after `since`.
    Lapsed,
    /// Those who went on under another code after `since`: the new ones.
    Redesignated,
}

impl What {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Uncertain,
        Self::Institutions,
        Self::New,
        Self::Lapsed,
        Self::Redesignated,
    ];

    /// The word for it in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Uncertain => "uncertain",
            Self::Institutions => "institutions",
            Self::New => "new",
            Self::Lapsed => "lapsed",
            Self::Redesignated => "redesignated",
        }
    }
}

/// When an acceptance took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// In this fiscal year.
    In(i32),
    /// The lists tell no day.
    Unknown,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Behind {
    /// Which number.
    pub what: What,
    /// On which day.
    pub as_of: NaiveDate,
    /// As known at this instant.
    pub known: Instant,
    /// Of what; else of the criterion that was in force on the day.
    pub criterion: Option<Criterion>,
    /// Which facilities.
    pub within: Within,
    /// The day from which on, without it, what came and went is told.
    pub since: Option<NaiveDate>,
    /// Only those whose acceptance took effect then.
    pub started: Option<Started>,
}

/// An institution behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its code.
    pub code: Code10,
    /// Since when it is accepted; none where the list tells no day.
    pub since: Option<NaiveDate>,
    /// The municipality's six digits, where known.
    pub municipality: Option<String>,
    /// Hospital or clinic.
    pub size: Size,
}

/// The institutions behind a number, in order of code: as many as the number says.
pub fn members(register: &Snapshot, asked: &Behind) -> Vec<Member> {
    let moment = Moment { day: day(asked.as_of), known: asked.known.timestamp_micros() };
    let (scopes, _) = ask::scopes(register, asked.within.prefecture.as_deref(), moment);
    let criterion = asked.criterion.unwrap_or_else(|| register.criterion_on(asked.as_of));
    let reading = Reading { criterion, known: moment.known, sure: false };
    let search = Search {
        register,
        asked,
        moment,
        reading,
        filter: Filter::new(register, &asked.within),
        from: asked.since.map_or(Day::MIN, day),
    };
    let mut reader = Reader::default();
    let mut found = Vec::new();
    for scope in scopes {
        for at in register.range(Some(&scope.prefecture)) {
            search.look(at, &mut reader, &mut found);
        }
    }
    found
}

struct Search<'a> {
    register: &'a Snapshot,
    asked: &'a Behind,
    moment: Moment,
    reading: Reading,
    filter: Filter,
    from: Day,
}

impl Search<'_> {
    fn look(&self, at: usize, reader: &mut Reader, found: &mut Vec<Member>) {
        if self.asked.what == What::Institutions {
            reader.presence(self.register, at, self.moment.known, |there| {
                if there.holds_on(self.moment.day) && self.filter.takes(there.place, there.size) {
                    found.push(self.member(at, there.place, there.size));
                }
            });
            return;
        }
        let mut pieces: Vec<Piece> = Vec::new();
        reader.read(self.register, at, self.reading, |piece| {
            if self.filter.takes(piece.place, piece.size) && self.meant(piece) {
                pieces.push(piece);
            }
        });
        if pieces.is_empty() || !self.of_the_year(at) {
            return;
        }
        if self.asked.what == What::Uncertain {
            let only = Reading { sure: true, ..self.reading };
            let mut sure = false;
            reader.read(self.register, at, only, |piece| sure |= piece.holds_on(self.moment.day));
            if sure {
                return;
            }
        }
        // Whoever lapsed twice counts twice, and is told twice.
        found.extend(pieces.iter().map(|piece| self.member(at, piece.place, piece.size)));
    }

    fn meant(&self, piece: Piece) -> bool {
        let within = |day: Day| self.from < day && day <= self.moment.day;
        match self.asked.what {
            What::Accepted | What::Uncertain => piece.holds_on(self.moment.day),
            What::New => within(piece.start) && piece.begins == Edge::Real,
            What::Redesignated => within(piece.start) && piece.begins == Edge::Renamed,
            What::Lapsed => within(piece.end) && piece.ends == Edge::Real,
            What::Institutions => false,
        }
    }

    fn of_the_year(&self, at: usize) -> bool {
        let Some(wanted) = self.asked.started else { return true };
        let start = since(self.register, at, self.moment.day, self.reading);
        start.map_or(Started::Unknown, |start| Started::In(fiscal_year(date(start)))) == wanted
    }

    fn member(&self, at: usize, place: u16, size: Size) -> Member {
        let code = &self.register.places[usize::from(place)].code;
        Member {
            code: self.register.codes[at],
            since: since(self.register, at, self.moment.day, self.reading).map(date),
            municipality: (!code.is_empty()).then(|| code.clone()),
            size,
        }
    }
}
