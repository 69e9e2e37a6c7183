//! A stranger's file as components and properties.
//!
//! The bytes are unfolded before they are decoded: old writers break lines at 75 octets wherever
//! that falls, also within a character. Size, number and depth are bounded before anything is
//! understood.

use super::value::When;

/// The most bytes of a file.
pub const BYTES: usize = 2 * 1024 * 1024;
/// The most components in a file.
pub const COMPONENTS: usize = 10_000;
/// How deep components may lie in each other: calendar, availability, available, alarm.
const DEPTH: usize = 6;

/// Why a file was not read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than are read.
    #[error("the file is larger than {} MB", BYTES / 1024 / 1024)]
    TooLarge,
    /// More entries than are read.
    #[error("the file has more than {COMPONENTS} entries")]
    TooMany,
    /// Components within components within components.
    #[error("the file nests its components too deeply")]
    TooDeep,
    /// Something else, or the beginning of one.
    #[error("this is not a complete iCalendar file")]
    NotCalendar,
    /// A recurrence that would come more often than once an hour, or a million times.
    #[error("an entry repeats too often: {0}")]
    RuleTooOften(String),
    /// All its recurrences together cost too much to follow.
    #[error("the entries of this file repeat too many times to be followed")]
    TooMuchWork,
}

impl Fault {
    /// A stable name, for interfaces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "calendar_too_large",
            Self::TooMany => "calendar_too_many",
            Self::TooDeep | Self::NotCalendar => "calendar_unreadable",
            Self::RuleTooOften(_) => "calendar_rule_too_often",
            Self::TooMuchWork => "calendar_too_much",
        }
    }
}

/// A property, its value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// In capitals.
    pub name: String,
    /// Names in capitals, each with its values.
    pub parameters: Vec<(String, Vec<String>)>,
    /// As it is written, still escaped.
    pub value: String,
}

impl Property {
    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key == name)?;
        found.1.first().map(String::as_str)
    }

    /// Its value as a date or time, with the zone that is named beside it.
    pub fn when(&self) -> Option<(When, Option<&str>)> {
        Some((When::parse(&self.value)?, self.parameter("TZID")))
    }
}

/// A component: its properties and what lies in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// In capitals.
    pub name: String,
    /// In the order of the file.
    pub properties: Vec<Property>,
    /// In the order of the file.
    pub components: Vec<Component>,
}

impl Component {
    /// The first property of this name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// All properties of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// The value of the first property of this name, without spaces around it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.property(name).map(|property| property.value.trim())
    }

    /// The components of this name in it.
    pub fn inner<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Component> {
        self.components.iter().filter(move |component| component.name == name)
    }
}

/// The calendars of a file.
pub fn parse(bytes: &[u8]) -> Result<Vec<Component>, Fault> {
    if bytes.len() > BYTES {
        return Err(Fault::TooLarge);
    }
    let text = unfold(bytes);
    let mut open: Vec<Component> = Vec::new();
    let (mut done, mut count) = (Vec::new(), 0);
    for property in ::ical::PropertyParser::from_reader(text.as_bytes()) {
        // A line that is none is passed over, as RFC 5545 lets readers do with what they do not
        // know; an entry that misses something for it is named by whoever needs it.
        let Ok(property) = property else { continue };
        let name = property.name.to_ascii_uppercase();
        let value = property.value.unwrap_or_default();
        match name.as_str() {
            "BEGIN" => {
                count += 1;
                if count > COMPONENTS {
                    return Err(Fault::TooMany);
                }
                if open.len() == DEPTH {
                    return Err(Fault::TooDeep);
                }
                let name = value.trim().to_ascii_uppercase();
                open.push(Component { name, ..Component::default() });
            }
            "END" => {
                let ended = open.pop().ok_or(Fault::NotCalendar)?;
                if !ended.name.eq_ignore_ascii_case(value.trim()) {
                    return Err(Fault::NotCalendar);
                }
                open.last_mut().map_or(&mut done, |outer| &mut outer.components).push(ended);
            }
            _ => {
                let parameters = property.params.unwrap_or_default();
                let inner = open.last_mut().ok_or(Fault::NotCalendar)?;
                inner.properties.push(Property { name, parameters, value });
            }
        }
    }
    let calendars = done.iter().all(|component| component.name == "VCALENDAR");
    if open.is_empty() && calendars && !done.is_empty() {
        Ok(done)
    } else {
        Err(Fault::NotCalendar)
    }
}

/// The text with its folded lines joined; what is no UTF-8 even then becomes U+FFFD.
fn unfold(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut joined = Vec::with_capacity(bytes.len());
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some((b' ' | b'\t', rest)) = line.split_first() {
            joined.extend(rest);
        } else {
            joined.push(b'\n');
            joined.extend(line);
        }
    }
    // A carriage return within a line would be an end of it to some readers.
    joined.retain(|byte| *byte != b'\r');
    String::from_utf8_lossy(&joined).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_folded_within_a_character_are_joined_first() {
        let mut bytes = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=ja:".to_vec();
        for byte in "診察の予約".bytes() {
            bytes.extend([byte, b'\r', b'\n', b' ']);
        }
        bytes.extend(b"\r\nX-A;B=\"c:d\";E=f,g:h\nend:vevent\nEND:VCALENDAR");
        let calendars = parse(&bytes).unwrap();
        let event = &calendars[0].components[0];
        assert_eq!(event.value("SUMMARY"), Some("診察の予約"));
        let property = event.property("X-A").unwrap();
        assert_eq!((property.parameter("B"), property.value.as_str()), (Some("c:d"), "h"));
    }

    #[test]
    fn what_is_too_much_or_no_calendar_is_refused() {
        let wrapped =
            |inner: &str| parse(format!("BEGIN:VCALENDAR\n{inner}END:VCALENDAR\n").as_bytes());
        let event = "BEGIN:VEVENT\nEND:VEVENT\n";
        assert_eq!(wrapped(&event.repeat(9_999)).unwrap()[0].components.len(), 9_999);
        assert_eq!(wrapped(&event.repeat(10_000)), Err(Fault::TooMany));
        assert_eq!(wrapped(&event.repeat(100_000)), Err(Fault::TooLarge));
        let nested = "BEGIN:VEVENT\n".repeat(9) + &"END:VEVENT\n".repeat(9);
        assert_eq!(wrapped(&nested), Err(Fault::TooDeep));
        for bad in
            ["", "hello", "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\nEND:VEVENT\n", "END:VCALENDAR\n"]
        {
            assert_eq!(parse(bad.as_bytes()), Err(Fault::NotCalendar), "{bad}");
        }
        assert_eq!(wrapped("BEGIN:VEVENT\n"), Err(Fault::NotCalendar));
        assert_eq!(parse(&[0xFF, 0xFE, 0, 66, 0, 69]), Err(Fault::NotCalendar));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_stop_the_program(
            lines in proptest::collection::vec("(BEGIN|END|DTSTART|;|:|\"|=|,| |\\PC){0,12}", 0..40),
        ) {
            let _ = parse(lines.join("\n").as_bytes());
        }
    }
}
