//! Kinds of visit: what a facility offers, who gives it, and what it needs.

use std::collections::HashMap;

use chrono::TimeDelta;
use sqlx::FromRow;

use super::facilities::{bind_filter, wanted};
use super::{Error, FacilityFilter, Result, Tx, on, run};
use crate::model::facility::{Offer, ServiceKind, Stage};
use crate::model::schedule::{Demands, Service};
use crate::model::{ClinicianId, FacilityId, ServiceId};
use crate::time::Instant;

#[derive(FromRow)]
struct OfferRow {
    id: ServiceId,
    facility_id: FacilityId,
    kind: ServiceKind,
    visit: Stage,
    name_ja: String,
    name_en: String,
    fee_note_ja: String,
    fee_note_en: String,
    insured: bool,
    length_min: i64,
    buffer_before_min: i64,
    buffer_after_min: i64,
    step_min: i64,
    notice_min: i64,
    notice_working_days: i64,
    horizon_days: i64,
    change_cutoff_min: i64,
    cancel_cutoff_min: i64,
    needs_approval: bool,
    daily_limit: Option<i64>,
    capacity: i64,
    needs_room: bool,
    patient_daily_limit: i64,
    answer_within_min: i64,
    version: i64,
}

/// Who is named for a kind of visit: those who offer it, and those who must be there together.
type Named = HashMap<ServiceId, (Vec<ClinicianId>, Vec<ClinicianId>)>;

impl OfferRow {
    fn into_offer(self, named: &mut Named) -> Offer {
        let (clinicians, team) = named.remove(&self.id).unwrap_or_default();
        let small = |number: i64| u16::try_from(number).unwrap_or(u16::MAX);
        let demands = Demands {
            notice_working_days: u8::try_from(self.notice_working_days).unwrap_or(u8::MAX),
            daily_limit: self.daily_limit.map(small),
            capacity: small(self.capacity),
            needs_room: self.needs_room,
            clinicians,
            team,
        };
        let minutes = TimeDelta::minutes;
        Offer {
            service: Service {
                id: self.id,
                facility: self.facility_id,
                length: minutes(self.length_min),
                buffer_before: minutes(self.buffer_before_min),
                buffer_after: minutes(self.buffer_after_min),
                step: minutes(self.step_min),
                notice: minutes(self.notice_min),
                horizon_days: u16::try_from(self.horizon_days).unwrap_or(0),
                cancel_cutoff: minutes(self.cancel_cutoff_min),
                change_cutoff: minutes(self.change_cutoff_min),
                needs_approval: self.needs_approval,
                demands,
            },
            kind: self.kind,
            visit: self.visit,
            name_ja: self.name_ja,
            name_en: self.name_en,
            fee_note_ja: self.fee_note_ja,
            fee_note_en: self.fee_note_en,
            insured: self.insured,
            patient_daily_limit: self.patient_daily_limit,
            answer_within: minutes(self.answer_within_min),
            version: self.version,
        }
    }
}

