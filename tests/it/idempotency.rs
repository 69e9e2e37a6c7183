//! A request that is repeated under one `Idempotency-Key` has one effect and one answer.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Answer, Asked, Browser, NIGHT, NIGHT_VISIT, Site, hana, nagi};
use crate::support::{on_both_engines, raw};

const REPEATS: usize = 50;
/// The doctor of the clinic that is always open.
const NIGHT_DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

const CHANGES: &str = "/api/clinic/hours-changes";

/// A key as a browser makes one.
fn key(number: u32) -> String {
    format!("5f0c3a1e-1d6b-4b8e-9a55-{number:012}")
}

fn ask(method: Method, path: impl Into<String>, body: Value) -> Asked {
    (method, path.into(), body)
}

fn post(path: impl Into<String>, body: Value) -> Asked {
    ask(Method::POST, path, body)
}

/// A plan that would close a day.
fn close_a_day() -> Asked {
    let close = json!({ "kind": "add_exception", "date": "2026-12-10", "difference": "closed" });
    post(CHANGES, json!({ "edits": [close] }))
}

fn hold(start: &str) -> Asked {
    let wish = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": start });
    post("/api/bookings", wish)
}

/// How many deeds of this name were done.
async fn deeds(site: &Site, action: &str) -> i64 {
    let sql = format!("SELECT action FROM audit_entry WHERE action = '{action}'");
    i64::try_from(raw::texts(&site.url, &sql).await.len()).unwrap()
}

fn cookies(answer: &Answer) -> Vec<&str> {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    cookies.map(|cookie| cookie.to_str().unwrap()).collect()
}

/// That two answers are one.
#[track_caller]
fn same(a: &Answer, b: &Answer) {
    assert_eq!((a.status, &a.text), (b.status, &b.text));
    assert_eq!(cookies(a), cookies(b));
    let kind = |answer: &Answer| answer.headers.get(header::CONTENT_TYPE).cloned();
    assert_eq!(kind(a), kind(b));
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.contains_key("idempotency-replayed")
}

/// Sends the same many times at once from copies of one browser, divided among `sites`, and once
/// more afterwards; the one answer.
async fn at_once(sites: &[&Site], browser: &Browser, key: &str, asked: &Asked) -> Answer {
    let mut callers = JoinSet::new();
    for at in 0..REPEATS {
        let (mut browser, key) = (browser.at(sites[at % sites.len()]), key.to_owned());
        let asked = asked.clone();
        callers.spawn(async move { browser.keyed(&key, &asked).await });
    }
    let mut answers = callers.join_all().await;
    let first: Vec<_> = answers.iter().filter(|answer| !is_replayed(answer)).collect();
    assert_eq!(first.len(), 1, "{first:?}");
    answers.push(browser.at(sites[0]).keyed(key, asked).await);
    let first = answers.swap_remove(0);
    for other in &answers {
        same(&first, other);
    }
    first
}

