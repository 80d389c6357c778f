//! The argument helpers of iproute2: walking argv, addresses and prefixes, the words of its errors.
//! Which argument means what is the object's own: `link`, `addr`, `route`, ...
//!
//! A parser of an object reads like iproute2's loop over `argv`:
//!
//! ```
//! use vethlab::tool::Failure;
//! use vethlab::tool::ip::args::{Args, Family, address, garbage};
//!
//! fn parse(words: &[&str]) -> Result<Option<std::net::IpAddr>, Failure> {
//!     let mut args = Args::new(words);
//!     let mut local = None;
//!     while let Some(word) = args.take() {
//!         match word {
//!             "local" => local = address(args.required()?, Family::Inet)?.addr,
//!             word => return Err(garbage("local", word)),
//!         }
//!     }
//!     Ok(local)
//! }
//! assert_eq!(parse(&["local", "10.1"]).unwrap(), Some([10, 1, 0, 0].into()));
//! assert_eq!(parse(&["local"]).unwrap_err().status, 255);
//! ```

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::tool::{Failure, number};

/// What `-4`, `-6`, `-0`, `-M`, `-B` and `-f NAME` say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Family {
    /// None was asked for.
    #[default]
    Unspec,
    /// IPv4, `-4`.
    Inet,
    /// IPv6, `-6`.
    Inet6,
    /// The link layer, `-0` (`AF_PACKET`).
    Link,
    /// MPLS, `-M`.
    Mpls,
    /// Bridge, `-B`.
    Bridge,
}

impl Family {
    /// The family of the name that `-f` takes (`read_family`).
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "inet" => Self::Inet,
            "inet6" => Self::Inet6,
            "link" => Self::Link,
            "mpls" => Self::Mpls,
            "bridge" => Self::Bridge,
            _ => return None,
        })
    }

    /// Its name (`family_name`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspec => "???",
            Self::Inet => "inet",
            Self::Inet6 => "inet6",
            Self::Link => "link",
            Self::Mpls => "mpls",
            Self::Bridge => "bridge",
        }
    }

    /// How errors call it: `any valid` where none was asked for.
    fn verbose(self) -> &'static str {
        match self {
            Self::Unspec => "any valid",
            family => family.name(),
        }
    }

    /// The family of an address.
    pub fn of(addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(_) => Self::Inet,
            IpAddr::V6(_) => Self::Inet6,
        }
    }

    /// How many bits its addresses have; 0 where it has none of ours.
    pub fn bits(self) -> u8 {
        match self {
            Self::Inet => 32,
            Self::Inet6 => 128,
            Self::Mpls => 20,
            Self::Unspec | Self::Link | Self::Bridge => 0,
        }
    }

    /// Its all-zeros address, for the families that have IP addresses.
    fn zero(self) -> Option<IpAddr> {
        match self {
            Self::Inet => Some(Ipv4Addr::UNSPECIFIED.into()),
            Self::Inet6 => Some(Ipv6Addr::UNSPECIFIED.into()),
            _ => None,
        }
    }
}

/// The words of a command that are still to be read.
#[derive(Clone, Debug)]
pub struct Args<'a, S = &'a str> {
    words: &'a [S],
}

impl<'a, S: AsRef<str>> Args<'a, S> {
    /// All of `words`, none read.
    pub fn new(words: &'a [S]) -> Self {
        Self { words }
    }

    /// Reads one word, if there is one.
    pub fn take(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.as_ref())
    }

    /// Reads the value that must follow (`NEXT_ARG`).
    ///
    /// # Errors
    /// `Command line is not complete.`, status 255.
    pub fn required(&mut self) -> Result<&'a str, Failure> {
        self.take().ok_or_else(incomplete)
    }

    /// The next word, left where it is.
    pub fn peek(&self) -> Option<&'a str> {
        self.words.first().map(AsRef::as_ref)
    }

    /// Reads the next word where it is `word`.
    pub fn take_if(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.words = self.words.get(1..).unwrap_or_default();
        }
        found
    }

    /// How many words are left (`argc`).
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether no word is left.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words that are left.
    pub fn rest(&self) -> &'a [S] {
        self.words
    }
}

