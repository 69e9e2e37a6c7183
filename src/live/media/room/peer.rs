//! One page's connection, without its socket: what it was offered, what comes from it, what goes to
//! it. The protocol itself is the sans-I/O crate's.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc::interceptor::{Registry, Slot};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::{
    configure_nack, configure_rtcp_reports, configure_twcc_receiver_only,
};
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::configuration::setting_engine::{SettingEngine, SettingEngineBuilder};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::{RTCDtlsTransportState, RTCIceCandidateInit};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters,
    RTCRtpEncodingParameters, RTCRtpSender, RtpCodecKind,
};
use rtc::rtp_transceiver::{
    RTCRtpReceiverId, RTCRtpSenderId, RTCRtpTransceiverDirection, RTCRtpTransceiverInit,
};
use rtc::sansio::Protocol;

use super::offer::{Offer, Source};
use super::rewrite::Rewrite;
use super::rtcp::Requests;
use super::slots::OTHERS;

/// How long without a word from a page until its connection counts as shaky, and until it is given
/// up; the page restarts ICE long before.
const SHAKY: Duration = Duration::from_secs(5);
const LOST: Duration = Duration::from_secs(25);
const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// Ticks in a second of Opus and of pictures.
const AUDIO_CLOCK: u32 = 48_000;
const VIDEO_CLOCK: u32 = 90_000;
/// Where the room's interceptor stands: farther from the wire than any of the crate's.
const LAST: usize = 14_000;

/// A connection could not be made of an offer.
#[derive(Debug, thiserror::Error)]
pub(super) enum PeerError {
    #[error(transparent)]
    Rtc(#[from] rtc::shared::error::Error),
    #[error("the connection lacks a part of what was offered")]
    Incomplete,
}

/// What one person's page sends.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) source: Source,
    pub(super) receiver: RTCRtpReceiverId,
    /// The stream's name on the wire, from its first packet on.
    pub(super) ssrc: Option<u32>,
}

/// A stream to one person's page.
#[derive(Debug)]
pub(super) struct Down {
    pub(super) mid: String,
    pub(super) audio: bool,
    pub(super) sender: RTCRtpSenderId,
    pub(super) ssrc: u32,
    /// As this page numbered the codec in its offer.
    pub(super) payload_type: u8,
    pub(super) rewrite: Rewrite,
}

/// A connection and its streams, the latter in the order of the offer.
pub(super) struct Peer {
    /// Boxed: it is ten kilobytes.
    pub(super) core: Box<RTCPeerConnection>,
    pub(super) ups: Vec<Up>,
    pub(super) downs: Vec<Down>,
}

impl Peer {
    /// A connection that can be reached at `address`, for an offer of the room's form.
    pub(super) fn new(address: SocketAddr, offer: &Offer, now: Instant) -> Result<Self, PeerError> {
        let mut media = MediaEngine::default();
        let registry = register(&mut media)?;
        let builder = RTCPeerConnectionBuilder::new()
            .with_media_engine(media)
            .with_setting_engine(settings())
            .with_interceptor_registry(registry);
        let mut core = Box::new(builder.build(now)?);
        let (ups, downs) = streams(&mut core, offer)?;
        let host =
            format!("candidate:1 1 udp 2130706431 {} {} typ host", address.ip(), address.port());
        core.add_local_candidate(RTCIceCandidateInit { candidate: host, ..Default::default() })?;
        Ok(Self { core, ups, downs })
    }

    /// Answers an offer: the first, or a later one of the same connection, as when ICE restarts.
    pub(super) fn answer(&mut self, offer: &Offer, now: Instant) -> Result<String, PeerError> {
        self.core.set_remote_description(now, RTCSessionDescription::offer(offer.sdp.clone())?)?;
        let answer = self.core.create_answer(None)?;
        self.core.set_local_description(now, answer)?;
        self.core.add_local_candidate(RTCIceCandidateInit::default())?;
        for down in &mut self.downs {
            let name = if down.audio { MIME_TYPE_OPUS } else { MIME_TYPE_VP8 };
            let mut sender = self.core.rtp_sender(down.sender).ok_or(PeerError::Incomplete)?;
            let codecs = &sender.get_parameters().rtp_parameters.codecs;
            let ours = codecs.iter().find(|one| one.rtp_codec.mime_type.eq_ignore_ascii_case(name));
            down.payload_type = ours.ok_or(PeerError::Incomplete)?.payload_type;
        }
        let answer = self.core.local_description().ok_or(PeerError::Incomplete)?;
        Ok(answer.sdp)
    }

    /// The stream from this person that has this name on the wire.
    pub(super) fn up(&self, ssrc: u32) -> Option<&Up> {
        self.ups.iter().find(|up| up.ssrc == Some(ssrc))
    }

