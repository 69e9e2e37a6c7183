//! Notifications from one list to the next. A later list says how things are on its day: what an
//! earlier one showed was so on that one's day, whatever became of it, and is kept with its end.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::super::register::NotificationRow;
use super::super::{Result, Tx, on, run};
use crate::engine::import::Diff;
use crate::model::ImportId;
use crate::model::register::{Code10, Criterion, Notification};
use crate::time::Instant;

/// What the last list of an earlier day showed.
struct Before {
    day: NaiveDate,
    shown: HashMap<(Code10, Criterion), Notification>,
}

impl Before {
    fn new(day: NaiveDate, shown: impl Iterator<Item = Notification>) -> Self {
        Self { day, shown: shown.map(|n| ((n.institution, n.criterion), n)).collect() }
    }

    /// The same notification as it stood in that list.
    fn of(&self, n: &Notification) -> Option<Notification> {
        let mut old = self.shown.get(&(n.institution, n.criterion)).cloned()?;
        // That list showed it as accepted, whatever day it wrote.
        old.effective_from = old.effective_from.filter(|start| *start <= self.day);
        Some(old)
    }
}

impl Tx {
    pub(super) async fn apply_notifications(
        &mut self,
        prefecture: &str,
        diff: &Diff,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        let notifications = &diff.notifications;
        let before = self.shown_before(prefecture, diff).await?;
        let changed = || notifications.changed.iter();
        for old in changed().map(|change| &change.old).chain(&notifications.lapsed) {
            self.supersede(old, import, now).await?;
        }
        self.supersede_others(&notifications.new, import, now).await?;
        let shown = || notifications.new.iter().chain(changed().map(|change| &change.new));
        let Some(before) = before else {
            let open: Vec<&Notification> = shown().collect();
            return self.add_notifications(&open, None, import, now).await;
        };
        if diff.lapsed_after == Some(diff.lapsed_by) {
            // A corrected list of the same day says anew what ended since the list before.
            for n in shown().chain(&notifications.lapsed) {
                self.take_back_end(n, before.day, import, now).await?;
            }
        }
        let mut open = Vec::new();
        let mut ended: BTreeMap<NaiveDate, Vec<Notification>> = BTreeMap::new();
        for n in shown() {
            let old = before.of(n);
            let told = n.effective_from.or(old.as_ref().and_then(|old| old.effective_from));
            open.push(Notification { effective_from: told, ..n.clone() });
            // It begins after a day on which it was in effect: there was another one before it.
            if let Some((old, start)) = old.zip(told).filter(|(_, start)| *start > before.day) {
                ended.entry(start).or_default().push(old);
            }
        }
        let lapsed = notifications.lapsed.iter().filter_map(|n| before.of(n));
        ended.entry(diff.lapsed_by).or_default().extend(lapsed);
        for (day, all) in ended {
            let all: Vec<&Notification> = all.iter().collect();
            self.add_notifications(&all, Some((before.day, day)), import, now).await?;
        }
        let open: Vec<&Notification> = open.iter().collect();
        self.add_notifications(&open, None, import, now).await
    }

    /// What the last list of an earlier day showed of the notifications that this one is not
    /// silent about; nothing where there is no such list.
    async fn shown_before(&mut self, prefecture: &str, diff: &Diff) -> Result<Option<Before>> {
        let Some(day) = diff.lapsed_after else { return Ok(None) };
        if day < diff.lapsed_by {
            let stored = diff.notifications.changed.iter().map(|change| &change.old);
            let stored = stored.chain(&diff.notifications.lapsed).cloned();
            return Ok(Some(Before::new(day, stored)));
        }
        let sql = "SELECT as_of FROM bureau_import
            WHERE prefecture_code = $1 AND as_of < $2 AND undone_at IS NULL
            ORDER BY as_of DESC LIMIT 1";
        let earlier: Option<NaiveDate> = on!(&mut *self, |db| {
            sqlx::query_scalar(sql).bind(prefecture).bind(day).fetch_optional(db).await?
        });
        let Some(earlier) = earlier else { return Ok(None) };
        // What lists of earlier days left open and none of this day, or only one that stands, ended.
        let sql = "SELECT n.code10, n.criterion, n.acceptance_number, n.effective_from
            FROM notification AS n JOIN bureau_import AS own ON own.id = n.import_id
                LEFT JOIN bureau_import AS later ON later.id = n.superseded_import_id
            WHERE own.prefecture_code = $1 AND own.as_of < $2 AND n.lapsed_on IS NULL
                AND (n.superseded_at IS NULL OR (later.as_of = $2 AND later.undone_at IS NULL))";
        let found: Vec<NotificationRow> = on!(&mut *self, |db| {
            sqlx::query_as(sql).bind(prefecture).bind(day).fetch_all(db).await?
        });
        let found: Result<Vec<Notification>> = found.into_iter().map(TryInto::try_into).collect();
        Ok(Some(Before::new(earlier, found?.into_iter())))
    }

    async fn supersede(
        &mut self,
        old: &Notification,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE notification SET superseded_at = $3, superseded_import_id = $4
                   WHERE code10 = $1 AND criterion = $2 AND superseded_at IS NULL
                     AND lapsed_on IS NULL";
        run!(
            self,
            sqlx::query(sql)
                .bind(old.institution.as_str())
                .bind(old.criterion.code())
                .bind(now)
                .bind(import)
        );
        Ok(())
    }

    /// Supersedes what others than lists said of notifications that a list shows now.
    async fn supersede_others(
        &mut self,
        shown: &[Notification],
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        let Some(first) = shown.first() else { return Ok(()) };
        let sql = "SELECT n.code10, criterion, acceptance_number, effective_from
                   FROM notification AS n JOIN institution AS i ON i.code10 = n.code10
                   WHERE prefecture_code = $1 AND n.source <> 'bureau' AND superseded_at IS NULL
                     AND lapsed_on IS NULL";
        let prefecture = first.institution.prefecture();
        let others: Vec<NotificationRow> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(prefecture).fetch_all(db).await?);
        for other in others {
            let other: Notification = other.try_into()?;
            let same = |n: &&Notification| {
                n.institution == other.institution && n.criterion == other.criterion
            };
            if shown.iter().any(|n| same(&n)) {
                self.supersede(&other, import, now).await?;
            }
        }
        Ok(())
    }

    /// Takes back what the list that follows that of `day` said of a notification's end.
    async fn take_back_end(
        &mut self,
        of: &Notification,
        day: NaiveDate,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE notification SET superseded_at = $3, superseded_import_id = $4
                   WHERE code10 = $1 AND criterion = $2 AND superseded_at IS NULL
                     AND lapsed_after = $5 AND source = 'bureau'";
        run!(
            self,
            sqlx::query(sql)
                .bind(of.institution.as_str())
                .bind(of.criterion.code())
                .bind(now)
                .bind(import)
                .bind(day)
        );
        Ok(())
    }
}
