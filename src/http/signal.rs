//! The signaling socket: texts between a page and the hub, nothing else. How WebSocket frames them is
//! in [`frames`], how they are read and written in [`socket`].

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use tokio::time::{Instant, sleep_until, timeout};

use super::extract::{Address, At};
use super::problem::Problem;
use crate::actions::visit::Presented;
use crate::actions::{App, Error, visit};
use crate::live::hub::{Act, Out, Outbox, Seat};
use crate::live::message::{Bye, ClientMessage, FRAME_MOST, parse};
use crate::model::BookingId;
use frames::Heard;
use socket::{End, Socket};
use upgrade::Upgrade;

mod frames;
mod socket;
mod upgrade;

/// What pages and server call what they speak.
const PROTOCOL: &str = "tele.v1";
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
/// The close code of who goes as agreed.
const NORMAL: u16 = 1000;
/// After how long to try again where too many sockets are open.
const FULL: Duration = Duration::from_secs(10);

/// The socket of a visit. Who comes is said by the ticket in the first message.
pub(super) async fn signal(
    State(app): State<App>,
    Address(address): Address,
    At(id): At<BookingId>,
    socket: Upgrade,
) -> Result<Response, Problem> {
    let guard = app.hub.doors.open(address).ok_or(Error::RateLimited(FULL))?;
    Ok(socket.then(move |socket| async move {
        meet(app, id, address, socket).await;
        drop(guard);
    }))
}

async fn meet(app: App, id: BookingId, address: IpAddr, mut socket: Socket) {
    let (seat, outbox) = match Box::pin(seated(&app, id, &mut socket)).await {
        Ok(seated) => seated,
        Err(None) => return,
        Err(Some(bye)) => {
            // A page in its right mind shows these once and then stays away.
            if !matches!(bye, Bye::Expired | Bye::Draining | Bye::Silent) {
                tokio::time::sleep(app.hub.doors.failed(address, app.clock.now())).await;
            }
            return refuse(socket, bye).await;
        }
    };
    let last = converse(&app, &seat, outbox, &mut socket).await;
    let heard = match last {
        Last::Gone => false,
        Last::Close(code, reason) => close(&mut socket, code, reason).await,
    };
    for last in app.hub.left(&seat, app.clock.now()) {
        Box::pin(visit::act(&app, &seat, last)).await;
    }
    if heard {
        socket.linger().await;
    }
}

