//! The yearly report of a clinic: as it stands, what is said beside the visits, final versions, the
//! page for A4 and the file.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::own::{csv_file, language};
use super::pages::page;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::august::{self, Drawn};
use crate::engine::august::may_be_final;
use crate::format::Lang;
use crate::format::page::{Page, with};
use crate::format::pages::august as august_page;
use crate::format::table::{self, Bom};
use crate::model::BookingId;
use crate::model::august::{Arrangement, CountSource, InPerson, Report, TalkStyles};

/// The routes of the yearly report.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_august_years))
        .routes(routes!(get_august))
        .routes(routes!(put_august_months))
        .routes(routes!(put_august_months_csv))
        .routes(routes!(put_august_answers))
        .routes(routes!(put_august_place))
        .routes(routes!(finish_august))
        .routes(routes!(august_html))
        .routes(routes!(august_csv))
}

/// A year that can be reported.
#[derive(Debug, Serialize, ToSchema)]
struct AugustYear {
    /// The year in whose August it is handed in.
    year: i32,
}

/// A final version.
#[derive(Debug, Serialize, ToSchema)]
struct AugustVersion {
    /// 1 for the first.
    version: i64,
    /// When it was made final.
    at: DateTime<Utc>,
}

/// The report as it stands.
#[derive(Debug, Serialize, ToSchema)]
struct August {
    /// What it says.
    report: Report,
    /// Whether nothing stands against making it final.
    ready: bool,
    /// With what a change of the answers must come.
    version: i64,
    /// The final versions, the newest first.
    finals: Vec<AugustVersion>,
}

impl From<Drawn> for August {
    fn from(drawn: Drawn) -> Self {
        let version =
            |one: crate::model::august::Final| AugustVersion { version: one.version, at: one.at };
        Self {
            ready: may_be_final(&drawn.draft),
            report: drawn.draft,
            version: drawn.version,
            finals: drawn.finals.into_iter().map(version).collect(),
        }
    }
}

/// The years that can be reported, the newest first.
#[utoipa::path(get, path = "/api/clinic/august", tag = "clinic",
    responses((status = 200, body = Items<AugustYear>), (status = "default", body = Problem)))]
async fn list_august_years(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<AugustYear>>, Problem> {
    let years = august::years(&app, &caller.actor).await?.into_iter();
    Ok(Json(Items { items: years.map(|year| AugustYear { year }).collect() }))
}

/// The report of a year, as it stands.
#[utoipa::path(get, path = "/api/clinic/august/{year}", params(("year" = i32, Path)),
    tag = "clinic", responses((status = 200, body = August), (status = "default", body = Problem)))]
async fn get_august(
    State(app): State<App>,
    caller: Caller,
    At(year): At<i32>,
) -> Result<Json<August>, Problem> {
    Ok(Json(august::report(&app, &caller.actor, year).await?.into()))
}

/// A month's counts of visits in person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AugustMonthWish {
    /// The month's first day.
    month: NaiveDate,
    /// 初診料.
    in_person_first: i64,
    /// 再診料等.
    in_person_repeat: i64,
    /// Online first visits without a later visit in person here; nothing means as this service
    /// knows them.
    no_later_visit: Option<i64>,
}

/// Counts of visits in person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AugustMonthsWish {
    /// Month by month.
    months: Vec<AugustMonthWish>,
}

/// Keeps typed counts of visits in person.
#[utoipa::path(put, path = "/api/clinic/august/{year}/months", params(("year" = i32, Path)),
    request_body = AugustMonthsWish, tag = "clinic",
    responses((status = 200, body = August), (status = "default", body = Problem)))]
async fn put_august_months(
    State(app): State<App>,
    caller: Caller,
    At(year): At<i32>,
    Body(wish): Body<AugustMonthsWish>,
) -> Result<Json<August>, Problem> {
    let said = |one: AugustMonthWish| {
        let said = InPerson {
            first: one.in_person_first,
            repeat: one.in_person_repeat,
            no_later_visit: one.no_later_visit,
            source: CountSource::Manual,
        };
        (one.month, said)
    };
    let months: BTreeMap<_, _> = wish.months.into_iter().map(said).collect();
    Ok(Json(august::put_months(&app, &caller.actor, year, &months).await?.into()))
}

/// Keeps counts of visits in person from a CSV: `month`, `in_person_first`, `in_person_repeat`, and
/// perhaps `no_later_visit` and `count_source`.
#[utoipa::path(put, path = "/api/clinic/august/{year}/months.csv", params(("year" = i32, Path)),
    request_body(content = String, content_type = "text/csv"), tag = "clinic",
    responses((status = 200, body = August), (status = "default", body = Problem)))]
