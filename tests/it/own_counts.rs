//! The service's own side: counts of visits by municipality and month, from what happened to them,
//! with small numbers of patients suppressed.

use axum::http::StatusCode;
use onshin::actions::fold;
use onshin::model::person::Actor;
use serde_json::{Value, json};

use crate::events::{kept, set};
use crate::support::{Browser, Site, at, hana, on_both_engines, raw};

/// Somebody with a name and a birthday of their own.
fn patient(number: u32) -> Value {
    let mut who = hana();
    who["birth_date"] = json!(format!("19{:02}-02-03", 30 + number));
    who["phone"] = json!(format!("090-0000-{number:04}"));
    who
}

/// Books for each of these people, all on one day, and lets `then` become of it.
async fn many(site: &Site, day: u32, people: std::ops::Range<u32>, then: &[&str]) {
    for (slot, number) in people.enumerate() {
        let (hour, minute) = (1 + slot / 4, slot % 4 * 15);
        let start = format!("2026-12-{day:02}T{hour:02}:{minute:02}:00Z");
        let booked = site.browser().book(&start, &patient(number)).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        for status in then {
            set(site, id, status).await;
        }
    }
}

const KEPT: [&str; 3] = ["checked_in", "in_progress", "fulfilled"];

/// The month is over, and the night's check has counted.
async fn counted(site: &Site) {
    site.app.clock.set(at("2027-01-05T18:30:00Z"));
    fold::round(&site.app).await.unwrap();
}

/// A number of the year: nothing where it is suppressed.
fn figure(report: &Value, place: &str, period: &str, measure: &str) -> Option<i64> {
    let rows = report["counts"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["place"] == place && row["period"] == period && row["measure"] == measure);
    let row = row.unwrap_or_else(|| panic!("{place} {period} {measure}: {report}"));
    assert_eq!(row["suppressed"], row["visits"].is_null());
    row["visits"].as_i64()
}

/// The rows of a workbook's first sheet below its heading, as another reader finds them.
async fn book(site: &Site, path: &str) -> Vec<Vec<String>> {
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(site.bytes(path).await)).unwrap();
    assert_eq!(book.sheet_names().len(), 2);
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| match cell {
        Data::Float(number) => number.to_string(),
        other => other.to_string(),
    };
    let rows = sheet.rows().skip(4).map(|row| row.iter().map(text).collect::<Vec<_>>());
    rows.take_while(|row| !row[0].is_empty()).collect()
}

async fn report(browser: &mut Browser) -> Value {
    browser.get("/api/own-counts?year=2026").await.expect(StatusCode::OK)
}

