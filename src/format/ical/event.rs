//! A visit as an event, alone (for a person or a message) or in a feed.

use chrono_tz::Tz;

use super::line::Lines;
use super::zone;
use crate::format::Lang;
use crate::model::BookingId;
use crate::model::booking::{Booking, Status};
use crate::time::Instant;
use crate::time::span::Span;

/// What a calendar is told of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// Whose id is the event's UID for its whole life.
    pub booking: BookingId,
    /// From when until when.
    pub visit: Span,
    /// In whose zone its times are written.
    pub zone: Tz,
    /// Where the booking stands.
    pub status: Status,
    /// iCalendar's SEQUENCE: 0 when confirmed, one more with each change of time and at its end.
    pub sequence: i64,
    /// Where to go. An address that asks for a sign-in, never one that holds a secret.
    pub portal: String,
}

impl Appointment {
    /// What a calendar is told of `booking`; nothing where it has no time.
    pub fn of(booking: &Booking, zone: Tz, portal: String) -> Option<Self> {
        let (visit, status, sequence) = (booking.visit()?, booking.status, booking.sequence);
        Some(Self { booking: booking.id, visit, zone, status, sequence, portal })
    }

    /// The event's UID.
    pub fn uid(&self) -> String {
        format!("{}@onshin", self.booking)
    }
}

/// Between whom an invitation goes (RFC 5546): both are addresses of electronic mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties<'a> {
    /// Who invites.
    pub organizer: &'a str,
    /// Who is invited.
    pub attendee: &'a str,
}

/// What a calendar is to do with an event (RFC 5546, 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method<'a> {
    /// Show it.
    Publish,
    /// Take it in, or take its change over.
    Request(Parties<'a>),
    /// Take it out.
    Cancel(Parties<'a>),
}

impl Method<'_> {
    /// Its name, also for the media type of a message's part.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request(_) => "REQUEST",
            Self::Cancel(_) => "CANCEL",
        }
    }
}

/// A calendar of one visit. `now` is when it is written.
pub fn single(one: &Appointment, method: Method<'_>, language: Lang, now: Instant) -> String {
    let mut lines = Lines::calendar(Some(method.name()));
    zone::write(&mut lines, one.zone, one.visit);
    event(&mut lines, one, method, language, now);
    lines.finish()
}

/// A calendar to subscribe to: all of these visits. `minutes` is how long a program may wait until
/// it asks again.
pub fn feed(
    visits: &[Appointment],
    name: &str,
    minutes: u32,
    language: Lang,
    now: Instant,
) -> String {
    let mut lines = Lines::calendar(Some("PUBLISH"));
    // RFC 7986, and what programs understood before it.
    lines.text("NAME", name);
    lines.text("X-WR-CALNAME", name);
    lines.with("REFRESH-INTERVAL", &[("VALUE", "DURATION")], &format!("PT{minutes}M"));
    lines.put("X-PUBLISHED-TTL", &format!("PT{minutes}M"));
    let mut zones: Vec<Tz> = visits.iter().map(|visit| visit.zone).collect();
    zones.sort_by_key(|zone| zone.name());
    zones.dedup();
    for zone in zones {
        let of_zone = visits.iter().filter(|visit| visit.zone == zone).map(|visit| visit.visit);
        let reach =
            of_zone.reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) });
        if let Some(span) = reach {
            zone::write(&mut lines, zone, span);
        }
    }
    for visit in visits {
        event(&mut lines, visit, Method::Publish, language, now);
    }
    lines.finish()
}

