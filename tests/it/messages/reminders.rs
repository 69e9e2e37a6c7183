//! Reminders: made with the booking, moved with it, dead with it.

use super::*;

/// The times, in Tokyo, of which the letters in the folder remind.
fn reminded(folder: &std::path::Path) -> Vec<String> {
    let subject = "Subject: まもなく予約の日時です（";
    let mut all: Vec<String> = letters(folder)
        .iter()
        .filter_map(|letter| Some(letter.split_once(subject)?.1.lines().next()?.to_owned()))
        .collect();
    all.sort();
    all
}

on_both_engines! {
    async fn a_visit_is_reminded_of_three_times(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let done = site.browser().book("2026-12-10T03:00:00Z", &hana()).await;
        let mut desk = site.signed_in("desk").await;
        let ahead = ["reminder 10080", "reminder 1440", "reminder 60"];
        assert_eq!(seen(&mut desk, &id_of(&done)).await[1..], ahead);
        for (time, count) in [
            ("2026-12-03T02:59:00Z", 0), ("2026-12-03T03:00:00Z", 1), ("2026-12-09T02:59:00Z", 1),
            ("2026-12-09T03:00:00Z", 2), ("2026-12-10T02:00:00Z", 3), ("2026-12-10T03:00:00Z", 3),
        ] {
            site.app.clock.advance(at(time) - site.app.clock.now());
            send_all(&site.app).await;
            assert_eq!(reminded(folder.path()).len(), count, "{time}");
        }
        assert_eq!(reminded(folder.path()), ["12月10日（木）12:00）"; 3]);
    }

    async fn reminders_move_with_the_visit_and_die_with_it(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let (mut hers, mut his) = (site.browser(), site.browser());
        let moved = hers.book("2026-12-05T03:00:00Z", &hana()).await;
        let cancelled = his.book("2026-12-05T04:00:00Z", &nagi()).await;
        move_to(&mut hers, &moved, "2026-12-07T03:00:00Z").await;
        cancel(&mut his, &cancelled).await;
        let mut desk = site.signed_in("desk").await;
        let rows = seen(&mut desk, &id_of(&moved)).await;
        assert_eq!(rows[2..], ["reminder 1440", "reminder 60"]);
        let due = "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND state = 'waiting'";
        assert_eq!(raw::numbers(&site.url, due).await, [2]);
        // Nothing comes at the old times.
        for time in ["2026-12-04T03:00:00Z", "2026-12-05T02:00:00Z", "2026-12-05T04:30:00Z"] {
            site.app.clock.advance(at(time) - site.app.clock.now());
            send_all(&site.app).await;
        }
        assert_eq!(reminded(folder.path()), [""; 0]);
        site.app.clock.advance(at("2026-12-06T03:00:00Z") - site.app.clock.now());
        send_all(&site.app).await;
        assert_eq!(reminded(folder.path()), ["12月7日（月）12:00）"]);
    }

    /// The row is there, whatever went wrong when the visit was moved or called off: it is looked
    /// at again when it is sent.
    async fn a_reminder_is_checked_when_it_is_sent(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let done = site.browser().book("2026-12-05T03:00:00Z", &hana()).await;
        send_all(&site.app).await;
        let behind = "UPDATE booking SET status = 'cancelled' WHERE status = 'booked'";
        raw::execute(&site.url, behind).await.unwrap();
        site.app.clock.advance(at("2026-12-04T03:00:00Z") - site.app.clock.now());
        send_all(&site.app).await;
        assert_eq!(reminded(folder.path()), [""; 0]);
        let rows = seen(&mut site.signed_in("desk").await, &id_of(&done)).await;
        assert!(rows.contains(&"reminder mail dropped changed".to_owned()), "{rows:?}");
    }

    /// What a clinic must approve is reminded of once it is approved, and told when it is not.
    async fn requests_are_told_as_they_are_answered(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        let change = "UPDATE service SET needs_approval = TRUE, answer_within_min = 60";
        raw::execute(&site.url, change).await.unwrap();
        let (mut hers, mut his) = (site.browser(), site.browser());
        let approved = hers.book("2026-12-05T03:00:00Z", &hana()).await;
        let declined = his.book("2026-12-05T04:00:00Z", &nagi()).await;
        let unanswered = hers.book("2026-12-06T04:00:00Z", &hana()).await;
        send_all(&site.app).await;
        let mut desk = site.signed_in("desk").await;
        let rows = seen(&mut desk, &id_of(&approved)).await;
        assert_eq!(rows, ["requested mail sent -", "requested sms sent -"]);
        for (booking, deed) in [(&approved, "approve"), (&declined, "decline")] {
            let mut wish = json!({ "version": booking["booking"]["version"] });
            if deed == "decline" {
                wish["reason"] = json!("other");
            }
            let path = format!("/api/clinic/requests/{}/{deed}", id_of(booking));
            desk.post(&path, wish).await.expect(StatusCode::OK);
        }
        send_all(&site.app).await;
        let rows = seen(&mut desk, &id_of(&approved)).await;
        assert_eq!(rows[..2], ["approved mail sent -", "approved sms sent -"]);
        assert_eq!(rows[2..4], ["reminder 1440", "reminder 60"]);
        let rows = seen(&mut desk, &id_of(&declined)).await;
        assert!(rows.contains(&"declined sms sent -".to_owned()), "{rows:?}");
        site.app.clock.advance(TimeDelta::minutes(60));
        onshin::actions::approval::expire_requests(&site.app).await.unwrap();
        send_all(&site.app).await;
        let rows = seen(&mut site.signed_in("desk").await, &id_of(&unanswered)).await;
        assert_eq!(rows[0], "declined mail sent -");
    }

    /// After a long outage nobody is reminded of what is past, or twice of one visit.
    async fn a_late_reminder_gives_way_to_the_next(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let site = site.sending(into_folder(folder.path()));
        site.browser().book("2026-12-10T03:00:00Z", &hana()).await;
        site.browser().book("2026-12-05T03:00:00Z", &nagi()).await;
        send_all(&site.app).await;
        site.app.clock.advance(at("2026-12-10T02:30:00Z") - site.app.clock.now());
        send_all(&site.app).await;
        assert_eq!(reminded(folder.path()), ["12月10日（木）12:00）"]);
        let over = "SELECT count(*) FROM delivery WHERE reason = 'over' AND channel = 'mail'";
        assert_eq!(raw::numbers(&site.url, over).await, [4]);
    }
}
