//! The flags of an address: their words, which can be asked for, and how they are printed.
//! What a flag does is the kernel's.

use crate::kernel::netlink::AddrFlags;
use crate::tool::print::Printer;

/// A flag of an address.
pub struct Flag {
    /// The word.
    pub name: &'static str,
    /// The bit.
    pub mask: u32,
    /// Only the kernel sets it.
    pub read_only: bool,
    /// Only IPv6 has it.
    pub v6_only: bool,
}

const fn flag(name: &'static str, mask: u32, read_only: bool, v6_only: bool) -> Flag {
    Flag {
        name,
        mask,
        read_only,
        v6_only,
    }
}

/// The flags in the order in which iproute2 prints them (`ifa_flag_data`).
pub const FLAGS: [Flag; 13] = [
    flag("secondary", AddrFlags::SECONDARY, true, false),
    flag("temporary", AddrFlags::SECONDARY, true, false),
    flag("nodad", AddrFlags::NODAD, false, true),
    flag("optimistic", AddrFlags::OPTIMISTIC, false, true),
    flag("dadfailed", AddrFlags::DADFAILED, true, true),
    flag("home", AddrFlags::HOMEADDRESS, false, true),
    flag("deprecated", AddrFlags::DEPRECATED, true, true),
    flag("tentative", AddrFlags::TENTATIVE, true, true),
    flag("permanent", AddrFlags::PERMANENT, true, true),
    flag("mngtmpaddr", AddrFlags::MANAGETEMPADDR, false, true),
    flag("noprefixroute", AddrFlags::NOPREFIXROUTE, false, false),
    flag("autojoin", AddrFlags::MCAUTOJOIN, false, false),
    flag("stable-privacy", AddrFlags::STABLE_PRIVACY, true, true),
];

/// The flag of that name.
pub fn named(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name)
}

/// Prints the flags of an address; one that is not permanent is `dynamic`.
pub fn print(out: &mut Printer, flags: u32, v6: bool) {
    let mut rest = flags;
    for flag in &FLAGS {
        let set = rest & flag.mask != 0;
        if flag.mask == AddrFlags::PERMANENT {
            if !set {
                out.any("dynamic", true, format_args!("dynamic "));
            }
        } else if set {
            let name = match flag.mask {
                AddrFlags::SECONDARY if v6 => "temporary",
                _ => flag.name,
            };
            out.any(name, true, format_args!("{name} "));
        }
        rest &= !flag.mask;
    }
    if rest != 0 {
        let bits = format!("{rest:02x}");
        out.any("ifa_flags", &bits, format_args!("flags {bits} "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_expires_is_dynamic_and_a_secondary_of_ipv6_temporary() {
        let mut out = Printer::text(false);
        print(&mut out, AddrFlags::SECONDARY | AddrFlags::NODAD, true);
        assert_eq!(out.finish(), "temporary nodad dynamic ");
        let mut out = Printer::text(false);
        print(&mut out, AddrFlags::SECONDARY | AddrFlags::PERMANENT, false);
        assert_eq!(out.finish(), "secondary ");
    }
}
