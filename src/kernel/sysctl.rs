//! Reading and writing settings by key, with what a write does at once (sysctl_net.c, devinet.c, addrconf.c).
//! The values are kept in `netns::conf` and `netns::sysctl`.

use std::time::Duration;

use crate::kernel::world::World;
use crate::netns::Netns;
use crate::netns::conf::{Conf4, Conf6};
use crate::netns::neigh::NeighParams;
use crate::netns::sysctl::{SysctlFault, Sysctls, integer};
use crate::units::{Errno, IfIndex, NetnsId};

/// Whose settings a key is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    All,
    Default,
    Device(IfIndex),
}

/// A key taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Key<'k> {
    Forward4,
    Conf4(Whose, Conf4),
    Conf6(Whose, Conf6),
    Neigh {
        v6: bool,
        whose: Whose,
        name: &'k str,
    },
    Other(&'k str),
}

/// The keys of a neighbour table's parameters, each with whether `default` has it only.
const NEIGH_KEYS: &[(&str, bool)] = &[
    ("anycast_delay", false),
    ("app_solicit", false),
    ("base_reachable_time_ms", false),
    ("delay_first_probe_time", false),
    ("gc_interval", true),
    ("gc_stale_time", false),
    ("gc_thresh1", true),
    ("gc_thresh2", true),
    ("gc_thresh3", true),
    ("interval_probe_time_ms", false),
    ("locktime", false),
    ("mcast_resolicit", false),
    ("mcast_solicit", false),
    ("proxy_delay", false),
    ("proxy_qlen", false),
    ("retrans_time_ms", false),
    ("ucast_solicit", false),
    ("unres_qlen", false),
    ("unres_qlen_bytes", false),
];

impl World {
    /// The value of a setting, as `sysctl` shows it. A key is written with dots; dots in a device's name are slashes.
    ///
    /// # Errors
    /// `ENOENT` where there is no such key.
    pub fn sysctl_read(&self, netns: NetnsId, key: &str) -> Result<String, Errno> {
        let ns = self.ns(netns)?;
        match parse(ns, key).ok_or(Errno::Enoent)? {
            Key::Forward4 => Ok(ns.all4.of(Conf4::Forwarding).to_string()),
            Key::Conf4(whose, setting) => Ok(conf4(ns, whose, setting)?.to_string()),
            Key::Conf6(whose, setting) => Ok(conf6(ns, whose, setting)?.to_string()),
            Key::Neigh { v6, whose, name } => {
                let params = neigh_params(ns, v6, whose);
                neigh_value(params, name)
                    .map(|value| value.to_string())
                    .ok_or(Errno::Enoent)
            }
            Key::Other("net.netfilter.nf_conntrack_count") => {
                let filter = ns.filter.as_deref();
                let count = filter.map_or(0, |filter| filter.connections.count(self.now));
                Ok(count.to_string())
            }
            Key::Other(key) => ns.sysctls.text(key).map(str::to_owned).ok_or(Errno::Enoent),
        }
    }

    /// Gives a setting a value.
    ///
    /// # Errors
    /// `ENOENT` where there is no such key, `EINVAL` where it does not take the value.
    pub fn sysctl_write(&mut self, netns: NetnsId, key: &str, value: &str) -> Result<(), Errno> {
        let parsed = parse(self.ns(netns)?, key).ok_or(Errno::Enoent)?;
        let number = || integer(value).ok_or(Errno::Einval);
        match parsed {
            Key::Forward4 => self.set_forwarding4(netns, number()?),
            Key::Conf4(Whose::All, Conf4::Forwarding) => self.set_forwarding4(netns, number()?),
            Key::Conf4(whose, setting) => self.set_conf4(netns, whose, setting, number()?)?,
            Key::Conf6(whose, setting) => self.set_conf6(netns, whose, setting, number()?)?,
            Key::Neigh { v6, whose, name } => self.set_neigh(netns, v6, whose, name, number()?)?,
            Key::Other(key) => {
                let ns = self.ns_mut(netns)?;
                ns.sysctls.assign(key, value).map_err(|fault| match fault {
                    SysctlFault::Unknown => Errno::Enoent,
                    SysctlFault::Invalid => Errno::Einval,
                })?;
            }
        }
        Ok(())
    }

