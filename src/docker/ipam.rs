//! Subnets for networks and addresses for endpoints (libnetwork's ipam and ipamutils).
//! It knows no device: who takes an address puts it somewhere.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

use crate::docker::era::Choice;

/// The subnets that bridge networks get where none is asked for, in their order.
pub fn local_defaults() -> Vec<Ipv4Net> {
    let net = |a, b, c, length| Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length);
    let wide = (17..=31).map(|second| net(172, second, 0, 16));
    let narrow = (0..16).map(|block| net(192, 168, block * 16, 20));
    wide.chain(narrow).collect()
}

/// The first subnet of the list that is free, beginning with the one at `start`, and its place.
pub fn first_free(
    defaults: &[Ipv4Net],
    start: usize,
    taken: impl Fn(&Ipv4Net) -> bool,
) -> Option<(usize, Ipv4Net)> {
    let places = (0..defaults.len()).map(|step| (start + step) % defaults.len());
    places
        .map(|place| (place, defaults[place]))
        .find(|(_, net)| !taken(net))
}

/// Whether two subnets have addresses in common.
pub fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}

/// Why an address cannot be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressFault {
    /// It is given already.
    InUse,
    /// It is not of the subnet.
    Outside,
    /// There is none left.
    Exhausted,
}

/// The addresses of one subnet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    /// The subnet.
    pub subnet: IpNet,
    /// The part of it from which addresses are given by themselves.
    pub range: Option<IpNet>,
    used: BTreeSet<u128>,
    last: Option<u128>,
}

impl Pool {
    /// A pool of a subnet, whose first and (IPv4) last address belong to nobody.
    pub fn new(subnet: IpNet, range: Option<IpNet>) -> Self {
        Self {
            subnet,
            range,
            used: BTreeSet::new(),
            last: None,
        }
    }

    /// Takes a certain address.
    ///
    /// # Errors
    /// Where it is taken or of another subnet.
    pub fn claim(&mut self, address: IpAddr) -> Result<(), AddressFault> {
        let number = number(address);
        let (low, high) = bounds(&self.subnet);
        if address.is_ipv4() != self.subnet.addr().is_ipv4() || number < low || number > high {
            return Err(AddressFault::Outside);
        }
        let reserved = self.reserved();
        if number == reserved.0 || Some(number) == reserved.1 || !self.used.insert(number) {
            return Err(AddressFault::InUse);
        }
        Ok(())
    }

    /// Takes a free address: the lowest, or the one after the last given.
    ///
    /// # Errors
    /// Where there is none left.
    pub fn take(&mut self, choice: Choice) -> Result<IpAddr, AddressFault> {
        let (low, high) = bounds(self.range.as_ref().unwrap_or(&self.subnet));
        let reserved = self.reserved();
        let is_free = |number: &u128| {
            *number != reserved.0 && Some(*number) != reserved.1 && !self.used.contains(number)
        };
        let after = match (choice, self.last) {
            (Choice::Next, Some(last)) if (low..high).contains(&last) => last + 1,
            _ => low,
        };
        // No more than one over the taken and the two reserved need to be looked at.
        let span = self.used.len() as u128 + 3;
        let found = (after..=high.min(after.saturating_add(span)))
            .find(is_free)
            .or_else(|| (low..=high.min(low.saturating_add(span))).find(is_free));
        let found = found.ok_or(AddressFault::Exhausted)?;
        self.used.insert(found);
        self.last = Some(found);
        Ok(address(found, self.subnet.addr().is_ipv4()))
    }

    /// Gives an address back.
    pub fn release(&mut self, address: IpAddr) {
        self.used.remove(&number(address));
    }

    /// How many addresses are taken, the reserved ones counted too.
    pub fn in_use(&self) -> usize {
        self.used.len() + 1 + usize::from(self.reserved().1.is_some())
    }

    /// How many can be given by themselves.
    pub fn available(&self) -> u128 {
        let (low, high) = bounds(self.range.as_ref().unwrap_or(&self.subnet));
        let reserved = self.reserved();
        let inside = |number: &&u128| (low..=high).contains(*number);
        let taken = self.used.iter().filter(inside).count() as u128;
        let ends = u128::from((low..=high).contains(&reserved.0))
            + u128::from(reserved.1.is_some_and(|last| (low..=high).contains(&last)));
        (high - low).saturating_add(1).saturating_sub(taken + ends)
    }

    /// The network's own address, and the broadcast address of IPv4.
    fn reserved(&self) -> (u128, Option<u128>) {
        let (low, high) = bounds(&self.subnet);
        let last = (self.subnet.addr().is_ipv4() && high > low).then_some(high);
        (low, last)
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn address(number: u128, v4: bool) -> IpAddr {
    match v4 {
        true => IpAddr::V4(Ipv4Addr::from(number as u32)),
        false => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

fn bounds(net: &IpNet) -> (u128, u128) {
    (number(net.network()), number(net.broadcast()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn there_are_thirty_one_default_subnets() {
        let nets = local_defaults();
        assert_eq!(nets.len(), 31);
        assert_eq!(nets[1].to_string(), "172.18.0.0/16");
        assert_eq!(nets[30].to_string(), "192.168.240.0/20");
    }

    #[test]
    fn a_search_begins_at_its_start_and_wraps() {
        let nets = local_defaults();
        let (place, net) = first_free(&nets, 30, |net| *net == nets[30]).unwrap();
        assert_eq!((place, net), (0, nets[0]));
        assert_eq!(first_free(&nets, 0, |_| true), None);
    }

    #[test]
    fn lowest_comes_back_at_once_and_next_does_not() {
        let subnet: IpNet = "10.0.0.0/29".parse().unwrap();
        for (choice, again) in [(Choice::Lowest, 2), (Choice::Next, 4)] {
            let mut pool = Pool::new(subnet, None);
            pool.claim(ip(1)).unwrap();
            assert_eq!(pool.take(choice), Ok(ip(2)));
            assert_eq!(pool.take(choice), Ok(ip(3)));
            pool.release(ip(2));
            assert_eq!(pool.take(choice), Ok(ip(again)), "{choice:?}");
        }
    }

    #[test]
    fn a_full_pool_gives_nothing_and_reserved_addresses_never_go() {
        let mut pool = Pool::new("10.0.0.0/30".parse().unwrap(), None);
        assert_eq!(pool.available(), 2);
        assert_eq!(pool.claim(ip(0)), Err(AddressFault::InUse));
        assert_eq!(pool.claim(ip(3)), Err(AddressFault::InUse));
        assert_eq!(pool.claim(ip(4)), Err(AddressFault::Outside));
        assert_eq!(pool.take(Choice::Next), Ok(ip(1)));
        assert_eq!(pool.take(Choice::Next), Ok(ip(2)));
        assert_eq!(pool.take(Choice::Next), Err(AddressFault::Exhausted));
        pool.release(ip(1));
        assert_eq!(pool.take(Choice::Next), Ok(ip(1)));
    }

    #[test]
    fn a_range_bounds_what_is_given_by_itself_only() {
        let range = "10.0.0.128/25".parse().ok();
        let mut pool = Pool::new("10.0.0.0/24".parse().unwrap(), range);
        assert_eq!(pool.take(Choice::Lowest), Ok(ip(128)));
        assert_eq!(pool.claim(ip(7)), Ok(()));
    }

    #[test]
    fn ipv6_has_no_broadcast_address() {
        let mut pool = Pool::new("fd00::/126".parse().unwrap(), None);
        let taken: Vec<_> = (0..4).map(|_| pool.take(Choice::Lowest).is_ok()).collect();
        assert_eq!(taken, [true, true, true, false]);
    }
}
