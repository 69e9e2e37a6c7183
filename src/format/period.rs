//! When a figure is of, in words.

use super::{Lang, wareki};
use crate::model::indicator::Period;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `令和2年`, `令和5年3月`, `令和7年1月1日`; what lies ahead is printed in western years, `2030年`.
/// In English `2020`, `March 2023`, `1 January 2025`.
pub fn label(period: Period, projection: bool, lang: Lang) -> String {
    use chrono::Datelike;
    let month = |day: chrono::NaiveDate| MONTHS.get(day.month0() as usize).copied().unwrap_or("");
    match (period, lang) {
        (Period::Year(year), Lang::Ja) if projection => format!("{year}年"),
        (Period::Year(year), Lang::Ja) => wareki::format_year(year),
        (Period::Month(day), Lang::Ja) => wareki::format_month(day),
        (Period::Day(day), Lang::Ja) => wareki::format(day),
        (Period::Year(year), Lang::En) => year.to_string(),
        (Period::Month(day), Lang::En) => format!("{} {}", month(day), day.year()),
        (Period::Day(day), Lang::En) => format!("{} {} {}", day.day(), month(day), day.year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_ahead_is_in_western_years() {
        let of = |text: &str, projection, lang| label(text.parse().unwrap(), projection, lang);
        assert_eq!(of("2020", false, Lang::Ja), "令和2年");
        assert_eq!(of("2030", true, Lang::Ja), "2030年");
        assert_eq!(of("2023-03", false, Lang::Ja), "令和5年3月");
        assert_eq!(of("2023-03", false, Lang::En), "March 2023");
        assert_eq!(of("2025-01-01", false, Lang::En), "1 January 2025");
    }
}
