//! Mail over a real SMTP conversation, with a server that has its moods.

use std::collections::{BTreeMap, BTreeSet};

use super::sink::{MailServer, Mood};
use super::*;

/// The ids of the letters, in the order in which the server got them.
fn ids(server: &MailServer) -> Vec<String> {
    let id = |letter: &String| {
        let line = letter.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap();
        line.split('@').next().unwrap().to_owned()
    };
    server.letters().iter().map(id).collect()
}

/// Half of what is brought is not taken; of what is taken, the answer gets lost now and then.
fn moody(brought: usize) -> Mood {
    match brought % 40 {
        7 => Mood::LosesTheAnswer,
        n if n % 4 == 1 => Mood::Later,
        n if n % 4 == 3 => Mood::HangsUp,
        _ => Mood::Takes,
    }
}

/// One delivery by mail as the database has it: id, booking, turn, state.
async fn mails(url: &str) -> Vec<(String, String, i64, String)> {
    let (id, booking) = if url.starts_with("sqlite:") {
        ("lower(hex(d.id))", "lower(hex(d.booking_id))")
    } else {
        ("replace(CAST(d.id AS text), '-', '')", "CAST(d.booking_id AS text)")
    };
    let sql = format!(
        "SELECT {id} || ' ' || {booking} || ' ' || CAST(o.turn AS TEXT) || ' ' || d.state
         FROM delivery AS d JOIN outbox AS o ON o.id = d.message_id
         WHERE d.channel = 'mail' AND o.kind <> 'reminder'"
    );
    let rows = raw::texts(url, &sql).await;
    rows.iter()
        .map(|row| {
            let parts: Vec<_> = row.split(' ').map(str::to_owned).collect();
            let turn = parts[2].parse().unwrap();
            (parts[0].clone(), parts[1].clone(), turn, parts[3].clone())
        })
        .collect()
}

/// Somebody with a telephone and an address of their own.
fn person(number: usize) -> Value {
    let mut answers = hana();
    answers["phone"] = json!(format!("0901234{number:04}"));
    answers["email"] = json!(format!("p{number}@mail.example"));
    answers
}

