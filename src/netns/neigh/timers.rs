//! Time in the neighbour table: questions, their repetition, ageing, and making room.
//! It keeps an index of deadlines, so that nothing scans the table to find the next one.

use std::time::Duration;

use super::state::{NeighAddr, NeighFlags, Nud};
use super::table::{Action, Entry, Key, NeighTable, Resolution, Waiting, instant, moment, span};
use crate::engine::trace::DropReason;
use crate::units::{MacAddr, SimTime};

/// How often the reachable times are drawn anew (`neigh_periodic_work`).
const REDRAW_EVERY: Duration = Duration::from_secs(300);
/// How old a change must be before the entry may make room for another
/// (`neigh_forced_gc`), and how long the table rests between two such sweeps.
const FORCED_GC_AGE: Duration = Duration::from_secs(5);
/// A timer never runs sooner than this (`HZ / 100`).
const SHORTEST: Duration = Duration::from_millis(10);

impl<A: NeighAddr, P: Waiting<A>> NeighTable<A, P> {
    /// When [`NeighTable::handle_timers`] is to be called next.
    pub fn next_timer(&self) -> Option<SimTime> {
        let entry = self.kept.deadlines.first().map(|(at, _)| *at);
        let wanted = [
            entry,
            self.kept.proxied.next_timer(),
            self.kept.managed_at,
            self.collect_at(),
        ];
        wanted.into_iter().flatten().min()
    }

    /// Does everything that is due at `now`. Every deadline moves into the future
    /// or goes, so that a loop of `next_timer` and `handle_timers` makes progress.
    pub fn handle_timers(&mut self, now: SimTime, out: &mut Vec<Action<A, P>>) {
        self.redraw_reachable_times(now);
        while let Some((at, key)) = self.kept.deadlines.first().copied() {
            if at > now {
                break;
            }
            self.kept.deadlines.pop_first();
            self.entry_timer(now, key, out);
        }
        self.refresh_managed(now, out);
        self.kept.proxied.handle_timers(now, out);
        self.collect(now, out);
    }

    /// Starts resolving where it is needed, and queues the packet (`__neigh_event_send`).
    pub(super) fn event_send(
        &mut self,
        now: SimTime,
        key: Key<A>,
        packet: Option<P>,
        immediate: bool,
        out: &mut Vec<Action<A, P>>,
    ) -> Resolution<P> {
        self.redraw_reachable_times(now);
        let params = self.params(Some(key.0));
        let asks = params.mcast_solicit.saturating_add(params.app_solicit);
        let (retransmit, delay) = (params.retransmit_after(), params.delay_probe_time);
        let (ucast, room) = (params.ucast_solicit, params.unres_qlen_bytes);
        let Some(entry) = self.kept.entries.get_mut(&key) else {
            return lost(packet, DropReason::NeighDead);
        };
        entry.used = moment(now);
        let mut ask = false;
        match entry.state {
            Nud::None | Nud::Failed if asks > 0 => {
                entry.probes = ucast;
                entry.state = Nud::Incomplete;
                entry.updated = moment(now);
                ask = immediate;
                let wait = if immediate { retransmit } else { SHORTEST };
                self.start_timer(key, now + wait);
            }
            Nud::None | Nud::Failed => {
                entry.state = Nud::Failed;
                entry.updated = moment(now);
                return lost(packet, DropReason::NeighFailed);
            }
            Nud::Stale => {
                entry.state = Nud::Delay;
                entry.updated = moment(now);
                self.start_timer(key, now + delay);
            }
            Nud::Incomplete
            | Nud::Reachable
            | Nud::Delay
            | Nud::Probe
            | Nud::Noarp
            | Nud::Permanent => {}
        }
        let Some(entry) = self.kept.entries.get_mut(&key) else {
            return lost(packet, DropReason::NeighDead);
        };
        let resolution = match packet {
            Some(packet) if entry.state == Nud::Incomplete => {
                enqueue(entry, key, packet, room, out);
                Resolution::Queued
            }
            Some(packet) => Resolution::Send(entry.mac, packet),
            None => Resolution::Queued,
        };
        if ask {
            self.solicit(key, out);
        }
        resolution
    }

