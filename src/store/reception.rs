//! Reception facilities (オンライン診療受診施設): those whom somebody runs, with their rooms and the
//! institutions whose patients are received there.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::filing::{Reception, ReceptionKind};
use crate::model::{AccountId, FacilityId, RoomId, SiteId};
use crate::time::Instant;

#[derive(FromRow)]
struct ReceptionRow {
    id: SiteId,
    operator_id: AccountId,
    operator_name: String,
    name: String,
    kind: ReceptionKind,
    address: String,
    municipality_code: String,
    telephone: String,
    contact_24h: String,
    usage_fee: i64,
    open_hours: String,
    has_nurse: bool,
    version: i64,
}

impl From<ReceptionRow> for Reception {
    fn from(row: ReceptionRow) -> Self {
        Self {
            id: row.id,
            operator: row.operator_id,
            operator_name: row.operator_name,
            name: row.name,
            kind: row.kind,
            address: row.address,
            municipality: row.municipality_code,
            telephone: row.telephone,
            contact_24h: row.contact_24h,
            usage_fee: row.usage_fee,
            open_hours: row.open_hours,
            has_nurse: row.has_nurse,
            version: row.version,
        }
    }
}

/// The bond between a reception facility and an institution.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct LinkRow {
    pub site_id: SiteId,
    pub facility_id: FacilityId,
    pub facility_name: String,
    pub asked_at: Instant,
    pub confirmed_at: Option<Instant>,
    pub fitness: Option<String>,
}

macro_rules! select_reception {
    ($rest:literal) => {
        concat!(
            "SELECT id, operator_id, operator_name, name, kind, address, municipality_code,
                telephone, contact_24h, usage_fee, open_hours, has_nurse, version
             FROM reception_site ",
            $rest
        )
    };
}

macro_rules! select_link {
    ($rest:literal) => {
        concat!(
            "SELECT site_id, facility_id, facility.name AS facility_name, asked_at, confirmed_at,
                fitness
             FROM reception_link JOIN facility ON facility.id = facility_id ",
            $rest
        )
    };
}

impl Tx {
    /// A reception facility that somebody runs.
    pub async fn reception(&mut self, id: SiteId) -> Result<Option<Reception>> {
        let sql = select_reception!("WHERE id = $1 AND operator_id IS NOT NULL");
        let row: Option<ReceptionRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        Ok(row.map(Reception::from))
    }

    /// The reception facilities that an account runs, in order of their adding.
    pub async fn receptions_of(&mut self, operator: AccountId) -> Result<Vec<Reception>> {
        let sql = select_reception!("WHERE operator_id = $1 ORDER BY id");
        let rows: Vec<ReceptionRow> =
            on!(self, |db| sqlx::query_as(sql).bind(operator).fetch_all(db).await?);
        Ok(rows.into_iter().map(Reception::from).collect())
    }

