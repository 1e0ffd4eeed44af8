//! Where a request really comes from. Addresses and schemes that a proxy reports are believed only from proxies that the
//! configuration names; anybody can write these headers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::HeaderMap;
use http::request::Parts;

/// The client of a request. An extractor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address; the unspecified address when the transport has none (tests).
    pub addr: IpAddr,
    /// Whether it came over TLS, to us or to a named proxy.
    pub https: bool,
}

impl Client {
    /// The block that rate limits count by: an IPv4 address, or the /64 of an IPv6 address.
    #[must_use]
    pub fn bucket(&self) -> IpAddr {
        match self.addr.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let nobody = Self {
            addr: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            https: false,
        };
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(nobody))
    }
}

/// A named proxy: an address or a block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxy {
    addr: IpAddr,
    bits: u8,
}

/// Why a text names no proxy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address and no block of addresses (10.0.0.5, 10.0.0.0/24, fd00::/64)")]
pub struct ProxyError(String);

impl FromStr for Proxy {
    type Err = ProxyError;
    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let wrong = || ProxyError(text.to_owned());
        let (addr, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let addr: IpAddr = addr.parse().map_err(|_| wrong())?;
        let most = if addr.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits > most {
            Err(wrong())
        } else {
            Ok(Self { addr, bits })
        }
    }
}

impl Proxy {
    /// Whether `addr` lies in this block.
    #[must_use]
    pub fn holds(self, addr: IpAddr) -> bool {
        let wide = |addr: IpAddr| match addr.to_canonical() {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        let ((net, kind), (addr, other)) = (wide(self.addr), wide(addr));
        let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
        kind == other && (net & mask) == (addr & mask)
    }
}

/// The proxies of this server, and whether it speaks TLS itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Named proxies.
    pub named: Vec<Proxy>,
    /// Whether this server speaks TLS itself.
    pub tls: bool,
}

impl Proxies {
    /// The client behind `peer`: the last address in `X-Forwarded-For` that is no named proxy.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let is_named = |addr: IpAddr| self.named.iter().any(|proxy| proxy.holds(addr));
        if !is_named(peer) {
            return Client {
                addr: peer,
                https: self.tls,
            };
        }
        let hops = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','));
        let hops: Vec<&str> = hops.map(str::trim).collect();
        let mut addr = peer;
        for hop in hops.iter().rev().take(20) {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            addr = hop;
            if !is_named(hop) {
                break;
            }
        }
        let proto = headers.get("x-forwarded-proto").and_then(|v| v.to_str().ok());
        let https = proto.is_some_and(|p| {
            p.rsplit(',')
                .next()
                .is_some_and(|p| p.trim().eq_ignore_ascii_case("https"))
        });
        Client {
            addr,
            https: https || self.tls,
        }
    }
}

/// Puts [`Client`] into the request.
pub(crate) fn find(proxies: &Proxies, request: &mut Request) {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let client = proxies.client(peer, request.headers());
    request.extensions_mut().insert(client);
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn forwarded(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(value));
        headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn strangers_are_not_believed() {
        let proxies = Proxies {
            named: vec!["10.0.0.0/24".parse().expect("a block")],
            tls: false,
        };
        let client = proxies.client(ip("203.0.113.9"), &forwarded("1.2.3.4"));
        assert_eq!(
            client,
            Client {
                addr: ip("203.0.113.9"),
                https: false
            }
        );
    }

    #[test]
    fn named_proxies_are_walked_from_the_right() {
        let proxies = Proxies {
            named: vec!["10.0.0.0/24".parse().expect("a block")],
            tls: false,
        };
        let client = proxies.client(ip("10.0.0.5"), &forwarded("6.6.6.6, 198.51.100.7, 10.0.0.9"));
        assert_eq!(
            client,
            Client {
                addr: ip("198.51.100.7"),
                https: true
            }
        );
        assert_eq!(
            proxies.client(ip("10.0.0.5"), &forwarded("nonsense")).addr,
            ip("10.0.0.5")
        );
    }

    #[test]
    fn buckets_of_ipv6_are_networks() {
        let one = Client {
            addr: ip("2001:db8:1:2:3::1"),
            https: true,
        };
        let two = Client {
            addr: ip("2001:db8:1:2:ffff::9"),
            https: true,
        };
        assert_eq!(one.bucket(), two.bucket());
        assert_eq!(
            Client {
                addr: ip("::ffff:1.2.3.4"),
                https: true
            }
            .bucket(),
            ip("1.2.3.4")
        );
    }

    #[test]
    fn blocks_are_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0", "fd00::/129", "x/8"] {
            assert!(bad.parse::<Proxy>().is_err(), "{bad}");
        }
    }
}
