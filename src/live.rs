//! Who is connected now: addresses and credentials of the relay, the relay itself, and the server's
//! own peer of the line check. Nothing here is kept: no media, no descriptions, no chat.

pub mod ice;
pub mod media;
pub mod turn;
