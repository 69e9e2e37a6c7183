//! Whether a visit has the basis that it needs (guideline V1(2)): pure, from what was said and
//! what is known.

use chrono::NaiveDate;

use crate::model::BookingId;
use crate::model::facility::Stage;
use crate::model::intake::{FirstVisitBasis, Source, WithoutBasis};

/// What the patient says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// On what a first visit rests.
    pub basis: Option<FirstVisitBasis>,
    /// When they were last seen in person here.
    pub last_in_person_on: Option<NaiveDate>,
    /// Which information there is.
    pub sources: Vec<Source>,
}

/// What the facility knows of the patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The talk before care after which online care may follow.
    pub talk: Option<BookingId>,
    /// Whether there was a visit here before.
    pub seen_before: bool,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can be booked.
    Sound,
    /// The clinic must decide first.
    AskClinic,
    /// A field is missing or wrong: its name and a stable code.
    Fault(&'static str, &'static str),
    /// It is refused; a stable code.
    Refuse(&'static str),
}

/// Whether a visit can be booked on `today`, the local date at the facility.
pub fn judge(
    visit: Stage,
    said: &Said,
    known: Known,
    without: WithoutBasis,
    today: NaiveDate,
) -> Verdict {
    match visit {
        Stage::Any => Verdict::Sound,
        Stage::Repeat if known.seen_before => Verdict::Sound,
        Stage::Repeat => in_person(said, today),
        Stage::First => first(said, known, without, today),
    }
}

fn first(said: &Said, known: Known, without: WithoutBasis, today: NaiveDate) -> Verdict {
    match said.basis {
        Some(FirstVisitBasis::Kakaritsuke) => in_person(said, today),
        Some(FirstVisitBasis::InfoSufficient) if said.sources.is_empty() => {
            Verdict::Fault("/medical_information_source", "required")
        }
        Some(FirstVisitBasis::PreConsultation) if known.talk.is_none() => {
            Verdict::Refuse("no_pre_consultation")
        }
        Some(FirstVisitBasis::InfoSufficient | FirstVisitBasis::PreConsultation) => Verdict::Sound,
        None if without == WithoutBasis::Refuse => Verdict::Refuse("first_visit_basis_required"),
        None => Verdict::AskClinic,
    }
}

fn in_person(said: &Said, today: NaiveDate) -> Verdict {
    match said.last_in_person_on {
        None => Verdict::Fault("/last_in_person_on", "required"),
        Some(date) if date > today => Verdict::Fault("/last_in_person_on", "in_future"),
        Some(date) if date < today - chrono::Days::new(100 * 366) => {
            Verdict::Fault("/last_in_person_on", "too_old")
        }
        Some(_) => Verdict::Sound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-12-01";

    fn judged(visit: Stage, said: &Said, known: Known, without: WithoutBasis) -> Verdict {
        judge(visit, said, known, without, TODAY.parse().unwrap())
    }

    fn said(basis: Option<FirstVisitBasis>, date: Option<&str>, sources: &[Source]) -> Said {
        let last_in_person_on = date.map(|date| date.parse().unwrap());
        Said { basis, last_in_person_on, sources: sources.to_vec() }
    }

    #[test]
    fn a_first_visit_needs_its_basis() {
        use FirstVisitBasis::{InfoSufficient, Kakaritsuke, PreConsultation};
        use WithoutBasis::{Refuse, Request};
        let first = |said: &Said, known, without| judged(Stage::First, said, known, without);
        let stranger = Known::default();
        let none = said(None, None, &[]);
        assert_eq!(first(&none, stranger, Request), Verdict::AskClinic);
        let refused = Verdict::Refuse("first_visit_basis_required");
        assert_eq!(first(&none, stranger, Refuse), refused);
        // That there was a visit before is no basis by itself: a new illness is a first visit.
        let seen = Known { seen_before: true, talk: None };
        assert_eq!(first(&none, seen, Request), Verdict::AskClinic);

        let date = |date| said(Some(Kakaritsuke), date, &[]);
        assert_eq!(first(&date(Some(TODAY)), stranger, Refuse), Verdict::Sound);
        for (when, code) in
            [(None, "required"), (Some("2026-12-02"), "in_future"), (Some("1900-01-01"), "too_old")]
        {
            let fault = Verdict::Fault("/last_in_person_on", code);
            assert_eq!(first(&date(when), stranger, Request), fault);
        }
        let records = |sources: &[Source]| said(Some(InfoSufficient), None, sources);
        assert_eq!(first(&records(&[Source::Phr]), stranger, Refuse), Verdict::Sound);
        let fault = Verdict::Fault("/medical_information_source", "required");
        assert_eq!(first(&records(&[]), stranger, Request), fault);

        let talk = said(Some(PreConsultation), None, &[]);
        let refused = Verdict::Refuse("no_pre_consultation");
        assert_eq!(first(&talk, seen, Request), refused);
        let agreed = Known { talk: Some(BookingId::new()), seen_before: false };
        assert_eq!(first(&talk, agreed, Request), Verdict::Sound);
    }

    #[test]
    fn a_repeat_visit_follows_another() {
        let nothing = said(None, None, &[]);
        let repeat = |said: &Said, seen_before| {
            let known = Known { talk: None, seen_before };
            judged(Stage::Repeat, said, known, WithoutBasis::Request)
        };
        assert_eq!(repeat(&nothing, true), Verdict::Sound);
        let fault = Verdict::Fault("/last_in_person_on", "required");
        assert_eq!(repeat(&nothing, false), fault);
        assert_eq!(repeat(&said(None, Some("2026-05-01"), &[]), false), Verdict::Sound);
        let any = judged(Stage::Any, &nothing, Known::default(), WithoutBasis::Refuse);
        assert_eq!(any, Verdict::Sound);
    }
}
