//! A network device as the world keeps it: what all kinds have in common (`struct net_device`).
//! What is particular to a kind is in [`DeviceKind`]; what IP knows is in the namespace.

use crate::device::bridge::{Bridge, PortNo};
use crate::device::stacked::{Above, Stacked};
use crate::kernel::netlink::{AddrGenMode, LinkFlags, OperState};
use crate::kernel::nic::Nic;
use crate::kernel::vxlan::Tunnel;
use crate::units::{Blank, DevId, IfIndex, IfName, MacAddr, NetnsId, Rare, make_room};

/// A network device.
#[derive(Clone, Debug)]
pub struct Device {
    /// The namespace in which it is now.
    pub netns: NetnsId,
    /// Its number there.
    pub ifindex: IfIndex,
    /// Its name there.
    pub name: IfName,
    /// What it is.
    pub kind: DeviceKind,
    /// The `IFF_*` bits that are kept: UP, BROADCAST, LOOPBACK, NOARP, MULTICAST, and PROMISC and
    /// ALLMULTI as user space asked for them.
    pub flags: u32,
    /// Whether the driver reports a carrier (`netif_carrier_ok`).
    pub carrier: bool,
    /// The operational state, also while the device is down.
    pub operstate: OperState,
    /// Whether the link mode is dormant.
    pub dormant_mode: bool,
    /// Whether a change of the carrier waits to be told.
    pub linkwatch_pending: bool,
    /// Whether protodown is on.
    pub protodown: bool,
    /// The root qdisc that it has by itself.
    pub qdisc: Qdisc,
    /// The root qdisc that it was given instead, with those below.
    pub queue: Option<Box<crate::device::qdisc::Qdisc>>,
    /// Whether the qdisc runs: the device is up and has a carrier, as last told.
    pub qdisc_active: bool,
    /// Largest packet, in bytes.
    pub mtu: u32,
    /// Smallest mtu.
    pub min_mtu: u32,
    /// Largest mtu.
    pub max_mtu: u32,
    /// The station address.
    pub address: MacAddr,
    /// Whether user space gave the address (`NET_ADDR_SET`).
    pub address_set: bool,
    /// The broadcast address.
    pub broadcast: MacAddr,
    /// Length of the transmit queue.
    pub txqlen: u32,
    /// The device group.
    pub group: u32,
    /// The master.
    pub master: Option<DevId>,
    /// The number of the port that it is of its master, 0 for none.
    pub port_no: PortNo,
    /// What stands on it.
    pub above: Option<Box<Above>>,
    /// How many want every frame.
    pub promiscuity: u32,
    /// How many want every multicast frame.
    pub allmulti: u32,
    /// Whether further unicast addresses made it promiscuous (`uc_promisc`).
    pub unicast_promisc: bool,
    /// The multicast filter: addresses with how many want each, newest last.
    pub multicast: Vec<(MacAddr, u32)>,
    /// A bit of 64 for each group address that was ever in the filter here, by [`group_mark`].
    pub group_marks: u64,
    /// Receive and transmit queues.
    pub queues: (u32, u32),
    /// Largest packet that it cuts into segments by itself (`tso_max_size`).
    pub tso_max_size: u32,
    /// How IPv6 makes link-local addresses.
    pub addrgenmode: AddrGenMode,
    /// What few devices have.
    pub seldom: Rare<Seldom>,
    /// Counters.
    pub stats: DeviceStats,
    /// How often the carrier went up and down.
    pub carrier_changes: u32,
}

/// TSO_MAX_SIZE: what loopback and veth take.
pub const TSO_MAX_SIZE: u32 = 524_280;
/// TSO_LEGACY_MAX_SIZE: what a driver takes that does not say.
pub const TSO_LEGACY_MAX_SIZE: u32 = 65536;

/// The bit of a group address, one of 64: a device without it has no listener to the group.
#[inline]
pub fn group_mark(group: MacAddr) -> u64 {
    let [.., c, d, e, f] = group.0;
    let number = u32::from_be_bytes([c, d, e, f]);
    1 << (number.wrapping_mul(0x9e37_79b1) >> 26)
}

/// What few devices have.
#[derive(Clone, Debug)]
pub struct Seldom {
    /// Other names.
    pub altnames: Vec<String>,
    /// The alias.
    pub alias: Option<String>,
    /// The address that it was made with, where that counts as its own (`perm_addr`).
    pub permanent_address: Option<MacAddr>,
    /// Further unicast addresses that the device takes, the oldest first.
    pub unicast: Vec<MacAddr>,
    /// What an administrator put into the filter of groups (`ip maddr add`).
    pub static_groups: Vec<MacAddr>,
    /// How many qdiscs were made for it.
    pub queue_births: u32,
}

impl Blank for Seldom {
    const BLANK: Self = Self {
        altnames: Vec::new(),
        alias: None,
        permanent_address: None,
        unicast: Vec::new(),
        static_groups: Vec::new(),
        queue_births: 0,
    };
    const SHARED: &'static Self = &Self::BLANK;
}

/// The counters of a device; see [`LinkStats`](crate::kernel::netlink::LinkStats) for all of them together.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is named as in rtnl_link_stats64")]
pub struct DeviceStats {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    /// Those that stay 0 on most devices.
    pub more: Rare<MoreStats>,
}

/// The counters of what is rare.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is named as in rtnl_link_stats64")]
pub struct MoreStats {
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub rx_missed: u64,
    pub multicast: u64,
    pub tx_errors: u64,
    pub tx_dropped: u64,
    pub tx_carrier: u64,
    pub collisions: u64,
}

