//! How a command ends badly: an exit code that a script can tell apart, and a sentence that a person
//! can act on (or, with `--json`, an RFC 9457 problem on stderr).

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

use super::config;
use crate::actions;
use crate::seal::master::MasterKeyError;
use crate::store;

/// The exit codes of all commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Not done, for a reason that has no code of its own.
    Failure = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// What was named does not exist.
    NotFound = 3,
    /// It contradicts what is stored, or is older.
    Conflict = 4,
    /// The input has errors.
    Invalid = 5,
    /// Some of it is done.
    Partly = 6,
    /// The database, or another server, does not answer.
    DependencyDown = 7,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What is told of a failure; an RFC 9457 problem with the members of the HTTP API's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `urn:onshin:problem:` and the code.
    pub r#type: String,
    /// What kind of failure it is, the same each time.
    pub title: String,
    /// A stable name of the kind.
    pub code: String,
    /// What happened this time.
    pub detail: String,
    /// The process's exit code.
    pub exit_code: u8,
}

/// The end of a command that did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the process exits with.
    pub exit: Exit,
    /// What it says. Boxed, since it travels in every `Result` and is rarely there.
    pub problem: Box<Problem>,
}

impl Failure {
    /// A failure of a named kind.
    pub fn new(exit: Exit, code: &str, title: &str, detail: impl Display) -> Self {
        let problem = Problem {
            r#type: format!("urn:onshin:problem:{code}"),
            title: title.to_owned(),
            code: code.to_owned(),
            detail: detail.to_string(),
            exit_code: exit as u8,
        };
        Self { exit, problem: Box::new(problem) }
    }

    /// The command line or the configuration is wrong.
    pub fn usage(detail: impl Display) -> Self {
        Self::new(Exit::Usage, "usage", "The command or a setting is wrong", detail)
    }

    /// What was named does not exist.
    pub fn not_found(detail: impl Display) -> Self {
        Self::new(Exit::NotFound, "not_found", "Not found", detail)
    }

    /// It contradicts what is stored.
    pub fn conflict(detail: impl Display) -> Self {
        Self::new(Exit::Conflict, "conflict", "It contradicts what is stored", detail)
    }

    /// The input has errors.
    pub fn invalid(detail: impl Display) -> Self {
        Self::new(Exit::Invalid, "invalid", "The input has errors", detail)
    }

    /// Something this depends on does not answer.
    pub fn dependency_down(detail: impl Display) -> Self {
        Self::new(Exit::DependencyDown, "unavailable", "A dependency does not answer", detail)
    }

    /// The same failure, of `what`.
    #[must_use]
    pub fn about(mut self, what: &str) -> Self {
        self.problem.detail = format!("{what}: {}", self.problem.detail);
        self
    }

    /// Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted", "Interrupted", "stopped by a signal")
    }

    /// What should not happen.
    pub fn unexpected(detail: impl Display) -> Self {
        Self::new(Exit::Failure, "failed", "The command failed", detail)
    }

    /// Tells it on stderr and gives the exit code.
    pub(super) fn report(&self, json: bool) -> ExitCode {
        let line = if json {
            serde_json::to_string(&self.problem).unwrap_or_else(|_| self.problem.code.clone())
        } else {
            format!("onshin: {}", self.problem.detail)
        };
        // There is nowhere left to complain that stderr is closed.
        let _ = writeln!(std::io::stderr(), "{line}");
        self.exit.into()
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        match &error {
            config::Error::Unreadable { source, .. }
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Self::not_found(error)
            }
            _ => Self::usage(error),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::Unavailable(_) | store::Error::Retry(_) => Self::dependency_down(error),
            store::Error::ClinicianOverlap
            | store::Error::PatientOverlap
            | store::Error::OneInProgress
            | store::Error::Stale
            | store::Error::Exists(_) => Self::conflict(error),
            store::Error::Unstorable => Self::invalid(error),
            store::Error::Address(_) => Self::usage(error),
            store::Error::Migrate(source) => Self::unexpected(format!("{error}: {source}")),
            store::Error::Database(_)
            | store::Error::Orphans
            | store::Error::Repeated
            | store::Error::Torn => Self::unexpected(error),
        }
    }
}

impl From<actions::Error> for Failure {
    fn from(error: actions::Error) -> Self {
        use actions::Error as E;
        match error {
            E::Store(error) => error.into(),
            E::NotFound => Self::not_found(error),
            E::List(error) => {
                Self::new(Exit::Invalid, "not_a_list", "It is no bureau's list", error)
            }
            E::OlderList { .. } => {
                Self::new(Exit::Conflict, "older_list", "A newer list is stored", error)
            }
            E::Refused("sudden_drop") => Self::new(
                Exit::Conflict,
                "sudden_drop",
                "More than 5 % of those in the list before are gone",
                "more than 5 % of those in the list before are gone; look with --dry-run, then say --confirm-drop",
            ),
            E::Refused("wrong_prefecture") => Self::new(
                Exit::Conflict,
                "wrong_prefecture",
                "Lists of this prefecture are not imported here",
                "the setting `prefectures` does not name this list's prefecture",
            ),
            E::Invalid(_) => Self::invalid(error),
            E::Refused(_) | E::NotFree { .. } | E::Lost => Self::conflict(error),
            _ => Self::unexpected(error),
        }
    }
}

impl From<MasterKeyError> for Failure {
    fn from(error: MasterKeyError) -> Self {
        Self::unexpected(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::not_found(error),
            _ => Self::unexpected(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_becomes_a_problem_with_its_exit_code() {
        let value = serde_json::to_value(Failure::conflict("older").problem).unwrap();
        assert_eq!(value["type"], "urn:onshin:problem:conflict");
        assert_eq!(value["exit_code"], 4);
        assert_eq!(value["detail"], "older");
    }

    #[test]
    fn errors_from_below_get_the_code_that_fits() {
        let exit = |failure: Failure| failure.exit;
        assert_eq!(exit(store::Error::Stale.into()), Exit::Conflict);
        let gone = store::Error::from(sqlx::Error::PoolTimedOut);
        assert_eq!(exit(gone.into()), Exit::DependencyDown);
        assert_eq!(exit(store::Error::Address("mysql".into()).into()), Exit::Usage);
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        assert_eq!(exit(missing.into()), Exit::NotFound);
    }
}
