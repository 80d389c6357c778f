//! A rule as `iptables -S` writes it: the words that would add it again.
//! How `iptables -L` shows it is the tool's.

use std::fmt::{self, Display, Formatter};

use crate::netns::filter::rule::{
    ADDR_TYPES, ConnMark, Counters, CtMatch, Family, HopLimit, Log, Match, Maybe, NatTo, Net,
    Physdev, Ports, PortsOf, Range, Reject, Rule, Target, TcpMatch, TtlChange, protocol_name,
    state, status,
};

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

/// An option with `! ` before it where it is turned round.
fn option<T>(
    f: &mut Formatter<'_>,
    name: &str,
    what: &Maybe<T>,
    value: impl Display,
) -> fmt::Result {
    write!(f, " {}{name} {value}", bang(what.not))
}

fn bang(not: bool) -> &'static str {
    if not { "! " } else { "" }
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

fn ports(f: &mut Formatter<'_>, ports: &Ports) -> fmt::Result {
    for (name, range) in [("--sport", &ports.source), ("--dport", &ports.destination)] {
        if let Some(range) = range {
            option(f, name, range, Coloned(range.value))?;
        }
    }
    Ok(())
}

fn tcp(f: &mut Formatter<'_>, tcp: &TcpMatch) -> fmt::Result {
    f.write_str(" -m tcp")?;
    ports(f, &tcp.ports)?;
    if let Some(wanted) = &tcp.option {
        option(f, "--tcp-option", wanted, wanted.value)?;
    }
    if let Some(flags) = &tcp.flags {
        let (mask, set) = flags.value;
        let names = format!("{} {}", tcp_flag_names(mask), tcp_flag_names(set));
        option(f, "--tcp-flags", flags, names)?;
    }
    Ok(())
}

fn conntrack(f: &mut Formatter<'_>, family: Family, ct: &CtMatch) -> fmt::Result {
    const ADDRS: [&str; 4] = ["--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst"];
    const PORTS: [&str; 4] = [
        "--ctorigsrcport",
        "--ctorigdstport",
        "--ctreplsrcport",
        "--ctrepldstport",
    ];
    f.write_str(" -m conntrack")?;
    if let Some(state) = &ct.state {
        option(f, "--ctstate", state, state_names(state.value))?;
    }
    if let Some(proto) = &ct.proto {
        option(f, "--ctproto", proto, proto.value)?;
    }
    for (name, net) in ADDRS.iter().zip(&ct.addrs) {
        if let Some(net) = net {
            option(f, name, net, short_net(family, net.value))?;
        }
    }
    for (name, range) in PORTS.iter().zip(&ct.ports) {
        if let Some(range) = range {
            option(f, name, range, Coloned(range.value))?;
        }
    }
    if let Some(status) = &ct.status {
        let names = match status.value {
            0 => "NONE".to_owned(),
            bits => status_names(bits),
        };
        option(f, "--ctstatus", status, names)?;
    }
    if let Some(expire) = &ct.expire {
        let (first, last) = expire.value;
        let span = match first == last {
            true => first.to_string(),
            false => format!("{first}:{last}"),
        };
        option(f, "--ctexpire", expire, span)?;
    }
    match ct.original {
        Some(true) => f.write_str(" --ctdir ORIGINAL"),
        Some(false) => f.write_str(" --ctdir REPLY"),
        None => Ok(()),
    }
}

/// A network without the mask of a single address.
pub fn short_net(family: Family, net: Net) -> String {
    match net.mask == family.mask(family.bits()) {
        true => family.addr(net.addr).to_string(),
        false => NetText(family, net).to_string(),
    }
}

