//! A page comes back with its token: to the same server, to one that was started again, to another.

use super::*;

/// Two people in a visit, and what each needs to come back.
pub(super) struct Met {
    pub(super) id: String,
    pub(super) hers: Browser,
    pub(super) doctor: Browser,
    pub(super) patient: Page,
    pub(super) clinician: Page,
    /// The patient's and the doctor's.
    pub(super) welcomes: [Value; 2],
    pub(super) pc: Value,
    pub(super) patient_id: Value,
}

/// Both have come, and nobody has knocked.
pub(super) async fn arrive(site: &Site, server: SocketAddr, start: &str) -> Met {
    let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
    let booked = hers.book(start, &hana()).await["booking"].take();
    let id = booked["id"].as_str().unwrap().to_owned();
    let mine = ticket(&mut hers, &format!("/api/visits/{id}")).await;
    let theirs = ticket(&mut doctor, &format!("/api/clinic/visits/{id}")).await;
    let mut patient = Page::open(server, &id, &mine).await;
    let mut clinician = Page::open(server, &id, &theirs).await;
    let welcomes = [patient.hear("welcome").await, clinician.hear("welcome").await];
    let patient_id = welcomes[0]["self"]["participant"].clone();
    Met { id, hers, doctor, patient, clinician, welcomes, pc: Value::Null, patient_id }
}

/// The patient was let in, and both know of their connection.
pub(super) async fn meet(site: &Site, server: SocketAddr, start: &str) -> Met {
    let mut met = arrive(site, server, start).await;
    met.patient.say(json!({ "t": "knock" })).await;
    met.clinician.hear("waiting").await;
    met.clinician.say(json!({ "t": "admit", "participant": met.patient_id })).await;
    met.pc = met.patient.hear("topology").await["peers"][0]["pc"].clone();
    met.clinician.hear("topology").await;
    met
}

impl Page {
    /// Opens the socket of a visit with a token.
    pub(super) async fn resume(
        server: SocketAddr,
        booking: &str,
        token: &Value,
        last_seq: u64,
    ) -> Self {
        let mut page = Self::knock_at(server, booking, Some(ORIGIN)).await.unwrap();
        let resume = json!({ "token": token, "last_seq": last_seq });
        page.say(json!({ "t": "hello", "resume": resume, "tab": "tab" })).await;
        page
    }

    /// That the server says good-bye with this name and then closes with this code.
    pub(super) async fn is_sent_away(&mut self, name: &str, reconnect: &str, code: u16) {
        let bye = self.hear("bye").await;
        assert_eq!((&bye["code"], &bye["reconnect"]), (&json!(name), &json!(reconnect)));
        assert_eq!(self.closed().await, code);
    }
}

/// Both come back to `server` with their tokens, the doctor first, and nothing was torn.
async fn both_come_back(server: SocketAddr, met: &Met) {
    let [hers, theirs] = &met.welcomes;
    let mut clinician = Page::resume(server, &met.id, &theirs["resume_token"], 9).await;
    let back = clinician.hear("resumed").await;
    assert_eq!(back["continuity"], false, "this server never said anything to it");
    let topology = &back["snapshot"]["topology"];
    assert_eq!((&topology["mode"], &topology["peers"][0]["pc"]), (&json!("p2p"), &met.pc));
    let others = back["snapshot"]["participants"].as_array().unwrap();
    let patient = others.iter().find(|one| one["participant"] == met.patient_id).unwrap();
    assert_eq!((&patient["state"], &patient["name"]), (&json!("reconnecting"), &json!("音無 花")));
    let mut patient = Page::resume(server, &met.id, &hers["resume_token"], 9).await;
    let back = patient.hear("resumed").await;
    assert_eq!(back["snapshot"]["admission"], "admitted");
    assert_eq!(back["snapshot"]["topology"]["peers"][0]["pc"], met.pc);
    assert_eq!(clinician.hear("participant").await["event"], "joined");
    clinician.hears_no("topology").await;
    patient.say(json!({ "t": "chat", "text": "hello" })).await;
    assert_eq!(clinician.hear("chat").await["text"], "hello");
}

