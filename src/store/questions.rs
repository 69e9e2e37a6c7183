//! What is asked, told and agreed before a visit, in versions that never change. The highest
//! number is the current one.

use chrono::NaiveDate;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Error, Result, Tx, on, run};
use crate::model::facility::{ServiceKind, Stage};
use crate::model::intake::WithoutBasis;
use crate::model::questionnaire::Question;
use crate::model::terms::{CancelPolicy, ConsentKind, ConsentText, FeeItem, Fees};
use crate::model::{AccountId, FacilityId, ServiceId, new_id};
use crate::time::Instant;
use crate::time::zone::LocalDay;

/// What decides about what a service asks.
#[derive(Clone, Debug, FromRow)]
pub struct Asking {
    /// The service.
    #[sqlx(rename = "id")]
    pub service: ServiceId,
    /// Whose it is.
    #[sqlx(rename = "facility_id")]
    pub facility: FacilityId,
    /// What kind of act it is.
    pub kind: ServiceKind,
    /// For which patients it is.
    pub visit: Stage,
    /// Insured care or self-pay.
    pub insured: bool,
    /// What becomes of a first visit without a basis.
    pub without_basis: WithoutBasis,
    /// The facility's zone.
    pub zone: String,
    /// The facility's telephone.
    pub telephone: String,
}

impl Asking {
    /// The facility's local date at an instant.
    pub fn date(&self, at: Instant) -> NaiveDate {
        let day = self.zone.parse().ok().and_then(|zone| LocalDay::of(zone, at));
        day.map_or(at.date_naive(), |day| day.date)
    }
}

/// A version of a list of questions.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionList {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub version: i64,
    /// The questions.
    pub questions: Vec<Question>,
}

#[derive(FromRow)]
struct ListRow {
    id: Uuid,
    version: i64,
    questions: String,
}

impl TryFrom<ListRow> for QuestionList {
    type Error = Error;

    fn try_from(row: ListRow) -> Result<Self> {
        let questions = serde_json::from_str(&row.questions).map_err(|error| {
            let index = "questions".to_owned();
            Error::Database(sqlx::Error::ColumnDecode { index, source: error.into() })
        })?;
        Ok(Self { id: row.id, version: row.version, questions })
    }
}

#[derive(FromRow)]
struct FeeRow {
    id: Uuid,
    version: i64,
    cancel_fee_yen: Option<i64>,
    cancel_note_ja: String,
    cancel_note_en: String,
}

/// Who makes a version, and when.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// The facility whose it is.
    pub facility: FacilityId,
    /// Its number.
    pub version: i64,
    /// Who makes it; nobody where the service itself does.
    pub account: Option<AccountId>,
    /// When.
    pub at: Instant,
}

/// Nothing added: somebody else made a version of that number first.
fn first(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Stale) }
}

