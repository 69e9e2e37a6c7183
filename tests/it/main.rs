//! The integration tests, in one binary: each further one would link everything again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod booking;
mod bureau;
mod canary;
mod channels;
mod command;
mod constraints;
mod explain;
mod hours;
mod demands;
mod desk;
mod import;
mod keys;
mod layers;
mod line_check;
mod questions;
mod race;
mod schema;
mod server;
mod services;
mod support;
mod trace;
mod turn;
mod visit;