    /// Starts the timer of a state that was entered (`neigh_add_timer`); a confirmation
    /// counts as a use then.
    pub(super) fn start_timer(&mut self, key: Key<A>, at: SimTime) {
        if let Some(entry) = self.kept.entries.get_mut(&key) {
            entry.used = entry.used.max(entry.confirmed);
        }
        self.restart_timer(key, at);
    }

    fn restart_timer(&mut self, key: Key<A>, at: SimTime) {
        self.stop_timer(key);
        if let Some(entry) = self.kept.entries.get_mut(&key) {
            entry.deadline = Some(at);
            self.kept.deadlines.insert((at, key));
        }
    }

    pub(super) fn stop_timer(&mut self, key: Key<A>) {
        let entry = self.kept.entries.get_mut(&key);
        if let Some(at) = entry.and_then(|entry| entry.deadline.take()) {
            self.kept.deadlines.remove(&(at, key));
        }
    }

    /// One entry's time is over (`neigh_timer_handler`).
    fn entry_timer(&mut self, now: SimTime, key: Key<A>, out: &mut Vec<Action<A, P>>) {
        let reachable_time = self.reachable_time(key.0);
        let params = self.params(Some(key.0));
        let (delay, retransmit) = (params.delay_probe_time, params.retransmit_after());
        let Some(entry) = self.kept.entries.get_mut(&key) else {
            return;
        };
        entry.deadline = None;
        let next = match entry.state {
            Nud::Reachable => reachable_is_over(entry, now, reachable_time, delay),
            Nud::Delay => delay_is_over(entry, now, reachable_time, delay, retransmit),
            Nud::Incomplete | Nud::Probe => Some(now + retransmit),
            Nud::None | Nud::Stale | Nud::Failed | Nud::Noarp | Nud::Permanent => None,
        };
        let asking = matches!(entry.state, Nud::Incomplete | Nud::Probe);
        if asking && self.is_given_up(key) {
            if let Some(entry) = self.kept.entries.get_mut(&key) {
                entry.state = Nud::Failed;
            }
            self.invalidate(now, key, out);
            return;
        }
        if let Some(next) = next {
            self.restart_timer(key, next.max(now + SHORTEST));
        }
        if asking {
            self.solicit(key, out);
        }
    }

    /// Whether all questions were asked in vain (`neigh_max_probes`).
    fn is_given_up(&self, key: Key<A>) -> bool {
        let params = self.params(Some(key.0));
        self.kept.entries.get(&key).is_some_and(|entry| {
            let groups = match entry.state {
                Nud::Probe => params.mcast_resolicit,
                _ => params.mcast_solicit,
            };
            let most = params.ucast_solicit.saturating_add(params.app_solicit);
            entry.probes >= most.saturating_add(groups)
        })
    }

    /// Reports what waited in vain (`neigh_invalidate`).
    pub(super) fn invalidate(&mut self, now: SimTime, key: Key<A>, out: &mut Vec<Action<A, P>>) {
        let Some(entry) = self.kept.entries.get_mut(&key) else {
            return;
        };
        entry.updated = moment(now);
        entry.queued_bytes = 0;
        let packets: Vec<P> = entry.queue.drain(..).collect();
        if !packets.is_empty() {
            out.push(Action::Unreachable {
                ifindex: key.0,
                addr: key.1,
                packets,
            });
        }
    }

    /// Asks once (`neigh_probe`, `arp_solicit`, `ndisc_solicit`): the known station
    /// first, then all of them.
    fn solicit(&mut self, key: Key<A>, out: &mut Vec<Action<A, P>>) {
        let params = self.params(Some(key.0));
        let (ucast, app) = (params.ucast_solicit, params.app_solicit);
        let Some(entry) = self.kept.entries.get_mut(&key) else {
            return;
        };
        let unicast = entry.probes < ucast;
        let by_daemon = !unicast && entry.probes - ucast < app;
        let unicast_to: Option<MacAddr> = (unicast && entry.state.is_valid()).then_some(entry.mac);
        entry.probes = entry.probes.saturating_add(1);
        if by_daemon {
            // An ARP daemon would be asked by netlink; there is none.
            return;
        }
        out.push(Action::Solicit {
            ifindex: key.0,
            addr: key.1,
            unicast_to,
            source: entry.queue.back().and_then(Waiting::source),
            cause: entry.queue.back().map_or(0, Waiting::station),
        });
    }

