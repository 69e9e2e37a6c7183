//! The published series, and counts from the lists, as data and as files.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At};
use super::problem::Problem;
use crate::actions::counts::{self, Query};
use crate::actions::{App, Error};
use crate::engine::counts::By;
use crate::engine::counts::answer::Answer;
use crate::engine::counts::ask::Within;
use crate::format::cards;
use crate::format::chart::answer::{self as drawing, Measure};
use crate::format::chart::series;
use crate::format::dates::Style;
use crate::format::report::counts::{self as report, CountsReport};
use crate::format::report::published::{self, SeriesReport};
use crate::format::table::{self, Bom};
use crate::format::xlsx::{Book, workbook};
use crate::format::{Lang, seeds};

/// The published series, the counts, and both as files.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_series))
        .routes(routes!(get_counts))
        .routes(routes!(series_svg))
        .routes(routes!(series_csv))
        .routes(routes!(counts_file))
}

/// The published series, with its break.
#[utoipa::path(get, path = "/api/series", tag = "register",
    responses((status = 200, body = SeriesReport), (status = "default", body = Problem)))]
pub(super) async fn get_series(language: Lang) -> Json<SeriesReport> {
    Json(published::series(seeds::series(), language))
}

/// Which facilities, as of when, as known when. What is empty is as if it were not there, so that
/// a form may send all of its fields.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CountsQuery {
    /// How they are divided.
    by: Option<By>,
    /// Of one prefecture: its two digits; `all` for all.
    pub(super) prefecture: Option<String>,
    /// Of one municipality: its six digits, or `unknown`.
    municipality: Option<String>,
    /// Of one secondary medical area: its name, or `unknown`.
    area: Option<String>,
    /// Hospitals, or clinics of a kind.
    size: Option<String>,
    /// Of what; else of the criterion that was in force on the day.
    criterion: Option<String>,
    /// On which day; else today. A day between lists is answered by the list before it.
    as_of: Option<String>,
    /// As known when: a day, to its end in Japan, or an instant; else now.
    known_on: Option<String>,
    /// The day since which, without it, what came and went is told.
    since: Option<String>,
    /// `ja` or `en`; else the browser's.
    pub(super) lang: Option<String>,
    /// `era` or `western`; else what the language is used to.
    years: Option<String>,
    /// What is drawn: `facilities`, `per_100k`, `share`, `flows`.
    pub(super) measure: Option<String>,
    /// Whether it stands in somebody else's page.
    pub(super) embed: Option<bool>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn day(text: Option<&String>, pointer: &'static str) -> Result<Option<NaiveDate>, Error> {
    let day = given(text).map(str::parse::<NaiveDate>).transpose();
    day.map_err(|_| Error::invalid(pointer, "form"))
}

impl CountsQuery {
    /// The question.
    pub(super) fn query(&self) -> Result<Query, Error> {
        let prefecture = given(self.prefecture.as_ref()).filter(|code| *code != "all");
        if prefecture.is_some_and(|code| seeds::prefecture(code).is_none()) {
            return Err(Error::invalid("/prefecture", "form"));
        }
        let criterion = given(self.criterion.as_ref()).map(str::parse).transpose();
        let known_on = given(self.known_on.as_ref()).map(str::parse).transpose()?;
        Ok(Query {
            as_of: day(self.as_of.as_ref(), "/as_of")?,
            known_on,
            criterion: criterion.map_err(|_| Error::invalid("/criterion", "form"))?,
            within: Within {
                prefecture: prefecture.map(str::to_owned),
                municipality: given(self.municipality.as_ref()).map(str::to_owned),
                area: given(self.area.as_ref()).map(str::to_owned),
                size: given(self.size.as_ref()).map(counts::size).transpose()?,
            },
            since: day(self.since.as_ref(), "/since")?,
        })
    }

    /// A question of these parts, in the order of the fields.
    pub(super) fn of(parts: [&Option<String>; 10]) -> Self {
        let [prefecture, municipality, area, size, criterion, as_of, known_on, since, lang, years] =
            parts.map(Clone::clone);
        Self {
            prefecture,
            municipality,
            area,
            size,
            criterion,
            as_of,
            known_on,
            since,
            lang,
            years,
            ..Self::default()
        }
    }

    /// As known when, as it was asked.
    pub(super) fn known_on(&self) -> Option<&str> {
        given(self.known_on.as_ref())
    }

