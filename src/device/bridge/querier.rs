//! The bridge as a querier: when it asks who is a member of which group (br_multicast_send_query and its timers).
//! What a question looks like is decided where it is sent, since it carries addresses of the bridge device.

use crate::units::{Blank, Rare, SimTime};

use super::port::{PortNo, PortState};
use super::{Action, Bridge};

/// When a querier asks next, on one port or to the bridge's own host.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OwnQuery {
    /// Questions of the start that were asked.
    startup_sent: u32,
    /// When the next one is due.
    timer: Option<SimTime>,
}

/// The questions of IPv4 and of IPv6.
pub type OwnQueries = [OwnQuery; 2];

impl Blank for OwnQueries {
    const BLANK: Self = [OwnQuery {
        startup_sent: 0,
        timer: None,
    }; 2];
    const SHARED: &'static Self = &Self::BLANK;
}

impl Bridge {
    /// Whether it asks at all.
    fn asks(&self) -> bool {
        let mcast = &self.options.mcast;
        self.up && mcast.snooping && mcast.querier && !mcast.vlan_snooping
    }

    fn own_queries(&mut self, port: Option<PortNo>) -> Option<&mut OwnQueries> {
        match port {
            None => Some(&mut self.mdb.own),
            Some(port_no) => self.port_mut(port_no).map(|port| &mut *port.queries),
        }
    }

    /// Begins to ask, at once (`br_multicast_enable`).
    pub(super) fn start_asking(&mut self, now: SimTime, port: Option<PortNo>) {
        if !self.asks() {
            return;
        }
        if let Some(queries) = self.own_queries(port) {
            *queries = [OwnQuery {
                startup_sent: 0,
                timer: Some(now),
            }; 2];
            self.asked = true;
        }
    }

    /// Begins to ask everywhere (`br_multicast_start_querier`).
    pub(super) fn start_asking_all(&mut self, now: SimTime) {
        self.start_asking(now, None);
        for port_no in self.port_numbers() {
            let state = self.port_at(port_no).map(|port| port.state);
            if !matches!(
                state,
                Some(PortState::Disabled | PortState::Blocking) | None
            ) {
                self.start_asking(now, Some(port_no));
            }
        }
    }

    /// Asks no more on a port, or anywhere where none is given.
    pub(super) fn stop_asking(&mut self, port: Option<PortNo>) {
        match port {
            None => self.mdb.own = OwnQueries::default(),
            Some(port_no) => {
                if let Some(port) = self.port_mut(port_no) {
                    port.queries = Rare::default();
                }
            }
        }
    }

    /// When the next question is due.
    pub(super) fn next_query(&self) -> Option<SimTime> {
        // A large bridge that is no querier need not go through its ports.
        let ports = self.asked.then(|| self.ports());
        let of_ports = ports.into_iter().flatten().map(|port| &*port.queries);
        let all = of_ports.chain([&self.mdb.own]);
        all.flatten().filter_map(|query| query.timer).min()
    }

    /// Asks what is due by `now` (`br_multicast_port_query_expired`).
    pub(super) fn ask_due(&mut self, now: SimTime) {
        let ports = self.asked.then(|| self.port_numbers());
        let ports = ports.into_iter().flatten().map(Some);
        for port in std::iter::once(None).chain(ports) {
            for ipv6 in [false, true] {
                self.ask_if_due(now, port, ipv6);
            }
        }
    }

    fn ask_if_due(&mut self, now: SimTime, port: Option<PortNo>, ipv6: bool) {
        let asks = self.asks();
        let other = self.mdb.other_querier(ipv6).filter(|until| *until > now);
        let mcast = &self.options.mcast;
        let (count, startup, interval) = (
            mcast.startup_query_count,
            mcast.startup_query_interval,
            mcast.query_interval,
        );
        let Some(queries) = self.own_queries(port) else {
            return;
        };
        let query = &mut queries[usize::from(ipv6)];
        if query.timer.is_none_or(|at| at > now) {
            return;
        }
        if !asks || other.is_some() {
            // Where another querier falls silent, this one begins anew.
            *query = OwnQuery {
                startup_sent: 0,
                timer: other.filter(|_| asks),
            };
            return;
        }
        query.startup_sent = query.startup_sent.saturating_add(1).min(count);
        let wait = if query.startup_sent < count {
            startup
        } else {
            interval
        };
        query.timer = Some(now + wait.duration());
        let dev = match port {
            None => None,
            Some(port_no) => match self.port_at(port_no) {
                Some(port) => Some(port.dev),
                None => return,
            },
        };
        self.actions.push(Action::AskMembers { dev, ipv6 });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, bridge_of};
    use super::super::*;
    use std::time::Duration;

    fn asked(bridge: &mut Bridge, now: SimTime) -> usize {
        let actions = bridge.handle_timers(now);
        actions
            .iter()
            .filter(|action| matches!(action, Action::AskMembers { .. }))
            .count()
    }

    #[test]
    fn a_querier_asks_at_once_again_after_the_start_and_then_now_and_then() {
        let (mut bridge, _) = bridge_of(1);
        let on = BridgeChange {
            mcast_querier: Some(true),
            ..BridgeChange::default()
        };
        bridge.change(at(1), &on).unwrap();
        // IPv4 and IPv6, to the port and to the bridge's own host.
        assert_eq!(asked(&mut bridge, at(1)), 4);
        let second = at(1) + Duration::from_millis(31_248);
        assert_eq!(asked(&mut bridge, second), 4);
        assert_eq!(asked(&mut bridge, second + Duration::from_secs(124)), 0);
        assert_eq!(asked(&mut bridge, second + Duration::from_secs(125)), 4);
        let off = BridgeChange {
            mcast_querier: Some(false),
            ..BridgeChange::default()
        };
        bridge.change(at(200), &off).unwrap();
        assert_eq!(asked(&mut bridge, at(1000)), 0);
    }

    #[test]
    fn a_bridge_that_is_no_querier_asks_nothing() {
        let (mut bridge, _) = bridge_of(1);
        assert_eq!(asked(&mut bridge, at(100)), 0);
    }
}
