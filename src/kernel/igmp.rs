//! IPv4 groups of the devices, and the announcement of addresses by ARP (igmp.c, devinet.c).
//! Which reports are due is decided by `netns::igmp`; this transmits them.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::kernel::ipv4::Came;
use crate::kernel::netlink::{Maddr, MaddrInfo};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::conf::Conf4;
use crate::netns::igmp::{Igmp4Action, IgmpConf, IgmpDevice};
use crate::netns::inet::SCOPE_LINK;
use crate::netns::neigh::{AddrKind, arp};
use crate::units::{DevId, NetnsId, SimTime};
use crate::wire::Frame;
use crate::wire::ipv4::Ipv4View;

impl World {
    /// Changes the IPv4 groups of a device and does what follows.
    fn with_igmp(
        &mut self,
        dev: DevId,
        change: impl FnOnce(SimTime, &mut IgmpDevice, &IgmpConf, Ipv4Addr, &mut Vec<Igmp4Action>),
    ) {
        let now = self.now;
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let Some(interface) = ns.interfaces.get_mut(&ifindex) else {
            return;
        };
        let conf = IgmpConf::combine(&ns.all4, &interface.conf4);
        let own = interface.inet.select(None, SCOPE_LINK);
        let own = own.unwrap_or(Ipv4Addr::UNSPECIFIED);
        let mut actions = std::mem::take(&mut self.igmp_actions);
        change(now, &mut interface.igmp, &conf, own, &mut actions);
        let next = interface.igmp.next_timer();
        for action in actions.drain(..) {
            match action {
                Igmp4Action::JoinMac(group) => self.join_group(dev, group),
                Igmp4Action::LeaveMac(group) => self.leave_group(dev, group),
                Igmp4Action::Output { packet, target } => {
                    self.output_neigh4(netns, ifindex, target, AddrKind::Multicast, packet);
                }
            }
        }
        self.igmp_actions = actions;
        if let Some(next) = next {
            self.arm(next, Timer::Igmp(dev));
        }
    }

    pub(crate) fn run_igmp_timers(&mut self, dev: DevId) {
        self.with_igmp(dev, |now, igmp, conf, own, out| {
            igmp.handle_timers(now, conf, own, out);
        });
    }

    /// A device is up (`ip_mc_up`).
    pub(crate) fn igmp_up(&mut self, dev: DevId) {
        self.with_igmp(dev, |now, igmp, conf, own, out| {
            igmp.up(now, conf, own, out);
        });
    }

    /// A device goes down (`ip_mc_down`).
    pub(crate) fn igmp_down(&mut self, dev: DevId) {
        self.with_igmp(dev, |now, igmp, conf, own, out| {
            igmp.down(now, conf, own, out);
        });
    }

    /// One more user of an IPv4 group on a device (`ip_mc_inc_group`).
    pub(crate) fn igmp_join(&mut self, dev: DevId, group: Ipv4Addr) {
        self.with_igmp(dev, |now, igmp, conf, own, out| {
            igmp.join(now, conf, own, group, out);
        });
    }

    /// One user less (`ip_mc_dec_group`).
    pub(crate) fn igmp_leave(&mut self, dev: DevId, group: Ipv4Addr) {
        self.with_igmp(dev, |now, igmp, conf, own, out| {
            igmp.leave(now, conf, own, group, out);
        });
    }

    /// A bridge that snoops listens to all that do (RFC 4286, `br_multicast_join_snoopers`).
    pub(crate) fn bridge_snoopers(&mut self, dev: DevId, join: bool) {
        let (v4, v6) = (
            Ipv4Addr::new(224, 0, 0, 106),
            Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x6a),
        );
        match join {
            true => self.igmp_join(dev, v4),
            false => self.igmp_leave(dev, v4),
        }
        self.with_in6(dev, |now, in6, link, out| match join {
            true => in6.join(now, link, v6, out),
            false => in6.leave(now, link, v6, out),
        });
    }

    /// A query or somebody's report has come in (`igmp_rcv`).
    pub(crate) fn receive_igmp(&mut self, came: Came, packet: &Frame) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        let message = view.payload();
        self.with_igmp(came.dev, |now, igmp, conf, _, _| {
            igmp.receive(now, conf, message);
        });
    }

    /// Tells the link about all addresses of a device, where `arp_notify` is on: it came up, or
    /// has another station address (`inetdev_send_gratuitous_arp`).
    pub(crate) fn announce4(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        let Some(ns) = self.netns.find(netns) else {
            return;
        };
        let Some(interface) = ns.interfaces.get(&ifindex) else {
            return;
        };
        if interface.larger(&ns.all4, Conf4::ArpNotify) == 0 || interface.noarp || !interface.up {
            return;
        }
        let addrs = interface.inet.addrs().iter().map(|addr| addr.local);
        let frames: Vec<Frame> = addrs
            .map(|addr| arp::gratuitous(interface.mac, addr))
            .collect();
        for frame in frames {
            self.transmit(dev, frame);
        }
    }

    /// All groups that the devices of a namespace listen to, by device: of the link, of IPv4, of
    /// IPv6 (`/proc/net/dev_mcast`, `igmp`, `igmp6`).
    pub fn maddrs(&self, netns: NetnsId) -> Vec<MaddrInfo> {
        let mut all = Vec::new();
        let Some(ns) = self.netns.find(netns) else {
            return all;
        };
        for interface in ns.interfaces.values() {
            let info = |group, users, is_static| MaddrInfo {
                ifindex: interface.ifindex,
                dev: interface.name,
                group,
                users,
                is_static,
            };
            if let Some(device) = self.devices.find(interface.dev) {
                all.extend(device.multicast.iter().map(|(mac, users)| {
                    let by_hand = device.seldom.static_groups.contains(mac);
                    info(Maddr::Link(*mac), *users, by_hand)
                }));
            }
            let inet = interface.igmp.list();
            all.extend(inet.map(|(group, users)| info(Maddr::Inet(group), users, false)));
            if let Some(in6) = interface.in6.get() {
                let inet6 = in6.groups();
                all.extend(inet6.map(|(group, users)| info(Maddr::Inet6(group), users, false)));
            }
        }
        all
    }
}
