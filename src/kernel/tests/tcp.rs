//! TCP sockets over veth pairs: calls, captures, errors that the network tells.
//! Losses and the states of a connection are tested beside `netns::socket::tcp`.

use std::net::SocketAddr;

use super::{Pair, VETH, add_addr, pass};
use crate::kernel::World;
use crate::netns::socket::tcp::TcpState;
use crate::netns::socket::{SocketKind, SocketOption};
use crate::units::{Errno, NetnsId, SockId};
use crate::wire::{Ipv4Packet, TcpPacket};

/// Two hosts on a veth pair, with their capture: `left` is 10.0.0.1, `right` 10.0.0.2.
fn hosts() -> (World, NetnsId, NetnsId, SockId) {
    let mut pair = Pair::up();
    pair.add_addr(pair.left, VETH, "10.0.0.1/24");
    pair.add_addr(pair.right, VETH, "10.0.0.2/24");
    pair.pass(3_000);
    let kind = SocketKind::Packet {
        ifindex: Some(VETH),
        ethertype: 3,
    };
    let capture = pair.world.socket(pair.right, kind).unwrap();
    (pair.world, pair.left, pair.right, capture)
}

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn listener(world: &mut World, netns: NetnsId, kind: SocketKind, at: &str) -> SockId {
    let socket = world.socket(netns, kind).unwrap();
    world.bind(socket, addr(at)).unwrap();
    world.listen(socket, 5).unwrap();
    socket
}

fn connect(world: &mut World, netns: NetnsId, kind: SocketKind, to: &str) -> SockId {
    let socket = world.socket(netns, kind).unwrap();
    assert_eq!(world.connect(socket, addr(to)), Err(Errno::Einprogress));
    socket
}

/// The TCP segments seen: direction (`>` to the right), flags, length of the data, window.
fn seen(world: &mut World, capture: SockId) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(frame) = world.recv(capture) {
        let Ok(packet) = Ipv4Packet::new_checked(&frame.bytes[14..]) else {
            continue;
        };
        if packet.next_header() != crate::wire::IpProtocol::Tcp {
            continue;
        }
        let segment = TcpPacket::new_checked(packet.payload()).unwrap();
        let arrow = if packet.dst_addr().octets()[3] == 2 {
            '>'
        } else {
            '<'
        };
        let flags: String = [
            (segment.syn(), 'S'),
            (segment.fin(), 'F'),
            (segment.rst(), 'R'),
            (segment.psh(), 'P'),
            (segment.ack(), '.'),
        ]
        .iter()
        .filter_map(|&(on, letter)| on.then_some(letter))
        .collect();
        let (len, window) = (segment.payload().len(), segment.window_len());
        lines.push(format!("{arrow} {flags} {len} win {window}"));
    }
    lines
}

#[test]
fn a_conversation_looks_as_on_linux() {
    let (mut world, left, right, capture) = hosts();
    let server = listener(&mut world, right, SocketKind::Tcp4, "0.0.0.0:80");
    let client = connect(&mut world, left, SocketKind::Tcp4, "10.0.0.2:80");
    pass(&mut world, 10);
    let (taken, from) = world.accept(server).unwrap();
    assert_eq!(from.ip(), addr("10.0.0.1:0").ip());
    assert_eq!(world.send(client, None, b"hi\n"), Ok(3));
    pass(&mut world, 1);
    let mut got = Vec::new();
    assert_eq!(world.recv_stream(taken, &mut got, 100), Ok(3));
    assert_eq!(world.recv_stream(taken, &mut got, 100), Err(Errno::Eagain));
    world.close_socket(client);
    pass(&mut world, 1);
    assert_eq!(world.recv_stream(taken, &mut got, 100), Ok(0));
    world.close_socket(taken);
    pass(&mut world, 100);
    let want = [
        "> S 0 win 64240",
        "< S. 0 win 65160",
        "> . 0 win 502",
        "> P. 3 win 502",
        "< . 0 win 510",
        "> F. 0 win 502",
        "< F. 0 win 510",
        "> . 0 win 502",
    ];
    assert_eq!(seen(&mut world, capture), want);
    let states: Vec<TcpState> = world.tcp_list(left).iter().map(|info| info.state).collect();
    assert_eq!(states, [TcpState::TimeWait]);
    pass(&mut world, 61_000);
    assert!(world.tcp_list(left).is_empty());
    assert_eq!(world.tcp_list(right).len(), 1);
}

