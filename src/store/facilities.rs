//! Facilities, their doctors and what they offer.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::facility::{Clinician, Facility, IcePolicy};
use crate::model::schedule::OnHolidays;
use crate::model::{ClinicianId, FacilityId};

/// Which facilities are asked for. Nothing given means all.
#[derive(Clone, Debug)]
pub struct FacilityFilter {
    /// This one.
    pub facility: Option<FacilityId>,
    /// Those in this municipality.
    pub municipality: Option<String>,
    /// Those whose rules changed in this change or a later one; see [`Changes`](super::Changes).
    pub changed_since: i64,
    /// At most so many, in the order of their adding.
    pub limit: i64,
}

impl Default for FacilityFilter {
    fn default() -> Self {
        Self { facility: None, municipality: None, changed_since: 0, limit: i64::MAX }
    }
}

/// The facilities that a filter asks for, by their ids: `$1` to `$4` are [`bind_filter`]'s. All
/// queries about facilities join it, so that what one search reads is bounded in every table.
macro_rules! wanted {
    () => {
        r"(SELECT id FROM facility
           WHERE id = $1 AND ($2 IS NULL OR municipality_code = $2) AND changed_in >= $3
           UNION ALL SELECT id FROM (SELECT id FROM facility
             WHERE $1 IS NULL AND ($2 IS NULL OR municipality_code = $2) AND changed_in >= $3
             ORDER BY id LIMIT $4) AS many) AS wanted"
    };
}
pub(super) use wanted;

/// Binds `$1` to `$4` of [`wanted`].
macro_rules! bind_filter {
    ($query:expr, $filter:expr) => {
        $query
            .bind($filter.facility)
            .bind(&$filter.municipality)
            .bind($filter.changed_since)
            .bind($filter.limit)
    };
}
pub(super) use bind_filter;

impl FacilityFilter {
    /// One facility.
    pub fn one(facility: FacilityId) -> Self {
        Self { facility: Some(facility), limit: 1, ..Self::default() }
    }
}

#[derive(FromRow)]
struct FacilityRow {
    id: FacilityId,
    code10: String,
    name: String,
    kana: String,
    name_en: String,
    address: String,
    municipality_code: String,
    telephone: String,
    departments: String,
    languages: String,
    about_ja: String,
    about_en: String,
    zone: String,
    on_holidays: OnHolidays,
    ice_policy: IcePolicy,
    version: i64,
}

impl TryFrom<FacilityRow> for Facility {
    type Error = Error;

    fn try_from(row: FacilityRow) -> Result<Self> {
        let zone = row.zone.parse().map_err(|_| {
            Error::Database(sqlx::Error::ColumnDecode {
                index: "zone".to_owned(),
                source: format!("unknown time zone {}", row.zone).into(),
            })
        })?;
        Ok(Self {
            id: row.id,
            code10: row.code10,
            name: row.name,
            kana: row.kana,
            name_en: row.name_en,
            address: row.address,
            municipality_code: row.municipality_code,
            telephone: row.telephone,
            departments: split(&row.departments),
            languages: split(&row.languages),
            about_ja: row.about_ja,
            about_en: row.about_en,
            zone,
            on_holidays: row.on_holidays,
            ice_policy: row.ice_policy,
            version: row.version,
        })
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[derive(FromRow)]
struct ClinicianRow {
    id: ClinicianId,
    facility_id: FacilityId,
    name: String,
    name_en: String,
    license_year: i64,
    training_completed_on: Option<chrono::NaiveDate>,
    hours_version: i64,
}

impl From<ClinicianRow> for Clinician {
    fn from(row: ClinicianRow) -> Self {
        Self {
            id: row.id,
            facility: row.facility_id,
            name: row.name,
            name_en: row.name_en,
            license_year: row.license_year,
            training_completed_on: row.training_completed_on,
            hours_version: row.hours_version,
        }
    }
}

impl Tx {
    /// The facilities that `filter` asks for, in the order of their adding.
    pub async fn facilities(&mut self, filter: &FacilityFilter) -> Result<Vec<Facility>> {
        let sql = concat!(
            "SELECT facility.id, code10, name, kana, name_en, address, municipality_code,
                telephone, departments, languages, about_ja, about_en, zone, on_holidays,
                ice_policy, version
             FROM facility JOIN ",
            wanted!(),
            " ON wanted.id = facility.id ORDER BY facility.id"
        );
        let rows: Vec<FacilityRow> =
            on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?);
        rows.into_iter().map(Facility::try_from).collect()
    }

    /// One facility.
    pub async fn facility(&mut self, id: FacilityId) -> Result<Option<Facility>> {
        Ok(self.facilities(&FacilityFilter::one(id)).await?.pop())
    }

    /// The versions of their rules.
    pub async fn rules_versions(
        &mut self,
        filter: &FacilityFilter,
    ) -> Result<Vec<(FacilityId, i64)>> {
        let sql = concat!(
            "SELECT facility.id, rules_version FROM facility JOIN ",
            wanted!(),
            " ON wanted.id = facility.id"
        );
        Ok(on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?))
    }

