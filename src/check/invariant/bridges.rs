//! What must hold of bridges: what they forward, and that no loop is left open.
//! What they learn and forget is in `learned`; who reaches whom is in `reference`.

use std::collections::BTreeMap;

use petgraph::unionfind::UnionFind;

use super::{Broken, Story};
use crate::check::{Network, Reference};
use crate::device::bridge::{Bridge, PortFlags, PortState};
use crate::engine::trace::{FrameId, Noted, Verdict};
use crate::kernel::World;
use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::vxlan::Tunnel;
use crate::units::{DevId, MacAddr, SimTime};

pub(super) fn bridges(world: &World) -> impl Iterator<Item = (DevId, &Bridge)> {
    world
        .devices
        .iter()
        .filter_map(|(dev, device)| match &device.kind {
            DeviceKind::Bridge(bridge) => Some((dev, &**bridge)),
            _ => None,
        })
}

/// The bridge of a port.
fn bridge_of(world: &World, port: DevId) -> Option<&Bridge> {
    let master = world.devices.find(port)?.master?;
    match &world.devices.find(master)?.kind {
        DeviceKind::Bridge(bridge) => Some(bridge),
        _ => None,
    }
}

pub(super) fn source(frame: &[u8]) -> Option<MacAddr> {
    Some(MacAddr(*frame.get(6..12)?.first_chunk()?))
}

/// Nothing leaves a bridge through a port that does not forward, but what the bridge says for itself.
/// Ports are judged by what they are now, and so only the frames of this instant are: ask after every event.
///
/// # Errors
/// A frame that did.
pub fn only_forwarding_ports(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "only forwarding ports";
    for noted in story.fresh() {
        let sent = noted.hop.verdict == Verdict::Transmitted;
        let judged = sent && noted.hop.at == story.world.now();
        let Some(port) = noted.hop.dev.filter(|_| judged) else {
            continue;
        };
        let forwarded = story.before(noted).is_some_and(|before| {
            matches!(
                before.hop.verdict,
                Verdict::ForwardedTo(_) | Verdict::Flooded(_)
            )
        });
        let bridge = bridge_of(story.world, port).filter(|_| forwarded);
        let state = bridge
            .and_then(|bridge| bridge.port_of(port))
            .map(|port| port.state);
        if let Some(state) = state.filter(|&state| state != PortState::Forwarding) {
            return Err(story.broken(RULE, noted, format!("the port is {state:?}")));
        }
    }
    Ok(())
}

/// No bridge sends a frame back through the port at which it came in, but through one in hairpin mode.
///
/// # Errors
/// A frame that was sent back.
pub fn turns_nothing_back(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "turns nothing back";
    for noted in story.fresh() {
        let Some(port) = noted.hop.dev else {
            continue;
        };
        let back = match &noted.hop.verdict {
            Verdict::ForwardedTo(to) => *to == port,
            Verdict::Flooded(to) => to.contains(&port),
            _ => false,
        };
        let hairpin = |port: &crate::device::bridge::Port| port.flags.has(PortFlags::HAIRPIN);
        let bridge = bridge_of(story.world, port).filter(|_| back);
        if bridge
            .and_then(|bridge| bridge.port_of(port))
            .is_some_and(|port| !hairpin(port))
        {
            return Err(story.broken(RULE, noted, "it goes back where it came from"));
        }
    }
    Ok(())
}

/// What forwards among the bridges is a tree: holds where there is no ring, and with one once the spanning tree has
/// converged.
///
/// # Errors
/// A cable between two bridges that closes a ring, or one that is left out though its bridges do not reach each other.
pub fn tree(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "the active topology is a tree";
    let index: BTreeMap<DevId, usize> = bridges(story.world)
        .enumerate()
        .map(|(index, (dev, _))| (dev, index))
        .collect();
    let (mut active, mut all) = (UnionFind::new(index.len()), UnionFind::new(index.len()));
    for (one, other, forwards) in cables(story.world) {
        let ends = [one, other].map(|port| story.world.devices.find(port)?.master);
        let [Some(a), Some(b)] = ends.map(|end| index.get(&end?).copied()) else {
            continue;
        };
        all.union(a, b);
        if forwards && !active.union(a, b) {
            let what = format!(
                "the cable {} - {} closes a ring",
                story.name(one),
                story.name(other)
            );
            return Err(story.broken_dev(RULE, one, what));
        }
    }
    for (&a, &i) in &index {
        let cut = index
            .iter()
            .find(|&(_, &j)| all.equiv(i, j) && !active.equiv(i, j));
        if let Some((&b, _)) = cut {
            let what = format!("no open way leads to {}", story.name(b));
            return Err(story.broken_dev(RULE, a, what));
        }
    }
    Ok(())
}

