//! One probe: how it is made and sent by each method.
//! What its answer means is in `answer`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::{Failed, Method, Sent, Traceroute};
use crate::kernel::World;
use crate::netns::socket::{MtuDiscover, SocketKind, SocketOption};
use crate::units::{Errno, SimTime, SockId};

/// The first destination port of UDP probes.
const START_PORT: u16 = 33_434;
/// The port of UDP probes to one port.
const UDP_PORT: u16 = 53;
/// The port of TCP probes.
const TCP_PORT: u16 = 80;

/// A probe, sent or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Probe {
    /// Whether it is decided: answered, or waited for in vain.
    pub(super) done: bool,
    /// Whether the destination answered, or nothing lies behind who answered.
    pub(super) is_final: bool,
    /// Its answer was moved to an earlier probe: there is nothing to wait for.
    pub(super) stale: bool,
    pub(super) from: Option<SocketAddr>,
    pub(super) sent: Option<SimTime>,
    pub(super) received: Option<SimTime>,
    pub(super) received_ttl: u8,
    pub(super) socket: Option<SockId>,
    /// The port or sequence number by which its answer is known.
    pub(super) seq: u16,
    /// `!H` and the like.
    pub(super) words: String,
}

impl Probe {
    /// The time from sending to the answer.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        let span = self.received?.since(self.sent?);
        (self.done && span > Duration::ZERO).then_some(span)
    }
}

impl Traceroute {
    /// Opens the socket that all probes share, where the method has one (`icmp_init`, `tcp_init`).
    pub(super) fn init(&mut self, world: &mut World) -> Result<(), Failed> {
        let v6 = self.to.is_ipv6();
        let kind = match self.options.method {
            Method::Default => {
                self.next = if self.options.port == 0 {
                    START_PORT
                } else {
                    self.options.port
                };
                return Ok(());
            }
            Method::Udp => {
                self.next = if self.options.port == 0 {
                    UDP_PORT
                } else {
                    self.options.port
                };
                return Ok(());
            }
            Method::Icmp => {
                self.next = self.options.port.max(1);
                self.data_len = self.data_len.max(8);
                if v6 {
                    SocketKind::Raw6(58)
                } else {
                    SocketKind::Raw4(1)
                }
            }
            Method::Tcp => {
                self.next = if self.options.port == 0 {
                    TCP_PORT
                } else {
                    self.options.port
                };
                self.data_len = 40;
                if v6 {
                    SocketKind::Raw6(6)
                } else {
                    SocketKind::Raw4(6)
                }
            }
        };
        let socket = world
            .socket(self.netns, kind)
            .map_err(|errno| Failed("socket", errno))?;
        self.shared = Some(socket);
        self.tune(world, socket)?;
        world
            .connect(socket, self.to)
            .map_err(|errno| Failed("connect", errno))?;
        if let Some(local) = world.local_addr(socket) {
            self.source = Some(local.ip());
        }
        self.set(
            world,
            socket,
            SocketOption::RecvErr(true),
            "setsockopt IP_RECVERR",
        )
    }

    fn set(
        &self,
        world: &mut World,
        socket: SockId,
        option: SocketOption,
        what: &'static str,
    ) -> Result<(), Failed> {
        world
            .socket_option(socket, option)
            .map_err(|errno| Failed(what, errno))
    }

    /// Options that all sockets get (`tune_socket`).
    fn tune(&self, world: &mut World, socket: SockId) -> Result<(), Failed> {
        let options = &self.options;
        if let Some(mark) = options.mark {
            self.set(
                world,
                socket,
                SocketOption::Mark(mark),
                "setsockopt SO_MARK",
            )?;
        }
        self.bind(world, socket)?;
        let discover = match options.dont_fragment {
            true => MtuDiscover::Probe,
            false => MtuDiscover::Dont,
        };
        let option = SocketOption::MtuDiscover(discover);
        self.set(world, socket, option, "setsockopt IP_MTU_DISCOVER")?;
        let route = SocketOption::DontRoute(options.dont_route);
        self.set(
            world,
            socket,
            SocketOption::Tos(options.tos),
            "setsockopt IP_TOS",
        )?;
        self.set(
            world,
            socket,
            SocketOption::FlowLabel(options.flow_label),
            "setsockopt",
        )?;
        self.set(world, socket, route, "setsockopt SO_DONTROUTE")
    }

