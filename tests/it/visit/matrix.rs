//! W-03 of reliability.md: who may come in, in which state of the visit, and with what. And A-37 and
//! what is said by those who may not say it reaches nobody, and who is out stays out. A page that
//! listens is there and hears nothing.

use super::resume::{Met, arrive, meet};
use super::*;

const START: &str = "2026-12-01T00:15:00Z";

/// A ticket that was not used, and the token of the patient's page, open nothing any more: `code` is
/// what the token is answered.
async fn nothing_old_opens(server: SocketAddr, met: &Met, held: &str, code: &str) {
    let token = &met.welcomes[0]["resume_token"];
    let mut back = Page::resume(server, &met.id, token, 1).await;
    assert_eq!(back.hear("bye").await["code"], code);
    assert!(matches!(back.closed().await, 4401 | 4403 | 4409 | 4410));
    let mut late = Page::open(server, &met.id, held).await;
    assert!(matches!(late.closed().await, 4401 | 4410));
}

/// How many were refused and noted.
async fn noted(site: &Site) -> i64 {
    let sql = "SELECT count(*) FROM audit_entry WHERE action = 'visit.refused'";
    raw::numbers(&site.url, sql).await[0]
}

/// Another server moves the visit: here nobody hears of it but by the database.
async fn moved_elsewhere(site: &Site, id: &str, start: &str) {
    let mut doctor = site.another().await.signed_in("doctor").await;
    let path = format!("/api/clinic/visits/{id}");
    let now = doctor.get(&path).await.expect(StatusCode::OK)["booking"].take();
    let to = json!({ "clinician_id": now["clinician"]["id"], "start": start,
        "version": now["version"], "override_reason": "clinic_caused" });
    doctor.post(&format!("{path}/move"), to).await.expect(StatusCode::OK);
}

async fn held(met: &mut Met) -> String {
    ticket(&mut met.hers, &format!("/api/visits/{}", met.id)).await
}

