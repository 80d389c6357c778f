//! `bridge fdb`: reading the words of `add`, `del`, `get`, `show` and `flush`.
//! How an entry is printed is in `fdb_print`.

use crate::device::bridge::fdb::FdbFlags;
use crate::device::bridge::{FdbState, NewFlags};
use crate::kernel::netlink::{FdbFlushRequest, FdbGet, FdbRequest, NlError};
use crate::tool::ip::args::{Args, address, duplicate, garbage, invalid, matches};
use crate::tool::ip::options::Options;
use crate::tool::number::{strtoull, u32_in};
use crate::tool::{Call, Failure, Outcome};
use crate::units::{Errno, IfIndex, MacAddr};

use super::fdb_print::{Filter, PERMANENT, REACHABLE, STALE, STATIC, print};
use super::{answered, atoi, failed, help, ifindex, scan_mac, unknown_command};

/// Runs `bridge fdb`.
pub(super) fn run(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return show(call, options, &[]);
    };
    let is = |full| matches(word, full);
    let create = NewFlags {
        create: true,
        ..NewFlags::default()
    };
    if is("add") {
        modify(
            call,
            options,
            rest,
            Some(NewFlags {
                exclusive: true,
                ..create
            }),
        )
    } else if is("append") {
        modify(
            call,
            options,
            rest,
            Some(NewFlags {
                append: true,
                ..create
            }),
        )
    } else if is("replace") {
        modify(
            call,
            options,
            rest,
            Some(NewFlags {
                replace: true,
                ..create
            }),
        )
    } else if is("delete") {
        modify(call, options, rest, None)
    } else if is("get") {
        get(call, options, rest)
    } else if is("show") || is("lst") || is("list") {
        show(call, options, rest)
    } else if *word == "flush" {
        flush(call, rest)
    } else if is("help") {
        Err(help::fdb())
    } else {
        Err(unknown_command(word, "fdb"))
    }
}

fn no_bridge(call: &mut Call<'_>, name: &str) -> Outcome {
    failed(call, format_args!("Cannot find bridge device \"{name}\""))
}

fn no_device(call: &mut Call<'_>, name: &str) -> Outcome {
    failed(call, format_args!("Cannot find device \"{name}\""))
}

fn show(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut bridge) = (None, None);
    let mut filter = Filter::default();
    while let Some(word) = args.take() {
        match word {
            "brport" | "dev" => dev = Some(args.required()?),
            "br" => bridge = Some(args.required()?),
            "vlan" if filter.vlan != 0 => return Err(duplicate("vlan", args.required()?)),
            "vlan" => filter.vlan = atoi(args.required()?) as u32,
            "state" => filter.state |= state(args.required()?)?,
            "dynamic" => filter.dynamic = true,
            word if matches(word, "help") => return Err(help::fdb()),
            _ => {}
        }
    }
    let bridge = match bridge {
        None => None,
        Some(name) => match ifindex(call, name) {
            Some(index) => Some(index),
            None => return Ok(no_bridge(call, name)),
        },
    };
    filter.ifindex = match dev {
        None => None,
        Some(name) => match ifindex(call, name) {
            Some(index) => Some(index),
            None => return Ok(no_device(call, name)),
        },
    };
    let mut out = options.printer();
    for entry in call.world.fdb_dump(call.netns, filter.ifindex, bridge) {
        print(call, &mut out, options, &filter, &entry);
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

/// The states that a word means, as bits (`state_a2n`).
fn state(word: &str) -> Result<u32, Failure> {
    let is = |full| matches(word, full);
    if is("permanent") {
        Ok(PERMANENT)
    } else if is("static") || is("temp") {
        Ok(STATIC)
    } else if is("stale") {
        Ok(STALE)
    } else if is("reachable") || is("dynamic") {
        Ok(REACHABLE)
    } else if word == "all" {
        Ok(u32::MAX)
    } else {
        u32_in(word, 0).ok_or_else(|| invalid("invalid state", word))
    }
}

/// What `add`, `append`, `replace` and `del` are told.
struct Asked<'a> {
    addr: Option<&'a str>,
    dev: Option<&'a str>,
    permanent: bool,
    noarp: bool,
    reachable: bool,
    vid: i16,
    request: FdbRequest,
}

