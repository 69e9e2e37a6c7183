//! The server's own peer, with which a browser tries its line before the visit.
//!
//! A check carries no sound and no picture: numbered probes over a data channel, each sent back as
//! it came and counted here, so that what is lost on the way up is known without asking the browser;
//! and for two seconds each way as much as a picture would take. A second connection, which the
//! browser makes by way of the relay, tells whether that way works as well.

use std::collections::HashMap;
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
use webrtc::data_channel::DataChannel;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

use crate::engine::line::{LineNumbers, PathNumbers};
use crate::live::reach::{Reach, Reached};
use crate::model::new_id;

mod channel;
mod tally;

use tally::Tally;

/// Checks at once; each is two sockets and two tasks of the WebRTC crate at most.
pub const CHECKS_AT_ONCE: usize = 8;
/// A check ends by itself after this.
pub const CHECK_LASTS: Duration = Duration::from_secs(12);
/// Bytes of an offer; a browser's has about 600.
const LONGEST_OFFER: usize = 16 * 1024;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientNumbers {
    /// On the direct way.
    pub direct: ClientPath,
    /// Kilobits a second that came down on it; nothing where that was not tried.
    pub down_kbps: Option<u32>,
    /// Through the relay; nothing where there is none.
    pub relay: Option<ClientPath>,
    /// Milliseconds that the check took.
    pub took_ms: u32,
}

/// What the browser counted on one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientPath {
    /// Probes sent.
    pub sent: u32,
    /// Different probes that came back.
    pub received: u32,
    /// Milliseconds there and back, the median.
    pub rtt_ms: f64,
    /// Milliseconds by which that varies.
    pub jitter_ms: f64,
}

impl ClientPath {
    fn with(self, echoed: u32) -> PathNumbers {
        let Self { sent, received, rtt_ms, jitter_ms } = self;
        PathNumbers { sent, echoed, received, rtt_ms, jitter_ms }
    }
}

/// The checks that run now. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct LineChecks {
    ip: IpAddr,
    reach: Reach,
    places: Arc<Semaphore>,
    running: Arc<Mutex<HashMap<Uuid, Check>>>,
}

/// One check.
struct Check {
    direct: Side,
    relay: Option<Side>,
    /// Given back after closing, so that there are never more sockets than places.
    _place: OwnedSemaphorePermit,
}

/// One connection of a check. Its handlers hold no reference to it: closing must free it.
struct Side {
    connection: Arc<dyn PeerConnection>,
    tally: Arc<Tally>,
    ended: CancellationToken,
    /// As long as it lives, the relay lets packets through to it.
    _reached: Vec<Reached>,
}

impl LineChecks {
    /// Checks at the address `ip` of this machine, each on ports of its own, which are told to
    /// `reach`.
    pub fn new(ip: IpAddr, reach: Reach) -> Self {
        let places = Arc::new(Semaphore::new(CHECKS_AT_ONCE));
        Self { ip, reach, places, running: Arc::default() }
    }

    /// Begins a check with a browser's offer; returns its id and the answer, complete with its
    /// candidates. It ends with [`LineChecks::finish`] or by itself.
    pub async fn answer(&self, offer_sdp: &str) -> Result<(Uuid, String), LineCheckError> {
        let offer = readable(offer_sdp)?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| LineCheckError::Busy)?;
        let (direct, answer) = self.open(offer).await?;
        let id = new_id();
        self.lock().insert(id, Check { direct, relay: None, _place: place });
        let checks = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(CHECK_LASTS).await;
            checks.end(id).await;
        });
        Ok((id, answer))
    }

    /// Adds to a check the connection that the browser makes by way of the relay. Nothing if there
    /// is no such check any more, or it has one already.
    pub async fn answer_relayed(
        &self,
        id: Uuid,
        offer_sdp: &str,
    ) -> Result<Option<String>, LineCheckError> {
        let wanted = |check: Option<&mut Check>| check.is_some_and(|check| check.relay.is_none());
        if !wanted(self.lock().get_mut(&id)) {
            return Ok(None);
        }
        let (side, answer) = self.open(readable(offer_sdp)?).await?;
        let late = {
            let mut running = self.lock();
            match running.get_mut(&id) {
                Some(check) if check.relay.is_none() => {
                    check.relay = Some(side);
                    None
                }
                _ => Some(side),
            }
        };
        let Some(late) = late else { return Ok(Some(answer)) };
        late.close().await;
        Ok(None)
    }

    /// Ends a check and puts both sides' numbers together; nothing if there is no such check any
    /// more.
    pub async fn finish(&self, check_id: Uuid, client: ClientNumbers) -> Option<LineNumbers> {
        let (direct, relay) = self.end(check_id).await?;
        Some(LineNumbers {
            direct: client.direct.with(direct.probes()),
            up_kbps: direct.kbps(),
            down_kbps: client.down_kbps,
            relay: client.relay.map(|path| path.with(relay.map_or(0, |tally| tally.probes()))),
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

    async fn end(&self, id: Uuid) -> Option<(Arc<Tally>, Option<Arc<Tally>>)> {
        let check = self.lock().remove(&id)?;
        let direct = check.direct.tally.clone();
        let relay = check.relay.as_ref().map(|side| side.tally.clone());
        if let Some(side) = check.relay {
            side.close().await;
        }
        check.direct.close().await;
        Some((direct, relay))
    }

    async fn open(&self, offer: RTCSessionDescription) -> Result<(Side, String), LineCheckError> {
        let (gathered, gathering) = mpsc::channel(1);
        let (tally, ended) = (Arc::new(Tally::default()), CancellationToken::new());
        let echo = Echo { tally: tally.clone(), ended: ended.clone(), gathered };
        let connection = self.connection(echo).await?;
        let side = Side { connection, tally, ended, _reached: Vec::new() };
        let opened = timeout(PATIENCE, negotiate(&*side.connection, offer, gathering)).await;
        match opened {
            Ok(Ok(answer)) => {
                let reached = hosts(&answer).map(|at| self.reach.add(at, at)).collect();
                Ok((Side { _reached: reached, ..side }, answer))
            }
            Ok(Err(error)) => Err(side.fail(error).await),
            Err(_) => {
                let late = LineCheckError::Unavailable("gathering takes too long".to_owned());
                Err(side.fail(late).await)
            }
        }
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

impl Side {
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

/// Where the candidates of a description say that it can be reached.
fn hosts(sdp: &str) -> impl Iterator<Item = SocketAddr> {
    sdp.lines().filter_map(|line| {
        let mut words = line.strip_prefix("a=candidate:")?.split(' ').skip(4);
        Some(SocketAddr::new(words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    })
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

/// Takes the browser's channels.
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
            let serve = channel::serve(channel, self.tally.clone());
            tokio::spawn(self.ended.clone().run_until_cancelled_owned(serve));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_say_where_a_peer_is() {
        let sdp = "v=0\r\na=candidate:1 1 udp 2130706431 10.0.0.1 5432 typ host\r\n\
            a=candidate:2 1 UDP 1 2001:db8::1 9 typ host generation 0\r\na=candidate:3 1 udp\r\n";
        let found: Vec<String> = hosts(sdp).map(|host| host.to_string()).collect();
        assert_eq!(found, ["10.0.0.1:5432", "[2001:db8::1]:9"]);
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
