//! Pages that anybody reads without JavaScript: the planning sheet, a facility, what it posts, the
//! open data.

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::assets;
use super::extract::{Asked, At, Body, Caller};
use super::pages::{self, InLanguage};
use super::problem::Problem;
use crate::actions::public_pages::{self, Reading};
use crate::actions::{App, Error, sheet};
use crate::format::page::Page;
use crate::format::pages::{facility, open_data as open_page, posting, sheet as sheet_page};
use crate::format::{Lang, open_data};
use crate::model::public::OpenRow;

/// What of it is described for programs.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(medical_institutions))
        .routes(routes!(get_posting, put_posting))
}

/// Of which day and prefecture.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SheetQuery {
    lang: Option<String>,
    as_of: Option<NaiveDate>,
    prefecture: Option<String>,
}

/// The planning sheet.
pub(super) async fn sheet(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<SheetQuery>,
) -> Result<Response, Problem> {
    let language = pages::language(query.lang.as_deref(), accepted);
    let sheet = sheet::sheet(&app, query.as_of, query.prefecture.as_deref()).await?;
    let mut path = format!("/sheet?as_of={}", sheet.as_of);
    if let Some(code) = &query.prefecture {
        path = crate::format::page::with(&path, "prefecture", code);
    }
    Ok(pages::page(&Page {
        title: sheet_page::title(&sheet, language),
        language,
        path: Some(path),
        body: sheet_page::body(&sheet, language),
        embed: false,
    }))
}

/// What is known of the institution; a page for people where there is none.
async fn known(app: &App, code: &str) -> Result<facility::Known, Result<Response, Problem>> {
    public_pages::known(app, code).await.map_err(|error| match error {
        Error::NotFound => Ok(assets::not_found()),
        other => Err(other.into()),
    })
}

/// A facility's page.
pub(super) async fn facility(
    State(app): State<App>,
    accepted: Lang,
    At(code): At<String>,
    Asked(query): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let language = query.language(accepted);
    let known = match known(&app, &code).await {
        Ok(known) => known,
        Err(answer) => return answer,
    };
    Ok(pages::page(&Page {
        title: facility::name(&known, language).to_owned(),
        language,
        path: Some(format!("/facilities/{}", known.institution.code10)),
        body: facility::body(&known, language),
        embed: false,
    }))
}

/// What a facility posts; only facilities that work with this service post here.
pub(super) async fn posting(
    State(app): State<App>,
    accepted: Lang,
    At(code): At<String>,
    Asked(query): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let language = query.language(accepted);
    let known = match known(&app, &code).await {
        Ok(known) => known,
        Err(answer) => return answer,
    };
    let Some(ours) = &known.ours else { return Ok(assets::not_found()) };
    let name = facility::name(&known, language);
    Ok(pages::page(&Page {
        title: match language {
            Lang::Ja => format!("掲示事項　{name}"),
            Lang::En => format!("Posted matters: {name}"),
        },
        language,
        path: Some(format!("/facilities/{}/posting", known.institution.code10)),
        body: posting::body(&known, ours, language),
        embed: false,
    }))
}

/// What a clinic declares to the public.
#[derive(Debug, Serialize, ToSchema)]
struct PostingNow {
    /// The address of the page.
    page: String,
    /// That it follows the guideline.
    follows_guideline: bool,
    /// That it prescribes no psychotropics at an online first visit.
    no_psychotropics: bool,
    /// What else is posted.
    note_ja: String,
    /// The same in English.
    note_en: String,
    /// Since when; nothing where nothing was declared yet.
    declared_at: Option<DateTime<Utc>>,
}

async fn posting_now(app: &App, caller: &Caller) -> Result<Json<PostingNow>, Problem> {
    let (code, posting) = public_pages::own_posting(app, &caller.actor).await?;
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    Ok(Json(PostingNow {
        page: format!("/facilities/{code}/posting"),
        follows_guideline: posting.as_ref().is_some_and(|p| p.follows_guideline),
        no_psychotropics: posting.as_ref().is_some_and(|p| p.no_psychotropics),
        note_ja: text(posting.as_ref().map(|p| &p.note_ja)),
        note_en: text(posting.as_ref().map(|p| &p.note_en)),
        declared_at: posting.map(|p| p.declared_at),
    }))
}