#[test]
fn errors_reach_the_socket_that_connects() {
    let (mut world, left, _, _) = hosts();
    let refused = connect(&mut world, left, SocketKind::Tcp4, "10.0.0.2:81");
    let silent = connect(&mut world, left, SocketKind::Tcp4, "10.0.0.77:80");
    pass(&mut world, 4_000);
    let mut woken = Vec::new();
    world.take_woken(&mut woken);
    assert!(woken.contains(&refused) && woken.contains(&silent));
    assert_eq!(world.socket_error(refused), Some(Errno::Econnrefused));
    assert_eq!(world.socket_error(silent), Some(Errno::Ehostunreach));
    let lost = world.socket(left, SocketKind::Tcp4).unwrap();
    assert_eq!(
        world.connect(lost, addr("10.9.9.9:80")),
        Err(Errno::Enetunreach)
    );
}

#[test]
fn an_ipv6_listener_takes_both_families_unless_told_not_to() {
    let (mut world, left, right, _) = hosts();
    add_addr(&mut world, left, VETH, "fd00::1/64", 0);
    add_addr(&mut world, right, VETH, "fd00::2/64", 0);
    pass(&mut world, 3_000);
    let server = listener(&mut world, right, SocketKind::Tcp6, "[::]:80");
    let both = [
        connect(&mut world, left, SocketKind::Tcp4, "10.0.0.2:80"),
        connect(&mut world, left, SocketKind::Tcp6, "[fd00::2]:80"),
        connect(&mut world, left, SocketKind::Tcp6, "[::ffff:10.0.0.2]:80"),
    ];
    pass(&mut world, 10);
    for socket in both {
        assert_eq!(world.tcp_state(socket), Some(TcpState::Established));
        assert!(world.accept(server).is_ok());
    }
    world.close_socket(server);
    let only = world.socket(right, SocketKind::Tcp6).unwrap();
    world
        .socket_option(only, SocketOption::V6Only(true))
        .unwrap();
    world
        .socket_option(only, SocketOption::ReuseAddr(true))
        .unwrap();
    world.bind(only, addr("[::]:81")).unwrap();
    world.listen(only, 5).unwrap();
    let refused = connect(&mut world, left, SocketKind::Tcp4, "10.0.0.2:81");
    pass(&mut world, 10);
    assert_eq!(world.socket_error(refused), Some(Errno::Econnrefused));
}

#[test]
fn much_data_crosses_and_a_forked_world_goes_on_alike() {
    let (mut world, left, right, _) = hosts();
    let server = listener(&mut world, right, SocketKind::Tcp4, "0.0.0.0:80");
    let client = connect(&mut world, left, SocketKind::Tcp4, "10.0.0.2:80");
    pass(&mut world, 10);
    let (taken, _) = world.accept(server).unwrap();
    let text: Vec<u8> = (0..3_000_000_u32).map(|i| (i / 7) as u8).collect();
    let run = |world: &mut World| {
        let (mut written, mut got) = (0, Vec::new());
        while got.len() < text.len() {
            written += world.send(client, None, &text[written..]).unwrap_or(0);
            let _ = world.recv_stream(taken, &mut got, 1 << 20);
            assert!(world.step().unwrap());
        }
        (got, world.now())
    };
    let mut fork = world.clone();
    let (got, at) = run(&mut world);
    assert!(got == text);
    assert_eq!(run(&mut fork).1, at);
}