async fn put_august_months_csv(
    State(app): State<App>,
    caller: Caller,
    At(year): At<i32>,
    bytes: Bytes,
) -> Result<Json<August>, Problem> {
    let months = august::read_months(&bytes)?;
    Ok(Json(august::put_months(&app, &caller.actor, year, &months).await?.into()))
}

/// What is answered once a year.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AugustAnswersWish {
    /// How talks before care are held.
    talk: TalkStyles,
    /// How care in person is arranged, by two digits of a prefecture (dentistry: six of a
    /// municipality).
    arrangements: BTreeMap<String, Arrangement>,
    /// The version that was seen.
    version: i64,
}

/// Keeps what is answered once a year.
#[utoipa::path(put, path = "/api/clinic/august/{year}/answers", params(("year" = i32, Path)),
    request_body = AugustAnswersWish, tag = "clinic",
    responses((status = 200, body = August), (status = "default", body = Problem)))]
async fn put_august_answers(
    State(app): State<App>,
    caller: Caller,
    At(year): At<i32>,
    Body(wish): Body<AugustAnswersWish>,
) -> Result<Json<August>, Problem> {
    let said = (wish.talk, wish.arrangements);
    let done = august::put_answers(&app, &caller.actor, year, said, wish.version).await?;
    Ok(Json(done.into()))
}

/// Where a patient was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AugustPlaceWish {
    /// Two digits of the prefecture.
    prefecture: String,
    /// Six digits of the municipality, where it is known.
    municipality: Option<String>,
}

/// Says where the patient of a visit was, where nobody had said so.
#[utoipa::path(put, path = "/api/clinic/august/{year}/visits/{id}/place",
    params(("year" = i32, Path), ("id" = BookingId, Path)), request_body = AugustPlaceWish,
    tag = "clinic", responses((status = 200, body = August), (status = "default", body = Problem)))]
async fn put_august_place(
    State(app): State<App>,
    caller: Caller,
    At((year, id)): At<(i32, BookingId)>,
    Body(wish): Body<AugustPlaceWish>,
) -> Result<Json<August>, Problem> {
    let at = (wish.prefecture.as_str(), wish.municipality.as_deref());
    let done = august::put_place(&app, &caller.actor, (year, id), at.0, at.1).await?;
    Ok(Json(done.into()))
}

/// Makes the report final, as its next version.
#[utoipa::path(post, path = "/api/clinic/august/{year}/final", params(("year" = i32, Path)),
    tag = "clinic", responses((status = 200, body = August), (status = "default", body = Problem)))]
async fn finish_august(
    State(app): State<App>,
    caller: Caller,
    At(year): At<i32>,
) -> Result<Json<August>, Problem> {
    Ok(Json(august::finish(&app, &caller.actor, year).await?.into()))
}

/// Which version, in which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VersionQuery {
    /// A final version; else the draft as it stands.
    version: Option<i64>,
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

/// The report as a page for A4.
#[utoipa::path(get, path = "/api/clinic/august/{year}/report.html",
    params(("year" = i32, Path), VersionQuery), tag = "clinic",
    responses((status = 200, content_type = "text/html", body = String),
        (status = "default", body = Problem)))]
async fn august_html(
    State(app): State<App>,
    caller: Caller,
    accepted: Lang,
    At(year): At<i32>,
    Asked(query): Asked<VersionQuery>,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), accepted);
    let drawn = august::report(&app, &caller.actor, year).await?;
    let (report, version) = drawn.chosen(query.version)?;
    let mut path = format!("/api/clinic/august/{year}/report.html");
    if let Some(version) = query.version {
        path = with(&path, "version", &version.to_string());
    }
    Ok(page(&Page {
        title: august_page::title(report, language),
        language,
        path: Some(path),
        body: august_page::body(report, version, language),
        embed: false,
    }))
}

/// The report as CSV.
#[utoipa::path(get, path = "/api/clinic/august/{year}/report.csv",
    params(("year" = i32, Path), VersionQuery), tag = "clinic",
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "default", body = Problem)))]
async fn august_csv(
    State(app): State<App>,
    caller: Caller,
    accepted: Lang,
    At(year): At<i32>,
    Asked(query): Asked<VersionQuery>,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), accepted);
    let drawn = august::report(&app, &caller.actor, year).await?;
    let (report, version) = drawn.chosen(query.version)?;
    let text = table::august::table(report, version, language).to_csv(Bom::With);
    let name = match version {
        Some(one) => format!("august-{year}-v{}.csv", one.version),
        None => format!("august-{year}-draft.csv"),
    };
    Ok(csv_file(&name, text))
}
