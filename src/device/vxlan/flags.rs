//! What is on or off of a VXLAN device (`VXLAN_F_*`).
//! What follows from each is where it is looked at.

use super::options::VxlanOptions;

/// A set of switches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal,)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
        }
    };
}

flags! {
    /// Stations are learned from what comes in.
    LEARN = 0,
    /// ARP and ND are answered from the neighbour tables and never sent on.
    PROXY = 1,
    /// Frames to a router go straight to where it would send them.
    RSC = 2,
    /// Unknown stations are told of to user space.
    L2MISS = 3,
    /// Unknown neighbours are told of to user space.
    L3MISS = 4,
    /// The tunnel is of IPv6.
    IPV6 = 5,
    /// Its ends are link-local addresses.
    IPV6_LINKLOCAL = 6,
    /// Outer packets of IPv4 have a UDP checksum.
    UDP_CSUM = 7,
    /// Outer packets of IPv6 have none.
    ZERO_CSUM6_TX = 8,
    /// Outer packets of IPv6 without one are taken.
    ZERO_CSUM6_RX = 9,
    /// Remote checksum offload is asked for.
    REMCSUM_TX = 10,
    /// Remote checksum offload is done.
    REMCSUM_RX = 11,
    /// One device for all networks: each packet says where it goes.
    EXTERNAL = 12,
    /// It takes the networks on its list only.
    VNIFILTER = 13,
    /// Headers carry a group policy.
    GBP = 14,
    /// Headers name the protocol inside.
    GPE = 15,
    /// The outer packet lives as long as the inner one.
    TTL_INHERIT = 16,
}

impl Flags {
    /// Whether a switch is on.
    #[inline]
    pub const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, flag: Self) -> Self {
        Self(self.0 | flag.0)
    }

    /// Turns a switch on or off.
    pub fn set(&mut self, flag: Self, on: bool) {
        self.0 = if on {
            self.0 | flag.0
        } else {
            self.0 & !flag.0
        };
    }

    /// Those that devices have to have in common to share a socket (`VXLAN_F_RCV_FLAGS`).
    #[must_use]
    pub const fn received_by(self) -> Self {
        let all = Self::GBP
            .with(Self::GPE)
            .with(Self::ZERO_CSUM6_RX)
            .with(Self::REMCSUM_RX)
            .with(Self::EXTERNAL)
            .with(Self::VNIFILTER);
        Self(self.0 & all.0)
    }
}

type Given = fn(&VxlanOptions) -> Option<bool>;

/// The switches that a request may carry, in the order in which they are read: what the kernel says
/// where one cannot be changed, and where it is in the request (`vxlan_flag_attr_error`).
pub(super) const SWITCHES: &[(Flags, &str, Given)] = &[
    (
        Flags::TTL_INHERIT,
        "vxlan: cannot change TTL_INHERIT flag",
        |o| o.ttl_inherit,
    ),
    (Flags::LEARN, "vxlan: cannot change LEARNING flag", |o| {
        o.learning
    }),
    (Flags::PROXY, "vxlan: cannot change PROXY flag", |o| o.proxy),
    (Flags::RSC, "vxlan: cannot change RSC flag", |o| o.rsc),
    (Flags::L2MISS, "vxlan: cannot change L2MISS flag", |o| {
        o.l2miss
    }),
    (Flags::L3MISS, "vxlan: cannot change L3MISS flag", |o| {
        o.l3miss
    }),
    (
        Flags::EXTERNAL,
        "vxlan: cannot change COLLECT_METADATA flag",
        |o| o.external,
    ),
    (Flags::UDP_CSUM, "Cannot change UDP_CSUM flag", |o| {
        o.udpcsum
    }),
    (
        Flags::ZERO_CSUM6_TX,
        "vxlan: cannot change UDP_ZERO_CSUM6_TX flag",
        |o| o.udp6zerocsumtx,
    ),
    (
        Flags::ZERO_CSUM6_RX,
        "vxlan: cannot change UDP_ZERO_CSUM6_RX flag",
        |o| o.udp6zerocsumrx,
    ),
    (
        Flags::REMCSUM_TX,
        "vxlan: cannot change REMCSUM_TX flag",
        |o| o.remcsumtx,
    ),
    (
        Flags::REMCSUM_RX,
        "vxlan: cannot change REMCSUM_RX flag",
        |o| o.remcsumrx,
    ),
    (Flags::GBP, "vxlan: cannot change GBP flag", |o| o.gbp),
    (Flags::GPE, "vxlan: cannot change GPE flag", |o| o.gpe),
    (Flags::VNIFILTER, "vxlan: cannot change flag", |o| {
        o.vnifilter
    }),
];
