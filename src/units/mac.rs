//! Ethernet addresses (IEEE 802, clause 8).
//! Drawing random ones is the engine's work.

use std::fmt;
use std::str::FromStr;

/// A 48-bit Ethernet address.
///
/// ```
/// use vethlab::units::MacAddr;
///
/// let mac: MacAddr = "02:42:ac:11:00:02".parse().expect("six bytes");
/// assert!(mac.is_local() && !mac.is_multicast());
/// assert_eq!(mac.to_string(), "02:42:ac:11:00:02");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddr(pub [u8; 6]);

/// A string is not six bytes of hexadecimal with colons.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an Ethernet address")]
pub struct ParseMacError;

impl MacAddr {
    /// `ff:ff:ff:ff:ff:ff`.
    pub const BROADCAST: Self = Self([0xff; 6]);
    /// `00:00:00:00:00:00`.
    pub const ZERO: Self = Self([0; 6]);

    /// Whether it is a group address (the lowest bit of the first byte), broadcast included.
    #[inline]
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// Whether it is the broadcast address.
    #[inline]
    pub fn is_broadcast(self) -> bool {
        self == Self::BROADCAST
    }

    /// Whether it was given by a local administrator, not by a vendor.
    #[inline]
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// Whether a device may have it: neither a group address nor zero (`is_valid_ether_addr`).
    #[inline]
    pub fn is_station(self) -> bool {
        !self.is_multicast() && self != Self::ZERO
    }

    /// The 48 bits as a number, for packed keys.
    #[inline]
    pub fn as_u64(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The group address of an IPv4 group (RFC 1112, section 6.4).
    pub fn of_ipv4_group(group: std::net::Ipv4Addr) -> Self {
        let [_, b, c, d] = group.octets();
        Self([0x01, 0x00, 0x5e, b & 0x7f, c, d])
    }

    /// The group address of an IPv6 group (RFC 2464, section 7).
    pub fn of_ipv6_group(group: std::net::Ipv6Addr) -> Self {
        let [.., a, b, c, d] = group.octets();
        Self([0x33, 0x33, a, b, c, d])
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for MacAddr {
    type Err = ParseMacError;

    /// Reads six groups of one or two hexadecimal digits, as iproute2 does.
    fn from_str(text: &str) -> Result<Self, ParseMacError> {
        let mut bytes = [0; 6];
        let mut groups = text.split(':');
        for byte in &mut bytes {
            let group = groups.next().ok_or(ParseMacError)?;
            if group.is_empty() || group.len() > 2 || !group.bytes().all(|b| b.is_ascii_hexdigit())
            {
                return Err(ParseMacError);
            }
            *byte = u8::from_str_radix(group, 16).map_err(|_| ParseMacError)?;
        }
        match groups.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(ParseMacError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_map_to_their_ethernet_addresses() {
        let v4 = MacAddr::of_ipv4_group("224.129.0.106".parse().unwrap());
        assert_eq!(v4.to_string(), "01:00:5e:01:00:6a");
        let v6 = MacAddr::of_ipv6_group("ff02::1:ff00:101".parse().unwrap());
        assert_eq!(v6.to_string(), "33:33:ff:00:01:01");
    }

    #[test]
    fn too_few_too_many_and_odd_bytes_are_refused() {
        for text in [
            "",
            "02:00",
            "1:2:3:4:5:6:7",
            "02:00:00:00:00:zz",
            "02:00:00:00:00:123",
            "+1:2:3:4:5:6",
        ] {
            assert_eq!(text.parse::<MacAddr>(), Err(ParseMacError), "{text:?}");
        }
    }
}
