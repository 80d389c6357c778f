//! A bench for programs: two namespaces joined by a veth pair, or a router between two, and a clock.
//! Only for tests.

use std::net::IpAddr;
use std::time::Duration;

use crate::kernel::World;
use crate::kernel::netlink::{AddrNew, LinkChange, LinkKind, LinkNew, LinkRef, VethPeer};
use crate::program::{Console, Piece, Poll, Program};
use crate::units::{IfName, NetnsId};

/// A world with named namespaces.
pub(crate) struct Bench {
    pub(crate) world: World,
}

pub(crate) fn name(text: &str) -> IfName {
    text.parse().expect("a device name")
}

impl Bench {
    /// One host, nothing but the loopback.
    pub(crate) fn new() -> Self {
        Self {
            world: World::new(0),
        }
    }

    /// The root with `va` 10.0.0.1/24, `peer` with `vb` 10.0.0.2/24.
    pub(crate) fn pair() -> Self {
        let mut bench = Self::new();
        bench.netns("peer");
        bench.veth(("", "va", "10.0.0.1/24"), ("peer", "vb", "10.0.0.2/24"));
        bench
    }

    pub(crate) fn root(&self) -> NetnsId {
        self.world.host(self.world.default_host()).root
    }

    pub(crate) fn ns(&self, name: &str) -> NetnsId {
        let host = self.world.default_host();
        match name {
            "" => self.root(),
            name => self.world.netns_named(host, name).expect("a namespace"),
        }
    }

    pub(crate) fn netns(&mut self, name: &str) -> NetnsId {
        let host = self.world.default_host();
        let netns = self.world.netns_add(host, name).expect("a fresh name");
        self.up(name, "lo");
        netns
    }

    pub(crate) fn up(&mut self, ns: &str, dev: &str) {
        let change = LinkChange {
            up: Some(true),
            ..LinkChange::default()
        };
        let netns = self.ns(ns);
        self.world
            .link_set(netns, &LinkRef::Name(dev.to_owned()), &change)
            .expect("up");
    }

    /// A veth pair with an address at each end, both up.
    pub(crate) fn veth(&mut self, one: (&str, &str, &str), other: (&str, &str, &str)) {
        let peer = VethPeer {
            attributes: LinkChange {
                name: Some(name(other.1)),
                netns: Some(self.ns(other.0)),
                ..LinkChange::default()
            },
            ..VethPeer::default()
        };
        let new = LinkNew {
            kind: LinkKind::Veth(Some(Box::new(peer))),
            ifindex: None,
            link: None,
            tx_queues: None,
            rx_queues: None,
            attributes: LinkChange {
                name: Some(name(one.1)),
                ..LinkChange::default()
            },
        };
        let netns = self.ns(one.0);
        self.world.link_add(netns, &new).expect("a veth pair");
        for (ns, dev, address) in [one, other] {
            self.up(ns, dev);
            self.address(ns, dev, address);
        }
    }

    pub(crate) fn address(&mut self, ns: &str, dev: &str, address: &str) {
        let netns = self.ns(ns);
        let local: ipnet::IpNet = address.parse().expect("an address");
        let new = AddrNew {
            flags: if matches!(local.addr(), IpAddr::V6(_)) {
                2
            } else {
                0
            },
            ..AddrNew::new(self.world.ifindex(netns, dev).expect("a device"), local)
        };
        self.world.addr_add(netns, &new).expect("a fresh address");
    }

    /// Runs a program to its end, at most an hour; gives what it printed and its status.
    pub(crate) fn run(&mut self, mut program: Program, console: &mut Console) -> i32 {
        let end = self.world.now() + Duration::from_secs(3_600);
        let mut woken = Vec::new();
        loop {
            let until = match program.poll(&mut self.world, console) {
                Poll::Exit(status) => {
                    program.close(&mut self.world);
                    return status;
                }
                Poll::Wait(until) => until,
            };
            let until = until.expect("a program that ends by itself");
            assert!(until <= end, "it runs for an hour");
            let sockets = program.sockets();
            loop {
                woken.clear();
                self.world.take_woken(&mut woken);
                let news = woken.iter().any(|socket| sockets.contains(socket));
                if news || self.world.now() >= until {
                    break;
                }
                match self.world.next_event() {
                    Some(next) if next <= until => {
                        self.world.step().expect("within the budget");
                    }
                    _ => self.world.run_until(until).expect("within the budget"),
                }
            }
        }
    }
}

/// Everything printed, standard error too, as a transcript has it.
pub(crate) fn text(console: &mut Console) -> String {
    let pieces = console.take();
    let bytes = pieces.into_iter().flat_map(|piece| match piece {
        Piece::Out(bytes) | Piece::Err(bytes) => bytes,
        Piece::File { .. } => Vec::new(),
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

/// Times blanked, as the comparison of transcripts does.
pub(crate) fn blank(text: &str) -> String {
    let mut blanked = String::new();
    for line in text.lines() {
        let line = match line.split_once("rtt min/avg/max/mdev = ") {
            Some((head, _)) => format!("{head}rtt #"),
            None => blank_after(&blank_after(line, "time="), "time "),
        };
        blanked += &line;
        blanked += "\n";
    }
    blanked
}

fn blank_after(line: &str, word: &str) -> String {
    match line.split_once(word) {
        Some((head, tail)) => {
            let rest = tail.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            format!("{head}{word}#{rest}")
        }
        None => line.to_owned(),
    }
}
