//! Requests about neighbours and about groups of the link: RTM_NEWNEIGH and its family, SIOCADDMULTI.
//! The tables decide; this finds them and carries out what they ask for.

use std::net::{IpAddr, Ipv6Addr};

use crate::kernel::netlink::{
    NeighCache, NeighDump, NeighInfo, NeighNew, NeighRef, NlError, NlResult,
};
use crate::kernel::world::World;
use crate::netns::Netns;
use crate::netns::conf::Conf6;
use crate::netns::neigh::arp::LocalFacts;
use crate::netns::neigh::{self, AddrKind, NeighAddr, NeighError, NeighFlags, NeighRequest, Proxy};
use crate::units::{Errno, IfIndex, MacAddr, NetnsId};
use crate::wire::solicited_node;

impl World {
    /// Adds or changes a neighbour or a proxy entry (`neigh_add`).
    ///
    /// # Errors
    /// As the kernel refuses it, with its words.
    pub fn neigh_add(&mut self, netns: NetnsId, new: &NeighNew) -> NlResult<()> {
        let now = self.now;
        let ns = self.netns.find_mut(netns).ok_or(Errno::Enodev)?;
        check_device(ns, new.ifindex, new.addr)?;
        match new.addr {
            IpAddr::V4(addr) => {
                let request = request(new, addr)?;
                let (table, facts) = ns.neigh4_and_facts(now);
                let kind = facts.addr_kind(new.ifindex.unwrap_or(0), addr);
                let mut actions = Vec::new();
                let done = table.add(now, &request, kind, &mut actions);
                self.act_neigh4(netns, actions);
                done.map_err(refused)
            }
            IpAddr::V6(addr) => {
                let request = request(new, addr)?;
                let mut actions = Vec::new();
                let known = ns.neigh6.has_proxy(new.ifindex, addr);
                let done = ns
                    .neigh6
                    .add(now, &request, AddrKind::Unicast, &mut actions);
                let begins = !known && ns.neigh6.has_proxy(new.ifindex, addr);
                self.act_neigh6(netns, actions);
                if begins {
                    self.proxy_listens(netns, new.ifindex, addr, true);
                }
                done.map_err(refused)
            }
        }
    }

    /// Deletes a neighbour or a proxy entry (`neigh_delete`).
    ///
    /// # Errors
    /// ENOENT where there is none, ENODEV, EINVAL.
    pub fn neigh_delete(&mut self, netns: NetnsId, old: &NeighRef) -> NlResult<()> {
        let now = self.now;
        let ns = self.netns.find_mut(netns).ok_or(Errno::Enodev)?;
        known_device(ns, old.ifindex)?;
        match old.addr {
            IpAddr::V4(addr) => {
                let mut actions = Vec::new();
                let table = &mut ns.neigh4;
                let done = table.delete(now, old.ifindex, addr, old.proxy, &mut actions);
                self.act_neigh4(netns, actions);
                done.map_err(refused)
            }
            IpAddr::V6(addr) => {
                let mut actions = Vec::new();
                let table = &mut ns.neigh6;
                let done = table.delete(now, old.ifindex, addr, old.proxy, &mut actions);
                self.act_neigh6(netns, actions);
                if old.proxy && done.is_ok() {
                    self.proxy_listens(netns, old.ifindex, addr, false);
                }
                done.map_err(refused)
            }
        }
    }

    /// A proxy's device listens to the group at which its address is asked for (`pndisc_constructor`,
    /// `pndisc_destructor`).
    fn proxy_listens(
        &mut self,
        netns: NetnsId,
        ifindex: Option<IfIndex>,
        addr: Ipv6Addr,
        listens: bool,
    ) {
        let Some(dev) = ifindex.and_then(|ifindex| self.dev_at(netns, ifindex)) else {
            return;
        };
        let group = solicited_node(addr);
        self.with_in6(dev, |now, in6, link, out| match listens {
            true => in6.join(now, link, group, out),
            false => in6.leave(now, link, group, out),
        });
    }

