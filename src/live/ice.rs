//! Which STUN and TURN servers a participant may use, and the credentials for them.
//!
//! The credentials are those of the TURN REST scheme: the username carries its own expiry and whom
//! it was given to, the password is its HMAC. The relay needs the secret and no list of users, so
//! an external relay (coturn, eturnal) with the same secret takes them as well.

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::Sha1;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

/// How long credentials outlive the visit: a visit may run over, and the relay asks for them at
/// every refresh, not only at the beginning.
const AFTER_VISIT: TimeDelta = TimeDelta::minutes(30);
/// The longest life of credentials.
const LONGEST: TimeDelta = TimeDelta::hours(4);
/// The shortest: enough to connect once more.
const SHORTEST: TimeDelta = TimeDelta::minutes(10);
/// How long after their issue credentials open new allocations (reliability W-02). What they have
/// opened may be kept up until they expire.
pub const OPENS_FOR: TimeDelta = TimeDelta::minutes(5);

/// Where the relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relay {
    /// There is none: only those who see each other directly will meet.
    Off,
    /// In this process, reachable at `host:port` over UDP.
    Embedded {
        /// `host:port`; an IPv6 address in brackets.
        public: String,
    },
    /// Elsewhere, with the same secret.
    External {
        /// `stun:`, `turn:` and `turns:` addresses.
        urls: Vec<String>,
    },
}

/// One entry of a browser's `iceServers`.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IceServer {
    /// Addresses, all of one kind.
    pub urls: Vec<String>,
    /// The name to give there; STUN needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password to give there; STUN needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// The servers of this installation and the secret behind their credentials.
#[derive(Clone)]
pub struct IceServers {
    relay: Relay,
    secret: Zeroizing<Vec<u8>>,
    realm: String,
}

impl IceServers {
    /// The servers at `relay`, whose passwords come from `secret`. `realm` is the name that the
    /// embedded relay gives itself; it is part of the key that a password makes.
    pub fn new(relay: Relay, secret: &[u8], realm: &str) -> Self {
        Self { relay, secret: Zeroizing::new(secret.to_vec()), realm: realm.to_owned() }
    }

    /// Whether there is a relay, here or elsewhere.
    pub fn has_relay(&self) -> bool {
        self.urls().iter().any(|url| !is_stun(url))
    }

    /// The name that the relay gives itself.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// What `participant` may use in the visit of `booking`: the credentials last until 30 minutes
    /// after `visit_ends_at`, but no longer than 4 hours and no shorter than 10 minutes from `now`.
    pub fn for_participant(
        &self,
        booking: BookingId,
        participant: ParticipantId,
        visit_ends_at: Instant,
        now: Instant,
    ) -> Vec<IceServer> {
        let (stun, turn): (Vec<_>, Vec<_>) = self.urls().into_iter().partition(|url| is_stun(url));
        let mut servers = Vec::new();
        if !stun.is_empty() {
            servers.push(IceServer { urls: stun, username: None, credential: None });
        }
        if !turn.is_empty() {
            let expiry = (visit_ends_at + AFTER_VISIT).min(now + LONGEST).max(now + SHORTEST);
            let (expiry, issued) = (expiry.timestamp(), now.timestamp_millis());
            let username = format!("{expiry}:{booking}:{participant}:{issued}");
            let credential = Some(self.password(&username));
            servers.push(IceServer { urls: turn, username: Some(username), credential });
        }
        servers
    }

    /// What `username` says, and its password, if it is one of ours in form and has not expired at
    /// `now`. Whether the caller knows that password is for the relay to find out.
    pub fn check(&self, username: &str, now: Instant) -> Option<(Name, String)> {
        let name = Name::parse(username)?;
        (now < name.expiry).then(|| (name, self.password(username)))
    }

    fn urls(&self) -> Vec<String> {
        match &self.relay {
            Relay::Off => Vec::new(),
            Relay::Embedded { public } => {
                vec![format!("stun:{public}"), format!("turn:{public}?transport=udp")]
            }
            Relay::External { urls } => urls.clone(),
        }
    }

    fn password(&self, username: &str) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).expect("HMAC takes any key");
        mac.update(username.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// Browsers refuse credentials beside `stun:`, and a `turn:` without them.
fn is_stun(url: &str) -> bool {
    url.starts_with("stun:") || url.starts_with("stuns:")
}

/// What a username says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// From when on it is good for nothing.
    pub expiry: Instant,
    /// The visit that it was given out for.
    pub booking: BookingId,
    /// Whom it was given to.
    pub participant: ParticipantId,
    /// When, to the millisecond.
    pub issued: Instant,
}

impl Name {
    /// `expiry:booking:participant:issued`, written in exactly one way: the quota counts by name, so
    /// no two spellings may stand for one person. The expiry comes first, where external relays
    /// look for it; they do not read the rest.
    fn parse(username: &str) -> Option<Self> {
        let mut parts = username.split(':');
        let expiry: i64 = parts.next()?.parse().ok()?;
        let booking: BookingId = parts.next()?.parse().ok()?;
        let participant: ParticipantId = parts.next()?.parse().ok()?;
        let issued: i64 = parts.next()?.parse().ok()?;
        if username != format!("{expiry}:{booking}:{participant}:{issued}") {
            return None;
        }
        let expiry = DateTime::from_timestamp(expiry, 0)?;
        let issued = DateTime::from_timestamp_millis(issued)?;
        Some(Self { expiry, booking, participant, issued })
    }

