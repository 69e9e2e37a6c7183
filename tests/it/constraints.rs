//! What the database refuses by itself, whatever the application does: written past it, in SQL.

use std::collections::BTreeMap;

use crate::support::{NIGHT, NIGHT_VISIT, Site, UMIKAZE_DOCTOR, on_both_engines, raw};

mod basis;
mod doors;
mod people;

/// The doctor of the clinic that is always open.
const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";
const UMIKAZE: &str = "0d300100-0000-0000-0000-4ead730c0000";
const UMIKAZE_VISIT: &str = "0d300300-0000-0000-0000-4ead730c0000";
const SECOND_DOCTOR: &str = "0d300200-0000-0000-0000-4ead730c0001";
const HANA: &str = "0d300400-0000-0000-0000-000000000001";
const NAGI: &str = "0d300400-0000-0000-0000-000000000002";

/// How the engine of the site writes its values.
#[derive(Clone, Copy)]
struct Sql<'a> {
    url: &'a str,
}

impl<'a> Sql<'a> {
    fn is_sqlite(self) -> bool {
        self.url.starts_with("sqlite:")
    }

    fn id(self, id: &str) -> String {
        if self.is_sqlite() { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'") }
    }

    fn bytes(self, text: &str) -> String {
        let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        if self.is_sqlite() { format!("x'{hex}'") } else { format!("'\\x{hex}'") }
    }

    /// Does it; fails the test where it is refused.
    async fn accepted(self, sql: &str) {
        if let Err(error) = raw::execute(self.url, sql).await {
            panic!("refused: {error}: {sql}");
        }
    }

    /// That it is refused, with these words in the reason.
    async fn refused(self, sql: &str, reason: &str) {
        match raw::execute(self.url, sql).await {
            Ok(()) => panic!("accepted: {sql}"),
            Err(error) => assert!(error.contains(reason), "{error}, not {reason}: {sql}"),
        }
    }

    /// That it is refused, for whichever reason: the engines do not name the same one.
    async fn refused_somehow(self, sql: &str) {
        let done = raw::execute(self.url, sql).await;
        assert!(done.is_err(), "accepted: {sql}");
        let error = done.unwrap_err();
        let constraint = ["constraint", "invalid input", "out of range", "infinite", "generated"];
        assert!(constraint.iter().any(|word| error.contains(word)), "{error}: {sql}");
    }

    async fn add_patients(self) {
        for id in [HANA, NAGI] {
            let sealed = self.bytes("sealed");
            self.accepted(&format!(
                "INSERT INTO patient (id, identity_index, phone_index, name, kana, birth_date,
                    phone, created_at)
                 VALUES ({}, {}, {sealed}, {sealed}, {sealed}, {sealed}, {sealed},
                    '2026-12-01T00:00:00+00:00')",
                self.id(id),
                self.bytes(id)
            ))
            .await;
        }
    }

    /// A booking of the clinic that is always open, from one time of 1 December to another.
    fn booking(self, number: u8, from: &str, until: &str) -> Row<'a> {
        let day = |time: &str| format!("'2026-12-01T{time}:00+00:00'");
        let id = format!("0d300500-0000-0000-0000-0000000000{number:02x}");
        let columns = [
            ("id", self.id(&id)),
            ("facility_id", self.id(NIGHT)),
            ("clinician_id", self.id(DOCTOR)),
            ("service_id", self.id(NIGHT_VISIT)),
            ("patient_id", self.id(HANA)),
            ("number", format!("'N{number}'")),
            ("status", "'booked'".to_owned()),
            ("starts_at", day(from)),
            ("ends_at", day(until)),
            ("busy_from", day(from)),
            ("busy_until", day(until)),
            ("hold_expires_at", "NULL".to_owned()),
            ("hold_extended", "FALSE".to_owned()),
            ("link_hash", self.bytes(&id)),
            ("consented_at", day("00:00")),
            ("version", "1".to_owned()),
            ("created_at", day("00:00")),
            ("session_key", self.id(&id)),
            ("changed_at", day("00:00")),
        ];
        Row { sql: self, columns: columns.into() }
    }

    /// A hold: a place in the time of a doctor and of nobody else.
    fn hold(self, number: u8, from: &str, until: &str) -> Row<'a> {
        let expires = "'2026-12-01T00:10:00+00:00'";
        let nobody = [("patient_id", "NULL"), ("number", "NULL"), ("link_hash", "NULL")];
        let row = self.booking(number, from, until).with("status", "'held'");
        let row = row.with("hold_expires_at", expires).with("consented_at", "NULL");
        nobody.into_iter().fold(row, |row, (column, value)| row.with(column, value))
    }

    fn set(self, number: u8, change: &str) -> String {
        let id = format!("0d300500-0000-0000-0000-0000000000{number:02x}");
        format!("UPDATE booking SET {change} WHERE id = {}", self.id(&id))
    }
}

