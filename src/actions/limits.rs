//! How often what may be tried. A limit that guards a secret counts per secret and per address,
//! so that neither many addresses nor many secrets help to guess.

use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::once::Turns;
use super::{Error, Result, times};
use crate::model::FacilityId;
use crate::seal::BlindIndex;
use crate::seal::token::TokenHash;

/// A limit per key.
pub struct Limit<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Limit<K> {
    /// `burst` at once, then one each `every`.
    fn new(burst: u32, every: Duration) -> Self {
        let quota = Quota::with_period(every).unwrap_or(Quota::per_hour(times(1)));
        Self(RateLimiter::keyed(quota.allow_burst(times(burst))))
    }

    /// Counts one try of `key`, or says for how long to wait.
    pub fn check(&self, key: &K) -> Result<()> {
        self.0.check_key(key).map_err(|not_until| {
            Error::RateLimited(not_until.wait_time_from(DefaultClock::default().now()))
        })
    }

    fn forget_idle(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// The limits of the service. All fail closed: where they cannot count, nothing is tried.
pub struct Limits {
    /// Sign-in, per address.
    pub login_address: Limit<IpAddr>,
    /// Sign-in, per login and address, so that a stranger elsewhere cannot lock the owner out.
    pub login_here: Limit<(String, IpAddr)>,
    /// Sign-in, per login from everywhere: against many addresses that guess together.
    pub login_name: Limit<String>,
    /// Opening a link with a birth date, per address.
    pub link_address: Limit<IpAddr>,
    /// Opening a link with a birth date, per link.
    pub link: Limit<TokenHash>,
    /// Searches, per address: each reads the times of many clinics.
    pub search_address: Limit<IpAddr>,
    /// Holding times, per address. A clinic's or a company's whole staff may share one.
    pub hold_address: Limit<IpAddr>,
    /// Reading of calendar feeds, per address. One program may read for many people.
    pub feed_address: Limit<IpAddr>,
    /// Line checks, per address.
    pub line_check_address: Limit<IpAddr>,
    /// Trying webhooks, per facility: each asks an address that somebody wrote.
    pub webhook_test: Limit<FacilityId>,
    /// Reading calendars at addresses at once, per facility: somebody wrote them too.
    pub calendar_fetch: Limit<FacilityId>,
    /// New idempotency keys, per account, browser or address: each is kept for a day.
    pub key_owner: Limit<BlindIndex>,
    /// Requests that carry an idempotency key, one at a time per key.
    pub turns: Turns,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            login_address: Limit::new(10, seconds(20)),
            login_here: Limit::new(10, seconds(30)),
            login_name: Limit::new(200, seconds(2)),
            link_address: Limit::new(20, seconds(15)),
            link: Limit::new(5, seconds(180)),
            search_address: Limit::new(60, seconds(1)),
            hold_address: Limit::new(30, seconds(20)),
            feed_address: Limit::new(60, seconds(5)),
            line_check_address: Limit::new(30, seconds(10)),
            webhook_test: Limit::new(10, seconds(30)),
            calendar_fetch: Limit::new(20, seconds(15)),
            key_owner: Limit::new(300, seconds(2)),
            turns: Turns::default(),
        }
    }
}

impl Limits {
    /// Forgets keys that have not been seen for so long that they are unlimited again.
    pub fn forget_idle(&self) {
        self.login_address.forget_idle();
        self.login_here.forget_idle();
        self.login_name.forget_idle();
        self.search_address.forget_idle();
        self.link_address.forget_idle();
        self.link.forget_idle();
        self.hold_address.forget_idle();
        self.feed_address.forget_idle();
        self.line_check_address.forget_idle();
        self.webhook_test.forget_idle();
        self.calendar_fetch.forget_idle();
        self.key_owner.forget_idle();
    }
}

/// The part of an address that one household or office holds: an IPv6 network of 64 bits.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_per_key_and_says_how_long_to_wait() {
        let limit = Limit::new(2, Duration::from_mins(1));
        assert!(limit.check(&"a").is_ok());
        assert!(limit.check(&"a").is_ok());
        let Err(Error::RateLimited(wait)) = limit.check(&"a") else { panic!("not limited") };
        assert!(wait > Duration::from_secs(30) && wait <= Duration::from_mins(1));
        assert!(limit.check(&"b").is_ok());
    }

    #[test]
    fn neighbours_of_one_ipv6_network_count_as_one() {
        let ip = |text: &str| network(text.parse().unwrap());
        assert_eq!(ip("2001:db8::1"), ip("2001:db8::ffff"));
        assert_ne!(ip("2001:db8::1"), ip("2001:db8:0:1::1"));
        assert_eq!(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
    }
}
