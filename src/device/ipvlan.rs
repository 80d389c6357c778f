//! Ipvlan: namespaces that share one station, told apart by their IP addresses (drivers/net/ipvlan).
//! It decides; which child has an address is for the caller to look up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::units::{DevId, MacAddr};
use crate::wire::{ETH_P_ARP, ETH_P_IP, ETH_P_IPV6};

/// Up to which layer the children of one device share it (`enum ipvlan_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IpvlanMode {
    /// Each child resolves neighbours by itself.
    L2,
    /// The parent's namespace routes.
    #[default]
    L3,
    /// The same, through the packet filter of the parent's namespace.
    L3s,
}

/// What the children of one device are to each other (`IPVLAN_F_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IpvlanFlag {
    /// They reach each other.
    #[default]
    Bridge,
    /// They never reach each other.
    Private,
    /// All they send goes out.
    Vepa,
}

/// The children of one device, and what counts for all of them (`struct ipvl_port`).
#[derive(Clone, Debug, Default)]
pub struct IpvlanPort {
    /// The children, the oldest first.
    pub children: Vec<DevId>,
    /// The mode.
    pub mode: IpvlanMode,
    /// The flag.
    pub flag: IpvlanFlag,
}

/// What becomes of a frame that comes in at the device below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IpvlanReceive {
    /// It is for the device below.
    Pass,
    /// It is for the device below, and for every child.
    PassToAll,
    /// It is for one child alone.
    Child(DevId),
}

/// What becomes of a frame that a child sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IpvlanTransmit {
    /// It leaves by the device below.
    Wire,
    /// Every other child gets it, and it leaves by the device below.
    All,
    /// It is for one other child.
    Child(DevId),
    /// It comes in again at the device below.
    Loop,
    /// The namespace of the device below routes it, without its Ethernet header.
    Route,
    /// The children are private.
    Private,
}

/// Whose a frame is by its third layer (`ipvlan_get_L3_hdr`, `ipvlan_addr_lookup`): the destination, or
/// with `source` the source; of a neighbour solicitation without a source its target.
pub fn owner_address(frame: &[u8], source: bool) -> Option<IpAddr> {
    let (header, body) = frame.split_first_chunk::<14>()?;
    let v4 = |at: usize| {
        let bytes: [u8; 4] = body.get(at..at + 4)?.try_into().ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(bytes)))
    };
    let v6 = |at: usize| {
        let bytes: [u8; 16] = body.get(at..at + 16)?.try_into().ok()?;
        Some(Ipv6Addr::from(bytes))
    };
    match u16::from_be_bytes([header[12], header[13]]) {
        ETH_P_ARP => v4(if source { 14 } else { 24 }),
        ETH_P_IP => v4(if source { 12 } else { 16 }),
        ETH_P_IPV6 => {
            let solicits = body.get(6) == Some(&58) && v6(8)?.is_unspecified();
            match (solicits && body.get(40) == Some(&135), source) {
                (true, _) => v6(48).map(IpAddr::V6),
                (false, true) => v6(8).map(IpAddr::V6),
                (false, false) => v6(24).map(IpAddr::V6),
            }
        }
        _ => None,
    }
}

impl IpvlanPort {
    /// A frame comes in at the device below, whose address is `own` (`ipvlan_handle_frame`).
    pub fn receive(
        &self,
        own: MacAddr,
        frame: &[u8],
        child_of: impl Fn(IpAddr) -> Option<DevId>,
    ) -> IpvlanReceive {
        let Some([a, b, c, d, e, f, g, h, i, j, k, l]) = frame.first_chunk::<12>().copied() else {
            return IpvlanReceive::Pass;
        };
        let (dst, src) = (MacAddr([a, b, c, d, e, f]), MacAddr([g, h, i, j, k, l]));
        if self.mode == IpvlanMode::L2 && dst.is_multicast() {
            let ours = src == own && owner_address(frame, true).and_then(child_of).is_some();
            return match ours {
                true => IpvlanReceive::Pass,
                false => IpvlanReceive::PassToAll,
            };
        }
        match owner_address(frame, false).and_then(child_of) {
            Some(child) => IpvlanReceive::Child(child),
            None => IpvlanReceive::Pass,
        }
    }

