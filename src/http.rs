//! The door: routes, who may use them, and what every answer carries.
//!
//! A route is declared once: its handler's `utoipa::path` names method and path for the router
//! and for the OpenAPI document. [`access::check`] compares all of them with the authorization
//! table before the first request is taken.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::App;
use crate::format::Lang;
use problem::Problem;

pub mod access;
mod assets;
mod august;
mod bookings;
mod calendars;
mod cards;
mod care_plan;
mod clearance;
mod clinic;
mod closing;
mod counts;
mod data;
mod explain;
mod desk;
pub mod extract;
mod facilities;
mod filings;
pub mod guard;
mod health;
mod hours;
mod imports;
mod intake;
pub mod idempotency;
mod indicators;
pub mod json;
pub mod line;
mod media_policy;
mod members;
mod messages;
pub mod metrics;
mod outside;
mod own;
pub mod pages;
mod participants;
mod partners;
pub mod problem;
mod public_pages;
mod quality;
pub mod questions;
mod reconcile;
mod reception;
mod rooms;
mod search;
mod series;
pub mod server;
mod services;
mod session;
mod signal;
mod subsidies;
pub mod terms;
pub mod trace;
mod visits;
mod waiting;
mod waitlist;
pub mod words;

pub(crate) use explain::Why;
pub use guard::Guard;

/// The largest body of an ordinary request.
const BODY: usize = 64 * 1024;
/// The largest change of hours: a thousand edits.
const EDITS: usize = 512 * 1024;
/// The largest upload: a bureau's list of a large prefecture in one archive.
const UPLOAD: usize = 64 * 1024 * 1024;
/// The largest calendar, with a little more, so that the reader says what is wrong with it.
const CALENDAR: usize = crate::format::ical::parse::BYTES + 64 * 1024;
/// How long an ordinary request may take.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// How long an upload may take, with the reading of it.
const UPLOAD_TIME: Duration = Duration::from_mins(2);

#[derive(OpenApi)]
#[openapi(info(
    title = "Onshin",
    description = "Online medical care for a prefecture: booking, video visits and the register \
                   of facilities.",
    license(name = "MIT OR Apache-2.0"),
    contact(name = "Onshin")
))]
struct Document;

/// A router, and every route in it.
struct Routes {
    router: Router<App>,
    named: Vec<(Method, String)>,
}

