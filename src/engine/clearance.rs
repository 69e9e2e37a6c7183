//! What must be clear around a visit, and what is: pure. The rules are data with days
//! (`seeds/clearance.csv`); a visit is judged by those of its own day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::model::clearance::{Due, Item, ItemState, OfPayment, OfStage, Rule};
use crate::model::facility::ServiceKind;

/// Of which visit it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of {
    /// What kind of act.
    pub kind: ServiceKind,
    /// First by the guideline.
    pub first: bool,
    /// Insured care.
    pub insured: bool,
    /// The facility's date of the visit.
    pub date: NaiveDate,
}

/// One item, by when it must be clear, and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Which.
    pub item: Item,
    /// By when.
    pub due: Due,
    /// How it stands.
    pub state: ItemState,
}

/// What the rules of its day ask of a visit. Where several ask the same the earliest counts.
pub fn required(rules: &[Rule], of: Of) -> BTreeMap<Item, Due> {
    let holds = |rule: &&Rule| {
        rule.kind == of.kind
            && (rule.stage == OfStage::Any || of.first)
            && (rule.insured == OfPayment::Any || of.insured)
            && rule.valid_from <= of.date
            && rule.valid_until.is_none_or(|until| of.date < until)
    };
    let mut required = BTreeMap::new();
    for rule in rules.iter().filter(holds) {
        let due = required.entry(rule.item).or_insert(rule.due);
        *due = rule.due.min(*due);
    }
    required
}

/// How everything stands that is asked. What nobody has seen to is pending.
pub fn stand(required: &BTreeMap<Item, Due>, known: &BTreeMap<Item, ItemState>) -> Vec<Stand> {
    let of = |(item, due): (&Item, &Due)| {
        let state = known.get(item).copied().unwrap_or(ItemState::Pending);
        Stand { item: *item, due: *due, state }
    };
    required.iter().map(of).collect()
}

/// What stops a visit at this point.
pub fn open(stands: &[Stand], at: Due) -> Vec<Item> {
    let stops = |one: &&Stand| one.due <= at && !one.state.is_clear();
    stands.iter().filter(stops).map(|one| one.item).collect()
}

/// What stops a visit from being closed: all that is due by then, but for what already stopped the
/// patient at the door, which let them in by `door`.
pub fn open_at_the_end(stands: &[Stand], door: &BTreeMap<Item, Due>) -> Vec<Item> {
    let mut open = open(stands, Due::Closing);
    open.retain(|item| door.get(item) != Some(&Due::Admission));
    open
}

/// What is asked around a visit: at the `door`, and by the `end` what is asked then besides, where
/// the door cannot know yet what the visit will have been.
pub fn foreseen(door: BTreeMap<Item, Due>, end: BTreeMap<Item, Due>) -> BTreeMap<Item, Due> {
    let mut all = door;
    for (item, due) in end {
        let by_then = due.max(Due::Closing);
        let due = all.entry(item).or_insert(by_then);
        *due = by_then.min(*due);
    }
    all
}

/// Whether somebody of the clinic may let an item go. Consent is the patient's alone; without an
/// identity check no first visit is closed (guideline V1(4)), nor without its basis (V1(2)).
pub const fn is_waivable(item: Item, first: bool) -> bool {
    match item {
        Item::ConsentOnlineCare | Item::ConsentPrivacy | Item::MedicalInformation => false,
        Item::IdentityPatient => !first,
        _ => true,
    }
}

/// Where somebody or something is, as far as distance is told by areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area<'a> {
    /// Six digits.
    pub municipality: &'a str,
    /// 二次保健医療圏; empty where it is not known.
    pub medical_area: &'a str,
}

impl Area<'_> {
    /// How far apart, in steps: one municipality, one medical area, one prefecture, farther.
    fn steps(self, other: Area<'_>) -> u8 {
        if self.municipality == other.municipality {
            0
        } else if !self.medical_area.is_empty() && self.medical_area == other.medical_area {
            1
        } else if self.municipality.get(..2) == other.municipality.get(..2) {
            2
        } else {
            3
        }
    }
}

