//! Notifications that are made through this service, what was done to them, and what stands for
//! their demands.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::filing::{Check, Event, Filing, FilingKind, FilingState, FilingStep, Form};
use crate::model::{AccountId, FacilityId, FilingId, SiteId, new_id};
use crate::time::Instant;

mod due;
mod letters;
mod register;
mod self_check;

pub use due::{DuePage, DueRow};
pub use letters::{LetterRow, Recipient, UndeliveredLetter, Whose};
pub use self_check::{SelfChecked, SelfCheckedBy};

#[derive(FromRow)]
struct FilingRow {
    id: FilingId,
    kind: FilingKind,
    prefecture_code: String,
    code10: Option<String>,
    facility_id: Option<FacilityId>,
    site_id: Option<SiteId>,
    state: FilingState,
    replaces_id: Option<FilingId>,
    due_on: Option<NaiveDate>,
    form: String,
    submitted_on: Option<NaiveDate>,
    correct_by: Option<NaiveDate>,
    acceptance_number: Option<String>,
    accepted_on: Option<NaiveDate>,
    effective_from: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    version: i64,
}

/// A form as it is kept: nobody but this service writes it.
fn form(text: &str) -> Result<Form> {
    serde_json::from_str(text).map_err(|error| {
        Error::Database(sqlx::Error::ColumnDecode {
            index: "form".to_owned(),
            source: error.into(),
        })
    })
}

fn json(form: &Form) -> String {
    serde_json::json!(form).to_string()
}

impl TryFrom<FilingRow> for Filing {
    type Error = Error;

    fn try_from(row: FilingRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: row.kind,
            prefecture: row.prefecture_code,
            code10: row.code10,
            facility: row.facility_id,
            site: row.site_id,
            state: row.state,
            replaces: row.replaces_id,
            due_on: row.due_on,
            form: form(&row.form)?,
            submitted_on: row.submitted_on,
            correct_by: row.correct_by,
            acceptance_number: row.acceptance_number,
            accepted_on: row.accepted_on,
            effective_from: row.effective_from,
            ended_on: row.ended_on,
            version: row.version,
        })
    }
}

macro_rules! select_filing {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, prefecture_code, code10, facility_id, site_id, state, replaces_id,
                due_on, form, submitted_on, correct_by, acceptance_number, accepted_on,
                effective_from, ended_on, version
             FROM filing ",
            $rest
        )
    };
}
use select_filing;

#[derive(FromRow)]
struct EventRow {
    number: i64,
    step: FilingStep,
    from_state: FilingState,
    to_state: FilingState,
    reason: Option<String>,
    remarks: Option<String>,
    form: Option<String>,
    account_id: Option<AccountId>,
    name: Option<String>,
    at: Instant,
}

/// A step that is taken: where it leads, who takes it and why.
#[derive(Debug)]
pub struct Step<'a> {
    /// What.
    pub step: FilingStep,
    /// Where it leads.
    pub to: FilingState,
    /// Why.
    pub reason: Option<&'a str>,
    /// What is to be corrected.
    pub remarks: Option<&'a Form>,
    /// What is handed in, with what is known of the place besides.
    pub filed: Option<&'a Form>,
    /// Who; nobody where a day has come.
    pub by: Option<AccountId>,
    /// When.
    pub at: Instant,
}

/// One filing as who reviews them lists it.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct QueueRow {
    pub id: FilingId,
    pub kind: FilingKind,
    pub state: FilingState,
    pub name: String,
    pub code10: Option<String>,
    pub submitted_on: Option<NaiveDate>,
    pub correct_by: Option<NaiveDate>,
    pub acceptance_number: Option<String>,
    pub effective_from: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
}

fn whole(rows: Vec<FilingRow>) -> Result<Vec<Filing>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