/// Whether `word` abbreviates `full`, as `matches()` has it: a beginning of it, not empty.
///
/// ```
/// use vethlab::tool::ip::args::matches;
///
/// assert!(matches("ro", "route") && matches("route", "route"));
/// assert!(!matches("", "route") && !matches("routes", "route"));
/// ```
pub fn matches(word: &str, full: &str) -> bool {
    !word.is_empty() && full.starts_with(word)
}

/// `incomplete_command`: a value is missing at the end. Status 255.
pub fn incomplete() -> Failure {
    Failure::line(255, "Command line is not complete. Try option \"help\"")
}

/// `missarg`: an argument that must be given was not. Status 255.
pub fn missing(key: &str) -> Failure {
    Failure::line(255, format_args!("Error: argument \"{key}\" is required"))
}

/// `invarg`: the value of an argument is wrong. Status 255. Many of iproute2's
/// messages end in a newline of their own, which leaves an empty line: pass it in `why`.
pub fn invalid(why: impl Display, value: &str) -> Failure {
    Failure::line(
        255,
        format_args!("Error: argument \"{value}\" is wrong: {why}"),
    )
}

/// `duparg`: an argument was given twice. Status 255.
pub fn duplicate(key: &str, value: &str) -> Failure {
    Failure::line(
        255,
        format_args!("Error: duplicate \"{key}\": \"{value}\" is the second value."),
    )
}

/// `duparg2`: a word is either a second value of `key` or nothing known. Status 255.
pub fn garbage(key: &str, word: &str) -> Failure {
    Failure::line(
        255,
        format_args!("Error: either \"{key}\" is duplicate, or \"{word}\" is a garbage."),
    )
}

/// `nodev`: there is no device of that name. Status 1, where the object returns it
/// to `main`; a few places leave with 255 instead.
pub fn no_device(name: &str) -> Failure {
    Failure::line(1, format_args!("Cannot find device \"{name}\""))
}

/// A command that the object does not have. Status 255.
pub fn unknown_command(word: &str, object: &str) -> Failure {
    Failure::line(
        255,
        format_args!("Command \"{word}\" is unknown, try \"ip {object} help\"."),
    )
}

/// An address with a prefix length, as iproute2's `inet_prefix` holds one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix {
    /// Whose address it is; of `any` and `default` the family that was asked for.
    pub family: Family,
    /// The address: none for `any` and `all`, and for a `default` of no known family.
    pub addr: Option<IpAddr>,
    /// The length; the whole address where none was given, 0 for `default`, `any` and `all`.
    pub len: u8,
    /// Whether a length was given, or the word was `default` (`PREFIXLEN_SPECIFIED`).
    pub explicit: bool,
}

impl Prefix {
    /// Whether the address is all zeros, or is none (`ADDRTYPE_INET_UNSPEC`).
    pub fn is_unspecified(&self) -> bool {
        self.addr.is_none_or(|addr| addr.is_unspecified())
    }

    /// Whether the address is a group (`ADDRTYPE_INET_MULTI`).
    pub fn is_multicast(&self) -> bool {
        self.addr.is_some_and(|addr| addr.is_multicast())
    }

    /// The prefix of `family` that the kernel is told; `default` and `any` are everything.
    ///
    /// # Errors
    /// Where the family is neither IPv4 nor IPv6.
    pub fn net(&self, family: Family) -> Result<IpNet, Failure> {
        let refused = || Failure::not_simulated(format_args!("the family {}", family.name()));
        let any = match family {
            Family::Inet => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Family::Inet6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            _ => return Err(refused()),
        };
        IpNet::new(self.addr.unwrap_or(any), self.len).map_err(|_| refused())
    }

