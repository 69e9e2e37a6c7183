//! What may be prescribed in a video visit (guideline V1(5)②): pure. The database holds the same in
//! `visit_closing`, and a test lets both judge the same cases.

use crate::model::closing::{Prescription, PrescriptionKind};
use crate::model::facility::ServiceKind;

/// The most days where underlying conditions are not known: "8日分以上" is too long.
pub const DAYS_UNKNOWN: i64 = 7;
/// The most days that anything is prescribed for.
pub const DAYS_MOST: i64 = 180;

/// On what a prescription rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Care, or only a talk before it.
    pub kind: ServiceKind,
    /// First by the guideline.
    pub guideline_first_visit: bool,
    /// Whether underlying conditions and the like are known.
    pub underlying_info_known: bool,
    /// Whether the doctor confirmed what the patient takes already.
    pub medications_confirmed: bool,
}

/// Why something may not be prescribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// A talk before care ends without a prescription (V1(2)).
    InTalk,
    /// Narcotics and psychotropics are not prescribed at a first visit.
    FirstVisit,
    /// Drugs that need special care are not prescribed without knowing underlying conditions.
    HighRisk,
    /// Nor is anything for more than [`DAYS_UNKNOWN`].
    TooLong,
    /// What the patient takes already was not confirmed.
    MedicinesUnconfirmed,
    /// It says no number of days.
    NoDays,
    /// The number of days cannot be meant.
    DaysOutOfRange,
    /// Days or classes of what was not prescribed.
    OfNothing,
}

impl Forbidden {
    /// The field of the closing form, and a stable code.
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::InTalk => ("/facts/prescription/kind", "prescription_in_talk"),
            Self::FirstVisit => ("/facts/prescription/psychotropic", "prescription_first_visit"),
            Self::HighRisk => ("/facts/prescription/high_risk", "prescription_high_risk"),
            Self::TooLong => ("/facts/prescription/days", "prescription_too_long"),
            Self::MedicinesUnconfirmed => ("/facts/medications_confirmed", "required"),
            Self::NoDays => ("/facts/prescription/days", "required"),
            Self::DaysOutOfRange => ("/facts/prescription/days", "range"),
            Self::OfNothing => ("/facts/prescription/kind", "prescription_of_nothing"),
        }
    }
}

