//! engine

pub mod counts;
pub mod import;
