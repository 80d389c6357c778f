//! What the tests of a bridge share: stations, frames, and a bridge of three ports.
//! The tests are in the files beside this one.

mod fdb;
mod forwarding;
mod groups;
mod model;
mod settings;
mod stp;
mod vlan;

use super::*;
use crate::units::Arena;

/// The station with that last byte.
pub(super) fn station(last: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, last])
}

/// So many devices.
pub(super) fn devices(count: usize) -> Vec<DevId> {
    let mut arena: Arena<DevId, ()> = Arena::default();
    (0..count).map(|_| arena.insert(())).collect()
}

/// An instant so many seconds after the beginning.
pub(super) fn at(secs: u64) -> SimTime {
    SimTime::from_nanos(secs * 1_000_000_000)
}

/// A veth that runs, with the address 02:00:00:00:01:`last`.
pub(super) fn veth(last: u8) -> PortDevice {
    PortDevice {
        mac: MacAddr([2, 0, 0, 0, 1, last]),
        mtu: 1500,
        speed_mbit: Some(10_000),
        up: true,
        oper_up: true,
    }
}

/// The header of a frame, and nothing in it.
pub(super) fn frame(destination: MacAddr, source: MacAddr) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&destination.0);
    bytes.extend_from_slice(&source.0);
    bytes.extend_from_slice(&[0x88, 0xb5]);
    bytes
}

/// A bridge that is up, with so many ports that forward.
pub(super) fn bridge_of(count: usize) -> (Bridge, Vec<DevId>) {
    let mut bridge = Bridge::new(station(0xf0));
    let devs = devices(count);
    for (last, dev) in (1..).zip(&devs) {
        bridge.add_port(SimTime::ZERO, *dev, veth(last)).unwrap();
    }
    bridge.set_up(SimTime::ZERO, true);
    bridge.take_actions();
    (bridge, devs)
}

/// The decision about a frame, and the ports of a flood.
pub(super) fn receive(
    bridge: &mut Bridge,
    now: SimTime,
    dev: DevId,
    destination: MacAddr,
    source: MacAddr,
) -> (Forward, Vec<DevId>) {
    let mut out = Vec::new();
    let decision = bridge.receive(now, dev, &frame(destination, source), &mut out);
    let flooded = matches!(decision.forward, Forward::Flood { .. });
    (decision.forward, if flooded { out } else { Vec::new() })
}