/// Repeats one write at once, and expects that it was done once, with this status.
async fn once(site: &Site, browser: &Browser, asked: &Asked, action: &str) -> Answer {
    let before = deeds(site, action).await;
    let key = format!("the only {action} of this test").replace(' ', "-");
    let answer = at_once(&[site], browser, &key, asked).await;
    assert!(answer.status.is_success(), "{action}: {}", answer.text);
    assert_eq!(deeds(site, action).await, before + 1, "{action}");
    // Another body under the same key is something else.
    let mut other = asked.clone();
    other.2["x"] = json!(1);
    let told = browser.clone().keyed(&key, &other).await;
    told.refused(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused");
    assert_eq!(deeds(site, action).await, before + 1, "{action}");
    answer
}

fn parsed(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap()
}

on_both_engines! {
    async fn what_patients_do_is_done_once(site: Site) {
        let mut hers = site.browser();
        let held = once(&site, &hers, &hold("2026-12-01T03:00:00Z"), "booking.hold").await;
        assert_eq!((held.status, cookies(&held).len()), (StatusCode::CREATED, 1));
        // The cookie that all repeats were given is that of one session, which holds one time.
        let again = hers.keyed("the-only-booking.hold-of-this-test", &hold("2026-12-01T03:00:00Z")).await;
        same(&held, &again);
        let sql = "SELECT count(*) FROM session WHERE account_id IS NULL";
        assert_eq!(raw::numbers(&site.url, sql).await, [1]);
        let path = format!("/api/bookings/{}", parsed(&held)["id"].as_str().unwrap());

        once(&site, &hers, &post(format!("{path}/extend"), json!({})), "booking.extend").await;
        let done = once(&site, &hers, &post(format!("{path}/confirm"), hana()), "booking.confirm").await;
        let done = parsed(&done);
        // The link that all were given opens the booking.
        let secret = done["link"].as_str().unwrap().split_once('#').unwrap().1;
        let open = post("/api/visitor", json!({ "token": secret, "birth_date": "1948-05-03" }));
        let mut phone = site.browser();
        once(&site, &phone, &open, "booking.open").await;
        phone.keyed("the-only-booking.open-of-this-test", &open).await.expect(StatusCode::OK);
        phone.get(&path).await.expect(StatusCode::OK);

        let to = json!({
            "clinician_id": NIGHT_DOCTOR, "start": "2026-12-01T05:00:00Z",
            "version": done["booking"]["version"],
        });
        let moved = once(&site, &hers, &post(format!("{path}/move"), to), "booking.move").await;
        assert_eq!(parsed(&moved)["start"], "2026-12-01T05:00:00Z");
        let cancel = post(format!("{path}/cancel"), json!({ "reason": "feeling_better" }));
        let gone = once(&site, &hers, &cancel, "booking.cancel").await;
        assert_eq!(parsed(&gone)["status"], "cancelled");

        let held = hers.hold("2026-12-01T07:00:00Z").await.expect(StatusCode::CREATED);
        let release = post(format!("/api/bookings/{}/release", held["id"].as_str().unwrap()), json!({}));
        let free = once(&site, &hers, &release, "booking.release").await;
        assert_eq!(free.status, StatusCode::NO_CONTENT);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking WHERE occupies").await, [0]);
    }

    async fn what_clinics_do_is_done_once(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let done = site.browser().book("2026-12-01T03:00:00Z", &hana()).await;
        let path = format!("/api/clinic/visits/{}/cancel", done["booking"]["id"].as_str().unwrap());
        let cancel = post(path, json!({ "reason": "clinic_unavailable" }));
        once(&site, &desk, &cancel, "booking.cancel").await;

        let hours = format!("/api/clinic/hours?clinician={NIGHT_DOCTOR}");
        let now = desk.get(&hours).await.expect(StatusCode::OK);
        let edit = json!({ "kind": "weekly_hours", "clinician_id": NIGHT_DOCTOR,
            "version": now["version"], "hours": now["hours"] });
        let plan = post(CHANGES, json!({ "edits": [edit] }));
        let plan = parsed(&once(&site, &desk, &plan, "hours.plan").await);
        let deed = |deed: &str| format!("{CHANGES}/{}/{deed}", plan["id"].as_str().unwrap());
        let apply = post(deed("apply"), json!({ "version": plan["version"] }));
        let applied = parsed(&once(&site, &desk, &apply, "hours.apply").await);
        let after = desk.get(&hours).await.expect(StatusCode::OK);
        assert_eq!(after["version"], json!(now["version"].as_i64().unwrap() + 1));
        let undo = post(deed("undo"), json!({ "version": applied["version"] }));
        once(&site, &desk, &undo, "hours.undo").await;

        let service = format!("/api/clinic/services/{NIGHT_VISIT}");
        let known = desk.get(&service).await.expect(StatusCode::OK);
        let put = json!({ "version": known["version"], "rules": known["rules"] });
        let put = ask(Method::PUT, service, put);
        let answer = once(&site, &desk, &put, "service.put").await;
        assert_eq!(parsed(&answer)["version"], json!(known["version"].as_i64().unwrap() + 1));
        let lane = post("/api/clinic/overbookings", json!({ "name": "急患" }));
        let lane = parsed(&once(&site, &desk, &lane, "overbooking.add").await);
        let path = format!("/api/clinic/overbookings/{}", lane["items"][0]["id"].as_str().unwrap());
        let gone = ask(Method::DELETE, path, Value::Null);
        let answer = once(&site, &desk, &gone, "overbooking.remove").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }

    async fn a_key_is_its_owners(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        for (browser, start) in [(&mut hers, "2026-12-01T03:00:00Z"), (&mut his, "2026-12-01T04:00:00Z")] {
            browser.hold(start).await.expect(StatusCode::CREATED);
        }
        // Both call it "1": each gets what they asked for.
        let (her, him) = (hold("2026-12-01T05:00:00Z"), hold("2026-12-01T06:00:00Z"));
        let hers_first = hers.keyed("1", &her).await;
        let his_first = his.keyed("1", &him).await;
        assert_eq!((hers_first.status, his_first.status), (StatusCode::CREATED, StatusCode::CREATED));
        assert_ne!(hers_first.text, his_first.text);
        same(&hers_first, &hers.keyed("1", &her).await);
        same(&his_first, &his.keyed("1", &him).await);
        // The same wish of somebody else is a wish of its own.
        his.keyed("2", &her).await.refused(StatusCode::CONFLICT, "slot_taken");

        // Two accounts of two clinics.
        let closed = close_a_day();
        let a = site.signed_in("desk").await.keyed("1", &closed).await;
        let b = site.signed_in("umikaze").await.keyed("1", &closed).await;
        assert_ne!(parsed(&a)["id"], parsed(&b)["id"]);
        assert_eq!(deeds(&site, "hours.plan").await, 2);
        // One account signed in twice.
        same(&a, &site.signed_in("desk").await.keyed("1", &closed).await);
        // A method or address of its own is another request.
        let other = ask(Method::POST, format!("{CHANGES}?x=1"), closed.2.clone());
        let told = site.signed_in("desk").await.keyed("1", &other).await;
        told.refused(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused");
    }

    async fn a_key_has_a_form(site: Site) {
        let mut hers = site.browser();
        let wish = hold("2026-12-01T03:00:00Z");
        for wrong in ["", &"k".repeat(256), "a b", "caf\u{e9}"] {
            let told = hers.keyed(wrong, &wish).await;
            told.refused(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_malformed");
        }
        // Nobody is signed in, and a stranger might say the same.
        let told = hers.keyed("my-booking", &wish).await;
        told.refused(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_weak");
        assert_eq!(deeds(&site, "booking.hold").await, 0);
        hers.keyed(&key(1), &wish).await.expect(StatusCode::CREATED);
        // Where a key makes no sense it is not looked at.
        let ticket = post("/api/session", json!({ "login": "desk", "password": "-" }));
        hers.keyed("", &ticket).await.refused(StatusCode::FORBIDDEN, "wrong_login");
    }

    async fn a_restart_forgets_no_answer_for_a_day(site: Site) {
        let mut hers = site.browser();
        let wish = hold("2026-12-01T03:00:00Z");
        let stranger = hers.clone();
        let first = hers.keyed(&key(1), &wish).await;
        let site = site.restarted().await;
        same(&first, &stranger.at(&site).keyed(&key(1), &wish).await);
        // The cookie arrived, the rest of the answer did not.
        same(&first, &hers.at(&site).keyed(&key(1), &wish).await);
        // Somebody else's session with the same key is somebody else.
        let mut his = site.browser();
        his.hold("2026-12-01T06:00:00Z").await.expect(StatusCode::CREATED);
        his.keyed(&key(1), &wish).await.refused(StatusCode::CONFLICT, "slot_taken");

        let sql = "SELECT count(*) FROM idempotency";
        site.app.clock.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
        assert_eq!(onshin::actions::once::forget_answers(&site.app).await.unwrap(), 0);
        same(&first, &stranger.at(&site).keyed(&key(1), &wish).await);
        site.app.clock.advance(TimeDelta::microseconds(1));
        assert_eq!(raw::numbers(&site.url, sql).await, [2]);
        assert_eq!(onshin::actions::once::forget_answers(&site.app).await.unwrap(), 2);
        assert_eq!(raw::numbers(&site.url, sql).await, [0]);
    }

    async fn a_refusal_is_repeated_as_it_was(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        his.hold("2026-12-01T06:00:00Z").await.expect(StatusCode::CREATED);
        let wish = hold("2026-12-01T03:00:00Z");
        let told = at_once(&[&site], &his, "told", &wish).await;
        assert_eq!(parsed(&told)["code"], "slot_taken");
        // A repeat that was long on its way does not do what the person was told is not done.
        let path = format!("/api/bookings/{}", held["id"].as_str().unwrap());
        hers.post(&format!("{path}/release"), json!({})).await.expect(StatusCode::NO_CONTENT);
        same(&told, &his.keyed("told", &wish).await);
        his.keyed("new", &wish).await.expect(StatusCode::CREATED);

        // What could not be read may be put right.
        let confirm = |who: Value| post(format!("{path}/confirm"), who);
        let mut wrong = hana();
        wrong["phone"] = json!("none");
        hers.hold("2026-12-01T08:00:00Z").await.expect(StatusCode::CREATED);
        hers.keyed("c", &confirm(wrong)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        hers.keyed("c", &confirm(nagi())).await.refused(StatusCode::CONFLICT, "hold_expired");
    }
}

/// Polls a future so many times, then drops it: what a process does that is killed in between.
struct Killed<F> {
    future: Pin<Box<F>>,
    polls: usize,
}

impl<F: Future> Future for Killed<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        let polled = self.future.as_mut().poll(context).map(Some);
        if self.polls == 0 && polled.is_pending() { Poll::Ready(None) } else { polled }
    }
}

/// The `minute`th time of five days, a quarter of an hour each.
fn start_of(site: &Site, number: usize) -> String {
    let first = site.app.clock.now() + TimeDelta::hours(3);
    let start = first + TimeDelta::minutes(15 * i64::try_from(number).unwrap());
    start.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

on_both_engines! {
    async fn a_request_that_is_cut_off_anywhere_can_be_repeated(site: Site) {
        let mut lost = 0;
        for polls in 1..400 {
            let wish = hold(&start_of(&site, polls));
            let (browser, name) = (site.browser(), key(u32::try_from(polls).unwrap()));
            let mut first = browser.clone();
            let request = first.keyed(&name, &wish);
            let cut = Killed { future: Box::pin(request), polls }.await;
            let done = deeds(&site, "booking.hold").await;
            let again = browser.clone().keyed(&name, &wish).await;
            assert_eq!(again.status, StatusCode::CREATED, "after {polls} polls: {}", again.text);
            assert_eq!(cookies(&again).len(), 1);
            if let Some(cut) = cut {
                same(&cut, &again);
                assert!(lost > 0, "no request was cut off after its effect was kept");
                return;
            }
            lost += usize::try_from(deeds(&site, "booking.hold").await - done).unwrap();
            same(&again, &browser.clone().keyed(&name, &wish).await);
        }
        panic!("a request takes more than 400 polls");
    }

    async fn an_answer_that_is_lost_is_given_after_a_restart(site: Site) {
        let mut hers = site.browser();
        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        let wish = post(path, hana());
        // The effect is in the database; nobody has seen the answer.
        let lost = {
            let mut browser = hers.clone();
            let mut request = pin!(browser.keyed("c", &wish));
            let first = request.as_mut().await;
            assert_eq!(deeds(&site, "booking.confirm").await, 1);
            first.text
        };
        let site = site.restarted().await;
        let again = hers.at(&site).keyed("c", &wish).await;
        assert_eq!((again.status, is_replayed(&again)), (StatusCode::OK, true));
        assert_eq!(again.text, lost);
        assert_eq!(deeds(&site, "booking.confirm").await, 1);
        // The link in it is the one whose hash is stored.
        let link = parsed(&again)["link"].as_str().unwrap().to_owned();
        let open = json!({ "token": link.split_once('#').unwrap().1, "birth_date": "1948-05-03" });
        site.browser().post("/api/visitor", open).await.expect(StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_one_database_are_as_one() {
    let site = Site::on_postgres().await;
    let other = site.another().await;
    let hers = site.browser();
    for (number, start) in
        [(1, "2026-12-01T03:00:00Z"), (2, "2026-12-01T04:00:00Z"), (3, "2026-12-01T05:00:00Z")]
    {
        let held = at_once(&[&site, &other], &hers, &key(number), &hold(start)).await;
        assert_eq!(held.status, StatusCode::CREATED, "{}", held.text);
        assert_eq!(deeds(&site, "booking.hold").await, i64::from(number));
    }
    // What no rule of times would keep apart.
    let desk = site.signed_in("desk").await;
    at_once(&[&site, &other], &desk, "closed", &close_a_day()).await;
    assert_eq!(deeds(&site, "hours.plan").await, 1);
    assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM hours_change").await, [1]);
}
