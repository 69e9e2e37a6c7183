//! Who is connected now. Visits live here only as long as somebody is in them: what must outlast
//! the process (admission, the end, the epoch) is decided by rows elsewhere and told to this module.
//!
//! Deliberately absent: the database, and the web server's types. Texts come in, texts go out.

/// The visits in progress: who is where, what may be relayed to whom.
pub mod hub;
/// The messages of `tele.v1`, read strictly and written.
pub mod message;
