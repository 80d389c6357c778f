//! Requests and replies about devices (RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK, RTM_GETLINK).
//! What a device does with frames is elsewhere.

pub use crate::device::bridge::BridgeChange as BridgeOptions;
use crate::device::vxlan::VxlanOptions;
use crate::units::{IfIndex, IfName, MacAddr, NetnsId};

use super::stacked::{
    IpvlanInfo, IpvlanOptions, MacvlanInfo, MacvlanOptions, VlanInfo, VlanOptions,
};

/// A device, by number or by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkRef {
    /// By `ifindex`.
    Index(IfIndex),
    /// By name or alternative name.
    Name(String),
}

/// The flags of a device as `ip link` shows them (`IFF_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LinkFlags(pub u32);

impl LinkFlags {
    /// Administratively up.
    pub const UP: u32 = 0x1;
    /// Has a broadcast address.
    pub const BROADCAST: u32 = 0x2;
    /// The loopback.
    pub const LOOPBACK: u32 = 0x8;
    /// A point-to-point link.
    pub const POINTOPOINT: u32 = 0x10;
    /// Operationally up; iproute2 does not print it.
    pub const RUNNING: u32 = 0x40;
    /// Trailers are not to be used; of no effect.
    pub const NOTRAILERS: u32 = 0x20;
    /// The addresses go when the device goes down; of no effect.
    pub const DYNAMIC: u32 = 0x8000;
    /// No ARP or ND.
    pub const NOARP: u32 = 0x80;
    /// Takes all frames.
    pub const PROMISC: u32 = 0x100;
    /// Takes all multicast.
    pub const ALLMULTI: u32 = 0x200;
    /// Multicast capable.
    pub const MULTICAST: u32 = 0x1000;
    /// The layer below is up, carrier included.
    pub const LOWER_UP: u32 = 0x1_0000;
    /// Dormant.
    pub const DORMANT: u32 = 0x2_0000;

    /// Whether all these bits are set.
    pub const fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

/// The operational state (RFC 2863, as `IF_OPER_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OperState {
    /// The driver does not say: loopback, vxlan.
    #[default]
    Unknown,
    /// Not present.
    NotPresent,
    /// Down.
    Down,
    /// Down because the device below or the peer is.
    LowerLayerDown,
    /// Testing.
    Testing,
    /// Up but for a protocol that has to finish.
    Dormant,
    /// Up.
    Up,
}

/// How IPv6 makes link-local addresses on a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AddrGenMode {
    /// From the MAC address (EUI-64).
    #[default]
    Eui64,
    /// Not at all.
    None,
    /// From a secret, stable (RFC 7217).
    StableSecret,
    /// From a random secret, stable.
    Random,
}

/// What changes a device: `ip link set`, and the attributes of `ip link add`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LinkChange {
    /// A new name.
    pub name: Option<IfName>,
    /// Up or down.
    pub up: Option<bool>,
    /// The station address.
    pub address: Option<MacAddr>,
    /// The link-layer broadcast address.
    pub broadcast: Option<MacAddr>,
    /// Largest packet, in bytes.
    pub mtu: Option<u32>,
    /// Length of the transmit queue, in packets.
    pub txqlen: Option<u32>,
    /// The alias; the empty string takes it off.
    pub alias: Option<String>,
    /// The device group.
    pub group: Option<u32>,
    /// Enslaves to the device of this index; 0 releases.
    pub master: Option<IfIndex>,
    /// Moves to another namespace.
    pub netns: Option<NetnsId>,
    /// Asks for this index in the new namespace.
    pub new_ifindex: Option<IfIndex>,
    /// Promiscuous mode.
    pub promisc: Option<bool>,
    /// All multicast.
    pub allmulticast: Option<bool>,
    /// The MULTICAST flag.
    pub multicast: Option<bool>,
    /// The ARP protocol on the device (`arp off` sets NOARP).
    pub arp: Option<bool>,
    /// Trailers: `trailers off` sets NOTRAILERS.
    pub trailers: Option<bool>,
    /// The DYNAMIC flag.
    pub dynamic: Option<bool>,
    /// Carrier, for devices that let themselves be told.
    pub carrier: Option<bool>,
    /// The operational state that user space wants (`state UP`).
    pub operstate: Option<OperState>,
    /// Link mode: true is dormant.
    pub dormant_mode: Option<bool>,
    /// How IPv6 makes link-local addresses.
    pub addrgenmode: Option<AddrGenMode>,
    /// Ends without carrier whatever the driver says.
    pub protodown: Option<bool>,
    /// Options of the device's kind: `ip link set DEV type bridge ...`.
    pub kind: Option<LinkKind>,
    /// Options of a bridge port: `ip link set DEV type bridge_slave ...`.
    pub bridge_port: Option<BridgePortOptions>,
    /// Alternative names to add.
    pub altnames_add: Vec<String>,
    /// Alternative names to take off.
    pub altnames_del: Vec<String>,
}

