//! The spanning tree: ports and bridge come and go, and the bridge gets its address (net/bridge/br_stp_if.c).
//! What follows for the roles of ports is in `stp_roles`.

use crate::units::{MacAddr, SimTime};

use super::port::{PortNo, PortState};
use super::stp::{BridgeTimers, PortTimers, StpState};
use super::{Action, Bridge};

impl Bridge {
    /// Takes part with a port (`br_stp_enable_port`).
    pub(super) fn enable_port(&mut self, now: SimTime, port_no: PortNo) {
        self.init_port(port_no);
        if self.stp.state == StpState::Off {
            // Nothing changes for the other ports: no need to go through them all.
            self.make_forwarding(now, port_no);
            return self.set_carrier(true);
        }
        self.select_port_states(now);
    }

    /// `br_init_port`.
    pub(super) fn init_port(&mut self, port_no: PortNo) {
        self.become_designated(port_no);
        self.set_state(port_no, PortState::Blocking);
        self.hold_nothing(port_no);
    }

    /// Takes no more part with a port (`br_stp_disable_port`).
    pub(super) fn disable_port(&mut self, now: SimTime, port_no: PortNo) {
        let was_root = self.stp.is_root();
        self.become_designated(port_no);
        self.set_state(port_no, PortState::Disabled);
        self.hold_nothing(port_no);
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        port.timers = PortTimers::default();
        if port.backup.is_none() {
            self.fdb_delete_by_port(port_no, false);
        }
        self.mdb_disable_port(port_no);
        self.settle(now, was_root);
    }

    /// Decides everything anew, and takes the root's part where it was won.
    pub(super) fn settle(&mut self, now: SimTime, was_root: bool) {
        self.configuration_update(now);
        self.select_port_states(now);
        if self.stp.is_root() && !was_root {
            self.become_root(now);
        }
    }

    /// The bridge device comes up (`br_stp_enable_bridge`).
    pub(super) fn enable_bridge(&mut self, now: SimTime) {
        if self.stp.state == StpState::Kernel {
            self.stp.timers.hello = Some(now + self.stp.hello_time.duration());
        }
        self.stp.timers.gc = Some(now + std::time::Duration::from_millis(100));
        self.send_configs(now);
        for port_no in self.port_numbers() {
            if self.port_at(port_no).is_some_and(|port| port.device.runs()) {
                self.enable_port(now, port_no);
            }
        }
    }

    /// The bridge device goes down (`br_stp_disable_bridge`).
    pub(super) fn disable_bridge(&mut self, now: SimTime) {
        for port_no in self.port_numbers() {
            if self
                .port_at(port_no)
                .is_some_and(|port| port.state != PortState::Disabled)
            {
                self.disable_port(now, port_no);
            }
        }
        self.set_topology_change(false);
        self.stp.topology_change_detected = false;
        self.stp.timers = BridgeTimers::default();
    }

    /// Gives the bridge another address, in its id and in all that names it
    /// (`br_stp_change_bridge_id`).
    pub(super) fn change_bridge_mac(&mut self, now: SimTime, mac: MacAddr) {
        let was_root = self.stp.is_root();
        self.fdb_change_own_mac(now, mac);
        let old = self.stp.mac;
        self.stp.mac = mac;
        if self.mac != mac {
            self.mac = mac;
            self.actions.push(Action::Address(mac));
        }
        for port in self.ports_mut() {
            for id in [&mut port.designated_bridge, &mut port.designated_root] {
                if id.mac == old {
                    id.mac = mac;
                }
            }
        }
        self.settle(now, was_root);
    }

    /// Follows the lowest address of a port, unless a user chose one; zero where
    /// there is no port (`br_stp_recalculate_bridge_id`).
    pub(super) fn recalculate_mac(&mut self, now: SimTime) {
        if self.mac_set_by_user {
            return;
        }
        let mac = self
            .ports()
            .map(|port| port.device.mac)
            .min()
            .unwrap_or(MacAddr::ZERO);
        if self.stp.mac != mac {
            self.change_bridge_mac(now, mac);
        }
    }

    /// Whether some segment is served by this bridge (`br_is_designated_for_some_port`).
    pub(super) fn serves_some_port(&self) -> bool {
        let own = self.stp.bridge_id();
        self.ports()
            .any(|p| p.state != PortState::Disabled && p.designated_bridge == own)
    }
}
