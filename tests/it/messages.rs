//! What is told of bookings: to whom, by which ways, when no longer, and what is kept of it.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use onshin::actions::{App, messages};
use onshin::model::message::Channel;
use onshin::out::mail::{Mailer, Security, Smtp};
use onshin::out::{Outgoing, sms, web};
use serde_json::{Value, json};

use crate::support::{Browser, Site, hana, nagi, on_both_engines, raw};

mod calls;
mod hooks;
mod mail;
mod reminders;
pub(crate) mod sink;

/// Ways out by nothing but the web, for these origins.
fn quiet(allowed: &[String]) -> Outgoing {
    Outgoing::by(web::Client::new(allowed, web::Roots::new(None).unwrap()))
}

/// Mail and short messages into a folder.
pub(crate) fn into_folder(folder: &std::path::Path) -> Outgoing {
    let mut out = quiet(&[]);
    out.mail = Some(Mailer::folder("Onshin <care@onshin.test>", &folder.join("mail")).unwrap());
    out.sms = Some(std::sync::Arc::new(sms::Folder::new(&folder.join("sms"))));
    out.sms_daily = 1000;
    out
}

/// Mail by the server on this port.
pub(crate) fn by_server(port: u16) -> Outgoing {
    let mut out = quiet(&[]);
    let (host, security) = ("127.0.0.1", Security::Plain);
    let server = Smtp { host, port: Some(port), security, login: None, roots: None };
    out.mail = Some(Mailer::smtp("care@onshin.test", &server).unwrap());
    out
}

/// Sends everything that is due.
pub(crate) async fn send_all(app: &App) {
    for channel in Channel::ALL {
        messages::send_due(app, *channel, || false).await.unwrap();
    }
}

/// The short messages that were sent, in order.
pub(crate) fn shorts(folder: &std::path::Path) -> Vec<Value> {
    let Ok(files) = std::fs::read_dir(folder.join("sms")) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let lines: String = texts.collect();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The letters in the folder, unpacked.
pub(crate) fn letters(folder: &std::path::Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(folder.join("mail")) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| unpacked(&std::fs::read_to_string(path).unwrap())).collect()
}

/// A letter's head, with its subject as people read it, and its parts decoded.
fn unpacked(letter: &str) -> String {
    let mut out = String::new();
    for part in letter.split("\r\n--") {
        let (head, body) = part.split_once("\r\n\r\n").unwrap_or((part, ""));
        let head = head.replace("\r\n ", " ");
        for line in head.lines() {
            let words = line.split(' ').map(|word| {
                let inner = word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?="));
                let bytes = inner.map(|inner| STANDARD.decode(inner).unwrap());
                bytes.map_or_else(|| format!("{word} "), |b| String::from_utf8(b).unwrap())
            });
            out += words.collect::<String>().trim_end();
            out += "\n";
        }
        let base64 = head.to_lowercase().contains("content-transfer-encoding: base64");
        let plain: String = body.split_whitespace().collect();
        out += &if base64 {
            String::from_utf8(STANDARD.decode(plain).unwrap()).unwrap()
        } else {
            body.replace("=\r\n", "")
        };
        out += "\n";
    }
    out
}

/// What the clinic sees of a booking: kind, way and state of each delivery.
async fn seen(desk: &mut Browser, booking: &str) -> Vec<String> {
    let path = format!("/api/clinic/messages?booking={booking}");
    let all = desk.get(&path).await.expect(StatusCode::OK);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut rows = Vec::new();
    for item in all["items"].as_array().unwrap() {
        for one in item["deliveries"].as_array().unwrap() {
            let parts = [&item["kind"], &one["channel"], &one["state"], &one["reason"]];
            rows.push(parts.map(text).join(" "));
        }
        if item["deliveries"].as_array().unwrap().is_empty() {
            rows.push(format!("{} {}", text(&item["kind"]), item["lead_minutes"]));
        }
    }
    rows.sort();
    rows
}

fn id_of(done: &Value) -> String {
    done["booking"]["id"].as_str().unwrap().to_owned()
}

