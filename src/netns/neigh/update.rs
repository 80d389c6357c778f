//! What is learned about a neighbour, and which of it is believed.
//! Which packets teach something is decided by the ARP and ND input.

use std::time::Duration;

use super::state::{AddrKind, NeighAddr, NeighFlags, Nud, UpdateFlags};
use super::table::{Action, Key, NeighTable, Waiting, moment, span};
use crate::engine::trace::DropReason;
use crate::units::{IfIndex, MacAddr, SimTime};

/// Why an entry was not changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UpdateError {
    /// There is no such entry.
    #[error("no such neighbour")]
    NoEntry,
    /// The entry is static and the change is not an administrator's (`EPERM`).
    #[error("the neighbour is static")]
    Static,
    /// A valid state needs an address and none is known (`EINVAL`).
    #[error("no link layer address given")]
    NoLinkLayerAddress,
}

/// What is said about a neighbour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Update {
    /// Its station, where that is said.
    pub lladdr: Option<MacAddr>,
    /// The state that it should have.
    pub state: Nud,
    /// How far it is believed.
    pub flags: UpdateFlags,
}

/// An entry that is there, for the ARP and ND input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its state.
    pub state: Nud,
    /// Its flags.
    pub flags: NeighFlags,
    /// Whether an answer came so recently that another one is not believed (`locktime`).
    pub locked: bool,
}

impl<A: NeighAddr, P: Waiting<A>> NeighTable<A, P> {
    /// What is known of an address, without changing anything.
    pub fn known(&self, now: SimTime, ifindex: IfIndex, addr: A) -> Option<Known> {
        let entry = self.kept.entries.get(&(ifindex, addr))?;
        let locktime: Duration = self.params(Some(ifindex)).locktime;
        Some(Known {
            state: entry.state,
            flags: entry.flags,
            locked: moment(now) <= entry.updated.saturating_add(span(locktime)),
        })
    }

    /// Changes an entry that is there, by the rules of `neigh_update`. Packets that
    /// waited for it come out as [`Action::Release`].
    ///
    /// # Errors
    /// See [`UpdateError`]; the entry keeps its state then.
    pub fn update(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        addr: A,
        update: Update,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), UpdateError> {
        self.update_key(now, (ifindex, addr), update, out)
    }

    /// Changes an entry, and makes it first where it is not there.
    ///
    /// # Errors
    /// [`DropReason::NeighCreatefail`] where the table is full.
    pub fn learn(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        addr: A,
        update: Update,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), DropReason> {
        let mut key = (ifindex, addr);
        if !self.kept.entries.contains_key(&key) {
            key = self.create(now, ifindex, addr, AddrKind::Unicast, false, out)?;
        }
        // A static entry stays as it is, which is no error for who only wanted it to exist.
        let _ = self.update_key(now, key, update, out);
        Ok(())
    }

    /// The sender of a question is known from now on (`neigh_event_ns`).
    ///
    /// # Errors
    /// [`DropReason::NeighCreatefail`] where the table is full: then nothing is answered.
    pub fn learn_asker(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        addr: A,
        lladdr: MacAddr,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), DropReason> {
        let update = Update {
            lladdr: Some(lladdr),
            state: Nud::Stale,
            flags: UpdateFlags::OVERRIDE,
        };
        self.learn(now, ifindex, addr, update, out)
    }

    pub(super) fn update_key(
        &mut self,
        now: SimTime,
        key: Key<A>,
        update: Update,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), UpdateError> {
        let entry = self.kept.entries.get(&key).ok_or(UpdateError::NoEntry)?;
        let old = entry.state;
        let admin = update.flags.has(UpdateFlags::ADMIN);
        if !admin && matches!(old, Nud::Noarp | Nud::Permanent) {
            return Err(UpdateError::Static);
        }
        if admin {
            self.update_flags(now, key, update.flags);
        }
        if update.flags.has(UpdateFlags::USE | UpdateFlags::MANAGED) {
            let kept = if old == Nud::Permanent {
                Nud::None
            } else {
                old
            };
            self.set_state(key, kept);
            return Ok(());
        }
        if !update.state.is_valid() {
            self.lose(now, key, update.state, out);
            return Ok(());
        }
        self.update_valid(now, key, update, out)
    }

    /// The new state is one without an address.
    fn lose(&mut self, now: SimTime, key: Key<A>, state: Nud, out: &mut Vec<Action<A, P>>) {
        self.stop_timer(key);
        let old = self.kept.entries.get(&key).map_or(Nud::None, |e| e.state);
        self.set_state(key, state);
        if matches!(old, Nud::Incomplete | Nud::Probe) && state == Nud::Failed {
            self.invalidate(now, key, out);
        }
    }