on_both_engines! {
    async fn visits_are_counted_by_what_became_of_them(site: Site) {
        many(&site, 1, 0..9, &KEPT).await;
        many(&site, 2, 9..16, &["cancelled"]).await;
        many(&site, 3, 16..21, &["no_show"]).await;
        many(&site, 4, 21..26, &["aborted"]).await;
        many(&site, 5, 26..31, &["doctor_absent"]).await;
        for hour in 0..6 {
            site.browser().hold(&format!("2026-12-06T{hour:02}:00:00Z")).await.expect(StatusCode::CREATED);
        }
        let place = raw::texts(&site.url, "SELECT municipality_code FROM facility
            WHERE id IN (SELECT facility_id FROM booking)").await.remove(0);
        counted(&site).await;
        let seen = report(&mut site.browser()).await;
        assert_eq!(seen["divergent"], 0);
        for place in [place.as_str(), "all"] {
            for period in ["2026-12", "2026"] {
                let of = |measure| figure(&seen, place, period, measure);
                assert_eq!(of("held"), Some(37), "{place} {period}");
                assert_eq!(of("booked"), Some(31));
                assert_eq!(of("kept"), Some(9));
                assert_eq!(of("cancelled"), Some(7));
                assert_eq!((of("patient_absent"), of("failed"), of("doctor_absent")), (Some(5), Some(5), Some(5)));
                assert_eq!((of("offered"), of("open"), of("converted")), (Some(0), Some(0), Some(0)));
            }
        }
        // The page says the same, with the rate and its fraction; so do the file and the drawing.
        let page = site.browser().get("/counts/own?year=2026&lang=ja").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("29.0％（9/31）"), "{}", page.text);
        assert!(page.text.contains("<svg") && page.text.contains("食い違いは 0 件"), "{}", page.text);
        let one = site.browser().get(&format!("/counts/own?year=2026&place={place}&lang=en")).await;
        assert!(one.text.contains("29.0％（9/31）"), "{}", one.text);
        site.browser().get("/counts/own?year=2026&place=999999").await.refused(StatusCode::NOT_FOUND, "not_found");
        let csv = site.browser().get("/counts/own.csv?year=2026&lang=en").await;
        assert!(csv.text.contains("all,All,2026-12,kept,9,\r\n"), "{}", csv.text);
        let rows = book(&site, "/counts/own.xlsx?year=2026&lang=en").await;
        let december = rows.iter().find(|row| row[1] == "All" && row[2] == "Dec").unwrap();
        assert_eq!(december[3..], ["0", "37", "31", "9", "0", "7", "5", "5", "5", "0", "0.2903"], "{december:?}");
        let whole = rows.iter().filter(|row| row[0] == place && row[2] == "Year").count();
        assert_eq!((whole, rows.len()), (1, 26), "twelve months and the year, twice");
    }

    async fn fewer_than_five_patients_are_not_shown_nor_worked_out(site: Site) {
        many(&site, 1, 0..20, &KEPT).await;
        many(&site, 2, 20..26, &["cancelled"]).await;
        many(&site, 3, 26..29, &["no_show"]).await;
        counted(&site).await;
        let seen = report(&mut site.browser()).await;
        let outcomes = ["kept", "converted", "cancelled", "patient_absent", "doctor_absent", "failed", "open"];
        let shown: Vec<Option<i64>> =
            outcomes.iter().map(|measure| figure(&seen, "all", "2026", measure)).collect();
        assert_eq!(shown[3], None);
        let hidden = shown.iter().filter(|value| value.is_none()).count();
        assert!(hidden >= 2 || figure(&seen, "all", "2026", "booked").is_none(), "{shown:?}");
        // The largest, which is missed most, is still there.
        assert_eq!(shown[0], Some(20));
        let page = site.browser().get("/counts/own?year=2026&lang=ja").await;
        assert!(page.text.contains("＊"));
        let csv = site.browser().get("/counts/own.csv?year=2026").await;
        assert!(csv.text.contains("patient_absent,,suppressed"), "{}", csv.text);
        assert!(!csv.text.contains("patient_absent,3"));
        // In the workbook neither: a mark, and no number anywhere behind it.
        let rows = book(&site, "/counts/own.xlsx?year=2026&lang=ja").await;
        let december = rows.iter().find(|row| row[1] == "全体" && row[2] == "12月").unwrap();
        assert_eq!((december[6].as_str(), december[9].as_str()), ("20", "＊"), "{december:?}");
        assert!(rows.iter().all(|row| row[9] != "3"), "{rows:?}");
    }

    async fn the_database_shows_nothing_of_few(site: Site) {
        let row = |visits: i64, patients: i64, shown: &str| format!(
            "INSERT INTO own_month (place, period, measure, visits, patients, shown)
             VALUES ('131041', '2026-11', 'kept', {visits}, {patients}, {shown})"
        );
        for (visits, patients) in [(4, 4), (40, 4), (0, 0)] {
            let refused = raw::execute(&site.url, &row(visits, patients, "TRUE")).await.unwrap_err();
            assert!(refused.contains("own_month_few"), "{refused}");
        }
        let refused = raw::execute(&site.url, &row(3, 5, "FALSE")).await.unwrap_err();
        assert!(refused.contains("own_month_patients"), "{refused}");
        raw::execute(&site.url, &row(4, 4, "FALSE")).await.unwrap();
        raw::execute(&site.url, "DELETE FROM own_month").await.unwrap();
        raw::execute(&site.url, &row(40, 5, "TRUE")).await.unwrap();
    }

    async fn one_patient_who_comes_often_is_still_one(site: Site) {
        for day in 1..9 {
            kept(&site, &hana(), &format!("2026-12-{day:02}T03:00:00Z")).await;
        }
        counted(&site).await;
        let seen = report(&mut site.browser()).await;
        assert_eq!(figure(&seen, "all", "2026-12", "kept"), None);
        assert_eq!(figure(&seen, "all", "2026", "booked"), None);
        assert_eq!(figure(&seen, "all", "2026", "failed"), Some(0));
    }

    async fn the_running_month_is_not_published_and_a_moved_visit_counts_where_it_went(site: Site) {
        many(&site, 30, 0..6, &[]).await;
        // On 31 December in Tokyo nothing of December is told.
        site.app.clock.set(at("2026-12-31T10:00:00Z"));
        fold::whole(&site.app, &Actor::System, None).await.unwrap();
        let seen = report(&mut site.browser()).await;
        assert_eq!(seen["months"].as_array().unwrap().len(), 11);
        assert_eq!(figure(&seen, "all", "2026", "booked"), Some(0));
        // A visit at half past midnight on 1 January in Tokyo is January's.
        let late = "UPDATE booking SET starts_at = '2026-12-31T15:30:00+00:00',
            ends_at = '2026-12-31T15:45:00+00:00', busy_from = '2026-12-31T15:30:00+00:00',
            busy_until = '2026-12-31T15:45:00+00:00', version = version + 1, status = 'cancelled'
            WHERE id = (SELECT id FROM booking ORDER BY id LIMIT 1)";
        raw::execute(&site.url, late).await.unwrap();
        counted(&site).await;
        let seen = report(&mut site.browser()).await;
        assert_eq!(figure(&seen, "all", "2026-12", "booked"), Some(5));
        site.browser().get("/api/own-counts?year=1999").await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }

    async fn what_was_offered_to_who_waits_is_counted_apart(site: Site) {
        for hour in 0..5 {
            let held = site.browser().hold(&format!("2026-12-06T{hour:02}:00:00Z")).await;
            let id = held.expect(StatusCode::CREATED)["id"].as_str().unwrap().to_owned();
            let offer = format!("UPDATE booking SET origin = 'waitlist' WHERE id = {}", raw::id(&site.url, &id));
            raw::execute(&site.url, &offer).await.unwrap();
        }
        counted(&site).await;
        let seen = report(&mut site.browser()).await;
        assert_eq!(figure(&seen, "all", "2026-12", "offered"), Some(5));
        assert_eq!(figure(&seen, "all", "2026-12", "held"), Some(0));
        assert_eq!(figure(&seen, "all", "2026-12", "booked"), Some(0));
    }
}
