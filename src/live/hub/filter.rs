//! What one page may tell the other about the ways to itself. Candidates are read and written anew;
//! what does not read, or leads where no page of a visit can be, is dropped without a word (A-38 of
//! reliability.md). Where a facility wants relays only, no address of either side passes (W-06).

use std::net::IpAddr;

use serde_json::Value;

use crate::live::message::{Candidate, Description, WAYS};
use crate::model::facility::IcePolicy;

/// Bytes that most candidates fit into.
const USUAL: usize = 192;
/// The largest port.
const PORT_MOST: u32 = 65_535;

/// What may pass in one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// Which paths media may take.
    pub(super) policy: IcePolicy,
    /// The relay itself is on this machine, as where somebody tries the service out: its addresses
    /// are then this machine's.
    pub(super) relay_is_local: bool,
}

impl Rules {
    /// Of a visit whose pages are told of these `RTCIceServer` objects.
    pub(super) fn of(policy: IcePolicy, ice_servers: &Value) -> Self {
        let servers = ice_servers.as_array().into_iter().flatten();
        let mut urls = servers.filter_map(|one| one["urls"].as_array()).flatten();
        let local = |url: &Value| {
            let host = url.as_str().and_then(|url| url.split_once(':')).map(|(_, host)| host);
            let start = |name: &str| host.is_some_and(|host| host.starts_with(name));
            ["127.", "localhost", "[::1]"].into_iter().any(start)
        };
        Self { policy, relay_is_local: urls.any(local) }
    }
}

/// A candidate as it may be passed on.
pub(super) fn candidate(one: Candidate, rules: Rules) -> Option<Candidate> {
    // An empty one says that there are no more (RFC 8838).
    let candidate = match one.candidate.as_str() {
        "" => String::new(),
        text => Way::read(text).filter(|way| way.leads(rules))?.written(rules.policy)?,
    };
    Some(Candidate { candidate, ..one })
}

/// A description as it may be passed on: its candidates come one by one, never in it, and with relays
/// only it names no address.
pub(super) fn description(desc: Description, rules: Rules) -> Description {
    if rules.policy == IcePolicy::All && desc.is_tidy() {
        return desc;
    }
    let mut sdp = String::with_capacity(desc.sdp.len() + 2);
    for line in desc.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if WAYS.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        match rules.policy {
            IcePolicy::All => sdp.push_str(line),
            IcePolicy::Relay => sdp.push_str(&without_address(line)),
        }
        sdp.push_str("\r\n");
    }
    Description { kind: desc.kind, sdp }
}

/// The line with the address that stands for none (RFC 8839, section 4.3.1).
fn without_address(line: &str) -> String {
    if line.starts_with("c=") {
        return "c=IN IP4 0.0.0.0".to_owned();
    }
    if line.starts_with("a=rtcp:") {
        return "a=rtcp:9 IN IP4 0.0.0.0".to_owned();
    }
    let origin = line.strip_prefix("o=").and_then(|rest| rest.split_once(" IN "));
    if let Some((origin, _)) = origin {
        return format!("o={origin} IN IP4 0.0.0.0");
    }
    let Some(media) = line.strip_prefix("m=") else { return line.to_owned() };
    let mut words = media.split(' ');
    match (words.next(), words.next()) {
        // Nought means a section that is not used.
        (Some(kind), Some(port)) if port != "0" => {
            let rest: Vec<_> = words.collect();
            format!("m={kind} 9 {}", rest.join(" "))
        }
        _ => line.to_owned(),
    }
}

/// The kind of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Host,
    Reflexive(&'static str),
    Relay,
}

/// Further pairs that pages write.
const FURTHER: [&str; 4] = ["generation", "ufrag", "network-id", "network-cost"];

/// A candidate, read (RFC 8839, section 5.1). What is written of it is what was read: plain numbers,
/// addresses and ICE's own characters, and nothing else.
#[derive(Debug)]
struct Way<'a> {
    foundation: &'a str,
    component: &'a str,
    priority: &'a str,
    address: IpAddr,
    address_text: &'a str,
    port: &'a str,
    kind: Kind,
    /// Address and port.
    related: Option<(&'a str, &'a str)>,
    /// What [`FURTHER`] names, each as it was written last.
    further: [Option<&'a str>; FURTHER.len()],
}