/// A new device: `ip link add`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkNew {
    /// Its kind with the options of the kind.
    pub kind: LinkKind,
    /// Its index, where one is asked for.
    pub ifindex: Option<IfIndex>,
    /// The device below (`link DEV`), for vlan, macvlan and the like.
    pub link: Option<IfIndex>,
    /// Transmit queues (`numtxqueues`).
    pub tx_queues: Option<u32>,
    /// Receive queues (`numrxqueues`).
    pub rx_queues: Option<u32>,
    /// Name, address, mtu, namespace and all else that can be changed later too.
    pub attributes: LinkChange,
}

/// The other end of a new veth pair.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VethPeer {
    /// Its index, where one is asked for.
    pub ifindex: Option<IfIndex>,
    /// Its name, address, namespace and the rest.
    pub attributes: LinkChange,
    /// Transmit queues.
    pub tx_queues: Option<u32>,
    /// Receive queues.
    pub rx_queues: Option<u32>,
}

/// The kind of a device (`IFLA_INFO_KIND`) with the options of the kind that were given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// A veth pair; nothing about the peer but what is given here.
    Veth(Option<Box<VethPeer>>),
    /// A bridge.
    Bridge(Box<BridgeOptions>),
    /// A device that drops what it transmits.
    Dummy,
    /// A VXLAN tunnel end point.
    Vxlan(Box<VxlanOptions>),
    /// An 802.1Q device; `link` of the request names the device below.
    Vlan(Box<VlanOptions>),
    /// A further station on the device below.
    Macvlan(MacvlanOptions),
    /// A further namespace behind the station of the device below.
    Ipvlan(IpvlanOptions),
}

/// Options of a bridge port; only what is given is changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each is named as the word that `ip link set type bridge_slave` takes"
)]
pub struct BridgePortOptions {
    pub state: Option<u8>,
    pub priority: Option<u16>,
    pub cost: Option<u32>,
    pub guard: Option<bool>,
    pub root_block: Option<bool>,
    pub hairpin: Option<bool>,
    pub fastleave: Option<bool>,
    pub learning: Option<bool>,
    pub flood: Option<bool>,
    pub proxy_arp: Option<bool>,
    pub proxy_arp_wifi: Option<bool>,
    pub mcast_router: Option<u8>,
    pub mcast_flood: Option<bool>,
    pub bcast_flood: Option<bool>,
    pub mcast_to_unicast: Option<bool>,
    pub group_fwd_mask: Option<u16>,
    pub neigh_suppress: Option<bool>,
    pub vlan_tunnel: Option<bool>,
    pub isolated: Option<bool>,
    pub locked: Option<bool>,
    pub mab: Option<bool>,
    /// 0 takes the backup port off.
    pub backup_port: Option<IfIndex>,
    pub fdb_flush: bool,
}

/// Counters of a device (`rtnl_link_stats64`), the ones that something here counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "each is named as in rtnl_link_stats64")]
pub struct LinkStats {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub rx_missed: u64,
    pub multicast: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_errors: u64,
    pub tx_dropped: u64,
    pub tx_carrier: u64,
    pub collisions: u64,
    /// IFLA_STATS64's `tx_carrier_errors` neighbour: how often the carrier changed.
    pub carrier_changes: u32,
}

/// A device as the kernel reports it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkInfo {
    /// Its number.
    pub ifindex: IfIndex,
    /// Its name.
    pub name: IfName,
    /// Alternative names.
    pub altnames: Vec<String>,
    /// The number of the peer or of the device below, in *its* namespace (`IFLA_LINK`).
    pub link: Option<IfIndex>,
    /// The id by which this namespace knows the namespace of `link`, where it is another one.
    pub link_netnsid: Option<i32>,
    /// Its flags.
    pub flags: LinkFlags,
    /// Largest packet, in bytes.
    pub mtu: u32,
    /// Smallest mtu that it takes.
    pub min_mtu: u32,
    /// Largest mtu that it takes.
    pub max_mtu: u32,
    /// `noop`, `noqueue`, `pfifo_fast`, ...
    pub qdisc: &'static str,
    /// The master's number.
    pub master: Option<IfIndex>,
    /// The operational state, as shown: down where the device is down.
    pub operstate: OperState,
    /// Whether the link mode is dormant.
    pub dormant_mode: bool,
    /// The device group.
    pub group: u32,
    /// Length of the transmit queue; 0 is not shown.
    pub txqlen: u32,
    /// Whether it is a loopback (`ARPHRD_LOOPBACK`), else Ethernet.
    pub loopback: bool,
    /// The station address.
    pub address: MacAddr,
    /// The broadcast address.
    pub broadcast: MacAddr,
    /// The address that it was made with, where it has one of its own.
    pub permanent_address: Option<MacAddr>,
    /// The alias.
    pub alias: Option<String>,
    /// How many want promiscuous mode.
    pub promiscuity: u32,
    /// How many want all multicast.
    pub allmulti: u32,
    /// Transmit queues.
    pub tx_queues: u32,
    /// Receive queues.
    pub rx_queues: u32,
    /// GSO limits: `gso_max_size`, `gso_max_segs`, `tso_max_size`, `tso_max_segs`, `gro_max_size`.
    pub gso: [u32; 5],
    /// How IPv6 makes link-local addresses.
    pub addrgenmode: AddrGenMode,
    /// Whether IPv6 is on the device at all (`IFLA_AF_SPEC` has inet6).
    pub has_inet6: bool,
    /// Whether protodown is on.
    pub protodown: bool,
    /// The kind; nothing for the loopback.
    pub kind: Option<LinkKindInfo>,
    /// What it is as a port of a bridge.
    pub bridge_port: Option<Box<BridgePortInfo>>,
    /// Counters.
    pub stats: LinkStats,
}

