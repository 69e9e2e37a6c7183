//! What a filing brings to the register: the criterion's acceptance becomes a notification of the
//! source `filing`, on which bookings rest until a bureau's list shows its own.

use chrono::NaiveDate;
use serde_json::json;

use super::{Taken, entry, take, today};
use crate::actions::{App, Result};
use crate::engine::filing::By;
use crate::model::filing::{Filing, FilingKind, FilingState, FilingStep};
use crate::model::person::Actor;
use crate::model::{FilingId, ImportId};
use crate::store::{ImportRow, Tx};
use crate::time::Instant;

/// What a notification of the criterion needs.
fn acceptance(filing: &Filing) -> Option<(&str, &str, NaiveDate)> {
    if filing.kind != FilingKind::Criterion {
        return None;
    }
    let (code10, number) = filing.code10.as_deref().zip(filing.acceptance_number.as_deref())?;
    Some((code10, number, filing.effective_from?))
}

/// Tells the register of an accepted filing. Visits of days ahead can then be booked. What is in
/// effect until another one takes its place stays until then; what a bureau's list shows stays
/// whatever is filed here.
pub(super) async fn tell(tx: &mut Tx, filing: &Filing, now: Instant) -> Result<()> {
    tell_as(tx, filing, filing.state == FilingState::InEffect, now).await
}

/// The same, of a filing that was `in_effect` then, whatever became of it.
async fn tell_as(tx: &mut Tx, filing: &Filing, in_effect: bool, now: Instant) -> Result<()> {
    let Some((code10, number, from)) = acceptance(filing) else { return Ok(()) };
    match tx.open_notification(code10).await? {
        Some((source, _, _)) if source == "bureau" => return Ok(()),
        Some((_, known, since)) if known == number && since == Some(from) => return Ok(()),
        Some(_) if !in_effect => return Ok(()),
        Some((_, before, since)) => {
            tx.supersede_own(code10, now).await?;
            // What it takes the place of was so until then.
            if let Some(since) = since.filter(|since| *since < from) {
                tx.add_own_notification(code10, &before, since, Some(from), now).await?;
            }
        }
        None => {}
    }
    Ok(tx.add_own_notification(code10, number, from, None, now).await?)
}

/// Tells the register that a filing holds no more. What a bureau's list shows ends with its next
/// list: sources are not mixed.
pub(super) async fn end(tx: &mut Tx, filing: &Filing, now: Instant) -> Result<()> {
    let Some((code10, number, from)) = acceptance(filing) else { return Ok(()) };
    let Some(ended) = filing.ended_on else { return Ok(()) };
    let Some((source, known, since)) = tx.open_notification(code10).await? else { return Ok(()) };
    if source == "bureau" || known != number || since != Some(from) {
        return Ok(());
    }
    tx.supersede_own(code10, now).await?;
    if ended > from {
        tx.add_own_notification(code10, number, from, Some(ended), now).await?;
    }
    Ok(())
}

/// After a list was kept: tells the register again what is filed here by those whose notification
/// the list changed, and begins after `day`, the list's, of which it cannot say anything. What was
/// accepted and given up while another list stood in its place was not told then.
pub(in crate::actions) async fn tell_after(
    tx: &mut Tx,
    import: ImportId,
    day: NaiveDate,
    now: Instant,
) -> Result<()> {
    for filing in tx.filings_of_import(import, day).await? {
        if matches!(filing.state, FilingState::Accepted | FilingState::InEffect) {
            tell(tx, &filing, now).await?;
            continue;
        }
        let held = filing.ended_on > filing.effective_from;
        if let Some((code10, number, from)) = acceptance(&filing).filter(|_| held)
            && !tx.knows_own(code10, number, from).await?
        {
            tell_as(tx, &filing, true, now).await?;
        }
        end(tx, &filing, now).await?;
    }
    Ok(())
}

/// After an import was taken back: what was done to filings since it, told step by step as it would
/// have been had it never stood. The register holds then what it held when the list came.
pub(in crate::actions) async fn tell_since(
    tx: &mut Tx,
    import: &ImportRow,
    now: Instant,
) -> Result<()> {
    for (id, step) in tx.filing_steps_under(import.id, import.imported_at).await? {
        let Some(filing) = tx.filing(id).await? else { continue };
        match step {
            FilingStep::Accept => tell_as(tx, &filing, false, now).await?,
            FilingStep::TakeEffect => tell_as(tx, &filing, true, now).await?,
            FilingStep::Withdraw | FilingStep::Revoke => end(tx, &filing, now).await?,
            // That one takes another's place is told with the other's taking effect.
            FilingStep::Submit | FilingStep::Return | FilingStep::Resubmit | FilingStep::Change => {
            }
        }
    }
    Ok(())
}

/// An accepted filing whose day has come takes effect; the one whose place it takes is changed.
pub(super) async fn take_effect(
    tx: &mut Tx,
    actor: &Actor,
    filing: &mut Filing,
    now: Instant,
) -> Result<()> {
    if let Some(mut before) = tx.filing_in_effect(filing).await? {
        let days = [filing.effective_from, before.effective_from, before.submitted_on];
        before.ended_on = days.into_iter().flatten().max();
        let change = Taken { step: FilingStep::Change, by: By::Itself, ..Taken::new(actor, now) };
        take(tx, &mut before, &change).await?;
        let told = entry(actor, "filing.change", &before, now);
        tx.note(&told.with(json!({ "by": filing.id }))).await?;
    }
    let effect = Taken { step: FilingStep::TakeEffect, by: By::Itself, ..Taken::new(actor, now) };
    take(tx, filing, &effect).await?;
    tell(tx, filing, now).await
}

/// Lets all filings take effect whose first day has come. One that cannot stays for the next round
/// and keeps none of the others from it.
pub async fn take_effect_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.store.read().await?.filings_to_take_effect(today(now)).await?;
    let mut done = 0;
    for id in due {
        match one_takes_effect(app, id, now).await {
            Ok(taken) => done += usize::from(taken),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %id, "a filing that does not take effect");
            }
        }
    }
    Ok(done)
}

/// Whether it did; another process may have been faster.
async fn one_takes_effect(app: &App, id: FilingId, now: Instant) -> Result<bool> {
    let mut tx = app.store.begin().await?;
    let Some(mut filing) = tx.filing(id).await? else { return Ok(false) };
    if filing.state != FilingState::Accepted {
        return Ok(false);
    }
    take_effect(&mut tx, &Actor::System, &mut filing, now).await?;
    let told = entry(&Actor::System, "filing.take_effect", &filing, now);
    tx.commit(told.with(json!({ "to": filing.state, "kind": filing.kind }))).await?;
    Ok(true)
}
