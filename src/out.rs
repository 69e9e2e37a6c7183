//! What leaves the house: requests to addresses that others name, mail, short messages. Whoever is
//! outside may be slow, silent or hostile; everything here is bounded in time and size, and an error
//! tells what went wrong without a word of what the other side said.
//!
//! Deliberately absent: the database, and any text of a message.

/// Requests to web addresses that others name.
pub mod web;
