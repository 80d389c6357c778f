//! The spanning tree: who is root, which segments this bridge serves, and what its ports do (net/bridge/br_stp.c).
//! What is sent for it is in `stp_message`.

use crate::units::SimTime;

use super::port::{Port, PortFlags, PortNo, PortState};
use super::stp::StpState;
use super::ticks::Ticks;
use super::{Action, Bridge};

impl Bridge {
    /// Whether `port` should replace `best` as the way to the root (`br_should_become_root_port`).
    pub(super) fn beats_root_port(&self, port: &Port, best: Option<&Port>) -> bool {
        let own = self.stp.bridge_id();
        if port.state == PortState::Disabled
            || port.is_designated(own)
            || own <= port.designated_root
        {
            return false;
        }
        let rank = |p: &Port| {
            (
                p.designated_root,
                p.designated_cost.saturating_add(p.path_cost),
                p.designated_bridge,
                p.designated_port,
                p.port_id(),
            )
        };
        best.is_none_or(|best| rank(port) < rank(best))
    }

    /// Finds the root port (`br_root_selection`).
    pub(super) fn select_root(&mut self, now: SimTime) {
        let mut best = 0;
        for port_no in self.port_numbers() {
            let Some(port) = self.port_at(port_no) else {
                continue;
            };
            if !self.beats_root_port(port, self.port_at(best)) {
                continue;
            }
            if port.flags.has(PortFlags::ROOT_BLOCK) {
                self.block_root_port(now, port_no);
            } else {
                best = port_no;
            }
        }
        self.stp.root_port = best;
        (self.stp.designated_root, self.stp.root_path_cost) = match self.port_at(best) {
            None => (self.stp.bridge_id(), 0),
            Some(port) => (
                port.designated_root,
                port.designated_cost.saturating_add(port.path_cost),
            ),
        };
    }

    /// A guarded port heard of a better root: it listens (`br_root_port_block`).
    pub(super) fn block_root_port(&mut self, now: SimTime, port_no: PortNo) {
        let delay = self.stp.forward_delay;
        self.set_state(port_no, PortState::Listening);
        if let Some(port) = self.port_mut(port_no)
            && delay > Ticks::ZERO
        {
            port.timers.forward_delay = Some(now + delay.duration());
        }
    }

    /// Whether this bridge should serve the port's segment (`br_should_become_designated_port`).
    pub(super) fn should_be_designated(&self, port: &Port) -> bool {
        let own = self.stp.bridge_id();
        if port.is_designated(own) || port.designated_root != self.stp.designated_root {
            return true;
        }
        (self.stp.root_path_cost, own, port.port_id())
            < (
                port.designated_cost,
                port.designated_bridge,
                port.designated_port,
            )
    }

    /// Makes a port the one that serves its segment (`br_become_designated_port`).
    pub(super) fn become_designated(&mut self, port_no: PortNo) {
        let (root, cost, own) = (
            self.stp.designated_root,
            self.stp.root_path_cost,
            self.stp.bridge_id(),
        );
        if let Some(port) = self.port_mut(port_no) {
            port.designated_root = root;
            port.designated_cost = cost;
            port.designated_bridge = own;
            port.designated_port = port.port_id();
        }
    }

    /// Decides anew who is root, and which segments this bridge serves (`br_configuration_update`).
    pub(super) fn configuration_update(&mut self, now: SimTime) {
        self.select_root(now);
        for port_no in self.port_numbers() {
            let serves = self.port_at(port_no).is_some_and(|port| {
                port.state != PortState::Disabled && self.should_be_designated(port)
            });
            if serves {
                self.become_designated(port_no);
            }
        }
    }

    /// Puts every port into the state that its role asks for, and tells the carrier
    /// (`br_port_state_selection`).
    pub(super) fn select_port_states(&mut self, now: SimTime) {
        let own = self.stp.bridge_id();
        let mut live = false;
        for port_no in self.port_numbers() {
            let Some(port) = self.port_mut(port_no) else {
                continue;
            };
            if port.state == PortState::Disabled {
                continue;
            }
            let designated = port.is_designated(own);
            if port_no == self.stp.root_port {
                self.hold_nothing(port_no);
                self.make_forwarding(now, port_no);
            } else if designated {
                if let Some(port) = self.port_mut(port_no) {
                    port.timers.message_age = None;
                }
                self.make_forwarding(now, port_no);
            } else {
                self.hold_nothing(port_no);
                self.make_blocking(now, port_no);
            }
            live |= self
                .port_at(port_no)
                .is_some_and(|p| p.state == PortState::Forwarding);
        }
        self.set_carrier(live);
    }

    /// Forgets what waits to be sent on a port that does not serve its segment.
    pub(super) fn hold_nothing(&mut self, port_no: PortNo) {
        if let Some(port) = self.port_mut(port_no) {
            port.config_pending = false;
            port.topology_change_ack = false;
        }
    }

    /// `br_make_blocking`.
    pub(super) fn make_blocking(&mut self, now: SimTime, port_no: PortNo) {
        let Some(state) = self.port_at(port_no).map(|port| port.state) else {
            return;
        };
        if matches!(state, PortState::Disabled | PortState::Blocking) {
            return;
        }
        if state.learns() {
            self.detect_topology_change(now);
        }
        self.set_state(port_no, PortState::Blocking);
        if let Some(port) = self.port_mut(port_no) {
            port.timers.forward_delay = None;
        }
    }

    /// `br_make_forwarding`. Without the protocol the port forwards at once; its
    /// forward delay timer runs all the same, as in the kernel, and does nothing.
    pub(super) fn make_forwarding(&mut self, now: SimTime, port_no: PortNo) {
        if self
            .port_at(port_no)
            .is_none_or(|port| port.state != PortState::Blocking)
        {
            return;
        }
        let delay = self.stp.forward_delay;
        if self.stp.state == StpState::Off || delay == Ticks::ZERO {
            self.set_state(port_no, PortState::Forwarding);
            self.detect_topology_change(now);
        } else {
            self.set_state(port_no, PortState::Listening);
        }
        self.start_asking(now, Some(port_no));
        if let Some(port) = self.port_mut(port_no) {
            port.timers.forward_delay = (delay != Ticks::ZERO).then(|| now + delay.duration());
        }
    }

    /// Changes the state of a port, and notes it (`br_set_state`).
    pub(super) fn set_state(&mut self, port_no: PortNo, state: PortState) {
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        if port.state == state {
            return;
        }
        port.state = state;
        let dev = port.dev;
        self.actions.push(Action::PortState { dev, state });
    }

    /// The bridge won the election (`br_become_root_bridge`).
    pub(super) fn become_root(&mut self, now: SimTime) {
        let stp = &mut self.stp;
        stp.max_age = stp.bridge_max_age;
        stp.hello_time = stp.bridge_hello_time;
        stp.forward_delay = stp.bridge_forward_delay;
        self.detect_topology_change(now);
        self.stp.timers.tcn = None;
        if self.up {
            self.send_configs(now);
            self.stp.timers.hello = Some(now + self.stp.hello_time.duration());
        }
    }
}