impl Tx {
    /// One filing.
    pub async fn filing(&mut self, id: FilingId) -> Result<Option<Filing>> {
        let sql = select_filing!("WHERE id = $1");
        let row: Option<FilingRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        row.map(TryInto::try_into).transpose()
    }

    /// The filings of a clinic, the newest first.
    pub async fn filings_of(&mut self, facility: FacilityId) -> Result<Vec<Filing>> {
        let sql = select_filing!("WHERE facility_id = $1 ORDER BY created_at DESC, id DESC");
        whole(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// The filings of whoever runs reception facilities, the newest first.
    pub async fn filings_of_operator(&mut self, operator: AccountId) -> Result<Vec<Filing>> {
        let sql = select_filing!(
            "WHERE site_id IN (SELECT id FROM reception_site WHERE operator_id = $1)
             ORDER BY created_at DESC, id DESC"
        );
        whole(on!(self, |db| sqlx::query_as(sql).bind(operator).fetch_all(db).await?))
    }

    /// The filing of a kind that is in effect, for the institution or the reception facility of `of`.
    pub async fn filing_in_effect(&mut self, of: &Filing) -> Result<Option<Filing>> {
        let sql = select_filing!(
            "WHERE kind = $1 AND state = 'in_effect' AND (code10 = $2 OR site_id = $3)"
        );
        let row: Option<FilingRow> = on!(self, |db| {
            let query = sqlx::query_as(sql).bind(of.kind).bind(&of.code10).bind(of.site);
            query.fetch_optional(db).await?
        });
        row.map(TryInto::try_into).transpose()
    }

    /// Filings that are accepted and whose first day has come.
    pub async fn filings_to_take_effect(&mut self, today: NaiveDate) -> Result<Vec<FilingId>> {
        let sql = "SELECT id FROM filing WHERE state = 'accepted' AND effective_from <= $1
            ORDER BY effective_from, id LIMIT 500";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(today).fetch_all(db).await?))
    }

    /// Filings that were handed in, of one state or of all, those that wait longest first.
    pub async fn filing_queue(
        &mut self,
        state: Option<FilingState>,
        kind: Option<FilingKind>,
        limit: i64,
    ) -> Result<Vec<QueueRow>> {
        let sql = "SELECT f.id, f.kind, f.state, COALESCE(facility.name, site.name, '') AS name,
                f.code10, f.submitted_on, f.correct_by, f.acceptance_number, f.effective_from,
                f.due_on
            FROM filing AS f LEFT JOIN facility ON facility.id = f.facility_id
                LEFT JOIN reception_site AS site ON site.id = f.site_id
            WHERE f.submitted_on IS NOT NULL AND ($1 IS NULL OR f.state = $1)
              AND ($2 IS NULL OR f.kind = $2)
            ORDER BY f.changed_at, f.id LIMIT $3";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(state).bind(kind).bind(limit).fetch_all(db).await?
        }))
    }

    /// Begins a filing; fails with [`Error::Exists`] where another of its kind is under way.
    pub async fn add_filing(&mut self, f: &Filing, now: Instant) -> Result<()> {
        let sql = "INSERT INTO filing (id, kind, prefecture_code, code10, facility_id, site_id,
                criterion, state, replaces_id, due_on, form, version, created_at, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10, 1, $11, $11)";
        let criterion = (f.kind == FilingKind::Criterion).then_some("ict_care");
        run!(
            self,
            sqlx::query(sql)
                .bind(f.id)
                .bind(f.kind)
                .bind(&f.prefecture)
                .bind(&f.code10)
                .bind(f.facility)
                .bind(f.site)
                .bind(criterion)
                .bind(f.replaces)
                .bind(f.due_on)
                .bind(json(&f.form))
                .bind(now)
        );
        Ok(())
    }

    /// Keeps what is filled in, if the filing is still as of `version`.
    pub async fn put_filing_form(
        &mut self,
        id: FilingId,
        version: i64,
        form: &Form,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE filing SET form = $3, version = version + 1, changed_at = $4
            WHERE id = $1 AND version = $2";
        let put = run!(self, sqlx::query(sql).bind(id).bind(version).bind(json(form)).bind(now));
        if put == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Takes a step: the filing as it is after it, if it is still as of its version before, and the
    /// event that tells it. There is no other way to another state.
    pub async fn step_filing(&mut self, after: &Filing, step: &Step<'_>) -> Result<()> {
        let before = self.filing(after.id).await?.ok_or(Error::Stale)?;
        let sql = "UPDATE filing SET state = $3, submitted_on = $4, correct_by = $5,
                acceptance_number = $6, accepted_on = $7, effective_from = $8, ended_on = $9,
                version = version + 1, changed_at = $10
            WHERE id = $1 AND version = $2";
        let stepped = run!(
            &mut *self,
            sqlx::query(sql)
                .bind(after.id)
                .bind(after.version)
                .bind(step.to)
                .bind(after.submitted_on)
                .bind(after.correct_by)
                .bind(&after.acceptance_number)
                .bind(after.accepted_on)
                .bind(after.effective_from)
                .bind(after.ended_on)
                .bind(step.at)
        );
        if stepped != 1 {
            return Err(Error::Stale);
        }
        let sql = "INSERT INTO filing_event (id, filing_id, number, step, from_state, to_state,
                reason, remarks, form, account_id, at)
            VALUES ($1, $2, (SELECT count(*) + 1 FROM filing_event WHERE filing_id = $2), $3, $4,
                $5, $6, $7, $8, $9, $10)";
        run!(
            self,
            sqlx::query(sql)
                .bind(new_id())
                .bind(after.id)
                .bind(step.step)
                .bind(before.state)
                .bind(step.to)
                .bind(step.reason)
                .bind(step.remarks.map(json))
                .bind(step.filed.map(json))
                .bind(step.by)
                .bind(step.at)
        );
        Ok(())
    }

    /// What was done to a filing, in order.
    pub async fn filing_events(&mut self, id: FilingId) -> Result<Vec<Event>> {
        let sql = "SELECT number, step, from_state, to_state, reason, remarks, form, account_id,
                account.name, at
            FROM filing_event LEFT JOIN account ON account.id = account_id
            WHERE filing_id = $1 ORDER BY number";
        let rows: Vec<EventRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await?);
        let event = |row: EventRow| {
            Ok(Event {
                number: row.number,
                step: row.step,
                from: row.from_state,
                to: row.to_state,
                reason: row.reason,
                remarks: row.remarks.as_deref().map(form).transpose()?.unwrap_or_default(),
                form: row.form.as_deref().map(form).transpose()?,
                by: row.account_id,
                by_name: row.name,
                at: row.at,
            })
        };
        rows.into_iter().map(event).collect()
    }

    /// What stands for a filing's demands.
    pub async fn filing_checks(&mut self, id: FilingId) -> Result<Vec<Check>> {
        let sql = "SELECT item, met, evidence, url, checked_on, snapshot_on
            FROM facility_criterion_check WHERE filing_id = $1 ORDER BY item";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await?))
    }

    /// Keeps what stands for one demand of a filing.
    pub async fn put_filing_check(
        &mut self,
        id: FilingId,
        check: &Check,
        by: AccountId,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO facility_criterion_check (filing_id, item, met, evidence, url,
                checked_on, snapshot_on, account_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (filing_id, item) DO UPDATE SET met = excluded.met,
                evidence = excluded.evidence, url = excluded.url,
                checked_on = excluded.checked_on, snapshot_on = excluded.snapshot_on,
                account_id = excluded.account_id, at = excluded.at";
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(&check.item)
                .bind(check.met)
                .bind(&check.evidence)
                .bind(&check.url)
                .bind(check.checked_on)
                .bind(check.snapshot_on)
                .bind(by)
                .bind(now)
        );
        Ok(())
    }
}
