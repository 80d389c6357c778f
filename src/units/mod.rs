//! F0: the values that everything else is made of: time, ids, names, addresses.
//! Nothing here knows a frame, a device or a namespace.

mod arena;
mod errno;
mod few;
mod ifname;
mod mac;
mod rare;
mod time;
mod versioned;

pub use arena::{Arena, Key};
pub use errno::Errno;
pub use few::{FewMap, make_room};
pub use ifname::{IfName, IfNameError};
pub use mac::{MacAddr, ParseMacError};
pub use rare::{Blank, Rare};
pub use time::SimTime;
pub use versioned::Versioned;

/// Makes a small `Copy` id over an arena [`Key`].
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub Key);
        impl From<Key> for $name {
            #[inline]
            fn from(key: Key) -> Self {
                Self(key)
            }
        }
        impl From<$name> for Key {
            #[inline]
            fn from(id: $name) -> Key {
                id.0
            }
        }
    };
}

id! {
    /// A host: a machine with a root namespace of its own.
    HostId
}
id! {
    /// A network namespace, of any host.
    NetnsId
}
id! {
    /// A network device, in whichever namespace it is just now. Unlike an
    /// [`IfIndex`] it stays the same when the device is moved.
    DevId
}
id! {
    /// A socket of any namespace.
    SockId
}
id! {
    /// A piece of the underlay: a switch, or one cable, into which network cards are plugged.
    SegmentId
}
id! {
    /// A TCP connection or listener of one namespace, whether a process has it or not.
    TcpId
}

/// The number of a device within its namespace, 1 for the loopback (`ifindex`).
pub type IfIndex = u32;

/// A VXLAN network identifier, 24 bits (RFC 7348, section 5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Vni(u32);

impl Vni {
    /// The identifier `vni`, or nothing where it does not fit in 24 bits.
    pub fn new(vni: u32) -> Option<Self> {
        (vni < 1 << 24).then_some(Self(vni))
    }

    /// The identifier as a number below 2^24.
    pub fn value(self) -> u32 {
        self.0
    }
}

/// A VLAN identifier, 1 to 4094 (IEEE 802.1Q, 9.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct VlanId(u16);

impl VlanId {
    /// The identifier `vid`, or nothing where it is 0, 4095 or more.
    pub fn new(vid: u16) -> Option<Self> {
        (1..4095).contains(&vid).then_some(Self(vid))
    }

    /// The identifier as a number from 1 to 4094.
    pub fn value(self) -> u16 {
        self.0
    }
}
