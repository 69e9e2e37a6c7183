//! What may happen, decided from what is passed in. Nothing here waits, reads or knows the time.

pub mod august;
pub mod availability;
pub mod booking;
pub mod clearance;
pub mod closing;
pub mod counts;
pub mod first_visit;
pub mod fold;
pub mod holidays;
pub mod hours;
pub mod import;
pub mod line;
pub mod messages;
pub mod own;
pub mod prescription;
pub mod slots;
pub mod starts;
pub mod suppress;
pub mod visit;
pub mod waitlist;