on_both_engines! {
    async fn a_page_hears_what_it_missed(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        let pong = json!({ "t": "chat", "text": "one" });
        met.clinician.say(pong).await;
        let last = met.patient.hear("chat").await["seq"].as_u64().unwrap();
        // The line breaks without a word.
        drop(met.patient);
        assert_eq!(met.clinician.hear("participant").await["event"], "reconnecting");
        met.clinician.say(json!({ "t": "chat", "text": "two" })).await;
        met.clinician.hears_no("error").await;
        let token = &met.welcomes[0]["resume_token"];
        let mut back = Page::resume(server, &met.id, token, last).await;
        let resumed = back.hear("resumed").await;
        assert_eq!((&resumed["continuity"], &resumed["seq"]), (&json!(true), &json!(last)));
        let missed = back.hear("chat").await;
        assert_eq!((&missed["text"], &missed["seq"]), (&json!("two"), &json!(last + 1)));
        // The token of this answer is as good as the first.
        drop(back);
        let mut again = Page::resume(server, &met.id, &resumed["resume_token"], last + 1).await;
        assert_eq!(again.hear("resumed").await["continuity"], true);
        again.hears_no("chat").await;
    }

    async fn a_restarted_server_takes_the_token(site: Site) {
        let server = serve(&site).await;
        let met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        let after = site.restarted().await;
        let server = serve(&after).await;
        both_come_back(server, &met).await;
    }

    async fn another_server_takes_the_token(site: Site) {
        let server = serve(&site).await;
        let met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        let other = site.another().await;
        let server = serve(&other).await;
        both_come_back(server, &met).await;
    }

    async fn a_token_is_void_once_its_person_came_with_another_page(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        let path = format!("/api/visits/{}", met.id);
        let second = ticket(&mut met.hers, &path).await;
        let mut second = Page::open(server, &met.id, &second).await;
        second.hear("welcome").await;
        met.patient.is_sent_away("replaced", "never", 4409).await;
        let mut first = Page::resume(server, &met.id, &met.welcomes[0]["resume_token"], 1).await;
        first.is_sent_away("replaced", "never", 4409).await;
        second.hears_no("bye").await;
        // Another visit's door, and a token that nobody signed.
        let mut other = met.hers.clone();
        let later = other.book("2026-12-01T00:30:00Z", &nagi()).await["booking"].take();
        let token = &met.welcomes[1]["resume_token"];
        let mut astray = Page::resume(server, later["id"].as_str().unwrap(), token, 1).await;
        astray.is_sent_away("unauthorized", "rejoin", 4401).await;
        let forged = json!(token.as_str().unwrap().replace(['a', 'b', 'c'], "d"));
        let mut forged = Page::resume(server, &met.id, &forged, 1).await;
        forged.is_sent_away("unauthorized", "rejoin", 4401).await;
    }

    async fn an_old_token_is_no_attack_and_a_ticket_will_do(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        drop(met.patient);
        site.app.clock.advance(TimeDelta::hours(4));
        for _ in 0..3 {
            let token = &met.welcomes[0]["resume_token"];
            let mut late = Page::resume(server, &met.id, token, 1).await;
            late.is_sent_away("expired", "rejoin", 4401).await;
        }
        let here = server.ip();
        let wait = site.app.hub.doors.failed(here, site.app.clock.now());
        assert_eq!(wait, Duration::from_millis(100), "none of them was counted");
        let fresh = ticket(&mut met.hers, &format!("/api/visits/{}", met.id)).await;
        let mut fresh = Page::open(server, &met.id, &fresh).await;
        assert_eq!(fresh.hear("welcome").await["snapshot"]["admission"], "admitted");
    }

    async fn whoever_is_signed_out_leaves_the_visit_and_does_not_come_back(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        visit::send_out(&site.app).await.unwrap();
        met.clinician.hears_no("bye").await;
        let left = met.doctor.delete("/api/session").await;
        assert!(left.status.is_success(), "{}", left.text);
        visit::send_out(&site.app).await.unwrap();
        met.clinician.is_sent_away("signed_out", "never", 4401).await;
        assert_eq!(met.patient.hear("participant").await["event"], "left");
        let mut back = Page::resume(server, &met.id, &met.welcomes[1]["resume_token"], 1).await;
        back.is_sent_away("signed_out", "never", 4401).await;
        // An account that may not be used any more.
        let mut again = site.signed_in("doctor").await;
        let theirs = ticket(&mut again, &format!("/api/clinic/visits/{}", met.id)).await;
        let mut clinician = Page::open(server, &met.id, &theirs).await;
        clinician.hear("welcome").await;
        let sql = "UPDATE account SET disabled_at = created_at WHERE login = 'doctor'";
        raw::execute(&site.url, sql).await.unwrap();
        visit::send_out(&site.app).await.unwrap();
        clinician.is_sent_away("signed_out", "never", 4401).await;
        met.patient.hears_no("bye").await;
    }
}
