//! Ways that packets went by, kept for the next packet of the same kind (`struct dst_cache`, and the routes that the
//! kernel keeps at a next hop). It finds none by itself: that is for `fib`.

use std::net::{IpAddr, Ipv4Addr};

use crate::netns::Netns;
use crate::netns::fib::{Flow4, Refusal, RouteType};
use crate::netns::ip::route::Way4;
use crate::units::{DevId, Errno, SimTime};

/// Ways that are kept in each direction; each flow has one place where its way may be.
const PLACES: usize = 4;
/// IP protocol number of IGMP, the only one that a route may depend on without rules.
const IGMP: u8 = 2;

/// Where a packet of this host goes: its way, and the device out of the namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Out4 {
    /// The way.
    pub way: Way4,
    /// The device of [`Way4::oif`].
    pub dev: Option<DevId>,
}

impl Out4 {
    /// The neighbour that it goes to; none where that is one of IPv6.
    #[inline]
    pub fn next_hop(&self) -> Option<Ipv4Addr> {
        match self.way.gateway {
            Some(IpAddr::V4(gateway)) => Some(gateway),
            Some(IpAddr::V6(_)) => None,
            None => Some(self.way.dst),
        }
    }
}

/// Where a packet goes that came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum In4 {
    /// To this host.
    Here(RouteType),
    /// On.
    On(Way4),
}

/// The versions of all that a way follows from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    fib: u64,
    interfaces: u64,
    all: u64,
}

/// Flows with what was found for each.
type Places<T> = [Option<(Flow4, T)>; PLACES];

#[derive(Clone, Debug)]
struct Kept {
    stamp: Stamp,
    out: Places<Out4>,
    into: Places<In4>,
}

/// The ways that a namespace keeps; nothing where it has looked for none.
#[derive(Clone, Debug, Default)]
pub struct Ways(Option<Box<Kept>>);

impl Ways {
    /// What is kept of this version; nothing of an earlier one.
    #[inline]
    fn of(&mut self, stamp: Stamp) -> &mut Kept {
        let kept = self.0.get_or_insert_with(|| Box::new(Kept::new(stamp)));
        if kept.stamp != stamp {
            **kept = Kept::new(stamp);
        }
        kept
    }
}

impl Kept {
    const fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            out: [None; PLACES],
            into: [None; PLACES],
        }
    }
}

/// What of a flow counts without rules: neither mark nor ports nor user.
#[inline]
fn counting(flow: &Flow4) -> Flow4 {
    Flow4 {
        mark: 0,
        sport: 0,
        dport: 0,
        uid: 0,
        proto: if flow.proto == IGMP { IGMP } else { 0 },
        ..*flow
    }
}

#[inline]
fn place(flow: &Flow4) -> usize {
    let ends = flow.dst.to_bits() ^ flow.src.to_bits().rotate_left(16);
    ends.wrapping_mul(0x9e37_79b1) as usize >> 30
}

#[inline]
fn known<T: Copy>(places: &Places<T>, flow: &Flow4) -> Option<T> {
    match &places[place(flow)] {
        Some((known, found)) if known == flow => Some(*found),
        Some(_) | None => None,
    }
}

impl Netns {
    /// The versions, where a way follows from nothing else: not from a rule, nor from what was learned for a while.
    #[inline]
    fn stamp(&self) -> Option<Stamp> {
        self.fib.v4.is_lasting().then(|| Stamp {
            fib: self.fib.version(),
            interfaces: self.interfaces.version(),
            all: self.all4.version(),
        })
    }

    /// The way of a packet of this host: the one that the last such packet went, as long as nothing has changed.
    ///
    /// # Errors
    /// As [`Facts::route_output4`](crate::netns::facts::Facts::route_output4).
    #[inline]
    pub fn way_out4(&mut self, now: SimTime, flow: &Flow4) -> Result<Out4, Errno> {
        let Some(stamp) = self.stamp() else {
            return self.find_out4(now, flow);
        };
        let key = counting(flow);
        if let Some(out) = known(&self.ways.of(stamp).out, &key) {
            return Ok(out);
        }
        let out = self.find_out4(now, flow)?;
        self.ways.of(stamp).out[place(&key)] = Some((key, out));
        Ok(out)
    }

    /// The same, looked up.
    ///
    /// # Errors
    /// The same.
    pub fn find_out4(&self, now: SimTime, flow: &Flow4) -> Result<Out4, Errno> {
        let way = self.facts(now).route_output4(flow)?;
        let dev = self.interfaces.get(&way.oif).map(|out| out.dev);
        Ok(Out4 { way, dev })
    }

    /// The way of a packet that came in: the one that the last such packet went, as long as nothing has changed.
    ///
    /// # Errors
    /// Why it goes nowhere.
    #[inline]
    pub fn way_in4(&mut self, now: SimTime, flow: &Flow4) -> Result<In4, Refusal> {
        let Some(stamp) = self.stamp() else {
            return self.find_in4(now, flow);
        };
        let key = counting(flow);
        if let Some(into) = known(&self.ways.of(stamp).into, &key) {
            return Ok(into);
        }
        let into = self.find_in4(now, flow)?;
        self.ways.of(stamp).into[place(&key)] = Some((key, into));
        Ok(into)
    }

    /// The same, looked up.
    ///
    /// # Errors
    /// The same.
    pub fn find_in4(&self, now: SimTime, flow: &Flow4) -> Result<In4, Refusal> {
        let facts = self.facts(now);
        let dst = self.fib.v4.input(flow, &facts.links, now)?;
        Ok(match dst.is_local() {
            true => In4::Here(dst.kind),
            false => In4::On(facts.way(&dst)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_of_those_that_there_are() {
        for last in 0..=255 {
            let flow = Flow4 {
                src: Ipv4Addr::new(192, 0, 2, last),
                ..Flow4::to(Ipv4Addr::new(10, 0, last, 1))
            };
            assert!(place(&flow) < PLACES);
        }
    }

    #[test]
    fn what_is_kept_of_an_earlier_version_is_forgotten() {
        let stamp = Stamp {
            fib: 1,
            interfaces: 1,
            all: 1,
        };
        let flow = Flow4::to(Ipv4Addr::new(10, 0, 0, 1));
        let mut ways = Ways::default();
        ways.of(stamp).into[place(&flow)] = Some((flow, In4::Here(RouteType::Local)));
        assert!(known(&ways.of(stamp).into, &flow).is_some());
        let other = Flow4 { tos: 4, ..flow };
        assert!(known(&ways.of(stamp).into, &other).is_none());
        for later in [
            Stamp { fib: 2, ..stamp },
            Stamp {
                interfaces: 2,
                ..stamp
            },
            Stamp { all: 2, ..stamp },
        ] {
            let mut ways = ways.clone();
            assert!(known(&ways.of(later).into, &flow).is_none());
        }
    }
}
