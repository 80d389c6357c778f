//! Tests of the frame itself: broadcast and multicast, tags, direction and device.
//! What only a live capture's kernel knows cannot be asked.

use super::FilterError;
use super::generate::{ETHERTYPE_IP, ETHERTYPE_IPV6, Generated, Generator, invalid, mac_at};
use super::program::{Condition, Relation};
use super::words::Protocol;
use crate::wire::print::LinkType;

impl Generator {
    pub(super) fn broadcast(&self, protocol: Option<Protocol>) -> Generated {
        match protocol {
            None | Some(Protocol::Link) if self.is_ethernet() => Ok(mac_at(0, [0xff; 6])),
            None | Some(Protocol::Link) => invalid("not a broadcast link"),
            // tcpdump knows no netmask, so that all bits must be zero or one.
            Some(Protocol::Ip) => {
                let ends = self.network(16, 4, 0).or(self.network(16, 4, u32::MAX));
                Ok(self.carries(ETHERTYPE_IP).and(ends))
            }
            Some(_) => invalid("only link-layer/IP broadcast filters supported"),
        }
    }

    pub(super) fn multicast(&self, protocol: Option<Protocol>) -> Generated {
        match protocol {
            None | Some(Protocol::Link) if self.is_ethernet() => {
                Ok(Condition::compare(0, 1, Relation::Intersect, 1))
            }
            Some(Protocol::Ip) => {
                let at = self.network_at + 16;
                let group = Condition::compare(at, 1, Relation::GreaterOrEqual, 224);
                Ok(self.carries(ETHERTYPE_IP).and(group))
            }
            Some(Protocol::Ip6) => Ok(self.carries(ETHERTYPE_IPV6).and(self.network(24, 1, 0xff))),
            _ => invalid(
                "link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel",
            ),
        }
    }

    /// Only cooked headers tell the direction; a live Ethernet capture would have to ask the kernel.
    pub(super) fn inbound(&self, inbound: bool) -> Generated {
        let outgoing = match self.source.link {
            LinkType::LinuxSll => Condition::compare(0, 2, Relation::Equal, 4),
            LinkType::LinuxSll2 => Condition::compare(10, 1, Relation::Equal, 4),
            LinkType::Ethernet | LinkType::Raw if self.source.live => {
                return Err(FilterError::NotSimulated(if inbound {
                    "inbound"
                } else {
                    "outbound"
                }));
            }
            LinkType::Ethernet | LinkType::Raw => {
                return invalid(format!(
                    "inbound/outbound not supported on {} when reading savefiles",
                    self.link_name()
                ));
            }
        };
        Ok(if inbound { outgoing.not() } else { outgoing })
    }

    pub(super) fn interface_index(&self, index: u32) -> Generated {
        match self.source.link {
            LinkType::LinuxSll2 => Ok(Condition::compare(4, 4, Relation::Equal, index)),
            _ if self.source.live => Err(FilterError::NotSimulated("ifindex")),
            _ => invalid(format!(
                "ifindex not supported on {} when reading savefiles",
                self.link_name()
            )),
        }
    }

    /// A tag, and with a number that tag; what follows is looked for behind it (`gen_vlan`).
    pub(super) fn vlan(&mut self, number: Option<u32>) -> Generated {
        if !self.is_ethernet() {
            return invalid(format!("no VLAN support for {}", self.link_name()));
        }
        if let Some(number @ 4096..) = number {
            return invalid(format!("VLAN tag {number} greater than maximum 4095"));
        }
        self.tags += 1;
        if self.source.live && self.tags == 1 {
            return Ok(Condition::OffloadedTag(number.map(|number| number as u16)));
        }
        let tagged = self
            .carries(0x8100)
            .or(self.carries(0x88a8))
            .or(self.carries(0x9100));
        let condition = match number {
            None => tagged,
            Some(number) => tagged.and(Condition::masked(self.network_at, 2, 0x0fff, number)),
        };
        self.network_at += 4;
        self.type_at = self.type_at.map(|at| at + 4);
        Ok(condition)
    }
}
