//! What decided that a frame was lost: the setting, flag or state, looked up where the reason alone does not say.
//! It runs only for frames that somebody watches, and changes nothing.

use std::net::IpAddr;

use crate::device::bridge::{PortFlags, PortState};
use crate::engine::trace::{By, DropReason};
use crate::kernel::rx::ethernet_header;
use crate::kernel::world::World;
use crate::netns::conf::{Conf4, Conf6};
use crate::netns::interface::Interface;
use crate::units::{DevId, IfIndex, NetnsId};
use crate::wire::ipv4::Ipv4View;
use crate::wire::ipv6::Ipv6View;
use crate::wire::{Arp, ETH_HLEN, Frame};

/// The address that an IP packet is for.
pub(crate) fn destination(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => Some(Ipv4View::new(packet)?.dst().into()),
        6 => Some(Ipv6View::new(packet)?.dst().into()),
        _ => None,
    }
}

impl World {
    /// What decided, where a look at the world tells it.
    pub(crate) fn decider(
        &self,
        dev: DevId,
        netns: NetnsId,
        reason: DropReason,
        frame: &Frame,
    ) -> Option<By> {
        let device = self.devices.find(dev)?;
        let own = |key, value: i64| Some(By::Setting(key, value));
        let conf4 = |setting| {
            let ns = self.netns.find(netns);
            ns.map_or(0, |ns| {
                let interface = ns.interfaces.get(&device.ifindex);
                interface.map_or(0, |interface| interface.larger(&ns.all4, setting))
            })
        };
        match reason {
            DropReason::DevReady | DropReason::DevDown if !device.is_up() => {
                Some(By::Link("is down"))
            }
            DropReason::DevReady if !device.carrier => Some(By::Link("has no carrier")),
            DropReason::PktTooBig => Some(By::Mtu(device.mtu)),
            DropReason::IpRpfilter => own("net.ipv4.conf.{dev}.rp_filter", conf4(Conf4::RpFilter)),
            DropReason::IpLocalnet => own(
                "net.ipv4.conf.{dev}.route_localnet",
                conf4(Conf4::RouteLocalnet),
            ),
            DropReason::IpInnoroutes if frame.bytes().first().is_some_and(|b| b >> 4 == 6) => {
                let on = self.netns.find(netns)?.all6.on(Conf6::Forwarding);
                match on {
                    false => own("net.ipv6.conf.all.forwarding", 0),
                    true => destination(frame.bytes()).map(By::NoRoute),
                }
            }
            DropReason::Ipv6Disabled if device.mtu < 1280 => Some(By::Mtu(device.mtu)),
            DropReason::Ipv6Disabled => own("net.ipv6.conf.{dev}.disable_ipv6", 1),
            DropReason::BridgeLocked => Some(By::PortFlag("locked", true)),
            DropReason::BridgeIngressStpState => self.port_state(dev),
            DropReason::BridgeNonForwarding | DropReason::NoTxTarget => {
                self.refusing_port(dev, frame)
            }
            _ => None,
        }
    }

    /// The ports that a flood leaves out because of their state or a flag, in words.
    pub(crate) fn left_out(&self, from: DevId, to: &[DevId]) -> Option<By> {
        let bridge = match self.devices.find(from)?.master {
            Some(master) => self.bridge_ref(master)?,
            None => self.bridge_ref(from)?,
        };
        let inward = bridge.port_of(from);
        let isolated = inward.is_some_and(|port| port.flags.has(PortFlags::ISOLATED));
        let mut words = Vec::new();
        for port in bridge.ports_by_number() {
            if port.dev == from || to.contains(&port.dev) {
                continue;
            }
            let why = match port.state {
                PortState::Forwarding if isolated && port.flags.has(PortFlags::ISOLATED) => {
                    "isolated is on"
                }
                PortState::Forwarding if !port.flags.has(PortFlags::BCAST_FLOOD) => {
                    "bcast_flood is off"
                }
                PortState::Forwarding if !port.flags.has(PortFlags::MCAST_FLOOD) => {
                    "mcast_flood is off"
                }
                PortState::Forwarding if !port.flags.has(PortFlags::FLOOD) => "flood is off",
                PortState::Forwarding => "no member of the group or VLAN",
                state => state.name(),
            };
            let name = self
                .devices
                .find(port.dev)
                .map_or("?", |dev| dev.name.as_str());
            words.push(format!("not to {name}: {why}"));
        }
        (!words.is_empty()).then(|| By::Rule(words.join(", ").into()))
    }

    /// Why an ARP request is not answered; nothing for other ARP packets.
    pub(crate) fn unanswered(&self, netns: NetnsId, ifindex: IfIndex, frame: &Frame) -> Option<By> {
        let arp = Arp::parse(frame.bytes().get(ETH_HLEN..)?)?;
        let asked = arp.is_request && arp.sender_ip != arp.target_ip;
        let ns = self.netns.find(netns).filter(|_| asked)?;
        let here = |interface: &Interface| {
            let mut addrs = interface.inet.addrs().iter();
            addrs.any(|addr| addr.local == arp.target_ip)
        };
        if !ns.interfaces.values().map(Box::as_ref).any(here) {
            return Some(By::NoAddress(arp.target_ip.into()));
        }
        let interface = ns.interfaces.get(&ifindex)?;
        let deciding = [
            (Conf4::ArpIgnore, "net.ipv4.conf.{dev}.arp_ignore"),
            (Conf4::ArpFilter, "net.ipv4.conf.{dev}.arp_filter"),
            (Conf4::RpFilter, "net.ipv4.conf.{dev}.rp_filter"),
        ];
        let mut values = deciding.map(|(setting, key)| (key, interface.larger(&ns.all4, setting)));
        values.sort_by_key(|&(_, value)| value == 0);
        let (key, value) = values[0];
        (value != 0).then_some(By::Setting(key, value))
    }

    fn port_state(&self, dev: DevId) -> Option<By> {
        let master = self.devices.find(dev)?.master?;
        let port = self.bridge_ref(master)?.port_of(dev)?;
        Some(By::PortState(port.state.name()))
    }

    /// Why the port that a frame should leave by does not take it (`should_deliver`).
    fn refusing_port(&self, from: DevId, frame: &Frame) -> Option<By> {
        let device = self.devices.find(from)?;
        let (bridge, inward) = match device.master {
            Some(master) => {
                let bridge = self.bridge_ref(master)?;
                (bridge, bridge.port_of(from))
            }
            None => (self.bridge_ref(from)?, None),
        };
        let (dst, _, _) = ethernet_header(frame.bytes())?;
        let entry = bridge.fdb_get(self.now, dst, 0).ok();
        let Some(to) = entry.and_then(|entry| bridge.port_of(entry.dev?)) else {
            let isolated = inward.is_some_and(|port| port.flags.has(PortFlags::ISOLATED));
            return isolated.then_some(By::PortFlag("isolated", true));
        };
        if inward.is_some_and(|port| port.dev == to.dev) {
            return Some(By::PortFlag("hairpin", false));
        }
        match to.flags.has(PortFlags::ISOLATED) && to.state == PortState::Forwarding {
            true => Some(By::PortFlag("isolated", true)),
            false => Some(By::PortState(to.state.name())),
        }
    }
}
