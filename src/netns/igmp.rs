//! IPv4 group membership of a device (igmp.c): which groups, and the packets that tell routers.
//! It sends nothing: the caller transmits the packets to their groups' stations.
//!
//! ```
//! use vethlab::engine::Seed;
//! use vethlab::netns::conf::Settings4;
//! use vethlab::netns::igmp::{Igmp4Action, IgmpConf, IgmpDevice};
//! use vethlab::units::SimTime;
//!
//! let conf = IgmpConf::combine(&Settings4::default(), &Settings4::default());
//! let mut device = IgmpDevice::new(Seed(0).stream("igmp veth1"));
//! let own = [10, 0, 0, 1].into();
//! let mut out = Vec::new();
//! device.up(SimTime::ZERO, &conf, own, &mut out);
//! assert!(matches!(out[..], [Igmp4Action::JoinMac(_)]), "224.0.0.1 is not reported");
//! device.join(SimTime::ZERO, &conf, own, [239, 1, 2, 3].into(), &mut out);
//! let soon = device.next_timer().expect("a report follows");
//! out.clear();
//! device.handle_timers(soon, &conf, own, &mut out);
//! assert!(matches!(out[..], [Igmp4Action::Output { .. }]));
//! ```

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::engine::Random;
use crate::netns::conf::{Conf4, Settings4};
use crate::netns::group::{GroupAction, GroupAddr, GroupConf, Groups, Question};
use crate::units::{MacAddr, SimTime};
use crate::wire::{
    ALL_IGMPV3_ROUTERS, Frame, Igmp, IgmpQuery, IgmpVersion, igmp_leave, igmp_report, igmp3_report,
};

/// All hosts of a link: always joined, never reported.
const ALL_HOSTS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);
/// All routers of a link, who hear a farewell.
const ALL_ROUTERS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 2);

impl GroupAddr for Ipv4Addr {
    fn is_quiet(self) -> bool {
        self == ALL_HOSTS
    }

    fn has_mac(self) -> bool {
        true
    }

    fn is_link_local(self) -> bool {
        self.octets().starts_with(&[224, 0, 0])
    }
}

/// What the kernel floor has to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Igmp4Action {
    /// The device's filter takes this group station from now on.
    JoinMac(MacAddr),
    /// One user of that station less.
    LeaveMac(MacAddr),
    /// Transmit an IPv4 packet to its group (route and neighbour are `target` itself).
    Output {
        /// The packet, from its IP header on.
        packet: Frame,
        /// The group.
        target: Ipv4Addr,
    },
}

/// The settings that IGMP obeys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IgmpConf(GroupConf);

impl IgmpConf {
    /// Of a device, with those of `all`; `igmp_link_local_mcast_reports` 1 and `igmp_qrv` 2.
    pub fn combine(all: &Settings4, dev: &Settings4) -> Self {
        let interval = |setting| {
            let millis = u64::try_from(dev.of(setting)).unwrap_or(0);
            Duration::from_millis(millis)
        };
        let forced = match all.of(Conf4::ForceIgmpVersion) {
            0 => dev.of(Conf4::ForceIgmpVersion),
            version => version,
        };
        Self(GroupConf {
            unsolicited: interval(Conf4::Igmpv3UnsolicitedReportInterval),
            unsolicited_old: interval(Conf4::Igmpv2UnsolicitedReportInterval),
            force_version: u8::try_from(forced).unwrap_or(0),
            newest: 3,
            link_local_reports: true,
            robustness: 2,
        })
    }

    /// With `net.ipv4.igmp_link_local_mcast_reports` and `net.ipv4.igmp_qrv` as they are set.
    #[must_use]
    pub fn with_namespace(mut self, link_local_reports: bool, robustness: u8) -> Self {
        self.0.link_local_reports = link_local_reports;
        self.0.robustness = robustness;
        self
    }
}

/// The IPv4 groups of one device. `own` in its calls is the source of reports: the device's
/// first address, or unspecified.
#[derive(Clone, Debug)]
pub struct IgmpDevice {
    groups: Groups<Ipv4Addr>,
}

impl IgmpDevice {
    /// A device that is down, in no group.
    pub fn new(random: Random) -> Self {
        Self {
            groups: Groups::new(random),
        }
    }

    /// The groups with their users, as `ip maddr` lists them.
    pub fn list(&self) -> impl Iterator<Item = (Ipv4Addr, u32)> {
        self.groups.list()
    }

