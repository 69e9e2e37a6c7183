//! Whether what the clients were told and what is stored are the same story. Nothing here waits or
//! reads, so that every complaint can be provoked by a doctored journal.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::journal::{Deed, Entry, Place, Seen};
use super::stored::Stored;

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    /// A client was told that it is done, and it is not.
    Lost,
    /// Something is done that nobody was told of and nobody asks for again.
    Ghost,
    /// One wish had two effects, or two answers.
    Duplicate,
    /// Two are in one place, in the database or one after the other in the clients' eyes.
    Overlap,
    /// A change without what belongs to it: its message, its entry in the log, its visit.
    HalfMade,
    /// News that its clinic's program never got, or got before older ones.
    Untold,
    /// An answer that nobody should get.
    Odd,
    /// The engine finds its own files damaged.
    Broken,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint(pub(super) Wrong, pub(super) String);

/// Everything that is wrong.
pub(super) fn complaints(journal: &[Entry], stored: &Stored) -> Vec<Complaint> {
    let mut all = Vec::new();
    all.extend(answers(journal));
    let known = by_booking(journal);
    all.extend(known.iter().flat_map(|(id, entries)| booking(id, entries, stored)));
    all.extend(ghosts(journal, &known, stored));
    all.extend(kept_answers(journal, stored));
    all.extend(held_by_two(&known));
    if stored.overlaps > 0 {
        all.push(Complaint(Wrong::Overlap, format!("{} pairs are stored", stored.overlaps)));
    }
    all.extend(stored.broken.iter().map(|text| Complaint(Wrong::Broken, text.clone())));
    all
}

/// The entries of each booking, in the order in which its client made them.
fn by_booking(journal: &[Entry]) -> BTreeMap<&str, Vec<&Entry>> {
    let mut all: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in journal {
        if let Some(id) = &entry.booking {
            all.entry(id).or_default().push(entry);
        }
    }
    all
}

fn answers(journal: &[Entry]) -> impl Iterator<Item = Complaint> {
    journal.iter().flat_map(|entry| {
        let differs = entry.told.as_ref().and_then(|told| told.differs.as_ref());
        let differs = differs.map(|text| Complaint(Wrong::Duplicate, text.clone()));
        let odd = entry.odd.iter().map(|text| Complaint(Wrong::Odd, text.clone()));
        differs.into_iter().chain(odd)
    })
}

/// How a booking must stand after what its client was told.
fn expected(entries: &[&Entry]) -> Option<Seen> {
    let mut stands: Option<Seen> = None;
    for entry in entries.iter().filter(|entry| entry.is_done()) {
        if let Some(seen) = entry.told.as_ref().and_then(|told| told.seen.clone()) {
            stands = Some(seen);
        } else if let Some(seen) = stands.as_mut().filter(|_| entry.deed == Deed::Release) {
            "expired".clone_into(&mut seen.status);
            seen.version += 1;
        }
    }
    stands
}

/// What is wrong with a booking that a client knows.
fn booking(id: &str, entries: &[&Entry], stored: &Stored) -> Vec<Complaint> {
    let Some(expected) = expected(entries) else { return Vec::new() };
    let Some(found) = stored.bookings.get(id) else {
        return vec![Complaint(Wrong::Lost, format!("{expected:?} is not there"))];
    };
    let mut all = Vec::new();
    // What is further than its client knows was done without telling anybody.
    if *found != expected {
        let wrong = if found.version > expected.version { Wrong::Ghost } else { Wrong::Lost };
        all.push(Complaint(wrong, format!("told {expected:?}, found {found:?}")));
    }
    let done = |deed| entries.iter().filter(|entry| entry.deed == deed && entry.is_done()).count();
    for (deed, action) in [
        (Deed::Hold, "booking.hold"),
        (Deed::Confirm, "booking.confirm"),
        (Deed::Move, "booking.move"),
        (Deed::Cancel, "booking.cancel"),
        (Deed::Release, "booking.release"),
    ] {
        let logged = stored.audit.iter().filter(|(of, what)| of == id && what == action).count();
        if logged != done(deed) {
            let wrong = if logged > done(deed) { Wrong::Duplicate } else { Wrong::HalfMade };
            let text = format!("{id}: {action} was told {} times, logged {logged}", done(deed));
            all.push(Complaint(wrong, text));
        }
    }
    all.extend(told(id, entries, stored));
    if stored.visits.contains(id) != (done(Deed::Confirm) > 0) {
        all.push(Complaint(Wrong::HalfMade, format!("{id}: a visit without its booking, or no")));
    }
    all
}