/// Everything that stands against a prescription.
pub fn forbids(prescription: &Prescription, ground: &Ground) -> Vec<Forbidden> {
    let Prescription { kind, days, narcotic, psychotropic, high_risk } = *prescription;
    if kind == PrescriptionKind::None {
        let nothing = days.is_none() && !narcotic && !psychotropic && !high_risk;
        return if nothing { Vec::new() } else { vec![Forbidden::OfNothing] };
    }
    let known = ground.underlying_info_known;
    [
        (ground.kind == ServiceKind::PreConsultation, Forbidden::InTalk),
        (ground.guideline_first_visit && (narcotic || psychotropic), Forbidden::FirstVisit),
        (!known && high_risk, Forbidden::HighRisk),
        (!known && days.is_some_and(|days| days > DAYS_UNKNOWN), Forbidden::TooLong),
        (!ground.medications_confirmed, Forbidden::MedicinesUnconfirmed),
        (days.is_none(), Forbidden::NoDays),
        (days.is_some_and(|days| !(1..=DAYS_MOST).contains(&days)), Forbidden::DaysOutOfRange),
    ]
    .into_iter()
    .filter_map(|(against, why)| against.then_some(why))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST: Ground = Ground {
        kind: ServiceKind::OnlineCare,
        guideline_first_visit: true,
        underlying_info_known: true,
        medications_confirmed: true,
    };
    const REPEAT: Ground = Ground { guideline_first_visit: false, ..FIRST };
    const UNKNOWN: Ground = Ground { underlying_info_known: false, ..FIRST };

    fn of(days: i64) -> Prescription {
        Prescription { kind: PrescriptionKind::Paper, days: Some(days), ..Prescription::NONE }
    }

    /// Prescription, ground, what stands against it.
    #[test]
    fn the_table_of_the_guideline() {
        use Forbidden::{
            DaysOutOfRange, FirstVisit, HighRisk, InTalk, MedicinesUnconfirmed, NoDays, OfNothing,
            TooLong,
        };
        let narcotic = Prescription { narcotic: true, ..of(3) };
        let psychotropic = Prescription { psychotropic: true, ..of(3) };
        let high_risk = Prescription { high_risk: true, ..of(3) };
        let talk = Ground { kind: ServiceKind::PreConsultation, ..REPEAT };
        let unconfirmed = Ground { medications_confirmed: false, ..REPEAT };
        let of_nothing = Prescription { high_risk: true, ..Prescription::NONE };
        let without_days = Prescription { days: None, ..of(1) };
        let everything = Prescription { psychotropic: true, high_risk: true, ..of(8) };
        let table: [(Prescription, Ground, &[Forbidden]); 22] = [
            (Prescription::NONE, FIRST, &[]),
            (Prescription::NONE, talk, &[]),
            (Prescription::NONE, unconfirmed, &[]),
            (of(3), FIRST, &[]),
            (narcotic, FIRST, &[FirstVisit]),
            (psychotropic, FIRST, &[FirstVisit]),
            (narcotic, REPEAT, &[]),
            (psychotropic, REPEAT, &[]),
            (high_risk, FIRST, &[]),
            (high_risk, UNKNOWN, &[HighRisk]),
            (of(7), UNKNOWN, &[]),
            (of(8), UNKNOWN, &[TooLong]),
            (of(8), Ground { guideline_first_visit: false, ..UNKNOWN }, &[TooLong]),
            (of(8), FIRST, &[]),
            (of(180), REPEAT, &[]),
            (of(181), REPEAT, &[DaysOutOfRange]),
            (of(0), REPEAT, &[DaysOutOfRange]),
            (without_days, REPEAT, &[NoDays]),
            (of_nothing, REPEAT, &[OfNothing]),
            (of(1), talk, &[InTalk]),
            (of(1), unconfirmed, &[MedicinesUnconfirmed]),
            (everything, UNKNOWN, &[FirstVisit, HighRisk, TooLong]),
        ];
        for (prescription, ground, expected) in table {
            assert_eq!(forbids(&prescription, &ground), expected, "{prescription:?} {ground:?}");
        }
    }

    proptest! {
        /// What is allowed keeps the invariants 4 to 6 of the domain's rules.
        #[test]
        fn what_is_allowed_is_lawful(
            kind in prop_oneof![Just(PrescriptionKind::None), Just(PrescriptionKind::Paper), Just(PrescriptionKind::Electronic)],
            days in prop::option::of(-1_i64..200),
            (narcotic, psychotropic, high_risk) in any::<(bool, bool, bool)>(),
            (first, known, confirmed, talk) in any::<(bool, bool, bool, bool)>(),
        ) {
            let prescription = Prescription { kind, days, narcotic, psychotropic, high_risk };
            let ground = Ground {
                kind: if talk { ServiceKind::PreConsultation } else { ServiceKind::OnlineCare },
                guideline_first_visit: first,
                underlying_info_known: known,
                medications_confirmed: confirmed,
            };
            if forbids(&prescription, &ground).is_empty() {
                prop_assert!(!(first && (narcotic || psychotropic)));
                prop_assert!(known || (!high_risk && days.is_none_or(|days| days <= 7)));
                prop_assert!(!talk || kind == PrescriptionKind::None);
                prop_assert_eq!(kind == PrescriptionKind::None, days.is_none());
                // Fewer days of fewer classes on a better ground stay allowed.
                let less = Prescription { days: days.map(|_| 1), narcotic: false, psychotropic: false, high_risk: false, kind };
                let better = Ground { guideline_first_visit: false, underlying_info_known: true, ..ground };
                prop_assert_eq!(forbids(&less, &better), []);
            }
        }
    }
}
