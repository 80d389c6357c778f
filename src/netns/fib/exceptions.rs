//! What was learned about the way to single destinations: path MTUs and redirects.
//! Sending the packets that it is learned from is elsewhere.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::time::Duration;

use crate::units::{Blank, IfIndex, Rare, SimTime};

/// Sysctl `net.ipv4.route.mtu_expires` and `net.ipv6.route.mtu_expires`: how long a path MTU holds.
pub const MTU_EXPIRES: Duration = Duration::from_secs(600);
/// How long a redirect holds (`net.ipv4.route.gc_timeout`).
pub const REDIRECT_EXPIRES: Duration = Duration::from_secs(300);
/// Sysctl `net.ipv4.route.min_pmtu`: no smaller IPv4 path MTU is believed.
pub const MIN_PMTU: u32 = 552;
/// The smallest MTU of IPv6 (RFC 8200, section 5).
pub const IPV6_MIN_MTU: u32 = 1280;
/// How many destinations are remembered at most.
const CAPACITY: usize = 10_240;

/// Which route and which of its ways something was learned about. A route that says anything else
/// (another metric, mtu or source) is another one, as a `fib_info` is in the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WayId {
    /// The device of the way.
    pub(super) oif: IfIndex,
    /// Its gateway.
    pub(super) via: Option<IpAddr>,
    /// A digest of all that the route says.
    pub(super) route: u64,
}

/// Digests what a route says (FNV-1a): for equality within one run only.
pub(super) struct Digest(u64);

impl Digest {
    pub(super) fn of(value: &impl Hash) -> u64 {
        let mut digest = Self(0xcbf2_9ce4_8422_2325);
        value.hash(&mut digest);
        digest.0
    }
}

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What is known about the way to one destination (`struct fib_nh_exception`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exception {
    /// The way that it is an exception to.
    pub way: WayId,
    /// The path MTU, in bytes.
    pub mtu: Option<u32>,
    /// Whether packets may be larger and are fragmented here: the reported MTU was too small to
    /// believe.
    pub locked: bool,
    /// The gateway that a redirect told of.
    pub gateway: Option<IpAddr>,
    /// When it is forgotten.
    pub expires: SimTime,
}

/// The exceptions of one family.
#[derive(Clone, Debug)]
pub struct Exceptions<A> {
    known: Rare<BTreeMap<A, Exception>>,
}

impl<A: 'static> Blank for BTreeMap<A, Exception> {
    const BLANK: Self = Self::new();
    const SHARED: &'static Self = &Self::new();
}

impl<A> Default for Exceptions<A> {
    fn default() -> Self {
        Self {
            known: Rare::default(),
        }
    }
}

