//! Whether a closing form is whole: pure. What may be prescribed is in [`super::prescription`].

use super::prescription::{self, Ground};
use crate::model::booking::Outcome;
use crate::model::closing::{CareMode, DoctorPlace, Facts, PrescriptionKind};
use crate::model::facility::ServiceKind;

/// The longest text of a closing form, in characters.
pub const TEXT_MOST: usize = 2000;
/// The longest name of an institution.
pub const NAME_MOST: usize = 200;
/// Digits of an 引換番号.
const EXCHANGE_DIGITS: usize = 6;

/// Where care took place, by how the visit ended; nothing where none did.
pub const fn mode(outcome: Outcome) -> Option<CareMode> {
    match outcome {
        Outcome::Done => Some(CareMode::Online),
        Outcome::ConvertedToInPerson => Some(CareMode::InPerson),
        Outcome::PatientAbsent | Outcome::DoctorAbsent | Outcome::CouldNotConnect => None,
    }
}

/// Whether a text is an 引換番号.
pub fn is_exchange_number(text: &str) -> bool {
    text.len() == EXCHANGE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether there is nothing to read in it.
fn blank(text: Option<&String>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// Everything that is missing or wrong: field and stable code.
pub fn faults(
    outcome: Outcome,
    kind: ServiceKind,
    facts: Option<&Facts>,
) -> Vec<(&'static str, &'static str)> {
    match (mode(outcome), facts) {
        // Of a talk before care the report asks nothing.
        (Some(_), None) if kind == ServiceKind::OnlineCare => vec![("/facts", "required")],
        (_, None) => Vec::new(),
        (None, Some(_)) => vec![("/facts", "not_taken_place")],
        (Some(mode), Some(facts)) => of_a_visit(mode, kind, facts),
    }
}

fn of_a_visit(mode: CareMode, kind: ServiceKind, f: &Facts) -> Vec<(&'static str, &'static str)> {
    let ground = Ground {
        kind,
        guideline_first_visit: f.guideline_first_visit,
        underlying_info_known: f.underlying_info_known,
        medications_confirmed: f.medications_confirmed,
    };
    let talk = kind == ServiceKind::PreConsultation;
    let outside = f.doctor_place != DoctorPlace::Clinic;
    let electronic = f.prescription.kind == PrescriptionKind::Electronic;
    let number = f.exchange_number.as_deref();
    let long = |text: Option<&String>, most| text.is_some_and(|text| text.chars().count() > most);
    let checks = [
        (talk && f.guideline_first_visit, "/facts/guideline_first_visit", "talk_is_no_visit"),
        (talk && f.billing_first_visit, "/facts/billing_first_visit", "talk_is_no_visit"),
        (
            mode == CareMode::Online && f.guideline_first_visit && blank(f.onward_policy.as_ref()),
            "/facts/onward_policy",
            "required",
        ),
        (long(f.onward_policy.as_ref(), TEXT_MOST), "/facts/onward_policy", "too_long"),
        (long(f.nurse_acts.as_ref(), TEXT_MOST), "/facts/nurse_acts", "too_long"),
        (
            mode == CareMode::InPerson && f.conversion_reason.is_none(),
            "/facts/conversion_reason",
            "required",
        ),
        (
            mode == CareMode::Online && f.conversion_reason.is_some(),
            "/facts/conversion_reason",
            "not_converted",
        ),
        (
            f.referral.as_ref().is_some_and(|referral| blank(Some(&referral.to))),
            "/facts/referral/to",
            "required",
        ),
        (
            long(f.referral.as_ref().map(|referral| &referral.to), NAME_MOST),
            "/facts/referral/to",
            "too_long",
        ),
        (outside && f.doctor_prefecture.is_none(), "/facts/doctor_prefecture", "required"),
        (outside && f.record_access.is_none(), "/facts/record_access", "required"),
        (
            number.is_some_and(|number| !is_exchange_number(number)),
            "/facts/exchange_number",
            "exchange_number",
        ),
        (number.is_some() && !electronic, "/facts/exchange_number", "not_electronic"),
    ];
    let told = checks.into_iter().filter(|check| check.0).map(|(_, field, code)| (field, code));
    let forbidden = prescription::forbids(&f.prescription, &ground);
    forbidden.into_iter().map(prescription::Forbidden::told).chain(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::closing::ReferralReason;
    use crate::model::closing::{ConversionReason, Prescription, RecordAccess, Referral};

    fn plain() -> Facts {
        Facts {
            guideline_first_visit: false,
            billing_first_visit: false,
            underlying_info_known: true,
            medications_confirmed: false,
            prescription: Prescription::NONE,
            exchange_number: None,
            referral: None,
            conversion_reason: None,
            onward_policy: None,
            nurse_acts: None,
            patient_prefecture: None,
            patient_municipality: None,
            doctor_place: DoctorPlace::Clinic,
            doctor_prefecture: None,
            record_access: None,
            next_booking_id: None,
        }
    }

    fn told(outcome: Outcome, facts: &Facts) -> Vec<(&'static str, &'static str)> {
        faults(outcome, ServiceKind::OnlineCare, Some(facts))
    }

    #[test]
    fn only_a_visit_that_took_place_has_facts_and_it_must() {
        for outcome in [Outcome::Done, Outcome::ConvertedToInPerson] {
            let missing = [("/facts", "required")];
            assert_eq!(faults(outcome, ServiceKind::OnlineCare, None), missing);
            assert_eq!(faults(outcome, ServiceKind::PreConsultation, None), []);
        }
        for outcome in [Outcome::PatientAbsent, Outcome::DoctorAbsent, Outcome::CouldNotConnect] {
            assert_eq!(faults(outcome, ServiceKind::OnlineCare, None), []);
            assert_eq!(told(outcome, &plain()), [("/facts", "not_taken_place")]);
        }
        assert_eq!(told(Outcome::Done, &plain()), []);
    }

    #[test]
    fn a_first_visit_says_what_follows() {
        let first = Facts { guideline_first_visit: true, ..plain() };
        let needed = [("/facts/onward_policy", "required")];
        assert_eq!(told(Outcome::Done, &first), needed);
        let blank = Facts { onward_policy: Some(" \n".to_owned()), ..first.clone() };
        assert_eq!(told(Outcome::Done, &blank), needed);
        // First by the fees alone needs none: neither follows from the other.
        let by_fees = Facts { billing_first_visit: true, ..plain() };
        assert_eq!(told(Outcome::Done, &by_fees), []);
        let said = Facts { onward_policy: Some("三日後に電話".to_owned()), ..first };
        assert_eq!(told(Outcome::Done, &said), []);
    }

    #[test]
    fn what_belongs_together_is_said_together() {
        let in_person = Outcome::ConvertedToInPerson;
        assert_eq!(told(in_person, &plain()), [("/facts/conversion_reason", "required")]);
        let reason = Some(ConversionReason::ExaminationNeeded);
        let converted = Facts { conversion_reason: reason, ..plain() };
        assert_eq!(told(in_person, &converted), []);
        let not = [("/facts/conversion_reason", "not_converted")];
        assert_eq!(told(Outcome::Done, &converted), not);

        let home = Facts { doctor_place: DoctorPlace::Home, ..plain() };
        let outside =
            [("/facts/doctor_prefecture", "required"), ("/facts/record_access", "required")];
        assert_eq!(told(Outcome::Done, &home), outside);
        let home = Facts {
            doctor_prefecture: Some("14".to_owned()),
            record_access: Some(RecordAccess::CloudEmr),
            ..home
        };
        assert_eq!(told(Outcome::Done, &home), []);

        let to = Referral { reason: ReferralReason::Urgent, to: " ".to_owned() };
        let referred = Facts { referral: Some(to), ..plain() };
        assert_eq!(told(Outcome::Done, &referred), [("/facts/referral/to", "required")]);
    }

    #[test]
    fn an_exchange_number_belongs_to_an_electronic_prescription() {
        let with = |kind, number: &str| Facts {
            medications_confirmed: true,
            prescription: Prescription { kind, days: Some(5), ..Prescription::NONE },
            exchange_number: Some(number.to_owned()),
            ..plain()
        };
        let electronic = |number| with(PrescriptionKind::Electronic, number);
        assert_eq!(told(Outcome::Done, &electronic("012345")), []);
        for bad in ["12345", "1234567", "12345a", "１２３４５６", ""] {
            let wrong = [("/facts/exchange_number", "exchange_number")];
            assert_eq!(told(Outcome::Done, &electronic(bad)), wrong, "{bad}");
        }
        let paper = with(PrescriptionKind::Paper, "012345");
        assert_eq!(told(Outcome::Done, &paper), [("/facts/exchange_number", "not_electronic")]);
    }

    #[test]
    fn a_talk_is_no_visit() {
        let facts = Facts { guideline_first_visit: true, billing_first_visit: true, ..plain() };
        let told = faults(Outcome::Done, ServiceKind::PreConsultation, Some(&facts));
        let talk = |field| (field, "talk_is_no_visit");
        let expected = [
            talk("/facts/guideline_first_visit"),
            talk("/facts/billing_first_visit"),
            ("/facts/onward_policy", "required"),
        ];
        assert_eq!(told, expected);
    }
}
