//! A port of a bridge: its state, flags, cost and what STP has heard on it.
//! It does not forward: that is `forward`, and STP's rules are in `stp`.

use crate::units::{DevId, MacAddr, Rare, SimTime};

use super::querier::OwnQueries;
use super::stp::{BridgeId, PortTimers};
use super::ticks::Ticks;
use super::vlan::VlanGroup;

/// The number of a port within its bridge, from 1; 0 is the bridge device itself.
pub type PortNo = u16;

/// How many ports a bridge can have, number 0 included (`BR_MAX_PORTS`).
pub const PORTS_MAX: usize = 1024;

/// What a port does with frames (802.1D-1998, 8.4; `BR_STATE_*`).
///
/// ```text
/// Disabled -> Blocking -> Listening -> Learning -> Forwarding   (with STP)
/// Disabled -> Blocking ------------------------- > Forwarding   (without)
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum PortState {
    /// Takes no part: down, without carrier, or shut by hand or by a guard.
    #[default]
    Disabled = 0,
    /// Hears BPDUs, moves no frames, learns nothing, on the way to forwarding.
    Listening = 1,
    /// Learns, but moves no frames yet.
    Learning = 2,
    /// Moves frames.
    Forwarding = 3,
    /// Hears BPDUs only, so that there is no loop.
    Blocking = 4,
}

impl PortState {
    /// The state with the kernel's number, if there is one.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Disabled,
            1 => Self::Listening,
            2 => Self::Learning,
            3 => Self::Forwarding,
            4 => Self::Blocking,
            _ => return None,
        })
    }

    /// The kernel's number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The word that `bridge` and `brctl` print.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Listening => "listening",
            Self::Learning => "learning",
            Self::Forwarding => "forwarding",
            Self::Blocking => "blocking",
        }
    }

    /// Whether a port in this state learns addresses (`nbp_state_should_learn`).
    #[inline]
    pub const fn learns(self) -> bool {
        matches!(self, Self::Learning | Self::Forwarding)
    }
}

macro_rules! port_flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        /// The switches of a port, a set (`net_bridge_port.flags`).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct PortFlags(u32);

        impl PortFlags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
        }
    };
}

port_flags! {
    /// A frame may leave by the port it came in by.
    HAIRPIN = 0;
    /// A BPDU shuts the port (`guard`, BPDU guard).
    GUARD = 1;
    /// The port may not become the root port.
    ROOT_BLOCK = 2;
    /// A multicast leave takes effect at once.
    FAST_LEAVE = 3;
    /// The cost was set by hand and does not follow the speed.
    ADMIN_COST = 4;
    /// Sources are learned here.
    LEARNING = 5;
    /// Frames for unknown stations go out here.
    FLOOD = 6;
    /// The bridge answers ARP requests for known neighbours.
    PROXY_ARP = 7;
    /// The same, for wireless stations behind the port.
    PROXY_ARP_WIFI = 8;
    /// Multicast that nobody asked for goes out here.
    MCAST_FLOOD = 9;
    /// Multicast leaves as unicast to each member.
    MCAST_TO_UNICAST = 10;
    /// VLANs are mapped to tunnels.
    VLAN_TUNNEL = 11;
    /// Broadcast goes out here.
    BCAST_FLOOD = 12;
    /// ARP and ND that the bridge can answer do not go out here.
    NEIGH_SUPPRESS = 13;
    /// No frame from another isolated port goes out here.
    ISOLATED = 14;
    /// Only stations with an entry may send.
    LOCKED = 15;
    /// A locked port writes down who tried (MAC authentication bypass).
    MAB = 16;
    /// Addresses are learned from hardware as well.
    LEARNING_SYNC = 17;
}

impl PortFlags {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// What a new port has (`new_nbp`).
    pub const NEW: Self =
        Self(Self::LEARNING.0 | Self::FLOOD.0 | Self::MCAST_FLOOD.0 | Self::BCAST_FLOOD.0);

    /// Whether all of `flags` are on.
    #[inline]
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether any of `flags` is on.
    #[inline]
    pub const fn has_any(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }

    /// These flags with `flags` switched.
    pub const fn with(self, flags: Self, on: bool) -> Self {
        if on {
            Self(self.0 | flags.0)
        } else {
            Self(self.0 & !flags.0)
        }
    }

    /// Both sets together.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the bridge has to know of the device behind a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortDevice {
    /// Its address.
    pub mac: MacAddr,
    /// Its MTU.
    pub mtu: u32,
    /// Its speed in Mbit/s; nothing where the driver does not tell.
    pub speed_mbit: Option<u32>,
    /// Whether it is up (`IFF_UP`).
    pub up: bool,
    /// Whether it is operational (`netif_oper_up`).
    pub oper_up: bool,
}

