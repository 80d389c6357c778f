//! The spanning tree protocol as the kernel runs it (802.1D-1998, clause 8; net/bridge/br_stp.c).
//! Its timers are in `stp_timer`; nothing is sent here: what to send is noted as an [`Action`].

use std::fmt;

use crate::units::{DevId, MacAddr, SimTime};
use crate::wire::{BpduConfig, BpduRepr};

use super::port::{Port, PortFlags, PortNo, PortState};
use super::ticks::{MESSAGE_AGE_INCREMENT, Ticks, rounded};
use super::{Action, Bridge};

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

impl Bridge {
    /// Whether `port` should replace `best` as the way to the root (`br_should_become_root_port`).
    fn beats_root_port(&self, port: &Port, best: Option<&Port>) -> bool {
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
    fn select_root(&mut self, now: SimTime) {
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
    fn block_root_port(&mut self, now: SimTime, port_no: PortNo) {
        let delay = self.stp.forward_delay;
        self.set_state(port_no, PortState::Listening);
        if let Some(port) = self.port_mut(port_no)
            && delay > Ticks::ZERO
        {
            port.timers.forward_delay = Some(now + delay.duration());
        }
    }

    /// Whether this bridge should serve the port's segment (`br_should_become_designated_port`).
    fn should_be_designated(&self, port: &Port) -> bool {
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
    fn hold_nothing(&mut self, port_no: PortNo) {
        if let Some(port) = self.port_mut(port_no) {
            port.config_pending = false;
            port.topology_change_ack = false;
        }
    }

    /// `br_make_blocking`.
    fn make_blocking(&mut self, now: SimTime, port_no: PortNo) {
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
    fn make_forwarding(&mut self, now: SimTime, port_no: PortNo) {
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
        if let Some(port) = self.port_mut(port_no) {
            port.topology_change_ack = false;
            port.config_pending = false;
            port.timers.hold = Some(rounded(now, now + Ticks::from_secs(1).duration()));
        }
    }

    /// Notes a unit to be sent, if the kernel runs the protocol (`br_send_bpdu`).
    fn send_bpdu(&mut self, port_no: PortNo, repr: &BpduRepr) {
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
    fn supersedes(&self, port: &Port, bpdu: &BpduConfig) -> bool {
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
    fn record_config(&mut self, now: SimTime, port_no: PortNo, bpdu: &BpduConfig) {
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
    fn record_timeouts(&mut self, bpdu: &BpduConfig) {
        self.stp.max_age = Ticks::from_bpdu(bpdu.max_age);
        self.stp.hello_time = Ticks::from_bpdu(bpdu.hello_time);
        self.stp.forward_delay = Ticks::from_bpdu(bpdu.forward_delay);
        self.set_topology_change(bpdu.topology_change);
    }

    /// Another bridge won: what was to be told to the tree is told to it.
    fn lost_the_root(&mut self, now: SimTime) {
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

    /// Takes part with a port (`br_stp_enable_port`).
    pub(super) fn enable_port(&mut self, now: SimTime, port_no: PortNo) {
        self.init_port(port_no);
        self.select_port_states(now);
    }

    /// `br_init_port`.
    fn init_port(&mut self, port_no: PortNo) {
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
