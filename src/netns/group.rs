//! Who listens to which group on a device, and when that is reported: the part that
//! IGMP (igmp.c) and MLD (mcast.c) have in common. It writes no packets.

use std::time::Duration;

use crate::engine::Random;
use crate::units::{Blank, Rare, SimTime, make_room};
use crate::wire::RecordKind;

/// Two jiffies of 4 ms: what the kernel adds to every delay of a report.
const TWO_JIFFIES: Duration = Duration::from_millis(8);
/// How long the first report of a group waits where an older version is spoken. The kernel waits one to two
/// jiffies, in which a shell gets no second command done; here commands take a millisecond each, and a report
/// that waits longer would be suppressed by that of the next host.
const FIRST_REPORT: Duration = Duration::from_micros(500);
/// Groups that were left and not yet reported: more than these are forgotten.
const LEFT_MAX: usize = 256;
/// Time between two queries, as long as no router says otherwise.
const QUERY_INTERVAL: Duration = Duration::from_secs(125);
/// Time to answer a query, as long as no router says otherwise.
const RESPONSE_INTERVAL: Duration = Duration::from_secs(10);

/// What the membership asks of a group address.
pub trait GroupAddr: Copy + Eq + std::fmt::Debug + 'static {
    /// In so many groups every device is.
    const FIRST: usize;
    /// It is never reported: all hosts, and what does not leave the host.
    fn is_quiet(self) -> bool;
    /// Frames to it are received by the device's filter.
    fn has_mac(self) -> bool;
    /// It is only reported with `igmp_link_local_mcast_reports`.
    fn is_link_local(self) -> bool;
}

/// The settings that a membership obeys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupConf {
    /// Longest wait before a report is repeated (`igmpv3_` and `mldv2_unsolicited_report_interval`).
    pub unsolicited: Duration,
    /// The same in an older version.
    pub unsolicited_old: Duration,
    /// `force_igmp_version`, `force_mld_version`; 0 for none.
    pub force_version: u8,
    /// The newest version of the protocol: 3 for IGMP, 2 for MLD.
    pub newest: u8,
    /// `igmp_link_local_mcast_reports`.
    pub link_local_reports: bool,
    /// `igmp_qrv`, `mld_qrv`: how often a change is reported.
    pub robustness: u8,
}

/// What is to be done for a membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupAction<A> {
    /// The device's filter takes frames to the group from now on.
    Listen(A),
    /// No longer.
    Ignore(A),
    /// A report of the newest version with these records, in their order.
    Records(Vec<(RecordKind, A)>),
    /// A report of an older version.
    Report(A, u8),
    /// A farewell of an older version.
    Leave(A),
}

/// A question of a router.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question<A> {
    /// One group, or all of them.
    pub group: Option<A>,
    /// How long the answer may be delayed.
    pub delay_max: Duration,
    /// The version that it speaks.
    pub version: u8,
    /// Robustness, interval in seconds and number of sources, in the newest version.
    pub newest: Option<(u8, u32, u16)>,
}

/// One group that is listened to.
#[derive(Clone, Debug)]
struct Group<A> {
    addr: A,
    users: u32,
    /// The device's filter knows it.
    loaded: bool,
    /// How often its last change is still to be reported.
    changes: u8,
    /// How often an older version still repeats its report.
    repeats: u8,
    /// When it is reported; [`SimTime::NEVER`] for not at all.
    timer: SimTime,
    /// We were the last to report it.
    reporter: bool,
}

/// The groups of one device.
#[derive(Clone, Debug)]
pub struct Groups<A> {
    up: bool,
    /// Newest first, as the kernel lists them.
    list: Vec<Group<A>>,
    /// Left, and how often that is still to be reported; newest first.
    left: Rare<Vec<(A, u8)>>,
    /// What routers said.
    heard: Rare<Heard>,
    change_count: u8,
    first_count: u8,
    /// When each is to be done; [`SimTime::NEVER`] for not at all.
    change_at: SimTime,
    answer_at: SimTime,
    first_at: SimTime,
    random: Random,
}

/// What the routers of a link said of themselves.
#[derive(Clone, Debug)]
struct Heard {
    robustness: Option<u8>,
    query_interval: Duration,
    response_interval: Duration,
    /// Until when an older version is spoken: index 0 for the one below the newest.
    older_until: [SimTime; 2],
}

