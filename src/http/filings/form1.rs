//! The data sheet of a notification, as a page for paper.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::App;
use crate::actions::filings;
use crate::format::Lang;
use crate::format::pages::form1::{self, Sheet};
use crate::http::extract::{Asked, At, Caller};
use crate::http::pages;
use crate::http::problem::Problem;
use crate::model::FilingId;

/// In which language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SheetQuery {
    lang: Option<String>,
}

/// The sheet: of what was handed in last, or of what is being written.
pub(in crate::http) async fn sheet(
    State(app): State<App>,
    caller: Caller,
    accepted: Lang,
    At(id): At<FilingId>,
    Asked(query): Asked<SheetQuery>,
) -> Result<Response, Problem> {
    let whole = filings::read(&app, &caller.actor, id).await?;
    let handed_in = whole.events.iter().rev().find_map(|event| event.form.as_ref());
    let form = handed_in.filter(|_| !whole.filing.state.is_open()).unwrap_or(&whole.filing.form);
    let linked = whole.links.iter().filter(|link| link.confirmed_at.is_some());
    let linked: Vec<&str> = linked.map(|link| link.facility_name.as_str()).collect();
    let language = match query.lang.as_deref() {
        Some("en") => Lang::En,
        Some("ja") => Lang::Ja,
        _ => accepted,
    };
    let sheet = Sheet {
        language,
        filing: &whole.filing,
        definition: whole.definition,
        name: &whole.name,
        address: &whole.address,
        form,
        checks: &whole.checks,
        site: whole.site.as_ref(),
        linked: &linked,
        today: filings::today(app.clock.now()),
    };
    Ok(pages::page(&form1::page(&sheet)))
}
