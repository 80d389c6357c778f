//! Groups and who has joined them, learned from IGMP and MLD (net/bridge/br_multicast.c).
//! Source lists of IGMPv3 and MLDv2 are not kept: a report with sources joins the whole group.

use crate::units::SimTime;

use super::Bridge;
use super::port::PortNo;

/// What a look into a frame for a group told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Snooped {
    /// It is for multicast routers only where nobody joined.
    pub routers_only: bool,
}

/// Who gets a frame for a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Spread {
    /// All ports.
    Everywhere,
    /// These ports, and the bridge device where `host`.
    Members {
        /// The ports in the order of sending.
        ports: Vec<PortNo>,
        /// Whether the bridge device gets it.
        host: bool,
    },
}

impl Bridge {
    /// Looks into a frame for a group (`br_multicast_rcv`).
    pub(super) fn snoop(&mut self, _now: SimTime, _port: Option<PortNo>, _frame: &[u8]) -> Snooped {
        Snooped::default()
    }

    /// Who gets it.
    pub(super) fn spread(&self, _snooped: &Snooped) -> Spread {
        Spread::Everywhere
    }

    /// The bridge device came up (`br_multicast_open`).
    pub(super) fn mdb_open(&mut self, _now: SimTime) {}

    /// The bridge device went down (`br_multicast_stop`).
    pub(super) fn mdb_stop(&mut self) {}

    /// A port left (`br_multicast_del_port`).
    pub(super) fn mdb_delete_port(&mut self, _port_no: PortNo) {}

    /// When a membership ends.
    pub fn mdb_next_timer(&self) -> Option<SimTime> {
        None
    }

    /// Ends memberships.
    pub(super) fn mdb_expire(&mut self, _now: SimTime) {}
}
