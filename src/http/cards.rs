//! Cards: figures with all that belongs to them, each at an address of its own, for people without
//! scripts, for other sites' frames, for paper and for spreadsheets.

use axum::extract::State;
use axum::response::Response;
use chrono_tz::Asia::Tokyo;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::counts::{CSV, CountsQuery, SVG, book, file};
use super::extract::{Asked, At};
use super::pages;
use super::problem::Problem;
use crate::actions::counts::{self, Query};
use crate::actions::{App, Error};
use crate::engine::counts::answer::Answer;
use crate::engine::counts::{By, UNKNOWN};
use crate::format::cards::{self, Card, Drawing, Filled};
use crate::format::chart::answer::Measure;
use crate::format::dates::Style;
use crate::format::page::Page;
use crate::format::pages::card::{Addresses, Form};
use crate::format::report::counts::instant;
use crate::format::table::Bom;
use crate::format::{Lang, links, pages as bodies, seeds};
use crate::time::zone;

/// Where a prefecture's service is at home unless lists tell otherwise.
const HOME: &str = "13";

/// The cards.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_cards)).routes(routes!(get_card))
}

/// All cards, as a page.
#[utoipa::path(get, path = "/cards", params(CountsQuery), tag = "register",
    responses((status = 200, content_type = "text/html", body = String)))]
pub(super) async fn list_cards(
    State(app): State<App>,
    accepted: Lang,
    Asked(asked): Asked<CountsQuery>,
) -> Response {
    let language = asked.style(accepted).lang;
    pages::page(&Page {
        title: language.pick("届出受理医療機関の統計", "Figures of accepted facilities").to_owned(),
        language,
        path: Some("/cards".to_owned()),
        body: bodies::cards::body(language, app.boundaries.is_some()),
        embed: false,
    })
}

/// A card as a page, for a frame with `embed=true`; with `.svg`, `.csv` or `.xlsx` behind its name
/// as a file.
#[utoipa::path(get, path = "/cards/{name}", params(("name" = String, Path), CountsQuery),
    tag = "register",
    responses((status = 200, content_type = "text/html", body = String),
        (status = "default", body = Problem)))]
pub(super) async fn get_card(
    State(app): State<App>,
    accepted: Lang,
    At(name): At<String>,
    Asked(asked): Asked<CountsQuery>,
) -> Result<Response, Problem> {
    let (id, kind) = name.split_once('.').map_or((name.as_str(), None), |(id, k)| (id, Some(k)));
    let there = |card: &&Card| card.drawing != Drawing::Map || app.boundaries.is_some();
    let card = cards::find(id).filter(there).ok_or(Error::NotFound)?;
    let style = asked.style(accepted);
    let shown = show(&app, card, &asked, style).await?;
    let filled = &shown.filled;
    match kind {
        None => Ok(whole(&app, card, &asked, shown, style)),
        Some("svg") => Ok(file(SVG, &name, filled.svg.clone())),
        Some("csv") => Ok(file(CSV, &name, filled.table.to_csv(Bom::With))),
        Some("xlsx") => book(&name, &filled.book(style.lang)),
        Some(_) => Err(Error::NotFound.into()),
    }
}

/// A card with what it was asked.
struct Shown {
    filled: Filled,
    measure: Measure,
    query: Query,
    answer: Option<Answer>,
    prefectures: Vec<(String, String)>,
}

async fn show(app: &App, card: &Card, asked: &CountsQuery, style: Style) -> Result<Shown, Problem> {
    let measure = card.measure(asked.measure.as_deref());
    let mut query = asked.query()?;
    let Some(by) = card.by else {
        let filled = cards::published(style.lang);
        return Ok(Shown { filled, measure, query, answer: None, prefectures: Vec::new() });
    };
    let known = counts::prefectures(app, &query).await?;
    let listed = |code: &str| known.iter().any(|(one, ..)| one == code);
    if by == By::Prefecture {
        query.within.prefecture = None;
    } else if asked.prefecture.as_ref().is_none_or(String::is_empty) {
        let only = app.prefectures.first().filter(|_| app.prefectures.len() == 1).cloned();
        let first = known.first().map(|(code, ..)| code.clone()).filter(|_| !listed(HOME));
        query.within.prefecture = only.or(first).or_else(|| Some(HOME.to_owned()));
    }
    let name = |code: &str| seeds::prefecture_in(code, style.lang).unwrap_or_default().to_owned();
    let mut prefectures: Vec<(String, String)> =
        known.iter().map(|(code, ..)| (code.clone(), name(code))).collect();
    if let Some(code) = query.within.prefecture.as_ref().filter(|code| !listed(code)) {
        prefectures.push((code.clone(), name(code)));
    }
    let answer = counts::count(app, by, &query).await?;
    let filled = match (card.drawing, &app.boundaries) {
        (Drawing::Areas, _) => cards::areas(card, &answer, &of_areas(app, &query).await?, style),
        (Drawing::Map, Some(boundaries)) => cards::map(card, &answer, measure, boundaries, style),
        _ => cards::fill(card, &answer, measure, style),
    };
    Ok(Shown { filled, measure, query, answer: Some(answer), prefectures })
}

