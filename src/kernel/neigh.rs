//! What the world does for the neighbour tables: questions, answers, waiting packets (arp.c).
//! The tables and their decisions are in `netns::neigh`.

use std::net::{IpAddr, Ipv4Addr};

use crate::engine::trace::{By, DropReason, Taker, Verdict, Wait};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::ip::icmp::IcmpError;
use crate::netns::neigh::{Action, AddrKind, NeighDevice, Resolution, arp};
use crate::netns::socket::PacketType;
use crate::units::{DevId, IfIndex, MacAddr, NetnsId};
use crate::wire::{ETH_P_IP, Frame, push_ethernet};

/// The actions of the IPv4 table.
type Actions4 = Vec<Action<Ipv4Addr, Frame>>;

impl World {
    /// Sends an IPv4 packet to a neighbour: at once, or when its station is known (`neigh_output`).
    pub(crate) fn output_neigh4(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        hop: Ipv4Addr,
        kind: AddrKind,
        packet: Frame,
    ) {
        let now = self.now;
        let Some(dev) = self.dev_at(netns, ifindex) else {
            return;
        };
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        if let Some(mac) = ns.neigh4.connected(ifindex, hop) {
            return self.transmit_to(dev, mac, ETH_P_IP, packet);
        }
        let mut actions = Actions4::new();
        let seen = self.watching.then(|| packet.clone());
        match ns
            .neigh4
            .resolve(now, ifindex, hop, kind, packet, &mut actions)
        {
            Resolution::Send(mac, packet) => self.transmit_to(dev, mac, ETH_P_IP, packet),
            Resolution::Queued => self.note_waiting(dev, seen, hop.into()),
            Resolution::Dropped(reason, packet) => self.lose(dev, &packet, reason),
        }
        self.act_neigh4(netns, actions);
    }

    /// A packet waits for the station of a neighbour.
    pub(crate) fn note_waiting(&mut self, dev: DevId, packet: Option<Frame>, hop: IpAddr) {
        if let Some(packet) = packet {
            self.hop(dev, &packet, Verdict::Queued(Wait::Neighbour(hop)));
        }
    }

