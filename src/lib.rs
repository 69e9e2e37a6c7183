//! Onshin: online medical care for a prefecture. Patients book video visits, clinics run them,
//! administrators register the facilities and follow the counts.
//!
//! The modules below stand in the order of dependency: each may use those above it, none below.
//! `tests/it/layers.rs` holds them to it.
//!
//! Deliberately absent: no clock, no chance, no I/O and no `async` in `engine`; no SQL outside
//! `store`; no HTTP in `actions`; no recording of any visit anywhere.

/// Instants, spans and local days; the clock that is passed in.
pub mod time;
/// Personal data under lock: sealed columns, blind indexes, secrets and their hashes.
pub mod seal;
/// What the service speaks of: ids, facilities, people, schedules, bookings, visits, the register.
pub mod model;
/// Decisions: pure functions over the model. Nothing here waits, reads or knows the time.
pub mod engine;
/// How others write it: the bureau's lists, calendars, charts, tables, workbooks, whole pages. Bytes to
/// model and back.
pub mod format;
/// Who is connected now: signaling, relay, line check, the room that forwards three and more.
pub mod live;
/// What leaves the house: requests to others' addresses, mail, short messages.
pub mod out;
/// The two databases behind one set of queries.
pub mod store;
/// Load, decide, keep, commit: one file per job of the service.
pub mod actions;
/// What happens later, by itself.
pub mod work;
/// The door: routes, their permissions, and the only error that leaves.
pub mod http;
/// The command line.
pub mod cli;
