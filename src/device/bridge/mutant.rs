//! Where planted faults act in a bridge (feature `proptest`).
//! What the faults are is in `engine`.

use super::fdb::FdbFlags;
use super::{Bridge, Decision, Forward, PortState};
use crate::engine::Mutant;
use crate::units::{DevId, MacAddr, SimTime};

impl Bridge {
    /// A decision as the fault makes it.
    #[cold]
    pub(super) fn decide_wrongly(
        &mut self,
        now: SimTime,
        mutant: Mutant,
        (from, source): (DevId, MacAddr),
        decision: Decision,
        out: &mut Vec<DevId>,
    ) -> Decision {
        match (mutant, decision.forward) {
            (Mutant::LearnFromEgress, Forward::Flood { .. }) => {
                self.learn_at(now, out.first().copied(), source);
            }
            (Mutant::LearnFromEgress, Forward::Unicast { to, .. }) => {
                self.learn_at(now, Some(to), source);
            }
            (Mutant::FloodBack, Forward::Flood { .. }) => out.push(from),
            (Mutant::FloodMisses, Forward::Flood { .. }) if out.len() > 1 => {
                out.pop();
            }
            (Mutant::FloodBlocked, Forward::Flood { .. }) => self.add_blocked(out),
            (Mutant::FloodBlocked, Forward::Local) => {
                out.clear();
                self.add_blocked(out);
                let forward = Forward::Flood { local: true };
                return Decision {
                    forward,
                    ..decision
                };
            }
            _ => {}
        }
        decision
    }

    fn add_blocked(&self, out: &mut Vec<DevId>) {
        let blocked = self
            .ports()
            .filter(|port| port.state == PortState::Blocking);
        out.extend(blocked.map(|port| port.dev));
    }

    fn learn_at(&mut self, now: SimTime, port: Option<DevId>, source: MacAddr) {
        let port_no = port
            .and_then(|dev| self.port_of(dev))
            .map(|port| port.port_no);
        if let Some(port_no) = port_no {
            self.learn(now, port_no, source, 0, FdbFlags::NONE);
        }
    }
}
