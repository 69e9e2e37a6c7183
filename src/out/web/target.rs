//! An address of the web, taken apart once. The parser is that of browsers, so that `127.1`,
//! `0x7f000001` and the like are the addresses that they are.

use std::net::IpAddr;

use url::{Host, Url};

use super::Error;
use crate::live::turn::filter::is_public;

/// The longest address, in bytes.
const LONGEST: usize = 2000;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The host, as certificates name it.
    pub(super) host: String,
    /// The host's address, where it is written in numbers.
    pub(super) literal: Option<IpAddr>,
    /// The port.
    pub(super) port: u16,
    /// Host and port, as `Host` names them.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    /// Whether the connection is encrypted.
    pub(super) secure: bool,
    /// Whether the operator named its origin.
    pub(super) allowed: bool,
}

/// The origin of an address, in its one form.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl Target {
    pub(super) fn new(text: &str, allowed: &[String]) -> Result<Self, Error> {
        let steers = |c: char| c.is_control() || c.is_whitespace();
        if text.len() > LONGEST || text.contains(steers) {
            return Err(Error::Address);
        }
        let url = Url::parse(text).map_err(|_| Error::Address)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Error::Address),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Address);
        }
        let allowed = allowed.contains(&origin(&url));
        if !secure && !allowed {
            return Err(Error::Insecure);
        }
        let host = url.host().ok_or(Error::Address)?;
        let literal = match host {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        };
        if !allowed && literal.is_some_and(|ip| !is_public(ip)) {
            return Err(Error::Forbidden);
        }
        let shown = host.to_string();
        let authority = url.port().map_or_else(|| shown.clone(), |port| format!("{shown}:{port}"));
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self {
            host: literal.map_or(shown, |ip| ip.to_string()),
            literal,
            port: url.port_or_known_default().ok_or(Error::Address)?,
            authority,
            path: format!("{}{query}", url.path()),
            secure,
            allowed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Result<Target, Error> {
        Target::new(text, &["http://127.0.0.1:9000".to_owned()])
    }

    #[test]
    fn an_address_is_taken_apart() {
        let one = target("https://Hooks.Example:8443/in/日?x=1#part").unwrap();
        assert_eq!((one.host.as_str(), one.port), ("hooks.example", 8443));
        assert_eq!(one.authority, "hooks.example:8443");
        assert_eq!(one.path, "/in/%E6%97%A5?x=1");
        assert!(one.secure && !one.allowed && one.literal.is_none());
        assert_eq!(target("https://hooks.example:443").unwrap().authority, "hooks.example");
        let six = target("https://[2001:4860:4860::8888]/").unwrap();
        assert_eq!((six.host.as_str(), six.port), ("2001:4860:4860::8888", 443));
    }

    #[test]
    fn only_named_origins_may_be_plain_or_private() {
        assert!(target("http://127.0.0.1:9000/x").unwrap().allowed);
        for text in ["http://127.0.0.1:9001/", "http://hooks.example/", "http://localhost:9000/"] {
            assert_eq!(target(text), Err(Error::Insecure), "{text}");
        }
        for text in [
            "https://127.0.0.1:9000/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:7f00:1::1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://０ｘ７ｆ.1/",
        ] {
            assert_eq!(target(text), Err(Error::Forbidden), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for text in [
            "",
            "hooks.example",
            "ftp://hooks.example/",
            "file:///etc/passwd",
            "gopher://hooks.example/",
            "https://user@hooks.example/",
            "https://user:word@hooks.example/",
            "https://hooks.example/\r\nX: y",
            "https://hooks.example/ x",
            "https://",
            "https://hooks.example:0x50/",
        ] {
            assert_eq!(target(text), Err(Error::Address), "{text}");
        }
        assert_eq!(target(&format!("https://h.example/{}", "x".repeat(2000))), Err(Error::Address));
    }
}
