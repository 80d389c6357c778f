//! F4: what one namespace knows and decides: addresses, routes, neighbours, IP.
//! It changes no device and sends nothing: the kernel floor acts on its decisions.

pub mod conf;
pub mod facts;
pub mod fib;
pub mod filter;
pub mod group;
pub mod igmp;
pub mod inet;
pub mod interface;
pub mod ip;
pub mod names;
pub mod neigh;
pub mod nsid;
pub mod socket;
pub mod sysctl;
pub mod v6;
pub mod ways;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::engine::Random;
use crate::netns::conf::{Conf4, Settings4, Settings6};
use crate::netns::facts::{Facts, LinkFacts};
use crate::netns::fib::{Fib, RouteType};
use crate::netns::filter::Filter;
use crate::netns::interface::Interfaces;
use crate::netns::ip::fragment::Reassembly;
use crate::netns::ip::icmp::RateLimit;
use crate::netns::names::DeviceNames;
use crate::netns::neigh::NeighTable;
use crate::netns::nsid::Nsids;
use crate::netns::socket::AnySockets;
use crate::netns::sysctl::Sysctls;
use crate::netns::v6::fragment::Reassembly6;
use crate::netns::ways::Ways;
use crate::units::{HostId, IfIndex, NetnsId, Rare, SimTime, Versioned};
use crate::wire::Frame;

/// One network namespace (`struct net`).
#[derive(Clone, Debug)]
pub struct Netns {
    /// The host that it is on.
    pub host: HostId,
    /// The name by which its random streams are known: the first name it was given.
    pub label: Box<str>,
    /// What IP knows of each device, by number.
    pub interfaces: Versioned<Interfaces>,
    /// The device names in use, alternative ones included.
    pub names: DeviceNames,
    /// Whether processes of a container engine hold it, whatever names it has.
    pub held: bool,
    /// The last number given to a device.
    pub last_ifindex: IfIndex,
    /// The ids by which it knows other namespaces.
    pub nsids: Nsids,
    /// The namespaces that have an id for this one.
    pub known_by: Vec<NetnsId>,
    /// `net.ipv4.conf.all`.
    pub all4: Versioned<Settings4>,
    /// `net.ipv4.conf.default`.
    pub default4: Settings4,
    /// `net.ipv6.conf.all`.
    pub all6: Settings6,
    /// `net.ipv6.conf.default`.
    pub default6: Settings6,
    /// The settings that belong to no device.
    pub sysctls: Sysctls,
    /// Routes and rules.
    pub fib: Versioned<Fib>,
    /// Ways that packets went by last.
    pub ways: Ways,
    /// The neighbours of IPv4.
    pub neigh4: NeighTable<Ipv4Addr, Frame>,
    /// The neighbours of IPv6.
    pub neigh6: NeighTable<Ipv6Addr, Frame>,
    /// IPv4 fragments that wait for the others.
    pub reassembly4: Rare<Reassembly>,
    /// IPv6 fragments that wait for the others.
    pub reassembly6: Rare<Reassembly6>,
    /// How many ICMP errors may be sent.
    pub icmp_limit: Rare<RateLimit>,
    /// The identification of the last IPv4 packet.
    pub ip_id: u16,
    /// Packet filter, connections and translations; nothing where no rule was ever made.
    pub filter: Option<Box<Filter>>,
    /// The sockets.
    pub sockets: AnySockets,
    /// Random numbers of its IP layers.
    pub random: Random,
}

impl Netns {
    /// A namespace without devices; `stream` gives its random streams by name.
    pub fn new(host: HostId, label: &str, stream: impl Fn(&str) -> Random) -> Self {
        let mut random = stream("ip");
        Self {
            host,
            label: label.into(),
            interfaces: Versioned::default(),
            names: DeviceNames::default(),
            held: false,
            last_ifindex: 0,
            nsids: Nsids::default(),
            known_by: Vec::new(),
            all4: Versioned::new(Settings4::all()),
            default4: Settings4::default(),
            all6: Settings6::all(),
            default6: Settings6::default(),
            sysctls: Sysctls::default(),
            fib: Versioned::default(),
            ways: Ways::default(),
            neigh4: NeighTable::new(stream("arp")),
            neigh6: NeighTable::new(stream("nd")),
            reassembly4: Rare::default(),
            reassembly6: Rare::default(),
            icmp_limit: Rare::default(),
            ip_id: random.next_u32() as u16,
            filter: None,
            sockets: AnySockets::new(stream("tcp")),
            random,
        }
    }

    /// Its devices and addresses, as the tables ask about them.
    #[inline]
    pub fn links(&self) -> LinkFacts<'_> {
        LinkFacts {
            interfaces: &self.interfaces,
            all4: &self.all4,
            all6: &self.all6,
        }
    }

    /// Its devices, addresses and routes.
    #[inline]
    pub fn facts(&self, now: SimTime) -> Facts<'_> {
        Facts {
            links: self.links(),
            fib: &self.fib,
            now,
        }
    }

    /// The routes, to change them, beside what they ask about.
    pub fn fib_and_links(&mut self) -> (&mut Fib, LinkFacts<'_>) {
        let links = LinkFacts {
            interfaces: &self.interfaces,
            all4: &self.all4,
            all6: &self.all6,
        };
        (&mut self.fib, links)
    }

    /// The neighbours of IPv4, to change them, beside what they ask about.
    pub fn neigh4_and_facts(
        &mut self,
        now: SimTime,
    ) -> (&mut NeighTable<Ipv4Addr, Frame>, Facts<'_>) {
        let links = LinkFacts {
            interfaces: &self.interfaces,
            all4: &self.all4,
            all6: &self.all6,
        };
        let facts = Facts {
            links,
            fib: &self.fib,
            now,
        };
        (&mut self.neigh4, facts)
    }

    /// Whether a redirect from `from` to the gateway `to` is believed (`__ip_do_redirect`).
    pub fn accepts_redirect(&self, ifindex: IfIndex, from: Ipv4Addr, to: Ipv4Addr) -> bool {
        let Some(interface) = self.interfaces.get(&ifindex) else {
            return false;
        };
        // A router believes only where all of its devices say so, a host where one does.
        let accepts = if interface.conf4.on(Conf4::Forwarding) {
            interface.both(&self.all4, Conf4::AcceptRedirects)
        } else {
            interface.either(&self.all4, Conf4::AcceptRedirects)
        };
        let near = if interface.either(&self.all4, Conf4::SharedMedia) {
            self.fib.v4.address_kind(to) == RouteType::Unicast
        } else {
            interface.inet.is_onlink_with(to, from)
        };
        accepts && from != to && !to.is_unspecified() && near
    }

    /// TTL of packets that nothing else is said about (`net.ipv4.ip_default_ttl`).
    pub fn default_ttl(&self) -> u8 {
        self.sysctls.hot().default_ttl
    }

    /// The identification of the next IPv4 packet: random at first, counted up.
    #[inline]
    pub fn next_ip_id(&mut self) -> u16 {
        self.ip_id = self.ip_id.wrapping_add(1);
        self.ip_id
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
