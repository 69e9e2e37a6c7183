//! Visits in progress and the people in them: booked over HTTP, moved to the present and let in by
//! SQL. Each person has a session and asks for a ticket with it, as a page does.

use std::path::{Path, PathBuf};

use chrono::{DurationRound, TimeDelta};
use onshin::model::new_id;
use onshin::seal::token::Token;
use onshin::time::Clock;
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use uuid::Uuid;

use crate::booking::{self, Times};
use crate::data::{CLINICIANS, Data, Kind, id};
use crate::http::Caller;
use crate::load::{self, Part};
use crate::server::{Engine, Server};

/// People who ask for tickets from one address.
const AT_ONE_ADDRESS: usize = 20;

/// Somebody in a visit.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) visit: Uuid,
    /// The session's cookie.
    cookie: String,
    doctor: bool,
}

/// Visits with a doctor and a patient each.
pub(crate) struct People {
    pub(crate) engine: Engine,
    pub(crate) pairs: Vec<[Person; 2]>,
}

impl People {
    /// So many visits in progress, in a SQLite file of their own.
    pub(crate) async fn make(visits: usize, folder: &Path) -> Self {
        let path = folder.join("visits.db");
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(PathBuf::from(format!("{}{end}", path.display())));
        }
        let url = format!("sqlite:{}", path.display());
        let engine = Engine { name: "visits", url, postgres: None, folder: folder.to_owned() };
        engine.migrate();
        let today = (Clock::System.now() + TimeDelta::hours(9)).date_naive();
        let count = visits as u64;
        let data = Data { facilities: count.div_ceil(CLINICIANS), today };
        load::sqlite(&path, data, Part::Base { booked: false }).await;
        let server = engine.serve("warn").await;
        let patients = book(&server, data, count).await;
        drop(server);
        let options = SqliteConnectOptions::new().filename(&path).pragma("synchronous", "OFF");
        let mut db = options.connect().await.unwrap();
        run(&mut db, "BEGIN").await;
        let mut pairs = Vec::with_capacity(visits);
        for (number, (visit, cookie)) in (0..).zip(patients) {
            let doctor = begin(&mut db, number, visit).await;
            let doctor = Person { visit, cookie: doctor, doctor: true };
            pairs.push([doctor, Person { visit, cookie, doctor: false }]);
        }
        run(&mut db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").await;
        Self { engine, pairs }
    }
}

/// Books a visit with each clinician: the visits, with their patients' cookies.
async fn book(server: &Server, data: Data, count: u64) -> Vec<(Uuid, String)> {
    let (times, mut caller) = (Times::new(data), Caller::new(server.address));
    let mut all = Vec::new();
    for _ in 0..count {
        let (visit, cookie) = booking::booked(&mut caller, &times.next()).await.unwrap();
        all.push((visit.parse().unwrap(), cookie));
    }
    all
}

/// Lets the patient in, and signs the doctor in: the doctor's cookie.
async fn begin(db: &mut SqliteConnection, number: u64, visit: Uuid) -> String {
    let now = Clock::System.now();
    let start = now.duration_trunc(TimeDelta::minutes(15)).unwrap();
    let end = start + TimeDelta::minutes(15);
    let sql = "UPDATE booking SET status = 'in_progress', starts_at = $2, ends_at = $3,
                   busy_from = $2, busy_until = $3 WHERE id = $1";
    sqlx::query(sql).bind(visit).bind(start).bind(end).execute(&mut *db).await.unwrap();
    let sql = "INSERT INTO visit_participant (id, booking_id, facility_id, role, admitted_at)
               SELECT $2, id, facility_id, 'patient', $3 FROM booking WHERE id = $1";
    let part = new_id();
    sqlx::query(sql).bind(visit).bind(part).bind(now).execute(&mut *db).await.unwrap();
    let (account, session) = (new_id(), Token::random());
    let sql =
        "INSERT INTO account (id, login, name, password_hash, role, facility_id, clinician_id,
                   created_at)
               VALUES ($1, $2, $2, '', 'clinician', $3, $4, $5)";
    sqlx::query(sql)
        .bind(account)
        .bind(format!("doctor{number}"))
        .bind(id(Kind::Facility, number / CLINICIANS))
        .bind(id(Kind::Clinician, number))
        .bind(now)
        .execute(&mut *db)
        .await
        .unwrap();
    let sql = "INSERT INTO session (hash, account_id, created_at, seen_at) VALUES ($1, $2, $3, $3)";
    sqlx::query(sql).bind(session.hash()).bind(account).bind(now).execute(&mut *db).await.unwrap();
    format!("__Host-onshin-staff={}", session.reveal())
}

async fn run(db: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(db).await.unwrap();
}

/// A ticket for each person, as their page would ask for it.
pub(crate) async fn tickets(server: &Server, people: &[&Person]) -> Vec<String> {
    let mut all = Vec::with_capacity(people.len());
    for together in people.chunks(AT_ONE_ADDRESS) {
        let mut caller = Caller::new(server.address);
        for person in together {
            let of = if person.doctor { "clinic/" } else { "" };
            let path = format!("/api/{of}visits/{}/signal-ticket", person.visit);
            let answer = caller.post(&path, Some(&person.cookie), "{}").await;
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let ticket = said["ticket"].as_str();
            all.push(
                ticket.unwrap_or_else(|| panic!("{path}: {} {said}", answer.status)).to_owned(),
            );
        }
    }
    all
}
