//! What somebody of a clinic saw to before a visit, where the patient is, and whom to call.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::clearance::{Item, ItemState, Method, PlaceKind};
use crate::model::{AccountId, BookingId, FacilityId, PatientId, SiteId};
use crate::seal::Sealed;
use crate::time::Instant;
use crate::time::span::Span;

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
    pub site_id: Option<SiteId>,
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
    /// The reception facility, where it is one that is registered.
    pub site: Option<SiteId>,
    /// Who of the clinic wrote it; nobody where the patient did.
    pub by: Option<AccountId>,
    /// When.
    pub at: Instant,
}

/// What follows of a visit's clearance from other rows than its own.
#[derive(Debug, FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "columns, each a fact of its own")]
pub struct FactsRow {
    /// The visit.
    pub id: BookingId,
    /// What a first visit rests on is known.
    pub has_basis: bool,
    /// The fee was acknowledged.
    pub knows_fee: bool,
    /// The patient said where they are, and whether nobody else is there.
    pub private_ok: Option<bool>,
    /// Somebody to call is known.
    pub has_contact: bool,
    /// A plan of online care was agreed.
    pub has_plan: bool,
    /// The consent to online care stands.
    pub consents_care: bool,
    /// The consent to the use of personal information stands.
    pub consents_privacy: bool,
}

/// Consents: of a booking of before they had texts of their own, the one consent with which it was
/// confirmed counts for both; so there is no row, and it stands.
macro_rules! select_facts {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, (i.first_visit_basis IS NOT NULL) AS has_basis,
                (i.fee_acknowledged_at IS NOT NULL) AS knows_fee, p.private_ok,
                EXISTS (SELECT 1 FROM emergency_contact AS e WHERE e.booking_id = b.id)
                    AS has_contact,
                EXISTS (SELECT 1 FROM care_plan_agreement AS a WHERE a.booking_id = b.id)
                    AS has_plan,
                COALESCE((SELECT MAX(CASE WHEN c.withdrawn_at IS NULL THEN 1 ELSE 0 END)
                    FROM consent AS c WHERE c.booking_id = b.id AND c.kind = 'online_care'), 1) = 1
                    AS consents_care,
                COALESCE((SELECT MAX(CASE WHEN c.withdrawn_at IS NULL THEN 1 ELSE 0 END)
                    FROM consent AS c WHERE c.booking_id = b.id AND c.kind = 'privacy'), 1) = 1
                    AS consents_privacy
             FROM booking AS b
                LEFT JOIN intake AS i ON i.booking_id = b.id
                LEFT JOIN visit_place AS p ON p.booking_id = b.id ",
            $rest
        )
    };
}

impl Tx {
    /// What follows of a visit's clearance from other rows.
    pub async fn clearance_facts(&mut self, booking: BookingId) -> Result<Option<FactsRow>> {
        let sql = select_facts!("WHERE b.id = $1");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_optional(db).await?))
    }

    /// The same of all visits of a facility that begin within `span`.
    pub async fn clearance_facts_between(
        &mut self,
        facility: FacilityId,
        span: Span,
    ) -> Result<Vec<FactsRow>> {
        let sql = select_facts!(
            "WHERE b.facility_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3
               AND b.patient_id IS NOT NULL"
        );
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(facility).bind(span.start).bind(span.end).fetch_all(db).await?
        }))
    }

    /// How the items stand that somebody saw to, of all visits of a facility that begin within
    /// `span`.
    pub async fn clearance_states_between(
        &mut self,
        facility: FacilityId,
        span: Span,
    ) -> Result<Vec<(BookingId, Item, ItemState)>> {
        let sql = "SELECT c.booking_id, c.item, c.state
            FROM booking AS b JOIN clearance_item AS c ON c.booking_id = b.id
            WHERE b.facility_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(facility).bind(span.start).bind(span.end).fetch_all(db).await?
        }))
    }

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
                private_ok, site_id, account_id, at, version
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
                p.private_ok, p.site_id, p.account_id, p.at, p.version
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
                prefecture_code, municipality_code, private_ok, site_id, account_id, at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
            ON CONFLICT (booking_id) DO UPDATE SET kind = excluded.kind,
                address = excluded.address, prefecture_code = excluded.prefecture_code,
                municipality_code = excluded.municipality_code, private_ok = excluded.private_ok,
                site_id = excluded.site_id, account_id = excluded.account_id, at = excluded.at,
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
                .bind(place.site)
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
