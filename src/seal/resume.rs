//! The token with which a page comes back to its visit. It is signed and not stored, so that a
//! restarted server and every other one with the same master key takes it; what it says is looked up
//! again where it is used.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::Vault;

/// Form of the token; also signed.
const FORM: u8 = 1;
/// Form, two ids, three numbers; then the signature.
const SAID: usize = 1 + 2 * 16 + 3 * 8;
const SIGNED: usize = SAID + 32;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The visit.
    pub booking: Uuid,
    /// The person's part in it.
    pub participant: Uuid,
    /// Which of the person's entries it belongs to.
    pub session_no: i64,
    /// The hub that gave it.
    pub life: u64,
    /// Until when it is good, in seconds since 1970.
    pub expires_at: i64,
}

impl Vault {
    /// The token that says this.
    pub fn resume_token(&self, says: &Resume) -> String {
        let mut bytes = Vec::with_capacity(SIGNED);
        bytes.push(FORM);
        bytes.extend_from_slice(says.booking.as_bytes());
        bytes.extend_from_slice(says.participant.as_bytes());
        bytes.extend_from_slice(&says.session_no.to_be_bytes());
        bytes.extend_from_slice(&says.life.to_be_bytes());
        bytes.extend_from_slice(&says.expires_at.to_be_bytes());
        let tag = self.resume.mac(&bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a token says that this master key signed; nothing for any other text.
    pub fn resume(&self, token: &str) -> Option<Resume> {
        let bytes: [u8; SIGNED] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (said, tag) = bytes.split_at(SAID);
        if !bool::from(self.resume.mac(said).ct_eq(tag)) {
            return None;
        }
        let (form, said) = said.split_first()?;
        let (booking, said) = said.split_first_chunk::<16>()?;
        let (participant, said) = said.split_first_chunk::<16>()?;
        let (session_no, said) = said.split_first_chunk::<8>()?;
        let (life, said) = said.split_first_chunk::<8>()?;
        (*form == FORM).then_some(Resume {
            booking: Uuid::from_bytes(*booking),
            participant: Uuid::from_bytes(*participant),
            session_no: i64::from_be_bytes(*session_no),
            life: u64::from_be_bytes(*life),
            expires_at: i64::from_be_bytes(said.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Key;

    #[test]
    fn only_what_this_key_signed_is_believed_and_only_as_it_was_signed() {
        let (vault, other) = (Vault::new(&Key::random()), Vault::new(&Key::random()));
        let says = Resume {
            booking: Uuid::from_u128(1),
            participant: Uuid::from_u128(2),
            session_no: 3,
            life: u64::MAX,
            expires_at: -5,
        };
        let token = vault.resume_token(&says);
        assert_eq!(vault.resume(&token), Some(says));
        assert_eq!(other.resume(&token), None);
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert_eq!(vault.resume(&URL_SAFE_NO_PAD.encode(&bytes)), None, "byte {at}");
            assert_eq!(vault.resume(&URL_SAFE_NO_PAD.encode(&bytes[..at])), None);
        }
        assert_eq!(vault.resume("no token"), None);
    }
}
