//! Why a frame was lost: reasons by the kernel's names, with a sentence for each.
//! Which rule, table or flag decided is told by [`By`](super::By).

macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $name:ident = $kernel:literal: $told:literal,)*) => {
        /// Why a frame was lost, named as in the kernel's `enum skb_drop_reason`
        /// wherever one fits (`SKB_DROP_REASON_` left off).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum DropReason {
            $($(#[$doc])* $name,)*
        }

        impl DropReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kernel's name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $kernel,)*
                }
            }

            /// The reason in words that end a sentence which begins with "lost: ".
            pub const fn told(self) -> &'static str {
                match self {
                    $(Self::$name => $told,)*
                }
            }
        }
    };
}

drop_reasons! {
    /// The device is down or has no carrier.
    DevReady = "DEV_READY":
        "the device is down or has no carrier",
    /// The device on the way is not up.
    DevDown = "DEV_DOWN":
        "the device that it reached is down",
    /// The frame is for another station and the device is not promiscuous.
    Otherhost = "OTHERHOST":
        "it is for another station",
    /// Nothing on this machine takes that ethertype.
    UnhandledProto = "UNHANDLED_PROTO":
        "nothing here takes this kind of frame",
    /// No protocol or raw socket takes that IP protocol.
    IpNoproto = "IP_NOPROTO":
        "nothing here takes that protocol",
    /// No socket takes it.
    NoSocket = "NO_SOCKET":
        "no socket takes it",
    /// The packet is shorter than it says or than its header.
    PktTooSmall = "PKT_TOO_SMALL":
        "it is shorter than its headers say",
    /// The packet is larger than the device takes.
    PktTooBig = "PKT_TOO_BIG":
        "it is longer than the device takes",
    /// The IP header is broken or not meant for forwarding.
    IpInhdr = "IP_INHDR":
        "its IP header is broken",
    /// The IP header checksum is wrong.
    IpCsum = "IP_CSUM":
        "the checksum of its IP header is wrong",
    /// No route forwards it, or forwarding is off.
    IpInnoroutes = "IP_INNOROUTES":
        "it is for somebody else, and this namespace does not pass it on",
    /// No route leads there.
    IpOutnoroutes = "IP_OUTNOROUTES":
        "no route leads there",
    /// A route of type unreachable, prohibit or blackhole.
    IpRouteError = "IP_ROUTE_ERROR":
        "its route says that it goes nowhere",
    /// rp_filter: the answer would not leave by this device.
    IpRpfilter = "IP_RPFILTER":
        "an answer to it would leave by another device",
    /// A source address that cannot be one, or one of our own.
    IpInvalidSource = "IP_INVALID_SOURCE":
        "its source address cannot be right here",
    /// A loopback source or destination from outside.
    IpLocalnet = "IP_LOCALNET":
        "loopback addresses stay within their machine",
    /// Multicast without a member, or unicast in a broadcast frame.
    IpInvalidDest = "IP_INVALID_DEST":
        "nobody here takes its destination address",
    /// The ICMP checksum is wrong.
    IcmpCsum = "ICMP_CSUM":
        "the checksum of its ICMP message is wrong",
    /// The checksum of a TCP segment is wrong.
    TcpCsum = "TCP_CSUM":
        "the checksum of its TCP segment is wrong",
    /// The flags of a segment fit no state of the connection or the listener.
    TcpFlags = "TCP_FLAGS": "its flags are of no use to the connection as it is",
    /// TTL or hop limit used up.
    TtlExceeded = "IP_TTL_EXCEEDED":
        "its TTL is used up",
    /// Longer than the way takes, and not to be fragmented.
    FragNeeded = "PKT_TOO_BIG_DF":
        "it is too long for the way on and may not be fragmented",
    /// Fragments that did not come in time.
    FragReasmTimeout = "FRAG_REASM_TIMEOUT":
        "the rest of its fragments did not come in time",
    /// A fragment that is there already.
    DupFrag = "DUP_FRAG":
        "this fragment is there already",
    /// Too many fragments waiting.
    FragTooFar = "FRAG_TOO_FAR":
        "too many fragments wait",
    /// The neighbour did not answer.
    NeighFailed = "NEIGH_FAILED":
        "the neighbour does not answer",
    /// Too many packets waiting for the neighbour.
    NeighQueuefull = "NEIGH_QUEUEFULL":
        "too many packets wait for the neighbour",
    /// The neighbour table is full.
    NeighCreatefail = "NEIGH_CREATEFAIL":
        "the neighbour table is full",
    /// The neighbour entry is gone.
    NeighDead = "NEIGH_DEAD":
        "the neighbour entry is gone",
    /// An ARP packet that Linux ignores.
    ArpIgnored = "ARP_IGNORED":
        "this ARP packet means nothing here",
    /// A neighbour discovery message that Linux ignores.
    NdiscIgnored = "IPV6_NDISC_BAD_OPTIONS":
        "this neighbour discovery message means nothing here",
    /// A rule of the packet filter dropped it.
    NetfilterDrop = "NETFILTER_DROP":
        "a rule of the packet filter drops it",
    /// The bridge port does not forward (STP, or it is down).
    BridgeIngressStpState = "BRIDGE_INGRESS_STP_STATE":
        "the bridge port takes no frames in its state",
    /// No bridge port takes it.
    NoTxTarget = "NO_TX_TARGET":
        "the bridge has no port to send it to",
    /// A pause frame or the like, which no bridge forwards (IEEE 802.3, 31).
    MacIeeeMacControl = "MAC_IEEE_MAC_CONTROL":
        "no bridge forwards this link-local group",
    /// Source and destination lie behind the same port.
    BridgeNonForwarding = "BRIDGE_NON_FORWARDING_STATE":
        "the bridge would send it back where it came from, or its port does not forward",
    /// The frame's VLAN is not allowed on the port.
    BridgeVlanFilter = "BRIDGE_VLAN_FILTER":
        "its VLAN is not allowed at this port",
    /// The source address is locked to another port.
    BridgeLocked = "LOCKED_PORT":
        "its source address may not use this locked port",
    /// A link-local group that bridges do not forward.
    BridgeLinkLocal = "BRIDGE_LINK_LOCAL":
        "bridges do not forward this link-local group",
    /// The frame's source address is one of this machine's.
    MacInvalidSource = "MAC_INVALID_SOURCE":
        "its source MAC address cannot be one",
    /// VXLAN: no device has that VNI.
    VxlanVniNotFound = "VXLAN_VNI_NOT_FOUND":
        "no VXLAN device here has that VNI",
    /// VXLAN: the header is broken.
    VxlanInvalidHdr = "VXLAN_INVALID_HDR":
        "its VXLAN header is broken",
    /// VXLAN: no FDB entry and no default remote.
    VxlanNoRemote = "VXLAN_NO_REMOTE":
        "the VXLAN device knows no remote for it",
    /// VXLAN: a learned entry would contradict a static one.
    VxlanEntryExists = "VXLAN_ENTRY_EXISTS":
        "a static entry contradicts what would be learned",
    /// VXLAN: the frame is from the device's own address: it went round.
    LocalMac = "LOCAL_MAC":
        "it is from this device's own address",
    /// A device of many tunnels was given a frame that does not say into which.
    TunnelTxinfo = "TUNNEL_TXINFO":
        "nothing says into which tunnel it goes",
    /// A tunnel's packet met congestion that the packet inside cannot be told.
    IpTunnelEcn = "IP_TUNNEL_ECN":
        "the tunnel met congestion that the packet inside cannot be told",
    /// Tunnels lead into each other.
    RecursionLimit = "RECURSION_LIMIT":
        "tunnels lead into each other",
    /// The UDP checksum is missing or wrong.
    UdpCsum = "UDP_CSUM":
        "its UDP checksum is missing or wrong",
    /// A full socket buffer.
    SocketRcvbuff = "SOCKET_RCVBUFF":
        "the buffer of the socket is full",
    /// The qdisc dropped it.
    QdiscDrop = "QDISC_DROP":
        "the queueing discipline drops it",
    /// A wire that loses on purpose.
    LinkLoss = "LINK_LOSS":
        "the link loses frames on purpose",
    /// IPv6 is off on the device.
    Ipv6Disabled = "IPV6DISABLED":
        "IPv6 is off at this device",
    /// A VLAN that no device takes.
    VlanNoDevice = "UNHANDLED_VLAN":
        "no device here takes that VLAN",
    /// The fault of a budget: the simulation stops.
    Budget = "NOMEM":
        "the simulation has used up a budget",
    /// An echo request that a setting says not to answer.
    IcmpEchoIgnored = "ICMP_ECHO_IGNORED":
        "a setting says not to answer echo requests",
    /// Without a finer reason.
    NotSpecified = "NOT_SPECIFIED":
        "without a finer reason",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = DropReason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), DropReason::ALL.len());
        for reason in DropReason::ALL {
            assert!(
                !reason.told().ends_with('.'),
                "{reason:?}: it ends a sentence"
            );
        }
    }
}
