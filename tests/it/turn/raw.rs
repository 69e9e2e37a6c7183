//! A client that says exactly what it is told to: STUN by hand, with no library between.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::net::UdpSocket;
use tokio::time::timeout;
use turn::auth::generate_auth_key;

pub(super) const ALLOCATE: u16 = 0x0003;
pub(super) const REFRESH: u16 = 0x0004;
pub(super) const CREATE_PERMISSION: u16 = 0x0008;
pub(super) const CHANNEL_BIND: u16 = 0x0009;
const SUCCESS: u16 = 0x0100;
const FAILURE: u16 = 0x0110;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

const CHANNEL_NUMBER: u16 = 0x000c;
const PEER: u16 = 0x0012;
const FAMILY: u16 = 0x0017;
const TRANSPORT: u16 = 0x0019;
const ERROR: u16 = 0x0009;
const NONCE: u16 = 0x0015;
const INTEGRITY: u16 = 0x0008;
const RELAYED: u16 = 0x0016;

/// What came back: 0 for success, else the code; and whether it was signed with the right key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: u16,
    pub(super) signed: bool,
}

pub(super) struct Raw {
    socket: UdpSocket,
    server: SocketAddr,
    name: String,
    key: Vec<u8>,
    nonce: Vec<u8>,
    count: u32,
    channel: u16,
    pub(super) relayed: Option<SocketAddr>,
}

impl Raw {
    pub(super) async fn new(server: SocketAddr, from: IpAddr, login: &(String, String)) -> Self {
        let socket = UdpSocket::bind((from, 0)).await.unwrap();
        let (name, password) = login;
        let key = generate_auth_key(name, "onshin", password);
        let (nonce, name) = (Vec::new(), name.clone());
        let (count, channel, relayed) = (0, 0x3fff, None);
        Self { socket, server, name, key, nonce, count, channel, relayed }
    }

    /// An allocation of the family of `ipv6`, or of none named.
    pub(super) async fn allocate(&mut self, ipv6: Option<bool>) -> Said {
        self.fetch_nonce().await;
        let mut attributes = vec![(TRANSPORT, vec![17, 0, 0, 0])];
        if let Some(ipv6) = ipv6 {
            attributes.push((FAMILY, vec![1 + u8::from(ipv6), 0, 0, 0]));
        }
        self.signed(ALLOCATE, &attributes).await
    }

    /// The nonce that all further requests carry.
    pub(super) async fn fetch_nonce(&mut self) {
        let challenge = self.ask(&self.plain(ALLOCATE, &[])).await.expect("a challenge");
        self.nonce = value(&challenge, NONCE).expect("a nonce").to_vec();
    }

    pub(super) async fn refresh(&mut self) -> Said {
        self.signed(REFRESH, &[]).await
    }

    pub(super) async fn permit(&mut self, peers: &[SocketAddr]) -> Said {
        let attributes: Vec<_> = peers.iter().map(|peer| (PEER, self.masked(*peer))).collect();
        self.signed(CREATE_PERMISSION, &attributes).await
    }

    pub(super) async fn bind(&mut self, peer: SocketAddr) -> Said {
        self.channel += 1;
        let number = [&self.channel.to_be_bytes()[..], &[0, 0]].concat();
        let attributes = [(CHANNEL_NUMBER, number), (PEER, self.masked(peer))];
        self.signed(CHANNEL_BIND, &attributes).await
    }

    /// The socket, and the channel that was bound last.
    pub(super) fn into_channel(self) -> (UdpSocket, u16) {
        (self.socket, self.channel)
    }

