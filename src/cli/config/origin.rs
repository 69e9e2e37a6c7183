//! The address of a site, as browsers write it in `Origin`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `text`, which names scheme, host and perhaps port, in the one form in which browsers send it:
/// lower case, without the port that the scheme has anyway. Nothing when it is none, or says more.
/// A slash at the end says nothing and is dropped.
pub fn normal(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let place = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match place.rsplit_once(':') {
        // A colon inside of brackets belongs to the host.
        Some((host, port)) if !port.ends_with(']') => (host, number(port)?),
        _ => (place, usual),
    };
    let host = named(host)?;
    Some(if port == usual {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    })
}

fn number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

fn named(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        let ip: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{ip}]"));
    }
    let host = host.to_ascii_lowercase();
    let last = host.rsplit('.').next()?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        // Browsers read 127.1 as an address too, and write it otherwise.
        return host.parse::<Ipv4Addr>().ok().map(|ip| ip.to_string());
    }
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(known)
    };
    host.split('.').all(is_label).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_form() {
        for (text, form) in [
            ("https://care.example.jp", "https://care.example.jp"),
            ("HTTPS://Care.Example.JP:443/", "https://care.example.jp"),
            ("https://care.example.jp:8443", "https://care.example.jp:8443"),
            ("http://care.example.jp:443", "http://care.example.jp:443"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://127.0.0.1:08080", "http://127.0.0.1:8080"),
            ("http://[0:0::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(form), "{text}");
        }
    }

    #[test]
    fn what_says_more_or_less_is_no_origin() {
        for text in [
            "care.example.jp",
            "ftp://care.example.jp",
            "https://",
            "https:///",
            "https://care.example.jp/onshin",
            "https://care.example.jp//",
            "https://care.example.jp?x",
            "https://care.example.jp#x",
            "https://user@care.example.jp",
            "https://user:word@care.example.jp",
            "https://care.example.jp:",
            "https://care.example.jp:0",
            "https://care.example.jp:+1",
            "https://care.example.jp:65536",
            "https://care..jp",
            "https://care example.jp",
            "https://127.1",
            "https://[::1",
            "https://::1",
            "https://音無.jp",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
