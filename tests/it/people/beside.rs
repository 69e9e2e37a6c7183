//! Who is told where the patient is, to send an ambulance there: of third persons only who may be
//! beside the patient, and only while the patient lets them be in the visit.

use crate::support::{ADDRESS, CONTACT};

use super::*;

/// The parts of third persons, and whether they may be beside the patient.
const PARTS: [(&str, bool); 5] = [
    ("nurse", true),
    ("family_proxy", true),
    ("specialist", false),
    ("interpreter", false),
    ("observer", false),
];

/// Invites somebody of any part: their part's id, and the secret of their link.
async fn invited(visit: &mut Visit, role: &str) -> (Value, String) {
    let mut wish = json!({ "role": role, "name": "第三 者", "language": "ja" });
    if role == "specialist" {
        wish["responsibility"] = json!("主治医が負う");
        wish["briefed"] = json!(true);
    }
    let invited = visit.doctor.post(&visit.people(), wish).await.expect(StatusCode::CREATED);
    let link = invited["link"].as_str().unwrap();
    let secret = link.strip_prefix(&format!("{ORIGIN}/visit#g.")).unwrap();
    (invited["participant"].clone(), secret.to_owned())
}

on_both_engines! {
    async fn only_who_is_beside_the_patient_and_let_in_is_told_the_address(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let path = format!("/api/visits/{}/emergency", visit.id);
        for (role, beside) in PARTS {
            let (who, secret) = invited(&mut visit, role).await;
            let mut guest = site.browser();
            let mut page = visit.come(&mut guest, &secret).await;
            // Whoever waits is told nothing, whatever their part.
            guest.post(&path, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
            visit.admit(&who).await;
            visit.patient.hear("consent_request").await;
            guest.post(&path, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
            visit.answer(&who, true).await;
            page.hear("admitted").await;
            let told = guest.post(&path, json!({})).await;
            if beside {
                assert!(!told.text.contains(CONTACT), "{role}: {}", told.text);
                let told = told.expect(StatusCode::OK);
                assert_eq!((&told["number"], &told["place"]["address"]), (&json!("119"), &json!(ADDRESS)), "{role}");
                assert_eq!(told["place"]["area"], "東京都新宿区");
            } else {
                assert!(!told.text.contains(ADDRESS), "{role}: {}", told.text);
                told.refused(StatusCode::NOT_FOUND, "not_found");
            }
            // The consent was to this stay.
            page.say(json!({ "t": "leave" })).await;
            assert_eq!(page.closed().await, 1000);
            guest.post(&path, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        let opened = "SELECT count(*) FROM audit_entry WHERE action = 'emergency.open'";
        assert_eq!(raw::numbers(&site.url, opened).await, [2]);
    }

    async fn who_is_sent_away_or_whose_visit_is_over_is_told_nothing(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let path = format!("/api/visits/{}/emergency", visit.id);
        let (mut nurse, mut other) = (site.browser(), site.browser());
        let (who, _page) = visit.let_in(&mut nurse).await;
        nurse.post(&path, json!({})).await.expect(StatusCode::OK);
        let away = format!("{}/{}", visit.people(), who.as_str().unwrap());
        visit.doctor.delete(&away).await.expect(StatusCode::OK);
        let refused = nurse.post(&path, json!({})).await;
        assert!(!refused.text.contains(ADDRESS), "{}", refused.text);
        assert_ne!(refused.status, StatusCode::OK);
        let (_, mut page) = visit.let_in(&mut other).await;
        other.post(&path, json!({})).await.expect(StatusCode::OK);
        visit.clinician.say(json!({ "t": "end" })).await;
        assert_eq!(page.closed().await, 4410);
        other.post(&path, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
    }
}
