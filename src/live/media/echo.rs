//! The server's own peer, with which a browser tries its line before the visit.
//!
//! A check carries no sound and no picture: numbered probes over a data channel, each sent back as
//! it came and counted here, so that what is lost on the way up is known without asking the browser.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rtc::ice::mdns::MulticastDnsMode;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use uuid::Uuid;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelMessage};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

use crate::engine::line::LineNumbers;
use crate::model::new_id;

/// Checks at once; each is one socket and one task of the WebRTC crate.
pub const CHECKS_AT_ONCE: usize = 8;
/// A check ends by itself after this.
pub const CHECK_LASTS: Duration = Duration::from_secs(12);
/// Bytes of an offer; a browser's has about 600.
const LONGEST_OFFER: usize = 16 * 1024;
/// Probes are numbered from 0 to one less than this.
const PROBES: u32 = 4096;
/// Messages and bytes that one check echoes; three seconds of 1.5 Mbit/s fit in twice.
const MESSAGES: u32 = 2 * PROBES;
const BYTES: usize = 2 * 1024 * 1024;
/// Data channels in one check.
const CHANNELS: u32 = 4;
/// Bytes waiting to go back; what does not fit is lost, as it would be on a slow line.
const WAITING: usize = 256 * 1024;
/// How long opening or closing a connection may take; there is nobody to ask on the network.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a check could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LineCheckError {
    /// As many run as may; a place is free again after [`CHECK_LASTS`] at the latest.
    #[error("too many line checks at once")]
    Busy,
    /// The description is not an offer of a data channel alone.
    #[error("the offer of the line check is not understood")]
    BadOffer,
    /// This machine could not open its side.
    #[error("the line check is not available: {0}")]
    Unavailable(String),
}

/// What the browser counted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClientNumbers {
    /// Probes sent.
    pub sent: u32,
    /// Different probes that came back.
    pub received: u32,
    /// Milliseconds there and back, the median.
    pub rtt_ms: f64,
    /// Milliseconds by which that varies.
    pub jitter_ms: f64,
    /// Whether the probes went through the relay.
    pub relay: bool,
}

/// The checks that run now. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct LineChecks {
    ip: IpAddr,
    places: Arc<Semaphore>,
    running: Arc<Mutex<HashMap<Uuid, Check>>>,
}

/// One check. The handlers of the connection hold no reference to it: closing must free it.
struct Check {
    connection: Arc<dyn PeerConnection>,
    tally: Arc<Tally>,
    ended: CancellationToken,
    /// Given back after closing, so that there are never more sockets than places.
    _place: OwnedSemaphorePermit,
}

impl LineChecks {
    /// Checks at the address `ip` of this machine, each on a port of its own.
    pub fn new(ip: IpAddr) -> Self {
        Self { ip, places: Arc::new(Semaphore::new(CHECKS_AT_ONCE)), running: Arc::default() }
    }

