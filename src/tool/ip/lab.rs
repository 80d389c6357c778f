//! Plays recorded transcripts of a real kernel against the tools, in tests.
//! It knows just enough commands to set the stage; what is tested goes through `ip` itself.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::kernel::World;
use crate::kernel::netlink::{
    AddrDelete, AddrNew, IpNet, LinkChange, LinkKind, LinkNew, LinkRef, VethPeer,
};
use crate::program::{Console, Piece};
use crate::tool::{Call, Env, NoFiles, Outcome};
use crate::units::NetnsId;

/// A world of one host, and its root namespace.
pub struct Lab {
    world: World,
    netns: NetnsId,
}

impl Lab {
    /// A fresh host.
    pub fn new() -> Self {
        let world = World::new(0);
        let netns = world.host(world.default_host()).root;
        Self { world, netns }
    }

    /// Plays a transcript: each line after `$ ` must print what follows it.
    pub fn plays(&mut self, transcript: &str) {
        let mut failures = Vec::new();
        for step in transcript.split("\n$ ") {
            let step = step.trim_start_matches("$ ");
            let (command, want) = step.split_once('\n').unwrap_or((step, ""));
            let got = self.run(command);
            if got.trim_end() != want.trim_end() {
                failures.push(format!("$ {command}\nwant:\n{want}\ngot:\n{got}"));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n----\n"));
    }

    /// Runs one command line: what it prints, standard error first, then `[exit N]` if not 0.
    fn run(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["sleep", seconds] => self.sleep(seconds.parse().unwrap()),
            ["sysctl", "-q", "-w", setting] => self.sysctl(setting),
            ["ip", "link", "add", rest @ ..] => self.veth(rest),
            ["ip", "link", "set", name, state] => {
                let change = LinkChange {
                    up: Some(*state == "up"),
                    ..LinkChange::default()
                };
                self.link_set(name, &change);
            }
            ["ip", "link", "del", name] => {
                let link = LinkRef::Name((*name).to_owned());
                self.world.link_del(self.netns, &link).unwrap();
            }
            ["ip", "addr", "add", net, "dev", name] => self.addr_add(net, name),
            ["ip", "addr", "del", net, "dev", name] => self.addr_del(net, name),
            _ => return self.tool(&words),
        }
        String::new()
    }

    fn sleep(&mut self, seconds: u64) {
        let until = self.world.now() + Duration::from_secs(seconds);
        self.world.run_until(until).unwrap();
    }

    fn sysctl(&mut self, setting: &str) {
        let (key, value) = setting.split_once('=').unwrap();
        self.world.sysctl_write(self.netns, key, value).unwrap();
    }

    /// `NAME [address MAC] type veth peer name NAME [address MAC]`.
    fn veth(&mut self, words: &[&str]) {
        let at = words.iter().position(|word| *word == "peer").unwrap();
        let attributes = |words: &[&str]| LinkChange {
            name: Some(words[0].parse().unwrap()),
            address: (words.get(1) == Some(&"address")).then(|| words[2].parse().unwrap()),
            ..LinkChange::default()
        };
        let peer = VethPeer {
            attributes: attributes(&words[at + 2..]),
            ..VethPeer::default()
        };
        let new = LinkNew {
            kind: LinkKind::Veth(Some(Box::new(peer))),
            ifindex: None,
            link: None,
            tx_queues: None,
            rx_queues: None,
            attributes: attributes(words),
        };
        self.world.link_add(self.netns, &new).unwrap();
    }

    fn link_set(&mut self, name: &str, change: &LinkChange) {
        let link = LinkRef::Name(name.to_owned());
        self.world.link_set(self.netns, &link, change).unwrap();
        self.sleep(0);
    }

    fn addr_add(&mut self, net: &str, name: &str) {
        let local: IpNet = net.parse().unwrap();
        let new = AddrNew {
            ifindex: self.world.ifindex(self.netns, name).unwrap(),
            local,
            peer: None,
            broadcast: None,
            anycast: None,
            label: None,
            scope: 0,
            flags: 0,
            valid: None,
            preferred: None,
            metric: None,
            proto: 0,
            replace: false,
            create: true,
            excl: true,
        };
        self.world.addr_add(self.netns, &new).unwrap();
    }

    fn addr_del(&mut self, net: &str, name: &str) {
        let old = AddrDelete {
            ifindex: self.world.ifindex(self.netns, name).unwrap(),
            local: net.parse().unwrap(),
            peer: None,
            label: None,
        };
        self.world.addr_del(self.netns, &old).unwrap();
    }

    fn tool(&mut self, words: &[&str]) -> String {
        let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut console = Console::default();
        let env = Env {
            vars: BTreeMap::new(),
            ..Env::default()
        };
        let mut call = Call {
            host: self.world.default_host(),
            world: &mut self.world,
            netns: self.netns,
            console: &mut console,
            files: &mut NoFiles,
            env: &env,
        };
        let Outcome::Exit(status) = super::run(&mut call, &argv) else {
            panic!("{words:?} does not end at once");
        };
        let mut text = [String::new(), String::new()];
        for piece in console.take() {
            let (at, bytes) = match piece {
                Piece::Err(bytes) => (0, bytes),
                Piece::Out(bytes) => (1, bytes),
                Piece::File { path, .. } => panic!("{words:?} writes {path}"),
            };
            text[at] += std::str::from_utf8(&bytes).unwrap();
        }
        let [err, out] = text;
        match status {
            0 => err + &out,
            status => format!("{err}{out}[exit {status}]"),
        }
    }
}