    /// A child sends a frame (`ipvlan_queue_xmit`).
    pub fn transmit(
        &self,
        frame: &[u8],
        child_of: impl Fn(IpAddr) -> Option<DevId>,
    ) -> IpvlanTransmit {
        let Some((dst, src)) = frame
            .first_chunk::<12>()
            .and_then(|head| Some((head.first_chunk::<6>()?, head.last_chunk::<6>()?)))
        else {
            return IpvlanTransmit::Wire;
        };
        let routes = self.mode != IpvlanMode::L2;
        let near = (routes || dst == src) && self.flag != IpvlanFlag::Vepa;
        if near && let Some(child) = owner_address(frame, false).and_then(child_of) {
            return match self.flag {
                IpvlanFlag::Private => IpvlanTransmit::Private,
                IpvlanFlag::Bridge | IpvlanFlag::Vepa => IpvlanTransmit::Child(child),
            };
        }
        match (routes, near) {
            (true, _) => IpvlanTransmit::Route,
            (false, true) => IpvlanTransmit::Loop,
            (false, false) if dst[0] & 1 != 0 => IpvlanTransmit::All,
            (false, false) => IpvlanTransmit::Wire,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Arena;

    const OWN: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
    const FAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 9]);

    fn ipv4(dst: MacAddr, src: MacAddr, to: [u8; 4]) -> Vec<u8> {
        let mut frame = [dst.0, src.0].concat();
        frame.extend([8, 0]);
        frame.extend([0x45; 16]);
        frame.extend(to);
        frame
    }

    fn port(mode: IpvlanMode, flag: IpvlanFlag) -> (IpvlanPort, DevId) {
        let mut arena: Arena<DevId, ()> = Arena::default();
        let dev = arena.insert(());
        let port = IpvlanPort {
            children: vec![dev],
            mode,
            flag,
        };
        (port, dev)
    }

    #[test]
    fn a_packet_goes_to_the_child_that_has_its_destination() {
        let (port, dev) = port(IpvlanMode::L2, IpvlanFlag::Bridge);
        let child_of = |addr: IpAddr| (addr == IpAddr::from([10, 0, 0, 11])).then_some(dev);
        let to = |last| ipv4(OWN, FAR, [10, 0, 0, last]);
        assert_eq!(
            port.receive(OWN, &to(11), child_of),
            IpvlanReceive::Child(dev)
        );
        assert_eq!(port.receive(OWN, &to(12), child_of), IpvlanReceive::Pass);
        let group = ipv4(MacAddr::BROADCAST, FAR, [10, 0, 0, 255]);
        assert_eq!(
            port.receive(OWN, &group, child_of),
            IpvlanReceive::PassToAll
        );
        assert_eq!(port.receive(OWN, &[1, 2], child_of), IpvlanReceive::Pass);
    }

    #[test]
    fn what_a_child_sends_depends_on_mode_and_flag() {
        use IpvlanFlag::{Bridge, Private, Vepa};
        use IpvlanMode::{L2, L3};
        let near = ipv4(OWN, OWN, [10, 0, 0, 11]);
        let parent = ipv4(OWN, OWN, [10, 0, 0, 1]);
        let far = ipv4(FAR, OWN, [10, 0, 0, 9]);
        let group = ipv4(MacAddr::BROADCAST, OWN, [10, 0, 0, 255]);
        for (mode, flag, frame, want) in [
            (L2, Bridge, &near, "child"),
            (L2, Private, &near, "private"),
            (L2, Vepa, &near, "wire"),
            (L2, Bridge, &parent, "loop"),
            (L2, Bridge, &far, "wire"),
            (L2, Bridge, &group, "all"),
            (L3, Bridge, &near, "child"),
            (L3, Private, &near, "private"),
            (L3, Vepa, &near, "route"),
            (L3, Bridge, &far, "route"),
        ] {
            let (port, dev) = port(mode, flag);
            let child_of = |addr: IpAddr| (addr == IpAddr::from([10, 0, 0, 11])).then_some(dev);
            let got = match port.transmit(frame, child_of) {
                IpvlanTransmit::Wire => "wire",
                IpvlanTransmit::All => "all",
                IpvlanTransmit::Child(_) => "child",
                IpvlanTransmit::Loop => "loop",
                IpvlanTransmit::Route => "route",
                IpvlanTransmit::Private => "private",
            };
            assert_eq!(got, want, "{mode:?} {flag:?}");
        }
    }
}
