//! The pages that the server writes whole: what stands below their headings, from data alone.

pub mod card;
pub mod cards;
pub mod facilities;