impl Blank for Heard {
    const BLANK: Self = Self {
        robustness: None,
        query_interval: QUERY_INTERVAL,
        response_interval: RESPONSE_INTERVAL,
        older_until: [SimTime::ZERO; 2],
    };
    const SHARED: &'static Self = &Self::BLANK;
}

impl<A: GroupAddr> Groups<A> {
    /// No groups yet; delays are drawn from `random`.
    pub fn new(random: Random) -> Self {
        Self {
            up: false,
            list: Vec::new(),
            left: Rare::default(),
            heard: Rare::default(),
            change_count: 0,
            first_count: 0,
            change_at: SimTime::NEVER,
            answer_at: SimTime::NEVER,
            first_at: SimTime::NEVER,
            random,
        }
    }

    /// The same groups with other random numbers.
    pub fn with_random(&self, random: Random) -> Self {
        Self {
            random,
            ..self.clone()
        }
    }

    /// The groups with their users, in the kernel's order: newest first.
    pub fn list(&self) -> impl Iterator<Item = (A, u32)> {
        self.list.iter().map(|group| (group.addr, group.users))
    }

    /// Whether the device listens to the group.
    pub fn has(&self, addr: A) -> bool {
        self.list.iter().any(|group| group.addr == addr)
    }

    /// One more user of a group (`ip_mc_inc_group`, `ipv6_dev_mc_inc`).
    pub fn join(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        addr: A,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        if let Some(group) = self.list.iter_mut().find(|group| group.addr == addr) {
            group.users = group.users.saturating_add(1);
            return;
        }
        self.left_no_more(addr);
        let group = Group {
            addr,
            users: 1,
            loaded: false,
            changes: 0,
            repeats: 0,
            timer: SimTime::NEVER,
            reporter: false,
        };
        make_room(&mut self.list, A::FIRST);
        self.list.insert(0, group);
        self.added(now, conf, 0, out);
    }

    /// It is listened to again: that it was left is no longer reported.
    fn left_no_more(&mut self, addr: A) {
        if let Some(left) = self.left.made() {
            left.retain(|(left, _)| *left != addr);
        }
    }

    /// One user less; the last one leaves the group (`ip_mc_dec_group`, `ipv6_dev_mc_dec`).
    pub fn leave(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        addr: A,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        let Some(at) = self.list.iter().position(|group| group.addr == addr) else {
            return;
        };
        if let Some(group) = self.list.get_mut(at)
            && group.users > 1
        {
            group.users -= 1;
            return;
        }
        self.dropped(now, conf, at, out);
        self.list.remove(at);
    }

    /// The device is up, or may have moved: all groups are reported again
    /// (`ip_mc_up`, `ipv6_mc_up`).
    pub fn up(&mut self, now: SimTime, conf: &GroupConf, out: &mut impl FnMut(GroupAction<A>)) {
        self.up = true;
        self.heard = Rare::default();
        for at in 0..self.list.len() {
            if let Some(group) = self.list.get(at) {
                let addr = group.addr;
                self.left_no_more(addr);
            }
            self.added(now, conf, at, out);
        }
    }

    /// The device goes down (`ip_mc_down`, `ipv6_mc_down`).
    pub fn down(&mut self, now: SimTime, conf: &GroupConf, out: &mut impl FnMut(GroupAction<A>)) {
        for at in 0..self.list.len() {
            self.dropped(now, conf, at, out);
        }
        self.up = false;
        self.change_count = 0;
        self.first_count = 0;
        (self.change_at, self.answer_at, self.first_at) =
            (SimTime::NEVER, SimTime::NEVER, SimTime::NEVER);
    }

    /// The host has a usable source address from now on: what was reported without one is
    /// reported again (`ipv6_mc_dad_complete`).
    pub fn source_ready(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        self.first_count = self.robust(conf);
        self.report_first(now, conf, out);
    }

