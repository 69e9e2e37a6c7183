//! What one address and one socket may cost.

use super::*;

on_both_engines! {
    async fn an_address_has_forty_sockets(site: Site) {
        let server = serve(&site).await;
        let mut hers = site.browser();
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let mut open = Vec::new();
        for _ in 0..40 {
            open.push(Page::knock_at(server, id, Some(ORIGIN)).await.unwrap());
        }
        let refused = Page::knock_at(server, id, Some(ORIGIN)).await;
        assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 429));
        drop(open);
        let mut left = 40;
        for _ in 0..100 {
            left = site.app.hub.doors.count();
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(left, 0);
        Page::knock_at(server, id, Some(ORIGIN)).await.unwrap();
    }

    async fn a_frame_that_is_too_large_ends_the_socket(site: Site) {
        let server = serve(&site).await;
        let mut met = resume::meet(&site, server, "2026-12-01T00:15:00Z").await;
        let large = "x".repeat(64 * 1024);
        met.patient.say(json!({ "t": "chat", "text": large })).await;
        assert_eq!(met.patient.hear("error").await["code"], "too_large");
        met.patient.say(json!({ "t": "chat", "text": "x".repeat(129 * 1024) })).await;
        assert_eq!(met.patient.closed().await, 1009);
        met.clinician.hears_no("chat").await;
    }

    async fn whoever_shows_nothing_good_is_told_so_later_each_time(site: Site) {
        let server = serve(&site).await;
        let mut hers = site.browser();
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let mut waits = Vec::new();
        for _ in 0..4 {
            let began = std::time::Instant::now();
            Page::open(server, id, "no ticket").await.is_sent_away("unauthorized", "rejoin", 4401).await;
            waits.push(began.elapsed().as_millis());
        }
        assert!(waits[0] >= 100 && waits[1] >= 200 && waits[2] >= 400 && waits[3] >= 800, "{waits:?}");
        // Who has a good ticket does not wait for them.
        let good = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        let began = std::time::Instant::now();
        Page::open(server, id, &good).await.hear("welcome").await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
