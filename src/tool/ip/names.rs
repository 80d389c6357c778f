//! The names that iproute2 has for numbers: tables, protocols, scopes, realms, DS fields, groups.
//! They are those of Debian 12's `/etc/iproute2`; a user's own files are not read.

use std::borrow::Cow;

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