fn physdev(f: &mut Formatter<'_>, physdev: &Physdev) -> fmt::Result {
    f.write_str(" -m physdev")?;
    let flag = |f: &mut Formatter<'_>, name: &str, value: Option<bool>| match value {
        Some(is) => write!(f, " {}{name}", bang(!is)),
        None => Ok(()),
    };
    flag(f, "--physdev-is-in", physdev.is_in)?;
    if let Some(name) = &physdev.iif {
        option(f, "--physdev-in", name, &name.value)?;
    }
    flag(f, "--physdev-is-out", physdev.is_out)?;
    if let Some(name) = &physdev.oif {
        option(f, "--physdev-out", name, &name.value)?;
    }
    flag(f, "--physdev-is-bridged", physdev.is_bridged)
}

/// The words of a match, a blank in front.
pub struct MatchText<'a>(pub Family, pub &'a Match);

impl Display for MatchText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let family = self.0;
        match self.1 {
            Match::Tcp(what) => tcp(f, what),
            Match::Udp(what) => {
                f.write_str(" -m udp")?;
                ports(f, what)
            }
            Match::Sctp(what) => {
                f.write_str(" -m sctp")?;
                ports(f, what)
            }
            Match::Icmp(kind) => icmp(f, family, kind),
            Match::Conntrack(what) => conntrack(f, family, what),
            Match::State(states) => {
                f.write_str(" -m state")?;
                option(f, "--state", states, state_names(states.value))
            }
            Match::AddrType {
                source,
                destination,
                limit_in,
                limit_out,
            } => {
                f.write_str(" -m addrtype")?;
                for (name, kinds) in [("--src-type", source), ("--dst-type", destination)] {
                    if let Some(kinds) = kinds {
                        option(f, name, kinds, addr_type_names(kinds.value))?;
                    }
                }
                f.write_str(if *limit_in { " --limit-iface-in" } else { "" })?;
                f.write_str(if *limit_out { " --limit-iface-out" } else { "" })
            }
            Match::Mark(mark) => {
                f.write_str(" -m mark")?;
                option(f, "--mark", mark, Masked(mark.value.0, mark.value.1))
            }
            Match::ConnMark(mark) => {
                f.write_str(" -m connmark")?;
                option(f, "--mark", mark, Masked(mark.value.0, mark.value.1))
            }
            Match::Comment(text) => write!(f, " -m comment --comment {}", Quoted(text)),
            Match::Multiport { of, ports } => {
                f.write_str(" -m multiport")?;
                let name = match of {
                    PortsOf::Source => "--sports",
                    PortsOf::Destination => "--dports",
                    PortsOf::Either => "--ports",
                };
                let list: Vec<String> = ports
                    .value
                    .iter()
                    .map(|&range| Coloned(range).to_string())
                    .collect();
                option(f, name, ports, list.join(","))
            }
            Match::Limit { period, burst } => {
                write!(f, " -m limit --limit {}", rate_text(*period))?;
                match burst {
                    5 => Ok(()),
                    burst => write!(f, " --limit-burst {burst}"),
                }
            }
            Match::Mac(mac) => {
                f.write_str(" -m mac")?;
                option(f, "--mac-source", mac, mac.value)
            }
            Match::Physdev(what) => physdev(f, what),
            Match::Length(range) => {
                f.write_str(" -m length")?;
                option(f, "--length", range, Coloned(range.value))
            }
            Match::Ttl(how, value) => {
                let name = if family == Family::V4 { "ttl" } else { "hl" };
                let (not, how) = match how {
                    HopLimit::Eq => ("", "eq"),
                    HopLimit::Ne => ("! ", "eq"),
                    HopLimit::Lt => ("", "lt"),
                    HopLimit::Gt => ("", "gt"),
                };
                write!(f, " -m {name} {not}--{name}-{how} {value}")
            }
            Match::PktType(kind) => {
                f.write_str(" -m pkttype")?;
                option(f, "--pkt-type", kind, pkt_type_name(kind.value))
            }
            Match::IpRange {
                source,
                destination,
            } => {
                f.write_str(" -m iprange")?;
                for (name, range) in [("--src-range", source), ("--dst-range", destination)] {
                    if let Some(range) = range {
                        let (first, last) = range.value;
                        let text = format!("{}-{}", family.addr(first), family.addr(last));
                        option(f, name, range, text)?;
                    }
                }
                Ok(())
            }
            Match::Nth(nth) => {
                let (every, packet) = nth.value;
                let not = bang(nth.not);
                write!(
                    f,
                    " -m statistic --mode nth {not}--every {every} --packet {packet}"
                )
            }
            Match::Random(share) => {
                let not = bang(share.not);
                let text = probability_text(share.value);
                write!(f, " -m statistic --mode random {not}--probability {text}")
            }
            Match::Tos(tos) => {
                f.write_str(" -m tos")?;
                let (value, mask) = tos.value;
                option(f, "--tos", tos, format!("0x{value:02x}/0x{mask:02x}"))
            }
            Match::Dscp(dscp) => {
                f.write_str(" -m dscp")?;
                option(f, "--dscp", dscp, format!("0x{:02x}", dscp.value))
            }
            Match::Owner(owner) => f.write_str(&owner.saved()),
            Match::ConnLimit(limit) => f.write_str(&limit.saved(family)),
            Match::Recent(recent) => f.write_str(&recent.saved(family)),
        }
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

