//! The public data: series × time × area, without registration, as JSON and CSV.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::counts::{CSV, CountsQuery, file, language};
use super::extract::{Asked, At};
use super::json::Items;
use super::problem::Problem;
use crate::actions::counts::{self, Query};
use crate::actions::{App, Error};
use crate::engine::counts::{By, trend};
use crate::format::Lang;
use crate::format::report::counts::instant;
use crate::format::report::data::{self, DataReport, Series, SeriesInfo};
use crate::format::table::Bom;

/// Days that one request may ask for: ten years of months.
const TIMES: usize = 120;

/// The data.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_data)).routes(routes!(get_data))
}

/// The series that there are.
#[utoipa::path(get, path = "/api/data", tag = "register",
    responses((status = 200, body = Items<SeriesInfo>), (status = "default", body = Problem)))]
pub(super) async fn list_data(accepted: Lang) -> Json<Items<SeriesInfo>> {
    Json(Items { items: data::list(accepted) })
}

/// Which values of a series.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DataQuery {
    /// When, with commas between: days `2025-09-01`, months `2025-09` (their first day), fiscal
    /// years `FY2025` (their last day). Else today.
    time: Option<String>,
    /// The first of a row of months, `2025-09`, instead.
    from: Option<String>,
    /// The last of a row of months.
    to: Option<String>,
    /// How areas are divided: `prefecture`, `area`, `municipality`.
    by: Option<By>,
    /// Within one prefecture: its two digits.
    prefecture: Option<String>,
    /// Only these areas, with commas between; `all` is the whole.
    area: Option<String>,
    /// Of what; else of the criterion that was in force.
    criterion: Option<String>,
    /// As known when: a day, or an instant; else now.
    known_on: Option<String>,
    /// `json` or `csv`.
    format: Option<String>,
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

/// The values of a series at times, of areas.
#[utoipa::path(get, path = "/api/data/{series}",
    params(("series" = String, Path), DataQuery), tag = "register",
    responses((status = 200, body = DataReport), (status = "default", body = Problem)))]
pub(super) async fn get_data(
    State(app): State<App>,
    accepted: Lang,
    At(series): At<String>,
    Asked(asked): Asked<DataQuery>,
) -> Result<Response, Problem> {
    let series = Series::ALL.into_iter().find(|one| one.code() == series).ok_or(Error::NotFound)?;
    let lang = language(asked.lang.as_deref(), accepted);
    let (values, known_on) = if series == Series::Published {
        (data::published(), None)
    } else {
        let query = asked.query()?;
        let by = asked.by.unwrap_or(By::Prefecture);
        if !matches!(by, By::Prefecture | By::Area | By::Municipality) {
            return Err(Error::invalid("/by", "form").into());
        }
        let mut answers = Vec::new();
        for time in asked.times()? {
            let query = Query { as_of: time.or(query.as_of), ..query.clone() };
            answers.push(counts::count(&app, by, &query).await?);
        }
        let areas: Vec<String> = asked.areas();
        let known_on = answers.first().map(|answer| instant(answer.asked.known));
        (data::values(series, &answers, &areas, lang), known_on)
    };
    match asked.format.as_deref() {
        None | Some("json") => {
            Ok(Json(data::report(series, values, known_on, lang)).into_response())
        }
        Some("csv") => {
            let name = format!("{}.csv", series.code());
            Ok(file(CSV, &name, data::table(&values).to_csv(Bom::With)))
        }
        Some(_) => Err(Error::invalid("/format", "form").into()),
    }
}

impl DataQuery {
    fn query(&self) -> Result<Query, Error> {
        let none = None;
        let parts = [
            &self.prefecture,
            &none,
            &none,
            &none,
            &self.criterion,
            &none,
            &self.known_on,
            &none,
            &self.lang,
            &none,
        ];
        CountsQuery::of(parts).query()
    }

    fn areas(&self) -> Vec<String> {
        let areas = self.area.iter().flat_map(|areas| areas.split(','));
        areas.map(str::trim).filter(|area| !area.is_empty()).map(str::to_owned).collect()
    }

    /// The days; today where none is named.
    fn times(&self) -> Result<Vec<Option<NaiveDate>>, Error> {
        let wrong = || Error::invalid("/time", "form");
        let mut days: Vec<Option<NaiveDate>> = Vec::new();
        for time in self.time.iter().flat_map(|times| times.split(',')) {
            days.push(Some(moment(time.trim()).ok_or_else(wrong)?));
        }
        if let (Some(from), Some(to)) = (&self.from, &self.to) {
            let (mut month, last) =
                (moment(from).ok_or_else(wrong)?, moment(to).ok_or_else(wrong)?);
            while month <= last && days.len() <= TIMES {
                days.push(Some(month));
                month = month.checked_add_months(Months::new(1)).ok_or_else(wrong)?;
            }
        }
        if days.len() > TIMES {
            return Err(Error::invalid("/time", "too_many"));
        }
        if days.is_empty() {
            days.push(None);
        }
        Ok(days)
    }
}

/// A day, the first of a month, the last of a fiscal year.
fn moment(text: &str) -> Option<NaiveDate> {
    let year = |text: &str| text.parse::<i32>().ok().filter(|year| (2000..2100).contains(year));
    if let Some(fiscal) = text.strip_prefix("FY") {
        return trend::year_end(year(fiscal)?);
    }
    let day = match text.len() {
        7 => format!("{text}-01").parse(),
        _ => text.parse::<NaiveDate>(),
    };
    day.ok().filter(|day| (2000..2100).contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_months_and_fiscal_years() {
        let told = |text| moment(text).map(|day| day.to_string()).unwrap_or_default();
        let texts = ["2025-09-15", "2025-09", "FY2025", "2025", "FY25", "2025-13"];
        assert_eq!(texts.map(told), ["2025-09-15", "2025-09-01", "2026-03-31", "", "", ""]);
    }

    #[test]
    fn a_row_of_months_has_an_end() {
        let asked = |from: &str, to: &str| {
            let query =
                DataQuery { from: Some(from.into()), to: Some(to.into()), ..DataQuery::default() };
            query.times().map(|times| times.len()).ok()
        };
        assert_eq!(asked("2025-09", "2026-08"), Some(12));
        assert_eq!(asked("2001-01", "2099-01"), None);
    }
}