    /// Whether it still opens new allocations at `now`.
    pub fn opens(&self, now: Instant) -> bool {
        now <= self.issued + OPENS_FOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn embedded() -> IceServers {
        let relay = Relay::Embedded { public: "relay.example.jp:3478".to_owned() };
        IceServers::new(relay, b"a secret of this test", "onshin")
    }

    fn name_at(ends: &str, now: &str) -> String {
        let servers =
            embedded().for_participant(BookingId::new(), ParticipantId::new(), at(ends), at(now));
        servers[1].username.clone().unwrap()
    }

    fn expiry(name: &str) -> Instant {
        let seconds = name.split(':').next().unwrap().parse().unwrap();
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_password_is_the_base64_of_the_hmac_of_the_name() {
        // printf 1767225600:a | openssl dgst -sha1 -hmac secret -binary | base64
        let servers = IceServers::new(Relay::Off, b"secret", "onshin");
        assert_eq!(servers.password("1767225600:a"), "grsqApAj0yrz5vyz5GSBIgwv/w4=");
    }

    #[test]
    fn credentials_end_half_an_hour_after_the_visit_within_their_bounds() {
        let now = "2026-12-01T01:00:00Z";
        let of = |ends| expiry(&name_at(ends, now));
        assert_eq!(of("2026-12-01T01:30:00Z"), at("2026-12-01T02:00:00Z"));
        assert_eq!(of("2026-12-01T04:30:00Z"), at("2026-12-01T05:00:00Z"));
        assert_eq!(of("2026-12-01T04:30:01Z"), at("2026-12-01T05:00:00Z"), "four hours at most");
        assert_eq!(of("2026-11-30T00:00:00Z"), at("2026-12-01T01:10:00Z"), "ten minutes at least");
    }

    #[test]
    fn a_name_is_good_until_its_second_and_not_in_it() {
        let servers = embedded();
        let name = name_at("2026-12-01T01:30:00Z", "2026-12-01T01:00:00Z");
        let password =
            |servers: &IceServers, now| servers.check(&name, at(now)).map(|found| found.1);
        assert_eq!(password(&servers, "2026-12-01T01:59:59Z"), Some(servers.password(&name)));
        assert_eq!(password(&servers, "2026-12-01T02:00:00Z"), None);
        let other = IceServers::new(Relay::Off, b"another", "onshin");
        assert_ne!(password(&other, "2026-12-01T01:00:00Z"), Some(servers.password(&name)));
    }

    #[test]
    fn a_name_opens_allocations_for_five_minutes() {
        let (booking, participant) = (BookingId::new(), ParticipantId::new());
        let now = at("2026-12-01T01:00:00.7Z");
        let servers = embedded().for_participant(booking, participant, now, now);
        let username = servers[1].username.clone().unwrap();
        let (name, _) = embedded().check(&username, now).unwrap();
        assert_eq!((name.booking, name.participant), (booking, participant));
        assert_eq!(name.issued, now);
        assert!(name.opens(at("2026-12-01T01:05:00.7Z")));
        assert!(!name.opens(at("2026-12-01T01:05:00.701Z")));
        assert!(embedded().check(&username, at("2026-12-01T01:09:59Z")).is_some(), "is kept up");
    }

    #[test]
    fn a_name_has_one_spelling() {
        let now = at("2026-12-01T01:00:00Z");
        let name = name_at("2026-12-01T01:30:00Z", "2026-12-01T01:00:00Z");
        assert!(embedded().check(&name, now).is_some());
        let (expiry, rest) = name.split_once(':').unwrap();
        for wrong in [
            String::new(),
            expiry.to_owned(),
            format!("+{name}"),
            format!("0{name}"),
            format!("{name}:"),
            format!("{name} "),
            format!("{expiry}:{}", rest.to_uppercase()),
            format!("{expiry}:{}", rest.replace('-', "")),
            format!("9999999999999999999:{rest}"),
            format!("{expiry}:visit:patient"),
            name.rsplit_once(':').unwrap().0.to_owned(),
            format!("{name}0000000000"),
        ] {
            assert!(embedded().check(&wrong, now).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_browser_gets_names_only_for_what_needs_them() {
        let now = at("2026-12-01T01:00:00Z");
        let of = |relay| {
            let servers = IceServers::new(relay, b"x", "onshin");
            let list = servers.for_participant(BookingId::new(), ParticipantId::new(), now, now);
            serde_json::to_value(list).unwrap()
        };
        assert_eq!(of(Relay::Off), serde_json::json!([]));
        let urls = ["turns:t.example.jp:443", "stun:s.example.jp:3478", "turn:t.example.jp:3478"];
        let list = of(Relay::External { urls: urls.map(str::to_owned).to_vec() });
        assert_eq!(list[0], serde_json::json!({ "urls": ["stun:s.example.jp:3478"] }));
        assert_eq!(list[1]["urls"], serde_json::json!([urls[0], urls[2]]));
        assert_eq!(list[1]["credential"].as_str().unwrap().len(), 28);
        let list = of(Relay::Embedded { public: "[2001:db8::1]:3478".to_owned() });
        assert_eq!(list[0]["urls"], serde_json::json!(["stun:[2001:db8::1]:3478"]));
        assert_eq!(list[1]["urls"], serde_json::json!(["turn:[2001:db8::1]:3478?transport=udp"]));
    }
}