impl PortDevice {
    /// Whether frames can pass it.
    pub const fn runs(&self) -> bool {
        self.up && self.oper_up
    }
}

/// The cost of a way over a link of that speed (`port_cost` of net/bridge/br_if.c).
pub const fn port_cost(speed_mbit: Option<u32>) -> u32 {
    match speed_mbit {
        Some(10_000) => 2,
        Some(5_000) => 3,
        Some(2_500) => 4,
        Some(1_000) => 5,
        Some(100) => 19,
        Some(speed) if speed > 10_000 && speed != u32::MAX => 1,
        _ => 100,
    }
}

/// A port of a bridge.
#[derive(Clone, Debug)]
pub struct Port {
    /// The device.
    pub dev: DevId,
    /// The number, lowest free from 1.
    pub port_no: PortNo,
    /// What is known of the device.
    pub device: PortDevice,
    /// The port's priority, 0 to 63, the high bits of its id.
    pub priority: u8,
    /// The cost of the way over this port.
    pub path_cost: u32,
    /// What it does with frames.
    pub state: PortState,
    /// Its switches.
    pub flags: PortFlags,
    /// Link-local groups that pass (`group_fwd_mask`).
    pub group_fwd_mask: u16,
    /// Where frames go while this port has no carrier.
    pub backup: Option<DevId>,
    /// The next hop that replaces the backup port's tunnel.
    pub backup_nhid: u32,
    /// Whether multicast routers are here: 0 no, 1 when heard, 2 always, 3 for a while.
    pub multicast_router: u8,
    /// Until when a router that was heard counts.
    pub multicast_router_until: Option<SimTime>,
    /// How many groups may be joined here, 0 for any number.
    pub mcast_max_groups: u32,
    /// How many hosts are tracked explicitly.
    pub mcast_eht_hosts_limit: u32,
    /// The root that the designated bridge of this segment told of.
    pub designated_root: BridgeId,
    /// Its cost to the root.
    pub designated_cost: u32,
    /// The bridge that serves this segment.
    pub designated_bridge: BridgeId,
    /// Its port there.
    pub designated_port: u16,
    /// When the information in the last BPDU was fresh at the root.
    pub designated_since: SimTime,
    /// The next configuration acknowledges a topology change.
    pub topology_change_ack: bool,
    /// A configuration waits for the hold timer.
    pub config_pending: bool,
    /// The running timers.
    pub timers: PortTimers,
    /// When the bridge asks for members here.
    pub queries: Rare<OwnQueries>,
    /// The VLANs that it is in.
    pub vlans: VlanGroup,
}

impl Port {
    /// The 16 bits that identify the port: priority, then number (`br_make_port_id`).
    pub const fn port_id(&self) -> u16 {
        make_port_id(self.priority, self.port_no)
    }

    /// Whether its segment is served by this port of the bridge `own`
    /// (`br_is_designated_port`).
    pub fn is_designated(&self, own: BridgeId) -> bool {
        self.designated_bridge == own && self.designated_port == self.port_id()
    }

    /// Timers in hundredths of a second: message age, forward delay, hold.
    pub fn timer_clocks(&self, now: SimTime) -> [u64; 3] {
        let PortTimers {
            message_age,
            forward_delay,
            hold,
        } = self.timers;
        [message_age, forward_delay, hold].map(|at| Ticks::timer_clock(at, now))
    }
}

/// The id of port `number` with that priority: 6 bits, then 10 (`br_make_port_id`).
pub const fn make_port_id(priority: u8, number: PortNo) -> u16 {
    ((priority as u16) << 10) | (number & 0x3ff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_follow_the_speed_and_unknown_is_100() {
        for (speed, cost) in [
            (Some(10_000), 2),
            (Some(10), 100),
            (Some(100), 19),
            (Some(1_000), 5),
            (Some(40_000), 1),
            (Some(u32::MAX), 100),
            (None, 100),
        ] {
            assert_eq!(port_cost(speed), cost, "{speed:?}");
        }
    }

    #[test]
    fn a_new_port_learns_and_floods_and_nothing_else() {
        let flags = PortFlags::NEW;
        assert!(flags.has(PortFlags::LEARNING) && flags.has(PortFlags::BCAST_FLOOD));
        assert!(!flags.has_any(PortFlags::HAIRPIN.union(PortFlags::ISOLATED)));
        assert!(!flags.with(PortFlags::FLOOD, false).has(PortFlags::FLOOD));
    }

    #[test]
    fn port_ids_hold_priority_and_number() {
        assert_eq!(make_port_id(32, 1), 0x8001);
        assert_eq!(make_port_id(10, 1), 0x2801);
    }
}
