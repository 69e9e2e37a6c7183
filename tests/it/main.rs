//! The integration tests, in one binary: each further one would link everything again.

mod booking;
mod bureau;
mod layers;
mod line_check;
mod race;
mod schema;
mod support;
mod turn;
mod visit;
