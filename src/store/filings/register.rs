//! What the register says of institutions by filings made here: their own notifications, and which
//! filings and steps an import or its undoing must tell again.

use chrono::NaiveDate;

use super::{FilingRow, select_filing, whole};
use crate::model::filing::{Filing, FilingStep};
use crate::model::{FacilityId, FilingId, ImportId, NotificationId};
use crate::store::{Result, Tx, on, run};
use crate::time::Instant;

impl Tx {
    /// The criterion's filings that begin after `day`, of institutions whose notification of it an
    /// import recorded or superseded: what ended first, then what is in effect, then what will be.
    pub async fn filings_of_import(
        &mut self,
        import: ImportId,
        day: NaiveDate,
    ) -> Result<Vec<Filing>> {
        let sql = select_filing!(
            "WHERE kind = 'criterion' AND effective_from > $2 AND EXISTS (
                SELECT 1 FROM notification AS n WHERE n.code10 = filing.code10
                  AND n.criterion = 'ict_care'
                  AND (n.import_id = $1 OR n.superseded_import_id = $1))
             ORDER BY CASE state WHEN 'in_effect' THEN 1 WHEN 'accepted' THEN 2 ELSE 0 END,
                effective_from, id"
        );
        whole(on!(self, |db| {
            sqlx::query_as::<_, FilingRow>(sql).bind(import).bind(day).fetch_all(db).await?
        }))
    }

    /// The steps that the criterion's filings of those institutions took at `since` or after, in
    /// order.
    pub async fn filing_steps_under(
        &mut self,
        import: ImportId,
        since: Instant,
    ) -> Result<Vec<(FilingId, FilingStep)>> {
        let sql = "SELECT filing.id, step
            FROM filing_event JOIN filing ON filing.id = filing_id
            WHERE filing.kind = 'criterion' AND at >= $2 AND EXISTS (
                SELECT 1 FROM notification AS n WHERE n.code10 = filing.code10
                  AND n.criterion = 'ict_care'
                  AND (n.import_id = $1 OR n.superseded_import_id = $1))
            ORDER BY at, filing_event.id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(import).bind(since).fetch_all(db).await?))
    }

    /// Whether the register holds the acceptance of a filing made here, ended or not.
    pub async fn knows_own(&mut self, code10: &str, number: &str, from: NaiveDate) -> Result<bool> {
        let sql = "SELECT count(*) FROM notification
            WHERE code10 = $1 AND criterion = 'ict_care' AND superseded_at IS NULL
              AND source = 'filing' AND acceptance_number = $2 AND effective_from = $3";
        let known: i64 = on!(self, |db| {
            sqlx::query_scalar(sql).bind(code10).bind(number).bind(from).fetch_one(db).await?
        });
        Ok(known > 0)
    }

    /// The source of the notification that stands open for an institution's care by ICT devices,
    /// with its number and its first day.
    pub async fn open_notification(
        &mut self,
        code10: &str,
    ) -> Result<Option<(String, String, Option<NaiveDate>)>> {
        let sql = "SELECT source, acceptance_number, effective_from FROM notification
            WHERE code10 = $1 AND criterion = 'ict_care' AND superseded_at IS NULL
              AND lapsed_on IS NULL";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(code10).fetch_optional(db).await?))
    }

    /// What is no longer known of an institution's own notification, as of `now`: its row stays.
    pub async fn supersede_own(&mut self, code10: &str, now: Instant) -> Result<u64> {
        let sql = "UPDATE notification SET superseded_at = $2
            WHERE code10 = $1 AND criterion = 'ict_care' AND superseded_at IS NULL
              AND lapsed_on IS NULL AND source <> 'bureau'";
        Ok(run!(self, sqlx::query(sql).bind(code10).bind(now)))
    }

    /// Adds to the register that an institution's care by ICT devices is accepted, by a filing made
    /// here; where it has ended, until which day.
    pub async fn add_own_notification(
        &mut self,
        code10: &str,
        number: &str,
        from: NaiveDate,
        ended_on: Option<NaiveDate>,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO notification (id, code10, criterion, acceptance_number,
                effective_from, lapsed_after, lapsed_on, source, recorded_at)
            VALUES ($1, $2, 'ict_care', $3, $4, $5, $6, 'filing', $7)";
        run!(
            self,
            sqlx::query(sql)
                .bind(NotificationId::new())
                .bind(code10)
                .bind(number)
                .bind(from)
                .bind(ended_on.and_then(|day| day.pred_opt()))
                .bind(ended_on)
                .bind(now)
        );
        Ok(())
    }

    /// The days on which a clinic's care by ICT devices is accepted: the first, and the first no
    /// more.
    pub async fn accepted_periods(
        &mut self,
        facility: FacilityId,
    ) -> Result<Vec<(NaiveDate, Option<NaiveDate>)>> {
        let sql = "SELECT effective_from, lapsed_on
            FROM notification JOIN facility ON facility.code10 = notification.code10
            WHERE facility.id = $1 AND criterion = 'ict_care' AND superseded_at IS NULL
              AND effective_from IS NOT NULL
            ORDER BY effective_from";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }
}
