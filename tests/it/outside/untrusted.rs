//! Nothing that is at an address can do harm: neither where it leads nor what it says.

use super::*;

/// What is refused before or while a calendar is asked for the first time: the sentence of its code.
async fn refused(desk: &mut Browser, url: &str, code: &str) {
    let wish = json!({ "clinician_id": DOCTOR, "url": url });
    let answer = desk.post(ADDRESSES, wish).await;
    let problem = answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    let fault = &problem["errors"][0];
    assert_eq!(
        (&fault["pointer"], &fault["code"]),
        (&json!("/url"), &json!(code)),
        "{url}: {problem}"
    );
    let sentence = fault["detail"].as_str().unwrap();
    assert!(
        sentence.ends_with('。') && sentence != "内容をお確かめください。",
        "{code}: {sentence}"
    );
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/calendar\r\n", body)
}

fn repeated(rule: &str, times: usize) -> String {
    let event = format!(
        "BEGIN:VEVENT\r\nDTSTART:20261201T000000Z\r\nDURATION:PT1M\r\n{rule}END:VEVENT\r\n"
    );
    calendar(&event.repeat(times))
}

on_both_engines! {
    async fn no_calendar_is_inside_the_house(site: Site) {
        let source = Source::start().await;
        let site = site.sending(source.allowed());
        let mut desk = site.signed_in("desk").await;
        for (url, code) in [
            ("http://calendar.example/a.ics", "insecure"),
            ("http://127.0.0.1:1/", "insecure"),
            ("https://127.0.0.1/", "forbidden_address"),
            ("https://2130706433/", "forbidden_address"),
            ("https://0x7f.1/", "forbidden_address"),
            ("https://169.254.169.254/latest/meta-data", "forbidden_address"),
            ("https://[::1]/", "forbidden_address"),
            ("https://[::ffff:10.0.0.1]/", "forbidden_address"),
            ("https://[64:ff9b::a00:1]/", "forbidden_address"),
            ("https://[2002:7f00:1::1]/", "forbidden_address"),
            ("https://[fd00:ec2::254]/", "forbidden_address"),
            ("webcal://10.1.2.3/a.ics", "forbidden_address"),
            // A name that leads inside is found out when it is asked.
            ("https://localhost/a.ics", "forbidden_address"),
            ("webcal://localhost/a.ics", "forbidden_address"),
            ("https://user:word@calendar.example/", "address"),
            ("file:///etc/passwd", "address"),
            ("calendar", "address"),
            ("https://c.example/\r\nX: y", "address"),
            ("", "address"),
        ] {
            refused(&mut desk, url, code).await;
        }
        // Nor does an address that may be asked lead there.
        for place in ["http://169.254.169.254/", "https://localhost/", "https://[::1]/", "/elsewhere.ics"] {
            source.says(answer("302 Found", &format!("Location: {place}\r\n"), ""));
            refused(&mut desk, &source.secret(), "redirected").await;
        }
        assert_eq!(source.asked().len(), 4);
        assert_eq!(listed(&mut desk).await, [] as [Value; 0]);
    }

    async fn what_is_no_calendar_is_refused_with_a_sentence(site: Site) {
        let source = Source::start().await;
        let site = site.sending(source.allowed());
        let mut desk = site.signed_in("desk").await;
        let endless = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            format!("40000\r\n{}\r\n", " ".repeat(0x40000)).repeat(9).into_bytes()].concat();
        let cases = [
            (answer("404 Not Found", "", ""), "not_there"),
            (answer("401 Unauthorized", "", ""), "not_allowed"),
            (answer(DOWN, "", ""), "unavailable"),
            (answer("204 No Content", "", ""), "unexpected_status"),
            (b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec(), "redirected"),
            (ok("<!doctype html><title>Sign in</title>"), "calendar_unreadable"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec(), "calendar_too_large"),
            (endless, "calendar_too_large"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nBEGIN:VCALENDAR\r\n".to_vec(), "broken_answer"),
            (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "broken_answer"),
            (ok(&repeated("", 100_000)), "calendar_too_large"),
            (ok(&calendar(&"BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(20_000))), "calendar_too_many"),
            (ok(&repeated("RRULE:FREQ=SECONDLY\r\n", 1)), "calendar_rule_too_often"),
            (ok(&repeated("RRULE:FREQ=DAILY;COUNT=1000000000\r\n", 1)), "calendar_rule_too_often"),
            (ok(&repeated("RRULE:FREQ=DAILY\r\n", 5000)), "calendar_too_much"),
        ];
        for (says, code) in cases {
            source.says(says);
            refused(&mut desk, &source.secret(), code).await;
        }
        // A byte now and then, for ever.
        let began = std::time::Instant::now();
        source.does(Says { after: Duration::ZERO, answer: b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec(), dribbles: true });
        refused(&mut desk, &source.secret(), "timeout").await;
        assert!(began.elapsed() < Duration::from_secs(20));
        assert_eq!(listed(&mut desk).await, [] as [Value; 0]);
    }

    async fn what_turns_bad_later_takes_nothing_away(site: Site) {
        let (site, source, mut desk, added) = with_calendar(site).await;
        for (count, (says, code)) in [
            (ok("<!doctype html>"), "calendar_unreadable"),
            (ok(&repeated("RRULE:FREQ=DAILY\r\n", 5000)), "calendar_too_much"),
            (answer("404 Not Found", "", ""), "not_there"),
            (answer("302 Found", "Location: http://169.254.169.254/\r\n", ""), "redirected"),
        ].into_iter().enumerate() {
            source.says(says);
            let told = desk.post(&path_of(&added, "/fetch"), json!({})).await.expect(StatusCode::OK);
            assert_eq!(told["address"]["failure"]["code"], code);
            assert_eq!(told["address"]["failures"], count + 1);
            assert_eq!((&told["fetched_at"], &told["entries"]), (&added["fetched_at"], &json!(1)));
            assert!(!is_free(&site, "2026-12-02T03:00:00Z").await);
        }
        // Much at once is replaced in one step.
        let many: String = (0..1500).map(|at| {
            let (day, slot) = (1 + at / 90, at % 90);
            hour(&format!("202612{:02}T{:02}{:02}00Z", 3 + day, slot / 4, slot % 4 * 15)).replace("PT1H", "PT5M")
        }).collect();
        source.has(&many);
        let told = desk.post(&path_of(&added, "/fetch"), json!({})).await.expect(StatusCode::OK);
        assert_eq!((&told["entries"], &told["address"]["failure"]), (&json!(1500), &json!(null)));
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM outside_busy").await, [1500]);
        assert!(is_free(&site, "2026-12-02T03:00:00Z").await);
        assert!(!is_free(&site, "2026-12-04T00:00:00Z").await);
    }

    async fn a_doctor_has_so_many_calendars_and_no_more(site: Site) {
        let (site, source, mut desk, _) = with_calendar(site).await;
        for _ in 1..10 {
            add(&mut desk, &source.secret()).await;
        }
        refused(&mut desk, &source.secret(), "too_many").await;
        // All that is due is read, more than one server reads at once.
        let before = source.asked().len();
        site.app.clock.advance(TimeDelta::minutes(16));
        read_due(&site.app).await;
        assert_eq!(source.asked().len(), before + 10);
    }
}