    /// Every key of a namespace, sorted.
    pub fn sysctl_keys(&self, netns: NetnsId) -> Vec<String> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let mut keys: Vec<String> = Sysctls::keys().map(str::to_owned).collect();
        keys.push("net.ipv4.ip_forward".to_owned());
        let devices = ns
            .interfaces
            .values()
            .map(|interface| interface.name.to_string().replace('.', "/"));
        let whose: Vec<String> = devices
            .chain(["all".to_owned(), "default".to_owned()])
            .collect();
        for name in &whose {
            keys.extend(
                Conf4::ALL
                    .iter()
                    .map(|setting| format!("net.ipv4.conf.{name}.{}", setting.key())),
            );
            keys.extend(
                Conf6::ALL
                    .iter()
                    .map(|setting| format!("net.ipv6.conf.{name}.{}", setting.key())),
            );
            for &(key, default_only) in NEIGH_KEYS {
                if name != "all" && (!default_only || name == "default") {
                    keys.push(format!("net.ipv4.neigh.{name}.{key}"));
                    keys.push(format!("net.ipv6.neigh.{name}.{key}"));
                }
            }
        }
        keys.sort();
        keys
    }

    /// Forwarding on or off for all devices, and for those to come (`inet_forward_change`).
    fn set_forwarding4(&mut self, netns: NetnsId, value: i64) {
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let on = value;
        if ns.all4.of(Conf4::Forwarding) == on {
            // A value that is there already changes no device.
            return;
        }
        ns.all4.assign(Conf4::Forwarding, on);
        // A router does not listen to redirects (`inet_forward_change`).
        ns.all4.assign(Conf4::AcceptRedirects, i64::from(on == 0));
        ns.default4.assign(Conf4::Forwarding, on);
        for interface in ns.interfaces.values_mut() {
            interface.conf4.assign(Conf4::Forwarding, on);
        }
    }

    fn set_conf4(
        &mut self,
        netns: NetnsId,
        whose: Whose,
        setting: Conf4,
        value: i64,
    ) -> Result<(), Errno> {
        let ns = self.ns_mut(netns)?;
        match whose {
            Whose::All => ns.all4.assign(setting, value),
            Whose::Default => {
                ns.default4.assign(setting, value);
                // Devices follow until somebody sets them apart (`devinet_copy_dflt_conf`).
                for interface in ns.interfaces.values_mut() {
                    interface.conf4.follow(setting, value);
                }
            }
            Whose::Device(ifindex) => {
                let interface = ns.interfaces.get_mut(&ifindex).ok_or(Errno::Enoent)?;
                interface.conf4.assign(setting, value);
            }
        }
        Ok(())
    }

    fn set_conf6(
        &mut self,
        netns: NetnsId,
        whose: Whose,
        setting: Conf6,
        value: i64,
    ) -> Result<(), Errno> {
        let ns = self.ns_mut(netns)?;
        match setting {
            Conf6::Mtu => check_mtu6(ns, whose, value)?,
            Conf6::HopLimit if !(1..=255).contains(&value) => return Err(Errno::Einval),
            Conf6::RaDefrtrMetric if value == 0 => return Err(Errno::Einval),
            Conf6::NdiscTclass if !(0..=255).contains(&value) => return Err(Errno::Einval),
            _ => {}
        }
        let everywhere = matches!(
            setting,
            Conf6::Forwarding
                | Conf6::DisableIpv6
                | Conf6::IgnoreRoutesWithLinkdown
                | Conf6::ProxyNdp
        );
        match whose {
            Whose::All => {
                ns.all6.assign(setting, value);
                if everywhere && setting != Conf6::ProxyNdp {
                    ns.default6.assign(setting, value);
                    let devices: Vec<IfIndex> = ns.interfaces.keys().copied().collect();
                    for ifindex in devices {
                        self.set_conf6_of(netns, ifindex, setting, value)?;
                    }
                }
            }
            Whose::Default => ns.default6.assign(setting, value),
            Whose::Device(ifindex) => self.set_conf6_of(netns, ifindex, setting, value)?,
        }
        Ok(())
    }

    fn set_conf6_of(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        setting: Conf6,
        value: i64,
    ) -> Result<(), Errno> {
        let ns = self.ns_mut(netns)?;
        let interface = ns.interfaces.get_mut(&ifindex).ok_or(Errno::Enoent)?;
        let (dev, old) = (interface.dev, interface.conf6.of(setting));
        interface.conf6.assign(setting, value);
        if old != value {
            self.inet6_conf_changed(dev, setting, old, value);
        }
        Ok(())
    }

    fn set_neigh(
        &mut self,
        netns: NetnsId,
        v6: bool,
        whose: Whose,
        name: &str,
        value: i64,
    ) -> Result<(), Errno> {
        let ns = self.ns_mut(netns)?;
        let ifindex = match whose {
            Whose::Device(ifindex) => Some(ifindex),
            Whose::All | Whose::Default => None,
        };
        let mut params = neigh_params(ns, v6, whose).clone();
        let value = u64::try_from(value).map_err(|_| Errno::Einval)?;
        assign_neigh(&mut params, name, value).ok_or(Errno::Einval)?;
        if v6 {
            ns.neigh6.set_params(ifindex, params);
        } else {
            ns.neigh4.set_params(ifindex, params);
        }
        Ok(())
    }
}

