//! As much of STUN as the door must read and write by itself (RFC 8489, RFC 8656).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Types of requests, and of the one indication that a client sends.
const BINDING: u16 = 0x0001;
pub(super) const ALLOCATE: u16 = 0x0003;
const REFRESH: u16 = 0x0004;
pub(super) const CREATE_PERMISSION: u16 = 0x0008;
pub(super) const CHANNEL_BIND: u16 = 0x0009;
const SEND_INDICATION: u16 = 0x0016;

/// Types of attributes.
pub(super) const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const CHANNEL_NUMBER: u16 = 0x000c;
const XOR_PEER_ADDRESS: u16 = 0x0012;
pub(super) const REALM: u16 = 0x0014;
pub(super) const NONCE: u16 = 0x0015;
const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;

/// The fixed word of every message, with which addresses are masked.
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes of MESSAGE-INTEGRITY with its head.
const INTEGRITY_LONG: usize = 24;

/// What a datagram from a client is, as far as the door must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Data for a channel, or an indication: passes only an existing allocation.
    Data,
    /// A question for the sender's own address, signed or not.
    Binding,
    /// A request with MESSAGE-INTEGRITY.
    Signed,
    /// A request without.
    Unsigned,
    /// Nothing that the protocol knows.
    Junk,
}

/// The attributes of a STUN message as (type, value).
fn attributes(message: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = message.get(20..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = tail.get(..length)?;
        rest = tail.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((u16::from_be_bytes([head[0], head[1]]), value))
    })
}

pub(super) fn kind(datagram: &[u8]) -> Kind {
    match datagram {
        [0x40..=0x7f, _, _, _, ..] => Kind::Data,
        [first, second, _, _, 0x21, 0x12, 0xa4, 0x42, ..] if datagram.len() >= 20 => {
            match u16::from_be_bytes([*first, *second]) {
                SEND_INDICATION => Kind::Data,
                BINDING => Kind::Binding,
                ALLOCATE | REFRESH | CREATE_PERMISSION | CHANNEL_BIND => {
                    if value(datagram, MESSAGE_INTEGRITY).is_some() {
                        Kind::Signed
                    } else {
                        Kind::Unsigned
                    }
                }
                _ => Kind::Junk,
            }
        }
        _ => Kind::Junk,
    }
}

/// The code of an error response, such as 401.
pub(super) fn error_code(message: &[u8]) -> Option<u16> {
    let [first @ 0..=0x3f, second, ..] = message else { return None };
    if first & 0x01 == 0 || second & 0x10 == 0 {
        return None;
    }
    let value = value(message, ERROR_CODE)?;
    Some(u16::from(*value.get(2)? & 0x07) * 100 + u16::from(*value.get(3)?))
}

/// The first attribute of a type.
pub(super) fn value(message: &[u8], of: u16) -> Option<&[u8]> {
    attributes(message).find(|(kind, _)| *kind == of).map(|(_, value)| value)
}

/// A message of `kind` with the transaction of twelve bytes.
pub(super) fn message(kind: u16, transaction: &[u8; 12], attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in attributes {
        // What we write is short: realms and nonces of some dozen bytes.
        let length = u16::try_from(value.len()).unwrap_or_default();
        body.extend(kind.to_be_bytes());
        body.extend(length.to_be_bytes());
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(body.len()).unwrap_or_default().to_be_bytes());
    bytes.extend(COOKIE);
    bytes.extend(transaction);
    bytes.extend(body);
    bytes
}

