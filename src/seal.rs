//! Personal data under lock.
//!
//! Each patient has a key of their own; it lies in the database wrapped by a master key that does
//! not. What is personal is stored as [`Sealed`]: readable only with that key, in that column, in
//! that row. To forget a patient is to destroy one key. Exact search goes through a
//! [`BlindIndex`]. Passwords and tokens are never stored, only what proves them.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub mod master;
pub mod password;
pub mod resume;
pub mod token;

/// Format of what is stored; also bound into the seal, so that an old form cannot pass as a new.
const FORMAT: u8 = 1;
const NONCE: usize = 24;

/// Why a seal did not open. It says nothing about the content.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("sealed data does not open with this key in this place")]
pub struct SealError;

/// Ciphertext of one column of one row.
#[derive(Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct Sealed(Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// A keyed digest by which equal values are found without being readable.
#[derive(Clone, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct BlindIndex(Vec<u8>);

impl BlindIndex {
    /// Its first half as an id, for what is kept beside it: a seal's place, a lock.
    pub fn id(&self) -> Uuid {
        self.0.first_chunk().map_or(Uuid::nil(), |half| Uuid::from_bytes(*half))
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[blind index]")
    }
}

/// Where a sealed value lives. It is bound into the seal: a value moved to another row or column
/// does not open.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Table and column, as `"patient.name"`.
    pub column: &'static str,
    /// The row's id.
    pub row: Uuid,
}

impl Place {
    /// The column `column` of the row `row`.
    pub fn new(column: &'static str, row: Uuid) -> Self {
        Self { column, row }
    }

    fn bound(self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(self.column.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(self.row.as_bytes());
        bytes
    }
}

/// 32 secret bytes; wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

impl Key {
    /// A key that nobody knows yet.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The key of these 32 bytes; nothing for any other number of them.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A key for one purpose, derived from this one.
    fn derive(&self, purpose: &str) -> Self {
        Self(self.mac(purpose.as_bytes()))
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        // The key has the right length for HMAC, which takes any.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Sealed {
        let mut nonce = [0; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: plain, aad: &place.bound() };
        let cipher = XChaCha20Poly1305::new((&self.0).into());
        let Ok(text) = cipher.encrypt(XNonce::from_slice(&nonce), payload) else {
            unreachable!("a column is far below the cipher's limit of 256 GiB")
        };
        Sealed([&[FORMAT][..], &nonce, &text].concat())
    }

    /// Opens what was sealed for `place` with this key.
    pub fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let Some((&FORMAT, rest)) = sealed.0.split_first() else { return Err(SealError) };
        let (nonce, text) = rest.split_at_checked(NONCE).ok_or(SealError)?;
        let payload = Payload { msg: text, aad: &place.bound() };
        XChaCha20Poly1305::new((&self.0).into())
            .decrypt(XNonce::from_slice(nonce), payload)
            .map_err(|_| SealError)
    }

    /// [`Key::open`] for text.
    pub fn open_text(&self, place: Place, sealed: &Sealed) -> Result<String, SealError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| SealError)
    }
}

/// The master key and what is derived from it. Kept outside the database.
#[derive(Clone, Debug)]
pub struct Vault {
    wrapping: Key,
    answers: Key,
    index: Key,
    relay: Key,
    check: Key,
    own: Key,
    resume: Key,
}

impl Vault {
    /// A vault under `master`.
    pub fn new(master: &Key) -> Self {
        Self {
            wrapping: master.derive("onshin wrap patient keys 1"),
            answers: master.derive("onshin kept answers 1"),
            index: master.derive("onshin blind index 1"),
            relay: master.derive("onshin relay credentials 1"),
            check: master.derive("onshin master key check 1"),
            own: master.derive("onshin secrets of the service 1"),
            resume: master.derive("onshin resume tokens 1"),
        }
    }

    /// Wraps the key of the patient `patient`, to be stored.
    pub fn wrap(&self, patient: Uuid, key: &Key) -> Sealed {
        self.wrapping.seal(Place::new("patient.wrapped_key", patient), &key.0)
    }

    /// The key of the patient `patient`, from how it was stored.
    pub fn unwrap(&self, patient: Uuid, wrapped: &Sealed) -> Result<Key, SealError> {
        let bytes = self.wrapping.open(Place::new("patient.wrapped_key", patient), wrapped)?;
        bytes.try_into().map(Key).map_err(|_| SealError)
    }

