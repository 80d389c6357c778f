//! The timers of the spanning tree as deadlines, and the door for BPDUs (net/bridge/br_stp_timer.c, br_stp_bpdu.c).
//! The rules that they set off are in `stp`.

use crate::units::{DevId, MacAddr, SimTime};
use crate::wire::{BPDU_LLC, BpduPacket, BpduRepr};

use super::port::{PortFlags, PortNo, PortState};
use super::stp::{BpduFate, StpState};
use super::ticks::{Ticks, rounded};
use super::{Action, Bridge};

/// One timer of a bridge, in the order in which those of one instant act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Hello,
    Tcn,
    TopologyChange,
    MessageAge(PortNo),
    ForwardDelay(PortNo),
    Hold(PortNo),
    MulticastGroups,
    Queries,
    Gc,
}

impl Bridge {
    /// When [`Bridge::handle_timers`] has something to do.
    pub fn next_timer(&self) -> Option<SimTime> {
        self.due().map(|(at, _)| at)
    }

    /// The timer that ends first.
    fn due(&self) -> Option<(SimTime, Timer)> {
        let timers = &self.stp.timers;
        let of_bridge = [
            (timers.hello, Timer::Hello),
            (timers.tcn, Timer::Tcn),
            (timers.topology_change, Timer::TopologyChange),
            (timers.gc, Timer::Gc),
            (self.mdb_next_timer(), Timer::MulticastGroups),
            (self.next_query(), Timer::Queries),
        ];
        // A large bridge without the protocol need not go through them all.
        let ports = self.stp.ran.then(|| self.ports());
        let of_ports = ports.into_iter().flatten().flat_map(|port| {
            let timers = port.timers;
            // While a port forwards, its forward delay only shows: it sets nothing off.
            let waits = matches!(port.state, PortState::Listening | PortState::Learning);
            [
                (timers.message_age, Timer::MessageAge(port.port_no)),
                (
                    timers.forward_delay.filter(|_| waits),
                    Timer::ForwardDelay(port.port_no),
                ),
                (timers.hold, Timer::Hold(port.port_no)),
            ]
        });
        of_bridge
            .into_iter()
            .chain(of_ports)
            .filter_map(|(at, timer)| Some((at?, timer)))
            .min()
    }

    /// Lets all timers act that have ended by `now`, and gives what is to be done.
    pub fn handle_timers(&mut self, now: SimTime) -> Vec<Action> {
        self.expire_timers(now);
        self.take_actions()
    }

    /// The same, and leaves what is to be done for [`Bridge::take_actions`].
    pub fn expire_timers(&mut self, now: SimTime) {
        while let Some((at, timer)) = self.due()
            && at <= now
        {
            self.expire(now, timer);
        }
    }

    fn expire(&mut self, now: SimTime, timer: Timer) {
        match timer {
            Timer::Hello => self.hello_expired(now),
            Timer::Tcn => self.tcn_expired(now),
            Timer::TopologyChange => self.topology_change_expired(),
            Timer::MessageAge(port_no) => self.message_age_expired(now, port_no),
            Timer::ForwardDelay(port_no) => self.forward_delay_expired(now, port_no),
            Timer::Hold(port_no) => self.hold_expired(now, port_no),
            Timer::MulticastGroups => self.mdb_expire(now),
            Timer::Queries => self.ask_due(now),
            Timer::Gc => self.gc(now),
        }
    }

    /// `br_hello_timer_expired`.
    fn hello_expired(&mut self, now: SimTime) {
        self.stp.timers.hello = None;
        if !self.up {
            return;
        }
        self.send_configs(now);
        if self.stp.state == StpState::Kernel {
            let next = now + self.stp.hello_time.duration();
            self.stp.timers.hello = Some(rounded(now, next));
        }
    }

    /// `br_tcn_timer_expired`.
    fn tcn_expired(&mut self, now: SimTime) {
        self.stp.timers.tcn = None;
        if !self.stp.is_root() && self.up {
            self.transmit_tcn();
            self.stp.timers.tcn = Some(now + self.stp.bridge_hello_time.duration());
        }
    }

    /// `br_topology_change_timer_expired`.
    fn topology_change_expired(&mut self) {
        self.stp.timers.topology_change = None;
        self.stp.topology_change_detected = false;
        self.set_topology_change(false);
    }

    /// The designated bridge of a segment has fallen silent (`br_message_age_timer_expired`).
    fn message_age_expired(&mut self, now: SimTime, port_no: PortNo) {
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        port.timers.message_age = None;
        if port.state == PortState::Disabled {
            return;
        }
        let was_root = self.stp.is_root();
        self.become_designated(port_no);
        self.settle(now, was_root);
    }

    /// One state on (`br_forward_delay_timer_expired`).
    fn forward_delay_expired(&mut self, now: SimTime, port_no: PortNo) {
        let delay = self.stp.forward_delay;
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        port.timers.forward_delay = None;
        match port.state {
            PortState::Listening => {
                port.timers.forward_delay = Some(now + delay.duration());
                self.set_state(port_no, PortState::Learning);
            }
            PortState::Learning => {
                self.set_state(port_no, PortState::Forwarding);
                if self.serves_some_port() {
                    self.detect_topology_change(now);
                }
                self.set_carrier(true);
            }
            PortState::Disabled | PortState::Blocking | PortState::Forwarding => {}
        }
    }

    /// `br_hold_timer_expired`.
    fn hold_expired(&mut self, now: SimTime, port_no: PortNo) {
        let Some(port) = self.port_mut(port_no) else {
            return;
        };
        port.timers.hold = None;
        if port.config_pending {
            self.transmit_config(now, port_no);
        }
    }

    /// Takes in a frame to the bridge group (`br_stp_rcv`): `llc` is what follows the
    /// Ethernet header. What is to be done is left for [`Bridge::take_actions`].
    pub fn receive_bpdu(
        &mut self,
        now: SimTime,
        dev: DevId,
        destination: MacAddr,
        llc: &[u8],
    ) -> BpduFate {
        let Some(unit) = llc.strip_prefix(&BPDU_LLC[..]) else {
            return BpduFate::Ignored;
        };
        let Some(port) = self.port_no(dev).and_then(|port_no| self.port_at(port_no)) else {
            return BpduFate::Ignored;
        };
        let port_no = port.port_no;
        if self.stp.state != StpState::Kernel
            || !self.up
            || port.state == PortState::Disabled
            || destination != self.options.group_address
        {
            return BpduFate::Ignored;
        }
        if port.flags.has(PortFlags::GUARD) {
            self.disable_port(now, port_no);
            return BpduFate::Guarded(dev);
        }
        let Ok(repr) = BpduPacket::new_checked(unit).and_then(|packet| BpduRepr::parse(&packet))
        else {
            return BpduFate::Ignored;
        };
        match repr {
            BpduRepr::Config(config) if config.message_age > config.max_age => {
                return BpduFate::Ignored;
            }
            BpduRepr::Config(config) => self.received_config(now, port_no, &config),
            BpduRepr::Tcn => self.received_tcn(now, port_no),
        }
        BpduFate::Taken
    }

    /// Timers in hundredths of a second: hello, tcn, topology change, gc.
    pub fn timer_clocks(&self, now: SimTime) -> [u64; 4] {
        let timers = &self.stp.timers;
        [timers.hello, timers.tcn, timers.topology_change, timers.gc]
            .map(|at| Ticks::timer_clock(at, now))
    }
}