/// The far end of a pair, or of a tunnel that leads to one other and whose way is open.
fn far_end(world: &World, dev: DevId, device: &Device) -> Option<DevId> {
    match &device.kind {
        DeviceKind::Veth { peer } => *peer,
        DeviceKind::Vxlan(near) => {
            let mut others = world
                .devices
                .iter()
                .filter(|&(other, far)| match &far.kind {
                    DeviceKind::Vxlan(far) => other != dev && lead_to_each_other(near, far),
                    _ => false,
                });
            let (other, far) = others.next()?;
            let open = [device, far].into_iter().all(|end| has_way(world, end));
            open.then_some(other)
        }
        _ => None,
    }
}

fn lead_to_each_other(near: &Tunnel, far: &Tunnel) -> bool {
    let (near, far) = (&near.vxlan.config, &far.vxlan.config);
    near.vni == far.vni && near.remote == far.local && near.local == far.remote
}

/// Whether the device below a tunnel carries frames.
fn has_way(world: &World, device: &Device) -> bool {
    let DeviceKind::Vxlan(tunnel) = &device.kind else {
        return false;
    };
    let lower = tunnel.lower.and_then(|lower| world.devices.find(lower));
    lower.is_some_and(|lower| lower.is_up() && lower.carrier)
}

/// The pairs and tunnels both of whose ends are working ports, each once, and whether frames go through.
fn cables(world: &World) -> Vec<(DevId, DevId, bool)> {
    let mut found = Vec::new();
    for (dev, device) in world.devices.iter() {
        let Some(peer) = far_end(world, dev, device) else {
            continue;
        };
        let state = |dev| Some(bridge_of(world, dev)?.port_of(dev)?.state);
        let (Some(near), Some(far)) = (state(dev), state(peer)) else {
            continue;
        };
        let works = near != PortState::Disabled && far != PortState::Disabled;
        if dev < peer && works {
            let forwards = near == PortState::Forwarding && far == PortState::Forwarding;
            found.push((dev, peer, forwards));
        }
    }
    found
}

/// Each broadcast that a station or router of the network sent since an instant came exactly once to every other one
/// that the cables join it with, and to no other. Holds where nothing changed since then, and no port waits.
///
/// # Errors
/// A station that heard it twice, or not at all, or should not have.
pub fn broadcasts_arrive_once(
    story: &Story<'_>,
    network: &Network,
    reference: &Reference<'_>,
    since: SimTime,
) -> Result<(), Broken> {
    const RULE: &str = "a broadcast arrives once";
    let legs: Vec<DevId> = network
        .legs()
        .iter()
        .filter_map(|leg| device(story.world, leg))
        .collect();
    let mut heard: BTreeMap<(FrameId, DevId), usize> = BTreeMap::new();
    for noted in story.hops().iter().filter(|noted| is_broadcast(noted)) {
        if let (Verdict::Received, Some(dev)) = (&noted.hop.verdict, noted.hop.dev) {
            *heard.entry((noted.hop.frame, dev)).or_default() += 1;
        }
    }
    let settled = |noted: &&Noted| {
        noted.hop.at >= since && noted.hop.verdict == Verdict::Transmitted && is_broadcast(noted)
    };
    let first = |noted: &&Noted| {
        story
            .before(noted)
            .is_none_or(|before| matches!(before.hop.verdict, Verdict::Made(_)))
    };
    for noted in story.hops().iter().filter(settled).filter(first) {
        let Some(from) = legs.iter().position(|&leg| Some(leg) == noted.hop.dev) else {
            continue;
        };
        for (to, &leg) in legs.iter().enumerate() {
            let due = usize::from(to != from && reference.same_segment(from, to));
            let found = heard.get(&(noted.hop.frame, leg)).copied().unwrap_or(0);
            if due != found && story.world.under_way().is_empty() {
                let what = format!(
                    "frame {}: due {due} times, heard {found} times",
                    noted.hop.frame
                );
                return Err(story.broken_dev(RULE, leg, what));
            }
        }
    }
    Ok(())
}

fn is_broadcast(noted: &Noted) -> bool {
    // A bridge takes no frame of a source that cannot be one.
    let honest = |mac: MacAddr| mac.0[0] & 1 == 0 && mac.0 != [0; 6];
    let frame = noted.bytes.bytes();
    frame.first_chunk() == Some(&[0xff; 6]) && source(frame).is_some_and(honest)
}

/// A device of a namespace of a host, both by name.
fn device(world: &World, (host, netns, name): &(usize, String, String)) -> Option<DevId> {
    let host = world.host_list().get(*host).copied()?;
    let netns = world.netns_named(host, netns)?;
    let ifindex = world.ifindex(netns, name)?;
    Some(world.netns.find(netns)?.interfaces.get(&ifindex)?.dev)
}
