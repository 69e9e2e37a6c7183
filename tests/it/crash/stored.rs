//! What the database has, read past the service.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::{Place, Seen};
use crate::support::raw;

/// All that is stored of bookings.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    /// By id, as an answer would have them.
    pub(super) bookings: BTreeMap<String, Seen>,
    /// Those that a person is named for: a visit, and consent to it.
    pub(super) visits: BTreeSet<String>,
    /// What is to be told; reminders left out.
    pub(super) outbox: Vec<Message>,
    /// Booking and action of each entry of the audit log that is about a booking.
    pub(super) audit: Vec<(String, String)>,
    /// Kept answers to requests.
    pub(super) answers: usize,
    /// Pairs that are in one place at once.
    pub(super) overlaps: i64,
    /// What the engine says of its own state, if it is not in order.
    pub(super) broken: Vec<String>,
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) booking: String,
    pub(super) kind: String,
    pub(super) turn: i64,
}

/// How the engine writes an id and an instant as an answer does.
pub(super) struct Spelling {
    sqlite: bool,
}

impl Spelling {
    pub(super) fn of(url: &str) -> Self {
        Self { sqlite: url.starts_with("sqlite:") }
    }

    pub(super) fn id(&self, column: &str) -> String {
        if self.sqlite {
            format!("lower(hex({column}))")
        } else {
            format!("replace(CAST({column} AS text), '-', '')")
        }
    }

    fn instant(&self, column: &str) -> String {
        if self.sqlite {
            format!("replace({column}, '+00:00', 'Z')")
        } else {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
        }
    }
}

/// Rows of columns that have no blanks in them.
pub(super) async fn rows<const N: usize>(
    url: &str,
    columns: [&str; N],
    rest: &str,
) -> Vec<[String; N]> {
    let columns = columns.map(|column| format!("CAST({column} AS text)")).join(" || ' ' || ");
    let texts = raw::texts(url, &format!("SELECT {columns} {rest}")).await;
    let row = |text: &String| {
        let parts: Vec<_> = text.split(' ').map(str::to_owned).collect();
        parts.try_into().unwrap()
    };
    texts.iter().map(row).collect()
}

impl Stored {
    pub(super) async fn read(url: &str) -> Self {
        let spell = Spelling::of(url);
        let (id, clinician) = (&spell.id("id"), &spell.id("clinician_id"));
        let (start, booking) = (&spell.instant("starts_at"), &spell.id("booking_id"));
        let columns = [id, "status", clinician, start, "version"];
        let bookings = rows(url, columns, "FROM booking").await.into_iter();
        let bookings = bookings.map(|[id, status, clinician, start, version]| {
            let (place, version) = (Place { clinician, start }, version.parse().unwrap());
            (id.clone(), Seen { id, status, place, version })
        });
        let named = "FROM visit JOIN booking ON booking.id = booking_id
            WHERE patient_id IS NOT NULL AND questionnaire IS NOT NULL";
        let visits = rows(url, [booking], named).await.into_iter().map(|[id]| id);
        let news = "FROM outbox WHERE kind <> 'reminder'";
        let told = rows(url, [id, booking, "kind", "turn"], news).await.into_iter();
        let told = told.map(|[id, booking, kind, turn]| Message {
            id,
            booking,
            kind,
            turn: turn.parse().unwrap(),
        });
        let subject = "replace(subject, '-', '')";
        let deeds = "FROM audit_entry WHERE action LIKE 'booking.%' ORDER BY at, id";
        let audit = rows(url, [subject, "action"], deeds).await;
        let answers = raw::numbers(url, "SELECT count(*) FROM idempotency").await[0];
        Self {
            bookings: bookings.collect(),
            visits: visits.collect(),
            outbox: told.collect(),
            audit: audit.into_iter().map(|[id, action]| (id, action)).collect(),
            answers: usize::try_from(answers).unwrap(),
            overlaps: raw::overlaps(url).await,
            broken: broken(url).await,
        }
    }
}

/// What the engine's own checks complain of.
async fn broken(url: &str) -> Vec<String> {
    let checks: &[&str] = if url.starts_with("sqlite:") {
        &[
            "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
            "SELECT \"table\" || ' has an orphan' FROM pragma_foreign_key_check",
        ]
    } else {
        raw::execute(url, "CREATE EXTENSION IF NOT EXISTS amcheck").await.unwrap();
        // Each raises an error where an index is not as its table.
        &["SELECT CAST(bt_index_check(c.oid, TRUE) AS text) FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
           WHERE a.amname = 'btree' AND n.nspname = 'public' AND i.indisvalid"]
    };
    let mut found = Vec::new();
    for check in checks {
        let texts = raw::texts(url, check).await;
        found.extend(texts.into_iter().filter(|text| !text.is_empty()));
    }
    found
}
