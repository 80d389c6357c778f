//! Requests about addresses, and what follows from them (devinet.c).
//! The list itself is in `netns::inet`, IPv6 in `inet6`.

use std::net::{IpAddr, Ipv4Addr};

use crate::kernel::netlink::{AddrDelete, AddrFlags, AddrInfo, AddrNew, IpNet, NlError, NlResult};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::conf::Conf4;
use crate::netns::inet::{IFA_F_DEPRECATED, IFA_F_PERMANENT, IPV4_MIN_MTU, Ifaddr4};
use crate::netns::interface::Interface;
use crate::units::{DevId, Errno, IfIndex, IfName, NetnsId, SimTime};

impl World {
    /// Adds an address to a device, or changes one (`RTM_NEWADDR`).
    ///
    /// # Errors
    /// As the kernel's: `EEXIST`, `EINVAL`, `ENODEV` with its words.
    pub fn addr_add(&mut self, netns: NetnsId, new: &AddrNew) -> NlResult<()> {
        match new.local {
            IpNet::V4(local) => self.addr_add_v4(netns, new, local),
            IpNet::V6(local) => self.addr_add_v6(netns, new, local),
        }
    }

    /// Takes an address off a device (`RTM_DELADDR`).
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` where it is not there.
    pub fn addr_del(&mut self, netns: NetnsId, old: &AddrDelete) -> NlResult<()> {
        match old.local {
            IpNet::V4(local) => self.addr_del_v4(netns, old, local),
            IpNet::V6(local) => self.addr_del_v6(netns, old, local),
        }
    }

    /// All addresses of a namespace: IPv4 by device, then IPv6 by device (`RTM_GETADDR`).
    pub fn addrs(&mut self, netns: NetnsId) -> Vec<AddrInfo> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let of_device = |interface: &Interface| {
            let addrs = interface.inet.addrs().to_vec();
            addrs
                .into_iter()
                .map(|addr| addr_info(interface, &addr, self.now))
                .collect::<Vec<_>>()
        };
        let mut all: Vec<AddrInfo> = ns
            .interfaces
            .values()
            .map(Box::as_ref)
            .flat_map(of_device)
            .collect();
        all.extend(self.addrs_v6(netns));
        all
    }

    fn addr_add_v4(
        &mut self,
        netns: NetnsId,
        new: &AddrNew,
        local: ipnet::Ipv4Net,
    ) -> NlResult<()> {
        let no_device = NlError::from(Errno::Enodev);
        let now = self.now;
        let limit = self.budget.table_entries;
        let taken = self
            .dev_at(netns, new.ifindex)
            .is_some_and(|dev| self.ipvlan_address_taken(dev, IpAddr::V4(local.addr())));
        let ns = self.ns_mut(netns)?;
        let interface = ns.interfaces.get_mut(&new.ifindex).ok_or(no_device)?;
        if interface.mtu < IPV4_MIN_MTU {
            return Err(Errno::Enobufs.into());
        }
        let address = match new.peer {
            Some(IpAddr::V4(peer)) => peer,
            Some(IpAddr::V6(_)) => return Err(Errno::Einval.into()),
            None => local.addr(),
        };
        let wanted = wanted(interface, new, local, address, now)?;
        if wanted.local.is_unspecified() {
            // Taken without a word, and dropped.
            return Ok(());
        }
        let same = |old: &Ifaddr4| {
            old.local == wanted.local && old.prefix_len == wanted.prefix_len && old.covers(address)
        };
        if let Some(position) = interface.inet.addrs().iter().position(same) {
            return self.change_v4(netns, new, position, &wanted);
        }
        if taken {
            let text = "Address already assigned to an ipvlan device";
            return Err(NlError::with_text(Errno::Eaddrinuse, text));
        }
        if interface.inet.addrs().len() >= limit {
            return Err(Errno::Enobufs.into());
        }
        let dev = interface.dev;
        let added = interface.inet.insert(wanted);
        let added = added
            .map_err(|error| NlError::with_text(error.errno, error.text))?
            .clone();
        if is_joined(&added) {
            self.igmp_join(dev, added.local);
        }
        self.address_added(netns, new.ifindex, &added);
        self.arm_addresses(netns, new.ifindex);
        Ok(())
    }

    /// The address is there already: with `replace` its lifetimes and metric change.
    fn change_v4(
        &mut self,
        netns: NetnsId,
        new: &AddrNew,
        position: usize,
        wanted: &Ifaddr4,
    ) -> NlResult<()> {
        if new.excl || !new.replace {
            return Err(NlError::with_text(
                Errno::Eexist,
                "ipv4: Address already assigned",
            ));
        }
        let ns = self.ns_mut(netns)?;
        if let Some(interface) = ns.interfaces.get_mut(&new.ifindex) {
            let old_metric = interface
                .inet
                .addrs()
                .get(position)
                .map_or(0, |addr| addr.metric);
            interface.inet.change(position, |addr| {
                (addr.valid_until, addr.preferred_until) =
                    (wanted.valid_until, wanted.preferred_until);
                addr.flags = (addr.flags & !(IFA_F_PERMANENT | IFA_F_DEPRECATED))
                    | (wanted.flags & (IFA_F_PERMANENT | IFA_F_DEPRECATED));
                addr.metric = wanted.metric;
            });
            let changed = interface.inet.addrs().get(position).cloned();
            if let Some(changed) = changed.filter(|addr| addr.metric != old_metric) {
                self.address_metric_changed(netns, new.ifindex, &changed, old_metric);
            }
        }
        self.arm_addresses(netns, new.ifindex);
        Ok(())
    }

    fn addr_del_v4(
        &mut self,
        netns: NetnsId,
        old: &AddrDelete,
        local: ipnet::Ipv4Net,
    ) -> NlResult<()> {
        let ns = self.ns_mut(netns)?;
        let no_device = NlError::with_text(Errno::Enodev, "ipv4: Device not found");
        let interface = ns.interfaces.get_mut(&old.ifindex).ok_or(no_device)?;
        let peer = match old.peer {
            Some(IpAddr::V4(peer)) => peer,
            Some(IpAddr::V6(_)) | None => local.addr(),
        };
        let name = &interface.name;
        let named = |addr: &Ifaddr4| {
            addr.local == local.addr()
                && old
                    .label
                    .as_ref()
                    .is_none_or(|label| *label == *label_of(addr, name))
                && addr.prefix_len == local.prefix_len()
                && addr.covers(peer)
        };
        let position = interface.inet.addrs().iter().position(named);
        let Some(position) = position else {
            return Err(NlError::with_text(
                Errno::Eaddrnotavail,
                "ipv4: Address not found",
            ));
        };
        let joined = interface
            .inet
            .addrs()
            .get(position)
            .filter(|a| is_joined(a));
        if let Some((dev, group)) = joined.map(|addr| (interface.dev, addr.local)) {
            self.igmp_leave(dev, group);
        }
        self.remove_v4(netns, old.ifindex, position);
        Ok(())
    }

    /// Takes the address at a place of the list off, with its secondaries or by promoting one.
    pub(crate) fn remove_v4(&mut self, netns: NetnsId, ifindex: IfIndex, position: usize) {
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let Some(interface) = ns.interfaces.get_mut(&ifindex) else {
            return;
        };
        let promote = interface.either(&ns.all4, Conf4::PromoteSecondaries);
        let removed = interface.inet.remove(position, promote);
        self.addresses_removed(netns, ifindex, &removed);
    }

    pub(crate) fn arm_addresses(&mut self, netns: NetnsId, ifindex: IfIndex) {
        let interface = self
            .netns
            .find(netns)
            .and_then(|ns| ns.interfaces.get(&ifindex));
        let Some((dev, at)) = interface.and_then(|i| Some((i.dev, i.inet.next_timer()?))) else {
            return;
        };
        self.arm(at, Timer::Addresses(dev));
    }

    pub(crate) fn run_address_timer(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let (netns, ifindex, now) = (device.netns, device.ifindex, self.now);
        let expired = |world: &mut Self| {
            let ns = world.netns.find_mut(netns)?;
            ns.interfaces.get_mut(&ifindex)?.inet.handle_timers(now)
        };
        while let Some(position) = expired(self) {
            self.remove_v4(netns, ifindex, position);
        }
        self.arm_addresses(netns, ifindex);
    }
}

/// Whether it is a group that was joined with it (`ip_mc_autojoin_config`).
fn is_joined(addr: &Ifaddr4) -> bool {
    addr.local.is_multicast() && addr.flags & AddrFlags::MCAUTOJOIN != 0
}

/// The address that a request asks for.
fn wanted(
    interface: &Interface,
    new: &AddrNew,
    local: ipnet::Ipv4Net,
    address: Ipv4Addr,
    now: SimTime,
) -> NlResult<Ifaddr4> {
    let label = new.label.as_deref();
    if label.is_some_and(|label| label.len() > 15) {
        return Err(Errno::Erange.into());
    }
    let mut addr = Ifaddr4::new(local.addr(), local.prefix_len(), new.scope);
    let own = label.filter(|label| *label != interface.name.as_str());
    addr.label = own.map(Into::into);
    addr.address = address;
    addr.broadcast = match new.broadcast {
        Some(IpAddr::V4(broadcast)) => Some(broadcast),
        Some(IpAddr::V6(_)) | None => None,
    };
    addr.flags = new.flags & !IFA_F_PERMANENT;
    (addr.metric, addr.proto) = (new.metric.unwrap_or(0), new.proto);
    match new.valid {
        Some(valid) if valid.is_zero() => {
            return Err(NlError::with_text(
                Errno::Einval,
                "ipv4: address lifetime invalid",
            ));
        }
        Some(valid) => addr.valid_until = now + valid,
        None => addr.flags |= IFA_F_PERMANENT,
    }
    if let Some(preferred) = new.preferred {
        addr.preferred_until = now + preferred;
        if preferred.is_zero() {
            addr.flags |= IFA_F_DEPRECATED;
        }
    }
    Ok(addr)
}

/// What is left of a lifetime: whole seconds that have passed are taken off.
fn seconds_left(until: SimTime, now: SimTime) -> u32 {
    let seconds = until.since(now).as_nanos().div_ceil(1_000_000_000);
    u32::try_from(seconds).unwrap_or(u32::MAX - 1)
}

/// The label of an address of a device with that name.
fn label_of<'a>(addr: &'a Ifaddr4, name: &'a IfName) -> &'a str {
    addr.label.as_deref().unwrap_or_else(|| name.as_str())
}

fn addr_info(interface: &Interface, addr: &Ifaddr4, now: SimTime) -> AddrInfo {
    let permanent = addr.flags & IFA_F_PERMANENT != 0;
    let left =
        |until: SimTime| (until != SimTime::NEVER && !permanent).then(|| seconds_left(until, now));
    AddrInfo {
        ifindex: interface.ifindex,
        dev: interface.name,
        local: addr.local.into(),
        address: addr.address.into(),
        prefix_len: addr.prefix_len,
        broadcast: addr.broadcast.map(IpAddr::V4),
        anycast: None,
        label: Some(label_of(addr, &interface.name).to_owned()),
        scope: addr.scope,
        flags: addr.flags,
        valid_s: left(addr.valid_until),
        preferred_s: left(addr.preferred_until),
        metric: addr.metric,
        proto: addr.proto,
    }
}
