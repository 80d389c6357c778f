//! The spanning tree: configurations and notifications, sent and received (net/bridge/br_stp.c).
//! Nothing is sent here: what to send is noted as an action.

use crate::units::SimTime;
use crate::wire::{BpduConfig, BpduRepr};

use super::port::{Port, PortNo, PortState};
use super::stp::{BridgeId, StpState};
use super::ticks::{MESSAGE_AGE_INCREMENT, Ticks, rounded};
use super::{Action, Bridge};

impl Bridge {
    /// Sends a configuration on a port, or lets it wait for the hold timer (`br_transmit_config`).
    pub(super) fn transmit_config(&mut self, now: SimTime, port_no: PortNo) {
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        if port.timers.hold.is_some() {
            port.config_pending = true;
            return;
        }
        let (port_id, ack) = (port.port_id(), port.topology_change_ack);
        let message_age = match self.port_at(self.stp.root_port) {
            _ if self.stp.is_root() => Ticks::ZERO,
            None => Ticks::ZERO,
            Some(root) => {
                Ticks::from_duration(now - root.designated_since).plus(MESSAGE_AGE_INCREMENT)
            }
        };
        let stp = &self.stp;
        if message_age >= stp.max_age {
            return;
        }
        let config = BpduConfig {
            topology_change: stp.topology_change,
            topology_change_ack: ack,
            root: stp.designated_root.bytes(),
            root_path_cost: stp.root_path_cost,
            bridge: stp.bridge_id().bytes(),
            port: port_id,
            message_age: message_age.bpdu(),
            max_age: stp.max_age.bpdu(),
            hello_time: stp.hello_time.bpdu(),
            forward_delay: stp.forward_delay.bpdu(),
        };
        self.send_bpdu(port_no, &BpduRepr::Config(config));
        self.stp.ran = true;
        if let Some(port) = self.port_mut(port_no) {
            port.topology_change_ack = false;
            port.config_pending = false;
            port.timers.hold = Some(rounded(now, now + Ticks::from_secs(1).duration()));
        }
    }

    /// Notes a unit to be sent, if the kernel runs the protocol (`br_send_bpdu`).
    pub(super) fn send_bpdu(&mut self, port_no: PortNo, repr: &BpduRepr) {
        let Some(port) = self.port_at(port_no) else {
            return;
        };
        if self.stp.state != StpState::Kernel {
            return;
        }
        let frame = repr.frame(self.options.group_address.0, port.device.mac.0);
        let dev = port.dev;
        self.actions.push(Action::Transmit { dev, frame });
    }

    /// Sends configurations on all segments that this bridge serves (`br_config_bpdu_generation`).
    pub(super) fn send_configs(&mut self, now: SimTime) {
        let own = self.stp.bridge_id();
        for port_no in self.port_numbers() {
            if self
                .port_at(port_no)
                .is_some_and(|p| p.state != PortState::Disabled && p.is_designated(own))
            {
                self.transmit_config(now, port_no);
            }
        }
    }

    /// Tells the root, or the tree where this is the root, that the topology
    /// changed (`br_topology_change_detection`).
    pub(super) fn detect_topology_change(&mut self, now: SimTime) {
        if self.stp.state != StpState::Kernel {
            return;
        }
        let stp = &mut self.stp;
        if stp.is_root() {
            let span = stp.bridge_forward_delay.plus(stp.bridge_max_age);
            stp.timers.topology_change = Some(now + span.duration());
            self.set_topology_change(true);
        } else if !stp.topology_change_detected {
            stp.timers.tcn = Some(now + stp.bridge_hello_time.duration());
            self.transmit_tcn();
        }
        self.stp.topology_change_detected = true;
    }

    /// Sends a notification towards the root (`br_transmit_tcn`).
    pub(super) fn transmit_tcn(&mut self) {
        self.send_bpdu(self.stp.root_port, &BpduRepr::Tcn);
    }

