//! The bridge driver: a bridge of the host with its address and rules, and a pair for each endpoint.
//! Docker's steps in Docker's order (libnetwork/drivers/bridge).

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use crate::docker::engine::Engine;
use crate::docker::era::MacFrom;
use crate::docker::fault::{Done, Fault};
use crate::docker::filter;
use crate::docker::firewall::{self, Wall};
use crate::docker::model::{DriverState, Network};
use crate::docker::net;
use crate::docker::sandbox::Plug;
use crate::kernel::World;
use crate::netns::filter::rule::Family;
use crate::units::{MacAddr, NetnsId};

const NAME: &str = "com.docker.network.bridge.name";
/// What each bridge with IPv6 is called on its own link.
const LINK_GATEWAY: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

impl Engine {
    /// Makes the bridge of a network.
    pub(super) fn bridge_create(
        &mut self,
        world: &mut World,
        network: &Network,
    ) -> Done<DriverState> {
        let given = network.options.get(NAME).filter(|name| !name.is_empty());
        let short = format!("br-{}", network.id.get(..12).unwrap_or(&network.id));
        let name = given.cloned().unwrap_or(short);
        let same = self
            .networks
            .values()
            .find(|net| net.bridge() == Some(&name));
        if let Some(other) = same {
            return Err(Fault::SameBridge {
                id: network.id.clone(),
                other: other.id.clone(),
                bridge: name,
            });
        }
        self.build_bridge(world, network, &name).inspect_err(|_| {
            net::delete(world, self.root, &name);
        })?;
        Ok(DriverState::Bridge(name))
    }

    fn build_bridge(&mut self, world: &mut World, network: &Network, name: &str) -> Done<()> {
        let (root, facts) = (self.root, self.facts());
        let mac = match facts.bridge_mac {
            MacFrom::Docker => self.draw.docker_mac(),
            MacFrom::Random => self.draw.mac(),
        };
        if world.ifindex(root, name).is_none() {
            net::add_bridge(world, root, name, Some(mac))?;
        }
        net::sysctl(world, root, &format!("net.ipv6.conf.{name}.accept_ra"), "0");
        if facts.bridge_mtu && network.mtu() != 1500 {
            net::set_mtu(world, root, name, network.mtu())?;
        }
        for subnet in &network.subnets {
            let Some(gateway) = subnet.gateway else {
                continue;
            };
            let length = subnet.pool.subnet.prefix_len();
            let address = IpNet::new(gateway, length).map_err(|_| Fault::AddressInUse)?;
            if gateway.is_ipv6() {
                self.forward_ipv6(world);
                net::sysctl(
                    world,
                    root,
                    &format!("net.ipv6.conf.{name}.disable_ipv6"),
                    "0",
                );
                // Every bridge has the same address for its link.
                let link = IpNet::V6(Ipv6Net::new_assert(LINK_GATEWAY, 64));
                if subnet.pool.subnet != link.trunc() {
                    net::add_address(world, root, name, link, false)?;
                }
            }
            net::add_address(world, root, name, address, facts.broadcast)?;
        }
        self.bridge_rules(world, network, name, true);
        net::set_up(world, root, name, true)
    }

    /// The rules of a bridge network come or go.
    fn bridge_rules(&self, world: &mut World, network: &Network, name: &str, come: bool) {
        for &family in self.families() {
            let subnet = match family {
                Family::V4 => network.subnet4(),
                Family::V6 => network.subnet6(),
            };
            if let Some(subnet) = subnet {
                self.rules_of(world, network, name, (family, subnet), come);
            }
        }
        if come {
            self.arrange_jumps(world);
        }
    }

    /// The rules of a bridge network in one family come or go.
    fn rules_of(
        &self,
        world: &mut World,
        network: &Network,
        name: &str,
        (family, subnet): (Family, IpNet),
        come: bool,
    ) {
        let option = |name: &str| format!("com.docker.network.bridge.{name}");
        let snat = network.options.get(match family {
            Family::V4 => "com.docker.network.host_ipv4",
            Family::V6 => "com.docker.network.host_ipv6",
        });
        let wall = Wall {
            bridge: name.to_owned(),
            family,
            subnet: subnet.to_string(),
            icc: network.option_on(&option("enable_icc"), true),
            masquerade: network.option_on(&option("enable_ip_masquerade"), true),
            snat: snat.and_then(|address| address.parse().ok()),
            internal: network.internal,
        };
        let others = self
            .networks
            .values()
            .filter(|other| !other.internal && other.id != network.id);
        let others: Vec<String> = others
            .filter_map(|net| net.bridge().map(str::to_owned))
            .collect();
        for rule in firewall::bridge_rules(self.facts(), &wall, &others) {
            match come {
                true => filter::ensure(world, self.root, &rule),
                false => filter::remove(world, self.root, &rule),
            }
        }
    }

    /// Takes the bridge of a network away.
    pub(super) fn bridge_delete(&mut self, world: &mut World, network: &Network) {
        if let Some(name) = network.bridge() {
            self.bridge_rules(world, network, name, false);
            net::delete(world, self.root, name);
        }
    }

    /// Makes the pair of an endpoint; gives the name of its end on the host.
    pub(super) fn bridge_plug(
        &mut self,
        world: &mut World,
        network: &Network,
        plug: &Plug<'_>,
    ) -> Done<String> {
        let bridge = network.bridge().unwrap_or_default().to_owned();
        let (outside, peer) = (self.draw.veth(), self.draw.veth());
        let root = self.root;
        let mtu = network.mtu();
        let inside = self.facts().peer_made_inside;
        let at = if inside { plug.netns } else { root };
        net::add_veth(world, root, &outside, (at, &peer))?;
        let mut wire = || -> Done<()> {
            if mtu != 1500 {
                net::set_mtu(world, root, &outside, mtu)?;
                net::set_mtu(world, at, &peer, mtu)?;
            }
            net::set_master(world, root, &outside, &bridge)?;
            net::set_up(world, root, &outside, true)?;
            plug.bring_in(world, at, &peer)
        };
        wire().inspect_err(|_| net::delete(world, root, &outside))?;
        if !network.internal {
            for address in plug.addresses {
                for rule in firewall::endpoint_rules(self.facts(), &bridge, address.addr()) {
                    filter::ensure(world, root, &rule);
                }
            }
        }
        Ok(outside)
    }

    /// Takes the pair of an endpoint away.
    pub(super) fn bridge_unplug(
        &mut self,
        world: &mut World,
        network: &Network,
        outside: &str,
        addresses: &[IpNet],
    ) {
        let bridge = network.bridge().unwrap_or_default();
        for address in addresses {
            for rule in firewall::endpoint_rules(self.facts(), bridge, address.addr()) {
                filter::remove(world, self.root, &rule);
            }
        }
        net::delete(world, self.root, outside);
    }

    /// The MAC address of an endpoint on a device of the host.
    pub(super) fn container_mac(&mut self, from: MacFrom, v4: Option<IpNet>) -> MacAddr {
        match (from, v4.map(|net| net.addr())) {
            (MacFrom::Docker, Some(IpAddr::V4(address))) => {
                let [a, b, c, d] = address.octets();
                MacAddr([0x02, 0x42, a, b, c, d])
            }
            _ => self.draw.mac(),
        }
    }
}

/// Whether a namespace has a device of that name.
pub(super) fn has_device(world: &World, netns: NetnsId, name: &str) -> bool {
    world.ifindex(netns, name).is_some()
}
