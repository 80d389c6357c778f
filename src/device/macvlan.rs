//! Macvlan: further stations on one device, and which of them hears what (drivers/net/macvlan.c).
//! It decides; frames are moved, and filters of groups are looked at, by the world.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::{DevId, MacAddr};

/// What the children of one device are to each other (`enum macvlan_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MacvlanMode {
    /// They never hear each other.
    Private,
    /// They hear each other where a switch outside sends frames back.
    #[default]
    Vepa,
    /// They hear each other at once.
    Bridge,
    /// One child takes all there is.
    Passthru,
    /// Frames of listed sources; lists are not kept here, so it hears groups only.
    Source,
}

/// A macvlan device.
#[derive(Clone, Debug)]
pub struct Macvlan {
    /// The device below.
    pub lower: DevId,
    /// Its mode.
    pub mode: MacvlanMode,
    /// Bit 0 is `nopromisc`, bit 1 `nodst`.
    pub flags: u16,
    /// The length of the queue of broadcasts that it asked for; of no effect.
    pub bcqueuelen: u32,
}

impl Macvlan {
    /// Whether it takes all there is.
    pub fn is_passthru(&self) -> bool {
        self.mode == MacvlanMode::Passthru
    }
}

/// One child as the port knows it.
#[derive(Clone, Copy, Debug)]
struct Child {
    dev: DevId,
    mode: MacvlanMode,
    /// Its address while it is up (`macvlan_hash_add`).
    address: Option<MacAddr>,
}

/// The children of one device (`struct macvlan_port`).
#[derive(Clone, Debug, Default)]
pub struct MacvlanPort {
    children: Vec<Child>,
    by_address: HashMap<u64, DevId, FixedState>,
    /// Whether one child has it all.
    pub passthru: bool,
    /// The queue of broadcasts in use, never shortened but by a child that goes.
    pub bcqueuelen: u32,
}

/// What becomes of a frame that comes in at the device below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MacvlanReceive {
    /// It is for the device below; children of the caller's list get a copy.
    Pass,
    /// It is for one child alone.
    Child(DevId),
}

/// What becomes of a frame that a child sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MacvlanTransmit {
    /// It leaves by the device below; children of the caller's list get a copy.
    Wire,
    /// It is for another child: it comes in again at the device below (`dev_forward_skb`).
    Loop,
}

impl MacvlanPort {
    /// Adds a child, which is down.
    pub fn add(&mut self, dev: DevId, mode: MacvlanMode) {
        self.children.push(Child {
            dev,
            mode,
            address: None,
        });
        self.passthru |= mode == MacvlanMode::Passthru;
    }

    /// Lets a child go.
    pub fn remove(&mut self, dev: DevId) {
        self.set_address(dev, None);
        self.children.retain(|child| child.dev != dev);
        self.passthru &= !self.children.is_empty();
    }

