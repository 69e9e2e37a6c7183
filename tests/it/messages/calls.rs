//! Patients who are called in: by message where no page of theirs hears it, and not where one does.

use std::time::{Duration, Instant};

use onshin::model::BookingId;
use onshin::work;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::sink::{MailServer, Mood};
use super::*;
use crate::visit::{Page, serve, ticket};

/// A visit whose patient waits, seen by its doctor; what waits is as the doctor's page says.
struct Waiting {
    id: String,
    hers: Browser,
    doctor: Browser,
    patient: Option<Page>,
    clinician: Page,
    who: Value,
}

async fn waiting(site: &Site, who: &Value) -> Waiting {
    let server = serve(site).await;
    let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
    let id = id_of(&hers.book("2026-12-01T00:15:00Z", who).await);
    send_all(&site.app).await;
    let theirs = ticket(&mut doctor, &format!("/api/clinic/visits/{id}")).await;
    let mut clinician = Page::open(server, &id, &theirs).await;
    clinician.hear("welcome").await;
    let mine = ticket(&mut hers, &format!("/api/visits/{id}")).await;
    let mut patient = Page::open(server, &id, &mine).await;
    patient.say(json!({ "t": "knock" })).await;
    let who = clinician.hear("waiting").await["participant"].clone();
    Waiting { id, hers, doctor, patient: Some(patient), clinician, who }
}

impl Waiting {
    async fn admit(&mut self) {
        self.clinician.say(json!({ "t": "admit", "participant": self.who })).await;
        self.clinician.hear("admitted").await;
    }

