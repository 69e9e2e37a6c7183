//! The signaling socket: texts between a page and the hub, nothing else.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use tokio::time::{Instant, timeout, timeout_at};

use super::extract::At;
use crate::actions::{App, Error, visit};
use crate::live::hub::{Out, Outbox, Seat};
use crate::live::message::{ClientMessage, FRAME_MOST, parse};
use crate::model::BookingId;

/// How long a page may take to say who it is.
const HELLO: Duration = Duration::from_secs(5);
/// How long a page may say nothing; it pings every ten seconds.
const SILENCE: Duration = Duration::from_secs(30);
/// How long one write may take.
const WRITE: Duration = Duration::from_secs(5);

/// The socket of a visit. Who comes is said by the ticket in the first message.
pub(super) async fn signal(
    State(app): State<App>,
    At(id): At<BookingId>,
    socket: WebSocketUpgrade,
) -> Response {
    socket
        .protocols(["tele.v1"])
        .max_message_size(FRAME_MOST)
        .max_frame_size(FRAME_MOST)
        // The defaults cost twenty times the memory of an idle socket.
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * FRAME_MOST)
        .on_upgrade(move |socket| meet(app, id, socket))
}

async fn meet(app: App, id: BookingId, mut socket: WebSocket) {
    let (seat, outbox) = match seated(&app, id, &mut socket).await {
        Ok(seated) => seated,
        Err((code, reason)) => return close(&mut socket, code, reason).await,
    };
    converse(&app, &seat, outbox, &mut socket).await;
    if let Some(last) = app.hub.left(&seat, app.clock.now()) {
        visit::act(&app, &seat, last).await;
    }
}

/// Reads the first message and takes the seat that its ticket gives.
async fn seated(
    app: &App,
    id: BookingId,
    socket: &mut WebSocket,
) -> Result<(Seat, Outbox), (u16, &'static str)> {
    let first = timeout(HELLO, socket.recv()).await.map_err(|_| (4408, "hello_timeout"))?;
    let Some(Ok(Message::Text(text))) = first else { return Err((4400, "bad_message")) };
    let Ok(ClientMessage::Hello { ticket: Some(ticket), tab, .. }) = parse(&text) else {
        return Err((4400, "bad_message"));
    };
    visit::enter(app, id, &ticket, tab).await.map_err(|error| match error {
        Error::SignedOut => (4401, "unauthorized"),
        Error::NotFound => (4404, "no_visit"),
        Error::Refused(_) => (4410, "ended"),
        other => {
            tracing::warn!(error = &other as &dyn std::error::Error, "nobody was seated");
            (4503, "draining")
        }
    })
}

async fn converse(app: &App, seat: &Seat, mut outbox: Outbox, socket: &mut WebSocket) {
    // Set by what is heard alone: what we say to a page that is gone does not keep it alive.
    let mut silent_until = Instant::now() + SILENCE;
    loop {
        tokio::select! {
            heard = timeout_at(silent_until, socket.recv()) => match heard {
                Ok(Some(Ok(Message::Text(text)))) => {
                    silent_until = Instant::now() + SILENCE;
                    for act in app.hub.handle(seat, &text, app.clock.now()) {
                        visit::act(app, seat, act).await;
                    }
                }
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {
                    silent_until = Instant::now() + SILENCE;
                }
                Ok(Some(Ok(Message::Binary(_)))) => {
                    return close(socket, 4400, "bad_message").await;
                }
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return,
            },
            out = outbox.recv() => match out {
                Some(Out::Text(text)) => {
                    let cut = outbox.cut();
                    let written = tokio::select! {
                        written = timeout(WRITE, socket.send(Message::Text(text.into()))) => written,
                        () = cut => continue,
                    };
                    if !matches!(written, Ok(Ok(()))) {
                        return;
                    }
                }
                Some(Out::Close { code, reason }) => return close(socket, code, reason).await,
                None => return,
            },
        }
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // Who does not listen any more needs no farewell.
    let _ = timeout(WRITE, socket.send(Message::Close(Some(frame)))).await;
}
