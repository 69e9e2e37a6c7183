//! A page that needs no browser: it sends sound and pictures whose every packet says whose they are
//! and when they left, and counts what comes. Tests, the soak and the benchmark share it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCIceCandidateInit;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{
    RTCRtpReceiverId, RTCRtpSenderId, RTCRtpTransceiverDirection, RTCRtpTransceiverInit,
};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

#[path = "page/wire.rs"]
mod wire;

use wire::{codec, connection};

/// Sound: fifty packets a second. Pictures: thirty frames a second of three packets, 612 kbit/s.
const SOUND_EVERY: Duration = Duration::from_millis(20);
const FRAME_EVERY: Duration = Duration::from_micros(33_333);
const SOUND_BYTES: usize = 120;
const PICTURE_BYTES: usize = 850;
const PACKETS_IN_FRAME: usize = 3;

/// What a page sends, in the order of its offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sends {
    Sound,
    Camera,
    Screen,
}

/// What came in one of a page's slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Got {
    /// Whose it was: the number of the page that sent it, of the last packet.
    pub(crate) from: u64,
    pub(crate) packets: u64,
    /// Frames that could be shown: all packets there, and a key frame before.
    pub(crate) frames: u64,
    pub(crate) key_frames: u64,
    /// Whether the first packet began a key frame.
    pub(crate) began_with_key: bool,
    /// Packets whose number did not follow the one before.
    pub(crate) jumps: u64,
    /// Steps of the stream's clock backwards.
    pub(crate) backwards: u64,
    pub(crate) at: Option<Instant>,
    last: Option<(u16, u32)>,
    broken: bool,
}

/// What a page can be told, and what it counted.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) connected: AtomicBool,
    pub(crate) failed: AtomicBool,
    /// Which of [`Sends`] it sends now.
    pub(crate) sound: AtomicBool,
    pub(crate) camera: AtomicBool,
    pub(crate) screen: AtomicBool,
    /// It takes nothing from its socket: a machine that is too slow.
    pub(crate) deaf: AtomicBool,
    stop: AtomicBool,
    /// Stops without a word, to go on later.
    pause: AtomicBool,
    pub(crate) sent: AtomicU64,
    pub(crate) received: AtomicU64,
    /// Requests for a key frame.
    pub(crate) asked: AtomicU64,
    /// By the slot's name in the offer.
    pub(crate) got: Mutex<HashMap<String, Got>>,
    /// Microseconds from one page's sending to this one's receiving, of one packet in sixteen.
    pub(crate) delays: Mutex<Vec<u32>>,
}

/// How a page numbers its codecs.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) opus: u8,
    pub(crate) vp8: u8,
}

pub(crate) const USUAL: Numbers = Numbers { opus: 111, vp8: 96 };

pub(crate) struct Page {
    pub(crate) number: u64,
    pub(crate) shared: Arc<Shared>,
    core: Box<RTCPeerConnection>,
    socket: UdpSocket,
    local: SocketAddr,
    sends: Vec<Sending>,
    slots: Vec<(String, RTCRtpReceiverId)>,
    by_ssrc: HashMap<u32, String>,
}

struct Sending {
    what: Sends,
    sender: RTCRtpSenderId,
    ssrc: u32,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    due: Instant,
    key: bool,
}

/// When the pages' clock began; all pages of a process have one.
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

impl Page {
    /// A page with these streams up, and so many slots for sounds and pictures.
    pub(crate) async fn new(
        number: u64,
        up: &[Sends],
        slots: (usize, usize),
        numbers: Numbers,
    ) -> Self {
        Self::at(IpAddr::V4(Ipv4Addr::LOCALHOST), number, up, slots, numbers).await
    }

