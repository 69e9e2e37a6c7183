//! No first visit is closed as done without its basis (G-02), and none loses it (migration 0031).

use crate::support::{Site, hana, on_both_engines, raw};

use super::Sql;

const NAME: &str = "visit_closing_basis";

/// A visit that somebody booked, as the database writes its id.
async fn booked(site: &Site) -> String {
    let booked = site.browser().book("2026-12-01T00:15:00Z", &hana()).await;
    raw::id(&site.url, booked["booking"]["id"].as_str().unwrap())
}

/// What is written past the application when a visit is closed.
fn closed(id: &str, mode: &str, first: &str) -> String {
    let why = if mode == "online" { "NULL" } else { "'unsuitable'" };
    format!(
        "INSERT INTO visit_closing (booking_id, facility_id, clinician_id, kind, local_date, mode,
            guideline_first_visit, billing_first_visit, pre_consultation_done,
            underlying_info_known, medications_confirmed, prescription, narcotic, psychotropic,
            high_risk, onward_policy, conversion_reason, doctor_place, closed_by, closed_at, version)
         SELECT id, facility_id, clinician_id, 'online_care', '2026-12-01', '{mode}', {first}, FALSE,
            FALSE, TRUE, FALSE, 'none', FALSE, FALSE, FALSE, link_hash, {why}, 'clinic',
            (SELECT id FROM account ORDER BY login LIMIT 1), '2026-12-01T00:30:00+00:00', 1
         FROM booking WHERE id = {id}"
    )
}

fn rests_on(basis: &str) -> String {
    format!("UPDATE intake SET first_visit_basis = {basis}")
}

const FIRST: &str = "UPDATE visit_closing SET guideline_first_visit = TRUE";
const ONLINE: &str = "UPDATE visit_closing SET mode = 'online', conversion_reason = NULL";

on_both_engines! {
    async fn no_first_visit_is_done_without_its_basis(site: Site) {
        let (id, sql) = (booked(&site).await, Sql { url: &site.url });
        sql.refused(&closed(&id, "online", "TRUE"), NAME).await;
        // Neither at once nor in two steps.
        sql.accepted(&closed(&id, "online", "FALSE")).await;
        sql.refused(FIRST, NAME).await;
        sql.accepted("DELETE FROM visit_closing").await;
        // What was given up for a visit in person rests on that.
        sql.accepted(&closed(&id, "in_person", "TRUE")).await;
        sql.refused(ONLINE, NAME).await;
        sql.accepted(&rests_on("'info_sufficient'")).await;
        sql.accepted(ONLINE).await;
        sql.accepted("DELETE FROM visit_closing").await;
        sql.accepted(&closed(&id, "online", "TRUE")).await;
    }

    async fn none_loses_it_afterwards(site: Site) {
        let (id, sql) = (booked(&site).await, Sql { url: &site.url });
        sql.accepted(&rests_on("'info_sufficient'")).await;
        sql.accepted(&rests_on("NULL")).await;
        sql.accepted(&rests_on("'info_sufficient'")).await;
        sql.accepted(&closed(&id, "online", "TRUE")).await;
        sql.refused(&rests_on("NULL"), NAME).await;
        sql.refused("DELETE FROM intake", NAME).await;
        sql.accepted(&rests_on("'kakaritsuke'")).await;
        if sql.is_sqlite() {
            let replaced = "INSERT OR REPLACE INTO intake (booking_id, facility_id, version)
                SELECT booking_id, facility_id, 1 FROM intake";
            sql.refused(replaced, NAME).await;
        }
        assert_eq!(raw::texts(&site.url, "SELECT first_visit_basis FROM intake").await, ["kakaritsuke"]);
    }

    /// Nobody can say today what a visit rested on that was closed before the database asked.
    async fn visits_of_before_stay_as_they_were_closed(site: Site) {
        let (id, sql) = (booked(&site).await, Sql { url: &site.url });
        let on = if sql.is_sqlite() { "" } else { " ON visit_closing" };
        sql.accepted(&format!("DROP TRIGGER visit_closing_basis_insert{on}")).await;
        sql.accepted(&closed(&id, "online", "TRUE")).await;
        sql.accepted("UPDATE visit_closing SET patient_prefecture = '13', version = 2").await;
        sql.refused(FIRST, NAME).await;
        sql.accepted(&rests_on("'info_sufficient'")).await;
    }
}
