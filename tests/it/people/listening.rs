//! Those who are told less than all, or say less than all: the clinic's staff, and who only looks on.

use super::*;

on_both_engines! {
    /// Staff look after the waiting room, as other doctors of the clinic may; what is said in the
    /// visit is not for them, as nobody asked the patient (E-05).
    async fn staff_hear_nothing_of_what_is_said(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let mut desk = site.signed_in("desk").await;
        let theirs = ticket(&mut desk, &format!("/api/clinic/visits/{}", visit.id)).await;
        let mut staff = Page::open(visit.server, &visit.id, &theirs).await;
        let welcome = staff.hear("welcome").await;
        assert_eq!((&welcome["self"]["role"], &welcome["self"]["caps"]), (&json!("staff"), &json!(["admit"])));
        let chat = json!({ "t": "chat", "text": "secret" });
        let caption = json!({ "t": "caption", "text": "secret", "lang": "ja", "final": true });
        for said in [&chat, &caption] {
            let kind = said["t"].as_str().unwrap();
            visit.clinician.say(said.clone()).await;
            visit.patient.hear(kind).await;
            visit.patient.say(said.clone()).await;
            visit.clinician.hear(kind).await;
            staff.hears_no(kind).await;
        }
        staff.say(chat).await;
        assert_eq!(staff.hear("error").await["code"], "forbidden");
        visit.patient.hears_no("chat").await;
    }

    /// An observer is told what is said, and is not seen, heard or read.
    async fn who_only_looks_on_reads_and_writes_nothing(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let (who, secret) = visit.invite("observer", "見学 学").await;
        let mut guest = site.browser();
        let mut page = visit.come(&mut guest, &secret).await;
        visit.admit(&who).await;
        visit.patient.hear("consent_request").await;
        visit.answer(&who, true).await;
        page.hear("admitted").await;
        let chat = json!({ "t": "chat", "text": "said" });
        let caption = json!({ "t": "caption", "text": "said", "lang": "ja", "final": true });
        for said in [chat, caption] {
            let kind = said["t"].as_str().unwrap();
            visit.clinician.say(said.clone()).await;
            assert_eq!(page.hear(kind).await["text"], "said");
            visit.patient.hear(kind).await;
            page.say(said.clone()).await;
            assert_eq!(page.hear("error").await["code"], "forbidden");
            visit.patient.hears_no(kind).await;
        }
    }
}
