//! What can be done: load, decide, keep, commit. One file per job; one transaction, one audit
//! entry per deed.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::engine;
use crate::engine::holidays::Holidays;
use crate::format::boundaries::Boundaries;
use crate::format::bureau::criteria::Criteria;
use crate::live;
use crate::model::facility::IcePolicy;
use crate::model::{BookingId, FacilityId};
use crate::out::Outgoing;
use crate::seal::token::Token;
use crate::seal::{SealError, Vault};
use crate::store::{self, Store};
use crate::time::{Clock, Instant};

pub mod approval;
pub mod august;
pub mod booking;
pub mod calendar;
pub mod care_plan;
pub mod clearance;
pub mod clinic;
pub mod confirm;
pub mod counts;
mod crowd;
pub mod demo;
pub mod desk;
pub mod directory;
pub mod feeds;
pub mod filings;
pub mod explain;
pub mod fold;
pub mod hours;
pub mod indicators;
pub mod imports;
pub mod intake;
pub mod limits;
pub mod line;
pub mod media_policy;
pub mod messages;
pub mod once;
pub mod outside;
pub mod own;
pub mod partners;
pub mod people;
pub mod public_pages;
pub mod questions;
pub mod quota;
pub mod reconcile;
pub mod reception;
pub mod rooms;
pub mod rules;
pub mod series;
pub mod services;
pub mod sheet;
pub mod subsidies;
pub mod summary;
pub mod visit;
pub mod waiting;
pub mod waitlist;

use limits::Limits;

/// Everything that a deed needs, passed in. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What is passed in, and what is kept in memory of the database.
struct Inner {
    parts: Parts,
    rules: rules::Kept,
    summary: summary::Summary,
    counts: counts::Kept,
    crowd: crowd::Crowd<calendar::Gone>,
    hints: live::hints::Hints,
    started: Instant,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The present.
    pub clock: Clock,
    /// Keys.
    pub vault: Vault,
    /// Who is connected.
    pub hub: live::hub::Hub,
    /// Forwarding rooms, which the hub asks.
    pub rooms: live::media::room::Rooms,
    /// Line checks that are going on.
    pub line_checks: live::media::echo::LineChecks,
    /// STUN and TURN servers, and the secret for their credentials.
    pub ice: live::ice::IceServers,
    /// The relay, where it runs in this process.
    pub relay: live::turn::Handle,
    /// Where this server's own media peers can be reached.
    pub reach: live::reach::Reach,
    /// National holidays.
    pub holidays: Holidays,
    /// How long sessions live.
    pub sessions: people::Lifetimes,
    /// How often what may be tried.
    pub limits: Limits,
    /// Where patients find the service: scheme, host and port.
    pub public_url: String,
    /// Overrides the facilities' policy, where it is stricter.
    pub ice_policy: IcePolicy,
    /// Which symbols in the bureaus' lists mean which criterion.
    pub criteria: Criteria,
    /// Prefectures whose lists may be imported; empty means all.
    pub prefectures: Vec<String>,
    /// Where municipalities are, for the map.
    pub boundaries: Option<Arc<Boundaries>>,
    /// The ways out: mail, short messages, requests to others' addresses.
    pub out: Outgoing,
}

impl App {
    /// An app of these parts.
    pub fn new(parts: Parts) -> Self {
        let (rules, summary) = (rules::Kept::default(), summary::Summary::default());
        let (crowd, started) = (crowd::Crowd::default(), parts.clock.now());
        let (hints, counts) = (live::hints::Hints::default(), counts::Kept::default());
        Self(Arc::new(Inner { parts, rules, summary, counts, crowd, hints, started }))
    }

    /// The rules of facilities that are kept.
    pub(crate) fn rules(&self) -> &rules::Kept {
        &self.0.rules
    }

    /// The first free times of all facilities.
    pub(crate) fn summary(&self) -> &summary::Summary {
        &self.0.summary
    }

    /// The register's rows that are kept.
    pub(crate) fn counts(&self) -> &counts::Kept {
        &self.0.counts
    }

    /// Since when this process serves.
    fn started(&self) -> Instant {
        self.0.started
    }

    /// What pages of a clinic's day wait for.
    pub fn hints(&self) -> &live::hints::Hints {
        &self.0.hints
    }

    /// Something changed in the day of a facility: its pages are told once that is kept for good.
    fn changed(&self, facility: FacilityId) {
        let hints = self.0.hints.clone();
        store::once::after_commit(move || hints.tell(facility));
    }

    /// Who wants the same time at the same moment.
    fn crowd(&self) -> &crowd::Crowd<calendar::Gone> {
        &self.0.crowd
    }

    /// The address that opens a booking, with its secret behind the `#`, which no server sees.
    pub fn link(&self, token: &Token) -> String {
        format!("{}/visit#{}", self.public_url, token.reveal())
    }