/// What is described in the OpenAPI document.
fn described() -> OpenApiRouter<App> {
    let upload = OpenApiRouter::new()
        .routes(routes!(imports::list_drafts, imports::add_draft))
        .layer(from_fn(problem::speak))
        .layer(axum::extract::DefaultBodyLimit::max(UPLOAD))
        .layer(RequestBodyLimitLayer::new(UPLOAD))
        .layer(from_fn_with_state(UPLOAD_TIME, guard::in_time));
    let files = OpenApiRouter::new()
        .routes(routes!(calendars::get_hours_file, calendars::preview_hours))
        .routes(routes!(outside::list_outside, outside::add_outside))
        .layer(from_fn(problem::speak))
        .layer(axum::extract::DefaultBodyLimit::max(CALENDAR))
        .layer(from_fn(idempotency::once))
        .layer(RequestBodyLimitLayer::new(CALENDAR))
        .layer(from_fn_with_state(REQUEST_TIME, guard::in_time));
    let edits = OpenApiRouter::new()
        .routes(routes!(hours::plan_change, hours::list_changes))
        .layer(from_fn(problem::speak))
        .layer(from_fn(idempotency::once))
        .layer(RequestBodyLimitLayer::new(EDITS))
        .layer(from_fn_with_state(REQUEST_TIME, guard::in_time));
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(search::search_facilities))
        .routes(routes!(search::list_choices))
        .routes(routes!(facilities::list_places))
        .routes(routes!(facilities::get_facility))
        .routes(routes!(facilities::list_slots))
        .routes(routes!(facilities::list_days))
        .routes(routes!(bookings::hold, bookings::list_bookings))
        .routes(routes!(bookings::get_booking))
        .routes(routes!(bookings::get_calendar))
        .routes(routes!(bookings::extend_hold))
        .routes(routes!(bookings::release_hold))
        .routes(routes!(bookings::confirm_booking))
        .routes(routes!(bookings::cancel_booking))
        .routes(routes!(bookings::move_booking))
        .routes(routes!(bookings::open_link))
        .routes(routes!(session::sign_in, session::who_am_i, session::sign_out))
        .merge(of_clinics())
        .merge(of_calendars())
        .merge(counts::routes())
        .merge(indicators::routes())
        .merge(reconcile::routes())
        .merge(public_pages::routes())
        .merge(subsidies::routes())
        .merge(cards::routes())
        .merge(data::routes())
        .merge(members::routes())
        .merge(imports::routes())
        .merge(before_visits())
        .merge(reports())
        .merge(desk::routes())
        .merge(closing::routes())
        .merge(care_plan::routes())
        .merge(clearance::routes())
        .merge(partners::routes())
        .merge(filings::routes())
        .merge(reception::routes())
        .merge(series::routes())
        .merge(waitlist::routes())
        .merge(participants::routes())
        .merge(quality::routes())
        .merge(waiting::routes())
        .routes(routes!(visits::patient_room))
        .routes(routes!(visits::clinic_room))
        .routes(routes!(visits::patient_ticket))
        .routes(routes!(visits::clinic_ticket))
        .routes(routes!(visits::check_device))
        .merge(line::routes())
        .merge(media_policy::routes())
        .layer(from_fn(problem::speak))
        .layer(from_fn(idempotency::once))
        .layer(RequestBodyLimitLayer::new(BODY))
        .layer(from_fn_with_state(REQUEST_TIME, guard::in_time))
        .merge(upload)
        .merge(files)
        .merge(edits)
}

/// What the service counts of itself, and what a clinic reports once a year.
fn reports() -> OpenApiRouter<App> {
    own::routes().merge(august::routes())
}

/// The clinic's day, hours, rules and messages.
fn of_clinics() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(clinic::list_visits))
        .routes(routes!(clinic::cancel_visit))
        .routes(routes!(clinic::list_clinicians))
        .routes(routes!(clinic::put_training))
        .routes(routes!(clinic::get_hours))
        .routes(routes!(clinic::list_exceptions))
        .routes(routes!(messages::list_messages))
        .routes(routes!(messages::list_undelivered))
        .routes(routes!(messages::send_again))
        .routes(routes!(messages::list_webhooks, messages::add_webhook))
        .routes(routes!(messages::remove_webhook))
        .routes(routes!(messages::test_webhook))
        .routes(routes!(explain::explain_time))
        .routes(routes!(services::list_services, services::add_service))
        .routes(routes!(services::get_service, services::put_service, services::close_service))
        .routes(routes!(rooms::list_rooms, rooms::add_room))
        .routes(routes!(rooms::name_room, rooms::remove_room))
        .routes(routes!(rooms::list_overbookings, rooms::add_overbooking))
        .routes(routes!(rooms::name_overbooking, rooms::remove_overbooking))
        .routes(routes!(hours::get_change))
        .routes(routes!(hours::apply_change))
        .routes(routes!(hours::undo_change))
        .routes(routes!(hours::keep_visit))
        .routes(routes!(hours::list_misplaced))
        .routes(routes!(hours::list_closures))
        .routes(routes!(hours::list_holidays))
}

/// Calendars of other programs.
fn of_calendars() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(calendars::read_feed))
        .routes(routes!(calendars::list_my_feeds, calendars::add_my_feed))
        .routes(routes!(calendars::revoke_my_feed))
        .routes(routes!(calendars::list_feeds, calendars::add_feed))
        .routes(routes!(calendars::revoke_feed))
        .routes(routes!(calendars::get_freebusy))
        .routes(routes!(outside::add_outside_address))
        .routes(routes!(outside::fetch_outside))
        .routes(routes!(outside::remove_outside))
}

