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
    const FIRST: usize = 1;

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
        let mut done = |action| carry_out(own, action, out);
        self.groups.join(now, &conf.0, ALL_HOSTS, &mut done);
        self.groups.up(now, &conf.0, &mut done);
    }

    /// The device goes down (`ip_mc_down`).
    pub fn down(
        &mut self,
        now: SimTime,
        conf: &IgmpConf,
        own: Ipv4Addr,
        out: &mut Vec<Igmp4Action>,
    ) {
        let mut done = |action| carry_out(own, action, out);
        self.groups.down(now, &conf.0, &mut done);
        self.groups.leave(now, &conf.0, ALL_HOSTS, &mut done);
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
        let mut done = |action| carry_out(own, action, out);
        self.groups.join(now, &conf.0, group, &mut done);
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
        let mut done = |action| carry_out(own, action, out);
        self.groups.leave(now, &conf.0, group, &mut done);
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
        let mut done = |action| carry_out(own, action, out);
        self.groups.handle_timers(now, &conf.0, &mut done);
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
fn carry_out(own: Ipv4Addr, action: GroupAction<Ipv4Addr>, out: &mut Vec<Igmp4Action>) {
    let output = |packet, target| Igmp4Action::Output { packet, target };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Seed;
    use crate::wire::RecordKind;
    use proptest::prelude::*;

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

    fn at(millis: u64) -> SimTime {
        SimTime::ZERO + Duration::from_millis(millis)
    }

    fn conf() -> IgmpConf {
        IgmpConf::combine(&Settings4::default(), &Settings4::default())
    }

    fn group(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(239, 1, 2, last)
    }

    fn device() -> IgmpDevice {
        let mut device = IgmpDevice::new(Seed(5).stream("igmp"));
        device.up(at(0), &conf(), OWN, &mut Vec::new());
        device
    }

    /// Runs the timers and gives what was sent: time, target, records or type.
    fn run(device: &mut IgmpDevice, until: SimTime) -> Vec<(u64, Ipv4Addr, Vec<u8>)> {
        let mut sent = Vec::new();
        let mut rounds = 0;
        while let Some(next) = device.next_timer().filter(|next| *next <= until) {
            let mut out = Vec::new();
            device.handle_timers(next, &conf(), OWN, &mut out);
            for action in out {
                if let Igmp4Action::Output { packet, target } = action {
                    sent.push((next.as_millis(), target, packet.bytes()[24..].to_vec()));
                }
            }
            rounds += 1;
            assert!(rounds < 10_000, "the timers make no progress at {next}");
        }
        sent
    }

    fn query(code: u8, extra: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x11, code, 0, 0, 0, 0, 0, 0];
        bytes.extend(extra);
        let words = bytes
            .chunks(2)
            .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
        let sum: u32 = words.sum();
        let folded = !((sum & 0xffff) + (sum >> 16)) as u16;
        bytes[2..4].copy_from_slice(&folded.to_be_bytes());
        bytes
    }

    #[test]
    fn joins_and_leaves_are_reported_twice_as_recorded() {
        let mut device = device();
        assert!(run(&mut device, at(3000)).is_empty());
        for last in [3, 4] {
            device.join(at(3000), &conf(), OWN, group(last), &mut Vec::new());
        }
        let sent = run(&mut device, at(6000));
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].0, 3008);
        assert!(sent[1].0 < 4016);
        let [a, b] = [group(4).octets(), group(3).octets()];
        let to_ex = RecordKind::ToExclude as u8;
        let records = [&[to_ex, 0, 0, 0][..], &a, &[to_ex, 0, 0, 0], &b].concat();
        assert_eq!(sent[0].2[8..], records);
        assert_eq!(sent[0].1, ALL_IGMPV3_ROUTERS);
        device.leave(at(6000), &conf(), OWN, group(3), &mut Vec::new());
        let sent = run(&mut device, at(9000));
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].2[8], RecordKind::ToInclude as u8);
    }

    #[test]
    fn all_hosts_leads_the_list_after_each_up() {
        let mut device = device();
        device.join(at(0), &conf(), OWN, group(4), &mut Vec::new());
        device.down(at(1), &conf(), OWN, &mut Vec::new());
        let mut out = Vec::new();
        device.up(at(2), &conf(), OWN, &mut out);
        let list: Vec<_> = device.list().collect();
        assert_eq!(list, [(ALL_HOSTS, 1), (group(4), 1)]);
        assert_eq!(out.len(), 2);
    }

    #[test]
    fn a_general_query_is_answered_with_all_groups() {
        let mut device = device();
        device.join(at(0), &conf(), OWN, group(4), &mut Vec::new());
        run(&mut device, at(3000));
        device.receive(at(3000), &conf(), &query(100, &[2, 125, 0, 0]));
        let sent = run(&mut device, at(14_000));
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].2[8], RecordKind::IsExclude as u8);
    }

    #[test]
    fn beside_an_old_router_version_2_is_spoken_and_others_reports_are_heard() {
        let mut device = device();
        for last in [3, 4] {
            device.join(at(0), &conf(), OWN, group(last), &mut Vec::new());
        }
        run(&mut device, at(3000));
        device.receive(at(3000), &conf(), &query(100, &[]));
        let report = igmp_report(Ipv4Addr::new(10, 0, 0, 2), group(3), false);
        device.receive(at(3001), &conf(), &report.bytes()[24..]);
        let sent = run(&mut device, at(20_000));
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!((sent[0].1, sent[0].2[0]), (group(4), 0x16));
        let mut out = Vec::new();
        device.leave(at(20_000), &conf(), OWN, group(4), &mut out);
        let [Igmp4Action::LeaveMac(_), Igmp4Action::Output { target, .. }] = &out[..] else {
            panic!("{out:?}")
        };
        assert_eq!(*target, ALL_ROUTERS);
    }

    #[test]
    fn link_local_groups_stay_unreported_where_that_is_set() {
        let mut device = device();
        let quiet = conf().with_namespace(false, 2);
        device.join(
            at(0),
            &quiet,
            OWN,
            Ipv4Addr::new(224, 0, 0, 99),
            &mut Vec::new(),
        );
        assert_eq!(device.next_timer(), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_the_timers_end(
            steps in proptest::collection::vec(
                (0..6u8, 0..5u8, proptest::collection::vec(any::<u8>(), 0..20), 0..9000u32), 0..60),
        ) {
            let mut device = device();
            let mut now = at(0);
            let mut joined = std::collections::BTreeMap::new();
            let mut out = Vec::new();
            for (kind, last, bytes, wait) in steps {
                match kind {
                    0 | 1 => device.join(now, &conf(), OWN, group(last), &mut out),
                    2 => device.leave(now, &conf(), OWN, group(last), &mut out),
                    3 => {
                        let code = bytes.first().copied().unwrap_or(0);
                        let extra = bytes.get(1..5).unwrap_or_default();
                        device.receive(now, &conf(), &query(code, extra));
                    }
                    4 => {
                        device.down(now, &conf(), OWN, &mut out);
                        device.up(now, &conf(), OWN, &mut out);
                    }
                    _ => device.receive(now, &conf(), &bytes),
                }
                let until = now + Duration::from_millis(u64::from(wait));
                run(&mut device, until);
                now = until;
            }
            device.down(now, &conf(), OWN, &mut out);
            for action in out {
                match action {
                    // The first station was joined before.
                    Igmp4Action::JoinMac(mac) => *joined.entry(mac).or_insert(0) += 1,
                    Igmp4Action::LeaveMac(mac) => *joined.entry(mac).or_insert(0) -= 1,
                    Igmp4Action::Output { .. } => {}
                }
            }
            joined.remove(&MacAddr::of_ipv4_group(ALL_HOSTS));
            prop_assert!(joined.values().all(|users| *users == 0), "{joined:?}");
            prop_assert_eq!(device.next_timer(), None);
        }
    }
}