fn modify(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
    flags: Option<NewFlags>,
) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut asked = Asked {
        addr: None,
        dev: None,
        permanent: false,
        noarp: true,
        reachable: false,
        vid: -1,
        request: nothing(flags.unwrap_or_default()),
    };
    while let Some(word) = args.take() {
        if word == "via" {
            let name = args.required()?;
            let index = ifindex(call, name);
            let absent = || Failure::line(255, format_args!("Cannot find device \"{name}\""));
            asked.request.via = Some(index.ok_or_else(absent)?);
        } else if !far_end(word, &mut args, options, &mut asked.request)? {
            plain(word, &mut args, &mut asked)?;
        }
    }
    let (Some(dev), Some(addr)) = (asked.dev, asked.addr) else {
        return Ok(failed(call, "Device and address are required arguments."));
    };
    let request = &mut asked.request;
    let far = request.dst.is_some() || request.port.is_some() || request.vni.is_some();
    if far && request.nhid.is_some_and(|nhid| nhid != 0) {
        return Ok(failed(
            call,
            "dst, port, vni are mutually exclusive with nhid",
        ));
    }
    if !request.to_self && !request.to_master {
        request.to_self = true;
    }
    request.state = match (asked.permanent || !asked.reachable, asked.noarp) {
        (true, _) => FdbState::Permanent,
        (false, true) => FdbState::Static,
        (false, false) => FdbState::Reachable,
    };
    request.vid = u16::try_from(asked.vid).ok();
    match scan_mac(addr) {
        Some(mac) => request.mac = mac,
        None => return Ok(failed(call, format_args!("Invalid mac address {addr}"))),
    }
    match ifindex(call, dev) {
        Some(index) => request.link = index,
        None => return Ok(no_device(call, dev)),
    }
    let netns = call.netns;
    let done = match flags {
        Some(_) => call.world.fdb_add(netns, &asked.request),
        None => call.world.fdb_del(netns, &asked.request),
    };
    Ok(answered(call, done))
}

fn nothing(flags: NewFlags) -> FdbRequest {
    FdbRequest {
        link: 0,
        mac: MacAddr::ZERO,
        vid: None,
        state: FdbState::Permanent,
        flags,
        to_self: false,
        to_master: false,
        router: false,
        sticky: false,
        use_now: false,
        extern_learn: false,
        dst: None,
        port: None,
        vni: None,
        src_vni: None,
        via: None,
        nhid: None,
    }
}

/// The words about the far end of a tunnel; says whether it was one.
fn far_end(
    word: &str,
    args: &mut Args<'_>,
    options: &Options,
    request: &mut FdbRequest,
) -> Result<bool, Failure> {
    match word {
        "dst" => {
            let text = args.required()?;
            if request.dst.is_some() {
                return Err(garbage("dst", text));
            }
            request.dst = address(text, options.family)?.addr;
        }
        "nhid" => {
            let text = args.required()?;
            let wrong = || invalid("\"id\" value is invalid\n", text);
            request.nhid = Some(u32_in(text, 0).ok_or_else(wrong)?);
        }
        "port" => {
            let text = args.required()?;
            let port = strtoull(text, 0).filter(|(_, _, rest)| rest.is_empty());
            let port = port.and_then(|(_, port, _)| u16::try_from(port).ok());
            request.port = Some(port.ok_or_else(|| invalid("invalid port\n", text))?);
        }
        "vni" => request.vni = Some(vni(args.required()?, "invalid VNI\n")?),
        "src_vni" => request.src_vni = Some(vni(args.required()?, "invalid src VNI\n")?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn vni(text: &str, wrong: &str) -> Result<u32, Failure> {
    let vni = strtoull(text, 0)
        .filter(|(negative, vni, rest)| !negative && rest.is_empty() && *vni < 1 << 24);
    let vni = vni.and_then(|(_, vni, _)| u32::try_from(vni).ok());
    vni.ok_or_else(|| invalid(wrong, text))
}

/// All other words, in the order in which iproute2 tries their abbreviations.
fn plain<'a>(word: &'a str, args: &mut Args<'a>, asked: &mut Asked<'a>) -> Result<(), Failure> {
    let is = |full| matches(word, full);
    let request = &mut asked.request;
    if word == "dev" {
        asked.dev = Some(args.required()?);
    } else if word == "self" {
        request.to_self = true;
    } else if is("master") {
        request.to_master = true;
    } else if is("router") {
        request.router = true;
    } else if is("local") || is("permanent") {
        asked.permanent = true;
    } else if is("temp") || is("static") {
        asked.reachable = true;
    } else if is("dynamic") {
        asked.reachable = true;
        asked.noarp = false;
    } else if is("vlan") {
        if asked.vid >= 0 {
            return Err(garbage("vlan", word));
        }
        asked.vid = atoi(args.required()?) as i16;
    } else if is("use") {
        request.use_now = true;
    } else if is("extern_learn") {
        request.extern_learn = true;
    } else if is("sticky") {
        request.sticky = true;
    } else {
        asked.addr = Some(station(word, args, asked.addr)?);
    }
    Ok(())
}

/// A word that is none of the known ones: the station's address, with or without `to`.
fn station<'a>(
    word: &'a str,
    args: &mut Args<'a>,
    known: Option<&str>,
) -> Result<&'a str, Failure> {
    let word = if word == "to" { args.required()? } else { word };
    if matches(word, "help") {
        return Err(help::fdb());
    }
    match known {
        Some(_) => Err(garbage("to", word)),
        None => Ok(word),
    }
}