/// What is asked, told and agreed before a visit.
fn before_visits() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(questions::get_questionnaire))
        .routes(routes!(terms::get_terms))
        .routes(routes!(bookings::confirm_by_staff))
        .routes(routes!(questions::clinic_questionnaire, questions::put_questionnaire))
        .routes(routes!(questions::get_triage, questions::put_triage))
        .routes(routes!(questions::get_without_basis, questions::put_without_basis))
        .routes(routes!(terms::list_consent_texts))
        .routes(routes!(terms::put_consent_text))
        .routes(routes!(terms::get_fees, terms::put_fees))
        .routes(routes!(intake::get_intake))
        .routes(routes!(intake::put_basis))
        .routes(routes!(intake::withdraw_consent))
}

/// Documents and files, which the OpenAPI document does not describe.
fn undescribed() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("/", get(assets::patient)),
        ("/clinics/{*rest}", get(assets::patient)),
        ("/book/{*rest}", get(assets::patient)),
        ("/bookings/{*rest}", get(assets::patient)),
        ("/bookings", get(assets::patient)),
        ("/visit", get(assets::patient_visit)),
        ("/visit/{*rest}", get(assets::patient_visit)),
        ("/staff", get(assets::staff)),
        ("/staff/{*rest}", get(assets::staff)),
        ("/staff/visit/{id}", get(assets::staff_visit)),
        ("/assets/{*file}", get(assets::file)),
        ("/filings/{id}/form1", get(filings::form1::sheet)),
        ("/pages.css", get(pages::styles)),
        ("/sheet", get(public_pages::sheet)),
        ("/reconciliation", get(reconcile::page)),
        ("/open-data", get(public_pages::open_data)),
        ("/facilities/{code10}", get(public_pages::facility)),
        ("/facilities/{code10}/posting", get(public_pages::posting)),
        ("/api/visits/{id}/signal", get(signal::signal)),
        ("/openapi.json", get(|| async { axum::Json(openapi()) })),
    ]
}

fn all() -> Routes {
    let (mut router, document) = described().split_for_parts();
    let mut named = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            (Method::GET, item.get.is_some()),
            (Method::POST, item.post.is_some()),
            (Method::PUT, item.put.is_some()),
            (Method::DELETE, item.delete.is_some()),
            (Method::PATCH, item.patch.is_some()),
        ];
        let there = methods.into_iter().filter(|(_, there)| *there);
        named.extend(there.map(|(method, _)| (method, path.clone())));
    }
    for (path, handler) in undescribed() {
        named.push((Method::GET, path.to_owned()));
        router = router.route(path, handler.layer(from_fn(problem::speak)));
    }
    Routes { router, named }
}

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = described().split_for_parts().1;
    idempotency::describe(&mut document);
    document
}

/// The whole door. Fails when a route has no row in the authorization table.
pub fn router(guard: Guard) -> Result<Router, String> {
    let Routes { router, named } = all();
    access::check(&named)?;
    let app = guard.app.clone();
    Ok(router
        .fallback(unknown)
        .method_not_allowed_fallback(unknown_method)
        .layer(from_fn_with_state(guard, guard::admit))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(guard::headers))
        .layer(from_fn(trace::request))
        .with_state(app))
}

/// An address that leads nowhere: a page for people, a problem for programs.
async fn unknown(language: Lang, uri: Uri, headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let person = accepted.is_some_and(|accept| accept.contains("text/html"));
    if person && !uri.path().starts_with("/api/") {
        return assets::not_found();
    }
    Problem::new(StatusCode::NOT_FOUND, "not_found").in_language(language).into_response()
}

async fn unknown_method(language: Lang) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").in_language(language)
}

/// A handler that panics is a fault of ours; the process lives on.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").into_response()
}