fn icmp(f: &mut Formatter<'_>, family: Family, kind: &Maybe<super::rule::IcmpType>) -> fmt::Result {
    let name = match family {
        Family::V4 => {
            f.write_str(" -m icmp")?;
            "--icmp-type"
        }
        Family::V6 => {
            f.write_str(" -m icmp6")?;
            "--icmpv6-type"
        }
    };
    let value = &kind.value;
    let text = match (value.kind, value.codes) {
        (255, _) if family == Family::V4 => "any".to_owned(),
        (kind, (0, 255)) => kind.to_string(),
        (kind, (code, _)) => format!("{kind}/{code}"),
    };
    option(f, name, kind, text)
}

fn nat(f: &mut Formatter<'_>, family: Family, name: &str, option: &str, to: &NatTo) -> fmt::Result {
    write!(f, " {name}")?;
    match (to.addrs, to.ports) {
        (Some(_), _) => write!(f, " {option} {}", NatText(family, *to))?,
        (None, Some(ports)) if option == "--to-ports" => {
            write!(f, " {option} {}", Dashed(ports))?;
        }
        (None, Some(ports)) => write!(f, " {option} :{}", Dashed(ports))?,
        (None, None) => {}
    }
    f.write_str(if to.random { " --random" } else { "" })?;
    f.write_str(if to.random_fully {
        " --random-fully"
    } else {
        ""
    })?;
    f.write_str(if to.persistent { " --persistent" } else { "" })
}

fn connmark(f: &mut Formatter<'_>, what: &ConnMark) -> fmt::Result {
    let (name, first, second) = match *what {
        ConnMark::Set { value, mask } => {
            return write!(f, " CONNMARK --set-xmark 0x{value:x}/0x{mask:x}");
        }
        ConnMark::Save { nfmask, ctmask } => ("save", nfmask, ctmask),
        ConnMark::Restore { nfmask, ctmask } => ("restore", nfmask, ctmask),
    };
    write!(
        f,
        " CONNMARK --{name}-mark --nfmask 0x{first:x} --ctmask 0x{second:x}"
    )
}

fn log(f: &mut Formatter<'_>, log: &Log) -> fmt::Result {
    f.write_str(" LOG")?;
    if !log.prefix.is_empty() {
        write!(f, " --log-prefix {}", Quoted(&log.prefix))?;
    }
    if log.level != 4 {
        write!(f, " --log-level {}", log.level)?;
    }
    const FLAGS: [(&str, u8); 5] = [
        ("tcp-sequence", 1),
        ("tcp-options", 2),
        ("ip-options", 4),
        ("uid", 8),
        ("macdecode", 32),
    ];
    for (name, bit) in FLAGS {
        if log.flags & bit != 0 {
            write!(f, " --log-{name}")?;
        }
    }
    Ok(())
}

