//! `ip addr add|change|replace|del`: the words, and the request that they make.
//! What the kernel makes of a request is not decided here.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::kernel::netlink::{AddrDelete, AddrFlags, AddrNew, IpNet, NlError};
use crate::tool::ip::args::{
    Args, Family, Prefix, address, duplicate, garbage, invalid, matches, no_device, prefix,
};
use crate::tool::ip::help;
use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::ip::names::SCOPES;
use crate::tool::ip::options::Options;
use crate::tool::{Call, Failure, Outcome, number};
use crate::units::{Errno, IfIndex};

use super::flags;

/// Which request is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// `add`: create, exclusively.
    Add,
    /// `change`: replace; the kernel makes the address where it is not there.
    Change,
    /// `replace`.
    Replace,
    /// `del`.
    Delete,
}

/// What the words say.
#[derive(Clone, Debug, Default)]
struct Words<'a> {
    family: Family,
    dev: Option<&'a str>,
    local: Option<Prefix>,
    local_word: &'a str,
    peer: Option<Prefix>,
    broadcast: Option<Broadcast>,
    anycast: Option<IpAddr>,
    label: Option<&'a str>,
    scope: Option<u8>,
    flags: u32,
    metric: Option<u32>,
    valid: Option<Lifetime>,
    preferred: Option<Lifetime>,
    /// What is said on standard error.
    said: String,
}

/// A broadcast address, or how it is made from the prefix.
#[derive(Clone, Copy, Debug)]
enum Broadcast {
    /// `+`: host bits set.
    Ones,
    /// `-`: host bits clear.
    Zeros,
    /// As given.
    Given(IpAddr),
}

/// Seconds, or nothing for ever.
type Lifetime = Option<u32>;

/// Runs a command that changes addresses.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn run(
    call: &mut Call<'_>,
    options: &Options,
    verb: Verb,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let mut words = Words::parse(Args::new(words), options.family)?;
    let said = std::mem::take(&mut words.said);
    call.console.err(said);
    let dev = words
        .dev
        .ok_or_else(|| Failure::line(1, "Not enough information: \"dev\" argument is required."))?;
    if verb == Verb::Delete {
        call.console.err(words.wildcard_warning());
    }
    words.check_broadcast(verb)?;
    let ifindex = Here(call).ifindex(dev).ok_or_else(|| no_device(dev))?;
    words.check_lifetimes()?;
    words.check_autojoin()?;
    if verb == Verb::Delete {
        delete(call, &words, ifindex)?;
    } else {
        let new = words.request(verb, ifindex)?;
        call.world.addr_add(call.netns, &new)?;
    }
    Ok(Outcome::Exit(0))
}

impl<'a> Words<'a> {
    fn parse<S: AsRef<str>>(mut args: Args<'a, S>, family: Family) -> Result<Self, Failure> {
        let mut words = Self {
            family,
            ..Self::default()
        };
        while let Some(word) = args.take() {
            if !words.address_word(word, &mut args)? && !words.value_word(word, &mut args)? {
                let local = if word == "local" {
                    args.required()?
                } else {
                    word
                };
                words.local(local)?;
            }
        }
        Ok(words)
    }

    fn of_family(&mut self, family: Family) {
        if self.family == Family::Unspec {
            self.family = family;
        }
    }

