//! What the world does for the neighbours of IPv6: questions, waiting packets, errors (ndisc.c).
//! The table is in `netns::neigh`, messages that come in are in `icmpv6`.

use std::net::Ipv6Addr;

use crate::engine::trace::{By, DropReason};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::ip::icmp::IcmpError;
use crate::netns::neigh::{Action, AddrKind, Resolution};
use crate::netns::v6::icmp::Icmp6Error;
use crate::units::{IfIndex, MacAddr, NetnsId};
use crate::wire::{ETH_P_IP, ETH_P_IPV6, Frame};

/// The actions of the IPv6 table.
pub(crate) type Actions6 = Vec<Action<Ipv6Addr, Frame>>;

impl World {
    /// Sends an IPv6 packet to a neighbour: at once, or when its station is known.
    pub(crate) fn output_neigh6(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        hop: Ipv6Addr,
        mut packet: Frame,
    ) {
        self.stamp_frame_id(netns, &mut packet);
        let now = self.now;
        let Some(dev) = self.dev_at(netns, ifindex) else {
            return;
        };
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let mut actions = Actions6::new();
        let kind = AddrKind::Unicast;
        let seen = self.watching.then(|| packet.clone());
        match ns
            .neigh6
            .resolve(now, ifindex, hop, kind, packet, &mut actions)
        {
            Resolution::Send(mac, packet) => {
                self.transmit_to(dev, mac, ethertype(&packet), packet);
            }
            Resolution::Queued => self.note_waiting(dev, seen, hop.into()),
            Resolution::Dropped(reason, packet) => self.lose(dev, &packet, reason),
        }
        self.act_neigh6(netns, actions);
    }

    /// Sends an IPv4 packet to a gateway that has an IPv6 address (`via inet6`).
    pub(crate) fn output_neigh6_for_ipv4(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        gateway: Ipv6Addr,
        packet: Frame,
    ) {
        self.output_neigh6(netns, ifindex, gateway, packet);
    }

    /// Does what the table asks for, and sees to its next deadline.
    pub(crate) fn act_neigh6(&mut self, netns: NetnsId, actions: Actions6) {
        for action in actions {
            match action {
                Action::Solicit {
                    ifindex,
                    addr,
                    unicast_to,
                    source,
                    cause,
                } => {
                    self.because_of(cause);
                    self.solicit6(netns, ifindex, addr, unicast_to, source);
                }
                Action::Release {
                    ifindex,
                    addr: _,
                    mac,
                    packets,
                } => self.release6(netns, ifindex, mac, packets),
                Action::Unreachable {
                    ifindex,
                    addr,
                    packets,
                } => {
                    for packet in packets {
                        self.neighbour6_failed(netns, ifindex, addr, &packet);
                    }
                }
                Action::Dropped {
                    ifindex,
                    packet,
                    reason,
                } => {
                    if let Some(dev) = self.dev_at(netns, ifindex) {
                        self.lose(dev, &packet, reason);
                    }
                }
                Action::ProxyRedo { ifindex, frame } => {
                    self.redo_ndisc(netns, ifindex, &frame);
                }
            }
        }
        let next = self.netns.find(netns).and_then(|ns| ns.neigh6.next_timer());
        if let Some(next) = next {
            self.arm(next, Timer::Neigh6(netns));
        }
    }

    fn release6(&mut self, netns: NetnsId, ifindex: IfIndex, mac: MacAddr, packets: Vec<Frame>) {
        let Some(dev) = self.dev_at(netns, ifindex) else {
            return;
        };
        for packet in packets {
            self.transmit_to(dev, mac, ethertype(&packet), packet);
        }
    }

    fn solicit6(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        addr: Ipv6Addr,
        to: Option<MacAddr>,
        source: Option<Ipv6Addr>,
    ) {
        if let Some(dev) = self.dev_at(netns, ifindex) {
            self.with_in6(dev, |_, in6, link, out| {
                in6.solicit(link, addr, to, source, out);
            });
        }
    }

    /// The neighbour of a packet does not answer: its sender is told (`ndisc_error_report`).
    fn neighbour6_failed(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        addr: Ipv6Addr,
        packet: &Frame,
    ) {
        if let Some(dev) = self.dev_at(netns, ifindex) {
            let by = || By::Neighbour(addr.into());
            self.lose_by(dev, packet, DropReason::NeighFailed, by);
        }
        match ethertype(packet) {
            ETH_P_IP => self.send_icmp_error(netns, packet, IcmpError::HOST_UNREACH, None),
            _ => self.send_icmp6_error(netns, ifindex, packet, Icmp6Error::ADDR_UNREACH, None),
        }
    }

    pub(crate) fn run_neigh6_timers(&mut self, netns: NetnsId) {
        let now = self.now;
        let mut actions = Actions6::new();
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.neigh6.handle_timers(now, &mut actions);
        }
        self.act_neigh6(netns, actions);
    }
}

/// What a packet is: an IPv4 one may go to an IPv6 neighbour too.
fn ethertype(packet: &Frame) -> u16 {
    match packet.bytes().first() {
        Some(first) if first >> 4 == 4 => ETH_P_IP,
        Some(_) | None => ETH_P_IPV6,
    }
}
