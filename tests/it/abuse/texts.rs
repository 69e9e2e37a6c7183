//! Texts that mean harm: Unicode that steers or hides, lines within lines.

use onshin::format::ical::parse::parse;

use super::times::told;
use super::*;

async fn confirmed(site: &Site, start: &str, who: &Value) -> (Browser, Value) {
    let mut browser = site.browser();
    let booked = browser.book(start, who).await["booking"].take();
    (browser, booked)
}

fn with(changes: &[(&str, &str)]) -> Value {
    let mut who = hana();
    for (field, text) in changes {
        who[field] = json!(text);
    }
    who
}

on_both_engines! {
    async fn a31_texts_are_kept_in_one_form(site: Site) {
        let mut desk = site.signed_in("desk").await;
        for (at, (field, typed, kept)) in [
            // Turned round by a right-to-left override, with an isolate that is never closed, with
            // marks that are not seen.
            ("name", "音無\u{202e}子花\u{2066}", "音無子花"),
            ("name", "\u{feff}音\u{200b}無\u{200d} 花\u{61c}\u{e0041}", "音無 花"),
            ("name", "Ame\u{301}lie\u{200b}\u{301}", "Amélié"),
            ("name", "👩\u{200d}⚕\u{fe0f} 花", "👩⚕\u{fe0f} 花"),
            ("symptoms", "せき\r\nねつ\u{0}\u{7}", "せき\nねつ"),
            ("symptoms", "<script>alert(1)</script>{{7*7}}", "<script>alert(1)</script>{{7*7}}"),
        ].into_iter().enumerate() {
            let start = format!("2026-12-{:02}T03:00:00Z", at + 2);
            // Each is somebody else's, whose limits do not matter here.
            let born = format!("1950-02-{:02}", at + 1);
            let who = with(&[(field, typed), ("birth_date", &born)]);
            let (_, booked) = confirmed(&site, &start, &who).await;
            let path = format!("/api/clinic/visits?date=2026-12-{:02}", at + 2);
            let seen = desk.get(&path).await.expect(StatusCode::OK);
            assert_eq!(seen["items"][0]["booking"]["id"], booked["id"]);
            let patient = &seen["items"][0]["patient"];
            assert_eq!(patient[field], json!(kept), "{typed:?}: {patient}");
        }
    }

    async fn a31_one_person_is_one_however_they_type(site: Site) {
        // Half-width and decomposed kana, hiragana; full-width digits, a country code; an address
        // in two forms.
        for (at, changes) in [
            [("kana", "オトナシ ジロウ"), ("phone", "090-1234-5678"), ("email", "zo\u{eb}@mail.example")],
            [("kana", "ｵﾄﾅｼ ｼﾞﾛｳ"), ("phone", "０９０１２３４５６７８"), ("email", "zoe\u{308}@mail.example")],
            [("kana", "オトナシ シ\u{3099}ロウ"), ("phone", "+81 90 1234 5678"), ("email", "zo\u{eb}@mail.example")],
            [("kana", "おとなし\u{3000}じろう"), ("phone", "(090)1234.5678"), ("email", " zo\u{eb}@mail.example\u{200b} ")],
        ].iter().enumerate() {
            confirmed(&site, &format!("2026-12-{:02}T03:00:00Z", at + 2), &with(changes)).await;
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [1]);
        // Somebody whose name only looks like it is somebody else: a Cyrillic letter.
        for (start, kana) in [("2026-12-07T03:00:00Z", "Anna"), ("2026-12-08T03:00:00Z", "\u{410}nna")] {
            confirmed(&site, start, &with(&[("kana", kana)])).await;
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [3]);
    }

    async fn a31_too_much_or_nothing_is_refused(site: Site) {
        let mut hers = site.browser();
        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        let marks = format!("花{}", "\u{301}".repeat(10_000));
        for (field, text, code) in [
            ("name", marks.as_str(), "/name too_long"), ("symptoms", &marks, "/symptoms too_long"),
            ("name", "\u{200b}\u{202e}\u{feff}", "/name required"), ("name", " \u{3000}\n", "/name required"),
            ("kana", "音無 花", "/kana kana"), ("kana", "<b>", "/kana kana"),
            ("phone", "०९०१२३४५६७८", "/phone phone"), ("phone", "090-1234-567\u{200b}x", "/phone phone"),
            ("phone", "110", "/phone phone"), ("email", "a@b.example\r\nBcc: c@d.example", "/email email"),
            ("email", "a b@c.example", "/email email"), ("email", "x", "/email email"),
        ] {
            let wish = (Method::POST, path_of(&held, "confirm"), with(&[(field, text)]));
            let said = told(&mut hers, &wish).await;
            assert_eq!(said, (422, "invalid".to_owned(), code.to_owned()), "{text:.40?}");
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [0]);
        let status = "SELECT count(*) FROM booking WHERE status = 'held'";
        assert_eq!(raw::numbers(&site.url, status).await, [1], "and the hold is as it was");
    }

    async fn a31_the_search_knows_every_width_and_kana(site: Site) {
        let mut browser = site.browser();
        let mut found = async |q: &str| {
            let escaped: Vec<_> = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let escaped = escaped.concat();
            let list = browser.get(&format!("/api/facilities?q={escaped}")).await.expect(StatusCode::OK);
            list["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
        };
        let plain = found("オトナシ").await;
        assert_eq!(plain, [json!(NIGHT)]);
        for same in ["ｵﾄﾅｼ", "おとなし", "オトナシ\u{200b}", "Ｏｔｏｎａｓｈｉ", "OTONASHI", " おとなし\u{3000}"] {
            assert_eq!(found(same).await, plain, "{same:?}");
        }
        assert_eq!(found(&format!("お{}", "\u{3099}".repeat(90))).await, [Value::Null; 0]);
        let path = format!("/api/facilities?q={}", "%E3%82%99".repeat(5_000));
        let told = site.browser().get(&path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(told["errors"][0]["code"], "too_long");
    }

    async fn a31_what_staff_type_is_kept_in_one_form_too(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let date = "2026-12-05";
        desk.change_hours(json!([
            { "kind": "add_closure", "name": "休\u{202e}み\u{200b}", "dates": { "from": date, "to": date } },
            { "kind": "add_exception", "date": "2026-12-06", "difference": "closed", "note": "学\u{2067}会" },
        ])).await;
        let closures = desk.get("/api/clinic/closures").await.expect(StatusCode::OK);
        assert_eq!(closures["items"][0]["name"], "休み");
        let other = desk.get("/api/clinic/exceptions?from=2026-12-01&to=2026-12-31").await.expect(StatusCode::OK);
        assert_eq!(other["items"][0]["note"], "学会");
        let lanes = desk.post("/api/clinic/overbookings", json!({ "name": "急\u{200b}患\u{202e}" })).await;
        assert_eq!(lanes.expect(StatusCode::CREATED)["items"][0]["name"], "急患");
        let edits = |name: &str| json!({ "edits": [{ "kind": "add_closure", "name": name, "dates": { "from": date, "to": date } }] });
        for (name, code) in [("休\r\nみ", "/closure_name one_line"), ("\u{202e}", "/closure_name required"),
            (&"\u{301}".repeat(10_000), "/closure_name too_long")] {
            let wish = (Method::POST, "/api/clinic/hours-changes".to_owned(), edits(name));
            assert_eq!(told(&mut desk, &wish).await, (422, "invalid".to_owned(), code.to_owned()));
        }
    }

    async fn a17_no_text_makes_lines_in_a_calendar(site: Site) {
        // Past every form: as an import of somebody else's list might bring it.
        let evil = "診療所\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nSUMMARY;X=\":evil\"\nATTENDEE:mailto:x@y.example";
        let sql = format!("UPDATE facility SET name = '{evil}', address = '{evil}' WHERE code10 = '1319990010';
            UPDATE service SET name_ja = '{evil}'; UPDATE clinician SET name = '{evil}'");
        raw::execute(&site.url, &sql).await.unwrap();
        let mut hers = site.browser();
        let booked = hers.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        let feed = hers.post("/api/feeds", json!({})).await.expect(StatusCode::CREATED);
        let address = feed["address"].as_str().unwrap();
        let feed = address[address.find("/calendars/").unwrap()..].to_owned();
        for path in [format!("/api/bookings/{}/calendar.ics", booked["id"].as_str().unwrap()), feed] {
            let text = hers.get(&path).await.text;
            let calendars = parse(text.as_bytes()).unwrap();
            let events: Vec<_> = calendars[0].inner("VEVENT").collect();
            assert_eq!(events.len(), 1, "{text}");
            assert!(events[0].property("ATTENDEE").is_none() && events[0].value("UID") != Some("evil"), "{text}");
            let lines = text.split("\r\n");
            assert!(lines.clone().all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
            assert!(!lines.clone().any(|line| line.starts_with("ATTENDEE") || line.starts_with("UID:evil")), "{text}");
        }
    }

    async fn a17_files_of_hours_that_mean_harm_get_a_sentence(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let part = |lines: &str| format!("BEGIN:AVAILABLE\r\nUID:1\r\nDTSTART;TZID=Asia/Tokyo:20261207T090000\r\nDURATION:PT1H\r\n{lines}END:AVAILABLE\r\n");
        let file = |parts: &str| format!("BEGIN:VCALENDAR\r\nBEGIN:VAVAILABILITY\r\n{parts}END:VAVAILABILITY\r\nEND:VCALENDAR\r\n");
        let doctor = "0d300200-0000-0000-0000-4ead72fa0000";
        for (text, code) in [
            (file(&part("RRULE:FREQ=SECONDLY\r\n")), "hours_rule"),
            (file(&part("RRULE:FREQ=WEEKLY;COUNT=1000000000\r\n")), "hours_rule"),
            (file(&part("RRULE:FREQ=WEEKLY;INTERVAL=0\r\n")), "hours_rule"),
            (file(&part("RRULE:FREQ=WEEKLY\r\n").repeat(401)), "hours_too_many"),
            (file(&part("").replace("PT1H", "PT25H")), "hours_minutes"),
            (file(&part("").replace("PT1H", "-PT1H")), "hours_times"),
            (file(&part("").replace("Asia/Tokyo", "Mars/Olympus")), "hours_zone"),
            (file(""), "hours_none"),
            ("BEGIN:VCALENDAR\r\n".repeat(5_000), "calendar_unreadable"),
            (file(&"BEGIN:AVAILABLE\r\nEND:AVAILABLE\r\n".repeat(20_000)), "calendar_too_many"),
        ] {
            let begun = std::time::Instant::now();
            for language in ["ja", "en"] {
                let request = Request::builder().method(Method::POST).header(header::ORIGIN, ORIGIN)
                    .uri(format!("/api/clinic/hours.ics?clinician={doctor}"))
                    .header(header::ACCEPT_LANGUAGE, language)
                    .header(header::CONTENT_TYPE, "text/calendar");
                let answer = desk.request(request.body(Body::from(text.clone())).unwrap()).await;
                let told = answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
                let field = &told["errors"][0];
                assert_eq!(field["code"], code, "{told}");
                assert_eq!(field["detail"].as_str().unwrap().is_ascii(), language == "en", "{told}");
            }
            assert!(begun.elapsed().as_secs() < 3, "{code}: {:?}", begun.elapsed());
        }
    }
}
