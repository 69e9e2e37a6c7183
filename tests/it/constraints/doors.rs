//! Side doors: the same faults by a change instead of an insert, by columns that came later, and by
//! what each engine has of its own.

use super::*;

const SITE: &str = "0d300800-0000-0000-0000-000000000001";
const ROOM: &str = "0d300800-0000-0000-0000-000000000002";

fn span(from: &str, until: &str) -> String {
    format!(
        "starts_at = '{from}', busy_from = '{from}', ends_at = '{until}', busy_until = '{until}'"
    )
}

fn day(from: &str, until: &str) -> String {
    span(&format!("2026-12-01T{from}:00+00:00"), &format!("2026-12-01T{until}:00+00:00"))
}

async fn add_room(sql: Sql<'_>) {
    let (site, room) = (sql.id(SITE), sql.id(ROOM));
    sql.accepted(&format!(
        "INSERT INTO reception_site (id, name, address, municipality_code, telephone)
         VALUES ({site}, '公民館', '-', '131041', '-')"
    ))
    .await;
    sql.accepted(&format!("INSERT INTO room (id, site_id, name) VALUES ({room}, {site}, '一')"))
        .await;
}

on_both_engines! {
    async fn no_span_is_bent_afterwards(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        for (from, until) in [("03:00", "03:00"), ("03:15", "03:00"), ("03:00", "07:05")] {
            sql.refused(&sql.set(1, &day(from, until)), "booking_times").await;
        }
        let long = span("2026-12-01T03:00:00+00:00", "2026-12-02T04:00:00+00:00");
        sql.refused(&sql.set(1, &long), "booking_times").await;
        sql.refused(&sql.set(1, &day("03:01", "03:16")), "booking_grid").await;
        for (from, until) in [
            ("-infinity", "infinity"), ("2026-12-01T03:00:00+00:00", "infinity"),
            ("-infinity", "2026-12-01T03:15:00+00:00"), ("infinity", "infinity"),
        ] {
            sql.refused_somehow(&sql.set(1, &span(from, until))).await;
        }
        for column in [
            "id", "starts_at", "ends_at", "busy_from", "busy_until", "clinician_id", "facility_id",
            "service_id", "session_key", "seat", "lane", "sequence", "origin", "changed_at", "version",
        ] {
            sql.refused_somehow(&sql.set(1, &format!("{column} = NULL"))).await;
            sql.booking(2, "05:00", "05:15").with(column, "NULL").refused_somehow().await;
        }
        // The occupied time alone, under the visit or far around it.
        for change in [
            "busy_from = '2026-12-01T03:05:00+00:00'", "busy_until = '2026-12-01T03:10:00+00:00'",
            "busy_from = '2026-12-01T01:55:00+00:00'", "busy_until = '2026-12-01T04:20:00+00:00'",
        ] {
            sql.refused(&sql.set(1, change), "booking_times").await;
        }
        let kept = "SELECT count(*) FROM booking WHERE version = 1 AND number = 'N1'";
        assert_eq!(raw::numbers(&site.url, kept).await, [1]);
    }

    async fn seats_and_lanes_are_of_their_range_and_for_one(site: Site) {
        let sql = ready(&site).await;
        let row = || sql.booking(1, "03:00", "03:15");
        for (column, wrong) in [
            ("seat", "-1"), ("seat", "50"), ("lane", "-1"), ("lane", "9"), ("sequence", "-1"),
            ("day_seat", "200"), ("day_seat", "-1"), ("origin", "'nobody'"),
        ] {
            row().with("local_date", "'2026-12-01'").with(column, wrong).refused_somehow().await;
        }
        row().with("day_seat", "0").refused("booking_day_seat_date").await;
        let limited = |row: Row<'_>| {
            row.with("local_date", "'2026-12-01'").with("day_seat", "7").insert()
        };
        sql.accepted(&limited(row())).await;
        // The place of the day is one's, at whatever time of it.
        let name = if sql.is_sqlite() { "day_seat" } else { "booking_day_seat" };
        sql.refused(&limited(sql.booking(2, "06:00", "06:15").patient(NAGI)), name).await;
        // A seat beside the first is another's; the same seat, or another group's at that time, is not.
        let group = sql.id("0d300500-0000-0000-0000-000000000001");
        let second = sql.booking(3, "03:00", "03:15").patient(NAGI).with("session_key", &group);
        second.clone().refused_somehow().await;
        second.with("seat", "1").accepted().await;
        let own = sql.id("0d300500-0000-0000-0000-000000000003");
        let leave = format!("session_key = {own}");
        sql.refused(&sql.set(3, &leave), "booking_clinician_overlap").await;
        sql.refused_somehow(&sql.set(3, "seat = 0")).await;
        // An overbooking is a lane; nobody comes back from it to where somebody is.
        let third = "0d300400-0000-0000-0000-000000000003";
        sql.accepted(&format!(
            "INSERT INTO patient (id, identity_index, phone_index, name, kana, birth_date, phone,
                created_at)
             SELECT {}, {}, phone_index, name, kana, birth_date, phone, created_at FROM patient
             WHERE id = {}", sql.id(third), sql.bytes(third), sql.id(HANA))).await;
        let beside = sql.booking(4, "03:05", "03:20").patient(third);
        beside.clone().refused("booking_clinician_overlap").await;
        beside.with("lane", "1").accepted().await;
        sql.refused(&sql.set(4, "lane = 0"), "booking_clinician_overlap").await;
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }

    async fn a_room_is_one_patients_at_a_time(site: Site) {
        let sql = ready(&site).await;
        add_room(sql).await;
        let room = sql.id(ROOM);
        sql.booking(1, "03:00", "03:15").with("room_id", &room).accepted().await;
        // Of another clinic, with another doctor and another patient.
        let there = sql.booking(2, "03:10", "03:25").at(UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT).patient(NAGI);
        there.clone().with("room_id", &room).refused("booking_room_overlap").await;
        there.accepted().await;
        sql.refused(&sql.set(2, &format!("room_id = {room}")), "booking_room_overlap").await;
        let later = format!("room_id = {room}, {}", day("03:15", "03:30"));
        sql.accepted(&sql.set(2, &later)).await;
        sql.refused(&sql.set(2, &day("03:05", "03:20")), "booking_room_overlap").await;
        sql.refused_somehow(&sql.set(2, &format!("room_id = {}", sql.id(HANA)))).await;
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }

    async fn who_accompanies_is_nobody_by_themselves(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        let lead = sql.id("0d300500-0000-0000-0000-000000000001");
        let own = sql.id("0d300500-0000-0000-0000-000000000002");
        let companion = sql.hold(2, "05:00", "05:15").with("lead_id", &lead);
        for (column, value) in [
            ("patient_id", sql.id(HANA)), ("number", "'N2'".to_owned()), ("lead_id", own),
            ("lead_id", sql.id(HANA)),
        ] {
            companion.clone().with(column, &value).refused_somehow().await;
        }
        companion.clone().with("day_seat", "0").with("local_date", "'2026-12-01'").refused("booking_companion").await;
        companion.accepted().await;
        // Where it goes, its clinician must be free.
        let taken = sql.booking(3, "04:00", "04:15").patient(NAGI);
        taken.accepted().await;
        sql.refused(&sql.set(1, &day("04:00", "04:15")), "booking_clinician_overlap").await;
    }

    async fn no_dialect_has_a_way_around(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        let second = sql.booking(2, "03:05", "03:20").patient(NAGI);
        let around: &[&str] = if sql.is_sqlite() {
            &["INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR FAIL", "INSERT OR ROLLBACK", "REPLACE"]
        } else {
            &["INSERT"]
        };
        for way in around {
            for end in ["", " ON CONFLICT DO NOTHING", " ON CONFLICT (id) DO UPDATE SET version = 9"] {
                let insert = second.insert().replacen("INSERT", way, 1) + end;
                // Refused, or passed over; never there.
                let _ = raw::execute(&site.url, &insert).await;
                let there = "SELECT count(*) FROM booking WHERE number = 'N2'";
                assert_eq!(raw::numbers(&site.url, there).await, [0], "{insert}");
            }
        }
        sql.booking(2, "06:00", "06:15").patient(NAGI).accepted().await;
        let ways: &[&str] =
            if sql.is_sqlite() { &["UPDATE OR IGNORE", "UPDATE OR REPLACE", "UPDATE OR FAIL"] } else { &["UPDATE"] };
        for way in ways {
            let update = sql.set(2, &day("03:05", "03:20")).replacen("UPDATE", way, 1);
            let _ = raw::execute(&site.url, &update).await;
            assert_eq!(raw::overlaps(&site.url).await, 0, "{update}");
        }
        // Of another type, or a text that only looks like an instant.
        let odd: &[&str] = if sql.is_sqlite() {
            &["1764558000", "x'323032362d31322d30315430333a30303a30302b30303a3030'", "2461376.5",
              "'2461376.5'", "'1764558000'", "'now'", "'2026-12-01T03:00:00+00:00' || char(0)",
              "' 2026-12-01T03:00:00+00:00'", "'2026-12-01T03:00:00+00:00 '"]
        } else {
            &["'epoch'", "'infinity'::timestamptz", "'24:00'", "'2026-12-01T03:00:00.000001+00:00'"]
        };
        for odd in odd {
            let row = sql.booking(3, "03:00", "03:15").patient(NAGI).with("starts_at", odd).with("busy_from", odd);
            assert!(raw::execute(&site.url, &row.insert()).await.is_err(), "accepted: {odd}");
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking").await, [2]);
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }
}