/// The words of a target, ` -j` or ` -g` in front.
pub struct TargetText<'a>(pub Family, pub &'a Target);

impl Display for TargetText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let family = self.0;
        f.write_str(match self.1 {
            Target::Goto(_) => " -g",
            _ => " -j",
        })?;
        match self.1 {
            Target::Accept => f.write_str(" ACCEPT"),
            Target::Drop => f.write_str(" DROP"),
            Target::Return => f.write_str(" RETURN"),
            Target::Jump(chain) | Target::Goto(chain) => write!(f, " {chain}"),
            Target::Reject(kind) => {
                let names = Reject::names(family);
                let name = names.iter().find(|(_, _, known)| known == kind);
                let name = name.map_or("icmp-port-unreachable", |(name, _, _)| name);
                write!(f, " REJECT --reject-with {name}")
            }
            Target::Masquerade(to) => nat(f, family, "MASQUERADE", "--to-ports", to),
            Target::Snat(to) => nat(f, family, "SNAT", "--to-source", to),
            Target::Dnat(to) => nat(f, family, "DNAT", "--to-destination", to),
            Target::Redirect(to) => nat(f, family, "REDIRECT", "--to-ports", to),
            Target::Mark { value, mask } => write!(f, " MARK --set-xmark 0x{value:x}/0x{mask:x}"),
            Target::ConnMark(what) => connmark(f, what),
            Target::Log(what) => log(f, what),
            Target::NoTrack { old_name: true } => f.write_str(" NOTRACK"),
            Target::NoTrack { old_name: false } => f.write_str(" CT --notrack"),
            Target::Ttl(how) => {
                let (target, option) = match family {
                    Family::V4 => ("TTL", "ttl"),
                    Family::V6 => ("HL", "hl"),
                };
                let (how, value) = match how {
                    TtlChange::Set(value) => ("set", value),
                    TtlChange::Inc(value) => ("inc", value),
                    TtlChange::Dec(value) => ("dec", value),
                };
                write!(f, " {target} --{option}-{how} {value}")
            }
            Target::TcpMss(None) => f.write_str(" TCPMSS --clamp-mss-to-pmtu"),
            Target::TcpMss(Some(mss)) => write!(f, " TCPMSS --set-mss {mss}"),
            Target::Trace => f.write_str(" TRACE"),
            Target::Checksum => f.write_str(" CHECKSUM --checksum-fill"),
        }
    }
}

/// A rule with its counters between its matches and its target (`iptables -v -S`).
pub struct RuleText<'a>(pub &'a Rule, pub Option<Counters>);

impl Display for RuleText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (rule, family) = (self.0, self.0.family);
        for (name, net) in [("-s", &rule.src), ("-d", &rule.dst)] {
            if let Some(net) = net {
                option(f, name, net, NetText(family, net.value))?;
            }
        }
        for (name, device) in [("-i", &rule.iif), ("-o", &rule.oif)] {
            if let Some(device) = device {
                option(f, name, device, &device.value)?;
            }
        }
        if let Some(protocol) = &rule.protocol {
            match protocol_name(protocol.value) {
                Some(name) => option(f, "-p", protocol, name)?,
                None => option(f, "-p", protocol, protocol.value)?,
            }
        }
        if let Some(fragment) = &rule.fragment {
            write!(f, " {}-f", bang(fragment.not))?;
        }
        for one in &rule.matches {
            MatchText(family, one).fmt(f)?;
        }
        if let Some(counters) = self.1 {
            write!(f, " -c {} {}", counters.packets, counters.bytes)?;
        }
        match &rule.target {
            Some(target) => TargetText(family, target).fmt(f),
            None => Ok(()),
        }
    }
}

impl Display for Rule {
    /// As `iptables -S` writes it behind `-A CHAIN`, without a blank in front.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = RuleText(self, None).to_string();
        f.write_str(text.trim_start())
    }
}