    /// The new state is one with an address, the known one or another.
    fn update_valid(
        &mut self,
        now: SimTime,
        key: Key<A>,
        update: Update,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), UpdateError> {
        let entry = self
            .kept
            .entries
            .get_mut(&key)
            .ok_or(UpdateError::NoEntry)?;
        let (old, at) = (entry.state, moment(now));
        let proposed = match update.lladdr {
            Some(lladdr) => lladdr,
            None if old.is_valid() => entry.mac,
            None => return Err(UpdateError::NoLinkLayerAddress),
        };
        let same = old.is_valid() && proposed == entry.mac;
        if update.state.is_connected() {
            entry.confirmed = at;
        }
        let mut state = update.state;
        let mut mac = proposed;
        let mut router = update.flags.has(UpdateFlags::OVERRIDE_ISROUTER);
        if old.is_valid() && !same && !update.flags.has(UpdateFlags::OVERRIDE) {
            router = false;
            if !(update.flags.has(UpdateFlags::WEAK_OVERRIDE) && old.is_connected()) {
                return Ok(());
            }
            (mac, state) = (entry.mac, Nud::Stale);
        } else if same && state == Nud::Stale && !update.flags.has(UpdateFlags::ADMIN) {
            state = old;
        }
        let new_mac = !old.is_valid() || mac != entry.mac;
        if state != old || new_mac {
            entry.updated = at;
        }
        if router {
            let is_router = update.flags.has(UpdateFlags::ISROUTER);
            entry.flags = entry.flags.without(NeighFlags::ROUTER);
            if is_router {
                entry.flags = entry.flags.with(NeighFlags::ROUTER);
            }
        }
        self.enter(now, key, state, mac, new_mac, out);
        Ok(())
    }

    /// Puts a valid state in place, its timer and its address; lets the queue go.
    fn enter(
        &mut self,
        now: SimTime,
        key: Key<A>,
        state: Nud,
        mac: MacAddr,
        new_mac: bool,
        out: &mut Vec<Action<A, P>>,
    ) {
        let reachable_time = self.reachable_time(key.0);
        let base = span(self.params(Some(key.0)).base_reachable_time);
        let Some(entry) = self.kept.entries.get_mut(&key) else {
            return;
        };
        let old = entry.state;
        if new_mac {
            entry.mac = mac;
            if !state.is_connected() {
                entry.confirmed = moment(now).saturating_sub(base.saturating_mul(2));
            }
        }
        if state == old {
            return;
        }
        if state == Nud::Probe {
            entry.probes = 0;
        }
        entry.queued_bytes = 0;
        let packets: Vec<P> = entry.queue.drain(..).collect();
        self.stop_timer(key);
        if state.in_timer() {
            let wait = match state {
                Nud::Reachable => reachable_time,
                _ => Duration::ZERO,
            };
            self.start_timer(key, now + wait);
        }
        self.set_state(key, state);
        if !packets.is_empty() {
            out.push(Action::Release {
                ifindex: key.0,
                addr: key.1,
                mac,
                packets,
            });
        }
    }

    /// Sets a state and who counts the entry (`neigh_update_gc_list`).
    fn set_state(&mut self, key: Key<A>, state: Nud) {
        let kept = &mut *self.kept;
        let Some(entry) = kept.entries.get_mut(&key) else {
            return;
        };
        entry.state = state;
        let exempt = state == Nud::Permanent || entry.flags.has(NeighFlags::EXT_LEARNED);
        kept.counted -= usize::from(entry.counted);
        entry.counted = !exempt;
        kept.counted += usize::from(entry.counted);
    }

    /// The flags that only an administrator sets (`neigh_update_flags`).
    fn update_flags(&mut self, now: SimTime, key: Key<A>, flags: UpdateFlags) {
        let kept = &mut *self.kept;
        let Some(entry) = kept.entries.get_mut(&key) else {
            return;
        };
        let learned = NeighFlags::EXT_LEARNED;
        entry.flags = entry.flags.without(learned);
        if flags.has(UpdateFlags::EXT_LEARNED) {
            entry.flags = entry.flags.with(learned);
        }
        kept.managed -= usize::from(entry.flags.has(NeighFlags::MANAGED));
        entry.flags = entry.flags.without(NeighFlags::MANAGED);
        if flags.has(UpdateFlags::MANAGED) {
            entry.flags = entry.flags.with(NeighFlags::MANAGED);
            kept.managed += 1;
        }
        self.schedule_managed(now);
    }
}
