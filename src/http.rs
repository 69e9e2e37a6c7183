//! The door.
pub mod access;
pub mod extract;
pub mod guard;
pub mod problem;
pub mod words;