fn conf4(ns: &Netns, whose: Whose, setting: Conf4) -> Result<i64, Errno> {
    Ok(match whose {
        Whose::All => &ns.all4,
        Whose::Default => &ns.default4,
        Whose::Device(ifindex) => &ns.interfaces.get(&ifindex).ok_or(Errno::Enoent)?.conf4,
    }
    .of(setting))
}

fn conf6(ns: &Netns, whose: Whose, setting: Conf6) -> Result<i64, Errno> {
    Ok(match whose {
        Whose::All => &ns.all6,
        Whose::Default => &ns.default6,
        Whose::Device(ifindex) => &ns.interfaces.get(&ifindex).ok_or(Errno::Enoent)?.conf6,
    }
    .of(setting))
}

fn neigh_params(ns: &Netns, v6: bool, whose: Whose) -> &NeighParams {
    let ifindex = match whose {
        Whose::Device(ifindex) => Some(ifindex),
        Whose::All | Whose::Default => None,
    };
    if v6 {
        ns.neigh6.params(ifindex)
    } else {
        ns.neigh4.params(ifindex)
    }
}

fn parse<'k>(ns: &Netns, key: &'k str) -> Option<Key<'k>> {
    if key == "net.ipv4.ip_forward" {
        return Some(Key::Forward4);
    }
    let mut words = key.splitn(5, '.');
    let (net, family, group) = (words.next()?, words.next()?, words.next()?);
    let (Some(device), Some(name)) = (words.next(), words.next()) else {
        return Some(Key::Other(key));
    };
    if net != "net" || !matches!(family, "ipv4" | "ipv6") || !matches!(group, "conf" | "neigh") {
        return Some(Key::Other(key));
    }
    let whose = match device {
        "all" => Whose::All,
        "default" => Whose::Default,
        // The name is the device's own one: an alternative name has no folder in /proc/sys.
        device => {
            let device = device.replace('/', ".");
            let named =
                |interface: &&crate::netns::interface::Interface| interface.name.as_str() == device;
            Whose::Device(ns.interfaces.values().map(Box::as_ref).find(named)?.ifindex)
        }
    };
    match (family, group) {
        ("ipv4", "conf") => Some(Key::Conf4(whose, Conf4::of_key(name)?)),
        ("ipv6", _) if lacks_ipv6(ns, whose) => None,
        ("ipv6", "conf") => Some(Key::Conf6(whose, Conf6::of_key(name)?)),
        _ => {
            let &(known, default_only) = NEIGH_KEYS.iter().find(|(known, _)| *known == name)?;
            let there = whose != Whose::All && (!default_only || whose == Whose::Default);
            let v6 = family == "ipv6";
            there.then_some(Key::Neigh {
                v6,
                whose,
                name: known,
            })
        }
    }
}

