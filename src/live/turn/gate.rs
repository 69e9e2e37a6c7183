//! Who signed requests and what they may ask for, decided before the crate sees them: it grants every
//! permission and channel, to whatever address, does not know when a name was given out, and takes
//! long over names that are none.

use std::sync::Arc;

use super::names::Names;
use super::relay::Relays;
use super::stun::{
    ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REALM, USERNAME, is_signed, peers, refused, text,
    type_of, wants_v6,
};

/// The codes of RFC 8656, section 19, and RFC 8489, section 14.8.
const BAD_REQUEST: u16 = 400;
const FORBIDDEN: u16 = 403;
const FAMILY_NOT_SUPPORTED: u16 = 440;

/// Why a request does not go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barred {
    /// Its name is none of ours, has expired or was revoked.
    Name,
    /// It is signed with another key than the name's.
    Signature,
    /// It would reach what no relay may.
    Peer,
    /// An allocation that is not to be had: of the other family, or with a name that is too old.
    Allocation,
}

/// Looks at signed requests.
pub(super) struct Gate {
    names: Arc<Names>,
    relays: Arc<Relays>,
}

impl Gate {
    pub(super) fn new(names: Arc<Names>, relays: Arc<Relays>) -> Self {
        Self { names, relays }
    }

    /// The response that `request` gets instead of being handled, if it is due one: it is not signed
    /// by who it says, or asks for what it may not have. A refusal is signed for who signed; whoever
    /// only pretends learns nothing but that, and costs no more than this.
    pub(super) fn bars(&self, request: &[u8]) -> Option<(Barred, Vec<u8>)> {
        let Some(key) = self.key(request) else {
            return Some((Barred::Name, refused(request, BAD_REQUEST, None)?));
        };
        if !is_signed(request, &key) {
            return Some((Barred::Signature, refused(request, BAD_REQUEST, None)?));
        }
        let (barred, code) = self.fault(request)?;
        Some((barred, refused(request, code, Some(&key))?))
    }

    fn fault(&self, request: &[u8]) -> Option<(Barred, u16)> {
        match type_of(request)? {
            ALLOCATE if wants_v6(request) != self.relays.are_v6() => {
                Some((Barred::Allocation, FAMILY_NOT_SUPPORTED))
            }
            ALLOCATE if self.names.is_too_old(text(request, USERNAME)?) => {
                Some((Barred::Allocation, FORBIDDEN))
            }
            // Every address of several, and after the signature too: what the crate reads of them
            // need not be known here.
            CREATE_PERMISSION | CHANNEL_BIND if !self.may_reach_all(request) => {
                Some((Barred::Peer, FORBIDDEN))
            }
            _ => None,
        }
    }

    fn may_reach_all(&self, request: &[u8]) -> bool {
        peers(request).all(|peer| peer.is_some_and(|peer| self.relays.may_reach(peer)))
    }

    fn key(&self, request: &[u8]) -> Option<Vec<u8>> {
        self.names.key(text(request, USERNAME)?, text(request, REALM)?).map(|(_, key)| key)
    }
}
