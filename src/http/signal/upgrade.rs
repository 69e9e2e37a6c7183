//! From a request to a socket (RFC 6455, section 4.2).

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use tungstenite::handshake::server::create_response_with_body;

use super::socket::Socket;
use crate::http::problem::Problem;

/// A request that asks for a socket.
#[derive(Debug)]
pub(in crate::http) struct Upgrade {
    answer: Response,
    socket: OnUpgrade,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let refused = || Problem::new(StatusCode::UPGRADE_REQUIRED, "no_socket");
        let mut asked = Request::new(());
        asked.method_mut().clone_from(&parts.method);
        asked.headers_mut().clone_from(&parts.headers);
        *asked.version_mut() = parts.version;
        let answer = create_response_with_body(&asked, Body::empty).map_err(|_| refused())?;
        let socket = parts.extensions.remove::<OnUpgrade>().ok_or_else(refused)?;
        let mut upgrade = Self { answer, socket };
        if offers(parts, super::PROTOCOL) {
            let name = HeaderValue::from_static(super::PROTOCOL);
            upgrade.answer.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, name);
        }
        Ok(upgrade)
    }
}

impl Upgrade {
    /// The answer to the request, after which `meet` has the socket.
    pub(super) fn then<F>(self, meet: impl FnOnce(Socket) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        tokio::spawn(async move {
            match self.socket.await {
                Ok(stream) => meet(Socket::new(stream)).await,
                Err(error) => {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "no socket came of it"
                    );
                }
            }
        });
        self.answer
    }
}

/// Whether the page offers the protocol of this name.
fn offers(parts: &Parts, name: &str) -> bool {
    let lines = parts.headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offered = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    offered.any(|one| one.trim() == name)
}