/// What the clinic declares to the public.
#[utoipa::path(get, path = "/api/clinic/posting", tag = "clinic",
    responses((status = 200, body = PostingNow), (status = "default", body = Problem)))]
async fn get_posting(State(app): State<App>, caller: Caller) -> Result<Json<PostingNow>, Problem> {
    posting_now(&app, &caller).await
}

/// What a clinic wants to declare.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PostingWish {
    /// That it follows the guideline.
    follows_guideline: bool,
    /// That it prescribes no psychotropics at an online first visit.
    no_psychotropics: bool,
    /// What else is posted.
    #[serde(default)]
    note_ja: String,
    /// The same in English.
    #[serde(default)]
    note_en: String,
}

/// Declares it from now on.
#[utoipa::path(put, path = "/api/clinic/posting", request_body = PostingWish, tag = "clinic",
    responses((status = 200, body = PostingNow), (status = "default", body = Problem)))]
async fn put_posting(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PostingWish>,
) -> Result<Json<PostingNow>, Problem> {
    let declared = (wish.follows_guideline, wish.no_psychotropics);
    let notes = (wish.note_ja.as_str(), wish.note_en.as_str());
    public_pages::declare(&app, &caller.actor, declared, notes).await?;
    posting_now(&app, &caller).await
}

/// The page of the open data.
pub(super) async fn open_data(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let language = query.language(accepted);
    let days: Vec<_> = public_pages::list_days(&app).await?.into_iter().collect();
    Ok(pages::page(&Page {
        title: language
            .pick("オープンデータ：医療機関一覧", "Open data: medical institutions")
            .to_owned(),
        language,
        path: Some("/open-data".to_owned()),
        body: open_page::body(&days, language),
        embed: false,
    }))
}

/// Which institutions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OpenQuery {
    /// Of one prefecture only: its two digits.
    prefecture: Option<String>,
    /// Also those that are not accepted for online care.
    #[serde(default)]
    all: bool,
}

/// Institutions accepted for online care as the municipalities' standard open data set 医療機関一覧,
/// CC BY 4.0.
#[utoipa::path(get, path = "/open-data/medical-institutions.csv", params(OpenQuery),
    tag = "register",
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "default", body = Problem)))]
async fn medical_institutions(
    State(app): State<App>,
    Asked(query): Asked<OpenQuery>,
) -> Result<Response, Problem> {
    let days = public_pages::list_days(&app).await?;
    let reading = Reading {
        prefecture: query.prefecture.clone(),
        all: query.all,
        known: app.clock.now(),
        after: String::new(),
    };
    let last = days.iter().filter(|(code, _)| query.prefecture.as_ref().is_none_or(|p| p == *code));
    let last = last.map(|(_, day)| *day).max();
    let name = match (&query.prefecture, last) {
        (Some(code), Some(day)) => format!("medical_institutions_{code}_{day}.csv"),
        (_, Some(day)) => format!("medical_institutions_{day}.csv"),
        _ => "medical_institutions.csv".to_owned(),
    };
    let write = move |app: &App, rows: &[OpenRow]| {
        let record = |row: &OpenRow| {
            let as_of = row.code10.get(..2).and_then(|code| days.get(code)).copied();
            open_data::record(row, as_of, app.public_url())
        };
        rows.iter().map(record).collect::<String>()
    };
    // The heading first, then a page of rows at a time, as the reader takes them.
    let first = Some((app, reading, true));
    let body = stream::unfold((first, write), |(state, write)| async move {
        let (app, mut reading, heading) = state?;
        if heading {
            let text = Bytes::from(open_data::heading());
            return Some((Ok(text), (Some((app, reading, false)), write)));
        }
        match public_pages::open_rows(&app, &mut reading).await {
            Ok(rows) if rows.is_empty() => None,
            Ok(rows) => {
                let text = Bytes::from(write(&app, &rows));
                Some((Ok(text), (Some((app, reading, false)), write)))
            }
            Err(error) => {
                tracing::error!(%error, "open data broke off");
                Some((Err(std::io::Error::other("broken off")), (None, write)))
            }
        }
    });
    let link = format!("<{}>; rel=\"license\"", open_data::LICENCE_ADDRESS);
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::LINK, link),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    Ok((StatusCode::OK, headers, Stream::from_stream(body)).into_response())
}
