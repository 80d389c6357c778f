//! `ip link`: show, add, set, delete, property, help.
//! What a request does is the kernel floor's.

mod bridge;
mod ipvlan;
mod kind;
mod macvlan;
mod parse;
mod port;
pub mod show;
pub mod stats;
mod vlan;
mod vxlan;

pub use port::state_name;

use crate::kernel::netlink::{LinkChange, LinkNew, LinkRef};
use crate::tool::ip::addr::list;
use crate::tool::ip::args::{Args, garbage, invalid, matches, no_device};
use crate::tool::ip::help;
use crate::tool::ip::lookup::{Here, Lookup, is_ifname};
use crate::tool::ip::options::Options;
use crate::tool::{Call, Failure, Outcome};
use crate::units::Errno;

use kind::Kind;
use parse::Verb;

/// Runs a command of `ip link`.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn run(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let Some(command) = args.take() else {
        return list::run(call, options, &[], true);
    };
    let is = |full| matches(command, full);
    if is("add") {
        add(call, options, args, false)
    } else if is("set") || is("change") {
        set(call, options, args)
    } else if is("replace") {
        add(call, options, args, true)
    } else if is("delete") {
        delete(call, options, args)
    } else if is("show") || is("lst") || is("list") {
        list::run(call, options, args.rest(), true)
    } else if is("xstats") {
        Err(Failure::not_simulated("ip link xstats"))
    } else if is("afstats") {
        Ok(Outcome::Exit(0))
    } else if is("property") {
        property(call, args)
    } else if is("help") {
        show_help(call, args)
    } else {
        Err(Failure::line(
            255,
            format_args!("Command \"{command}\" is unknown, try \"ip link help\"."),
        ))
    }
}

