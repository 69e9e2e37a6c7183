//! Japanese era dates (和暦), as the bureaus write them: `令和 7年 9月 1日`, `令和元年11月 1日`,
//! full-width digits in titles.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use crate::model::register::fiscal_year;

/// An era: its name, its letter, the western year before its first, and its first and last days.
struct Era {
    name: &'static str,
    letter: char,
    before: i32,
    first: (i32, u32, u32),
    last: (i32, u32, u32),
}

/// The newest first. Bureaus state no date before Meiji.
const ERAS: [Era; 5] = [
    Era { name: "令和", letter: 'R', before: 2018, first: (2019, 5, 1), last: (9999, 12, 31) },
    Era { name: "平成", letter: 'H', before: 1988, first: (1989, 1, 8), last: (2019, 4, 30) },
    Era { name: "昭和", letter: 'S', before: 1925, first: (1926, 12, 25), last: (1989, 1, 7) },
    Era { name: "大正", letter: 'T', before: 1911, first: (1912, 7, 30), last: (1926, 12, 24) },
    Era { name: "明治", letter: 'M', before: 1867, first: (1868, 10, 23), last: (1912, 7, 29) },
];

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDate {
    /// Not of the form era, year, month, day.
    #[error("not a date of an era")]
    Form,
    /// The era had no such day: 平成40年, 昭和64年2月, 31 June.
    #[error("no era had this day")]
    Impossible,
}

/// Reads a text that is one date and nothing else.
pub fn parse(text: &str) -> Result<NaiveDate, NoDate> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let (date, rest) = read(&text).ok_or(NoDate::Form)?;
    if rest.is_empty() { date } else { Err(NoDate::Form) }
}

/// All dates in `text`, in order, each with the characters after it up to the next date.
pub fn find(text: &str) -> Vec<(Result<NaiveDate, NoDate>, String)> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let mut found: Vec<(Result<NaiveDate, NoDate>, String)> = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((date, after)) = read(rest) {
            found.push((date, String::new()));
            rest = after;
        } else {
            if let Some((_, tail)) = found.last_mut() {
                tail.push(first);
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

/// Reads a date at the start of `text`, which has neither spaces nor full-width digits.
fn read(text: &str) -> Option<(Result<NaiveDate, NoDate>, &str)> {
    let (era, rest) = ERAS.iter().find_map(|era| Some((era, text.strip_prefix(era.name)?)))?;
    let (year, rest) = match rest.strip_prefix("元年") {
        Some(rest) => (1, rest),
        None => number(rest, '年')?,
    };
    let (month, rest) = number(rest, '月')?;
    let (day, rest) = number(rest, '日')?;
    Some((era.day(year, month, day).ok_or(NoDate::Impossible), rest))
}

/// One or two digits and the `unit` behind them.
fn number(text: &str, unit: char) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_once(unit)?;
    let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { Some((digits.parse().ok()?, rest)) } else { None }
}

impl Era {
    fn day(&self, year: u32, month: u32, day: u32) -> Option<NaiveDate> {
        let year = i32::try_from(year).ok().filter(|year| *year >= 1)?;
        let date = NaiveDate::from_ymd_opt(self.before + year, month, day)?;
        self.holds(date).then_some(date)
    }

    fn holds(&self, date: NaiveDate) -> bool {
        let day = (date.year(), date.month(), date.day());
        self.first <= day && day <= self.last
    }
}

/// `令和5年`, `令和元年`: the year of the era in which `date` lies; the western year before Meiji.
pub fn year_of(date: NaiveDate) -> String {
    match ERAS.iter().find(|era| era.holds(date)) {
        Some(era) if date.year() == era.before + 1 => format!("{}元年", era.name),
        Some(era) => format!("{}{}年", era.name, date.year() - era.before),
        None => format!("{}年", date.year()),
    }
}

/// `令和7年9月1日`.
pub fn format(date: NaiveDate) -> String {
    format!("{}{}月{}日", year_of(date), date.month(), date.day())
}

/// `令和5年度` for 2023. The fiscal year 2019 is 令和元年度, as offices write it, though it began
/// in 平成.
pub fn format_fiscal_year(year: i32) -> String {
    // The era in which the fiscal year ends its calendar year is the one that names it.
    NaiveDate::from_ymd_opt(year, 12, 31)
        .map_or_else(|| format!("{year}年度"), |end| format!("{}度", year_of(end)))
}

/// `R5`, `H30`, `R1`: the short form of a fiscal year for the axis of a chart.
pub fn short_fiscal_year(year: i32) -> String {
    let end = NaiveDate::from_ymd_opt(year, 12, 31);
    let era = end.and_then(|end| ERAS.iter().find(|era| era.holds(end)));
    era.map_or_else(|| year.to_string(), |era| format!("{}{}", era.letter, year - era.before))
}

/// `令和5年度` for the fiscal year that `date` falls in.
pub fn fiscal_year_of(date: NaiveDate) -> String {
    format_fiscal_year(fiscal_year(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_as_the_bureaus_write_them() {
        for (text, expected) in [
            ("令和 7年 9月 1日", "2025-09-01"),
            ("令和 4年10月 1日", "2022-10-01"),
            ("平成29年 4月 1日", "2017-04-01"),
            ("令和元年 7月 1日", "2019-07-01"),
            ("令和元年11月 1日", "2019-11-01"),
            ("令和７年９月１日", "2025-09-01"),
            ("平成31年4月30日", "2019-04-30"),
            ("㋿元年5月1日", "2019-05-01"),
        ] {
            assert_eq!(parse(text), Ok(date(expected)), "{text}");
        }
    }

    #[test]
    fn days_that_no_era_had() {
        for text in [
            "平成40年1月1日",
            "平成31年5月1日",
            "令和元年4月30日",
            "令和7年2月29日",
            "令和0年1月1日",
        ] {
            assert_eq!(parse(text), Err(NoDate::Impossible), "{text}");
        }
        for text in
            ["", "令和", "R7.9.1", "令和7年9月", "令和7年9月1日から", "令和７００年９月１日"]
        {
            assert_eq!(parse(text), Err(NoDate::Form), "{text}");
        }
    }

    #[test]
    fn a_title_holds_two_dates() {
        let title = "[令和７年９月１日 現在 ]令和７年１０月１日作成 全医療機関出力";
        let found = find(title);
        assert_eq!(found[0], (Ok(date("2025-09-01")), "現在]".into()));
        assert_eq!(found[1], (Ok(date("2025-10-01")), "作成全医療機関出力".into()));
    }

    #[test]
    fn printing_goes_back_to_the_same_day() {
        for day in
            ["1868-10-23", "1912-07-30", "1989-01-07", "1989-01-08", "2019-05-01", "2026-11-23"]
        {
            assert_eq!(parse(&format(date(day))), Ok(date(day)), "{day}");
        }
    }

    #[test]
    fn fiscal_years_by_era() {
        assert_eq!(
            [2018, 2019, 2023].map(format_fiscal_year),
            ["平成30年度", "令和元年度", "令和5年度"]
        );
        assert_eq!([2018, 2019, 2023].map(short_fiscal_year), ["H30", "R1", "R5"]);
        assert_eq!(fiscal_year_of(date("2023-03-31")), "令和4年度");
    }
}
