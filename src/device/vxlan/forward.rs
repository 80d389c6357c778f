//! Where a frame goes, in which headers, and what is learned from one that comes in
//! (`vxlan_xmit`, `vxlan_xmit_one`, `vxlan_snoop`). What ARP and ND are answered is in `proxy`.

use std::net::IpAddr;

use crate::device::bridge::FdbState;
use crate::engine::trace::DropReason;
use crate::units::{IfIndex, MacAddr, SimTime, Vni};
use crate::wire::ipv4::Ipv4View;
use crate::wire::ipv6::Ipv6View;
use crate::wire::{ETH_HLEN, ETH_P_IP, ETH_P_IPV6, VxlanRepr};

use super::fdb::{EntryFlags, Remote};
use super::{Df, Flags, Vxlan, flow_hash, source_port};

/// The headers around a frame, but for what the route decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outer {
    /// The VXLAN header.
    pub header: VxlanRepr,
    /// The UDP port here.
    pub source_port: u16,
    /// The UDP port there.
    pub port: u16,
    /// Time to live; 0 for that of all packets.
    pub ttl: u8,
    /// Type of service, for the choice of the route; [`Outer::tos`] goes into the header.
    pub route_tos: u8,
    /// Type of service, with the congestion bits of the inner packet (RFC 6040).
    pub tos: u8,
    /// Whether the outer packet may not be fragmented; of IPv4.
    pub dont_fragment: bool,
    /// Whether there is a UDP checksum.
    pub checksum: bool,
}

/// The packet in a frame.
#[derive(Clone, Copy)]
enum Inner<'a> {
    V4(Ipv4View<'a>),
    V6(Ipv6View<'a>),
    Other,
}

impl<'a> Inner<'a> {
    fn of(frame: &'a [u8]) -> Self {
        let packet = frame.get(ETH_HLEN..).unwrap_or_default();
        match frame
            .get(12..14)
            .map(|kind| u16::from_be_bytes([kind[0], kind[1]]))
        {
            Some(ETH_P_IP) => Ipv4View::new(packet).map_or(Self::Other, Self::V4),
            Some(ETH_P_IPV6) => Ipv6View::new(packet).map_or(Self::Other, Self::V6),
            Some(_) | None => Self::Other,
        }
    }

    fn ttl(self) -> u8 {
        match self {
            Self::V4(packet) => packet.ttl(),
            Self::V6(packet) => packet.hop_limit(),
            Self::Other => 0,
        }
    }

    fn tos(self) -> u8 {
        match self {
            Self::V4(packet) => packet.tos(),
            Self::V6(packet) => packet.traffic_class(),
            Self::Other => 0,
        }
    }

    fn dont_fragment(self) -> bool {
        match self {
            Self::V4(packet) => packet.dont_fragment(),
            Self::V6(_) => true,
            Self::Other => false,
        }
    }
}

const ECN_MASK: u8 = 3;
const ECN_CE: u8 = 3;
const ECN_ECT_0: u8 = 2;
const ECN_ECT_1: u8 = 1;

/// What becomes of the congestion bits of a packet that came out (RFC 6040, figure 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ecn {
    /// Nothing.
    Keep,
    /// They become these.
    Set(u8),
    /// Congestion was met, and the inner packet does not take it: it is lost.
    Drop,
}

/// Compares the congestion bits of both headers (`INET_ECN_decapsulate`).
pub fn ecn_decapsulate(outer: u8, inner: u8) -> Ecn {
    match (outer & ECN_MASK, inner & ECN_MASK) {
        (ECN_CE, 0) => Ecn::Drop,
        (ECN_CE, inner) if inner != ECN_CE => Ecn::Set(ECN_CE),
        (ECN_ECT_1, ECN_ECT_0) => Ecn::Set(ECN_ECT_1),
        _ => Ecn::Keep,
    }
}

