//! The routes that the kernel makes for an IPv4 address of a device, and takes away with it.
//! After `fib_add_ifaddr` and `fib_del_ifaddr` of net/ipv4/fib_frontend.c.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Fib4;
use crate::netns::fib::config::{NexthopConfig, RouteConfig};
use crate::netns::fib::links::Links;
use crate::netns::fib::route::{RouteType, protocol, scope, table};
use crate::netns::inet::{IFA_F_NOPREFIXROUTE, IFA_F_SECONDARY, Ifaddr4, Removed, netmask};
use crate::units::IfIndex;

/// The device of an address with all its addresses.
#[derive(Clone, Copy, Debug)]
pub struct Owner4<'a> {
    /// The device.
    pub ifindex: IfIndex,
    /// Its addresses, in the kernel's order.
    pub addrs: &'a [Ifaddr4],
}

/// The subnet of an address and its broadcast address.
fn subnet(addr: &Ifaddr4) -> (Ipv4Addr, Ipv4Addr) {
    let (bits, mask) = (addr.address.to_bits(), netmask(addr.prefix_len));
    ((bits & mask).into(), (bits | !mask).into())
}

fn is_zeronet(addr: Ipv4Addr) -> bool {
    addr.is_unspecified()
}

/// Whether the subnet has a route of its own.
fn has_subnet(addr: &Ifaddr4, any: Ipv4Addr) -> bool {
    !is_zeronet(any) && (any != addr.local || addr.prefix_len < 32)
}

impl Owner4<'_> {
    /// The primary address of a subnet (`inet_ifa_byprefix`).
    fn primary(&self, any: Ipv4Addr, prefix_len: u8) -> Option<&Ifaddr4> {
        self.addrs
            .iter()
            .find(|addr| addr.prefix_len == prefix_len && addr.covers(any))
    }

    /// The route of `kind` to a prefix, with the source of `primary` (`fib_magic`).
    fn route(&self, kind: RouteType, dst: Ipv4Net, primary: &Ifaddr4, metric: u32) -> RouteConfig {
        let local = kind == RouteType::Local;
        RouteConfig {
            table: match kind {
                RouteType::Unicast => table::MAIN,
                _ => table::LOCAL,
            },
            kind,
            protocol: protocol::KERNEL,
            scope: if local { scope::HOST } else { scope::LINK },
            metric,
            prefsrc: Some(primary.local.into()),
            nexthop: NexthopConfig {
                oif: self.ifindex,
                ..NexthopConfig::default()
            },
            ..RouteConfig::new(dst.into())
        }
    }

    fn subnet_route(&self, addr: &Ifaddr4, any: Ipv4Addr, metric: u32, lo: bool) -> RouteConfig {
        let kind = match lo {
            true => RouteType::Local,
            false => RouteType::Unicast,
        };
        let len = addr.prefix_len.min(32);
        let dst = Ipv4Net::new(any, len).expect("at most 32 bits");
        self.route(kind, dst, addr, metric)
    }
}

impl Fib4 {
    /// The routes of an address: to itself, to its broadcast address and to its subnet. Those but
    /// the first only where the device is up.
    pub fn add_ifaddr(&mut self, owner: Owner4<'_>, addr: &Ifaddr4, links: &impl Links) {
        let (any, broadcast) = subnet(addr);
        let primary = match addr.is_secondary() {
            true => owner.primary(any, addr.prefix_len),
            false => Some(addr),
        };
        let Some(primary) = primary else { return };
        let host = |kind, dst: Ipv4Addr| owner.route(kind, dst.into(), primary, 0);
        self.add_own(&host(RouteType::Local, addr.local), links);
        if !links.is_up(owner.ifindex) {
            return;
        }
        if let Some(given) = addr
            .broadcast
            .filter(|b| !b.is_broadcast() && !b.is_unspecified())
        {
            self.add_own(&host(RouteType::Broadcast, given), links);
        }
        if addr.is_secondary() || !has_subnet(addr, any) {
            return;
        }
        if addr.flags & IFA_F_NOPREFIXROUTE == 0 {
            let lo = links.is_loopback(owner.ifindex);
            self.add_own(&owner.subnet_route(addr, any, addr.metric, lo), links);
        }
        if addr.prefix_len < 31 {
            self.add_own(&host(RouteType::Broadcast, broadcast), links);
        }
    }

    /// The metric of a subnet's route changes (`fib_modify_prefix_metric`).
    pub fn change_metric(
        &mut self,
        owner: Owner4<'_>,
        addr: &Ifaddr4,
        old: u32,
        links: &impl Links,
    ) {
        let (any, _) = subnet(addr);
        let plain = addr.flags & IFA_F_NOPREFIXROUTE == 0 && !addr.is_secondary();
        if !links.is_up(owner.ifindex) || !plain || !has_subnet(addr, any) {
            return;
        }
        let lo = links.is_loopback(owner.ifindex);
        self.add_own(&owner.subnet_route(addr, any, addr.metric, lo), links);
        self.delete(&owner.subnet_route(addr, any, old, lo)).ok();
    }

    /// An address is new on a device (NETDEV_UP of `fib_inetaddr_event`).
    pub fn address_added(&mut self, owner: Owner4<'_>, addr: &Ifaddr4, links: &impl Links) {
        self.add_ifaddr(owner, addr, links);
        self.device_up(owner.ifindex, links);
    }

