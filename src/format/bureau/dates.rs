//! Dates in cells and titles. The bureaus write eras in full; what passed through a spreadsheet may
//! have become a western date, a short era or the number of a day.

use chrono::{Days, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use crate::format::wareki::{self, NoDate};

/// The date that a cell states.
pub(super) fn parse(cell: &str) -> Result<NaiveDate, NoDate> {
    match wareki::parse(cell) {
        Err(NoDate::Form) => other(&squeezed(cell)).unwrap_or(Err(NoDate::Form)),
        done => done,
    }
}

/// The day before the word `word` (as 現在) in a title.
pub(super) fn before(title: &str, word: &str) -> Option<NaiveDate> {
    let dates = wareki::find(title);
    if let Some((date, _)) = dates.iter().find(|(_, after)| after.starts_with(word)) {
        return (*date).ok();
    }
    let title = squeezed(title);
    let (head, _) = title.split_once(word)?;
    let of_date = |c: &char| c.is_ascii_digit() || "年月日.-/RHSrhs令和平成昭元".contains(*c);
    let start = head.char_indices().rev().take_while(|(_, c)| of_date(c)).last()?.0;
    other(&head[start..])?.ok()
}

/// NFKC, without spaces.
fn squeezed(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Whether a cell is the bare number of a day in a spreadsheet: which day, its workbook decides.
pub(super) fn is_bare(cell: &str) -> bool {
    squeezed(cell).parse().is_ok_and(|number| SERIALS.contains(&number))
}

/// The numbers of days in a spreadsheet, counted from the end of 1899, that are taken for some: 1954
/// to 2119.
const SERIALS: std::ops::Range<u64> = 20_000..80_000;

/// How an era may begin in a cell, the longer first.
const ERAS: [(&str, &str); 9] = [
    ("令和", "令和"),
    ("平成", "平成"),
    ("昭和", "昭和"),
    ("令", "令和"),
    ("平", "平成"),
    ("昭", "昭和"),
    ("R", "令和"),
    ("H", "平成"),
    ("S", "昭和"),
];

/// A date that is no full date of an era; nothing where it is none of the known forms.
fn other(text: &str) -> Option<Result<NaiveDate, NoDate>> {
    let upper = text.to_ascii_uppercase();
    for (short, era) in ERAS {
        if let Some(rest) = upper.strip_prefix(short) {
            let first = rest.strip_prefix('元').map(|rest| format!("1{rest}"));
            let [year, month, day] = parts(first.as_deref().unwrap_or(rest))?;
            return Some(wareki::parse(&format!("{era}{year}年{month}月{day}日")));
        }
    }
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let days = NaiveDate::parse_from_str(text, "%Y%m%d");
        return Some(days.map_err(|_| NoDate::Impossible));
    }
    if let Some([year, month, day]) = parts(text) {
        let date =
            || NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        return (year.len() == 4).then(|| date().ok_or(NoDate::Impossible));
    }
    let number: u64 = text.parse().ok().filter(|number| SERIALS.contains(number))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number)).map(Ok)
}

/// Year, month and day in digits, whatever stands between them.
fn parts(text: &str) -> Option<[&str; 3]> {
    let text = text.strip_suffix('日').unwrap_or(text);
    let mut parts = text.split(['年', '月', '.', '-', '/']);
    let parts = [parts.next()?, parts.next()?, parts.next().filter(|_| parts.next().is_none())?];
    let digits =
        |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.iter().all(digits).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_cells_that_passed_through_a_spreadsheet() {
        for (cell, expected) in [
            ("令和 7年 9月 1日", Some("2025-09-01")),
            ("2025-09-01", Some("2025-09-01")),
            ("2025/9/1", Some("2025-09-01")),
            ("２０２５年９月１日", Some("2025-09-01")),
            ("R7.9.1", Some("2025-09-01")),
            ("H29.4.1", Some("2017-04-01")),
            ("令06.04.01", Some("2024-04-01")),
            ("令和6.4.1", Some("2024-04-01")),
            ("R元.5.1", Some("2019-05-01")),
            ("平成元/4/1", Some("1989-04-01")),
            ("r6.4.1", Some("2024-04-01")),
            ("20240401", Some("2024-04-01")),
            ("20241301", None),
            ("45901", Some("2025-09-01")),
            ("R7.9", None),
            ("25/9/1", None),
            ("2025-13-01", None),
            ("H40.1.1", None),
            ("1", None),
            ("", None),
        ] {
            let expected = expected.map(|date| date.parse().unwrap());
            assert_eq!(parse(cell).ok(), expected, "{cell}");
        }
        assert_eq!(parse("2025-13-01"), Err(NoDate::Impossible));
        assert_eq!(parse("あした"), Err(NoDate::Form));
    }

    #[test]
    fn the_day_of_a_title() {
        let day = |title| before(title, "現在").map(|day| day.to_string());
        let usual = "[令和７年９月１日 現在 ]令和７年１０月１日作成 全医療機関出力";
        assert_eq!(day(usual).as_deref(), Some("2025-09-01"));
        assert_eq!(day("届出一覧（2025年9月1日現在）").as_deref(), Some("2025-09-01"));
        assert_eq!(day("R7.9.1現在").as_deref(), Some("2025-09-01"));
        assert_eq!(day("令7.9.1現在").as_deref(), Some("2025-09-01"));
        for none in
            ["", "現在", "令和７年１０月１日作成", "[令和７年１３月１日 現在]", "９月１日現在"]
        {
            assert_eq!(day(none), None, "{none}");
        }
    }
}
