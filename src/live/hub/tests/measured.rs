//! What is counted of pictures and connections.

use super::*;

/// Without what was measured of connections.
fn pictures_of(mut acts: Vec<Act>) -> Vec<Act> {
    acts.retain(|act| !matches!(act, Act::Measured(_)));
    acts
}

#[tokio::test]
async fn how_good_a_connection_was_is_told_twice_a_minute_and_at_the_end() {
    let visit = Visit::new();
    let (doctor, patient) = visit.met().await;
    let report = |page: &Page, second: i64| {
        let report = json!({"t": "quality", "pc": visit.pc(), "rtt_ms": 40.4, "loss": 0.02,
            "relay": true, "frames_decoded": second + 1});
        visit.hub.handle(&page.seat, &report.to_string(), at(second))
    };
    let told = |acts: Vec<Act>| -> Vec<_> {
        let measured = acts.into_iter().filter_map(|act| match act {
            Act::Measured(one) => Some((one.participant, one.seconds, one.relay_seconds)),
            _ => None,
        });
        measured.collect()
    };
    for second in [0, 5, 10, 15, 20, 25] {
        assert_eq!(told(report(&patient, second)), []);
    }
    assert_eq!(told(report(&patient, 30)), [(visit.patient, 30, 30)]);
    report(&patient, 35);
    report(&doctor, 33);
    report(&doctor, 36);
    // Another page of the same person goes on with the count.
    visit.hub.left(&doctor.seat, at(37));
    let doctor = visit.join(visit.doctor, Role::Clinician, "d", at(38));
    report(&doctor, 40);
    let end = told(visit.hub.handle(&doctor.seat, r#"{"t":"end"}"#, at(41)));
    let wanted = [(visit.doctor, 4, 4), (visit.patient, 5, 5)];
    assert!(wanted.iter().all(|one| end.contains(one)) && end.len() == 2, "{end:?}");
}

#[tokio::test]
async fn only_time_in_which_pictures_came_is_counted() {
    let visit = Visit::new();
    let (doctor, patient) = visit.met().await;
    let report = |page: &Page, frames: u64, second: i64| {
        let report = json!({"t": "quality", "pc": visit.pc(), "frames_decoded": frames});
        pictures_of(visit.hub.handle(&page.seat, &report.to_string(), at(second)))
    };
    let video =
        |patient_seconds, clinician_seconds| [Act::Video { patient_seconds, clinician_seconds }];
    assert_eq!(report(&patient, 100, 0), [], "the first report is where counting begins");
    assert_eq!(report(&patient, 200, 4), video(4, 0));
    assert_eq!(report(&patient, 200, 9), [], "a still picture is none");
    assert_eq!(report(&patient, 201, 12), video(7, 0));
    assert_eq!(report(&doctor, 1, 12), []);
    assert_eq!(report(&doctor, 2, 13), [], "told a second ago");
    assert_eq!(report(&doctor, 3, 17), video(7, 5));
    assert_eq!(report(&patient, 300, 1_000), video(17, 5), "a long gap counts ten seconds");
    assert_eq!(report(&patient, 10, 1_005), [], "a new connection counts from its start");
    assert_eq!(report(&patient, 20, 1_006), video(18, 5));
    assert_eq!(report(&patient, 30, 1_008), []);
    let rest = pictures_of(visit.hub.left(&patient.seat, at(1_009)));
    assert_eq!(rest, video(20, 5));
    assert_eq!(report(&doctor, 4, 1_010), []);
    let end = pictures_of(visit.hub.handle(&doctor.seat, r#"{"t":"end"}"#, at(1_010)));
    assert_eq!(end, [Act::Video { patient_seconds: 20, clinician_seconds: 15 }, Act::End]);
}
