//! Proof that the checker can fail: journals, databases and houses with one fault each.

use super::check::{Complaint, Wrong, complaints};
use super::house::House;
use super::journal::{Deed, Entry, Place, Seen, Told};
use super::stored::{Message, Stored};
use super::*;

/// Somebody who held a time at the first second and told so at the second.
fn journal() -> Vec<Entry> {
    let at = |deed, second, status: &str, start: &str, version| {
        let place = Place { clinician: "c".to_owned(), start: start.to_owned() };
        let (id, status) = ("b".to_owned(), status.to_owned());
        let seen = Seen { id: id.clone(), status, place, version };
        let (sent, at) = (Duration::from_secs(second), Duration::from_secs(second + 1));
        let told = Told { at, status: 200, seen: Some(seen), differs: None };
        Entry { deed, booking: Some(id), sent, tries: 1, told: Some(told), odd: Vec::new() }
    };
    vec![
        at(Deed::Hold, 1, "held", "03:00", 1),
        at(Deed::Confirm, 3, "booked", "03:00", 2),
        at(Deed::Move, 5, "booked", "04:00", 3),
        at(Deed::Cancel, 7, "cancelled", "04:00", 4),
    ]
}

/// The database after that.
fn stored(journal: &[Entry]) -> Stored {
    let mut stored = Stored { answers: journal.len(), ..Stored::default() };
    for entry in journal {
        let seen = entry.told.as_ref().unwrap().seen.clone().unwrap();
        let (action, kind) = match entry.deed {
            Deed::Hold => ("booking.hold", None),
            Deed::Confirm => ("booking.confirm", Some("booked")),
            Deed::Move => ("booking.move", Some("moved")),
            _ => ("booking.cancel", Some("cancelled")),
        };
        stored.audit.push((seen.id.clone(), action.to_owned()));
        stored.outbox.extend(kind.map(|kind| {
            let (id, booking) = (format!("m{}", seen.version), seen.id.clone());
            Message { id, booking, kind: kind.to_owned(), turn: seen.version }
        }));
        if entry.deed == Deed::Confirm {
            stored.visits.insert(seen.id.clone());
        }
        stored.bookings.insert(seen.id.clone(), seen);
    }
    stored
}