/// Each change has its message, and each message its change.
fn told(id: &str, entries: &[&Entry], stored: &Stored) -> Option<Complaint> {
    let kind = |deed| match deed {
        Deed::Confirm => Some("booked"),
        Deed::Move => Some("moved"),
        Deed::Cancel => Some("cancelled"),
        Deed::Hold | Deed::Release => None,
    };
    let seen = |entry: &&Entry| {
        let version = entry.told.as_ref()?.seen.as_ref()?.version;
        Some((kind(entry.deed)?.to_owned(), version))
    };
    let mut wanted: Vec<(String, i64)> = entries.iter().filter_map(seen).collect();
    let of = stored.outbox.iter().filter(|message| message.booking == id);
    let mut found: Vec<_> = of.map(|message| (message.kind.clone(), message.turn)).collect();
    wanted.sort();
    found.sort();
    (wanted != found).then(|| {
        let wrong = if found.len() > wanted.len() { Wrong::Duplicate } else { Wrong::HalfMade };
        Complaint(wrong, format!("{id}: told {wanted:?}, in the outbox {found:?}"))
    })
}

/// Bookings that no client knows. Who walked away may have left a hold, which runs out.
fn ghosts(
    journal: &[Entry],
    known: &BTreeMap<&str, Vec<&Entry>>,
    stored: &Stored,
) -> Vec<Complaint> {
    let strange: Vec<&Seen> =
        stored.bookings.values().filter(|row| !known.contains_key(row.id.as_str())).collect();
    let (holds, more): (Vec<&Seen>, Vec<&Seen>) =
        strange.into_iter().partition(|row| ["held", "expired"].contains(&row.status.as_str()));
    let mut all: Vec<_> =
        more.iter().map(|row| Complaint(Wrong::Ghost, format!("nobody knows {row:?}"))).collect();
    let left = journal.iter().filter(|entry| entry.told.is_none()).count();
    if holds.len() > left {
        let text = format!("{} holds of which nobody knows, {left} left behind", holds.len());
        all.push(Complaint(Wrong::Ghost, text));
    }
    let ids: BTreeSet<&str> = stored.bookings.keys().map(String::as_str).collect();
    for (id, action) in &stored.audit {
        if !ids.contains(id.as_str()) {
            all.push(Complaint(Wrong::HalfMade, format!("{action} of {id}, which is not there")));
        }
    }
    for row in holds {
        let logged = stored.audit.iter().filter(|(id, _)| *id == row.id).count();
        if logged != 1 || stored.outbox.iter().any(|one| one.booking == row.id) {
            all.push(Complaint(Wrong::HalfMade, format!("{row:?} is logged {logged} times")));
        }
    }
    all
}

/// An answer is kept for each wish that was answered, and at most one for each that was not.
fn kept_answers(journal: &[Entry], stored: &Stored) -> Option<Complaint> {
    let told = journal.iter().filter(|entry| entry.told.is_some()).count();
    let most = journal.len();
    let text = format!("{told} answers were given, {} are kept", stored.answers);
    if stored.answers < told {
        Some(Complaint(Wrong::HalfMade, text))
    } else {
        (stored.answers > most).then_some(Complaint(Wrong::Duplicate, text))
    }
}

/// For how long a client was surely in a place: from the moment it was told so until it first asked
/// to leave.
fn stays(entries: &[&Entry]) -> Vec<(Place, Duration, Duration)> {
    let mut all: Vec<(Place, Duration, Duration)> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_done()) {
        let leaves = matches!(entry.deed, Deed::Move | Deed::Cancel | Deed::Release);
        if let Some(last) = all.last_mut().filter(|_| leaves) {
            last.2 = last.2.min(entry.sent);
        }
        let told = entry.told.as_ref();
        let comes = matches!(entry.deed, Deed::Hold | Deed::Move);
        if let Some((told, seen)) = told.and_then(|told| Some((told, told.seen.as_ref()?)))
            && comes
        {
            all.push((seen.place.clone(), told.at, Duration::MAX));
        }
    }
    all
}

/// Two clients who were surely in one place at one moment, whatever is stored now.
fn held_by_two(known: &BTreeMap<&str, Vec<&Entry>>) -> Vec<Complaint> {
    let mut places: BTreeMap<Place, Vec<(Duration, Duration)>> = BTreeMap::new();
    for (place, from, until) in known.values().flat_map(|entries| stays(entries)) {
        if from < until {
            places.entry(place).or_default().push((from, until));
        }
    }
    let mut all = Vec::new();
    for (place, mut times) in places {
        times.sort();
        for pair in times.windows(2).filter(|pair| pair[1].0 < pair[0].1) {
            all.push(Complaint(Wrong::Overlap, format!("{place:?} was two clients': {pair:?}")));
        }
    }
    all
}
