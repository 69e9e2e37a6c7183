//! The protocol below a page: two codecs, and requests for key frames let through to it.

use std::time::Instant;

use rtc::interceptor::{Registry, Slot};
use rtc::peer_connection::configuration::interceptor_registry::{
    configure_nack, configure_rtcp_reports, configure_twcc_receiver_only,
};
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodecParameters, RtpCodecKind};

use super::Numbers;

/// The same reports reach a page as reach the room.
#[path = "../../../../src/live/media/room/rtcp.rs"]
mod rtcp;

pub(super) fn connection(numbers: Numbers) -> Box<RTCPeerConnection> {
    let mut media = MediaEngine::default();
    for (codec, kind, payload_type) in [
        (codec(true), RtpCodecKind::Audio, numbers.opus),
        (codec(false), RtpCodecKind::Video, numbers.vp8),
    ] {
        let parameters = RTCRtpCodecParameters { rtp_codec: codec, payload_type };
        media.register_codec(parameters, kind).unwrap();
    }
    let registry = configure_nack(Registry::new(), &mut media);
    let registry = configure_twcc_receiver_only(registry, &mut media).unwrap();
    let registry = configure_rtcp_reports(registry);
    let registry = registry.with(Slot::from(14_000), rtcp::Requests::default());
    let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
    let builder = RTCPeerConnectionBuilder::new()
        .with_media_engine(media)
        .with_setting_engine(settings)
        .with_interceptor_registry(registry);
    Box::new(builder.build(Instant::now()).unwrap())
}

pub(super) fn codec(sound: bool) -> RTCRtpCodec {
    let (mime_type, clock_rate, channels, fmtp) = if sound {
        (MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1")
    } else {
        (MIME_TYPE_VP8, 90_000, 0, "")
    };
    RTCRtpCodec {
        mime_type: mime_type.to_owned(),
        clock_rate,
        channels,
        sdp_fmtp_line: fmtp.to_owned(),
        rtcp_feedback: Vec::new(),
    }
}
