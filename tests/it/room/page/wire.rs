//! The protocol below a page: two codecs, and requests for key frames let through to it.

use std::collections::VecDeque;
use std::time::Instant;

use rtc::interceptor::{Attribute, Interceptor, Packet, Registry, Slot, StreamInfo, TaggedPacket};
use rtc::peer_connection::configuration::interceptor_registry::{
    configure_nack, configure_rtcp_reports, configure_twcc_receiver_only,
};
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodecParameters, RtpCodecKind};
use rtc::sansio::Protocol;

use super::Numbers;

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
    let registry = registry.with(Slot::from(14_000), Asked::default());
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

/// Lets requests for key frames through to the page.
#[derive(Default)]
struct Asked {
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Asked {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = rtc::shared::error::Error;
    type Time = Instant;

    fn handle_read(&mut self, mut message: TaggedPacket) -> Result<(), Self::Error> {
        if let Packet::Rtcp(packets) = &mut message.message.packet {
            packets.retain(|packet| packet.as_any().is::<PictureLossIndication>());
            if packets.is_empty() {
                return Ok(());
            }
            message.message.add(Attribute::DeliverToApplication);
        }
        self.read.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Self::Error> {
        self.write.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.write.pop_front()
    }
}

impl Interceptor for Asked {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
