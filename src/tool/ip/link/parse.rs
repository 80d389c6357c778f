//! The words of `ip link add|set|delete`, and of a veth's peer, up to the type (`iplink_parse`).
//! The options of a type are read in their own files.

use crate::kernel::netlink::{AddrGenMode, LinkChange, NlError, NlResult, OperState};
use crate::tool::ip::args::{
    Args, Family, duplicate, garbage, invalid, matches, no_device, parse_address,
};
use crate::tool::ip::help;
use crate::tool::ip::lookup::{Lookup, is_ifname};
use crate::tool::ip::names::GROUPS;
use crate::tool::{Failure, number};
use crate::units::{Errno, IfIndex, IfName, MacAddr};

/// What the words before a type say.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The device that must exist, by its index; nothing for a new one, and for a group.
    pub ifindex: Option<IfIndex>,
    /// The name of a new device, or the name to change to, as typed.
    pub name: Option<String>,
    /// Everything that can be changed, but for names and addresses: see [`Words::attributes`].
    pub change: LinkChange,
    /// `index`.
    pub index: Option<IfIndex>,
    /// `link`: the device below.
    pub link: Option<IfIndex>,
    /// `numtxqueues`.
    pub tx_queues: Option<u32>,
    /// `numrxqueues`.
    pub rx_queues: Option<u32>,
    /// `link-netns` or `link-netnsid` was given.
    pub link_netns: bool,
    /// `address`, of any length.
    address: Option<Vec<u8>>,
    /// `broadcast`, of any length.
    broadcast: Option<Vec<u8>>,
    /// `netns` named a process that does not exist.
    no_such_process: bool,
}

impl Words {
    /// All attributes together.
    ///
    /// # Errors
    /// What the kernel says of names, addresses and processes that it cannot take.
    pub fn attributes(&self) -> NlResult<LinkChange> {
        if self.no_such_process {
            return Err(Errno::Esrch.into());
        }
        let mut change = self.change.clone();
        change.name = self.name.as_deref().map(ifname).transpose()?;
        change.address = self.address.as_deref().map(mac).transpose()?;
        change.broadcast = self.broadcast.as_deref().map(mac).transpose()?;
        Ok(change)
    }
}

/// A name as the kernel takes it (the attribute's policy, then `dev_valid_name`).
fn ifname(name: &str) -> NlResult<IfName> {
    if name.len() > 15 {
        return Err(NlError::with_text(
            Errno::Erange,
            "Attribute failed policy validation",
        ));
    }
    name.parse().map_err(|_| Errno::Einval.into())
}

fn mac(bytes: &[u8]) -> NlResult<MacAddr> {
    let bytes = <[u8; 6]>::try_from(bytes).map_err(|_| Errno::Einval)?;
    Ok(MacAddr(bytes))
}

/// Which command the words belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// A device is made (NLM_F_CREATE); so is a veth's peer.
    Create,
    /// A device is changed.
    Change,
    /// A device is deleted.
    Delete,
}

/// Names while they are read: which of `dev` and `name` were given, and whether they are one.
#[derive(Default)]
struct Naming<'a> {
    dev: Option<&'a str>,
    name: Option<&'a str>,
    /// Whether the device was named by a word of its own, not by `name`.
    apart: bool,
}

/// Reads words up to the end or to `type`, whose value is given.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn parse<'a, S: AsRef<str>>(
    args: &mut Args<'a, S>,
    verb: Verb,
    lookup: &dyn Lookup,
) -> Result<(Words, Option<&'a str>), Failure> {
    let mut words = Words::default();
    let mut naming = Naming::default();
    let mut below = None;
    let mut kind = None;
    while let Some(word) = args.take() {
        if matches(word, "link") {
            below = Some(args.required()?);
            continue;
        }
        if flag(word, args, &mut words)?
            || address(word, args, &mut words)?
            || queue(word, args, &mut words)?
            || relation(word, args, &mut words, lookup)?
            || attribute(word, args, &mut words)?
        {
            continue;
        }
        if word == "name" {
            naming.rename(args.required()?)?;
        } else if matches(word, "type") {
            kind = Some(args.required()?);
            break;
        } else if matches(word, "help") {
            return Err(help::link());
        } else {
            let dev = if word == "dev" {
                args.required()?
            } else {
                word
            };
            naming.device(dev)?;
        }
    }
    if verb == Verb::Create {
        words.name = naming.of_new_device()?.map(str::to_owned);
        words.link = below
            .map(|dev| lookup.ifindex(dev).ok_or_else(|| no_device(dev)))
            .transpose()?;
        return Ok((words, kind));
    }
    let kind = words.existing(&naming, kind, args.rest(), lookup)?;
    Ok((words, kind))
}

