//! The names that iproute2 has for numbers: tables, protocols, scopes, realms, DS fields, groups.
//! They are those of Debian 12's `/etc/iproute2`; a user's own files are not read.

use std::borrow::Cow;

use crate::tool::ip::args::matches;
use crate::tool::number;

/// One table of names (`rt_names.c`).
#[derive(Clone, Copy, Debug)]
pub struct Names {
    entries: &'static [(u32, &'static str)],
    /// The largest number that may be written instead of a name.
    max: u32,
    /// The base in which a number is read where it is not said (0: as in C).
    base: u32,
    /// Whether a number without a name is written as `0x10`.
    hex: bool,
}

impl Names {
    /// The name of `id`; the number where it has none, or where `-N` asks for numbers.
    pub fn name(&self, id: u32, numeric: bool) -> Cow<'static, str> {
        let found = self.entries.iter().find(|(number, _)| *number == id);
        match found {
            Some((_, name)) if !numeric => Cow::Borrowed(name),
            _ if self.hex => Cow::Owned(format!("{id:#04x}")),
            _ => Cow::Owned(id.to_string()),
        }
    }

    /// The number of a name, or the number that is written.
    pub fn number(&self, text: &str) -> Option<u32> {
        if let Some((id, _)) = self.entries.iter().find(|(_, name)| *name == text) {
            return Some(*id);
        }
        let id = number::u64_in(text, self.base)?;
        u32::try_from(id).ok().filter(|id| *id <= self.max)
    }
}

const fn named(max: u32, entries: &'static [(u32, &'static str)]) -> Names {
    Names {
        entries,
        max,
        base: 0,
        hex: false,
    }
}

/// Routing tables (`rt_tables`).
pub const TABLES: Names = named(
    u32::MAX,
    &[
        (0, "unspec"),
        (253, "default"),
        (254, "main"),
        (255, "local"),
    ],
);

/// Who made a route (`rt_protos`).
pub const PROTOCOLS: Names = named(
    255,
    &[
        (0, "unspec"),
        (1, "redirect"),
        (2, "kernel"),
        (3, "boot"),
        (4, "static"),
        (8, "gated"),
        (9, "ra"),
        (10, "mrt"),
        (11, "zebra"),
        (12, "bird"),
        (13, "dnrouted"),
        (14, "xorp"),
        (15, "ntk"),
        (16, "dhcp"),
        (18, "keepalived"),
        (42, "babel"),
        (99, "openr"),
        (186, "bgp"),
        (187, "isis"),
        (188, "ospf"),
        (189, "rip"),
        (192, "eigrp"),
    ],
);

/// How far a destination is (`rt_scopes`).
pub const SCOPES: Names = named(
    255,
    &[
        (0, "global"),
        (200, "site"),
        (253, "link"),
        (254, "host"),
        (255, "nowhere"),
    ],
);

/// Realms (`rt_realms`).
pub const REALMS: Names = named(255, &[(0, "cosmos")]);

/// Device groups (`group`).
pub const GROUPS: Names = named(i32::MAX as u32, &[(0, "default")]);

/// Differentiated services fields (`rt_dsfield`): numbers are hexadecimal.
pub const DSFIELDS: Names = Names {
    entries: &[
        (0x00, "default"),
        (0x28, "AF11"),
        (0x30, "AF12"),
        (0x38, "AF13"),
        (0x48, "AF21"),
        (0x50, "AF22"),
        (0x58, "AF23"),
        (0x68, "AF31"),
        (0x70, "AF32"),
        (0x78, "AF33"),
        (0x88, "AF41"),
        (0x90, "AF42"),
        (0x98, "AF43"),
        (0x20, "CS1"),
        (0x40, "CS2"),
        (0x60, "CS3"),
        (0x80, "CS4"),
        (0xa0, "CS5"),
        (0xc0, "CS6"),
        (0xe0, "CS7"),
        (0xb8, "EF"),
    ],
    max: 255,
    base: 16,
    hex: true,
};

/// Types of routes and rules (`rtm_map.c`), by number.
const TYPES: &[(u8, &str)] = &[
    (0, "none"),
    (1, "unicast"),
    (2, "local"),
    (3, "broadcast"),
    (4, "anycast"),
    (5, "multicast"),
    (6, "blackhole"),
    (7, "unreachable"),
    (8, "prohibit"),
    (9, "throw"),
    (10, "nat"),
    (11, "xresolve"),
];

/// The name of a route type (`rtnl_rtntype_n2a`).
pub fn type_name(id: u8, numeric: bool) -> Cow<'static, str> {
    match TYPES.iter().find(|(number, _)| *number == id) {
        Some((_, name)) if !numeric => Cow::Borrowed(name),
        _ => Cow::Owned(id.to_string()),
    }
}

