//! Changes of hours, from the plan to the last answer, through the front door.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Browser, NIGHT, NIGHT_VISIT, Site, hana, nagi, on_both_engines, raw};

/// The doctor of the clinic that is always open.
const NIGHT_DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";
const CHANGES: &str = "/api/clinic/hours-changes";

/// A plan of these edits.
async fn plan(desk: &mut Browser, edits: Value) -> Value {
    desk.post(CHANGES, json!({ "edits": edits })).await.expect(StatusCode::CREATED)
}

fn path(change: &Value, deed: &str) -> String {
    format!("{CHANGES}/{}{deed}", change["id"].as_str().unwrap())
}

async fn apply(desk: &mut Browser, plan: &Value) -> Value {
    let wish = json!({ "version": plan["version"] });
    desk.post(&path(plan, "/apply"), wish).await.expect(StatusCode::OK)
}

fn close(date: &str) -> Value {
    json!({ "kind": "add_exception", "date": date, "difference": "closed", "note": "学会" })
}

/// The starts that are free on a date at the clinic that is always open, and why there are none.
async fn day(site: &Site, date: &str) -> (usize, Value) {
    let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from={date}&days=1");
    let days = site.browser().get(&path).await.expect(StatusCode::OK);
    let day = &days["days"][0];
    (day["slots"].as_array().unwrap().len(), day["closed_reason"].clone())
}

/// Everything that decides hours, as it is stored.
async fn stored(site: &Site) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "SELECT CAST(weekday AS TEXT) || '-' || CAST(opens AS TEXT) || '-' || CAST(closes AS TEXT) || '-'
            || CAST(position AS TEXT) FROM weekly_hours ORDER BY 1",
        "SELECT CAST(on_date AS TEXT) || note || CAST(coalesce(opens, -1) AS TEXT) FROM date_exception ORDER BY 1",
        "SELECT name || CAST(coalesce(yearly_from, -1) AS TEXT) FROM closure ORDER BY 1",
        "SELECT coalesce(name, CAST(on_date AS TEXT)) || CAST(is_open AS TEXT) FROM holiday_choice ORDER BY 1",
        "SELECT on_holidays FROM facility ORDER BY id",
    ] {
        all.push(raw::texts(&site.url, sql).await.join(","));
    }
    all
}

