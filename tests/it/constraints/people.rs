//! Who is in a visit, and by whose consent: past the application, too.

use super::*;

const PERSON: &str = "0d300700-0000-0000-0000-000000000001";
const OTHER: &str = "0d300700-0000-0000-0000-000000000002";
const CONSENT: &str = "0d300700-0000-0000-0000-0000000000c1";
const SECOND: &str = "0d300700-0000-0000-0000-0000000000c2";
const REFUSAL: &str = "0d300700-0000-0000-0000-0000000000c3";
const ACCOUNT: &str = "(SELECT id FROM account WHERE login = 'doctor')";
const NOW: &str = "'2026-12-01T03:00:00+00:00'";

/// What is written of somebody in the visit of the first booking, beside these columns.
fn person(sql: Sql<'_>, id: &str, role: &str, more: &[(&str, &str)]) -> String {
    let (columns, values): (Vec<_>, Vec<_>) = more.iter().copied().unzip();
    let [columns, values] = [columns, values].map(|list| [&[""], &*list].concat().join(", "));
    format!(
        "INSERT INTO visit_participant (id, booking_id, facility_id, role{columns})
         SELECT {}, id, facility_id, '{role}'{values} FROM booking WHERE number = 'N1'",
        sql.id(id)
    )
}

fn guest(sql: Sql<'_>, id: &str, role: &str) -> String {
    let hash = sql.bytes(id);
    let name = sql.bytes("sealed");
    let invited = [
        ("name", name.as_str()),
        ("language", "'ja'"),
        ("invited_by", ACCOUNT),
        ("invite_hash", hash.as_str()),
        ("invite_expires_at", NOW),
    ];
    person(sql, id, role, &invited)
}

/// What a patient answered, as it is written: for whom, for which of their stays.
fn consent(sql: Sql<'_>, id: &str, whom: &str, stay: u8, answer: &str) -> String {
    format!(
        "INSERT INTO visit_consent (id, booking_id, facility_id, participant_id, stay, answer,
            method, at)
         SELECT {}, booking_id, facility_id, id, {stay}, '{answer}', 'tapped', {NOW}
         FROM visit_participant WHERE id = {}",
        sql.id(id),
        sql.id(whom)
    )
}

fn set(sql: Sql<'_>, id: &str, change: &str) -> String {
    format!("UPDATE visit_participant SET {change} WHERE id = {}", sql.id(id))
}

fn admitted_by(sql: Sql<'_>, consent: &str) -> String {
    format!("admitted_at = {NOW}, consent_id = {}, consent_answer = 'yes'", sql.id(consent))
}

const OUT: &str = "admitted_at = NULL, consent_id = NULL, consent_answer = NULL";

