//! IPv6 of a device as a namespace keeps it: next to nothing as long as nothing has happened on the device.
//! What happens is in [`Inet6Device`]; this decides nothing.

use std::sync::LazyLock;

use super::mld::ALL_NODES;
use super::{Action, Inet6Device, Link};
use crate::engine::{Random, Seed};
use crate::netns::conf::{Conf6, Settings6};
use crate::units::{MacAddr, SimTime};

/// What every device is that was registered while it was down: in the two groups of all nodes, without an address.
static FRESH: LazyLock<Inet6Device> = LazyLock::new(|| {
    let settings = Settings6::default();
    let link = Link {
        up: false,
        ..Link::ethernet(0, MacAddr::ZERO, &settings, &settings)
    };
    let random = Seed(0).stream("drawn from by none");
    Inet6Device::register(SimTime::ZERO, &link, random, &mut Vec::new())
});

/// IPv6 of a device.
#[derive(Clone, Debug, Default)]
pub enum In6 {
    /// There is none: the MTU is too small for it.
    #[default]
    Off,
    /// It began while the device was down, and nothing has happened since: with the stream of its random numbers.
    Fresh(Random),
    /// More has happened.
    Live(Box<Inet6Device>),
}

impl In6 {
    /// IPv6 begins on a device (`ipv6_add_dev`).
    pub fn begin(now: SimTime, link: &Link<'_>, random: Random, out: &mut Vec<Action>) -> Self {
        let router = link.on(Conf6::Forwarding) && link.multicast;
        if router || (link.up && link.oper_up) {
            let device = Inet6Device::register(now, link, random, out);
            return Self::Live(Box::new(device));
        }
        out.push(Action::JoinMac(MacAddr::of_ipv6_group(ALL_NODES)));
        Self::Fresh(random)
    }

    /// Whether there is IPv6.
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Whether nothing has happened yet.
    pub const fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh(_))
    }

    /// IPv6 of the device.
    #[inline]
    pub fn get(&self) -> Option<&Inet6Device> {
        match self {
            Self::Off => None,
            Self::Fresh(_) => Some(&FRESH),
            Self::Live(device) => Some(device),
        }
    }

    /// IPv6 of the device, to let something happen.
    pub fn live(&mut self) -> Option<&mut Inet6Device> {
        if let Self::Fresh(random) = self {
            *self = Self::Live(Box::new(FRESH.with_random(random.clone())));
        }
        match self {
            Self::Live(device) => Some(device),
            Self::Off | Self::Fresh(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_device_is_what_registering_one_makes() {
        let settings = Settings6::default();
        let ethernet = Link::ethernet(2, MacAddr([2, 0, 0, 0, 0, 1]), &settings, &settings);
        let link = Link {
            up: false,
            ..ethernet
        };
        let random = || Seed(7).stream("in6");
        let (mut begun, mut registered) = (Vec::new(), Vec::new());
        let mut fresh = In6::begin(SimTime::ZERO, &link, random(), &mut begun);
        let device = Inet6Device::register(SimTime::ZERO, &link, random(), &mut registered);
        assert!(fresh.is_fresh() && fresh.is_on());
        assert_eq!(begun, registered);
        let grown = fresh.live().unwrap();
        assert_eq!(format!("{grown:?}"), format!("{device:?}"));
        assert_eq!(grown.random, device.random);
        assert!(!In6::begin(SimTime::ZERO, &ethernet, random(), &mut begun).is_fresh());
    }
}
