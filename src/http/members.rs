//! The list of facilities behind a number.

use axum::extract::State;
use axum::response::Response;
use chrono_tz::Asia::Tokyo;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::counts::CountsQuery;
use super::extract::Asked;
use super::pages;
use super::problem::Problem;
use crate::actions::counts::{self, Query};
use crate::actions::{App, Error};
use crate::engine::counts::By;
use crate::engine::counts::UNKNOWN;
use crate::engine::counts::members::{Started, What};
use crate::format::dates::Style;
use crate::format::page::Page;
use crate::format::pages::facilities::{self, Line, Listing};
use crate::format::table::answer::{criterion_name, part_label, size_name};
use crate::format::{Lang, links, seeds};
use crate::time::zone;

/// The list.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_facilities))
}

/// Which facilities: those behind a number, with the same filters and days as it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// Which number: `accepted`, `uncertain`, `institutions`, `new`, `lapsed`, `redesignated`.
    what: Option<String>,
    /// Of one prefecture: its two digits; `all` for all.
    prefecture: Option<String>,
    /// Of one municipality: its six digits, or `unknown`.
    municipality: Option<String>,
    /// Of one secondary medical area: its name, or `unknown`.
    area: Option<String>,
    /// Hospitals, or clinics of a kind.
    size: Option<String>,
    /// Of what; else of the criterion that was in force on the day.
    criterion: Option<String>,
    /// On which day; else today.
    as_of: Option<String>,
    /// As known when; else now.
    known_on: Option<String>,
    /// The day since which, without it, what came and went is listed.
    since: Option<String>,
    /// Whose acceptance took effect in this fiscal year, or `unknown`.
    start_year: Option<String>,
    /// The page, from 1.
    page: Option<usize>,
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
    /// `era` or `western`; else what the language is used to.
    years: Option<String>,
}

impl ListQuery {
    fn counts(&self) -> CountsQuery {
        CountsQuery::of([
            &self.prefecture,
            &self.municipality,
            &self.area,
            &self.size,
            &self.criterion,
            &self.as_of,
            &self.known_on,
            &self.since,
            &self.lang,
            &self.years,
        ])
    }

    fn what(&self) -> Result<What, Error> {
        let Some(code) = self.what.as_deref().filter(|code| !code.is_empty()) else {
            return Ok(What::Accepted);
        };
        let found = What::ALL.into_iter().find(|what| what.code() == code);
        found.ok_or(Error::invalid("/what", "form"))
    }

    fn started(&self) -> Result<Option<Started>, Error> {
        match self.start_year.as_deref() {
            None | Some("") => Ok(None),
            Some(UNKNOWN) => Ok(Some(Started::Unknown)),
            Some(year) => {
                let year = year.parse().map_err(|_| Error::invalid("/start_year", "form"))?;
                Ok(Some(Started::In(year)))
            }
        }
    }

    /// The address of a page of the same list.
    fn page(&self, page: usize) -> String {
        let own = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        links::query(
            "/facilities",
            [
                ("what", own(&self.what)),
                ("prefecture", own(&self.prefecture)),
                ("municipality", own(&self.municipality)),
                ("area", own(&self.area)),
                ("size", own(&self.size)),
                ("criterion", own(&self.criterion)),
                ("as_of", own(&self.as_of)),
                ("known_on", own(&self.known_on)),
                ("since", own(&self.since)),
                ("start_year", own(&self.start_year)),
                ("years", own(&self.years)),
                ("page", (page > 1).then(|| page.to_string())),
            ],
        )
    }
}

/// The facilities behind a number, as a page.
#[utoipa::path(get, path = "/facilities", params(ListQuery), tag = "register",
    responses((status = 200, content_type = "text/html", body = String),
        (status = "default", body = Problem)))]
pub(super) async fn list_facilities(
    State(app): State<App>,
    accepted: Lang,
    Asked(asked): Asked<ListQuery>,
) -> Result<Response, Problem> {
    let counts_query = asked.counts();
    let (query, style) = (counts_query.query()?, counts_query.style(accepted));
    let (what, started) = (asked.what()?, asked.started()?);
    let page = asked.page.unwrap_or(1).max(1);
    let from = (page - 1).saturating_mul(counts::PAGE);
    let found = counts::facilities(&app, &query, what, started, from).await?;
    let more = from.saturating_add(found.page.len()) < found.count;
    let lang = style.lang.tag();
    let to = |page: usize| crate::format::page::with(&asked.page(page), "lang", lang);
    let lines = found.page.into_iter().map(|(member, described)| Line {
        member,
        name: described.as_ref().map(|one| one.name.clone()),
        address: described.map(|one| one.address),
    });
    let known = query.known_on.map_or_else(|| app.clock.now(), counts::KnownOn::instant);
    let listing = Listing {
        what,
        as_of: found.as_of,
        known_on: zone::date_of(Tokyo, known),
        count: found.count,
        from,
        lines: lines.collect(),
        narrowed: narrowed(&query, started, style),
        before: (page > 1).then(|| to(page - 1)),
        after: more.then(|| to(page + 1)),
    };
    Ok(pages::page(&Page {
        title: facilities::title(what, style.lang).to_owned(),
        language: style.lang,
        path: Some(asked.page(page)),
        body: facilities::body(&listing, style),
        embed: false,
    }))
}

/// What narrows the list, in words.
fn narrowed(query: &Query, started: Option<Started>, style: Style) -> Vec<String> {
    let (lang, within) = (style.lang, &query.within);
    let mut words = Vec::new();
    let prefecture = within.prefecture.as_deref();
    let prefecture = prefecture.and_then(|code| seeds::prefecture_in(code, lang));
    words.extend(prefecture.map(str::to_owned));
    words.extend(within.area.as_deref().map(|area| part_label(By::Area, area, lang)));
    words.extend(within.municipality.as_deref().map(|at| part_label(By::Municipality, at, lang)));
    words.extend(within.size.map(|size| size_name(size, lang).to_owned()));
    words.extend(query.criterion.map(|criterion| criterion_name(criterion, lang).to_owned()));
    words.extend(query.since.map(|day| {
        let day = style.date(day);
        lang.pick(format!("{day}より後"), format!("after {day}"))
    }));
    words.extend(started.map(|started| match started {
        Started::In(year) => {
            let year = style.fiscal_year(year);
            lang.pick(format!("算定開始 {year}"), format!("begun in {year}"))
        }
        Started::Unknown => lang.pick("算定開始 不明", "begun on an unknown day").to_owned(),
    }));
    words
}
