//! Policy rules: what a rule says, as it is asked for and as it is reported.
//! The list is in `list`, which packets a rule is for in `select`; tables are elsewhere.

mod list;
mod select;
#[cfg(test)]
mod tests;

use ipnet::IpNet;

pub use list::Rules;
pub(super) use select::Selector;

use super::route::protocol;
use crate::units::{IfIndex, IfName};

/// What a rule does (`FR_ACT_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleAction {
    /// Looks into the rule's table.
    ToTable,
    /// Goes on at the rule of this priority.
    Goto(u32),
    /// Does nothing.
    Nop,
    /// Drops: the lookup fails with EINVAL.
    Blackhole,
    /// The lookup fails with ENETUNREACH.
    Unreachable,
    /// The lookup fails with EACCES.
    Prohibit,
    /// Another type that was typed (`nat`, `local`, ..), by its number: drops, as a blackhole.
    Other(u8),
}

/// A range of port numbers or user ids, both ends included.
pub type Range<T> = (T, T);

/// A policy rule (`struct fib_rule`), as it is asked for and as it is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its place in the order; nothing in a request lets the kernel choose.
    pub priority: Option<u32>,
    /// What it does.
    pub action: RuleAction,
    /// The table; 0 where the action has none.
    pub table: u32,
    /// Source prefix, as typed.
    pub src: Option<IpNet>,
    /// Destination prefix, as typed.
    pub dst: Option<IpNet>,
    /// Type of service.
    pub tos: u8,
    /// The device by which the packet came in; `lo` for what is sent from here.
    pub iif: Option<IfName>,
    /// The device that the sender is bound to.
    pub oif: Option<IfName>,
    /// The mark; with a request nothing means any.
    pub mark: Option<u32>,
    /// Which bits of the mark count.
    pub mark_mask: Option<u32>,
    /// IP protocol; 0 is any.
    pub ip_proto: u8,
    /// Source ports.
    pub sport: Option<Range<u16>>,
    /// Destination ports.
    pub dport: Option<Range<u16>>,
    /// User ids.
    pub uids: Option<Range<u32>>,
    /// Tunnel id.
    pub tun_id: u64,
    /// Whether it is for devices of an L3 master.
    pub l3mdev: bool,
    /// Routes of at most this prefix length do not count.
    pub suppress_prefixlen: Option<u32>,
    /// Routes by a device of this group do not count.
    pub suppress_ifgroup: Option<u32>,
    /// Whether all that it selects is turned around (`not`).
    pub invert: bool,
    /// `RTPROT_*`: who made it.
    pub protocol: u8,
    /// Realms; iproute2 prints them.
    pub realms: u32,
}

impl Rule {
    /// A rule that sends everything to a table.
    pub fn new(table: u32) -> Self {
        Self {
            priority: None,
            action: RuleAction::ToTable,
            table,
            src: None,
            dst: None,
            tos: 0,
            iif: None,
            oif: None,
            mark: None,
            mark_mask: None,
            ip_proto: 0,
            sport: None,
            dport: None,
            uids: None,
            tun_id: 0,
            l3mdev: false,
            suppress_prefixlen: None,
            suppress_ifgroup: None,
            invert: false,
            protocol: protocol::UNSPEC,
            realms: 0,
        }
    }
}

/// A rule in the list, with what the kernel knows about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleInfo {
    /// The rule; its priority, mark and mask are set.
    pub rule: Rule,
    /// The device of `iif`, where it exists.
    pub iif: Option<IfIndex>,
    /// The device of `oif`, where it exists.
    pub oif: Option<IfIndex>,
    /// Whether the target of a `goto` does not exist.
    pub unresolved: bool,
}
