//! A made-up set of devices and addresses for the tests of the tables.
//! Only for tests: a real namespace answers in its own words.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

use super::config::{NewFlags, NexthopConfig, RouteConfig, RouteError};
use super::links::Links;
use super::route::{RouteType, scope, table};
use super::v4::Owner4;
use super::{DumpFilter, Fib, RouteInfo};
use crate::netns::inet::{Ifaddr4, InetDevice, SCOPE_HOST, SCOPE_UNIVERSE};
use crate::units::{IfIndex, SimTime};

#[derive(Clone, Default)]
pub(super) struct Device {
    pub up: bool,
    pub carrier: bool,
    pub inet: InetDevice,
    pub addrs6: Vec<Ipv6Addr>,
}

/// Devices by number, 1 the loopback, and the routing over them.
pub(super) struct World {
    pub devices: Vec<Device>,
    pub fib: Fib,
    pub ignore_linkdown: bool,
    pub forwarding: bool,
    pub rp_filter: u8,
}

/// The facts of a [`World`], apart from its tables.
pub(super) struct Facts<'a> {
    devices: &'a [Device],
    ignore_linkdown: bool,
    forwarding: bool,
    rp_filter: u8,
}

impl Facts<'_> {
    fn device(&self, ifindex: IfIndex) -> Option<&Device> {
        self.devices
            .get(usize::try_from(ifindex).ok()?.checked_sub(1)?)
    }
}

impl Links for Facts<'_> {
    fn exists(&self, ifindex: IfIndex) -> bool {
        self.device(ifindex).is_some()
    }
    fn is_up(&self, ifindex: IfIndex) -> bool {
        self.device(ifindex).is_some_and(|device| device.up)
    }
    fn has_carrier(&self, ifindex: IfIndex) -> bool {
        self.device(ifindex).is_some_and(|device| device.carrier)
    }
    fn select_addr4(&self, oif: IfIndex, dst: Option<Ipv4Addr>, scope: u8) -> Option<Ipv4Addr> {
        let own = self
            .device(oif)
            .and_then(|device| device.inet.select(dst, scope));
        own.or_else(|| {
            let mut all = self.devices.iter();
            all.find_map(|device| device.inet.select_for_others(scope))
        })
    }
    fn select_addr6(&self, oif: IfIndex, _dst: Ipv6Addr) -> Option<Ipv6Addr> {
        self.device(oif)?.addrs6.first().copied()
    }
    fn has_addr6(&self, addr: Ipv6Addr, on: Option<IfIndex>) -> bool {
        let mut devices = (1..).zip(self.devices);
        devices.any(|(n, device)| on.is_none_or(|on| on == n) && device.addrs6.contains(&addr))
    }
    fn ignores_linkdown4(&self, _ifindex: IfIndex) -> bool {
        self.ignore_linkdown
    }
    fn forwards4(&self, _ifindex: IfIndex) -> bool {
        self.forwarding
    }
    fn rp_filter(&self, _ifindex: IfIndex) -> u8 {
        self.rp_filter
    }
}

impl World {
    /// The loopback, up, and `count` devices with the numbers from 2, up and with carrier.
    pub fn new(count: usize) -> Self {
        let device = Device {
            up: true,
            carrier: true,
            ..Device::default()
        };
        let mut world = Self {
            devices: vec![device; count + 1],
            fib: Fib::default(),
            ignore_linkdown: false,
            forwarding: false,
            rp_filter: 0,
        };
        world.address(1, "127.0.0.1/8");
        world
    }

    pub fn split(&self) -> (&Fib, Facts<'_>) {
        let facts = Facts {
            devices: &self.devices,
            ignore_linkdown: self.ignore_linkdown,
            forwarding: self.forwarding,
            rp_filter: self.rp_filter,
        };
        (&self.fib, facts)
    }