    /// One neighbour or proxy entry (`neigh_get`).
    ///
    /// # Errors
    /// ENOENT with the kernel's words where there is none.
    pub fn neigh_get(&self, netns: NetnsId, wanted: &NeighRef) -> NlResult<NeighInfo> {
        let ns = self.netns.find(netns).ok_or(Errno::Enodev)?;
        known_device(ns, wanted.ifindex)?;
        let found = match (wanted.addr, wanted.proxy) {
            (IpAddr::V4(addr), true) => {
                let proxy = ns.neigh4.get_proxy(wanted.ifindex, addr);
                proxy.map(|proxy| proxy_info(ns, proxy))
            }
            (IpAddr::V6(addr), true) => {
                let proxy = ns.neigh6.get_proxy(wanted.ifindex, addr);
                proxy.map(|proxy| proxy_info(ns, proxy))
            }
            (IpAddr::V4(addr), false) => {
                let ifindex = wanted.ifindex.ok_or(refused(NeighError::NoDevice))?;
                let entry = ns.neigh4.get(self.now, ifindex, addr);
                entry.map(|entry| info(ns, entry))
            }
            (IpAddr::V6(addr), false) => {
                let ifindex = wanted.ifindex.ok_or(refused(NeighError::NoDevice))?;
                let entry = ns.neigh6.get(self.now, ifindex, addr);
                entry.map(|entry| info(ns, entry))
            }
        };
        found.map_err(refused)
    }

    /// All neighbours or proxy entries that are asked for: of IPv4, then of IPv6, by device and
    /// address (the kernel's order is that of a hash with a random seed).
    pub fn neigh_dump(&self, netns: NetnsId, dump: &NeighDump) -> Vec<NeighInfo> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        if dump.v4 {
            all.extend(match dump.proxy {
                true => proxies(ns, ns.neigh4.proxies()),
                false => entries(ns, ns.neigh4.dump(self.now)),
            });
        }
        if dump.v6 {
            all.extend(match dump.proxy {
                true => proxies(ns, ns.neigh6.proxies()),
                false => entries(ns, ns.neigh6.dump(self.now)),
            });
        }
        let master_of = |ifindex: IfIndex| ns.interfaces.get(&ifindex).map_or(0, |i| i.master);
        all.retain(|info| {
            let here = dump.ifindex.is_none_or(|ifindex| ifindex == info.ifindex);
            let master = dump.master.map(|master| master.unwrap_or(0));
            here && master.is_none_or(|master| master == master_of(info.ifindex))
        });
        all
    }

    /// An administrator listens to a group of the link (`dev_mc_add_global`).
    ///
    /// # Errors
    /// ENODEV, or EINVAL for a device without a filter.
    pub fn maddr_add(&mut self, netns: NetnsId, dev: &str, group: MacAddr) -> Result<(), Errno> {
        let device = self.filtering_device(netns, dev)?;
        if !device.seldom.static_groups.contains(&group) {
            device.seldom.static_groups.push(group);
            device.join(group);
        }
        Ok(())
    }

    /// He does no more (`dev_mc_del_global`).
    ///
    /// # Errors
    /// ENODEV, EINVAL, or ENOENT where he did not.
    pub fn maddr_delete(&mut self, netns: NetnsId, dev: &str, group: MacAddr) -> Result<(), Errno> {
        let device = self.filtering_device(netns, dev)?;
        let known = device
            .seldom
            .static_groups
            .iter()
            .position(|own| *own == group);
        device
            .seldom
            .static_groups
            .remove(known.ok_or(Errno::Enoent)?);
        device.leave(group);
        Ok(())
    }

    fn filtering_device(
        &mut self,
        netns: NetnsId,
        name: &str,
    ) -> Result<&mut crate::kernel::device::Device, Errno> {
        let ifindex = self.ifindex(netns, name).ok_or(Errno::Enodev)?;
        let dev = self.dev_at(netns, ifindex).ok_or(Errno::Enodev)?;
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        match device.is_loopback() {
            true => Err(Errno::Einval),
            false => Ok(device),
        }
    }
}

