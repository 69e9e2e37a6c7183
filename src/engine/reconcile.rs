//! A published count beside what the rows of the register say of the same day. The two are never
//! added, averaged or put into one series; a difference is explained or it is flagged.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::register::Criterion;

/// The last day of オンライン診療料, by which the first criterion went out of force.
const LEGACY_UNTIL: (i32, u32, u32) = (2022, 3, 31);

/// What the rows say of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromRows {
    /// No list of the prefecture was ever read.
    NoList,
    /// The first list is of a later day. A list holds those that hold the criterion on its own day,
    /// so of the earlier day only those are known that have held it since.
    BeforeFirstList {
        /// The day of the first list.
        first: NaiveDate,
        /// How many of that list had begun by then: a lower bound, and no count.
        remaining: i64,
    },
    /// They were counted.
    Counted {
        /// How many distinct institutions held the criterion.
        facilities: i64,
        /// Of these, how many may have lapsed already: between two lists nobody knows the day.
        uncertain: i64,
        /// Accepted by this service's own filing, and in no list yet. Not in `facilities`.
        filings: i64,
    },
}

/// What is to be said of a published count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Both are the same.
    Equal,
    /// The difference is not greater than what nobody knows of days between two lists.
    WithinUncertain,
    /// The difference is not greater than the filings that are in no list yet.
    WithinFilings,
    /// Whoever looked into it said why.
    Explained,
    /// Nothing explains it: to be looked into.
    Unexplained,
    /// There is nothing to compare with: no list of that prefecture.
    NoList,
    /// There is nothing to compare with: the first list is of a later day.
    BeforeFirstList,
    /// The same, and the criterion went out of force before it.
    CriterionEnded,
    /// More of the later list had begun by then than were published: to be looked into.
    MoreRemain,
}

impl Verdict {
    /// Whether somebody should look into it.
    pub fn is_flagged(self) -> bool {
        matches!(self, Self::Unexplained | Self::MoreRemain)
    }

    /// The word for it in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::WithinUncertain => "within_uncertain",
            Self::WithinFilings => "within_filings",
            Self::Explained => "explained",
            Self::Unexplained => "unexplained",
            Self::NoList => "no_list",
            Self::BeforeFirstList => "before_first_list",
            Self::CriterionEnded => "criterion_ended",
            Self::MoreRemain => "more_remain",
        }
    }
}

/// Published less rows, where the rows are a count, and what is to be said of it. `explained` is
/// whether somebody gave a reason.
pub fn judge(
    published: i64,
    criterion: Criterion,
    rows: FromRows,
    explained: bool,
) -> (Option<i64>, Verdict) {
    let verdict = |plain: Verdict| {
        if explained && plain.is_flagged() { Verdict::Explained } else { plain }
    };
    match rows {
        FromRows::NoList => (None, Verdict::NoList),
        FromRows::BeforeFirstList { remaining, .. } if remaining > published => {
            (None, verdict(Verdict::MoreRemain))
        }
        FromRows::BeforeFirstList { first, .. } => {
            let (year, month, day) = LEGACY_UNTIL;
            let ended = NaiveDate::from_ymd_opt(year, month, day).is_some_and(|end| end < first);
            let legacy = criterion == Criterion::OnlineCareFeeLegacy;
            let plain =
                if legacy && ended { Verdict::CriterionEnded } else { Verdict::BeforeFirstList };
            (None, plain)
        }
        FromRows::Counted { facilities, uncertain, filings } => {
            let difference = published - facilities;
            let plain = match difference {
                0 => Verdict::Equal,
                // Those who may have lapsed are counted by the rows: fewer may be published.
                less if less < 0 && -less <= uncertain => Verdict::WithinUncertain,
                more if more > 0 && more <= filings => Verdict::WithinFilings,
                _ => Verdict::Unexplained,
            };
            (Some(difference), verdict(plain))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ICT: Criterion = Criterion::IctCare;

    fn counted(facilities: i64, uncertain: i64, filings: i64) -> FromRows {
        FromRows::Counted { facilities, uncertain, filings }
    }

    #[test]
    fn a_difference_is_explained_or_flagged() {
        let of = |published, rows| judge(published, ICT, rows, false);
        assert_eq!(of(669, counted(669, 0, 0)), (Some(0), Verdict::Equal));
        assert_eq!(of(667, counted(669, 2, 0)), (Some(-2), Verdict::WithinUncertain));
        assert_eq!(of(666, counted(669, 2, 0)), (Some(-3), Verdict::Unexplained));
        assert_eq!(of(671, counted(669, 0, 2)), (Some(2), Verdict::WithinFilings));
        assert_eq!(of(672, counted(669, 9, 2)), (Some(3), Verdict::Unexplained));
        let told = judge(672, ICT, counted(669, 0, 0), true);
        assert_eq!(told, (Some(3), Verdict::Explained));
        // What needs no reason keeps its verdict.
        assert_eq!(judge(669, ICT, counted(669, 0, 0), true).1, Verdict::Equal);
    }

    #[test]
    fn what_is_no_count_has_no_difference() {
        let first = "2025-09-01".parse().unwrap();
        let before = |remaining| FromRows::BeforeFirstList { first, remaining };
        assert_eq!(judge(915, ICT, FromRows::NoList, false), (None, Verdict::NoList));
        assert_eq!(judge(915, ICT, before(800), false), (None, Verdict::BeforeFirstList));
        assert_eq!(judge(915, ICT, before(916), false), (None, Verdict::MoreRemain));
        let legacy = judge(108, Criterion::OnlineCareFeeLegacy, before(0), false);
        assert_eq!(legacy, (None, Verdict::CriterionEnded));
    }
}
