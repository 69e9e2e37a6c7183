//! What the public reads of an institution: its state, its notifications in both times, and what
//! the facility here declares of itself.

use super::{Result, Tx, on, run};
use crate::model::FacilityId;
use crate::model::facility::Facility;
use crate::model::person::Actor;
use crate::model::public::{OpenRow, Past, Posting, PublicInstitution, Redesignated};
use crate::model::register::Code10;
use crate::time::Instant;

impl Tx {
    /// An institution by its code.
    pub async fn institution(&mut self, code: Code10) -> Result<Option<PublicInstitution>> {
        let sql = "SELECT code10, prefecture_code, name, postal_code, address, municipality_code,
                beds, size, source, gone_on
            FROM institution WHERE code10 = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(code.as_str()).fetch_optional(db).await?))
    }

    /// All that was ever known of its notifications, the latest knowledge first.
    pub async fn notification_history(&mut self, code: Code10) -> Result<Vec<Past>> {
        let sql = "SELECT criterion, acceptance_number, effective_from, lapsed_after, lapsed_on,
                source, b.as_of, recorded_at, superseded_at
            FROM notification AS n LEFT JOIN bureau_import AS b ON b.id = n.import_id
            WHERE code10 = $1 ORDER BY recorded_at DESC, criterion, n.id DESC";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(code.as_str()).fetch_all(db).await?))
    }

    /// Institutions that this one probably was before or became later, with their names: a list
    /// showed one code no more and another one first, at the same address.
    pub async fn redesignated(&mut self, code: Code10) -> Result<Vec<Redesignated>> {
        let sql = "SELECT i.code10, i.name, b.as_of,
                CASE WHEN r.old_code10 = i.code10 THEN 1 ELSE 0 END AS earlier
            FROM redesignation AS r JOIN bureau_import AS b ON b.id = r.import_id
                JOIN institution AS i ON i.code10 IN (r.old_code10, r.new_code10)
            WHERE (r.old_code10 = $1 OR r.new_code10 = $1) AND i.code10 <> $1
                AND r.superseded_at IS NULL
            ORDER BY b.as_of, i.code10";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(code.as_str()).fetch_all(db).await?))
    }

    /// The facility here that is this institution.
    pub async fn facility_of(&mut self, code: Code10) -> Result<Option<Facility>> {
        let sql = "SELECT id FROM facility WHERE code10 = $1";
        let id: Option<FacilityId> = on!(&mut *self, |db| {
            sqlx::query_scalar(sql).bind(code.as_str()).fetch_optional(db).await?
        });
        match id {
            Some(id) => self.facility(id).await,
            None => Ok(None),
        }
    }

    /// What a facility declares now.
    pub async fn posting(&mut self, facility: FacilityId) -> Result<Option<Posting>> {
        let sql = "SELECT follows_guideline, no_psychotropics, note_ja, note_en, declared_at
            FROM facility_posting WHERE facility_id = $1
            ORDER BY declared_at DESC, id DESC LIMIT 1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_optional(db).await?))
    }

    /// Keeps what a facility declares from now on.
    pub async fn add_posting(
        &mut self,
        facility: FacilityId,
        posting: &Posting,
        actor: &Actor,
    ) -> Result<()> {
        let sql = "INSERT INTO facility_posting (id, facility_id, follows_guideline,
                no_psychotropics, note_ja, note_en, declared_by, declared_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(crate::model::new_id())
                .bind(facility)
                .bind(posting.follows_guideline)
                .bind(posting.no_psychotropics)
                .bind(&posting.note_ja)
                .bind(&posting.note_en)
                .bind(actor.account().map(|account| account.id))
                .bind(posting.declared_at)
        );
        Ok(())
    }

    /// Institutions of the lists in order of code, from behind `after` on: those that hold care by
    /// communication devices, or `all`. What is recorded after `known` is not seen, so that pages
    /// that follow each other show one register.
    pub async fn open_rows(
        &mut self,
        prefecture: Option<&str>,
        all: bool,
        known: Instant,
        (after, limit): (&str, i64),
    ) -> Result<Vec<OpenRow>> {
        let sql = "SELECT i.code10, i.name, i.postal_code, i.address, i.municipality_code, i.beds,
                i.size, n.effective_from, n.code10 IS NOT NULL AS accepted, f.kana, f.name_en,
                f.telephone, f.departments, f.id AS facility_id
            FROM institution AS i
                LEFT JOIN notification AS n ON n.code10 = i.code10 AND n.criterion = 'ict_care'
                    AND n.source = 'bureau' AND n.recorded_at <= $4
                    AND (n.superseded_at IS NULL OR n.superseded_at > $4) AND n.lapsed_on IS NULL
                LEFT JOIN facility AS f ON f.code10 = i.code10
            WHERE i.code10 > $1 AND i.source = 'bureau' AND i.gone_on IS NULL
                AND (CAST($2 AS text) IS NULL OR i.prefecture_code = $2)
                AND (CAST($3 AS bigint) = 1 OR n.code10 IS NOT NULL)
            ORDER BY i.code10 LIMIT $5";
        Ok(on!(self, |db| {
            sqlx::query_as(sql)
                .bind(after)
                .bind(prefecture)
                .bind(i64::from(all))
                .bind(known)
                .bind(limit)
                .fetch_all(db)
                .await?
        }))
    }
}