fn event(lines: &mut Lines, one: &Appointment, method: Method<'_>, language: Lang, now: Instant) {
    lines.begin("VEVENT");
    lines.put("UID", &one.uid());
    lines.instant("DTSTAMP", now);
    lines.put("SEQUENCE", &one.sequence.max(0).to_string());
    lines.at("DTSTART", one.zone, one.visit.start);
    lines.at("DTEND", one.zone, one.visit.end);
    lines.text("SUMMARY", language.pick("予約", "Appointment"));
    lines.put("CLASS", "CONFIDENTIAL");
    lines.put("STATUS", status(one.status, method));
    lines.conference(&one.portal);
    lines.put("URL", &one.portal);
    if let Method::Request(parties) | Method::Cancel(parties) = method {
        lines.put("ORGANIZER", &format!("mailto:{}", parties.organizer));
        let role = [("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "ACCEPTED"), ("RSVP", "FALSE")];
        lines.with("ATTENDEE", &role, &format!("mailto:{}", parties.attendee));
    }
    lines.end("VEVENT");
}

fn status(status: Status, method: Method<'_>) -> &'static str {
    match status {
        _ if matches!(method, Method::Cancel(_)) => "CANCELLED",
        Status::Held | Status::Requested => "TENTATIVE",
        Status::Cancelled | Status::Declined | Status::Expired => "CANCELLED",
        _ => "CONFIRMED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ical::parse::{Component, parse};

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn some() -> Appointment {
        Appointment {
            booking: BookingId::new(),
            visit: Span::new(at("2026-12-01T03:00:00Z"), at("2026-12-01T03:15:00Z")).unwrap(),
            zone: chrono_tz::Asia::Tokyo,
            status: Status::Booked,
            sequence: 3,
            portal: "https://onshin.example/visit/1".to_owned(),
        }
    }

    fn event_of(text: &str) -> Component {
        let calendar = parse(text.as_bytes()).unwrap().remove(0);
        calendar.inner("VEVENT").next().unwrap().clone()
    }

    #[test]
    fn another_reader_finds_time_sequence_and_the_same_uid() {
        let now = at("2026-11-30T04:00:00Z");
        let parties = Parties { organizer: "clinic@example.jp", attendee: "hanako@example.jp" };
        let mut one = some();
        let text = single(&one, Method::Request(parties), Lang::Ja, now);
        assert!(text.contains("\r\nMETHOD:REQUEST\r\n"));
        assert!(text.contains("\r\nDTSTART;TZID=Asia/Tokyo:20261201T120000\r\n"), "{text}");
        assert!(text.contains("BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\n"));
        let first = event_of(&text);
        let value = |event: &Component, name| event.value(name).unwrap_or_default().to_owned();
        assert_eq!(value(&first, "SUMMARY"), "予約");
        assert_eq!(value(&first, "SEQUENCE"), "3");
        assert_eq!(value(&first, "CLASS"), "CONFIDENTIAL");
        assert_eq!(value(&first, "CONFERENCE"), one.portal);
        assert_eq!(value(&first, "ATTENDEE"), "mailto:hanako@example.jp");
        one.sequence = 4;
        let last = event_of(&single(&one, Method::Cancel(parties), Lang::En, now));
        assert_eq!(value(&last, "UID"), value(&first, "UID"));
        let said = ["SEQUENCE", "STATUS", "SUMMARY"].map(|name| value(&last, name));
        assert_eq!(said, ["4", "CANCELLED", "Appointment"]);
        let kept = event_of(&single(&one, Method::Publish, Lang::Ja, now));
        assert!(kept.property("ORGANIZER").is_none() && kept.property("ATTENDEE").is_none());
    }

    #[test]
    fn a_time_that_comes_twice_and_is_meant_the_second_time_is_written_in_utc() {
        let mut one = some();
        one.zone = chrono_tz::America::New_York;
        for (start, written) in [
            ("2026-11-01T05:30:00Z", "DTSTART;TZID=America/New_York:20261101T013000"),
            ("2026-11-01T06:30:00Z", "DTSTART:20261101T063000Z"),
        ] {
            one.visit.start = at(start);
            one.visit.end = at("2026-11-01T08:00:00Z");
            let text = single(&one, Method::Publish, Lang::Ja, at(start));
            assert!(text.contains(written), "{text}");
        }
    }
}
