//! What devices do to IPv4 routes: down, up, carrier lost and found, gone.
//! After `fib_sync_down_dev`, `fib_sync_up` and `fib_flush` of net/ipv4.

use std::net::Ipv4Addr;

use super::{Fib4, Route4, Table4};
use crate::netns::fib::links::Links;
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN};
use crate::netns::fib::route::{scope, table};
use crate::units::IfIndex;

/// What happened to a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    /// It went down.
    Down,
    /// It, or its last address, is gone: local routes die too.
    Gone {
        /// Whether it is the device itself.
        device: bool,
    },
    /// It lost its carrier.
    Carrier,
}

impl Fib4 {
    /// The device went down (NETDEV_DOWN): routes by it go, those of its addresses stay.
    pub fn device_down(&mut self, ifindex: IfIndex) {
        self.lose(ifindex, Loss::Down);
        self.flush_dead();
    }

    /// The device has no IPv4 address any more (`fib_disable_ip` with force).
    pub fn last_address_removed(&mut self, ifindex: IfIndex) {
        self.lose(ifindex, Loss::Gone { device: false });
        self.flush_dead();
    }

    /// The device is gone (NETDEV_UNREGISTER).
    pub fn device_removed(&mut self, ifindex: IfIndex) {
        self.lose(ifindex, Loss::Gone { device: true });
        self.flush_dead();
        self.exceptions.forget_device(ifindex);
    }

    /// The device lost its carrier while up (NETDEV_CHANGE).
    pub fn carrier_lost(&mut self, ifindex: IfIndex) {
        self.lose(ifindex, Loss::Carrier);
    }

    /// The device found its carrier while up (NETDEV_CHANGE).
    pub fn carrier_found(&mut self, ifindex: IfIndex, links: &impl Links) {
        self.revive(ifindex, LINKDOWN, links);
    }

    /// The device is up, or has got an address (`fib_sync_up` with RTNH_F_DEAD).
    pub fn device_up(&mut self, ifindex: IfIndex, links: &impl Links) {
        let carrier = links.has_carrier(ifindex);
        self.revive(ifindex, if carrier { DEAD | LINKDOWN } else { DEAD }, links);
    }

    /// A local address is gone: routes with it as source go (`fib_sync_down_addr`). It is the
    /// main table's that do.
    pub fn source_removed(&mut self, addr: Ipv4Addr) {
        let mut any = false;
        for routes in self.tables.iter_mut().filter(|t| t.id == table::MAIN) {
            for route in routes.routes_mut() {
                if route.prefsrc == Some(addr) {
                    route.flags |= DEAD;
                    any = true;
                }
            }
        }
        if any {
            self.flush_dead();
        }
    }

    fn lose(&mut self, ifindex: IfIndex, loss: Loss) {
        for route in self.routes_mut() {
            lose_by(route, ifindex, loss);
        }
    }

    fn revive(&mut self, ifindex: IfIndex, flags: u8, links: &impl Links) {
        if !links.is_up(ifindex) {
            return;
        }
        for route in self.routes_mut() {
            revive_by(route, ifindex, flags);
        }
    }

    fn routes_mut(&mut self) -> impl Iterator<Item = &mut Route4> {
        self.tables.iter_mut().flat_map(Table4::routes_mut)
    }

    /// Dead routes go, but for those that stand for an error (`fib_table_flush`).
    fn flush_dead(&mut self) {
        let stays = |route: &Route4| route.flags & DEAD == 0 || route.kind.error().is_some();
        if !self.exceptions.is_empty() {
            for table in self.tables.iter() {
                let dead = table.all().filter(|route| !stays(route));
                dead.for_each(|route| self.exceptions.forget_route(route.digest(table.id)));
            }
        }
        for table in self.tables.iter_mut() {
            table.edit_all(|list| {
                list.retain(stays);
            });
        }
    }
}

/// Marks the next hops of a route by a device, and the route where none is left.
fn lose_by(route: &mut Route4, ifindex: IfIndex, loss: Loss) {
    if !route.nexthops.iter().any(|hop| hop.oif == ifindex) {
        return;
    }
    let spared = match loss {
        Loss::Gone { .. } => None,
        Loss::Down | Loss::Carrier => Some(scope::NOWHERE),
    };
    let marks = match loss {
        Loss::Carrier => LINKDOWN,
        Loss::Down | Loss::Gone { .. } => DEAD | LINKDOWN,
    };
    let mut lost = 0;
    for hop in route.nexthops.iter_mut() {
        if hop.has(DEAD) {
            lost += 1;
        } else if hop.oif == ifindex && Some(hop.scope) != spared {
            hop.flags |= marks;
            lost += 1;
        }
    }
    // A route of several ways does not outlive the device of any of them.
    if lost == route.nexthops.len() || loss == (Loss::Gone { device: true }) {
        route.flags |= marks;
    }
}

/// Clears `flags` of the next hops by a device, and of the route where one lives.
fn revive_by(route: &mut Route4, ifindex: IfIndex, flags: u8) {
    if !route.nexthops.iter().any(|hop| hop.oif == ifindex) {
        return;
    }
    let mut alive = 0;
    for hop in route.nexthops.iter_mut() {
        if hop.oif == ifindex {
            hop.flags &= !flags;
        }
        alive += usize::from(!hop.has(flags));
    }
    if alive > 0 {
        route.flags &= !flags;
    }
}
