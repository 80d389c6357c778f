//! The addresses of machines and routers: those that are given, and the free ones that the others get.
//! What is wrong with names and cards was found before.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::{FIRST, HOSTS_MAX, Judge, NICS_MAX, Network, shown};
use crate::scenario::hosts::Hosts;
use crate::scenario::hosts::outside::OUTSIDE;
use crate::scenario::schema::At;
use crate::scenario::{Fault, Place};

impl Judge {
    /// Addresses that are given are taken; the other cards in networks get what is free.
    pub(super) fn addresses(&mut self, hosts: &Hosts) {
        let mut faults = Vec::new();
        for host in &self.plan.hosts {
            for card in &host.cards {
                let Some((number, ..)) = card.plug else {
                    continue;
                };
                let Some(network) = self.plan.networks.get_mut(number) else {
                    continue;
                };
                for address in &card.addresses {
                    let taker = format!("{}:{}", host.name, card.name);
                    if let Some(other) = network.taken.insert(address.value.addr(), taker) {
                        let words =
                            format!("{} is the address of {other} already", address.value.addr());
                        faults.push(Fault::new(address.place, words));
                    }
                }
            }
        }
        self.faults.append(&mut faults);
        self.routers(hosts);
        for (number, host) in self.plan.hosts.iter_mut().enumerate() {
            for card in host
                .cards
                .iter_mut()
                .filter(|card| card.addresses.is_empty())
            {
                let Some(network) = card
                    .plug
                    .and_then(|(network, ..)| self.plan.networks.get_mut(network))
                else {
                    continue;
                };
                let taker = format!("{}:{}", host.name, card.name);
                match network.free(number, taker) {
                    Some(value) => card.addresses.push(At {
                        value,
                        place: card.place,
                    }),
                    None => {
                        let words = format!(
                            "no address left in {} for {}:{}: give network `{}` a larger `subnet`",
                            network.subnet, host.name, card.name, network.name
                        );
                        self.faults.push(Fault::new(card.place, words));
                        return;
                    }
                }
            }
        }
    }

    /// The routers to the outside: the first address of each network that has one.
    pub(super) fn routers(&mut self, hosts: &Hosts) {
        let mut wanted: Vec<(usize, Place)> = Vec::new();
        for (number, network) in self.plan.networks.iter().enumerate() {
            if network.spec.uplink {
                wanted.push((number, network.place));
            }
        }
        for (host, (_, spec)) in self.plan.hosts.iter().zip(&hosts.0) {
            let Some(uplink) = spec.uplink.as_ref().filter(|uplink| uplink.value) else {
                continue;
            };
            let network = host.cards.iter().find_map(|card| card.plug);
            match network {
                Some((number, ..)) => wanted.push((number, uplink.place)),
                None => {
                    let words = "an uplink needs a network card that is plugged into a network";
                    self.faults.push(Fault::new(uplink.place, words));
                }
            }
        }
        for (number, place) in wanted {
            let Some(network) = self.plan.networks.get_mut(number) else {
                continue;
            };
            if network.router.is_some() {
                continue;
            }
            let words = match network.nth(1).map(|net| net.addr()) {
                Some(IpAddr::V4(router)) => {
                    network.router = Some(router);
                    match network
                        .taken
                        .insert(router.into(), format!("the router `{OUTSIDE}`"))
                    {
                        Some(other) => format!(
                            "the router to the outside has {router}, which is the address of {other}"
                        ),
                        None => continue,
                    }
                }
                Some(IpAddr::V6(_)) | None => {
                    "an uplink needs a `subnet` of IPv4 with room for a router".to_owned()
                }
            };
            self.faults.push(Fault::new(place, words));
        }
    }

    /// Who goes out by the router: machines of a network with an uplink, but for those that say otherwise.
    pub(super) fn uplinks(&mut self, hosts: &Hosts) {
        for (host, (_, spec)) in self.plan.hosts.iter_mut().zip(&hosts.0) {
            for text in &spec.gateway.0 {
                match text.value.parse() {
                    Ok(value) => host.gateways.push(At {
                        value,
                        place: text.place,
                    }),
                    Err(_) => {
                        let words = format!("`{}` is no address of a gateway", shown(&text.value));
                        self.faults.push(Fault::new(text.place, words));
                    }
                }
            }
            if !spec.gateway.0.is_empty() {
                if let Some(uplink) = spec.uplink.as_ref().filter(|uplink| uplink.value) {
                    let words = "a `gateway` and an `uplink`: say one of them";
                    self.faults.push(Fault::new(uplink.place, words));
                }
                continue;
            }
            if spec.uplink.as_ref().is_some_and(|uplink| !uplink.value) {
                continue;
            }
            let said = spec.uplink.is_some();
            let networks = host.cards.iter().filter_map(|card| card.plug);
            let mut routers = networks.filter_map(|(number, ..)| {
                let network = self.plan.networks.get(number)?;
                network.router.filter(|_| said || network.spec.uplink)
            });
            if let Some(router) = routers.next() {
                host.gateways.push(At {
                    value: router.into(),
                    place: host.place,
                });
            }
        }
    }

    /// A gateway is in a subnet of the machine, and not its own address.
    pub(super) fn gateways(&mut self) {
        let mut faults = Vec::new();
        for host in &self.plan.hosts {
            let addresses = || host.cards.iter().flat_map(|card| &card.addresses);
            let mut families = [false; 2];
            for gateway in &host.gateways {
                let ip = gateway.value;
                let near = addresses().any(|address| address.value.contains(&ip));
                let own = addresses().any(|address| address.value.addr() == ip);
                let second = std::mem::replace(&mut families[usize::from(ip.is_ipv6())], true);
                let words = match (near, own, second) {
                    (_, _, true) => "a second default gateway of the same family",
                    (false, ..) => "the gateway is in no subnet of this host",
                    (true, true, _) => "the gateway is an address of this host itself",
                    (true, false, _) => continue,
                };
                faults.push(Fault::new(gateway.place, format!("{ip}: {words}")));
            }
        }
        self.faults.append(&mut faults);
    }
}

impl Network {
    /// The `number`th address of the subnet, where it has that and it is no broadcast address.
    fn nth(&self, number: u128) -> Option<IpNet> {
        let bits = u32::from(self.subnet.max_prefix_len() - self.subnet.prefix_len());
        let size = 1u128.checked_shl(bits).unwrap_or(u128::MAX);
        let last = if self.subnet.addr().is_ipv4() {
            size.saturating_sub(2)
        } else {
            size - 1
        };
        if number == 0 || number > last {
            return None;
        }
        let addr = match self.subnet.addr() {
            IpAddr::V4(v4) => {
                Ipv4Addr::from_bits(v4.to_bits() + u32::try_from(number).ok()?).into()
            }
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() + number).into(),
        };
        IpNet::new(addr, self.subnet.prefix_len()).ok()
    }

    /// An address for the `number`th machine: .11 for the first where there is room for that, or else the next free.
    fn free(&mut self, number: usize, taker: String) -> Option<IpNet> {
        let usual = FIRST + number as u128;
        let others = 2..FIRST + HOSTS_MAX as u128 + NICS_MAX as u128;
        let mut candidates = std::iter::once(usual).chain(others);
        let found = candidates.find_map(|number| {
            let net = self.nth(number)?;
            (!self.taken.contains_key(&net.addr())).then_some(net)
        })?;
        self.taken.insert(found.addr(), taker);
        Some(found)
    }
}