    /// To the device and address of the options (`bind_socket`).
    fn bind(&self, world: &mut World, socket: SockId) -> Result<(), Failed> {
        const WHAT: &str = "setsockopt SO_BINDTODEVICE";
        if let Some(name) = &self.options.device {
            let device = world
                .ifindex(self.netns, name)
                .ok_or(Failed(WHAT, Errno::Enodev))?;
            self.set(
                world,
                socket,
                SocketOption::BindToDevice(Some(device)),
                WHAT,
            )?;
        }
        let any = match self.to {
            SocketAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
        };
        let ip = self.options.source.unwrap_or(any);
        world
            .bind(socket, SocketAddr::new(ip, self.options.source_port))
            .map_err(|errno| Failed("bind", errno))
    }

    /// Sends the probe of this index.
    pub(super) fn send_probe(&mut self, world: &mut World, index: usize) -> Result<Sent, Failed> {
        let hop = index / self.options.probes_per_hop as usize + 1;
        let ttl = u8::try_from(hop).unwrap_or(u8::MAX);
        let sent = match self.options.method {
            Method::Default | Method::Udp => self.send_udp(world, index, ttl)?,
            Method::Icmp => self.send_icmp(world, index, ttl)?,
            Method::Tcp => self.send_tcp(world, index, ttl)?,
        };
        if matches!(sent, Sent::Refused(_)) {
            let probe = &mut self.probes[index];
            probe.sent = None;
            if let Some(socket) = probe.socket.take() {
                world.close_socket(socket);
            }
        }
        Ok(sent)
    }

    fn send_udp(&mut self, world: &mut World, index: usize, ttl: u8) -> Result<Sent, Failed> {
        let kind = if self.to.is_ipv6() {
            SocketKind::Udp6
        } else {
            SocketKind::Udp4
        };
        let socket = world
            .socket(self.netns, kind)
            .map_err(|errno| Failed("socket", errno))?;
        self.probes[index].socket = Some(socket);
        self.tune(world, socket)?;
        self.set(world, socket, SocketOption::Ttl(ttl), "setsockopt IP_TTL")?;
        let mut to = self.to;
        to.set_port(self.next);
        world
            .connect(socket, to)
            .map_err(|errno| Failed("connect", errno))?;
        self.set(
            world,
            socket,
            SocketOption::RecvErr(true),
            "setsockopt IP_RECVERR",
        )?;
        self.probes[index].sent = Some(world.now());
        self.probes[index].seq = self.next;
        let data: Vec<u8> = (0..self.data_len).map(filler).collect();
        let sent = self.sent(world.send(socket, None, &data))?;
        if self.options.method == Method::Default && matches!(sent, Sent::OnTheWay) {
            self.next = self.next.wrapping_add(1);
        }
        Ok(sent)
    }

    fn send_icmp(&mut self, world: &mut World, index: usize, ttl: u8) -> Result<Sent, Failed> {
        let (ident, seq) = (self.options.ident.to_be_bytes(), self.next.to_be_bytes());
        let kind = if self.to.is_ipv6() { 128 } else { 8 };
        let mut data: Vec<u8> = (0..self.data_len).map(filler).collect();
        data[..8].copy_from_slice(&[kind, 0, 0, 0, ident[0], ident[1], seq[0], seq[1]]);
        if self.to.is_ipv4() {
            let sum = crate::program::ping::checksum(&data).to_be_bytes();
            data[2..4].copy_from_slice(&sum);
        }
        self.probes[index].sent = Some(world.now());
        self.probes[index].seq = self.next;
        self.next = self.next.wrapping_add(1);
        self.send_shared(world, ttl, &data)
    }

