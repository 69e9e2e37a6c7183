//! What fills the pages that the server writes whole.

pub mod form1;