    /// A router asks (`igmp_heard_query`, `__mld_query_work`).
    pub fn asked(&mut self, now: SimTime, conf: &GroupConf, question: &Question<A>) {
        if !self.up {
            return;
        }
        let delay = question.delay_max.max(Duration::from_millis(4));
        if question.newest.is_none() {
            self.older_router(now, conf, question.version, delay);
        } else if self.version(now, conf) == conf.newest
            && let Some((robust, interval_s, sources)) = question.newest
        {
            let heard = &mut *self.heard;
            heard.robustness = (robust > 0).then_some(robust);
            heard.query_interval = match interval_s {
                0 => QUERY_INTERVAL,
                seconds => Duration::from_secs(u64::from(seconds)),
            };
            heard.response_interval = delay;
            if question.group.is_none() {
                if sources == 0 {
                    self.answer_at = now + self.draw(delay) + TWO_JIFFIES;
                }
                return;
            }
        }
        self.answer_each(now, conf, question.group, delay);
    }

    /// Another host reported the group: no need to do so too (older versions).
    pub fn heard(&mut self, addr: A) {
        if let Some(group) = self.list.iter_mut().find(|group| group.addr == addr) {
            group.timer = SimTime::NEVER;
            group.reporter = false;
            group.repeats = 0;
        }
    }

    /// When [`Groups::handle_timers`] is to be called next.
    pub fn next_timer(&self) -> Option<SimTime> {
        let groups = self.list.iter().map(|group| group.timer);
        let own = self.change_at.min(self.answer_at).min(self.first_at);
        let next = groups.fold(own, SimTime::min);
        (next != SimTime::NEVER).then_some(next)
    }

    /// Reports what is due.
    pub fn handle_timers(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        let due = |at: &mut SimTime| {
            let is_due = *at <= now;
            if is_due {
                *at = SimTime::NEVER;
            }
            is_due
        };
        if due(&mut self.answer_at) {
            self.report_all(conf, RecordKind::IsExclude, out);
        }
        if due(&mut self.change_at) {
            self.report_changes(now, conf, out);
        }
        if due(&mut self.first_at) {
            self.report_first(now, conf, out);
        }
        for at in 0..self.list.len() {
            let fired = self.list.get_mut(at).is_some_and(|g| due(&mut g.timer));
            if fired {
                self.report_group(now, conf, at, out);
            }
        }
    }

    /// The version that is spoken just now.
    fn version(&self, now: SimTime, conf: &GroupConf) -> u8 {
        if conf.force_version > 0 && conf.force_version < conf.newest {
            return conf.force_version;
        }
        if conf.force_version == conf.newest {
            return conf.newest;
        }
        let [below, lowest] = self.heard.older_until;
        if lowest > now {
            return conf.newest.saturating_sub(2).max(1);
        }
        if below > now {
            return conf.newest.saturating_sub(1);
        }
        conf.newest
    }

    fn robust(&self, conf: &GroupConf) -> u8 {
        self.heard.robustness.unwrap_or(conf.robustness)
    }

    fn draw(&mut self, below: Duration) -> Duration {
        let nanos = u64::try_from(below.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.random.below_u64(nanos))
    }

    fn is_silent(conf: &GroupConf, addr: A) -> bool {
        addr.is_quiet() || (addr.is_link_local() && !conf.link_local_reports)
    }

    /// A group of the list is to be received and reported (`igmp_group_added`).
    fn added(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        at: usize,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        let (up, version, robust) = (self.up, self.version(now, conf), self.robust(conf));
        let Some(group) = self.list.get_mut(at) else {
            return;
        };
        if group.addr.has_mac() && !group.loaded {
            group.loaded = true;
            out(GroupAction::Listen(group.addr));
        }
        if !up || Self::is_silent(conf, group.addr) {
            return;
        }
        if version == conf.newest {
            group.changes = robust;
            self.changed(now, conf);
            return;
        }
        group.repeats = robust;
        group.timer = now + FIRST_REPORT;
    }

    /// A group of the list is no longer received (`igmp_group_dropped`).
    fn dropped(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        at: usize,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        let (version, robust) = (self.version(now, conf), self.robust(conf));
        let Some(group) = self.list.get_mut(at) else {
            return;
        };
        if std::mem::take(&mut group.loaded) {
            out(GroupAction::Ignore(group.addr));
        }
        let (addr, reporter) = (group.addr, group.reporter);
        (group.timer, group.reporter, group.changes) = (SimTime::NEVER, false, 0);
        if Self::is_silent(conf, addr) {
            return;
        }
        if version == conf.newest {
            self.left.insert(0, (addr, robust));
            self.left.truncate(LEFT_MAX);
            self.changed(now, conf);
        } else if reporter && version + 1 == conf.newest && self.up {
            out(GroupAction::Leave(addr));
        }
    }

