//! What the matches `connlimit` and `recent` remember between packets (nf_conncount.c, xt_recent.c).
//! Their options are data in `rule`; how they are read is in `words`.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::conntrack::{Conntrack, Tuple};
use super::packet::Parts;
use super::rule::{Family, Recent, RecentDo};
use crate::units::SimTime;

/// Addresses that a list holds (`ip_list_tot`).
const ADDRESSES_MAX: usize = 100;
/// Lists of a namespace; one more remembers nothing.
const LISTS_MAX: usize = 1024;
/// Times of one address: as many as a list is given at least, and at most.
const TIMES: (usize, usize) = (32, 4096);
/// Networks of a rule, above which those without an open connection are forgotten.
const NETWORKS_MAX: usize = 4096;

/// The connections that a `connlimit` has counted, by network.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counted {
    networks: BTreeMap<u128, Vec<Tuple>>,
}

impl Counted {
    /// How many open connections of a network have come by, this one among them (`nf_conncount_count`).
    pub(super) fn count(
        &mut self,
        now: SimTime,
        network: u128,
        own: Tuple,
        connections: &Conntrack,
    ) -> usize {
        if self.networks.len() >= NETWORKS_MAX && !self.networks.contains_key(&network) {
            self.networks.retain(|_, found| {
                found.retain(|one| connections.is_open(one, now));
                !found.is_empty()
            });
        }
        let found = self.networks.entry(network).or_default();
        found.retain(|one| *one == own || connections.is_open(one, now));
        if !found.contains(&own) {
            found.push(own);
        }
        found.len()
    }
}

/// An address of a list.
#[derive(Clone, Debug)]
struct Seen {
    addr: u128,
    ttl: u8,
    times: VecDeque<SimTime>,
}

/// A list: the address first that was noted longest ago.
#[derive(Clone, Default, Debug)]
struct List {
    seen: Vec<Seen>,
    /// So many times of an address are kept.
    times: usize,
}

/// The lists of `recent`, by family and name.
#[derive(Clone, Default, Debug)]
pub struct Recents {
    lists: BTreeMap<(Family, String), List>,
}

impl Recents {
    /// Whether there is any list.
    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Forgets the lists that no rule names any more (`recent_table_put`).
    pub(super) fn keep(&mut self, named: impl Fn(Family, &str) -> bool) {
        self.lists.retain(|(family, name), _| named(*family, name));
    }

    /// Whether a list says so, and what it remembers from then on (`recent_mt`).
    pub(super) fn holds(&mut self, recent: &Recent, now: SimTime, parts: &Parts) -> bool {
        let Some(what) = recent.what else {
            return false;
        };
        let key = (parts.family, recent.name.clone());
        if self.lists.len() >= LISTS_MAX && !self.lists.contains_key(&key) {
            return what.not;
        }
        let list = self.lists.entry(key).or_default();
        let wanted = (recent.hits as usize).saturating_add(1).next_power_of_two();
        list.times = list.times.max(wanted.clamp(TIMES.0, TIMES.1));
        list.ask(recent, what.value, now, parts, what.not)
    }
}

impl List {
    fn ask(
        &mut self,
        recent: &Recent,
        what: RecentDo,
        now: SimTime,
        parts: &Parts,
        not: bool,
    ) -> bool {
        let side = match recent.of_destination {
            true => parts.dst,
            false => parts.src,
        };
        let addr = side & recent.mask;
        let is_it = |seen: &Seen| seen.addr == addr && (!recent.ttl || seen.ttl == parts.ttl);
        let Some(at) = self.seen.iter().position(is_it) else {
            if what == RecentDo::Set {
                self.begin(addr, parts.ttl, now);
            }
            return (what == RecentDo::Set) != not;
        };
        let span = Duration::from_secs(recent.seconds.into());
        let holds = match what {
            RecentDo::Set => true,
            RecentDo::Remove => {
                self.seen.remove(at);
                return !not;
            }
            RecentDo::Check | RecentDo::Update => {
                let times = self.seen[at].times.iter();
                let hits = times.filter(|&&time| recent.seconds == 0 || now.since(time) <= span);
                hits.count() >= recent.hits.max(1) as usize
            }
        };
        let notes = what == RecentDo::Set || what == RecentDo::Update && holds != not;
        if notes {
            let mut seen = self.seen.remove(at);
            while seen.times.len() >= self.times {
                seen.times.pop_front();
            }
            seen.times.push_back(now);
            seen.ttl = parts.ttl;
            self.seen.push(seen);
        } else if recent.reap {
            self.reap(now, span);
        }
        holds != not
    }

