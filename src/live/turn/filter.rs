//! Which addresses a relay may speak with: only what is routed on the public internet. Otherwise
//! whoever holds credentials could use the relay to reach this machine's own services, its
//! neighbours or the cloud's metadata (as in CVE-2020-26262 and CVE-2026-27624).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `ip` is an address of the public internet, looking through every way of writing an IPv4
/// address as an IPv6 one. The ranges are those of the IANA special-purpose registries, without
/// those for documentation in IPv4: they lead nowhere, and probes of the relay need one address
/// that is allowed and harmless.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Ranges of IPv4 that are not of the public internet, as network and bits of its prefix.
const SPECIAL: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // shared by carriers and customers; some clouds' metadata
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // public in form, but the host's agent inside Azure
    ([169, 254, 0, 0], 16),   // link-local; most clouds' metadata
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments; some clouds' metadata
    ([192, 88, 99, 0], 24),   // 6to4 relays
    ([192, 168, 0, 0], 16),   // private
    ([198, 18, 0, 0], 15),    // benchmarks
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
];

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let common_bits =
        |network: [u8; 4]| (ip.to_bits() ^ u32::from_be_bytes(network)).leading_zeros();
    SPECIAL.iter().all(|(network, prefix)| common_bits(*network) < *prefix)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let groups = ip.segments();
    match groups {
        // Mapped (::ffff:a.b.c.d) and NAT64 (64:ff9b::a.b.c.d): as public as what is inside.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(inside(high, low))
        }
        // 6to4: the IPv4 address of the router follows the first group.
        [0x2002, high, low, ..] if !is_public_v4(inside(high, low)) => false,
        // Protocol assignments, 2001::/23 (Teredo, benchmarks, ORCHID); documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // ISATAP hides an IPv4 address in the last groups of any prefix.
        [.., 0 | 0x0200, 0x5efe, high, low] if !is_public_v4(inside(high, low)) => false,
        // Global unicast. What remains outside: unspecified, loopback, compatible (::a.b.c.d),
        // translated (::ffff:0:a.b.c.d), local NAT64 (64:ff9b:1::/48), discard, unique local,
        // link-local, site-local, multicast and the unassigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn inside(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED_V4: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
    ];

    const ALLOWED_V4: &[&str] = &[
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.15",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.113.9",
        "223.255.255.255",
    ];

    fn refuses(text: &str) -> bool {
        !is_public(text.parse().unwrap())
    }

    /// Every way of writing `ip` as IPv6 that some host or router understands.
    fn disguises(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
        let bits = u32::from(ip);
        let (high, low) = ((bits >> 16) as u16, (bits & 0xffff) as u16);
        vec![
            ip.to_ipv6_mapped(),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf, !high, !low),
            Ipv6Addr::new(0x2400, 1, 2, 3, 0, 0x5efe, high, low),
            Ipv6Addr::new(0x2400, 1, 2, 3, 0x200, 0x5efe, high, low),
        ]
    }

    #[test]
    fn special_addresses_are_refused_in_every_disguise() {
        for text in REFUSED_V4 {
            assert!(refuses(text), "{text}");
            for disguise in disguises(text.parse().unwrap()) {
                assert!(!is_public(disguise.into()), "{text} as {disguise}");
            }
        }
    }

    #[test]
    fn public_addresses_pass_up_to_the_edges_of_the_special_ranges() {
        for text in ALLOWED_V4 {
            assert!(!refuses(text), "{text}");
            let ip: Ipv4Addr = text.parse().unwrap();
            assert!(is_public(ip.to_ipv6_mapped().into()), "{text} mapped");
        }
    }

    #[test]
    fn of_ipv6_only_global_unicast_passes() {
        for text in [
            "::",
            "::1",
            "::2",
            "100::1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff::1",
            "2001:db8::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "1fff::1",
        ] {
            assert!(refuses(text), "{text}");
        }
        for text in [
            "2001:200::1",
            "2001:4860:4860::8888",
            "2400:cb00::1",
            "2a00:1450::1",
            "2000::1",
            "3fff:1000::1",
            "3ffe::1",
            "64:ff9b::101:101",
            "2002:101:101::1",
        ] {
            assert!(!refuses(text), "{text}");
        }
    }
}