    pub(super) fn reachable_time(&self, ifindex: crate::units::IfIndex) -> Duration {
        self.port(ifindex)
            .map_or(Duration::ZERO, |p| Duration::from_nanos(p.reachable_ns))
    }

    /// `base_reachable_time` times a number from 0.5 to 1.5 (`neigh_rand_reach_time`).
    pub(super) fn draw_reachable_ns(&mut self, base: Duration) -> u64 {
        let nanos = u64::try_from(base.as_nanos()).unwrap_or(u64::MAX);
        let drawn = self.random.below_u64(nanos);
        drawn.saturating_add(nanos / 2)
    }

    /// Every 300 s. The kernel's sweep does it on time; here it happens when the
    /// table is next used, which nobody can see, and an idle table needs no timer.
    fn redraw_reachable_times(&mut self, now: SimTime) {
        let at = moment(now);
        if at.saturating_sub(self.last_random) <= span(REDRAW_EVERY) {
            return;
        }
        self.last_random = at;
        for index in 0..self.ports.len() {
            let base = match self.ports.get(index) {
                Some(port) => self.params(Some(port.ifindex)).base_reachable_time,
                None => continue,
            };
            let drawn = self.draw_reachable_ns(base);
            if let Some(port) = self.ports.get_mut(index) {
                port.reachable_ns = drawn;
            }
        }
    }

    /// Asks for managed entries again (`neigh_managed_work`).
    fn refresh_managed(&mut self, now: SimTime, out: &mut Vec<Action<A, P>>) {
        if self.kept.managed_at.is_none_or(|at| at > now) {
            return;
        }
        self.kept.managed_at = None;
        self.schedule_managed(now);
        for key in self.keys_where(|_, entry| entry.flags.has(NeighFlags::MANAGED)) {
            self.event_send(now, key, None, false, out);
        }
    }

    pub(super) fn schedule_managed(&mut self, now: SimTime) {
        if self.kept.managed > 0 && self.kept.managed_at.is_none() {
            let wait = self.default_params().interval_probe_time.max(SHORTEST);
            self.kept.managed_at = Some(now + wait);
        }
    }

    /// When old entries are to be collected: never while the table is small.
    fn collect_at(&self) -> Option<SimTime> {
        let busy =
            !self.kept.entries.is_empty() && self.kept.entries.len() >= self.kept.limits.gc_thresh1;
        busy.then_some(self.kept.collect_at)
    }

    /// Removes failed and unused entries of a table that is not small
    /// (`neigh_periodic_work`, every half `base_reachable_time`).
    fn collect(&mut self, now: SimTime, out: &mut Vec<Action<A, P>>) {
        if self.kept.collect_at > now {
            return;
        }
        let every = (self.default_params().base_reachable_time / 2).max(SHORTEST);
        self.kept.collect_at = now + every;
        if self.kept.entries.len() < self.kept.limits.gc_thresh1 {
            return;
        }
        let at = moment(now);
        for entry in self.kept.entries.values_mut() {
            entry.used = entry.used.max(entry.confirmed.min(at));
        }
        let old = self.keys_where(|key, entry| {
            let stale_time = span(self.params(Some(key.0)).gc_stale_time);
            let fixed = entry.state == Nud::Permanent
                || entry.state.in_timer()
                || entry.flags.has(NeighFlags::EXT_LEARNED);
            !fixed && (entry.state == Nud::Failed || at.saturating_sub(entry.used) >= stale_time)
        });
        for key in old {
            self.remove(key, out);
        }
    }

