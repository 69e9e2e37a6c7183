//! Third persons and servers: one that lost its memory, a second one, a deed that is not kept.

use axum::http::Method;

use super::*;

on_both_engines! {
    /// The room was lost with its server, and nobody came back within the grace.
    async fn a_stay_ends_with_its_room_whoever_comes_first(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let mut guest = site.browser();
        let (who, _page) = visit.let_in(&mut guest).await;
        // Another process has the visit from here on; both have one clock.
        let after = site.another().await;
        site.app.clock.advance(TimeDelta::seconds(121));
        let theirs = ticket(&mut visit.doctor, &format!("/api/clinic/visits/{}", visit.id)).await;
        let good = ticket(&mut guest, &format!("/api/visits/{}", visit.id)).await;
        visit.server = serve(&after).await;
        visit.clinician = Page::open(visit.server, &visit.id, &theirs).await;
        let welcome = visit.clinician.hear("welcome").await;
        let others = welcome["snapshot"]["participants"].as_array().unwrap();
        assert!(others.iter().all(|one| one["participant"] != who), "{welcome}");
        let mut back = Page::open(visit.server, &visit.id, &good).await;
        assert_eq!(back.hear("welcome").await["snapshot"]["admission"], "none");
        let inside = "SELECT count(*) FROM visit_participant WHERE consent_id IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, inside).await, [0]);
    }

    /// Two servers know nothing of each other but what the database says.
    async fn who_was_sent_out_by_another_server_goes(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let mut guest = site.browser();
        let (who, mut page) = visit.let_in(&mut guest).await;
        let other = site.another().await;
        let path = format!("{}/{}", visit.people(), who.as_str().unwrap());
        let gone = other.signed_in("doctor").await.delete(&path).await;
        assert!(gone.status.is_success(), "{}", gone.text);
        onshin::actions::visit::send_out(&site.app).await.unwrap();
        assert_eq!(page.closed().await, 4403);
        while visit.patient.hear("participant").await["event"] != "left" {}
        let there = "SELECT count(*) FROM visit_participant
            WHERE removed_at IS NOT NULL AND media_page IS NOT NULL AND left_at IS NULL";
        assert_eq!(raw::numbers(&site.url, there).await, [0], "and it is not asked again");
    }

    /// What is said to a page cannot be taken back, so it is said once the deed is kept.
    async fn a_spoken_yes_that_is_not_kept_lets_nobody_in(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let (who, secret) = visit.invite("nurse", "看護 緑").await;
        let mut page = visit.come(&mut site.browser(), &secret).await;
        let refuse = if site.url.starts_with("sqlite:") {
            "CREATE TRIGGER no BEFORE INSERT ON idempotency
                BEGIN SELECT RAISE(ABORT, 'no'); END"
        } else {
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
             CREATE TRIGGER no BEFORE INSERT ON idempotency
                FOR EACH ROW EXECUTE FUNCTION no()"
        };
        raw::execute(&site.url, refuse).await.unwrap();
        let path = format!("{}/{}/consent", visit.people(), who.as_str().unwrap());
        let said = (Method::PUT, path, json!({ "answer": "yes" }));
        let key = "5f0c3a1e-1d6b-4b8e-9a55-000000000001";
        let failed = visit.doctor.keyed(key, &said).await;
        assert!(failed.status.is_server_error(), "{}", failed.text);
        page.hears_no("admitted").await;
        let kept = "SELECT count(*) FROM visit_consent";
        assert_eq!(raw::numbers(&site.url, kept).await, [0]);
    }
}
