//! What the yearly report is made of, and reports that are final.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::august::{Answers, Arrangement, CountSource, InPerson, TalkStyles, Visit};
use crate::model::{AccountId, BookingId, ClinicianId, FacilityId, ReportId};
use crate::time::Instant;
use crate::time::span::Dates;

#[derive(FromRow)]
struct MonthRow {
    month: NaiveDate,
    in_person_first: i64,
    in_person_repeat: i64,
    no_later_visit: Option<i64>,
    count_source: CountSource,
}

#[derive(FromRow)]
struct AnswerRow {
    talk_series: bool,
    talk_separated: bool,
    talk_other: bool,
    version: i64,
}

#[derive(FromRow)]
struct ArrangementRow {
    area: String,
    institution: String,
    referral: String,
    agreed: bool,
}

/// A final report as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct FinalRow {
    /// 1 for the first.
    pub version: i64,
    /// When it was made final.
    pub at: Instant,
    /// What it says, as JSON.
    pub body: String,
}

impl Tx {
    /// The visits of a facility that took place online from one day to another.
    pub async fn august_visits(
        &mut self,
        facility: FacilityId,
        (from, until): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Visit>> {
        let sql = "SELECT c.booking_id, c.local_date, c.billing_first_visit,
                c.pre_consultation_done, c.referral_reason, c.patient_prefecture,
                c.patient_municipality, s.insured, c.clinician_id, c.doctor_place,
                c.doctor_prefecture, c.record_access,
                EXISTS (SELECT 1 FROM booking AS l JOIN visit_closing AS lc ON lc.booking_id = l.id
                    WHERE l.patient_id = b.patient_id AND l.facility_id = c.facility_id
                      AND lc.mode = 'in_person' AND lc.local_date >= c.local_date)
                    AS later_in_person
            FROM visit_closing AS c JOIN booking AS b ON b.id = c.booking_id
                JOIN service AS s ON s.id = b.service_id
            WHERE c.facility_id = $1 AND c.local_date >= $2 AND c.local_date <= $3
              AND c.mode = 'online' AND c.kind = 'online_care'
            ORDER BY c.local_date, c.booking_id";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(facility).bind(from).bind(until).fetch_all(db).await?
        }))
    }

    /// The days on which a facility's criterion of care using ICT devices is in effect.
    pub async fn in_effect(&mut self, facility: FacilityId) -> Result<Vec<Dates>> {
        let sql = "SELECT n.effective_from, n.lapsed_on
            FROM facility AS f JOIN notification AS n ON n.code10 = f.code10
            WHERE f.id = $1 AND n.criterion = 'ict_care' AND n.superseded_at IS NULL
              AND n.effective_from IS NOT NULL";
        let rows: Vec<(Option<NaiveDate>, Option<NaiveDate>)> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?);
        Ok(rows.into_iter().map(|(from, until)| Dates { from, until }).collect())
    }

    /// The doctors of a facility: name, and whether they work full time.
    pub async fn employed(
        &mut self,
        facility: FacilityId,
    ) -> Result<HashMap<ClinicianId, (String, bool)>> {
        let sql = "SELECT id, name, employment FROM clinician WHERE facility_id = $1";
        let rows: Vec<(ClinicianId, String, String)> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?);
        let doctor =
            |(id, name, employment): (_, _, String)| (id, (name, employment == "full_time"));
        Ok(rows.into_iter().map(doctor).collect())
    }

    /// What a facility says for a year beside its visits.
    pub async fn august_answers(
        &mut self,
        facility: FacilityId,
        year: i32,
        (from, until): (NaiveDate, NaiveDate),
    ) -> Result<Answers> {
        let sql = "SELECT talk_series, talk_separated, talk_other, version FROM august_answer
            WHERE facility_id = $1 AND year = $2";
        let answer: Option<AnswerRow> = on!(&mut *self, |db| {
            sqlx::query_as(sql).bind(facility).bind(i64::from(year)).fetch_optional(db).await?
        });
        let sql = "SELECT area, institution, referral, agreed FROM august_arrangement
            WHERE facility_id = $1 AND year = $2";
        let arrangements: Vec<ArrangementRow> = on!(&mut *self, |db| {
            sqlx::query_as(sql).bind(facility).bind(i64::from(year)).fetch_all(db).await?
        });
        let sql = "SELECT month, in_person_first, in_person_repeat, no_later_visit, count_source
            FROM august_month WHERE facility_id = $1 AND month >= $2 AND month <= $3";
        let months: Vec<MonthRow> = on!(self, |db| {
            sqlx::query_as(sql).bind(facility).bind(from).bind(until).fetch_all(db).await?
        });
        let in_person = |row: MonthRow| {
            let said = InPerson {
                first: row.in_person_first,
                repeat: row.in_person_repeat,
                no_later_visit: row.no_later_visit,
                source: row.count_source,
            };
            (row.month, said)
        };
        let arrangement = |row: ArrangementRow| {
            let ArrangementRow { area, institution, referral, agreed } = row;
            (area, Arrangement { institution, referral, agreed })
        };
        Ok(Answers {
            version: answer.as_ref().map_or(0, |row| row.version),
            talk: answer.map(|row| TalkStyles {
                series: row.talk_series,
                separated: row.talk_separated,
                other: row.talk_other,
            }),
            arrangements: arrangements.into_iter().map(arrangement).collect(),
            in_person: months.into_iter().map(in_person).collect(),
        })
    }

    /// Keeps a month's counts, in the place of those that were there.
    pub async fn put_august_month(
        &mut self,
        facility: FacilityId,
        month: NaiveDate,
        said: &InPerson,
        (by, now): (AccountId, Instant),
    ) -> Result<()> {
        let sql = "INSERT INTO august_month (facility_id, month, in_person_first,
                in_person_repeat, no_later_visit, count_source, account_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (facility_id, month) DO UPDATE SET
                in_person_first = excluded.in_person_first,
                in_person_repeat = excluded.in_person_repeat,
                no_later_visit = excluded.no_later_visit, count_source = excluded.count_source,
                account_id = excluded.account_id, at = excluded.at";
        run!(
            self,
            sqlx::query(sql)
                .bind(facility)
                .bind(month)
                .bind(said.first)
                .bind(said.repeat)
                .bind(said.no_later_visit)
                .bind(said.source)
                .bind(by)
                .bind(now)
        );
        Ok(())
    }

    /// Keeps what is answered once a year, if it is still as of `version`.
    pub async fn put_august_answer(
        &mut self,
        facility: FacilityId,
        year: i32,
        talk: TalkStyles,
        arrangements: &BTreeMap<String, Arrangement>,
        version: i64,
    ) -> Result<()> {
        let year = i64::from(year);
        let sql = "INSERT INTO august_answer (facility_id, year, talk_series, talk_separated,
                talk_other, version)
            VALUES ($1, $2, $3, $4, $5, CAST($6 AS bigint) + 1)
            ON CONFLICT (facility_id, year) DO UPDATE SET talk_series = excluded.talk_series,
                talk_separated = excluded.talk_separated, talk_other = excluded.talk_other,
                version = excluded.version
            WHERE august_answer.version = $6";
        let kept = run!(
            &mut *self,
            sqlx::query(sql)
                .bind(facility)
                .bind(year)
                .bind(talk.series)
                .bind(talk.separated)
                .bind(talk.other)
                .bind(version)
        );
        if kept == 0 {
            return Err(Error::Stale);
        }
        let sql = "DELETE FROM august_arrangement WHERE facility_id = $1 AND year = $2";
        run!(&mut *self, sqlx::query(sql).bind(facility).bind(year));
        let sql = "INSERT INTO august_arrangement (facility_id, year, area, institution, referral,
            agreed) VALUES ($1, $2, $3, $4, $5, $6)";
        for (area, said) in arrangements {
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(facility)
                    .bind(year)
                    .bind(area)
                    .bind(&said.institution)
                    .bind(&said.referral)
                    .bind(said.agreed)
            );
        }
        Ok(())
    }

    /// Says where the patient of a visit was, where nobody had; false where somebody had.
    pub async fn put_august_place(
        &mut self,
        facility: FacilityId,
        booking: BookingId,
        prefecture: &str,
        municipality: Option<&str>,
    ) -> Result<bool> {
        let sql = "UPDATE visit_closing SET patient_prefecture = $3, patient_municipality = $4,
                version = version + 1
            WHERE booking_id = $1 AND facility_id = $2
              AND (patient_prefecture IS NULL OR patient_municipality IS NULL
                   AND patient_prefecture = $3)";
        let changed = run!(
            self,
            sqlx::query(sql).bind(booking).bind(facility).bind(prefecture).bind(municipality)
        );
        Ok(changed == 1)
    }

    /// The final reports of a facility's year, the newest first.
    pub async fn final_reports(
        &mut self,
        facility: FacilityId,
        year: i32,
    ) -> Result<Vec<FinalRow>> {
        let sql = "SELECT version, at, body FROM august_report
            WHERE facility_id = $1 AND year = $2 ORDER BY version DESC";
        Ok(on!(self, |db| sqlx::query_as(sql)
            .bind(facility)
            .bind(i64::from(year))
            .fetch_all(db)
            .await?))
    }

    /// Keeps a report for good.
    pub async fn add_final_report(
        &mut self,
        id: ReportId,
        (facility, year): (FacilityId, i32),
        row: &FinalRow,
        by: AccountId,
    ) -> Result<()> {
        let sql = "INSERT INTO august_report (id, facility_id, year, version, body, account_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(facility)
                .bind(i64::from(year))
                .bind(row.version)
                .bind(&row.body)
                .bind(by)
                .bind(row.at)
        );
        Ok(())
    }

    /// The facility of an institution's code.
    pub async fn facility_by_code(&mut self, code10: &str) -> Result<Option<FacilityId>> {
        let sql = "SELECT id FROM facility WHERE code10 = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(code10).fetch_optional(db).await?))
    }
}