/// A booking that is to be written.
#[derive(Clone)]
struct Row<'a> {
    sql: Sql<'a>,
    columns: BTreeMap<&'static str, String>,
}

impl Row<'_> {
    fn with(mut self, column: &'static str, value: &str) -> Self {
        self.columns.insert(column, value.to_owned());
        self
    }

    fn patient(self, id: &str) -> Self {
        let id = self.sql.id(id);
        self.with("patient_id", &id)
    }

    fn at(self, facility: &str, clinician: &str, service: &str) -> Self {
        let (facility, clinician) = (self.sql.id(facility), self.sql.id(clinician));
        let service = self.sql.id(service);
        self.with("facility_id", &facility)
            .with("clinician_id", &clinician)
            .with("service_id", &service)
    }

    /// With both ends of the visit, and of the time it occupies, at these instants.
    fn span(self, from: &str, until: &str) -> Self {
        let (from, until) = (format!("'{from}'"), format!("'{until}'"));
        self.with("starts_at", &from)
            .with("busy_from", &from)
            .with("ends_at", &until)
            .with("busy_until", &until)
    }

    fn insert(&self) -> String {
        let columns: Vec<_> = self.columns.keys().copied().collect();
        let values: Vec<_> = self.columns.values().map(String::as_str).collect();
        format!("INSERT INTO booking ({}) VALUES ({})", columns.join(", "), values.join(", "))
    }

    async fn accepted(&self) {
        self.sql.accepted(&self.insert()).await;
    }

    async fn refused(&self, reason: &str) {
        self.sql.refused(&self.insert(), reason).await;
    }

    async fn refused_somehow(&self) {
        self.sql.refused_somehow(&self.insert()).await;
    }
}

async fn ready(site: &Site) -> Sql<'_> {
    let sql = Sql { url: &site.url };
    sql.add_patients().await;
    sql
}

