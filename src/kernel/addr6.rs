//! Requests about IPv6 addresses, and their list (RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR; addrconf.c).
//! What an address brings with it is decided in `netns::v6`.

use std::net::{IpAddr, Ipv6Addr};

use crate::kernel::netlink::{AddrDelete, AddrInfo, AddrNew, NlError, NlResult};
use crate::kernel::world::World;
use crate::netns::interface::Interface;
use crate::netns::v6::{AddressError, AddressRequest, Ifaddr6, route_groups};
use crate::units::{DevId, Errno, IfIndex, NetnsId, SimTime};

impl From<AddressError> for NlError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Invalid => error.errno().into(),
            AddressError::PrefixLength
            | AddressError::Lifetime
            | AddressError::TemporaryPrefix
            | AddressError::Disabled(_)
            | AddressError::Contradiction
            | AddressError::Exists
            | AddressError::Unspecified
            | AddressError::Multicast
            | AddressError::Loopback
            | AddressError::NotFound => Self::with_text(error.errno(), format!("ipv6: {error}")),
        }
    }
}

impl World {
    /// `inet6_rtm_newaddr`.
    pub(crate) fn addr_add_v6(
        &mut self,
        netns: NetnsId,
        new: &AddrNew,
        local: ipnet::Ipv6Net,
    ) -> NlResult<()> {
        let dev = self.device_for_address(netns, new.ifindex)?;
        let limit = self.budget.table_entries;
        // An interface that has lost its IPv6 gets it again here (`ipv6_find_idev`).
        self.inet6_begin(dev);
        let request = AddressRequest {
            addr: local.addr(),
            prefix_len: local.prefix_len(),
            peer: v6(new.peer),
            flags: new.flags,
            valid: new.valid,
            preferred: new.preferred,
            metric: new.metric.unwrap_or(0),
            proto: new.proto,
            replace: new.replace,
            exclusive: new.excl,
        };
        let added = self.with_in6(dev, |now, in6, link, out| {
            if in6.addresses().len() >= limit {
                return Err(NlError::from(Errno::Enobufs));
            }
            // Whoever gives a device an address has the way to its groups too (`addrconf_add_dev`).
            if !link.loopback && link.up {
                route_groups(out);
            }
            Ok(in6.add_address(now, link, &request, out)?)
        });
        added.unwrap_or(Err(Errno::Einval.into()))
    }

    /// `inet6_rtm_deladdr`.
    pub(crate) fn addr_del_v6(
        &mut self,
        netns: NetnsId,
        old: &AddrDelete,
        local: ipnet::Ipv6Net,
    ) -> NlResult<()> {
        let dev = self.device_for_address(netns, old.ifindex)?;
        let (addr, len) = (local.addr(), local.prefix_len());
        let deleted = self.with_in6(dev, |now, in6, link, out| {
            in6.delete_address(now, link, addr, len, out)
        });
        let off = AddressError::Disabled(Errno::Enxio);
        Ok(deleted.unwrap_or(Err(off))?)
    }

    fn device_for_address(&self, netns: NetnsId, ifindex: IfIndex) -> NlResult<DevId> {
        let text = "ipv6: Unable to find the interface";
        let missing = || NlError::with_text(Errno::Enodev, text);
        self.dev_at(netns, ifindex).ok_or_else(missing)
    }

    /// The IPv6 addresses of a namespace, by device (`inet6_dump_addr`).
    pub(crate) fn addrs_v6(&self, netns: NetnsId) -> Vec<AddrInfo> {
        let now = self.now;
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let of_device = |interface: &Interface| -> Vec<AddrInfo> {
            let addrs = interface
                .in6
                .get()
                .into_iter()
                .flat_map(|in6| in6.addresses());
            addrs.map(|ifa| addr6_info(interface, ifa, now)).collect()
        };
        ns.interfaces
            .values()
            .map(Box::as_ref)
            .flat_map(of_device)
            .collect()
    }
}

fn v6(addr: Option<IpAddr>) -> Option<Ipv6Addr> {
    match addr {
        Some(IpAddr::V6(addr)) => Some(addr),
        Some(IpAddr::V4(_)) | None => None,
    }
}

/// `inet6_fill_ifaddr`.
fn addr6_info(interface: &Interface, ifa: &Ifaddr6, now: SimTime) -> AddrInfo {
    AddrInfo {
        ifindex: interface.ifindex,
        dev: interface.name,
        local: ifa.addr.into(),
        address: ifa.peer.unwrap_or(ifa.addr).into(),
        prefix_len: ifa.prefix_len,
        broadcast: None,
        anycast: None,
        label: None,
        scope: ifa.scope(),
        flags: ifa.flags,
        valid_s: ifa.valid_s(now),
        preferred_s: ifa.preferred_s(now),
        metric: ifa.metric,
        proto: ifa.proto,
    }
}
