//! Bookings as iCalendar (RFC 5545), for people's own calendars.
//!
//! A calendar is read by more people than a record: it says that there is a booking, when, and
//! where to go; no department, no doctor, no name, and never a link's secret.

use icalendar::{Calendar, Class, Component, Event, EventLike, EventStatus, Property};

use super::Lang;
use crate::model::booking::{Booking, Status};
use crate::time::Instant;

/// The booking as a calendar of one event. Its UID stays for the booking's life and its SEQUENCE
/// is the booking's version, so that a calendar that read it before knows it again. `portal` is the
/// address where patients sign in with their birth date.
pub fn booking(booking: &Booking, portal: &str, language: Lang, now: Instant) -> String {
    let status = match booking.status {
        Status::Held | Status::Requested => EventStatus::Tentative,
        Status::Cancelled | Status::Declined | Status::Expired => EventStatus::Cancelled,
        _ => EventStatus::Confirmed,
    };
    let mut event = Event::with_uid(&format!("{}@onshin", booking.id));
    event
        .timestamp(now)
        .sequence(u32::try_from(booking.version).unwrap_or(u32::MAX))
        .summary(language.pick("予約", "Appointment"))
        .starts(booking.starts_at)
        .ends(booking.ends_at)
        .class(Class::Confidential)
        .status(status)
        .append_property(conference(portal));
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", "-//Onshin//Onshin//JA"))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(("METHOD", "PUBLISH"))
        .push(event.done());
    calendar.to_string()
}

/// Where the visit is held (RFC 7986, 5.11).
fn conference(portal: &str) -> Property {
    let mut property = Property::new("CONFERENCE", portal);
    property.add_parameter("VALUE", "URI").add_parameter("FEATURE", "VIDEO,AUDIO");
    property.done()
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use ical::parser::ical::component::IcalEvent;

    use super::*;
    use crate::model::{BookingId, ClinicianId, FacilityId, ServiceId};

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn some_booking() -> Booking {
        Booking {
            id: BookingId::new(),
            number: Some("9QFXQM74".to_owned()),
            facility: FacilityId::new(),
            clinician: ClinicianId::new(),
            service: ServiceId::new(),
            patient: None,
            status: Status::Booked,
            starts_at: at("2026-12-01T03:00:00Z"),
            ends_at: at("2026-12-01T03:15:00Z"),
            busy_from: at("2026-12-01T03:00:00Z"),
            busy_until: at("2026-12-01T03:15:00Z"),
            hold_expires_at: None,
            hold_extended: false,
            version: 3,
            created_at: at("2026-11-30T03:00:00Z"),
            lead: None,
            session_key: uuid::Uuid::nil(),
            seat: 0,
            lane: 0,
            room: None,
            local_date: None,
            day_seat: None,
            sequence: 2,
            series: None,
            origin: crate::model::booking::Origin::Patient,
            answer_by: None,
            changed_at: at("2026-11-30T03:00:00Z"),
        }
    }

    fn parsed(text: &str) -> IcalEvent {
        let mut calendars = ical::IcalParser::new(BufReader::new(text.as_bytes()));
        calendars.next().unwrap().unwrap().events.remove(0)
    }

    fn value(event: &IcalEvent, name: &str) -> String {
        let found = event.properties.iter().find(|property| property.name == name);
        found.and_then(|property| property.value.clone()).unwrap_or_default()
    }

    #[test]
    fn another_reader_finds_time_sequence_and_the_same_uid() {
        let mut one = some_booking();
        let text =
            booking(&one, "https://onshin.example/visit", Lang::Ja, at("2026-11-30T04:00:00Z"));
        let event = parsed(&text);
        assert_eq!(value(&event, "DTSTART"), "20261201T030000Z");
        assert_eq!(value(&event, "DTEND"), "20261201T031500Z");
        assert_eq!(
            (value(&event, "SEQUENCE"), value(&event, "STATUS")),
            ("3".into(), "CONFIRMED".into())
        );
        assert_eq!(value(&event, "CONFERENCE"), "https://onshin.example/visit");
        let uid = value(&event, "UID");
        (one.status, one.version) = (Status::Cancelled, 4);
        let event = parsed(&booking(
            &one,
            "https://onshin.example/visit",
            Lang::Ja,
            at("2026-11-30T04:00:00Z"),
        ));
        assert_eq!((value(&event, "UID"), value(&event, "SEQUENCE")), (uid, "4".into()));
        assert_eq!(value(&event, "STATUS"), "CANCELLED");
    }

    #[test]
    fn lines_are_folded_and_end_as_the_standard_says() {
        let portal = format!("https://onshin.example/{}", "visit/".repeat(40));
        let text = booking(&some_booking(), &portal, Lang::Ja, at("2026-11-30T04:00:00Z"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
        assert_eq!(value(&parsed(&text), "CONFERENCE"), portal);
        assert!(!text.contains("9QFXQM74"));
    }
}