    /// How many facilities there are.
    pub async fn facility_count(&mut self) -> Result<i64> {
        let sql = "SELECT count(*) FROM facility";
        Ok(on!(self, |db| sqlx::query_scalar(sql).fetch_one(db).await?))
    }

    /// Municipalities that have a facility, with how many.
    pub async fn facility_places(&mut self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT municipality_code, count(*) FROM facility GROUP BY municipality_code
                   ORDER BY municipality_code";
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?))
    }

    /// The doctors of the facilities that `filter` asks for.
    pub async fn clinicians(&mut self, filter: &FacilityFilter) -> Result<Vec<Clinician>> {
        let sql = concat!(
            "SELECT clinician.id, facility_id, name, name_en, license_year,
                training_completed_on, hours_version
             FROM clinician JOIN ",
            wanted!(),
            " ON wanted.id = facility_id ORDER BY clinician.id"
        );
        let rows: Vec<ClinicianRow> =
            on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?);
        Ok(rows.into_iter().map(Clinician::from).collect())
    }

    /// Adds a facility. Its institution must be there.
    pub async fn add_facility(&mut self, f: &Facility) -> Result<()> {
        let departments = f.departments.join(" ");
        let search = [&f.name, &f.kana, &f.name_en, &f.address, &departments].map(String::as_str);
        let sql = "INSERT INTO facility (id, code10, name, kana, name_en, search, address,
                municipality_code, telephone, departments, languages, about_ja, about_en, zone,
                on_holidays, ice_policy, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        run!(
            self,
            sqlx::query(sql)
                .bind(f.id)
                .bind(&f.code10)
                .bind(&f.name)
                .bind(&f.kana)
                .bind(&f.name_en)
                .bind(crate::model::facility::folded(&search.join(" ")))
                .bind(&f.address)
                .bind(&f.municipality_code)
                .bind(&f.telephone)
                .bind(f.departments.join(","))
                .bind(f.languages.join(","))
                .bind(&f.about_ja)
                .bind(&f.about_en)
                .bind(f.zone.name())
                .bind(f.on_holidays)
                .bind(f.ice_policy)
                .bind(f.version)
        );
        Ok(())
    }

    /// Adds a doctor.
    pub async fn add_clinician(&mut self, c: &Clinician) -> Result<()> {
        let sql = "INSERT INTO clinician (id, facility_id, name, name_en, license_year,
                training_completed_on, hours_version)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        run!(
            self,
            sqlx::query(sql)
                .bind(c.id)
                .bind(c.facility)
                .bind(&c.name)
                .bind(&c.name_en)
                .bind(c.license_year)
                .bind(c.training_completed_on)
                .bind(c.hours_version)
        );
        Ok(())
    }

    /// Says when a doctor completed the training, if what is known is still `was`.
    pub async fn put_training(
        &mut self,
        facility: FacilityId,
        clinician: ClinicianId,
        was: Option<chrono::NaiveDate>,
        completed_on: Option<chrono::NaiveDate>,
    ) -> Result<()> {
        let sql = "UPDATE clinician SET training_completed_on = $3
            WHERE facility_id = $1 AND id = $2 AND (training_completed_on = $4
                OR training_completed_on IS NULL AND CAST($5 AS integer) = 1)";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(facility)
                .bind(clinician)
                .bind(completed_on)
                .bind(was)
                .bind(i64::from(was.is_none()))
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
