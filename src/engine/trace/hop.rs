//! One station on the way of a frame: where, when, and what was decided there.
//! How stations hang together is told by [`Journey`](super::Journey).

use std::net::{IpAddr, SocketAddr};

use super::reason::DropReason;
use crate::units::{DevId, NetnsId, SimTime, SockId};

/// The number of a frame. Copies keep it, and so does what becomes of the frame on its way: a
/// router's output, a tunnel's packet, a fragment. What is made because of it has a number of its own.
pub type FrameId = u64;

/// The number of a hop within its journal, from 1; 0 stands for none.
pub type HopNo = u32;

/// One station on the way of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// When.
    pub at: SimTime,
    /// Which frame.
    pub frame: FrameId,
    /// The hop before it, of this copy of the frame. For the first hop of a frame: the hop of another frame
    /// because of which it was made; 0 where nothing but a program or a timer made it.
    pub after: HopNo,
    /// In which namespace.
    pub netns: NetnsId,
    /// At which device, where there is one.
    pub dev: Option<DevId>,
    /// What was done.
    pub verdict: Verdict,
    /// Of a loss, or where nobody answers: what decided.
    pub by: Option<By>,
}

/// What was done with a frame at one place. Devices are named by `D`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict<D = DevId> {
    /// It begins here.
    Made(Maker),
    /// It came in from the wire, or from a port to its bridge.
    Received,
    /// It was put on the wire.
    Transmitted,
    /// The bridge learned its source at this port.
    Learned,
    /// The bridge sends it to one port.
    ForwardedTo(D),
    /// The bridge sends it to these ports.
    Flooded(Box<[D]>),
    /// The namespace sends it through a device, to a gateway where there is one.
    Routed {
        /// The device out.
        dev: D,
        /// The gateway; without one the destination is on the link.
        gateway: Option<IpAddr>,
        /// The table whose route says so; 0 where none was asked.
        table: u32,
    },
    /// It is for this namespace.
    Delivered,
    /// Somebody took it, and here it ends.
    Taken(Taker),
    /// It was wrapped for a tunnel.
    Encapsulated {
        /// The VXLAN network.
        vni: u32,
        /// The source address and port of the outer headers.
        local: SocketAddr,
        /// Their destination: the far end.
        remote: SocketAddr,
    },
    /// It came out of a tunnel.
    Decapsulated {
        /// The VXLAN network.
        vni: u32,
    },
    /// It waits.
    Queued(Wait),
    /// It was cut into so many parts, each of which goes on.
    Fragmented(u32),
    /// It is whole again: the last fragment has come.
    Reassembled,
    /// An address or port was replaced (NAT): from this to that.
    Translated(Box<str>, Box<str>),
    /// It was lost.
    Dropped(DropReason),
}

/// Who makes a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Maker {
    /// A program, by this socket.
    Socket(SockId),
    /// The namespace's own protocols: an answer, an error, a question to neighbours.
    Stack,
    /// A device: a bridge's BPDU or query.
    Device,
}

/// Who takes a frame in the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taker {
    /// A socket.
    Socket(SockId),
    /// A protocol of the namespace, by its name: `ICMP`, `ARP`, `IGMP`, ...
    Protocol(&'static str),
    /// A device that swallows frames, or handles them itself (`STP`).
    Device(&'static str),
}

/// What a frame waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wait {
    /// The station address of a neighbour.
    Neighbour(IpAddr),
    /// The other fragments.
    Fragments,
    /// The delay of a proxy (`proxy_delay`).
    Proxy,
    /// Its turn in a queueing discipline.
    Qdisc,
}

/// What decided that a frame is lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// A setting with its value; `{dev}` in its name stands for the device.
    Setting(&'static str, i64),
    /// A flag of the bridge port, as `bridge link` names it.
    PortFlag(&'static str, bool),
    /// The state of the bridge port, as `bridge link` names it.
    PortState(&'static str),
    /// The device: `down`, or without a carrier.
    Link(&'static str),
    /// The largest packet, in bytes.
    Mtu(u32),
    /// A route of this type (`unreachable`, `blackhole`, ...) to this address.
    Route(&'static str, IpAddr),
    /// No route to this address.
    NoRoute(IpAddr),
    /// An address that is not there.
    NoAddress(IpAddr),
    /// A neighbour that does not answer.
    Neighbour(IpAddr),
    /// The network of a tunnel.
    Vni(u32),
    /// A VLAN.
    Vlan(u16),
    /// A rule, as its own tool lists it.
    Rule(Box<str>),
}

impl<D> Verdict<D> {
    /// The verdict's name in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Made(_) => "made",
            Self::Received => "received",
            Self::Transmitted => "transmitted",
            Self::Learned => "learned",
            Self::ForwardedTo(_) => "forwarded",
            Self::Flooded(_) => "flooded",
            Self::Routed { .. } => "routed",
            Self::Delivered => "delivered",
            Self::Taken(_) => "taken",
            Self::Encapsulated { .. } => "encapsulated",
            Self::Decapsulated { .. } => "decapsulated",
            Self::Queued(_) => "queued",
            Self::Fragmented(_) => "fragmented",
            Self::Reassembled => "reassembled",
            Self::Translated(..) => "translated",
            Self::Dropped(_) => "dropped",
        }
    }

    /// Whether this copy of the frame goes no further.
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Taken(_) | Self::Dropped(_))
    }

    /// The same with other names for the devices.
    pub fn map<T>(&self, mut name: impl FnMut(&D) -> T) -> Verdict<T> {
        match self {
            Self::Made(maker) => Verdict::Made(*maker),
            Self::Received => Verdict::Received,
            Self::Transmitted => Verdict::Transmitted,
            Self::Learned => Verdict::Learned,
            Self::ForwardedTo(dev) => Verdict::ForwardedTo(name(dev)),
            Self::Flooded(devs) => Verdict::Flooded(devs.iter().map(name).collect()),
            Self::Routed {
                dev,
                gateway,
                table,
            } => Verdict::Routed {
                dev: name(dev),
                gateway: *gateway,
                table: *table,
            },
            Self::Delivered => Verdict::Delivered,
            Self::Taken(taker) => Verdict::Taken(*taker),
            Self::Encapsulated { vni, local, remote } => Verdict::Encapsulated {
                vni: *vni,
                local: *local,
                remote: *remote,
            },
            Self::Decapsulated { vni } => Verdict::Decapsulated { vni: *vni },
            Self::Queued(wait) => Verdict::Queued(wait.clone()),
            Self::Fragmented(parts) => Verdict::Fragmented(*parts),
            Self::Reassembled => Verdict::Reassembled,
            Self::Translated(from, to) => Verdict::Translated(from.clone(), to.clone()),
            Self::Dropped(reason) => Verdict::Dropped(*reason),
        }
    }
}
