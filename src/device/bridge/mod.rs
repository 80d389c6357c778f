//! A learning bridge as Linux 6.18 has it: ports, forwarding database, spanning tree, groups.
//! It decides where frames go and what is to be sent; it sends nothing and knows no namespace.
//!
//! The caller tells it of frames ([`Bridge::receive`], [`Bridge::transmit`]), of its ports'
//! devices ([`Bridge::add_port`], [`Bridge::port_changed`]), of its own device
//! ([`Bridge::set_up`]) and of time ([`Bridge::next_timer`], [`Bridge::handle_timers`]).
//! After each call other than the first two, [`Bridge::take_actions`] has what follows; after
//! those two, [`Bridge::take_timer_moved`] says whether there is a new deadline.

mod arp_nd_proxy;
mod change;
mod change_port;
mod express;
pub mod fdb;
pub mod fdb_request;
mod fdb_rules;
pub mod forward;
pub mod mdb;
#[cfg(feature = "proptest")]
mod mutant;
pub mod options;
pub mod port;
pub mod querier;
mod snoop;
pub mod stp;
mod stp_message;
mod stp_port;
mod stp_roles;
pub mod stp_timer;
pub mod ticks;
pub mod vlan;
mod vlan_options;
mod vlan_tunnel;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::{DevId, Errno, MacAddr, Rare, SimTime};

pub use arp_nd_proxy::Question;
use fdb::Fdb;
pub use fdb_request::{FdbAdd, FdbDump, FdbFlush, FdbRow, FdbState, NewFlags};
pub use forward::{Decision, Forward};
use mdb::Mdb;
pub use mdb::{Group, GroupKey, MdbChange, MdbDump};
pub use options::{BridgeChange, Options, PortChange};
use port::{PORTS_MAX, port_cost};
pub use port::{Port, PortDevice, PortFlags, PortNo, PortState};
pub use stp::{BpduFate, BridgeId, Stp, StpState};
pub use ticks::Ticks;
pub use vlan::{BridgeVlan, VlanAdd, VlanGroup, VlanStats, Vlans};
pub use vlan_options::VlanChange;

/// An MTU of a bridge without ports (`ETH_DATA_LEN`).
const MTU_EMPTY: u32 = 1500;

/// Why the kernel does not do what it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The error number.
    pub errno: Errno,
    /// What it says beside the number (extended acknowledgment), if anything.
    pub extack: Option<&'static str>,
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        Self {
            errno,
            extack: None,
        }
    }
}

/// What follows from a change or a timer, for the caller to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Send a whole frame out of a port's device.
    Transmit {
        /// The device.
        dev: DevId,
        /// The bytes from the Ethernet header on.
        frame: Vec<u8>,
    },
    /// A port is in another state now.
    PortState {
        /// The port's device.
        dev: DevId,
        /// The state.
        state: PortState,
    },
    /// Ask for the members of groups (a general query of IGMP or MLD).
    AskMembers {
        /// The port's device, nothing for the bridge's own host.
        dev: Option<DevId>,
        /// By MLD, not IGMP.
        ipv6: bool,
    },
    /// The bridge device has carrier now, or has it no longer.
    Carrier(bool),
    /// The bridge device has another address now.
    Address(MacAddr),
}

/// A bridge.
#[derive(Clone, Debug)]
pub struct Bridge {
    /// Its settings.
    pub options: Options,
    /// What STP knows, the times among it.
    pub stp: Stp,
    /// A fault that a test planted.
    #[cfg(feature = "proptest")]
    pub mutant: Option<crate::engine::Mutant>,
    /// Where stations are.
    pub fdb: Fdb,
    mdb: Mdb,
    vlans: Option<Box<Vlans>>,
    /// The default PVID, and whether to count, for when it knows of VLANs.
    vlan_wishes: (u16, bool),
    mac: MacAddr,
    mac_set_by_user: bool,
    up: bool,
    carrier: bool,
    promisc: bool,
    allmulti: bool,
    mtu_set_by_user: bool,
    slots: Vec<Option<Box<Port>>>,
    /// Numbers of the ports, the newest first, as the kernel's list has them.
    order: Arc<Vec<PortNo>>,
    numbers: HashMap<DevId, PortNo, FixedState>,
    actions: Vec<Action>,
    timer_moved: bool,
    /// What `take_listeners` gives out.
    listeners: Vec<(DevId, MacAddr)>,
    /// The flags that some port has.
    answering: PortFlags,
    /// Whether it ever was a querier.
    asked: bool,
}

impl Bridge {
    /// A new bridge whose device has a random address, which its id does not have yet.
    pub fn new(mac: MacAddr) -> Self {
        Self {
            options: Options::default(),
            stp: Stp::default(),
            #[cfg(feature = "proptest")]
            mutant: None,
            fdb: Fdb::default(),
            mdb: Mdb::default(),
            vlans: None,
            vlan_wishes: (1, false),
            mac,
            mac_set_by_user: false,
            up: false,
            carrier: true,
            promisc: false,
            allmulti: false,
            mtu_set_by_user: false,
            slots: Vec::new(),
            order: Arc::default(),
            numbers: HashMap::default(),
            actions: Vec::new(),
            timer_moved: false,
            listeners: Vec::new(),
            answering: PortFlags::NONE,
            asked: false,
        }
    }

