//! Typed netlink requests as values, valid and not, and how proptest draws and shrinks them.
//! What the kernel does with them is its own; command lines are `step`'s.

mod bridges;
mod conversation;
mod queues;

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub use conversation::{Conversation, conversations};

use super::strategy::{address, mac};
use crate::kernel::World;
use crate::kernel::netlink::{
    AddrDelete, AddrNew, BridgeOptions, BridgeVlanRequest, FdbRequest, IpvlanOptions, LinkChange,
    LinkKind, LinkNew, LinkRef, MacvlanMode, MacvlanOptions, MdbRequest, NeighNew, NeighRef,
    NlResult, QdiscDelete, QdiscRequest, VethPeer, VlanOptions, VxlanOptions,
};
use crate::netns::fib::{NewFlags, NexthopConfig, RouteConfig, RouteType, Rule};
use crate::netns::neigh::{NeighFlags, Nud};
use crate::units::{IfIndex, IfName, NetnsId, Vni};

/// Few names and few numbers, so that requests meet one another; some are of nobody.
const NAMES: [&str; 6] = ["va", "vb", "br0", "vx0", "up0", "lo"];
const NUMBERS: IfIndex = 7;

/// One request of netlink.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// A new device (RTM_NEWLINK).
    LinkAdd(LinkNew),
    /// A device changes (RTM_SETLINK).
    LinkSet(LinkRef, LinkChange),
    /// A device goes (RTM_DELLINK).
    LinkDel(LinkRef),
    /// An address for a device (RTM_NEWADDR).
    AddrAdd(AddrNew),
    /// A device loses an address (RTM_DELADDR).
    AddrDel(AddrDelete),
    /// A route (RTM_NEWROUTE).
    RouteAdd(RouteConfig, NewFlags),
    /// A route goes (RTM_DELROUTE).
    RouteDel(RouteConfig),
    /// A neighbour (RTM_NEWNEIGH).
    NeighAdd(NeighNew),
    /// A neighbour goes (RTM_DELNEIGH).
    NeighDel(NeighRef),
    /// An entry of a bridge's or a tunnel's table (RTM_NEWNEIGH, PF_BRIDGE).
    FdbAdd(FdbRequest),
    /// Such an entry goes (RTM_DELNEIGH, PF_BRIDGE).
    FdbDel(FdbRequest),
    /// A device moves into the next namespace, in the order in which they were made (IFLA_NET_NS_FD).
    Move(LinkRef),
    /// A rule of IPv6, or of IPv4 (RTM_NEWRULE); an equal one may be refused.
    RuleAdd(bool, Box<Rule>, bool),
    /// Such a rule goes (RTM_DELRULE).
    RuleDel(bool, Box<Rule>),
    /// VLANs of a port or a bridge come or go (RTM_SETLINK, RTM_DELLINK, PF_BRIDGE).
    Vlan(BridgeVlanRequest),
    /// A member of a group (RTM_NEWMDB).
    MdbAdd(MdbRequest),
    /// A member of a group goes (RTM_DELMDB).
    MdbDel(MdbRequest),
    /// A queueing discipline is made or changed (RTM_NEWQDISC).
    QdiscSet(QdiscRequest),
    /// A queueing discipline goes (RTM_DELQDISC).
    QdiscDel(QdiscDelete),
}

impl Request {
    /// Asks it in a namespace.
    ///
    /// # Errors
    /// What the kernel says where it refuses.
    pub fn ask(&self, world: &mut World, netns: NetnsId) -> NlResult<()> {
        match self {
            Self::LinkAdd(new) => world.link_add(netns, new).map(drop),
            Self::LinkSet(link, change) => world.link_set(netns, link, change).map(drop),
            Self::LinkDel(link) => world.link_del(netns, link).map(drop),
            Self::AddrAdd(new) => world.addr_add(netns, new).map(drop),
            Self::AddrDel(old) => world.addr_del(netns, old).map(drop),
            Self::RouteAdd(route, flags) => world.route_new(netns, route, *flags).map(drop),
            Self::RouteDel(route) => world.route_delete(netns, route).map(drop),
            Self::NeighAdd(new) => world.neigh_add(netns, new).map(drop),
            Self::NeighDel(old) => world.neigh_delete(netns, old).map(drop),
            Self::FdbAdd(new) => world.fdb_add(netns, new).map(drop),
            Self::FdbDel(old) => world.fdb_del(netns, old).map(drop),
            Self::Move(link) => {
                let change = LinkChange {
                    netns: Some(next_namespace(world, netns)),
                    ..LinkChange::default()
                };
                world.link_set(netns, link, &change).map(drop)
            }
            Self::RuleAdd(v6, rule, excl) => world.rule_new(netns, *v6, (**rule).clone(), *excl),
            Self::RuleDel(v6, rule) => world.rule_delete(netns, *v6, rule),
            Self::Vlan(vlans) => world.bridge_vlan(netns, vlans),
            Self::MdbAdd(member) => world.mdb_add(netns, member),
            Self::MdbDel(member) => world.mdb_del(netns, member),
            Self::QdiscSet(qdisc) => world.qdisc_modify(netns, qdisc),
            Self::QdiscDel(qdisc) => world.qdisc_delete(netns, qdisc),
        }
    }
}

