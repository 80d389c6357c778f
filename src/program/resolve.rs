//! Names to addresses and back, as the C library does with a machine's `/etc/hosts` and no name server.
//! It sends no query: a name that is not in the file has no address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::kernel::World;
use crate::units::NetnsId;

/// Why a name has no address (`gai_strerror`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// EAI_NONAME.
    NotKnown,
    /// EAI_AGAIN: no name server answers.
    TemporaryFailure,
    /// EAI_ADDRFAMILY.
    Family,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotKnown => "Name or service not known",
            Self::TemporaryFailure => "Temporary failure in name resolution",
            Self::Family => "Address family for hostname not supported",
        })
    }
}

/// What `/etc/hosts` of a host says.
const HOSTS: [(IpAddr, &[&str]); 2] = [
    (IpAddr::V4(Ipv4Addr::LOCALHOST), &["localhost"]),
    (
        IpAddr::V6(Ipv6Addr::LOCALHOST),
        &["ip6-localhost", "ip6-loopback"],
    ),
];
/// The address that Debian writes for the machine's own name.
const OWN: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);

/// An IPv4 address in any form that `inet_aton` takes: `10.0.0.1`, `10.1`, `0x7f.1`, `0`.
///
/// ```
/// use vethlab::program::resolve::inet_aton;
///
/// assert_eq!(inet_aton("127.1"), Some([127, 0, 0, 1].into()));
/// assert_eq!(inet_aton("256.0.0.1"), None);
/// ```
pub fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u32> = text.split('.').map(c_number).collect::<Option<_>>()?;
    let (&last, heads) = parts.split_last()?;
    if heads.len() > 3 || heads.iter().any(|&part| part > 255) {
        return None;
    }
    let bits_left = 32 - 8 * u32::try_from(heads.len()).ok()?;
    if u64::from(last) >= 1 << bits_left {
        return None;
    }
    let high = heads
        .iter()
        .zip([24, 16, 8])
        .map(|(part, shift)| part << shift);
    Some(Ipv4Addr::from(high.fold(last, |sum, part| sum | part)))
}

/// A number as C writes it: decimal, `0x` hexadecimal or `0` octal.
fn c_number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    plain.then(|| u32::from_str_radix(digits, radix).ok())?
}

/// The addresses of a name, a literal one among them, with port 0 (`getaddrinfo`).
pub fn lookup(
    world: &World,
    netns: NetnsId,
    host: &str,
    name: &str,
) -> Result<Vec<SocketAddr>, NameError> {
    if let Some(literal) = literal(world, netns, name) {
        return literal.map(|address| vec![address]);
    }
    if name.is_empty() {
        return Err(NameError::NotKnown);
    }
    let in_file = HOSTS
        .iter()
        .filter(|(_, names)| names.contains(&name))
        .map(|&(ip, _)| SocketAddr::new(ip, 0));
    let own = name == host && world.name_view(netns).is_none();
    let own = own.then(|| SocketAddr::new(IpAddr::V4(OWN), 0));
    let served = world.names_lookup(netns, name).into_iter();
    let served = served.map(|ip| SocketAddr::new(ip, 0));
    let found: Vec<SocketAddr> = in_file.chain(own).chain(served).collect();
    match found.is_empty() {
        true => Err(NameError::TemporaryFailure),
        false => Ok(found),
    }
}

/// A literal address; an IPv6 one may name its device or give its number (`fe80::1%veth1`).
fn literal(world: &World, netns: NetnsId, text: &str) -> Option<Result<SocketAddr, NameError>> {
    if let Some(v4) = inet_aton(text) {
        return Some(Ok(SocketAddr::new(IpAddr::V4(v4), 0)));
    }
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    let v6: Ipv6Addr = address.parse().ok()?;
    let Some(zone) = zone else {
        return Some(Ok(SocketAddr::new(IpAddr::V6(v6), 0)));
    };
    let scope = scope_id(world, netns, v6, zone);
    Some(match scope {
        Some(scope) => Ok(SocketAddr::V6(SocketAddrV6::new(v6, 0, 0, scope))),
        None => Err(NameError::NotKnown),
    })
}

