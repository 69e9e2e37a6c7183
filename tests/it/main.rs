//! The integration tests, in one binary: each further one would link everything again.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail as its own body may")]

mod bureau;
mod layers;