impl<'a> Naming<'a> {
    fn rename(&mut self, name: &'a str) -> Result<(), Failure> {
        if self.name.is_some() {
            return Err(duplicate("name", name));
        }
        if !is_ifname(name) || name.len() > 15 {
            return Err(invalid("\"name\" not a valid ifname", name));
        }
        self.name = Some(name);
        if self.dev.is_none() {
            self.dev = Some(name);
        }
        Ok(())
    }

    fn device(&mut self, dev: &'a str) -> Result<(), Failure> {
        if self.apart {
            return Err(garbage("dev", dev));
        }
        if !is_ifname(dev) {
            return Err(invalid("\"dev\" not a valid ifname", dev));
        }
        self.dev = Some(dev);
        self.apart = true;
        Ok(())
    }

    /// A device that is made has one name, said either way.
    fn of_new_device(&self) -> Result<Option<&'a str>, Failure> {
        match (self.name, self.dev) {
            (Some(name), Some(dev)) if name != dev => Err(Failure::line(
                255,
                "both \"name\" and \"dev\" cannot be used when creating devices.",
            )),
            (name, dev) => Ok(name.or(dev)),
        }
    }
}

impl Words {
    /// The checks of commands on a device that exists; gives the type back, which a group has not.
    fn existing<'a, S: AsRef<str>>(
        &mut self,
        naming: &Naming<'_>,
        kind: Option<&'a str>,
        rest: &[S],
        lookup: &dyn Lookup,
    ) -> Result<Option<&'a str>, Failure> {
        let found = naming.dev.and_then(|dev| lookup.ifindex(dev));
        let length = self.address.as_deref().or(self.broadcast.as_deref());
        match length.map(<[u8]>::len) {
            Some(len) if found.is_some() && len != 6 => {
                let text = format_args!("Invalid address length {len} - must be 6 bytes");
                return Err(Failure::line(1, text));
            }
            _ => {}
        }
        if self.index.is_some() && self.change.netns.is_none() && !self.no_such_process {
            return Err(Failure::line(
                255,
                "index can be used only when creating devices or when moving device to another netns.",
            ));
        }
        let Some(dev) = naming.dev else {
            return self.group_only(rest);
        };
        self.ifindex = Some(found.ok_or_else(|| no_device(dev))?);
        self.name = naming.name.filter(|name| *name != dev).map(str::to_owned);
        self.change.new_ifindex = self.index;
        Ok(kind)
    }

    /// No device was named: then it must be a group, and nothing may stand after a type.
    fn group_only<'a, S: AsRef<str>>(&self, rest: &[S]) -> Result<Option<&'a str>, Failure> {
        if self.change.group.is_none() {
            return Err(Failure::line(
                255,
                "Not enough information: \"dev\" argument is required.",
            ));
        }
        match rest.first() {
            Some(word) => Err(garbage_instead(255, word.as_ref())),
            None => Ok(None),
        }
    }
}

/// Words that are left over where none are understood.
pub fn garbage_instead(status: u8, word: &str) -> Failure {
    Failure::line(
        status,
        format_args!("Garbage instead of arguments \"{word} ...\". Try \"ip link help\"."),
    )
}

