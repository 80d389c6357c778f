//! The states, flags and addresses of a neighbour entry.
//! What changes them is in the table.

use std::fmt;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::params::NeighParams;
use crate::units::MacAddr;

/// The state of an entry (`NUD_*` of linux/neighbour.h, RFC 4861 section 7.3.2).
///
/// ```text
///          packet             answer              reachable_time over, unused
/// NONE ------------> INCOMPLETE -----> REACHABLE --------------------> STALE
///                        |   ^           ^  |                            |
///           3 unanswered |   | packet    |  | reachable_time over, used  | packet
///                        v   |           |  v                            v
///                       FAILED <---- PROBE <------- DELAY <--------------+
///                        3 unanswered     5 s without confirmation
/// ```
/// `NOARP` and `PERMANENT` never leave by themselves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Nud {
    /// Just created.
    #[default]
    None,
    /// Asked for, not answered yet; packets wait.
    Incomplete,
    /// Known, and confirmed a short time ago.
    Reachable,
    /// Known, but not confirmed for long.
    Stale,
    /// Known and used; waits for a confirmation from above before it asks.
    Delay,
    /// Known and used; is being asked by unicast.
    Probe,
    /// Did not answer.
    Failed,
    /// Needs no resolution: a group, a broadcast, a device without ARP.
    Noarp,
    /// Set by an administrator.
    Permanent,
}

impl Nud {
    /// The bit of the kernel (`NUD_*`).
    pub const fn bits(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Incomplete => 0x01,
            Self::Reachable => 0x02,
            Self::Stale => 0x04,
            Self::Delay => 0x08,
            Self::Probe => 0x10,
            Self::Failed => 0x20,
            Self::Noarp => 0x40,
            Self::Permanent => 0x80,
        }
    }

    /// The state of one bit, or nothing for several or an unknown one.
    pub const fn of_bits(bits: u16) -> Option<Self> {
        Some(match bits {
            0 => Self::None,
            0x01 => Self::Incomplete,
            0x02 => Self::Reachable,
            0x04 => Self::Stale,
            0x08 => Self::Delay,
            0x10 => Self::Probe,
            0x20 => Self::Failed,
            0x40 => Self::Noarp,
            0x80 => Self::Permanent,
            _ => return None,
        })
    }

    /// The word that `ip neigh` prints; empty for [`Nud::None`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Incomplete => "INCOMPLETE",
            Self::Reachable => "REACHABLE",
            Self::Stale => "STALE",
            Self::Delay => "DELAY",
            Self::Probe => "PROBE",
            Self::Failed => "FAILED",
            Self::Noarp => "NOARP",
            Self::Permanent => "PERMANENT",
        }
    }

    /// Whether a timer runs for it (`NUD_IN_TIMER`).
    pub const fn in_timer(self) -> bool {
        matches!(
            self,
            Self::Incomplete | Self::Reachable | Self::Delay | Self::Probe
        )
    }

    /// Whether its link layer address may be used (`NUD_VALID`).
    pub const fn is_valid(self) -> bool {
        matches!(
            self,
            Self::Permanent
                | Self::Noarp
                | Self::Reachable
                | Self::Probe
                | Self::Stale
                | Self::Delay
        )
    }

    /// Whether its address is believed without any check (`NUD_CONNECTED`).
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::Permanent | Self::Noarp | Self::Reachable)
    }
}

