//! F4: what one namespace knows and decides: addresses, routes, neighbours, IP.
//! It changes no device and sends nothing: the kernel floor acts on its decisions.

pub mod conf;
pub mod fib;
pub mod group;
pub mod igmp;
pub mod inet;
pub mod interface;
pub mod ip;
pub mod neigh;
pub mod socket;
pub mod v6;

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::engine::Random;
use crate::netns::conf::{Settings4, Settings6};
use crate::netns::interface::Interface;
use crate::netns::socket::Sockets;
use crate::units::{HostId, IfIndex, IfName, NetnsId};

/// One network namespace (`struct net`).
#[derive(Clone, Debug)]
pub struct Netns {
    /// The host that it is on.
    pub host: HostId,
    /// The name by which its random streams are known: the first name it was given.
    pub label: String,
    /// What IP knows of each device, by number.
    pub interfaces: BTreeMap<IfIndex, Interface>,
    /// The device names in use, alternative ones included.
    pub names: HashMap<String, IfIndex>,
    /// The last number given to a device.
    pub last_ifindex: IfIndex,
    /// How many devices of a name there have been, for their random streams.
    pub births: HashMap<IfName, u32>,
    /// The ids by which it knows other namespaces.
    pub nsids: BTreeMap<i32, NetnsId>,
    /// `net.ipv4.conf.all`.
    pub all4: Settings4,
    /// `net.ipv4.conf.default`.
    pub default4: Settings4,
    /// `net.ipv6.conf.all`.
    pub all6: Settings6,
    /// `net.ipv6.conf.default`.
    pub default6: Settings6,
    /// Its sockets.
    pub sockets: Sockets,
    /// Random numbers of its IP layers.
    pub random: Random,
}

impl Netns {
    /// A namespace without devices.
    pub fn new(host: HostId, label: &str, random: Random) -> Self {
        Self {
            host,
            label: label.to_owned(),
            interfaces: BTreeMap::new(),
            names: HashMap::new(),
            last_ifindex: 0,
            births: HashMap::new(),
            nsids: BTreeMap::new(),
            all4: Settings4::default(),
            default4: Settings4::default(),
            all6: Settings6::default(),
            default6: Settings6::default(),
            sockets: Sockets::default(),
            random,
        }
    }

    /// The id by which it knows `other` (`peernet2id`).
    pub fn nsid_of(&self, other: NetnsId) -> Option<i32> {
        self.nsids
            .iter()
            .find(|&(_, &id)| id == other)
            .map(|(&nsid, _)| nsid)
    }

    /// The lowest id that is free.
    pub fn free_nsid(&self) -> i32 {
        (0..)
            .find(|nsid| !self.nsids.contains_key(nsid))
            .unwrap_or(0)
    }

    /// The next free number for a device (`dev_index_reserve`).
    pub fn next_ifindex(&mut self) -> IfIndex {
        loop {
            self.last_ifindex = self
                .last_ifindex
                .checked_add(1)
                .filter(|&i| i < 1 << 31)
                .unwrap_or(1);
            if !self.interfaces.contains_key(&self.last_ifindex) {
                return self.last_ifindex;
            }
        }
    }
}

impl Netns {
    /// The IPv4 source address for a destination by a device: one of the device's, or else one that
    /// another device lends (`inet_select_addr`).
    pub fn select_source_v4(
        &self,
        ifindex: IfIndex,
        dst: Option<std::net::Ipv4Addr>,
        scope: u8,
    ) -> Option<std::net::Ipv4Addr> {
        let own = self
            .interfaces
            .get(&ifindex)
            .and_then(|interface| interface.inet.select(dst, scope));
        own.or_else(|| {
            self.interfaces
                .values()
                .find_map(|interface| interface.inet.select_for_others(scope))
        })
    }
}