    /// The patient's page is gone, and the server knows.
    async fn closes_the_page(&mut self, site: &Site) {
        self.patient = None;
        let id = BookingId(self.id.parse().unwrap());
        while site.app.hub.told_patient(id).is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Calls from the clinic's page.
    async fn call(&mut self) -> crate::support::Answer {
        self.doctor.post(&format!("/api/clinic/visits/{}/call", self.id), json!({})).await
    }
}

/// The texts of calls to telephones.
fn calls(folder: &std::path::Path) -> Vec<String> {
    let texts = shorts(folder).into_iter().map(|one| one["text"].as_str().unwrap().to_owned());
    texts.filter(|text| text.contains("順番が来ました") || text.contains("your turn")).collect()
}

/// Waits until the outbox says this of all calls.
async fn until(site: &Site, state: &str) {
    let sql = "SELECT state FROM outbox WHERE kind = 'called'";
    for _ in 0..100 {
        if raw::texts(&site.url, sql).await.iter().all(|found| found == state) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?} and not {state}", raw::texts(&site.url, sql).await);
}

/// What is promised of a call to somebody whose page does not hear it (web.md section 5, row 16).
const PROMISED: Duration = Duration::from_secs(10);

/// The program's own loops, and a clock that goes on as clocks do, until this is dropped.
struct Live(CancellationToken);

impl Live {
    fn begin(site: &Site) -> Self {
        let stop = CancellationToken::new();
        work::start(&site.app, &TaskTracker::new(), &stop);
        let (clock, ended) = (site.app.clock.clone(), stop.clone());
        tokio::spawn(async move {
            let mut told = Instant::now();
            while !ended.is_cancelled() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let now = Instant::now();
                clock.advance(TimeDelta::from_std(now - told).unwrap());
                told = now;
            }
        });
        Self(stop)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// After how long a call lies at the mail server and in the folder of short messages, from the
/// doctor's word on. The patient's page is gone, or is there and says nothing.
async fn called_after(site: Site, gone: bool) -> [Duration; 2] {
    let folder = tempfile::tempdir().unwrap();
    let post = MailServer::start(|_| Mood::Takes).await;
    let site =
        site.sending(Outgoing { mail: by_server(post.port).mail, ..into_folder(folder.path()) });
    let _live = Live::begin(&site);
    let mut visit = waiting(&site, &hana()).await;
    if gone {
        visit.closes_the_page(&site).await;
    }
    let begun = Instant::now();
    visit.admit().await;
    let by_mail = |letter: &String| unpacked(letter).contains("順番が来ました");
    let (mut mail, mut sms) = (None, None);
    loop {
        let now = begun.elapsed();
        mail = mail.or_else(|| post.letters().iter().any(by_mail).then_some(now));
        sms = sms.or_else(|| (!calls(folder.path()).is_empty()).then_some(now));
        if let (Some(mail), Some(sms)) = (mail, sms) {
            println!("called by mail after {mail:?}, by short message after {sms:?}");
            return [mail, sms];
        }
        assert!(now < 2 * PROMISED, "by mail after {mail:?}, by short message after {sms:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_both_engines! {
    async fn who_closed_the_page_is_called_by_message(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut visit = waiting(&site, &nagi()).await;
        visit.closes_the_page(&site).await;
        visit.admit().await;
        // At once, without waiting for anything.
        send_all(&site.app).await;
        let told = calls(folder.path());
        assert_eq!(told.len(), 1, "{:?}", shorts(folder.path()));
        assert!(told[0].contains("it is your turn"), "in the patient's language: {told:?}");
        // The link leads in.
        let wish = json!({ "token": secret_in(&told[0]), "birth_date": "1990-01-31" });
        site.browser().post("/api/visitor", wish).await.expect(StatusCode::OK);
        let rows = seen(&mut visit.doctor, &visit.id).await;
        assert!(rows.contains(&"called sms sent -".to_owned()), "{rows:?}");
        assert!(!rows.iter().any(|row| row.contains("webhook")), "{rows:?}");
    }

    async fn a_page_that_hears_it_is_not_called_by_message(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut visit = waiting(&site, &hana()).await;
        visit.admit().await;
        let heard = visit.patient.as_mut().unwrap().hear("admitted").await;
        // It has not said so yet: nothing is sent, and nothing is given up.
        send_all(&site.app).await;
        until(&site, "waiting").await;
        let ack = heard["seq"].as_u64().unwrap() + 100;
        visit.patient.as_mut().unwrap().say(json!({ "t": "ack", "ack": ack })).await;
        until(&site, "dropped").await;
        site.app.clock.advance(TimeDelta::seconds(10));
        send_all(&site.app).await;
        assert_eq!(calls(folder.path()), [""; 0]);
    }

    async fn a_page_that_sleeps_is_called_by_message(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut visit = waiting(&site, &hana()).await;
        visit.admit().await;
        site.app.clock.advance(TimeDelta::seconds(6));
        send_all(&site.app).await;
        assert_eq!(calls(folder.path()).len(), 1, "the socket is there, and nobody behind it");
        drop(visit.patient);
    }

    async fn the_clinic_calls_who_is_not_there(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut visit = waiting(&site, &hana()).await;
        visit.call().await.refused(StatusCode::CONFLICT, "patient_here");
        visit.closes_the_page(&site).await;
        visit.call().await.expect(StatusCode::NO_CONTENT);
        visit.call().await.refused(StatusCode::CONFLICT, "called_just_now");
        send_all(&site.app).await;
        assert_eq!(calls(folder.path()).len(), 1);
        // More than a number gets of other messages a day, and not without end.
        for _ in 0..6 {
            site.app.clock.advance(TimeDelta::minutes(1));
            visit.call().await.expect(StatusCode::NO_CONTENT);
            send_all(&site.app).await;
        }
        assert_eq!(calls(folder.path()).len(), 5, "with the booking's own message, six a day");
        let elsewhere = format!("/api/clinic/visits/{}/call", visit.id);
        site.signed_in("umikaze").await.post(&elsewhere, json!({})).await
            .refused(StatusCode::NOT_FOUND, "not_found");
        visit.hers.post(&elsewhere, json!({})).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let deeds = "SELECT action FROM audit_entry WHERE action = 'visit.call'";
        assert_eq!(raw::texts(&site.url, deeds).await.len(), 7);
        // Nobody is called to a visit whose day is over.
        site.app.clock.advance(TimeDelta::hours(48));
        visit.doctor = site.signed_in("doctor").await;
        visit.call().await.refused(StatusCode::CONFLICT, "too_late");
    }

    async fn who_closed_the_page_has_the_call_in_time(site: Site) {
        let all = called_after(site, true).await;
        assert!(all.iter().all(|one| *one < PROMISED), "{all:?}");
    }

    async fn whose_page_sleeps_has_the_call_in_time(site: Site) {
        let all = called_after(site, false).await;
        assert!(all.iter().all(|one| *one < PROMISED), "{all:?}");
        // As long as the page may still say that it heard.
        assert!(all.iter().all(|one| *one >= Duration::from_secs(5)), "{all:?}");
    }
}
