//! The sockets of a namespace as `ss` and `netstat` list them: protocol, state, queues, ends.
//! How they are printed is theirs.

use std::net::{IpAddr, SocketAddr};

use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::netns::socket::tcp::{Detail, TcpState};
use crate::units::{IfIndex, NetnsId, SimTime, SockId};

/// The protocol of a listed socket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Proto {
    /// Raw IP.
    Raw,
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// One socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its protocol.
    pub proto: Proto,
    /// Whether it is an IPv6 socket.
    pub v6: bool,
    /// Whether it takes no IPv4.
    pub v6_only: bool,
    /// Its state; datagram sockets are `Established` or `Closed`.
    pub state: TcpState,
    /// Bytes to read; of a listener connections to accept.
    pub receive_queue: u32,
    /// Bytes to send; of a listener the backlog.
    pub send_queue: u32,
    /// This end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: Option<SocketAddr>,
    /// The IP protocol of a raw socket.
    pub protocol: u8,
    /// The device that it is bound to.
    pub bound_dev: Option<IfIndex>,
    /// The socket of a process.
    pub socket: Option<SockId>,
    /// Its timer.
    pub timer: Option<(&'static str, SimTime, u32)>,
    /// What `ss -i` shows.
    pub detail: Option<Detail>,
}

/// All sockets of a namespace: raw, UDP, TCP; of TCP the listeners first.
pub fn rows(world: &World, netns: NetnsId) -> Vec<Row> {
    let mut rows: Vec<Row> = datagrams(world, netns);
    rows.sort_by_key(|row| row.proto);
    let mut streams = world.tcp_list(netns);
    streams.sort_by_key(|info| info.state != TcpState::Listen);
    rows.extend(streams.into_iter().map(|info| Row {
        proto: Proto::Tcp,
        v6: info.v6,
        v6_only: info.v6_only,
        state: info.state,
        receive_queue: info.receive_queue,
        send_queue: info.send_queue,
        local: info.local,
        remote: info.remote,
        protocol: 6,
        bound_dev: info.bound_dev,
        socket: info.socket,
        timer: info.timer,
        detail: Some(info.detail),
    }));
    rows
}

fn datagrams(world: &World, netns: NetnsId) -> Vec<Row> {
    let mut rows = Vec::new();
    for info in world.datagram_list(netns) {
        let proto = match info.kind {
            SocketKind::Udp4 | SocketKind::Udp6 if info.local.port() != 0 => Proto::Udp,
            SocketKind::Raw4(_) | SocketKind::Raw6(_) => Proto::Raw,
            _ => continue,
        };
        rows.push(Row {
            proto,
            v6: info.kind.is_v6(),
            v6_only: false,
            state: match info.remote {
                Some(_) => TcpState::Established,
                None => TcpState::Closed,
            },
            receive_queue: info.receive_queue,
            send_queue: 0,
            local: info.local,
            remote: info.remote,
            protocol: info.kind.protocol(),
            bound_dev: info.bound_dev,
            socket: Some(info.socket),
            timer: None,
            detail: None,
        });
    }
    rows
}

impl Row {
    /// An address of this socket: one of IPv4 at an IPv6 socket is mapped.
    pub fn shown(&self, ip: IpAddr) -> IpAddr {
        match ip {
            IpAddr::V4(v4) if self.v6 => v4.to_ipv6_mapped().into(),
            ip => ip,
        }
    }
}
