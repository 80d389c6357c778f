//! Groups and who has joined them, learned from IGMP and MLD (net/bridge/br_multicast.c).
//! Source lists of IGMPv3 and MLDv2 are not kept: a report with sources joins the whole group.
//! When the bridge itself asks for members is decided in `querier`; what a user writes and reads is in `request`.

mod request;

pub use request::{MdbChange, MdbDump};

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::units::{MacAddr, SimTime};

use crate::device::bridge::Bridge;
use crate::device::bridge::options::McastOptions;
use crate::device::bridge::port::{PortFlags, PortNo};
use crate::device::bridge::querier::OwnQueries;
use crate::device::bridge::snoop::{Change, Query, Seen, look};

/// A group address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// Of IPv4.
    V4(Ipv4Addr),
    /// Of IPv6.
    V6(Ipv6Addr),
    /// Of the link layer.
    Mac(MacAddr),
}

impl Group {
    /// Whether members of it are kept track of: not the local groups of IPv4, and not
    /// all nodes of IPv6.
    fn is_tracked(self) -> bool {
        match self {
            Self::V4(group) => group.is_multicast() && group.octets()[..3] != [224, 0, 0],
            Self::V6(group) => {
                group.is_multicast() && group != Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1)
            }
            Self::Mac(group) => group.is_multicast(),
        }
    }
}

/// Whose members are counted: a group, of a VLAN and from one source only where such are given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupKey {
    /// The group.
    pub group: Group,
    /// The source; nothing for any.
    pub source: Option<IpAddr>,
    /// The VLAN, 0 for none.
    pub vid: u16,
}

impl GroupKey {
    /// A group of a VLAN, 0 for none, from any source.
    pub const fn in_vlan(group: Group, vid: u16) -> Self {
        Self {
            group,
            source: None,
            vid,
        }
    }
}

impl From<Group> for GroupKey {
    fn from(group: Group) -> Self {
        Self {
            group,
            source: None,
            vid: 0,
        }
    }
}

/// So many members a group may always have, however few groups are allowed.
const MEMBERS_LEAST: usize = 1024;

/// A port that has joined a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Member {
    port_no: PortNo,
    /// Who reported it; broadcast where a user wrote it.
    station: MacAddr,
    /// When it ends; a permanent one has no end.
    until: Option<SimTime>,
    /// A user wrote it, for good or for a while.
    by_user: bool,
}

/// A group that somebody has joined.
#[derive(Clone, Debug, Default)]
struct Members {
    sequence: u64,
    /// Until when this machine is a member.
    host: Option<SimTime>,
    /// The newest first.
    ports: Vec<Member>,
}

/// Another bridge or router that asks for members.
#[derive(Clone, Copy, Debug, Default)]
struct Querier {
    source: u128,
    until: Option<SimTime>,
    /// From when on it is believed that all members have answered.
    settled: SimTime,
}

/// The groups of one bridge.
#[derive(Clone, Debug, Default)]
pub struct Mdb {
    groups: BTreeMap<GroupKey, Members>,
    created: u64,
    /// Of IPv4 and of IPv6.
    queriers: [Querier; 2],
    /// The same of each VLAN, where members are kept track of by VLAN.
    vlan_queriers: BTreeMap<u16, [Querier; 2]>,
    /// When the bridge itself asks its own host.
    pub(super) own: OwnQueries,
    next: Option<SimTime>,
}

impl Mdb {
    /// Until when another querier is believed in.
    pub(super) fn other_querier(&self, ipv6: bool) -> Option<SimTime> {
        self.queriers[usize::from(ipv6)].until
    }
}

/// What a look into a frame for a group told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Snooped {
    /// The group whose members get it, for data.
    group: Option<Group>,
    /// Whether it is for multicast routers only where nobody has joined.
    routers_only: bool,
    ipv6: bool,
    /// The VLAN, 0 for none.
    vid: u16,
    /// Whose frame it is.
    pub source: MacAddr,
    /// A malformed message, to be dropped.
    pub malformed: bool,
}

/// Who gets a frame for a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Spread {
    /// All ports.
    Everywhere,
    /// These ports, and the bridge device where `host`.
    Members {
        /// The ports in the order of sending, and to which station; broadcast for the group.
        ports: Vec<(PortNo, MacAddr)>,
        /// Whether the bridge device gets it.
        host: bool,
    },
}

impl Bridge {
    /// Looks into a frame for a group, which came in at a port or is sent by the bridge
    /// device itself (`br_multicast_rcv`).
    pub(super) fn snoop(
        &mut self,
        now: SimTime,
        port: Option<PortNo>,
        vid: u16,
        frame: &[u8],
    ) -> Snooped {
        let seen = match self.options.mcast.snooping && self.snoops_in(vid) {
            true => look(frame),
            false => Seen::Other,
        };
        let mut source = MacAddr::default();
        if let Some(bytes) = frame.get(6..12) {
            source.0.copy_from_slice(bytes);
        }
        Snooped {
            vid,
            source,
            ..self.act_on(now, port, (vid, source), seen)
        }
    }

