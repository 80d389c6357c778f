//! Names in filter expressions: IP and Ethernet protocols, networks, and the one host that every system knows.
//! Asks no resolver.

use std::net::Ipv4Addr;

/// Names with their aliases, as `/etc/protocols` of a Debian system lists them.
const PROTOCOLS: &[(&str, u32)] = &[
    ("ip IP", 0),
    ("hopopt HOPOPT", 0),
    ("icmp ICMP", 1),
    ("igmp IGMP", 2),
    ("ggp GGP", 3),
    ("ipencap IP-ENCAP", 4),
    ("st ST", 5),
    ("tcp TCP", 6),
    ("egp EGP", 8),
    ("igp IGP", 9),
    ("pup PUP", 12),
    ("udp UDP", 17),
    ("hmp HMP", 20),
    ("xns-idp XNS-IDP", 22),
    ("rdp RDP", 27),
    ("iso-tp4 ISO-TP4", 29),
    ("dccp DCCP", 33),
    ("xtp XTP", 36),
    ("ddp DDP", 37),
    ("idpr-cmtp IDPR-CMTP", 38),
    ("ipv6 IPv6", 41),
    ("ipv6-route IPv6-Route", 43),
    ("ipv6-frag IPv6-Frag", 44),
    ("idrp IDRP", 45),
    ("rsvp RSVP", 46),
    ("gre GRE", 47),
    ("esp IPSEC-ESP", 50),
    ("ah IPSEC-AH", 51),
    ("skip SKIP", 57),
    ("ipv6-icmp IPv6-ICMP", 58),
    ("ipv6-nonxt IPv6-NoNxt", 59),
    ("ipv6-opts IPv6-Opts", 60),
    ("rspf RSPF CPHB", 73),
    ("vmtp VMTP", 81),
    ("eigrp EIGRP", 88),
    ("ospf OSPFIGP", 89),
    ("ax.25 AX.25", 93),
    ("ipip IPIP", 94),
    ("etherip ETHERIP", 97),
    ("encap ENCAP", 98),
    ("pim PIM", 103),
    ("ipcomp IPCOMP", 108),
    ("vrrp VRRP", 112),
    ("l2tp L2TP", 115),
    ("isis ISIS", 124),
    ("sctp SCTP", 132),
    ("fc FC", 133),
    ("mobility-header Mobility-Header", 135),
    ("udplite UDPLite", 136),
    ("mpls-in-ip MPLS-in-IP", 137),
    ("manet", 138),
    ("hip HIP", 139),
    ("shim6 Shim6", 140),
    ("wesp WESP", 141),
    ("rohc ROHC", 142),
    ("ethernet Ethernet", 143),
];

const ETHER_PROTOCOLS: &[(&str, u32)] = &[
    ("aarp", 0x80f3),
    ("arp", 0x0806),
    ("atalk", 0x809b),
    ("decnet", 0x6003),
    ("ip", 0x0800),
    ("ip6", 0x86dd),
    ("lat", 0x6004),
    ("loopback", 0x9000),
    ("mopdl", 0x6001),
    ("moprc", 0x6002),
    ("rarp", 0x8035),
    ("sca", 0x6007),
    ("iso", 0xfe),
    ("stp", 0x42),
    ("ipx", 0xe0),
    ("netbeui", 0xf0),
];

/// The number of an IP protocol (`getprotobyname`).
pub(super) fn ip_protocol(name: &str) -> Option<u32> {
    PROTOCOLS
        .iter()
        .find(|(names, _)| names.split(' ').any(|known| known == name))
        .map(|(_, number)| *number)
}

/// The number of an Ethernet protocol, or a service access point (`pcap_nametoeproto`, `pcap_nametollc`).
pub(super) fn ether_protocol(name: &str) -> Option<u32> {
    ETHER_PROTOCOLS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, number)| *number)
}

/// The address of a host name.
pub(super) fn host(name: &str) -> Option<Ipv4Addr> {
    (name == "localhost").then_some(Ipv4Addr::LOCALHOST)
}

/// Address and mask of a network name (`/etc/networks`).
pub(super) fn network(name: &str) -> Option<(u32, u32)> {
    match name {
        "loopback" => Some((0x7f00_0000, 0xff00_0000)),
        "link-local" => Some((0xa9fe_0000, 0xffff_0000)),
        _ => None,
    }
}
