//! One step of a filing, taken by whoever may take it.

use crate::actions::{Error, Result};
use crate::engine::filing::{self as rules, By};
use crate::model::filing::{Filing, FilingStep, Form};
use crate::model::person::Actor;
use crate::store::{self, Step, Tx};
use crate::time::Instant;

/// A step that somebody takes.
pub(super) struct Taken<'a> {
    pub(super) actor: &'a Actor,
    pub(super) now: Instant,
    pub(super) step: FilingStep,
    pub(super) by: By,
    pub(super) reason: Option<&'a str>,
    pub(super) remarks: Option<&'a Form>,
    pub(super) filed: Option<&'a Form>,
}

impl<'a> Taken<'a> {
    pub(super) fn new(actor: &'a Actor, now: Instant) -> Self {
        Self {
            actor,
            now,
            step: FilingStep::Submit,
            by: By::Filer,
            reason: None,
            remarks: None,
            filed: None,
        }
    }

    /// As the audit log names it.
    pub(super) fn action(&self) -> &'static str {
        match self.step {
            FilingStep::Submit => "filing.submit",
            FilingStep::Return => "filing.return",
            FilingStep::Resubmit => "filing.resubmit",
            FilingStep::Accept => "filing.accept",
            FilingStep::TakeEffect => "filing.take_effect",
            FilingStep::Change => "filing.change",
            FilingStep::Withdraw => "filing.withdraw",
            FilingStep::Revoke => "filing.revoke",
        }
    }
}

/// Takes a step with what `filing` has for it, if that step leads anywhere.
pub(super) async fn take(tx: &mut Tx, filing: &mut Filing, taken: &Taken<'_>) -> Result<()> {
    let to = rules::next(filing.state, taken.step, taken.by);
    let to = to.ok_or(Error::Refused("wrong_status"))?;
    let by = taken.actor.account().map(|account| account.id);
    let step = Step {
        step: taken.step,
        to,
        reason: taken.reason,
        remarks: taken.remarks,
        filed: taken.filed,
        by: by.filter(|_| taken.by != By::Itself),
        at: taken.now,
    };
    tx.step_filing(filing, &step).await.map_err(|error| match error {
        store::Error::Exists(what) if is_number(&what) => {
            Error::invalid("/acceptance_number", "taken")
        }
        store::Error::Exists(_) => Error::Refused("stale"),
        other => other.into(),
    })?;
    (filing.state, filing.version) = (to, filing.version + 1);
    Ok(())
}

/// Whether it is the number that exists: PostgreSQL names the index, SQLite its columns.
fn is_number(what: &str) -> bool {
    what == "filing_number" || what.contains("acceptance_number")
}
