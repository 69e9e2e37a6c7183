//! As much of STUN as the door must read and write by itself (RFC 8489, RFC 8656).

/// Types of requests, and of the one indication that a client sends.
const BINDING: u16 = 0x0001;
pub(super) const ALLOCATE: u16 = 0x0003;
const REFRESH: u16 = 0x0004;
const CREATE_PERMISSION: u16 = 0x0008;
const CHANNEL_BIND: u16 = 0x0009;
const SEND_INDICATION: u16 = 0x0016;

/// Types of attributes.
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const REALM: u16 = 0x0014;
pub(super) const NONCE: u16 = 0x0015;

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
    bytes.extend([0x21, 0x12, 0xa4, 0x42]);
    bytes.extend(transaction);
    bytes.extend(body);
    bytes
}

/// The response to `request` that asks for a signature with this nonce: 401, or 438 when there was
/// one with another.
pub(super) fn challenge(request: &[u8], code: u16, realm: &str, nonce: &[u8]) -> Option<Vec<u8>> {
    let kind = u16::from_be_bytes(*request.first_chunk()?) | 0x0110;
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