/// `ip link help [TYPE]`: a type's help goes to standard output.
fn show_help(call: &mut Call<'_>, mut args: Args<'_>) -> Result<Outcome, Failure> {
    let text = args.take().and_then(kind::usage).ok_or_else(help::link)?;
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

fn add(
    call: &mut Call<'_>,
    options: &Options,
    mut args: Args<'_>,
    replace: bool,
) -> Result<Outcome, Failure> {
    let here = Here(call);
    let (words, kind) = parse::parse(&mut args, Verb::Create, &here)?;
    let read = match kind {
        Some(kind) => kind::parse(kind, &mut args, Verb::Create, options.family, &here)?,
        None => {
            return Err(Failure::line(
                1,
                "Not enough information: \"type\" argument is required",
            ));
        }
    };
    let exists = words
        .name
        .as_deref()
        .and_then(|name| call.world.ifindex(call.netns, name));
    call.console.err(&read.said);
    if replace && exists.is_some() {
        return Err(crate::kernel::netlink::NlError::from(Errno::Eopnotsupp).into());
    }
    let Kind::Link(kind) = read.kind else {
        let error = read.kind.refusal(exists.is_some());
        return Err(error);
    };
    if words.link_netns {
        return Err(Failure::not_simulated("link-netns of ip link add"));
    }
    let new = LinkNew {
        kind,
        ifindex: words.index,
        link: words.link,
        tx_queues: words.tx_queues,
        rx_queues: words.rx_queues,
        attributes: words.attributes()?,
    };
    call.world.link_add(call.netns, &new)?;
    Ok(Outcome::Exit(0))
}

fn set(call: &mut Call<'_>, options: &Options, mut args: Args<'_>) -> Result<Outcome, Failure> {
    let here = Here(call);
    let (words, kind) = parse::parse(&mut args, Verb::Change, &here)?;
    let mut change = match kind {
        // These types without options ask for nothing (`iplink_modify` adds no IFLA_INFO_DATA); others want some.
        Some("veth" | "bridge" | "bridge_slave" | "dummy" | "macvlan") if args.is_empty() => {
            LinkChange::default()
        }
        Some(kind) => {
            let read = kind::parse(kind, &mut args, Verb::Change, options.family, &here)?;
            change_of(read.kind)?
        }
        None => LinkChange::default(),
    };
    let of_kind = (change.kind.take(), change.bridge_port.take());
    change = words.attributes()?;
    (change.kind, change.bridge_port) = of_kind;
    match (words.ifindex, change.group) {
        (Some(ifindex), _) => {
            // Both were asked for by name, which settles their states.
            call.world.settle_link(call.netns, ifindex);
            if let Some(master) = change.master {
                call.world.settle_link(call.netns, master);
            }
            call.world
                .link_set(call.netns, &LinkRef::Index(ifindex), &change)?;
        }
        (None, Some(group)) => set_group(call, group, &change)?,
        (None, None) => {}
    }
    Ok(Outcome::Exit(0))
}

fn change_of(kind: Kind) -> Result<LinkChange, Failure> {
    let mut change = LinkChange::default();
    match kind {
        Kind::Link(kind) => change.kind = Some(kind),
        Kind::Port(options) => change.bridge_port = Some(*options),
        // No device that exists is of another kind (`rtnl_changelink`).
        Kind::Known(_) | Kind::Unknown => {
            return Err(crate::kernel::netlink::NlError::from(Errno::Eopnotsupp).into());
        }
    }
    Ok(change)
}

/// Changes every device of a group (`rtnl_group_changelink`).
fn set_group(call: &mut Call<'_>, group: u32, change: &LinkChange) -> Result<(), Failure> {
    let links = call.world.links(call.netns);
    for link in links.iter().filter(|link| link.group == group) {
        let link = LinkRef::Index(link.ifindex);
        call.world.link_set(call.netns, &link, change)?;
    }
    Ok(())
}

fn delete(call: &mut Call<'_>, options: &Options, mut args: Args<'_>) -> Result<Outcome, Failure> {
    let here = Here(call);
    let (words, kind) = parse::parse(&mut args, Verb::Delete, &here)?;
    if let Some(kind) = kind {
        kind::parse(kind, &mut args, Verb::Delete, options.family, &here)?;
    }
    match (words.ifindex, words.change.group) {
        (Some(ifindex), _) => call.world.link_del(call.netns, &LinkRef::Index(ifindex))?,
        (None, Some(group)) => call.world.link_del_group(call.netns, group)?,
        (None, None) => {}
    }
    Ok(Outcome::Exit(0))
}

/// `ip link property add|del dev DEVICE altname NAME ..`.
fn property(call: &mut Call<'_>, mut args: Args<'_>) -> Result<Outcome, Failure> {
    let command = args.take().ok_or_else(help::link)?;
    let adds = matches(command, "add");
    if !adds && !matches(command, "del") {
        return Err(if matches(command, "help") {
            help::link()
        } else {
            Failure::line(255, "Operator required")
        });
    }
    let (mut dev, mut names) = (None, Vec::new());
    while let Some(word) = args.take() {
        if matches(word, "altname") {
            let name = args.required()?;
            if !is_ifname(name) {
                return Err(invalid("not a valid altname", name));
            }
            names.push(name.to_owned());
        } else if matches(word, "help") {
            return Err(help::link());
        } else {
            let name = if word == "dev" {
                args.required()?
            } else {
                word
            };
            if dev.is_some() {
                return Err(garbage("dev", name));
            }
            if !is_ifname(name) {
                return Err(invalid("\"dev\" not a valid ifname", name));
            }
            dev = Some(name);
        }
    }
    let dev = dev.ok_or_else(|| {
        Failure::line(
            255,
            "Not enough of information: \"dev\" argument is required.",
        )
    })?;
    let index = Here(call).ifindex(dev).ok_or_else(|| no_device(dev))?;
    let mut change = LinkChange::default();
    if adds {
        change.altnames_add = names;
    } else {
        change.altnames_del = names;
    }
    call.world
        .link_set(call.netns, &LinkRef::Index(index), &change)?;
    Ok(Outcome::Exit(0))
}

#[cfg(test)]
pub mod tests {
    //! Tables for the tests of the files of this folder.

    use super::*;
    use crate::kernel::netlink::{
        AddrGenMode, LinkFlags, LinkInfo, LinkKindInfo, LinkStats, OperState,
    };
    use crate::units::{IfIndex, MacAddr, NetnsId};

    /// Devices by name.
    #[derive(Default)]
    pub struct Table(Vec<(String, IfIndex)>);

    impl Table {
        /// A table of these devices.
        pub fn with_devices(devices: &[(&str, IfIndex)]) -> Self {
            Self(devices.iter().map(|(n, i)| ((*n).to_owned(), *i)).collect())
        }
    }

    impl Lookup for Table {
        fn ifindex(&self, name: &str) -> Option<IfIndex> {
            let found = self.0.iter().find(|(known, _)| known == name);
            found.map(|(_, index)| *index)
        }

        fn netns(&self, _name: &str) -> Option<NetnsId> {
            None
        }

        fn netns_of_process(&self, _pid: i32) -> Option<NetnsId> {
            None
        }

        fn nsid(&self, _netns: NetnsId) -> Option<i32> {
            None
        }
    }

    /// One end of a new veth pair.
    pub fn veth() -> LinkInfo {
        LinkInfo {
            ifindex: 3,
            name: "va".parse().unwrap(),
            altnames: Vec::new(),
            link: Some(2),
            link_netnsid: None,
            flags: LinkFlags(LinkFlags::BROADCAST | LinkFlags::MULTICAST),
            mtu: 1500,
            min_mtu: 68,
            max_mtu: 65535,
            qdisc: "noop",
            master: None,
            operstate: OperState::Down,
            dormant_mode: false,
            group: 0,
            txqlen: 1000,
            loopback: false,
            address: MacAddr([2, 0, 0, 0, 0, 1]),
            broadcast: MacAddr::BROADCAST,
            permanent_address: None,
            alias: None,
            promiscuity: 0,
            allmulti: 0,
            tx_queues: 2,
            rx_queues: 2,
            gso: [65536, 65535, 524_280, 65535, 65536],
            addrgenmode: AddrGenMode::Eui64,
            has_inet6: true,
            protodown: false,
            kind: Some(LinkKindInfo::Veth),
            bridge_port: None,
            stats: LinkStats::default(),
        }
    }
}
