//! Listener discovery of a device: its groups and the reports about them (mcast.c).
//! The state machine is the one of `netns::group`, which IGMP shares.

use std::net::Ipv6Addr;
use std::time::Duration;

use super::in6::is_link_local;
use super::{Action, Inet6Device, Link};
use crate::netns::conf::Conf6;
use crate::netns::group::{GroupAction, GroupAddr, GroupConf, Question};
use crate::units::{MacAddr, SimTime};
use crate::wire::{
    ALL_MLDV2_ROUTERS, IPV6_HLEN, MldQuery, mld1_done, mld1_report, mld1_reported, mld2_report,
};

/// All nodes of a link.
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// All routers of a link.
pub const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
pub(super) const HOST_ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 1);
pub(super) const HOST_ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 2);
pub(super) const SITE_ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff05, 0, 0, 0, 0, 0, 0, 2);

impl GroupAddr for Ipv6Addr {
    const FIRST: usize = 2;

    fn is_quiet(self) -> bool {
        self == ALL_NODES || !self.has_mac()
    }

    fn has_mac(self) -> bool {
        self.octets()[1] & 0x0f >= 2
    }

    fn is_link_local(self) -> bool {
        false
    }
}

impl Link<'_> {
    pub(super) fn groups(&self) -> GroupConf {
        let millis = |setting| {
            let value = u64::try_from(self.dev.of(setting)).unwrap_or(0);
            Duration::from_millis(value)
        };
        let forced = match self.all.of(Conf6::ForceMldVersion) {
            0 => self.dev.of(Conf6::ForceMldVersion),
            version => version,
        };
        GroupConf {
            unsolicited: millis(Conf6::Mldv2UnsolicitedReportInterval),
            unsolicited_old: millis(Conf6::Mldv1UnsolicitedReportInterval),
            force_version: u8::try_from(forced).unwrap_or(0),
            newest: 2,
            link_local_reports: true,
            robustness: 2,
        }
    }
}

impl Inet6Device {
    /// The groups with their users, as `ip maddr` lists them.
    pub fn groups(&self) -> impl Iterator<Item = (Ipv6Addr, u32)> {
        self.groups.list()
    }

    /// Whether packets to the group are for this device (`ipv6_chk_mcast_addr`).
    pub fn listens_to(&self, group: Ipv6Addr) -> bool {
        self.groups.has(group)
    }

    /// One more user of a group (`ipv6_dev_mc_inc`).
    pub fn join(&mut self, now: SimTime, link: &Link<'_>, group: Ipv6Addr, out: &mut Vec<Action>) {
        let own = self.source_of_reports();
        let mut done = |action| carry_out(own, link.mtu, action, out);
        self.groups.join(now, &link.groups(), group, &mut done);
    }

    /// One user less (`ipv6_dev_mc_dec`).
    pub fn leave(&mut self, now: SimTime, link: &Link<'_>, group: Ipv6Addr, out: &mut Vec<Action>) {
        let own = self.source_of_reports();
        let mut done = |action| carry_out(own, link.mtu, action, out);
        self.groups.leave(now, &link.groups(), group, &mut done);
    }

    /// A listener message came in: `source` is the packet's, `bytes` start at the ICMPv6 type.
    /// The caller has checked hop limit 1, the router alert and the checksum.
    pub fn receive_mld(&mut self, now: SimTime, link: &Link<'_>, source: Ipv6Addr, bytes: &[u8]) {
        if !is_link_local(source) {
            return;
        }
        if let Some(group) = mld1_reported(bytes) {
            self.groups.heard(group);
            return;
        }
        let conf = link.groups();
        let Some(query) = MldQuery::parse(bytes, conf.force_version == 1) else {
            return;
        };
        let question = Question {
            group: (!query.group.is_unspecified()).then_some(query.group),
            delay_max: Duration::from_millis(u64::from(query.delay_max_ms)),
            version: if query.v2.is_some() { 2 } else { 1 },
            newest: query.v2,
        };
        self.groups.asked(now, &conf, &question);
    }

    pub(super) fn groups_up(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let own = self.source_of_reports();
        let mut done = |action| carry_out(own, link.mtu, action, out);
        self.groups.up(now, &link.groups(), &mut done);
    }

    pub(super) fn groups_down(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let own = self.source_of_reports();
        let mut done = |action| carry_out(own, link.mtu, action, out);
        self.groups.down(now, &link.groups(), &mut done);
    }

    /// The link-local address is no longer tentative: report with it (`ipv6_mc_dad_complete`).
    pub(super) fn groups_source_ready(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        out: &mut Vec<Action>,
    ) {
        let own = self.source_of_reports();
        let mut done = |action| carry_out(own, link.mtu, action, out);
        self.groups.source_ready(now, &link.groups(), &mut done);
    }

    pub(super) fn groups_timers(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let own = self.source_of_reports();
        let mut done = |action| carry_out(own, link.mtu, action, out);
        self.groups.handle_timers(now, &link.groups(), &mut done);
    }

    /// Reports come from the link-local address or, before it is usable, from `::`.
    fn source_of_reports(&self) -> Ipv6Addr {
        self.link_local().unwrap_or(Ipv6Addr::UNSPECIFIED)
    }
}

/// Writes the packets, as the MTU of the link allows.
fn carry_out(own: Ipv6Addr, mtu: u32, action: GroupAction<Ipv6Addr>, out: &mut Vec<Action>) {
    let output = |packet, next_hop| Action::Output { packet, next_hop };
    match action {
        GroupAction::Listen(group) => {
            out.push(Action::JoinMac(MacAddr::of_ipv6_group(group)));
        }
        GroupAction::Ignore(group) => {
            out.push(Action::LeaveMac(MacAddr::of_ipv6_group(group)));
        }
        GroupAction::Records(records) => {
            for some in records.chunks(records_max(mtu)) {
                out.push(output(mld2_report(own, some), ALL_MLDV2_ROUTERS));
            }
        }
        GroupAction::Report(group, _) => {
            out.push(output(mld1_report(own, group), group));
        }
        GroupAction::Leave(group) => {
            out.push(output(mld1_done(own, group), ALL_ROUTERS));
        }
    }
}

/// How many records of 20 bytes a packet of the link holds behind its headers.
fn records_max(mtu: u32) -> usize {
    const HEADERS: usize = IPV6_HLEN + 8 + 8;
    let room = usize::try_from(mtu).unwrap_or(usize::MAX);
    (room.saturating_sub(HEADERS) / 20).max(1)
}