/// Reads the first message and takes the seat that its ticket or token gives. Nothing is to be said
/// to a page that is gone.
async fn seated(
    app: &App,
    id: BookingId,
    socket: &mut Socket,
) -> Result<(Seat, Outbox), Option<Bye>> {
    let text = timeout(HELLO, first(socket)).await.map_err(|_| Some(Bye::Silent))??;
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

async fn first(socket: &mut Socket) -> Result<String, Option<Bye>> {
    loop {
        let heard = socket.hear(|heard| {
            ControlFlow::Break(match heard {
                Heard::Text(text) => Ok(text.to_owned()),
                Heard::Close => Err(None),
                Heard::Binary | Heard::Ping(_) | Heard::Pong => Err(Some(Bye::BadMessages)),
            })
        });
        match heard.await {
            // Not all of it is there.
            Ok(None) => {}
            Ok(Some(first)) => return first,
            Err(_) => return Err(None),
        }
    }
}

/// How a conversation ends.
enum Last {
    /// The page is gone, or reads no more.
    Gone,
    /// It is told why.
    Close(u16, &'static str),
}

/// What has to be done before anything else is heard.
enum Next {
    Do(Vec<Act>),
    Pong(Bytes),
    End(Last),
}

async fn converse(app: &App, seat: &Seat, mut outbox: Outbox, socket: &mut Socket) -> Last {
    // Set by what is heard alone: what we say to a page that is gone does not keep it alive. The
    // alarm is set anew when it rings, not with each message.
    let mut heard_at = Instant::now();
    let mut silence = pin!(sleep_until(heard_at + SILENCE));
    loop {
        tokio::select! {
            // Whoever says more than may be said hears so, however fast they talk.
            biased;
            out = outbox.recv() => match out {
                Some(Out::Text(text)) => if !write(socket, &mut outbox, text).await {
                    return Last::Gone;
                },
                Some(Out::Close { code, reason }) => return Last::Close(code, reason),
                None => return Last::Gone,
            },
            heard = socket.hear(|heard| {
                heard_at = Instant::now();
                listen(app, seat, heard)
            }) => match heard {
                Ok(None) => {}
                Ok(Some(Next::Do(acts))) => for act in acts {
                    // Deeds are rare, and large while they are done: what is idle does not
                    // hold the room for one.
                    Box::pin(visit::act(app, seat, act)).await;
                },
                Ok(Some(Next::Pong(payload))) => if !answer(socket, &payload).await {
                    return Last::Gone;
                },
                Ok(Some(Next::End(last))) => return last,
                Err(End::Gone) => return Last::Gone,
                Err(End::Fault(fault)) => return Last::Close(fault.code(), "bad_frame"),
            },
            () = silence.as_mut() => {
                let due = heard_at + SILENCE;
                if due <= Instant::now() {
                    return Last::Gone;
                }
                silence.as_mut().reset(due);
            }
        }
    }
}

/// Takes what a page said; goes on listening while nothing follows of it but what others are told.
fn listen(app: &App, seat: &Seat, heard: Heard<'_>) -> ControlFlow<Next> {
    ControlFlow::Break(match heard {
        Heard::Text(text) if text.len() > FRAME_MOST => {
            Next::End(Last::Close(TOO_LARGE, "too_large"))
        }
        Heard::Text(text) => match app.hub.handle(seat, text, app.clock.now()) {
            acts if acts.is_empty() => return ControlFlow::Continue(()),
            acts => Next::Do(acts),
        },
        Heard::Pong => return ControlFlow::Continue(()),
        Heard::Ping(payload) => Next::Pong(Bytes::copy_from_slice(payload)),
        Heard::Binary => Next::End(Last::Close(4400, "bad_message")),
        Heard::Close => Next::End(Last::Close(NORMAL, "")),
    })
}

/// Writes the text, and what else waits, at once. False when the socket is broken or the page does
/// not read.
async fn write(socket: &mut Socket, outbox: &mut Outbox, first: Bytes) -> bool {
    let written = socket.write(|out| {
        frames::text(out, &first);
        while out.len() < AT_ONCE
            && let Some(text) = outbox.text()
        {
            frames::text(out, &text);
        }
    });
    if written.await.is_err() {
        return false;
    }
    if socket.is_flushed() {
        return true;
    }
    tokio::select! {
        biased;
        written = timeout(WRITE, socket.flush()) => matches!(written, Ok(Ok(()))),
        // What is said next is why.
        () = outbox.cut() => true,
    }
}

/// Answers a ping.
async fn answer(socket: &mut Socket, payload: &[u8]) -> bool {
    let written = socket.write(|out| frames::pong(out, payload)).await;
    written.is_ok() && matches!(timeout(WRITE, socket.flush()).await, Ok(Ok(())))
}

/// Says why nobody is let in, and closes.
async fn refuse(mut socket: Socket, bye: Bye) {
    if let Ok(text) = serde_json::to_string(&bye.message()) {
        let _ = socket.write(|out| frames::text(out, text.as_bytes())).await;
    }
    if close(&mut socket, bye.close_code(), bye.code()).await {
        socket.linger().await;
    }
}

/// Says good-bye. Whether it could be said: who does not listen any more needs none.
async fn close(socket: &mut Socket, code: u16, reason: &'static str) -> bool {
    matches!(timeout(WRITE, socket.close(code, reason)).await, Ok(Ok(())))
}
