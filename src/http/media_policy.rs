//! Which paths the media of a clinic's visits may take.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Body, Caller};
use super::problem::Problem;
use crate::actions::App;
use crate::actions::media_policy::{self, MediaPolicy};
use crate::model::facility::IcePolicy;

/// The routes of the media policy.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_media_policy, put_media_policy))
}

/// The policy of a clinic.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaPolicy)]
struct MediaPolicyJson {
    /// What the clinic has chosen.
    policy: IcePolicy,
    /// What holds: the stricter of the clinic's and the server's.
    effective: IcePolicy,
    /// Whether there is a relay at all.
    has_relay: bool,
    /// To be named when it is changed.
    version: i64,
}

impl From<MediaPolicy> for Json<MediaPolicyJson> {
    fn from(found: MediaPolicy) -> Self {
        let MediaPolicy { policy, effective, has_relay, version } = found;
        Self(MediaPolicyJson { policy, effective, has_relay, version })
    }
}

/// A change of what stood at a version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MediaPolicyWish {
    /// The policy.
    policy: IcePolicy,
    /// The version that was shown.
    version: i64,
}

/// The clinic's media policy.
#[utoipa::path(get, path = "/api/clinic/media-policy", tag = "clinic",
    responses((status = 200, body = MediaPolicyJson), (status = "default", body = Problem)))]
async fn get_media_policy(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<MediaPolicyJson>, Problem> {
    Ok(media_policy::get(&app, &caller.actor).await?.into())
}

/// Changes the clinic's media policy.
#[utoipa::path(put, path = "/api/clinic/media-policy", request_body = MediaPolicyWish,
    tag = "clinic",
    responses((status = 200, body = MediaPolicyJson), (status = "default", body = Problem)))]
async fn put_media_policy(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<MediaPolicyWish>,
) -> Result<Json<MediaPolicyJson>, Problem> {
    Ok(media_policy::put(&app, &caller.actor, wish.policy, wish.version).await?.into())
}
