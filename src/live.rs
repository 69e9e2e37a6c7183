//! Who is connected now. Visits live here only as long as somebody is in them: what must outlast
//! the process (admission, the end, the epoch) is decided by rows elsewhere and told to this module.
//!
//! Deliberately absent: the database, the web server's types, and any record of picture, sound,
//! descriptions or chat.

/// How many sockets may be open, and how late a bad one is answered.
pub mod doors;
/// That something changed in the day of a facility.
pub mod hints;
/// The visits in progress: who is where, what may be relayed to whom.
pub mod hub;
/// Addresses and expiring credentials of STUN and TURN servers.
pub mod ice;
/// The server's own end of WebRTC; no other module names the crates.
pub mod media;
/// The messages of `tele.v1`, read strictly and written.
pub mod message;
/// Where this server's own media peers can be reached.
pub mod reach;
/// The embedded STUN and TURN server.
pub mod turn;
