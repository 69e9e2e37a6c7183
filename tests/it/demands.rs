//! Visits that need more than one clinician's time, each with many who want it at once: seats of a
//! group, places of a day, rooms shared by clinics, several clinicians together.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Browser, NIGHT, NIGHT_VISIT, Site, UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_SECOND, UMIKAZE_VISIT,
    hana, on_both_engines, raw,
};

const CALLERS: usize = 32;

async fn sql(site: &Site, text: &str) {
    raw::execute(&site.url, text).await.unwrap();
}

fn id(site: &Site, text: &str) -> String {
    raw::id(&site.url, text)
}

/// The statuses that as many callers got who wanted these times at once.
async fn at_once(site: &Site, wishes: impl Fn(usize) -> Value) -> Vec<StatusCode> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (mut browser, wish) = (site.browser(), wishes(caller));
        callers.spawn(async move { browser.post("/api/bookings", wish).await.status });
    }
    let statuses = callers.join_all().await;
    let known = |status: &&StatusCode| [StatusCode::CREATED, StatusCode::CONFLICT].contains(status);
    assert_eq!(statuses.iter().filter(known).count(), CALLERS, "{statuses:?}");
    statuses
}

fn won(statuses: &[StatusCode]) -> usize {
    statuses.iter().filter(|status| **status == StatusCode::CREATED).count()
}

/// Whether the database stands alone. The application then takes everything for free and asks for
/// the first seat each time: somebody wins, and never too many.
const ALONE: bool = cfg!(feature = "no-overlap-check");

fn assert_won(statuses: &[StatusCode], most: usize) {
    let won = won(statuses);
    assert!(if ALONE { (1..=most).contains(&won) } else { won == most }, "{won} won");
}

fn at_night(start: &str) -> Value {
    json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": start })
}

async fn wish(browser: &mut Browser, start: &str) -> crate::support::Answer {
    let wish = json!({ "facility_id": UMIKAZE, "service_id": UMIKAZE_VISIT, "start": start });
    browser.post("/api/bookings", wish).await
}