on_both_engines! {
    async fn spans_are_real(site: Site) {
        let sql = ready(&site).await;
        let row = || sql.booking(1, "03:00", "03:15");
        let on = |from: &str, until: &str| row().span(
            &format!("2026-12-01T{from}:00+00:00"), &format!("2026-12-01T{until}:00+00:00"));
        on("03:00", "03:00").refused("booking_times").await;
        on("03:15", "03:00").refused("booking_times").await;
        // A day and an hour; and one step more than the four hours that are the most.
        row().span("2026-12-01T03:00:00+00:00", "2026-12-02T04:00:00+00:00").refused("booking_times").await;
        on("03:00", "07:05").refused("booking_times").await;
        // The time that is occupied holds the visit, and little more.
        row().with("busy_from", "'2026-12-01T03:05:00+00:00'").refused("booking_times").await;
        row().with("busy_until", "'2026-12-01T03:10:00+00:00'").refused("booking_times").await;
        row().with("busy_from", "'2026-12-01T01:55:00+00:00'").refused("booking_times").await;
        row().with("busy_until", "'2026-12-01T04:20:00+00:00'").refused("booking_times").await;
        row().span("1900-01-01T03:00:00+00:00", "1900-01-01T03:15:00+00:00").refused("booking_times").await;
        row().span("2200-01-01T03:00:00+00:00", "2200-01-01T03:15:00+00:00").refused("booking_times").await;
        // Off the grid by a minute, by a second, by less.
        on("03:01", "03:16").refused("booking_grid").await;
        for odd in ["03:00:01", "03:00:00.5", "03:00:00.000001"] {
            let odd = format!("2026-12-01T{odd}+00:00");
            row().span(&odd, "2026-12-01T03:15:00+00:00").refused_somehow().await;
        }
        row().with("busy_until", "'2026-12-01T03:16:00+00:00'").refused("booking_grid").await;
        for column in ["starts_at", "ends_at", "busy_from", "busy_until", "clinician_id", "facility_id", "service_id"] {
            row().with(column, "NULL").refused_somehow().await;
        }
        for (from, until) in [
            ("infinity", "infinity"),
            ("-infinity", "infinity"),
            ("2026-12-01T03:00:00+00:00", "infinity"),
            ("-infinity", "2026-12-01T03:15:00+00:00"),
            ("2026-13-01T03:00:00+00:00", "2026-13-01T03:15:00+00:00"),
            ("2026-02-30T03:00:00+00:00", "2026-02-30T03:15:00+00:00"),
            ("2026-12-01T24:30:00+00:00", "2026-12-01T24:45:00+00:00"),
            ("20xx-12-01T03:00:00+00:00", "20xx-12-01T03:15:00+00:00"),
            ("", "2026-12-01T03:15:00+00:00"),
        ] {
            row().span(from, until).refused_somehow().await;
        }
        row().with("busy_until", "'infinity'").refused_somehow().await;
        row().with("busy_from", "'-infinity'").refused_somehow().await;
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking").await, [0]);
        // As long as may be, with as much around it as may be.
        row().with("ends_at", "'2026-12-01T07:00:00+00:00'")
            .with("busy_from", "'2026-12-01T02:00:00+00:00'")
            .with("busy_until", "'2026-12-01T08:00:00+00:00'").accepted().await;
    }

    async fn one_form_of_an_instant(site: Site) {
        // SQLite compares texts: another spelling of the same instant would slip past.
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        let second = sql.booking(2, "03:00", "03:15").patient(NAGI);
        for (from, until) in [
            ("2026-12-01T12:00:00+09:00", "2026-12-01T12:15:00+09:00"),
            ("2026-12-01T03:00:00Z", "2026-12-01T03:15:00Z"),
            ("2026-12-01 03:00:00+00:00", "2026-12-01 03:15:00+00:00"),
        ] {
            let reason = if sql.is_sqlite() { "booking_zulu" } else { "booking_clinician_overlap" };
            second.clone().span(from, until).refused(reason).await;
        }
    }

    async fn a_booking_names_who_and_where(site: Site) {
        let sql = ready(&site).await;
        let row = || sql.booking(1, "03:00", "03:15");
        // Another clinic's doctor, another clinic's service, nobody's.
        row().at(NIGHT, UMIKAZE_DOCTOR, NIGHT_VISIT).refused_somehow().await;
        row().at(NIGHT, DOCTOR, UMIKAZE_VISIT).refused_somehow().await;
        row().at(UMIKAZE, DOCTOR, NIGHT_VISIT).refused_somehow().await;
        row().at(NIGHT, HANA, NIGHT_VISIT).refused_somehow().await;
        row().patient(DOCTOR).refused_somehow().await;
        for column in ["patient_id", "number", "link_hash", "consented_at"] {
            for status in ["'requested'", "'booked'", "'checked_in'", "'in_progress'", "'cancelled'"] {
                row().with("status", status).with(column, "NULL").refused("booking_patient").await;
            }
        }
        sql.hold(1, "03:00", "03:15").with("hold_expires_at", "NULL").refused("booking_hold").await;
        row().with("hold_expires_at", "'2026-12-01T00:10:00+00:00'").refused("booking_hold").await;
        row().with("status", "'confirmed'").refused_somehow().await;
        row().with("status", "NULL").refused_somehow().await;
        let own = row().with("occupies", "FALSE").insert();
        assert!(raw::execute(&site.url, &own).await.is_err(), "who occupies is not the writer's to say");
        row().accepted().await;
        row().at(UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT).with("id", &sql.id(NAGI))
            .with("number", "'N2'").with("link_hash", "NULL").refused("booking_patient").await;
        sql.hold(2, "03:15", "03:30").accepted().await;
    }

    async fn nobody_is_in_two_places(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:30").accepted().await;
        for (from, until) in [
            ("03:00", "03:30"), ("03:05", "03:10"), ("02:55", "03:35"), ("02:45", "03:05"), ("03:25", "04:00"),
        ] {
            // One doctor, two patients; a patient and a hold.
            sql.booking(2, from, until).patient(NAGI).refused("booking_clinician_overlap").await;
            sql.hold(2, from, until).refused("booking_clinician_overlap").await;
            // One patient, two clinics.
            let elsewhere = sql.booking(2, from, until).at(UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT);
            elsewhere.refused("booking_patient_overlap").await;
            // Another patient with another doctor is nobody's business.
            elsewhere.patient(NAGI).accepted().await;
            sql.accepted("DELETE FROM booking WHERE number = 'N2'").await;
        }
        // The time around a visit is the doctor's too.
        let near = sql.booking(2, "03:35", "03:50").patient(NAGI);
        near.clone().with("busy_from", "'2026-12-01T03:25:00+00:00'").refused("booking_clinician_overlap").await;
        near.with("busy_from", "'2026-12-01T03:30:00+00:00'").accepted().await;
        // Touching is not overlapping, for either.
        sql.booking(3, "02:45", "03:00").accepted().await;
        sql.hold(4, "03:50", "04:05").accepted().await;
        // What does not occupy is in nobody's way: rows of the past may lie over each other.
        for (number, status) in [(5, "'cancelled'"), (6, "'expired'"), (7, "'no_show'"), (8, "'declined'")] {
            sql.booking(number, "03:00", "03:30").with("status", status).accepted().await;
        }
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }

    async fn nobody_is_moved_to_where_somebody_is(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        sql.booking(2, "04:00", "04:15").patient(NAGI).accepted().await;
        let times = |from: &str, until: &str| {
            let day = |time: &str| format!("'2026-12-01T{time}:00+00:00'");
            format!("starts_at = {0}, busy_from = {0}, ends_at = {1}, busy_until = {1}", day(from), day(until))
        };
        for onto in [times("03:00", "03:15"), times("03:05", "03:20"), times("02:50", "03:05")] {
            sql.refused(&sql.set(2, &onto), "booking_clinician_overlap").await;
        }
        sql.accepted(&sql.set(2, &times("03:15", "03:30"))).await;

        // One that was called off does not come back to where somebody is by now.
        sql.booking(3, "03:00", "03:15").patient(NAGI).with("status", "'cancelled'").accepted().await;
        for status in ["held", "requested", "booked", "checked_in", "in_progress"] {
            let expires = if status == "held" { "'2026-12-01T00:10:00+00:00'" } else { "NULL" };
            let revived = format!("status = '{status}', hold_expires_at = {expires}");
            sql.refused(&sql.set(3, &revived), "booking_clinician_overlap").await;
        }
        sql.accepted(&sql.set(3, "status = 'fulfilled'")).await;

        // Nor to another doctor who is busy, nor with a patient who is.
        let there = sql.booking(4, "03:00", "03:15").at(UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT);
        there.clone().patient(NAGI).accepted().await;
        let patient = format!("patient_id = {}", sql.id(HANA));
        sql.refused(&sql.set(4, &patient), "booking_patient_overlap").await;
        let second = sql.hold(5, "03:05", "03:20").at(UMIKAZE, SECOND_DOCTOR, UMIKAZE_VISIT);
        second.accepted().await;
        let doctor = format!("clinician_id = {}", sql.id(UMIKAZE_DOCTOR));
        sql.refused(&sql.set(5, &doctor), "booking_clinician_overlap").await;
        let foreign = format!("{}, clinician_id = {}", times("06:00", "06:15"), sql.id(DOCTOR));
        sql.refused_somehow(&sql.set(5, &foreign)).await;
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }

    async fn a_doctor_sees_one_patient_at_a_time(site: Site) {
        let sql = ready(&site).await;
        let reason = "booking_one_in_progress";
        sql.booking(1, "03:00", "03:15").with("status", "'in_progress'").accepted().await;
        let second = sql.booking(2, "03:15", "03:30").patient(NAGI);
        second.clone().with("status", "'in_progress'").refused(reason).await;
        second.accepted().await;
        sql.refused(&sql.set(2, "status = 'in_progress'"), reason).await;
        sql.accepted(&sql.set(1, "status = 'fulfilled'")).await;
        sql.accepted(&sql.set(2, "status = 'in_progress'")).await;
    }

    async fn a_visit_is_done_only_where_both_were_seen(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        let visit = |facility: &str, seen: &str, outcome: &str| format!(
            "INSERT INTO visit (booking_id, facility_id, epoch, patient_video_seconds,
                clinician_video_seconds, outcome, closed_at)
             SELECT id, {}, 0, {seen}, {outcome} FROM booking WHERE number = 'N1'", sql.id(facility));
        let open = if sql.is_sqlite() { "NULL" } else { "CAST(NULL AS timestamptz)" };
        let closed = "'2026-12-01T03:15:00+00:00'";
        for seen in ["0, 0", "600, 0", "0, 600"] {
            sql.refused(&visit(NIGHT, seen, &format!("'done', {closed}")), "visit_video_seen").await;
        }
        for odd in ["-1, 600", "600, -1", "NULL, 600"] {
            sql.refused_somehow(&visit(NIGHT, odd, &format!("NULL, {open}"))).await;
        }
        sql.refused_somehow(&visit(NIGHT, "600, 600", &format!("'done', {open}"))).await;
        sql.refused_somehow(&visit(UMIKAZE, "600, 600", &format!("'done', {closed}"))).await;
        sql.accepted(&visit(NIGHT, "0, 0", &format!("'patient_absent', {closed}"))).await;
        let done = "UPDATE visit SET outcome = 'done'";
        sql.refused(done, "visit_video_seen").await;
        sql.accepted("UPDATE visit SET patient_video_seconds = 600, clinician_video_seconds = 598").await;
        sql.accepted(done).await;
        sql.refused("UPDATE visit SET patient_video_seconds = 0", "visit_video_seen").await;
    }

    async fn what_was_done_stays_written(site: Site) {
        let sql = ready(&site).await;
        let before = raw::texts(&site.url, "SELECT action || subject FROM audit_entry ORDER BY id").await;
        assert!(!before.is_empty());
        let final_ = "audit_entry_is_final";
        sql.refused("UPDATE audit_entry SET action = 'nothing'", final_).await;
        sql.refused("UPDATE audit_entry SET at = at", final_).await;
        sql.refused("DELETE FROM audit_entry", final_).await;
        if sql.is_sqlite() {
            let again = "INSERT OR REPLACE INTO audit_entry (id, at, actor_kind, action, subject, detail)
                SELECT id, at, 'system', 'nothing', subject, detail FROM audit_entry";
            sql.refused(again, final_).await;
        } else {
            sql.refused("TRUNCATE audit_entry", final_).await;
            let again = "INSERT INTO audit_entry (id, at, actor_kind, action, subject, detail)
                SELECT id, at, 'system', 'nothing', subject, detail FROM audit_entry
                ON CONFLICT (id) DO UPDATE SET action = 'nothing'";
            sql.refused(again, final_).await;
        }
        let after = raw::texts(&site.url, "SELECT action || subject FROM audit_entry ORDER BY id").await;
        assert_eq!(after, before);
        // Another entry is welcome.
        let more = format!("INSERT INTO audit_entry (id, at, actor_kind, action, subject, detail)
            VALUES ({}, '2026-12-01T00:00:00+00:00', 'system', 'test', 'test', '{{}}')", sql.id(HANA));
        sql.accepted(&more).await;
    }
}