/// The secret of the link in a text.
pub(crate) fn secret_in(text: &str) -> String {
    let secret = text.split("/visit#").nth(1).unwrap();
    secret.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

async fn move_to(patient: &mut Browser, done: &Value, start: &str) -> Value {
    let path = format!("/api/bookings/{}", id_of(done));
    let now = patient.get(&path).await.expect(StatusCode::OK);
    let wish = json!({
        "clinician_id": now["clinician"]["id"], "start": start, "version": now["version"],
    });
    patient.post(&format!("{path}/move"), wish).await.expect(StatusCode::OK)
}

async fn cancel(patient: &mut Browser, done: &Value) {
    let path = format!("/api/bookings/{}/cancel", id_of(done));
    patient.post(&path, json!({ "reason": "other" })).await.expect(StatusCode::OK);
}

on_both_engines! {
    async fn a_booking_is_told_in_the_patients_language(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let (mut hers, mut his) = (site.browser(), site.browser());
        let done = hers.book("2026-12-02T03:00:00Z", &hana()).await;
        his.book("2026-12-02T04:00:00Z", &nagi()).await;
        send_all(&site.app).await;

        let letters = letters(folder.path());
        assert_eq!(letters.len(), 1, "he gave no address: {letters:?}");
        let letter = &letters[0];
        assert!(letter.contains("\nSubject: 予約を受け付けました（12月2日（水）12:00）\n"), "{letter}");
        assert!(letter.contains("\nTo: hana@mail.example\n"), "{letter}");
        assert!(letter.contains("おとなし夜間休日オンライン診療所") && letter.contains("BEGIN:VCALENDAR"));
        for private in ["音無", "せき", "09012345678", "1948"] {
            assert!(!letter.contains(private), "{private} in {letter}");
        }
        let shorts = shorts(folder.path());
        let texts: Vec<_> = shorts.iter().map(|short| (short["to"].as_str().unwrap(), short["text"].as_str().unwrap())).collect();
        assert_eq!(texts.len(), 2);
        let of = |to: &str| texts.iter().find(|(number, _)| *number == to).unwrap().1;
        assert!(of("09012345678").contains("12月2日（水）12:00の予約を受け付けました"));
        assert!(of("08087654321").contains("booked for Wed 2 Dec 2026, 13:00 Japan time"));

        // Every link opens it, each its own, with the birth date alone.
        let first = done["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let (second, third) = (secret_in(letter), secret_in(of("09012345678")));
        assert!(first != second && second != third);
        assert!(!letter.split("BEGIN:VCALENDAR").nth(1).unwrap().contains(&second), "{letter}");
        for secret in [&first, &second, &third] {
            let wish = json!({ "token": secret, "birth_date": "1948-05-04" });
            site.browser().post("/api/visitor", wish).await.refused(StatusCode::FORBIDDEN, "wrong_birth_date");
            let wish = json!({ "token": secret, "birth_date": "1948-05-03" });
            let opened = site.browser().post("/api/visitor", wish).await.expect(StatusCode::OK);
            assert_eq!(opened["booking_id"].as_str().unwrap(), id_of(&done), "{opened}");
        }

        // Their clinic sees how it went, another sees nothing of it.
        let mut desk = site.signed_in("desk").await;
        let rows = seen(&mut desk, &id_of(&done)).await;
        assert_eq!(rows, ["booked mail sent -", "booked sms sent -", "reminder 1440", "reminder 60"]);
        let path = format!("/api/clinic/messages?booking={}", id_of(&done));
        let mut other = site.signed_in("umikaze").await;
        other.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        // Once is enough.
        send_all(&site.app).await;
        assert_eq!(self::letters(folder.path()).len(), 1);
    }

    async fn what_is_not_configured_is_said_so(site: Site) {
        let done = site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        send_all(&site.app).await;
        let mut desk = site.signed_in("desk").await;
        let rows = seen(&mut desk, &id_of(&done)).await;
        assert_eq!(rows[..2], ["booked mail not_configured -", "booked sms not_configured -"]);
        // Once there is a way, it can be sent after all.
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        send_all(&site.app).await;
        assert_eq!(letters(folder.path()).len(), 0);
        let path = format!("/api/clinic/messages?booking={}", id_of(&done));
        let all = desk.get(&path).await.expect(StatusCode::OK);
        for one in all["items"][0]["deliveries"].as_array().unwrap() {
            let again = format!("/api/clinic/messages/{}/again", one["id"].as_str().unwrap());
            site.signed_in("umikaze").await.post(&again, json!({})).await
                .refused(StatusCode::NOT_FOUND, "not_found");
            desk.post(&again, json!({})).await.expect(StatusCode::NO_CONTENT);
            desk.post(&again, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        send_all(&site.app).await;
        assert_eq!((letters(folder.path()).len(), shorts(folder.path()).len()), (1, 1));
    }

    async fn what_is_no_longer_true_is_not_told(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut hers = site.browser();
        // Booked, moved and cancelled before anything was sent: only the last is news.
        let done = hers.book("2026-12-02T03:00:00Z", &hana()).await;
        move_to(&mut hers, &done, "2026-12-02T05:00:00Z").await;
        cancel(&mut hers, &done).await;
        send_all(&site.app).await;
        let mut desk = site.signed_in("desk").await;
        let rows = seen(&mut desk, &id_of(&done)).await;
        assert_eq!(rows, [
            "booked mail dropped superseded", "booked sms dropped superseded",
            "cancelled mail sent -", "cancelled sms sent -",
            "moved mail dropped superseded", "moved sms dropped superseded",
        ]);
        assert!(letters(folder.path())[0].contains("予約が取り消されました"));
        assert!(!shorts(folder.path())[0]["text"].as_str().unwrap().contains("visit#"));

        // Ended by something that tells nobody.
        let done = hers.book("2026-12-02T03:00:00Z", &hana()).await;
        raw::execute(&site.url, "UPDATE booking SET status = 'no_show' WHERE status = 'booked'").await.unwrap();
        send_all(&site.app).await;
        let rows = seen(&mut desk, &id_of(&done)).await;
        assert_eq!(rows[..2], ["booked mail dropped changed", "booked sms dropped changed"]);
        assert_eq!(letters(folder.path()).len(), 1);
    }

    async fn who_was_forgotten_is_not_written_to(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let done = site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        raw::execute(&site.url, "UPDATE patient SET wrapped_key = NULL").await.unwrap();
        send_all(&site.app).await;
        let rows = seen(&mut site.signed_in("desk").await, &id_of(&done)).await;
        assert_eq!(rows[..2], ["booked mail no_address forgotten", "booked sms no_address forgotten"]);
        assert_eq!(letters(folder.path()).len() + shorts(folder.path()).len(), 0);
    }

    async fn a_number_is_not_flooded(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut hers = site.browser();
        let done = hers.book("2026-12-02T03:00:00Z", &hana()).await;
        for hour in 4..8 {
            send_all(&site.app).await;
            move_to(&mut hers, &done, &format!("2026-12-02T{hour:02}:00:00Z")).await;
        }
        send_all(&site.app).await;
        assert_eq!(shorts(folder.path()).len(), 3);
        // Mail costs nothing, and the next day is another.
        assert_eq!(letters(folder.path()).len(), 5);
        let mut desk = site.signed_in("desk").await;
        let rows = seen(&mut desk, &id_of(&done)).await;
        assert_eq!(rows.iter().filter(|row| *row == "moved sms dead number_limit").count(), 2, "{rows:?}");
        let dead = desk.get("/api/clinic/messages/undelivered").await.expect(StatusCode::OK);
        assert_eq!(dead["items"].as_array().unwrap().len(), 2);
        assert_eq!(dead["items"][0]["booking_id"], done["booking"]["id"]);
        let other = site.signed_in("umikaze").await.get("/api/clinic/messages/undelivered").await;
        assert_eq!(other.expect(StatusCode::OK)["items"], json!([]));
        site.app.clock.advance(TimeDelta::hours(15));
        let path = format!("/api/clinic/visits/{}/cancel", id_of(&done));
        let reason = json!({ "reason": "clinic_unavailable" });
        site.signed_in("desk").await.post(&path, reason).await.expect(StatusCode::OK);
        send_all(&site.app).await;
        assert_eq!(shorts(folder.path()).len(), 4);
    }

    async fn a_days_money_is_spent_once(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let mut out = into_folder(folder.path());
        out.sms_daily = 1;
        let site = site.sending(out);
        site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        site.browser().book("2026-12-02T04:00:00Z", &nagi()).await;
        send_all(&site.app).await;
        assert_eq!(shorts(folder.path()).len(), 1);
        let dead = site.signed_in("desk").await.get("/api/clinic/messages/undelivered").await;
        assert_eq!(dead.expect(StatusCode::OK)["items"][0]["delivery"]["reason"], "daily_limit");
    }

    async fn links_die_with_the_visit(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let mut hers = site.browser();
        let done = hers.book("2026-12-02T03:00:00Z", &hana()).await;
        let second = site.browser().book("2026-12-14T03:00:00Z", &nagi()).await;
        cancel(&mut hers, &done).await;
        let kept = hers.book("2026-12-02T05:00:00Z", &hana()).await;
        send_all(&site.app).await;
        let of = |done: &Value| done["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let mailed = letters(folder.path()).iter().find(|one| one.contains("受け付けました")).map(|one| secret_in(one)).unwrap();
        let open = async |secret: &str, date: &str| {
            let wish = json!({ "token": secret, "birth_date": date });
            site.browser().post("/api/visitor", wish).await.status
        };
        // To the end of the day after it, 3 December in Tokyo.
        site.app.clock.advance(at("2026-12-03T14:59:00Z") - site.app.clock.now());
        assert_eq!(open(&mailed, "1948-05-03").await, StatusCode::OK);
        assert_eq!(open(&of(&kept), "1948-05-03").await, StatusCode::OK);
        site.app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(open(&mailed, "1948-05-03").await, StatusCode::NOT_FOUND);
        assert_eq!(open(&of(&kept), "1948-05-03").await, StatusCode::NOT_FOUND);
        // What was called off, for a week after that.
        assert_eq!(open(&of(&done), "1948-05-03").await, StatusCode::OK);
        site.app.clock.advance(at("2026-12-08T00:00:00Z") - site.app.clock.now());
        assert_eq!(open(&of(&done), "1948-05-03").await, StatusCode::NOT_FOUND);
        assert_eq!(open(&of(&second), "1990-01-31").await, StatusCode::OK);
        // Long after, nothing of them is kept.
        assert!(raw::numbers(&site.url, "SELECT count(*) FROM booking_link").await[0] > 0);
        site.app.clock.advance(TimeDelta::days(40));
        messages::forget(&site.app).await.unwrap();
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking_link").await, [0]);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM sms_count").await, [0]);
    }
}

use crate::support::at;