    /// Seals for `place` what belongs to no patient: a secret that a facility shares with us.
    pub fn seal_own(&self, place: Place, plain: &[u8]) -> Sealed {
        self.own.seal(place, plain)
    }

    /// Opens what [`Vault::seal_own`] sealed.
    pub fn open_own(&self, place: Place, sealed: &Sealed) -> Result<String, SealError> {
        self.own.open_text(place, sealed)
    }

    /// Seals the answer to the request that is known by `request`, to be kept for its repeats.
    pub fn seal_answer(&self, request: &BlindIndex, answer: &[u8]) -> Sealed {
        self.answers.seal(Place::new("idempotency.answer", request.id()), answer)
    }

    /// The answer that was sealed for `request`.
    pub fn open_answer(&self, request: &BlindIndex, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        self.answers.open(Place::new("idempotency.answer", request.id()), sealed)
    }

    /// The blind index of `value` in `column`. Equal values in different columns differ.
    pub fn index(&self, column: &str, value: &str) -> BlindIndex {
        BlindIndex(self.index.mac(format!("{column}\0{value}").as_bytes()).to_vec())
    }

    /// What this master key alone answers, and what tells nothing about it: stored, it shows later
    /// whether the key at hand is still the same.
    pub fn proof(&self) -> Vec<u8> {
        self.check.mac(b"this database is sealed with this key").to_vec()
    }

    /// The secret shared with the relay, where none is configured.
    pub fn relay_secret(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.relay.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(column: &'static str, row: u128) -> Place {
        Place::new(column, Uuid::from_u128(row))
    }

    #[test]
    fn a_seal_opens_only_with_its_key_in_its_place() {
        let (key, other) = (Key::random(), Key::random());
        let here = place("patient.name", 1);
        let sealed = key.seal(here, "音無 花".as_bytes());
        assert_eq!(key.open_text(here, &sealed).unwrap(), "音無 花");
        assert_eq!(other.open(here, &sealed), Err(SealError));
        assert_eq!(key.open(place("patient.kana", 1), &sealed), Err(SealError));
        assert_eq!(key.open(place("patient.name", 2), &sealed), Err(SealError));
    }

    #[test]
    fn every_changed_byte_is_noticed_and_short_data_is_no_panic() {
        let (key, here) = (Key::random(), place("booking.answers", 7));
        let sealed = key.seal(here, b"fever");
        for at in 0..sealed.0.len() {
            let mut bytes = sealed.0.clone();
            bytes[at] ^= 1;
            assert_eq!(key.open(here, &Sealed(bytes)), Err(SealError), "byte {at}");
            assert_eq!(key.open(here, &Sealed(sealed.0[..at].to_vec())), Err(SealError));
        }
    }

    #[test]
    fn a_patients_key_is_wrapped_for_that_patient() {
        let (vault, key) = (Vault::new(&Key::random()), Key::random());
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let wrapped = vault.wrap(a, &key);
        assert_eq!(vault.unwrap(a, &wrapped).unwrap().0, key.0);
        assert!(vault.unwrap(b, &wrapped).is_err());
        assert!(Vault::new(&Key::random()).unwrap(a, &wrapped).is_err());
    }

    #[test]
    fn a_blind_index_is_equal_for_equal_values_of_one_column_only() {
        let vault = Vault::new(&Key::random());
        assert_eq!(vault.index("phone", "0312345678"), vault.index("phone", "0312345678"));
        assert_ne!(vault.index("phone", "0312345678"), vault.index("phone", "0312345679"));
        assert_ne!(vault.index("phone", "0312345678"), vault.index("fax", "0312345678"));
    }

    #[test]
    fn each_master_key_has_its_own_proof() {
        let (one, other) = (Key::random(), Key::random());
        assert_eq!(Vault::new(&one).proof(), Vault::new(&one).proof());
        assert_ne!(Vault::new(&one).proof(), Vault::new(&other).proof());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let key = Key::random();
        let sealed = key.seal(place("patient.name", 1), b"secret");
        let shown = format!("{key:?} {sealed:?} {:?}", Vault::new(&key));
        assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
    }
}