    /// The language and the count of years.
    pub(super) fn style(&self, accepted: Lang) -> Style {
        let lang = language(self.lang.as_deref(), accepted);
        match given(self.years.as_ref()) {
            Some("western") => Style { lang, western: true },
            Some("era") => Style { lang, western: false },
            _ => Style::from(lang),
        }
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

/// Facilities accepted for online care, by the lists: as of any day, as known on any day.
#[utoipa::path(get, path = "/api/counts", params(CountsQuery), tag = "register",
    responses((status = 200, body = CountsReport), (status = "default", body = Problem)))]
pub(super) async fn get_counts(
    State(app): State<App>,
    accepted: Lang,
    Asked(asked): Asked<CountsQuery>,
) -> Result<Json<CountsReport>, Problem> {
    let by = asked.by.ok_or(Error::invalid("/by", "required"))?;
    let answer = counts::count(&app, by, &asked.query()?).await?;
    Ok(Json(report::counts(&answer, asked.style(accepted).lang)))
}

/// The language of a drawing or table.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct FileQuery {
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

/// A file as an answer: drawings stand in pages, the rest is kept.
pub(super) fn file(
    kind: &'static str,
    name: &str,
    content: impl Into<axum::body::Body>,
) -> Response {
    let inline = kind == SVG;
    let disposition =
        if inline { "inline".to_owned() } else { format!("attachment; filename=\"{name}\"") };
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, content.into()).into_response()
}

pub(super) const SVG: &str = "image/svg+xml; charset=utf-8";
pub(super) const CSV: &str = "text/csv; charset=utf-8";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A workbook as a file.
pub(super) fn book(name: &str, book: &Book<'_>) -> Result<Response, Problem> {
    let bytes = workbook(book).map_err(|error| {
        tracing::error!(%error, "a workbook could not be written");
        Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "internal")
    })?;
    Ok(file(XLSX, name, bytes))
}

/// The published series as a drawing.
#[utoipa::path(get, path = "/counts/series.svg", params(FileQuery), tag = "register",
    responses((status = 200, content_type = "image/svg+xml", body = String)))]
pub(super) async fn series_svg(accepted: Lang, Asked(query): Asked<FileQuery>) -> Response {
    let language = language(query.lang.as_deref(), accepted);
    let words = series::Words::published(language);
    file(SVG, "series.svg", series::svg(seeds::series(), &words, language))
}

/// The published series as CSV.
#[utoipa::path(get, path = "/counts/series.csv", params(FileQuery), tag = "register",
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(super) async fn series_csv(accepted: Lang, Asked(query): Asked<FileQuery>) -> Response {
    let language = language(query.lang.as_deref(), accepted);
    let table = table::counts::series(seeds::series(), language);
    file(CSV, "series.csv", table.to_csv(Bom::With))
}

/// Counts by the lists, as a drawing, as CSV or as a workbook: `prefecture.svg`,
/// `municipality.csv`, `kind.xlsx` and so on.
#[utoipa::path(get, path = "/counts/by/{file}", params(("file" = String, Path), CountsQuery),
    tag = "register",
    responses((status = 200, body = String), (status = "default", body = Problem)))]
pub(super) async fn counts_file(
    State(app): State<App>,
    accepted: Lang,
    At(name): At<String>,
    Asked(asked): Asked<CountsQuery>,
) -> Result<Response, Problem> {
    let (by, kind) = name.split_once('.').ok_or(Error::NotFound)?;
    let by: By = by.parse().map_err(|_| Error::NotFound)?;
    let style = asked.style(accepted);
    let answer = counts::count(&app, by, &asked.query()?).await?;
    let wanted = asked.measure.as_deref();
    let measure = Measure::ALL.into_iter().find(|one| Some(one.code()) == wanted);
    answer_file(&answer, kind, &name, measure.unwrap_or_default(), style)
}

/// An answer as a file, under the title of the card that shows the same.
fn answer_file(
    answer: &Answer,
    kind: &str,
    name: &str,
    measure: Measure,
    style: Style,
) -> Result<Response, Problem> {
    let card = cards::of(answer.asked.by);
    match kind {
        "svg" => {
            let id = format!("by-{}", answer.asked.by.code().replace('_', "-"));
            let title = card.title(style.lang);
            Ok(file(SVG, name, drawing::svg(answer, measure, &id, title, style)))
        }
        "csv" => Ok(file(CSV, name, table::answer::answer(answer, style).to_csv(Bom::With))),
        "xlsx" => {
            let filled = cards::fill(card, answer, measure, style);
            book(name, &filled.book(style.lang))
        }
        _ => Err(Error::NotFound.into()),
    }
}
