//! The service's own side: counts of visits for everybody, and the checks of bookings for officials
//! and operators.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::counts::book;
use super::extract::Asked;
use super::json::Items;
use super::pages::page;
use super::problem::Problem;
use crate::actions::fold::{self, Checked};
use crate::actions::own::{self, OwnCounts};
use crate::actions::{App, Error};
use crate::engine::own::ALL;
use crate::format::Lang;
use crate::format::page::{Page, with};
use crate::format::pages::{fold as fold_page, own as own_page};
use crate::format::table::Bom;
use crate::model::BookingId;
use crate::model::event::CheckScope;
use crate::model::own::Measure;
use crate::store::DivergenceRow;

/// Checks that are shown.
const SHOWN: i64 = 30;

/// The routes of the service's own side.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_own_counts))
        .routes(routes!(own_page_html))
        .routes(routes!(own_csv))
        .routes(routes!(own_xlsx))
        .routes(routes!(list_checks))
        .routes(routes!(checks_page))
}

/// Of which year, in which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OwnQuery {
    /// The year; else the present one.
    year: Option<i32>,
    /// Six digits of a municipality; else all.
    place: Option<String>,
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

impl OwnQuery {
    fn language(&self, accepted: Lang) -> Lang {
        language(self.lang.as_deref(), accepted)
    }
}

/// The language that was asked for, else the browser's.
pub(super) fn language(asked: Option<&str>, accepted: Lang) -> Lang {
    match asked {
        Some("en") => Lang::En,
        Some("ja") => Lang::Ja,
        _ => accepted,
    }
}

/// One number.
#[derive(Debug, Serialize, ToSchema)]
struct OwnCount {
    /// Six digits of a municipality, or `all`.
    place: String,
    /// A month (`2026-11`) or the year.
    period: String,
    /// What was counted.
    measure: Measure,
    /// How many visits; nothing where the number stands for few patients, or others would follow
    /// from it.
    visits: Option<i64>,
    /// Whether the number must not be shown.
    suppressed: bool,
}

/// A year's counts.
#[derive(Debug, Serialize, ToSchema)]
struct OwnReport {
    /// The year.
    year: String,
    /// Its months that are over.
    months: Vec<String>,
    /// When it was counted.
    counted_at: Option<DateTime<Utc>>,
    /// How many bookings stood otherwise than their events say, then.
    divergent: Option<i64>,
    /// The numbers.
    counts: Vec<OwnCount>,
}

/// Visits of this service by municipality and month. Small numbers of patients are suppressed.
#[utoipa::path(get, path = "/api/own-counts", params(OwnQuery), tag = "register",
    responses((status = 200, body = OwnReport), (status = "default", body = Problem)))]
async fn get_own_counts(
    State(app): State<App>,
    Asked(query): Asked<OwnQuery>,
) -> Result<Json<OwnReport>, Problem> {
    let OwnCounts { published, check, .. } = own::counts(&app, query.year).await?;
    let wanted = |place: &str| query.place.as_deref().is_none_or(|wanted| wanted == place);
    let count = |(place, period, measure, visits): (&str, &str, Measure, Option<i64>)| OwnCount {
        place: place.to_owned(),
        period: period.to_owned(),
        measure,
        visits,
        suppressed: visits.is_none(),
    };
    Ok(Json(OwnReport {
        counts: published.figures().filter(|row| wanted(row.0)).map(count).collect(),
        year: published.year,
        months: published.months,
        counted_at: check.as_ref().map(|check| check.started_at),
        divergent: check.map(|check| check.divergent),
    }))
}

/// The same as a page.
#[utoipa::path(get, path = "/counts/own", params(OwnQuery), tag = "register",
    responses((status = 200, content_type = "text/html", body = String),
        (status = "default", body = Problem)))]
async fn own_page_html(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<OwnQuery>,
) -> Result<Response, Problem> {
    let language = query.language(accepted);
    let found = own::counts(&app, query.year).await?;
    let place = query.place.as_deref().unwrap_or(ALL);
    if place != ALL && !found.published.places.iter().any(|known| known == place) {
        return Err(Error::NotFound.into());
    }
    let shown = own_page::Own {
        published: &found.published,
        check: found.check.as_ref(),
        years: &found.years,
        place,
    };
    let mut path = with("/counts/own", "year", &found.published.year);
    if place != ALL {
        path = with(&path, "place", place);
    }
    Ok(page(&Page {
        title: own_page::title(language).to_owned(),
        language,
        path: Some(path),
        body: own_page::body(&shown, language),
        embed: false,
    }))
}

