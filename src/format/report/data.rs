//! The public data: every value is one of a series at a time of an area, as statistics offices
//! give them, with why it is missing where it is.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::{By, NoCount, Part, UNKNOWN};
use crate::format::table::answer::part_label;
use crate::format::table::{Cell, Column, Table};
use crate::format::{Lang, seeds};
use crate::model::register::{Criterion, Size};

/// A series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Accepted facilities.
    Facilities,
    /// Of a size.
    Sized(Size),
    /// Institutions that the lists show.
    Institutions,
    /// The share of institutions that is accepted.
    Share,
    /// For each 100,000 residents.
    Per100k,
    /// The numbers that Tokyo has published.
    Published,
}

impl Series {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Facilities,
        Self::Sized(Size::Hospital),
        Self::Sized(Size::BeddedClinic),
        Self::Sized(Size::ClinicWithoutBeds),
        Self::Institutions,
        Self::Share,
        Self::Per100k,
        Self::Published,
    ];

    /// Its word in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Facilities => "facilities",
            Self::Sized(Size::Hospital) => "hospitals",
            Self::Sized(Size::BeddedClinic) => "bedded_clinics",
            Self::Sized(Size::ClinicWithoutBeds) => "clinics_without_beds",
            Self::Institutions => "institutions",
            Self::Share => "share",
            Self::Per100k => "per_100k",
            Self::Published => "published",
        }
    }

    fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Facilities => lang.pick("届出受理医療機関", "Accepted facilities"),
            Self::Sized(Size::Hospital) => {
                lang.pick("届出受理医療機関（病院）", "Accepted hospitals")
            }
            Self::Sized(Size::BeddedClinic) => {
                lang.pick("届出受理医療機関（有床診療所）", "Accepted clinics with beds")
            }
            Self::Sized(Size::ClinicWithoutBeds) => {
                lang.pick("届出受理医療機関（無床診療所）", "Accepted clinics without beds")
            }
            Self::Institutions => lang.pick("名簿の医療機関", "Institutions on the lists"),
            Self::Share => lang.pick("届出受理の割合", "Share of accepted institutions"),
            Self::Per100k => lang
                .pick("人口10万対の届出受理医療機関", "Accepted facilities per 100,000 residents"),
            Self::Published => lang.pick(seeds::SERIES_TITLE_JA, seeds::SERIES_TITLE_EN),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Share => "fraction",
            Self::Per100k => "facilities per 100000 residents",
            _ => "facilities",
        }
    }

    /// The value of a part, or why it has none.
    fn value(self, part: &Part) -> Result<f64, NoCount> {
        let figures = &part.figures;
        match self {
            Self::Facilities | Self::Published => Ok(f64::from(figures.facilities)),
            Self::Sized(size) => Ok(f64::from(figures.of(size))),
            Self::Institutions => Ok(f64::from(figures.institutions)),
            Self::Share => part.share().ok_or(NoCount::NoDenominator),
            Self::Per100k => part.per_100k().ok_or(NoCount::NoResidents),
        }
    }
}

/// A series as it is listed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeriesInfo {
    /// Its word in addresses.
    pub series: String,
    /// What it is called.
    pub title: String,
    /// What its values are in.
    pub unit: String,
    /// By what areas it can be divided.
    pub by: Vec<By>,
    /// Where its values are.
    pub href: String,
    /// To be shown with every use.
    pub source: String,
}

/// All series.
pub fn list(lang: Lang) -> Vec<SeriesInfo> {
    let info = |series: &Series| SeriesInfo {
        series: series.code().to_owned(),
        title: series.title(lang).to_owned(),
        unit: series.unit().to_owned(),
        by: match series {
            Series::Published => Vec::new(),
            _ => vec![By::Prefecture, By::Area, By::Municipality],
        },
        href: format!("/api/data/{}", series.code()),
        source: source(*series, lang).to_owned(),
    };
    Series::ALL.iter().map(info).collect()
}

fn source(series: Series, lang: Lang) -> &'static str {
    match series {
        Series::Published => lang.pick(seeds::SERIES_SOURCE_JA, seeds::SERIES_SOURCE_EN),
        _ => lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN),
    }
}

/// How sure a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As the lists of the time show it.
    Final,
    /// Some of what is counted may have lapsed by then: nobody knows the day.
    Uncertain,
    /// There is no value.
    Missing,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Value {
    /// Of which series.
    pub series: String,
    /// When: the day, or the fiscal year of what was published by year.
    pub time: String,
    /// Where: two digits, six digits, the name of a medical area, `all` or `unknown`.
    pub area: String,
    /// What that is called.
    pub area_name: String,
    /// The value; null where there is none.
    pub value: Option<f64>,
    /// What it is in.
    pub unit: String,
    /// How sure it is.
    pub status: Status,
    /// Why there is none.
    pub reason: Option<NoCount>,
    /// What was counted.
    pub criterion: Criterion,
    /// The day of the last list that it rests on.
    pub list: Option<NaiveDate>,
}

