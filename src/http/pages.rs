//! Pages that the server writes whole: they work without JavaScript, in print and in other sites'
//! frames.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::guard::Embeddable;
use crate::format::Lang;
use crate::format::page::{self, Page, Styles};

/// The language of a page or file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct InLanguage {
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

impl InLanguage {
    /// The language that was asked for.
    pub(super) fn language(&self, accepted: Lang) -> Lang {
        language(self.lang.as_deref(), accepted)
    }
}

/// The language of this tag, else `accepted`.
pub(super) fn language(tag: Option<&str>, accepted: Lang) -> Lang {
    match tag {
        Some("en") => Lang::En,
        Some("ja") => Lang::Ja,
        _ => accepted,
    }
}

/// A CSV to be kept under this name.
pub(super) fn csv(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text).into_response()
}

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