    /// Whether `addr` is in this prefix (`inet_addr_match`); everything is in one of length 0.
    pub fn contains(&self, addr: IpAddr) -> bool {
        self.addr
            .is_none_or(|own| self.len == 0 || same_bits(own, addr, self.len))
    }
}

/// Whether two addresses of one family agree in their first `bits` bits.
pub fn same_bits(a: IpAddr, b: IpAddr, bits: u8) -> bool {
    let (differ, width) = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(u32::from(a) ^ u32::from(b)), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b), 128),
        _ => return false,
    };
    let tail = u32::saturating_sub(width, u32::from(bits));
    differ.checked_shr(tail).unwrap_or(0) == 0
}

/// An address as an argument (`get_addr`). iproute2 reads `10.1` as 10.1.0.0.
///
/// # Errors
/// `Error: inet address is expected rather than "foo".`, status 1.
pub fn address(text: &str, family: Family) -> Result<Prefix, Failure> {
    parse_address(text, family).ok_or_else(|| {
        let family = family.verbose();
        Failure::line(
            1,
            format_args!("Error: {family} address is expected rather than \"{text}\"."),
        )
    })
}

/// A prefix as an argument (`get_prefix`): `10/8`, `10.0.0.0/255.0.0.0`, `default`, `any`.
///
/// # Errors
/// `Error: any valid prefix is expected rather than "foo".`, status 1.
pub fn prefix(text: &str, family: Family) -> Result<Prefix, Failure> {
    if family == Family::Link {
        return Err(Failure::line(
            1,
            format_args!(
                "Error: \"{text}\" may be inet prefix, but it is not allowed in this context."
            ),
        ));
    }
    parse_prefix(text, family).ok_or_else(|| {
        let family = family.verbose();
        Failure::line(
            1,
            format_args!("Error: {family} prefix is expected rather than \"{text}\"."),
        )
    })
}

/// An IPv4 address (`get_addr32`).
///
/// # Errors
/// `Error: an IP address is expected rather than "foo"`, status 1.
pub fn ipv4(text: &str) -> Result<Ipv4Addr, Failure> {
    match parse_address(text, Family::Inet).map(|p| p.addr) {
        Some(Some(IpAddr::V4(addr))) => Ok(addr),
        Some(_) => Ok(Ipv4Addr::UNSPECIFIED),
        None => Err(Failure::line(
            1,
            format_args!("Error: an IP address is expected rather than \"{text}\""),
        )),
    }
}

/// `get_addr_1`: an address, or nothing where `text` is none of `family`.
pub fn parse_address(text: &str, family: Family) -> Option<Prefix> {
    let none = |addr, explicit| Prefix {
        family,
        addr,
        len: 0,
        explicit,
    };
    match text {
        "default" | "all" | "any" if family == Family::Mpls => return None,
        "default" => return Some(none(family.zero(), true)),
        "all" | "any" => return Some(none(None, false)),
        _ => {}
    }
    let addr: IpAddr = if text.contains(':') {
        text.parse::<Ipv6Addr>().ok()?.into()
    } else {
        dotted(text)?.into()
    };
    let own = Family::of(addr);
    (family == Family::Unspec || family == own).then_some(Prefix {
        family: own,
        addr: Some(addr),
        len: own.bits(),
        explicit: false,
    })
}

/// `get_prefix_1`: a prefix, or nothing where `text` is none of `family`.
pub fn parse_prefix(text: &str, family: Family) -> Option<Prefix> {
    let Some((head, len)) = text.split_once('/') else {
        return parse_address(text, family);
    };
    let found = parse_address(head, family)?;
    if matches!(head, "default" | "any" | "all") {
        return None;
    }
    let len = netmask(len)?;
    (len <= u32::from(found.family.bits())).then_some(Prefix {
        len: u8::try_from(len).ok()?,
        explicit: true,
        ..found
    })
}