    /// Something changed that is to be reported soon (`igmp_ifc_event`, `mld_ifc_event`).
    fn changed(&mut self, now: SimTime, conf: &GroupConf) {
        if !self.up || self.version(now, conf) != conf.newest {
            return;
        }
        self.change_count = self.robust(conf);
        self.change_at = now + TWO_JIFFIES;
    }

    /// Reports changes, and again within the interval (`igmpv3_send_cr`, `mld_send_cr`).
    fn report_changes(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        let mut records = Vec::new();
        if let Some(left) = self.left.made() {
            for (addr, changes) in left.iter_mut() {
                records.push((RecordKind::ToInclude, *addr));
                *changes = changes.saturating_sub(1);
            }
            left.retain(|(_, changes)| *changes > 0);
        }
        for group in self.list.iter_mut().filter(|group| group.changes > 0) {
            records.push((RecordKind::ToExclude, group.addr));
            group.changes -= 1;
        }
        if !records.is_empty() {
            out(GroupAction::Records(records));
        }
        self.change_count = self.change_count.saturating_sub(1);
        if self.change_count > 0 {
            self.change_at = now + self.draw(conf.unsolicited) + TWO_JIFFIES;
        }
    }

    fn report_all(&self, conf: &GroupConf, kind: RecordKind, out: &mut impl FnMut(GroupAction<A>)) {
        let loud = self.list.iter().filter(|g| !Self::is_silent(conf, g.addr));
        let records: Vec<_> = loud.map(|group| (kind, group.addr)).collect();
        if !records.is_empty() {
            out(GroupAction::Records(records));
        }
    }

    fn report_first(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        if self.first_count == 0 || !self.up {
            return;
        }
        if self.version(now, conf) == conf.newest {
            self.report_all(conf, RecordKind::ToExclude, out);
        }
        self.first_count -= 1;
        self.first_at = SimTime::NEVER;
        if self.first_count > 0 {
            self.first_at = now + self.draw(conf.unsolicited) + TWO_JIFFIES;
        }
    }

    /// One group's time is over (`igmp_timer_expire`, `mld_mca_work`).
    fn report_group(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        at: usize,
        out: &mut impl FnMut(GroupAction<A>),
    ) {
        let version = self.version(now, conf);
        let wait = self.draw(conf.unsolicited_old) + TWO_JIFFIES;
        let Some(group) = self.list.get_mut(at) else {
            return;
        };
        group.repeats = group.repeats.saturating_sub(1);
        if group.repeats > 0 {
            group.timer = now + wait;
        }
        group.reporter = true;
        out(match version == conf.newest {
            true => GroupAction::Records(vec![(RecordKind::IsExclude, group.addr)]),
            false => GroupAction::Report(group.addr, version),
        });
    }

    /// A router of an older version is there: its version is spoken for a while.
    fn older_router(&mut self, now: SimTime, conf: &GroupConf, version: u8, delay: Duration) {
        if conf.force_version == conf.newest {
            return;
        }
        let robust = u32::from(self.robust(conf));
        let heard = &mut *self.heard;
        let until = now + heard.query_interval * robust + heard.response_interval.max(delay);
        let index = usize::from(version + 1 < conf.newest);
        if let Some(older) = heard.older_until.get_mut(index) {
            *older = until;
        }
        self.change_count = 0;
        (self.change_at, self.answer_at) = (SimTime::NEVER, SimTime::NEVER);
        self.left = Rare::default();
    }

    /// Starts the timers of the groups that were asked for (`igmp_mod_timer`).
    fn answer_each(
        &mut self,
        now: SimTime,
        conf: &GroupConf,
        group: Option<A>,
        delay_max: Duration,
    ) {
        for at in 0..self.list.len() {
            let wait = self.draw(delay_max) + TWO_JIFFIES;
            let Some(own) = self.list.get_mut(at) else {
                return;
            };
            let wanted = group.is_none_or(|group| group == own.addr);
            if !wanted || Self::is_silent(conf, own.addr) {
                continue;
            }
            if own.timer > now + delay_max {
                own.timer = now + wait;
            }
        }
    }
}
