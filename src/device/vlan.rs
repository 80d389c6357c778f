//! An 802.1Q device: what it is told, and how the vlans of one device are found (net/8021q).
//! Tags are pushed and taken off by the world.

use std::collections::BTreeMap;

use crate::units::{DevId, MacAddr};
use crate::wire::{ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, VlanTag};

/// The flags of a vlan device, a set (`enum vlan_flags`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VlanFlags(pub u32);

impl VlanFlags {
    /// The tag is taken out of what the device shows.
    pub const REORDER_HDR: Self = Self(0x1);
    /// The VLAN is announced by GVRP; of no effect.
    pub const GVRP: Self = Self(0x2);
    /// The device goes up and down by itself.
    pub const LOOSE_BINDING: Self = Self(0x4);
    /// The VLAN is announced by MVRP; of no effect.
    pub const MVRP: Self = Self(0x8);
    /// The carrier does not follow the bridge below.
    pub const BRIDGE_BINDING: Self = Self(0x10);

    /// Whether all of `flags` are on.
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags with `flags` switched.
    #[must_use]
    pub const fn with(self, flags: Self, on: bool) -> Self {
        match on {
            true => Self(self.0 | flags.0),
            false => Self(self.0 & !flags.0),
        }
    }
}

/// A vlan device.
#[derive(Clone, Debug)]
pub struct Vlan {
    /// The device below.
    pub lower: DevId,
    /// The ethertype of the tag.
    pub protocol: u16,
    /// The VLAN, 0 to 4094.
    pub vid: u16,
    /// Its flags.
    pub flags: VlanFlags,
    /// Priorities of the tag that become priorities of the packet.
    pub ingress_qos: BTreeMap<u32, u32>,
    /// Priorities of the packet that become priorities of the tag.
    pub egress_qos: BTreeMap<u32, u32>,
    /// The address of the device below when it was last looked at (`real_dev_addr`).
    pub lower_address: MacAddr,
    /// Whether it has the address of the device below and follows it (`NET_ADDR_STOLEN`).
    pub inherits: bool,
}

/// The priority of a packet by the type of service of its IPv4 header (`rt_tos2priority`).
const TOS_PRIORITY: [u32; 16] = [0, 1, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

impl Vlan {
    /// The tag of a frame that leaves by the device.
    pub fn tag(&self, frame: &[u8]) -> VlanTag {
        let tag = VlanTag::new(self.protocol, self.vid);
        if self.egress_qos.is_empty() {
            return tag;
        }
        let priority = self.egress_qos.get(&priority_of(frame)).copied();
        let bits = u16::try_from(priority.unwrap_or(0) & 7).unwrap_or(0);
        VlanTag {
            tci: tag.tci | bits << 13,
            ..tag
        }
    }
}

/// The priority that a packet was sent with: that of its header, 0 for what is not IPv4.
fn priority_of(frame: &[u8]) -> u32 {
    match *frame {
        [_, _, _, _, _, _, _, _, _, _, _, _, a, b, _, tos, ..]
            if u16::from_be_bytes([a, b]) == ETH_P_IP =>
        {
            TOS_PRIORITY[usize::from(tos & 0x1e) >> 1]
        }
        _ => 0,
    }
}

/// The vlan devices on one device, by protocol and VLAN, in the order in which the kernel walks them.
#[derive(Clone, Debug, Default)]
pub struct Vlans(Vec<(u16, DevId)>);

/// 802.1Q before 802.1ad, then by VLAN: 13 bits.
fn key(protocol: u16, vid: u16) -> Option<u16> {
    match protocol {
        ETH_P_8021Q => Some(vid & 0xfff),
        ETH_P_8021AD => Some(0x1000 | vid & 0xfff),
        _ => None,
    }
}

impl Vlans {
    /// The device of a tag (`vlan_find_dev`).
    #[inline]
    pub fn find(&self, protocol: u16, vid: u16) -> Option<DevId> {
        let key = key(protocol, vid)?;
        let at = self
            .0
            .binary_search_by_key(&key, |(known, _)| *known)
            .ok()?;
        self.0.get(at).map(|(_, dev)| *dev)
    }

    /// Adds a device; false where the tag has one.
    pub fn insert(&mut self, protocol: u16, vid: u16, dev: DevId) -> bool {
        let Some(key) = key(protocol, vid) else {
            return false;
        };
        match self.0.binary_search_by_key(&key, |(known, _)| *known) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, (key, dev));
                true
            }
        }
    }

    /// Takes a device out.
    pub fn remove(&mut self, dev: DevId) {
        self.0.retain(|(_, known)| *known != dev);
    }

    /// The devices, in order.
    pub fn iter(&self) -> impl Iterator<Item = DevId> {
        self.0.iter().map(|(_, dev)| *dev)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Arena;

    #[test]
    fn vlans_are_found_by_protocol_and_number_and_walked_in_order() {
        let mut arena: Arena<DevId, ()> = Arena::default();
        let [a, b, c] = [(); 3].map(|()| arena.insert(()));
        let mut vlans = Vlans::default();
        assert!(vlans.insert(ETH_P_8021AD, 5, a));
        assert!(vlans.insert(ETH_P_8021Q, 9, b));
        assert!(vlans.insert(ETH_P_8021Q, 5, c));
        assert!(!vlans.insert(ETH_P_8021Q, 5, a), "one device a tag");
        assert_eq!(vlans.find(ETH_P_8021Q, 5), Some(c));
        assert_eq!(vlans.find(ETH_P_8021AD, 5), Some(a));
        assert_eq!(vlans.find(ETH_P_8021AD, 9), None);
        assert_eq!(vlans.iter().collect::<Vec<_>>(), [c, b, a]);
        vlans.remove(c);
        assert_eq!(vlans.find(ETH_P_8021Q, 5), None);
    }

    #[test]
    fn the_egress_map_turns_the_type_of_service_into_a_priority() {
        let mut arena: Arena<DevId, ()> = Arena::default();
        let mut vlan = Vlan {
            lower: arena.insert(()),
            protocol: ETH_P_8021Q,
            vid: 10,
            flags: VlanFlags::REORDER_HDR,
            ingress_qos: BTreeMap::new(),
            egress_qos: BTreeMap::new(),
            lower_address: MacAddr::ZERO,
            inherits: true,
        };
        let mut frame = [0_u8; 34];
        (frame[12], frame[15]) = (8, 0x10);
        assert_eq!(vlan.tag(&frame).tci, 10);
        vlan.egress_qos.insert(6, 5);
        assert_eq!(vlan.tag(&frame).tci, 0xa00a);
        frame[12] = 0;
        assert_eq!(vlan.tag(&frame).tci, 10, "not IPv4: priority 0");
    }
}
