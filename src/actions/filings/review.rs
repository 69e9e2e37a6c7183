//! Reviewing what was handed in: giving it back, accepting it, taking it away; and who is late.

use chrono::NaiveDate;
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::{Taken, Whole, entry, finish, invalid, reason, register, reviewer, take, today, whole};
use crate::actions::{App, Error, Result};
use crate::engine::filing::deadlines::{law, transition_end};
use crate::engine::filing::{self as rules, Acceptance, By};
use crate::model::FilingId;
use crate::model::facility::canonical;
use crate::model::filing::{Filing, FilingKind, FilingState, FilingStep, Form};
use crate::model::person::Actor;
use crate::store::{DuePage, QueueRow, Tx};

/// Filings that are listed at once.
const LISTED: i64 = 500;
/// Institutions of one page of those who are late.
const PAGE: i64 = 100;
/// The longest remark to a field, in characters.
const REMARK_MOST: usize = 500;

/// What was handed in, of one state or of all.
pub async fn queue(
    app: &App,
    state: Option<FilingState>,
    kind: Option<FilingKind>,
) -> Result<Vec<QueueRow>> {
    Ok(app.store.read().await?.filing_queue(state, kind, LISTED).await?)
}

/// A filing that was handed in, for who reviews it.
async fn handed_in(tx: &mut Tx, actor: &Actor, id: FilingId) -> Result<Filing> {
    if !reviewer(actor) {
        return Err(Error::Forbidden);
    }
    let filing = tx.filing(id).await?.ok_or(Error::NotFound)?;
    if filing.submitted_on.is_some() { Ok(filing) } else { Err(Error::NotFound) }
}

/// Gives a filing back for correction, with what is to be corrected and, if said, by when.
pub async fn give_back(
    app: &App,
    actor: &Actor,
    (id, version): (FilingId, i64),
    why: &str,
    remarks: Form,
    correct_by: Option<NaiveDate>,
) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let mut filing = handed_in(&mut tx, actor, id).await?;
    let why = reason(why)?;
    let remarks = checked_remarks(&filing, remarks)?;
    if correct_by.is_some_and(|day| day < today(now)) {
        return Err(Error::invalid("/correct_by", "in_past"));
    }
    (filing.correct_by, filing.version) = (correct_by, version);
    let taken = Taken {
        step: FilingStep::Return,
        by: By::Reviewer,
        reason: Some(&why),
        remarks: Some(&remarks),
        ..Taken::new(actor, now)
    };
    take(&mut tx, &mut filing, &taken).await?;
    finish(tx, actor, filing, &taken).await
}

/// Remarks to fields and demands of the kind, and to the place that is notified.
fn checked_remarks(filing: &Filing, remarks: Form) -> Result<Form> {
    let of = super::definition(filing.kind)?;
    let known = |id: &str| {
        of.fields.iter().any(|field| field.id == id)
            || of.demands.iter().any(|demand| demand.item == id)
            || (id == "site" && filing.site.is_some())
    };
    if remarks.keys().any(|id| !known(id)) {
        return Err(Error::invalid("/remarks", "unknown"));
    }
    let clean = remarks.into_iter().map(|(id, text)| (id, canonical(&text)));
    let clean: Form = clean.filter(|(_, text)| !text.is_empty()).collect();
    if clean.values().any(|text| text.chars().count() > REMARK_MOST) {
        return Err(Error::invalid("/remarks", "too_long"));
    }
    Ok(clean)
}

/// Accepts a filing, with its number and its days. Its demands are looked at once more. Where its
/// first day has come, it takes effect at once.
pub async fn accept(
    app: &App,
    actor: &Actor,
    (id, version): (FilingId, i64),
    mut acceptance: Acceptance,
) -> Result<Whole> {
    let now = app.clock.now();
    let today = today(now);
    let mut tx = app.store.begin().await?;
    let filing = handed_in(&mut tx, actor, id).await?;
    if rules::next(filing.state, FilingStep::Accept, By::Reviewer).is_none() {
        return Err(Error::Refused("wrong_status"));
    }
    let submitted_on = filing.submitted_on.ok_or(Error::NotFound)?;
    // As the bureau's lists are read, so that a number is one whichever way it was typed.
    acceptance.number = acceptance.number.trim().nfkc().collect();
    let wrong = rules::acceptance_faults(filing.kind, submitted_on, &acceptance, today);
    if !wrong.is_empty() {
        return Err(invalid(wrong.into_iter().map(|(at, code)| (at.to_owned(), code)).collect()));
    }
    let read = whole(&mut tx, actor, filing, now).await?;
    let unmet = rules::unmet(read.definition, &read.checks, today);
    if !unmet.is_empty() {
        return Err(invalid(unmet));
    }
    let mut filing = read.filing;
    filing.acceptance_number = Some(acceptance.number);
    filing.accepted_on = Some(acceptance.accepted_on);
    filing.effective_from = Some(acceptance.effective_from);
    filing.version = version;
    let taken = Taken { step: FilingStep::Accept, by: By::Reviewer, ..Taken::new(actor, now) };
    take(&mut tx, &mut filing, &taken).await?;
    if acceptance.effective_from <= today {
        register::take_effect(&mut tx, actor, &mut filing, now).await?;
        tx.note(&entry(actor, "filing.take_effect", &filing, now)).await?;
    } else {
        register::tell(&mut tx, &filing, now).await?;
    }
    finish(tx, actor, filing, &taken).await
}

/// Takes away what was accepted, from `end` on.
pub async fn revoke(
    app: &App,
    actor: &Actor,
    (id, version): (FilingId, i64),
    why: &str,
    end: NaiveDate,
) -> Result<Whole> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let mut filing = handed_in(&mut tx, actor, id).await?;
    let why = reason(why)?;
    let held_since = (filing.effective_from, filing.submitted_on);
    let wrong = rules::end_fault(By::Reviewer, held_since, end, today(now));
    if let Some(code) = wrong {
        return Err(Error::invalid("/ended_on", code));
    }
    (filing.ended_on, filing.version) = (Some(end), version);
    let taken = Taken {
        step: FilingStep::Revoke,
        by: By::Reviewer,
        reason: Some(&why),
        ..Taken::new(actor, now)
    };
    take(&mut tx, &mut filing, &taken).await?;
    register::end(&mut tx, &filing, now).await?;
    finish(tx, actor, filing, &taken).await
}

/// Who must notify online care and has not, and until when.
#[derive(Debug)]
pub struct Due {
    /// Until when.
    pub due_on: NaiveDate,
    /// How many days are left; less than none where it is late.
    pub days_left: i64,
    /// Who.
    pub page: DuePage,
}

/// The institutions that gave online care on the law's first day, still do, and have not notified
/// it, after the institution `after`.
pub async fn due(app: &App, actor: &Actor, prefecture: Option<&str>, after: &str) -> Result<Due> {
    let now = app.clock.now();
    let today = today(now);
    let mut tx = app.store.begin().await?;
    let page = tx.due_filings(law(), today, prefecture, after, PAGE).await?;
    let told = json!({ "bound": page.bound, "notified": page.notified });
    let entry = crate::model::audit::Entry::of(actor, "filing.due", transition_end(), now);
    tx.commit(entry.with(told)).await?;
    Ok(Due { due_on: transition_end(), days_left: (transition_end() - today).num_days(), page })
}
