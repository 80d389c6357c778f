//! The spanning tree protocol of a bridge: identifiers, values in force, timers (802.1D-1998, clause 8).
//! The rules are in `stp_roles`, `stp_message` and `stp_port`, its deadlines in `stp_timer`.

use std::fmt;

use crate::units::{DevId, MacAddr, SimTime};

use super::port::PortNo;
use super::ticks::Ticks;

/// Priority and address of a bridge, compared as eight bytes (802.1D-1998, 9.2.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct BridgeId {
    /// The priority, lower wins.
    pub priority: u16,
    /// The address, lower wins.
    pub mac: MacAddr,
}

impl BridgeId {
    /// The eight bytes.
    pub fn bytes(self) -> [u8; 8] {
        let [a, b] = self.priority.to_be_bytes();
        let [c, d, e, f, g, h] = self.mac.0;
        [a, b, c, d, e, f, g, h]
    }

    /// What eight bytes say.
    pub fn from_bytes([a, b, c, d, e, f, g, h]: [u8; 8]) -> Self {
        Self {
            priority: u16::from_be_bytes([a, b]),
            mac: MacAddr([c, d, e, f, g, h]),
        }
    }
}

impl fmt::Display for BridgeId {
    /// As `brctl` prints it: `8000.0200000000f0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}.{:012x}", self.priority, self.mac.as_u64())
    }
}

/// Who runs the protocol (`stp_state`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StpState {
    /// Nobody (0).
    #[default]
    Off,
    /// The kernel (1).
    Kernel,
}

/// The timers of a bridge, each the instant at which it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BridgeTimers {
    /// Send configurations.
    pub hello: Option<SimTime>,
    /// Send the topology change notification again.
    pub tcn: Option<SimTime>,
    /// The topology change is over.
    pub topology_change: Option<SimTime>,
    /// Sweep aged entries up.
    pub gc: Option<SimTime>,
}

/// The timers of a port, each the instant at which it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PortTimers {
    /// What the designated bridge told is too old.
    pub message_age: Option<SimTime>,
    /// On to the next state.
    pub forward_delay: Option<SimTime>,
    /// The next configuration may be sent.
    pub hold: Option<SimTime>,
}

/// What a bridge knows and has set for the protocol.
#[derive(Clone, Debug)]
pub struct Stp {
    /// Who runs it.
    pub state: StpState,
    /// Whether a port may have timers: the protocol ran, a configuration was sent, or a user chose a state.
    pub ran: bool,
    /// The bridge's own priority; its id is this and its address.
    pub priority: u16,
    /// The address in its id, zero until a port or a user gave one.
    pub mac: MacAddr,
    /// The root that it follows.
    pub designated_root: BridgeId,
    /// The cost of the way there.
    pub root_path_cost: u32,
    /// The port that leads there, 0 for none.
    pub root_port: PortNo,
    /// The values in force, which are the root's.
    pub max_age: Ticks,
    /// See `max_age`.
    pub hello_time: Ticks,
    /// See `max_age`.
    pub forward_delay: Ticks,
    /// The values that are set here, in force where this bridge is the root.
    pub bridge_max_age: Ticks,
    /// See `bridge_max_age`.
    pub bridge_hello_time: Ticks,
    /// See `bridge_max_age`.
    pub bridge_forward_delay: Ticks,
    /// How long an entry lives now: shorter while the topology changes.
    pub ageing_time: Ticks,
    /// How long it lives otherwise.
    pub bridge_ageing_time: Ticks,
    /// The root says that the topology changes.
    pub topology_change: bool,
    /// This bridge saw a change and waits for the root to hear of it.
    pub topology_change_detected: bool,
    /// The running timers.
    pub timers: BridgeTimers,
}

impl Default for Stp {
    /// The values of a new bridge (`br_dev_setup`).
    fn default() -> Self {
        let id = BridgeId {
            priority: 0x8000,
            mac: MacAddr::ZERO,
        };
        Self {
            state: StpState::Off,
            ran: false,
            priority: id.priority,
            mac: id.mac,
            designated_root: id,
            root_path_cost: 0,
            root_port: 0,
            max_age: Ticks::from_secs(20),
            hello_time: Ticks::from_secs(2),
            forward_delay: Ticks::from_secs(15),
            bridge_max_age: Ticks::from_secs(20),
            bridge_hello_time: Ticks::from_secs(2),
            bridge_forward_delay: Ticks::from_secs(15),
            ageing_time: Ticks::from_secs(300),
            bridge_ageing_time: Ticks::from_secs(300),
            topology_change: false,
            topology_change_detected: false,
            timers: BridgeTimers::default(),
        }
    }
}

impl Stp {
    /// The bridge's own id.
    pub const fn bridge_id(&self) -> BridgeId {
        BridgeId {
            priority: self.priority,
            mac: self.mac,
        }
    }

    /// Whether this bridge is the root (`br_is_root_bridge`).
    pub fn is_root(&self) -> bool {
        self.bridge_id() == self.designated_root
    }
}
/// Which device of the bridge a unit came in by, and what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BpduFate {
    /// It was taken in.
    Taken,
    /// It shut a guarded port.
    Guarded(DevId),
    /// It was not for this bridge, or not well formed.
    Ignored,
}
