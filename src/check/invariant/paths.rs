//! What must hold of ways: from device to device along cables, and within one VNI or VLAN.
//! What bridges do is in `bridges`.

use super::{Broken, Story};
use crate::device::stacked::StackedKind;
use crate::engine::trace::{Names, Noted, Verdict};
use crate::kernel::World;
use crate::kernel::device::{Device, DeviceKind};
use crate::units::{DevId, NetnsId};
use crate::wire::VlanTag;

/// No frame crosses from device to device, or between namespaces, but along a pair, a wire, a tunnel, or between a
/// device and what stands on it.
///
/// # Errors
/// A frame that did.
pub fn along_devices(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "along devices";
    for noted in story.fresh() {
        let Some(before) = story.before(noted) else {
            continue;
        };
        if !may_follow(story.world, before, noted) {
            let from = story.world.place(before.hop.netns, before.hop.dev);
            let what = format!("it comes from {from}, to which nothing leads");
            return Err(story.broken(RULE, noted, what));
        }
    }
    Ok(())
}

/// Whether a frame may get from one hop to the next.
fn may_follow(world: &World, from: &Noted, to: &Noted) -> bool {
    let (Some(a), Some(b)) = (from.hop.dev, to.hop.dev) else {
        return from.hop.netns == to.hop.netns;
    };
    let (Some(one), Some(other)) = (world.devices.find(a), world.devices.find(b)) else {
        // A device that is gone tells nothing any more.
        return true;
    };
    let crosses = from.hop.verdict == Verdict::Transmitted && to.hop.verdict == Verdict::Received;
    if from.hop.netns == to.hop.netns && !crosses {
        return true;
    }
    a == b
        || joined(world, (a, one), (b, other))
        || through_tunnel(one, other, from.hop.netns, to.hop.netns)
}

/// Whether two devices are the ends of a cable, or one stands on the other.
fn joined(world: &World, (a, one): (DevId, &Device), (b, other): (DevId, &Device)) -> bool {
    match (&one.kind, &other.kind) {
        (DeviceKind::Veth { peer }, DeviceKind::Veth { .. }) => *peer == Some(b),
        (DeviceKind::Nic(_), DeviceKind::Nic(_)) => {
            let segment = world.segment_of(a);
            segment.is_some() && segment == world.segment_of(b)
        }
        (DeviceKind::Stacked(one), DeviceKind::Stacked(other)) => {
            one.lower() == b || other.lower() == a || one.lower() == other.lower()
        }
        (DeviceKind::Stacked(one), _) => one.lower() == b,
        (_, DeviceKind::Stacked(other)) => other.lower() == a,
        (DeviceKind::Vxlan(_), DeviceKind::Vxlan(_)) => true,
        _ => false,
    }
}

/// A tunnel that was moved keeps its socket in the namespace that it was made in.
fn through_tunnel(one: &Device, other: &Device, from: NetnsId, to: NetnsId) -> bool {
    let leads = |device: &Device, netns| match &device.kind {
        DeviceKind::Vxlan(tunnel) => tunnel.net == netns,
        _ => false,
    };
    leads(one, to) || leads(other, from)
}

/// A frame comes out of a tunnel of the VNI that it went into, and out of a device of that VNI.
///
/// # Errors
/// A frame that changed its VNI.
pub fn vnis_apart(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "VNIs do not mix";
    for noted in story.fresh() {
        let Verdict::Decapsulated { vni } = noted.hop.verdict else {
            continue;
        };
        let own = noted.hop.dev.and_then(|dev| vni_of(story.world, dev));
        if let Some(own) = own.filter(|&own| own != vni) {
            let what = format!("VNI {vni} comes out of a device of VNI {own}");
            return Err(story.broken(RULE, noted, what));
        }
        if let Some(into) = wrapped_into(story, noted).filter(|&into| into != vni) {
            let what = format!("VNI {into} became VNI {vni}");
            return Err(story.broken(RULE, noted, what));
        }
    }
    Ok(())
}

/// The VNI of a device that has one.
fn vni_of(world: &World, dev: DevId) -> Option<u32> {
    match &world.devices.find(dev)?.kind {
        DeviceKind::Vxlan(tunnel) if !tunnel.vxlan.config.is_external() => {
            Some(tunnel.vxlan.config.vni.value())
        }
        _ => None,
    }
}

/// The VNI into which a frame was wrapped that comes out of a tunnel here.
fn wrapped_into(story: &Story<'_>, noted: &Noted) -> Option<u32> {
    let mut inside = 0;
    let mut at = story.before(noted)?;
    loop {
        match at.hop.verdict {
            Verdict::Decapsulated { .. } => inside += 1,
            Verdict::Encapsulated { vni, .. } if inside == 0 => return Some(vni),
            Verdict::Encapsulated { .. } => inside -= 1,
            _ => {}
        }
        at = story.before(at)?;
    }
}

/// A VLAN device receives frames of its VLAN only.
///
/// # Errors
/// A frame of another one.
pub fn vlans_apart(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "VLANs do not mix";
    for noted in story.fresh() {
        let (Verdict::Received, Some(dev)) = (&noted.hop.verdict, noted.hop.dev) else {
            continue;
        };
        let (Some(vid), Some(before)) = (vid_of(story.world, dev), story.before(noted)) else {
            continue;
        };
        let tagged = VlanTag::of(before.bytes.bytes()).map(|tag| tag.vid());
        if let Some(other) = tagged.filter(|&other| other != vid) {
            let what = format!("VLAN {other} comes in at a device of VLAN {vid}");
            return Err(story.broken(RULE, noted, what));
        }
    }
    Ok(())
}

fn vid_of(world: &World, dev: DevId) -> Option<u16> {
    match &world.devices.find(dev)?.kind {
        DeviceKind::Stacked(stacked) => match &stacked.kind {
            StackedKind::Vlan(vlan) => Some(vlan.vid),
            StackedKind::Macvlan(_) | StackedKind::Ipvlan(_) => None,
        },
        _ => None,
    }
}
