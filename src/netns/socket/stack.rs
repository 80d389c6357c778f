//! One socket as a small smoltcp stack: an interface that takes any address, and one socket.
//! It queues nothing: what goes in comes out in the same call, so that a copy is a fresh stack.

use std::net::{IpAddr, SocketAddr};

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{
    Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken,
};
use smoltcp::socket::{raw, udp};
use smoltcp::time::Instant;

use crate::units::SimTime;
use crate::wire::{HardwareAddress, IpAddress, IpEndpoint, IpProtocol, IpRepr, IpVersion};

/// The longest packet: an IPv6 header and the longest payload.
const LONGEST: usize = 40 + 65_535;
/// Room of a fresh stack's buffers, in bytes; longer packets make it grow.
const ROOM: usize = 2_048;

/// What kind of socket stands in the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// All packets of a version and a protocol.
    Raw { v6: bool, protocol: u8 },
    /// The datagrams of a port.
    Udp { port: u16 },
}

/// The stack of one datagram socket.
pub(super) struct Stack {
    shape: Shape,
    room: usize,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
}

/// The device of a stack for the time of one call.
struct Wire<'p> {
    arrived: Option<&'p [u8]>,
    sent: Vec<u8>,
}

struct Arrived<'p>(&'p [u8]);
struct Sent<'w>(&'w mut Vec<u8>);

impl RxToken for Arrived<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        self.0.clear();
        self.0.resize(len, 0);
        write(self.0)
    }
}

