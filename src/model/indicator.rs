//! Figures of the medical care plan beside the register: what is followed, its values, and counts
//! that others published.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FigureId, PublishedId};
use crate::time::Instant;

/// The years that a figure can be of.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2100;

/// When a figure is of, as exactly as its source says: a year, a month or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// `2020`.
    Year(i32),
    /// `2023-03`; the day is the first of the month.
    Month(NaiveDate),
    /// `2025-01-01`.
    Day(NaiveDate),
}

impl Period {
    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        match self {
            Self::Year(year) => NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default(),
            Self::Month(day) | Self::Day(day) => day,
        }
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        let next = match self {
            Self::Year(year) => NaiveDate::from_ymd_opt(year + 1, 1, 1),
            Self::Month(first) => first.checked_add_months(chrono::Months::new(1)),
            Self::Day(day) => return day,
        };
        next.and_then(|day| day.pred_opt()).unwrap_or_default()
    }
}

impl FromStr for Period {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = |part: &str, count| {
            part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let number = |part: &str| part.parse::<u32>().map_err(|_| ());
        let parts: Vec<&str> = text.split('-').collect();
        let year = parts.first().filter(|year| digits(year, 4)).ok_or(())?;
        let year: i32 = year.parse().map_err(|_| ())?;
        if !YEARS.contains(&year) || parts[1..].iter().any(|part| !digits(part, 2)) {
            return Err(());
        }
        let date = |month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or(());
        match parts[1..] {
            [] => Ok(Self::Year(year)),
            [month] => Ok(Self::Month(date(number(month)?, 1)?)),
            [month, day] => Ok(Self::Day(date(number(month)?, number(day)?)?)),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::Month(day) => write!(f, "{}-{:02}", day.year(), day.month()),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

/// What an indicator is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = IndicatorTopic)]
pub enum Topic {
    /// Electronic medical records.
    Records,
    /// Regional medical networks.
    Network,
    /// Who lives here.
    Population,
}

/// In what an indicator is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = IndicatorUnit)]
pub enum Unit {
    /// A share.
    Percent,
    /// 万人.
    TenThousandPeople,
    /// 人.
    People,
}

/// Which way an indicator by which the plan evaluates itself is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = IndicatorGoal)]
pub enum Goal {
    /// 上げる.
    Raise,
    /// 下げる.
    Lower,
}

/// Where a figure came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = IndicatorOrigin)]
pub enum Origin {
    /// With the program.
    Seed,
    /// By the form.
    Form,
    /// By a file.
    Csv,
}

impl Origin {
    /// The word for it in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Form => "form",
            Self::Csv => "csv",
        }
    }
}

/// What is followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Indicator {
    /// Its word in data.
    pub key: String,
    /// What it is about.
    pub topic: Topic,
    /// In what it is counted.
    pub unit: Unit,
    /// Which way it is to go, where the plan evaluates itself by it.
    pub goal: Option<Goal>,
    /// Its title.
    pub title_ja: String,
    /// Its title in English.
    pub title_en: String,
}

/// A value of an indicator as it is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Of which indicator.
    pub key: String,
    /// When.
    pub period: Period,
    /// Whether it was projected and not counted.
    pub projection: bool,
    /// In thousandths of the indicator's unit: 48.7 % is 48,700.
    pub thousandths: i64,
    /// The part and the whole of a share, where printed.
    pub fraction: Option<(i64, i64)>,
    /// Who says so.
    pub source: String,
}

/// What a figure may be: 48.7, 334, 14002534. Nothing where `text` is no number of at most three
/// decimals; signs, grouping by commas and full-width digits are understood.
pub fn thousandths(text: &str) -> Option<i64> {
    use unicode_normalization::UnicodeNormalization;
    let text: String = text.nfkc().filter(|c| *c != ',' && !c.is_whitespace()).collect();
    let text = text.strip_suffix('%').unwrap_or(&text);
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 9
        || decimals.len() > 3
        || !plain(whole)
        || !plain(decimals)
    {
        return None;
    }
    format!("{whole}{decimals:0<3}").parse().ok()
}

/// A count that somebody published, as it is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedCount {
    /// Of which prefecture: two digits.
    pub prefecture: String,
    /// Of which criterion.
    pub criterion: super::register::Criterion,
    /// When.
    pub period: Period,
    /// Whether it stands for the end of a fiscal year.
    pub year_end: bool,
    /// How many facilities.
    pub facilities: i64,
    /// Who says so.
    pub source: String,
}

impl PublishedCount {
    /// The day on which the rows are counted beside it. A month without a day is taken at its first:
    /// the bureaus' lists are of first days; the end of a fiscal year is its last day.
    pub fn day(&self) -> NaiveDate {
        if self.year_end { self.period.last_day() } else { self.period.first_day() }
    }
}

/// A value of an indicator as it is kept.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its id.
    pub id: FigureId,
    /// What it says.
    pub entered: Entered,
    /// Where it came in.
    pub origin: Origin,
    /// When; nothing for what came with the program.
    pub recorded_at: Option<Instant>,
}

/// A published count as it is kept.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its id.
    pub id: PublishedId,
    /// What it says.
    pub count: PublishedCount,
    /// Where it came in.
    pub origin: Origin,
    /// Why it differs from the rows, where somebody said so.
    pub explanation: Option<String>,
}

/// What a device of the subsidy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = SubsidyDevice)]
pub enum Device {
    /// パソコン.
    Pc,
    /// タブレット端末.
    Tablet,
    /// カメラ.
    Camera,
    /// マイク.
    Microphone,
    /// ヘッドセット.
    Headset,
    /// ルーター.
    Router,
    /// Anything else that serves online care alone.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_what_its_source_says_and_no_more() {
        for (text, first, last) in [
            ("2020", "2020-01-01", "2020-12-31"),
            ("2023-03", "2023-03-01", "2023-03-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2025-01-01", "2025-01-01", "2025-01-01"),
        ] {
            let period: Period = text.parse().unwrap();
            let days = [period.first_day(), period.last_day()].map(|day| day.to_string());
            assert_eq!(
                (period.to_string().as_str(), days),
                (text, [first, last].map(str::to_owned))
            );
        }
        for bad in
            ["", "20", "1949", "2101", "2023-3", "2023-13", "2023-02-29", "2020-01-01-01", "+020"]
        {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_figure_is_exact_to_a_thousandth() {
        let read = ["48.7", "48.7％", "1,051", "３３４", "0.001", "14002534"].map(thousandths);
        let expected = [48_700, 48_700, 1_051_000, 334_000, 1, 14_002_534_000];
        assert_eq!(read, expected.map(Some));
        for bad in ["", "-1", "1.2345", "1e3", "1.2.3", "abc", "12345678901", ".5"] {
            assert_eq!(thousandths(bad), None, "{bad}");
        }
    }
}
