//! The pages that the server writes whole: what stands below their headings, from data alone.

pub mod card;
pub mod cards;
pub mod facilities;
//! What fills the pages that the server writes whole: pure, from data to markup.

pub mod august;
pub mod fold;
pub mod own;
