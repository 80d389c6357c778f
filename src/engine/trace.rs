//! What happened to a frame, as plain data: hops, verdicts, and the reasons of losses.
//! Who records them, and where they are written, is decided above.

use crate::units::{DevId, NetnsId, SimTime};

/// The number of a frame, equal for its copies and for what is made of it.
pub type FrameId = u64;

macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $name:ident = $kernel:literal,)*) => {
        /// Why a frame was lost, named as in the kernel's `enum skb_drop_reason`
        /// wherever one fits (`SKB_DROP_REASON_` left off).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum DropReason {
            $($(#[$doc])* $name,)*
        }

        impl DropReason {
            /// The kernel's name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $kernel,)*
                }
            }
        }
    };
}

drop_reasons! {
    /// The device is down or has no carrier.
    DevReady = "DEV_READY",
    /// The device on the way is not up.
    DevDown = "DEV_DOWN",
    /// The frame is for another station and the device is not promiscuous.
    Otherhost = "OTHERHOST",
    /// Nothing on this machine takes that ethertype.
    UnhandledProto = "UNHANDLED_PROTO",
    /// No protocol or raw socket takes that IP protocol.
    IpNoproto = "IP_NOPROTO",
    /// No socket takes it.
    NoSocket = "NO_SOCKET",
    /// The packet is shorter than it says or than its header.
    PktTooSmall = "PKT_TOO_SMALL",
    /// The packet is larger than the device takes.
    PktTooBig = "PKT_TOO_BIG",
    /// The IP header is broken or not meant for forwarding.
    IpInhdr = "IP_INHDR",
    /// The IP header checksum is wrong.
    IpCsum = "IP_CSUM",
    /// No route forwards it, or forwarding is off.
    IpInnoroutes = "IP_INNOROUTES",
    /// No route leads there.
    IpOutnoroutes = "IP_OUTNOROUTES",
    /// A route of type unreachable, prohibit or blackhole.
    IpRouteError = "IP_ROUTE_ERROR",
    /// rp_filter: the answer would not leave by this device.
    IpRpfilter = "IP_RPFILTER",
    /// A source address that cannot be one, or one of our own.
    IpInvalidSource = "IP_INVALID_SOURCE",
    /// A loopback source or destination from outside.
    IpLocalnet = "IP_LOCALNET",
    /// Multicast without a member, or unicast in a broadcast frame.
    IpInvalidDest = "IP_INVALID_DEST",
    /// The ICMP checksum is wrong.
    IcmpCsum = "ICMP_CSUM",
    /// TTL or hop limit used up.
    TtlExceeded = "IP_TTL_EXCEEDED",
    /// Longer than the way takes, and not to be fragmented.
    FragNeeded = "PKT_TOO_BIG_DF",
    /// Fragments that did not come in time.
    FragReasmTimeout = "FRAG_REASM_TIMEOUT",
    /// A fragment that is there already.
    DupFrag = "DUP_FRAG",
    /// Too many fragments waiting.
    FragTooFar = "FRAG_TOO_FAR",
    /// The neighbour did not answer.
    NeighFailed = "NEIGH_FAILED",
    /// Too many packets waiting for the neighbour.
    NeighQueuefull = "NEIGH_QUEUEFULL",
    /// The neighbour table is full.
    NeighCreatefail = "NEIGH_CREATEFAIL",
    /// The neighbour entry is gone.
    NeighDead = "NEIGH_DEAD",
    /// An ARP packet that Linux ignores.
    ArpIgnored = "ARP_IGNORED",
    /// A neighbour discovery message that Linux ignores.
    NdiscIgnored = "IPV6_NDISC_BAD_OPTIONS",
    /// A rule of the packet filter dropped it.
    NetfilterDrop = "NETFILTER_DROP",
    /// The bridge port does not forward (STP, or it is down).
    BridgeIngressStpState = "BRIDGE_INGRESS_STP_STATE",
    /// No bridge port takes it.
    NoTxTarget = "NO_TX_TARGET",
    /// A pause frame or the like, which no bridge forwards (IEEE 802.3, 31).
    MacIeeeMacControl = "MAC_IEEE_MAC_CONTROL",
    /// Source and destination lie behind the same port.
    BridgeNonForwarding = "BRIDGE_NON_FORWARDING_STATE",
    /// The frame's VLAN is not allowed on the port.
    BridgeVlanFilter = "BRIDGE_VLAN_FILTER",
    /// The source address is locked to another port.
    BridgeLocked = "LOCKED_PORT",
    /// A link-local group that bridges do not forward.
    BridgeLinkLocal = "BRIDGE_LINK_LOCAL",
    /// The frame's source address is one of this machine's.
    MacInvalidSource = "MAC_INVALID_SOURCE",
    /// VXLAN: no device has that VNI.
    VxlanVniNotFound = "VXLAN_VNI_NOT_FOUND",
    /// VXLAN: the header is broken.
    VxlanInvalidHdr = "VXLAN_INVALID_HDR",
    /// VXLAN: no FDB entry and no default remote.
    VxlanNoRemote = "VXLAN_NO_REMOTE",
    /// VXLAN: a learned entry would contradict a static one.
    VxlanEntryExists = "VXLAN_ENTRY_EXISTS",
    /// A full socket buffer.
    SocketRcvbuff = "SOCKET_RCVBUFF",
    /// The qdisc dropped it.
    QdiscDrop = "QDISC_DROP",
    /// A wire that loses on purpose.
    LinkLoss = "LINK_LOSS",
    /// IPv6 is off on the device.
    Ipv6Disabled = "IPV6DISABLED",
    /// A VLAN that no device takes.
    VlanNoDevice = "UNHANDLED_VLAN",
    /// The fault of a budget: the simulation stops.
    Budget = "NOMEM",
    /// Without a finer reason.
    NotSpecified = "NOT_SPECIFIED",
}

/// What was done with a frame at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It came in from the wire.
    Received,
    /// It was put on the wire.
    Transmitted,
    /// The bridge learned its source at this port.
    Learned,
    /// The bridge sends it to one port.
    ForwardedTo(DevId),
    /// The bridge sends it to so many ports.
    Flooded(u32),
    /// The namespace forwards it through a device.
    Routed(DevId),
    /// It is for this namespace.
    Delivered,
    /// It was wrapped for a tunnel.
    Encapsulated,
    /// It came out of a tunnel.
    Decapsulated,
    /// It waits for a neighbour's address.
    Queued,
    /// It was lost.
    Dropped(DropReason),
}

/// One station on the way of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// When.
    pub at: SimTime,
    /// Which frame.
    pub frame: FrameId,
    /// In which namespace.
    pub netns: NetnsId,
    /// At which device, where there is one.
    pub dev: Option<DevId>,
    /// What was done.
    pub verdict: Verdict,
}