    /// Puts an Ethernet header in front and transmits.
    pub(crate) fn transmit_to(
        &mut self,
        dev: DevId,
        dst: MacAddr,
        ethertype: u16,
        mut packet: Frame,
    ) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        push_ethernet(&mut packet, device.address, dst, ethertype);
        self.transmit(dev, packet);
    }

    /// An ARP packet has come to a device (`arp_rcv`).
    pub(crate) fn receive_arp(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        frame: &Frame,
        for_whom: PacketType,
    ) {
        self.process_arp(netns, ifindex, frame, for_whom, false);
    }

    fn process_arp(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        frame: &Frame,
        for_whom: PacketType,
        again: bool,
    ) {
        let now = self.now;
        let Some(dev) = self.dev_at(netns, ifindex) else {
            return;
        };
        let Some((neigh4, facts)) = self
            .netns
            .find_mut(netns)
            .map(|ns| ns.neigh4_and_facts(now))
        else {
            return;
        };
        let Some(interface) = facts.interface(ifindex) else {
            return;
        };
        if interface.noarp || for_whom == PacketType::OtherHost {
            return self.lose(dev, frame, DropReason::ArpIgnored);
        }
        let conf = arp::ArpConf::combine(facts.links.all4, &interface.conf4);
        let received = arp::Received {
            ifindex,
            own_mac: interface.mac,
            frame,
            to_host: for_whom == PacketType::Host,
            locally_enqueued: again,
        };
        let mut actions = Actions4::new();
        let verdict = arp::process(neigh4, &facts, &conf, now, &received, &mut actions);
        match verdict {
            arp::Verdict::Reply(reply) => {
                self.hop(dev, frame, Verdict::Taken(Taker::Protocol("ARP")));
                self.transmit(dev, reply);
            }
            arp::Verdict::Consumed if self.watching => {
                let by = self.unanswered(netns, ifindex, frame);
                let taken = Verdict::Taken(Taker::Protocol("ARP"));
                self.record_hop(dev, frame, taken, by);
            }
            arp::Verdict::Consumed => {}
            arp::Verdict::Delayed => self.hop(dev, frame, Verdict::Queued(Wait::Proxy)),
            arp::Verdict::Dropped(reason) if self.watching => {
                let by = self.unanswered(netns, ifindex, frame);
                self.record_hop(dev, frame, Verdict::Dropped(reason), by);
            }
            arp::Verdict::Dropped(_) => {}
        }
        self.act_neigh4(netns, actions);
    }

    /// Does what the IPv4 table asks for, and sees to its next deadline.
    pub(crate) fn act_neigh4(&mut self, netns: NetnsId, actions: Actions4) {
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
                    self.solicit4(netns, ifindex, addr, unicast_to, source);
                }
                Action::Release {
                    ifindex,
                    addr: _,
                    mac,
                    packets,
                } => {
                    let Some(dev) = self.dev_at(netns, ifindex) else {
                        continue;
                    };
                    for packet in packets {
                        self.transmit_to(dev, mac, ETH_P_IP, packet);
                    }
                }
                Action::Unreachable {
                    ifindex,
                    addr,
                    packets,
                } => {
                    for packet in packets {
                        self.neighbour_failed(netns, ifindex, addr, &packet);
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
                    self.process_arp(netns, ifindex, &frame, PacketType::Host, true);
                }
            }
        }
        let next = self.netns.find(netns).and_then(|ns| ns.neigh4.next_timer());
        if let Some(next) = next {
            self.arm(next, Timer::Neigh4(netns));
        }
    }

    fn solicit4(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        addr: Ipv4Addr,
        to: Option<MacAddr>,
        source: Option<Ipv4Addr>,
    ) {
        let now = self.now;
        let Some((_, facts)) = self
            .netns
            .find_mut(netns)
            .map(|ns| ns.neigh4_and_facts(now))
        else {
            return;
        };
        let Some(interface) = facts.interface(ifindex) else {
            return;
        };
        let (dev, own) = (interface.dev, interface.mac);
        let conf = arp::ArpConf::combine(facts.links.all4, &interface.conf4);
        let source = arp::solicit_source(&facts, &conf, ifindex, addr, source);
        let frame = arp::solicitation(own, source, addr, to);
        self.transmit(dev, frame);
    }

    /// The neighbour of a packet does not answer: its sender is told (`ipv4_link_failure`).
    fn neighbour_failed(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        addr: Ipv4Addr,
        packet: &Frame,
    ) {
        if let Some(dev) = self.dev_at(netns, ifindex) {
            let by = || By::Neighbour(addr.into());
            self.lose_by(dev, packet, DropReason::NeighFailed, by);
        }
        self.send_icmp_error(netns, packet, IcmpError::HOST_UNREACH, None);
    }

    pub(crate) fn run_neigh4_timers(&mut self, netns: NetnsId) {
        let now = self.now;
        let mut actions = Actions4::new();
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.neigh4.handle_timers(now, &mut actions);
        }
        self.act_neigh4(netns, actions);
    }

    /// The tables learn of a new device, or what is new about one whose neighbours stay.
    pub(crate) fn neigh_add_device(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let known = self.neigh_device(dev);
        let ifindex = device.ifindex;
        if let Some(ns) = self.netns.find_mut(device.netns) {
            ns.neigh4.add_device(ifindex, known);
            ns.neigh6.add_device(ifindex, known);
        }
    }

    fn neigh_device(&self, dev: DevId) -> NeighDevice {
        use crate::kernel::netlink::LinkFlags;
        let Some(device) = self.devices.find(dev) else {
            return NeighDevice::loopback();
        };
        NeighDevice {
            mac: device.address,
            broadcast: device.broadcast,
            noarp: device.flags & LinkFlags::NOARP != 0,
            loopback: device.is_loopback(),
            pointopoint: device.flags & LinkFlags::POINTOPOINT != 0,
        }
    }

    /// A device has another address, or does ARP no more or again.
    pub(crate) fn neigh_device_changed(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        let known = self.neigh_device(dev);
        let mut actions = Actions4::new();
        let mut actions6 = Vec::new();
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.neigh4.device_changed(ifindex, known, &mut actions);
            ns.neigh6.device_changed(ifindex, known, &mut actions6);
        }
        self.act_neigh4(netns, actions);
        self.act_neigh6(netns, actions6);
    }

    /// A device went down, lost its carrier, or is gone.
    pub(crate) fn neigh_device_left(&mut self, netns: NetnsId, ifindex: IfIndex, how: Leaving) {
        let mut actions = Actions4::new();
        let mut actions6 = Vec::new();
        if let Some(ns) = self.netns.find_mut(netns) {
            match how {
                Leaving::Down => {
                    ns.neigh4.device_down(ifindex, &mut actions);
                    ns.neigh6.device_down(ifindex, &mut actions6);
                }
                Leaving::LastAddress4 => ns.neigh4.device_down(ifindex, &mut actions),
                Leaving::Ipv6Off => ns.neigh6.device_down(ifindex, &mut actions6),
                Leaving::CarrierLost => {
                    ns.neigh4.carrier_lost(ifindex, &mut actions);
                    ns.neigh6.carrier_lost(ifindex, &mut actions6);
                }
                Leaving::Gone => {
                    ns.neigh4.remove_device(ifindex, &mut actions);
                    ns.neigh6.remove_device(ifindex, &mut actions6);
                }
            }
        }
        self.act_neigh4(netns, actions);
        self.act_neigh6(netns, actions6);
    }
}

/// How a device stopped having neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leaving {
    /// It went down.
    Down,
    /// It has no IPv4 address any more: the neighbours of IPv6 stay.
    LastAddress4,
    /// IPv6 goes from it: the neighbours of IPv4 stay.
    Ipv6Off,
    /// It lost its carrier: permanent entries stay.
    CarrierLost,
    /// It is gone.
    Gone,
}