    /// Whether one more entry fits, after old ones made room where they could (`neigh_alloc`).
    pub(super) fn make_room(&mut self, now: SimTime, out: &mut Vec<Action<A, P>>) -> bool {
        let rested = moment(now).saturating_sub(self.kept.last_flush) > span(FORCED_GC_AGE);
        let full = self.kept.counted >= self.kept.limits.gc_thresh3;
        let crowded = self.kept.counted >= self.kept.limits.gc_thresh2 && rested;
        if full || crowded {
            let shrunk = self.collect_by_force(now, out);
            return shrunk > 0 || !full;
        }
        true
    }

    /// Removes what is of no use now, the oldest first (`neigh_forced_gc`).
    fn collect_by_force(&mut self, now: SimTime, out: &mut Vec<Action<A, P>>) -> usize {
        let at = moment(now);
        self.kept.last_flush = at;
        let most = self
            .kept
            .counted
            .saturating_sub(self.kept.limits.gc_thresh2)
            .max(1);
        let is_useless = |key: &Key<A>, entry: &Entry<P>| {
            let idle = entry.counted && !entry.state.in_timer();
            let old = at.saturating_sub(entry.updated) > span(FORCED_GC_AGE);
            let simple = matches!(entry.state, Nud::Failed | Nud::Noarp);
            idle && (simple || old || key.1.group_mac().is_some())
        };
        let useless = self.kept.entries.iter().filter(|(k, e)| is_useless(k, e));
        let mut oldest: Vec<_> = useless.map(|(key, entry)| (entry.serial, *key)).collect();
        oldest.sort_unstable();
        oldest.truncate(most);
        for (_, key) in &oldest {
            self.remove(*key, out);
        }
        oldest.len()
    }
}

/// What becomes of a reachable neighbour that was not confirmed for long.
fn reachable_is_over<P>(
    entry: &mut Entry<P>,
    now: SimTime,
    reachable_time: Duration,
    delay: Duration,
) -> Option<SimTime> {
    let at = moment(now);
    let trusted_until = entry.confirmed.saturating_add(span(reachable_time));
    if at < trusted_until {
        return Some(instant(trusted_until));
    }
    entry.updated = at;
    if at <= entry.used.saturating_add(span(delay)) {
        entry.state = Nud::Delay;
        return Some(now + delay);
    }
    entry.state = Nud::Stale;
    None
}

/// What becomes of a suspected neighbour: confirmed meanwhile, or to be asked.
fn delay_is_over<P>(
    entry: &mut Entry<P>,
    now: SimTime,
    reachable_time: Duration,
    delay: Duration,
    retransmit: Duration,
) -> Option<SimTime> {
    let at = moment(now);
    entry.updated = at;
    if at <= entry.confirmed.saturating_add(span(delay)) {
        entry.state = Nud::Reachable;
        return Some(instant(
            entry.confirmed.saturating_add(span(reachable_time)),
        ));
    }
    entry.state = Nud::Probe;
    entry.probes = 0;
    Some(now + retransmit)
}

/// Puts a packet behind the waiting ones; the oldest go where there is no room.
fn enqueue<A: NeighAddr, P: Waiting<A>>(
    entry: &mut Entry<P>,
    key: Key<A>,
    packet: P,
    room: u32,
    out: &mut Vec<Action<A, P>>,
) {
    let size = packet.truesize();
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    while entry.queued_bytes.saturating_add(size) > room {
        let Some(oldest) = entry.queue.pop_front() else {
            break;
        };
        entry.queued_bytes = entry.queued_bytes.saturating_sub(oldest.truesize());
        out.push(Action::Dropped {
            ifindex: key.0,
            packet: oldest,
            reason: DropReason::NeighQueuefull,
        });
    }
    entry.queued_bytes = entry.queued_bytes.saturating_add(size);
    entry.queue.push_back(packet);
}

fn lost<P>(packet: Option<P>, reason: DropReason) -> Resolution<P> {
    packet.map_or(Resolution::Queued, |packet| {
        Resolution::Dropped(reason, packet)
    })
}
