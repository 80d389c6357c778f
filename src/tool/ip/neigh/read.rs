//! Reads the words of `ip neigh` as `ipneigh.c` does, in its order of abbreviations.
//! It asks for nothing but the numbers of devices.

use std::net::IpAddr;

use crate::kernel::netlink::{NeighDump, NeighInfo, NeighNew, NeighRef};
use crate::netns::neigh::{NeighFlags, Nud};
use crate::tool::Failure;
use crate::tool::ip::args::{
    Args, Family, Prefix, address, duplicate, garbage, incomplete, invalid, matches, no_device,
    parse_address, prefix, unknown_command,
};
use crate::tool::ip::names::PROTOCOLS;
use crate::tool::ip::options::Options;
use crate::tool::number;
use crate::units::IfIndex;

/// What `ip neigh` is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Add, change or replace.
    Add(NeighNew),
    /// Delete.
    Delete(NeighRef),
    /// Get one.
    Get(NeighRef),
    /// List.
    Show(Filter),
    /// Delete many.
    Flush(Filter),
}

/// Finds the number of a device.
type Devices<'a> = &'a dyn Fn(&str) -> Option<IfIndex>;

/// The bit of a filter that takes entries without a state.
const NO_STATE: u32 = 0x100;

/// Which entries are listed or flushed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Of which family.
    pub family: Family,
    /// Of which states, as bits of the kernel, and [`NO_STATE`] for none.
    states: u32,
    /// Of which addresses.
    prefix: Option<Prefix>,
    /// Of which device; its name is not printed then.
    pub ifindex: Option<IfIndex>,
    /// Of devices with which master.
    master: Option<Option<IfIndex>>,
    /// Only those that nothing holds.
    unused: bool,
    /// Made by whom; 0 for anybody.
    protocol: u32,
    /// Proxy entries.
    pub proxy: bool,
}

impl Filter {
    /// A filter that takes everything.
    pub fn everything() -> Self {
        Self {
            family: Family::Unspec,
            states: u32::MAX,
            prefix: None,
            ifindex: None,
            master: None,
            unused: false,
            protocol: 0,
            proxy: false,
        }
    }

    /// What is asked of the kernel; the rest is decided by [`Filter::takes`].
    pub fn dump(&self) -> NeighDump {
        NeighDump {
            v4: matches!(self.family, Family::Unspec | Family::Inet),
            v6: matches!(self.family, Family::Unspec | Family::Inet6),
            ifindex: self.ifindex,
            master: self.master,
            proxy: self.proxy,
        }
    }

    /// Whether an entry of the dump is meant (`print_neigh`).
    pub fn takes(&self, info: &NeighInfo) -> bool {
        let bits = u32::from(info.state.bits());
        let state = self.states & bits != 0
            || info.flags.has(NeighFlags::PROXY | NeighFlags::EXT_LEARNED)
            || (bits == 0 && self.states & NO_STATE != 0);
        let held = info.cache.is_some_and(|cache| cache.references > 0);
        state
            && self.takes_addr(info.addr)
            && (self.protocol == 0 || self.protocol == u32::from(info.protocol))
            && !(self.unused && held)
    }

    /// After the first round of a flush, failed entries are left alone.
    pub fn forget_failed(&mut self) {
        self.states &= !u32::from(Nud::Failed.bits());
    }

    fn takes_addr(&self, addr: IpAddr) -> bool {
        let Some(prefix) = self.prefix else {
            return true;
        };
        let any = prefix.family == Family::Unspec || prefix.len == 0;
        any || (prefix.family == Family::of(addr) && prefix.contains(addr))
    }
}

/// Reads the words after `ip neigh`.
///
/// # Errors
/// As iproute2 refuses them.
pub fn read(words: &[&str], options: &Options, devices: Devices<'_>) -> Result<Command, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return show(&[], options, devices, false).map(Command::Show);
    };
    let is = |full| matches(word, full);
    if is("add") {
        modify(rest, options, devices, (true, true, false)).map(Command::Add)
    } else if is("change") || *word == "chg" {
        modify(rest, options, devices, (false, false, true)).map(Command::Add)
    } else if is("replace") {
        modify(rest, options, devices, (true, false, true)).map(Command::Add)
    } else if is("delete") {
        let request = modify(rest, options, devices, (false, false, false))?;
        Ok(Command::Delete(NeighRef {
            ifindex: request.ifindex,
            addr: request.addr,
            proxy: request.flags.has(NeighFlags::PROXY),
        }))
    } else if is("get") {
        get(rest, options, devices).map(Command::Get)
    } else if is("show") || is("lst") || is("list") {
        show(rest, options, devices, false).map(Command::Show)
    } else if is("flush") {
        show(rest, options, devices, true).map(Command::Flush)
    } else if is("help") {
        Err(usage())
    } else {
        Err(unknown_command(word, "neigh"))
    }
}

/// The help of `ip neigh`, status 255.
fn usage() -> Failure {
    Failure {
        stderr: USAGE.to_owned(),
        status: 255,
    }
}

