//! How others write it: the bureau's lists, charts, tables. Bytes to model and back. Pure: no
//! file is opened here, no clock is read.

pub mod boundaries;
pub mod bureau;
pub mod cards;
pub mod chart;
pub mod figures;
pub mod dates;
pub mod deadlines;
pub mod filings;
pub mod ical;
pub mod links;
pub mod messages;
pub mod numbers;
pub mod open_data;
pub mod page;
pub mod pages;
pub mod period;
pub mod report;
pub mod seeds;
pub mod table;
pub mod wareki;
pub mod why;
pub mod width;
pub mod xlsx;

/// The language that a chart or table speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}
