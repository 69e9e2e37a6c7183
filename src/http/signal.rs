//! The signaling socket: texts between a page and the hub, nothing else.

use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use futures_util::SinkExt;
use tokio::time::{Instant, sleep_until, timeout};

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

/// Bytes that are written at once, when so many wait.
const AT_ONCE: usize = 16 * 1024;

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
        .write_buffer_size(AT_ONCE)
        .max_write_buffer_size(2 * FRAME_MOST)
        .on_upgrade(move |socket| async move {
            meet(app, id, address, socket).await;
            drop(guard);
        });
    Ok(answer)
}

async fn meet(app: App, id: BookingId, address: IpAddr, mut socket: WebSocket) {
    let (seat, outbox) = match Box::pin(seated(&app, id, &mut socket)).await {
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
    for last in app.hub.left(&seat, app.clock.now()) {
        Box::pin(visit::act(&app, &seat, last)).await;
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
    // Set by what is heard alone: what we say to a page that is gone does not keep it alive. The
    // alarm is set anew when it rings, not with each message.
    let mut heard_at = Instant::now();
    let mut silence = pin!(sleep_until(heard_at + SILENCE));
    loop {
        tokio::select! {
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) if text.len() > FRAME_MOST => {
                    return close(socket, TOO_LARGE, "too_large").await;
                }
                Some(Ok(Message::Text(text))) => {
                    heard_at = Instant::now();
                    for act in app.hub.handle(seat, &text, app.clock.now()) {
                        // Deeds are rare, and large while they are done: what is idle does not
                        // hold the room for one.
                        Box::pin(visit::act(app, seat, act)).await;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => heard_at = Instant::now(),
                Some(Ok(Message::Binary(_))) => return close(socket, 4400, "bad_message").await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            out = outbox.recv() => match out {
                Some(Out::Text(text)) => if !write(socket, &mut outbox, text).await {
                    return;
                },
                Some(Out::Close { code, reason }) => return close(socket, code, reason).await,
                None => return,
            },
            () = silence.as_mut() => {
                let due = heard_at + SILENCE;
                if due <= Instant::now() {
                    return;
                }
                silence.as_mut().reset(due);
            }
        }
    }
}

/// Writes the text, and what else waits, at once. False when the socket is broken or the page does
/// not read.
async fn write(socket: &mut WebSocket, outbox: &mut Outbox, first: Bytes) -> bool {
    let further = outbox.texts(AT_ONCE.saturating_sub(first.len()));
    let written = async {
        socket.feed(text_frame(first)).await?;
        for text in further {
            socket.feed(text_frame(text)).await?;
        }
        socket.flush().await
    };
    tokio::select! {
        biased;
        written = timeout(WRITE, written) => matches!(written, Ok(Ok(()))),
        // What is said next is why.
        () = outbox.cut() => true,
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
