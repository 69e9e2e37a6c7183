//! What no relay may reach is refused when it is asked for, in words that a client understands, and
//! one public address is not (reliability W-01). No packet is ever sent to any of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::raw::{Raw, Said};
use super::{LOCAL, site, site_at};

/// The list of W-01, with the database of a usual installation.
const SPECIAL_V4: &[&str] = &[
    "0.0.0.0",
    "127.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
];
const SPECIAL_V6: &[&str] = &[
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
];
/// For documentation: it leads nowhere.
const PUBLIC: &str = "203.0.113.9:443";

const FORBIDDEN: Said = Said { code: 403, signed: true };
const GRANTED: Said = Said { code: 0, signed: true };

fn at(ip: &str, port: u16) -> SocketAddr {
    SocketAddr::new(ip.parse().unwrap(), port)
}

/// Every way of writing `ip` as an IPv6 address that some host or router understands.
fn disguises(ip: Ipv4Addr) -> Vec<IpAddr> {
    let [a, b, c, d] = ip.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let written = [
        [0, 0, 0, 0, 0, 0xffff, high, low],
        [0, 0, 0, 0, 0, 0, high, low],
        [0, 0, 0, 0, 0xffff, 0, high, low],
        [0x64, 0xff9b, 0, 0, 0, 0, high, low],
        [0x64, 0xff9b, 1, 0, 0, 0, high, low],
        [0x2002, high, low, 0, 0, 0, 0, 1],
        [0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf, !high, !low],
        [0x2400, 1, 2, 3, 0, 0x5efe, high, low],
        [0x2400, 1, 2, 3, 0x200, 0x5efe, high, low],
    ];
    written.map(|groups| Ipv6Addr::from(groups).into()).to_vec()
}

fn everything_special() -> Vec<SocketAddr> {
    let of = |texts: &[&str]| texts.iter().map(|text| at(text, 80)).collect::<Vec<_>>();
    let disguised = SPECIAL_V4.iter().flat_map(|text| disguises(text.parse().unwrap()));
    let disguised = disguised.map(|ip| SocketAddr::new(ip, 80)).collect();
    [of(SPECIAL_V4), of(SPECIAL_V6), disguised, vec![at("127.0.0.1", 5432)]].concat()
}

#[tokio::test]
async fn special_addresses_get_neither_permission_nor_channel_and_a_public_one_gets_both() {
    let site = site().await;
    let special = everything_special();
    assert!(special.len() > 100);
    let mut asked = 0;
    // Each source may ask for so much at once.
    for (number, part) in special.chunks(100).enumerate() {
        let from = Ipv4Addr::new(127, 0, 1, 1 + u8::try_from(number).unwrap());
        let mut raw = Raw::new(site.server.local_addr(), from.into(), &site.anyone()).await;
        assert_eq!(raw.allocate(Some(false)).await, GRANTED);
        for peer in part {
            assert_eq!(raw.permit(&[*peer]).await, FORBIDDEN, "a permission for {peer}");
            assert_eq!(raw.bind(*peer).await, FORBIDDEN, "a channel to {peer}");
            asked += 2;
        }
        let public = PUBLIC.parse().unwrap();
        assert_eq!(raw.permit(&[public]).await, GRANTED);
        assert_eq!(raw.bind(public).await, GRANTED);
    }
    let counts = site.server.counters();
    assert_eq!((counts.permissions_refused, counts.packets_relayed), (asked, 0));
    site.server.close().await;
}

#[tokio::test]
async fn one_forbidden_address_among_several_bars_them_all() {
    let site = site().await;
    let mut raw = Raw::new(site.server.local_addr(), LOCAL, &site.anyone()).await;
    assert_eq!(raw.allocate(None).await, GRANTED);
    let (public, private) = (PUBLIC.parse().unwrap(), at("10.0.0.1", 80));
    assert_eq!(raw.permit(&[public, private]).await, FORBIDDEN);
    assert_eq!(raw.permit(&[public, public]).await, GRANTED);
    // Our own relays, but not any port of the address that they are at; nor its port 0.
    let own = raw.relayed.unwrap();
    assert_eq!(raw.permit(&[own]).await, GRANTED);
    assert_eq!(raw.permit(&[SocketAddr::new(own.ip(), 0)]).await, FORBIDDEN);
    assert_eq!(raw.permit(&[site.server.local_addr()]).await, FORBIDDEN);
    site.server.close().await;
}

#[tokio::test]
async fn an_address_of_the_other_family_is_not_to_be_had() {
    let site = site().await;
    let mut raw = Raw::new(site.server.local_addr(), LOCAL, &site.anyone()).await;
    assert_eq!(raw.allocate(Some(true)).await, Said { code: 440, signed: true });
    assert_eq!(raw.allocate(Some(false)).await, GRANTED);
    let other = raw.permit(&[at("2400:cb00::1", 80)]).await;
    assert_eq!(other.code, 443, "a public peer of the other family (RFC 8656, section 9.2)");
    site.server.close().await;
}

#[tokio::test]
async fn a_relay_of_ipv6_keeps_the_same_rules() {
    let ip: IpAddr = Ipv6Addr::LOCALHOST.into();
    let site = site_at(ip).await;
    let mut raw = Raw::new(site.server.local_addr(), ip, &site.anyone()).await;
    assert_eq!(raw.allocate(Some(false)).await.code, 440);
    assert_eq!(raw.allocate(None).await.code, 440, "who names no family means IPv4");
    assert_eq!(raw.allocate(Some(true)).await, GRANTED);
    for peer in everything_special().iter().take(100) {
        let said = raw.permit(&[*peer]).await;
        assert_eq!(said, FORBIDDEN, "{peer}");
    }
    assert_eq!(raw.permit(&[at("2400:cb00::1", 80)]).await, GRANTED);
    site.server.close().await;
}

#[tokio::test]
async fn who_cannot_sign_learns_nothing_of_the_filter() {
    let site = site().await;
    let (name, _) = site.anyone();
    let mut raw = Raw::new(site.server.local_addr(), LOCAL, &(name, "guessed".to_owned())).await;
    raw.fetch_nonce().await;
    assert_eq!(raw.permit(&[at("10.0.0.1", 80)]).await, Said { code: 400, signed: false });
    let mut raw = Raw::new(site.server.local_addr(), LOCAL, &("x".into(), "y".into())).await;
    raw.fetch_nonce().await;
    assert_eq!(raw.permit(&[at("10.0.0.1", 80)]).await, Said { code: 400, signed: false });
    site.server.close().await;
}
