//! F1: bytes on the wire. The only door to `smoltcp::wire`, and what it lacks.
//! Nothing here decides anything about a frame.

mod arp;
mod bpdu;
pub mod filter;
mod frame;
mod igmp;
pub mod ipv4;
pub mod ipv6;
mod mld;
mod ndisc;
pub mod pcap;
pub mod print;
pub mod services;
mod spare;
mod udp;
pub mod unsummed;
mod vlan;
mod vxlan;

pub use arp::{ARP_LEN, Arp, ethernet_bytes, push_ethernet};
pub use bpdu::{BPDU_GROUP, BPDU_LLC, BpduConfig, BpduError, BpduPacket, BpduRepr, BpduType};
pub use frame::{Frame, HEADROOM, TunnelInfo};
pub use igmp::{
    ALL_IGMPV3_ROUTERS, Igmp, IgmpQuery, IgmpVersion, RecordKind, igmp_leave, igmp_query,
    igmp_report, igmp3_report,
};
pub use ipv6::{IPV6_HLEN, icmpv6_packet, is_solicited_node, mld_packet, solicited_node};
pub use mld::{
    ALL_MLDV2_ROUTERS, MldQuery, mld_query, mld1_done, mld1_report, mld1_reported, mld2_report,
};
pub use ndisc::{NdBody, NdError, NdMessage, NdOptions, NdPrefix};
pub use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol,
    HardwareAddress, Icmpv4Message, Icmpv4Packet, Icmpv6Message, Icmpv6Packet, IpAddress,
    IpEndpoint, IpProtocol, IpRepr, IpVersion, Ipv4Packet, Ipv6ExtHeader, Ipv6FragmentHeader,
    Ipv6Packet, TcpOption, TcpPacket, TcpSeqNumber, UdpPacket,
};
pub use spare::Spare;
pub use udp::{udp_checksum, udp_pseudo_sum};
pub use vlan::{ETH_P_8021AD, VLAN_HLEN, VlanTag};
pub use vxlan::{UDP_HLEN, VXLAN_HLEN, VXLAN_PORT, VxlanError, VxlanPacket, VxlanRepr};

/// Length of an Ethernet header without a tag.
pub const ETH_HLEN: usize = 14;
/// EtherType of IPv4.
pub const ETH_P_IP: u16 = 0x0800;
/// EtherType of ARP.
pub const ETH_P_ARP: u16 = 0x0806;
/// EtherType of IPv6.
pub const ETH_P_IPV6: u16 = 0x86dd;
/// EtherType of an 802.1Q tag.
pub const ETH_P_8021Q: u16 = 0x8100;
