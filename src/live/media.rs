//! The server's own end of WebRTC. The crates of that protocol change with every release: they are
//! named below this module and nowhere else, which a test holds (`tests/it/layers.rs`).

/// The peer with which a browser tries its line before the visit.
pub mod echo;
/// The UDP ports that the server's own peers are given.
pub mod ports;
/// The forwarding room, in which three to six people see each other.
pub mod room;