impl Request {
    /// Whether the kernel leaves something behind where it refuses this, and so does the simulator (seen on Linux 6.18):
    /// a neighbour without a station address is made first and asked for its address afterwards.
    pub fn leaves_a_trace(&self) -> bool {
        match self {
            Self::NeighAdd(new) => new.lladdr.is_none(),
            _ => false,
        }
    }
}

/// The namespace that was made after this one, or else the first.
fn next_namespace(world: &World, netns: NetnsId) -> NetnsId {
    let all: Vec<NetnsId> = world.netns.iter().map(|(id, _)| id).collect();
    let next = all.iter().find(|&&id| id > netns).or(all.first());
    next.copied().unwrap_or(netns)
}

/// Up to `most` requests, most of which are about devices that others made. They shrink to fewer ones, and each to
/// the simpler kinds, to few attributes and to small numbers.
///
/// ```
/// use proptest::test_runner::TestRunner;
/// use vethlab::check::invariant::Fingerprint;
/// use vethlab::check::strategy::requests;
/// use vethlab::kernel::World;
///
/// // "Who is refused changes nothing."
/// let mut runner = TestRunner::deterministic();
/// let held = runner.run(&requests(12), |requests| {
///     let mut world = World::new(0);
///     let root = world.host(world.default_host()).root;
///     for request in requests {
///         let before = Fingerprint::of(&world);
///         if request.ask(&mut world, root).is_err() {
///             assert_eq!(before.unchanged(&world), Ok(()), "{request:?}");
///         }
///     }
///     Ok(())
/// });
/// assert_eq!(held, Ok(()));
/// ```
pub fn requests(most: usize) -> impl Strategy<Value = Vec<Request>> {
    vec(request(), 0..=most)
}

/// One request.
pub fn request() -> impl Strategy<Value = Request> {
    let flags = || any::<[bool; 4]>().prop_map(new_flags);
    prop_oneof![
        4 => (kind(), change(), number()).prop_map(|(kind, change, below)| {
            Request::LinkAdd(new_link(kind, change, below))
        }),
        4 => (link(), change()).prop_map(|(link, change)| Request::LinkSet(link, change)),
        1 => link().prop_map(Request::LinkDel),
        3 => (number(), net(), any::<[bool; 3]>()).prop_map(|(number, net, flags)| {
            let [replace, create, excl] = flags;
            Request::AddrAdd(AddrNew { replace, create, excl, ..AddrNew::new(number, net) })
        }),
        1 => (number(), net()).prop_map(|(ifindex, local)| {
            Request::AddrDel(AddrDelete { ifindex, local, peer: None, label: None })
        }),
        3 => (route(), flags()).prop_map(|(route, flags)| Request::RouteAdd(route, flags)),
        1 => route().prop_map(Request::RouteDel),
        2 => neigh().prop_map(Request::NeighAdd),
        1 => (option::of(number()), near(), any::<bool>()).prop_map(|(ifindex, addr, proxy)| {
            Request::NeighDel(NeighRef { ifindex, addr, proxy })
        }),
        2 => bridges::entry().prop_map(Request::FdbAdd),
        1 => bridges::entry().prop_map(Request::FdbDel),
        1 => link().prop_map(Request::Move),
        2 => bridges::vlans().prop_map(Request::Vlan),
        1 => bridges::member().prop_map(Request::MdbAdd),
        1 => bridges::member().prop_map(Request::MdbDel),
        2 => queues::rule().prop_map(|(v6, rule, excl)| Request::RuleAdd(v6, Box::new(rule), excl)),
        1 => queues::rule().prop_map(|(v6, rule, _)| Request::RuleDel(v6, Box::new(rule))),
        2 => queues::qdisc().prop_map(Request::QdiscSet),
        1 => queues::gone().prop_map(Request::QdiscDel),
    ]
}

fn number() -> impl Strategy<Value = IfIndex> {
    0..NUMBERS
}

fn link() -> impl Strategy<Value = LinkRef> {
    prop_oneof![
        select(&NAMES[..]).prop_map(|name| LinkRef::Name(name.to_owned())),
        number().prop_map(LinkRef::Index),
    ]
}

fn name() -> impl Strategy<Value = IfName> {
    select(&NAMES[..]).prop_map(|name| name.parse().expect("these are names"))
}

/// An address of a small network, or any.
fn near() -> impl Strategy<Value = IpAddr> {
    let near = (0..4_u8).prop_map(|host| Ipv4Addr::new(10, 0, 0, host).into());
    prop_oneof![4 => near, 1 => address()]
}

