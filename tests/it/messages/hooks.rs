//! Webhooks: signed, ids alone, in order, and to nobody inside the house.

use onshin::out::hook;

use super::sink::Receiver;
use super::*;

const OK: &str = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
const GONE: &str = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";
const INSIDE: &str =
    "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";

async fn add(desk: &mut Browser, url: &str) -> Value {
    let added = desk.post("/api/clinic/webhooks", json!({ "url": url })).await;
    added.expect(StatusCode::CREATED)
}

on_both_engines! {
    async fn a_clinics_program_hears_of_everything_in_order(site: Site) {
        // Every second try fails.
        let receiver = Receiver::start(|count| if count % 2 == 0 { BUSY } else { OK }).await;
        let site = site.sending(quiet(&[receiver.origin()]));
        let mut desk = site.signed_in("desk").await;
        let url = format!("{}/onshin?key=4711-geheim", receiver.origin());
        let added = add(&mut desk, &url).await;
        let secret = added["secret"].as_str().unwrap();
        assert!(secret.starts_with("whsec_"));
        let listed = desk.get("/api/clinic/webhooks").await;
        assert!(!listed.text.contains(secret), "the secret is shown once");
        assert_eq!(listed.expect(StatusCode::OK)["items"], json!([added["item"]]));

        let mut hers = site.browser();
        let done = hers.book("2026-12-02T03:00:00Z", &hana()).await;
        move_to(&mut hers, &done, "2026-12-02T05:00:00Z").await;
        cancel(&mut hers, &done).await;
        for _ in 0..8 {
            send_all(&site.app).await;
            site.app.clock.advance(TimeDelta::minutes(2));
        }
        let posted = receiver.posted();
        let told: Vec<(Value, String)> = posted.iter().map(|one| {
            let body: Value = serde_json::from_str(&one.body).unwrap();
            (body, one.header("webhook-id").to_owned())
        }).collect();
        let kinds: Vec<_> = told.iter().map(|(body, _)| body["type"].as_str().unwrap()).collect();
        // Each twice: the first try failed. Nothing overtakes.
        assert_eq!(kinds, ["booking.booked", "booking.booked", "booking.moved", "booking.moved", "booking.cancelled", "booking.cancelled"]);
        let sequence: Vec<_> = told.iter().map(|(body, _)| body["data"]["sequence"].as_i64().unwrap()).collect();
        assert!(sequence.is_sorted());
        for pair in told.chunks(2) {
            assert_eq!(pair[0], pair[1]);
        }
        for one in &posted {
            // The receiver's own check: with the secret, over what it got.
            let at: i64 = one.header("webhook-timestamp").parse().unwrap();
            let at = chrono::DateTime::from_timestamp(at, 0).unwrap();
            let signed = hook::headers(secret, one.header("webhook-id"), at, one.body.as_bytes()).unwrap();
            assert_eq!(signed[2].1, one.header("webhook-signature"));
            let forged = hook::headers(secret, one.header("webhook-id"), at, b"{}").unwrap();
            assert_ne!(forged[2].1, one.header("webhook-signature"));
            assert!(one.head.starts_with("POST /onshin?key=4711-geheim HTTP/1.1\r\n"));
            for private in ["音無", "オトナシ", "1948", "0901234", "mail.example", "せき"] {
                assert!(!one.body.contains(private), "{}", one.body);
            }
        }
        // Neither address nor secret lies open in the database.
        let rows = if site.url.starts_with("sqlite:") {
            let bytes = std::fs::read(site.url.strip_prefix("sqlite:").unwrap()).unwrap();
            let log = std::fs::read(format!("{}-wal", site.url.strip_prefix("sqlite:").unwrap())).unwrap();
            String::from_utf8_lossy(&[bytes, log].concat()).into_owned()
        } else {
            raw::texts(&site.url, "SELECT encode(url, 'escape') || encode(secret, 'escape') FROM webhook").await.concat()
        };
        assert!(!rows.contains("4711-geheim") && !rows.contains(secret));
    }

    async fn an_endpoint_is_the_clinics_own(site: Site) {
        let receiver = Receiver::start(|_| OK).await;
        let site = site.sending(quiet(&[receiver.origin()]));
        let (mut desk, mut other) = (site.signed_in("desk").await, site.signed_in("umikaze").await);
        let added = add(&mut desk, &receiver.origin()).await;
        let path = format!("/api/clinic/webhooks/{}", added["item"]["id"].as_str().unwrap());
        assert_eq!(other.get("/api/clinic/webhooks").await.expect(StatusCode::OK)["items"], json!([]));
        other.delete(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        other.post(&format!("{path}/test"), json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(receiver.posted().len(), 0);
        let tried = desk.post(&format!("{path}/test"), json!({})).await.expect(StatusCode::OK);
        assert_eq!(tried, json!({ "taken": true, "reason": null }));
        assert!(receiver.posted()[0].body.contains("\"webhook.test\""));
        // Of another clinic's bookings it hears nothing.
        let own = site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        let elsewhere = add(&mut other, &receiver.origin()).await;
        send_all(&site.app).await;
        assert_eq!(receiver.posted().len(), 2);
        assert!(receiver.posted()[1].body.contains(&id_of(&own)));
        assert_ne!(elsewhere["secret"], added["secret"]);
        // Removed, it is neither asked nor known.
        site.browser().book("2026-12-02T04:00:00Z", &nagi()).await;
        messages::share_out(&site.app).await.unwrap();
        desk.delete(&path).await.expect(StatusCode::NO_CONTENT);
        desk.delete(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        send_all(&site.app).await;
        assert_eq!(receiver.posted().len(), 2);
        let kept = "SELECT count(*) FROM webhook WHERE removed_at IS NOT NULL AND url IS NULL";
        assert_eq!(raw::numbers(&site.url, kept).await, [1]);
        for _ in 0..5 {
            add(&mut desk, &receiver.origin()).await;
        }
        let wish = json!({ "url": receiver.origin() });
        desk.post("/api/clinic/webhooks", wish).await.refused(StatusCode::CONFLICT, "too_many_webhooks");
    }

    async fn no_endpoint_is_inside_the_house(site: Site) {
        let receiver = Receiver::start(|_| INSIDE).await;
        let site = site.sending(quiet(&[receiver.origin()]));
        let mut desk = site.signed_in("desk").await;
        for (url, code) in [
            ("http://hooks.example/", "insecure"), ("https://127.0.0.1/", "forbidden_address"),
            ("https://[::ffff:10.0.0.1]/", "forbidden_address"), ("hooks", "address"),
            ("https://user:word@hooks.example/", "address"), ("http://169.254.169.254/", "insecure"),
        ] {
            let answer = desk.post("/api/clinic/webhooks", json!({ "url": url })).await;
            let body = answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert!(body.to_string().contains(code), "{url}: {body}");
        }
        // A name that leads inside is found out when it is asked, a redirect is not followed.
        for (url, reason) in [("https://localhost/", "forbidden_address"), (receiver.origin().as_str(), "http_302")] {
            let added = add(&mut desk, url).await;
            let path = format!("/api/clinic/webhooks/{}/test", added["item"]["id"].as_str().unwrap());
            let tried = desk.post(&path, json!({})).await.expect(StatusCode::OK);
            assert_eq!(tried, json!({ "taken": false, "reason": reason }));
        }
        assert_eq!(receiver.posted().len(), 1);
    }

    async fn who_is_gone_is_not_asked_again(site: Site) {
        let receiver = Receiver::start(|_| GONE).await;
        let site = site.sending(quiet(&[receiver.origin()]));
        let mut desk = site.signed_in("desk").await;
        add(&mut desk, &receiver.origin()).await;
        site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        for _ in 0..3 {
            send_all(&site.app).await;
            site.app.clock.advance(TimeDelta::hours(1));
        }
        assert_eq!(receiver.posted().len(), 1);
        let mut desk = site.signed_in("desk").await;
        let dead = desk.get("/api/clinic/messages/undelivered").await.expect(StatusCode::OK);
        assert_eq!(dead["items"][0]["delivery"]["reason"], "http_410");
    }
}