const USAGE: &str = "Usage: ip neigh { add | del | change | replace }
                { ADDR [ lladdr LLADDR ] [ nud STATE ] proxy ADDR }
                [ dev DEV ] [ router ] [ use ] [ managed ] [ extern_learn ]
                [ protocol PROTO ]

\tip neigh { show | flush } [ proxy ] [ to PREFIX ] [ dev DEV ] [ nud STATE ]
\t\t\t\t  [ vrf NAME ] [ nomaster ]
\tip neigh get { ADDR | proxy ADDR } dev DEV

STATE := { delay | failed | incomplete | noarp | none |
           permanent | probe | reachable | stale }
";

/// A state by name or number (`nud_state_a2n`).
fn state(word: &str) -> Option<Nud> {
    Some(match word {
        "noarp" => Nud::Noarp,
        "none" => Nud::None,
        "stale" => Nud::Stale,
        "incomplete" => Nud::Incomplete,
        "delay" => Nud::Delay,
        "probe" => Nud::Probe,
        _ if matches(word, "permanent") => Nud::Permanent,
        _ if matches(word, "reachable") => Nud::Reachable,
        _ if matches(word, "failed") => Nud::Failed,
        _ => Nud::of_bits(u16::try_from(number::u32_in(word, 0)?).ok()?)?,
    })
}

/// The words of add, change, replace and delete (`ipneigh_modify`).
fn modify(
    words: &[&str],
    options: &Options,
    devices: Devices<'_>,
    (create, excl, replace): (bool, bool, bool),
) -> Result<NeighNew, Failure> {
    let mut args = Args::new(words);
    let mut addr: Option<Prefix> = None;
    let (mut dev, mut lladdr) = (None, None);
    let mut flags = NeighFlags::EMPTY;
    let (mut nud, mut protocol) = (Nud::Permanent, 0);
    while let Some(word) = args.take() {
        if matches(word, "lladdr") {
            let value = args.required()?;
            if lladdr.replace(value).is_some() {
                return Err(duplicate("lladdr", value));
            }
        } else if word == "nud" {
            let value = args.required()?;
            nud = state(value).ok_or_else(|| invalid("nud state is bad", value))?;
        } else if matches(word, "proxy") {
            addr = Some(proxy_address(&mut args, addr, options)?);
            flags = flags | NeighFlags::PROXY;
        } else if word == "router" {
            flags = flags | NeighFlags::ROUTER;
        } else if word == "use" {
            flags = flags | NeighFlags::USE;
        } else if word == "managed" {
            flags = flags | NeighFlags::MANAGED;
            nud = Nud::None;
        } else if matches(word, "extern_learn") {
            flags = flags | NeighFlags::EXT_LEARNED;
        } else if word == "dev" {
            dev = Some(args.required()?);
        } else if matches(word, "protocol") {
            let value = args.required()?;
            let why = "\"protocol\" value is invalid\n";
            protocol = PROTOCOLS.number(value).ok_or_else(|| invalid(why, value))?;
        } else {
            let mut value = if word == "to" { args.required()? } else { word };
            if matches(value, "help") {
                value = args.take().ok_or_else(incomplete)?;
            }
            if addr.is_some() {
                return Err(garbage("to", value));
            }
            addr = Some(address(value, options.family)?);
        }
    }
    let enough = dev.is_some() || flags.has(NeighFlags::PROXY);
    let known = addr.and_then(|addr| addr.addr).filter(|_| enough);
    let addr = known
        .ok_or_else(|| Failure::line(255, "Device and destination are required arguments."))?;
    let lladdr = lladdr.filter(|text| *text != "null").map(link_address);
    let lladdr = lladdr.transpose()?;
    let ifindex = dev.map(|name| devices(name).ok_or_else(|| no_device(name)));
    Ok(NeighNew {
        ifindex: ifindex.transpose()?,
        addr,
        lladdr,
        state: nud,
        flags,
        protocol: u8::try_from(protocol).unwrap_or(0),
        create,
        excl,
        replace,
    })
}

/// The address after `proxy`.
fn proxy_address(
    args: &mut Args<'_>,
    known: Option<Prefix>,
    options: &Options,
) -> Result<Prefix, Failure> {
    let value = args.required()?;
    if matches(value, "help") {
        return Err(usage());
    }
    if known.is_some() {
        return Err(duplicate("address", value));
    }
    address(value, options.family)
}

/// A link layer address: hexadecimal numbers with colons, or an IPv4 address (`ll_addr_a2n`).
///
/// # Errors
/// `"zz" is invalid lladdr.`, status 1.
pub fn link_address(text: &str) -> Result<Vec<u8>, Failure> {
    let wrong = |part: &str| Failure::line(1, format_args!("\"{part}\" is invalid lladdr."));
    if text.contains('.') {
        let addr = parse_address(text, Family::Inet).and_then(|prefix| prefix.addr);
        return match addr {
            Some(IpAddr::V4(addr)) => Ok(addr.octets().to_vec()),
            _ => Err(wrong(text)),
        };
    }
    let byte = |part: &str| scan_hex(part).ok_or_else(|| wrong(part));
    text.split(':').take(20).map(byte).collect()
}

