//! The IPv4 addresses of one device, in the kernel's order (devinet.c).
//! The routes that follow from an address are made by the caller.

use std::net::Ipv4Addr;

use crate::units::{Errno, SimTime, make_room};

/// A device of a smaller mtu has no IPv4 (`IPV4_MIN_MTU` of uapi/linux/ip.h), in bytes.
pub const IPV4_MIN_MTU: u32 = 68;

/// `RT_SCOPE_UNIVERSE`: anywhere.
pub const SCOPE_UNIVERSE: u8 = 0;
/// `RT_SCOPE_SITE`.
pub const SCOPE_SITE: u8 = 200;
/// `RT_SCOPE_LINK`: on the link.
pub const SCOPE_LINK: u8 = 253;
/// `RT_SCOPE_HOST`: this host.
pub const SCOPE_HOST: u8 = 254;
/// `RT_SCOPE_NOWHERE`.
pub const SCOPE_NOWHERE: u8 = 255;

/// IFA_F_SECONDARY: another address of the same subnet came first.
pub const IFA_F_SECONDARY: u32 = 0x01;
/// IFA_F_DEPRECATED: the preferred lifetime is over.
pub const IFA_F_DEPRECATED: u32 = 0x20;
/// IFA_F_PERMANENT: it does not expire.
pub const IFA_F_PERMANENT: u32 = 0x80;
/// IFA_F_NOPREFIXROUTE: no route to the subnet.
pub const IFA_F_NOPREFIXROUTE: u32 = 0x200;

/// One IPv4 address of a device (`struct in_ifaddr`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ifaddr4 {
    /// This end's address.
    pub local: Ipv4Addr,
    /// The other end's where there is a peer, else `local`.
    pub address: Ipv4Addr,
    /// Length of the prefix, of `address`.
    pub prefix_len: u8,
    /// The broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// The label, where it is another one than the device's name: that with a colon and more, for example.
    pub label: Option<Box<str>>,
    /// `RT_SCOPE_*`.
    pub scope: u8,
    /// `IFA_F_*`.
    pub flags: u32,
    /// Metric of the subnet's route; 0 for none.
    pub metric: u32,
    /// `IFAPROT_*`.
    pub proto: u8,
    /// When it expires; [`SimTime::NEVER`] for never.
    pub valid_until: SimTime,
    /// When it is no longer preferred; [`SimTime::NEVER`] for never.
    pub preferred_until: SimTime,
}

/// The netmask of a prefix length of at most 32.
pub fn netmask(prefix_len: u8) -> u32 {
    u32::MAX
        .checked_shl(32 - u32::from(prefix_len.min(32)))
        .unwrap_or(0)
}

impl Ifaddr4 {
    /// A permanent address without broadcast address, labelled as its device.
    pub const fn new(local: Ipv4Addr, prefix_len: u8, scope: u8) -> Self {
        Self {
            local,
            address: local,
            prefix_len,
            broadcast: None,
            label: None,
            scope,
            flags: IFA_F_PERMANENT,
            metric: 0,
            proto: 0,
            valid_until: SimTime::NEVER,
            preferred_until: SimTime::NEVER,
        }
    }

    /// Whether `addr` lies in the subnet of this address (`inet_ifa_match`).
    pub fn covers(&self, addr: Ipv4Addr) -> bool {
        (addr.to_bits() ^ self.address.to_bits()) & netmask(self.prefix_len) == 0
    }

    /// Whether another address of the subnet came first.
    pub fn is_secondary(&self) -> bool {
        self.flags & IFA_F_SECONDARY != 0
    }

    fn same_subnet(&self, other: &Self) -> bool {
        self.prefix_len == other.prefix_len && self.covers(other.address)
    }
}

/// Why an address could not be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InetError {
    /// The error number.
    pub errno: Errno,
    /// The kernel's words.
    pub text: &'static str,
}

/// What taking an address off changed, for the routes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Removed {
    /// The addresses that are gone, in the order in which the kernel tells: secondaries first.
    pub gone: Vec<Ifaddr4>,
    /// A secondary that became primary, with those that now follow it (`promote_secondaries`).
    pub promoted: Vec<Ifaddr4>,
}

/// The addresses of one device (`struct in_device`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InetDevice {
    addrs: Vec<Ifaddr4>,
}

impl InetDevice {
    /// The addresses, in the kernel's order.
    pub fn addrs(&self) -> &[Ifaddr4] {
        &self.addrs
    }

