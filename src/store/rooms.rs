//! Rooms in which patients without a place of their own are received, and named overbooking.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::{FacilityId, OverbookingId, RoomId, SiteId};
use crate::time::Instant;

/// A room that a clinic uses, with where it is.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct RoomRow {
    pub id: RoomId,
    pub name: String,
    pub site_id: SiteId,
    pub site_name: String,
    pub address: String,
    pub municipality_code: String,
    pub telephone: String,
}

/// A place where patients are received.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct SiteRow {
    pub id: SiteId,
    pub name: String,
    pub address: String,
    pub municipality_code: String,
    pub telephone: String,
}

/// A named capacity beside the ordinary one.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct OverbookingRow {
    pub id: OverbookingId,
    pub lane: i64,
    pub name: String,
    pub closed_at: Option<Instant>,
}

impl Tx {
    /// The rooms that a clinic uses.
    pub async fn rooms_of(&mut self, facility: FacilityId) -> Result<Vec<RoomRow>> {
        let sql = "SELECT room.id, room.name, site_id, site.name AS site_name, site.address,
                site.municipality_code, site.telephone
            FROM facility_room JOIN room ON room.id = room_id
                JOIN reception_site AS site ON site.id = site_id
            WHERE facility_id = $1 AND closed_at IS NULL ORDER BY room.id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// Adds a place where patients are received.
    pub async fn add_site(&mut self, site: &SiteRow) -> Result<()> {
        let sql = "INSERT INTO reception_site (id, name, address, municipality_code, telephone)
            VALUES ($1, $2, $3, $4, $5)";
        run!(
            self,
            sqlx::query(sql)
                .bind(site.id)
                .bind(&site.name)
                .bind(&site.address)
                .bind(&site.municipality_code)
                .bind(&site.telephone)
        );
        Ok(())
    }

    /// Adds a room of a place, for a clinic.
    pub async fn add_room(
        &mut self,
        facility: FacilityId,
        site: SiteId,
        id: RoomId,
        name: &str,
    ) -> Result<()> {
        let sql = "INSERT INTO room (id, site_id, name) VALUES ($1, $2, $3)";
        run!(&mut *self, sqlx::query(sql).bind(id).bind(site).bind(name));
        let sql = "INSERT INTO facility_room (facility_id, room_id) VALUES ($1, $2)";
        run!(self, sqlx::query(sql).bind(facility).bind(id));
        Ok(())
    }

    /// Names a room, if its name is still `was`.
    pub async fn name_room(&mut self, id: RoomId, was: &str, name: &str) -> Result<()> {
        let sql = "UPDATE room SET name = $3 WHERE id = $1 AND name = $2";
        let named = run!(self, sqlx::query(sql).bind(id).bind(was).bind(name));
        if named == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// How many clinics use a room.
    pub async fn users_of_room(&mut self, id: RoomId) -> Result<i64> {
        let sql = "SELECT count(*) FROM facility_room WHERE room_id = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(id).fetch_one(db).await?))
    }

    /// How many visits of a clinic ahead of `now` have a room.
    pub async fn visits_in_room(
        &mut self,
        facility: FacilityId,
        id: RoomId,
        now: Instant,
    ) -> Result<i64> {
        let sql = "SELECT count(*) FROM booking
            WHERE facility_id = $1 AND room_id = $2 AND occupies AND ends_at > $3";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql).bind(facility).bind(id).bind(now).fetch_one(db).await?
        }))
    }

    /// A clinic uses a room no more; whom nobody uses is closed.
    pub async fn leave_room(
        &mut self,
        facility: FacilityId,
        id: RoomId,
        now: Instant,
    ) -> Result<()> {
        let sql = "DELETE FROM facility_room WHERE facility_id = $1 AND room_id = $2";
        run!(&mut *self, sqlx::query(sql).bind(facility).bind(id));
        let sql = "UPDATE room SET closed_at = $2 WHERE id = $1
            AND NOT EXISTS (SELECT 1 FROM facility_room WHERE room_id = $1)";
        run!(self, sqlx::query(sql).bind(id).bind(now));
        Ok(())
    }

    /// A clinic's named capacities, also those that are closed.
    pub async fn overbookings(&mut self, facility: FacilityId) -> Result<Vec<OverbookingRow>> {
        let sql = "SELECT id, lane, name, closed_at FROM overbooking
            WHERE facility_id = $1 ORDER BY lane";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// Adds a named capacity, or opens a closed one of this lane under this name.
    pub async fn open_overbooking(
        &mut self,
        facility: FacilityId,
        id: OverbookingId,
        lane: i64,
        name: &str,
    ) -> Result<()> {
        let sql = "INSERT INTO overbooking (id, facility_id, lane, name) VALUES ($1, $2, $3, $4)
            ON CONFLICT (facility_id, lane) DO UPDATE SET name = excluded.name, closed_at = NULL";
        run!(self, sqlx::query(sql).bind(id).bind(facility).bind(lane).bind(name));
        Ok(())
    }

    /// Names a capacity, if its name is still `was`.
    pub async fn name_overbooking(
        &mut self,
        facility: FacilityId,
        id: OverbookingId,
        was: &str,
        name: &str,
    ) -> Result<()> {
        let sql = "UPDATE overbooking SET name = $4
            WHERE facility_id = $1 AND id = $2 AND name = $3 AND closed_at IS NULL";
        let named = run!(self, sqlx::query(sql).bind(facility).bind(id).bind(was).bind(name));
        if named == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Closes a named capacity for new bookings.
    pub async fn close_overbooking(
        &mut self,
        facility: FacilityId,
        id: OverbookingId,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE overbooking SET closed_at = $3 WHERE facility_id = $1 AND id = $2";
        run!(self, sqlx::query(sql).bind(facility).bind(id).bind(now));
        Ok(())
    }
}
