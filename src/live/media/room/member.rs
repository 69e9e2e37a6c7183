//! One person in the room: the socket of their page, and what passes over it.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::BytesMut;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::packet::Packet;
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use tokio::net::UdpSocket;

use super::Settings;
use super::keyframes::KeyFrames;
use super::offer::{Offer, Source};
use super::peer::{Peer, PeerError};
use super::queue::Queue;
use super::rtcp::asks_key_frame;
use super::slots::Slots;
use crate::live::media::ports::Lease;
use crate::live::reach::Reached;

/// Datagrams taken from one socket in a turn, so that a flood from one page holds up no other.
const AT_ONCE: usize = 64;
/// The largest datagram.
const LARGEST: usize = 2048;

/// A member could not come in.
#[derive(Debug, thiserror::Error)]
pub(super) enum MemberError {
    #[error("no socket: {0}")]
    Socket(#[from] io::Error),
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// What came from a member's page.
pub(super) enum Heard {
    /// The connection stands, or stands again.
    Connected,
    /// It is over.
    Gone,
    /// A packet of what they send.
    Media(Source, Packet),
    /// The stream to them at this place needs a key frame.
    Needs(usize),
}

/// One person in the room.
pub(super) struct Member {
    peer: Peer,
    socket: UdpSocket,
    local: SocketAddr,
    _port: Lease,
    /// As long as it lives, the relay lets packets through to the socket.
    _reached: Reached,
    /// Whether they are seen and heard.
    pub(super) sends: bool,
    /// Which connection of the page this is.
    pub(super) session: String,
    pub(super) connected: bool,
    /// Who is seen where.
    pub(super) slots: Slots,
    /// Requests to this person's camera and screen.
    pub(super) camera: KeyFrames,
    pub(super) screen: KeyFrames,
    /// When the last packet of their screen came.
    pub(super) screen_at: Option<Instant>,
    waiting: Queue<(usize, Packet)>,
    /// A datagram that the socket did not take.
    stuck: Option<(BytesMut, SocketAddr)>,
}

impl Member {
    /// Somebody at a socket of their own on the rooms' address of the machine; their page is told
    /// another where another machine passes packets on.
    pub(super) fn new(
        settings: &Settings,
        (offer, sends): (&Offer, bool),
        now: Instant,
    ) -> Result<Self, MemberError> {
        let Settings { ip, told, ports, reach } = settings;
        let (socket, port) = ports.bind(*ip)?;
        let bound = socket.local_addr()?;
        let address = SocketAddr::new(told.unwrap_or(*ip), bound.port());
        let reached = reach.add(address, bound);
        let peer = Peer::new(address, offer, now)?;
        Ok(Self {
            peer,
            socket: UdpSocket::from_std(socket)?,
            // The protocol knows one address, whatever stands before this machine.
            local: address,
            _port: port,
            _reached: reached,
            sends,
            session: offer.session.clone(),
            connected: false,
            slots: Slots::default(),
            camera: KeyFrames::default(),
            screen: KeyFrames::default(),
            screen_at: None,
            waiting: Queue::default(),
            stuck: None,
        })
    }

    /// Answers an offer of this connection.
    pub(super) fn answer(&mut self, offer: &Offer, now: Instant) -> Result<String, PeerError> {
        self.peer.answer(offer, now)
    }

    /// The name of the slot's stream in the page.
    pub(super) fn mid(&self, place: usize) -> Option<&str> {
        self.peer.downs.get(place).map(|down| down.mid.as_str())
    }

    /// Ready when there is something to take from the socket.
    pub(super) fn poll_readable(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.socket.poll_recv_ready(context).map(|_| ())
    }

    /// Takes what arrived. True when more may be there.
    pub(super) fn take(&mut self, buffer: &mut Vec<u8>, now: Instant) -> bool {
        buffer.resize(LARGEST, 0);
        for _ in 0..AT_ONCE {
            match self.socket.try_recv_from(buffer) {
                Ok((length, from)) => self.read(&buffer[..length], from, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                // As when a page's machine says that nobody listens there any more.
                Err(error) => tracing::trace!(%error, "a datagram was not taken"),
            }
        }
        true
    }

    fn read(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) {
        let transport = TransportContext {
            local_addr: self.local,
            peer_addr: from,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        };
        let message = TaggedBytesMut { now, transport, message: BytesMut::from(datagram) };
        if let Err(error) = self.peer.core.handle_read(message) {
            tracing::trace!(%error, "a datagram was not understood");
        }
    }

    /// The next thing that came from the page.
    pub(super) fn heard(&mut self) -> Option<Heard> {
        while let Some(event) = self.peer.core.poll_event() {
            if let Some(heard) = self.event(event) {
                return Some(heard);
            }
        }
        while let Some(message) = self.peer.core.poll_media_read() {
            match message.message {
                RTCMessage::RtpPacket(_, mut packet) => {
                    if let Some(up) = self.peer.up(packet.header.ssrc) {
                        // Numbered by this page, and meant for the way to here.
                        packet.header.extension = false;
                        packet.header.extensions.clear();
                        packet.header.extensions_padding = 0;
                        return Some(Heard::Media(up.source, packet));
                    }
                }
                RTCMessage::RtcpPacket(_, packets) => {
                    let asked = packets.iter().find(|packet| asks_key_frame(&***packet));
                    let named = asked.map(|packet| packet.destination_ssrc()).unwrap_or_default();
                    let place = self.peer.downs.iter().position(|down| named.contains(&down.ssrc));
                    if let Some(place) = place {
                        return Some(Heard::Needs(place));
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn event(&mut self, event: RTCPeerConnectionEvent) -> Option<Heard> {
        match event {
            RTCPeerConnectionEvent::OnTrack(RTCTrackEvent::OnOpen(track)) => {
                let up = self.peer.ups.iter_mut().find(|up| up.receiver == track.receiver_id);
                if let Some(up) = up {
                    up.ssrc = Some(track.ssrc);
                }
                None
            }
            RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) => match state {
                RTCPeerConnectionState::Connected => {
                    self.connected = true;
                    Some(Heard::Connected)
                }
                RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => {
                    self.connected = false;
                    Some(Heard::Gone)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a picture of the present person went out at this place.
    pub(super) fn running(&self, place: usize) -> bool {
        self.peer.downs.get(place).is_some_and(|down| down.rewrite.running())
    }

    /// Another person's packets come next at this place.
    pub(super) fn change(&mut self, place: usize) {
        if let Some(down) = self.peer.downs.get_mut(place) {
            down.rewrite.change();
        }
    }

    /// Sends a packet on to this page. Never waits: while the socket takes nothing the packet is
    /// kept, and the oldest is lost. Returns how many were lost.
    pub(super) fn forward(&mut self, place: usize, mut packet: Packet, now: Instant) -> usize {
        let Some(down) = self.peer.downs.get_mut(place) else { return 0 };
        let header = &mut packet.header;
        let numbers = down.rewrite.map(header.sequence_number, header.timestamp, now);
        let Some((sequence, timestamp)) = numbers else { return 0 };
        header.sequence_number = sequence;
        header.timestamp = timestamp;
        header.ssrc = down.ssrc;
        header.payload_type = down.payload_type;
        if self.stuck.is_some() {
            return usize::from(self.waiting.push(down.audio, (place, packet)).is_some());
        }
        usize::from(!self.write(place, packet, now))
    }

    fn write(&mut self, place: usize, packet: Packet, now: Instant) -> bool {
        let Some(down) = self.peer.downs.get(place) else { return false };
        let Some(mut sender) = self.peer.core.rtp_sender(down.sender) else { return false };
        match sender.write_rtp(now, packet) {
            Ok(()) => true,
            Err(error) => {
                tracing::trace!(%error, "a packet was not sent on");
                false
            }
        }
    }

    /// Asks this person's page for a key frame of its camera or screen, if that is due.
    pub(super) fn ask_key_frames(&mut self, now: Instant) -> usize {
        let mut asked = 0;
        for (source, frames) in
            [(Source::Camera, &mut self.camera), (Source::Screen, &mut self.screen)]
        {
            let Some(up) = self.peer.ups.iter().find(|up| up.source == source) else { continue };
            let Some(media_ssrc) = up.ssrc else { continue };
            if !frames.due(now) {
                continue;
            }
            let request = PictureLossIndication { sender_ssrc: 0, media_ssrc };
            if let Some(mut receiver) = self.peer.core.rtp_receiver(up.receiver)
                && receiver.write_rtcp(now, vec![Box::new(request)]).is_ok()
            {
                asked += 1;
            }
        }
        asked
    }

    /// Lets the protocol do what time asks for. False when the page closed its connection.
    pub(super) fn tick(&mut self, now: Instant) -> bool {
        self.pass_time(now);
        !(self.connected && self.peer.is_closed())
    }

    fn pass_time(&mut self, now: Instant) {
        while self.peer.core.poll_timeout().is_some_and(|at| at <= now) {
            let before = self.peer.core.poll_timeout();
            if let Err(error) = self.peer.core.handle_timeout(now) {
                tracing::debug!(%error, "a connection of the room is in disorder");
                return;
            }
            if self.peer.core.poll_timeout() == before {
                return;
            }
        }
    }

    /// Sends what is ready, until the socket takes no more.
    pub(super) fn flush(&mut self, now: Instant) {
        if let Some((datagram, to)) = self.stuck.take()
            && !self.send(datagram, to)
        {
            return;
        }
        loop {
            while let Some(message) = self.peer.core.poll_write() {
                if !self.send(message.message, message.transport.peer_addr) {
                    return;
                }
            }
            let Some((place, packet)) = self.waiting.pop() else { return };
            self.write(place, packet, now);
        }
    }

    /// False when the socket takes nothing now; the datagram is kept.
    fn send(&mut self, datagram: BytesMut, to: SocketAddr) -> bool {
        match self.socket.try_send_to(&datagram, to) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.stuck = Some((datagram, to));
                false
            }
            // Nobody there, or no way there: as if it were lost on the way.
            _ => true,
        }
    }

    /// Says goodbye to the page.
    pub(super) fn close(&mut self, now: Instant) {
        self.peer.close();
        self.flush(now);
    }
}