    /// The same at an address of this machine.
    pub(crate) async fn at(
        ip: IpAddr,
        number: u64,
        up: &[Sends],
        (sounds, pictures): (usize, usize),
        numbers: Numbers,
    ) -> Self {
        let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await.unwrap();
        let local = socket.local_addr().unwrap();
        let mut core = connection(numbers);
        let sends = up.iter().map(|what| sending(&mut core, *what, numbers, number)).collect();
        for _ in 0..sounds {
            core.add_transceiver_from_kind(RtpCodecKind::Audio, None).unwrap();
        }
        for _ in 0..pictures {
            core.add_transceiver_from_kind(RtpCodecKind::Video, None).unwrap();
        }
        let shared = Arc::new(Shared::default());
        for one in [&shared.sound, &shared.camera] {
            one.store(true, Relaxed);
        }
        let (slots, by_ssrc) = (Vec::new(), HashMap::new());
        let mut page = Self { number, shared, core, socket, local, sends, slots, by_ssrc };
        page.host();
        page
    }

    /// The page of the room's form.
    pub(crate) async fn of_a_room(number: u64) -> Self {
        Self::new(number, &[Sends::Sound, Sends::Camera, Sends::Screen], (5, 6), USUAL).await
    }

    fn host(&mut self) {
        let (ip, port) = (self.local.ip(), self.local.port());
        let candidate = format!("candidate:1 1 udp 2130706431 {ip} {port} typ host");
        let host = RTCIceCandidateInit { candidate, ..Default::default() };
        self.core.add_local_candidate(host).unwrap();
    }

    /// The page's offer.
    pub(crate) fn offer(&mut self) -> String {
        let offer = self.core.create_offer(None).unwrap();
        self.core.set_local_description(Instant::now(), offer).unwrap();
        self.core.local_description().unwrap().sdp
    }

    /// An offer that looks for a new way.
    pub(crate) fn restart(&mut self) -> String {
        self.core.restart_ice();
        self.offer()
    }

    /// Takes the answer.
    pub(crate) fn accept(&mut self, answer: &str) {
        let answer = RTCSessionDescription::answer(answer.to_owned()).unwrap();
        self.core.set_remote_description(Instant::now(), answer).unwrap();
        self.note_slots();
    }

    /// Takes an offer and answers it.
    pub(crate) fn answer(&mut self, offer: &str) -> String {
        let offer = RTCSessionDescription::offer(offer.to_owned()).unwrap();
        self.core.set_remote_description(Instant::now(), offer).unwrap();
        let answer = self.core.create_answer(None).unwrap();
        self.core.set_local_description(Instant::now(), answer).unwrap();
        self.note_slots();
        self.core.local_description().unwrap().sdp
    }

    fn note_slots(&mut self) {
        let all: Vec<_> = self.core.get_transceivers().collect();
        self.slots = all
            .into_iter()
            .filter_map(|id| {
                let one = self.core.rtp_transceiver(id)?;
                Some((one.mid().clone()?, one.receiver()?))
            })
            .collect();
    }

    /// Runs until it is told to stop; gives itself back.
    pub(crate) fn run(self) -> Running {
        let shared = self.shared.clone();
        Running { number: self.number, shared, task: tokio::spawn(self.drive()) }
    }

    async fn drive(mut self) -> Self {
        let mut clock = tokio::time::interval(Duration::from_millis(5));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut buffer = vec![0_u8; 2048];
        while !self.shared.stop.load(Relaxed) {
            let deaf = self.shared.deaf.load(Relaxed);
            tokio::select! {
                _ = self.socket.readable(), if !deaf => {
                    for _ in 0..64 {
                        let Ok((length, from)) = self.socket.try_recv_from(&mut buffer) else {
                            break;
                        };
                        self.read(&buffer[..length], from);
                    }
                }
                _ = clock.tick() => self.tick(),
            }
            self.events();
            self.flush();
        }
        if !self.shared.pause.load(Relaxed) {
            let _ = self.core.close();
            self.flush();
        }
        self
    }

