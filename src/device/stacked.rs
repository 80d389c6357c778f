//! Devices that stand on another one, and what stands on one device.
//! What each kind does with frames is in `vlan`, `macvlan` and `ipvlan`.

use crate::units::{DevId, MacAddr};

use super::ipvlan::IpvlanPort;
use super::macvlan::{Macvlan, MacvlanPort};
use super::vlan::{Vlan, Vlans};

/// How many devices may stand on one another (`MAX_NEST_DEV`).
pub const NEST_MAX: usize = 8;

/// A device that stands on another one.
#[derive(Clone, Debug)]
pub struct Stacked {
    /// What it is.
    pub kind: StackedKind,
    /// What it has the device below listen to.
    pub synced: Synced,
}

/// What a device has the one below listen to.
#[derive(Clone, Debug, Default)]
pub struct Synced {
    /// Groups (`dev_mc_sync`).
    pub groups: Vec<MacAddr>,
    /// Stations (`dev_uc_sync`).
    pub unicast: Vec<MacAddr>,
    /// How often it wants every frame.
    pub promisc: u32,
    /// How often it wants every multicast frame.
    pub allmulti: u32,
}

/// The kinds of devices that stand on another one.
#[derive(Clone, Debug)]
pub enum StackedKind {
    /// An 802.1Q device.
    Vlan(Vlan),
    /// A further station.
    Macvlan(Macvlan),
    /// A further namespace behind one station; what it is like is kept at the device below.
    Ipvlan(DevId),
}

impl Stacked {
    /// The device below.
    pub fn lower(&self) -> DevId {
        match &self.kind {
            StackedKind::Vlan(vlan) => vlan.lower,
            StackedKind::Macvlan(macvlan) => macvlan.lower,
            StackedKind::Ipvlan(lower) => *lower,
        }
    }
}

/// What stands on one device.
#[derive(Clone, Debug, Default)]
pub struct Above {
    /// Its vlans.
    pub vlans: Vlans,
    /// What takes its frames, where something does (`rx_handler`).
    pub port: AbovePort,
}

/// What takes the frames of a device that is in no bridge.
#[derive(Clone, Debug, Default)]
pub enum AbovePort {
    /// Nothing.
    #[default]
    None,
    /// Macvlan children.
    Macvlan(MacvlanPort),
    /// Ipvlan children.
    Ipvlan(IpvlanPort),
}

impl Above {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.vlans.is_empty() && matches!(self.port, AbovePort::None)
    }

    /// Everything that stands on the device.
    pub fn devices(&self) -> Vec<DevId> {
        let mut all: Vec<DevId> = self.vlans.iter().collect();
        match &self.port {
            AbovePort::None => {}
            AbovePort::Macvlan(port) => all.extend(port.children()),
            AbovePort::Ipvlan(port) => all.extend(&port.children),
        }
        all
    }

    /// The macvlan children.
    pub fn macvlan(&self) -> Option<&MacvlanPort> {
        match &self.port {
            AbovePort::Macvlan(port) => Some(port),
            AbovePort::None | AbovePort::Ipvlan(_) => None,
        }
    }

    /// The macvlan children, to change.
    pub fn macvlan_mut(&mut self) -> Option<&mut MacvlanPort> {
        match &mut self.port {
            AbovePort::Macvlan(port) => Some(port),
            AbovePort::None | AbovePort::Ipvlan(_) => None,
        }
    }

    /// The ipvlan children.
    pub fn ipvlan(&self) -> Option<&IpvlanPort> {
        match &self.port {
            AbovePort::Ipvlan(port) => Some(port),
            AbovePort::None | AbovePort::Macvlan(_) => None,
        }
    }

    /// The ipvlan children, to change.
    pub fn ipvlan_mut(&mut self) -> Option<&mut IpvlanPort> {
        match &mut self.port {
            AbovePort::Ipvlan(port) => Some(port),
            AbovePort::None | AbovePort::Macvlan(_) => None,
        }
    }
}
