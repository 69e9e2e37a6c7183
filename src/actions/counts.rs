//! Counts of the facilities in the register.

use chrono::NaiveDate;

use super::{App, Result};
use crate::engine::counts::{self, By, Counts, Row};
use crate::format::Lang;
use crate::format::chart::bars::{self, BarChart};
use crate::model::register::Criterion;

/// Counts of the last lists.
#[derive(Debug)]
pub struct Counted {
    /// The counts.
    pub counts: Counts,
    /// The days of the lists: the first and the last, where there are any.
    pub as_of: Option<(NaiveDate, NaiveDate)>,
}

impl Counted {
    /// The counts as bars.
    pub fn drawing(&self, by: By, language: Lang) -> String {
        let title = language.pick(
            "情報通信機器を用いた診療の届出受理医療機関数",
            "Facilities accepted for care by communication devices",
        );
        let subtitle = self.days(language);
        let words = (title, subtitle.as_str());
        bars::svg(&BarChart::of_counts(&self.counts, by, language, words, |_| None), language)
    }

    /// The days of the lists, in words.
    fn days(&self, language: Lang) -> String {
        match (self.as_of, language) {
            (None, _) => language.pick("名簿なし", "no list yet").to_owned(),
            (Some((first, last)), Lang::Ja) if first == last => format!("{first} 現在"),
            (Some((first, last)), Lang::En) if first == last => format!("as of {first}"),
            (Some((first, last)), Lang::Ja) => format!("{first} から {last} 現在"),
            (Some((first, last)), Lang::En) => format!("as of {first} to {last}"),
        }
    }
}

/// Facilities accepted for care by ICT devices, by the last lists, of one prefecture or of all.
pub async fn count(app: &App, by: By, prefecture: Option<&str>) -> Result<Counted> {
    let mut tx = app.store.read().await?;
    let rows: Vec<Row> = tx.counted(prefecture, Criterion::IctCare).await?;
    let days = tx.list_days().await?;
    let days = days.iter().filter(|(code, _)| prefecture.is_none_or(|only| only == code.as_str()));
    let days: Vec<NaiveDate> = days.map(|(_, day)| *day).collect();
    let as_of = days.iter().min().copied().zip(days.iter().max().copied());
    Ok(Counted { counts: counts::count(&rows, by), as_of })
}
