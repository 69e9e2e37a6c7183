//! Letters that tell of deadlines: each once, on its day, and never to who has handed in.

use axum::http::StatusCode;
use chrono::TimeDelta;
use onshin::actions::filings::letters::plan;
use serde_json::{Value, json};

use super::handed_in;
use crate::messages::sink::{MailServer, Mood};
use crate::messages::{by_server, into_folder, letters, send_all};
use crate::support::{Browser, Site, at, on_both_engines, raw};

const PATH: &str = "/api/filings/letters";
/// As who watches the deadlines sees them.
const ALL: &str = "/api/admin/filings/letters";

async fn wants(browser: &mut Browser, email: Value) {
    let done = browser.put(PATH, json!({ "email": email })).await.expect(StatusCode::OK);
    assert_eq!(done["email"], email);
}

/// Sets the clock to just after midnight of a day in Tokyo, plans and sends; how many letters were
/// planned, and how many there are then.
async fn day(site: &Site, date: &str, folder: &std::path::Path) -> (usize, usize) {
    site.app.clock.set(at(&format!("{date}T00:00:01+09:00")));
    round(site, folder).await
}

/// The same at this moment.
async fn round(site: &Site, folder: &std::path::Path) -> (usize, usize) {
    let planned = plan(&site.app).await.unwrap();
    send_all(&site.app).await;
    (planned, letters(folder).len())
}

/// What became of each letter.
async fn went(site: &Site) -> Vec<String> {
    let sql = "SELECT duty || ' ' || stage || ' ' || state || COALESCE(' ' || reason, '')
        FROM filing_letter ORDER BY created_at, state, id";
    raw::texts(&site.url, sql).await
}

