//! What a learner does about a loss: one or two sentences for each reason and for what decided.
//! It looks nothing up: places and settings are in the loss.

use crate::engine::trace::{By, DropReason, Loss};

/// Where commands are typed for a place: `ip netns exec red ` in a namespace, nothing at the root.
fn prefix(netns: &str) -> String {
    match netns {
        "" => String::new(),
        name => format!("ip netns exec {name} "),
    }
}

/// What decides, and what would change it.
pub(super) fn advice(loss: Loss<'_>) -> String {
    let place = loss.place;
    let (dev, at) = (place.dev.as_str(), prefix(&place.netns));
    match loss.by {
        Some(By::Setting(key, _)) => setting(key, dev, &at),
        Some(By::Link("is down")) => format!("Set it up: {at}ip link set {dev} up"),
        Some(By::Link("has no carrier")) => format!(
            "{dev} is up, but its other end is down or gone: set that up (its M-DOWN or NO-CARRIER shows in ip link)."
        ),
        Some(By::Link(_)) => "Set the other end up with ip link set ... up.".to_owned(),
        Some(By::NoRoute(addr)) => no_route(addr, &at),
        Some(By::Route(kind, addr)) => format!(
            "A route of type {kind} covers {addr}; {at}ip route get {addr} and {at}ip route show tell which."
        ),
        Some(By::Neighbour(addr)) => format!(
            "No station on the link of {dev} said that it is {addr}: is the address right, is it on that link, and is its device up? {at}ip neigh shows FAILED."
        ),
        Some(By::PortState(state)) => port_state(state, dev),
        Some(By::PortFlag(flag, on)) => port_flag(flag, *on, dev),
        Some(By::Mtu(mtu)) => too_long(loss.reason, *mtu, dev, &at),
        Some(By::Vni(vni)) => format!(
            "Both ends of a VXLAN tunnel need the same VNI; here came {vni}. ip -d link show type vxlan shows the one that is set."
        ),
        Some(By::Vlan(vid)) => format!(
            "VLAN {vid} is not allowed there: bridge vlan shows what is, bridge vlan add vid {vid} dev {dev} allows it."
        ),
        Some(By::Rule(_)) => {
            format!("{at}iptables -L -v -n shows the rules with their counters.")
        }
        Some(By::NoAddress(_)) | None => by_reason(loss.reason, &at),
    }
}

/// There would be a route if a device were up.
pub(super) fn device_is_down(netns: &str, dev: &str, addr: std::net::IpAddr) -> String {
    let at = prefix(netns);
    let why = match addr.is_loopback() {
        true => "a new namespace's loopback is down, and so has no address and no routes",
        false => "it has an address of that network, but it is down, and so its route is gone",
    };
    format!("{dev}: {why}. Set it up: {at}ip link set {dev} up")
}

fn setting(key: &str, dev: &str, at: &str) -> String {
    let name = key.replace("{dev}", dev);
    match key {
        "net.ipv4.ip_forward" => format!(
            "This namespace is no router: it passes on packets for others only with {at}sysctl -w net.ipv4.ip_forward=1"
        ),
        "net.ipv6.conf.all.forwarding" => format!(
            "This namespace is no router: it passes on packets for others only with {at}sysctl -w {name}=1"
        ),
        "net.ipv4.conf.{dev}.rp_filter" => format!(
            "{name} (or that of \"all\") wants the way back to be the way in. Give the source a route through {dev}, or turn it off: {at}sysctl -w {name}=0 net.ipv4.conf.all.rp_filter=0"
        ),
        key if key.contains("echo_ignore") => {
            format!("The ping arrived, but {name} says not to answer: {at}sysctl -w {name}=0")
        }
        _ => format!("The setting that decides is {name}."),
    }
}

fn no_route(addr: &std::net::IpAddr, at: &str) -> String {
    format!(
        "No route covers {addr}: {at}ip route show; add one with {at}ip route add default via GATEWAY, or for the network alone."
    )
}

fn port_state(state: &str, dev: &str) -> String {
    match state {
        "blocking" => format!(
            "The spanning tree keeps {dev} shut, so that there is no loop: bridge link show dev {dev}"
        ),
        "listening" | "learning" => format!(
            "The spanning tree has not opened {dev} yet: it takes twice the forward delay (15 s each) from link up."
        ),
        _ => format!(
            "The port {dev} forwards nothing in this state: is it up, and has it a carrier?"
        ),
    }
}

fn port_flag(flag: &str, on: bool, dev: &str) -> String {
    match (flag, on) {
        ("hairpin", false) => format!(
            "A bridge sends nothing back to the port where it came from; bridge link set dev {dev} hairpin on would."
        ),
        ("isolated", true) => {
            "Isolated ports do not reach one another: bridge link set dev PORT isolated off"
                .to_owned()
        }
        (flag, _) => format!("bridge -d link show dev {dev} shows the flag {flag}."),
    }
}

fn too_long(reason: DropReason, mtu: u32, dev: &str, at: &str) -> String {
    match reason {
        DropReason::FragNeeded => format!(
            "The way on takes {mtu} bytes and the packet forbids fragments (DF). The sender learns it from the ICMP error; smaller packets pass, or raise the mtu."
        ),
        _ => format!(
            "{mtu} bytes is the most here: compare {at}ip link show {dev} with the mtu of the other devices on the way."
        ),
    }
}

fn by_reason(reason: DropReason, at: &str) -> String {
    match reason {
        DropReason::NoSocket => {
            format!("The packet arrived, but no program listens there: {at}ss -tuln")
        }
        DropReason::TtlExceeded => {
            "Too many routers on the way, or they send it in a circle: traceroute shows them.".to_owned()
        }
        DropReason::Otherhost => {
            "Its MAC address belongs to another station: a stale neighbour entry (ip neigh) or a wrong one.".to_owned()
        }
        DropReason::NoTxTarget => {
            "No other port of the bridge is open: bridge link shows the ports and their states.".to_owned()
        }
        DropReason::IpInvalidSource => {
            "The source address is one of this namespace's own, or cannot be a source: two ends with the same address?".to_owned()
        }
        DropReason::LinkLoss => "The link was cut or told to lose frames.".to_owned(),
        DropReason::VxlanNoRemote => {
            "The tunnel knows no far end for that station: bridge fdb append 00:00:00:00:00:00 dev VXLAN dst ADDRESS".to_owned()
        }
        _ => String::new(),
    }
}