/// Flags of the device (`ifi_flags`), and the modes that are like flags.
fn flag<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    words: &mut Words,
) -> Result<bool, Failure> {
    let change = &mut words.change;
    match word {
        "up" => change.up = Some(true),
        "down" => change.up = Some(false),
        "multicast" => change.multicast = Some(on_off(word, args.required()?)?),
        "allmulticast" => change.allmulticast = Some(on_off(word, args.required()?)?),
        "promisc" => change.promisc = Some(on_off(word, args.required()?)?),
        "arp" => change.arp = Some(on_off(word, args.required()?)?),
        "trailers" => change.trailers = Some(on_off(word, args.required()?)?),
        "carrier" => change.carrier = Some(one_of_on_off(word, args.required()?)?),
        "protodown" => change.protodown = Some(one_of_on_off(word, args.required()?)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Link-layer addresses.
fn address<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    words: &mut Words,
) -> Result<bool, Failure> {
    if matches(word, "address") {
        words.address = Some(lladdr(args.required()?)?);
    } else if matches(word, "broadcast") || word == "brd" {
        words.broadcast = Some(lladdr(args.required()?)?);
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Queues, the mtu, and limits of offloads.
fn queue<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    words: &mut Words,
) -> Result<bool, Failure> {
    let change = &mut words.change;
    if matches(word, "txqueuelen") || word == "qlen" || matches(word, "txqlen") {
        change.txqlen = Some(once("txqueuelen", change.txqlen, args.required()?)?);
    } else if word == "mtu" {
        change.mtu = Some(once("mtu", change.mtu, args.required()?)?);
    } else if matches(word, "numtxqueues") {
        words.tx_queues = Some(once("numtxqueues", words.tx_queues, args.required()?)?);
    } else if matches(word, "numrxqueues") {
        words.rx_queues = Some(once("numrxqueues", words.rx_queues, args.required()?)?);
    } else if matches!(word, "gso_max_size" | "gso_max_segs" | "gro_max_size") {
        let value = args.required()?;
        let number = number::u32_in(value, 0).filter(|n| word != "gso_max_segs" || *n <= 65535);
        if number.is_none() {
            return Err(invalid(format_args!("Invalid \"{word}\" value\n"), value));
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// A number that may be given once. The kernel takes a negative mtu for one that is too small.
fn once(key: &str, before: Option<u32>, value: &str) -> Result<u32, Failure> {
    if before.is_some() {
        return Err(duplicate(key, value));
    }
    let number = number::i32_in(value, 0)
        .ok_or_else(|| invalid(format_args!("Invalid \"{key}\" value\n"), value))?;
    Ok(u32::try_from(number).unwrap_or(if key == "mtu" { 0 } else { u32::MAX }))
}

/// Other devices and namespaces.
fn relation<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    words: &mut Words,
    lookup: &dyn Lookup,
) -> Result<bool, Failure> {
    if matches(word, "master") {
        let dev = args.required()?;
        let index = lookup
            .ifindex(dev)
            .ok_or_else(|| invalid("Device does not exist\n", dev))?;
        words.change.master = Some(index);
    } else if matches(word, "nomaster") {
        words.change.master = Some(0);
    } else if word == "vrf" {
        return Err(invalid("Not a valid VRF name\n", args.required()?));
    } else if word == "netns" {
        namespace(args.required()?, words, lookup)?;
    } else if matches(word, "link-netns") {
        let name = args.required()?;
        if lookup.netns(name).and_then(|ns| lookup.nsid(ns)).is_none() {
            return Err(invalid("Invalid \"link-netns\" value\n", name));
        }
        words.link_netns = true;
    } else if matches(word, "link-netnsid") {
        let value = args.required()?;
        if number::i32_in(value, 0).is_none() {
            return Err(invalid("Invalid \"link-netnsid\" value\n", value));
        }
        words.link_netns = true;
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn namespace(value: &str, words: &mut Words, lookup: &dyn Lookup) -> Result<(), Failure> {
    if words.change.netns.is_some() || words.no_such_process {
        return Err(duplicate("netns", value));
    }
    words.change.netns = lookup.netns(value);
    if words.change.netns.is_some() {
        return Ok(());
    }
    let pid =
        number::i32_in(value, 0).ok_or_else(|| invalid("Invalid \"netns\" value\n", value))?;
    words.change.netns = lookup.netns_of_process(pid);
    words.no_such_process = words.change.netns.is_none();
    Ok(())
}

/// Attributes with values of their own.
fn attribute<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    words: &mut Words,
) -> Result<bool, Failure> {
    let change = &mut words.change;
    if word == "index" {
        let value = args.required()?;
        if words.index.is_some() {
            return Err(duplicate("index", value));
        }
        words.index = Some(index(value)?);
    } else if matches(word, "dynamic") {
        change.dynamic = Some(on_off("dynamic", args.required()?)?);
    } else if matches(word, "alias") {
        let alias = args.required()?;
        if alias.len() >= 256 {
            return Err(invalid("alias too long\n", alias));
        }
        change.alias = Some(alias.to_owned());
    } else if word == "group" {
        let value = args.required()?;
        if change.group.is_some() {
            return Err(duplicate("group", value));
        }
        let group = GROUPS.number(value);
        change.group = Some(group.ok_or_else(|| invalid("Invalid \"group\" value\n", value))?);
    } else if word == "mode" {
        change.dormant_mode = Some(link_mode(args.required()?)?);
    } else if word == "state" {
        change.operstate = Some(operstate(args.required()?)?);
    } else if matches(word, "addrgenmode") {
        change.addrgenmode = Some(addrgenmode(args.required()?)?);
    } else {
        return unsimulated(word, args);
    }
    Ok(true)
}

/// What Linux has and the simulator has not: express data paths and virtual functions.
fn unsimulated<S: AsRef<str>>(word: &str, args: &mut Args<'_, S>) -> Result<bool, Failure> {
    match word {
        "xdp" | "xdpgeneric" | "xdpdrv" | "xdpoffload" if args.peek() == Some("off") => {
            // No device here has a program that could be taken off.
            args.required()?;
            Ok(true)
        }
        // No device here has virtual functions.
        "vf" => Err(NlError::from(Errno::Eopnotsupp).into()),
        "xdp" | "xdpgeneric" | "xdpdrv" | "xdpoffload" | "protodown_reason" | "parentdev" => {
            args.required()?;
            Err(Failure::not_simulated(format_args!(
                "\"{word}\" of ip link"
            )))
        }
        _ => Ok(false),
    }
}

fn index(value: &str) -> Result<IfIndex, Failure> {
    number::strtoull(value, 10)
        .filter(|(negative, number, _)| !negative && *number > 0)
        .and_then(|(_, number, _)| u32::try_from(number).ok())
        .filter(|number| i32::try_from(*number).is_ok())
        .ok_or_else(|| invalid("Invalid \"index\" value", value))
}

/// `on` or `off`, as the flags take it.
pub fn on_off(key: &str, value: &str) -> Result<bool, Failure> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Failure::line(
            1,
            format_args!("Error: argument of \"{key}\" must be \"on\" or \"off\", not \"{value}\""),
        )),
    }
}

/// `on` or `off`, abbreviated or not (`parse_on_off`). Status 22 where it is neither.
pub fn one_of_on_off(key: &str, value: &str) -> Result<bool, Failure> {
    if matches(value, "off") {
        Ok(false)
    } else if matches(value, "on") {
        Ok(true)
    } else {
        Err(Failure::line(
            22,
            format_args!(
                "Error: argument of \"{key}\" must be one of \"off\", \"on\", not \"{value}\""
            ),
        ))
    }
}

fn link_mode(value: &str) -> Result<bool, Failure> {
    match value.to_ascii_lowercase().as_str() {
        "default" => Ok(false),
        "dormant" => Ok(true),
        _ => Err(invalid("Invalid link mode\n", value)),
    }
}

fn operstate(value: &str) -> Result<OperState, Failure> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "unknown" => OperState::Unknown,
        "notpresent" => OperState::NotPresent,
        "down" => OperState::Down,
        "lowerlayerdown" => OperState::LowerLayerDown,
        "testing" => OperState::Testing,
        "dormant" => OperState::Dormant,
        "up" => OperState::Up,
        _ => return Err(invalid("Invalid operstate\n", value)),
    })
}

fn addrgenmode(value: &str) -> Result<AddrGenMode, Failure> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "eui64" => AddrGenMode::Eui64,
        "none" => AddrGenMode::None,
        "stable_secret" => AddrGenMode::StableSecret,
        "random" => AddrGenMode::Random,
        _ => return Err(invalid("Invalid address generation mode\n", value)),
    })
}

/// A link-layer address of any length up to 32 bytes (`ll_addr_a2n`).
///
/// # Errors
/// `"zz" is invalid lladdr.`, status 1.
pub fn lladdr(text: &str) -> Result<Vec<u8>, Failure> {
    let wrong = |part: &str| Failure::line(1, format_args!("\"{part}\" is invalid lladdr."));
    if text.contains('.') {
        return match parse_address(text, Family::Inet).and_then(|p| p.addr) {
            Some(std::net::IpAddr::V4(addr)) => Ok(addr.octets().to_vec()),
            _ => Err(wrong(text)),
        };
    }
    text.split(':')
        .take(32)
        .map(|part| {
            number::strtoull(part, 16)
                .filter(|(negative, byte, _)| !negative || *byte == 0)
                .and_then(|(_, byte, _)| u8::try_from(byte).ok())
                .ok_or_else(|| wrong(part))
        })
        .collect()
}