    /// A SYN from a port that a socket holds, with the options that Linux sends.
    fn send_tcp(&mut self, world: &mut World, index: usize, ttl: u8) -> Result<Sent, Failed> {
        let kind = if self.to.is_ipv6() {
            SocketKind::Tcp6
        } else {
            SocketKind::Tcp4
        };
        let holder = world
            .socket(self.netns, kind)
            .map_err(|errno| Failed("socket", errno))?;
        self.probes[index].socket = Some(holder);
        self.bind(world, holder)?;
        let port = world.local_addr(holder).map_or(0, |local| local.port());
        self.probes[index].sent = Some(world.now());
        self.probes[index].seq = port;
        self.random = self
            .random
            .wrapping_mul(0x0019_660d)
            .wrapping_add(0x3c6e_f35f);
        let segment = self.syn(port, self.random);
        self.send_shared(world, ttl, &segment)
    }

    fn syn(&self, port: u16, seq: u32) -> Vec<u8> {
        let mut segment = Vec::with_capacity(40);
        segment.extend_from_slice(&port.to_be_bytes());
        segment.extend_from_slice(&self.next.to_be_bytes());
        segment.extend_from_slice(&seq.to_be_bytes());
        segment.extend_from_slice(&[0, 0, 0, 0, 10 << 4, 0x02]);
        let mss: u16 = if self.to.is_ipv4() { 1_460 } else { 1_440 };
        segment.extend_from_slice(&(4 * mss).to_be_bytes());
        segment.extend_from_slice(&[0, 0, 0, 0, 2, 4]);
        segment.extend_from_slice(&mss.to_be_bytes());
        segment.extend_from_slice(&[4, 2, 8, 10]);
        segment.extend_from_slice(&seq.rotate_left(13).to_be_bytes());
        segment.extend_from_slice(&[0, 0, 0, 0, 1, 3, 3, 2]);
        let sum = self.tcp_checksum(&segment).to_be_bytes();
        segment[16..18].copy_from_slice(&sum);
        segment
    }

    /// The checksum over the pseudo header and the segment (RFC 9293, section 3.1).
    fn tcp_checksum(&self, segment: &[u8]) -> u16 {
        let mut bytes = Vec::new();
        for ip in [self.source, Some(self.to.ip())].into_iter().flatten() {
            match ip {
                IpAddr::V4(v4) => bytes.extend_from_slice(&v4.octets()),
                IpAddr::V6(v6) => bytes.extend_from_slice(&v6.octets()),
            }
        }
        let len = u32::try_from(segment.len()).unwrap_or(0);
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(&[0, 0, 0, 6]);
        bytes.extend_from_slice(segment);
        crate::program::ping::checksum(&bytes)
    }

    fn send_shared(&mut self, world: &mut World, ttl: u8, data: &[u8]) -> Result<Sent, Failed> {
        let Some(socket) = self.shared else {
            return Ok(Sent::OnTheWay);
        };
        if ttl != self.ttl {
            self.set(world, socket, SocketOption::Ttl(ttl), "setsockopt IP_TTL")?;
            self.ttl = ttl;
        }
        self.sent(world.send(socket, None, data))
    }

    /// Of a packet that is too long, or a host that cannot be reached, the error queue says more (`do_send`).
    fn sent(&self, sent: Result<usize, Errno>) -> Result<Sent, Failed> {
        match sent {
            Ok(_) | Err(Errno::Emsgsize | Errno::Ehostunreach) => Ok(Sent::OnTheWay),
            Err(errno @ (Errno::Enobufs | Errno::Eagain)) => Ok(Sent::Refused(errno)),
            Err(errno) => Err(Failed("send", errno)),
        }
    }
}

/// The byte of the data at a place: `@ABC...`.
fn filler(at: usize) -> u8 {
    0x40 + (at & 0x3f) as u8
}