impl<'a> Way<'a> {
    /// Nothing for what is none, is not by UDP, or names no plain address.
    fn read(text: &'a str) -> Option<Self> {
        let mut words = text.strip_prefix("candidate:")?.split_ascii_whitespace();
        let foundation =
            words.next().filter(|text| text.len() <= 32 && text.bytes().all(is_ice))?;
        let component = words.next().filter(|word| number(word, 256) && *word != "0")?;
        words.next().filter(|transport| transport.eq_ignore_ascii_case("udp"))?;
        let priority = words.next().filter(|word| number(word, u32::MAX))?;
        let address_text = words.next()?;
        let address = address_text.parse().ok()?;
        let port = words.next().filter(|word| number(word, PORT_MOST))?;
        words.next().filter(|word| *word == "typ")?;
        let kind = match words.next()? {
            "host" => Kind::Host,
            "srflx" => Kind::Reflexive("srflx"),
            "prflx" => Kind::Reflexive("prflx"),
            "relay" => Kind::Relay,
            _ => return None,
        };
        let (mut related, mut related_address) = (None, None);
        let mut further = [None; FURTHER.len()];
        while let Some(name) = words.next() {
            let value = words.next()?;
            match name {
                "raddr" => {
                    value.parse::<IpAddr>().ok()?;
                    related_address = Some(value);
                }
                "rport" => {
                    let port = Some(value).filter(|word| number(word, PORT_MOST))?;
                    related = Some((related_address?, port));
                }
                _ if value.bytes().all(is_ice) => {
                    if let Some(at) = FURTHER.iter().position(|one| *one == name) {
                        further[at] = Some(value);
                    }
                }
                _ => {}
            }
        }
        Some(Way {
            foundation,
            component,
            priority,
            address,
            address_text,
            port,
            kind,
            related,
            further,
        })
    }

    /// Whether a page of a visit can be where it leads.
    fn leads(&self, rules: Rules) -> bool {
        let own_relay = rules.relay_is_local && self.kind == Kind::Relay;
        !is_nowhere(self.address) || (own_relay && self.address.is_loopback())
    }

    /// As it is passed on; nothing when the policy keeps it back.
    fn written(&self, policy: IcePolicy) -> Option<String> {
        let only_relays = policy == IcePolicy::Relay;
        if only_relays && self.kind != Kind::Relay {
            return None;
        }
        let kind = match self.kind {
            Kind::Host => "host",
            Kind::Reflexive(kind) => kind,
            Kind::Relay => "relay",
        };
        let Self { foundation, component, priority, address_text, port, .. } = self;
        let mut text = String::with_capacity(USUAL);
        text.extend(["candidate:", foundation, " ", component, " udp ", priority, " "]);
        text.extend([address_text, " ", port, " typ ", kind]);
        match self.related {
            // The relay's own view of the page would be the page's address.
            Some((address, _)) if only_relays && !address.contains(':') => {
                text.push_str(" raddr 0.0.0.0 rport 0");
            }
            Some(_) if only_relays => text.push_str(" raddr :: rport 0"),
            Some((address, port)) => text.extend([" raddr ", address, " rport ", port]),
            None => {}
        }
        for (name, value) in FURTHER.iter().zip(self.further) {
            // What kind of network a page is in is nobody's business where addresses are not.
            if let Some(value) = value.filter(|_| !(only_relays && name.starts_with("network-"))) {
                text.extend([" ", name, " ", value]);
            }
        }
        Some(text)
    }
}

/// Whether the word is a number of digits alone, and no larger.
fn number(word: &str, most: u32) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit()) && word.parse().is_ok_and(|it: u32| it <= most)
}