/// The type of a message: its method and class.
pub(super) fn type_of(message: &[u8]) -> Option<u16> {
    message.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// Every XOR-PEER-ADDRESS of a request, wherever it stands; nothing in the place of one that cannot
/// be read.
pub(super) fn peers(request: &[u8]) -> impl Iterator<Item = Option<SocketAddr>> {
    let mask = request.get(4..20).and_then(|mask| mask.first_chunk::<16>());
    let peers = attributes(request).filter(|(kind, _)| *kind == XOR_PEER_ADDRESS);
    peers.map(move |(_, value)| unmasked(value, mask?))
}

/// An address under the mask of cookie and transaction (RFC 8489, section 14.2).
fn unmasked(value: &[u8], mask: &[u8; 16]) -> Option<SocketAddr> {
    let (head, address) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2] ^ mask[0], head[3] ^ mask[1]]);
    let ip: IpAddr = match (head[1], address.len()) {
        (1, 4) => {
            let bytes: [u8; 4] = std::array::from_fn(|at| address[at] ^ mask[at]);
            Ipv4Addr::from(bytes).into()
        }
        (2, 16) => {
            let bytes: [u8; 16] = std::array::from_fn(|at| address[at] ^ mask[at]);
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// The channel that a `ChannelBind` asks for.
pub(super) fn channel_number(request: &[u8]) -> Option<u16> {
    value(request, CHANNEL_NUMBER)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// Whether an Allocate wants an address of IPv6. Who does not say wants one of IPv4 (RFC 8656,
/// section 7.2).
pub(super) fn wants_v6(request: &[u8]) -> bool {
    value(request, REQUESTED_ADDRESS_FAMILY).is_some_and(|value| value.first() == Some(&2))
}

/// The first attribute of a type as text.
pub(super) fn text(message: &[u8], of: u16) -> Option<&str> {
    std::str::from_utf8(value(message, of)?).ok()
}

/// The HMAC of MESSAGE-INTEGRITY over what stands before it (RFC 8489, section 14.5).
fn integrity(before: &[u8], key: &[u8]) -> Option<Hmac<Sha1>> {
    let length = before.len().checked_sub(20)? + INTEGRITY_LONG;
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(before.get(..2)?);
    mac.update(&u16::try_from(length).ok()?.to_be_bytes());
    mac.update(before.get(4..)?);
    Some(mac)
}

/// Whether `request` is signed with `key`.
pub(super) fn is_signed(request: &[u8], key: &[u8]) -> bool {
    let mut at = 20;
    for (kind, value) in attributes(request) {
        if kind == MESSAGE_INTEGRITY {
            let mac = request.get(..at).and_then(|before| integrity(before, key));
            return mac.is_some_and(|mac| mac.verify_slice(value).is_ok());
        }
        at += 4 + value.len().next_multiple_of(4);
    }
    false
}

/// The error response to `request`, signed with `key` where there is one.
pub(super) fn refused(request: &[u8], code: u16, key: Option<&[u8]>) -> Option<Vec<u8>> {
    let transaction = request.get(8..)?.first_chunk()?;
    let code = [0, 0, u8::try_from(code / 100).ok()?, u8::try_from(code % 100).ok()?];
    let mut bytes = message(type_of(request)? | 0x0110, transaction, &[(ERROR_CODE, &code[..])]);
    if let Some(key) = key {
        let tag = integrity(&bytes, key)?.finalize().into_bytes();
        bytes.extend(MESSAGE_INTEGRITY.to_be_bytes());
        bytes.extend([0, 20]);
        bytes.extend(tag);
        let length = u16::try_from(bytes.len() - 20).ok()?.to_be_bytes();
        bytes.get_mut(2..4)?.copy_from_slice(&length);
    }
    Some(bytes)
}

/// The response to `request` that asks for a signature with this nonce: 401, or 438 when there was
/// one with another.
pub(super) fn challenge(request: &[u8], code: u16, realm: &str, nonce: &[u8]) -> Option<Vec<u8>> {
    let kind = type_of(request)? | 0x0110;
    let transaction = request.get(8..)?.first_chunk()?;
    let code = [0, 0, u8::try_from(code / 100).ok()?, u8::try_from(code % 100).ok()?];
    let attributes = [(ERROR_CODE, &code[..]), (NONCE, nonce), (REALM, realm.as_bytes())];
    Some(message(kind, transaction, &attributes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(kind: u16, attributes: &[u8]) -> Vec<u8> {
        let mut message = kind.to_be_bytes().to_vec();
        message.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
        message.extend([0x21, 0x12, 0xa4, 0x42]);
        message.extend([7; 12]);
        message.extend(attributes);
        message
    }

    #[test]
    fn requests_are_told_from_data_and_junk() {
        let integrity = [&[0, 6, 0, 3, b'a', b'b', b'c', 0, 0, 8, 0, 20][..], &[0; 20]].concat();
        assert_eq!(kind(&bytes(0x0003, &[])), Kind::Unsigned);
        assert_eq!(kind(&bytes(0x0003, &integrity)), Kind::Signed);
        assert_eq!(kind(&bytes(0x0016, &[])), Kind::Data, "a Send indication is never signed");
        assert_eq!(kind(&[0x40, 0, 0, 1, 9]), Kind::Data);
        assert_eq!(kind(&bytes(0x0103, &[])), Kind::Junk, "a client sends no responses");
        assert_eq!(kind(&bytes(0x0001, &integrity)), Kind::Binding);
        assert_eq!(kind(&bytes(0x000a, &[])), Kind::Junk, "no method of this protocol");
        assert_eq!(kind(&[0, 1, 0, 0]), Kind::Junk);
        assert_eq!(kind(&[0xff; 40]), Kind::Junk);
        // A length that runs past the end must not be followed.
        assert_eq!(kind(&bytes(0x0003, &[0, 8, 0xff, 0xff])), Kind::Unsigned);
    }

    #[test]
    fn the_code_of_an_error_is_read() {
        assert_eq!(error_code(&bytes(0x0113, &[0, 9, 0, 4, 0, 0, 4, 1])), Some(401));
        assert_eq!(error_code(&bytes(0x0103, &[0, 9, 0, 4, 0, 0, 4, 1])), None);
        assert_eq!(error_code(&bytes(0x0113, &[])), None);
    }

    #[test]
    fn peers_are_read_from_under_their_mask_wherever_they_stand() {
        // 203.0.113.9:8080, and ::1 port 5432 after the signature; then one that is cut short.
        let v4 = [0, 0x12, 0, 8, 0, 1, 0x3e, 0x82, 0xea, 0x12, 0xd5, 0x4b];
        let mut v6 = vec![0, 0x12, 0, 20, 0, 2, 0x34, 0x2a, 0x21, 0x12, 0xa4, 0x42];
        v6.extend([7; 11]);
        v6.push(6);
        let signature = [&[0, 8, 0, 20][..], &[0; 20]].concat();
        let short = [0, 0x12, 0, 4, 0, 1, 0, 0];
        let request = bytes(0x0008, &[&v4[..], &signature, &v6, &short].concat());
        let found: Vec<_> = peers(&request).collect();
        let wanted = ["203.0.113.9:8080", "[::1]:5432"].map(|text| text.parse().ok());
        assert_eq!(found, [wanted[0], wanted[1], None]);
    }

    #[test]
    fn a_signature_holds_for_its_key_and_its_bytes_alone() {
        // The sample request with long-term credentials of RFC 5769, section 2.4.
        let hex = "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae383\
            83e382afe382b90000\
            0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341\
            0014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666";
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let mut request: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        assert_eq!(request.len(), 20 + 0x60);
        let name = text(&request, USERNAME).unwrap();
        let key = turn::auth::generate_auth_key(name, "example.org", "TheMatrIX");
        assert!(is_signed(&request, &key));
        assert!(!is_signed(&request, b"another"));
        request[30] ^= 1;
        assert!(!is_signed(&request, &key));
        assert!(!is_signed(&bytes(0x0008, &[]), &key), "no signature is none");
    }

    #[test]
    fn a_refusal_is_signed_as_a_client_checks_it() {
        let request = bytes(0x0008, &[]);
        let response = refused(&request, 403, Some(b"key")).unwrap();
        assert_eq!(response[..2], [0x01, 0x18]);
        assert_eq!(response[8..20], request[8..20]);
        assert_eq!(usize::from(response[3]) + 20, response.len());
        assert_eq!(error_code(&response), Some(403));
        assert!(is_signed(&response, b"key") && !is_signed(&response, b"yek"));
        assert_eq!(refused(&request, 400, None).unwrap().len(), 28);
    }

    #[test]
    fn who_names_no_family_wants_ipv4() {
        assert!(!wants_v6(&bytes(0x0003, &[])));
        assert!(!wants_v6(&bytes(0x0003, &[0, 0x17, 0, 4, 1, 0, 0, 0])));
        assert!(wants_v6(&bytes(0x0003, &[0, 0x17, 0, 4, 2, 0, 0, 0])));
    }

    #[test]
    fn a_challenge_answers_its_request() {
        let request = bytes(0x0008, &[]);
        let response = challenge(&request, 438, "onshin", b"abcde").unwrap();
        assert_eq!(response[..2], [0x01, 0x18]);
        assert_eq!(response[4..20], request[4..20]);
        assert_eq!(usize::from(response[3]) + 20, response.len());
        assert_eq!(error_code(&response), Some(438));
        assert_eq!(value(&response, NONCE), Some(&b"abcde"[..]));
        assert_eq!(value(&response, REALM), Some(&b"onshin"[..]));
        assert_eq!(challenge(&request[..19], 401, "onshin", b"a"), None);
    }
}