    /// What follows from what was seen.
    fn act_on(
        &mut self,
        now: SimTime,
        port: Option<PortNo>,
        (vid, source): (u16, MacAddr),
        seen: Seen,
    ) -> Snooped {
        match seen {
            Seen::Data {
                group,
                routers_only,
            } => Snooped {
                group: Some(group),
                routers_only,
                ipv6: matches!(group, Group::V6(_)),
                ..Snooped::default()
            },
            Seen::Reports(changes) => {
                let ipv6 = matches!(changes.first(), Some((Group::V6(_), _)));
                for (group, change) in changes {
                    self.member_changes(now, (port, source), (group, vid), change);
                }
                Snooped {
                    routers_only: true,
                    ipv6,
                    ..Snooped::default()
                }
            }
            Seen::Query(query) => {
                self.asked(now, port, vid, &query);
                Snooped {
                    ipv6: query.ipv6,
                    ..Snooped::default()
                }
            }
            Seen::Other => Snooped::default(),
            Seen::Malformed => Snooped {
                malformed: true,
                ..Snooped::default()
            },
        }
    }

    fn member_changes(
        &mut self,
        now: SimTime,
        from: (Option<PortNo>, MacAddr),
        (group, vid): (Group, u16),
        change: Change,
    ) {
        if !group.is_tracked() || !self.up {
            return;
        }
        let key = GroupKey::in_vlan(group, vid);
        match change {
            Change::Join => self.join(now, from, key),
            Change::Leave => {
                self.leave(now, from, key);
                self.mdb_plan();
            }
        }
    }

    /// Whether members are kept track of in each VLAN apart.
    fn by_vlan(&self, vid: u16) -> bool {
        self.options.mcast.vlan_snooping && vid != 0
    }

    /// Whether groups are learned in a VLAN (`br_multicast_ctx_vlan_global_disabled`).
    pub(super) fn snoops_in(&self, vid: u16) -> bool {
        !self.by_vlan(vid) || self.mcast_of(vid).snooping
    }

    /// The settings that count for a VLAN.
    fn mcast_of(&self, vid: u16) -> &McastOptions {
        let own = self
            .vlans()
            .filter(|_| self.by_vlan(vid))
            .and_then(|vlans| vlans.global.get(&vid));
        own.unwrap_or(&self.options.mcast)
    }

    fn queriers_of(&self, vid: u16) -> [Querier; 2] {
        match self.by_vlan(vid) {
            true => self
                .mdb
                .vlan_queriers
                .get(&vid)
                .copied()
                .unwrap_or_default(),
            false => self.mdb.queriers,
        }
    }

    fn queriers_mut(&mut self, vid: u16) -> &mut [Querier; 2] {
        match self.by_vlan(vid) {
            true => self.mdb.vlan_queriers.entry(vid).or_default(),
            false => &mut self.mdb.queriers,
        }
    }

    /// `br_multicast_add_group`.
    fn join(&mut self, now: SimTime, from: (Option<PortNo>, MacAddr), key: GroupKey) {
        let (port, station) = from;
        let until = now + self.mcast_of(key.vid).membership_interval.duration();
        let each = port.is_some_and(|port_no| self.tells_stations_apart(port_no));
        let most = (self.options.mcast.hash_max as usize).max(MEMBERS_LEAST);
        let Some(members) = self.group_mut(key) else {
            return;
        };
        let Some(port_no) = port else {
            let before = members.host.replace(until);
            return self.mdb_plan_one(before, Some(until));
        };
        let count = members.ports.len();
        match members
            .ports
            .iter_mut()
            .find(|member| member.port_no == port_no && (!each || member.station == station))
        {
            Some(member) => {
                let before = member.until;
                member.until = before.map(|_| until);
                let after = member.until;
                self.mdb_plan_one(before, after);
            }
            None if count < most => {
                let member = Member {
                    port_no,
                    station,
                    until: Some(until),
                    by_user: false,
                };
                // Behind those of the same port, before all others.
                let last = members.ports.iter().rposition(|m| m.port_no == port_no);
                members.ports.insert(last.map_or(0, |at| at + 1), member);
                self.mdb_plan_one(None, Some(until));
            }
            None => {}
        }
    }

    /// Whether each station behind a port is a member of its own (`br_port_group_equal`).
    fn tells_stations_apart(&self, port_no: PortNo) -> bool {
        self.port_at(port_no)
            .is_some_and(|port| port.flags.has(PortFlags::MCAST_TO_UNICAST))
    }