impl Vxlan {
    /// Puts the far ends of a frame into `out`: the last one is for the frame itself, the others get copies,
    /// as the kernel sends them.
    ///
    /// # Errors
    /// Why the frame is lost.
    #[inline]
    pub fn route(
        &mut self,
        now: SimTime,
        target: MacAddr,
        vni: u32,
        out: &mut Vec<Remote>,
    ) -> Result<(), DropReason> {
        let vni = self.table_vni(vni);
        let entry = match self.fdb.get_mut(target, vni) {
            Some(entry) => Some(entry),
            None => self.fdb.get_mut(MacAddr::ZERO, vni),
        };
        let Some(entry) = entry else {
            return Err(DropReason::VxlanNoRemote);
        };
        entry.used = now;
        let Some((first, others)) = entry.remotes.split_first() else {
            return Err(DropReason::VxlanNoRemote);
        };
        out.extend_from_slice(others);
        out.push(*first);
        Ok(())
    }

    /// Whether frames to that station may be sent past its router (`NTF_ROUTER` and `rsc`).
    pub fn cuts_short(&self, target: MacAddr, vni: u32) -> bool {
        if !self.config.flags.has(Flags::RSC) {
            return false;
        }
        let entry = self.fdb.get(target, self.table_vni(vni));
        entry.is_some_and(|entry| entry.flags.router)
    }

    /// The network of a frame at a far end: that of the entry, else that of the frame.
    pub fn vni_there(&self, remote: &Remote, vni: u32) -> u32 {
        match remote.vni {
            0 => self.table_vni(vni),
            there => there,
        }
    }

    /// The headers around a frame of a network to a far end; `mark` is the packet's.
    pub fn outer(&self, frame: &[u8], remote: &Remote, mark: u32, vni: u32) -> Outer {
        let config = &self.config;
        let inner = Inner::of(frame);
        let ttl = match config.flags.has(Flags::TTL_INHERIT) {
            true => inner.ttl(),
            false if config.ttl == 0 && remote.ip.is_multicast() => 1,
            false => config.ttl,
        };
        let inner_tos = inner.tos();
        let tos = if config.tos == 1 {
            inner_tos
        } else {
            config.tos
        };
        let ecn = match inner_tos & ECN_MASK {
            ECN_CE => ECN_ECT_0,
            ecn => ecn,
        };
        let policy = mark & 0xffff;
        let has_policy = config.flags.has(Flags::GBP) && mark != 0;
        Outer {
            header: VxlanRepr {
                vni: Vni::new(self.vni_there(remote, vni) & 0x00ff_ffff).expect("24 bits are left"),
                policy: has_policy.then_some(policy),
            },
            source_port: source_port(flow_hash(frame), config.source_ports),
            port: remote.port,
            ttl,
            route_tos: tos,
            tos: (tos & !ECN_MASK) | ecn,
            dont_fragment: match config.df {
                Df::Unset => false,
                Df::Set => true,
                Df::Inherit => inner.dont_fragment(),
            },
            checksum: match remote.ip {
                IpAddr::V4(_) => config.flags.has(Flags::UDP_CSUM),
                IpAddr::V6(_) => !config.flags.has(Flags::ZERO_CSUM6_TX),
            },
        }
    }

    /// A frame has come from a VTEP (`vxlan_set_mac`, `vxlan_snoop`); `own` is the device's address, `via` the
    /// device that it came by.
    ///
    /// # Errors
    /// Why the frame is lost.
    #[inline]
    pub fn learn(
        &mut self,
        now: SimTime,
        source: MacAddr,
        own: MacAddr,
        (from, via): (IpAddr, IfIndex),
        vni: u32,
    ) -> Result<(), DropReason> {
        if source == own {
            return Err(DropReason::LocalMac);
        }
        match self.config.flags.has(Flags::LEARN) {
            true => self.snoop(now, source, (from, via), vni),
            false => Ok(()),
        }
    }

