//! A message as a letter, with the visit for the patient's calendar.

use super::deliver::Told;
use super::tries::Tried;
use crate::actions::{App, Result, feeds};
use crate::format::ical::event::Parties;
use crate::model::booking::Status;
use crate::model::message::Kind;
use crate::out::mail::Letter;

/// Sends a letter.
pub(super) async fn send(app: &App, told: &Told<'_>) -> Result<Tried> {
    let Some((mailer, to)) = app.out.mail.as_ref().zip(told.contact.email.as_deref()) else {
        return Ok(Tried::NotConfigured);
    };
    let calendar = calendar(app, told, mailer.sender());
    let letter = Letter {
        id: &told.one.delivery.id.to_string(),
        to,
        subject: &told.texts.subject,
        text: &told.texts.mail,
        calendar: calendar.as_ref().map(|(method, text)| (*method, text.as_str())),
        at: told.now,
    };
    Ok(mailer.send(&letter).await.into())
}

/// The visit as iCalendar, with its method: for what was agreed, and for what was called off.
fn calendar(app: &App, told: &Told<'_>, organizer: &str) -> Option<(&'static str, String)> {
    let tells = matches!(
        told.one.message.kind,
        Kind::Booked | Kind::Approved | Kind::Moved | Kind::Cancelled
    );
    // What is only asked for is in nobody's calendar yet.
    let agreed = tells && told.view.booking.status != Status::Requested;
    let attendee = told.contact.email.as_deref().filter(|_| agreed)?;
    feeds::invitation(app, &told.view, Parties { organizer, attendee }, told.language)
}