on_both_engines! {
    async fn a_cancelled_visit(site: Site) {
        let server = serve(&site).await;
        let mut met = arrive(&site, server, START).await;
        let held = held(&mut met).await;
        let path = format!("/api/bookings/{}/cancel", met.id);
        met.hers.post(&path, json!({ "reason": "other" })).await.expect(StatusCode::OK);
        for page in [&mut met.patient, &mut met.clinician] {
            page.is_sent_away("ended", "never", 4410).await;
        }
        nothing_old_opens(server, &met, &held, "ended").await;
    }

    async fn a_moved_visit(site: Site) {
        let server = serve(&site).await;
        let mut met = arrive(&site, server, START).await;
        let held = held(&mut met).await;
        let path = format!("/api/bookings/{}", met.id);
        let now = met.hers.get(&path).await.expect(StatusCode::OK);
        let to = json!({ "clinician_id": now["clinician"]["id"], "start": "2026-12-01T03:00:00Z",
            "version": now["version"] });
        met.hers.post(&format!("{path}/move"), to).await.expect(StatusCode::OK);
        for page in [&mut met.patient, &mut met.clinician] {
            page.is_sent_away("moved", "never", 4410).await;
        }
        nothing_old_opens(server, &met, &held, "moved").await;
        let early = met.hers.post(&format!("/api/visits/{}/signal-ticket", met.id), json!({})).await;
        early.refused(StatusCode::CONFLICT, "too_early");
        assert_eq!(noted(&site).await, 3, "the token, the ticket, and who asked for another");
    }

    /// The waiting room of the new time is open already: what was good for the old time opens it all
    /// the less, because the visit may be another doctor's now.
    async fn a_visit_that_was_moved_by_a_quarter(site: Site) {
        let server = serve(&site).await;
        let mut met = arrive(&site, server, START).await;
        let held = held(&mut met).await;
        let path = format!("/api/bookings/{}", met.id);
        let now = met.hers.get(&path).await.expect(StatusCode::OK);
        let to = json!({ "clinician_id": now["clinician"]["id"], "start": "2026-12-01T00:30:00Z",
            "version": now["version"] });
        met.hers.post(&format!("{path}/move"), to).await.expect(StatusCode::OK);
        nothing_old_opens(server, &met, &held, "moved").await;
        let mut doctors = Page::resume(server, &met.id, &met.welcomes[1]["resume_token"], 1).await;
        doctors.is_sent_away("moved", "never", 4410).await;
        let anew = ticket(&mut met.doctor, &format!("/api/clinic/visits/{}", met.id)).await;
        Page::open(server, &met.id, &anew).await.hear("welcome").await;
    }

    /// Two servers know nothing of each other but what the database says.
    async fn a_visit_that_another_server_closed(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        visit::catch_up(&site.app).await.unwrap();
        met.patient.hears_no("bye").await;
        let mut doctor = site.another().await.signed_in("doctor").await;
        let path = format!("/api/clinic/visits/{}/close", met.id);
        doctor.post(&path, json!({ "outcome": "could_not_connect" })).await.expect(StatusCode::OK);
        visit::catch_up(&site.app).await.unwrap();
        for page in [&mut met.patient, &mut met.clinician] {
            page.is_sent_away("ended", "never", 4410).await;
        }
        let there = "SELECT count(*) FROM visit_participant
            WHERE media_page IS NOT NULL AND left_at IS NULL";
        assert_eq!(raw::numbers(&site.url, there).await, [0], "nobody is looked for any more");
    }

    async fn a_visit_that_another_server_moved(site: Site) {
        let server = serve(&site).await;
        let mut met = arrive(&site, server, START).await;
        let held = held(&mut met).await;
        visit::catch_up(&site.app).await.unwrap();
        met.patient.hears_no("bye").await;
        moved_elsewhere(&site, &met.id, "2026-12-01T00:30:00Z").await;
        met.clinician.hears_no("bye").await;
        visit::catch_up(&site.app).await.unwrap();
        for page in [&mut met.patient, &mut met.clinician] {
            page.is_sent_away("moved", "never", 4410).await;
        }
        assert_eq!(site.app.hub.visits(), []);
        nothing_old_opens(server, &met, &held, "moved").await;
        // Who comes anew is in the visit as it is now, and stays.
        let anew = ticket(&mut met.doctor, &format!("/api/clinic/visits/{}", met.id)).await;
        let mut doctor = Page::open(server, &met.id, &anew).await;
        doctor.hear("welcome").await;
        visit::catch_up(&site.app).await.unwrap();
        doctor.hears_no("bye").await;
    }

    /// The room here stands for the old time until somebody says otherwise.
    async fn who_comes_to_a_moved_visit_does_not_meet_those_of_the_old_time(site: Site) {
        let server = serve(&site).await;
        let mut met = arrive(&site, server, START).await;
        met.patient.say(json!({ "t": "knock" })).await;
        met.clinician.hear("waiting").await;
        moved_elsewhere(&site, &met.id, "2026-12-01T00:30:00Z").await;
        let anew = ticket(&mut met.doctor, &format!("/api/clinic/visits/{}", met.id)).await;
        let mut doctor = Page::open(server, &met.id, &anew).await;
        let welcome = doctor.hear("welcome").await;
        assert_eq!(welcome["snapshot"]["waiting"], json!([]), "{welcome}");
        for page in [&mut met.patient, &mut met.clinician] {
            page.is_sent_away("moved", "never", 4410).await;
        }
        visit::catch_up(&site.app).await.unwrap();
        doctor.hears_no("bye").await;
    }

    async fn a_server_with_nobody_asks_nothing(site: Site) {
        raw::execute(&site.url, "ALTER TABLE visit RENAME TO visit_elsewhere").await.unwrap();
        visit::catch_up(&site.app).await.unwrap();
    }

    async fn a_visit_that_was_closed(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        let held = held(&mut met).await;
        let path = format!("/api/clinic/visits/{}/close", met.id);
        let close = json!({ "outcome": "could_not_connect" });
        met.doctor.post(&path, close).await.expect(StatusCode::OK);
        met.patient.is_sent_away("ended", "never", 4410).await;
        nothing_old_opens(server, &met, &held, "ended").await;
    }

    async fn a_call_that_was_hung_up_may_be_taken_up_again(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        met.clinician.say(json!({ "t": "end" })).await;
        for page in [&mut met.patient, &mut met.clinician] {
            page.is_sent_away("ended", "never", 4410).await;
        }
        let again = held(&mut met).await;
        let mut patient = Page::open(server, &met.id, &again).await;
        let snapshot = &patient.hear("welcome").await["snapshot"];
        assert_eq!(snapshot["admission"], "admitted");
        // The doctor left with the end: nobody is looked for.
        assert_eq!(snapshot["topology"]["mode"], "none");
        assert_eq!(snapshot["participants"].as_array().unwrap().len(), 1);
    }

    async fn long_after_the_visit(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        let held = held(&mut met).await;
        site.app.clock.advance(TimeDelta::hours(48));
        nothing_old_opens(server, &met, &held, "expired").await;
        let late = met.hers.post(&format!("/api/visits/{}/signal-ticket", met.id), json!({})).await;
        assert!(late.status.is_client_error(), "{}", late.text);
    }

    async fn somebody_who_was_sent_out(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        let held = held(&mut met).await;
        let sql = "UPDATE visit_participant SET removed_at = admitted_at, admitted_at = NULL,
                stay = stay + 1
            WHERE role = 'patient'";
        raw::execute(&site.url, sql).await.unwrap();
        drop(met.patient);
        assert_eq!(met.clinician.hear("participant").await["event"], "reconnecting");
        let token = &met.welcomes[0]["resume_token"];
        let mut back = Page::resume(server, &met.id, token, 1).await;
        back.is_sent_away("removed", "never", 4403).await;
        assert_eq!(noted(&site).await, 1);
        let mut late = Page::open(server, &met.id, &held).await;
        assert_eq!(late.closed().await, 4401);
        assert_eq!(noted(&site).await, 2);
        met.clinician.hears_no("participant").await;
        // Nor is there another ticket, which would open nothing.
        let path = format!("/api/visits/{}/signal-ticket", met.id);
        met.hers.post(&path, json!({})).await.refused(StatusCode::CONFLICT, "removed");
    }

    async fn another_visit_of_the_same_doctor(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        let mut his = site.browser();
        let other = his.book("2026-12-01T00:30:00Z", &nagi()).await["booking"].take();
        let other = other["id"].as_str().unwrap();
        // Each of the two with what opens the other's visit.
        let hers = held(&mut met).await;
        let his_ticket = ticket(&mut his, &format!("/api/visits/{other}")).await;
        assert_eq!(Page::open(server, other, &hers).await.closed().await, 4401);
        assert_eq!(Page::open(server, &met.id, &his_ticket).await.closed().await, 4401);
        let token = &met.welcomes[0]["resume_token"];
        let mut astray = Page::resume(server, other, token, 1).await;
        astray.is_sent_away("unauthorized", "rejoin", 4401).await;
        met.clinician.hears_no("participant").await;
        assert_eq!(noted(&site).await, 3);
        let path = format!("/api/visits/{other}/signal-ticket");
        met.hers.post(&path, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(noted(&site).await, 4, "who asks for a ticket to another's visit");
    }

    /// Whoever waits may say only what concerns themselves, and nobody is let in by the host's
    /// arrival.
    async fn whoever_waits_reaches_nobody(site: Site) {
        let server = serve(&site).await;
        let mut met = arrive(&site, server, START).await;
        let doctor = met.welcomes[1]["self"]["participant"].clone();
        let pc = format!("p2p:{}:{}:0", doctor.as_str().unwrap(), met.patient_id.as_str().unwrap());
        let desc = json!({ "type": "offer", "sdp": SDP });
        for (message, code) in [
            (json!({ "t": "sdp", "to": doctor, "pc": pc, "neg": 1, "desc": desc }), "forbidden"),
            (json!({ "t": "ice", "to": doctor, "pc": pc, "neg": 1, "cands": [] }), "forbidden"),
            (json!({ "t": "sdp", "pc": pc, "neg": 1, "desc": desc }), "forbidden"),
            (json!({ "t": "ready", "pc": pc }), "forbidden"),
            (json!({ "t": "quality", "pc": pc, "frames_decoded": 9 }), "forbidden"),
            (json!({ "t": "chat", "text": "hello" }), "forbidden"),
            (json!({ "t": "caption", "text": "a", "lang": "ja", "final": true }), "forbidden"),
            (json!({ "t": "admit", "participant": met.patient_id }), "forbidden"),
            (json!({ "t": "deny", "participant": met.patient_id }), "forbidden"),
            (json!({ "t": "hold", "participant": met.patient_id }), "forbidden"),
            (json!({ "t": "consent", "participant": met.patient_id, "yes": true }), "forbidden"),
            (json!({ "t": "remove", "participant": doctor }), "forbidden"),
            (json!({ "t": "mute_request", "participant": doctor }), "forbidden"),
            (json!({ "t": "end" }), "forbidden"),
            (json!({ "t": "hello", "ticket": "again", "tab": "x" }), "forbidden"),
            (json!({ "t": "chat", "text": "hello", "from": doctor }), "malformed"),
            (json!({ "t": "wave" }), "unknown_type"),
        ] {
            met.patient.say(message.clone()).await;
            assert_eq!(met.patient.hear("error").await["code"], code, "{message}");
        }
        met.clinician.hears_nothing().await;
        met.patient.hears_no("topology").await;
        let status = "SELECT count(*) FROM booking WHERE status = 'in_progress'";
        assert_eq!(raw::numbers(&site.url, status).await, [0]);
    }

    /// names of connections that are not theirs, descriptions that are old, candidates of
    /// nobody.
    async fn what_is_said_in_the_wrong_place_reaches_nobody(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, START).await;
        let doctor = met.welcomes[1]["self"]["participant"].clone();
        let desc = json!({ "type": "offer", "sdp": SDP });
        let stranger = "01930000-0000-7000-8000-000000000001";
        for (to, pc) in [
            (doctor.clone(), json!("p2p:somebody:else:0")),
            (json!(stranger), met.pc.clone()),
            (met.patient_id.clone(), met.pc.clone()),
        ] {
            met.patient.say(json!({ "t": "sdp", "to": to, "pc": pc, "neg": 1, "desc": desc })).await;
            assert_eq!(met.patient.hear("error").await["code"], "forbidden");
            met.patient.say(json!({ "t": "ice", "to": to, "pc": pc, "neg": 1, "cands": [] })).await;
            assert_eq!(met.patient.hear("error").await["code"], "forbidden");
        }
        met.clinician.hears_nothing().await;
        let offer = |neg: u32| json!({ "t": "sdp", "to": doctor, "pc": met.pc, "neg": neg, "desc": desc });
        met.patient.say(offer(2)).await;
        assert_eq!(met.clinician.hear("sdp").await["neg"], 2);
        for neg in [2, 1] {
            met.patient.say(offer(neg)).await;
        }
        met.patient.hears_no("error").await;
        met.clinician.hears_nothing().await;
    }
}