    fn snoop(
        &mut self,
        now: SimTime,
        source: MacAddr,
        (from, via): (IpAddr, IfIndex),
        vni: u32,
    ) -> Result<(), DropReason> {
        if !source.is_station() {
            return Err(DropReason::MacInvalidSource);
        }
        let near = matches!(from, IpAddr::V6(from) if from.is_unicast_link_local());
        let ifindex = if near { via } else { 0 };
        let vni = self.table_vni(vni);
        let Some(entry) = self.fdb.get_mut(source, vni) else {
            if self.fdb.has_room(self.config.addresses_max) {
                let remote = Remote {
                    ip: from,
                    port: self.config.port,
                    vni: self.config.vni.value(),
                    ifindex,
                };
                let flags = EntryFlags::default();
                self.fdb
                    .insert(now, (source, vni), FdbState::Reachable, flags, remote);
            }
            return Ok(());
        };
        entry.updated = now;
        let fixed = entry.is_static();
        match entry.remotes.first_mut() {
            Some(known) if known.ip == from && known.ifindex == ifindex => Ok(()),
            Some(_) if fixed => Err(DropReason::VxlanEntryExists),
            Some(known) => {
                known.ip = from;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// As [`Self::learn`] for a frame of another device of this host, which went round the tunnel
    /// (`vxlan_encap_bypass`).
    pub fn learn_from_here(&mut self, now: SimTime, source: MacAddr, vni: u32) {
        let here: IpAddr = match self.config.is_v6() {
            true => std::net::Ipv6Addr::LOCALHOST.into(),
            false => std::net::Ipv4Addr::LOCALHOST.into(),
        };
        if self.config.flags.has(Flags::LEARN) {
            // The frame is there already, whatever is made of its source.
            let _ = self.snoop(now, source, (here, 0), vni);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, VxlanOptions};
    use super::*;
    use std::time::Duration;

    const NEAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
    const FAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

    fn vxlan(change: impl FnOnce(&mut VxlanOptions)) -> Vxlan {
        let mut options = VxlanOptions {
            id: Vni::new(42),
            dstport: Some(4789),
            ..VxlanOptions::default()
        };
        change(&mut options);
        Vxlan::new(SimTime::ZERO, Config::new(&options).unwrap())
    }

    fn at(secs: u64) -> SimTime {
        SimTime::ZERO + Duration::from_secs(secs)
    }

    fn vtep(last: u8) -> (IpAddr, IfIndex) {
        ([192, 168, 0, last].into(), 2)
    }

    fn route(vxlan: &mut Vxlan, to: MacAddr) -> Result<Vec<IpAddr>, DropReason> {
        let mut out = Vec::new();
        vxlan.route(at(0), to, 0, &mut out)?;
        Ok(out.iter().map(|remote| remote.ip).collect())
    }

    #[test]
    fn a_frame_without_an_entry_and_without_a_remote_is_lost() {
        let mut vxlan = vxlan(|_| ());
        assert_eq!(route(&mut vxlan, FAR), Err(DropReason::VxlanNoRemote));
    }

    #[test]
    fn what_is_learned_steers_what_is_unknown_goes_to_the_remote() {
        let mut vxlan = vxlan(|o| o.remote = Some([192, 168, 0, 9].into()));
        assert_eq!(route(&mut vxlan, FAR), Ok(vec![[192, 168, 0, 9].into()]));
        assert_eq!(vxlan.learn(at(0), FAR, NEAR, vtep(2), 42), Ok(()));
        assert_eq!(route(&mut vxlan, FAR), Ok(vec![vtep(2).0]));
    }

    #[test]
    fn a_station_that_moves_is_learned_anew_but_not_from_a_static_entry() {
        let mut vxlan = vxlan(|_| ());
        assert_eq!(vxlan.learn(at(0), FAR, NEAR, vtep(2), 42), Ok(()));
        assert_eq!(vxlan.learn(at(0), FAR, NEAR, vtep(3), 42), Ok(()));
        assert_eq!(route(&mut vxlan, FAR), Ok(vec![vtep(3).0]));
        vxlan.fdb.get_mut(FAR, 42).unwrap().state = FdbState::Permanent;
        let again = vxlan.learn(at(0), FAR, NEAR, vtep(2), 42);
        assert_eq!(again, Err(DropReason::VxlanEntryExists));
        assert_eq!(route(&mut vxlan, FAR), Ok(vec![vtep(3).0]));
    }

    #[test]
    fn groups_and_the_device_itself_are_never_learned() {
        let mut vxlan = vxlan(|_| ());
        let group = MacAddr([1, 0, 0x5e, 0, 0, 1]);
        let learned = vxlan.learn(at(0), group, NEAR, vtep(2), 42);
        assert_eq!(learned, Err(DropReason::MacInvalidSource));
        let learned = vxlan.learn(at(0), NEAR, NEAR, vtep(2), 42);
        assert_eq!(learned, Err(DropReason::LocalMac));
        assert!(vxlan.fdb.is_empty());
    }

    #[test]
    fn without_learning_nothing_is_learned() {
        let mut vxlan = vxlan(|o| o.learning = Some(false));
        assert_eq!(vxlan.learn(at(0), FAR, NEAR, vtep(2), 42), Ok(()));
        assert!(vxlan.fdb.is_empty());
    }

    #[test]
    fn a_full_table_learns_no_more_and_loses_nothing() {
        let mut vxlan = vxlan(|o| o.maxaddress = Some(1));
        assert_eq!(vxlan.learn(at(0), FAR, NEAR, vtep(2), 42), Ok(()));
        let third = MacAddr([2, 0, 0, 0, 0, 3]);
        assert_eq!(vxlan.learn(at(0), third, NEAR, vtep(2), 42), Ok(()));
        assert!(vxlan.fdb.get(third, 42).is_none());
    }

    #[test]
    fn ttl_tos_and_df_follow_the_options_or_the_inner_packet() {
        let mut frame = vec![2; 12];
        frame.extend([0x08, 0, 0x45, 0xb9, 0, 20, 0, 0, 0x40, 0, 33, 1, 0, 0]);
        frame.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        let remote = Remote {
            ip: vtep(2).0,
            port: 4789,
            vni: 42,
            ifindex: 0,
        };
        let headers = |vxlan: Vxlan| {
            let outer = vxlan.outer(&frame, &remote, 0, 42);
            (outer.ttl, outer.tos, outer.dont_fragment, outer.checksum)
        };
        assert_eq!(headers(vxlan(|_| ())), (0, 0x01, false, true));
        let given = vxlan(|o| {
            (o.ttl, o.tos, o.df, o.udpcsum) = (Some(9), Some(0x10), Some(1), Some(false));
        });
        assert_eq!(headers(given), (9, 0x11, true, false));
        let inherited = vxlan(|o| (o.ttl_inherit, o.tos, o.df) = (Some(true), Some(1), Some(2)));
        assert_eq!(headers(inherited), (33, 0xb9, true, true));
        let group = Remote {
            ip: [239, 1, 1, 1].into(),
            ..remote
        };
        assert_eq!(vxlan(|_| ()).outer(&frame, &group, 0, 42).ttl, 1);
    }

    #[test]
    fn congestion_goes_inside_where_the_inner_packet_takes_it() {
        assert_eq!(ecn_decapsulate(3, 0), Ecn::Drop);
        assert_eq!(ecn_decapsulate(3, 2), Ecn::Set(3));
        assert_eq!(ecn_decapsulate(1, 2), Ecn::Set(1));
        assert_eq!(ecn_decapsulate(0, 3), Ecn::Keep);
        assert_eq!(ecn_decapsulate(2, 1), Ecn::Keep);
    }
}
