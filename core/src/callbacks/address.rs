//! Where callbacks must not go: whoever may create meetings names their targets, so without a bound they would
//! reach what listens on this host for this host alone.

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A target is an address of this host or of its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is a loopback or link-local address: CALLBACK_ALLOW_PRIVATE=true allows callbacks to such ones")]
pub(super) struct RefusedAddress(IpAddr);

/// Lets connections be made to allowed addresses only: a name that has none of them is not resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    pub(super) allow_private: bool,
}

impl Guard {
    /// Whether that address may be connected to.
    fn check(self, address: IpAddr) -> Result<(), RefusedAddress> {
        if self.allow_private || !is_private(address) { Ok(()) } else { Err(RefusedAddress(address)) }
    }

    /// Checks a URL whose host is an address: that is never looked up.
    pub(super) fn check_literal(self, url: &Url) -> Result<(), RefusedAddress> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check(address.into()),
            Some(Host::Ipv6(address)) => self.check(address.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    fn filter(self, found: impl Iterator<Item = SocketAddr>) -> io::Result<Vec<SocketAddr>> {
        let (mut allowed, mut refused) = (Vec::new(), None);
        for address in found {
            match self.check(address.ip()) {
                Ok(()) => allowed.push(address),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if allowed.is_empty() => Err(io::Error::new(io::ErrorKind::PermissionDenied, error)),
            _ => Ok(allowed),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            // The client puts the URL's port in the place of this one.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Addrs = Box::new(guard.filter(found)?.into_iter());
            Ok(allowed)
        })
    }
}

/// Addresses of this host, of its link, and those that are no one host's.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let this_network = v4.octets()[0] == 0;
            v4.is_loopback() || v4.is_link_local() || v4.is_broadcast() || v4.is_multicast() || this_network
        }
        IpAddr::V6(v6) => {
            // `::a.b.c.d`, long out of use, still means that address to some systems.
            let compatible = v6.segments()[..6] == [0; 6];
            compatible || v6.is_unicast_link_local() || v6.is_multicast()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let private = [
            "127.0.0.1",
            "127.0.1.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "fe80::1",
            "febf::1",
            "ff02::1",
        ];
        for text in private {
            let address: IpAddr = text.parse().unwrap();
            assert!(is_private(address), "{text}");
            assert_eq!(Guard { allow_private: false }.check(address), Err(RefusedAddress(address)));
            assert_eq!(Guard { allow_private: true }.check(address), Ok(()));
        }
        let public = [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "8.8.8.8",
            "128.0.0.1",
            "126.255.255.255",
            "169.253.0.1",
            "::ffff:10.0.0.1",
            "2001:db8::1",
            "fd00::1",
            "fec0::1",
        ];
        for text in public {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn literals_in_any_spelling() {
        let guard = Guard { allow_private: false };
        for url in [
            "http://127.0.0.1/",
            "https://127.1:8443/x",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://127.0.0.1./",
            "http://169.254.169.254/latest",
        ] {
            assert!(guard.check_literal(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        for url in ["http://10.1.2.3/", "https://front.example/", "http://[2001:db8::1]/"] {
            assert_eq!(guard.check_literal(&Url::parse(url).unwrap()), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_name_with_an_allowed_address_is_reached_there() {
        let guard = Guard { allow_private: false };
        let (private, public) = ("127.0.0.1:0".parse().unwrap(), "192.0.2.1:0".parse().unwrap());
        assert_eq!(guard.filter([private, public].into_iter()).unwrap(), [public]);
        assert_eq!(guard.filter([private].into_iter()).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
