//! The signaling socket: texts between a page and the hub, nothing else.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use tokio::time::{Instant, timeout, timeout_at};

use super::extract::{Address, At};
use super::problem::Problem;
use crate::actions::visit::Presented;
use crate::actions::{App, Error, visit};
use crate::live::hub::{Out, Outbox, Seat};
use crate::live::message::{Bye, ClientMessage, FRAME_MOST, parse};
use crate::model::BookingId;

/// How long a page may take to say who it is.
const HELLO: Duration = Duration::from_secs(5);
/// How long a page may say nothing; it pings every ten seconds.
const SILENCE: Duration = Duration::from_secs(30);
/// How long one write may take.
const WRITE: Duration = Duration::from_secs(5);

/// The close code for a message that is too large (RFC 6455, section 7.4.1).
const TOO_LARGE: u16 = 1009;
/// After how long to try again where too many sockets are open.
const FULL: Duration = Duration::from_secs(10);

/// The socket of a visit. Who comes is said by the ticket in the first message.
pub(super) async fn signal(
    State(app): State<App>,
    Address(address): Address,
    At(id): At<BookingId>,
    socket: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let guard = app.hub.doors.open(address).ok_or(Error::RateLimited(FULL))?;
    let answer = socket
        .protocols(["tele.v1"])
        // What is a little too large is read to its end, so that the page hears why it is closed.
        .max_message_size(2 * FRAME_MOST)
        .max_frame_size(2 * FRAME_MOST)
        // The defaults cost twenty times the memory of an idle socket.
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * FRAME_MOST)
        .on_upgrade(move |socket| async move {
            meet(app, id, address, socket).await;
            drop(guard);
        });
    Ok(answer)
}

async fn meet(app: App, id: BookingId, address: IpAddr, mut socket: WebSocket) {
    let (seat, outbox) = match seated(&app, id, &mut socket).await {
        Ok(seated) => seated,
        Err(None) => return,
        Err(Some(bye)) => {
            // A page in its right mind shows these once and then stays away.
            if !matches!(bye, Bye::Expired | Bye::Draining | Bye::Silent) {
                tokio::time::sleep(app.hub.doors.failed(address, app.clock.now())).await;
            }
            return refuse(&mut socket, bye).await;
        }
    };
    converse(&app, &seat, outbox, &mut socket).await;
    if let Some(last) = app.hub.left(&seat, app.clock.now()) {
        visit::act(&app, &seat, last).await;
    }
}

/// Reads the first message and takes the seat that its ticket or token gives. Nothing is to be said
/// to a page that is gone.
async fn seated(
    app: &App,
    id: BookingId,
    socket: &mut WebSocket,
) -> Result<(Seat, Outbox), Option<Bye>> {
    let text = match timeout(HELLO, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => text,
        Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(None),
        Ok(Some(Ok(_))) => return Err(Some(Bye::BadMessages)),
        Err(_) => return Err(Some(Bye::Silent)),
    };
    let Ok(ClientMessage::Hello { ticket, resume, tab, .. }) = parse(&text) else {
        return Err(Some(Bye::BadMessages));
    };
    let shown = match (&ticket, &resume) {
        (Some(ticket), None) => Presented::Ticket(ticket),
        (None, Some(resume)) => Presented::Token(&resume.token, resume.last_seq),
        _ => return Err(Some(Bye::BadMessages)),
    };
    visit::enter(app, id, shown, tab).await.map_err(Some)
}

async fn converse(app: &App, seat: &Seat, mut outbox: Outbox, socket: &mut WebSocket) {
    // Set by what is heard alone: what we say to a page that is gone does not keep it alive.
    let mut silent_until = Instant::now() + SILENCE;
    loop {
        tokio::select! {
            heard = timeout_at(silent_until, socket.recv()) => match heard {
                Ok(Some(Ok(Message::Text(text)))) if text.len() > FRAME_MOST => {
                    return close(socket, TOO_LARGE, "too_large").await;
                }
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
                        written = timeout(WRITE, socket.send(text_frame(text))) => written,
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

/// What the hub writes is UTF-8, so nothing is lost here.
fn text_frame(text: Bytes) -> Message {
    Message::Text(Utf8Bytes::try_from(text).unwrap_or_default())
}

/// Says why nobody is let in, and closes.
async fn refuse(socket: &mut WebSocket, bye: Bye) {
    if let Ok(text) = serde_json::to_string(&bye.message()) {
        let _ = timeout(WRITE, socket.send(Message::Text(text.into()))).await;
    }
    close(socket, bye.close_code(), bye.code()).await;
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // Who does not listen any more needs no farewell.
    let _ = timeout(WRITE, socket.send(Message::Close(Some(frame)))).await;
}
