//! How many statements a search and a hold make, whatever the number of clinicians.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::get;
use crate::support::{Site, UMIKAZE, UMIKAZE_VISIT, raw};

/// Notes the statements that this thread makes.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// The statements since the last call, without the beginning and end of units of work, and
    /// without what a new connection asks about the types of columns.
    fn take(&self) -> Vec<String> {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap());
        all.retain(|text| {
            !["BEGIN", "COMMIT", "ROLLBACK", "SELECT pg_type."]
                .iter()
                .any(|word| text.starts_with(word))
        });
        all
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        struct Summary(String);
        impl Visit for Summary {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                if field.name() == "summary" {
                    format!("{value:?}").trim_matches('"').clone_into(&mut self.0);
                }
            }
        }
        let mut summary = Summary(String::new());
        event.record(&mut summary);
        self.0.lock().unwrap().push(summary.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// 250 clinicians at fifty clinics of one municipality, each with hours every day.
async fn add_fifty_clinics(site: &Site) {
    let sql = "INSERT INTO institution (code10, prefecture_code, name, address, size, source, filed)
            SELECT '13000' || (10000 + n), '13', 'c' || n, '-', 'clinic_without_beds', 'demo', TRUE
            FROM generate_series(1, 50) AS n;
        INSERT INTO notification (id, code10, criterion, acceptance_number, effective_from, source, recorded_at)
            SELECT gen_random_uuid(), code10, 'ict_care', '1', '2020-01-01', 'demo', '2026-01-01'
            FROM institution WHERE code10 LIKE '13000%';
        INSERT INTO facility (id, code10, name, kana, name_en, search, address, municipality_code,
                telephone, departments, languages, about_ja, about_en, zone, on_holidays, ice_policy, version)
            SELECT gen_random_uuid(), code10, name, '-', name, '-', '-', '132098', '-', '内科', 'ja', '', '',
                'Asia/Tokyo', 'open', 'all', 1 FROM institution WHERE code10 LIKE '13000%';
        INSERT INTO clinician (id, facility_id, name, name_en, license_year, training_completed_on, hours_version)
            SELECT gen_random_uuid(), facility.id, 'd', 'd', 2000, '2020-01-01', 1
            FROM facility, generate_series(1, 5) WHERE code10 LIKE '13000%';
        INSERT INTO service (id, facility_id, kind, name_ja, name_en, fee_note_ja, fee_note_en, insured,
                length_min, buffer_before_min, buffer_after_min, step_min, notice_min, horizon_days,
                change_cutoff_min, cancel_cutoff_min, needs_approval)
            SELECT gen_random_uuid(), id, 'online_care', '-', '-', '', '', TRUE, 15, 0, 0, 15, 0, 60, 0, 0, FALSE
            FROM facility WHERE code10 LIKE '13000%';
        INSERT INTO weekly_hours (facility_id, clinician_id, position, weekday, opens, closes)
            SELECT clinician.facility_id, clinician.id, day, day, 540, 1080
            FROM clinician, generate_series(1, 7) AS day WHERE name = 'd'";
    raw::execute(&site.url, sql).await.unwrap();
}

#[tokio::test]
async fn few_statements_serve_any_number_of_clinicians() {
    let site = Site::on_postgres().await;
    add_fifty_clinics(&site).await;
    let statements = Statements::default();
    // With one dispatcher alone `tracing` asks that of whichever thread says something first, which
    // may be another test's that has none, and remembers its "never" for all.
    let _second = tracing::Dispatch::new(Statements::default());
    let _guard = tracing::subscriber::set_default(statements.clone());
    let fifty = "/api/facilities?municipality=132098&days=3";
    let one = "/api/facilities?q=umikaze&days=3";

    // The first search of a server reads all rules; how many there are does not matter.
    assert_eq!(get(&site, fifty).await["total"], 50);
    let cold = statements.take();
    assert!(cold.len() <= 16, "{cold:#?}");
    // What changed, and nothing.
    for query in [fifty, fifty] {
        get(&site, query).await;
        assert_eq!(statements.take().len(), 1);
    }
    // Times of others that nobody asked for yet.
    get(&site, one).await;
    assert_eq!(statements.take().len(), 2);
    // All of the fifty clinics have a booking more.
    let book = "INSERT INTO booking (id, facility_id, clinician_id, service_id, status, starts_at,
            ends_at, busy_from, busy_until, hold_expires_at, hold_extended, version, created_at,
            session_key, changed_at)
        SELECT gen_random_uuid(), c.facility_id, c.id, s.id, 'held', '2026-12-01T03:00:00Z',
            '2026-12-01T03:15:00Z', '2026-12-01T03:00:00Z', '2026-12-01T03:15:00Z',
            '2026-12-01T00:10:00Z', FALSE, 1, '2026-12-01', gen_random_uuid(), '2026-12-01'
        FROM clinician AS c JOIN service AS s ON s.facility_id = c.facility_id WHERE c.name = 'd'";
    raw::execute(&site.url, book).await.unwrap();
    let before = get(&site, one).await;
    statements.take();
    let found = get(&site, fifty).await;
    assert_eq!((&found["items"][0]["days"][0]["free"], &before["total"]), (&35.into(), &1.into()));
    let searched = statements.take();
    assert!(searched.len() <= 2, "{searched:#?}");

    let slots = format!("/api/facilities/{UMIKAZE}/slots?service={UMIKAZE_VISIT}&days=60");
    // What changed, and what is taken with the rules' version; who looks again reads only the first.
    for said in [2, 1] {
        get(&site, &slots).await;
        assert_eq!(statements.take().len(), said);
    }
    let next = &before["items"][0]["next_free"][0];
    let wish = serde_json::json!({ "facility_id": UMIKAZE, "service_id": next["service_id"], "start": next["start"] });
    let mut browser = site.browser();
    browser.post("/api/bookings", wish).await.expect(StatusCode::CREATED);
    let mut held = statements.take();
    // A connection that is new asks for the numbers of its types, once.
    held.retain(|text| !text.contains("pg_type"));
    // What is taken and the rules' version are one; the others are the hold and its limits.
    let times = held.iter().filter(|text| text.starts_with("SELECT facility.rules_version"));
    assert!(times.count() == 1 && held.len() <= 14, "{held:#?}");
}