fn starts(of: &Value) -> Vec<String> {
    of.as_array().unwrap().iter().map(|one| one["start"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_closed_day_strands_visits_which_are_offered_equal_times(site: Site) {
        let (mut hers, mut his, mut desk) =
            (site.browser(), site.browser(), site.signed_in("desk").await);
        let booked = hers.book("2026-12-02T03:00:00Z", &hana()).await["booking"].take();
        his.book("2026-12-02T04:00:00Z", &nagi()).await;
        // Of the day after, which stays.
        his.book("2026-12-03T04:00:00Z", &nagi()).await;
        let before = stored(&site).await;

        let draft = plan(&mut desk, json!([close("2026-12-02")])).await;
        assert_eq!((&draft["state"], &draft["counts"]["stranded"]), (&json!("draft"), &json!(2)));
        let lost = draft["stranded"].as_array().unwrap();
        assert_eq!(starts(&draft["stranded"]), ["2026-12-02T03:00:00Z", "2026-12-02T04:00:00Z"]);
        assert_eq!(lost[0]["number"], booked["number"]);
        let (one, other) = (starts(&lost[0]["offers"]), starts(&lost[1]["offers"]));
        assert_eq!((one.len(), other.len()), (3, 3));
        assert!(one.iter().chain(&other).all(|at| !at.starts_with("2026-12-02T0")), "{one:?} {other:?}");
        // The first time of each is offered to nobody else; nobody is offered what is booked.
        assert!(!other.contains(&one[0]) && !one.contains(&other[0]), "{one:?} {other:?}");
        assert!(!other.contains(&"2026-12-03T04:00:00Z".to_owned()));
        assert_eq!(stored(&site).await, before, "a plan writes nothing of the schedule");
        assert_eq!(day(&site, "2026-12-02").await.0, 94);

        let applied = apply(&mut desk, &draft).await;
        assert_eq!((&applied["state"], &applied["can_undo_until"]), (&json!("applied"), &json!("2026-12-01T00:10:00Z")));
        assert_eq!(day(&site, "2026-12-02").await, (0, json!("facility_closed")));
        // Nobody is told yet, and the visit still has its time.
        let mine = format!("/api/bookings/{}", booked["id"].as_str().unwrap());
        let seen = hers.get(&mine).await.expect(StatusCode::OK);
        assert_eq!((&seen["status"], &seen["new_times"]), (&json!("booked"), &json!([])));

        site.app.clock.advance(TimeDelta::minutes(10));
        let seen = hers.get(&mine).await.expect(StatusCode::OK);
        assert_eq!(starts(&seen["new_times"]), one);
        let gone = desk.post(&path(&draft, "/undo"), json!({ "version": applied["version"] })).await;
        gone.refused(StatusCode::CONFLICT, "already_sent");

        let to = json!({ "clinician_id": seen["new_times"][0]["clinician_id"], "start": one[0],
            "version": seen["version"] });
        let moved = hers.post(&format!("{mine}/move"), to).await.expect(StatusCode::OK);
        assert_eq!((&moved["start"], &moved["new_times"]), (&json!(one[0]), &json!([])));
        let told = desk.get(&path(&draft, "")).await.expect(StatusCode::OK);
        assert_eq!(told["counts"], json!({ "stranded": 2, "waiting": 1, "moved": 1, "cancelled": 0, "kept": 0 }));
        assert_eq!(told["stranded"][0]["new_start"], json!(one[0]));
        let stays = format!("/visits/{}/keep", told["stranded"][1]["booking_id"].as_str().unwrap());
        let told = desk.post(&path(&draft, &stays), json!({})).await.expect(StatusCode::OK);
        assert_eq!((&told["counts"]["waiting"], &told["counts"]["kept"]), (&json!(0), &json!(1)));
        desk.post(&path(&draft, &stays), json!({})).await.refused(StatusCode::CONFLICT, "wrong_status");
        assert_eq!(raw::overlaps(&site.url).await, 0);
        // The visit that was kept is still named among those that the rules do not allow.
        let misplaced = desk.get("/api/clinic/stranded").await.expect(StatusCode::OK);
        assert_eq!(starts(&misplaced["items"]), ["2026-12-02T04:00:00Z"]);
        assert_eq!(misplaced["items"][0]["code"], "closed_day");
    }

    async fn undoing_brings_back_what_was_before(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        hers.book("2026-12-02T03:00:00Z", &hana()).await;
        let own = json!([
            { "kind": "add_exception", "date": "2026-12-05", "difference": "open", "opens": 540, "closes": 600, "note": "a" },
            { "kind": "add_closure", "name": "お盆", "yearly": { "from": "08-13", "to": "08-15" } },
            { "kind": "holiday", "name": "元日", "open": false },
        ]);
        let first = plan(&mut desk, own).await;
        apply(&mut desk, &first).await;
        let before = stored(&site).await;
        let hours = desk.get(&format!("/api/clinic/hours?clinician={NIGHT_DOCTOR}")).await.expect(StatusCode::OK);
        let exceptions = desk.get("/api/clinic/exceptions?from=2026-12-01&to=2026-12-31").await.expect(StatusCode::OK);
        let closures = desk.get("/api/clinic/closures").await.expect(StatusCode::OK);
        let all = json!([
            { "kind": "weekly_hours", "clinician_id": NIGHT_DOCTOR, "version": hours["version"],
              "hours": [{ "weekday": 3, "opens": 900, "closes": 1080 }] },
            { "kind": "remove_exception", "exception_id": exceptions["items"][0]["id"] },
            { "kind": "remove_closure", "closure_id": closures["items"][0]["id"] },
            { "kind": "add_closure", "name": "休暇", "dates": { "from": "2026-12-10", "to": "2026-12-20" }, "clinician_id": NIGHT_DOCTOR },
            { "kind": "holiday", "name": "元日", "open": null },
            { "kind": "holiday", "date": "2027-01-11", "open": false },
            { "kind": "on_holidays", "open": false },
            close("2026-12-24"),
        ]);
        let draft = plan(&mut desk, all).await;
        assert_eq!(draft["counts"]["stranded"], 1);
        let applied = apply(&mut desk, &draft).await;
        assert_ne!(stored(&site).await, before);
        let listed = desk.get("/api/clinic/closures").await.expect(StatusCode::OK);
        assert_eq!(listed["items"][0]["dates"], json!({ "from": "2026-12-10", "to": "2026-12-20" }));
        let holidays = desk.get("/api/clinic/holidays?from=2027-01-01&to=2027-01-31").await.expect(StatusCode::OK);
        assert_eq!(holidays["on_holidays"], "closed");
        assert_eq!(holidays["items"][1], json!({ "date": "2027-01-11", "name": "成人の日", "open": false, "by": "date" }));

        let undone = desk.post(&path(&draft, "/undo"), json!({ "version": applied["version"] })).await;
        assert_eq!(undone.expect(StatusCode::OK)["state"], "undone");
        assert_eq!(stored(&site).await, before);
        let again = desk.get("/api/clinic/exceptions?from=2026-12-01&to=2026-12-31").await.expect(StatusCode::OK);
        assert_eq!(again, exceptions, "ids and notes too");
        assert_eq!(desk.get("/api/clinic/closures").await.expect(StatusCode::OK), closures);
        let list = desk.get("/api/clinic/stranded").await.expect(StatusCode::OK);
        assert_eq!(list["items"], json!([]));
        let twice = desk.post(&path(&draft, "/undo"), json!({ "version": applied["version"] })).await;
        twice.refused(StatusCode::CONFLICT, "wrong_status");
    }

    async fn what_changed_meanwhile_is_not_overwritten(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let draft = plan(&mut desk, json!([close("2026-12-02")])).await;
        assert_eq!(draft["counts"]["stranded"], 0);
        // Somebody books it: the plan told of nobody.
        site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        let wish = json!({ "version": draft["version"] });
        let stale = desk.post(&path(&draft, "/apply"), wish.clone()).await;
        stale.refused(StatusCode::CONFLICT, "plan_changed");
        // The schedule is changed in another way.
        let draft = plan(&mut desk, json!([close("2026-12-02")])).await;
        desk.change_hours(json!([close("2026-12-20")])).await;
        desk.post(&path(&draft, "/apply"), wish).await.refused(StatusCode::CONFLICT, "stale");
        // After it was applied, as well: undoing would take that back unseen.
        let draft = plan(&mut desk, json!([close("2026-12-02")])).await;
        let applied = apply(&mut desk, &draft).await;
        let hours = format!("/api/clinic/hours?clinician={NIGHT_DOCTOR}");
        let known = desk.get(&hours).await.expect(StatusCode::OK);
        desk.change_hours(json!([{ "kind": "weekly_hours", "clinician_id": NIGHT_DOCTOR,
            "version": known["version"], "hours": known["hours"] }])).await;
        let undo = desk.post(&path(&draft, "/undo"), json!({ "version": applied["version"] })).await;
        undo.refused(StatusCode::CONFLICT, "stale");
        let old = json!({ "version": draft["version"].as_i64().unwrap() + 7 });
        desk.post(&path(&draft, "/undo"), old).await.refused(StatusCode::CONFLICT, "stale");
    }

    async fn new_hours_that_were_booked_are_not_undone(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let closed = plan(&mut desk, json!([close("2026-12-02")])).await;
        apply(&mut desk, &closed).await;
        let exceptions = desk.get("/api/clinic/exceptions?from=2026-12-01&to=2026-12-31").await.expect(StatusCode::OK);
        let open = plan(&mut desk, json!([{ "kind": "remove_exception", "exception_id": exceptions["items"][0]["id"] }])).await;
        let applied = apply(&mut desk, &open).await;
        site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        let undo = desk.post(&path(&open, "/undo"), json!({ "version": applied["version"] })).await;
        undo.refused(StatusCode::CONFLICT, "undo_strands");
        assert_eq!(day(&site, "2026-12-02").await.0, 95);
    }

    async fn the_cut_off_binds_nobody_whose_time_the_clinic_took(site: Site) {
        // The visit is in half an hour; patients can change and cancel until an hour before.
        raw::execute(&site.url, "UPDATE service SET change_cutoff_min = 60, cancel_cutoff_min = 60").await.unwrap();
        let (mut hers, mut his, mut desk) =
            (site.browser(), site.browser(), site.signed_in("desk").await);
        let her = hers.book("2026-12-01T00:30:00Z", &hana()).await["booking"].take();
        let him = his.book("2026-12-01T00:45:00Z", &nagi()).await["booking"].take();
        let path_of = |of: &Value, deed: &str| format!("/api/bookings/{}/{deed}", of["id"].as_str().unwrap());
        let to = json!({ "clinician_id": NIGHT_DOCTOR, "start": "2026-12-01T05:00:00Z", "version": her["version"] });
        hers.post(&path_of(&her, "move"), to.clone()).await.refused(StatusCode::CONFLICT, "cut_off_passed");
        let why = json!({ "reason": "other" });
        his.post(&path_of(&him, "cancel"), why.clone()).await.refused(StatusCode::CONFLICT, "cut_off_passed");

        // A break of an hour, today.
        let pause = json!([{ "kind": "add_exception", "date": "2026-12-01", "difference": "break", "opens": 570, "closes": 630 }]);
        let draft = plan(&mut desk, pause).await;
        assert_eq!(draft["counts"]["stranded"], 2);
        apply(&mut desk, &draft).await;
        hers.post(&path_of(&her, "move"), to).await.expect(StatusCode::OK);
        his.post(&path_of(&him, "cancel"), why).await.expect(StatusCode::OK);
        let told = desk.get(&path(&draft, "")).await.expect(StatusCode::OK);
        assert_eq!(told["counts"], json!({ "stranded": 2, "waiting": 0, "moved": 1, "cancelled": 1, "kept": 0 }));
    }

    async fn every_bad_edit_gets_a_sentence_and_nothing_is_kept(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let closure = |more: Value| {
            let mut edit = json!({ "kind": "add_closure", "name": "x" });
            edit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            edit
        };
        let stretch = |opens: u16, closes: u16| json!([{ "kind": "weekly_hours", "clinician_id": NIGHT_DOCTOR,
            "version": 2, "hours": [{ "weekday": 1, "opens": opens, "closes": closes }] }]);
        for (edits, pointer, code) in [
            (json!([]), "/edits", "required"),
            (json!([close("2026-11-30")]), "/date", "in_past"),
            (json!([close("9999-12-31")]), "/date", "range"),
            (json!([{ "kind": "add_exception", "date": "2026-12-05", "difference": "open" }]), "/opens", "required"),
            (json!([{ "kind": "add_exception", "date": "2026-12-05", "difference": "break", "opens": 600, "closes": 600 }]), "/hours", "order"),
            (json!([{ "kind": "add_exception", "date": "2026-12-05", "difference": "open", "opens": 541, "closes": 600 }]), "/hours", "unit"),
            (json!([closure(json!({}))]), "/dates", "required"),
            (json!([closure(json!({ "yearly": { "from": "02-30", "to": "03-01" } }))]), "/yearly", "month_day"),
            (json!([closure(json!({ "dates": { "from": "2026-12-05", "to": "2026-12-04" } }))]), "/dates", "order"),
            (json!([closure(json!({ "name": " ", "dates": { "from": "2026-12-05", "to": "2026-12-05" } }))]), "/closure_name", "required"),
            (json!([{ "kind": "holiday", "name": "文化のひ", "open": true }]), "/name", "no_holiday"),
            (json!([{ "kind": "holiday", "date": "2026-12-05", "open": true }]), "/date", "no_holiday"),
            (json!([{ "kind": "holiday", "open": true }]), "/name", "one_of_two"),
            (stretch(540, 1500), "/hours", "order"),
            (stretch(0, 0), "/hours", "order"),
        ] {
            let told = desk.post(CHANGES, json!({ "edits": edits })).await;
            let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            let error = &told["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{edits}");
            assert!(error["detail"].as_str().unwrap().ends_with('。'), "{told}");
        }
        let stale = stretch(540, 600);
        let stale = json!([{ "kind": "weekly_hours", "clinician_id": NIGHT_DOCTOR, "version": 1, "hours": stale[0]["hours"] }]);
        desk.post(CHANGES, json!({ "edits": stale })).await.refused(StatusCode::CONFLICT, "stale");
        let other = json!([{ "kind": "add_exception", "date": "2026-12-05", "difference": "closed",
            "clinician_id": crate::support::UMIKAZE_DOCTOR }]);
        desk.post(CHANGES, json!({ "edits": other })).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM hours_change").await, [0]);
    }

    async fn no_clinic_sees_or_undoes_the_changes_of_another(site: Site) {
        let (mut desk, mut other) = (site.signed_in("desk").await, site.signed_in("umikaze").await);
        let draft = plan(&mut desk, json!([close("2026-12-02")])).await;
        other.get(&path(&draft, "")).await.refused(StatusCode::NOT_FOUND, "not_found");
        for deed in ["/apply", "/undo"] {
            other.post(&path(&draft, deed), json!({ "version": 1 })).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        assert_eq!(other.get(CHANGES).await.expect(StatusCode::OK)["items"], json!([]));
        let listed = desk.get(CHANGES).await.expect(StatusCode::OK);
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["stranded"]), (&draft["id"], &json!([])));
    }

    async fn a_hold_from_before_a_change_is_not_confirmed_after_it(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let held = hers.hold("2026-12-02T03:00:00Z").await.expect(StatusCode::CREATED);
        let draft = plan(&mut desk, json!([close("2026-12-02")])).await;
        // A hold is nobody's visit yet.
        assert_eq!(draft["counts"]["stranded"], 0);
        apply(&mut desk, &draft).await;
        let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        hers.post(&confirm, hana()).await.refused(StatusCode::CONFLICT, "closed_day");
        let list = desk.get("/api/clinic/stranded").await.expect(StatusCode::OK);
        assert_eq!(list["items"], json!([]));
    }

    async fn large_changes_are_bounded_in_size_and_in_time(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let begun = std::time::Instant::now();
        let many: Vec<_> = (0..1001).map(|_| close("2026-12-05")).collect();
        let told = desk.post(CHANGES, json!({ "edits": many })).await;
        assert_eq!(told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["code"], "too_many");
        let stretches: Vec<_> = (0..201).map(|_| json!({ "weekday": 1, "opens": 540, "closes": 600 })).collect();
        let told = desk.post(CHANGES, json!({ "edits": [{ "kind": "weekly_hours", "clinician_id": NIGHT_DOCTOR,
            "version": 2, "hours": stretches }] })).await;
        assert_eq!(told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["code"], "too_many");
        // The template of 53 weeks × 96 stretches.
        let huge: Vec<_> = (0..53 * 96).map(|n| json!({ "kind": "add_exception", "date": "2027-01-05",
            "difference": "open", "opens": n % 280 * 5, "closes": n % 280 * 5 + 5 })).collect();
        let told = desk.post(CHANGES, json!({ "edits": huge })).await;
        told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert!(begun.elapsed().as_secs() < 6, "{:?} for three", begun.elapsed());
        // As many as are allowed are planned and kept in time, and no more beside them.
        let full: Vec<_> = (0..1000).map(|n| {
            let date = chrono::NaiveDate::from_ymd_opt(2027, 1, 1).unwrap() + chrono::Days::new(n);
            close(&date.to_string())
        }).collect();
        let begun = std::time::Instant::now();
        let draft = plan(&mut desk, json!(full)).await;
        apply(&mut desk, &draft).await;
        assert!(begun.elapsed().as_secs() < 8, "{:?} for two", begun.elapsed());
        let told = desk.post(CHANGES, json!({ "edits": [close("2026-12-05")] })).await;
        told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
}