on_both_engines! {
    /// Half of the tries fail, the server is restarted ten times, two processes send: everything
    /// arrives that was committed and is still true, in order, hardly anything twice.
    async fn everything_arrives_in_order_however_moody_the_server(site: Site) {
        const PEOPLE: usize = 12;
        let mut server = MailServer::start(moody).await;
        let site = site.sending(by_server(server.port));
        let beside = site.beside(by_server(server.port));
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let mut browser = site.browser();
            let start = format!("2026-12-02T{:02}:{:02}:00Z", number / 4, number % 4 * 15);
            let done = browser.book(&start, &person(number)).await;
            people.push((browser, done));
        }
        for round in 0..10 {
            // What happens to some of them in this round: later visits, and at last none.
            for (at, (browser, done)) in people.iter_mut().enumerate().skip(round % 3).step_by(3) {
                let start = format!("2026-12-{:02}T{:02}:{:02}:00Z", 3 + round, at / 4, at % 4 * 15);
                match round {
                    0..=7 => _ = move_to(browser, done, &start).await,
                    8 => cancel(browser, done).await,
                    _ => {}
                }
            }
            for _ in 0..2 {
                let (one, other) = tokio::join!(
                    messages::send_due(&site.app, Channel::Mail, || false),
                    messages::send_due(&beside, Channel::Mail, || false),
                );
                one.unwrap();
                other.unwrap();
                site.app.clock.advance(TimeDelta::minutes(3));
            }
            server.restart().await;
        }
        let waiting = "SELECT count(*) FROM delivery WHERE channel = 'mail' AND state = 'waiting'";
        for _ in 0..40 {
            messages::send_due(&site.app, Channel::Mail, || false).await.unwrap();
            if raw::numbers(&site.url, waiting).await == [0] {
                break;
            }
            site.app.clock.advance(TimeDelta::minutes(90));
        }

        let (arrived, rows) = (ids(&server), mails(&site.url).await);
        let once: BTreeSet<String> = arrived.iter().map(|id| id.replace('-', "")).collect();
        let states: BTreeMap<&str, usize> = rows.iter().fold(BTreeMap::new(), |mut all, row| {
            *all.entry(row.3.as_str()).or_default() += 1;
            all
        });
        println!("brought {}, arrived {}, different {}, rows {states:?}", server.brought(), arrived.len(), once.len());
        assert!(server.brought() > rows.len(), "the server was not moody");
        assert_eq!(states.keys().filter(|state| !["sent", "dropped"].contains(state)).count(), 0);
        let sent: BTreeSet<String> = rows.iter().filter(|row| row.3 == "sent").map(|row| row.0.clone()).collect();
        assert!(sent.is_subset(&once), "something was noted as sent and did not arrive");
        assert!(arrived.len() - once.len() <= arrived.len().div_ceil(20), "too many twice");
        // The last news of each booking is among them, and nothing arrived after something newer.
        let of: BTreeMap<&str, (&str, i64)> = rows.iter().map(|row| (row.0.as_str(), (row.1.as_str(), row.2))).collect();
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        let arrived: Vec<String> = arrived.iter().map(|id| id.replace('-', "")).collect();
        for id in &arrived {
            let (booking, turn) = of[id.as_str()];
            let before = last.insert(booking, turn).unwrap_or(0);
            assert!(before <= turn, "{booking}: {turn} after {before}");
        }
        for row in &rows {
            assert!(last[row.1.as_str()] >= row.2, "the last news of {} did not arrive", row.1);
        }
        assert_eq!(last.len(), PEOPLE);
    }

    /// Several processes, one database: what one has leased no other sends.
    async fn two_never_send_the_same(site: Site) {
        let server = MailServer::start(|_| Mood::Takes).await;
        let site = site.sending(by_server(server.port));
        for number in 0..24 {
            let start = format!("2026-12-02T{:02}:{:02}:00Z", number / 4, number % 4 * 15);
            site.browser().book(&start, &person(number)).await;
        }
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let app = site.beside(by_server(server.port));
            senders.spawn(async move { messages::send_due(&app, Channel::Mail, || false).await });
        }
        while let Some(done) = senders.join_next().await {
            done.unwrap().unwrap();
        }
        messages::send_due(&site.app, Channel::Mail, || false).await.unwrap();
        let arrived = ids(&server);
        assert_eq!((arrived.len(), arrived.iter().collect::<BTreeSet<_>>().len()), (24, 24));
        assert_eq!(server.brought(), 24);
    }

    /// Whoever sends may vanish at any time: another takes it up when the lease ends, not before.
    async fn what_a_vanished_process_had_is_taken_up(site: Site) {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = site.beside(by_server(silent.local_addr().unwrap().port()));
        let done = site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        messages::share_out(&gone).await.unwrap();
        let sending = tokio::spawn(async move { messages::deliver(&gone, Channel::Mail).await });
        let leased = "SELECT count(*) FROM delivery WHERE channel = 'mail' AND attempts = 1";
        for _ in 0..200 {
            if raw::numbers(&site.url, leased).await == [1] {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        sending.abort();
        let server = MailServer::start(|_| Mood::Takes).await;
        let site = site.sending(by_server(server.port));
        send_all(&site.app).await;
        assert_eq!(server.letters().len(), 0, "its lease has not ended");
        site.app.clock.advance(TimeDelta::seconds(91));
        send_all(&site.app).await;
        assert_eq!(server.letters().len(), 1);
        let rows = seen(&mut site.signed_in("desk").await, &id_of(&done)).await;
        assert_eq!(rows[0], "booked mail sent -");
    }

    async fn what_is_refused_is_listed_and_can_be_sent_again(site: Site) {
        let server = MailServer::start(|brought| if brought == 0 { Mood::Never } else { Mood::Takes }).await;
        let site = site.sending(by_server(server.port));
        let done = site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        send_all(&site.app).await;
        let mut desk = site.signed_in("desk").await;
        let dead = desk.get("/api/clinic/messages/undelivered").await.expect(StatusCode::OK);
        let one = &dead["items"][0];
        assert_eq!((&one["booking_id"], &one["kind"]), (&done["booking"]["id"], &json!("booked")));
        assert_eq!(one["delivery"]["reason"], "refused");
        let again = format!("/api/clinic/messages/{}/again", one["delivery"]["id"].as_str().unwrap());
        desk.post(&again, json!({})).await.expect(StatusCode::NO_CONTENT);
        send_all(&site.app).await;
        assert_eq!(server.letters().len(), 1);
        let dead = desk.get("/api/clinic/messages/undelivered").await.expect(StatusCode::OK);
        assert_eq!(dead["items"], json!([]));
    }

    /// Nobody there at all: ten tries over hours, then it is given up and listed.
    async fn trying_has_an_end(site: Site) {
        let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = nobody.local_addr().unwrap().port();
        drop(nobody);
        let site = site.sending(by_server(port));
        site.browser().book("2026-12-10T03:00:00Z", &hana()).await;
        for _ in 0..12 {
            send_all(&site.app).await;
            site.app.clock.advance(TimeDelta::minutes(150));
        }
        let tries = "SELECT attempts FROM delivery WHERE channel = 'mail' AND state = 'dead'";
        assert_eq!(raw::numbers(&site.url, tries).await, [10]);
        let dead = site.signed_in("desk").await.get("/api/clinic/messages/undelivered").await;
        assert_eq!(dead.expect(StatusCode::OK)["items"][0]["delivery"]["reason"], "unreachable");
    }
}
