//! Addresses that are answered for on behalf of others, and the delay before that.
//! Whether a question is one of these is decided by the ARP and ND input.

use std::collections::VecDeque;
use std::time::Duration;

use super::state::{NeighAddr, NeighFlags};
use super::table::{Action, NeighTable, Waiting};
use crate::units::{IfIndex, SimTime};
use crate::wire::Frame;

/// An address that is answered for (`struct pneigh_entry`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proxy<A> {
    /// The address.
    pub addr: A,
    /// The device at which it is answered for, or all of them.
    pub ifindex: Option<IfIndex>,
    /// Its flags: [`NeighFlags::PROXY`], and [`NeighFlags::ROUTER`] perhaps.
    pub flags: NeighFlags,
    /// Who made it (`protocol`).
    pub protocol: u8,
    /// It outlives the carrier.
    pub permanent: bool,
}

/// Questions that wait for a proxy's answer.
#[derive(Clone, Debug)]
pub(super) struct Proxied {
    waiting: VecDeque<(SimTime, IfIndex, Frame)>,
}

impl Proxied {
    pub const NONE: Self = Self {
        waiting: VecDeque::new(),
    };

    pub fn next_timer(&self) -> Option<SimTime> {
        self.waiting.iter().map(|(at, ..)| *at).min()
    }

    pub fn forget(&mut self, ifindex: IfIndex) {
        self.waiting.retain(|(_, dev, _)| *dev != ifindex);
    }

    /// Hands out what is due, in the order in which it came.
    pub fn handle_timers<A, P>(&mut self, now: SimTime, out: &mut Vec<Action<A, P>>) {
        if self.next_timer().is_none_or(|at| at > now) {
            return;
        }
        let (due, later) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.waiting = later;
        let due: VecDeque<_> = due;
        out.extend(
            due.into_iter()
                .map(|(_, ifindex, frame)| Action::ProxyRedo { ifindex, frame }),
        );
    }
}

impl<A: NeighAddr, P: Waiting<A>> NeighTable<A, P> {
    /// Whether `addr` is answered for at the device (`pneigh_lookup`).
    pub fn proxy(&self, ifindex: IfIndex, addr: A) -> Option<&Proxy<A>> {
        self.kept
            .proxies
            .iter()
            .find(|proxy| proxy.addr == addr && proxy.ifindex.is_none_or(|own| own == ifindex))
    }

    /// Whether there is an entry for `addr` at exactly that device, or at all of them.
    pub fn has_proxy(&self, ifindex: Option<IfIndex>, addr: A) -> bool {
        let same = |proxy: &Proxy<A>| proxy.addr == addr && proxy.ifindex == ifindex;
        self.kept.proxies.iter().any(same)
    }

    /// Whether anything is answered for at all.
    pub fn has_proxies(&self) -> bool {
        !self.kept.proxies.is_empty()
    }

    /// Lets a question wait up to `proxy_delay`; gives it back where too many wait
    /// (`pneigh_enqueue`).
    ///
    /// # Errors
    /// The frame, lost, when the queue is full.
    pub fn enqueue_proxied(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        frame: Frame,
    ) -> Result<(), Frame> {
        let params = self.params(Some(ifindex));
        let (most, delay) = (params.proxy_qlen, params.proxy_delay);
        let waiting = u32::try_from(self.kept.proxied.waiting.len()).unwrap_or(u32::MAX);
        if waiting > most {
            return Err(frame);
        }
        let nanos = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        let at = now + Duration::from_nanos(self.random.below_u64(nanos));
        self.kept.proxied.waiting.push_back((at, ifindex, frame));
        Ok(())
    }

    /// Adds or changes a proxy entry (`pneigh_create`).
    pub fn add_proxy(&mut self, proxy: Proxy<A>) {
        let same = |old: &&mut Proxy<A>| old.addr == proxy.addr && old.ifindex == proxy.ifindex;
        match self.kept.proxies.iter_mut().find(same) {
            Some(old) => *old = proxy,
            None => self.kept.proxies.push(proxy),
        }
    }

    /// Removes a proxy entry; says whether there was one (`pneigh_delete`).
    pub fn delete_proxy(&mut self, ifindex: Option<IfIndex>, addr: A) -> bool {
        let before = self.kept.proxies.len();
        self.kept
            .proxies
            .retain(|proxy| proxy.addr != addr || proxy.ifindex != ifindex);
        self.kept.proxies.len() != before
    }

    /// All proxy entries in the order of the kernel's dump: by the bucket of its hash, which
    /// has no seed, and newest first in a bucket.
    pub fn proxies(&self) -> Vec<Proxy<A>> {
        let mut all: Vec<_> = self.kept.proxies.iter().rev().cloned().collect();
        all.sort_by_key(|proxy| proxy.addr.proxy_bucket());
        all
    }
}
