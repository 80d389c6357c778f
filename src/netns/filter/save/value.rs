//! Values as the words of `iptables` write them: networks, ranges, rates, names of bits.
//! Which option they belong to is said in `matches` and `target`.

use crate::netns::filter::rule::{ADDR_TYPES, Family, NatTo, Net, Range, state, status};
use std::fmt::{self, Display, Formatter};

/// A network with its mask: as a prefix length where it is one.
pub struct NetText(pub Family, pub Net);

impl NetText {
    /// The length of the prefix, where the mask is one.
    pub fn prefix_len(&self) -> Option<u8> {
        let ones = self.1.mask.count_ones() as u8;
        (self.0.mask(ones) == self.1.mask).then_some(ones)
    }
}

impl Display for NetText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let addr = self.0.addr(self.1.addr);
        match self.prefix_len() {
            Some(len) => write!(f, "{addr}/{len}"),
            None => write!(f, "{addr}/{}", self.0.addr(self.1.mask)),
        }
    }
}

/// Text with quotes around it where it needs some (`xtables_save_string`).
pub struct Quoted<'a>(pub &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !self.0.is_empty() && self.0.chars().all(plain) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\' | '\'') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        f.write_str("\"")
    }
}

/// The names of those bits of a list that are set, with commas.
pub fn bit_names(bits: u32, names: impl Iterator<Item = (&'static str, u32)>) -> String {
    let set = names.filter(|(_, bit)| bits & bit != 0);
    set.map(|(name, _)| name).collect::<Vec<_>>().join(",")
}

/// The states of a set, as `--ctstate` takes them.
pub fn state_names(bits: u8) -> String {
    let names = state::NAMES.iter();
    bit_names(
        bits.into(),
        names.map(|&(name, bit)| (name, u32::from(bit))),
    )
}

/// What has become of a connection, as `--ctstatus` takes it.
pub fn status_names(bits: u8) -> String {
    let names = status::NAMES.iter();
    bit_names(
        bits.into(),
        names.map(|&(name, bit)| (name, u32::from(bit))),
    )
}

/// Kinds of addresses, as `--dst-type` takes them.
pub fn addr_type_names(bits: u16) -> String {
    let names = ADDR_TYPES.iter().enumerate();
    bit_names(bits.into(), names.map(|(at, &name)| (name, 1 << at)))
}

/// The flags of TCP, as `--tcp-flags` takes them.
pub fn tcp_flag_names(bits: u8) -> String {
    const FLAGS: [&str; 6] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];
    let names = FLAGS.iter().enumerate();
    match bit_names(bits.into(), names.map(|(at, &name)| (name, 1 << at))) {
        none if none.is_empty() => "NONE".to_owned(),
        names => names,
    }
}

/// A rate, as `--limit` takes it: so many packets a second, minute, hour or day.
pub fn rate_text(period: u32) -> String {
    const UNITS: [(&str, u32); 4] = [
        ("day", 864_000_000),
        ("hour", 36_000_000),
        ("min", 600_000),
        ("sec", 10_000),
    ];
    let period = period.max(1);
    let mut best = 0;
    for (at, (_, unit)) in UNITS.iter().enumerate().skip(1) {
        if period > *unit || unit / period < unit % period {
            break;
        }
        best = at;
    }
    let (name, unit) = UNITS[best];
    format!("{}/{name}", unit / period)
}

/// Addresses and ports of a translation: `1.1.1.1-1.1.1.4:80-90`.
pub struct NatText(pub Family, pub NatTo);

impl Display for NatText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let NatTo { addrs, ports, .. } = self.1;
        let bracket = self.0 == Family::V6 && ports.is_some();
        if let Some((first, last)) = addrs {
            let (first, last) = (self.0.addr(first), self.0.addr(last));
            if bracket {
                f.write_str("[")?;
            }
            write!(f, "{first}")?;
            if first != last {
                write!(f, "-{last}")?;
            }
            if bracket {
                f.write_str("]")?;
            }
        }
        match ports {
            Some(ports) => write!(f, ":{}", Dashed(ports)),
            None => Ok(()),
        }
    }
}

/// A range with a dash.
pub struct Dashed(pub Range);

impl Display for Dashed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.first == self.0.last {
            true => write!(f, "{}", self.0.first),
            false => write!(f, "{}-{}", self.0.first, self.0.last),
        }
    }
}

/// A range with a colon.
pub struct Coloned(pub Range);

impl Display for Coloned {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.first == self.0.last {
            true => write!(f, "{}", self.0.first),
            false => write!(f, "{}:{}", self.0.first, self.0.last),
        }
    }
}

/// A value and its mask, which is left out where it is whole.
pub struct Masked(pub u32, pub u32);

impl Display for Masked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:x}", self.0)?;
        match self.1 {
            u32::MAX => Ok(()),
            mask => write!(f, "/0x{mask:x}"),
        }
    }
}

/// A network without the mask of a single address.
pub fn short_net(family: Family, net: Net) -> String {
    match net.mask == family.mask(family.bits()) {
        true => family.addr(net.addr).to_string(),
        false => NetText(family, net).to_string(),
    }
}

/// A share of 2^31 as a decimal fraction with eleven places.
pub fn probability_text(share: u32) -> String {
    const ONE: u128 = 100_000_000_000;
    let scaled = (u128::from(share) * ONE + (1 << 30)) >> 31;
    format!("{}.{:011}", scaled / ONE, scaled % ONE)
}

/// The name of a kind of packet.
pub fn pkt_type_name(kind: u8) -> &'static str {
    match kind {
        0 => "unicast",
        1 => "broadcast",
        _ => "multicast",
    }
}
