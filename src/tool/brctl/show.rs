//! What `brctl` shows: the list of bridges, addresses, the spanning tree.
//! By request two of the times come in kernel ticks and are printed as if they were hundredths.

use crate::device::bridge::{Bridge, Port, PortFlags, StpState, Ticks};
use crate::kernel::netlink::{LinkKindInfo, LinkRef};
use crate::tool::Call;
use crate::units::{DevId, Errno, IfName, SimTime};

use super::{Access, Command, bridge_named};

/// Hundredths of a second (`br_show_timer`).
fn timer(hundredths: u64) -> String {
    format!("{:4}.{:02}", hundredths / 100, hundredths % 100)
}

/// The ports with their names: by name from files, by number from requests.
fn ports(call: &Call<'_>, access: Access, bridge: &Bridge) -> Vec<(IfName, Port)> {
    let name = |port: &Port| {
        let (netns, ifindex) = call.world.device_place(port.dev)?;
        call.world.ifname(netns, ifindex)
    };
    let numbered = bridge.ports_by_number();
    let mut ports: Vec<(IfName, Port)> = numbered
        .filter_map(|port| Some((name(port)?, port.clone())))
        .collect();
    if access == Access::Sysfs {
        ports.sort_by_key(|(name, _)| *name);
    }
    ports
}

/// What is said where there is no such bridge.
fn refusal(name: &str, errno: Errno) -> String {
    match errno {
        Errno::Enodev => format!("bridge {name} does not exist!"),
        _ => format!("device {name} is not a bridge!"),
    }
}