impl<A: Ord + Copy + 'static> Exceptions<A> {
    /// What is known about the way to `dst` by this route.
    #[inline]
    pub fn find(&self, dst: A, way: WayId, now: SimTime) -> Option<&Exception> {
        self.known
            .get(&dst)
            .filter(|known| known.way == way && known.expires > now)
    }

    /// A router said that packets of more than `mtu` bytes do not reach `dst`
    /// (`__ip_rt_update_pmtu`). `old` is the MTU that the way has now.
    pub fn learn_mtu_v4(&mut self, dst: A, way: WayId, mtu: u32, old: u32, now: SimTime) {
        if old < mtu {
            return;
        }
        let locked = mtu < MIN_PMTU;
        let mtu = if locked { old.min(MIN_PMTU) } else { mtu };
        let known = self.find(dst, way, now);
        let fresh = |known: &Exception| known.expires.since(now) > MTU_EXPIRES / 2;
        if !locked && known.is_some_and(|known| known.mtu == Some(mtu) && fresh(known)) {
            return;
        }
        self.note(dst, way, now + MTU_EXPIRES, |known| {
            known.mtu = Some(mtu);
            known.locked = locked;
        });
    }

    /// A router sent a Packet Too Big for `dst` (`__ip6_rt_update_pmtu`).
    pub fn learn_mtu_v6(&mut self, dst: A, way: WayId, mtu: u32, old: u32, now: SimTime) {
        let mtu = mtu.max(IPV6_MIN_MTU);
        if mtu < old {
            self.note(dst, way, now + MTU_EXPIRES, |known| known.mtu = Some(mtu));
        }
    }

    /// A router told of a better gateway for `dst` (`__ip_do_redirect`, `rt6_do_redirect`).
    pub fn learn_gateway(&mut self, dst: A, way: WayId, gateway: IpAddr, now: SimTime) {
        self.note(dst, way, now + REDIRECT_EXPIRES, |known| {
            known.gateway = Some(gateway);
        });
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A route is gone, and with it what was known about its ways.
    pub(super) fn forget_route(&mut self, route: u64) {
        if let Some(all) = self.known.made() {
            all.retain(|_, known| known.way.route != route);
        }
    }

    /// The mtu of a device has changed: path MTUs that were as large follow, and none is larger
    /// (`nh_update_mtu`, `rt6_exceptions_update_pmtu`).
    pub fn device_mtu(&mut self, ifindex: IfIndex, old: u32, new: u32) {
        let all = self.known.made().into_iter().flat_map(BTreeMap::values_mut);
        for known in all.filter(|known| known.way.oif == ifindex) {
            let Some(mtu) = known.mtu else { continue };
            let follows = new < mtu || (old == mtu && !known.locked);
            if follows || (known.locked && new == mtu) {
                known.mtu = Some(new);
                known.locked = false;
            }
        }
    }

    /// The device is gone: nothing is known about ways by it.
    pub fn forget_device(&mut self, ifindex: IfIndex) {
        if let Some(all) = self.known.made() {
            all.retain(|_, known| known.way.oif != ifindex);
        }
    }

    /// Forgets all (`ip route flush cache`).
    pub fn clear(&mut self) {
        self.known = Rare::default();
    }

    /// All that is known and has not expired, by destination.
    pub fn iter(&self, now: SimTime) -> impl Iterator<Item = (A, &Exception)> {
        self.known
            .iter()
            .filter(move |(_, known)| known.expires > now)
            .map(|(dst, known)| (*dst, known))
    }

    fn note(&mut self, dst: A, way: WayId, expires: SimTime, change: impl FnOnce(&mut Exception)) {
        if self.known.len() >= CAPACITY && !self.known.contains_key(&dst) {
            self.make_room();
        }
        let empty = Exception {
            way,
            mtu: None,
            locked: false,
            gateway: None,
            expires,
        };
        let known = self.known.entry(dst).or_insert(empty);
        if known.way != way {
            *known = empty;
        }
        known.expires = expires;
        change(known);
    }

    /// Forgets the one that would be forgotten first.
    fn make_room(&mut self) {
        let first = self.known.iter().min_by_key(|(_, known)| known.expires);
        if let Some(dst) = first.map(|(dst, _)| *dst) {
            self.known.remove(&dst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const DST: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);

    fn way(oif: IfIndex) -> WayId {
        WayId {
            oif,
            via: None,
            route: 7,
        }
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn a_path_mtu_holds_for_ten_minutes_by_its_route() {
        let mut known = Exceptions::default();
        known.learn_mtu_v4(DST, way(2), 1400, 1500, at(1));
        assert_eq!(
            known.find(DST, way(2), at(600)).and_then(|e| e.mtu),
            Some(1400)
        );
        assert_eq!(known.find(DST, way(3), at(2)), None, "another device");
        assert_eq!(known.find(DST, way(2), at(601)), None, "expired");
    }

    #[test]
    fn a_larger_mtu_is_not_learned_and_a_tiny_one_locks() {
        let mut known = Exceptions::default();
        known.learn_mtu_v4(DST, way(2), 1501, 1500, at(1));
        assert_eq!(known.find(DST, way(2), at(1)), None);
        known.learn_mtu_v4(DST, way(2), 100, 1500, at(1));
        let found = known.find(DST, way(2), at(1)).unwrap();
        assert_eq!((found.mtu, found.locked), (Some(MIN_PMTU), true));
        known.learn_mtu_v6(DST, way(2), 100, 1500, at(1));
        assert_eq!(known.find(DST, way(2), at(1)).unwrap().mtu, Some(1280));
    }

    #[test]
    fn a_path_mtu_follows_its_device_and_goes_with_its_route() {
        let mut known = Exceptions::default();
        known.learn_mtu_v4(DST, way(2), 1400, 1500, at(1));
        let mtu = |known: &Exceptions<Ipv4Addr>| known.find(DST, way(2), at(2)).and_then(|e| e.mtu);
        known.device_mtu(3, 1500, 1300);
        known.device_mtu(2, 1500, 1450);
        assert_eq!(mtu(&known), Some(1400));
        known.device_mtu(2, 1450, 1300);
        assert_eq!(mtu(&known), Some(1300));
        known.device_mtu(2, 1300, 1500);
        assert_eq!(mtu(&known), Some(1500));
        known.forget_route(7);
        assert_eq!(mtu(&known), None);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut known = Exceptions::default();
        for n in 0..u64::try_from(CAPACITY).unwrap() + 10 {
            known.learn_mtu_v4(n, way(2), 1000, 1500, at(n));
        }
        assert_eq!(known.known.len(), CAPACITY);
        assert!(!known.known.contains_key(&0));
    }
}