/// The kinds of complaint that a fault brings.
fn with(fault: impl FnOnce(&mut Vec<Entry>, &mut Stored)) -> Vec<Wrong> {
    let mut journal = journal();
    let mut stored = stored(&journal);
    fault(&mut journal, &mut stored);
    let mut kinds: Vec<_> =
        complaints(&journal, &stored).into_iter().map(|Complaint(kind, _)| kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn the_checker_has_nothing_to_say_of_what_is_right() {
    assert_eq!(with(|_, _| {}), []);
    // Who walked away may have left a hold.
    let left = |journal: &mut Vec<Entry>, stored: &mut Stored| {
        let mut seen = stored.bookings["b"].clone();
        "x".clone_into(&mut seen.id);
        "held".clone_into(&mut seen.status);
        stored.bookings.insert("x".to_owned(), seen);
        stored.audit.push(("x".to_owned(), "booking.hold".to_owned()));
        stored.answers += 1;
        journal.push(Entry { booking: None, told: None, ..journal[0].clone() });
    };
    assert_eq!(with(left), []);
    // And nobody else.
    let ghost = |journal: &mut Vec<Entry>, stored: &mut Stored| {
        left(journal, stored);
        journal.pop();
    };
    assert!(with(ghost).contains(&Wrong::Ghost));
}

#[test]
fn the_checker_sees_each_fault() {
    let row = |stored: &mut Stored, change: fn(&mut Seen)| {
        change(stored.bookings.get_mut("b").unwrap());
    };
    assert!(with(|_, s| s.bookings.clear()).contains(&Wrong::Lost));
    assert_eq!(with(|_, s| row(s, |row| "booked".clone_into(&mut row.status))), [Wrong::Lost]);
    assert_eq!(with(|_, s| row(s, |row| row.version = 3)), [Wrong::Lost]);
    assert_eq!(with(|_, s| row(s, |row| "03:00".clone_into(&mut row.place.start))), [Wrong::Lost]);
    assert_eq!(with(|_, s| row(s, |row| row.version = 5)), [Wrong::Ghost]);
    assert_eq!(with(|_, s| drop(s.outbox.pop())), [Wrong::HalfMade]);
    assert_eq!(with(|_, s| s.outbox.push(s.outbox[1].clone())), [Wrong::Duplicate]);
    assert_eq!(with(|_, s| s.outbox[1].turn = 9), [Wrong::HalfMade]);
    assert_eq!(with(|_, s| drop(s.audit.remove(2))), [Wrong::HalfMade]);
    assert_eq!(with(|_, s| s.audit.push(s.audit[2].clone())), [Wrong::Duplicate]);
    assert_eq!(
        with(|_, s| s.audit.push(("z".to_owned(), "booking.move".to_owned()))),
        [Wrong::HalfMade]
    );
    assert_eq!(with(|_, s| s.visits.clear()), [Wrong::HalfMade]);
    assert_eq!(with(|_, s| s.answers -= 1), [Wrong::HalfMade]);
    assert_eq!(with(|_, s| s.answers += 1), [Wrong::Duplicate]);
    assert_eq!(with(|_, s| s.overlaps = 1), [Wrong::Overlap]);
    assert_eq!(with(|_, s| s.broken.push("page 3".to_owned())), [Wrong::Broken]);
    assert_eq!(with(|j, _| j[0].odd.push("500 {}".to_owned())), [Wrong::Odd]);
    let differs = |journal: &mut Vec<Entry>, _: &mut Stored| {
        journal[2].told.as_mut().unwrap().differs = Some("other".to_owned());
    };
    assert_eq!(with(differs), [Wrong::Duplicate]);
}

/// A second client in the place of the first, from the second that is given on.
fn beside(second: u64, start: &'static str) -> impl FnOnce(&mut Vec<Entry>, &mut Stored) {
    move |journal, stored| {
        let mut other = journal[0].clone();
        let told = other.told.as_mut().unwrap();
        told.at = Duration::from_secs(second);
        let seen = told.seen.as_mut().unwrap();
        "o".clone_into(&mut seen.id);
        start.clone_into(&mut seen.place.start);
        stored.bookings.insert("o".to_owned(), seen.clone());
        stored.audit.push(("o".to_owned(), "booking.hold".to_owned()));
        stored.answers += 1;
        other.booking = Some("o".to_owned());
        journal.push(other);
    }
}

#[test]
fn the_checker_sees_who_was_in_one_place_though_nothing_of_it_is_left() {
    // The first was told of it at 2 and moved away at 5, to where it was from 6 to 7.
    assert_eq!(with(beside(4, "03:00")), [Wrong::Overlap]);
    assert_eq!(with(beside(6, "03:00")), []);
    assert_eq!(with(beside(7, "04:00")), []);
    assert_eq!(with(beside(4, "04:00")), [Wrong::Overlap]);
}

#[test]
fn the_checker_sees_what_was_told_too_late_or_never() {
    let stored = stored(&journal());
    let kinds = |taken: &[&str]| {
        let taken: Vec<_> = taken.iter().map(|id| (*id).to_owned()).collect();
        let wrong = post::delivered(&taken, &stored, 0);
        wrong.into_iter().map(|Complaint(kind, _)| kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&["m2", "m3", "m4"]), []);
    assert_eq!(kinds(&["m2", "m4"]), [Wrong::Untold]);
    assert_eq!(kinds(&["m3", "m2", "m4"]), [Wrong::Untold]);
    assert_eq!(kinds(&["m2", "m3", "m2", "m4"]), [Wrong::Duplicate]);
    assert_eq!(kinds(&["m2", "m3", "m4", "m5"]), [Wrong::Ghost]);
}

/// Faults that are made in the database after a run that was right, one upon the other; each must
/// be complained of.
pub(super) async fn database(url: &str, found: &Found) {
    let sqlite = url.starts_with("sqlite:");
    let one = "(SELECT id FROM booking WHERE status = 'booked' ORDER BY id LIMIT 1)";
    let other = "(SELECT id FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1)";
    let drop_overlap = if sqlite {
        "DROP TRIGGER booking_clinician_overlap_update"
    } else {
        "ALTER TABLE booking DROP CONSTRAINT booking_clinician_overlap"
    };
    let id = raw::id(url, "0d300700-0000-0000-0000-000000000001");
    let message = "(SELECT id FROM outbox WHERE kind = 'booked' ORDER BY id LIMIT 1)";
    let faults = [
        (Wrong::Lost, format!("UPDATE booking SET status = 'cancelled' WHERE id = {one}")),
        (Wrong::Ghost, format!("UPDATE booking SET version = version + 1 WHERE id = {one}")),
        (
            Wrong::Overlap,
            format!(
                "{drop_overlap}; UPDATE booking SET (clinician_id, starts_at, ends_at, busy_from,
                    busy_until) = (SELECT clinician_id, starts_at, ends_at, busy_from, busy_until
                    FROM booking WHERE id = {one}) WHERE id = {other}"
            ),
        ),
        (
            Wrong::HalfMade,
            format!(
                "DELETE FROM delivery WHERE message_id = {message};
                 DELETE FROM outbox WHERE id = {message}"
            ),
        ),
        (
            Wrong::Duplicate,
            format!(
                "INSERT INTO audit_entry (id, at, actor_kind, action, subject, detail)
                 SELECT {id}, at, actor_kind, action, subject, detail FROM audit_entry
                 WHERE action = 'booking.move' LIMIT 1"
            ),
        ),
    ];
    let broken = "PRAGMA foreign_keys = OFF; DELETE FROM visit; DELETE FROM facility".to_owned();
    let faults = faults.into_iter().chain(sqlite.then_some((Wrong::Broken, broken)));
    for (wrong, sql) in faults {
        let kinds = |stored: &Stored| {
            let all = complaints(&found.journal, stored).into_iter();
            all.filter(|Complaint(kind, _)| *kind == wrong).count()
        };
        let before = kinds(&Stored::read(url).await);
        raw::execute(url, &sql).await.unwrap();
        let after = kinds(&Stored::read(url).await);
        assert!(after > before, "not complained of as {wrong:?}: {sql}");
    }
}

/// Clients who ask again without a key: what was done and not heard of is a ghost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_keys_there_are_ghosts() {
    let plan = Plan { seconds: 3, kills: 0, seed: 1, keyed: false };
    let mut house = House::on_sqlite().await;
    let found = found(&mut house, &plan).await;
    found.print("SQLite without keys", &plan, &house);
    let counts = found.counts();
    assert!(counts.contains_key(&Wrong::Ghost), "{counts:?}");
    // The database does not care who asks how.
    assert_eq!(found.stored.overlaps, 0);
}