fn one_bridge(command: &mut Command<'_, '_>, name: &str, header: &mut bool) -> i32 {
    let found = bridge_named(command.call, name);
    let bridge = match &found {
        Ok(dev) => command.call.world.bridge(*dev),
        Err(_) => None,
    };
    let Some(bridge) = bridge else {
        let errno = found.err().map_or(Errno::Enodev, |error| error.errno);
        return command.said.error(refusal(name, errno));
    };
    let out = &mut command.said.out;
    if !std::mem::replace(header, true) {
        out.push_str("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    }
    let stp = if bridge.stp.state == StpState::Off {
        "no"
    } else {
        "yes"
    };
    let names: Vec<String> = ports(command.call, command.access, bridge)
        .iter()
        .map(|(name, _)| name.to_string())
        .collect();
    let names = names.join("\n\t\t\t\t\t\t\t");
    out.push_str(&format!(
        "{name}\t\t{}\t{stp}\t\t{names}\n",
        bridge.stp.bridge_id()
    ));
    0
}

/// `brctl show [BRIDGE..]`.
pub(super) fn bridges(command: &mut Command<'_, '_>) -> i32 {
    let mut header = false;
    let words = command.words;
    if !words.is_empty() {
        let failed = words
            .iter()
            .map(|name| one_bridge(command, name, &mut header))
            .sum::<i32>();
        return i32::from(failed > 0);
    }
    let links = command.call.world.links(command.call.netns);
    let bridges = links
        .iter()
        .filter(|link| matches!(link.kind, Some(LinkKindInfo::Bridge(_))));
    let mut names: Vec<IfName> = bridges.map(|link| link.name).collect();
    if command.access == Access::Sysfs {
        names.sort_unstable();
    }
    for name in names {
        one_bridge(command, name.as_str(), &mut header);
    }
    0
}

/// `brctl showmacs BRIDGE`.
pub(super) fn macs(command: &mut Command<'_, '_>) -> i32 {
    let link = LinkRef::Name(super::cut(command.word(0)).to_owned());
    let rows = command.call.world.fdb_rows(command.call.netns, &link);
    let mut rows = match rows {
        Ok(rows) => rows,
        Err(error) => {
            let errno = error.errno;
            return command
                .said
                .error(format_args!("read of forward table failed: {errno}"));
        }
    };
    rows.sort_by_key(|row| row.mac);
    let out = &mut command.said.out;
    out.push_str("port no\tmac addr\t\tis local?\tageing timer\n");
    for row in rows {
        let local = if row.is_local { "yes" } else { "no" };
        let age = timer(row.ageing_clock);
        out.push_str(&format!(
            "{:3}\t{}\t{local}\t\t{age}\n",
            row.port_no, row.mac
        ));
    }
    0
}

/// `brctl showstp BRIDGE`.
pub(super) fn stp(command: &mut Command<'_, '_>) -> i32 {
    let name = command.word(0).to_owned();
    let found = bridge_named(command.call, &name);
    let dev: DevId = match found {
        Ok(dev) => dev,
        Err(error) => return command.said.error(refusal(&name, error.errno)),
    };
    let Some(bridge) = command.call.world.bridge(dev) else {
        return command.said.error(refusal(&name, Errno::Enodev));
    };
    let now = command.call.world.now();
    let mut text = bridge_text(&name, bridge, command.access, now);
    for (name, port) in ports(command.call, command.access, bridge) {
        text.push_str(&port_text(name, &port, command.access, now));
    }
    command.said.out.push_str(&text);
    0
}

fn bridge_text(name: &str, bridge: &Bridge, access: Access, now: SimTime) -> String {
    let stp = &bridge.stp;
    let [hello, tcn, topology_change, gc] = bridge.timer_clocks(now).map(timer);
    let clock = |ticks: Ticks| timer(ticks.clock());
    // By file the values that are set here cannot be had: those in force stand in for them.
    // By request three of the six come in ticks.
    let raw = |ticks: Ticks| timer(ticks.count());
    let (forward_delay, own) = match access {
        Access::Sysfs => (
            clock(stp.forward_delay),
            [
                clock(stp.max_age),
                clock(stp.hello_time),
                clock(stp.forward_delay),
            ],
        ),
        Access::Ioctl => (
            raw(stp.forward_delay),
            [
                raw(stp.bridge_max_age),
                raw(stp.bridge_hello_time),
                clock(stp.bridge_forward_delay),
            ],
        ),
    };
    let [own_max_age, own_hello, own_forward_delay] = own;
    let mut flags = String::new();
    if stp.topology_change {
        flags.push_str("TOPOLOGY_CHANGE ");
    }
    if stp.topology_change_detected {
        flags.push_str("TOPOLOGY_CHANGE_DETECTED ");
    }
    format!(
        "{name}\n bridge id\t\t{}\n designated root\t{}\n root port\t\t{:4}\t\t\tpath cost\t\t{:4}\n \
         max age\t\t{}\t\t\tbridge max age\t\t{own_max_age}\n \
         hello time\t\t{}\t\t\tbridge hello time\t{own_hello}\n \
         forward delay\t\t{forward_delay}\t\t\tbridge forward delay\t{own_forward_delay}\n \
         ageing time\t\t{}\n \
         hello timer\t\t{hello}\t\t\ttcn timer\t\t{tcn}\n \
         topology change timer\t{topology_change}\t\t\tgc timer\t\t{gc}\n \
         flags\t\t\t{flags}\n\n\n",
        stp.bridge_id(),
        stp.designated_root,
        stp.root_port,
        stp.root_path_cost,
        clock(stp.max_age),
        clock(stp.hello_time),
        clock(stp.ageing_time),
    )
}

fn port_text(name: IfName, port: &Port, access: Access, now: SimTime) -> String {
    let [message_age, forward_delay, hold] = port.timer_clocks(now).map(timer);
    let mut flags = String::new();
    if port.config_pending {
        flags.push_str("CONFIG_PENDING ");
    }
    if port.topology_change_ack {
        flags.push_str("TOPOLOGY_CHANGE_ACK ");
    }
    if access == Access::Sysfs && port.flags.has(PortFlags::HAIRPIN) {
        flags.push_str("\n hairpin mode\t\t   1");
    }
    format!(
        "{name} ({})\n port id\t\t{:04x}\t\t\tstate\t\t{:>15}\n \
         designated root\t{}\tpath cost\t\t{:4}\n \
         designated bridge\t{}\tmessage age timer\t{message_age}\n \
         designated port\t{:04x}\t\t\tforward delay timer\t{forward_delay}\n \
         designated cost\t{:4}\t\t\thold timer\t\t{hold}\n \
         flags\t\t\t{flags}\n\n",
        port.port_no,
        port.port_id(),
        port.state.name(),
        port.designated_root,
        port.path_cost,
        port.designated_bridge,
        port.designated_port,
        port.designated_cost,
    )
}
