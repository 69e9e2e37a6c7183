//! The log: to stderr, as text or as one JSON object a line.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

use super::config::{Log, LogFormat};

/// Starts logging. Colours only where a person looks and has not asked for none (`NO_COLOR`).
pub(super) fn start(log: &Log) {
    let filter = EnvFilter::new(&log.filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    // A second start in one process (in a test) leaves the first as it is.
    let _ = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).with_ansi(false).try_init(),
        LogFormat::Text => {
            let plain = std::env::var_os("NO_COLOR").is_some_and(|text| !text.is_empty());
            builder.with_ansi(stderr().is_terminal() && !plain).try_init()
        }
    };
}
