//! What calendars elsewhere are told: a visit, a person's visits, a doctor's busy times and hours.

use chrono_tz::Tz;

use super::App;
use crate::format::Lang;
use crate::format::ical::event::{Appointment, Method, Parties, single};
use crate::model::booking::Status;
use crate::store::BookingView;

/// What a calendar is told of a booking. Its address asks the patient to sign in.
fn appointment(app: &App, view: &BookingView) -> Option<Appointment> {
    let zone: Tz = view.details.zone.parse().ok()?;
    let portal = format!("{}/visit/{}", app.public_url, view.booking.id);
    Appointment::of(&view.booking, zone, portal)
}

/// A booking as a calendar, for its patient to keep; nothing where it has no time.
pub fn calendar(app: &App, view: &BookingView, language: Lang) -> Option<String> {
    let one = appointment(app, view)?;
    Some(single(&one, Method::Publish, language, app.clock.now()))
}

/// The same for a message: an invitation while the visit stands, a cancellation once it does not.
/// With the name of its method, which the part's media type repeats (RFC 6047, 2.4).
pub fn invitation(
    app: &App,
    view: &BookingView,
    parties: Parties<'_>,
    language: Lang,
) -> Option<(&'static str, String)> {
    let one = appointment(app, view)?;
    let off = matches!(one.status, Status::Cancelled | Status::Declined | Status::Expired);
    let method = if off { Method::Cancel(parties) } else { Method::Request(parties) };
    Some((method.name(), single(&one, method, language, app.clock.now())))
}
