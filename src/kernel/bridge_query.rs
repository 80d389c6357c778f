//! The questions of a bridge that is a querier: their addresses, and where they go (br_multicast_alloc_query).
//! When a question is due is decided in `device::bridge`.

use std::net::Ipv4Addr;

use crate::kernel::world::World;
use crate::netns::inet::SCOPE_LINK;
use crate::units::{DevId, MacAddr};
use crate::wire::{ETH_P_IP, ETH_P_IPV6, Frame, igmp_query, mld_query, push_ethernet};

/// How many reports may be lost (RFC 3376, 8.1).
const ROBUSTNESS: u8 = 2;

impl World {
    /// Asks for members on a port of a bridge, or the bridge's own host.
    pub(crate) fn ask_members(&mut self, bridge: DevId, port: Option<DevId>, ipv6: bool) {
        let packet = match ipv6 {
            true => self.mld_question(bridge),
            false => self.igmp_question(bridge),
        };
        let (Some(mut frame), Some(device)) = (packet, self.devices.find(bridge)) else {
            return;
        };
        let (group, ethertype) = match ipv6 {
            true => (MacAddr([0x33, 0x33, 0, 0, 0, 1]), ETH_P_IPV6),
            false => (MacAddr([0x01, 0x00, 0x5e, 0, 0, 1]), ETH_P_IP),
        };
        push_ethernet(&mut frame, device.address, group, ethertype);
        match port {
            Some(port) => self.transmit(port, frame),
            None => self.receive(bridge, frame),
        }
    }

    fn igmp_question(&self, bridge: DevId) -> Option<Frame> {
        let mcast = &self.bridge_ref(bridge)?.options.mcast;
        let own = self.interface(bridge)?.inet.select(None, SCOPE_LINK);
        let source = own
            .filter(|_| mcast.query_use_ifaddr)
            .unwrap_or(Ipv4Addr::UNSPECIFIED);
        let tenths = mcast.query_response_interval.clock() / 10;
        let interval = mcast.query_interval.clock() / 100;
        let version3 = (mcast.igmp_version == 3).then(|| (ROBUSTNESS, byte(interval)));
        Some(igmp_query(source, byte(tenths), version3))
    }

    /// Nothing while the bridge device has no address of the link.
    fn mld_question(&self, bridge: DevId) -> Option<Frame> {
        let mcast = &self.bridge_ref(bridge)?.options.mcast;
        let source = self.interface(bridge)?.in6.get()?.link_local()?;
        let response = u16::try_from(mcast.query_response_interval.clock() * 10);
        let interval = mcast.query_interval.clock() / 100;
        let version2 = (mcast.mld_version == 2).then(|| (ROBUSTNESS, byte(interval)));
        Some(mld_query(source, response.unwrap_or(u16::MAX), version2))
    }
}

/// The codes of intervals are linear below 128; what does not fit is the most there is.
fn byte(value: u64) -> u8 {
    u8::try_from(value.min(127)).unwrap_or(127)
}