    /// Addresses are gone from a device; `left` are those that it still has. Secondaries go before their
    /// primary, and where one is promoted instead, the routes of all that follow it change over.
    pub fn addresses_removed(&mut self, left: Owner4<'_>, removed: &Removed, links: &impl Links) {
        let is_promoted = |addr: &Ifaddr4| {
            let same = |other: &Ifaddr4| {
                (other.local, other.address, other.prefix_len)
                    == (addr.local, addr.address, addr.prefix_len)
            };
            removed.promoted.iter().any(same)
        };
        // As the addresses were: what is promoted was secondary.
        let before = left.addrs.iter().cloned().map(|mut addr| {
            if is_promoted(&addr) {
                addr.flags |= IFA_F_SECONDARY;
            }
            addr
        });
        let before: Vec<Ifaddr4> = before.collect();
        let still_here = |gone: &[Ifaddr4]| {
            let mut addrs: Vec<Ifaddr4> = gone.iter().rev().cloned().collect();
            addrs.extend(before.iter().cloned());
            addrs
        };
        if let Some(primary) = removed.gone.last() {
            let addrs = still_here(&removed.gone);
            let owner = Owner4 {
                addrs: &addrs,
                ..left
            };
            for addr in before.iter().filter(|addr| is_promoted(addr)) {
                self.del_ifaddr(owner, addr, Some(primary), links);
            }
        }
        for (at, addr) in removed.gone.iter().enumerate() {
            let addrs = still_here(removed.gone.get(at + 1..).unwrap_or_default());
            let owner = Owner4 {
                addrs: &addrs,
                ..left
            };
            self.del_ifaddr(owner, addr, None, links);
        }
        for addr in &removed.promoted {
            self.add_ifaddr(left, addr, links);
        }
        if left.addrs.is_empty() {
            self.last_address_removed(left.ifindex);
        }
    }

    /// Takes the routes of an address away, but for those that another address of the device
    /// needs. `owner` has the addresses that are left; those of `promoted_from`'s subnet do not count
    /// while a secondary of it is promoted.
    fn del_ifaddr(
        &mut self,
        owner: Owner4<'_>,
        addr: &Ifaddr4,
        promoted_from: Option<&Ifaddr4>,
        links: &impl Links,
    ) {
        let (any, broadcast) = subnet(addr);
        let has_route = !addr.is_secondary() && has_subnet(addr, any);
        let primary = match addr.is_secondary() {
            true => promoted_from.or_else(|| owner.primary(any, addr.prefix_len)),
            false => Some(addr),
        };
        let Some(primary) = primary else { return };
        if has_route && addr.flags & IFA_F_NOPREFIXROUTE == 0 {
            let lo = links.is_loopback(owner.ifindex);
            self.delete(&owner.subnet_route(primary, any, 0, lo)).ok();
        }
        let needed = still_needed(owner, addr, primary, promoted_from);
        let host = |kind, dst: Ipv4Addr| owner.route(kind, dst.into(), primary, 0);
        if let Some(given) = addr.broadcast.filter(|_| !needed.given_broadcast) {
            self.delete(&host(RouteType::Broadcast, given)).ok();
        }
        if has_route && addr.prefix_len < 31 && !needed.broadcast {
            self.delete(&host(RouteType::Broadcast, broadcast)).ok();
        }
        if has_route && addr.prefix_len < 31 && !needed.network {
            self.delete(&host(RouteType::Broadcast, any)).ok();
        }
        if !needed.local {
            self.delete(&host(RouteType::Local, addr.local)).ok();
            let kind = self.address_kind(addr.local);
            if !needed.kept && kind != RouteType::Local {
                self.source_removed(addr.local);
            }
        }
    }
}

/// Which routes of an address others of the device need too (the `ok` bits of `fib_del_ifaddr`).
#[derive(Clone, Copy, Debug, Default)]
struct Needed {
    local: bool,
    given_broadcast: bool,
    broadcast: bool,
    network: bool,
    /// The address itself is still there: it is being promoted.
    kept: bool,
}

fn still_needed(
    owner: Owner4<'_>,
    addr: &Ifaddr4,
    primary: &Ifaddr4,
    promoted_from: Option<&Ifaddr4>,
) -> Needed {
    let (any, broadcast) = subnet(addr);
    let mut needed = Needed::default();
    let mut same_source = false;
    for other in owner.addrs {
        if other.local == addr.local && other.address == addr.address {
            needed.kept |= other.prefix_len == addr.prefix_len;
            if other.prefix_len == addr.prefix_len {
                continue;
            }
        }
        let of_subnet =
            |own: &Ifaddr4| own.prefix_len == other.prefix_len && own.covers(other.address);
        if promoted_from.is_some_and(of_subnet) {
            continue;
        }
        let others_primary = if !other.is_secondary() {
            if other.local != primary.local {
                continue;
            }
            same_source = true;
            Some(other)
        } else if of_subnet(primary) {
            Some(primary)
        } else if same_source {
            owner.primary(other.address, other.prefix_len)
        } else {
            None
        };
        let Some(others_primary) = others_primary.filter(|p| p.local == primary.local) else {
            continue;
        };
        needed.local |= addr.local == other.local;
        needed.given_broadcast |= addr.broadcast == other.broadcast;
        needed.broadcast |= Some(broadcast) == other.broadcast;
        needed.network |= Some(any) == other.broadcast;
        let (other_any, other_broadcast) = subnet(other);
        if std::ptr::eq(others_primary, other) && other.prefix_len < 31 && !is_zeronet(other_any) {
            let ends = [Some(other_any), Some(other_broadcast)];
            needed.given_broadcast |= ends.contains(&addr.broadcast);
            needed.broadcast |= ends.contains(&Some(broadcast));
            needed.network |= ends.contains(&Some(any));
        }
    }
    needed
}