macro_rules! flag_set {
    ($(#[$doc:meta])* $name:ident: $raw:ty { $($(#[$flag_doc:meta])* $flag:ident = $bits:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub struct $name(pub $raw);

        impl $name {
            /// No flag.
            pub const EMPTY: Self = Self(0);
            $($(#[$flag_doc])* pub const $flag: Self = Self($bits);)*

            /// Whether any flag of `other` is set.
            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// These flags and those of `other`.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// These flags without those of `other`.
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                self.with(other)
            }
        }
    };
}

flag_set! {
    /// The flags of an entry (`NTF_*`); the extended ones of `NDA_FLAGS_EXT` follow from bit 8 on.
    NeighFlags: u16 {
        /// Resolve it now, whatever the state says.
        USE = 0x01,
        /// Answer for the address on behalf of somebody else.
        PROXY = 0x08,
        /// A control plane owns it: it does not age.
        EXT_LEARNED = 0x10,
        /// Hardware knows it.
        OFFLOADED = 0x20,
        /// The neighbour is a router.
        ROUTER = 0x80,
        /// The kernel keeps it resolved by itself.
        MANAGED = 0x100,
    }
}

flag_set! {
    /// How [`super::NeighTable::update`] may change an entry (`NEIGH_UPDATE_F_*`).
    UpdateFlags: u16 {
        /// A different link layer address replaces the known one.
        OVERRIDE = 0x001,
        /// A different address makes the known one suspect instead.
        WEAK_OVERRIDE = 0x002,
        /// The router flag follows [`UpdateFlags::ISROUTER`].
        OVERRIDE_ISROUTER = 0x004,
        /// Resolve at once, keep the state.
        USE = 0x008,
        /// The kernel keeps it resolved.
        MANAGED = 0x010,
        /// A control plane learned it.
        EXT_LEARNED = 0x020,
        /// The neighbour is a router.
        ISROUTER = 0x040,
        /// An administrator's change: also of permanent entries.
        ADMIN = 0x080,
    }
}

/// What kind of destination an address is, as the routing tables see it (`RTN_*`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum AddrKind {
    /// A station.
    #[default]
    Unicast,
    /// An address of this namespace.
    Local,
    /// A broadcast address of a connected network.
    Broadcast,
    /// A group.
    Multicast,
    /// Anything else: unreachable, blackhole, ...
    Other,
}

/// What is asked of an address that a neighbour table resolves.
pub trait NeighAddr: Copy + Eq + Ord + Hash + fmt::Debug + fmt::Display + 'static {
    /// Whether this is the table of IPv4.
    const IS_IPV4: bool;
    /// The unspecified address.
    const UNSPECIFIED: Self;
    /// The parameters with which the kernel starts.
    const STANDARD: &'static NeighParams = &NeighParams::standard(Self::IS_IPV4);
    /// The Ethernet group of a multicast address, nothing for another address.
    fn group_mac(self) -> Option<MacAddr>;
    /// The bucket of the kernel's hash of proxy entries (`pneigh_hash`).
    fn proxy_bucket(self) -> u8;
}

/// All nibbles of the last four bytes, folded into one.
fn fold(bytes: [u8; 4]) -> u8 {
    let folded = bytes.into_iter().fold(0, |all, byte| all ^ byte);
    (folded ^ folded >> 4) & 0x0f
}

impl NeighAddr for Ipv4Addr {
    const IS_IPV4: bool = true;
    const UNSPECIFIED: Self = Ipv4Addr::UNSPECIFIED;

    fn group_mac(self) -> Option<MacAddr> {
        self.is_multicast().then(|| MacAddr::of_ipv4_group(self))
    }

    fn proxy_bucket(self) -> u8 {
        fold(self.octets())
    }
}

impl NeighAddr for Ipv6Addr {
    const IS_IPV4: bool = false;
    const UNSPECIFIED: Self = Ipv6Addr::UNSPECIFIED;

    fn group_mac(self) -> Option<MacAddr> {
        self.is_multicast().then(|| MacAddr::of_ipv6_group(self))
    }

    fn proxy_bucket(self) -> u8 {
        let [.., a, b, c, d] = self.octets();
        fold([a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_comes_back_from_its_bits() {
        for bits in [0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80] {
            assert_eq!(Nud::of_bits(bits).map(Nud::bits), Some(bits));
        }
        assert_eq!(Nud::of_bits(3), None);
        assert_eq!(Nud::of_bits(0x100), None);
    }
}