/// A PostgreSQL that answers before it has written: the program does not start on it. Where it is
/// made so afterwards, and all its processes are killed, bookings are lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_answers_too_early_loses_bookings() {
    let mut house = House::on_postgres("early", "-c wal_buffers=32MB").await;
    house.open().await;
    let early = "ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf()";
    for statement in early.split("; ") {
        raw::execute(&house.url, statement).await.unwrap();
    }
    // What is not written yet is in memory alone, as it may be for as long as the disk is slow.
    house.cluster.as_ref().unwrap().hold_the_log();
    let plan = Plan { seconds: 3, kills: 0, seed: 2, keyed: true };
    let journal = live(&mut house, &plan).await;
    let cluster = house.cluster.as_ref().unwrap();
    cluster.kill_all();
    tokio::task::block_in_place(|| cluster.start_again());
    let stored = Stored::read(&house.url).await;
    let wrong = complaints(&journal, &stored);
    let lost = wrong.iter().filter(|Complaint(kind, _)| *kind == Wrong::Lost).count();
    println!("{lost} acknowledged bookings lost of {}", stored.bookings.len());
    assert!(lost > 10, "{lost} were lost");
    let mut server = house.servers.remove(0);
    server.kill();
    server.spawn();
    while server.is_running() {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(
        server.last_words().contains("the database may lose bookings"),
        "{}",
        server.last_words()
    );
}
