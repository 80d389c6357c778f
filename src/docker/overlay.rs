//! The overlay driver: a namespace with `br0` and `vxlan0` for each network, and a pair for each endpoint.
//! Who is where on the other nodes is told by the swarm (libnetwork/drivers/overlay).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::device::bridge::{FdbState, NewFlags};
use crate::device::vxlan::VxlanOptions;
use crate::docker::engine::Engine;
use crate::docker::fault::{Done, Fault};
use crate::docker::model::{DriverState, Endpoint, Network, OverlayState, Peer};
use crate::docker::net;
use crate::docker::sandbox::{NETNS_DIR, Plug};
use crate::kernel::World;
use crate::kernel::netlink::{BridgeOptions, FdbRequest, LinkChange, LinkKind, NeighNew, NeighRef};
use crate::netns::neigh::{NeighFlags, Nud};
use crate::units::{MacAddr, NetnsId, Vni};

/// The port of VXLAN (RFC 7348).
const PORT: u16 = 4789;

impl Engine {
    fn overlay_state(&mut self, network: &str) -> Done<&mut OverlayState> {
        match &mut self.net_mut(network)?.state {
            DriverState::Overlay(state) => Ok(state),
            DriverState::Bridge(_) | DriverState::Parent { .. } | DriverState::Nothing => {
                Err(Fault::Other(format!("network {network} is no overlay")))
            }
        }
    }

    /// The namespace of an overlay network on this host, made now where there is none.
    pub(super) fn overlay_sandbox(&mut self, world: &mut World, network: &str) -> Done<NetnsId> {
        if let Some((netns, _)) = self.overlay_state(network)?.sandbox {
            return Ok(netns);
        }
        let net = self.net(network)?.clone();
        let state = self.overlay_state(network)?;
        state.epoch += 1;
        state.next_veth = 0;
        let (vni, epoch) = (state.vni, state.epoch);
        let key: String = format!("{epoch}-{network}").chars().take(12).collect();
        let netns = world.netns_unshare(self.host, &key)?;
        world.netns_bind(self.host, &format!("{NETNS_DIR}/{key}"), netns);
        net::sysctl(world, netns, "net.ipv6.conf.all.disable_ipv6", "1");
        net::set_up(world, netns, "lo", true)?;
        self.inherit_forwarding(world, netns);
        self.overlay_state(network)?.sandbox = Some((netns, key));
        self.overlay_bridge(world, &net, netns, vni)?;
        self.overlay_tunnel(world, &net, netns, vni)?;
        Ok(netns)
    }

    fn overlay_bridge(
        &self,
        world: &mut World,
        net: &Network,
        netns: NetnsId,
        vni: u32,
    ) -> Done<()> {
        let first = format!("ov-{vni:06x}-{}", net.id.get(..5).unwrap_or(&net.id));
        net::add_bridge(world, netns, &first, None)?;
        net::rename(world, netns, &first, "br0")?;
        if let (Some(gateway), Some(subnet)) = (net.gateway4(), net.subnet4()) {
            let address =
                IpNet::new(gateway, subnet.prefix_len()).map_err(|_| Fault::AddressInUse)?;
            net::add_address(world, netns, "br0", address, self.facts().broadcast)?;
        }
        net::set_up(world, netns, "br0", true)
    }

    fn overlay_tunnel(
        &self,
        world: &mut World,
        net: &Network,
        netns: NetnsId,
        vni: u32,
    ) -> Done<()> {
        let first = format!("vx-{vni:06x}-{}", net.id.get(..5).unwrap_or(&net.id));
        let options = VxlanOptions {
            id: Vni::new(vni),
            dstport: Some(PORT),
            learning: Some(true),
            proxy: Some(true),
            l2miss: Some(true),
            l3miss: Some(true),
            ..VxlanOptions::default()
        };
        let mut attributes = net::named(&first)?;
        attributes.mtu = Some(net.mtu());
        let kind = LinkKind::Vxlan(Box::new(options));
        world.link_add(self.root, &net::link_new(kind, attributes))?;
        net::move_to(world, self.root, &first, netns)?;
        net::rename(world, netns, &first, "vxlan0")?;
        net::set_master(world, netns, "vxlan0", "br0")?;
        net::set_up(world, netns, "vxlan0", true)?;
        let options = BridgeOptions {
            vlan_default_pvid: Some(0),
            ..BridgeOptions::default()
        };
        let change = LinkChange {
            kind: Some(LinkKind::Bridge(Box::new(options))),
            ..LinkChange::default()
        };
        let _ = net::set(world, netns, "br0", &change);
        Ok(())
    }

