//! What fills the pages that the server writes whole: pure, from data to markup.

pub mod facility;
pub mod open_data;
pub mod posting;
pub mod reconciliation;
pub mod sheet;
pub mod august;
pub mod card;
pub mod cards;
pub mod facilities;
pub mod fold;
pub mod own;