/// A file that a browser keeps.
pub(super) fn csv_file(name: &str, text: String) -> Response {
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text).into_response()
}

/// The same as CSV.
#[utoipa::path(get, path = "/counts/own.csv", params(OwnQuery), tag = "register",
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "default", body = Problem)))]
async fn own_csv(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<OwnQuery>,
) -> Result<Response, Problem> {
    let found = own::counts(&app, query.year).await?;
    let table = own_page::table(&found.published, query.language(accepted));
    Ok(csv_file(&format!("visits-{}.csv", found.published.year), table.to_csv(Bom::With)))
}

/// The same as a workbook: a row for each municipality and month, and a chart of its own.
#[utoipa::path(get, path = "/counts/own.xlsx", params(OwnQuery), tag = "register",
    responses((status = 200, content_type =
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = "default", body = Problem)))]
async fn own_xlsx(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<OwnQuery>,
) -> Result<Response, Problem> {
    let lang = query.language(accepted);
    let OwnCounts { published, check, .. } = own::counts(&app, query.year).await?;
    let table = own_page::wide(&published, lang);
    let subtitle = own_page::subtitle(&published, check.as_ref(), lang);
    let named = (own_page::title(lang), subtitle.as_str());
    let name = format!("visits-{}.xlsx", published.year);
    book(&name, &own_page::book(&published, &table, check.as_ref(), named, lang))
}

/// A booking that stands otherwise than its events say.
#[derive(Debug, Serialize, ToSchema)]
struct Divergent {
    /// Which.
    booking_id: BookingId,
    /// What is wrong.
    code: String,
    /// What exactly.
    detail: String,
}

/// A check that bookings stand as their events say.
#[derive(Debug, Serialize, ToSchema)]
struct FoldCheck {
    /// What it looked at.
    scope: CheckScope,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// How many bookings it looked at.
    bookings: i64,
    /// How many events.
    events: i64,
    /// How many bookings stand otherwise.
    divergent: i64,
    /// The first of those.
    divergences: Vec<Divergent>,
}

impl From<Checked> for FoldCheck {
    fn from(Checked { check, divergences }: Checked) -> Self {
        let one = |row: DivergenceRow| Divergent {
            booking_id: row.booking_id,
            code: row.code,
            detail: row.detail,
        };
        Self {
            scope: check.scope,
            started_at: check.started_at,
            finished_at: check.finished_at,
            bookings: check.bookings,
            events: check.events,
            divergent: check.divergent,
            divergences: divergences.into_iter().map(one).collect(),
        }
    }
}

/// The last checks of bookings, the newest first.
#[utoipa::path(get, path = "/api/checks", tag = "register",
    responses((status = 200, body = Items<FoldCheck>), (status = "default", body = Problem)))]
async fn list_checks(State(app): State<App>) -> Result<Json<Items<FoldCheck>>, Problem> {
    let seen = fold::seen(&app, SHOWN).await?;
    Ok(Json(Items { items: seen.into_iter().map(FoldCheck::from).collect() }))
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LanguageQuery {
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

/// The same as a page.
#[utoipa::path(get, path = "/checks", params(LanguageQuery), tag = "register",
    responses((status = 200, content_type = "text/html", body = String),
        (status = "default", body = Problem)))]
async fn checks_page(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<LanguageQuery>,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), accepted);
    let seen = fold::seen(&app, SHOWN).await?.into_iter();
    let row = |row: DivergenceRow| (row.booking_id.to_string(), row.code, row.detail);
    let seen: Vec<fold_page::Seen> =
        seen.map(|one| (one.check, one.divergences.into_iter().map(row).collect())).collect();
    Ok(page(&Page {
        title: fold_page::title(language).to_owned(),
        language,
        path: Some("/checks".to_owned()),
        body: fold_page::body(&seen, language),
        embed: false,
    }))
}