    /// The children, the oldest first.
    pub fn children(&self) -> impl Iterator<Item = DevId> {
        self.children.iter().map(|child| child.dev)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// Another mode for a child.
    pub fn set_mode(&mut self, dev: DevId, mode: MacvlanMode) {
        if let Some(child) = self.children.iter_mut().find(|child| child.dev == dev) {
            child.mode = mode;
        }
    }

    /// A child goes up with an address, changes it, or goes down.
    pub fn set_address(&mut self, dev: DevId, address: Option<MacAddr>) {
        let Some(child) = self.children.iter_mut().find(|child| child.dev == dev) else {
            return;
        };
        if let Some(old) = child.address.take() {
            self.by_address.remove(&old.as_u64());
        }
        child.address = address;
        if let Some(address) = address {
            self.by_address.insert(address.as_u64(), dev);
        }
    }

    /// Whether a child that is up has that address (`macvlan_hash_lookup`).
    pub fn has_address(&self, address: MacAddr) -> bool {
        self.by_address.contains_key(&address.as_u64())
    }

    fn find(&self, address: MacAddr) -> Option<Child> {
        let dev = *self.by_address.get(&address.as_u64())?;
        self.children.iter().find(|child| child.dev == dev).copied()
    }

    /// The children that are up, of those modes, but not `source` (`macvlan_broadcast`).
    fn hearers(&self, source: Option<DevId>, modes: &[MacvlanMode], out: &mut Vec<DevId>) {
        let hears = |child: &&Child| {
            child.address.is_some() && Some(child.dev) != source && modes.contains(&child.mode)
        };
        out.extend(self.children.iter().filter(hears).map(|child| child.dev));
    }

    /// A frame comes in at the device below (`macvlan_handle_frame`).
    pub fn receive(&self, dst: MacAddr, src: MacAddr, out: &mut Vec<DevId>) -> MacvlanReceive {
        use MacvlanMode::{Bridge, Passthru, Private, Source, Vepa};
        out.clear();
        if !dst.is_multicast() {
            let to = match self.passthru {
                true => self.children.first().copied(),
                false => self.find(dst),
            };
            return match to {
                Some(child) if child.mode != Source => MacvlanReceive::Child(child.dev),
                Some(_) | None => MacvlanReceive::Pass,
            };
        }
        match self.find(src) {
            None => self.hearers(None, &[Private, Vepa, Passthru, Bridge], out),
            Some(source) => match source.mode {
                Vepa => self.hearers(Some(source.dev), &[Vepa, Bridge], out),
                // The children in bridge mode heard it on the way out.
                Bridge => self.hearers(Some(source.dev), &[Vepa], out),
                // Back to where it came from.
                Private | Passthru | Source => return MacvlanReceive::Child(source.dev),
            },
        }
        MacvlanReceive::Pass
    }

    /// A child sends a frame (`macvlan_queue_xmit`).
    pub fn transmit(&self, from: DevId, dst: MacAddr, out: &mut Vec<DevId>) -> MacvlanTransmit {
        out.clear();
        let mode = self.children.iter().find(|child| child.dev == from);
        if mode.is_none_or(|child| child.mode != MacvlanMode::Bridge) {
            return MacvlanTransmit::Wire;
        }
        if dst.is_multicast() {
            self.hearers(Some(from), &[MacvlanMode::Bridge], out);
            return MacvlanTransmit::Wire;
        }
        match self.find(dst) {
            Some(child) if child.mode == MacvlanMode::Bridge => MacvlanTransmit::Loop,
            Some(_) | None => MacvlanTransmit::Wire,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Arena;

    const FAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 9]);

    fn mac(last: u8) -> MacAddr {
        MacAddr([2, 0, 0, 0, 1, last])
    }

    /// A port whose children have these modes, and the addresses 1, 2, ...
    fn port(modes: &[MacvlanMode]) -> (MacvlanPort, Vec<DevId>) {
        let mut arena: Arena<DevId, ()> = Arena::default();
        let mut port = MacvlanPort::default();
        let mut devs = Vec::new();
        for (last, mode) in (1..).zip(modes) {
            let dev = arena.insert(());
            port.add(dev, *mode);
            port.set_address(dev, Some(mac(last)));
            devs.push(dev);
        }
        (port, devs)
    }

    #[test]
    fn a_frame_for_a_child_is_its_alone_and_others_pass() {
        let (mut port, devs) = port(&[MacvlanMode::Bridge, MacvlanMode::Private]);
        let mut out = Vec::new();
        let child = MacvlanReceive::Child(devs[1]);
        assert_eq!(port.receive(mac(2), FAR, &mut out), child);
        assert_eq!(port.receive(FAR, mac(2), &mut out), MacvlanReceive::Pass);
        port.set_address(devs[1], None);
        assert_eq!(port.receive(mac(2), FAR, &mut out), MacvlanReceive::Pass);
    }

    #[test]
    fn who_hears_a_broadcast_depends_on_the_mode_of_its_source() {
        use MacvlanMode::{Bridge, Private, Vepa};
        let (port, devs) = port(&[Bridge, Bridge, Vepa, Vepa, Private]);
        let mut out = Vec::new();
        let cases: [(MacAddr, MacvlanReceive, &[usize]); 4] = [
            (FAR, MacvlanReceive::Pass, &[0, 1, 2, 3, 4]),
            (mac(1), MacvlanReceive::Pass, &[2, 3]),
            (mac(3), MacvlanReceive::Pass, &[0, 1, 3]),
            (mac(5), MacvlanReceive::Child(devs[4]), &[]),
        ];
        for (source, want, heard) in cases {
            assert_eq!(port.receive(MacAddr::BROADCAST, source, &mut out), want);
            let heard: Vec<DevId> = heard.iter().map(|at| devs[*at]).collect();
            assert_eq!(out, heard, "{source}");
        }
    }

    #[test]
    fn only_children_in_bridge_mode_reach_each_other_at_once() {
        use MacvlanMode::{Bridge, Vepa};
        let (port, devs) = port(&[Bridge, Bridge, Vepa]);
        let mut out = Vec::new();
        let mut to = |from: usize, dst| port.transmit(devs[from], dst, &mut out);
        assert_eq!(to(0, mac(2)), MacvlanTransmit::Loop);
        assert_eq!(to(0, mac(3)), MacvlanTransmit::Wire);
        assert_eq!(to(2, mac(1)), MacvlanTransmit::Wire);
        assert_eq!(to(0, FAR), MacvlanTransmit::Wire);
        assert_eq!(to(0, MacAddr::BROADCAST), MacvlanTransmit::Wire);
        assert_eq!(out, [devs[1]]);
    }

    #[test]
    fn a_passthru_child_takes_what_is_for_anybody() {
        let (mut port, devs) = port(&[MacvlanMode::Passthru]);
        let mut out = Vec::new();
        let child = MacvlanReceive::Child(devs[0]);
        assert_eq!(port.receive(FAR, mac(7), &mut out), child);
        port.remove(devs[0]);
        assert!(!port.passthru);
    }
}
