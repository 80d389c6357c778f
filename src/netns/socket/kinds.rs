//! What a socket is, its options, and what it receives: plain data.
//! Nothing is decided here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::units::{IfIndex, SimTime};

/// A family, type and protocol of sockets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SocketKind {
    /// AF_INET, SOCK_DGRAM.
    Udp4,
    /// AF_INET6, SOCK_DGRAM; takes IPv6 only.
    Udp6,
    /// AF_INET, SOCK_STREAM.
    Tcp4,
    /// AF_INET6, SOCK_STREAM; takes IPv4 too, as mapped addresses, but for [`SocketOption::V6Only`].
    Tcp6,
    /// AF_INET, SOCK_RAW with this IP protocol.
    Raw4(u8),
    /// AF_INET6, SOCK_RAW with this next header.
    Raw6(u8),
    /// AF_PACKET: frames of one device or of all, of one ethertype or of all (`ETH_P_ALL`, 3).
    Packet {
        /// The device, or all.
        ifindex: Option<IfIndex>,
        /// The ethertype; 3 takes all, and what leaves too; 0 takes nothing, to send only.
        ethertype: u16,
    },
}

impl SocketKind {
    /// Whether it speaks IPv6.
    pub const fn is_v6(self) -> bool {
        matches!(self, Self::Udp6 | Self::Tcp6 | Self::Raw6(_))
    }

    /// The IP protocol; 0 for packet sockets.
    pub const fn protocol(self) -> u8 {
        match self {
            Self::Udp4 | Self::Udp6 => 17,
            Self::Tcp4 | Self::Tcp6 => 6,
            Self::Raw4(protocol) | Self::Raw6(protocol) => protocol,
            Self::Packet { .. } => 0,
        }
    }

    /// Whether copies of frames may be for it: a packet socket of protocol 0 only sends (packet(7)).
    pub const fn watches_frames(self) -> bool {
        matches!(self, Self::Packet { ethertype: 1.., .. })
    }

    /// Whether it is a stream.
    pub const fn is_tcp(self) -> bool {
        matches!(self, Self::Tcp4 | Self::Tcp6)
    }

    /// Whether its addresses have ports.
    pub const fn has_ports(self) -> bool {
        matches!(self, Self::Udp4 | Self::Udp6 | Self::Tcp4 | Self::Tcp6)
    }

    /// The address that means any, with port 0.
    pub const fn unspecified(self) -> SocketAddr {
        if self.is_v6() {
            SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)
        } else {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)
        }
    }
}

/// What a socket does about packets that are longer than the way takes (`IP_PMTUDISC_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MtuDiscover {
    /// Never sets DF; fragments.
    Dont,
    /// Sets DF where the packet fits, else fragments.
    #[default]
    Want,
    /// Always sets DF; too long is EMSGSIZE.
    Do,
    /// Always sets DF and ignores what the path was found to take.
    Probe,
}

/// One option to set (`setsockopt`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SocketOption {
    /// IP_TTL or IPV6_UNICAST_HOPS, 1 to 255.
    Ttl(u8),
    /// IP_MULTICAST_TTL or IPV6_MULTICAST_HOPS.
    MulticastTtl(u8),
    /// IP_TOS or IPV6_TCLASS.
    Tos(u8),
    /// IP_MTU_DISCOVER or IPV6_MTU_DISCOVER.
    MtuDiscover(MtuDiscover),
    /// SO_BINDTODEVICE; nothing unbinds.
    BindToDevice(Option<IfIndex>),
    /// The device of multicast packets (IP_MULTICAST_IF, IPV6_MULTICAST_IF, and IPV6_PKTINFO's).
    MulticastIf(Option<IfIndex>),
    /// SO_BROADCAST.
    Broadcast(bool),
    /// IP_RECVERR or IPV6_RECVERR.
    RecvErr(bool),
    /// SO_MARK.
    Mark(u32),
    /// SO_DONTROUTE.
    DontRoute(bool),
    /// IP_MULTICAST_LOOP.
    MulticastLoop(bool),
    /// ICMP_FILTER: a set bit blocks the ICMP type of that number.
    IcmpFilter(u32),
    /// ICMP6_FILTER: a set bit blocks the ICMPv6 type of that number.
    Icmp6Filter([u32; 8]),
    /// The flow label of IPv6 packets (IPV6_FLOWLABEL_MGR).
    FlowLabel(u32),
    /// Room for received packets, in bytes (SO_RCVBUF, doubled as the kernel does).
    ReceiveBuffer(u32),
    /// SO_REUSEADDR.
    ReuseAddr(bool),
    /// SO_REUSEPORT.
    ReusePort(bool),
    /// IPV6_V6ONLY.
    V6Only(bool),
    /// TCP_NODELAY: small segments do not wait for an acknowledgement.
    NoDelay(bool),
    /// SO_LINGER with a time of 0: closing resets the connection.
    LingerAbort(bool),
}