    /// The reception facilities whose notification is in effect, in order of municipality: all, or
    /// those of a prefecture (two digits) and of a municipality (six digits).
    pub async fn receptions_in_effect(
        &mut self,
        prefecture: Option<&str>,
        municipality: Option<&str>,
    ) -> Result<Vec<Reception>> {
        let sql = select_reception!(
            "WHERE operator_id IS NOT NULL AND EXISTS (SELECT 1 FROM filing
                WHERE filing.site_id = reception_site.id AND filing.state = 'in_effect')
               AND ($1 IS NULL OR substr(municipality_code, 1, 2) = $1)
               AND ($2 IS NULL OR municipality_code = $2)
             ORDER BY municipality_code, id LIMIT 1000"
        );
        let rows: Vec<ReceptionRow> = on!(self, |db| {
            sqlx::query_as(sql).bind(prefecture).bind(municipality).fetch_all(db).await?
        });
        Ok(rows.into_iter().map(Reception::from).collect())
    }

    /// A reception facility, if its notification is in effect.
    pub async fn reception_in_effect(&mut self, id: SiteId) -> Result<Option<Reception>> {
        let sql = select_reception!(
            "WHERE id = $1 AND operator_id IS NOT NULL AND EXISTS (SELECT 1 FROM filing
                WHERE filing.site_id = reception_site.id AND filing.state = 'in_effect')"
        );
        let row: Option<ReceptionRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        Ok(row.map(Reception::from))
    }

    /// Adds a reception facility.
    pub async fn add_reception(&mut self, r: &Reception) -> Result<()> {
        let sql = "INSERT INTO reception_site (id, operator_id, operator_name, name, kind, address,
                municipality_code, telephone, contact_24h, usage_fee, open_hours, has_nurse, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)";
        run!(
            self,
            sqlx::query(sql)
                .bind(r.id)
                .bind(r.operator)
                .bind(&r.operator_name)
                .bind(&r.name)
                .bind(r.kind)
                .bind(&r.address)
                .bind(&r.municipality)
                .bind(&r.telephone)
                .bind(&r.contact_24h)
                .bind(r.usage_fee)
                .bind(&r.open_hours)
                .bind(r.has_nurse)
        );
        Ok(())
    }

    /// Changes a reception facility, if it is still as of its version.
    pub async fn put_reception(&mut self, r: &Reception) -> Result<()> {
        let sql = "UPDATE reception_site SET operator_name = $3, name = $4, kind = $5,
                address = $6, municipality_code = $7, telephone = $8, contact_24h = $9,
                usage_fee = $10, open_hours = $11, has_nurse = $12, version = version + 1
            WHERE id = $1 AND version = $2";
        let put = run!(
            self,
            sqlx::query(sql)
                .bind(r.id)
                .bind(r.version)
                .bind(&r.operator_name)
                .bind(&r.name)
                .bind(r.kind)
                .bind(&r.address)
                .bind(&r.municipality)
                .bind(&r.telephone)
                .bind(&r.contact_24h)
                .bind(r.usage_fee)
                .bind(&r.open_hours)
                .bind(r.has_nurse)
        );
        if put == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The institutions of a reception facility, asked or confirmed.
    pub async fn links_of_site(&mut self, site: SiteId) -> Result<Vec<LinkRow>> {
        let sql = select_link!("WHERE site_id = $1 ORDER BY asked_at, facility_id");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(site).fetch_all(db).await?))
    }

    /// The reception facilities of a clinic, asked or confirmed.
    pub async fn links_of_facility(&mut self, facility: FacilityId) -> Result<Vec<LinkRow>> {
        let sql = select_link!("WHERE facility_id = $1 ORDER BY asked_at, site_id");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// A reception facility asks a clinic; once more changes nothing.
    pub async fn ask_link(
        &mut self,
        site: SiteId,
        facility: FacilityId,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO reception_link (site_id, facility_id, asked_at)
            VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(site).bind(facility).bind(now));
        Ok(())
    }

    /// The clinic says that the place is fit for its patients; false where nobody asked.
    pub async fn confirm_link(
        &mut self,
        site: SiteId,
        facility: FacilityId,
        fitness: &str,
        by: AccountId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE reception_link SET confirmed_at = $3, confirmed_by = $4, fitness = $5
            WHERE site_id = $1 AND facility_id = $2";
        let confirmed = run!(
            &mut *self,
            sqlx::query(sql).bind(site).bind(facility).bind(now).bind(by).bind(fitness)
        );
        if confirmed != 1 {
            return Ok(false);
        }
        let sql = "INSERT INTO facility_room (facility_id, room_id)
            SELECT $2, id FROM room WHERE site_id = $1 AND closed_at IS NULL
            ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(site).bind(facility));
        Ok(true)
    }

    /// Ends the bond; false where there is none.
    pub async fn end_link(&mut self, site: SiteId, facility: FacilityId) -> Result<bool> {
        let sql = "DELETE FROM reception_link WHERE site_id = $1 AND facility_id = $2";
        let ended = run!(&mut *self, sqlx::query(sql).bind(site).bind(facility)) == 1;
        let sql = "DELETE FROM facility_room WHERE facility_id = $2
            AND room_id IN (SELECT id FROM room WHERE site_id = $1)";
        run!(self, sqlx::query(sql).bind(site).bind(facility));
        Ok(ended)
    }

    /// How many visits of a clinic ahead of `now` are at a reception facility.
    pub async fn visits_at_site(
        &mut self,
        facility: FacilityId,
        site: SiteId,
        now: Instant,
    ) -> Result<i64> {
        let sql = "SELECT count(*) FROM booking WHERE facility_id = $1 AND occupies
            AND ends_at > $3 AND room_id IN (SELECT id FROM room WHERE site_id = $2)";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql).bind(facility).bind(site).bind(now).fetch_one(db).await?
        }))
    }

    /// The clinics that use a room, in order of their ids.
    pub async fn clinics_of_room(&mut self, room: RoomId) -> Result<Vec<FacilityId>> {
        let sql = "SELECT facility_id FROM facility_room WHERE room_id = $1 ORDER BY facility_id";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(room).fetch_all(db).await?))
    }

    /// Closes a room for every clinic; false where a visit ahead of `now` is booked in it.
    pub async fn close_room(&mut self, room: RoomId, now: Instant) -> Result<bool> {
        let sql = "UPDATE room SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM booking
                WHERE room_id = $1 AND occupies AND ends_at > $2)";
        if run!(&mut *self, sqlx::query(sql).bind(room).bind(now)) != 1 {
            return Ok(false);
        }
        let sql = "DELETE FROM facility_room WHERE room_id = $1";
        run!(self, sqlx::query(sql).bind(room));
        Ok(true)
    }

    /// The rooms of a reception facility that are open.
    pub async fn rooms_of_site(&mut self, site: SiteId) -> Result<Vec<(RoomId, String)>> {
        let sql = "SELECT id, name FROM room WHERE site_id = $1 AND closed_at IS NULL ORDER BY id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(site).fetch_all(db).await?))
    }

    /// Adds a room to a reception facility, for every clinic that has confirmed it.
    pub async fn add_site_room(&mut self, site: SiteId, id: RoomId, name: &str) -> Result<()> {
        let sql = "INSERT INTO room (id, site_id, name) VALUES ($1, $2, $3)";
        run!(&mut *self, sqlx::query(sql).bind(id).bind(site).bind(name));
        let sql = "INSERT INTO facility_room (facility_id, room_id)
            SELECT facility_id, $2 FROM reception_link
            WHERE site_id = $1 AND confirmed_at IS NOT NULL";
        run!(self, sqlx::query(sql).bind(site).bind(id));
        Ok(())
    }
}