    /// What is to be done since the last call.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Whether a frame made [`Bridge::next_timer`] another since the last call.
    #[inline]
    pub fn take_timer_moved(&mut self) -> bool {
        std::mem::take(&mut self.timer_moved)
    }

    /// The destinations that the copies of the last flood get, in the order of its list of devices, broadcast for
    /// the frame's own; nothing where all go out as they are.
    #[inline]
    pub fn take_listeners(&mut self) -> Vec<(DevId, MacAddr)> {
        std::mem::take(&mut self.listeners)
    }

    /// The address of the bridge device.
    pub fn mac(&self) -> MacAddr {
        self.mac
    }

    /// Whether a user chose the address (`NET_ADDR_SET`), so that it does not follow the ports.
    pub fn mac_set_by_user(&self) -> bool {
        self.mac_set_by_user
    }

    /// A user chooses the address (`br_set_mac_address`).
    pub fn set_mac(&mut self, now: SimTime, mac: MacAddr) -> Result<(), Refusal> {
        if !mac.is_station() {
            return Err(Errno::Eaddrnotavail.into());
        }
        self.mac_set_by_user = true;
        if self.mac != mac || self.stp.mac != mac {
            self.change_bridge_mac(now, mac);
        }
        Ok(())
    }

    /// Whether the bridge device has carrier: some port forwards. A new bridge has it until
    /// the states of its ports are first decided, as the kernel's.
    pub fn carrier(&self) -> bool {
        self.carrier
    }

    fn set_carrier(&mut self, carrier: bool) {
        if self.carrier != carrier {
            self.carrier = carrier;
            self.actions.push(Action::Carrier(carrier));
        }
    }

    /// Whether the bridge device is up.
    pub fn is_up(&self) -> bool {
        self.up
    }

    /// The bridge device goes up or down (`br_dev_open`, `br_dev_stop`).
    pub fn set_up(&mut self, now: SimTime, up: bool) {
        if self.up == up {
            return;
        }
        self.up = up;
        if up {
            self.enable_bridge(now);
            self.mdb_open(now);
        } else {
            self.disable_bridge(now);
            self.mdb_stop();
        }
    }

    /// Whether the bridge device takes every frame, and every frame for a group.
    pub fn set_promisc(&mut self, promisc: bool, allmulti: bool) {
        self.promisc = promisc;
        self.allmulti = allmulti;
    }

    /// The ports, the newest first, as the kernel floods them.
    #[inline]
    pub fn ports(&self) -> impl Iterator<Item = &Port> {
        self.order
            .iter()
            .filter_map(|port_no| self.port_at(*port_no))
    }

    fn ports_mut(&mut self) -> impl Iterator<Item = &mut Port> {
        self.slots.iter_mut().filter_map(Option::as_deref_mut)
    }

    /// How many ports there are.
    pub fn port_count(&self) -> usize {
        self.numbers.len()
    }

    /// The ports by number.
    pub fn ports_by_number(&self) -> impl Iterator<Item = &Port> {
        self.slots.iter().filter_map(Option::as_deref)
    }

    /// The numbers of the ports, newest first, to walk while ports change.
    fn port_numbers(&self) -> PortNumbers {
        PortNumbers {
            order: Arc::clone(&self.order),
            next: 0,
        }
    }

    /// The port with that number.
    #[inline]
    pub fn port_at(&self, port_no: PortNo) -> Option<&Port> {
        self.slots.get(usize::from(port_no))?.as_deref()
    }

    fn port_mut(&mut self, port_no: PortNo) -> Option<&mut Port> {
        self.slots.get_mut(usize::from(port_no))?.as_deref_mut()
    }

    /// The number of the port of a device.
    #[inline]
    pub fn port_no(&self, dev: DevId) -> Option<PortNo> {
        self.numbers.get(&dev).copied()
    }

    /// The port of a device.
    #[inline]
    pub fn port_of(&self, dev: DevId) -> Option<&Port> {
        self.port_at(self.port_no(dev)?)
    }

