//! The pages that the server writes whole: what stands below their headings, from data alone.

pub mod facility;
pub mod open_data;
pub mod posting;
pub mod reconciliation;
pub mod sheet;
pub mod card;
pub mod cards;
pub mod facilities;