/// The nearest of those that are in the same prefecture at least, by its place in the list; the
/// first of several.
pub fn nearest(from: Area<'_>, to: &[Area<'_>]) -> Option<usize> {
    let steps = to.iter().enumerate().map(|(place, area)| (from.steps(*area), place));
    steps.filter(|(steps, _)| *steps < 3).min().map(|(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clearance::Item as I;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(stage: OfStage, insured: OfPayment, item: Item, due: Due, from: &str) -> Rule {
        let (kind, source) = (ServiceKind::OnlineCare, String::new());
        Rule { kind, stage, insured, item, due, valid_from: day(from), valid_until: None, source }
    }

    fn rules() -> Vec<Rule> {
        use {
            Due::{Admission, Advised, Closing},
            OfPayment as P, OfStage as S,
        };
        vec![
            rule(S::Any, P::Any, I::LocationConfirmed, Admission, "2018-03-30"),
            rule(S::Any, P::Any, I::IdentityPatient, Advised, "2018-03-30"),
            rule(S::First, P::Any, I::IdentityPatient, Closing, "2022-04-01"),
            rule(S::Any, P::Insured, I::Eligibility, Closing, "2018-03-30"),
        ]
    }

    fn of(first: bool, insured: bool, date: &str) -> Of {
        Of { kind: ServiceKind::OnlineCare, first, insured, date: day(date) }
    }

    #[test]
    fn a_visit_is_judged_by_the_rules_of_its_day() {
        let asked = |first, insured, date| required(&rules(), of(first, insured, date));
        let place = (I::LocationConfirmed, Due::Admission);
        let advised = (I::IdentityPatient, Due::Advised);
        let hard = (I::IdentityPatient, Due::Closing);
        let eligible = (I::Eligibility, Due::Closing);
        let table: [(_, &[(Item, Due)]); 6] = [
            (asked(true, false, "2018-03-29"), &[]),
            (asked(true, false, "2018-03-30"), &[advised, place]),
            (asked(true, false, "2022-03-31"), &[advised, place]),
            (asked(true, false, "2022-04-01"), &[hard, place]),
            (asked(false, false, "2022-04-01"), &[advised, place]),
            (asked(true, true, "2026-12-01"), &[hard, eligible, place]),
        ];
        for (found, expected) in table {
            assert_eq!(found, expected.iter().copied().collect());
        }
        let talk = Of { kind: ServiceKind::PreConsultation, ..of(false, true, "2026-12-01") };
        assert_eq!(required(&rules(), talk), BTreeMap::new());
    }

    #[test]
    fn what_is_open_stops_from_its_day_on() {
        let required = required(&rules(), of(true, true, "2026-12-01"));
        let nothing = stand(&required, &BTreeMap::new());
        assert_eq!(open(&nothing, Due::Admission), [I::LocationConfirmed]);
        let all = [I::IdentityPatient, I::Eligibility, I::LocationConfirmed];
        assert_eq!(open(&nothing, Due::Closing), all);
        let known = [
            (I::LocationConfirmed, ItemState::Done),
            (I::Eligibility, ItemState::Waived),
            (I::IdentityPatient, ItemState::Failed),
        ];
        let some = stand(&required, &known.into());
        assert_eq!(open(&some, Due::Admission), []);
        assert_eq!(open(&some, Due::Closing), [I::IdentityPatient]);
    }

    #[test]
    fn consent_and_the_basis_are_not_let_go() {
        for item in Item::ALL {
            let never =
                matches!(item, I::ConsentOnlineCare | I::ConsentPrivacy | I::MedicalInformation);
            assert_eq!(is_waivable(*item, false), !never, "{item}");
            assert_eq!(is_waivable(*item, true), !never && *item != I::IdentityPatient, "{item}");
        }
    }

    #[test]
    fn what_the_door_does_not_ask_is_asked_by_the_end() {
        let (admission, closing, advised) = (Due::Admission, Due::Closing, Due::Advised);
        let (place, basis, identity) =
            (I::LocationConfirmed, I::MedicalInformation, I::IdentityPatient);
        let door = [(place, admission), (identity, advised), (I::DeviceTest, advised)];
        let end = [
            (place, admission),
            (basis, admission),
            (identity, closing),
            (I::DeviceTest, advised),
            (I::Eligibility, advised),
        ];
        let all = [
            (place, admission),
            (basis, closing),
            (identity, closing),
            (I::DeviceTest, advised),
            (I::Eligibility, advised),
        ];
        assert_eq!(foreseen(door.into(), end.into()), all.into());
        // Where the door knows already what the visit is, nothing changes.
        assert_eq!(foreseen(end.into(), end.into()), end.into());
    }

    #[test]
    fn the_nearest_is_of_the_same_ward_area_or_prefecture() {
        let area = |municipality, medical_area| Area { municipality, medical_area };
        let shinjuku = area("131041", "区西部");
        let (nakano, minato) = (area("131148", "区西部"), area("131032", "区中央部"));
        let yokohama = area("141003", "");
        assert_eq!(nearest(shinjuku, &[]), None);
        assert_eq!(nearest(shinjuku, &[yokohama]), None);
        assert_eq!(nearest(shinjuku, &[yokohama, minato]), Some(1));
        assert_eq!(nearest(shinjuku, &[minato, nakano]), Some(1));
        assert_eq!(nearest(shinjuku, &[minato, nakano, shinjuku]), Some(2));
        assert_eq!(nearest(shinjuku, &[minato, minato]), Some(0));
        // Two areas of which nothing is known are not one area.
        assert_eq!(nearest(area("110001", ""), &[yokohama]), None);
    }

    proptest! {
        /// A rule that comes later never changes what was asked before it; one more rule never
        /// asks for less.
        #[test]
        fn later_rules_leave_earlier_days_alone(
            days in 0_u64..4000, later in 0_u64..4000, first: bool, insured: bool,
            item in prop::sample::select(Item::ALL), due in prop::sample::select(Due::ALL),
        ) {
            let begin = day("2018-03-30");
            let date = begin + chrono::Days::new(days);
            let of = Of { kind: ServiceKind::OnlineCare, first, insured, date };
            let before = required(&rules(), of);
            let mut more = rules();
            more.push(Rule { valid_from: begin + chrono::Days::new(later), ..rule(OfStage::Any, OfPayment::Any, item, due, "2018-03-30") });
            let after = required(&more, of);
            if days < later {
                prop_assert_eq!(&before, &after);
            }
            prop_assert!(before.iter().all(|(item, due)| after[item] <= *due));
        }

        /// Whatever stands clear stops nothing, and nothing is lost on the way.
        #[test]
        fn what_is_clear_stops_nothing(states in prop::collection::vec(prop::sample::select(ItemState::ALL), 14)) {
            let known: BTreeMap<_, _> = Item::ALL.iter().copied().zip(states).collect();
            let required = required(&rules(), of(true, true, "2026-12-01"));
            let stands = stand(&required, &known);
            prop_assert_eq!(stands.len(), required.len());
            for item in open(&stands, Due::Advised) {
                prop_assert!(!known[&item].is_clear());
            }
            let early = open(&stands, Due::Admission);
            let late = open(&stands, Due::Closing);
            prop_assert!(early.iter().all(|item| late.contains(item)));
        }
    }
}