impl Device for Wire<'_> {
    type RxToken<'a>
        = Arrived<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Sent<'a>
    where
        Self: 'a;

    fn receive(&mut self, _: Instant) -> Option<(Arrived<'_>, Sent<'_>)> {
        let packet = self.arrived.take()?;
        Some((Arrived(packet), Sent(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sent<'_>> {
        Some(Sent(&mut self.sent))
    }

    /// The namespace's input has verified the IPv4 header, and its output writes the checksum anew.
    fn capabilities(&self) -> DeviceCapabilities {
        let mut checksum = ChecksumCapabilities::default();
        checksum.ipv4 = Checksum::None;
        checksum.icmpv4 = Checksum::None;
        checksum.icmpv6 = Checksum::None;
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = LONGEST;
        capabilities.checksum = checksum;
        capabilities
    }
}

impl<'p> Wire<'p> {
    fn carrying(packet: &'p [u8]) -> Self {
        Self {
            arrived: Some(packet),
            sent: Vec::new(),
        }
    }

    fn idle() -> Self {
        Self {
            arrived: None,
            sent: Vec::new(),
        }
    }
}

/// Virtual time as smoltcp counts it, in microseconds: the one place where it is converted.
pub(super) fn instant(now: SimTime) -> Instant {
    Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

impl Stack {
    /// A stack with one socket of this shape.
    pub(super) fn new(shape: Shape) -> Self {
        Self::with_room(shape, ROOM)
    }

    fn with_room(shape: Shape, room: usize) -> Self {
        let mut wire = Wire::idle();
        let config = Config::new(HardwareAddress::Ip);
        let mut interface = Interface::new(config, &mut wire, Instant::ZERO);
        interface.set_any_ip(true);
        let mut sockets = SocketSet::new(Vec::with_capacity(1));
        let handle = match shape {
            Shape::Raw { v6, protocol } => sockets.add(raw_socket(v6, protocol, room)),
            Shape::Udp { port } => sockets.add(udp_socket(port, room)),
        };
        Self {
            shape,
            room,
            interface,
            sockets,
            handle,
        }
    }

    fn grow(&mut self, bytes: usize) {
        if bytes > self.room {
            *self = Self::with_room(self.shape, bytes.next_power_of_two().min(LONGEST));
        }
    }

    /// The packet that carries this payload, or nothing where it cannot be one: a payload
    /// longer than a packet, an unspecified destination, port 0.
    pub(super) fn send(
        &mut self,
        now: SimTime,
        source: IpAddr,
        to: SocketAddr,
        payload: &[u8],
    ) -> Option<Vec<u8>> {
        if to.ip().is_unspecified() || source.is_ipv4() != to.is_ipv4() {
            return None;
        }
        self.grow(payload.len().checked_add(40)?);
        match self.shape {
            Shape::Raw { protocol, .. } => self.queue_raw(source, to.ip(), protocol, payload)?,
            Shape::Udp { .. } => self.queue_udp(source, to, payload)?,
        }
        let mut wire = Wire::idle();
        let _ = self
            .interface
            .poll_egress(instant(now), &mut wire, &mut self.sockets);
        (!wire.sent.is_empty()).then_some(wire.sent)
    }

    fn queue_raw(
        &mut self,
        source: IpAddr,
        to: IpAddr,
        protocol: u8,
        payload: &[u8],
    ) -> Option<()> {
        let header = IpRepr::new(
            IpAddress::from(source),
            IpAddress::from(to),
            IpProtocol::from(protocol),
            payload.len(),
            64,
        );
        let longest = if to.is_ipv4() { 65_535 } else { LONGEST };
        let len = header.header_len() + payload.len();
        if len > longest {
            return None;
        }
        let socket = self.sockets.get_mut::<raw::Socket<'_>>(self.handle);
        let packet = socket.send(len).ok()?;
        header.emit(&mut *packet, &ChecksumCapabilities::ignored());
        packet[header.header_len()..].copy_from_slice(payload);
        Some(())
    }

    fn queue_udp(&mut self, source: IpAddr, to: SocketAddr, payload: &[u8]) -> Option<()> {
        let header = if to.is_ipv4() { 28 } else { 8 };
        if payload.len() + header > 65_535 {
            return None;
        }
        let mut meta = udp::UdpMetadata::from(IpEndpoint::new(IpAddress::from(to.ip()), to.port()));
        meta.local_address = Some(IpAddress::from(source));
        let socket = self.sockets.get_mut::<udp::Socket<'_>>(self.handle);
        socket.send_slice(payload, meta).ok()
    }

    /// What the socket takes out of a packet: all behind the IP header for raw sockets,
    /// the datagram of UDP. Nothing where it refuses the packet (a wrong checksum, cut short).
    pub(super) fn receive(&mut self, now: SimTime, packet: &[u8]) -> Option<Vec<u8>> {
        self.grow(packet.len());
        let mut wire = Wire::carrying(packet);
        let _ = self
            .interface
            .poll_ingress_single(instant(now), &mut wire, &mut self.sockets);
        match self.shape {
            Shape::Raw { v6, .. } => {
                let socket = self.sockets.get_mut::<raw::Socket<'_>>(self.handle);
                let bytes = socket.recv().ok()?;
                bytes.get(if v6 { 40 } else { 20 }..).map(<[u8]>::to_vec)
            }
            Shape::Udp { .. } => {
                let socket = self.sockets.get_mut::<udp::Socket<'_>>(self.handle);
                socket.recv().ok().map(|(bytes, _)| bytes.to_vec())
            }
        }
    }
}

impl Clone for Stack {
    fn clone(&self) -> Self {
        Self::with_room(self.shape, self.room)
    }
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stack({:?}, {} bytes)", self.shape, self.room)
    }
}

fn raw_socket(v6: bool, protocol: u8, room: usize) -> raw::Socket<'static> {
    let buffer = || raw::PacketBuffer::new(vec![raw::PacketMetadata::EMPTY; 2], vec![0; room]);
    let version = if v6 { IpVersion::Ipv6 } else { IpVersion::Ipv4 };
    raw::Socket::new(
        Some(version),
        Some(IpProtocol::from(protocol)),
        buffer(),
        buffer(),
    )
}

fn udp_socket(port: u16, room: usize) -> udp::Socket<'static> {
    let buffer = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 2], vec![0; room]);
    let mut socket = udp::Socket::new(buffer(), buffer());
    // A port of 0 leaves the socket closed: it then sends and takes nothing.
    let _ = socket.bind(port);
    socket
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Ipv4Packet;

    const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 2], port))
    }

    #[test]
    fn a_raw_packet_comes_out_with_a_header_and_goes_in_without() {
        let mut stack = Stack::new(Shape::Raw {
            v6: false,
            protocol: 1,
        });
        let payload = vec![7; 4_000];
        let packet = stack
            .send(SimTime::ZERO, LOCAL, peer(0), &payload)
            .expect("a packet");
        let header = Ipv4Packet::new_checked(&packet[..]).expect("an IPv4 packet");
        assert_eq!(header.src_addr().to_string(), "10.0.0.1");
        assert_eq!(header.payload(), &payload[..]);
        assert_eq!(stack.receive(SimTime::ZERO, &packet), Some(payload));
    }

    #[test]
    fn a_datagram_reaches_its_port_only() {
        let mut stack = Stack::new(Shape::Udp { port: 4_000 });
        let packet = stack
            .send(SimTime::ZERO, LOCAL, peer(53), b"question")
            .expect("a packet");
        let mut server = Stack::new(Shape::Udp { port: 53 });
        assert_eq!(
            server.receive(SimTime::ZERO, &packet),
            Some(b"question".to_vec())
        );
        assert_eq!(stack.receive(SimTime::ZERO, &packet), None);
    }

    #[test]
    fn what_fits_no_packet_is_refused() {
        let mut stack = Stack::new(Shape::Udp { port: 4_000 });
        let long = vec![0; 65_508];
        assert_eq!(stack.send(SimTime::ZERO, LOCAL, peer(53), &long), None);
        assert_eq!(stack.send(SimTime::ZERO, LOCAL, peer(0), b"x"), None);
        assert!(
            stack
                .send(SimTime::ZERO, LOCAL, peer(53), &long[1..])
                .is_some()
        );
        let mut raw = Stack::new(Shape::Raw {
            v6: false,
            protocol: 1,
        });
        assert_eq!(raw.send(SimTime::ZERO, LOCAL, peer(0), &[0; 65_516]), None);
        assert_eq!(raw.send(SimTime::ZERO, LOCAL, peer(0), &[0; 99_999]), None);
    }
}
