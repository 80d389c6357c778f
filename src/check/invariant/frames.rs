//! What must hold of frames: none vanishes, none comes twice, none is too long or too old.
//! Which ways they may take is in `paths`.

use std::collections::BTreeMap;

use super::{Broken, Story};
use crate::engine::trace::{HopNo, Noted, Taker, Verdict, Wait};
use crate::kernel::device::DeviceKind;
use crate::wire::{ETH_HLEN, VLAN_HLEN};

/// No socket takes a frame twice at one device, but one that a queueing discipline duplicated.
///
/// # Errors
/// A socket that did.
pub fn once_per_socket(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "once per socket";
    let mut taken = BTreeMap::new();
    if story.fresh().iter().all(|noted| socket_of(noted).is_none()) {
        return Ok(());
    }
    for noted in story.hops() {
        let Some(socket) = socket_of(noted) else {
            continue;
        };
        let key = (noted.hop.frame, noted.hop.dev, socket);
        if taken.insert(key, ()).is_some() && !was_duplicated(story, noted) {
            return Err(story.broken(RULE, noted, "a socket takes it a second time"));
        }
    }
    Ok(())
}

/// Whether a queueing discipline that duplicates has made a copy of the frame.
fn was_duplicated(story: &Story<'_>, noted: &Noted) -> bool {
    let copies = |no: HopNo| {
        let after = story.hops().iter().filter(|hop| hop.hop.after == no);
        after.filter(|hop| hop.hop.frame == noted.hop.frame).count()
    };
    let mut at = story.before(noted);
    while let Some(hop) = at {
        if hop.hop.verdict == Verdict::Queued(Wait::Qdisc) && copies(hop.no) > 1 {
            return true;
        }
        at = story.before(hop);
    }
    false
}

fn socket_of(noted: &Noted) -> Option<crate::units::SockId> {
    match noted.hop.verdict {
        Verdict::Taken(Taker::Socket(socket)) => Some(socket),
        _ => None,
    }
}

/// The time to live falls by one at each router, and nowhere else.
///
/// # Errors
/// A device that lowers it, or a router that does not.
pub fn ttl_falls_at_routers(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "TTL falls at routers";
    for noted in story.fresh() {
        let wire = matches!(noted.hop.verdict, Verdict::Transmitted | Verdict::Received);
        let Some((before, routed)) = wire.then(|| last_wire(story, noted)).flatten() else {
            continue;
        };
        let (Some(now), Some(then)) = (ttl(noted.bytes.bytes()), ttl(before.bytes.bytes())) else {
            continue;
        };
        if u32::from(now) + routed != u32::from(then) {
            let what = format!("TTL {then} became {now} over {routed} routers");
            return Err(story.broken(RULE, noted, what));
        }
    }
    Ok(())
}

/// Where the same packet was on a wire before, and how often it was routed since; nothing where it became
/// another one in between.
fn last_wire<'a>(story: &Story<'a>, noted: &Noted) -> Option<(&'a Noted, u32)> {
    let mut routed = 0;
    let mut at = story.before(noted)?;
    loop {
        match &at.hop.verdict {
            Verdict::Transmitted | Verdict::Received => return Some((at, routed)),
            // Between the stations of an ipvlan no router stands.
            Verdict::Routed { .. } if at.hop.dev.is_some_and(|dev| is_stacked(story, dev)) => {
                return None;
            }
            Verdict::Routed { .. } => routed += 1,
            Verdict::Learned
            | Verdict::ForwardedTo(_)
            | Verdict::Flooded(_)
            | Verdict::Queued(_)
            | Verdict::Fragmented(_)
            | Verdict::Translated(..) => {}
            _ => return None,
        }
        at = story.before(at)?;
    }
}

fn is_stacked(story: &Story<'_>, dev: crate::units::DevId) -> bool {
    let device = story.world.devices.find(dev);
    device.is_some_and(|device| matches!(device.kind, DeviceKind::Stacked(_)))
}

/// The time to live of the packet in a frame.
fn ttl(frame: &[u8]) -> Option<u8> {
    let mut at = 12;
    loop {
        let kind = u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]);
        return match kind {
            0x8100 | 0x88a8 => {
                at += VLAN_HLEN;
                continue;
            }
            0x0800 => frame.get(at + 2 + 8).copied(),
            0x86dd => frame.get(at + 2 + 7).copied(),
            _ => None,
        };
    }
}

/// No frame that leaves a device is longer than its MTU lets it be; a bridge leaves room for one tag
/// (`is_skb_forwardable`).
///
/// # Errors
/// A frame that is.
pub fn fits_mtu(story: &Story<'_>) -> Result<(), Broken> {
    const RULE: &str = "no frame above the MTU";
    for noted in story.fresh() {
        let device = noted.hop.dev.and_then(|dev| story.world.devices.find(dev));
        let Some(device) = device.filter(|_| noted.hop.verdict == Verdict::Transmitted) else {
            continue;
        };
        let most = device.mtu as usize + ETH_HLEN + VLAN_HLEN;
        if noted.bytes.link_len() > most {
            let what = format!("{} bytes, at most {most}", noted.bytes.link_len());
            return Err(story.broken(RULE, noted, what));
        }
    }
    Ok(())
}