    /// Adds an address: behind the primaries of its scope, or at the end where another address
    /// of its subnet is there already, which makes it a secondary (`__inet_insert_ifa`).
    ///
    /// # Errors
    /// Where it is there already, or has another scope than its subnet's first.
    pub fn insert(&mut self, mut new: Ifaddr4) -> Result<&Ifaddr4, InetError> {
        new.flags &= !IFA_F_SECONDARY;
        let mut behind_primaries = 0;
        for (position, old) in self.addrs.iter().enumerate() {
            if !old.is_secondary() && new.scope <= old.scope {
                behind_primaries = position + 1;
            }
            if !old.same_subnet(&new) {
                continue;
            }
            if old.local == new.local {
                return Err(InetError {
                    errno: Errno::Eexist,
                    text: "ipv4: Address already assigned.",
                });
            }
            if old.scope != new.scope {
                return Err(InetError {
                    errno: Errno::Einval,
                    text: "ipv4: Invalid scope value.",
                });
            }
            new.flags |= IFA_F_SECONDARY;
        }
        let position = if new.is_secondary() {
            self.addrs.len()
        } else {
            behind_primaries
        };
        make_room(&mut self.addrs, 1);
        self.addrs.insert(position, new);
        Ok(&self.addrs[position])
    }

    /// Takes the address at `position` off. With a primary go its secondaries, or, with
    /// `promote`, the first of them becomes primary (`__inet_del_ifa`).
    pub fn remove(&mut self, position: usize, promote: bool) -> Removed {
        let mut removed = Removed::default();
        if position >= self.addrs.len() {
            return removed;
        }
        let first = self.addrs.remove(position);
        if first.is_secondary() {
            removed.gone.push(first);
            return removed;
        }
        let follows = |addr: &Ifaddr4| addr.is_secondary() && first.same_subnet(addr);
        if promote {
            if let Some(heir) = self.addrs.iter().position(follows) {
                removed.promoted = self.promote(heir, position, &first);
            }
        } else {
            let (gone, kept) = std::mem::take(&mut self.addrs)
                .into_iter()
                .partition(follows);
            (removed.gone, self.addrs) = (gone, kept);
        }
        removed.gone.push(first);
        removed
    }

    /// Makes the secondary at `heir` primary and puts it behind the primaries of its scope.
    fn promote(&mut self, heir: usize, from: usize, first: &Ifaddr4) -> Vec<Ifaddr4> {
        let mut addr = self.addrs.remove(heir);
        addr.flags &= !IFA_F_SECONDARY;
        let behind = self.addrs.iter().take(heir).enumerate().skip(from);
        let position = behind
            .filter(|(_, other)| !other.is_secondary() && first.scope <= other.scope)
            .map(|(position, _)| position + 1)
            .next_back()
            .unwrap_or(from);
        self.addrs.insert(position, addr);
        let subnet = self.addrs.iter().filter(|addr| first.same_subnet(addr));
        subnet.cloned().collect()
    }

    /// Changes lifetimes, metric and flags of the address at `position`.
    pub fn change(&mut self, position: usize, change: impl FnOnce(&mut Ifaddr4)) {
        if let Some(addr) = self.addrs.get_mut(position) {
            change(addr);
        }
    }

    /// The source for a destination on this device: the first primary of a scope that reaches so
    /// far, one of `dst`'s subnet before all others (first half of `inet_select_addr`).
    pub fn select(&self, dst: Option<Ipv4Addr>, scope: u8) -> Option<Ipv4Addr> {
        let mut fitting = self
            .addrs
            .iter()
            .filter(|addr| !addr.is_secondary() && addr.scope <= scope);
        let first = fitting.clone().next();
        fitting
            .find(|addr| dst.is_none_or(|dst| addr.covers(dst)))
            .or(first)
            .map(|addr| addr.local)
    }

    /// The source that another device lends: not of link scope (second half of `inet_select_addr`).
    pub fn select_for_others(&self, scope: u8) -> Option<Ipv4Addr> {
        self.addrs
            .iter()
            .find(|addr| !addr.is_secondary() && addr.scope != SCOPE_LINK && addr.scope <= scope)
            .map(|addr| addr.local)
    }

    /// Whether an address of the device has `addr` in its subnet (`inet_addr_onlink`).
    pub fn is_onlink(&self, addr: Ipv4Addr) -> bool {
        self.addrs.iter().any(|own| own.covers(addr))
    }

    /// Whether one address of the device has both in its subnet (`inet_addr_onlink`).
    pub fn is_onlink_with(&self, a: Ipv4Addr, b: Ipv4Addr) -> bool {
        self.addrs.iter().any(|own| own.covers(a) && own.covers(b))
    }

