//! What the database refuses of notifications by itself, written past the service.

use super::{YUNAGI, accept, acceptance, check, handed_in, written, yunagi};
use crate::support::{Site, on_both_engines, raw};

async fn refused(site: &Site, sql: &str, reason: &str) {
    match raw::execute(&site.url, sql).await {
        Ok(()) => panic!("accepted: {sql}"),
        Err(error) => assert!(
            error.contains(reason) || (reason.is_empty() && error.contains("constraint")),
            "{error}, not {reason}: {sql}"
        ),
    }
}

on_both_engines! {
    async fn no_state_is_skipped(site: Site) {
        let mut desk = yunagi(&site).await;
        let (id, _) = written(&mut desk, "criterion", None).await;
        let id = raw::id(&site.url, &id);
        let set = |change: &str| format!("UPDATE filing SET {change} WHERE id = {id}");
        let accepted = "submitted_on = '2026-12-01', acceptance_number = '1',
            accepted_on = '2026-12-01', effective_from = '2026-12-01'";
        for state in ["accepted", "in_effect", "returned_for_correction", "resubmitted", "changed", "revoked"] {
            refused(&site, &set(&format!("state = '{state}', {accepted}")), "filing_step").await;
        }
        // Handed in without its day; accepted without number and days.
        refused(&site, &set("state = 'submitted'"), "filing_submitted").await;
        raw::execute(&site.url, &set("state = 'submitted', submitted_on = '2026-12-01'")).await.unwrap();
        refused(&site, &set("state = 'accepted'"), "filing_accepted").await;
        refused(&site, &set("acceptance_number = '1'"), "filing_acceptance").await;
        refused(&site, &set("form = '{}'"), "filing_is_kept").await;
        refused(&site, &set("submitted_on = '2026-11-01'"), "filing_is_kept").await;
        refused(&site, &set("kind = 'online_care'"), "filing_is_kept").await;
        let days = |accepted: &str, from: &str| set(&format!("state = 'accepted',
            acceptance_number = '1', accepted_on = '{accepted}', effective_from = '{from}'"));
        refused(&site, &days("2026-11-30", "2026-12-01"), "filing_dates").await;
        refused(&site, &days("2026-12-01", "2026-11-30"), "filing_dates").await;
        raw::execute(&site.url, &days("2026-12-01", "2026-12-01")).await.unwrap();
        refused(&site, &set("acceptance_number = '2'"), "filing_is_kept").await;
        refused(&site, &set("state = 'withdrawn'"), "filing_ended").await;
        refused(&site, &format!("DELETE FROM filing WHERE id = {id}"), "filing_is_kept").await;
    }

    async fn nothing_begins_half_way_and_there_is_one_of_a_kind(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let facility = raw::id(&site.url, YUNAGI);
        let row = |number: u8, kind: &str, code: &str, criterion: &str, state: &str, due: &str| {
            let id = raw::id(&site.url, &format!("0d300900-0000-0000-0000-0000000000{number:02x}"));
            format!("INSERT INTO filing (id, kind, prefecture_code, code10, facility_id, criterion,
                    state, form, due_on, version, created_at, changed_at)
                VALUES ({id}, '{kind}', '13', {code}, {facility}, {criterion}, '{state}', '{{}}',
                    {due}, 1, '2026-12-01T00:00:00+00:00', '2026-12-01T00:00:00+00:00')")
        };
        let ours = "'1319990051'";
        let (ict, none) = ("'ict_care'", "NULL");
        refused(&site, &row(1, "criterion", ours, ict, "submitted", none), "filing_begins").await;
        refused(&site, &row(1, "criterion", ours, none, "draft", none), "filing_criterion").await;
        refused(&site, &row(1, "criterion", none, ict, "draft", none), "filing_whose").await;
        refused(&site, &row(1, "reception_facility", ours, none, "draft", none), "filing_whose").await;
        refused(&site, &row(1, "criterion", ours, ict, "draft", "'2027-03-31'"), "filing_due").await;
        raw::execute(&site.url, &row(1, "online_care", ours, none, "draft", "'2027-03-31'")).await.unwrap();
        let second = row(2, "online_care", ours, none, "draft", none);
        let again = raw::execute(&site.url, &second).await.unwrap_err();
        assert!(again.to_lowercase().contains("unique"), "{again}");
        // The law knows it since April.
        let id = raw::id(&site.url, "0d300900-0000-0000-0000-000000000001");
        let set = |change: &str| format!("UPDATE filing SET {change} WHERE id = {id}");
        raw::execute(&site.url, &set("state = 'submitted', submitted_on = '2026-03-01'")).await.unwrap();
        let early = "state = 'accepted', acceptance_number = '1', accepted_on = '2026-03-02', effective_from = '2026-03-31'";
        refused(&site, &set(early), "filing_law").await;

        // What was done is not done otherwise afterwards, and every step has its reason and its form.
        let (filed, version) = handed_in(&mut desk, "criterion").await;
        accept(&mut tokyo, &filed, acceptance(version, "第1号", "2026-12-01")).await;
        for sql in ["UPDATE filing_event SET reason = 'x'", "DELETE FROM filing_event"] {
            refused(&site, sql, "filing_event_is_final").await;
        }
        let event = |number: u8, step: &str, from: &str, to: &str, reason: &str, form: &str| {
            let event = raw::id(&site.url, &format!("0d300a00-0000-0000-0000-0000000000{number:02x}"));
            let filed = raw::id(&site.url, &filed);
            format!("INSERT INTO filing_event (id, filing_id, number, step, from_state, to_state, reason, form, at)
                VALUES ({event}, {filed}, {number}, '{step}', '{from}', '{to}', {reason}, {form}, '2026-12-01T00:00:00+00:00')")
        };
        refused(&site, &event(9, "change", "draft", "in_effect", "NULL", "NULL"), "").await;
        refused(&site, &event(9, "revoke", "in_effect", "revoked", "NULL", "NULL"), "filing_event_").await;
        refused(&site, &event(9, "submit", "draft", "submitted", "NULL", "NULL"), "filing_event_").await;
        refused(&site, &event(9, "accept", "submitted", "accepted", "NULL", "NULL"), "filing_event_who").await;
    }

    async fn evidence_is_there_or_it_does_not_hold(site: Site) {
        let mut desk = yunagi(&site).await;
        let (id, _) = written(&mut desk, "criterion", None).await;
        let id = raw::id(&site.url, &id);
        let set = |item: &str, change: &str| format!("UPDATE facility_criterion_check SET {change} WHERE filing_id = {id} AND item = '{item}'");
        refused(&site, &set("places", "evidence = ' '"), "facility_criterion_check_evidence").await;
        for gone in ["url", "checked_on", "snapshot_on"] {
            refused(&site, &set("posting", &format!("{gone} = NULL")), "facility_criterion_check_posting").await;
        }
        raw::execute(&site.url, &set("posting", "met = FALSE, url = NULL")).await.unwrap();
        assert_eq!(check("places")["met"], true);
    }
}