impl Tx {
    /// What decides about what a service asks.
    pub async fn asking(&mut self, service: ServiceId) -> Result<Option<Asking>> {
        let sql = "SELECT s.id, s.facility_id, s.kind, s.visit, s.insured, s.without_basis, f.zone,
                f.telephone
            FROM service AS s JOIN facility AS f ON f.id = s.facility_id
            WHERE s.id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(service).fetch_optional(db).await?))
    }

    /// Sets what becomes of a first visit without a basis; false when the facility has no such
    /// service.
    pub async fn put_without_basis(
        &mut self,
        facility: FacilityId,
        service: ServiceId,
        without: WithoutBasis,
    ) -> Result<bool> {
        let sql = "UPDATE service SET without_basis = $3 WHERE id = $1 AND facility_id = $2";
        Ok(run!(self, sqlx::query(sql).bind(service).bind(facility).bind(without)) == 1)
    }

    /// The current questionnaire of a service.
    pub async fn questionnaire(&mut self, service: ServiceId) -> Result<Option<QuestionList>> {
        let sql = "SELECT id, version, questions FROM questionnaire_version
                   WHERE service_id = $1 ORDER BY version DESC LIMIT 1";
        let row: Option<ListRow> =
            on!(self, |db| sqlx::query_as(sql).bind(service).fetch_optional(db).await?);
        row.map(QuestionList::try_from).transpose()
    }

    /// A questionnaire by the id of its version.
    pub async fn questionnaire_version(&mut self, id: Uuid) -> Result<Option<QuestionList>> {
        let sql = "SELECT id, version, questions FROM questionnaire_version WHERE id = $1";
        let row: Option<ListRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        row.map(QuestionList::try_from).transpose()
    }

    /// Adds a version of a service's questionnaire; its id.
    pub async fn add_questionnaire(
        &mut self,
        made: Made,
        service: ServiceId,
        questions: &[Question],
    ) -> Result<Uuid> {
        let sql = "INSERT INTO questionnaire_version
                (id, facility_id, service_id, version, questions, account_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let id = new_id();
        first(run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(made.facility)
                .bind(service)
                .bind(made.version)
                .bind(serde_json::json!(questions).to_string())
                .bind(made.account)
                .bind(made.at)
        ))?;
        Ok(id)
    }

    /// A clinic's current list of signs that must not wait.
    pub async fn triage(&mut self, facility: FacilityId) -> Result<Option<QuestionList>> {
        let sql = "SELECT id, version, questions FROM triage_version
                   WHERE facility_id = $1 ORDER BY version DESC LIMIT 1";
        let row: Option<ListRow> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_optional(db).await?);
        row.map(QuestionList::try_from).transpose()
    }

    /// A list of signs by the id of its version.
    pub async fn triage_version(&mut self, id: Uuid) -> Result<Option<QuestionList>> {
        let sql = "SELECT id, version, questions FROM triage_version WHERE id = $1";
        let row: Option<ListRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        row.map(QuestionList::try_from).transpose()
    }

    /// Adds a version of a clinic's list of signs.
    pub async fn add_triage(&mut self, made: Made, questions: &[Question]) -> Result<()> {
        let sql = "INSERT INTO triage_version
                (id, facility_id, version, questions, account_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        first(run!(
            self,
            sqlx::query(sql)
                .bind(new_id())
                .bind(made.facility)
                .bind(made.version)
                .bind(serde_json::json!(questions).to_string())
                .bind(made.account)
                .bind(made.at)
        ))
    }

    /// The texts to which patients of a facility agree now, one of each kind: its own, or the
    /// house's.
    pub async fn consent_texts(&mut self, facility: FacilityId) -> Result<Vec<ConsentText>> {
        let sql = "SELECT id, kind, version, facility_id IS NOT NULL AS own, text_ja, text_en
                   FROM consent_text WHERE facility_id = $1 OR facility_id IS NULL
                   ORDER BY kind, own DESC, version DESC";
        let all: Vec<ConsentText> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?);
        let of = |kind| all.iter().find(|text| text.kind == kind).cloned();
        Ok(ConsentKind::ALL.into_iter().filter_map(of).collect())
    }

    /// Adds a version of a facility's own text.
    pub async fn add_consent_text(
        &mut self,
        made: Made,
        kind: ConsentKind,
        text_ja: &str,
        text_en: &str,
    ) -> Result<()> {
        let sql = "INSERT INTO consent_text
                (id, facility_id, kind, version, text_ja, text_en, account_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        first(run!(
            self,
            sqlx::query(sql)
                .bind(new_id())
                .bind(made.facility)
                .bind(kind)
                .bind(made.version)
                .bind(text_ja)
                .bind(text_en)
                .bind(made.account)
                .bind(made.at)
        ))
    }

    /// The current fees of a service.
    pub async fn fees(&mut self, service: ServiceId) -> Result<Option<Fees>> {
        let sql = "SELECT id, version, cancel_fee_yen, cancel_note_ja, cancel_note_en
                   FROM fee_version WHERE service_id = $1 ORDER BY version DESC LIMIT 1";
        let row: Option<FeeRow> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(service).fetch_optional(db).await?);
        self.with_items(row).await
    }

    /// Fees by the id of their version.
    pub async fn fee_version(&mut self, id: Uuid) -> Result<Option<Fees>> {
        let sql = "SELECT id, version, cancel_fee_yen, cancel_note_ja, cancel_note_en
                   FROM fee_version WHERE id = $1";
        let row: Option<FeeRow> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        self.with_items(row).await
    }

    async fn with_items(&mut self, row: Option<FeeRow>) -> Result<Option<Fees>> {
        let Some(row) = row else { return Ok(None) };
        let sql = "SELECT kind, name_ja, name_en, note_ja, note_en, yen, points_code
                   FROM fee_item WHERE fee_version_id = $1 ORDER BY position";
        let items: Vec<FeeItem> =
            on!(self, |db| sqlx::query_as(sql).bind(row.id).fetch_all(db).await?);
        let cancel = CancelPolicy {
            fee_yen: row.cancel_fee_yen,
            note_ja: row.cancel_note_ja,
            note_en: row.cancel_note_en,
        };
        Ok(Some(Fees { id: row.id, version: row.version, items, cancel }))
    }

    /// Adds a version of a service's fees. Whether it is insured is the service's own word: the
    /// schema refuses another.
    pub async fn add_fees(
        &mut self,
        made: Made,
        service: (ServiceId, bool),
        items: &[FeeItem],
        cancel: &CancelPolicy,
    ) -> Result<()> {
        let sql = "INSERT INTO fee_version (id, facility_id, service_id, insured, version,
                cancel_fee_yen, cancel_note_ja, cancel_note_en, account_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
        let id = new_id();
        first(run!(
            &mut *self,
            sqlx::query(sql)
                .bind(id)
                .bind(made.facility)
                .bind(service.0)
                .bind(service.1)
                .bind(made.version)
                .bind(cancel.fee_yen)
                .bind(&cancel.note_ja)
                .bind(&cancel.note_en)
                .bind(made.account)
                .bind(made.at)
        ))?;
        let sql = "INSERT INTO fee_item (fee_version_id, position, insured, kind, name_ja, name_en,
                note_ja, note_en, yen, points_code)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        for (position, item) in (0_i64..).zip(items) {
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(id)
                    .bind(position)
                    .bind(service.1)
                    .bind(item.kind)
                    .bind(&item.name_ja)
                    .bind(&item.name_en)
                    .bind(&item.note_ja)
                    .bind(&item.note_en)
                    .bind(item.yen)
                    .bind(&item.points_code)
            );
        }
        Ok(())
    }
}
