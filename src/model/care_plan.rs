//! 診療計画: the plan of online care, with what guideline V1(3) wants in it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::booking::{UnknownName, named};

named! {
    /// Whether and where picture and sound are kept (guideline V1(3)). The service records nothing.
    Recording {
        /// Nobody records.
        None = "none",
        /// The doctor may.
        DoctorSide = "doctor_side",
        /// The patient may.
        PatientSide = "patient_side",
        /// Both may.
        Both = "both",
    }
}

named! {
    /// How a patient agreed to a plan.
    PlanMethod {
        /// On their own screen.
        Tapped = "tapped",
        /// By saying so.
        Spoken = "spoken",
        /// On paper.
        Paper = "paper",
    }
}

/// The longest section, in characters.
pub const SECTION_MOST: usize = 4000;

/// The nine sections, none of which may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CarePlanSections)]
pub struct Sections {
    /// Which illness is treated online, and how.
    pub content: String,
    /// Visits in person and tests beside it: how often, when.
    pub in_person_combination: String,
    /// When it takes place, and how it is booked.
    pub booking: String,
    /// By which devices and which system.
    pub method: String,
    /// When online care is not given or is given up, failure of the line included.
    pub conditions_to_stop: String,
    /// That the patient must help, since nothing can be touched.
    pub patient_cooperation: String,
    /// What happens at a sudden illness or change, and which institution takes the patient.
    pub emergency_response: String,
    /// Which doctors, and who in which case.
    pub doctors: String,
    /// Who answers for which risk of security, without a gap.
    pub security_responsibility: String,
}

impl Sections {
    /// Each section with the pointer to its field, in the guideline's order.
    pub fn parts(&self) -> [(&'static str, &str); 9] {
        [
            ("/sections/content", &self.content),
            ("/sections/in_person_combination", &self.in_person_combination),
            ("/sections/booking", &self.booking),
            ("/sections/method", &self.method),
            ("/sections/conditions_to_stop", &self.conditions_to_stop),
            ("/sections/patient_cooperation", &self.patient_cooperation),
            ("/sections/emergency_response", &self.emergency_response),
            ("/sections/doctors", &self.doctors),
            ("/sections/security_responsibility", &self.security_responsibility),
        ]
    }

    /// Everything that is wrong: field and stable code.
    pub fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let wrong = |(field, text): (&'static str, &str)| {
            if text.trim().is_empty() {
                Some((field, "required"))
            } else if text.chars().count() > SECTION_MOST {
                Some((field, "too_long"))
            } else {
                None
            }
        };
        self.parts().into_iter().filter_map(wrong).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nine_are_needed() {
        let text = || "x".to_owned();
        let whole = Sections {
            content: text(),
            in_person_combination: text(),
            booking: text(),
            method: text(),
            conditions_to_stop: text(),
            patient_cooperation: text(),
            emergency_response: text(),
            doctors: text(),
            security_responsibility: text(),
        };
        assert_eq!(whole.faults(), []);
        let fields = serde_json::to_value(&whole).unwrap();
        for (field, _) in whole.parts() {
            let name = field.strip_prefix("/sections/").unwrap();
            let mut without = fields.clone();
            without[name] = " \n".into();
            let without: Sections = serde_json::from_value(without).unwrap();
            assert_eq!(without.faults(), [(field, "required")]);
            let mut long = fields.clone();
            long[name] = "あ".repeat(SECTION_MOST + 1).into();
            let long: Sections = serde_json::from_value(long).unwrap();
            assert_eq!(long.faults(), [(field, "too_long")]);
        }
        assert_eq!(fields.as_object().unwrap().len(), 9);
    }
}
