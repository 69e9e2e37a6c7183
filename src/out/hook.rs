//! The signature of webhooks, by the scheme of Standard Webhooks: an HMAC over the message's id, the
//! time of sending and the body, so that the receiver can tell ours from others' and new from old.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hyper::header::{HeaderName, HeaderValue};
use rand::RngCore;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::time::Instant;

/// How secrets begin, so that they are known as such where they turn up.
const PREFIX: &str = "whsec_";

/// A new secret, as it is shown to those who share it.
pub fn new_secret() -> String {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::rng().fill_bytes(bytes.as_mut());
    format!("{PREFIX}{}", STANDARD.encode(bytes.as_ref()))
}

/// The headers of a message with this body, signed with `secret`; nothing where that is none.
pub fn headers(
    secret: &str,
    id: &str,
    at: Instant,
    body: &[u8],
) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let key = Zeroizing::new(STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?);
    let at = at.timestamp().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let pairs = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at),
        ("webhook-signature", signature),
        ("content-type", "application/json".to_owned()),
    ];
    let header = |(name, value): (&'static str, String)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
    };
    pairs.into_iter().map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn the_published_example_has_its_signature() {
        let at = chrono::DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let signed = headers(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            br#"{"test": 2432232314}"#,
        )
        .unwrap();
        assert_eq!(signed[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(signed[1].1, "1614265330");
    }

    #[test]
    fn a_secret_is_new_each_time_and_only_a_secret_signs() {
        assert_ne!(new_secret(), new_secret());
        let at = "2026-12-01T00:00:00Z".parse().unwrap();
        assert!(headers(&new_secret(), "msg_1", at, b"{}").is_some());
        assert!(headers("secret", "msg_1", at, b"{}").is_none());
        assert!(headers("whsec_!", "msg_1", at, b"{}").is_none());
        assert!(headers(&new_secret(), "msg\r\n1", at, b"{}").is_none());
    }
}