/// The kind of a reported device, with its state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkKindInfo {
    /// One end of a veth pair.
    Veth,
    /// A bridge.
    Bridge(Box<BridgeInfo>),
    /// A dummy.
    Dummy,
    /// A VXLAN tunnel end point, with every option set.
    Vxlan(Box<VxlanOptions>),
    /// An 802.1Q device.
    Vlan(Box<VlanInfo>),
    /// A further station on the device below.
    Macvlan(MacvlanInfo),
    /// A further namespace behind the station of the device below.
    Ipvlan(IpvlanInfo),
}

/// A bridge as the kernel reports it. Times and timers are in hundredths of a second.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named as `ip -d link show` prints it")]
pub struct BridgeInfo {
    pub forward_delay: u32,
    pub hello_time: u32,
    pub max_age: u32,
    pub ageing_time: u32,
    pub stp_state: u32,
    pub priority: u16,
    pub vlan_filtering: bool,
    pub vlan_protocol: u16,
    /// Nothing where the bridge knows of no VLANs; neither `vlan_stats_*` is printed then.
    pub vlan_default_pvid: Option<u16>,
    pub bridge_id: (u16, MacAddr),
    pub designated_root: (u16, MacAddr),
    pub root_port: u16,
    pub root_path_cost: u32,
    pub topology_change: bool,
    pub topology_change_detected: bool,
    pub hello_timer: u64,
    pub tcn_timer: u64,
    pub topology_change_timer: u64,
    pub gc_timer: u64,
    pub fdb_n_learned: u32,
    pub fdb_max_learned: u32,
    pub vlan_stats_enabled: bool,
    pub vlan_stats_per_port: bool,
    pub group_fwd_mask: u16,
    pub group_address: MacAddr,
    pub no_linklocal_learn: bool,
    pub mcast_snooping: bool,
    pub mcast_vlan_snooping: bool,
    pub mcast_router: u8,
    pub mcast_query_use_ifaddr: bool,
    pub mcast_querier: bool,
    pub mcast_hash_elasticity: u32,
    pub mcast_hash_max: u32,
    pub mcast_last_member_count: u32,
    pub mcast_startup_query_count: u32,
    pub mcast_last_member_interval: u64,
    pub mcast_membership_interval: u64,
    pub mcast_querier_interval: u64,
    pub mcast_query_interval: u64,
    pub mcast_query_response_interval: u64,
    pub mcast_startup_query_interval: u64,
    pub mcast_stats_enabled: bool,
    pub mcast_igmp_version: u8,
    pub mcast_mld_version: u8,
    pub nf_call_iptables: bool,
    pub nf_call_ip6tables: bool,
    pub nf_call_arptables: bool,
}

/// A bridge port as the kernel reports it. Timers are in hundredths of a second.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named as `ip -d link show` prints it")]
pub struct BridgePortInfo {
    pub state: u8,
    pub priority: u16,
    pub cost: u32,
    pub hairpin: bool,
    pub guard: bool,
    pub root_block: bool,
    pub fastleave: bool,
    pub learning: bool,
    pub flood: bool,
    pub port_id: u16,
    pub port_no: u16,
    pub designated_port: u16,
    pub designated_cost: u16,
    pub designated_bridge: (u16, MacAddr),
    pub designated_root: (u16, MacAddr),
    pub hold_timer: u64,
    pub message_age_timer: u64,
    pub forward_delay_timer: u64,
    pub topology_change_ack: bool,
    pub config_pending: bool,
    pub proxy_arp: bool,
    pub proxy_arp_wifi: bool,
    pub mcast_router: u8,
    pub mcast_flood: bool,
    pub bcast_flood: bool,
    pub mcast_to_unicast: bool,
    pub neigh_suppress: bool,
    pub group_fwd_mask: u16,
    pub vlan_tunnel: bool,
    pub isolated: bool,
    pub locked: bool,
    pub mab: bool,
    pub backup_port: Option<IfIndex>,
}
