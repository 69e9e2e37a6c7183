//! What one address and one socket may cost.

use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

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

    async fn pieces_pings_and_farewells_are_what_the_protocol_says(site: Site) {
        let server = serve(&site).await;
        let mut met = resume::meet(&site, server, "2026-12-01T00:15:00Z").await;
        let piece = |text: &str, kind, last| {
            Message::Frame(Frame::message(text.to_owned(), OpCode::Data(kind), last))
        };
        let chat = json!({ "t": "chat", "text": "in two pieces" }).to_string();
        let (begun, rest) = chat.split_at(20);
        met.patient.0.send(piece(begun, Data::Text, false)).await.unwrap();
        // Nothing that is begun keeps an answer waiting.
        met.patient.0.send(Message::Ping("there?".into())).await.unwrap();
        assert_eq!(met.patient.next().await, Message::Pong("there?".into()));
        met.patient.0.send(piece(rest, Data::Continue, true)).await.unwrap();
        assert_eq!(met.clinician.hear("chat").await["text"], "in two pieces");
        met.patient.0.send(Message::Close(None)).await.unwrap();
        assert_eq!(met.patient.closed().await, 1000);
        assert_eq!(met.clinician.hear("participant").await["state"], "reconnecting");
        // A piece of nothing is told to be no message.
        met.clinician.0.send(piece("lost", Data::Continue, true)).await.unwrap();
        assert_eq!(met.clinician.closed().await, 1002);
    }

    async fn the_address_of_a_socket_opens_only_as_one(site: Site) {
        let server = serve(&site).await;
        let mut hers = site.browser();
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let path = format!("/api/visits/{}/signal", booked["id"].as_str().unwrap());
        let url = format!("ws://{server}{path}");
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-version", "12".parse().unwrap());
        request.headers_mut().insert("origin", ORIGIN.parse().unwrap());
        let Err(Error::Http(refused)) = connect_async(request).await else { panic!("was let in") };
        assert_eq!(refused.status(), 426);
        let problem: Value = serde_json::from_slice(refused.body().as_deref().unwrap()).unwrap();
        assert_eq!(problem["code"], "no_socket");
        assert_eq!(site.app.hub.doors.count(), 0);
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