    /// The group, made where it is new; nothing where there are too many, upon which
    /// Linux gives up snooping (`br_multicast_new_group`).
    fn group_mut(&mut self, group: GroupKey) -> Option<&mut Members> {
        let new = !self.mdb.groups.contains_key(&group);
        if new && self.mdb.groups.len() >= self.options.mcast.hash_max as usize {
            self.options.mcast.snooping = false;
            return None;
        }
        let members = self.mdb.groups.entry(group).or_default();
        if new {
            self.mdb.created += 1;
            members.sequence = self.mdb.created;
        }
        Some(members)
    }

    /// `br_multicast_leave_group`: at once on a port for fast leave, after the time of the last
    /// member's queries otherwise, and never while another querier sees to it.
    fn leave(&mut self, now: SimTime, from: (Option<PortNo>, MacAddr), key: GroupKey) {
        let (port, station) = from;
        let each = port.is_some_and(|port_no| self.tells_stations_apart(port_no));
        let fast = port
            .and_then(|port_no| self.port_at(port_no))
            .is_some_and(|port| port.flags.has(PortFlags::FAST_LEAVE));
        let other = self.queriers_of(key.vid)[usize::from(matches!(key.group, Group::V6(_)))];
        let waits = other.until.is_some_and(|until| until > now);
        let mcast = self.mcast_of(key.vid);
        let span = mcast.last_member_interval.duration() * mcast.last_member_count;
        let Some(members) = self.mdb.groups.get_mut(&key) else {
            return;
        };
        if let Some(port_no) = port.filter(|_| fast) {
            members.ports.retain(|m| {
                m.port_no != port_no || (each && m.station != station) || m.until.is_none()
            });
            return self.drop_empty(key);
        }
        if waits {
            return;
        }
        let ends = now + span;
        let shorten = |until: &mut Option<SimTime>| {
            if let Some(until) = until {
                *until = (*until).min(ends);
            }
        };
        match port {
            None => shorten(&mut members.host),
            Some(port_no) => {
                let first = members.ports.iter_mut().find(|m| m.port_no == port_no);
                if let Some(member) = first {
                    shorten(&mut member.until);
                }
            }
        }
    }

    fn drop_empty(&mut self, group: GroupKey) {
        if self
            .mdb
            .groups
            .get(&group)
            .is_some_and(|m| m.host.is_none() && m.ports.is_empty())
        {
            self.mdb.groups.remove(&group);
        }
    }

    /// A query was heard: its sender is the querier if its address is the lowest, and
    /// a router is behind the port (`br_multicast_query_received`).
    fn asked(&mut self, now: SimTime, port: Option<PortNo>, vid: u16, query: &Query) {
        let mcast = self.mcast_of(vid);
        let (interval, own) = (mcast.querier_interval.duration(), mcast.querier);
        let response = Duration::from_millis(query.response_ms.into());
        let last_member = response * mcast.last_member_count;
        if let Some(group) = query.group {
            self.members_shall_answer(now + last_member, GroupKey::in_vlan(group, vid));
            self.mdb_plan();
            return;
        }
        let querier = &mut self.queriers_mut(vid)[usize::from(query.ipv6)];
        let silent = querier.until.is_none_or(|until| until <= now) && !own;
        if !silent && query.source > querier.source {
            return;
        }
        if querier.until.is_none_or(|until| until <= now) {
            querier.settled = now + response;
        }
        querier.source = query.source;
        querier.until = Some(now + interval);
        if let Some(port) = port.and_then(|port_no| self.port_mut(port_no)) {
            port.multicast_router_until = Some(now + interval);
        }
    }

    /// Members of a group have until then to answer.
    fn members_shall_answer(&mut self, ends: SimTime, key: GroupKey) {
        let Some(members) = self.mdb.groups.get_mut(&key) else {
            return;
        };
        let untils = members.ports.iter_mut().map(|member| &mut member.until);
        for until in untils.chain([&mut members.host]).filter_map(Option::as_mut) {
            *until = (*until).min(ends);
        }
    }

    /// Whether somebody keeps track of members, so that others need not get frames
    /// (`br_multicast_querier_exists`).
    fn querier_exists(&self, now: SimTime, vid: u16, ipv6: bool) -> bool {
        let other = self.queriers_of(vid)[usize::from(ipv6)];
        let heard = other.until.is_some_and(|until| until > now);
        other.settled <= now && (self.mcast_of(vid).querier || heard)
    }