    /// Where the service is found: scheme, host and port.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The address that opens an invitation to a visit, once.
    pub fn guest_link(&self, token: &Token) -> String {
        format!("{}/visit#g.{}", self.public_url, token.reveal())
    }

    /// Tells those who are in a visit that it is over, once that is kept for good, and ends what they
    /// hold of the relay.
    fn tell_end(&self, visit: BookingId) {
        let app = self.clone();
        store::once::after_commit(move || {
            app.hub.ended(visit);
            app.relay.revoke(visit, None, app.clock.now());
            tokio::spawn(async move { waiting::changed(&app, visit).await });
        });
    }

    /// Tells those who are in a visit that it is at another time, once that is kept for good, and ends
    /// what they hold of the relay for this one.
    fn tell_moved(&self, visit: BookingId) {
        let app = self.clone();
        store::once::after_commit(move || {
            app.hub.moved(visit);
            app.relay.revoke(visit, None, app.clock.now());
            tokio::spawn(async move { waiting::changed(&app, visit).await });
        });
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer to the field, as `/birth_date`.
    pub pointer: &'static str,
    /// Stable code, as `in_future`.
    pub code: &'static str,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there, or not for this actor to know.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in.
    #[error("signed out")]
    SignedOut,
    /// The actor may not do it.
    #[error("forbidden")]
    Forbidden,
    /// Login or password is wrong.
    #[error("wrong login")]
    WrongLogin,
    /// The birth date is not the patient's.
    #[error("wrong birth date")]
    WrongBirthDate,
    /// Too many tries.
    #[error("too many tries")]
    RateLimited(Duration),
    /// A rule forbids it now; the code says which.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// Something around a visit is not clear; which items.
    #[error("not clear: {0:?}")]
    Unclear(Vec<crate::model::clearance::Item>),
    /// The time is taken, or not offered; near free ones instead.
    #[error("time not free: {code}")]
    NotFree {
        /// Stable code of the reason.
        code: &'static str,
        /// Near times that are free.
        alternatives: Vec<engine::slots::Slot>,
    },
    /// Somebody else was faster, and took the time that the engine saw free.
    #[error("somebody else was faster")]
    Lost,
    /// What was sent is wrong.
    #[error("invalid: {0:?}")]
    Invalid(Vec<Fault>),
    /// The same, at places that are known only from what was sent.
    #[error("invalid: {0:?}")]
    InvalidAt(Vec<crate::model::questionnaire::Fault>),
    /// What was shown is not what stands now; the code says what changed.
    #[error("changed meanwhile: {0}")]
    Changed(&'static str),
    /// It would take the time of visits that are agreed, and nobody said that it may.
    #[error("it would strand {} visits", .0.len())]
    Strands(Vec<store::VisitAhead>),
    /// A sign that must not wait for a video visit: the clinic is to be telephoned.
    #[error("the clinic is to be telephoned")]
    CallTheClinic {
        /// The clinic's telephone.
        telephone: String,
    },
    /// What was brought is no bureau's list.
    #[error(transparent)]
    List(#[from] crate::format::bureau::Error),
    /// A newer list is stored.
    #[error("the list is as of {as_of}, and one as of {stored_as_of} is stored")]
    OlderList {
        /// The day of the list.
        as_of: chrono::NaiveDate,
        /// The day of the stored one.
        stored_as_of: chrono::NaiveDate,
    },
    /// The database refused or failed.
    #[error(transparent)]
    Store(store::Error),
    /// Sealed data does not open: wrong key, or somebody changed it.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What a deed answers.
pub type Result<T> = std::result::Result<T, Error>;

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Stale => Self::Refused("stale"),
            store::Error::PatientOverlap => Self::Refused("patient_busy"),
            store::Error::OneInProgress => Self::Refused("another_in_progress"),
            store::Error::ClinicianOverlap => Self::Lost,
            other => Self::Store(other),
        }
    }
}

impl Error {
    /// One thing is wrong with what was sent.
    pub fn invalid(pointer: &'static str, code: &'static str) -> Self {
        Self::Invalid(vec![Fault { pointer, code }])
    }

    /// Whether the same again may succeed: the database broke a knot.
    fn is_knot(&self) -> bool {
        matches!(self, Self::Store(store::Error::Retry(_)))
    }
}

/// Does `deed`, and again a few times when the database had to give up one of several units of
/// work that waited for each other. Only whole deeds may be repeated: nothing of a failed one
/// was kept.
pub(crate) async fn untangled<T, F>(mut deed: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for pause in [2_u64, 5, 11, 23] {
        match deed().await {
            Err(error) if error.is_knot() => {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            done => return done,
        }
    }
    deed().await
}

/// A number that is not zero, for quotas written as literals.
const fn times(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}