    /// When the next address expires or stops being preferred.
    pub fn next_timer(&self) -> Option<SimTime> {
        let ends = self.addrs.iter().flat_map(|addr| {
            let preferred = (addr.flags & IFA_F_DEPRECATED == 0).then_some(addr.preferred_until);
            [Some(addr.valid_until), preferred]
        });
        ends.flatten().filter(|&end| end != SimTime::NEVER).min()
    }

    /// Marks what is no longer preferred and tells the position of an address that has expired.
    pub fn handle_timers(&mut self, now: SimTime) -> Option<usize> {
        for addr in &mut self.addrs {
            if addr.preferred_until <= now {
                addr.flags |= IFA_F_DEPRECATED;
            }
        }
        self.addrs.iter().position(|addr| addr.valid_until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> Ifaddr4 {
        let net: ipnet::Ipv4Net = text.parse().unwrap();
        Ifaddr4::new(net.addr(), net.prefix_len(), SCOPE_UNIVERSE)
    }

    fn device(texts: &[&str]) -> InetDevice {
        let mut device = InetDevice::default();
        for text in texts {
            device.insert(addr(text)).unwrap();
        }
        device
    }

    fn listed(device: &InetDevice) -> Vec<String> {
        let name = |addr: &Ifaddr4| {
            format!(
                "{}{}",
                addr.local,
                if addr.is_secondary() {
                    " secondary"
                } else {
                    ""
                }
            )
        };
        device.addrs().iter().map(name).collect()
    }

    #[test]
    fn secondaries_stand_behind_all_primaries() {
        let device = device(&[
            "10.1.0.1/24",
            "10.1.0.2/24",
            "10.1.0.9/32",
            "192.168.5.1/16",
        ]);
        assert_eq!(
            listed(&device),
            ["10.1.0.1", "10.1.0.9", "192.168.5.1", "10.1.0.2 secondary"]
        );
    }

    #[test]
    fn the_same_address_with_another_prefix_is_another_address() {
        let mut device = device(&["10.1.0.1/24"]);
        assert!(device.insert(addr("10.1.0.1/32")).is_ok());
        assert_eq!(
            device.insert(addr("10.1.0.1/24")).unwrap_err().errno,
            Errno::Eexist
        );
    }

    #[test]
    fn secondaries_go_with_their_primary() {
        let mut device = device(&["10.1.0.1/24", "10.1.0.2/24", "10.2.0.1/24"]);
        let removed = device.remove(0, false);
        assert_eq!(listed(&device), ["10.2.0.1"]);
        assert_eq!(removed.gone.len(), 2);
        assert_eq!(removed.gone[0].local, Ipv4Addr::new(10, 1, 0, 2));
    }

    #[test]
    fn a_secondary_is_promoted_where_that_is_asked_for() {
        let mut device = device(&["10.1.0.1/24", "10.1.0.2/24", "10.1.0.3/24", "10.2.0.1/24"]);
        let removed = device.remove(0, true);
        assert_eq!(removed.gone.len(), 1);
        assert_eq!(removed.promoted.len(), 2);
        assert_eq!(
            listed(&device),
            ["10.2.0.1", "10.1.0.2", "10.1.0.3 secondary"]
        );
    }

    #[test]
    fn the_source_is_of_the_destinations_subnet_where_there_is_one() {
        let device = device(&["10.1.0.1/24", "10.2.0.1/24"]);
        let source = |dst: [u8; 4]| device.select(Some(dst.into()), SCOPE_UNIVERSE);
        assert_eq!(source([10, 2, 0, 9]), Some([10, 2, 0, 1].into()));
        assert_eq!(source([8, 8, 8, 8]), Some([10, 1, 0, 1].into()));
    }

    #[test]
    fn addresses_of_host_scope_are_no_source_for_the_world() {
        let mut device = InetDevice::default();
        let own = Ifaddr4::new([127, 0, 0, 1].into(), 8, SCOPE_HOST);
        device.insert(own).unwrap();
        assert_eq!(device.select(None, SCOPE_LINK), None);
        assert_eq!(device.select(None, SCOPE_HOST), Some([127, 0, 0, 1].into()));
    }

    #[test]
    fn an_address_is_deprecated_and_then_expires() {
        let mut device = InetDevice::default();
        let at = |s: u64| SimTime::from_nanos(s * 1_000_000_000);
        let mut short = addr("10.0.0.1/24");
        (short.preferred_until, short.valid_until) = (at(5), at(9));
        device.insert(short).unwrap();
        assert_eq!(device.next_timer(), Some(at(5)));
        assert_eq!(device.handle_timers(at(5)), None);
        assert_ne!(device.addrs()[0].flags & IFA_F_DEPRECATED, 0);
        assert_eq!(device.next_timer(), Some(at(9)));
        assert_eq!(device.handle_timers(at(9)), Some(0));
    }
}