/// The options of a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    missing_docs,
    reason = "each is documented where it is set: SocketOption"
)]
pub struct Options {
    pub ttl: Option<u8>,
    pub multicast_ttl: u8,
    pub tos: u8,
    pub mtu_discover: MtuDiscover,
    pub bound_dev: Option<IfIndex>,
    pub multicast_if: Option<IfIndex>,
    pub broadcast: bool,
    pub recv_err: bool,
    pub mark: u32,
    pub dont_route: bool,
    pub multicast_loop: bool,
    pub icmp_filter: u32,
    pub icmp6_filter: [u32; 8],
    pub flow_label: u32,
    pub receive_buffer: usize,
    pub reuse_addr: bool,
    pub reuse_port: bool,
    pub v6_only: bool,
    pub no_delay: bool,
    pub linger_abort: bool,
    /// Options of the IPv4 header of each packet (IP_OPTIONS).
    pub ip_options: Vec<u8>,
}

impl Default for Options {
    /// As a fresh socket's: multicast stays on the link, 208 KiB to receive (`sysctl_rmem_default`).
    fn default() -> Self {
        Self {
            ttl: None,
            multicast_ttl: 1,
            tos: 0,
            mtu_discover: MtuDiscover::Want,
            bound_dev: None,
            multicast_if: None,
            broadcast: false,
            recv_err: false,
            mark: 0,
            dont_route: false,
            multicast_loop: true,
            icmp_filter: 0,
            icmp6_filter: [0; 8],
            flow_label: 0,
            receive_buffer: 212_992,
            reuse_addr: false,
            reuse_port: false,
            v6_only: false,
            no_delay: false,
            linger_abort: false,
            ip_options: Vec::new(),
        }
    }
}

impl Options {
    /// Sets one option.
    pub fn set(&mut self, option: SocketOption) {
        match option {
            SocketOption::Ttl(ttl) => self.ttl = Some(ttl),
            SocketOption::MulticastTtl(ttl) => self.multicast_ttl = ttl,
            SocketOption::Tos(tos) => self.tos = tos,
            SocketOption::MtuDiscover(how) => self.mtu_discover = how,
            SocketOption::BindToDevice(dev) => self.bound_dev = dev,
            SocketOption::MulticastIf(dev) => self.multicast_if = dev,
            SocketOption::Broadcast(on) => self.broadcast = on,
            SocketOption::RecvErr(on) => self.recv_err = on,
            SocketOption::Mark(mark) => self.mark = mark,
            SocketOption::DontRoute(on) => self.dont_route = on,
            SocketOption::MulticastLoop(on) => self.multicast_loop = on,
            SocketOption::IcmpFilter(blocked) => self.icmp_filter = blocked,
            SocketOption::Icmp6Filter(blocked) => self.icmp6_filter = blocked,
            SocketOption::FlowLabel(label) => self.flow_label = label & 0xf_ffff,
            SocketOption::ReceiveBuffer(bytes) => self.receive_buffer = 2 * bytes as usize,
            SocketOption::ReuseAddr(on) => self.reuse_addr = on,
            SocketOption::ReusePort(on) => self.reuse_port = on,
            SocketOption::V6Only(on) => self.v6_only = on,
            SocketOption::NoDelay(on) => self.no_delay = on,
            SocketOption::LingerAbort(on) => self.linger_abort = on,
        }
    }
}

/// For whom a frame was (`PACKET_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PacketType {
    /// For this station.
    Host,
    /// A broadcast.
    Broadcast,
    /// A multicast.
    Multicast,
    /// For another station.
    OtherHost,
    /// Sent from here.
    Outgoing,
    /// Sent from here to a group, and heard here too.
    Loopback,
}

/// What a socket received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Datagram {
    /// The sender; the unspecified address at packet sockets.
    pub from: SocketAddr,
    /// To which address it was sent.
    pub to: IpAddr,
    /// Raw IPv4: the packet with its IP header. Raw IPv6, UDP: the payload. Packet sockets: the frame.
    pub bytes: Vec<u8>,
    /// TTL or hop limit.
    pub ttl: u8,
    /// TOS or traffic class.
    pub tos: u8,
    /// The device by which it came.
    pub ifindex: IfIndex,
    /// For whom the frame was.
    pub packet_type: PacketType,
    /// When it arrived.
    pub at: SimTime,
}
