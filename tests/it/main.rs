//! The integration tests, in one binary: each further one would link everything again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod abuse;
mod access;
mod alone;
mod availability;
mod booking;
mod bureau;
mod calendars;
mod canary;
mod care_plan;
mod channels;
mod clearance;
mod closing;
mod command;
mod constraints;
mod crash;
mod explain;
mod group;
mod hours;
mod demands;
mod desk;
mod ical;
mod idempotency;
mod import;
mod keys;
mod layers;
mod line_check;
mod media_policy;
mod messages;
mod outside;
mod questions;
mod questions_first;
mod quota;
mod race;
mod room;
mod schema;
mod search;
mod series;
mod server;
mod services;
mod support;
mod trace;
mod turn;
mod visit;
mod waitlist;