/// Only addresses of a link take a device's name; any takes a number (`__inet6_scopeid_pton`).
fn scope_id(world: &World, netns: NetnsId, v6: Ipv6Addr, zone: &str) -> Option<u32> {
    let link_local = v6.is_unicast_link_local() || is_link_local_multicast(v6);
    let named = match link_local {
        true => ifindex_of(world, netns, zone),
        false => None,
    };
    named.or_else(|| zone.parse().ok())
}

/// An address without a port; a link-local one with its device.
pub fn with_scope(ip: IpAddr, ifindex: u32) -> SocketAddr {
    match ip {
        IpAddr::V6(v6) if v6.is_unicast_link_local() => {
            SocketAddr::V6(SocketAddrV6::new(v6, 0, 0, ifindex))
        }
        ip => SocketAddr::new(ip, 0),
    }
}

/// Whether a multicast address stays on its link (`ff02::/16`).
pub fn is_link_local_multicast(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.octets();
    first == 0xff && second & 0x0f == 2
}

/// The number of a device by its name (`if_nametoindex`).
pub fn ifindex_of(world: &World, netns: NetnsId, name: &str) -> Option<u32> {
    world.ifindex(netns, name)
}

/// The name of an address, where the file or the namespace's own names have one (`getnameinfo`).
pub fn name_of(world: &World, netns: NetnsId, host: &str, ip: IpAddr) -> Option<String> {
    let in_file = HOSTS
        .iter()
        .find(|&&(address, _)| address == ip)
        .and_then(|(_, names)| names.first().map(|&name| name.to_owned()));
    let own = ip == IpAddr::V4(OWN) && world.name_view(netns).is_none();
    in_file
        .or_else(|| own.then(|| host.to_owned()))
        .or_else(|| world.names_reverse(netns, ip).map(str::to_owned))
}

/// An address as text, with the device of a link-local one (`getnameinfo` with NI_NUMERICHOST).
pub fn numeric(world: &World, netns: NetnsId, address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => {
            let zone = world
                .ifname(netns, v6.scope_id())
                .map_or_else(|| v6.scope_id().to_string(), |name| name.to_string());
            format!("{}%{zone}", v6.ip())
        }
        address => address.ip().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_all_the_forms_of_the_c_library() {
        let forms = [
            ("10.0.0.1", Some([10, 0, 0, 1])),
            ("10.1", Some([10, 0, 0, 1])),
            ("0x7f.1", Some([127, 0, 0, 1])),
            ("010.0.0.1", Some([8, 0, 0, 1])),
            ("0", Some([0, 0, 0, 0])),
            ("4294967295", Some([255, 255, 255, 255])),
            ("4294967296", None),
            ("1.2.3.4.5", None),
            ("10.0.0.256", None),
            ("10.0.0", Some([10, 0, 0, 0])),
            ("", None),
            ("+1", None),
            ("foo", None),
        ];
        for (text, want) in forms {
            assert_eq!(inet_aton(text), want.map(Ipv4Addr::from), "{text:?}");
        }
    }

    #[test]
    fn names_are_in_the_file_or_have_no_address() {
        let world = World::new(0);
        let netns = world.host(world.default_host()).root;
        let find = |name: &str| lookup(&world, netns, "host", name);
        assert_eq!(
            find("localhost"),
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
        );
        assert_eq!(find("nosuch"), Err(NameError::TemporaryFailure));
        assert_eq!(find(""), Err(NameError::NotKnown));
        assert_eq!(find("::1%lo"), Err(NameError::NotKnown));
        let scoped = find("fe80::1%lo").map(|found| numeric(&world, netns, found[0]));
        assert_eq!(scoped, Ok("fe80::1%lo".to_owned()));
    }
}