impl Blank for MoreStats {
    const BLANK: Self = Self {
        rx_errors: 0,
        rx_dropped: 0,
        rx_missed: 0,
        multicast: 0,
        tx_errors: 0,
        tx_dropped: 0,
        tx_carrier: 0,
        collisions: 0,
    };
    const SHARED: &'static Self = &Self::BLANK;
}

/// What a device is.
#[derive(Clone, Debug)]
pub enum DeviceKind {
    /// The loopback.
    Loopback,
    /// One end of a veth pair; no peer while the pair is being made or unmade.
    Veth {
        /// The other end.
        peer: Option<DevId>,
    },
    /// A bridge.
    Bridge(Box<Bridge>),
    /// A device that swallows what it transmits.
    Dummy,
    /// A VXLAN tunnel end point.
    Vxlan(Box<Tunnel>),
    /// A network card of a host.
    Nic(Box<Nic>),
    /// A device that stands on another one: vlan, macvlan, ipvlan.
    Stacked(Box<Stacked>),
}

/// The root qdisc of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qdisc {
    /// Before the device was ever up.
    Noop,
    /// Devices without a queue of their own.
    Noqueue,
    /// What devices with a queue get, as `net.core.default_qdisc` says.
    PfifoFast,
}

impl Qdisc {
    /// The name that `ip link` prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Noqueue => "noqueue",
            Self::PfifoFast => "pfifo_fast",
        }
    }
}

impl Device {
    /// A device of that kind with Ethernet's defaults (`ether_setup`), in no place yet.
    pub fn new(kind: DeviceKind, netns: NetnsId, name: IfName, address: MacAddr) -> Self {
        let loopback = matches!(kind, DeviceKind::Loopback);
        let software = matches!(kind, DeviceKind::Loopback | DeviceKind::Veth { .. });
        let flags = if loopback {
            LinkFlags::LOOPBACK
        } else {
            LinkFlags::BROADCAST | LinkFlags::MULTICAST
        };
        Self {
            netns,
            ifindex: 0,
            name,
            flags,
            carrier: true,
            operstate: OperState::Unknown,
            dormant_mode: false,
            linkwatch_pending: false,
            protodown: false,
            qdisc: Qdisc::Noop,
            queue: None,
            qdisc_active: false,
            mtu: if loopback { 65536 } else { 1500 },
            min_mtu: if loopback { 0 } else { 68 },
            max_mtu: if loopback { 0 } else { 65535 },
            address,
            address_set: false,
            broadcast: if loopback {
                MacAddr::ZERO
            } else {
                MacAddr::BROADCAST
            },
            txqlen: 1000,
            group: 0,
            master: None,
            port_no: 0,
            above: None,
            promiscuity: 0,
            allmulti: 0,
            unicast_promisc: false,
            multicast: Vec::new(),
            group_marks: 0,
            seldom: Rare::default(),
            queues: (1, 1),
            tso_max_size: if software {
                TSO_MAX_SIZE
            } else {
                TSO_LEGACY_MAX_SIZE
            },
            addrgenmode: AddrGenMode::Eui64,
            stats: DeviceStats::default(),
            carrier_changes: 0,
            kind,
        }
    }

    /// Whether it is administratively up.
    #[inline]
    pub fn is_up(&self) -> bool {
        self.flags & LinkFlags::UP != 0
    }

    /// Whether it is the loopback.
    #[inline]
    pub fn is_loopback(&self) -> bool {
        matches!(self.kind, DeviceKind::Loopback)
    }

    /// Whether no request removes it: nobody made it by a request either (no `rtnl_link_ops`).
    pub fn is_permanent(&self) -> bool {
        matches!(self.kind, DeviceKind::Loopback | DeviceKind::Nic(_))
    }

    /// Whether its driver has a filter of unicast addresses (`IFF_UNICAST_FLT`).
    pub fn filters_unicast(&self) -> bool {
        matches!(self.kind, DeviceKind::Nic(_) | DeviceKind::Stacked(_))
    }

    /// Whether it is operational (`netif_oper_up`): up, or of a driver that does not say.
    pub fn is_oper_up(&self) -> bool {
        matches!(self.operstate, OperState::Up | OperState::Unknown)
    }

    /// The flags as a dump shows them (`netif_get_flags`).
    pub fn shown_flags(&self) -> LinkFlags {
        let mut flags = self.flags;
        if self.is_up() {
            if self.is_oper_up() {
                flags |= LinkFlags::RUNNING;
            }
            if self.carrier {
                flags |= LinkFlags::LOWER_UP;
            }
        }
        LinkFlags(flags)
    }

    /// The state as a dump shows it: down where the device is down.
    pub fn shown_operstate(&self) -> OperState {
        if self.is_up() {
            self.operstate
        } else {
            OperState::Down
        }
    }

    /// Whether a frame for that group address passes the filter.
    pub fn wants_group(&self, group: MacAddr) -> bool {
        self.allmulti > 0
            || self.promiscuity > 0
            || self.multicast.iter().any(|&(known, _)| known == group)
    }

    /// One more wants that group address (`dev_mc_add`).
    pub fn join(&mut self, group: MacAddr) {
        self.group_marks |= group_mark(group);
        match self.multicast.iter_mut().find(|(known, _)| *known == group) {
            Some((_, wanting)) => *wanting += 1,
            None => {
                make_room(&mut self.multicast, 2);
                self.multicast.push((group, 1));
            }
        }
    }

    /// One fewer wants that group address (`dev_mc_del`).
    pub fn leave(&mut self, group: MacAddr) {
        if let Some(position) = self.multicast.iter().position(|&(known, _)| known == group) {
            self.multicast[position].1 -= 1;
            if self.multicast[position].1 == 0 {
                self.multicast.remove(position);
            }
        }
    }
}