    /// Begins a check with a browser's offer; returns its id and the answer, complete with its
    /// candidates. It ends with [`LineChecks::finish`] or by itself.
    pub async fn answer(&self, offer_sdp: &str) -> Result<(Uuid, String), LineCheckError> {
        let offer = readable(offer_sdp)?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| LineCheckError::Busy)?;
        let (gathered, gathering) = mpsc::channel(1);
        let (tally, ended) = (Arc::new(Tally::default()), CancellationToken::new());
        let echo = Echo { tally: tally.clone(), ended: ended.clone(), gathered };
        let connection = self.connection(echo).await?;
        let check = Check { connection, tally, ended, _place: place };
        let opened = timeout(PATIENCE, negotiate(&*check.connection, offer, gathering)).await;
        let answer = match opened {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(check.fail(error).await),
            Err(_) => {
                let late = LineCheckError::Unavailable("gathering takes too long".to_owned());
                return Err(check.fail(late).await);
            }
        };
        let id = new_id();
        self.lock().insert(id, check);
        let checks = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(CHECK_LASTS).await;
            checks.end(id).await;
        });
        Ok((id, answer))
    }

    /// Ends a check and puts both sides' numbers together; nothing if there is no such check any
    /// more.
    pub async fn finish(&self, check_id: Uuid, client: ClientNumbers) -> Option<LineNumbers> {
        let tally = self.end(check_id).await?;
        let seen = tally.lock();
        Some(LineNumbers {
            sent: client.sent,
            echoed: u32::try_from(seen.probes.len()).unwrap_or(u32::MAX),
            received: client.received,
            rtt_ms: client.rtt_ms,
            jitter_ms: client.jitter_ms,
            duplicates: seen.duplicates,
        })
    }

    /// Ends all checks, as when the server stops.
    pub async fn close(&self) {
        let ids: Vec<Uuid> = self.lock().keys().copied().collect();
        for id in ids {
            self.end(id).await;
        }
    }

    /// How many there are, those being opened or closed included.
    pub fn count(&self) -> usize {
        CHECKS_AT_ONCE - self.places.available_permits()
    }

    async fn end(&self, id: Uuid) -> Option<Arc<Tally>> {
        let check = self.lock().remove(&id)?;
        let tally = check.tally.clone();
        check.close().await;
        Some(tally)
    }

    async fn connection(&self, echo: Echo) -> Result<Arc<dyn PeerConnection>, LineCheckError> {
        let settings = SettingEngineBuilder::new()
            .with_include_loopback_candidate(self.ip.is_loopback())
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .build();
        let builder = PeerConnectionBuilder::new()
            .with_setting_engine(settings)
            .with_handler(Arc::new(echo))
            .with_udp_addrs(vec![SocketAddr::new(self.ip, 0)])
            .with_data_channel_send_buffer_limit(WAITING);
        // Boxed: the future of the WebRTC crate is 20 kB.
        let connection = Box::pin(builder.build()).await;
        Ok(Arc::new(connection.map_err(unavailable)?))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Check>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Check {
    async fn close(self) {
        self.ended.cancel();
        match timeout(PATIENCE, self.connection.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a line check did not close well"),
            Err(_) => tracing::warn!("a line check did not close in time"),
        }
    }

    async fn fail(self, error: LineCheckError) -> LineCheckError {
        self.close().await;
        error
    }
}

fn unavailable(error: impl std::fmt::Display) -> LineCheckError {
    LineCheckError::Unavailable(error.to_string())
}

/// The offer without its candidates. A browser that has not asked for the camera hides its
/// addresses behind `.local` names, which nobody here could resolve; whoever made the offer by hand
/// could name any host for this server to knock at. The browser knocks, and its address is learnt
/// from that.
fn readable(offer_sdp: &str) -> Result<RTCSessionDescription, LineCheckError> {
    let media = |line: &&str| line.starts_with("m=");
    let only_data = offer_sdp.lines().filter(media).all(|line| line.starts_with("m=application "));
    if offer_sdp.len() > LONGEST_OFFER || !only_data || !offer_sdp.lines().any(|line| media(&line))
    {
        return Err(LineCheckError::BadOffer);
    }
    let mut text = String::with_capacity(offer_sdp.len());
    let candidate =
        |line: &str| line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates");
    for line in offer_sdp.lines().filter(|line| !candidate(line)) {
        text.push_str(line);
        text.push_str("\r\n");
    }
    RTCSessionDescription::offer(text).map_err(|_| LineCheckError::BadOffer)
}

async fn negotiate(
    connection: &dyn PeerConnection,
    offer: RTCSessionDescription,
    mut gathering: mpsc::Receiver<()>,
) -> Result<String, LineCheckError> {
    let bad = |_| LineCheckError::BadOffer;
    connection.set_remote_description(offer).await.map_err(bad)?;
    let answer = connection.create_answer(None).await.map_err(bad)?;
    connection.set_local_description(answer).await.map_err(unavailable)?;
    gathering.recv().await;
    let answer = connection.local_description().await;
    answer.map(|answer| answer.sdp).ok_or_else(|| unavailable("no answer"))
}

/// What reached the server.
#[derive(Default)]
struct Tally(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    probes: HashSet<u32>,
    duplicates: u32,
    messages: u32,
    bytes: usize,
    channels: u32,
}

/// A probe, as the browser numbers it. What else it says is its own business.
#[derive(Deserialize)]
struct Probe {
    seq: u32,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message; false when the check has had all it may.
    fn count(&self, message: &[u8]) -> bool {
        let mut seen = self.lock();
        seen.messages += 1;
        seen.bytes += message.len();
        if seen.messages > MESSAGES || seen.bytes > BYTES {
            return false;
        }
        if let Ok(Probe { seq: seq @ 0..PROBES }) = serde_json::from_slice(message)
            && !seen.probes.insert(seq)
        {
            seen.duplicates += 1;
        }
        true
    }

    fn takes_channel(&self) -> bool {
        let mut seen = self.lock();
        seen.channels += 1;
        seen.channels <= CHANNELS
    }
}

/// Sends everything back.
struct Echo {
    tally: Arc<Tally>,
    ended: CancellationToken,
    gathered: mpsc::Sender<()>,
}

#[async_trait]
impl PeerConnectionEventHandler for Echo {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            // Full means that it has been said already.
            let _ = self.gathered.try_send(());
        }
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        if self.tally.takes_channel() {
            let echo = echo(channel, self.tally.clone());
            tokio::spawn(self.ended.clone().run_until_cancelled_owned(echo));
        }
    }
}