fn get(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut addr, mut dev, mut bridge) = (None, None, None);
    let (mut to_self, mut to_master, mut vid, mut of_vni) = (false, false, -1_i16, None);
    let mut filter = Filter::default();
    while let Some(word) = args.take() {
        match word {
            "brport" | "dev" => dev = Some(args.required()?),
            "br" => bridge = Some(args.required()?),
            "vni" => of_vni = Some(vni(args.required()?, "invalid VNI\n")?),
            "self" => to_self = true,
            word if matches(word, "master") => to_master = true,
            word if matches(word, "vlan") => {
                if vid >= 0 {
                    return Err(garbage("vlan", word));
                }
                vid = atoi(args.required()?) as i16;
            }
            word if matches(word, "dynamic") => filter.dynamic = true,
            word => addr = Some(station(word, &mut args, addr)?),
        }
    }
    let Some(addr) = addr.filter(|_| dev.is_some() || bridge.is_some()) else {
        let text = "Device or master and address are required arguments.";
        return Ok(failed(call, text));
    };
    let Some(mac) = scan_mac(addr) else {
        return Ok(failed(call, format_args!("Invalid mac address {addr}")));
    };
    let mut found: [Option<IfIndex>; 2] = [None, None];
    for (at, name) in [dev, bridge].into_iter().enumerate() {
        let Some(name) = name else { continue };
        found[at] = ifindex(call, name);
        if found[at].is_none() {
            let absent = [no_device, no_bridge][at];
            return Ok(absent(call, name));
        }
    }
    let [link, master] = found;
    let vid = u16::try_from(vid).ok();
    let request = FdbGet {
        link,
        master,
        mac,
        vid,
        to_self,
        to_master,
        vni: of_vni,
    };
    match call.world.fdb_get(call.netns, &request) {
        Err(error) => {
            call.console.err(format!("{error}\n"));
            Ok(Outcome::Exit(254))
        }
        Ok(entry) => {
            let mut out = options.printer();
            print(call, &mut out, options, &filter, &entry);
            call.console.out(out.finish());
            Ok(Outcome::Exit(0))
        }
    }
}

/// What `flush` is told about states and flags.
#[derive(Default)]
struct Wanted {
    mask: FdbFlags,
    flags: FdbFlags,
}

impl Wanted {
    fn want(&mut self, mask: FdbFlags, flag: FdbFlags, on: bool) {
        self.mask = self.mask.union(mask);
        self.flags.set(flag, on);
    }

    /// A word about states or flags; others are passed over.
    fn take(&mut self, word: &str) {
        let (local, fixed) = (FdbFlags::LOCAL, FdbFlags::STATIC);
        match word {
            "permanent" | "nopermanent" => self.want(local, local, word == "permanent"),
            "static" => self.want(fixed.union(local), fixed, true),
            "nostatic" => self.want(fixed, fixed, false),
            "dynamic" => self.want(fixed.union(local), fixed, false),
            "nodynamic" => self.want(fixed, fixed, true),
            word => {
                let (name, on) = match word.strip_prefix("no") {
                    Some(name) => (name, false),
                    None => (word, true),
                };
                let flag = match name {
                    "added_by_user" => FdbFlags::ADDED_BY_USER,
                    "extern_learn" => FdbFlags::ADDED_BY_EXT_LEARN,
                    "sticky" => FdbFlags::STICKY,
                    "offloaded" => FdbFlags::OFFLOADED,
                    _ => return,
                };
                self.want(flag, flag, on);
            }
        }
    }
}

fn flush(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut port, mut vid) = (None, None, -1_i16);
    let (mut to_self, mut to_master) = (false, false);
    let mut wanted = Wanted::default();
    while let Some(word) = args.take() {
        match word {
            "dev" => dev = Some(args.required()?),
            "master" => to_master = true,
            "self" => to_self = true,
            "brport" if port.is_some() => return Err(garbage("brport", word)),
            "brport" => port = Some(args.required()?),
            "vlan" if vid >= 0 => return Err(garbage("vlan", word)),
            "vlan" => vid = atoi(args.required()?) as i16,
            "help" => {
                args.required()?;
            }
            word => wanted.take(word),
        }
    }
    let Some(dev) = dev else {
        return Ok(failed(call, "Device is a required argument."));
    };
    let Some(link) = ifindex(call, dev) else {
        return Ok(no_bridge(call, dev));
    };
    let brport = match port {
        None => None,
        Some(name) => match ifindex(call, name) {
            Some(index) => Some(index),
            None => {
                let text = format_args!("Cannot find bridge port device \"{name}\"");
                return Ok(failed(call, text));
            }
        },
    };
    if vid >= 4096 {
        return Ok(failed(call, format_args!("Invalid VLAN ID \"{vid}\"")));
    }
    let request = FdbFlushRequest {
        link,
        to_self: to_self || !to_master,
        to_master,
        brport,
        vid: u16::try_from(vid).ok(),
        mask: wanted.mask,
        flags: wanted.flags,
    };
    let netns = call.netns;
    let done = match vid {
        0 | 4095 => Err(NlError::with_text(Errno::Erange, "integer out of range")),
        _ => call.world.fdb_flush(netns, &request),
    };
    Ok(answered(call, done))
}