    /// Who gets a frame for a group (`br_multicast_flood`).
    pub(super) fn spread(&self, now: SimTime, snooped: &Snooped) -> Spread {
        let members = snooped
            .group
            .and_then(|group| self.mdb.groups.get(&GroupKey::in_vlan(group, snooped.vid)));
        let link_layer = matches!(snooped.group, Some(Group::Mac(_)));
        let tracked = match link_layer {
            true => members.is_some(),
            false => self.querier_exists(now, snooped.vid, snooped.ipv6),
        };
        if !tracked || members.is_none() && !snooped.routers_only {
            return Spread::Everywhere;
        }
        let joined = |port_no| {
            let all = members.map_or(&[][..], |members| &members.ports);
            all.iter().filter(move |m| m.port_no == port_no)
        };
        let by_vlan = self.by_vlan(snooped.vid);
        let setting = |port: &super::Port| match port.vlans.find(snooped.vid) {
            Some(vlan) if by_vlan => vlan.mcast_router,
            _ => port.multicast_router,
        };
        let router = |port: &super::Port| match setting(port) {
            0 => false,
            2 => true,
            _ => port.multicast_router_until.is_some_and(|until| until > now),
        };
        let mut ports = Vec::new();
        for port in self.ports() {
            let group = (port.port_no, MacAddr::BROADCAST);
            let (mut joined, router) = (joined(port.port_no), router(port));
            match port.flags.has(PortFlags::MCAST_TO_UNICAST) {
                // A router gets the group in place of its first member.
                true => {
                    if router {
                        joined.next();
                        ports.push(group);
                    }
                    ports.extend(joined.map(|member| (port.port_no, member.station)));
                }
                false if router || joined.next().is_some() => ports.push(group),
                false => {}
            }
        }
        Spread::Members {
            ports,
            host: members.is_some_and(|m| m.host.is_some()) || self.options.mcast.router == 2,
        }
    }

    /// The bridge device came up (`br_multicast_open`).
    pub(super) fn mdb_open(&mut self, now: SimTime) {
        self.start_asking(now, None);
    }

    /// The bridge becomes a querier: for a while it is not sure that it knows all members
    /// (`br_multicast_set_querier`).
    pub(super) fn become_querier(&mut self, now: SimTime) {
        let response = self.options.mcast.query_response_interval.duration();
        for querier in &mut self.mdb.queriers {
            if querier.until.is_none_or(|until| until <= now) {
                querier.settled = now + response;
            }
        }
        self.start_asking_all(now);
    }

    /// The bridge becomes the querier of a VLAN.
    pub(super) fn become_querier_in(&mut self, now: SimTime, vid: u16) {
        let response = self.mcast_of(vid).query_response_interval.duration();
        for querier in self.mdb.vlan_queriers.entry(vid).or_default() {
            if querier.until.is_none_or(|until| until <= now) {
                querier.settled = now + response;
            }
        }
    }

    /// The bridge device went down (`br_multicast_stop`).
    pub(super) fn mdb_stop(&mut self) {
        self.mdb.queriers = Default::default();
        self.stop_asking(None);
    }

    /// A port takes no more part: what was learned there goes (`br_multicast_disable_port`).
    pub(super) fn mdb_disable_port(&mut self, port_no: PortNo) {
        self.mdb_retain(|m| m.port_no != port_no || m.until.is_none());
        if let Some(port) = self.port_mut(port_no) {
            port.multicast_router_until = None;
        }
        self.stop_asking(Some(port_no));
    }

    /// A port left (`br_multicast_del_port`).
    pub(super) fn mdb_delete_port(&mut self, port_no: PortNo) {
        self.mdb_retain(|m| m.port_no != port_no);
    }

    fn mdb_retain(&mut self, stays: impl Fn(&Member) -> bool) {
        self.mdb.groups.retain(|_, members| {
            members.ports.retain(&stays);
            members.host.is_some() || !members.ports.is_empty()
        });
        self.mdb_plan();
    }

    /// Notes that one membership ends at another time: all others are looked at only where it was the first to end.
    fn mdb_plan_one(&mut self, before: Option<SimTime>, after: Option<SimTime>) {
        let next = self.mdb.next;
        if before.is_some() && before == next {
            self.mdb_plan();
        } else if after.is_some() && next.is_none_or(|next| after < Some(next)) {
            self.mdb.next = after;
            self.timer_moved = true;
        }
    }

    /// Notes when the first membership ends.
    fn mdb_plan(&mut self) {
        let ends = self.mdb.groups.values().flat_map(|members| {
            members
                .ports
                .iter()
                .filter_map(|member| member.until)
                .chain(members.host)
        });
        let next = ends.min();
        self.timer_moved |= next != self.mdb.next;
        self.mdb.next = next;
    }

    /// When a membership ends.
    pub fn mdb_next_timer(&self) -> Option<SimTime> {
        self.mdb.next
    }

    /// Ends memberships.
    pub(super) fn mdb_expire(&mut self, now: SimTime) {
        self.mdb.groups.retain(|_, members| {
            members
                .ports
                .retain(|member| member.until.is_none_or(|until| until > now));
            members.host = members.host.filter(|until| *until > now);
            members.host.is_some() || !members.ports.is_empty()
        });
        self.mdb_plan();
    }
}