/// `sscanf("%x")`: the number at the beginning, what follows is ignored.
fn scan_hex(part: &str) -> Option<u8> {
    let text = part.trim_start();
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text);
    let len = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    let value = u64::from_str_radix(digits.get(..len)?, 16).ok()?;
    u8::try_from(value).ok()
}

/// The words of get (`ipneigh_get`).
fn get(words: &[&str], options: &Options, devices: Devices<'_>) -> Result<NeighRef, Failure> {
    let mut args = Args::new(words);
    let mut addr: Option<Prefix> = None;
    let (mut dev, mut proxy) = (None, false);
    while let Some(word) = args.take() {
        if word == "dev" {
            dev = Some(args.required()?);
        } else if matches(word, "proxy") {
            addr = Some(proxy_address(&mut args, addr, options)?);
            proxy = true;
        } else {
            let value = if word == "to" { args.required()? } else { word };
            if matches(value, "help") {
                return Err(usage());
            }
            if addr.is_some() {
                return Err(garbage("to", value));
            }
            addr = Some(address(value, options.family)?);
        }
    }
    let known = addr.and_then(|addr| addr.addr);
    let addr = known
        .filter(|_| dev.is_some() || proxy)
        .ok_or_else(|| Failure::line(1, "Device and address are required arguments."))?;
    let ifindex = dev.map(|name| devices(name).ok_or_else(|| no_device(name)));
    Ok(NeighRef {
        ifindex: ifindex.transpose()?,
        addr,
        proxy,
    })
}

/// The words of show and flush (`do_show_or_flush`).
fn show(
    words: &[&str],
    options: &Options,
    devices: Devices<'_>,
    flush: bool,
) -> Result<Filter, Failure> {
    if flush && words.is_empty() {
        return Err(Failure::line(1, "Flush requires arguments."));
    }
    if options.family == Family::Bridge {
        return Err(Failure::not_simulated("ip -B neigh"));
    }
    let (noarp, permanent) = (
        u32::from(Nud::Noarp.bits()),
        u32::from(Nud::Permanent.bits()),
    );
    let mut filter = Filter {
        family: options.family,
        states: match flush {
            true => !(permanent | noarp),
            false => 0xff & !noarp,
        },
        ..Filter::everything()
    };
    let mut args = Args::new(words);
    let (mut dev, mut state_given) = (None, false);
    while let Some(word) = args.take() {
        if word == "dev" {
            let value = args.required()?;
            if dev.replace(value).is_some() {
                return Err(duplicate("dev", value));
            }
        } else if word == "nud" {
            let value = args.required()?;
            if !std::mem::replace(&mut state_given, true) {
                filter.states = 0;
            }
            filter.states |= states(value, flush)?;
        } else if matches(word, "protocol") && word != "proxy" {
            let value = args.required()?;
            let number = PROTOCOLS.number(value).or((value == "all").then_some(0));
            filter.protocol = number.ok_or_else(|| invalid("invalid \"protocol\"\n", value))?;
        } else if !filter.selector(word, &mut args, devices)? {
            let value = if word == "to" { args.required()? } else { word };
            if matches(value, "help") {
                return Err(usage());
            }
            let found = prefix(value, filter.family)?;
            if filter.family == Family::Unspec {
                filter.family = found.family;
            }
            filter.prefix = Some(found);
        }
    }
    if let Some(name) = dev {
        filter.ifindex = Some(devices(name).ok_or_else(|| no_device(name))?);
    }
    Ok(filter)
}

impl Filter {
    /// Reads a selector other than device, state, protocol and address; says whether it was one.
    fn selector(
        &mut self,
        word: &str,
        args: &mut Args<'_>,
        devices: Devices<'_>,
    ) -> Result<bool, Failure> {
        match word {
            "master" => {
                let name = args.required()?;
                let why = "Device does not exist\n";
                self.master = Some(Some(devices(name).ok_or_else(|| invalid(why, name))?));
            }
            "vrf" => {
                // No device of the simulation is a VRF.
                let name = args.required()?;
                return Err(invalid("Not a valid VRF name\n", name));
            }
            "nomaster" => self.master = Some(None),
            "unused" => self.unused = true,
            "proxy" => self.proxy = true,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The states that the value of `nud` adds to a filter.
fn states(word: &str, flush: bool) -> Result<u32, Failure> {
    match state(word) {
        Some(Nud::None) => Ok(NO_STATE),
        Some(state) => Ok(u32::from(state.bits())),
        None if word == "all" && flush => Ok(!u32::from(Nud::Noarp.bits())),
        None if word == "all" => Ok(u32::MAX),
        None => Err(invalid("nud state is bad", word)),
    }
}
