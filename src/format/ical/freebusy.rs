//! When somebody is busy, for other calendars, without a word on what with (RFC 5545, 3.6.4).

use super::line::{Lines, utc};
use crate::time::Instant;
use crate::time::span::{Span, union};

/// The busy times within `window`. `who` names the calendar (an id, not a person), `address` is
/// where it comes from.
pub fn freebusy(who: &str, address: &str, window: Span, busy: &[Span], now: Instant) -> String {
    let mut lines = Lines::calendar(Some("PUBLISH"));
    lines.begin("VFREEBUSY");
    lines.put("UID", &format!("{who}-busy@onshin"));
    lines.instant("DTSTAMP", now);
    lines.put("ORGANIZER", address);
    lines.instant("DTSTART", window.start);
    lines.instant("DTEND", window.end);
    for span in union(busy.iter().filter_map(|span| span.cut(window)).collect()) {
        let period = format!("{}/{}", utc(span.start), utc(span.end));
        lines.with("FREEBUSY", &[("FBTYPE", "BUSY")], &period);
    }
    lines.end("VFREEBUSY");
    lines.finish()
}