on_both_engines! {
    async fn a_race_for_a_group_fills_its_seats_and_no_more(site: Site) {
        sql(&site, &format!("UPDATE service SET capacity = 3, version = version + 1 WHERE id = {}", id(&site, NIGHT_VISIT))).await;
        let statuses = at_once(&site, |_| at_night("2026-12-01T03:00:00Z")).await;
        assert_won(&statuses, 3);
        assert_eq!(raw::overlaps(&site.url).await, 0);
        let sessions = "SELECT count(DISTINCT session_key) FROM booking WHERE occupies";
        assert_eq!(raw::numbers(&site.url, sessions).await, [1]);
        if ALONE {
            return;
        }
        // The listed times agree: this one is gone, the one before is not.
        let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&days=1");
        let days = site.browser().get(&path).await.expect(StatusCode::OK).to_string();
        let listed = |start: &str| days.contains(&format!("\"start\":\"{start}\""));
        assert!(!listed("2026-12-01T03:00:00Z") && listed("2026-12-01T02:45:00Z"));
        crate::events::all_stand(&site).await;
    }

    async fn a_race_for_the_places_of_a_day_gives_them_once(site: Site) {
        sql(&site, &format!("UPDATE service SET daily_limit = 4, version = version + 1 WHERE id = {}", id(&site, NIGHT_VISIT))).await;
        let statuses = at_once(&site, |caller| {
            at_night(&format!("2026-12-02T{:02}:{:02}:00Z", caller / 4, caller % 4 * 15))
        }).await;
        assert_won(&statuses, 4);
        if ALONE {
            return;
        }
        let told = site.browser().hold("2026-12-02T12:00:00Z").await;
        let told = told.refused(StatusCode::CONFLICT, "daily_limit");
        // The next day has places, and is what is offered.
        assert!(told["alternatives"].as_array().unwrap().len() == 3, "{told}");
    }

    async fn a_race_for_a_room_that_two_clinics_share_has_one_winner(site: Site) {
        let (place, room) = ("0d300600-0000-0000-0000-000000000001", "0d300600-0000-0000-0000-000000000002");
        sql(&site, &format!("INSERT INTO reception_site (id, name, address, municipality_code, telephone)
            VALUES ({}, '試験会館', '東京都港区見本台1-1-1', '131032', '0120-000-109')", id(&site, place))).await;
        sql(&site, &format!("INSERT INTO room (id, site_id, name) VALUES ({}, {}, '一号室')", id(&site, room), id(&site, place))).await;
        for facility in [NIGHT, UMIKAZE] {
            sql(&site, &format!("INSERT INTO facility_room (facility_id, room_id) VALUES ({}, {})", id(&site, facility), id(&site, room))).await;
        }
        sql(&site, "UPDATE service SET needs_room = TRUE, version = version + 1").await;
        // Wednesday morning in Tokyo, when both clinics work.
        let start = "2026-12-03T00:30:00Z";
        let statuses = at_once(&site, |caller| match caller % 2 {
            0 => at_night(start),
            _ => json!({ "facility_id": UMIKAZE, "service_id": UMIKAZE_VISIT, "start": start }),
        }).await;
        assert_eq!(won(&statuses), 1);
        assert_eq!(raw::overlaps(&site.url).await, 0);
        let told = site.browser().hold(start).await.expect(StatusCode::CONFLICT);
        assert!(ALONE || ["slot_taken", "no_room"].contains(&told["code"].as_str().unwrap()), "{told}");
    }

    async fn several_clinicians_are_taken_moved_and_freed_together(site: Site) {
        for (table, who) in [("service_clinician", UMIKAZE_DOCTOR), ("service_team", UMIKAZE_SECOND)] {
            sql(&site, &format!("INSERT INTO {table} (service_id, clinician_id, facility_id) VALUES ({}, {}, {})",
                id(&site, UMIKAZE_VISIT), id(&site, who), id(&site, UMIKAZE))).await;
        }
        sql(&site, &format!("UPDATE service SET version = version + 1 WHERE id = {}", id(&site, UMIKAZE_VISIT))).await;
        // The second doctor does not work on Tuesdays.
        let mut hers = site.browser();
        wish(&mut hers, "2026-12-01T05:00:00Z").await.refused(StatusCode::CONFLICT, "team_not_free");
        // On a Monday afternoon both do.
        let held = wish(&mut hers, "2026-12-07T05:00:00Z").await.expect(StatusCode::CREATED);
        let rows = "SELECT count(*) FROM booking WHERE status = 'booked' AND occupies";
        let path = format!("/api/bookings/{}", held["id"].as_str().unwrap());
        hers.post(&format!("{path}/confirm"), hana()).await.expect(StatusCode::OK);
        assert_eq!(raw::numbers(&site.url, rows).await, [2]);
        // What the second is needed for keeps others from her.
        let with_second = |start: &str| json!({
            "facility_id": UMIKAZE, "service_id": "0d300300-0000-0000-0000-4ead730c0001",
            "clinician_id": UMIKAZE_SECOND, "start": start,
        });
        let other = site.browser().post("/api/bookings", with_second("2026-12-07T05:00:00Z")).await;
        other.refused(StatusCode::CONFLICT, "slot_taken");
        let to = json!({ "clinician_id": UMIKAZE_DOCTOR, "start": "2026-12-07T06:00:00Z", "version": 2 });
        hers.post(&format!("{path}/move"), to).await.expect(StatusCode::OK);
        let other = site.browser().post("/api/bookings", with_second("2026-12-07T05:00:00Z")).await;
        other.expect(StatusCode::CREATED);
        let other = site.browser().post("/api/bookings", with_second("2026-12-07T06:00:00Z")).await;
        other.refused(StatusCode::CONFLICT, "slot_taken");
        hers.post(&format!("{path}/cancel"), json!({ "reason": "other" })).await.expect(StatusCode::OK);
        assert_eq!(raw::numbers(&site.url, rows).await, [0]);
        assert_eq!(raw::overlaps(&site.url).await, 0);
        crate::events::all_stand(&site).await;
    }

    async fn anybody_means_the_next_who_is_free(site: Site) {
        // Friday afternoon: two doctors, many callers who name none, at one time.
        let statuses = at_once(&site, |_| json!({
            "facility_id": UMIKAZE, "service_id": UMIKAZE_VISIT, "start": "2026-12-04T05:00:00Z",
        })).await;
        assert_eq!(won(&statuses), 2, "one for each");
        let doctors = "SELECT count(DISTINCT clinician_id) FROM booking WHERE occupies";
        assert_eq!(raw::numbers(&site.url, doctors).await, [2]);
    }
}