/// The device of a request must exist.
fn known_device(ns: &Netns, ifindex: Option<IfIndex>) -> NlResult<()> {
    match ifindex {
        Some(ifindex) if !ns.interfaces.contains_key(&ifindex) => Err(Errno::Enodev.into()),
        Some(_) | None => Ok(()),
    }
}

/// For IPv6 it must have IPv6 (`ndisc_allow_add`).
fn check_device(ns: &Netns, ifindex: Option<IfIndex>, addr: IpAddr) -> NlResult<()> {
    known_device(ns, ifindex)?;
    let interface = ifindex.and_then(|ifindex| ns.interfaces.get(&ifindex));
    let off = interface.is_some_and(|interface| interface.conf6.on(Conf6::DisableIpv6));
    match addr.is_ipv6() && off {
        true => Err(NlError::with_text(
            Errno::Einval,
            "IPv6 is disabled on this device",
        )),
        false => Ok(()),
    }
}

fn request<A>(new: &NeighNew, addr: A) -> NlResult<NeighRequest<A>> {
    let wrong = || NlError::with_text(Errno::Einval, "Invalid link address");
    let station = |bytes: &Vec<u8>| {
        bytes
            .first_chunk()
            .map(|mac| MacAddr(*mac))
            .ok_or_else(wrong)
    };
    let proxy = new.flags.has(NeighFlags::PROXY) && new.ifindex.is_none();
    Ok(NeighRequest {
        ifindex: new.ifindex,
        addr,
        lladdr: match &new.lladdr {
            Some(bytes) if !proxy => Some(station(bytes)?),
            Some(_) | None => None,
        },
        state: new.state,
        flags: new.flags,
        protocol: new.protocol,
        create: new.create,
        exclusive: new.excl,
        replace: new.replace,
    })
}

fn refused(error: NeighError) -> NlError {
    match error.extack() {
        Some(text) => NlError::with_text(error.errno(), text),
        None => error.errno().into(),
    }
}

fn name_of(ns: &Netns, ifindex: IfIndex) -> Option<crate::units::IfName> {
    ns.interfaces.get(&ifindex).map(|interface| interface.name)
}

fn entries<A: NeighAddr + Into<IpAddr>>(
    ns: &Netns,
    all: Vec<neigh::NeighInfo<A>>,
) -> Vec<NeighInfo> {
    all.into_iter().map(|entry| info(ns, entry)).collect()
}

fn proxies<A: NeighAddr + Into<IpAddr>>(ns: &Netns, all: Vec<Proxy<A>>) -> Vec<NeighInfo> {
    all.into_iter().map(|entry| proxy_info(ns, entry)).collect()
}

fn info<A: NeighAddr + Into<IpAddr>>(ns: &Netns, entry: neigh::NeighInfo<A>) -> NeighInfo {
    let seconds = |nanos: u64| nanos / 1_000_000_000;
    NeighInfo {
        ifindex: entry.ifindex,
        dev: name_of(ns, entry.ifindex),
        addr: entry.addr.into(),
        lladdr: entry.lladdr,
        state: entry.state,
        flags: entry.flags,
        protocol: entry.protocol,
        cache: Some(NeighCache {
            used_s: seconds(entry.used_ns),
            confirmed_s: seconds(entry.confirmed_ns),
            updated_s: seconds(entry.updated_ns),
            references: entry.references,
            probes: entry.probes,
        }),
    }
}

fn proxy_info<A: NeighAddr + Into<IpAddr>>(ns: &Netns, proxy: Proxy<A>) -> NeighInfo {
    let ifindex = proxy.ifindex.unwrap_or(0);
    NeighInfo {
        ifindex,
        dev: name_of(ns, ifindex),
        addr: proxy.addr.into(),
        lladdr: None,
        state: neigh::Nud::None,
        flags: proxy.flags,
        protocol: proxy.protocol,
        cache: None,
    }
}