    /// Lets the tables change with the facts at hand.
    pub fn with<T>(&mut self, change: impl FnOnce(&mut Fib, &Facts<'_>) -> T) -> T {
        let facts = Facts {
            devices: &self.devices,
            ignore_linkdown: self.ignore_linkdown,
            forwarding: self.forwarding,
            rp_filter: self.rp_filter,
        };
        change(&mut self.fib, &facts)
    }

    /// `ip addr add NET dev IFINDEX`.
    pub fn address(&mut self, ifindex: IfIndex, net: &str) {
        let net: Ipv4Net = net.parse().unwrap();
        let scope = if ifindex == 1 {
            SCOPE_HOST
        } else {
            SCOPE_UNIVERSE
        };
        let addr = Ifaddr4::new(net.addr(), net.prefix_len(), scope);
        let at = usize::try_from(ifindex).unwrap() - 1;
        let addr = self.devices[at].inet.insert(addr).unwrap().clone();
        let addrs = self.devices[at].inet.addrs().to_vec();
        let owner = Owner4 {
            ifindex,
            addrs: &addrs,
        };
        self.with(|fib, links| fib.v4.add_ifaddr(owner, &addr, links));
    }

    /// `ip addr del` of the address at `position`.
    pub fn address_gone(&mut self, ifindex: IfIndex, position: usize, promote: bool) {
        let at = usize::try_from(ifindex).unwrap() - 1;
        let removed = self.devices[at].inet.remove(position, promote);
        let addrs = self.devices[at].inet.addrs().to_vec();
        let owner = Owner4 {
            ifindex,
            addrs: &addrs,
        };
        self.with(|fib, links| fib.v4.addresses_removed(owner, &removed, links));
    }

    /// `ip route CMD ...`, in the words of [`config`].
    pub fn route(&mut self, flags: NewFlags, text: &str) -> Result<(), RouteError> {
        let config = config(text);
        self.with(|fib, links| fib.route_new(&config, flags, links, SimTime::ZERO))
    }

    /// The dump of a table, one line a route, in the words of iproute2 where it is short.
    pub fn shown(&self, v6: bool, table: u32) -> Vec<String> {
        let filter = DumpFilter {
            v6: Some(v6),
            table: Some(table),
        };
        let (fib, facts) = self.split();
        let infos = fib.route_dump(filter, &facts).unwrap();
        infos.iter().map(line).collect()
    }
}

/// A route in words: `[TYPE] DST [via GW] [dev N] [metric N] [table N] [tos N] [src A] [proto N]
/// [scope N] [onlink] [nexthop via GW dev N weight N]...`.
pub(super) fn config(text: &str) -> RouteConfig {
    let mut words = text.split_whitespace().peekable();
    let kinds = [
        ("local", RouteType::Local),
        ("broadcast", RouteType::Broadcast),
        ("blackhole", RouteType::Blackhole),
        ("unreachable", RouteType::Unreachable),
        ("prohibit", RouteType::Prohibit),
        ("throw", RouteType::Throw),
    ];
    let kind = kinds.iter().find(|(name, _)| words.peek() == Some(name));
    if kind.is_some() {
        words.next();
    }
    let dst = words.next().unwrap();
    let dst: IpNet = match dst {
        "default" => "0.0.0.0/0".parse().unwrap(),
        dst if dst.contains('/') => dst.parse().unwrap(),
        dst => IpNet::from(dst.parse::<std::net::IpAddr>().unwrap()),
    };
    let mut config = RouteConfig::new(dst);
    config.kind = kind.map_or(RouteType::Unicast, |(_, kind)| *kind);
    let mut scoped = false;
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap();
        let way = match config.nexthops.last_mut() {
            Some(way) => way,
            None => &mut config.nexthop,
        };
        match word {
            "via" => way.gateway = Some(value().parse().unwrap()),
            "dev" => way.oif = value().parse().unwrap(),
            "weight" => way.weight = value().parse().unwrap(),
            "onlink" => way.flags |= 4,
            "nexthop" => config.nexthops.push(NexthopConfig::default()),
            "metric" => config.metric = value().parse().unwrap(),
            "table" => config.table = value().parse().unwrap(),
            "tos" => config.tos = value().parse().unwrap(),
            "src" => config.prefsrc = Some(value().parse().unwrap()),
            "proto" => config.protocol = value().parse().unwrap(),
            "scope" => {
                config.scope = value().parse().unwrap();
                scoped = true;
            }
            word => panic!("{word}"),
        }
    }
    if !scoped {
        config.scope = default_scope(&config);
    }
    if config.table == 0 && matches!(config.kind, RouteType::Local | RouteType::Broadcast) {
        config.table = table::LOCAL;
    }
    config
}

/// The scope that iproute2 gives a route of which none is said.
fn default_scope(config: &RouteConfig) -> u8 {
    match config.kind {
        RouteType::Local => scope::HOST,
        RouteType::Broadcast => scope::LINK,
        RouteType::Unicast if config.nexthops.is_empty() && config.nexthop.gateway.is_none() => {
            scope::LINK
        }
        _ => scope::UNIVERSE,
    }
}

fn line(info: &RouteInfo) -> String {
    let mut text = match info.kind {
        RouteType::Unicast => String::new(),
        kind => format!("{kind:?} ").to_lowercase(),
    };
    text += &info.dst.to_string();
    for hop in &info.nexthops {
        if let Some(gateway) = hop.gateway {
            text += &format!(" via {gateway}");
        }
        if hop.oif != 0 {
            text += &format!(" dev {}", hop.oif);
        }
        for (flag, name) in [(1, " dead"), (4, " onlink"), (16, " linkdown")] {
            if hop.flags & flag != 0 {
                text += name;
            }
        }
    }
    if let Some(metric) = info.metric {
        text += &format!(" metric {metric}");
    }
    text
}
