//! New IPv4 routes: where in its table a route goes, and what that does to those that are there.
//! What a route may be is judged in `check` (`fib_table_insert` of net/ipv4/fib_trie.c).

use ipnet::{IpNet, Ipv4Net};

use super::{Fib4, Route4};
use crate::netns::fib::config::{NewFlags, RouteConfig, RouteError};
use crate::netns::fib::few::Few;
use crate::netns::fib::links::Links;
use crate::netns::fib::route::RouteType;
use crate::netns::fib::v6::Fib6;
use crate::units::Errno;

/// The destination of a request: an IPv4 prefix without host bits (`fib_valid_key_len`).
pub(super) fn destination(config: &RouteConfig) -> Result<Ipv4Net, RouteError> {
    let bad = |text| Err(RouteError::new(Errno::Einval, text));
    let IpNet::V4(dst) = config.dst else {
        return Err(Errno::Eafnosupport.into());
    };
    if config.tos & 3 != 0 {
        return bad("Invalid dsfield (tos): ECN bits must be 0");
    }
    if dst.trunc() != dst {
        return bad("Invalid prefix for given prefix length");
    }
    Ok(dst)
}

impl Fib4 {
    /// Adds, replaces or changes a route (RTM_NEWROUTE). `v6` judges gateways of IPv6.
    ///
    /// # Errors
    /// With the kernel's number and words; the routes are as before.
    pub fn add(
        &mut self,
        config: &RouteConfig,
        flags: NewFlags,
        links: &impl Links,
        v6: &Fib6,
    ) -> Result<(), RouteError> {
        let dst = destination(config)?;
        let id = config.table_id();
        // The kernel makes the table first, and keeps it when the route is refused.
        self.make_table(id);
        let route = self.judge(config, dst, links, Some(v6))?;
        self.insert(id, dst, route, flags)?;
        self.custom_local |= config.kind == RouteType::Local;
        Ok(())
    }

    /// A route of the kernel's own, of an address (`fib_magic`). Nobody is told where it fails:
    /// it is there already, or the device is down.
    pub(super) fn add_own(&mut self, config: &RouteConfig, links: &impl Links) {
        let id = config.table_id();
        self.make_table(id);
        if let Ok(dst) = destination(config)
            && let Ok(route) = self.judge(config, dst, links, None)
        {
            self.insert(id, dst, route, NewFlags::APPEND).ok();
        }
    }

    /// Puts a route in its place, or refuses it.
    fn insert(
        &mut self,
        id: u32,
        dst: Ipv4Net,
        route: Route4,
        flags: NewFlags,
    ) -> Result<(), RouteError> {
        let (addr, len) = (dst.addr().to_bits(), dst.prefix_len());
        let table = self.make_table(id);
        if table.routes().find(addr, len).is_none() {
            if !flags.create {
                return Err(Errno::Enoent.into());
            }
            table.put(addr, len, route);
            return Ok(());
        }
        let among = table.edit(addr, len, |list| insert_among(list, route, flags));
        if let Some(gone) = among.transpose()?.flatten() {
            self.forget_ways_of(id, &gone);
        }
        Ok(())
    }
}

/// Puts a route among those of its prefix; gives the one that it replaces.
fn insert_among(
    list: &mut Few<Route4>,
    route: Route4,
    flags: NewFlags,
) -> Result<Option<Route4>, RouteError> {
    let at = place(list, &route);
    let rival = |old: &&Route4| (old.tos, old.priority) == (route.tos, route.priority);
    let rivals = list.iter().skip(at).take_while(rival).count();
    if rivals == 0 {
        if !flags.create {
            return Err(Errno::Enoent.into());
        }
        list.insert(at, route);
        return Ok(None);
    }
    if flags.excl {
        return Err(Errno::Eexist.into());
    }
    let mut candidates = list.iter().skip(at).take(rivals);
    match candidates.position(|old| old.same_info(&route)) {
        Some(0) if flags.replace => {}
        Some(_) => return Err(Errno::Eexist.into()),
        None if flags.replace => return Ok(Some(std::mem::replace(&mut list[at], route))),
        None if !flags.create => return Err(Errno::Enoent.into()),
        None if flags.append => list.insert(at + rivals, route),
        None => list.insert(at, route),
    }
    Ok(None)
}

/// Where a route goes among those of its prefix: by falling type of service, then by rising
/// metric, before its equals (`fib_find_alias`).
fn place(list: &[Route4], route: &Route4) -> usize {
    let before = |old: &&Route4| {
        old.tos > route.tos || (old.tos == route.tos && old.priority < route.priority)
    };
    list.iter().take_while(before).count()
}