    /// Signs and asks.
    pub(super) async fn signed(&mut self, kind: u16, attributes: &[(u16, Vec<u8>)]) -> Said {
        let request = self.request(kind, attributes);
        self.count += 1;
        let Some(response) = self.ask(&request).await else {
            return Said { code: u16::MAX, signed: false };
        };
        assert_eq!(response[8..20], request[8..20], "the answer to this request");
        if let Some(relayed) = value(&response, RELAYED) {
            self.relayed = Some(unmasked(relayed, &response));
        }
        let code = match u16::from_be_bytes([response[0], response[1]]) {
            class if class == kind | SUCCESS => 0,
            class if class == kind | FAILURE => {
                let code = value(&response, ERROR).map_or(&[0, 0, 0, 0][..], |value| value);
                u16::from(code[2]) * 100 + u16::from(code[3])
            }
            other => panic!("{other:#06x}"),
        };
        Said { code, signed: is_signed(&response, &self.key) }
    }

    /// A signed request as bytes.
    pub(super) fn request(&self, kind: u16, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut all = attributes.to_vec();
        all.push((0x0006, self.name.clone().into_bytes()));
        all.push((0x0014, b"onshin".to_vec()));
        all.push((NONCE, self.nonce.clone()));
        let mut request = self.plain(kind, &all);
        let tag = integrity(&request, &self.key);
        append(&mut request, INTEGRITY, &tag);
        request
    }

    fn plain(&self, kind: u16, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut message = [&kind.to_be_bytes()[..], &[0, 0], &COOKIE, &[0x5a; 8]].concat();
        message.extend(self.count.to_be_bytes());
        for (kind, value) in attributes {
            append(&mut message, *kind, value);
        }
        message
    }

    /// Asks again every half a second, as clients do (RFC 8489, section 6.2.1), for three seconds.
    async fn ask(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = [0; 1500];
        for _ in 0..6 {
            self.socket.send_to(request, self.server).await.unwrap();
            let answer = async {
                loop {
                    let length = self.socket.recv_from(&mut buffer).await.unwrap().0;
                    if buffer[8..20] == request[8..20] {
                        return length;
                    }
                }
            };
            if let Ok(length) = timeout(Duration::from_millis(500), answer).await {
                return Some(buffer[..length].to_vec());
            }
        }
        None
    }

    fn masked(&self, peer: SocketAddr) -> Vec<u8> {
        let mask = [&COOKIE[..], &[0x5a; 8], &self.count.to_be_bytes()].concat();
        let (family, bytes) = match peer.ip() {
            IpAddr::V4(ip) => (1, ip.octets().to_vec()),
            IpAddr::V6(ip) => (2, ip.octets().to_vec()),
        };
        let port = peer.port() ^ 0x2112;
        let mut value = vec![0, family];
        value.extend(port.to_be_bytes());
        value.extend(bytes.iter().zip(&mask).map(|(byte, mask)| byte ^ mask));
        value
    }
}

fn unmasked(value: &[u8], message: &[u8]) -> SocketAddr {
    let port = u16::from_be_bytes([value[2], value[3]]) ^ 0x2112;
    let bytes: Vec<u8> = value[4..].iter().zip(&message[4..20]).map(|(a, b)| a ^ b).collect();
    let ip: IpAddr = match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(v4) => v4.into(),
        Err(_) => <[u8; 16]>::try_from(&bytes[..]).unwrap().into(),
    };
    SocketAddr::new(ip, port)
}

fn append(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    let length = u16::try_from(message.len() - 20).unwrap().to_be_bytes();
    message[2..4].copy_from_slice(&length);
}

/// Over a message whose signature is not there yet.
fn integrity(before: &[u8], key: &[u8]) -> Vec<u8> {
    let mut counted = before.to_vec();
    let length = u16::try_from(before.len() - 20 + 24).unwrap().to_be_bytes();
    counted[2..4].copy_from_slice(&length);
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(&counted);
    mac.finalize().into_bytes().to_vec()
}

fn is_signed(message: &[u8], key: &[u8]) -> bool {
    // Ours and the crate's responses have it as the last attribute.
    let Some(at) = message.len().checked_sub(24) else { return false };
    message[at..at + 4] == [0, 8, 0, 20] && message[at + 4..] == integrity(&message[..at], key)
}

fn value(message: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = &message[20..];
    while let Some((head, tail)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if u16::from_be_bytes([head[0], head[1]]) == wanted {
            return tail.get(..length);
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}