    /// Makes a device a port (`br_add_if`). What kinds of devices may be one, and whether
    /// it has a master already, was judged by the caller.
    pub fn add_port(
        &mut self,
        now: SimTime,
        dev: DevId,
        device: PortDevice,
    ) -> Result<PortNo, Refusal> {
        if self.numbers.contains_key(&dev) {
            return Err(Errno::Ebusy.into());
        }
        if !device.mac.is_station() {
            return Err(Errno::Einval.into());
        }
        let port_no = self.free_number()?;
        let port = Port {
            dev,
            port_no,
            device,
            priority: 32,
            path_cost: port_cost(device.speed_mbit),
            state: PortState::Disabled,
            flags: PortFlags::NEW,
            group_fwd_mask: 0,
            backup: None,
            backup_nhid: 0,
            multicast_router: 1,
            multicast_router_until: None,
            mcast_max_groups: 0,
            mcast_eht_hosts_limit: 512,
            designated_root: BridgeId::default(),
            designated_cost: 0,
            designated_bridge: BridgeId::default(),
            designated_port: 0,
            designated_since: now,
            topology_change_ack: false,
            config_pending: false,
            timers: stp::PortTimers::default(),
            queries: Rare::default(),
            vlans: VlanGroup::default(),
        };
        self.slots[usize::from(port_no)] = Some(Box::new(port));
        Arc::make_mut(&mut self.order).insert(0, port_no);
        self.numbers.insert(dev, port_no);
        self.become_designated(port_no);
        self.add_local(now, port_no, device.mac)?;
        self.vlans_of_new_port(now, port_no);
        if self.numbers.len() == 1 || device.mac < self.stp.mac {
            self.recalculate_mac(now);
        }
        if device.runs() && self.up {
            self.enable_port(now, port_no);
        }
        Ok(port_no)
    }

    /// The lowest free number from 1 (`find_portno`).
    fn free_number(&mut self) -> Result<PortNo, Refusal> {
        let free = (1..self.slots.len()).find(|at| self.slots[*at].is_none());
        let free = free.unwrap_or_else(|| self.slots.len().max(1));
        if free >= PORTS_MAX {
            return Err(Errno::Exfull.into());
        }
        if self.slots.len() <= free {
            self.slots.resize_with(free + 1, || None);
        }
        PortNo::try_from(free).map_err(|_| Errno::Exfull.into())
    }

    /// Lets a device go (`br_del_if`); its entries go with it.
    pub fn remove_port(&mut self, now: SimTime, dev: DevId) -> Result<(), Refusal> {
        let port_no = self.port_no(dev).ok_or(Errno::Einval)?;
        self.disable_port(now, port_no);
        Arc::make_mut(&mut self.order).retain(|other| *other != port_no);
        self.numbers.remove(&dev);
        let vids = self.vids(port_no);
        self.slots[usize::from(port_no)] = None;
        vids.iter().for_each(|vid| self.forget_unused_vlan(*vid));
        self.update_answering();
        self.fdb_delete_by_port(port_no, true);
        self.mdb_delete_port(port_no);
        for port in self.ports_mut() {
            if port.backup == Some(dev) {
                port.backup = None;
            }
        }
        self.recalculate_mac(now);
        Ok(())
    }

    /// The device of a port changed: address, MTU, speed, up, or operational
    /// (`br_device_event`).
    pub fn port_changed(&mut self, now: SimTime, dev: DevId, device: PortDevice) {
        let Some(port_no) = self.port_no(dev) else {
            return;
        };
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        let old = std::mem::replace(&mut port.device, device);
        if device.runs() && !port.flags.has(PortFlags::ADMIN_COST) {
            port.path_cost = port_cost(device.speed_mbit);
        }
        let disabled = port.state == PortState::Disabled;
        if old.mac != device.mac {
            self.fdb_change_port_mac(now, port_no, device.mac);
            self.recalculate_mac(now);
        }
        if !self.up {
            return;
        }
        if !device.runs() && !disabled {
            self.disable_port(now, port_no);
        } else if device.runs() && disabled && !old.runs() {
            self.enable_port(now, port_no);
        }
    }

    /// A port is told of as changed: one that runs and was shut goes through its states again (`br_port_carrier_check`).
    pub fn port_told(&mut self, now: SimTime, dev: DevId) {
        let port_no = self.port_no(dev).filter(|_| self.up);
        let shut = |port: &Port| port.device.runs() && port.state == PortState::Disabled;
        if let Some(port_no) = port_no
            && self.port_at(port_no).is_some_and(shut)
        {
            self.enable_port(now, port_no);
        }
    }

    /// A user chose the bridge's MTU (`br_change_mtu`).
    pub fn set_mtu(&mut self) {
        self.mtu_set_by_user = true;
    }

    /// The MTU that the bridge takes by itself, the least of its ports'; nothing where
    /// a user chose one (`br_mtu_auto_adjust`).
    pub fn auto_mtu(&self) -> Option<u32> {
        let least = self.ports().map(|port| port.device.mtu).min();
        (!self.mtu_set_by_user).then_some(least.unwrap_or(MTU_EMPTY))
    }
}

/// Numbers of ports that stay as they were when the walk began.
struct PortNumbers {
    order: Arc<Vec<PortNo>>,
    next: usize,
}

impl Iterator for PortNumbers {
    type Item = PortNo;

    fn next(&mut self) -> Option<PortNo> {
        let port_no = self.order.get(self.next).copied()?;
        self.next += 1;
        Some(port_no)
    }
}