impl Tx {
    /// What the facilities that `filter` asks for offer.
    pub async fn offers(&mut self, filter: &FacilityFilter) -> Result<Vec<Offer>> {
        let sql = concat!(
            "SELECT service.id, facility_id, kind, visit, name_ja, name_en, fee_note_ja,
                fee_note_en, insured, length_min, buffer_before_min, buffer_after_min, step_min,
                notice_min, notice_working_days, horizon_days, change_cutoff_min,
                cancel_cutoff_min, needs_approval, daily_limit, capacity, needs_room,
                patient_daily_limit, answer_within_min, service.version
             FROM service JOIN ",
            wanted!(),
            " ON wanted.id = facility_id WHERE service.closed_at IS NULL ORDER BY service.id"
        );
        let rows: Vec<OfferRow> =
            on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?);
        let mut named = self.named_for_services(filter).await?;
        Ok(rows.into_iter().map(|row| row.into_offer(&mut named)).collect())
    }

    async fn named_for_services(&mut self, filter: &FacilityFilter) -> Result<Named> {
        let sql = concat!(
            "SELECT service_id, clinician_id, CAST(0 AS bigint) AS together
             FROM service_clinician AS s JOIN ",
            wanted!(),
            " ON wanted.id = s.facility_id
             UNION ALL SELECT service_id, clinician_id, CAST(1 AS bigint)
             FROM service_team AS s JOIN ",
            wanted!(),
            " ON wanted.id = s.facility_id ORDER BY 1, 3, 2"
        );
        let rows: Vec<(ServiceId, ClinicianId, i64)> =
            on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?);
        let mut named = Named::new();
        for (service, clinician, together) in rows {
            let (clinicians, team) = named.entry(service).or_default();
            if together == 0 { clinicians.push(clinician) } else { team.push(clinician) }
        }
        Ok(named)
    }

    /// Adds a kind of visit.
    pub async fn add_offer(&mut self, o: &Offer) -> Result<()> {
        let sql = "INSERT INTO service (id, facility_id, kind, name_ja, name_en, fee_note_ja,
                fee_note_en, insured, length_min, buffer_before_min, buffer_after_min, step_min,
                notice_min, horizon_days, change_cutoff_min, cancel_cutoff_min, needs_approval)
            VALUES ($1, $2, $3, '', '', '', '', $4, 5, 0, 0, 5, 0, 0, 0, 0, $5)";
        let service = &o.service;
        run!(
            &mut *self,
            sqlx::query(sql)
                .bind(service.id)
                .bind(service.facility)
                .bind(o.kind)
                .bind(o.insured)
                .bind(service.needs_approval)
        );
        self.put_offer(o, 1).await
    }

    /// Keeps what changed of a kind of visit, if it is still as of `version`, and raises that.
    pub async fn put_offer(&mut self, o: &Offer, version: i64) -> Result<()> {
        let sql = "UPDATE service SET name_ja = $4, name_en = $5, fee_note_ja = $6,
                fee_note_en = $7, length_min = $8, buffer_before_min = $9, buffer_after_min = $10,
                step_min = $11, notice_min = $12, horizon_days = $13, change_cutoff_min = $14,
                cancel_cutoff_min = $15, needs_approval = $16, visit = $17,
                notice_working_days = $18, daily_limit = $19, capacity = $20, needs_room = $21,
                patient_daily_limit = $22, answer_within_min = $23, version = version + 1
            WHERE id = $1 AND facility_id = $2 AND version = $3";
        let (s, d) = (&o.service, &o.service.demands);
        let changed = run!(
            &mut *self,
            sqlx::query(sql)
                .bind(s.id)
                .bind(s.facility)
                .bind(version)
                .bind(&o.name_ja)
                .bind(&o.name_en)
                .bind(&o.fee_note_ja)
                .bind(&o.fee_note_en)
                .bind(s.length.num_minutes())
                .bind(s.buffer_before.num_minutes())
                .bind(s.buffer_after.num_minutes())
                .bind(s.step.num_minutes())
                .bind(s.notice.num_minutes())
                .bind(i64::from(s.horizon_days))
                .bind(s.change_cutoff.num_minutes())
                .bind(s.cancel_cutoff.num_minutes())
                .bind(s.needs_approval)
                .bind(o.visit)
                .bind(i64::from(d.notice_working_days))
                .bind(d.daily_limit.map(i64::from))
                .bind(i64::from(d.capacity))
                .bind(d.needs_room)
                .bind(o.patient_daily_limit)
                .bind(o.answer_within.num_minutes())
        );
        if changed == 0 {
            return Err(Error::Stale);
        }
        self.put_named(s).await
    }

    /// Whether somebody has a visit of this kind ahead, or waits for one.
    pub async fn service_is_wanted(
        &mut self,
        facility: FacilityId,
        id: ServiceId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "SELECT (SELECT count(*) FROM booking WHERE facility_id = $1
                AND service_id = $2 AND occupies AND ends_at > $3)
            + (SELECT count(*) FROM waitlist_entry WHERE facility_id = $1
                AND service_id = $2 AND status = 'waiting')";
        let wanted: i64 = on!(self, |db| {
            sqlx::query_scalar(sql).bind(facility).bind(id).bind(now).fetch_one(db).await?
        });
        Ok(wanted > 0)
    }

    /// Offers a kind of visit no more.
    pub async fn close_service(
        &mut self,
        facility: FacilityId,
        id: ServiceId,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE service SET closed_at = $3, version = version + 1
                   WHERE id = $2 AND facility_id = $1 AND closed_at IS NULL";
        let closed = run!(self, sqlx::query(sql).bind(facility).bind(id).bind(now));
        if closed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    async fn put_named(&mut self, s: &Service) -> Result<()> {
        let tables = [
            (
                "DELETE FROM service_clinician WHERE service_id = $1",
                "INSERT INTO service_clinician (service_id, facility_id, clinician_id) VALUES ($1, $2, $3)",
                &s.demands.clinicians,
            ),
            (
                "DELETE FROM service_team WHERE service_id = $1",
                "INSERT INTO service_team (service_id, facility_id, clinician_id) VALUES ($1, $2, $3)",
                &s.demands.team,
            ),
        ];
        for (clear, add, clinicians) in tables {
            run!(&mut *self, sqlx::query(clear).bind(s.id));
            for clinician in clinicians {
                run!(&mut *self, sqlx::query(add).bind(s.id).bind(s.facility).bind(clinician));
            }
        }
        Ok(())
    }
}