/// A prefix length, as a number or as a dotted netmask (`get_netmask`).
fn netmask(text: &str) -> Option<u32> {
    if let Some(len) = number::u32_in(text, 0) {
        return Some(len);
    }
    let mask = u32::from(match text {
        "default" | "all" | "any" => Ipv4Addr::UNSPECIFIED,
        text => dotted(text)?,
    });
    (mask.leading_ones() + mask.trailing_zeros() >= 32).then(|| mask.leading_ones())
}

/// One to four numbers below 256 with dots, in any base of C (`get_addr_ipv4`).
fn dotted(text: &str) -> Option<Ipv4Addr> {
    let mut bytes = [0; 4];
    let mut parts = text.split('.');
    for byte in &mut bytes {
        let Some(part) = parts.next() else { break };
        *byte = number::u8_in(part, 0)?;
    }
    parts.next().is_none().then(|| bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, family: Family) -> String {
        match prefix(text, family) {
            Ok(p) => format!(
                "{}/{} {}",
                p.addr.map_or("-".into(), |a| a.to_string()),
                p.len,
                p.explicit
            ),
            Err(failure) => format!("{} {}", failure.status, failure.stderr.trim_end()),
        }
    }

    #[test]
    fn prefixes_are_read_as_iproute2_reads_them() {
        for (text, family, want) in [
            ("10.0.0.1/24", Family::Unspec, "10.0.0.1/24 true"),
            ("10.8", Family::Unspec, "10.8.0.0/32 false"),
            ("10/8", Family::Unspec, "10.0.0.0/8 true"),
            ("0/0", Family::Unspec, "0.0.0.0/0 true"),
            ("0x0a.010.0.1", Family::Inet, "10.8.0.1/32 false"),
            ("10.0.0.1/255.255.255.0", Family::Unspec, "10.0.0.1/24 true"),
            ("fd00::1/64", Family::Inet6, "fd00::1/64 true"),
            ("default", Family::Unspec, "-/0 true"),
            ("default", Family::Inet, "0.0.0.0/0 true"),
            ("any", Family::Inet6, "-/0 false"),
            (
                "foo",
                Family::Unspec,
                "1 Error: any valid prefix is expected rather than \"foo\".",
            ),
            (
                "10.0.0.1",
                Family::Inet6,
                "1 Error: inet6 prefix is expected rather than \"10.0.0.1\".",
            ),
            (
                "10.0.0.0/33",
                Family::Inet,
                "1 Error: inet prefix is expected rather than \"10.0.0.0/33\".",
            ),
        ] {
            assert_eq!(shown(text, family), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_prefix_is_refused() {
        for text in [
            "",
            "/",
            "10.0.0.1/",
            "10.0.0.1/-1",
            "10.0.0.1.5/24",
            "10.0.0.1/255.0.255.0",
            "1.2.3.256",
            "fd00:::1/64",
            "fd00::g/64",
            "10.0.0.1/24/5",
            "default/0",
            "10..1",
            "fd00::/129",
            "é/8",
        ] {
            assert_eq!(parse_prefix(text, Family::Unspec), None, "{text:?}");
        }
    }

    #[test]
    fn errors_have_the_words_and_the_status_of_iproute2() {
        let mut args = Args::new(&["via"]);
        assert_eq!(args.take(), Some("via"));
        assert_eq!(
            args.required().unwrap_err().stderr,
            "Command line is not complete. Try option \"help\"\n"
        );
        assert_eq!(
            invalid("\"metric\" value is invalid\n", "abc").stderr,
            "Error: argument \"abc\" is wrong: \"metric\" value is invalid\n\n"
        );
        assert_eq!(no_device("nosuch").status, 1);
    }

    #[test]
    fn prefix_containment_compares_the_leading_bits_of_one_family() {
        let net = prefix("10.2.0.0/16", Family::Unspec).unwrap();
        assert!(net.contains([10, 2, 3, 4].into()));
        assert!(!net.contains([10, 3, 0, 0].into()));
        assert!(!net.contains("::".parse().unwrap()));
        assert!(
            prefix("any", Family::Inet)
                .unwrap()
                .contains([1, 2, 3, 4].into())
        );
    }
}
