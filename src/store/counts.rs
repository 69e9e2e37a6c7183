//! What counting reads of the register.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::FromRow;

use super::register::{code, odd};
use super::{Result, Tx, on};
use crate::engine::counts::snapshot::{FilingRow, ListRow, PairRow, Rows, StateRow};
use crate::model::register::{Code10, Criterion, Size};
use crate::time::Instant;

/// What tells of every change of the lists in the register, whoever made it: how many were read and
/// how many were taken back. Neither ever falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListsVersion {
    imports: i64,
    undone: i64,
}

#[derive(FromRow)]
struct ListFound {
    prefecture_code: String,
    as_of: NaiveDate,
    all_institutions: bool,
    imported_at: Instant,
    undone_at: Option<Instant>,
}

#[derive(FromRow)]
struct StateFound {
    code10: String,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    municipality_code: Option<String>,
    size: String,
    recorded_at: Instant,
    superseded_at: Option<Instant>,
}

#[derive(FromRow)]
struct FilingFound {
    code10: String,
    criterion: String,
    effective_from: Option<NaiveDate>,
    lapsed_after: Option<NaiveDate>,
    lapsed_on: Option<NaiveDate>,
    as_of: NaiveDate,
    recorded_at: Instant,
    superseded_at: Option<Instant>,
}

#[derive(FromRow)]
struct PairFound {
    old_code10: String,
    new_code10: String,
    recorded_at: Instant,
    superseded_at: Option<Instant>,
}

/// How an institution was, in words.
#[derive(Clone, Debug, FromRow)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// `NNN-NNNN`.
    pub postal_code: Option<String>,
    /// Its address as the list states it.
    pub address: String,
    /// From this day.
    pub valid_from: NaiveDate,
}

impl TryFrom<StateFound> for StateRow {
    type Error = super::Error;

    fn try_from(row: StateFound) -> Result<Self> {
        let size = Size::ALL.into_iter().find(|size| size.code() == row.size);
        Ok(Self {
            code: code(&row.code10)?,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            municipality: row.municipality_code,
            size: size.ok_or_else(|| odd("size", &row.size))?,
            recorded_at: row.recorded_at,
            superseded_at: row.superseded_at,
        })
    }
}

impl FilingFound {
    /// A day on which a list showed it.
    fn shown(&self) -> NaiveDate {
        self.lapsed_after.map_or(self.as_of, |after| after.min(self.as_of))
    }

    fn criterion(&self) -> Result<Criterion> {
        self.criterion.parse().map_err(|_| odd("criterion", &self.criterion))
    }
}

/// Where a list tells no start, the acceptance is known from the first list that shows it; from the
/// first one since it was last known to have lapsed.
#[derive(Default)]
struct Starts {
    shown: HashMap<(Code10, Criterion), Vec<NaiveDate>>,
    lapsed: HashMap<(Code10, Criterion), Vec<NaiveDate>>,
}

impl Starts {
    fn of(found: &[FilingFound]) -> Result<Self> {
        let mut starts = Self::default();
        for row in found {
            let key = (code(&row.code10)?, row.criterion()?);
            if row.effective_from.is_none() {
                starts.shown.entry(key).or_default().push(row.shown());
            }
            if let (Some(on), None) = (row.lapsed_on, row.superseded_at) {
                starts.lapsed.entry(key).or_default().push(on);
            }
        }
        Ok(starts)
    }

    fn first_seen(&self, row: &FilingFound, key: (Code10, Criterion)) -> NaiveDate {
        let shown = row.shown();
        let lapsed = self.lapsed.get(&key).into_iter().flatten().copied();
        let since = lapsed.filter(|on| *on <= shown).max().unwrap_or(NaiveDate::MIN);
        let seen = self.shown.get(&key).into_iter().flatten().copied();
        seen.filter(|day| *day >= since).min().unwrap_or(shown)
    }
}

impl Tx {
    /// The version of the lists.
    pub async fn lists_version(&mut self) -> Result<ListsVersion> {
        let sql = "SELECT count(*), count(undone_at) FROM bureau_import";
        let (imports, undone) = on!(self, |db| sqlx::query_as(sql).fetch_one(db).await?);
        Ok(ListsVersion { imports, undone })
    }

    /// All that lists have said, with both times.
    pub async fn register_rows(&mut self) -> Result<Rows> {
        let sql = "SELECT prefecture_code, as_of, all_institutions, imported_at, undone_at
                   FROM bureau_import";
        let lists: Vec<ListFound> = on!(&mut *self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        let list = |row: ListFound| ListRow {
            prefecture: row.prefecture_code,
            as_of: row.as_of,
            all_institutions: row.all_institutions,
            recorded_at: row.imported_at,
            undone_at: row.undone_at,
        };
        let sql = "SELECT code10, valid_from, valid_until, municipality_code, size, recorded_at,
                       superseded_at FROM institution_state";
        let states: Vec<StateFound> =
            on!(&mut *self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        let sql = "SELECT old_code10, new_code10, recorded_at, superseded_at FROM redesignation";
        let pairs: Vec<PairFound> = on!(&mut *self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        let pair = |row: PairFound| -> Result<PairRow> {
            Ok(PairRow {
                old: code(&row.old_code10)?,
                new: code(&row.new_code10)?,
                recorded_at: row.recorded_at,
                superseded_at: row.superseded_at,
            })
        };
        Ok(Rows {
            lists: lists.into_iter().map(list).collect(),
            states: states.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            filings: self.filing_rows().await?,
            pairs: pairs.into_iter().map(pair).collect::<Result<_>>()?,
        })
    }

    /// Notifications from lists; those that this service's own filings made are no part of the
    /// bureaus' counts.
    async fn filing_rows(&mut self) -> Result<Vec<FilingRow>> {
        let sql = "SELECT n.code10, n.criterion, n.effective_from, n.lapsed_after, n.lapsed_on,
                b.as_of, n.recorded_at, n.superseded_at
            FROM notification AS n JOIN bureau_import AS b ON b.id = n.import_id
            WHERE n.source = 'bureau'";
        let found: Vec<FilingFound> = on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        let starts = Starts::of(&found)?;
        let filing = |row: FilingFound| -> Result<FilingRow> {
            let (code, criterion) = (code(&row.code10)?, row.criterion()?);
            Ok(FilingRow {
                code,
                criterion,
                effective_from: row.effective_from,
                first_seen: starts.first_seen(&row, (code, criterion)),
                lapsed: row.lapsed_after.zip(row.lapsed_on),
                recorded_at: row.recorded_at,
                superseded_at: row.superseded_at,
            })
        };
        found.into_iter().map(filing).collect()
    }

    /// What an institution was called and where it was on a day, as known at an instant; before
    /// the first list that shows it, as in that.
    pub async fn described(
        &mut self,
        institution: Code10,
        as_of: NaiveDate,
        known: Instant,
    ) -> Result<Option<Described>> {
        let sql = "SELECT name, postal_code, address, valid_from FROM institution_state
                   WHERE code10 = $1 AND recorded_at <= $2
                     AND (superseded_at IS NULL OR superseded_at > $2)
                   ORDER BY valid_from";
        let mut found: Vec<Described> = on!(self, |db| {
            sqlx::query_as(sql).bind(institution.as_str()).bind(known).fetch_all(db).await?
        });
        let held = found.iter().rposition(|state| state.valid_from <= as_of).unwrap_or(0);
        Ok((held < found.len()).then(|| found.swap_remove(held)))
    }
}