on_both_engines! {
    async fn who_is_in_a_visit_is_somebody(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        sql.refused(&person(sql, PERSON, "visitor", &[]), "visit_participant_role").await;
        let who = "visit_participant_who";
        // The clinic's people have accounts, the patient has none, others an account or a link.
        for role in ["clinician", "staff", "nurse", "interpreter", "observer", "specialist", "family_proxy"] {
            sql.refused(&person(sql, PERSON, role, &[]), who).await;
        }
        sql.refused(&person(sql, PERSON, "patient", &[("account_id", ACCOUNT)]), who).await;
        for role in ["clinician", "staff", "patient"] {
            sql.refused(&guest(sql, PERSON, role), who).await;
        }
        let invite = "visit_participant_invite";
        let hash = sql.bytes("h");
        let half = [("invite_hash", hash.as_str()), ("invite_expires_at", NOW), ("language", "'ja'")];
        sql.refused(&person(sql, PERSON, "nurse", &half), invite).await;
        let used = [("account_id", ACCOUNT), ("invite_used_at", NOW)];
        sql.refused(&person(sql, PERSON, "nurse", &used), invite).await;
        let french = guest(sql, PERSON, "nurse").replace("'ja'", "'fr'");
        sql.refused_somehow(&french).await;

        sql.accepted(&guest(sql, PERSON, "nurse")).await;
        // A link is one person's.
        let again = guest(sql, OTHER, "nurse").replace(&sql.bytes(OTHER), &sql.bytes(PERSON));
        sql.refused_somehow(&again).await;
        sql.accepted(&person(sql, OTHER, "patient", &[])).await;
        sql.refused_somehow(&person(sql, HANA, "patient", &[])).await;
        sql.refused(&set(sql, OTHER, &format!("admitted_at = {NOW}, removed_at = {NOW}")),
            "visit_participant_removed").await;
    }

    async fn a_third_person_is_in_by_a_consent_for_this_stay(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        for (id, role) in [(PERSON, "interpreter"), (OTHER, "nurse")] {
            sql.accepted(&guest(sql, id, role)).await;
        }
        let needed = "visit_participant_consent";
        sql.refused(&set(sql, PERSON, &format!("admitted_at = {NOW}")), needed).await;
        // A consent that is not there, that was a no, that is for somebody else.
        sql.refused_somehow(&set(sql, PERSON, &admitted_by(sql, CONSENT))).await;
        sql.accepted(&consent(sql, REFUSAL, PERSON, 1, "no")).await;
        sql.refused_somehow(&set(sql, PERSON, &admitted_by(sql, REFUSAL))).await;
        let no = admitted_by(sql, REFUSAL).replace("'yes'", "'no'");
        sql.refused_somehow(&set(sql, PERSON, &no)).await;
        sql.accepted(&consent(sql, CONSENT, PERSON, 1, "yes")).await;
        sql.refused_somehow(&set(sql, OTHER, &admitted_by(sql, CONSENT))).await;
        sql.accepted(&set(sql, PERSON, &admitted_by(sql, CONSENT))).await;
        // In without it, or with it without being in.
        let without = "consent_id = NULL, consent_answer = NULL";
        sql.refused(&set(sql, PERSON, without), needed).await;
        sql.refused(&set(sql, PERSON, "admitted_at = NULL, stay = 2"), needed).await;
        // Out and in again: the same consent is good no longer.
        sql.refused(&set(sql, PERSON, OUT), "visit_participant_stay").await;
        sql.accepted(&set(sql, PERSON, &format!("{OUT}, stay = stay + 1"))).await;
        sql.refused_somehow(&set(sql, PERSON, &admitted_by(sql, CONSENT))).await;
        let back = format!("{}, stay = 1", admitted_by(sql, CONSENT));
        sql.refused(&set(sql, PERSON, &back), "visit_participant_stay").await;
        sql.accepted(&consent(sql, SECOND, PERSON, 2, "yes")).await;
        sql.accepted(&set(sql, PERSON, &admitted_by(sql, SECOND))).await;
        // Who is of the clinic is in by no consent, and cannot become a third person on the way.
        sql.accepted(&person(sql, HANA, "staff", &[("account_id", ACCOUNT)])).await;
        sql.refused(&set(sql, HANA, &admitted_by(sql, SECOND)), needed).await;
        sql.accepted(&set(sql, HANA, &format!("admitted_at = {NOW}"))).await;
        sql.refused(&set(sql, HANA, "role = 'observer'"), needed).await;
    }

    async fn what_a_patient_answered_stays_written(site: Site) {
        let sql = ready(&site).await;
        sql.booking(1, "03:00", "03:15").accepted().await;
        sql.accepted(&guest(sql, PERSON, "observer")).await;
        let spoken = consent(sql, CONSENT, PERSON, 1, "yes").replace("'tapped'", "'spoken'");
        sql.refused(&spoken, "visit_consent_spoken").await;
        for (from, to) in [("'tapped'", "'written'"), ("'yes'", "'perhaps'")] {
            sql.refused_somehow(&consent(sql, CONSENT, PERSON, 1, "yes").replace(from, to)).await;
        }
        sql.accepted(&consent(sql, CONSENT, PERSON, 1, "no")).await;
        let is_final = "visit_consent_is_final";
        sql.refused("UPDATE visit_consent SET answer = 'yes'", is_final).await;
        sql.refused("DELETE FROM visit_consent", is_final).await;
        if sql.is_sqlite() {
            let again = consent(sql, CONSENT, PERSON, 1, "yes").replacen("INSERT", "INSERT OR REPLACE", 1);
            sql.refused(&again, is_final).await;
        } else {
            sql.refused("TRUNCATE visit_consent CASCADE", is_final).await;
        }
        let no = raw::texts(&site.url, "SELECT answer FROM visit_consent").await;
        assert_eq!(no, ["no"]);
    }

    async fn the_seats_of_a_group_are_seen_one_after_the_other(site: Site) {
        let sql = ready(&site).await;
        let group = sql.id("0d300500-0000-0000-0000-000000000001");
        let first = sql.booking(1, "03:00", "03:15").with("status", "'in_progress'");
        first.accepted().await;
        let second = sql.booking(2, "03:00", "03:15").patient(NAGI)
            .with("session_key", &group).with("seat", "1");
        let reason = "booking_one_in_progress";
        second.clone().with("status", "'in_progress'").refused(reason).await;
        second.accepted().await;
        sql.refused(&sql.set(2, "status = 'in_progress'"), reason).await;
        sql.accepted(&sql.set(1, "status = 'fulfilled'")).await;
        sql.accepted(&sql.set(2, "status = 'in_progress'")).await;
    }
}