/// Values of a series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataReport {
    /// The values, by time and area.
    pub values: Vec<Value>,
    /// As known when.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub known_on: Option<String>,
    /// To be shown with every use.
    pub source: String,
}

/// The values that answers to one question on several days hold.
pub fn values(series: Series, answers: &[Answer], areas: &[String], lang: Lang) -> Vec<Value> {
    let mut found = Vec::new();
    for answer in answers {
        let wanted = |row: &&Row| areas.is_empty() || areas.contains(&row.key);
        let mut rows: Vec<&Row> = answer.rows.iter().filter(wanted).collect();
        rows.sort_by(|a, b| (a.key == UNKNOWN, &a.key).cmp(&(b.key == UNKNOWN, &b.key)));
        found.extend(rows.into_iter().map(|row| value(series, answer, Some(row), lang)));
        if areas.is_empty() || areas.iter().any(|area| area == "all") {
            found.push(value(series, answer, None, lang));
        }
    }
    found
}

fn value(series: Series, answer: &Answer, row: Option<&Row>, lang: Lang) -> Value {
    let part = row.map(|row| row.part).or(answer.total);
    let found = part.map_or(Err(answer.reason.unwrap_or(NoCount::NoList)), |part| {
        series.value(&part).map(|value| (value, part.figures.uncertain > 0))
    });
    let status = match found {
        Ok((_, true)) => Status::Uncertain,
        Ok((_, false)) => Status::Final,
        Err(_) => Status::Missing,
    };
    let whole = answer.asked.within.prefecture.as_deref();
    let (area, area_name) = match row {
        Some(row) => (row.key.clone(), part_label(answer.asked.by, &row.key, lang)),
        None => (
            whole.unwrap_or("all").to_owned(),
            whole.and_then(seeds::prefecture).unwrap_or(lang.pick("すべて", "all")).to_owned(),
        ),
    };
    Value {
        series: series.code().to_owned(),
        time: answer.asked.as_of.to_string(),
        area,
        area_name,
        value: found.ok().map(|(value, _)| value),
        unit: series.unit().to_owned(),
        status,
        reason: found.err(),
        criterion: answer.criterion,
        list: answer.lists.map(|(_, last)| last),
    }
}

/// The published series as values.
pub fn published() -> Vec<Value> {
    let value = |point: &seeds::SeriesPoint| Value {
        series: Series::Published.code().to_owned(),
        time: point.as_of.clone().unwrap_or_else(|| point.fiscal_year.to_string()),
        area: "13".to_owned(),
        area_name: seeds::prefecture("13").unwrap_or_default().to_owned(),
        value: Some(f64::from(point.count)),
        unit: Series::Published.unit().to_owned(),
        status: Status::Final,
        reason: None,
        criterion: point.criterion,
        list: None,
    };
    seeds::series().iter().map(value).collect()
}

/// Values as answer.
pub fn report(
    series: Series,
    values: Vec<Value>,
    known_on: Option<String>,
    lang: Lang,
) -> DataReport {
    DataReport { values, known_on, source: source(series, lang).to_owned() }
}

/// Values as a table, for CSV.
pub fn table(values: &[Value]) -> Table {
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let row = |value: &Value| {
        let status = word(&serde_json::json!(value.status));
        let reason =
            value.reason.map_or_else(String::new, |reason| word(&serde_json::json!(reason)));
        let list = value.list.map_or_else(String::new, |day| day.to_string());
        let number = value.value.map_or_else(String::new, |value| value.to_string());
        let cells: [&str; 10] = [
            &value.series,
            &value.time,
            &value.area,
            &value.area_name,
            &number,
            &value.unit,
            &status,
            &reason,
            value.criterion.code(),
            &list,
        ];
        cells.map(Cell::text).to_vec()
    };
    let keys = ["series", "time", "area", "area_name"].map(|key| Column::text(key, key));
    let rest = ["unit", "status", "reason", "criterion", "list"].map(|key| Column::text(key, key));
    let mut columns = keys.to_vec();
    columns.push(Column::number("value", "value"));
    columns.extend(rest);
    Table { columns, rows: values.iter().map(row).collect(), notes: Vec::new() }
}
