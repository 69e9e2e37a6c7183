//! Pages that the server writes whole: they work without JavaScript, in print and in other sites'
//! frames.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::guard::Embeddable;
use crate::format::page::{self, Page, Styles};

/// The styles of these pages.
pub(super) async fn styles() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, page::CSS).into_response()
}

/// A page as an answer.
pub fn page(page: &Page) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-cache")];
    let mut response = (headers, Html(page.render(Styles::Linked))).into_response();
    if page.embed {
        response.extensions_mut().insert(Embeddable);
    }
    response
}