/// The number of a route type (`rtnl_rtntype_a2n`): most may be abbreviated, in this order.
pub fn type_number(text: &str) -> Option<u8> {
    const ABBREVIATED: &[(u8, &str)] = &[
        (3, "broadcast"),
        (4, "anycast"),
        (5, "multicast"),
        (8, "prohibit"),
        (7, "unreachable"),
        (6, "blackhole"),
        (11, "xresolve"),
        (1, "unicast"),
    ];
    match text {
        "local" => return Some(2),
        "nat" => return Some(10),
        "brd" => return Some(3),
        _ => {}
    }
    let found = ABBREVIATED.iter().find(|(_, name)| matches(text, name));
    match found {
        Some((id, _)) => Some(*id),
        None if text == "throw" => Some(9),
        None => number::u8_in(text, 0),
    }
}

/// Realms as `FROM/TO`, `TO`, or a number for both (`get_rt_realms_or_raw`).
pub fn realms_number(text: &str) -> Option<u32> {
    let (from, to) = text.split_once('/').unwrap_or(("0", text));
    let to = match to {
        "" => Some(0),
        to => REALMS.number(to),
    };
    match (REALMS.number(from), to) {
        (Some(from), Some(to)) => Some(from << 16 | to),
        _ => number::u32_in(text, 0),
    }
}

/// IP protocols by name, as Debian's `/etc/protocols` has them.
const IP_PROTOCOLS: &[(u8, &str)] = &[
    (0, "ip"),
    (1, "icmp"),
    (2, "igmp"),
    (3, "ggp"),
    (4, "ipencap"),
    (5, "st"),
    (6, "tcp"),
    (8, "egp"),
    (9, "igp"),
    (12, "pup"),
    (17, "udp"),
    (20, "hmp"),
    (22, "xns-idp"),
    (27, "rdp"),
    (29, "iso-tp4"),
    (33, "dccp"),
    (36, "xtp"),
    (37, "ddp"),
    (38, "idpr-cmtp"),
    (41, "ipv6"),
    (43, "ipv6-route"),
    (44, "ipv6-frag"),
    (45, "idrp"),
    (46, "rsvp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (57, "skip"),
    (58, "ipv6-icmp"),
    (59, "ipv6-nonxt"),
    (60, "ipv6-opts"),
    (73, "rspf"),
    (81, "vmtp"),
    (88, "eigrp"),
    (89, "ospf"),
    (93, "ax.25"),
    (94, "ipip"),
    (97, "etherip"),
    (98, "encap"),
    (103, "pim"),
    (108, "ipcomp"),
    (112, "vrrp"),
    (115, "l2tp"),
    (124, "isis"),
    (132, "sctp"),
    (133, "fc"),
    (135, "mobility-header"),
    (136, "udplite"),
    (137, "mpls-in-ip"),
    (138, "manet"),
    (139, "hip"),
    (140, "shim6"),
    (141, "wesp"),
    (142, "rohc"),
    (143, "ethernet"),
];

/// The name of an IP protocol (`inet_proto_n2a`).
pub fn ip_protocol_name(id: u8, numeric: bool) -> Cow<'static, str> {
    match IP_PROTOCOLS.iter().find(|(number, _)| *number == id) {
        Some((_, name)) if !numeric => Cow::Borrowed(name),
        _ => Cow::Owned(format!("ipproto-{id}")),
    }
}

/// The number of an IP protocol (`inet_proto_a2n`): a decimal number, a name or its upper-case alias.
pub fn ip_protocol_number(text: &str) -> Option<u8> {
    let alias = |name: &str| name == text || name.to_ascii_uppercase() == text;
    number::u8_in(text, 10).or_else(|| {
        let found = IP_PROTOCOLS.iter().find(|(_, name)| alias(name));
        found.map(|(id, _)| *id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_each_others_inverse() {
        for table in [TABLES, PROTOCOLS, SCOPES, REALMS, GROUPS, DSFIELDS] {
            for (id, name) in table.entries {
                assert_eq!(table.number(name), Some(*id));
                assert_eq!(table.name(*id, false), *name);
            }
        }
    }

    #[test]
    fn types_realms_and_protocols_are_read_as_iproute2_reads_them() {
        for (text, want) in [
            ("b", Some(3)),
            ("an", Some(4)),
            ("brd", Some(3)),
            ("u", Some(7)),
            ("uni", Some(1)),
        ] {
            assert_eq!(type_number(text), want, "{text}");
        }
        assert_eq!((type_number("thro"), type_number("5")), (None, Some(5)));
        assert_eq!(realms_number("5/6"), Some(5 << 16 | 6));
        assert_eq!(realms_number("cosmos"), Some(0));
        assert_eq!(realms_number("300"), Some(300));
        assert_eq!(ip_protocol_number("TCP"), Some(6));
        assert_eq!(ip_protocol_name(17, true), "ipproto-17");
    }

    #[test]
    fn a_number_without_a_name_is_printed_and_read_as_itself() {
        assert_eq!(TABLES.name(100, false), "100");
        assert_eq!(TABLES.number("0x64"), Some(100));
        assert_eq!(TABLES.name(254, true), "254");
        assert_eq!(DSFIELDS.name(0x10, false), "0x10");
        assert_eq!(DSFIELDS.number("10"), Some(0x10));
        assert_eq!(PROTOCOLS.number("256"), None);
        assert_eq!(TABLES.number("nosuch"), None);
    }
}
