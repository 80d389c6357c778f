//! Devices come, move and go (net/core/dev.c): numbers, names, and what is told to whom.
//! What a request may ask for is checked in `link`.

use crate::engine::Random;
use crate::kernel::device::{Device, DeviceKind, Qdisc};
use crate::kernel::netlink::{LinkFlags, NlError, NlResult, OperState};
use crate::kernel::world::World;
use crate::netns::igmp::IgmpDevice;
use crate::netns::interface::Interface;
use crate::netns::v6::In6;
use crate::units::{DevId, Errno, IfIndex, IfName, MacAddr, NetnsId};

impl World {
    pub(crate) fn create_loopback(&mut self, netns: NetnsId) -> DevId {
        let name: IfName = "lo".parse().expect("lo is a fine name");
        let lo = Device::new(DeviceKind::Loopback, netns, name, MacAddr::ZERO);
        self.register(lo, None)
            .expect("a new namespace has no other device")
    }

    /// Puts a device into its namespace (`register_netdevice`).
    pub(crate) fn register(
        &mut self,
        mut device: Device,
        ifindex: Option<IfIndex>,
    ) -> NlResult<DevId> {
        if self.devices.len() >= self.budget.devices {
            return Err(Errno::Enomem.into());
        }
        let netns = device.netns;
        let ns = self.ns_mut(netns)?;
        if ns.names.has(&device.name) {
            return Err(Errno::Eexist.into());
        }
        let ifindex = match ifindex {
            Some(taken) if ns.interfaces.contains_key(&taken) => return Err(Errno::Ebusy.into()),
            Some(free) => free,
            None => ns.next_ifindex(),
        };
        device.ifindex = ifindex;
        device.operstate = if device.carrier {
            OperState::Unknown
        } else {
            OperState::Down
        };
        let dev = self.devices.insert(device);
        self.enter(dev);
        Ok(dev)
    }

    /// Makes a device known to the IP layers of the namespace that it names.
    fn enter(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let igmp = IgmpDevice::new(self.device_stream(device, "igmp"));
        let Some(ns) = self.netns.find_mut(device.netns) else {
            return;
        };
        for name in device.seldom.altnames.iter() {
            ns.names.insert_text(name, device.ifindex);
        }
        ns.names.insert(device.name, device.ifindex);
        let interface = Interface {
            ifindex: device.ifindex,
            dev,
            name: device.name,
            up: device.is_up(),
            carrier: device.carrier,
            oper_up: device.is_oper_up(),
            loopback: device.is_loopback(),
            noarp: device.flags & (LinkFlags::NOARP | LinkFlags::LOOPBACK) != 0,
            multicast: device.flags & LinkFlags::MULTICAST != 0,
            mtu: device.mtu,
            mac: device.address,
            master: 0,
            conf4: ns.default4.for_new_device(),
            conf6: ns.default6.for_new_device(),
            inet: Default::default(),
            igmp,
            in6: In6::Off,
        };
        ns.interfaces.insert(device.ifindex, Box::new(interface));
        self.neigh_add_device(dev);
        self.attach_rules(dev);
        self.inet6_register(dev);
    }

    /// Takes a device out of its namespace, with all that IP knew of it.
    fn leave(&mut self, dev: DevId) {
        #[cfg(feature = "proptest")]
        let goes = !self.is(crate::engine::Mutant::UppersStay);
        #[cfg(not(feature = "proptest"))]
        let goes = true;
        if goes {
            self.remove_tunnels_on(dev);
        }
        self.release_port(dev);
        self.inet_unregister(dev);
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let ifindex = device.ifindex;
        if let Some(ns) = self.netns.find_mut(device.netns) {
            ns.interfaces.remove(&ifindex);
            for name in device.seldom.altnames.iter() {
                ns.names.remove_text(name);
            }
            ns.names.remove(&device.name);
        }
    }