/// The bounds of `mtu`: what IPv6 needs, and what the device takes (`addrconf_sysctl_mtu`).
fn check_mtu6(ns: &Netns, whose: Whose, value: i64) -> Result<(), Errno> {
    let most = match whose {
        Whose::Device(ifindex) => ns.interfaces.get(&ifindex).map(|interface| interface.mtu),
        Whose::All | Whose::Default => None,
    };
    let most = most.map_or(i64::from(i32::MAX), i64::from);
    match (1280..=most).contains(&value) {
        true => Ok(()),
        false => Err(Errno::Einval),
    }
}

/// Whether a device has no IPv6, for its mtu is too small: there is nothing to set then.
fn lacks_ipv6(ns: &Netns, whose: Whose) -> bool {
    match whose {
        Whose::Device(ifindex) => {
            let interface = ns.interfaces.get(&ifindex);
            interface.is_some_and(|interface| !interface.in6.is_on())
        }
        Whose::All | Whose::Default => false,
    }
}

/// What `sysctl` shows of a neighbour parameter; times in the unit of the key.
fn neigh_value(params: &NeighParams, name: &str) -> Option<u64> {
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Some(match name {
        "anycast_delay" => ms(params.anycast_delay) / 10,
        "app_solicit" => params.app_solicit.into(),
        "base_reachable_time_ms" => ms(params.base_reachable_time),
        "delay_first_probe_time" => params.delay_probe_time.as_secs(),
        "gc_interval" => 30,
        "gc_stale_time" => params.gc_stale_time.as_secs(),
        "gc_thresh1" => 128,
        "gc_thresh2" => 512,
        "gc_thresh3" => 1024,
        "interval_probe_time_ms" => ms(params.interval_probe_time),
        "locktime" => ms(params.locktime) / 10,
        "mcast_resolicit" => params.mcast_resolicit.into(),
        "mcast_solicit" => params.mcast_solicit.into(),
        "proxy_delay" => ms(params.proxy_delay) / 10,
        "proxy_qlen" => params.proxy_qlen.into(),
        "retrans_time_ms" => ms(params.retrans_time),
        "ucast_solicit" => params.ucast_solicit.into(),
        "unres_qlen" => params.unres_qlen().into(),
        "unres_qlen_bytes" => params.unres_qlen_bytes.into(),
        _ => return None,
    })
}

fn assign_neigh(params: &mut NeighParams, name: &str, value: u64) -> Option<()> {
    let short = u32::try_from(value).ok()?;
    match name {
        "anycast_delay" => params.anycast_delay = Duration::from_millis(value.checked_mul(10)?),
        "app_solicit" => params.app_solicit = short,
        "base_reachable_time_ms" => params.base_reachable_time = Duration::from_millis(value),
        "delay_first_probe_time" => params.delay_probe_time = Duration::from_secs(value),
        "gc_interval" | "gc_thresh1" | "gc_thresh2" | "gc_thresh3" => {}
        "gc_stale_time" => params.gc_stale_time = Duration::from_secs(value),
        "interval_probe_time_ms" => params.interval_probe_time = Duration::from_millis(value),
        "locktime" => params.locktime = Duration::from_millis(value.checked_mul(10)?),
        "mcast_resolicit" => params.mcast_resolicit = short,
        "mcast_solicit" => params.mcast_solicit = short,
        "proxy_delay" => params.proxy_delay = Duration::from_millis(value.checked_mul(10)?),
        "proxy_qlen" => params.proxy_qlen = short,
        "retrans_time_ms" => params.retrans_time = Duration::from_millis(value),
        "ucast_solicit" => params.ucast_solicit = short,
        "unres_qlen" => params.limit_frames(short),
        "unres_qlen_bytes" => params.unres_qlen_bytes = short,
        _ => return None,
    }
    Some(())
}
