//! A process that knows nothing of a visit but its rows.

use super::*;

impl Visit {
    /// The same visit in a process that was started just now.
    fn restarted(&self) -> Self {
        Self { hub: Hub::default(), ..*self }
    }

    /// As the rows say it: both were in the visit with these pages.
    fn back(&self, participant: ParticipantId, role: Role, tab: &str, now: Instant) -> Page {
        let present = [(self.doctor, Role::Clinician, "d"), (self.patient, Role::Patient, "p")];
        let present = present.map(|(participant, role, tab)| Present {
            participant,
            role,
            name: format!("{role:?}"),
            tab: tab.to_owned(),
        });
        let joining = self.joining(participant, role, tab, now);
        self.seat(Joining {
            admitted: role == Role::Patient,
            state: VisitState::InProgress,
            present: present.to_vec(),
            ..joining
        })
    }
}

#[tokio::test]
async fn whoever_comes_first_finds_the_connection_and_the_other_is_looked_for() {
    for doctor_first in [true, false] {
        let visit = Visit::new();
        visit.met().await;
        let after = visit.restarted();
        let (doctor, patient) =
            ((after.doctor, Role::Clinician, "d"), (after.patient, Role::Patient, "p"));
        let (first, second) = if doctor_first { (doctor, patient) } else { (patient, doctor) };
        let mut first_page = after.back(first.0, first.1, first.2, at(10));
        let welcome = first_page.hears("welcome").await;
        let topology = &welcome["snapshot"]["topology"];
        assert_eq!((&topology["mode"], &topology["epoch"]), (&json!("p2p"), &json!(1)));
        assert_eq!(topology["peers"][0]["pc"], after.pc());
        let others = welcome["snapshot"]["participants"].as_array().unwrap();
        let other = others.iter().find(|one| one["participant"] == json!(second.0)).unwrap();
        assert_eq!(other["state"], "reconnecting");
        assert_eq!(first_page.seat.raised_epoch(), None);

        let mut second_page = after.back(second.0, second.1, second.2, at(18));
        let welcome = second_page.hears("welcome").await;
        assert_eq!(welcome["snapshot"]["topology"]["peers"][0]["pc"], after.pc());
        let heard = first_page.heard().await;
        let kinds: Vec<_> = heard.iter().map(|message| message["t"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["participant"], "nothing about connections: {heard:#?}");
        assert_eq!(heard[0]["event"], "joined");
    }
}

#[tokio::test]
async fn another_page_than_before_the_restart_starts_anew() {
    let visit = Visit::new();
    visit.met().await;
    let after = visit.restarted();
    let mut doctor = after.back(after.doctor, Role::Clinician, "d", at(10));
    doctor.heard().await;
    let patient = after.back(after.patient, Role::Patient, "another", at(12));
    assert_eq!(patient.seat.raised_epoch(), Some(2));
    let topology = doctor.hears("topology").await;
    assert_eq!(topology["peers"][0]["pc"], pc_id(after.doctor, after.patient, 2));
}

#[tokio::test]
async fn whoever_does_not_come_back_within_the_grace_is_gone() {
    let visit = Visit::new();
    visit.met().await;
    let after = visit.restarted();
    let mut doctor = after.back(after.doctor, Role::Clinician, "d", at(10));
    doctor.heard().await;
    assert_eq!(after.hub.sweep(at(129)), []);
    assert_eq!(after.hub.sweep(at(130)), [(after.booking, after.patient)]);
    let heard = doctor.heard().await;
    assert_eq!((&heard[0]["t"], &heard[0]["event"]), (&json!("participant"), &json!("left")));
    assert_eq!((&heard[1]["t"], &heard[1]["mode"]), (&json!("topology"), &json!("none")));
}

#[tokio::test]
async fn whoever_was_looked_up_before_a_move_goes_with_the_next_look() {
    let visit = Visit::new();
    let now = |moves| Joining { moves, ..visit.joining(visit.doctor, Role::Clinician, "d", at(0)) };
    let _doctor = visit.seat(now(1));
    assert!(!visit.hub.moved_since(visit.booking, 1), "who knows of the move stays");
    let before = Joining { moves: 0, ..visit.joining(visit.patient, Role::Patient, "p", at(0)) };
    let _patient = visit.seat(before);
    assert!(visit.hub.moved_since(visit.booking, 1));
    assert!(!visit.hub.is_here(visit.booking, visit.patient));
    // Who comes with a later move finds nobody of the time before it.
    visit.seat(now(1));
    let other = Joining { moves: 2, ..visit.joining(visit.patient, Role::Patient, "p", at(0)) };
    visit.seat(other);
    assert!(!visit.hub.is_here(visit.booking, visit.doctor));
}
