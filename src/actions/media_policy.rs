//! Which paths the media of a clinic's visits may take: any, or only the relay's, so that neither
//! side learns the other's address.

use serde_json::json;

use super::clinic::load_own;
use super::visit::stricter;
use super::{App, Error, Result};
use crate::model::audit::Entry;
use crate::model::facility::IcePolicy;
use crate::model::person::Actor;

/// The policy of a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaPolicy {
    /// What the clinic has chosen.
    pub policy: IcePolicy,
    /// What holds: the stricter of the clinic's and the server's.
    pub effective: IcePolicy,
    /// Whether there is a relay at all.
    pub has_relay: bool,
    /// To be named when it is changed.
    pub version: i64,
}

fn told(app: &App, policy: IcePolicy, version: i64) -> MediaPolicy {
    let effective = stricter(app.ice_policy, policy);
    MediaPolicy { policy, effective, has_relay: app.ice.has_relay(), version }
}

/// The policy of the actor's clinic.
pub async fn get(app: &App, actor: &Actor) -> Result<MediaPolicy> {
    let facility = load_own(&mut app.store.read().await?, actor).await?;
    Ok(told(app, facility.ice_policy, facility.version))
}

/// Changes it from what stood at `version`. Visits that go on keep their connections; whatever is
/// connected from now on follows it.
pub async fn put(app: &App, actor: &Actor, policy: IcePolicy, version: i64) -> Result<MediaPolicy> {
    if policy == IcePolicy::Relay && !app.ice.has_relay() {
        return Err(Error::Refused("no_relay"));
    }
    let mut tx = app.store.begin().await?;
    let facility = load_own(&mut tx, actor).await?;
    if !tx.set_media_policy(facility.id, policy, version).await? {
        return Err(Error::Refused("stale"));
    }
    let now = app.clock.now();
    let entry = Entry::of(actor, "media_policy.put", facility.id, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "was": facility.ice_policy, "is": policy }))).await?;
    Ok(told(app, policy, version + 1))
}
