//! Times that are none, at every door that takes one: a status of 4xx, a stable code, a
//! sentence in both languages, and nothing written.

use super::*;

const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

/// What is answered to the same in both languages: status and code, and of the first field its
/// pointer and code.
pub(super) async fn told(browser: &mut Browser, asked: &Asked) -> (u16, String, String) {
    let mut both = Vec::new();
    for language in ["ja", "en"] {
        let request = Request::builder().method(&asked.0).uri(&asked.1);
        let request =
            request.header(header::ORIGIN, ORIGIN).header(header::ACCEPT_LANGUAGE, language);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let answer = browser.request(request.body(Body::from(asked.2.to_string())).unwrap()).await;
        assert!(answer.status.is_client_error(), "{asked:?}: {} {}", answer.status, answer.text);
        let status = answer.status;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{asked:?}");
        let problem = answer.expect(status);
        let field = &problem["errors"][0];
        let sentences = [&problem["detail"], &field["detail"]];
        for sentence in sentences.iter().filter_map(|one| one.as_str()) {
            let whole =
                if language == "ja" { sentence.ends_with('。') } else { sentence.ends_with('.') };
            assert!(whole && sentence.is_ascii() == (language == "en"), "{asked:?}: {sentence}");
        }
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let code = text(&problem["code"]);
        both.push((status.as_u16(), code, text(&field["pointer"]) + " " + &text(&field["code"])));
    }
    let english = both.pop();
    assert_eq!(both.pop(), english);
    english.unwrap()
}

/// Values that are no time to begin a visit: status, code, and what is said of the field.
fn no_starts() -> Vec<(Value, u16, &'static str, &'static str)> {
    let time = |text: &str, code: &'static str| (json!(text), 409, code, " ");
    let no = |text: &str, field: &'static str| (json!(text), 422, "invalid", field);
    vec![
        time("2026-11-30T03:00:00Z", "in_past"),
        time("1970-01-01T00:00:00Z", "invalid_time"),
        time("9999-12-31T23:45:00Z", "invalid_time"),
        time("0001-01-01T00:00:00Z", "invalid_time"),
        // A leap second is a second that no clock of a clinic shows.
        time("2026-12-31T23:59:60Z", "invalid_time"),
        time("2026-12-02T03:00:00.5Z", "invalid_time"),
        time("2026-12-02T03:00:00.000000001Z", "invalid_time"),
        time("2026-12-02T03:07:00Z", "off_grid"),
        time("2026-12-02T03:00:01Z", "off_grid"),
        time("2028-02-29T03:00:00Z", "beyond_horizon"),
        no("2027-02-29T03:00:00Z", "/start time"),
        no("2026-02-30T03:00:00Z", "/start time"),
        no("2026-13-01T03:00:00Z", "/start time"),
        no("2026-12-02T24:00:01Z", "/start time"),
        no("2026-12-02T25:00:00Z", "/start time"),
        no("2026-12-02T12:00:00+25:00", "/start time"),
        no("2026-12-02T12:00:00+9", "/start time"),
        no("+10000-01-01T00:00:00Z", "/start time"),
        no("infinity", "/start time"),
        no("-infinity", "/start time"),
        no("", "/start time"),
        no("tomorrow", "/start time"),
        no("1764644400", "/start time"),
        no("２０２６-12-02T03:00:00Z", "/start time"),
        // Whose noon it is is not guessed.
        no("2026-12-02T12:00:00", "/start no_zone"),
        no("2026-12-02T12:00", "/start no_zone"),
        no("2026-12-02 12:00:00", "/start no_zone"),
        (Value::Null, 422, "malformed", "/start form"),
        (json!(1_764_644_400), 422, "malformed", "/start form"),
        (json!({}), 422, "malformed", "/start form"),
    ]
}

fn asked(path: &str, body: Value) -> Asked {
    (Method::POST, path.to_owned(), body)
}

/// Everything that can be written by those who ask.
async fn rows(site: &Site) -> Vec<i64> {
    let mut all = Vec::new();
    for sql in [
        "SELECT count(*) FROM booking",
        "SELECT CAST(coalesce(sum(version), 0) AS bigint) FROM booking",
        "SELECT count(*) FROM waitlist_entry",
        "SELECT count(*) FROM patient",
        "SELECT count(*) FROM hours_change",
        "SELECT CAST(coalesce(sum(version), 0) AS bigint) FROM service",
        "SELECT CAST(coalesce(sum(hours_version), 0) AS bigint) FROM clinician",
        "SELECT count(*) FROM date_exception",
        "SELECT count(*) FROM closure",
        "SELECT count(*) FROM room",
    ] {
        all.push(raw::numbers(&site.url, sql).await[0]);
    }
    all
}

