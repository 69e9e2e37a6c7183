//! The integration tests, in one binary: each further one would link everything again.

mod access;
mod booking;
mod bureau;
mod canary;
mod command;
mod constraints;
mod import;
mod layers;
mod race;
mod schema;
mod support;
