//! What somebody of a clinic saw to before a visit, where the patient is, and whom to call.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::clearance::{Item, ItemState, Method, PlaceKind};
use crate::model::{AccountId, BookingId, FacilityId, PatientId};
use crate::seal::Sealed;
use crate::time::Instant;

/// One item that somebody of the clinic saw to.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct ItemRow {
    pub item: Item,
    pub state: ItemState,
    pub method: Option<Method>,
    pub reason: Option<Sealed>,
    pub account_id: AccountId,
    pub at: Instant,
    pub version: i64,
}

/// Where the patient is during a visit.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct PlaceRow {
    pub booking_id: BookingId,
    pub kind: PlaceKind,
    pub address: Sealed,
    pub prefecture_code: String,
    pub municipality_code: String,
    pub private_ok: bool,
    pub account_id: Option<AccountId>,
    pub at: Instant,
    pub version: i64,
}

/// Where the patient is, as it is written.
#[derive(Debug)]
pub struct NewPlace<'a> {
    /// What kind of place.
    pub kind: PlaceKind,
    /// Its address.
    pub address: &'a Sealed,
    /// Two digits.
    pub prefecture: &'a str,
    /// Six digits.
    pub municipality: &'a str,
    /// Whether nobody else is there.
    pub private: bool,
    /// Who of the clinic wrote it; nobody where the patient did.
    pub by: Option<AccountId>,
    /// When.
    pub at: Instant,
}

impl Tx {
    /// What was seen to of a visit.
    pub async fn clearance_items(&mut self, booking: BookingId) -> Result<Vec<ItemRow>> {
        let sql = "SELECT item, state, method, reason, account_id, at, version
            FROM clearance_item WHERE booking_id = $1 ORDER BY item";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }

    /// Keeps what somebody saw to, if it is still as of `row.version`; 0 where nobody had.
    pub async fn put_clearance_item(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        row: &ItemRow,
    ) -> Result<()> {
        let sql = "INSERT INTO clearance_item
                (booking_id, facility_id, item, state, method, reason, account_id, at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9 + 1)
            ON CONFLICT (booking_id, item) DO UPDATE SET state = excluded.state,
                method = excluded.method, reason = excluded.reason,
                account_id = excluded.account_id, at = excluded.at, version = excluded.version
            WHERE clearance_item.version = $9";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(booking)
                .bind(facility)
                .bind(row.item)
                .bind(row.state)
                .bind(row.method)
                .bind(&row.reason)
                .bind(row.account_id)
                .bind(row.at)
                .bind(row.version)
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Where the patient of a visit is.
    pub async fn place(&mut self, booking: BookingId) -> Result<Option<PlaceRow>> {
        let sql = "SELECT booking_id, kind, address, prefecture_code, municipality_code,
                private_ok, account_id, at, version
            FROM visit_place WHERE booking_id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_optional(db).await?))
    }

    /// Where the patient was at the visit of theirs at this facility before.
    pub async fn place_before(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
        booking: BookingId,
    ) -> Result<Option<PlaceRow>> {
        let sql = "SELECT p.booking_id, p.kind, p.address, p.prefecture_code, p.municipality_code,
                p.private_ok, p.account_id, p.at, p.version
            FROM booking AS b JOIN visit_place AS p ON p.booking_id = b.id
            WHERE b.patient_id = $1 AND (b.facility_id = $2) IS TRUE AND b.id <> $3
            ORDER BY p.at DESC LIMIT 1";
        Ok(on!(self, |db| {
            sqlx::query_as(sql)
                .bind(patient)
                .bind(facility)
                .bind(booking)
                .fetch_optional(db)
                .await?
        }))
    }

    /// Keeps where the patient is; what was said last counts.
    pub async fn put_place(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        place: &NewPlace<'_>,
    ) -> Result<()> {
        let sql = "INSERT INTO visit_place (booking_id, facility_id, kind, address,
                prefecture_code, municipality_code, private_ok, account_id, at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
            ON CONFLICT (booking_id) DO UPDATE SET kind = excluded.kind,
                address = excluded.address, prefecture_code = excluded.prefecture_code,
                municipality_code = excluded.municipality_code, private_ok = excluded.private_ok,
                account_id = excluded.account_id, at = excluded.at,
                version = visit_place.version + 1";
        run!(
            self,
            sqlx::query(sql)
                .bind(booking)
                .bind(facility)
                .bind(place.kind)
                .bind(place.address)
                .bind(place.prefecture)
                .bind(place.municipality)
                .bind(place.private)
                .bind(place.by)
                .bind(place.at)
        );
        Ok(())
    }

    /// Whom to call for the patient of a visit; sealed.
    pub async fn emergency_contact(&mut self, booking: BookingId) -> Result<Option<Sealed>> {
        let sql = "SELECT contact FROM emergency_contact WHERE booking_id = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(booking).fetch_optional(db).await?))
    }

    /// Keeps whom to call for the patient.
    pub async fn put_emergency_contact(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        contact: &Sealed,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO emergency_contact (booking_id, facility_id, contact, at)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (booking_id) DO UPDATE SET contact = excluded.contact, at = excluded.at";
        run!(self, sqlx::query(sql).bind(booking).bind(facility).bind(contact).bind(now));
        Ok(())
    }
}