on_both_engines! {
    async fn the_end_of_march_is_told_three_times_and_not_to_who_has_filed(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let folder = folder.path();
        let mut desk = site.signed_in("desk").await;
        assert_eq!(desk.get(PATH).await.expect(StatusCode::OK)["email"], Value::Null);
        let refused = desk.put(PATH, json!({ "email": "no address" })).await
            .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/email");
        wants(&mut desk, json!("desk@otonashi.example")).await;
        wants(&mut site.signed_in("umikaze").await, json!("staff@umikaze.example")).await;
        // The address is a person's: nothing of it can be read in the database.
        let plain = "SELECT count(*) FROM account WHERE CAST(email AS text) LIKE '%umikaze.example%'";
        assert_eq!(raw::numbers(&site.url, plain).await, [0]);

        assert_eq!(day(&site, "2027-02-28", folder).await, (0, 0), "31 days are left");
        site.app.clock.set(at("2027-03-01T00:00:01+09:00"));
        let beside = site.beside(into_folder(folder));
        let (one, other) = tokio::join!(plan(&site.app), plan(&beside));
        assert_eq!(one.unwrap() + other.unwrap(), 2, "one for each, whoever plans");
        assert_eq!(day(&site, "2027-03-01", folder).await, (0, 2));
        let told = letters(folder);
        for part in ["あと30日", "令和9年3月31日", "30 days left", "31 March 2027", "/staff/filings",
            "おとなし夜間休日オンライン診療所"] {
            assert!(told.iter().any(|letter| letter.contains(part)), "{part}: {told:?}");
        }
        assert_eq!(day(&site, "2027-03-23", folder).await, (0, 2), "eight days: told before");
        handed_in(&mut site.signed_in("umikaze").await, "online_care").await;
        assert_eq!(day(&site, "2027-03-24", folder).await, (1, 3), "who has filed hears no more");
        assert_eq!(day(&site, "2027-03-31", folder).await, (0, 3));
        // Handed in after the letter was planned: it is not sent.
        site.app.clock.set(at("2027-04-01T00:00:01+09:00"));
        assert_eq!(plan(&site.app).await.unwrap(), 1);
        handed_in(&mut site.signed_in("desk").await, "online_care").await;
        assert_eq!(day(&site, "2027-04-02", folder).await, (0, 3));
        assert_eq!(went(&site).await, [
            "online_care month sent", "online_care month sent", "online_care week sent",
            "online_care passed dropped handed_in",
        ]);
        // Each once is the database's promise.
        let twice = "UPDATE filing_letter SET stage = 'month'";
        let refused = raw::execute(&site.url, twice).await.unwrap_err();
        assert!(refused.contains("filing_letter") && refused.to_lowercase().contains("unique"), "{refused}");
    }

    async fn what_was_returned_and_what_has_passed_is_told_until_nobody_wants_it(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let folder = folder.path();
        let (mut desk, mut tokyo) = (site.signed_in("desk").await, site.signed_in("tokyo").await);
        wants(&mut desk, json!("desk@otonashi.example")).await;
        let (id, version) = handed_in(&mut desk, "criterion").await;
        assert_eq!(round(&site, folder).await, (0, 0), "what is handed in is done");
        let wish = json!({ "version": version, "reason": "直す", "correct_by": "2026-12-05" });
        tokyo.post(&format!("/api/admin/filings/{id}/return"), wish).await.expect(StatusCode::OK);
        assert_eq!(round(&site, folder).await, (1, 1), "four days are left");
        assert!(letters(folder)[0].contains("補正の期限は 令和8年12月5日 です（あと4日）"));
        assert_eq!(day(&site, "2026-12-05", folder).await, (0, 1), "the last day");
        assert_eq!(day(&site, "2026-12-06", folder).await, (1, 2), "it has passed");
        // The self-check of the year: the day of which it speaks, before and after.
        assert_eq!(day(&site, "2027-07-02", folder).await, (1, 3));
        assert!(letters(folder).iter().any(|letter| letter.contains("/staff/self-check")));
        assert_eq!(day(&site, "2027-07-25", folder).await, (1, 4));
        assert_eq!(day(&site, "2027-08-02", folder).await, (1, 5));
        assert_eq!(day(&site, "2027-08-09", folder).await, (0, 5), "long past is told by no letter");
        wants(&mut site.signed_in("desk").await, Value::Null).await;
        assert_eq!(day(&site, "2028-07-02", folder).await, (0, 5));
    }

    async fn a_letter_that_is_refused_is_seen_and_sent_again(site: Site) {
        let server = MailServer::start(|brought| if brought == 0 { Mood::Never } else { Mood::Takes }).await;
        let site = site.sending(by_server(server.port));
        site.app.clock.set(at("2027-03-01T09:00:00+09:00"));
        let mut desk = site.signed_in("desk").await;
        wants(&mut desk, json!("desk@otonashi.example")).await;
        assert_eq!(plan(&site.app).await.unwrap(), 1);
        assert_eq!(undelivered(&mut desk).await, json!([]));
        send_all(&site.app).await;
        assert_eq!(went(&site).await, ["online_care month dead refused"], "never is never");
        // Whoever is of the clinic sees it, and who watches the deadlines; the address nobody.
        let mut tokyo = site.signed_in("tokyo").await;
        let (own, all) = (undelivered(&mut desk).await, tokyo.get(ALL).await.expect(StatusCode::OK));
        assert_eq!(all["items"], own);
        assert_eq!(undelivered(&mut site.signed_in("doctor").await).await, own);
        let one = &own[0];
        for (key, expected) in [
            ("name", "おとなし夜間休日オンライン診療所"), ("duty", "online_care"), ("stage", "month"),
            ("due_on", "2027-03-31"), ("state", "dead"), ("reason", "refused"),
            ("finished_at", "2027-03-01T00:00:00Z"),
        ] {
            assert_eq!(one[key], expected, "{key}: {own}");
        }
        assert_eq!((own.as_array().unwrap().len(), &one["attempts"]), (1, &json!(1)));
        assert!(!own.to_string().contains('@'), "{own}");
        // Others neither see it nor have it sent.
        let again = format!("/api/filings/letters/{}/again", one["id"].as_str().unwrap());
        for login in ["umikaze", "station"] {
            let mut other = site.signed_in(login).await;
            assert_eq!(undelivered(&mut other).await, json!([]), "{login}");
            other.post(&again, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        tokyo.post(&again, json!({})).await.refused(StatusCode::FORBIDDEN, "forbidden");
        desk.get(ALL).await.refused(StatusCode::FORBIDDEN, "forbidden");
        assert_eq!(desk.post(&again, json!({})).await.status, StatusCode::NO_CONTENT);
        desk.post(&again, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        send_all(&site.app).await;
        assert_eq!((server.brought(), server.letters().len()), (2, 1));
        assert_eq!(undelivered(&mut desk).await, json!([]));
        assert_eq!(went(&site).await, ["online_care month sent"]);
    }

    async fn a_letter_that_is_put_off_is_tried_as_long_as_a_message(site: Site) {
        let server = MailServer::start(|brought| if brought == 2 { Mood::Takes } else { Mood::Later }).await;
        let site = site.sending(by_server(server.port));
        site.app.clock.set(at("2027-03-01T09:00:00+09:00"));
        wants(&mut site.signed_in("desk").await, json!("desk@otonashi.example")).await;
        assert_eq!(plan(&site.app).await.unwrap(), 1);
        send_all(&site.app).await;
        send_all(&site.app).await;
        assert_eq!(server.brought(), 1, "not before its pause is over");
        assert_eq!(went(&site).await, ["online_care month waiting later"]);
        assert_eq!(undelivered(&mut site.signed_in("desk").await).await, json!([]), "it may still go");
        for _ in 0..2 {
            site.app.clock.advance(TimeDelta::minutes(150));
            send_all(&site.app).await;
        }
        assert_eq!((server.brought(), server.letters().len()), (3, 1));
        // The next one has no such luck: ten tries over hours, then it is given up and listed.
        site.app.clock.set(at("2027-03-24T00:00:01+09:00"));
        assert_eq!(plan(&site.app).await.unwrap(), 1);
        for _ in 0..12 {
            send_all(&site.app).await;
            site.app.clock.advance(TimeDelta::minutes(150));
        }
        assert_eq!(server.brought(), 13);
        let left = undelivered(&mut site.signed_in("desk").await).await;
        let told = [&left[0]["stage"], &left[0]["reason"], &left[0]["attempts"], &left[1]];
        assert_eq!(told, [&json!("week"), &json!("later"), &json!(10), &Value::Null]);
    }
}

/// The letters that did not arrive, as somebody who files sees them.
async fn undelivered(browser: &mut Browser) -> Value {
    browser.get(&format!("{PATH}/undelivered")).await.expect(StatusCode::OK)["items"].clone()
}
