//! Content lines as RFC 5545 (3.1) wants them: escaped, folded at 75 octets, ended by CR LF.

use std::fmt::Write as _;

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::zone;
use crate::time::Instant;

/// The most octets of a line, without its end.
const OCTETS: usize = 75;

/// A calendar being written.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// A `VCALENDAR` with what every one of ours begins with.
    pub fn calendar(method: Option<&str>) -> Self {
        let mut lines = Self::default();
        lines.begin("VCALENDAR");
        lines.put("VERSION", "2.0");
        lines.put("PRODID", super::PRODUCT);
        lines.put("CALSCALE", "GREGORIAN");
        if let Some(method) = method {
            lines.put("METHOD", method);
        }
        lines
    }

    /// The finished text.
    pub fn finish(mut self) -> String {
        self.end("VCALENDAR");
        self.0
    }

    /// Begins a component.
    pub fn begin(&mut self, component: &str) {
        self.put("BEGIN", component);
    }

    /// Ends it.
    pub fn end(&mut self, component: &str) {
        self.put("END", component);
    }

    /// A property whose value is not text: a date, a number, a name, an address. Control
    /// characters, which could start another line, are left out.
    pub fn put(&mut self, name: &str, value: &str) {
        self.with(name, &[], value);
    }

    /// The same with parameters.
    pub fn with(&mut self, name: &str, parameters: &[(&str, &str)], value: &str) {
        let mut line = name.to_owned();
        for (key, value) in parameters {
            let _ = write!(line, ";{key}={}", parameter(value));
        }
        line.push(':');
        line.extend(value.chars().filter(|c| !c.is_control()));
        fold(&mut self.0, &line);
    }

    /// Where to meet (RFC 7986, 5.11). Its `FEATURE` is a list, whose comma stands unquoted.
    pub fn conference(&mut self, address: &str) {
        self.with("CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO", &[], address);
    }

    /// A property whose value is text for people.
    pub fn text(&mut self, name: &str, value: &str) {
        self.put(name, &escaped(value));
    }

    /// An instant, in UTC.
    pub fn instant(&mut self, name: &str, at: Instant) {
        self.put(name, &utc(at));
    }

    /// An instant, as the clocks of a zone show it that the calendar describes. Where they show it
    /// twice and the second time is meant, which a local time cannot say, it is written in UTC.
    pub fn at(&mut self, name: &str, zone: Tz, at: Instant) {
        let wall = zone::wall(zone, at);
        if zone::instant(zone, wall) == Some(at) {
            self.with(name, &[("TZID", zone.name())], &local(wall));
        } else {
            self.instant(name, at);
        }
    }
}

/// An instant as RFC 5545 writes it in UTC.
pub fn utc(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A local time as RFC 5545 writes it.
pub fn local(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

/// Text with what has a meaning in a value taken its meaning (RFC 5545, 3.3.11). Line ends of all
/// kinds become `\n`; other control characters, which a value may not hold, are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\\' | ';' | ',' => out.extend(['\\', c]),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A parameter's value, in quotes where it must be, with what may not stand in it written as
/// RFC 6868 says.
fn parameter(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '^' => out.push_str("^^"),
            '"' => out.push_str("^'"),
            '\n' => out.push_str("^n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    if out.contains([':', ';', ',']) { format!("\"{out}\"") } else { out }
}

/// Appends `line`, broken where it is too long, never within a character.
fn fold(out: &mut String, line: &str) {
    let mut room = OCTETS;
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = OCTETS - 1;
        }
        out.push(c);
        room -= c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_start_a_line_or_a_list() {
        let mut lines = Lines::calendar(None);
        lines.text("SUMMARY", "a;b,c\\d\r\nATTENDEE:mailto:x\u{b}\u{2028}e\rf");
        lines.put("URL", "https://a.example/\r\nATTENDEE:mailto:x");
        lines.with("X", &[("CN", "山田 \"花子\"\r\n; a^b")], "v");
        let text = lines.finish();
        assert!(text.contains("SUMMARY:a\\;b\\,c\\\\d\\nATTENDEE:mailto:x\\ne\\nf\r\n"), "{text}");
        assert!(text.contains("URL:https://a.example/ATTENDEE:mailto:x\r\n"), "{text}");
        assert!(text.contains("X;CN=\"山田 ^'花子^'^n; a^^b\":v\r\n"), "{text}");
        assert!(!text.contains("\nATTENDEE"));
    }

    #[test]
    fn lines_are_folded_by_octets_between_characters() {
        let value = "予約の説明は長い。".repeat(40) + &"a".repeat(200) + &"😀".repeat(50);
        let mut lines = Lines::default();
        lines.text("DESCRIPTION", &value);
        let text = lines.0;
        let all: Vec<_> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        assert!(all.len() > 20);
        // Each is full: the next character would not have fitted.
        for pair in all.windows(2) {
            let next = pair[1].chars().nth(1).unwrap();
            assert!(pair[0].len() <= 75 && pair[0].len() + next.len_utf8() > 75, "{}", pair[0]);
        }
        assert_eq!(text.replace("\r\n ", ""), format!("DESCRIPTION:{value}\r\n"));
    }
}
