//! The visit over real sockets: who gets in, what is passed on, and how it is closed. Pictures
//! are the browsers' part; here the texts are looked at.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use onshin::actions::visit;

use crate::closing::facts;
use crate::support::{Browser, ORIGIN, Site, hana, nagi, on_both_engines, raw};

mod fuzz;
mod matrix;
mod quality;
mod resume;
mod sockets;

/// A description as short as one can be.
const SDP: &str = "v=0\r\na=fingerprint:sha-256 0A:1B:2C\r\nm=audio 9 UDP 0\r\n";

/// A page's end of the signaling socket.
pub(crate) struct Page(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Page {
    /// Opens the socket of a visit and says hello with a ticket.
    pub(crate) async fn open(server: SocketAddr, booking: &str, ticket: &str) -> Self {
        let mut page = Self::knock_at(server, booking, Some(ORIGIN)).await.unwrap();
        page.say(json!({ "t": "hello", "ticket": ticket, "tab": "tab" })).await;
        page
    }

    async fn knock_at(
        server: SocketAddr,
        booking: &str,
        origin: Option<&str>,
    ) -> Result<Self, Error> {
        let url = format!("ws://{server}/api/visits/{booking}/signal");
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "tele.v1".parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message of kind `t`; others before it are left out.
    pub(crate) async fn hear(&mut self, t: &str) -> Value {
        loop {
            match self.next().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["t"] == t {
                        return message;
                    }
                }
                Message::Close(frame) => panic!("closed while waiting for {t}: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The code with which the server closes.
    async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.next().await {
                return frame.map_or(0, |frame| frame.code.into());
            }
        }
    }

    async fn next(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await;
        next.expect("the server says nothing").expect("the socket is gone").unwrap()
    }

    /// That nothing of kind `t` comes before the answer to a ping.
    pub(crate) async fn hears_no(&mut self, t: &str) {
        self.say(json!({ "t": "ping", "ts": 1 })).await;
        loop {
            if let Message::Text(text) = self.next().await {
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_ne!(message["t"], t, "{message}");
                if message["t"] == "pong" {
                    return;
                }
            }
        }
    }
}

impl Page {
    /// That nothing at all comes before the answer to a ping.
    async fn hears_nothing(&mut self) {
        self.say(json!({ "t": "ping", "ts": 1 })).await;
        if let Message::Text(text) = self.next().await {
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(message["t"], "pong", "{message}");
        }
    }
}

pub(crate) async fn serve(site: &Site) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = site.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

pub(crate) async fn ticket(browser: &mut Browser, path: &str) -> String {
    let ticket = browser.post(&format!("{path}/signal-ticket"), json!({})).await;
    ticket.expect(StatusCode::OK)["ticket"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn two_people_meet_and_the_visit_is_closed(site: Site) {
        let server = serve(&site).await;
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let (mine, theirs) = (format!("/api/visits/{id}"), format!("/api/clinic/visits/{id}"));

        let mut patient = Page::open(server, id, &ticket(&mut hers, &mine).await).await;
        let welcome = patient.hear("welcome").await;
        assert_eq!(welcome["self"]["role"], "patient");
        assert_eq!(welcome["snapshot"]["topology"]["mode"], "none");
        let mut clinician = Page::open(server, id, &ticket(&mut doctor, &theirs).await).await;
        assert_eq!(clinician.hear("welcome").await["self"]["role"], "clinician");
        // The host's arrival lets nobody in.
        patient.hears_no("topology").await;

        patient.say(json!({ "t": "knock" })).await;
        let waiting = clinician.hear("waiting").await;
        assert_eq!((&waiting["event"], &waiting["name"]), (&json!("entered"), &json!("音無 花")));
        let today = doctor.get("/api/clinic/visits").await.expect(StatusCode::OK);
        assert_eq!(today["items"][0]["booking"]["status"], "checked_in");
        assert_eq!(today["items"][0]["patient"]["symptoms"], "三日前からせきが出ます");

        clinician.say(json!({ "t": "admit", "participant": waiting["participant"] })).await;
        patient.hear("admitted").await;
        let topology = patient.hear("topology").await;
        let peer = &topology["peers"][0];
        let back = clinician.hear("topology").await;
        assert_eq!(back["peers"][0]["pc"], peer["pc"]);
        assert_ne!(back["peers"][0]["polite"], peer["polite"]);

        let offer = json!({
            "t": "sdp", "to": peer["participant"], "pc": peer["pc"], "neg": 1,
            "desc": { "type": "offer", "sdp": SDP },
        });
        patient.say(offer).await;
        let heard = clinician.hear("sdp").await;
        assert_eq!((&heard["from"], &heard["neg"]), (&waiting["participant"], &json!(1)));

        // Nobody saw a picture yet: the visit cannot be closed as done.
        let close = format!("{theirs}/close");
        let early = doctor.post(&close, json!({ "outcome": "done" })).await;
        early.refused(StatusCode::CONFLICT, "video_not_seen");
        for frames in [10, 100, 200] {
            for page in [&mut patient, &mut clinician] {
                page.say(json!({ "t": "quality", "pc": peer["pc"], "frames_decoded": frames })).await;
                page.hears_no("error").await;
            }
            site.app.clock.advance(TimeDelta::seconds(6));
        }
        clinician.say(json!({ "t": "end" })).await;
        assert_eq!(patient.closed().await, 4410);
        let done = json!({ "outcome": "done", "note": "経過を見て、一週間後に再診", "facts": facts() });
        let closed = doctor.post(&close, done.clone()).await.expect(StatusCode::OK);
        assert_eq!(closed["status"], "fulfilled");
        doctor.post(&close, done).await.refused(StatusCode::CONFLICT, "wrong_status");
        let seen = "SELECT patient_video_seconds * 1000 + clinician_video_seconds FROM visit";
        let seen = raw::numbers(&site.url, seen).await[0];
        assert!(seen / 1000 > 0 && seen % 1000 > 0, "{seen}");
        let gone = hers.post(&format!("{mine}/signal-ticket"), json!({})).await;
        gone.refused(StatusCode::CONFLICT, "too_late");
    }

    async fn admission_outlives_the_socket_and_the_hub(site: Site) {
        let server = serve(&site).await;
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let (mine, theirs) = (format!("/api/visits/{id}"), format!("/api/clinic/visits/{id}"));
        let mut patient = Page::open(server, id, &ticket(&mut hers, &mine).await).await;
        let mut clinician = Page::open(server, id, &ticket(&mut doctor, &theirs).await).await;
        patient.hear("welcome").await;
        clinician.hear("welcome").await;
        patient.say(json!({ "t": "knock" })).await;
        let waiting = clinician.hear("waiting").await;
        clinician.say(json!({ "t": "admit", "participant": waiting["participant"] })).await;
        let pc = patient.hear("topology").await["peers"][0]["pc"].clone();

        // The patient's page is loaded again: the newest socket counts, the old one is sent away.
        let mut again = Page::open(server, id, &ticket(&mut hers, &mine).await).await;
        let welcome = again.hear("welcome").await;
        assert_eq!(welcome["snapshot"]["admission"], "admitted");
        assert_eq!(welcome["snapshot"]["topology"]["peers"][0]["pc"], pc);
        assert_eq!(patient.closed().await, 4409);

        // The hub forgets everything, as after a restart: the rows remember.
        site.app.hub.close_all(site.app.clock.now());
        assert_eq!((again.closed().await, clinician.closed().await), (4503, 4503));
        site.app.clock.advance(TimeDelta::minutes(5));
        site.app.hub.sweep(site.app.clock.now());
        let mut after = Page::open(server, id, &ticket(&mut hers, &mine).await).await;
        assert_eq!(after.hear("welcome").await["snapshot"]["admission"], "admitted");
    }

    async fn only_the_right_people_at_the_right_time(site: Site) {
        let server = serve(&site).await;
        let (mut hers, mut his) = (site.browser(), site.browser());
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let later = his.book("2026-12-01T03:00:00Z", &nagi()).await["booking"].take();
        let (id, other) = (booked["id"].as_str().unwrap(), later["id"].as_str().unwrap());
        let path = |id: &str| format!("/api/visits/{id}/signal-ticket");
        // Early, somebody else's, without a session, of another clinic.
        his.post(&path(other), json!({})).await.refused(StatusCode::CONFLICT, "too_early");
        his.post(&path(id), json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        let nobody = site.browser().post(&path(id), json!({})).await;
        nobody.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let mut elsewhere = site.signed_in("umikaze").await;
        let theirs = format!("/api/clinic/visits/{id}/signal-ticket");
        elsewhere.post(&theirs, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");

        // A ticket works once, for its visit, for half a minute.
        let good = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        let mut wrong = Page::open(server, other, &good).await;
        assert_eq!(wrong.closed().await, 4401);
        let good = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        let mut first = Page::open(server, id, &good).await;
        first.hear("welcome").await;
        let mut replayed = Page::open(server, id, &good).await;
        assert_eq!(replayed.closed().await, 4401);
        let late = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        site.app.clock.advance(TimeDelta::seconds(30));
        let mut late = Page::open(server, id, &late).await;
        assert_eq!(late.closed().await, 4401);
        // Pages of other sites, and of none.
        for origin in [None, Some("null"), Some("http://onshin.test.evil"), Some("https://onshin.test")] {
            let refused = Page::knock_at(server, id, origin).await;
            assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 403), "{origin:?}");
        }

        // Who waits may not speak to anybody; a cancelled visit sends everybody away.
        first.say(json!({
            "t": "chat", "text": "hello",
        })).await;
        assert_eq!(first.hear("error").await["code"], "forbidden");
        hers.post(&format!("/api/bookings/{id}/cancel"), json!({ "reason": "other" })).await.expect(StatusCode::OK);
        assert_eq!(first.closed().await, 4410);
        hers.post(&path(id), json!({})).await.refused(StatusCode::CONFLICT, "too_late");
    }

    async fn a_clinician_has_one_visit_in_progress(site: Site) {
        let server = serve(&site).await;
        let mut doctor = site.signed_in("doctor").await;
        let mut pages = Vec::new();
        for (start, who) in [("2026-12-01T00:15:00Z", hana()), ("2026-12-01T00:30:00Z", nagi())] {
            let mut browser = site.browser();
            let booked = browser.book(start, &who).await["booking"].take();
            let id = booked["id"].as_str().unwrap().to_owned();
            let mine = ticket(&mut browser, &format!("/api/visits/{id}")).await;
            let theirs = ticket(&mut doctor, &format!("/api/clinic/visits/{id}")).await;
            let mut patient = Page::open(server, &id, &mine).await;
            let mut clinician = Page::open(server, &id, &theirs).await;
            // Who comes after a knock hears of it in the welcome, not as news.
            clinician.hear("welcome").await;
            patient.say(json!({ "t": "knock" })).await;
            let waiting = clinician.hear("waiting").await;
            clinician.say(json!({ "t": "admit", "participant": waiting["participant"] })).await;
            pages.push((patient, clinician));
        }
        pages[0].0.hear("admitted").await;
        let refused = pages[1].1.hear("error").await;
        assert_eq!(refused["code"], "another_in_progress");
        pages[1].0.hears_no("admitted").await;
    }
}
