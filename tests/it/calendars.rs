//! Feeds, hours and busy times elsewhere.
