//! What anybody may read of an institution: its page, what it posts, and all of them as open data.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::clinic::own_facility;
use super::sheet::today;
use super::{App, Error, Result, counts};
use crate::format::pages::facility::{Known, Ours};
use crate::model::audit::Entry;
use crate::model::facility::canonical;
use crate::model::person::Actor;
use crate::model::public::{OpenRow, Posting};
use crate::model::register::Code10;
use crate::store::{FacilityFilter, Tx};
use crate::time::Instant;

/// How many rows of open data are read at once.
const PAGE: i64 = 2000;

/// What is known of an institution.
pub async fn known(app: &App, code: &str) -> Result<Known> {
    let code: Code10 = code.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.store.read().await?;
    let institution = tx.institution(code).await?.ok_or(Error::NotFound)?;
    let past = tx.notification_history(code).await?;
    let redesignated = tx.redesignated(code).await?;
    let ours = ours(&mut tx, code).await?;
    Ok(Known { institution, past, redesignated, ours, today: today(app) })
}

async fn ours(tx: &mut Tx, code: Code10) -> Result<Option<Ours>> {
    let Some(facility) = tx.facility_of(code).await? else { return Ok(None) };
    let filter = FacilityFilter::one(facility.id);
    let clinicians = tx.clinicians(&filter).await?;
    let hours = tx.weekly_hours(&filter).await?.into_iter().map(|(_, hours)| hours).collect();
    let mut offers = Vec::new();
    for offer in tx.offers(&filter).await? {
        let fees = tx.fees(offer.service.id).await?;
        offers.push((offer, fees.map(|fees| fees.items).unwrap_or_default()));
    }
    let posting = tx.posting(facility.id).await?;
    Ok(Some(Ours { facility, clinicians, hours, offers, posting }))
}

/// What the actor's clinic declares to the public, and the code of its page.
pub async fn own_posting(app: &App, actor: &Actor) -> Result<(String, Option<Posting>)> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let code = tx.facility(facility).await?.ok_or(Error::NotFound)?.code10;
    Ok((code, tx.posting(facility).await?))
}

/// Declares something to the public from now on, in the name of the actor's clinic.
pub async fn declare(
    app: &App,
    actor: &Actor,
    (follows_guideline, no_psychotropics): (bool, bool),
    (note_ja, note_en): (&str, &str),
) -> Result<()> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let note = |pointer: &'static str, text: &str| {
        let text = canonical(text);
        if text.chars().count() > 1000 {
            Err(Error::invalid(pointer, "too_long"))
        } else {
            Ok(text)
        }
    };
    let posting = Posting {
        follows_guideline,
        no_psychotropics,
        note_ja: note("/note_ja", note_ja)?,
        note_en: note("/note_en", note_en)?,
        declared_at: now,
    };
    let mut tx = app.store.begin().await?;
    tx.add_posting(facility, &posting, actor).await?;
    let entry = Entry::of(actor, "posting.declare", facility, now).at_facility(facility);
    Ok(tx.commit(entry).await?)
}

/// Prefectures with the days of their last lists, in order of code.
pub async fn list_days(app: &App) -> Result<BTreeMap<String, NaiveDate>> {
    let all = counts::prefectures(app, &counts::Query::default()).await?;
    Ok(all.into_iter().map(|(code, _, last)| (code, last)).collect())
}

/// Where a reading of the open data stands.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Of one prefecture only.
    pub prefecture: Option<String>,
    /// Whether institutions without the criterion are read too.
    pub all: bool,
    /// What was recorded later is not seen.
    pub known: Instant,
    /// The code of the last institution that was read.
    pub after: String,
}

/// The next rows; none when all were read.
pub async fn open_rows(app: &App, reading: &mut Reading) -> Result<Vec<OpenRow>> {
    let mut tx = app.store.read().await?;
    let (prefecture, from) = (reading.prefecture.as_deref(), (reading.after.as_str(), PAGE));
    let rows = tx.open_rows(prefecture, reading.all, reading.known, from).await?;
    if let Some(last) = rows.last() {
        reading.after.clone_from(&last.code10);
    }
    Ok(rows)
}