    /// An address is noted for the first time; a full list forgets the one that was noted longest ago.
    fn begin(&mut self, addr: u128, ttl: u8, now: SimTime) {
        if self.seen.len() >= ADDRESSES_MAX {
            self.seen.remove(0);
        }
        let times = VecDeque::from([now]);
        self.seen.push(Seen { addr, ttl, times });
    }

    /// Forgets the address that was noted longest ago, where that is longer ago than `span`.
    fn reap(&mut self, now: SimTime, span: Duration) {
        let last = self.seen.first().and_then(|seen| seen.times.back());
        if last.is_some_and(|last| now.since(*last) > span) {
            self.seen.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::Maybe;
    use super::*;

    fn recent(what: RecentDo, seconds: u32, hits: u32) -> Recent {
        Recent {
            what: Some(Maybe::is(what)),
            seconds,
            hits,
            ..Recent::default()
        }
    }

    fn from(last: u8) -> Parts {
        let mut packet = vec![0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, last];
        packet.extend_from_slice(&[10, 9, 9, 9]);
        Parts::of(&packet).unwrap()
    }

    fn at(secs: u64) -> SimTime {
        SimTime::from_nanos(secs * 1_000_000_000)
    }

    #[test]
    fn an_address_is_known_for_the_seconds_since_it_was_noted() {
        let mut lists = Recents::default();
        let check = recent(RecentDo::Check, 60, 0);
        assert!(!lists.holds(&check, at(1), &from(1)));
        assert!(lists.holds(&recent(RecentDo::Set, 0, 0), at(1), &from(1)));
        assert!(lists.holds(&check, at(61), &from(1)));
        assert!(!lists.holds(&check, at(62), &from(1)));
        assert!(!lists.holds(&check, at(2), &from(2)));
        assert!(lists.holds(&recent(RecentDo::Check, 0, 0), at(500), &from(1)));
        assert!(lists.holds(&recent(RecentDo::Remove, 0, 0), at(500), &from(1)));
        assert!(!lists.holds(&recent(RecentDo::Check, 0, 0), at(500), &from(1)));
    }

    #[test]
    fn an_update_begins_the_seconds_again_and_hits_are_counted_within_them() {
        let mut lists = Recents::default();
        lists.holds(&recent(RecentDo::Set, 0, 0), at(1), &from(1));
        let update = recent(RecentDo::Update, 10, 0);
        assert!(lists.holds(&update, at(10), &from(1)));
        assert!(lists.holds(&update, at(20), &from(1)));
        assert!(!lists.holds(&recent(RecentDo::Check, 10, 3), at(20), &from(1)));
        assert!(lists.holds(&recent(RecentDo::Check, 20, 3), at(20), &from(1)));
    }

    #[test]
    fn a_list_holds_a_hundred_addresses_and_goes_with_its_rules() {
        let mut lists = Recents::default();
        let set = recent(RecentDo::Set, 0, 0);
        for last in 0..=100 {
            lists.holds(&set, at(1), &from(last));
        }
        let check = recent(RecentDo::Check, 0, 0);
        assert!(!lists.holds(&check, at(2), &from(0)));
        assert!(lists.holds(&check, at(2), &from(1)));
        lists.keep(|_, name| name != "DEFAULT");
        assert!(lists.is_empty());
    }
}
