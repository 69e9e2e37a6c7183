//! The integration tests, in one binary: each further one would link everything again.

mod booking;
mod bureau;
mod layers;
mod race;
mod schema;
mod support;
