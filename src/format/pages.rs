//! The pages that the server writes whole: what stands below their headings, from data alone.

pub mod august;
pub mod card;
pub mod cards;
pub mod facilities;
pub mod facility;
pub mod fold;
pub mod form1;
pub mod open_data;
pub mod own;
pub mod posting;
pub mod reconciliation;
pub mod sheet;