    /// Makes the pair of an endpoint, and the network's namespace where there is none yet.
    pub(super) fn overlay_plug(
        &mut self,
        world: &mut World,
        network: &str,
        plug: &Plug<'_>,
    ) -> Done<String> {
        let netns = self.overlay_sandbox(world, network)?;
        let mtu = self.net(network)?.mtu();
        let (near, far) = (self.draw.veth(), self.draw.veth());
        let root = self.root;
        net::add_veth(world, root, &near, (root, &far))?;
        for name in [&near, &far] {
            net::set_mtu(world, root, name, mtu)?;
        }
        let state = self.overlay_state(network)?;
        let outside = format!("veth{}", state.next_veth);
        state.next_veth += 1;
        net::move_to(world, root, &near, netns)?;
        net::rename(world, netns, &near, &outside)?;
        net::set_master(world, netns, &outside, "br0")?;
        net::set_up(world, netns, &outside, true)?;
        plug.bring_in(world, root, &far)?;
        Ok(outside)
    }

    /// Takes the pair of an endpoint away, and the namespace with the last one.
    pub(super) fn overlay_unplug(&mut self, world: &mut World, network: &str, endpoint: &Endpoint) {
        let empty = self.net(network).is_ok_and(|net| net.endpoints.is_empty());
        let Ok(state) = self.overlay_state(network) else {
            return;
        };
        if let Some((netns, _)) = state.sandbox {
            net::delete(world, netns, &endpoint.outside);
        }
        if empty {
            self.overlay_close(world, network);
        }
    }

    fn overlay_close(&mut self, world: &mut World, network: &str) {
        let Ok(state) = self.overlay_state(network) else {
            return;
        };
        state.peers.clear();
        let Some((netns, key)) = state.sandbox.take() else {
            return;
        };
        net::delete(world, netns, "vxlan0");
        world.netns_unbind(self.host, &format!("{NETNS_DIR}/{key}"));
        world.netns_release(netns);
    }

    /// Takes the network's namespace away.
    pub(super) fn overlay_delete(&mut self, world: &mut World, network: &Network) {
        let DriverState::Overlay(state) = &network.state else {
            return;
        };
        if let Some((netns, key)) = &state.sandbox {
            net::delete(world, *netns, "vxlan0");
            world.netns_unbind(self.host, &format!("{NETNS_DIR}/{key}"));
            world.netns_release(*netns);
        }
    }

    /// Endpoints of other nodes that are to be known, by endpoint: entries come and go so that these are there.
    pub(super) fn overlay_peers(&mut self, world: &mut World, network: &str, wanted: &[Peer]) {
        let Ok(state) = self.overlay_state(network) else {
            return;
        };
        let Some((netns, _)) = state.sandbox else {
            return;
        };
        let gone: Vec<Peer> = state
            .peers
            .iter()
            .filter(|peer| !wanted.contains(peer))
            .cloned()
            .collect();
        let new: Vec<Peer> = wanted
            .iter()
            .filter(|peer| !state.peers.contains(peer))
            .cloned()
            .collect();
        state.peers.retain(|peer| wanted.contains(peer));
        state.peers.extend(new.iter().cloned());
        for peer in gone {
            forget(world, netns, &peer);
        }
        for peer in new {
            let _ = learn(world, netns, &peer);
        }
    }
}

/// The entry of the forwarding database that leads to a peer.
fn entry(link: u32, mac: MacAddr, vtep: IpAddr) -> FdbRequest {
    FdbRequest {
        link,
        mac,
        vid: None,
        state: FdbState::Permanent,
        flags: NewFlags {
            create: true,
            replace: true,
            ..NewFlags::default()
        },
        to_self: true,
        to_master: false,
        router: false,
        sticky: false,
        use_now: false,
        extern_learn: false,
        dst: Some(vtep),
        port: None,
        vni: None,
        src_vni: None,
        via: None,
        nhid: None,
    }
}

/// A peer comes: its neighbour entry, and its entry of the forwarding database.
fn learn(world: &mut World, netns: NetnsId, peer: &Peer) -> Done<()> {
    let link = net::index(world, netns, "vxlan0")?;
    let neighbour = NeighNew {
        ifindex: Some(link),
        addr: peer.address,
        lladdr: Some(peer.mac.0.to_vec()),
        state: Nud::Permanent,
        flags: NeighFlags::default(),
        protocol: 0,
        create: true,
        excl: false,
        replace: true,
    };
    world.neigh_add(netns, &neighbour)?;
    Ok(world.fdb_add(netns, &entry(link, peer.mac, peer.vtep))?)
}

/// A peer goes: what the bridge has learned of it too.
fn forget(world: &mut World, netns: NetnsId, peer: &Peer) {
    let Ok(link) = net::index(world, netns, "vxlan0") else {
        return;
    };
    let own = entry(link, peer.mac, peer.vtep);
    let learned = FdbRequest {
        to_self: false,
        to_master: true,
        dst: None,
        ..own.clone()
    };
    let _ = world.fdb_del(netns, &own);
    let _ = world.fdb_del(netns, &learned);
    let neighbour = NeighRef {
        ifindex: Some(link),
        addr: peer.address,
        proxy: false,
    };
    let _ = world.neigh_delete(netns, &neighbour);
}