    /// Whether packets to the group are for this device (`ip_check_mc`).
    pub fn has(&self, group: Ipv4Addr) -> bool {
        self.groups.has(group)
    }

    /// The device is up (`ip_mc_up`).
    pub fn up(&mut self, now: SimTime, conf: &IgmpConf, own: Ipv4Addr, out: &mut Vec<Igmp4Action>) {
        let mut done = Vec::new();
        self.groups.join(now, &conf.0, ALL_HOSTS, &mut done);
        self.groups.up(now, &conf.0, &mut done);
        carry_out(own, done, out);
    }

    /// The device goes down (`ip_mc_down`).
    pub fn down(
        &mut self,
        now: SimTime,
        conf: &IgmpConf,
        own: Ipv4Addr,
        out: &mut Vec<Igmp4Action>,
    ) {
        let mut done = Vec::new();
        self.groups.down(now, &conf.0, &mut done);
        self.groups.leave(now, &conf.0, ALL_HOSTS, &mut done);
        carry_out(own, done, out);
    }

    /// One more user of a group.
    pub fn join(
        &mut self,
        now: SimTime,
        conf: &IgmpConf,
        own: Ipv4Addr,
        group: Ipv4Addr,
        out: &mut Vec<Igmp4Action>,
    ) {
        let mut done = Vec::new();
        self.groups.join(now, &conf.0, group, &mut done);
        carry_out(own, done, out);
    }

    /// One user less.
    pub fn leave(
        &mut self,
        now: SimTime,
        conf: &IgmpConf,
        own: Ipv4Addr,
        group: Ipv4Addr,
        out: &mut Vec<Igmp4Action>,
    ) {
        let mut done = Vec::new();
        self.groups.leave(now, &conf.0, group, &mut done);
        carry_out(own, done, out);
    }

    /// An IGMP message came in; `bytes` follow its IPv4 header (`igmp_rcv`).
    pub fn receive(&mut self, now: SimTime, conf: &IgmpConf, bytes: &[u8]) {
        match Igmp::parse(bytes) {
            Some(Igmp::Query(query)) => self.groups.asked(now, &conf.0, &question(&query)),
            Some(Igmp::Report(group)) => self.groups.heard(group),
            Some(Igmp::Other(_)) | None => {}
        }
    }

    /// When [`IgmpDevice::handle_timers`] is to be called next.
    pub fn next_timer(&self) -> Option<SimTime> {
        self.groups.next_timer()
    }

    /// Sends what is due.
    pub fn handle_timers(
        &mut self,
        now: SimTime,
        conf: &IgmpConf,
        own: Ipv4Addr,
        out: &mut Vec<Igmp4Action>,
    ) {
        let mut done = Vec::new();
        self.groups.handle_timers(now, &conf.0, &mut done);
        carry_out(own, done, out);
    }
}

fn question(query: &IgmpQuery) -> Question<Ipv4Addr> {
    let (version, newest) = match query.version {
        IgmpVersion::V1 => (1, None),
        IgmpVersion::V2 => (2, None),
        IgmpVersion::V3(robust, interval_s, sources) => (3, Some((robust, interval_s, sources))),
    };
    let asks_all = query.group.is_unspecified() || version == 1;
    Question {
        group: (!asks_all).then_some(query.group),
        delay_max: Duration::from_millis(u64::from(query.delay_max_ms)),
        version,
        newest,
    }
}

/// Writes the packets.
fn carry_out(own: Ipv4Addr, done: Vec<GroupAction<Ipv4Addr>>, out: &mut Vec<Igmp4Action>) {
    let output = |packet, target| Igmp4Action::Output { packet, target };
    for action in done {
        match action {
            GroupAction::Listen(group) => {
                out.push(Igmp4Action::JoinMac(MacAddr::of_ipv4_group(group)));
            }
            GroupAction::Ignore(group) => {
                out.push(Igmp4Action::LeaveMac(MacAddr::of_ipv4_group(group)));
            }
            GroupAction::Records(records) => {
                // 1500 bytes hold 183 records.
                for some in records.chunks(183) {
                    out.push(output(igmp3_report(own, some), ALL_IGMPV3_ROUTERS));
                }
            }
            GroupAction::Report(group, version) => {
                out.push(output(igmp_report(own, group, version == 1), group));
            }
            GroupAction::Leave(group) => {
                out.push(output(igmp_leave(own, group), ALL_ROUTERS));
            }
        }
    }
}
