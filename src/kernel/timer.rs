//! Deadlines of the things that have some, as events of the queue.
//! A timer that fires early does nothing but ask for its deadline again.

use std::time::Duration;

use crate::kernel::world::{Event, World};
use crate::units::{DevId, NetnsId, SimTime, TcpId};

/// Whose deadline has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Timer {
    /// Changes of carriers wait to be told.
    Linkwatch,
    /// The lifetime of an IPv4 address.
    Addresses(DevId),
    /// Addresses, groups and solicitations of IPv6 on a device.
    Inet6(DevId),
    /// Groups of IPv4 on a device.
    Igmp(DevId),
    /// Neighbours of IPv4.
    Neigh4(NetnsId),
    /// Neighbours of IPv6.
    Neigh6(NetnsId),
    /// Fragments of IPv4 that wait.
    Reassembly4(NetnsId),
    /// Fragments of IPv6 that wait.
    Reassembly6(NetnsId),
    /// Routes of IPv6 that expire.
    Routes6(NetnsId),
    /// Frames that wait in the qdisc of a device.
    Qdisc(DevId),
    /// Ageing and the spanning tree of a bridge.
    Bridge(DevId),
    /// A TCP connection.
    Tcp(NetnsId, TcpId),
    /// Ageing of a VXLAN device.
    Vxlan(DevId),
}

/// The granularity of the timer wheel for waits of about a second, at 250 Hz.
const GRANULE_NS: u64 = 32_000_000;

/// When a timer of a second or so fires: at the end of its granule of the wheel, never early
/// (`calc_index`). Questions to a neighbour that is silent so take a little longer than a
/// second each, and `ping` has sent its next packet before.
fn on_wheel(now: SimTime, at: SimTime) -> SimTime {
    if at.since(now) < Duration::from_millis(256) {
        return at.max(now);
    }
    let granules = at.as_nanos() / GRANULE_NS + 1;
    SimTime::from_nanos(granules.saturating_mul(GRANULE_NS))
}

impl World {
    /// Sees to it that `timer` is looked at, at the latest, at `at`.
    pub(crate) fn arm(&mut self, at: SimTime, timer: Timer) {
        if at == SimTime::NEVER {
            return;
        }
        let at = match timer {
            Timer::Neigh4(_) | Timer::Neigh6(_) => on_wheel(self.now, at),
            _ => at.max(self.now),
        };
        match self.armed.get_mut(&timer) {
            Some(armed) if *armed <= at => return,
            Some(armed) => *armed = at,
            None => {
                self.armed.insert(timer, at);
            }
        }
        self.schedule(at, Event::Timer(timer));
    }

    /// A deadline that was put off leaves its first event behind: that one is passed over.
    pub(crate) fn handle_timer(&mut self, timer: Timer) {
        if self.armed.get(&timer).is_none_or(|&at| at > self.now) {
            return;
        }
        self.armed.remove(&timer);
        match timer {
            Timer::Linkwatch => self.run_linkwatch(),
            Timer::Addresses(dev) => self.run_address_timer(dev),
            Timer::Inet6(dev) => self.run_inet6_timers(dev),
            Timer::Igmp(dev) => self.run_igmp_timers(dev),
            Timer::Neigh4(netns) => self.run_neigh4_timers(netns),
            Timer::Neigh6(netns) => self.run_neigh6_timers(netns),
            Timer::Reassembly4(netns) => self.run_reassembly4(netns),
            Timer::Reassembly6(netns) => self.run_reassembly6(netns),
            Timer::Routes6(netns) => self.run_routes6(netns),
            Timer::Qdisc(dev) => self.run_qdisc(dev),
            Timer::Bridge(dev) => self.run_bridge_timers(dev),
            Timer::Tcp(netns, stream) => self.run_stream_timers(netns, stream),
            Timer::Vxlan(dev) => self.run_vxlan_timer(dev),
        }
    }
}