    fn address_word<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'a, S>,
    ) -> Result<bool, Failure> {
        if word == "peer" || word == "remote" {
            let value = args.required()?;
            if self.peer.is_some() {
                return Err(duplicate("peer", value));
            }
            let peer = prefix(value, self.family)?;
            self.of_family(peer.family);
            self.peer = Some(peer);
        } else if matches(word, "broadcast") || word == "brd" {
            let value = args.required()?;
            if self.broadcast.is_some() {
                return Err(duplicate("broadcast", value));
            }
            self.broadcast = Some(self.broadcast(value)?);
        } else if word == "anycast" {
            let value = args.required()?;
            if self.anycast.is_some() {
                return Err(duplicate("anycast", value));
            }
            let addr = address(value, self.family)?;
            self.of_family(addr.family);
            self.anycast = addr.addr;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn broadcast(&mut self, value: &str) -> Result<Broadcast, Failure> {
        match value {
            "+" => Ok(Broadcast::Ones),
            "-" => Ok(Broadcast::Zeros),
            _ => {
                let addr = address(value, self.family)?;
                self.of_family(addr.family);
                let zero = Ipv4Addr::UNSPECIFIED.into();
                Ok(Broadcast::Given(addr.addr.unwrap_or(zero)))
            }
        }
    }

    fn value_word<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'a, S>,
    ) -> Result<bool, Failure> {
        let is = |full| matches(word, full);
        if word == "scope" {
            let value = args.required()?;
            let scope = SCOPES.number(value).and_then(|s| u8::try_from(s).ok());
            self.scope = Some(scope.ok_or_else(|| invalid("invalid scope value.", value))?);
        } else if word == "dev" {
            self.dev = Some(args.required()?);
        } else if word == "label" {
            self.label = Some(args.required()?);
        } else if is("metric") || is("priority") || is("preference") {
            let value = args.required()?;
            let metric = number::u32_in(value, 0);
            let wrong = || invalid("\"metric\" value is invalid\n", value);
            self.metric = Some(metric.ok_or_else(wrong)?);
        } else if is("valid_lft") {
            self.valid = Some(lifetime("valid_lft", self.valid, word, args)?);
        } else if is("preferred_lft") {
            self.preferred = Some(lifetime("preferred_lft", self.preferred, word, args)?);
        } else if let Some(flag) = flags::named(word) {
            self.flag(flag);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn flag(&mut self, flag: &flags::Flag) {
        let name = flag.name;
        if flag.read_only {
            self.say(&format!(
                "Warning: {name} option is not mutable from userspace"
            ));
        } else if flag.v6_only && self.family != Family::Inet6 {
            self.say(&format!(
                "Warning: {name} option can be set only for IPv6 addresses"
            ));
        } else {
            self.flags |= flag.mask;
        }
    }

    fn say(&mut self, line: &str) {
        self.said.push_str(line);
        self.said.push('\n');
    }

    fn local(&mut self, value: &'a str) -> Result<(), Failure> {
        if matches(value, "help") {
            return Err(help::address());
        }
        if self.local.is_some() {
            return Err(garbage("local", value));
        }
        let local = prefix(value, self.family)?;
        self.of_family(local.family);
        self.local = Some(local);
        self.local_word = value;
        Ok(())
    }

    /// An IPv4 address without a length and without a peer is deleted whatever its length is.
    fn is_wildcard(&self) -> bool {
        let short = |local: Prefix| local.family == Family::Inet && !local.explicit;
        self.peer.is_none() && self.local.is_some_and(short)
    }

    fn wildcard_warning(&self) -> String {
        if !self.is_wildcard() {
            return String::new();
        }
        format!(
            "Warning: Executing wildcard deletion to stay compatible with old scripts.\n         Explicitly specify the prefix length ({}/32) to avoid this warning.\n         This special behaviour is likely to disappear in further releases,\n         fix your scripts!\n",
            self.local_word
        )
    }

    fn check_broadcast(&self, verb: Verb) -> Result<(), Failure> {
        match self.broadcast {
            Some(Broadcast::Ones | Broadcast::Zeros)
                if verb != Verb::Delete && self.family != Family::Inet =>
            {
                Err(Failure::line(
                    1,
                    "Broadcast can be set only for IPv4 addresses",
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_lifetimes(&self) -> Result<(), Failure> {
        if self.valid.is_none() && self.preferred.is_none() {
            return Ok(());
        }
        let seconds = |lifetime: Option<Lifetime>| lifetime.flatten().unwrap_or(u32::MAX);
        if seconds(self.valid) == 0 {
            return Err(Failure::line(1, "valid_lft is zero"));
        }
        if seconds(self.valid) < seconds(self.preferred) {
            let text = "preferred_lft is greater than valid_lft";
            return Err(Failure::line(1, text));
        }
        Ok(())
    }

    fn check_autojoin(&self) -> Result<(), Failure> {
        let multicast = self.local.is_some_and(|local| local.is_multicast());
        if self.flags & AddrFlags::MCAUTOJOIN != 0 && !multicast {
            return Err(Failure::line(1, "autojoin needs multicast address"));
        }
        Ok(())
    }

    /// The address with the length of the prefix: the peer's, where there is one.
    fn net(&self) -> Option<IpNet> {
        let local = self.local?;
        let len = self.peer.map_or(0, |peer| peer.len);
        let len = if len == 0 { local.len } else { len };
        let addr = local.addr?;
        IpNet::new(addr, len).ok()
    }

    fn request(&self, verb: Verb, ifindex: IfIndex) -> Result<AddrNew, NlError> {
        let Some(local) = self.net() else {
            return Err(self.no_local());
        };
        if self.label.is_some_and(|label| label.len() > 15) {
            let text = "Attribute failed policy validation";
            return Err(NlError::with_text(Errno::Erange, text));
        }
        let broadcast = match self.broadcast {
            None => None,
            Some(Broadcast::Given(addr)) => Some(addr),
            Some(Broadcast::Ones) => self.broadcast_of_prefix(true),
            Some(Broadcast::Zeros) => self.broadcast_of_prefix(false),
        };
        let host = local.addr().is_ipv4() && local.addr().is_loopback();
        let duration = |seconds: u32| Duration::from_secs(seconds.into());
        Ok(AddrNew {
            ifindex,
            local,
            peer: self.peer.and_then(|peer| peer.addr),
            broadcast,
            anycast: self.anycast,
            label: self.label.map(str::to_owned),
            scope: self.scope.unwrap_or(if host { 254 } else { 0 }),
            flags: self.flags,
            valid: self.valid.flatten().map(duration),
            preferred: self.preferred.flatten().map(duration),
            metric: self.metric,
            proto: 0,
            replace: matches!(verb, Verb::Change | Verb::Replace),
            create: matches!(verb, Verb::Add | Verb::Replace),
            excl: verb == Verb::Add,
        })
    }

    /// What the kernel says to a request without a local address.
    fn no_local(&self) -> NlError {
        match self.family {
            Family::Inet => {
                NlError::with_text(Errno::Einval, "ipv4: Local address is not supplied")
            }
            Family::Inet6 => Errno::Einval.into(),
            _ => Errno::Eopnotsupp.into(),
        }
    }

    /// The broadcast address of the prefix; there is none in a prefix longer than 30 bits.
    fn broadcast_of_prefix(&self, ones: bool) -> Option<IpAddr> {
        let prefix = self.peer.or(self.local)?;
        let Some(IpAddr::V4(addr)) = prefix.addr else {
            return None;
        };
        let host = u32::MAX
            .checked_shr(prefix.len.into())
            .filter(|_| prefix.len <= 30)?;
        let addr = u32::from(addr);
        let addr = if ones { addr | host } else { addr & !host };
        Some(Ipv4Addr::from(addr).into())
    }
}

fn lifetime<S: AsRef<str>>(
    key: &str,
    before: Option<Lifetime>,
    word: &str,
    args: &mut Args<'_, S>,
) -> Result<Lifetime, Failure> {
    if before.is_some() {
        return Err(duplicate(key, word));
    }
    match args.required()? {
        "forever" => Ok(None),
        value => {
            let seconds = number::u32_in(value, 0);
            let seconds = seconds.ok_or_else(|| invalid(format_args!("{key} value"), value))?;
            Ok(Some(seconds).filter(|seconds| *seconds != u32::MAX))
        }
    }
}

/// Deletes the address that the words mean: without a length, or without an address at all, the
/// first that fits (`inet_rtm_deladdr`).
fn delete(call: &mut Call<'_>, words: &Words<'_>, ifindex: IfIndex) -> Result<(), Failure> {
    let label = words.label.map(str::to_owned);
    let peer = words.peer.and_then(|peer| peer.addr);
    let exact = words.net().filter(|_| !words.is_wildcard());
    if let Some(local) = exact {
        let old = AddrDelete {
            ifindex,
            local,
            peer,
            label,
        };
        return Ok(call.world.addr_del(call.netns, &old)?);
    }
    if words.family != Family::Inet {
        return Err(words.no_local().into());
    }
    let wanted = words.local.and_then(|local| local.addr);
    let addrs = call.world.addrs(call.netns);
    let found = addrs.into_iter().find(|addr| {
        addr.ifindex == ifindex
            && addr.local.is_ipv4()
            && wanted.is_none_or(|wanted| wanted == addr.local)
            && (label.is_none() || label == addr.label)
            && peer.is_none_or(|peer| peer == addr.address)
    });
    let not_found = || NlError::with_text(Errno::Eaddrnotavail, "ipv4: Address not found");
    let found = found.ok_or_else(not_found)?;
    delete_found(call, &found)?;
    Ok(())
}

/// Deletes an address of a dump.
///
/// # Errors
/// As the kernel's.
pub fn delete_found(
    call: &mut Call<'_>,
    addr: &crate::kernel::netlink::AddrInfo,
) -> Result<(), NlError> {
    let local = IpNet::new(addr.local, addr.prefix_len).map_err(|_| Errno::Einval)?;
    let old = AddrDelete {
        ifindex: addr.ifindex,
        local,
        peer: (addr.address != addr.local).then_some(addr.address),
        label: addr.label.clone(),
    };
    call.world.addr_del(call.netns, &old)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: &[&str]) -> Result<AddrNew, Failure> {
        let words = Words::parse(Args::new(words), Family::Unspec)?;
        words.check_broadcast(Verb::Add)?;
        words.check_lifetimes()?;
        words.check_autojoin()?;
        Ok(words.request(Verb::Add, 3)?)
    }

    #[test]
    fn an_address_has_the_scope_and_the_broadcast_that_it_asks_for() {
        let new = request(&[
            "192.168.5.1/16",
            "broadcast",
            "+",
            "dev",
            "va",
            "label",
            "va:web",
        ]);
        let new = new.unwrap();
        assert_eq!(new.local.to_string(), "192.168.5.1/16");
        assert_eq!(new.broadcast, Some([192, 168, 255, 255].into()));
        assert_eq!(new.label.as_deref(), Some("va:web"));
        assert_eq!(new.scope, 0);
        assert!(new.create && new.excl && !new.replace);
        assert_eq!(request(&["127.0.0.1/8", "dev", "lo"]).unwrap().scope, 254);
        let narrow = request(&["10.0.0.1/31", "brd", "+", "dev", "va"]).unwrap();
        assert_eq!(narrow.broadcast, None);
        let zeros = request(&["10.0.0.9/24", "brd", "-", "dev", "va"]).unwrap();
        assert_eq!(zeros.broadcast, Some([10, 0, 0, 0].into()));
    }

    #[test]
    fn the_length_with_a_peer_is_the_peers() {
        let new = request(&["172.20.0.1/30", "peer", "172.20.0.2", "dev", "vb"]).unwrap();
        assert_eq!(new.local.to_string(), "172.20.0.1/32");
        assert_eq!(new.peer, Some([172, 20, 0, 2].into()));
    }

    #[test]
    fn lifetimes_must_fit_together() {
        let text = |words: &[&str]| request(words).unwrap_err().stderr;
        assert_eq!(text(&["10.0.0.1", "valid_lft", "0"]), "valid_lft is zero\n");
        assert_eq!(
            text(&["10.0.0.1", "valid_lft", "10", "preferred_lft", "20"]),
            "preferred_lft is greater than valid_lft\n"
        );
        let new = request(&["10.0.0.1", "valid_lft", "10", "preferred_lft", "5"]).unwrap();
        assert_eq!(new.valid, Some(Duration::from_secs(10)));
        assert_eq!(new.preferred, Some(Duration::from_secs(5)));
    }

    #[test]
    fn flags_of_ipv6_need_an_ipv6_address_before_them() {
        let words = ["nodad", "fd00::1/64", "home", "secondary", "dev", "lo"];
        let words = Words::parse(Args::new(&words), Family::Unspec).unwrap();
        assert_eq!(words.flags, AddrFlags::HOMEADDRESS);
        assert_eq!(
            words.said,
            "Warning: nodad option can be set only for IPv6 addresses\nWarning: secondary option is not mutable from userspace\n"
        );
    }

    #[test]
    fn a_request_without_an_address_is_refused_as_the_kernel_does() {
        assert_eq!(
            request(&["dev", "lo"]).unwrap_err(),
            Failure::line(2, "RTNETLINK answers: Operation not supported")
        );
        assert_eq!(
            request(&["peer", "10.0.0.2/24", "dev", "lo"]).unwrap_err(),
            Failure::line(2, "Error: ipv4: Local address is not supplied.")
        );
    }
}
