//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Address, Body, Caller, STAFF_COOKIE, drop_cookie, set_cookie};
use super::problem::Problem;
use crate::actions::{App, Error, directory, people};
use crate::model::person::{Account, Role};
use crate::model::{AccountId, ClinicianId, FacilityId};

/// Login and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    /// The name to sign in with.
    login: String,
    /// The password.
    password: String,
}

/// Where an account works.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountFacility {
    /// Its id.
    id: FacilityId,
    /// Its name.
    name: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountJson {
    /// The account's id.
    id: AccountId,
    /// The name to sign in with.
    login: String,
    /// The person's name.
    name: String,
    /// What they may do.
    role: Role,
    /// Where.
    facility: Option<AccountFacility>,
    /// Which doctor they are.
    clinician_id: Option<ClinicianId>,
}

async fn shown(app: &App, account: Account) -> Result<AccountJson, Error> {
    let facility = match account.facility {
        Some(id) => {
            let (facility, ..) = directory::facility(app, id).await?;
            Some(AccountFacility { id, name: facility.name })
        }
        None => None,
    };
    Ok(AccountJson {
        id: account.id,
        login: account.login,
        name: account.name,
        role: account.role,
        facility,
        clinician_id: account.clinician,
    })
}

/// Signs in.
#[utoipa::path(post, path = "/api/session", request_body = Credentials, tag = "staff",
    responses((status = 200, body = AccountJson), (status = "default", body = Problem)))]
pub(super) async fn sign_in(
    State(app): State<App>,
    Address(address): Address,
    Body(credentials): Body<Credentials>,
) -> Result<impl IntoResponse, Problem> {
    let signed = people::sign_in(&app, address, &credentials.login, credentials.password).await?;
    let (account, token) = signed;
    let cookie = AppendHeaders([(header::SET_COOKIE, set_cookie(STAFF_COOKIE, &token))]);
    Ok((cookie, Json(shown(&app, account).await?)))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "staff",
    responses((status = 200, body = AccountJson), (status = "default", body = Problem)))]
pub(super) async fn who_am_i(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<AccountJson>, Problem> {
    let account = caller.actor.account().cloned().ok_or(Error::SignedOut)?;
    Ok(Json(shown(&app, account).await?))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", tag = "staff",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn sign_out(
    State(app): State<App>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    let token = caller.token.as_ref().ok_or(Error::SignedOut)?;
    people::sign_out(&app, &caller.actor, token).await?;
    let cookie = AppendHeaders([(header::SET_COOKIE, drop_cookie(STAFF_COOKIE))]);
    Ok((StatusCode::NO_CONTENT, cookie))
}