/// A character of ICE's own words (RFC 8839: `ice-char`).
fn is_ice(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Where no page of a visit can be: this machine, the link, everybody, nobody.
fn is_nowhere(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.octets()[0] == 0
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::message::DescriptionKind;

    fn rules(policy: IcePolicy) -> Rules {
        Rules { policy, relay_is_local: false }
    }

    #[test]
    fn only_the_relay_of_this_machine_may_be_on_this_machine() {
        let of = |url: &str| Rules::of(IcePolicy::Relay, &serde_json::json!([{ "urls": [url] }]));
        assert!(of("turn:127.0.0.1:3478?transport=udp").relay_is_local);
        assert!(of("turn:localhost:3478").relay_is_local && of("turns:[::1]:5349").relay_is_local);
        assert!(!of("turn:127-0-0-1.example:3478").relay_is_local);
        assert!(!of("turn:relay.example:3478").relay_is_local);
        let local = of("turn:127.0.0.1:3478");
        let way = |kind: &str, address: &str| Candidate {
            candidate: format!("candidate:1 1 udp 1 {address} 9 typ {kind}"),
            sdp_mid: None,
            sdp_m_line_index: None,
            username_fragment: None,
        };
        assert!(candidate(way("relay", "127.0.0.1"), local).is_some());
        assert!(candidate(way("relay", "169.254.169.254"), local).is_none());
        let all = Rules { policy: IcePolicy::All, ..local };
        assert!(candidate(way("host", "127.0.0.1"), all).is_none());
    }

    fn passed(text: &str, policy: IcePolicy) -> Option<String> {
        let one = Candidate {
            candidate: text.to_owned(),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
            username_fragment: None,
        };
        candidate(one, rules(policy)).map(|one| one.candidate)
    }

    #[test]
    fn a_candidate_is_written_anew() {
        let text = "candidate:842163049  1 UDP  1677729535 203.0.113.9 46154 typ srflx \
             raddr 192.168.1.5 rport 46154 generation 0 ufrag Abc+ network-id 1 network-cost 10 x y";
        let anew = "candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx \
             raddr 192.168.1.5 rport 46154 generation 0 ufrag Abc+ network-id 1 network-cost 10";
        assert_eq!(passed(text, IcePolicy::All).unwrap(), anew);
        assert_eq!(passed("", IcePolicy::All).unwrap(), "");
    }

    #[test]
    fn what_leads_nowhere_is_dropped() {
        let of = |address: &str| format!("candidate:1 1 udp 1 {address} 9 typ host");
        for address in [
            "127.0.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "1f4712db-ea17-4bcf-a596-105139dfd8bf.local",
            "example.com",
            "1.2.3",
        ] {
            assert_eq!(passed(&of(address), IcePolicy::All), None, "{address}");
        }
        for address in ["192.168.1.5", "10.0.0.1", "203.0.113.9", "2001:db8::1", "fd00::1"] {
            assert!(passed(&of(address), IcePolicy::All).is_some(), "{address}");
        }
        for text in [
            "candidate:1 1 tcp 1 203.0.113.9 25 typ host tcptype active",
            "candidate:1 1 udp 1 203.0.113.9 99999 typ host",
            "candidate:1 1 udp 1 203.0.113.9 9 typ wormhole",
            "candidate:1 1 udp 1 203.0.113.9 9 host",
            "candidate:a\"b 1 udp 1 203.0.113.9 9 typ host",
            "candidate:1 0 udp 1 203.0.113.9 9 typ host",
            "candidate:1 1 udp 1 203.0.113.9 9 typ host raddr",
            "a=candidate:1 1 udp 1 203.0.113.9 9 typ host",
        ] {
            assert_eq!(passed(text, IcePolicy::All), None, "{text}");
        }
    }

    #[test]
    fn with_relays_only_no_address_of_a_page_passes() {
        for kind in ["host", "srflx raddr 10.0.0.1 rport 1", "prflx raddr 10.0.0.1 rport 1"] {
            let text = format!("candidate:1 1 udp 1 203.0.113.9 9 typ {kind}");
            assert_eq!(passed(&text, IcePolicy::Relay), None, "{kind}");
        }
        let relay = "candidate:1 1 udp 1 198.51.100.7 9 typ relay raddr 203.0.113.9 rport 4444 network-id 3 ufrag x";
        let anew = "candidate:1 1 udp 1 198.51.100.7 9 typ relay raddr 0.0.0.0 rport 0 ufrag x";
        assert_eq!(passed(relay, IcePolicy::Relay).unwrap(), anew);
        let of_six =
            passed(&relay.replace("203.0.113.9", "2001:db8::9"), IcePolicy::Relay).unwrap();
        assert_eq!(of_six, anew.replace("raddr 0.0.0.0", "raddr ::"));
    }

    #[test]
    fn what_is_tidy_passes_as_it_is_and_each_fault_is_mended() {
        let tidy = "v=0\r\ns=-\r\na=mid:0\r\n";
        assert_eq!(told(tidy, IcePolicy::All), tidy);
        for (what, untidy) in [
            ("a blank at the end of a line", "v=0\r\ns=- \r\na=mid:0\r\n"),
            ("an empty line", "v=0\r\n\r\ns=-\r\na=mid:0\r\n"),
            ("half an end", "v=0\ns=-\r\na=mid:0\r\n"),
            ("no end", "v=0\r\ns=-\r\na=mid:0"),
            ("a way", "v=0\r\ns=-\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=mid:0\r\n"),
            ("the end of ways", "v=0\r\ns=-\r\na=end-of-candidates\r\na=mid:0\r\n"),
            ("a way of theirs", "v=0\r\ns=-\r\na=remote-candidates:1 192.0.2.1 9\r\na=mid:0\r\n"),
        ] {
            assert_eq!(told(untidy, IcePolicy::All), tidy, "{what}");
        }
    }

    fn told(sdp: &str, policy: IcePolicy) -> String {
        let desc = Description { kind: DescriptionKind::Offer, sdp: sdp.to_owned() };
        description(desc, rules(policy)).sdp
    }

    #[test]
    fn a_description_names_no_way_and_with_relays_only_no_address() {
        let sdp = "v=0\no=- 46117 2 IN IP4 203.0.113.9\r\ns=-  \r\n\r\nm=audio 46154 UDP/TLS/RTP/SAVPF 111\r\n\
             c=IN IP4 203.0.113.9\r\na=rtcp:9 IN IP4 203.0.113.9\r\na=candidate:1 1 udp 1 203.0.113.9 9 typ host\r\n\
             a=end-of-candidates\r\na=remote-candidates:1 203.0.113.9 9\r\na=mid:0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n";
        let all = told(sdp, IcePolicy::All);
        assert!(!all.contains("candidate") && all.contains("203.0.113.9"), "{all}");
        assert!(
            all.starts_with("v=0\r\no=- 46117 2 IN IP4 203.0.113.9\r\ns=-\r\nm=audio"),
            "{all}"
        );
        let relay = told(sdp, IcePolicy::Relay);
        assert_eq!(
            relay,
            "v=0\r\no=- 46117 2 IN IP4 0.0.0.0\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
             c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=mid:0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n"
        );
    }
}