    /// While the topology changes, entries age faster (`__br_set_topology_change`).
    pub(super) fn set_topology_change(&mut self, changes: bool) {
        let stp = &mut self.stp;
        if stp.state == StpState::Kernel && stp.topology_change != changes {
            stp.ageing_time = if changes {
                stp.forward_delay.plus(stp.forward_delay)
            } else {
                stp.bridge_ageing_time
            };
        }
        stp.topology_change = changes;
    }

    /// Whether a configuration is better than what the port knows (`br_supersedes_port_info`).
    pub(super) fn supersedes(&self, port: &Port, bpdu: &BpduConfig) -> bool {
        let bridge = BridgeId::from_bytes(bpdu.bridge);
        let told = (BridgeId::from_bytes(bpdu.root), bpdu.root_path_cost, bridge);
        let known = (
            port.designated_root,
            port.designated_cost,
            port.designated_bridge,
        );
        if told != known {
            return told < known;
        }
        bridge != self.stp.bridge_id() || bpdu.port <= port.designated_port
    }

    /// Takes a configuration in (`br_received_config_bpdu`).
    pub(super) fn received_config(&mut self, now: SimTime, port_no: PortNo, bpdu: &BpduConfig) {
        let Some(port) = self.port_at(port_no) else {
            return;
        };
        let was_root = self.stp.is_root();
        if !self.supersedes(port, bpdu) {
            if port.is_designated(self.stp.bridge_id()) {
                self.transmit_config(now, port_no);
            }
            return;
        }
        self.record_config(now, port_no, bpdu);
        self.configuration_update(now);
        self.select_port_states(now);
        if was_root && !self.stp.is_root() {
            self.lost_the_root(now);
        }
        if port_no == self.stp.root_port {
            self.record_timeouts(bpdu);
            self.send_configs(now);
            if bpdu.topology_change_ack {
                self.stp.topology_change_detected = false;
                self.stp.timers.tcn = None;
            }
        }
    }

    /// `br_record_config_information`.
    pub(super) fn record_config(&mut self, now: SimTime, port_no: PortNo, bpdu: &BpduConfig) {
        let age = Ticks::from_bpdu(bpdu.message_age);
        let left = Ticks::from_bpdu(bpdu.max_age).minus(age);
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        port.designated_root = BridgeId::from_bytes(bpdu.root);
        port.designated_cost = bpdu.root_path_cost;
        port.designated_bridge = BridgeId::from_bytes(bpdu.bridge);
        port.designated_port = bpdu.port;
        port.designated_since = SimTime::from_nanos(
            (now - SimTime::ZERO)
                .saturating_sub(age.duration())
                .as_nanos() as u64,
        );
        port.timers.message_age = Some(now + left.duration());
    }

    /// The root's values are in force (`br_record_config_timeout_values`).
    pub(super) fn record_timeouts(&mut self, bpdu: &BpduConfig) {
        self.stp.max_age = Ticks::from_bpdu(bpdu.max_age);
        self.stp.hello_time = Ticks::from_bpdu(bpdu.hello_time);
        self.stp.forward_delay = Ticks::from_bpdu(bpdu.forward_delay);
        self.set_topology_change(bpdu.topology_change);
    }

    /// Another bridge won: what was to be told to the tree is told to it.
    pub(super) fn lost_the_root(&mut self, now: SimTime) {
        self.stp.timers.hello = None;
        if self.stp.topology_change_detected {
            self.stp.timers.topology_change = None;
            self.transmit_tcn();
            self.stp.timers.tcn = Some(now + self.stp.bridge_hello_time.duration());
        }
    }

    /// Takes a notification in and acknowledges it (`br_received_tcn_bpdu`).
    pub(super) fn received_tcn(&mut self, now: SimTime, port_no: PortNo) {
        let own = self.stp.bridge_id();
        if !self
            .port_at(port_no)
            .is_some_and(|port| port.is_designated(own))
        {
            return;
        }
        self.detect_topology_change(now);
        if let Some(port) = self.port_mut(port_no) {
            port.topology_change_ack = true;
        }
        self.transmit_config(now, port_no);
    }
}
