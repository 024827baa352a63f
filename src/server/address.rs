//! Where a request comes from: the address of the connection, or, behind proxies that the bank trusts, the one they
//! tell. A network counts as one address where one customer of a provider has many.

use axum::http::HeaderMap;
use ipnet::{IpNet, Ipv6Net};
use std::net::{IpAddr, SocketAddr};

/// The header in which a proxy adds, at its right end, whom it serves.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Bits of an IPv6 address that one connection to a provider is given: the rest is its own to choose.
const ONE_CONNECTION: u8 = 64;

/// Proxies whose word is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl std::str::FromStr for Proxies {
    type Err = String;

    /// Addresses and networks, with commas between them: `10.0.0.7, 10.1.0.0/16`; or `none`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self::default());
        }
        let network = |part: &str| {
            let part = part.trim();
            let address = || part.parse::<IpAddr>().map(IpNet::from);
            part.parse::<IpNet>().or_else(|_| address()).map_err(|_| {
                format!("{part:?} is neither an address nor a network: write 10.0.0.7 or 10.1.0.0/16, with commas between")
            })
        };
        text.split(',').map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    /// Whether an address is a trusted proxy's.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// The right-most address that is no trusted proxy's. What stands further left was written by a stranger.
    pub fn beyond(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer;
        let told =
            headers.get_all(FORWARDED_FOR).iter().flat_map(|value| value.to_str().unwrap_or("?").split(','));
        for told in told.collect::<Vec<_>>().into_iter().rev() {
            if !self.trusts(address) {
                break;
            }
            // What cannot be read was not written by a proxy of ours: the last that is known counts.
            let Some(next) = read(told.trim()) else { break };
            address = next;
        }
        address
    }
}

/// An address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    Some(bare.parse::<IpAddr>().or_else(|_| with_port()).ok()?.to_canonical())
}

/// Where a request comes from, as it is counted: an IPv4 address, or the network of an IPv6 one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Address(pub String);

impl Address {
    /// As it is counted.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_string()),
            IpAddr::V6(address) => {
                let network =
                    Ipv6Net::new(address, ONE_CONNECTION).map(|network| network.trunc().to_string());
                Self(network.unwrap_or_else(|_| address.to_string()))
            }
        }
    }
}