fn net() -> impl Strategy<Value = IpNet> {
    (near(), select(&[24_u8, 32, 64, 0][..])).prop_map(|(addr, length)| {
        let most = if addr.is_ipv4() { 32 } else { 128 };
        IpNet::new(addr, length.min(most)).expect("it is no longer than its family's")
    })
}

/// One attribute: where several are asked for and one is refused, those before it have been done.
fn change() -> impl Strategy<Value = LinkChange> {
    let none = LinkChange::default;
    prop_oneof![
        any::<bool>().prop_map(move |up| LinkChange {
            up: Some(up),
            ..none()
        }),
        number().prop_map(move |master| LinkChange {
            master: Some(master),
            ..none()
        }),
        select(&[1500_u32, 1280, 68, 67, 0, 9000, u32::MAX][..]).prop_map(move |mtu| LinkChange {
            mtu: Some(mtu),
            ..none()
        }),
        mac().prop_map(move |mac| LinkChange {
            address: Some(mac),
            ..none()
        }),
        name().prop_map(move |name| LinkChange {
            name: Some(name),
            ..none()
        }),
        any::<bool>().prop_map(move |arp| LinkChange {
            arp: Some(arp),
            ..none()
        }),
    ]
}

fn kind() -> impl Strategy<Value = LinkKind> {
    let peer = |name| VethPeer {
        attributes: LinkChange {
            name: Some(name),
            ..LinkChange::default()
        },
        ..VethPeer::default()
    };
    prop_oneof![
        Just(LinkKind::Dummy),
        name().prop_map(move |name| LinkKind::Veth(Some(Box::new(peer(name))))),
        (0..3_u32, option::of(0..70_000_u32)).prop_map(|(stp, ageing_time)| {
            LinkKind::Bridge(Box::new(BridgeOptions {
                stp_state: Some(stp),
                ageing_time,
                ..BridgeOptions::default()
            }))
        }),
        option::of(0..4_u16).prop_map(|id| {
            LinkKind::Vlan(Box::new(VlanOptions {
                id,
                ..VlanOptions::default()
            }))
        }),
        select(vec![
            MacvlanMode::Bridge,
            MacvlanMode::Private,
            MacvlanMode::Passthru
        ])
        .prop_map(|mode| LinkKind::Macvlan(MacvlanOptions {
            mode: Some(mode),
            ..MacvlanOptions::default()
        })),
        Just(LinkKind::Ipvlan(IpvlanOptions::default())),
        (0..3_u32, option::of(near()), option::of(number())).prop_map(|(vni, remote, dev)| {
            LinkKind::Vxlan(Box::new(VxlanOptions {
                id: Vni::new(vni),
                remote,
                dev,
                ..VxlanOptions::default()
            }))
        }),
    ]
}

/// A device that is named, and has one attribute more. What stands on another stands on one of the first.
fn new_link(kind: LinkKind, change: LinkChange, below: IfIndex) -> LinkNew {
    let stacked = matches!(
        kind,
        LinkKind::Vlan(_) | LinkKind::Macvlan(_) | LinkKind::Ipvlan(_)
    );
    LinkNew {
        kind,
        ifindex: None,
        link: stacked.then_some(below),
        tx_queues: None,
        rx_queues: None,
        attributes: change,
    }
}

fn new_flags([create, excl, replace, append]: [bool; 4]) -> NewFlags {
    NewFlags {
        create: !create,
        excl,
        replace,
        append,
    }
}

fn route() -> impl Strategy<Value = RouteConfig> {
    let kinds = [RouteType::Unicast, RouteType::Blackhole, RouteType::Local];
    let scopes = [0_u8, 253, 254, 200];
    let way = (number(), option::of(near()));
    (
        net(),
        select(kinds.to_vec()),
        select(scopes.to_vec()),
        0..3_u32,
        way,
    )
        .prop_map(|(net, kind, scope, metric, (oif, gateway))| RouteConfig {
            kind,
            scope,
            metric,
            nexthop: NexthopConfig {
                oif,
                gateway,
                ..NexthopConfig::default()
            },
            ..RouteConfig::new(net)
        })
}

fn neigh() -> impl Strategy<Value = NeighNew> {
    let states = vec![
        Nud::Permanent,
        Nud::Reachable,
        Nud::Stale,
        Nud::Noarp,
        Nud::None,
    ];
    let lladdr = option::of(select(vec![6_usize, 0, 8]).prop_map(|length| vec![2; length]));
    let asked = (option::of(number()), near(), lladdr, select(states));
    (asked, any::<[bool; 3]>()).prop_map(|((ifindex, addr, lladdr, state), flags)| {
        let [create, excl, replace] = flags;
        NeighNew {
            ifindex,
            addr,
            lladdr,
            state,
            flags: NeighFlags(0),
            protocol: 0,
            create: !create,
            excl,
            replace,
        }
    })
}