/// The years of each secondary medical area, in the order of the reference data; of those of which
/// the area is not known only where there are any.
async fn of_areas(app: &App, query: &Query) -> Result<Vec<(String, Answer)>, Error> {
    let prefecture = query.within.prefecture.as_deref();
    let mut keys: Vec<String> = Vec::new();
    for place in seeds::municipalities() {
        let here = prefecture.is_none_or(|code| place.prefecture_code == code);
        if here && !place.medical_area.is_empty() && !keys.contains(&place.medical_area) {
            keys.push(place.medical_area.clone());
        }
    }
    keys.push(UNKNOWN.to_owned());
    let mut areas = Vec::new();
    for key in keys {
        let mut query = query.clone();
        query.within.area = Some(key.clone());
        let answer = counts::count(app, By::Year, &query).await?;
        let any = answer.rows.iter().any(|row| row.part.figures.facilities > 0);
        if any || key != UNKNOWN {
            areas.push((key, answer));
        }
    }
    Ok(areas)
}

fn whole(app: &App, card: &Card, asked: &CountsQuery, shown: Shown, style: Style) -> Response {
    let Shown { filled, measure, query, answer, prefectures } = shown;
    let embed = asked.embed == Some(true);
    let at = addresses(app, card, &query, answer.as_ref(), measure, style);
    let form = Form {
        prefectures,
        prefecture: query.within.prefecture.clone(),
        as_of: query.as_of.map(|day| day.to_string()),
        known_on: query.known_on.map(|known| zone::date_of(Tokyo, known.instant()).to_string()),
        since: query.since.map(|day| day.to_string()),
        criterion: query.criterion,
        measure,
        western: style.western,
    };
    let body = bodies::card::body(card, &filled, &form, &at, style, embed);
    pages::page(&Page {
        title: filled.title.clone(),
        language: style.lang,
        path: Some(address(card, "", asked, &query, measure, None)),
        body,
        embed,
    })
}

/// A card's address: with the days that were asked, or where `fixed` with those that it shows.
fn address(
    card: &Card,
    suffix: &str,
    asked: &CountsQuery,
    query: &Query,
    measure: Measure,
    fixed: Option<(&Answer, Style)>,
) -> String {
    let prefecture = query.within.prefecture.as_deref().unwrap_or("all");
    let counted = card.by.is_some();
    let narrowed = counted && card.by != Some(By::Prefecture);
    let (as_of, known_on) = match fixed {
        Some((answer, _)) => {
            (Some(answer.asked.as_of.to_string()), Some(instant(answer.asked.known)))
        }
        None => (query.as_of.map(|day| day.to_string()), asked.known_on().map(str::to_owned)),
    };
    let style = fixed.map(|(_, style)| style);
    let years = style.map(|style| if style.western { "western" } else { "era" });
    let within = &query.within;
    links::query(
        &format!("/cards/{}{suffix}", card.id),
        [
            ("prefecture", narrowed.then(|| prefecture.to_owned())),
            ("municipality", within.municipality.clone()),
            ("area", within.area.clone()),
            ("size", within.size.map(|size| size.code().to_owned())),
            ("criterion", query.criterion.map(|one| one.code().to_owned())),
            ("since", query.since.map(|day| day.to_string())),
            ("measure", (card.measures.len() > 1).then(|| measure.code().to_owned())),
            ("as_of", as_of.filter(|_| counted)),
            ("known_on", known_on.filter(|_| counted)),
            ("years", years.map(str::to_owned)),
            ("lang", style.map(|style| style.lang.tag().to_owned())),
        ],
    )
}

fn addresses(
    app: &App,
    card: &Card,
    query: &Query,
    answer: Option<&Answer>,
    measure: Measure,
    style: Style,
) -> Addresses {
    let none = CountsQuery::default();
    let to = |suffix: &str| match answer {
        Some(answer) => address(card, suffix, &none, query, measure, Some((answer, style))),
        None => links::query(
            &format!("/cards/{}{suffix}", card.id),
            [("lang", Some(style.lang.tag().to_owned()))],
        ),
    };
    let permalink = to("");
    // Others' pages show what is so when they are read.
    let live = address(card, "", &none, &Query { known_on: None, ..query.clone() }, measure, None);
    let live = crate::format::page::with(&live, "embed", "true");
    let src = format!("{}{live}&lang={}", app.public_url, style.lang.tag());
    let title = card.title(style.lang);
    let embed = format!(
        "<iframe src=\"{}\" title=\"{title}\" width=\"100%\" height=\"900\" loading=\"lazy\"></iframe>",
        src.replace('&', "&amp;")
    );
    let api = match (card.by, answer) {
        (Some(by), Some(answer)) => Some(links::query(
            "/api/counts",
            [
                ("by", Some(by.code().to_owned())),
                ("prefecture", query.within.prefecture.clone()),
                ("criterion", query.criterion.map(|one| one.code().to_owned())),
                ("since", query.since.map(|day| day.to_string())),
                ("as_of", Some(answer.asked.as_of.to_string())),
                ("known_on", Some(instant(answer.asked.known))),
            ],
        )),
        _ => Some("/api/series".to_owned()),
    };
    Addresses { permalink, embed, csv: to(".csv"), xlsx: to(".xlsx"), svg: to(".svg"), api }
}