async fn echo(channel: Arc<dyn DataChannel>, tally: Arc<Tally>) {
    while let Some(event) = channel.poll().await {
        let DataChannelEvent::OnMessage(message) = event else { continue };
        if !tally.count(&message.data) {
            break;
        }
        // A full buffer loses the probe, and the browser counts the hole.
        if send_back(&*channel, message).await.is_err() {
            tracing::trace!("a probe could not be sent back");
        }
    }
}

async fn send_back(
    channel: &dyn DataChannel,
    message: RTCDataChannelMessage,
) -> Result<(), webrtc::error::Error> {
    match std::str::from_utf8(&message.data) {
        Ok(text) if message.is_string => channel.try_send_text(text).await,
        _ => channel.try_send(message.data).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_counted_once_and_again_as_duplicates() {
        let tally = Tally::default();
        for message in
            ["{\"seq\":0}", "{\"seq\":1,\"at\":5}", "{\"seq\":1}", "hello", "{\"seq\":-1}"]
        {
            assert!(tally.count(message.as_bytes()));
        }
        assert!(tally.count(b"{\"seq\":4096}"), "is echoed, but is no probe");
        let seen = tally.lock();
        assert_eq!((seen.probes.len(), seen.duplicates, seen.messages), (2, 1, 6));
    }

    #[test]
    fn a_check_has_its_fill() {
        let tally = Tally::default();
        let message = vec![b' '; BYTES / 2];
        assert!(tally.count(&message) && tally.count(&message));
        assert!(!tally.count(b"1"));
        assert_eq!((0..10).filter(|_| tally.takes_channel()).count(), 4);
    }

    #[test]
    fn hosts_named_in_an_offer_are_not_knocked_at() {
        let offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
            m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n\
            a=candidate:1 1 udp 2113937151 10.0.0.1 5432 typ host\r\na=end-of-candidates\r\n";
        let read = readable(offer).unwrap();
        assert!(
            !read.sdp.contains("candidate") && read.sdp.contains("a=mid:0\r\n"),
            "{}",
            read.sdp
        );
        let with_picture = format!("{offer}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
        assert!(matches!(readable(&with_picture), Err(LineCheckError::BadOffer)));
        assert!(matches!(readable(&"m=application ".repeat(2000)), Err(LineCheckError::BadOffer)));
    }
}
