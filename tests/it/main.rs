//! The integration tests, in one binary: each further one would link everything again.

mod bureau;
mod layers;
mod line_check;
mod turn;