    /// Whether the other side said goodbye. The connection's state does not tell: for it a closed
    /// transport is still a connected one.
    pub(super) fn is_closed(&mut self) -> bool {
        let first = self.downs.first().map(|down| down.sender);
        let sender = first.and_then(|sender| self.core.rtp_sender(sender));
        let transport = sender.as_ref().and_then(RTCRtpSender::transport);
        transport.is_some_and(|one| one.state() == RTCDtlsTransportState::Closed)
    }

    /// Ends the connection; what it has to say to the other side is there to be sent.
    pub(super) fn close(&mut self) {
        if let Err(error) = self.core.close() {
            tracing::debug!(%error, "a connection of the room did not close well");
        }
    }
}

/// The transceivers of our side, in the order in which the crate pairs them with the offer's.
fn streams(core: &mut RTCPeerConnection, offer: &Offer) -> Result<(Vec<Up>, Vec<Down>), PeerError> {
    let mut ups = Vec::with_capacity(Source::ALL.len());
    for source in Source::ALL {
        let kind = if source == Source::Audio { RtpCodecKind::Audio } else { RtpCodecKind::Video };
        let id = core.add_transceiver_from_kind(kind, None)?;
        let receiver = core.rtp_transceiver(id).and_then(|one| one.receiver());
        let receiver = receiver.ok_or(PeerError::Incomplete)?;
        ups.push(Up { source, receiver, ssrc: None });
    }
    let mut downs = Vec::with_capacity(2 * OTHERS + 1);
    for (place, mid) in offer.downs.iter().enumerate() {
        let audio = place < OTHERS;
        let ssrc = rand::random();
        let id = core.add_transceiver_from_track(track(place, audio, ssrc), Some(send_only()))?;
        let sender = core.rtp_transceiver(id).and_then(|one| one.sender());
        let sender = sender.ok_or(PeerError::Incomplete)?;
        let rewrite = Rewrite::new(if audio { AUDIO_CLOCK } else { VIDEO_CLOCK });
        downs.push(Down { mid: mid.clone(), audio, sender, ssrc, payload_type: 0, rewrite });
    }
    Ok((ups, downs))
}

fn send_only() -> RTCRtpTransceiverInit {
    RTCRtpTransceiverInit {
        direction: RTCRtpTransceiverDirection::Sendonly,
        streams: Vec::new(),
        send_encodings: Vec::new(),
    }
}

/// The track of a place. Sound and picture of one slot are one stream, so that the page keeps them
/// together in time.
fn track(place: usize, audio: bool, ssrc: u32) -> MediaStreamTrack {
    let stream = format!("slot{}", if audio { place } else { place - OTHERS });
    let (kind, codec) =
        if audio { (RtpCodecKind::Audio, opus()) } else { (RtpCodecKind::Video, vp8()) };
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
        codec,
        ..Default::default()
    };
    MediaStreamTrack::new(stream, format!("track{place}"), String::new(), kind, vec![coding])
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: AUDIO_CLOCK,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: Vec::new(),
    }
}

fn vp8() -> RTCRtpCodec {
    let fir = RTCPFeedback { typ: "ccm".to_owned(), parameter: "fir".to_owned() };
    RTCRtpCodec {
        mime_type: MIME_TYPE_VP8.to_owned(),
        clock_rate: VIDEO_CLOCK,
        channels: 0,
        sdp_fmtp_line: String::new(),
        rtcp_feedback: vec![fir],
    }
}

/// Opus and VP8 alone, which every browser has; lost packets are asked for again on both legs.
fn register(media: &mut MediaEngine) -> Result<Registry, rtc::shared::error::Error> {
    for (codec, kind, payload_type) in
        [(opus(), RtpCodecKind::Audio, 111), (vp8(), RtpCodecKind::Video, 96)]
    {
        media.register_codec(RTCRtpCodecParameters { rtp_codec: codec, payload_type }, kind)?;
    }
    let registry = configure_nack(Registry::new(), media);
    let registry = configure_twcc_receiver_only(registry, media)?;
    let registry = configure_rtcp_reports(registry);
    Ok(registry.with(Slot::from(LAST), Requests::default()))
}

fn settings() -> SettingEngine {
    use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile as Profile;
    SettingEngineBuilder::new()
        .with_ice_timeouts(Some(SHAKY), Some(LOST), Some(KEEP_ALIVE))
        .with_include_loopback_candidate(true)
        .with_multicast_dns_mode(rtc::ice::mdns::MulticastDnsMode::Disabled)
        .with_srtp_protection_profiles(vec![
            Profile::Srtp_Aead_Aes_128_Gcm,
            Profile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ])
        .build()
}
