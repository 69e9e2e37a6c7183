//! Trying what was leased, of messages and of letters alike: all at once, and what is noted of each.

use std::borrow::Cow;
use std::future::Future;

use chrono::TimeDelta;
use rand::Rng;
use tokio::task::JoinSet;

use crate::actions::{App, Error, Result};
use crate::engine::messages::pause_after;
use crate::model::message::DeliveryState;
use crate::out::mail;
use crate::store::{Lease, Tx};

/// How much is leased and tried at once by one way.
pub(in crate::actions) const AT_ONCE: i64 = 16;
/// For how long a try has what it leased for itself: longer than any may take.
pub(in crate::actions) const LEASE: TimeDelta = TimeDelta::seconds(90);

/// How a try went.
pub(in crate::actions) enum Tried {
    /// The next on the way has it.
    Sent,
    /// There is no need any more.
    Dropped(&'static str),
    /// There is no address.
    NoAddress(&'static str),
    /// There is no such way.
    NotConfigured,
    /// It will never go.
    Dead(&'static str),
    /// It may go later.
    Later(Cow<'static, str>),
}

impl From<std::result::Result<(), mail::Error>> for Tried {
    fn from(sent: std::result::Result<(), mail::Error>) -> Self {
        match sent {
            Ok(()) => Self::Sent,
            Err(error @ mail::Error::Address) => Self::NoAddress(error.code()),
            Err(error @ mail::Error::Refused) => Self::Dead(error.code()),
            Err(error) => Self::Later(error.code().into()),
        }
    }
}

impl Tried {
    /// How a try went that may have found something sealed under another key, or changed: that is
    /// for people to look at.
    pub(in crate::actions) fn sealed(tried: Result<Self>) -> Result<Self> {
        match tried {
            Err(Error::Seal(_)) => Ok(Self::Later("sealed".into())),
            tried => tried,
        }
    }

    fn parts(&self) -> (DeliveryState, Option<&str>) {
        match self {
            Self::Sent => (DeliveryState::Sent, None),
            Self::Dropped(reason) => (DeliveryState::Dropped, Some(reason)),
            Self::NoAddress(reason) => (DeliveryState::NoAddress, Some(reason)),
            Self::NotConfigured => (DeliveryState::NotConfigured, None),
            Self::Dead(reason) => (DeliveryState::Dead, Some(reason)),
            Self::Later(reason) => (DeliveryState::Dead, Some(reason.as_ref())),
        }
    }

    /// Notes it of what was leased; how that ended, if it did. What may go later is put off, longer
    /// each time, and given up at last.
    ///
    /// # Errors
    /// When the database refuses.
    pub(in crate::actions) async fn note(
        &self,
        app: &App,
        tx: &mut Tx,
        lease: Lease,
    ) -> Result<Option<DeliveryState>> {
        let now = app.clock.now();
        let (state, reason) = self.parts();
        let pause = match self {
            Self::Later(_) => pause_after(lease.attempts(), rand::rng().random()),
            _ => None,
        };
        if let Some(pause) = pause {
            tx.put_off_try(lease, reason.unwrap_or_default(), now + pause).await?;
            return Ok(None);
        }
        tx.finish_try(lease, state, reason, now).await?;
        if state == DeliveryState::Dead {
            tracing::warn!(?lease, reason, "what was to be sent was given up");
        }
        Ok(Some(state))
    }
}

/// Tries all of what was leased beside each other, so that none outlives its lease by waiting for
/// the others. A try that broke off is taken up again when its lease ends.
pub(in crate::actions) async fn all_at_once<T, F>(leased: Vec<T>, try_one: impl Fn(T) -> F)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut tries = JoinSet::new();
    for one in leased {
        tries.spawn(try_one(one));
    }
    while let Some(ended) = tries.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a try to send broke off");
            }
            Err(_) => tracing::warn!("a try to send broke off"),
        }
    }
}