    fn read(&mut self, datagram: &[u8], from: SocketAddr) {
        let transport = TransportContext {
            local_addr: self.local,
            peer_addr: from,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        };
        let message = BytesMut::from(datagram);
        let _ = self.core.handle_read(TaggedBytesMut { now: Instant::now(), transport, message });
        self.events();
        while let Some(message) = self.core.poll_media_read() {
            match message.message {
                RTCMessage::RtpPacket(_, packet) => self.count(&packet),
                RTCMessage::RtcpPacket(_, packets) => {
                    for packet in packets {
                        let asked = packet.destination_ssrc();
                        for one in self.sends.iter_mut().filter(|one| asked.contains(&one.ssrc)) {
                            one.key = true;
                            self.shared.asked.fetch_add(1, Relaxed);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, packet: &rtc::rtp::packet::Packet) {
        let Some(mid) = self.by_ssrc.get(&packet.header.ssrc) else { return };
        let now = Instant::now();
        let (payload, header) = (&packet.payload, &packet.header);
        if payload.len() < 2 + 16 {
            return;
        }
        let number = |at: usize| u64::from_be_bytes(payload[at..at + 8].try_into().unwrap());
        let total = self.shared.received.fetch_add(1, Relaxed);
        if total.is_multiple_of(16) {
            let sent = epoch() + Duration::from_nanos(number(10));
            let delay = now.saturating_duration_since(sent).as_micros();
            self.shared.delays.lock().unwrap().push(u32::try_from(delay).unwrap_or(u32::MAX));
        }
        let begins = payload[0] == 0x10;
        let key = begins && payload[1] & 1 == 0;
        let mut got = self.shared.got.lock().unwrap();
        let got = got.entry(mid.clone()).or_default();
        if got.packets == 0 {
            got.began_with_key = key;
            got.broken = !key;
        }
        if let Some((sequence, timestamp)) = got.last {
            let follows = header.sequence_number == sequence.wrapping_add(1);
            got.jumps += u64::from(!follows);
            got.broken |= !follows;
            got.backwards += u64::from(header.timestamp.wrapping_sub(timestamp) > u32::MAX / 2);
        }
        got.last = Some((header.sequence_number, header.timestamp));
        got.broken &= !key;
        got.key_frames += u64::from(key);
        got.frames += u64::from(header.marker && !got.broken);
        got.from = number(2);
        got.packets += 1;
        got.at = Some(now);
    }

    fn events(&mut self) {
        while let Some(event) = self.core.poll_event() {
            match event {
                RTCPeerConnectionEvent::OnTrack(RTCTrackEvent::OnOpen(track)) => {
                    let slot = self.slots.iter().find(|(_, id)| *id == track.receiver_id);
                    if let Some((mid, _)) = slot {
                        self.by_ssrc.insert(track.ssrc, mid.clone());
                    }
                }
                RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) => {
                    let connected = state == RTCPeerConnectionState::Connected;
                    self.shared.connected.store(connected, Relaxed);
                    if matches!(
                        state,
                        RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed
                    ) {
                        self.shared.failed.store(true, Relaxed);
                    }
                }
                _ => {}
            }
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if self.core.poll_timeout().is_some_and(|at| at <= now) {
            let _ = self.core.handle_timeout(now);
        }
        if !self.shared.connected.load(Relaxed) {
            return;
        }
        for at in 0..self.sends.len() {
            while self.sends[at].due <= now {
                self.send(at, now);
            }
        }
    }

    fn send(&mut self, at: usize, now: Instant) {
        let one = &mut self.sends[at];
        let (every, on) = match one.what {
            Sends::Sound => (SOUND_EVERY, &self.shared.sound),
            Sends::Camera => (FRAME_EVERY, &self.shared.camera),
            Sends::Screen => (FRAME_EVERY, &self.shared.screen),
        };
        // A page that could not run for a while does not send what it missed.
        let late = now.saturating_duration_since(one.due) > Duration::from_millis(500);
        one.due = if late { now } else { one.due } + every;
        if !on.load(Relaxed) {
            return;
        }
        let packets = if one.what == Sends::Sound { 1 } else { PACKETS_IN_FRAME };
        let (key, payload_type, ssrc, sender) = (one.key, one.payload_type, one.ssrc, one.sender);
        let (first, timestamp) = (one.sequence, one.timestamp);
        let count = u16::try_from(packets).unwrap();
        one.sequence = one.sequence.wrapping_add(count);
        one.timestamp = one.timestamp.wrapping_add(if packets == 1 { 960 } else { 3_000 });
        one.key = false;
        for part in 0..count {
            let bytes = if packets == 1 { SOUND_BYTES } else { PICTURE_BYTES };
            let mut payload = vec![0_u8; bytes];
            if packets > 1 {
                payload[0] = if part == 0 { 0x10 } else { 0 };
                payload[1] = u8::from(!key);
            }
            payload[2..10].copy_from_slice(&self.number.to_be_bytes());
            let sent = u64::try_from(epoch().elapsed().as_nanos()).unwrap();
            payload[10..18].copy_from_slice(&sent.to_be_bytes());
            let mut packet = rtc::rtp::packet::Packet::default();
            packet.header.version = 2;
            packet.header.marker = part + 1 == count;
            packet.header.payload_type = payload_type;
            packet.header.sequence_number = first.wrapping_add(part);
            packet.header.timestamp = timestamp;
            packet.header.ssrc = ssrc;
            packet.payload = payload.into();
            if let Some(mut sender) = self.core.rtp_sender(sender)
                && sender.write_rtp(now, packet).is_ok()
            {
                self.shared.sent.fetch_add(1, Relaxed);
            }
        }
    }

    fn flush(&mut self) {
        while let Some(message) = self.core.poll_write() {
            let _ = self.socket.try_send_to(&message.message, message.transport.peer_addr);
        }
    }
}

/// A page at work.
pub(crate) struct Running {
    pub(crate) number: u64,
    pub(crate) shared: Arc<Shared>,
    task: JoinHandle<Page>,
}

impl Running {
    /// Stops it, politely.
    pub(crate) async fn stop(self) -> Page {
        self.shared.stop.store(true, Relaxed);
        let mut page = self.task.await.unwrap();
        page.shared.stop.store(false, Relaxed);
        page.events();
        page
    }

    /// Stops it without a word: its socket stays open, and it can run again.
    pub(crate) async fn pause(self) -> Page {
        self.shared.pause.store(true, Relaxed);
        let page = self.stop().await;
        page.shared.pause.store(false, Relaxed);
        page
    }

    /// It vanishes, as when its machine loses power.
    pub(crate) fn vanish(self) {
        self.task.abort();
    }

    pub(crate) fn got(&self, mid: &str) -> Got {
        self.shared.got.lock().unwrap().get(mid).cloned().unwrap_or_default()
    }
}

fn sending(core: &mut RTCPeerConnection, what: Sends, numbers: Numbers, page: u64) -> Sending {
    let sound = what == Sends::Sound;
    let ssrc = rand::random();
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
        codec: codec(sound),
        ..Default::default()
    };
    let kind = if sound { RtpCodecKind::Audio } else { RtpCodecKind::Video };
    let (stream, track) = (format!("page{page}"), format!("{what:?}{page}"));
    let track = MediaStreamTrack::new(stream, track, String::new(), kind, vec![coding]);
    let init = RTCRtpTransceiverInit {
        direction: RTCRtpTransceiverDirection::Sendonly,
        streams: Vec::new(),
        send_encodings: Vec::new(),
    };
    let id = core.add_transceiver_from_track(track, Some(init)).unwrap();
    let sender = core.rtp_transceiver(id).unwrap().sender().unwrap();
    let payload_type = if sound { numbers.opus } else { numbers.vp8 };
    let due = Instant::now();
    let (sequence, timestamp) = (rand::random(), rand::random());
    Sending { what, sender, ssrc, payload_type, sequence, timestamp, due, key: true }
}
