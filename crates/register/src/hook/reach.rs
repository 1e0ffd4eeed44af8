//! Where a delivery may go. A name is resolved once, every address of it is looked at, and the connection goes to one of those: a
//! name that points elsewhere a moment later gains nothing. Addresses of private networks, of this machine and of links are refused
//! unless the operator allows them. Practice: OWASP, Server-Side Request Forgery Prevention.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::Url;

/// Longest time of one delivery.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Why an address is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreachable {
    /// It is no address of the web, holds a name and password, or is not encrypted.
    #[error("the address is not an https address")]
    Address,
    /// The name has no address.
    #[error("the name has no address")]
    Name,
    /// It lies inside.
    #[error("the address lies in a private network")]
    Private,
    /// The connection.
    #[error("no connection: {0}")]
    Connection(String),
}

/// Reads an address that deliveries may go to.
pub(crate) fn address(text: &str, private_allowed: bool) -> Result<Url, Unreachable> {
    let url = Url::parse(text.trim()).map_err(|_| Unreachable::Address)?;
    let scheme = url.scheme() == "https" || (private_allowed && url.scheme() == "http");
    if !scheme || !url.username().is_empty() || url.password().is_some() || text.len() > 500 {
        return Err(Unreachable::Address);
    }
    // Every way to write an address in numbers is one form by now.
    let host = url.host_str().ok_or(Unreachable::Address)?;
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) if !private_allowed && !is_public(ip) => Err(Unreachable::Private),
        _ => Ok(url),
    }
}

/// Whether an address is one of the open network.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let inside = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        // This network, carriers' networks, protocol assignments, benchmarks, the future.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !inside
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Only the global block; of it not documentation, Teredo, 6to4 and NAT64, which hold addresses of other networks.
    (a & 0xe000) == 0x2000 && !(a == 0x2001 && (b == 0x0db8 || b < 0x0200)) && a != 0x2002
}

/// A client that can reach this address alone.
pub(crate) async fn client(url: &Url, private_allowed: bool) -> Result<reqwest::Client, Unreachable> {
    let host = url
        .host_str()
        .ok_or(Unreachable::Address)?
        .trim_matches(['[', ']'])
        .to_owned();
    let port = url.port_or_known_default().ok_or(Unreachable::Address)?;
    let found = tokio::time::timeout(TIME_MAX, tokio::net::lookup_host((host.as_str(), port))).await;
    let found: Vec<SocketAddr> = found
        .map_err(|_| Unreachable::Name)?
        .map_err(|_| Unreachable::Name)?
        .collect();
    if found.is_empty() {
        return Err(Unreachable::Name);
    }
    if !private_allowed && found.iter().any(|address| !is_public(address.ip())) {
        return Err(Unreachable::Private);
    }
    // Nothing happens where one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .resolve_to_addrs(&host, &found)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIME_MAX)
        .user_agent(concat!("tinhso/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Unreachable::Connection(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_network_is_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
        for open in ["203.162.0.181", "8.8.8.8", "2405:4800::1"] {
            assert!(is_public(open.parse().expect("an address")), "{open}");
        }
    }

    #[test]
    fn addresses_are_read_strictly() {
        assert!(address("https://example.vn/hook", false).is_ok());
        for (text, why) in [
            ("http://example.vn/", Unreachable::Address),
            ("ftp://example.vn/", Unreachable::Address),
            ("https://user:word@example.vn/", Unreachable::Address),
            ("file:///etc/passwd", Unreachable::Address),
            ("https://127.0.0.1/", Unreachable::Private),
            ("https://[::1]/", Unreachable::Private),
            ("https://2130706433/", Unreachable::Private),
            ("https://0x7f.1/", Unreachable::Private),
        ] {
            assert_eq!(address(text, false), Err(why), "{text}");
        }
        assert!(address("http://127.0.0.1:8080/", true).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_points_inside_is_refused() {
        let url = address("https://localhost/", false).expect("a name");
        assert!(matches!(client(&url, false).await, Err(Unreachable::Private)));
        assert!(client(&url, true).await.is_ok());
    }
}
