//! Days and years as readers want them: in the era or in the western count, in either language.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Lang, wareki};

/// A language, and how it counts years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The language.
    pub lang: Lang,
    /// Whether years are western; else those of the era (和暦).
    pub western: bool,
}

impl From<Lang> for Style {
    /// What a language is used to: eras in Japanese, western years in English.
    fn from(lang: Lang) -> Self {
        Self { lang, western: lang == Lang::En }
    }
}

impl Style {
    /// `令和7年9月1日`, `2025年9月1日`, `1 September 2025`, `1 September 2025 (R7)`.
    pub fn date(self, date: NaiveDate) -> String {
        match (self.lang, self.western) {
            (Lang::Ja, false) => wareki::format(date),
            (Lang::Ja, true) => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            (Lang::En, western) => {
                let text = date.format("%-d %B %Y").to_string();
                if western { text } else { format!("{text} ({})", short_year(date)) }
            }
        }
    }

    /// `令和7年9月1日 9:05`, `1 September 2025, 9:05`: an instant by the clocks of Tokyo.
    pub fn minute(self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&chrono_tz::Asia::Tokyo);
        let joint = self.lang.pick(" ", ", ");
        format!("{}{joint}{}", self.date(local.date_naive()), local.format("%-H:%M"))
    }

    /// `令和7年9月`, `2025年9月`, `September 2025`.
    pub fn month(self, date: NaiveDate) -> String {
        match (self.lang, self.western) {
            (Lang::Ja, false) => {
                let whole = wareki::format(date);
                whole.rsplit_once('月').map_or(whole.clone(), |(month, _)| format!("{month}月"))
            }
            (Lang::Ja, true) => format!("{}年{}月", date.year(), date.month()),
            (Lang::En, western) => {
                let text = date.format("%B %Y").to_string();
                if western { text } else { format!("{text} ({})", short_year(date)) }
            }
        }
    }

    /// `令和5年度`, `2023年度`, `FY2023`, `FY2023 (R5)`.
    pub fn fiscal_year(self, year: i32) -> String {
        match (self.lang, self.western) {
            (Lang::Ja, false) => wareki::format_fiscal_year(year),
            (Lang::Ja, true) => format!("{year}年度"),
            (Lang::En, true) => format!("FY{year}"),
            (Lang::En, false) => format!("FY{year} ({})", wareki::short_fiscal_year(year)),
        }
    }

    /// `R7.9.1時点`, `2025.9.1時点`, `as of 1 Sep 2025`: a day that is neither a year's end nor a
    /// month's beginning.
    pub fn as_of(self, date: NaiveDate) -> String {
        let year = if self.western { date.year().to_string() } else { short_year(date) };
        match self.lang {
            Lang::Ja => format!("{year}.{}.{}時点", date.month(), date.day()),
            Lang::En => format!("as of {} {year}", date.format("%-d %b")),
        }
    }

    /// `R7.9`, `2025.9`, `Sep 2025`: short, for the axis of a chart.
    pub fn short_month(self, date: NaiveDate) -> String {
        let year = if self.western { date.year().to_string() } else { short_year(date) };
        match self.lang {
            Lang::Ja => format!("{year}.{}", date.month()),
            Lang::En => format!("{} {year}", date.format("%b")),
        }
    }
}

/// `R7`: the year of the era in which a day lies.
fn short_year(date: NaiveDate) -> String {
    // The fiscal year that ends its calendar year in the day's own is named after it.
    let year = NaiveDate::from_ymd_opt(2019, 1, 1)
        .filter(|start| *start <= date && date < *start + chrono::Days::new(120));
    if year.is_some() { "H31".to_owned() } else { wareki::short_fiscal_year(date.year()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_years_in_both_counts_and_languages() {
        let day: NaiveDate = "2025-09-01".parse().unwrap();
        let told = |lang, western| {
            let style = Style { lang, western };
            [style.date(day), style.month(day), style.fiscal_year(2023), style.as_of(day)]
        };
        assert_eq!(
            told(Lang::Ja, false),
            ["令和7年9月1日", "令和7年9月", "令和5年度", "R7.9.1時点"]
        );
        assert_eq!(told(Lang::Ja, true), ["2025年9月1日", "2025年9月", "2023年度", "2025.9.1時点"]);
        let english = ["1 September 2025", "September 2025", "FY2023", "as of 1 Sep 2025"];
        assert_eq!(told(Lang::En, true), english);
        assert_eq!(told(Lang::En, false)[2], "FY2023 (R5)");
        let late = "2025-08-31T15:05:00Z".parse().unwrap();
        assert_eq!(Style::from(Lang::Ja).minute(late), "令和7年9月1日 0:05");
        assert_eq!(Style::from(Lang::En).minute(late), "1 September 2025, 0:05");
        let short = |text: &str| Style::from(Lang::Ja).short_month(text.parse().unwrap());
        assert_eq!([short("2019-04-30"), short("2019-05-01")], ["H31.4", "R1.5"]);
    }
}
