//! iCalendar (RFC 5545, with 5546, 7953 and 7986): visits, busy times and hours, out and in.
//!
//! **Out** it is written by our own [`line`]: values escaped, lines folded by octets between
//! characters, a `VTIMEZONE` for every zone named. A calendar is read by more people than a record:
//! it says that there is a visit, when, and where to go; no department, no doctor, no name, and
//! never a link's secret.
//!
//! **In** it comes from strangers: [`parse`] bounds size and count and unfolds the bytes before it
//! decodes them, [`rule`] bounds what a recurrence may cost, and [`busy`] says what it left out and
//! why. Nothing here reads a clock or a file.

pub mod busy;
pub mod event;
pub mod freebusy;
pub mod hours;
pub mod import;

pub mod line;
pub mod parse;
pub mod rule;
mod start;
pub mod value;
pub mod zone;

pub use event::{Appointment, Method, Parties};

/// What `PRODID` says of every file we write.
pub const PRODUCT: &str = "-//Onshin//Onshin//JA";

/// The media type of what is written here.
pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";