on_both_engines! {
    async fn a18_what_is_no_time_is_refused_at_every_door(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let booked = hers.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let before = rows(&site).await;
        for (start, status, code, field) in no_starts() {
            let expected = (status, code.to_owned(), field.to_owned());
            let hold = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": start });
            let at_desk = json!({ "service_id": NIGHT_VISIT, "start": start });
            let to = json!({ "clinician_id": DOCTOR, "start": start, "version": booked["version"] });
            // Patients are limited to so many tries a minute: each try is another's.
            let wish = asked("/api/bookings", hold);
            assert_eq!(told(&mut site.browser(), &wish).await, expected, "{start}: hold");
            let wish = asked("/api/clinic/bookings", at_desk);
            assert_eq!(told(&mut desk, &wish).await, expected, "{start}: at the desk");
            let wish = asked(&format!("/api/bookings/{id}/move"), to.clone());
            assert_eq!(told(&mut hers, &wish).await, expected, "{start}: moved");
            let wish = asked(&format!("/api/clinic/visits/{id}/move"), to);
            assert_eq!(told(&mut desk, &wish).await, expected, "{start}: moved at the desk");
            let series = json!({ "visits": [{ "clinician_id": DOCTOR, "start": start }] });
            let wish = asked(&format!("/api/bookings/{id}/series"), series);
            let said = told(&mut hers, &wish).await;
            assert_eq!((said.0, said.1.as_str()), (status, code), "{start}: in a series");
        }
        assert_eq!(rows(&site).await, before);
    }

    async fn a18_an_instant_comes_back_as_it_was_meant(site: Site) {
        for (written, meant) in [
            ("2026-12-02T12:00:00+09:00", "2026-12-02T03:00:00Z"),
            ("2026-12-02T14:00+09:00", "2026-12-02T05:00:00Z"),
            ("2026-12-02T03:15:00.000Z", "2026-12-02T03:15:00Z"),
            ("2026-12-02t03:30:00z", "2026-12-02T03:30:00Z"),
            // An offset of no zone that there is: still one instant.
            ("2026-12-02T13:32:00+09:47", "2026-12-02T03:45:00Z"),
            ("2026-12-01T23:00:00-05:00", "2026-12-02T04:00:00Z"),
        ] {
            let held = site.browser().hold(written).await.expect(StatusCode::CREATED);
            assert_eq!(held["start"], json!(meant), "{written}");
        }
        // Who was born on a day that is only in some years is found by it again.
        let mut who = hana();
        who["birth_date"] = json!("1948-02-29");
        let done = site.browser().book("2026-12-03T03:00:00Z", &who).await;
        let secret = done["link"].as_str().unwrap().split_once('#').unwrap().1;
        for (birth, status) in [("1948-02-28", 403), ("1948-02-29", 200)] {
            let open = json!({ "token": secret, "birth_date": birth });
            assert_eq!(site.browser().post("/api/visitor", open).await.status.as_u16(), status, "{birth}");
        }
    }

    async fn a18_dates_that_are_none_are_named(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        let before = rows(&site).await;
        let malformed = |field: &str| (422, "malformed".to_owned(), field.to_owned());
        let invalid = |field: &str| (422, "invalid".to_owned(), field.to_owned());
        for (date, expected) in [
            ("2023-02-29", malformed("/birth_date form")), ("1948-13-01", malformed("/birth_date form")),
            ("１９４８-05-03", malformed("/birth_date form")), ("", malformed("/birth_date form")),
            ("infinity", malformed("/birth_date form")), ("1948-05-03T00:00:00Z", malformed("/birth_date form")),
            ("2026-12-03", invalid("/birth_date in_future")), ("9999-12-31", invalid("/birth_date in_future")),
            ("0001-01-01", invalid("/birth_date too_old")), ("1889-12-31", invalid("/birth_date too_old")),
        ] {
            let mut who = hana();
            who["birth_date"] = json!(date);
            let wish = asked(&path_of(&held, "confirm"), who);
            assert_eq!(told(&mut hers, &wish).await, expected, "{date}");
        }
        let edit = |date: &str| json!({ "edits": [{ "kind": "add_exception", "date": date, "difference": "closed" }] });
        for (date, expected) in [
            ("2026-11-30", invalid("/date in_past")), ("9999-12-31", invalid("/date range")),
            ("2099-12-31", (201, String::new(), String::new())), ("2100-01-01", invalid("/date range")),
        ] {
            let wish = asked("/api/clinic/hours-changes", edit(date));
            if expected.0 == 201 {
                desk.post(&wish.1, wish.2).await.expect(StatusCode::CREATED);
            } else {
                assert_eq!(told(&mut desk, &wish).await, expected, "{date}");
            }
        }
        for date in ["2027-02-29", "", "infinity", "2026-12-02T03:00:00Z"] {
            let said = told(&mut desk, &asked("/api/clinic/hours-changes", edit(date))).await;
            assert_eq!((said.0, said.1.as_str()), (422, "malformed"), "{date}: {}", said.2);
            for query in [
                format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from={date}"),
                format!("/api/clinic/visits?date={date}"),
                format!("/api/clinic/exceptions?from={date}&to=2026-12-31"),
            ] {
                let answer = desk.get(&query).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}: {}", answer.text);
                answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
            }
        }
        for query in ["from=9999-12-31&days=1", "from=0001-01-01", "from=2026-12-01&days=0", "from=2026-12-01&days=63"] {
            let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&{query}");
            hers.get(&path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }
        let mut after = rows(&site).await;
        after[4] -= 1;
        assert_eq!(after, before, "but for the one plan that was sound");
    }

    async fn a19_lengths_and_hours_that_are_none_are_refused(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let path = format!("/api/clinic/services/{NIGHT_VISIT}");
        let known = desk.get(&path).await.expect(StatusCode::OK);
        let before = rows(&site).await;
        for length in [json!(0), json!(-15), json!(1), json!(17), json!(25 * 60), json!(i64::MIN), json!(i64::MAX)] {
            let mut rules = known["rules"].clone();
            rules["length_min"] = length.clone();
            let wish = (Method::PUT, path.clone(), json!({ "version": known["version"], "rules": rules }));
            let said = told(&mut desk, &wish).await;
            let unit = if length == json!(17) { "/length_min unit" } else { "/length_min range" };
            assert_eq!(said, (422, "invalid".to_owned(), unit.to_owned()), "{length}");
        }
        for length in [Value::Null, json!("15"), json!(15.5), json!(1e308), json!([15])] {
            let mut rules = known["rules"].clone();
            rules["length_min"] = length.clone();
            let wish = (Method::PUT, path.clone(), json!({ "version": known["version"], "rules": rules }));
            assert_eq!(told(&mut desk, &wish).await, (422, "malformed".to_owned(), "/rules/length_min form".to_owned()), "{length}");
        }
        let hours = desk.get(&format!("/api/clinic/hours?clinician={DOCTOR}")).await.expect(StatusCode::OK);
        let stretch = |weekday: Value, opens: Value, closes: Value| json!({ "weekday": weekday, "opens": opens, "closes": closes });
        let one = |opens: i64, closes: i64| vec![stretch(json!(1), json!(opens), json!(closes))];
        for (stretches, code) in [
            (one(0, 0), "/hours order"), (one(600, 540), "/hours order"), (one(0, 1500), "/hours order"),
            (one(541, 600), "/hours unit"), (vec![stretch(json!(0), json!(0), json!(60))], "/hours weekday"),
            (vec![stretch(json!(8), json!(0), json!(60))], "/hours weekday"),
            ([one(540, 600), one(595, 660)].concat(), "/hours overlap"),
        ] {
            let edit = json!({ "kind": "weekly_hours", "clinician_id": DOCTOR, "version": hours["version"], "hours": stretches });
            let said = told(&mut desk, &asked("/api/clinic/hours-changes", json!({ "edits": [edit] }))).await;
            assert_eq!(said, (422, "invalid".to_owned(), code.to_owned()));
        }
        for bad in [json!(-5), Value::Null, json!("09:00"), json!(1e308), json!(70_000)] {
            let edit = json!({ "kind": "weekly_hours", "clinician_id": DOCTOR, "version": hours["version"],
                "hours": [stretch(json!(1), bad.clone(), json!(600))] });
            let said = told(&mut desk, &asked("/api/clinic/hours-changes", json!({ "edits": [edit] }))).await;
            assert_eq!((said.0, said.1.as_str()), (422, "malformed"), "{bad}");
        }
        for (from, until, code) in [("2026-12-05", "2026-12-04", "/dates order"), ("2026-11-01", "2026-11-02", "/dates in_past")] {
            let edit = json!({ "kind": "add_closure", "name": "x", "dates": { "from": from, "to": until } });
            let said = told(&mut desk, &asked("/api/clinic/hours-changes", json!({ "edits": [edit] }))).await;
            assert_eq!(said, (422, "invalid".to_owned(), code.to_owned()));
        }
        assert_eq!(rows(&site).await, before);
    }
}
