//! What fills the pages that the server writes whole: pure, from data to markup.

pub mod august;
pub mod fold;
pub mod own;