    /// Removes a device, with its peer where it is one of a pair (`unregister_netdevice`, `dellink`).
    pub(crate) fn unregister(&mut self, dev: DevId) {
        self.switched.remove(&dev);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        let peer = match &mut device.kind {
            DeviceKind::Veth { peer } => peer.take(),
            DeviceKind::Loopback
            | DeviceKind::Bridge(_)
            | DeviceKind::Dummy
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_)
            | DeviceKind::Stacked(_) => None,
        };
        if let Some(other) = peer.and_then(|peer| self.devices.find_mut(peer)) {
            other.kind = DeviceKind::Veth { peer: None };
        }
        if self.is_watched() {
            self.lose_under_way(dev);
        }
        self.close(dev);
        self.unregister_uppers(dev);
        self.detach(dev);
        self.release_ports(dev);
        self.leave(dev);
        self.forget_vxlan(dev);
        self.devices.remove(dev);
        if let Some(peer) = peer {
            self.unregister(peer);
        }
    }

    /// The name that is asked for, or that of `template`; `%d` in it stands for the lowest free number
    /// (`dev_alloc_name`).
    pub(crate) fn name_for(
        &self,
        netns: NetnsId,
        asked: Option<IfName>,
        template: &str,
    ) -> NlResult<IfName> {
        if let Some(plain) = asked.filter(|name| !name.as_bytes().contains(&b'%')) {
            return Ok(plain);
        }
        let template = asked.as_ref().map_or(template, IfName::as_str);
        let Some((before, after)) = template.split_once("%d") else {
            return template.parse().map_err(|_| Errno::Einval.into());
        };
        let ns = self.ns(netns)?;
        let name = |number: u32| format!("{before}{number}{after}");
        let free = (0..32768).map(name).find(|name| !ns.names.has_text(name));
        let free = free.ok_or(Errno::Enfile)?;
        free.parse().map_err(|_| Errno::Einval.into())
    }

    /// A random stream of a device, which its name and the number of its namesakes decide.
    pub(crate) fn device_stream(&self, device: &Device, what: &str) -> Random {
        let ns = self.netns.find(device.netns);
        let births = ns.map_or(0, |ns| ns.names.births(&device.name));
        let label = self.label(device.netns).text(what).text(" ");
        label
            .bytes(device.name.as_bytes())
            .text(" ")
            .number(births)
            .stream()
    }

    /// A random address for a new device, of a stream that only its name decides.
    pub(crate) fn random_mac(&mut self, netns: NetnsId, name: IfName) -> MacAddr {
        let Some(ns) = self.netns.find_mut(netns) else {
            return MacAddr::ZERO;
        };
        let births = ns.names.born(name);
        let label = self.label(netns).text("mac ").bytes(name.as_bytes());
        label.text(" ").number(births).stream().mac()
    }

    /// Moves a device to another namespace (`dev_change_net_namespace`).
    pub(crate) fn move_to_netns(
        &mut self,
        dev: DevId,
        target: NetnsId,
        name: Option<IfName>,
        ifindex: Option<IfIndex>,
    ) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        if device.netns == target {
            return Ok(());
        }
        if matches!(device.kind, DeviceKind::Loopback | DeviceKind::Bridge(_)) {
            return Err(NlError::with_text(
                Errno::Einval,
                "The interface netns is immutable",
            ));
        }
        let (old, own) = (device.netns, device.name);
        let altnames = device.seldom.altnames.clone();
        let ns = self.ns_mut(target)?;
        // The name that was asked for counts where its own is taken; otherwise the device moves
        // under its own name and is renamed there, which may fail by itself.
        let taken = |name: IfName| ns.names.has(&name);
        let name = match (taken(own), name) {
            (false, _) => own,
            (true, Some(name)) if taken(name) => return Err(Errno::Eexist.into()),
            (true, Some(name)) => name,
            (true, None) => {
                return Err(NlError::with_text(
                    Errno::Eexist,
                    "An interface with the same name exists in the target netns",
                ));
            }
        };
        if altnames.iter().any(|name| ns.names.has_text(name)) {
            return Err(NlError::with_text(
                Errno::Eexist,
                "An interface with the same altname exists in the target netns",
            ));
        }
        let wanted = self
            .devices
            .find(dev)
            .map_or(0, |device| ifindex.unwrap_or(device.ifindex));
        let ns = self.ns_mut(target)?;
        let free = !ns.interfaces.contains_key(&wanted);
        if ifindex.is_some() && !free {
            return Err(Errno::Ebusy.into());
        }
        self.close(dev);
        self.set_queue(dev, None);
        self.leave(dev);
        let ns = self.ns_mut(target)?;
        let number = if free { wanted } else { ns.next_ifindex() };
        if let Some(device) = self.devices.find_mut(dev) {
            (device.netns, device.ifindex, device.name) = (target, number, name);
            device.qdisc = Qdisc::Noop;
            device.multicast.clear();
            device.group_marks = 0;
        }
        self.enter(dev);
        self.tell_nsid(dev, old);
        self.tell_link(dev);
        Ok(())
    }

    /// The message about a device that left names its new namespace by an id of the old one.
    fn tell_nsid(&mut self, dev: DevId, old: NetnsId) {
        if let Some(new) = self.devices.find(dev).map(|device| device.netns) {
            self.nsid_alloc(old, new);
        }
    }

    /// What a message about a device does besides telling: an id for the peer's namespace (`rtmsg_ifinfo`).
    pub(crate) fn tell_link(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let netns = device.netns;
        let other = match &device.kind {
            DeviceKind::Veth { peer: Some(peer) } => self.devices.find(*peer).map(|d| d.netns),
            DeviceKind::Vxlan(tunnel) => Some(tunnel.net),
            DeviceKind::Stacked(stacked) => {
                self.devices.find(stacked.lower()).map(|lower| lower.netns)
            }
            _ => None,
        };
        if let Some(other) = other.filter(|&other| other != netns) {
            self.nsid_alloc(netns, other);
        }
    }
}
